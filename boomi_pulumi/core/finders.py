"""Look-ups as functions of a client: one object, found by what people know of it; and queries.

Every finder returns exactly one object, or raises an error that lists what there is. `Finder.judge` judges what it is
given before anything is sent; who has no account to ask, such as a unit test with mocks, calls that alone.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Annotated, Any, ParamSpec, TypeVar

from pydantic import Field

from boomi_pulumi.api.answers import Missing, is_absent
from boomi_pulumi.api.client import Client
from boomi_pulumi.api.errors import BadRequest, FilterError, NotFound
from boomi_pulumi.api.filters import Filter, Group, judge, where
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
from boomi_pulumi.core.finder import FINDERS, exactly_one, finder

__all__ = [
    "FINDERS",
    "find_component",
    "find_deployed_package",
    "find_environment",
    "find_integration_pack",
    "find_packaged_component",
    "find_release_status",
    "query",
    "target_of",
]

P = ParamSpec("P")
R = TypeVar("R", bound=Record)


# -- query ---------------------------------------------------------------------------------------


def target_of(kind: object, condition: Filter | None = None) -> Object[Any]:
    """Return the object that a query is about: by its name, or by a class of that name.

    Raises:
        FilterError: There is no query for it, or Boomi would refuse the condition.
    """
    name = kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
    target = OBJECTS.get(name)
    if target is None:
        raise FilterError(f"There is no query for {name}; there are {', '.join(OBJECTS)}.")
    if condition is not None:
        if not isinstance(condition, Filter):
            raise FilterError(f"The condition of a query is a {type(condition).__name__}; build it with `where`.")
        judge(target, condition)
    return target


def query(client: Client, kind: object, condition: Filter | None = None) -> list[Any]:
    """Return every object that meets a condition, through all pages.

    Args:
        client: The account.
        kind: A name of `OBJECTS`, or a class of such a name.
        condition: Built with `where`; None returns all.

    Raises:
        FilterError: A property or combination that Boomi would refuse; nothing was sent.
        RequestError: A request failed.
    """
    target = target_of(kind, condition)
    return list(client.query(target, condition))


# -- one object ----------------------------------------------------------------------------------


@finder("get_environment", "Return an environment by id or by name.", ENVIRONMENT, ("id",), ("name",))
def find_environment(
    client: Client,
    *,
    id: Annotated[str | None, Field(description="Its id.")] = None,
    name: Annotated[str | None, Field(description="Its name, instead of an id.")] = None,
) -> Environment:
    """Return an environment by id or by name."""
    if id is not None:
        return _by_id(client, ENVIRONMENT, id, "environment")
    rows = client.query(ENVIRONMENT, where("name").equals(name or ""))
    return exactly_one(
        f"environment {name!r}",
        list(rows),
        lambda row: f"{row.name} ({row.classification}, {row.id})",
        near=lambda: client.query(ENVIRONMENT),
    )


@finder(
    "get_component",
    "Return a component, current and not deleted unless a revision is asked for.",
    COMPONENT_METADATA,
    ("id",),
    ("name",),
    version="id",
)
def find_component(
    client: Client,
    *,
    id: Annotated[str | None, Field(description="Its id.")] = None,
    name: Annotated[
        str | None, Field(description="Its name, instead of an id; narrow it down with the following.")
    ] = None,
    type: Annotated[str | None, Field(description="Its type, such as `process`; see `COMPONENT_TYPES`.")] = None,
    folder: Annotated[
        str | None,
        Field(
            description="The name of its folder, or a path from the root such as `Acme/Sales/Orders`; a path may begin "
            "below the root."
        ),
    ] = None,
    branch: Annotated[
        str | None,
        Field(description="The branch whose newest revision is wanted; the account's default branch otherwise."),
    ] = None,
    version: Annotated[int | None, Field(description="A revision; needs an id.")] = None,
) -> ComponentMetadata:
    """Return a component, current and not deleted unless a revision is asked for."""
    if id is not None and branch is None:
        return _component_by_id(client, id, version)
    conditions = [where("componentId").equals(id) if id is not None else where("name").equals(name or "")]
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

    def rows(*, deleted: bool) -> list[ComponentMetadata]:
        found = _newest(client.query(COMPONENT_METADATA, _all([where("deleted").equals(deleted), *conditions])))
        inside = _folders(client, path) if found and len(path) > 1 else None
        return [row for row in found if inside is None or row.folder_id in inside]

    about = "".join(
        f", {label} {value}" for label, value in (("type", type), ("folder", folder), ("branch", branch)) if value
    )
    return exactly_one(
        f"component {name or id!r}{about}",
        rows(deleted=False),
        lambda row: f"{row.name} ({row.type} in {row.folder_name}, revision {row.version}, {row.component_id})",
        gone=lambda: map(_deleted_component, rows(deleted=True)),
        near=lambda: _near_components(client, name or ""),
        hint="narrow it down with type= or folder=, or give id=",
    )


def _component_by_id(client: Client, id_: str, version: int | None) -> ComponentMetadata:
    asked = id_ if version is None else f"{id_}~{int(version)}"
    found = _by_id(client, COMPONENT_METADATA, asked, "component")
    if found.deleted and version is None:
        raise NotFound(_deleted_component(found))
    return found


def _deleted_component(row: ComponentMetadata) -> str:
    who, when = row.modified_by or "somebody", row.modified_date or "an unknown date"
    return (
        f"Component {row.name} ({row.component_id}) was deleted on {when} by {who}. A ComponentMetadata resource "
        f'with component_id="{row.component_id}" restores it.'
    )


def _near_components(client: Client, name: str) -> Iterable[ComponentMetadata]:
    # Nobody says whether Boomi's CONTAINS tells upper from lower case.
    first = next(iter(name.split()), "")
    forms = sorted({first, first.lower(), first.upper(), first.capitalize()})
    alive = where("currentVersion").equals(True) & where("deleted").equals(False)
    return client.query(COMPONENT_METADATA, Group.of("or", *(where("name").contains(each) for each in forms)) & alive)


@finder(
    "get_packaged_component",
    "Return a package that is not deleted, by id, or by component and version.",
    PACKAGED_COMPONENT,
    ("id",),
    ("component_id",),
)
def find_packaged_component(
    client: Client,
    *,
    id: Annotated[str | None, Field(description="The packageId.")] = None,
    component_id: Annotated[str | None, Field(description="The component, instead of an id.")] = None,
    package_version: Annotated[
        str | None, Field(description="The version string; may be left out where the component has one package only.")
    ] = None,
) -> PackagedComponent:
    """Return a package that is not deleted, by id, or by component and version."""
    if id is not None:
        found = _by_id(client, PACKAGED_COMPONENT, id, "package")
        if found.deleted:
            raise NotFound(_deleted_package(found))
        return found
    condition: Filter = where("componentId").equals(component_id or "")
    if package_version is not None:
        condition = condition & where("packageVersion").equals(package_version)
    rows = list(client.query(PACKAGED_COMPONENT, condition))
    return exactly_one(
        f"package {package_version or '(any version)'} of component {component_id}",
        [row for row in rows if row.deleted is not True],
        lambda row: f"{row.package_version} (revision {row.component_version}, {row.created_date}, {row.package_id})",
        gone=lambda: [_deleted_package(row) for row in rows if package_version is not None],
        near=lambda: [
            row
            for row in client.query(PACKAGED_COMPONENT, where("componentId").equals(component_id or ""))
            if row.deleted is not True
        ],
        hint="give package_version=",
    )


def _deleted_package(row: PackagedComponent) -> str:
    """Word it without a date: Boomi tells when and by whom a package was made, not when it was deleted."""
    return (
        f"Package {row.package_version} of component {row.component_id} ({row.package_id}) was deleted; it held "
        f"revision {row.component_version}, packaged by {row.created_by} on {row.created_date}. A PackagedComponent "
        f'resource with package_version="{row.package_version}" restores it.'
    )


@finder(
    "get_deployed_package",
    "Return a deployment by its id, or the active one of a component in an environment.",
    DEPLOYED_PACKAGE,
    ("id",),
    ("environment_id", "component_id"),
)
def find_deployed_package(
    client: Client,
    *,
    id: Annotated[str | None, Field(description="The deploymentId.")] = None,
    environment_id: Annotated[
        str | None, Field(description="The environment, with a component instead of an id.")
    ] = None,
    component_id: Annotated[str | None, Field(description="The component.")] = None,
) -> DeployedPackage:
    """Return a deployment by its id, or the active one of a component in an environment."""
    if id is not None:
        return _by_id(client, DEPLOYED_PACKAGE, id, "deployment")
    there = where("environmentId").equals(environment_id or "") & where("active").equals(True)
    rows = client.query(DEPLOYED_PACKAGE, there & where("componentId").equals(component_id or ""))
    return exactly_one(
        f"active deployment of component {component_id} in environment {environment_id}",
        [row for row in rows if row.active is not False],
        lambda row: f"{row.package_version} of {row.component_id} (by {row.deployed_by}, {row.deployed_date})",
    )


@finder(
    "get_integration_pack",
    "Return an integration pack of this publisher, by id or by name, with the versions of its components.",
    PUBLISHER_PACK,
    ("id",),
    ("name",),
)
def find_integration_pack(
    client: Client,
    *,
    id: Annotated[str | None, Field(description="Its id.")] = None,
    name: Annotated[str | None, Field(description="Its name, instead of an id.")] = None,
) -> IntegrationPack:
    """Return an integration pack of this publisher, by id or by name, with the versions of its components."""
    if id is not None:
        return _by_id(client, PUBLISHER_PACK, id, "integration pack")
    return exactly_one(
        f"integration pack {name!r}",
        list(client.query(PUBLISHER_PACK, where("name").equals(name or ""))),
        lambda row: f"{row.name} ({row.installation_type}, {row.id})",
        near=lambda: client.query(PUBLISHER_PACK),
        hint="give id=",
    )


@finder(
    "get_release_status",
    "Return where a release stands: IN_PROGRESS, SCHEDULED, SUCCESS or ERROR; it does not wait.",
    RELEASE_STATUS,
    ("request_id",),
)
def find_release_status(
    client: Client,
    *,
    request_id: Annotated[str, Field(description="The `request_id` of a ReleaseIntegrationPack.")],
) -> ReleaseStatus:
    """Return where a release stands: IN_PROGRESS, SCHEDULED, SUCCESS or ERROR; it does not wait."""
    try:
        return client.get(RELEASE_STATUS, request_id)
    except BadRequest as error:
        if is_absent(error):
            raise NotFound(f'There is no release request {request_id} (Boomi said: "{error.said}").') from None
        raise


# -- inside --------------------------------------------------------------------------------------


def _by_id(client: Client, target: Object[R], id_: str, what: str) -> R:
    found = client.bulk(target, [id_])[id_]
    if isinstance(found, Missing):
        raise NotFound(
            f'There is no {what} {id_} in account {client.settings.account_id} (Boomi said: "{found.said}").'
        )
    if isinstance(found, Record):
        return found
    raise found


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
