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
import importlib.util
import json
import re
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from types import CodeType
from typing import Any, NoReturn, TypeVar

import pulumi.runtime.rpc as pulumi_rpc
from google.protobuf import json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2

from boomi_pulumi._api.client import LINGER, Client, new_process
from boomi_pulumi._api.settings import SETTINGS, Settings
from boomi_pulumi._bags import outward, value_in
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import PROGRAM, SECRETS
from boomi_pulumi._lifecycle.fields import UNKNOWN as LATER
from boomi_pulumi._lifecycle.origin import origin_of
from boomi_pulumi._lifecycle.run import DELETES
from boomi_pulumi._lifecycle.seen import Found, encoded, reads
from boomi_pulumi._lifecycle.states import ACCOUNT
from boomi_pulumi._python.dynamic import FACTS, ORIGIN, PARENT
from boomi_pulumi._reads.account import Account
from boomi_pulumi._reads.plan import lends, see
from boomi_pulumi.provider import load

Bag = dict[str, Any]
T = TypeVar("T")
U = TypeVar("U")

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

    `retain` is the option `retain_on_delete`, `parent` a class; `secrets` are the inputs that it gives as secrets, or
    the paths of values in their maps, joined by "/".
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


_FAILURE = re.compile(r"(?P<property>[A-Za-z_](?:[\w.]|\[(?:\d+|\".*?\")\])*)(?: (?:\".*?\"|\S+))?: (?P<reason>.*)")


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


