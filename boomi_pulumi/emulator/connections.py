"""The socket side of the HTTP library, so that nothing of the library shows on the wire."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from boomi_pulumi.emulator.answers import Written

    Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
    Complain = Callable[[int], Written]

LARGEST = 8 * 1024 * 1024
"""Bytes of a body, at the most."""
_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class _Nameless(web.StreamResponse):
    """An answer without the header that names the library."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.pop("Server", None)


class _Whole(_Nameless, web.Response):
    """A whole answer."""


class _Protocol(web.RequestHandler):
    """One connection; what is no HTTP, and what fails, is answered in Boomi's form too."""

    __slots__ = ("_complain",)

    def __init__(self, server: web.Server, complain: Complain, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # None is for no log
            auto_decompress=False,  # a body that cannot be decompressed would fail inside the library
        )
        self._complain = complain

    def log_exception(self, *args: Any, **options: Any) -> None:
        """Tell the log what our own code failed at; not that a client sent a broken body."""
        if not isinstance(options.get("exc_info"), web.RequestPayloadError):
            super().log_exception(*args, **options)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be read as HTTP, or what our own code failed at."""
        if status == 500:  # noqa: PLR2004
            self.log_exception("the emulator failed at a request", exc_info=exc)
        answer = whole(self._complain(status))
        answer.force_close()
        return answer


async def read(request: web.BaseRequest) -> bytes:
    """Read the body of a request.

    Raises:
        ValueError: It is too large, after it was decompressed too; the message is empty then.
        OSError: It is broken, or not compressed as it says.
    """
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise ValueError from None
    except web.RequestPayloadError as error:
        raise OSError(str(error)) from None
    form = request.headers.get("Content-Encoding", "identity").strip().lower()
    if form in ("", "identity"):
        return body
    if form not in _WINDOWS:
        raise OSError(form)
    reader = zlib.decompressobj(_WINDOWS[form])
    try:
        plain = reader.decompress(body, LARGEST + 1)
    except zlib.error as error:
        raise OSError(str(error)) from None
    if len(plain) > LARGEST:
        raise ValueError
    if not reader.eof:
        raise OSError("the compressed body is cut off")
    return plain


def whole(written: Written) -> web.Response:
    """Make a response of what was written."""
    return _Whole(status=written.status, body=written.body, headers=written.headers)


async def send_half(request: web.BaseRequest, written: Written) -> web.StreamResponse:
    """Send the first half of an answer, and close the connection."""
    half = _Nameless(status=written.status, headers=written.headers)
    half.content_length = max(len(written.body), 2)
    await half.prepare(request)
    await half.write(written.body[: len(written.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half


def hang_up(request: web.BaseRequest, *, reset: bool) -> web.Response:
    """Close the connection without an answer, or reset it."""
    transport = request.transport
    if transport is not None:
        if reset:
            # A socket that does not linger is closed with RST instead of FIN.
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return web.Response()


class Listener:
    """A socket that hands requests to a handler.

    Args:
        handler: Answers one request.
        complain: Says in Boomi's form that a request failed with a status.
    """

    def __init__(self, handler: Handler, complain: Complain) -> None:
        self._handler = handler
        self._complain = complain
        self._server: web.Server | None = None
        self._socket: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; tell the port.

        Raises:
            OSError: The address cannot be used.
        """
        loop = asyncio.get_running_loop()

        def request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
            return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=LARGEST)

        server = self._server = web.Server(self._handler, request_factory=request)
        self._socket = await loop.create_server(
            lambda: _Protocol(server, self._complain, loop), host, port, backlog=128
        )
        return int(self._socket.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and drop what is open."""
        if self._socket is not None:
            self._socket.close()
        if self._server is not None:
            await self._server.shutdown(0.1)
