from __future__ import annotations

import base64
import gzip
import json
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from typing import Any

import pytest
from requests import ConnectTimeout, PreparedRequest, Response
from requests.adapters import BaseAdapter

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import Client, client_for
from boomi_pulumi._api.errors import (
    BadAnswer,
    BadRequest,
    ConnectionLost,
    EndpointNotFound,
    FilterError,
    Forbidden,
    Interrupted,
    RequestError,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnexpectedStatus,
    Unreachable,
)
from boomi_pulumi._api.filters import where
from boomi_pulumi._api.models import (
    COMPONENT_METADATA,
    ENVIRONMENT,
    EXECUTION_RECORD,
    LISTENER_STATUS,
    PACKAGED_COMPONENT,
    Object,
)
from boomi_pulumi._api.retry import Done, Policy, Rate, Refused, Unknown
from boomi_pulumi._api.sender import BoomiDeprecationWarning
from boomi_pulumi._api.transport import LONGEST_ANSWER
from boomi_pulumi.emulator import SWITCHES, Emulator
from tests.conformance.account import component, package
from tests.driver import Clock
from tests.unit.conftest import ACCOUNT, TOKEN, Clients, Scripts, settings_for
from tests.unit.scripted import Act, answer, close, endless, reset, send, stall

PACKAGE = {"@type": "PackagedComponent", "packageId": "p-1", "packageVersion": "1.0"}
BASE = f"/api/rest/v1/{ACCOUNT}"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b'{"packageId":'


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def impatient(url: str, **more: Any) -> Client:
    """Return a client that gives up at once, on the real clock."""
    return Client(settings_for(url, **{"timeout": 0.05, **more}), policy=Policy(retries=0))


# -- what is sent ------------------------------------------------------------------------------------


def test_every_verb_has_its_request(script: Scripts, client_to: Clients) -> None:
    rows = {"result": [PACKAGE], "numberOfResults": 2, "queryToken": "to/k+en=="}
    server = script(
        answer(200, PACKAGE),
        answer(200, {"response": [{"Result": PACKAGE, "statusCode": 200}]}),
        answer(200, rows),
        answer(200, {"result": [{**PACKAGE, "packageId": "p-2"}]}),
        answer(200, PACKAGE),
        answer(200, PACKAGE),
        answer(200, b"{true}"),
    )
    client = client_to(server.url)
    assert client.get(PACKAGED_COMPONENT, "p-1").package_version == "1.0"
    assert list(client.bulk(PACKAGED_COMPONENT, ["p-1"])) == ["p-1"]
    assert len(list(client.query(PACKAGED_COMPONENT))) == 2
    assert isinstance(client.create(PACKAGED_COMPONENT, {"componentId": "c"}, "Packaging"), Done)
    assert isinstance(client.update(ENVIRONMENT, "e", {"name": "n"}, "Renaming"), Unknown)
    assert client.delete(PACKAGED_COMPONENT, "p-1", "Deleting") == Done(None)
    name = "PackagedComponent"
    assert [(each.method, each.path, each.body) for each in server.requests] == [
        ("GET", f"{BASE}/{name}/p-1", b""),
        ("POST", f"{BASE}/{name}/bulk", b'{"type": "GET", "request": [{"id": "p-1"}]}'),
        ("POST", f"{BASE}/{name}/query", b'{"QueryFilter": {}}'),
        ("POST", f"{BASE}/{name}/queryMore", b"to/k+en=="),
        ("POST", f"{BASE}/{name}", b'{"componentId": "c"}'),
        ("POST", f"{BASE}/Environment/e", b'{"name": "n"}'),
        ("DELETE", f"{BASE}/{name}/p-1", b""),
    ]
    credentials = base64.b64encode(f"BOOMI_TOKEN.ann@acme.example:{TOKEN}".encode()).decode()
    for request in server.requests:
        assert request.headers["accept"] == "application/json"
        assert request.headers["authorization"] == f"Basic {credentials}"
        assert request.headers["user-agent"].split()[0] == f"boomi_pulumi/{version('boomi_pulumi')}"
        if request.body:
            more = request.path.endswith("queryMore")
            assert request.headers["content-type"] == ("text/plain" if more else "application/json")


@pytest.mark.parametrize("body", [{"result": [PACKAGE]}, {"result": PACKAGE}, PACKAGE], ids=["rows", "row", "bare"])
def test_a_poll_waits_for_what_is_not_there_yet(body: Any, script: Scripts, client_to: Clients, clock: Clock) -> None:
    server = script(
        answer(202, b""), answer(200, {"responseStatusCode": 202}), answer(200, body), answer(200, {"a": 1})
    )
    client, began = client_to(server.url), clock.now

    def poll() -> Any:
        return client.poll(PACKAGED_COMPONENT, "/async/r-1", "Reading a run")

    assert [poll(), poll()] == [None, None]
    assert [each.package_id for each in poll()] == ["p-1"]
    assert clock.now - began >= 2, "one a second, whoever asks"
    with pytest.raises(BadAnswer):
        poll()
    assert {each.path for each in server.requests} == {f"{BASE}/PackagedComponent/async/r-1"}


def test_runs_and_listeners_are_asked_about_once_a_second_for_all(
    script: Scripts, client_to: Clients, clock: Clock
) -> None:
    row = {"@type": "ExecutionRecord", "executionId": "x"}
    server = script(*(answer(200, row if number % 2 == 0 else {"result": []}) for number in range(6)))
    client, asked = client_to(server.url), []
    for number in range(3):
        client.poll(EXECUTION_RECORD, f"/async/r-{number}", "Reading a run")
        asked.append(clock.now)
        client.await_answer(LISTENER_STATUS, f"/response/t-{number}", "Asking about listeners")
        asked.append(clock.now)
    assert len(server.requests) == 6
    assert [two - one for one, two in pairwise(asked)] == [pytest.approx(1.0)] * 5


