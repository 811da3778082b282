"""Boomi beside another provider in one program: outputs go both ways, and either side may fail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.project import PIPELINE, Project, Run, account

pytestmark = pytest.mark.engine

PROGRAM = """
import os
import sys
from pathlib import Path

from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult

class Cloud(ResourceProvider):
    def create(self, props):
        return CreateResult(f"{{props['name']}}-id", self.written(props))

    def update(self, id, olds, news):
        return UpdateResult(self.written(news))

    def delete(self, id, props):
        self.place(props).unlink()

    def written(self, props):
        self.place(props).write_text(props["text"])
        return {{**props, "url": "cloud:" + props["name"]}}

    def place(self, props):
        sys.tracebacklimit = 0  # as ours, which is in the same process and may have come before
        return Path(props["folder"], props["name"])

class Thing(Resource):
    url: pulumi.Output[str]

    def __init__(self, name, text):
        super().__init__(Cloud(), name, {{"folder": os.environ["CLOUD"], "name": name, "text": text, "url": None}})

queue = Thing("queue", "orders")
package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="{version}")
deployment = boomi.DeployedPackage(
    "order-sync", package=package, environment_id="env-test", notes=pulumi.Output.concat("reads ", queue.url)
)
alarm = Thing("alarm", pulumi.Output.concat("Order Sync ", deployment.package_version))
pulumi.export("alarm", alarm.url)
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with account() as boomi:
        yield Project(tmp_path, boomi)


def _cloud(project: Project) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in (project.folder / "cloud").glob("*")}


def _order(run: Run) -> list[str]:
    urns = [each["resourcePreEvent"]["metadata"]["urn"] for each in run.events if "resourcePreEvent" in each]
    names = [f"{urn.split('::')[-2].rpartition(':')[2]} {urn.rpartition('::')[2]}" for urn in urns]
    return [name for name in names if name in {"Resource queue", "DeployedPackage order-sync", "Resource alarm"}]


def test_outputs_go_both_ways_and_a_failure_of_either_side_is_made_good_by_the_next_run(project: Project) -> None:
    cloud = project.folder / "cloud"
    stack = project.stack(CLOUD=str(cloud))
    first = stack.preview(PROGRAM.format(version="1.0"))
    assert first.says_of("DeployedPackage", 'packageVersion: "1.0"', "notes: [unknown]")

    # The cloud fails, since its folder is not there.
    stack.up(fails=True)
    assert stack.names() <= {"PackagedComponent order-sync"}  # it needs no queue
    assert "order-sync test" not in project.running()

    # Boomi fails, since the pipeline may not enter the environment.
    cloud.mkdir()
    project.boomi.give_environment_role("env-test", "operators")
    stack.up(fails=True)
    assert _cloud(project) == {"queue": "orders"}
    assert stack.names() == {"Resource queue", "PackagedComponent order-sync"}

    project.boomi.set_roles(PIPELINE, "operators")
    stack.up()
    assert _cloud(project) == {"queue": "orders", "alarm": "Order Sync 1.0"}
    assert project.running()["order-sync test"]["notes"].startswith("reads cloud:queue")
    assert stack.outputs() == {"alarm": "cloud:alarm"}
    stack.up(PROGRAM.format(version="1.1"))
    assert _cloud(project)["alarm"] == "Order Sync 1.1"

    # The cloud fails at a removal: the process has stopped before its queue would go, and what is left is known.
    shutil.move(cloud / "queue", project.folder / "queue")
    broken = stack.run("destroy", "--yes", "--skip-preview", fails=True)
    assert _order(broken) == ["Resource alarm", "DeployedPackage order-sync", "Resource queue"]
    assert "order-sync test" not in project.running()
    assert "Resource queue" in stack.names()
    shutil.move(project.folder / "queue", cloud / "queue")
    stack.destroy()
    assert (stack.names(), _cloud(project)) == (set(), {})
