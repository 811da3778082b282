"""The grid for what surrounds a deployment: values of an environment, schedules, listeners, and runs."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from boomi_pulumi._kinds import KINDS
from boomi_pulumi._kinds.on_runtime import OnRuntime
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.objects import PRIVILEGES
from tests.driver import Bag, Driver, Resource
from tests.faults import account
from tests.faults.account import TEST, edited
from tests.faults.test_grid import EVERYWHERE, FAULTS, LOST, Act, each_may_fail, measured, stage
from tests.native_driver import NativeDriver

RUNTIME, PERSON = "test-1", "ann@acme.example"
PASSWORD = "connections/Orders DB/password"  # noqa: S105 - the path of one

LIVE = {"minutes": "30", "hours": "2"}


def seed() -> Bag:
    """Return the account's content: a process that runs and declares values, and one that listens."""
    fields = ["connections/Orders DB/host", {"path": PASSWORD, "encrypted": True}]
    document = account.seed()
    components: list[Bag] = [
        {"name": "Report", "id": "report", "extensions": fields},
        {"name": "Inbox", "id": "inbox", "listener": "jms"},
    ]
    return {
        **document,
        "users": [{**document["users"][0], "privileges": sorted(PRIVILEGES)}],
        "runtimes": [{"name": RUNTIME, "id": RUNTIME, "attachedTo": ["Test"]}],
        "components": [*document["components"], *components],
        "packages": [
            *document["packages"],
            *(
                {"component": f"Acme/{each['name']}", "version": "1.0", "id": f"{each['id']}-1.0"}
                for each in components
            ),
        ],
        "deployments": [
            *document["deployments"],
            *({"component": f"Acme/{each['name']}", "package": "1.0", "environment": "Test"} for each in components),
        ],
    }


PAIR = {"processId": "report", "atomId": RUNTIME}
PROGRAM = (
    Resource(
        "values",
        "EnvironmentExtensions",
        {"environmentId": TEST, "connections": {"Orders DB": {"host": "db1.acme", "password": "one"}}},
        secrets=frozenset({PASSWORD}),
    ),
    Resource("run", "ExecutionRequest", {**PAIR, "packageId": "report-1.0"}),
    Resource("times", "ProcessSchedules", {**PAIR, "schedules": [LIVE], "enabled": False}),
    Resource("inbox", "ListenerStatus", {"processId": "inbox", "atomId": RUNTIME, "status": "paused"}),
)
EDITED = edited(
    PROGRAM,
    values={"connections": {"Orders DB": {"host": "db2.acme", "password": "two"}}},
    run={"triggers": {"data": "2"}},
    times={"schedules": [{"minutes": "0"}], "retry": {"maxRetry": 2, "schedules": [LIVE]}, "enabled": True},
    inbox={"status": "listening"},
)


def world(boomi: Emulator) -> dict[str, Any]:
    """Tell what the environment and its runtime are, and all that ever ran."""
    return {
        "values": boomi.extension_values(TEST),
        "schedules": [
            {name: row.get(name) for name in ("processId", "Schedule", "Retry", "enabled")}
            for row in boomi.objects("ProcessSchedules")
        ],
        "listeners": boomi.listeners(RUNTIME),
        "runs": sorted((row["processId"], row["packageId"], row["executionType"]) for row in runs(boomi)),
    }


def runs(boomi: Emulator) -> list[Bag]:
    return boomi.objects("ExecutionRecord")


def _drift(boomi: Emulator, _driver: Driver) -> None:
    boomi.resume_schedules(RUNTIME, by=PERSON)
    boomi.save_schedules("report", RUNTIME, [{"minutes": "7"}], by=PERSON)
    boomi.change_listener(RUNTIME, "inbox", "resume", by=PERSON)


def _act(before: tuple[Resource, ...], after: tuple[Resource, ...], run: Any, **more: Any) -> Act:
    return Act(before, after, run, account=seed, world=world, **more)


ACTS = {
    "up": _act((), PROGRAM, lambda driver: driver.up(*PROGRAM)),
    "edit": _act(PROGRAM, EDITED, lambda driver: driver.up(*EDITED)),
    "refresh": _act(
        PROGRAM, PROGRAM, lambda driver: driver.refresh(), people=_drift, again=lambda driver: driver.refresh()
    ),
    "destroy": _act(PROGRAM, (), lambda driver: driver.destroy()),
}


@pytest.fixture
def boomi() -> Any:
    with Emulator(seed(), rate_limit=0) as emulator:
        yield emulator


@cache
def without_a_fault(name: str, native: bool = False) -> tuple[int, dict[str, Any], dict[str, int]]:
    """Return `measured` of a command."""
    return measured(ACTS[name], NativeDriver if native else Driver)


STEP = 11
"""One of so many requests is struck by each fault; the next fault strikes the request beside it."""

CASES = [
    *((name, fault, Driver) for name in ACTS for fault in FAULTS if name == "up" or fault in EVERYWHERE),
    *((name, fault, NativeDriver) for name in ("up", "edit") for fault in LOST),
]


def struck(name: str, fault: str, door: type[Driver]) -> range:
    """Return the requests of a command that a fault strikes."""
    begin = 1 + (list(FAULTS).index(fault) + (door is NativeDriver)) % STEP
    return range(begin, without_a_fault(name, door is NativeDriver)[0] + 1, STEP)


@pytest.mark.parametrize(("name", "fault", "door"), CASES)
def test_requests_may_fail(name: str, fault: str, door: type[Driver], boomi: Emulator) -> None:
    wanted = without_a_fault(name, door is NativeDriver)[1:]
    each_may_fail(ACTS[name], fault, struck(name, fault, door), boomi, door, wanted)


@pytest.mark.parametrize(
    ("name", "fault"),
    [*(("up", fault) for fault in ("reset-after", "503-before", "500-after", "gone-after")), ("edit", "reset-after")],
)
def test_each_write_may_fail(name: str, fault: str, boomi: Emulator) -> None:
    """Whatever is sampled, each write is struck."""
    wanted = without_a_fault(name)[1:]
    each_may_fail(ACTS[name], fault, writes(name), boomi, Driver, wanted)


@cache
def writes(name: str) -> list[int]:
    """Return the numbers of the requests of a command that write."""
    act = ACTS[name]
    with Emulator(seed(), rate_limit=0) as boomi:
        state = stage(boomi, act)
        boomi.reset()
        with Driver(boomi.env, state) as driver:
            boomi.faults()
            act.run(driver)
        return [number for number, each in enumerate(boomi.journal(), 1) if each["committed"]]


def test_the_grid_is_as_large_as_it_claims() -> None:
    assert sum(len(struck(*case)) for case in CASES) == 71
    assert (len(writes("up")), len(writes("edit"))) == (5, 5)
    on_runtimes = {kind.name for kind in KINDS.values() if isinstance(kind, OnRuntime)}
    assert {each.kind for each in PROGRAM} == {"EnvironmentExtensions", *on_runtimes}
