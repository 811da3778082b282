"""Rows by key and by what they are looked up by, and a count of the rows that were touched."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

Row = dict[str, Any]
Fields = tuple[str, ...]


def _listed(inner: str, name: str) -> Callable[[Row], Iterable[Hashable]]:
    return lambda row: {item[name] for item in row[inner]}


INDEXES: Final[dict[str, tuple[Fields, ...]]] = {
    "ComponentMetadata": (("componentId",), ("name",), ("folderId",), ("type",)),
    "PackagedComponent": (("packageId",), ("componentId",), ("componentId", "packageVersion"), ("packageVersion",)),
    "DeployedPackage": (
        ("deploymentId",),
        ("environmentId",),
        ("componentId",),
        ("packageId",),
        ("environmentId", "componentId"),
        ("environmentId", "componentId", "active"),
        ("environmentId", "active"),
        ("packageId", "active"),
        ("componentId", "active"),
    ),
    "Deployment": (("id",), ("environmentId",), ("componentId",), ("environmentId", "componentId")),
    "Environment": (("id",), ("name",)),
    "Folder": (("id",), ("parentId",), ("fullPath",), ("name",)),
    "Branch": (("id",), ("name",)),
    "PublisherIntegrationPack": (("id",), ("name",)),
    "ReleaseIntegrationPack": (("id", "releaseStatus"), ("releaseStatus",)),
    "ConnectorGroup": (("groupType",),),
    "ConnectorVersionChange": (("classificationType", "waitsFor"), ("waitsFor",)),
    "Atom": (("id",), ("name",)),
    "EnvironmentAtomAttachment": (("id",), ("atomId",), ("environmentId",)),
    "Declaration": (("componentId",),),
    "ExtensionValues": (("environmentId",),),
    "RuntimeSecrets": (("environmentId",), ("atomId",)),
    "ProcessSchedules": (("atomId",), ("processId",)),
    "ExecutionRecord": (("executionId",), ("processId",), ("atomId",), ("atomId", "processId")),
    "AuditLog": (("type",), ("userId",)),
    "EnvironmentRole": (("environmentId",), ("roleId",)),
    "Use": (("parentComponentId",), ("componentId",)),
}
"""By which fields rows of a kind are found without looking at all of them."""

INSIDE: Final[dict[str, dict[Fields, Callable[[Row], Iterable[Hashable]]]]] = {
    "PublisherIntegrationPack": {("components.componentId",): _listed("components", "componentId")},
    "ReleaseIntegrationPack": {("components.componentId",): _listed("components", "componentId")},
    "ConnectorGroup": {("classificationType",): _listed("classifications", "classificationType")},
}
"""The same, by what stands in a list of the row."""


class Work:
    """How many rows were looked at."""

    def __init__(self) -> None:
        self.rows = 0


class Table:
    """The rows of one kind and account, in the order in which they came.

    Args:
        kind: The object's name.
        work: Counts the rows that are handed out.
    """

    def __init__(self, kind: str, work: Work) -> None:
        self._rows: dict[str, Row] = {}
        self._places: dict[str, int] = {}
        self._put = 0
        self._work = work
        keys: dict[Fields, Callable[[Row], Iterable[Hashable]]] = dict(INSIDE.get(kind, {}))
        keys |= {fields: _of(fields) for fields in INDEXES.get(kind, ())}
        self._keys = keys
        self._plain = INDEXES.get(kind, ())
        self._indexes: dict[Fields, dict[Hashable, dict[str, None]]] = {fields: {} for fields in keys}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def get(self, key: str) -> Row | None:
        """Find the row of a key."""
        self._work.rows += 1
        return self._rows.get(key)

    def values(self) -> Iterator[Row]:
        """Tell all rows."""
        return self._counted(list(self._rows))

    def items(self) -> Iterator[tuple[str, Row]]:
        """Tell all keys and rows."""
        self._work.rows += len(self._rows)
        return iter(list(self._rows.items()))

    def __getitem__(self, key: str) -> Row:
        self._work.rows += 1
        return self._rows[key]

    def by(self, **equal: Hashable) -> Iterator[Row]:
        """Tell the rows that have these values in an index's fields."""
        return self._counted(self._ordered(self._found(equal)))

    def last(self, **equal: Hashable) -> Row | None:
        """Find the newest of the rows that have these values in an index's fields."""
        key = next(reversed(self._found(equal)), None)
        return None if key is None else self.get(key)

    def count(self, **equal: Hashable) -> int:
        """Count the rows that have these values in an index's fields, without a look at them."""
        return len(self._found(equal))

    def inside(self, name: str, value: Hashable) -> Iterator[Row]:
        """Tell the rows that hold a value in one of their lists."""
        return self._counted(self._ordered(self._indexes[(name,)].get(value, {})))

    def among(self, keys: Mapping[str, frozenset[Any]]) -> Iterator[Row]:
        """Tell the rows that may fit: those that the most selective index finds, or all where no index helps.

        Args:
            keys: For some fields, every value that a row that fits may have.
        """
        fewest: list[dict[str, None]] | None = None
        for fields in self._plain:
            if not all(name in keys for name in fields):
                continue
            index = self._indexes[fields]
            found = [index[values] for values in product(*(keys[name] for name in fields)) if values in index]
            if fewest is None or sum(map(len, found)) < sum(map(len, fewest)):
                fewest = found
        if fewest is None:
            return self.values()
        return self._counted(self._ordered({key for part in fewest for key in part}))

    def _ordered(self, keys: Iterable[str]) -> list[str]:
        return sorted(keys, key=self._places.__getitem__)

    def _found(self, equal: dict[str, Hashable]) -> dict[str, None]:
        return self._indexes[tuple(equal)].get(tuple(equal.values()), {})

    def _counted(self, keys: list[str]) -> Iterator[Row]:
        for key in keys:
            self._work.rows += 1
            yield self._rows[key]

    def put(self, key: str, row: Row) -> None:
        """Add a row, or take another for it in the same place."""
        old = self._rows.get(key)
        self._rows[key] = row
        if old is None:
            self._put += 1
            self._places[key] = self._put
            for fields, read in self._keys.items():
                for value in read(row):
                    self._indexes[fields].setdefault(value, {})[key] = None
            return
        for fields, read in self._keys.items():
            index = self._indexes[fields]
            before, after = set(read(old)), set(read(row))
            for value in before - after:
                self._forget(index, value, key)
            for value in after - before:
                index.setdefault(value, {})[key] = None

    def remove(self, key: str) -> None:
        """Let a row go, if it is there."""
        row = self._rows.pop(key, None)
        self._places.pop(key, None)
        for fields, read in self._keys.items() if row else ():
            for value in set(read(row or {})):
                self._forget(self._indexes[fields], value, key)

    @staticmethod
    def _forget(index: dict[Hashable, dict[str, None]], value: Hashable, key: str) -> None:
        found = index[value]
        del found[key]
        if not found:
            del index[value]


def _of(fields: Fields) -> Callable[[Row], Iterable[Hashable]]:
    return lambda row: (tuple(row.get(name) for name in fields),)