def test_a_sub_account_rides_on_every_call(script: Scripts, client_to: Clients) -> None:
    page = {"result": [PACKAGE], "queryToken": "t"}
    server = script(
        answer(200, page),
        answer(200, {"result": []}),
        answer(200, {"response": [{"Result": PACKAGE, "statusCode": 200}]}),
        answer(200, PACKAGE),
    )
    client = client_to(server.url, override_account="acme-sub")
    list(client.query(PACKAGED_COMPONENT))
    client.bulk(PACKAGED_COMPONENT, ["p-1"])
    client.get(PACKAGED_COMPONENT, "p-1")
    client.create(PACKAGED_COMPONENT, {}, "Packaging")
    client.update(PACKAGED_COMPONENT, "p-1", {}, "Changing")
    client.delete(PACKAGED_COMPONENT, "p-1", "Deleting")
    assert len(server.requests) == 7
    for request in server.requests:
        assert request.path.startswith(f"/partner{BASE}/PackagedComponent")
        assert request.path.endswith("?overrideAccount=acme-sub")


@pytest.mark.parametrize(
    ("id_", "path"),
    [
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("c-1~3", "c-1~3"),
        ("QjoxMjM=", "QjoxMjM%3D"),
        ("a b%2F", "a%20b%252F"),
        ("ä", "%C3%A4"),
        ("a..b", "a..b"),
    ],
)
def test_an_id_is_one_segment_of_the_path(id_: str, path: str, script: Scripts, client_to: Clients) -> None:
    server = script(answer(200, PACKAGE))
    client = client_to(server.url)
    client.get(PACKAGED_COMPONENT, id_)
    client.delete(PACKAGED_COMPONENT, id_, "Deleting")
    assert {each.path for each in server.requests} == {f"{BASE}/PackagedComponent/{path}"}


@pytest.mark.parametrize("id_", [".", "..", ""])
def test_an_id_never_climbs_out_of_its_object(id_: str, script: Scripts, client_to: Clients) -> None:
    """Such a DELETE would name the collection, or the account."""
    server = script(answer(200, PACKAGE))
    client = client_to(server.url)
    outcome = client.delete(PACKAGED_COMPONENT, id_, "Deleting")
    assert isinstance(outcome, Refused)
    with pytest.raises(RequestError):
        client.get(PACKAGED_COMPONENT, id_)
    assert server.requests == []


def test_cookies_are_not_kept(script: Scripts, client_to: Clients) -> None:
    server = script(answer(200, PACKAGE, Set_Cookie="session=1"))
    client = client_to(server.url)
    client.get(PACKAGED_COMPONENT, "p-1")
    client.get(PACKAGED_COMPONENT, "p-1")
    assert "cookie" not in server.requests[1].headers


# -- redirects ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_with_credentials(status: int, script: Scripts, client_to: Clients) -> None:
    elsewhere = script(answer(200, PACKAGE))
    server = script(answer(status, "moved", Location=f"{elsewhere.url}/x"))
    client = client_to(server.url)
    with pytest.raises(UnexpectedStatus, match="redirect"):
        client.get(PACKAGED_COMPONENT, "p-1")
    outcome = client.create(PACKAGED_COMPONENT, {}, "Packaging")
    assert isinstance(outcome, Refused)
    assert elsewhere.requests == []
    assert len(server.requests) == 2


# -- connections -------------------------------------------------------------------------------------


def test_a_refused_port_is_unreachable_and_tried_six_times(client_to: Clients, clock: Clock) -> None:
    client = client_to(f"http://127.0.0.1:{unused_port()}")
    with pytest.raises(Unreachable, match="boomi:baseUrl"):
        client.get(PACKAGED_COMPONENT, "p-1")
    assert clock.slept == [0.2, 0.4, 0.8, 1.6, 3.2]
    clock.slept.clear()
    assert isinstance(client.create(PACKAGED_COMPONENT, {}, "Packaging"), Refused)
    assert clock.slept == [0.2, 0.4, 0.8, 1.6, 3.2]


def test_plain_http_where_tls_is_expected_is_unreachable(script: Scripts, client_to: Clients) -> None:
    server = script(close(), greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n")
    client = client_to(server.url.replace("http://", "https://"))
    assert isinstance(client.create(PACKAGED_COMPONENT, {}, "Packaging"), Refused)


BREAKS: dict[str, Act] = {
    "close before the answer": close(),
    "reset before the answer": reset(),
    "half a head": close(b"HTTP/1.1 20"),
    "half a body": close(HALF),
    "reset in the body": reset(HALF),
    "half a chunk": close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc"),
    "no HTTP": close(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "not gzip": send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain"),
    "endless head": endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_answer_to_a_write_is_unknown_and_the_write_sent_once(
    name: str, script: Scripts, client_to: Clients
) -> None:
    server = script(BREAKS[name])
    outcome = client_to(server.url).create(PACKAGED_COMPONENT, {"a": 1}, "Packaging it")
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, ConnectionLost)
    assert len(server.requests) == 1
    assert str(outcome.error).startswith("Packaging it failed: ")
    assert str(outcome.error).isprintable()
    assert "0x" not in str(outcome.error)


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_answer_to_a_read_is_read_again(name: str, script: Scripts, client_to: Clients) -> None:
    server = script(BREAKS[name], answer(200, PACKAGE))
    assert client_to(server.url).get(PACKAGED_COMPONENT, "p-1").package_id == "p-1"
    assert len(server.requests) == 2


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"])
def test_a_stalled_answer_ends_with_the_time_limit(begin: bytes, script: Scripts) -> None:
    server = script(stall(begin))
    client = impatient(server.url)
    outcome = client.create(PACKAGED_COMPONENT, {}, "Packaging it")
    client.close()
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, ConnectionLost)
    assert server.asked.wait(10)
    assert len(server.requests) == 1


def test_a_dripping_answer_ends_with_the_time_limit(script: Scripts) -> None:
    """Every byte comes in time, and the answer does not."""
    drip = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = script(endless(drip, b"1\r\n \r\n"))
    client = impatient(server.url, timeout=0.2)
    with pytest.raises(ConnectionLost):
        client.get(PACKAGED_COMPONENT, "p-1")
    client.close()


def test_an_endless_answer_is_given_up(script: Scripts, client_to: Clients) -> None:
    chunk = b"%x\r\n" % (1 << 20) + b" " * (1 << 20) + b"\r\n"
    server = script(endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk))
    outcome = client_to(server.url).create(PACKAGED_COMPONENT, {}, "Packaging it")
    assert isinstance(outcome, Unknown)
    assert "32 MiB" in str(outcome.error)
    assert LONGEST_ANSWER == 32 << 20


