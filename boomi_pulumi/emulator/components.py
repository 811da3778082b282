"""The rules of components: revisions, branches, locks, and what people do with them in the console."""

from __future__ import annotations

import uuid
from typing import Any

from boomi_pulumi.emulator.rules import CONSOLE_USER, Call, Refusal, Row, Rules, invalid
from boomi_pulumi.emulator.seed import declaring


class Components(Rules):
    """Components: every save is a revision, also a rename and a delete."""

    def _branch(self, account: str, name: str) -> Row:
        for row in self._table(account, "Branch").by(name=name):
            if not row["deleted"]:
                return row
        raise Refusal(400, f"Branch '{name}' is not valid.")

    def _save(self, account: str, base: Row, by: str, **changes: Any) -> Row:
        number = len(self._revisions(account, base["componentId"])) + 1
        row = {**base, **changes, "version": number, "modifiedBy": by, "modifiedDate": self.now()}
        self._commit(account, [("ComponentMetadata", f"{row['componentId']}~{number}", row)])
        return self._component_view(account, f"{row['componentId']}~{number}")

    def _restore_component(self, call: Call) -> Row:
        component = self._body(call).get("componentId")
        if not component:
            raise Refusal(400, "Creating a component is not supported: name the componentId of a deleted one.")
        current = self._current(call.account, component)
        if current is None:
            raise Refusal(400, invalid("ComponentMetadata", component))
        self._check_lock(call.account, component)
        if not current["deleted"]:
            raise Refusal(400, f"Component {component} is not deleted, so it cannot be restored.")
        return self._save(call.account, current, call.user["name"], deleted=False)

    def _update_component(self, call: Call) -> Row:
        body = self._body(call)
        base = self._current(call.account, call.id)
        branch: Row = {}
        if body.get("branchId"):
            branch = self._require(call.account, "Branch", body["branchId"])
        elif body.get("branchName"):
            branch = self._branch(call.account, body["branchName"])
        if branch:
            carried = [row for row in self._revisions(call.account, call.id) if row["branchName"] == branch["name"]]
            base = carried[-1] if carried else base
        if base is None or base["deleted"]:
            raise Refusal(400, invalid("ComponentMetadata", call.id))
        self._check_lock(call.account, call.id)
        changes: Row = {"name": body["name"]} if body.get("name") else {}
        if "folderId" in body:
            changes |= self._folder(call.account, body["folderId"])
        if branch:
            changes |= {"branchName": branch["name"], "branchId": branch["id"]}
        return self._save(call.account, base, call.user["name"], **changes)

    def _folder(self, account: str, identifier: str) -> Row:
        table = self._table(account, "Folder")
        found = table.get(identifier) if identifier else table.last(parentId="")
        if found is None or found["deleted"]:
            raise Refusal(400, invalid("Folder", identifier))
        return {"folderId": found["id"], "folderName": found["name"]}

    def _delete_component(self, call: Call) -> None:
        current = self._current(call.account, call.id)
        if current is None:
            raise Refusal(400, invalid("ComponentMetadata", call.id))
        self._check_lock(call.account, call.id)
        if current["deleted"]:
            raise Refusal(400, f"ComponentId {call.id} is invalid: the component is already deleted.")
        self._save(call.account, current, call.user["name"], deleted=True)

    def _check_lock(self, account: str, component: str) -> None:
        if component in self._table(account, "Lock"):
            raise Refusal(
                400,
                f"Component {component} is currently locked by another user."
                " To complete this action, the component must be unlocked.",
            )

    def _component_view(self, account: str, identifier: str) -> Row:
        component, _, version = identifier.partition("~")
        current = self._current(account, component)
        if not version:
            if current is None:
                raise Refusal(400, invalid("ComponentMetadata", component))
            return {**current, "currentVersion": True}
        row = self._table(account, "ComponentMetadata").get(identifier)
        if row is None:
            raise Refusal(400, invalid("ComponentMetadata", identifier))
        return {**row, "currentVersion": row is current}

    # What people do in the console.

    def lock_component(self, component_id: str, *, by: str | None = CONSOLE_USER, account: str | None = None) -> None:
        """Lock a component, as a person does; everybody's writes are refused until it is unlocked.

        Args:
            component_id: The component.
            by: The person, or None to unlock it.
            account: The account's id; the primary one if left out.
        """
        with self._lock:
            account = self._known(account)
            if not self._revisions(account, component_id):
                raise Refusal(400, invalid("ComponentMetadata", component_id))
            row = {"componentId": component_id, "by": by} if by else None
            self._commit(account, [("Lock", component_id, row)])

    def save_revision(
        self,
        component_id: str,
        *,
        by: str = CONSOLE_USER,
        branch: str | None = None,
        name: str | None = None,
        extensions: list[Any] | None = None,
        listener: str | None = None,
        low_latency: bool | None = None,
        account: str | None = None,
    ) -> Row:
        """Save a component once more, as a person does.

        Args:
            component_id: The component.
            by: The person.
            branch: The branch to save on; the newest revision's if left out.
            name: A new name.
            extensions: What it declares from now on, as in a seed; as before if left out.
            listener: The connector type that it listens with from now on, empty for none; as before if left out.
            low_latency: Whether it runs in low latency mode from now on; as before if left out.
            account: The account's id; the primary one if left out.

        Returns:
            The new revision.
        """
        with self._lock:
            account = self._known(account)
            revisions = self._revisions(account, component_id)
            if not revisions or revisions[-1]["deleted"]:
                raise Refusal(400, invalid("ComponentMetadata", component_id))
            found = self._branch(account, branch or revisions[-1]["branchName"])
            changes = {"branchName": found["name"], "branchId": found["id"]} | ({"name": name} if name else {})
            changes |= _starting(listener, low_latency)
            return self._declare(account, self._save(account, revisions[-1], by, **changes), extensions)

    def create_component(
        self,
        name: str,
        *,
        type: str = "process",  # Boomi's word
        folder: str | None = None,
        by: str = CONSOLE_USER,
        branch: str | None = None,
        extensions: list[Any] | None = None,
        listener: str | None = None,
        low_latency: bool | None = None,
        account: str | None = None,
    ) -> Row:
        """Create a component, as a person does.

        Args:
            name: Its name.
            type: Its type.
            folder: A folder's full path or id; the root folder if left out.
            by: The person.
            branch: The branch; the default one if left out.
            extensions: What it declares, as in a seed.
            listener: The connector type that it listens with, such as `jms`; a process that listens has no schedule.
            low_latency: Whether it runs in low latency mode.
            account: The account's id; the primary one if left out.

        Returns:
            Its first revision.
        """
        with self._lock:
            account = self._known(account)
            identifier = next(
                (row["id"] for row in self._table(account, "Folder").by(fullPath=folder)),
                folder,
            )
            found = self._branch(account, branch or self._main(account))
            base = {
                "componentId": str(uuid.uuid4()),
                "name": name,
                "type": type,
                **self._folder(account, identifier or ""),
                "createdDate": self.now(),
                "createdBy": by,
                "deleted": False,
                "branchName": found["name"],
                "branchId": found["id"],
            }
            return self._declare(account, self._save(account, base, by, **_starting(listener, low_latency)), extensions)

    def _declare(self, account: str, revision: Row, extensions: list[Any] | None) -> Row:
        if extensions is not None:
            old = self._table(account, "Declaration").last(componentId=revision["componentId"]) or {}
            declared = declaring(account, revision, extensions, multi_install=bool(old.get("multiInstall")))
            self._commit(account, [("Declaration", f"{revision['componentId']}~{revision['version']}", declared)])
        return revision


def _starting(listener: str | None, low_latency: bool | None) -> Row:
    """Tell what a revision says anew of how its process starts."""
    told = {"listener": listener, "lowLatency": low_latency}
    return {name: value for name, value in told.items() if value is not None}
