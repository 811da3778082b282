"""The clients of other people: where they are put, how they are run, and what came of it."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from boomi_pulumi.emulator import Emulator
from tests.emulator.conftest import small_seed

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "emulator.md"
BEGIN, END = "<!-- clients: made by `make clients` -->\n", "<!-- clients end -->\n"
PACKAGES = 101
"""So many of an object that a query of all has a second page."""


@dataclass(frozen=True)
class Client:
    """One client in one version; `driver` is the program that uses it, `refused` are steps that Boomi refuses too."""

    name: str
    version: str
    driver: str
    refused: frozenset[str] = frozenset()

    @property
    def lock(self) -> Path:
        """The file with its version and hash."""
        return HERE / f"{self.name}-{self.version}.lock"


CLIENTS = (
    Client("boomi", "3.0.1", "sdk.py"),
    # It accepts JSON only, also of Component, which is XML.
    Client("boomi", "2.2.0", "sdk.py", frozenset({"Component bulk"})),
    Client("pyboomi-platform", "0.3.2", "platform_client.py"),
)


def install(client: Client) -> Path:
    """Put a client into a folder of its own, if it is not there; tell the folder.

    Two versions cannot share an environment, and what a client needs beside itself is in ours already.
    """
    folder = ROOT / ".tools" / "clients" / f"{client.name}-{client.version}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    done = folder / ".installed"
    with (folder.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text(encoding="utf-8") != client.lock.read_text(encoding="utf-8"):
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            subprocess.run([*pip, "--require-hashes", "--upgrade", "--target", folder, "-r", client.lock], check=True)
            done.write_text(client.lock.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


@cache
def steps(client: Client) -> dict[str, str]:
    """Return what a client does with a new account: the problem with each step, empty for none."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("BOOMI_", "PYTHON"))}
    env["PYTHONPATH"] = str(install(client))
    seed = small_seed()
    seed["components"].append({"name": "Spare"})
    seed["components"][0]["extensions"] = [
        {"path": "connections/Orders DB/host", "value": "db.example"},
        {"path": "connections/Orders DB/password", "encrypted": True},
        "processProperties/Order Settings/Warehouse",
        "properties/DPP_BATCH_SIZE",
        "crossReferences/Country Codes",
    ]
    seed["legacyDeployments"] = [{"component": "Acme/Orders/Sync", "environment": "Production"}]
    seed["runtimes"].append({"name": "Atom C", "attachedTo": ["Production"]})
    seed["components"].append({"name": "Inbox", "listener": "jms"})
    seed["packages"] = [{"component": "Acme/Inbox", "version": "1.0"}]
    seed["deployments"] = [{"component": "Acme/Inbox", "package": "1.0", "environment": "Production"}]
    with Emulator(seed, rate_limit=0, runPolls=0, listenerPolls=0) as boomi:
        rows = boomi.objects("ComponentMetadata")
        component = next(str(row["componentId"]) for row in rows if row["name"] == "Sync")
        environment = str(boomi.objects("Environment")[1]["id"])
        for number in range(PACKAGES):
            package = boomi.console_package(component, packageVersion=f"v{number}")
            boomi.console_deploy(environment, package["packageId"])
        ran = subprocess.run(
            [sys.executable, HERE / client.driver, boomi.base_url, boomi.account_id, boomi.username, boomi.token],
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    if ran.returncode:
        raise AssertionError(f"{client.name} {client.version}: {ran.stderr[-2000:]}")
    lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    found: dict[str, str] = {}
    for line in lines:
        found[line["step"]] = found.get(line["step"]) or line["problem"]
    return found


def table() -> str:
    """Return a table of clients and steps, as Markdown."""
    done = {client: steps(client) for client in CLIENTS}
    objects = sorted({step.partition(" ")[0] for found in done.values() for step in found})
    lines = [
        f"| Object | {' | '.join(f'{client.name} {client.version}' for client in CLIENTS)} |",
        "|---" * (len(CLIENTS) + 1) + "|",
    ]
    for name in objects:
        cells = [_cell(done[client], name) for client in CLIENTS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    totals = [f"{sum(not problem for problem in found.values())} of {len(found)}" for found in done.values()]
    lines.append(f"| steps that work | {' | '.join(totals)} |")
    return "\n".join(lines) + "\n"


def _cell(found: dict[str, str], name: str) -> str:
    mine = {step.partition(" ")[2]: problem for step, problem in found.items() if step.partition(" ")[0] == name}
    return ", ".join(f"**{act} fails**" if problem else act for act, problem in mine.items()) or "no"


def written(made: str) -> str:
    """Return the page with a table in its place."""
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    return f"{head}{BEGIN}{made}{END}{rest.partition(END)[2]}"
