"""A running account taken over: `boomi-pulumi import`, `pulumi import --file`, and nothing is to change."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from boomi_pulumi.cli.commands import cli
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.default_account import default_seed
from boomi_pulumi.native.install import install, release
from tests.cli.spreadsheets import saved
from tests.conformance.account import declaring, environment
from tests.conformance.account import seed as account_seed
from tests.conformance.test_extensions import HOST, PASSWORD, by_hand
from tests.engine.project import Project, Stack

SCHEDULES = "ProcessSchedules"


def written(boomi: Emulator, *arguments: str) -> None:
    done = CliRunner().invoke(cli, ["import", *arguments], env=boomi.env, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert not [entry for entry in boomi.journal() if entry["verb"] in {"create", "update", "delete"}]


def taken(stack: Stack, count: int, file: str) -> None:
    """Import a stack and bring it up: nothing changes, with a refresh in between, and in Boomi."""
    assert len(json.loads((stack.folder / file).read_text(encoding="utf-8"))["resources"]) == count
    done = stack.run("import", "--file", file, "--protect=false", "--generate-code=false", "--yes")
    assert f"{count} imported" in done.output, done.output
    stack.run("up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes")
    assert stack.project.writes() == []


def reported(project: Project, folder: Path, *arguments: str) -> Any:
    """Return the report that compares the account with all stacks, as the command reads them by itself."""
    stacks = [f"--stack={stack.name}" for stack in project.stacks]
    done = CliRunner().invoke(
        cli,
        ["report", "--json", "--cwd", str(folder), *stacks, *arguments],
        env={key: value for key, value in project.stacks[0].env.items() if key != "PULUMI_CONFIG_PASSPHRASE"},
        catch_exceptions=False,
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def texts(report: Any) -> list[str]:
    found = [cell["findings"] for line in report["components"] for cell in line["environments"].values()]
    return [each["text"] for many in found for each in many]


def moved(boomi: Emulator) -> None:
    """Deploy to Production what Test runs of the feed, as a person does."""
    named = {row["name"]: row["id"] for row in boomi.objects("Environment")}
    runs = [row for row in boomi.objects("DeployedPackage") if row["active"]]
    (feed,) = [row["componentId"] for row in runs if row["environmentId"] == named["Production"]]
    (new,) = [row for row in runs if row["environmentId"] == named["Test"] and row["componentId"] == feed]
    boomi.console_deploy(named["Production"], new["packageId"], by="bob@acme.example")


@pytest.mark.engine
def test_a_running_account_is_taken_over_unchanged(tmp_path: Path) -> None:
    seed = default_seed()
    scheduled = {"dev": "Acme Dev Atom", "production": "Acme Production Molecule"}
    seed["schedules"] = [
        {"component": "Acme/Warehouse/Inventory/Inventory Feed", "runtime": each, "times": [{"minutes": "0-59/15"}]}
        for each in scheduled.values()
    ]
    with Emulator(seed, rate_limit=0) as boomi:
        project = Project(tmp_path, boomi, tokens={boomi.token})
        shop = tmp_path / "shop"
        names = ["Dev", "Test", "Production"]
        chosen = ["--component", "Warehouse/*", "--pack", "*", "--connector", "*"]
        written(boomi, "--out", str(shop), *chosen, *(f"--environment={name}" for name in names))
        with (shop / "components.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["name"]: row for row in csv.DictReader(file)}
        feed = rows["inventory-feed"]
        assert (feed["folder"], feed["dev"], feed["test"], feed["production"]) == (
            "Warehouse/Inventory",
            "version 1.2",
            "promote",
            "version 1.1",
        )
        before, times = boomi.objects("DeployedPackage"), boomi.objects(SCHEDULES)
        for name in ("dev", "test", "production"):
            stack = project.stack_in(shop, name)
            column = [row[name] for row in rows.values() if row[name]]
            count = sum(1 + (version != "promote") for version in column) + (name in scheduled)
            taken(stack, count, f"import/{name}.json")
            outputs = [row["outputs"] for row in stack.state() if "dynamic" in row["type"]]
            assert {each["adopted"] for each in outputs if "inWords" not in each} == {True}
            said = [each["inWords"] for each in outputs if "inWords" in each]
            words = f"every 15 minutes, every day, by the clock of {scheduled.get(name)}"
            assert said == [[words]] * (name in scheduled)
        counts = reported(project, shop, "--component", "Warehouse/*")["counts"]
        assert (counts["drift"], counts["unowned"]) == (0, 0)
        moved(boomi)
        report = reported(project, shop)
        assert report["counts"]["drift"] == 1
        assert report["counts"]["unowned"] == len(report["components"]) - len(rows)
        (found,) = [text for text in texts(report) if text.startswith("shop/")]
        assert found == "shop/production says 1.1, this was deployed by bob@acme.example"
        before = boomi.objects("DeployedPackage")
        for table in ("packs.csv", "components.csv"):
            # Sorted otherwise, and saved by a spreadsheet.
            head, *lines = (shop / table).read_text(encoding="utf-8").splitlines()
            text = "\n".join([head, *sorted(lines, key=lambda line: line[::-1]), ""])
            (shop / table).write_bytes(saved(text).encode())
        # Without a refresh before it.
        project.stacks[0].preview(None, "--expect-no-changes")
        taken(project.stack_in(shop, "account"), 4, "import/account.json")
        for stack in (project.stacks[0], project.stacks[-1]):
            stack.run("destroy", "--yes", "--skip-preview")
        assert (boomi.objects("DeployedPackage"), boomi.objects(SCHEDULES)) == (before, times)
        project.no_token()


def test_a_second_run_adds_what_is_new_and_keeps_what_people_changed(tmp_path: Path) -> None:
    with Emulator(rate_limit=0) as boomi:
        shop = tmp_path / "shop"
        written(boomi, "--out", str(shop), "--component", "Inventory Feed")
        (shop / "README.md").write_text("ours\n", encoding="utf-8")
        table = (shop / "components.csv").read_text(encoding="utf-8").replace("1.2", "1.3")
        (shop / "components.csv").write_text(table, encoding="utf-8")
        written(boomi, "--out", str(shop))
        assert (shop / "README.md").read_text(encoding="utf-8") == "ours\n"
        after = (shop / "components.csv").read_text(encoding="utf-8")
        assert after.startswith(table)
        assert len(after) > len(table)
        added = json.loads((shop / "import" / "dev.json").read_text(encoding="utf-8"))["resources"]
        assert added
        assert "inventory-feed" not in {each["name"] for each in added}
        before = json.loads((shop / "import" / "dev-1.json").read_text(encoding="utf-8"))["resources"]
        assert {each["name"] for each in before} == {"inventory-feed"}
        keys = [(each["type"], each["name"]) for each in added]
        assert len(keys) == len(set(keys))
        written(boomi, "--out", str(shop))
        assert (shop / "components.csv").read_text(encoding="utf-8") == after
        # What is not imported yet is still there to be imported.
        assert json.loads((shop / "import" / "dev.json").read_text(encoding="utf-8"))["resources"] == added


@pytest.mark.engine
def test_a_running_account_is_taken_over_by_programs_in_yaml(tmp_path: Path) -> None:
    seed = default_seed()
    # Names that YAML, or Pulumi, has another meaning for.
    names = {"Dev": "2024", "Test": "True", "Production": "Production"}
    for each in [*seed["environments"], *seed["deployments"]]:
        key = "name" if "classification" in each else "environment"
        each[key] = names[each[key]]
    seed["runtimes"] = [{"name": "Atom", "attachedTo": ["True"]}]
    path = "Acme/Warehouse/Inventory/Inventory Feed"
    seed["schedules"] = [{"component": path, "runtime": "Atom", "times": [{"minutes": "010"}], "enabled": False}]
    for title, version in {"2nd: Upstream ${Sync}": "${1.10}", "Pulumi": "010"}.items():
        seed["components"].append({"name": title, "type": "process", "folder": "Acme/Warehouse/Shipping"})
        path = f"Acme/Warehouse/Shipping/{title}"
        seed["packages"].append({"component": path, "version": version})
        for name in ("2024", "True"):
            seed["deployments"].append({"component": path, "package": version, "environment": name})
    with Emulator(seed, rate_limit=0) as boomi:
        project = Project(tmp_path, boomi, tokens={boomi.token})
        shop = tmp_path / "shop"
        chosen = ["--component", "Warehouse/*", "--pack", "*", "--connector", "*", "--language", "yaml"]
        written(boomi, "--out", str(shop), *chosen, "--environment=2024", "--environment=True")
        install(release(), str(shop / "boomi-plugin"))
        for name, count in {"2024": 8, "true": 6, "account": 4}.items():
            stack = project.stack_in(shop / name, name)
            stack.project_name = "shop"
            taken(stack, count, "import.json")
        state = [row for row in project.stacks[1].state() if "boomi:index" in row["type"]]
        assert [row["outputs"]["adopted"] for row in state if not row["type"].endswith(SCHEDULES)] == [True] * 5
        before, times = boomi.objects("DeployedPackage"), boomi.objects(SCHEDULES)
        project.stacks[1].run("destroy", "--yes", "--skip-preview")
        assert (boomi.objects("DeployedPackage"), boomi.objects(SCHEDULES)) == (before, times)
        project.no_token()


@pytest.mark.engine
@pytest.mark.parametrize("language", ["python", "yaml"])
def test_values_are_taken_over_unchanged_and_their_secrets_are_sent_once(language: str, tmp_path: Path) -> None:
    with Emulator(account_seed(), rate_limit=0) as boomi:
        declaring(boomi)
        by_hand(boomi, HOST, "db.test")
        by_hand(boomi, "properties/DPP_MODE", "1.10")
        by_hand(boomi, PASSWORD, "forgotten")
        boomi.clear_journal()
        project, shop = Project(tmp_path, boomi, tokens={boomi.token}), tmp_path / "shop"
        written(boomi, "--out", str(shop), "--language", language, "--environment", "Test")
        folder = shop if language == "python" else shop / "test"
        if language == "yaml":
            install(release(), str(shop / "boomi-plugin"))
        stack = project.stack_in(folder, "test")
        # A secret that looks like a number stays a text.
        key = ["ordersDBPassword"] if language == "python" else ["--path", "secrets.ordersDBPassword"]
        stack.run("config", "set", "--secret", *key, "007")
        file = "import/test.json" if language == "python" else "import.json"
        stack.run("import", "--file", file, "--protect=false", "--generate-code=false", "--yes")
        seen = stack.preview(None)
        assert seen.says(f"{PASSWORD}: a secret is set", "every listener of Test restarts")
        assert seen.steps == {"update EnvironmentExtensions values"}
        stack.run("up", "--yes", "--skip-preview")
        assert [row["object"] for row in project.writes()] == ["EnvironmentExtensions"]
        assert "007" in boomi.extension_values(environment(boomi)).values()
        stack.run("up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes")
        assert '"007"' not in stack.run("stack", "export").output
