"""What kinds share whose object is one process on one runtime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from boomi_pulumi._api.client import Client
from boomi_pulumi._kinds.packaged_component import component_named
from boomi_pulumi._lifecycle.fields import Change, Id, Inputs, Rule
from boomi_pulumi._lifecycle.kind import Kind, R
from boomi_pulumi._reads.finders import find_runtime

__all__ = ["OnRuntime", "OnRuntimeInputs", "pair_named", "runtime_in"]


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
    return f"{find_runtime(client, name=runtime).id}/{component_named(client, process)}"