class _Meeting(Client):
    """A client that waits for all who work at once, where it would linger for a moment: as if Boomi were slow.

    So the same program sends the same requests, however busy the machine is.
    """

    def __init__(self, settings: Settings, **options: Any) -> None:
        sleep = options.pop("sleep")
        super().__init__(
            settings, sleep=lambda seconds: self._meet() if seconds == LINGER else sleep(seconds), **options
        )
        self._met = threading.Condition()
        self._working = 0
        self._asking: Counter[tuple[str, str]] = Counter()

    def working(self, work: Callable[[T], U], given: T) -> U:
        """Return what work makes of something, and count who works meanwhile."""
        self._count(1)
        try:
            return work(given)
        finally:
            self._count(-1)

    def together(self, name: str, read: Callable[[Sequence[str]], Mapping[str, T]], id: str) -> T:
        """Note who waits for the answer to a read that others share, until it is there."""

        def answered(ids: Sequence[str]) -> Mapping[str, T]:
            try:
                return read(ids)
            finally:
                with self._met:
                    for each in ids:
                        del self._asking[name, each]

        with self._met:
            self._asking[name, id] += 1
            self._met.notify_all()
        return super().together(name, answered, id)

    def _count(self, working: int) -> None:
        with self._met:
            self._working += working
            self._met.notify_all()

    def _meet(self) -> None:
        with self._met:
            met = self._met.wait_for(lambda: sum(self._asking.values()) >= self._working, timeout=30)
            assert met, "somebody works, and asks nothing"


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
        told: What the last program had learnt of each resource from the account.
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
        self.at_once = 1
        self.state = state or State()
        self.project, self.stack = project, stack
        self.config = config_of(env, **more)
        self.settings = Settings.load(lambda name: self.config.get(f"boomi:{name}"), {})
        self.account = self.settings.account  # what the program says; the plugin has settings of its own
        self.clock = Clock()
        self.client = self._connected(Client)
        self._servicer: Any = None
        self.shown: dict[str, Bag] = {}
        self.told: dict[str, Bag] = {}
        self._program: dict[str, Resource] = {}
        self._done: defaultdict[str, asyncio.Future[Bag]]
        self._seeing: dict[str, asyncio.Future[Bag]] = {}
        self.new_process()

    def work_at_once(self, many: int) -> None:
        """Work on so many resources at the same time, as the engine does; checks come one after another, as its do."""
        self.client.close()
        self.at_once, self.client = many, self._connected(_Meeting)

    def _connected(self, made: Callable[..., Client]) -> Client:
        return made(self.settings, sleep=self.clock.sleep, clock=self.clock.time, draw=lambda: 1.0)

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
        there = list(self.state.resources.items())
        for (name, stored), found in zip(there, self._at_once(self.read, [each for _, each in there]), strict=True):
            if found is None:
                del self.state.resources[name]
                steps.append(Step("gone", name))
                continue
            changed = tuple(sorted(_changed(stored, found)))
            self.diff(name, found, stored.inputs)  # as the engine does: what was read is the old side
            self.state.resources[name] = found
            steps.append(Step("changed" if changed else "same", name, changed))
        return steps

    # -- the plugin's verbs ----------------------------------------------------------------------

    def check(self, name: str, kind: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Bag:
        """Return the checked inputs; what a program always sends is added, unless it is given, as None too.

        Raises:
            CheckFailed: There were failures.
        """
        news = {ORIGIN: self._origin(name), **news}
        sent = {each: news.pop(each) for each in (FACTS, SECRETS, ACCOUNT, ORIGIN, PARENT, DELETES) if each in news}
        news |= {PROGRAM: json.dumps(sent), "__provider": provider_string(kind)}
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
        with _own_tracebacks(), new_process(self.client):
            yield

    def _urn(self, name: str, kind: str) -> str:
        return f"urn:pulumi:{self.stack}::{self.project}::pulumi-python:dynamic/boomi:{kind}::{name}"

    def _origin(self, name: str) -> str:
        parent = getattr(self._program.get(name), "parent", None)
        return origin_of(self.project, self.stack, name, f"shop:index:{parent}" if parent else None)

    def _run(self, program: Sequence[Resource], *, preview: bool, targets: Collection[str] | None = None) -> list[Step]:
        self.new_process()
        self._begin(program)
        try:
            return self._register(program, preview=preview, targets=targets)
        finally:
            self._end()

    def _register(self, program: Sequence[Resource], *, preview: bool, targets: Collection[str] | None) -> list[Step]:
        known: dict[str, Bag | None] = {}
        for name, stored in self.state.resources.items() if targets is not None else ():
            known[name] = {**stored.outputs, "id": stored.id}
        aimed = [each for each in program if targets is None or each.name in targets]
        steps = [step for wave in self._waves(aimed) for step in self._wave(wave, known, preview=preview)]
        for resource in aimed if not preview else ():
            self.state.resources[resource.name].retain = getattr(resource, "retain", False)
        leftover = [name for name in self.state.resources if name not in {each.name for each in program}]
        if preview:
            return steps + [Step("delete", name) for name in reversed(leftover)]
        return [*steps, *self._delete_replaced(), *self._delete_all(leftover)]

    def _waves(self, program: Sequence[Resource]) -> Iterator[list[Resource]]:
        """Yield what is worked on at once: resources that follow one another and name none of the same wave."""
        wave: list[Resource] = []
        for each in program:
            if len(wave) == self.at_once or not {one.name for one in wave}.isdisjoint(_refs(each.inputs)):
                yield wave
                wave = []
            wave.append(each)
        yield wave

    def _wave(self, wave: Sequence[Resource], known: dict[str, Bag | None], *, preview: bool) -> list[Step]:
        judged = [(each, *self._judge(each, known, preview=preview)) for each in wave]
        if not preview:
            for resource, _ in zip(wave, self._at_once(lambda each: self._carry_out(*each), judged), strict=True):
                stored = self.state.resources[resource.name]
                known[resource.name] = {**stored.outputs, "id": stored.id}
        return [step for _, step, _ in judged]

    def _at_once(self, work: Callable[[T], U], given: Sequence[T]) -> list[U]:
        """Return what work makes of each, so many at the same time as the engine would."""
        if not isinstance(self.client, _Meeting):
            return [work(each) for each in given]
        with _own_tracebacks(), ThreadPoolExecutor(self.at_once) as pool:
            return list(pool.map(partial(self.client.working, work), given))

    def _judge(self, resource: Resource, known: dict[str, Bag | None], *, preview: bool) -> tuple[Step, Bag]:
        """Check and diff; return what would be done, and the checked inputs."""
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
        return Step(act, name, changed), inputs

    def _carry_out(self, resource: Resource, step: Step, inputs: Bag) -> None:
        """Do what a step says, and note it in the state."""
        name, kind, act = resource.name, resource.kind, step.act
        old = self.state.resources.get(name)
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
            props[FACTS] = self._answers(resource.name, known) or None
        return props

    def _lenders(self, resource: Resource) -> Iterator[tuple[str, Resource]]:
        """Tell which resources of the program the inputs of one name by their ids."""
        for each in reads(KINDS[resource.kind].seen):
            given = resource.inputs.get(each.property)
            lender = self._program.get(given.name) if isinstance(given, Ref) else None
            if lender is not None and lends(each, KINDS[lender.kind], given.property):  # type: ignore[union-attr]
                yield each.property, lender

    def _named(self, resource: Resource) -> Bag:
        """Return inputs that name other resources by the output that a preview may know, as the program does."""
        return {**resource.inputs, **{name: Ref(each.name, name) for name, each in self._lenders(resource)}}

    def _see(self, resource: Resource, account: Account) -> Coroutine[Any, Any, Bag]:
        """Return what the account and the program say, as the program asks; it awaits what other resources become."""
        lent: dict[str, Found[Any]] = {}
        early: Bag = {}
        for name, lender in self._lenders(resource):
            kind = KINDS[lender.kind]
            told = {each: Ref(lender.name, each) for each in getattr(kind, "lent", ())}
            lent[name] = Found(None, {"id": Ref(lender.name), **told}, key=Ref(lender.name))
            early |= {each: lender.inputs[each] for each in told if each in lender.inputs}

        async def value(given: Any) -> Any:
            if isinstance(given, Ref):
                bag = await self._done[given.name]
                return value_in(unmarked(bag[given.property])) if given.property in bag else LATER
            if isinstance(given, Mapping):
                return {key: await value(each) for key, each in unmarked(given).items()}
            if isinstance(given, list):
                return [await value(each) for each in given]
            return value_in(given)

        return see(KINDS[resource.kind], resource.inputs, account, lent, early, value=value)

    def _begin(self, program: Sequence[Resource]) -> None:
        """Begin to read what the resources name, as a program does when it starts."""
        self._program = {each.name: each for each in program}
        self._reading = asyncio.new_event_loop()
        self._done = defaultdict(self._reading.create_future)
        if self.settings.validate:
            self._reading.run_until_complete(self._read_first(program))

    async def _read_first(self, program: Sequence[Resource]) -> None:
        account = Account(self.client, carry_out=_at_once)
        for each in program:
            account.declare(KINDS[each.kind], each.inputs)
        self._seeing = {each.name: asyncio.ensure_future(self._see(each, account)) for each in program}
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    def _answers(self, name: str, known: Mapping[str, Bag | None]) -> Bag:
        """Return what the program has learnt of a resource by the time that it is registered."""
        for other, future in self._done.items():
            # What comes after it, or is no target, nobody knows.
            if not future.done() and (other in known or other in _refs(self._program[name].inputs)):
                future.set_result(known.get(other) or {})
        found = self._reading.run_until_complete(self._seeing[name])
        self.told[name] = outward({each: encoded(answer) for each, answer in found.items()})
        return self.told[name]

    def _end(self) -> None:
        """End the reads of resources that a run did not come to."""
        for each in self._seeing.values():
            each.cancel()
        if self._seeing:
            self._reading.run_until_complete(asyncio.wait(self._seeing.values()))
        for each in self._seeing.values():
            _ = each.cancelled() or each.exception()  # asyncio tells of exceptions that nobody has looked at
        self._reading.close()
        self._seeing = {}


@contextmanager
def _own_tracebacks() -> Iterator[None]:
    """Leave sys.tracebacklimit, which the SDK's plugin sets, as it was."""
    limit = getattr(sys, "tracebacklimit", None)
    try:
        yield
    finally:
        if limit is not None:
            sys.tracebacklimit = limit
        elif hasattr(sys, "tracebacklimit"):
            del sys.tracebacklimit


_TURNS = 100
"""Turns of the event loop after which all that can be read at a program's start is read."""


async def _at_once(read: Callable[..., Any], *given: Any) -> Any:
    """Carry out a read in this thread, so that the same program makes the same requests in the same order."""
    return read(*given)


def _refs(value: Any) -> set[str]:
    """Return the names of the resources that inputs refer to."""
    if isinstance(value, Mapping):
        return {name for each in value.values() for name in _refs(each)}
    if isinstance(value, list):
        return {name for each in value for name in _refs(each)}
    return {value.name} if isinstance(value, Ref) else set()


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
