"""How values go out of a program: what look-ups return."""

from __future__ import annotations

from functools import cache
from types import new_class
from typing import Any, TypeVar, cast

import pulumi

from boomi_pulumi.api.models import Record, fields_of

__all__ = ["as_value"]

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
        **{name: getter(name, field.alias or name) for name, field in fields_of(record).items()},
    }
    return pulumi.input_type(
        new_class(record.__name__, (record,), {"fields": False}, lambda body: body.update(members))
    )
