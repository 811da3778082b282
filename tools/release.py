"""Prove a release before anybody has it: build it twice, look into it, install it elsewhere, run it there.

Elsewhere is: the oldest Python with the lowest packages that the project allows, and the newest Python with the newest
ones; each with the oldest CLI and with the newest that can be had here. What runs is the promotion, and what hidden
inputs carry (tools/promises.py). The SDK just below the range must be refused.

    make release                    # every check; `dist/` then holds what was checked
    make release ARGS=--build-only  # the build and what is in it

A release is what `dist/` holds: one wheel and one source archive. Publishing them is a person's act.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from tools.cli import PULUMI_MINIMUM, newest, unpinned
from tools.setup import PYTHON_MINIMUM
from tools.steps import ROOT, SetupError, answer, dotted, run, say

DIST = ROOT / "dist"
NEWEST = ("python3.14", "python3.13", "python3.12", "python3.11")
IN_WHEEL = ("boomi_pulumi/__init__.py", "boomi_pulumi/py.typed", "boomi_pulumi/emulator/__main__.py")
IN_SOURCE = ("LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "boomi_pulumi/py.typed")
LOWEST = "lowest-direct"
BELOW = "3.234.0"
"""The last SDK below the range."""
UNWANTED = ("tests/", "__pycache__", ".venv", "requirements.lock")


def build(folder: Path) -> list[Path]:
    """Build both archives from a copy of what git knows, in a folder of its own; return them, sorted.

    Raises:
        SetupError: The build failed.
    """
    source = folder / "source"
    source.mkdir(parents=True)
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in filter(None, tracked.decode().split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", source], "Building", cwd=source)
    return sorted((folder / "dist").iterdir())


def build_twice(scratch: Path) -> list[Path]:
    """Build in two folders, judge what came out, and return the archives.

    Raises:
        SetupError: A build failed, holds the wrong files, or two builds differ.
    """
    first, second = build(scratch / "one"), build(scratch / "two" / "deeper")
    judge(first)
    if [digest(each) for each in first] != [digest(each) for each in second]:
        raise SetupError("Two builds of the same sources differ; a release must be reproducible.")
    say("  Two builds in different folders are equal, byte for byte.")
    return first


def names_in(archive: Path) -> list[str]:
    """The files in an archive, without the folder that a source archive wraps them in."""
    if archive.suffix == ".whl":
        return zipfile.ZipFile(archive).namelist()
    with tarfile.open(archive) as tar:
        return [name.partition("/")[2] for name in tar.getnames()]


def judge(archives: list[Path]) -> None:
    """Look into what was built.

    Raises:
        SetupError: Something is missing, or should not be there.
    """
    kinds = sorted(archive.suffix for archive in archives)
    if kinds != [".gz", ".whl"]:
        raise SetupError(f"One wheel and one source archive were to be built, not {kinds}.")
    for archive in archives:
        names = names_in(archive)
        wheel = archive.suffix == ".whl"
        missing = [name for name in (IN_WHEEL if wheel else IN_SOURCE) if name not in names]
        if wheel and not any(name.endswith("licenses/LICENSE") for name in names):
            missing.append("LICENSE")
        if missing:
            raise SetupError(f"{archive.name} lacks {', '.join(missing)}.")
        found = [name for name in names if any(part in name for part in UNWANTED)]
        if found:
            raise SetupError(f"{archive.name} holds {found[0]}, which is nobody's business.")
        say(f"  {archive.name}: {len(names)} files, {archive.stat().st_size // 1024} KiB, sha256 {digest(archive)}")


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def pythons() -> list[tuple[str, str]]:
    """The interpreters to try: the oldest that is supported with the lowest packages, the newest here with the newest.

    Raises:
        SetupError: The oldest one is not installed.
    """
    oldest = _working(f"python{dotted(PYTHON_MINIMUM)}")
    if oldest is None:
        raise SetupError(f"There is no Python {dotted(PYTHON_MINIMUM)}; a release is tried on the oldest it supports.")
    newest_python = next((found for name in NEWEST if (found := _working(name))), sys.executable)
    return [(oldest, LOWEST), (newest_python, "highest")]


def _working(name: str) -> str | None:
    """The path of an interpreter that starts; a version manager may have a name on PATH for one that is not there."""
    script = "import sys, venv, ensurepip; print(sys.executable)"
    try:
        done = subprocess.run([name, "-c", script], check=True, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        versions = Path.home() / ".pyenv" / "versions"
        found = sorted(versions.glob(f"{name.removeprefix('python')}.*/bin/python"))
        return str(found[-1]) if found else None
    return done.stdout.strip()


def requirements(wheel: Path, extra: str) -> list[str]:
    """What a wheel requires together with one of its extras.

    Args:
        wheel: What was built.
        extra: The name of the extra.
    """
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(metadata).decode().splitlines()
    found = [line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist: ")]
    parts = [each.partition(";") for each in found]
    return [name for name, _, marker in parts if not marker or marker.strip() == f"extra == '{extra}'"]


def prove(wheel: Path, python: str, resolution: str, clis: list[Path], scratch: Path) -> None:
    """Install a wheel into an empty environment, and run it there.

    Args:
        wheel: What was built.
        python: An interpreter.
        resolution: LOWEST for the lowest packages that the project supports, `highest` for the newest.
        clis: The folders of the CLIs to run it with.
        scratch: An empty folder.

    Raises:
        SetupError: It does not install, the example fails, or a promise is not kept.
    """
    venv, place = scratch / "venv", scratch / "elsewhere"
    place.mkdir(parents=True)
    shutil.copytree(ROOT / "examples", place / "examples")
    shutil.copyfile(ROOT / "Pulumi.yaml", place / "Pulumi.yaml")
    (place / "tools").mkdir()
    shutil.copyfile(ROOT / "tools" / "promises.py", place / "tools" / "promises.py")
    run([python, "-m", "venv", venv], f"An empty environment of {python}")
    inside = venv / "bin" / "python"
    run([inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"], "A resolver for it")
    install: list[str | Path] = [inside, "-m", "uv", "pip", "install", "--quiet", "--python", inside]
    # `lowest-direct` means what is named here, so each requirement of the wheel is.
    wanted = [f"boomi_pulumi[demo] @ {wheel.as_uri()}", *requirements(wheel, "demo")]
    run([*install, f"--resolution={resolution}", *wanted], f"The wheel, with packages {resolution}")
    home = scratch / "home"
    home.mkdir()

    def here(cli: Path, label: str, *module: str) -> list[str]:
        path = os.pathsep.join([str(venv / "bin"), str(cli), os.environ.get("PATH", os.defpath)])
        return run(["env", f"PATH={path}", f"HOME={home}", inside, "-m", *module], label, cwd=place)

    sdk = answer([inside, "-c", "from importlib.metadata import version; print(version('pulumi'))"])
    for cli in clis:
        pair = f"SDK {sdk} and CLI {answer([cli / 'pulumi', 'version'])}"
        for language in ([], ["yaml"]):
            said = here(cli, f"The promotion, with {' '.join([*language, pair])}", "examples.promotion.demo", *language)
            if not any("Nothing left to change" in line for line in said):
                raise SetupError("The promotion did not come to its end.")
        here(cli, f"A refusal and a foreign account, with {pair}", "tools.promises")
    if resolution == LOWEST:
        run([*install, "--no-deps", f"pulumi=={BELOW}"], f"An SDK below the range: {BELOW}")
        here(clis[0], "It is refused", "tools.promises", "--below")


def clis() -> list[Path]:
    """The folders of the oldest CLI that is supported, and of the newest that can be had here.

    Raises:
        SetupError: There is none at all, or not the oldest.
    """
    found = shutil.which("pulumi")
    if found is None:
        raise SetupError("There is no Pulumi CLI on PATH; `make release` provides one.")
    at_hand = Path(found).parent
    here = answer([found, "version"])

    def folder(version: str) -> Path:
        return at_hand if version == here else unpinned(version, at_hand)

    oldest = folder(f"v{dotted(PULUMI_MINIMUM)}")
    try:
        highest = folder(newest())
    except SetupError as error:
        say(f"  {error}")
        say(f"  The newest CLI cannot be had here: {here} of the set-up is tried.")
        highest = at_hand
    return list(dict.fromkeys([oldest, highest]))


def main() -> int:
    """Run the checks and return the exit status."""
    parser = argparse.ArgumentParser(description="Build a release and prove it.")
    parser.add_argument("--build-only", action="store_true", help="build and look inside, install nothing")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="boomi-release-") as folder:
            scratch = Path(folder)
            first = build_twice(scratch)
            wheel = next(each for each in first if each.suffix == ".whl")
            if not options.build_only:
                found = clis()
                for python, resolution in pythons():
                    prove(wheel, python, resolution, found, scratch / resolution)
            shutil.rmtree(DIST, ignore_errors=True)
            shutil.copytree(first[0].parent, DIST)
    except SetupError as error:
        say(f"Release: {error}")
        return 1
    say(f"{DIST.name}/ holds what was checked.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
