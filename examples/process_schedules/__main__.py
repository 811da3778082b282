"""A process runs every quarter of an hour of a working day, once it is deployed."""

import pulumi

import boomi_pulumi as boomi

production = boomi.get_environment(name="Production")
stock = boomi.get_component(name="Inventory Feed", type="process", folder="Warehouse/Inventory")
package = boomi.PackagedComponent("stock", component=stock, package_version="3.0")
deployment = boomi.DeployedPackage("stock", package=package, environment=production)

boomi.ProcessSchedules(
    "stock",
    process=stock,
    runtime=boomi.get_runtime(environment=production),
    schedules=[{"minutes": "0-59/15", "hours": "8-18", "days_of_week": "mon-fri"}],
    opts=pulumi.ResourceOptions(depends_on=[deployment]),
)
