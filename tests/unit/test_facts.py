"""What a program names is read together, also what it comes to know late."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from boomi_pulumi.core.facts import Facts, _Batch
from boomi_pulumi.emulator import Emulator
from tests.driver import Driver
from tests.faults.account import seed


def test_ids_that_become_known_while_a_read_is_under_way_travel_with_the_next() -> None:
    calls: list[list[str]] = []
    begun, go_on = threading.Event(), threading.Event()

    def read(ids: Sequence[str]) -> Mapping[str, dict[str, Any]]:
        calls.append(list(ids))
        begun.set()
        assert go_on.wait(10)
        return {id_: {"id": id_} for id_ in ids}

    async def run() -> list[dict[str, Any]]:
        batch = _Batch(read)
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
        batch = _Batch(read)
        return [
            await asyncio.gather(batch.get("bad"), return_exceptions=True),
            await asyncio.gather(batch.get("good")),
        ]

    (error,), (fact,) = asyncio.run(run())
    assert isinstance(error, OSError)
    assert fact == {"id": "good"}


def test_slots_of_several_environments_are_one_query() -> None:
    with Emulator(seed(), rate_limit=0) as boomi, Driver(boomi.env) as driver:

        async def run() -> list[dict[str, Any]]:
            facts = Facts(driver.client)
            slots = (("env-test", "legacy"), ("env-production", "sync"), ("env-test", "sync"))
            return await asyncio.gather(*(facts.slot(*each) for each in slots))

        found = asyncio.run(run())
        assert [fact.get("deploymentId") for fact in found] == ["legacy-test", "sync-production", None]
        assert [entry["object"] for entry in boomi.journal()] == ["DeployedPackage"]
