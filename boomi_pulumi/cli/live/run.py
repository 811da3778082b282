"""One run of `boomi-pulumi live`: laws and probes, then the cleaning, also where the run fails or is interrupted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from typing import Any

from boomi_pulumi._api.errors import BoomiError, Conflict, SettingsError
from boomi_pulumi.cli.live.laws import LAWS, LawBroken, Trial
from boomi_pulumi.cli.live.memory_stack import MemoryStack
from boomi_pulumi.cli.live.probes import NOT_PROBED, PROBES, Inconclusive, Probe
from boomi_pulumi.cli.live.result import RunResult
from boomi_pulumi.cli.live.sandbox import Sandbox
from boomi_pulumi.cli.live.sandbox_client import PREFIX, SentWrites

__all__ = ["announce", "check_only", "run"]


def check_only(only: Sequence[str]) -> None:
    """Refuse a setting that no probe finds.

    Raises:
        SettingsError: There is no setting of that name, or no probe tries it.
    """
    probed = {name for probe in PROBES for name in probe.switches}
    for name in only:
        if name in NOT_PROBED:
            raise SettingsError(f"--only {name}: no probe tries it, since {NOT_PROBED[name]}.")
        if name != "laws" and name not in probed:
            raise SettingsError(
                f"--only {name}: there is no such setting; there are {', '.join(sorted(probed))}, and laws."
            )


def _choose(only: Sequence[str]) -> tuple[bool, list[Probe]]:
    """Return whether the laws are tried, and which probes are made; all of them where `only` is empty."""
    if not only:
        return True, list(PROBES)
    return "laws" in only, [probe for probe in PROBES if set(only) & set(probe.switches)]


def announce(sandbox: Sandbox, only: Sequence[str]) -> list[str]:
    """Return the lines that say what a run will do; `only` as for `run`."""
    laws, probes = _choose(only)
    component, environment = sandbox.component, sandbox.environment
    lines = [
        f"Component:   {component.name} ({component.type}, {component.component_id})",
        f"Environment: {environment.name} ({environment.classification}, {environment.id})",
        f"Packages:    of that component only, of versions {PREFIX}{sandbox.run}-1 and so on; deleted at the end,",
        "             but Boomi never gives a version string free again",
        "Deployment:  of those packages only, in that environment only; undeployed at the end",
        "",
    ]
    if environment.classification == "PROD":
        lines += ["Careful: that is a production environment. One without a runtime will do.", ""]
    if laws:
        lines.append(f"{len(LAWS)} laws: 2 packages, deployed and undeployed a few times")
    return lines + [f"probe: {probe.about}{f' (writes {probe.writes})' if probe.writes else ''}" for probe in probes]


def run(
    sandbox: Sandbox, only: Sequence[str], tell: Callable[[str], object], note: Callable[[str], object]
) -> RunResult:
    """Try the laws, make the probes, and clean up.

    Args:
        sandbox: The component and the environment.
        only: Names of switches, or `laws`; everything if empty.
        tell: Takes a line about what is being done, which the next line replaces.
        note: Takes a line that stays: what is left, or that nothing is.

    Raises:
        Conflict: Something runs there already, and nothing was written; or packages of the laws cannot be removed.
        RequestError: Boomi could not be asked; what was made is removed.
        KeyboardInterrupt: The run was interrupted; what was made is removed.
    """
    component, environment, active = sandbox.component.name, sandbox.environment.name, sandbox.active()
    if active:
        raise Conflict(
            f"{component} {active[0].package_version} is active in {environment}, deployed by {active[0].deployed_by}. "
            "`boomi-pulumi live` would supersede it. Name an environment in which the component is not active."
        )
    laws, probes = _choose(only)
    result = RunResult(untold={name: why for name, why in NOT_PROBED.items() if not only or name in only})
    with _OneInterrupt(sandbox.client.writes, tell) as interrupt:
        try:
            try:
                if laws:
                    _try_laws(sandbox, result, tell)
                for probe in probes:
                    tell(f"Probe: {probe.about}")
                    _make(probe, sandbox, result)
            finally:
                # An interruption at this very line still meets the cleaning below.
                interrupt.cleaning = True
        finally:
            tell("Cleaning up")
            result.left = sandbox.clean(sandbox.run)
            if result.left:
                note(f"Not cleaned up: {'; '.join(result.left)}")
            elif interrupt.happened:
                note("Nothing of this run is left.")
    return result


def _try_laws(sandbox: Sandbox, result: RunResult, tell: Callable[[str], object]) -> None:
    trial = Trial(
        sandbox.component.component_id,
        sandbox.environment.id,
        (sandbox.version(), sandbox.version()),
        lambda name: MemoryStack(sandbox.client, f"{sandbox.run}-{name}"),
        sandbox,
    )
    result.untried = list(LAWS)
    for name, holds in LAWS.items():
        tell(f"Law: {name}")
        result.untried.remove(name)
        result.laws[name] = ""
        try:
            holds(trial)
        except (LawBroken, BoomiError, KeyError, ValueError) as error:
            result.laws[name] = str(error) or type(error).__name__
            break
    left = sandbox.clean(sandbox.run)
    if left:
        raise Conflict(f"Packages of the laws cannot be removed: {'; '.join(left)}.")


def _make(probe: Probe, sandbox: Sandbox, result: RunResult) -> None:
    found: dict[str, Any] = {}
    why = "the account does not show it"
    try:
        found = dict(probe.find(sandbox))
    except (Inconclusive, BoomiError) as error:
        why = str(error)
    for name in probe.switches:
        if name in found:
            result.positions[name] = found[name]
        else:
            result.untold[name] = why


class _OneInterrupt:
    """Lets a person, or a pipeline that ends, interrupt a run once, and its cleaning never.

    A write that was sent is waited for: what it made could not be found before it is made.

    Args:
        writes: The writes of the run.
        tell: Takes a line where the cleaning is interrupted.

    Attributes:
        cleaning: Whether the cleaning has begun.
        happened: Whether the run was interrupted.
    """

    SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

    def __init__(self, writes: SentWrites, tell: Callable[[str], object]) -> None:
        self.cleaning = self.happened = False
        self._writes = writes
        self._tell = tell
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> _OneInterrupt:  # noqa: PYI034 - Self is not in Python 3.10
        if threading.current_thread() is threading.main_thread():
            self._handlers = {number: signal.signal(number, self._interrupt) for number in self.SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _interrupt(self, _number: int, _frame: object) -> None:
        if self.cleaning:
            self._tell("Still cleaning up; this takes a few requests")
            return
        self.cleaning = self.happened = True
        if not self._writes.pending:
            raise KeyboardInterrupt
        self._writes.interrupted = True
