"""What belongs to other people and other stacks stays, and the output says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.project import Project

pytestmark = pytest.mark.engine

PACKAGE = """
    package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0")
    pulumi.export("orderSync", package.id)
"""
PROGRAM = """
    package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0")
    boomi.DeployedPackage("order-sync", package=package, environment_id="env-dev")
"""
OTHER_STACK = """
    boomi.DeployedPackage(
        "order-sync",
        package_id=pulumi.StackReference("organization/promotion/dev").require_output("orderSync"),
        environment_id="env-test",
    )
"""


def test_a_package_that_is_in_use_stays(project: Project) -> None:
    dev = project.stack("dev", PACKAGE)
    test = project.stack("test", OTHER_STACK)
    dev.up()
    test.up()
    package = project.packages()["order-sync 1.0"]
    project.boomi.console_deploy("env-production", package["packageId"])

    done = dev.destroy()
    assert done.says(
        "PackagedComponent Order Sync 1.0 stays as long as it is deployed in Production, Test", "it is left there."
    )
    assert dev.names() == set()
    assert project.packages()["order-sync 1.0"] == package
    test.destroy()
    assert project.versions() == {"stock-feed production": "0.9", "order-sync production": "1.0"}
    # The next owner takes the very same package.
    dev.up()
    assert project.packages()["order-sync 1.0"] == package


def test_a_replaced_package_that_is_in_use_stays(project: Project) -> None:
    dev = project.stack("dev", PACKAGE)
    dev.up()
    package = project.packages()["order-sync 1.0"]
    project.boomi.console_deploy("env-production", package["packageId"])
    done = dev.up(PACKAGE.replace('"1.0"', '"1.1"'))
    assert done.says("PackagedComponent Order Sync 1.0 stays as long as it is deployed in Production")
    assert {"order-sync 1.0", "order-sync 1.1"} <= set(project.packages())


def test_a_successor_that_somebody_else_deployed_stays(project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    stack.up()
    other = project.boomi.console_package("order-sync", packageVersion="9.9")["packageId"]
    project.boomi.console_deploy("env-dev", other)

    done = stack.destroy()
    assert done.says(
        "DeployedPackage Order Sync 1.0 in Dev was superseded by Order Sync 9.9 in Dev, "
        "which somebody else put there; it stays."
    )
    assert project.versions()["order-sync dev"] == "9.9"
    assert set(project.packages()) == {"stock-feed 0.9", "order-sync 9.9"}


def test_an_equal_package_and_deployment_of_people_are_adopted_and_stay(project: Project) -> None:
    package = project.boomi.console_package("order-sync", packageVersion="1.0", notes="by hand")
    deployment = project.boomi.console_deploy("env-dev", package["packageId"])
    stack = project.stack(program=PROGRAM)
    done = stack.up()
    assert done.says(
        "PackagedComponent Order Sync 1.0 is there already, and equal: adopted (revision 3, branch main, not",
        "). A destroy will leave it where it is.",
        "DeployedPackage Order Sync 1.0 in Dev is there already, and equal: adopted (deployed by",
    )
    assert project.writes() == []
    assert stack.resource("PackagedComponent", "order-sync")["outputs"]["adopted"] is True
    assert stack.resource("PackagedComponent", "order-sync")["outputs"]["notes"] == "by hand"

    done = stack.destroy()
    assert done.says("PackagedComponent Order Sync 1.0 stays: it was there before this stack took it over.")
    assert project.packages()["order-sync 1.0"]["packageId"] == package["packageId"]
    assert project.running()["order-sync dev"]["deploymentId"] == deployment["deploymentId"]


def test_a_version_that_people_froze_from_something_else_is_refused_by_name(project: Project) -> None:
    project.boomi.console_package("order-sync", packageVersion="1.0", componentVersion=1)
    stack = project.stack(program=PACKAGE.replace('"1.0"', '"1.0", component_version=3'))
    seen = stack.preview(fails=True)
    assert seen.says(
        "property componentVersion",
        "cannot be 3: version 1.0 holds 1, packaged by console.user@acme.example on",
        "raise package_version",
    )
    assert stack.names() == set()
    assert project.packages()["order-sync 1.0"]["componentVersion"] == 1


def test_two_stacks_that_share_a_slot_do_not_undo_each_other(project: Project) -> None:
    dev = project.stack("dev", PROGRAM)
    dev.up()
    other = project.stack(
        "other",
        """
        package = boomi.get_packaged_component(component_id="order-sync", package_version="1.0")
        boomi.DeployedPackage("order-sync", package=package, environment_id="env-dev")
        """,
    )
    done = other.up()
    assert done.says("DeployedPackage Order Sync 1.0 in Dev is there already, and equal: adopted (deployed by")
    assert other.resource("DeployedPackage", "order-sync")["outputs"]["adopted"] is True
    other.destroy()
    assert project.versions()["order-sync dev"] == "1.0"
    dev.laws()
