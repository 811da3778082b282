"""The Connector API."""

from __future__ import annotations

from typing import Any

import pytest

from boomi_pulumi.emulator.switches import CANCELS
from tests.emulator.conftest import Api

DEV, PROD = "till-dev", "loyalty-prod"


def refused(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["message"]
    return str(answer.json()["message"])


@pytest.fixture(autouse=True)
def at_noon(api: Api) -> None:
    api.boomi.store.set_time("2026-05-10T12:10:00Z")


def change(api: Api, name: str, version: Any, when: str | None = None, **fields: Any) -> Any:
    body = {"classificationType": name, "versionId": version, **fields}
    if when is not None:
        body["VersionChangeSchedule"] = {"preferredReleaseDate": when}
    return api.post("ConnectorVersionChange", body)


def changed(api: Api, name: str, version: Any, when: str | None = None, **fields: Any) -> Any:
    answer = change(api, name, version, when, **fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def versions(api: Api, name: str) -> tuple[str, str | None, str]:
    """What is out, what waits, and how the last review stands."""
    group = api.get(f"ConnectorGroup/{name.partition('-')[0]}").json()
    found = next(row for row in group["classifications"] if row["classificationType"] == name)
    return found["version"], found.get("pendingVersion"), found["reviewStatus"]


def cancel(api: Api, name: str, path: str = "ConnectorVersionChange/update") -> Any:
    return api.post(path, {"classificationType": name})


def test_a_group_shows_its_classifications(api: Api) -> None:
    ann = {"email": "ann.moe@acme.example", "firstName": "Ann", "lastName": "Moe"}
    assert api.get("ConnectorGroup/till").json() == {
        "groupName": "Till",
        "groupType": "till",
        "dateCreated": "2026-01-01T09:00:00Z",
        "lastModifiedDate": "2026-01-04T09:00:00Z",
        "deleted": False,
        "createdBy": ann,
        "ConnectorVendor": {"vendorName": "Acme"},
        "classifications": [
            {
                "classification": "dev",
                "classificationType": DEV,
                "createdBy": ann,
                "dateCreated": "2026-01-01T09:00:00Z",
                "deleted": False,
                "displayName": "till dev",
                "groupType": "till",
                "lastModifiedDate": "2026-01-02T09:00:00Z",
                "releaseDate": "2026-01-02T09:00:00Z",
                "reviewStatus": "APPROVED",
                "version": "2",
                "visibility": "PRIVATE",
            }
        ],
    }
    assert "nothing" in refused(api.get("ConnectorGroup/nothing"))


def test_groups_are_queried_by_type_and_name(api: Api) -> None:
    def found(**equal: str) -> list[str]:
        return [row["groupType"] for row in api.query("ConnectorGroup", **equal)]

    assert (found(), found(groupType="till"), found(groupName="loyalty")) == (
        ["till", "loyalty"],
        ["till"],
        ["loyalty"],
    )
    assert found(groupType="nothing") == []
    answer = api.post("ConnectorGroup/query", {"QueryFilter": {}}).json()
    assert (list(answer), answer["numberOfResults"]) == (["result", "numberOfResults"], 2)
    simple = {"operator": "EQUALS", "property": "deleted", "argument": ["false"]}
    assert "deleted" in refused(api.post("ConnectorGroup/query", {"QueryFilter": {"expression": simple}}))


def test_a_private_change_is_applied_at_once(api: Api) -> None:
    made = changed(api, DEV, "3", releaseNotes="Faster")
    admin = {"email": "admin@acme.example", "firstName": "Admin", "lastName": "User"}
    now = made["completedDate"]
    assert now.startswith("2026-05-10T12:10")
    assert made == {
        "classificationType": DEV,
        "versionId": "3",
        "releaseNotes": "Faster",
        "classification": api.get("ConnectorGroup/till").json()["classifications"][0],
        "reviewStatus": "APPROVED",
        "submittedBy": admin,
        "completedBy": admin,
        "completedDate": now,
        "uid": made["uid"],
    }
    assert (made["classification"]["version"], made["classification"]["releaseDate"]) == ("3", now)
    assert made["uid"] > 2**53
    assert int(float(made["uid"])) != made["uid"]
    assert changed(api, DEV, 2)["versionId"] == "2"
    assert versions(api, DEV) == ("2", None, "APPROVED")


def test_a_scheduled_private_change_waits_for_the_hourly_job(api: Api) -> None:
    made = changed(api, DEV, "3", "2026-05-12T21:32:52Z")
    assert (made["reviewStatus"], made["classification"]["pendingVersion"]) == ("APPROVED", "3")
    assert made["VersionChangeSchedule"] == {"preferredReleaseDate": "2026-05-12T21:32:52Z"}
    api.boomi.store.set_time("2026-05-12T21:59:50Z")
    assert versions(api, DEV) == ("2", "3", "APPROVED")
    api.boomi.store.set_time("2026-05-12T22:00:00Z")
    assert versions(api, DEV) == ("3", None, "APPROVED")


def test_a_moment_that_is_past_waits_for_the_next_job_too(api: Api) -> None:
    changed(api, DEV, "3", "2024-07-23T21:32:52Z")
    assert versions(api, DEV) == ("2", "3", "APPROVED")
    api.boomi.advance(3600)
    assert versions(api, DEV) == ("3", None, "APPROVED")


def test_a_scheduled_private_change_is_cancelled_elsewhere(api: Api) -> None:
    assert DEV in refused(cancel(api, DEV, "ConnectorPendingRelease/update"))
    changed(api, DEV, "3", "2026-05-12T21:32:52Z")
    assert "no pending" in refused(cancel(api, DEV))
    ended = cancel(api, DEV, "ConnectorPendingRelease/update").json()
    assert (ended["classificationType"], ended["reviewStatus"]) == (DEV, "CANCELLED")
    api.boomi.advance(1e6)
    assert versions(api, DEV) == ("2", None, "APPROVED")
    changed(api, DEV, "4")


def test_a_public_change_waits_for_a_person(api: Api) -> None:
    made = changed(api, PROD, "5")
    assert made["reviewStatus"] == "PENDING"
    assert not {"completedBy", "completedDate", "reviewReason"} & set(made)
    assert versions(api, PROD) == ("3", "5", "PENDING")
    assert api.boomi.approve(PROD)["completedBy"]["email"] != "admin@acme.example"
    assert versions(api, PROD) == ("5", None, "APPROVED")
    changed(api, PROD, "4")
    answer = api.control("POST", f"connectors/{PROD}/reject", {"reason": "No tests"}).json()
    assert (answer["reviewStatus"], answer["reviewReason"]) == ("REJECTED", "No tests")
    assert versions(api, PROD) == ("5", None, "REJECTED")
    assert "no pending" in refused(api.control("POST", f"connectors/{PROD}/approve"))
    changed(api, PROD, "4")
    assert api.control("POST", f"connectors/{PROD}/approve").status_code == 200
    changed(api, PROD, "3")
    assert api.boomi.reject(PROD, "Too old")["reviewReason"] == "Too old"
    assert versions(api, PROD) == ("4", None, "REJECTED")


def test_an_approved_public_change_waits_for_its_moment(api: Api) -> None:
    changed(api, PROD, "5", "2026-05-12T21:32:52Z")
    api.boomi.approve(PROD)
    assert versions(api, PROD) == ("3", "5", "APPROVED")
    api.boomi.advance(3 * 86400)
    assert versions(api, PROD) == ("5", None, "APPROVED")


def test_a_review_is_cancelled(api: Api) -> None:
    changed(api, PROD, "5")
    assert "no pending release" in refused(cancel(api, PROD, "ConnectorPendingRelease/update"))
    ended = cancel(api, PROD).json()
    assert set(ended) == {"classificationType", "reviewStatus", "completedBy", "completedDate"}
    assert (ended["classificationType"], ended["reviewStatus"]) == (PROD, "CANCELLED")
    assert versions(api, PROD) == ("3", None, "CANCELLED")
    assert PROD in refused(cancel(api, PROD))
    changed(api, PROD, "5")


def test_one_change_may_be_pending(api: Api) -> None:
    changed(api, PROD, "5")
    assert "pending" in refused(change(api, PROD, "4"))
    changed(api, DEV, "3", "2026-05-12T21:32:52Z")
    assert "scheduled" in refused(change(api, DEV, "4"))
    uids = {row["uid"] for row in api.boomi.objects("ConnectorVersionChange")}
    assert len(uids) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "classificationType"),
        ({"classificationType": DEV}, "versionId"),
        ({"classificationType": "nothing", "versionId": "1"}, "nothing"),
        ({"classificationType": DEV, "versionId": "5"}, "Version 5"),
        ({"classificationType": DEV, "versionId": "two"}, "Version two"),
        ({"classificationType": DEV, "versionId": ["2"]}, "Unable to read"),
        ({"classificationType": DEV, "versionId": "3", "colour": "red"}, "colour"),
        ({"classificationType": DEV, "versionId": "3", "VersionChangeSchedule": "now"}, "Unable to read"),
    ],
)
def test_a_change_is_checked(api: Api, body: dict[str, Any], reason: str) -> None:
    assert reason in refused(api.post("ConnectorVersionChange", body))
    assert api.boomi.objects("ConnectorVersionChange") == []


