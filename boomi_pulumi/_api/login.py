"""Whether Boomi accepts the credentials: one request finds out before further requests are sent.

Boomi locks a user out after six refusals, and a run has up to sixteen requests ready. A token may be revoked at any
moment: then Boomi refuses every request that is under way, and the first answer comes too late to stop the others. So
fewer than six requests may be under way at once. Source: Boomi's page on password policies.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from boomi_pulumi._api.errors import Unauthorized

__all__ = ["ALONE", "PROGRAM", "PROVIDER", "Login"]

ALONE = 5
"""Requests that may be under way at once where a command is one process: Boomi locks after six refusals."""

PROGRAM, PROVIDER = 2, 3
"""Requests of a program and of its provider that may be under way at once: two processes, which share five."""

_DOUBTED = 3
"""Refusals of any sort before the first success; after so many nothing more is sent."""

_RECHECK = 0.1
"""Seconds between two checks of a waiting thread whether the run was asked to stop."""


class Login:
    """What this process knows about its credentials; threads and clients with the same credentials share the object.

    Until an answer shows that the credentials are good, one request is under way at a time; afterwards `under_way`.
    Once Boomi has refused the credentials, nothing more is sent.

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

    def check(self, what: str) -> None:
        """Return if a request may be sent; called before each request.

        Raises:
            Unauthorized: Boomi has refused these credentials before; `first` is the error of that refusal.
        """
        if self._refusal is not None:
            raise Unauthorized.again(what, self._refusal)

    @contextmanager
    def attempt(self, what: str, meanwhile: Callable[[], object]) -> Iterator[None]:
        """Hold the right to send one request; threads get it in the order in which they ask.

        Args:
            what: What the request is for, in messages.
            meanwhile: Called every 0.1 s while the thread waits; an exception of it ends the wait.

        Raises:
            Unauthorized: As `check`.
        """
        place = object()
        with self._changed:
            self._waiting.append(place)
            try:
                while self._waiting[0] is not place or self._under_way >= (self._most if self._good else 1):
                    self.check(what)
                    meanwhile()
                    self._changed.wait(_RECHECK)
                self.check(what)
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
        """Note a refusal that does not speak of the credentials; return whether nothing more may be sent after it."""
        with self._changed:
            self._doubts += not self._good
            return not self._good and self._doubts >= _DOUBTED

    def hesitates(self, at_once: bool) -> bool:
        """Return, once True, whether to find out now if the credentials are good; no success has shown it yet.

        Args:
            at_once: Whether to find out after the first refusal; otherwise before the third, which would be the last.
        """
        with self._changed:
            due = at_once or self._doubts == _DOUBTED - 1
            found = due and not self._good and not self._hesitated
            self._hesitated = self._hesitated or found
            return found

    def refused(self, error: Unauthorized) -> None:
        """Note that Boomi refused the credentials; this stays so for as long as the object lives."""
        with self._changed:
            self._refusal = self._refusal or error
            self._changed.notify_all()
