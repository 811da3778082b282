"""What the processes of a command take: CPU and memory, by their part in a run of Pulumi's. Needs /proc."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

EVERY = 0.05
"""Seconds between two looks; what a process takes after the last one is missing, so small figures are rough."""

_TICKS = os.sysconf("SC_CLK_TCK")
_PARTS = {
    "program": ("pulumi-language-python-exec", "pulumi-language-yaml"),
    "provider": ("pulumi/dynamic", "pulumi.dynamic", "boomi_pulumi.native", "nothing_plugin.py"),
}
"""Part -> what its command line has."""


@dataclass
class Usage:
    """One command that has ended; CPU is user and system, memory the sum of each process's largest.

    Attributes:
        output: What it wrote.
        seconds: From begin to end.
        cpu: Seconds, by part; "all" has every process.
        peak: MiB, by part.
    """

    output: str
    seconds: float
    cpu: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    peak: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def environment() -> dict[str, str]:
    """Return this process's, without Pulumi's and Boomi's variables.

    Compiled files may be written: without them an import takes twice as long as where people work.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PULUMI_", "BOOMI_")) and name != "PYTHONDONTWRITEBYTECODE"
    }


def watched(command: Sequence[str], cwd: Path, env: Mapping[str, str], timeout: float) -> Usage:
    """Run a command and look at its processes.

    Raises:
        SystemExit: It failed, or did not end in time; everything that it started is ended.
    """
    output = cwd / "bench-output.txt"
    found: dict[int, tuple[str, float, float]] = {}
    began = time.monotonic()
    with (
        output.open("w+", encoding="utf-8") as file,
        subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
        ) as process,
    ):
        while process.poll() is None:
            _look(process.pid, found)
            if time.monotonic() - began > timeout:
                for pid in found:
                    _end(pid)
                process.wait()
                raise SystemExit(f"{' '.join(command)} did not end within {timeout:.0f} s")
            time.sleep(EVERY)
        usage = Usage(output.read_text(encoding="utf-8"), time.monotonic() - began)
    if process.returncode:
        raise SystemExit(f"{usage.output}\n{' '.join(command)} failed")
    for line, cpu, peak in found.values():
        parts = [part for part, words in _PARTS.items() if any(word in line for word in words)]
        for part in ("all", *parts):
            usage.cpu[part] += cpu
            usage.peak[part] += peak
    return usage


def _look(session: int, found: dict[int, tuple[str, float, float]]) -> None:
    """Note command line, CPU and largest memory of each process of a session; a child never leads a session here."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) < session:
            continue
        try:
            stat = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(stat[3]) != session:
                continue
            status = (folder / "status").read_text(encoding="utf-8")
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, UnicodeDecodeError):
            continue  # it has just ended
        peak = status.partition("VmHWM:")[2].split()[:1]
        if peak:  # one that has ended and was not waited for has none
            found[int(folder.name)] = (line, (int(stat[11]) + int(stat[12])) / _TICKS, int(peak[0]) / 1024)


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
