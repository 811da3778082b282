"""What works, mypy accepts: `make types` checks these programs, and they run under mocks."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from datetime import date, datetime, timezone
from typing import Any

import pulumi
import pytest

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


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        exported = {"package": {"packageId": "p"}}
        return "id", {**args.inputs, "outputs": exported} if "Reference" in args.typ else args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {"packageId": args.args["id"], "componentId": f"c{args.args['id']}", "packageVersion": "1"}, []


@pytest.mark.parametrize(
    "program",
    [a_release_across_stacks, packages_in_every_form, dates_and_moments, exported_by_another_stack],
    ids=lambda each: each.__name__,
)
def test_what_mypy_accepts_runs(program: Callable[[], None]) -> None:
    def here() -> None:
        pulumi.runtime.set_mocks(Mocks())
        run: Callable[[], None] = pulumi.runtime.test(program)  # type: ignore[no-untyped-call]
        run()

    contextvars.copy_context().run(here)
