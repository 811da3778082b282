"""`boomi-pulumi check`: what a user can reach of an account, found by harmless reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import BeforeValidator, Field

from boomi_pulumi._api.answers import object_in, page_in
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import EndpointNotFound, Forbidden, RequestError, Unauthorized
from boomi_pulumi._api.extensions import extensions_of
from boomi_pulumi._api.filters import where
from boomi_pulumi._api.models import (
    ACCOUNT,
    ATOM,
    AUDIT_LOG,
    COMPONENT_METADATA,
    CONNECTOR_GROUP,
    DEPLOYED_PACKAGE,
    ENVIRONMENT,
    ENVIRONMENT_EXTENSIONS,
    EXECUTION_RECORD,
    FOLDER,
    PACKAGED_COMPONENT,
    PROCESS_SCHEDULES,
    PUBLISHER_PACK,
    Environment,
    EnvironmentExtensions,
    Object,
    Record,
    parsed,
    rows_of,
)
from boomi_pulumi._api.refusals import meaning_of
from boomi_pulumi.cli.account import UNREADABLE, Counter
from boomi_pulumi.cli.screen import Screen

__all__ = ["CONNECTOR_PATHS", "AccountCheck", "ObjectAccess", "check_account", "show_check"]

CONNECTOR_PATHS = ("connector/api/rest/v1", "{api}/rest/v1")
"""Paths where the Connector API may be, beside the path of the settings. Source: another project that works with it."""

NEEDED = (ENVIRONMENT, COMPONENT_METADATA, PACKAGED_COMPONENT, DEPLOYED_PACKAGE)
"""The objects that packages and deployments need."""

_PRIVILEGES = {
    ENVIRONMENT.name: ("ATOM_MANAGEMENT",),
    COMPONENT_METADATA.name: ("BUILD",),
    PACKAGED_COMPONENT.name: ("PACKAGE_MANAGEMENT",),
    DEPLOYED_PACKAGE.name: ("DEPLOY",),
    PUBLISHER_PACK.name: ("PUBLISHER_INTEGRATION_PACK", "PUBLISHER_INTEGRATION_PACK_API"),
    CONNECTOR_GROUP.name: ("DEVELOPER",),
    ENVIRONMENT_EXTENSIONS.name: ("ATOM_MANAGEMENT",),
    PROCESS_SCHEDULES.name: ("SCHEDULE_MAINTENANCE", "ATOM_MANAGEMENT"),
}
"""Object -> the privileges, by the names of Boomi's Role; a single privilege lets a user write the object."""

_UNKNOWN, _NOT_NEEDED = "unknown until you write", "not needed"

_ONLY_READ = frozenset(each.name for each in (ATOM, AUDIT_LOG, EXECUTION_RECORD))
"""The objects that nothing here writes."""


class _Branch(Record):
    id: str
    name: str | None = None
    deleted: bool | None = None


class _UserRole(Record):
    id: str
    role_id: str | None = None


def _privileges(value: Any) -> tuple[str, ...]:
    return tuple(str(row["name"]) for row in rows_of(value, "Privilege") if isinstance(row, dict) and "name" in row)


class _Role(Record):
    id: str
    name: str | None = None
    privileges: Annotated[tuple[str, ...], BeforeValidator(_privileges), Field(alias="Privileges")] = ()


_BRANCH = Object("Branch", _Branch, "id", privileges="API")
_USER_ROLE = Object("AccountUserRole", _UserRole, "id", queryable=frozenset({"accountId", "userId", "roleId"}))
_ROLE = Object("Role", _Role, "id")


@dataclass
class ObjectAccess:
    """What the user may do with one kind of object.

    Attributes:
        object: The kind, by Boomi's name.
        read: `yes` or `no`.
        write: `yes` and the privilege, `no`, `not needed`, or `unknown until you write`.
        said: Boomi's reason for a `no`, or a remark.
    """

    object: str
    read: str
    write: str = _UNKNOWN
    said: str = ""


@dataclass
class AccountCheck:
    """What a user can reach of an account.

    Attributes:
        account_id: The account; with `override_account`, the primary account.
        base_url: The address that was asked.
        user: The user who asked.
        override_account: The sub-account, if the settings name one.
        reachable: Whether Boomi answered any request with success.
        access: What the user may do, one row for each kind of object.
        environments: Name, classification and id of the environments that the user may see.
        branches: Names of branches, or None where the account has the feature off.
        default_branch: The branch that components come from by default; None where no component shows it.
        roles: Names of the user's roles, or None where Boomi does not show them to this user.
        connector_path: The path at which the Connector API answers, or None where it does not answer.
        rate_limit: Requests a second that this client sends at the most; 0 for no limit.
        too_many: How often Boomi refused a request for its own limit.
        requests: How many requests were sent.
    """

    account_id: str
    base_url: str
    user: str
    override_account: str | None
    reachable: bool = False
    access: list[ObjectAccess] = field(default_factory=list)
    environments: list[dict[str, str | None]] = field(default_factory=list)
    branches: list[str] | None = None
    default_branch: str | None = None
    roles: list[str] | None = None
    connector_path: str | None = None
    rate_limit: float = 0.0
    too_many: int = 0
    requests: int = 0

    @property
    def missing(self) -> list[str]:
        """The kinds of objects that packages and deployments need, and that the user cannot read."""
        needed = {each.name for each in NEEDED}
        return [each.object for each in self.access if each.read != "yes" and each.object in needed]

    @property
    def status(self) -> int:
        """The exit status: 1 where something is missing, otherwise 0."""
        return int(bool(self.missing))


