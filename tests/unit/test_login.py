"""After the first refusal of the credentials nothing more is sent; before an answer, one request asks for all."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from boomi_pulumi._api.answers import Missing, is_absent
from boomi_pulumi._api.client import Client, client_for, new_process
from boomi_pulumi._api.errors import BadRequest, Forbidden, Interrupted, RequestError, Unauthorized
from boomi_pulumi._api.login import ALONE, PROGRAM, PROVIDER, Login
from boomi_pulumi._api.models import COMPONENT_METADATA, DEPLOYED_PACKAGE, ENVIRONMENT, PACKAGED_COMPONENT, Object
from boomi_pulumi._api.retry import Done, Policy, Refused
from boomi_pulumi._api.settings import THREADS
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import seed
from tests.driver import Clock
from tests.unit.conftest import Clients, Scripts, settings_for
from tests.unit.scripted import Act, Scripted, answer, reset

WRONG = answer(401, {"message": "Unauthorized"})


def message(about: str, space: str = "") -> str:
    """Return the document that Boomi's platform answers about a user."""
    head = f'<{space}UserMessage xmlns:b="urn:b" type="error" id="{about}">'
    return f"{head}<{space}Data>No.</{space}Data></{space}UserMessage>"


FORMS = {
    "401": WRONG,
    "401 without a word": answer(401, b""),
    "403 UserMessage": answer(403, message("error.user.login")),
    "403 of another account": answer(403, message("error.user.auth")),
    "403 in JSON": answer(403, {"UserMessage": {"id": "error.user.login", "type": "error", "Data": "No match."}}),
    "403 of JSON's other form": answer(403, {"@type": "UserMessage", "id": "error.user.login", "Data": "No match."}),
    "403 in a namespace": answer(403, message("error.user.locked", "b:")),
    "403 by its words": answer(403, {"message": "Incorrect username and password combination."}),
    "403 of a locked user": answer(403, {"message": "Unauthorized"}),
    "400 by its words": answer(400, {"message": "Authentication failed: invalid credentials."}),
    "400 about a token": answer(400, {"message": "The API token is not valid for this user."}),
    "400 about an account": answer(400, {"message": "The user does not have access to this account."}),
    "400 with words in quotes": answer(400, {"message": "The 'username' or \"password\" is wrong."}),
    "400 UserMessage": answer(400, message("error.user.login")),
}
"""How a refused login may look."""

NO_LOGIN = {
    "a privilege": (403, "Access denied due to insufficient permissions.", Forbidden),
    "a privilege by 400": (400, "The user does not have access rights to this functionality.", Forbidden),
    "a privilege by name": (400, "The privilege DEPLOY is required.", Forbidden),
    "a privilege, or an unknown id": (400, "Package p is invalid, or you do not have permission to see it.", Forbidden),
    "a feature": (400, "The feature that Branch belongs to is not enabled for this account.", Forbidden),
    "an unknown id": (400, "PackageId p is invalid. Provide a valid packageId.", BadRequest),
    "a page token": (400, "The queryToken is invalid or has expired.", BadRequest),
    "a lock of a component": (400, "Component c is currently locked by another user.", BadRequest),
    "a file of passwords": (400, "Component 'Password Reset' does not exist.", BadRequest),
    "a name of two words": (400, "Component Reset User Password does not exist.", BadRequest),
    "a name in quotes": (400, "Component 'Wrong Password and User' is locked by another user.", BadRequest),
    "a version in quotes": (400, 'The packageVersion "no credentials 2" does already exist.', BadRequest),
    "nothing that we know": (403, "No.", Forbidden),
}
"""What is none: status, words, class."""

FORBIDDEN = answer(403, {"message": "Access denied due to insufficient permissions."})
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


@pytest.mark.parametrize("form", FORMS)
def test_threads_with_wrong_credentials_send_one_request(form: str, script: Scripts, hasty: Clients) -> None:
    go = threading.Event()
    server = script(later(FORMS[form], go), FORMS[form])
    found = together(hasty(server.url), go, server)
    assert len(server.requests) == 1
    assert all(isinstance(each, Unauthorized) and str(each.status) == form[:3] for each in found)
    told = [str(each) for each in found if isinstance(each, Unauthorized) and each.first is None]
    assert len(told) == 1
    assert all(cause in told[0] for cause in CAUSES)
    others = [each for each in found if isinstance(each, Unauthorized) and each.first is not None]
    assert {str(each.first) for each in others} == set(told)
    assert all("this one was not sent" in str(each) for each in others)


