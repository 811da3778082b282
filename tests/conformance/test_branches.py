"""Packages of a branch: the revision that a preview shows is that of the branch, and `up` freezes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import boomi_pulumi
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, environment, package, seed
from tests.conformance.test_laws import assert_settled
from tests.conformance.test_previews import deployed, packaged, refusals
from tests.driver import Driver, Ref, Resource, config_of
from tests.inline import run


def saved(boomi: Emulator, name: str = "Sync", branch: str = "feature") -> str:
    """Save a revision on a branch; return the component's id."""
    id_ = component(boomi, name)
    boomi.save_revision(id_, branch=branch)
    return id_


def test_a_package_of_a_branch_shows_its_revision_and_freezes_it(driver: Driver, boomi: Emulator) -> None:
    saved(boomi)
    program = [packaged(boomi, "9.0", branchName="feature"), deployed(boomi, packageId=Ref("p", "packageId"))]
    driver.preview(*program)
    assert driver.shown["p"]["componentVersion"] == 3
    assert driver.shown["d"]["componentVersion"] == 3
    driver.up(*program)
    assert driver.state.resources["d"].outputs["componentVersion"] == 3
    assert_settled(driver, boomi, *program)


def test_a_branch_that_never_touched_a_component_shows_the_default_one(driver: Driver, boomi: Emulator) -> None:
    program = packaged(boomi, "9.0", branchName="feature")
    driver.up(program)
    assert driver.shown["p"]["componentVersion"] == 2
    assert_settled(driver, boomi, program)


def test_a_misspelt_branch_is_refused_with_the_names_that_there_are(driver: Driver, boomi: Emulator) -> None:
    reason = "names no branch of this account; there are feature, main"
    assert refusals(driver, packaged(boomi, "9.0", branchName="fetaure")) == {"branchName": reason}


@pytest.fixture
def wide() -> Iterator[Emulator]:
    account = seed()
    account["components"] += [{"name": f"C{number}", "folder": "Acme/Orders"} for number in range(120)]
    with Emulator(account, rate_limit=0) as boomi:
        yield boomi


def test_a_branch_costs_one_request_for_a_hundred_packages(door: type[Driver], wide: Emulator) -> None:
    ids = [saved(wide, f"C{number}") for number in range(120)]
    inputs = [{"componentId": id_, "packageVersion": "9.0", "branchName": "feature"} for id_ in ids]
    program = [Resource(f"p{number}", "PackagedComponent", each) for number, each in enumerate(inputs)]
    wide.clear_journal()
    with door(wide.env) as driver:
        driver.preview(*program)
        assert {driver.shown[each.name]["componentVersion"] for each in program} == {2}
    verbs = ("query", "queryMore")
    asked = [each for each in wide.journal() if each["object"] == "ComponentMetadata" and each["verb"] in verbs]
    # The plugin, which is asked about one after another, reads all components first; that is not the branch's cost.
    assert len(asked) <= (2 if door is Driver else 6)


def test_a_look_up_of_a_branch_packages_from_that_branch(boomi: Emulator) -> None:
    saved(boomi)

    def program() -> None:
        for name, found in {
            "branch": boomi_pulumi.get_component(name="Sync", branch="feature"),
            "default": boomi_pulumi.get_component(name="Feed"),
            "named": boomi_pulumi.get_component(name="Loyalty", branch="main"),
        }.items():
            boomi_pulumi.PackagedComponent(name, component=found, package_version="9.0")
        later = boomi_pulumi.get_component_output(name="Sync", branch="feature")
        boomi_pulumi.PackagedComponent("output", component=later, package_version="9.1")

    with Driver(boomi.env) as driver:
        ran = run(program, config_of(boomi.env), driver=driver)
    assert ran.failures == {}
    branches = {each: ran.made[each].inputs.get("branchName") for each in ("branch", "output", "default", "named")}
    assert branches == {"branch": "feature", "output": "feature", "default": None, "named": None}
    assert ran.made["branch"].inputs["__facts"]["component"]["found"]["version"] == 3


# -- which is newer ------------------------------------------------------------------------------


@pytest.fixture
def late() -> Iterator[Emulator]:
    """Return an account where an old revision was packaged later than a new one."""
    account = seed()
    account["packages"] += [
        {"component": "Acme/Orders/Sync", "version": version, "revision": revision, "date": f"2026-03-{day}T08:00:00Z"}
        for version, revision, day in (("2.0", 2, "02"), ("1.2", 1, "06"))
    ]
    with Emulator(account, rate_limit=0) as boomi:
        yield boomi


@pytest.mark.parametrize(
    ("there", "wanted", "lines"),
    [
        ("2.0", "1.2", ["takes back 2.0 (revision 2)"]),
        ("1.2", "2.0", ["2.0 (revision 2)"]),
        ("1.0", "1.2", ["1.2 (revision 1)"]),
    ],
)
def test_newer_means_a_later_revision_of_the_branch(
    door: type[Driver], late: Emulator, there: str, wanted: str, lines: list[str]
) -> None:
    late.console_deploy(environment(late), package(late, there))
    with door(late.env) as driver:
        inputs = {"environmentId": environment(late), "packageId": package(late, wanted)}
        driver.preview(Resource("d", "DeployedPackage", inputs))
        assert [each for each in driver.shown["d"]["brings"] if "1.1" not in each] == lines


def test_what_goes_to_another_branch_is_named(driver: Driver, boomi: Emulator) -> None:
    boomi.save_revision(component(boomi, "Sync"), branch="feature")
    driver.up(packaged(boomi, "1.0-hot", branchName="feature"))
    boomi.console_deploy(environment(boomi), package(boomi, "1.1"))
    inputs = {"environmentId": environment(boomi), "packageId": package(boomi, "1.0-hot")}
    driver.preview(Resource("d", "DeployedPackage", inputs))
    assert driver.shown["d"]["brings"] == [
        "1.0-hot (revision 3), of branch feature",
        "takes back 1.1 (revision 2), of main",
    ]
