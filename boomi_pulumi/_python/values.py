"""How values come into a program and go out of it: ids by way of other objects, dates, and what look-ups return."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from inspect import isawaitable
from types import NoneType, new_class
from typing import Any, TypeVar, cast

import pulumi
from pydantic.alias_generators import to_camel, to_snake

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.models import Record, fields_of
from boomi_pulumi._api.words import keep
from boomi_pulumi._lifecycle.preview import AN_OUTPUT

__all__ = [
    "as_output",
    "as_value",
    "keep_secret",
    "missing_output",
    "named",
    "property_of",
    "text_of_date",
    "text_of_period",
    "type_of",
    "why_none",
]

R = TypeVar("R", bound=Record)


# -- what look-ups return ------------------------------------------------------------------------


def as_value(record: R) -> R:
    """Return a record as Pulumi takes a value: in exports, as an input, and unchanged through outputs."""
    known = {name: _nested(value) for name, value in record.__dict__.items()}
    return cast("R", _value_class(type(record))(**known))


def _nested(value: Any) -> Any:
    if isinstance(value, Record):
        return as_value(value)
    return tuple(map(_nested, value)) if isinstance(value, tuple) else value


def _plain(value: Any) -> Any:
    """Return what `as_value` was given."""
    if isinstance(value, Record):
        record = type(value).__mro__[1]
        return record(**{name: _plain(each) for name, each in value.__dict__.items()})
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value


@cache
def _value_class(record: type[Record]) -> type[Record]:
    """Return the record's class as an input type of Pulumi's: outputs would make a plain dict of any other dict."""

    def getter(name: str, alias: str) -> property:
        def get(self: Record) -> Any:
            return self.__dict__[name]

        get.__name__ = name
        return property(pulumi.getter(name=alias)(get))

    def init(self: Record, **values: Any) -> None:
        record.__init__(self, **values)

    members: dict[str, Any] = {
        "__doc__": record.__doc__,
        "__module__": record.__module__,
        "__init__": init,
        "__eq__": record.__eq__,
        "__reduce__": lambda self: (as_value, (_plain(self),)),  # nobody finds the class by its name
        **{name: getter(name, field.alias or to_camel(name)) for name, field in fields_of(record).items()},
    }
    return pulumi.input_type(
        new_class(record.__name__, (record,), {"fields": False}, lambda body: body.update(members))
    )


# -- what a program gives ------------------------------------------------------------------------


def type_of(value: object) -> str:
    """Return what a value is, for a message."""
    if isinstance(value, Record):
        return f"the result of a look-up ({type(value).__name__})"
    return _TYPES.get(type(value), f"of type {type(value).__name__}")


_TYPES: dict[type[Any], str] = {
    NoneType: "None",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}


def named(
    who: str,
    name: str,
    value: Any,
    id_name: str,
    id_: pulumi.Input[str] | None,
    *,
    key: str,
    made: type[pulumi.CustomResource] | None = None,
) -> pulumi.Input[str] | None:
    """Return an id that is given as such, or through the object that has it.

    Args:
        who: The resource, for messages.
        name: The argument for the object.
        value: A record, a resource, what another stack exported of either, or an output of such.
        id_name: The argument for the id.
        id_: The id.
        key: Boomi's name of the id in a record.
        made: The class of the resources whose own id it is.

    Raises:
        SettingsError: Both were given, or something that has no such id.
    """
    if value is None:
        return id_
    if id_ is not None:
        raise SettingsError(f"{who}: give {name} or {id_name}, not both.")

    def take(given: Any) -> Any:
        if given is None:
            return None
        if made is not None and isinstance(given, made):
            return given.id
        return property_of(who, name, given, key, f"give the result of a look-up, or the id as {id_name}")

    value = as_output(value)
    return value.apply(take) if isinstance(value, pulumi.Output) else take(value)


def as_output(value: Any) -> Any:
    """Return what is awaited as an output, and anything else as it is."""
    return pulumi.Output.from_input(value) if isawaitable(value) else value


def property_of(who: str, name: str, given: Any, key: str, advice: str) -> Any:
    """Return a property of a record, of a resource, or of what another stack exported of either.

    Args:
        who: The resource, for messages.
        name: The argument, for messages.
        given: The object.
        key: Boomi's name of the property.
        advice: What to give instead, for messages.

    Raises:
        SettingsError: It has none.
    """
    if isinstance(given, pulumi.Resource):
        found = getattr(given, to_snake(key), None)
    else:
        found = given.get(key) if isinstance(given, Mapping) else None
    if found is None or not isinstance(found, (str, pulumi.Output)):
        lacks = f" without {key}" if isinstance(given, (Mapping, pulumi.Resource)) else ""
        raise SettingsError(f"{who}: {name} is {type_of(given)}{lacks}; {advice}.")
    return found


def text_of_date(value: Any) -> Any:
    """Return a date or a moment as Boomi writes it; anything else as it is."""
    value = as_output(value)
    if isinstance(value, pulumi.Output):
        return value.apply(text_of_date)
    return value.isoformat() if isinstance(value, date) else value


def text_of_period(value: Any) -> Any:
    """Return a timedelta as the resources take it, such as "86400s"; anything else as it is."""
    value = as_output(value)
    if isinstance(value, pulumi.Output):
        return value.apply(text_of_period)
    return f"{round(value.total_seconds())}s" if isinstance(value, timedelta) else value


async def keep_secret(value: pulumi.Input[Any]) -> bool:
    """Tell whether a value is a secret, or holds one; it is cut from every text from here on."""
    if value is None or isinstance(value, (str, int, float)):
        return False
    output: pulumi.Output[Any] = value if isinstance(value, pulumi.Output) else pulumi.Output.from_input(value)
    if not await output.is_secret():
        return False
    keep(await output.future())
    return True


async def missing_output(value: pulumi.Output[Any]) -> str | None:
    """Return why an output that is None is so, where it is another stack's: mostly, that stack has not run yet."""
    stacks = [each for each in await value.resources() if isinstance(each, pulumi.StackReference)]
    if len(stacks) != 1:
        return None
    name, outputs = await stacks[0].name.future(), await stacks[0].outputs.future() or {}
    has = f"no such output; it has {', '.join(sorted(outputs))}" if outputs else "no outputs yet"
    return f"stack {name} has {has}: run `pulumi up` there first"


async def why_none(value: pulumi.Output[Any]) -> str | None:
    """Return why an output is None, where it is."""
    if not await value.is_known() or await value.future() is not None:
        return None
    return await missing_output(value) or AN_OUTPUT
