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

    Whoever comes first lingers for a moment, and sends what has gathered by then; those who come while it is under
    way wait, and the first of them sends for all.
    """

    def __init__(self, read: Callable[[Sequence[str]], Mapping[str, Any]], linger: Callable[[], object]) -> None:
        self._read = read
        self._linger = linger
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._waiting: dict[str, Future[Any]] = {}

    def get(self, id_: str) -> Any:
        """Return what the read finds for an id."""
        with self._lock:
            future = self._waiting.setdefault(id_, Future())
        with self._turn:
            if not future.done():
                self._send()
        return future.result()

    def _send(self) -> None:
        self._linger()
        with self._lock:
            batch, self._waiting = self._waiting, {}
        try:
            found = self._read(list(batch))
        except BaseException as error:
            for future in batch.values():
                future.set_exception(error)
            if not isinstance(error, RequestError):
                raise
            return
        for id_, future in batch.items():
            future.set_result(found[id_])
