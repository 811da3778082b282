"""Names of the account reach a terminal, a log and JSON as text: nothing in them steers, breaks a line, or is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from pulumi.runtime.proto import provider_pb2

from boomi_pulumi._api.errors import BoomiError
from boomi_pulumi._reads import finders
from boomi_pulumi.cli.commands import cli
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.native.functions import FUNCTIONS
from tests.conformance.account import component, environment, package
from tests.conformance.cases import CASES, Case
from tests.conformance.test_laws import declared
from tests.driver import CheckFailed, Driver, PluginError, Resource, struct_of
from tests.native_driver import NativeDriver

STEERS = "\x1b[31m\a\x7f\x9b\u202e\u2066\u2028x\u2029\x85\r\n\tNext"
SHOWN = r"\x1b[31m\x07\x7f\x9b\u202e\u2066\u2028x\u2029\x85\r\n\tNext"
PERSON = f"eve{STEERS}@acme.example"


def spoil(boomi: Emulator) -> None:
    """Have each name of the account end with what steers a terminal, as somebody could by Boomi's API."""
    store = boomi.store
    for row in boomi.objects("ComponentMetadata"):
        store.console("update", "ComponentMetadata", by=PERSON, id=row["componentId"], name=f"{row['name']}{STEERS}")
    for row in boomi.objects("Environment"):
        store.console("update", "Environment", by=PERSON, id=row["id"], name=f"{row['name']}{STEERS}")


def harmless(text: str) -> bool:
    """Tell whether every character of a text is seen, and each of its lines is one that this package began."""
    return all(line.isprintable() and not line.startswith(("Next", "x")) for line in text.split("\n"))


def tells(act: Callable[[], object], capfd: pytest.CaptureFixture[str]) -> str:
    """Return what a run tells, with each failure as the engine gets it."""
    try:
        act()
    except (CheckFailed, PluginError, BoomiError) as error:
        failed = getattr(error, "failures", None)
        said = "\n".join(failed.values()) if failed else str(error)
    else:
        said = ""
    return said + "".join(capfd.readouterr())


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_what_a_run_says_steers_nothing(
    case: Case, door: type[Driver], boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """What was there is taken over, what others do is told, what cannot be is refused, and all goes again."""
    program = declared(case, boomi)
    wrong = [declared(case, boomi, **edit(boomi)) for edit in case.replaces.values()]
    moved = package(boomi, "1.1")
    spoil(boomi)
    said = ""
    with door(boomi.env) as ours, door(boomi.env, stack="other") as other:
        for driver in (ours, other):
            said += tells(lambda: driver.up(program), capfd)  # noqa: B023 - it runs at once
        for each in wrong:
            said += tells(lambda: ours.preview(each), capfd)  # noqa: B023
        if case.kind == "DeployedPackage":
            boomi.console_deploy(program.inputs["environmentId"], moved, by=PERSON)
        said += tells(lambda: ours.preview(program), capfd)
        for driver in (other, ours):
            said += tells(driver.refresh, capfd) + tells(driver.destroy, capfd)
    assert said
    assert harmless(said), said
    if case.kind in {"DeployedPackage", "PackagedComponent"}:
        assert SHOWN in said


def test_a_refusal_that_lists_names_steers_nothing(
    driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    gated = Resource(
        "d",
        "DeployedPackage",
        {
            "environmentId": environment(boomi, "Production"),
            "packageId": package(boomi),
            "promotedFromId": environment(boomi),
        },
    )
    boomi.console_deploy(environment(boomi), package(boomi, "1.1"), by=PERSON)
    spoil(boomi)
    said = tells(lambda: driver.preview(gated), capfd)
    assert SHOWN in said
    assert harmless(said), said


def _by_the_finder(boomi: Emulator, name: str, arguments: dict[str, Any]) -> None:
    with Driver(boomi.env) as driver:
        getattr(finders, f"find_{name}")(driver.client, **arguments)


def _by_the_plugin(boomi: Emulator, name: str, arguments: dict[str, Any]) -> None:
    with NativeDriver(boomi.env) as driver:
        token = f"boomi:index:get{name[:1].upper()}{name[1:]}"
        assert token.rpartition(":")[2] in FUNCTIONS
        driver.call("Invoke", provider_pb2.InvokeRequest(tok=token, args=struct_of(arguments)))


@pytest.mark.parametrize("look_up", [_by_the_finder, _by_the_plugin])
def test_a_look_up_without_a_hit_steers_nothing(
    look_up: Callable[[Emulator, str, dict[str, Any]], None], boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    spoil(boomi)
    for name in ("environment", "component"):
        said = tells(lambda: look_up(boomi, name, {"name": f"Tesd{STEERS}"}), capfd)  # noqa: B023
        assert SHOWN in said, said
        assert harmless(said), said


def test_a_report_steers_nothing_and_its_json_is_what_boomi_holds(boomi: Emulator) -> None:
    boomi.console_deploy(environment(boomi), package(boomi), by=PERSON)
    id_ = component(boomi)
    spoil(boomi)

    def report(*arguments: str) -> str:
        env = {**boomi.env, "BOOMI_RATE_LIMIT": "0"}
        done = CliRunner().invoke(cli, ["report", *arguments], env=env, catch_exceptions=False)
        assert done.exit_code == 0
        assert harmless(done.stderr), done.stderr
        return done.stdout

    for form in ((), ("--json",), ("--markdown", "-"), ("--html", "-")):
        said = report(*form)
        assert harmless(said), said
    found = json.loads(report("--json"))
    assert found["components"][0]["id"] == id_
    assert found["components"][0]["name"] == f"Sync{STEERS}"
    assert found["environments"][0]["name"] == f"Test{STEERS}"


def test_an_output_keeps_what_boomi_holds(driver: Driver, boomi: Emulator) -> None:
    """Only texts for people are written out; values are what they are."""
    program = Resource("p", "PackagedComponent", {"componentId": component(boomi), "packageVersion": "7.0"})
    spoil(boomi)
    driver.up(program)
    assert driver.state.resources["p"].outputs["componentName"] == f"Sync{STEERS}"
