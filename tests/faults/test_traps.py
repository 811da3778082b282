"""Commands that people run when they are in a hurry: none of them loses a package or a deployment that is alive."""

from __future__ import annotations

import copy

import pytest

from boomi_pulumi.emulator import Emulator
from tests.driver import Driver, Ref, Resource, State, Stored
from tests.faults.account import PROGRAM, edited, world

FOREIGN = {"env-test legacy", "env-production sync"}


def running(boomi: Emulator) -> set[str]:
    return {f"{row['environmentId']} {row['componentId']}" for row in boomi.objects("DeployedPackage") if row["active"]}


def alive(boomi: Emulator) -> set[str]:
    return {row["packageId"] for row in boomi.objects("PackagedComponent") if not row["deleted"]}


def forced(driver: Driver, resource: Resource, inputs: dict[str, object], *, trigger: bool = False) -> Stored:
    """Do what the engine does for `up --replace`, or for another `replacement_trigger`; it asks no diff."""
    old = driver.state.resources[resource.name]
    driver.new_process()
    if trigger:
        driver.check(resource.name, resource.kind, old.inputs, {**inputs})
    return driver.create(resource.name, resource.kind, driver.check(resource.name, resource.kind, {}, {**inputs}))


@pytest.mark.parametrize("name", [each.name for each in PROGRAM])
def test_a_replacement_by_itself_takes_what_is_there_and_deletes_nothing(name: str, boomi: Emulator) -> None:
    with Driver(boomi.env) as driver:
        driver.up(*PROGRAM)
        before = world(boomi)
        resource = next(each for each in PROGRAM if each.name == name)
        old = driver.state.resources[name]
        inputs = {key: value for key, value in old.inputs.items() if key != "__provider"}
        declared = inputs.pop("__declared")
        given = {key: value for key, value in inputs.items() if key in declared or key == "__origin"}
        boomi.clear_journal()
        new = forced(driver, resource, given)
        assert new.id == old.id
        driver.delete(old)
        assert not [entry for entry in boomi.journal() if entry["committed"]]
        assert world(boomi) == before


@pytest.mark.parametrize("fault", [None, "reset-after", "500-after", "half-body"])
def test_a_deployment_whose_trigger_changes_is_made_again_once(fault: str | None, boomi: Emulator) -> None:
    """Whatever becomes of the answer to the write."""
    package, _, deployment, *_ = PROGRAM
    with Driver(boomi.env) as driver:
        driver.up(package, deployment)
        old = driver.state.resources[deployment.name]
        inputs = {key: value for key, value in old.inputs.items() if key != "__provider"}
        given = {key: inputs[key] for key in (*inputs["__declared"], "__origin", "__facts") if key in inputs}
        boomi.clear_journal()
        if fault:
            boomi.faults({"kind": fault, "object": "DeployedPackage", "verb": "create"})
        new = forced(driver, deployment, given, trigger=True)
        assert new.id == old.id
        assert new.outputs["deploymentId"] != old.outputs["deploymentId"]
        assert [each["verb"] for each in boomi.journal() if each["committed"]] == ["create"]
        driver.delete(old)
        assert new.outputs["deploymentId"] in {
            row["deploymentId"] for row in boomi.objects("DeployedPackage") if row["active"]
        }


def cut_off(driver: Driver, name: str) -> None:
    """Leave what a forced replacement of something unchanged leaves that is killed before its deletion."""
    driver.state.replaced.append(copy.deepcopy(driver.state.resources[name]))


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("name", [each.name for each in PROGRAM])
def test_a_forced_replacement_that_was_cut_off_loses_nothing_by_the_next_run(
    name: str, alone: bool, boomi: Emulator
) -> None:
    program = edited(PROGRAM, api={"deleteOnDestroy": True})
    if alone:
        (wanted,) = (each for each in program if each.name == name)
        program = tuple(
            each for each in program if each is wanted or Ref(each.name, "packageId") in wanted.inputs.values()
        )
    with Driver(boomi.env) as driver:
        driver.up(*program)
        before = world(boomi)
        cut_off(driver, name)
        driver.up(*program)
        assert world(boomi) == before
        assert {step.act for step in driver.preview(*program)} == {"same"}
        assert {step.act for step in driver.refresh()} == {"same"}
        driver.destroy()
    assert running(boomi) == FOREIGN


def test_a_package_that_could_not_be_removed_at_once_and_is_declared_stays(boomi: Emulator) -> None:
    """Whether its deployment moves away before or after Pulumi has asked about the package."""
    package, _, deployment, *_ = PROGRAM
    moved = deployment.edited(packageId="sync-1.1")
    for program in ((package, moved), (moved, package)):
        with Driver(boomi.env) as driver:
            driver.up(package, deployment)
            cut_off(driver, package.name)
            driver.up(*program)
            assert driver.state.resources[package.name].id in alive(boomi)
            assert {step.act for step in driver.refresh()} == {"same"}
            driver.destroy()


