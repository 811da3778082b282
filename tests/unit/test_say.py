"""A line never fails what it is about: any encoding, a closed stdout, a full disk behind it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from boomi_pulumi._api.say import print_line, say, tell_through
from boomi_pulumi.emulator import Emulator
from tests.driver import Driver, Resource
from tests.unit.conftest import Scripts
from tests.unit.scripted import answer

ROOT = Path(__file__).parents[2]
NAME = "Zamówienia → 订单 «ł» 🚚"
FULL = Path("/dev/full")

SETTINGS = {
    "the plain C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "utf-16": {"PYTHONIOENCODING": "utf-16"},
    "utf-8": {"PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"},
}

UP = """
import os, sys
from tests.driver import Driver, Resource
with Driver({env!r}) as driver:
    driver.up(Resource("it", "PackagedComponent", {{"componentId": "orders", "packageVersion": "1.0"}}))
    assert driver.state.resources["it"].outputs["adopted"] is True
os.write(2, b"done")
"""


@pytest.fixture(scope="module")
def boomi() -> Iterator[Emulator]:
    """Run an account in which somebody has packaged already what the programs declare."""
    seed = {
        "account": {"id": "acme-1", "name": "Acme"},
        "users": [{"name": "ann@acme.example", "token": "t0ken", "privileges": ["API", "PACKAGE_MANAGEMENT", "BUILD"]}],
        "environments": [{"name": "Test", "classification": "TEST"}],
        "components": [{"name": NAME, "id": "orders"}],
        "packages": [{"component": f"Acme/{NAME}", "version": "1.0"}],
    }
    with Emulator(seed, rate_limit=0) as emulator:
        yield emulator


def run(
    code: str, env: Mapping[str, str] | None = None, stdout: int = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    """Run Python with nothing in its environment but this."""
    return subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **(env or {})},
    )


@pytest.mark.parametrize("name", SETTINGS)
def test_any_encoding_shows_the_line_in_utf_8_and_fails_nothing(name: str, boomi: Emulator) -> None:
    ran = run(UP.format(env=boomi.env), SETTINGS[name])
    assert (ran.returncode, ran.stderr) == (0, b"done")
    assert f"{NAME} 1.0 is there already, and equal: adopted (revision 1".encode() in ran.stdout


@pytest.mark.parametrize("how", ["sys.stdout.close()", "sys.stdout = None", "os.close(1)"])
def test_a_closed_stdout_fails_nothing(how: str, boomi: Emulator) -> None:
    ran = run(UP.format(env=boomi.env).replace("with Driver", f"{how}\nwith Driver"))
    assert ran.stderr == b"done"
    # What Python itself says of its stdout at the end is no matter of ours.
    assert ran.returncode in ({0, 120} if "os" in how else {0})


def test_nobody_at_the_other_end_fails_nothing(boomi: Emulator) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ran = run(UP.format(env=boomi.env), stdout=writer)
    finally:
        os.close(writer)
    assert (ran.returncode, ran.stderr) == (0, b"done")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no full disk to offer")
def test_a_full_disk_behind_stdout_fails_nothing_neither_now_nor_at_the_end(boomi: Emulator) -> None:
    with FULL.open("wb") as full:
        ran = run(UP.format(env=boomi.env), stdout=full.fileno())
    assert (ran.returncode, ran.stderr) == (0, b"done")


def test_lines_stand_in_the_order_in_which_they_were_written_and_whole() -> None:
    code = (
        "from concurrent.futures import ThreadPoolExecutor as Pool; from boomi_pulumi._api.say import say\n"
        "print('first'); say('second \\ud800'); print('third')\n"
        "with Pool(16) as pool: list(pool.map(say, [f'line {n} ' + 'x' * 200 for n in range(400)]))"
    )
    first, *lines = run(code).stdout.decode().splitlines()
    assert (first, lines[0]) == ("first", r"second \ud800")
    assert sorted(lines[1:]) == sorted(["third", *(f"line {n} " + "x" * 200 for n in range(400))])


class Raw(io.RawIOBase):
    """Takes three bytes at a time."""

    def __init__(self) -> None:
        self.got = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.got += bytes(data)[:3]
        return min(3, len(data))


def test_a_line_that_is_taken_in_pieces_is_sent_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = Raw()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(raw), encoding="ascii"))
    say("Zamówienia")
    assert raw.got.decode() == "Zamówienia\n"


def test_a_stdout_of_texts_takes_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.StringIO()
    monkeypatch.setattr(sys, "stdout", text)
    say(NAME)
    assert text.getvalue() == f"{NAME}\n"


@pytest.fixture
def sink() -> Iterator[Callable[[Callable[[str], None]], None]]:
    yield tell_through
    tell_through(print_line)


def test_the_door_may_set_another_sink_which_hears_all_in_the_speakers_thread(
    sink: Callable[[Callable[[str], None]], None], boomi: Emulator
) -> None:
    heard: list[tuple[str, str]] = []
    sink(lambda line: heard.append((threading.current_thread().name, line)))
    with Driver(boomi.env) as driver:
        driver.up(Resource("it", "PackagedComponent", {"componentId": "orders", "packageVersion": "1.0"}))
        driver.destroy()
    here = threading.current_thread().name
    assert [(who, line.split(":")[0]) for who, line in heard] == [
        (here, f"PackagedComponent {NAME} 1.0 is there already, and equal"),
        (here, f"PackagedComponent {NAME} 1.0 stays"),
    ]


@pytest.mark.parametrize("error", [OSError("no space"), ValueError("closed"), UnicodeEncodeError("a", "b", 0, 1, "c")])
def test_a_sink_that_fails_fails_nothing(error: Exception, sink: Callable[[Callable[[str], None]], None]) -> None:
    def fail(_: str) -> None:
        raise error

    sink(fail)
    say("anything")


def test_a_warning_that_cannot_be_shown_fails_nothing(script: Scripts) -> None:
    """Boomi's notice of an address that ends goes to stderr, which may be closed."""
    server = script(answer(200, {"packageId": "p"}, Sunset="Fri, 01 Jan 2027 00:00:00 GMT"))
    ran = run(
        "import sys; from boomi_pulumi._api.client import Client\n"
        "from boomi_pulumi._api.models import PACKAGED_COMPONENT; from boomi_pulumi._api.settings import Settings\n"
        f"client = Client(Settings(account_id='acme-1', username='ann', token='t0ken', base_url={server.url!r}))\n"
        "sys.stderr.close()\n"
        "print(client.get(PACKAGED_COMPONENT, 'p').package_id)",
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"p\n", b"")
