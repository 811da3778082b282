"""The promotion over the SDK that `pulumi package add` makes of the plugin, in place of dynamic resources.

`dev` makes the package, and the other stacks deploy that very package.
"""

import pulumi
import pulumi_boomi as boomi  # type: ignore[import-not-found]

config = pulumi.Config()
source = config.get("promoteFrom")

if source is None:
    component = boomi.get_component_output(name="Order Sync", type="process", folder="Sales/Orders")
    package_id: pulumi.Input[str] = boomi.PackagedComponent(
        "order-sync",
        component_id=component.component_id,
        package_version=config.require("packageVersion"),
        opts=pulumi.ResourceOptions(retain_on_delete=True),  # a release outlives the stack that made it
    ).package_id
else:
    upstream = pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{source}")
    package_id = upstream.get_output("packageId")  # where there is none yet, the preview says so in one line

environment = boomi.get_environment_output(name=config.require("environment"))
deployment = boomi.DeployedPackage("order-sync", package_id=package_id, environment_id=environment.id)

pulumi.export("packageId", deployment.package_id)
