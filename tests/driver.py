"""A small Pulumi engine in this process, over the servicer that the SDK ships.

It does what the engine does around a dynamic provider: check, diff, create, update, replace (create
before delete), delete, preview with unknown values, refresh, and a state that survives a lost process.
Everything passes through protobuf, so numbers arrive as floats and None does not arrive at all.

    driver = Driver(emulator.env)
    driver.up(Resource("one", "PackagedComponent", {"componentId": …}))     # one plugin process
    driver.preview(…)                                                       # the next one
"""

from __future__ import annotations

import ast
import asyncio
import copy
import importlib.util
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, NoReturn

import pulumi.runtime.rpc as pulumi_rpc
from google.protobuf import json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2

from boomi_pulumi.api import client as client_module
from boomi_pulumi.api.client import Client
from boomi_pulumi.api.settings import SETTINGS, Settings
from boomi_pulumi.core.facts import Facts
from boomi_pulumi.core.lifecycle import ACCOUNT
from boomi_pulumi.kinds import KINDS
from boomi_pulumi.provider import FACTS, ORIGIN, load

Bag = dict[str, Any]

UNKNOWN: str = pulumi_rpc.UNKNOWN
"""What stands on the wire for a value that a preview cannot know."""


class Clock:
    """A clock that only sleeping moves, so that no test waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds


@dataclass(frozen=True)
class Ref:
    """An output of another resource; `id` is its id."""

    name: str
    property: str = "id"


@dataclass(frozen=True)
class Resource:
    """What a program declares, by Boomi's names."""

    name: str
    kind: str
    inputs: Mapping[str, Any]

    def edited(self, **changes: Any) -> Resource:
        """Return the same resource with other inputs; None leaves one out."""
        inputs = {name: value for name, value in {**self.inputs, **changes}.items() if value is not None}
        return Resource(self.name, self.kind, inputs)


@dataclass
class Stored:
    """One resource in a state file."""

    kind: str
    id: str
    inputs: Bag
    outputs: Bag


@dataclass
class State:
    """A state file: resources by name, and replaced ones that wait for their deletion."""

    resources: dict[str, Stored] = field(default_factory=dict)
    replaced: list[Stored] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """What was done, or would be done, to one resource."""

    act: str
    name: str
    changed: tuple[str, ...] = ()


class CheckFailed(Exception):
    """`check` refused inputs."""

    def __init__(self, name: str, failures: Mapping[str, str]) -> None:
        super().__init__(f"{name}: {dict(failures)}")
        self.failures = dict(failures)


