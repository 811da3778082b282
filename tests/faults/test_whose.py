"""What is ours is known as ours, and what somebody else made as theirs, whatever happened in between."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from boomi_pulumi.emulator import Emulator
from tests.conformance.conftest import DOORS
from tests.driver import CheckFailed, Driver, PluginError, Ref, Resource, State
from tests.faults.account import PACK, PROGRAM, live, mounted, running, world
from tests.faults.test_answers import Odd

PERSON = "ann@acme.example"
FOREIGN = {("env-test", "legacy"): "1.0", ("env-production", "sync"): "1.0"}
LOST = ("reset-before", "503-before", "reset-after", "500-after")

PACKAGE = Resource("sync", "PackagedComponent", {"componentId": "sync", "packageVersion": "7.0"})
OF_PACKAGE = Resource(
    "sync-test", "DeployedPackage", {"environmentId": "env-test", "packageId": Ref("sync", "packageId")}
)
SLOT = Resource("slot", "DeployedPackage", {"environmentId": "env-test", "packageId": "sync-1.1"})
OTHER = Resource("other", "DeployedPackage", {"environmentId": "env-test", "packageId": "feed-1.0"})


def versions(boomi: Emulator) -> dict[tuple[str, str], str]:
    """Tell which package version runs in which slot."""
    return {(row["environmentId"], row["componentId"]): row["packageVersion"] for row in running(boomi)}


def alive(boomi: Emulator) -> set[tuple[str, str]]:
    return {(row["componentId"], row["packageVersion"]) for row in live(boomi)}


def named(resource: Resource, name: str) -> Resource:
    return Resource(name, resource.kind, resource.inputs)


def scheduled(on: str, version: str = "1.1", name: str = "orders") -> Resource:
    inputs = {
        "integrationPackId": PACK,
        "components": [{"componentId": "sync", "version": version}],
        "releaseOnDate": on,
    }
    return Resource(name, "ReleaseIntegrationPack", inputs)


def dates(boomi: Emulator) -> list[tuple[str, str]]:
    """Tell date and version of every pending release."""
    rows = boomi.objects("PublisherIntegrationPack")
    pending = [
        each["pendingVersion"]
        for row in rows
        for each in row["PublisherPackagedComponents"]["PublisherPackagedComponent"]
    ]
    return list(zip((row["releaseOnDate"] for row in boomi.objects("ReleaseIntegrationPack")), pending, strict=True))


# -- another name --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "resource", [each for each in PROGRAM if each.kind != "DeployedPackage"] + [SLOT], ids=lambda each: each.name
)
def test_what_is_declared_under_another_name_outlives_a_create_that_failed(resource: Resource, boomi: Emulator) -> None:
    """The engine goes on to its deletions with `--continue-on-error`."""
    if "packageVersion" not in resource.inputs and resource.kind == "PackagedComponent":
        return  # Boomi numbers it: another name is another package
    resource = resource.edited(deleteOnDestroy=True) if resource.kind == "ComponentMetadata" else resource
    with Driver(boomi.env) as driver:
        driver.up(resource)
        before = world(boomi)
        stored = driver.state.resources.pop(resource.name)
        driver.preview(named(resource, "renamed"))  # checked, and nothing made
        driver.delete(stored)
    assert world(boomi) == before


def test_a_rename_without_an_alias_keeps_what_is_ours_ours(boomi: Emulator) -> None:
    with Driver(boomi.env) as driver:
        driver.up(PACKAGE, SLOT)
        before = world(boomi)
        driver.up(named(PACKAGE, "a"), named(SLOT, "b"))
        assert world(boomi) == before
        assert [each.outputs["adopted"] for each in driver.state.resources.values()] == [False, False]
        driver.refresh()
        driver.destroy()
    assert versions(boomi) == FOREIGN
    assert ("sync", "7.0") not in alive(boomi)


def test_two_slots_may_swap_what_they_run_and_then_move(boomi: Emulator) -> None:
    with Driver(boomi.env) as driver:
        driver.up(SLOT, OTHER)
        one, two = SLOT.edited(packageId="feed-1.0"), OTHER.edited(packageId="sync-1.1")
        driver.up(one, two)
        driver.up(one.edited(environmentId="env-production"), two)
        assert versions(boomi) == {**FOREIGN, ("env-test", "sync"): "1.1", ("env-production", "feed"): "1.0"}
        driver.destroy()
    assert versions(boomi) == FOREIGN


# -- lost answers and lost states ----------------------------------------------------------------


@pytest.mark.parametrize("fault", LOST)
def test_an_undeploy_whose_answer_is_lost_is_done_though_the_state_is_old(fault: str, boomi: Emulator) -> None:
    with Driver(boomi.env) as driver:
        driver.up(SLOT)
        before = copy.deepcopy(driver.state)
        driver.up(SLOT.edited(packageId="sync-1.2"))
        driver.state = before  # the engine was killed before it wrote
        boomi.faults({"kind": fault, "object": "DeployedPackage", "verb": "delete"})
        driver.destroy()
    assert versions(boomi) == FOREIGN


@pytest.mark.parametrize("marks", ["true", "false"])
def test_a_deployment_whose_answer_was_lost_is_not_somebody_elses(marks: str, boomi: Emulator) -> None:
    with Driver(boomi.env, originMark=marks) as driver:
        boomi.faults({"kind": "reset-after", "object": "DeployedPackage", "verb": "create"})
        driver.up(SLOT)
        assert driver.state.resources["slot"].outputs["adopted"] is False
        driver.destroy()
    assert versions(boomi) == FOREIGN


@pytest.mark.parametrize("fault", [None, "reset-after"])
def test_a_restored_package_is_ours_though_the_answer_was_lost(fault: str | None, boomi: Emulator) -> None:
    boomi.console_delete_package(boomi.console_package("feed", packageVersion="5.0")["packageId"])
    with Driver(boomi.env) as driver:
        if fault is not None:
            boomi.faults({"kind": fault, "object": "PackagedComponent", "verb": "create", "nth": 2})
        driver.up(Resource("feed", "PackagedComponent", {"componentId": "feed", "packageVersion": "5.0"}))
        assert ("feed", "5.0") in alive(boomi)
        driver.destroy()
    assert ("feed", "5.0") not in alive(boomi)


@pytest.mark.parametrize("lost", ["answer", "state", "name"])
def test_a_scheduled_release_that_is_found_is_known_by_its_request(lost: str, boomi: Emulator) -> None:
    with Driver(boomi.env) as driver:
        if lost == "answer":
            boomi.faults({"kind": "reset-after", "object": "ReleaseIntegrationPack", "verb": "create"})
        driver.up(scheduled("2099-01-10"))
        driver.state = State() if lost == "state" else driver.state
        name = "renamed" if lost == "name" else "orders"
        driver.up(scheduled("2099-01-10", name=name))
        outputs = driver.state.resources[name].outputs
        assert (outputs["releaseStatus"], bool(outputs["requestId"])) == ("SCHEDULED", True)
        driver.up(scheduled("2099-02-20", "1.2", name=name))
        assert dates(boomi) == [("2099-02-20", "1.2")]


@pytest.mark.parametrize("outcome", ["SUCCESS", "ERROR"])
def test_a_release_whose_answer_named_no_request_ends(outcome: str, boomi: Emulator) -> None:
    release = Resource(
        "orders",
        "ReleaseIntegrationPack",
        {"integrationPackId": PACK, "components": [{"componentId": "sync", "version": "1.1"}]},
    )
    boomi.settings(releaseOutcome=outcome)
    with Driver(boomi.env) as driver:
        with mounted(driver, Odd(release.kind, lambda body: {key: body[key] for key in body if key != "requestId"})):
            driver.up(release)
        boomi.advance(120)
        boomi.settings(releaseOutcome="SUCCESS")
        driver.up(release)
        assert world(boomi)["released"][PACK, "sync"] == "1.1"
        assert {step.act for step in driver.preview(release)} == {"same"}


# -- people --------------------------------------------------------------------------------------


@pytest.mark.parametrize("refreshed", [False, True])
@pytest.mark.parametrize("package", ["sync-1.1", "sync-1.2"])
def test_a_persons_successor_stays_though_it_inherited_our_mark(package: str, refreshed: bool, boomi: Emulator) -> None:
    """Boomi's own sample of a deployment shows the notes of its predecessors."""
    with Driver(boomi.env) as driver:
        driver.up(SLOT)
        (ours,) = (
            row
            for row in running(boomi)
            if row["deploymentId"] == driver.state.resources["slot"].outputs["deploymentId"]
        )
        theirs = boomi.console_deploy("env-test", package, by=PERSON, notes=f"{ours['notes']}\nhotfix by hand")
        if refreshed:
            driver.refresh()
        driver.destroy()
    assert theirs["deploymentId"] in {row["deploymentId"] for row in running(boomi)}


