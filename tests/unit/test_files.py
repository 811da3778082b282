from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi.cli.files import put_aside, read_text, save


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


def test_a_link_a_mode_and_a_pipe_stay_what_they_are(tmp_path: Path) -> None:
    real, link, pipe = tmp_path / "real.csv", tmp_path / "link.csv", tmp_path / "pipe"
    real.write_text("old", encoding="utf-8")
    real.chmod(0o600)
    link.symlink_to(real)
    save(link, "new")
    assert (link.is_symlink(), real.read_text(encoding="utf-8"), real.stat().st_mode & 0o777) == (True, "new", 0o600)
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as threads:
        found = threads.submit(pipe.read_text, encoding="utf-8")
        save(pipe, "new")
        assert found.result() == "new"
    assert pipe.is_fifo()


def test_a_byte_order_mark_is_no_text_and_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("id", encoding="utf-8-sig")
    assert read_text(file) == "id"
    file.write_bytes("é".encode("cp1252"))
    with pytest.raises(SettingsError, match="it is no UTF-8 text"):
        read_text(file)
    with pytest.raises(SettingsError, match="it cannot be read"):
        read_text(tmp_path)
