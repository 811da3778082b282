"""Record the state that this release writes: `python -m tests.recorded` makes tests/recorded/<version>.json.

A file holds the program, the account's content as the program left it, and the state. It is made once, before a
release, and never changed: `tests/engine/test_recorded.py` gives every file to today's code.
"""

from __future__ import annotations

import json
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.objects import PRIVILEGES
from tests.engine.project import PIPELINE, TOKENS, Project

ADDRESS = "https://api.boomi.example"
"""Stands in a file for the address of the emulator, which is part of what a state says of its account."""

PROGRAM = """
package = boomi.PackagedComponent(
    "sync",
    component_id="sync",
    package_version="2.0",
    branch_name="main",
    component_version=1,
    shareable=True,
    notes="ORD-981: returns",
    opts=ResourceOptions(protect=False, retain_on_delete=False),
)
numbered = boomi.PackagedComponent("feed", component_id="feed")
theirs = boomi.PackagedComponent("theirs", component_id="stock", package_version="1.0")
boomi.DeployedPackage("sync-test", package=package, environment_id="env-test", listener_status="PAUSED", notes="now")
boomi.DeployedPackage("theirs", package_id="stock-1.0", environment_id="env-production")
boomi.ReleaseIntegrationPack(
    "orders",
    integration_pack_id="orders",
    components=[{"component_id": "sync", "version": "1.1"}],
    release_timeout=60,
)
boomi.ConnectorVersionChange("till", classification_type="till-dev", version_id="3", release_notes="tills")
boomi.ComponentMetadata("api", component_id="api", name="Orders API", folder_id="folder-sales")
"""


def account(*, done: bool) -> dict[str, Any]:
    """Return the account before the program ran, or after it.

    What the program makes has fixed ids, so that a state can name them: it is there from the beginning with our mark,
    as after a run whose state was lost.
    """

    def ours(name: str) -> dict[str, Any]:
        return {"by": PIPELINE, "date": "2026-02-01T08:00:00Z", "notes": f"[pulumi promotion/dev/{name}]"}

    return {
        "account": {"id": "acme-AB12CD", "name": "Acme"},
        "users": [{"name": PIPELINE, "token": TOKENS[PIPELINE], "privileges": sorted(PRIVILEGES)}],
        "environments": [
            {"name": "Test", "classification": "TEST", "id": "env-test"},
            {"name": "Production", "classification": "PROD", "id": "env-production"},
        ],
        "folders": [{"path": "Acme/Sales", "id": "folder-sales"}],
        "components": [
            {"name": "Sync", "id": "sync", "revisions": 2},
            {"name": "Feed", "id": "feed"},
            {"name": "Stock", "id": "stock"},
            {"name": "Orders API" if done else "API", "id": "api", "type": "webservice"}
            | ({"folder": "Acme/Sales"} if done else {}),
        ],
        "packages": [
            *(
                {"component": "Acme/Sync", "version": each, "revision": 1, "shareable": True, "id": f"sync-{each}"}
                for each in ("1.0", "1.1")
            ),
            {"component": "Acme/Stock", "version": "1.0", "revision": 1, "id": "stock-1.0"},
            {"component": "Acme/Sync", "version": "2.0", "revision": 1, "shareable": True, "id": "sync-2.0"}
            | ours("sync")
            | {"notes": "ORD-981: returns\n\n[pulumi promotion/dev/sync]"},
            {"component": "Acme/Feed", "version": "1.0", "revision": 1, "id": "feed-1.0"} | ours("feed"),
        ],
        "deployments": [
            {"component": "Acme/Stock", "package": "1.0", "environment": "Production", "id": "stock-production"},
            {
                "component": "Acme/Sync",
                "package": "2.0",
                "environment": "Test",
                "listenerStatus": "PAUSED",
                "id": "sync-test",
            }
            | ours("sync-test")
            | {"notes": "now\n\n[pulumi promotion/dev/sync-test]"},
        ],
        "integrationPacks": [
            {
                "name": "Orders",
                "id": "orders",
                "installationType": "MULTI",
                "members": [{"component": "Acme/Sync", "released": "1.1" if done else "1.0"}],
            }
        ],
        "connectors": [
            {
                "groupType": "till",
                "groupName": "Till",
                "versions": 5,
                "classifications": [
                    {
                        "classification": "dev",
                        "displayName": "Till",
                        "visibility": "PRIVATE",
                        "version": "3" if done else "2",
                    }
                ],
            }
        ],
    }


def _plain(value: Any) -> Any:
    """Leave out of a state what tells of the machine and the moment."""
    if isinstance(value, dict):
        return {
            key: _plain(each) for key, each in value.items() if key not in {"created", "modified", "sourcePosition"}
        }
    return [_plain(each) for each in value] if isinstance(value, list) else value


def main() -> None:
    """Run the program and write the file."""
    with tempfile.TemporaryDirectory() as folder, Emulator(account(done=False), rate_limit=0) as boomi:
        project = Project(Path(folder), boomi)
        stack = project.stack(program=PROGRAM)
        stack.up()
        file = Path(folder) / "state.json"
        stack.run("stack", "export", "--file", str(file))
        text = file.read_text(encoding="utf-8").replace(boomi.base_url, ADDRESS)
        resources = json.loads(text)["deployment"]["resources"]
        content = {
            "program": PROGRAM.strip().splitlines(),
            "account": account(done=True),
            "state": {"version": 3, "deployment": {"resources": _plain(resources)}},
        }
        path = Path(__file__).with_name(f"{version('boomi_pulumi')}.json")
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
