"""The resource DeployedPackage of a Python program."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, NoReturn

import pulumi

from boomi_pulumi._api.models import Environment
from boomi_pulumi._api.models import PackagedComponent as Package
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._python.values import named, text_of_period
from boomi_pulumi.resources.base import BoomiResource
from boomi_pulumi.resources.packaged_component import PackagedComponent

if TYPE_CHECKING:
    from pulumi import Input, Output

__all__ = ["DeployedPackage"]


class DeployedPackage(BoomiResource, module="boomi", name="DeployedPackage"):
    """What runs of a component in an environment. Boomi runs one package of a component there.

    A new package is an update in place: Boomi supersedes the old one, and nothing stops in between.
    Another environment, or a package of another component, replaces. Notes alone never redeploy.
    Destroying undeploys only what this resource deployed; a successor put there by somebody else stays.

    Source: Boomi's DeployedPackage page.
    """

    _kind = KINDS["DeployedPackage"]

    deployment_id: Output[str]
    environment_id: Output[str]
    environment_name: Output[str | None]
    supersedes: Output[str | None]
    brings: Output[list[str] | None]
    promoted_from_id: Output[str | None]
    promoted_after: Output[str | None]
    promoted_runs: Output[dict[str, int] | None]
    gate: Output[str | None]
    existing: Output[str | None]
    package_id: Output[str]
    package_version: Output[str]
    component_id: Output[str]
    component_name: Output[str | None]
    component_version: Output[int]
    component_type: Output[str | None]
    version: Output[int]
    notes: Output[str | None]
    listener_status: Output[str | None]
    deployed_date: Output[str]
    deployed_by: Output[str]
    active: Output[bool]
    message: Output[str | None]
    adopted: Output[bool]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        environment: Input[Environment] | None = None,
        environment_id: Input[str] | None = None,
        package: Input[PackagedComponent | Package] | None = None,
        package_id: Input[str] | None = None,
        component_id: Input[str] | None = None,
        promoted_from: Input[Environment] | None = None,
        promoted_from_id: Input[str] | None = None,
        promoted_after: Input[str | timedelta] | None = None,
        promoted_runs: Input[int | Mapping[str, int]] | None = None,
        listener_status: Input[Literal["RUNNING", "PAUSED"]] | None = None,
        notes: Input[str] | None = None,
        **unknown: NoReturn,
    ) -> None:
        """Declare what runs.

        Args:
            resource_name: Its name in the program.
            opts: Pulumi's resource options.
            environment: A look-up (`get_environment`) instead of `environment_id`.
            environment_id: The environment's id.
            package: A PackagedComponent or a look-up (`get_packaged_component`) instead of `package_id`.
            package_id: The package's id.
            component_id: Without a package: Boomi packages the newest revision of any branch and deploys it, a
                package that no program tracks. Prefer `package`.
            promoted_from: A look-up (`get_environment`) instead of `promoted_from_id`.
            promoted_from_id: An environment where this very package must be active before it is deployed here, or was
                until a newer one came. What ran here before may go back.
            promoted_after: For how long it must have been active there: days, hours, minutes and seconds, such as
                `24h` or `1d12h`.
            promoted_runs: How many runs must have ended well there since it was deployed; by default none may have
                failed. A number, or an object with `complete`, `failed` and `settle`.
            listener_status: RUNNING or PAUSED, for listener processes; set with a deployment. Left out, unchanged.
            notes: Notes for the deployment; sent with the next one.
            unknown: Nothing; other names are refused at preview.
        """
        who = f"DeployedPackage {resource_name}"
        environment_id = named(who, "environment", environment, "environment_id", environment_id, key="id")
        package_id = named(who, "package", package, "package_id", package_id, key="packageId", made=PackagedComponent)
        promoted_from_id = named(who, "promoted_from", promoted_from, "promoted_from_id", promoted_from_id, key="id")
        super().__init__(
            resource_name,
            {
                "environment_id": environment_id,
                "package_id": package_id,
                "component_id": component_id,
                "promoted_from_id": promoted_from_id,
                "promoted_after": text_of_period(promoted_after),
                "promoted_runs": promoted_runs,
                "listener_status": listener_status,
                "notes": notes,
                **unknown,
            },
            opts,
        )
