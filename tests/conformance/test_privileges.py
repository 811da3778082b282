"""The table of privileges in docs/settings.md is what the account grants and refuses."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import Forbidden, Unauthorized
from boomi_pulumi._api.say import print_line, tell_through
from boomi_pulumi._reads import finders
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.objects import PRIVILEGES
from tests.conformance.account import component, declaring, environment, pack, package, rows, runtime, seed
from tests.driver import CheckFailed, Driver, PluginError, Resource, Step

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
TABLE = PAGE.read_text(encoding="utf-8").partition("## Privileges")[2].partition("\n## ")[0]
ROWS = {cells[0]: cells[1:] for cells in re.findall(r"^\| (`.*?) \|(.*)\|(.*)\|$", TABLE, re.MULTILINE)}
RESOURCES = [row for row in ROWS if row[1].isupper()]


def resource(row: str, boomi: Emulator) -> Resource:
    """Return what a row of a resource makes."""
    here = {"environmentId": environment(boomi)}
    pair = {"processId": component(boomi), "atomId": runtime(boomi, "Atom")}
    inputs: dict[str, dict[str, Any]] = {
        "`PackagedComponent`": {"componentId": component(boomi), "packageVersion": "7.0"},
        "`DeployedPackage` of a package": {"packageId": package(boomi), **here},
        "`DeployedPackage` of a component": {"componentId": component(boomi), **here},
        "`ComponentMetadata`": {"componentId": component(boomi), "name": "Other"},
        "`EnvironmentExtensions`": {**here, "connections": {"Orders DB": {"host": "db"}}},
        "`ProcessSchedules`": {**pair, "schedules": [{"minutes": "0"}]},
        "`ListenerStatus`": {**pair, "status": "paused"},
        "`ExecutionRequest`": {**pair, "packageId": package(boomi)},
        "`ReleaseIntegrationPack`": {"integrationPackId": pack(boomi), "components": rows(boomi, Loyalty="1.1")},
        "`ConnectorVersionChange`, private": {"classificationType": "till-dev", "versionId": "3"},
        "`ConnectorVersionChange`, public": {"classificationType": "wallet-dev", "versionId": "3"},
    }
    if {"connections", "atomId"} & inputs[row].keys():
        declaring(boomi)
        boomi.advance(60)
    return Resource("it", re.findall(r"\w+", row)[0], inputs[row])


def look_ups(row: str, boomi: Emulator, client: Client) -> Sequence[Callable[[], object]]:
    """Return the look-ups of another row, each by id and by name where it has both."""
    env, feed = environment(boomi), component(boomi)
    boomi.console_deploy(env, package(boomi))
    boomi.release_pack(pack(boomi), {component(boomi, "Loyalty"): "1.1"})
    deployed = next(each["deploymentId"] for each in boomi.objects("DeployedPackage"))
    runtime = boomi.objects("Atom")[0]["id"]
    boomi.run(feed, runtime)
    release = next(each["requestId"] for each in boomi.objects("ReleaseIntegrationPack"))
    return {
        '`get_component`, `query("Folder")`': (
            lambda: finders.find_component(client, id=feed),
            lambda: finders.find_component(client, name="Sync", folder="Acme/Orders"),
            lambda: finders.query(client, "Folder"),
        ),
        "`get_packaged_component`": (
            lambda: finders.find_packaged_component(client, id=package(boomi)),
            lambda: finders.find_packaged_component(client, component_id=feed, package_version="1.0"),
        ),
        "`get_deployed_package`": (
            lambda: finders.find_deployed_package(client, id=deployed),
            lambda: finders.find_deployed_package(client, environment_id=env, component_id=feed),
        ),
        "`get_environment`": (
            lambda: finders.find_environment(client, id=env),
            lambda: finders.find_environment(client, name="Test"),
        ),
        "`get_environment_extensions`": (lambda: finders.find_environment_extensions(client, environment_id=env),),
        "`get_runtime`, `get_runtimes`": (
            lambda: finders.find_runtime(client, id=runtime),
            lambda: finders.find_runtime(client, name="Atom"),
            lambda: finders.find_runtime(client, environment_id=env),
            lambda: finders.find_runtimes(client, environment_id=env),
        ),
        "`get_process_schedules`": (
            lambda: finders.find_process_schedules(client, environment_id=env),
            lambda: finders.find_process_schedules(client, atom_id=runtime),
        ),
        "`get_executions`": (lambda: finders.find_executions(client, process_id=feed),),
        "`get_integration_pack`": (
            lambda: finders.find_integration_pack(client, id=pack(boomi)),
            lambda: finders.find_integration_pack(client, name="Shop"),
        ),
        "`get_release_status`": (lambda: finders.find_release_status(client, request_id=release),),
    }[row]


def groups(cell: str) -> list[frozenset[str]]:
    """Read `A` and `B`, or `A`; `B` or `C`: groups of privileges of each of which one is needed."""
    parts = re.split(r"; | and ", cell.strip())
    return [frozenset(re.findall(r"`(\w+)`", part)) for part in parts if part]


def cases(wanted: Sequence[frozenset[str]]) -> Iterator[tuple[Collection[str], bool]]:
    """Return sets of privileges, and whether they are enough.

    One of each group is enough, in each combination; all that there are but a group is not. A privilege never takes a
    right away, so this says all about every other set.
    """
    for choice in itertools.product(*map(sorted, wanted)):
        yield {*choice, "API"}, True
    for group in [*wanted, frozenset({"API"})]:
        yield PRIVILEGES - group, False


STRICT = {"readsOfAccount": "ACCOUNT_ADMIN", "readsOfDeployments": "DEPLOY"}
"""What Boomi's pages ask for, where people were asked for less."""
READS_DEPLOYMENTS = {"`ExecutionRequest`"}
"""What reads deployments and makes none: the page names the privilege below the table."""


