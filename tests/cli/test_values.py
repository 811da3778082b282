"""The values of environments on the command line: what a report, an import and a review make of them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.models import ENVIRONMENT
from boomi_pulumi.cli.account import Counter, connect
from boomi_pulumi.cli.commands import cli
from boomi_pulumi.cli.import_values import SecretKeys
from boomi_pulumi.cli.inventory import titles
from boomi_pulumi.cli.preview import UNKNOWN
from boomi_pulumi.cli.values import read_values
from boomi_pulumi.emulator import Emulator
from tests.cli.accounts import grid
from tests.cli.conftest import Run
from tests.cli.test_import_tables import environment as config_of_stack
from tests.cli.test_import_tables import ran
from tests.cli.test_review import DYNAMIC, NATIVE, SECRET, step, written
from tests.conformance.account import declaring, environment, seed
from tests.conformance.test_extensions import HOST, PASSWORD, PORT, about, by_hand
from tests.driver import Driver, Resource, State, Stored
from tests.native_driver import NativeDriver

KIND = "EnvironmentExtensions"
MARKER = "m4rk3r-0f-th3-t3st"
MODE, WAREHOUSE = "properties/DPP_MODE", "processProperties/Order Settings/Warehouse"


@pytest.fixture
def shop(boomi: Emulator) -> Emulator:
    """An account where Test and Production have values, and Test a secret."""
    for name in ("Test", "Production"):
        declaring(boomi, name)
        by_hand(boomi, HOST, f"db.{name.lower()}", name)
    by_hand(boomi, PASSWORD, MARKER)
    by_hand(boomi, MODE, "1.10")
    by_hand(boomi, WAREHOUSE, "W1 ${x}")
    boomi.clear_journal()
    return boomi


def asked(boomi: Emulator) -> list[str]:
    return [str(entry["verb"]) for entry in boomi.journal() if entry["object"] == KIND]


def words(said: Mapping[str, Any]) -> dict[str, dict[str, str | None]]:
    """Path -> environment -> what was found, of a report in JSON."""
    return {
        line["path"]: {name: each["finding"] for name, each in line["environments"].items()}
        for line in said["values"]["fields"]
    }


def state_of(boomi: Emulator, outputs: Mapping[str, Any], name: str = "Test") -> dict[str, Any]:
    """Return a stack's export in which a resource gives values to an environment."""
    type_ = f"{DYNAMIC}{KIND}"
    row = {
        "urn": f"urn:pulumi:test::shop::{type_}::values",
        "type": type_,
        "outputs": {"environmentId": environment(boomi, name), **outputs},
    }
    return {"version": 3, "deployment": {"resources": [row]}}


# -- report --------------------------------------------------------------------------------------


def test_where_no_process_declares_anything_a_report_says_nothing_of_values(run: Run, boomi: Emulator) -> None:
    done = run("report")
    assert done.exit_code == 0
    assert "alue" not in done.output
    assert asked(boomi) == ["bulk"]
    assert "alue" not in run("report", "--markdown", "-").stdout
    assert 'id="values"' not in run("report", "--html", "-").stdout


def test_what_nobody_has_set_is_told_and_no_value_unless_asked_for(run: Run, shop: Emulator) -> None:
    said = json.loads(run("report", "--json").stdout)
    found = words(said)
    assert HOST not in found
    assert found[PORT] == {"Test": "unset", "Production": "unset"}
    assert found[PASSWORD] == {"Test": None, "Production": "unset"}
    assert said["values"]["counts"]["unset"] == sum(each == "unset" for of in found.values() for each in of.values())
    for form in ([], ["--markdown", "-"], ["--html", "-"], ["--json"]):
        told = run("report", *form).stdout
        assert "DPP" in told
        assert not [value for value in ("db.test", "1.10", "W1", MARKER) if value in told]
    assert run("report", "--fail-on", "unset").exit_code == 1
    assert len(asked(shop)) == 6


@pytest.mark.parametrize("form", [[], ["--markdown", "-"], ["--html", "-"]])
def test_the_values_of_two_environments_stand_side_by_side(form: list[str], run: Run, shop: Emulator) -> None:
    by_hand(shop, PORT, "77")
    by_hand(shop, PORT, "77", "Production")
    told = run("report", "--values", *form).stdout
    assert [value for value in ("db.test", "db.production", "1.10", "not set") if value not in told] == []
    assert not [value for value in ("DB/port", "DB&#47;port", MARKER) if value in told], (
        "what is equal is no difference"
    )


