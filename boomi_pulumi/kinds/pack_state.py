"""A pack of this publisher, and where its releases stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field

from boomi_pulumi.api.answers import Missing
from boomi_pulumi.api.client import Client
from boomi_pulumi.api.errors import BadAnswer, RequestError
from boomi_pulumi.api.late import built
from boomi_pulumi.api.models import (
    PUBLISHER_PACK,
    RELEASE_STATUS,
    IntegrationPack,
    PackMember,
    Record,
    ReleaseStatus,
    Text,
)

__all__ = ["UNFINISHED", "PackState", "ReleaseOutputs", "look", "pack_of", "state_of", "status_of"]

UNFINISHED = frozenset({"IN_PROGRESS", "INPROGRESS"})


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

    def names(self) -> dict[str, str]:
        """Return the name of each component."""
        return {each.component_id: each.component_name or each.component_id for each in self.members}


def look(client: Client, pack: str, bag: Mapping[str, Any]) -> PackState | None:
    """Return a pack, and where the release of a state stands; None where there is no such pack."""
    found = client.read(PUBLISHER_PACK, pack)
    if isinstance(found, RequestError):
        raise found
    if isinstance(found, Missing):
        return None
    state = state_of(found)
    request, status, on = bag.get("requestId"), bag.get("releaseStatus"), bag.get("releaseOnDate")
    if request is not None and status in {*UNFINISHED, "SCHEDULED"}:
        status = status_of(client, request, default=status)
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
    return built(PackState)(
        id=pack.id, name=pack.name, installation_type=pack.installation_type, members=pack.components
    )


def pack_of(client: Client, pack: str) -> IntegrationPack | None:
    """Return a pack; None where it cannot be read now."""
    try:
        found = client.read(PUBLISHER_PACK, pack)
    except RequestError:
        return None
    return found if isinstance(found, IntegrationPack) else None


def status_of(client: Client, request: str, default: str = "IN_PROGRESS") -> str:
    """Return where a release stands; a look that fails is no news."""
    try:
        found: ReleaseStatus = client.get(RELEASE_STATUS, request)
    except (BadAnswer, RequestError):
        return default
    return (found.release_status or default).replace("INPROGRESS", "IN_PROGRESS")
