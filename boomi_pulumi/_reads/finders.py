"""Look-ups as functions of a client: one object, found by what people know of it; and queries.

A finder returns exactly one object, or raises an error that lists what there is; one of many returns a list.
`Finder.check_arguments` checks what it is given before anything is sent; a unit test with mocks, which has no account
to ask, calls that alone.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timezone
from typing import Annotated, Any, Concatenate, Generic, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from pydantic import Field
from pydantic.fields import FieldInfo

from boomi_pulumi._api.answers import Missing, is_absent
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import (
    Ambiguous,
    BadAnswer,
    BadRequest,
    FilterError,
    Forbidden,
    NotFound,
    RequestError,
    SettingsError,
)
from boomi_pulumi._api.extensions import extensions_of, group_id, overridden
from boomi_pulumi._api.filters import Filter, Group, check_filter, where
from boomi_pulumi._api.models import (
    ATOM,
    ATTACHMENT,
    COMPONENT_METADATA,
    DEPLOYED_PACKAGE,
    ENVIRONMENT,
    ENVIRONMENT_EXTENSIONS,
    EXECUTION,
    EXTENSION_VALUES,
    FOLDER,
    OBJECTS,
    PACKAGED_COMPONENT,
    PUBLISHER_PACK,
    RELEASE_STATUS,
    SCHEDULED_PROCESS,
    ComponentMetadata,
    DeployedPackage,
    Environment,
    Execution,
    ExtensionValues,
    Folder,
    IntegrationPack,
    Object,
    PackagedComponent,
    Record,
    ReleaseStatus,
    Runtime,
    ScheduledProcess,
    moment,
)
from boomi_pulumi._api.schedules import in_words
from boomi_pulumi._reads.deployments import period
from boomi_pulumi._reads.schedules import schedules_on

__all__ = [
    "FINDERS",
    "Finder",
    "find_component",
    "find_deployed_package",
    "find_environment",
    "find_environment_extensions",
    "find_executions",
    "find_integration_pack",
    "find_packaged_component",
    "find_process_schedules",
    "find_release_status",
    "find_runtime",
    "find_runtimes",
    "moment_since",
    "query",
    "target_of",
]

P = ParamSpec("P")
R = TypeVar("R", bound=Record)
T = TypeVar("T")

FINDERS: dict[str, Finder[Any, Any]] = {}
"""Every finder by the name of its look-up: `get_environment` and so on."""

_LISTED = 8
"""Objects that a message names, at the most."""

_DAY = "24h"
"""Since when runs are told, where nobody says."""

_MOST_RUNS = 1000
"""Runs that are told at the most: ten pages."""


# -- what all finders share ----------------------------------------------------------------------


class Finder(Generic[P, T]):
    """A function that finds one object, or a list of them, and what it takes.

    Attributes:
        name: What programs call it: `get_environment`.
        about: What it does; a docstring is no data, since `python -OO` drops it.
        target: The object that it finds.
        ways: The ways to name the object, each a set of arguments that are given together; exactly one is taken.
        beside: Argument -> the one that it needs beside it.
        many: Whether it returns a list.
    """

    def __init__(
        self,
        find: Callable[Concatenate[Client, P], T],
        name: str,
        about: str,
        target: Object[Any],
        *,
        ways: tuple[tuple[str, ...], ...],
        beside: Mapping[str, str],
        many: bool = False,
    ) -> None:
        functools.update_wrapper(self, find)
        self._find = find
        self.name = name
        self.about = about
        self.target = target
        self.ways = ways
        self.beside = beside
        self.many = many

    def __call__(self, client: Client, *args: P.args, **given: P.kwargs) -> T:
        """Find the object, or the list of them.

        Raises:
            SettingsError: What was given does not name one object; nothing was sent.
            NotFound: There is none.
            Ambiguous: There are several; the message lists them.
            RequestError: A request failed.
        """
        self.check_arguments(*args, **given)
        return self._find(client, *args, **given)

    @functools.cached_property
    def _hints(self) -> dict[str, tuple[Any, FieldInfo]]:
        """Type and text of each argument, by name."""
        found = {}
        for name, hint in get_type_hints(self._find, include_extras=True).items():
            # Python 3.10 makes `Annotated[…] | None` of an argument whose default is None.
            for each in (hint, *get_args(hint)):
                if get_origin(each) is Annotated:
                    found[name] = get_args(each)[:2]
        return found

    @functools.cached_property
    def arguments(self) -> dict[str, type]:
        """Name of each argument -> `str` or `int`."""
        return {name: int if hint in (int, int | None) else str for name, (hint, _) in self._hints.items()}

    @functools.cached_property
    def texts(self) -> dict[str, str]:
        """Name of each argument -> what it is for, with Python's names."""
        return {name: field.description or "" for name, (_, field) in self._hints.items()}

    def check_arguments(self, *_: P.args, **given: P.kwargs) -> None:
        """Refuse arguments that do not name one object.

        Raises:
            SettingsError: A value of another type, a blank one, too few, or too many.
        """
        values = {name: value for name, value in given.items() if value is not None}
        for name, value in values.items():
            self._check_value(name, value)
        if values.keys() & {name for way in self.ways for name in way} not in map(set, self.ways):
            raise SettingsError(f"{self.name}: give {_ways(self.ways)}.")
        for name, other in self.beside.items():
            if name in values and other not in values:
                raise SettingsError(f"{self.name}: {name} needs {other}.")

    def _check_value(self, name: str, value: object) -> None:
        whole = self.arguments.get(name) is int
        if whole:
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
                raise SettingsError(f"{self.name}: {name} is {value!r}; a whole number is needed.")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            raise SettingsError(
                f'{self.name}: {name} is the number {value}; quote it, as in "{value}": a number loses its last zeros.'
            )
        elif not isinstance(value, str):
            raise SettingsError(f"{self.name}: {name} is of type {type(value).__name__}; a text is needed.")
        elif not value.strip():
            raise SettingsError(f"{self.name}: {name} is {value!r}; a text is needed.")


