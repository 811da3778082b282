"""What a promotion brings, and its gate: the very package must have been active in another environment, for so long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

from pydantic import AfterValidator

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.models import ENVIRONMENT, DeployedPackage, Environment, moment
from boomi_pulumi._kinds.lines import Verdict

__all__ = ["FRESH", "Period", "closed", "period", "verdict"]

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


def verdict(inputs: Mapping[str, Any], there: DeployedPackage | None, environment: str, now: datetime) -> Verdict:
    """Return what a gate says.

    Args:
        inputs: Those of the deployment that is wanted, with a package.
        there: What is active of the component in the environment that it comes from; None for nothing.
        environment: That environment's name.
        now: The moment, with its time zone.
    """
    wanted = f"{inputs.get('componentName') or 'the component'} {inputs.get('packageVersion') or inputs['packageId']}"
    if there is None:
        return Verdict(True, f"nothing of it is active in {environment}; deploy {wanted} there first")
    if there.package_id != inputs["packageId"]:
        other = there.package_version or there.package_id or "something else"
        twin = " (another package of that version)" if other == inputs.get("packageVersion") else ""
        return Verdict(True, f"{other}{twin} is active in {environment}; deploy {wanted} there first")
    since, asked = there.deployed_date, inputs.get("promotedAfter")
    if asked is None:
        return Verdict(False, f"active in {environment} since {since or 'an unknown date'}")
    began = moment(since)
    if began is None:
        return Verdict(
            True, f"Boomi does not tell since when it is active in {environment}, and the gate asks for {asked}"
        )
    # Boomi's dates are whole seconds, of another clock.
    if period(asked) and now - began < period(asked):
        opens = _written(now, period(asked) - (now - began))
        return Verdict(True, f"active in {environment} since {since}, and the gate asks for {asked}; it opens {opens}")
    return Verdict(False, f"active in {environment} since {since}, {asked} asked")


def _written(now: datetime, left: timedelta) -> str:
    try:
        return (now.astimezone(timezone.utc) + left).strftime("on %Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return "after the year 9999"


def closed(client: Client, inputs: Mapping[str, Any], there: DeployedPackage | None) -> str | None:
    """Return why a deployment may not be sent now.

    Args:
        client: The account.
        inputs: Those of the deployment, with a gate.
        there: What is active in the environment that it comes from; None for nothing.

    Raises:
        RequestError: The environment's name could not be read.
    """
    source, now = inputs["promotedFromId"], datetime.now(timezone.utc)
    if not verdict(inputs, there, source, now).closed:
        return None
    found = client.read(ENVIRONMENT, source)
    name = found.name if isinstance(found, Environment) and found.name else source
    return f"promotedFromId is {verdict(inputs, there, name, now)}"
