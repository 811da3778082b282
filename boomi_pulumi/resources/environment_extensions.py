"""The resource EnvironmentExtensions of a Python program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypedDict

import pulumi

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.models import Environment
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._python.values import named
from boomi_pulumi.resources.base import BoomiResource
from boomi_pulumi.resources.deployed_package import DeployedPackage

if TYPE_CHECKING:
    from pulumi import Input, Output

__all__ = ["EnvironmentExtensions", "SecretReference"]


class SecretReference(TypedDict):
    """Where a secrets manager keeps a secret: AWS, AZURE or GCP, and its name there."""

    secrets_manager_type: Input[str]
    secret_reference: Input[str]


class EnvironmentExtensions(BoomiResource, module="boomi", name="EnvironmentExtensions"):
    """The values that an environment gives to what its processes declare.

    Owns the fields that it names, and no others. All that differ are one save. A save restarts all listeners of the
    environment; if nothing differs, nothing is sent. A field that is taken out keeps its value. A destroy leaves the
    values as they are, unless `reset_on_destroy`.

    Source: EnvironmentExtensions in Boomi's Platform OpenAPI.
    """

    _kind = KINDS["EnvironmentExtensions"]

    environment_id: Output[str]
    environment_name: Output[str | None]
    extension_group_id: Output[str | None]
    connections: Output[dict[str, dict[str, str]] | None]
    operations: Output[dict[str, dict[str, str]] | None]
    trading_partners: Output[dict[str, dict[str, str]] | None]
    shared_communications: Output[dict[str, dict[str, str]] | None]
    process_properties: Output[dict[str, dict[str, str]] | None]
    properties: Output[dict[str, str] | None]
    cross_references: Output[dict[str, list[list[str]]] | None]
    pgp_certificates: Output[dict[str, str] | None]
    secret_references: Output[dict[str, dict[str, str]] | None]
    use_default: Output[list[str] | None]
    secrets_version: Output[str | None]
    reset_on_destroy: Output[bool | None]
    deployment_ids: Output[list[str] | None]
    declare_timeout: Output[int | None]
    runtimes: Output[list[str] | None]
    changes: Output[list[str] | None]
    restarts: Output[str | None]
    extensions_id: Output[str]
    encrypted: Output[list[str] | None]
    undeclared: Output[list[str] | None]
    was_default: Output[list[str] | None]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        environment: Input[Environment] | None = None,
        environment_id: Input[str] | None = None,
        deployments: Sequence[DeployedPackage] | None = None,
        connections: Input[Mapping[str, Input[Mapping[str, Input[str]]]]] | None = None,
        operations: Input[Mapping[str, Input[Mapping[str, Input[str]]]]] | None = None,
        trading_partners: Input[Mapping[str, Input[Mapping[str, Input[str]]]]] | None = None,
        shared_communications: Input[Mapping[str, Input[Mapping[str, Input[str]]]]] | None = None,
        process_properties: Input[Mapping[str, Input[Mapping[str, Input[str]]]]] | None = None,
        properties: Input[Mapping[str, Input[str]]] | None = None,
        cross_references: Input[Mapping[str, Input[Sequence[Input[Sequence[Input[str]]]]]]] | None = None,
        pgp_certificates: Input[Mapping[str, Input[str]]] | None = None,
        secret_references: Input[Mapping[str, Input[SecretReference]]] | None = None,
        use_default: Input[Sequence[Input[str]]] | None = None,
        secrets_version: Input[str] | None = None,
        reset_on_destroy: Input[bool] | None = None,
        declare_timeout: Input[int] | None = None,
        extension_group_id: Input[str] | None = None,
        deployment_ids: Input[Sequence[Input[str]]] | None = None,
        **unknown: NoReturn,
    ) -> None:
        """Declare values of an environment.

        Args:
            resource_name: Its name in the program.
            opts: Pulumi's resource options.
            environment: A look-up (`get_environment`) instead of `environment_id`.
            environment_id: The environment's id.
            deployments: The deployments whose processes declare the fields. They come first, and `up` waits for what
                they declare.
            connections: Connections, by name or id -> field -> value.
            operations: Operations, by name or id -> field -> value.
            trading_partners: Trading partners, by name or id -> `category/field`, such as `as2/url` -> value.
            shared_communications: Communication channels, by name or id -> field -> value.
            process_properties: Process property components, by name or id -> label or key -> value.
            properties: Dynamic process properties, name -> value. Boomi never encrypts them.
            cross_references: Cross reference tables, by name or id -> all rows, 20 texts each at the most.
            pgp_certificates: PGP certificates, by name or id -> the id of the certificate component that stands in.
            secret_references: Fields whose secret a secrets manager keeps: path, such as `connections/Orders
                DB/password`.
            use_default: Paths of fields that must have the component's own value.
            secrets_version: Another text sends all secrets once more.
            reset_on_destroy: Whether a destroy resets the fields that had the component's own value before, and are as
                this stack set them. Else all stay as they are.
            declare_timeout: Seconds to wait for what a deployment of the same run declares; left out, 60.
            extension_group_id: The extension group of a process of a multi-install pack; left out, all other
                processes.
            deployment_ids: The deployments whose processes declare the fields: they come first, and are waited for.
            unknown: Nothing; other names are refused at preview.

        Raises:
            SettingsError: Two arguments name the same, or a key of a map would not pass Pulumi's SDK as it is.
        """
        who = f"EnvironmentExtensions {resource_name}"
        environment_id = named(who, "environment", environment, "environment_id", environment_id, key="id")
        if deployments is not None:
            if deployment_ids is not None:
                raise SettingsError(f"{who}: give deployments or deployment_ids, not both.")
            deployment_ids = [each.id for each in deployments]
        sections: dict[str, Any] = {
            "connections": connections,
            "operations": operations,
            "trading_partners": trading_partners,
            "shared_communications": shared_communications,
            "process_properties": process_properties,
            "properties": properties,
            "cross_references": cross_references,
            "pgp_certificates": pgp_certificates,
        }
        for name, of in sections.items():
            self._check_keys(f"{who}: {name}", of)
        super().__init__(
            resource_name,
            {
                "environment_id": environment_id,
                "extension_group_id": extension_group_id,
                **sections,
                "secret_references": secret_references,
                "use_default": use_default,
                "secrets_version": secrets_version,
                "reset_on_destroy": reset_on_destroy,
                "deployment_ids": deployment_ids,
                "declare_timeout": declare_timeout,
                **unknown,
            },
            opts,
        )

    def _check_keys(self, where: str, of: Any) -> None:
        """Refuse the keys that Pulumi's SDK would rename, since the resource itself has an argument of that name."""
        for key, inside in of.items() if isinstance(of, Mapping) else ():
            if self.translate_input_property(str(key)) != key:
                raise SettingsError(
                    f"{where} has the key {key!r}, which Pulumi's SDK would rename: give the component's id in its "
                    "place, or declare this field in YAML."
                )
            self._check_keys(where, inside)
