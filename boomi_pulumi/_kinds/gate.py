"""The gate of a promotion: the very package must have been active in another environment, for so long."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator

from boomi_pulumi._api.models import DeployedPackage, moment
from boomi_pulumi._kinds.lines import Verdict

__all__ = ["FRESH", "Period", "Wanted", "period", "verdict", "verdict_on_past"]

FRESH = 5.0
"""How old, in seconds, what a gate is judged by may be just before a write."""

_PERIOD = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,7})h)?(?:(\d{1,9})m)?(?:(\d{1,11})s)?")
_UNITS = ("days", "hours", "minutes", "seconds")


def period(text: str) -> timedelta:
    """Return how long a text such as "24h", "2d" or "1h30m" is.

    Raises:
        ValueError: It is no such text, or no time at all.
    """
    found = _PERIOD.fullmatch(text)
    parts = {unit: int(each) for unit, each in zip(_UNITS, found.groups(), strict=True) if each} if found else {}
    if not parts:
        raise ValueError('is no period of time: give days, hours, minutes and seconds, such as "24h", "2d" or "1h30m"')
    return timedelta(**parts)


def _period(text: str) -> str:
    period(text)
    return text


Period = Annotated[str, AfterValidator(_period)]


@dataclass(frozen=True)
class Wanted:
    """The deployment that a gate is about.

    Attributes:
        title: Component and version, for the message.
        package: The package's id.
        environment: The id of the environment where it is to run.
        source: The id of the environment that it comes from.
        asked: For how long it must have been active there; None for no time.
        names: Environment's id -> name, as far as names are known.
    """

    title: str
    package: str
    environment: str
    source: str
    asked: str | None
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


def verdict_on_past(wanted: Wanted, deployments: Sequence[DeployedPackage]) -> Verdict | None:
    """Return what opens a gate for a package that is not active where it comes from; None where nothing does.

    What ran in the environment before may run there again in place of a newer one: that is the way back. What was
    active long enough where it comes from may go on when a newer one has superseded it there. Where an older one has,
    somebody took it back, and the gate stays closed.

    Args:
        wanted: The deployment.
        deployments: Those of the component in both environments, ended ones too.
    """
    ours = [each for each in deployments if each.package_id == wanted.package]
    here = max((each for each in ours if each.environment_id == wanted.environment), key=_date, default=None)
    runs = next((each for each in deployments if each.active and each.environment_id == wanted.environment), None)
    if here is not None and _is_newer(runs, here):
        who, when = here.deployed_by or "somebody", here.deployed_date or "an unknown date"
        return Verdict("open", f"it ran in {wanted.name(wanted.environment)} before, deployed by {who} on {when}")
    row = sorted((each for each in deployments if each.environment_id == wanted.source), key=_date)
    for each, successor in pairwise(row):
        began, ended = moment(each.deployed_date), moment(successor.deployed_date)
        if each not in ours or began is None or ended is None or not _is_newer(successor, each):
            continue
        if wanted.asked is None or ended - began >= period(wanted.asked):
            when = f"from {each.deployed_date} to {successor.deployed_date}"
            return Verdict("open", f"it was active in {wanted.name(wanted.source)} {when}, until a newer one came")
    return None


def _is_newer(there: DeployedPackage | None, other: DeployedPackage) -> bool:
    return there is not None and (there.component_version or 0) > (other.component_version or 0)


def _date(deployment: DeployedPackage) -> str:
    return deployment.deployed_date or ""


def _written(now: datetime, left: timedelta) -> str:
    try:
        return (now.astimezone(timezone.utc) + left).strftime("on %Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return "after the year 9999"
