"""Run a package that people made in an environment."""

import pulumi

import boomi_pulumi as boomi

orders = boomi.get_component(name="Order Sync", type="process", folder="Sales/Orders")
package = boomi.get_packaged_component(component_id=orders.component_id, package_version="1.2")

deployment = boomi.DeployedPackage(
    "order-sync",
    package=package,
    environment=boomi.get_environment(name="Test"),
    notes="Asked for by the testers",
)

pulumi.export("deploymentId", deployment.deployment_id)
pulumi.export("running", deployment.package_version)