class PluginError(Exception):
    """The plugin aborted a call; `text` is what the engine would print."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class _Context:
    """The part of a gRPC context that the servicer uses."""

    def abort(self, code: object, details: str) -> NoReturn:
        raise PluginError(details)


@cache
def _servicer_code() -> CodeType:
    """Return the SDK's plugin without its last statement.

    That statement is `main()`, unguarded: it opens a port and waits for ever, so the module cannot be
    imported. The rest is compiled from the SDK's own file, unchanged.
    """
    spec = importlib.util.find_spec("pulumi.dynamic.__main__")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    last = tree.body.pop()
    assert ast.unparse(last) == "main()", "the SDK's plugin no longer ends with main()"
    return compile(tree, spec.origin, "exec")


def _new_servicer() -> Any:
    """Return a servicer with a provider cache of its own, as a new process has."""
    namespace: Bag = {"__name__": "pulumi.dynamic.__main__"}
    exec(_servicer_code(), namespace)  # noqa: S102 - the SDK's own source, see _servicer_code
    return namespace["DynamicResourceProviderServicer"]()


@cache
def provider_string(kind: str) -> str:
    """Return what a program sends as `__provider`."""
    return str(serialize_provider(load(kind)))


def config_of(env: Mapping[str, str], **more: str) -> dict[str, str]:
    """Return stack configuration from the environment variables that an emulator names."""
    known = {setting.name: env[setting.env] for setting in SETTINGS if setting.env in env}
    return {f"boomi:{name}": value for name, value in {**known, "rateLimit": "0", **more}.items()}


class Driver:
    """One engine run after another, each with a plugin process of its own, as far as a process can be told.

    Args:
        env: Where the account is: the emulator's `env`.
        state: What earlier runs left.
        project: Part of the origin mark.
        stack: Part of the origin mark.
        more: Further settings by name, such as `originMark="false"`.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        state: State | None = None,
        *,
        project: str = "shop",
        stack: str = "test",
        **more: str,
    ) -> None:
        self.state = state or State()
        self.project, self.stack = project, stack
        self.config = config_of(env, **more)
        self.settings = Settings.load(lambda name: self.config.get(f"boomi:{name}"), {})
        self.account = self.settings.account  # what the program says; the plugin has settings of its own
        self.clock = Clock()
        self.client = Client(self.settings, sleep=self.clock.sleep, clock=self.clock.time, draw=lambda: 1.0)
        self._servicer: Any = None
        self._program_facts: dict[tuple[str, str], Bag] = {}
        self.new_process()

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def __enter__(self) -> Driver:  # noqa: PYI034 - Self is not in Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def new_process(self) -> None:
        """Start a new plugin process; every run begins with one."""
        self._servicer = _new_servicer()
        self._servicer.Configure(provider_pb2.ConfigureRequest(args=_struct(self.config)), _Context())

    # -- what a person runs ----------------------------------------------------------------------

    def preview(self, *program: Resource) -> list[Step]:
        """Check and diff, and tell what would be done."""
        return self._run(program, preview=True)

    def up(self, *program: Resource) -> list[Step]:
        """Bring the account to what the program declares; what was done stays in the state after an error."""
        return self._run(program, preview=False)

    def destroy(self) -> list[Step]:
        """Delete everything; runs no program."""
        self.new_process()
        return [*self._delete_replaced(), *self._delete_all(list(self.state.resources))]

    def refresh(self) -> list[Step]:
        """Read everything, and let what is read replace inputs and outputs."""
        self.new_process()
        steps = []
        for name, stored in list(self.state.resources.items()):
            found = self.read(stored)
            if found is None:
                del self.state.resources[name]
                steps.append(Step("gone", name))
                continue
            changed = tuple(sorted(_changed(stored, found)))
            self.state.resources[name] = found
            steps.append(Step("changed" if changed else "same", name, changed))
        return steps

    # -- the plugin's verbs ----------------------------------------------------------------------

    def check(self, name: str, kind: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Bag:
        """Return the checked inputs.

        Raises:
            CheckFailed: There were failures.
        """
        news = {**news, "__provider": provider_string(kind)}
        request = provider_pb2.CheckRequest(urn=self._urn(name, kind), olds=_struct(olds), news=_serialized(news))
        answer = self._call("Check", request)
        if answer.failures:
            raise CheckFailed(name, {each.property: each.reason for each in answer.failures})
        return _bag(answer.inputs)

    def diff(self, name: str, stored: Stored, news: Mapping[str, Any]) -> Any:
        """Return the plugin's DiffResponse."""
        request = provider_pb2.DiffRequest(
            id=stored.id,
            urn=self._urn(name, stored.kind),
            olds=_struct(stored.outputs),
            news=_struct(news),
            old_inputs=_struct(stored.inputs),
        )
        return self._call("Diff", request)

    def create(self, name: str, kind: str, inputs: Bag) -> Stored:
        """Return what was created."""
        request = provider_pb2.CreateRequest(urn=self._urn(name, kind), properties=_struct(inputs))
        answer = self._call("Create", request)
        return Stored(kind, answer.id, inputs, _bag(answer.properties))

    def read(self, stored: Stored) -> Stored | None:
        """Return what is there now, None where it is gone."""
        request = provider_pb2.ReadRequest(
            id=stored.id, urn="", properties=_struct(stored.outputs), inputs=_struct(stored.inputs)
        )
        answer = self._call("Read", request)
        if not answer.id:
            return None
        inputs = _bag(answer.inputs) if answer.HasField("inputs") else stored.inputs
        return Stored(stored.kind, answer.id, inputs, _bag(answer.properties))

    def delete(self, stored: Stored) -> None:
        """Delete one."""
        self._call("Delete", provider_pb2.DeleteRequest(id=stored.id, urn="", properties=_struct(stored.outputs)))

    # -- inside ----------------------------------------------------------------------------------

    def _call(self, verb: str, request: Any) -> Any:
        with self._one_process():
            answer = getattr(self._servicer, verb)(type(request).FromString(request.SerializeToString()), _Context())
        return type(answer).FromString(answer.SerializeToString())

    @contextmanager
    def _one_process(self) -> Iterator[None]:
        """Give the plugin what a process has of its own: its client of the account, and sys.tracebacklimit."""
        limit = getattr(sys, "tracebacklimit", None)
        inside = self.settings in client_module._CLIENTS  # a call of the plugin within a call
        client_module._CLIENTS[self.settings] = self.client
        try:
            yield
        finally:
            if not inside:
                del client_module._CLIENTS[self.settings]
            if limit is not None:
                sys.tracebacklimit = limit
            elif hasattr(sys, "tracebacklimit"):
                del sys.tracebacklimit

    def _urn(self, name: str, kind: str) -> str:
        return f"urn:pulumi:{self.stack}::{self.project}::pulumi-python:dynamic/boomi:{kind}::{name}"

    def _run(self, program: Sequence[Resource], *, preview: bool) -> list[Step]:
        self.new_process()
        self._collect_facts(program)
        known: dict[str, Bag | None] = {}
        steps = [self._one(resource, known, preview=preview) for resource in program]
        leftover = [name for name in self.state.resources if name not in {each.name for each in program}]
        if preview:
            return steps + [Step("delete", name) for name in reversed(leftover)]
        return [*steps, *self._delete_replaced(), *self._delete_all(leftover)]

    def _one(self, resource: Resource, known: dict[str, Bag | None], *, preview: bool) -> Step:
        name, kind = resource.name, resource.kind
        props = self._props(resource, known, preview=preview)
        old = self.state.resources.get(name)
        inputs = self.check(name, kind, old.inputs if old else {}, props)
        act: str = "create"
        changed: tuple[str, ...] = ()
        if old is not None:
            answer = self.diff(name, old, inputs)
            changed = tuple(answer.replaces)
            some = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
            act = "replace" if changed else "update" if some else "same"
        if act == "replace":
            # A replacement keeps nothing of the old one, so the engine checks without olds.
            inputs = self.check(name, kind, {}, props)
        if preview:
            visible = {key: value for key, value in props.items() if not key.startswith("__")}
            if old is None or act == "replace":
                known[name] = visible
            else:
                known[name] = {**(old.outputs if act == "same" else visible), "id": old.id}
            return Step(act, name, changed)
        if act == "same" and old is not None:
            # The engine keeps the old outputs and stores the new inputs.
            self.state.resources[name] = Stored(kind, old.id, inputs, old.outputs)
        elif act == "update" and old is not None:
            request = provider_pb2.UpdateRequest(
                id=old.id, urn=self._urn(name, kind), olds=_struct(old.outputs), news=_struct(inputs)
            )
            outputs = _bag(self._call("Update", request).properties)
            self.state.resources[name] = Stored(kind, old.id, inputs, outputs)
        else:
            made = self.create(name, kind, inputs)
            if old is not None:
                self.state.replaced.append(old)
            self.state.resources[name] = made
        stored = self.state.resources[name]
        known[name] = {**stored.outputs, "id": stored.id}
        return Step(act, name, changed)

    def _delete_replaced(self) -> list[Step]:
        steps = []
        while self.state.replaced:
            self.delete(self.state.replaced[-1])
            steps.append(Step("delete replaced", self.state.replaced.pop().id))
        return steps

    def _delete_all(self, names: Sequence[str]) -> list[Step]:
        steps = []
        for name in reversed(names):
            self.delete(self.state.resources[name])
            del self.state.resources[name]
            steps.append(Step("delete", name))
        return steps

    # -- the program's side ----------------------------------------------------------------------

    def _props(self, resource: Resource, known: Mapping[str, Bag | None], *, preview: bool) -> Bag:
        def value(given: Any) -> Any:
            if isinstance(given, Ref):
                bag = known.get(given.name) or {}
                if given.property in bag:
                    return bag[given.property]
                return UNKNOWN if preview else None
            if isinstance(given, Mapping):
                return {key: value(each) for key, each in given.items()}
            if isinstance(given, list):
                return [value(each) for each in given]
            return given

        props = {key: value(each) for key, each in resource.inputs.items()}
        props[ORIGIN] = f"{self.project}/{self.stack}/{resource.name}"
        props[ACCOUNT] = self.account
        if self.settings.validate:
            facts = value(self._facts(resource))
            if resource.kind == "DeployedPackage":
                facts["supersedes"] = self._slot(props, facts)
            props[FACTS] = facts or None
        return props

    def _facts(self, resource: Resource) -> Bag:
        facts: Bag = {}
        for name, given in resource.inputs.items():
            if isinstance(given, Ref) and name == "packageId":
                # What `package=` of a DeployedPackage takes from a PackagedComponent.
                facts[name] = {
                    "id": given,
                    **{each: Ref(given.name, each) for each in KINDS["PackagedComponent"].lends},
                }
            elif name == "componentId" and "packageId" in resource.inputs:
                continue
            elif (name, _key(given)) in self._program_facts:
                facts[name] = copy.deepcopy(self._program_facts[name, _key(given)])
                branch = resource.inputs.get("branchName")
                if name == "componentId" and branch not in (None, facts[name].get("branchName")):
                    facts[name].pop("version", None)
        return facts

    def _slot(self, props: Mapping[str, Any], facts: Mapping[str, Bag]) -> Bag:
        environment = props.get("environmentId")
        component = facts.get("packageId", {}).get("componentId", props.get("componentId"))
        if not isinstance(environment, str) or not isinstance(component, str) or UNKNOWN in (environment, component):
            return {}
        return asyncio.run(Facts(self.client).slot(environment, component))

    def _collect_facts(self, program: Sequence[Resource]) -> None:
        self._program_facts = {}
        if not self.settings.validate:
            return
        facts = Facts(self.client)
        wanted = {
            (need.property, _key(given)): (getattr(facts, need.sort), given)
            for resource in program
            for need in KINDS[resource.kind].needs
            if len(need.keys) == 1
            for given in [resource.inputs.get(need.property)]
            if _is_known(given)
        }

        async def read() -> list[Bag]:
            found: list[Bag] = await asyncio.gather(*(look(given) for look, given in wanted.values()))
            return found

        if wanted:
            self._program_facts = dict(zip(wanted, asyncio.run(read()), strict=True))


def _key(given: Any) -> str:
    return given if isinstance(given, str) else repr(given)


def _is_known(given: Any) -> bool:
    """Tell whether a program can look something up by it: an id, or the rows of a release."""
    if isinstance(given, list):
        return all(
            isinstance(row, Mapping) and all(isinstance(row.get(key), str) for key in ("componentId", "version"))
            for row in given
        )
    return isinstance(given, str) and given != UNKNOWN


def _changed(old: Stored, new: Stored) -> set[str]:
    """Return what a refresh shows: outputs that differ, and inputs that got another value."""
    outputs = {key for key in {*old.outputs, *new.outputs} if old.outputs.get(key) != new.outputs.get(key)}
    inputs = {key for key in {*old.inputs} & {*new.inputs} if old.inputs[key] != new.inputs[key]}
    return {key for key in outputs | inputs if not key.startswith("__")}


def _struct(bag: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(dict(bag))
    return struct


def _serialized(bag: Mapping[str, Any]) -> struct_pb2.Struct:
    return asyncio.run(pulumi_rpc.serialize_properties(dict(bag), {}))


def _bag(struct: Any) -> Bag:
    bag: Bag = json_format.MessageToDict(struct)
    return bag
