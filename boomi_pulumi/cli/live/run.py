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
from boomi_pulumi.cli.live.laws import LAWS, LawBroken, Trial
from boomi_pulumi.cli.live.memory_stack import MemoryStack
from boomi_pulumi.cli.live.probes import NOT_PROBED, PROBES, Inconclusive, Probe
from boomi_pulumi.cli.live.sandbox import Sandbox
from boomi_pulumi.cli.live.sandbox_client import PREFIX, SentWrites
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
        if name in NOT_PROBED:
            raise SettingsError(f"--only {name}: no probe tries it, since {NOT_PROBED[name]}.")
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


def plan(sandbox: Sandbox, only: Sequence[str]) -> list[str]:
    """Tell what a run will do, before anything is done."""
    laws, probes = chosen(only)
    lines = [
        f"Component:   {sandbox.component.name} ({sandbox.component.type}, {sandbox.component.component_id})",
        f"Environment: {sandbox.environment.name} ({sandbox.environment.classification}, {sandbox.environment.id})",
        f"Packages:    of that component only, of versions {PREFIX}{sandbox.run}-1 and so on; deleted at the end,",
        "             but Boomi never gives a version string free again",
        "Deployment:  of those packages only, in that environment only; undeployed at the end",
        "",
    ]
    if sandbox.environment.classification == "PROD":
        lines += ["Careful: that is a production environment. One without a runtime will do.", ""]
    if laws:
        lines.append(f"{len(LAWS)} laws: 2 packages, deployed and undeployed a few times")
    lines += [f"probe: {probe.asks}{f' (writes {probe.writes})' if probe.writes else ''}" for probe in probes]
    return lines


def run(
    sandbox: Sandbox,
    counter: Counter,
    only: Sequence[str],
    tell: Callable[[str], object],
    note: Callable[[str], object],
) -> Outcome:
    """Try the laws, make the probes, and clean up.

    Args:
        sandbox: Where.
        counter: Of the requests.
        only: See `chosen`.
        tell: Takes a line about what is being done, which the next one replaces.
        note: Takes a line that stays: what is left, or that nothing is.

    Raises:
        Conflict: Something runs there already; nothing was written.
        RequestError: Boomi could not be asked; what was made is removed.
        KeyboardInterrupt: The run was interrupted; what was made is removed.
    """
    occupant = sandbox.occupant()
    if occupant is not None:
        raise Conflict(
            f"{sandbox.component.name} {occupant.get('packageVersion')} is active in {sandbox.environment.name}, "
            f"deployed by {occupant.get('deployedBy')}. The kit would supersede it. Name an environment in which it "
            "is not active."
        )
    laws, probes = chosen(only)
    outcome = Outcome(untold={name: why for name, why in NOT_PROBED.items() if not only or name in only})
    with _Stop(sandbox.client.writes, tell) as stop:
        try:
            try:
                if laws:
                    _try_laws(sandbox, counter, outcome, tell)
                for probe in probes:
                    _probe(sandbox, probe, outcome, tell)
            finally:
                # An interruption at this very line still meets the cleaning below.
                stop.cleaning = True
        finally:
            tell("Cleaning up")
            outcome.left = sandbox.clean(sandbox.run)
            if outcome.left:
                note(f"Not cleaned up: {'; '.join(outcome.left)}")
            elif stop.interrupted:
                note("Nothing of this run is left.")
    return outcome


def _try_laws(sandbox: Sandbox, counter: Counter, outcome: Outcome, tell: Callable[[str], object]) -> None:
    trial = Trial(
        sandbox.component.component_id,
        sandbox.environment.id,
        (sandbox.version(), sandbox.version()),
        lambda name: MemoryStack(sandbox.client, f"{sandbox.run}-{name}"),
        _Console(sandbox, counter),
    )
    for place, law in enumerate(LAWS):
        tell(f"Law: {law.name}")
        try:
            law.holds(trial)
        except (LawBroken, BoomiError, KeyError, ValueError) as error:
            outcome.laws[law.name] = str(error) or type(error).__name__
            outcome.untried = [each.name for each in LAWS[place + 1 :]]
            break
        outcome.laws[law.name] = ""
    left = sandbox.clean(sandbox.run)
    if left:
        raise Conflict(f"Packages of the laws cannot be removed: {'; '.join(left)}.")


def _probe(sandbox: Sandbox, probe: Probe, outcome: Outcome, tell: Callable[[str], object]) -> None:
    tell(f"Probe: {probe.asks}")
    why = "the account does not show it"
    found: dict[str, Any] = {}
    try:
        found.update(probe.find(sandbox))
    except (Inconclusive, BoomiError) as error:
        why = str(error)
    for name in probe.switches:
        if name in found:
            outcome.positions[name] = found[name]
        else:
            outcome.untold[name] = why


class _Console:
    """A person beside the engine, by the kit's own requests."""

    def __init__(self, sandbox: Sandbox, counter: Counter) -> None:
        self._bench = sandbox
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

    def __init__(self, writes: SentWrites, tell: Callable[[str], object]) -> None:
        self.cleaning = self.interrupted = False
        self._writes = writes
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
        if not self._writes.pending:
            raise KeyboardInterrupt
        self._writes.interrupted = True


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
