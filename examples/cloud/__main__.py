"""A deployment beside what surrounds it at a cloud: a queue, a secret that holds the token, and an alarm."""

import pulumi
import pulumi_cloudflare as cloudflare

import boomi_pulumi as boomi

account = pulumi.Config("cloud").get("accountId") or "023e105f4ecef8ad9ca31a8372d0c353"

# From the cloud to Boomi: the deployment names the queue, so the queue is made first.
queue = cloudflare.Queue("orders", account_id=account, queue_name="orders")
package = boomi.PackagedComponent(
    "order-sync",
    component=boomi.get_component(name="Order Sync", type="process", folder="Sales/Orders"),
    package_version="2.0",
    opts=pulumi.ResourceOptions(retain_on_delete=True),
)
deployment = boomi.DeployedPackage(
    "order-sync",
    package=package,
    environment=boomi.get_environment(name="Test"),
    notes=pulumi.Output.concat("reads queue ", queue.queue_id),
)

# From Boomi to the cloud: the alarm names the version that runs, so it is changed once that runs.
cloudflare.NotificationPolicy(
    "order-sync",
    account_id=account,
    name="Order Sync",
    description=pulumi.Output.concat("Order Sync ", deployment.package_version),
    alert_type="health_check_status_notification",
    enabled=True,
    mechanisms={"emails": [{"id": "on-call@acme.example"}]},
)

# The token of the stack, for jobs at the cloud that call Boomi's API. It stays a secret on its way.
store = cloudflare.SecretsStore("releases", account_id=account, name="releases")
cloudflare.SecretsStoreSecret(
    "boomi-token",
    account_id=account,
    store_id=store.id,
    name="boomi-token",
    scopes=["workers"],
    value=pulumi.Config("boomi").require_secret("token"),
)

pulumi.export("queue", queue.queue_id)
pulumi.export("running", deployment.package_version)
