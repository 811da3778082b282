"""Schedules: one list, replaced as a whole; nobody's stop is resumed, and nobody's retry is lost."""

from __future__ import annotations

from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from tests.conformance.account import PEOPLE, component, day, deployed, environment, only_dynamic, package, runtime
from tests.conformance.test_laws import assert_settled
from tests.conformance.test_places import Changed
from tests.driver import CheckFailed, Driver, PluginError, Ref, Resource, Step, Stored

HOURLY = {"minutes": "0"}
EACH = dict.fromkeys(("minutes", "hours", "daysOfWeek", "daysOfMonth", "months", "years"), "*")


def kept(boomi: Emulator) -> dict[str, Any]:
    """Return what Boomi keeps of the process on the runtime."""
    rows = boomi.objects("ProcessSchedules")
    pair = (runtime(boomi), component(boomi))
    return next((row for row in rows if (row["atomId"], row["processId"]) == pair), {})


def writes(boomi: Emulator) -> list[tuple[str, str]]:
    return [(each["object"], each["verb"]) for each in boomi.journal() if each["committed"]]


def asked(boomi: Emulator) -> list[str]:
    return [each["object"] for each in boomi.journal()]


@pytest.fixture
def ours(boomi: Emulator) -> Resource:
    inputs = {"processId": deployed(boomi), "atomId": runtime(boomi), "schedules": [HOURLY]}
    return Resource("it", "ProcessSchedules", inputs)


