"""A preview names what `up` does, on the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.project import Project

pytestmark = pytest.mark.engine

FORMS = """
    package = boomi.PackagedComponent(
        "order-sync",
        component_id="order-sync",
        package_version="{version}",
        opts=ResourceOptions(retain_on_delete=True),
    )
    boomi.DeployedPackage("dev", package=package, environment_id="env-dev")
    boomi.DeployedPackage("test", package_id=package.id, environment_id="env-test")
    boomi.DeployedPackage("production", package_id=package.package_id, environment_id="env-production")
"""
OBJECTS = ["ComponentMetadata", "DeployedPackage", "Environment", "PackagedComponent"]


def test_a_version_that_is_there_is_shown_and_deployed_as_it_is_in_every_form(project: Project) -> None:
    by_hand = project.boomi.console_package("order-sync", packageVersion="0.5", componentVersion=1)
    stack = project.stack(program=FORMS.format(version="0.5"))
    project.boomi.clear_journal()
    seen = stack.preview()
    assert sorted(entry["object"] for entry in project.boomi.journal()) == OBJECTS
    assert seen.says_of(
        "PackagedComponent",
        "componentVersion : 1",
        'existing : "adopted: revision 1, branch main, not shareable; packaged by console.user@acme.example on',
        f'packageId : "{by_hand["packageId"]}"',
    )
    parts = seen.output.split("dynamic/boomi:DeployedPackage: (")[1:]
    assert len(parts) == 3
    for part in parts:
        assert all(text in " ".join(part.split()) for text in ("componentVersion: 1", 'packageVersion : "0.5"')), part
    stack.up()
    assert {row["componentVersion"] for slot, row in project.running().items() if slot.startswith("order")} == {1}

    project.boomi.clear_journal()
    seen = stack.preview(FORMS.format(version="3.0"))
    assert sorted(entry["object"] for entry in project.boomi.journal()) == OBJECTS
    moved = seen.output.split("dynamic/boomi:DeployedPackage: (")[1:]
    assert len(moved) == 3
    for part in moved:
        words = " ".join(part.split())
        assert all(text in words for text in ('packageVersion : "0.5" => "3.0"', "componentVersion: 1 => 3")), part
        assert 'supersedes : "0.5, deployed by' in words, part
        assert "- componentName" not in words, part
    stack.up()
    # The way back: the version is there, and the plan of its preview is kept, or refused after somebody deployed.
    stack.program(FORMS.format(version="0.5"))
    plan = str(project.folder / "plan.json")
    stack.run("preview", "--save-plan", plan)
    package = project.packages()["order-sync 3.0"]["packageId"]
    mine = project.boomi.console_deploy("env-test", package, by="maria@acme.example")
    done = stack.run("up", "--yes", "--skip-preview", "--plan", plan, fails=True)
    assert done.says("violates plan", "supersedes")
    assert project.running()["order-sync test"]["deploymentId"] == mine["deploymentId"]
    seen = stack.run("preview", "--save-plan", plan, "--diff")
    assert seen.says("componentVersion : 3 => 1", 'packageVersion : "3.0" => "0.5"')
    assert "[unknown]" not in seen.output.partition("DeployedPackage: (")[2]
    stack.run("up", "--yes", "--skip-preview", "--plan", plan)
    assert {row["componentVersion"] for slot, row in project.running().items() if slot.startswith("order")} == {1}


BOTH = """
    {setup}
    package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="{version}")
    boomi.DeployedPackage("order-sync", package=package, environment_id="env-dev")
"""


TRANSFORMS = (
    "pulumi.runtime.register_resource_transform(lambda a: pulumi.ResourceTransformResult(a.props, a.opts))",
    "pulumi.runtime.register_stack_transformation(lambda a: None)",
)


def test_what_target_left_behind_goes_when_nobody_uses_it(project: Project) -> None:
    stack = project.stack(program=BOTH.format(setup="", version="1.0"))
    stack.up()
    urn = next(row["urn"] for row in stack.state() if row["type"].endswith("PackagedComponent"))
    stack.up(BOTH.format(setup="", version="1.1"), "--target", urn)
    assert {"order-sync 1.0", "order-sync 1.1"} <= set(project.packages())
    assert stack.up().says("PackagedComponent Order Sync 1.0: nothing uses it any more; deleted.")
    assert set(project.packages()) == {"stock-feed 0.9", "order-sync 1.1"}
    # Nothing is remembered for deletion where a transform may retain it.
    assert stack.resource("PackagedComponent", "order-sync")["inputs"]["__deletes"] is True
    for number, setup in enumerate(TRANSFORMS, 2):
        stack.up(BOTH.format(setup=setup, version=f"1.{number}"))
        found = stack.resource("PackagedComponent", "order-sync")
        assert not {"__deletes", "__left"} & {*found["inputs"], *found["outputs"]}, setup