def test_a_packed_answer_is_not_unpacked_for_ever(script: Scripts, client_to: Clients) -> None:
    body = gzip.compress(b" " * (LONGEST_ANSWER * 2), 1)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    outcome = client_to(script(close(head + body)).url).create(PACKAGED_COMPONENT, {}, "Packaging it")
    assert isinstance(outcome, Unknown)
    assert "32 MiB" in str(outcome.error)


def test_a_stale_connection_is_not_mistaken_for_a_refusal(script: Scripts, client_to: Clients) -> None:
    """The server closes an idle connection just as the next write goes out on it."""
    server = script(answer(200, PACKAGE), close(), answer(200, PACKAGE))
    client = client_to(server.url)
    client.get(PACKAGED_COMPONENT, "p-1")
    assert isinstance(client.create(PACKAGED_COMPONENT, {}, "Packaging"), Unknown)
    assert len(server.requests) == 2


# -- statuses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_read_is_sent_again(status: int, script: Scripts, client_to: Clients, clock: Clock) -> None:
    server = script(answer(status), answer(status), answer(200, PACKAGE))
    assert client_to(server.url).get(PACKAGED_COMPONENT, "p-1").package_id == "p-1"
    assert clock.slept == [0.2, 0.4]
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 500, 501])
def test_a_read_is_not_sent_again(status: int, script: Scripts, client_to: Clients) -> None:
    server = script(answer(status))
    with pytest.raises(RequestError) as caught:
        client_to(server.url).get(PACKAGED_COMPONENT, "p-1")
    assert caught.value.status == status
    assert [each.path.endswith("/PackagedComponent/p-1") for each in server.requests].count(True) == 1


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599])
def test_a_write_that_may_have_worked_is_sent_once(status: int, script: Scripts, client_to: Clients) -> None:
    server = script(answer(status, {"message": "Retry later."}))
    for outcome in (
        client_to(server.url).create(PACKAGED_COMPONENT, {}, "Packaging"),
        client_to(server.url).update(PACKAGED_COMPONENT, "p", {}, "Changing"),
        client_to(server.url).delete(PACKAGED_COMPONENT, "p", "Deleting"),
    ):
        assert isinstance(outcome, Unknown)
        assert outcome.error.status == status
        assert outcome.error.said == "Retry later."
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 422])
def test_a_write_that_boomi_refuses_is_sent_once(status: int, script: Scripts, client_to: Clients) -> None:
    server = script(answer(status, {"message": "No."}))
    outcome = client_to(server.url).create(PACKAGED_COMPONENT, {}, "Packaging")
    assert isinstance(outcome, Refused)
    assert outcome.error.status == status
    assert [each.path.endswith("/PackagedComponent") for each in server.requests].count(True) == 1


def test_too_many_requests_is_the_one_refusal_after_which_a_write_is_sent_again(
    script: Scripts, client_to: Clients, clock: Clock
) -> None:
    server = script(answer(429, Retry_After="7"), answer(200, PACKAGE))
    assert isinstance(client_to(server.url).create(PACKAGED_COMPONENT, {}, "Packaging"), Done)
    assert clock.slept == [7.0]
    assert len(server.requests) == 2


NO_DATES = [
    "Thu, 01 Jan 2026 00:00:00 +99999999999999",
    "Thu, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Thu, 99 Jan 2026 99:99:99 GMT",
    "1" * 500,
]


@pytest.mark.parametrize(
    ("asked", "slept"),
    [
        ("3", 3.0),
        (" 3.5 ", 3.5),
        ("0", 0.0),
        ("60", 60.0),
        ("soon", 0.2),
        ("-5", 0.2),
        ("nan", 0.2),
        ("", 0.2),
        *((each, 0.2) for each in NO_DATES),
    ],
)
def test_retry_after_is_obeyed(asked: str, slept: float, script: Scripts, client_to: Clients, clock: Clock) -> None:
    for status in (429, 503):
        server = script(answer(status, Retry_After=asked), answer(200, PACKAGE))
        client_to(server.url).get(PACKAGED_COMPONENT, "p-1")
    assert clock.slept == [slept, slept]


def test_retry_after_may_be_a_date(script: Scripts, client_to: Clients, clock: Clock) -> None:
    soon = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=30), usegmt=True)
    server = script(answer(503, Retry_After=soon), answer(200, PACKAGE))
    client_to(server.url).get(PACKAGED_COMPONENT, "p-1")
    assert 25 < clock.slept[0] <= 30


