"""ConnectorVersionChange: the version of a connector that its users get."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from enum import Enum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from boomi_pulumi._api.client import Client, Form
from boomi_pulumi._api.errors import BadRequest, EndpointNotFound, RequestError
from boomi_pulumi._api.models import (
    CONNECTOR_GROUP,
    CONNECTOR_PENDING_RELEASE,
    CONNECTOR_VERSION_CHANGE,
)
from boomi_pulumi._api.models import ConnectorClassification as Classification
from boomi_pulumi._api.models import ConnectorVersionChange as VersionChange
from boomi_pulumi._api.retry import Done, Outcome, Refused
from boomi_pulumi._api.settings import PUT
from boomi_pulumi._lifecycle.fields import Bag, Change, Id, Inputs, Name, Notes, Rule
from boomi_pulumi._lifecycle.kind import Comparison, Kind, NeedsWrite, Subject, UpToDate
from boomi_pulumi._lifecycle.preview import Failure
from boomi_pulumi._lifecycle.seen import Answer, Seen, found, read
from boomi_pulumi._reads.account import Account

__all__ = ["ConnectorVersionChangeKind", "standing"]

CANCEL_FORMS: tuple[Form, ...] = (("POST", "{id}/update"), ("POST", "update"), ("POST", "{id}"), ("PUT", ""))
"""Where a cancel may be, likeliest first: Boomi's page names the operation, and not its address."""

_ASKED = frozenset({"versionId", "releaseNotes", "preferredReleaseDate"})
"""What an answer repeats of the request."""

MOST_EXACT = 2**53
"""Whole numbers beyond this lose digits on their way through Pulumi."""


def _version(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    if abs(value) >= MOST_EXACT or int(value) != value:
        raise ValueError("is a number that would lose digits; give it as a text")
    return str(int(value))


def _moment(value: str) -> str:
    text = value.replace("Z", "+00:00") if value.endswith("Z") else value
    try:
        moment = datetime.fromisoformat(text) if re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value) else None
        if moment is not None and moment.tzinfo is not None:
            plain = moment.astimezone(timezone.utc).replace(microsecond=0, tzinfo=None)
            return f"{plain.isoformat()}Z"
    except (ValueError, OverflowError):  # at either end of the calendar, UTC may be beyond it
        pass
    raise ValueError("is not a moment; Boomi's form is yyyy-MM-ddTHH:mm:ssZ")


class ConnectorVersionChangeInputs(Inputs):
    """A connector, and the version wanted of it."""

    classification_type: Annotated[
        Id | None,
        Rule(Change.REPLACE, required=True),
        Field(description="The connector, as Boomi names it (`<groupType>-<classification>`)."),
    ] = None
    version_id: Annotated[
        Annotated[Name, BeforeValidator(_version)] | None,
        Rule(Change.UPDATE, required=True),
        Field(description="The system version number wanted."),
    ] = None
    preferred_release_date: Annotated[
        Annotated[str, AfterValidator(_moment)] | None,
        Rule(Change.UPDATE, drifts=False),
        Field(description="When to change: a datetime with a time zone, or yyyy-MM-ddTHH:mm:ssZ. Left out, at once."),
    ] = None
    release_notes: Annotated[
        Notes, Rule(drifts=False), Field(description="Notes for the version; sent with the request.")
    ] = None
    connector_name: Annotated[
        str | None, Rule(companion=("classificationType", "displayName")), Field(description="The connector's name.")
    ] = None
    visibility: Annotated[
        str | None,
        Rule(companion=("classificationType", "visibility")),
        Field(description="PRIVATE or PUBLIC; Boomi's staff review versions of public connectors."),
    ] = None


class ConnectorOutputs(VersionChange):
    """What a state keeps of a connector's version."""

    released_version: str | None = Field(default=None, description="The version that users get now.")
    pending_version: str | None = Field(default=None, description="The version that waits for its review or its hour.")


class _Unreadable(Enum):
    """An account whose connectors cannot be read."""

    VALUE = "unreadable"


_UNREADABLE = _Unreadable.VALUE


