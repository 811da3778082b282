"""What the plugin asks in a large account: it sees one resource after another, and must not pay for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from tests.driver import Driver, Ref, Resource
from tests.native_driver import NativeDriver

OURS, ELSEWHERE, RUNNING = 250, 800, 1_100
"""Components of the program's folder, of another one that sorts before it, and of a third, all of which run."""

ENVIRONMENT = "e-1"
PEOPLE = {"name": "ann@acme.example", "token": "t-1"}
PRIVILEGES = ["API", "PACKAGE_MANAGEMENT", "DEPLOY", "ATOM_MANAGEMENT", "BUILD"]


def _account() -> dict[str, Any]:
    running = [f"run{number}" for number in range(RUNNING)]
    places = {
        **{f"else{number}": f"Acme/Else/{number % 40}" for number in range(ELSEWHERE)},
        **{f"ours{number}": "Acme/Ours" for number in range(OURS)},
        **dict.fromkeys(running, "Acme/Running"),
    }
    return {
        "account": {"id": "acme-AB12CD", "name": "Acme"},
        "users": [{**PEOPLE, "privileges": PRIVILEGES}],
        "environments": [{"name": "Test", "classification": "TEST", "id": ENVIRONMENT}],
        "folders": sorted(set(places.values())),
        "components": [{"name": name, "id": name, "folder": folder} for name, folder in places.items()],
        "packages": [{"component": f"Acme/Running/{name}", "version": "1.0"} for name in running],
        "deployments": [
            {"component": f"Acme/Running/{name}", "package": "1.0", "environment": "Test"} for name in running
        ],
    }


@pytest.fixture(scope="module")
def large() -> Iterator[Emulator]:
    with Emulator(_account(), rate_limit=0) as boomi:
        yield boomi


@pytest.fixture
def boomi(large: Emulator) -> Iterator[Emulator]:
    large.clear_journal()
    yield large
    if any(entry["verb"] in {"create", "update", "delete"} for entry in large.journal()):
        large.reset()


@pytest.fixture
def driver(boomi: Emulator) -> Iterator[NativeDriver]:
    made = NativeDriver(boomi.env)
    yield made
    made.close()


def _package(component: str, version: str = "2.0") -> Resource:
    return Resource(f"p-{component}", "PackagedComponent", {"componentId": component, "packageVersion": version})


def _deployment(component: str) -> Resource:
    slot = {"environmentId": ENVIRONMENT, "packageId": Ref(f"p-{component}")}
    return Resource(f"d-{component}", "DeployedPackage", slot)


def _kinds_in_turn(components: Sequence[str]) -> list[Resource]:
    return [*map(_package, components), *map(_deployment, components)]


def _pairs(components: Sequence[str]) -> list[Resource]:
    return [each for one in components for each in (_package(one), _deployment(one))]


def _mixed(components: Sequence[str]) -> list[Resource]:
    return _kinds_in_turn(sorted(components, key=lambda name: name[::-1]))


ORDERS = [_kinds_in_turn, _pairs, _mixed, lambda components: _kinds_in_turn(components[::-1])]


@pytest.mark.parametrize("order", ORDERS, ids=["kinds in turn", "pairs", "mixed", "backwards"])
@pytest.mark.parametrize("at_once", [1, 16])
def test_a_first_preview_in_a_large_account_costs_pages_of_what_is_named(
    at_once: int, order: Callable[[Sequence[str]], list[Resource]], driver: NativeDriver, boomi: Emulator
) -> None:
    n = 200
    # Pairs that come at once name packages that nobody has checked yet.
    program = order([f"ours{number}" for number in range(n)])
    checked = driver.check_new(program, at_once if order is not _pairs else 1)
    assert len(boomi.journal()) <= n // 50 + n // 100 + 8
    for resource, bag in zip(program, checked, strict=True):
        assert bag["componentName"] == resource.name[2:]
        assert "supersedes" not in bag


def test_what_is_read_ahead_is_what_a_read_of_its_own_would_tell(
    driver: NativeDriver, boomi: Emulator, request: pytest.FixtureRequest
) -> None:
    """Of components of which some run and some versions exist, in a large environment."""
    request.addfinalizer(boomi.reset)
    names = [f"{kind}{number}" for number in range(30) for kind in ("ours", "run", "else")]
    for name in names[::4]:
        boomi.console_package(name, packageVersion="2.0")
    for name in names[3::7]:
        boomi.save_revision(name)
    together = driver.check_new(_kinds_in_turn(names))
    alone = [driver.check_new([_package(name), _deployment(name)]) for name in names]
    told = [*(one for one, _ in alone), *(two for _, two in alone)]
    assert together == told
    assert {bool(bag.get("existing")) for bag in told} == {"supersedes" in bag for bag in told} == {True, False}


def test_components_all_over_a_large_account_cost_no_more_than_half_as_much_again(
    driver: NativeDriver, boomi: Emulator
) -> None:
    n = 40
    driver.check_new([_package(f"else{number * 19 + number % 40}") for number in range(n)])
    assert len([entry for entry in boomi.journal() if entry["object"] == "ComponentMetadata"]) <= n * 3 // 2 + 8


@pytest.mark.parametrize(("door", "most"), [(NativeDriver, 6), (Driver, 7)])
def test_an_up_beside_a_thousand_deployments_of_others_reads_none_of_them(
    door: type[Driver], most: int, boomi: Emulator
) -> None:
    with door(boomi.env) as driver:
        driver.up(*_pairs(["ours0"]))
        assert len(boomi.journal()) <= most


def test_a_refresh_beside_a_thousand_deployments_of_others_reads_none_of_them(
    driver: NativeDriver, boomi: Emulator
) -> None:
    driver.up(*_kinds_in_turn(["ours0", "ours1"]))
    before = len(boomi.journal())
    assert {step.act for step in driver.refresh()} == {"same"}
    assert len(boomi.journal()) - before <= 4
    driver.new_process()
    before = len(boomi.journal())
    requests = [driver.read_request(each) for each in driver.state.resources.values()]
    assert all(answer.id for answer in driver.call_at_once("Read", requests))
    assert len(boomi.journal()) - before <= 4
