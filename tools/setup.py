"""Prepare this checkout: a virtual environment with the locked packages, and a Pulumi CLI.

Run it with any Python the project supports; it needs nothing but the standard library::

    python3 tools/setup.py          # prepare, or find out quickly that all is prepared
    python3 tools/setup.py --env    # the same, then print the shell lines that put the tools on PATH

Messages go to standard error, so that ``eval "$(python3 tools/setup.py --env)"`` reads shell lines only.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import platform
import pwd
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
MODULES = ROOT / "tools" / "pulumi"

PYTHON_MINIMUM = (3, 10)
GO_MINIMUM = (1, 21)
PULUMI_MINIMUM = (3, 215, 0)
PULUMI_PINNED = "3.259.0"
PULUMI_SDK = "github.com/pulumi/pulumi/sdk/v3"

# What the engine looks for beside the CLI, or on PATH, to run a Python program with dynamic resources.
COMPANIONS = ("pulumi-language-python", "pulumi-resource-pulumi-python")
# Scripts that the module of the SDK carries as plain files; the engine calls them from beside the binaries.
SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
# A caller's settings that would send packages or binaries elsewhere than into this set-up.
UNWANTED = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONHOME", "PYTHONPATH", "GOOS", "GOARCH", "GOBIN")

INSTALLER_SECONDS = 180
INSTALLER = """\
import socket, sys
from semver import VersionInfo
from pulumi.automation import PulumiCommand
socket.setdefaulttimeout(10)
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""


class SetupError(Exception):
    """A reason why the set-up cannot go on, worded for whoever runs it."""


def say(message: str) -> None:
    """Tell the user something, on standard error."""
    print(message, file=sys.stderr, flush=True)


def version_numbers(text: str) -> tuple[int, ...] | None:
    """The numbers of the first dotted version in ``text``, or None where there is none."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part) for part in found.groups(default="0")) if found else None


def at_least(text: str, minimum: tuple[int, ...]) -> bool:
    """Whether the version named in ``text`` is ``minimum`` or newer."""
    numbers = version_numbers(text)
    return numbers is not None and numbers >= minimum


def dotted(numbers: tuple[int, ...]) -> str:
    """A version as it is written: ``3.215.0``."""
    return ".".join(str(number) for number in numbers)


def elapsed(seconds: float) -> str:
    """A duration as a person reads it: ``42s``, ``3m07s``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


class Progress:
    """Says that a long step is alive: one line rewritten on a terminal, a line now and then in a log."""

    def __init__(self, label: str) -> None:
        say(f"  {label}")
        self.started = time.monotonic()
        self.terminal = sys.stderr.isatty()
        self.pause = 1.0 if self.terminal else 20.0
        self.last = self.started

    def seconds(self) -> float:
        """How long the step has taken so far."""
        return time.monotonic() - self.started

    def show(self, detail: str) -> None:
        """Report, unless the last report is too fresh."""
        now = time.monotonic()
        if now - self.last < self.pause:
            return
        self.last = now
        line = ", ".join(filter(None, [f"    {elapsed(self.seconds())}", detail]))
        if self.terminal:
            line = line[: shutil.get_terminal_size().columns - 1]
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        else:
            say(line)

    def clear(self) -> None:
        """Leave the terminal's line empty for what comes next."""
        if self.terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def compiled(lines: Sequence[str]) -> str:
    """How far ``go build -v`` is, from what it has printed."""
    modules = sum(line.startswith("go: downloading ") for line in lines)
    packages = sum(bool(line) and not line.startswith(("go: ", "#")) for line in lines)
    return f"{modules} modules downloaded, {packages} packages compiled"


def home() -> Path:
    """The user's home folder, also where the environment does not name it.

    Raises:
        SetupError: Neither the environment nor the user database names one.
    """
    named = os.environ.get("HOME")
    if named:
        return Path(named).absolute()
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        raise SetupError("HOME is not set. Set it to a folder you may write to.") from None


def environment() -> dict[str, str]:
    """The caller's environment without settings that redirect installs, and with a home folder."""
    result = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    # Go refuses to work without HOME.
    result.update(HOME=str(home()), GOWORK="off", CGO_ENABLED="0", PULUMI_SKIP_UPDATE_CHECK="true")
    return result


def finished(process: subprocess.Popen[str], *, within: float) -> bool:
    """Whether a command ends within so many seconds."""
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True


