"""Schedules in normal form, and in words."""

from __future__ import annotations

from typing import Any

import pytest

from boomi_pulumi._api.schedules import FIELDS, fewest, in_words, normal, repeated, same, schedules_of

EACH = dict.fromkeys(FIELDS, "*")


@pytest.mark.parametrize(
    ("name", "given", "form"),
    [
        ("minutes", "*", "*"),
        ("minutes", " 05, 3 ,3", "3,5"),
        ("minutes", "0-59/15", "0-59/15"),
        ("minutes", "0-59/1", "0-59"),
        ("hours", "08 - 18", "8-18"),
        ("daysOfWeek", "mon-fri", "2-6"),
        ("daysOfWeek", "Monday, SUN", "1,2"),
        ("daysOfWeek", "fri-mon", "1-2,6-7"),
        ("daysOfWeek", "7", "7"),
        ("daysOfMonth", "31", "31"),
        ("years", "2026-2027", "2026-2027"),
    ],
)
def test_the_normal_form(name: str, given: str, form: str) -> None:
    assert normal(name, given) == form
    assert normal(name, form) == form


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("minutes", "*/15", "write 0-59/15"),
        ("hours", "*/2", "write 0-23/2"),
        ("minutes", "60", "0 to 59 is possible"),
        ("daysOfWeek", "0", "1 is Sunday and 7 is Saturday"),
        ("daysOfWeek", "8", "1 is Sunday and 7 is Saturday"),
        ("daysOfWeek", "s", "days have names such as mon"),
        ("months", "jan", "everything else is a number"),
        ("hours", "18-8", "ends before it begins"),
        ("minutes", "0-59/0", "a step is 1 or more"),
        ("minutes", "", "write *, a number"),
        ("minutes", "5/10", "write *, a number"),
        ("minutes", "\u0663", "write *, a number"),
        ("minutes", "9" * 5000, "write *, a number"),
        ("minutes", "1-2-3", "write *, a number"),
        ("daysOfMonth", "L", "everything else is a number"),
    ],
)
def test_what_boomi_would_not_take_is_refused_with_what_to_write(name: str, given: str, said: str) -> None:
    with pytest.raises(ValueError, match="has ") as error:
        normal(name, given)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "every minute, every day"),
        (
            {"minutes": "0-59/15", "hours": "8-18", "daysOfWeek": "2-6"},
            "every 15 minutes from 8:00 to 18:59, Monday to Friday",
        ),
        ({"minutes": "0", "hours": "2"}, "at 02:00, every day"),
        ({"minutes": "30", "hours": "6,18"}, "at 06:30 and 18:30, every day"),
        ({"minutes": "5"}, "every hour at minute 5, every day"),
        ({"minutes": "0", "hours": "0-23", "daysOfWeek": "1,2-7"}, "every hour at minute 0, every day"),
        ({"minutes": "0", "hours": "2", "daysOfMonth": "1"}, "at 02:00, day 1 of the month"),
        ({"minutes": "0", "hours": "2", "daysOfWeek": "1,7"}, "at 02:00, Sunday and Saturday"),
        (
            {"minutes": "0", "hours": "2", "months": "1-3", "years": "2027"},
            "at 02:00, every day, in January to March, in 2027",
        ),
        ({"minutes": "10,40", "hours": "9"}, "at the minutes 10,40 of each hour in the hour 9, every day"),
    ],
)  # fmt: skip
def test_a_schedule_in_words(fields: dict[str, str], words: str) -> None:
    assert in_words({**EACH, **fields}, "prod-1") == f"{words}, by the clock of prod-1"


@pytest.mark.parametrize(
    "answer",
    [
        [{"minutes": "00", "hours": "02", "daysOfWeek": "*"}],
        {"Schedule": {"minutes": "0", "hours": "2"}},
        {"Schedule": [{"@type": "Schedule", "minutes": "0", "hours": "2", "years": ""}]},
    ],
)
def test_an_answer_in_any_form(answer: Any) -> None:
    assert schedules_of(answer) == [{**EACH, "minutes": "0", "hours": "2"}]


@pytest.mark.parametrize("odd", [None, "", [], {}, [None, 5, "x"], {"@type": "ProcessSchedules"}, 7])
def test_odd_forms_are_no_schedules(odd: Any) -> None:
    assert schedules_of(odd) == []


def test_what_nobody_can_read_stays_as_it_is() -> None:
    assert schedules_of([{"minutes": "*/15"}]) == [{**EACH, "minutes": "*/15"}]


@pytest.mark.parametrize("odd", ["88", "0-60", "2-88", "1-7/0", "0-99999999999", "9" * 5000, "L", "*/2", "5/2"])
@pytest.mark.parametrize("name", FIELDS)
def test_what_nobody_can_read_is_told_as_it_is(name: str, odd: str) -> None:
    (row,) = schedules_of([{"minutes": "5", "hours": "6", name: odd}])
    assert same([row], [row])
    assert f"{name} {odd}" in in_words(row, "prod-1")


@pytest.mark.parametrize(
    ("one", "two", "equal"),
    [
        ({"minutes": "0-59/30"}, {"minutes": "0,30"}, True),
        ({"minutes": "0-59"}, {}, True),
        ({"daysOfWeek": "1-2,6-7"}, {"daysOfWeek": "1,2,6,7"}, True),
        ({"minutes": "0-59/30"}, {"minutes": "0,31"}, False),
        ({"years": "*/2"}, {"years": "*"}, False),
    ],
)
def test_two_forms_may_say_the_same(one: dict[str, str], two: dict[str, str], equal: bool) -> None:
    assert same([{**EACH, **one}], [{**EACH, **two}]) is equal
    assert (repeated([{**EACH, **one}, {**EACH, **two}]) is not None) is equal


@pytest.mark.parametrize(
    ("fields", "written"),
    [
        ({}, {"minutes": "*"}),
        ({"minutes": "30", "hours": "2"}, {"minutes": "30", "hours": "2"}),
        ({"daysOfWeek": "2-6"}, {"daysOfWeek": "mon-fri"}),
        ({"daysOfWeek": "1,3-7/2", "months": "1-6"}, {"daysOfWeek": "sun,tue-sat/2", "months": "1-6"}),
    ],
)
def test_what_a_person_would_write_says_the_same(fields: dict[str, str], written: dict[str, str]) -> None:
    schedule = {**EACH, **fields}
    assert fewest(schedule) == written
    assert {**EACH, **{name: normal(name, value) for name, value in written.items()}} == schedule
