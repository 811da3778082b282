"""`boomi-pulumi import`: what it costs, what it names, and what it says of what cannot be taken over."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.models import ENVIRONMENT, RELEASE, DeployedPackage, PackagedComponent
from boomi_pulumi.cli.account import Counter, connect
from boomi_pulumi.cli.commands import cli
from boomi_pulumi.cli.inventory import _reason
from boomi_pulumi.emulator import Emulator
from tests.cli.accounts import grid
from tests.cli.conftest import Run

NAMES = ("Dev", "Test", "Production")


def large(count: int) -> dict[str, Any]:
    """Return an account where so many components run in three environments, a third of them under one name."""
    names = [f"Sync {number if number % 3 else 0}" for number in range(count)]
    return grid(names, dict.fromkeys(NAMES, "1.0"), ["1.0"])


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
    assert {(row["dev"], row["test"], row["production"]) for row in rows} == {("version 1.0", "promote", "promote")}


def old(settings: dict[str, Any], count: int = 1) -> Emulator:
    """Run an account that deployed before it had packages; what runs by both objects was converted."""
    document = grid([f"Sync {number}" for number in range(count + 1)], {"Dev": "1.0", "Test": "1.0"}, ["1.0"])
    kept = [each for each in document["deployments"] if each["component"] == "Acme/F0/Sync 0"]
    first, second = "Acme/F0/Sync 0", [f"Acme/F{number}/Sync {number}" for number in range(1, count + 1)]
    document["deployments"] = kept
    document["legacyDeployments"] = [
        {"component": first, "environment": "Dev"},
        *({"component": each, "environment": "Dev"} for each in second),
        {"component": second[0], "environment": "Test", "current": False},
    ]
    return Emulator(document, rate_limit=0, **settings)


@pytest.mark.parametrize("command", ["report", "import"])
def test_what_ran_before_there_were_packages_is_named(command: str, tmp_path: Path) -> None:
    out = ["--out", str(tmp_path / "shop")] if command == "import" else []
    with old({"deprecated": ["Deployment"]}) as boomi:

        def run(*more: str) -> Result:
            return CliRunner().invoke(cli, [command, *out, *more], env=boomi.env, catch_exceptions=False)

        done = run("--json")
        asked = [entry for entry in boomi.journal() if entry["object"] == "Deployment"]
        assert len(asked) == 1
        assert "Sync 1" in run("--environment", "Dev").output
        assert "Sync 1" not in run("--environment", "Test").output
        assert "Sync 1" not in run("--component", "Sync 0").output
        assert "Sync 1" in run("--component", "Sync 1").output
    said = json.loads(done.stdout)
    assert [(each["component"], each["environment"]) for each in said["left_out"]] == [("Sync 1", "Dev")]
    assert "legacy deployment" in said["left_out"][0]["reason"]
    assert done.exit_code == (1 if command == "import" else 0)
    assert done.stderr == ""


@pytest.mark.parametrize("command", ["report", "import"])
def test_who_may_not_read_legacy_deployments_is_told_so(command: str, tmp_path: Path) -> None:
    out = ["--out", str(tmp_path / "shop")] if command == "import" else []
    with old({"missingFeatures": ["Deployment"]}) as boomi:
        done = CliRunner().invoke(cli, [command, *out, "--json"], env=boomi.env, catch_exceptions=False)
    said = json.loads(done.stdout)
    assert done.exit_code == 0
    known = [note for note in said["notes"] if note.startswith("Whether anything runs by a legacy deployment is not")]
    assert len(known) == 1


def test_the_first_hundred_legacy_deployments_are_looked_at() -> None:
    with old({}, 120) as boomi:
        done = CliRunner().invoke(cli, ["report", "--json"], env=boomi.env, catch_exceptions=False)
        assert len([entry for entry in boomi.journal() if entry["object"] == "Deployment"]) == 1
    said = json.loads(done.stdout)
    assert len(said["left_out"]) == 99
    assert said["notes"] == ["Of the legacy deployments, the first 100 were looked at; there may be more."]


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
        (1, PackagedComponent(package_id="p", component_id="c"), "does not tell the version of its package"),
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
        ["shop", "Shop", name, "version 1.0"] for name in ("Loyalty", "Returns")
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
        assert list(added["resources"]) == [
            "sync-0_package",
            "sync-0_deployment",
            "sync-2_package",
            "sync-2_deployment",
        ]
        (shop / "test" / "Pulumi.yaml").write_text("a: [", encoding="utf-8")
        done = CliRunner().invoke(cli, ["import", "--out", str(shop), "--language", "yaml"], env=boomi.env)
        assert done.exit_code == 2
        assert "is no YAML" in done.stderr


def table(shop: Path) -> dict[str, dict[str, str]]:
    with (shop / "components.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def config(shop: Path, stack: str) -> dict[str, Any]:
    found = yaml.safe_load((shop / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]
    return {key.partition(":")[2]: value for key, value in found.items()}


def test_an_environment_that_comes_later_never_changes_what_a_stack_promotes_from(tmp_path: Path) -> None:
    account = large(1)
    account["packages"].append({"component": "Acme/F0/Sync 0", "version": "2.0"})
    for row in account["deployments"]:
        row["package"] = "1.0" if row["environment"] == "Dev" else "2.0"
    shop = tmp_path / "shop"
    with Emulator(account, rate_limit=0) as boomi:
        imported(boomi, shop, "--environment=Dev", "--environment=Production")
        said = imported(boomi, shop, *(f"--environment={name}" for name in NAMES))
    assert said["stacks"] == {"dev": 0, "production": 0, "test": 2}
    assert (config(shop, "production")["promoteFrom"], config(shop, "test")["promoteFrom"]) == ("dev", "dev")
    assert {stack: table(shop)["c0"][stack] for stack in ("dev", "test", "production")} == {
        "dev": "version 1.0",
        "test": "version 2.0",
        "production": "version 2.0",
    }


def test_a_stack_stays_with_its_environment_whatever_that_is_called(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    account = large(1)
    for row in [*account["environments"], *account["deployments"]]:
        key = "name" if "classification" in row else "environment"
        row[key] = {"Dev": "Test", "Test": "TEST", "Production": "Account"}[row[key]]
    with Emulator(account, rate_limit=0) as boomi:
        imported(boomi, shop, "--environment=Test")
        said = imported(boomi, shop, *(f"--environment={name}" for name in ("TEST", "Account", "Test")))
        ids = {row["name"]: row["id"] for row in boomi.objects("Environment")}
        (other,) = [each for each in said["stacks"] if each.startswith("test-")]
        assert config(shop, "test")["environmentId"] == ids["Test"]
        assert config(shop, other)["environmentId"] == ids["TEST"]
        (first,) = [row for row in boomi.objects("Environment") if row["name"] == "Test"]
        client = connect(Counter(), Client, env=boomi.env)
        client.update(ENVIRONMENT, first["id"], {"id": first["id"], "name": "Renamed"}, "Renaming")
        client.close()
        boomi.clear_journal()
        assert imported(boomi, shop, "--environment=Renamed")["stacks"] == {"test": 0}
    assert "account" not in said["stacks"]


def test_names_that_yaml_reads_otherwise_stay_texts(tmp_path: Path) -> None:
    account = large(1)
    for row in [*account["environments"], *account["deployments"]]:
        key = "name" if "classification" in row else "environment"
        row[key] = {"Dev": "Null", "Test": "010", "Production": "2024-01-01"}[row[key]]
    shop = tmp_path / "2024"
    with Emulator(account, rate_limit=0) as boomi:
        imported(boomi, shop, *(f"--environment={name}" for name in ("Null", "010", "2024-01-01")))
    assert yaml.safe_load((shop / "Pulumi.yaml").read_text(encoding="utf-8"))["name"] == "2024"
    assert config(shop, "010")["promoteFrom"] == "null"
    assert config(shop, "2024-01-01")["promoteFrom"] == "010"
    assert config(shop, "2024-01-01")["environment"] == "2024-01-01"


def test_a_table_that_people_edited_is_read_as_a_spreadsheet_writes_it(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    with Emulator(large(3), rate_limit=0) as boomi:
        imported(boomi, shop, "--component", "Sync 1", "--component", "Sync 2", "--environment=Dev")
        file = shop / "components.csv"
        rows = table(shop).values()
        lines = ["id;folder".replace(";", ",") + ",dev,name,component,owner"]
        lines += [f"{row['id']},{row['folder']},-,{row['name']},{row['component']},ann" for row in rows]
        file.write_bytes(("\r\n".join(lines) + "\r\n").encode("utf-8-sig"))
        assert imported(boomi, shop, "--environment=Dev")["stacks"] == {"dev": 2}
        assert {id_: (row["dev"], row["owner"]) for id_, row in table(shop).items()} == {
            "c1": ("-", "ann"),
            "c2": ("-", "ann"),
            "c0": ("version 1.0", ""),
        }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,component,folder,id\nx,X,F,c1\ny,Y,F,c1\n", "row 3 has no id of its own"),
        (b"name,component,folder,id\nx,X,F,\n", "row 2 has no id of its own"),
        (b"name,component,folder,id\nx,X,F,c1,1.0,note\n", "row 2 has more cells than columns"),
        (b"name,component,folder,id\nx,\xff,F,c1\n", "it is no UTF-8 text"),
        (b"price,amount\n", "is no table of this command"),
    ],
)
def test_a_table_that_cannot_be_kept_as_it_is_is_refused(content: bytes, words: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "components.csv"
    file.write_bytes(content)
    done = run("import", "--out", str(tmp_path))
    assert done.exit_code == 2
    assert words in done.stderr
    assert file.read_bytes() == content
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_of_another_project_or_language_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "Pulumi.yaml").write_text("name: shop\nruntime: nodejs\n", encoding="utf-8")
    assert run("import", "--out", str(tmp_path / "python"), "--component", "Sync").exit_code == 2, "nothing runs"
    for how, out, words in (
        ("python", "node", "holds another project"),
        ("yaml", "node", "holds another project"),
    ):
        done = run("import", "--out", str(tmp_path / out), "--language", how)
        assert (done.exit_code, words in done.stderr) == (2, True), done.stderr
    with Emulator(large(1), rate_limit=0) as boomi:
        for language, other in (("python", "yaml"), ("yaml", "python")):
            shop = tmp_path / language
            imported(boomi, shop, "--language", language)
            done = CliRunner().invoke(cli, ["import", "--out", str(shop), "--language", other], env=boomi.env)
            assert (done.exit_code, "holds " in done.stderr) == (2, True), done.output
            done = CliRunner().invoke(
                cli, ["import", "--out", str(shop), "--language", language, "--own"], env=boomi.env
            )
            assert (done.exit_code, "was written without --own" in done.stderr) == (2, True), done.output


def test_a_pattern_that_meets_nothing_is_refused_and_brackets_are_themselves(tmp_path: Path) -> None:
    account = large(2)
    for row in [*account["components"], *account["packages"], *account["deployments"]]:
        for key in ("name", "component"):
            row[key] = row[key].replace("Sync 1", "Sync [EU]") if key in row else None
            row.pop(key) if row[key] is None else None
    with Emulator(account, rate_limit=0) as boomi:
        assert sum(imported(boomi, tmp_path / "shop", "--component", "*/Sync [eu]")["stacks"].values()) == 4
        for wrong in ("Typo", "", "Sync [E]"):
            done = CliRunner().invoke(
                cli, ["import", "--out", str(tmp_path / "no"), "--component", wrong], env=boomi.env
            )
            assert (done.exit_code, "matches none of the 2 that there are" in done.stderr) == (2, True), done.output
    assert not (tmp_path / "no").exists()


def test_without_the_right_to_read_packages_or_folders_the_rest_is_told(tmp_path: Path) -> None:
    account = large(1)
    account["users"][0]["privileges"] = ["API", "DEPLOY", "ATOM_MANAGEMENT"]
    with Emulator(account, rate_limit=0) as boomi:
        said = imported(boomi, tmp_path / "shop")
    assert all("cannot be read" in each["reason"] for each in said["left_out"])
    assert len(said["left_out"]) == len(NAMES)
    assert any(note.startswith("This user cannot read PackagedComponent (") for note in said["notes"])
