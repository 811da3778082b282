"""Property bags on their way between the engine and the core: whole numbers, values that nobody knows yet, secrets.

A secret is a plain value in the core. Which ones are secrets travels beside them, as the hidden property `SECRETS`: a
property's name, or the path of a value in a map, such as `connections/Orders DB/password`. The
engine takes the marks off for a dynamic provider, so the program tells them; the plugin gets the marks themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from boomi_pulumi._api.words import holds_secret, is_secret, keep
from boomi_pulumi._lifecycle.fields import DECLARED, PROGRAM, SECRETS, UNKNOWN, Bag
from boomi_pulumi._sdk import UNKNOWN as UNKNOWN_TEXT
from boomi_pulumi._sdk import Unknown

__all__ = ["as_secret", "inward", "marked", "outward", "still_secret", "told", "value_in"]

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
    names |= {path for name, value in bag.items() for path in _marked_in(value, name)}
    declared = plain.get(DECLARED)
    for name, value in plain.items():
        # Not all of an object of Boomi's that repeats a secret is one.
        if name not in names or isinstance(value, str) or not isinstance(declared, list) or name in declared:
            for each in _at(value, name, names):
                keep(each)
    return plain | ({SECRETS: sorted(names)} if names else {})


def still_secret(olds: Mapping[str, Any], given: Bag) -> Bag:
    """Return inputs in which what a state holds as a secret stays one for as long as it has the same value.

    A program may have dropped the mark by accident, and nothing else would change: the state would hold it in clear.

    Args:
        olds: The inputs of the last run.
        given: Those of this run.
    """
    kept = {path for path in olds.get(SECRETS, ()) if (old := _value_at(olds, path)) and old == _value_at(given, path)}
    names = kept | set(given.get(SECRETS, ()))
    return {**given, **({SECRETS: sorted(names)} if names else {})}


def _value_at(bag: Mapping[str, Any], path: str) -> list[Any]:
    name = path.split("/", 1)[0]
    return list(_at(bag[name], name, {path})) if name in bag else []


def outward(bag: Mapping[str, Any]) -> Bag:
    """Return a property bag as the engine wants it."""
    return {name: _value_out(value) for name, value in bag.items()}


def marked(bag: Mapping[str, Any], secrets: Iterable[str]) -> Bag:
    """Return a property bag as the engine wants it; what is a secret, or repeats one, is marked."""
    names = set(secrets)
    maps = {each.split("/", 1)[0] for each in names if "/" in each}
    return {name: _marked(value, name, names, deep=name in maps) for name, value in outward(bag).items()}


def _marked(value: Any, path: str, names: set[str], *, deep: bool) -> Any:
    if deep and path not in names and isinstance(value, Mapping):
        return {name: _marked(each, f"{path}/{name}", names, deep=True) for name, each in value.items()}
    return as_secret(value) if path in names or holds_secret(value) else value


def _at(value: Any, path: str, names: set[str]) -> Iterator[Any]:
    """Yield what is a secret of a property: all of it, or values in its maps."""
    if path in names:
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _at(each, f"{path}/{name}", names)


def as_secret(value: Any) -> Any:
    """Return a value as the engine marks a secret."""
    return {_KEY: _SECRET, "value": value}


def told(bag: Mapping[str, Any], secrets: Iterable[str]) -> Bag:
    """Return what a state keeps beside a bag, so that a later run knows its secrets: those of the names, and copies."""
    of = {each for each in secrets if each.split("/", 1)[0] in bag}
    names = sorted({name for name in bag if is_secret(bag[name])} | of)
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


def _marked_in(value: Any, path: str) -> Iterator[str]:
    """Yield the path of each secret in a value; a list with one is a secret as a whole."""
    if isinstance(value, Mapping):
        if value.get(_KEY) == _SECRET:
            yield path
        else:
            for name, each in value.items():
                yield from _marked_in(each, f"{path}/{name}")
    elif isinstance(value, (list, tuple)) and any(True for each in value for _ in _marked_in(each, path)):
        yield path


def _value_out(value: Any) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {name: _value_out(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value_out(each) for each in value]
    return value
