"""Runs: never sent twice, never of the version before, and nothing follows one that did not pass."""

from __future__ import annotations

import json
from typing import Any

import pytest

from boomi_pulumi._api.extensions import Extension, extensions_of
from boomi_pulumi._api.models import ENVIRONMENT_EXTENSIONS
from boomi_pulumi._api.sender import INTERRUPTED
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, declaring, environment, only_dynamic, package, runtime, seed
from tests.conformance.cases import CASES, ready
from tests.conformance.test_extensions import by_hand
from tests.conformance.test_laws import assert_settled
from tests.driver import CheckFailed, Driver, PluginError, Ref, Resource, Step
from tests.native_driver import NativeDriver


def fields(driver: Driver, place: str) -> list[Extension]:
    """Return what the processes of an environment declare."""
    return list(extensions_of(driver.client.get(ENVIRONMENT_EXTENSIONS, place)))


HOURLY = [{"minutes": "0"}]
ENDS = {
    "COMPLETE_WARN": "it ended COMPLETE_WARN",
    "ERROR": "it ended ERROR",
    "ABORTED": "it ended ABORTED",
    "DISCARDED": "it ended DISCARDED",
}


def sent(boomi: Emulator) -> list[str]:
    """Return what was asked of Boomi beside reads; a request that was cut off counts as well."""
    asked = ((each["method"], each["path"].split("/")[5:]) for each in boomi.journal())
    return [path[0] for method, path in asked if method != "GET" and path[-1] not in ("query", "queryMore", "bulk")]


@pytest.fixture
def ours(boomi: Emulator) -> Resource:
    return Resource("it", "ExecutionRequest", CASES["ExecutionRequest"].inputs(boomi))


def run(boomi: Emulator, status: str = "COMPLETE", **more: Any) -> str:
    """Let a person run the process, and return the run's id."""
    return str(boomi.run(component(boomi), runtime(boomi), status, **more)["executionId"])