@pytest.mark.parametrize("when", ["soon", "2026-05-12", "2026-13-01T00:00:00Z"])
def test_a_moment_is_checked(api: Api, when: str) -> None:
    assert when in refused(change(api, DEV, "3", when))


def test_a_change_needs_its_privilege(api: Api) -> None:
    developer = Api(api.boomi, "BOOMI_TOKEN.developer@acme.example", "secret-developer")
    with developer.session:
        changed(developer, DEV, "3")
        assert versions(developer, PROD)[0] == "3"
        for name in (PROD, "loyalty-old"):
            assert refused(change(developer, name, "2"), 403) == "Access denied due to insufficient permissions."
        changed(api, PROD, "5")
        refused(cancel(developer, PROD), 403)
    viewer = Api(api.boomi, "BOOMI_TOKEN.viewer@acme.example", "secret-viewer")
    with viewer.session:
        refused(change(viewer, DEV, "2"), 403)
        refused(viewer.get("ConnectorGroup/till"), 403)


def test_a_hidden_connector_is_reviewed_and_a_published_one_too(api: Api) -> None:
    assert changed(api, "loyalty-old", "2")["reviewStatus"] == "PENDING"
    assert "pending" in refused(api.control("POST", "connectors/loyalty-old/publish"))
    assert api.boomi.publish(DEV)["visibility"] == "PUBLIC"
    assert changed(api, DEV, "3")["reviewStatus"] == "PENDING"
    answer = api.control("POST", f"connectors/{PROD}/publish", {"visibility": "PRIVATE"})
    assert answer.json()["visibility"] == "PRIVATE"
    assert changed(api, PROD, "4")["reviewStatus"] == "APPROVED"
    assert "SECRET" in refused(api.control("POST", f"connectors/{PROD}/publish", {"visibility": "SECRET"}))


