"""A Pulumi CLI with its language hosts: one on PATH, one that Pulumi's installer brings, or one built with Go.

The cache holds, for all checkouts of a user:

    release-VERSION-SYSTEM/bin        what the installer brought, which is all that there is
    PART-KEY/                         one part, built from its own Go module in tools/pulumi/PART
    pulumi-VERSION-KEY/bin            parts side by side, since the CLI warns of a host that stands elsewhere

A key is a hash of all that decides what is made. Each folder appears at one stroke and never changes, so a
set-up that was cut off goes on with the next part, and a changed module file makes one part anew.
"""

from __future__ import annotations

import hashlib
import os
import platform
import pwd
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.steps import ROOT, SetupError, alone, answer, at_least, compiled, dotted, home, run, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MODULES = ROOT / "tools" / "pulumi"
REMEMBERED = ROOT / ".tools" / "cache"

GO_MINIMUM = (1, 21)
PULUMI_PINNED = "3.276.0"
PULUMI_MINIMUM = (3, 259, 0)  # the oldest that is supported: `make release` tries it
PULUMI_CLI = "github.com/pulumi/pulumi/pkg/v3"
PULUMI_SDK = "github.com/pulumi/pulumi/sdk/v3"

INSTALLER_SECONDS = 180
INSTALLER = """\
import socket, sys
from semver import VersionInfo
from pulumi.automation import PulumiCommand
socket.setdefaulttimeout(10)
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""


@dataclass(frozen=True)
class Part:
    """Programs that one Go module gives.

    Attributes:
        name: The folder of its go.mod and go.sum.
        title: What a person reads.
        programs: The files that it gives.
        takes: How long the first build takes on two cores.
        version: The variable that the linker sets, and its value.
        scripts: Plain files in the module of Pulumi's SDK that belong to it.
    """

    name: str
    title: str
    programs: tuple[str, ...]
    takes: str = "about a minute"
    version: str = f"{PULUMI_SDK}/go/common/version.Version=v{PULUMI_PINNED}"
    scripts: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """All files that it gives."""
        return (*self.programs, *(Path(script).name for script in self.scripts))

    def key(self) -> str:
        """A short hash of all that decides what is built: the recipe, the module files and the kind of machine."""
        recipe = (platform.system(), platform.machine(), self.programs, self.version, self.scripts)
        digest = hashlib.sha256(str(recipe).encode())
        for file in sorted((MODULES / self.name).glob("go.*")):
            digest.update(f"\0{file.name}\0".encode() + file.read_bytes())
        return digest.hexdigest()[:12]


PYTHON_HOST = Part("language-python", "Python language host", ("pulumi-language-python",))
YAML_HOST = Part(
    "language-yaml",
    "YAML language host",
    ("pulumi-language-yaml",),
    takes="about 3 minutes",
    version="github.com/pulumi/pulumi-yaml/pkg/version.Version=v1.25.0",
)
CLI = Part(
    "cli",
    "CLI",
    ("pulumi",),
    takes="4 to 10 minutes, and 3.5 GB in Go's own caches,",
    scripts=("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python"),
)
NODE_HOST = Part("language-nodejs", "Node.js language host", ("pulumi-language-nodejs",))

USUAL = (PYTHON_HOST, CLI, YAML_HOST)
WITH_NODE = (*USUAL, NODE_HOST)


# -- on PATH -------------------------------------------------------------------------------------


def theirs() -> str:
    """The caller's PATH without what an earlier set-up put there."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    ours = caches()
    return os.pathsep.join(each for each in folders if not any(Path(each).is_relative_to(cache) for cache in ours))


def usable_cli(path: str, parts: Sequence[Part] = USUAL) -> Path | None:
    """The CLI on ``path``, if it is new enough and its companions are at hand."""
    found = shutil.which("pulumi", path=path)
    if not found:
        return None
    version = answer([found, "version"])
    if not at_least(version, PULUMI_MINIMUM):
        wanted = dotted(PULUMI_MINIMUM)
        say(f"Pulumi {version or 'of unknown version'} on PATH is older than {wanted}: not used.")
        return None
    beside = os.pathsep.join([str(Path(found).parent), str(Path(found).resolve().parent), path])
    missing = [name for part in parts for name in part.files if not shutil.which(name, path=beside)]
    if missing:
        say(f"Pulumi {version} on PATH comes without {' and '.join(missing)}: not used.")
        return None
    return Path(found)


# -- in the cache --------------------------------------------------------------------------------


