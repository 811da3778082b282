"""The doors to choose from, side by side: dynamic resources, YAML, the plugin's SDK, and a script without a state.

`pyboomi-cli`, the published command-line client, takes no address other than Boomi's own (0.18.1 ignores the variable
that its library reads), so the script of this folder sends what a loop over it would: less, since it starts once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.stacks import Figure, bench
from benchmarks.usage import Usage
from boomi_pulumi.native.install import release
from boomi_pulumi.native.schema import package

N = 100
"""Packages, and as many deployments."""
ROOT = Path(__file__).parents[1]
DOORS = {
    "Python, dynamic resources": "boomi",
    "Python, the plugin's SDK": "sdk",
    "YAML over the plugin": "yaml",
    "script, no state": "script",
}
UP = ("up", "--yes", "--skip-preview")


def measure(runs: int, rate: float, latency: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Measure the first run and one that changes nothing, through each door in turn; the script once."""
    rows: dict[str, dict[str, list[dict[str, float]]]] = {door: {"first": [], "unchanged": []} for door in DOORS}
    with sdk() as made:
        for run in range(runs):
            for door, provider in DOORS.items():
                if run and provider == "script":
                    continue
                tell(f"run {run + 1} of {runs}: {door}")
                with bench(N, provider, rate=rate, latency=latency, env={"PYTHONPATH": pythonpath(made)}) as one:
                    for work in ("first", "unchanged"):
                        figure = Figure()
                        usage = one.script(figure, rate) if provider == "script" else one.measure(figure, *UP)
                        rows[door][work].append(_row(figure, usage))
    return {"rows": rows, "n": N, "rate": rate, "latency_ms": latency}


def _row(figure: Figure, usage: Usage) -> dict[str, float]:
    return {
        "seconds": round(usage.seconds, 1),
        "requests": figure.requests[0],
        "cpu": round(usage.cpu["all"], 1),
        "mib": round(usage.peak["all"]),
    }


def pythonpath(folder: Path) -> str:
    """Return PYTHONPATH with a folder before it."""
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


@contextmanager
def sdk() -> Iterator[Path]:
    """Make the plugin's SDK for Python, as `pulumi package add` does; yield its folder.

    The language host that `make setup` builds cannot, so the CLI's own generator does it; it needs Go.
    """
    with tempfile.TemporaryDirectory(prefix="boomi-bench-") as name:
        folder = Path(name)
        for file in ("tools/pulumi/cli/go.mod", "tools/pulumi/cli/go.sum", "tests/typescript/generate.go"):
            shutil.copy(ROOT / file, folder)
        (folder / "schema.json").write_text(json.dumps(package(release())), encoding="utf-8")
        for command in (
            ["go", "build", "-mod=mod", "-o", "generate", "."],
            ["./generate", "python", "schema.json", "sdk"],
        ):
            subprocess.run(command, cwd=folder, check=True, timeout=900)
        # What pip would leave: the SDK asks for its own version.
        about = folder / "sdk" / f"pulumi_boomi-{release()}.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: pulumi_boomi\nVersion: {release()}\n")
        yield folder / "sdk"