def test_a_person_uploads_a_version(api: Api) -> None:
    assert api.boomi.upload_connector_version("till", by="eve")["versionId"] == "5"
    answer = api.control("POST", "console/upload-connector-version", {"groupType": "till"}).json()
    assert answer["versionId"] == "6"
    assert changed(api, DEV, 6)["versionId"] == "6"
    refused(api.control("POST", "console/upload-connector-version", {"groupType": "nothing"}))


def test_a_change_cannot_be_read(api: Api) -> None:
    changed(api, DEV, "3")
    assert "Unknown objectType" in refused(api.get(f"ConnectorVersionChange/{DEV}"))
    assert "Unknown objectType" in refused(api.post("ConnectorVersionChange/query", {"QueryFilter": {}}))
    assert "Unknown objectType" in refused(api.post("ConnectorPendingRelease", {}))
    assert api.send("PUT", "ConnectorGroup", {}).status_code == 405
    assert api.send("PUT", "Environment", {}).status_code == 405
    assert api.post("ConnectorVersionChange/a/b", {}).status_code == 404
    assert api.get("ConnectorVersionChange").status_code == 405


def test_where_the_api_is_can_be_changed(api: Api) -> None:
    api.boomi.settings(connectorPath="/connect/{account}/v9")
    assert api.get("ConnectorGroup/till").status_code == 404
    base = f"{api.boomi.base_url}/connect/{api.boomi.account_id}/v9"
    assert api.get(f"{base}/ConnectorGroup/till").status_code == 200
    assert api.get(f"{base}/Environment/x").status_code == 404
    body = {"classificationType": PROD, "versionId": "5"}
    assert api.post(f"{base}/ConnectorVersionChange", body).status_code == 200
    assert cancel(api, PROD, f"{base}/ConnectorVersionChange/update").status_code == 200
    assert api.get(f"{base.removesuffix('/v9')}/ConnectorGroup/till").status_code == 404
    for path in ("connect/{account}", "/connect", "/{account}/{account}"):
        with pytest.raises(ValueError, match="connectorPath"):
            api.boomi.settings(connectorPath=path)


