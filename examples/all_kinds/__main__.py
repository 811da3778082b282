"""All kinds of resources, in one program: a release of a process, and what belongs to it."""

import pulumi

import boomi_pulumi as boomi

customers = boomi.get_component(name="Customer Export", type="process", folder="Sales/Pricing")
prices = boomi.get_component(name="Price List Export", type="process", folder="Sales/Customers")
(connections,) = boomi.query(
    "Folder",
    boomi.where("name").equals("Connections") & boomi.where("deleted").equals(False),
)

# The process, frozen under a version; it may go into integration packs.
package = boomi.PackagedComponent(
    "customer-export",
    component=customers,
    package_version="2.0",
    shareable=True,
    notes="LOY-12: birthdays",
    opts=pulumi.ResourceOptions(retain_on_delete=True),
)

# It runs in our own environment,
test = boomi.get_environment(name="Test")
deployment = boomi.DeployedPackage("customer-export", package=package, environment=test)

# with the values that this environment gives to what its processes declare,
values = boomi.EnvironmentExtensions(
    "test",
    environment=test,
    deployments=[deployment],
    connections={"Orders DB": {"host": "db.test.acme.example", "port": "5433"}},
)

# where it must pass a run before it goes on,
smoke = boomi.ExecutionRequest(
    "customer-export",
    process=customers,
    runtime=boomi.get_runtime(name="Acme Test Atom"),
    deployment=deployment,
    settle=5,
)

# and is released to those who installed the pack, once it runs here; the pack's other process goes with it.
release = boomi.ReleaseIntegrationPack(
    "loyalty-starter",
    integration_pack=boomi.get_integration_pack(name="Loyalty Starter"),
    packages=[
        package,
        boomi.get_packaged_component(component_id=prices.component_id, package_version="1.1"),
    ],
    opts=pulumi.ResourceOptions(depends_on=[smoke]),
)

# The version of the connector that the shops use.
till = boomi.ConnectorVersionChange("till", classification_type="acme-till-dev", version_id="3")

# The place of a connection that lay about elsewhere.
connection = boomi.ComponentMetadata(
    "order-connection",
    component=boomi.get_component(name="Order Connection", type="connector-settings"),
    folder=connections,
)

atom = boomi.get_runtime(name="Acme Test Atom")

# The process runs every working hour, once it is deployed.
schedules = boomi.ProcessSchedules(
    "customer-export",
    process=customers,
    runtime=atom,
    schedules=[{"minutes": "0", "hours": "8-18", "days_of_week": "mon-fri"}],
    opts=pulumi.ResourceOptions(depends_on=[deployment]),
)

# A process that listens to a queue takes no more orders while the release goes on.
orders = boomi.ListenerStatus(
    "orders-in",
    process=boomi.get_component(name="Purchase Order Import", type="process", folder="Receipts"),
    runtime=atom,
    status="paused",
)

pulumi.export("packageId", package.package_id)
pulumi.export("running", deployment.package_version)
pulumi.export("smoke", smoke.status)
pulumi.export("released", release.released_versions)
pulumi.export("till", till.released_version)
pulumi.export("folder", connection.folder_name)
pulumi.export("restarts", values.restarts)
pulumi.export("runs", schedules.in_words)
pulumi.export("orders", orders.status)