@pytest.mark.parametrize("switch", [
    {},
    {"recordBody": "bare"},
    {"record202Until": "ended"},
    {"longs": "number"},
    {"runPolls": 3},
    {"stringy": True},
], ids=str)  # fmt: skip
def test_a_run_that_passed_is_settled(switch: dict[str, Any], driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.settings(**switch)
    boomi.script_runs(component(boomi), {"documents": 3832})
    driver.preview(ours)
    assert driver.shown["it"]["runs"] == "Sync 1.0 will RUN on test-1 (Test)"
    driver.up(ours)
    outputs = driver.state.resources["it"].outputs
    assert (outputs["status"], outputs["inboundDocumentCount"]) == ("COMPLETE", 3832)
    assert sent(boomi) == ["ExecutionRequest"]
    assert_settled(driver, boomi, ours)


@pytest.mark.parametrize("status", ENDS)
def test_a_run_that_did_not_pass_stops_what_follows(
    status: str, driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    boomi.script_runs(component(boomi), {"status": status, "message": "no stock\nof 4711"}, {"status": "COMPLETE"})
    schedules = {"processId": component(boomi), "atomId": Ref("it", "atomId"), "schedules": HOURLY}
    program = (ours, Resource("then", "ProcessSchedules", schedules))
    with pytest.raises(PluginError, match=ENDS[status]) as caught:
        driver.up(*program)
    assert "no stock" in caught.value.text
    assert "4711" not in caught.value.text, "the rest may be data of the business"
    assert sent(boomi) == ["ExecutionRequest"]
    assert not driver.state.resources
    # The next run looks first, and runs again.
    assert driver.up(*program) == [Step("create", "it"), Step("create", "then")]
    assert sent(boomi) == ["ExecutionRequest", "ExecutionRequest", "ProcessSchedules"]
    assert "message" not in driver.state.resources["it"].outputs


def test_a_warning_passes_where_the_program_says_so(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.script_runs(component(boomi), {"status": "COMPLETE_WARN"})
    driver.up(ours.edited(accept=["COMPLETE", "COMPLETE_WARN"]))
    assert driver.state.resources["it"].outputs["status"] == "COMPLETE_WARN"


def test_a_run_with_documents_that_failed_does_not_pass(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.script_runs(component(boomi), {"documents": 40, "errors": 4})
    with pytest.raises(PluginError, match="4 of 40 documents have errors, and 3 may"):
        driver.up(ours.edited(maxErrorDocuments=3))
    driver.up(ours.edited(maxErrorDocuments=4))


@pytest.mark.parametrize("status", ["INPROCESS", "STARTED", "ENQUEUED", "ABORTED_RECOVERING", "PONDERING"])
def test_what_is_no_end_is_waited_for_and_then_told(
    status: str, driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    boomi.script_runs(component(boomi), {"status": status})
    with pytest.raises(PluginError, match="has not ended after 60 s, and is left going"):
        driver.up(ours.edited(runTimeout=60))
    polls = [each for each in boomi.journal() if each["object"] == "ExecutionRecord" and each["verb"] == "poll"]
    assert len(polls) == 9  # after 2, 5, 10, 18, 28, 38, 48, 58 and 60 s
    # The next run waits for it in place of another one.
    with pytest.raises(PluginError, match="has not ended after 60 s"):
        driver.up(ours.edited(runTimeout=60))
    assert sent(boomi) == ["ExecutionRequest"]


def test_who_stops_is_told_what_goes_on(
    driver: Driver, boomi: Emulator, ours: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    boomi.script_runs(component(boomi), {"status": "INPROCESS"})
    sleep = driver.clock.sleep

    def stop(seconds: float) -> None:
        sleep(seconds)
        if seconds == 3:  # before the second poll
            INTERRUPTED.set()

    monkeypatch.setattr(driver.client, "_sleep", stop)
    try:
        with pytest.raises(PluginError, match=r"is left going, since this was asked to stop.*looks for it first"):
            driver.up(ours)
    finally:
        INTERRUPTED.clear()
    assert sent(boomi) == ["ExecutionRequest"]


@pytest.mark.parametrize("validate", ["true", "false"])
def test_a_runtime_that_is_offline_is_refused_before_the_request(
    validate: str, door: type[Driver], boomi: Emulator, ours: Resource
) -> None:
    boomi.set_runtime(runtime(boomi), "OFFLINE")
    with door(boomi.env, validate=validate) as driver:
        if validate == "true":
            with pytest.raises(CheckFailed, match="names test-1, which is offline; start it"):
                driver.preview(ours)
        else:
            with pytest.raises(PluginError, match="runtime test-1 is offline"):
                driver.up(ours)
    assert sent(boomi) == []


def test_what_ran_stays_quiet_when_the_runtime_goes_offline(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    boomi.set_runtime(runtime(boomi), "OFFLINE")
    assert driver.up(ours) == [Step("same", "it")]


# -- looks first ---------------------------------------------------------------------------------


def test_a_run_that_passed_since_the_deployment_is_taken(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    theirs = run(boomi)
    driver.up(ours)
    assert driver.state.resources["it"].outputs["executionId"] == theirs
    assert sent(boomi) == []
    assert "passed there since the deployment" in "".join(capfd.readouterr())
    assert_settled(driver, boomi, ours)


@pytest.mark.parametrize("late", ["ERROR", "DISCARDED"])
def test_only_the_newest_run_counts(late: str, driver: Driver, boomi: Emulator, ours: Resource) -> None:
    run(boomi)
    boomi.advance(5)
    run(boomi, late)
    driver.up(ours)
    assert len(sent(boomi)) == (late == "ERROR")  # one that was discarded has not run


@pytest.mark.parametrize("theirs", [{"type": "exec_sched"}, {"errors": 1}, {"status": "COMPLETE_WARN"}], ids=str)
def test_what_is_no_proof_is_not_taken(theirs: dict[str, Any], driver: Driver, boomi: Emulator, ours: Resource) -> None:
    run(boomi, **theirs)
    driver.up(ours)
    assert sent(boomi) == ["ExecutionRequest"]


def test_a_run_of_the_version_before_is_not_taken(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.settings(deployPropagation=15)
    run(boomi)  # of 1.0
    boomi.console_deploy(environment(boomi), package(boomi, "1.1"))
    run(boomi)  # within the window: still of 1.0
    boomi.advance(20)
    driver.up(ours.edited(packageId=package(boomi, "1.1")))
    assert sent(boomi) == ["ExecutionRequest"]


@pytest.mark.parametrize("ahead", [-7200, 0, 7200], ids=["Boomi's clock behind", "the same", "Boomi's clock ahead"])
def test_it_waits_until_the_runtime_has_the_version(
    ahead: int, driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    boomi.advance(ahead)
    boomi.console_deploy(environment(boomi), package(boomi, "1.1"))
    boomi.advance(100)
    driver.up(ours.edited(packageId=package(boomi, "1.1"), settle=400))
    longest = max(driver.clock.slept)
    assert 240 < longest <= 300, "100 of 400 s are over by Boomi's clock, and some time in which the test ran"
    driver.clock.slept.clear()
    boomi.advance(600)
    driver.up(ours.edited(packageId=package(boomi, "1.1"), settle=0, triggers={"a": "b"}))
    assert max(driver.clock.slept) <= 3


def test_another_trigger_runs_again_although_one_passed(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    boomi.advance(5)
    assert driver.up(ours.edited(triggers={"data": "2"})) == [Step("update", "it")]
    assert sent(boomi) == ["ExecutionRequest"] * 2


# -- a deployment of the same run ----------------------------------------------------------------


def test_a_deployment_of_the_same_run_comes_first(driver: Driver, boomi: Emulator) -> None:
    deployment = Resource("d", "DeployedPackage", {"environmentId": environment(boomi), "packageId": package(boomi)})
    inputs = {"processId": Ref("d", "componentId"), "atomId": runtime(boomi), "packageId": Ref("d", "packageId")}
    program = (deployment, Resource("it", "ExecutionRequest", inputs))
    driver.preview(*program)
    assert driver.up(*program) == [Step("create", "d"), Step("create", "it")]
    assert_settled(driver, boomi, *program)


def test_the_preview_names_the_version_that_this_run_packages(driver: Driver, boomi: Emulator) -> None:
    process, place = component(boomi), environment(boomi)
    program = (
        Resource("p", "PackagedComponent", {"componentId": process, "packageVersion": "7.0"}),
        Resource("d", "DeployedPackage", {"environmentId": place, "packageId": Ref("p", "packageId")}),
        Resource(
            "it",
            "ExecutionRequest",
            {"processId": process, "atomId": runtime(boomi), "packageId": Ref("d", "packageId")},
        ),
    )
    driver.preview(*program)
    assert driver.shown["it"]["runs"] == "Sync 7.0 will RUN on test-1 (Test)"
    assert driver.shown["it"]["packageVersion"] == "7.0"
    driver.up(*program)
    assert driver.state.resources["it"].outputs["runs"] == "Sync 7.0 will RUN on test-1 (Test)"
    assert_settled(driver, boomi, *program)


def _next(boomi: Emulator, ours: Resource, version: str = "1.1") -> tuple[Resource, ...]:
    """Return a program that deploys another package, and runs it."""
    inputs = {"environmentId": environment(boomi), "packageId": package(boomi, version)}
    return Resource("d", "DeployedPackage", inputs), ours.edited(packageId=Ref("d", "packageId"))


def asked(boomi: Emulator, object_: str) -> int:
    return sum(each["object"] == object_ for each in boomi.journal())


@pytest.mark.parametrize("known", [True, False], ids=["there", "made by this run"])
def test_the_preview_tells_when_the_version_before_passed(
    known: bool, driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    boomi.advance(60)  # the runtime has 1.0 for certain
    when = boomi.run(component(boomi), runtime(boomi))["executionTime"]
    boomi.advance(3600)
    for status in ("ERROR", "COMPLETE_WARN"):
        run(boomi, status)
    run(boomi, errors=1)
    run(boomi, type="exec_sched")
    program = _next(boomi, ours)
    if not known:
        made = Resource("p", "PackagedComponent", {"componentId": component(boomi), "packageVersion": "7.0"})
        program = (made, program[0].edited(packageId=Ref("p", "packageId")), program[1])
    driver.preview(*program)
    version = "1.1" if known else "7.0"
    line = f"Sync {version} will RUN on test-1 (Test); 1.0 passed there on {when[:10]}"
    assert driver.shown["it"]["runs"] == line


@pytest.mark.parametrize("what", ["no run", "one of the version before it", "unreadable"])
def test_no_word_of_what_is_not_known_to_have_passed(
    what: str, driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    if what != "no run":
        run(boomi)
    version = "1.0"
    if what == "one of the version before it":
        boomi.advance(3600)
        boomi.console_deploy(environment(boomi), package(boomi, "1.1"))
        run(boomi)  # within the time in which the runtime may still run 1.0
    else:
        version = "1.1"
    if what == "unreadable":
        boomi.faults({"kind": "refuse", "object": "ExecutionRecord", "times": 100})
    driver.preview(*_next(boomi, ours, version))
    assert driver.shown["it"]["runs"] == f"Sync {version} will RUN on test-1 (Test)"


def test_the_preview_names_the_properties_that_an_extension_overrides(
    driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    place, settings = declaring(boomi), "processProperties/Order Settings"
    for path, value in (("properties/DPP_MODE", "live"), (f"{settings}/Warehouse", "W9")):
        by_hand(boomi, path, value)
    (of,) = {each.component: each for each in fields(driver, place) if each.path.startswith(settings)}
    keys = {each.label: each.field for each in fields(driver, place) if each.component == of}
    given = ours.edited(
        dynamicProperties={"DPP_MODE": "smoke", "DPP_BATCH_SIZE": "5", "DPP_OTHER": "x"},
        processProperties={of: {keys["Warehouse"]: "W1", keys["Depth"]: "2"}},
    )
    program = _next(boomi, given)
    driver.preview(*program)
    assert driver.shown["it"]["overridden"] == [
        "processProperties/Order Settings/Warehouse: Boomi takes the extension's value",
        "properties/DPP_MODE: Boomi takes the extension's value",
    ]
    driver.up(*program)
    assert_settled(driver, boomi, *program)


def test_what_stays_as_it_is_asks_about_no_run_and_no_extension(
    driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    program = ours.edited(dynamicProperties={"DPP_MODE": "smoke"})
    driver.up(program)
    boomi.clear_journal()
    driver.preview(program)
    assert (asked(boomi, "ExecutionRecord"), asked(boomi, "EnvironmentExtensions")) == (0, 0)
    driver.preview(*_next(boomi, ours))
    assert (asked(boomi, "ExecutionRecord"), asked(boomi, "EnvironmentExtensions")) == (1, 0)


def test_a_package_that_is_not_there_is_refused(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    with pytest.raises(CheckFailed, match=r"is not active in Test, where 1\.0 is; deploy it first"):
        driver.preview(ours.edited(packageId=package(boomi, "1.1")))
    with pytest.raises(CheckFailed, match="is of another component than the process"):
        driver.preview(ours.edited(packageId=package(boomi, "1.0", "Feed")))
    with pytest.raises(CheckFailed, match="only a process runs"):
        driver.preview(ours.edited(processId=component(boomi, "Api")))
    with pytest.raises(CheckFailed, match="attached to no environment"):
        driver.preview(ours.edited(atomId=runtime(boomi, "test-2")))
    assert sent(boomi) == []


@pytest.mark.parametrize("validate", ["true", "false"])
def test_production_is_refused_unless_the_program_allows_it(
    validate: str, door: type[Driver], boomi: Emulator, ours: Resource
) -> None:
    ready(boomi, place="Production")
    there = ours.edited(atomId=runtime(boomi, "prod-1"))
    with door(boomi.env, validate=validate) as driver:
        with pytest.raises((CheckFailed, PluginError), match="production environment Production"):
            driver.up(there)
        assert sent(boomi) == []
        driver.up(there.edited(allowProduction=True))
    assert sent(boomi) == ["ExecutionRequest"]


@pytest.mark.parametrize("order", [1, -1])
def test_of_a_runtime_in_several_environments_none_may_be_production(order: int, door: type[Driver]) -> None:
    document = seed()
    document["runtimes"][0]["attachedTo"] = ["Test", "Production"][::order]
    document["environments"] = document["environments"][::order]
    with Emulator(document, rateLimit=0) as boomi, door(boomi.env) as driver:
        program = Resource("it", "ExecutionRequest", CASES["ExecutionRequest"].inputs(boomi))
        with pytest.raises(PluginError, match="production environment Production"):
            driver.up(program)
        assert sent(boomi) == []
        driver.up(program.edited(allowProduction=True))
        assert sent(boomi) == ["ExecutionRequest"]


def test_a_run_stays_where_it_was_wherever_the_runtime_goes(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    boomi.detach(runtime(boomi), environment(boomi))
    boomi.attach(runtime(boomi), environment(boomi, "Production"))
    assert driver.up(ours) == [Step("same", "it")]
    assert driver.refresh() == [Step("same", "it")]
    stored = driver.state.resources["it"]
    assert {each["environmentName"] for each in (stored.inputs, stored.outputs)} == {"Test"}


def test_of_a_runtime_in_several_environments_the_deployment_decides(door: type[Driver]) -> None:
    document = seed()
    document["environments"].insert(0, {"name": "Dev", "classification": "TEST"})
    document["runtimes"][0]["attachedTo"] = ["Dev", "Test"]
    with Emulator(document, rateLimit=0) as boomi, door(boomi.env) as driver:
        program = Resource("it", "ExecutionRequest", CASES["ExecutionRequest"].inputs(boomi))
        driver.preview(program)
        assert driver.shown["it"]["runs"] == "Sync 1.0 will RUN on test-1"
        driver.up(program)
        assert sent(boomi) == ["ExecutionRequest"]
        assert_settled(driver, boomi, program)
        nowhere = program.edited(packageId=package(boomi, "1.1"))
        with pytest.raises(PluginError, match="not active in Dev, where nothing of the process is or Test, where 1"):
            driver.up(nowhere)


# -- never twice ---------------------------------------------------------------------------------

LOST = ["refuse", "503-before", "reset-before", "error-before", "page-before"]
FAULTS = [
    *LOST,
    "503-after",
    "500-after",
    "reset-after",
    "half-body",
    "error-after",
    "page-after",
    "short",
    "done-late",
]


@pytest.mark.parametrize("update", [False, True], ids=["create", "update"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_run_is_never_sent_twice(fault: str, update: bool, driver: Driver, boomi: Emulator, ours: Resource) -> None:
    if update:
        driver.up(ours)
        ours = ours.edited(triggers={"data": "2"})
    boomi.clear_journal()
    boomi.faults({"kind": fault, "object": "ExecutionRequest", "verb": "create"})
    lost = fault in LOST
    if lost:
        with pytest.raises(PluginError, match=r"Whether it runs cannot be told.*is not sent again.*Process Reporting"):
            driver.up(ours)
    else:
        driver.up(ours)
    assert len(sent(boomi)) == 1
    if not lost:
        assert_settled(driver, boomi, ours)


def test_a_lost_answer_and_failing_looks_never_run_again(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.faults(
        {"kind": "reset-after", "object": "ExecutionRequest", "verb": "create"},
        {"kind": "refuse", "object": "ExecutionRecord", "verb": "query", "nth": 2, "times": 1000},
    )
    with pytest.raises(PluginError, match="Whether it runs cannot be told"):
        driver.up(ours)
    boomi.faults()
    with type(driver)(boomi.env, driver.state) as later:
        later.up(ours)  # which takes it
    assert len(sent(boomi)) == 1


# -- what it sends, and what it does not ---------------------------------------------------------


def test_the_properties_are_sent_and_told_to_nobody(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    given = {
        "dynamicProperties": {"DPP_KEY": "s3cr3t-0f-the-run", "DPP_MODE": "smoke"},
        "processProperties": {"order-settings": {"Warehouse": "W1"}},
    }
    resource = Resource("it", ours.kind, {**ours.inputs, **given}, secrets=frozenset({"dynamicProperties/DPP_KEY"}))
    boomi.script_runs(component(boomi), {"status": "ERROR", "message": "no key s3cr3t-0f-the-run"}, {})
    with pytest.raises(PluginError, match="no key …") as caught:
        driver.up(resource)
    assert "s3cr3t" not in caught.value.text
    driver.up(resource)
    (row, _) = boomi.objects("ExecutionRequest")
    assert {each["name"]: each["value"] for each in row["DynamicProcessProperties"]["DynamicProcessProperty"]} == (
        given["dynamicProperties"]
    )
    assert json.dumps(driver.state.resources["it"].outputs["dynamicProperties"]).count("smoke") == 1


def test_a_destroy_and_a_refresh_send_and_say_nothing(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(ours)
    boomi.clear_journal()
    capfd.readouterr()
    assert driver.refresh() == [Step("same", "it")]
    driver.destroy()
    assert boomi.journal() == []
    assert "".join(capfd.readouterr()) == ""


def test_a_run_is_not_imported(boomi: Emulator, ours: Resource) -> None:
    driver = NativeDriver(boomi.env)
    with driver, pytest.raises(PluginError, match="a run is an act, and no object that stays"):
        driver.bring_in("it", ours.kind, f"{runtime(boomi)}/{component(boomi)}")


def test_two_resources_for_one_pair_are_refused(driver: Driver, ours: Resource) -> None:
    with pytest.raises(CheckFailed, match="is declared twice: 'it' of this program"):
        driver.preview(ours, Resource("two", ours.kind, ours.inputs))


@only_dynamic
def test_requests(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.clear_journal()
    driver.preview(ours)
    looked = ["Atom", "ComponentMetadata", "DeployedPackage", "Environment", "EnvironmentAtomAttachment"]
    assert sorted(each["object"] for each in boomi.journal()) == [*looked, "PackagedComponent"]
    boomi.clear_journal()
    driver.up(ours)
    asked = [each["object"] for each in boomi.journal()]
    assert asked.count("ExecutionRequest") == 1
    assert asked.count("ExecutionRecord") == 3  # one look, and two polls
