"""Listeners: what a runtime tells of them, what pauses and resumes them, and each switch in each position."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.rules import Refusal
from tests.emulator.conftest import Api, small_seed

KIND, CHANGE = "ListenerStatus", "changeListenerStatus"


def seed() -> dict[str, Any]:
    document = small_seed()
    document["components"] += [{"name": name, "listener": kind} for name, kind in (("Inbox", "jms"), ("Web", "wss"))]
    paths = ("Acme/Orders/Sync", "Acme/Inbox", "Acme/Web")
    document["packages"] = [{"component": path, "version": "1.0"} for path in paths]
    document["deployments"] = [{"component": path, "package": "1.0", "environment": "Dev"} for path in paths]
    return document


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(seed(), rate_limit=0, listenerPolls=0) as emulator:
        yield emulator


def atom(boomi: Emulator, name: str = "Atom A") -> str:
    return next(str(row["id"]) for row in boomi.objects("Atom") if row["name"] == name)


def ask(api: Api, **equal: str) -> Any:
    nested = [{"operator": "EQUALS", "property": name, "argument": [value]} for name, value in equal.items()]
    expression = {"operator": "and", "nestedExpression": nested}
    return api.post(f"async/{KIND}/query", {"QueryFilter": {"expression": expression}})


def tell(api: Api, **equal: str) -> Any:
    """The answer to a question, asked once."""
    asked = ask(api, **{"containerId": atom(api.boomi), **equal})
    assert asked.status_code == 200, asked.text
    return api.get(f"async/{KIND}/response/{asked.json()['asyncToken']['token']}")


def statuses(api: Api) -> dict[str, str]:
    return {row["listenerId"]: row["status"] for row in tell(api).json()["result"]}


def change(api: Api, action: str, name: str | None = "Inbox", status: int = 200) -> None:
    body = {"containerId": atom(api.boomi), "action": action}
    answer = api.post(CHANGE, body if name is None else {**body, "listenerId": api.component(name)})
    assert answer.status_code == status, answer.text
    assert status != 200 or answer.content == b""


def log(boomi: Emulator) -> list[tuple[str, str]]:
    return [(row["action"], row["modifier"]) for row in boomi.objects("AuditLog") if row["type"] == "as.atom"]


def test_a_question_is_answered_later(api: Api, boomi: Emulator) -> None:
    asked = ask(api, containerId=atom(boomi), listenerId=api.component("Inbox"))
    body = asked.json()
    assert (asked.status_code, body["@type"], body["responseStatusCode"]) == (200, "AsyncOperationTokenResult", 202)
    answer = api.get(f"async/{KIND}/response/{body['asyncToken']['token']}")
    row = {"@type": KIND, "listenerId": api.component("Inbox"), "status": "listening", "connectorType": "jms"}
    whole = {"@type": "AsyncOperationResult", "result": [row], "numberOfResults": 1, "responseStatusCode": 200}
    assert (answer.status_code, answer.json()) == (200, whole)
    assert tell(api).json() == whole
    boomi.settings(equalsIgnoresCase=True)
    assert tell(api).json() == whole
    assert tell(api, listenerId=api.component("Sync")).json()["result"] == []
    assert [entry["verb"] for entry in boomi.journal()[:2]] == ["ask", "poll"]


def test_xml_asks_too(api: Api, boomi: Emulator) -> None:
    kinds = {"Accept": "application/xml", "Content-Type": "application/xml"}
    body = (
        '<QueryConfig xmlns="http://api.platform.boomi.com/"><QueryFilter><expression '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="SimpleExpression" operator="EQUALS" '
        f'property="containerId"><argument>{atom(boomi)}</argument></expression></QueryFilter></QueryConfig>'
    )
    answer = api.session.post(f"{api.direct}/async/{KIND}/query", body, headers=kinds, timeout=10)
    token = answer.text.split('token="')[1].split('"')[0]
    answer = api.get(f"async/{KIND}/response/{token}", headers=kinds)
    assert 'status="listening"' in answer.text
    body = f'<ChangeListenerStatusRequest containerId="{atom(boomi)}" action="pause_all"/>'
    assert api.session.post(f"{api.direct}/{CHANGE}", body, headers=kinds, timeout=10).status_code == 200
    assert set(statuses(api).values()) == {"paused"}


def test_pause_resume_and_restart(api: Api, boomi: Emulator) -> None:
    inbox = api.component("Inbox")
    for action, status in (
        ("pause", "paused"),
        ("restart", "paused"),
        ("resume", "listening"),
        ("pause_all", "paused"),
    ):
        change(api, action, None if action.endswith("_all") else "Inbox")
        assert statuses(api) == {inbox: status}
    boomi.change_listener(atom(boomi), inbox, "fail")
    assert statuses(api) == {inbox: "errored"}
    change(api, "restart")
    assert statuses(api) == {inbox: "listening"}
    acts = ("PAUSE", "START", "RESUME", "PAUSE", "START")
    assert log(boomi) == [(act, "MANUAL") for act in acts]


def test_what_is_not_there_is_accepted_and_what_means_nothing_is_not(api: Api, boomi: Emulator) -> None:
    change(api, "pause", "Sync")
    assert set(statuses(api).values()) == {"listening"}
    for action, name in (("PAUSE", "Inbox"), ("pause_all", "Inbox"), ("pause", None), ("stop", "Inbox"), ("", None)):
        change(api, action, name, 400)
    assert api.post(CHANGE, {"action": "pause_all"}).status_code == 400
    assert api.post(CHANGE, {"containerId": "nobody", "action": "pause_all"}).status_code == 400
    assert ask(api).status_code == ask(api, containerId="nobody").status_code == 400
    assert api.get(f"async/{KIND}/response/nobody").status_code == 400
    assert api.get(f"{KIND}/nobody").status_code == api.post(f"{KIND}/query", {}).status_code == 400
    with pytest.raises(Refusal):
        boomi.change_listener(atom(boomi), api.component("Sync"))


def test_a_deployment_may_pause(api: Api, boomi: Emulator) -> None:
    inbox = api.component("Inbox")
    for status, shown in (("PAUSED", "paused"), (None, "paused"), ("RUNNING", "listening"), (None, "listening")):
        package = boomi.console_package(inbox)["packageId"]
        boomi.console_deploy(api.environment(), package, **({"listenerStatus": status} if status else {}))
        assert statuses(api) == {inbox: shown}
    change(api, "pause")
    boomi.console_deploy(api.environment(), boomi.console_package(inbox)["packageId"])
    assert statuses(api) == {inbox: "paused"}


def test_who_may_ask(api: Api, boomi: Emulator) -> None:
    viewer = Api(boomi, "BOOMI_TOKEN.viewer@acme.example", "secret-viewer")
    with viewer.session:
        assert ask(viewer, containerId=atom(boomi)).status_code == 403
        assert viewer.post(CHANGE, {}).status_code == 403
    assert tell(api).status_code == 200


def test_the_routes_for_tests_do_the_same(api: Api, boomi: Emulator) -> None:
    body = {"atomId": atom(boomi), "processId": api.component("Web"), "action": "pause"}
    assert api.control("POST", "console/change-listener", body).status_code == 200
    found = api.control("GET", f"listeners?atomId={atom(boomi)}").json()
    assert {row["connectorType"]: row["status"] for row in found} == {"jms": "listening", "wss": "paused"}


@pytest.mark.parametrize("position", ["missing", "shown"])
def test_listener_status_of_web_services(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(listenerStatusOfWebServices=position)
    assert (api.component("Web") in statuses(api)) is (position == "shown")
    assert {row["connectorType"] for row in boomi.listeners(atom(boomi))} == {"jms", "wss"}


@pytest.mark.parametrize("position", [0, 2])
def test_listener_polls(api: Api, boomi: Emulator, position: int) -> None:
    boomi.settings(listenerPolls=position)
    token = ask(api, containerId=atom(boomi)).json()["asyncToken"]["token"]
    answers = [api.get(f"async/{KIND}/response/{token}") for _ in range(position + 1)]
    assert [answer.status_code for answer in answers] == [202] * position + [200]
    assert all(answer.json()["responseStatusCode"] == answer.status_code for answer in answers)


def test_listener_after_resume(api: Api, boomi: Emulator) -> None:
    boomi.settings(listenerAfterResume=30)
    change(api, "pause")
    change(api, "resume")
    assert set(statuses(api).values()) == {"paused"}
    boomi.advance(31)
    assert set(statuses(api).values()) == {"listening"}


@pytest.mark.parametrize("position", [410, 504])
def test_offline_runtime(api: Api, boomi: Emulator, position: int) -> None:
    boomi.settings(offlineRuntime=position)
    token = ask(api, containerId=atom(boomi)).json()["asyncToken"]["token"]
    boomi.set_runtime(atom(boomi), "OFFLINE")
    assert ask(api, containerId=atom(boomi)).status_code == position
    assert api.get(f"async/{KIND}/response/{token}").status_code == position
    change(api, "pause", status=position)
