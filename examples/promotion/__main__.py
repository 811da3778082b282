"""One program, one stack per environment: `dev` makes the package, the others deploy that very package."""

from typing import Any

import pulumi

import boomi_pulumi as boomi

config = pulumi.Config()
process = boomi.get_component(name="Order Sync", type="process", folder="Sales/Orders")
environment = boomi.get_environment(name=config.require("environment"))
runtime = boomi.get_runtime(environment=environment)

# What goes out: a new package, or the one that the stack before this one deployed.
source = config.get("promoteFrom")
package: boomi.PackagedComponent | pulumi.Output[Any]
promoted_from: pulumi.Output[Any] | None = None
if source is None:
    package = boomi.PackagedComponent(
        "order-sync",
        component=process,
        package_version=config.require("packageVersion"),
        notes=config.get("notes"),
        opts=pulumi.ResourceOptions(retain_on_delete=True),  # a release outlives the stack that made it
    )
else:
    upstream = pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{source}")
    package = boomi.get_packaged_component_output(id=upstream.get_output("packageId"))
    promoted_from = upstream.get_output("environmentId")

# Where it comes from it must be active, and must have run as often as the stack asks for.
deployment = boomi.DeployedPackage(
    "order-sync",
    package=package,
    environment=environment,
    promoted_from_id=promoted_from,
    promoted_runs=config.get_object("promotedRuns"),
)

values = boomi.EnvironmentExtensions(
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

# Dev runs it once, with its values. If the run fails, `up` fails.
if config.get_bool("run"):
    boomi.ExecutionRequest(
        "order-sync",
        process=process,
        runtime=runtime,
        deployment=deployment,
        settle=config.get_int("settle"),
        opts=pulumi.ResourceOptions(depends_on=[values]),
    )

# Production runs it by the clock.
schedules = config.get_object("schedules")
if schedules is not None:
    boomi.ProcessSchedules(
        "order-sync",
        process=process,
        runtime=runtime,
        schedules=schedules,
        opts=pulumi.ResourceOptions(depends_on=[values]),
    )

pulumi.export("packageId", package.package_id)
pulumi.export("environmentId", environment.id)
