"""What a program names is read together, also what it comes to know late."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from boomi_pulumi._api.client import Client
from boomi_pulumi._lifecycle.seen import Absent, Found, Hidden, Unread
from boomi_pulumi._reads.account import Account
from boomi_pulumi._reads.queries import Batch
from boomi_pulumi.emulator import Emulator
from tests.driver import Driver
from tests.faults.account import seed
from tests.unit.conftest import Clients, Scripts
from tests.unit.scripted import answer


def test_ids_that_become_known_while_a_read_is_under_way_travel_with_the_next() -> None:
    calls: list[list[str]] = []
    begun, go_on = threading.Event(), threading.Event()

    def read(ids: Sequence[str]) -> Mapping[str, dict[str, Any]]:
        calls.append(list(ids))
        begun.set()
        assert go_on.wait(10)
        return {id_: {"id": id_} for id_ in ids}

    async def run() -> list[Any]:
        batch = Batch(read)
        first = asyncio.ensure_future(batch.get("a"))
        await asyncio.get_running_loop().run_in_executor(None, begun.wait, 10)
        later = [asyncio.ensure_future(batch.get(id_)) for id_ in ("b", "c", "d")]
        await asyncio.sleep(0)
        later.append(asyncio.ensure_future(batch.get("a")))
        await asyncio.sleep(0)
        go_on.set()
        return await asyncio.gather(first, *later)

    assert [fact["id"] for fact in asyncio.run(run())] == ["a", "b", "c", "d", "a"]
    assert calls == [["a"], ["b", "c", "d"]]


def test_a_read_that_fails_is_told_and_the_next_one_is_made() -> None:
    def read(ids: Sequence[str]) -> Mapping[str, dict[str, Any]]:
        if "bad" in ids:
            raise OSError("no luck")
        return {id_: {"id": id_} for id_ in ids}

    async def run() -> list[Any]:
        batch = Batch(read)
        return [
            await asyncio.gather(batch.get("bad"), return_exceptions=True),
            await asyncio.gather(batch.get("good")),
        ]

    (error,), (fact,) = asyncio.run(run())
    assert isinstance(error, OSError)
    assert fact == {"id": "good"}


def test_slots_of_several_environments_are_one_query() -> None:
    with Emulator(seed(), rate_limit=0) as boomi, Driver(boomi.env) as driver:

        async def run() -> list[Any]:
            account = Account(driver.client)
            slots = (("env-test", "legacy"), ("env-production", "sync"), ("env-test", "sync"))
            return await asyncio.gather(*(account.active_deployment(*each) for each in slots))

        found = asyncio.run(run())
        assert [each.value.deployment_id for each in found[:2]] == ["legacy-test", "sync-production"]
        assert found[2] == Absent()
        assert [entry["object"] for entry in boomi.journal()] == ["DeployedPackage"]


class Short:
    """A Boomi that takes no filter about more than so many objects, and tells of each that it is asked for."""

    def __init__(self, script: Scripts, most: int) -> None:
        self.server = script(self._answer)
        self.most = most
        self.asked: list[int] = []
        self.lines: list[str] = []

    def _answer(self, connection: socket.socket, stopped: threading.Event) -> None:
        expression = self.server.requests[-1].json()["QueryFilter"]["expression"]
        wanted = [each for each in _leaves(expression) if each["property"] == "componentId"]
        self.asked.append(len(wanted))
        if len(wanted) > self.most:
            answer(400, {"message": "The filter is too long."})(connection, stopped)
            return
        rows = [
            {
                "deploymentId": "d", "packageId": "p", "environmentId": "e", "packageVersion": "1.0",
                "componentId": each["argument"][0], "active": True, "shareable": True,
            }
            for each in wanted
        ]  # fmt: skip
        answer(200, {"result": rows})(connection, stopped)

    def look(self, client: Client, sort: str, count: int) -> list[Any]:
        async def run() -> list[Any]:
            account = Account(client, self.lines.append)
            if sort == "active_deployment":
                return await asyncio.gather(*(account.active_deployment("e", f"c{n}") for n in range(count)))
            rows = ([{"componentId": f"c{n}", "version": "1.0"}] for n in range(count))
            return await asyncio.gather(*map(account.release, rows))

        return asyncio.run(run())


def _leaves(expression: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for each in expression.get("nestedExpression", ()):
        yield from _leaves(each)
    if "property" in expression:
        yield expression


@pytest.mark.parametrize("sort", ["active_deployment", "release"])
@pytest.mark.parametrize(
    ("most", "asked"),
    [
        (100, [100, 20]),
        (30, [100, 50, 25, 25, 25, 25, 20]),
        (25, [100, 50, 25, 25, 25, 25, 20]),
        (1, [100, 50, 25, 12, 6, 3, *[1] * 120]),
    ],
)
def test_a_query_that_boomi_finds_too_long_is_asked_in_parts(
    most: int, asked: list[int], sort: str, script: Scripts, known_to: Clients
) -> None:
    boomi = Short(script, most)
    found = boomi.look(known_to(boomi.server.url), sort, 120)
    assert boomi.asked == asked
    assert len(found) == 120
    assert all(isinstance(each, Found) and each.value for each in found)
    assert boomi.lines == []


@pytest.mark.parametrize("sort", ["active_deployment", "release"])
def test_a_query_that_boomi_refuses_in_any_form_costs_names_and_is_told_once(
    sort: str, script: Scripts, known_to: Clients
) -> None:
    boomi = Short(script, 0)
    assert all(each in (Hidden(), Found({})) for each in boomi.look(known_to(boomi.server.url), sort, 250))
    assert boomi.asked == [100, 50, 25, 12, 6, 3, 1]
    (line,) = boomi.lines
    assert "Boomi refuses the query of " in line
    assert '"The filter is too long."' in line


@pytest.mark.parametrize("status", [500, 404])
def test_another_failure_of_a_query_is_told_of_every_key(status: int, script: Scripts, client_to: Clients) -> None:
    server = script(answer(status))

    async def run() -> list[Any]:
        account = Account(client_to(server.url))
        return await asyncio.gather(*(account.active_deployment("e", f"c{n}") for n in range(3)))

    assert all(f"Boomi answered {status}" in each.error for each in asyncio.run(run()))


def test_every_question_says_all_of_the_first_refusal_of_the_credentials(script: Scripts, client_to: Clients) -> None:
    """Whichever resource the engine shows first, and however many questions there are, one is sent."""
    server = script(answer(401))

    async def run() -> list[Any]:
        account = Account(client_to(server.url))
        looks = (
            account.component,
            account.environment,
            account.package,
            account.pack,
            account.folder,
            account.connector,
        )
        rows = [{"componentId": "c", "version": "1.0"}]
        return await asyncio.gather(
            *(look("x") for look in looks), account.active_deployment("e", "c"), account.release(rows)
        )

    found = asyncio.run(run())
    assert len(server.requests) == 1
    (error,) = {each.error for each in found if isinstance(each, Unread)}
    assert "boomi:token is revoked" in error
    assert len(found) == 8


def test_every_question_is_unanswered_where_the_user_may_not_look(script: Scripts, known_to: Clients) -> None:
    lines: list[str] = []

    async def run() -> list[Any]:
        account = Account(known_to(script(answer(403, {"message": "Access denied."})).url), lines.append)
        looks = (
            account.component,
            account.environment,
            account.package,
            account.pack,
            account.folder,
            account.connector,
        )
        rows = [{"componentId": "c", "version": "1.0"}]
        return await asyncio.gather(
            *(look(id_) for look in looks for id_ in ("x", "y")),
            account.active_deployment("e", "c"),
            account.package_of("c", "1.0"),
            account.release(rows),
        )

    assert all(each in (Hidden(), Found({})) for each in asyncio.run(run()))
    named = sorted(line.removeprefix("Names, versions and checks of ").split(" ")[0] for line in lines)
    assert named == [
        "ComponentMetadata", "ConnectorGroup", "DeployedPackage", "Environment", "Folder", "PackagedComponent",
        "PublisherIntegrationPack",
    ]  # fmt: skip


def test_an_item_of_a_read_that_the_user_may_not_see_is_that_items_matter(script: Scripts, client_to: Clients) -> None:
    rows = [
        {"Result": {"id": "good", "name": "Dev"}, "statusCode": 200},
        {"id": "bad", "statusCode": 403, "errorMessage": "Access denied."},
    ]
    lines: list[str] = []

    async def run() -> list[Any]:
        account = Account(client_to(script(answer(200, {"response": rows})).url), lines.append)
        return await asyncio.gather(*map(account.environment, ("good", "bad")))

    good, bad = asyncio.run(run())
    assert (good.value.name, bad) == ("Dev", Hidden())
    assert len(lines) == 1


def test_a_branch_is_not_refused_where_the_account_tells_no_branches(script: Scripts, client_to: Clients) -> None:
    def speak(connection: socket.socket, stopped: threading.Event) -> None:
        path = server.requests[-1].path
        if path.endswith("Branch/query"):
            answer(400, {"message": "Access to branches is denied."})(connection, stopped)
        elif path.endswith("query"):
            answer(200, {"result": [], "numberOfResults": 0})(connection, stopped)
        else:
            row = {"componentId": "c", "version": 4, "branchName": "main"}
            answer(200, {"response": [{"Result": row, "statusCode": 200, "id": "c"}]})(connection, stopped)

    server = script(speak)
    found = asyncio.run(Account(client_to(server.url)).component_on_branch("c", "hotfix"))
    assert isinstance(found, Found)
    assert found.value.version == 4
