"""What is said goes to the engine's log, at the resource that it is about: the output of a native plugin is hidden."""

from __future__ import annotations

import asyncio
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import grpc  # type: ignore[import-untyped]
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from boomi_pulumi._api.say import tell_through
from boomi_pulumi._api.words import clean

__all__ = ["URN", "Log"]

URN: ContextVar[str] = ContextVar("URN", default="")
"""The resource that this thread works on."""

_SECONDS = 10.0
"""How long the engine may take to take a line."""


class Log:
    """The engine's log.

    Args:
        address: The engine's, host and port.
    """

    def __init__(self, address: str) -> None:
        self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))
        self._sender = ThreadPoolExecutor(1, "boomi-log")
        self._last: Future[None] | None = None

    def take_over(self) -> None:
        """Take all that the package says, and its warnings."""
        tell_through(self.info)

        def warn(message: Warning | str, *_: Any, **__: Any) -> None:
            self._tell(clean(message), engine_pb2.WARNING)

        warnings.showwarning = warn

    def info(self, line: str) -> None:
        """Tell a person something."""
        self._tell(line, engine_pb2.INFO)

    def debug(self, line: str) -> None:
        """Tell whoever looks for a fault (`pulumi up --debug`)."""
        self._tell(line, engine_pb2.DEBUG)

    async def told(self) -> None:
        """Wait until the engine has taken what was said on the event loop."""
        if self._last is not None:
            await asyncio.wrap_future(self._last)

    def _tell(self, line: str, severity: Any) -> None:
        request = engine_pb2.LogRequest(severity=severity, message=line, urn=URN.get())
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._send(request)
        else:
            # An event loop must not wait: it serves every other resource.
            self._last = self._sender.submit(self._send, request)

    def _send(self, request: Any) -> None:
        with suppress(grpc.RpcError):  # a line that cannot be shown undoes nothing
            self._engine.Log(request, timeout=_SECONDS)
