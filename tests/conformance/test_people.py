"""What people and other stacks do beside the program: a run shows it, repairs what is declared, and leaves theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boomi_pulumi._kinds.lines import Superseded
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, environment, package
from tests.conformance.test_laws import assert_settled, committed
from tests.conformance.test_previews import deployed, packaged
from tests.driver import Bag, CheckFailed, Driver, PluginError, Resource, Step

CREATED = [Step("create", "p"), Step("create", "d")]


def program(boomi: Emulator, version: str = "9.0") -> tuple[Resource, Resource]:
    """Return a package of Sync and its deployment to Test."""
    return packaged(boomi, version), deployed(boomi)


def by_hand(boomi: Emulator, version: str = "9.9", where: str = "Test") -> Bag:
    """Package Sync and deploy it, as a person does."""
    made = boomi.console_package(component(boomi), packageVersion=version)
    return boomi.console_deploy(environment(boomi, where), made["packageId"])


def packages(boomi: Emulator, *, alive: bool = True) -> dict[str, Bag]:
    """Return the packages of Sync by version."""
    rows = boomi.objects("PackagedComponent")
    return {
        row["packageVersion"]: row
        for row in rows
        if row["componentId"] == component(boomi) and not (alive and row["deleted"])
    }


def running(boomi: Emulator) -> dict[str, Bag]:
    """Return what runs of Sync, by the environment's name."""
    names = {row["id"]: row["name"] for row in boomi.objects("Environment")}
    rows = boomi.objects("DeployedPackage")
    return {
        names[row["environmentId"]]: row for row in rows if row["active"] and row["componentId"] == component(boomi)
    }


def versions(boomi: Emulator) -> dict[str, str]:
    return {name: row["packageVersion"] for name, row in running(boomi).items()}


