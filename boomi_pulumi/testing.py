"""Unit tests of a program: look-ups answered with plain data, resources with ids and outputs; no account, no request.

    from boomi_pulumi.testing import Mocks

    mocks = Mocks(
        environments=[{"id": "env-test", "name": "Test"}],
        components=[{"component_id": "order-sync", "name": "Order Sync", "type": "process", "version": 5}],
    )
    mocks.run("releases")  # the folder of the program
    assert mocks.made("DeployedPackage")["order-sync"]["package_version"] == "1.4.0"

Source: Pulumi's unit tests, `pulumi.runtime.set_mocks`.
"""

from __future__ import annotations

import asyncio
import contextvars
import difflib
import operator
import re
import runpy
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import pulumi
from pydantic.alias_generators import to_snake

from boomi_pulumi._api.errors import Ambiguous, BoomiError, FilterError, NotFound, SettingsError
from boomi_pulumi._api.extensions import group_id
from boomi_pulumi._api.filters import Comparison, Filter, Group
from boomi_pulumi._api.models import (
    ATOM,
    ATTACHMENT,
    COMPONENT_METADATA,
    DEPLOYED_PACKAGE,
    ENVIRONMENT,
    EXECUTION,
    EXTENSION_VALUES,
    FOLDER,
    OBJECTS,
    PACKAGED_COMPONENT,
    PUBLISHER_PACK,
    RELEASE_STATUS,
    SCHEDULED_PROCESS,
    Object,
    Record,
    Runtime,
    fields_of,
    moment,
)
from boomi_pulumi._bags import inward, marked
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._kinds.release_integration_pack import IMMEDIATELY, ON_DATE
from boomi_pulumi._lifecycle.fields import SECRETS, Bag, rules, visible
from boomi_pulumi._lifecycle.kind import Kind
from boomi_pulumi._lifecycle.preview import check
from boomi_pulumi._reads.finders import FINDERS, moment_since

__all__ = ["DATE", "USER", "Mocks"]

DATE = "2026-01-01T00:00:00Z"
"""When everything was made that a program makes under mocks."""

USER = "unit-test@boomi.invalid"
"""Who made it."""

Rows = Iterable[Mapping[str, object]]
R = TypeVar("R", bound=Record)

_RESOURCE = "pulumi-python:dynamic/boomi:"
_FUNCTION = "boomi:index:"
_STACK = "pulumi:pulumi:StackReference"
_NONE: Mapping[str, Any] = MappingProxyType({})

_TABLES: dict[str, Object[Any]] = {
    "environments": ENVIRONMENT,
    "components": COMPONENT_METADATA,
    "packages": PACKAGED_COMPONENT,
    "deployments": DEPLOYED_PACKAGE,
    "folders": FOLDER,
    "integration_packs": PUBLISHER_PACK,
    "release_statuses": RELEASE_STATUS,
    "runtimes": ATOM,
    "attachments": ATTACHMENT,
    "extensions": EXTENSION_VALUES,
    "schedules": SCHEDULED_PROCESS,
    "executions": EXECUTION,
}
"""Argument of `Mocks` -> the object whose rows it takes."""

_USUAL = {
    "version": 1,
    "componentVersion": 1,
    "deleted": False,
    "active": True,
    "currentVersion": True,
    **dict.fromkeys(("createdDate", "modifiedDate", "deployedDate"), DATE),
    **dict.fromkeys(("createdBy", "modifiedBy", "deployedBy"), USER),
}
"""What a row has unless it says otherwise."""


