"""One run of the kit: laws and probes, then the cleaning; whatever happens, and also when it is interrupted."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from boomi_pulumi._api.errors import BoomiError, Conflict, SettingsError
from boomi_pulumi._api.models import DEPLOYED_PACKAGE, PACKAGED_COMPONENT
from boomi_pulumi.cli.account import Counter
from boomi_pulumi.cli.live.bench import Bench
from boomi_pulumi.cli.live.engine import Engine
from boomi_pulumi.cli.live.inside import PREFIX, Flight
from boomi_pulumi.cli.live.laws import LAWS, Broken, Trial
from boomi_pulumi.cli.live.probes import NEVER, PROBES, Probe, Untold
from boomi_pulumi.emulator.switches import SWITCHES

__all__ = ["MARK", "Outcome", "chosen", "judge", "plan", "run", "settings_file"]

MARK = "# python -m boomi_pulumi.emulator --settings FILE behaves as that account does."
"""A line of every settings file; a file without it is not overwritten."""


@dataclass
class Outcome:
    """What a run found.

    Attributes:
        laws: Law -> what was seen instead, empty where it holds.
        untried: Laws that were not tried, since an earlier one is broken.
        positions: Switch -> its position in this account.
        untold: Switch -> why it could not be told.
        left: What the cleaning could not remove, and why; empty where all is gone.
    """

    laws: dict[str, str] = field(default_factory=dict)
    untried: list[str] = field(default_factory=list)
    positions: dict[str, Any] = field(default_factory=dict)
    untold: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def contradicted(self) -> dict[str, Any]:
        """Switch -> the account's position, where it is not the emulator's default."""
        return {name: value for name, value in self.positions.items() if value != SWITCHES[name].default}

    @property
    def status(self) -> int:
        """The exit status; see the command's help."""
        if self.left:
            return 2
        return int(any(self.laws.values()) or bool(self.contradicted))


def judge(only: Sequence[str]) -> None:
    """Refuse a setting that no probe finds.

    Raises:
        SettingsError: There is none of that name, or no probe tries it.
    """
    told = {name for probe in PROBES for name in probe.switches}
    for name in only:
        if name in NEVER:
            raise SettingsError(f"--only {name}: no probe tries it, since {NEVER[name]}.")
        if name != "laws" and name not in told:
            raise SettingsError(
                f"--only {name}: there is no such setting; there are {', '.join(sorted(told))}, and laws."
            )


def chosen(only: Sequence[str]) -> tuple[bool, list[Probe]]:
    """Return whether the laws are tried, and which probes are made.

    Args:
        only: Names of switches, or `laws`; all if empty.
    """
    if not only:
        return True, list(PROBES)
    return "laws" in only, [probe for probe in PROBES if set(only) & set(probe.switches)]


def plan(bench: Bench, only: Sequence[str]) -> list[str]:
    """Tell what a run will do, before anything is done."""
    laws, probes = chosen(only)
    lines = [
        f"Component:   {bench.component.name} ({bench.component.type}, {bench.component.component_id})",
        f"Environment: {bench.environment.name} ({bench.environment.classification}, {bench.environment.id})",
        f"Packages:    of that component only, of versions {PREFIX}{bench.run}-1 and so on; deleted at the end,",
        "             but Boomi never gives a version string free again",
        "Deployment:  of those packages only, in that environment only; undeployed at the end",
        "",
    ]
    if bench.environment.classification == "PROD":
        lines += ["Careful: that is a production environment. One without a runtime will do.", ""]
    if laws:
        lines.append(f"{len(LAWS)} laws: 2 packages, deployed and undeployed a few times")
    lines += [f"probe: {probe.asks}{f' (writes {probe.writes})' if probe.writes else ''}" for probe in probes]
    return lines


def run(
    bench: Bench,
    counter: Counter,
    only: Sequence[str],
    tell: Callable[[str], object],
    note: Callable[[str], object],
) -> Outcome:
    """Try the laws, make the probes, and clean up.

    Args:
        bench: Where.
        counter: Of the requests.
        only: See `chosen`.
        tell: Takes a line about what is being done, which the next one replaces.
        note: Takes a line that stays: what is left, or that nothing is.

    Raises:
        Conflict: Something runs there already; nothing was written.
        RequestError: Boomi could not be asked; what was made is removed.
        KeyboardInterrupt: The run was interrupted; what was made is removed.
    """
    occupant = bench.occupant()
    if occupant is not None:
        raise Conflict(
            f"{bench.component.name} {occupant.get('packageVersion')} is active in {bench.environment.name}, "
            f"deployed by {occupant.get('deployedBy')}. The kit would supersede it. Name an environment in which it "
            "is not active."
        )
    laws, probes = chosen(only)
    outcome = Outcome(untold={name: why for name, why in NEVER.items() if not only or name in only})
    with _Stop(bench.client.flight, tell) as stop:
        try:
            try:
                if laws:
                    _try_laws(bench, counter, outcome, tell)
                for probe in probes:
                    _probe(bench, probe, outcome, tell)
            finally:
                # An interruption at this very line still meets the cleaning below.
                stop.cleaning = True
        finally:
            tell("Cleaning up")
            outcome.left = bench.clean(bench.run)
            if outcome.left:
                note(f"Not cleaned up: {'; '.join(outcome.left)}")
            elif stop.interrupted:
                note("Nothing of this run is left.")
    return outcome


