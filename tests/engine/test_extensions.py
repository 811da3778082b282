"""Extensions of an environment on the real engine: what a reviewer reads, what stays secret, both doors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.native.install import install, release
from tests.engine.project import Project, seed
from tests.engine.test_native import written

pytestmark = pytest.mark.engine

SECRET = "db-pass-2026-w0rd"  # noqa: S105 - of the emulator's database
PYTHON = """
    config = pulumi.Config()
    package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0")
    deployment = boomi.DeployedPackage("order-sync", package=package, environment_id="env-dev")
    boomi.EnvironmentExtensions(
        "dev",
        environment_id="env-dev",
        deployments=[deployment],
        connections={{"Orders DB": {{"host": "{host}", "password": pulumi.Output.secret("{password}")}}}},
        properties={{"DPP_MODE": package.package_id}},
    )
"""
YAML = """\
  order-sync:
    type: boomi:index:PackagedComponent
    properties: {{componentId: order-sync, packageVersion: "1.0"}}
  order-sync-dev:
    type: boomi:index:DeployedPackage
    properties: {{package: "${{order-sync}}", environmentId: env-dev}}
  dev:
    type: boomi:index:EnvironmentExtensions
    properties:
      environmentId: env-dev
      deploymentIds: ["${{order-sync-dev.id}}"]
      connections:
        Orders DB:
          host: "{version}"
          password:
            fn::secret: db-pass-2026-w0rd
      properties: {{DPP_MODE: "${{order-sync.packageId}}"}}
"""
RESTART = 'restarts : "every listener of Dev restarts (1 runtime)"'


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Project]:
    document: dict[str, Any] = seed()
    document["components"][0]["extensions"] = [
        "connections/Orders DB/host",
        {"path": "connections/Orders DB/password", "encrypted": True},
        "properties/DPP_MODE",
    ]
    document["runtimes"] = [{"name": "dev-1", "attachedTo": ["Dev"]}, {"name": "dev-2"}]
    with Emulator(document, rate_limit=0) as boomi:
        made = Project(tmp_path, boomi)
        yield made
        made.no_token()


def values(shop: Project) -> dict[str, Any]:
    return {name.rpartition("/")[2]: value for name, value in shop.boomi.extension_values("env-dev").items()}


@pytest.mark.core
def test_a_program_in_python(shop: Project) -> None:
    stack = shop.stack(program=PYTHON.format(host="db1.acme", password=SECRET))
    seen = stack.preview()
    assert seen.says('host : "db1.acme" password: [secret]', "DPP_MODE: [unknown]", RESTART)
    done = stack.run("up", "--yes", "--skip-preview")
    assert values(shop)["password"] == SECRET
    assert values(shop)["host"] == "db1.acme"

    seen = stack.preview(PYTHON.format(host="db2.acme", password=f"{SECRET}-2"))
    assert seen.steps == {"update EnvironmentExtensions dev"}
    assert seen.says('~ host : "db1.acme" => "db2.acme"', "connections/Orders DB/password: a new secret", RESTART)
    again = stack.run("up", "--yes", "--skip-preview")
    assert values(shop)["password"] == f"{SECRET}-2"
    stack.preview(None, "--refresh", "--expect-no-changes")
    gone = stack.run("destroy", "--yes", "--skip-preview")
    assert gone.says("connections/Orders DB/host", "stay as they are")
    assert values(shop)["host"] == "db2.acme"
    state = (shop.folder / "state").rglob("*.json") if (shop.folder / "state").exists() else ()
    said = "".join([done.output, seen.output, again.output, gone.output, *(each.read_text("utf-8") for each in state)])
    assert SECRET not in said


def test_a_program_in_yaml_and_an_import(shop: Project, tmp_path: Path) -> None:
    install(release(), str(tmp_path / "plugin"))
    stack = shop.stack()
    written(stack, YAML, "db1.acme")
    seen = stack.preview()
    assert seen.says("password: [secret]", RESTART)
    stack.run("up", "--yes", "--skip-preview")
    assert values(shop) | {"DPP_MODE": ""} == {"host": "db1.acme", "password": SECRET, "DPP_MODE": ""}
    stack.run("preview", "--expect-no-changes", "--refresh")
    assert SECRET not in seen.output

    other = shop.stack("other")
    written(other, YAML, "db1.acme")
    done = other.run("import", "boomi:index:EnvironmentExtensions", "dev", "Dev", "--yes", "--protect=false")
    assert done.says("1 imported", "host: db1.acme")
    assert SECRET not in done.output
