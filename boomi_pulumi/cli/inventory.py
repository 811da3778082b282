"""What runs where in an account, read a hundred rows a request."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import Forbidden, NotFound, RequestError
from boomi_pulumi._api.filters import Filter, any_of, where
from boomi_pulumi._api.models import (
    COMPONENT_METADATA,
    DEPLOYED_PACKAGE,
    ENVIRONMENT,
    FOLDER,
    PACKAGED_COMPONENT,
    ComponentMetadata,
    DeployedPackage,
    Environment,
    EnvironmentExtensions,
    Flag,
    Folder,
    Object,
    PackagedComponent,
    Record,
    Text,
)
from boomi_pulumi._api.sender import BoomiDeprecationWarning
from boomi_pulumi.cli.account import UNREADABLE

R = TypeVar("R", bound=Record)

T = TypeVar("T")

__all__ = [
    "ActivePackage",
    "Inventory",
    "LeftOut",
    "Row",
    "apart",
    "choose",
    "read_active_packages",
    "read_by_id",
    "read_inventory",
    "title",
    "titles",
]

PAGE = 100
"""Rows of a query in one answer. Source: Platform API introduction."""


class _Legacy(Record):
    id: str
    environment_id: Text = None
    component_id: Text = None
    current: Flag = None


_LEGACY = Object("Deployment", _Legacy, "id", frozenset({"environmentId", "componentId", "current"}))
"""Deployments from the time before packages. Source: Boomi's Deployment page."""

_BEFORE_PACKAGES = (
    "it runs by a legacy deployment, from the time before packages; package and deploy it, or convert the account"
)


@dataclass(frozen=True)
class ActivePackage:
    """An active deployment with its package; a project can take over both."""

    deployment: DeployedPackage
    package: PackagedComponent


