"""Schedules: where they are, what an update changes, who may, and each switch in each position."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.rules import Refusal
from boomi_pulumi.emulator.seed import BadSeed, rows, schedule_id
from tests.emulator.conftest import Api, small_seed

KIND, STATUS = "ProcessSchedules", "ProcessScheduleStatus"
FULL = {
    "minutes": "0-59/15",
    "hours": "8-18",
    "daysOfWeek": "2-6",
    "daysOfMonth": "*",
    "months": "*",
    "years": "*",
}
NIGHTLY = {**FULL, "minutes": "0", "hours": "2", "daysOfWeek": "*"}
RETRY = {"maxRetry": 2, "Schedule": [NIGHTLY]}


def seed() -> dict[str, Any]:
    document = small_seed()
    document["components"].append({"name": "Inbox", "listener": "jms"})
    paths = ("Acme/Orders/Sync", "Acme/Copy", "Acme/Inbox", "Acme/Orders/Api")
    document["packages"] = [{"component": path, "version": "1.0"} for path in paths]
    document["deployments"] = [
        {"component": path, "package": "1.0", "environment": "Dev"} for path in paths if path != "Acme/Copy"
    ]
    document["users"].append(
        {"name": "planner@acme.example", "token": "secret-planner", "privileges": ["API", "SCHEDULE_MAINTENANCE"]}
    )
    document["users"].append(
        {"name": "operator@acme.example", "token": "secret-operator", "privileges": ["API", "ATOM_MANAGEMENT"]}
    )
    return document


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(seed(), rate_limit=0) as emulator:
        yield emulator


def atom(boomi: Emulator, name: str = "Atom A") -> str:
    return next(str(row["id"]) for row in boomi.objects("Atom") if row["name"] == name)


def place(api: Api, name: str = "Sync", runtime: str = "Atom A") -> tuple[str, str, str]:
    """The id, the runtime and the process of some schedules."""
    pair = atom(api.boomi, runtime), api.component(name)
    return schedule_id(*pair), *pair


def read(api: Api, identifier: str, kind: str = KIND) -> Any:
    answer = api.get(f"{kind}/{identifier}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def save(api: Api, status: int = 200, name: str = "Sync", kind: str = KIND, **fields: Any) -> Any:
    identifier, runtime, process = place(api, name)
    body = {"id": identifier, "atomId": runtime, "processId": process, **fields}
    answer = api.post(f"{kind}/{identifier}", {key: value for key, value in body.items() if value is not None})
    assert answer.status_code == status, answer.text
    return answer.json()


def kept(api: Api, name: str = "Sync") -> list[dict[str, Any]]:
    """The schedules as a read shows them, without their types."""
    found = read(api, place(api, name)[0])["Schedule"]
    return [{key: value for key, value in each.items() if key != "@type"} for each in found]


def deployment(api: Api, name: str = "Sync") -> str:
    found = api.query("DeployedPackage", componentId=api.component(name), active="true")
    return str(found[-1]["deploymentId"])


def log(boomi: Emulator) -> list[tuple[str, str, str]]:
    found = [row for row in boomi.objects("AuditLog") if row["type"] == "as.schedules"]
    return [(row["action"], row["modifier"], row["userId"].partition("@")[0]) for row in found]


# -- what there is -------------------------------------------------------------------------------


def test_every_deployed_process_has_empty_schedules_on_every_runtime(api: Api, boomi: Emulator) -> None:
    dev = api.environment()
    boomi.attach(atom(boomi, "Atom B"), dev)
    identifier, runtime, process = place(api)
    whole = {"id": identifier, "atomId": runtime, "processId": process}
    assert read(api, identifier) == {"@type": KIND, **whole, "Schedule": []}
    assert read(api, identifier, STATUS) == {"@type": STATUS, **whole, "enabled": True}
    found = {(row["atomId"], row["processId"]) for row in api.query(KIND)}
    wanted = {api.component(name) for name in ("Sync", "Inbox")}
    assert found == {(atom(boomi, name), each) for name in ("Atom A", "Atom B") for each in wanted}
    assert len(api.query(KIND, processId=process)) == len(api.query(STATUS, atomId=runtime)) == 2
    assert [row["id"] for row in api.query(STATUS, atomId=runtime, processId=process)] == [identifier]
    assert api.query(KIND, atomId="nobody") == api.query(KIND, processId=api.component("Copy")) == []


def test_reads_by_id_padded_or_not_and_in_bulk(api: Api) -> None:
    identifier, runtime, process = place(api)
    assert base64.b64decode(identifier + "==").decode() == f"CPS{runtime}:{process}"
    others = (place(api, "Copy")[0], place(api, "Api")[0], place(api, runtime="Atom B")[0], "nobody", "CPSx:y")
    wanted = [{"id": each} for each in (identifier, f"{identifier}==", *others)]
    for kind in (KIND, STATUS):
        answer = api.post(f"{kind}/bulk", {"type": "GET", "request": wanted}).json()["response"]
        assert [item["statusCode"] for item in answer] == [200, 200, 400, 400, 400, 400, 400]
        assert [item["id"] for item in answer[2:]] == list(others)
        assert answer[0]["Result"] == answer[1]["Result"] == read(api, identifier, kind)
        assert api.post(kind, {"id": identifier}).status_code == 400
        assert api.delete(f"{kind}/{identifier}").status_code == 400


def test_a_hundred_schedules_fill_a_page(boomi: Emulator, api: Api) -> None:
    for number in range(100):
        made = boomi.create_component(f"P{number}")["componentId"]
        boomi.console_deploy(api.environment(), boomi.console_package(made)["packageId"])
    first = api.post(f"{KIND}/query", {"QueryFilter": {}}).json()
    assert (len(first["result"]), first["numberOfResults"]) == (100, 102)
    more = api.session.post(f"{api.direct}/{KIND}/queryMore", first["queryToken"], timeout=10).json()
    assert len(more["result"]) == 2


def test_who_may_read_and_who_may_save(api: Api, boomi: Emulator) -> None:
    identifier, runtime, process = place(api)
    body = {"id": identifier, "atomId": runtime, "processId": process, "Schedule": []}
    for user, statuses in (
        ("planner", [200, 200]),
        ("operator", [200, 200]),
        ("viewer", [200, 403]),
        ("deployer", [403, 403]),
    ):
        other = Api(boomi, f"BOOMI_TOKEN.{user}@acme.example", f"secret-{user}")
        with other.session:
            sent = [other.get(f"{KIND}/{identifier}"), other.post(f"{KIND}/{identifier}", body)]
        assert [answer.status_code for answer in sent] == statuses, user
    boomi.give_environment_role(api.environment(), "operators")
    planner = Api(boomi, "BOOMI_TOKEN.planner@acme.example", "secret-planner")
    with planner.session:
        assert planner.get(f"{KIND}/{identifier}").status_code == 400
        assert planner.get(f"{STATUS}/{identifier}").status_code == 400
        assert planner.post(f"{KIND}/{identifier}", body).status_code == 400
        assert planner.query(KIND) == []


# -- setting -------------------------------------------------------------------------------------


def test_an_update_is_the_whole_list(api: Api, boomi: Emulator) -> None:
    answer = save(api, Schedule=[FULL, NIGHTLY], Retry=RETRY)
    assert answer == read(api, place(api)[0])
    assert kept(api) == [FULL, NIGHTLY]
    assert answer["Retry"]["maxRetry"] == 2
    save(api, Schedule=[NIGHTLY])
    assert kept(api) == [NIGHTLY]
    save(api)
    assert kept(api) == []
    assert log(boomi) == [("UPDATE", "NONE", "admin")] * 3
    entry = api.query("AuditLog", type="as.schedules")[0]
    assert (entry["containerId"], entry["source"]) == (place(api)[1], "API")
    told = {each["name"]: each["value"] for each in entry["AuditLogProperty"]}
    assert told["PROCESS_ID"] == place(api)[2]


def test_retries_can_be_cleared(api: Api) -> None:
    save(api, Retry=RETRY)
    assert "Retry" not in save(api, Retry={})
    assert save(api, Retry={"maxRetry": 5, "Schedule": []})["Retry"]["Schedule"] == []
    for most in (6, -1, "x"):
        save(api, 400, Retry={"maxRetry": most})


@pytest.mark.parametrize("name", ["id", "atomId", "processId"])
def test_the_body_says_once_more_whose_they_are(api: Api, name: str) -> None:
    fields: dict[str, Any] = {name: None}
    save(api, 400, **fields)
    save(api, 400, **{name: "other"})
    save(api, 400, kind=STATUS, enabled=False, **{name: "other"})
    save(api, 400, kind=STATUS)
    assert log(api.boomi) == []


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("minutes", "60"),
        ("hours", "24"),
        ("daysOfWeek", "0"),
        ("daysOfWeek", "8"),
        ("daysOfWeek", "mon-fri"),
        ("daysOfMonth", "0"),
        ("months", "13"),
        ("years", "26"),
        ("hours", "18-8"),
        ("minutes", "5/2"),
        ("minutes", "0-59/0"),
        ("minutes", ""),
        ("minutes", "1,,2"),
        ("minutes", []),
        ("seconds", "0"),
    ],
)
def test_what_is_no_schedule_is_refused(api: Api, field: str, text: Any) -> None:
    save(api, Schedule=[FULL])
    save(api, 400, Schedule=[{field: text}])
    save(api, 400, Retry={"maxRetry": 1, "Schedule": [{field: text}]})
    assert kept(api) == [FULL]


@pytest.mark.parametrize("wrong", ["x", ["x"], [1]])
def test_a_list_of_something_else_is_refused(api: Api, wrong: Any) -> None:
    save(api, 400, Schedule=wrong)
    save(api, 400, Retry=wrong)


def test_xml_is_understood(api: Api) -> None:
    identifier, runtime, process = place(api)
    body = (
        f'<bns:ProcessSchedules xmlns:bns="http://api.platform.boomi.com/" id="{identifier}==" atomId="{runtime}" '
        f'processId="{process}"><bns:Schedule minutes="0" hours="2"/><bns:Retry maxRetry="1"><bns:Schedule hours="3"/>'
        "</bns:Retry></bns:ProcessSchedules>"
    )
    kind = {"Content-Type": "application/xml", "Accept": "application/xml"}
    answer = api.session.post(f"{api.direct}/{KIND}/{identifier}==/update", body, headers=kind, timeout=10)
    assert answer.status_code == 200, answer.text
    assert '<bns:Schedule minutes="0" hours="2" />' in answer.text
    assert kept(api) == [{"minutes": "0", "hours": "2"}]


def test_stopped_schedules_are_kept(api: Api, boomi: Emulator) -> None:
    save(api, Schedule=[FULL])
    for enabled, times in ((False, 2), ("true", 1)):
        for _ in range(times):
            answer = save(api, kind=STATUS, enabled=enabled)
            assert answer["enabled"] is (enabled == "true")
        assert kept(api) == [FULL]
    save(api, kind=STATUS, enabled=False)
    save(api, Schedule=[NIGHTLY])
    assert read(api, place(api)[0], STATUS)["enabled"] is False
    acts = ("UPDATE", "NONE"), ("STOP", "SINGLE"), ("RESUME", "SINGLE"), ("STOP", "SINGLE"), ("UPDATE", "NONE")
    assert log(boomi) == [(*act, "admin") for act in acts]


def test_a_late_update_is_not_seen_at_once(api: Api, boomi: Emulator) -> None:
    save(api, Schedule=[FULL])
    boomi.faults({"kind": "late", "object": KIND, "verb": "update", "requests": 2})
    save(api, Schedule=[NIGHTLY])
    assert [kept(api) for _ in range(3)] == [[FULL], [FULL], [NIGHTLY]]


# -- what people do ------------------------------------------------------------------------------


def test_people_save_stop_and_resume(api: Api, boomi: Emulator) -> None:
    _, runtime, process = place(api)
    boomi.console_deploy(api.environment(), boomi.console_package(api.component("Copy"))["packageId"])
    boomi.save_schedules(process, runtime, [FULL], retry=RETRY, by="ann@acme.example", date="2026-01-01T00:00:00Z")
    boomi.stop_schedules(runtime, by="bob@acme.example")
    stopped = {row["processId"]: row["enabled"] for row in api.query(STATUS, atomId=runtime)}
    assert set(stopped.values()) == {False}
    assert len(stopped) == 3
    boomi.resume_schedules(runtime, process)
    boomi.resume_schedules(runtime, process)
    assert [row["enabled"] for row in api.query(STATUS, processId=process)] == [True]
    assert log(boomi) == [("UPDATE", "NONE", "ann"), ("STOP", "ALL", "bob"), ("RESUME", "SINGLE", "console.user")]
    entry = api.query("AuditLog", action="UPDATE")[0]
    assert (entry["date"], entry["source"]) == ("2026-01-01T00:00:00Z", "UI")
    for wrong in ((process, "nobody"), ("nobody", runtime)):
        with pytest.raises(Refusal):
            boomi.save_schedules(*wrong)
        with pytest.raises(Refusal):
            boomi.stop_schedules(*reversed(wrong))


def test_the_routes_for_tests_do_the_same(api: Api, boomi: Emulator) -> None:
    _, runtime, process = place(api)
    pair = {"atomId": runtime, "processId": process}
    assert api.control("POST", "console/save-schedules", {**pair, "schedules": [FULL]}).status_code == 200
    assert api.control("POST", "console/stop-schedules", {"atomId": runtime}).status_code == 200
    assert api.control("POST", "console/resume-schedules", {**pair, "by": "ann@acme.example"}).status_code == 200
    assert kept(api) == [FULL]
    assert log(boomi)[-1] == ("RESUME", "SINGLE", "ann")
    made = api.control("POST", "components", {"name": "New", "listener": "jms", "lowLatency": True}).json()
    assert (made["listener"], made["lowLatency"]) == ("jms", True)


def test_schedules_follow_a_new_version_and_stop_when_it_listens(api: Api, boomi: Emulator) -> None:
    process = api.component("Sync")
    save(api, Schedule=[FULL])
    for listener, enabled in ((None, True), ("jms", False)):
        boomi.save_revision(process, branch="main", listener=listener)
        boomi.console_deploy(api.environment(), boomi.console_package(process)["packageId"])
        assert kept(api) == [FULL]
        assert read(api, place(api)[0], STATUS)["enabled"] is enabled
    save(api, 400, Schedule=[])
    assert log(boomi) == [("UPDATE", "NONE", "admin")]


def test_a_seed_may_schedule() -> None:
    document = seed()
    times = [{"minutes": 0, "hours": "2"}]
    document["schedules"] = [
        {
            "component": "Acme/Orders/Sync",
            "runtime": "Atom A",
            "times": times,
            "retry": {"maxRetry": 3, "times": times},
            "enabled": False,
        }
    ]
    with Emulator(document) as other:
        found = other.objects(KIND)
    wanted = [{"minutes": "0", "hours": "2"}]
    assert [(row["Schedule"], row["Retry"], row["enabled"]) for row in found] == [
        (wanted, {"maxRetry": 3, "Schedule": wanted}, False)
    ]
    for wrong in ({"runtime": "Atom X"}, {"component": "Acme/X"}, {"times": [{"minute": "0"}]}):
        with pytest.raises(BadSeed):
            Emulator({**document, "schedules": [{**document["schedules"][0], **wrong}]})
    assert rows(document)


# -- the switches --------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["none", "padded"])
@pytest.mark.parametrize("position", ["computed", "opaque"])
def test_schedule_ids_and_padding(api: Api, boomi: Emulator, position: str, padding: str) -> None:
    boomi.settings(scheduleIds=position, schedulePadding=padding)
    computed, runtime, process = place(api)
    found = api.query(KIND, atomId=runtime, processId=process)[0]["id"]
    assert found.endswith("=") is (padding == "padded")
    assert (found.rstrip("=") == computed) is (position == "computed")
    assert api.get(f"{KIND}/{computed}").status_code == (200 if position == "computed" else 400)
    body = {"id": found, "atomId": runtime, "processId": process, "enabled": False}
    assert api.post(f"{STATUS}/{found}", body).json()["enabled"] is False
    assert read(api, found.rstrip("="), STATUS)["id"] == found


@pytest.mark.parametrize("position", ["rangeOnly", "star"])
def test_schedule_steps(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(scheduleSteps=position)
    save(api, 400 if position == "rangeOnly" else 200, Schedule=[{"minutes": "*/15"}])
    save(api, 400, Schedule=[{"minutes": "5/15"}])


@pytest.mark.parametrize("position", ["asSent", "expanded"])
def test_schedule_form(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(scheduleForm=position)
    sent = {"minutes": "0-59/15", "hours": "8-10, 12", "months": "*"}
    star = {"daysOfWeek": "*", "daysOfMonth": "*", "months": "*", "years": "*"}
    save(api, Schedule=[sent])
    assert kept(api) == [sent if position == "asSent" else {"minutes": "0,15,30,45", "hours": "8,9,10,12", **star}]


@pytest.mark.parametrize("position", ["kept", "cleared"])
def test_retry_omitted(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(retryOmitted=position)
    save(api, Retry=RETRY)
    assert ("Retry" in save(api, Schedule=[FULL])) is (position == "kept")


@pytest.mark.parametrize("position", [400, "accept"])
def test_max_retry_zero(api: Api, boomi: Emulator, position: Any) -> None:
    boomi.settings(maxRetryZero=position)
    save(api, 400 if position == 400 else 200, Retry={"maxRetry": 0, "Schedule": []})


@pytest.mark.parametrize("position", ["kept", "gone"])
def test_schedule_after_undeploy(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(scheduleAfterUndeploy=position)
    identifier, runtime, process = place(api)
    dev, left = api.environment(), [FULL] if position == "kept" else []
    acts: tuple[tuple[Callable[[], Any], Callable[[], Any]], ...] = (
        (
            lambda: boomi.console_undeploy(deployment(api)),
            lambda: boomi.console_deploy(dev, boomi.console_package(process)["packageId"]),
        ),
        (lambda: boomi.detach(runtime, dev), lambda: boomi.attach(runtime, dev)),
        (lambda: boomi.attach(runtime, api.environment("Production")), lambda: boomi.attach(runtime, dev)),
    )
    for leave, back in acts:
        save(api, Schedule=[FULL])
        leave()
        assert api.get(f"{KIND}/{identifier}").status_code == 400
        assert api.query(KIND, processId=process) == []
        back()
        assert kept(api) == left


@pytest.mark.parametrize("position", [400, "accept"])
def test_schedule_of_listener(api: Api, boomi: Emulator, position: Any) -> None:
    boomi.settings(scheduleOfListener=position)
    assert kept(api, "Inbox") == []
    save(api, 400 if position == 400 else 200, name="Inbox", Schedule=[FULL])
    assert kept(api, "Inbox") == ([] if position == 400 else [FULL])


def test_a_data_file_keeps_the_schedules_and_a_reset_forgets_them(tmp_path: Any) -> None:
    for times in (1, 2):
        with Emulator(seed(), data=tmp_path / "data", rate_limit=0) as boomi:
            process = next(row["componentId"] for row in boomi.objects("ComponentMetadata") if row["name"] == "Sync")
            if times == 1:
                boomi.save_schedules(process, atom(boomi), [FULL])
            assert [row["Schedule"] for row in boomi.objects(KIND)] == [[FULL]]
            boomi.reset() if times == 2 else None
            assert len(boomi.objects(KIND)) == 2 - times
