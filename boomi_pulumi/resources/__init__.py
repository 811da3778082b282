"""The typed resource classes of a Python program, one file each."""

from __future__ import annotations

from boomi_pulumi.resources.component_metadata import ComponentMetadata
from boomi_pulumi.resources.connector_version_change import ConnectorVersionChange
from boomi_pulumi.resources.deployed_package import DeployedPackage
from boomi_pulumi.resources.environment_extensions import EnvironmentExtensions, SecretReference
from boomi_pulumi.resources.execution_request import ExecutionRequest
from boomi_pulumi.resources.listener_status import ListenerStatus
from boomi_pulumi.resources.packaged_component import PackagedComponent
from boomi_pulumi.resources.process_schedules import ProcessSchedules, Retry, Schedule
from boomi_pulumi.resources.release_integration_pack import ReleaseIntegrationPack

__all__ = [
    "RESOURCES",
    "ComponentMetadata",
    "ConnectorVersionChange",
    "DeployedPackage",
    "EnvironmentExtensions",
    "ExecutionRequest",
    "ListenerStatus",
    "PackagedComponent",
    "ProcessSchedules",
    "ReleaseIntegrationPack",
    "Retry",
    "Schedule",
    "SecretReference",
]

RESOURCES = (
    PackagedComponent,
    DeployedPackage,
    ReleaseIntegrationPack,
    ConnectorVersionChange,
    ComponentMetadata,
    EnvironmentExtensions,
    ProcessSchedules,
    ListenerStatus,
    ExecutionRequest,
)
"""Every resource class."""