def cache_folder() -> Path:
    """Where what this set-up makes is kept, for all checkouts of this user.

    Raises:
        SetupError: The folder could not stand on PATH.
    """
    named = os.environ.get("BOOMI_PULUMI_CACHE")
    shared = os.environ.get("XDG_CACHE_HOME")
    folder = Path(named) if named else (Path(shared) if shared else home() / ".cache") / "boomi_pulumi"
    if os.pathsep in str(folder):
        raise SetupError(f"The cache folder's path holds '{os.pathsep}': set BOOMI_PULUMI_CACHE to another.")
    return folder.absolute()


def caches() -> list[Path]:
    """Folders that may hold what is needed; the first is the one to fill.

    A caller with another HOME still finds what this checkout used last, and what stands in the home that the user
    database names. A cache that was asked for by name is the only one.
    """
    found = [cache_folder()]
    if not os.environ.get("BOOMI_PULUMI_CACHE"):
        with suppress(OSError):
            found.append(Path(REMEMBERED.read_text(encoding="utf-8").strip()))
        with suppress(KeyError):
            found.append(Path(pwd.getpwuid(os.getuid()).pw_dir, ".cache", "boomi_pulumi"))
    return [folder for folder in dict.fromkeys(found) if folder.is_absolute() and os.pathsep not in str(folder)]


def made(folder: str, files: Sequence[str]) -> Path | None:
    """A folder of any of the caches, where it is there with these files."""
    return next((cache / folder for cache in caches() if complete(cache / folder, files)), None)


def complete(folder: Path, files: Sequence[str]) -> bool:
    """Whether all these programs are in a folder."""
    return all(os.access(folder / name, os.X_OK) for name in files)


def cached_cli(parts: Sequence[Part] = USUAL) -> Path | None:
    """The folder of the pinned CLI with these parts, where a cache has it."""
    files = [name for part in parts for name in part.files]
    return made(f"{released()}/bin", files) or made(f"{assembled(parts)}/bin", files)


def released() -> str:
    """The cache's folder for what Pulumi's installer brings."""
    return f"release-{PULUMI_PINNED}-{platform.system()}-{platform.machine()}".lower()


def assembled(parts: Sequence[Part]) -> str:
    """The cache's folder for these parts, side by side."""
    keys = " ".join(part.key() for part in parts)
    return f"pulumi-{PULUMI_PINNED}-{hashlib.sha256(keys.encode()).hexdigest()[:12]}"


@contextmanager
def filling(entry: Path, files: Sequence[str]) -> Iterator[Path | None]:
    """Yield a folder to fill, which becomes ``entry`` at the end; None where it has all ``files`` by now.

    Raises:
        SetupError: The cache cannot be written.
    """
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"{error}. Set BOOMI_PULUMI_CACHE to a folder you may write to.") from None
    with alone(entry.parent / f"{entry.name}.lock"):
        if complete(entry, files):
            yield None
            return
        for leftover in (entry, *entry.parent.glob(f"{entry.name}.partial-*")):
            shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=f"{entry.name}.partial-", dir=entry.parent) as scratch:
            filled = Path(scratch, "made")
            filled.mkdir()
            yield filled
            filled.rename(entry)


def remember(folder: Path) -> None:
    """Note which cache this checkout uses, for callers with another HOME."""
    REMEMBERED.parent.mkdir(parents=True, exist_ok=True)
    REMEMBERED.write_text(f"{folder.parent.parent}\n", encoding="utf-8")


# -- installed, or built -------------------------------------------------------------------------


def obtain_cli(parts: Sequence[Part]) -> Path:
    """Bring the pinned CLI with these parts into the cache, and return its folder.

    Raises:
        SetupError: No way to obtain it worked.
    """
    say(f"Pulumi CLI {PULUMI_PINNED}, for no usable one is on PATH")
    entry = cache_folder() / released()
    files = [f"bin/{name}" for part in parts for name in part.files]
    try:
        with filling(entry, files) as folder:
            if folder:
                install_cli(folder, files)
        return entry / "bin"
    except Unavailable:
        say("  That did not work here.")
    return assemble([(part, build(part)) for part in parts])


class Unavailable(SetupError):
    """Pulumi's installer did not work here."""


def install_cli(folder: Path, files: Sequence[str]) -> None:
    """Let the Python SDK install the pinned CLI; this needs the vendor's download site.

    Raises:
        Unavailable: The site is out of reach, or something else went wrong.
    """
    command: list[str | Path] = [ROOT / ".venv" / "bin" / "python", "-c", INSTALLER, folder, PULUMI_PINNED]
    try:
        run(command, "Downloading it with the SDK's own installer", seconds=INSTALLER_SECONDS)
        check(folder / "bin")
    except SetupError as error:
        raise Unavailable(str(error)) from None
    if not complete(folder, files):
        raise Unavailable("Pulumi's installer did not bring all of it.")


