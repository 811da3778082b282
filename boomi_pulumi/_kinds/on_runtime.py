"""What kinds share whose object is one process on one runtime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.models import ATOM, Environment, Runtime
from boomi_pulumi._kinds.packaged_component import component_named
from boomi_pulumi._lifecycle.fields import UNKNOWN, Bag, Change, Id, Inputs, Rule
from boomi_pulumi._lifecycle.kind import Kind, R
from boomi_pulumi._lifecycle.seen import Answer, found
from boomi_pulumi._reads.finders import find_runtime

__all__ = ["AttachedInputs", "OnRuntime", "OnRuntimeInputs", "pair_named", "runtime_in", "with_environment"]


class OnRuntimeInputs(Inputs):
    """A process, and a runtime."""

    process_id: Annotated[
        Id | None, Rule(Change.REPLACE, required=True), Field(description="The process's component id.")
    ] = None
    atom_id: Annotated[Id | None, Rule(Change.REPLACE, required=True), Field(description="The runtime's id.")] = None
    process_name: Annotated[
        str | None, Rule(companion=("processId", "name")), Field(description="The process's name.")
    ] = None
    runtime_name: Annotated[
        str | None, Rule(companion=("atomId", "name")), Field(description="The runtime's name.")
    ] = None


class AttachedInputs(OnRuntimeInputs):
    """A process, a runtime, and the environment that the runtime is attached to."""

    environment_id: Annotated[
        str | None,
        Rule(companion=("environmentId", "id"), filled=True, drifts=False),
        Field(description="The id of the runtime's environment; left out where it has several."),
    ] = None
    environment_name: Annotated[
        str | None, Rule(filled=True, drifts=False), Field(description="That environment's name.")
    ] = None


class OnRuntime(Kind[R]):
    """A kind whose object is one process on one runtime."""

    adopts = False

    def title(self, bag: Mapping[str, Any]) -> str:
        """Return "Order Sync on prod-1", with the version where there is one."""
        process = bag.get("processName") or bag.get("processId") or "?"
        return " ".join(filter(None, (process, bag.get("packageVersion"), "on", runtime_in(bag))))

    def id(self, record: R) -> str:
        """Return atomId/processId."""
        return f"{record['atomId']}/{record['processId']}"


def with_environment(inputs: Bag, environment: Answer[Environment], olds: Mapping[str, Any]) -> Bag:
    """Return inputs with the environment of their runtime; as the last run knew it where nobody can tell."""
    place = found(environment)
    if environment is UNKNOWN:
        return inputs | {"environmentId": UNKNOWN, "environmentName": UNKNOWN}
    if place is not None:
        return inputs | {"environmentId": place.id} | ({"environmentName": place.name} if place.name else {})
    known = ("environmentId", "environmentName") if olds.get("atomId") == inputs.get("atomId") else ()
    return inputs | {name: olds[name] for name in known if name in olds}


def runtime_in(bag: Mapping[str, Any]) -> str:
    """Return what people call the runtime that inputs or outputs name."""
    return str(bag.get("runtimeName") or bag.get("atomId") or "?")


def pair_named(client: Client, words: str) -> str | None:
    """Return atomId/processId of what is named `runtime/process`; None where these are no two names.

    Raises:
        NotFound: There is none of these names.
        Ambiguous: There are several; the message lists them.
    """
    runtime, _, process = words.partition("/")
    if not runtime or not process:
        return None
    known = isinstance(client.read(ATOM, runtime), Runtime)
    return f"{runtime if known else find_runtime(client, name=runtime).id}/{component_named(client, process)}"
