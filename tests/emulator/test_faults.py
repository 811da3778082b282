"""What goes wrong on the wire, where a create may have worked all the same."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.emulator.conftest import Api

BUSY = "The Boomi server is currently unavailable or your account's rate limits have been exceeded. Retry later."


def create(api: Api, name: str = "New") -> requests.Response:
    return api.post("Environment", {"name": name})


def names(api: Api) -> list[str]:
    return [row["name"] for row in api.boomi.objects("Environment")]


@pytest.mark.parametrize(("kind", "committed"), [("refuse", False), ("reset-before", False), ("reset-after", True)])
def test_a_connection_breaks(api: Api, kind: str, committed: bool) -> None:
    api.boomi.faults({"kind": kind, "object": "Environment", "verb": "create"})
    with pytest.raises(requests.ConnectionError) as caught:
        create(api)
    assert kind == "refuse" or "reset by peer" in str(caught.value)
    assert ("New" in names(api)) is committed
    entry = api.boomi.journal()[-1]
    assert (entry["fault"], entry["committed"], entry["status"]) == (kind, committed, None)
    assert create(api).status_code == (400 if committed else 200)


def test_an_answer_breaks_off(api: Api) -> None:
    api.boomi.faults({"kind": "half-body", "index": 1})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        create(api)
    assert "New" in names(api)
    assert api.query("Environment", name="New")


@pytest.mark.parametrize(
    ("kind", "status", "committed"), [("503-before", 503, False), ("503-after", 503, True), ("500-after", 500, True)]
)
def test_an_answer_lies(api: Api, kind: str, status: int, committed: bool) -> None:
    api.boomi.faults({"kind": kind, "times": 2})
    for name in ("New", "Newer"):
        answer = create(api, name)
        assert (answer.status_code, answer.json()["message"]) == (
            status,
            BUSY if status == 503 else "Internal Server Error",
        )
        assert (name in names(api)) is committed
        assert api.boomi.journal()[-1]["status"] == status
    assert create(api, "Newest").status_code == 200


@pytest.mark.parametrize("when", ["before", "after"])
def test_something_else_answers_in_boomis_place(api: Api, when: str) -> None:
    api.boomi.faults({"kind": f"page-{when}"}, {"kind": f"error-{when}", "times": 2})
    page, error = create(api), create(api, "Newer")
    assert (page.status_code, page.headers["Content-Type"], page.text[:9]) == (200, "text/html", "<!DOCTYPE")
    assert (error.status_code, error.json()["@type"]) == (200, "Error")
    assert ("New" in names(api), "Newer" in names(api)) == (when == "after", when == "after")


def test_rows_of_a_query_go_missing(api: Api) -> None:
    for name in ("New", "Newer"):
        create(api, name)
    whole = api.post("Environment/query", {"QueryFilter": {}}).json()
    api.boomi.faults({"kind": "short", "verb": "query"})
    short = api.post("Environment/query", {"QueryFilter": {}}).json()
    assert len(short["result"]) == len(whole["result"]) // 2
    assert short["numberOfResults"] == whole["numberOfResults"]


def test_an_answer_is_withheld(api: Api) -> None:
    api.boomi.faults({"kind": "stall", "seconds": 60})
    with pytest.raises(requests.ReadTimeout):
        api.session.post(f"{api.direct}/Environment", json={"name": "New"}, timeout=0.2)
    assert "New" in names(api)
    api.boomi.faults({"kind": "stall", "seconds": 0.01})
    assert create(api, "Newer").status_code == 200


def test_a_request_is_done_after_its_answer_was_lost(api: Api) -> None:
    """As behind a gateway that gives up earlier than Boomi does."""
    api.boomi.faults(
        {"kind": "done-late", "requests": 2, "verb": "create"},
        {"kind": "done-late", "times": 2, "verb": "delete"},
    )
    with pytest.raises(requests.ConnectionError):
        create(api)
    entry = api.boomi.journal()[-1]
    assert (entry["fault"], entry["committed"], entry["status"]) == ("done-late", False, None)
    assert [len(api.query("Environment", name="New")) for _ in range(3)] == [0, 0, 1]
    # What Boomi refuses by then, nobody hears of.
    with pytest.raises(requests.ConnectionError):
        api.delete("Environment/nobody")
    assert len(api.query("Environment")) == 3
    with pytest.raises(requests.ConnectionError):
        api.delete(f"Environment/{api.environment('New')}")
    api.boomi.faults()
    assert len(api.query("Environment")) == len(api.query("Environment")) == 3


def test_a_new_object_is_seen_late(api: Api) -> None:
    api.boomi.faults({"kind": "late", "requests": 3, "verb": "create"})
    made = create(api).json()["id"]
    assert len(api.query("Environment")) == 2
    assert api.get(f"Environment/{made}").status_code == 400
    bulk = {"type": "GET", "request": [{"id": made}]}
    assert api.post("Environment/bulk", bulk).json()["response"][0]["statusCode"] == 400
    assert len(api.query("Environment", name="Dev")) == 1
    assert api.get(f"Environment/{made}").status_code == 200
    assert len(api.query("Environment")) == 3
    api.boomi.faults({"kind": "late", "verb": "delete"})
    api.delete(f"Environment/{made}")
    assert len(api.query("Environment")) == 2
    # A lost answer may be hidden as well; and a new script shows everything.
    api.boomi.faults({"kind": "500-after", "verb": "create", "requests": 9})
    assert create(api, "Lost").status_code == 500
    assert "Lost" not in [row["name"] for row in api.query("Environment")]
    api.boomi.faults()
    assert "Lost" in [row["name"] for row in api.query("Environment")]
    # What has no id cannot be hidden, and is none the worse for it.
    api.boomi.faults({"kind": "late", "object": "ConnectorVersionChange", "times": 2})
    assert api.post("ConnectorVersionChange", {"classificationType": "loyalty-prod", "versionId": "4"}).ok
    assert api.post("ConnectorVersionChange/update", {"classificationType": "loyalty-prod"}).ok


def test_a_line_strikes_by_number_or_by_what_is_asked(api: Api) -> None:
    def outcome(fault: dict[str, Any], verbs: str) -> str:
        api.boomi.faults({"kind": "503-before", **fault})
        acts = {
            "c": lambda: api.post("PackagedComponent", {}),
            "g": lambda: api.get("Environment/x"),
            "q": lambda: api.post("Environment/query", {"QueryFilter": {}}),
            "n": lambda: api.get("Nothing"),
        }
        return "".join("x" if acts[verb]().status_code == 503 else "." for verb in verbs)

    assert outcome({}, "qq") == "x."
    assert outcome({"index": 2}, "gqg") == ".x."
    assert outcome({"index": 2, "times": 2}, "nnnn") == ".xx."
    assert outcome({"verb": "get"}, "qgg") == ".x."
    assert outcome({"object": "Environment", "nth": 2}, "cgcqg") == "...x."
    assert outcome({"object": "Environment", "verb": "query", "nth": 2, "times": 9}, "qgqqn") == "..xx."


def test_the_script_is_set_and_read_over_http(api: Api) -> None:
    script: list[dict[str, Any]] = [{"kind": "503-before", "index": 1}, {"kind": "500-after", "verb": "get"}]
    assert [line["fired"] for line in api.control("POST", "faults", script).json()] == [0, 0]
    assert create(api).status_code == 503
    shown = api.control("GET", "faults").json()
    assert [(line["kind"], line["fired"]) for line in shown] == [("503-before", 1), ("500-after", 0)]
    assert api.boomi.fired() == shown
    api.control("POST", "reset")
    assert api.control("GET", "faults").json() == []
    api.boomi.faults(*script)
    api.boomi.reset()
    assert api.boomi.fired() == []
    assert api.control("POST", "faults", {}).status_code == 400


@pytest.mark.parametrize(
    "line",
    [
        "refuse",
        {},
        {"kind": "fire"},
        {"kind": "refuse", "colour": "red"},
        {"kind": "refuse", "times": 0},
        {"kind": "refuse", "nth": "2"},
        {"kind": "refuse", "index": True},
        {"kind": "stall", "seconds": -1},
        {"kind": "refuse", "verb": 1},
    ],
)
def test_a_wrong_line_is_refused(api: Api, line: Any) -> None:
    api.boomi.faults({"kind": "503-before"})
    answer = api.control("POST", "faults", [line])
    assert answer.status_code == 400
    assert "fault" in answer.json()["message"]
    assert len(api.boomi.fired()) == 1