def _try_laws(bench: Bench, counter: Counter, outcome: Outcome, tell: Callable[[str], object]) -> None:
    trial = Trial(
        bench.component.component_id,
        bench.environment.id,
        (bench.version(), bench.version()),
        lambda name: Engine(bench.client, f"{bench.run}-{name}"),
        _Console(bench, counter),
    )
    for place, law in enumerate(LAWS):
        tell(f"Law: {law.name}")
        try:
            law.holds(trial)
        except (Broken, BoomiError, KeyError, ValueError) as error:
            outcome.laws[law.name] = str(error) or type(error).__name__
            outcome.untried = [each.name for each in LAWS[place + 1 :]]
            break
        outcome.laws[law.name] = ""
    left = bench.clean(bench.run)
    if left:
        raise Conflict(f"Packages of the laws cannot be removed: {'; '.join(left)}.")


def _probe(bench: Bench, probe: Probe, outcome: Outcome, tell: Callable[[str], object]) -> None:
    tell(f"Probe: {probe.asks}")
    why = "the account does not show it"
    found: dict[str, Any] = {}
    try:
        found.update(probe.find(bench))
    except (Untold, BoomiError) as error:
        why = str(error)
    for name in probe.switches:
        if name in found:
            outcome.positions[name] = found[name]
        else:
            outcome.untold[name] = why


class _Console:
    """A person beside the engine, by the kit's own requests."""

    def __init__(self, bench: Bench, counter: Counter) -> None:
        self._bench = bench
        self._counter = counter

    def deploy(self, package_id: str) -> None:
        self._bench.deploy(package_id)

    def undeploy(self) -> None:
        for row in self._active():
            self._bench.undeploy(row["deploymentId"])

    def delete_package(self, package_id: str) -> None:
        self._bench.ask("DELETE", PACKAGED_COMPONENT, f"/{package_id}")

    def active(self) -> list[str]:
        return [str(row["packageId"]) for row in self._active()]

    def packages(self) -> set[str]:
        return self._bench.live_packages()

    def writes(self) -> int:
        return self._counter.writes

    def _active(self) -> list[dict[str, Any]]:
        return [row for row in self._bench.deployments() if row.get(DEPLOYED_PACKAGE.id)]


class _Stop:
    """Lets a person, or a pipeline that ends, interrupt a run once, and its cleaning never.

    A write that was sent is waited for: what it made could not be found before it is made.
    """

    SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

    def __init__(self, flight: Flight, tell: Callable[[str], object]) -> None:
        self.cleaning = self.interrupted = False
        self._flight = flight
        self._tell = tell
        self._kept: dict[int, Any] = {}

    def __enter__(self) -> _Stop:  # noqa: PYI034 - Self is not in Python 3.10
        if threading.current_thread() is threading.main_thread():
            self._kept = {number: signal.signal(number, self._stop) for number in self.SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._kept.items():
            signal.signal(number, handler)

    def _stop(self, _number: int, _frame: object) -> None:
        if self.cleaning:
            self._tell("Still cleaning up; this takes a few requests")
            return
        self.cleaning = self.interrupted = True
        if not self._flight.writing:
            raise KeyboardInterrupt
        self._flight.interrupted = True


def settings_file(outcome: Outcome, about: str) -> str:
    """Write the positions as a file that the emulator takes: YAML, each value as JSON."""
    lines = [f"# {about}", MARK]
    for name, value in outcome.positions.items():
        lines.append(f"{name}: {json.dumps(value)}" + _remark(name, outcome))
    lines += [f"# {name}: not tried: {' '.join(why.split())}" for name, why in outcome.untold.items()]
    return "\n".join(lines) + "\n"


def _remark(name: str, outcome: Outcome) -> str:
    if name not in outcome.contradicted:
        return ""
    switch = SWITCHES[name]
    return f"  # contradicts the default {json.dumps(switch.default)}, which is {switch.sure}"
