"""The tables of an imported project: every version and id byte for byte, also after a spreadsheet saved them."""

from __future__ import annotations

import csv
import io
import json
import re
import runpy
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from click.testing import CliRunner

from boomi_pulumi.cli.commands import cli
from boomi_pulumi.cli.import_python import _MARK
from boomi_pulumi.emulator import Emulator
from tests.cli.accounts import grid
from tests.cli.conftest import Run
from tests.cli.spreadsheets import saved, seen
from tests.conformance.account import component, declaring, runtime, seed
from tests.conformance.test_extensions import HOST, by_hand
from tests.driver import Driver, config_of
from tests.inline import Ran
from tests.inline import run as preview

REWRITTEN = [
    *("1.10", "1.0", "2.00", "007", ".5", "1e5", "1E400", "12345678901234567890", "10.0%", "+1", "-1.50"),
    *("=1+1", "+cmd", "@SUM(1)", "-2+3", "=F1", "=HYPERLINK(1)"),
    *("1-2", "1/2", "2026-01-02", "1.2.2026", "Jan 2", "3-May", "3:15", "true", "False"),
]
"""Versions of which a spreadsheet makes something else."""

KEPT = [
    "1.0  rc",
    "v1.10",
    "version 1.10",
    "1.0 beta",
    "1,5",
    'a "b" c',
    "'1.10",
    "été",
    "a;b",
    "x" * 60,
    "a  b " * 40 + "c",
]
"""Versions that it leaves alone, if we do."""

VERSIONS = [*REWRITTEN, *KEPT]


def each_its_own(names: list[str], versions: list[str]) -> dict[str, Any]:
    """Return an account where every component runs in Dev with a version of its own."""
    account = grid(names, {"Dev": ""}, [""])
    for rows, key in ((account["packages"], "version"), (account["deployments"], "package")):
        for row, version in zip(rows, versions, strict=True):
            row[key] = version
    return account


def written(boomi: Emulator, out: Path, *arguments: str) -> None:
    done = CliRunner().invoke(cli, ["import", "--out", str(out), *arguments], env=boomi.env, catch_exceptions=False)
    assert done.exit_code == 0, done.output


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as table:
        return list(csv.DictReader(table))


def ran(boomi: Emulator, shop: Path, config: Mapping[str, str]) -> Ran:
    """Preview the project's program for one stack."""
    own = {f"{shop.name}:{key}": value for key, value in config.items()}

    def program() -> None:
        # The program asks for the settings of its project, which the run takes from the keys.
        runpy.run_path(str(shop / "__main__.py"))

    with Driver(boomi.env) as driver:
        found = preview(program, {**config_of(boomi.env), **own}, driver=driver)
    assert found.failures == {}
    return found


def environment(boomi: Emulator, name: str = "Dev") -> dict[str, str]:
    return {"environmentId": next(str(row["id"]) for row in boomi.objects("Environment") if row["name"] == name)}


def imported(shop: Path, stack: str = "dev") -> dict[tuple[str, str], dict[str, Any]]:
    """Kind and name -> inputs, as the engine is told to take them over."""
    found = json.loads((shop / "import" / f"{stack}.json").read_text(encoding="utf-8"))["resources"]
    return {(row["type"].rpartition(":")[2], row["name"]): row["inputs"] for row in found}


def test_the_versions_of_this_page_are_such_that_a_spreadsheet_rewrites() -> None:
    assert not [each for each in REWRITTEN if seen(each) == each]
    assert not [each for each in KEPT if seen(each) != each]


