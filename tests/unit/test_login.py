"""After the first 401 nothing more is sent with these credentials; before an answer, one request asks for all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from boomi_pulumi.api import client as client_module
from boomi_pulumi.api.client import Client, client_for
from boomi_pulumi.api.errors import Interrupted, RequestError, Unauthorized
from boomi_pulumi.api.models import COMPONENT_METADATA, DEPLOYED_PACKAGE, ENVIRONMENT, PACKAGED_COMPONENT
from boomi_pulumi.api.retry import Done, Policy, Refused
from boomi_pulumi.api.settings import THREADS, Settings
from tests.unit.conftest import Clients, Scripts, settings_for
from tests.unit.scripted import Act, Scripted, answer, reset

WRONG = answer(401, {"message": "Unauthorized"})
RIGHT = answer(200, {"packageId": "p-1"})
CAUSES = ("revoked", "expired", "another", "account", "user", "swapped", "BOOMI_TOKEN.", "docs/settings.md")


def later(act: Act, go: threading.Event) -> Act:
    """Answer when told to."""

    def wait(connection: socket.socket, stopped: threading.Event) -> None:
        assert go.wait(10)
        act(connection, stopped)

    return wait


def together(client: Client, go: threading.Event, server: Scripted) -> list[object]:
    """Let as many threads as a run has read at once; the first answer comes when all of them have begun."""
    start = threading.Barrier(THREADS + 1)

    def read(number: int) -> object:
        start.wait(10)
        try:
            return client.get(PACKAGED_COMPONENT, f"p-{number}")
        except RequestError as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        found = [pool.submit(read, number) for number in range(THREADS)]
        start.wait(10)
        assert server.asked.wait(10)
        go.set()
        return [each.result() for each in found]


@pytest.fixture
def hasty() -> Iterator[Clients]:
    """Make clients that never ask again."""
    clients: list[Client] = []

    def make(url: str) -> Client:
        clients.append(Client(settings_for(url), policy=Policy(retries=0)))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def test_threads_with_wrong_credentials_send_one_request(script: Scripts, hasty: Clients) -> None:
    go = threading.Event()
    server = script(later(WRONG, go), WRONG)
    found = together(hasty(server.url), go, server)
    assert len(server.requests) == 1
    assert all(isinstance(each, Unauthorized) and each.status == 401 for each in found)
    told = [str(each) for each in found if isinstance(each, Unauthorized) and each.first is None]
    assert len(told) == 1
    assert all(cause in told[0] for cause in CAUSES)
    others = [each for each in found if isinstance(each, Unauthorized) and each.first is not None]
    assert {str(each.first) for each in others} == set(told)
    assert all("this one was not sent" in str(each) for each in others)


def test_threads_with_good_credentials_wait_for_the_first_answer_only(script: Scripts, hasty: Clients) -> None:
    go, first = threading.Event(), threading.Event()
    rest = threading.Barrier(THREADS - 1)

    def at_once(connection: socket.socket, stopped: threading.Event) -> None:
        assert first.is_set()
        rest.wait(10)  # all others are under way at the same time
        RIGHT(connection, stopped)

    def begin(connection: socket.socket, stopped: threading.Event) -> None:
        assert go.wait(10)
        first.set()
        RIGHT(connection, stopped)

    server = script(begin, at_once)
    found = together(hasty(server.url), go, server)
    assert not any(isinstance(each, RequestError) for each in found)
    assert len(server.requests) == THREADS


@pytest.mark.parametrize(
    "nothing", [reset(), answer(503), answer(302), answer(404), answer(403)], ids=["reset", "503", "302", "404", "403"]
)
def test_an_answer_that_proves_nothing_lets_one_more_ask(nothing: Act, script: Scripts, hasty: Clients) -> None:
    go = threading.Event()
    server = script(later(nothing, go), nothing, WRONG)
    found = together(hasty(server.url), go, server)
    assert len(server.requests) == 3
    assert sum(isinstance(each, Unauthorized) for each in found) == THREADS - 2


def test_what_follows_a_401_is_not_sent_whatever_it_is(script: Scripts, client_to: Clients) -> None:
    server = script(WRONG)
    client = client_to(server.url)
    with pytest.raises(Unauthorized):
        client.get(PACKAGED_COMPONENT, "p")
    for read in (
        lambda: client.bulk(COMPONENT_METADATA, ["c"]),
        lambda: client.read(ENVIRONMENT, "e"),
        lambda: list(client.query(DEPLOYED_PACKAGE)),
    ):
        with pytest.raises(Unauthorized, match="was not sent"):
            read()
    for outcome in (
        client.create(PACKAGED_COMPONENT, {}, "Packaging it"),
        client.update(ENVIRONMENT, "e", {}, "Renaming it"),
        client.delete(DEPLOYED_PACKAGE, "d", "Undeploying it"),
    ):
        assert isinstance(outcome, Refused)  # a write that was not sent did nothing
    assert len(server.requests) == 1


def test_a_token_that_is_revoked_in_the_middle_ends_the_run_as_well(script: Scripts, client_to: Clients) -> None:
    server = script(RIGHT, WRONG)
    client = client_to(server.url)
    assert client.get(PACKAGED_COMPONENT, "p").package_id == "p-1"
    for _ in range(9):
        with pytest.raises(Unauthorized):
            client.get(PACKAGED_COMPONENT, "p")
    assert len(server.requests) == 2


def test_threads_whose_token_is_revoked_in_the_middle_know_what_was_done(script: Scripts, hasty: Clients) -> None:
    """What is under way by then may be refused as well; nothing begins any more, and no write is in doubt."""
    good = 20
    server = script(*[RIGHT] * good, WRONG)
    client = hasty(server.url)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda number: client.create(PACKAGED_COMPONENT, {}, f"Packaging {number}"), range(100)))
    refused = [each.error for each in found if isinstance(each, Refused)]
    assert (len(found) - len(refused), {type(each) for each in found}) == (good, {Done, Refused})
    assert all(isinstance(each, Unauthorized) and each.status == 401 for each in refused)
    assert len(server.requests) <= good + THREADS


def test_who_waits_for_the_first_answer_ends_with_the_run(script: Scripts) -> None:
    go, stop = threading.Event(), threading.Event()
    server = script(later(RIGHT, go))
    client = Client(settings_for(server.url), interrupted=stop, policy=Policy(retries=0))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(client.get, PACKAGED_COMPONENT, "p")
        assert server.asked.wait(10)
        second = pool.submit(client.get, PACKAGED_COMPONENT, "p")
        stop.set()
        with pytest.raises(Interrupted):
            second.result(10)
        go.set()
        assert first.result(10).package_id == "p-1"
    assert len(server.requests) == 1
    client.close()


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a process begins."""
    for name in ("_CLIENTS", "_RATES", "_LOGINS"):
        monkeypatch.setattr(client_module, name, {})


@pytest.mark.usefixtures("fresh")
def test_clients_of_the_same_credentials_share_what_is_known_of_them(script: Scripts) -> None:
    server = script(WRONG)

    def asks(**more: object) -> bool:
        before = len(server.requests)
        with pytest.raises(Unauthorized):
            client_for(settings_for(server.url, **more)).get(PACKAGED_COMPONENT, "p")
        return len(server.requests) > before

    assert asks()
    assert not asks(override_account="acme-sub")
    assert not asks(validate=False, timeout=7.0)
    for other in ({"token": "an0ther"}, {"username": "bob@acme.example"}, {"account_id": "acme-2"}):
        assert asks(**other)
        assert not asks(**other)
    assert isinstance(next(iter(client_module._CLIENTS)), Settings)
    for client in client_module._CLIENTS.values():
        client.close()
