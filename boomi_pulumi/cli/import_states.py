"""The states of objects that are there, as an import file of `pulumi import` holds them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.models import Environment
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.lifecycle import Lifecycle
from boomi_pulumi._python.dynamic import ORIGIN
from boomi_pulumi._reads.queries import shown, shown_row
from boomi_pulumi._sdk import serialize_provider
from boomi_pulumi.cli.files import put_aside, read, save
from boomi_pulumi.cli.inventory import Cell, Row
from boomi_pulumi.cli.sharing import Shared
from boomi_pulumi.native.references import TOKEN
from boomi_pulumi.native.schema import DYNAMIC
from boomi_pulumi.provider import load

__all__ = [
    "NOT_OURS",
    "PROMOTE",
    "Contents",
    "New",
    "States",
    "Target",
    "document",
    "dump",
    "save_states",
    "take_over",
    "turn",
]

PROMOTE = "promote"
"""In a cell of the table: the very package of the stack before it."""


NOT_OURS = "-"
"""In a cell of the table: leave it alone, whatever runs."""


@dataclass(frozen=True)
class Target:
    """A stack of the project.

    Attributes:
        stack: Its name.
        environment: The id of its environment; None for the stack of packs and connectors.
        source: The stack whose packages it promotes, if there is one.
    """

    stack: str
    environment: str | None
    source: str | None = None


@dataclass(frozen=True)
class New:
    """A resource that no stack has yet.

    Attributes:
        kind: Its kind.
        name: What the program calls it.
        given: The inputs that the program gives.
        state: Its row of the import file.
        promoted: Whether it is the package of the stack before it.
        shared: The pack or connector, if it is one.
    """

    kind: str
    name: str
    given: Mapping[str, Any]
    state: Mapping[str, Any]
    promoted: bool = False
    shared: Shared | None = None


@dataclass(frozen=True)
class Contents:
    """What a project is to hold.

    Attributes:
        name: The project's name.
        targets: The stacks, in the order of promotion.
        environments: Stack -> its environment; without the stack of packs and connectors.
        new: Stack -> what no stack has yet.
        head: The first line of the README.
    """

    name: str
    targets: Sequence[Target]
    environments: Mapping[str, Environment]
    new: Mapping[str, Sequence[New]]
    head: str


@dataclass(frozen=True)
class _Object:
    kind: str
    given: Mapping[str, Any]
    record: Any
    answers: Mapping[str, Any]


class States:
    """Makes the states of one project.

    Args:
        client: The account.
        project: The project's name.
        own: Whether the stacks own what is there.
        python: Whether the program is one in Python; otherwise the plugin's.
    """

    def __init__(self, client: Client, project: str, *, own: bool, python: bool) -> None:
        self._client, self._project, self._own, self._python = client, project, own, python

    def component(
        self, stack: str, environment: Environment, name: str, row: Row, cell: Cell, *, promoted: bool
    ) -> list[New]:
        """Return the package, unless it is the one of the stack before, and the deployment.

        Raises:
            SettingsError: The check refuses one of them.
        """
        about, package = row.component, cell.package
        if package.package_version in {PROMOTE, NOT_OURS}:
            raise SettingsError(f"its package's version is {package.package_version!r}, which means another thing here")
        _judge_version(package.package_version)
        frozen = _Object(
            "PackagedComponent",
            {"componentId": package.component_id, "packageVersion": package.package_version},
            package,
            {
                "component": shown(about, about.component_id),
                "package": shown_row(package, package.package_version),
            },
        )
        deployed = _Object(
            "DeployedPackage",
            {"environmentId": environment.id, "packageId": package.package_id},
            cell.deployment,
            {
                "environment": shown(environment, environment.id),
                "package": shown(package, package.package_id, componentName=about.name),
                "active": shown_row(cell.deployment),
            },
        )
        return [
            New(each.kind, name, each.given, self._state(stack, name, each), promoted=promoted)
            for each in ([deployed] if promoted else [frozen, deployed])
        ]

    def shared(self, stack: str, name: str, shared: Shared) -> New:
        """Return a pack's release, or a connector's version.

        Raises:
            SettingsError: The check refuses it.
        """
        for each in shared.given.get("components", ()):
            _judge_version(each["version"])
        _judge_version(shared.given.get("versionId", "1"))
        there = _Object(shared.kind, shared.given, shared.record, shared.answers)
        return New(shared.kind, name, shared.given, self._state(stack, name, there), shared=shared)

    def _state(self, stack: str, name: str, there: _Object) -> dict[str, Any]:
        origin = f"{self._project}/{stack}/{name}"
        # One of its own: a lifecycle refuses two resources for an object, and two stacks may have the same package.
        lifecycle = Lifecycle(KINDS[there.kind], lambda: self._client, marks=self._client.settings.origin_mark)
        found = lifecycle.adopt(dict(there.given), there.record, there.answers, origin, adopted=not self._own)
        hidden = {ORIGIN: origin, "__provider": _provider(there.kind)} if self._python else {}
        return {
            "type": (DYNAMIC if self._python else TOKEN).format(there.kind),
            "name": name,
            "id": found.id,
            "inputs": found.inputs | hidden,
            "outputs": found.outputs | hidden,
        }


@cache
def _provider(kind: str) -> str:
    """Return what a state keeps of the dynamic provider of a kind."""
    return str(serialize_provider(load(kind)))


def _judge_version(version: str | None) -> None:
    """Refuse a version that a file cannot hold as it is.

    Raises:
        SettingsError: It has a line end, or something else that nobody sees.
    """
    if not version or not version.isprintable():
        raise SettingsError("its package's version cannot be written in a table")


def document(file: Path) -> dict[str, Any]:
    """Return what a YAML file holds; nothing where there is no file.

    Raises:
        SettingsError: It is no YAML, or no mapping.
    """
    if not file.exists():
        return {}
    try:
        found = yaml.safe_load(read(file))
    except yaml.YAMLError as error:
        raise SettingsError(f"{file} is no YAML: {' '.join(str(error).split())}.") from None
    if not isinstance(found, dict | None):
        raise SettingsError(f"{file} holds no settings.")
    return found or {}


def dump(value: Any) -> str:
    """Return a value as YAML."""
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120)


def take_over(turns: Iterable[Sequence[str]]) -> str:
    """Return the end of a README: the commands that take over what runs, a list for each stack."""
    commands = "\n\n".join("\n".join(f"    {line}" for line in turn) for turn in turns)
    return (
        "Take over what runs, stack after stack. Each `pulumi up` says that nothing is to change, and notes what the\n"
        f"next stack promotes:\n\n{commands}\n"
    )


def turn(stack: str, file: str) -> list[str]:
    """Return the commands that take over what runs in a stack."""
    return [
        f"pulumi stack init {stack}",
        f"pulumi import --stack {stack} --file {file} --protect=false --generate-code=false --yes",
        f"pulumi up --stack {stack}",
    ]


def save_states(file: Path, new: Sequence[New]) -> None:
    """Write an import file, if there is anything new; one of an earlier run is put aside, for who has not imported it.

    Raises:
        OSError: It cannot be written.
    """
    text = json.dumps({"resources": [each.state for each in new]}, indent=1, ensure_ascii=False) + "\n"
    before = read(file) if file.exists() else text
    if before == text:
        save(file, text)
    elif new:
        put_aside(file)
        save(file, text)
