"""The tables of docs/performance.md, made of benchmarks/results.json.

python -m benchmarks.tables
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.json"
SHOWN = 100
"""Packages, and as many deployments, of the table that is shown."""


@dataclass(frozen=True)
class Table:
    """A title, a heading for each column, and rows of texts."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """Return it as it stands in a page, without the title."""
        lines = [self.head, ("---", *["---:"] * (len(self.head) - 1)), *self.rows]
        return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def counted(n: int, results: dict[str, Any]) -> Table:
    """Return the requests of one size, beside those of the script.

    Args:
        n: Packages, and as many deployments.
        results: What was measured.
    """
    rows = tuple(
        (
            _shown(work),
            f"{row['ours']['requests']:g}",
            f"{row['most_requests']:g}",
            str(row["ours"]["refused_for_the_rate"]),
            f"{row['script']['requests']:g}" if "script" in row else "",
        )
        for work, row in _works(results["rows"])
    )
    return Table(f"Requests of {n} packages and {n} deployments", ("work", "ours", "at most", "503", "script"), rows)


def timed(n: int, results: dict[str, Any]) -> Table:
    """Return the seconds of one size, beside those of the script and of the engine alone; arguments as in `counted`.

    The column "vs. limit" is filled where the limit counts: the time beyond the engine's own, divided by the shortest
    time that so many requests take at the limit.
    """
    rate = results["rate"]

    def cells(work: str, row: dict[str, Any]) -> tuple[str, ...]:
        mine, nothing, script = row["ours"], row["nothing"], row.get("script")
        limited = (mine["seconds"] - nothing["seconds"]) * rate / max(mine["requests"], 1)
        return (
            _shown(work),
            _spread(mine),
            f"{nothing['seconds']:.1f}",
            f"{limited:.2f}" if mine["requests"] > n else "",
            _spread(script) if script else "",
            "{:.1f} to {:.1f}".format(*row["script_takes_times_ours"]) if script else "",
        )

    title = f"Seconds of {n} packages and {n} deployments, {results['latency_ms']} ms, {rate:g} requests a second"
    head = ("work", "ours", "engine alone", "vs. limit", "script", "script / ours")
    return Table(title, head, tuple(cells(work, row) for work, row in _works(results["rows"])))


def grown(results: dict[str, Any]) -> Table:
    """Return how requests, seconds and memory grow."""
    rows = tuple(
        (
            f"{int(n):,}",
            _shown(work),
            f"{mine['requests']:g}",
            f"{mine['requests'] / (2 * int(n)):.2f}",
            f"{mine['seconds']:.1f}",
            f"{row['nothing']['seconds']:.1f}",
            f"{1000 * (mine['seconds'] - row['nothing']['seconds']) / (2 * int(n)):.0f}",
            str(of["peak_mib"]),
        )
        for n, of in sorted(results.items(), key=lambda each: int(each[0]))
        for work, row in _works({name: each for name, each in of.items() if name != "peak_mib"})
        for mine in [row["ours"]]
    )
    head = ("n", "work", "requests", "per resource", "seconds", "engine alone", "own ms per resource", "peak MiB")
    return Table("Growth, without latency and limit", head, rows)


def imported(results: dict[str, Any]) -> Table:
    """Return what an import takes."""
    spread = "{} to {}".format(*results["boomi_pulumi_ms_spread"])
    head = ("import", "milliseconds", "spread")
    rows = (
        ("pulumi", str(results["pulumi_ms"]), ""),
        ("boomi_pulumi after it", str(results["boomi_pulumi_ms"]), spread),
    )
    return Table(f"Imports, the middle of {results['runs']}", head, rows)


def filled(results: dict[str, Any]) -> Table:
    """Return what the emulator answers when it is nearly empty, and when it is full."""
    rows = tuple(
        (f"{size:,}", f"{rate:,}")
        for size, rate in zip(results["packages"], results["requests_per_second"], strict=True)
    )
    share = "the full one's share: {:.2f} ({:.2f} to {:.2f})".format(results["share"], *results["share_spread"])
    return Table(f"The emulator, the middle of {results['rounds']} rounds; {share}", ("packages", "requests/s"), rows)


def tables() -> list[Table]:
    """Return the tables of the page, of what was measured last."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    shown = results[f"n={SHOWN}"]
    return [counted(SHOWN, shown), timed(SHOWN, shown), grown(results["growth"]), imported(results["imports"])]


def _spread(row: dict[str, Any]) -> str:
    return f"{row['seconds']:.1f} ({row['seconds_min']:.1f} to {row['seconds_max']:.1f})"


def _shown(work: str) -> str:
    """Return a work as the page names it."""
    moved = re.fullmatch(r"up, (\d+) new packages moved to", work)
    if moved is None:
        return work
    if moved[1] == "1":
        return "up, 1 deployment moved to a new package"
    return f"up, {moved[1]} deployments moved to new packages"


def _works(rows: dict[str, Any]) -> list[tuple[str, Any]]:
    begins = ("first up", "preview", "up, nothing", "refresh", "up,", "destroy")
    places = {work: next(place for place, begin in enumerate(begins) if work.startswith(begin)) for work in rows}
    return sorted(rows.items(), key=lambda each: places[each[0]])


if __name__ == "__main__":
    for table in tables():
        print(f"{table.title}\n\n{table.markdown()}")
