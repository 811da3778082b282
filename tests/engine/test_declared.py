"""What each argument means, from one run to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.project import Project

pytestmark = pytest.mark.engine

PACKAGE = """
    boomi.PackagedComponent("order-sync", component_id="order-sync", {arguments})
"""


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
    stack.destroy()
    assert project.versions() == {"stock-feed production": "0.9"}
    # The package that Boomi made for the component is no program's; it stays.
    assert {"order-api 1.0", "twin-stores 2.0", "stock-feed 0.9"} == set(project.packages())


def test_notes_alone_change_nothing_and_a_listener_status_does(project: Project) -> None:
    program = """
        package = boomi.PackagedComponent(
            "order-sync", component_id="order-sync", package_version="1.0", notes="{notes}"
        )
        boomi.DeployedPackage(
            "order-sync", package=package, environment_id="env-dev", notes="{notes}", {status}
        )
    """
    stack = project.stack(program=program.format(notes="ORD-981", status=""))
    stack.up()
    running = project.running()["order-sync dev"]
    assert running["notes"] == "ORD-981\n\n[pulumi promotion/dev/order-sync]"
    stack.up(program.format(notes="ORD-982", status=""), "--expect-no-changes")
    assert project.running()["order-sync dev"] == running

    paused = program.format(notes="ORD-982", status='listener_status="PAUSED"')
    assert stack.preview(paused).says_of("DeployedPackage", '+ listenerStatus : "PAUSED"')
    assert stack.up().steps == {"update DeployedPackage order-sync"}
    second = project.running()["order-sync dev"]
    assert (second["packageId"], second["listenerStatus"]) == (running["packageId"], "PAUSED")
    assert second["notes"].startswith("ORD-982")
    # Left out again, it stays as it is.
    stack.up(program.format(notes="ORD-982", status=""), "--expect-no-changes")
    assert project.running()["order-sync dev"] == second


def test_a_slot_moves_to_another_environment_and_another_component(project: Project) -> None:
    program = """
        package = boomi.PackagedComponent("feed", component_id="{component}", package_version="1.0")
        boomi.DeployedPackage("feed", package=package, environment_id="env-{environment}")
    """
    stack = project.stack(program=program.format(component="order-sync", environment="dev"))
    stack.up()
    done = stack.up(program.format(component="order-sync", environment="test"))
    assert {"create-replacement DeployedPackage feed", "delete-replaced DeployedPackage feed"} <= done.steps
    assert project.versions() == {"stock-feed production": "0.9", "order-sync test": "1.0"}
    stack.up(program.format(component="stock-feed", environment="test"))
    assert project.versions() == {"stock-feed production": "0.9", "stock-feed test": "1.0"}
    assert set(project.packages()) == {"stock-feed 0.9", "stock-feed 1.0"}


def test_a_package_that_boomi_numbers_follows_the_revision(project: Project) -> None:
    stack = project.stack(program=PACKAGE.format(arguments="component_version=2"))
    stack.up()
    first = project.packages()["order-sync 1.0"]
    assert first["componentVersion"] == 2
    # Somebody saves the component: what was declared is packaged already.
    project.boomi.save_revision("order-sync")
    stack.laws()
    seen = stack.preview(PACKAGE.format(arguments="component_version=4"))
    assert seen.says_of("PackagedComponent", "componentVersion : 2 => 4")
    done = stack.up()
    assert "create-replacement PackagedComponent order-sync" in done.steps
    assert [row["componentVersion"] for row in project.packages().values() if row["componentId"] == "order-sync"] == [4]


def test_what_a_version_froze_cannot_change_under_it(project: Project) -> None:
    plain = 'package_version="1.0", component_version=2'
    stack = project.stack(program=PACKAGE.format(arguments=plain))
    stack.up()
    before, package = stack.state(), project.packages()["order-sync 1.0"]
    for arguments, words in (
        ('package_version="1.0", component_version=3', "property componentVersion value"),
        (plain + ', branch_name="feature"', "branchName cannot become feature"),
        (plain + ", shareable=True", "shareable cannot become true"),
    ):
        seen = stack.preview(PACKAGE.format(arguments=arguments), fails=True)
        assert any(words in text for text in seen.errors()), seen.output
        assert seen.says("package_version 1.0 was frozen with", "raise package_version")
    assert stack.state() == before
    assert project.packages()["order-sync 1.0"] == package
    stack.up(PACKAGE.format(arguments='package_version="1.1", component_version=3, shareable=True'))
    assert project.packages()["order-sync 1.1"]["shareable"] is True


def test_a_run_that_lost_its_state_takes_what_it_made(project: Project) -> None:
    numbered = 'boomi.PackagedComponent("order-api", component_id="order-api")\n'
    named = 'boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0")\n'
    stack = project.stack(program=numbered + named)
    stack.up()
    before = project.packages(alive=False)
    for row in stack.state():
        if "boomi" in row["type"]:
            stack.run("state", "delete", row["urn"], "--yes")
    assert stack.names() == set()
    stack.up(
        numbered
        + f"package = {named}"
        + 'boomi.DeployedPackage("order-sync", package=package, environment_id="env-dev")\n'
    )
    assert project.packages(alive=False) == before
    assert [entry["object"] for entry in project.writes() if entry["committed"]] == ["DeployedPackage"]
    assert stack.resource("PackagedComponent", "order-sync")["outputs"]["adopted"] is False
    assert project.versions()["order-sync dev"] == "1.0"
    # What is taken out of the program goes, though the refresh before it has just asked for a diff of it.
    stack.up("", "--refresh")
    assert set(project.packages()) == {"stock-feed 0.9"}
    assert project.versions() == {"stock-feed production": "0.9"}