@pytest.mark.parametrize("limit", [0.0, 10.0])
def test_a_rest_that_a_write_was_asked_for_is_kept_by_what_follows(
    limit: float, script: Scripts, client_to: Clients, clock: Clock
) -> None:
    server = script(answer(503, Retry_After="30"), answer(200, {"result": []}))
    client = client_to(server.url, rate_limit=limit)
    assert isinstance(client.create(PACKAGED_COMPONENT, {}, "Packaging"), Unknown)
    began = clock.now
    list(client.query(PACKAGED_COMPONENT))
    assert clock.now - began >= 30


def test_a_rest_of_more_than_a_minute_is_nobodys(script: Scripts, client_to: Clients, clock: Clock) -> None:
    server = script(answer(503, Retry_After="3600"), answer(200, {"result": []}))
    client = client_to(server.url, rate_limit=10)
    assert isinstance(client.create(PACKAGED_COMPONENT, {}, "Packaging"), Unknown)
    list(client.query(PACKAGED_COMPONENT))
    assert sum(clock.slept) < 5


def test_a_dead_service_that_asks_for_patience_is_given_up_after_a_minute(
    script: Scripts, client_to: Clients, clock: Clock
) -> None:
    server = script(answer(503, Retry_After="25"))
    began = clock.now
    with pytest.raises(Unavailable):
        client_to(server.url, rate_limit=10).get(PACKAGED_COMPONENT, "p-1")
    assert clock.now - began <= 60


@pytest.mark.parametrize("asked", ["61", "86400", "999999"])
def test_a_longer_wait_than_a_minute_is_an_error(asked: str, script: Scripts, client_to: Clients, clock: Clock) -> None:
    server = script(answer(429, Retry_After=asked))
    with pytest.raises(TooManyRequests):
        client_to(server.url).get(PACKAGED_COMPONENT, "p-1")
    assert clock.slept == []
    assert len(server.requests) == 1


def test_a_dead_service_is_given_up_after_six_attempts(script: Scripts, client_to: Clients, clock: Clock) -> None:
    server = script(answer(503, {"message": "Retry later."}))
    with pytest.raises(Unavailable, match="Retry later"):
        list(client_to(server.url).query(PACKAGED_COMPONENT))
    assert len(server.requests) == 6
    assert sum(clock.slept) < 45


# -- odd answers -------------------------------------------------------------------------------------

ODD = [b"", b"null", b"[]", b"7", b'"p-1"', b"{", b"{}", b'{"packageId":null}', b"<html/>", b"\xff\xfe", b"[" * 100_000]


@pytest.mark.parametrize("body", ODD, ids=lambda each: repr(each[:20]))
def test_an_odd_answer_to_a_write_is_unknown_and_to_a_read_an_error(
    body: bytes, script: Scripts, client_to: Clients
) -> None:
    client = client_to(script(answer(200, body)).url)
    outcome = client.create(PACKAGED_COMPONENT, {}, "Packaging it")
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, BadAnswer)
    with pytest.raises(BadAnswer):
        client.get(PACKAGED_COMPONENT, "p-1")


@pytest.mark.parametrize("body", [b'{"packageId":"p-1","x":' + b"[" * 5000 + b"]" * 5000 + b"}"])
def test_a_deep_answer_harms_nobody(body: bytes, script: Scripts, client_to: Clients) -> None:
    outcome = client_to(script(answer(200, body)).url).create(PACKAGED_COMPONENT, {}, "Packaging it")
    assert isinstance(outcome, (Done, Unknown))


@pytest.mark.parametrize("body", [b"", b"true", b"{true}", b"\xef\xbb\xbf {true}\n"])
def test_a_delete_is_done_where_boomi_says_nothing_or_true(body: bytes, script: Scripts, client_to: Clients) -> None:
    assert client_to(script(answer(200, body)).url).delete(PACKAGED_COMPONENT, "p", "Deleting") == Done(None)


ERROR = {"@type": "Error", "message": "Internal error, try later"}
NOT_BOOMIS = [b"<html>Sign in</html>", b"\n<?xml version='1.0'?><maintenance/>", json.dumps(ERROR).encode()]
"""Answers of status 200 that no verb takes: a page, a document, an error object."""


@pytest.mark.parametrize("body", [*NOT_BOOMIS, b"{}", b"null", b"[]", b"Welcome", b"{true", b"\xff\xfe"])
def test_a_delete_that_is_answered_by_anything_else_may_not_have_been_done(
    body: bytes, script: Scripts, client_to: Clients
) -> None:
    outcome = client_to(script(answer(200, body)).url).delete(PACKAGED_COMPONENT, "p", "Deleting")
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, BadAnswer)


@pytest.mark.parametrize("body", [*NOT_BOOMIS, b'{"error": "no"}', b"{}", b"Welcome"])
def test_an_act_that_is_answered_by_something_else_may_not_have_been_done(
    body: bytes, script: Scripts, client_to: Clients
) -> None:
    forms = [("POST", "cancel/{id}")]
    outcome = client_to(script(answer(200, body)).url).act(PACKAGED_COMPONENT, forms, "p", {}, "Cancelling")
    assert isinstance(outcome, Unknown)
    for own in (b"", json.dumps(PACKAGE)):
        client = client_to(script(answer(200, own)).url)
        assert client.act(PACKAGED_COMPONENT, forms, "p", {}, "Cancelling") == Done(None)


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_that_is_a_page_is_not_boomis(status: int, script: Scripts, client_to: Clients) -> None:
    page = b"<!DOCTYPE html><html><body>Invalid URL. It is in use.</body></html>"
    client = client_to(script(answer(status, page)).url)
    outcome = client.delete(PACKAGED_COMPONENT, "p", "Deleting")
    assert isinstance(outcome, Unknown)
    with pytest.raises(BadAnswer, match="Invalid URL"):
        client.get(PACKAGED_COMPONENT, "p")


