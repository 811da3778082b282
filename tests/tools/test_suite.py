"""The suite itself never hangs: a test that does ends with a failure, and takes what it started with it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

HANGING = """
import subprocess, sys, threading
from tests.children import child

def test_it_waits_for_ever():
    def elsewhere():
        threading.Event().wait()

    threading.Thread(target=elsewhere, daemon=True).start()
    command = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
    with child(command, stdout=subprocess.PIPE) as process:
        print("pid", process.pid, "of", process.stdout.readline())
        process.communicate()

def test_another_one_still_runs(): pass
"""

INTERRUPTED = """
import signal, subprocess, sys
from tests.children import child

def test_ctrl_c_reaches_a_child():
    command = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
    with child(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == -signal.SIGINT
"""


def suite(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a file of tests by this project's settings, as a script does in the background: with SIGINT ignored."""
    file = folder / "test_it.py"
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p", "tests.conftest"]
    return subprocess.run(
        ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", *command, "-p", "no:cacheprovider", *options, str(file)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_test_that_hangs_fails_with_the_stacks_of_all_threads_and_its_processes_end(tmp_path: Path) -> None:
    done = suite(tmp_path, HANGING, "--override-ini=timeout=2")
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "process.communicate()" in done.stdout
    assert "in elsewhere" in done.stdout + done.stderr
    started = re.search(r"pid (\d+) of here", done.stdout)
    assert started is not None
    assert not Path("/proc", started[1]).exists()


def test_what_a_test_interrupts_ends_also_where_the_suite_itself_ignores_it(tmp_path: Path) -> None:
    done = suite(tmp_path, INTERRUPTED)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_every_process_that_tests_talk_to_is_one_that_ends() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if re.search(r"\bPopen\($|\bPopen\([^)]|pty\.fork", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert found - {Path(__file__).relative_to(ROOT).as_posix()} == {"tests/children.py"}
