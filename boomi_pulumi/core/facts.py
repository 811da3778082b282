"""What the account says about the ids that resources name, read in bulk.

All constructors of a program run before its event loop does. So the ids that they name are collected,
and one bulk read per hundred of them serves every resource. A plugin is asked about one resource after another; there,
the second question of a sort reads a picture of all objects, a hundred a page.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from boomi_pulumi.api.client import BULK, Client, Missing
from boomi_pulumi.api.errors import BadRequest, BoomiError, EndpointNotFound
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
from boomi_pulumi.core.kind import Kind
from boomi_pulumi.core.rules import has_unknown, rules
from boomi_pulumi.core.slots import slots_of

__all__ = ["Facts", "needed"]

Fact = dict[str, Any]

_MOST = 1000
"""Objects beyond which a picture of all of them costs more than it saves."""

_QUIET_TURNS = 8
"""Turns of the event loop without a new id after which a batch is sent."""


class Facts:
    """The facts of one run; every id is read once.

    A fact is a plain dict: the properties of the object, or `missing` with Boomi's words, or `error`.

    Args:
        client: The account.
        pictures: Whether resources are asked about one after another, so that a picture of all objects pays.
    """

    def __init__(self, client: Client, *, pictures: bool = False) -> None:
        self._components = _Batch(
            lambda ids: _read(client, COMPONENT_METADATA, ids),
            (lambda: _picture(client, COMPONENT_METADATA, _CURRENT)) if pictures else None,
        )
        self._environments = _Batch(
            lambda ids: _read(client, ENVIRONMENT, ids), (lambda: _picture(client, ENVIRONMENT)) if pictures else None
        )
        self._packages = _Batch(lambda ids: _read(client, PACKAGED_COMPONENT, ids))
        self._packs = _Batch(
            lambda ids: _read(client, PUBLISHER_PACK, ids),
            (lambda: _picture(client, PUBLISHER_PACK)) if pictures else None,
        )
        self._folders = _Batch(
            lambda ids: _read(client, FOLDER, ids), (lambda: _picture(client, FOLDER)) if pictures else None
        )
        self._connectors = _Batch(
            lambda ids: _connectors(client, ids), (lambda: _all_connectors(client)) if pictures else None, worth=1
        )
        slots = _seen_slots if pictures else _slots
        self._slots = _Batch(lambda keys: slots(client, keys))
        self._versions = _Batch(lambda keys: _versions(client, keys))
        self._noted: dict[str, _Batch] = {
            COMPONENT_METADATA.name: self._components,
            ENVIRONMENT.name: self._environments,
            PACKAGED_COMPONENT.name: self._packages,
            PUBLISHER_PACK.name: self._packs,
            FOLDER.name: self._folders,
        }

    async def note(self, target: Object[Any], rows: Sequence[Any], asked: Iterable[str] = ()) -> None:
        """Take what a look-up has read for a fact, and read what makes it whole, if it was a look-up of many.

        Args:
            target: What was looked up.
            rows: What was found.
            asked: The arguments of the look-up.
        """
        if target.name in self._noted and not {"branch", "version"} & set(asked):
            for row in rows:
                id_ = str(row.model_dump(by_alias=True)[target.id])
                self._noted[target.name].note(id_, _fact(row, id_))
        if target.name == PACKAGED_COMPONENT.name and len(rows) > 1:
            await asyncio.gather(*(self.component(row.component_id) for row in rows if row.component_id))

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
        return fact

    async def slot(self, environment: str, component: str) -> Fact:
        """Return version, date and person of what is deployed of a component in an environment; empty if nothing is."""
        return await self._slots.get(f"{environment}/{component}")

    async def pack(self, id_: str) -> Fact:
        """Return name, type and members of an integration pack."""
        fact = dict(await self._packs.get(id_))
        fact["members"] = fact.pop("PublisherPackagedComponents", [])
        return fact

    async def folder(self, id_: str) -> Fact:
        """Return name and state of a folder."""
        return await self._folders.get(id_)

    async def connector(self, classification_type: str) -> Fact:
        """Return version, review and visibility of a connector; nothing where the account cannot read connectors."""
        return await self._connectors.get(classification_type)

    async def versions(self, rows: Any) -> Fact:
        """Return component/version -> shareable, of the components of a release that have been packaged."""
        keys = [
            f"{row.get('componentId', row.get('component_id'))}/{row.get('version')}"
            for row in (rows if isinstance(rows, list) else [])
            if isinstance(row, Mapping)
        ]
        found = await asyncio.gather(*map(self._versions.get, keys))
        error = next((fact["error"] for fact in found if "error" in fact), None)
        if error is not None:
            return {"error": error}
        return {key: fact["shareable"] for key, fact in zip(keys, found, strict=True) if "shareable" in fact}


async def needed(
    kind: Kind[Any], inputs: Mapping[str, Any], ready: Mapping[str, Fact], facts: Facts
) -> dict[str, Fact]:
    """Return property -> what the account says about the object that it names, for all that a kind needs.

    Args:
        kind: The kind.
        inputs: Valid inputs of a resource; what is unknown is not looked up.
        ready: Facts that need not be read.
        facts: The source of all others.
    """
    found: dict[str, Fact] = dict(ready)
    for need in kind.needs:
        if need.property in found or (need.unless is not None and inputs.get(need.unless) is not None):
            continue
        keys = [_key(kind, name, inputs, found) for name in need.keys]
        if all(key is not None and not has_unknown(key) for key in keys):
            found[need.property] = await getattr(facts, need.sort)(*keys, *(inputs.get(name) for name in need.beside))
    return found


def _key(kind: Kind[Any], name: str, inputs: Mapping[str, Any], found: Mapping[str, Fact]) -> Any:
    companion = rules(kind.inputs)[name].companion
    if companion is not None and companion[0] in found:
        return found[companion[0]].get(companion[1])
    return inputs.get(name)


class _Batch:
    """Collects ids, and reads those that came together with one call.

    Args:
        read: Returns the facts of ids.
        everything: Returns the facts of all objects, where that pays from the `worth`-th call on.
        worth: See there.
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
        self._seen[id_] = fact

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


