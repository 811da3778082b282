"""The plugin as a process: on loops without signal handlers, without docstrings, with an engine that takes its time."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import grpc  # type: ignore[import-untyped]
import pytest
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2

from boomi_pulumi._api.say import print_line, tell_through
from boomi_pulumi._reads.finders import FINDERS
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.native.log import Log
from boomi_pulumi.native.schema import package as schema_of
from tests.children import child
from tests.conformance.account import seed
from tests.driver import Resource, struct_of
from tests.native_driver import NativeDriver

WITHOUT_HANDLERS = """
import asyncio, sys
from boomi_pulumi.native.__main__ import main

class Loop(asyncio.SelectorEventLoop):
    def add_signal_handler(self, *_):
        raise NotImplementedError

class Policy(asyncio.DefaultEventLoopPolicy):
    _loop_factory = Loop

asyncio.set_event_loop_policy(Policy())
sys.exit(main([]))
"""
"""What Windows does to the plugin, as far as another system can play it."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_plugin_starts_and_ends_on_a_loop_without_signal_handlers(number: signal.Signals) -> None:
    command = [sys.executable, "-c", WITHOUT_HANDLERS]
    with child(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as plugin:
        assert plugin.stdout is not None
        assert plugin.stdout.readline().strip().isdigit()
        os.kill(plugin.pid, number)
        _, errors = plugin.communicate(timeout=30)
    assert (plugin.returncode, errors) == (0, "")


def test_without_docstrings_the_schema_loses_texts_of_types_only() -> None:
    program = "import json\nfrom boomi_pulumi.native.schema import package\nprint(json.dumps(package('1.0.0')))"
    done = subprocess.run([sys.executable, "-OO", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    schema, plain = json.loads(done.stdout), json.loads(json.dumps(schema_of("1.0.0")))
    for each in (*schema["types"].values(), *plain["types"].values()):
        each.pop("description", None)
    assert schema == plain


def test_a_finder_says_in_its_docstring_what_its_data_says() -> None:
    for finder in FINDERS.values():
        assert (finder.__doc__ or "").partition("\n")[0] == finder.about
        assert all(text.endswith(".") for text in finder.texts.values())
        assert list(finder.texts) == list(finder.arguments)


class _SlowEngine(engine_pb2_grpc.EngineServicer):
    """An engine that takes a line only once it is let."""

    def __init__(self) -> None:
        self.asked, self.let = threading.Event(), threading.Event()
        self.lines: list[str] = []

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802 - the engine's name
        self.asked.set()
        self.let.wait(5)
        self.lines.append(request.message)
        return empty_pb2.Empty()


class _Context:
    async def abort(self, code: object, details: str) -> None:
        raise AssertionError(details)


def test_a_line_does_not_keep_other_resources_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # which a log takes over
    engine, threads = _SlowEngine(), ThreadPoolExecutor(2)
    server = grpc.server(threads)
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    pending = Resource("it", "ConnectorVersionChange", {"classificationType": "wallet-dev", "versionId": "3"})
    with Emulator(seed(), rate_limit=0) as boomi, closing(NativeDriver(boomi.env)) as driver:
        driver.up(pending)
        stored = driver.state.resources["it"]
        driver.new_process()
        log = Log(address)
        driver._servicer._log = log
        log.take_over()
        try:
            request = provider_pb2.CheckRequest(
                urn=driver._urn("it", pending.kind),
                olds=struct_of(stored.inputs),
                news=struct_of({**pending.inputs, "releaseNotes": "Other words"}),
            )

            async def both() -> bool:
                check = asyncio.ensure_future(driver._servicer.Check(request, _Context()))
                await asyncio.to_thread(engine.asked.wait, 5)
                late = bool(engine.lines) or check.done()  # the loop came here while the engine held the line
                engine.let.set()
                await check
                return late

            with driver._one_process():
                late = driver.await_(both())
        finally:
            tell_through(print_line)
            server.stop(None)
    assert not late
    assert any("is waiting for Boomi's review" in line for line in engine.lines), "the line stands before the result"
