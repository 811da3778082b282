"""Questions that a runtime answers after a while: asked once, awaited within bounds, believed as any other answer."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BadAnswer, FilterError, Interrupted, Unavailable
from boomi_pulumi._api.filters import where
from boomi_pulumi._api.models import CHANGE_LISTENER, LISTENER_STATUS
from boomi_pulumi._api.retry import Done, Refused, Unknown
from tests.unit.conftest import ACCOUNT, Clients, Scripts, settings_for
from tests.unit.scripted import Act, answer, close

ONE = where("containerId").equals("atom") & where("listenerId").equals("p")
TOKEN = answer(200, {"asyncToken": {"token": "to/k en"}, "responseStatusCode": 202})
LATER = answer(202, {"responseStatusCode": 202})
ROW = {"@type": "ListenerStatus", "listenerId": "p", "status": "paused"}
HEARD = {"result": [ROW], "numberOfResults": 1, "responseStatusCode": 200}
ASYNC = f"/api/rest/v1/{ACCOUNT}/async/ListenerStatus"


def test_a_question_is_asked_once_and_awaited(script: Scripts, client_to: Clients) -> None:
    # Boomi's document writes 202 into the body; the status of HTTP may be 200 or 202.
    server = script(TOKEN, LATER, answer(202, b""), answer(200, {"responseStatusCode": 202}), answer(200, HEARD))
    (row,) = client_to(server.url).ask(LISTENER_STATUS, ONE)
    assert (row.listener_id, row.status) == ("p", "paused")
    asked, *polls = [(each.method, each.path) for each in server.requests]
    assert asked == ("POST", f"{ASYNC}/query")
    assert polls == [("GET", f"{ASYNC}/response/to%2Fk%20en")] * 4


@pytest.mark.parametrize("told", [
    {"result": [], "numberOfResults": 0},
    {"numberOfResults": 0},
    {"responseStatusCode": 200},
    {"result": [], "responseStatusCode": 200},
], ids=str)  # fmt: skip
def test_no_rows_are_an_answer(told: dict[str, Any], script: Scripts, client_to: Clients) -> None:
    server = script(TOKEN, answer(200, told))
    assert client_to(server.url).ask(LISTENER_STATUS, ONE) == []


@pytest.mark.parametrize("acts", [
    (answer(200, {}),),
    (answer(200, {"asyncToken": {}}),),
    (answer(200, {"@type": "Error", "message": "x"}),),
    (TOKEN, answer(200, {})),
    (TOKEN, answer(200, b"")),
    (TOKEN, answer(200, "<html>please log in</html>")),
    (TOKEN, answer(200, {"@type": "Error", "message": "x"})),
    (TOKEN, answer(200, {**HEARD, "numberOfResults": 2})),
    (TOKEN, answer(200, {**HEARD, "result": [{"status": "paused"}]})),
], ids=range(9))  # fmt: skip
def test_what_is_no_answer_is_an_error(acts: tuple[Act, ...], script: Scripts, client_to: Clients) -> None:
    server = script(*acts)
    with pytest.raises(BadAnswer):
        client_to(server.url).ask(LISTENER_STATUS, ONE)


def test_the_wait_for_an_answer_ends(script: Scripts, client_to: Clients) -> None:
    server = script(*[LATER] * 6)
    with pytest.raises(Unavailable, match=r"Boomi answered 202 \(the runtime has not answered within 5 s"):
        client_to(server.url).await_answer(LISTENER_STATUS, "/response/t", "Asking", 5)
    assert len(server.requests) == 6


def test_a_question_that_boomi_would_refuse_is_not_sent(script: Scripts, client_to: Clients) -> None:
    server = script()
    with pytest.raises(FilterError):
        client_to(server.url).ask(LISTENER_STATUS, where("status").equals("paused"))
    assert server.requests == []


@pytest.mark.parametrize(("act", "outcome"), [
    (answer(200, b""), Done),
    (answer(400, {"message": "no"}), Refused),
    (answer(410, {"message": "away"}), Refused),
    (answer(504, {"message": "away"}), Unknown),
    (answer(200, "<html>please log in</html>"), Unknown),
    (close(), Unknown),
], ids=range(6))  # fmt: skip
def test_an_order_is_sent_once(act: Act, outcome: type, script: Scripts, client_to: Clients) -> None:
    server = script(act)
    assert isinstance(client_to(server.url).order(CHANGE_LISTENER, {"action": "pause"}, "Pausing"), outcome)
    (sent,) = server.requests
    assert (sent.method, sent.path) == ("POST", f"/api/rest/v1/{ACCOUNT}/changeListenerStatus")
    assert sent.json() == {"action": "pause"}


def test_whoever_is_asked_to_stop_waits_no_longer(script: Scripts) -> None:
    server, stop = script(LATER), threading.Event()
    client = Client(settings_for(server.url), interrupted=stop, sleep=lambda _: stop.set())
    with pytest.raises(Interrupted, match="the run was asked to stop"):
        client.await_answer(LISTENER_STATUS, "/response/t", "Asking")
    client.close()
    assert len(server.requests) <= 1