@pytest.mark.parametrize(("where", "direct", "partner"), [("both", 0, 0), ("direct", 0, 403), ("partner", 403, 0)])
def test_where_a_sub_account_is_named_is_a_switch(api: Api, where: str, direct: int, partner: int) -> None:
    api.boomi.settings(connectorOverrideAccount=where)
    doors = [api.connector, api.connector.replace("/connector/", "/partner/connector/")]
    answers = [
        api.post(f"{door}/ConnectorGroup/query", {"QueryFilter": {}}, params={"overrideAccount": "acme-sub"})
        for door in doors
    ]
    assert [each.json()["numberOfResults"] if each.ok else each.status_code for each in answers] == [direct, partner]
    for door in doors:
        assert api.get(f"{door}/ConnectorGroup/till").status_code == 200


FORMS = {
    "POST {object}/{classificationType}/update": ("POST", "{object}/{name}/update"),
    "POST {object}/update": ("POST", "{object}/update"),
    "POST {object}/{classificationType}": ("POST", "{object}/{name}"),
    "PUT {object}": ("PUT", "{object}"),
}


@pytest.mark.parametrize("answered", FORMS)
@pytest.mark.parametrize(
    ("kind", "name", "when"),
    [("ConnectorVersionChange", PROD, None), ("ConnectorPendingRelease", DEV, "2026-05-12T21:32:52Z")],
)
def test_only_the_forms_of_a_cancel_that_are_switched_on_are_answered(
    api: Api, kind: str, name: str, when: str | None, answered: str
) -> None:
    assert list(FORMS) == list(CANCELS)
    api.boomi.settings(connectorCancel=[answered])
    changed(api, name, "4", when)
    for form, (method, path) in FORMS.items():
        if form != answered:
            answer = api.send(
                method, path.format(object=kind, name=name if "name" in path else ""), {"classificationType": name}
            )
            # Where a name is expected, `update` is taken for one.
            misread = form == "POST {object}/update" and answered == "POST {object}/{classificationType}"
            assert answer.status_code == (400 if misread else 405 if method == "PUT" else 404), (form, answer.text)
    assert versions(api, name)[1] == "4"
    method, path = FORMS[answered]
    assert api.send(method, path.format(object=kind, name=name), {"classificationType": name}).status_code == 200
    assert versions(api, name)[1] is None


def test_a_cancel_may_be_named_by_its_path_alone(api: Api) -> None:
    changed(api, PROD, "5")
    wrong = api.post(f"ConnectorVersionChange/{PROD}/update", {"classificationType": DEV})
    assert "not that of the address" in refused(wrong)
    assert api.send("POST", f"ConnectorVersionChange/{PROD}/update").json()["classificationType"] == PROD
    assert "Classification type" in refused(api.post("ConnectorVersionChange/update", {}))
    api.boomi.settings(connectorWrongCancel=405)
    assert api.post(f"ConnectorVersionChange/{PROD}", {}).status_code == 405


def test_an_answer_may_be_empty(api: Api) -> None:
    api.boomi.settings(connectorEmptyAnswers=["create", "cancel"])
    answer = change(api, PROD, "5")
    assert (answer.status_code, answer.content) == (200, b"")
    assert versions(api, PROD)[1] == "5"
    answer = cancel(api, PROD)
    assert (answer.status_code, answer.content) == (200, b"")
    assert versions(api, PROD)[1] is None
    assert "no pending" in refused(cancel(api, PROD))


def test_an_account_may_not_be_able_to_read(api: Api) -> None:
    api.boomi.settings(connectorRead=False)
    assert api.get("ConnectorGroup/till").status_code == 404
    assert api.post("ConnectorGroup/query", {"QueryFilter": {}}).status_code == 404
    changed(api, DEV, "3")


def test_numbers_and_booleans_inside_may_be_strings(api: Api) -> None:
    api.boomi.settings(stringy=True, milliseconds=True)
    group = api.get("ConnectorGroup/till").json()
    assert (group["deleted"], group["classifications"][0]["deleted"]) == ("false", "false")
    assert group["dateCreated"].endswith(".000Z")
    assert isinstance(changed(api, DEV, "3")["uid"], int)
