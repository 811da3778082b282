"""A release in YAML on the real engine: a run that must pass, a gate by runs, schedules and a paused listener."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.objects import PRIVILEGES
from boomi_pulumi.native.install import install, release
from tests.engine.project import Project, seed
from tests.engine.test_native import written

pytestmark = pytest.mark.engine

YAML = """\
  smoke:
    type: boomi:index:ExecutionRequest
    properties: {{processId: order-sync, atomId: test-1, packageId: "order-sync-{version}"}}
  production:
    type: boomi:index:DeployedPackage
    properties:
      packageId: "order-sync-{version}"
      environmentId: env-production
      promotedFromId: env-test
      promotedRuns: 1
    options: {{dependsOn: ["${{smoke}}"]}}
  times:
    type: boomi:index:ProcessSchedules
    properties:
      processId: "${{production.componentId}}"
      atomId: prod-1
      schedules: [{{minutes: 0-59/15, daysOfWeek: mon-fri}}]
      enabled: false
  inbox:
    type: boomi:index:ListenerStatus
    properties: {{processId: inbox, atomId: prod-1, status: paused}}
    options: {{dependsOn: ["${{times}}"]}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Project]:
    document: dict[str, Any] = seed()
    document["users"][0]["privileges"] = sorted(PRIVILEGES)
    document["components"].append({"name": "Inbox", "id": "inbox", "listener": "jms"})
    document["packages"] += [
        {"component": "Acme/Sales/Orders/Order Sync", "version": "1.0", "revision": 1, "id": "order-sync-1.0"},
        {"component": "Acme/Inbox", "version": "1.0", "revision": 1, "id": "inbox-1.0"},
    ]
    document["deployments"] += [
        {"component": "Acme/Sales/Orders/Order Sync", "package": "1.0", "environment": "Test"},
        {"component": "Acme/Inbox", "package": "1.0", "environment": "Production"},
    ]
    document["runtimes"] = [
        {"name": "test-1", "id": "test-1", "attachedTo": ["Test"]},
        {"name": "prod-1", "id": "prod-1", "attachedTo": ["Production"]},
    ]
    with Emulator(document, rate_limit=0) as boomi:
        made = Project(tmp_path, boomi)
        yield made
        made.no_token()


def asked(shop: Project) -> list[tuple[str, str]]:
    """Return what was written, in order."""
    return [(each["object"], each["verb"]) for each in shop.boomi.journal() if each["committed"]]


def test_a_release_is_brought_up_stays_quiet_and_goes(shop: Project, tmp_path: Path) -> None:
    install(release(), str(tmp_path / "plugin"))
    stack = shop.stack()
    written(stack, YAML, "1.0")
    refused = stack.preview(fails=True)
    assert refused.says("promotedFromId", "no run of it is recorded in Test")

    shop.boomi.run("order-sync", "test-1", type="exec_sched")
    stack.up()
    assert asked(shop) == [
        ("ExecutionRequest", "create"),
        ("DeployedPackage", "create"),
        ("ProcessSchedules", "update"),
        ("ProcessScheduleStatus", "update"),
        ("changeListenerStatus", "create"),
    ]
    assert stack.resource("ExecutionRequest", "smoke")["outputs"]["status"] == "COMPLETE"
    gate = stack.resource("DeployedPackage", "production")["outputs"]["gate"]
    assert gate.startswith("open: active in Test"), gate
    stack.preview(None, "--expect-no-changes")
    stack.refresh("--expect-no-changes")

    shop.boomi.clear_journal()
    gone = stack.destroy()
    assert gone.says("Inbox on prod-1: it stays paused")
    assert asked(shop) == [("ProcessSchedules", "update"), ("DeployedPackage", "delete")]
    assert stack.names() == set()
