"""Unit tests that pages show: they pass with the program of their page, and fail where it is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

import boomi_pulumi as boomi
from boomi_pulumi.testing import Mocks
from tests.docs.pages import CLOUD, ROOT, blocks

PAGE = ROOT / "docs" / "testing-programs.md"
PROGRAMS = {block.page: block.text for block in blocks() if block.is_program and block.number == 1}
TESTS = {block.page: block.text for block in blocks() if block.is_test}


def _tests(page: Path) -> dict[str, Callable[[], None]]:
    names: dict[str, Any] = {}
    exec(compile(TESTS[page], str(page), "exec", dont_inherit=True), names)  # noqa: S102 - it is our own page
    return {name: each for name, each in names.items() if name.startswith("test_")}


@pytest.mark.parametrize(("page", "name"), [(page, name) for page in TESTS for name in _tests(page)])
def test_a_test_of_a_page_passes(page: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "__main__.py").write_text(PROGRAMS[page], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    _tests(page)[name]()


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
    (tmp_path / "__main__.py").write_text(PROGRAMS[PAGE].replace(right, wrong), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error):
        _tests(PAGE)["test_a_candidate_stays_in_test"]()


def test_every_argument_has_a_row() -> None:
    cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {each for cell in cells for each in re.findall(r"\w+", cell)} == set(signature(Mocks).parameters)


def test_the_page_about_clouds_shows_the_example() -> None:
    assert PROGRAMS[ROOT / "docs" / "next-to-cloud-resources.md"] == (CLOUD / "__main__.py").read_text(encoding="utf-8")
