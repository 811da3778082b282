"""The set-up: what it takes from where it is, what it makes, and what it does not make again. Nothing real is built."""

from __future__ import annotations

import os
import platform
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools import cli, setup, steps

COMPANIONS = [name for part in cli.USUAL for name in part.files if name != "pulumi"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("v3.259.0", (3, 259, 0)),
        ("v3.215.0-alpha.1+dirty", (3, 215, 0)),
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("go version go1.21 darwin/arm64", (1, 21, 0)),
        ("devel", None),
        ("", None),
    ],
)
def test_version_numbers(text: str, numbers: tuple[int, ...] | None) -> None:
    assert steps.version_numbers(text) == numbers


@pytest.mark.parametrize(
    ("text", "enough"),
    [("v3.215.0", True), ("v3.259.0", True), ("v4.0.0", True), ("v3.99.9", False), ("unknown", False)],
)
def test_at_least_compares_numbers_not_text(text: str, enough: bool) -> None:
    assert steps.at_least(text, (3, 215, 0)) is enough


def test_the_pinned_cli_is_new_enough_and_the_one_in_the_module_file() -> None:
    assert steps.at_least(cli.PULUMI_PINNED, cli.PULUMI_MINIMUM)
    required = (cli.MODULES / "cli" / "go.mod").read_text()
    for module in ("pkg", "sdk"):
        found = re.search(rf"github\.com/pulumi/pulumi/{module}/v3 v(\S+)", required)
        assert found is not None
        assert found[1] == cli.PULUMI_PINNED


