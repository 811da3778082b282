"""What every rule needs: how an act is told, how it is refused, and how a body is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from boomi_pulumi.emulator import query
from boomi_pulumi.emulator.state import State

if TYPE_CHECKING:
    from boomi_pulumi.emulator.objects import Kind

Row = dict[str, Any]

CONSOLE_USER: Final = "console.user@acme.example"
DENIED: Final = "Access denied due to insufficient permissions."
NO_RIGHTS: Final = "This user has no access rights for the functionality."
UNREADABLE: Final = (
    "Unable to read message body. Please make sure the structure of the body is correct for this request."
)


class Refusal(Exception):
    """What Boomi answers when it does not do as asked.

    Attributes:
        status: HTTP's.
        message: What it says.
        about: The id of a `UserMessage`, which is XML whatever a client accepts; empty for an ordinary error.
    """

    def __init__(self, status: int, message: str, about: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.about = about


@dataclass(frozen=True)
class Call:
    """One act on one object, as the HTTP side understood it.

    Attributes:
        url: Where status pages of this account are read, with `{}` for their path.
    """

    user: Row
    account: str
    kind: Kind
    verb: str
    id: str = ""
    body: Any = None
    url: str = ""

    def with_body(self, body: Any) -> Call:
        """Make the same act with a body."""
        return replace(self, body=body)


@dataclass(frozen=True)
class Outcome:
    """What an act led to.

    Attributes:
        form: How to write `value`: `object`, `query`, `bulk`, `nothing`, `token` (where an answer will be), or `async`
            (that answer).
        value: A row, a page, the items of a bulk answer, or the rows of an asynchronous one; None while there is none.
        committed: Whether something was changed.
        status: The HTTP status.
    """

    form: str
    value: Any = None
    committed: bool = False
    status: int = 200


class Rules(State):
    """What all objects have in common."""

    def _body(self, call: Call) -> Row:
        """Check a body's fields, with every value in its own type."""
        if not isinstance(call.body, dict):
            raise Refusal(400, UNREADABLE)
        result: Row = {}
        for name, value in call.body.items():
            if name == "@type":
                continue
            if name not in call.kind.fields:
                if self._settings["unknownFields"] == "ignore":
                    continue
                raise Refusal(400, f"Unknown field '{name}' in {call.kind.name}.")
            # An empty text is no number and no boolean; clients send it where they mean nothing.
            form = call.kind.fields[name]
            if value is not None and (value != "" or form in ("text", "object")):
                result[name] = read_value(name, value, form)
        return result

    def _require(self, account: str, kind: str, identifier: str) -> Row:
        row = self._table(account, kind).get(identifier)
        if row is None:
            raise Refusal(400, invalid(kind, identifier))
        return row

    def _denied(self) -> Refusal:
        """Make the refusal of who lacks a privilege."""
        status = self._settings["missingPrivilege"]
        return Refusal(status, DENIED if status == 403 else NO_RIGHTS)  # noqa: PLR2004

    def _known(self, account: str | None) -> str:
        identifier = account or str(self.primary["id"])
        if self.account(identifier) is None:
            raise Refusal(400, f"Account {identifier} does not exist.")
        return identifier

    def _main(self, account: str) -> str:
        return str(self._table(account, "Account")[account]["defaultBranch"])

    def _revisions(self, account: str, component: str) -> list[Row]:
        """The component's revisions, oldest first."""
        table = self._table(account, "ComponentMetadata")
        result: list[Row] = []
        while (row := table.get(f"{component}~{len(result) + 1}")) is not None:
            result.append(row)
        return result

    def _current(self, account: str, component: str) -> Row | None:
        main = self._main(account)
        on_main = [row for row in self._revisions(account, component) if row["branchName"] == main]
        return on_main[-1] if on_main else None

    def _filter(self, call: Call) -> query.Filter:
        settings = self._settings
        cases = query.Cases(settings["likeIgnoresCase"], settings["containsIgnoresCase"], settings["equalsIgnoresCase"])
        try:
            wanted = query.parse(call.body, call.kind.query, cases, sortable=call.kind.sortable)
        except query.BadFilter as error:
            raise Refusal(400, str(error)) from None
        for prop, partner in call.kind.together:
            if prop in wanted.properties and partner not in wanted.properties:
                raise Refusal(400, f"A filter on {prop} must also name {partner}.")
        if 0 < settings["longestFilter"] < wanted.conditions:
            raise Refusal(400, f"A filter may hold at most {settings['longestFilter']} expressions.")
        allowed = call.kind.operators or wanted.operators
        refused = (wanted.operators & set(settings["refusedOperators"])) | (wanted.operators - {"and", "or"} - allowed)
        if refused:
            raise Refusal(400, f"Operator '{min(refused)}' is not supported.")
        return wanted

    def _settle(self) -> None:
        """Let happen what was due since the last act: the clock has no alarm."""
        raise NotImplementedError


_ID_NAMES: Final = {
    "PackagedComponent": "packageId",
    "DeployedPackage": "deploymentId",
    "Environment": "environmentId",
    "ComponentMetadata": "componentId",
    "Folder": "folderId",
    "Branch": "branchId",
    "ReleaseIntegrationPackStatus": "requestId",
    "ConnectorGroup": "groupType",
    "Atom": "atomId",
    "EnvironmentAtomAttachment": "id",
    "EnvironmentRole": "id",
    "EnvironmentExtensions": "id",
    "AuditLog": "documentId",
    "ProcessSchedules": "id",
    "ProcessScheduleStatus": "id",
    "ExecutionRequest": "requestId",
    "ExecutionRecord": "requestId",
    "ListenerStatus": "containerId",
    "changeListenerStatus": "containerId",
    "Process": "processId",
    "Deployment": "id",
}


def invalid(kind: str, identifier: str) -> str:
    """Tell that an id means nothing, in Boomi's words.

    Args:
        kind: The object's name.
        identifier: The id.

    Returns:
        The message.
    """
    if kind == "PublisherIntegrationPack":
        return (
            f"Integration pack ID {identifier} is invalid. Provide a valid integration pack ID to complete this action."
        )
    name = _ID_NAMES[kind]
    shown = name[0].upper() + name[1:]
    return f"{shown} {identifier} is invalid. Provide a valid {name} to complete this action."


def read_value(name: str, value: Any, kind: str) -> Any:
    """Read a field of a body in its own type; numbers and booleans may come as strings.

    Args:
        name: The field.
        value: What was sent.
        kind: The type that it should have.

    Returns:
        The value.

    Raises:
        Refusal: It is of another type.
    """
    if kind == "object":
        return value
    if not isinstance(value, str | int | float | bool):
        raise Refusal(400, UNREADABLE)
    if kind == "bool":
        if str(value).lower() not in ("true", "false"):
            raise Refusal(400, f"'{value}' is not a boolean, which {name} is.")
        return str(value).lower() == "true"
    if kind == "int":
        try:
            return query.read_int(str(value), name)
        except query.BadFilter as error:
            raise Refusal(400, str(error)) from None
    return str(value).lower() if isinstance(value, bool) else str(value)
