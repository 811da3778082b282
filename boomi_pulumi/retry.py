"""Pure rules of trying again: what an outcome is, how long to wait, how fast to go.

Nothing here sleeps, reads a clock or draws a random number on its own: all three are arguments.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from boomi_pulumi.errors import RequestError

__all__ = ["RETRIED_STATUSES", "Done", "Outcome", "Policy", "Rate", "Refused", "Unknown"]

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
        longest_asked: The longest `Retry-After`, in seconds, that is obeyed.
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
            return asked if asked <= self.longest_asked else None
        pause = draw() * min(self.longest, self.first * 2**retry)
        return pause if waited + pause <= self.total else None


class Rate:
    """At most `limit` starts in any second, shared by all threads.

    A sliding window: a start is granted when fewer than `limit` starts lie within the last second.
    """

    def __init__(self, limit: float, clock: Callable[[], float], sleep: Callable[[float], object]) -> None:
        self._limit = limit
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._starts: deque[float] = deque()

    def acquire(self) -> float:
        """Wait for a start; return the seconds waited."""
        if self._limit <= 0:
            return 0.0
        window = max(1.0, 1.0 / self._limit)
        size = max(1, int(self._limit))
        with self._lock:
            now = self._clock()
            while self._starts and self._starts[0] <= now - window:
                self._starts.popleft()
            start = now if len(self._starts) < size else self._starts[-size] + window
            self._starts.append(max(start, now))
        pause = max(0.0, start - now)
        if pause:
            self._sleep(pause)
        return pause
