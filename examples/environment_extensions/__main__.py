"""Deploy a process, and give it the database and the settings of that environment.

Set the password first: `pulumi config set --secret ordersDbPassword`.
"""

import pulumi

import boomi_pulumi as boomi

config = pulumi.Config()
test = boomi.get_environment(name="Test")
orders = boomi.get_component(name="Order Sync", type="process", folder="Sales/Orders")

deployment = boomi.DeployedPackage(
    "order-sync",
    package=boomi.get_packaged_component(component_id=orders.component_id, package_version="1.2"),
    environment=test,
)
values = boomi.EnvironmentExtensions(
    "order-sync",
    environment=test,
    deployments=[deployment],
    connections={
        "Orders DB": {
            "host": "db.test.acme.example",
            "password": config.require_secret("ordersDbPassword"),
        }
    },
    process_properties={"Order Settings": {"Warehouse": "W1"}},
    properties={"DPP_BATCH_SIZE": "500"},
    cross_references={"Country Codes": [["DE", "276"], ["FR", "250"]]},
)

pulumi.export("restarts", values.restarts)
pulumi.export("encrypted", values.encrypted)
