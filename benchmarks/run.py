"""Count requests and time of ours, of a script and of a provider that does nothing, against the emulator.

    make bench                              # 25 packages and deployments, 5 runs: 9 minutes
    make bench ARGS="--n 100"               # the table of docs/performance.md: 30 minutes
    make bench ARGS="--grow"                # 10 to 1,000, without latency and limit
    make bench ARGS="--imports"             # what the import of the package takes
    make bench ARGS="--emulator"            # the emulator itself, nearly empty and full
    make bench ARGS="--floor"               # targets, beside a provider with as many properties: 12 minutes
    make bench ARGS="--peers"               # the doors beside each other and a script: 10 minutes; needs Go

Only loopback is used. Results go to benchmarks/results.json, and the tables of docs/performance.md are what
`benchmarks.tables` makes of them: python -m benchmarks.tables prints them.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import shutil
import statistics
import subprocess
import sys
from typing import Any

from rich.console import Console
from rich.table import Table as Drawn

from benchmarks import emulator, floor, peers
from benchmarks.stacks import LINEAR, Figure, bench
from benchmarks.tables import RESULTS, Table, aimed, beside, counted, filled, grown, imported, timed
from benchmarks.usage import environment

SIZES = (10, 100, 500, 1000)
IMPORTS = 20
console = Console(width=None if sys.stdout.isatty() else 150)


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
    parser.add_argument("--runs", type=int, help="5, of --floor and --peers 3")
    parser.add_argument("--rate", type=float, default=10.0, help="the account's limit, requests a second")
    parser.add_argument("--latency", type=int, default=250, help="milliseconds of each answer")
    parser.add_argument("--grow", action="store_true", help="10, 100, 500 and 1,000, without latency and limit")
    parser.add_argument("--imports", action="store_true", help="the import of the package beside that of Pulumi's SDK")
    parser.add_argument("--emulator", action="store_true", help="the emulator's throughput, nearly empty and full")
    parser.add_argument("--floor", action="store_true", help="what is aimed at, beside a provider that does nothing")
    parser.add_argument("--peers", action="store_true", help="each door, and a script")
    given = parser.parse_args()
    given.runs = given.runs or (3 if given.floor or given.peers else 5)
    if shutil.which("pulumi") is None:
        raise SystemExit('There is no pulumi on PATH; run `make bench`, or eval "$(make -s env)" first.')
    if given.grow:
        results: dict[str, Any] = {"growth": grow()}
        found = [grown(results["growth"])]
    elif given.imports:
        results = {"imports": imports()}
        found = [imported(results["imports"])]
    elif given.emulator:
        results = {"emulator": emulator.measure(console.print)}
        found = [filled(results["emulator"])]
    elif given.floor:
        results = {"floor": floor.measure(given.runs, console.print)}
        found = [aimed(results["floor"])]
    elif given.peers:
        results = {"peers": peers.measure(given.runs, given.rate, given.latency, console.print)}
        found = [beside(results["peers"])]
    else:
        results = {f"n={given.n}": compare(given)}
        found = [make(given.n, results[f"n={given.n}"]) for make in (counted, timed)]
    for table in found:
        draw(table)
    old = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
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
            ran = subprocess.run(
                [sys.executable, "-c", timed], env=environment(), check=True, capture_output=True, text=True
            )
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
