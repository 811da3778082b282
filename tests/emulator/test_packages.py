"""PackagedComponent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from tests.emulator.conftest import Api


def refused(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["@type"] == "Error"
    return str(body["message"])


def test_a_package_has_boomis_shape(api: Api) -> None:
    package = api.package(packageVersion="1.0", notes="first", shareable=True)
    assert package == {
        "@type": "PackagedComponent",
        "packageId": package["packageId"],
        "packageVersion": "1.0",
        "componentId": api.component("Sync"),
        "componentVersion": 2,
        "componentType": "process",
        "createdDate": package["createdDate"],
        "createdBy": "admin@acme.example",
        "notes": "first",
        "shareable": True,
        "deleted": False,
        "branchName": "main",
    }
    assert api.get(f"PackagedComponent/{package['packageId']}").json() == package


def test_there_is_no_update(api: Api) -> None:
    package = api.package()["packageId"]
    for path in (f"PackagedComponent/{package}", f"PackagedComponent/{package}/update"):
        message = refused(api.post(path, {"notes": "x"}))
        assert message == "Unknown objectType for update operation: PackagedComponent"


def test_an_omitted_version_counts_from_the_highest_ever_used(api: Api) -> None:
    assert api.package()["packageVersion"] == "1.0"
    assert api.package()["packageVersion"] == "2.0"
    eight = api.package(packageVersion="8.0")
    assert api.delete(f"PackagedComponent/{eight['packageId']}").status_code == 200
    assert api.package(packageVersion="Alpha Release")["packageVersion"] == "Alpha Release"
    assert api.package()["packageVersion"] == "9.0"
    assert api.package("Api")["packageVersion"] == "1.0"


def test_a_version_is_unique_per_component(api: Api) -> None:
    api.package(packageVersion="1.0")
    body = {"componentId": api.component("Sync"), "packageVersion": "1.0"}
    assert "already exists" in refused(api.post("PackagedComponent", body))
    assert api.package("Api", packageVersion="1.0")["packageVersion"] == "1.0"
    api.boomi.settings(duplicateVersionStatus=409)
    assert "already exists" in refused(api.post("PackagedComponent", body), 409)


def test_a_deleted_package_keeps_its_version_and_can_be_restored(api: Api) -> None:
    package = api.package(packageVersion="1.0", notes="kept")
    api.delete(f"PackagedComponent/{package['packageId']}")
    body = {"componentId": package["componentId"], "packageVersion": "1.0"}
    assert package["packageId"] in refused(api.post("PackagedComponent", body))
    restored = api.post("PackagedComponent", {**body, "packageId": package["packageId"]})
    assert restored.json() == package
    assert api.get(f"PackagedComponent/{package['packageId']}").json() == package


@pytest.mark.parametrize("change", [{"packageVersion": "2.0"}, {"packageVersion": ""}, {"componentId": "x"}])
def test_a_restore_names_the_package_in_full(api: Api, change: dict[str, str]) -> None:
    package = api.package(packageVersion="1.0")
    api.delete(f"PackagedComponent/{package['packageId']}")
    body = {name: package[name] for name in ("packageId", "componentId", "packageVersion")} | change
    refused(api.post("PackagedComponent", body))
    assert api.get(f"PackagedComponent/{package['packageId']}").json()["deleted"] is True


def test_restoring_a_live_package_is_a_switch(api: Api) -> None:
    package = api.package()
    body = {name: package[name] for name in ("packageId", "componentId", "packageVersion")}
    assert "not deleted" in refused(api.post("PackagedComponent", body))
    api.boomi.settings(restoreLivePackage="accept")
    assert api.post("PackagedComponent", body).json() == package


def test_the_notes_version_and_sharing_are_taken(api: Api) -> None:
    assert api.package("Api", shareable="true")["shareable"] is True
    assert api.package("Route", shareable=True)["shareable"] is False
    assert "notes" not in api.package("Twin")


def test_only_deployable_types_package(api: Api) -> None:
    assert "transform.map" in refused(api.post("PackagedComponent", {"componentId": api.component("Map")}))


def test_an_unknown_or_deleted_component_is_a_400(api: Api) -> None:
    message = refused(api.post("PackagedComponent", {"componentId": "no-such"}))
    assert message.startswith("ComponentId no-such is invalid")
    assert "Provide a valid componentId" in message
    old = api.component("Old")
    message = refused(api.post("PackagedComponent", {"componentId": old}))
    assert message.startswith(f"ComponentId {old} is invalid")
    assert "componentId" in refused(api.post("PackagedComponent", {}))


def test_a_component_version_can_be_named(api: Api) -> None:
    assert api.package(componentVersion=1)["componentVersion"] == 1
    assert api.package(componentVersion="1.0")["componentVersion"] == 1
    refused(api.post("PackagedComponent", {"componentId": api.component("Sync"), "componentVersion": 9}))
    api.boomi.settings(honourComponentVersion=False)
    assert api.package(componentVersion=1)["componentVersion"] == 2


def test_a_branch_is_packaged_by_its_name(api: Api) -> None:
    package = api.package(branchName="feature")
    assert (package["branchName"], package["componentVersion"]) == ("feature", 3)
    identifier = next(row["id"] for row in api.boomi.objects("Branch") if row["name"] == "feature")
    for name in (identifier, "no-such"):
        body = {"componentId": api.component("Sync"), "branchName": name}
        assert refused(api.post("PackagedComponent", body)).startswith(f"Branch '{name}' is not valid")


def test_a_branch_without_own_revision_shows_the_default_branchs(api: Api) -> None:
    package = api.package("Api", branchName="feature")
    assert (package["branchName"], package["componentVersion"]) == ("feature", 1)
    assert api.package("Side")["branchName"] == "main"


def test_a_delete_is_soft(api: Api) -> None:
    package = api.package()["packageId"]
    answer = api.delete(f"PackagedComponent/{package}")
    assert (answer.status_code, answer.text) == (200, "")
    assert api.get(f"PackagedComponent/{package}").json()["deleted"] is True
    assert [row["packageId"] for row in api.query("PackagedComponent", deleted="true")] == [package]
    assert package in refused(api.delete(f"PackagedComponent/{package}"))
    assert "no-such" in refused(api.delete("PackagedComponent/no-such"))


def test_a_package_in_use_stays(api: Api) -> None:
    package = api.package()["packageId"]
    deployed = api.deploy(package)
    message = refused(api.delete(f"PackagedComponent/{package}"))
    assert "in use" in message
    assert "Dev" in message
    assert api.delete(f"DeployedPackage/{deployed['deploymentId']}").status_code == 200
    assert api.delete(f"PackagedComponent/{package}").status_code == 200


def test_a_superseded_package_is_not_in_use(api: Api) -> None:
    old, new = api.package()["packageId"], api.package()["packageId"]
    api.deploy(old)
    api.deploy(new)
    assert api.delete(f"PackagedComponent/{old}").status_code == 200


def test_a_body_names_known_fields_of_the_right_type(api: Api) -> None:
    component = api.component("Sync")
    for body, word in (
        ({"componentId": component, "colour": "red"}, "colour"),
        ({"componentId": component, "shareable": "maybe"}, "shareable"),
        ({"componentId": component, "componentVersion": "two"}, "componentVersion"),
        ({"componentId": component, "notes": ["x"]}, "Unable to read message body"),
    ):
        assert word in refused(api.post("PackagedComponent", body))
    assert api.package(**{"@type": "PackagedComponent", "createdBy": "me"})["createdBy"] == "admin@acme.example"


def test_a_missing_package_is_a_400_not_a_404(api: Api) -> None:
    assert "no-such" in refused(api.get("PackagedComponent/no-such"))


def test_parallel_creates_never_share_a_version(api: Api) -> None:
    body = {"componentId": api.component("Sync")}

    def create(_number: int) -> str:
        auth = (api.boomi.username, api.boomi.token)
        headers = {"Accept": "application/json"}
        answer = requests.post(f"{api.direct}/PackagedComponent", json=body, auth=auth, headers=headers, timeout=10)
        return str(answer.json()["packageVersion"])

    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(create, range(24)))
    assert sorted(versions, key=float) == [f"{number}.0" for number in range(1, 25)]