def check_account(client: Client, counter: Counter) -> AccountCheck:
    """Read the first page of each kind of object; about 15 requests, which `counter` counts.

    Raises:
        RequestError: Boomi could not be reached, or knows neither the user nor the address.
    """
    settings = client.settings
    found = AccountCheck(settings.account_id, settings.base_url, settings.username, settings.override_account)
    found.reachable = _account(client)
    rows = _read(client, ENVIRONMENT, found)
    found.environments = [{"name": row.name, "classification": row.classification, "id": row.id} for row in rows]
    current = where("currentVersion").equals(True) & where("deleted").equals(False)
    components = _read(client, COMPONENT_METADATA, found, current)
    found.default_branch = next((row.branch_name for row in components if row.branch_name), None)
    _read(client, PACKAGED_COMPONENT, found)
    deployed = _read(client, DEPLOYED_PACKAGE, found, where("active").equals(True))
    _read(client, FOLDER, found)
    _read(client, PUBLISHER_PACK, found)
    _read(client, ATOM, found)
    _read(client, PROCESS_SCHEDULES, found)
    day = datetime.now(timezone.utc) - timedelta(days=1)
    _read(client, EXECUTION_RECORD, found, where("executionTime").greater_than_or_equal(day))
    _read(client, AUDIT_LOG, found, where("date").greater_than_or_equal(day))
    found.branches = _branches(client, found)
    found.connector_path = _connector(client, found)
    _extensions(client, found, rows, {each.environment_id for each in deployed})
    found.roles = _roles(client, found)
    found.reachable = found.reachable or any(each.read == "yes" for each in found.access)
    found.rate_limit = settings.rate_limit
    found.too_many, found.requests = counter.refused, counter.sent
    return found


def _account(client: Client) -> bool:
    """Read the account itself, which takes the least rights, and return whether Boomi showed it.

    Raises:
        RequestError: As `check_account`.
    """
    try:
        client.get(ACCOUNT, client.settings.override_account or client.settings.account_id)
    except UNREADABLE:
        # Its page asks for more than the privilege API; the objects that follow tell more.
        return False
    return True


def _read(client: Client, target: Object[Any], found: AccountCheck, condition: Any = None) -> list[Any]:
    """Read one page, and note whether the user may read it.

    Raises:
        RequestError: Every request would fail so: no answer, wrong credentials, a wrong address.
    """
    try:
        rows = client.first(target, condition)
    except EndpointNotFound:
        raise
    except UNREADABLE as error:
        if isinstance(error, Forbidden):
            access = ObjectAccess(target.name, "no", "no", error.said or f"it needs {target.privileges}")
        else:
            access = ObjectAccess(target.name, "no", _UNKNOWN, error.said or str(error))
        found.access.append(replace(access, write=_NOT_NEEDED) if target.name in _ONLY_READ else access)
        return []
    write = _NOT_NEEDED if target.name in _ONLY_READ else _UNKNOWN
    found.access.append(ObjectAccess(target.name, "yes", write, "" if rows else "none seen"))
    return rows


def _branches(client: Client, found: AccountCheck) -> list[str] | None:
    try:
        rows = client.first(_BRANCH)
    except UNREADABLE as error:
        found.access.append(ObjectAccess("Branch", "no", "no", error.said or str(error)))
        return None
    found.access.append(ObjectAccess("Branch", "yes", _NOT_NEEDED))
    return [row.name or row.id for row in rows if not row.deleted]


def _connector(client: Client, found: AccountCheck) -> str | None:
    """Return the path at which the Connector API answers, be it with a refusal."""
    said = ""
    for path in dict.fromkeys((client.settings.connector_path, *CONNECTOR_PATHS)):
        answer = client.answer(
            "POST", CONNECTOR_GROUP, "/query", "Looking for connectors", {"QueryFilter": {}}, at=path
        )
        if meaning_of(answer.status, client.said(answer)) is Forbidden:
            found.access.append(ObjectAccess(CONNECTOR_GROUP.name, "no", "no", client.said(answer)))
            return path
        if answer.status == HTTPStatus.OK and page_in(object_in(answer) or {}) is not None:
            found.access.append(ObjectAccess(CONNECTOR_GROUP.name, "yes"))
            return path
        said = said or client.said(answer)
    found.access.append(
        ObjectAccess(CONNECTOR_GROUP.name, "no", _UNKNOWN, said or "it answers at none of the known paths")
    )
    return None


