"""The rules of integration packs and of their releases, as their publisher sees them."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Final

from boomi_pulumi.emulator.objects import SHAREABLE
from boomi_pulumi.emulator.pack_bodies import MEMBER, RELEASED, listed, sunday
from boomi_pulumi.emulator.rules import Call, Refusal, Row, Rules, invalid

if TYPE_CHECKING:
    from boomi_pulumi.emulator.state import Change

MOST_COMPONENTS: Final = 100
IMMEDIATELY: Final = "IMMEDIATELY"
ON_DATE: Final = "RELEASE_ON_SPECIFIED_DATE"
GOES_OUT: Final = time(0, 30)  # somewhere between midnight and one o'clock
_PENDING: Final = ("IN_PROGRESS", "SCHEDULED")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


class Packs(Rules):
    """Packs: which components belong to them, and which versions are out."""

    # Packs.

    def _pack_view(self, account: str, row: Row) -> Row:
        pending = self._pending_release(account, row["id"])
        waiting: dict[str, str] = {}
        if pending and pending["releaseStatus"] == "SCHEDULED":
            waiting = {item["componentId"]: item["version"] for item in pending["components"]}
        members = [
            {
                "@type": "PublisherPackagedComponent",
                "componentId": item["componentId"],
                **self._described(account, item["componentId"]),
                "currentVersion": item["currentVersion"],
                "pendingVersion": waiting.get(item["componentId"], ""),
                "latestVersion": self._latest(account, item["componentId"]),
                "deleted": item["deleted"],
            }
            for item in row["components"]
        ]
        shown = {key: value for key, value in row.items() if key != "components"}
        shown["PublisherPackagedComponents"] = {
            "@type": "PublisherPackagedComponents",
            "PublisherPackagedComponent": members,
        }
        return shown

    def _described(self, account: str, component: str) -> Row:
        found = self._current(account, component) or next(reversed(self._revisions(account, component)), {})
        return {"componentName": found.get("name", ""), "componentType": found.get("type", "")}

    def _shareable(self, account: str, component: str) -> list[Row]:
        """The packages of a component that a pack may release, oldest first."""
        found = [
            row
            for row in self._table(account, "PackagedComponent").by(componentId=component)
            if row["shareable"] and not row["deleted"]
        ]
        return sorted(found, key=lambda row: str(row["createdDate"]))

    def _latest(self, account: str, component: str) -> str:
        found = self._shareable(account, component)
        return str(found[-1]["packageVersion"]) if found else ""

    def _packs_with(self, account: str, package: Row) -> list[str]:
        """The packs that have released a package, or are about to."""
        component, version = package["componentId"], package["packageVersion"]
        packs = self._table(account, "PublisherIntegrationPack")
        names = {
            row["id"]: row["name"]
            for row in packs.inside("components.componentId", component)
            if (component, version) in {(item["componentId"], item["currentVersion"]) for item in row["components"]}
        }
        for release in self._table(account, "ReleaseIntegrationPack").inside("components.componentId", component):
            wanted = {(item["componentId"], item["version"]) for item in release["components"]}
            if release["releaseStatus"] in _PENDING and (component, version) in wanted:
                names[release["id"]] = release["name"]
        return list(names.values())

    def _members(self, account: str, body: Row) -> list[str]:
        """Check which components a body wants in a pack."""
        name = "PublisherPackagedComponent"
        wanted = [item["componentId"] for item in listed(body, f"{name}s", name, MEMBER)]
        if len(wanted) > MOST_COMPONENTS:
            raise Refusal(
                400,
                f"An integration pack may hold at most {MOST_COMPONENTS} components, not {len(wanted)}.",
            )
        for component in wanted:
            revisions = self._revisions(account, component)
            if not revisions:
                raise Refusal(400, invalid("ComponentMetadata", component))
            if revisions[-1]["type"] not in SHAREABLE:
                raise Refusal(
                    400, f"Component {component} of type {revisions[-1]['type']} cannot be in an integration pack."
                )
            if not self._shareable(account, component):
                raise Refusal(400, f"Component {component} has no shareable packaged component.")
        return wanted

    def _create_pack(self, call: Call) -> Row:
        body = self._body(call)
        if not body.get("name"):
            raise Refusal(400, "The name of the integration pack is missing.")
        if "Description" not in body:
            raise Refusal(400, "The Description of the integration pack is missing.")
        kind = body.get("installationType")
        if kind not in ("SINGLE", "MULTI"):
            raise Refusal(400, f"Installation type '{kind or ''}' is not valid; it must be SINGLE or MULTI.")
        row: Row = {
            "id": str(uuid.uuid4()),
            "name": body["name"],
            "installationType": kind,
            "operationType": "ADD",
            "Description": body["Description"],
            "components": [
                {"componentId": component, "currentVersion": "", "deleted": False}
                for component in self._members(call.account, body)
            ],
        }
        self._commit(call.account, [("PublisherIntegrationPack", row["id"], row)])
        return self._pack_view(call.account, row)

    def _update_pack(self, call: Call) -> Row:
        body = self._body(call)
        row = self._require(call.account, "PublisherIntegrationPack", call.id)
        if body.get("operationType") not in ("ADD", "DELETE"):
            raise Refusal(400, "The operationType is missing or invalid; an update needs ADD or DELETE.")
        if body.get("id", call.id) != call.id:
            raise Refusal(400, f"The id {body['id']} in the body is not that of the address.")
        if body.get("installationType", row["installationType"]) != row["installationType"]:
            raise Refusal(400, "The installationType of an integration pack cannot be changed.")
        name = body.get("name") or row["name"]
        if name != row["name"] and row["installationType"] != "SINGLE":
            if self._settings["packRename"] == "refuse":
                raise Refusal(400, "Only the name of a SINGLE attachment integration pack can be changed.")
            name = row["name"]
        wanted = self._members(call.account, body)
        kept = {item["componentId"]: item for item in row["components"]}
        components = [
            {**kept.get(component, {"componentId": component, "currentVersion": ""}), "deleted": False}
            for component in wanted
        ]
        if self._settings["packRemoval"] == "next release":
            components += [
                {**item, "deleted": True}
                for component, item in kept.items()
                if component not in wanted and item["currentVersion"]
            ]
        row = {
            **row,
            "name": name,
            "operationType": body["operationType"],
            "Description": body.get("Description", row["Description"]),
            "components": components,
        }
        self._commit(call.account, [("PublisherIntegrationPack", call.id, row)])
        return self._pack_view(call.account, row)

    def _delete_pack(self, call: Call) -> None:
        self._require(call.account, "PublisherIntegrationPack", call.id)
        changes: list[Change] = [("PublisherIntegrationPack", call.id, None)]
        release = self._pending_release(call.account, call.id)
        if release:
            changes.append(("ReleaseIntegrationPack", release["requestId"], {**release, "releaseStatus": "ERROR"}))
        self._commit(call.account, changes)

    # Releases.

    def _pending_release(self, account: str, pack: str) -> Row | None:
        releases = self._table(account, "ReleaseIntegrationPack")
        found = (releases.last(id=pack, releaseStatus=status) for status in _PENDING)
        return next((row for row in found if row), None)

    def _create_release(self, call: Call) -> Row:
        body = self._body(call)
        pack = self._require(call.account, "PublisherIntegrationPack", body.get("id", ""))
        pending = self._pending_release(call.account, pack["id"])
        if pending:
            raise Refusal(
                400,
                f"Integration pack {pack['id']} has a pending release request already:"
                f" {pending['requestId']} is {pending['releaseStatus']}.",
            )
        row: Row = {
            "requestId": f"release-{uuid.uuid4()}",
            "id": pack["id"],
            "name": pack["name"],
            "installationType": pack["installationType"],
            "by": call.user["name"],
            "url": call.url,
        }
        row |= self._scheduled(body.get("releaseSchedule"), body.get("releaseOnDate"))
        row["components"] = self._released(call.account, pack, body)
        return self._start(call.account, pack, row)

    def _update_release(self, call: Call) -> Row:
        body = self._body(call)
        pack = self._require(call.account, "PublisherIntegrationPack", call.id)
        if body.get("id", call.id) != call.id:
            raise Refusal(400, f"The id {body['id']} in the body is not that of the address.")
        row = self._pending_release(call.account, call.id)
        if row is None or row["releaseStatus"] != "SCHEDULED":
            raise Refusal(400, f"Integration pack {call.id} has no scheduled release request that could be modified.")
        schedule = body.get("releaseSchedule", row["releaseSchedule"])
        row = {**row, **self._scheduled(schedule, body.get("releaseOnDate", row["releaseOnDate"]))}
        if "ReleasePackagedComponents" in body:
            row["components"] = self._released(call.account, pack, body)
        return self._start(call.account, pack, row)

    def _scheduled(self, schedule: str | None, day: str | None) -> Row:
        if schedule == IMMEDIATELY:
            today = datetime.fromtimestamp(self.time(), timezone.utc) + self._zone(self.time())
            return {
                "releaseSchedule": schedule,
                "releaseOnDate": today.date().isoformat(),
                "releaseStatus": "IN_PROGRESS",
                "polls": 0,
                "due": self.time() + self._settings["releaseSeconds"],
            }
        if schedule != ON_DATE:
            raise Refusal(
                400, f"Release schedule '{schedule or ''}' is not valid; it must be {IMMEDIATELY} or {ON_DATE}."
            )
        if not day:
            raise Refusal(400, f"The releaseOnDate is missing; a release schedule of {ON_DATE} needs it.")
        due = self._due(day)
        if due <= self.time():
            raise Refusal(400, f"The releaseOnDate {day} must be in the future.")
        return {"releaseSchedule": schedule, "releaseOnDate": day, "releaseStatus": "SCHEDULED", "due": due}

    def _due(self, day: str) -> float:
        try:
            if not _DATE.fullmatch(day):
                raise ValueError  # noqa: TRY301  # another form of the same mistake
            parsed = date.fromisoformat(day)
        except ValueError:
            raise Refusal(400, f"The releaseOnDate '{day}' is not a date in the form yyyy-MM-dd.") from None
        local = datetime.combine(parsed, GOES_OUT, timezone.utc).timestamp()
        # Near a change of the clocks it is one hour off at most, and right again half an hour past midnight.
        return local - self._zone(local).total_seconds()

    def _zone(self, moment: float) -> timedelta:
        """How far the publisher's clocks are from UTC."""
        if self._settings["releaseZone"] == "UTC":
            return timedelta()
        day = datetime.fromtimestamp(moment, timezone.utc).date()
        return timedelta(hours=-4 if sunday(day.year, 3, 2) < day <= sunday(day.year, 11, 1) else -5)

    def _released(self, account: str, pack: Row, body: Row) -> list[Row]:
        """Check what a body wants to release, beside what is out."""
        name = "ReleasePackagedComponent"
        wanted = listed(body, f"{name}s", name, RELEASED)
        if not wanted:
            raise Refusal(400, "The list of components to release is empty.")
        out = {item["componentId"]: item["currentVersion"] for item in pack["components"] if not item["deleted"]}
        for item in wanted:
            component, version = item["componentId"], item.get("version")
            if component not in out:
                raise Refusal(400, f"Component {component} is not part of integration pack {pack['id']}.")
            if not version:
                raise Refusal(400, f"The version of component {component} to release is missing.")
            if version not in {row["packageVersion"] for row in self._shareable(account, component)}:
                raise Refusal(400, f"Version {version} is not a shareable packaged component of component {component}.")
        if self._settings["releaseSameVersions"] == "refuse" and all(
            out[item["componentId"]] == item["version"] for item in wanted
        ):
            raise Refusal(400, f"Integration pack {pack['id']} has released these versions already.")
        return [
            {
                "componentId": item["componentId"],
                "version": item["version"],
                "releasedVersion": out[item["componentId"]],
            }
            for item in wanted
        ]

    def _start(self, account: str, pack: Row, row: Row) -> Row:
        changes: list[Change] = [("ReleaseIntegrationPack", row["requestId"], row)]
        if row["releaseStatus"] == "IN_PROGRESS" and self._settings["releasePolls"] == 0:
            changes = self._finish(account, row)
        self._commit(account, changes)
        return self._release_view(self._table(account, "ReleaseIntegrationPack")[row["requestId"]])

    def _finish(self, account: str, row: Row, outcome: str = "") -> list[Change]:
        """Work out what changes when a release is through."""
        status = outcome or self._settings["releaseOutcome"]
        pack = self._table(account, "PublisherIntegrationPack").get(row["id"])
        if status != "SUCCESS" or pack is None:
            return [("ReleaseIntegrationPack", row["requestId"], {**row, "releaseStatus": "ERROR"})]
        versions = {item["componentId"]: item["version"] for item in row["components"]}
        members = [
            {**item, "currentVersion": versions.get(item["componentId"], item["currentVersion"])}
            for item in pack["components"]
            if not item["deleted"]
        ]
        components = [{**item, "releasedVersion": item["version"]} for item in row["components"]]
        return [
            ("PublisherIntegrationPack", pack["id"], {**pack, "components": members}),
            (
                "ReleaseIntegrationPack",
                row["requestId"],
                {**row, "releaseStatus": "SUCCESS", "components": components},
            ),
        ]

    def _settle_releases(self, account: str) -> None:
        now = self.time()
        for status in _PENDING:
            stuck = status == "IN_PROGRESS" and self._settings["releasePolls"] < 0
            for row in self._table(account, "ReleaseIntegrationPack").by(releaseStatus=status):
                if not stuck and row["due"] is not None and row["due"] <= now:
                    self._commit(account, self._finish(account, row))

    def _release_view(self, row: Row) -> Row:
        shown = {key: value for key, value in row.items() if key not in ("components", "by", "url", "polls", "due")}
        shown["ReleasePackagedComponents"] = {"ReleasePackagedComponent": [dict(item) for item in row["components"]]}
        if row["url"]:
            shown["releaseStatusUrl"] = row["url"].format(f"ReleaseIntegrationPackStatus/{row['requestId']}")
        return shown

    def _poll(self, account: str, request: str) -> Row:
        """Tell where a release stands; looking at it is what makes it progress."""
        row = self._table(account, "ReleaseIntegrationPack").get(request)
        if row is None:
            raise Refusal(400, invalid("ReleaseIntegrationPackStatus", request))
        status = row["releaseStatus"]
        if status == "IN_PROGRESS":
            row = {**row, "polls": row["polls"] + 1}
            through = 0 <= self._settings["releasePolls"] <= row["polls"]
            changes: list[Change] = [("ReleaseIntegrationPack", request, row)]
            self._commit(account, self._finish(account, row) if through else changes)
        code = 202 if status in _PENDING else 200
        if code != 200 and self._settings["releaseStatusBody"] == "bare":  # noqa: PLR2004
            return {"responseStatusCode": code}
        return {
            "integrationPackId": row["id"],
            **{key: row[key] for key in ("name", "installationType", "releaseSchedule", "releaseOnDate", "requestId")},
            "releaseStatus": self._settings["releaseStatusSpelling"] if status == "IN_PROGRESS" else status,
            "responseStatusCode": code,
            "ReleasePackagedComponents": {
                "@type": "ReleasePackagedComponents",
                "ReleasePackagedComponent": [
                    {"@type": "ReleasePackagedComponent", **item} for item in row["components"]
                ],
            },
        }

    def release_pack(self, pack_id: str, components: dict[str, str], *, by: str, account: str | None = None) -> Row:
        """Release a pack at once, as a person does in the console.

        A release that is scheduled goes out with it: only one can be pending.

        Args:
            pack_id: The pack.
            components: The package version to release of each component, by the component's id.
            by: The person.
            account: The account's id; the primary one if left out.

        Returns:
            The pack.

        Raises:
            Refusal: As for a client.
        """
        with self._lock:
            account = self._known(account)
            self._settle()
            pack = self._require(account, "PublisherIntegrationPack", pack_id)
            pending = self._pending_release(account, pack_id)
            if pending and pending["releaseStatus"] == "IN_PROGRESS":
                raise Refusal(400, f"Integration pack {pack_id} is being released: {pending['requestId']}.")
            listed = [{"componentId": key, "version": value} for key, value in components.items()]
            row: Row = {
                "requestId": f"release-{uuid.uuid4()}",
                "url": "",
                **{key: pack[key] for key in ("id", "name", "installationType")},
                **(pending or {}),
                **self._scheduled(IMMEDIATELY, None),
                "by": by,
            }
            body = {"ReleasePackagedComponents": {"ReleasePackagedComponent": listed}}
            row["components"] = self._released(account, pack, body)
            self._commit(account, self._finish(account, row, "SUCCESS"))
            return self._pack_view(account, self._require(account, "PublisherIntegrationPack", pack_id))