class Mocks(pulumi.runtime.Mocks):
    """An account of plain data, for `pulumi.runtime.set_mocks` or for `run`.

    A row is a dict of what a look-up returns: Boomi's names, in snake case or as Boomi writes them. It needs its id. A
    look-up returns the row that has every value it asks for; of a folder's path, the last name is compared with
    `folder_name`. What the program makes is found by later look-ups, and what is not there fails, with what to give.

    Inputs are checked as far as a preview checks them without an account: names, types, what is required. What
    Boomi's side decides is not judged: gates, revisions that exist, versions that are taken.

    A resource of another provider has the id `NAME-id`, and as outputs its inputs and what `outputs` says.
    """

    def __init__(
        self,
        *,
        environments: Rows = (),
        components: Rows = (),
        packages: Rows = (),
        deployments: Rows = (),
        folders: Rows = (),
        integration_packs: Rows = (),
        release_statuses: Rows = (),
        runtimes: Rows = (),
        attachments: Rows = (),
        extensions: Rows = (),
        schedules: Rows = (),
        executions: Rows = (),
        stacks: Mapping[str, Mapping[str, object]] = _NONE,
        outputs: Mapping[str, Mapping[str, object]] = _NONE,
        functions: Mapping[str, Mapping[str, object]] = _NONE,
    ) -> None:
        """Take the data.

        Args:
            environments: As `get_environment` returns them.
            components: As `get_component`. One row is one revision; of several of a component, the newest is found.
            packages: As `get_packaged_component`.
            deployments: As `get_deployed_package`.
            folders: As `query("Folder")`.
            integration_packs: As `get_integration_pack`, with their `components`.
            release_statuses: As `get_release_status`.
            runtimes: As `get_runtime`.
            extensions: As `get_environment_extensions`, with its maps; the id is that of the environment.
            schedules: As `get_process_schedules`: one row for each process on each runtime.
            executions: As `get_executions`.
            attachments: `atom_id` and `environment_id` of each runtime in an environment; the id may be left out.
            stacks: Full name of a stack -> its outputs, for `pulumi.StackReference`.
            outputs: Type of a resource of another provider, such as `cloudflare:index/queue:Queue` -> what that
                provider adds to the inputs, by its own names (`queueId`).
            functions: Token of a function of another provider -> its answer.

        Raises:
            SettingsError: A row has no id, or a property that there is not.
        """
        given = (
            *(environments, components, packages, deployments, folders, integration_packs, release_statuses),
            *(runtimes, attachments, extensions, schedules, executions),
        )
        self._given: dict[str, list[Record]] = {
            target.name: [_row(name, target, row) for row in rows]
            for (name, target), rows in zip(_TABLES.items(), given, strict=True)
        }
        self._stacks, self._outputs, self._functions = stacks, outputs, functions
        self._lock = threading.RLock()
        self._running = False
        self._clear()

    def _clear(self) -> None:
        self._rows = {name: list(rows) for name, rows in self._given.items()}
        self._made: dict[str, dict[str, Bag]] = {}
        self._failures: list[BoomiError] = []

    # -- for tests -------------------------------------------------------------------------------

    def run(
        self,
        program: Callable[[], object] | str | Path,
        *,
        config: Mapping[str, str] = _NONE,
        project: str = "project",
        stack: str = "stack",
        organization: str = "organization",
    ) -> dict[str, Any]:
        """Run a program to its end, from the data that the mocks were made with; return what it exports.

        Args:
            program: Its folder, its file, or a function.
            config: The stack's configuration, such as `{"releases:packageVersion": "1.4.0"}`.
            project: The name of the project.
            stack: The name of the stack.
            organization: The name of the organization; Pulumi's own, where there is none, is the default.

        Raises:
            NotFound: The program names what is not among the data; the message says what to give.
            SettingsError: The inputs of a resource are wrong, as a preview would say.
        """
        self._clear()
        exports: dict[str, Any] = {}

        def to_its_end() -> None:
            loops[0].set_default_executor(threads)
            pulumi.runtime.set_mocks(self, project, stack, organization=organization)
            pulumi.runtime.set_all_config(dict(config))
            outputs: dict[str, Any] = pulumi.runtime.get_root_resource().outputs  # type: ignore[union-attr]
            outputs.clear()

            @pulumi.runtime.test  # type: ignore[untyped-decorator]
            def declare() -> pulumi.Output[None]:
                if callable(program):
                    program()
                else:
                    _execute(Path(program).resolve())
                return pulumi.Output.all(**outputs).apply(exports.update)

            try:
                declare()
            finally:
                left = asyncio.all_tasks(loops[0])
                for task in left:
                    task.cancel()
                loops[0].run_until_complete(asyncio.gather(*left, return_exceptions=True))

        # A context and threads of its own: neither mocks, configuration nor event loops are left for the next test.
        loops: list[asyncio.AbstractEventLoop] = []

        def with_loop() -> None:
            loops.append(asyncio.new_event_loop())
            asyncio.set_event_loop(loops[-1])

        self._running = True
        try:
            with ThreadPoolExecutor(initializer=with_loop) as threads:
                threads.submit(contextvars.copy_context().run, to_its_end).result()
        except Exception as error:
            self._raise_failures(error)  # from which it may follow
            raise
        finally:
            self._running = False
            for loop in loops:
                loop.close()
        self._raise_failures(None)
        return exports

    def _raise_failures(self, cause: Exception | None) -> None:
        if self._failures:
            raise type(self._failures[0])(" / ".join(map(str, self._failures))) from cause

    def made(self, kind: str) -> dict[str, Bag]:
        """Return the resources of a kind that the program declared.

        Args:
            kind: Such as `DeployedPackage`; of another provider the type, such as `cloudflare:index/queue:Queue`.

        Returns:
            Name of the resource -> its properties, by their names in Python. Secrets are plain.
        """
        return dict(self._made.get(kind, {}))

    # -- for Pulumi ------------------------------------------------------------------------------

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        """Answer a look-up or a query.

        Raises:
            NotFound: No row has what it asks for.
            Ambiguous: Several have.
        """
        if not args.token.startswith(_FUNCTION):
            return self._answer("functions", self._functions, args.token)
        name = to_snake(args.token.removeprefix(_FUNCTION))
        with self._lock:
            if name == "query":
                condition = Filter.parse(args.args["filter"]) if args.args["filter"] else None
                target = OBJECTS[args.args["kind"]]
                return {"result": [dict(row) for row in self._rows[target.name] if _holds(condition, target, row)]}
            who, target = f"{name}({_worded(args.args)})", FINDERS[name].target
            asked = {_property(target, each): value for each, value in args.args.items()}
            if "folderName" in asked:
                asked["folderName"] = asked["folderName"].rstrip("/").rpartition("/")[2]
            place = asked.pop("environmentId", None) if target in (ATOM, SCHEDULED_PROCESS) else None
            rows: list[Any] = self._rows[target.name]
            if place is not None:
                attached = self._attached(who, place)
                there = {row.id for row in attached}
                rows = attached if target is ATOM else [row for row in rows if row.get("atomId") in there]
            if target is SCHEDULED_PROCESS and "atomId" in asked:
                self._one(who, ATOM, {"id": asked["atomId"]})
            if FINDERS[name].many:
                return {"result": [dict(row) for row in _several(target, asked, rows)]}
            if not rows and place is not None:
                wanted = {"atom_id": "…", "environment_id": place}
                raise NotFound(f"{who}: no data. Give Mocks(attachments=[{wanted}]).")
            return dict(self._one(who, target, asked, rows))

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """Make or read a resource.

        Raises:
            NotFound: It names what is not among the data.
            SettingsError: Its inputs are wrong.
        """
        try:
            with self._lock:
                return self._resource(args)
        except BoomiError as error:
            if not self._running:
                raise
            # Raised here, it would be logged once for every output that waits for this one.
            self._failures.append(error)
            return f"{args.name}-id", args.inputs

    # -- the account -----------------------------------------------------------------------------

    def _answer(self, argument: str, answers: Mapping[str, Mapping[str, object]], name: str) -> Mapping[str, object]:
        if name not in answers:
            raise NotFound(f"{name}: no data. Give Mocks({argument}={{{name!r}: {{…}}}}).")
        return answers[name]

    def _attached(self, who: str, place: str) -> list[Runtime]:
        """Return the runtimes of an environment, in the order of their names."""
        there = {row.get("atomId") for row in self._rows[ATTACHMENT.name] if row.get("environmentId") == place}
        if not there:
            self._one(who, ENVIRONMENT, {"id": place})
        rows = [self._one(who, ATOM, {"id": id_}) for id_ in there]
        return sorted(rows, key=lambda row: (row.name or "", row.id))

    def _one(self, who: str, target: Object[R], asked: Mapping[str, Any], among: Iterable[Record] | None = None) -> R:
        """Return the only row with these values.

        Args:
            who: What asks, for the message.
            target: Of which object.
            asked: Boomi's name of a property -> its value.
            among: The rows to look at, if not all.
        """
        given = self._rows[target.name] if among is None else among
        rows: list[Any] = [row for row in given if row.get("deleted") is not True]
        if target.id not in asked:
            rows = [row for row in rows if row.get("active") is not False]
        found = [row for row in rows if asked.items() <= row.items()]
        if target is COMPONENT_METADATA:
            found = _newest(found)
        if len(found) == 1:
            return found[0]  # type: ignore[no-any-return]
        if found:
            raise Ambiguous(f"{who}: there are {len(found)}: {', '.join(str(row[target.id]) for row in found)}.")
        table = next(name for name, each in _TABLES.items() if each is target)
        wanted = {to_snake(name): value for name, value in ({target.id: "…"} | dict(asked)).items()}
        there = "; ".join(_worded({name: row[name] for name in (target.id, *asked) if name in row}) for row in rows[:8])
        raise NotFound(f"{who}: no data. Give Mocks({table}=[{wanted}])." + (f" There is {there}." if there else ""))

    def _resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, Bag]:
        if args.typ == _STACK:
            return args.resource_id, {
                **args.inputs,
                "outputs": self._answer("stacks", self._stacks, args.inputs["name"]),
            }
        given = inward(args.inputs)
        kind = KINDS.get(args.typ.removeprefix(_RESOURCE)) if args.typ.startswith(_RESOURCE) else None
        if kind is None:
            more = self._outputs.get(args.typ, _NONE)
            self._made.setdefault(args.typ, {})[args.name] = {
                to_snake(name): each for name, each in visible({**given, **more}).items()
            }
            return args.resource_id or f"{args.name}-id", {**args.inputs, **more}
        who = f"{kind.name} {args.name}"
        checked = None if args.resource_id else check(kind.inputs, {}, visible(given), {})
        if checked is not None and checked.failures:
            raise SettingsError(" / ".join(f"{who}: {each}" for each in checked.failures))
        make = getattr(self, f"_{to_snake(kind.name)}")
        id_, made = make(who, checked.inputs if checked is not None else None, args.resource_id)
        names = {*rules(kind.inputs), *kind.outputs, *(["adopted"] if kind.adopts else [])}
        outputs = {name: value for name, value in made.items() if name in names and value is not None}
        python = {to_snake(name): _python(kind, value) for name, value in outputs.items()}
        self._made.setdefault(kind.name, {})[args.name] = python
        return id_, marked(outputs, given.get(SECRETS, ()))

    def _component(self, who: str, given: Bag) -> Any:
        return self._one(who, COMPONENT_METADATA, _some(given, "componentId", "branchName"))

    def _packaged_component(self, who: str, given: Bag | None, id_: str) -> tuple[str, Bag]:
        if given is None:
            return id_, dict(self._one(who, PACKAGED_COMPONENT, {"packageId": id_}))
        component = self._component(who, given)
        version = given.get("packageVersion", "1.0")
        same = {"componentId": component.component_id, "packageVersion": version}
        row = next((each for each in self._rows[PACKAGED_COMPONENT.name] if same.items() <= each.items()), None)
        adopted = row is not None
        if row is None:
            row = _row(
                "packages",
                PACKAGED_COMPONENT,
                {
                    "packageId": f"{component.component_id}-{version}",
                    "componentVersion": component.version,
                    "componentType": component.type,
                    "branchName": component.branch_name,
                    **same,
                    **_some(given, "componentVersion", "notes", "shareable"),
                },
            )
            self._rows[PACKAGED_COMPONENT.name].append(row)
        return row["packageId"], {**given, **row, "componentName": component.name, "adopted": adopted}

    def _deployed_package(self, who: str, given: Bag | None, id_: str) -> tuple[str, Bag]:
        if given is None:
            environment, _, component = id_.partition("/")
            asked = {"environmentId": environment, "componentId": component}
            return id_, dict(self._one(who, DEPLOYED_PACKAGE, asked))
        place = self._one(who, ENVIRONMENT, {"id": given["environmentId"]})
        if "packageId" not in given:
            given = {**given, "packageId": self._packaged_component(who, {"componentId": given["componentId"]}, "")[0]}
        package = self._one(who, PACKAGED_COMPONENT, {"packageId": given["packageId"]})
        slot: Bag = {"environmentId": place.id, "componentId": package.component_id}
        id_ = f"{place.id}/{package.component_id}"
        before = [each for each in self._rows[DEPLOYED_PACKAGE.name] if slot.items() <= each.items()]
        same = next((each for each in before if each["active"] and each.get("packageId") == package.package_id), None)
        row = same or _row(
            "deployments",
            DEPLOYED_PACKAGE,
            {
                "deploymentId": f"{id_}/{len(before) + 1}",
                "version": len(before) + 1,
                "packageId": package.package_id,
                **slot,
                **_some(package, "packageVersion", "componentVersion", "componentType", "branchName"),
                **_some(given, "notes", "listenerStatus"),
            },
        )
        others = [each for each in self._rows[DEPLOYED_PACKAGE.name] if each not in before]
        self._rows[DEPLOYED_PACKAGE.name] = [*others, row]
        components = (
            each for each in self._rows[COMPONENT_METADATA.name] if each["componentId"] == slot["componentId"]
        )
        name = next((each.get("name") for each in components), None)
        return id_, {**given, **row, "componentName": name, "environmentName": place.name, "adopted": same is not None}

    def _release_integration_pack(self, who: str, given: Bag | None, id_: str) -> tuple[str, Bag]:
        pack = self._one(who, PUBLISHER_PACK, {"id": id_ or (given or {})["integrationPackId"]})
        out = {each.component_id: each.current_version for each in pack.components if each.current_version}
        schedule = (given or {}).get("releaseSchedule", ON_DATE if (given or {}).get("releaseOnDate") else IMMEDIATELY)
        later = schedule == ON_DATE
        new = {each["componentId"]: each["version"] for each in (given or {}).get("components", ())}
        return pack.id, {
            "integrationPackId": pack.id,
            "releaseSchedule": schedule,
            **(given or {}),
            "requestId": f"{pack.id}-request",
            "releaseStatus": "SCHEDULED" if later else "SUCCESS",
            "releasedVersions": out if later else {**out, **new},
        }

    def _connector_version_change(self, who: str, given: Bag | None, id_: str) -> tuple[str, Bag]:
        if given is None:
            return id_, {"classificationType": id_}
        which = "pendingVersion" if "preferredReleaseDate" in given else "releasedVersion"
        review = {"reviewStatus": "APPROVED", "submittedBy": USER, "completedBy": USER, "completedDate": DATE}
        return given["classificationType"], {**given, **review, which: given["versionId"]}

    def _component_metadata(self, who: str, given: Bag | None, id_: str) -> tuple[str, Bag]:
        component = self._component(who, given or {"componentId": id_})
        made = {**component, "componentType": component.type, **(given or {})}
        folders = (each for each in self._rows[FOLDER.name] if each["id"] == made.get("folderId"))
        return component.component_id, {**made, "folderName": next((each.get("name") for each in folders), None)}

    def _environment_extensions(self, who: str, given: Bag | None, id_: str) -> tuple[str, Bag]:
        if given is None:
            return id_, {"environmentId": id_, "extensionsId": id_}
        place = self._one(who, ENVIRONMENT, {"id": given["environmentId"]})
        id_ = group_id(place.id, given["extensionGroupId"]) if "extensionGroupId" in given else place.id
        return id_, {**given, "environmentName": place.name, "extensionsId": id_}

    def _process_schedules(self, who: str, given: Bag | None, id_: str) -> tuple[str, Bag]:
        if given is None:
            atom, _, process = id_.partition("/")
            return id_, {"atomId": atom, "processId": process, "schedules": [], "scheduleId": id_}
        process = self._component(who, {"componentId": given["processId"]})
        runtime = self._one(who, ATOM, {"id": given["atomId"]})
        id_ = f"{runtime.id}/{process.component_id}"
        names = {"processName": process.name, "runtimeName": runtime.name}
        return id_, {**given, **names, "scheduleId": id_, "written": True}

    def _listener_status(self, who: str, given: Bag | None, id_: str) -> tuple[str, Bag]:
        if given is None:
            atom, _, process = id_.partition("/")
            return id_, {"atomId": atom, "processId": process, "status": "listening", "reported": True}
        process = self._component(who, {"componentId": given["processId"]})
        runtime = self._one(who, ATOM, {"id": given["atomId"]})
        names = {"processName": process.name, "runtimeName": runtime.name}
        told = {"reported": True, "reportedStatus": given["status"]}
        return f"{runtime.id}/{process.component_id}", {**given, **names, **told}

    def _execution_request(self, who: str, given: Bag | None, id_: str) -> tuple[str, Bag]:
        if given is None:
            atom, _, process = id_.partition("/")
            run = {"packageId": "", "executionId": id_, "status": "COMPLETE"}
            return id_, {"atomId": atom, "processId": process, **run}
        process = self._component(who, {"componentId": given["processId"]})
        runtime = self._one(who, ATOM, {"id": given["atomId"]})
        id_ = f"{runtime.id}/{process.component_id}"
        names = {"processName": process.name, "runtimeName": runtime.name}
        return id_, {**given, **names, "executionId": f"execution-{id_}", "status": "COMPLETE", "executionTime": DATE}


