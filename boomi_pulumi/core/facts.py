"""What the account says about the ids that a program names, read in bulk while the program runs.

All constructors of a program run before its event loop does. So the ids that they name are collected,
and one bulk read per hundred of them serves every resource.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
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
)

__all__ = ["MISSING", "Facts"]

Fact = dict[str, Any]

MISSING = "missing"
"""In place of what is known of a version that was never packaged."""

_QUIET_TURNS = 8
"""Turns of the event loop without a new id after which a batch is sent."""


class Facts:
    """The facts of one program; every id is read once.

    A fact is a plain dict: the properties of the object, or `missing` with Boomi's words, or `error`.
    """

    def __init__(self, client: Client) -> None:
        self._components = _Batch(lambda ids: _read(client, COMPONENT_METADATA, ids))
        self._environments = _Batch(lambda ids: _read(client, ENVIRONMENT, ids))
        self._packages = _Batch(lambda ids: _read(client, PACKAGED_COMPONENT, ids))
        self._packs = _Batch(lambda ids: _read(client, PUBLISHER_PACK, ids))
        self._folders = _Batch(lambda ids: _read(client, FOLDER, ids))
        self._connectors = _Batch(lambda ids: _connectors(client, ids))
        self._slots = _Batch(lambda keys: _slots(client, keys))
        self._versions = _Batch(lambda keys: _versions(client, keys))
        self._declared: set[str] = set()

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
        """Return component/version -> shareable, or MISSING if it was never packaged, for each row of a release."""
        keys = [
            f"{row.get('componentId', row.get('component_id'))}/{row.get('version')}"
            for row in (rows if isinstance(rows, list) else [])
            if isinstance(row, Mapping)
        ]
        found = await asyncio.gather(*map(self._versions.get, keys))
        error = next((fact["error"] for fact in found if "error" in fact), None)
        if error is not None:
            return {"error": error}
        rows = dict(zip(keys, found, strict=True))
        return {key: fact.get("shareable", MISSING) for key, fact in rows.items() if fact or key not in self._declared}

    def declare(self, component: Any, version: Any) -> None:
        """Note a version that the program packages itself: a release may name it before it is there."""
        self._declared.add(f"{component}/{version}")


class _Batch:
    """Collects ids, and reads those that came together with one call."""

    def __init__(self, read: Callable[[Sequence[str]], Mapping[str, Fact]]) -> None:
        self._read = read
        self._known: dict[str, asyncio.Future[Fact]] = {}
        self._waiting: list[str] = []
        self._flush: asyncio.Task[None] | None = None

    async def get(self, id_: Any) -> Fact:
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
            facts = await asyncio.to_thread(self._read, ids)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must not wait for ever
            for id_ in ids:
                self._known[id_].set_exception(error)
            return
        for id_ in ids:
            self._known[id_].set_result(facts[id_])


def _connectors(client: Client, ids: Sequence[str]) -> dict[str, Fact]:
    try:
        rows = {
            each.classification_type: each for group in client.query(CONNECTOR_GROUP) for each in group.classifications
        }
    except (EndpointNotFound, BadRequest):
        # Boomi documents no way to read connectors; where there is none, there are no facts.
        return {id_: {} for id_ in ids}
    except BoomiError as error:
        return {id_: {"id": id_, "error": str(error)} for id_ in ids}
    return {
        id_: {**rows[id_], "id": id_} if id_ in rows else {"id": id_, "missing": "no connector group has it"}
        for id_ in ids
    }


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
                    about = {name: value for name, value in row.items() if name != "notes"}
                    found[f"{row.environment_id or only}/{row.component_id}"] = about
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
                if row.deleted is not True:
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
            facts[id_] = {**each, "id": id_}
            facts[id_].pop("notes", None)
    return facts
