"""The account that the cases run against: small, and the same every time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.objects import PRIVILEGES

PEOPLE = ("ann@acme.example", "bob@acme.example")


def seed() -> dict[str, Any]:
    """Return the account's content."""
    return {
        "account": {"id": "acme-1", "name": "Acme"},
        "users": [
            {
                "name": "pulumi@acme.example",
                "token": "0badc0de-token",
                "privileges": sorted(PRIVILEGES),
            }
        ],
        "environments": [
            {"name": "Test", "classification": "TEST"},
            {"name": "Production", "classification": "PROD"},
        ],
        "branches": ["feature"],
        "folders": ["Acme/Orders", "Acme/Shop"],
        "components": [
            {
                "name": "Sync",
                "folder": "Acme/Orders",
                "extensions": [
                    "connections/Orders DB/host",
                    {"path": "connections/Orders DB/port", "value": "5432"},
                    {"path": "connections/Orders DB/password", "encrypted": True},
                    "operations/Orders API/objectName",
                    "tradingPartners/Acme/as2/url",
                    "sharedCommunications/Disk/directory",
                    "sharedCommunications/Twin/directory",
                    {"path": "sharedCommunications/Twin/directory", "id": "twin-2"},
                    "processProperties/Order Settings/Warehouse",
                    "processProperties/Order Settings/Depth",
                    {"path": "processProperties/Order Settings/Key", "encrypted": True},
                    "properties/DPP_BATCH_SIZE",
                    "properties/DPP_MODE",
                    "crossReferences/Countries",
                    "pgpCertificates/Partner",
                ],
                "revisions": [
                    {"by": PEOPLE[0], "date": "2026-01-10T08:00:00Z"},
                    {"by": PEOPLE[1], "date": "2026-02-10T08:00:00Z"},
                ],
            },
            {"name": "Feed", "folder": "Acme/Orders"},
            {"name": "Api", "type": "webservice", "folder": "Acme/Orders"},
            {"name": "Loyalty", "folder": "Acme/Shop"},
            {"name": "Returns", "folder": "Acme/Shop"},
            {"name": "Outside", "folder": "Acme/Shop"},
        ],
        "packages": [
            {"component": "Acme/Orders/Sync", "version": "1.0", "revision": 1, "notes": "first"},
            {"component": "Acme/Orders/Sync", "version": "1.1", "revision": 2},
            {"component": "Acme/Orders/Feed", "version": "1.0", "revision": 1},
            *(
                {"component": f"Acme/Shop/{name}", "version": version, "revision": 1, "shareable": True}
                for name in ("Loyalty", "Returns", "Outside")
                for version in ("1.0", "1.1", "1.2")
            ),
            {"component": "Acme/Shop/Loyalty", "version": "0.9", "revision": 1},
        ],
        "runtimes": [
            {"name": "test-1", "attachedTo": ["Test"]},
            {"name": "test-2"},
            {"name": "prod-1", "attachedTo": ["Production"]},
        ],
        "integrationPacks": [
            {
                "name": "Shop",
                "installationType": "MULTI",
                "members": [
                    {"component": "Acme/Shop/Loyalty", "released": "1.0"},
                    {"component": "Acme/Shop/Returns", "released": "1.0"},
                ],
            },
            {"name": "Solo", "installationType": "SINGLE", "members": ["Acme/Shop/Loyalty"]},
        ],
        "connectors": [
            {
                "groupType": group,
                "groupName": group.title(),
                "versions": 5,
                "classifications": [
                    {"classification": "dev", "displayName": group.title(), "visibility": visibility, "version": "2"}
                ],
            }
            for group, visibility in (("till", "PRIVATE"), ("scales", "PRIVATE"), ("wallet", "PUBLIC"))
        ],
    }


def component(boomi: Emulator, name: str = "Sync") -> str:
    """Return the id of a component."""
    return next(str(row["componentId"]) for row in boomi.objects("ComponentMetadata") if row["name"] == name)


def environment(boomi: Emulator, name: str = "Test") -> str:
    """Return the id of an environment."""
    return next(str(row["id"]) for row in boomi.objects("Environment") if row["name"] == name)


