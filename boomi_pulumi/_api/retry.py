"""Pure rules of trying again: what an outcome is, how long to wait, how fast to go.

Nothing here sleeps, reads a clock or draws a random number on its own: all three are arguments.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from boomi_pulumi._api.errors import RequestError

__all__ = ["RETRIED_STATUSES", "Done", "Outage", "Outcome", "Policy", "Rate", "Refused", "Unknown"]

T = TypeVar("T")

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
"""Statuses after which a read is sent again. Boomi's rate limit answers 503."""


@dataclass(frozen=True)
class Done(Generic[T]):
    """The write took effect, and this is Boomi's answer."""

    answer: T


@dataclass(frozen=True)
class Refused:
    """The write did not take effect."""

    error: RequestError


@dataclass(frozen=True)
class Unknown:
    """The write was sent, and nobody can say whether it took effect."""

    error: RequestError


Outcome = Done[T] | Refused | Unknown


@dataclass(frozen=True)
class Policy:
    """How often and how long to try again.

    Attributes:
        retries: Attempts after the first.
        first: Upper bound of the first wait, in seconds; it doubles.
        longest: Upper bound of every wait, in seconds.
        total: Seconds after which no further attempt begins.
        longest_asked: The most that is waited in all, in seconds, for the sake of `Retry-After`.
    """

    retries: int = 5
    first: float = 0.2
    longest: float = 5.0
    total: float = 45.0
    longest_asked: float = 60.0

    def wait(self, retry: int, waited: float, draw: Callable[[], float], asked: float | None = None) -> float | None:
        """Return the seconds to wait before another attempt, or None to give up.

        Args:
            retry: How many retries have been made.
            waited: Seconds since the first attempt began.
            draw: Returns a random number from 0 to 1 (full jitter).
            asked: The server's `Retry-After` in seconds.
        """
        if retry >= self.retries:
            return None
        if asked is not None:
            return asked if waited + asked <= self.longest_asked else None
        pause = draw() * min(self.longest, self.first * 2**retry)
        return pause if waited + pause <= self.total else None


class Rate:
    """Starts at a steady pace, shared by all threads; slower for a while after the server said "too many".

    A steady pace, not a burst at the beginning of each second: the program and the plugin are two processes that
    follow one another, and answers travel at uneven speed, so bursts would meet in one second of Boomi's.

    Args:
        limit: Starts a second; 0 means no limit.
        clock: Returns seconds; only differences count.
    """

    SPREAD = 1.1
    """The pace is the limit divided by this factor, because requests travel at uneven speed."""

    SLOWEST = 10
    """How many times slower than usual the pace may become; so a run against a slow service still ends."""

    def __init__(self, limit: float, clock: Callable[[], float]) -> None:
        self._pace = self.SPREAD / limit if limit > 0 else 0.0
        self._gap = self._pace
        self._clock = clock
        self._lock = threading.Lock()
        self._next = float("-inf")
        self._began = float("-inf")
        self._rest = float("-inf")
        self._slowed = float("-inf")

    def turn(self) -> float:
        """Reserve the next start for this thread, and return the seconds until then."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next)
            self._next = start + self._gap
        return start - now

    def begin(self) -> float:
        """Start now and return 0, or return the seconds to wait first, where another thread has just started late."""
        with self._lock:
            now = self._clock()
            wait = max(self._began + self._gap / self.SPREAD, self._rest) - now
            if wait > 0:
                return wait
            self._began = now
        return 0.0

    def pace(self) -> float:
        """Return how many requests may start in a second now; infinity without a limit."""
        return 1 / self._gap if self._gap else float("inf")

    def slow(self, asked: float = 0.0) -> None:
        """Note that the server refused for its limit: nothing starts for a second, and the pace falls by a third.

        Refusals within that second belong to the same burst and change nothing.

        Args:
            asked: Seconds in which the server wants no request at all.
        """
        with self._lock:
            now = self._clock()
            self._rest = max(self._rest, now + asked)
            if self._pace and now >= self._slowed + 1.0:
                self._slowed = now
                self._gap = min(self._gap * 1.5, self._pace * self.SLOWEST)
                self._next = max(self._next, now + 1.0)

    def ease(self) -> None:
        """Note an answer without trouble: the pace rises by a fiftieth, up to the usual pace."""
        with self._lock:
            self._gap = max(self._pace, self._gap * 0.98)


class Outage:
    """Whether the server is down. Then no request is sent, so that a run ends soon and asks little.

    The server is taken to be down after `SECONDS` without one good answer. Every `REST` seconds after the last request
    one thread may look again. So a run against a dead service sends requests for about `SECONDS`, at the pace of
    `Rate`, and each request at the most as often as `Policy` says; after that, every request fails at once.

    Args:
        clock: Returns seconds; only differences count.
    """

    SECONDS = 30.0
    """Seconds with nothing but failures after which the server is taken to be down."""

    REST = 15.0
    """Seconds without a request after which one thread may look again."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since: float | None = None
        self._last = 0.0

    def note(self, status: int | None, asked: float | None = None) -> None:
        """Note an answer or a failed connection.

        Args:
            status: HTTP's, or None for a failed connection.
            asked: Seconds for which the server asked; they do not count as an outage.
        """
        if status is not None and status not in RETRIED_STATUSES:
            self._since = None
            return
        self._last = self._clock()
        self._since = self._last if self._since is None else self._since
        if asked is not None:
            self._since = self._last + asked

    def lasts(self) -> bool:
        """Tell whether the server is taken to be down."""
        since, now = self._since, self._clock()
        return since is not None and now - since > self.SECONDS and now - self._last < self.REST
