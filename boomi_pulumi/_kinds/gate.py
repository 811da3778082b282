"""What a promotion brings, and its gate: the very package must have been active in another environment, for so long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

from pydantic import AfterValidator

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.models import ENVIRONMENT, Environment, moment
from boomi_pulumi._kinds.lines import Verdict
from boomi_pulumi._lifecycle.fields import UNKNOWN, Bag, has_unknown
from boomi_pulumi._lifecycle.preview import Failure

__all__ = [
    "FRESH",
    "Period",
    "closed",
    "gate_failures",
    "judge",
    "no_environment",
    "period",
    "promotion",
    "same_content",
]

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


def judge(inputs: Mapping[str, Any], there: Mapping[str, Any] | None, environment: str, now: datetime) -> Verdict:
    """Judge a gate.

    Args:
        inputs: Those of the deployment that is wanted, with a package.
        there: What is active of the component in the environment that it comes from; None for nothing.
        environment: That environment's name.
        now: The moment, with its time zone.
    """
    wanted = f"{inputs.get('componentName') or 'the component'} {inputs.get('packageVersion') or inputs['packageId']}"
    if there is None:
        return Verdict(True, f"nothing of it is active in {environment}; deploy {wanted} there first")
    if there.get("packageId") != inputs["packageId"]:
        other = there.get("packageVersion") or there.get("packageId") or "something else"
        twin = " (another package of that version)" if other == inputs.get("packageVersion") else ""
        return Verdict(True, f"{other}{twin} is active in {environment}; deploy {wanted} there first")
    since, asked = there.get("deployedDate"), inputs.get("promotedAfter")
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


def same_content(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Tell whether a deployment stays in its place, with its package."""
    keys = ("environmentId", "componentId", "packageId")
    return bool(olds) and all(olds.get(key) == inputs.get(key) for key in keys)


def no_environment(fact: Mapping[str, Any]) -> str:
    """Return why an environment's id is refused that Boomi does not know."""
    return f'names no environment that this user can see (Boomi said: "{fact["missing"]}")'


def gate_failures(inputs: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterable[Failure]:
    """Refuse a deployment whose gate makes no sense, or is closed."""
    if "promotedFromId" not in inputs:
        if "promotedAfter" in inputs and not has_unknown(inputs["promotedAfter"]):
            yield Failure("promotedAfter", "says for how long, but not where: give promoted_from as well")
        return
    environment = facts.get("promotedFromId", {})
    if "missing" in environment:
        yield Failure("promotedFromId", no_environment(environment))
    elif "packageId" not in inputs:
        yield Failure("promotedFromId", "needs a package: give package or package_id")
    elif not has_unknown(inputs["promotedFromId"]) and inputs["promotedFromId"] == inputs.get("environmentId"):
        yield Failure("promotedFromId", "is the environment itself; name the one before it")
    else:
        verdict = Verdict.parse(promotion(inputs, facts, {}).get("gate"))
        if verdict is not None and verdict.closed and not same_content(facts["before"], inputs):
            yield Failure("promotedFromId", f"is {verdict}")


def promotion(inputs: Mapping[str, Any], facts: Mapping[str, Any], olds: Mapping[str, Any]) -> Bag:
    """Return what a deployment brings, and what its gate says; nothing where this very package runs there already."""
    if facts.get("supersedes", {}).get("packageId") == inputs.get("packageId"):
        return {}
    found: Bag = {}
    if "lines" in facts.get("brings", {}):
        found["brings"] = facts["brings"]["lines"] or None
    elif has_unknown(inputs.get("packageId")) and "packageId" not in facts and "brings" in olds:
        found["brings"] = UNKNOWN
    if has_unknown([inputs.get(name) for name in ("promotedFromId", "promotedAfter", "packageId", "componentId")]):
        found |= {"gate": UNKNOWN} if "promotedFromId" in inputs else {}
    elif "gate" in facts:
        there = facts["gate"]
        name = facts.get("promotedFromId", {}).get("name") or inputs["promotedFromId"]
        found["gate"] = str(judge(inputs, None if there.get("absent") is True else there, name, facts["now"]))
    return {name: value for name, value in found.items() if value is not None}


def closed(client: Client, inputs: Mapping[str, Any], there: Mapping[str, Any] | None) -> str | None:
    """Return why a deployment may not be sent now.

    Args:
        client: The account.
        inputs: Those of the deployment, with a gate.
        there: What is active in the environment that it comes from; None for nothing.

    Raises:
        RequestError: The environment's name could not be read.
    """
    source, now = inputs["promotedFromId"], datetime.now(timezone.utc)
    if not judge(inputs, there, source, now).closed:
        return None
    found = client.read(ENVIRONMENT, source)
    name = found.name if isinstance(found, Environment) and found.name else source
    return f"promotedFromId is {judge(inputs, there, name, now)}"
