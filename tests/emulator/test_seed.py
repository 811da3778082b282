"""The account one starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.default_account import default_seed
from boomi_pulumi.emulator.objects import COMPONENT_TYPES
from boomi_pulumi.emulator.seed import BadSeed, read_seed, rows, stable_id, write_seed
from tests.emulator.conftest import small_seed

if TYPE_CHECKING:
    from pathlib import Path

PRIMARY = "acmecorp-AB12CD"
SHARED = [{"component": "Acme/Orders/Sync", "version": "1.0", "shareable": True}]
RELEASED = {"component": "Acme/Orders/Sync", "released": "9.0"}
CLASSIFIED = {"classification": "x", "version": "1"}


def default_rows(kind: str) -> list[dict[str, Any]]:
    return [row for account, found, _, row in rows(default_seed()) if (account, found) == (PRIMARY, kind)]


def test_the_default_account_is_a_real_ones_size() -> None:
    components = {row["componentId"]: row for row in default_rows("ComponentMetadata")}.values()
    assert len(components) >= 290
    assert sum(row["type"] == "process" for row in components) > 120
    assert {row["type"] for row in components} == set(COMPONENT_TYPES)
    assert sum(row["deleted"] for row in components) >= 5
    assert sum("copiedFromComponentId" in row for row in components) >= 5
    assert len({row["name"] for row in components}) < len(components)
    assert len(default_rows("Folder")) >= 25
    assert len(default_rows("Branch")) == 3
    packages, deployments = default_rows("PackagedComponent"), default_rows("DeployedPackage")
    assert len(packages) >= 60
    assert any(row["deleted"] for row in packages)
    assert len(deployments) >= 80
    assert {row["active"] for row in deployments} == {True, False}
    active = [(row["environmentId"], row["componentId"]) for row in deployments if row["active"]]
    assert len(active) == len(set(active))


def test_the_default_account_has_its_two_landmarks() -> None:
    components = default_rows("ComponentMetadata")
    folders = {row["id"]: row["fullPath"] for row in default_rows("Folder")}
    deployed = {row["componentId"]: set[str]() for row in components}
    for row in default_rows("DeployedPackage"):
        if row["active"]:
            deployed[row["componentId"]].add(row["environmentId"])
    sync = [row for row in components if row["name"] == "Order Sync"]
    assert len(sync) >= 3
    assert {folders[row["folderId"]] for row in sync} == {"Acme/Sales/Orders"}
    assert len({row["componentId"] for row in sync}) == 1
    identifier = sync[0]["componentId"]
    assert identifier == stable_id(PRIMARY, "component", "Acme/Sales/Orders/Order Sync")
    versions = [row["packageVersion"] for row in default_rows("PackagedComponent") if row["componentId"] == identifier]
    assert versions == ["1.0", "1.1", "1.2"]
    assert not deployed[identifier]
    feed = next(row["componentId"] for row in components if row["name"] == "Inventory Feed")
    assert len(deployed[feed]) == 3


def test_the_default_account_publishes_packs_and_connectors() -> None:
    packs = {row["name"]: row for row in default_rows("PublisherIntegrationPack")}
    assert {name: (row["installationType"], len(row["components"])) for name, row in packs.items()} == {
        "Loyalty Starter": ("SINGLE", 2),
        "Retail Core": ("MULTI", 20),
        "Returns Add-on": ("MULTI", 3),
    }
    assert packs["Retail Core"]["id"] == stable_id(PRIMARY, "pack", "Retail Core")
    out = {name: {item["currentVersion"] for item in row["components"]} for name, row in packs.items()}
    assert out == {"Loyalty Starter": {"1.0"}, "Retail Core": {"1.0"}, "Returns Add-on": {""}}
    shown = {
        (found["classificationType"], found["visibility"], found["version"], len(row["versions"]))
        for row in default_rows("ConnectorGroup")
        for found in row["classifications"]
    }
    assert shown == {("acme-till-dev", "PRIVATE", "2", 4), ("acme-loyalty-prod", "PUBLIC", "3", 5)}


def test_the_default_packs_leave_the_other_objects_alone() -> None:
    packs = {item["componentId"] for row in default_rows("PublisherIntegrationPack") for item in row["components"]}
    assert not packs & {row["componentId"] for row in default_rows("DeployedPackage")}
    packages = [row for row in default_rows("PackagedComponent") if row["componentId"] in packs]
    assert len(packages) == 50
    assert {(row["packageVersion"], row["shareable"]) for row in packages} == {("1.0", True), ("1.1", True)}


def test_the_default_seed_is_the_same_every_time_and_as_a_file(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(write_seed(default_seed()), encoding="utf-8")
    assert rows(read_seed(file)) == rows(default_seed())


def test_every_date_of_the_default_account_lies_in_2026() -> None:
    for _, _, _, row in rows(default_seed()):
        for name, value in row.items():
            if name.endswith("Date"):
                assert "2026-01-01" <= value < "2026-11-01"


def test_a_seed_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    seed = small_seed() | {
        "settings": {"rateLimit": 3},
        "packages": [
            {"component": "Acme/Orders/Sync", "version": 1.5, "date": "2026-04-01T08:00:00Z", "revision": 1},
            {"component": "Acme/Orders/Api", "version": "v1", "shareable": True, "notes": "n"},
        ],
        "deployments": [
            {"component": "Acme/Orders/Sync", "package": 1.5, "environment": "Dev", "listenerStatus": "PAUSED"},
            {"component": "Acme/Orders/Sync", "package": 1.5, "environment": "Dev", "active": False},
        ],
    }
    text = yaml.safe_dump(seed).replace("'2026-04-01T08:00:00Z'", "2026-04-01T08:00:00Z")
    file.write_text(text, encoding="utf-8")
    with Emulator(file) as boomi:
        assert boomi.settings()["rateLimit"] == 3
        package = boomi.objects("PackagedComponent")[0]
        assert (package["packageVersion"], package["createdDate"]) == ("1.5", "2026-04-01T08:00:00Z")
        assert [row["active"] for row in boomi.objects("DeployedPackage")] == [True, False]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"colour": 1}, "colour"),
        ({"users": None}, "users"),
        ({"users": [{"name": "x"}]}, "token"),
        ({"users": [{"name": "x", "token": "y", "privileges": ["FLY"]}]}, "FLY"),
        ({"users": [{"name": "x", "token": "y"}] * 2}, "twice"),
        ({"account": {"id": "x", "color": "y"}}, "color"),
        ({"account": {"id": "x", "defaultBranch": "y"}}, "default branch"),
        ({"environments": [{"name": "x", "classification": "y"}]}, "classification"),
        ({"environments": [{"name": "x"}, {"name": "x"}]}, "twice"),
        ({"environments": {"name": "x"}}, "list"),
        ({"environments": ["x"]}, "mapping"),
        ({"components": [{"name": "x", "type": "y"}]}, "unknown type"),
        ({"components": [{"name": "x", "revisions": [{"at": "y"}]}]}, "at"),
        ({"components": [{"name": "x", "branch": "y"}]}, "branch y"),
        ({"components": [{"name": "x", "date": "today"}]}, "today"),
        ({"components": [{"type": "process"}]}, "name"),
        ({"components": [{"name": "x", "copiedFrom": {"component": "y"}}]}, "y does not exist"),
        ({"components": [{"name": "x", "id": "1"}, {"name": "y", "id": "1"}]}, "same id"),
        ({"packages": [{"component": "x", "version": "1"}]}, "x does not exist"),
        ({"packages": [{"component": "Acme/Map", "version": "1"}]}, "cannot be packaged"),
        ({"packages": [{"component": "Acme/Route", "version": "1", "revision": 9}]}, "revision 9"),
        ({"packages": [{"component": "Acme/Route", "version": "1"}] * 2}, "twice"),
        ({"deployments": [{"component": "x", "package": "1", "environment": "Dev"}]}, "package 1"),
        ({"folders": ["Elsewhere/x"]}, "Elsewhere"),
        ({"subaccounts": [{"environments": []}]}, "account"),
        ({"subaccounts": [{"account": {"id": "acme-1"}}]}, "same id"),
        ({"settings": [1]}, "settings"),
        ({"integrationPacks": [{}]}, "name"),
        ({"integrationPacks": [{"name": "x", "installationType": "y"}]}, "installationType"),
        ({"integrationPacks": [{"name": "x", "members": ["Acme/Orders/Sync"]}]}, "no shareable package$"),
        ({"integrationPacks": [{"name": "x", "members": ["y"]}]}, "y does not exist"),
        ({"integrationPacks": [{"name": "x", "members": [{"version": "1"}]}]}, "version"),
        ({"packages": SHARED, "integrationPacks": [{"name": "x", "members": [RELEASED]}]}, "shareable package 9.0"),
        ({"connectors": [{}]}, "groupType"),
        ({"connectors": [{"groupType": "x", "versions": 1, "classifications": [{}]}]}, "classification"),
        ({"connectors": [{"groupType": "x", "classifications": [CLASSIFIED | {"version": "2"}]}]}, "version 2"),
        ({"connectors": [{"groupType": "x", "classifications": [CLASSIFIED | {"visibility": "y"}]}]}, "visibility"),
    ],
)
def test_a_wrong_seed_is_told_in_one_line(change: dict[str, Any], word: str) -> None:
    with pytest.raises(BadSeed, match=word) as caught:
        rows(read_seed(small_seed() | change))
    assert "\n" not in str(caught.value)
