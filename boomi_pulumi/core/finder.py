"""What every look-up of one object shares: what it takes, and what it says where there is not exactly one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Concatenate, Generic, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from boomi_pulumi.api.client import Client
from boomi_pulumi.api.errors import Ambiguous, NotFound, SettingsError
from boomi_pulumi.api.models import Object, Record

__all__ = ["FINDERS", "Finder", "exactly_one", "finder"]

P = ParamSpec("P")
R = TypeVar("R", bound=Record)

FINDERS: dict[str, Finder[Any, Any]] = {}
"""Every finder by the name of its look-up: `get_environment` and so on."""


_LISTED = 8


class Finder(Generic[P, R]):
    """A function that finds one object, and what it takes.

    Attributes:
        name: What programs call it: `get_environment`.
        about: What it does; a docstring is no data, since `python -OO` drops it.
        target: The object that it finds.
        ways: The ways to name the object, each a set of arguments that are given together; exactly one is taken.
        beside: Argument -> the one that it needs beside it.
    """

    def __init__(
        self,
        find: Callable[Concatenate[Client, P], R],
        name: str,
        about: str,
        target: Object[R],
        *,
        ways: tuple[tuple[str, ...], ...],
        beside: Mapping[str, str],
    ) -> None:
        functools.update_wrapper(self, find)
        self._find = find
        self.name = name
        self.about = about
        self.target = target
        self.ways = ways
        self.beside = beside

    def __call__(self, client: Client, *args: P.args, **given: P.kwargs) -> R:
        """Find the object.

        Raises:
            SettingsError: What was given does not name one object; nothing was sent.
            NotFound: There is none.
            Ambiguous: There are several; the message lists them.
            RequestError: A request failed.
        """
        self.judge(*args, **given)
        return self._find(client, *args, **given)

    @functools.cached_property
    def _hints(self) -> dict[str, tuple[Any, FieldInfo]]:
        """Type and text of each argument, by name."""
        hints = get_type_hints(self._find, include_extras=True)
        return {name: get_args(hint)[:2] for name, hint in hints.items() if get_origin(hint) is Annotated}

    @functools.cached_property
    def arguments(self) -> dict[str, type]:
        """Name of each argument -> `str` or `int`."""
        return {name: int if hint in (int, int | None) else str for name, (hint, _) in self._hints.items()}

    @functools.cached_property
    def texts(self) -> dict[str, str]:
        """Name of each argument -> what it is for, with Python's names."""
        return {name: field.description or "" for name, (_, field) in self._hints.items()}

    def judge(self, *_: P.args, **given: P.kwargs) -> None:
        """Refuse arguments that do not name one object.

        Raises:
            SettingsError: A value of another type, a blank one, too few, or too many.
        """
        values = {name: value for name, value in given.items() if value is not None}
        for name, value in values.items():
            self._judge_value(name, value)
        used = [way for way in self.ways if values.keys() & set(way)]
        if len(used) != 1 or not values.keys() >= set(used[0]):
            raise SettingsError(f"{self.name}: give {_ways(self.ways)}.")
        for name, other in self.beside.items():
            if name in values and other not in values:
                raise SettingsError(f"{self.name}: {name} needs {other}.")

    def _judge_value(self, name: str, value: object) -> None:
        whole = self.arguments.get(name) is int
        if whole:
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
                raise SettingsError(f"{self.name}: {name} is {value!r}; a whole number is needed.")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            raise SettingsError(
                f'{self.name}: {name} is the number {value}; quote it, as in "{value}": a number loses its last zeros.'
            )
        elif not isinstance(value, str):
            raise SettingsError(f"{self.name}: {name} is of type {type(value).__name__}; a text is needed.")
        elif not value.strip():
            raise SettingsError(f"{self.name}: {name} is {value!r}; a text is needed.")


def finder(
    name: str, about: str, target: Object[R], *ways: tuple[str, ...], **beside: str
) -> Callable[[Callable[Concatenate[Client, P], R]], Finder[P, R]]:
    """Return a decorator that makes a function a finder; arguments as those of `Finder`."""

    def decorate(find: Callable[Concatenate[Client, P], R]) -> Finder[P, R]:
        FINDERS[name] = made = Finder(find, name, about, target, ways=ways, beside=beside)
        return made

    return decorate


def exactly_one(
    what: str,
    rows: list[R],
    show: Callable[[R], str],
    *,
    gone: Callable[[], Iterable[str]] = list,
    near: Callable[[], Iterable[R]] | None = None,
    hint: str = "",
) -> R:
    """Return the only row, or say what there is else.

    Args:
        what: What was looked for.
        rows: What was found.
        show: Words one of several.
        gone: Returns a sentence for each that was found deleted.
        near: Returns what has a similar name.
        hint: How to be more precise.
    """
    if len(rows) == 1:
        return rows[0]
    if rows:
        narrower = f" {hint[:1].upper()}{hint[1:]}." if hint else ""
        raise Ambiguous(f"There are {len(rows)} of {what}: {_list(rows, show)}.{narrower}")
    deleted = list(gone())
    if deleted:
        raise NotFound(" ".join([f"There is no {what}.", *deleted[:_LISTED]]))
    others = list(near()) if near else []
    raise NotFound(f"There is no {what}." + (f" There are: {_list(others, show)}." if others else ""))


def _ways(ways: tuple[tuple[str, ...], ...]) -> str:
    if all(len(way) == 1 for way in ways):
        return ("either " if len(ways) > 1 else "") + " or ".join(way[0] for way in ways)
    return ", or ".join(way[0] if len(way) == 1 else f"both {' and '.join(way)}" for way in ways)


def _list(rows: list[R], show: Callable[[R], str]) -> str:
    shown = "; ".join(sorted(show(row) for row in rows)[:_LISTED])
    return shown if len(rows) <= _LISTED else f"{shown}; and {len(rows) - _LISTED} more"