@pytest.mark.usefixtures("shop")
def test_one_environment_shows_all_of_its_values(run: Run) -> None:
    said = json.loads(run("report", "--json", "--values", "--environment", "Test").stdout)
    lines = {line["path"]: line["environments"]["Test"] for line in said["values"]["fields"]}
    assert (lines[HOST]["value"], lines[PASSWORD]["value"], lines[PASSWORD]["set"]) == ("db.test", None, True)
    assert len(lines) == 15


def test_what_a_stack_names_is_somebodys_and_what_is_gone_is_undeclared(
    run: Run, shop: Emulator, tmp_path: Path
) -> None:
    named = {
        "connections": {"Orders DB": {"host": "db.test", "password": SECRET}, "Old DB": {"host": "x"}},
        "operations": {"Orders API": SECRET},
        "properties": {"DPP_MODE": SECRET},
        "useDefault": [PORT],
    }
    file = tmp_path / "state.json"
    file.write_text(json.dumps(state_of(shop, named)), encoding="utf-8")
    said = json.loads(run("report", "--json", "--values", "--state", str(file)).stdout)
    found = words(said)
    assert found["connections/Old DB/host"] == {"Test": "undeclared"}
    assert found[PORT] == {"Test": None, "Production": "unset"}
    assert said["values"]["counts"]["undeclared"] == 1
    told = run("report", "--values", "--state", str(file)).stdout
    assert "undeclared (shop/test)" in told
    assert "1.10" not in told.replace("1.10 ", ""), "a secret of a stack is nobody's to read"
    assert run("report", "--state", str(file), "--fail-on", "undeclared").exit_code == 1
    assert "needs --stack or --state" in run("report", "--fail-on", "undeclared").stderr


def test_a_value_whose_name_is_that_of_a_secret_is_shown_to_nobody() -> None:
    account = grid(["A"], {"Dev": "1", "Live": "1"}, ["1"])
    account["components"][0]["extensions"] = ["properties/DPP_API_TOKEN", "properties/DPP_SIZE"]
    with Emulator(account, rate_limit=0) as boomi:
        for name in ("DPP_API_TOKEN", "DPP_SIZE"):
            by_hand(boomi, f"properties/{name}", f"{MARKER}-{name}", "Dev")
        told = CliRunner().invoke(cli, ["report", "--values"], env=boomi.env, catch_exceptions=False).stdout
    assert f"{MARKER}-DPP_SIZE" in told
    assert f"{MARKER}-DPP_API_TOKEN" not in told


def test_a_hundred_environments_are_one_request() -> None:
    account = grid([], {f"E{number}": "1" for number in range(101)}, [])
    with Emulator(account, rate_limit=0) as boomi, closing(connect(Counter(), Client, env=boomi.env)) as client:
        places = list(client.query(ENVIRONMENT))
        notes: list[str] = []
        assert read_values(client, places, titles(places), notes).keys() == {each.id for each in places}
        assert (asked(boomi), notes) == (["bulk", "bulk"], [])


def test_who_may_not_read_values_is_told_so_and_the_rest_stands(run: Run, shop: Emulator, tmp_path: Path) -> None:
    shop.settings(missingFeatures=[KIND])
    done = run("report")
    assert done.exit_code == 0
    assert "Orders/Sync" in done.stdout
    assert "The values of environments are not known (" in done.stdout
    for kind, status in (("unset", 2), ("skew", 0)):
        assert run("report", "--fail-on", kind).exit_code == status, "what nobody could read is not fine"
    assert run("import", "--out", str(tmp_path / "shop")).exit_code == 0
    assert not (tmp_path / "shop" / "values.csv").exists()


# -- import --------------------------------------------------------------------------------------


def imported(boomi: Emulator, out: Path, language: str) -> tuple[Any, dict[str, Any]]:
    """Return what the command says, and the state of Test's values."""
    done = CliRunner().invoke(
        cli,
        ["import", "--json", "--out", str(out), "--language", language],
        env=boomi.env,
        catch_exceptions=False,
    )
    assert not [entry for entry in boomi.journal() if entry["committed"]]
    file = out / ("import/test.json" if language == "python" else "test/import.json")
    rows = json.loads(file.read_text(encoding="utf-8"))["resources"]
    return json.loads(done.stdout), next(row for row in rows if row["type"].endswith(KIND))


def previewed(boomi: Emulator, out: Path) -> dict[str, Any]:
    """Return what the Python program gives to Test's values; a program in this process is of the stack `dev`."""
    for name in ("components.csv", "values.csv"):
        text = (out / name).read_text(encoding="utf-8")
        (out / name).write_text(text.replace(",test,", ",dev,", 1), encoding="utf-8")
    return (
        ran(boomi, out, {**config_of_stack(boomi, "Test"), "ordersDBPassword": MARKER, "orderSettingsKey": MARKER})
        .made["values"]
        .inputs
    )


