"""The page about unit tests: its tests pass with its program, and fail where the program is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

import boomi_pulumi as boomi
from boomi_pulumi.testing import Mocks
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "testing-programs.md"
PROGRAM, TESTS = (block for block in blocks() if block.page == PAGE)


def _tests() -> dict[str, Callable[[], None]]:
    names: dict[str, Any] = {}
    exec(compile(TESTS.text, str(PAGE), "exec", dont_inherit=True), names)  # noqa: S102 - it is our own page
    return {name: each for name, each in names.items() if name.startswith("test_")}


@pytest.mark.parametrize("name", _tests())
def test_a_test_of_the_page_passes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "__main__.py").write_text(PROGRAM.text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    _tests()[name]()


@pytest.mark.parametrize(
    ("right", "wrong", "error"),
    [
        ('if "-rc" not in version:', "if True:", AssertionError),
        ('name="Test"', 'name="Tset"', boomi.NotFound),
        ("package_version=version", "packge_version=version", boomi.SettingsError),
    ],
)
def test_it_fails_with_a_wrong_program(
    right: str, wrong: str, error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "__main__.py").write_text(PROGRAM.text.replace(right, wrong), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error):
        _tests()["test_a_candidate_stays_in_test"]()


def test_every_argument_has_a_row() -> None:
    shown = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert shown == set(signature(Mocks).parameters)
