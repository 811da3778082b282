"""One program, one stack per environment: `dev` makes the package, the others deploy that very package."""

from typing import Any

import pulumi

import boomi_pulumi as boomi

config = pulumi.Config()
source = config.get("promoteFrom")

package: boomi.PackagedComponent | pulumi.Output[Any]
if source is None:
    package = boomi.PackagedComponent(
        "order-sync",
        component=boomi.get_component(name="Order Sync", type="process", folder="Sales/Orders"),
        package_version=config.require("packageVersion"),
        notes=config.get("notes"),
        opts=pulumi.ResourceOptions(retain_on_delete=True),  # a release outlives the stack that made it
    )
else:
    upstream = pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{source}")
    package = boomi.get_packaged_component_output(id=upstream.get_output("packageId"))

environment = boomi.get_environment(name=config.require("environment"))
deployment = boomi.DeployedPackage("order-sync", package=package, environment=environment)
boomi.EnvironmentExtensions(
    "order-sync",
    environment=environment,
    deployments=[deployment],  # it declares the fields
    connections={
        "Orders DB": {
            "host": config.require("ordersDbHost"),
            "password": config.require_secret("ordersDbPassword"),
        }
    },
)

pulumi.export("packageId", package.package_id)
