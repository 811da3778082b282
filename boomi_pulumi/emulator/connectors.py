"""The rules of the Connector API: groups of connectors, and changes of the version that their users get."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from boomi_pulumi.emulator.objects import VISIBILITIES
from boomi_pulumi.emulator.rules import UNREADABLE, Call, Refusal, Row, Rules, read_value
from boomi_pulumi.emulator.seed import person

if TYPE_CHECKING:
    from boomi_pulumi.emulator.state import Change

HOUR: Final = 3600
FIRST_UID: Final = 2**53 + 1  # a number that a float cannot hold
REVIEWER: Final = "connector.review@boomi.example"


class Connectors(Rules):
    """Connectors: a private one changes at once or with the hourly job, a public one when a person approves."""

    def _classification(self, account: str, name: str) -> tuple[Row, Row]:
        for group in self._table(account, "ConnectorGroup").inside("classificationType", name):
            for found in group["classifications"]:
                if found["classificationType"] == name and not found["deleted"]:
                    return group, found
        raise Refusal(
            400, f"Classification type '{name}' is invalid. Provide a valid classificationType to complete this action."
        )

    def _changes(self, account: str, name: str, state: str) -> Row | None:
        """The change of a classification that waits for a person (`review`) or for the hourly job (`job`)."""
        return self._table(account, "ConnectorVersionChange").last(classificationType=name, waitsFor=state)

    def _with(self, group: Row, name: str, **changes: Any) -> Change:
        changes["lastModifiedDate"] = self.now()
        classifications = [
            {key: value for key, value in {**item, **changes}.items() if value is not None}
            if item["classificationType"] == name
            else item
            for item in group["classifications"]
        ]
        group = {**group, "classifications": classifications, "lastModifiedDate": changes["lastModifiedDate"]}
        return ("ConnectorGroup", group["groupType"], group)

    def _create_change(self, call: Call) -> Row:
        body = self._body(call)
        for name in ("classificationType", "versionId"):
            if not body.get(name):
                raise Refusal(400, f"The {name} is missing.")
        name, version = body["classificationType"], body["versionId"]
        group, found = self._classification(call.account, name)
        private = found["visibility"] == "PRIVATE"
        if not private:
            self._check_submission(call)
        if version not in {item["versionId"] for item in group["versions"] if not item["deleted"]}:
            raise Refusal(400, f"Version {version} of connector group {group['groupType']} does not exist.")
        if self._changes(call.account, name, "review"):
            raise Refusal(400, f"There is a pending connector version change request for {name} already.")
        if self._changes(call.account, name, "job"):
            raise Refusal(400, f"There is a scheduled connector version change for {name} already.")
        schedule = _schedule(body.get("VersionChangeSchedule"))
        by = person(call.user["name"])
        row: Row = {
            "uid": FIRST_UID + 2 * len(self._table(call.account, "ConnectorVersionChange")),
            "classificationType": name,
            "versionId": version,
            "reviewStatus": "PENDING",
            "submittedBy": by,
            "waitsFor": "review",
            **{key: body[key] for key in ("releaseNotes", "VersionChangeSchedule") if body.get(key)},
        }
        if private:
            changes = self._accept(group, row, by, schedule)
        else:
            changes = [
                ("ConnectorVersionChange", str(row["uid"]), row),
                self._with(group, name, pendingVersion=version, reviewStatus="PENDING"),
            ]
        self._commit(call.account, changes)
        return self._change_view(call.account, row["uid"])

    def _check_submission(self, call: Call) -> None:
        if "CONNECTOR_SUBMISSION" not in call.user["privileges"]:
            raise self._denied()

    def _accept(self, group: Row, row: Row, by: Row, schedule: float | None) -> list[Change]:
        """Work out what changes once nobody has anything left to decide."""
        row = {
            **row,
            "reviewStatus": "APPROVED",
            "completedBy": by,
            "completedDate": self.now(),
            "waitsFor": "",
        }
        if schedule is None:
            changed = self._with(
                group,
                row["classificationType"],
                version=row["versionId"],
                pendingVersion=None,
                releaseDate=self.now(),
                reviewStatus="APPROVED",
            )
        else:
            # The job runs on the hour, so a moment that is past waits for the next one too.
            row |= {"waitsFor": "job", "due": math.ceil(max(schedule, self.time()) / HOUR) * HOUR}
            changed = self._with(
                group, row["classificationType"], pendingVersion=row["versionId"], reviewStatus="APPROVED"
            )
        return [("ConnectorVersionChange", str(row["uid"]), row), changed]

    def _change_view(self, account: str, uid: int) -> Row:
        row = self._table(account, "ConnectorVersionChange")[str(uid)]
        found = self._classification(account, row["classificationType"])[1]
        return {**{key: value for key, value in row.items() if key not in ("waitsFor", "due")}, "classification": found}

    def _settle_connectors(self, account: str) -> None:
        now = self.time()
        for row in self._table(account, "ConnectorVersionChange").by(waitsFor="job"):
            if row["due"] <= now:
                group = self._classification(account, row["classificationType"])[0]
                done = {**row, "waitsFor": ""}
                changed = self._with(
                    group,
                    row["classificationType"],
                    version=row["versionId"],
                    pendingVersion=None,
                    releaseDate=self.now(),
                )
                self._commit(account, [("ConnectorVersionChange", str(row["uid"]), done), changed])

    # The two ways to take a change back.

    def _cancelled(self, call: Call) -> str:
        """Tell which classification a cancel means, by its path, its body or both."""
        name = str(self._body(call).get("classificationType") or call.id)
        if call.id and name != call.id:
            raise Refusal(400, f"The classificationType {name} in the body is not that of the address.")
        return name

    def _cancel_change(self, call: Call) -> Row:
        name = self._cancelled(call)
        group, found = self._classification(call.account, name)
        if found["visibility"] != "PRIVATE":
            self._check_submission(call)
        row = self._changes(call.account, name, "review")
        if row is None:
            raise Refusal(400, f"There is no pending connector version change request to cancel for {name}.")
        return self._cancel(call, group, row)

    def _cancel_pending(self, call: Call) -> Row:
        name = self._cancelled(call)
        group, found = self._classification(call.account, name)
        if found["visibility"] != "PRIVATE":
            self._check_submission(call)
        row = self._changes(call.account, name, "job")
        if row is None:
            raise Refusal(400, f"There is no pending release to cancel for {name}.")
        return self._cancel(call, group, row)

    def _cancel(self, call: Call, group: Row, row: Row) -> Row:
        ended = {
            "reviewStatus": "CANCELLED",
            "completedBy": person(call.user["name"]),
            "completedDate": self.now(),
        }
        scheduled = row["waitsFor"] == "job"
        row = {**row, **ended, "waitsFor": ""}
        name = row["classificationType"]
        status = {} if scheduled else {"reviewStatus": "CANCELLED"}
        changed = self._with(group, name, pendingVersion=None, **status)
        self._commit(call.account, [("ConnectorVersionChange", str(row["uid"]), row), changed])
        return {"classificationType": name, **ended}

    # What people do.

    def decide(
        self, classification_type: str, reason: str | None = None, *, approve: bool, account: str | None = None
    ) -> Row:
        """Approve or reject the pending change of a public connector, as Boomi's staff does.

        Args:
            classification_type: The classification.
            reason: What to tell.
            approve: Whether it is approved.
            account: The account's id; the primary one if left out.

        Returns:
            The change.

        Raises:
            Refusal: None is pending.
        """
        with self._lock:
            account = self._known(account)
            self._settle()
            group, _ = self._classification(account, classification_type)
            row = self._changes(account, classification_type, "review")
            if row is None:
                raise Refusal(400, f"There is no pending connector version change request for {classification_type}.")
            told = {"reviewReason": reason} if reason else {}
            by = person(REVIEWER)
            if approve:
                schedule = _schedule(row.get("VersionChangeSchedule"))
                changes = self._accept(group, {**row, **told}, by, schedule)
            else:
                ended = {"reviewStatus": "REJECTED", "completedBy": by, "completedDate": self.now(), "waitsFor": ""}
                changes = [
                    ("ConnectorVersionChange", str(row["uid"]), {**row, **told, **ended}),
                    self._with(group, classification_type, pendingVersion=None, reviewStatus="REJECTED"),
                ]
            self._commit(account, changes)
            return self._change_view(account, row["uid"])

    def publish(self, classification_type: str, visibility: str = "PUBLIC", *, account: str | None = None) -> Row:
        """Change who sees a connector, as a person does.

        Args:
            classification_type: The classification.
            visibility: `PRIVATE`, `PUBLIC` or `HIDDEN`.
            account: The account's id; the primary one if left out.

        Returns:
            The classification.

        Raises:
            Refusal: There is none, a change of it is pending, or the visibility means nothing.
        """
        with self._lock:
            account = self._known(account)
            self._settle()
            group, _ = self._classification(account, classification_type)
            if visibility not in VISIBILITIES:
                raise Refusal(400, f"Visibility '{visibility}' is not valid; it must be {', '.join(VISIBILITIES)}.")
            if self._changes(account, classification_type, "review") or self._changes(
                account, classification_type, "job"
            ):
                raise Refusal(400, f"A version change of {classification_type} is pending.")
            self._commit(account, [self._with(group, classification_type, visibility=visibility)])
            return self._classification(account, classification_type)[1]

    def upload_connector_version(self, group_type: str, *, by: str, account: str | None = None) -> Row:
        """Upload one more version of a connector, as a person does.

        Args:
            group_type: The group.
            by: The person.
            account: The account's id; the primary one if left out.

        Returns:
            The version, with its `versionId`.

        Raises:
            Refusal: There is no such group.
        """
        with self._lock:
            account = self._known(account)
            group = self._require(account, "ConnectorGroup", group_type)
            number = max((int(item["versionId"]) for item in group["versions"]), default=0) + 1
            version: Row = {
                "versionId": str(number),
                "uploadedBy": by,
                "uploadedDate": self.now(),
                "deleted": False,
            }
            group = {**group, "versions": [*group["versions"], version], "lastModifiedDate": self.now()}
            self._commit(account, [("ConnectorGroup", group_type, group)])
            return version


def _schedule(value: Any) -> float | None:
    """Read the moment that a change is wanted for."""
    if not value:
        return None
    if not isinstance(value, dict) or set(value) - {"preferredReleaseDate", "@type"}:
        raise Refusal(400, UNREADABLE)
    text = value.get("preferredReleaseDate")
    if text is None:
        return None
    text = str(read_value("preferredReleaseDate", text, "text"))
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if "T" not in text:
            raise ValueError  # noqa: TRY301  # another form of the same mistake
    except ValueError:
        raise Refusal(
            400, f"The preferredReleaseDate '{text}' is not a moment in the form yyyy-MM-dd'T'HH:mm:ss'Z'."
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
