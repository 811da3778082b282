"""An HTTP server that does to a connection whatever a test says, request by request."""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

Act = Callable[[socket.socket, threading.Event], None]


@dataclass
class Request:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def answer(status: int = 200, body: object = None, **headers: str) -> Act:
    """Answer in one piece; a body that is neither bytes nor text is sent as JSON."""
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(raw)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return send("\r\n".join([*lines, "", ""]).encode("latin-1") + raw)


def send(raw: bytes) -> Act:
    """Send bytes as they are, and keep the connection open."""
    return lambda connection, _: connection.sendall(raw)


def close(raw: bytes = b"") -> Act:
    """Send bytes as they are, then close the connection."""

    def act(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_RDWR)

    return act


def reset(raw: bytes = b"") -> Act:
    """Send bytes, then reset the connection."""

    def act(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(raw)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return act


def stall(raw: bytes = b"") -> Act:
    """Send bytes, then nothing any more until the server stops."""

    def act(connection: socket.socket, stopped: threading.Event) -> None:
        connection.sendall(raw)
        stopped.wait()

    return act


def endless(head: bytes, piece: bytes) -> Act:
    """Send a piece again and again until the other side has enough."""

    def act(connection: socket.socket, stopped: threading.Event) -> None:
        connection.sendall(head)
        while not stopped.is_set():
            connection.sendall(piece)

    return act


def tunnel(port: int) -> Act:
    """Answer a CONNECT as a proxy does, and carry bytes to a port of this machine and back."""

    def act(connection: socket.socket, stopped: threading.Event) -> None:
        with socket.create_connection(("127.0.0.1", port)) as other:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            while not stopped.is_set():
                for each in select.select([connection, other], [], [], 0.1)[0]:
                    piece = each.recv(65536)
                    if not piece:
                        connection.shutdown(socket.SHUT_RDWR)
                        return
                    (other if each is connection else connection).sendall(piece)

    return act


@dataclass
class Scripted:
    """Plays acts in order, one per request, over any number of connections; the last one goes on."""

    acts: list[Act]
    greeting: bytes = b""
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.asked = threading.Event()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}" if self.tls is None else f"https://localhost:{self.port}"
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def stop(self) -> None:
        self._stopped.set()
        # Closing a listener does not wake a thread that waits in accept; a connection does.
        socket.create_connection(self._listener.getsockname()).close()
        self._accepting.join()
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopped.is_set():
                connection.close()
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self.tls is not None:
                # It takes the socket's place, which is closed where the handshake fails.
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            self._play(connection)

    def _play(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.sendall(self.greeting)
                while (request := _read(connection)) is not None:
                    with self._lock:
                        self.requests.append(request)
                        self.asked.set()
                        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
                    act(connection, self._stopped)
            except OSError:
                return


def _read(connection: socket.socket) -> Request | None:
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = connection.recv(65536)
        if not piece:
            return None
        raw += piece
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        piece = connection.recv(65536)
        if not piece:
            return None
        body += piece
    method, path, _ = first.split(" ")
    return Request(method, path, headers, body)
