"""Components that people built: renamed, moved, restored; locked ones; and what a destroy leaves."""

from __future__ import annotations

from typing import Any

import pytest

from boomi_pulumi import COMPONENT_TYPES, FilterError, where
from boomi_pulumi._api.models import COMPONENT_METADATA
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, folder
from tests.conformance.test_laws import assert_settled, committed
from tests.driver import CheckFailed, Driver, PluginError, Resource, Step


def metadata(boomi: Emulator, **inputs: Any) -> Resource:
    return Resource("it", "ComponentMetadata", {"componentId": component(boomi, "Feed"), **inputs})


def newest(boomi: Emulator, id_: str) -> dict[str, Any]:
    rows = [row for row in boomi.objects("ComponentMetadata") if row["componentId"] == id_]
    return max(rows, key=lambda row: int(row["version"]))


def sent(boomi: Emulator) -> list[str]:
    found = committed(boomi)
    boomi.clear_journal()
    return found


def test_a_rename_and_a_move_are_one_request(driver: Driver, boomi: Emulator) -> None:
    program = metadata(boomi, name="Feed of all", folderId=folder(boomi))
    driver.up(program)
    assert sent(boomi) == ["update ComponentMetadata"]
    row = newest(boomi, component(boomi, "Feed of all"))
    assert (row["name"], row["folderName"]) == ("Feed of all", "Shop")
    assert_settled(driver, boomi, program)


def test_what_is_as_declared_is_not_written(driver: Driver, boomi: Emulator) -> None:
    program = metadata(boomi, name="Feed")
    driver.up(program)
    assert sent(boomi) == []
    assert_settled(driver, boomi, program)


