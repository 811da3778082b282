"""A running account taken over: `boomi-pulumi import`, `pulumi import --file`, and nothing is to change."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from boomi_pulumi.cli.commands import cli
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.retailer import default_seed
from tests.engine.project import Project, Stack

pytestmark = pytest.mark.engine


def written(boomi: Emulator, *arguments: str) -> None:
    done = CliRunner().invoke(cli, ["import", *arguments], env=boomi.env, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert not [entry for entry in boomi.journal() if entry["verb"] in {"create", "update", "delete"}]


def taken(stack: Stack, count: int) -> None:
    """Import a stack and bring it up: nothing changes, before a refresh, after one and in Boomi."""
    file = f"import/{stack.name}.json"
    assert len(json.loads((stack.folder / file).read_text(encoding="utf-8"))["resources"]) == count
    done = stack.run("import", "--file", file, "--protect=false", "--generate-code=false", "--yes")
    assert f"{count} imported" in done.output, done.output
    stack.preview(None, "--expect-no-changes")
    stack.run("up", "--yes", "--skip-preview", "--expect-no-changes")
    stack.preview(None, "--refresh", "--expect-no-changes")
    assert stack.project.writes() == []


def test_a_running_account_is_taken_over_unchanged(tmp_path: Path) -> None:
    seed = default_seed()
    with Emulator(seed, rate_limit=0) as boomi:
        project = Project(tmp_path, boomi, tokens={boomi.token})
        shop = tmp_path / "shop"
        names = ["Dev", "Test", "Production"]
        written(boomi, "--out", str(shop), "--component", "Warehouse/*", *(f"--environment={name}" for name in names))
        with (shop / "components.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["name"]: row for row in csv.DictReader(file)}
        feed = rows["inventory-feed"]
        assert (feed["folder"], feed["dev"], feed["test"], feed["production"]) == (
            "Warehouse/Inventory",
            "1.2",
            "promote",
            "1.1",
        )
        before = boomi.objects("DeployedPackage")
        for name in ("dev", "test", "production"):
            stack = project.stack_in(shop, name)
            column = [row[name] for row in rows.values() if row[name]]
            taken(stack, sum(1 + (version != "promote") for version in column))
            assert {row["outputs"].get("adopted") for row in stack.state() if "dynamic" in row["type"]} == {True}
        for stack in reversed(project.stacks):
            stack.run("destroy", "--yes", "--skip-preview")
        assert boomi.objects("DeployedPackage") == before
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
        keys = [(each["type"], each["name"]) for each in added]
        assert len(keys) == len(set(keys))
        written(boomi, "--out", str(shop))
        assert (shop / "components.csv").read_text(encoding="utf-8") == after
        assert json.loads((shop / "import" / "dev.json").read_text(encoding="utf-8"))["resources"] == []