def sourced(lines: str, name: str) -> str:
    """The value a POSIX shell gives a variable after it evaluated the lines."""
    script = f'eval "$1" && /usr/bin/env printf %s "${name}"'
    return subprocess.run(["/bin/sh", "-c", script, "sh", lines], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", ["plain", "two words", "it's", 'say "so"', "$HOME `id` \\ !x", "ünï", "line\nbreak"])
def test_shell_lines_survive_any_folder_name(name: str) -> None:
    folder = Path("/somewhere") / name / "bin"
    lines = setup.shell_lines([folder], "/usr/bin:/bin")
    assert sourced(lines, "PATH") == f"{folder}:/usr/bin:/bin"
    assert sourced(lines, "PULUMI_SKIP_UPDATE_CHECK") == "true"


def test_shell_lines_put_the_folders_first_once_however_often_they_are_evaluated() -> None:
    first = [Path("/venv/bin"), Path("/cli/bin")]
    once = sourced(setup.shell_lines(first, "/usr/bin:/cli/bin:/bin"), "PATH")
    assert once == "/venv/bin:/cli/bin:/usr/bin:/bin"
    assert sourced(setup.shell_lines(first, once), "PATH") == once


def test_stamp_tells_place_and_python_from_content(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("a==1")
    base, content = setup.stamp(tmp_path / "venv", "3.11.7", lock)
    assert setup.stamp(tmp_path / "venv", "3.11.7", lock) == (base, content)
    assert setup.stamp(tmp_path / "moved", "3.11.7", lock)[0] != base
    assert setup.stamp(tmp_path / "venv", "3.12.1", lock)[0] != base
    lock.write_text("a==2")
    assert setup.stamp(tmp_path / "venv", "3.11.7", lock) == (base, setup.stamp(tmp_path, "", lock)[1])
    assert setup.stamp(tmp_path / "venv", "3.11.7", lock)[1] != content


@pytest.mark.parametrize("part", cli.WITH_NODE, ids=lambda part: part.name)
def test_a_part_is_made_anew_by_its_own_module_files_only(
    part: cli.Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = tmp_path / "pulumi"
    shutil.copytree(cli.MODULES, modules)
    before = {each: each.key() for each in cli.WITH_NODE}
    monkeypatch.setattr(cli, "MODULES", modules)
    assert before == {each: each.key() for each in cli.WITH_NODE}
    assert len(set(before.values())) == len(before)
    for name in ("go.mod", "go.sum"):
        with (modules / part.name / name).open("a") as file:
            file.write("// changed\n")
        changed = {each for each in cli.WITH_NODE if each.key() != before[each]}
        assert changed == {part}
        before[part] = part.key()


def test_progress_of_a_build_counts_modules_and_packages() -> None:
    lines = ["go: downloading example v1.0.0", "internal/abi", "# example/cgo", "", "example/part"]
    assert steps.compiled(lines) == "1 modules downloaded, 2 packages compiled"


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0s"), (59.9, "59s"), (187, "3m07s")])
def test_elapsed(seconds: float, text: str) -> None:
    assert steps.elapsed(seconds) == text


def test_a_failing_command_shows_its_last_words() -> None:
    with pytest.raises(steps.SetupError, match=r"(?s)Trying: failed.*the reason"):
        steps.run(["/bin/sh", "-c", "echo the reason >&2; exit 3"], "Trying")


def test_a_command_that_takes_too_long_is_ended() -> None:
    with pytest.raises(steps.SetupError, match="Trying: failed"):
        steps.run(["/bin/sh", "-c", "sleep 60"], "Trying", seconds=0)


def test_a_folder_that_path_cannot_express_is_refused() -> None:
    with pytest.raises(steps.SetupError, match="move the checkout"):
        setup.check_prerequisites(Path(f"/a{os.pathsep}b"))


def programs(folder: Path, version: str, *names: str) -> str:
    folder.mkdir(exist_ok=True)
    for name in names:
        program = folder / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    return str(folder)


def test_a_new_enough_cli_with_its_companions_is_used(tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", "v3.300.0", "pulumi", *COMPANIONS)
    assert cli.usable_cli(path) == tmp_path / "bin" / "pulumi"


def test_companions_may_stand_elsewhere_on_path(tmp_path: Path) -> None:
    path = os.pathsep.join([programs(tmp_path / "a", "v3.300.0", "pulumi"), programs(tmp_path / "b", "", *COMPANIONS)])
    assert cli.usable_cli(path) == tmp_path / "a" / "pulumi"


def test_an_old_or_lonely_or_absent_cli_is_not_used(tmp_path: Path) -> None:
    assert cli.usable_cli(programs(tmp_path / "old", "v3.100.0", "pulumi", *COMPANIONS)) is None
    assert cli.usable_cli(programs(tmp_path / "lonely", "v3.300.0", "pulumi")) is None
    assert cli.usable_cli(str(tmp_path / "absent")) is None


# -- the cache -----------------------------------------------------------------------------------

GO = """\
#!/bin/sh
case "$1" in
version) echo go version go1.26.0 test/test ;;
list) echo "$GO_FAKE/sdk" ;;
build)
    part=$(basename "$PWD")
    echo "$part" >>"$GO_FAKE/built"
    [ "$part" = "$GO_FAILS" ] && exit 1
    while [ "$1" != -o ]; do shift; done
    program=pulumi-$part
    [ "$part" = cli ] && program=pulumi
    printf '#!/bin/sh\\necho v%s\\n' "$GO_VERSION" >"$2$program"
    chmod 755 "$2$program"
    ;;
esac
"""


VERSION = "3.999.0"


class Machine:
    """A home without a CLI, a Go that compiles nothing, and an installer that reaches nobody."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.patch = monkeypatch
        (folder / "bin").mkdir()
        (folder / "bin" / "go").write_text(GO)
        (folder / "bin" / "go").chmod(0o755)
        for script in cli.CLI.scripts:
            file = folder / "sdk" / script
            file.parent.mkdir(parents=True)
            file.write_text("#!/bin/sh\n")
        for name in ("BOOMI_PULUMI_CACHE", "XDG_CACHE_HOME", "GO_FAILS"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {
            "PATH": f"{folder / 'bin'}:/usr/bin:/bin",
            "GO_FAKE": str(folder),
            "GO_VERSION": VERSION,
        }.items():
            monkeypatch.setenv(name, value)
        # Another version and other modules than the real ones, which may stand in a real cache.
        monkeypatch.setattr(cli, "PULUMI_PINNED", VERSION)
        monkeypatch.setattr(cli, "MODULES", folder / "modules")
        for part in cli.WITH_NODE:
            (folder / "modules" / part.name).mkdir(parents=True)
            (folder / "modules" / part.name / "go.mod").write_text("module nobody\n")
        monkeypatch.setattr(cli, "INSTALLER", "raise SystemExit(1)")
        monkeypatch.setattr(cli, "REMEMBERED", folder / "checkout" / "cache")
        self.home("home")

    def home(self, name: str) -> None:
        """Go on with this folder as HOME."""
        self.patch.setenv("HOME", str(self.folder / name))

    def made(self, parts: Sequence[cli.Part] = cli.USUAL) -> list[str]:
        """Obtain a CLI, which must then be found again; tell which parts were compiled for it."""
        log = self.folder / "built"
        log.write_text("")
        folder = cli.cached_cli(parts) or cli.obtain_cli(parts)
        cli.remember(folder)
        assert cli.cached_cli(parts) == folder
        assert cli.usable_cli(str(folder), parts) == folder / "pulumi"
        assert not list(self.folder.rglob("*.partial-*"))
        return log.read_text().split()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_all_parts_are_built_once_and_the_node_host_when_it_is_asked_for(machine: Machine) -> None:
    assert machine.made() == ["language-python", "cli", "language-yaml"]
    assert machine.made() == []
    assert machine.made(cli.WITH_NODE) == ["language-nodejs"]
    assert machine.made(cli.WITH_NODE) == machine.made() == []


def test_a_set_up_that_was_cut_off_goes_on_with_the_part_where_it_stopped(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GO_FAILS", "language-yaml")
    with pytest.raises(steps.SetupError, match="Building the YAML language host"):
        machine.made()
    assert not list(machine.folder.rglob("*.partial-*"))
    # One that was killed could not clear up.
    part = cli.cache_folder() / f"{cli.YAML_HOST.name}-{cli.YAML_HOST.key()}"
    (part.with_name(f"{part.name}.partial-abc") / "made").mkdir(parents=True)
    monkeypatch.delenv("GO_FAILS")
    assert machine.made() == ["language-yaml"]


def test_what_an_earlier_set_up_put_on_path_is_not_taken_for_the_callers_own(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.made()
    usual, path = cli.cached_cli(), os.environ["PATH"]
    monkeypatch.setenv("PATH", f"{usual}:{path}")
    assert cli.theirs() == path
    machine.made(cli.WITH_NODE)
    capsys.readouterr()
    assert setup.found(cli.WITH_NODE) == [setup.VENV / "bin", cli.cached_cli(cli.WITH_NODE)]
    assert capsys.readouterr().err == ""


def test_what_somebody_damaged_is_made_again(machine: Machine) -> None:
    machine.made()
    (cli.cache_folder() / cli.assembled(cli.USUAL) / "bin" / "pulumi-language-python").unlink()
    assert machine.made() == []
    for folder in cli.cache_folder().iterdir():
        if folder.is_dir():
            (folder / "pulumi").unlink(missing_ok=True)
            (folder / "bin" / "pulumi").unlink(missing_ok=True)
    assert machine.made() == ["cli"]


@pytest.mark.usefixtures("machine")
def test_a_cli_that_calls_itself_otherwise_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GO_VERSION", "3.1.0")
    with pytest.raises(steps.SetupError, match=r"calls itself 'v3\.1\.0'"):
        cli.obtain_cli(cli.USUAL)
    assert cli.cached_cli() is None


def test_what_the_installer_brings_is_all_that_there_is(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for part in cli.WITH_NODE for name in part.files]
    monkeypatch.setattr(
        cli,
        "INSTALLER",
        f"""\
import pathlib, sys
for name in {names}:
    file = pathlib.Path(sys.argv[1], "bin", name)
    file.parent.mkdir(exist_ok=True)
    file.write_text("#!/bin/sh\\necho v{VERSION}\\n")
    file.chmod(0o755)
""",
    )
    assert machine.made() == machine.made(cli.WITH_NODE) == []
    assert cli.cached_cli(cli.WITH_NODE) == cli.cache_folder() / cli.released() / "bin"


@pytest.mark.parametrize("variable", ["HOME", "XDG_CACHE_HOME"])
def test_a_checkout_finds_its_cli_under_another_home(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    machine.made()
    monkeypatch.setenv(variable, str(machine.folder / "elsewhere"))
    assert machine.made() == []
    # Parts too: only the new one is built, and all stand side by side in the new home.
    assert machine.made(cli.WITH_NODE) == ["language-nodejs"]


def test_a_fresh_checkout_finds_the_cli_of_the_user_under_another_home(machine: Machine) -> None:
    users = Path(pwd.getpwuid(os.getuid()).pw_dir, ".cache", "boomi_pulumi")
    assert cli.caches() == [machine.folder / "home" / ".cache" / "boomi_pulumi", users]


def test_a_cache_that_is_named_is_the_only_one(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.made()
    monkeypatch.setenv("BOOMI_PULUMI_CACHE", str(machine.folder / "named"))
    assert machine.made() == ["language-python", "cli", "language-yaml"]
    # And remembered, so that the next caller need not name it.
    monkeypatch.delenv("BOOMI_PULUMI_CACHE")
    machine.home("third")
    assert machine.made() == []


# -- make env ------------------------------------------------------------------------------------


def checkout(folder: Path) -> Path:
    """A checkout as the set-up sees it, in which nothing was prepared."""
    made = folder / "check out"
    made.mkdir()
    for name in ("tools", "Makefile", "pyproject.toml", "requirements.lock"):
        source = steps.ROOT / name
        if source.is_dir():
            shutil.copytree(source, made / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, made / name)
    return made


def make_env(folder: Path, *path: str) -> subprocess.CompletedProcess[str]:
    env = {
        "PATH": os.pathsep.join([*path, "/usr/bin", "/bin"]),
        "HOME": str(folder / "home"),
        "BOOMI_PULUMI_CACHE": str(folder / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = ["make", "-s", "env", f"PYTHON={sys.executable}"]
    return subprocess.run(command, cwd=folder, env=env, check=False, capture_output=True, text=True)


def test_make_env_makes_nothing_and_says_what_to_run(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    before = sorted(folder.rglob("*"))
    done = make_env(folder)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "Set-up: The virtual environment is not there. Run `make setup` first." in done.stderr

    venv = folder / ".venv"
    programs(venv, "", "unused")
    programs(venv / "bin", "", "python")
    base, content = setup.stamp(
        venv, platform.python_version(), folder / "requirements.lock", folder / "pyproject.toml"
    )
    (venv / ".made-of").write_text(f"{base}\n{content}\n")
    done = make_env(folder)
    assert done.returncode != 0
    assert "Set-up: There is no usable Pulumi CLI. Run `make setup` first." in done.stderr

    here = programs(tmp_path / "their bin", "v3.300.0", "pulumi", *COMPANIONS)
    done = make_env(folder, here)
    assert (done.returncode, done.stderr) == (0, "")
    assert sourced(done.stdout, "PATH").split(":")[0] == str(venv / "bin")

    (venv / ".made-of").write_text(f"{base}\nolder\n")
    done = make_env(folder, here)
    assert done.returncode != 0
    assert "Set-up: The virtual environment is out of date. Run `make setup` first." in done.stderr
    assert sorted(each for each in folder.rglob("*") if venv not in (each, *each.parents)) == before