NO_PAGES: list[Any] = [
    {"result": 7},
    {"result": "rows"},
    {"result": [{}]},
    {"result": [None]},
    {"result": ["p"]},
    {"result": None},
    [],
    None,
    "text",
    {},
    ERROR,
    {**ERROR, "result": [PACKAGE]},
    {"@type": "QueryResult"},
    {"numberOfResults": 3},
    {"numberOfResults": -1, "result": []},
    {"numberOfResults": "none", "result": []},
    {"numberOfResults": 0.5, "result": []},
    {"numberOfResults": True, "result": []},
    {"message": "no"},
    {"queryToken": "t"},
]


@pytest.mark.parametrize("body", NO_PAGES, ids=repr)
def test_an_odd_page_is_an_error(body: Any, script: Scripts, client_to: Clients) -> None:
    with pytest.raises(BadAnswer, match="Querying PackagedComponent"):
        list(client_to(script(answer(200, body)).url).query(PACKAGED_COMPONENT))


@pytest.mark.parametrize(
    "body", [{"numberOfResults": 0}, {"numberOfResults": "0", "result": None}, {"result": [], "queryToken": ""}]
)
def test_an_empty_page_may_look_like_this(body: Any, script: Scripts, client_to: Clients) -> None:
    assert list(client_to(script(answer(200, body)).url).query(PACKAGED_COMPONENT)) == []


def _pages(*pages: str, count: int) -> list[Act]:
    """Return the answers to a query, a page each; a letter is a package."""
    last = len(pages) - 1
    return [
        answer(
            200,
            {
                "result": [{"packageId": each} for each in page],
                "numberOfResults": count,
                **({} if number == last else {"queryToken": f"t{number}"}),
            },
        )
        for number, page in enumerate(pages)
    ]


LOST = {
    "a page without rows": ["abc", ""],
    "a first page without its token": ["abc"],
    "a row went before page two": ["abc", "e"],
    "page two is page one": ["abc", "abc"],
    "no row at all": [""],
}


@pytest.mark.parametrize("lost", LOST)
def test_rows_that_are_missing_are_read_once_more(lost: str, script: Scripts, client_to: Clients) -> None:
    server = script(*_pages(*LOST[lost], count=5), *_pages("abc", "de", count=5))
    rows = client_to(server.url).query(PACKAGED_COMPONENT)
    assert sorted(row.package_id for row in rows) == list("abcde")
    server = script(*_pages(*LOST[lost], count=5), *_pages(*LOST[lost], count=5))
    with pytest.raises(BadAnswer, match=r"Boomi counts 5.*Nothing is taken for absent"):
        list(client_to(server.url).query(PACKAGED_COMPONENT))


def test_rows_that_came_are_not_read_once_more(script: Scripts, client_to: Clients) -> None:
    """A row that was added in between moves the last one of page one to page two as well."""
    server = script(*_pages("abc", "cde", count=5))
    assert sorted(row.package_id for row in client_to(server.url).query(PACKAGED_COMPONENT)) == list("abcde")
    assert len(server.requests) == 2


def test_a_row_that_was_deleted_meanwhile_is_not_missing(script: Scripts, client_to: Clients) -> None:
    server = script(*_pages("abc", "e", count=5), *_pages("bcd", "e", count=4))
    found = sorted(row.package_id for row in client_to(server.url).query(PACKAGED_COMPONENT))
    assert found == list("abcde")
    assert len(server.requests) == 4


@pytest.mark.parametrize("token", [7, True, ["t"], {"t": 1}])
def test_an_odd_token_is_an_error(token: Any, script: Scripts, client_to: Clients) -> None:
    with pytest.raises(BadAnswer, match="queryToken"):
        list(client_to(script(answer(200, {"result": [], "queryToken": token})).url).query(PACKAGED_COMPONENT))


def test_a_token_that_leads_in_a_circle_is_an_error(script: Scripts, client_to: Clients) -> None:
    server = script(answer(200, {"result": [PACKAGE], "queryToken": "t"}))
    with pytest.raises(BadAnswer, match="queryToken"):
        list(client_to(server.url).query(PACKAGED_COMPONENT))
    assert len(server.requests) == 2


# -- bulk --------------------------------------------------------------------------------------------


def item(status: Any = 200, **more: Any) -> dict[str, Any]:
    return {"@type": "BulkResponse", "statusCode": status, **more}


def test_one_bad_id_does_not_spoil_the_rest(script: Scripts, client_to: Clients) -> None:
    items = [
        item(Result=PACKAGE),
        item(400, id="p-2", errorMessage="No such package"),
        item(403, id="p-3", errorMessage="Access denied."),
        item("400", id="p-4", errorMessage="PackageId p-4 is invalid."),
        item(400, id="p-5", errorMessage="Something else."),
        item(500, id="p-6"),
    ]
    ids = [f"p-{number}" for number in range(1, 8)]
    found = client_to(script(answer(200, {"response": items})).url).bulk(PACKAGED_COMPONENT, ids)
    assert list(found) == ids or set(found) == set(ids)
    assert getattr(found["p-1"], "package_version", None) == "1.0"
    assert found["p-2"] == Missing("p-2", "No such package")
    assert isinstance(found["p-3"], Forbidden)
    assert found["p-4"] == Missing("p-4", "PackageId p-4 is invalid.")
    assert isinstance(found["p-5"], BadRequest)
    assert isinstance(found["p-6"], UnexpectedStatus)
    assert isinstance(found["p-7"], BadAnswer)
    assert "p-3" in str(found["p-3"])


