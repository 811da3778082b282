"""Look-ups of when processes run, and of their runs."""

from __future__ import annotations

import re
from typing import Any

import pytest

import boomi_pulumi
from boomi_pulumi._reads.finders import FINDERS
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, day, environment, package, runtime
from tests.driver import Driver
from tests.inline import run


def look(driver: Driver, name: str, **given: Any) -> list[Any]:
    found: list[Any] = FINDERS[name](driver.client, **given)
    return found


def deployed(boomi: Emulator) -> str:
    """Deploy a process to the environment of a runtime; return its id."""
    boomi.console_deploy(environment(boomi), package(boomi))
    return component(boomi, "Sync")


def test_each_process_of_a_runtime_tells_when_it_runs(driver: Driver, boomi: Emulator) -> None:
    process, atom = deployed(boomi), runtime(boomi)
    boomi.save_schedules(process, atom, [{"minutes": "30", "hours": "2"}, {"minutes": "0-59/15", "daysOfWeek": "2-6"}])
    boomi.stop_schedules(atom, process)
    boomi.clear_journal()
    by_runtime = look(driver, "get_process_schedules", atom_id=atom)
    asked = sorted((each["object"], each["verb"]) for each in boomi.journal())
    queries = [("ProcessScheduleStatus", "query"), ("ProcessSchedules", "query")]
    assert asked == [("Atom", "bulk"), ("ComponentMetadata", "bulk"), *queries]
    (row,) = [each for each in by_runtime if each.process_id == process]
    assert (row.process_name, row.runtime_name, row.enabled) == ("Sync", "test-1", False)
    assert [each["hours"] for each in row.schedules] == ["*", "2"]
    assert row.in_words[1] == "at 02:30, every day, by the clock of test-1"
    assert all(each.schedules == () for each in by_runtime if each.process_id != process)
    assert look(driver, "get_process_schedules", environment_id=environment(boomi)) == by_runtime


def test_what_is_looked_up_may_be_declared(boomi: Emulator, driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    process, atom = deployed(boomi), runtime(boomi)
    boomi.save_schedules(process, atom, [{"minutes": "30", "daysOfWeek": "2-6"}])
    for name, value in boomi.env.items():
        monkeypatch.setenv(name, value)

    def program() -> None:
        rows = boomi_pulumi.get_process_schedules(runtime=boomi_pulumi.get_runtime(id=atom))
        (row,) = [each for each in rows if each.schedules]
        boomi_pulumi.ProcessSchedules("it", process_id=process, atom_id=atom, schedules=row.schedules)  # type: ignore[arg-type] # maps
        pulumi_rows = boomi_pulumi.get_process_schedules_output(atom_id=atom)
        pulumi_rows.apply(told.extend)

    told: list[Any] = []
    ran = run(program, {"boomi:token": boomi.token}, secrets=["boomi:token"], driver=driver)
    assert ran.failures == {}
    assert [each.process_id for each in told if each.schedules] == [process]


def test_runs_are_told_the_newest_first_and_without_their_message(driver: Driver, boomi: Emulator) -> None:
    process, atom = component(boomi, "Sync"), runtime(boomi)
    first, second = (f"{day(-number)}T10:00:00Z" for number in (4, 3))
    boomi.run(process, atom, at=first)
    boomi.run(process, atom, "ERROR", at=second, message="customer 4711 has no address")
    boomi.run(component(boomi, "Feed"), atom)
    found = look(driver, "get_executions", process_id=process, since="5d")
    assert [(each.status, each.execution_time) for each in found] == [
        ("ERROR", second),
        ("COMPLETE", first),
    ]
    assert [each.runtime_name for each in found] == ["test-1", "test-1"]
    assert "4711" not in repr(found)
    assert look(driver, "get_executions", process_id=process) == [], "left out, since a day ago"
    assert look(driver, "get_executions", process_id=process, atom_id="other", since="5d") == []


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("yesterday", "since is 'yesterday'; give a period"),
        ("-24h", "since is '-24h'; give a period"),
        ("9999-01-01T00:00:00Z", "which is to come"),
        ("0001-01-01T00:00:00+23:00", "give a period"),
        ("9999-12-31T23:59:59-23:00", "give a period"),
        ("99999999999d", "since is '99999999999d'; give a period"),
    ],
)
def test_a_moment_that_is_none_is_refused(since: str, said: str, driver: Driver, boomi: Emulator) -> None:
    boomi.clear_journal()
    with pytest.raises(boomi_pulumi.SettingsError, match=re.escape(said)):
        look(driver, "get_executions", process_id="p", since=since)
    assert boomi.journal() == []


def test_more_runs_than_anybody_reads_are_refused(driver: Driver, boomi: Emulator) -> None:
    process, atom = component(boomi, "Sync"), runtime(boomi)
    for _ in range(1001):
        boomi.run(process, atom)
    boomi.clear_journal()
    with pytest.raises(boomi_pulumi.SettingsError, match="there are 1001 runs since 24h, and 1000 is the most"):
        look(driver, "get_executions", process_id=process)
    assert len(boomi.journal()) == 1


def test_exactly_one_place_is_asked_for(driver: Driver) -> None:
    for given in ({}, {"environment_id": "e", "atom_id": "a"}):
        with pytest.raises(boomi_pulumi.SettingsError, match="give either environment_id or atom_id"):
            look(driver, "get_process_schedules", **given)