def check(binaries: Path) -> None:
    """Check that the CLI in a folder runs.

    Raises:
        SetupError: It does not, or it is another version.
    """
    version = answer([binaries / "pulumi", "version"])
    if version != f"v{PULUMI_PINNED}":
        raise SetupError(f"The new CLI does not run: it calls itself {version!r}, not v{PULUMI_PINNED}.")


def build(part: Part) -> Path:
    """Build a part from its published Go module, unless a cache has it, and return its folder.

    Raises:
        SetupError: There is no Go that can do it, or the build failed.
    """
    name = f"{part.name}-{part.key()}"
    there = made(name, part.files)
    if there:
        return there
    go, module = compiler(), MODULES / part.name
    with filling(cache_folder() / name, part.files) as folder:
        if folder:
            run(
                [
                    *(go, "build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false"),
                    *(f"-ldflags=-s -w -X {part.version}", "-o", f"{folder}{os.sep}", "tool"),
                ],
                f"Building the {part.title} with Go ({part.takes} the first time)",
                cwd=module,
                describe=compiled,
            )
            if part.scripts:
                source = answer([go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", PULUMI_SDK], cwd=module)
            for script in part.scripts:
                copy = folder / Path(script).name
                shutil.copyfile(Path(source, script), copy)
                copy.chmod(0o755)
    return cache_folder() / name


def newest() -> str:
    """The newest version of the CLI that Go can build, as Go writes it: ``v3.276.0``.

    Raises:
        SetupError: There is no Go, or it reaches nobody.
    """
    version = answer([compiler(), "list", "-m", "-f", "{{.Version}}", f"{PULUMI_CLI}@latest"], cwd=MODULES / CLI.name)
    if not version:
        raise SetupError("Go does not say which CLI is the newest.")
    return version


def unpinned(version: str, companions: Path) -> Path:
    """Bring another version of the CLI into the cache, with the hosts of the one at hand; return its folder.

    Its modules are not pinned: only `make release` runs it, to see what users meet who have it.

    Args:
        version: As Go writes it: ``v3.259.0``.
        companions: The folder of a CLI whose hosts it takes.

    Raises:
        SetupError: There is no Go that can do it, or the build failed.
    """
    go, entry = compiler(), cache_folder() / f"unpinned-{version}"
    with filling(entry, ["bin/pulumi"]) as folder:
        if folder:
            binaries, module = folder / "bin", folder / "module"
            binaries.mkdir()
            module.mkdir()
            (module / "go.mod").write_text("module unpinned\n\ngo 1.25.0\n", encoding="utf-8")
            requires = [f"-require={each}@{version}" for each in (PULUMI_CLI, PULUMI_SDK)]
            edit = [go, "mod", "edit", *requires, f"-tool={PULUMI_CLI}/cmd/pulumi"]
            run(edit, f"Pulumi CLI {version}", cwd=module)
            ldflags = f"-ldflags=-s -w -X {PULUMI_SDK}/go/common/version.Version={version}"
            command: list[str | Path] = [go, "build", "-v", "-mod=mod", "-trimpath", "-buildvcs=false", ldflags]
            command += ["-o", binaries, "tool"]
            run(command, f"Building it with Go ({CLI.takes} the first time)", cwd=module, describe=compiled)
            for each in companions.iterdir():
                if not (binaries / each.name).exists():
                    link(each, binaries / each.name)
            shutil.rmtree(module)
    return entry / "bin"


def compiler() -> str:
    """The Go command.

    Raises:
        SetupError: There is none, or it is too old.
    """
    go = shutil.which("go")
    if not go or not at_least(answer([go, "version"]), GO_MINIMUM):
        raise SetupError(
            f"The installer did not work here, and building needs Go {dotted(GO_MINIMUM)} or newer. "
            f"Install Pulumi {dotted(PULUMI_MINIMUM)} or newer, or Go, and try again."
        )
    return go


def assemble(built: Sequence[tuple[Part, Path]]) -> Path:
    """Put parts side by side, and return the folder.

    Raises:
        SetupError: The CLI among them does not run.
    """
    entry = cache_folder() / assembled([part for part, _ in built])
    with filling(entry, [f"bin/{name}" for part, _ in built for name in part.files]) as folder:
        if folder:
            binaries = folder / "bin"
            binaries.mkdir()
            for part, source in built:
                for name in part.files:
                    link(source / name, binaries / name)
            check(binaries)
    return entry / "bin"


def link(source: Path, target: Path) -> None:
    """Make ``target`` the same file as ``source``, or a copy where the file system cannot."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)
