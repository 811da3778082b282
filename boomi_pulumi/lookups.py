"""Look-ups in a program: one object, found by what people know of it; and queries with Boomi's whole filter language.

A `get_*` returns exactly one object, or raises an error that lists what there is; `get_runtimes`,
`get_process_schedules` and `get_executions` return lists. Each has an `_output` twin that takes outputs and returns an
output.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from inspect import isawaitable
from typing import Any, ParamSpec, TypeVar, cast, overload

import pulumi
from pydantic.alias_generators import to_camel

from boomi_pulumi._api.errors import BoomiError, NotFound, SettingsError, reported
from boomi_pulumi._api.filters import Filter
from boomi_pulumi._api.models import (
    ComponentMetadata,
    DeployedPackage,
    Environment,
    Execution,
    ExtensionValues,
    IntegrationPack,
    Object,
    PackagedComponent,
    Record,
    ReleaseStatus,
    Runtime,
    ScheduledProcess,
)
from boomi_pulumi._lifecycle.preview import AN_OUTPUT
from boomi_pulumi._python.accounts import client, mocked, pending
from boomi_pulumi._python.values import as_value, keep_secret, missing_output, named
from boomi_pulumi._reads import finders
from boomi_pulumi._reads.finders import Finder
from boomi_pulumi._sdk import children

__all__ = [
    "get_component",
    "get_component_output",
    "get_deployed_package",
    "get_deployed_package_output",
    "get_environment",
    "get_environment_extensions",
    "get_environment_extensions_output",
    "get_environment_output",
    "get_executions",
    "get_executions_output",
    "get_integration_pack",
    "get_integration_pack_output",
    "get_packaged_component",
    "get_packaged_component_output",
    "get_process_schedules",
    "get_process_schedules_output",
    "get_release_status",
    "get_release_status_output",
    "get_runtime",
    "get_runtime_output",
    "get_runtimes",
    "get_runtimes_output",
    "query",
]

P = ParamSpec("P")
R = TypeVar("R", bound=Record)
T = TypeVar("T")


# -- query ---------------------------------------------------------------------------------------


@overload
def query(kind: type[R], condition: Filter | None = None, *, opts: pulumi.InvokeOptions | None = None) -> list[R]: ...
@overload
def query(
    kind: str | type[Any], condition: Filter | None = None, *, opts: pulumi.InvokeOptions | None = None
) -> list[Any]: ...
def query(kind: Any, condition: Filter | None = None, *, opts: pulumi.InvokeOptions | None = None) -> list[Any]:
    """Return every object that meets a condition, through all pages.

    Args:
        kind: PackagedComponent, DeployedPackage, ComponentMetadata, Environment, Folder, PublisherIntegrationPack,
            Atom or EnvironmentAtomAttachment: the name, the resource class, or the record class.
        condition: Built with `where`; None returns all.
        opts: Pulumi's options of a look-up.

    Raises:
        FilterError: A property or combination that Boomi would refuse; nothing was sent.
        RequestError: A request failed.
    """
    target = finders.target_of(kind, condition)
    if mocked():
        return _mocked_rows(target, condition)
    return [as_value(row) for row in finders.query(client(opts), kind, condition)]


# -- look-ups ------------------------------------------------------------------------------------


def get_environment(
    *,
    id: str | None = None,
    name: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> Environment:
    """Return an environment by id or by name.

    Args:
        id: Its id.
        name: Its name, instead of an id.
        opts: Pulumi's options of a look-up.

    Raises:
        NotFound: There is none that the user may see.
        SettingsError: Not exactly one of id and name was given.
    """
    return _found(finders.find_environment, opts, id=id, name=name)


def get_component(
    *,
    id: str | None = None,
    name: str | None = None,
    type: str | None = None,
    folder: str | None = None,
    branch: str | None = None,
    version: int | None = None,
    opts: pulumi.InvokeOptions | None = None,
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
        opts: Pulumi's options of a look-up.

    Raises:
        NotFound: There is none.
        Ambiguous: There are several; the message lists them.
        SettingsError: Not exactly one of id and name was given.
    """
    return _found(
        finders.find_component, opts, id=id, name=name, type=type, folder=folder, branch=branch, version=version
    )


