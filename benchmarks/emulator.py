"""How many requests a second the emulator answers when an account is nearly empty, and when it is full.

Two accounts are served by a process each, with a data file and without a limit. Rounds alternate between them, so that
a slow minute of the machine is in both, and each round begins with the same content.
"""

from __future__ import annotations

import base64
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

SIZES = (100, 6_000)
BOUND = 0.8
"""The full account's share of the nearly empty one's throughput, at the least."""

COMPONENTS, ENVIRONMENTS = 50, 20
ROUNDS, CLIENTS, REQUESTS = 8, 4, 400
PRIVILEGES = ["API", "PACKAGE_MANAGEMENT", "DEPLOY", "ATOM_MANAGEMENT", "BUILD"]


def content(packages: int) -> dict[str, Any]:
    """Return a seed with so many packages, and a deployment for each seventh."""
    owners = [f"Bench/c{number % COMPONENTS}" for number in range(packages)]
    versions = [f"v{number}" for number in range(packages)]
    return {
        "account": {"id": "bench-AB12CD", "name": "Bench"},
        "users": [{"name": "bench@acme.example", "token": "bench-token", "privileges": PRIVILEGES}],
        "settings": {"rateLimit": 0},
        "environments": [{"name": f"e{number}", "id": f"e{number}"} for number in range(ENVIRONMENTS)],
        "components": [{"name": f"c{number}", "id": f"c{number}"} for number in range(COMPONENTS)],
        "packages": [
            {"component": owner, "version": version, "id": f"p{number}"}
            for number, (owner, version) in enumerate(zip(owners, versions, strict=True))
        ],
        "deployments": [
            {"component": owners[number], "package": versions[number], "environment": f"e{number % ENVIRONMENTS}"}
            for number in range(0, packages, 7)
        ],
    }


@contextmanager
def serving(packages: int, folder: Path) -> Iterator[str]:
    """Serve an account of this size from a process of its own; yield host and port."""
    seed = folder / f"seed-{packages}.yaml"
    seed.write_text(yaml.safe_dump(content(packages)), encoding="utf-8")
    command: list[str | Path] = [sys.executable, "-m", "boomi_pulumi.emulator", "--port", "0", "--seed", seed]
    with subprocess.Popen(
        [*command, "--data", folder / f"{packages}.db"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield urlsplit(line.strip().partition("=")[2]).netloc
        finally:
            process.terminate()


class Client:
    """One connection that does what deployment scripts do: package, look, deploy, look again, delete."""

    def __init__(self, address: str, number: int) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=60)
        token = base64.b64encode(b"BOOMI_TOKEN.bench@acme.example:bench-token").decode()
        self._headers = {
            "Authorization": f"Basic {token}",
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        self._number = number

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request; every one must succeed."""
        data = None if body is None else json.dumps(body)
        self._connection.request(method, f"/api/rest/v1/bench-AB12CD/{path}", data, self._headers)
        answer = self._connection.getresponse()
        raw = answer.read()
        if answer.status != http.client.OK:
            raise SystemExit(f"{method} {path}: {answer.status} {raw.decode()}")
        return json.loads(raw) if raw else None

    def find(self, kind: str, **equal: str) -> Any:
        """Query by what is known."""
        nested = [{"operator": "EQUALS", "property": name, "argument": [value]} for name, value in equal.items()]
        body = {"QueryFilter": {"expression": {"operator": "and", "nestedExpression": nested}}}
        return self.ask("POST", f"{kind}/query", body)

    def run(self, requests: int) -> None:
        """Send so many requests."""
        for turn in range(requests // 8):
            component = f"c{(self._number * 11 + turn) % COMPONENTS}"
            environment = f"e{(self._number * 5 + turn) % ENVIRONMENTS}"
            made = self.ask("POST", "PackagedComponent", {"componentId": component})
            self.find("PackagedComponent", packageId=made["packageId"])
            self.ask("GET", f"PackagedComponent/p{turn}")
            deployed = self.ask(
                "POST", "DeployedPackage", {"packageId": made["packageId"], "environmentId": environment}
            )
            self.find("DeployedPackage", environmentId=environment, componentId=component, active="true")
            self.ask("GET", f"DeployedPackage/{deployed['deploymentId']}")
            spare = self.ask(
                "POST", "PackagedComponent", {"componentId": component, "packageVersion": made["packageId"]}
            )
            self.ask("DELETE", f"PackagedComponent/{spare['packageId']}")


def throughput(address: str) -> float:
    """Return requests a second over all clients, from the content of the seed on."""
    reset = http.client.HTTPConnection(address, timeout=60)
    reset.request("POST", "/_emulator/reset")
    reset.getresponse().read()
    reset.close()
    clients = [Client(address, number) for number in range(CLIENTS)]
    threads = [threading.Thread(target=client.run, args=(REQUESTS,)) for client in clients]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return CLIENTS * (REQUESTS // 8 * 8) / (time.monotonic() - began)


def measure(tell: Callable[[str], None]) -> dict[str, Any]:
    """Measure both accounts in turn; `share` is the full one's throughput, divided by the other's."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="boomi-bench-")))
        addresses = [stack.enter_context(serving(size, folder)) for size in SIZES]
        for address in addresses:
            throughput(address)  # the first one warms up
        rates: list[list[float]] = [[] for _ in SIZES]
        for number in range(ROUNDS):
            for found, address in zip(rates, addresses, strict=True):
                found.append(throughput(address))
            tell(f"round {number + 1} of {ROUNDS}: " + ", ".join(f"{found[-1]:.0f}/s" for found in rates))
    shares = [full / empty for empty, full in zip(*rates, strict=True)]
    return {
        "packages": list(SIZES),
        "requests_per_second": [round(statistics.median(found)) for found in rates],
        "share": round(statistics.median(shares), 2),
        "share_spread": [round(min(shares), 2), round(max(shares), 2)],
        "rounds": ROUNDS,
    }
