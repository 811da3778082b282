"""A schedule of Boomi's: its normal form, and what it says in words.

Source: ProcessSchedules in the Platform OpenAPI; Boomi's page on process schedules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from boomi_pulumi._api.models import rows_of, text

__all__ = ["FIELDS", "Schedule", "brief", "fewest", "gone", "in_words", "normal", "repeated", "same", "schedules_of"]

FIELDS: dict[str, tuple[int, int]] = {
    "minutes": (0, 59),
    "hours": (0, 23),
    "daysOfWeek": (1, 7),
    "daysOfMonth": (1, 31),
    "months": (1, 12),
    "years": (1970, 2999),
}
"""Boomi's name of a field -> the least and the highest number in it."""

ANY = "*"

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

Schedule = dict[str, str]
"""A schedule in normal form: a text for each of FIELDS."""


def normal(name: str, value: str) -> str:
    """Return a field of a schedule in normal form: sorted, without blanks and leading zeros, days as numbers.

    Args:
        name: Boomi's name of the field.
        value: `*`, numbers, ranges and ranges with a step, joined by commas; days of the week may be names.

    Raises:
        ValueError: It is none.
    """
    if value.strip() == ANY:
        return ANY
    return ",".join(
        each
        for *_, each in sorted({(first, last, _text(first, last, step)) for first, last, step in _spans(name, value)})
    )


def _text(first: int, last: int, step: int) -> str:
    return str(first) if first == last else f"{first}-{last}" + (f"/{step}" if step > 1 else "")


def _spans(name: str, value: str) -> list[tuple[int, int, int]]:
    """Return the first number, the last one and the step of each part of a field that is not `*`.

    Raises:
        ValueError: It is none.
    """
    return [span for part in value.split(",") for span in _span(name, part.strip(), *FIELDS[name])]


def _span(name: str, part: str, low: int, high: int) -> list[tuple[int, int, int]]:
    if part.startswith("*/"):
        raise ValueError(f"has {part!r}, which Boomi does not take; write {low}-{high}{part[1:]}")
    shape = re.fullmatch(r"([A-Za-z]+|[0-9]{1,9})(?:\s*-\s*([A-Za-z]+|[0-9]{1,9})(?:\s*/\s*([0-9]{1,9}))?)?", part)
    if shape is None:
        raise ValueError(f"has {part!r}: write *, a number, a range such as {low}-{high}, or a range with a step")
    first, last = _number(name, shape[1]), _number(name, shape[2] or shape[1])
    step = int(shape[3] or 1)
    for each in (first, last):
        if not low <= each <= high:
            hint = "; 1 is Sunday and 7 is Saturday" if name == "daysOfWeek" else ""
            raise ValueError(f"has {each}, and {low} to {high} is possible{hint}")
    if step < 1:
        raise ValueError(f"has {part!r}: a step is 1 or more")
    if first > last:
        if name != "daysOfWeek" or shape[3] is not None:
            raise ValueError(f"has {part!r}, which ends before it begins")
        # Friday to Monday.
        return [(first, high, 1), (low, last, 1)]
    return [(first, last, step)]


def _number(name: str, word: str) -> int:
    if word.isdigit():
        return int(word)
    known = [day.lower() for day in DAYS] if name == "daysOfWeek" else []
    match = [place for place, day in enumerate(known, 1) if len(word) > 2 and day.startswith(word.lower())]  # noqa: PLR2004
    if len(match) != 1:
        raise ValueError(f"has {word!r}; days have names such as mon, and everything else is a number")
    return match[0]


def fewest(schedule: Schedule) -> Schedule:
    """Return the fields that a person would write of a schedule in normal form: those that are not `*`, days by name.

    One that is `*` everywhere keeps its minutes.
    """
    found = {name: value for name, value in schedule.items() if value != ANY} or {"minutes": ANY}
    if "daysOfWeek" in found:
        day = re.compile(r"(?<![/\d])[1-7](?!\d)")
        found["daysOfWeek"] = day.sub(lambda each: DAYS[int(each[0]) - 1][:3].lower(), found["daysOfWeek"])
    return found


def schedules_of(value: Any) -> list[Schedule]:
    """Return the schedules in an answer, in normal form and sorted; what cannot be read stays as it is."""
    rows = (row for row in rows_of(value, "Schedule") if isinstance(row, Mapping))
    found = [{name: _read(name, text(row.get(name))) for name in FIELDS} for row in rows if set(row) & set(FIELDS)]
    return sorted(found, key=lambda each: list(each.values()))