def account(privileges: Collection[str], **settings: Any) -> Emulator:
    """Run the account of a user who has these privileges and no other."""
    document = {**seed(), "runtimes": [{"name": "Atom", "attachedTo": ["Test"]}]}
    document["users"][0]["privileges"] = sorted(privileges)
    return Emulator(document, rate_limit=0, **settings)


def live(row: str, privileges: Collection[str], **settings: Any) -> tuple[bool, list[str]]:
    """Return whether a user may preview, make, refresh and destroy what a row makes, and what the preview left out."""
    lines: list[str] = []
    tell_through(lines.append)
    try:
        with account(privileges, **settings) as boomi, Driver(boomi.env) as driver:
            program = resource(row, boomi)
            for act in ("create", "same"):
                assert driver.preview(program) == [Step(act, "it")]
                assert driver.up(program) == [Step(act, "it")]
            driver.refresh()
            driver.destroy()
    except (CheckFailed, PluginError) as error:
        if "Boomi answered 403" not in str(error):
            raise
        return False, lines
    finally:
        tell_through(print_line)
    return True, [line for line in lines if "left out of the preview" in line]


@pytest.mark.parametrize("row", RESOURCES)
def test_the_middle_column_is_needed_and_enough(row: str) -> None:
    for privileges, enough in cases(groups(ROWS[row][0])):
        assert live(row, privileges)[0] is enough, sorted(privileges)


@pytest.mark.parametrize("missing", [400, 403])
@pytest.mark.parametrize("row", RESOURCES)
def test_the_middle_column_is_enough_where_boomi_keeps_to_its_pages(row: str, missing: int) -> None:
    """Nobody with few privileges is taken for one with a wrong token."""
    for privileges, enough in cases(groups(ROWS[row][0])):
        if enough:
            more = {"DEPLOY"} if row in READS_DEPLOYMENTS else set()
            assert live(row, {*privileges, *more}, missingPrivilege=missing, **STRICT)[0], sorted(privileges)


@pytest.mark.parametrize("row", RESOURCES)
def test_with_the_last_column_a_preview_lacks_nothing(row: str) -> None:
    for privileges, enough in cases(groups(ROWS[row][0]) + groups(ROWS[row][1])):
        works, left_out = live(row, privileges)
        assert (works and not left_out) is enough, (sorted(privileges), left_out)


@pytest.mark.parametrize("row", [row for row in ROWS if row not in RESOURCES])
def test_a_look_up_takes_what_the_table_says(row: str) -> None:
    assert groups(ROWS[row][1]) == []
    for privileges, enough in cases(groups(ROWS[row][0])):
        with account(privileges) as boomi, Driver(boomi.env) as driver:
            for look_up in look_ups(row, boomi, driver.client):
                if enough:
                    assert look_up()
                else:
                    # Without the privilege API, nothing tells a user from one with a wrong token.
                    with pytest.raises(Forbidden if "API" in privileges else (Forbidden, Unauthorized)):
                        look_up()
