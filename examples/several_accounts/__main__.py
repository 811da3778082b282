"""One program, two accounts: promote a package in the primary account, then release in a sub-account."""

import pulumi

import boomi_pulumi as boomi

# What is not given is the stack's: the same user and token, on a sub-account.
north = boomi.Provider("north", override_account="acmenorth-EF34GH")
there = pulumi.InvokeOptions(provider=north)

# The primary account, that of the stack: the package runs in Test, then in Production.
package = boomi.PackagedComponent(
    "order-sync",
    component=boomi.get_component(name="Order Sync", type="process", folder="Sales/Orders"),
    package_version="2.0",
    opts=pulumi.ResourceOptions(retain_on_delete=True),
)
test = boomi.DeployedPackage("test", package=package, environment=boomi.get_environment(name="Test"))
production = boomi.DeployedPackage(
    "production",
    package=package,
    environment=boomi.get_environment(name="Production"),
    opts=pulumi.ResourceOptions(depends_on=[test]),
)

# The sub-account: its stores get their new version once ours runs.
stores = boomi.PackagedComponent(
    "store-sync",
    component=boomi.get_component(name="Store Sync", opts=there),
    package_version="2.0",
    shareable=True,
    opts=pulumi.ResourceOptions(provider=north, retain_on_delete=True),
)
release = boomi.ReleaseIntegrationPack(
    "north-stores",
    integration_pack=boomi.get_integration_pack(name="North Stores", opts=there),
    packages=[stores],
    opts=pulumi.ResourceOptions(provider=north, depends_on=[production]),
)

pulumi.export("production", production.package_version)
pulumi.export("stores", release.released_versions)
