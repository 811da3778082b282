"""The kinds of resources, one file each."""

from __future__ import annotations

from typing import Any

from boomi_pulumi.kind import Kind
from boomi_pulumi.resources.component_metadata import ComponentMetadata
from boomi_pulumi.resources.connector_version_change import ConnectorVersionChange
from boomi_pulumi.resources.deployed_package import DeployedPackage
from boomi_pulumi.resources.packaged_component import PackagedComponent
from boomi_pulumi.resources.release_integration_pack import ReleaseIntegrationPack

__all__ = [
    "KINDS",
    "RESOURCES",
    "ComponentMetadata",
    "ConnectorVersionChange",
    "DeployedPackage",
    "PackagedComponent",
    "ReleaseIntegrationPack",
]

RESOURCES = (PackagedComponent, DeployedPackage, ReleaseIntegrationPack, ConnectorVersionChange, ComponentMetadata)
"""Every resource class."""

KINDS: dict[str, Kind[Any]] = {each.kind.name: each.kind for each in RESOURCES}
"""Kind by the name that state files hold."""
