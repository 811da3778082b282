"""Listeners: one of them, never all; what Boomi accepts is not yet so, and what it does not report is an answer."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from boomi_pulumi._api.client import Client
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.kind import Subject
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, environment, listener, runtime
from tests.conformance.test_laws import assert_settled
from tests.driver import CheckFailed, Driver, PluginError, Resource, Step

ORDER = "changeListenerStatus"


def status(boomi: Emulator, name: str = "Inbox") -> str:
    rows = boomi.listeners(runtime(boomi))
    return next(str(row["status"]) for row in rows if row["listenerId"] == component(boomi, name))


def orders(boomi: Emulator) -> list[str]:
    """Return what was done to listeners, without their ids."""
    return [each["act"].split()[0] for each in boomi.journal() if each["object"] == ORDER and each["committed"]]


def asked(boomi: Emulator) -> Counter[tuple[str, str]]:
    return Counter((each["object"], each["verb"]) for each in boomi.journal())


def said(capfd: pytest.CaptureFixture[str]) -> str:
    return "".join(capfd.readouterr())


@pytest.fixture
def ours(boomi: Emulator) -> Resource:
    inputs = {"processId": listener(boomi), "atomId": runtime(boomi), "status": "paused"}
    return Resource("it", "ListenerStatus", inputs)


@pytest.fixture
def web(boomi: Emulator, ours: Resource) -> Resource:
    """A web service, of which Boomi does not tell."""
    return ours.edited(processId=listener(boomi, "Web", kind="wss"))


@pytest.mark.parametrize("switch", [
    {},
    {"listenerPolls": 0},
    {"listenerPolls": 5},
    {"listenerAfterResume": 30},
    {"stringy": True},
], ids=str)  # fmt: skip
def test_what_was_set_is_settled(switch: dict[str, Any], driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.settings(**switch)
    driver.up(ours)
    outputs = driver.state.resources["it"].outputs
    names = ("status", "reported", "reportedStatus", "connectorType", "processName", "runtimeName")
    assert [outputs[name] for name in names] == ["paused", True, "paused", "jms", "Inbox", "test-1"]
    assert driver.state.resources["it"].id == f"{runtime(boomi)}/{component(boomi, 'Inbox')}"
    assert_settled(driver, boomi, ours)


def test_a_resume_is_waited_for(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    boomi.settings(listenerAfterResume=30)
    slept = driver.clock.sleep

    def sleep(seconds: float) -> None:
        slept(seconds)
        boomi.advance(seconds)

    driver.client._sleep = sleep
    boomi.clear_journal()
    listening = ours.edited(status="listening")
    assert driver.up(listening) == [Step("update", "it")]
    assert (status(boomi), orders(boomi)) == ("listening", ["resume"])
    assert driver.state.resources["it"].outputs["status"] == "listening"
    assert_settled(driver, boomi, listening)


def test_a_resume_that_takes_too_long_is_told_and_looked_at_again(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(ours)
    boomi.settings(listenerAfterResume=3600)
    capfd.readouterr()
    listening, began = ours.edited(status="listening", listenTimeout=20), driver.clock.now
    driver.up(listening)
    assert 20 <= driver.clock.now - began <= 40
    assert driver.state.resources["it"].outputs["status"] == "paused"
    assert "accepted, and after" in said(capfd)
    boomi.advance(3601)
    boomi.clear_journal()
    assert driver.up(listening) == [Step("update", "it")]
    assert orders(boomi) == []
    assert_settled(driver, boomi, listening)


def test_what_boomi_does_not_report_is_accepted(
    driver: Driver, boomi: Emulator, web: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(web)
    assert "accepted; Boomi does not report this listener" in said(capfd)
    assert (status(boomi, "Web"), orders(boomi)) == ("paused", ["pause"])
    outputs = driver.state.resources["it"].outputs
    assert (outputs["reported"], outputs["status"], outputs.get("reportedStatus")) == (False, "paused", None)
    assert driver.clock.now - 1000 < 10, "nobody waits for what Boomi does not report"
    assert_settled(driver, boomi, web)
    listening = web.edited(status="listening")
    assert driver.up(listening) == [Step("update", "it")]
    assert status(boomi, "Web") == "listening"
    assert_settled(driver, boomi, listening)


def test_a_web_service_that_is_reported_is_as_any_other(driver: Driver, boomi: Emulator, web: Resource) -> None:
    boomi.settings(listenerStatusOfWebServices="shown")
    driver.up(web)
    outputs = driver.state.resources["it"].outputs
    assert (outputs["reported"], outputs["connectorType"]) == (True, "wss")
    assert_settled(driver, boomi, web)


@pytest.mark.parametrize("verb", ["ask", "poll"])
def test_a_status_that_could_not_be_read_is_looked_at_by_the_next_run(
    verb: str, driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    boomi.settings(listenerPolls=0)
    # The first question is the look before the order.
    boomi.faults({"kind": "503-before", "object": "ListenerStatus", "verb": verb, "nth": 2, "times": 1000})
    driver.up(ours)
    assert (status(boomi), orders(boomi)) == ("paused", ["pause"])
    assert driver.state.resources["it"].outputs["reportedStatus"] == "accepted"
    boomi.faults()
    boomi.clear_journal()
    assert driver.preview(ours) == [Step("update", "it")]
    assert driver.up(ours) == [Step("update", "it")]
    outputs = driver.state.resources["it"].outputs
    assert (outputs["reported"], outputs["reportedStatus"], orders(boomi)) == (True, "paused", [])
    assert_settled(driver, boomi, ours)


def test_what_a_person_paused_stays_paused_until_a_run_declares_it(
    driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    listening = ours.edited(status="listening")
    driver.up(listening)
    assert orders(boomi) == []
    boomi.change_listener(runtime(boomi), component(boomi, "Inbox"), "pause")
    assert driver.up(listening) == [Step("same", "it")], "a run without a refresh does not ask"
    assert status(boomi) == "paused"
    (seen,) = driver.refresh()
    assert (seen.act, "status" in seen.changed) == ("changed", True)
    assert status(boomi) == "paused"
    driver.up(listening)
    assert (status(boomi), orders(boomi)) == ("listening", ["resume"])


def test_what_is_errored_is_told_and_never_corrected(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    listening = ours.edited(status="listening")
    driver.up(listening)
    boomi.change_listener(runtime(boomi), component(boomi, "Inbox"), "fail")
    capfd.readouterr()
    driver.refresh()
    assert "errored. Nothing restarts it" in said(capfd)
    outputs = driver.state.resources["it"].outputs
    assert (outputs["status"], outputs["reportedStatus"]) == ("listening", "errored")
    assert driver.up(listening) == [Step("same", "it")]
    assert (status(boomi), orders(boomi)) == ("errored", [])
    driver.up(ours)
    assert (status(boomi), orders(boomi)) == ("paused", ["pause"])


@pytest.mark.parametrize("answer", [410, 504])
def test_a_runtime_that_is_offline_is_named(answer: int, driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.settings(offlineRuntime=answer)
    driver.up(ours)
    boomi.set_runtime(runtime(boomi), "OFFLINE")
    with pytest.raises(PluginError, match=r"Runtime test-1 is offline or does not answer.*Start it"):
        driver.refresh()
    with pytest.raises(CheckFailed, match="names test-1, which is offline"):
        driver.preview(ours.edited(status="listening"))
    assert driver.preview(ours) == [Step("same", "it")]
    assert orders(boomi) == ["pause"]


def test_a_runtime_that_never_answers_ends_the_wait_and_nothing_is_sent(
    driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    boomi.settings(listenerPolls=10_000)
    with pytest.raises(PluginError, match="has not answered within 60 s"):
        driver.up(ours)
    assert orders(boomi) == []
    assert asked(boomi)["ListenerStatus", "poll"] <= 62


def test_an_answer_that_stays_away_after_the_order_is_no_failure(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    boomi.faults({"kind": "refuse", "object": "ListenerStatus", "verb": "ask", "nth": 2, "times": 1000})
    driver.up(ours)
    assert "accepted. What the runtime made of it could not be read" in said(capfd)
    outputs = driver.state.resources["it"].outputs
    assert (status(boomi), outputs["status"], outputs["reported"]) == ("paused", "paused", False)


@pytest.mark.parametrize("fault", ["503-after", "500-after", "reset-after", "half-body", "error-after", "503-before"])
@pytest.mark.parametrize("kind", ["jms", "wss"])
def test_an_order_whose_answer_is_lost_is_settled(
    fault: str, kind: str, driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    program = ours.edited(processId=listener(boomi, "One", kind=kind))
    boomi.faults({"kind": fault, "object": ORDER, "verb": "create"})
    driver.up(program)
    assert status(boomi, "One") == "paused"
    assert boomi.fired()[0]["fired"] == 1
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize("verb", ["ask", "poll"])
def test_a_failed_read_never_becomes_an_order(verb: str, driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.faults({"kind": "refuse", "object": "ListenerStatus", "verb": verb, "times": 1000})
    with pytest.raises(PluginError):
        driver.up(ours)
    assert orders(boomi) == []


def test_a_destroy_sends_nothing_and_names_what_is_paused(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(ours)
    boomi.clear_journal()
    capfd.readouterr()
    driver.destroy()
    assert boomi.journal() == []
    assert status(boomi) == "paused"
    assert "Inbox on test-1: it stays paused; resume it in Boomi" in said(capfd)


def test_what_cannot_listen_is_refused(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    other = str(boomi.create_component("Map", type="transform.map")["componentId"])
    with pytest.raises(CheckFailed, match=r"of type transform\.map; only a process listens"):
        driver.preview(ours.edited(processId=other))
    for name in ("processId", "atomId"):
        with pytest.raises(CheckFailed, match=r"names no (component|runtime) of this account"):
            driver.preview(ours.edited(**{name: "nobody"}))
    assert orders(boomi) == []


def test_two_resources_for_one_listener_are_refused(driver: Driver, ours: Resource) -> None:
    with pytest.raises(CheckFailed, match="is declared twice: 'it' of this program"):
        driver.preview(ours, Resource("two", ours.kind, ours.inputs))


def test_deployed_paused_and_resumed_by_this_resource(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    """The usual job: a release comes up paused, and listens when its tests have passed."""
    id_ = component(boomi, "Inbox")
    package = boomi.console_package(id_)["packageId"]
    inputs = {"environmentId": environment(boomi), "packageId": package, "listenerStatus": "PAUSED"}
    program = (Resource("d", "DeployedPackage", inputs), ours.edited(status="listening"))
    driver.up(*program)
    assert status(boomi) == "listening"
    assert_settled(driver, boomi, *program)


def test_requests(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.settings(listenerPolls=0)
    boomi.clear_journal()
    driver.preview(ours)
    names = {(each, "bulk"): 1 for each in ("Atom", "ComponentMetadata", "Environment")}
    assert asked(boomi) == {**names, ("EnvironmentAtomAttachment", "query"): 1}
    boomi.clear_journal()
    driver.up(ours)
    told = {("ListenerStatus", "ask"): 2, ("ListenerStatus", "poll"): 2, (ORDER, "create"): 1}
    assert {key: count for key, count in asked(boomi).items() if key in told} == told
    boomi.clear_journal()
    driver.refresh()
    assert asked(boomi) == {("ListenerStatus", "ask"): 1, ("ListenerStatus", "poll"): 1}


def test_listeners_of_a_runtime_share_a_question(boomi: Emulator) -> None:
    boomi.settings(listenerPolls=0)
    ids, wait = [listener(boomi, f"Inbox {number}") for number in range(16)], threading.Barrier(16)
    boomi.clear_journal()
    with Driver(boomi.env) as driver, ThreadPoolExecutor(16) as threads:
        client = Client(driver.settings)

        def look(id_: str) -> Any:
            inputs = {"processId": id_, "atomId": runtime(boomi)}
            subject = Subject(client, inputs, inputs)
            wait.wait()
            return KINDS["ListenerStatus"].look(subject)

        found = list(threads.map(look, ids))
        client.close()
    assert [(each.process_id, each.status, each.connector_type) for each in found] == [
        (id_, "listening", "jms") for id_ in ids
    ]
    assert asked(boomi)["ListenerStatus", "ask"] < 4


def test_no_request_is_about_all_listeners(driver: Driver, boomi: Emulator, ours: Resource, web: Resource) -> None:
    """Without a listener's id, Boomi takes an order for all listeners of the runtime."""
    bystander = listener(boomi, "Outbox")
    driver.up(ours, Resource("web", web.kind, web.inputs))
    driver.refresh()
    driver.up(ours.edited(status="listening"))
    driver.destroy()
    journal = [each for each in boomi.journal() if each["object"] in ("ListenerStatus", ORDER)]
    asks = [each["filter"] for each in journal if each["verb"] == "ask"]
    acts = [each["act"] for each in journal if each["object"] == ORDER]
    ids = [component(boomi, name) for name in ("Inbox", "Web")]
    assert asks
    assert all(any(f"listenerId EQUALS {id_}" in each for id_ in ids) for each in asks)
    assert set(acts) == {f"pause {ids[0]}", f"pause {ids[1]}", f"resume {ids[0]}"}
    assert not [each for each in asks if bystander in each]
    assert status(boomi, "Outbox") == "listening"


