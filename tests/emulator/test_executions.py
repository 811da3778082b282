"""Runs: what a record shows while a run goes on and after it, who may ask for one, and each switch in each position."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.rules import Refusal
from tests.emulator.conftest import Api, small_seed

RECORD, REQUEST = "ExecutionRecord", "ExecutionRequest"
PROPERTIES: dict[str, Any] = {
    "DynamicProcessProperties": {"DynamicProcessProperty": [{"name": "DPP_MODE", "value": "smoke"}, {"name": "B"}]},
    "ProcessProperties": {
        "ProcessProperty": {"componentId": "settings", "ProcessPropertyValue": [{"key": "a", "value": "1"}]}
    },
}
OPEN = ("ENQUEUED", "STARTED", "INPROCESS")


def seed() -> dict[str, Any]:
    document = small_seed()
    document["components"] += [{"name": "Inbox", "listener": "jms"}, {"name": "Fast", "lowLatency": True}]
    paths = ("Acme/Orders/Sync", "Acme/Copy", "Acme/Inbox", "Acme/Fast")
    document["packages"] = [{"component": path, "version": "1.0"} for path in paths]
    document["deployments"] = [
        {"component": path, "package": "1.0", "environment": "Dev"} for path in paths if path != "Acme/Copy"
    ]
    for name in ("EXECUTE", "VIEW_RESULT"):
        user = name.lower().partition("_")[0]
        document["users"].append(
            {"name": f"{user}@acme.example", "token": f"secret-{user}", "privileges": ["API", name]}
        )
    return document


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(seed(), rate_limit=0) as emulator:
        yield emulator


def atom(boomi: Emulator, name: str = "Atom A") -> str:
    return next(str(row["id"]) for row in boomi.objects("Atom") if row["name"] == name)


def ask(api: Api, name: str = "Sync", status: int = 200, **fields: Any) -> Any:
    body = {"atomId": atom(api.boomi), "processId": api.component(name), **fields}
    answer = api.post(REQUEST, {key: value for key, value in body.items() if value is not None})
    assert answer.status_code == status, answer.text
    return answer.json()


def poll(api: Api, request: Any) -> tuple[int, Any]:
    answer = api.get(request["recordUrl"])
    return answer.status_code, answer.json()


def status(api: Api, request: Any) -> str:
    """What the record of a request says of it; `unknown` while there is none."""
    code, body = poll(api, request)
    assert code in (200, 202), body
    return body["result"][0]["status"] if code == 200 else "unknown"


def run(api: Api, name: str = "Sync", outcome: str = "COMPLETE", **fields: Any) -> dict[str, Any]:
    return api.boomi.run(api.component(name), atom(api.boomi), outcome, **fields)


def find(api: Api, body: Any) -> list[Any]:
    answer = api.post(f"{RECORD}/query", body)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["result"])


# -- records -------------------------------------------------------------------------------------


def test_the_record_of_a_run(api: Api, boomi: Emulator) -> None:
    run(api, outcome="ERROR", at="2026-11-01T08:00:00Z", errors=2, documents=5, seconds=3.5, message="No such host")
    boomi.set_runtime(atom(boomi), "OFFLINE")
    boomi.store.set_time("2026-11-02T00:00:00Z")
    (found,) = api.query(RECORD, processId=api.component("Sync"), atomId=atom(boomi))
    identifier = found.pop("executionId")
    assert identifier.startswith("execution-")
    assert identifier.endswith("-2026.11.01")
    assert found == {
        "@type": RECORD,
        "account": "acme-1",
        "executionTime": "2026-11-01T08:00:00Z",
        "status": "ERROR",
        "executionType": "exec_manual",
        "processName": "Sync",
        "processId": api.component("Sync"),
        "atomName": "Atom A",
        "atomId": atom(boomi),
        "inboundDocumentCount": 5,
        "inboundErrorDocumentCount": 2,
        "outboundDocumentCount": 3,
        "executionDuration": ["Long", 3500],
        "inboundDocumentSize": ["Long", 0],
        "outboundDocumentSize": ["Long", 0],
        "message": "No such host",
        "recordedDate": "2026-11-01T08:00:03Z",
    }
    assert api.get(f"{RECORD}/{identifier}").status_code == 400
    assert api.post(f"{RECORD}/bulk", {"type": "GET", "request": []}).status_code == 400


def test_records_are_found_and_sorted(api: Api, boomi: Emulator) -> None:
    boomi.store.set_time("2026-11-02T00:00:00Z")
    for hour, outcome, kind in (
        (9, "COMPLETE", "exec_sched"),
        (7, "ERROR", "exec_manual"),
        (8, "ABORTED", "exec_sched"),
    ):
        run(api, outcome=outcome, at=f"2026-11-01T0{hour}:00:00Z", type=kind)
    assert [row["status"] for row in api.query(RECORD)] == ["COMPLETE", "ERROR", "ABORTED"]
    assert len(api.query(RECORD, executionType="exec_sched", processId=api.component("Sync"))) == 2
    since = {"operator": "GREATER_THAN_OR_EQUAL", "property": "executionTime", "argument": ["2026-11-01T08:00:00Z"]}
    for order, wanted in (
        ("DESC", ["COMPLETE", "ABORTED"]),
        ("ASC", ["ABORTED", "COMPLETE"]),
        ("", ["ABORTED", "COMPLETE"]),
    ):
        sort = {"sortField": [{"fieldName": "executionTime", "sortOrder": order}]}
        found = find(api, {"QueryFilter": {"expression": since}, "QuerySort": sort})
        assert [row["status"] for row in found] == wanted
    twice = {"sortField": [{"fieldName": "executionType"}, {"fieldName": "executionTime", "sortOrder": "DESC"}]}
    assert [row["executionTime"][11:13] for row in find(api, {"QuerySort": twice})] == ["07", "09", "08"]
    by_message = {"sortField": {"fieldName": "message"}}
    assert len(find(api, {"QuerySort": by_message})) == 3
    for wrong in (
        {"sortField": [{"fieldName": "x"}]},
        {"sortField": [{"fieldName": ["status"]}]},
        {"sortField": "x"},
        "x",
        {},
        {"sortField": [{"fieldName": "status", "sortOrder": "UP"}]},
    ):
        assert api.post(f"{RECORD}/query", {"QueryFilter": {}, "QuerySort": wrong}).status_code == 400
    assert api.post("Environment/query", {"QueryFilter": {}, "QuerySort": by_message}).status_code == 400
    body = (
        '<QueryConfig xmlns="http://api.platform.boomi.com/"><QueryFilter/><QuerySort>'
        '<sortField fieldName="executionTime" sortOrder="ASC"/></QuerySort></QueryConfig>'
    )
    kinds = {"Accept": "application/xml", "Content-Type": "application/xml"}
    answer = api.session.post(f"{api.direct}/{RECORD}/query", body, headers=kinds, timeout=10)
    assert answer.text.index("ERROR") < answer.text.index("ABORTED") < answer.text.index(">COMPLETE<")
    assert "<bns:executionDuration>0</bns:executionDuration>" in answer.text


def test_records_are_forgotten_after_thirty_days(api: Api, boomi: Emulator) -> None:
    boomi.store.set_time("2026-11-30T00:00:00Z")
    run(api, at="2026-11-01T00:00:00Z")
    assert len(api.query(RECORD)) == 1
    boomi.advance(86_400 + 60)
    assert api.query(RECORD) == []


def test_a_run_goes_on_until_it_is_over(api: Api, boomi: Emulator) -> None:
    assert run(api, outcome="COMPLETE", seconds=60)["status"] == "INPROCESS"
    (found,) = api.query(RECORD)
    assert not {"recordedDate", "executionDuration", "inboundDocumentCount"} & set(found)
    boomi.advance(61)
    assert [row["status"] for row in api.query(RECORD)] == ["COMPLETE"]
    for outcome in OPEN:
        assert run(api, outcome=outcome)["status"] == outcome


def test_low_latency_processes_leave_no_record(api: Api) -> None:
    assert run(api, "Fast") == {}
    request = ask(api, "Fast")
    assert [poll(api, request)[0] for _ in range(3)] == [202] * 3
    assert api.query(RECORD) == []


def test_what_is_not_there_does_not_run(api: Api, boomi: Emulator) -> None:
    for pair in ((api.component("Sync"), "nobody"), ("nobody", atom(boomi))):
        with pytest.raises(Refusal):
            boomi.run(*pair)
    with pytest.raises(Refusal):
        boomi.set_runtime("nobody", "ONLINE")
    with pytest.raises(Refusal):
        boomi.set_runtime(atom(boomi), "AWAY")


def test_who_may_run_and_who_may_look(api: Api, boomi: Emulator) -> None:
    made = ask(api)
    body = {"atomId": atom(boomi), "processId": api.component("Sync")}
    for user, statuses in (("execute", [200, 403, 403]), ("view", [403, 202, 200]), ("deployer", [403, 403, 403])):
        other = Api(boomi, f"BOOMI_TOKEN.{user}@acme.example", f"secret-{user}")
        with other.session:
            sent = [other.post(REQUEST, body), other.get(made["recordUrl"]), other.post(f"{RECORD}/query", {})]
        assert [answer.status_code for answer in sent] == statuses, user
    boomi.give_environment_role(api.environment(), "operators")
    for user in ("execute", "view"):
        other = Api(boomi, f"BOOMI_TOKEN.{user}@acme.example", f"secret-{user}")
        with other.session:
            if user == "execute":
                assert other.post(REQUEST, body).status_code == 400
            else:
                assert other.get(made["recordUrl"]).status_code == 400
                assert other.query(RECORD) == []


# -- requests ------------------------------------------------------------------------------------


def test_a_request_is_answered_at_once_and_its_record_later(api: Api, boomi: Emulator) -> None:
    answer = ask(api, **PROPERTIES)
    assert answer["recordUrl"] == f"{api.direct}/{RECORD}/async/{answer['requestId']}"
    assert answer["requestId"].startswith("executionrecord-")
    assert answer["DynamicProcessProperties"]["DynamicProcessProperty"][0]["value"] == "smoke"
    assert answer["ProcessProperties"]["ProcessProperty"][0]["ProcessPropertyValue"][0]["key"] == "a"
    assert poll(api, answer) == (202, {"@type": "AsyncOperationResult", "responseStatusCode": 202})
    code, body = poll(api, answer)
    assert (code, body["numberOfResults"], body["result"][0]["status"]) == (200, 1, "COMPLETE")
    assert body["result"] == api.query(RECORD)
    (entry,) = [row for row in boomi.objects("AuditLog") if row["type"] == "as.process.manual_execution"]
    assert (entry["action"], entry["modifier"], entry["containerId"]) == ("EXECUTE", "MANUAL", atom(boomi))
    last = boomi.journal()[-2]
    assert (last["object"], last["verb"], last["id"]) == (RECORD, "poll", answer["requestId"])


def test_xml_asks_for_a_run_too(api: Api, boomi: Emulator) -> None:
    kinds = {"Accept": "application/xml", "Content-Type": "application/xml"}
    body = (
        f'<ExecutionRequest xmlns="http://api.platform.boomi.com/" processId="{api.component("Sync")}" '
        f'atomId="{atom(boomi)}"><DynamicProcessProperties><DynamicProcessProperty name="a" value="b"/>'
        "</DynamicProcessProperties><ProcessProperties/></ExecutionRequest>"
    )
    answer = api.session.post(f"{api.direct}/{REQUEST}", body, headers=kinds, timeout=10)
    assert answer.status_code == 200, answer.text
    assert '<bns:DynamicProcessProperty name="a" value="b" />' in answer.text
    url = f"{RECORD}/async/{boomi.objects(REQUEST)[0]['requestId']}"
    first, second = (api.get(url, headers=kinds).text for _ in range(2))
    assert 'responseStatusCode="202"' in first
    assert "<bns:status>COMPLETE</bns:status>" in second


@pytest.mark.parametrize(
    "wrong",
    [
        {"atomId": None},
        {"atomId": "nobody"},
        {"processId": None},
        {"processId": "nobody"},
        {"colour": "red"},
        {"DynamicProcessProperties": "x"},
        {"DynamicProcessProperties": {"DynamicProcessProperty": [{"key": "x"}]}},
        {"DynamicProcessProperties": {"DynamicProcessProperty": [{"name": ["x"]}]}},
        {"ProcessProperties": {"ProcessProperty": {"ProcessPropertyValue": [{"value": {"x": 1}}]}}},
        {"ProcessProperties": {"ProcessProperty": ["x"]}},
    ],
)
def test_a_wrong_request_runs_nothing(api: Api, wrong: dict[str, Any]) -> None:
    ask(api, status=400, **wrong)
    assert api.query(RECORD) == []


def test_what_is_not_deployed_there_or_listens_is_refused(api: Api, boomi: Emulator) -> None:
    ask(api, "Copy", status=400)
    ask(api, "Inbox", status=400)
    ask(api, status=400, atomId=atom(boomi, "Atom B"))
    for path in ("async/nobody", "async", "async/a/b"):
        assert api.get(f"{RECORD}/{path}").status_code in (400, 404)
    for path in ("async/ExecutionRecord/query", "async/Environment/query", "Environment/async/x", "async"):
        assert api.post(path, {}).status_code == 404


def test_runs_go_as_their_script_says(api: Api, boomi: Emulator) -> None:
    process = api.component("Sync")
    boomi.settings(runPolls=0)
    for outcome in (*OPEN, "DISCARDED", "SOMETHING_NEW"):
        boomi.script_runs(process, {"status": outcome, "seconds": 0})
        boomi.settings(overlap="both")
        assert status(api, ask(api)) == outcome
    boomi.script_runs(process, {"status": "ERROR", "errors": 1, "message": "no"}, {"seconds": 30})
    first = poll(api, ask(api))[1]["result"][0]
    assert (first["status"], first["inboundErrorDocumentCount"], first["message"]) == ("ERROR", 1, "no")
    assert [status(api, ask(api)) for _ in range(2)] == ["INPROCESS"] * 2
    boomi.script_runs(process)
    assert status(api, ask(api)) == "COMPLETE"
    for wrong in ({"state": "x"}, {"errors": -1}, {"seconds": "1"}, {"documents": 1.5}):
        with pytest.raises(ValueError, match="of a run"):
            boomi.script_runs(process, wrong)


def test_a_line_of_a_script_may_be_for_one_package(api: Api, boomi: Emulator) -> None:
    process = api.component("Sync")
    boomi.settings(runPolls=0)
    new = boomi.console_package(process)["packageId"]
    boomi.script_runs(process, {"status": "ERROR", "packageId": new}, {"status": "COMPLETE_WARN"})
    assert status(api, ask(api)) == "COMPLETE_WARN"
    boomi.console_deploy(api.environment(), new)
    assert [status(api, ask(api)) for _ in range(2)] == ["ERROR", "COMPLETE_WARN"]


def test_the_routes_for_tests_do_the_same(api: Api, boomi: Emulator) -> None:
    pair = {"atomId": atom(boomi), "processId": api.component("Sync")}
    assert api.control("POST", "console/run", {**pair, "status": "ERROR"}).json()["status"] == "ERROR"
    assert api.control("POST", "runs", {**pair, "runs": [{"status": "ABORTED"}]}).status_code == 200
    boomi.settings(runPolls=0)
    assert status(api, ask(api)) == "ABORTED"
    assert (
        api.control("POST", "console/set-runtime", {"atomId": pair["atomId"], "status": "WARNING"}).status_code == 200
    )
    assert api.control("POST", "runs", {**pair, "runs": [{"x": 1}]}).status_code == 400


def test_a_late_run_is_not_found_at_once(api: Api, boomi: Emulator) -> None:
    boomi.faults({"kind": "reset-after", "object": REQUEST, "verb": "create", "requests": 2})
    with pytest.raises(requests.ConnectionError):
        ask(api)
    assert [len(api.query(RECORD)) for _ in range(3)] == [0, 0, 1]


# -- the switches --------------------------------------------------------------------------------


def test_run_seconds(api: Api, boomi: Emulator) -> None:
    boomi.settings(runSeconds=60, runPolls=0)
    request = ask(api)
    assert status(api, request) == "INPROCESS"
    boomi.advance(61)
    assert status(api, request) == "COMPLETE"


@pytest.mark.parametrize(("position", "answers"), [(0, [200] * 3), (2, [202, 202, 200]), (-1, [202] * 3)])
def test_run_polls(api: Api, boomi: Emulator, position: int, answers: list[int]) -> None:
    boomi.settings(runPolls=position)
    request = ask(api)
    assert [poll(api, request)[0] for _ in range(3)] == answers
    assert len(api.query(RECORD)) == 1


@pytest.mark.parametrize("position", ["started", "ended"])
def test_record_202_until(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(record202Until=position, runSeconds=60, runPolls=0)
    request = ask(api)
    assert status(api, request) == ("INPROCESS" if position == "started" else "unknown")
    boomi.advance(61)
    assert status(api, request) == "COMPLETE"


@pytest.mark.parametrize("position", ["result", "bare"])
def test_record_body(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(recordBody=position, runPolls=0)
    body = poll(api, ask(api))[1]
    assert (body["result"][0] if position == "result" else body) == api.query(RECORD)[0]


@pytest.mark.parametrize("position", ["list", "number"])
def test_longs(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(longs=position)
    run(api, seconds=0)
    assert api.query(RECORD)[0]["executionDuration"] == (["Long", 0] if position == "list" else 0)


def test_deploy_propagation(api: Api, boomi: Emulator) -> None:
    boomi.settings(deployPropagation=12, runPolls=0)
    process = api.component("Sync")
    new = boomi.console_package(process)["packageId"]
    boomi.script_runs(process, {"status": "ERROR", "packageId": new}, {"status": "COMPLETE"})
    boomi.console_deploy(api.environment(), new)
    assert status(api, ask(api)) == "COMPLETE"
    boomi.advance(13)
    assert status(api, ask(api)) == "ERROR"


def test_a_first_deployment_runs_itself(api: Api, boomi: Emulator) -> None:
    boomi.settings(deployPropagation=12, runPolls=0)
    boomi.console_deploy(api.environment(), boomi.console_package(api.component("Copy"))["packageId"])
    assert status(api, ask(api, "Copy")) == "COMPLETE"


@pytest.mark.parametrize(
    ("position", "now", "later"),
    [
        ("queue", ["INPROCESS", "ENQUEUED"], ["COMPLETE", "INPROCESS"]),
        ("discard", ["INPROCESS", "DISCARDED"], ["COMPLETE", "DISCARDED"]),
        ("both", ["INPROCESS", "INPROCESS"], ["COMPLETE", "COMPLETE"]),
    ],
)
def test_overlap(api: Api, boomi: Emulator, position: str, now: list[str], later: list[str]) -> None:
    boomi.settings(overlap=position, runSeconds=60, runPolls=0)
    both = [ask(api), ask(api)]
    assert [status(api, each) for each in both] == now
    boomi.advance(70)
    assert [status(api, each) for each in both] == later
    boomi.advance(60)
    assert [status(api, each) for each in both] == ["COMPLETE", later[1].replace("INPROCESS", "COMPLETE")]


def test_a_run_behind_one_that_never_ends_waits(api: Api, boomi: Emulator) -> None:
    boomi.settings(runPolls=0)
    run(api, outcome="INPROCESS")
    assert status(api, ask(api)) == "ENQUEUED"


@pytest.mark.parametrize("position", [400, "never"])
def test_run_offline(api: Api, boomi: Emulator, position: Any) -> None:
    boomi.settings(runOffline=position, runPolls=0)
    boomi.set_runtime(atom(boomi), "OFFLINE")
    request = ask(api, status=400 if position == 400 else 200)
    if position == "never":
        assert status(api, request) == "unknown"
        assert api.query(RECORD) == []


@pytest.mark.parametrize("position", ["none", "written"])
def test_listener_records(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(listenerRecords=position)
    run(api, "Inbox", type="exec_listener")
    assert [row["executionType"] for row in api.query(RECORD)] == ["exec_listener"] * (position == "written")
