"""The resource ReleaseIntegrationPack of a Python program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import pulumi

from boomi_pulumi.api.models import IntegrationPack
from boomi_pulumi.api.models import PackagedComponent as Package
from boomi_pulumi.kinds import KINDS
from boomi_pulumi.program import BoomiResource, either
from boomi_pulumi.resources.packaged_component import PackagedComponent

if TYPE_CHECKING:
    from pulumi import Input, Output

__all__ = ["ReleaseIntegrationPack"]


class ReleaseIntegrationPack(BoomiResource, module="boomi", name="ReleaseIntegrationPack"):
    """The released content wanted of an integration pack.

    Create and update release now, or schedule; while a scheduled release is pending, an update changes it. Versions
    that are out already are not released again. An immediate release is waited for, within `release_timeout`; a
    scheduled one never is. Boomi cannot withdraw a release: a destroy says so, and forgets.

    Source: Boomi's ReleaseIntegrationPack page.
    """

    kind = KINDS["ReleaseIntegrationPack"]

    integration_pack_id: Output[str]
    pack_name: Output[str | None]
    installation_type: Output[str | None]
    components: Output[list[dict[str, str]]]
    release_schedule: Output[str]
    release_on_date: Output[str | None]
    request_id: Output[str | None]
    release_status: Output[str]
    release_status_url: Output[str | None]
    released_versions: Output[dict[str, str]]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        integration_pack: Input[IntegrationPack] | None = None,
        integration_pack_id: Input[str] | None = None,
        components: Input[Sequence[Mapping[str, Input[str]]]] | None = None,
        packages: Sequence[PackagedComponent | Package] | None = None,
        release_schedule: Input[Literal["IMMEDIATELY", "RELEASE_ON_SPECIFIED_DATE"]] | None = None,
        release_on_date: Input[str] | None = None,
        release_timeout: Input[int] | None = None,
        **unknown: NoReturn,
    ) -> None:
        """Declare a release.

        Args:
            resource_name: Its name in the program.
            opts: Pulumi's resource options.
            integration_pack: A look-up (`get_integration_pack`) instead of `integration_pack_id`.
            integration_pack_id: The pack's id.
            components: What to release: `component_id` and `version` each, 1 to 100 of them.
            packages: PackagedComponents, or look-ups of packages, instead of `components`.
            release_schedule: IMMEDIATELY or RELEASE_ON_SPECIFIED_DATE; left out, as `release_on_date` says.
            release_on_date: yyyy-MM-dd; Boomi releases in the small hours of that day.
            release_timeout: Seconds to wait for an immediate release, 0 to 7200; left out, 300.
            unknown: Nothing; other names are refused at preview.
        """
        pack_id = either(
            "integration_pack", integration_pack, "integration_pack_id", integration_pack_id, lambda each: each.id
        )
        rows = either("packages", packages, "components", components, _rows)  # type: ignore[arg-type]
        super().__init__(
            resource_name,
            {
                "integration_pack_id": pack_id,
                "components": rows,
                "release_schedule": release_schedule,
                "release_on_date": release_on_date,
                "release_timeout": release_timeout,
                **unknown,
            },
            opts,
            facts={"components": _shareable(packages)} if packages is not None else {},
        )


def _rows(packages: Sequence[PackagedComponent | Package]) -> list[dict[str, Any]]:
    return [{"component_id": each.component_id, "version": each.package_version} for each in packages]


def _shareable(packages: Sequence[PackagedComponent | Package]) -> Any:
    """Return component/version -> shareable, as far as it is known."""
    facts = [pulumi.Output.all(each.component_id, each.package_version, each.shareable) for each in packages]
    return pulumi.Output.all(*facts).apply(lambda rows: {f"{row[0]}/{row[1]}": row[2] for row in rows})