def finder(
    name: str, about: str, target: Object[Any], *ways: tuple[str, ...], many: bool = False, **beside: str
) -> Callable[[Callable[Concatenate[Client, P], T]], Finder[P, T]]:
    """Return a decorator that makes a function a finder; arguments as those of `Finder`."""

    def decorate(find: Callable[Concatenate[Client, P], T]) -> Finder[P, T]:
        FINDERS[name] = made = Finder(find, name, about, target, ways=ways, beside=beside, many=many)
        return made

    return decorate


def exactly_one(
    what: str,
    rows: list[R],
    show: Callable[[R], str],
    *,
    gone: Callable[[], Iterable[str]] = list,
    near: Callable[[], Iterable[R]] | None = None,
    hint: str = "",
) -> R:
    """Return the only row, or say what there is else.

    Args:
        what: What was looked for.
        rows: What was found.
        show: Words one of several.
        gone: Returns a sentence for each that was found deleted.
        near: Returns what has a similar name.
        hint: How to be more precise.
    """
    if len(rows) == 1:
        return rows[0]
    if rows:
        narrower = f" {hint[:1].upper()}{hint[1:]}." if hint else ""
        raise Ambiguous(f"There are {len(rows)} of {what}: {_list(rows, show)}.{narrower}")
    deleted = list(gone())
    if deleted:
        raise NotFound(" ".join([f"There is no {what}.", *deleted[:_LISTED]]))
    others = list(near()) if near else []
    raise NotFound(f"There is no {what}." + (f" There are: {_list(others, show)}." if others else ""))


def _ways(ways: tuple[tuple[str, ...], ...]) -> str:
    if all(len(way) == 1 for way in ways):
        return ("either " if len(ways) > 1 else "") + " or ".join(way[0] for way in ways)
    return ", or ".join(way[0] if len(way) == 1 else f"both {' and '.join(way)}" for way in ways)


def _list(rows: list[R], show: Callable[[R], str]) -> str:
    shown = "; ".join(sorted(show(row) for row in rows)[:_LISTED])
    return shown if len(rows) <= _LISTED else f"{shown}; and {len(rows) - _LISTED} more"


# -- query ---------------------------------------------------------------------------------------


