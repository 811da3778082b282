"""Ctrl-C while something waits: the command ends at once, says so, and the next one goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from boomi_pulumi._api.login import PROVIDER
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.objects import PRIVILEGES
from tests.children import child
from tests.engine.project import Project, Stack, seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine

SECONDS = 100
"""Bound of a command. What it waits for would take longer: an hour of a release, minutes of a rate limit."""


def interrupted(stack: Stack, *command: str, when: Callable[[], bool]) -> str:
    """Run a command, press Ctrl-C once when something has come about, and return what a person read."""
    with child(
        ["pulumi", *command, "--non-interactive", "--color", "never"],
        cwd=stack.folder,
        env=stack.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        tick, ends = threading.Event(), time.monotonic() + SECONDS
        while not when():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < ends, "the moment to press Ctrl-C never came"
            tick.wait(0.02)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=SECONDS)
    sys.stdout.write(f"{command[0]} ended {time.monotonic() - began:.1f} s after Ctrl-C\n{output}")
    assert process.returncode != 0
    return output


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    content = seed()
    content["users"][0]["privileges"] = sorted(PRIVILEGES)
    content["packages"].append({"component": "Acme/Sales/Orders/Order Sync", "version": "0.9", "shareable": True})
    content["integrationPacks"] = [
        {
            "id": "orders",
            "name": "Orders",
            "members": [{"component": "Acme/Sales/Orders/Order Sync", "released": "0.9"}],
        }
    ]
    with Emulator(content, rate_limit=0) as boomi:
        made = Project(tmp_path, boomi)
        yield made
        made.no_token()


RELEASE = """
    package = boomi.PackagedComponent("sync", component_id="order-sync", package_version="1.0", shareable=True)
    boomi.ReleaseIntegrationPack("orders", integration_pack_id="orders", packages=[package], release_timeout=7200)
"""


@pytest.mark.core
def test_a_wait_for_a_release_ends_and_the_next_run_takes_it_up(project: Project) -> None:
    boomi, stack = project.boomi, project.stack(program=RELEASE)
    boomi.settings(releasePolls=-1)

    def asked() -> bool:
        return any(entry["object"] == "ReleaseIntegrationPackStatus" for entry in boomi.journal())

    output = interrupted(stack, "up", "--yes", "--skip-preview", when=asked)
    assert "Release of Orders is still in progress" in output
    stored = stack.resource("ReleaseIntegrationPack", "orders")["outputs"]
    assert stored["releaseStatus"] == "IN_PROGRESS"
    boomi.settings(releasePolls=0)
    boomi.clear_journal()
    stack.up()
    assert [entry["verb"] for entry in project.writes()] == []
    stack.laws()


MANY = """
    for number in range(12):
        package = boomi.PackagedComponent(f"p{number}", component_id="order-sync", package_version=f"2.{number}")
"""


def test_a_wait_for_the_rate_limit_ends_and_the_next_run_goes_on(project: Project) -> None:
    boomi, stack = project.boomi, project.stack(program=MANY, BOOMI_RATE_LIMIT="0.2")

    def made() -> bool:
        return "order-sync 2." in str(list(project.packages()))

    output = interrupted(stack, "up", "--yes", "--skip-preview", when=made)
    assert "the run was asked to stop before this was sent" in output
    there = {key for key in project.packages() if " 2." in key}
    assert len(there) < 12
    boomi.clear_journal()
    stack.env["BOOMI_RATE_LIMIT"] = "0"
    stack.up()
    assert len(project.writes()) == 12 - len(there)


@pytest.mark.parametrize("command", ["up", "refresh", "destroy"])
def test_a_retry_ends_and_the_next_run_goes_on(command: str, project: Project) -> None:
    # Without facts, so that it is the plugin that waits; the program's own waits are the next test.
    boomi, stack = project.boomi, project.stack(program=MANY, BOOMI_VALIDATE="false")
    if command != "up":
        stack.up()
    before = stack.names()
    boomi.faults({"kind": "503-before", "times": 10_000})
    boomi.clear_journal()
    output = interrupted(stack, command, "--yes", "--skip-preview", when=lambda: len(boomi.journal()) > 2)
    assert "Traceback" not in output
    boomi.faults()
    assert stack.names() == before
    stack.up()
    assert len(stack.names()) == 12


def test_a_look_up_of_the_program_ends(project: Project) -> None:
    boomi, stack = project.boomi, project.stack(program=MANY)
    boomi.faults({"kind": "503-before", "times": 10_000})
    interrupted(stack, "up", "--yes", "--skip-preview", when=lambda: len(boomi.journal()) > 0)
    boomi.faults()
    stack.up()


def test_answers_that_are_outstanding_are_looked_for_by_the_next_run(project: Project) -> None:
    boomi, stack = project.boomi, project.stack(program=MANY, BOOMI_TIMEOUT="9")
    boomi.faults({"kind": "stall", "object": "PackagedComponent", "verb": "create", "times": 100, "seconds": SECONDS})
    # The first goes alone, until Boomi has answered once; then as many as a provider may have under way.
    output = interrupted(
        stack, "up", "--yes", "--skip-preview", "--parallel", "8", when=lambda: boomi.fired()[0]["fired"] > PROVIDER
    )
    # Those, and the first, which waits for its last look.
    assert output.count("**creating failed** error: boomi_pulumi.ConnectionLost") == PROVIDER + 1
    assert "within 9 s" in output
    boomi.faults()
    made = {row["packageId"] for key, row in project.packages().items() if " 2." in key}
    stack.up()
    after = {row["packageId"] for key, row in project.packages().items() if " 2." in key}
    assert made <= after
    assert len(after) == 12
