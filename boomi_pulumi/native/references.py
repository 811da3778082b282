"""References to resources, as the engine sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boomi_pulumi._lifecycle import origin
from boomi_pulumi._lifecycle.fields import UNKNOWN

__all__ = ["TOKEN", "is_reference", "kind_of", "origin_of", "parent_of", "referred"]

TOKEN = "boomi:index:{}"  # noqa: S105 - Pulumi's name of a type
"""Token of a resource or function."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"


def referred(property_: str) -> str:
    """Return the argument that takes a resource, of the property that takes its id."""
    return property_.removesuffix("Id")


def kind_of(urn: str) -> str:
    """Return the kind in a URN; the types of its parents stand before it."""
    return urn.split("::", 3)[2].rpartition("$")[2].rpartition(":")[2]


def parent_of(urn: str) -> str | None:
    """Return the types above a resource, which tell it from another one of its name."""
    return urn.split("::", 3)[2].rpartition("$")[0] or None


def origin_of(urn: str) -> str:
    """Return what tells a resource from every other one, as marks and states have it."""
    stack, project, _, name = urn.removeprefix("urn:pulumi:").split("::", 3)
    return origin.origin_of(project, stack, name, parent_of(urn))


def is_reference(value: Any, kind: str) -> bool:
    """Tell whether a value is a reference to a resource of a kind."""
    return (
        isinstance(value, Mapping)
        and value.get(_SIGNATURE) == _REFERENCE
        and isinstance(value.get("urn"), str)
        and kind_of(value["urn"]) == kind
        and (isinstance(value.get("id", ""), str) or value["id"] is UNKNOWN)
    )
