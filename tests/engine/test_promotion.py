"""One package through three environments, a stack for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.project import Project

pytestmark = pytest.mark.engine

FIRST = """
    orders = boomi.get_component(name="Order Sync", type="process", folder="Sales/Orders")
    package = boomi.PackagedComponent(
        "order-sync",
        component=orders,
        component_version=orders.version,
        package_version="{version}",
        notes="ORD-981",
    )
    boomi.DeployedPackage("order-sync", package=package, environment=boomi.get_environment(name="Dev"))
    pulumi.export("orderSync", package.id)
"""
NEXT = """
    before = pulumi.StackReference("organization/promotion/{before}")
    boomi.DeployedPackage(
        "order-sync",
        package_id=before.require_output("orderSync"),
        environment=boomi.get_environment(name="{environment}"),
    )
    pulumi.export("orderSync", before.require_output("orderSync"))
"""
CHANGED = ('componentName : "Order Sync"', 'packageVersion : "1.0" => "1.1"')


def test_the_very_same_package_goes_from_dev_to_production(project: Project) -> None:
    dev = project.stack("dev", FIRST.format(version="1.0"))
    test = project.stack("test", NEXT.format(before="dev", environment="Test"))
    prod = project.stack("prod", NEXT.format(before="test", environment="Production"))
    seen = dev.preview()
    assert seen.steps == {"create PackagedComponent order-sync", "create DeployedPackage order-sync"}
    assert seen.says_of("DeployedPackage", 'componentName : "Order Sync"', 'packageVersion : "1.0"')
    assert seen.says_of("DeployedPackage", 'environmentName : "Dev"')
    for stack in (dev, test, prod):
        stack.up()
    assert _ids(project) == {project.packages()["order-sync 1.0"]["packageId"]}

    project.boomi.save_revision("order-sync")
    seen = dev.preview(FIRST.format(version="1.1"))
    assert seen.steps == {
        "create-replacement PackagedComponent order-sync",
        "replace PackagedComponent order-sync",
        "update DeployedPackage order-sync",
        "delete-replaced PackagedComponent order-sync",
    }
    assert seen.says_of("DeployedPackage", *CHANGED, 'environmentName : "Dev"')
    dev.up()
    for stack, environment in ((test, "Test"), (prod, "Production")):
        seen = stack.preview()
        assert seen.steps == {"update DeployedPackage order-sync"}
        assert seen.says_of("DeployedPackage", *CHANGED, f'environmentName : "{environment}"')
        stack.up()

    second = project.packages()["order-sync 1.1"]
    assert second["componentVersion"] == 4
    assert "[pulumi promotion/dev/order-sync]" in second["notes"]
    assert project.versions() == {
        "stock-feed production": "0.9",
        "order-sync dev": "1.1",
        "order-sync test": "1.1",
        "order-sync production": "1.1",
    }
    assert _ids(project) == {second["packageId"]}


def _ids(project: Project) -> set[str]:
    return {row["packageId"] for row in project.running().values() if row["componentId"] == "order-sync"}
