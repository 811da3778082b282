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
import re
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, NoReturn

import pulumi.runtime.rpc as pulumi_rpc
from google.protobuf import json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2

from boomi_pulumi._api import client as client_module
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.settings import SETTINGS, Settings
from boomi_pulumi._bags import inward
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import SECRETS, has_unknown
from boomi_pulumi._lifecycle.kind import Need
from boomi_pulumi._lifecycle.leftovers import DELETES
from boomi_pulumi._lifecycle.lifecycle import ACCOUNT
from boomi_pulumi._lifecycle.origin import origin_of
from boomi_pulumi._python.dynamic import FACTS, ORIGIN, PARENT
from boomi_pulumi._reads.facts import Facts, Told, wanted
from boomi_pulumi.provider import load

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
    """What a program declares, by Boomi's names.

    `retain` is the option `retain_on_delete`, `parent` a class; `secrets` are the inputs that it gives as secrets.
    """

    name: str
    kind: str
    inputs: Mapping[str, Any]
    retain: bool = False
    parent: str | None = None
    secrets: frozenset[str] = frozenset()

    def edited(self, **changes: Any) -> Resource:
        """Return the same resource with other inputs; None leaves one out."""
        inputs = {name: value for name, value in {**self.inputs, **changes}.items() if value is not None}
        return replace(self, inputs=inputs)


@dataclass
class Stored:
    """One resource in a state file."""

    kind: str
    id: str
    inputs: Bag
    outputs: Bag
    retain: bool = False
    name: str = ""


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


_KEY, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


def secret(value: Any) -> Bag:
    """Return a value as the engine marks a secret."""
    return {_KEY: _SECRET, "value": value}


def is_marked(value: Any) -> bool:
    """Tell whether a value is marked as a secret."""
    return isinstance(value, Mapping) and value.get(_KEY) == _SECRET


def unmarked(value: Any) -> Any:
    """Return a value without marks of secrets, as the engine gives it to a provider that takes none."""
    if isinstance(value, Mapping):
        inner = value["value"] if is_marked(value) else None
        return unmarked(inner) if is_marked(value) else {name: unmarked(each) for name, each in value.items()}
    return [unmarked(each) for each in value] if isinstance(value, (list, tuple)) else value


_FAILURE = re.compile(r"(?P<property>[A-Za-z_][\w.\[\]]*)(?: (?:\".*?\"|\S+))?: (?P<reason>.*)")