@pytest.mark.parametrize("public", [True, False])
def test_a_connectors_change_that_a_person_asked_for_is_not_cancelled(public: bool, boomi: Emulator) -> None:
    asked: dict[str, Any] = {"classificationType": "till-dev", "versionId": "4"}
    if public:
        boomi.publish("till-dev")
    else:
        asked["VersionChangeSchedule"] = {"preferredReleaseDate": "2099-01-01T10:00:00Z"}
    boomi.store.console("create", "ConnectorVersionChange", by=PERSON, **asked)
    till = Resource("till", "ConnectorVersionChange", {"classificationType": "till-dev", "versionId": "4"})
    with Driver(boomi.env) as driver:
        driver.up(till)
        driver.destroy()
    assert world(boomi)["connectors"]["till-dev"] == ("2", "4")


# -- not what was asked for ----------------------------------------------------------------------


def test_a_slot_does_not_become_that_of_another_component_where_nothing_is_looked_up(boomi: Emulator) -> None:
    with Driver(boomi.env, validate="false") as driver:
        driver.up(SLOT)
        with pytest.raises((PluginError, CheckFailed), match="is of component feed"):
            driver.up(SLOT.edited(packageId="feed-1.0"))
        driver.destroy()
    assert versions(boomi) == FOREIGN


