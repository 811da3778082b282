"""A provider that does nothing: what remains is the engine, the plugin and the state file."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Provider(ResourceProvider):
    """Echoes."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Return the inputs under a made-up id."""
        return CreateResult(f"id-{props.get('componentId') or props.get('packageId')}", dict(props))


class Nothing(Resource, module="bench", name="Nothing"):
    """A resource without an object behind it."""

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare it."""
        super().__init__(Provider(), name, props, opts)
