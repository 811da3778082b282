"""Release an integration pack, now or on a day."""

import pulumi

import boomi_pulumi as boomi

config = pulumi.Config()
pack = boomi.get_integration_pack(name="Returns Add-on")

release = boomi.ReleaseIntegrationPack(
    "returns-add-on",
    integration_pack=pack,
    components=[{"component_id": each.component_id, "version": "1.0"} for each in pack.components],
    release_on_date=config.get("releaseOnDate"),  # such as 2027-01-31; at once if it is not set
    release_timeout=600,
)

pulumi.export("released", release.released_versions)
pulumi.export("status", release.release_status)
