"""A large program converges in one run, and costs nothing once it has."""

from __future__ import annotations

from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from tests.conformance.account import seed
from tests.driver import Driver, Ref, Resource, Step

PACKS, MEMBERS, PACKAGES, CONNECTORS = 5, 100, 50, 10
WRITES = {"create", "update", "delete", "cancel"}


def _account() -> dict[str, Any]:
    parts = [f"Part {number:03}" for number in range(MEMBERS)]
    content = seed()
    content["folders"].append("Acme/Parts")
    content["components"] += [{"name": name, "folder": "Acme/Parts"} for name in parts]
    content["components"] += [{"name": f"Job {number:02}", "folder": "Acme/Orders"} for number in range(PACKAGES)]
    content["packages"] += [
        {"component": f"Acme/Parts/{name}", "version": version, "revision": 1, "shareable": True}
        for name in parts
        for version in ("1.0", "2.0")
    ]
    content["integrationPacks"] = [
        {
            "name": f"Pack {number}",
            "installationType": "MULTI",
            "members": [{"component": f"Acme/Parts/{name}", "released": "1.0"} for name in parts],
        }
        for number in range(PACKS)
    ]
    content["connectors"] = [
        {
            "groupType": f"device{number}",
            "groupName": f"Device {number}",
            "versions": 3,
            "classifications": [
                {"classification": "dev", "displayName": f"Device {number}", "visibility": "PRIVATE", "version": "1"}
            ],
        }
        for number in range(CONNECTORS)
    ]
    return content


def _program(boomi: Emulator, version: str = "2.0") -> list[Resource]:
    ids = {row["name"]: row["componentId"] for row in boomi.objects("ComponentMetadata")}
    environment = boomi.objects("Environment")[0]["id"]
    parts = [{"componentId": id_, "version": version} for name, id_ in sorted(ids.items()) if name.startswith("Part")]
    jobs = [id_ for name, id_ in sorted(ids.items()) if name.startswith("Job")]
    packs = [row["id"] for row in boomi.objects("PublisherIntegrationPack")]
    return [
        *(
            Resource(f"package{number}", "PackagedComponent", {"componentId": id_, "packageVersion": version})
            for number, id_ in enumerate(jobs)
        ),
        *(
            Resource(
                f"deployment{number}",
                "DeployedPackage",
                {"environmentId": environment, "packageId": Ref(f"package{number}")},
            )
            for number in range(PACKAGES)
        ),
        *(
            Resource(f"pack{number}", "ReleaseIntegrationPack", {"integrationPackId": id_, "components": parts})
            for number, id_ in enumerate(packs)
        ),
        *(
            Resource(
                f"connector{number}",
                "ConnectorVersionChange",
                {"classificationType": f"device{number}-dev", "versionId": version[0]},
            )
            for number in range(CONNECTORS)
        ),
    ]


@pytest.fixture(scope="module")
def large() -> Any:
    with Emulator(_account(), rate_limit=0) as boomi:
        yield boomi


def test_a_large_program_converges_in_one_run_and_is_then_empty(large: Emulator) -> None:
    program = _program(large)
    same = [Step("same", each.name) for each in program]
    with Driver(large.env) as driver:
        assert {step.act for step in driver.up(*program)} == {"create"}
        writes = [entry for entry in large.journal() if entry["verb"] in WRITES]
        assert len(writes) == PACKS + 2 * PACKAGES + CONNECTORS
        large.clear_journal()
        assert driver.preview(*program) == same
        journal = large.journal()
        assert not [entry for entry in journal if entry["verb"] in WRITES]
        # What resources have in common is read once: by the hundred, not one by one.
        assert len([entry for entry in journal if entry["object"] != "DeployedPackage"]) <= 15
        assert driver.refresh() == same
        assert driver.preview(*program) == same
        large.clear_journal()
        assert driver.up(*program) == same
        assert not [entry for entry in large.journal() if entry["verb"] in WRITES]
        for row in large.objects("PublisherIntegrationPack"):
            members = row["PublisherPackagedComponents"]["PublisherPackagedComponent"]
            assert {each["currentVersion"] for each in members} == {"2.0"}