def test_another_revision_than_was_declared_is_not_deployed(boomi: Emulator) -> None:
    boomi.settings(honourComponentVersion=False)
    with (
        Driver(boomi.env) as driver,
        pytest.raises(PluginError, match=r"was made, but not as asked for: .*componentVersion 2 there, 1 declared"),
    ):
        driver.up(PACKAGE.edited(componentVersion=1), OF_PACKAGE)
    assert versions(boomi) == FOREIGN


# -- at the same time ----------------------------------------------------------------------------


class Meanwhile(HTTPAdapter):
    """Lets something happen once, after Boomi has refused a delete and before anybody hears of it."""

    def __init__(self, act: Any) -> None:
        super().__init__()
        self._act = act

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        answer = super().send(request, *args, **options)
        if request.method == "DELETE" and not answer.ok and self._act is not None:
            act, self._act = self._act, None
            act()
        return answer


def test_a_package_goes_though_what_used_it_went_while_boomi_refused(boomi: Emulator) -> None:
    """A package and its deployment, named by a plain id, are deleted at the same time."""
    with Driver(boomi.env) as driver:
        driver.up(PACKAGE)
        slot = SLOT.edited(packageId=driver.state.resources["sync"].id)
        driver.up(PACKAGE, slot)
        driver.new_process()
        deployed = driver.state.resources["slot"]
        driver.client.adapter = Meanwhile(lambda: driver.delete(deployed))
        driver.delete(driver.state.resources["sync"])
    assert ("sync", "7.0") not in alive(boomi)
    assert versions(boomi) == FOREIGN


# -- children of one name ------------------------------------------------------------------------

NUMBERED = Resource("p", "PackagedComponent", {"componentId": "sync"})


@pytest.mark.parametrize("door", DOORS)
def test_children_of_one_name_have_a_package_each_where_boomi_numbers_it(door: str, boomi: Emulator) -> None:
    """Their states are of one stack; a name is unique below one type of parent only."""
    with DOORS[door](boomi.env) as one, DOORS[door](boomi.env) as two:
        first, second = (replace(NUMBERED, parent=each) for each in ("Orders", "Stores"))
        one.up(first)
        two.up(second)
        ids = [each.state.resources["p"].outputs["packageId"] for each in (one, two)]
        assert len({*ids}) == 2
        assert [each.state.resources["p"].outputs["adopted"] for each in (one, two)] == [False, False]
        two.destroy()
        assert {row["packageId"] for row in live(boomi)} & {*ids} == {ids[0]}
        # A state that is lost finds its own again, and no other.
        one.state, two.state = State(), State()
        one.up(first)
        assert one.state.resources["p"].outputs["packageId"] == ids[0]


@pytest.mark.parametrize("door", DOORS)
def test_a_mark_without_parents_is_known_again(door: str, boomi: Emulator) -> None:
    """As releases up to 0.2 left it, on what the state names."""
    child, place = replace(NUMBERED, parent="Orders"), replace(SLOT, parent="Orders")
    with DOORS[door](boomi.env) as driver:
        driver.up(NUMBERED, SLOT)
        before = [row["packageId"] for row in live(boomi)]
        assert [step.act for step in driver.up(child, place)] == ["same", "same"]
        assert [step.act for step in driver.up(child.edited(notes="more"), place)] in (["update", "same"], ["same"] * 2)
        assert [row["packageId"] for row in live(boomi)] == before
        driver.destroy()
        assert len(live(boomi)) == len(before) - 1
