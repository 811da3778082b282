"""The kinds of resources, one file each."""

from __future__ import annotations

from typing import Any

from boomi_pulumi.kind import Kind
from boomi_pulumi.resources.deployed_package import DeployedPackage
from boomi_pulumi.resources.packaged_component import PackagedComponent

__all__ = ["KINDS", "RESOURCES", "DeployedPackage", "PackagedComponent"]

RESOURCES = (PackagedComponent, DeployedPackage)
"""Every resource class."""

KINDS: dict[str, Kind[Any]] = {each.kind.name: each.kind for each in RESOURCES}
"""Kind by the name that state files hold."""
