"""The gate of a promotion: the very package must have been active elsewhere, for so long, and with so many runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from boomi_pulumi._api.models import DeployedPackage, moment
from boomi_pulumi._kinds.lines import Verdict
from boomi_pulumi._reads.deployments import is_later, period, superseded
from boomi_pulumi._reads.runs import SETTLE, Ran, is_enough

__all__ = ["FRESH", "Period", "PromotedRuns", "Runs", "Wanted", "verdict", "verdict_on_past", "with_runs"]

FRESH = 5.0
"""How old, in seconds, what a gate is judged by may be just before a write."""


def _period(text: str) -> str:
    period(text)
    return text


Period = Annotated[str, AfterValidator(_period)]


class PromotedRuns(BaseModel):
    """What must have run before a package goes on."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    complete: Annotated[int, Field(ge=1, description="How many runs must have ended well.")] = 1
    failed: Annotated[int, Field(ge=0, description="How many may have failed.")] = 0
    settle: Annotated[
        int,
        Field(
            ge=0,
            le=3600,
            description=f"Seconds after the deployment before a run counts, 0 to 3600; left out, {SETTLE}. Until then "
            "a runtime may run the version before.",
        ),
    ] = SETTLE


def _runs(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("is true or false; give a number of runs")  # noqa: TRY004 - pydantic makes a failure of it
    return value if value is None or isinstance(value, Mapping) else {"complete": value}


Runs = Annotated[PromotedRuns | None, BeforeValidator(_runs, json_schema_input_type=int | PromotedRuns)]
"""How many runs must have ended well: a number, and then none may have failed; or an object."""


@dataclass(frozen=True)
class Wanted:
    """The deployment that a gate is about.

    Attributes:
        title: Component and version, for the message.
        package: The package's id.
        environment: The id of the environment where it is to run.
        source: The id of the environment that it comes from.
        asked: For how long it must have been active there; None for no time.
        runs: How many runs it must have behind it there, as `PromotedRuns`; None for none.
        names: Environment's id -> name, as far as names are known.
    """

    title: str
    package: str
    environment: str
    source: str
    asked: str | None
    runs: Mapping[str, int] | None
    names: Mapping[str, str]

    @classmethod
    def of(cls, inputs: Mapping[str, Any], names: Mapping[str, str]) -> Wanted:
        """Return what the inputs of a deployment with a gate and a package want."""
        version = inputs.get("packageVersion") or inputs["packageId"]
        return cls(
            title=f"{inputs.get('componentName') or 'the component'} {version}",
            package=inputs["packageId"],
            environment=inputs["environmentId"],
            source=inputs["promotedFromId"],
            asked=inputs.get("promotedAfter"),
            runs=inputs.get("promotedRuns"),
            names=names,
        )

    def name(self, environment: str) -> str:
        """Return an environment's name, or its id."""
        return self.names.get(environment, environment)


def verdict(wanted: Wanted, there: DeployedPackage | None, now: datetime) -> Verdict:
    """Return what a gate says of what is active.

    Args:
        wanted: The deployment.
        there: What is active of the component in the environment that it comes from; None for nothing.
        now: The moment, with its time zone.
    """
    source, asked = wanted.name(wanted.source), wanted.asked
    if there is None:
        return Verdict("closed", f"nothing of it is active in {source}; deploy {wanted.title} there first")
    if there.package_id != wanted.package:
        other = there.package_version or there.package_id or "something else"
        twin = " (another package of that version)" if wanted.title.endswith(f" {other}") else ""
        return Verdict("closed", f"{other}{twin} is active in {source}; deploy {wanted.title} there first")
    since = there.deployed_date
    if asked is None:
        return Verdict("open", f"active in {source} since {since or 'an unknown date'}")
    began = moment(since)
    if began is None:
        return Verdict(
            "closed", f"Boomi does not tell since when it is active in {source}, and the gate asks for {asked}"
        )
    # Boomi's dates are whole seconds, of another clock.
    if period(asked) and now - began < period(asked):
        opens = _written(now, period(asked) - (now - began))
        return Verdict("closed", f"active in {source} since {since}, and the gate asks for {asked}; it opens {opens}")
    return Verdict("open", f"active in {source} since {since}, {asked} asked")


def verdict_on_past(wanted: Wanted, deployments: Sequence[DeployedPackage], runs: Ran | None = None) -> Verdict | None:
    """Return what opens a gate for a package that is not active where it comes from; None where nothing could.

    What ran in the environment before may run there again in place of a newer one: that is the way back. What was
    active long enough where it comes from may go on when a newer one has superseded it there. Where an older one has,
    somebody took it back, and the gate stays closed.

    Args:
        wanted: The deployment.
        deployments: Those of the component in both environments, ended ones too.
        runs: As in `with_runs`; the way back asks for none.
    """
    ours = [each for each in deployments if each.package_id == wanted.package]
    here = max((each for each in ours if each.environment_id == wanted.environment), key=_date, default=None)
    active = {each.environment_id: each for each in deployments if each.active}
    if here is not None and is_later(active.get(wanted.environment), here):
        who, when = here.deployed_by or "somebody", here.deployed_date or "an unknown date"
        return Verdict("open", f"it ran in {wanted.name(wanted.environment)} before, deployed by {who} on {when}")
    stretches = list(superseded(deployments, wanted.package, wanted.source))
    if wanted.runs is not None:
        # What is known of runs is about what is active there, or else about the last one.
        stretches = [] if active.get(wanted.source) in ours else stretches[-1:]
    for each, successor in stretches:
        began, ended = moment(each.deployed_date), moment(successor.deployed_date)
        if wanted.asked is None or (began is not None and ended is not None and ended - began >= period(wanted.asked)):
            when = f"from {each.deployed_date} to {successor.deployed_date}"
            past = Verdict("open", f"it was active in {wanted.name(wanted.source)} {when}, until a newer one came")
            return with_runs(wanted, past, runs)
    return None


def with_runs(wanted: Wanted, verdict: Verdict, runs: Ran | None) -> Verdict:
    """Return what a gate says of runs as well, where it asks for some and nothing else closes it.

    Args:
        wanted: The deployment.
        verdict: What it says of the time.
        runs: What is recorded of runs in the environment that the package comes from; None where nobody has read it.
    """
    if wanted.runs is None or verdict.closed:
        return verdict
    source, asked = wanted.name(wanted.source), wanted.runs
    if runs is None or runs.why is not None:
        why = "nobody has read them" if runs is None else runs.why
        return Verdict("closed", f"{verdict.why}, and the gate asks for runs there: {why}")
    if not runs.total:
        until = f" to {runs.until}" if runs.until else ""
        return Verdict(
            "closed",
            f"no run of it is recorded in {source} since {runs.since}{until}; let it run there first{_settled(asked)}. "
            "A listener or a low-latency process may leave no record, and then passes no gate that asks for runs",
        )
    line = f"{verdict.why}; {_line(runs, source)}"
    if runs.failed > asked["failed"]:
        allowed = f"no more than {asked['failed']}" if asked["failed"] else "none"
        return Verdict("closed", f"{line}, and the gate allows {allowed}")
    if not is_enough(runs, asked):
        return Verdict("closed", f"{line}, and the gate asks for {asked['complete']} that complete")
    return Verdict("open", line)


def _settled(asked: Mapping[str, int]) -> str:
    """Return when it may run, where that is not at once."""
    seconds = asked.get("settle", SETTLE)
    return f", {seconds} s after its deployment or later" if seconds else ""


def _line(runs: Ran, source: str) -> str:
    """Return "14 runs in Test, the last COMPLETE at 2026-03-02T09:30:00Z, none failed"."""
    parts = [
        f"{runs.total} {'run' if runs.total == 1 else 'runs'} in {source}",
        f"the last {runs.last or 'without a status'} at {runs.last_at or 'an unknown date'}" if runs.last_at else "",
        f"{runs.done} complete" if runs.done + runs.failed != runs.total else "",
        f"{runs.warned} with a warning (COMPLETE_WARN)" if runs.warned else "",
        f"{runs.running} still running" if runs.running else "",
        f"{runs.failed or 'none'} failed",
    ]
    return ", ".join(filter(None, parts))


def _date(deployment: DeployedPackage) -> str:
    return deployment.deployed_date or ""


def _written(now: datetime, left: timedelta) -> str:
    try:
        return (now.astimezone(timezone.utc) + left).strftime("on %Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return "after the year 9999"
