"""Every program that a reader can copy runs: previewed, brought up, unchanged, destroyed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.retailer import default_seed
from tests.docs.pages import Block, blocks, examples, excerpts
from tests.engine.project import Project, Run

pytestmark = pytest.mark.engine

PROGRAMS = [block for block in blocks() if block.is_program and not block.is_promotion and not block.is_script]
SUBACCOUNTS = [each["account"]["id"] for each in default_seed()["subaccounts"]]


def _account(project: Project) -> dict[str, dict[str, Any]]:
    """Tell, of each kind, what its resources are there to change, in the account and its sub-accounts."""

    def rows(kind: str) -> list[dict[str, Any]]:
        return [row for account in (None, *SUBACCOUNTS) for row in project.boomi.objects(kind, account)]

    classifications = [each for row in rows("ConnectorGroup") for each in row["classifications"]]
    return {
        "PackagedComponent": {row["packageId"]: row for row in rows("PackagedComponent") if not row["deleted"]},
        "DeployedPackage": {row["deploymentId"]: row for row in rows("DeployedPackage") if row["active"]},
        "ReleaseIntegrationPack": {
            f"{row['id']} {each['componentId']}": (each["currentVersion"], each["pendingVersion"])
            for row in rows("PublisherIntegrationPack")
            for each in row["PublisherPackagedComponents"]["PublisherPackagedComponent"]
        },
        "ConnectorVersionChange": {
            each["classificationType"]: (each["version"], each.get("pendingVersion")) for each in classifications
        },
        "ComponentMetadata": {
            row["componentId"]: (row["name"], row["folderId"], row["deleted"])
            for row in sorted(rows("ComponentMetadata"), key=lambda row: int(row["version"]))
        },
    }


def _live_through(folder: Path, program: Path, *, preview: bool) -> Run:
    """Run a program from the first command to the last; return the first one, a preview or the `up` itself."""
    with Emulator(rate_limit=0) as boomi:
        project = Project(folder, boomi, tokens={boomi.token})
        stack = project.stack()
        shutil.copy(program, stack.folder / "__main__.py")
        before = _account(project)

        seen = stack.preview() if preview else None
        assert not preview or _account(project) == before
        done = stack.run("up", "--yes", "--skip-preview")
        seen = seen or done
        made = {step.split()[1] for step in seen.steps if step.startswith("create ")}
        after = _account(project)
        assert made == {kind for kind in before if after[kind] != before[kind]}
        stack.preview(None, "--refresh", "--expect-no-changes")
        stack.run("destroy", "--yes", "--skip-preview")

        assert stack.names() == set()
        assert _account(project)["DeployedPackage"] == before["DeployedPackage"]
        assert before["PackagedComponent"].items() <= _account(project)["PackagedComponent"].items()
        assert _account(project)["ReleaseIntegrationPack"] == after["ReleaseIntegrationPack"]
        assert _account(project)["ComponentMetadata"] == after["ComponentMetadata"]
        for connector, (version, pending) in _account(project)["ConnectorVersionChange"].items():
            assert version == after["ConnectorVersionChange"][connector][0]
            assert pending is None
        project.no_token()
        return seen


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: block.name)
def test_a_program_of_a_page_runs(block: Block, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(block.text, encoding="utf-8")
    shown = excerpts(block.page) if block.number == 1 else []
    seen = _live_through(tmp_path, program, preview=bool(shown))
    for lines in shown:
        assert seen.says(*lines), seen.output


@pytest.mark.parametrize("folder", examples(), ids=lambda folder: folder.name)
def test_an_example_runs(folder: Path, tmp_path: Path) -> None:
    _live_through(tmp_path, folder / "__main__.py", preview=False)
