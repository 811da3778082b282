"""Whatever goes wrong with whichever request of whichever command: the next run puts it right, and nothing is doubled.

What is compared is the whole history of the account, deleted packages and superseded deployments included, with
that of the same commands without a fault.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from boomi_pulumi._api import errors
from boomi_pulumi.emulator import Emulator
from tests.driver import Bag, CheckFailed, Driver, PluginError, Resource, State, Step
from tests.faults.account import EDITED, PROGRAM, REPLACED, seed, world
from tests.native_driver import NativeDriver

TIMEOUT = "0.6"
"""`boomi:timeout` where an answer is withheld: long beside an answer, short beside the tests' time."""

FAULTS: Mapping[str, Callable[[int], list[Bag]]] = {
    "refused": lambda index: [{"kind": "refuse", "index": index}],
    "reset-before": lambda index: [{"kind": "reset-before", "index": index}],
    "reset-after": lambda index: [{"kind": "reset-after", "index": index}],
    "half-body": lambda index: [{"kind": "half-body", "index": index}],
    "503-before": lambda index: [{"kind": "503-before", "index": index}],
    "503-after": lambda index: [{"kind": "503-after", "index": index}],
    "500-after": lambda index: [{"kind": "500-after", "index": index}],
    "stall": lambda index: [{"kind": "stall", "index": index, "seconds": 30}],
    "late": lambda index: [{"kind": "late", "index": index, "requests": 2}],
    "lost-and-late": lambda index: [{"kind": "reset-after", "index": index, "requests": 2}],
    # Something in between answers with status 200: a login page, an error object.
    "page-before": lambda index: [{"kind": "page-before", "index": index}],
    "error-after": lambda index: [{"kind": "error-after", "index": index}],
    "short": lambda index: [{"kind": "short", "index": index}],
    # For Boomi, this is what a killed process looks like: something was committed, and nobody asks any more.
    "gone-after": lambda index: [
        {"kind": "reset-after", "index": index},
        {"kind": "refuse", "index": index + 1, "times": 10_000},
    ],
}

EVERYWHERE = ("503-before", "reset-after", "lost-and-late", "gone-after")
"""Faults that strike every command; the others strike an `up` of all kinds, since sending is the same for all."""

TYPED = re.compile(r"^boomi_pulumi\.(\w+): ", re.MULTILINE)


@dataclass(frozen=True)
class Act:
    """A command that is struck.

    Attributes:
        before: The program that was up before; none if it is the first run.
        after: What is declared in the end.
        run: The command.
        people: What happens in between.
        again: What a person does before the next run.
        account: The account's content.
        world: Tells all that ever happened to the account.
    """

    before: tuple[Resource, ...]
    after: tuple[Resource, ...]
    run: Callable[[Driver], list[Step]]
    people: Callable[[Emulator, Driver], object] = lambda _boomi, _driver: None
    again: Callable[[Driver], object] = lambda _driver: None
    account: Callable[[], Bag] = seed
    world: Callable[[Emulator], dict[str, Any]] = world


def _drift(boomi: Emulator, driver: Driver) -> None:
    boomi.console_undeploy(driver.state.resources["feed-test"].outputs["deploymentId"])
    boomi.console_deploy("env-test", "sync-1.2")
    boomi.release_pack("pack-orders", {"sync": "1.2"})


ACTS = {
    "up": Act((), PROGRAM, lambda driver: driver.up(*PROGRAM)),
    "edit": Act(PROGRAM, EDITED, lambda driver: driver.up(*EDITED)),
    "replace": Act(PROGRAM, REPLACED, lambda driver: driver.up(*REPLACED)),
    "refresh": Act(PROGRAM, PROGRAM, lambda driver: driver.refresh(), _drift, lambda driver: driver.refresh()),
    "destroy": Act(PROGRAM, (), lambda driver: driver.destroy()),
}


def stage(boomi: Emulator, act: Act, door: type[Driver] = Driver) -> State:
    """Bring the account to where the command begins, for every reset to come."""
    with door(boomi.env) as driver:
        if act.before:
            driver.up(*act.before)
            act.people(boomi, driver)
        boomi.keep()
        return driver.state


def _struck(
    boomi: Emulator, act: Act, state: State, faults: list[Bag], door: type[Driver] = Driver, **settings: str
) -> tuple[State, str | None]:
    """Run a command with faults; return the state that is left, and the error that ended it."""
    boomi.reset()
    error = None
    with door(boomi.env, copy.deepcopy(state), **settings) as driver:
        boomi.faults(*faults)
        try:
            act.run(driver)
        except PluginError as caught:
            error = caught.text
        except CheckFailed as caught:
            error = f"boomi_pulumi.CheckFailed: {caught}"
        # A release is waited for 300 s at the most; everything else gives up within a minute.
        assert driver.clock.now - 1000 < 400, "it waited too long"
        return driver.state, error


def converge(boomi: Emulator, act: Act, state: State, door: type[Driver] = Driver) -> None:
    """Run the program, or destroy, once more; nothing is left to do then."""
    with door(boomi.env, state) as driver:
        if not act.after:
            driver.destroy()
            assert not driver.state.resources
            assert not driver.state.replaced
            return
        act.again(driver)
        driver.up(*act.after)
        assert {(step.act, step.name) for step in driver.refresh()} == {("same", each.name) for each in act.after}
        assert driver.preview(*act.after) == [Step("same", each.name) for each in act.after]
        assert not driver.state.replaced


