"""The states of objects that are there, as an import file of `pulumi import` holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.models import Environment, Runtime
from boomi_pulumi._api.schedules import fewest
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._kinds.environment_extensions import ExtensionsState
from boomi_pulumi._kinds.process_schedules import SchedulesState
from boomi_pulumi._lifecycle.lifecycle import Lifecycle
from boomi_pulumi._python.dynamic import ORIGIN
from boomi_pulumi._reads.queries import shown, shown_row
from boomi_pulumi._reads.schedules import Scheduled
from boomi_pulumi._sdk import serialize_provider
from boomi_pulumi.cli.files import put_aside, read_text, save
from boomi_pulumi.cli.import_values import KIND, ImportedValue, inputs_of
from boomi_pulumi.cli.inventory import ActivePackage, Row
from boomi_pulumi.cli.sharing import SharedObject
from boomi_pulumi.native.references import TOKEN
from boomi_pulumi.native.schema import DYNAMIC
from boomi_pulumi.provider import load

__all__ = [
    "NOT_OURS",
    "PROMOTE",
    "SCHEDULES",
    "ImportStates",
    "NewResource",
    "ProjectContents",
    "TargetStack",
    "import_steps",
    "save_states",
]

PROMOTE = "promote"
"""The cell of a table that stands for the package of the stack before."""

NOT_OURS = "-"
"""The cell of a table that leaves the environment as it is."""

SCHEDULES = "ProcessSchedules"
"""The kind of schedules."""


@dataclass(frozen=True)
class TargetStack:
    """A stack of the project.

    Attributes:
        stack: The stack's name.
        environment: The id of the stack's environment; None for the stack of packs and connectors.
        source: The stack whose packages this stack promotes; None if it packages itself.
    """

    stack: str
    environment: str | None
    source: str | None = None


@dataclass(frozen=True)
class NewResource:
    """A resource that no stack has yet.

    Attributes:
        kind: The kind, such as DeployedPackage.
        name: The resource's name in the program.
        given: The inputs that the program gives.
        state: The resource's row of the import file.
        promoted: Whether it deploys the package of the stack before.
        shared: The pack or connector; None for all other kinds.
        values: The values of an environment.
        after: The name of the deployment that schedules come after.
    """

    kind: str
    name: str
    given: Mapping[str, Any]
    state: Mapping[str, Any]
    promoted: bool = False
    shared: SharedObject | None = None
    values: tuple[ImportedValue, ...] = ()
    after: str = ""


@dataclass(frozen=True)
class ProjectContents:
    """What a run adds to a project.

    Attributes:
        name: The project's name.
        targets: The stacks, in the order of promotion.
        environments: Stack -> its environment; the stack of packs and connectors is not in it.
        new: Stack -> the resources that the stack has not yet.
        head: The first line of the README.
    """

    name: str
    targets: Sequence[TargetStack]
    environments: Mapping[str, Environment]
    new: Mapping[str, Sequence[NewResource]]
    head: str

    def secrets(self, stack: str) -> dict[str, str]:
        """Return key -> path of the secrets that the stack must be given, since Boomi does not tell them."""
        values = (each for new in self.new.get(stack, ()) for each in new.values)
        return {each.secret: each.path for each in values if each.secret}


@dataclass(frozen=True)
class _Existing:
    kind: str
    given: Mapping[str, Any]
    record: Any
    answers: Mapping[str, Any]


class ImportStates:
    """Makes the rows of a project's import files.

    Args:
        client: The account.
        project: The project's name.
        own: Whether the stacks own what is there.
        python: Whether the program is in Python; otherwise it uses the plugin.
    """

    def __init__(self, client: Client, project: str, *, own: bool, python: bool) -> None:
        self._client, self._project, self._own, self._python = client, project, own, python

    def component(
        self, stack: str, environment: Environment, name: str, row: Row, cell: ActivePackage, *, promoted: bool
    ) -> list[NewResource]:
        """Return the package, unless it is promoted, and the deployment.

        Args:
            stack: The stack that gets them.
            environment: The stack's environment.
            name: The name of both in the program.
            row: The component.
            cell: What runs in the environment.
            promoted: Whether it is the package of the stack before.

        Raises:
            SettingsError: The check refuses the package or the deployment.
        """
        about, package = row.component, cell.package
        if package.package_version in {PROMOTE, NOT_OURS}:
            raise SettingsError(f"its package's version is {package.package_version!r}, which means another thing here")
        _check_version(package.package_version)
        frozen = _Existing(
            "PackagedComponent",
            {"componentId": package.component_id, "packageVersion": package.package_version},
            package,
            {
                "component": shown(about, about.component_id),
                "package": shown_row(package, package.package_version),
            },
        )
        deployed = _Existing(
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
            NewResource(each.kind, name, each.given, self._state(stack, name, each), promoted=promoted)
            for each in ([deployed] if promoted else [frozen, deployed])
        ]

    def shared(self, stack: str, name: str, shared: SharedObject) -> NewResource:
        """Return the release of a pack, or the version of a connector.

        Args:
            stack: The stack that gets it.
            name: Its name in the program.
            shared: The pack or connector.

        Raises:
            SettingsError: The check refuses the release or the version.
        """
        for each in shared.given.get("components", ()):
            _check_version(each["version"])
        _check_version(shared.given.get("versionId", "1"))
        there = _Existing(shared.kind, shared.given, shared.record, shared.answers)
        return NewResource(shared.kind, name, shared.given, self._state(stack, name, there), shared=shared)

    def values(
        self, stack: str, environment: Environment, name: str, values: Sequence[ImportedValue], record: Any
    ) -> NewResource:
        """Return the values of an environment; the state holds the plain ones.

        Args:
            stack: The stack that gets them.
            environment: The stack's environment.
            name: Its name in the program.
            values: The values.
            record: The object that they are in.

        Raises:
            SettingsError: The check refuses them.
        """
        there = ExtensionsState(**{**record.__dict__, "environment_id": environment.id})
        given = {"environmentId": environment.id, **inputs_of(values)}
        answers = {"environment": shown(environment, environment.id), "extensions": shown(there, environment.id)}
        state = self._state(stack, name, _Existing(KIND, given, there, answers))
        return NewResource(KIND, name, given, state, values=tuple(values))

    def schedules(
        self, stack: str, name: str, row: Row, runtime: Runtime, scheduled: Scheduled, *, after: str
    ) -> NewResource:
        """Return the schedules of a process on a runtime; a retry and whether they are in force stay Boomi's.

        Args:
            stack: The stack that gets them.
            name: Their name in the program.
            row: The process.
            runtime: The runtime.
            scheduled: The schedules.
            after: The name of the process's deployment.

        Raises:
            SettingsError: The check refuses them.
        """
        about = row.component
        # Boomi may hold one twice, and no program can declare that.
        every = [fewest(each) for each in scheduled.schedules]
        given = [each for place, each in enumerate(every) if each not in every[:place]]
        there = SchedulesState(
            id=scheduled.id,
            atom_id=runtime.id,
            process_id=about.component_id,
            Schedule=list(scheduled.schedules),
            written=self._own,
        )
        inputs = {"processId": about.component_id, "atomId": runtime.id, "schedules": given}
        answers = {
            "schedules": shown(there, scheduled.id),
            "runtime": shown(runtime, runtime.id),
            "process": shown(about, about.component_id),
        }
        state = self._state(stack, name, _Existing(SCHEDULES, inputs, there, answers))
        return NewResource(SCHEDULES, name, inputs, state, after=after)

    def _state(self, stack: str, name: str, there: _Existing) -> dict[str, Any]:
        origin = f"{self._project}/{stack}/{name}"
        # A lifecycle refuses two resources for an object; two stacks may have the same package, so each has its own.
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
    """Return the dynamic provider of a kind, as a state holds it."""
    return str(serialize_provider(load(kind)))


def _check_version(version: str | None) -> None:
    """Refuse a version that a table cannot hold as it is.

    Raises:
        SettingsError: The version is empty, or has a line end or another character that is not printable.
    """
    if not version or not version.isprintable():
        raise SettingsError("its package's version cannot be written in a table")


_ON_SECRETS = (
    "\nBoomi never returns a secret: `pulumi config set` asks for each one. `pulumi up` then sends these secrets,\n"
    "with one save, and every listener of the environment restarts. To leave a secret alone, take it out of the\n"
    "program: write `-` into its cell of `values.csv`, or remove its line in YAML.\n"
)


def import_steps(files: Mapping[str, str], secrets: Mapping[str, Sequence[str]], *, folders: bool) -> str:
    """Return the end of a README: for each stack and its import file, the commands that take over what runs.

    Args:
        files: Stack -> its import file.
        secrets: Stack -> what sets its secrets.
        folders: Whether each stack has a folder.
    """
    commands = "".join(
        (f"    cd {stack}\n" if folders else "")
        + f"    pulumi stack init {stack}\n"
        + "".join(f"    {each}\n" for each in secrets.get(stack, ()))
        + f"    pulumi import --stack {stack} --file {file} --protect=false --generate-code=false --yes\n"
        + f"    pulumi up --stack {stack}\n"
        + ("    cd ..\n\n" if folders else "\n")
        for stack, file in files.items()
    )
    return (
        "Take over what runs, stack after stack. Each `pulumi up` says that nothing is to change, and notes what the\n"
        f"next stack promotes:\n\n{commands.rstrip()}\n{_ON_SECRETS if any(secrets.values()) else ''}"
    )


def save_states(file: Path, new: Sequence[NewResource]) -> None:
    """Write an import file, if there are new resources.

    A file of an earlier run with another content is put aside, in case it is not imported yet.

    Raises:
        OSError: The file cannot be written.
    """
    text = json.dumps({"resources": [each.state for each in new]}, indent=1, ensure_ascii=False) + "\n"
    before = read_text(file) if file.exists() else text
    if before == text:
        save(file, text)
    elif new:
        put_aside(file)
        save(file, text)
