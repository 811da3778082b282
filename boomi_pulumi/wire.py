"""Property bags on their way between the engine and the core: whole numbers, and values that nobody knows yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi.runtime.rpc as pulumi_rpc
from pulumi.output import Unknown

from boomi_pulumi.core.fields import UNKNOWN, Bag

__all__ = ["inward", "outward"]

UNKNOWN_TEXT: str = pulumi_rpc.UNKNOWN


def inward(bag: Mapping[str, Any]) -> Bag:
    """Return a property bag as the lifecycle wants it: whole numbers as int, unknown values as UNKNOWN."""
    return {name: _value_in(value) for name, value in bag.items() if name != "__provider"}


def outward(bag: Mapping[str, Any]) -> Bag:
    """Return a property bag as the engine wants it."""
    return {name: _value_out(value) for name, value in bag.items()}


def _value_in(value: Any) -> Any:
    if isinstance(value, Unknown) or value == UNKNOWN_TEXT:
        return UNKNOWN
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _value_in(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value_in(each) for each in value]
    return value


def _value_out(value: Any) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {name: _value_out(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value_out(each) for each in value]
    return value