def _execute(program: Path) -> None:
    """Run a program as Pulumi does; the next run imports its modules anew, since they may declare resources."""
    known = set(sys.modules)
    try:
        runpy.run_path(str(program), run_name="__main__")
    finally:
        for name in sys.modules.keys() - known:
            file = Path(getattr(sys.modules[name], "__file__", None) or "")
            if file.is_relative_to(program) and "site-packages" not in file.parts:
                del sys.modules[name]


# -- rows ----------------------------------------------------------------------------------------


def _row(table: str, target: Object[R], row: Mapping[str, object]) -> R:
    """Return a row as a record.

    Raises:
        SettingsError: It has no id, or a property that there is not.
    """
    fields = fields_of(target.record)
    known = {name: field.alias or name for name, field in fields.items()}
    for name in row:
        if name not in known and name not in known.values():
            near = difflib.get_close_matches(name, known, 1) or list(known)
            raise SettingsError(f"Mocks: {table} have no {name}; did you mean {' or '.join(near)}?")
    usual: dict[str, object] = {name: value for name, value in _USUAL.items() if name in known.values()}
    if target is ATTACHMENT:
        usual["id"] = "/".join(map(str, row.values()))
    record = target.parse({**usual, **{known.get(name, name): value for name, value in row.items()}})
    if record is None:
        raise SettingsError(f"Mocks: a row of {table} has no {to_snake(target.id)}: {dict(row)}.")
    return record


