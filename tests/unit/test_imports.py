"""What importing the package does and loads, and what it shows to the world."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import boomi_pulumi
from boomi_pulumi.emulator import Emulator

ROOT = Path(boomi_pulumi.__file__).parent


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "py.typed").is_file()


def test_the_public_names() -> None:
    """A name may be added; one that is taken away breaks somebody's program."""
    assert set(boomi_pulumi.__all__) >= {
        "COMPONENT_TYPES", "Ambiguous", "BadAnswer", "BadRequest", "BoomiDeprecationWarning", "BoomiError",
        "Conflict", "ConnectionLost", "DeployedPackage", "EndpointGone", "EndpointNotFound", "Filter", "FilterError",
        "Forbidden", "NotFound", "PackagedComponent", "RequestError", "SettingsError", "TooManyRequests",
        "Unauthorized", "Unavailable", "UnexpectedStatus", "UnknownOutcome", "Unreachable", "get_component",
        "get_component_output", "get_deployed_package", "get_deployed_package_output", "get_environment",
        "get_environment_output", "get_packaged_component", "get_packaged_component_output", "query", "where",
        "ComponentMetadata", "ConnectorVersionChange", "ReleaseIntegrationPack", "get_integration_pack",
        "get_integration_pack_output", "get_release_status", "get_release_status_output",
        "get_executions", "get_executions_output", "get_process_schedules", "get_process_schedules_output",
        "get_runtime", "get_runtime_output", "get_runtimes", "get_runtimes_output",
    }  # fmt: skip
    assert all(hasattr(boomi_pulumi, name) for name in boomi_pulumi.__all__)


QUIET = """
import socket, sys, threading

def used(*_):
    raise SystemExit("the network was used")

asked = []
sys.addaudithook(lambda event, args: asked.append(event) if event.startswith("socket.") else None)

import pulumi, requests
before, asked[:] = set(threading.enumerate()), []
import boomi_pulumi, boomi_pulumi._api.client

assert set(threading.enumerate()) == before, "a thread was started"
assert asked == [], asked
assert not [name for name in sys.modules if name.startswith(("boomi_pulumi.emulator", "boomi_pulumi.testing"))]
assert not [name for name in ("aiohttp", "click", "rich") if name in sys.modules]
print("quiet")
"""


def test_importing_the_package_does_nothing_else(tmp_path: Path) -> None:
    """No thread, no socket, no setting: a wrong one in the environment harms nobody yet."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", QUIET],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"BOOMI_BASE_URL": "nonsense", "BOOMI_TIMEOUT": "nonsense"},
    )
    assert (ran.stdout, ran.stderr) == ("quiet\n", "")


def test_importing_the_package_loads_nothing_that_only_some_runs_need() -> None:
    """Every command of Pulumi's imports it twice, in the program and in the plugin."""
    late = ("requests", "urllib3", "charset_normalizer", "aiohttp", "yaml", "rich", "sqlite3")
    code = (
        "import sys, pulumi; before = set(sys.modules); import boomi_pulumi; "
        f"print(sorted({set(late)!r} & set(sys.modules) - before))"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "[]"


def test_importing_the_package_builds_no_record_but_the_parts_of_others() -> None:
    """Pydantic takes milliseconds for each, and a run needs few of them."""
    code = (
        "import boomi_pulumi; from boomi_pulumi._api.models import Record; "
        "print(*sorted(each.__name__ for each in Record.__subclasses__() if '__pydantic_fields__' in vars(each)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.split() == ["PackMember", "ReleasedVersion", "User"]


AT_ONCE = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from boomi_pulumi._api.client import client_for
from boomi_pulumi._api.models import ENVIRONMENT
from boomi_pulumi._api.settings import Settings

assert "requests" not in sys.modules
start = Barrier(16)

def look(_):
    start.wait()
    return [row.id for row in client_for(Settings.load(lambda name: None)).query(ENVIRONMENT)]

with ThreadPoolExecutor(16) as pool:
    answers = list(pool.map(look, range(16)))
assert "requests" in sys.modules
print(len(answers[0]) > 0, all(each == answers[0] for each in answers))
"""


def test_the_first_requests_may_come_at_the_same_time(boomi: Emulator) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", AT_ONCE], check=False, capture_output=True, text=True, env=os.environ | boomi.env
    )
    assert (ran.stdout, ran.stderr) == ("True True\n", "")


UNUSABLE = """
import asyncio, sys, traceback

sys.modules["requests"] = None

from boomi_pulumi._api.client import client_for
from boomi_pulumi._reads.account import Account
from boomi_pulumi._api.models import PACKAGED_COMPONENT
from boomi_pulumi._api.settings import Settings

client = client_for(Settings.load(lambda name: None))

def said(ask):
    try:
        ask()
    except ImportError as error:
        return str(error).partition(";")[0]

async def fact():
    await asyncio.wait_for(Account(client).component("c"), 60)

for ask in (
    lambda: client.get(PACKAGED_COMPONENT, "p"),
    lambda: client.read(PACKAGED_COMPONENT, "p"),
    lambda: client.read(PACKAGED_COMPONENT, "p"),
    lambda: client.create(PACKAGED_COMPONENT, {}, "Packaging it"),
    lambda: asyncio.run(fact()),
):
    assert said(ask) == "import of requests halted", said(ask)
print("all told")
"""


def test_where_requests_cannot_be_imported_everybody_is_told(boomi: Emulator) -> None:
    """Some releases of it refuse some releases of OpenSSL, and nobody may wait for ever because of that."""
    ran = subprocess.run(
        [sys.executable, "-c", UNUSABLE], check=False, capture_output=True, text=True, env=os.environ | boomi.env
    )
    assert (ran.stdout, ran.stderr) == ("all told\n", "")
    assert boomi.journal() == []
