"""`__provider` is a storage format: every state file of every user holds it."""

from __future__ import annotations

import base64
import pickle
import pickletools
import subprocess
import sys
from pathlib import Path

import pytest

from boomi_pulumi._kinds import KINDS
from boomi_pulumi._python.dynamic import DynamicProvider
from tests.driver import provider_string

RECORDED = {
    "PackagedComponent": (
        "gASVOgAAAAAAAACMFWJvb21pX3B1bHVtaS5wcm92aWRlcpSMBGxvYWSUk5SMEVBhY2thZ2VkQ29tcG9uZW50lIWUUpQu"
    ),
    "DeployedPackage": "gASVOAAAAAAAAACMFWJvb21pX3B1bHVtaS5wcm92aWRlcpSMBGxvYWSUk5SMD0RlcGxveWVkUGFja2FnZZSFlFKULg==",
    "ReleaseIntegrationPack": (
        "gASVPwAAAAAAAACMFWJvb21pX3B1bHVtaS5wcm92aWRlcpSMBGxvYWSUk5SMFlJlbGVhc2VJbnRlZ3JhdGlvblBhY2uUhZRSlC4="
    ),
    "ConnectorVersionChange": (
        "gASVPwAAAAAAAACMFWJvb21pX3B1bHVtaS5wcm92aWRlcpSMBGxvYWSUk5SMFkNvbm5lY3RvclZlcnNpb25DaGFuZ2WUhZRSlC4="
    ),
    "ComponentMetadata": (
        "gASVOgAAAAAAAACMFWJvb21pX3B1bHVtaS5wcm92aWRlcpSMBGxvYWSUk5SMEUNvbXBvbmVudE1ldGFkYXRhlIWUUpQu"
    ),
    "EnvironmentExtensions": (
        "gASVPgAAAAAAAACMFWJvb21pX3B1bHVtaS5wcm92aWRlcpSMBGxvYWSUk5SMFUVudmlyb25tZW50RXh0ZW5zaW9uc5SFlFKULg=="
    ),
    "ProcessSchedules": (
        "gASVOQAAAAAAAACMFWJvb21pX3B1bHVtaS5wcm92aWRlcpSMBGxvYWSUk5SMEFByb2Nlc3NTY2hlZHVsZXOUhZRSlC4="
    ),
    "ListenerStatus": "gASVNwAAAAAAAACMFWJvb21pX3B1bHVtaS5wcm92aWRlcpSMBGxvYWSUk5SMDkxpc3RlbmVyU3RhdHVzlIWUUpQu",
    "ExecutionRequest": (
        "gASVOQAAAAAAAACMFWJvb21pX3B1bHVtaS5wcm92aWRlcpSMBGxvYWSUk5SMEEV4ZWN1dGlvblJlcXVlc3SUhZRSlC4="
    ),
}
"""What state files hold. A line may be added, never changed or removed."""

PRINT_ALL = """
from pulumi.dynamic.dynamic import serialize_provider
from boomi_pulumi.provider import load
from boomi_pulumi._kinds import KINDS
for name in KINDS:
    print(name, serialize_provider(load(name)))
"""

LOAD_ALL = """
import base64, pickle, sys
for line in sys.stdin:
    provider = pickle.loads(base64.b64decode(line))
    print(type(provider).__module__, type(provider).__name__, provider.kind.name)
"""


def test_every_kind_is_recorded() -> None:
    assert set(RECORDED) == set(KINDS)


@pytest.mark.parametrize("kind", RECORDED)
def test_the_string_is_the_recorded_one(kind: str) -> None:
    assert provider_string(kind) == RECORDED[kind]
    assert len(RECORDED[kind]) <= 200


@pytest.mark.parametrize("kind", RECORDED)
def test_it_holds_the_loader_and_the_name_only(kind: str) -> None:
    words = [word for _, word, _ in pickletools.genops(base64.b64decode(RECORDED[kind])) if isinstance(word, str)]
    assert words == ["boomi_pulumi.provider", "load", kind]


@pytest.mark.parametrize("kind", RECORDED)
def test_it_survives_a_round_of_pickling(kind: str) -> None:
    provider = pickle.loads(base64.b64decode(RECORDED[kind]))  # noqa: S301 - written above
    assert isinstance(provider, DynamicProvider)
    assert provider.kind is KINDS[kind]
    assert provider.serialize_as_secret_always is False
    assert pickle.loads(pickle.dumps(provider)).kind is KINDS[kind]  # noqa: S301 - written in this line


@pytest.mark.parametrize("seed", ["0", "1"])
def test_other_processes_write_the_same(seed: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PRINT_ALL],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONHASHSEED": seed},
    )
    assert dict(line.split() for line in ran.stdout.splitlines()) == RECORDED


def test_a_fresh_process_loads_every_string(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-I", "-c", LOAD_ALL],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        input="\n".join(RECORDED.values()),
    )
    assert ran.stdout.splitlines() == [f"boomi_pulumi._python.dynamic DynamicProvider {kind}" for kind in RECORDED]
