"""Freeze the newest revision of a process under a version."""

import pulumi

import boomi_pulumi as boomi

orders = boomi.get_component(name="Order Sync", type="process", folder="Sales/Orders")

package = boomi.PackagedComponent(
    "order-sync",
    component=orders,
    package_version="2.0",
    notes="ORD-981: partial deliveries",
    shareable=True,
)

pulumi.export("packageId", package.package_id)
pulumi.export("revision", package.component_version)
