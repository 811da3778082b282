"""Boomi packages, deployments and releases as Pulumi resources.

import boomi_pulumi as boomi

orders = boomi.get_component(name="Order Sync", type="process")
package = boomi.PackagedComponent("order-sync", component=orders, package_version="1.4.0")
boomi.DeployedPackage("order-sync", package=package, environment=boomi.get_environment(name="Test"))
"""

from __future__ import annotations

from boomi_pulumi._api.errors import (
    Ambiguous,
    BadAnswer,
    BadRequest,
    BoomiError,
    Conflict,
    ConnectionLost,
    EmptyAnswer,
    EndpointGone,
    EndpointNotFound,
    FilterError,
    Forbidden,
    Interrupted,
    NotFound,
    RequestError,
    SettingsError,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnexpectedStatus,
    UnknownOutcome,
    Unreachable,
)
from boomi_pulumi._api.filters import Filter, where
from boomi_pulumi._api.models import COMPONENT_TYPES
from boomi_pulumi._api.sender import BoomiDeprecationWarning
from boomi_pulumi._python.accounts import Provider
from boomi_pulumi.lookups import (
    get_component,
    get_component_output,
    get_deployed_package,
    get_deployed_package_output,
    get_environment,
    get_environment_extensions,
    get_environment_extensions_output,
    get_environment_output,
    get_integration_pack,
    get_integration_pack_output,
    get_packaged_component,
    get_packaged_component_output,
    get_release_status,
    get_release_status_output,
    get_runtime,
    get_runtime_output,
    get_runtimes,
    get_runtimes_output,
    query,
)

# A plugin process loads any kind by name, so importing the package must import every kind.
from boomi_pulumi.resources import (
    ComponentMetadata,
    ConnectorVersionChange,
    DeployedPackage,
    EnvironmentExtensions,
    ExecutionRequest,
    PackagedComponent,
    ProcessSchedules,
    ReleaseIntegrationPack,
    Retry,
    Schedule,
    SecretReference,
)

__all__ = [
    "COMPONENT_TYPES",
    "Ambiguous",
    "BadAnswer",
    "BadRequest",
    "BoomiDeprecationWarning",
    "BoomiError",
    "ComponentMetadata",
    "Conflict",
    "ConnectionLost",
    "ConnectorVersionChange",
    "DeployedPackage",
    "EmptyAnswer",
    "EndpointGone",
    "EndpointNotFound",
    "EnvironmentExtensions",
    "ExecutionRequest",
    "Filter",
    "FilterError",
    "Forbidden",
    "Interrupted",
    "NotFound",
    "PackagedComponent",
    "ProcessSchedules",
    "Provider",
    "ReleaseIntegrationPack",
    "RequestError",
    "Retry",
    "Schedule",
    "SecretReference",
    "SettingsError",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "UnexpectedStatus",
    "UnknownOutcome",
    "Unreachable",
    "get_component",
    "get_component_output",
    "get_deployed_package",
    "get_deployed_package_output",
    "get_environment",
    "get_environment_extensions",
    "get_environment_extensions_output",
    "get_environment_output",
    "get_integration_pack",
    "get_integration_pack_output",
    "get_packaged_component",
    "get_packaged_component_output",
    "get_release_status",
    "get_release_status_output",
    "get_runtime",
    "get_runtime_output",
    "get_runtimes",
    "get_runtimes_output",
    "query",
    "where",
]