def _extensions(
    client: Client, found: AccountCheck, environments: Sequence[Environment], busy: Collection[str | None]
) -> None:
    """Read the values of one environment, where there is one in which nothing is deployed: accounts answer that apart.

    Args:
        client: The account.
        found: Gets the row.
        environments: The environments.
        busy: The ids of those in which something is deployed.
    """
    place = next((each for each in environments if each.id not in busy), next(iter(environments), None))
    if place is None:
        return
    name, title = ENVIRONMENT_EXTENSIONS.name, place.name or place.id
    answer = client.answer(
        "GET", ENVIRONMENT_EXTENSIONS, f"/{quote(place.id, safe='')}", f"Reading the values of {title}"
    )
    there, said = object_in(answer), client.said(answer)
    if answer.status == HTTPStatus.OK and there is not None:
        has = bool(extensions_of(parsed(EnvironmentExtensions, there)))
        found.access.append(
            ObjectAccess(name, "yes", said="" if has else f"{title} has none: Boomi shows an empty object")
        )
    elif answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}:
        found.access.append(ObjectAccess(name, "yes", said=f"{title} has none: Boomi answers {answer.status} ({said})"))
    elif meaning_of(answer.status, said) is Forbidden:
        found.access.append(ObjectAccess(name, "no", "no", said))
    else:
        found.access.append(ObjectAccess(name, "no", _UNKNOWN, said or f"Boomi answered {answer.status}"))


def _roles(client: Client, found: AccountCheck) -> list[str] | None:
    """Note what the user's roles let the user write, and return their names; None where Boomi does not show them."""
    try:
        mine = client.first(_USER_ROLE, where("userId").equals(client.settings.username))
        ids = [row.role_id for row in mine if row.role_id]
        roles = [row for row in client.bulk(_ROLE, ids).values() if isinstance(row, _Role)] if ids else []
    except Unauthorized:
        raise
    except RequestError:
        # Roles are shown to administrators only; other users are not told what they may write.
        return None
    if not roles:
        return None
    granted = {name for role in roles for name in role.privileges}
    for each in found.access:
        wanted = _PRIVILEGES.get(each.object, ())
        named = next((name for name in wanted if name in granted), None)
        if each.read == "yes" and named:
            each.write = f"yes: {named}"
    return [role.name or role.id for role in roles]


def show_check(found: AccountCheck, screen: Screen) -> None:
    """Write a check for a person."""
    account = found.override_account or found.account_id
    through = f" through {found.account_id}" if found.override_account else ""
    state = "reachable" if found.reachable else "nothing was answered with success"
    screen.line(f"Account {account}{through} at {found.base_url}, as {found.user}: {state}.", "bold")
    screen.line()
    screen.table(
        ("Object", "Read", "Write", "Remark"),
        [(each.object, each.read, each.write, each.said) for each in found.access],
    )
    screen.line()
    named = [f"{row['name']} ({row['classification']})" for row in found.environments]
    screen.line(f"Environments:  {_listed(named)}")
    screen.line(f"Branches:      {_branches_text(found)}")
    screen.line(f"Roles:         {'not shown to this user' if found.roles is None else _listed(found.roles)}")
    where_ = f"at {found.connector_path}" if found.connector_path else "not found"
    screen.line(f"Connector API: {where_}")
    limit = f"{found.rate_limit:g} requests a second kept" if found.rate_limit else "none kept"
    screen.line(f"Rate limit:    {limit}; Boomi refused {found.too_many} of {found.requests} requests for its limit")
    screen.line()
    if found.missing:
        screen.line(f"Not enough for packages and deployments: {', '.join(found.missing)} cannot be read.", "bold red")
        if len(found.missing) == len(NEEDED):
            screen.line(
                f"Is the token of this user, and made in {account}? Does the user have the privilege API? "
                "Do Trusted IP Addresses leave out this machine?",
                "bold red",
            )
    else:
        screen.line("Enough to preview packages and deployments.", "bold green")


def _branches_text(found: AccountCheck) -> str:
    text = "off, or not shown to this user" if found.branches is None else _listed(found.branches)
    return f"{text}; the default is {found.default_branch}" if found.default_branch else text


def _listed(names: Sequence[str]) -> str:
    few = 12
    shown = ", ".join(names[:few]) or "none seen"
    return shown if len(names) <= few else f"{shown} and {len(names) - few} more"
