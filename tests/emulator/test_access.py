"""Roles keep people out of an environment and of what is in it; a deleted environment may go on answering."""

from __future__ import annotations

from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.seed import BadSeed
from tests.emulator.conftest import Api, small_seed

VIEWER = "viewer@acme.example"


@pytest.fixture
def viewer(boomi: Emulator) -> Api:
    """Somebody who may read environments, and holds no role."""
    return Api(boomi, f"BOOMI_TOKEN.{VIEWER}", "secret-viewer")


def seen(api: Api, environment: str, deployment: str) -> dict[str, Any]:
    """Return what a user is shown of an environment and of what is in it."""
    found = {
        "environment": api.get(f"Environment/{environment}").status_code,
        "deployment": api.get(f"DeployedPackage/{deployment}").status_code,
        "environments": environment in [row["id"] for row in api.query("Environment")],
        "deployments": len(api.query("DeployedPackage", environmentId=environment)),
        "runtimes": len(api.query("EnvironmentAtomAttachment", environmentId=environment)),
        "roles": len(api.query("EnvironmentRole", environmentId=environment)),
    }
    body = {"type": "GET", "request": [{"id": environment}]}
    (item,) = api.post("Environment/bulk", body).json()["response"]
    return {**found, "bulk": item["statusCode"]}


OPEN = {"environment": 200, "deployment": 200, "environments": True, "deployments": 1, "runtimes": 1, "bulk": 200}


@pytest.mark.parametrize("status", [400, 403])
def test_the_first_role_keeps_out_who_does_not_hold_it_and_the_last_one_removed_lets_everybody_in(
    api: Api, viewer: Api, status: int
) -> None:
    api.boomi.settings(hiddenEnvironmentRead=status)
    deployed = api.deploy(api.package()["packageId"])
    dev, it = deployed["environmentId"], deployed["deploymentId"]
    assert seen(viewer, dev, it) == {**OPEN, "roles": 0}
    role = api.post("EnvironmentRole", {"environmentId": dev, "roleId": "operators"}).json()
    none = {"environment": status, "deployment": status, "bulk": status}
    closed = {**none, "environments": False, "deployments": 0, "runtimes": 0, "roles": 0}
    assert seen(viewer, dev, it) == closed
    assert [row["id"] for row in viewer.query("Environment")] == [api.environment("Production")]
    # Who manages all environments sees all of them.
    assert seen(api, dev, it) == {**OPEN, "roles": 1}
    given = {"name": VIEWER, "roles": ["testers", "operators"]}
    user = api.control("POST", "console/give-roles", given).json()
    assert (user["roles"], "token" in user) == (["testers", "operators"], False)
    assert seen(viewer, dev, it) == {**OPEN, "roles": 1}
    api.boomi.set_roles(VIEWER)
    assert seen(viewer, dev, it) == closed
    assert api.delete(f"EnvironmentRole/{role['id']}").status_code == 200
    assert seen(viewer, dev, it) == {**OPEN, "roles": 0}


def test_nobody_writes_into_an_environment_that_is_hidden_from_them(boomi: Emulator, api: Api) -> None:
    deployed = api.deploy(api.package()["packageId"])
    dev = deployed["environmentId"]
    boomi.give_environment_role(dev, "operators")
    deployer = Api(boomi, "BOOMI_TOKEN.deployer@acme.example", "secret-deployer")
    body = {"packageId": deployed["packageId"], "environmentId": dev}
    for answer in (
        deployer.post("DeployedPackage", body),
        deployer.delete(f"DeployedPackage/{deployed['deploymentId']}"),
    ):
        assert (answer.status_code, "invalid" in answer.text) == (400, True)
    assert api.query("DeployedPackage", active="true") == [deployed]
    boomi.set_roles("deployer@acme.example", "operators")
    assert deployer.delete(f"DeployedPackage/{deployed['deploymentId']}").status_code == 200


def test_a_role_of_an_environment_is_an_object_with_rules(api: Api, viewer: Api) -> None:
    dev = api.environment()
    made = api.post("EnvironmentRole", {"environmentId": dev, "roleId": "operators"}).json()
    assert made == {"@type": "EnvironmentRole", "id": made["id"], "environmentId": dev, "roleId": "operators"}
    assert api.post("EnvironmentRole", {"environmentId": dev, "roleId": "operators"}).json() == made
    assert api.query("EnvironmentRole", roleId="operators") == [made]
    assert api.get(f"EnvironmentRole/{made['id']}").json() == made
    for body in ({"environmentId": dev}, {"roleId": "r"}, {"environmentId": "nobody", "roleId": "r"}):
        assert api.post("EnvironmentRole", body).status_code == 400
    assert viewer.post("EnvironmentRole", {"environmentId": dev, "roleId": "r"}).status_code == 403
    assert api.control("POST", "console/give-roles", {"name": "nobody", "roles": []}).status_code == 400
    assert api.control("POST", "console/give-roles", {"name": VIEWER, "roles": "operators"}).status_code == 400
    api.boomi.delete_environment(dev)
    assert api.query("EnvironmentRole") == []


@pytest.mark.parametrize("answers", [200, 400])
@pytest.mark.parametrize("records", [True, False])
def test_a_deleted_environment_may_go_on_answering_and_is_never_listed(api: Api, answers: int, records: bool) -> None:
    deployed = api.deploy(api.package()["packageId"], "Production")
    prod, it = deployed["environmentId"], deployed["deploymentId"]
    shown = api.get(f"Environment/{prod}").json()
    api.boomi.settings(
        deletedEnvironmentRead=answers, deletedEnvironmentRecords=records, deleteEnvironmentInUse="undeploy"
    )
    assert api.control("POST", "console/delete-environment", {"environmentId": prod}).status_code == 200
    assert api.query("Environment", id=prod) == []
    answer = api.get(f"Environment/{prod}")
    assert answer.status_code == answers
    assert answer.status_code != 200 or answer.json() == shown
    left = api.query("DeployedPackage", environmentId=prod)
    assert [(row["deploymentId"], row["active"]) for row in left] == ([(it, False)] if records else [])
    assert api.post("DeployedPackage", {"packageId": deployed["packageId"], "environmentId": prod}).status_code == 400
    assert api.delete(f"Environment/{prod}").status_code == 400
    assert api.post("Environment", {"name": "Production"}).status_code == 200


def test_a_seed_names_roles_of_users_and_of_environments() -> None:
    seed = small_seed()
    seed["environments"][0]["roles"] = ["operators"]
    seed["users"][2]["roles"] = ["operators"]
    with Emulator(seed, rate_limit=0) as boomi:
        dev = boomi.objects("Environment")[0]["id"]
        assert [(row["environmentId"], row["roleId"]) for row in boomi.objects("EnvironmentRole")] == [
            (dev, "operators")
        ]
        assert Api(boomi, f"BOOMI_TOKEN.{VIEWER}", "secret-viewer").get(f"Environment/{dev}").status_code == 200
        boomi.set_roles(VIEWER, "others")
        assert Api(boomi, f"BOOMI_TOKEN.{VIEWER}", "secret-viewer").get(f"Environment/{dev}").status_code == 400
    seed["users"][2]["roles"] = "operators"
    with pytest.raises(BadSeed, match="roles must be a list"), Emulator(seed):
        pass
