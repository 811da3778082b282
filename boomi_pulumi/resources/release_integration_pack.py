"""The resource ReleaseIntegrationPack of a Python program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import pulumi

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.models import IntegrationPack
from boomi_pulumi._api.models import PackagedComponent as Package
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.seen import Found
from boomi_pulumi._python.values import as_output, named, property_of, text_of_date, type_of
from boomi_pulumi.resources.base import BoomiResource
from boomi_pulumi.resources.packaged_component import PackagedComponent

if TYPE_CHECKING:
    from datetime import date

    from pulumi import Input, Output

__all__ = ["ReleaseIntegrationPack"]


class ReleaseIntegrationPack(BoomiResource, module="boomi", name="ReleaseIntegrationPack"):
    """The released content wanted of an integration pack.

    Create and update release now, or schedule; while a scheduled release is pending, an update changes it. Versions
    that are out already are not released again. An immediate release is waited for, within `release_timeout`; a
    scheduled one never is. Boomi cannot withdraw a release: a destroy says so, and forgets.

    Source: Boomi's ReleaseIntegrationPack page.
    """

    _kind = KINDS["ReleaseIntegrationPack"]

    integration_pack_id: Output[str]
    pack_name: Output[str | None]
    installation_type: Output[str | None]
    components: Output[list[dict[str, str]]]
    release_schedule: Output[str]
    release_on_date: Output[str | None]
    release_timeout: Output[int | None]
    releases: Output[dict[str, str] | None]
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
        components: Input[Iterable[Input[Mapping[str, Input[str]]]]] | None = None,
        packages: Input[Iterable[Input[PackagedComponent | Package]]] | None = None,
        release_schedule: Input[Literal["IMMEDIATELY", "RELEASE_ON_SPECIFIED_DATE"]] | None = None,
        release_on_date: Input[str | date] | None = None,
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
            release_on_date: A date, or yyyy-MM-dd; Boomi releases in the small hours of that day.
            release_timeout: Seconds to wait for an immediate release, 0 to 7200; left out, 300.
            unknown: Nothing; other names are refused at preview.
        """
        who = f"ReleaseIntegrationPack {resource_name}"
        pack_id = named(who, "integration_pack", integration_pack, "integration_pack_id", integration_pack_id, key="id")
        if packages is not None and components is not None:
            raise SettingsError(f"{who}: give packages or components, not both.")
        released = _packages(who, packages)
        rows = _rows(released) if packages is not None else components
        super().__init__(
            resource_name,
            {
                "integration_pack_id": pack_id,
                "components": list(rows) if isinstance(rows, Iterator) else rows,
                "release_schedule": release_schedule,
                "release_on_date": text_of_date(release_on_date),
                "release_timeout": release_timeout,
                **unknown,
            },
            opts,
            lent={"components": Found(_release(released))} if packages is not None else {},
        )


def _packages(who: str, given: Any) -> Any:
    """Return component, version and shareable of each package, as an output where only outputs tell."""
    given = as_output(given)
    if isinstance(given, pulumi.Output):
        return given.apply(lambda known: pulumi.Output.from_input(_packages(who, known)))
    if given is None:
        return None
    if isinstance(given, (str, Mapping, pulumi.Resource)) or not isinstance(given, Iterable):
        raise SettingsError(f"{who}: packages is {type_of(given)}; give a list of PackagedComponents and look-ups.")
    return [_package(who, f"packages[{place}]", each) for place, each in enumerate(given)]


def _package(who: str, name: str, given: Any) -> Any:
    given = as_output(given)
    if isinstance(given, pulumi.Output):
        return given.apply(lambda known: pulumi.Output.from_input(_package(who, name, known)))
    advice = "give a PackagedComponent, or what get_packaged_component finds"
    found = {key: property_of(who, name, given, key, advice) for key in ("componentId", "packageVersion")}
    shareable = given.shareable if isinstance(given, pulumi.Resource) else given.get("shareable")  # type: ignore[attr-defined]
    return {**found, "shareable": shareable}


def _rows(packages: Any) -> Any:
    """Return component and version of each package."""
    if isinstance(packages, pulumi.Output):
        return packages.apply(_rows)
    return packages and [{"component_id": each["componentId"], "version": each["packageVersion"]} for each in packages]


def _release(packages: Any) -> Any:
    """Return what is known of the packages, as `Account.release` would."""

    def known(each: Mapping[str, Any]) -> str:
        return "shareable" if each["shareable"] else "not shareable"

    def answer(rows: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
        told = (each for each in rows or () if each["shareable"] is not None)
        return {f"{each['componentId']}/{each['packageVersion']}": known(each) for each in told}

    return pulumi.Output.from_input(packages).apply(answer)