def test_what_is_gone_may_be_made_again_by_force(boomi: Emulator) -> None:
    with Driver(boomi.env) as driver:
        driver.up(PROGRAM[0])
        stored = driver.state.resources["sync"]
        boomi.console_delete_package(stored.id)
        given = {key: stored.inputs[key] for key in ("componentId", "packageVersion", "notes", "__origin")}
        assert forced(driver, PROGRAM[0], given).id == stored.id
        assert [row["deleted"] for row in boomi.objects("PackagedComponent") if row["packageId"] == stored.id] == [
            False
        ]


@pytest.mark.parametrize("name", [each.name for each in PROGRAM])
def test_a_resource_that_the_state_lost_is_used_again(name: str, boomi: Emulator) -> None:
    with Driver(boomi.env) as driver:
        driver.up(*PROGRAM)
        before = world(boomi)
        del driver.state.resources[name]
        driver.up(*PROGRAM)
        assert world(boomi) == before


def test_a_resource_may_be_renamed_with_an_alias(boomi: Emulator) -> None:
    with Driver(boomi.env) as driver:
        driver.up(*PROGRAM)
        before = world(boomi)
        # An alias gives the state of the old name to the new one.
        driver.state = State({f"new-{name}": stored for name, stored in driver.state.resources.items()})
        program = edited(PROGRAM, sync_test={"packageId": driver.state.resources["new-sync"].id})
        program = edited(program, feed_test={"packageId": driver.state.resources["new-feed"].id})
        renamed = [Resource(f"new-{each.name}", each.kind, each.inputs) for each in program]
        assert {step.act for step in driver.up(*renamed)} == {"same"}
        assert world(boomi) == before
        driver.destroy()
        assert [
            row
            for row in boomi.objects("DeployedPackage")
            if row["active"] and row["deployedBy"] == "pulumi@acme.example"
        ] == []


def test_a_resource_may_move_to_another_stack(boomi: Emulator) -> None:
    """The state of one stack becomes that of another, and only the new one removes what it made."""
    with Driver(boomi.env) as old, Driver(boomi.env, stack="other") as new:
        old.up(*PROGRAM)
        before = world(boomi)
        new.state, old.state = old.state, State()
        assert {step.act for step in new.up(*PROGRAM)} == {"same"}
        old.destroy()
        assert world(boomi) == before
        new.destroy()
        assert running(boomi) == FOREIGN
        assert alive(boomi) == {"sync-1.0", "sync-1.1", "sync-1.2", "legacy-1.0", "feed-1.0"}


def test_a_resource_given_up_here_and_declared_there_stays(boomi: Emulator) -> None:
    """Without moving the state: the other stack adopts it, and the old one's destroy comes after."""
    with Driver(boomi.env) as old, Driver(boomi.env, stack="other") as new:
        old.up(*PROGRAM)
        old.state.resources.clear()  # state delete, or retain_on_delete
        new.up(*PROGRAM)
        assert sum(row["active"] for row in boomi.objects("DeployedPackage")) == 4
        assert new.state.resources["sync"].outputs["adopted"] is True
        before = {key: value for key, value in world(boomi).items() if key != "packages"}
        new.destroy()
        # Boomi numbers a package for each stack; what the first stack made stays.
        assert {key: value for key, value in world(boomi).items() if key not in ("packages", "deployments")} == {
            key: value for key, value in before.items() if key != "deployments"
        }
        running = {
            (row["environmentId"], row["componentId"]) for row in boomi.objects("DeployedPackage") if row["active"]
        }
        assert ("env-test", "sync") in running


def test_a_version_declared_again_comes_back_with_its_own_revision_and_stays(boomi: Emulator) -> None:
    first, second = (
        Resource("sync", "PackagedComponent", {"componentId": "sync", "packageVersion": version})
        for version in ("7.0", "7.1")
    )
    with Driver(boomi.env) as driver:
        driver.up(first)
        revision = driver.state.resources["sync"].outputs["componentVersion"]
        driver.up(second)
        boomi.save_revision("sync")
        # The preview shows the newest revision; what Boomi brings back has the one that it was frozen with.
        assert [step.act for step in driver.up(first)] == ["replace", "delete replaced"]
        assert driver.state.resources["sync"].outputs["componentVersion"] == revision
        assert [step.act for step in driver.preview(first)] == ["same"]
        driver.refresh()
        assert [step.act for step in driver.preview(first)] == ["same"]
