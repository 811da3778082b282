"""DeployedPackage and Environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.emulator.conftest import Api


def refused(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["message"])


def test_a_deployment_has_boomis_shape(api: Api) -> None:
    package = api.package(packageVersion="6.0")
    deployed = api.deploy(package["packageId"], notes="go")
    assert deployed == {
        "@type": "DeployedPackage",
        "deploymentId": deployed["deploymentId"],
        "version": 1,
        "packageId": package["packageId"],
        "packageVersion": "6.0",
        "environmentId": api.environment(),
        "componentId": package["componentId"],
        "componentVersion": 2,
        "componentType": "process",
        "deployedDate": deployed["deployedDate"],
        "deployedBy": "admin@acme.example",
        "notes": "go",
        "active": True,
        "branchName": "main",
    }
    assert api.get(f"DeployedPackage/{deployed['deploymentId']}").json() == deployed


def test_there_is_no_update(api: Api) -> None:
    deployed = api.deploy(api.package()["packageId"])["deploymentId"]
    message = refused(api.post(f"DeployedPackage/{deployed}", {"notes": "x"}))
    assert message == "Unknown objectType for update operation: DeployedPackage"


def test_a_new_version_supersedes_the_old_in_its_slot_only(api: Api) -> None:
    first, second = api.package()["packageId"], api.package()["packageId"]
    elsewhere = api.deploy(first, "Production")
    old = api.deploy(first)
    new = api.deploy(second)
    assert (old["version"], new["version"], elsewhere["version"]) == (1, 2, 1)
    assert api.get(f"DeployedPackage/{old['deploymentId']}").json() == {**old, "active": False}
    active = api.query("DeployedPackage", componentId=old["componentId"], active=True)
    assert {row["deploymentId"] for row in active} == {new["deploymentId"], elsewhere["deploymentId"]}
    assert len(api.query("DeployedPackage", environmentId=old["environmentId"])) == 2


def test_a_rollback_is_a_new_record(api: Api) -> None:
    first, second = api.package()["packageId"], api.package()["packageId"]
    ids = [api.deploy(package)["deploymentId"] for package in (first, second, first)]
    active = [api.get(f"DeployedPackage/{identifier}").json()["active"] for identifier in ids]
    assert active == [False, False, True]


def test_deploying_a_component_packages_its_newest_revision_of_any_branch(api: Api) -> None:
    body = {"componentId": api.component("Sync"), "environmentId": api.environment(), "branchName": "main"}
    deployed = api.post("DeployedPackage", body).json()
    assert (deployed["componentVersion"], deployed["branchName"]) == (3, "feature")
    package = api.get(f"PackagedComponent/{deployed['packageId']}").json()
    assert (package["packageVersion"], package["deleted"]) == ("1.0", False)


def test_a_package_id_wins_over_a_component_id(api: Api) -> None:
    package = api.package()
    deployed = api.deploy(package["packageId"], componentId=package["componentId"])
    assert deployed["packageId"] == package["packageId"]
    assert len(api.query("PackagedComponent")) == 1


def test_the_same_package_again_is_a_switch(api: Api) -> None:
    package = api.package()["packageId"]
    first, again = api.deploy(package), api.deploy(package)
    assert again["deploymentId"] != first["deploymentId"]
    api.boomi.settings(samePackageRedeploy="duplicate")
    body = {"packageId": package, "environmentId": api.environment()}
    assert "duplicate" in refused(api.post("DeployedPackage", body)).lower()
    api.delete(f"DeployedPackage/{again['deploymentId']}")
    assert api.deploy(package)["version"] == 3


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"packageId": "no-such"}, "PackageId no-such is invalid"),
        ({"environmentId": "no-such"}, "EnvironmentId no-such is invalid"),
        ({"environmentId": None}, "environmentId is missing"),
        ({"packageId": None}, "packageId is missing"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_missing_or_unknown_is_refused(api: Api, change: dict[str, Any], word: str) -> None:
    body = {"packageId": api.package()["packageId"], "environmentId": api.environment(), **change}
    assert word in refused(api.post("DeployedPackage", body))
    assert not api.boomi.objects("DeployedPackage")


def test_a_deleted_package_does_not_deploy(api: Api) -> None:
    package = api.package()["packageId"]
    api.delete(f"PackagedComponent/{package}")
    body = {"packageId": package, "environmentId": api.environment()}
    assert "deleted" in refused(api.post("DeployedPackage", body))


def test_the_listener_status_is_kept_unless_a_valid_one_is_given(api: Api) -> None:
    packages = [api.package()["packageId"] for _ in range(4)]
    given = [{}, {"listenerStatus": "PAUSED"}, {"listenerStatus": "SLEEPING"}, {"listenerStatus": "RUNNING"}]
    seen = [api.deploy(package, **one).get("listenerStatus") for package, one in zip(packages, given, strict=True)]
    assert seen == [None, "PAUSED", "PAUSED", "RUNNING"]


@pytest.mark.parametrize(
    ("which", "shown"),
    [
        ("given", [None, None, "PAUSED"]),
        ("all", ["RUNNING", "RUNNING", "PAUSED"]),
        ("process", ["RUNNING", None, None]),
    ],
)
def test_which_deployments_show_a_listener_status_is_a_switch(api: Api, which: str, shown: list[str | None]) -> None:
    api.boomi.settings(listenerStatusOf=which)
    made = [api.deploy(api.package()["packageId"]), api.deploy(api.package("Api")["packageId"])]
    made.append(api.deploy(api.package("Api")["packageId"], listenerStatus="PAUSED"))
    assert [each.get("listenerStatus") for each in made] == shown
    rows = {row["deploymentId"]: row.get("listenerStatus") for row in api.query("DeployedPackage")}
    assert [rows[each["deploymentId"]] for each in made] == shown


def test_exceeded_licences_are_told_once(api: Api) -> None:
    api.boomi.settings(licencesExceededBy=15)
    deployed = api.deploy(api.package()["packageId"])
    assert "connection licenses by 15." in deployed["message"]
    assert "message" not in api.get(f"DeployedPackage/{deployed['deploymentId']}").json()


def test_undeploying_keeps_the_record(api: Api) -> None:
    deployed = api.deploy(api.package()["packageId"])
    path = f"DeployedPackage/{deployed['deploymentId']}"
    answer = api.delete(path)
    assert (answer.status_code, answer.text) == (200, "")
    assert api.get(path).json() == {**deployed, "active": False}
    api.boomi.settings(readInactiveDeployment=False)
    refused(api.get(path))


def test_deleting_an_inactive_deployment_is_a_switch_and_spares_the_successor(api: Api) -> None:
    old = api.deploy(api.package()["packageId"])["deploymentId"]
    new = api.deploy(api.package()["packageId"])["deploymentId"]
    assert "not active" in refused(api.delete(f"DeployedPackage/{old}"))
    api.boomi.settings(deleteInactiveDeployment="accept")
    assert api.delete(f"DeployedPackage/{old}").status_code == 200
    assert api.boomi.journal()[-1]["committed"] is False
    assert api.get(f"DeployedPackage/{new}").json()["active"] is True


def test_the_virtual_properties_can_be_filtered(api: Api) -> None:
    deployed = api.deploy(api.package(notes="a package")["packageId"])
    for name, value in (
        ("environmentName", "Dev"),
        ("componentName", "Sync"),
        ("packageNotes", "a package"),
        ("accountId", "acme-1"),
        ("branch", "main"),
        ("current", "true"),
        ("uid", deployed["deploymentId"]),
        ("componentVersion", "2.0"),
    ):
        assert api.query("DeployedPackage", **{name: value}) == [deployed], name


def test_environments_are_made_renamed_and_listed_by_query(api: Api) -> None:
    made = api.post("Environment", {"name": "Stage", "classification": "TEST"}).json()
    assert made == {"@type": "Environment", "id": made["id"], "name": "Stage", "classification": "TEST"}
    assert [row["name"] for row in api.query("Environment")] == ["Dev", "Production", "Stage"]
    for path, name in ((f"Environment/{made['id']}", "Staging"), (f"Environment/{made['id']}/update", "QA")):
        body = {"id": made["id"], "name": name, "classification": "PROD"}
        assert api.post(path, body).json() == {**made, "name": name}
    assert api.get("Environment").status_code == 405
    assert api.post("Environment", {"name": "Live"}).json()["classification"] == "PROD"


def test_environment_names_are_unique(api: Api) -> None:
    assert "already exists" in refused(api.post("Environment", {"name": "Dev"}))
    assert "already exists" in refused(api.post(f"Environment/{api.environment()}", {"name": "Production"}))
    assert "name" in refused(api.post("Environment", {"classification": "TEST"}))
    assert "BETA" in refused(api.post("Environment", {"name": "X", "classification": "BETA"}))


def test_an_environment_in_use_stays(api: Api) -> None:
    deployed = api.deploy(api.package()["packageId"])
    path = f"Environment/{deployed['environmentId']}"
    assert "in use" in refused(api.delete(path))
    api.delete(f"DeployedPackage/{deployed['deploymentId']}")
    assert api.delete(path).status_code == 200
    assert api.query("Environment", name="Dev") == []
