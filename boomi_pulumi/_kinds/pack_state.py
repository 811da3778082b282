"""A pack of this publisher, and where its releases stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import (
    BadAnswer,
    EndpointGone,
    EndpointNotFound,
    Forbidden,
    RequestError,
    Unauthorized,
)
from boomi_pulumi._api.models import (
    PUBLISHER_PACK,
    RELEASE_STATUS,
    IntegrationPack,
    PackMember,
    Record,
    ReleaseStatus,
    Text,
)
from boomi_pulumi._lifecycle.fields import has_unknown

__all__ = ["UNFINISHED", "PackState", "ReleaseOutputs", "pack_of", "read_pack", "state_of", "status_of", "versions_of"]

UNFINISHED = frozenset({"IN_PROGRESS", "INPROGRESS"})

_NEWS = (Unauthorized, Forbidden, EndpointNotFound, EndpointGone, BadAnswer)
"""Failures that the next look would meet again. A 400 is none: a fresh request may not be known at once."""


class ReleaseOutputs(Record):
    """What a state keeps of a release."""

    request_id: Text = Field(default=None, description="The id of the last release that this stack asked for.")
    release_status: Text = Field(default=None, description="SUCCESS, IN_PROGRESS, SCHEDULED or ERROR.")
    release_status_url: Text = Field(default=None, description="Where Boomi tells how that release stands.")
    released_versions: dict[str, str] | None = Field(
        default=None, description="The version that is out, by component id."
    )


class PackState(Record):
    """A pack, and where the release that we asked for stands."""

    id: str
    name: Text = None
    installation_type: Text = None
    members: tuple[PackMember, ...] = ()
    request_id: Text = None
    release_status: Text = None
    release_status_url: Text = None
    release_on_date: Text = None

    def current(self) -> dict[str, str]:
        """Return the released version of each component."""
        return {each.component_id: each.current_version for each in self.members if each.current_version}

    def pending(self) -> dict[str, str]:
        """Return the version that waits for a scheduled release, of each component that has one."""
        return {
            each.component_id: each.pending_version
            for each in self.members
            if each.pending_version and each.pending_version != each.current_version
        }

    def is_out(self, versions: Mapping[str, str]) -> bool:
        """Tell whether these versions, by component, are released, and nothing else is on its way."""
        return bool(versions) and not self.pending() and versions.items() <= self.current().items()

    def names(self) -> dict[str, str]:
        """Return the name of each component."""
        return {each.component_id: each.component_name or each.component_id for each in self.members}


def read_pack(client: Client, pack: str, bag: Mapping[str, Any]) -> PackState | None:
    """Return a pack, and where the release of a state stands; None where there is no such pack.

    Args:
        client: The account.
        pack: The pack's id.
        bag: The outputs of the last run, which name its release; empty where there was none.
    """
    found = client.read(PUBLISHER_PACK, pack)
    if isinstance(found, RequestError):
        raise found
    if isinstance(found, Missing):
        return None
    state = state_of(found)
    request, status, on = bag.get("requestId"), bag.get("releaseStatus"), bag.get("releaseOnDate")
    if request is not None and status in {*UNFINISHED, "SCHEDULED"}:
        try:
            status = status_of(client, request, default=status)
        except RequestError:
            # The pack itself tells as well, once it is over.
            status = "SUCCESS" if state.is_out(versions_of(bag)) else status
    elif status in UNFINISHED:
        # Without its request, the pack alone tells how it ended: it is out, or it is sent again.
        status = None
    return replace(
        state,
        request_id=request,
        release_status=status,
        release_status_url=bag.get("releaseStatusUrl"),
        release_on_date=on,
    )


def state_of(pack: IntegrationPack) -> PackState:
    """Return a pack of which no release is remembered.

    Raises:
        BadAnswer: Its components cannot be read; nobody can say then what is out, nor whose release is pending.
    """
    if not all(each.component_id for each in pack.components):
        raise BadAnswer(f"Reading PublisherIntegrationPack {pack.id}", detail="its components cannot be read")
    return PackState(id=pack.id, name=pack.name, installation_type=pack.installation_type, members=pack.components)


def pack_of(client: Client, pack: str) -> IntegrationPack | None:
    """Return a pack; None where it cannot be read now."""
    try:
        found = client.read(PUBLISHER_PACK, pack)
    except RequestError:
        return None
    return found if isinstance(found, IntegrationPack) else None


def versions_of(bag: Mapping[str, Any]) -> dict[str, str]:
    """Return component -> version; of a bag whose components are known."""
    rows = bag.get("components")
    if not isinstance(rows, list) or has_unknown(rows):
        return {}
    return {row["componentId"]: row["version"] for row in rows if isinstance(row, Mapping)}


def status_of(client: Client, request: str, default: str = "IN_PROGRESS") -> str:
    """Return where a release stands; `default` after a failure that may be over at the next look.

    Args:
        client: The account.
        request: The release request's id.
        default: What is returned after a failure that may be over soon.

    Raises:
        RequestError: The status cannot be read, and asking again would not help: the user may not look, or what
            answers is not Boomi.
    """
    try:
        found: ReleaseStatus = client.get(RELEASE_STATUS, request)
    except RequestError as error:
        # Boomi may answer 202 with an empty object while it works.
        if isinstance(error, _NEWS) and error.status != 202:  # noqa: PLR2004
            raise
        return default
    return (found.release_status or default).replace("INPROGRESS", "IN_PROGRESS")
