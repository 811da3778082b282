"""Prepare this checkout: a virtual environment with the locked packages, and a Pulumi CLI with its language hosts.

Run it in the project's folder with any Python that the project supports; it needs nothing but the standard library::

    python3 -m tools.setup                  # prepare, or find out quickly that all is prepared
    python3 -m tools.setup --node           # the same with the Node.js language host, which only tests need
    python3 -m tools.setup --env            # print the shell lines that put the tools on PATH; make nothing
    python3 -m tools.setup --env --build    # make what is missing, then print them

Messages go to standard error, so that ``eval "$(python3 -m tools.setup --env)"`` reads shell lines only.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools import cli
from tools.steps import ROOT, SetupError, alone, answer, dotted, run, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"

PYTHON_MINIMUM = (3, 10)


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


def made_of() -> list[str]:
    """What the virtual environment says that it was made of; nothing where it is not there or half made."""
    mark = VENV / ".made-of"
    return mark.read_text().split() if mark.exists() and os.access(VENV / "bin" / "python", os.X_OK) else []


def wanted() -> tuple[str, str]:
    """What the virtual environment should be made of."""
    return stamp(VENV, platform.python_version(), LOCK, PROJECT)


def prepare_venv() -> None:
    """Create or update the virtual environment, unless its stamp says that nothing has changed."""
    python, mark = VENV / "bin" / "python", VENV / ".made-of"
    base, content = wanted()
    current = made_of()
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


def shell_lines(first: Sequence[Path], path: str) -> str:
    """Shell lines that put the folders ``first`` before the rest of ``path``, however they are spelled."""
    leading = [str(folder) for folder in first]
    rest = [folder for folder in path.split(os.pathsep) if folder not in leading]
    value = os.pathsep.join([*leading, *rest])
    return f"export PATH={shlex.quote(value)}\nexport PULUMI_SKIP_UPDATE_CHECK=true"


def found(parts: Sequence[cli.Part]) -> list[Path] | None:
    """The folders that belong first on PATH, where a CLI with these parts is there already; else None."""
    if cli.usable_cli(cli.theirs(), parts):
        return [VENV / "bin"]
    cached = cli.cached_cli(parts)
    return [VENV / "bin", cached] if cached else None


def prepare(parts: Sequence[cli.Part]) -> list[Path]:
    """Make whatever is missing, and return the folders that belong first on PATH.

    Raises:
        SetupError: Something is missing that only the user can provide.
    """
    check_prerequisites()
    with alone(ROOT / ".tools" / "setup.lock"):
        prepare_venv()
    first = found(parts) or [VENV / "bin", cli.obtain_cli(parts)]
    for folder in first[1:]:
        cli.remember(folder)
    return first


def prepared(parts: Sequence[cli.Part]) -> list[Path]:
    """The folders that belong first on PATH, where nothing is missing; nothing is made.

    Raises:
        SetupError: Something is missing.
    """
    command = "make setup-node" if cli.NODE_HOST in parts else "make setup"
    if made_of() != list(wanted()):
        state = "out of date" if made_of() else "not there"
        raise SetupError(f"The virtual environment is {state}. Run `{command}` first.")
    first = found(parts)
    if not first:
        raise SetupError(f"There is no usable Pulumi CLI. Run `{command}` first.")
    return first


def interrupted(_number: int, _frame: FrameType | None) -> None:
    """Treat a request to end like Ctrl-C, so that the running step is ended and cleared away."""
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the set-up and return the exit status."""
    parser = argparse.ArgumentParser(description="Prepare this checkout: packages and a Pulumi CLI.")
    parser.add_argument("--node", action="store_true", help="with the Node.js language host, which only tests need")
    parser.add_argument("--env", action="store_true", help="print shell lines that put the tools on PATH; make nothing")
    parser.add_argument("--build", action="store_true", help="with --env: make what is missing first")
    options = parser.parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    parts = cli.WITH_NODE if options.node else cli.USUAL
    try:
        first = prepared(parts) if options.env and not options.build else prepare(parts)
    except SetupError as error:
        say(f"Set-up: {error}")
        return 1
    except KeyboardInterrupt:
        say("\nSet-up: interrupted. Run it again to carry on; nothing half made is left behind.")
        return 130
    if options.env:
        print(shell_lines(first, cli.theirs()))
    else:
        path = os.pathsep.join([*map(str, first), cli.theirs()])
        version = answer([shutil.which("pulumi", path=path) or "pulumi", "version"])
        say(f"Ready: Python {platform.python_version()} and Pulumi {version}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
