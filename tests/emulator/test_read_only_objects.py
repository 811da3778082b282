"""Objects that clients only read, and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from boomi_pulumi.emulator import Emulator
from tests.emulator.conftest import Api, small_seed

if TYPE_CHECKING:
    from pathlib import Path

NS = "{http://api.platform.boomi.com/}"
XML = {"Accept": "application/xml"}


def xml(text: bytes) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  # the emulator's own


def refused(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["message"])


def results(api: Api, kind: str, **equal: Any) -> list[Any]:
    nested = [{"operator": "EQUALS", "property": name, "argument": [value]} for name, value in equal.items()]
    expression = {"operator": "and", "nestedExpression": nested}
    answer = api.post(f"{kind}/query", {"QueryFilter": {"expression": expression} if nested else {}})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["result"])


# -- components as documents ---------------------------------------------------------------------


@pytest.mark.parametrize("accept", ["application/xml", "application/json", "*/*"])
def test_a_component_is_a_document_whatever_is_accepted(api: Api, accept: str) -> None:
    api.boomi.settings(componentAsJson=200)
    answer = api.get(f"Component/{api.component('Sync')}", headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "application/xml"
    root = xml(answer.content)
    assert root.tag == f"{NS}Component"
    shown = ("name", "type", "version", "currentVersion", "deleted", "folderFullPath", "branchName")
    assert [root.get(name) for name in shown] == ["Sync", "process", "2", "true", "false", "Acme/Orders", "main"]
    assert [child.tag for child in root] == [
        f"{NS}{name}" for name in ("encryptedValues", "description", "object", "processOverrides")
    ]
    assert [child.tag for child in root.find(f"{NS}object") or ()] == ["process"]


@pytest.mark.parametrize("verb", ["get", "bulk"])
@pytest.mark.parametrize(("accept", "status"), [("application/json", 406), ("application/json, */*", 200), ("", 200)])
def test_who_accepts_json_only_gets_no_component(api: Api, verb: str, accept: str, status: int) -> None:
    id_, headers = api.component("Sync"), {"Accept": accept}
    body = {"type": "GET", "request": [{"id": id_}]}
    if verb == "get":
        answer = api.get(f"Component/{id_}", headers=headers)
    else:
        answer = api.post("Component/bulk", body, headers=headers)
    assert answer.status_code == status
    assert api.get(f"ComponentMetadata/{id_}", headers=headers).status_code == 200


def test_a_component_is_read_by_version_or_branch(api: Api) -> None:
    def version(suffix: str) -> str | None:
        answer = api.get(f"Component/{api.component('Sync')}{suffix}", headers=XML)
        return xml(answer.content).get("version")

    branch = {row["name"]: row["id"] for row in api.boomi.objects("Branch")}
    assert [version(suffix) for suffix in ("", "~1", f"~{branch['feature']}", f"~{branch['main']}")] == [
        "2", "1", "3", "2",
    ]  # fmt: skip
    assert "invalid" in api.get(f"Component/{api.component('Sync')}~9", headers=XML).text
    assert "invalid" in api.get("Component/nothing", headers=XML).text
    assert "Unknown objectType" in refused(api.post("Component/query", {}))
    assert "Unknown objectType" in refused(api.delete(f"Component/{api.component('Sync')}"))


def test_components_are_read_five_at_a_time(api: Api) -> None:
    ids = [{"id": api.component(name)} for name in ("Sync", "Api")] + [{"id": "nothing"}]
    answer = api.post("Component/bulk", {"type": "GET", "request": ids}, headers=XML)
    root = xml(answer.content)
    assert [item.get("statusCode") for item in root] == ["200", "200", "400"]
    assert [item.get("name") for item in root.iter(f"{NS}Result")] == ["Sync", "Api"]
    assert "at most 5" in api.post("Component/bulk", {"type": "GET", "request": [ids[0]] * 6}, headers=XML).text


# -- references and manifests --------------------------------------------------------------------


def test_references_are_found_from_both_ends(api: Api) -> None:
    parent, child = api.component("Api"), api.component("Sync")
    branch = next(row["id"] for row in api.boomi.objects("Branch") if row["name"] == "main")
    reference = {
        "@type": "references",
        "parentComponentId": parent,
        "parentVersion": 1,
        "componentId": child,
        "type": "DEPENDENT",
        "branchId": branch,
    }
    assert api.get(f"ComponentReference/{child}").json() == {"@type": "ComponentReference", "references": [reference]}
    assert results(api, "ComponentReference", componentId=child)[0]["references"] == [reference]
    found = results(api, "ComponentReference", parentComponentId=parent, parentVersion=1)
    assert [row["references"][0]["componentId"] for row in found] == [child, api.component("Map")]
    assert results(api, "ComponentReference", parentComponentId=parent, parentVersion=9) == []
    api.boomi.save_revision(parent)
    assert results(api, "ComponentReference", componentId=child)[0]["references"][0]["parentVersion"] == 2
    assert len(results(api, "ComponentReference", parentComponentId=parent, parentVersion=1)) == 2
    assert api.get(f"ComponentReference/{parent}").json()["references"] == []
    assert "parentVersion" in refused(
        api.post(
            "ComponentReference/query",
            {"QueryFilter": {"expression": {"operator": "EQUALS", "property": "parentComponentId", "argument": ["x"]}}},
        )
    )
    refused(api.get("ComponentReference/nothing"))


def test_a_manifest_lists_what_was_packaged(api: Api) -> None:
    one, many = api.package("Sync"), api.package("Api")

    def listed(package: Any) -> list[tuple[str, int]]:
        answer = api.get(f"PackagedComponentManifest/{package['packageId']}").json()
        assert answer["packageId"] == package["packageId"]
        return [(item["id"], item["version"]) for item in answer["componentInfo"]]

    sync, web, other = (api.component(name) for name in ("Sync", "Api", "Map"))
    assert listed(one) == [(sync, 2)]
    assert listed(many) == [(web, 1), (sync, 2), (other, 1)]
    api.boomi.save_revision(sync, branch="main")
    assert listed(many) == [(web, 1), (sync, 2), (other, 1)]
    assert dict(listed(api.package("Api")))[sync] == 4
    refused(api.get("PackagedComponentManifest/nothing"))


# -- processes, branches, runtimes ---------------------------------------------------------------


def test_processes_are_read_and_found(api: Api) -> None:
    sync = api.component("Sync")
    shown = {"@type": "Process", "id": sync, "name": "Sync", "Description": "", "IntegrationPack": []}
    assert api.get(f"Process/{sync}").json() == shown
    assert results(api, "Process", name="Sync") == [shown]
    assert results(api, "Process", id=sync) == [shown]
    assert {row["name"] for row in results(api, "Process")} == {"Sync", "Copy", "Twin"}
    assert "No such process" in refused(api.get(f"Process/{api.component('Api')}"))
    assert "No such process" in refused(api.get(f"Process/{api.component('Old')}"))
    assert "Unknown objectType" in refused(api.post("Process", {}))


def test_branches_are_read_and_found(api: Api) -> None:
    feature = results(api, "Branch", name="feature")[0]
    assert api.get(f"Branch/{feature['id']}").json() == feature
    assert (feature["ready"], feature["stage"], feature["deleted"]) == (True, "NORMAL", False)
    assert [row["name"] for row in results(api, "Branch")] == ["main", "feature"]
    refused(api.get("Branch/nothing"))
    api.boomi.settings(missingFeatures=["Branch"])
    refused(api.post("Branch/query", {}))


def test_runtimes_and_where_they_are_attached(api: Api) -> None:
    atom = results(api, "Atom", name="Atom A")[0]
    assert (atom["status"], atom["type"], api.get(f"Atom/{atom['id']}").json()) == ("ONLINE", "ATOM", atom)
    assert [row["name"] for row in results(api, "Atom", status="OFFLINE")] == ["Atom B"]
    assert [row["name"] for row in results(api, "Atom", hostname=atom["hostName"])] == ["Atom A"]
    attachment = results(api, "EnvironmentAtomAttachment", environmentId=api.environment())[0]
    assert (attachment["atomId"], attachment["environmentId"]) == (atom["id"], api.environment())
    assert results(api, "EnvironmentAtomAttachment", atomId="nothing") == []
    assert "Unknown objectType" in refused(api.get(f"EnvironmentAtomAttachment/{attachment['id']}"))
    deployer = Api(api.boomi, "BOOMI_TOKEN.deployer@acme.example", "secret-deployer")
    with deployer.session:
        for kind in ("Atom", "EnvironmentAtomAttachment", "Branch", "ComponentReference", "Folder"):
            assert deployer.post(f"{kind}/query", {}).status_code == 403
        for path in ("Component/x", "PackagedComponentManifest/x"):
            assert deployer.get(path).status_code == 403
        assert deployer.post("Process/query", {}).status_code == 200


# -- folders -------------------------------------------------------------------------------------


def folder(api: Api, name: str, parent: str = "") -> Any:
    answer = api.post("Folder", {"name": name, **({"parentId": parent} if parent else {})})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_folder_is_made_below_the_root_or_another(api: Api) -> None:
    outer = folder(api, "Outer")
    assert (outer["fullPath"], outer["parentName"], outer["deleted"]) == ("Acme/Outer", "Acme", False)
    inner = folder(api, "Inner", outer["id"])
    assert (inner["fullPath"], inner["parentId"]) == ("Acme/Outer/Inner", outer["id"])
    assert api.get(f"Folder/{inner['id']}").json() == inner
    assert "name" in refused(api.post("Folder", {}))
    gone = next(row["id"] for row in api.boomi.objects("Folder") if row["deleted"])
    assert gone in refused(api.post("Folder", {"name": "x", "parentId": gone}))
    roles = {"RoleReference": [{"id": "r1"}]}
    made = api.post("Folder", {"name": "Mine", "PermittedRoles": roles}).json()
    assert made["PermittedRoles"]["RoleReference"][0]["id"] == "r1"
    for wrong in ("x", {"RoleReference": "x"}, {"RoleReference": [{"name": "x"}]}):
        refused(api.post("Folder", {"name": "x", "PermittedRoles": wrong}))


def test_a_folder_is_renamed_and_moved_with_all_below(api: Api) -> None:
    outer = folder(api, "Outer")
    inner = folder(api, "Inner", outer["id"])
    orders = next(row["id"] for row in api.boomi.objects("Folder") if row["fullPath"] == "Acme/Orders")
    api.post(f"Folder/{orders}", {"name": "Sales"})
    assert api.get(f"ComponentMetadata/{api.component('Sync')}").json()["folderName"] == "Sales"
    moved = api.post(f"Folder/{outer['id']}", {"parentId": orders}).json()
    assert moved["fullPath"] == "Acme/Sales/Outer"
    assert api.get(f"Folder/{inner['id']}").json()["fullPath"] == "Acme/Sales/Outer/Inner"
    assert "into itself" in refused(api.post(f"Folder/{outer['id']}", {"parentId": inner["id"]}))
    assert "not that of the address" in refused(api.post(f"Folder/{outer['id']}", {"id": "x"}))
    root = next(row for row in api.boomi.objects("Folder") if not row["parentId"])
    assert api.post(f"Folder/{root['id']}", {"name": "New"}).json()["fullPath"] == "New"
    assert api.get(f"Folder/{inner['id']}").json()["fullPath"] == "New/Sales/Outer/Inner"


def test_a_folder_takes_its_contents_along_and_brings_them_back(api: Api) -> None:
    orders = next(row["id"] for row in api.boomi.objects("Folder") if row["fullPath"] == "Acme/Orders")
    inner = folder(api, "Inner", orders)
    package = api.package("Sync")
    deployed = api.deploy(package["packageId"])
    assert "is deployed" in refused(api.delete(f"Folder/{orders}"))
    api.delete(f"DeployedPackage/{deployed['deploymentId']}")
    assert api.delete(f"Folder/{orders}").status_code == 200
    assert api.get(f"Folder/{inner['id']}").json()["deleted"] is True
    assert api.get(f"ComponentMetadata/{api.component('Api')}").json()["deleted"] is True
    assert "already deleted" in refused(api.delete(f"Folder/{orders}"))
    assert "is deleted" in refused(api.post(f"Folder/{orders}", {"name": "x"}))
    assert "invalid" in refused(api.post("Folder", {"id": inner["id"]}))
    assert api.post("Folder", {"id": orders}).json()["deleted"] is False
    assert api.get(f"ComponentMetadata/{api.component('Api')}").json()["deleted"] is False
    assert "not deleted" in refused(api.post("Folder", {"id": orders}))
    root = next(row["id"] for row in api.boomi.objects("Folder") if not row["parentId"])
    assert "root" in refused(api.delete(f"Folder/{root}"))
    refused(api.delete("Folder/nothing"))


def test_a_restore_may_answer_as_if_it_had_failed(api: Api) -> None:
    api.boomi.settings(folderRestoreStatus=400)
    made = folder(api, "New")
    api.delete(f"Folder/{made['id']}")
    assert "is not deleted" in refused(api.post("Folder", {"id": made["id"]}))
    assert api.get(f"Folder/{made['id']}").json()["deleted"] is False


def test_folders_survive_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "account.db"
    with Emulator(small_seed(), data, rate_limit=0) as boomi:
        made = folder(Api(boomi), "New")
    with Emulator(data=data) as boomi:
        assert made["fullPath"] in {row["fullPath"] for row in boomi.objects("Folder")}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"runtimes": [{"name": "x", "type": "TOASTER"}]}, "ATOM"),
        ({"runtimes": [{"name": "x", "status": "ASLEEP"}]}, "ONLINE"),
        ({"runtimes": [{"name": "x", "attachedTo": ["none"]}]}, "none"),
        ({"runtimes": [{"name": "x", "attachedTo": "Dev"}]}, "list"),
        ({"components": [{"name": "x", "uses": ["Acme/none"]}]}, "none"),
        ({"components": [{"name": "x", "uses": "Acme/none"}]}, "list"),
    ],
)
def test_a_seed_of_them_may_be_wrong(change: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        Emulator({**small_seed(), "packages": [], **change})
