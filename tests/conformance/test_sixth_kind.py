"""A kind that is added appears at both doors: one file in `_kinds/`, one line in `_kinds/__init__.py`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field

import boomi_pulumi
from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.errors import RequestError
from boomi_pulumi._api.filters import where
from boomi_pulumi._api.models import FOLDER, Folder
from boomi_pulumi._api.retry import Outcome
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import Change, Id, Inputs, Name, Rule, rules
from boomi_pulumi._lifecycle.kind import Comparison, Kind, NeedsWrite, Subject, UpToDate
from boomi_pulumi._lifecycle.seen import Answer, Seen, read
from boomi_pulumi._reads.account import Account
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.native.schema import package
from tests.driver import CheckFailed, Driver, PluginError, Resource, Step

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


@dataclass(frozen=True, kw_only=True)
class FolderSeen(Seen):
    """What the account says about the parent."""

    parent: Answer[Folder] = read("parentId", Account.folder, absent="names no folder")


class FolderKind(Kind[Folder]):
    """Boomi's semantics of a folder. Source: Folder in the Platform OpenAPI."""

    name = "Folder"
    about = "A folder of components.\n\nAnother parent is another folder."
    target = FOLDER
    inputs: type[Inputs] = FolderInputs
    seen: type[Seen] = FolderSeen
    outputs = ("fullPath",)
    required_outputs: tuple[str, ...] = ("name", "parentId", "fullPath")
    fresh_look = True

    def title(self, bag: Mapping[str, Any]) -> str:
        return f"{bag.get('parentName', '?')}/{bag.get('name', '?')}"

    def proves_absence(self, subject: Subject) -> bool:
        return True

    def look(self, subject: Subject) -> Folder | None:
        id_ = subject.id or (subject.before or {}).get("id")
        if id_ is not None:
            found = subject.client.read(FOLDER, id_)
            if isinstance(found, RequestError):
                raise found
            return None if isinstance(found, Missing) or found.deleted else found
        here = where("parentId").equals(subject.inputs["parentId"]) & where("deleted").equals(False)
        names = {(subject.before or subject.inputs)["name"], subject.inputs["name"]}
        return next((row for row in subject.client.query(FOLDER, here) if row.name in names), None)

    def compare(self, record: Folder, subject: Subject) -> Comparison:
        return UpToDate() if record.name == subject.given["name"] else NeedsWrite()

    def write(self, subject: Subject, found: Folder | None, notes: Any) -> Outcome[Folder]:
        body, title = {name: subject.inputs[name] for name in ("name", "parentId")}, self.title(subject.inputs)
        if found is None:
            return subject.client.create(FOLDER, body, f"Making {title}")
        return subject.client.update(FOLDER, found.id, {**body, "id": found.id}, f"Renaming {title}")

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


# -- what is sent once ---------------------------------------------------------------------------


class OnceKind(FolderKind):
    """A kind whose writes each have an effect of their own."""

    sent_once = True


@pytest.mark.parametrize("fault", ["503-before", "reset-before", "error-before"])
def test_what_is_sent_once_is_never_sent_again(
    fault: str, driver: Driver, boomi: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where a look proves that nothing came of it, which is enough for every other kind."""
    root = next(row["id"] for row in boomi.objects("Folder") if row["name"] == "Shop")
    one, two = (Resource(name, "Folder", {"name": name, "parentId": root}) for name in ("Returns", "Refunds"))
    lost = {"kind": fault, "object": "Folder", "verb": "create"}
    boomi.faults(lost)
    driver.up(one)
    monkeypatch.setitem(KINDS, "Folder", OnceKind())
    boomi.faults(lost)
    boomi.clear_journal()
    with type(driver)(boomi.env) as later, pytest.raises(PluginError, match="sent once, and it is still not as decl"):
        later.up(two)
    assert len([each for each in boomi.journal() if each["path"].endswith("/Folder")]) == 1
    assert names(boomi) >= {"Returns"}
    assert "Refunds" not in names(boomi)


# -- what the lifecycle knows of Boomi -----------------------------------------------------------


class OfNothingInputs(Inputs):
    """What names no object: there is one."""

    name: Annotated[Name | None, Rule(Change.UPDATE), Field(description="Its name.")] = None


class OnlyOneKind(FolderKind):
    """A kind of which an account has one object."""

    inputs: type[Inputs] = OfNothingInputs
    seen: type[Seen] = Seen
    required_outputs: tuple[str, ...] = ()

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
    known = {name for kind in KINDS.values() for name in (*rules(kind.inputs), *kind.outputs, kind.name)}
    general = {"name", None, "version", "active", "message"}
    assert not [text for text in texts if text in known - general]
