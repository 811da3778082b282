"""What a preview names is what `up` does: what is there already, what is gone, and who owns what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pulumi.runtime.proto.provider_pb2 import DiffResponse

from boomi_pulumi._api.errors import NotFound
from boomi_pulumi._reads.finders import FINDERS
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, environment, only_dynamic, pack, package, rows, runtime, seed
from tests.conformance.test_laws import assert_settled, committed
from tests.driver import UNKNOWN, Bag, CheckFailed, Driver, Ref, Resource, Step
from tests.native_driver import NativeDriver


def packaged(boomi: Emulator, version: str | None = "1.0", name: str = "p", **more: Any) -> Resource:
    inputs = {"componentId": component(boomi), "packageVersion": version, **more}
    return Resource(name, "PackagedComponent", {key: value for key, value in inputs.items() if value is not None})


def deployed(boomi: Emulator, given: Any = None, name: str = "d", **more: Any) -> Resource:
    inputs = {"environmentId": environment(boomi), "packageId": given or Ref("p", "packageId"), **more}
    return Resource(name, "DeployedPackage", inputs)


def refusals(driver: Driver, *program: Resource) -> dict[str, str]:
    with pytest.raises(CheckFailed) as caught:
        driver.preview(*program)
    return caught.value.failures


# -- a version that is there already -------------------------------------------------------------


def bring(word: str, boomi: Emulator) -> str:
    """Make what is there already; return its version."""
    if word == "adopted":
        return "1.0"
    with Driver(boomi.env) as before:
        before.up(packaged(boomi, "3.0", componentVersion=1))
        if word == "restored":
            before.destroy()
    return "3.0"


@pytest.mark.parametrize("word", ["adopted", "reused", "restored"])
def test_the_preview_names_what_a_version_holds(
    word: str, driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    version = bring(word, boomi)
    held = next(row for row in boomi.objects("PackagedComponent") if row["packageId"] == package(boomi, version))
    program = packaged(boomi, version), deployed(boomi)
    boomi.clear_journal()
    assert driver.preview(*program) == [Step("create", "p"), Step("create", "d")]
    for name in "pd":
        # The newest revision is 2.
        assert (driver.shown[name]["componentVersion"], driver.shown[name]["packageId"]) == (1, held["packageId"])
    what = (
        f"revision 1, branch main, not shareable; packaged by {held['createdBy']} on {held['createdDate']}"
        f"{', deleted since' if word == 'restored' else ''}"
    )
    assert driver.shown["p"]["existing"] == f"{word}: {what}"
    assert [entry["object"] for entry in boomi.journal()].count("PackagedComponent") == 1
    seen = dict(driver.shown)
    capfd.readouterr()
    driver.up(*program)
    said = capfd.readouterr().out
    assert driver.shown == seen
    assert ("restored: " + what if word == "restored" else f"is there already, and equal: {word} ({what})") in said
    assert driver.state.resources["p"].outputs["componentVersion"] == 1
    active = [row for row in boomi.objects("DeployedPackage") if row["active"]]
    assert [row["componentVersion"] for row in active] == [1]
    assert_settled(driver, boomi, *program)
    # A later run does not call it new again, though it was taken, adopted or restored.
    assert driver.shown["p"]["existing"] == f"{word}: {what}"


def test_a_way_back_shows_the_revision_that_comes_back(driver: Driver, boomi: Emulator) -> None:
    first, second = (replace(packaged(boomi, version), retain=True) for version in ("5.0", "6.0"))
    driver.up(first, deployed(boomi))
    boomi.save_revision(component(boomi))
    driver.up(second, deployed(boomi))
    assert driver.state.resources["d"].outputs["componentVersion"] == 3
    assert driver.preview(first, deployed(boomi)) == [Step("replace", "p", ("packageVersion",)), Step("update", "d")]
    assert (driver.shown["p"]["componentVersion"], driver.shown["d"]["componentVersion"]) == (2, 2)
    assert driver.shown["p"]["existing"].startswith("reused: revision 2, ")
    assert driver.shown["d"]["supersedes"].startswith("6.0, deployed by ")
    driver.up(first, deployed(boomi))
    assert driver.state.resources["d"].outputs["componentVersion"] == 2
    assert_settled(driver, boomi, first, deployed(boomi))


CONFLICTS: tuple[tuple[str, Any, str], ...] = (
    ("componentVersion", 2, "cannot be 2: version 1.0 holds 1"),
    ("branchName", "feature", "cannot be feature: version 1.0 holds main"),
    ("shareable", True, "cannot be true: version 1.0 holds false"),
)


@pytest.mark.parametrize("deleted", [False, True], ids=["alive", "deleted"])
@pytest.mark.parametrize("conflict", CONFLICTS, ids=[name for name, *_ in CONFLICTS])
def test_what_up_would_refuse_the_preview_refuses(
    conflict: tuple[str, Any, str], deleted: bool, driver: Driver, boomi: Emulator
) -> None:
    name, value, words = conflict
    if deleted:
        boomi.console_delete_package(package(boomi))
    reasons = refusals(driver, packaged(boomi, **{name: value}))
    assert list(reasons) == [name]
    assert words in reasons[name]
    assert ("deleted since" in reasons[name]) is deleted
    # In the words of its language.
    raised = "packageVersion" if isinstance(driver, NativeDriver) else "package_version"
    assert reasons[name].endswith(f"raise {raised}")
    # Equal ones are no conflict.
    held: Bag = {"componentVersion": 1, "branchName": "main", "shareable": False}
    assert driver.preview(packaged(boomi, **{name: held[name]})) == [Step("create", "p")]


def test_a_deployment_that_is_there_already_is_shown_as_such(driver: Driver, boomi: Emulator) -> None:
    boomi.console_deploy(environment(boomi), package(boomi))
    program = packaged(boomi), deployed(boomi)
    driver.preview(*program)
    assert "supersedes" not in driver.shown["d"]
    assert driver.shown["d"]["existing"].startswith("adopted: deployed by ")
    driver.up(*program)
    assert committed(boomi) == []
    assert_settled(driver, boomi, *program)


def test_a_version_made_between_preview_and_up_is_told_by_up(
    driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """As every fact is as old as the start of a run; `up` looks again, and what was declared counts."""
    program = packaged(boomi, "4.0")
    driver.preview(program)
    assert "existing" not in driver.shown["p"]
    boomi.console_package(component(boomi), packageVersion="4.0", componentVersion=1)
    driver.up(program)
    assert "is there already, and equal: adopted (revision 1, " in capfd.readouterr().out
    assert driver.state.resources["p"].outputs["componentVersion"] == 1
    assert_settled(driver, boomi, program)


def test_without_facts_nothing_is_claimed(boomi: Emulator) -> None:
    with Driver(boomi.env, validate="false") as driver:
        program = packaged(boomi), deployed(boomi)
        driver.preview(*program)
        assert boomi.journal() == []
        assert not driver.shown["p"].keys() & {"existing", "componentVersion", "packageId"}
        driver.up(*program)
        assert driver.state.resources["p"].outputs["componentVersion"] == 1
        assert_settled(driver, boomi, *program)


@pytest.mark.parametrize("unknown", ["componentId", "packageVersion"])
def test_a_version_that_is_not_known_yet_promises_no_revision(unknown: str, driver: Driver, boomi: Emulator) -> None:
    driver.preview(packaged(boomi, **{unknown: UNKNOWN}))
    assert driver.shown["p"]["componentVersion"] == UNKNOWN
    assert "existing" not in driver.shown["p"]


# -- one object, one owner -----------------------------------------------------------------------

QUARRELS: dict[str, Any] = {
    "slot": lambda boomi: [deployed(boomi, package(boomi, each), name) for each, name in (("1.0", "a"), ("1.1", "b"))],
    "equal slot": lambda boomi: [deployed(boomi, package(boomi), name) for name in "ab"],
    "version": lambda boomi: [packaged(boomi, "9.0", name, componentVersion=2 - (name == "a")) for name in "ab"],
    "equal version": lambda boomi: [packaged(boomi, "9.0", name) for name in "ab"],
    "release": lambda boomi: [
        Resource(
            name, "ReleaseIntegrationPack", {"integrationPackId": pack(boomi), "components": rows(boomi, Loyalty=each)}
        )
        for name, each in (("a", "1.1"), ("b", "1.2"))
    ],
    "connector": lambda _: [
        Resource(name, "ConnectorVersionChange", {"classificationType": "till-dev", "versionId": each})
        for name, each in (("a", "3"), ("b", "4"))
    ],
    "name": lambda boomi: [
        Resource(each, "ComponentMetadata", {"componentId": component(boomi), "name": each}) for each in "ab"
    ],
}


@pytest.mark.parametrize("quarrel", QUARRELS.values(), ids=list(QUARRELS))
def test_two_resources_for_one_object_are_refused_with_both_names(
    quarrel: Any, driver: Driver, boomi: Emulator
) -> None:
    (reason,) = refusals(driver, *quarrel(boomi)).values()
    assert "'a' of this program stands for the same object as 'b'" in reason
    assert committed(boomi) == []


def test_one_resource_may_be_checked_twice_and_renamed(driver: Driver, boomi: Emulator) -> None:
    one, two = packaged(boomi, "9.0"), packaged(boomi, "9.1")
    driver.up(one)
    # A replacement is checked twice; a preview and an up are two runs, with one process where an operator likes.
    assert driver.preview(two)[0].act == "replace"
    driver.up(two)
    driver.refresh()
    # An alias keeps state under a new name; only that one is checked.
    driver.state.resources["new"] = driver.state.resources.pop("p")
    assert_settled(driver, boomi, replace(two, name="new"))


def test_slots_may_change_hands_in_one_run(driver: Driver, boomi: Emulator) -> None:
    places = environment(boomi), environment(boomi, "Production")
    one, two = (
        [deployed(boomi, package(boomi), name, environmentId=each) for name, each in zip("ab", order, strict=True)]
        for order in (places, places[::-1])
    )
    driver.up(*one)
    assert [step.act for step in driver.preview(*two)] == ["replace", "replace"]


@only_dynamic
def test_children_of_one_name_are_told_by_their_parents(driver: Driver, boomi: Emulator) -> None:
    stored = Resource("p", "PackagedComponent", {"componentId": component(boomi), "packageVersion": "9.0"})
    reasons = refusals(driver, replace(stored, parent="Orders"), replace(stored, parent="Stores"))
    assert "'p' of Orders of this program stands for the same object as 'p' of Stores" in reasons["packageVersion"]


# -- which package it is -------------------------------------------------------------------------


@pytest.mark.parametrize("property_", ["id", "packageId"])
def test_every_way_to_name_a_package_shows_and_costs_the_same(property_: str, driver: Driver, boomi: Emulator) -> None:
    def program(version: str) -> list[Resource]:
        return [packaged(boomi, version), deployed(boomi, Ref("p", property_))]

    driver.up(*program("3.0"))
    boomi.clear_journal()
    driver.preview(*program("3.1"))
    assert sorted(entry["object"] for entry in boomi.journal()) == [
        "ComponentMetadata",
        "DeployedPackage",
        "Environment",
        "PackagedComponent",
    ]
    shown = driver.shown["d"]
    assert (shown["packageVersion"], shown["componentName"], shown["packageId"]) == ("3.1", "Sync", UNKNOWN)
    assert shown["supersedes"].startswith("3.0, ")


def test_a_slot_keeps_its_names_while_its_package_is_unknown(driver: Driver, boomi: Emulator) -> None:
    driver.up(deployed(boomi, package(boomi)))
    driver.up(deployed(boomi, package(boomi, "1.1")))
    before = dict(driver.shown["d"])
    assert driver.preview(deployed(boomi, UNKNOWN)) == [Step("update", "d")]
    shown = driver.shown["d"]
    assert shown.keys() == before.keys(), "what is shown with a minus will be there afterwards"
    assert {name for name in shown if shown[name] == UNKNOWN} == {
        "packageId",
        "packageVersion",
        "componentVersion",
        "supersedes",
        "brings",
    }
    assert {name: shown[name] for name in shown if shown[name] != UNKNOWN}.items() <= before.items()


def test_a_release_keeps_its_lines_while_its_components_are_unknown(driver: Driver, boomi: Emulator) -> None:
    def program(given: Any) -> Resource:
        return Resource("r", "ReleaseIntegrationPack", {"integrationPackId": pack(boomi), "components": given})

    driver.up(program(rows(boomi, Loyalty="1.1")))
    before = dict(driver.shown["r"])
    driver.preview(program(UNKNOWN))
    assert driver.shown["r"] == {**before, "components": UNKNOWN, "releases": UNKNOWN}


# -- what is gone --------------------------------------------------------------------------------


def undeploy(boomi: Emulator, stored: Bag, and_delete: str | None = None) -> None:
    boomi.console_undeploy(stored["deploymentId"])
    if and_delete is not None:
        boomi.console_delete_package(and_delete)


GONE: dict[str, tuple[Any, Any, str]] = {
    "component": (
        packaged,
        lambda boomi, _: boomi.delete_component(component(boomi)),
        "PackagedComponent Sync 1.0: stays as it is, but componentId names Sync, which was deleted on",
    ),
    "package": (
        packaged,
        lambda boomi, _: boomi.console_delete_package(package(boomi)),
        "PackagedComponent Sync 1.0: it was deleted (revision 1, branch main, not shareable; packaged by",
    ),
    "deployment": (
        lambda boomi: deployed(boomi, package(boomi)),
        undeploy,
        "DeployedPackage Sync 1.0 in Test: nothing of it runs there any more; `pulumi up --refresh` deploys it again",
    ),
    "deployed package": (
        lambda boomi: deployed(boomi, package(boomi)),
        lambda boomi, stored: undeploy(boomi, stored, and_delete=package(boomi)),
        "DeployedPackage Sync 1.0 in Test: stays as it is, but packageId names Sync 1.0, a deleted package",
    ),
    "successor": (
        lambda boomi: deployed(boomi, package(boomi)),
        lambda boomi, _: boomi.console_deploy(environment(boomi), package(boomi, "1.1")),
        "DeployedPackage Sync 1.0 in Test: 1.1 runs there now, deployed by",
    ),
    "renamed component": (
        lambda boomi: Resource("m", "ComponentMetadata", {"componentId": component(boomi), "name": "Sync"}),
        lambda boomi, _: boomi.delete_component(component(boomi)),
        "ComponentMetadata Sync: console.user@acme.example deleted it on",
    ),
}


@only_dynamic
@pytest.mark.parametrize("gone", GONE.values(), ids=list(GONE))
def test_what_is_gone_is_said_though_the_program_did_not_change(
    gone: tuple[Any, Any, str], driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    make, vanish, words = gone
    program = make(boomi)
    driver.up(program)
    capfd.readouterr()
    driver.preview(program)
    assert capfd.readouterr().out == ""
    vanish(boomi, driver.state.resources[program.name].outputs)
    assert driver.preview(program) == [Step("same", program.name)]
    said = capfd.readouterr().out
    assert words in said
    # A run that puts it right does not say it is as it was.
    driver.refresh()
    capfd.readouterr()
    if program.name in driver.state.resources and words.endswith("deleted on"):
        return
    try:
        driver.up(program)
    except CheckFailed:
        return
    assert words not in capfd.readouterr().out


def test_what_the_user_may_not_see_is_not_called_gone(capfd: pytest.CaptureFixture[str]) -> None:
    document = seed()
    document["users"].append({"name": "bob@acme.example", "token": "b0b", "privileges": ["API", "ATOM_MANAGEMENT"]})
    with Emulator(document, rate_limit=0) as boomi, Driver(boomi.env) as driver:
        program = packaged(boomi, "3.0"), deployed(boomi)
        driver.up(*program)
        boomi.settings(readsOfDeployments="DEPLOY")
        capfd.readouterr()
        with Driver({**boomi.env, "BOOMI_USERNAME": "bob@acme.example", "BOOMI_TOKEN": "b0b"}, driver.state) as other:
            assert other.preview(*program) == [Step("same", "p"), Step("same", "d")]
    said = capfd.readouterr().out
    assert "any more" not in said
    assert all(f"checks of {name} are left out" in said for name in ("PackagedComponent", "DeployedPackage"))


@pytest.mark.parametrize("gone", ["component", "package by version", "package by id"])
def test_a_look_up_that_finds_only_what_is_deleted_says_so(gone: str, driver: Driver, boomi: Emulator) -> None:
    id_, version = component(boomi), package(boomi)
    if gone == "component":
        boomi.delete_component(id_)
    else:
        boomi.console_delete_package(version)
    find, given, words = {
        "component": (
            "get_component",
            {"name": "Sync", "folder": "Acme/Orders"},
            (
                rf"There is no component 'Sync', folder Acme/Orders\. Component Sync \({id_}\) was deleted on 20.* by "
                rf'console\.user@acme\.example\. A ComponentMetadata resource with component_id="{id_}" restores it\.'
            ),
        ),
        "package by version": (
            "get_packaged_component",
            {"component_id": id_, "package_version": "1.0"},
            (
                rf"There is no package 1\.0 of component {id_}\. Package 1\.0 .* was deleted; it held revision 1, "
                r'packaged by .* on .*\. A PackagedComponent resource with package_version="1\.0" restores it\.'
            ),
        ),
        "package by id": ("get_packaged_component", {"id": version}, r"^Package 1\.0 .* restores it\."),
    }[gone]
    with pytest.raises(NotFound, match=words):
        FINDERS[find](driver.client, **given)


# -- a refresh -----------------------------------------------------------------------------------


def test_a_refresh_shows_another_revision_where_a_program_may_not_change_it(driver: Driver, boomi: Emulator) -> None:
    program = packaged(boomi, "3.0", componentVersion=1)
    driver.up(program)
    stored = driver.state.resources["p"]
    # A state from a backup, or one that somebody edited.
    for bag in (stored.inputs, stored.outputs):
        bag["componentVersion"] = 2
    driver.new_process()
    found = driver.read(stored)
    assert found is not None
    assert driver.diff("p", found, stored.inputs).changes == DiffResponse.DIFF_SOME
    assert driver.refresh() == [Step("changed", "p", ("componentVersion",))]
    assert_settled(driver, boomi, program)


# -- what is left behind -------------------------------------------------------------------------


def versions(boomi: Emulator) -> set[str]:
    rows = boomi.objects("PackagedComponent")
    return {r["packageVersion"] for r in rows if r["componentId"] == component(boomi) and not r["deleted"]} - {
        "1.0",
        "1.1",
    }


def left_behind(driver: Driver, boomi: Emulator, *, retain: bool = False) -> list[Resource]:
    """Raise the package twice and leave its deployment alone, as `--target` does; return the program."""
    program = [replace(packaged(boomi, "3.0"), retain=retain), deployed(boomi)]
    driver.up(*program)
    for version in ("3.1", "3.2"):
        program = [replace(packaged(boomi, version), retain=retain), deployed(boomi)]
        driver.up(*program, targets={"p"})
    return program


@only_dynamic
def test_what_a_targeted_run_left_behind_goes_when_nobody_uses_it(
    driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    program = left_behind(driver, boomi)
    assert versions(boomi) == {"3.0", "3.2"}
    said = capfd.readouterr().out
    assert "PackagedComponent Sync 3.0 stays as long as it is deployed in Test" in said
    assert "forgets" not in said
    driver.refresh()
    driver.up(*program)
    assert versions(boomi) == {"3.2"}
    assert "PackagedComponent Sync 3.0: nothing uses it any more; deleted." in capfd.readouterr().out
    assert_settled(driver, boomi, *program)


@only_dynamic
def test_a_refresh_alone_removes_nothing_that_was_left_behind(driver: Driver, boomi: Emulator) -> None:
    """It compares as a run does; but the program of this run may not declare the package."""
    left_behind(driver, boomi)
    driver.refresh()
    driver.delete(driver.state.resources.pop("d"))
    assert versions(boomi) == {"3.0", "3.2"}


@only_dynamic
def test_what_a_targeted_run_left_behind_goes_with_a_destroy(driver: Driver, boomi: Emulator) -> None:
    left_behind(driver, boomi)
    driver.destroy()
    assert versions(boomi) == set()


@pytest.mark.parametrize("end", ["up", "destroy"])
def test_what_a_targeted_run_left_behind_stays_where_it_is_retained(end: str, driver: Driver, boomi: Emulator) -> None:
    program = left_behind(driver, boomi, retain=True)
    driver.up(*program) if end == "up" else driver.destroy()
    assert versions(boomi) == {"3.0", "3.1", "3.2"}


@only_dynamic
def test_what_a_targeted_run_left_behind_stays_where_somebody_else_uses_it(driver: Driver, boomi: Emulator) -> None:
    program = left_behind(driver, boomi)
    boomi.console_deploy(environment(boomi, "Production"), package(boomi, "3.0"))
    driver.up(*program)
    assert versions(boomi) == {"3.0", "3.2"}
    assert_settled(driver, boomi, *program)


@only_dynamic
def test_no_line_claims_what_the_same_run_makes_untrue(
    driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """The engine removes first where `delete_before_replace` asks for it; the deployment moves afterwards."""
    driver.up(packaged(boomi, "3.0"), deployed(boomi))
    driver.new_process()
    driver.delete(driver.state.resources.pop("p"))
    said = capfd.readouterr().out
    assert "Sync 3.0 stays as long as it is deployed in Test" in said
    assert "If this run frees it, it is deleted" in said
    stored = driver.state.resources["d"]
    driver.delete(stored)
    assert versions(boomi) == set()
    assert "PackagedComponent Sync 3.0: nothing uses it any more; deleted." in capfd.readouterr().out


@only_dynamic
def test_no_companion_holds_notes_which_may_be_secret(
    driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """Versions and names are no secrets; notes are one where they are given as one, and the engine marks only them."""
    program = [packaged(boomi, "3.0", notes="h1dden"), deployed(boomi, notes="h1dden")]
    driver.up(*program)
    driver.up(packaged(boomi, "3.1", notes="h1dden"), program[1], targets={"p"})
    with Driver(boomi.env) as other:
        other.up(packaged(boomi, "3.1", notes="h1dden"), program[1])
    for stored in [*driver.state.resources.values(), *other.state.resources.values()]:
        for bag in (stored.inputs, stored.outputs):
            assert "h1dden" not in repr({name: bag[name] for name in bag if name != "notes"})
    assert "__left" in driver.state.resources["p"].outputs
    assert "h1dden" not in repr(driver.told) + repr(other.told) + capfd.readouterr().out


# -- what a run may deploy -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ProcessSchedules", "EnvironmentExtensions", "ExecutionRequest"])
def test_a_deployment_that_nobody_knows_yet_may_be_the_one_that_is_missing(
    kind: str, driver: Driver, boomi: Emulator
) -> None:
    """A preview refuses what nothing brings, and not what may come."""
    place, pair = environment(boomi), {"processId": component(boomi), "atomId": runtime(boomi)}
    inputs: dict[str, dict[str, Any]] = {
        "ProcessSchedules": {**pair, "schedules": []},
        "ExecutionRequest": {**pair, "packageId": package(boomi)},
        "EnvironmentExtensions": {"environmentId": place, "properties": {"DPP_X": "1"}},
    }
    ours = Resource("it", kind, inputs[kind])
    with pytest.raises(CheckFailed):
        driver.preview(ours)
    deployment = Resource("d", "DeployedPackage", {"environmentId": place, "packageId": UNKNOWN})
    assert driver.preview(deployment, ours) == [Step("create", "d"), Step("create", "it")]
