"""Processes that tests start: whatever a test comes to, none outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["child", "kill"]

SECONDS = 20
"""How long a process may need to die."""


@contextmanager
def child(command: Sequence[str | Path], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a session of its own; at the end of the block, kill it if it runs, with all that it started.

    `Popen` alone waits there for as long as it takes, also where a test leaves the block because its time is up.
    """
    with subprocess.Popen(command, encoding="utf-8", start_new_session=True, **options) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                kill(process)


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a command and all that it started."""
    tick, ends = threading.Event(), time.monotonic() + SECONDS
    while left := _session(process.pid):
        assert time.monotonic() < ends, "a process of the command cannot be killed"
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.poll()
        tick.wait(0.02)


def _session(leader: int) -> list[int]:
    """Tell the processes of a session; the engine gives its plugins groups of their own, not sessions."""
    found = subprocess.run(["ps", "-e", "-o", "pid=,sid=,stat="], check=True, capture_output=True, text=True)
    rows = (line.split() for line in found.stdout.splitlines())
    return [int(pid) for pid, session, state in rows if int(session) == leader and not state.startswith("Z")]
