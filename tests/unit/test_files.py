from __future__ import annotations

from pathlib import Path

import pytest

from boomi_pulumi.cli.files import put_aside, save


def test_a_file_that_cannot_be_written_whole_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    save(file, "old")
    with pytest.raises(UnicodeEncodeError):
        save(file, "new \ud800")
    assert [(each.name, each.read_text(encoding="utf-8")) for each in tmp_path.iterdir()] == [("a.csv", "old")]


def test_what_is_put_aside_gets_the_next_number(tmp_path: Path) -> None:
    file = tmp_path / "dev.json"
    assert put_aside(file) is None
    for text in ("first", "second"):
        save(file, text)
        put_aside(file)
    assert {each.name: each.read_text(encoding="utf-8") for each in tmp_path.iterdir()} == {
        "dev-1.json": "first",
        "dev-2.json": "second",
    }
