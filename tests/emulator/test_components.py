"""ComponentMetadata and Folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.emulator.conftest import Api


def refused(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["message"])


def test_the_latest_and_a_certain_revision(api: Api) -> None:
    component = api.component("Sync")
    latest = api.get(f"ComponentMetadata/{component}").json()
    assert latest == {
        "@type": "ComponentMetadata",
        "componentId": component,
        "version": 2,
        "name": "Sync",
        "type": "process",
        "createdDate": "2026-01-10T08:00:00Z",
        "createdBy": "ann@acme.example",
        "modifiedDate": "2026-02-10T08:00:00Z",
        "modifiedBy": "bob@acme.example",
        "deleted": False,
        "currentVersion": True,
        "folderName": "Orders",
        "folderId": latest["folderId"],
        "branchName": "main",
        "branchId": latest["branchId"],
    }
    assert latest["folderId"].startswith("Rjo")
    assert latest["branchId"].startswith("Qjo")
    first = api.get(f"ComponentMetadata/{component}~1").json()
    assert (first["version"], first["currentVersion"]) == (1, False)
    for unknown in ("no-such", f"{component}~9", f"{component}~x"):
        assert unknown in refused(api.get(f"ComponentMetadata/{unknown}"))


def test_a_query_returns_every_revision_and_deleted_ones(api: Api) -> None:
    assert [row["version"] for row in api.query("ComponentMetadata", name="Sync")] == [1, 2, 3]
    old = api.query("ComponentMetadata", name="Old")
    assert [(row["version"], row["deleted"], row["currentVersion"]) for row in old] == [
        (1, False, False),
        (2, True, True),
    ]
    assert len(api.query("ComponentMetadata", name="Twin", currentVersion="true", deleted="false")) == 2


def test_current_follows_the_default_branch(api: Api) -> None:
    assert api.query("ComponentMetadata", name="Sync", currentVersion=True)[0]["version"] == 2
    assert api.query("ComponentMetadata", currentVersion="true", branchName="feature") == []
    side = api.component("Side")
    assert "invalid" in refused(api.get(f"ComponentMetadata/{side}"))
    assert api.get(f"ComponentMetadata/{side}~1").json()["branchName"] == "feature"


def test_two_filters_need_a_partner(api: Api) -> None:
    for prop, partner in (("version", "componentId"), ("copiedFromComponentVersion", "copiedFromComponentId")):
        simple = {"operator": "EQUALS", "property": prop, "argument": ["2"]}
        answer = api.post("ComponentMetadata/query", {"QueryFilter": {"expression": simple}})
        assert partner in refused(answer)
    component = api.component("Sync")
    assert len(api.query("ComponentMetadata", componentId=component, version="2")) == 1
    copies = api.query("ComponentMetadata", copiedFromComponentId=component, copiedFromComponentVersion=2)
    assert [row["name"] for row in copies] == ["Copy"]


def test_a_delete_is_a_revision_and_a_restore_another(api: Api) -> None:
    component = api.component("Sync")
    assert api.delete(f"ComponentMetadata/{component}").status_code == 200
    gone = api.get(f"ComponentMetadata/{component}").json()
    assert (gone["version"], gone["deleted"]) == (4, True)
    assert "already deleted" in refused(api.delete(f"ComponentMetadata/{component}"))
    back = api.post("ComponentMetadata", {"componentId": component}).json()
    assert (back["version"], back["deleted"], back["modifiedBy"]) == (5, False, "admin@acme.example")
    assert "not deleted" in refused(api.post("ComponentMetadata", {"componentId": component}))
    assert "not supported" in refused(api.post("ComponentMetadata", {"name": "New"}))
    refused(api.post("ComponentMetadata", {"componentId": "no-such"}))


def test_an_update_renames_and_moves_only(api: Api) -> None:
    component, folder = api.component("Api"), api.query("Folder", name="Orders")[0]["id"]
    for path in (f"ComponentMetadata/{component}", f"ComponentMetadata/{component}/update"):
        renamed = api.post(path, {"componentId": component, "name": "Renamed", "type": "process"}).json()
        assert (renamed["name"], renamed["type"], renamed["folderId"]) == ("Renamed", "webservice", folder)
    moved = api.post(f"ComponentMetadata/{component}", {"folderId": ""}).json()
    assert (moved["folderName"], moved["name"], moved["version"]) == ("Acme", "Renamed", 4)
    assert api.post(f"ComponentMetadata/{component}", {"folderId": folder}).json()["folderName"] == "Orders"


def test_an_update_needs_a_live_component_and_folder(api: Api) -> None:
    gone = next(row["id"] for row in api.query("Folder", deleted="true"))
    for folder in (gone, "no-such"):
        assert folder in refused(api.post(f"ComponentMetadata/{api.component('Api')}", {"folderId": folder}))
    refused(api.post(f"ComponentMetadata/{api.component('Old')}", {"name": "x"}))
    refused(api.post("ComponentMetadata/no-such", {"name": "x"}))


def test_an_update_can_name_a_branch(api: Api) -> None:
    branch = next(row["id"] for row in api.boomi.objects("Branch") if row["name"] == "feature")
    path = f"ComponentMetadata/{api.component('Side')}"
    assert api.post(path, {"name": "Other", "branchId": branch}).json()["branchName"] == "feature"
    refused(api.post(path, {"name": "Other", "branchId": "no-such"}))
    refused(api.post(path, {"name": "Other", "branchName": "no-such"}))


def test_a_locked_component_cannot_be_changed(api: Api) -> None:
    component = api.component("Api")
    text = (
        f"Component {component} is currently locked by another user."
        " To complete this action, the component must be unlocked."
    )
    path = f"ComponentMetadata/{component}"
    # Also for the one who locked it.
    api.boomi.lock_component(component, by="admin@acme.example")
    assert refused(api.post(path, {"name": "x"})) == text
    assert refused(api.delete(path)) == text
    assert api.get(path).status_code == 200
    assert api.control("POST", "console/lock-component", {"componentId": component, "by": None}).status_code == 200
    assert api.delete(path).status_code == 200
    assert api.control("POST", "console/lock-component", {"componentId": component}).status_code == 200
    assert refused(api.post("ComponentMetadata", {"componentId": component})) == text
    api.boomi.lock_component(component, by=None)
    assert api.post("ComponentMetadata", {"componentId": component}).status_code == 200
    refused(api.control("POST", "console/lock-component", {"componentId": "no-such"}))


def test_folders_form_a_tree_under_the_accounts_name(api: Api) -> None:
    root, orders, gone = api.query("Folder")
    assert (root["name"], root["parentId"], root["fullPath"]) == ("Acme", "", "Acme")
    assert (orders["fullPath"], orders["parentId"], orders["parentName"]) == ("Acme/Orders", root["id"], "Acme")
    assert (gone["name"], gone["deleted"]) == ("Gone", True)
    assert api.get(f"Folder/{orders['id']}").json() == orders
    assert api.query("Folder", parentId="") == [root]


def test_a_full_path_cannot_be_filtered(api: Api) -> None:
    simple = {"operator": "EQUALS", "property": "fullPath", "argument": ["Acme/Orders"]}
    assert "fullPath" in refused(api.post("Folder/query", {"QueryFilter": {"expression": simple}}))
