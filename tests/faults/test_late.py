"""A write that Boomi does only after its answer was lost: it is waited for as long again, and nothing breaks if that is
not long enough.
"""

from __future__ import annotations

from collections import Counter

import pytest

from boomi_pulumi._api.client import Client
from boomi_pulumi.emulator import Emulator
from tests.driver import Clock, Driver, Resource, Step
from tests.faults.account import TEST, live, running
from tests.native_driver import NativeDriver

DOORS = {"dynamic": Driver, "native": NativeDriver}
TOOK = 8.0
"""Seconds after which the answer to a write counts as lost."""


class Slow(Clock):
    """A clock by which every lost answer took its time."""

    def __init__(self, boomi: Emulator) -> None:
        super().__init__()
        self._boomi = boomi

    def time(self) -> float:
        return self.now + TOOK * sum(int(line["fired"]) for line in self._boomi.fired())


@pytest.fixture(params=DOORS)
def driver(request: pytest.FixtureRequest, boomi: Emulator) -> Driver:
    """An engine whose lost answers were slow."""
    engine = DOORS[request.param](boomi.env)
    engine.close()
    engine.clock = Slow(boomi)
    engine.client = Client(engine.settings, sleep=engine.clock.sleep, clock=engine.clock.time, draw=lambda: 1.0)
    engine.new_process()
    return engine


DEPLOYMENT = Resource("it", "DeployedPackage", {"environmentId": TEST, "packageId": "sync-1.0"})
NUMBERED = Resource("it", "PackagedComponent", {"componentId": "feed"})


@pytest.mark.parametrize("wanted", [DEPLOYMENT, NUMBERED], ids=lambda each: each.kind)
def test_a_write_is_sent_again_only_after_as_much_time_as_it_took_to_lose_it(
    wanted: Resource, driver: Driver, boomi: Emulator
) -> None:
    before = len(boomi.objects(wanted.kind))
    with driver:
        # Three looks find nothing; by the fourth, Boomi has done it.
        boomi.faults({"kind": "done-late", "object": wanted.kind, "verb": "create", "requests": 3})
        driver.up(wanted)
        assert len(boomi.objects(wanted.kind)) == before + 1
        assert TOOK - 0.1 <= sum(driver.clock.slept) <= TOOK + 0.1
        boomi.faults()
        assert driver.up(wanted) == [Step("same", "it")]


@pytest.mark.parametrize("wanted", [DEPLOYMENT, NUMBERED], ids=lambda each: each.kind)
def test_a_write_that_comes_later_still_is_done_twice_and_the_next_run_has_nothing_to_do(
    wanted: Resource, driver: Driver, boomi: Emulator
) -> None:
    before = len(boomi.objects(wanted.kind))
    with driver:
        boomi.faults({"kind": "done-late", "object": wanted.kind, "verb": "create", "requests": 5})
        driver.up(wanted)
        assert driver.refresh()[0].name == "it"
        assert len(boomi.objects(wanted.kind)) == before + 2
        slots = Counter((row["environmentId"], row["componentId"]) for row in running(boomi))
        assert set(slots.values()) == {1}
        versions = Counter((row["componentId"], row["packageVersion"]) for row in live(boomi))
        assert set(versions.values()) == {1}
        boomi.faults()
        driver.up(wanted)
        assert driver.up(wanted) == [Step("same", "it")]
        assert driver.refresh() == [Step("same", "it")]


def test_a_removal_that_comes_late_is_one_removal(driver: Driver, boomi: Emulator) -> None:
    """The id of what is removed is told, so that a second one hits nothing else."""
    with driver:
        driver.up(DEPLOYMENT)
        others = [row for row in running(boomi) if row["componentId"] != "sync" or row["environmentId"] != TEST]
        boomi.faults({"kind": "done-late", "object": "DeployedPackage", "verb": "delete", "requests": 2})
        driver.destroy()
        assert driver.up(DEPLOYMENT) == [Step("create", "it")]
        assert len(running(boomi)) == len(others) + 1
        driver.destroy()
        assert running(boomi) == others
