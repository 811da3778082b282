"""Pulumi's own options mean here what they mean everywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.project import Project

pytestmark = pytest.mark.engine

PACKAGE = """
    boomi.PackagedComponent(
        "order-sync", component_id="order-sync", package_version="{version}", opts=ResourceOptions({options})
    )
"""
BOTH = """
    package = boomi.PackagedComponent("{name}", component_id="order-sync", package_version="1.0", opts={options})
    boomi.DeployedPackage("{name}", package=package, environment_id="env-dev", opts={options})
"""


def test_protect_retain_and_ignore(project: Project) -> None:
    stack = project.stack(program=PACKAGE.format(version="1.0", options="protect=True"))
    stack.up()
    refused = stack.run("destroy", "--yes", "--skip-preview", fails=True)
    assert refused.says("is protected")
    assert "order-sync 1.0" in project.packages()

    done = stack.up(PACKAGE.format(version="1.1", options='ignore_changes=["packageVersion"]'))
    assert done.steps == set()
    assert "order-sync 1.1" not in project.packages()
    stack.up(PACKAGE.format(version="1.1", options="retain_on_delete=True"))
    stack.up(PACKAGE.format(version="1.2", options="retain_on_delete=True"))
    stack.destroy()
    assert {"order-sync 1.1", "order-sync 1.2"} <= set(project.packages())


def test_a_new_name_or_parent_keeps_the_objects(project: Project) -> None:
    stack = project.stack(program=BOTH.format(name="old", options="None"))
    stack.up()
    packages, running = project.packages(), project.running()
    done = stack.up(BOTH.format(name="new", options='ResourceOptions(aliases=[pulumi.Alias(name="old")])'))
    assert done.steps == set()
    assert stack.names() == {"PackagedComponent new", "DeployedPackage new"}
    moved = """
        class Sync(pulumi.ComponentResource):
            def __init__(self, name):
                super().__init__("acme:index:Sync", name)
                before = pulumi.Alias(name="new", parent=pulumi.ROOT_STACK_RESOURCE)
                opts = ResourceOptions(parent=self, aliases=[before])
                package = boomi.PackagedComponent(name, opts, component_id="order-sync", package_version="1.0")
                boomi.DeployedPackage(name, opts, package=package, environment_id="env-dev")
                self.register_outputs({})

        Sync("order-sync")
    """
    done = stack.up(moved)
    assert done.steps == {"create Sync order-sync"}
    assert (project.packages(), project.running()) == (packages, running)
    # The mark in the notes still has the first name, and the objects are still known as the stack's own.
    stack.destroy()
    assert project.versions() == {"stock-feed production": "0.9"}
    assert set(project.packages()) == {"stock-feed 0.9"}


def test_one_waits_for_the_other(project: Project) -> None:
    stack = project.stack(
        program="""
        slow = boomi.PackagedComponent("slow", component_id="order-api", package_version="1.0")
        live = boomi.DeployedPackage("slow", package=slow, environment_id="env-dev")
        boomi.PackagedComponent(
            "order-sync", component_id="order-sync", package_version="1.0", opts=ResourceOptions(depends_on=[live])
        )
        """
    )
    stack.up()
    made = [entry["object"] for entry in project.writes()]
    assert made == ["PackagedComponent", "DeployedPackage", "PackagedComponent"]


def test_a_secret_input_is_in_clear_nowhere_but_in_boomi(project: Project) -> None:
    stack = project.stack(
        "dev",
        """
        import os

        notes = pulumi.Output.secret(os.environ["NOTES"])
        package = boomi.PackagedComponent(
            "order-sync", component_id="order-sync", package_version="1.0", notes=notes
        )
        boomi.DeployedPackage("order-sync", package=package, environment_id="env-dev", notes=notes)
        pulumi.export("notes", package.notes)
        """,
        NOTES="h1dden",
    )
    project.tokens.add("h1dden")
    assert stack.preview().says("[secret]")
    stack.up()
    assert project.packages()["order-sync 1.0"]["notes"].startswith("h1dden\n")
    assert project.running()["order-sync dev"]["notes"].startswith("h1dden\n")
    assert "h1dden" not in json.dumps(stack.state())


def test_get_reads_without_managing(project: Project) -> None:
    stack = project.stack(
        program="""
        package = boomi.PackagedComponent.get("feed", "stock-feed-0.9")
        live = boomi.DeployedPackage.get("feed", "env-production/stock-feed")
        pulumi.export("package", [package.package_version, package.component_id, package.component_version])
        pulumi.export("live", [live.package_version, live.environment_id, live.active, live.package_id])
        boomi.DeployedPackage("copy", package=package, environment_id="env-test")
        """
    )
    stack.up()
    assert stack.outputs() == {
        "package": ["0.9", "stock-feed", 1],
        "live": ["0.9", "env-production", True, "stock-feed-0.9"],
    }
    assert project.versions() == {"stock-feed production": "0.9", "stock-feed test": "0.9"}
    stack.destroy()
    assert project.versions() == {"stock-feed production": "0.9"}
    missing = stack.preview('boomi.PackagedComponent.get("feed", "no-such-package")', fails=True)
    assert missing.says("no-such-package")


def test_a_forced_replace_of_what_is_unchanged_loses_nothing(project: Project) -> None:
    stack = project.stack(program=BOTH.format(name="order-sync", options="None"))
    stack.up()
    packages, running = project.packages(), project.running()
    urns = {row["type"].rpartition(":")[2]: row["urn"] for row in stack.state()}
    both = ["--replace", urns["PackagedComponent"], "--replace", urns["DeployedPackage"]]
    done = stack.up(None, *both)
    assert done.says("DeployedPackage Order Sync 1.0 in Dev stays: the program declares it.")
    assert (project.packages(), project.running()) == (packages, running)
    # Another trigger is a wish to deploy the same package again.
    for trigger in "ab":
        options = f"pulumi.ResourceOptions(replacement_trigger={trigger!r})"
        done = stack.up(BOTH.format(name="order-sync", options=options))
    assert done.says("DeployedPackage Order Sync 1.0 in Dev: made again, as replacement_trigger asks")
    assert project.packages() == packages
    before, running = running, project.running()
    assert running != before
    assert [row["packageId"] for row in running.values()] == [row["packageId"] for row in before.values()]
    # An engine that is killed between the two halves leaves the live object twice, once to be deleted.
    content = json.loads(stack.file.read_text(encoding="utf-8"))
    latest = content["checkpoint"]["latest"]
    latest["resources"] = [
        each
        for row in latest["resources"]
        for each in ([row, {**row, "delete": True}] if "dynamic/boomi:" in row["type"] else [row])
    ]
    cut_off = json.dumps(content)
    stack.file.write_text(cut_off, encoding="utf-8")
    assert stack.up().says("DeployedPackage Order Sync 1.0 in Dev stays: the program declares it.")
    assert (project.packages(), project.running()) == (packages, running)
    stack.file.write_text(cut_off, encoding="utf-8")
    stack.destroy()
    assert project.versions() == {"stock-feed production": "0.9"}


def test_resources_move_to_another_stack(project: Project) -> None:
    program = BOTH.format(name="order-sync", options="None")
    old, new = project.stack(program=program), project.stack("other", program="")
    old.up()
    packages, running = project.packages(), project.running()
    urns = [row["urn"] for row in old.state() if "dynamic/boomi:" in row["type"]]
    old.run("state", "move", "--source", "dev", "--dest", "other", "--yes", *urns)
    old.up("")
    assert new.up(program).steps == set()
    assert (project.packages(), project.running()) == (packages, running)
    # What the first stack made is the second one's now, to the end.
    new.destroy()
    assert project.versions() == {"stock-feed production": "0.9"}
    assert set(project.packages()) == {"stock-feed 0.9"}


def test_a_rename_whose_create_fails_stops_nothing(project: Project) -> None:
    """Without an alias, and with `--continue-on-error`: the engine goes on to delete what had the old name."""
    slot = 'boomi.DeployedPackage("{name}", package_id="stock-feed-0.9", environment_id="env-dev")'
    stack = project.stack(program=slot.format(name="old"))
    stack.up()
    running = project.running()
    stack.program(slot.format(name="new"))
    # The first query tells the preview what would be superseded, the second what there is to be taken.
    project.boomi.faults({"kind": "500-after", "object": "DeployedPackage", "verb": "query", "nth": 2})
    done = stack.run("up", "--yes", "--skip-preview", "--continue-on-error", fails=True)
    assert done.says("DeployedPackage Stock Feed 0.9 in Dev stays: the program declares it.")
    assert project.running() == running
