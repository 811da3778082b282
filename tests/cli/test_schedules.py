"""What is scheduled where, in a report: words, findings, cost, and what it says where it cannot tell."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from click.testing import CliRunner

from boomi_pulumi._api.models import ComponentMetadata, DeployedPackage
from boomi_pulumi._reads.schedules import Scheduled
from boomi_pulumi.cli.commands import cli
from boomi_pulumi.cli.inventory import Row
from boomi_pulumi.cli.schedules import Schedules, judge, tell_schedules
from boomi_pulumi.emulator import Emulator
from tests.cli.accounts import grid
from tests.cli.conftest import Run
from tests.conformance.account import component, deployed, environment, listener, runtime

EACH = dict.fromkeys(("minutes", "hours", "daysOfWeek", "daysOfMonth", "months", "years"), "*")
NIGHTLY = {**EACH, "minutes": "30", "hours": "2"}
AT_NIGHT = "at 02:30, every day"
READ = ("EnvironmentAtomAttachment", "Atom", "ProcessSchedules", "ProcessScheduleStatus")
PAIR = ("--environment", "Test", "--environment", "Production", "--fail-on", "unscheduled")
FORMS: list[tuple[str, ...]] = [(), ("--markdown", "-"), ("--html", "-")]


@pytest.fixture
def shop(boomi: Emulator) -> Emulator:
    """An account where two processes and a listener run in both environments; one is scheduled, in Test."""
    for place in ("Test", "Production"):
        deployed(boomi, "Sync", place)
        deployed(boomi, "Feed", place)
        listener(boomi, "Inbox", place)
    boomi.save_schedules(component(boomi), runtime(boomi), [NIGHTLY])
    boomi.clear_journal()
    return boomi


def asked(boomi: Emulator) -> Counter[str]:
    return Counter(str(each["object"]) for each in boomi.journal() if each["object"] in READ)


def cells(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each["environments"] for each in said["schedules"]["processes"]}


def found(said: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (line["name"], place, each["text"])
        for line in said["components"]
        for place, cell in line["environments"].items()
        for each in cell["findings"]
        if each["kind"] == "unscheduled"
    ]


@pytest.mark.parametrize("form", FORMS)
def test_a_table_tells_the_schedules_in_words(form: tuple[str, ...], run: Run, shop: Emulator) -> None:
    told = html.unescape(run("report", "--schedules", *form).stdout)
    table = told[told.index("Schedules") :]
    assert AT_NIGHT in table
    assert "none" in table
    assert "2 without schedules" in table
    assert f"no schedule; Test has {AT_NIGHT}" in told
    assert not [word for word in ("Schedules", "no schedule", AT_NIGHT) if word in run("report", *form).stdout]
    assert asked(shop) == {"EnvironmentAtomAttachment": 1, "Atom": 1, "ProcessSchedules": 2, "ProcessScheduleStatus": 2}


def test_the_json_holds_whole_schedules(run: Run, shop: Emulator) -> None:
    shop.stop_schedules(runtime(shop), component(shop))
    said = json.loads(run("report", "--schedules", "--json").stdout)
    (there,) = cells(said)["Sync"]["Test"]["runtimes"]
    assert there == {
        "name": "test-1",
        "id": runtime(shop),
        "enabled": False,
        "schedules": [{**NIGHTLY, "inWords": AT_NIGHT}],
    }
    assert cells(said)["Sync"]["Test"]["inForce"] is False
    assert said["schedules"]["unread"] == []
    assert json.loads(run("report", "--json").stdout)["schedules"] is None


def test_what_is_not_scheduled_where_it_should_be_fails_with_what_the_first_has(run: Run, shop: Emulator) -> None:
    done = run("report", *PAIR)
    assert done.exit_code == 1
    assert f"Sync in Production: no schedule; Test has {AT_NIGHT}" in done.stdout
    assert done.stderr.endswith("Found, and not wanted: unscheduled (1).\n")
    shop.save_schedules(component(shop), runtime(shop, "prod-1"), [{**EACH, "minutes": "0"}])
    assert run("report", *PAIR).exit_code == 0, "its own times are its own business"
    shop.stop_schedules(runtime(shop, "prod-1"), component(shop))
    said = json.loads(run("report", *PAIR, "--json").stdout)
    assert found(said) == [("Sync", "Production", f"stopped: every hour at minute 0, every day; Test has {AT_NIGHT}")]
    assert said["counts"]["unscheduled"] == 1


def test_the_first_environment_is_the_measure_and_not_the_second(run: Run, shop: Emulator) -> None:
    shop.save_schedules(component(shop, "Feed"), runtime(shop, "prod-1"), [NIGHTLY])
    assert [each[:2] for each in found(json.loads(run("report", *PAIR, "--json").stdout))] == [("Sync", "Production")]
    back = ("--environment", "Production", "--environment", "Test", "--fail-on", "unscheduled", "--json")
    assert [each[:2] for each in found(json.loads(run("report", *back).stdout))] == [("Feed", "Test")]


def test_what_is_stopped_in_the_first_or_not_deployed_in_the_second_is_expected_nowhere(
    run: Run, boomi: Emulator
) -> None:
    deployed(boomi, "Sync", "Test")
    boomi.save_schedules(component(boomi), runtime(boomi), [NIGHTLY])
    assert run("report", *PAIR).exit_code == 0
    deployed(boomi, "Sync", "Production")
    assert run("report", *PAIR).exit_code == 1
    boomi.stop_schedules(runtime(boomi))
    assert run("report", *PAIR).exit_code == 0


def test_without_a_pair_nobody_can_tell(run: Run, shop: Emulator) -> None:
    for given in ((), ("--environment", "Test"), ("--environment", "Test", "--environment", "Test")):
        done = run("report", *given, "--fail-on", "unscheduled")
        assert done.exit_code == 2
        assert "needs --environment twice" in done.stderr
    assert not shop.journal()
    done = run("report", "--environment", "Test", "--environment", environment(shop), "--fail-on", "unscheduled")
    assert (done.exit_code, "needs --environment twice" in done.stderr) == (2, True)


@pytest.mark.parametrize("kind", READ[:1] + READ[2:])
def test_who_may_not_read_schedules_is_told_so_and_the_rest_stands(kind: str, run: Run, shop: Emulator) -> None:
    shop.settings(missingFeatures=[kind])
    done = run("report", "--schedules")
    assert done.exit_code == 0
    assert "Orders/Feed" in done.stdout
    assert "What is scheduled" in done.stdout
    assert AT_NIGHT not in done.stdout
    gate = run("report", *PAIR)
    assert gate.exit_code == 2, "what nobody could read is not fine"
    assert "Not known: what is scheduled could not be read everywhere." in gate.stderr
    assert json.loads(run("report", *PAIR, "--json").stdout)["schedules"]["unread"] == ["Test", "Production"]


def test_who_may_not_read_runtimes_gets_their_ids(run: Run, shop: Emulator) -> None:
    shop.settings(missingFeatures=["Atom"])
    done = run("report", *PAIR)
    assert done.exit_code == 1
    assert "This user cannot read Atom" in done.stdout
    assert AT_NIGHT in done.stdout


# -- words and verdicts, without an account ------------------------------------------------------


def row(*places: str, status: str | None = None, statuses: Sequence[str] | None = None, type_: str = "process") -> Row:
    """Return a process that is deployed in some environments, and shows a status of listeners in some of them."""
    shows = places if statuses is None else statuses
    active = {
        place: [DeployedPackage(deployment_id=place, listener_status=status if place in shows else None)]
        for place in places
    }
    return Row(ComponentMetadata(component_id="p", name="Sync", type=type_), "", active)


def scheduled(*runtimes: Scheduled) -> Schedules:
    """Return what is scheduled in `live`, on its runtimes r0, r1 and so on."""
    names = {f"r{at}": f"prod-{at}" for at in range(len(runtimes))}
    return Schedules({"live": names}, {f"r{at}": {"p": each} for at, each in enumerate(runtimes)})


ON, OFF, EMPTY = Scheduled((NIGHTLY,), enabled=True), Scheduled((NIGHTLY,), enabled=False), Scheduled((), enabled=True)


@pytest.mark.parametrize(
    ("runtimes", "word"),
    [
        ([ON], AT_NIGHT),
        ([OFF], f"stopped: {AT_NIGHT}"),
        ([Scheduled((NIGHTLY,))], f"perhaps stopped: {AT_NIGHT}"),
        ([EMPTY], "none"),
        ([Scheduled((), enabled=False)], "none"),
        ([EMPTY, EMPTY], "none"),
        ([], "no runtime"),
        ([EMPTY, ON], f"prod-1: {AT_NIGHT}"),
        ([OFF, ON], f"prod-0 stopped: {AT_NIGHT}; prod-1: {AT_NIGHT}"),
        ([Scheduled((NIGHTLY,) * 5, enabled=True)], "; ".join([*[AT_NIGHT] * 3, "… and 2 more"])),
    ],
)
def test_a_cell_is_few_words(runtimes: list[Scheduled], word: str) -> None:
    assert tell_schedules([row("live")], scheduled(*runtimes))["p"]["live"].word == word


def test_what_is_no_process_has_no_line_and_what_was_not_read_is_a_question() -> None:
    assert tell_schedules([row("live", type_="webservice")], scheduled(ON)) == {}
    for unread in (Schedules(), Schedules({"live": {"r0": "prod-0"}}, {})):
        cell = tell_schedules([row("live")], unread)["p"]["live"]
        assert (cell.word, cell.known, cell.runs) == ("?", False, False)


NAMES = {"test": "Test", "stage": "Stage", "live": "Live"}


def verdicts(one: Row, **places: Scheduled) -> dict[str, str]:
    read = Schedules({place: {place: place} for place in NAMES}, {place: {"p": each} for place, each in places.items()})
    return judge(tell_schedules([one], read)["p"], NAMES)


def test_each_environment_is_measured_by_the_nearest_before_it_that_has_a_schedule() -> None:
    everywhere = row(*NAMES)
    assert verdicts(everywhere, test=ON, stage=EMPTY, live=OFF) == {
        "stage": f"no schedule; Test has {AT_NIGHT}",
        "live": f"stopped: {AT_NIGHT}; Test has {AT_NIGHT}",
    }
    assert verdicts(everywhere, test=EMPTY, stage=ON, live=ON) == {}
    assert verdicts(row("test", "live"), test=ON, stage=EMPTY, live=EMPTY).keys() == {"live"}
    assert verdicts(everywhere, test=ON, stage=EMPTY).keys() == {"stage"}, "of what was not read, nobody can tell"


def test_one_of_several_runtimes_is_enough() -> None:
    places = {"test": {"t": "t"}, "live": {"a": "a", "b": "b"}}
    read = Schedules(places, {"t": {"p": ON}, "a": {"p": ON}, "b": {"p": EMPTY}})
    assert judge(tell_schedules([row("test", "live")], read)["p"], NAMES) == {}


def test_a_listener_is_expected_to_have_none() -> None:
    listens = row("test", "live", status="RUNNING", statuses=["live"])
    assert verdicts(listens, test=ON, stage=EMPTY, live=EMPTY) == {}
    told = tell_schedules([listens], scheduled(EMPTY))["p"]
    assert told["live"].word == "listener"


def test_where_boomi_shows_a_status_of_all_processes_it_hides_nothing() -> None:
    """The status of what runs by a schedule is none of a listener."""
    shown = row("test", "live", status="RUNNING")
    assert verdicts(shown, test=ON, stage=EMPTY, live=EMPTY) == {"live": f"no schedule; Test has {AT_NIGHT}"}


# -- cost ----------------------------------------------------------------------------------------


def test_each_runtime_costs_two_queries_of_a_hundred_a_page() -> None:
    account = grid([f"Sync {number}" for number in range(120)], {"Test": "1", "Production": "1"}, ["1"])
    account["runtimes"] = [
        {"name": "test-1", "attachedTo": ["Test"]},
        {"name": "prod-1", "attachedTo": ["Production"]},
        {"name": "elsewhere"},
    ]
    with Emulator(account, rate_limit=0) as boomi:
        env = {**boomi.env, "BOOMI_RATE_LIMIT": "0"}
        done = CliRunner().invoke(cli, ["report", "--schedules", "--json"], env=env, catch_exceptions=False)
        assert done.exit_code == 0
        assert len(cells(json.loads(done.stdout))) == 120
        pages = 2
        assert asked(boomi) == {
            "EnvironmentAtomAttachment": 1,
            "Atom": 1,
            "ProcessSchedules": 2 * pages,
            "ProcessScheduleStatus": 2 * pages,
        }
