"""A Pulumi program in this process: the SDK, the stack's configuration and the account are real, the engine is not.

It is what the Automation API does with an inline program, up to where the engine would answer: every resource is
made as it was asked for, and noted. Runs may follow one another, and go on in threads at the same time.

    ran = run(program, {"boomi:accountId": "acme-1"}, secrets=["boomi:token"])
    ran.made["package"].inputs["packageVersion"]

With a driver, the plugin's check judges every resource, as the engine would have it: `ran.failures`.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pulumi
from google.protobuf import json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime import Settings, configure, run_in_stack, set_all_config
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import engine_pb2, provider_pb2, resource_pb2
from pulumi.runtime.settings import ROOT

from boomi_pulumi._lifecycle.fields import PROGRAM
from tests.driver import Driver, failures_of, unmarked

Bag = dict[str, Any]

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True)
class Made:
    """What the engine was asked to register.

    Attributes:
        kind: The type.
        inputs: As they were sent, secrets marked; what travels as one hidden input stands beside the rest.
        provider: The name of the explicit provider, or empty.
    """

    kind: str
    inputs: Bag
    provider: str


@dataclass
class Ran:
    """A program that has ended.

    Attributes:
        made: Resources by name; of two with one name, the later.
        every: All of them, with their names, as they came.
        warnings: What was logged as a warning.
        lines: What was logged for information.
        result: What the program returned; outputs are resolved.
        failures: What the check refused: resource -> property -> reason.
    """

    made: dict[str, Made] = field(default_factory=dict)
    every: list[tuple[str, Made]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    result: Any = None
    failures: dict[str, dict[str, str]] = field(default_factory=dict)


class _Monitor:
    """The SDK's stand-in for the engine, which the package must not take for a user's mocks."""

    def __init__(
        self, unknown: Sequence[str], unmade: Sequence[str], ran: Ran, stacks: Mapping[str, Mapping[str, Any]]
    ) -> None:
        mocks: Any = None  # nothing is passed on that would ask them
        self._inner = MockMonitor(mocks)
        self._stacks = stacks
        self.checks: list[tuple[str, provider_pb2.CheckRequest]] = []
        self._unknown, self._unmade = unknown, unmade
        self._ran = ran

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        urn = self._inner.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        provider = request.provider.split("::")[3] if request.provider else ""
        sent = json_format.MessageToDict(request.object)
        made = Made(request.type, sent | json.loads(unmarked(sent.pop(PROGRAM, "{}"))), provider)
        self._ran.made[request.name] = made
        self._ran.every.append((request.name, made))
        if "__provider" in request.object:
            self.checks.append((request.name, provider_pb2.CheckRequest(urn=urn, news=request.object)))
        if request.name in self._unknown:
            outputs = struct_pb2.Struct()
            outputs.update(dict.fromkeys(request.object, UNKNOWN))
            return resource_pb2.RegisterResourceResponse(urn=urn, object=outputs)
        id_ = "" if request.name in self._unmade else f"{request.name}-id"
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id_, object=request.object)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        found = struct_pb2.Struct()
        found.update({"name": request.id, "outputs": dict(self._stacks[request.id]), "secretOutputNames": []})
        urn = self._inner.make_urn(request.parent, request.type, request.name)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=found)


class _Engine:
    """Where the SDK logs."""

    def __init__(self, ran: Ran) -> None:
        self._ran = ran

    def Log(self, request: Any) -> None:  # noqa: N802 - gRPC's name
        if request.severity == engine_pb2.WARNING:
            self._ran.warnings.append(request.message)
        if request.severity == engine_pb2.INFO:
            self._ran.lines.append(request.message)


def run(
    program: Callable[[], Any],
    config: Mapping[str, str],
    *,
    secrets: Sequence[str] = (),
    unknown: Sequence[str] = (),
    unmade: Sequence[str] = (),
    stacks: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    driver: Driver | None = None,
) -> Ran:
    """Preview a program.

    Args:
        program: The program.
        config: The stack's configuration.
        secrets: Keys of it that are encrypted.
        unknown: Resources of which a preview knows nothing.
        unmade: Resources of which a preview knows all but the id.
        stacks: Outputs of other stacks, by name.
        driver: Whose plugin process checks what the program declares.
    """
    ran = Ran()

    async def inside() -> None:
        ran.result = program()
        if isinstance(ran.result, pulumi.Output):
            ran.result = await ran.result.future()

    def here() -> None:
        # As the Automation API does it, but for the two objects that would speak to the engine.
        ROOT.set(None)
        monitor: Any = _Monitor(unknown, unmade, ran, stacks)
        configure(Settings("shop", "dev", monitor, _Engine(ran), dry_run=True))
        set_all_config(dict(config), list(secrets))
        asyncio.run(run_in_stack(inside))
        # Not before the end: a plugin cuts the stack traces of its whole process, which the SDK reads in a program.
        if driver is not None:
            for name, check in monitor.checks:
                if failures := failures_of(driver.call("Check", check)):
                    ran.failures[name] = ran.failures.get(name, {}) | failures

    contextvars.copy_context().run(here)
    return ran