def declared(boomi: Emulator, out: Path, language: str) -> tuple[dict[str, Any], frozenset[str]]:
    """Return what the written program declares in Test, with a secret that somebody set, and where that is."""
    if language == "python":
        found = previewed(boomi, out)
    else:
        program = yaml.safe_load((out / "test" / "Pulumi.yaml").read_text(encoding="utf-8"))
        found = program["resources"]["environment_values"]["properties"]
        found["connections"]["Orders DB"]["password"] = {"value": MARKER}
        found["processProperties"]["Order Settings"]["Warehouse"] = found["processProperties"]["Order Settings"][
            "Warehouse"
        ].replace("$${", "${")
    inputs = {
        name: value for name, value in found.items() if name in {"connections", "processProperties", "properties"}
    }
    (secret,) = {inputs["connections"]["Orders DB"]["password"]["value"]}
    inputs["connections"]["Orders DB"]["password"] = secret
    return {"environmentId": environment(boomi), **inputs}, frozenset({PASSWORD})


@pytest.mark.parametrize("language", ["python", "yaml"])
def test_after_an_import_nothing_is_to_change_but_the_secrets(language: str, shop: Emulator, tmp_path: Path) -> None:
    out = tmp_path / "shop"
    said, row = imported(shop, out, language)
    assert [each for of in said["secrets"].values() for each in of.values()] == [PASSWORD]
    assert not [file for file in out.rglob("*") if file.is_file() and MARKER in file.read_text(encoding="utf-8")]
    inputs, secrets = declared(shop, out, language)
    with (Driver if language == "python" else NativeDriver)(shop.env, stack="test", project="shop") as driver:
        kept, told = ({key: row[bag][key] for key in row[bag] if key != "__provider"} for bag in ("inputs", "outputs"))
        driver.state = State({"values": Stored(KIND, row["id"], kept, told, name="values")})
        del inputs["connections"]["Orders DB"]["password"]
        plain = Resource("values", KIND, inputs)
        assert [each.act for each in driver.preview(plain)] == ["same"]
        inputs["connections"]["Orders DB"]["password"] = MARKER
        whole = Resource("values", KIND, inputs, secrets=secrets)
        (changed,) = driver.preview(whole)
        assert changed.act == "update"
        assert driver.shown["values"]["changes"] == [f"{PASSWORD}: a secret is set"]
        assert [each.act for each in driver.up(whole)] == ["update"]
        assert [each.act for each in driver.preview(whole)] == ["same"]
        driver.destroy()
    assert MARKER in shop.extension_values(environment(shop)).values()


@pytest.mark.parametrize("language", ["python", "yaml"])
def test_a_second_import_takes_no_values_again(language: str, shop: Emulator, tmp_path: Path) -> None:
    out = tmp_path / "shop"
    imported(shop, out, language)
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    by_hand(shop, PORT, "1")
    shop.clear_journal()
    said, _ = imported(shop, out, language)
    assert set(said["stacks"].values()) == {0}
    assert said["secrets"] == {}
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before


def test_a_program_that_knows_no_values_gets_none(shop: Emulator, tmp_path: Path) -> None:
    out = tmp_path / "shop"
    imported(shop, out, "python")
    (out / "values.csv").unlink()
    program = out / "__main__.py"
    program.write_text(program.read_text(encoding="utf-8").replace("values.csv", "other.csv"), encoding="utf-8")
    done = CliRunner().invoke(cli, ["import", "--out", str(out)], env=shop.env, catch_exceptions=False)
    assert "The values of Test are left out: the program does not read them." in done.output
    assert not (out / "values.csv").exists()


def test_what_only_names_chose_brings_no_values(run: Run, shop: Emulator, tmp_path: Path) -> None:
    run("import", "--out", str(tmp_path / "shop"), "--component", "Sync")
    assert not (tmp_path / "shop" / "values.csv").exists()
    assert asked(shop) == []


