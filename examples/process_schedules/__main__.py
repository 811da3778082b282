"""A process runs every quarter of an hour of a working day, once it is deployed."""

import pulumi

import boomi_pulumi as boomi

production = boomi.get_environment(name="Production")
prices = boomi.get_component(name="Price List Export", type="process", folder="Sales/Customers")
package = boomi.PackagedComponent("prices", component=prices, package_version="3.0")
deployment = boomi.DeployedPackage("prices", package=package, environment=production)

boomi.ProcessSchedules(
    "prices",
    process=prices,
    runtime=boomi.get_runtime(environment=production),
    schedules=[{"minutes": "0-59/15", "hours": "8-18", "days_of_week": "mon-fri"}],
    opts=pulumi.ResourceOptions(depends_on=[deployment]),
)
