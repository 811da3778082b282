"""An engine that is killed in the middle of a request: the next run puts it right, after one command at the most."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.project import Project, Stack

pytestmark = pytest.mark.engine

PROGRAM = """
    package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0")
    boomi.DeployedPackage("order-sync", package=package, environment_id="env-dev")
    boomi.PackagedComponent("numbered", component_id="stock-feed")
"""
SECONDS = 60


def killed(stack: Stack, command: str, fault: dict[str, object]) -> None:
    """Start a command and kill it, plugin and program included, while Boomi withholds an answer.

    One step at a time: the engine overwrites a state file in place, and one that is cut off in that is Pulumi's own
    loss.
    """
    boomi = stack.project.boomi
    boomi.faults({"kind": "stall", "seconds": SECONDS, **fault})
    stack.standing = True
    with subprocess.Popen(
        ["pulumi", command, "--yes", "--skip-preview", "--parallel", "1", "--non-interactive", "--color", "never"],
        cwd=stack.folder,
        env=stack.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        ends = time.monotonic() + SECONDS
        tick = threading.Event()
        while not boomi.fired()[0]["fired"]:
            assert process.poll() is None, "it ended before the request that was to be struck"
            assert time.monotonic() < ends, "the request that was to be struck never came"
            tick.wait(0.02)
        while left := _session(process.pid):
            assert time.monotonic() < ends, "a process of the command cannot be killed"
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.poll()
            tick.wait(0.02)
    boomi.faults()


def _session(leader: int) -> list[int]:
    """Tell the processes that a command started; the engine gives its plugins groups of their own, not sessions."""
    found = subprocess.run(["ps", "-e", "-o", "pid=,sid=,stat="], check=True, capture_output=True, text=True)
    rows = (line.split() for line in found.stdout.splitlines())
    return [int(pid) for pid, session, state in rows if int(session) == leader and not state.startswith("Z")]


@pytest.mark.parametrize(
    "fault",
    [
        {"object": "ComponentMetadata"},
        {"object": "PackagedComponent", "verb": "create"},
        {"object": "PackagedComponent", "verb": "create", "nth": 2},
        {"object": "DeployedPackage", "verb": "create"},
    ],
    ids=["first look", "first package", "second package", "deployment"],
)
def test_an_up_that_was_killed_is_finished_by_the_next(fault: dict[str, object], project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    killed(stack, "up", fault)
    stack.run("cancel", "--yes")
    made = {row["packageId"] for row in project.packages().values()}
    deployed = {row["deploymentId"] for row in project.running().values()}
    stack.up(laws=False)
    # What the killed run made is what there is now.
    assert made <= {row["packageId"] for row in project.packages().values()}
    assert deployed <= {row["deploymentId"] for row in project.running().values()}
    assert set(project.packages()) == {"stock-feed 0.9", "order-sync 1.0", "stock-feed 1.0"}
    assert project.versions() == {"stock-feed production": "0.9", "order-sync dev": "1.0"}
    assert len(project.boomi.objects("DeployedPackage")) == 2
    stack.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    stack.laws()
    stack.destroy()
    assert set(project.packages()) == {"stock-feed 0.9"}


@pytest.mark.parametrize("object_", ["DeployedPackage", "PackagedComponent"])
def test_a_destroy_that_was_killed_is_finished_by_the_next(object_: str, project: Project) -> None:
    stack = project.stack(program=PROGRAM)
    stack.up(laws=False)
    killed(stack, "destroy", {"object": object_, "verb": "delete"})
    stack.run("cancel", "--yes")
    stack.destroy()
    assert stack.names() == set()
    assert set(project.packages()) == {"stock-feed 0.9"}
    assert project.versions() == {"stock-feed production": "0.9"}
