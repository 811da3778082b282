"""Rows of an answer, by what was asked about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from boomi_pulumi._api.errors import BadAnswer
from boomi_pulumi._api.models import Object, Record

__all__ = ["by_key"]

R = TypeVar("R", bound=Record)


def by_key(target: Object[R], rows: Iterable[R], keys: Sequence[str], *names: str) -> dict[str, list[R]]:
    """Return key -> the rows that are about it, for each key.

    Boomi need not repeat what the query has named, and may write it in another case.

    Args:
        target: What was queried.
        rows: The answer.
        keys: What was asked about: the values of the properties, joined by "/".
        names: Boomi's names of those properties.

    Raises:
        BadAnswer: A row is about nothing that was asked for. To leave it out would be to say that nothing is there.
    """
    found: dict[str, list[R]] = {key: [] for key in keys}
    wanted = {key.lower(): key for key in keys}
    for row in rows:
        said = [row.get(name) for name in names]
        key = keys[0] if None in said and len(keys) == 1 else wanted.get("/".join(map(str, said)).lower())
        if key is None:
            told = " and ".join(f"{name} {value}" for name, value in zip(names, said, strict=True))
            raise BadAnswer(f"Querying {target.name}", status=200, detail=f"a row of {told}, which nobody asked for")
        found[key].append(row)
    return found
