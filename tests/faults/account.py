"""The account and the program that everything in this folder is tried on, and what is compared afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from requests.adapters import HTTPAdapter

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.objects import PRIVILEGES
from tests.driver import Bag, Driver, Ref, Resource

A = TypeVar("A", bound=HTTPAdapter)

US = "pulumi@acme.example"
TOKEN = "5ecre7-0f-7he-faul7s"  # noqa: S105 - it opens the emulator
TEST, PRODUCTION = "env-test", "env-production"
PACK = "pack-orders"


def seed() -> Bag:
    """Return the account's content; a new document each time."""
    return {
        "account": {"id": "acme-1", "name": "Acme"},
        "users": [{"name": US, "token": TOKEN, "privileges": sorted(PRIVILEGES - {"ENV_MANAGEMENT"})}],
        "environments": [
            {"name": "Test", "classification": "TEST", "id": TEST},
            {"name": "Production", "classification": "PROD", "id": PRODUCTION},
        ],
        "components": [
            {"name": "Sync", "id": "sync", "revisions": 2},
            {"name": "Feed", "id": "feed", "revisions": 2},
            {"name": "Legacy", "id": "legacy"},
            {"name": "Api", "id": "api", "type": "webservice"},
        ],
        "packages": [
            *(
                {"component": "Acme/Sync", "version": each, "revision": 1, "shareable": True, "id": f"sync-{each}"}
                for each in ("1.0", "1.1", "1.2")
            ),
            {"component": "Acme/Legacy", "version": "1.0", "revision": 1, "id": "legacy-1.0"},
            {"component": "Acme/Feed", "version": "1.0", "revision": 1, "id": "feed-1.0"},
        ],
        "deployments": [
            {"component": "Acme/Legacy", "package": "1.0", "environment": "Test", "id": "legacy-test"},
            {"component": "Acme/Sync", "package": "1.0", "environment": "Production", "id": "sync-production"},
        ],
        "integrationPacks": [
            {
                "name": "Orders",
                "id": PACK,
                "installationType": "MULTI",
                "members": [{"component": "Acme/Sync", "released": "1.0"}],
            }
        ],
        "connectors": [
            {
                "groupType": "till",
                "groupName": "Till",
                "versions": 5,
                "classifications": [
                    {"classification": "dev", "displayName": "Till", "visibility": "PRIVATE", "version": "2"}
                ],
            }
        ],
    }


PROGRAM = (
    Resource("sync", "PackagedComponent", {"componentId": "sync", "packageVersion": "7.0", "notes": "ORD-981"}),
    # Numbered by Boomi, so that nothing but the origin mark tells it from another one.
    Resource("feed", "PackagedComponent", {"componentId": "feed"}),
    Resource("sync-test", "DeployedPackage", {"environmentId": TEST, "packageId": Ref("sync", "packageId")}),
    Resource("feed-test", "DeployedPackage", {"environmentId": TEST, "packageId": Ref("feed", "packageId")}),
    Resource(
        "orders",
        "ReleaseIntegrationPack",
        {"integrationPackId": PACK, "components": [{"componentId": "sync", "version": "1.1"}]},
    ),
    Resource("till", "ConnectorVersionChange", {"classificationType": "till-dev", "versionId": "3"}),
    Resource("api", "ComponentMetadata", {"componentId": "api", "name": "Api of orders"}),
)
"""Two packages, two deployments, a release, a connector and a component's name."""


def edited(program: Sequence[Resource], **changes: Bag) -> tuple[Resource, ...]:
    """Return a program with other inputs, by resource name (`_` for `-`); None leaves an input out."""
    return tuple(each.edited(**changes.get(each.name.replace("-", "_"), {})) for each in program)


EDITED = edited(
    PROGRAM,
    sync_test={"packageId": "sync-1.1"},
    feed_test={"listenerStatus": "PAUSED"},
    orders={"components": [{"componentId": "sync", "version": "1.2"}]},
    till={"versionId": "4"},
    api={"name": "Api of sales"},
)
"""Everything that can be changed in place."""

REPLACED = edited(
    PROGRAM,
    sync={"packageVersion": "7.1"},
    feed={"shareable": True},
    feed_test={"environmentId": PRODUCTION},
)
"""Two other packages and another slot."""


def live(boomi: Emulator) -> list[Bag]:
    """Tell the packages that are not deleted."""
    return [row for row in boomi.objects("PackagedComponent") if not row["deleted"]]


def running(boomi: Emulator) -> list[Bag]:
    """Tell the deployments that are active."""
    return [row for row in boomi.objects("DeployedPackage") if row["active"]]


def world(boomi: Emulator) -> dict[str, Any]:
    """Tell all that ever happened to the account, without ids and times: what was done twice shows."""
    return {
        "packages": sorted(
            (row["componentId"], row["packageVersion"], row["deleted"], row["createdBy"], row.get("notes", ""))
            for row in boomi.objects("PackagedComponent")
        ),
        "deployments": sorted(
            (row["environmentId"], row["componentId"], row["packageVersion"], row["active"], row["deployedBy"])
            for row in boomi.objects("DeployedPackage")
        ),
        "released": {
            (row["id"], each["componentId"]): each["currentVersion"]
            for row in boomi.objects("PublisherIntegrationPack")
            for each in row["PublisherPackagedComponents"]["PublisherPackagedComponent"]
        },
        "connectors": {
            each["classificationType"]: (each["version"], each.get("pendingVersion"))
            for row in boomi.objects("ConnectorGroup")
            for each in row["classifications"]
        },
        "components": sorted(
            (row["componentId"], row["name"], row["version"], row["deleted"])
            for row in boomi.objects("ComponentMetadata")
        ),
    }


@contextmanager
def mounted(driver: Driver, adapter: A) -> Iterator[A]:
    """Let an adapter send the requests of a driver, and no longer than the block lasts."""
    before, driver.client.adapter = driver.client.adapter, adapter
    try:
        yield adapter
    finally:
        driver.client.adapter = before
        adapter.close()