def test_a_blank_folder_is_the_root(driver: Driver, boomi: Emulator) -> None:
    program = metadata(boomi, folderId="")
    driver.up(program)
    assert newest(boomi, component(boomi, "Feed"))["folderName"] == "Acme"
    assert_settled(driver, boomi, program)
    # Somebody moves it away.
    boomi.store.console(
        "update", "ComponentMetadata", by="ann@acme.example", id=component(boomi, "Feed"), folderId=folder(boomi)
    )
    (seen,) = driver.refresh()
    assert "folderId" in seen.changed
    driver.up(program)
    assert newest(boomi, component(boomi, "Feed"))["folderName"] == "Acme"
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize("folder_id", [None, ""])
def test_a_deleted_component_is_restored_and_then_renamed(
    folder_id: str | None, driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    program = metadata(boomi, name="Feed again").edited(folderId=folder_id)
    id_ = program.inputs["componentId"]
    boomi.delete_component(id_)
    driver.up(program)
    assert sent(boomi) == ["create ComponentMetadata", "update ComponentMetadata"]
    assert "restored; console.user@acme.example had deleted it" in capfd.readouterr().out
    assert (newest(boomi, id_)["name"], newest(boomi, id_)["deleted"]) == ("Feed again", False)
    assert_settled(driver, boomi, program)


def test_a_locked_component_is_refused_in_boomis_words(driver: Driver, boomi: Emulator) -> None:
    program = metadata(boomi, name="Feed of all")
    boomi.lock_component(program.inputs["componentId"])
    with pytest.raises(PluginError, match="is currently locked by another user") as caught:
        driver.up(program)
    assert "Renaming or moving Feed of all failed: Boomi answered 400" in caught.value.text
    assert driver.state.resources == {}
    boomi.lock_component(program.inputs["componentId"], by=None)
    driver.up(program)
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize("locked", [False, True])
def test_delete_on_destroy(locked: bool, driver: Driver, boomi: Emulator) -> None:
    program = metadata(boomi, deleteOnDestroy=True)
    id_ = program.inputs["componentId"]
    driver.up(program)
    assert_settled(driver, boomi, program)
    sent(boomi)
    if locked:
        boomi.lock_component(id_)
        with pytest.raises(PluginError, match="is currently locked by another user"):
            driver.destroy()
        assert list(driver.state.resources) == ["it"]
        boomi.lock_component(id_, by=None)
    driver.destroy()
    assert sent(boomi) == ["delete ComponentMetadata"]
    assert newest(boomi, id_)["deleted"] is True


def test_delete_on_destroy_may_be_switched_later(driver: Driver, boomi: Emulator) -> None:
    """Alone it is a change, taken away as well as given; nothing is sent for it."""
    without = metadata(boomi, deleteOnDestroy=None)
    driver.up(metadata(boomi, deleteOnDestroy=True))
    sent(boomi)
    driver.up(without)
    assert_settled(driver, boomi, without)
    assert sent(boomi) == []
    driver.destroy()
    assert sent(boomi) == []

    driver.up(without)
    driver.up(metadata(boomi, deleteOnDestroy=True))
    sent(boomi)
    driver.destroy()
    assert sent(boomi) == ["delete ComponentMetadata"]


def test_a_destroy_leaves_the_component_and_says_so(
    driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(metadata(boomi, name="Feed of all"))
    sent(boomi)
    driver.destroy()
    assert "the component stays, under its present name; delete_on_destroy=True would delete it." in (
        capfd.readouterr().out
    )
    assert sent(boomi) == []


@pytest.mark.parametrize("fault", ["reset-after", "half-body", "500-after", "503-after", "503-before", "reset-before"])
@pytest.mark.parametrize("deleted", [False, True])
def test_a_lost_answer_is_followed_by_a_look(deleted: bool, fault: str, driver: Driver, boomi: Emulator) -> None:
    program = metadata(boomi, name="Feed of all", folderId="")
    if deleted:
        boomi.delete_component(program.inputs["componentId"])
    boomi.faults({"kind": fault, "verb": "update", "object": "ComponentMetadata"})
    driver.up(program)
    assert sent(boomi) == (["create ComponentMetadata"] if deleted else []) + ["update ComponentMetadata"]
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize(
    ("inputs", "property_", "reason"),
    [
        ({"componentId": "no-such"}, "componentId", "names no component of this account"),
        ({"folderId": "no-such"}, "folderId", "names no folder of this account"),
    ],
    ids=["component", "folder"],
)
def test_a_preview_refuses_what_does_not_exist(
    inputs: dict[str, str], property_: str, reason: str, driver: Driver, boomi: Emulator
) -> None:
    with pytest.raises(CheckFailed) as caught:
        driver.preview(metadata(boomi, name="X").edited(**inputs))
    assert list(caught.value.failures) == [property_]
    assert reason in caught.value.failures[property_]


def test_people_may_save_revisions(driver: Driver, boomi: Emulator) -> None:
    program = metadata(boomi, name="Feed")
    driver.up(program)
    boomi.save_revision(program.inputs["componentId"])
    assert driver.preview(program) == [Step("same", "it")]
    (seen,) = driver.refresh()
    assert set(seen.changed) <= {"version", "modifiedDate", "modifiedBy"}
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize("fault", ["reset-after", "half-body", "503-before", "reset-before"])
def test_a_lost_restore_is_followed_by_a_look(fault: str, driver: Driver, boomi: Emulator) -> None:
    program = metadata(boomi, name="Feed of all")
    boomi.delete_component(program.inputs["componentId"])
    boomi.faults({"kind": fault, "verb": "create", "object": "ComponentMetadata"})
    driver.up(program)
    assert sent(boomi) == ["create ComponentMetadata", "update ComponentMetadata"]
    assert_settled(driver, boomi, program)


# -- types and queries ---------------------------------------------------------------------------


@pytest.mark.parametrize("type_", [*COMPONENT_TYPES, "quantum.process"])
def test_every_type_is_read_and_those_to_come(type_: str, driver: Driver, boomi: Emulator) -> None:
    row = boomi.create_component("One", type="process")
    parsed = COMPONENT_METADATA.parse({**row, "type": type_})
    assert parsed is not None
    assert parsed.type == type_
    assert all(COMPONENT_TYPES.values())
    assert driver.state.resources == {}


@pytest.mark.parametrize(
    ("property_", "companion"),
    [("version", "componentId"), ("copiedFromComponentVersion", "copiedFromComponentId")],
)
def test_a_query_that_lacks_a_companion_is_refused_before_the_call(
    property_: str, companion: str, driver: Driver, boomi: Emulator
) -> None:
    with pytest.raises(FilterError, match=companion):
        list(driver.client.query(COMPONENT_METADATA, where(property_).equals(1)))
    assert boomi.journal() == []
    both = where(property_).equals(1) & where(companion).equals(component(boomi, "Sync"))
    rows = list(driver.client.query(COMPONENT_METADATA, both))
    assert [row.version for row in rows] == ([1] if property_ == "version" else [])