@pytest.mark.parametrize("form", NO_LOGIN)
def test_what_speaks_of_something_else_is_no_refused_login(form: str, script: Scripts, client_to: Clients) -> None:
    status, said, kind = NO_LOGIN[form]
    server = script(RIGHT, answer(status, {"message": said}))
    client = client_to(server.url)
    client.get(PACKAGED_COMPONENT, "p")
    for _ in range(7):
        with pytest.raises(RequestError) as caught:
            client.get(PACKAGED_COMPONENT, "p")
        assert isinstance(caught.value, kind)
        assert is_absent(caught.value) == (
            form in {"an unknown id", "a page token", "a file of passwords", "a name of two words"}
        )
    item = answer(200, {"response": [{"id": "p", "statusCode": status, "errorMessage": said}]})
    found = client_to(script(item).url).bulk(PACKAGED_COMPONENT, ["p"])["p"]
    assert isinstance(found, kind) or (isinstance(found, Missing) and kind is BadRequest)


def test_threads_with_good_credentials_wait_for_the_first_answer_only(script: Scripts, hasty: Clients) -> None:
    go, first = threading.Event(), threading.Event()
    rest = threading.Barrier(ALONE)
    assert (THREADS - 1) % ALONE == 0

    def at_once(connection: socket.socket, stopped: threading.Event) -> None:
        assert first.is_set()
        rest.wait(10)  # so many are under way at the same time
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
    "nothing", [reset(), answer(503), answer(302), answer(404), FORBIDDEN], ids=["reset", "503", "302", "404", "403"]
)
def test_an_answer_that_proves_nothing_lets_one_more_ask(nothing: Act, script: Scripts, hasty: Clients) -> None:
    go = threading.Event()
    server = script(later(nothing, go), nothing, WRONG)
    found = together(hasty(server.url), go, server)
    assert len(server.requests) == 3
    # What a missing privilege may be is looked into at once.
    alone = 0 if nothing is FORBIDDEN else 2
    assert sum(isinstance(each, Unauthorized) for each in found) == THREADS - alone


@pytest.mark.parametrize("status", [400, 403])
def test_the_third_refusal_before_any_success_is_the_last_request(status: int, script: Scripts, hasty: Clients) -> None:
    go = threading.Event()
    server = script(later(answer(status, {"message": "No."}), go), answer(status, {"message": "No."}))
    found = together(hasty(server.url), go, server)
    assert len(server.requests) == 3
    refused = [each for each in found if isinstance(each, Unauthorized)]
    assert len(refused) == (THREADS if status == 403 else THREADS - 1)
    (last,) = (each for each in refused if each.first is None)
    assert f'Boomi answered {status}: "No." (the third refusal, and no success before it)' in str(last)


@pytest.mark.parametrize(
    ("kind", "others"),
    [
        (COMPONENT_METADATA, ["/Account/acme-1", "/PackagedComponent/query"]),
        (PACKAGED_COMPONENT, ["/DeployedPackage/query", "/Account/acme-1"]),
    ],
    ids=["components", "packages"],
)
def test_a_user_with_few_privileges_is_none_with_a_wrong_token(
    kind: Object[Any], others: list[str], script: Scripts, client_to: Clients
) -> None:
    """Whatever of two things he may read: what comes first may be all that he may not."""
    server = script(FORBIDDEN, FORBIDDEN, answer(200, {"numberOfResults": 0}), FORBIDDEN)
    client = client_to(server.url)
    for _ in range(9):
        with pytest.raises(Forbidden):
            client.get(kind, "it")
    asked = [each.path.rpartition("rest/v1/acme-1")[2] for each in server.requests]
    assert asked[:3] == [f"/{kind.name}/it", *others]


def test_a_missing_privilege_is_one_where_something_else_may_be_read(script: Scripts, client_to: Clients) -> None:
    nothing = answer(200, {"@type": "QueryResult", "numberOfResults": 0})
    server = script(FORBIDDEN, nothing, FORBIDDEN)
    client = client_to(server.url)
    for _ in range(9):
        with pytest.raises(Forbidden):
            client.get(PACKAGED_COMPONENT, "p")
    asked = [each.path.rpartition("acme-1")[2] for each in server.requests]
    assert asked == ["/PackagedComponent/p", "/DeployedPackage/query", *["/PackagedComponent/p"] * 8]


@pytest.mark.parametrize("lost", [reset(), answer(503), answer(404)], ids=["reset", "503", "404"])
def test_a_write_is_not_in_doubt_because_of_what_was_asked_beside_it(
    lost: Act, script: Scripts, client_to: Clients
) -> None:
    client = client_to(script(FORBIDDEN, lost).url)
    outcome = client.create(PACKAGED_COMPONENT, {}, "Packaging it")
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, Forbidden)


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
    assert len(server.requests) <= good + ALONE


def test_a_revocation_refuses_no_more_than_what_is_under_way(script: Scripts, hasty: Clients) -> None:
    """The worst case: the answers to all that is under way are refusals, and come when nothing more can begin."""
    full = threading.Barrier(ALONE + 1)
    held = threading.Event()

    def refuse(connection: socket.socket, stopped: threading.Event) -> None:
        full.wait(10)
        assert held.wait(10)
        WRONG(connection, stopped)

    server = script(RIGHT, refuse)
    client = hasty(server.url)
    client.get(PACKAGED_COMPONENT, "p")
    with ThreadPoolExecutor(THREADS) as pool:
        found = [pool.submit(client.create, PACKAGED_COMPONENT, {}, f"Packaging {each}") for each in range(THREADS)]
        full.wait(10)
        held.set()
        outcomes = [each.result(10) for each in found]
    assert len(server.requests) == 1 + ALONE
    assert all(isinstance(each, Refused) and isinstance(each.error, Unauthorized) for each in outcomes)
    assert ALONE == PROGRAM + PROVIDER == 5