def test_items_in_another_order_are_told_apart_by_id(script: Scripts, client_to: Clients) -> None:
    rows = [{"packageId": f"p-{number}", "packageVersion": str(number)} for number in (3, 1, 2)]
    server = script(answer(200, {"response": [item(Result=row) for row in rows]}))
    found = client_to(server.url).bulk(PACKAGED_COMPONENT, ["p-1", "p-2", "p-3"])
    assert {id_: getattr(each, "package_version", None) for id_, each in found.items()} == {
        "p-1": "1",
        "p-2": "2",
        "p-3": "3",
    }


def test_a_failure_without_an_id_is_told_apart_by_its_place(script: Scripts, client_to: Clients) -> None:
    items = [item(Result=PACKAGE), item(400, errorMessage="No such package")]
    found = client_to(script(answer(200, {"response": items})).url).bulk(PACKAGED_COMPONENT, ["p-1", "p-2"])
    assert found["p-2"] == Missing("p-2", "No such package")


MISSING = item(400, errorMessage="No such package")


@pytest.mark.parametrize(
    "items",
    [
        [item(Result={"packageId": "p-2"}), MISSING],
        [MISSING, item(Result={"packageId": "p-1"})],
        [item(Result={"packageId": "p-9"}), MISSING],
        [MISSING | {"id": "p-8"}, MISSING | {"id": "p-9"}],
        [MISSING],
        [MISSING, MISSING, MISSING],
        [item(Result={"packageId": "P-1"}), item(Result={"packageId": "P-2"})],
    ],
    ids=["two places", "the other way", "of another", "of others", "too few", "too many", "other case"],
)
def test_an_item_that_may_be_of_another_id_says_of_none_that_it_is_absent(
    items: list[dict[str, Any]], script: Scripts, client_to: Clients
) -> None:
    found = client_to(script(answer(200, {"response": items})).url).bulk(PACKAGED_COMPONENT, ["p-1", "p-2"])
    assert not any(isinstance(each, Missing) for each in found.values())
    assert {"p-1", "p-2"} <= set(found)


@pytest.mark.parametrize("body", [{}, {"response": None}, {"response": "x"}, [], None])
def test_an_odd_bulk_answer_is_an_error(body: Any, script: Scripts, client_to: Clients) -> None:
    with pytest.raises(BadAnswer, match="PackagedComponent"):
        client_to(script(answer(200, body)).url).bulk(PACKAGED_COMPONENT, ["p-1"])


@pytest.mark.parametrize("odd", [{"errorMessage": "Unknown id"}, {"statusCode": 400, "errorMessage": "Unknown error"}])
def test_an_item_that_does_not_say_that_boomi_looked_is_no_absence(
    odd: dict[str, Any], script: Scripts, client_to: Clients
) -> None:
    server = script(answer(200, {"response": [{"id": "p-1", **odd}]}))
    assert isinstance(client_to(server.url).bulk(PACKAGED_COMPONENT, ["p-1"])["p-1"], RequestError)


def test_odd_items_leave_their_ids_unanswered(script: Scripts, client_to: Clients) -> None:
    server = script(answer(200, {"response": [None, 7, "x", [], {}, {"Result": 7}]}))
    found = client_to(server.url).bulk(PACKAGED_COMPONENT, ["p-1"])
    assert isinstance(found["p-1"], RequestError)


def test_more_than_a_hundred_ids_travel_in_several_requests(boomi: Emulator, client: Client) -> None:
    known = package(boomi)
    ids = [*(f"nobody-{number}" for number in range(249)), known, known]
    boomi.clear_journal()
    found = client.bulk(PACKAGED_COMPONENT, ids)
    assert [entry["ids"] for entry in boomi.journal()] == [100, 100, 50]
    assert sum(isinstance(each, Missing) for each in found.values()) == 249
    assert getattr(found[known], "package_id", None) == known


def test_no_ids_no_request(boomi: Emulator, client: Client) -> None:
    boomi.clear_journal()
    assert client.bulk(PACKAGED_COMPONENT, []) == {}
    assert boomi.journal() == []


def test_a_revision_is_found_under_the_id_that_was_asked_for(boomi: Emulator, client: Client) -> None:
    id_ = component(boomi)
    found = client.bulk(COMPONENT_METADATA, [id_, f"{id_}~1", f"{id_}~9"])
    assert [getattr(found[each], "version", None) for each in (id_, f"{id_}~1")] == [2, 1]
    assert isinstance(found[f"{id_}~9"], Missing)


# -- pages, against the emulator -----------------------------------------------------------------------


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_a_query_returns_every_row_once(count: int, requests: int, boomi: Emulator, client: Client) -> None:
    for number in range(count):
        boomi.create_component(f"Made {number}")
    boomi.clear_journal()
    rows = list(client.query(COMPONENT_METADATA, where("name").like("Made %")))
    assert sorted(row.name or "" for row in rows) == sorted(f"Made {number}" for number in range(count))
    assert [entry["verb"] for entry in boomi.journal()] == ["query", "queryMore", "queryMore"][:requests]


def test_pages_are_fetched_as_they_are_needed(boomi: Emulator, client: Client) -> None:
    for number in range(150):
        boomi.create_component(f"Made {number}")
    boomi.clear_journal()
    assert next(iter(client.query(COMPONENT_METADATA))).component_id
    assert [entry["verb"] for entry in boomi.journal()] == ["query"]


