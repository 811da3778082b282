"""Reads that threads share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from boomi_pulumi._api.errors import RequestError

__all__ = ["Shared"]


class Shared:
    """Lets threads that wait at the same time share one bulk read.

    The first thread waits for a moment and sends all ids that were asked for by then. Threads that ask while this read
    is under way wait for the next read, which the first of these threads sends. Nobody whose answer is there waits for
    another read.

    Args:
        read: Takes ids, and returns what it finds for each id; called by one thread at a time.
        linger: Waits for a moment.
    """

    def __init__(self, read: Callable[[Sequence[str]], Mapping[str, Any]], linger: Callable[[], object]) -> None:
        self._read = read
        self._linger = linger
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._waiting: dict[str, Future[Any]] = {}

    def get(self, id_: str) -> Any:
        """Return what the read finds for an id.

        Raises:
            RequestError: The whole read failed.
        """
        with self._lock:
            leads = not self._waiting
            future = self._waiting.setdefault(id_, Future())
        if leads:
            self._send()
        return future.result()

    def _send(self) -> None:
        batch: dict[str, Future[Any]] = {}
        try:
            with self._turn:
                self._linger()
                batch = self._taken()
                found = self._read(list(batch))
        except BaseException as error:
            batch = batch or self._taken()
            for future in batch.values():
                future.set_exception(error)
            if not isinstance(error, RequestError):
                raise
            return
        for id_, future in batch.items():
            future.set_result(found[id_])

    def _taken(self) -> dict[str, Future[Any]]:
        with self._lock:
            batch, self._waiting = self._waiting, {}
        return batch
