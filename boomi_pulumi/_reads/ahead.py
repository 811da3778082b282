"""What a caller reads ahead that asks about one resource after another, as the engine asks a plugin.

It cannot know what comes next. So it reads what stands beside what was asked about, as long as that saves requests.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from boomi_pulumi._api.client import BULK, Client
from boomi_pulumi._api.errors import BoomiError
from boomi_pulumi._api.filters import Filter, where
from boomi_pulumi._api.models import COMPONENT_METADATA, PACKAGEABLE, ComponentMetadata
from boomi_pulumi._lifecycle.seen import Found

__all__ = ["Components", "Likely", "is_worth", "likely_of"]

_CURRENT = where("currentVersion").equals(True) & where("deleted").equals(False)

_TRIALS = 8
"""Pages that are read ahead before any has saved a request."""


def is_worth(rows: int, asked: int) -> bool:
    """Tell whether to read all of something, a page for each hundred rows, after so many questions about parts of it.

    What comes is not known. As many questions again may come as there were, so all of it may cost as much as those.
    """
    return rows <= BULK * (asked + 2)


class Likely:
    """The components that this run is likely to ask about: those that it named, and their neighbours in the account.

    Questions about several components in one request cost no more than one. Threads may share it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._named: dict[str, None] = {}
        self._near: dict[str, None] = {}

    def name(self, component: str) -> None:
        """Note a component that a resource names."""
        with self._lock:
            self._named[component] = None

    def show(self, rows: Iterable[ComponentMetadata]) -> None:
        """Note components in the order in which Boomi tells them."""
        with self._lock:
            self._near.update((row.component_id, None) for row in rows if row.type is None or row.type in PACKAGEABLE)

    def beside(self, asked: Sequence[str], is_known: Callable[[str], bool]) -> list[str]:
        """Return components for the rest of a request about some: those that were named, then those that follow them.

        Args:
            asked: What is asked about.
            is_known: Tells what need not be asked.
        """
        with self._lock:
            named, near = list(self._named), list(self._near)
        start = near.index(asked[0]) + 1 if asked[0] in self._near else 0
        rest = (each for each in (*named, *near[start:], *near[:start]) if each not in asked and not is_known(each))
        return list(dict.fromkeys(rest))[: max(BULK - len(asked), 0)]


def likely_of(client: Client) -> Likely:
    """Return that of a client's account in this run."""
    return client.keep(Likely, Likely)


@dataclass
class _Pages:
    """The pages of one query, read as far as they were needed."""

    pages: Iterator[tuple[list[ComponentMetadata], int]]
    count: int = 0

    def next(self) -> list[ComponentMetadata]:
        """Return the rows of the next page; none where there is none, or Boomi refuses."""
        try:
            rows, self.count = next(self.pages, ([], self.count))
        except BoomiError:  # a read by id says better what is wrong
            self.pages, rows = iter(()), []
        return rows


@dataclass
class Components:
    """Answers about components, where one is asked about after another.

    A small account is read at the second question. In a large one, the pages of the folder of what was asked about
    follow, then those of the account, of its type; a page for each request that pages have saved, and for each second
    one that they have not. So a run costs at the most half as much again as without them.

    Attributes:
        client: The account.
        read: Returns the answers about ids, a hundred a request.
        show: Returns the answer that a row is.
        most: Up to so many components, all are read at once.
    """

    client: Client
    read: Callable[[Sequence[str]], dict[str, Any]]
    show: Callable[[ComponentMetadata], Any]
    most: int
    _seen: dict[str, Any] = field(default_factory=dict)
    _of: dict[str, _Pages] = field(default_factory=dict)
    _queries: dict[tuple[str | None, str | None], _Pages] = field(default_factory=dict)
    _met: Counter[str] = field(default_factory=Counter)
    _branch: str | None = None
    _questions: int = 0
    _saved: int = 0
    _read: int = 0
    _last: _Pages | None = None

    def __call__(self, ids: Sequence[str]) -> dict[str, Any]:
        """Return the answers about ids that were asked for at the same time."""
        self._questions += 1
        if self._questions == 2:  # noqa: PLR2004
            self._begin()
        left = self._left(ids)
        if left and self._last is not None and self._may_read():
            self._turn(self._last)
            left = self._left(ids)
        if not left:
            self._saved += 1
        found = self.read(left) if left else {}
        self._learn(found)
        return {id_: found[id_] if id_ in found else self._seen[id_] for id_ in ids}

    def _left(self, ids: Sequence[str]) -> list[str]:
        for id_ in ids:
            self._last = self._of.get(id_, self._last)
        return [id_ for id_ in ids if id_ not in self._seen]

    def _may_read(self) -> bool:
        return self._read < _TRIALS + self._saved + (self._questions - self._saved) // 2

    def _begin(self) -> None:
        """Read all of a small account, and the first page of a large one."""
        everything = self._pages(None, None)
        rows = everything.next()
        self._last = everything
        if everything.count > self.most:
            self._take(rows, everything)
            return
        while page := everything.next():
            rows += page
        times = Counter(row.component_id for row in rows)
        # One row a branch: which one a read by id would return is Boomi's to say.
        self._seen |= {row.component_id: self.show(row) for row in rows if times[row.component_id] == 1}
        likely_of(self.client).show(rows)

    def _learn(self, found: dict[str, Any]) -> None:
        """Note the branch of what was read by id, and read on where it lives."""
        for answer in found.values():
            if not isinstance(answer, Found):
                continue
            row = answer.value
            self._branch = row.branch_name or self._branch
            if self._questions < 2 or row.folder_id is None or row.component_id in self._seen:  # noqa: PLR2004
                continue
            self._met[row.folder_id] += 1
            # Where each is in a folder of its own, folders have nothing to tell.
            near = self._met[row.folder_id] > 1 or len(self._met) <= _TRIALS or self._saved >= self._read
            for folder in (row.folder_id, None) if near else (None,):
                query = self._pages(folder, row.type)
                if self._may_read() and self._turn(query):
                    self._last = query
                    break

    def _turn(self, query: _Pages) -> bool:
        """Read the next page of a query; tell whether there was one."""
        rows = query.next()
        self._read += bool(rows)
        self._take(rows, query)
        return bool(rows)

    def _take(self, rows: list[ComponentMetadata], query: _Pages) -> None:
        # A component has a row for each branch. That of the branch of a read by id is what such a read returns.
        rows = [row for row in rows if row.branch_name in (None, self._branch)]
        for row in rows:
            self._seen.setdefault(row.component_id, self.show(row))
            self._of[row.component_id] = query
        likely_of(self.client).show(rows)

    def _pages(self, folder: str | None, type_: str | None) -> _Pages:
        if (folder, type_) not in self._queries:
            condition: Filter = _CURRENT
            if folder is not None:
                condition &= where("folderId").equals(folder)
            if type_ is not None:
                condition &= where("type").equals(type_)
            self._queries[folder, type_] = _Pages(self.client.pages(COMPONENT_METADATA, condition))
        return self._queries[folder, type_]
