"""State for ever: what a release wrote is read by today's code, and nothing changes by it."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from boomi_pulumi._kinds import KINDS
from boomi_pulumi.emulator import Emulator
from tests.engine.project import ROOT, Project
from tests.recorded.__main__ import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST = {
    *("PackagedComponent", "DeployedPackage", "ReleaseIntegrationPack", "ConnectorVersionChange"),
    "ComponentMetadata",
}
"""The kinds of every release so far; the next one writes a file that has the new ones as well."""

FILES = sorted((ROOT / "tests" / "recorded").glob("*.json"))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def recorded(request: pytest.FixtureRequest) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return content


@pytest.fixture
def project(recorded: dict[str, Any], tmp_path: Path) -> Iterator[Project]:
    with Emulator(recorded["account"], rate_limit=0) as boomi:
        made = Project(tmp_path, boomi)
        yield made
        made.no_token()


@pytest.mark.engine
def test_a_recorded_state_changes_nothing_and_is_destroyed(recorded: dict[str, Any], project: Project) -> None:
    stack = project.stack(program="\n".join(recorded["program"]))
    file = project.folder / "recorded.json"
    file.write_text(json.dumps(recorded["state"]).replace(ADDRESS, project.boomi.base_url), encoding="utf-8")
    stack.run("stack", "import", "--file", str(file))
    stack.preview(None, "--expect-no-changes")
    stack.refresh("--expect-no-changes")
    stack.preview(None, "--expect-no-changes")
    kept = {row["outputs"].get("__account") for row in stack.state() if "dynamic/boomi" in row["type"]}
    assert kept == {f"acme-AB12CD at {project.boomi.base_url}"}
    assert project.writes() == []
    stack.destroy()
    assert stack.names() == set()
    # What people made before stays; what the state says was adopted is theirs.
    assert set(project.packages()) == {"sync 1.0", "sync 1.1", "stock 1.0"}
    assert project.versions() == {"stock production": "1.0"}


def test_every_kind_of_that_release_is_recorded(recorded: dict[str, Any]) -> None:
    types = {row["type"] for row in recorded["state"]["deployment"]["resources"]}
    assert {f"pulumi-python:dynamic/boomi:{kind}" for kind in FIRST} <= types
    assert KINDS.keys() >= FIRST
    assert "5ecre7" not in json.dumps(recorded["state"])


def test_this_version_is_recorded() -> None:
    assert version("boomi_pulumi") in {path.stem for path in FILES}