def _picture(client: Client, target: Object[Any], condition: Filter | None = None) -> dict[str, Fact]:
    """Return what can be told of all objects at once; what is left out must be asked for by its id."""
    found: dict[str, Fact] = {}
    twice: set[str] = set()
    for row in client.query(target, condition, most=_MOST):
        id_ = str(row.model_dump(by_alias=True)[target.id])
        if id_ in found:
            # One row a branch: which one a read by id would return is Boomi's to say.
            twice.add(id_)
        found[id_] = _fact(row, id_)
    return {id_: fact for id_, fact in found.items() if id_ not in twice}


def _connectors(client: Client, ids: Sequence[str]) -> dict[str, Fact]:
    try:
        rows = _all_connectors(client)
    except (EndpointNotFound, BadRequest):
        # Boomi documents no way to read connectors; where there is none, there are no facts.
        return {id_: {} for id_ in ids}
    except BoomiError as error:
        return {id_: {"id": id_, "error": str(error)} for id_ in ids}
    return {id_: rows.get(id_, {"id": id_, "missing": "no connector group has it"}) for id_ in ids}


def _all_connectors(client: Client) -> dict[str, Fact]:
    return {
        each.classification_type: _fact(each, each.classification_type)
        for group in client.query(CONNECTOR_GROUP)
        for each in group.classifications
    }


def _seen_slots(client: Client, keys: Sequence[str]) -> dict[str, Fact]:
    """Read slots from the picture that creates and updates of this process share."""
    found: dict[str, Fact] = {}
    for key in keys:
        environment, component = key.split("/", 1)
        try:
            rows = slots_of(client).active(environment, component)
        except BoomiError as error:
            found[key] = {"error": str(error)}
        else:
            found[key] = next((_slot(row) for row in rows), {})
    return found


def _slot(row: Record) -> Fact:
    return row.model_dump(by_alias=True, exclude_none=True, exclude={"notes"})


def _fact(row: Record, id_: str) -> Fact:
    fact = row.model_dump(by_alias=True, exclude_none=True)
    fact.pop("notes", None)
    return {**fact, "id": id_}


def _slots(client: Client, keys: Sequence[str]) -> dict[str, Fact]:
    """Read slots, a hundred a query; a query returns no more rows than it names slots."""
    found: dict[str, Fact] = {key: {} for key in keys}
    try:
        for start in range(0, len(keys), BULK):
            wanted: dict[str, list[Filter]] = {}
            for key in keys[start : start + BULK]:
                environment, component = key.split("/", 1)
                wanted.setdefault(environment, []).append(where("componentId").equals(component))
            slots = [where("environmentId").equals(each) & _any(of) for each, of in wanted.items()]
            only = environment if len(wanted) == 1 else None  # an answer need not repeat it then
            for row in client.query(DEPLOYED_PACKAGE, where("active").equals(True) & _any(slots)):
                if row.active is not False:
                    found[f"{row.environment_id or only}/{row.component_id}"] = _slot(row)
    except BoomiError as error:
        return {key: {"error": str(error)} for key in keys}
    return found


def _any(conditions: Sequence[Filter]) -> Filter:
    return conditions[0] if len(conditions) == 1 else Group.of("or", *conditions)


def _versions(client: Client, keys: Sequence[str]) -> dict[str, Fact]:
    found: dict[str, Fact] = {key: {} for key in keys}
    try:
        for start in range(0, len(keys), BULK):
            pairs = [key.split("/", 1) for key in keys[start : start + BULK]]
            each = [where("componentId").equals(one) & where("packageVersion").equals(two) for one, two in pairs]
            for row in client.query(PACKAGED_COMPONENT, Group.of("or", *each)):
                if row.deleted is not True and row.shareable is not None:
                    found[f"{row.component_id}/{row.package_version}"] = {"shareable": row.shareable}
    except BoomiError as error:
        return {key: {"error": str(error)} for key in keys}
    return found


def _read(client: Client, target: Object[Any], ids: Sequence[str]) -> dict[str, Fact]:
    try:
        found = client.bulk(target, ids)
    except BoomiError as error:
        # An exception here would end the program with a stack trace; `check` words it better.
        return {id_: {"id": id_, "error": str(error)} for id_ in ids}
    facts: dict[str, Fact] = {}
    for id_, each in found.items():
        if isinstance(each, Missing):
            facts[id_] = {"id": id_, "missing": each.said}
        elif isinstance(each, BoomiError):
            facts[id_] = {"id": id_, "error": str(each)}
        else:
            facts[id_] = _fact(each, id_)
    return facts
