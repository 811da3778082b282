"""An engine that is killed in the middle of a request: the next run puts it right, after one command at the most."""

from __future__ import annotations

import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.objects import PRIVILEGES
from tests.children import child, kill
from tests.engine.project import Project, Stack, seed
from tests.faults.account import world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine

PROGRAM = """
    package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0")
    boomi.DeployedPackage("order-sync", package=package, environment_id="env-dev")
    boomi.PackagedComponent("numbered", component_id="stock-feed")
    out = [{"component_id": "order-sync", "version": "0.9"}]
    boomi.ReleaseIntegrationPack("orders", integration_pack_id="orders", components=out)
    boomi.ConnectorVersionChange("till", classification_type="till-dev", version_id="3")
    boomi.ComponentMetadata("api", component_id="order-api", name="Api of orders")
"""
SECONDS = 60
CORE = {"a package": pytest.mark.core}
THEIRS = {"stock-feed 0.9", "order-sync 0.9"}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    content = seed()
    content["users"][0]["privileges"] = sorted(PRIVILEGES)
    content["packages"].append(
        {"component": "Acme/Sales/Orders/Order Sync", "version": "0.9", "revision": 1, "shareable": True}
    )
    content["integrationPacks"] = [{"id": "orders", "name": "Orders", "members": ["Acme/Sales/Orders/Order Sync"]}]
    till = {"classification": "dev", "displayName": "Till", "visibility": "PRIVATE", "version": "2"}
    content["connectors"] = [{"groupType": "till", "groupName": "Till", "versions": 3, "classifications": [till]}]
    with Emulator(content, rate_limit=0) as boomi:
        made = Project(tmp_path, boomi)
        yield made
        made.no_token()


def killed(stack: Stack, command: str, fault: dict[str, object]) -> None:
    """Start a command and kill it, plugin and program included, while Boomi withholds an answer.

    One step at a time: the engine overwrites a state file in place, and one that is cut off in that is Pulumi's own
    loss.
    """
    boomi = stack.project.boomi
    boomi.faults({"kind": "stall", "seconds": SECONDS, **fault})
    with child(
        ["pulumi", command, "--yes", "--skip-preview", "--parallel", "1", "--non-interactive", "--color", "never"],
        cwd=stack.folder,
        env=stack.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        ends = time.monotonic() + SECONDS
        tick = threading.Event()
        while not boomi.fired()[0]["fired"]:
            assert process.poll() is None, "it ended before the request that was to be struck"
            assert time.monotonic() < ends, "the request that was to be struck never came"
            tick.wait(0.02)
        kill(process)
    boomi.faults()


STRUCK: dict[str, dict[str, object]] = {
    "the first read": {"index": 1},
    "a package": {"object": "PackagedComponent", "verb": "create"},
    "a deployment": {"object": "DeployedPackage", "verb": "create"},
    "a release": {"object": "ReleaseIntegrationPack", "verb": "create"},
}
"""What Boomi is asked when the engine dies. `tests/faults` strikes every request of every command in process."""


@pytest.mark.parametrize("what", [pytest.param(each, marks=CORE.get(each, ())) for each in STRUCK])
def test_a_command_that_was_killed_is_finished_by_the_next(what: str, project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    killed(stack, "up", STRUCK[what])
    stack.run("cancel", "--yes")
    made = {row["packageId"] for row in project.packages().values()}
    deployed = {row["deploymentId"] for row in project.running().values()}
    project.boomi.advance(120)  # a release that Boomi was at is through
    stack.up()
    # What the killed run made is what there is now.
    assert made <= {row["packageId"] for row in project.packages().values()}
    assert deployed <= {row["deploymentId"] for row in project.running().values()}
    assert set(project.packages()) == {*THEIRS, "order-sync 1.0", "stock-feed 1.0"}
    assert project.versions() == {"stock-feed production": "0.9", "order-sync dev": "1.0"}
    assert len(project.boomi.objects("DeployedPackage")) == 2
    now = world(project.boomi)
    assert (now["released"], now["connectors"]) == ({("orders", "order-sync"): "0.9"}, {"till-dev": ("3", None)})
    names = {(name, revision) for id_, name, revision, _ in now["components"] if id_ == "order-api"}
    assert names == {("Order API", 1), ("Api of orders", 2)}, "it was renamed once"
    stack.preview(None, "--expect-no-changes")


def test_a_destroy_that_was_killed_is_finished_by_the_next(project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    stack.up()
    killed(stack, "destroy", {"object": "DeployedPackage", "verb": "delete"})
    stack.run("cancel", "--yes")
    stack.destroy()
    assert stack.names() == set()
    assert set(project.packages()) == THEIRS
    assert project.versions() == {"stock-feed production": "0.9"}


def test_what_pulumi_goes_on_warning_of_is_ended_by_one_command(project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    killed(stack, "up", {"object": "PackagedComponent", "verb": "create"})
    stack.run("cancel", "--yes")
    stack.run("up", "--yes", "--skip-preview")
    stack.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    stack.laws()
