"""The state of an object that is there, as the first run that declares it would leave it; makes no request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._lifecycle.fields import Bag, visible
from boomi_pulumi._lifecycle.lifecycle import Found, Lifecycle

__all__ = ["adopt"]


def adopt(
    lifecycle: Lifecycle, given: Bag, record: Any, facts: Mapping[str, Any], origin: str, *, adopted: bool
) -> Found:
    """Return what a stack would keep of an object that a program declares and that is there already.

    Args:
        lifecycle: That of the kind.
        given: What the program gives.
        record: The live object.
        facts: Property -> what the account says about the object that it names.
        origin: project/stack/name of the resource.
        adopted: Whether a destroy leaves it.

    Raises:
        SettingsError: The check refuses it.
    """
    checked = lifecycle.check({}, dict(given), facts, origin)
    if checked.failures:
        raise SettingsError("; ".join(f"{each.property} {each.reason}" for each in checked.failures))
    inputs = visible(checked.inputs)
    outputs = lifecycle.stored(inputs, record, checked.inputs, adopted=adopted)
    return Found(lifecycle.kind.id(record), outputs, checked.inputs)
