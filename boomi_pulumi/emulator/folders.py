"""The rules of folders: what is in one goes away and comes back with it."""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING, Any

from boomi_pulumi.emulator.rules import UNREADABLE, Call, Refusal, Row, Rules, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boomi_pulumi.emulator.state import Change


class Folders(Rules):
    """Folders: a tree below one root, whose deletes are soft."""

    def _create_folder(self, call: Call) -> Row:
        body = self._body(call)
        if body.get("id"):
            return self._restore_folder(call, body["id"])
        if not body.get("name"):
            raise Refusal(400, "The name of the folder is missing.")
        parent = self._parent(call.account, body.get("parentId", ""))
        number = 1_000_000 + uuid.uuid4().int % 9_000_000
        row: Row = {
            "id": base64.b64encode(f"F:{number}".encode()).decode().rstrip("="),
            "name": body["name"],
            "fullPath": f"{parent['fullPath']}/{body['name']}",
            "deleted": False,
            "parentId": parent["id"],
            "parentName": parent["name"],
            **_roles(body),
        }
        self._commit(call.account, [("Folder", row["id"], row)])
        return row

    def _parent(self, account: str, identifier: str) -> Row:
        table = self._table(account, "Folder")
        found = table.get(identifier) if identifier else table.last(parentId="")
        if found is None or found["deleted"]:
            raise Refusal(400, invalid("Folder", identifier))
        return found

    def _restore_folder(self, call: Call, identifier: str) -> Row:
        row = self._require(call.account, "Folder", identifier)
        if not row["deleted"]:
            raise Refusal(400, f"Folder {identifier} is not deleted, so it cannot be restored.")
        self._parent(call.account, row["parentId"])
        self._mark(call, list(self._subtree(call.account, row)), deleted=False)
        if self._settings["folderRestoreStatus"] != 200:  # noqa: PLR2004
            raise Refusal(400, f"Folder {identifier} is not deleted.")
        return self._require(call.account, "Folder", identifier)

    def _update_folder(self, call: Call) -> Row:
        body = self._body(call)
        row = self._require(call.account, "Folder", call.id)
        if row["deleted"]:
            raise Refusal(400, f"{invalid('Folder', call.id)} The folder is deleted.")
        if body.get("id", call.id) != call.id:
            raise Refusal(400, f"The id {body['id']} in the body is not that of the address.")
        name = body.get("name") or row["name"]
        row = {**row, "name": name, **_roles(body)}
        if row["parentId"]:
            parent = self._parent(call.account, body.get("parentId") or row["parentId"])
            if parent["id"] in {each["id"] for each in self._subtree(call.account, row)}:
                raise Refusal(400, f"Folder {call.id} cannot be moved into itself.")
            row |= {"parentId": parent["id"], "parentName": parent["name"]}
            row["fullPath"] = f"{parent['fullPath']}/{name}"
        else:
            row["fullPath"] = name
        self._commit(call.account, list(self._renamed(call.account, row)))
        return row

    def _renamed(self, account: str, row: Row) -> Iterator[Change]:
        """What changes when a folder has got another name or place: all paths below, and what its components show."""
        yield "Folder", row["id"], row
        for component in self._table(account, "ComponentMetadata").by(folderId=row["id"]):
            key = f"{component['componentId']}~{component['version']}"
            yield "ComponentMetadata", key, {**component, "folderName": row["name"]}
        for child in self._table(account, "Folder").by(parentId=row["id"]):
            path = f"{row['fullPath']}/{child['name']}"
            yield from self._renamed(account, {**child, "parentName": row["name"], "fullPath": path})

    def _subtree(self, account: str, row: Row) -> Iterator[Row]:
        yield row
        for child in self._table(account, "Folder").by(parentId=row["id"]):
            yield from self._subtree(account, child)

    def _contents(self, account: str, folders: list[Row]) -> Iterator[Row]:
        """The newest revisions of the components in these folders."""
        for folder in folders:
            rows = self._table(account, "ComponentMetadata").by(folderId=folder["id"])
            for component in dict.fromkeys(row["componentId"] for row in rows):
                newest = self._revisions(account, component)[-1]
                if newest["folderId"] == folder["id"]:
                    yield newest

    def _delete_folder(self, call: Call) -> None:
        row = self._require(call.account, "Folder", call.id)
        if not row["parentId"]:
            raise Refusal(400, "The root folder cannot be deleted.")
        if row["deleted"]:
            raise Refusal(400, f"FolderId {call.id} is invalid: the folder is already deleted.")
        folders = list(self._subtree(call.account, row))
        deployments = self._table(call.account, "DeployedPackage")
        for component in self._contents(call.account, folders):
            if deployments.count(componentId=component["componentId"], active=True):
                raise Refusal(
                    400,
                    f"Folder {row['fullPath']} cannot be deleted because component"
                    f" {component['componentId']} in it is deployed.",
                )
        self._mark(call, folders, deleted=True)

    def _mark(self, call: Call, folders: list[Row], *, deleted: bool) -> None:
        changes: list[Change] = [("Folder", row["id"], {**row, "deleted": deleted}) for row in folders]
        for newest in self._contents(call.account, folders):
            if newest["deleted"] is not deleted:
                version = newest["version"] + 1
                told = {"version": version, "modifiedBy": call.user["name"], "modifiedDate": self.now()}
                row = {**newest, **told, "deleted": deleted}
                changes.append(("ComponentMetadata", f"{newest['componentId']}~{version}", row))
        self._commit(call.account, changes)


def _roles(body: Row) -> Row:
    """Read who may use a folder; a role is known by its id alone."""
    holder: Any = body.get("PermittedRoles")
    if not holder:
        return {}
    listed = holder.get("RoleReference") or [] if isinstance(holder, dict) else None
    if not isinstance(listed, list) or not all(
        isinstance(item, dict) and isinstance(item.get("id"), str) and set(item) <= {"id", "name", "@type"}
        for item in listed
    ):
        raise Refusal(400, UNREADABLE)
    roles = [{"@type": "RoleReference", "id": item["id"], "name": str(item.get("name") or "Role")} for item in listed]
    return {"PermittedRoles": {"@type": "PermittedRoles", "RoleReference": roles}}