def end(process: subprocess.Popen[str]) -> None:
    """End a command together with whatever it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        if finished(process, within=10):
            return


def run(
    command: Sequence[str | Path],
    label: str,
    *,
    cwd: Path = ROOT,
    seconds: float | None = None,
    describe: Callable[[Sequence[str]], str] | None = None,
) -> list[str]:
    """Run a long command with signs of life, and return what it printed.

    Raises:
        SetupError: The command failed, or ran longer than ``seconds``; its last lines are in the message.
    """
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        # A group of its own, so that an interruption ends the compilers that the command started too.
        start_new_session=True,
    )
    lines: list[str] = []
    reader = threading.Thread(target=collect, args=(cast("IO[str]", process.stdout), lines), daemon=True)
    reader.start()
    progress = Progress(label)
    try:
        while not finished(process, within=0.5):
            progress.show(describe(lines) if describe else "")
            if seconds is not None and progress.seconds() > seconds:
                break
    finally:
        progress.clear()
        if process.poll() is None:
            end(process)
    reader.join(10)
    if process.returncode:
        said = "\n".join(f"    {line}" for line in lines[-25:])
        raise SetupError(f"{label}: failed after {elapsed(progress.seconds())}. Last words:\n{said}")
    return lines


def collect(output: IO[str], lines: list[str]) -> None:
    """Append a command's output to ``lines`` while it runs."""
    with output:
        lines.extend(line.rstrip("\n") for line in output)