@dataclass(frozen=True, kw_only=True)
class ConnectorSeen(Seen):
    """What the account says about a connector, where it can read connectors."""

    connector: Answer[Classification] = read(
        "classificationType", Account.connector, absent="names no connector of this account"
    )


class ConnectorVersionChangeKind(Kind[VersionChange]):
    """Boomi's semantics of a connector's version. Source: ConnectorVersionChange page.

    Boomi offers no read of a change. Where the account can read ConnectorGroup, the classification in it tells which
    version is out and which is waiting; where it cannot, state is all there is.
    """

    name = "ConnectorVersionChange"
    target = CONNECTOR_VERSION_CHANGE
    inputs = ConnectorVersionChangeInputs
    seen = ConnectorSeen
    outputs = (
        "reviewStatus",
        "reviewReason",
        "releasedVersion",
        "pendingVersion",
        "submittedBy",
        "completedBy",
        "completedDate",
        "uid",
        "classification",
    )
    record = ConnectorOutputs
    about = (
        "The version of a connector that its users get.\n\n"
        "Private connectors change at once, or in the hour after `preferredReleaseDate`. For public ones "
        "Boomi's staff review the request, which may take days: then `reviewStatus` stays PENDING, and no run "
        "waits or fails for it. Another version cancels what is pending first. A destroy cancels what is "
        "pending, and forgets the rest: Boomi cannot undo it."
    )
    required_outputs = ("classificationType", "versionId")
    adopts = False
    several_writes = True
    fresh_look = True

    def validate(self, inputs: Mapping[str, Any], seen: ConnectorSeen) -> Iterable[Failure]:
        """Refuse a deleted connector, and a date in the past."""
        connector = found(seen.connector)
        if connector is not None and connector.deleted is True:
            yield Failure("classificationType", f"names {connector.display_name}, a deleted connector", gone=True)
        on = inputs.get("preferredReleaseDate")
        if isinstance(on, str) and on[:10] < seen.today:
            yield Failure("preferredReleaseDate", f"is in the past (today is {seen.today} UTC)")

    def notice(self, inputs: Mapping[str, Any], seen: ConnectorSeen) -> str | None:
        """Tell where a review or a scheduled change stands."""
        connector, wanted = found(seen.connector), inputs.get("versionId")
        if connector is None or not isinstance(wanted, str) or connector.version in (None, wanted):
            return None
        if connector.pending_version == wanted:
            waits = "is waiting for Boomi's review" if connector.visibility == "PUBLIC" else "is scheduled"
            return f"version {wanted} {waits}; version {connector.version} is out."
        if connector.review_status == "REJECTED":
            return f"Boomi rejected a version; version {connector.version} is out, {wanted} is declared."
        return None

    def title(self, bag: Mapping[str, Any]) -> str:
        """Return the connector's name and the version."""
        connector = bag.get("connectorName") or bag.get("classificationType") or "?"
        version = bag.get("versionId")
        return f"{connector} {version}" if isinstance(version, str) else str(connector)

    def proves_absence(self, subject: Subject) -> bool:
        """Tell that Boomi keeps one pending change, so that a second one of the same version is none."""
        return True

    def look(self, subject: Subject) -> VersionChange | None:
        """Return the connector as it stands, or as the last run left it; None only where the account has none."""
        return self._look(subject.client, subject.id or subject.inputs["classificationType"], subject.before or {})

    def search(self, inputs: Mapping[str, Any]) -> str:
        """Return where a person sees it."""
        return f"the connector {inputs.get('classificationType')} under Settings > Developer"

    def compare(self, record: VersionChange, subject: Subject) -> Comparison:
        """Take what is out or waiting; anything else that waits is cancelled first."""
        wanted, version, pending = subject.given, _released(record), _pending(record)
        dated = "preferredReleaseDate" in wanted and subject.before is not None
        moved = dated and wanted["preferredReleaseDate"] != record.preferred_release_date
        if pending == wanted["versionId"] and not moved:
            return UpToDate()
        return UpToDate() if version == wanted["versionId"] and pending is None else NeedsWrite()

    def write(self, subject: Subject, found: VersionChange | None, notes: str | None) -> Outcome[VersionChange]:
        """Cancel what is pending; else submit."""
        client, inputs = subject.client, subject.inputs
        connector = inputs["classificationType"]
        if found is not None and _pending(found) is not None:
            outcome = self._cancel(client, found, self.title(inputs))
            lost = isinstance(outcome, Refused) and isinstance(outcome.error, BadRequest)
            if not lost or self._there(client, connector) is not _UNREADABLE:
                return outcome
            # Only state says that something is pending, and Boomi does not: it was decided in the meantime.
        names = ("classificationType", "versionId", "releaseNotes")
        body: Bag = {name: inputs[name] for name in names if name in inputs}
        if "preferredReleaseDate" in inputs:
            body["VersionChangeSchedule"] = {"preferredReleaseDate": inputs["preferredReleaseDate"]}
        outcome = client.create(
            CONNECTOR_VERSION_CHANGE,
            body,
            f"Changing connector {connector} to {inputs['versionId']}",
            {"classificationType": connector},
        )
        if not isinstance(outcome, Done):
            return outcome
        answer, version = outcome.answer, inputs["versionId"]
        there = answer.classification
        if there is None:
            there = self._seen(client, connector) or (found.classification if found is not None else None)
        later = "preferredReleaseDate" in inputs or there is None or there.visibility != "PRIVATE"
        # A private connector has no review, so a change of it that is to come later is approved.
        private = there is not None and there.visibility == "PRIVATE"
        status = answer.review_status or ("APPROVED" if private else "PENDING")
        if there is not None and version not in (there.version, there.pending_version):
            # An answer may leave the connector out, or show it as it was before.
            place = "pending_version" if later or status == "PENDING" else "version"
            there = replace(there, **{place: version})
        sent = {"version_id": version, "preferred_release_date": inputs.get("preferredReleaseDate")}
        return Done(replace(answer, **sent, classification=there, review_status=status))

    def live(self, record: VersionChange, inputs: Mapping[str, Any]) -> Bag:
        """Return the record as outputs; the version is the one that is out, or on its way."""
        there = record.classification
        pending = _pending(record)
        wanted = inputs.get("versionId")
        shown = (
            wanted if wanted in (pending, record.version_id) and wanted is not None else pending or _released(record)
        )
        if record.review_status == "REJECTED":
            shown = wanted or shown
        bag = {
            **{name: value for name, value in record.items() if name not in _ASKED},
            "versionId": shown,
            "releasedVersion": _released(record),
            "pendingVersion": pending,
            "connectorName": there.display_name if there else None,
            "visibility": there.visibility if there else None,
        }
        return {name: value for name, value in bag.items() if value is not None}

    def kept_on_destroy(self, bag: Mapping[str, Any]) -> str | None:
        """Tell that an applied version stays."""
        if bag.get("pendingVersion") or bag.get("reviewStatus") == "PENDING":
            if "uid" in bag:
                return None
            waits = bag.get("pendingVersion") or bag.get("versionId")
            return f"{waits} waits, and it may be somebody else's request, so it is not cancelled."
        out = bag.get("releasedVersion") or bag.get("versionId")
        return f"Boomi cannot undo a connector's version; {out} stays."

    def delete(self, subject: Subject, record: VersionChange | None) -> Outcome[None]:
        """Cancel what is pending of ours."""
        if record is None or _pending(record) != subject.inputs.get("versionId"):
            return Done(None)
        outcome = self._cancel(subject.client, record, self.title(subject.inputs))
        return Done(None) if isinstance(outcome, Done) else outcome

    def owns(self, record: VersionChange, bag: Mapping[str, Any]) -> bool:
        """Tell whether the declared version is still pending."""
        return _pending(record) is not None and _pending(record) == bag.get("versionId")

    def why_kept(self, subject: Subject, record: VersionChange, error: RequestError) -> str | None:
        """Let it be where only state says that something is pending; else a refused cancel is an error."""
        if self._there(subject.client, record.classification_type) is not _UNREADABLE:
            return None
        return "Boomi has nothing to cancel, so it was decided in the meantime"

    def _cancel(self, client: Client, found: VersionChange, title: str) -> Outcome[VersionChange]:
        connector = found.classification_type
        what = f"Cancelling what is pending of {title}"
        there = found.classification
        scheduled = there is not None and (there.visibility == "PRIVATE" or found.review_status == "APPROVED")
        targets = [CONNECTOR_VERSION_CHANGE, CONNECTOR_PENDING_RELEASE]
        targets = [targets[scheduled]] if there is not None else targets
        forms = _cancel_forms(client.settings.connector_cancel_path)
        outcome: Outcome[None] = Done(None)
        for target in targets:
            outcome = client.act(target, forms, connector, {"classificationType": connector}, what)
            if not isinstance(outcome, Refused) or not isinstance(outcome.error, BadRequest):
                break
            # Where the connector cannot be read, nobody knows which of the two it is; a 400 did nothing.
        if isinstance(outcome, Refused):
            return outcome
        # Whether it is gone is what the next look tells.
        seen = self._look(client, connector, {})
        if seen is None or (isinstance(outcome, Done) and _pending(seen) is None):
            gone = replace(there, pending_version=None) if there else None
            gone = seen.classification if seen is not None else gone
            return Done(replace(found, classification=gone, review_status="CANCELLED", version_id=None))
        return Done(seen) if isinstance(outcome, Done) else outcome

    def _there(self, client: Client, connector: str) -> Classification | _Unreadable | None:
        """Return the connector as it stands; None where there is none."""
        try:
            return client.together(CONNECTOR_GROUP.name, lambda ids: _read(client, ids), connector)
        except (EndpointNotFound, BadRequest):
            return _UNREADABLE

    def _seen(self, client: Client, connector: str) -> Classification | None:
        """Return the connector as it stands after a write, where that can be told; never raises."""
        try:
            there = self._there(client, connector)
        except RequestError:
            return None
        return None if isinstance(there, _Unreadable) else there

    def _look(self, client: Client, connector: str, bag: Mapping[str, Any]) -> VersionChange | None:
        there, known = self._there(client, connector), _remembered(connector, bag)
        if isinstance(there, _Unreadable):
            return known
        if there is None:
            return None
        fresh = standing(there)
        if known is None:
            return fresh
        status = fresh.review_status or known.review_status
        version = fresh.version_id
        if version == there.version and status == "PENDING":
            version = known.version_id or version
        return replace(known, classification=there, review_status=status, version_id=version)


