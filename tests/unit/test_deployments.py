"""The picture of an environment: shared, and never older than what this process did."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BadRequest
from boomi_pulumi._api.filters import Filter
from boomi_pulumi._api.models import DEPLOYED_PACKAGE, DeployedPackage
from boomi_pulumi._api.settings import Settings
from boomi_pulumi._reads.ahead import Likely
from boomi_pulumi._reads.deployments import Deployments
from boomi_pulumi.emulator import Emulator
from tests.driver import Clock
from tests.faults.account import seed


def deployed(component: str, id_: str) -> DeployedPackage:
    found = DEPLOYED_PACKAGE.parse(
        {"deploymentId": id_, "environmentId": "env", "componentId": component, "packageId": f"p-{id_}", "active": True}
    )
    assert found is not None
    return found


class Account:
    """Answers queries of one environment, as of the moment when they come; something may happen before it is read."""

    def __init__(self, *rows: DeployedPackage) -> None:
        self.rows = list(rows)
        self.clock = Clock()
        self.seconds = 0.25
        self.meanwhile: Callable[[], object] = lambda: None
        self.asked: list[str] = []
        self.refuses_several = self.leaves_out = False

    def now(self) -> float:
        return self.clock.now

    def together(self, _name: str, read: Callable[[list[str]], dict[str, Any]], id_: str) -> Any:
        return read([id_])[id_]

    def query(
        self, _target: object, condition: Filter, *, most: int | None = None, told: Callable[[int], object] = int
    ) -> Iterator[DeployedPackage]:
        wanted = [each.arguments[0] for each in condition.comparisons() if each.property == "componentId"]
        self.asked.append(" ".join(wanted) or "all")
        if self.refuses_several and len(wanted) > 1:
            raise BadRequest("Querying", status=400)
        rows = [row for row in self.rows if not wanted or row.component_id in wanted]
        act, self.meanwhile = self.meanwhile, lambda: None
        act()
        self.clock.now += self.seconds
        told(len(rows))
        if most is not None and len(rows) > most:
            return
        yield from (replace(row, component_id=None) if self.leaves_out else row for row in rows)


@pytest.fixture
def account() -> Account:
    return Account(*(deployed(f"c{number}", f"d{number}") for number in range(20)))


@pytest.fixture
def deployments(account: Account) -> Deployments:
    return Deployments(cast("Client", account))


def ids(rows: list[DeployedPackage]) -> list[Any]:
    return [row.deployment_id for row in rows]


def test_the_second_question_asks_for_all(deployments: Deployments, account: Account) -> None:
    assert [ids(deployments.active("env", f"c{number}")) for number in range(4)] == [["d0"], ["d1"], ["d2"], ["d3"]]
    assert account.asked == ["c0", "all"]


@pytest.mark.parametrize("act", ["put", "drop"])
def test_what_is_written_meanwhile_is_in_the_picture(act: str, deployments: Deployments, account: Account) -> None:
    deployments.active("env", "c0")
    new = deployed("c3", "new")
    account.meanwhile = lambda: deployments.put(new) if act == "put" else deployments.drop("env", "c3")
    deployments.active("env", "c1")
    assert ids(deployments.active("env", "c3")) == (["new"] if act == "put" else [])
    # A later picture is believed again.
    account.clock.now += 60
    account.rows[3] = deployed("c3", "theirs")
    assert ids(deployments.active("env", "c3", 5.0)) == ["theirs"]


def test_what_is_written_meanwhile_is_noted_at_once(deployments: Deployments, account: Account) -> None:
    account.meanwhile = lambda: deployments.put(deployed("c3", "new"))
    assert ids(deployments.active("env", "c0", 0)) == ["d0"]
    deployments.active("env", "c1")
    account.rows[3] = deployed("c3", "new")
    assert ids(deployments.active("env", "c3")) == ["new"]


def test_a_look_at_a_slot_is_noted_in_the_picture(deployments: Deployments, account: Account) -> None:
    deployments.active("env", "c0")
    deployments.active("env", "c1")
    account.rows[2] = deployed("c2", "theirs")
    assert ids(deployments.active("env", "c2")) == ["d2"]
    assert ids(deployments.active("env", "c2", 0)) == ["theirs"]
    assert ids(deployments.active("env", "c2")) == ["theirs"]


@pytest.mark.parametrize(("seconds", "most"), [(0.25, 2), (6.0, 2), (60.0, 2)])
def test_a_large_environment_is_not_read_for_every_removal(
    seconds: float, most: int, deployments: Deployments, account: Account
) -> None:
    account.seconds = seconds
    for number in range(20):
        assert ids(deployments.active("env", f"c{number}", 5.0)) == [f"d{number}"]
    assert len(account.asked) <= most


def test_a_picture_is_not_used_for_a_removal_once_it_is_old(deployments: Deployments, account: Account) -> None:
    deployments.active("env", "c0")
    deployments.active("env", "c1")
    account.rows[2] = deployed("c2", "theirs")
    account.clock.now += 6
    assert ids(deployments.active("env", "c2", 5.0)) == ["theirs"]


# -- a large environment, and what is likely to be asked about ------------------------------------


@pytest.fixture
def large() -> Account:
    return Account(*(deployed(f"c{number}", f"d{number}") for number in range(1_000)))


def of(account: Account, *named: str) -> Deployments:
    likely = Likely()
    for each in named:
        likely.name(each)
    return Deployments(cast("Client", account), likely)


def test_all_of_a_large_environment_is_read_once_that_costs_no_more_than_the_questions(large: Account) -> None:
    deployments = of(large)
    for number in range(100):
        assert ids(deployments.active("env", f"c{number}")) == [f"d{number}"]
    asked = [f"c{number}" for number in range(8)]
    assert large.asked == [asked[0], "all", *asked[1:], "all"]


def test_what_is_likely_to_come_is_asked_about_in_the_same_request(large: Account) -> None:
    deployments = of(large, "c1", "c2", "nowhere")
    assert [ids(deployments.active("env", each)) for each in ("c1", "nowhere", "c2")] == [["d1"], [], ["d2"]]
    assert large.asked == ["c1 c2 nowhere"]


@pytest.mark.parametrize("act", ["put", "drop"])
def test_what_is_written_while_it_is_asked_about_beside_another_is_newer(act: str, large: Account) -> None:
    deployments = of(large, "c1", "c2")
    new = deployed("c2", "new")
    large.meanwhile = lambda: deployments.put(new) if act == "put" else deployments.drop("env", "c2")
    assert ids(deployments.active("env", "c1")) == ["d1"]
    assert ids(deployments.active("env", "c2")) == (["new"] if act == "put" else [])


def test_what_was_seen_of_one_is_too_old_for_a_removal_after_a_while(large: Account) -> None:
    deployments = of(large, "c1", "c2")
    deployments.active("env", "c1")
    large.rows[2] = deployed("c2", "theirs")
    large.clock.now += 6
    assert ids(deployments.active("env", "c2", 5.0)) == ["theirs"]


@pytest.mark.parametrize("fault", ["refuses_several", "leaves_out"])
def test_where_boomi_does_not_tell_of_several_each_is_asked_about_alone(fault: str, large: Account) -> None:
    deployments = of(large, "c1", "c2", "nowhere")
    setattr(large, fault, True)
    assert [ids(deployments.active("env", each)) for each in ("c1", "nowhere", "c2")] == [["d1"], [], ["d2"]]
    assert large.asked == ["c1 c2 nowhere", "c1", "all", "nowhere", "c2"]


# -- those who ask at the same time --------------------------------------------------------------


def asked_at_once(boomi: Emulator, *components: str) -> dict[str, list[DeployedPackage]]:
    """Ask from one thread for each; the first lingers until the others have come."""
    found: dict[str, list[DeployedPackage]] = {}
    threads: list[threading.Thread] = []

    def linger(_seconds: float) -> None:
        for one in components[1:] if len(threads) == 1 else ():
            threads.append(threading.Thread(target=ask, args=(one,)))
            threads[-1].start()
        (shared,) = client._shared.values()
        end = time.monotonic() + 10
        while len(shared._waiting) < len(components) and time.monotonic() < end:
            threading.Event().wait(0.001)

    settings = Settings.load(lambda _: None, {**boomi.env, "BOOMI_RATE_LIMIT": "0"})
    client = Client(settings, sleep=linger)
    deployments = Deployments(client)

    def ask(one: str) -> None:
        found[one] = deployments.active("env-test", one)

    threads.append(threading.Thread(target=ask, args=(components[0],)))
    threads[0].start()
    for each in threads:
        each.join(20)
    client.close()
    return found


def test_a_run_about_few_resources_reads_no_page_of_the_others() -> None:
    with Emulator(seed(), rate_limit=0) as boomi:
        found = asked_at_once(boomi, "sync", "legacy", "feed")
        assert {one: len(rows) for one, rows in found.items()} == {"sync": 0, "legacy": 1, "feed": 0}
        assert found["legacy"][0].component_id == "legacy"
        assert [entry["verb"] for entry in boomi.journal()] == ["query"]