@pytest.mark.parametrize("opened", [False, True], ids=["as written", "saved by a spreadsheet"])
def test_every_version_is_what_runs(opened: bool, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    with Emulator(each_its_own([f"C {n}" for n in range(len(VERSIONS))], VERSIONS), rate_limit=0) as boomi:
        written(boomi, shop)
        file = shop / "components.csv"
        before = rows(file)
        if opened:
            file.write_bytes(saved(file.read_text(encoding="utf-8")).encode())
            assert rows(file) == before
        assert {row["id"]: row["dev"] for row in before} == {
            f"c{n}": f"version {each}" for n, each in enumerate(VERSIONS)
        }
        found = ran(boomi, shop, environment(boomi))
        taken = {name: inputs for (kind, name), inputs in imported(shop).items() if "packageVersion" in inputs and kind}
        runs = {
            name: (each.inputs["componentId"], each.inputs["packageVersion"])
            for name, each in found.every
            if "packageVersion" in each.inputs
        }
    assert runs == {row["name"]: (row["id"], row["dev"].removeprefix("version ")) for row in before}
    assert runs == {name: (inputs["componentId"], inputs["packageVersion"]) for name, inputs in taken.items()}


def test_every_version_is_what_runs_in_yaml_too(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    with Emulator(each_its_own([f"C {n}" for n in range(len(VERSIONS))], VERSIONS), rate_limit=0) as boomi:
        written(boomi, shop, "--language", "yaml")
    declared = yaml.safe_load((shop / "dev" / "Pulumi.yaml").read_text(encoding="utf-8"))["resources"].values()
    said = {
        row["properties"]["componentId"]: row["properties"]["packageVersion"]
        for row in declared
        if "packageVersion" in row["properties"]
    }
    assert said == {f"c{n}": each for n, each in enumerate(VERSIONS)}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emulator, Path]]:
    """A project of two components, in which a test may write into the cell of the second one."""
    shop = tmp_path_factory.mktemp("import") / "shop"
    with Emulator(grid(["A", "B"], {"Dev": "1.10"}, ["1.10", "1.1"]), rate_limit=0) as boomi:
        written(boomi, shop)
        yield boomi, shop


def typed(project: tuple[Emulator, Path], cell: str) -> Ran:
    """Preview the project with a cell that somebody typed."""
    boomi, shop = project
    first, second = rows(shop / "components.csv")
    with (shop / "components.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, first)
        writer.writeheader()
        writer.writerows([first, {**second, "dev": cell}])
    return ran(boomi, shop, environment(boomi))


@pytest.mark.parametrize("cell", ["1.1", *map(seen, REWRITTEN), "v1.10", "version", "versions 1", "Promote", "#NAME?"])
def test_a_cell_without_the_word_is_refused_with_its_row_and_column(cell: str, project: tuple[Emulator, Path]) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        typed(project, cell)
    assert str(caught.value).startswith(f"components.csv, row b, column dev: {cell!r} lacks the word before it.")
    assert repr(f"version {cell}") in str(caught.value)


@pytest.mark.parametrize("cell", ["version 1.1", "Version 1.1", "VERSION 1.1"])
def test_a_version_that_somebody_types_is_taken(cell: str, project: tuple[Emulator, Path]) -> None:
    found = [(name, each.inputs.get("packageVersion")) for name, each in typed(project, cell).every]
    assert ("b", "1.1") in found
    assert [name for name, _ in typed(project, "-").every] == ["a", "a"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emulator, Path, dict[str, str]]]:
    """A project with versions, values and schedules; its account, its folder, and name -> text of its tables."""
    shop = tmp_path_factory.mktemp("import") / "shop"
    with Emulator(seed(), rate_limit=0) as boomi:
        declaring(boomi)
        by_hand(boomi, HOST, "db.test")
        every = {"minutes": "30", "hours": "2"}, {"minutes": "0", "hours": "5"}
        boomi.save_schedules(component(boomi), runtime(boomi), list(every))
        written(boomi, shop, "--environment", "Test")
        as_stack_of_this_process(shop)
        yield boomi, shop, {file.name: file.read_text(encoding="utf-8") for file in shop.glob("*.csv")}


def as_stack_of_this_process(shop: Path) -> None:
    """Let the program of Test run in this process, which is of the stack `dev`."""
    for file in shop.glob("*.csv"):
        head, line, rest = file.read_text(encoding="utf-8").partition("\n")
        file.write_text(re.sub(r"\btest$", "dev", head) + line + rest, encoding="utf-8")


def without(column: str) -> Callable[[str], str]:
    """Return what takes a column out of a table."""

    def change(text: str) -> str:
        table = list(csv.reader(io.StringIO(text, newline="")))
        place, out = table[0].index(column), io.StringIO()
        csv.writer(out).writerows(row[:place] + row[place + 1 :] for row in table)
        return out.getvalue()

    return change