def target_of(kind: object, condition: Filter | None = None) -> Object[Any]:
    """Return the object that a query is about: by its name, a class of that name, or the class of its records.

    Raises:
        FilterError: There is no query for it, or Boomi would refuse the condition.
    """
    name = kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
    target = next((each for each in OBJECTS.values() if each.record is kind), OBJECTS.get(name))
    if target is None:
        raise FilterError(f"There is no query for {name}; there are {', '.join(OBJECTS)}.")
    if condition is not None:
        if not isinstance(condition, Filter):
            raise FilterError(f"The condition of a query is a {type(condition).__name__}; build it with `where`.")
        check_filter(target, condition)
    return target


def query(client: Client, kind: object, condition: Filter | None = None) -> list[Any]:
    """Return every object that meets a condition, through all pages.

    Args:
        client: The account.
        kind: A name of `OBJECTS`, a class of such a name, or the class of its records.
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
    "get_runtime",
    "Return a runtime by id, by name, or as the only one of an environment.",
    ATOM,
    ("id",),
    ("name",),
    ("environment_id",),
    ("name", "environment_id"),
)
def find_runtime(
    client: Client,
    *,
    id: Annotated[str | None, Field(description="Its id.")] = None,
    name: Annotated[str | None, Field(description="Its name, instead of an id.")] = None,
    environment_id: Annotated[
        str | None, Field(description="An environment that it is attached to; with a name, the name among those there.")
    ] = None,
) -> Runtime:
    """Return a runtime by id, by name, or as the only one of an environment."""
    if id is not None:
        return _by_id(client, ATOM, id, "runtime")
    if environment_id is None:
        return exactly_one(
            f"runtime {name!r}",
            list(client.query(ATOM, where("name").equals(name or ""))),
            _runtime,
            near=lambda: client.query(ATOM),
            hint="give the environment that it is attached to, or the id",
        )
    there = find_runtimes(client, environment_id=environment_id)
    return exactly_one(
        f"runtime {'' if name is None else f'{name!r} '}in environment {environment_id}",
        [row for row in there if name in (None, row.name)],
        _runtime,
        near=lambda: there,
        hint="give the id" if name is not None else "give the name too, or the id",
    )


def _runtime(row: Runtime) -> str:
    return f"{row.name} ({row.type}, {row.status}, {row.id})" if row.name else f"{row.id} (Boomi does not show it)"


@finder(
    "get_runtimes",
    "Return all runtimes that are attached to an environment, in the order of their names.",
    ATOM,
    ("environment_id",),
    many=True,
)
def find_runtimes(
    client: Client, *, environment_id: Annotated[str, Field(description="The environment.")]
) -> list[Runtime]:
    """Return all runtimes that are attached to an environment, in the order of their names.

    A runtime that Boomi does not show, though it is attached, has its id alone.
    """
    attached = list(client.query(ATTACHMENT, where("environmentId").equals(environment_id)))
    for row in attached:
        # To leave such a row out would be to say that fewer runtimes are there.
        if not row.atom_id or (row.environment_id or environment_id).lower() != environment_id.lower():
            raise BadAnswer(
                f"Querying EnvironmentAtomAttachment of environment {environment_id}",
                status=200,
                detail=f"a row of environment {row.environment_id} and runtime {row.atom_id}, which nobody asked for",
            )
    ids = [row.atom_id for row in attached if row.atom_id]
    if not ids:
        _by_id(client, ENVIRONMENT, environment_id, "environment")
    found: list[Runtime] = []
    for id_, each in client.bulk(ATOM, ids).items():
        if isinstance(each, RequestError):
            raise each
        found.append(Runtime(id=id_) if isinstance(each, Missing) else each)
    return sorted(found, key=lambda row: (row.name or "", row.id))


@finder(
    "get_environment_extensions",
    "Return the values that override those of components in an environment; secrets are left out.",
    EXTENSION_VALUES,
    ("environment_id",),
    extension_group_id="environment_id",
)
def find_environment_extensions(
    client: Client,
    *,
    environment_id: Annotated[str, Field(description="The environment.")],
    extension_group_id: Annotated[
        str | None, Field(description="Of a process of a multi-install pack, its extension group.")
    ] = None,
) -> ExtensionValues:
    """Return the values that override those of components in an environment; secrets are left out."""
    id_ = group_id(environment_id, extension_group_id) if extension_group_id else environment_id
    there = client.read(ENVIRONMENT_EXTENSIONS, id_)
    if isinstance(there, (Missing, BadRequest)):
        # Boomi may have no such object where nothing deployed declares a field.
        _by_id(client, ENVIRONMENT, environment_id, "environment")
        return ExtensionValues(id=id_, environment_id=environment_id)
    if isinstance(there, RequestError):
        raise there
    fields = extensions_of(there)
    return ExtensionValues(
        id=id_,
        environment_id=environment_id,
        extension_group_id=extension_group_id,
        encrypted=tuple(sorted(each.path for each in fields if each.encrypted and each.set)),
        unset=tuple(sorted(each.path for each in fields if not each.set)),
        **overridden(fields),
    )


@finder(
    "get_process_schedules",
    "Return the processes that are deployed on a runtime, or on those of an environment, and when they run there.",
    SCHEDULED_PROCESS,
    ("environment_id",),
    ("atom_id",),
    many=True,
)
def find_process_schedules(
    client: Client,
    *,
    environment_id: Annotated[
        str | None, Field(description="An environment: all runtimes that are attached to it.")
    ] = None,
    atom_id: Annotated[str | None, Field(description="A runtime, instead of an environment.")] = None,
) -> list[ScheduledProcess]:
    """Return the processes that are deployed on a runtime, or on those of an environment, and when they run there."""
    if environment_id is not None:
        runtimes = find_runtimes(client, environment_id=environment_id)
    else:
        runtimes = [find_runtime(client, id=atom_id)]
    there = {each.id: schedules_on(client, each.id) for each in runtimes}
    ids = sorted({process for of in there.values() for process in of})
    names: dict[str, str | None] = {}
    with suppress(Forbidden):  # who may see when a process runs may not see every component
        known = client.bulk(COMPONENT_METADATA, ids) if ids else {}
        names = {id_: each.name for id_, each in known.items() if isinstance(each, ComponentMetadata)}
    found = [
        ScheduledProcess(
            id=told.id,
            process_id=process,
            process_name=names.get(process),
            atom_id=runtime.id,
            runtime_name=runtime.name,
            schedules=told.schedules,
            in_words=tuple(in_words(each, runtime.name or runtime.id) for each in told.schedules),
            enabled=told.enabled,
        )
        for runtime in runtimes
        for process, told in there[runtime.id].items()
    ]
    return sorted(found, key=lambda row: (row.runtime_name or "", row.process_name or "", row.process_id))


@finder(
    "get_executions",
    "Return the runs of a process since a moment, the newest first.",
    EXECUTION,
    ("process_id",),
    many=True,
)
def find_executions(
    client: Client,
    *,
    process_id: Annotated[str, Field(description="The process.")],
    atom_id: Annotated[str | None, Field(description="A runtime; left out, all of them.")] = None,
    since: Annotated[
        str | None,
        Field(
            description="From when: a period such as `24h` or `7d`, or a moment such as `2026-03-02T08:00:00Z`; left "
            f"out, {_DAY}."
        ),
    ] = None,
) -> list[Execution]:
    """Return the runs of a process since a moment, the newest first."""
    began = moment_since(since)
    condition: Filter = where("processId").equals(process_id)
    condition &= where("executionTime").greater_than_or_equal(began)
    if atom_id is not None:
        condition &= where("atomId").equals(atom_id)
    counts: list[int] = []
    rows = list(client.query(EXECUTION, condition, most=_MOST_RUNS, told=counts.append))
    count = max(counts, default=0)
    if count > _MOST_RUNS:
        raise SettingsError(
            f"get_executions: there are {count} runs since {since or _DAY}, and {_MOST_RUNS} is the most; give a later "
            "since, or a runtime."
        )
    return sorted(rows, key=lambda row: row.execution_time or "", reverse=True)


def moment_since(text: str | None) -> datetime:
    """Return the moment that a period ago was, or that a text names; a day ago where there is none.

    Raises:
        SettingsError: It is neither, or it is to come.
    """
    now = datetime.now(timezone.utc)
    with suppress(ValueError, OverflowError):
        return (now - period(_DAY if text is None else text)).replace(microsecond=0)
    found = moment(text)
    if found is None:
        raise SettingsError(
            f'get_executions: since is {text!r}; give a period such as "24h", or a moment such as '
            '"2026-03-02T08:00:00Z".'
        )
    if found > now:
        raise SettingsError(f"get_executions: since is {text!r}, which is to come.")
    return found


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