def standing(there: Classification) -> VersionChange:
    """Return a connector as a change that nobody remembers: the version that waits, or the one that is out."""
    waits = there.pending_version if there.pending_version != there.version else None
    return VersionChange(
        classification_type=there.classification_type,
        version_id=waits or there.version,
        review_status=there.review_status or ("PENDING" if waits and there.visibility != "PRIVATE" else None),
        classification=there,
    )


def _cancel_forms(path: str | None) -> tuple[Form, ...]:
    """Return method and path of a cancel: the one that the settings name, or the likely ones."""
    if path is None:
        return CANCEL_FORMS
    return (("PUT", "") if path == PUT else ("POST", path.replace("{classificationType}", "{id}")),)


def _read(client: Client, ids: Sequence[str]) -> dict[str, Classification | None]:
    """Return the connectors that there are; Boomi has no read of one, but one of all."""
    rows = {each.classification_type: each for group in client.query(CONNECTOR_GROUP) for each in group.classifications}
    return {id_: None if id_ not in rows or rows[id_].deleted else rows[id_] for id_ in ids}


def _remembered(connector: str, bag: Mapping[str, Any]) -> VersionChange | None:
    """Return the change as state knows it."""
    if "reviewStatus" not in bag and "releasedVersion" not in bag:
        return None
    kept = {name: bag[name] for name in bag if name != "versionId"}
    found = CONNECTOR_VERSION_CHANGE.parse({**kept, "classificationType": connector})
    return replace(found, version_id=bag.get("versionId")) if found else None


def _released(record: VersionChange) -> str | None:
    there = record.classification
    if there is not None and there.version:
        return there.version
    return record.version_id if record.review_status == "APPROVED" else None


def _pending(record: VersionChange) -> str | None:
    """Return the version that waits for a review or for its hour."""
    there = record.classification
    if there is not None and there.pending_version and there.pending_version != there.version:
        return there.pending_version
    return record.version_id if record.review_status == "PENDING" else None
