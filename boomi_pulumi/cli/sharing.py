"""What an account shares: the released content of its integration packs, and the versions of its connectors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BadRequest, EndpointNotFound, Forbidden
from boomi_pulumi._api.models import CONNECTOR_GROUP, PUBLISHER_PACK, ConnectorClassification, IntegrationPack, Object
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._kinds.connector_version_change import standing
from boomi_pulumi._kinds.pack_state import state_of
from boomi_pulumi._reads.account import Account
from boomi_pulumi._reads.plan import see
from boomi_pulumi.cli.inventory import LeftOut, choose

__all__ = ["SharedObject", "Sharing", "read_sharing"]

EVERYWHERE = "the account"
"""The environment of what is left out and belongs to no environment."""


@dataclass(frozen=True)
class SharedObject:
    """A pack or a connector, and the inputs with which a program would declare it.

    Attributes:
        kind: ReleaseIntegrationPack or ConnectorVersionChange.
        title: The name of the pack or connector.
        id: The pack's id, or the connector's classificationType.
        given: The inputs.
        names: Component id -> name, of a pack's components.
        record: The kind's record of the pack or connector.
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
    """What an account shares.

    Attributes:
        found: Packs by name, then connectors by name.
        left_out: Packs and connectors that cannot be taken over.
        notes: What the user may not read, and packs without a release.
    """

    found: tuple[SharedObject, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


def read_sharing(
    client: Client, packs: Sequence[str], connectors: Sequence[str], step: Callable[[str], object], *, everything: bool
) -> Sharing:
    """Read the packs and connectors of an account.

    Args:
        client: The account.
        packs: Patterns of names; see `choose`.
        connectors: Patterns of names; see `choose`.
        step: Takes a line about what is being read.
        everything: Whether no patterns stand for all objects; otherwise for none.

    Raises:
        NotFound: A pattern matches nothing.
        RequestError: Something could not be read for another reason than the user's rights.
    """
    wanted: list[SharedObject] = []
    left_out: list[LeftOut] = []
    notes: list[str] = []
    if packs or everything:
        step("Reading integration packs")
        there = sorted(_rows(client, PUBLISHER_PACK, notes), key=lambda each: each.name or "")
        for pack in choose(packs, there, lambda each: each.name or each.id, "pack") if there else ():
            _pack(pack, wanted, left_out, notes)
    if connectors or everything:
        step("Reading connectors")
        groups = _rows(client, CONNECTOR_GROUP, notes)
        every = [each for group in groups for each in group.classifications if each.deleted is not True]
        every.sort(key=lambda each: each.display_name or "")
        for connector in choose(connectors, every, _connector_title, "connector") if every else ():
            _connector(connector, wanted, left_out)
    answers = asyncio.run(_answers(client, wanted, notes))
    found = (replace(each, answers=answer) for each, answer in zip(wanted, answers, strict=True))
    return Sharing(tuple(found), tuple(left_out), tuple(notes))


def _rows(client: Client, target: Object[Any], notes: list[str]) -> Iterable[Any]:
    try:
        return list(client.query(target))
    except (Forbidden, BadRequest, EndpointNotFound) as error:
        notes.append(f"{target.name} is left out: this account or user cannot read it ({error}).")
        return []


def _pack(pack: IntegrationPack, wanted: list[SharedObject], left_out: list[LeftOut], notes: list[str]) -> None:
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
        wanted.append(SharedObject("ReleaseIntegrationPack", title, pack.id, given, names, state))


def _connector_title(connector: ConnectorClassification) -> str:
    return connector.display_name or connector.classification_type


def _connector(connector: ConnectorClassification, wanted: list[SharedObject], left_out: list[LeftOut]) -> None:
    id_, title = connector.classification_type, _connector_title(connector)
    # A version that waits for its review, or for its hour, is the version that somebody wants.
    record = standing(connector)
    if record.version_id is None:
        left_out.append(LeftOut(EVERYWHERE, f"connector {title}", "Boomi does not tell its version"))
    else:
        given = {"classificationType": id_, "versionId": record.version_id}
        wanted.append(SharedObject("ConnectorVersionChange", title, id_, given, {}, record))


async def _answers(client: Client, wanted: Sequence[SharedObject], notes: list[str]) -> list[dict[str, Any]]:
    account = Account(client, notes.append)
    return await asyncio.gather(*(see(KINDS[each.kind], each.given, account) for each in wanted))
