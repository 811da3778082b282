"""Boomi's semantics of each kind, one file each."""

from __future__ import annotations

from typing import Any

from boomi_pulumi._kinds.component_metadata import ComponentMetadataKind
from boomi_pulumi._kinds.connector_version_change import ConnectorVersionChangeKind
from boomi_pulumi._kinds.deployed_package import DeployedPackageKind
from boomi_pulumi._kinds.environment_extensions import EnvironmentExtensionsKind
from boomi_pulumi._kinds.execution_request import ExecutionRequestKind
from boomi_pulumi._kinds.listener_status import ListenerStatusKind
from boomi_pulumi._kinds.packaged_component import PackagedComponentKind
from boomi_pulumi._kinds.process_schedules import ProcessSchedulesKind
from boomi_pulumi._kinds.release_integration_pack import ReleaseIntegrationPackKind
from boomi_pulumi._lifecycle.kind import Kind

__all__ = ["KINDS"]

KINDS: dict[str, Kind[Any]] = {
    kind.name: kind
    for kind in (
        PackagedComponentKind(),
        DeployedPackageKind(),
        ReleaseIntegrationPackKind(),
        ConnectorVersionChangeKind(),
        ComponentMetadataKind(),
        EnvironmentExtensionsKind(),
        ProcessSchedulesKind(),
        ListenerStatusKind(),
        ExecutionRequestKind(),
    )
}
"""Kind by the name that state files hold."""