def get_packaged_component(
    *,
    id: str | None = None,
    component_id: str | None = None,
    package_version: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> PackagedComponent:
    """Return a package that is not deleted, by id, or by component and version.

    Args:
        id: The packageId.
        component_id: The component, instead of an id.
        package_version: The version string; may be left out where the component has one package only.
        opts: Pulumi's options of a look-up.

    Raises:
        NotFound: There is none.
        Ambiguous: There are several; the message lists their versions.
        SettingsError: Not exactly one of id and component_id was given.
    """
    return _found(
        finders.find_packaged_component, opts, id=id, component_id=component_id, package_version=package_version
    )


def get_deployed_package(
    *,
    id: str | None = None,
    environment_id: str | None = None,
    component_id: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> DeployedPackage:
    """Return a deployment by its id, or the active one of a component in an environment.

    Args:
        id: The deploymentId.
        environment_id: The environment, with a component instead of an id.
        component_id: The component.
        opts: Pulumi's options of a look-up.

    Raises:
        NotFound: There is none.
        Ambiguous: Boomi reports several active ones.
        SettingsError: Neither an id nor both others were given.
    """
    return _found(finders.find_deployed_package, opts, id=id, environment_id=environment_id, component_id=component_id)


def get_integration_pack(
    *,
    id: str | None = None,
    name: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> IntegrationPack:
    """Return an integration pack of this publisher, by id or by name, with the versions of its components.

    Args:
        id: Its id.
        name: Its name, instead of an id.
        opts: Pulumi's options of a look-up.

    Raises:
        NotFound: There is none.
        Ambiguous: There are several of that name; the message lists them.
        SettingsError: Not exactly one of id and name was given.
    """
    return _found(finders.find_integration_pack, opts, id=id, name=name)


def get_release_status(
    *,
    request_id: str,
    opts: pulumi.InvokeOptions | None = None,
) -> ReleaseStatus:
    """Return where a release stands: IN_PROGRESS, SCHEDULED, SUCCESS or ERROR; it does not wait.

    Args:
        request_id: The `request_id` of a ReleaseIntegrationPack.
        opts: Pulumi's options of a look-up.

    Raises:
        NotFound: Boomi does not know the request.
    """
    return _found(finders.find_release_status, opts, request_id=request_id)


def get_environment_extensions(
    *,
    environment: Environment | None = None,
    environment_id: str | None = None,
    extension_group_id: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> ExtensionValues:
    """Return the values that override those of components in an environment, as maps.

    Boomi never returns a secret: `encrypted` has the paths of those that are set. `unset` has the paths of the fields
    that a deployed process declares, and that have the component's own value.

    Args:
        environment: A look-up (`get_environment`) instead of `environment_id`.
        environment_id: The environment.
        extension_group_id: Of a process of a multi-install pack, its extension group.
        opts: Pulumi's options of a look-up.

    Raises:
        NotFound: There is no such environment.
        SettingsError: No environment was given.
    """
    place = _place("get_environment_extensions", environment, environment_id)
    return _found(
        finders.find_environment_extensions, opts, environment_id=place, extension_group_id=extension_group_id
    )


def get_process_schedules(
    *,
    environment: Environment | None = None,
    environment_id: str | None = None,
    runtime: Runtime | None = None,
    atom_id: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> list[ScheduledProcess]:
    """Return the processes that are deployed on a runtime, or on those of an environment, and when they run there.

    There is one for each process on each runtime, in the order of the names of runtime and process. A process that is
    not scheduled has an empty `schedules`.

    Args:
        environment: A look-up (`get_environment`) instead of `environment_id`.
        environment_id: An environment: all runtimes that are attached to it.
        runtime: A look-up (`get_runtime`) instead of `atom_id`.
        atom_id: A runtime, instead of an environment.
        opts: Pulumi's options of a look-up.

    Raises:
        NotFound: There is no such environment or runtime.
        SettingsError: Not exactly one of them was given.
    """
    place = _place("get_process_schedules", environment, environment_id)
    atom = _atom("get_process_schedules", runtime, atom_id)
    return _found(finders.find_process_schedules, opts, environment_id=place, atom_id=atom)


def get_executions(
    *,
    process: ComponentMetadata | None = None,
    process_id: str | None = None,
    runtime: Runtime | None = None,
    atom_id: str | None = None,
    since: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> list[Execution]:
    """Return the runs of a process since a moment, the newest first, 1,000 at the most; it runs nothing.

    Boomi keeps records for 30 days, unless a runtime is set to another time. A low-latency process leaves none, and a
    listener may leave none.

    Args:
        process: A look-up (`get_component`) instead of `process_id`.
        process_id: The process.
        runtime: A look-up (`get_runtime`) instead of `atom_id`.
        atom_id: A runtime; left out, all of them.
        since: From when: a period such as `24h` or `7d`, or a moment such as `2026-03-02T08:00:00Z`; left out, `24h`.
        opts: Pulumi's options of a look-up.

    Raises:
        SettingsError: No process was given, `since` is no moment, or there are more than 1,000 runs.
    """
    id_ = _process("get_executions", process, process_id)
    atom = _atom("get_executions", runtime, atom_id)
    return _found(finders.find_executions, opts, process_id=id_, atom_id=atom, since=since)


def get_runtime(
    *,
    id: str | None = None,
    name: str | None = None,
    environment: Environment | None = None,
    environment_id: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> Runtime:
    """Return a runtime by id, by name, or as the only one of an environment.

    Args:
        id: Its id.
        name: Its name, instead of an id.
        environment: A look-up (`get_environment`) instead of `environment_id`.
        environment_id: An environment that it is attached to; with a name, the name among those there.
        opts: Pulumi's options of a look-up.

    Raises:
        NotFound: There is none.
        Ambiguous: There are several; the message lists them with type and status.
        SettingsError: No id, name or environment was given, or an id and more.
    """
    place = _place("get_runtime", environment, environment_id)
    return _found(finders.find_runtime, opts, id=id, name=name, environment_id=place)


def get_runtimes(
    *,
    environment: Environment | None = None,
    environment_id: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> list[Runtime]:
    """Return all runtimes that are attached to an environment, in the order of their names; none is an empty list.

    A runtime that Boomi does not show, though it is attached, has its id alone.

    Args:
        environment: A look-up (`get_environment`) instead of `environment_id`.
        environment_id: The environment.
        opts: Pulumi's options of a look-up.

    Raises:
        NotFound: There is no such environment.
        SettingsError: No environment was given.
    """
    place = _place("get_runtimes", environment, environment_id)
    return _found(finders.find_runtimes, opts, environment_id=place)


# -- output twins --------------------------------------------------------------------------------


def get_environment_output(
    *,
    id: pulumi.Input[str | None] = None,
    name: pulumi.Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[Environment]:
    """As `get_environment`, with outputs."""
    return _lifted(get_environment, opts, id=id, name=name)


def get_component_output(
    *,
    id: pulumi.Input[str | None] = None,
    name: pulumi.Input[str | None] = None,
    type: pulumi.Input[str | None] = None,
    folder: pulumi.Input[str | None] = None,
    branch: pulumi.Input[str | None] = None,
    version: pulumi.Input[int | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[ComponentMetadata]:
    """As `get_component`, with outputs."""
    return _lifted(get_component, opts, id=id, name=name, type=type, folder=folder, branch=branch, version=version)


def get_packaged_component_output(
    *,
    id: pulumi.Input[str | None] = None,
    component_id: pulumi.Input[str | None] = None,
    package_version: pulumi.Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[PackagedComponent]:
    """As `get_packaged_component`, with outputs."""
    return _lifted(get_packaged_component, opts, id=id, component_id=component_id, package_version=package_version)


def get_deployed_package_output(
    *,
    id: pulumi.Input[str | None] = None,
    environment_id: pulumi.Input[str | None] = None,
    component_id: pulumi.Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[DeployedPackage]:
    """As `get_deployed_package`, with outputs."""
    return _lifted(get_deployed_package, opts, id=id, environment_id=environment_id, component_id=component_id)


def get_integration_pack_output(
    *,
    id: pulumi.Input[str | None] = None,
    name: pulumi.Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[IntegrationPack]:
    """As `get_integration_pack`, with outputs."""
    return _lifted(get_integration_pack, opts, id=id, name=name)


def get_release_status_output(
    *,
    request_id: pulumi.Input[str | None],
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[ReleaseStatus | None]:
    """As `get_release_status`, with outputs; None without a request: a version that was released before has none."""

    def look(*, request_id: str | None, opts: pulumi.InvokeOptions | None) -> ReleaseStatus | None:
        return None if request_id is None else get_release_status(request_id=request_id, opts=opts)

    return _lifted(look, opts, request_id=request_id)


def get_environment_extensions_output(
    *,
    environment: pulumi.Input[Environment | None] = None,
    environment_id: pulumi.Input[str | None] = None,
    extension_group_id: pulumi.Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[ExtensionValues]:
    """As `get_environment_extensions`, with outputs."""
    place = _place("get_environment_extensions_output", environment, environment_id)
    return _lifted(get_environment_extensions, opts, environment_id=place, extension_group_id=extension_group_id)


def get_process_schedules_output(
    *,
    environment: pulumi.Input[Environment | None] = None,
    environment_id: pulumi.Input[str | None] = None,
    runtime: pulumi.Input[Runtime | None] = None,
    atom_id: pulumi.Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[list[ScheduledProcess]]:
    """As `get_process_schedules`, with outputs."""
    place = _place("get_process_schedules_output", environment, environment_id)
    atom = _atom("get_process_schedules_output", runtime, atom_id)
    return _lifted(get_process_schedules, opts, environment_id=place, atom_id=atom)


def get_executions_output(
    *,
    process: pulumi.Input[ComponentMetadata | None] = None,
    process_id: pulumi.Input[str | None] = None,
    runtime: pulumi.Input[Runtime | None] = None,
    atom_id: pulumi.Input[str | None] = None,
    since: pulumi.Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[list[Execution]]:
    """As `get_executions`, with outputs."""
    id_ = _process("get_executions_output", process, process_id)
    atom = _atom("get_executions_output", runtime, atom_id)
    return _lifted(get_executions, opts, process_id=id_, atom_id=atom, since=since)


def get_runtime_output(
    *,
    id: pulumi.Input[str | None] = None,
    name: pulumi.Input[str | None] = None,
    environment: pulumi.Input[Environment | None] = None,
    environment_id: pulumi.Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[Runtime]:
    """As `get_runtime`, with outputs."""
    place = _place("get_runtime_output", environment, environment_id)
    return _lifted(get_runtime, opts, id=id, name=name, environment_id=place)


def get_runtimes_output(
    *,
    environment: pulumi.Input[Environment | None] = None,
    environment_id: pulumi.Input[str | None] = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[list[Runtime]]:
    """As `get_runtimes`, with outputs."""
    place = _place("get_runtimes_output", environment, environment_id)
    return _lifted(get_runtimes, opts, environment_id=place)


# -- inside --------------------------------------------------------------------------------------


def _found(finder: Finder[P, T], opts: pulumi.InvokeOptions | None, *args: P.args, **given: P.kwargs) -> T:
    for name, value in given.items():
        if isinstance(value, pulumi.Output):
            raise SettingsError(f"{finder.name}: {name} is an Output; use {finder.name}_output.")
    if mocked():
        finder.check_arguments(*args, **given)
        found: Any = _mocked(finder, given)
    else:
        found = finder(client(opts), *args, **given)
    return cast("T", [as_value(each) for each in found] if finder.many else as_value(found))


def _place(who: str, environment: Any, environment_id: Any) -> Any:
    return named(who, "environment", environment, "environment_id", environment_id, key="id")


def _atom(who: str, runtime: Any, atom_id: Any) -> Any:
    return named(who, "runtime", runtime, "atom_id", atom_id, key="id")


def _process(who: str, process: Any, process_id: Any) -> Any:
    return named(who, "process", process, "process_id", process_id, key="componentId")


def _lifted(function: Callable[..., T], opts: pulumi.InvokeOptions | None, **arguments: Any) -> pulumi.Output[T]:
    async def call(given: list[Any]) -> T:
        known: Mapping[str, Any] = given[0]
        await asyncio.gather(*map(keep_secret, arguments.values()))
        await _check_none(function, arguments, known)
        if mocked():
            return function(**known, opts=opts)
        # Pulumi keeps the stack's configuration in context variables, which this hands over to the thread.
        try:
            return await asyncio.to_thread(function, **known, opts=opts)
        except BoomiError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold a secret
            raise reported(error) from None

    # Where a setting of the provider is not known in a preview, nor is what it would find. The same holds while a
    # resource that comes first is not made: Pulumi's own functions wait for it as well.
    first: pulumi.Output[Any] = pulumi.Output.from_input(_first(arguments, getattr(opts, "depends_on", None)))
    return pulumi.Output.all(pulumi.Output.all(**arguments), pending(opts), first).apply(call)


async def _first(arguments: Mapping[str, Any], depends_on: Any) -> pulumi.Output[Any]:
    """Return the ids of the resources that arguments come from, and of those that `depends_on` names.

    Source: `invoke_async` of pulumi/runtime/invoke.py.
    """
    found = await _resources(depends_on)
    for each in arguments.values():
        found |= await each.resources() if isinstance(each, pulumi.Output) else set()
    made = (each for each in children(found) if not isinstance(each, pulumi.StackReference))
    return pulumi.Output.all(*(each.id for each in made if isinstance(each, pulumi.CustomResource)))


async def _resources(given: Any) -> set[pulumi.Resource]:
    """Return the resources that an option names, in any of its forms."""
    if isinstance(given, pulumi.Output):
        return await _resources(await given.future())
    if isawaitable(given):
        return await _resources(await given)
    if isinstance(given, Sequence):
        return {found for each in given for found in await _resources(each)}
    return {given} if isinstance(given, pulumi.Resource) else set()


async def _check_none(function: Callable[..., Any], given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Say why an argument is None, where that is why nothing can be looked up.

    Raises:
        SettingsError: It is.
    """
    none = [name for name, value in given.items() if isinstance(value, pulumi.Output) and known[name] is None]
    for name in none if function.__name__ in finders.FINDERS else ():
        why = await missing_output(given[name])
        if why is None:
            try:
                finders.FINDERS[function.__name__].check_arguments(**known)
            except SettingsError:
                why = AN_OUTPUT
        if why is not None:
            raise SettingsError(f"{function.__name__}_output: {name} is None: {why}.")


# -- mocks ---------------------------------------------------------------------------------------


def _mock(function: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the mocks of a user's unit test, as Pulumi does for every provider's functions."""
    given = {name: value for name, value in arguments.items() if value is not None}
    answer = pulumi.runtime.invoke(f"boomi:index:{function}", given).value
    return dict(answer) if isinstance(answer, Mapping) else {}


def _mocked(finder: Finder[Any, Any], arguments: Mapping[str, Any]) -> Any:
    function = to_camel(finder.name)
    given = {to_camel(name): value for name, value in arguments.items() if value is not None}
    answer = _mock(function, given)
    if finder.many:
        return _rows(finder.target, answer)
    record = finder.target.parse({**given, **answer})
    if record is None:
        raise NotFound(f"boomi:index:{function}: the mock's answer has no {finder.target.id}.")
    return record


def _mocked_rows(target: Object[R], condition: Filter | None) -> list[R]:
    arguments = {"kind": target.name, "filter": condition.expression() if condition is not None else {}}
    return [as_value(record) for record in _rows(target, _mock("query", arguments))]


def _rows(target: Object[R], answer: Mapping[str, Any]) -> list[R]:
    return [record for record in map(target.parse, answer.get("result") or []) if record is not None]
