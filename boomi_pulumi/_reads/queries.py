"""How facts are read: many ids with one request, and whatever goes wrong is a fact as well."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import BULK, Client
from boomi_pulumi._api.errors import BadRequest, BoomiError, EndpointNotFound, Forbidden, Unauthorized
from boomi_pulumi._api.filters import Filter, Group, where
from boomi_pulumi._api.models import (
    COMPONENT_METADATA,
    CONNECTOR_GROUP,
    DEPLOYED_PACKAGE,
    PACKAGED_COMPONENT,
    Object,
    Record,
)
from boomi_pulumi._lifecycle.origin import strip_mark
from boomi_pulumi._reads.deployments import deployments_of

__all__ = ["Batch", "Fact", "Look", "any_of", "fact_of", "marked"]

R = TypeVar("R", bound=Record)

Fact = dict[str, Any]

_MOST = 1000
"""Beyond this many objects, to read all of them costs more than it saves."""

_QUIET_TURNS = 8
"""Turns of the event loop without a new id after which a batch is sent."""


class Batch:
    """Collects ids, and reads those that came together with one call.

    Args:
        read: Returns the facts of ids.
        everything: Returns the facts of all objects, where that pays from the `worth`-th call on.
        worth: The call from which on all objects are read at once (2: from the second).
    """

    def __init__(
        self,
        read: Callable[[Sequence[str]], Mapping[str, Fact]],
        everything: Callable[[], Mapping[str, Fact]] | None = None,
        worth: int = 2,
    ) -> None:
        self._read = read
        self._everything = everything
        self._worth = worth
        self._calls = 0
        self._seen: dict[str, Fact] = {}
        self._known: dict[str, asyncio.Future[Fact]] = {}
        self._waiting: list[str] = []
        self._flush: asyncio.Task[None] | None = None

    def note(self, id_: str, fact: Fact) -> None:
        """Take a fact that was read otherwise."""
        self._seen[id_] = fact

    async def get(self, id_: Any) -> Fact:
        """Return the fact of an id; empty where it is none."""
        if not isinstance(id_, str) or not id_.strip():
            return {}
        future = self._known.get(id_)
        if future is None:
            future = self._known[id_] = asyncio.get_running_loop().create_future()
            self._waiting.append(id_)
            if self._flush is None:
                self._flush = asyncio.ensure_future(self._send())
        return await asyncio.shield(future)

    async def _send(self) -> None:
        # What becomes known while a read is under way travels with the next one.
        while self._waiting:
            quiet, count = 0, 0
            while quiet < _QUIET_TURNS:
                await asyncio.sleep(0)
                quiet = quiet + 1 if len(self._waiting) == count else 0
                count = len(self._waiting)
            ids, self._waiting = self._waiting, []
            await self._take(ids)
        self._flush = None

    async def _take(self, ids: list[str]) -> None:
        try:
            facts = await asyncio.to_thread(self._look, ids)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must not wait for ever
            for id_ in ids:
                self._known[id_].set_exception(error)
            return
        for id_ in ids:
            self._known[id_].set_result(facts[id_])

    def _look(self, ids: list[str]) -> dict[str, Fact]:
        new = [id_ for id_ in ids if id_ not in self._seen]
        self._calls += bool(new)
        if new and self._everything is not None and self._calls >= self._worth:
            everything, self._everything = self._everything, None
            with contextlib.suppress(BoomiError):  # a read by id says better what is wrong
                self._seen = {**everything(), **self._seen}
            new = [id_ for id_ in ids if id_ not in self._seen]
        read = self._read(new) if new else {}
        return {id_: read[id_] if id_ in read else self._seen[id_] for id_ in ids}


_CURRENT = where("currentVersion").equals(True) & where("deleted").equals(False)


class Look:
    """Looks at an account; whatever goes wrong is a fact, since an exception would end the program with a trace."""

    def __init__(self, client: Client, tell: Callable[[str], None]) -> None:
        self.client = client
        self._tell = tell
        self._told: set[str] = set()
        self._lock = threading.Lock()
        self._frozen_seen: dict[str, dict[str, Fact] | None] = {}
        self._frozen_asked = 0

    def read(self, target: Object[Any], ids: Sequence[str]) -> dict[str, Fact]:
        """Return the facts of objects by id."""
        try:
            found = self.client.bulk(target, ids)
        except BoomiError as error:
            return {id_: self.failed(target, error, id_) for id_ in ids}
        facts: dict[str, Fact] = {}
        for id_, each in found.items():
            if isinstance(each, Missing):
                facts[id_] = {"id": id_, "missing": each.said}
            elif isinstance(each, BoomiError):
                facts[id_] = self.failed(target, each, id_)
            else:
                facts[id_] = fact_of(each, id_)
        return facts

    def picture(self, target: Object[Any]) -> dict[str, Fact]:
        """Return what can be told of all objects at once; what is left out must be asked for by its id."""
        condition = _CURRENT if target is COMPONENT_METADATA else None
        found: dict[str, Fact] = {}
        twice: set[str] = set()
        for row in self.client.query(target, condition, most=_MOST):
            id_ = str(row[target.id])
            if id_ in found:
                # One row a branch: which one a read by id would return is Boomi's to say.
                twice.add(id_)
            found[id_] = fact_of(row, id_)
        return {id_: fact for id_, fact in found.items() if id_ not in twice}

    def query(
        self,
        target: Object[R],
        keys: Sequence[str],
        condition: Callable[[Sequence[str]], Filter],
        *,
        most: int | None = None,
    ) -> tuple[list[R], Fact]:
        """Return the rows that a condition on keys finds, and the fact of every key that has none.

        A hundred keys are one query. Where Boomi refuses that, as too long or of a form that it does not take, half as
        many are; where it refuses the question about a single one, nothing is asked any more.

        Args:
            target: What is queried.
            keys: What it is about.
            condition: Returns the filter for some of the keys.
            most: Rows of a query beyond which none of them is read.
        """
        rows: list[R] = []
        many, start = BULK, 0
        while start < len(keys):
            part = keys[start : start + many]
            try:
                rows += self.client.query(target, condition(part), most=most)
            except BadRequest as error:
                if len(part) == 1:
                    self._say(target, f'Boomi refuses the query of {target.name} (it said: "{error.said}")')
                    return rows, {}
                many = len(part) // 2
            except BoomiError as error:
                return rows, self.failed(target, error)
            else:
                start += len(part)
        return rows, {"absent": True}

    def failed(self, target: Object[Any], error: BoomiError, id_: str | None = None) -> Fact:
        """Return the fact that stands for a look that failed: none where the user may not look, which is said once."""
        if isinstance(error, Forbidden):
            self._say(
                target,
                f'this user may not read {target.name} (Boomi answered {error.status}: "{error.said}"); '
                f"it takes {target.privileges}",
            )
            return {}
        # The first refusal of the credentials says what to do; this may be the only error that is shown.
        first = error.first if isinstance(error, Unauthorized) else None
        return {**({"id": id_} if id_ is not None else {}), "error": str(first or error)}

    def _say(self, target: Object[Any], reason: str) -> None:
        with self._lock:
            if target.name in self._told:
                return
            self._told.add(target.name)
        self._tell(f"Names, versions and checks of {target.name} are left out of the preview: {reason}.")

    # -- by kind ---------------------------------------------------------------------------------

    def packages(self, ids: Sequence[str]) -> dict[str, Fact]:
        """Read packages; who may only deploy learns of one from its deployments, wherever it was deployed."""
        found = self.read(PACKAGED_COMPONENT, ids)
        unread = [id_ for id_, fact in found.items() if not fact]
        if unread:
            rows, rest = self.query(
                DEPLOYED_PACKAGE, unread, lambda part: any_of([where("packageId").equals(id_) for id_ in part])
            )
            if "error" in rest:
                found |= dict.fromkeys(unread, rest)
            names = ("packageId", "packageVersion", "componentId", "componentVersion")
            for row in rows:
                if row.package_id in found:
                    about = {name: row[name] for name in names if name in row}
                    found[row.package_id] = {"id": row.package_id, "partial": True, **about}
        return found

    def connectors(self, ids: Sequence[str]) -> dict[str, Fact]:
        """Read connectors, which Boomi tells in groups."""
        try:
            rows = self.all_connectors()
        except (EndpointNotFound, BadRequest):
            # Boomi documents no way to read connectors; where there is none, there are no facts.
            return {id_: {} for id_ in ids}
        except BoomiError as error:
            return {id_: self.failed(CONNECTOR_GROUP, error, id_) for id_ in ids}
        return {id_: rows.get(id_, {"id": id_, "missing": "no connector group has it"}) for id_ in ids}

    def all_connectors(self) -> dict[str, Fact]:
        """Return the facts of all connectors."""
        return {
            each.classification_type: fact_of(each, each.classification_type)
            for group in self.client.query(CONNECTOR_GROUP)
            for each in group.classifications
        }

    def deployments(self, keys: Sequence[str]) -> dict[str, Fact]:
        """Read active deployments, a hundred a query; a query returns no more rows than it names."""

        def condition(part: Sequence[str]) -> Filter:
            wanted: dict[str, list[Filter]] = {}
            for key in part:
                environment, component = key.split("/", 1)
                wanted.setdefault(environment, []).append(where("componentId").equals(component))
            pairs = [where("environmentId").equals(each) & any_of(of) for each, of in wanted.items()]
            return where("active").equals(True) & any_of(pairs)

        environments = {key.split("/", 1)[0] for key in keys}
        only = next(iter(environments)) if len(environments) == 1 else None  # an answer need not repeat it then
        rows, other = self.query(DEPLOYED_PACKAGE, keys, condition)
        found = {
            f"{row.environment_id or only}/{row.component_id}": marked(row) for row in rows if row.active is not False
        }
        return {key: other if "error" in other else found.get(key, other) for key in keys}

    def seen_deployments(self, keys: Sequence[str]) -> dict[str, Fact]:
        """Read active deployments from the picture that creates and updates of this process share."""
        found: dict[str, Fact] = {}
        for key in keys:
            environment, component = key.split("/", 1)
            try:
                rows = deployments_of(self.client).active(environment, component)
            except BoomiError as error:
                found[key] = self.failed(DEPLOYED_PACKAGE, error)
            else:
                found[key] = next((marked(row) for row in rows), {"absent": True})
        return found

    def frozen(self, keys: Sequence[str]) -> dict[str, Fact]:
        """Read packages by component and version, a hundred a query; one that is alive counts before a deleted one."""

        def condition(part: Sequence[str]) -> Filter:
            pairs = (key.split("/", 1) for key in part)
            return any_of(
                [where("componentId").equals(one) & where("packageVersion").equals(two) for one, two in pairs]
            )

        rows, other = self.query(PACKAGED_COMPONENT, keys, condition)
        found: dict[str, Fact] = {}
        for row in rows:
            # An answer need not repeat what a query for one package has named.
            key = keys[0] if len(keys) == 1 else f"{row.component_id}/{row.package_version}"
            if row.package_version in (None, key.split("/", 1)[1]):
                _prefer(found, key, row)
        return {key: other if "error" in other else found.get(key, other) for key in keys}

    def histories(self, keys: Sequence[str]) -> dict[str, Fact]:
        """Read all packages of components, a hundred components a query; none where they are too many."""

        def condition(part: Sequence[str]) -> Filter:
            return any_of([where("componentId").equals(key) for key in part])

        rows, rest = self.query(PACKAGED_COMPONENT, keys, condition, most=_MOST)
        found: dict[str, Fact] = {key: dict(rest) if "error" in rest else {} for key in keys}
        for row in rows:
            if row.component_id in found:
                found[row.component_id].setdefault("packages", []).append(row)
        return found

    def seen_frozen(self, keys: Sequence[str]) -> dict[str, Fact]:
        """Read packages where one is asked about after another: from the second on, all that bear the same version."""
        found: dict[str, Fact] = {}
        for key in keys:
            version = key.split("/", 1)[1]
            self._frozen_asked += 1
            if version not in self._frozen_seen and self._frozen_asked > 1:
                self._frozen_seen[version] = self._of_version(version)
            seen = self._frozen_seen.get(version)
            found[key] = self.frozen([key])[key] if seen is None else seen.get(key, {"absent": True})
        return found

    def _of_version(self, version: str) -> dict[str, Fact] | None:
        """Return component/version -> fact of all packages of a version; None if that is too much to ask."""
        found: dict[str, Fact] = {}
        try:
            for place, row in enumerate(self.client.query(PACKAGED_COMPONENT, where("packageVersion").equals(version))):
                if place == _MOST:
                    return None
                if row.package_version == version:
                    _prefer(found, f"{row.component_id}/{version}", row)
        except BoomiError:
            return None
        return found


def _prefer(found: dict[str, Fact], key: str, row: Record) -> None:
    """Note what a version holds; one that is alive counts before a deleted one."""
    if found.get(key, {}).get("deleted", True) is True:
        found[key] = marked(row)


def fact_of(record: Record, id_: str) -> Fact:
    """Return a record as a fact: without its notes, which may be secret."""
    return {**{name: value for name, value in record.items() if name != "notes"}, "id": id_}


def any_of(conditions: Sequence[Filter]) -> Filter:
    """Return what meets one of some conditions, without a group around a single one."""
    return conditions[0] if len(conditions) == 1 else Group.of("or", *conditions)


def marked(row: Record) -> Fact:
    """Return a record as a fact: without its notes, which may be secret, but with their mark."""
    fact = dict(row)
    mark = strip_mark(fact.pop("notes", None))[1]
    return fact if mark is None else {**fact, "mark": mark}
