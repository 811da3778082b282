"""`boomi-pulumi check`: what it finds, what it costs, and how it ends."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click
import pytest
from click.testing import CliRunner

from boomi_pulumi.cli.check import NEEDED
from boomi_pulumi.cli.commands import cli
from boomi_pulumi.cli.screen import Screen
from boomi_pulumi.emulator import SWITCHES, Emulator
from tests.children import child
from tests.cli.conftest import Run
from tests.conformance.account import declaring, seed
from tests.unit.scripted import Scripted, answer

READS = {"get", "query", "queryMore", "bulk", None}


def test_it_tells_what_there_is_and_only_reads(run: Run, boomi: Emulator) -> None:
    done = run("check", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == found["status"] == 0
    assert done.stderr == ""
    assert found["requests"] == len(boomi.journal()) <= 15
    assert {entry["verb"] for entry in boomi.journal()} <= READS
    assert not [entry for entry in boomi.journal() if entry["committed"]]
    assert {each["object"]: each["read"] for each in found["access"]} == {
        "Environment": "yes",
        "ComponentMetadata": "yes",
        "PackagedComponent": "yes",
        "DeployedPackage": "yes",
        "Folder": "yes",
        "PublisherIntegrationPack": "yes",
        "Atom": "yes",
        "ProcessSchedules": "yes",
        "ExecutionRecord": "yes",
        "AuditLog": "yes",
        "Branch": "yes",
        "ConnectorGroup": "yes",
        "EnvironmentExtensions": "yes",
    }
    assert [row["name"] for row in found["environments"]] == ["Test", "Production"]
    assert found["default_branch"] == "main"
    assert found["connector_path"] == "connector/api/rest/v1"


def test_a_table_says_the_same_as_the_json(run: Run) -> None:
    shown = run("check").stdout
    for each in json.loads(run("check", "--json").stdout)["access"]:
        assert re.search(rf"^{each['object']} +{each['read']} +{each['write']}", shown, re.MULTILINE)
    assert "Test (TEST), Production (PROD)" in shown
    assert shown.rstrip().endswith("Enough to preview packages and deployments.")


def test_an_account_of_many_pages_costs_no_more(run: Run, boomi: Emulator) -> None:
    for number in range(120):
        boomi.console_package(boomi.create_component(f"Many {number}")["componentId"])
    boomi.clear_journal()
    run("check")
    assert len(boomi.journal()) <= 15
    assert not [entry for entry in boomi.journal() if entry["verb"] == "queryMore"]


@pytest.mark.parametrize("target", NEEDED, ids=lambda each: each.name)
def test_a_privilege_that_is_missing_is_named_with_boomis_words(run: Run, boomi: Emulator, target: Any) -> None:
    boomi.settings(missingFeatures=[target.name])
    done = run("check", "--json")
    (row,) = (each for each in json.loads(done.stdout)["access"] if each["object"] == target.name)
    assert done.exit_code == 1
    assert (row["read"], row["write"]) == ("no", "no")
    assert row["said"]
    assert f"{target.name} cannot be read" in run("check").stdout


def test_a_user_who_only_reads_environments() -> None:
    content = seed()
    content["users"][0]["privileges"] = ["API", "ATOM_MANAGEMENT_READ_ONLY"]
    with Emulator(content, rate_limit=0) as boomi:
        done = CliRunner().invoke(cli, ["check"], env=boomi.env)
    assert done.exit_code == 1
    assert "PackagedComponent" in done.stdout.splitlines()[-1]
    assert "Environment " in done.stdout


@pytest.mark.parametrize("form", SWITCHES["refusedLogin"].positions)
def test_a_wrong_token_is_one_request_and_one_line(form: int, run: Run, boomi: Emulator) -> None:
    boomi.settings(refusedLogin=form)
    done = run("check", BOOMI_TOKEN="not-the-token")  # noqa: S106
    assert done.exit_code == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert f"Boomi answered {form}" in line
    assert line.index("boomi:token") < line.index("boomi:accountId")
    assert "not-the-token" not in line
    assert len(boomi.journal()) == 1


def test_no_network_is_one_line(run: Run) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        done = run("check", BOOMI_BASE_URL=f"http://127.0.0.1:{free.getsockname()[1]}")
    assert done.exit_code == 2
    (line,) = done.stderr.splitlines()
    assert "connection" in line.lower()
    assert "boomi:baseUrl" in line


def test_a_missing_setting_is_one_line(run: Run, boomi: Emulator) -> None:
    done = run("check", "--json", BOOMI_TOKEN=None)
    assert done.exit_code == json.loads(done.stdout)["status"] == 2
    said = json.loads(done.stdout)["error"]
    assert "BOOMI_TOKEN not set" in said
    assert "pulumi config" not in said, "this command does not read it"
    assert boomi.journal() == []


def test_the_connector_api_is_found_where_it_is(run: Run, boomi: Emulator) -> None:
    boomi.settings(connectorPath="/api/rest/v1/{account}")
    assert json.loads(run("check", "--json").stdout)["connector_path"] == "{api}/rest/v1"
    boomi.settings(connectorRead=False)
    found = json.loads(run("check", "--json").stdout)
    assert found["connector_path"] is None
    assert found["status"] == 0


def _rows(*rows: dict[str, Any]) -> Any:
    return answer(200, {"@type": "QueryResult", "result": list(rows), "numberOfResults": len(rows)})


def test_roles_and_branches_are_told_where_boomi_shows_them() -> None:
    acts = [
        answer(200, {"@type": "Account", "accountId": "acme-1"}),
        _rows({"id": "env-1", "name": "Test", "classification": "TEST"}),
        _rows({"componentId": "c-1", "branchName": "develop"}),
        _rows({"packageId": "p-1"}),
        _rows({"deploymentId": "d-1"}),
        _rows({"id": "f-1"}),
        answer(403, {"@type": "Error", "message": "The feature is not enabled."}),
        _rows({"id": "a-1"}),
        _rows({"id": "s-1"}),
        _rows({"executionId": "e-1"}),
        _rows({"documentId": "l-1"}),
        _rows({"id": "b-1", "name": "main"}, {"id": "b-2", "name": "develop"}, {"id": "b-3", "deleted": True}),
        _rows(),
        answer(200, {"@type": "EnvironmentExtensions", "id": "env-1"}),
        _rows({"id": "u-1", "roleId": "r-1"}),
        answer(
            200,
            {
                "response": [
                    {
                        "statusCode": 200,
                        "Result": {
                            "@type": "Role",
                            "id": "r-1",
                            "name": "Releaser",
                            "Privileges": {"Privilege": [{"name": "API"}, {"name": "DEPLOY"}]},
                        },
                    }
                ]
            },
        ),
    ]
    server = Scripted(acts)
    env = {"BOOMI_BASE_URL": server.url, "BOOMI_ACCOUNT_ID": "acme-1", "BOOMI_USERNAME": "ann", "BOOMI_TOKEN": "secret"}
    try:
        found = json.loads(CliRunner().invoke(cli, ["check", "--json"], env=env).stdout)
    finally:
        server.stop()
    assert found["branches"] == ["main", "develop"]
    assert found["default_branch"] == "develop"
    assert found["roles"] == ["Releaser"]
    write = {each["object"]: each["write"] for each in found["access"]}
    assert write["DeployedPackage"] == "yes: DEPLOY"
    assert write["PackagedComponent"] == "unknown until you write"
    assert write["PublisherIntegrationPack"] == "no"


def _subcommands(group: click.Group, *above: str) -> Iterator[str]:
    for name, each in group.commands.items():
        yield from _subcommands(each, name) if isinstance(each, click.Group) else [" ".join((*above, name))]


@pytest.mark.parametrize("subcommand", sorted(_subcommands(cli)))
def test_every_subcommand_explains_itself_with_examples_and_exit_statuses(subcommand: str) -> None:
    shown = CliRunner().invoke(cli, [*subcommand.split(), "--help"]).stdout
    assert f"  boomi-pulumi {subcommand}" in shown.partition("Examples:")[2]
    assert "Exit status:" in shown
    assert "--json" in shown


# -- where it is shown -----------------------------------------------------------------------------


@pytest.mark.parametrize("about", SWITCHES["otherAccount"].positions)
def test_an_account_of_somebody_else_is_suspected(about: str, run: Run, boomi: Emulator) -> None:
    boomi.settings(otherAccount=about)
    done = run("check", BOOMI_ACCOUNT_ID="other-1")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "of another user or account" in done.stderr
    assert len(boomi.journal()) <= 3


def test_a_user_who_may_read_nothing_but_the_account_reaches_it() -> None:
    content = seed()
    content["users"][0]["privileges"] = ["API"]
    with Emulator(content, rate_limit=0, readsOfDeployments="DEPLOY") as boomi:
        done = CliRunner().invoke(cli, ["check"], env=boomi.env)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0].endswith("reachable.")
    assert "made in acme-1? Does the user have the privilege API?" in " ".join(done.stdout.split())


@pytest.mark.parametrize("status", SWITCHES["missingPrivilege"].positions)
def test_an_account_that_takes_an_administrator_to_read_is_reachable(status: int, run: Run) -> None:
    content = seed()
    content["users"][0]["privileges"] = ["API", "PACKAGE_MANAGEMENT"]
    with Emulator(content, rate_limit=0, readsOfAccount="ACCOUNT_ADMIN", missingPrivilege=status) as boomi:
        found = json.loads(run("check", "--json", **boomi.env).stdout)
    read = {each["object"]: each["read"] for each in found["access"]}
    assert found["reachable"]
    assert (read["PackagedComponent"], read["Environment"], read["ConnectorGroup"]) == ("yes", "no", "no")
    assert found["connector_path"] == "connector/api/rest/v1"


def test_nothing_is_reachable_without_a_success(run: Run) -> None:
    server = Scripted([answer(500, {"message": "Internal Server Error"})])
    try:
        done = run("check", BOOMI_BASE_URL=server.url)
    finally:
        server.stop()
    assert done.exit_code == 1
    assert "reachable" not in done.stdout
    assert done.stdout.splitlines()[0].endswith("nothing was answered with success.")


def test_a_result_that_nobody_can_read_is_one_line(boomi: Emulator) -> None:
    env = {**os.environ, **boomi.env}
    command = [sys.executable, "-m", "boomi_pulumi.cli", "check"]
    with child(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as gone:
        assert gone.stdout
        assert gone.stderr
        gone.stdout.close()
        assert gone.wait() == 2
        (line,) = gone.stderr.read().splitlines()
    assert "Broken pipe" in line


@pytest.mark.parametrize("write", [Screen.line, Screen.data])
def test_a_full_disk_is_told(write: Callable[[Screen, str], None]) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        screen = Screen(full)
        with pytest.raises(OSError, match="No space left"), screen.unbroken():
            write(screen, "x")


ROWS = [("Environment", "yes", "unknown until"), ("Branch", "no", "a long remark of several words")]


@pytest.mark.parametrize("width", [10, 30, 80])
def test_a_narrow_terminal_breaks_no_word(width: int) -> None:
    shown = _at_width(width, {"NO_COLOR": "1"})
    for row in ROWS:
        assert all(word in shown for cell in row for word in cell.split())
    assert ("Write: unknown until" in shown) is (width < 30)


def test_colours_are_for_terminals_that_want_them() -> None:
    assert "\x1b[32m" in _at_width(80, {})
    assert "\x1b[3" not in _at_width(80, {"NO_COLOR": "1"})


def _at_width(width: int, env: dict[str, str]) -> str:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"TERM": "xterm", "COLUMNS": str(width), **env}.items():
            patch.setenv(name, value)
        if not env:
            patch.delenv("NO_COLOR", raising=False)
        Screen(out, io.StringIO()).table(("Object", "Read", "Write"), ROWS)
    return out.getvalue()


@pytest.mark.parametrize(("form", "words"), [("empty", "an empty object"), (400, "400"), (404, "404")])
def test_it_tells_how_the_account_answers_for_an_environment_without_values(
    form: Any, words: str, run: Run, boomi: Emulator
) -> None:
    assert form in SWITCHES["extensionsUndeclared"].positions
    boomi.settings(extensionsUndeclared=form)
    declaring(boomi)
    done = run("check", "--json")
    (row,) = (each for each in json.loads(done.stdout)["access"] if each["object"] == "EnvironmentExtensions")
    assert (done.exit_code, row["read"]) == (0, "yes")
    assert row["said"].startswith("Production has none: Boomi ")
    assert words in row["said"]


def test_who_may_not_read_values_is_told_and_has_enough_for_packages(run: Run, boomi: Emulator) -> None:
    boomi.settings(missingFeatures=["EnvironmentExtensions"])
    done = run("check", "--json")
    (row,) = (each for each in json.loads(done.stdout)["access"] if each["object"] == "EnvironmentExtensions")
    assert (done.exit_code, row["read"]) == (0, "no")
