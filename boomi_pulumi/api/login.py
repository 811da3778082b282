"""Whether Boomi takes the credentials: one request asks, before many are sent with wrong ones.

Boomi locks a user out after six refusals, and a run has up to sixteen requests under way.
Source: Boomi's page on password policies.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from boomi_pulumi.api.errors import Interrupted, Unauthorized

__all__ = ["Login"]

_GLANCE = 0.1
"""Seconds after which those who wait look whether the run was asked to stop."""

_ANYBODY = 400
"""A status that Boomi answers to a known user only, besides those of success."""


class Login:
    """What this process knows of its credentials. Threads, and clients of the same credentials, share it.

    Until an answer shows that they are good, one request is under way at a time. Once Boomi has refused them, nothing
    more is sent.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asking = False
        self._good = False
        self._refusal: Unauthorized | None = None

    @contextmanager
    def attempt(self, what: str, interrupted: threading.Event) -> Iterator[None]:
        """Hold the right to send one request.

        Args:
            what: What it is for, in messages.
            interrupted: Ends the wait.

        Raises:
            Unauthorized: Boomi has refused these credentials before; its `first` is the error of then.
            Interrupted: The run was asked to stop.
        """
        mine = self._enter(what, interrupted)
        try:
            yield
        finally:
            if mine:
                with self._changed:
                    self._asking = False
                    self._changed.notify_all()

    def _enter(self, what: str, interrupted: threading.Event) -> bool:
        """Return whether this is the request for whose answer others wait."""
        with self._changed:
            while self._asking and not self._good and self._refusal is None:
                self._changed.wait(_GLANCE)
                if interrupted.is_set():
                    raise Interrupted(what, detail="the run was asked to stop before this was sent")
            if self._refusal is not None:
                raise Unauthorized.again(what, self._refusal)
            self._asking = not self._good
            return self._asking

    def accepted(self, status: int) -> None:
        """Note the status of an answer that is no refusal of the credentials."""
        # A gateway answers other statuses as well, before anybody has looked at the credentials.
        if status < 300 or status == _ANYBODY:  # noqa: PLR2004
            self._good = True

    def refused(self, error: Unauthorized) -> None:
        """Note a 401; it holds for the rest of the process."""
        with self._changed:
            self._refusal = self._refusal or error
            self._changed.notify_all()
