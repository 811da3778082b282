"""Schedules in an imported project: what is taken, what the program declares, and that nothing is to change."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from click.testing import CliRunner

from boomi_pulumi.cli.commands import cli
from boomi_pulumi.emulator import Emulator
from tests.cli.conftest import Run
from tests.cli.spreadsheets import saved, seen
from tests.cli.test_import_tables import environment as config_of_stack
from tests.cli.test_import_tables import ran, rows
from tests.conformance.account import component, deployed, listener, runtime, seed
from tests.driver import Driver, Resource, State, Stored
from tests.native_driver import NativeDriver

KIND = "ProcessSchedules"
EACH = dict.fromkeys(("minutes", "hours", "daysOfWeek", "daysOfMonth", "months", "years"), "*")
NIGHTLY, MINUTELY = {**EACH, "minutes": "30", "hours": "2"}, EACH
OFTEN = {**EACH, "minutes": "0-59/15", "hours": "8-18", "daysOfWeek": "2-6"}
RETRY = {"maxRetry": 3, "Schedule": [{"minutes": "0"}]}
LANGUAGES = ["python", "yaml"]


@pytest.fixture
def shop(boomi: Emulator) -> Emulator:
    """An account with two scheduled processes, one of them stopped and with a retry, and two that are not scheduled."""
    for name in ("Sync", "Feed"):
        deployed(boomi, name)
    deployed(boomi, "Feed", "Production")
    listener(boomi)
    boomi.save_schedules(component(boomi), runtime(boomi), [NIGHTLY, OFTEN, MINUTELY, NIGHTLY], RETRY)
    boomi.stop_schedules(runtime(boomi), component(boomi))
    boomi.save_schedules(component(boomi, "Feed"), runtime(boomi, "prod-1"), [NIGHTLY])
    boomi.clear_journal()
    return boomi


def imported(boomi: Emulator, out: Path, language: str = "python", *more: str) -> Any:
    """Return what the command says."""
    arguments = ["import", "--json", "--out", str(out), "--language", language, *more]
    done = CliRunner().invoke(cli, arguments, env={**boomi.env, "BOOMI_RATE_LIMIT": "0"}, catch_exceptions=False)
    assert not [entry for entry in boomi.journal() if entry["committed"]]
    return json.loads(done.stdout)


def states(out: Path, language: str, stack: str = "test") -> dict[str, Any]:
    """Return name -> state of the schedules of a stack."""
    file = out / (f"import/{stack}.json" if language == "python" else f"{stack}/import.json")
    if not file.exists():
        return {}
    found = json.loads(file.read_text(encoding="utf-8"))["resources"]
    return {row["name"]: row for row in found if row["type"].endswith(KIND)}


def as_dev(out: Path) -> None:
    """Let the program of Test run in this process, which is of the stack `dev`."""
    text = (out / "components.csv").read_text(encoding="utf-8")
    (out / "components.csv").write_text(text.replace(",test,", ",dev,", 1), encoding="utf-8")


def declared(boomi: Emulator, out: Path, language: str) -> dict[str, dict[str, Any]]:
    """Return name -> what the written program declares of schedules in Test."""
    if language == "yaml":
        program = yaml.safe_load((out / "test" / "Pulumi.yaml").read_text(encoding="utf-8"))["resources"]
        return {row["name"]: row["properties"] for row in program.values() if row["type"].endswith(KIND)}
    as_dev(out)
    made = ran(boomi, out, config_of_stack(boomi, "Test")).every
    wanted = ("processId", "atomId", "schedules", "enabled", "retry")
    return {
        name: {key: each.inputs[key] for key in wanted if key in each.inputs}
        for name, each in made
        if each.kind.endswith(KIND)
    }


def taken_over(boomi: Emulator, language: str, row: dict[str, Any]) -> Driver:
    """Return an engine whose state holds what `pulumi import` was given."""
    driver = (Driver if language == "python" else NativeDriver)(boomi.env, stack="test", project="shop")
    name = str(row["name"])
    driver.state = State({name: Stored(KIND, row["id"], row["inputs"], row["outputs"], name=name)})
    return driver


def test_schedules_of_what_is_deployed_are_taken_and_pairs_without_any_are_not(shop: Emulator, tmp_path: Path) -> None:
    said = imported(shop, tmp_path / "shop")
    assert said["stacks"] == {"test": 6 + 1, "production": 1 + 1, "account": 4}
    assert said["left_out"] == []
    (note,) = [each for each in said["notes"] if "schedules" in each]
    assert note.startswith("Stopped, and left so: the schedules of Sync on test-1. The program says when they run, and")
    table = rows(tmp_path / "shop" / "schedules.csv")
    assert [tuple(row.values())[:5] for row in table] == [
        ("sync", "Sync", "Test", "test-1", "minutes=*"),
        ("sync", "Sync", "Test", "test-1", "minutes=0-59/15; hours=8-18; daysOfWeek=mon-fri"),
        ("sync", "Sync", "Test", "test-1", "minutes=30; hours=2"),
        ("feed", "Feed", "Production", "prod-1", "minutes=30; hours=2"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("own", [False, True], ids=["adopted", "own"])
@pytest.mark.parametrize("switch", [{}, {"scheduleForm": "expanded", "scheduleIds": "opaque"}], ids=["plain", "other"])
def test_after_an_import_nothing_is_to_change_and_a_destroy_leaves_what_was_there(
    switch: dict[str, Any], own: bool, language: str, shop: Emulator, tmp_path: Path
) -> None:
    shop.settings(**switch)
    out, before = tmp_path / "shop", shop.objects(KIND)
    imported(shop, out, language, *(["--own"] if own else []))
    (row,) = states(out, language).values()
    program = declared(shop, out, language)
    assert program.keys() == {"sync"}
    assert program["sync"].keys() == {"processId", "atomId", "schedules"}, "a stop and a retry are nobody's"
    with taken_over(shop, language, row) as driver:
        it = Resource("sync", KIND, program["sync"])
        assert [each.act for each in driver.preview(it)] == ["same"]
        driver.refresh()
        assert [each.act for each in driver.up(it)] == ["same"]
        assert driver.shown["sync"]["inWords"][-1] == "at 02:30, every day, by the clock of test-1"
        driver.destroy()
    after = shop.objects(KIND)
    assert (after == before) is not own
    of_sync = next(each for each in after if each["processId"] == component(shop))
    assert (of_sync["enabled"], of_sync["Retry"]["maxRetry"]) == (False, 3), "which it never was of the stack"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_stack_writes_from_then_on_is_its_own(language: str, shop: Emulator, tmp_path: Path) -> None:
    out = tmp_path / "shop"
    imported(shop, out, language)
    (row,) = states(out, language).values()
    program = declared(shop, out, language)["sync"]
    with taken_over(shop, language, row) as driver:
        driver.up(Resource("sync", KIND, {**program, "schedules": [{"minutes": "0"}]}))
        (kept,) = [each for each in shop.objects(KIND) if each["processId"] == component(shop)]
        assert (len(kept["Schedule"]), kept["enabled"], kept["Retry"]["maxRetry"]) == (1, False, 3)
        driver.destroy()
    (kept,) = [each for each in shop.objects(KIND) if each["processId"] == component(shop)]
    assert kept["Schedule"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_import_adds_what_is_scheduled_since_and_keeps_what_is_there(
    language: str, shop: Emulator, tmp_path: Path
) -> None:
    out = tmp_path / "shop"
    imported(shop, out, language)
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    shop.save_schedules(component(shop), runtime(shop), [NIGHTLY])
    shop.clear_journal()
    assert set(imported(shop, out, language)["stacks"].values()) == {0}
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before
    shop.save_schedules(component(shop, "Feed"), runtime(shop), [NIGHTLY])
    shop.clear_journal()
    assert imported(shop, out, language)["stacks"] == {"test": 1, "production": 0, "account": 0}
    assert states(out, language).keys() == {"feed"}
    if language == "python":
        assert (out / "schedules.csv").read_bytes().startswith(before[out / "schedules.csv"])
    else:
        added = yaml.safe_load((out / "test" / "added.yaml").read_text(encoding="utf-8"))
        assert added["resources"].keys() == {"feed_schedules"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_runtime_has_its_own_and_one_of_two_environments_is_in_the_first_alone(
    language: str, tmp_path: Path
) -> None:
    account, out = seed(), tmp_path / "shop"
    account["runtimes"] = [
        {"id": "a-1", "name": "Atom", "attachedTo": ["Test"]},
        {"id": "a-2", "name": "Atom", "attachedTo": ["Test"]},
        {"id": "a-3", "name": "Both!", "attachedTo": ["Test", "Production"]},
    ]
    with Emulator(account, rate_limit=0) as boomi:
        for place in ("Test", "Production"):
            deployed(boomi, "Sync", place)
        for each in ("a-1", "a-2", "a-3"):
            boomi.save_schedules(component(boomi), each, [NIGHTLY])
        boomi.clear_journal()
        imported(boomi, out, language, "--environment=Test", "--environment=Production")
    found = states(out, language)
    assert {row["inputs"]["atomId"] for row in found.values()} == {"a-1", "a-2", "a-3"}
    assert {"sync-atom", "sync-both"} < found.keys()
    assert states(out, language, "production") == {}


def test_a_schedule_survives_a_spreadsheet_and_a_person_changes_it_there(shop: Emulator, tmp_path: Path) -> None:
    out = tmp_path / "shop"
    imported(shop, out)
    file = out / "schedules.csv"
    assert not [cell for row in rows(file) for cell in row.values() if seen(cell) != cell]
    file.write_bytes(saved(file.read_text(encoding="utf-8")).encode())
    as_dev(out)
    config = config_of_stack(shop, "Test")

    def declares(old: str, new: str) -> list[Any]:
        text = file.read_text(encoding="utf-8-sig")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
        return [each.inputs["schedules"] for _, each in ran(shop, out, config).every if each.kind.endswith(KIND)]

    (there,) = declares("minutes=30; hours=2", "minutes = 45 ;hours=2; daysOfWeek = mon-fri")
    assert {"minutes": "45", "hours": "2", "daysOfWeek": "mon-fri"} in there
    with pytest.raises(pulumi.RunError, match=r"schedules\.csv, row sync: 'at night' is no schedule\. Write fields"):
        declares("minutes=*", "at night")
    assert declares("at night", "-") == [], "somebody else's"


def test_none_is_no_schedule(shop: Emulator, tmp_path: Path) -> None:
    out = tmp_path / "shop"
    imported(shop, out)
    table = [{**row, "schedule": "none"} for row in rows(out / "schedules.csv")]
    with (out / "schedules.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, table[0])
        writer.writeheader()
        writer.writerow(table[0])
    assert declared(shop, out, "python")["sync"]["schedules"] == []


def test_a_program_that_knows_no_schedules_gets_none_and_is_told_so(shop: Emulator, tmp_path: Path) -> None:
    out = tmp_path / "shop"
    imported(shop, out)
    (out / "schedules.csv").unlink()
    program = out / "__main__.py"
    program.write_text(program.read_text(encoding="utf-8").replace("schedules.csv", "other.csv"), encoding="utf-8")
    said = imported(shop, out)
    (note,) = [each for each in said["notes"] if "schedules" in each]
    assert note.startswith("The schedules of Sync on test-1, Feed on prod-1 are left out: the program does not read")
    assert set(said["stacks"].values()) == {0}
    assert not (out / "schedules.csv").exists()


def test_what_only_names_chose_brings_its_own_schedules(shop: Emulator, tmp_path: Path) -> None:
    imported(shop, tmp_path / "shop", "python", "--component", "Feed")
    assert [row["process"] for row in rows(tmp_path / "shop" / "schedules.csv")] == ["Feed"]


def test_what_no_program_can_declare_is_left_out_with_its_reason(shop: Emulator, tmp_path: Path) -> None:
    shop.settings(scheduleSteps="star")
    shop.save_schedules(component(shop, "Feed"), runtime(shop), [{**EACH, "minutes": "*/15"}])
    shop.clear_journal()
    (left,) = imported(shop, tmp_path / "shop")["left_out"]
    assert (left["environment"], left["component"]) == ("Test", "the schedules of Feed on test-1")
    assert "write 0-59/15" in left["reason"]


def test_a_runtime_is_read_with_two_queries_and_all_of_them_with_two_more(shop: Emulator, tmp_path: Path) -> None:
    imported(shop, tmp_path / "shop")
    asked = Counter(str(each["object"]) for each in shop.journal())
    told = ("EnvironmentAtomAttachment", "Atom", KIND, "ProcessScheduleStatus")
    assert {name: asked[name] for name in told} == dict(zip(told, (1, 1, 2, 2), strict=True))
    shop.clear_journal()
    imported(shop, tmp_path / "packs", "python", "--pack", "*")
    assert not [each for each in shop.journal() if each["object"] in told]


@pytest.mark.parametrize("refused", ["EnvironmentAtomAttachment", KIND, "ProcessScheduleStatus"])
def test_who_may_not_read_schedules_is_told_so_and_the_rest_is_taken(
    refused: str, run: Run, shop: Emulator, tmp_path: Path
) -> None:
    shop.settings(missingFeatures=[refused])
    done = run("import", "--out", str(tmp_path / "shop"))
    assert done.exit_code == 0
    assert "What is scheduled" in done.stderr
    assert "test: 6 resources in" in done.stdout
    assert not (tmp_path / "shop" / "schedules.csv").exists()
