"""What our own part costs beside a provider that does nothing and has as many properties, and the bounds of it.

Ours and the other take turns, so that a slow minute of the machine is in both. There is no latency and no limit.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.peers import pythonpath, sdk
from benchmarks.stacks import LINEAR, Figure, seed, stack
from benchmarks.usage import Usage, environment, watched
from boomi_pulumi.emulator import Emulator

N, LARGE = 300, 1_500
"""Packages, and as many deployments: where the ratios are taken, and where memory is."""
PACKAGES, COMPONENTS = 50_000, 20_000
"""Of the account of a first preview."""
FIRST = (100, 500, 1_500)
"""Packages of a first preview, and as many deployments."""
DEPLOYMENTS, REPORTED = 50_000, 7_500
ENVIRONMENTS = 5
LONGEST = 240.0
"""Seconds of one command; what takes longer is told as that."""
TOTAL = 600.0
"""Seconds after which no further work begins."""
UP = ("up", "--yes", "--skip-preview")
DOORS = (("Python", "boomi", "nothing"), ("YAML", "yaml", "nothing-yaml"))
"""Door -> our provider, and the one that does nothing."""

Runs = dict[str, list[float]]
Tell = Callable[[str], None]


def measure(runs: int, tell: Tell) -> dict[str, Any]:
    """Measure everything; each row is the values of its runs, and a row that could not be measured is the reason."""
    began = time.monotonic()
    found: dict[str, Any] = {}

    def note(what: str, work: Callable[[], Mapping[str, Any]]) -> None:
        tell(f"{time.monotonic() - began:4.0f} s: {what}")
        if time.monotonic() - began > TOTAL:
            found[what] = f"left out after {TOTAL:.0f} s"
            tell(f"       {found[what]}")
            return
        try:
            found.update(work())
        except (SystemExit, subprocess.SubprocessError) as error:
            found[what] = str(error).strip().rpartition("\n")[2]
            tell(f"       {found[what]}")

    note("unchanged preview", lambda: previews(runs, tell))
    note("memory", memory)
    note("beside others", beside)
    note("import", lambda: {"import CPU, ms": [imported() for _ in range(10)]})
    note("seed", lambda: {"seed, s": [seeded()]})
    note("report and import", reported)
    for n in FIRST:
        note(f"first preview of {n} and {n} in a large account", partial(first, n))
    tell(f"{time.monotonic() - began:4.0f} s: done")
    return {"rows": found, "runs": runs, "python": sys.version.partition(" ")[0]}


def previews(runs: int, tell: Tell) -> Runs:
    """Measure unchanged previews of N and N through each door, in turn with the provider that does nothing."""
    rows: Runs = defaultdict(list)
    for door, mine, nothing in DOORS:
        with (
            Emulator(seed(N), rate_limit=0) as boomi,
            stack(boomi, mine, env=LINEAR, longest=LONGEST) as ours,
        ):
            ours.wants({f"c{i}": "1.0" for i in range(N)})
            ours.pulumi(*UP)
            with stack(boomi, nothing, env=LINEAR, shape=ours.shape(), longest=LONGEST) as floor:
                floor.wants({f"c{i}": "1.0" for i in range(N)})
                floor.pulumi(*UP)
                for run in range(runs):
                    figure = Figure()
                    pair = [ours.measure(figure, "preview"), floor.measure(Figure(), "preview")]
                    for whose, usage in zip(("ours", "floor"), pair, strict=True):
                        for what, value in _values(usage).items():
                            rows[f"{door} preview, {whose}, {what}"].append(value)
                    rows[f"{door} preview, requests"].append(figure.requests[0])
                    for what in _values(pair[0]):
                        values = [_values(usage)[what] for usage in pair]
                        rows[f"{door} preview, ratio, {what}"].append(round(values[0] / max(values[1], 0.01), 2))
                    tell(f"       {door} {run + 1} of {runs}: {pair[0].seconds:.1f} s beside {pair[1].seconds:.1f} s")
    return dict(rows)


def _values(usage: Usage) -> dict[str, float]:
    return {
        "s": round(usage.seconds, 2),
        "program CPU, s": round(usage.cpu["program"], 2),
        "provider CPU, s": round(usage.cpu["provider"], 2),
        "program MiB": round(usage.peak["program"]),
        "provider MiB": round(usage.peak["provider"]),
    }


def memory() -> Runs:
    """Measure the Python program's memory where LARGE and LARGE are made."""
    found: Runs = {}
    shape = None
    for whose, provider in (("ours", "boomi"), ("floor", "nothing")):
        with (
            Emulator(seed(LARGE), rate_limit=0) as boomi,
            stack(boomi, provider, env=LINEAR, shape=shape, longest=LONGEST) as one,
        ):
            one.wants({f"c{i}": "1.0" for i in range(LARGE)})
            found[f"memory, {whose}, MiB"] = [round(one.pulumi(*UP).peak["program"])]
            shape = one.shape()
    found["memory, beyond the floor, MiB"] = [found["memory, ours, MiB"][0] - found["memory, floor, MiB"][0]]
    return found


