import os
import re
import subprocess
from pathlib import Path

import pytest

from tools import setup


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
    assert setup.version_numbers(text) == numbers


@pytest.mark.parametrize(
    ("text", "enough"),
    [("v3.215.0", True), ("v3.259.0", True), ("v4.0.0", True), ("v3.99.9", False), ("unknown", False)],
)
def test_at_least_compares_numbers_not_text(text: str, enough: bool) -> None:
    assert setup.at_least(text, (3, 215, 0)) is enough


def test_the_pinned_cli_is_new_enough_and_the_one_in_the_module_file() -> None:
    assert setup.at_least(setup.PULUMI_PINNED, setup.PULUMI_MINIMUM)
    required = (setup.MODULES / "cli" / "go.mod").read_text()
    for module in ("pkg", "sdk"):
        found = re.search(rf"github\.com/pulumi/pulumi/{module}/v3 v(\S+)", required)
        assert found is not None
        assert found[1] == setup.PULUMI_PINNED


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


def test_pins_change_with_any_module_file(tmp_path: Path) -> None:
    (tmp_path / "cli").mkdir()
    modules = tmp_path / "cli" / "go.mod"
    modules.write_text("module a")
    before = setup.pins(tmp_path)
    modules.write_text("module b")
    assert setup.pins(tmp_path) != before


def test_progress_of_a_build_counts_modules_and_packages() -> None:
    lines = ["go: downloading example v1.0.0", "internal/abi", "# example/cgo", "", "example/part"]
    assert setup.compiled(lines) == "1 modules downloaded, 2 packages compiled"


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0s"), (59.9, "59s"), (187, "3m07s")])
def test_elapsed(seconds: float, text: str) -> None:
    assert setup.elapsed(seconds) == text


def test_a_failing_command_shows_its_last_words() -> None:
    with pytest.raises(setup.SetupError, match=r"(?s)Trying: failed.*the reason"):
        setup.run(["/bin/sh", "-c", "echo the reason >&2; exit 3"], "Trying")


def test_a_command_that_takes_too_long_is_ended() -> None:
    with pytest.raises(setup.SetupError, match="Trying: failed"):
        setup.run(["/bin/sh", "-c", "sleep 60"], "Trying", seconds=0)


def test_a_folder_that_path_cannot_express_is_refused() -> None:
    with pytest.raises(setup.SetupError, match="move the checkout"):
        setup.check_prerequisites(Path(f"/a{os.pathsep}b"))


def programs(folder: Path, version: str, *names: str) -> str:
    folder.mkdir(exist_ok=True)
    for name in names:
        program = folder / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    return str(folder)


def test_a_new_enough_cli_with_its_companions_is_used(tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", "v3.300.0", "pulumi", *setup.COMPANIONS)
    assert setup.usable_cli(path) == tmp_path / "bin" / "pulumi"


def test_companions_may_stand_elsewhere_on_path(tmp_path: Path) -> None:
    path = os.pathsep.join(
        [programs(tmp_path / "a", "v3.300.0", "pulumi"), programs(tmp_path / "b", "", *setup.COMPANIONS)]
    )
    assert setup.usable_cli(path) == tmp_path / "a" / "pulumi"


def test_an_old_or_lonely_or_absent_cli_is_not_used(tmp_path: Path) -> None:
    assert setup.usable_cli(programs(tmp_path / "old", "v3.100.0", "pulumi", *setup.COMPANIONS)) is None
    assert setup.usable_cli(programs(tmp_path / "lonely", "v3.300.0", "pulumi")) is None
    assert setup.usable_cli(str(tmp_path / "absent")) is None
