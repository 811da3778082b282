"""Who may enter an environment: roles of environments and of users, and what is left of a deleted environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boomi_pulumi.emulator.rules import Call, Refusal, Row, Rules, invalid
from boomi_pulumi.emulator.seed import role_id

if TYPE_CHECKING:
    from collections.abc import Collection

SEES_ALL: Final = "ENV_MANAGEMENT"

DELETED: Final = "DeletedEnvironment"
"""The kind under which the rows of deleted environments are kept."""

_ENVIRONMENT_OF: Final = {
    "Environment": "id",
    "EnvironmentRole": "environmentId",
    "EnvironmentAtomAttachment": "environmentId",
    "EnvironmentExtensions": "environmentId",
    "ProcessSchedules": "environmentId",
    "ProcessScheduleStatus": "environmentId",
    "ExecutionRecord": "environmentId",
    "DeployedPackage": "environmentId",
}
"""Object -> the field that names its environment."""


class Access(Rules):
    """Roles of environments. Without one, everybody may enter; with some, only who holds one of them."""

    def set_roles(self, name: str, roles: Collection[str]) -> Row:
        """Give a user these roles and no other, as an administrator does.

        Args:
            name: The user.
            roles: Ids of roles.

        Returns:
            The user, without the token.

        Raises:
            Refusal: There is no such user, or the roles are no list of texts.
        """
        with self._lock:
            account = self.primary["id"]
            user = self._table(account, "User").get(name)
            if user is None:
                raise Refusal(400, f"User {name} does not exist.")
            if not isinstance(roles, list | tuple) or not all(isinstance(role, str) for role in roles):
                raise Refusal(400, "roles must be a list of ids.")
            user = {**user, "roles": list(roles)}
            self._commit(account, [("User", name, user)])
            return {key: value for key, value in user.items() if key != "token"}

    # Whom an environment lets in.

    def _closed(self, call: Call) -> frozenset[str]:
        """The environments of whose content this user sees nothing."""
        roles: dict[str, set[str]] = {}
        for row in self._table(call.account, "EnvironmentRole").values():
            roles.setdefault(row["environmentId"], set()).add(row["roleId"])
        if SEES_ALL in call.user["privileges"]:
            return frozenset()
        held = set(call.user.get("roles", ()))
        return frozenset(each for each, wanted in roles.items() if not wanted & held)

    def _visible(self, call: Call, rows: list[Row]) -> list[Row]:
        """Those of some rows that this user may see."""
        field = _ENVIRONMENT_OF.get(call.kind.name)
        closed = self._closed(call) if field is not None and rows else frozenset()
        return [row for row in rows if row[field] not in closed] if closed and field is not None else rows

    def _enter(self, call: Call, environment: str, identifier: str | None = None) -> None:
        """Refuse what a user wants in an environment that does not let them in.

        Args:
            call: The act.
            environment: The environment's id.
            identifier: What was asked for, where that is something in it.
        """
        if environment not in self._closed(call):
            return
        if self._settings["hiddenEnvironmentRead"] == 403:  # noqa: PLR2004
            raise Refusal(403, f"You do not have access to environment {environment}.")
        kind = "Environment" if identifier is None else call.kind.name
        raise Refusal(400, invalid(kind, identifier or environment))

    def _enter_row(self, call: Call, identifier: str) -> None:
        """Refuse an act on a row of an environment that does not let this user in."""
        field = _ENVIRONMENT_OF.get(call.kind.name)
        row = self._table(call.account, call.kind.name).get(identifier) if field is not None else None
        if field is not None and row is not None:
            self._enter(call, row[field], identifier)

    # EnvironmentRole.

    def _create_environment_role(self, call: Call) -> Row:
        body = self._body(call)
        environment, role = body.get("environmentId"), body.get("roleId")
        if not environment or not role:
            missing = "roleId" if environment else "environmentId"
            raise Refusal(400, f"The {missing} is missing. Provide a valid {missing} to complete this action.")
        self._require(call.account, "Environment", environment)
        key = role_id(environment, role)
        row = {"id": key, "environmentId": environment, "roleId": role}
        self._commit(call.account, [("EnvironmentRole", key, row)])
        return row

    def _delete_environment_role(self, call: Call) -> None:
        self._require(call.account, "EnvironmentRole", call.id)
        self._commit(call.account, [("EnvironmentRole", call.id, None)])