def beside() -> Runs:
    """Count the requests of an `up` of one and of a refresh of two, where LARGE others are deployed."""
    found: Runs = {}
    others = [{"component": f"Bench/o{i}"} for i in range(LARGE)]
    document = seed(3)
    document["components"] += [{"name": f"o{i}", "id": f"o{i}"} for i in range(LARGE)]
    document["packages"] += [{**each, "version": "1.0"} for each in others]
    document["deployments"] += [{**each, "package": "1.0", "environment": "Bench"} for each in others]
    with Emulator(document, rate_limit=0) as boomi:
        for at, (door, provider, _) in enumerate(DOORS):
            with stack(boomi, provider, longest=LONGEST) as one:
                up, refresh = Figure(), Figure()
                one.wants({"c0": f"{at}.0"})
                one.measure(up, *UP)
                one.wants({"c0": f"{at}.0", "c1": f"{at}.0"})
                one.pulumi(*UP)
                one.measure(refresh, "refresh", "--yes", "--skip-preview")
                found[f"up beside others, {door}, requests"] = list(up.requests)
                found[f"refresh beside others, {door}, requests"] = list(refresh.requests)
                one.pulumi("destroy", "--yes", "--skip-preview")
    return found


def first(n: int) -> Runs:
    """Count the requests of a first preview through the plugin in an account of many packages and components."""
    document = seed(COMPONENTS)
    document["packages"] += [
        {"component": f"Bench/c{i % COMPONENTS}", "version": f"0.{i // COMPONENTS}"} for i in range(PACKAGES)
    ]
    figure = Figure()
    with (
        sdk() as made,
        Emulator(document, rate_limit=0) as boomi,
        stack(boomi, "sdk", env={**LINEAR, "PYTHONPATH": pythonpath(made)}, longest=LONGEST) as one,
    ):
        one.wants({f"c{i}": "9.0" for i in range(n)})
        one.measure(figure, "preview")
    return {
        f"first preview, plugin, {n}, requests": list(figure.requests),
        f"first preview, plugin, {n}, s": [round(figure.seconds[0], 1)],
    }


def imported() -> float:
    """Measure the CPU of the package's import in a process that has Pulumi's SDK."""
    code = (
        "import time, pulumi, pulumi.dynamic; began = time.process_time(); import boomi_pulumi; "
        "print(time.process_time() - began)"
    )
    ran = subprocess.run([sys.executable, "-c", code], env=environment(), check=True, capture_output=True, text=True)
    return round(1000 * float(ran.stdout))


def running(deployments: int) -> dict[str, Any]:
    """Return a seed where so many deployments run, each component in every environment."""
    components = deployments // ENVIRONMENTS
    document = seed(components)
    document["environments"] += [{"name": f"E{i}", "id": f"e{i}"} for i in range(1, ENVIRONMENTS)]
    document["packages"] += [{"component": f"Bench/c{i}", "version": "1.0"} for i in range(components)]
    document["deployments"] += [
        {"component": f"Bench/c{i}", "package": "1.0", "environment": environment["name"]}
        for environment in document["environments"]
        for i in range(components)
    ]
    return document


def seeded() -> float:
    """Measure the seed of the emulator from a file, legacy deployments included, in a process of its own."""
    document = running(DEPLOYMENTS)
    document["legacyDeployments"] = [
        {"component": f"Bench/c{i}", "environment": "Bench"} for i in range(DEPLOYMENTS // ENVIRONMENTS)
    ]
    code = (
        "import sys, time; from boomi_pulumi.emulator import Emulator; began = time.monotonic(); "
        "boomi = Emulator(sys.argv[1]); print(time.monotonic() - began, flush=True); boomi.stop()"
    )
    with tempfile.TemporaryDirectory(prefix="boomi-bench-") as folder:
        file = Path(folder) / "seed.yaml"
        file.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
        command = [sys.executable, "-c", code, str(file)]
        ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=LONGEST)
    return round(float(ran.stdout), 1)


def reported() -> Runs:
    """Measure `report` and `import` of an account where REPORTED deployments run."""
    found: Runs = {}
    with account(running(REPORTED)) as (boomi, folder):
        for name, words in (("report", ["--html", "page.html"]), ("import", ["--out", "shop"])):
            boomi.clear_journal()
            command = [sys.executable, "-m", "boomi_pulumi.cli", name, *words]
            usage = watched(command, folder, {**environment(), **boomi.env, "BOOMI_RATE_LIMIT": "0"}, timeout=LONGEST)
            found[f"{name}, requests"] = [len(boomi.journal())]
            found[f"{name}, s"] = [round(usage.seconds, 1)]
    return found


@contextmanager
def account(document: dict[str, Any]) -> Iterator[tuple[Emulator, Path]]:
    """Serve an account, and make a folder."""
    with Emulator(document, rate_limit=0) as boomi, tempfile.TemporaryDirectory(prefix="boomi-bench-") as folder:
        yield boomi, Path(folder)