def test_every_kind_of_value_stands_in_the_table_and_comes_back(shop: Emulator, tmp_path: Path) -> None:
    rows = [["DE", "Germany"], ["FR", "=1+1"]]
    tables = {
        "crossReference": [{"id": about_table(shop), "overrideValues": True, "CrossReferenceRows": table_of(rows)}]
    }
    password = about(shop, PASSWORD)
    by_hand(shop, "processProperties/Order Settings/Key", MARKER)
    manager = {"usesRemoteSecretsManager": True, "secretsManagerType": "AWS", "secretReference": "acme/orders key"}
    kept = {"id": password["field"], "useDefault": False, "CloudManagedSecretConfig": manager}
    fields = {"connection": [{"id": password["component"], "field": [kept]}]}
    shop.save_extensions(environment(shop), crossReferences=tables, connections=fields)
    shop.clear_journal()
    out = tmp_path / "shop"
    _, row = imported(shop, out, "python")
    with (out / "values.csv").open(encoding="utf-8", newline="") as file:
        table = {line["field"]: line["test"] for line in csv.DictReader(file)}
    assert table[MODE] == "value 1.10"
    assert table[PASSWORD] == "reference AWS acme/orders key"
    assert {cell.partition(" ")[0] for cell in table.values()} == {"value", "secret", "rows", "reference"}
    assert table["processProperties/Order Settings/Key"] == "secret orderSettingsKey"
    found = previewed(shop, out)
    assert found["crossReferences"] == row["inputs"]["crossReferences"]
    assert list(found["crossReferences"].values()) == [rows]
    assert found["secretReferences"] == row["inputs"]["secretReferences"]


