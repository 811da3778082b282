"""What the account says about the ids that a program names, read in bulk while the program runs.

All constructors of a program run before its event loop does. So the ids that they name are collected,
and one bulk read per hundred of them serves every resource.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from boomi_pulumi.api.client import BULK, Client, Missing
from boomi_pulumi.api.errors import BadRequest, BoomiError, EndpointNotFound, Forbidden, Unauthorized
from boomi_pulumi.api.filters import Filter, Group, where
from boomi_pulumi.api.models import (
    COMPONENT_METADATA,
    CONNECTOR_GROUP,
    DEPLOYED_PACKAGE,
    ENVIRONMENT,
    FOLDER,
    PACKAGED_COMPONENT,
    PUBLISHER_PACK,
    Object,
    Record,
)
from boomi_pulumi.api.say import say
from boomi_pulumi.core.kind import Kind, Need
from boomi_pulumi.core.rules import rules, strip_mark

__all__ = ["Facts", "Told", "wanted"]

R = TypeVar("R", bound=Record)

Fact = dict[str, Any]

_QUIET_TURNS = 8
"""Turns of the event loop without a new id after which a batch is sent."""


class Facts:
    """The facts of one program; every id is read once.

    A fact is a plain dict: the properties of the object, or `missing` with Boomi's words, `absent` where a query found
    none, or `error`. It is empty where
    nobody can tell, since the user may not look or Boomi refuses the question, and has `partial` where something of it
    is left out for that reason: that costs names, not the run.

    Args:
        client: The account.
        tell: Takes a line for the user.
    """

    def __init__(self, client: Client, tell: Callable[[str], None] = say) -> None:
        look = _Look(client, tell)
        self._components = _Batch(lambda ids: look.read(COMPONENT_METADATA, ids))
        self._environments = _Batch(lambda ids: look.read(ENVIRONMENT, ids))
        self._packages = _Batch(lambda ids: _packages(look, ids))
        self._packs = _Batch(lambda ids: look.read(PUBLISHER_PACK, ids))
        self._folders = _Batch(lambda ids: look.read(FOLDER, ids))
        self._connectors = _Batch(lambda ids: _connectors(look, ids))
        self._slots = _Batch(lambda keys: _slots(look, keys))
        self._frozen = _Batch(lambda keys: _frozen(look, keys))

    async def of(self, need: Need, keys: Sequence[Any], beside: Sequence[Any]) -> Fact | None:
        """Return what a check needs; None where something that names the object is not there."""
        if not all(keys):
            return None
        found: Fact = await getattr(self, need.sort)(*keys, *beside)
        return found

    async def component(self, id_: str, branch: str | None = None) -> Fact:
        """Return name, type, version, deleted and branch of a component; no version where another branch is meant."""
        fact = await self._components.get(id_)
        if branch in (None, fact.get("branchName")):
            return fact
        return {name: value for name, value in fact.items() if name != "version"}

    async def environment(self, id_: str) -> Fact:
        """Return name and classification of an environment."""
        return await self._environments.get(id_)

    async def package(self, id_: str) -> Fact:
        """Return version, revision, deleted and component of a package, with the component's name."""
        fact = dict(await self._packages.get(id_))
        component = fact.get("componentId")
        if component:
            about = await self.component(component)
            fact["componentName"] = about.get("name")
            fact |= {} if about else {"partial": True}
        return fact

    async def slot(self, environment: str, component: str) -> Fact:
        """Return version, date and person of what is deployed of a component in an environment, or `absent`."""
        return await self._slots.get(f"{environment}/{component}")

    async def pack(self, id_: str) -> Fact:
        """Return name, type and members of an integration pack."""
        fact = dict(await self._packs.get(id_))
        return {**fact, "members": fact.pop("PublisherPackagedComponents", [])} if fact else fact

    async def folder(self, id_: str) -> Fact:
        """Return name and state of a folder."""
        return await self._folders.get(id_)

    async def connector(self, classification_type: str) -> Fact:
        """Return version, review and visibility of a connector; nothing where the account cannot read connectors."""
        return await self._connectors.get(classification_type)

    async def frozen(self, component: str, version: str) -> Fact:
        """Return what is frozen under a version of a component, alive or deleted; absent if it was never packaged."""
        fact = await self._frozen.get(f"{component}/{version}")
        return {**fact, "id": version} if fact else fact

    async def versions(self, rows: Any) -> Fact:
        """Return component/version -> shareable, of the components of a release that have been packaged."""
        keys = [
            f"{row.get('componentId', row.get('component_id'))}/{row.get('version')}"
            for row in (rows if isinstance(rows, list) else [])
            if isinstance(row, Mapping)
        ]
        found = await asyncio.gather(*map(self._frozen.get, keys))
        error = next((fact["error"] for fact in found if "error" in fact), None)
        if error is not None:
            return {"error": error}
        alive = {key: fact for key, fact in zip(keys, found, strict=True) if fact.get("deleted") is not True}
        return {key: fact["shareable"] for key, fact in alive.items() if "shareable" in fact}