def same(one: Iterable[Schedule], two: Iterable[Schedule]) -> bool:
    """Tell whether two lists say the same, in whichever form: `0-59/30` is `0,30`, and `0-59` is `*`."""
    return {_expanded(each) for each in one} == {_expanded(each) for each in two}


def repeated(schedules: Iterable[Schedule]) -> Schedule | None:
    """Return the first schedule that another one before it says, in whichever form; None where all differ."""
    seen: set[tuple[Any, ...]] = set()
    for each in schedules:
        said = _expanded(each)
        if said in seen:
            return each
        seen.add(said)
    return None


def gone(one: Iterable[Schedule], two: Iterable[Schedule]) -> list[Schedule]:
    """Return the schedules of a list that another one does not say, in whichever form."""
    stay = {_expanded(each) for each in two}
    return [each for each in one if _expanded(each) not in stay]


def _expanded(schedule: Schedule) -> tuple[Any, ...]:
    return tuple(_numbers(name, schedule[name]) for name in FIELDS)


def _numbers(name: str, value: str) -> Any:
    low, high = FIELDS[name]
    try:
        spans = _spans(name, value)
    except ValueError:
        return value  # `*`, or a form that nobody knows
    found = {each for first, last, step in spans for each in range(first, last + 1, step)}
    return ANY if len(found) > high - low else frozenset(found)


def _read(name: str, value: str | None) -> str:
    if value is None or not value.strip():
        return ANY
    try:
        return normal(name, value)
    except ValueError:
        return value


# -- words ---------------------------------------------------------------------------------------


def in_words(schedule: Mapping[str, str], clock: str) -> str:
    """Return what a schedule in normal form says.

    Args:
        schedule: Its fields.
        clock: The name of the runtime, by whose clock it is.
    """
    return f"{brief(schedule)}, by the clock of {clock}"


def brief(schedule: Mapping[str, str]) -> str:
    """Return what a schedule in normal form says, without whose clock it is by."""
    numbers = {name: _numbers(name, schedule[name]) for name in FIELDS}
    schedule = {name: ANY if numbers[name] == ANY else schedule[name] for name in FIELDS}
    if any(isinstance(each, str) and each != ANY for each in numbers.values()):
        # A form that nobody knows: by Boomi's names.
        return ", ".join(f"{name} {value}" for name, value in schedule.items() if value != ANY)
    words = [_time(schedule["minutes"], schedule["hours"]), _days(schedule)]
    if schedule["months"] != ANY:
        words.append(f"in {_names(schedule['months'], MONTHS)}")
    if schedule["years"] != ANY:
        words.append(f"in {schedule['years'].replace(',', ', ')}")
    return ", ".join(words)


def _time(minutes: str, hours: str) -> str:
    if minutes.isdigit() and hours.isdigit():
        return f"at {int(hours):02}:{int(minutes):02}"
    if minutes.isdigit() and re.fullmatch(r"\d+(,\d+)+", hours):
        return "at " + _and([f"{int(hour):02}:{int(minutes):02}" for hour in hours.split(",")])
    step = re.fullmatch(r"0-59(?:/(\d+))?", "0-59" if minutes == ANY else minutes)
    every = f"every {step[1]} minutes" if step is not None and step[1] else "every minute"
    if step is None:
        every = f"every hour at minute {minutes}" if minutes.isdigit() else f"at the minutes {minutes} of each hour"
    span = re.fullmatch(r"(\d+)-(\d+)", hours)
    if hours == ANY:
        return every
    if span is not None:
        return f"{every} from {int(span[1])}:00 to {int(span[2])}:59"
    return f"{every} in the hour{'' if hours.isdigit() else 's'} {hours.replace(',', ', ')}"


def _days(schedule: Mapping[str, str]) -> str:
    week, month = schedule["daysOfWeek"], schedule["daysOfMonth"]
    if week == month == ANY:
        return "every day"
    told = []
    if week != ANY:
        told.append(_names(week, ("", *DAYS)[1:]))
    if month != ANY:
        told.append(f"day {month.replace(',', ', ')} of the month")
    return " and ".join(told)


def _names(value: str, names: tuple[str, ...]) -> str:
    def one(part: str) -> str:
        span = re.fullmatch(r"(\d+)(?:-(\d+))?(?:/(\d+))?", part)
        if span is None:
            return part
        first, last = names[int(span[1]) - 1], names[int(span[2] or span[1]) - 1]
        return (first if first == last else f"{first} to {last}") + (f", every {span[3]}." if span[3] else "")

    return _and([one(part) for part in value.split(",")])


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
