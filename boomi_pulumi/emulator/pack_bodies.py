"""What a body says of a pack and of its release, and the calendar of releases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from boomi_pulumi.emulator.rules import UNREADABLE, Refusal, Row, read_value

__all__ = ["MEMBER", "RELEASED", "listed", "sunday"]

MEMBER: Final = {
    "componentId", "componentName", "componentType", "currentVersion", "pendingVersion", "latestVersion", "deleted",
}  # fmt: skip

RELEASED: Final = {"componentId", "version", "releasedVersion"}

_SUNDAY: Final = 6


def listed(body: Row, outer: str, inner: str, known: set[str]) -> list[Row]:
    """Read a list of components out of a body; the ids are there, and each is there once."""
    holder: Any = body.get(outer) or {}
    items = (holder.get(inner) or []) if isinstance(holder, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Refusal(400, UNREADABLE)
    unknown = {name for item in items for name in item} | set(holder) - {inner}
    unknown -= known | {"@type"}
    if unknown:
        raise Refusal(400, f"Unknown field '{min(unknown)}' in {outer}.")
    result = [
        {name: read_value(name, value, "text") for name, value in item.items() if value is not None} for item in items
    ]
    seen: set[str] = set()
    for item in result:
        component = item.get("componentId")
        if not component:
            raise Refusal(400, "The componentId is missing. Provide a valid componentId to complete this action.")
        if component in seen:
            raise Refusal(400, f"Component {component} is there twice.")
        seen.add(component)
    return result


def sunday(year: int, month: int, number: int) -> date:
    """Return the first, second, … Sunday of a month; `number` counts from 1."""
    first = date(year, month, 1)
    return first + timedelta(days=(_SUNDAY - first.weekday()) % 7 + 7 * (number - 1))