@pytest.fixture
def says(capfd: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    capfd.readouterr()
    return capfd


# -- drift -----------------------------------------------------------------------------------------


def test_another_package_deployed_by_hand_is_shown_and_repaired(driver: Driver, boomi: Emulator) -> None:
    both = program(boomi)
    driver.up(*both)
    other = by_hand(boomi)
    package_, slot = driver.refresh()
    assert package_ == Step("same", "p")
    assert (slot.act, {"packageId", "packageVersion"} <= set(slot.changed)) == ("changed", True)
    found = driver.state.resources["d"]
    assert (found.inputs["packageId"], found.outputs["packageVersion"]) == (other["packageId"], "9.9")
    assert driver.up(*both) == [Step("same", "p"), Step("update", "d")]
    assert versions(boomi) == {"Test": "9.0"}
    assert driver.state.resources["d"].outputs["adopted"] is False


def test_a_change_without_a_refresh_says_what_it_superseded(
    driver: Driver, boomi: Emulator, says: pytest.CaptureFixture[str]
) -> None:
    driver.up(*program(boomi))
    by_hand(boomi)
    driver.up(*program(boomi, "9.1"))
    words = "Sync 9.1 in Test: superseded 9.9, which console.user@acme.example had deployed on"
    assert words in says.readouterr().out
    assert versions(boomi) == {"Test": "9.1"}


def test_what_was_undeployed_by_hand_runs_again(driver: Driver, boomi: Emulator) -> None:
    both = program(boomi)
    driver.up(*both)
    boomi.console_undeploy(running(boomi)["Test"]["deploymentId"])
    assert driver.refresh() == [Step("same", "p"), Step("gone", "d")]
    assert driver.up(*both) == [Step("same", "p"), Step("create", "d")]
    assert versions(boomi) == {"Test": "9.0"}


def test_a_package_deleted_by_hand_comes_back_as_the_same_one(
    driver: Driver, boomi: Emulator, says: pytest.CaptureFixture[str]
) -> None:
    both = program(boomi)
    driver.up(*both)
    before = packages(boomi)["9.0"]
    boomi.console_undeploy(running(boomi)["Test"]["deploymentId"])
    boomi.console_delete_package(before["packageId"])
    assert driver.refresh() == [Step("gone", "p"), Step("gone", "d")]
    says.readouterr()
    assert driver.up(*both) == CREATED
    said = says.readouterr().out
    assert "Sync 9.0: restored: revision 2, branch main, not shareable; packaged by" in said
    assert "deleted since" in said
    assert packages(boomi)["9.0"] == before
    assert versions(boomi) == {"Test": "9.0"}


@pytest.mark.parametrize("way", ["destroyed", "left out"])
def test_a_package_that_was_removed_and_is_declared_again_is_the_same_one(
    way: str, driver: Driver, boomi: Emulator, says: pytest.CaptureFixture[str]
) -> None:
    driver.up(packaged(boomi, "9.0"))
    before = packages(boomi)["9.0"]
    steps = driver.destroy() if way == "destroyed" else driver.up()
    assert steps == [Step("delete", "p")]
    assert "9.0" not in packages(boomi)
    driver.up(packaged(boomi, "9.0"))
    assert "restored" in says.readouterr().out
    assert packages(boomi)["9.0"] == before


def test_everything_gone_does_not_stop_a_destroy(driver: Driver, boomi: Emulator) -> None:
    driver.up(*program(boomi))
    boomi.console_undeploy(running(boomi)["Test"]["deploymentId"])
    boomi.console_delete_package(packages(boomi)["9.0"]["packageId"])
    assert driver.destroy() == [Step("delete", "d"), Step("delete", "p")]
    assert not driver.state.resources


# -- what belongs to others ------------------------------------------------------------------------


def test_a_package_that_is_in_use_elsewhere_stays_and_is_taken_again(
    driver: Driver, boomi: Emulator, says: pytest.CaptureFixture[str]
) -> None:
    driver.up(packaged(boomi, "9.0"))
    before = packages(boomi)["9.0"]
    boomi.console_deploy(environment(boomi, "Production"), before["packageId"])
    driver.destroy()
    assert "Sync 9.0 stays as long as it is deployed in Production" in says.readouterr().out
    assert packages(boomi)["9.0"] == before
    driver.up(packaged(boomi, "9.0"))
    assert packages(boomi)["9.0"] == before
    # The same for a version that another one replaces.
    driver.up(packaged(boomi, "9.1"))
    assert "Sync 9.0 stays as long as it is deployed in Production" in says.readouterr().out
    assert {"9.0", "9.1"} <= set(packages(boomi))


def test_a_successor_that_somebody_else_deployed_stays(
    driver: Driver, boomi: Emulator, says: pytest.CaptureFixture[str]
) -> None:
    driver.up(*program(boomi))
    theirs = by_hand(boomi)
    driver.destroy()
    words = (
        "DeployedPackage Sync 9.0 in Test was superseded by Sync 9.9 in Test, which somebody else put there; it stays."
    )
    assert words in says.readouterr().out
    assert running(boomi)["Test"]["deploymentId"] == theirs["deploymentId"]
    assert set(packages(boomi)) == {"1.0", "1.1", "9.9"}


def test_an_equal_package_and_deployment_of_people_are_adopted_and_stay(
    driver: Driver, boomi: Emulator, says: pytest.CaptureFixture[str]
) -> None:
    made = boomi.console_package(component(boomi), packageVersion="9.0", notes="by hand")
    theirs = boomi.console_deploy(environment(boomi), made["packageId"])
    boomi.clear_journal()
    assert driver.up(*program(boomi)) == CREATED
    said = says.readouterr().out
    assert "Sync 9.0 is there already, and equal: adopted (revision 2, branch main, not" in said
    assert "A destroy will leave it where it is." in said
    assert "Sync 9.0 in Test is there already, and equal: adopted (deployed by" in said
    assert committed(boomi) == []
    outputs = driver.state.resources["p"].outputs
    assert (outputs["adopted"], outputs["notes"]) == (True, "by hand")
    driver.destroy()
    assert "Sync 9.0 stays: it was there before this stack took it over." in says.readouterr().out
    assert packages(boomi)["9.0"]["packageId"] == made["packageId"]
    assert running(boomi)["Test"]["deploymentId"] == theirs["deploymentId"]


def test_two_stacks_that_share_a_slot_do_not_undo_each_other(driver: Driver, boomi: Emulator) -> None:
    both = program(boomi)
    driver.up(*both)
    slot = deployed(boomi, package(boomi, "9.0"))
    with type(driver)(boomi.env, stack="other") as other:
        other.up(slot)
        assert other.state.resources["d"].outputs["adopted"] is True
        other.destroy()
    assert versions(boomi) == {"Test": "9.0"}
    assert_settled(driver, boomi, *both)


def test_what_the_state_lost_is_taken_again_and_can_be_left_out(driver: Driver, boomi: Emulator) -> None:
    numbered = Resource("n", "PackagedComponent", {"componentId": component(boomi, "Api")})
    driver.up(numbered, packaged(boomi, "9.0"))
    before = boomi.objects("PackagedComponent")
    driver.state.resources.clear()
    boomi.clear_journal()
    driver.up(numbered, *program(boomi))
    assert boomi.objects("PackagedComponent") == before
    assert committed(boomi) == ["create DeployedPackage"]
    assert driver.state.resources["p"].outputs["adopted"] is False
    driver.refresh()
    driver.up()
    assert set(packages(boomi)) == {"1.0", "1.1"}
    assert versions(boomi) == {}


# -- what an argument means from one run to the next -----------------------------------------------


def test_notes_alone_change_nothing_and_a_listener_status_does(driver: Driver, boomi: Emulator) -> None:
    def both(notes: str, status: str | None = None) -> list[Resource]:
        slot = deployed(boomi, notes=notes, **({"listenerStatus": status} if status else {}))
        return [packaged(boomi, "9.0", notes=notes), slot]

    driver.up(*both("ORD-981"))
    first = running(boomi)["Test"]
    assert first["notes"] == "ORD-981\n\n[pulumi shop/test/d]"
    same = [Step("same", "p"), Step("same", "d")]
    assert driver.up(*both("ORD-982")) == same
    assert running(boomi)["Test"] == first
    assert driver.up(*both("ORD-982", "PAUSED")) == [Step("same", "p"), Step("update", "d")]
    second = running(boomi)["Test"]
    assert (second["packageId"], second["listenerStatus"]) == (first["packageId"], "PAUSED")
    assert second["notes"].startswith("ORD-982")
    # Left out again, it stays as it is.
    assert driver.up(*both("ORD-982")) == same
    assert running(boomi)["Test"] == second


def test_a_slot_moves_to_another_environment_and_another_component(driver: Driver, boomi: Emulator) -> None:
    def active() -> set[tuple[str, str]]:
        rows = boomi.objects("DeployedPackage")
        return {(row["componentId"], row["environmentId"]) for row in rows if row["active"]}

    driver.up(*program(boomi))
    production = environment(boomi, "Production")
    moved = deployed(boomi, environmentId=production)
    steps = driver.up(packaged(boomi, "9.0"), moved)
    assert [step.act for step in steps] == ["same", "replace", "delete replaced"]
    assert active() == {(component(boomi), production)}
    feed = component(boomi, "Feed")
    driver.up(packaged(boomi, "9.0", componentId=feed), moved)
    assert active() == {(feed, production)}
    assert "9.0" not in packages(boomi)


def test_a_package_that_boomi_numbers_follows_the_revision(driver: Driver, boomi: Emulator) -> None:
    api = component(boomi, "Api")

    def numbered(revision: int) -> Resource:
        return Resource("p", "PackagedComponent", {"componentId": api, "componentVersion": revision})

    def revisions() -> list[int]:
        rows = boomi.objects("PackagedComponent")
        return [row["componentVersion"] for row in rows if row["componentId"] == api and not row["deleted"]]

    driver.up(numbered(1))
    # Somebody saves the component: what was declared is packaged already.
    boomi.save_revision(api)
    assert_settled(driver, boomi, numbered(1))
    assert driver.preview(numbered(2))[0].act == "replace"
    assert driver.shown["p"]["componentVersion"] == 2
    assert [step.act for step in driver.up(numbered(2))] == ["replace", "delete replaced"]
    assert revisions() == [2]


def test_without_marks_and_without_facts_the_same_holds(door: type[Driver], boomi: Emulator) -> None:
    with door(boomi.env, originMark="false", validate="false") as bare:
        bare.up(packaged(boomi, "9.0"), deployed(boomi, notes="ORD-981"))
        assert "notes" not in packages(boomi)["9.0"]
        assert running(boomi)["Test"]["notes"] == "ORD-981"
        after = [packaged(boomi, "9.1"), deployed(boomi, notes="ORD-981")]
        bare.up(*after)
        assert versions(boomi) == {"Test": "9.1"}
    # Marks and facts may be switched on later.
    with door(boomi.env, bare.state) as full:
        assert_settled(full, boomi, *after)
        full.destroy()
    assert (versions(boomi), set(packages(boomi))) == ({}, {"1.0", "1.1"})


def test_a_retained_package_outlives_its_successor_and_a_destroy(driver: Driver, boomi: Emulator) -> None:
    for version in ("9.0", "9.1"):
        driver.up(replace(packaged(boomi, version), retain=True))
    driver.destroy()
    assert {"9.0", "9.1"} <= set(packages(boomi))


def test_a_slot_of_another_stack_is_named_as_that_stacks(door: type[Driver], boomi: Emulator) -> None:
    """In the preview, in the run, and in the report; a person's deployment bears no stack."""
    inputs = {"environmentId": environment(boomi), "packageId": package(boomi, "1.0")}
    with door(boomi.env, stack="other") as other, door(boomi.env) as driver:
        other.up(Resource("theirs", "DeployedPackage", inputs))
        program = Resource("ours", "DeployedPackage", {**inputs, "packageId": package(boomi, "1.1")})
        driver.preview(program)
        line = str(driver.shown["ours"]["supersedes"])
        assert line.startswith("1.0 of stack shop/other, deployed by ")
        found = Superseded.parse(line)
        assert found is not None
        assert (found.version, found.stack) == ("1.0", "shop/other")
        driver.up(program)
        boomi.console_deploy(environment(boomi), package(boomi, "1.0"))
        driver.preview(program.edited(packageId=package(boomi, "1.0"), notes="x"))
        assert "of stack" not in str(driver.shown["ours"].get("supersedes"))


def test_a_slot_of_another_stack_may_be_refused(door: type[Driver], boomi: Emulator) -> None:
    """In the preview, and before a write that no preview has seen; one's own and a person's is superseded as ever."""
    inputs = {"environmentId": environment(boomi), "packageId": package(boomi, "1.0")}
    program = Resource("ours", "DeployedPackage", {**inputs, "packageId": package(boomi, "1.1")})
    with door(boomi.env, stack="other") as other, door(boomi.env, refuseOtherStacks="true") as driver:
        unseen = driver.check("ours", "DeployedPackage", {}, program.inputs)
        other.up(Resource("theirs", "DeployedPackage", inputs))
        with pytest.raises(CheckFailed, match="that stack shop/other owns, and boomi:refuseOtherStacks is true"):
            driver.preview(program)
        driver.new_process()
        with pytest.raises(PluginError, match="that stack shop/other owns, and boomi:refuseOtherStacks is true"):
            driver.create("ours", "DeployedPackage", unseen)
        boomi.console_deploy(environment(boomi), package(boomi, "1.0"))
        driver.up(program)
        driver.up(program.edited(packageId=package(boomi, "1.0")))


def test_what_boomi_says_of_a_deployment_is_told_once(
    driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """A deployment beyond the licences succeeds, and nobody would look for the message among the outputs."""
    boomi.settings(licencesExceededBy=2)
    program = Resource("d", "DeployedPackage", {"environmentId": environment(boomi), "packageId": package(boomi)})
    driver.up(program)
    told = capfd.readouterr().out
    assert 'DeployedPackage Sync 1.0 in Test: Boomi said: "Your packaged components were successfully deployed.' in told
    assert_settled(driver, boomi, program)
    assert "Boomi said" not in capfd.readouterr().out
