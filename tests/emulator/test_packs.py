"""Integration packs and their releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from boomi_pulumi.emulator import Emulator
from tests.emulator.conftest import ADMIN, Api, small_seed

if TYPE_CHECKING:
    from pathlib import Path

ON_DATE = "RELEASE_ON_SPECIFIED_DATE"


def refused(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["message"])


class Publisher:
    """A client with shareable packages 1.0 and 2.0 of two components, and a way to ask for packs and releases."""

    def __init__(self, api: Api) -> None:
        self.api = api
        api.boomi.store.set_time("2026-05-10T12:00:00Z")
        self.sync, self.route = api.component("Sync"), api.component("Api")
        for name in ("Sync", "Api"):
            for version in ("1.0", "2.0"):
                api.package(name, packageVersion=version, shareable=True)

    def body(self, *components: str, **fields: Any) -> dict[str, Any]:
        members = [{"componentId": component} for component in components]
        return {
            "name": "Pack",
            "installationType": "MULTI",
            "Description": "",
            "PublisherPackagedComponents": {"PublisherPackagedComponent": members},
            **fields,
        }

    def create(self, *components: str, **fields: Any) -> Any:
        answer = self.api.post("PublisherIntegrationPack", self.body(*components, **fields))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pack(self, pack: str) -> Any:
        return self.api.get(f"PublisherIntegrationPack/{pack}").json()

    def versions(self, pack: str) -> list[tuple[str, str, str]]:
        """What is out, waiting and newest, of each component."""
        return [
            (row["currentVersion"], row["pendingVersion"], row["latestVersion"]) for row in members(self.pack(pack))
        ]

    def ask(self, pack: str, components: dict[str, str], verb: str = "create", **fields: Any) -> requests.Response:
        listed = [{"componentId": key, "version": value} for key, value in components.items()]
        body = {
            "id": pack,
            "releaseSchedule": "IMMEDIATELY",
            "ReleasePackagedComponents": {"ReleasePackagedComponent": listed},
            **fields,
        }
        path = "ReleaseIntegrationPack" if verb == "create" else f"ReleaseIntegrationPack/{pack}"
        return self.api.post(path, {key: value for key, value in body.items() if value is not None})

    def release(self, pack: str, components: dict[str, str], verb: str = "create", **fields: Any) -> Any:
        answer = self.ask(pack, components, verb, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def status(self, request: str) -> tuple[int, str]:
        answer = self.api.get(f"ReleaseIntegrationPackStatus/{request}")
        assert answer.json()["responseStatusCode"] == answer.status_code
        return answer.status_code, answer.json()["releaseStatus"]


def members(pack: Any) -> Any:
    return pack["PublisherPackagedComponents"]["PublisherPackagedComponent"]


@pytest.fixture
def publisher(api: Api) -> Publisher:
    return Publisher(api)


# Packs.


def test_a_pack_shows_three_versions_of_each_component(publisher: Publisher) -> None:
    made = publisher.create(publisher.sync, Description="Everything")
    assert made == {
        "@type": "PublisherIntegrationPack",
        "id": made["id"],
        "name": "Pack",
        "installationType": "MULTI",
        "operationType": "ADD",
        "Description": "Everything",
        "PublisherPackagedComponents": {
            "@type": "PublisherPackagedComponents",
            "PublisherPackagedComponent": [
                {
                    "@type": "PublisherPackagedComponent",
                    "componentId": publisher.sync,
                    "componentName": "Sync",
                    "componentType": "process",
                    "currentVersion": "",
                    "pendingVersion": "",
                    "latestVersion": "2.0",
                    "deleted": False,
                }
            ],
        },
    }
    assert publisher.pack(made["id"]) == made


def test_the_latest_version_is_the_newest_shareable_package_alive(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync)["id"]
    publisher.api.package(packageVersion="3.0")
    assert publisher.versions(pack) == [("", "", "2.0")]
    publisher.api.boomi.advance(1)
    newest = publisher.api.package(packageVersion="0.9", shareable=True)["packageId"]
    assert publisher.versions(pack) == [("", "", "0.9")]
    publisher.api.delete(f"PackagedComponent/{newest}")
    assert publisher.versions(pack) == [("", "", "2.0")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": ""}, "name"),
        ({"Description": None}, "Description"),
        ({"installationType": "BOTH"}, "BOTH"),
        ({"installationType": None}, "SINGLE or MULTI"),
        ({"colour": "red"}, "colour"),
        ({"PublisherPackagedComponents": {"PublisherPackagedComponent": [{}]}}, "componentId"),
        ({"PublisherPackagedComponents": {"PublisherPackagedComponent": [{"colour": 1}]}}, "colour"),
        ({"PublisherPackagedComponents": {"PublisherPackagedComponent": {}}}, None),
        ({"PublisherPackagedComponents": {"PublisherPackagedComponent": ["x"]}}, "Unable to read"),
        ({"PublisherPackagedComponents": [1]}, "Unable to read"),
    ],
)
def test_a_create_is_checked(publisher: Publisher, change: dict[str, Any], reason: str | None) -> None:
    answer = publisher.api.post("PublisherIntegrationPack", publisher.body(publisher.sync, **change))
    if reason is None:
        assert members(answer.json()) == []
    else:
        assert reason in refused(answer)


def test_components_need_a_shareable_package(publisher: Publisher) -> None:
    api = publisher.api

    def refusal(*components: str) -> str:
        return refused(api.post("PublisherIntegrationPack", publisher.body(*components)))

    assert "no shareable" in refusal(api.component("Copy"))
    package = api.package("Copy", shareable=True)["packageId"]
    publisher.create(api.component("Copy"))
    api.delete(f"PackagedComponent/{package}")
    assert "no shareable" in refusal(api.component("Copy"))
    assert "processroute" in refusal(api.component("Route"))
    assert "no-such" in refusal("no-such")
    assert "twice" in refusal(publisher.sync, publisher.sync)
    assert "100" in refusal(*(f"component-{number}" for number in range(101)))


def test_an_update_drops_what_is_not_sent_again(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync, publisher.route, name="One", installationType="SINGLE")["id"]
    path = f"PublisherIntegrationPack/{pack}"
    body = publisher.body(
        publisher.route, name="Two", installationType="SINGLE", operationType="ADD", Description="New"
    )
    changed = publisher.api.post(path, body).json()
    assert [row["componentName"] for row in members(changed)] == ["Api"]
    assert (changed["name"], changed["Description"]) == ("Two", "New")
    emptied = publisher.api.post(path, {"id": pack, "operationType": "DELETE"}).json()
    assert (members(emptied), emptied["operationType"]) == ([], "DELETE")
    assert (emptied["name"], emptied["Description"]) == ("Two", "New")


def test_a_removal_may_wait_for_the_next_release(publisher: Publisher) -> None:
    publisher.api.boomi.settings(packRemoval="next release", releasePolls=0)
    pack = publisher.create(publisher.sync, publisher.route)["id"]
    publisher.release(pack, {publisher.sync: "1.0"})
    path = f"PublisherIntegrationPack/{pack}"
    changed = publisher.api.post(path, publisher.body(operationType="ADD")).json()
    assert [(row["componentName"], row["deleted"]) for row in members(changed)] == [("Sync", True)]
    assert "not part" in refused(publisher.ask(pack, {publisher.sync: "1.0"}))
    publisher.api.post(path, publisher.body(publisher.route, operationType="ADD"))
    publisher.release(pack, {publisher.route: "1.0"})
    assert [row["componentName"] for row in members(publisher.pack(pack))] == ["Api"]


def test_an_update_is_checked(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync)["id"]
    path = f"PublisherIntegrationPack/{pack}"
    for body, reason in (
        (publisher.body(), "operationType"),
        (publisher.body(operationType="REPLACE"), "operationType"),
        (publisher.body(operationType="ADD", name="Other"), "SINGLE"),
        (publisher.body(operationType="ADD", installationType="SINGLE"), "installationType"),
        (publisher.body("no-such", operationType="ADD"), "no-such"),
        (publisher.body(operationType="ADD", id="other"), "other"),
    ):
        assert reason in refused(publisher.api.post(path, body))
    assert len(members(publisher.pack(pack))) == 1
    publisher.api.boomi.settings(packRename="ignore")
    kept = publisher.api.post(path, publisher.body(publisher.sync, operationType="ADD", name="Other")).json()
    assert kept["name"] == "Pack"


def test_an_unknown_pack_has_a_text_of_its_own(publisher: Publisher) -> None:
    pack = publisher.create()
    text = "Integration pack ID x is invalid. Provide a valid integration pack ID to complete this action."
    assert refused(publisher.api.get("PublisherIntegrationPack/x")) == text
    assert refused(publisher.api.post("PublisherIntegrationPack/x", {"operationType": "ADD"})) == text
    assert refused(publisher.api.delete("PublisherIntegrationPack/x")) == text
    assert refused(publisher.ask("x", {"a": "1"})) == text
    assert refused(publisher.ask("x", {"a": "1"}, "update")) == text
    body = {"type": "GET", "request": [{"id": pack["id"]}, {"id": "x"}]}
    found, missing = publisher.api.post("PublisherIntegrationPack/bulk", body).json()["response"]
    assert (found["Result"], found["statusCode"]) == (pack, 200)
    assert (missing["statusCode"], missing["errorMessage"]) == (400, text)


def test_packs_are_queried_by_three_properties(publisher: Publisher) -> None:
    one, two = publisher.create(publisher.sync), publisher.create(name="Two", installationType="SINGLE")
    query = publisher.api.query
    assert query("PublisherIntegrationPack") == [one, two]
    assert query("PublisherIntegrationPack", name="Two", installationType="SINGLE") == [two]
    assert query("PublisherIntegrationPack", id=one["id"]) == [one]
    simple = {"operator": "EQUALS", "property": "Description", "argument": [""]}
    refused(publisher.api.post("PublisherIntegrationPack/query", {"QueryFilter": {"expression": simple}}))
    for number in range(99):
        publisher.api.boomi.create_pack(f"More {number}")
    page = publisher.api.post("PublisherIntegrationPack/query", {"QueryFilter": {}}).json()
    assert len(page["result"]) == 100
    more = publisher.api.post("PublisherIntegrationPack/queryMore", data=page["queryToken"]).json()
    assert [row["name"] for row in more["result"]] == ["More 98"]


def test_a_deleted_pack_takes_its_pending_release_with_it(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync)["id"]
    request = publisher.release(pack, {publisher.sync: "1.0"})["requestId"]
    assert publisher.api.delete(f"PublisherIntegrationPack/{pack}").status_code == 200
    assert "invalid" in refused(publisher.api.get(f"PublisherIntegrationPack/{pack}"))
    assert publisher.status(request) == (200, "ERROR")
    assert publisher.api.query("PublisherIntegrationPack") == []


def test_releasing_needs_its_privilege(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync)["id"]
    request = publisher.release(pack, {publisher.sync: "1.0"})["requestId"]
    for name, readable in (("viewer", True), ("deployer", False)):
        other = Api(publisher.api.boomi, f"BOOMI_TOKEN.{name}@acme.example", f"secret-{name}")
        with other.session:
            for path in (f"PublisherIntegrationPack/{pack}", f"ReleaseIntegrationPackStatus/{request}"):
                assert (other.get(path).status_code == 403) is not readable
            body = {"id": pack, "operationType": "ADD"}
            for path in ("PublisherIntegrationPack", f"PublisherIntegrationPack/{pack}", "ReleaseIntegrationPack"):
                assert "insufficient permissions" in refused(other.post(path, body), 403)


# Releases.


def test_a_release_answers_with_a_request_of_its_own(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync)["id"]
    made = publisher.release(pack, {publisher.sync: "1.0"}, name="whatever", releaseOnDate="2020-01-01")
    assert made == {
        "@type": "ReleaseIntegrationPack",
        "id": pack,
        "name": "Pack",
        "installationType": "MULTI",
        "releaseSchedule": "IMMEDIATELY",
        "releaseOnDate": "2026-05-10",
        "requestId": made["requestId"],
        "releaseStatusUrl": f"{publisher.api.direct}/ReleaseIntegrationPackStatus/{made['requestId']}",
        "ReleasePackagedComponents": {
            "ReleasePackagedComponent": [{"componentId": publisher.sync, "version": "1.0", "releasedVersion": ""}]
        },
    }
    assert made["requestId"].startswith("release-")
    assert publisher.api.get(made["releaseStatusUrl"]).status_code == 202


def test_a_release_cannot_be_read_found_or_deleted(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync)["id"]
    made = publisher.release(pack, {publisher.sync: "1.0"})["requestId"]
    for answer in (
        publisher.api.get(f"ReleaseIntegrationPack/{pack}"),
        publisher.api.get(f"ReleaseIntegrationPack/{made}"),
        publisher.api.delete(f"ReleaseIntegrationPack/{made}"),
        publisher.api.post("ReleaseIntegrationPack/query", {"QueryFilter": {}}),
        publisher.api.post("ReleaseIntegrationPack/bulk", {"type": "GET", "request": []}),
        publisher.api.post("ReleaseIntegrationPackStatus", {}),
        publisher.api.post("ReleaseIntegrationPackStatus/query", {"QueryFilter": {}}),
    ):
        assert "Unknown objectType" in refused(answer)


@pytest.mark.parametrize("polls", [0, 1, 3])
def test_an_immediate_release_is_through_after_some_polls(publisher: Publisher, polls: int) -> None:
    publisher.api.boomi.settings(releasePolls=polls)
    pack = publisher.create(publisher.sync, publisher.route)["id"]
    request = publisher.release(pack, {publisher.sync: "1.0"})["requestId"]
    for _ in range(polls):
        assert publisher.versions(pack) == [("", "", "2.0"), ("", "", "2.0")]
        assert publisher.status(request) == (202, "IN_PROGRESS")
    assert publisher.versions(pack) == [("1.0", "", "2.0"), ("", "", "2.0")]
    assert publisher.status(request) == (200, "SUCCESS")


def test_a_release_may_never_be_through(publisher: Publisher) -> None:
    publisher.api.boomi.settings(releasePolls=-1)
    pack = publisher.create(publisher.sync)["id"]
    request = publisher.release(pack, {publisher.sync: "1.0"})["requestId"]
    assert {publisher.status(request) for _ in range(9)} == {(202, "IN_PROGRESS")}
    with pytest.raises(ValueError, match="releasePolls"):
        publisher.api.boomi.settings(releasePolls=-2)


def test_a_release_may_fail(publisher: Publisher) -> None:
    publisher.api.boomi.settings(releaseOutcome="ERROR")
    pack = publisher.create(publisher.sync)["id"]
    request = publisher.release(pack, {publisher.sync: "1.0"})["requestId"]
    assert publisher.status(request) == (202, "IN_PROGRESS")
    assert publisher.status(request) == (200, "ERROR")
    assert publisher.versions(pack) == [("", "", "2.0")]
    publisher.release(pack, {publisher.sync: "1.0"})


def test_a_status_is_found_by_its_request_only(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync)["id"]
    request = publisher.release(pack, {publisher.sync: "1.0"})["requestId"]
    assert pack in refused(publisher.api.get(f"ReleaseIntegrationPackStatus/{pack}"))
    body = {"type": "GET", "request": [{"id": request}, {"id": pack}]}
    answer = publisher.api.post("ReleaseIntegrationPackStatus/bulk", body)
    assert answer.status_code == 200
    found, missing = answer.json()["response"]
    assert (found["statusCode"], found["Result"]["releaseStatus"]) == (202, "IN_PROGRESS")
    assert missing["statusCode"] == 400
    shown = publisher.api.get(f"ReleaseIntegrationPackStatus/{request}").json()
    assert shown == {
        "@type": "ReleaseIntegrationPackStatus",
        "integrationPackId": pack,
        "name": "Pack",
        "installationType": "MULTI",
        "releaseSchedule": "IMMEDIATELY",
        "releaseOnDate": "2026-05-10",
        "requestId": request,
        "releaseStatus": "SUCCESS",
        "responseStatusCode": 200,
        "ReleasePackagedComponents": {
            "@type": "ReleasePackagedComponents",
            "ReleasePackagedComponent": [
                {
                    "@type": "ReleasePackagedComponent",
                    "componentId": publisher.sync,
                    "version": "1.0",
                    "releasedVersion": "1.0",
                }
            ],
        },
    }


def test_a_202_may_be_nearly_empty_or_spelled_otherwise(publisher: Publisher) -> None:
    publisher.api.boomi.settings(releasePolls=2, releaseStatusBody="bare")
    pack = publisher.create(publisher.sync)["id"]
    path = f"ReleaseIntegrationPackStatus/{publisher.release(pack, {publisher.sync: '1.0'})['requestId']}"
    assert publisher.api.get(path).json() == {"@type": "ReleaseIntegrationPackStatus", "responseStatusCode": 202}
    publisher.api.boomi.settings(releaseStatusBody="full", releaseStatusSpelling="INPROGRESS")
    assert publisher.api.get(path).json()["releaseStatus"] == "INPROGRESS"
    assert publisher.api.get(path).json()["releaseStatus"] == "SUCCESS"


def test_a_release_is_checked(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync)["id"]
    sync, api = publisher.sync, publisher.api
    unshared = api.package(packageVersion="7.0")["packageVersion"]
    gone = api.package(packageVersion="8.0", shareable=True)
    api.delete(f"PackagedComponent/{gone['packageId']}")
    twice = [{"componentId": sync, "version": "1.0"}] * 2
    for answer, reason in (
        (publisher.ask("", {sync: "1.0"}), "Integration pack ID"),
        (publisher.ask(pack, {}), "empty"),
        (publisher.ask(pack, {}, ReleasePackagedComponents=None), "empty"),
        (publisher.ask(pack, {publisher.route: "1.0"}), "not part"),
        (publisher.ask(pack, {sync: "9.9"}), "9.9"),
        (publisher.ask(pack, {sync: ""}), "version"),
        (publisher.ask(pack, {sync: unshared}), "7.0"),
        (publisher.ask(pack, {sync: "8.0"}), "8.0"),
        (publisher.ask(pack, {}, ReleasePackagedComponents={"ReleasePackagedComponent": twice}), "twice"),
        (publisher.ask(pack, {}, ReleasePackagedComponents="all"), "Unable to read"),
        (publisher.ask(pack, {sync: "1.0"}, releaseSchedule="SOON"), "SOON"),
        (publisher.ask(pack, {sync: "1.0"}, releaseSchedule=None), "schedule"),
        (publisher.ask(pack, {sync: "1.0"}, colour="red"), "colour"),
        (publisher.ask(pack, {sync: "1.0"}, releaseSchedule=ON_DATE), "missing"),
        (publisher.ask(pack, {sync: "1.0"}, releaseSchedule=ON_DATE, releaseOnDate="2026-6-1"), "yyyy-MM-dd"),
        (publisher.ask(pack, {sync: "1.0"}, releaseSchedule=ON_DATE, releaseOnDate="2026-02-30"), "yyyy-MM-dd"),
        (publisher.ask(pack, {sync: "1.0"}, releaseSchedule=ON_DATE, releaseOnDate="2026-05-09"), "future"),
        (publisher.ask(pack, {sync: "1.0"}, releaseSchedule=ON_DATE, releaseOnDate="2026-05-10"), "future"),
    ):
        assert reason in refused(answer)
    assert api.boomi.objects("ReleaseIntegrationPack") == []


def test_only_one_release_may_be_pending(publisher: Publisher) -> None:
    publisher.api.boomi.settings(releasePolls=-1)
    pack, other = publisher.create(publisher.sync)["id"], publisher.create(publisher.sync)["id"]
    publisher.release(pack, {publisher.sync: "1.0"})
    assert "IN_PROGRESS" in refused(publisher.ask(pack, {publisher.sync: "2.0"}))
    publisher.release(other, {publisher.sync: "1.0"}, releaseSchedule=ON_DATE, releaseOnDate="2026-06-01")
    assert "SCHEDULED" in refused(publisher.ask(other, {publisher.sync: "2.0"}))


def test_the_same_versions_may_be_released_again(publisher: Publisher) -> None:
    publisher.api.boomi.settings(releasePolls=0)
    pack = publisher.create(publisher.sync, publisher.route)["id"]
    first = publisher.release(pack, {publisher.sync: "1.0"})["requestId"]
    assert publisher.release(pack, {publisher.sync: "1.0"})["requestId"] != first
    publisher.api.boomi.settings(releaseSameVersions="refuse")
    assert "already" in refused(publisher.ask(pack, {publisher.sync: "1.0"}))
    publisher.release(pack, {publisher.sync: "1.0", publisher.route: "1.0"})


@pytest.mark.parametrize(
    ("zone", "day", "last", "first"),
    [
        ("UTC", "2026-05-20", "2026-05-19T23:59:50Z", "2026-05-20T01:00:00Z"),
        ("US Eastern", "2026-05-20", "2026-05-20T03:59:50Z", "2026-05-20T05:00:00Z"),
        ("US Eastern", "2027-01-20", "2027-01-20T04:59:50Z", "2027-01-20T06:00:00Z"),
        ("US Eastern", "2026-11-01", "2026-11-01T03:59:50Z", "2026-11-01T05:00:00Z"),
        ("US Eastern", "2026-11-02", "2026-11-02T04:59:50Z", "2026-11-02T06:00:00Z"),
        ("US Eastern", "2027-03-14", "2027-03-14T04:59:50Z", "2027-03-14T06:00:00Z"),
        ("US Eastern", "2027-03-15", "2027-03-15T03:59:50Z", "2027-03-15T05:00:00Z"),
    ],
)
def test_a_scheduled_release_goes_out_in_the_small_hours(
    publisher: Publisher, zone: str, day: str, last: str, first: str
) -> None:
    store = publisher.api.boomi.store
    publisher.api.boomi.settings(releaseZone=zone)
    pack = publisher.create(publisher.sync, publisher.route)["id"]
    made = publisher.release(pack, {publisher.sync: "2.0"}, releaseSchedule=ON_DATE, releaseOnDate=day)
    assert made["releaseOnDate"] == day
    store.set_time(last)
    assert publisher.versions(pack) == [("", "2.0", "2.0"), ("", "", "2.0")]
    assert publisher.status(made["requestId"]) == (202, "SCHEDULED")
    store.set_time(first)
    assert publisher.versions(pack) == [("2.0", "", "2.0"), ("", "", "2.0")]
    assert publisher.status(made["requestId"]) == (200, "SUCCESS")


def test_a_scheduled_release_may_fail_too(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync)["id"]
    made = publisher.release(pack, {publisher.sync: "2.0"}, releaseSchedule=ON_DATE, releaseOnDate="2026-05-11")
    publisher.api.boomi.settings(releaseOutcome="ERROR")
    publisher.api.boomi.advance(86400)
    assert publisher.status(made["requestId"]) == (200, "ERROR")
    assert publisher.versions(pack) == [("", "", "2.0")]


def test_a_scheduled_release_can_be_changed(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync, publisher.route)["id"]
    scheduled = {"releaseSchedule": ON_DATE, "releaseOnDate": "2026-06-01"}
    made = publisher.release(pack, {publisher.sync: "1.0"}, **scheduled)
    moved = publisher.release(
        pack, {publisher.route: "2.0"}, "update", releaseSchedule=ON_DATE, releaseOnDate="2026-07-01"
    )
    assert (moved["requestId"], moved["releaseOnDate"]) == (made["requestId"], "2026-07-01")
    assert publisher.versions(pack) == [("", "", "2.0"), ("", "2.0", "2.0")]
    kept = publisher.api.post(f"ReleaseIntegrationPack/{pack}", {"releaseOnDate": "2026-08-01"}).json()
    assert kept["ReleasePackagedComponents"]["ReleasePackagedComponent"][0]["version"] == "2.0"
    publisher.api.boomi.store.set_time("2026-07-15T00:00:00Z")
    assert publisher.status(made["requestId"]) == (202, "SCHEDULED")
    for fields, reason in (
        ({"releaseOnDate": "2026-07-01"}, "future"),
        ({"releaseSchedule": "SOON"}, "SOON"),
        ({"id": "other"}, "other"),
        ({"ReleasePackagedComponents": {"ReleasePackagedComponent": []}}, "empty"),
    ):
        assert reason in refused(publisher.api.post(f"ReleaseIntegrationPack/{pack}", fields))
    now = publisher.release(pack, {publisher.route: "1.0"}, "update")
    assert (now["requestId"], now["releaseOnDate"]) == (made["requestId"], "2026-07-14")
    assert publisher.status(made["requestId"]) == (202, "IN_PROGRESS")
    assert publisher.status(made["requestId"]) == (200, "SUCCESS")
    assert publisher.versions(pack) == [("", "", "2.0"), ("1.0", "", "2.0")]


def test_nothing_but_a_scheduled_release_can_be_changed(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync)["id"]
    assert "no scheduled" in refused(publisher.ask(pack, {publisher.sync: "1.0"}, "update"))
    request = publisher.release(pack, {publisher.sync: "1.0"})["requestId"]
    assert "no scheduled" in refused(publisher.ask(pack, {publisher.sync: "1.0"}, "update"))
    publisher.status(request)
    assert "no scheduled" in refused(publisher.ask(pack, {publisher.sync: "1.0"}, "update"))
    assert "invalid" in refused(publisher.ask(request, {publisher.sync: "1.0"}, "update", id=None))


def test_a_package_that_a_pack_releases_cannot_be_deleted(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync)["id"]
    first, second = (
        row["packageId"]
        for row in publisher.api.boomi.objects("PackagedComponent")
        if row["componentId"] == publisher.sync
    )
    publisher.release(pack, {publisher.sync: "1.0"}, releaseSchedule=ON_DATE, releaseOnDate="2026-05-11")
    assert "Pack" in refused(publisher.api.delete(f"PackagedComponent/{first}"))
    publisher.api.boomi.advance(86400)
    assert "in use" in refused(publisher.api.delete(f"PackagedComponent/{first}"))
    publisher.api.boomi.release_pack(pack, {publisher.sync: "2.0"})
    assert publisher.api.delete(f"PackagedComponent/{first}").status_code == 200
    assert "in use" in refused(publisher.api.delete(f"PackagedComponent/{second}"))


# What people do, and where it is kept.


def test_a_person_releases_at_once(publisher: Publisher) -> None:
    boomi = publisher.api.boomi
    pack = boomi.create_pack("By hand", [publisher.sync, publisher.route], installation_type="MULTI")
    assert boomi.objects("PublisherIntegrationPack") == [pack]
    boomi.release_pack(pack["id"], {publisher.sync: "1.0"}, by="eve@acme.example")
    assert publisher.versions(pack["id"]) == [("1.0", "", "2.0"), ("", "", "2.0")]
    assert boomi.objects("ReleaseIntegrationPack")[0]["by"] == "eve@acme.example"
    for components in ({publisher.route: "2.0"}, [{"componentId": publisher.route, "version": "1.0"}]):
        body = {"packId": pack["id"], "components": components, "by": "eve@acme.example"}
        assert publisher.api.control("POST", "console/release-pack", body).status_code == 200
    assert publisher.versions(pack["id"])[1] == ("1.0", "", "2.0")
    assert publisher.api.control("POST", "console/release-pack", {"packId": pack["id"]}).status_code == 400
    made = publisher.api.control("POST", "console/create-pack", publisher.body(name="Route"))
    assert made.json()["name"] == "Route"
    assert {entry["verb"] for entry in boomi.journal()} == {"create", "get"}


def test_a_release_by_hand_takes_the_scheduled_one_along(publisher: Publisher) -> None:
    pack = publisher.create(publisher.sync)["id"]
    made = publisher.release(pack, {publisher.sync: "1.0"}, releaseSchedule=ON_DATE, releaseOnDate="2026-06-01")
    publisher.api.boomi.release_pack(pack, {publisher.sync: "2.0"})
    assert publisher.status(made["requestId"]) == (200, "SUCCESS")
    assert publisher.versions(pack) == [("2.0", "", "2.0")]
    publisher.release(pack, {publisher.sync: "1.0"})
    body = {"packId": pack, "components": {publisher.sync: "2.0"}}
    assert "being released" in refused(publisher.api.control("POST", "console/release-pack", body))


def test_the_status_url_of_a_sub_account_works(api: Api) -> None:
    boomi = api.boomi
    component = next(row["componentId"] for row in boomi.objects("ComponentMetadata", "acme-sub"))
    store = boomi.store
    store.console(
        "create", "PackagedComponent", by="eve", account="acme-sub", componentId=component,
        packageVersion="1.0", shareable=True,
    )  # fmt: skip
    query = {"params": {"overrideAccount": "acme-sub"}}
    member = {"PublisherPackagedComponent": [{"componentId": component}]}
    body = {"name": "Sub", "installationType": "SINGLE", "Description": "", "PublisherPackagedComponents": member}
    pack = api.post(f"{api.partner}/PublisherIntegrationPack", body, **query).json()["id"]
    release = {"ReleasePackagedComponent": [{"componentId": component, "version": "1.0"}]}
    body = {"id": pack, "releaseSchedule": "IMMEDIATELY", "ReleasePackagedComponents": release}
    made = api.post(f"{api.partner}/ReleaseIntegrationPack", body, **query).json()
    assert api.get(made["releaseStatusUrl"]).status_code == 202
    assert refused(api.get(f"ReleaseIntegrationPackStatus/{made['requestId']}"))
    assert api.query("PublisherIntegrationPack") == []


def test_a_release_outlives_the_process(tmp_path: Path) -> None:
    file = tmp_path / "account.db"
    with Emulator(small_seed(), data=file, rate_limit=0) as boomi:
        api = Api(boomi)
        with api.session:
            publisher = Publisher(api)
            pack = publisher.create(publisher.sync)["id"]
            publisher.release(pack, {publisher.sync: "1.0"}, releaseSchedule=ON_DATE, releaseOnDate="2026-05-11")
    with Emulator(data=file, rate_limit=0) as boomi:
        boomi.store.set_time("2026-05-11T12:00:00Z")
        assert members(boomi.objects("PublisherIntegrationPack")[0])[0]["currentVersion"] == "1.0"
        assert boomi.objects("ReleaseIntegrationPack")[0]["by"] == ADMIN


def test_numbers_and_booleans_inside_may_be_strings(publisher: Publisher) -> None:
    publisher.api.boomi.settings(stringy=True)
    pack = publisher.create(publisher.sync)
    assert members(pack)[0]["deleted"] == "false"
    request = publisher.release(pack["id"], {publisher.sync: "1.0"})["requestId"]
    assert publisher.api.get(f"ReleaseIntegrationPackStatus/{request}").json()["responseStatusCode"] == "202"
