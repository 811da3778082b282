"""People change things by hand: a refresh shows it, and the next run repairs what the program declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.project import Project

pytestmark = pytest.mark.engine

PROGRAM = """
    package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0")
    boomi.DeployedPackage("order-sync", package=package, environment_id="env-dev")
"""
PACKAGE = """
    boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0")
"""
BOTH = {"PackagedComponent order-sync", "DeployedPackage order-sync"}


def test_another_package_deployed_by_hand(project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    stack.up()
    wanted = project.packages()["order-sync 1.0"]["packageId"]
    other = project.boomi.console_package("order-sync", packageVersion="9.9")["packageId"]
    project.boomi.console_deploy("env-dev", other)

    found = stack.refresh()
    assert found.steps == {"update DeployedPackage order-sync"}
    assert found.change("DeployedPackage", "order-sync") == {
        "packageId": (wanted, other),
        "packageVersion": ("1.0", "9.9"),
    }
    assert found.says('packageVersion : "1.0" => "9.9"', '"pipeline@acme.example" => "console.user@acme.example"')
    assert stack.preview().says_of("DeployedPackage", 'packageVersion : "9.9" => "1.0"', 'environmentName : "Dev"')
    done = stack.up()
    assert done.steps == {"update DeployedPackage order-sync"}
    assert project.versions()["order-sync dev"] == "1.0"
    assert stack.resource("DeployedPackage", "order-sync")["outputs"]["adopted"] is False


def test_drift_is_repaired_without_a_refresh_as_well(project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    stack.up()
    # The resource itself changes, so the run looks, and says what it superseded.
    project.boomi.console_deploy(
        "env-dev", project.boomi.console_package("order-sync", packageVersion="9.9")["packageId"]
    )
    done = stack.up(PROGRAM.replace('"1.0"', '"1.1"'))
    assert done.says("Order Sync 1.1 in Dev: superseded 9.9, which console.user@acme.example had deployed on")
    assert project.versions()["order-sync dev"] == "1.1"


def test_undeployed_by_hand(project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    stack.up()
    project.boomi.console_undeploy(project.running()["order-sync dev"]["deploymentId"])

    found = stack.refresh()
    assert found.steps == {"delete DeployedPackage order-sync"}
    assert stack.names() == {"PackagedComponent order-sync"}
    done = stack.up()
    assert done.steps == {"create DeployedPackage order-sync"}
    assert project.versions()["order-sync dev"] == "1.0"


def test_what_a_role_hides_is_not_forgotten(project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    stack.up()
    live = project.running()
    role = project.boomi.give_environment_role("env-dev", "operators")
    for command in (("refresh", "--yes", "--skip-preview"), ("destroy", "--yes", "--skip-preview")):
        seen = stack.run(*command, fails=True)
        assert seen.says("does not show Environment env-dev either", "BOOMI_KNOWN_DELETED=env-dev")
        assert stack.names() == BOTH
    assert project.running() == live
    project.boomi.store.console("delete", "EnvironmentRole", by="ann@acme.example", id=role["id"])
    assert not stack.refresh().steps


def test_a_package_deleted_by_hand_comes_back_as_the_same_one(project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    stack.up()
    package = project.packages()["order-sync 1.0"]
    project.boomi.console_undeploy(project.running()["order-sync dev"]["deploymentId"])
    project.boomi.console_delete_package(package["packageId"])

    found = stack.refresh()
    assert found.steps == {"delete PackagedComponent order-sync", "delete DeployedPackage order-sync"}
    done = stack.up()
    assert done.says("Order Sync 1.0: restored: revision 3, branch main, not shareable; packaged by", "deleted since")
    assert project.packages(alive=False)["order-sync 1.0"] == package
    assert project.versions()["order-sync dev"] == "1.0"
    assert stack.names() == BOTH


def test_a_destroyed_package_that_is_declared_again_comes_back_as_the_same_one(project: Project) -> None:
    stack = project.stack(program=PACKAGE)
    stack.up()
    package = project.packages()["order-sync 1.0"]
    stack.destroy()
    assert "order-sync 1.0" not in project.packages()
    done = stack.up()
    assert done.says("restored")
    assert project.packages()["order-sync 1.0"] == package
    # What the program leaves out is removed, and comes back as the same one, too.
    stack.up("")
    assert "order-sync 1.0" not in project.packages()
    stack.up(PACKAGE)
    assert project.packages()["order-sync 1.0"] == package


def test_everything_gone_does_not_stop_a_destroy(project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    stack.up()
    project.boomi.console_undeploy(project.running()["order-sync dev"]["deploymentId"])
    project.boomi.console_delete_package(project.packages()["order-sync 1.0"]["packageId"])
    stack.destroy()
    assert stack.names() == set()
