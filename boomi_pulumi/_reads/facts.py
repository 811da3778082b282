"""What the account says about the ids that resources name, read in bulk.

All constructors of a program run before its event loop does. So the ids that they name are collected,
and one bulk read per hundred of them serves every resource. A plugin is asked about one resource after another; there,
the second question about the same kind of object reads all of them, a hundred a page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.models import (
    COMPONENT_METADATA,
    ENVIRONMENT,
    FOLDER,
    PACKAGED_COMPONENT,
    PUBLISHER_PACK,
    Object,
    Record,
)
from boomi_pulumi._api.say import say
from boomi_pulumi._lifecycle.fields import UNKNOWN, has_unknown, key, rules
from boomi_pulumi._lifecycle.kind import Kind, Need
from boomi_pulumi._reads.history import brought
from boomi_pulumi._reads.queries import Batch, Fact, Look, fact_of

__all__ = ["MISSING", "Facts", "Told", "needed", "wanted"]

MISSING = "missing"
"""In place of what is known of a version that was never packaged."""


class Facts:
    """The facts of one program; every id is read once.

    A fact is a plain dict: the properties of the object, or `missing` with Boomi's words, `absent` where a query found
    none, or `error`. It is empty where
    nobody can tell, since the user may not look or Boomi refuses the question, and has `partial` where something of it
    is left out for that reason: that costs names, not the run.

    Args:
        client: The account.
        tell: Takes a line for the user.
        pictures: The caller asks for one resource at a time (the plugin). Then the second question reads all objects.
    """

    def __init__(self, client: Client, tell: Callable[[str], None] = say, *, pictures: bool = False) -> None:
        look = Look(client, tell)

        def batch(target: Object[Any]) -> Batch:
            return Batch(partial(look.read, target), partial(look.picture, target) if pictures else None)

        self._components = batch(COMPONENT_METADATA)
        self._environments = batch(ENVIRONMENT)
        self._packs = batch(PUBLISHER_PACK)
        self._folders = batch(FOLDER)
        self._packages = Batch(look.packages)
        self._connectors = Batch(look.connectors, look.all_connectors if pictures else None, worth=1)
        self._deployments = Batch(look.seen_deployments if pictures else look.deployments)
        self._frozen = Batch(look.seen_frozen if pictures else look.frozen)
        self._histories = Batch(look.histories)
        self._declared: set[str] = set()
        self._noted: dict[str, Batch] = {
            COMPONENT_METADATA.name: self._components,
            ENVIRONMENT.name: self._environments,
            PACKAGED_COMPONENT.name: self._packages,
            PUBLISHER_PACK.name: self._packs,
            FOLDER.name: self._folders,
        }

    async def note(self, target: Object[Any], rows: Sequence[Record], asked: Iterable[str] = ()) -> None:
        """Take what a look-up has read for a fact, and read what makes it whole, if it was a look-up of many.

        Args:
            target: What was looked up.
            rows: What was found.
            asked: The arguments of the look-up.
        """
        if target.name in self._noted and not {"branch", "version"} & set(asked):
            for row in rows:
                self._noted[target.name].note(str(row[target.id]), fact_of(row, str(row[target.id])))
        if target.name == PACKAGED_COMPONENT.name and len(rows) > 1:
            await asyncio.gather(*(self.component(row["componentId"]) for row in rows if row.get("componentId")))

    async def of(self, need: Need, keys: Sequence[Any], beside: Sequence[Any]) -> Fact | None:
        """Return what a check needs; None where something that names the object is not there."""
        if not all(keys):
            return None
        found: Fact = await getattr(self, need.fact)(*keys, *beside)
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

    async def active_deployment(self, environment: str, component: str) -> Fact:
        """Return version, date and person of what is deployed of a component in an environment, or `absent`."""
        return await self._deployments.get(f"{environment}/{component}")

    async def brings(self, environment: str, component: str, package: str) -> Fact:
        """Return, as `lines`, what a package would bring to an environment where another one is active."""
        there = (await self.active_deployment(environment, component)).get("packageId")
        if there in (None, package):
            return {}
        fact = await self._histories.get(component)
        if "error" in fact:
            return {"error": fact["error"]}
        return {"lines": brought(fact["packages"], there, package)} if "packages" in fact else {}

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
        """Return component/version -> shareable, or MISSING if it was never packaged, for each row of a release."""
        keys = [
            f"{row.get('componentId', row.get('component_id'))}/{row.get('version')}"
            for row in (rows if isinstance(rows, list) else [])
            if isinstance(row, Mapping)
        ]
        found = await asyncio.gather(*map(self._frozen.get, keys))
        error = next((fact["error"] for fact in found if "error" in fact), None)
        if error is not None:
            return {"error": error}
        each = {key: self._released(key, fact) for key, fact in zip(keys, found, strict=True)}
        return {key: shareable for key, shareable in each.items() if shareable is not None}

    def _released(self, key: str, fact: Fact) -> bool | str | None:
        """Return whether a version is shareable, or MISSING; None where nobody may tell, or the program makes it."""
        if fact.get("absent") is True or fact.get("deleted") is True:
            return None if key in self._declared else MISSING
        return fact.get("shareable")

    def declare(self, kind: Kind[Any], inputs: Mapping[str, Any]) -> None:
        """Note what the program makes itself and others may name: a release names a version before it is there."""
        one = key(kind.inputs, inputs) if kind.fact is not None else None
        if one is not None:
            self._declared.add(one)


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
        if need.found in ready:
            continue
        keys = [_key(kind, name, given, have, known) for name in need.keys]
        if all(key is not None for key in keys):
            have.add(need.property)
            yield need, keys, [given.get(name) for name in need.beside]


async def needed(kind: Kind[Any], inputs: Mapping[str, Any], ready: Mapping[str, Fact], facts: Facts) -> dict[str, Any]:
    """Return property -> what the account says about the object that it names, for all that a kind needs.

    Args:
        kind: The kind.
        inputs: Valid inputs of a resource.
        ready: Facts that need not be read.
        facts: The source of all others. What something unknown names is UNKNOWN as well.
    """
    found: dict[str, Any] = dict(ready)
    for need, keys, beside in wanted(kind, inputs, ready, {}):
        values = [_told(found.get(key.property), key.fact) if isinstance(key, Told) else key for key in keys]
        if has_unknown([*values, *beside]):
            found[need.property] = UNKNOWN
        elif None not in values:
            fact = await facts.of(need, values, beside)
            found |= {} if fact is None else {need.property: fact}
    return found


def _told(fact: Any, name: str) -> Any:
    return fact if fact is UNKNOWN else (fact or {}).get(name)


def _key(kind: Kind[Any], name: str, given: Mapping[str, Any], have: Collection[str], known: Mapping[str, Any]) -> Any:
    companion = rules(kind.inputs)[name].companion
    if known.get(name) is not None:
        return known[name]
    if companion is not None and companion[0] in have:
        return Told(*companion)
    return given.get(name)
