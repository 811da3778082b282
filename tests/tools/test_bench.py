"""What the benchmarks measure with, and what they make of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.tables import TARGETS, aimed, beside
from benchmarks.usage import watched

SHELL = (
    "import subprocess, sys; "
    "subprocess.run([sys.executable, '-c', sys.argv[1], 'boomi_pulumi' + '.native'], check=True)"
)
WORK = "import time; kept = bytearray(64 << 20); end = time.process_time() + 0.5\nwhile time.process_time() < end: pass"


def test_a_process_that_another_started_counts_as_its_part(tmp_path: Path) -> None:
    usage = watched([sys.executable, "-c", SHELL, WORK], tmp_path, os.environ, 60)
    assert usage.cpu["all"] >= usage.cpu["provider"] >= 0.4
    assert usage.peak["all"] > usage.peak["provider"] > 64
    assert usage.cpu["program"] == 0


def test_what_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "alive")
    alive = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    code = "import time; file = open('alive', 'wb', 0); file.write(b'x'); time.sleep(600)"
    with pytest.raises(SystemExit, match="did not end within 2 s"):
        watched([sys.executable, "-c", SHELL, code], tmp_path, os.environ, 2)
    os.set_blocking(alive, True)
    with os.fdopen(alive, "rb") as file:
        assert file.read() == b"x"  # until nobody holds the other end


def test_what_fails_is_told_with_its_output(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such thing"):
        watched([sys.executable, "-c", "raise SystemExit('no such thing')"], tmp_path, os.environ, 60)


def test_a_target_that_was_not_measured_says_so_and_others_tell_their_spread() -> None:
    key, name, before, _ = TARGETS[0]
    table = aimed({"runs": 3, "rows": {key: [1.3, 1.1, 1.2]}})
    assert table.rows[0] == (name, before, "1.2 (1.1 to 1.3)", "≤ 1.2")
    assert {row[2] for row in table.rows[1:]} == {"not measured"}


def test_a_door_has_the_middle_of_its_runs() -> None:
    run = {"seconds": 2.0, "requests": 1_206, "cpu": 1.5, "mib": 300}
    slow = {**run, "seconds": 4.0}
    table = beside({"n": 100, "rows": {"YAML": {"first": [run, slow, slow], "unchanged": [run]}}})
    assert table.rows == (("YAML", "4", "1,206", "1.5", "300", "2", "1,206", "1.5", "300"),)
