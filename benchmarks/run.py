"""Count requests and time of ours, of a script and of a provider that does nothing, against the emulator.

    make bench                              # 25 packages and deployments, 5 runs: 9 minutes
    make bench ARGS="--n 100"               # the table of docs/performance.md: 30 minutes
    make bench ARGS="--grow"                # 10 to 1,000, without latency and limit
    make bench ARGS="--imports"             # what the import of the package takes
    make bench ARGS="--emulator"            # the emulator itself, nearly empty and full

Only loopback is used. Results go to benchmarks/results.json, and the tables of docs/performance.md are what
`benchmarks.tables` makes of them: python -m benchmarks.tables prints them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rich.console import Console
from rich.table import Table as Drawn

from benchmarks import emulator
from benchmarks.script import Script
from benchmarks.tables import RESULTS, Table, counted, filled, grown, imported, timed
from boomi_pulumi.emulator import Emulator

HERE = Path(__file__).parent
SIZES = (10, 100, 500, 1000)
IMPORTS = 20
LINEAR = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
"""Pulumi writes a whole state file after every step, which takes n times n; not so where growth is measured."""
ENVIRONMENT = "bench-environment"
BUSY = 503
console = Console(width=None if sys.stdout.isatty() else 150)


@dataclass
class Figure:
    """One work, measured several times."""

    requests: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """Return what is written down."""
        return {
            "requests": statistics.median(self.requests),
            "refused_for_the_rate": sum(self.refused),
            "seconds": round(statistics.median(self.seconds), 2),
            "seconds_min": round(min(self.seconds), 2),
            "seconds_max": round(max(self.seconds), 2),
            "runs": len(self.seconds),
        }


def seed(n: int) -> dict[str, Any]:
    """Return an account with one environment, n components to release, and 15 deployments of other people."""
    others = [f"other-{i}" for i in range(15)]
    return {
        "account": {"id": "bench-AB12CD", "name": "Bench"},
        "users": [
            {
                "name": "bench@acme.example",
                "token": "bench-token",
                "privileges": ["API", "PACKAGE_MANAGEMENT", "DEPLOY", "ATOM_MANAGEMENT", "BUILD"],
            }
        ],
        "environments": [{"name": "Bench", "classification": "TEST", "id": ENVIRONMENT}],
        "components": [{"name": name, "id": name} for name in [*(f"c{i}" for i in range(n)), *others]],
        "packages": [{"component": f"Bench/{name}", "version": "1.0"} for name in others],
        "deployments": [{"component": f"Bench/{name}", "package": "1.0", "environment": "Bench"} for name in others],
    }


class Bench:
    """One account and one stack, from empty to empty."""

    def __init__(self, folder: Path, boomi: Emulator, provider: str, rate: float, env: Mapping[str, str]) -> None:
        # Of its own: a stack leaves its settings beside the program.
        self._program = shutil.copytree(HERE / "program", folder / "program")
        self._boomi = boomi
        self._work = folder / "work.json"
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "BOOMI_"))},
            **boomi.env,
            "BOOMI_RATE_LIMIT": str(rate),
            "BENCH_PROVIDER": provider,
            "BENCH_WORK": str(self._work),
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **env,
        }
        self.pulumi("stack", "init", "bench")

    def wants(self, versions: dict[str, str]) -> None:
        """Declare which component has which version."""
        self._work.write_text(json.dumps({"environment": ENVIRONMENT, "packages": versions}), encoding="utf-8")

    def pulumi(self, *words: str) -> None:
        """Run the CLI; its output is shown only where it fails."""
        done = subprocess.run(
            ["pulumi", *words, "--non-interactive"],
            cwd=self._program,
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
            timeout=3600,
        )
        if done.returncode:
            console.print(done.stdout + done.stderr, markup=False)
            raise SystemExit(f"pulumi {' '.join(words)} failed")

    def measure(self, figure: Figure, *words: str) -> None:
        """Run the CLI and note requests and seconds."""
        self._note(figure, lambda: self.pulumi(*words))

    def script(self, figure: Figure, rate: float) -> None:
        """Run the script over everything that is wanted."""
        script = Script(self._boomi.env, rate)
        work = json.loads(self._work.read_text(encoding="utf-8"))

        def run() -> None:
            for component, version in work["packages"].items():
                script.release(component, version, work["environment"])

        self._note(figure, run)

    def _note(self, figure: Figure, run: Callable[[], None]) -> None:
        self._boomi.clear_journal()
        began = time.monotonic()
        run()
        figure.seconds.append(time.monotonic() - began)
        journal = self._boomi.journal()
        figure.requests.append(len(journal))
        figure.refused.append(sum(entry["status"] == BUSY for entry in journal))


@contextmanager
def bench(
    n: int, provider: str, *, rate: float, latency: int, env: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Bench]:
    """Start an account for n components, and a stack beside it."""
    folder = Path(tempfile.mkdtemp(prefix="boomi-bench-"))
    try:
        with Emulator(seed(n), rate_limit=int(rate), latency=latency) as boomi:
            made = Bench(folder, boomi, provider, rate, env)
            made.wants({f"c{i}": "1.0" for i in range(n)})
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ours(n: int, k: int, figures: dict[str, Figure], **account: Any) -> None:
    """Measure one life of a stack; `account` as in `bench`."""
    with bench(n, **account) as one:
        up = ("up", "--yes", "--skip-preview")
        one.measure(figures["first up"], *up)
        one.measure(figures["preview, nothing to change"], "preview")
        one.measure(figures["up, nothing to change"], *up)
        one.measure(figures["refresh"], "refresh", "--yes", "--skip-preview")
        one.wants({f"c{i}": "1.1" if i < k else "1.0" for i in range(n)})
        one.measure(figures[f"up, {k} new packages moved to"], *up)
        one.measure(figures["destroy"], "destroy", "--yes", "--skip-preview")


def by_script(n: int, figures: dict[str, Figure], *, rate: float, latency: int) -> None:
    """Measure the script: the first release, and the same again."""
    with bench(n, "boomi", rate=rate, latency=latency) as one:
        one.script(figures["first up"], rate)
        one.script(figures["up, nothing to change"], rate)


def bound(work: str, n: int, k: int) -> float | None:
    """Return the most requests that docs/performance.md allows."""
    return {
        "first up": 2 * n + n / 50 + n / 100 + 6,
        "preview, nothing to change": n / 50 + n / 100 + 4,
        "up, nothing to change": n / 50 + n / 100 + 4,
        "refresh": n / 4 + n / 100 + 6,
        # Each move makes a package and a deployment, and deletes the old package.
        f"up, {k} new packages moved to": 3 * k + n / 50 + n / 100 + 6,
        "destroy": 2 * n + 6,
    }.get(work)


def works(k: int) -> list[str]:
    """Return what is measured, in order."""
    return [
        "first up",
        "preview, nothing to change",
        "up, nothing to change",
        "refresh",
        f"up, {k} new packages moved to",
        "destroy",
    ]


def main() -> None:
    """Measure, show, write down."""
    parser = argparse.ArgumentParser(description="Requests and time, beside a script and a provider that does nothing.")
    parser.add_argument("--n", type=int, default=25, help="packages, and as many deployments")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=10.0, help="the account's limit, requests a second")
    parser.add_argument("--latency", type=int, default=250, help="milliseconds of each answer")
    parser.add_argument("--grow", action="store_true", help="10, 100, 500 and 1,000, without latency and limit")
    parser.add_argument("--imports", action="store_true", help="the import of the package beside that of Pulumi's SDK")
    parser.add_argument("--emulator", action="store_true", help="the emulator's throughput, nearly empty and full")
    given = parser.parse_args()
    if shutil.which("pulumi") is None:
        raise SystemExit('There is no pulumi on PATH; run `make bench`, or eval "$(make -s env)" first.')
    old = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if given.grow:
        results: dict[str, Any] = {"growth": grow()}
        found = [grown(results["growth"])]
    elif given.imports:
        results = {"imports": imports()}
        found = [imported(results["imports"])]
    elif given.emulator:
        results = {"emulator": emulator.measure(console.print)}
        found = [filled(results["emulator"])]
    else:
        results = {f"n={given.n}": compare(given)}
        found = [make(given.n, results[f"n={given.n}"]) for make in (counted, timed)]
    for table in found:
        draw(table)
    RESULTS.write_text(json.dumps({**old, **results}, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    if given.emulator and results["emulator"]["share"] < emulator.BOUND:
        raise SystemExit(
            f"The full account has {results['emulator']['share']} of the throughput, not {emulator.BOUND}."
        )


def draw(table: Table) -> None:
    """Show a table."""
    drawn = Drawn(title=table.title)
    for heading in table.head:
        drawn.add_column(heading, justify="left" if heading == "work" else "right", no_wrap=heading == "work")
    for row in table.rows:
        drawn.add_row(*row)
    console.print(drawn)


def compare(given: argparse.Namespace) -> dict[str, Any]:
    """Measure ours, the twin and the script."""
    n, k = given.n, max(1, given.n // 10)
    sets = {name: {work: Figure() for work in works(k)} for name in ("ours", "nothing", "script")}
    for run in range(given.runs):
        console.print(f"run {run + 1} of {given.runs}: ours, nothing, script")
        ours(n, k, sets["ours"], provider="boomi", rate=given.rate, latency=given.latency)
        ours(n, k, sets["nothing"], provider="nothing", rate=given.rate, latency=given.latency)
        by_script(n, sets["script"], rate=given.rate, latency=given.latency)
    rows: dict[str, Any] = {}
    for work in works(k):
        mine, script, nothing = (sets[name][work] for name in ("ours", "script", "nothing"))
        rows[work] = {"ours": mine.row(), "nothing": nothing.row(), "most_requests": bound(work, n, k)}
        if script.seconds:
            # Run by run, so that a slow minute of the machine is in both.
            times = [theirs / own for theirs, own in zip(script.seconds, mine.seconds, strict=True)]
            rows[work]["script"] = script.row()
            rows[work]["script_takes_times_ours"] = [round(each, 2) for each in (min(times), max(times))]
    return {"rows": rows, "latency_ms": given.latency, "rate": given.rate, "python": platform.python_version()}


def grow() -> dict[str, Any]:
    """Measure how requests, time and memory grow."""
    rows: dict[str, Any] = {}
    for n in SIZES:
        console.print(f"{n} packages and {n} deployments")
        figures, nothing = ({work: Figure() for work in works(1)} for _ in range(2))
        ours(n, 1, figures, provider="boomi", rate=0, latency=0, env=LINEAR)
        # Of all children so far, the largest: the CLI, its plugin or the program.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // (1024 if sys.platform != "darwin" else 1024**2)
        ours(n, 1, nothing, provider="nothing", rate=0, latency=0, env=LINEAR)
        rows[str(n)] = {work: {"ours": figures[work].row(), "nothing": nothing[work].row()} for work in works(1)}
        rows[str(n)]["peak_mib"] = peak
    return rows


def imports() -> dict[str, Any]:
    """Measure what an import takes in a process of its own, one after the other in turn."""
    seconds: dict[str, list[float]] = {"pulumi": [], "pulumi, boomi_pulumi": []}
    for _ in range(IMPORTS):
        for names, found in seconds.items():
            timed = f"import time; began = time.perf_counter(); import {names}; print(time.perf_counter() - began)"
            ran = subprocess.run([sys.executable, "-c", timed], check=True, capture_output=True, text=True)
            found.append(float(ran.stdout))
    beside = [round(1000 * (both - one)) for one, both in zip(*seconds.values(), strict=True)]
    return {
        "runs": IMPORTS,
        "pulumi_ms": round(1000 * statistics.median(seconds["pulumi"])),
        "boomi_pulumi_ms": round(statistics.median(beside)),
        "boomi_pulumi_ms_spread": [min(beside), max(beside)],
    }


if __name__ == "__main__":
    main()