def package(boomi: Emulator, version: str = "1.0", name: str = "Sync") -> str:
    """Return the id of a package."""
    wanted = (component(boomi, name), version)
    rows = boomi.objects("PackagedComponent")
    return next(str(row["packageId"]) for row in rows if (row["componentId"], row["packageVersion"]) == wanted)


def folder(boomi: Emulator, path: str = "Acme/Shop") -> str:
    """Return the id of a folder."""
    return next(str(row["id"]) for row in boomi.objects("Folder") if row["fullPath"] == path)


def runtime(boomi: Emulator, name: str = "test-1") -> str:
    """Return the id of a runtime."""
    return next(str(row["id"]) for row in boomi.objects("Atom") if row["name"] == name)


def declaring(boomi: Emulator, name: str = "Test") -> str:
    """Deploy what declares extensions, where nothing does yet, and return the environment's id."""
    place = environment(boomi, name)
    rows = (row for row in boomi.objects("DeployedPackage") if row["active"] and row["environmentId"] == place)
    there = {row["componentId"] for row in rows}
    if component(boomi) not in there:
        boomi.console_deploy(place, package(boomi))
    return place


def deployed(boomi: Emulator, name: str = "Sync", place: str = "Test") -> str:
    """Deploy a process where it is not yet, and return its id."""
    where, id_ = environment(boomi, place), component(boomi, name)
    rows = (row for row in boomi.objects("DeployedPackage") if row["active"] and row["environmentId"] == where)
    if id_ not in {row["componentId"] for row in rows}:
        boomi.console_deploy(where, package(boomi, "1.0", name))
    return id_


def listener(boomi: Emulator, name: str = "Inbox", place: str = "Test", kind: str = "jms") -> str:
    """Deploy a process that listens, where it is not yet, and return its id."""
    there = {row["name"]: str(row["componentId"]) for row in boomi.objects("ComponentMetadata")}
    id_ = there.get(name) or str(boomi.create_component(name, listener=kind)["componentId"])
    where = environment(boomi, place)
    rows = (row for row in boomi.objects("DeployedPackage") if row["active"] and row["environmentId"] == where)
    if id_ not in {row["componentId"] for row in rows}:
        boomi.console_deploy(where, boomi.console_package(id_)["packageId"])
    return id_


def pack(boomi: Emulator, name: str = "Shop") -> str:
    """Return the id of an integration pack."""
    return next(str(row["id"]) for row in boomi.objects("PublisherIntegrationPack") if row["name"] == name)


def released(boomi: Emulator, name: str = "Shop", state: str = "currentVersion") -> dict[str, str]:
    """Return what a pack has released, by the component's name; `state` may be `pendingVersion`."""
    row = next(row for row in boomi.objects("PublisherIntegrationPack") if row["name"] == name)
    members = row["PublisherPackagedComponents"]["PublisherPackagedComponent"]
    return {each["componentName"]: each[state] for each in members}


def rows(boomi: Emulator, **versions: str) -> list[dict[str, str]]:
    """Return components of a release: the component's name and its version."""
    return [{"componentId": component(boomi, name), "version": version} for name, version in versions.items()]


def connector(boomi: Emulator, name: str = "till-dev") -> dict[str, Any]:
    """Return a connector as its publisher sees it."""
    found = (each for group in boomi.objects("ConnectorGroup") for each in group["classifications"])
    return next(dict(each) for each in found if each["classificationType"] == name)


def change_connector(boomi: Emulator, name: str, version: str) -> None:
    """Change a connector's version, as a person does."""
    boomi.store.console("create", "ConnectorVersionChange", by=PEOPLE[0], classificationType=name, versionId=version)


def day(days: int = 0) -> str:
    """Return a date by Boomi's clock, so many days from today."""
    return (datetime.now(timezone.utc) + timedelta(days=days)).date().isoformat()


only_dynamic = pytest.mark.parametrize("door", ["dynamic"], indirect=True)
"""For what the native door does not do: docs/design/0008 says what, and why."""