def test_a_filter_that_boomi_would_refuse_is_not_sent(boomi: Emulator, client: Client) -> None:
    boomi.clear_journal()
    with pytest.raises(FilterError):
        list(client.query(ENVIRONMENT, where("nonsense").equals("v")))
    assert boomi.journal() == []


# -- people ------------------------------------------------------------------------------------------


def test_wrong_credentials_say_what_to_check(boomi: Emulator, client_to: Clients) -> None:
    client = client_to(boomi.base_url, account_id=boomi.account_id)
    with pytest.raises(Unauthorized, match="boomi:token") as caught:
        client.get(ENVIRONMENT, "e")
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("about", SWITCHES["otherAccount"].positions)
def test_another_account_is_refused(about: str, boomi: Emulator, client: Client, client_to: Clients) -> None:
    boomi.settings(otherAccount=about)
    name, token = client.settings.username, client.settings.token
    with pytest.raises(Unauthorized, match=r"another user or account.* boomi:accountId"):
        client_to(boomi.base_url, account_id="other-1", username=name, token=token).get(ENVIRONMENT, "e")


def test_a_wrong_address_is_not_mistaken_for_a_missing_object(script: Scripts, client_to: Clients) -> None:
    client = client_to(script(answer(404, "<h1>Not Found</h1>")).url)
    with pytest.raises(EndpointNotFound, match="boomi:baseUrl"):
        client.get(PACKAGED_COMPONENT, "p-1")


def test_boomis_deprecation_is_one_warning_for_each_object(boomi: Emulator, client: Client) -> None:
    boomi.settings(deprecated=["Environment"])
    objects: list[Object[Any]] = [ENVIRONMENT, ENVIRONMENT, PACKAGED_COMPONENT]
    with pytest.warns(BoomiDeprecationWarning, match="Environment") as caught:
        found = [list(client.query(each)) for each in objects]
    assert all(found)
    assert len(caught) == 1
    assert "Sunset: Fri, 01 Jan 2027" in str(caught[0].message)


def test_nothing_of_a_client_shows_the_token(client: Client) -> None:
    token = client.settings.token
    assert token not in repr(client)
    assert token not in repr(client.settings)
    list(client.query(ENVIRONMENT))
    assert token not in repr(vars(client))


def test_threads_share_one_client_of_an_account(boomi: Emulator) -> None:
    found: list[Client] = []
    settings = settings_for(boomi.base_url)
    threads = [threading.Thread(target=lambda: found.append(client_for(settings))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in found}) == 1
    other = client_for(settings_for(boomi.base_url, override_account="sub"))
    assert other is not found[0]
    assert other._rate is found[0]._rate, "Boomi counts the requests of the primary account"


def test_threads_do_not_get_each_others_answers(boomi: Emulator, client: Client) -> None:
    ids = [str(row["packageId"]) for row in boomi.objects("PackagedComponent")]
    wrong: list[str] = []

    def run(id_: str) -> None:
        wrong.extend(id_ for _ in range(20) if client.get(PACKAGED_COMPONENT, id_).package_id != id_)

    threads = [threading.Thread(target=run, args=(id_,)) for id_ in ids * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(boomi.journal()) == 20 * len(threads)


def test_the_rate_holds_over_all_verbs(script: Scripts, client_to: Clients, clock: Clock) -> None:
    server = script(answer(200, PACKAGE))
    client = client_to(server.url, rate_limit=2.0)
    for _ in range(3):
        client.get(PACKAGED_COMPONENT, "p")
        client.create(PACKAGED_COMPONENT, {}, "Packaging")
        client.delete(PACKAGED_COMPONENT, "p", "Deleting")
    assert clock.now - 1000.0 == pytest.approx(8 * Rate.SPREAD / 2)


def test_bodies_are_json_of_any_text(script: Scripts, client_to: Clients) -> None:
    server = script(answer(200, PACKAGE))
    body = {"notes": 'ä "quoted"\n[pulumi a/b/c] \u2028 😀'}
    client_to(server.url).create(PACKAGED_COMPONENT, body, "Packaging")
    assert json.loads(server.requests[0].body) == body


# -- being asked to stop -----------------------------------------------------------------------------


def stopping(url: str, **more: Any) -> tuple[Client, threading.Event]:
    """Return a client on the real clock, and what stops it; a wait that nothing ends would take minutes."""
    stop = threading.Event()
    policy = Policy(first=300.0, longest=300.0, total=600.0)
    return Client(settings_for(url, **more), policy=policy, draw=lambda: 1.0, interrupted=stop), stop


def in_a_thread(act: Callable[[], Any]) -> Callable[[], Any]:
    """Start an act; what is returned waits for its result or its error."""
    future = ThreadPoolExecutor(1).submit(act)
    return lambda: future.result(timeout=30)


def test_a_read_that_is_stopped_in_a_retry_says_what_boomi_said(script: Scripts) -> None:
    server = script(answer(503, {"message": "later"}))
    client, stop = stopping(server.url)
    waiting = in_a_thread(lambda: client.get(PACKAGED_COMPONENT, "p-1"))
    assert server.asked.wait(10)
    stop.set()
    with pytest.raises(Unavailable, match="later"):
        waiting()
    assert len(server.requests) == 1


def test_a_write_that_is_stopped_in_a_retry_was_refused(script: Scripts) -> None:
    server = script(answer(429, {"message": "later"}))
    client, stop = stopping(server.url)
    waiting = in_a_thread(lambda: client.create(PACKAGED_COMPONENT, {}, "Packaging"))
    assert server.asked.wait(10)
    stop.set()
    outcome = waiting()
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, TooManyRequests)
    assert len(server.requests) == 1


