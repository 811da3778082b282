"""Property bags on their way between the engine and the core: whole numbers, values that nobody knows yet, secrets.

A secret is a plain value in the core. Which ones are secrets travels beside them, as the hidden property `SECRETS`: the
engine takes the marks off for a dynamic provider, so the program tells them; the plugin gets the marks themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from boomi_pulumi._api.words import holds_secret, is_secret, keep
from boomi_pulumi._lifecycle.fields import DECLARED, PROGRAM, SECRETS, UNKNOWN, Bag
from boomi_pulumi._sdk import UNKNOWN as UNKNOWN_TEXT
from boomi_pulumi._sdk import Unknown

__all__ = ["as_secret", "inward", "marked", "outward", "told", "value_in"]

_KEY = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - how Pulumi marks a secret, not one


def inward(bag: Mapping[str, Any]) -> Bag:
    """Return a property bag as the lifecycle wants it: whole numbers as int, unknown values as UNKNOWN, secrets plain.

    They are cut from every text from here on. `SECRETS` tells their names, where there are any. What a program sends
    as `PROGRAM` stands beside the rest.
    """
    sent = bag.get(PROGRAM)
    bag = {**bag, **(json.loads(sent) if isinstance(sent, str) else {})}
    plain = {name: value_in(value) for name, value in bag.items() if name not in ("__provider", PROGRAM)}
    told = plain.pop(SECRETS, None)
    names = {name for name in told if isinstance(name, str)} if isinstance(told, list) else set()
    names |= {name for name, value in bag.items() if _is_marked(value)}
    declared = plain.get(DECLARED)
    for name in names & plain.keys():
        # Not all of an object of Boomi's that repeats a secret is one.
        if isinstance(plain[name], str) or not isinstance(declared, list) or name in declared:
            keep(plain[name])
    return plain | ({SECRETS: sorted(names)} if names else {})


def outward(bag: Mapping[str, Any]) -> Bag:
    """Return a property bag as the engine wants it."""
    return {name: _value_out(value) for name, value in bag.items()}


def marked(bag: Mapping[str, Any], secrets: Iterable[str]) -> Bag:
    """Return a property bag as the engine wants it; the properties that are secrets, or repeat one, are marked."""
    names = set(secrets)
    return {
        name: as_secret(value) if name in names or holds_secret(bag[name]) else value
        for name, value in outward(bag).items()
    }


def as_secret(value: Any) -> Any:
    """Return a value as the engine marks a secret."""
    return {_KEY: _SECRET, "value": value}


def told(bag: Mapping[str, Any], secrets: Iterable[str]) -> Bag:
    """Return what a state keeps beside a bag, so that a later run knows its secrets: those of the names, and copies."""
    names = sorted({name for name in bag if is_secret(bag[name])} | (set(secrets) & set(bag)))
    return {SECRETS: names} if names else {}


def value_in(value: Any) -> Any:
    """Return a value as the lifecycle wants it, without marks of secrets."""
    if isinstance(value, Unknown) or value == UNKNOWN_TEXT:
        return UNKNOWN
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        if value.get(_KEY) == _SECRET:
            return value_in(value.get("value"))
        return {name: value_in(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [value_in(each) for each in value]
    return value


def _is_marked(value: Any) -> bool:
    """Tell whether a value is a secret, or holds one anywhere."""
    if isinstance(value, Mapping):
        return value.get(_KEY) == _SECRET or any(map(_is_marked, value.values()))
    return isinstance(value, (list, tuple)) and any(map(_is_marked, value))


def _value_out(value: Any) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {name: _value_out(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value_out(each) for each in value]
    return value
