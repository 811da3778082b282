"""The schedules on each runtime, read once for many processes.

The first query of a runtime asks for the processes that threads want at that moment. The second one asks for all that
are deployed there, unless they are many more than were wanted.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from boomi_pulumi._api.client import BULK, Client
from boomi_pulumi._api.errors import BadRequest
from boomi_pulumi._api.filters import Filter, any_of, where
from boomi_pulumi._api.models import PROCESS_SCHEDULE_STATUS, PROCESS_SCHEDULES, ProcessSchedules
from boomi_pulumi._api.schedules import Schedule, schedules_of
from boomi_pulumi._reads.ahead import is_worth
from boomi_pulumi._reads.answers import by_key

__all__ = ["PAIR", "Scheduled", "Schedules", "pairs", "schedules_on", "schedules_seen"]

PAIR = ("atomId", "processId")
"""Boomi's names of what schedules are of."""


@dataclass
class _Runtime:
    """What was read of a runtime.

    Attributes:
        asked: How many requests were questions about some processes.
        rows: How many processes are deployed there, if Boomi has counted them.
        read_at: When all of it was asked for.
        seen: What was read of all, by process; without what this process has written since.
        written: Process -> when it was written, as a number of `order`.
        order: Numbers reads, by when they began, and writes, by when they were over.
    """

    asked: int = 0
    rows: int = 0
    read_at: float | None = None
    seen: dict[str, ProcessSchedules] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    order: Iterator[int] = field(default_factory=count)


class Schedules:
    """The schedules of an account. Threads may share it.

    Args:
        client: The account.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._runtimes: dict[str, _Runtime] = defaultdict(_Runtime)

    def of(self, runtime: str, process: str, within: float | None = None) -> ProcessSchedules | None:
        """Return the schedules of a process on a runtime; None where it is not deployed there.

        Args:
            runtime: Its id.
            process: Its id.
            within: How old the answer may be, in seconds; 0 asks Boomi about this process alone; None takes what this
                run has read. That nothing is there is never taken from an older answer, unless this is None.

        Raises:
            RequestError: A query failed.
        """
        if within == 0:
            return self._client.together(PROCESS_SCHEDULES.name, self._alone, f"{runtime}/{process}")
        with self._lock:
            known = self._runtimes[runtime]
            told = known.seen.get(process)
            is_told = known.read_at is not None and (
                told is not None or (within is None and process not in known.written)
            )
            if is_told and (within is None or self._client.now() - (known.read_at or 0) <= within):
                return told
        return self._client.together(f"schedules on {runtime}", partial(self._ask, runtime), process)

    def wrote(self, runtime: str, process: str) -> None:
        """Note that what was read of a process is no longer so."""
        with self._lock:
            known = self._runtimes[runtime]
            known.written[process] = next(known.order)
            known.seen.pop(process, None)

    def has_written(self, runtime: str, process: str) -> bool:
        """Tell whether this process has sent a list of a process on a runtime, and perhaps lost the answer."""
        with self._lock:
            return process in self._runtimes[runtime].written

    def _alone(self, keys: Sequence[str]) -> dict[str, ProcessSchedules | None]:
        rows = self._client.query(PROCESS_SCHEDULES, pairs(keys))
        return {key: of[-1] if of else None for key, of in by_key(PROCESS_SCHEDULES, rows, keys, *PAIR).items()}

    def _ask(self, runtime: str, processes: Sequence[str]) -> dict[str, ProcessSchedules | None]:
        """Return the schedules of processes that are asked about at the same time."""
        known = self._runtimes[runtime]
        # What was missing in all of it was deployed since, and others perhaps with it; they are worth one page.
        worth = is_worth(known.rows, known.asked) if known.read_at is None else known.rows <= BULK
        if known.asked and worth:
            # Where Boomi takes no such question, the one about some processes may be answered all the same.
            with suppress(BadRequest):
                rows = self._read(runtime, known)
                if rows is not None:
                    return {each: rows.get(each) for each in processes}
        known.asked += 1
        found = self._alone([f"{runtime}/{each}" for each in processes])
        return {each: found[f"{runtime}/{each}"] for each in processes}

    def _read(self, runtime: str, known: _Runtime) -> dict[str, ProcessSchedules] | None:
        """Return the schedules of all processes on a runtime; None where they are too many."""
        asked_at, order, most = self._client.now(), next(known.order), BULK * (known.asked + 2)
        condition = where("atomId").equals(runtime)
        rows = list(self._client.query(PROCESS_SCHEDULES, condition, most=most, told=partial(setattr, known, "rows")))
        if known.rows > most:
            return None
        there = {str(row.process_id): row for row in by_key(PROCESS_SCHEDULES, rows, [runtime], "atomId")[runtime]}
        with self._lock:
            known.read_at = asked_at
            known.seen = {each: row for each, row in there.items() if known.written.get(each, -1) < order}
        return there


def pairs(keys: Sequence[str]) -> Filter:
    """Return the condition that finds what is of pairs of a runtime and a process, each as `atomId/processId`."""
    each = (key.split("/", 1) for key in keys)
    return any_of([where("atomId").equals(atom) & where("processId").equals(process) for atom, process in each])


def schedules_seen(client: Client) -> Schedules:
    """Return what this run has read of the schedules of a client's account."""
    return client.keep(Schedules, lambda: Schedules(client))


@dataclass(frozen=True)
class Scheduled:
    """The schedules of a process on a runtime.

    Attributes:
        schedules: In normal form, sorted; none where it is not scheduled.
        enabled: Whether they are in force; None where Boomi does not tell.
        id: Boomi's id of them.
    """

    schedules: tuple[Schedule, ...] = ()
    enabled: bool | None = None
    id: str = ""


def schedules_on(client: Client, runtime: str) -> dict[str, Scheduled]:
    """Return process id -> its schedules on a runtime, of all processes that are deployed there; a hundred a page.

    Args:
        client: The account.
        runtime: The runtime's id.

    Raises:
        RequestError: A query failed.
    """
    condition = where("atomId").equals(runtime)
    told = by_key(PROCESS_SCHEDULES, client.query(PROCESS_SCHEDULES, condition), [runtime], "atomId")
    rows = [row for row in told[runtime] if row.process_id]
    enabled = {row.process_id: row.enabled for row in client.query(PROCESS_SCHEDULE_STATUS, condition)}
    return {
        str(row.process_id): Scheduled(tuple(schedules_of(row.schedule)), enabled.get(row.process_id), row.id)
        for row in rows
    }