def failures_of(answer: Any) -> dict[str, str]:
    """Return property -> reason of what a check refused. No failure names one: the engine would print its value."""
    found: dict[str, str] = {}
    for each in answer.failures:
        assert each.property == "", each
        told = _FAILURE.fullmatch(each.reason)
        found.update({told["property"]: told["reason"]} if told else {"": each.reason})
    return found


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

    Attributes:
        state: What the runs left.
        shown: What the last check made of each resource's inputs, which is what a preview shows.
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
        self.shown: dict[str, Bag] = {}
        self._program: dict[str, Resource] = {}
        self._program_facts: dict[tuple[Need, str], Bag | None] = {}
        self.new_process()

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def __enter__(self) -> Driver:  # noqa: PYI034 - Self is not in Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def new_process(self) -> None:
        """Start a new plugin process, which has seen nothing yet; every run begins with one."""
        self.forget()
        self._servicer = _new_servicer()
        self._servicer.Configure(provider_pb2.ConfigureRequest(args=struct_of(self.config)), _Context())

    def forget(self) -> None:
        """Let the client know no more of the account than that of a new process does."""
        self.client.new_run()

    # -- what a person runs ----------------------------------------------------------------------

    def preview(self, *program: Resource) -> list[Step]:
        """Check and diff, and tell what would be done."""
        return self._run(program, preview=True)

    def up(self, *program: Resource, targets: Collection[str] | None = None) -> list[Step]:
        """Bring the account to what the program declares; what was done stays in the state after an error.

        Args:
            program: The program.
            targets: The names of the resources that are worked on, as with `--target`; None for all.
        """
        return self._run(program, preview=False, targets=targets)

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
        """Return the checked inputs; what a program always sends is added, unless it is given, as None too.

        Raises:
            CheckFailed: There were failures.
        """
        news = {ORIGIN: self._origin(name), **news, "__provider": provider_string(kind)}
        request = provider_pb2.CheckRequest(urn=self._urn(name, kind), olds=struct_of(olds), news=_serialized(news))
        answer = self.call("Check", request)
        if answer.failures:
            raise CheckFailed(name, failures_of(answer))
        return bag_of(answer.inputs)

    def diff(self, name: str, stored: Stored, news: Mapping[str, Any]) -> Any:
        """Return the plugin's DiffResponse."""
        request = provider_pb2.DiffRequest(
            id=stored.id,
            urn=self._urn(name, stored.kind),
            olds=struct_of(stored.outputs),
            news=struct_of(news),
            old_inputs=struct_of(stored.inputs),
        )
        return self.call("Diff", request)

    def create(self, name: str, kind: str, inputs: Bag) -> Stored:
        """Return what was created."""
        request = provider_pb2.CreateRequest(urn=self._urn(name, kind), properties=struct_of(inputs))
        answer = self.call("Create", request)
        return Stored(kind, answer.id, inputs, bag_of(answer.properties), name=name)

    def read(self, stored: Stored) -> Stored | None:
        """Return what is there now, None where it is gone."""
        request = provider_pb2.ReadRequest(
            id=stored.id, urn="", properties=struct_of(stored.outputs), inputs=struct_of(stored.inputs)
        )
        answer = self.call("Read", request)
        if not answer.id:
            return None
        inputs = bag_of(answer.inputs) if answer.HasField("inputs") else stored.inputs
        return Stored(stored.kind, answer.id, inputs, bag_of(answer.properties), name=stored.name)

    def delete(self, stored: Stored) -> None:
        """Delete one, unless it is to be retained."""
        if stored.retain:
            return
        self.call("Delete", provider_pb2.DeleteRequest(id=stored.id, urn="", properties=struct_of(stored.outputs)))

    # -- inside ----------------------------------------------------------------------------------

    def call(self, verb: str, request: Any) -> Any:
        """Let the plugin answer a request; the SDK's takes no marks of secrets."""
        for field_, value in request.ListFields():
            if isinstance(value, struct_pb2.Struct):
                getattr(request, field_.name).CopyFrom(struct_of(unmarked(bag_of(value))))
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

    def _origin(self, name: str) -> str:
        parent = getattr(self._program.get(name), "parent", None)
        return origin_of(self.project, self.stack, name, f"shop:index:{parent}" if parent else None)

    def _run(self, program: Sequence[Resource], *, preview: bool, targets: Collection[str] | None = None) -> list[Step]:
        self.new_process()
        self._collect_facts(program)
        known: dict[str, Bag | None] = {}
        for name, stored in self.state.resources.items() if targets is not None else ():
            known[name] = {**stored.outputs, "id": stored.id}
        aimed = [each for each in program if targets is None or each.name in targets]
        steps = [self._one(resource, known, preview=preview) for resource in aimed]
        for resource in aimed if not preview else ():
            self.state.resources[resource.name].retain = getattr(resource, "retain", False)
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
        self.shown[name] = visible = {key: value for key, value in inputs.items() if not key.startswith("__")}
        if preview:
            if old is None or act == "replace":
                known[name] = visible
            else:
                known[name] = {**(old.outputs if act == "same" else visible), "id": old.id}
            return Step(act, name, changed)
        if act == "same" and old is not None:
            # The engine keeps the old outputs and stores the new inputs.
            self.state.resources[name] = Stored(kind, old.id, inputs, old.outputs, name=name)
        elif act == "update" and old is not None:
            request = provider_pb2.UpdateRequest(
                id=old.id, urn=self._urn(name, kind), olds=struct_of(old.outputs), news=struct_of(inputs)
            )
            outputs = bag_of(self.call("Update", request).properties)
            self.state.resources[name] = Stored(kind, old.id, inputs, outputs, name=name)
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

        given = {key: value(each) for key, each in self._named(resource).items()}
        props: Bag = unmarked(given)
        secrets = {*getattr(resource, "secrets", ()), *(key for key in given if is_marked(given[key]))}
        props[SECRETS] = sorted(secrets) or None
        props[ORIGIN] = self._origin(resource.name)
        # The laws of `boomi-pulumi live` have resources of their own, without options.
        props[PARENT] = getattr(resource, "parent", None)
        props[DELETES] = None if getattr(resource, "retain", False) else True
        props[ACCOUNT] = self.account
        if self.settings.validate:
            props[FACTS] = self._facts(resource, lambda each: unmarked(value(each))) or None
        return props

    def _facts(self, resource: Resource, value: Callable[[Any], Any]) -> Bag:
        """Return what the account says, as the program does; what it could not know at its start is read now."""
        facts: Bag = value(self._lent(resource)[0])
        for need, keys, beside in self._wanted(resource):
            values = [_told(facts.get(key.property), key.fact) if isinstance(key, Told) else value(key) for key in keys]
            values += map(value, beside)
            if has_unknown(inward({"": values})):
                facts[need.property] = UNKNOWN
                continue
            if (need, repr(values)) not in self._program_facts:
                self._program_facts[need, repr(values)] = asyncio.run(_look(self._read_by(), need, values))
            facts[need.property] = copy.deepcopy(self._program_facts[need, repr(values)])
        return facts

    def _read_by(self) -> Facts:
        """Return what is known of the account, and of what the program itself packages."""
        facts = Facts(self.client)
        for each in self._program.values():
            facts.declare(KINDS[each.kind], each.inputs)
        return facts

    def _wanted(self, resource: Resource) -> Iterator[tuple[Need, list[Any], list[Any]]]:
        lent, known = self._lent(resource)
        return wanted(KINDS[resource.kind], resource.inputs, lent, known)

    def _sources(self, resource: Resource) -> Iterator[tuple[Need, Resource]]:
        """Tell which resources of the program the inputs of one name by their ids."""
        for need in KINDS[resource.kind].needs:
            given = resource.inputs.get(need.property)
            lender = self._program.get(given.name) if isinstance(given, Ref) else None
            is_id = isinstance(given, Ref) and given.property in ("id", need.property)
            if lender is not None and is_id and KINDS[lender.kind].fact == need.fact:
                yield need, lender

    def _named(self, resource: Resource) -> Bag:
        """Return inputs that name other resources by the output that a preview may know, as the program does."""
        outputs = {need.property: Ref(lender.name, need.property) for need, lender in self._sources(resource)}
        return {**resource.inputs, **outputs}

    def _lent(self, resource: Resource) -> tuple[Bag, Bag]:
        """Return the facts that other resources of the program lend, and the keys that they declare."""
        facts: Bag = {}
        known: Bag = {}
        for need, lender in self._sources(resource):
            lends = {each: Ref(lender.name, each) for each in KINDS[lender.kind].known_early}
            facts[need.property] = {"id": Ref(lender.name), **lends}
            known |= lender.inputs
        return facts, known

    def _collect_facts(self, program: Sequence[Resource]) -> None:
        """Read together what is known when the program starts."""
        self._program = {each.name: each for each in program}
        self._program_facts = {}
        if not self.settings.validate:
            return
        facts = self._read_by()
        told: dict[str, Bag] = {each.name: {} for each in program}

        def ready() -> list[tuple[str, Need, list[Any]]]:
            found = []
            for resource in program:
                bag = told[resource.name]
                for need, keys, beside in self._wanted(resource):
                    here = not any(isinstance(key, Told) and key.property not in bag for key in keys)
                    if need.property not in bag and here and all(map(_is_known, keys + beside)):
                        values = [_told(bag[key.property], key.fact) if isinstance(key, Told) else key for key in keys]
                        found.append((resource.name, need, values + beside))
            return found

        async def read() -> None:
            # In rounds, so that the same program makes the same requests, however long each of them takes.
            while wanted := ready():
                answers = await asyncio.gather(*(_look(facts, need, values) for _, need, values in wanted))
                for (name, need, values), fact in zip(wanted, answers, strict=True):
                    told[name][need.property] = self._program_facts[need, repr(values)] = fact

        asyncio.run(read())


