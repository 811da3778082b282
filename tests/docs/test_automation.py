"""The page about the Automation API: its script runs as it stands, and what it refuses is refused."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from boomi_pulumi.emulator import Emulator
from tests.docs.pages import blocks
from tests.engine.project import Project

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.engine

NORTH = "acmenorth-EF34GH"
(SCRIPT,) = [block for block in blocks() if block.is_script]

APART = """
import os, sys
from pulumi import automation as auto
import boomi_pulumi as boomi

there = {name: value for name, value in os.environ.items() if name.startswith("BOOMI_")}
os.environ["BOOMI_OVERRIDE_ACCOUNT"] = "acmenorth-EF34GH"

def program():
    component = boomi.get_component_output(name="Store Sync")
    boomi.PackagedComponent("package", component=component, package_version="2.0")

options = auto.LocalWorkspaceOptions(env_vars={**there, "BOOMI_OVERRIDE_ACCOUNT": ""})
stack = auto.create_or_select_stack(stack_name="apart", project_name="releases", program=program, opts=options)
try:
    stack.up()
except auto.CommandError as error:
    print(error)
"""


def _run(text: str, project: Project) -> str:
    """Run a script in a stack's folder, with its environment."""
    stack = project.stack("unused")
    script = project.folder / "script.py"
    script.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=project.folder,
        env=stack.env,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    assert "Traceback" not in output, output
    assert not any(secret in output for secret in project.secrets())
    return output


def _running(boomi: Emulator, account: str | None = None) -> set[tuple[str, str, str]]:
    """Tell what runs: environment, deployment and version."""
    names = {row["id"]: row["name"] for row in boomi.objects("Environment", account)}
    rows = [row for row in boomi.objects("DeployedPackage", account) if row["active"]]
    return {(names[row["environmentId"]], row["componentId"], row["packageVersion"]) for row in rows}


def test_the_script_of_the_page_brings_up_both_accounts(tmp_path: Path) -> None:
    with Emulator(rate_limit=0) as boomi:
        project = Project(tmp_path, boomi, tokens={boomi.token})
        before, before_north = _running(boomi), _running(boomi, NORTH)
        output = _run(SCRIPT.text, project)
        assert output.splitlines()[-2:] == ["acme: 2.0", "acme-north: 2.0"]
        (ours,), (theirs,) = _running(boomi) - before, _running(boomi, NORTH) - before_north
        assert (ours[0], ours[2]) == ("Test", "2.0")
        assert (theirs[0], theirs[2]) == ("North", "2.0")
        project.no_token()


def test_variables_of_a_workspace_do_not_part_program_and_provider(tmp_path: Path) -> None:
    with Emulator(rate_limit=0) as boomi:
        before = boomi.objects("PackagedComponent")
        output = _run(APART, Project(tmp_path, boomi, tokens={boomi.token}))
        account = boomi.env["BOOMI_ACCOUNT_ID"]
        told = (
            f"the program looks at account {account}/acmenorth-EF34GH at {boomi.base_url}, "
            f"and the provider acts on {account} at {boomi.base_url}. Nothing was changed."
        )
        assert told in " ".join(output.split())
        assert boomi.objects("PackagedComponent") == before
        assert not [entry for entry in boomi.journal() if entry["verb"] in {"create", "update", "delete"}]
