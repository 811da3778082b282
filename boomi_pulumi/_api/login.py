"""Whether Boomi takes the credentials: one request asks, before many are sent with wrong ones.

Boomi locks a user out after six refusals, and a run has up to sixteen requests at hand. A token may be revoked at any
moment. Then every request that is under way is refused, and nobody can know of it before the first answer. So what is
under way at once must be fewer than six. Source: Boomi's page on password policies.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from boomi_pulumi._api.errors import Unauthorized

__all__ = ["ALONE", "PROGRAM", "PROVIDER", "Login"]

ALONE = 5
"""Requests that may be under way at once, where a command is one process: one fewer than Boomi's six."""

PROGRAM, PROVIDER = 2, 3
"""The same, where a program and its provider are two processes, which share the five."""

_DOUBTED = 3
"""Refusals of any sort before the first success after which nothing more is asked."""

_GLANCE = 0.1
"""Seconds after which those who wait look whether the run was asked to stop."""


class Login:
    """What this process knows of its credentials. Threads, and clients of the same credentials, share it.

    Until an answer shows that they are good, one request is under way at a time; from then on a few. Once Boomi has
    refused them, nothing more is sent.

    Args:
        under_way: How many requests may be under way at once.
    """

    def __init__(self, under_way: int = ALONE) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._under_way = 0
        self._most = under_way
        self._good = False
        self._doubts = 0
        self._hesitated = False
        self._refusal: Unauthorized | None = None

    def judge(self, what: str) -> None:
        """Do nothing as long as a request may be sent.

        Raises:
            Unauthorized: Boomi has refused these credentials before; its `first` is the error of then.
        """
        if self._refusal is not None:
            raise Unauthorized.again(what, self._refusal)

    @contextmanager
    def attempt(self, what: str, judge: Callable[[], object]) -> Iterator[None]:
        """Hold the right to send one request; whoever asks first gets it first.

        Args:
            what: What it is for, in messages.
            judge: Is called while this waits, and ends the wait by an exception.

        Raises:
            Unauthorized: As `judge`.
        """
        place = object()
        with self._changed:
            self._waiting.append(place)
            try:
                while self._waiting[0] is not place or self._under_way >= (self._most if self._good else 1):
                    self.judge(what)
                    judge()
                    self._changed.wait(_GLANCE)
                self.judge(what)
                self._under_way += 1
            finally:
                self._waiting.remove(place)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def accepted(self) -> None:
        """Note a success."""
        if not self._good:
            with self._changed:
                self._good = True
                self._changed.notify_all()

    def doubted(self) -> bool:
        """Note a refusal that does not speak of the credentials; tell whether it is one too many to go on."""
        with self._changed:
            self._doubts += not self._good
            return not self._good and self._doubts >= _DOUBTED

    def hesitates(self, at_once: bool) -> bool:
        """Tell, once, whether it is time to find out about the credentials: nothing has shown yet that they are good.

        Args:
            at_once: After the first refusal; otherwise before the one that would be the last.
        """
        with self._changed:
            due = at_once or self._doubts == _DOUBTED - 1
            found = due and not self._good and not self._hesitated
            self._hesitated = self._hesitated or found
            return found

    def refused(self, error: Unauthorized) -> None:
        """Note a refusal of the credentials; it holds for the rest of the process."""
        with self._changed:
            self._refusal = self._refusal or error
            self._changed.notify_all()
