"""Look-ups: one object, found by what people know of it; and queries with Boomi's whole filter language.

Every `get_*` returns exactly one object, or raises an error that lists what there is. Each has an
`_output` twin that takes outputs and returns an output.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, overload

import pulumi

from boomi_pulumi.api.client import Client, Missing, client_for, is_absent
from boomi_pulumi.api.errors import Ambiguous, BadRequest, FilterError, NotFound, SettingsError
from boomi_pulumi.api.filters import Filter, where
from boomi_pulumi.api.models import (
    COMPONENT_METADATA,
    DEPLOYED_PACKAGE,
    ENVIRONMENT,
    FOLDER,
    OBJECTS,
    PACKAGED_COMPONENT,
    PUBLISHER_PACK,
    RELEASE_STATUS,
    ComponentMetadata,
    DeployedPackage,
    Environment,
    Folder,
    IntegrationPack,
    Object,
    PackagedComponent,
    Record,
    ReleaseStatus,
)
from boomi_pulumi.program import mocked, settings

__all__ = [
    "get_component",
    "get_component_output",
    "get_deployed_package",
    "get_deployed_package_output",
    "get_environment",
    "get_environment_output",
    "get_integration_pack",
    "get_integration_pack_output",
    "get_packaged_component",
    "get_packaged_component_output",
    "get_release_status",
    "get_release_status_output",
    "query",
]

R = TypeVar("R", bound=Record)
T = TypeVar("T")

_LISTED = 8


def _client() -> Client:
    return client_for(settings())


# -- query ---------------------------------------------------------------------------------------


@overload
def query(kind: type[R], condition: Filter | None = None) -> list[R]: ...
@overload
def query(kind: str | type[Any], condition: Filter | None = None) -> list[Any]: ...
def query(kind: Any, condition: Filter | None = None) -> list[Any]:
    """Return every object that meets a condition, through all pages.

    Args:
        kind: PackagedComponent, DeployedPackage, ComponentMetadata, Environment, Folder or
            PublisherIntegrationPack: the name, the
            resource class, or the record class.
        condition: Built with `where`; None returns all.

    Raises:
        FilterError: A property or combination that Boomi would refuse; nothing was sent.
        RequestError: A request failed.
    """
    name = kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
    target = OBJECTS.get(name)
    if target is None:
        raise FilterError(f"There is no query for {name}; there are {', '.join(OBJECTS)}.")
    if mocked():
        return _mocked_rows(target, condition)
    return list(_client().query(target, condition))


def _mocked_rows(target: Object[R], condition: Filter | None) -> list[R]:
    arguments = {"kind": target.name, "filter": condition.expression() if condition is not None else {}}
    rows = _mock("query", arguments).get("result") or []
    return [record for record in map(target.parse, rows) if record is not None]


# -- look-ups ------------------------------------------------------------------------------------


def get_environment(*, id: str | None = None, name: str | None = None) -> Environment:
    """Return an environment by id or by name.

    Raises:
        NotFound: There is none that the user may see.
        SettingsError: Not exactly one of id and name was given.
    """
    _one_of("get_environment", id=id, name=name)
    if mocked():
        return _mocked(ENVIRONMENT, "getEnvironment", {"id": id, "name": name})
    client = _client()
    if id is not None:
        return _by_id(client, ENVIRONMENT, id, "environment")
    rows = client.query(ENVIRONMENT, where("name").equals(name or ""))
    return _exactly_one(
        f"environment {name!r}",
        list(rows),
        lambda row: f"{row.name} ({row.classification}, {row.id})",
        near=lambda: client.query(ENVIRONMENT),
    )


def get_component(
    *,
    id: str | None = None,
    name: str | None = None,
    type: str | None = None,
    folder: str | None = None,
    branch: str | None = None,
    version: int | None = None,
) -> ComponentMetadata:
    """Return a component, current and not deleted unless a revision is asked for.

    Args:
        id: Its id.
        name: Its name, instead of an id; narrow it down with the following.
        type: Its type, such as `process`; see `COMPONENT_TYPES`.
        folder: The name of its folder, or a path from the root such as `Acme/Sales/Orders`; a path may begin
            below the root.
        branch: The branch whose newest revision is wanted; the account's default branch otherwise.
        version: A revision; needs an id.

    Raises:
        NotFound: There is none.
        Ambiguous: There are several; the message lists them.
        SettingsError: Not exactly one of id and name was given.
    """
    _one_of("get_component", id=id, name=name)
    if version is not None and id is None:
        raise SettingsError("get_component: version needs id; revisions are counted per component.")
    if mocked():
        given = {"id": id, "name": name, "type": type, "folder": folder, "branch": branch, "version": version}
        return _mocked(COMPONENT_METADATA, "getComponent", given)
    client = _client()
    if id is not None and branch is None:
        found = _by_id(client, COMPONENT_METADATA, id if version is None else f"{id}~{version}", "component")
        if found.deleted and version is None:
            raise NotFound(
                f"Component {found.name} ({id}) was deleted on {found.modified_date} by {found.modified_by}."
            )
        return found
    conditions: list[Filter] = [where("deleted").equals(False)]
    conditions.append(where("componentId").equals(id) if id is not None else where("name").equals(name or ""))
    if branch is None:
        conditions.append(where("currentVersion").equals(True))
    else:
        conditions.append(where("branchName").equals(branch))
    if type is not None:
        conditions.append(where("type").equals(type))
    path = [part for part in (folder or "").split("/") if part]
    if path:
        conditions.append(where("folderName").equals(path[-1]))
    if version is not None:
        conditions.append(where("version").equals(version))
    rows = _newest(client.query(COMPONENT_METADATA, _all(conditions)))
    if len(path) > 1:
        inside = _folders(client, path)
        rows = [row for row in rows if row.folder_id in inside]
    about = "".join(
        f", {label} {value}" for label, value in (("type", type), ("folder", folder), ("branch", branch)) if value
    )
    return _exactly_one(
        f"component {name or id!r}{about}",
        rows,
        lambda row: f"{row.name} ({row.type} in {row.folder_name}, revision {row.version}, {row.component_id})",
        near=lambda: client.query(
            COMPONENT_METADATA,
            where("name").contains((name or "").split()[0] if (name or "").split() else "")
            & where("currentVersion").equals(True)
            & where("deleted").equals(False),
        ),
        hint="narrow it down with type= or folder=, or give id=",
    )


def get_packaged_component(
    *,
    id: str | None = None,
    component_id: str | None = None,
    package_version: str | None = None,
) -> PackagedComponent:
    """Return a package that is not deleted, by id, or by component and version.

    Args:
        id: The packageId.
        component_id: The component, instead of an id.
        package_version: The version string; may be left out where the component has one package only.

    Raises:
        NotFound: There is none.
        Ambiguous: There are several; the message lists their versions.
        SettingsError: Not exactly one of id and component_id was given.
    """
    _one_of("get_packaged_component", id=id, component_id=component_id)
    if mocked():
        given = {"id": id, "componentId": component_id, "packageVersion": package_version}
        return _mocked(PACKAGED_COMPONENT, "getPackagedComponent", given)
    client = _client()
    if id is not None:
        found = _by_id(client, PACKAGED_COMPONENT, id, "package")
        if found.deleted:
            raise NotFound(f"Package {found.package_version} of component {found.component_id} ({id}) was deleted.")
        return found
    condition: Filter = where("componentId").equals(component_id or "")
    if package_version is not None:
        condition = condition & where("packageVersion").equals(package_version)
    alive = [row for row in client.query(PACKAGED_COMPONENT, condition) if row.deleted is not True]
    return _exactly_one(
        f"package {package_version or '(any version)'} of component {component_id}",
        alive,
        lambda row: f"{row.package_version} (revision {row.component_version}, {row.created_date}, {row.package_id})",
        near=lambda: [
            row
            for row in client.query(PACKAGED_COMPONENT, where("componentId").equals(component_id or ""))
            if row.deleted is not True
        ],
        hint="give package_version=",
    )


def get_deployed_package(
    *,
    id: str | None = None,
    environment_id: str | None = None,
    component_id: str | None = None,
) -> DeployedPackage:
    """Return a deployment by its id, or the active one of a component in an environment.

    Raises:
        NotFound: There is none.
        Ambiguous: Boomi reports several active ones.
        SettingsError: Neither an id nor both others were given.
    """
    if (id is None) == (environment_id is None and component_id is None) or (
        id is None and None in (environment_id, component_id)
    ):
        raise SettingsError("get_deployed_package: give id, or both environment_id and component_id.")
    for name, value in (("id", id), ("environment_id", environment_id), ("component_id", component_id)):
        _not_blank("get_deployed_package", name, value)
    if mocked():
        given = {"id": id, "environmentId": environment_id, "componentId": component_id}
        return _mocked(DEPLOYED_PACKAGE, "getDeployedPackage", given)
    client = _client()
    if id is not None:
        return _by_id(client, DEPLOYED_PACKAGE, id, "deployment")
    slot = where("environmentId").equals(environment_id or "") & where("active").equals(True)
    rows = client.query(DEPLOYED_PACKAGE, slot & where("componentId").equals(component_id or ""))
    return _exactly_one(
        f"active deployment of component {component_id} in environment {environment_id}",
        [row for row in rows if row.active is not False],
        lambda row: f"{row.package_version} of {row.component_id} (by {row.deployed_by}, {row.deployed_date})",
    )


def get_integration_pack(*, id: str | None = None, name: str | None = None) -> IntegrationPack:
    """Return an integration pack of this publisher, by id or by name, with the versions of its components.

    Raises:
        NotFound: There is none.
        Ambiguous: There are several of that name; the message lists them.
        SettingsError: Not exactly one of id and name was given.
    """
    _one_of("get_integration_pack", id=id, name=name)
    if mocked():
        return _mocked(PUBLISHER_PACK, "getIntegrationPack", {"id": id, "name": name})
    client = _client()
    if id is not None:
        return _by_id(client, PUBLISHER_PACK, id, "integration pack")
    return _exactly_one(
        f"integration pack {name!r}",
        list(client.query(PUBLISHER_PACK, where("name").equals(name or ""))),
        lambda row: f"{row.name} ({row.installation_type}, {row.id})",
        near=lambda: client.query(PUBLISHER_PACK),
        hint="give id=",
    )


def get_release_status(*, request_id: str) -> ReleaseStatus:
    """Return where a release stands: IN_PROGRESS, SCHEDULED, SUCCESS or ERROR; it does not wait.

    Args:
        request_id: The `request_id` of a ReleaseIntegrationPack.

    Raises:
        NotFound: Boomi does not know the request.
    """
    _not_blank("get_release_status", "request_id", request_id)
    if mocked():
        return _mocked(RELEASE_STATUS, "getReleaseStatus", {"requestId": request_id})
    client = _client()
    try:
        return client.get(RELEASE_STATUS, request_id)
    except BadRequest as error:
        if is_absent(error):
            raise NotFound(f'There is no release request {request_id} (Boomi said: "{error.said}").') from None
        raise


# -- output twins --------------------------------------------------------------------------------


def get_environment_output(
    *,
    id: pulumi.Input[str | None] = None,
    name: pulumi.Input[str | None] = None,
) -> pulumi.Output[Environment]:
    """As `get_environment`, with outputs."""
    return _lifted(get_environment, id=id, name=name)


def get_component_output(
    *,
    id: pulumi.Input[str | None] = None,
    name: pulumi.Input[str | None] = None,
    type: pulumi.Input[str | None] = None,
    folder: pulumi.Input[str | None] = None,
    branch: pulumi.Input[str | None] = None,
    version: pulumi.Input[int | None] = None,
) -> pulumi.Output[ComponentMetadata]:
    """As `get_component`, with outputs."""
    return _lifted(get_component, id=id, name=name, type=type, folder=folder, branch=branch, version=version)


def get_packaged_component_output(
    *,
    id: pulumi.Input[str | None] = None,
    component_id: pulumi.Input[str | None] = None,
    package_version: pulumi.Input[str | None] = None,
) -> pulumi.Output[PackagedComponent]:
    """As `get_packaged_component`, with outputs."""
    return _lifted(get_packaged_component, id=id, component_id=component_id, package_version=package_version)


def get_deployed_package_output(
    *,
    id: pulumi.Input[str | None] = None,
    environment_id: pulumi.Input[str | None] = None,
    component_id: pulumi.Input[str | None] = None,
) -> pulumi.Output[DeployedPackage]:
    """As `get_deployed_package`, with outputs."""
    return _lifted(get_deployed_package, id=id, environment_id=environment_id, component_id=component_id)


def get_integration_pack_output(
    *,
    id: pulumi.Input[str | None] = None,
    name: pulumi.Input[str | None] = None,
) -> pulumi.Output[IntegrationPack]:
    """As `get_integration_pack`, with outputs."""
    return _lifted(get_integration_pack, id=id, name=name)


def get_release_status_output(*, request_id: pulumi.Input[str | None]) -> pulumi.Output[ReleaseStatus | None]:
    """As `get_release_status`, with outputs; None without a request, since what was out already is not released."""

    def look(*, request_id: str | None) -> ReleaseStatus | None:
        return None if request_id is None else get_release_status(request_id=request_id)

    return _lifted(look, request_id=request_id)


# -- inside --------------------------------------------------------------------------------------


def _lifted(function: Callable[..., T], **arguments: Any) -> pulumi.Output[T]:
    async def call(known: Mapping[str, Any]) -> T:
        loop = asyncio.get_running_loop()
        if mocked():
            return function(**known)
        return await loop.run_in_executor(None, functools.partial(function, **known))

    return pulumi.Output.all(**arguments).apply(call)


def _one_of(function: str, **given: str | None) -> None:
    names = list(given)
    if sum(value is not None for value in given.values()) != 1:
        raise SettingsError(f"{function}: give either {' or '.join(names)}.")
    for name, value in given.items():
        _not_blank(function, name, value)


def _not_blank(function: str, name: str, value: str | None) -> None:
    if value is not None and not str(value).strip():
        raise SettingsError(f"{function}: {name} is {value!r}; a text is needed.")


def _by_id(client: Client, target: Object[R], id_: str, what: str) -> R:
    found = client.bulk(target, [id_])[id_]
    if isinstance(found, Missing):
        raise NotFound(
            f'There is no {what} {id_} in account {client.settings.account_id} (Boomi said: "{found.said}").'
        )
    if isinstance(found, Record):
        return found
    raise found


def _exactly_one(
    what: str,
    rows: list[R],
    show: Callable[[R], str],
    *,
    near: Callable[[], Iterable[R]] | None = None,
    hint: str = "",
) -> R:
    if len(rows) == 1:
        return rows[0]
    if rows:
        narrower = f" {hint[:1].upper()}{hint[1:]}." if hint else ""
        raise Ambiguous(f"There are {len(rows)} of {what}: {_list(rows, show)}.{narrower}")
    others = list(near()) if near else []
    raise NotFound(f"There is no {what}." + (f" There are: {_list(others, show)}." if others else ""))


def _list(rows: list[R], show: Callable[[R], str]) -> str:
    shown = "; ".join(sorted(show(row) for row in rows)[:_LISTED])
    return shown if len(rows) <= _LISTED else f"{shown}; and {len(rows) - _LISTED} more"


def _newest(rows: Iterable[ComponentMetadata]) -> list[ComponentMetadata]:
    """Return the newest revision of each component: a query by branch returns all of them."""
    newest: dict[str, ComponentMetadata] = {}
    for row in rows:
        seen = newest.get(row.component_id)
        if seen is None or (row.version or 0) > (seen.version or 0):
            newest[row.component_id] = row
    return list(newest.values())


def _folders(client: Client, path: list[str]) -> set[str]:
    """Return the ids of the folders whose full path ends with a path; Boomi cannot query by full path."""
    condition = where("name").equals(path[-1]) & where("deleted").equals(False)
    return {row.id for row in client.query(FOLDER, condition) if _ends_with(row, path)}


def _ends_with(row: Folder, path: list[str]) -> bool:
    return [part for part in (row.full_path or "").split("/") if part][-len(path) :] == path


def _all(conditions: list[Filter]) -> Filter:
    return functools.reduce(lambda one, two: one & two, conditions)


def _mock(function: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the mocks of a user's unit test, as Pulumi does for every provider's functions."""
    given = {name: value for name, value in arguments.items() if value is not None}
    answer = pulumi.runtime.invoke(f"boomi:index:{function}", given).value
    return dict(answer) if isinstance(answer, Mapping) else {}


def _mocked(target: Object[R], function: str, arguments: Mapping[str, Any]) -> R:
    answer = _mock(function, arguments)
    record = target.parse({**{k: v for k, v in arguments.items() if v is not None}, **answer})
    if record is None:
        raise NotFound(f"boomi:index:{function}: the mock's answer has no {target.id}.")
    return record