@dataclass(frozen=True)
class Told:
    """A key that another fact tells."""

    property: str
    fact: str


def wanted(
    kind: Kind[Any], given: Mapping[str, Any], ready: Collection[str], known: Mapping[str, Any]
) -> Iterator[tuple[Need, list[Any], list[Any]]]:
    """Return the facts to be read for a resource, each with its keys (values or `Told`) and what stands beside them.

    Args:
        kind: The resource's kind.
        given: Its inputs by Boomi's name; None for what the program does not give.
        ready: Properties whose facts need not be read.
        known: Keys that are known earlier than the facts that would tell them.
    """
    have = set(ready)
    for need in kind.needs:
        if need.property in have or (need.unless is not None and given.get(need.unless) is not None):
            continue
        keys = [_key(kind, name, given, have, known) for name in need.keys]
        if all(key is not None for key in keys):
            have.add(need.property)
            yield need, keys, [given.get(name) for name in need.beside]


def _key(kind: Kind[Any], name: str, given: Mapping[str, Any], have: Collection[str], known: Mapping[str, Any]) -> Any:
    companion = rules(kind.inputs)[name].companion
    if known.get(name) is not None:
        return known[name]
    if companion is not None and companion[0] in have:
        return Told(*companion)
    return given.get(name)


class _Batch:
    """Collects ids, and reads those that came together with one call."""

    def __init__(self, read: Callable[[Sequence[str]], Mapping[str, Fact]]) -> None:
        self._read = read
        self._known: dict[str, asyncio.Future[Fact]] = {}
        self._waiting: list[str] = []
        self._flush: asyncio.Task[None] | None = None

    async def get(self, id_: str) -> Fact:
        if not str(id_).strip():
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
            facts = await asyncio.to_thread(self._read, ids)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must not wait for ever
            for id_ in ids:
                self._known[id_].set_exception(error)
            return
        for id_ in ids:
            self._known[id_].set_result(facts[id_])


class _Look:
    """Looks at an account; whatever goes wrong is a fact, since an exception would end the program with a trace."""

    def __init__(self, client: Client, tell: Callable[[str], None]) -> None:
        self.client = client
        self._tell = tell
        self._told: set[str] = set()
        self._lock = threading.Lock()

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
                facts[id_] = {**_about(each), "id": id_}
        return facts

    def query(
        self, target: Object[R], keys: Sequence[str], condition: Callable[[Sequence[str]], Filter]
    ) -> tuple[list[R], Fact]:
        """Return the rows that a condition on keys finds, and the fact of every key that has none.

        A hundred keys are one query. Where Boomi refuses that, as too long or of a form that it does not take, half as
        many are; where it refuses the question about a single one, nothing is asked any more.

        Args:
            target: What is queried.
            keys: What it is about.
            condition: Returns the filter for some of the keys.
        """
        rows: list[R] = []
        most, start = BULK, 0
        while start < len(keys):
            part = keys[start : start + most]
            try:
                rows += self.client.query(target, condition(part))
            except BadRequest as error:
                if len(part) == 1:
                    self._say(target, f'Boomi refuses the query of {target.name} (it said: "{error.said}")')
                    return rows, {}
                most = len(part) // 2
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
                f'this user may not read {target.name} (Boomi answered 403: "{error.said}"); '
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


