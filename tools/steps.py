"""Steps of a set-up: long commands with signs of life, quick ones, and one set-up at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent

# A caller's settings that would send packages or binaries elsewhere than into this set-up.
UNWANTED = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONHOME", "PYTHONPATH", "GOOS", "GOARCH", "GOBIN")


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
    seconds: float = 3600,
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
            if progress.seconds() > seconds:
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