_LINE = re.compile(r"(?<=\n)[^\n]*\n")


@pytest.mark.parametrize(
    ("table", "change", "told"),
    [
        *(
            pytest.param(table, change, "has no column", id=f"{table}: {how}")
            for table, own in (("components.csv", "dev"), ("schedules.csv", "environmentId"), ("values.csv", "dev"))
            for how, change in (
                ("emptied", lambda _: ""),
                ("semicolons", lambda text: text.replace(",", ";")),
                ("a column deleted", without(own)),
            )
        ),
        *(
            pytest.param(table, change, "row 2 has", id=f"{table}: {how}")
            for table in ("components.csv", "schedules.csv", "values.csv")
            for how, change in (
                ("a comma more", lambda text: _LINE.sub(lambda row: f"{row[0].rstrip()},,,,,more\n", text, count=1)),
                ("a key deleted", lambda text: _LINE.sub(lambda row: "," + row[0].partition(",")[2], text, count=1)),
            )
        ),
        ("schedules.csv", lambda text: text.replace("minutes=0;", "minutes=0; minutes=15;"), "each once"),
        ("values.csv", lambda text: text + _LINE.search(text)[0], "or one that another row has"),  # type: ignore[index]
        ("values.csv", lambda text: text.replace("connections/", "connection/"), "is no field"),
        ("values.csv", lambda text: text.replace("/host", ""), "is no field"),
        ("values.csv", lambda text: text.replace("value db.test", "rows db.test"), "no table in JSON"),
    ],
)
def test_a_damaged_table_is_refused_by_its_name_and_nothing_that_it_held_is_dropped(
    table: str, change: Callable[[str], str], told: str, tables: tuple[Emulator, Path, dict[str, str]]
) -> None:
    boomi, shop, texts = tables
    file, text = shop / table, change(texts[table])
    assert text != texts[table]
    file.write_text(text, encoding="utf-8")
    try:
        with pytest.raises(pulumi.RunError, match=rf"{re.escape(table)}\b.*{told}"):
            ran(boomi, shop, environment(boomi, "Test"))
    finally:
        file.write_text(texts[table], encoding="utf-8")


def test_what_a_spreadsheet_leaves_below_and_cells_that_leave_alone_stop_neither_program_nor_second_run(
    tables: tuple[Emulator, Path, dict[str, str]], tmp_path: Path
) -> None:
    boomi, whole, texts = tables
    shop = Path(shutil.copytree(whole, tmp_path / "shop"))
    for name, text in texts.items():
        head, _, _ = text.partition("\n")
        (shop / name).write_text(text + "," * head.count(",") + "\n", encoding="utf-8")
    before = {name for name, _ in ran(boomi, shop, environment(boomi, "Test")).every}
    alone = re.sub("minutes=[^,]*", "-", (shop / "schedules.csv").read_text(encoding="utf-8"))
    (shop / "schedules.csv").write_text(alone, encoding="utf-8")
    found = [each.kind for _, each in ran(boomi, shop, environment(boomi, "Test")).every]
    assert "values" in before
    assert "ProcessSchedules" not in "".join(found)
    shutil.rmtree(shop / "import")
    written(boomi, shop)
    assert [row["schedule"] for row in rows(shop / "schedules.csv")] == ["-", "-"]


