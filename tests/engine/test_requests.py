"""Requests are the cost: how many a run of n packages and n deployments may send, counted by the account."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from boomi_pulumi.emulator import Emulator
from tests.engine.project import PIPELINE, TOKENS, Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine

N = 50
MOVED = 5
PAGES = math.ceil(N / 50) + math.ceil(N / 100)

PROGRAM = """
    moved = {moved}
    for number in range({n}):
        component = f"c{{number}}"
        package = boomi.PackagedComponent(component, component_id=component, package_version="1.0")
        if component in moved:
            boomi.DeployedPackage(component, package_id=moved[component], environment_id="env")
        else:
            boomi.DeployedPackage(component, package=package, environment_id="env")
"""


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Project]:
    """An account with n components, and one environment in which people run 15 others."""
    others = [f"other{number}" for number in range(15)]
    seed = {
        "account": {"id": "acme-AB12CD", "name": "Acme"},
        "users": [
            {
                "name": PIPELINE,
                "token": TOKENS[PIPELINE],
                "privileges": ["API", "PACKAGE_MANAGEMENT", "DEPLOY", "ATOM_MANAGEMENT", "BUILD"],
            }
        ],
        "environments": [{"name": "Test", "classification": "TEST", "id": "env"}],
        "components": [{"name": name, "id": name} for name in [*(f"c{number}" for number in range(N)), *others]],
        "packages": [{"component": f"Acme/{name}", "version": "0.9"} for name in others],
        "deployments": [{"component": f"Acme/{name}", "package": "0.9", "environment": "Test"} for name in others],
    }
    with Emulator(seed, rate_limit=0) as boomi:
        made = Project(tmp_path, boomi)
        yield made
        made.no_token()


def test_requests_of_fifty_packages_and_deployments(crowd: Project) -> None:
    stack = crowd.stack(program=PROGRAM.format(n=N, moved={}), BOOMI_RATE_LIMIT="0")
    stack.up()
    assert len(crowd.boomi.journal()) <= 2 * N + PAGES + 6
    assert len(crowd.running()) == N + 15

    stack.preview(None, "--expect-no-changes")
    assert len(crowd.boomi.journal()) <= PAGES + 4

    stack.up(None, "--expect-no-changes")
    assert len(crowd.boomi.journal()) <= PAGES + 4

    stack.env["BOOMI_VALIDATE"] = "false"
    stack.preview(None, "--expect-no-changes")
    assert crowd.boomi.journal() == []
    del stack.env["BOOMI_VALIDATE"]

    stack.refresh("--expect-no-changes")
    assert len(crowd.boomi.journal()) <= N / 4 + 1 + 6

    moved = {
        f"c{number}": crowd.boomi.console_package(f"c{number}", packageVersion="2.0")["packageId"]
        for number in range(MOVED)
    }
    stack.up(PROGRAM.format(n=N, moved=moved))
    assert len(crowd.boomi.journal()) <= MOVED + PAGES + 6 + 1, "the last one tells what they bring"
    assert sorted(crowd.versions().values()).count("2.0") == MOVED

    crowd.boomi.clear_journal()
    stack.destroy()
    assert len(crowd.boomi.journal()) <= 2 * N + 6
    assert len(crowd.running()) == 15


def test_the_limit_of_the_account_is_kept(crowd: Project) -> None:
    """Boomi's ten a second, over the program and the plugin."""
    crowd.boomi.settings(rateLimit=10)
    stack = crowd.stack(program=PROGRAM.format(n=N, moved={}), BOOMI_RATE_LIMIT="10")
    stack.up()
    # On a machine that is busy otherwise, requests that left in time may arrive together; `make bench` counts none.
    assert sum(entry["status"] == 503 for entry in crowd.boomi.journal()) <= 2
    stack.env["BOOMI_RATE_LIMIT"] = "0"
    crowd.boomi.settings(rateLimit=0)


def test_half_the_limit_slows_a_run_down_and_fails_nothing(crowd: Project) -> None:
    crowd.boomi.settings(rateLimit=5)
    stack = crowd.stack(program=PROGRAM.format(n=12, moved={}), BOOMI_RATE_LIMIT="10")
    stack.up()
    assert 503 in {entry["status"] for entry in crowd.boomi.journal()}
    stack.env["BOOMI_RATE_LIMIT"] = "0"
    crowd.boomi.settings(rateLimit=0)
    assert sorted(slot for slot in crowd.running() if slot.startswith("c")) == sorted(f"c{n} env" for n in range(12))
    assert len([each for each in crowd.packages(alive=False) if each.startswith("c")]) == 12
