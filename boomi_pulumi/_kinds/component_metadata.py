"""ComponentMetadata: name and folder of a component that people built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import NotFound, RequestError
from boomi_pulumi._api.models import COMPONENT_METADATA, FOLDER, Folder
from boomi_pulumi._api.models import ComponentMetadata as Component
from boomi_pulumi._api.retry import Done, Outcome
from boomi_pulumi._kinds.packaged_component import component_named
from boomi_pulumi._lifecycle.fields import Bag, Change, Id, Inputs, Name, Rule
from boomi_pulumi._lifecycle.kind import Comparison, FoundByName, Kind, NeedsWrite, Place, Subject, UpToDate
from boomi_pulumi._lifecycle.preview import Failure
from boomi_pulumi._lifecycle.seen import Answer, Seen, found, read
from boomi_pulumi._reads.account import Account

__all__ = ["ComponentMetadataKind"]


def _folder_id(value: str) -> str:
    text = value.strip()
    if len(text) > 255 or "/" in text or any(c.isspace() or not c.isprintable() for c in text):  # noqa: PLR2004
        raise ValueError("is not a folder's id")
    return text


class ComponentMetadataInputs(Inputs):
    """Which component, and what it is called where."""

    component_id: Annotated[
        Id | None, Rule(Change.REPLACE, required=True), Field(description="The component's id.")
    ] = None
    name: Annotated[Name | None, Rule(Change.UPDATE), Field(description="Its name; left out, as it is.")] = None
    folder_id: Annotated[
        Annotated[str, AfterValidator(_folder_id)] | None,
        Rule(Change.UPDATE),
        Field(description='The folder\'s id; "" is the root; left out, where it is.'),
    ] = None
    # False where it is not given, so that taking it away is a change as well.
    delete_on_destroy: Annotated[
        bool,
        Rule(Change.UPDATE, filled=True, drifts=False),
        Field(description="Whether a destroy deletes the component (Boomi keeps it restorable)."),
    ] = False
    component_type: Annotated[
        str | None,
        Rule(companion=("componentId", "type")),
        Field(description="The component's type, such as `process`."),
    ] = None
    folder_name: Annotated[
        str | None, Rule(companion=("folderId", "name")), Field(description="The folder's name.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class ComponentSeen(Seen):
    """What the account says about a component and its folder."""

    component: Answer[Component] = read("componentId", Account.component, absent="names no component of this account")
    folder: Answer[Folder] = read("folderId", Account.folder, absent="names no folder of this account")


class ComponentMetadataKind(Kind[Component], FoundByName):
    """Boomi's semantics of a component's metadata: it is renamed, moved, restored, and never made here.

    Source: ComponentMetadata page.
    """

    name = "ComponentMetadata"
    target = COMPONENT_METADATA
    inputs = ComponentMetadataInputs
    seen = ComponentSeen
    outputs = (
        "version",
        "subType",
        "createdDate",
        "createdBy",
        "modifiedDate",
        "modifiedBy",
        "branchId",
        "branchName",
        "copiedFromComponentId",
        "copiedFromComponentVersion",
    )
    stable_outputs = (
        "subType",
        "createdDate",
        "createdBy",
        "branchId",
        "branchName",
        "copiedFromComponentId",
        "copiedFromComponentVersion",
    )
    about = (
        "Name and folder of a component that people built in Boomi.\n\n"
        "Renames and moves in place; restores the component if it was deleted. Destroying forgets it, unless "
        "`deleteOnDestroy`."
    )
    required_outputs = (
        "componentId",
        "name",
        "folderId",
        "componentType",
        "version",
        "createdDate",
        "createdBy",
        "modifiedDate",
        "modifiedBy",
    )
    place = Place(FOLDER, "folderId", COMPONENT_METADATA, "BUILD or BUILD_READ_ONLY, and a role of the folder")
    adopts = False
    several_writes = True

    def validate(self, inputs: Mapping[str, Any], seen: ComponentSeen) -> Iterable[Failure]:
        """Refuse a deleted folder."""
        folder = found(seen.folder)
        if folder is not None and folder.deleted is True:
            yield Failure("folderId", f"names {folder.full_path or folder.name}, a deleted folder", gone=True)

    def notice(self, inputs: Mapping[str, Any], seen: ComponentSeen) -> str | None:
        """Tell that the component is deleted, where nothing else would."""
        there, same = found(seen.component), seen.before.get("componentId") == inputs.get("componentId")
        if there is None or there.deleted is not True or not same:
            return None
        who, when = there.modified_by or "somebody", there.modified_date or "an unknown date"
        return f"{who} deleted it on {when}; `pulumi up --refresh` restores it"

    def claims(self, inputs: Mapping[str, Any]) -> Iterable[str]:
        """Return name and folder, each of which another resource may manage."""
        return [f"{inputs.get('componentId')}/{name}" for name in ("name", "folderId") if name in inputs]

    def title(self, bag: Mapping[str, Any]) -> str:
        """Return the component's name."""
        return str(bag.get("name") or bag.get("componentId") or "?")

    def proves_absence(self, subject: Subject) -> bool:
        """Tell that a look shows whether a rename was done; and that doing it twice is doing it once."""
        return True

    def look(self, subject: Subject) -> Component | None:
        """Return the component, deleted or not."""
        id_ = subject.id or subject.inputs["componentId"]
        there = subject.client.read(COMPONENT_METADATA, id_)
        if isinstance(there, RequestError):
            raise there
        if not isinstance(there, Missing):
            return self._at_root(subject.client, there, subject.inputs)
        if subject.id is None:
            raise NotFound(
                f'ComponentMetadata: there is no component {id_} (Boomi said: "{there.said}"). This resource '
                "makes none; it renames, moves and restores."
            )
        return None

    def import_id(self, client: Client, words: str) -> str | None:
        """Return the id of a component that is given by name, or by path and name."""
        return component_named(client, words)

    def search(self, inputs: Mapping[str, Any]) -> str:
        """Return the read of the component."""
        return f"ComponentMetadata {inputs.get('componentId')}"

    def compare(self, record: Component, subject: Subject) -> Comparison:
        """Take a component that has the name and folder; restore a deleted one."""
        if record.deleted:
            return NeedsWrite(f"restored; {record.modified_by or 'somebody'} had deleted it on {record.modified_date}")
        return NeedsWrite() if self._changes(record, subject.given) else UpToDate()

    def write(self, subject: Subject, found: Component | None, notes: str | None) -> Outcome[Component]:
        """Restore, or rename and move in one request."""
        client, inputs = subject.client, subject.inputs
        id_ = inputs["componentId"]
        if found is None or found.deleted:
            return client.create(COMPONENT_METADATA, {"componentId": id_}, f"Restoring {self.title(inputs)}")
        changes = self._changes(found, inputs)
        body = {"componentId": id_, **changes}
        outcome = client.update(COMPONENT_METADATA, id_, body, f"Renaming or moving {self.title(inputs)}")
        if not isinstance(outcome, Done):
            return outcome
        answer = outcome.answer
        # The root has an id of its own; and what an answer leaves out is what was sent.
        folder = "" if changes.get("folderId") == "" else answer.folder_id or changes.get("folderId")
        return Done(replace(answer, name=answer.name or changes.get("name"), folder_id=folder))

    def kept_on_destroy(self, bag: Mapping[str, Any]) -> str | None:
        """Tell that the component stays, unless `delete_on_destroy` says otherwise."""
        if bag.get("deleteOnDestroy") is True:
            return None
        return "the component stays, under its present name; delete_on_destroy=True would delete it."

    def owns(self, record: Component, bag: Mapping[str, Any]) -> bool:
        """Tell that a component stays itself."""
        return True

    def live(self, record: Component, inputs: Mapping[str, Any]) -> Bag:
        """Return the record as outputs."""
        bag = super().live(record, inputs)
        return {**bag, **({"componentType": record.type} if record.type else {})}

    def _changes(self, record: Component, wanted: Mapping[str, Any]) -> Bag:
        live = {"name": record.name, "folderId": record.folder_id}
        return {name: wanted[name] for name in live if name in wanted and wanted[name] != live[name]}

    def _at_root(self, client: Client, record: Component, bag: Mapping[str, Any]) -> Component:
        """Return the record with a blank folderId if that is what was declared, and the component is in the root."""
        if bag.get("folderId") != "" or not record.folder_id or record.deleted:
            return record
        folder = client.read(FOLDER, record.folder_id)
        root = isinstance(folder, Folder) and not folder.parent_id
        return replace(record, folder_id="") if root else record
