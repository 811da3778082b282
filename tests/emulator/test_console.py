"""What tests themselves can do: the journal, the clock, the switches, people, and the state's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.state import BadData
from boomi_pulumi.emulator.visitors import is_foreign, is_reachable
from tests.emulator.conftest import Api, small_seed

if TYPE_CHECKING:
    from pathlib import Path


def test_the_journal_tells_what_was_asked(api: Api) -> None:
    package = api.package()["packageId"]
    api.query("PackagedComponent", componentId="x", deleted=False)
    api.post("PackagedComponent/bulk", {"type": "GET", "request": [{"id": "x"}] * 7})
    api.get(f"PackagedComponent/{package}", headers={"User-Agent": "mine/1.0"})
    api.delete("PackagedComponent/no-such")
    made, queried, bulk, read, refused = api.control("GET", "journal").json()
    assert [entry["seq"] for entry in (made, queried, bulk, read, refused)] == [1, 2, 3, 4, 5]
    assert (made["object"], made["verb"], made["status"], made["committed"]) == (
        "PackagedComponent",
        "create",
        200,
        True,
    )
    assert (queried["verb"], queried["filter"]) == ("query", "(componentId EQUALS x) and (deleted EQUALS False)")
    assert (bulk["verb"], bulk["ids"], bulk["committed"]) == ("bulk", 7, False)
    assert (read["verb"], read["id"], read["userAgent"]) == ("get", package, "mine/1.0")
    assert (refused["verb"], refused["status"], refused["committed"]) == ("delete", 400, False)
    assert "secret" not in str(api.boomi.journal())
    api.control("DELETE", "journal")
    assert api.boomi.journal() == []
    api.query("Folder")
    assert api.boomi.journal()[0]["seq"] == 6


def test_people_work_beside_the_api(api: Api) -> None:
    component = api.component("Sync")
    saved = api.control("POST", f"components/{component}/revisions", {"by": "eve", "name": "Sync 2"}).json()
    assert (saved["version"], saved["branchName"], saved["name"]) == (4, "feature", "Sync 2")
    assert api.boomi.save_revision(component, branch="main")["currentVersion"] is True
    made = api.control("POST", "components", {"name": "New", "folder": "Acme/Orders", "by": "eve"}).json()
    assert (made["version"], made["createdBy"], made["folderName"]) == (1, "eve", "Orders")
    body = {"componentId": component, "by": "eve", "notes": "by hand"}
    package = api.control("POST", "console/package", body).json()
    assert (package["createdBy"], package["componentVersion"]) == ("eve", 5)
    body = {"environmentId": api.environment(), "packageId": package["packageId"]}
    deployed = api.control("POST", "console/deploy", body).json()
    assert deployed["deployedBy"] != "admin@acme.example"
    refused = api.control("POST", "console/delete-package", {"packageId": package["packageId"]})
    assert refused.status_code == 400
    api.control("POST", "console/undeploy", {"deploymentId": deployed["deploymentId"]})
    api.control("POST", "console/delete-package", {"packageId": package["packageId"]})
    api.control("POST", "console/delete-component", {"componentId": component})
    assert api.boomi.objects("DeployedPackage")[0]["active"] is False
    assert api.boomi.objects("PackagedComponent")[0]["deleted"] is True
    assert api.boomi.journal() == []


def test_people_work_in_this_process_too(api: Api, boomi: Emulator) -> None:
    component = boomi.create_component("New")["componentId"]
    package = boomi.console_package(component, by="eve", packageVersion="7.0")["packageId"]
    deployed = boomi.console_deploy(api.environment(), package, by="eve")
    assert (deployed["deployedBy"], deployed["packageVersion"]) == ("eve", "7.0")
    boomi.console_undeploy(deployed["deploymentId"])
    boomi.console_delete_package(package)
    boomi.delete_component(component)
    assert api.get(f"ComponentMetadata/{component}").json()["deleted"] is True


def test_the_clock_drives_dates(api: Api) -> None:
    assert api.control("POST", "clock", {"now": "2030-05-06T07:08:09Z"}).json()["now"].startswith("2030-05-06T07:08")
    assert api.package()["createdDate"].startswith("2030-05-06T07:08")
    assert api.control("POST", "clock", {"advance": 86400}).json()["now"].startswith("2030-05-07")
    assert api.boomi.advance(-86400).startswith("2030-05-06")
    assert not api.control("POST", "clock", {"now": None}).json()["now"].startswith("2030")
    assert api.control("POST", "clock", {"now": "soon"}).status_code == 400
    for far in (1e18, -1e18, 10**400):
        assert api.control("POST", "clock", {"advance": far}).status_code == 400
    for edge in ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"):
        assert api.control("POST", "clock", {"now": edge}).status_code == 400


def test_the_switches_are_checked(api: Api) -> None:
    assert api.control("POST", "settings", {"stringy": True}).json()["stringy"] is True
    assert api.control("GET", "settings").json() == api.boomi.settings()
    for body in (
        {"colour": 1},
        {"stringy": "yes"},
        {"rateLimit": -1},
        {"latency": 10**400},
        {"rateWindow": 1e300},
        {"samePackageRedeploy": "x"},
        {"deprecated": [1]},
    ):
        answer = api.control("POST", "settings", body)
        assert answer.status_code == 400
        assert next(iter(body)) in answer.json()["message"]


def test_a_reset_goes_back_to_the_seed(api: Api) -> None:
    before = {kind: api.boomi.objects(kind) for kind in ("PackagedComponent", "Environment", "ComponentMetadata")}
    api.package()
    api.post("Environment", {"name": "New"})
    api.boomi.settings(stringy=True)
    api.boomi.advance(1e6)
    assert api.control("POST", "reset").status_code == 200
    assert {kind: api.boomi.objects(kind) for kind in before} == before
    assert api.boomi.settings()["stringy"] is False
    assert api.boomi.settings()["rateLimit"] == 0
    assert api.boomi.journal() == []


def test_raw_rows_can_be_looked_at(api: Api) -> None:
    assert len(api.control("GET", "objects?kind=ComponentMetadata").json()) == 12
    assert [row["name"] for row in api.control("GET", "objects?kind=Environment&account=acme-sub").json()] == [
        "Sub Dev"
    ]
    assert api.control("GET", "objects").status_code == 400
    assert api.control("GET", "nothing").status_code == 404
    assert api.control("POST", "clock", [1]).status_code == 400


def test_state_outlives_the_process(tmp_path: Path) -> None:
    file = tmp_path / "account.db"
    with Emulator(small_seed(), data=file, rate_limit=0) as boomi:
        api = Api(boomi)
        with api.session:
            deployed = api.deploy(api.package()["packageId"])
        boomi.settings(stringy=True)
    with Emulator(data=file, rate_limit=0) as boomi:
        assert boomi.account_id == "acme-1"
        assert boomi.settings()["stringy"] is True
        assert boomi.objects("DeployedPackage")[0]["deploymentId"] == deployed["deploymentId"]
        boomi.reset()
        assert boomi.objects("DeployedPackage") == []
        assert len(boomi.objects("ComponentMetadata")) == 12


def test_two_emulators_do_not_meet() -> None:
    with Emulator(small_seed()) as one, Emulator(small_seed()) as two:
        assert one.base_url != two.base_url
        one.create_component("Only here")
        assert len(one.objects("ComponentMetadata")) == len(two.objects("ComponentMetadata")) + 1
        assert one.env["BOOMI_BASE_URL"] == one.base_url
        with pytest.raises(OSError, match="in use"):
            Emulator(small_seed(), port=int(two.base_url.rpartition(":")[2]))
    one.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(one.base_url, timeout=1)


@pytest.mark.parametrize("settings", [{"colour": 1}, {"latency": "long"}])
def test_a_wrong_switch_stops_the_start(settings: Any) -> None:
    with pytest.raises(ValueError, match="setting"):
        Emulator(small_seed(), **settings)


def test_a_data_file_serves_one_emulator_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "account.db"
    with Emulator(small_seed(), data=file), pytest.raises(BadData, match="locked"):
        Emulator(data=file)


PAGES = ("http://evil.example", "https://evil.example:8099", "null", "http://localhost:3000", "http://127.0.0.1", "")
NAMES = (
    "evil.example",
    "127.0.0.1.evil.example",
    "evil.example.:80",
    "localhost.evil.example",
    "2130706433.evil",
    "[::x",
)


def journal_of(boomi: Emulator, method: str = "DELETE", **headers: str) -> requests.Response:
    """Ask for the journal, or to forget it."""
    return requests.request(method, f"{boomi.base_url}/_emulator/journal", headers=headers, timeout=10)


@pytest.mark.parametrize(
    "headers", [*({"Origin": page} for page in PAGES), *({"Host": name} for name in NAMES)], ids=str
)
def test_a_web_page_of_another_origin_reaches_no_route_for_tests(api: Api, headers: dict[str, str]) -> None:
    api.query("Folder")
    for method in ("GET", "DELETE"):
        refused = journal_of(api.boomi, method, **headers)
        assert refused.status_code == 403, refused.text
        assert "comes from a web page" in refused.json()["message"]
    form = {"Content-Type": "text/plain", **headers}
    address = f"{api.boomi.base_url}/_emulator/reset"
    assert requests.post(address, data="{}", headers=form, timeout=10).status_code == 403
    assert len(api.boomi.journal()) == 1


@pytest.mark.parametrize(
    "host", ["localhost:1", "127.0.0.1", "[::1]:8099", "10.1.2.3:80", "emulator:8099", "a.internal"]
)
def test_who_uses_an_address_or_a_name_of_this_network_reaches_them(api: Api, host: str) -> None:
    api.query("Folder")
    for origin in ({}, {"Origin": f"http://{host}"}):
        assert journal_of(api.boomi, Host=host, **origin).status_code == 200
    assert api.boomi.journal() == []


def test_the_name_that_it_listens_on_is_its_own() -> None:
    assert is_foreign({"Host": "ci.acme.example:8099"}, "0.0.0.0")  # noqa: S104 - listens on nothing
    assert not is_foreign({"Host": "ci.acme.example:8099"}, "CI.acme.example")


@pytest.mark.parametrize(
    ("host", "reachable"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("::", True), ("10.1.2.3", True), ("a.example", True)],
)
def test_other_machines_reach_all_but_loopback(host: str, *, reachable: bool) -> None:
    assert is_reachable(host) is reachable


def test_nobody_is_told_the_tokens_of_users(api: Api) -> None:
    users = api.control("GET", "objects?kind=User").json()
    assert [row["name"] for row in users] == [user["name"] for user in small_seed()["users"]]
    everything = "".join(
        api.control("GET", route).text for route in ("users", "journal", "settings", "objects?kind=User")
    )
    assert not [user["token"] for user in small_seed()["users"] if user["token"] in everything]
