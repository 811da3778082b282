"""What an account shares: the released content of its integration packs, and the versions of its connectors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BadRequest, EndpointNotFound, Forbidden
from boomi_pulumi._api.models import (
    CONNECTOR_GROUP,
    PUBLISHER_PACK,
    ConnectorClassification,
    IntegrationPack,
    Object,
)
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._kinds.connector_version_change import standing
from boomi_pulumi._kinds.pack_state import state_of
from boomi_pulumi._reads.account import Account
from boomi_pulumi._reads.plan import see
from boomi_pulumi.cli.inventory import LeftOut, judge, matches

__all__ = ["Shared", "Sharing", "share"]

EVERYWHERE = "the account"
"""In place of an environment."""


@dataclass(frozen=True)
class Shared:
    """A pack or a connector, and what a program would declare of it.

    Attributes:
        kind: ReleaseIntegrationPack or ConnectorVersionChange.
        title: Its name.
        id: The pack's id, or the connector's classificationType.
        given: The inputs.
        names: Component id -> name, of a pack.
        record: The kind's record of it.
        answers: What the account says, by the fields of the kind's `Seen`.
    """

    kind: str
    title: str
    id: str
    given: Mapping[str, Any]
    names: Mapping[str, str]
    record: Any
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sharing:
    """What is shared.

    Attributes:
        found: Packs by name, then connectors by name.
        left_out: What is shared and cannot be taken over, and why.
        notes: What the user may not read, and packs of which nothing is released.
    """

    found: tuple[Shared, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


def share(
    client: Client, packs: Sequence[str] | None, connectors: Sequence[str] | None, step: Callable[[str], object]
) -> Sharing:
    """Read what an account shares.

    Args:
        client: The account.
        packs: Patterns of names; none for all; None where packs are not wanted.
        connectors: The same of connectors.
        step: Is told what is done.

    Raises:
        NotFound: A pattern meets nothing.
        RequestError: Something could not be read, other than for want of a right.
    """
    wanted: list[Shared] = []
    left_out: list[LeftOut] = []
    notes: list[str] = []
    if packs is not None:
        step("Reading integration packs")
        every = sorted(_rows(client, PUBLISHER_PACK, notes), key=lambda each: each.name or "")
        if every:
            judge(packs, [(each.name or each.id, "") for each in every], "pack")
        for pack in every:
            if matches(pack.name or pack.id, packs):
                _pack(pack, wanted, left_out, notes)
    if connectors is not None:
        step("Reading connectors")
        groups = _rows(client, CONNECTOR_GROUP, notes)
        there = [each for group in groups for each in group.classifications if each.deleted is not True]
        if there:
            judge(connectors, [(each.display_name or each.classification_type, "") for each in there], "connector")
        for each in sorted(there, key=lambda one: one.display_name or ""):
            if matches(each.display_name or each.classification_type, connectors):
                _connector(each, wanted, left_out)
    answers = asyncio.run(_answers(client, wanted, notes))
    found = (replace(each, answers=answer) for each, answer in zip(wanted, answers, strict=True))
    return Sharing(tuple(found), tuple(left_out), tuple(notes))


def _rows(client: Client, target: Object[Any], notes: list[str]) -> Iterable[Any]:
    try:
        return list(client.query(target))
    except (Forbidden, BadRequest, EndpointNotFound) as error:
        notes.append(f"{target.name} is left out: this account or user cannot read it ({error}).")
        return []


def _pack(pack: IntegrationPack, wanted: list[Shared], left_out: list[LeftOut], notes: list[str]) -> None:
    title, state = pack.name or pack.id, state_of(pack)
    names, released = state.names(), state.current()
    pending = sorted(f"{names[id_]} {version}" for id_, version in state.pending().items())
    if pending:
        reason = f"a release is pending ({', '.join(pending)}); run this again when it is out"
        left_out.append(LeftOut(EVERYWHERE, f"pack {title}", reason))
    elif not released:
        notes.append(f"The pack {title} is left out: nothing of it is released.")
    else:
        components = [{"componentId": id_, "version": version} for id_, version in sorted(released.items())]
        given = {"integrationPackId": pack.id, "components": components}
        wanted.append(Shared("ReleaseIntegrationPack", title, pack.id, given, names, state))


def _connector(connector: ConnectorClassification, wanted: list[Shared], left_out: list[LeftOut]) -> None:
    id_, title = connector.classification_type, connector.display_name or connector.classification_type
    # What waits for its review, or for its hour, is what somebody wants of it.
    record = standing(connector)
    if record.version_id is None:
        left_out.append(LeftOut(EVERYWHERE, f"connector {title}", "Boomi tells no version of it"))
    else:
        given = {"classificationType": id_, "versionId": record.version_id}
        wanted.append(Shared("ConnectorVersionChange", title, id_, given, {}, record))


async def _answers(client: Client, wanted: Sequence[Shared], notes: list[str]) -> list[dict[str, Any]]:
    account = Account(client, notes.append)
    return await asyncio.gather(*(see(KINDS[each.kind], each.given, account) for each in wanted))
