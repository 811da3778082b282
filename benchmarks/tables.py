"""The tables of docs/performance.md, made of benchmarks/results.json.

python -m benchmarks.tables
"""

from __future__ import annotations

import json
import re
import statistics
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


TARGETS = (
    # What is measured, its name on the page, before, and the target: as issue and page say them.
    ("Python preview, ratio, s", "unchanged preview, 300 + 300: seconds ÷ the floor's", "1.5 to 2.1", "1.2"),
    ("Python preview, ratio, program CPU, s", "CPU of the program ÷ the floor's", "2.1", "1.15"),
    ("Python preview, ratio, provider CPU, s", "CPU of the dynamic plugin ÷ the floor's", "2.1", "1.4"),
    ("Python preview, ours, s", "seconds of it", "12 to 15", ""),
    ("Python preview, floor, s", "seconds of the floor", "6 to 8", ""),
    ("Python preview, ours, program CPU, s", "CPU of the program, s", "8.4 to 8.9", ""),
    ("Python preview, ours, provider CPU, s", "CPU of the dynamic plugin, s", "1.8 to 2.2", ""),
    ("Python preview, ours, program MiB", "memory of the program, MiB", "", ""),
    ("Python preview, requests", "requests of it", "", ""),
    ("YAML preview, ratio, s", "the same in YAML: seconds ÷ the floor's", "", ""),
    ("YAML preview, ratio, provider CPU, s", "CPU of the plugin ÷ the floor's", "", ""),
    ("YAML preview, ours, s", "seconds of it, YAML", "", ""),
    ("YAML preview, ours, provider CPU, s", "CPU of the plugin, s", "", ""),
    ("YAML preview, ours, provider MiB", "memory of the plugin, MiB", "", ""),
    ("YAML preview, requests", "requests of it, YAML", "", ""),
    ("memory, ours, MiB", "memory of the program, 1,500 + 1,500, MiB", "479", ""),
    ("memory, beyond the floor, MiB", "beyond the floor's, MiB", "", "half"),
    (
        "first preview, plugin, 100, requests",
        "first preview, plugin, 100 + 100, large account: requests",
        "106",
        "11",
    ),
    ("first preview, plugin, 500, requests", "the same, 500 + 500", "", "23"),
    ("first preview, plugin, 1500, requests", "the same, 1,500 + 1,500", "1,585", "53"),
    ("up beside others, Python, requests", "`up` of 1 + 1 beside 1,500 others, Python: requests", "7", "6"),
    ("up beside others, YAML, requests", "the same, plugin", "21", "6"),
    ("refresh beside others, Python, requests", "refresh of 2 + 2 there, Python: requests", "17", "4"),
    ("refresh beside others, YAML, requests", "the same, plugin", "17", "4"),
    ("import CPU, ms", "CPU of the import after Pulumi's SDK, ms", "180", "80"),
    ("seed, s", "the emulator's seed of 50,000 deployments, from a file, s", "over 300", "10"),
    ("report, requests", "`report` of 7,500 deployments: requests", "122 to 124", "as before"),
    ("report, s", "the same, s", "", "8"),
    ("import, requests", "`import` of them: requests", "122 to 124", "as before"),
    ("import, s", "the same, s", "", "8"),
)


def aimed(results: dict[str, Any]) -> Table:
    """Return what was aimed at: before, now and the target, which is the most unless it is in words.

    A row of several runs has the middle, the lowest and the highest; what could not be measured has the reason.
    """

    def cell(found: Any) -> str:
        if not isinstance(found, list):
            return "not measured"
        middle = f"{statistics.median(found):g}"
        return middle if len(found) == 1 else f"{middle} ({min(found):g} to {max(found):g})"

    rows = tuple(
        (name, before, cell(results["rows"].get(key)), target and (f"≤ {target}" if target[0].isdigit() else target))
        for key, name, before, target in TARGETS
    )
    title = f"Beside a provider that does nothing, the middle of {results['runs']} runs"
    return Table(title, ("work", "before", "now", "target"), rows)


def beside(results: dict[str, Any]) -> Table:
    """Return what each door costs: the first run, and one that changes nothing."""

    def cells(runs: list[dict[str, float]]) -> tuple[str, ...]:
        return tuple(
            f"{statistics.median(run[what] for run in runs):,g}" for what in ("seconds", "requests", "cpu", "mib")
        )

    rows = tuple((door, *cells(of["first"]), *cells(of["unchanged"])) for door, of in results["rows"].items())
    units = ("s", "requests", "CPU s", "MiB")
    head = ("work", *(f"first: {unit}" for unit in units), *(f"again: {unit}" for unit in units))
    return Table(f"Doors, {results['n']} packages and {results['n']} deployments", head, rows)


def tables() -> list[Table]:
    """Return the tables of the page, of what was measured last."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    shown = results[f"n={SHOWN}"]
    return [
        counted(SHOWN, shown),
        timed(SHOWN, shown),
        grown(results["growth"]),
        imported(results["imports"]),
        aimed(results["floor"]),
        beside(results["peers"]),
    ]


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
