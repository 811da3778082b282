"""People and other stacks beside a program, on the real engine; `tests/conformance/test_people.py` has more."""

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


def test_another_package_deployed_by_hand_is_shown_and_repaired(project: Project) -> None:
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
    # What is taken out of the program goes, though the refresh before it has just asked for a diff of it.
    stack.up("", "--refresh")
    assert set(project.packages()) == {"stock-feed 0.9", "order-sync 9.9"}
    assert project.versions() == {"stock-feed production": "0.9"}


def test_a_package_that_another_stack_uses_stays(project: Project) -> None:
    dev = project.stack("dev", PACKAGE)
    test = project.stack("test", OTHER_STACK)
    dev.up()
    test.up()
    package = project.packages()["order-sync 1.0"]

    done = dev.destroy()
    assert done.says("PackagedComponent Order Sync 1.0 stays as long as it is deployed in Test", "it is left there.")
    assert dev.names() == set()
    assert project.packages()["order-sync 1.0"] == package
    test.destroy()
    assert project.versions() == {"stock-feed production": "0.9"}
    # The next owner takes the very same package.
    dev.up()
    assert project.packages()["order-sync 1.0"] == package


def test_what_a_role_hides_is_not_forgotten(project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    stack.up()
    live, names = project.running(), stack.names()
    project.boomi.give_environment_role("env-dev", "operators")
    for command in (("refresh", "--yes", "--skip-preview"), ("destroy", "--yes", "--skip-preview")):
        seen = stack.run(*command, fails=True)
        assert seen.says("does not show Environment env-dev either", "BOOMI_KNOWN_DELETED=env-dev")
        assert stack.names() == names
    assert project.running() == live


def test_a_deployment_names_its_package_in_four_ways(project: Project) -> None:
    by_hand = project.boomi.console_package("twin-stores", packageVersion="2.0")["packageId"]
    stack = project.stack(
        program=f"""
        test = boomi.get_environment(name="Test")
        package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0")
        boomi.DeployedPackage("resource", package=package, environment=test)
        found = boomi.get_packaged_component(component_id="stock-feed", package_version="0.9")
        boomi.DeployedPackage("look-up", package=found, environment=test)
        boomi.DeployedPackage("id", package_id="{by_hand}", environment_id="env-test")
        boomi.DeployedPackage("component", component_id="order-api", environment=test, listener_status="PAUSED")
        """
    )
    stack.up()
    assert project.versions() == {
        "stock-feed production": "0.9",
        "order-sync test": "1.0",
        "stock-feed test": "0.9",
        "twin-stores test": "2.0",
        "order-api test": "1.0",
    }
    assert project.running()["order-api test"]["listenerStatus"] == "PAUSED"
    names = {"resource": "Order Sync", "look-up": "Stock Feed", "id": "Twin"}
    for name, component in names.items():
        inputs = stack.resource("DeployedPackage", name)["inputs"]
        assert (inputs["componentName"], inputs["environmentName"]) == (component, "Test")
    stack.laws()
    stack.destroy()
    assert project.versions() == {"stock-feed production": "0.9"}
    # The package that Boomi made for the component is no program's; it stays.
    assert {"order-api 1.0", "twin-stores 2.0", "stock-feed 0.9"} == set(project.packages())