@dataclass
class Row:
    """A component and its active deployments.

    Attributes:
        component: The component; without a name where the user may not read it.
        folder: The path of its folder, without the root; empty where the user may not read it.
        active: Environment id -> the component's active deployments there, the newest first; more than one is a fault
            of Boomi's.
    """

    component: ComponentMetadata
    folder: str
    active: dict[str, list[DeployedPackage]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The component's name; its id where the user may not read the name."""
        return self.component.name or self.component.component_id

    @property
    def path(self) -> str:
        """The component's folder and name."""
        return "/".join(filter(None, [self.folder, self.title]))


@dataclass(frozen=True)
class LeftOut:
    """Something that is in the account and not in the result.

    Attributes:
        environment: The environment's name, or `the account`.
        component: The name of the component, pack or connector.
        reason: Why it is left out, and what to do.
    """

    environment: str
    component: str
    reason: str


@dataclass(frozen=True)
class Inventory:
    """What runs where.

    Attributes:
        environments: The chosen environments, in the order of promotion.
        rows: The chosen components, by folder and name.
        left_out: Deployments that are not in the rows.
        notes: What the user may not read.
        known: The ids of all environments of the account.
        values: Environment id -> its values, where they were read.
    """

    environments: tuple[Environment, ...] = ()
    rows: tuple[Row, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    values: Mapping[str, EnvironmentExtensions] = field(default_factory=dict)


def read_inventory(
    client: Client,
    environments: Sequence[str],
    patterns: Sequence[str],
    step: Callable[[str], object],
    *,
    also: Iterable[str] = (),
) -> Inventory:
    """Read the active deployments of the chosen components in the chosen environments.

    Args:
        client: The account.
        environments: Names or ids, in the order of promotion; empty for all, test environments first.
        patterns: Patterns of components; see `choose`.
        step: Takes a line about what is being read.
        also: Ids of components that are read even if none of their packages is active.

    Raises:
        NotFound: An environment does not exist, or a pattern matches no component.
        RequestError: Environments, deployments or components could not be read.
    """
    every = list(client.query(ENVIRONMENT))
    chosen = _chosen(every, environments)
    active: dict[str, dict[str, list[DeployedPackage]]] = {component: {} for component in also}
    left_out: list[LeftOut] = []
    notes: list[str] = []
    for each in chosen:
        step(f"Reading what runs in {title(each)}")
        condition = where("environmentId").equals(each.id) & where("active").equals(True)
        for found in client.query(DEPLOYED_PACKAGE, condition):
            if found.component_id is None or found.package_id is None:
                left_out.append(
                    LeftOut(title(each), found.deployment_id, "Boomi does not tell its component or package")
                )
            else:
                active.setdefault(found.component_id, {}).setdefault(each.id, []).append(found)
    step("Reading legacy deployments")
    legacy = _legacy(client, chosen if environments else (), active, notes)
    step(f"Reading {len(active)} components")
    rows = _rows(client, sorted({*active, *(component for component, _ in legacy)}), patterns, notes)
    names = titles(chosen)
    calls = apart(rows.values())
    left_out += [
        LeftOut(names[environment], calls[component], _BEFORE_PACKAGES)
        for component, environment in legacy
        if component in rows and environment in names
    ]
    rows = {id_: row for id_, row in rows.items() if id_ in active}
    for id_, row in rows.items():
        for environment, many in active[id_].items():
            row.active[environment] = sorted(many, key=lambda each: each.deployed_date or "", reverse=True)
    ordered = sorted(rows.values(), key=lambda each: (each.folder, each.title))
    known = frozenset(each.id for each in every)
    return Inventory(tuple(chosen), tuple(ordered), tuple(left_out), tuple(notes), known)


def _legacy(
    client: Client, chosen: Sequence[Environment], active: Mapping[str, Mapping[str, object]], notes: list[str]
) -> list[tuple[str, str]]:
    """Return the ids of component and environment of each legacy deployment without a deployment of a package.

    This is one request, however many there are.
    """
    condition: Filter = where("current").equals(True)
    if 0 < len(chosen) <= PAGE:
        condition = condition & any_of([where("environmentId").equals(each.id) for each in chosen])
    try:
        with warnings.catch_warnings():
            # Boomi retires this object; its warning would tell nothing new.
            warnings.simplefilter("ignore", BoomiDeprecationWarning)
            rows = list(islice(client.query(_LEGACY, condition), PAGE))
    except UNREADABLE as error:
        notes.append(f"Whether anything runs by a legacy deployment is not known ({error}).")
        return []
    if len(rows) == PAGE:
        notes.append(f"Of the legacy deployments, the first {PAGE} were looked at; there may be more.")
    found = {
        (row.component_id, row.environment_id): None
        for row in rows
        if row.component_id and row.environment_id and row.current is not False
    }
    return [each for each in found if each[1] not in active.get(each[0], {})]


def read_active_packages(
    client: Client, found: Inventory, step: Callable[[str], object], notes: list[str]
) -> tuple[dict[tuple[str, str], ActivePackage], list[LeftOut]]:
    """Read the packages of an inventory's deployments.

    Args:
        client: The account.
        found: The inventory.
        step: Takes a line about what is being read.
        notes: Gets a line if the user may not read packages.

    Returns:
        (component id, environment id) -> the active package there; and the deployments that cannot be taken over.

    Raises:
        RequestError: The packages could not be read for another reason than the user's rights.
    """
    ids = [each.package_id or "" for row in found.rows for many in row.active.values() for each in many]
    step(f"Reading the packages of {len(ids)} deployments")
    packages = read_by_id(client, PACKAGED_COMPONENT, ids, notes)
    names, calls = titles(found.environments), apart(found.rows)
    whole: dict[tuple[str, str], ActivePackage] = {}
    left_out = []
    for row in found.rows:
        for environment, many in row.active.items():
            package = packages.get(many[0].package_id or "")
            reason = _reason(many, package)
            if reason is None and isinstance(package, PackagedComponent):
                whole[row.component.component_id, environment] = ActivePackage(many[0], package)
            else:
                left_out.append(LeftOut(names[environment], calls[row.component.component_id], reason or "unreadable"))
    return whole, left_out


def _chosen(there: Sequence[Environment], names: Sequence[str]) -> list[Environment]:
    if not names:
        return sorted(there, key=lambda each: (each.classification == "PROD", each.name or ""))
    found: dict[str, Environment] = {}
    for name in names:
        each = next((each for each in there if name in (each.id, each.name)), None)
        if each is None:
            raise NotFound(f"There is no environment {name!r}. There are: {', '.join(sorted(map(title, there)))}.")
        found[each.id] = each
    return list(found.values())


def title(environment: Environment) -> str:
    """Return the name of an environment; its id where it has no name."""
    return environment.name or environment.id


def titles(environments: Iterable[Environment]) -> dict[str, str]:
    """Return id -> name of environments; a name that several environments have is followed by the id."""
    every = [(each.id, title(each)) for each in environments]
    names = [name for _, name in every]
    return {id_: name if names.count(name) == 1 else f"{name} ({id_})" for id_, name in every}


def apart(rows: Iterable[Row]) -> dict[str, str]:
    """Return id -> name of components, with the folder where several have it, and the id where that is one too."""
    rows = list(rows)
    names, paths = (Counter(each) for each in ([row.title for row in rows], [row.path for row in rows]))
    found = {}
    for row in rows:
        id_ = row.component.component_id
        title = row.title if names[row.title] == 1 else row.path
        found[id_] = title if paths[row.path] == 1 else f"{row.path} ({id_})"
    return found


def read_by_id(
    client: Client, target: Object[R], ids: Sequence[str], notes: list[str]
) -> dict[str, R | Missing | RequestError]:
    """Return the objects with some ids; none where the user may not read such objects.

    Args:
        client: The account.
        target: The objects.
        ids: Their ids.
        notes: Gets a line if the user may not read them.

    Raises:
        RequestError: They could not be read for another reason than the user's rights.
    """
    try:
        return client.bulk(target, ids)
    except Forbidden as error:
        notes.append(f"This user cannot read {target.name} ({error}). It takes {target.privileges}.")
        return {}


def _rows(client: Client, ids: Sequence[str], patterns: Sequence[str], notes: list[str]) -> dict[str, Row]:
    components = read_by_id(client, COMPONENT_METADATA, ids, notes)
    known = [each for each in components.values() if isinstance(each, ComponentMetadata)]
    folders = read_by_id(client, FOLDER, sorted({each.folder_id for each in known if each.folder_id}), notes)
    found: dict[str, Row] = {}
    for id_ in ids:
        component = components.get(id_)
        if not isinstance(component, ComponentMetadata):
            component = ComponentMetadata(component_id=id_)
        folder = folders.get(component.folder_id or "")
        path = (folder.full_path or "") if isinstance(folder, Folder) else component.folder_name or ""
        found[id_] = Row(component, path.partition("/")[2])
    return dict(choose(patterns, found.items(), lambda each: each[1].path, "component"))


def choose(patterns: Sequence[str], every: Iterable[T], path: Callable[[T], str], what: str) -> list[T]:
    """Return the objects that match any of the patterns; without patterns, all objects.

    Args:
        patterns: Each matches an object's name, or the end of its path from any folder on; `*` stands for any text and
            `?` for any character.
        every: The objects.
        path: Returns the path of an object, which ends with its name.
        what: The option that takes the patterns, for the message ("component").

    Raises:
        NotFound: A pattern matches nothing; it is misspelt, or a variable that is not set.
    """
    known = [(f"/{path(each)}", each) for each in every]
    for pattern in patterns:
        if not any(re.fullmatch(_regular(pattern), text) for text, _ in known):
            raise NotFound(f"--{what} {pattern!r} matches none of the {len(known)} that there are.")
    return [each for text, each in known if not patterns or any(re.fullmatch(_regular(one), text) for one in patterns)]


def _regular(pattern: str) -> str:
    """Return a pattern as a regular expression: `*` is any text, `?` any character, and all else itself."""
    signs = {"*": ".*", "?": "."}
    inner = "".join(signs.get(each, re.escape(each)) for each in pattern.strip("/"))
    return f"(?is)(?:.*/)?{inner}" if inner else "(?!)"


def _reason(found: Sequence[DeployedPackage], package: object) -> str | None:
    """Return why the active deployments of a component in an environment cannot be taken over; None if they can."""
    if len(found) > 1:
        return f"{len(found)} of its deployments are active; undeploy all but one"
    if not isinstance(package, PackagedComponent):
        return f"its package {found[0].package_id} cannot be read"
    if package.deleted is True:
        return f"its package {package.package_version} was deleted; restore it, or deploy another"
    if package.package_version is None or package.component_id is None:
        return f"Boomi does not tell the version of its package {package.package_id}"
    return None