def _about(record: Record) -> Fact:
    return {name: value for name, value in record.items() if name != "notes"}


def _packages(look: _Look, ids: Sequence[str]) -> dict[str, Fact]:
    """Read packages; who may only deploy learns of one from its deployments, wherever it was deployed."""
    found = look.read(PACKAGED_COMPONENT, ids)
    unread = [id_ for id_, fact in found.items() if not fact]
    if unread:
        rows, _ = look.query(
            DEPLOYED_PACKAGE, unread, lambda part: _any([where("packageId").equals(id_) for id_ in part])
        )
        names = ("packageId", "packageVersion", "componentId", "componentVersion")
        for row in rows:
            about = _about(row)
            if about.get("packageId") in found:
                found[about["packageId"]] = {
                    "id": about["packageId"],
                    "partial": True,
                    **{name: about[name] for name in names if name in about},
                }
    return found


def _connectors(look: _Look, ids: Sequence[str]) -> dict[str, Fact]:
    try:
        rows = {
            each.classification_type: each
            for group in look.client.query(CONNECTOR_GROUP)
            for each in group.classifications
        }
    except (EndpointNotFound, BadRequest):
        # Boomi documents no way to read connectors; where there is none, there are no facts.
        return {id_: {} for id_ in ids}
    except BoomiError as error:
        return {id_: look.failed(CONNECTOR_GROUP, error, id_) for id_ in ids}
    return {
        id_: {**rows[id_], "id": id_} if id_ in rows else {"id": id_, "missing": "no connector group has it"}
        for id_ in ids
    }


def _slots(look: _Look, keys: Sequence[str]) -> dict[str, Fact]:
    """Read slots, a hundred a query; a query returns no more rows than it names slots."""

    def condition(part: Sequence[str]) -> Filter:
        wanted: dict[str, list[Filter]] = {}
        for key in part:
            environment, component = key.split("/", 1)
            wanted.setdefault(environment, []).append(where("componentId").equals(component))
        slots = [where("environmentId").equals(each) & _any(of) for each, of in wanted.items()]
        return where("active").equals(True) & _any(slots)

    environments = {key.split("/", 1)[0] for key in keys}
    only = next(iter(environments)) if len(environments) == 1 else None  # an answer need not repeat it then
    rows, other = look.query(DEPLOYED_PACKAGE, keys, condition)
    found = {
        f"{row.environment_id or only}/{row.component_id}": _marked(row) for row in rows if row.active is not False
    }
    return {key: other if "error" in other else found.get(key, other) for key in keys}


def _frozen(look: _Look, keys: Sequence[str]) -> dict[str, Fact]:
    """Read packages by component and version, a hundred a query; one that is alive counts before a deleted one."""

    def condition(part: Sequence[str]) -> Filter:
        pairs = (key.split("/", 1) for key in part)
        return _any([where("componentId").equals(one) & where("packageVersion").equals(two) for one, two in pairs])

    rows, other = look.query(PACKAGED_COMPONENT, keys, condition)
    found: dict[str, Fact] = {}
    for row in rows:
        # An answer need not repeat what a query for one package has named.
        key = keys[0] if len(keys) == 1 else f"{row.component_id}/{row.package_version}"
        if row.package_version in (None, key.split("/", 1)[1]) and found.get(key, {}).get("deleted", True) is True:
            found[key] = _marked(row)
    return {key: other if "error" in other else found.get(key, other) for key in keys}


def _any(conditions: Sequence[Filter]) -> Filter:
    return conditions[0] if len(conditions) == 1 else Group.of("or", *conditions)


def _marked(row: Record) -> Fact:
    """Return a record as a fact: without its notes, which may be secret, but with their mark."""
    fact = dict(row)
    mark = strip_mark(fact.pop("notes", None))[1]
    return fact if mark is None else {**fact, "mark": mark}