def test_who_waits_for_the_turn_learns_of_the_refusal(script: Scripts, clock: Clock) -> None:
    server, login = script(RIGHT, WRONG), Login()
    waits, go = threading.Event(), threading.Event()

    def sleep(_seconds: float) -> None:
        waits.set()
        assert go.wait(10)

    settings = settings_for(server.url, rate_limit=10.0)
    client = Client(settings, sleep=sleep, clock=clock.time, login=login)
    other = Client(settings_for(server.url), login=login)
    client.get(PACKAGED_COMPONENT, "p")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.create, PACKAGED_COMPONENT, {}, "Packaging it")
        assert waits.wait(10)
        with pytest.raises(Unauthorized):
            other.get(PACKAGED_COMPONENT, "p")
        go.set()
        outcome = waiting.result(10)
    assert isinstance(outcome, Refused)
    assert "this one was not sent" in str(outcome.error)
    assert len(server.requests) == 2
    client.close()
    other.close()


@pytest.mark.parametrize("latency", [0, 40])
@pytest.mark.parametrize("shares", [(ALONE,), (PROGRAM, PROVIDER)], ids=["one process", "two processes"])
def test_no_revocation_locks_the_user(shares: Sequence[int], latency: int) -> None:
    """Without a limit of requests: as many are under way as ever may be, which is what slow answers lead to."""
    with Emulator(seed(), rate_limit=0, latency=latency) as boomi:
        user = boomi.username.removeprefix("BOOMI_TOKEN.")
        clients = [
            Client(
                settings_for(boomi.base_url, account_id=boomi.account_id, username=user, token=boomi.token),
                login=Login(share),
            )
            for share in shares
        ]
        for client in clients:
            list(client.query(ENVIRONMENT))
        asked = threading.Semaphore(0)

        def ask(client: Client) -> None:
            with suppress(Unauthorized):
                while True:
                    client.bulk(ENVIRONMENT, ["e"])
                    asked.release()

        with ThreadPoolExecutor(THREADS * len(clients)) as pool:
            for client in clients * THREADS:
                pool.submit(ask, client)
            for _ in range(2 * THREADS):
                assert asked.acquire(timeout=10)
            boomi.set_login(user, revoked=True)
        (login,) = boomi.logins()
        for client in clients:
            client.close()
    assert 0 < login["refused"] <= ALONE
    assert not login["locked"]


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


def test_clients_of_the_same_credentials_share_what_is_known_of_them(script: Scripts) -> None:
    server = script(WRONG)

    def asks(**more: object) -> bool:
        before = len(server.requests)
        with pytest.raises(Unauthorized):
            client_for(settings_for(server.url, **more)).get(PACKAGED_COMPONENT, "p")
        return len(server.requests) > before

    with new_process() as clients:
        assert asks()
        assert not asks(override_account="acme-sub")
        assert not asks(validate=False, timeout=7.0)
        for other in ({"token": "an0ther"}, {"username": "bob@acme.example"}, {"account_id": "acme-2"}):
            assert asks(**other)
            assert not asks(**other)
        assert len(clients) == 6
    with new_process(*clients.values()) as known:
        assert not asks()
        assert known == clients
    with new_process() as others:
        assert asks()
    for client in (*clients.values(), *others.values()):
        client.close()


SHARES = """
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config

from boomi_pulumi._python import accounts, reading
from boomi_pulumi._api import client
from boomi_pulumi._api.settings import Settings
from boomi_pulumi.cli.account import Counter, connect
from boomi_pulumi.native.session import Session
from boomi_pulumi.provider import load

settings = Settings.load(lambda name: None)
provider = load("PackagedComponent")
provider.configure(ConfigureRequest(Config({}, "shop")))
reading._ACCOUNTS = {}  # there is no run
for ask in (accounts.client, lambda: reading.account_of(settings), provider._client, lambda: Session(settings)):
    with client.new_process() as clients:
        ask()
        print(*(each._login._most for each in clients.values()))
print(connect(Counter(), client.Client)._login._most)
"""


def test_a_program_and_its_provider_share_what_may_be_under_way() -> None:
    """A plugin for other languages, and a command line, are one process each."""
    who = {"BOOMI_ACCOUNT_ID": "acme-1", "BOOMI_USERNAME": "ann", "BOOMI_TOKEN": "t0ken"}
    child = subprocess.run(
        [sys.executable, "-c", SHARES], env={**os.environ, **who}, capture_output=True, text=True, check=True
    )
    assert [int(line) for line in child.stdout.split()] == [PROGRAM, PROGRAM, PROVIDER, ALONE, ALONE]
