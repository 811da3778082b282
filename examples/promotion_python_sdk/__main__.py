"""The promotion over the SDK that `pulumi package add` makes of the plugin, in place of dynamic resources.

`dev` makes the package, and the other stacks deploy that very package.
"""

from typing import Any

import pulumi
import pulumi_boomi as boomi  # type: ignore[import-not-found]

config = pulumi.Config()
process = boomi.get_component_output(name="Order Sync", type="process", folder="Sales/Orders")
environment = boomi.get_environment_output(name=config.require("environment"))
runtime = boomi.get_runtime_output(environment_id=environment.id)

# What goes out: a new package, or the one that the stack before this one deployed.
source = config.get("promoteFrom")
release: dict[str, Any]
if source is None:
    package = boomi.PackagedComponent(
        "order-sync",
        component_id=process.component_id,
        package_version=config.require("packageVersion"),
        notes=config.get("notes"),
        opts=pulumi.ResourceOptions(retain_on_delete=True),  # a release outlives the stack that made it
    )
    release = {"package": package}
else:
    upstream = pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{source}")
    release = {
        "package_id": upstream.get_output("packageId"),  # where there is none yet, the preview says so in one line
        "promoted_from_id": upstream.get_output("environmentId"),
    }

# Where it comes from it must be active, and must have run as often as the stack asks for.
deployment = boomi.DeployedPackage(
    "order-sync",
    environment_id=environment.id,
    promoted_runs=config.get_object("promotedRuns"),
    **release,
)

values = boomi.EnvironmentExtensions(
    "order-sync",
    environment_id=environment.id,
    deployment_ids=[deployment.id],  # it declares the fields
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
        process_id=process.component_id,
        atom_id=runtime.id,
        package_id=deployment.package_id,
        settle=config.get_int("settle"),
        opts=pulumi.ResourceOptions(depends_on=[values]),
    )

# Production runs it by the clock.
schedules = config.get_object("schedules")
if schedules is not None:
    boomi.ProcessSchedules(
        "order-sync",
        process_id=process.component_id,
        atom_id=runtime.id,
        schedules=schedules,
        opts=pulumi.ResourceOptions(depends_on=[values]),
    )

pulumi.export("packageId", deployment.package_id)
pulumi.export("environmentId", environment.id)
