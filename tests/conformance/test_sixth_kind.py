"""A kind that is added appears at both doors: one file in `_kinds/`, one line in `_kinds/__init__.py`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field

import boomi_pulumi
from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import RequestError
from boomi_pulumi._api.filters import where
from boomi_pulumi._api.models import FOLDER, Folder
from boomi_pulumi._api.retry import Done, Outcome
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import Change, Id, Inputs, Name, Rule, rules
from boomi_pulumi._lifecycle.kind import Comparison, Kind, Need, NeedsWrite, UpToDate
from boomi_pulumi._lifecycle.preview import Failure
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.native.schema import package
from tests.driver import CheckFailed, Driver, Resource, Step

# -- what somebody would write -------------------------------------------------------------------


class FolderInputs(Inputs):
    """What it is called, and where it is."""

    name: Annotated[Name | None, Rule(Change.UPDATE, required=True), Field(description="Its name.")] = None
    parent_id: Annotated[
        Id | None, Rule(Change.REPLACE, required=True), Field(description="The id of the folder that it is in.")
    ] = None
    parent_name: Annotated[
        str | None, Rule(companion=("parentId", "name")), Field(description="The name of that folder.")
    ] = None


class FolderKind(Kind[Folder]):
    """Boomi's semantics of a folder. Source: Folder in the Platform OpenAPI."""

    name = "Folder"
    about = "A folder of components.\n\nAnother parent is another folder."
    inputs: type[Inputs] = FolderInputs
    outputs = ("fullPath",)
    record = Folder
    always: tuple[str, ...] = ("name", "parentId", "fullPath")
    needs: tuple[Need, ...] = (Need("parentId", "folder", ("parentId",)),)

    def validate(self, inputs: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[Failure]:
        if "missing" in facts.get("parentId", {}):
            yield Failure("parentId", "names no folder")

    def title(self, bag: Mapping[str, Any]) -> str:
        return f"{bag.get('parentName', '?')}/{bag.get('name', '?')}"

    def id(self, record: Folder) -> str:
        return record.id

    def proves_absence(self, inputs: Mapping[str, Any], origin: str | None) -> bool:
        return True

    def find(self, client: Client, inputs: Mapping[str, Any], olds: Any, origin: Any, within: Any) -> Folder | None:
        if olds is not None and "id" in olds:
            return self.observe(client, olds["id"], {}, within)
        here = where("parentId").equals(inputs["parentId"]) & where("deleted").equals(False)
        names = {(olds or inputs)["name"], inputs["name"]}
        return next((row for row in client.query(FOLDER, here) if row.name in names), None)

    def search(self, inputs: Mapping[str, Any]) -> str:
        return f"a Folder query on parentId = {inputs['parentId']}"

    def compare(self, record: Folder, wanted: Mapping[str, Any], olds: Any, origin: Any) -> Comparison:
        return UpToDate() if record.name == wanted["name"] else NeedsWrite()

    def write(self, client: Client, inputs: Mapping[str, Any], found: Folder | None, notes: Any) -> Outcome[Folder]:
        body = {"name": inputs["name"], "parentId": inputs["parentId"]}
        if found is None:
            return client.create(FOLDER, body, f"Making {self.title(inputs)}")
        return client.update(FOLDER, found.id, {**body, "id": found.id}, f"Renaming {self.title(inputs)}")

    def observe(self, client: Client, id: str, bag: Mapping[str, Any], within: Any) -> Folder | None:
        found = client.read(FOLDER, id)
        if isinstance(found, RequestError):
            raise found
        return None if isinstance(found, Missing) or found.deleted else found

    def delete(self, client: Client, record: Folder | None, bag: Mapping[str, Any]) -> Outcome[None]:
        outcome = client.delete(FOLDER, bag["__id"] if record is None else record.id, "Deleting it")
        return Done(None) if isinstance(outcome, Done) else outcome

    observes_before_delete = True

    def owns(self, record: Folder, bag: Mapping[str, Any]) -> bool:
        return True


# -- the proof -----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def a_sixth_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand for the line in `_kinds/__init__.py`."""
    monkeypatch.setitem(KINDS, "Folder", FolderKind())


def names(boomi: Emulator) -> set[str]:
    return {row["name"] for row in boomi.objects("Folder") if not row.get("deleted")}


def test_a_kind_that_is_added_lives_at_both_doors(driver: Driver, boomi: Emulator) -> None:
    root = next(row["id"] for row in boomi.objects("Folder") if row["name"] == "Shop")
    new = Resource("new", "Folder", {"name": "Returns", "parentId": root})
    with pytest.raises(CheckFailed, match="names no folder"):
        driver.preview(new.edited(parentId="nowhere"))
    driver.up(new)
    assert "Returns" in names(boomi)
    assert driver.state.resources["new"].outputs["parentName"] == "Shop"
    assert driver.preview(new) == [Step("same", "new")]
    driver.up(new.edited(name="Refunds"))
    assert names(boomi) >= {"Refunds"}
    assert "Returns" not in names(boomi)
    driver.destroy()
    assert "Refunds" not in names(boomi)


def test_a_kind_that_is_added_is_in_the_schema() -> None:
    made = package("1.0.0")["resources"]["boomi:index:Folder"]
    assert made["requiredInputs"] == ["name", "parentId"]
    assert made["description"].startswith("A folder of components.")
    assert set(made["properties"]) == {"name", "parentId", "parentName", "fullPath", "adopted"}
    assert made["aliases"] == [{"type": "pulumi-python:dynamic/boomi:Folder"}]


# -- what the lifecycle knows of Boomi -----------------------------------------------------------


class OfNothingInputs(Inputs):
    """What names no object: there is one."""

    name: Annotated[Name | None, Rule(Change.UPDATE), Field(description="Its name.")] = None


class OnlyOneKind(FolderKind):
    """A kind of which an account has one object."""

    inputs: type[Inputs] = OfNothingInputs
    needs: tuple[Need, ...] = ()
    always: tuple[str, ...] = ()

    def claims(self, inputs: Mapping[str, Any]) -> list[str]:
        return ["the only one"]


def test_two_resources_for_the_only_object_are_refused(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "Folder", OnlyOneKind())
    with pytest.raises(CheckFailed, match="'one' of this program stands for the same object as 'two'"):
        driver.preview(Resource("one", "Folder", {"name": "a"}), Resource("two", "Folder", {}))


GENERIC = sorted((Path(boomi_pulumi.__file__).parent / "_lifecycle").glob("*.py"))
"""The modules of the lifecycle of any kind."""


@pytest.mark.parametrize("module", GENERIC, ids=lambda path: path.stem)
def test_the_lifecycle_of_any_kind_knows_no_name_of_boomis(module: Path) -> None:
    """Neither a property nor a kind, in whatever it does; docstrings may give examples."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    said = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    ]
    known = {name for kind in KINDS.values() for name in (*rules(kind.inputs), *kind.outputs, kind.name, kind.fact)}
    general = {"name", None, "version", "active", "message"}
    assert not [text for text in texts if text in known - general]