def measured(act: Act, door: type[Driver]) -> tuple[int, dict[str, Any], dict[str, int]]:
    """Return how many requests a command takes, what it leads to, and how often what was made."""
    with Emulator(act.account(), rate_limit=0) as boomi:
        state, error = _struck(boomi, act, stage(boomi, act, door), [], door)
        assert error is None
        requests = len(boomi.journal())
        converge(boomi, act, state, door)
        return requests, act.world(boomi), creates(boomi)


@cache
def without_a_fault(name: str, native: bool = False) -> tuple[int, dict[str, Any], dict[str, int]]:
    """Return `measured` of a command."""
    return measured(ACTS[name], NativeDriver if native else Driver)


def creates(boomi: Emulator) -> dict[str, int]:
    made: dict[str, int] = {}
    for entry in boomi.journal():
        if entry["verb"] == "create" and entry["committed"]:
            made[entry["object"]] = made.get(entry["object"], 0) + 1
    return made


SHOWN_BY = {
    "ReleaseIntegrationPack": "PublisherIntegrationPack",
    "ConnectorVersionChange": "ConnectorGroup",
    "ExecutionRequest": "ExecutionRecord",
    "changeListenerStatus": "ListenerStatus",
}
"""What is written -> what shows it, where that is another object."""


def _never_sent_blindly(boomi: Emulator) -> None:
    """A create whose answer was lost is followed by a look before anything of the kind is sent again."""
    lost: set[str] = set()
    for entry in boomi.journal():
        about = SHOWN_BY.get(str(entry["object"]), str(entry["object"]))
        if entry["verb"] in {"query", "bulk", "get", "ask", "poll"}:
            lost.discard(about)
        elif entry["verb"] == "create":
            assert about not in lost, f"{about} was sent again without a look"
            if entry.get("fault") or entry["status"] != 200:
                lost.add(about)


SENT_ONCE = frozenset({"ExecutionRequest"})
"""What one command sends once at the most, whatever becomes of the answer."""

LOST = ("reset-after", "lost-and-late")
"""Faults that run over both doors: Boomi acted, and nobody heard of it. All others are the core's alone."""


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("name", ["up", "edit", "destroy"])
def test_a_lost_answer_loses_nothing_through_the_native_door(name: str, fault: str, boomi: Emulator) -> None:
    _every_request_may_fail(name, fault, boomi, NativeDriver)


CASES = [(name, fault) for name in ACTS for fault in FAULTS if name == "up" or fault in EVERYWHERE]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param(name, fault, marks=() if name == "up" or fault == "reset-after" else pytest.mark.slow)
        for name, fault in CASES
    ],
)
def test_every_request_may_fail(name: str, fault: str, boomi: Emulator) -> None:
    _every_request_may_fail(name, fault, boomi, Driver)


def _every_request_may_fail(name: str, fault: str, boomi: Emulator, door: type[Driver]) -> None:
    requests, *wanted = without_a_fault(name, door is NativeDriver)
    each_may_fail(ACTS[name], fault, range(1, requests + 1), boomi, door, wanted)


def each_may_fail(  # noqa: PLR0917 - what is struck, how, where, through what, and what becomes of it
    act: Act, fault: str, where: Iterable[int], boomi: Emulator, door: type[Driver], wanted: Sequence[Any]
) -> None:
    """Strike a command at requests, one after another, and let the next run put it right.

    Args:
        act: The command.
        fault: The name of the fault.
        where: The numbers of the requests.
        boomi: An account with the content that the command needs.
        door: The door.
        wanted: What the command leads to without a fault, and how often it makes what.
    """
    begin = stage(boomi, act, door)
    world, made = wanted
    settings = {"timeout": TIMEOUT} if fault == "stall" else {}
    for index in where:
        told = f"{fault} at request {index}"
        state, error = _struck(boomi, act, begin, FAULTS[fault](index), door, **settings)
        assert boomi.fired()[0]["fired"] == 1, told
        assert sum(each["object"] in SENT_ONCE and each["verb"] == "create" for each in boomi.journal()) <= 1, told
        # What the native door tells has no class before it; a fault of ours would say so.
        typed = TYPED.search if door is Driver else lambda text: "a fault of boomi_pulumi" not in text
        assert error is None or typed(error), f"{told}\n{error}"
        boomi.faults()
        boomi.advance(120)  # what Boomi was doing is done by the next run
        try:
            converge(boomi, act, state, door)
        except (PluginError, CheckFailed) as caught:
            raise AssertionError(f"{told}: the next run failed as well\n{error}\n{caught}") from None
        assert act.world(boomi) == world, told
        assert creates(boomi) == made, told
        _never_sent_blindly(boomi)


def test_the_grid_is_as_large_as_it_claims() -> None:
    assert sum(without_a_fault(name)[0] for name, _ in CASES) == 520
    assert {name for bag in (PROGRAM, EDITED, REPLACED) for name in (each.kind for each in bag)} == {
        "PackagedComponent",
        "DeployedPackage",
        "ReleaseIntegrationPack",
        "ConnectorVersionChange",
        "ComponentMetadata",
    }
    assert {name for name in errors.__all__ if TYPED.search(f"boomi_pulumi.{name}: x")} == set(errors.__all__)