# -- beside a deployment -------------------------------------------------------------------------


@pytest.fixture
def two(boomi: Emulator, ours: Resource) -> dict[str, Resource]:
    """A listener that pauses, and a deployment of the same process to the environment of that runtime."""
    package = boomi.console_package(component(boomi, "Inbox"))["packageId"]
    inputs = {"environmentId": environment(boomi), "packageId": package, "listenerStatus": "RUNNING"}
    return {"it": ours, "orders": Resource("orders", "DeployedPackage", inputs)}


REFUSED = {
    "it": "is paused, and listenerStatus of DeployedPackage 'orders' of this program is RUNNING",
    "orders": "is RUNNING, and status of ListenerStatus 'it' of this program is paused",
}


@pytest.mark.parametrize("last", ["it", "orders"])
@pytest.mark.parametrize("there", ["", "it", "orders"])
def test_a_pause_that_the_next_deployment_would_undo_is_refused_whichever_comes_last(
    there: str, last: str, driver: Driver, two: dict[str, Resource]
) -> None:
    """What stays as it is counts as well: the other one would change."""
    if there:
        driver.up(two[there])
    with pytest.raises(CheckFailed) as refused:
        driver.preview(*sorted(two.values(), key=lambda each: each.name == last))
    assert REFUSED[last] in str(refused.value)


@pytest.mark.parametrize(("one", "other"), [("PAUSED", "listening"), ("RUNNING", "listening"), (None, "paused")])
def test_what_does_not_undo_the_other_goes_together(
    one: str | None, other: str, driver: Driver, two: dict[str, Resource]
) -> None:
    driver.up(two["orders"].edited(listenerStatus=one), two["it"].edited(status=other))


def test_a_listener_of_another_environment_may_pause(driver: Driver, boomi: Emulator, two: dict[str, Resource]) -> None:
    driver.up(two["orders"].edited(environmentId=environment(boomi, "Production")), two["it"])