def _told(fact: Any, name: str) -> Any:
    return UNKNOWN if fact == UNKNOWN else (fact or {}).get(name)


async def _look(facts: Facts, need: Need, values: list[Any]) -> Bag | None:
    keys = len(need.keys)
    return await facts.of(need, values[:keys], values[keys:])


def _is_known(given: Any) -> bool:
    """Tell whether a program knows a value when it starts."""
    if isinstance(given, Mapping):
        return all(map(_is_known, given.values()))
    if isinstance(given, list):
        return all(map(_is_known, given))
    return not isinstance(given, Ref) and given != UNKNOWN


def _changed(old: Stored, new: Stored) -> set[str]:
    """Return what a refresh shows: outputs that differ, and inputs that got another value."""
    outputs = {key for key in {*old.outputs, *new.outputs} if old.outputs.get(key) != new.outputs.get(key)}
    inputs = {key for key in {*old.inputs} & {*new.inputs} if old.inputs[key] != new.inputs[key]}
    return {key for key in outputs | inputs if not key.startswith("__")}


def struct_of(bag: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(dict(bag))
    return struct


def _serialized(bag: Mapping[str, Any]) -> struct_pb2.Struct:
    return asyncio.run(pulumi_rpc.serialize_properties(dict(bag), {}))


def bag_of(struct: Any) -> Bag:
    bag: Bag = json_format.MessageToDict(struct)
    return bag