def _several(target: Object[Any], asked: Mapping[str, Any], rows: Iterable[Record]) -> list[Record]:
    """Return the rows that have every value that a look-up of several asks for; runs from a moment on, newest first."""
    wanted = {name: value for name, value in asked.items() if name != "since"}
    found = [row for row in rows if wanted.items() <= row.items()]
    if target is not EXECUTION:
        return found
    first = moment_since(asked.get("since"))
    runs = [row for row in found if (moment(row.get("executionTime")) or first) >= first]
    return sorted(runs, key=lambda row: str(row.get("executionTime", "")), reverse=True)


def _property(target: Object[Any], argument: str) -> str:
    """Return Boomi's name of the property that an argument of a look-up is about."""
    return {"id": target.id, "folder": "folderName", "branch": "branchName"}.get(argument, argument)


def _worded(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{to_snake(name)}={value!r}" for name, value in values.items())


def _some(bag: Mapping[str, Any], *names: str) -> Bag:
    return {name: bag[name] for name in names if name in bag}


def _newest(rows: list[Any]) -> list[Any]:
    """Return the newest revision of each component."""
    return list({row.component_id: row for row in sorted(rows, key=lambda row: row.version or 0)}.values())


def _python(kind: Kind[Any], value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_python(kind, each) for each in value]
    if isinstance(value, Mapping):
        return {to_snake(name) if name in kind.nested else name: _python(kind, each) for name, each in value.items()}
    return value


# -- queries -------------------------------------------------------------------------------------


def _holds(condition: Filter | None, target: Object[Any], row: Record) -> bool:
    """Tell whether a row meets a condition.

    Raises:
        FilterError: It names a property that rows do not have.
    """
    if isinstance(condition, Group):
        return (all if condition.operator == "and" else any)(_holds(each, target, row) for each in condition.members)
    if not isinstance(condition, Comparison):
        return True
    if condition.property not in {field.alias or name for name, field in fields_of(target.record).items()}:
        raise FilterError(f"query: rows of {target.name} have no {condition.property}.")
    value = row.get(condition.property)
    if condition.operator in {"IS_NULL", "IS_NOT_NULL"}:
        return (value is None) is (condition.operator == "IS_NULL")
    if value is None:
        return condition.operator.startswith("NOT_")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _COMPARED[condition.operator](text, *condition.arguments)


def _order(text: str) -> tuple[float, str]:
    """Return what puts numbers before texts, and dates in their order."""
    return (float(text), "") if re.fullmatch(r"-?\d+(\.\d+)?", text) else (float("inf"), text)


def _like(text: str, pattern: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("%"))), text, re.DOTALL) is not None


_COMPARED: dict[str, Callable[..., bool]] = {
    "EQUALS": operator.eq,
    "NOT_EQUALS": operator.ne,
    "LIKE": _like,
    "CONTAINS": operator.contains,
    "NOT_CONTAINS": lambda text, part: part not in text,
    "GREATER_THAN": lambda text, than: _order(text) > _order(than),
    "GREATER_THAN_OR_EQUAL": lambda text, than: _order(text) >= _order(than),
    "LESS_THAN": lambda text, than: _order(text) < _order(than),
    "LESS_THAN_OR_EQUAL": lambda text, than: _order(text) <= _order(than),
    "BETWEEN": lambda text, low, high: _order(low) <= _order(text) <= _order(high),
}