def answer(command: Sequence[str | Path], *, cwd: Path = ROOT) -> str:
    """What a quick command prints, or an empty text where it cannot be run or fails."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=60,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


@contextlib.contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold ``lock``, so that two set-ups at the same time do the work once."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  Waiting for another set-up to finish")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def check_prerequisites(root: Path = ROOT) -> None:
    """Say in one line what is missing.

    Raises:
        SetupError: Something is.
    """
    if sys.version_info < PYTHON_MINIMUM:
        found, wanted = platform.python_version(), dotted(PYTHON_MINIMUM)
        raise SetupError(f"Python {found} is too old: {wanted} or newer is needed (make PYTHON=python3.12 …).")
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise SetupError("This Python lacks venv or ensurepip: install them (Debian, Ubuntu: python3-venv).")
    if os.pathsep in str(root):
        raise SetupError(f"The folder's path holds '{os.pathsep}', which PATH cannot express: move the checkout.")


def stamp(venv: Path, python: str, *files: Path) -> tuple[str, str]:
    """What a virtual environment was made of: its place and Python, and the files that say what is in it.

    A virtual environment holds its own absolute path, so a moved or renamed checkout needs a new one.
    """
    base = hashlib.sha256(f"{venv.absolute()}\0{python}".encode()).hexdigest()
    content = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
    return base, content


def prepare_venv() -> None:
    """Create or update the virtual environment, unless its stamp says that nothing has changed."""
    python, mark = VENV / "bin" / "python", VENV / ".made-of"
    base, content = stamp(VENV, platform.python_version(), LOCK, PROJECT)
    current = mark.read_text().split() if mark.exists() and os.access(python, os.X_OK) else []
    if current == [base, content]:
        return
    say(f"Virtual environment in {VENV.name}")
    if current[:1] == [base]:
        mark.unlink()
    else:
        run(
            [base_python(), "-m", "venv", "--clear", VENV],
            f"Creating it with Python {platform.python_version()}",
        )
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
    ]
    run([*pip, "--require-hashes", "-r", LOCK], "Installing the locked packages (about half a minute)")
    run([*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT], "Installing this project")
    # Last, so that an interrupted set-up starts over.
    mark.write_text(f"{base}\n{content}\n")


def base_python() -> Path:
    """The interpreter behind the running one, which may be that of the virtual environment to be replaced."""
    if sys.prefix == sys.base_prefix:
        return Path(sys.executable)
    return Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")


def usable_cli(path: str) -> Path | None:
    """The CLI on ``path``, if it is new enough and its Python companions are at hand."""
    found = shutil.which("pulumi", path=path)
    if not found:
        return None
    version = answer([found, "version"])
    if not at_least(version, PULUMI_MINIMUM):
        wanted = dotted(PULUMI_MINIMUM)
        say(f"Pulumi {version or 'of unknown version'} on PATH is older than {wanted}: not used.")
        return None
    beside = os.pathsep.join([str(Path(found).parent), str(Path(found).resolve().parent), path])
    missing = [name for name in COMPANIONS if not shutil.which(name, path=beside)]
    if missing:
        say(f"Pulumi {version} on PATH comes without {' and '.join(missing)}.")
        return None
    return Path(found)


def cache_folder() -> Path:
    """Where a CLI is kept that this set-up made, for all checkouts of this user.

    Raises:
        SetupError: The folder could not stand on PATH.
    """
    named = os.environ.get("BOOMI_PULUMI_CACHE")
    shared = os.environ.get("XDG_CACHE_HOME")
    folder = Path(named) if named else (Path(shared) if shared else home() / ".cache") / "boomi_pulumi"
    if os.pathsep in str(folder):
        raise SetupError(f"The cache folder's path holds '{os.pathsep}': set BOOMI_PULUMI_CACHE to another.")
    return folder.absolute()


def pins(modules: Path = MODULES) -> str:
    """A short hash of all that decides what is built: the module files and the kind of machine."""
    digest = hashlib.sha256(f"{platform.system()} {platform.machine()}".encode())
    for file in sorted(modules.glob("*/go.*")):
        digest.update(f"\0{file.relative_to(modules).as_posix()}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def cached_cli() -> Path:
    """Where the pinned CLI is, or will be, in the cache."""
    return cache_folder() / f"pulumi-{PULUMI_PINNED}-{pins()}" / "bin" / "pulumi"


def install_cli(folder: Path) -> None:
    """Let the Python SDK install the pinned CLI; this needs the vendor's download site.

    Raises:
        SetupError: The site is out of reach, or something else went wrong.
    """
    command: list[str | Path] = [VENV / "bin" / "python", "-c", INSTALLER, folder, PULUMI_PINNED]
    run(command, "Downloading it with the SDK's own installer", seconds=INSTALLER_SECONDS)


def build_cli(folder: Path) -> None:
    """Build the pinned CLI and its Python language host from their published Go modules.

    Raises:
        SetupError: There is no Go that can do it, or the build failed.
    """
    go = shutil.which("go")
    version = answer([go, "version"]) if go else ""
    if not go or not at_least(version, GO_MINIMUM):
        raise SetupError(
            f"The installer did not work here, and building needs Go {dotted(GO_MINIMUM)} or newer. "
            f"Install Pulumi {dotted(PULUMI_MINIMUM)} or newer, or Go, and try again."
        )
    say("  Building it with Go instead: 4 to 10 minutes the first time, and 3.5 GB in Go's own caches.")
    binaries = folder / "bin"
    binaries.mkdir(parents=True)
    build = [go, "build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false"]
    stamped = f"-ldflags=-s -w -X {PULUMI_SDK}/go/common/version.Version=v{PULUMI_PINNED}"
    for name, package in (("language-python", "Python language host"), ("cli", "CLI")):
        command = [*build, stamped, "-o", f"{binaries}{os.sep}", "tool"]
        run(command, f"Building the {package}", cwd=MODULES / name, describe=compiled)
    source = answer([go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", PULUMI_SDK], cwd=MODULES / "cli")
    for script in SCRIPTS:
        copy = binaries / Path(script).name
        shutil.copyfile(Path(source, script), copy)
        copy.chmod(0o755)


def obtain_cli(entry: Path) -> None:
    """Fill the cache's ``entry`` at one stroke, so that an interruption leaves nothing half made.

    Raises:
        SetupError: No way to obtain a CLI worked.
    """
    say(f"Pulumi CLI {PULUMI_PINNED}, for no usable one is on PATH")
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"{error}. Set BOOMI_PULUMI_CACHE to a folder you may write to.") from None
    with alone(entry.parent / f"{entry.name}.lock"):
        if entry.exists():
            return
        for leftover in entry.parent.glob(f"{entry.name}.partial-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=f"{entry.name}.partial-", dir=entry.parent) as scratch:
            made = Path(scratch, "installed")
            try:
                install_cli(made)
            except SetupError:
                say("  That did not work here.")
                made = Path(scratch, "built")
                build_cli(made)
            version = answer([made / "bin" / "pulumi", "version"])
            if version != f"v{PULUMI_PINNED}":
                raise SetupError(f"The new CLI does not run: it calls itself {version!r}, not v{PULUMI_PINNED}.")
            made.rename(entry)


def shell_lines(first: Sequence[Path], path: str) -> str:
    """Shell lines that put the folders ``first`` before the rest of ``path``, however they are spelled."""
    leading = [str(folder) for folder in first]
    rest = [folder for folder in path.split(os.pathsep) if folder not in leading]
    value = os.pathsep.join([*leading, *rest])
    return f"export PATH={shlex.quote(value)}\nexport PULUMI_SKIP_UPDATE_CHECK=true"


def prepare() -> list[Path]:
    """Make whatever is missing, and return the folders that belong first on PATH.

    Raises:
        SetupError: Something is missing that only the user can provide.
    """
    check_prerequisites()
    with alone(ROOT / ".tools" / "setup.lock"):
        prepare_venv()
    path = os.environ.get("PATH", os.defpath)
    cached = cached_cli()
    if str(cached.parent) in path.split(os.pathsep) and cached.exists():
        return [VENV / "bin", cached.parent]
    if usable_cli(path):
        return [VENV / "bin"]
    if not cached.exists():
        obtain_cli(cached.parent.parent)
    return [VENV / "bin", cached.parent]


def interrupted(_number: int, _frame: FrameType | None) -> None:
    """Treat a request to end like Ctrl-C, so that the running step is ended and cleared away."""
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the set-up and return the exit status."""
    parser = argparse.ArgumentParser(description="Prepare this checkout: packages and a Pulumi CLI.")
    parser.add_argument("--env", action="store_true", help="print shell lines that put the tools on PATH")
    options = parser.parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        first = prepare()
    except SetupError as error:
        say(f"Set-up: {error}")
        return 1
    except KeyboardInterrupt:
        say("\nSet-up: interrupted. Run it again to carry on; nothing half made is left behind.")
        return 130
    if options.env:
        print(shell_lines(first, os.environ.get("PATH", os.defpath)))
    else:
        path = os.pathsep.join([*map(str, first), os.environ.get("PATH", os.defpath)])
        version = answer([shutil.which("pulumi", path=path) or "pulumi", "version"])
        say(f"Ready: Python {platform.python_version()} and Pulumi {version}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