def test_released_versions_survive_a_spreadsheet_too(boomi: Emulator, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    written(boomi, shop, "--pack", "*", "--connector", "*")
    for name in ("packs.csv", "connectors.csv"):
        file = shop / name
        before = rows(file)
        file.write_bytes(saved(file.read_text(encoding="utf-8")).encode())
        assert rows(file) == before
    found = ran(boomi, shop, {"shares": "true"})
    wanted = {name: inputs for (_, name), inputs in imported(shop, "account").items()}
    assert set(found.made) == set(wanted)
    for name, each in found.made.items():
        for key in ("versionId", "integrationPackId", "classificationType"):
            assert each.inputs.get(key) == wanted[name].get(key)
        said, there = (
            sorted(sorted(one.items()) for one in inputs.get("components", ()))
            for inputs in (each.inputs, wanted[name])
        )
        assert said == there
    table = (shop / "packs.csv").read_text(encoding="utf-8-sig").replace("version 1.0", "1.0", 1)
    (shop / "packs.csv").write_text(table, encoding="utf-8")
    with pytest.raises(pulumi.RunError, match=r"packs\.csv, row shop, column version: '1\.0' lacks the word"):
        ran(boomi, shop, {"shares": "true"})


NAMED = [
    "=1+1",
    "@SUM(1)",
    "+cmd",
    "-2+3",
    "\x1b[31m red",
    "bell\x07",
    "\x9b1m",
    "\u202eback",
    "two\nlines",
    "\uff1d1+1",
]


def test_what_only_people_read_computes_nothing_and_steers_nothing(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    account = grid([f"C{n}" for n in range(len(NAMED))], {"Dev": "1"}, ["1"])
    for row, name in zip(account["components"], NAMED, strict=True):
        row["name"] = name
    account["folders"].append("Acme/=F1")
    for row in [*account["packages"], *account["deployments"]]:
        number = int(row["component"].rpartition("C")[2])
        row["component"] = f"Acme/F{number}/{NAMED[number]}"
    with Emulator(account, rate_limit=0) as boomi:
        written(boomi, shop)
        text = (shop / "components.csv").read_text(encoding="utf-8")
        assert all(line.isprintable() for line in text.splitlines())
        assert len(text.splitlines()) == len(NAMED) + 1
        table = rows(shop / "components.csv")
        assert not [cell for row in table for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\uff1d"))]
        assert not [cell for row in table for cell in row.values() if seen(cell) != cell]
        written(boomi, shop)
        assert (shop / "components.csv").read_text(encoding="utf-8") == text


def test_a_name_is_no_number_and_no_date(tmp_path: Path) -> None:
    names = [
        "1.2",
        "007",
        "2024",
        "Jan 1",
        "May",
        "March Report",
        "Sept-9",
        "true",
        "False",
        "1e5",
        "3 May",
        "Marketplace 2",
    ]
    with Emulator(grid(names, {"Dev": "1"}, ["1"]), rate_limit=0) as boomi:
        written(boomi, tmp_path / "shop")
        table = rows(tmp_path / "shop" / "components.csv")
    assert not [row["name"] for row in table if seen(row["name"]) != row["name"]]
    assert {"march-report", "marketplace-2", "may"} <= {row["name"] for row in table}


def test_a_project_of_the_released_version_stays_as_its_program_reads_it(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    with Emulator(grid(["A", "B"], {"Dev": "1.10"}, ["1.10"]), rate_limit=0) as boomi:
        written(boomi, shop, "--component", "A")
        for name in ("__main__.py", "components.csv"):
            text = (shop / name).read_text(encoding="utf-8")
            (shop / name).write_text(text.replace("version 1.10", "1.10").replace("MARK", "OTHER"), encoding="utf-8")
        written(boomi, shop)
    assert {row["name"]: row["dev"] for row in rows(shop / "components.csv")} == {"a": "1.10", "b": "1.10"}


def test_the_program_and_the_tables_agree_on_the_word(tmp_path: Path) -> None:
    with Emulator(grid(["A"], {"Dev": "1"}, ["1"]), rate_limit=0) as boomi:
        written(boomi, tmp_path / "shop")
    assert f'MARK = "{_MARK}"' in (tmp_path / "shop" / "__main__.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["README.md", "packs.csv", "Pulumi.yaml", "Pulumi.account.yaml", "import/account.json"]
)
def test_a_link_that_leads_nowhere_is_not_written_through(name: str, run: Run, tmp_path: Path) -> None:
    outside, link = tmp_path / "outside", tmp_path / "shop" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    done = run("import", "--out", str(tmp_path / "shop"), "--pack", "*", "--environment", "Test")
    assert (done.exit_code, "a link that leads nowhere" in done.stderr) == (2, True), done.output
    assert not outside.exists()
    assert link.is_symlink()
