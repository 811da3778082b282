"""A provider that does nothing: what remains is the engine, the plugin and the state file."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

PACKAGE, DEPLOYMENT = "PackagedComponent", "DeployedPackage"


@cache
def work() -> dict[str, Any]:
    """Return the work; `shape` has the inputs and outputs of our resources by kind, if as many are wanted."""
    found: dict[str, Any] = json.loads(Path(os.environ["BENCH_WORK"]).read_text(encoding="utf-8"))
    return found


def shape(kind: str) -> dict[str, Any]:
    """Return the properties of a resource of ours, or none."""
    found: dict[str, Any] = work().get("shape", {}).get(kind, {"inputs": {}, "outputs": {}})
    return found


class Provider(ResourceProvider):
    """Echoes."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Return the inputs and as many outputs as ours has, under a made-up id."""
        import twin  # type: ignore[import-not-found]  # noqa: PLC0415 - this class travels by value, its module does not

        outputs = twin.shape(PACKAGE if "packageId" not in props else DEPLOYMENT)["outputs"]
        return CreateResult(f"id-{props.get('componentId') or props.get('packageId')}", {**outputs, **props})


class Nothing(Resource, module="bench", name="Nothing"):
    """A resource without an object behind it."""

    def __init__(self, kind: str, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare it; an output is a property without a value."""
        mine = shape(kind)
        super().__init__(Provider(), name, {**dict.fromkeys(mine["outputs"]), **mine["inputs"], **props}, opts)
