"""`boomi-pulumi import`: what it costs, what it names, and what it says of what cannot be taken over."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from boomi_pulumi.api.answers import Missing
from boomi_pulumi.api.client import Client
from boomi_pulumi.api.models import RELEASE, DeployedPackage, PackagedComponent
from boomi_pulumi.cli.account import Counter, connect
from boomi_pulumi.cli.commands import cli
from boomi_pulumi.cli.inventory import _reason
from boomi_pulumi.emulator import Emulator
from tests.cli.conftest import Run

NAMES = ("Dev", "Test", "Production")


def large(count: int) -> dict[str, Any]:
    """Return an account where so many components run in three environments, a third of them under one name."""
    names = [f"Sync {number if number % 3 else 0}" for number in range(count)]
    return {
        "account": {"id": "acme-1", "name": "Acme"},
        "users": [
            {
                "name": "pulumi@acme.example",
                "token": "0badc0de-token",
                "privileges": ["API", "PACKAGE_MANAGEMENT", "DEPLOY", "ATOM_MANAGEMENT", "BUILD"],
            }
        ],
        "environments": [{"name": name, "classification": "TEST"} for name in NAMES],
        "folders": [f"Acme/F{number}" for number in range(count)],
        "components": [
            {"name": name, "folder": f"Acme/F{number}", "id": f"c{number}"} for number, name in enumerate(names)
        ],
        "packages": [{"component": f"Acme/F{number}/{name}", "version": "1.0"} for number, name in enumerate(names)],
        "deployments": [
            {"component": f"Acme/F{number}/{name}", "package": "1.0", "environment": environment}
            for environment in NAMES
            for number, name in enumerate(names)
        ],
    }


def test_five_hundred_components_in_three_environments_cost_few_requests(tmp_path: Path) -> None:
    with Emulator(large(500), rate_limit=0) as boomi:
        done = CliRunner().invoke(
            cli,
            ["import", "--json", "--out", str(tmp_path / "shop"), *(f"--environment={name}" for name in NAMES)],
            env={**boomi.env, "BOOMI_RATE_LIMIT": "0"},
            catch_exceptions=False,
        )
        assert done.exit_code == 0, done.output
        said = json.loads(done.stdout)
        assert said["requests"] == len(boomi.journal()) <= 60
        assert said["stacks"] == {"dev": 1000, "test": 500, "production": 500}
    with (tmp_path / "shop" / "components.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["name"] for row in rows}) == 500
    named = {row["id"]: row["name"] for row in rows}
    assert (named["c1"], named["c3"], named["c6"]) == ("sync-1", "sync-0-f3", "sync-0-f6")
    assert {(row["dev"], row["test"], row["production"]) for row in rows} == {("1.0", "promote", "promote")}


@pytest.mark.parametrize(
    ("count", "package", "words"),
    [
        (
            2,
            PackagedComponent(package_id="p", component_id="c", package_version="1"),
            "2 of its deployments are active",
        ),
        (1, Missing("p", "it is not there"), "its package p cannot be read"),
        (1, PackagedComponent(package_id="p", component_id="c", package_version="1", deleted=True), "was deleted"),
        (1, PackagedComponent(package_id="p", component_id="c"), "no version of its package"),
        (1, PackagedComponent(package_id="p", component_id="c", package_version="1"), None),
    ],
)
def test_what_cannot_be_taken_over_is_told_with_the_reason(count: int, package: Any, words: str | None) -> None:
    reason = _reason([DeployedPackage(deployment_id="d", package_id="p")] * count, package)
    assert (words in reason) if words and reason else (reason is None and words is None)


def test_what_the_check_refuses_is_left_out_with_its_reason_and_the_rest_is_taken(tmp_path: Path) -> None:
    account = large(3)
    for row in [*account["packages"], *account["deployments"]]:
        if row["component"].startswith("Acme/F1/"):
            row["version" if "version" in row else "package"] = "promote"
    with Emulator(account, rate_limit=0) as boomi:
        done = CliRunner().invoke(
            cli, ["import", "--json", "--out", str(tmp_path / "shop")], env=boomi.env, catch_exceptions=False
        )
    said = json.loads(done.stdout)
    assert done.exit_code == 1
    assert {(each["component"], each["environment"]) for each in said["left_out"]} == {
        ("Sync 1", name) for name in NAMES
    }
    assert all("which means another thing here" in each["reason"] for each in said["left_out"])
    assert "sync-1," not in (tmp_path / "shop" / "components.csv").read_text(encoding="utf-8")
    assert sorted(said["stacks"].values()) == [2, 2, 4]


def test_an_environment_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    done = run("import", "--out", str(tmp_path / "shop"), "--environment", "Moon")
    assert done.exit_code == 2
    assert "There is no environment 'Moon'. There are: Production, Test." in done.stderr
    assert not (tmp_path / "shop").exists()


def test_a_table_of_somebody_else_is_left_alone(run: Run, boomi: Emulator, tmp_path: Path) -> None:
    (tmp_path / "components.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = run("import", "--out", str(tmp_path))
    assert done.exit_code == 2
    assert "is no table of this command" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["components.csv"]
    assert not [entry for entry in boomi.journal() if entry["committed"]]


def imported(boomi: Emulator, out: Path, *arguments: str) -> Any:
    done = CliRunner().invoke(
        cli, ["import", "--json", "--out", str(out), *arguments], env=boomi.env, catch_exceptions=False
    )
    assert not [entry for entry in boomi.journal() if entry["committed"]]
    return json.loads(done.stdout)


def test_packs_and_connectors_are_taken_and_a_pending_release_is_told(boomi: Emulator, tmp_path: Path) -> None:
    said = imported(boomi, tmp_path / "shop", "--pack", "*", "--connector", "*")
    assert said["stacks"] == {"account": 4}
    assert said["notes"] == ["The pack Solo is left out: nothing of it is released."]
    assert said["left_out"] == []
    packs = (tmp_path / "shop" / "packs.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[:4] for row in packs[1:]] == [
        ["shop", "Shop", name, "1.0"] for name in ("Loyalty", "Returns")
    ]
    again = imported(boomi, tmp_path / "shop", "--pack", "*", "--connector", "*")
    assert again["stacks"]["account"] == 0
    assert (tmp_path / "shop" / "packs.csv").read_text(encoding="utf-8").splitlines() == packs
    assert imported(boomi, tmp_path / "till", "--connector", "Till")["stacks"]["account"] == 1


def test_a_pending_release_is_left_out_with_the_reason(boomi: Emulator, tmp_path: Path) -> None:
    (pack,) = [row for row in boomi.objects("PublisherIntegrationPack") if row["name"] == "Shop"]
    member = pack["PublisherPackagedComponents"]["PublisherPackagedComponent"][0]
    body = {
        "id": pack["id"],
        "releaseSchedule": "RELEASE_ON_SPECIFIED_DATE",
        "releaseOnDate": "2099-01-01",
        "ReleasePackagedComponents": {
            "ReleasePackagedComponent": [{"componentId": member["componentId"], "version": "1.1"}]
        },
    }
    client = connect(Counter(), Client, env=boomi.env)
    client.create(RELEASE, body, "Releasing", {"id": pack["id"]})
    client.close()
    boomi.clear_journal()
    (left,) = imported(boomi, tmp_path / "shop", "--pack", "*")["left_out"]
    assert left["component"] == "pack Shop"
    assert left["reason"].startswith("a release is pending (")


def test_who_may_not_read_packs_and_connectors_is_told_and_takes_the_rest(tmp_path: Path) -> None:
    with Emulator(large(2), rate_limit=0) as boomi:
        said = imported(boomi, tmp_path / "shop")
    assert sorted(said["stacks"].values()) == [2, 2, 4]
    assert [note.partition(" is left out")[0] for note in said["notes"]] == [
        "PublisherIntegrationPack",
        "ConnectorGroup",
    ]


def test_yaml_that_people_changed_stays_and_what_is_new_is_written_beside_it(tmp_path: Path) -> None:
    with Emulator(large(3), rate_limit=0) as boomi:
        shop = tmp_path / "shop"
        imported(boomi, shop, "--language", "yaml", "--component", "Sync 1")
        program = shop / "dev" / "Pulumi.yaml"
        program.write_text(f"# ours\n{program.read_text(encoding='utf-8')}", encoding="utf-8")
        before = {file: file.read_bytes() for file in shop.rglob("Pulumi*.yaml")}
        assert imported(boomi, shop, "--language", "yaml")["stacks"] == {"dev": 4, "production": 2, "test": 2}
        assert {file: file.read_bytes() for file in shop.rglob("Pulumi*.yaml")} == before
        added = yaml.safe_load((shop / "dev" / "added.yaml").read_text(encoding="utf-8"))
        assert list(added["resources"]) == ["sync-0_package", "sync-0", "sync-2_package", "sync-2"]
        (shop / "test" / "Pulumi.yaml").write_text("a: [", encoding="utf-8")
        done = CliRunner().invoke(cli, ["import", "--out", str(shop), "--language", "yaml"], env=boomi.env)
        assert done.exit_code == 2
        assert "is no YAML" in done.stderr
