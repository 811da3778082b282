"""What cannot be seen is not gone: an absence counts only where the place of the object is visible."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from boomi_pulumi._api.client import Client
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.places import FRESH, Places
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.objects import PRIVILEGES
from tests.conformance.account import environment, package, seed
from tests.conformance.cases import CASES
from tests.driver import Driver, PluginError, Resource, State, Step
from tests.faults.test_belief import answered

US = "pulumi@acme.example"
DEPLOYER = ("API", "DEPLOY")
COMPONENTS = ("Sync", "Feed", "Loyalty", "Returns", "Outside")


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    """An account whose user must hold the roles of an environment to see it."""
    document = seed()
    document["users"][0]["privileges"] = sorted(PRIVILEGES - {"ENV_MANAGEMENT"})
    with Emulator(document, rate_limit=0) as emulator:
        yield emulator


def program(boomi: Emulator, *environments: str) -> list[Resource]:
    """Return a deployment of each component in each environment."""
    return [
        Resource(
            f"{name}-{each}",
            "DeployedPackage",
            {"environmentId": environment(boomi, each), "packageId": package(boomi, "1.0", name)},
        )
        for each in environments
        for name in COMPONENTS
    ]


def running(boomi: Emulator) -> int:
    return sum(row["active"] for row in boomi.objects("DeployedPackage"))


def asked(boomi: Emulator, kind: str = "Environment") -> list[tuple[str, int | None]]:
    """Return the requests about an object since the journal was cleared: verb, and ids of a bulk."""
    return [(entry["verb"], entry.get("ids")) for entry in boomi.journal() if entry["object"] == kind]


def fails(act: Callable[[], object]) -> str:
    with pytest.raises(PluginError) as error:
        act()
    return error.value.text


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("privileges", [PRIVILEGES - {"ENV_MANAGEMENT"}, DEPLOYER], ids=["all", "deployer"])
def test_a_hidden_environment_loses_nothing(
    door: type[Driver], status: int, privileges: frozenset[str] | tuple[str, ...]
) -> None:
    document = seed()
    document["users"][0]["privileges"] = sorted(privileges)
    with (
        Emulator(document, rate_limit=0, hiddenEnvironmentRead=status) as boomi,
        door(boomi.env) as driver,
    ):
        wanted = program(boomi, "Test")
        driver.up(*wanted)
        before, test = copy.deepcopy(driver.state), environment(boomi)
        boomi.give_environment_role(test, "operators")
        for act in (driver.refresh, driver.destroy, driver.refresh):
            text = fails(act)
            assert f"does not show Environment {test} either" in text
            assert "nothing was removed" in text
            assert f"BOOMI_KNOWN_DELETED={test}" in text
            assert "a role of the environment" in text
            assert driver.state == before
        boomi.set_roles(US, "operators")
        assert driver.refresh() == [Step("same", each.name) for each in wanted]
        assert running(boomi) == len(wanted)
        driver.destroy()
        assert running(boomi) == 0


def test_what_a_person_undeployed_is_gone_after_one_bulk_read_for_all(driver: Driver, boomi: Emulator) -> None:
    """And where nothing is gone, nobody asks about environments."""
    driver.up(*program(boomi, "Test"))
    boomi.clear_journal()
    driver.refresh()
    assert asked(boomi) == []
    for row in boomi.objects("DeployedPackage"):
        boomi.console_undeploy(row["deploymentId"])
    stored = copy.deepcopy(driver.state)
    boomi.clear_journal()
    assert {step.act for step in driver.refresh()} == {"gone"}
    assert asked(boomi) == [("bulk", 1)]
    # One component, then all of the environment: as without the read.
    assert len(asked(boomi, "DeployedPackage")) == 2
    driver.state = stored
    boomi.clear_journal()
    driver.destroy()
    assert asked(boomi) == [("bulk", 1)]
    assert driver.state.resources == {}


def test_a_hidden_environment_is_asked_about_once_by_all(driver: Driver, boomi: Emulator) -> None:
    driver.up(*program(boomi, "Test", "Production"))
    boomi.give_environment_role(environment(boomi), "operators")
    boomi.clear_journal()
    driver.new_process()
    for stored in driver.state.resources.values():
        if stored.outputs["environmentId"] == environment(boomi):
            assert "does not show Environment" in fails(partial(driver.read, stored))
        else:
            assert driver.read(stored) is not None
    assert asked(boomi) == [("bulk", 1)]
    # The last look is for whatever is in it.
    assert len(asked(boomi, "DeployedPackage")) <= 5


def test_a_hundred_environments_are_one_bulk_read(boomi: Emulator) -> None:
    """Whoever looks for something tells where before he looks, so the first question is for all."""
    place = KINDS["DeployedPackage"].place
    assert place is not None
    ids = [f"env-{number}" for number in range(99)] + [environment(boomi)]
    with Driver(boomi.env) as driver:
        client: Client = driver.client
        places = Places(client)
        ready = threading.Barrier(16)

        def look(part: list[str]) -> list[str | None]:
            for each in part:
                places.expect(place, each)
            ready.wait(60)
            return [places.hidden(place, each) for each in part for _ in range(3)]

        with ThreadPoolExecutor(16) as threads:
            found = [each for part in threads.map(look, [ids[start::16] for start in range(16)]) for each in part]
    assert [each is None for each in found].count(True) == 3
    assert asked(boomi) == [("bulk", 100)]
    assert len(asked(boomi, "DeployedPackage")) == 99


def test_who_may_not_read_environments_learns_from_what_was_deployed(door: type[Driver]) -> None:
    document = seed()
    document["users"][0]["privileges"] = list(DEPLOYER)
    with Emulator(document, rate_limit=0) as boomi, door(boomi.env) as driver:
        driver.up(*program(boomi, "Test"))
        stored = copy.deepcopy(driver.state)
        for row in boomi.objects("DeployedPackage"):
            boomi.console_undeploy(row["deploymentId"])
        assert {step.act for step in driver.refresh()} == {"gone"}
        driver.state = stored
        driver.destroy()
        assert driver.state.resources == {}


@pytest.mark.parametrize("act", ["refresh", "destroy"])
@pytest.mark.parametrize("records", [True, False])
@pytest.mark.parametrize("answers", [200, 400])
def test_a_deleted_environment_is_forgotten_or_named(
    door: type[Driver], boomi: Emulator, answers: int, records: bool, act: str
) -> None:
    """Where Boomi shows neither the environment nor what was in it, the user must say that it was deleted."""
    boomi.settings(deletedEnvironmentRead=answers, deletedEnvironmentRecords=records, deleteEnvironmentInUse="undeploy")
    test = environment(boomi)
    with door(boomi.env) as driver:
        driver.up(*program(boomi, "Test", "Production"))
        state = driver.state
        boomi.delete_environment(test)
        if answers == 400 and not records:
            assert f"BOOMI_KNOWN_DELETED={test}" in fails(getattr(driver, act))
            assert len([each for each in state.resources.values() if each.outputs["environmentId"] == test]) == 5
    with door(boomi.env, state, knownDeleted=f"elsewhere,{test}") as driver:
        getattr(driver, act)()
        left = [each.outputs["environmentId"] for each in driver.state.resources.values()]
        assert left == ([environment(boomi, "Production")] * 5 if act == "refresh" else [])
        assert running(boomi) == len(left)


def test_who_says_that_it_was_deleted_loses_nothing_that_is_there(door: type[Driver], boomi: Emulator) -> None:
    with door(boomi.env, knownDeleted=environment(boomi)) as driver:
        wanted = program(boomi, "Test")
        driver.up(*wanted)
        assert driver.refresh() == [Step("same", each.name) for each in wanted]
        driver.destroy()
        assert running(boomi) == 0


@pytest.mark.parametrize(("fault", "said"), [("503-before", "Boomi answered 503"), ("refuse", "Environment")])
def test_a_place_that_cannot_be_asked_about_loses_nothing(
    fault: str, said: str, driver: Driver, boomi: Emulator
) -> None:
    driver.up(*program(boomi, "Test"))
    boomi.console_undeploy(driver.state.resources["Feed-Test"].outputs["deploymentId"])
    boomi.faults({"kind": fault, "object": "Environment", "times": 1000})
    for act in (driver.refresh, driver.destroy):
        assert said in fails(act)
        assert "Feed-Test" in driver.state.resources
    assert running(boomi) == len(driver.state.resources) - 1
    boomi.faults()
    assert Step("gone", "Feed-Test") in driver.refresh()


# -- every kind that has a place ---------------------------------------------------------------------------


OF_THE_PLACE = {"EnvironmentExtensions"}
"""Kinds whose object is there as long as its place."""

LIVES_IN = {name: kind.place for name, kind in KINDS.items() if kind.place is not None and name not in OF_THE_PLACE}


def _elsewhere(boomi: Emulator, name: str, place: str | None) -> State:
    """Return the state of a resource whose object is not there, in a place that is there or not."""
    with Driver(boomi.env) as driver:
        case = CASES[name]
        inputs = {**case.inputs(boomi), **({"deleteOnDestroy": True} if "deleteOnDestroy" in case.optional else {})}
        driver.up(Resource("it", name, inputs))
        state = copy.deepcopy(driver.state)
        if name != "ComponentMetadata":
            driver.destroy()
    stored, where = state.resources["it"], LIVES_IN[name]
    assert where is not None
    stored.outputs[where.property] = place or stored.outputs[where.property]
    own = {"PackagedComponent": "packageId", "ComponentMetadata": "componentId", "DeployedPackage": "componentId"}[name]
    stored.outputs[own] = "nobody"
    stored.id = f"{stored.outputs[where.property]}/nobody" if name == "DeployedPackage" else "nobody"
    return state


@pytest.mark.parametrize("name", LIVES_IN)
def test_an_object_that_is_not_there_is_gone_only_from_a_place_that_is(
    name: str, door: type[Driver], boomi: Emulator
) -> None:
    place = LIVES_IN[name]
    assert place is not None
    for act in ("refresh", "destroy"):
        with door(boomi.env, _elsewhere(boomi, name, None)) as driver:
            getattr(driver, act)()
            assert driver.state.resources == {}
        state = _elsewhere(boomi, name, "no-such-place")
        before = copy.deepcopy(state)
        with door(boomi.env, state) as driver:
            text = fails(getattr(driver, act))
            assert f"{name} " in text
            assert f"does not show {place.target.name} no-such-place either" in text
            assert place.rights in text
            assert driver.state == before


def test_what_boomi_says_was_deleted_needs_no_place(door: type[Driver], boomi: Emulator) -> None:
    vanished: Mapping[str, Callable[[str], object]] = {
        "PackagedComponent": boomi.console_delete_package,
        "ComponentMetadata": boomi.delete_component,
    }
    for name, vanish in vanished.items():
        with door(boomi.env) as driver:
            driver.up(Resource("it", name, CASES[name].inputs(boomi)))
            vanish(driver.state.resources["it"].id)
            place = LIVES_IN[name]
            assert place is not None
            driver.state.resources["it"].outputs[place.property] = "no-such-place"
            assert driver.refresh() == [Step("gone", "it")]


class Changed(HTTPAdapter):
    """Changes the rows of a query on their way."""

    def __init__(self, change: Callable[[dict[str, str]], dict[str, str]], object_: str = "DeployedPackage") -> None:
        super().__init__()
        self._change = change
        self._path = f"/{object_}/query"

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        answer = super().send(request, *args, **options)
        if not (request.path_url or "").endswith(self._path):
            return answer
        body = answer.json()
        answer.close()
        rows = [row | self._change(row) for row in body.get("result", ())]
        return answered(request, answer.status_code, body | {"result": rows})


NOT_ASKED = {
    "of another environment": lambda _row: {"environmentId": "another"},
    "of another component": lambda _row: {"componentId": "another"},
}


@pytest.mark.parametrize("act", ["refresh", "destroy"])
@pytest.mark.parametrize("rows", NOT_ASKED)
def test_rows_that_nobody_asked_for_say_of_nothing_that_it_is_gone(
    door: type[Driver], rows: str, act: str, boomi: Emulator
) -> None:
    with door(boomi.env) as driver:
        driver.up(*program(boomi, "Test"))
        before = copy.deepcopy(driver.state)
        driver.client.adapter = Changed(NOT_ASKED[rows])
        assert "which nobody asked for" in fails(getattr(driver, act))
        assert driver.state == before
        assert running(boomi) == len(COMPONENTS)


def test_ids_in_another_case_are_the_same(door: type[Driver], boomi: Emulator) -> None:
    with door(boomi.env) as driver:
        driver.up(*program(boomi, "Test"))
        upper = Changed(lambda row: {name: row[name].upper() for name in ("environmentId", "componentId")})
        driver.client.adapter = upper
        assert {step.act for step in driver.refresh()} == {"same"}
        driver.destroy()
        assert running(boomi) == 0


@pytest.mark.parametrize("verb", ["read", "delete"])
def test_an_environment_that_is_hidden_in_the_middle_of_a_long_run_loses_nothing(
    door: type[Driver], verb: str, boomi: Emulator
) -> None:
    """What was visible at its beginning says nothing about now."""
    with door(boomi.env) as driver:
        driver.up(*program(boomi, "Test"))
        first, second, *_ = driver.state.resources.values()
        (gone,) = (
            row
            for row in boomi.objects("DeployedPackage")
            if row["componentId"] == first.outputs["componentId"] and row["active"]
        )
        boomi.console_undeploy(gone["deploymentId"])
        driver.new_process()
        assert getattr(driver, verb)(first) is None
        boomi.give_environment_role(environment(boomi), "operators")
        driver.clock.sleep(FRESH + 1)
        assert "does not show Environment" in fails(lambda: getattr(driver, verb)(second))
        assert running(boomi) == len(COMPONENTS) - 1


def test_an_environment_that_is_hidden_while_something_is_removed_loses_nothing(
    door: type[Driver], boomi: Emulator
) -> None:
    """Boomi then says of a deployment that runs that there is none."""
    with door(boomi.env) as driver:
        driver.up(program(boomi, "Test")[0])

        def hide(method: str, _path: str, status: int | None) -> None:
            if method == "DELETE" and status is None:
                boomi.give_environment_role(environment(boomi), "operators")

        driver.client._watch = hide
        assert "does not show Environment" in fails(driver.destroy)
        assert list(driver.state.resources) == ["Sync-Test"]
        assert running(boomi) == 1
