"""Who may import whom, walked from the source; and what the package shows to the world."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import boomi_pulumi
from boomi_pulumi.emulator import Emulator

ROOT = Path(boomi_pulumi.__file__).parent

# module -> modules of this package that it may import, `resources` standing for all of its files.
# A module that imports itself is a package whose files import each other.
ALLOWED: dict[str, set[str]] = {
    "api": {"api"},
    "core": {"core", "api"},
    "kinds": {"kinds", "core", "api"},
    "sdk": set(),
    "plugin": {"api", "sdk"},
    "wire": {"core", "api", "sdk"},
    "provider": {"kinds", "core", "api", "plugin", "sdk", "wire"},
    "native": {"native", "kinds", "core", "api", "wire"},
    "accounts": {"api", "sdk"},
    "program": {"accounts", "sdk", "values", "provider", "core", "api"},
    "resources": {"resources", "program", "values", "kinds", "api"},
    "lookups": {"accounts", "values", "core", "api"},
    "values": {"core", "api"},
    "emulator": {"emulator"},
    "cli": {"cli", "native", "provider", "kinds", "core", "api", "emulator"},
    "__init__": {"accounts", "api", "lookups", "resources"},
}

# Files of a package, the lowest first: each may import those before it.
ORDER: dict[str, tuple[str, ...]] = {
    "api": (
        "late",
        "words",
        "say",
        "errors",
        "login",
        "route",
        "settings",
        "retry",
        "models",
        "refusals",
        "filters",
        "failures",
        "transport",
        "answers",
        "sender",
        "shared",
        "client",
    ),
    "core": (
        "finder",
        "finders",
        "fields",
        "marks",
        "history",
        "rules",
        "kind",
        "owners",
        "deployments",
        "looks",
        "facts",
        "leftovers",
        "writing",
        "places",
        "removing",
        "lifecycle",
        "adopting",
    ),
    "kinds": ("pack_state", "lines", "gate", "packaged_component", "deployed_package"),
    "resources": ("packaged_component",),
    "native": ("references", "log", "install", "functions", "schema", "account", "servicer"),
}

# library -> the only modules that may import it.
ONLY: dict[str, set[str]] = {
    "requests": {"api", "cli"},
    "urllib3": {"api"},
    "pulumi": {"accounts", "provider", "program", "sdk", "values", "lookups", "resources", "native"},
    "aiohttp": {"emulator"},
    "yaml": {"emulator", "cli"},
    "sqlite3": {"emulator"},
    "threading": {"accounts", "api", "core", "emulator", "cli"},
    "grpc": {"native"},
    "google": {"native", "sdk"},
    "os": {"api", "provider", "emulator", "cli", "native"},
    "click": {"cli"},
    "rich": {"cli"},
    "time": {"api"},
    "random": {"api"},
}

# Imports inside a function: requests costs time that a run without requests saves.
# Of the command line, so that it can say what to install where its extra is not.
LATE = {("api", "api"), ("cli", "cli")}


def module_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[tuple[str, bool]]:
    """Return the dotted names that a file imports, and whether inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {id(node) for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) for node in ast.walk(each)}
    found: set[tuple[str, bool]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(each.name, id(node) in late) for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            base = node.module or ""
            names = [f"{base}.{each.name}" for each in node.names] if base == "boomi_pulumi" else [base]
            found |= {(name, id(node) in late) for name in names}
    return found


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_one_way(path: Path) -> None:
    module = module_of(path)
    for name, late in imports_of(path):
        head, _, rest = name.partition(".")
        if head == "boomi_pulumi":
            inner = rest.split(".")[0]
            if inner not in {each.stem for each in ROOT.iterdir()}:
                inner = "__init__"
            assert inner in ALLOWED[module], f"{module} imports {inner}"
            assert not late or (module, inner) in LATE, f"{module} imports {inner} inside a function"
        else:
            assert module in ONLY.get(head, {module}), f"{module} imports {head}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_file_of_a_package_imports_one_above_it(path: Path) -> None:
    package, order = module_of(path), ORDER.get(module_of(path), ())
    if path.stem == "__init__" or package not in ORDER:
        return
    for name, _ in imports_of(path):
        parts = name.split(".")
        if parts[:2] == ["boomi_pulumi", package] and len(parts) > 2:
            below = order[: order.index(path.stem)] if path.stem in order else order
            assert parts[2] in below, f"{package}/{path.stem} imports {parts[2]}"


def test_every_module_has_its_rule() -> None:
    assert {module_of(path) for path in FILES} == set(ALLOWED)


def test_no_rule_is_idle() -> None:
    """What nobody imports any more need not be allowed."""
    used: dict[str, set[str]] = {module: set() for module in ALLOWED}
    libraries: dict[str, set[str]] = {name: set() for name in ONLY}
    for path in FILES:
        for name, _ in imports_of(path):
            head, _, rest = name.partition(".")
            if head == "boomi_pulumi":
                used[module_of(path)].add(rest.split(".")[0])
            elif head in libraries:
                libraries[head].add(module_of(path))
    assert {module: ALLOWED[module] - names for module, names in used.items() if ALLOWED[module] - names} == {}
    assert {name: ONLY[name] - found for name, found in libraries.items() if ONLY[name] - found} == {}


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "py.typed").is_file()


@pytest.mark.parametrize("path", [path for path in FILES if "emulator" not in path.parts])
def test_public_names_exist_and_are_sorted(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names = ast.literal_eval(node.value)
            assert len(set(names)) == len(names)
            return
    assert path.name == "__main__.py" or len(tree.body) == 1, f"{path.name} does not say what is public"


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
import boomi_pulumi, boomi_pulumi.api.client

assert set(threading.enumerate()) == before, "a thread was started"
assert asked == [], asked
assert boomi_pulumi.api.client._CLIENTS == {}
assert not [name for name in sys.modules if name.startswith("boomi_pulumi.emulator")]
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


MODELS = """
import boomi_pulumi
from boomi_pulumi.core.fields import Inputs
from boomi_pulumi.api.models import Record

def below(model):
    return [each for child in model.__subclasses__() for each in (child, *below(child))]

models = below(Inputs) + below(Record)
print(len(models) >= 18, [each.__name__ for each in models if each.__pydantic_complete__])
"""


def test_importing_the_package_builds_no_model() -> None:
    ran = subprocess.run([sys.executable, "-c", MODELS], check=True, capture_output=True, text=True)
    assert ran.stdout == "True []\n"


AT_ONCE = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from boomi_pulumi.api.client import client_for
from boomi_pulumi.api.models import ENVIRONMENT
from boomi_pulumi.api.settings import Settings

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

from boomi_pulumi.api.client import client_for
from boomi_pulumi.core.facts import Facts
from boomi_pulumi.api.models import PACKAGED_COMPONENT
from boomi_pulumi.api.settings import Settings

client = client_for(Settings.load(lambda name: None))

def said(ask):
    try:
        ask()
    except ImportError as error:
        return str(error).partition(";")[0]

async def fact():
    await asyncio.wait_for(Facts(client).component("c"), 60)

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
