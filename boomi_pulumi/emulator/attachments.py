"""The rules of attachments: which runtime runs what an environment holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boomi_pulumi.emulator.extensions import Extensions
from boomi_pulumi.emulator.rules import Call, Refusal, Row
from boomi_pulumi.emulator.seed import attachment_id

if TYPE_CHECKING:
    from boomi_pulumi.emulator.state import Change


class Attachments(Extensions):
    """Attachments of runtimes to environments: a runtime that is attached again moves."""

    def _create_attachment(self, call: Call) -> Row:
        body = self._body(call)
        for name in ("atomId", "environmentId"):
            if not body.get(name):
                raise Refusal(400, f"The {name} is missing. Provide a valid {name} to complete this action.")
        atom, environment = body["atomId"], body["environmentId"]
        self._require(call.account, "Atom", atom)
        self._require(call.account, "Environment", environment)
        self._enter(call, environment)
        key = attachment_id(atom, environment)
        row = {"id": key, "atomId": atom, "environmentId": environment}
        attachments = self._table(call.account, "EnvironmentAtomAttachment")
        if key in attachments:
            return row
        changes: list[Change] = []
        for old in attachments.by(atomId=atom):
            changes += self._detached(call.account, old)
        changes += [("EnvironmentAtomAttachment", key, row), *self._introduced(call.account, atom, environment)]
        self._commit(call.account, changes)
        return row

    def _delete_attachment(self, call: Call) -> None:
        row = self._require(call.account, "EnvironmentAtomAttachment", call.id)
        self._commit(call.account, self._detached(call.account, row))

    def _detached(self, account: str, row: Row) -> list[Change]:
        gone: Change = ("EnvironmentAtomAttachment", row["id"], None)
        return [gone, *self._forgotten(account, row["environmentId"], row["atomId"])]
