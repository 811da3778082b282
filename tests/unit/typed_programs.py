"""Programs that work, and that mypy must accept (`make types`); tests/unit/test_values.py runs their like."""

from __future__ import annotations

from datetime import date, datetime, timezone

import pulumi

import boomi_pulumi as boomi


def a_release_across_stacks() -> None:
    package = boomi.PackagedComponent("p", component_id="c", package_version="1", shareable=True)
    upstream = boomi.get_packaged_component_output(id=pulumi.Output.from_input("q"))
    looked_up = boomi.get_packaged_component(id="r")
    boomi.ReleaseIntegrationPack("list", integration_pack_id="pack", packages=[package, upstream, looked_up])
    boomi.ReleaseIntegrationPack("generator", integration_pack_id="pack", packages=(each for each in (package,)))
    boomi.ReleaseIntegrationPack("output", integration_pack_id="pack", packages=pulumi.Output.all(looked_up))


def packages_in_every_form() -> None:
    package = boomi.PackagedComponent("p", component_id="c", package_version="1")
    given: list[pulumi.Input[boomi.PackagedComponent]] = [package, pulumi.Output.from_input(package)]
    for place, each in enumerate(given):
        boomi.DeployedPackage(f"d{place}", package=each, environment_id="env")
    boomi.DeployedPackage("id", package_id=package.id, environment_id="env")
    boomi.DeployedPackage("output", package_id=package.package_id, environment_id=pulumi.Output.from_input("env"))


def dates_and_moments() -> None:
    boomi.ReleaseIntegrationPack("r", integration_pack_id="pack", packages=[], release_on_date=date(2099, 1, 31))
    boomi.ConnectorVersionChange(
        "c",
        classification_type="till",
        version_id="2",
        preferred_release_date=datetime(2099, 1, 31, 10, tzinfo=timezone.utc),
    )


def exported_by_another_stack() -> None:
    found = pulumi.StackReference("organization/shop/dev").get_output("package")
    boomi.DeployedPackage("d", package=found, environment_id="env")
