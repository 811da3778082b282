"""The plugin's command: serve the engine that started it, print the schema, or install it for Pulumi."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

import grpc  # type: ignore[import-untyped]
from pulumi.runtime.proto import provider_pb2_grpc

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.sender import INTERRUPTED
from boomi_pulumi.native.install import install, release
from boomi_pulumi.native.log import Log
from boomi_pulumi.native.schema import package
from boomi_pulumi.native.servicer import Servicer

__all__ = ["main", "run"]

_OPTIONS = [("grpc.max_receive_message_length", 400 << 20), ("grpc.server_max_unrequested_time_in_server", 1800)]
"""As Pulumi's own plugins: a state may be large, and a call may have to wait for a busy loop."""

_GRACE = 4.0
"""Seconds for calls that are under way to end."""

_LOOK = 1.0
"""Seconds between two looks whether the engine is still there."""


async def serve(address: str | None) -> None:
    """Serve until the engine ends.

    Args:
        address: The engine's, host and port; None where it attaches later.
    """
    log = Log(address) if address else None
    if log is not None:
        log.take_over()
    server = grpc.aio.server(options=_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(log), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    ended = asyncio.Event()
    # The engine ends a plugin by SIGINT, and kills it five seconds later.
    for number in (signal.SIGINT, signal.SIGTERM):
        _on_signal(number, ended.set)
    print(port, flush=True)
    parent = os.getppid()
    while not ended.is_set() and os.getppid() == parent:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(ended.wait(), _LOOK)
    INTERRUPTED.set()
    await server.stop(_GRACE)


def _on_signal(number: signal.Signals, act: Callable[[], None]) -> None:
    """Let a signal call something on the running loop."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(number, act)
    except NotImplementedError:
        # The loops of Windows have no such handlers. Python calls this between two looks of `serve`.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(act))


def main(words: list[str] | None = None) -> int:
    """Run a command: `schema`, `install [FOLDER]`, or serve the engine whose address is the last word."""
    words = sys.argv[1:] if words is None else words
    plain = [word for word in words if not word.startswith("-")]
    if plain[:1] == ["schema"]:
        print(json.dumps(package(release()), indent=2))
    elif plain[:1] == ["install"]:
        try:
            print(install(release(), *plain[1:2]))
        except (SettingsError, OSError) as error:
            print(error, file=sys.stderr)
            return 1
    else:
        asyncio.run(serve(plain[-1] if plain else None))
    return 0


def run() -> None:
    """Run the command that the shell gave, and end with its status."""
    sys.exit(main())


if __name__ == "__main__":
    run()
