"""A large program converges in one run, and costs nothing once it has."""

from __future__ import annotations

from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from tests.conformance.account import seed
from tests.driver import Driver, Ref, Resource, Step
from tests.native_driver import NativeDriver

PACKS, MEMBERS, PACKAGES, CONNECTORS = 5, 100, 50, 10
FIRST_PREVIEW, FIRST_UP, UNCHANGED, REFRESH = 20, 320, 9, 30
"""Requests that a release of a hundred processes may send."""

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


N = 100
"""Processes of a release: each is packaged, deployed and scheduled; their environment has one set of values."""


def _release() -> dict[str, Any]:
    content = seed()
    content["folders"].append("Acme/Jobs")
    content["components"] += [
        {
            "name": f"job{number}",
            "id": f"job{number}",
            "folder": "Acme/Jobs",
            "extensions": [f"connections/DB {number}/host"],
        }
        for number in range(N)
    ]
    content["environments"] = [{"name": "Test", "classification": "TEST", "id": "e-1"}]
    content["runtimes"] = [{"name": "test-1", "id": "r-1", "attachedTo": ["Test"]}]
    content["deployments"] = []
    return content


def _whole_release() -> list[Resource]:
    numbers = range(N)
    connections = {f"DB {number}": {"host": f"db{number}"} for number in numbers}
    values = {
        "environmentId": "e-1",
        "deploymentIds": [Ref(f"deployment{number}") for number in numbers],
        "connections": connections,
    }
    return [
        *(
            Resource(f"package{number}", "PackagedComponent", {"componentId": f"job{number}", "packageVersion": "2.0"})
            for number in numbers
        ),
        *(
            Resource(
                f"deployment{number}", "DeployedPackage", {"environmentId": "e-1", "packageId": Ref(f"package{number}")}
            )
            for number in numbers
        ),
        Resource("values", "EnvironmentExtensions", values),
        *(
            Resource(
                f"schedules{number}",
                "ProcessSchedules",
                {
                    "processId": f"job{number}",
                    "atomId": "r-1",
                    "schedules": [{"minutes": "0", "hours": str(number % 24)}],
                },
            )
            for number in numbers
        ),
    ]


@pytest.mark.parametrize("door", [Driver, NativeDriver])
def test_the_requests_of_a_hundred_processes_with_schedules_and_values(door: type[Driver]) -> None:
    program = _whole_release()
    with Emulator(_release(), rate_limit=0) as boomi, door(boomi.env) as driver:
        driver.work_at_once(16)

        def sent() -> int:
            count = len(boomi.journal())
            boomi.clear_journal()
            return count

        assert {step.act for step in driver.preview(*program)} == {"create"}
        assert sent() <= FIRST_PREVIEW
        assert {step.act for step in driver.up(*program)} == {"create"}
        assert sent() <= FIRST_UP
        for unchanged in (driver.preview, driver.up):
            assert {step.act for step in unchanged(*program)} == {"same"}
            assert sent() <= UNCHANGED
        assert {step.act for step in driver.refresh()} == {"same"}
        assert sent() <= REFRESH