def as_pulumi_reads(value: Any) -> Any:
    """Return what Pulumi makes of a value in YAML without its expressions: of `$$` a `$`, and of `${…}` a mark."""
    if isinstance(value, dict):
        return {as_pulumi_reads(key): as_pulumi_reads(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_pulumi_reads(each) for each in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"\$\$|\$\{[^}]*\}", lambda each: "$" if each[0] == "$$" else "<expression>", value)


def test_no_name_and_no_value_is_an_expression_of_a_program_in_yaml(tmp_path: Path) -> None:
    account, out = seed(), tmp_path / "shop"
    paths = [
        "connections/DB ${env}/host $$x",
        "properties/DPP_${y}",
        "properties/$${z}",
        "properties/$5",
        "properties/$",
    ]
    hidden = "connections/DB ${env}/password"
    account["components"][0]["extensions"] = [*paths, {"path": hidden, "encrypted": True}]
    with Emulator(account, rate_limit=0) as boomi:
        declaring(boomi)
        for path in paths:
            by_hand(boomi, path, f"$ of {path}$$$")
        by_hand(boomi, hidden, MARKER)
        boomi.clear_journal()
        _, row = imported(boomi, out, "yaml")
    program = yaml.safe_load((out / "test" / "Pulumi.yaml").read_text(encoding="utf-8"))
    found = as_pulumi_reads(program["resources"]["environment_values"]["properties"])
    assert found["connections"]["DB ${env}"].pop("password") == "<expression>"
    for section in ("connections", "properties"):
        assert found[section] == row["inputs"][section]


def about_table(boomi: Emulator) -> str:
    fields = (each for row in boomi.objects("Declaration") for each in row["fields"])
    return next(str(each["component"]) for each in fields if each["section"] == "crossReferences")


def table_of(rows: list[list[str]]) -> dict[str, Any]:
    return {"row": [{f"ref{place}": each for place, each in enumerate(row, 1)} for row in rows]}


def test_an_environment_of_secrets_alone_and_an_empty_text_are_left_out_with_the_reason(
    boomi: Emulator, tmp_path: Path
) -> None:
    declaring(boomi)
    by_hand(boomi, PASSWORD, MARKER)
    by_hand(boomi, HOST, "")
    boomi.clear_journal()
    done = CliRunner().invoke(cli, ["import", "--json", "--out", str(tmp_path / "shop")], env=boomi.env)
    said = json.loads(done.stdout)
    assert done.exit_code == 1
    assert {each["component"]: each["reason"] for each in said["left_out"]} == {
        HOST: "its value is empty, and no program can declare that",
        PASSWORD: "no value that is not secret is set there",
    }


def test_each_secret_has_a_key_of_its_own() -> None:
    keys = SecretKeys({"connections/A/b": "aB"}, ["environmentId"])
    made = [
        keys.key(each)
        for each in ("connections/a/B", "operations/A/b", "connections/environment/Id", "connections/1/2")
    ]
    assert made == ["connectionsAB", "operationsAB", "connectionsEnvironmentId", "secret12"]
    assert keys.key("connections/A/b") == "aB"
    assert keys.key("connections/a/B") == "connectionsAB"


# -- review --------------------------------------------------------------------------------------

PROD = {"environmentId": "e", "environmentName": "Prod"}
BEFORE = {
    **PROD,
    "connections": {"Orders DB": {"host": "db1", "password": SECRET, "port": "1"}},
    "encrypted": [PASSWORD],
    "restarts": "every listener of Prod restarts (2 runtimes)",
}


@pytest.mark.parametrize("door", [DYNAMIC, NATIVE])
def test_a_reviewer_reads_which_fields_change_and_who_restarts(door: str) -> None:
    new = {
        **PROD,
        "connections": {"Orders DB": {"host": "db2", "password": SECRET, "port": "1"}},
        "changes": [f"{PASSWORD}: a new secret", "runtime 'b' was attached since the secrets were sent: all go again"],
        "restarts": BEFORE["restarts"],
    }
    said = written(step("update", KIND, old=BEFORE, new=new, door=door))
    assert "1 to change" in said
    assert "⚠️ <code>every listener of Prod restarts &#40;2 runtimes&#41;</code>." in said
    assert "runtime &#39;b&#39; was attached" in said
    lines = [line for line in said.splitlines() if "Orders DB" in line]
    assert lines == [
        "| <code>connections&#47;Orders DB&#47;host</code> | <code>Prod</code> | <code>db1</code> | <code>db2</code> |",
        "| <code>connections&#47;Orders DB&#47;password</code> | <code>Prod</code> | a secret | a new secret |",
    ]
    assert "environmentId" not in said


@pytest.mark.parametrize("hidden", [SECRET, "[secret]", {**SECRET, "plaintext": f'"{MARKER}"'}])
def test_a_secret_is_never_shown_and_one_that_stays_is_no_row(hidden: Any) -> None:
    old = {**BEFORE, "connections": {"Orders DB": {"host": "db1", "password": hidden}}}
    new = {**PROD, "connections": {"Orders DB": {"host": "db2", "password": hidden}}}
    said = written(step("update", KIND, old=old, new=new))
    assert "password" not in said
    made = written(step("create", KIND, new={**new, "changes": [f"{PASSWORD}: a secret is set"]}))
    assert "password</code> | <code>Prod</code> | a new secret |" in made
    assert MARKER not in said + made


def test_what_is_taken_over_or_released_is_told_with_the_field() -> None:
    new = {
        **PROD,
        "connections": {"Orders DB": {"password": SECRET, "port": "1"}},
        "properties": {"DPP": "5"},
        "useDefault": ["operations/A/b"],
        "secretReferences": {"connections/C/password": {"secretsManagerType": "AWS", "secretReference": "arn"}},
        "changes": ["connections/Orders DB/host: no longer managed; db1 stays", "properties/DPP: takes over 4"],
    }
    said = written(step("update", KIND, old=BEFORE, new=new))
    rows = {line.split(" | ")[0]: line for line in said.splitlines() if line.startswith("| <code>")}
    assert (
        "<code>db1</code> |  | <code>no longer managed&#59; db1 stays</code>"
        in rows["| <code>connections&#47;Orders DB&#47;host</code>"]
    )
    assert "<code>5</code> | <code>takes over 4</code>" in rows["| <code>properties&#47;DPP</code>"]
    assert "the component's own value" in rows["| <code>operations&#47;A&#47;b</code>"]
    assert "<code>AWS</code> <code>arn</code>" in rows["| <code>connections&#47;C&#47;password</code>"]


def test_what_is_known_only_after_up_says_so() -> None:
    new = {**PROD, "connections": UNKNOWN, "properties": {"A": UNKNOWN, "B": "1"}}
    said = written(step("create", KIND, new=new))
    for what in ("connections", "properties&#47;A"):
        assert f"| <code>{what}</code> | <code>Prod</code> | <code>known after up</code> |" in said
    assert "| <code>properties&#47;B</code> | <code>Prod</code> | <code>1</code> |" in said


def test_lines_of_an_earlier_run_are_not_told_again() -> None:
    old = {**BEFORE, "resetOnDestroy": False, "changes": [f"{PASSWORD}: a new secret"]}
    new = {name: value for name, value in old.items() if name != "encrypted"} | {"resetOnDestroy": True}
    said = written(step("update", KIND, old=old, new=new))
    assert "restarts" not in said
    assert "a new secret" not in said
    assert "| resetOnDestroy | <code>Prod</code> | <code>False</code> | <code>True</code> |" in said


def test_what_a_destroy_leaves_says_so() -> None:
    said = written(step("delete", KIND, old=BEFORE))
    assert "1 to leave alone" in said
    assert "| EnvironmentExtensions | the values | <code>Prod</code> |" in said
    assert "stay as they are" in said
