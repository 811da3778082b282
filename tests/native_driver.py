"""The same small engine over the native plugin: what `tests/driver.py` does around a dynamic provider.

Nothing hidden travels with the inputs, and nobody but the plugin asks the account: a reference to another resource
arrives as such, by URN. Everything passes through protobuf.

    driver = NativeDriver(emulator.env)
    driver.up(Resource("one", "PackagedComponent", {"componentId": …}))
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection, Coroutine, Mapping, Sequence
from typing import Any, NoReturn

from pulumi.runtime.proto import provider_pb2

from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import rules
from boomi_pulumi.native.references import TOKEN, referred
from boomi_pulumi.native.servicer import Servicer
from tests.driver import (
    UNKNOWN,
    Bag,
    CheckFailed,
    Driver,
    PluginError,
    Ref,
    Resource,
    Stored,
    T,
    bag_of,
    failures_of,
    secret,
    struct_of,
)

_SIGNATURE, _REFERENCE = "4dabf18193072939515e22adb298388d", "5cf8f73096256a8f31e491e813e4eb8e"


class _Context:
    """The part of a gRPC context that the servicer uses."""

    async def abort(self, code: object, details: str) -> NoReturn:
        raise PluginError(details)


def _with_marks(given: Any, path: str, secrets: Collection[str]) -> Any:
    """Return a value with the marks of what is a secret in it."""
    if path in secrets:
        return secret(given)
    if isinstance(given, Mapping) and any(each.startswith(f"{path}/") for each in secrets):
        return {name: _with_marks(each, f"{path}/{name}", secrets) for name, each in given.items()}
    return given


class NativeDriver(Driver):
    """One engine run after another, each with a native plugin of its own."""

    def new_process(self) -> None:
        """Start a new plugin, which has seen nothing yet."""
        self.close_plugin()
        self.forget()
        self._loop = asyncio.new_event_loop()
        self._running = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._running.start()
        self._servicer = Servicer()
        self.call("Configure", provider_pb2.ConfigureRequest(variables=self._variables()))

    def close_plugin(self) -> None:
        """End the plugin, if there is one."""
        loop: asyncio.AbstractEventLoop | None = getattr(self, "_loop", None)
        if loop is not None:
            self._servicer._threads.shutdown()
            loop.call_soon_threadsafe(loop.stop)
            self._running.join()
            loop.close()
            del self._loop

    def close(self) -> None:
        """Close the plugin and the connections."""
        self.close_plugin()
        super().close()

    def call(self, verb: str, request: Any) -> Any:
        """Let the plugin answer a request."""
        return self.call_at_once(verb, [request])[0]

    def call_at_once(self, verb: str, requests: Sequence[Any]) -> list[Any]:
        """Let the plugin answer requests that come at the same time."""
        answer = getattr(self._servicer, verb)
        came = [type(each).FromString(each.SerializeToString()) for each in requests]

        async def all_() -> list[Any]:
            return await asyncio.gather(*(answer(each, _Context()) for each in came))

        with self._one_process():
            answers = self.await_(all_())
        return [type(each).FromString(each.SerializeToString()) for each in answers]

    def await_(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what some work on the plugin's loop returns."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def check_new(self, program: Sequence[Resource], at_once: int = 1) -> list[Bag]:
        """Return what the checks of new resources return in a plugin of their own, so many at the same time."""
        self.new_process()
        self._begin(program)
        known: dict[str, Bag | None] = {}
        for start in range(0, len(program), at_once):
            part = program[start : start + at_once]
            requests = [
                provider_pb2.CheckRequest(
                    urn=self._urn(each.name, each.kind), news=struct_of(self._props(each, known, preview=True))
                )
                for each in part
            ]
            for resource, answer in zip(part, self.call_at_once("Check", requests), strict=True):
                if answer.failures:
                    raise CheckFailed(resource.name, failures_of(answer))
                known[resource.name] = bag_of(answer.inputs)
        return [known[each.name] or {} for each in program]

    def check(self, name: str, kind: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Bag:
        """Return the checked inputs.

        Raises:
            CheckFailed: There were failures.
        """
        given = {each: value for each, value in news.items() if not each.startswith("__")}
        request = provider_pb2.CheckRequest(urn=self._urn(name, kind), olds=struct_of(olds), news=struct_of(given))
        answer = self.call("Check", request)
        if answer.failures:
            raise CheckFailed(name, failures_of(answer))
        return bag_of(answer.inputs)

    def read(self, stored: Stored) -> Stored | None:
        """Return what is there now, None where it is gone."""
        answer = self.call("Read", self.read_request(stored))
        if not answer.id:
            return None
        return Stored(stored.kind, answer.id, bag_of(answer.inputs), bag_of(answer.properties), name=self._name(stored))

    def read_request(self, stored: Stored) -> Any:
        """Return what the engine sends to refresh a resource."""
        return provider_pb2.ReadRequest(
            id=stored.id,
            urn=self._urn(self._name(stored), stored.kind),
            properties=struct_of(stored.outputs),
            inputs=struct_of(stored.inputs),
        )

    def bring_in(self, name: str, kind: str, id_: str) -> Stored:
        """Import an object: read what no state speaks of.

        Raises:
            PluginError: There is none.
        """
        answer = self.call("Read", provider_pb2.ReadRequest(id=id_, urn=self._urn(name, kind)))
        found = Stored(kind, answer.id, bag_of(answer.inputs), bag_of(answer.properties), name=name)
        self.state.resources[name] = found
        return found

    def delete(self, stored: Stored) -> None:
        """Delete one, unless it is to be retained."""
        if not stored.retain:
            urn = self._urn(self._name(stored), stored.kind)
            request = provider_pb2.DeleteRequest(id=stored.id, urn=urn, properties=struct_of(stored.outputs))
            self.call("Delete", request)

    # -- inside ----------------------------------------------------------------------------------

    def _variables(self) -> dict[str, str]:
        return {f"boomi:config:{name.removeprefix('boomi:')}": value for name, value in self.config.items()}

    def _urn(self, name: str, kind: str) -> str:
        parent = getattr(self._program.get(name), "parent", None)
        above = f"shop:index:{parent}$" if parent else ""
        return f"urn:pulumi:{self.stack}::{self.project}::{above}{TOKEN.format(kind)}::{name}"

    def _name(self, stored: Stored) -> str:
        """Return the name of a resource: that of its place in the state, which an alias may have given it."""
        return next((name for name, each in self.state.resources.items() if each is stored), stored.name)

    def _begin(self, program: Any) -> None:
        """Read nothing: the plugin itself asks the account."""
        self._program = {each.name: each for each in program}

    def _end(self) -> None:
        """There is nothing to end."""

    def _props(self, resource: Resource, known: Mapping[str, Bag | None], *, preview: bool) -> Bag:
        """Return inputs as a program sends them: another resource as a reference, where the argument takes one."""

        def value(given: Any) -> Any:
            if isinstance(given, Ref):
                bag = known.get(given.name) or {}
                return bag.get(given.property, UNKNOWN if preview else None)
            if isinstance(given, Mapping):
                return {key: value(each) for key, each in given.items()}
            return [value(each) for each in given] if isinstance(given, list) else given

        props: Bag = {}
        for name, given in resource.inputs.items():
            rule = rules(KINDS[resource.kind].inputs).get(name)
            if isinstance(given, Ref) and rule is not None and rule.refers_to == self._program[given.name].kind:
                urn = self._urn(given.name, rule.refers_to)
                id_ = (known.get(given.name) or {}).get("id", "")
                props[referred(name)] = {_SIGNATURE: _REFERENCE, "urn": urn, "id": id_}
            else:
                props[name] = _with_marks(value(given), name, getattr(resource, "secrets", frozenset()))
        return props