@pytest.mark.parametrize("switch", [
    {},
    {"scheduleIds": "opaque"},
    {"schedulePadding": "padded"},
    {"scheduleForm": "expanded"},
    {"retryOmitted": "cleared"},
    {"scheduleSteps": "star"},
    {"stringy": True},
], ids=str)  # fmt: skip
def test_what_was_set_is_settled(switch: dict[str, Any], driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.settings(**switch)
    program = ours.edited(schedules=[HOURLY, {"minutes": "0-59/15", "hours": "8-18", "daysOfWeek": "mon-fri"}])
    driver.up(program)
    assert writes(boomi) == [("ProcessSchedules", "update")]
    assert_settled(driver, boomi, program)
    assert driver.shown["it"]["inWords"] == [
        "every hour at minute 0, every day, by the clock of test-1",
        "every 15 minutes from 8:00 to 18:59, Monday to Friday, by the clock of test-1",
    ]


def test_the_preview_says_what_goes_and_who_had_set_it(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    one, two, theirs = component(boomi), deployed(boomi, "Feed"), [{**EACH, "minutes": "30", "hours": "2"}]
    boomi.save_schedules(two, runtime(boomi), [], by=PEOPLE[1], date=f"{day(-2)}T08:00:00Z")
    boomi.save_schedules(one, runtime(boomi), theirs, by=PEOPLE[0], date=f"{day(-3)}T08:00:00Z")
    boomi.stop_schedules(runtime(boomi), one, by=PEOPLE[1], date=f"{day(-1)}T08:00:00Z")
    driver.preview(ours)
    who = f"last set by {PEOPLE[0]} on {day(-3)} in the console"
    assert driver.shown["it"]["replaces"] == [f"at 02:30, every day, by the clock of test-1 ({who})"]
    driver.up(ours)
    assert [row["minutes"] for row in kept(boomi)["Schedule"]] == ["0"]


def test_who_may_not_read_the_audit_log_is_told_what_goes(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.save_schedules(component(boomi), runtime(boomi), [{**EACH, "minutes": "30", "hours": "2"}])
    boomi.faults({"kind": "refuse", "object": "AuditLog", "times": 100})
    driver.preview(ours)
    assert driver.shown["it"]["replaces"] == ["at 02:30, every day, by the clock of test-1"]


@pytest.mark.parametrize("how", ["one", "all", "unreadable"])
def test_a_refresh_tells_who_stopped_what_is_to_be_in_force(
    how: str, driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(ours.edited(enabled=True))
    boomi.clear_journal()
    driver.refresh()
    assert "AuditLog" not in asked(boomi)
    boomi.stop_schedules(runtime(boomi), None if how == "all" else component(boomi), by=PEOPLE[0])
    boomi.faults(*[{"kind": "refuse", "object": "AuditLog", "times": 100}][: how == "unreadable"])
    capfd.readouterr()
    driver.refresh()
    who = f" by {PEOPLE[0]} on {day()} in the console" if how != "unreadable" else ""
    assert f"Sync on test-1: stopped{who}; `pulumi up` resumes them" in "".join(capfd.readouterr())
    assert driver.up(ours.edited(enabled=True)) == [Step("update", "it")]
    assert kept(boomi)["enabled"] is True


def test_a_refresh_tells_who_changed_the_list(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(ours)
    boomi.save_schedules(component(boomi), runtime(boomi), [], by=PEOPLE[0])
    driver.refresh()
    who = f"last set by {PEOPLE[0]} on {day()} in the console"
    assert f"somebody changed the schedules ({who}); `pulumi up` sets them again" in "".join(capfd.readouterr())


def test_the_audit_log_is_read_once_for_a_runtime_and_only_where_something_goes(
    driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    two = ours.edited(processId=deployed(boomi, "Feed"))
    program = (ours, Resource("two", two.kind, two.inputs))
    boomi.save_schedules(component(boomi), runtime(boomi), [{**EACH, "minutes": "00"}])
    boomi.clear_journal()
    driver.preview(*program)
    assert "AuditLog" not in asked(boomi)
    for each in program:
        boomi.save_schedules(each.inputs["processId"], runtime(boomi), [{**EACH, "minutes": "7"}])
    boomi.clear_journal()
    driver.preview(*program)
    assert asked(boomi).count("AuditLog") == 1


def test_a_list_that_a_refresh_put_into_the_state_is_somebodys(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    boomi.save_schedules(component(boomi), runtime(boomi), [{**EACH, "minutes": "7"}])
    driver.refresh()
    driver.destroy()
    assert [row["minutes"] for row in kept(boomi)["Schedule"]] == ["7"]


def test_a_list_that_was_set_again_is_ours(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    boomi.save_schedules(component(boomi), runtime(boomi), [{**EACH, "minutes": "7"}])
    driver.refresh()
    driver.up(ours)
    driver.refresh()
    driver.destroy()
    assert kept(boomi)["Schedule"] == []


RETRY = {"maxRetry": 2, "schedules": [{"minutes": "45"}]}


@pytest.mark.parametrize("schedules", [[], [HOURLY]], ids=["retry alone", "both"])
@pytest.mark.parametrize("whose", ["ours", "theirs"])
def test_a_destroy_clears_a_declared_retry_that_nobody_changed(
    whose: str, schedules: list[dict[str, str]], driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    driver.up(ours.edited(schedules=schedules, retry=RETRY))
    theirs = {"maxRetry": 4, "Schedule": [{**EACH, "minutes": "45"}]}
    if whose == "theirs":
        boomi.save_schedules(component(boomi), runtime(boomi), [{**EACH, **row} for row in schedules], retry=theirs)
    driver.destroy()
    assert kept(boomi)["Schedule"] == []
    retry = kept(boomi).get("Retry") or {}
    assert bool(retry.get("Schedule")) is (whose == "theirs")
    assert whose == "ours" or retry["maxRetry"] == 4


@pytest.mark.parametrize("declared", [RETRY, {"schedules": []}], ids=["a retry", "none"])
@pytest.mark.parametrize("theirs", ["50", None], ids=["set", "gone"])
@pytest.mark.parametrize("times", [1, 2])
def test_beside_somebodys_retry_that_a_refresh_showed_our_list_still_goes_and_an_up_sets_ours_again(
    *,
    times: int,
    theirs: str | None,
    declared: dict[str, Any],
    driver: Driver,
    boomi: Emulator,
    ours: Resource,
    capfd: pytest.CaptureFixture[str],
) -> None:
    program = ours.edited(retry=declared)
    rows = [{**EACH, **row} for row in program.inputs["schedules"]]

    def person() -> bool:
        """Change the retry, and tell whether that is a change."""
        before = kept(boomi).get("Retry")
        retry = {"maxRetry": 4, "Schedule": [{**EACH, "minutes": theirs}] if theirs else []}
        boomi.save_schedules(component(boomi), runtime(boomi), rows, retry=retry)
        for _ in range(times):
            driver.refresh()
        return bool((before or {}).get("Schedule") or theirs)

    driver.up(program)
    changed = person()
    assert ("somebody changed the retry" in "".join(capfd.readouterr())) is changed
    assert [each.act for each in driver.up(program)] == ["update" if changed else "same"]
    assert bool((kept(boomi).get("Retry") or {}).get("Schedule")) is bool(declared["schedules"])
    person()
    driver.destroy()
    assert kept(boomi)["Schedule"] == []
    assert [row["minutes"] for row in (kept(boomi).get("Retry") or {}).get("Schedule", [])] == [theirs] * bool(theirs)


def test_schedules_of_what_listens_since_are_forgotten_where_they_are_stopped(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(ours)
    boomi.save_revision(component(boomi), listener="jms")
    boomi.console_deploy(environment(boomi), boomi.console_package(component(boomi))["packageId"])
    driver.destroy()
    assert "stays: the schedules are stopped (Boomi said: " in "".join(capfd.readouterr())
    assert not driver.state.resources


def test_two_schedules_that_say_the_same_are_refused(driver: Driver, ours: Resource) -> None:
    with pytest.raises(CheckFailed, match="has two schedules that say the same, every 30 minutes, every day; take"):
        driver.preview(ours.edited(schedules=[{"minutes": "0,30"}, {"minutes": "0-59/30"}]))


@pytest.mark.parametrize("omitted", ["kept", "cleared"])
def test_a_retry_that_is_not_declared_stays(omitted: str, driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.settings(retryOmitted=omitted)
    retry = {"maxRetry": 2, "Schedule": [{**EACH, "minutes": "45"}]}
    boomi.save_schedules(component(boomi), runtime(boomi), [], retry)
    driver.up(ours)
    driver.up(ours.edited(schedules=[{"minutes": "5"}]))
    driver.destroy()
    assert kept(boomi)["Retry"]["maxRetry"] == 2
    assert [row["minutes"] for row in kept(boomi)["Retry"]["Schedule"]] == ["45"]


def test_a_declared_retry_is_set_and_cleared(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours.edited(retry={"maxRetry": 3, "schedules": [{"minutes": "45"}]}))
    assert kept(boomi)["Retry"]["maxRetry"] == 3
    cleared = ours.edited(retry={"schedules": []})
    driver.up(cleared)
    assert not (kept(boomi).get("Retry") or {}).get("Schedule")
    assert_settled(driver, boomi, cleared)


def test_nobodys_stop_is_resumed(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    boomi.stop_schedules(runtime(boomi), component(boomi))
    driver.refresh()
    driver.up(ours.edited(schedules=[{"minutes": "5"}]))
    assert kept(boomi)["enabled"] is False


def test_a_declared_switch_is_set_after_the_list(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    stopped = ours.edited(enabled=False)
    driver.up(stopped)
    assert kept(boomi)["enabled"] is False
    assert writes(boomi) == [("ProcessSchedules", "update"), ("ProcessScheduleStatus", "update")]
    assert_settled(driver, boomi, stopped)
    boomi.resume_schedules(runtime(boomi), component(boomi))
    driver.refresh()
    assert driver.up(stopped) == [Step("update", "it")]
    assert kept(boomi)["enabled"] is False


def test_a_list_that_somebody_changed_survives_a_destroy(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(ours)
    boomi.save_schedules(component(boomi), runtime(boomi), [{**EACH, "minutes": "7"}])
    driver.destroy()
    assert [row["minutes"] for row in kept(boomi)["Schedule"]] == ["7"]
    assert "somebody has changed the schedules; they stay" in "".join(capfd.readouterr())


def test_a_list_that_was_there_survives_a_destroy(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.save_schedules(component(boomi), runtime(boomi), [{**EACH, "minutes": "0"}])
    driver.up(ours)
    assert writes(boomi) == []
    driver.destroy()
    assert [row["minutes"] for row in kept(boomi)["Schedule"]] == ["0"]


def test_a_process_that_is_not_deployed_there_is_refused(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    with pytest.raises(CheckFailed, match="on which this process is not deployed"):
        driver.preview(ours.edited(processId=component(boomi, "Feed")))
    with pytest.raises(CheckFailed, match="only a process has schedules"):
        driver.preview(ours.edited(processId=component(boomi, "Api")))
    assert writes(boomi) == []


def test_a_deployment_of_the_same_run_brings_the_process(driver: Driver, boomi: Emulator) -> None:
    place = environment(boomi, "Production")
    deployment = Resource("d", "DeployedPackage", {"environmentId": place, "packageId": package(boomi)})
    inputs = {"processId": Ref("d", "componentId"), "atomId": runtime(boomi, "prod-1"), "schedules": [HOURLY]}
    program = (deployment, Resource("it", "ProcessSchedules", inputs))
    driver.preview(*program)
    assert driver.up(*program) == [Step("create", "d"), Step("create", "it")]
    assert_settled(driver, boomi, *program)


@pytest.mark.parametrize("fault", ["503-after", "500-after", "reset-after", "half-body", "error-after", "503-before"])
@pytest.mark.parametrize("of", ["ProcessSchedules", "ProcessScheduleStatus"])
def test_a_write_whose_answer_is_lost_is_settled(
    fault: str, of: str, driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    boomi.faults({"kind": fault, "object": of, "verb": "update"})
    program = ours.edited(enabled=False)
    driver.up(program)
    assert (kept(boomi)["enabled"], len(kept(boomi)["Schedule"])) == (False, 1)
    assert_settled(driver, boomi, program)
    driver.destroy()
    assert kept(boomi)["Schedule"] == [], "this stack wrote it, whatever became of the answer"


def test_a_failed_read_never_becomes_a_write(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    boomi.clear_journal()
    boomi.faults({"kind": "refuse", "object": "ProcessSchedules", "verb": "query", "times": 1000})
    with pytest.raises((PluginError, CheckFailed)):
        driver.up(ours.edited(schedules=[{"minutes": "5"}]))
    assert writes(boomi) == []


@only_dynamic
def test_what_somebody_changed_is_told_in_every_run(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(ours)
    boomi.save_schedules(component(boomi), runtime(boomi), [{**EACH, "minutes": "7"}])
    capfd.readouterr()
    driver.preview(ours)
    assert "somebody changed the schedules (last set by" in "".join(capfd.readouterr())


def test_two_resources_for_one_pair_are_refused(driver: Driver, ours: Resource) -> None:
    with pytest.raises(CheckFailed, match="is declared twice: 'it' of this program"):
        driver.preview(ours, Resource("two", ours.kind, ours.inputs))


def test_requests(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.clear_journal()
    driver.preview(ours)
    assert sorted(each["object"] for each in boomi.journal()) == ["Atom", "ComponentMetadata", "ProcessSchedules"]
    driver.up(ours)
    boomi.clear_journal()
    driver.refresh()
    assert [each["object"] for each in boomi.journal()] == ["ProcessSchedules"]


@pytest.mark.parametrize("door", ["native"], indirect=True)
@pytest.mark.parametrize("process", ["id", "name"])
@pytest.mark.parametrize("atom", ["id", "name"])
@pytest.mark.parametrize("there", [True, False], ids=["deployed", "not deployed"])
def test_an_import_takes_ids_and_names(there: bool, atom: str, process: str, driver: Driver, boomi: Emulator) -> None:
    pair = runtime(boomi), deployed(boomi) if there else component(boomi)
    words = f"{pair[0] if atom == 'id' else 'test-1'}/{pair[1] if process == 'id' else 'Sync'}"
    if not there:
        with pytest.raises(PluginError, match=f"There is no ProcessSchedules {words} in this account"):
            driver.read(Stored("ProcessSchedules", words, {}, {}))
        return
    found = driver.read(Stored("ProcessSchedules", words, {}, {}))
    assert found is not None
    assert found.id == "/".join(pair)


# -- odd answers ---------------------------------------------------------------------------------

NOT_ASKED = {
    "ProcessSchedules": {"atomId": "another"},
    "ProcessScheduleStatus": {"processId": "another"},
}


@pytest.mark.parametrize("object_", NOT_ASKED)
def test_rows_that_nobody_asked_for_never_say_that_nothing_is_there(
    object_: str, driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    program = ours.edited(enabled=True)
    driver.up(program)
    before = kept(boomi)
    driver.client.adapter = Changed(lambda _row: NOT_ASKED[object_], object_)
    with pytest.raises(PluginError, match="which nobody asked for"):
        driver.refresh()
    assert [*driver.state.resources] == ["it"]
    with pytest.raises((CheckFailed, PluginError), match="which nobody asked for"):
        driver.up(program.edited(schedules=[{"hours": "2"}], enabled=False))
    assert kept(boomi) == before
    driver.client.adapter = Changed(lambda row: {"atomId": row["atomId"].upper()}, object_)
    assert driver.refresh() == [Step("same", "it")], "Boomi may write an id in another case"


def test_a_runtime_is_not_thought_to_be_attached_nowhere(driver: Driver, boomi: Emulator) -> None:
    inputs = {"processId": deployed(boomi), "atomId": runtime(boomi), "packageId": package(boomi)}
    driver.client.adapter = Changed(lambda _row: {"atomId": "another"}, "EnvironmentAtomAttachment")
    with pytest.raises(CheckFailed, match="which nobody asked for"):
        driver.preview(Resource("it", "ExecutionRequest", inputs))
