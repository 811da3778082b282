"""Gates that ask for runs: what is recorded in the environment before, and nothing that runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

import boomi_pulumi
from boomi_pulumi._reads.runs import SETTLE
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, environment, package, runtime, seed
from tests.conformance.test_laws import Altered, assert_settled, committed
from tests.conformance.test_previews import refusals
from tests.conformance.test_promotions import both, promoted, tried
from tests.driver import Driver, PluginError, Resource, Step
from tests.inline import run

RECORD, ATTACHMENT = "ExecutionRecord", "EnvironmentAtomAttachment"


def ran(boomi: Emulator, status: str = "COMPLETE", name: str = "Sync", on: str = "test-1", **more: Any) -> str:
    """Leave a run by hand, once the runtime has what was deployed; return when it began."""
    boomi.advance(SETTLE)
    return str(boomi.run(component(boomi, name), runtime(boomi, on), status, **more).get("executionTime"))


def counted(since: str) -> str:
    """Return from when runs count of what was deployed at a moment."""
    began = datetime.fromisoformat(since.replace("Z", "+00:00")) + timedelta(seconds=SETTLE)
    return began.strftime("%Y-%m-%dT%H:%M:%SZ")


def gated(boomi: Emulator, runs: Any = 1, version: str = "1.0", **more: Any) -> Resource:
    return promoted(boomi, version, promotedRuns=runs, **more)


def reads(boomi: Emulator) -> dict[str, int]:
    """Tell the requests about runs and attachments since the journal was cleared."""
    kinds = [entry["object"] for entry in boomi.journal()]
    return {kind: kinds.count(kind) for kind in (ATTACHMENT, RECORD)}


def refused(driver: Driver, program: Resource, *others: Resource) -> str:
    failures = refusals(driver, *others, program)
    assert list(failures) == ["promotedFromId"]
    return str(failures["promotedFromId"]).removeprefix("is closed: ")


@pytest.mark.parametrize("asked", [2, {"complete": 2, "failed": 0}, {"complete": 2}])
def test_a_package_that_ran_well_goes_on(asked: Any, driver: Driver, boomi: Emulator) -> None:
    since = tried(boomi)
    ran(boomi)
    last = ran(boomi, "COMPLETE_WARN")
    program = gated(boomi, asked)
    boomi.clear_journal()
    assert driver.preview(program) == [Step("create", "d")]
    line = f"open: active in Test since {since}; 2 runs in Test, the last COMPLETE_WARN at {last}, "
    assert driver.shown["d"]["gate"] == f"{line}1 with a warning (COMPLETE_WARN), none failed"
    assert reads(boomi) == {ATTACHMENT: 1, RECORD: 1}
    driver.up(program)
    assert driver.state.resources["d"].outputs["promotedRuns"] == {"complete": 2, "failed": 0, "settle": SETTLE}
    # A run that fails later closes no gate behind what runs; another number alone changes nothing.
    ran(boomi, "ERROR")
    boomi.clear_journal()
    assert_settled(driver, boomi, program)
    assert_settled(driver, boomi, gated(boomi, 50))


@pytest.mark.parametrize("asked", [{}, {"complete": None}, {"complete": None, "failed": 1}], ids=str)
def test_what_is_left_out_of_the_numbers_is_as_a_rule(asked: dict[str, Any], boomi: Emulator) -> None:
    tried(boomi)
    ran(boomi)
    inputs = gated(boomi, asked).inputs

    def program() -> None:
        names = ("package_id", "environment_id", "promoted_from_id", "promoted_runs")
        given = ("packageId", "environmentId", "promotedFromId", "promotedRuns")
        boomi_pulumi.DeployedPackage("d", **dict(zip(names, (inputs[each] for each in given), strict=True)))

    with Driver(boomi.env) as driver:
        assert run(program, driver.config, driver=driver).failures == {}


def test_nobody_reads_runs_where_none_are_asked_for(driver: Driver, boomi: Emulator) -> None:
    tried(boomi)
    boomi.clear_journal()
    driver.up(promoted(boomi))
    assert reads(boomi) == {ATTACHMENT: 0, RECORD: 0}


def test_each_judgement_is_two_requests(driver: Driver, boomi: Emulator) -> None:
    tried(boomi)
    ran(boomi)
    boomi.clear_journal()
    driver.preview(gated(boomi))
    assert reads(boomi) == {ATTACHMENT: 1, RECORD: 1}
    boomi.clear_journal()
    driver.up(gated(boomi))
    assert reads(boomi) in ({ATTACHMENT: 2, RECORD: 2}, {ATTACHMENT: 1, RECORD: 1})


def test_only_runs_of_this_process_there_since_its_deployment_count(driver: Driver, boomi: Emulator) -> None:
    tried(boomi, "1.1")
    ran(boomi)
    ran(boomi, "ERROR")
    boomi.advance(60)
    since = tried(boomi)
    boomi.console_deploy(environment(boomi), package(boomi, "1.0", "Feed"))
    boomi.console_deploy(environment(boomi, "Production"), package(boomi, "1.1"))
    for on, name in (("test-1", "Feed"), ("prod-1", "Sync")):
        ran(boomi, name=name, on=on)
        ran(boomi, "ERROR", name=name, on=on)
    why = refused(driver, gated(boomi))
    words = (
        f"no run of it is recorded in Test since {counted(since)}; let it run there first, 15 s after its deployment"
    )
    assert why.startswith(words)
    last = ran(boomi)
    driver.preview(gated(boomi))
    assert str(driver.shown["d"]["gate"]).endswith(f"; 1 run in Test, the last COMPLETE at {last}, none failed")


NOT_DONE = ("ENQUEUED", "STARTED", "INPROCESS", "ABORTED_RECOVERING")


@pytest.mark.parametrize(
    ("statuses", "asked", "words"),
    [
        (["COMPLETE", "ERROR"], 1, "2 runs in Test, the last ERROR at {}, 1 failed, and the gate allows none"),
        (["ABORTED", "COMPLETE"], 1, "2 runs in Test, the last COMPLETE at {}, 1 failed, and the gate allows none"),
        (
            ["ERROR", "ERROR", "COMPLETE"],
            {"failed": 1},
            "3 runs in Test, the last COMPLETE at {}, 2 failed, and the gate allows no more than 1",
        ),
        (["COMPLETE"], 2, "1 run in Test, the last COMPLETE at {}, none failed, and the gate asks for 2 that complete"),
        *(
            ([word], 1, f"1 run in Test, the last {word} at {{}}, 0 complete, 1 still running, none failed")
            for word in NOT_DONE
        ),
        (["DISCARDED"], 1, "1 run in Test, the last DISCARDED at {}, 0 complete, none failed"),
        (["COMPLETED?"], 1, "1 run in Test, the last COMPLETED? at {}, 0 complete, none failed"),
    ],
)
def test_runs_that_fail_or_are_too_few_close_the_gate(
    statuses: list[str], asked: Any, words: str, driver: Driver, boomi: Emulator
) -> None:
    tried(boomi)
    last = ""
    for status in statuses:
        boomi.advance(1)
        last = ran(boomi, status)
    assert words.format(last) in refused(driver, gated(boomi, asked))


def test_failures_that_are_allowed_do_not_close_it(driver: Driver, boomi: Emulator) -> None:
    tried(boomi)
    ran(boomi, "ERROR")
    ran(boomi)
    program = gated(boomi, {"complete": 1, "failed": 1})
    driver.up(program)
    assert ", 1 failed" in str(driver.state.resources["d"].outputs["gate"])
    assert_settled(driver, boomi, program)


def test_a_run_that_fails_between_preview_and_write_closes_it(driver: Driver, boomi: Emulator) -> None:
    tried(boomi)
    ran(boomi)
    inputs = driver.check("d", "DeployedPackage", {}, gated(boomi).inputs)
    with type(driver)(boomi.env) as later:
        ran(boomi, "ERROR")
        boomi.clear_journal()
        with pytest.raises(PluginError, match=r"promotedFromId is closed: .* 1 failed, and the gate allows none"):
            later.create("d", "DeployedPackage", inputs)
    assert committed(boomi) == []


@pytest.mark.parametrize("privilege", ["VIEW_RESULT", "ATOM_MANAGEMENT"])
def test_what_one_may_not_read_passes_no_gate(privilege: str, door: type[Driver]) -> None:
    account = seed()
    privileges = [each for each in account["users"][0]["privileges"] if not each.startswith(privilege)]
    account["users"].append({"name": "half@acme.example", "token": "half-token", "privileges": privileges})
    with Emulator(account, rate_limit=0) as boomi:
        tried(boomi)
        ran(boomi)
        with door(boomi.env) as driver:
            inputs = driver.check("d", "DeployedPackage", {}, gated(boomi).inputs)
        boomi.clear_journal()
        with door({**boomi.env, "BOOMI_USERNAME": "half@acme.example", "BOOMI_TOKEN": "half-token"}) as driver:
            assert f"that takes API and {privilege}" in refused(driver, gated(boomi))
            with pytest.raises(PluginError, match=f"that takes API and {privilege}"):
                driver.create("d", "DeployedPackage", inputs)
            assert committed(boomi) == []


@pytest.mark.parametrize("name", ["Api", "Inbox", "Fast"])
def test_what_leaves_no_records_passes_no_gate(name: str, door: type[Driver]) -> None:
    account = seed()
    account["components"] += [{"name": "Inbox", "listener": "jms"}, {"name": "Fast", "lowLatency": True}]
    with Emulator(account, rate_limit=0, listenerRecords="none") as boomi, door(boomi.env) as driver:
        id_ = boomi.console_package(component(boomi, name), packageVersion="9.0")["packageId"]
        boomi.console_deploy(environment(boomi), id_)
        ran(boomi, name=name)
        boomi.clear_journal()
        why = refused(driver, gated(boomi).edited(packageId=id_))
        assert ("of type webservice leaves no record" if name == "Api" else "no run of it is recorded in Test") in why


def test_an_environment_without_a_runtime_passes_no_gate(driver: Driver, boomi: Emulator) -> None:
    tried(boomi)
    ran(boomi)
    boomi.detach(runtime(boomi), environment(boomi))
    assert refused(driver, gated(boomi)).endswith("no runtime is attached there, so nothing runs")


@pytest.mark.parametrize("count", [100, 130])
def test_many_runs_are_counted(count: int, driver: Driver, boomi: Emulator) -> None:
    tried(boomi)
    for number in range(count):
        ran(boomi, {0: "COMPLETE_WARN", 1: "DISCARDED", 2: "INPROCESS"}.get(number, "COMPLETE"))
    boomi.clear_journal()
    driver.preview(gated(boomi, count - 2))
    line = f"{count - 2} complete, 1 with a warning (COMPLETE_WARN), 1 still running, none failed"
    assert str(driver.shown["d"]["gate"]).endswith(line)
    assert reads(boomi) == {ATTACHMENT: 1, RECORD: 1 if count <= 100 else 5}
    ran(boomi, "ABORTED")
    with type(driver)(boomi.env) as later:
        assert "1 failed, and the gate allows none" in refused(later, gated(boomi))


def test_runs_of_a_month_ago_are_not_asked_for(door: type[Driver]) -> None:
    """What one runtime keeps longer than others is no proof against it."""
    since = "2020-01-01T00:00:00Z"
    run = {"component": "Acme/Orders/Sync", "package": "1.0", "environment": "Test", "date": since}
    with Emulator({**seed(), "deployments": [run]}, rate_limit=0) as boomi, door(boomi.env) as driver:
        ran(boomi, "ERROR", at="2020-01-02T00:00:00Z")
        last = ran(boomi)
        driver.preview(gated(boomi))
        line = f"open: active in Test since {since}; 1 run in Test, the last COMPLETE at {last}, none failed"
        assert driver.shown["d"]["gate"] == line


# -- the past, and what a run itself does ---------------------------------------------------------


def test_the_way_back_asks_for_no_runs(driver: Driver, boomi: Emulator) -> None:
    for version in ("1.0", "1.1"):
        boomi.console_deploy(environment(boomi, "Production"), package(boomi, version))
    tried(boomi)  # Test went back first, and nothing has run there since
    program = gated(boomi)
    driver.preview(program)
    assert str(driver.shown["d"]["gate"]).startswith("open: it ran in Production before, deployed by ")
    driver.up(program)
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize("status", [None, "COMPLETE", "ERROR"])
def test_of_a_package_that_test_has_left_behind_its_own_runs_count(
    status: str | None, driver: Driver, boomi: Emulator
) -> None:
    tried(boomi)
    if status:
        boomi.advance(1)
        ran(boomi, status)
    boomi.advance(60)
    tried(boomi, "1.1")
    ran(boomi, "ERROR" if status == "COMPLETE" else "COMPLETE")
    program = gated(boomi)
    if status == "COMPLETE":
        driver.up(program)
        gate = str(driver.state.resources["d"].outputs["gate"])
        assert gate.startswith("open: it was active in Test from ")
        assert ", until a newer one came; 1 run in Test, the last COMPLETE at " in gate
        assert_settled(driver, boomi, program)
    else:
        words = "1 failed, and the gate allows none" if status else "no run of it is recorded in Test since"
        assert words in refused(driver, program)


def test_earlier_runs_prove_nothing_for_a_package_that_is_back(driver: Driver, boomi: Emulator) -> None:
    tried(boomi)
    ran(boomi)
    boomi.advance(60)
    for version in ("1.1", "1.0"):
        since = tried(boomi, version)
        boomi.advance(1)
    program = gated(boomi, promotedAfter="0s")
    assert refused(driver, program).startswith(f"no run of it is recorded in Test since {counted(since)}")
    ran(boomi)
    with type(driver)(boomi.env) as later:
        assert "; it opens on " in refused(later, gated(boomi, promotedAfter="24h"))
        later.up(program)


@pytest.mark.parametrize(("asked", "seconds", "counts"), [
    (1, SETTLE - 1, False),
    (1, SETTLE + 1, True),
    ({"complete": 1, "settle": 60}, SETTLE + 1, False),
    ({"complete": 1, "settle": 0}, 0, True),
], ids=str)  # fmt: skip
def test_a_run_that_may_be_of_the_version_before_proves_nothing(
    asked: Any, seconds: int, counts: bool, driver: Driver, boomi: Emulator
) -> None:
    tried(boomi)
    boomi.advance(seconds)
    boomi.run(component(boomi), runtime(boomi))
    if counts:
        assert driver.preview(gated(boomi, asked)) == [Step("create", "d")]
    else:
        assert "no run of it is recorded in Test" in refused(driver, gated(boomi, asked))


def test_runs_come_before_the_deployment_that_asks_for_them(driver: Driver, boomi: Emulator) -> None:
    test, production = both(boomi, package(boomi, "1.1"), promotedRuns=1)
    words = "'test' of this program deploys 1.1 to Test only now, and the gate asks for runs there; run again when they"
    assert refused(driver, production, test).startswith(words)


# -- what makes no sense, and answers that do not ---------------------------------------------------


@pytest.mark.parametrize(
    ("value", "name", "words"),
    [
        (True, "promotedRuns", "is true or false; give a number of runs"),
        (0, "promotedRuns.complete", "greater than or equal to 1"),
        ("many", "promotedRuns.complete", "valid integer"),
        (1.5, "promotedRuns.complete", "valid integer"),
        ({"failed": -1}, "promotedRuns.failed", "greater than or equal to 0"),
        ({"completed": 1}, "promotedRuns.completed", "complete"),
        ([1], "promotedRuns.complete", "valid integer"),
    ],
)
def test_what_is_no_number_of_runs_is_refused(
    value: Any, name: str, words: str, driver: Driver, boomi: Emulator
) -> None:
    tried(boomi)
    boomi.clear_journal()
    assert words in refusals(driver, gated(boomi, value))[name]
    assert reads(boomi) == {ATTACHMENT: 0, RECORD: 0}


def test_runs_without_an_environment_are_refused(driver: Driver, boomi: Emulator) -> None:
    failures = refusals(driver, gated(boomi).edited(promotedFromId=None))
    assert failures == {"promotedRuns": "says how many runs, but not where: give promoted_from as well"}


@pytest.mark.parametrize("kind", ["page-after", "error-after", "short", "half-body", "reset-after"])
@pytest.mark.parametrize("target", [RECORD, ATTACHMENT])
def test_a_read_that_fails_passes_no_gate(kind: str, target: str, driver: Driver, boomi: Emulator) -> None:
    tried(boomi)
    ran(boomi)
    ran(boomi)
    inputs = driver.check("d", "DeployedPackage", {}, gated(boomi).inputs)
    boomi.faults({"kind": kind, "object": target, "verb": "query", "times": 50})
    with type(driver)(boomi.env) as later:
        assert target in refusals(later, gated(boomi))["gate"]
        with pytest.raises(PluginError, match=target):
            later.create("d", "DeployedPackage", inputs)
    assert committed(boomi) == []


NO_RUN = "no run of it is recorded in Test since "


@pytest.mark.parametrize(
    ("altered", "why"),
    [
        ({"processId": "another"}, NO_RUN),
        ({"atomId": "another"}, NO_RUN),
        ({"executionTime": "2020-01-01T00:00:00Z"}, NO_RUN),
        ({"status": None}, "active in Test since "),
        ({"processId": None, "atomId": None, "executionTime": None, "executionDuration": ["Long", 3832]}, ""),
        ({"executionTime": "9999-12-31T23:59:59-14:00", "message": 7}, ""),
    ],
)
def test_a_record_of_something_else_does_not_count(
    altered: dict[str, Any], why: str, driver: Driver, boomi: Emulator
) -> None:
    """Nor does one without a status; what the query has named, an answer need not repeat."""
    tried(boomi)
    ran(boomi)
    driver.client.adapter = adapter = Altered(RECORD, lambda row: row.update(altered))
    if why:
        assert refused(driver, gated(boomi)).startswith(why)
    else:
        driver.up(gated(boomi))
    adapter.close()
