"""Look-ups as functions: every finder, one for many ids of most, and queries in Boomi's filter language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic.alias_generators import to_camel, to_snake

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import NotFound, SettingsError
from boomi_pulumi._api.filters import Filter
from boomi_pulumi._api.models import OBJECTS, Object
from boomi_pulumi._reads.finders import FINDERS, Finder, query, target_of
from boomi_pulumi.native.words import in_boomis_words

__all__ = ["FUNCTIONS", "RESULT", "Argument", "Function"]

RESULT = "result"
"""The output that holds the rows of a function that returns several."""


@dataclass(frozen=True)
class Argument:
    """An argument of a function: `str`, `int`, `list[str]` or `Filter`, and what it is for."""

    type: Any
    text: str


@dataclass(frozen=True)
class Function:
    """A function of the plugin.

    Attributes:
        name: In Boomi's way of writing.
        text: What it does.
        arguments: By name.
        required: Those that must be there.
        call: Takes the account and the arguments; returns records.
        target: What it finds; None for any object.
        many: Whether it returns rows.
    """

    name: str
    text: str
    arguments: Mapping[str, Argument]
    required: tuple[str, ...]
    call: Callable[[Client, Mapping[str, Any]], list[Any]]
    target: Object[Any] | None = None
    many: bool = False

    def unknown_argument(self, given: Mapping[str, Any]) -> str | None:
        """Return an argument that there is not."""
        return next((name for name in given if name not in self.arguments), None)

    def about(self, given: Mapping[str, Any]) -> Object[Any]:
        """Return what a call is about."""
        return self.target if self.target is not None else target_of(given.get("kind"))


def _find(finder: Finder[Any, Any], client: Client, given: Mapping[str, Any]) -> list[Any]:
    found = finder(client, **{to_snake(name): value for name, value in given.items()})
    return found if finder.many else [found]


def _by_ids(target: Object[Any], client: Client, given: Mapping[str, Any]) -> list[Any]:
    ids = given.get("ids")
    if not isinstance(ids, list) or not all(isinstance(each, str) and each.strip() for each in ids):
        raise SettingsError("give ids, a list of texts.")
    found = client.bulk(target, ids)
    for each in found.values():
        if not isinstance(each, (target.record, Missing)):
            raise each
    missing = sorted(id_ for id_, each in found.items() if isinstance(each, Missing))
    if missing:
        raise NotFound(f"There is no {target.name} {', '.join(missing)} in account {client.settings.account_id}.")
    return [found[id_] for id_ in ids]


def _query(client: Client, given: Mapping[str, Any]) -> list[Any]:
    condition = None if given.get("filter") is None else Filter.parse(given["filter"])
    return query(client, str(given.get("kind")), condition)


def _function_of(finder: Finder[Any, Any]) -> Function:
    return Function(
        name=to_camel(finder.name),
        text=finder.about,
        arguments={
            to_camel(name): Argument(type_, in_boomis_words(finder.texts[name]))
            for name, type_ in finder.arguments.items()
        },
        required=tuple(map(to_camel, finder.ways[0])) if len(finder.ways) == 1 else (),
        call=partial(_find, finder),
        target=finder.target,
        many=finder.many,
    )


def _function_of_ids(finder: Finder[Any, Any]) -> Function:
    return Function(
        name=f"{to_camel(finder.name)}s",
        text=f"Return objects of {finder.target.name} by their ids, a hundred a request.",
        arguments={"ids": Argument(list[str], "Their ids.")},
        required=("ids",),
        call=partial(_by_ids, finder.target),
        target=finder.target,
        many=True,
    )


_QUERY = Function(
    name="query",
    text="Return every object that meets a condition, through all pages.",
    arguments={
        "kind": Argument(str, f"One of {', '.join(OBJECTS)}."),
        "filter": Argument(Filter, "The condition; left out, all are returned."),
    },
    required=("kind",),
    call=_query,
    many=True,
)

FUNCTIONS: dict[str, Function] = {
    each.name: each
    for each in (
        *map(_function_of, FINDERS.values()),
        *(
            _function_of_ids(finder)
            for finder in FINDERS.values()
            if ("id",) in finder.ways and f"{finder.name}s" not in FINDERS
        ),
        _QUERY,
    )
}
"""Function by name."""