def test_what_waits_for_its_turn_is_not_sent(script: Scripts) -> None:
    server = script(answer(200, PACKAGE))
    client, stop = stopping(server.url, rate_limit=0.005)
    client.get(PACKAGED_COMPONENT, "p-1")
    read = in_a_thread(lambda: client.get(PACKAGED_COMPONENT, "p-1"))
    write = in_a_thread(lambda: client.create(PACKAGED_COMPONENT, {}, "Packaging Sync 1.0"))
    stop.set()
    with pytest.raises(Interrupted, match="asked to stop before this was sent"):
        read()
    outcome = write()
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, Interrupted)
    assert "Packaging Sync 1.0" in str(outcome.error)
    assert len(server.requests) == 1


def test_a_shared_read_stops_for_all_who_wait(script: Scripts) -> None:
    server = script(answer(200, PACKAGE))
    client, stop = stopping(server.url, rate_limit=0.005)
    client.get(PACKAGED_COMPONENT, "p-1")
    reads = [in_a_thread(partial(client.read, PACKAGED_COMPONENT, id_)) for id_ in ("a", "b", "c")]
    stop.set()
    for read in reads:
        with pytest.raises(Interrupted):
            read()
    assert len(server.requests) == 1


def test_a_pause_says_whether_to_go_on() -> None:
    client, stop = stopping("http://127.0.0.1:1")
    assert client.pause(0)
    stop.set()
    assert not client.pause(300)


# -- what a person is told of waiting ----------------------------------------------------------------


def told(url: str, **more: Any) -> tuple[Client, Clock, list[str]]:
    clock, lines = Clock(), list[str]()
    client = Client(settings_for(url, **more), sleep=clock.sleep, clock=clock.time, draw=lambda: 1.0, tell=lines.append)
    return client, clock, lines


def test_a_long_wait_for_the_rate_limit_is_told_now_and_then(script: Scripts) -> None:
    client, clock, lines = told(script(answer(200, PACKAGE)).url, rate_limit=0.2)
    for _ in range(10):
        client.get(PACKAGED_COMPONENT, "p-1")
    assert clock.now - 1000 == pytest.approx(9 * 5.5)
    assert lines[0] == "Reading PackagedComponent p-1: waits 6 s for its turn, at 0.18 requests a second."
    assert len(lines) == 3


def test_at_the_usual_pace_nothing_is_told(script: Scripts) -> None:
    client, _, lines = told(script(answer(200, PACKAGE)).url, rate_limit=10)
    for _ in range(50):
        client.get(PACKAGED_COMPONENT, "p-1")
    assert lines == []


def test_a_wait_that_boomi_asks_for_is_told(script: Scripts) -> None:
    url = script(answer(503, {}), answer(503, {}, Retry_After="40"), answer(200, PACKAGE)).url
    client, _, lines = told(url)
    client.get(PACKAGED_COMPONENT, "p-1")
    assert lines == ["Reading PackagedComponent p-1: Boomi answered 503; sent again in 40 s (2 of 5)."]


class Unsent(BaseAdapter):
    """Notes how a request would have been sent, and finds nobody there."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0
        self.options: dict[str, Any] = {}

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        self.sent += 1
        self.options = options
        raise ConnectTimeout("nobody is there")

    def close(self) -> None:
        """Close nothing."""


@pytest.mark.parametrize("rate", [10, 0])
@pytest.mark.parametrize("answers", [True, False])
def test_a_service_that_is_down_is_given_up_by_all_within_a_minute(answers: bool, rate: int, script: Scripts) -> None:
    server = script(answer(200, PACKAGE), answer(503, {"message": "down"}))
    client, clock, lines = told(server.url, rate_limit=rate)
    client.get(PACKAGED_COMPONENT, "p-1")
    nobody = Unsent()
    client.adapter = None if answers else nobody
    errors = []
    for number in range(100):
        with pytest.raises(RequestError) as caught:
            client.get(PACKAGED_COMPONENT, f"p-{number}")
        errors.append(str(caught.value))
    assert clock.now - 1000 <= 60
    assert len(server.requests) + nobody.sent <= 50
    assert ("Boomi answered 503" if answers else "nobody is there") in errors[0]
    assert "no good answer for 30 s, so this was not sent" in errors[-1]
    assert len(lines) <= 4


def test_after_an_outage_everything_goes_on(script: Scripts) -> None:
    server = script(*[answer(503, {})] * 20, answer(200, PACKAGE))
    client, clock, _ = told(server.url, rate_limit=10)
    for _ in range(20):
        if len(server.requests) < 20:
            with pytest.raises(Unavailable):
                client.get(PACKAGED_COMPONENT, "p-1")
            clock.now += 16
    assert len(server.requests) == 20
    assert client.get(PACKAGED_COMPONENT, "p-1").package_version == "1.0"
    assert client.get(PACKAGED_COMPONENT, "p-1").package_version == "1.0"


# -- TLS ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PYTHONHTTPSVERIFY", "SSL_CERT_FILE"])
@pytest.mark.parametrize("value", ["", "0", "false"])
def test_no_variable_switches_the_check_of_certificates_off(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    adapter = Unsent()
    client = Client(settings_for("https://api.boomi.com"), policy=Policy(retries=0), adapter=adapter)
    with pytest.raises(Unreachable):
        client.get(PACKAGED_COMPONENT, "p")
    # A path of other authorities is a check as well; False and nothing are none.
    assert adapter.options["verify"]
