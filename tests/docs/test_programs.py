"""Every program that a reader can copy runs: previewed, brought up, unchanged, destroyed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from boomi_pulumi.emulator import Emulator
from tests.docs.pages import Block, blocks, examples
from tests.engine.project import Project

pytestmark = pytest.mark.engine

PROGRAMS = [block for block in blocks() if block.is_program and not block.is_promotion]


def _live_through(folder: Path, program: Path) -> None:
    with Emulator(rate_limit=0) as boomi:
        project = Project(folder, boomi, tokens={boomi.token})
        stack = project.stack()
        shutil.copy(program, stack.folder / "__main__.py")
        before = (project.packages(), project.running())

        seen = stack.preview()
        assert (project.packages(), project.running()) == before
        stack.run("up", "--yes", "--skip-preview")
        made = seen.steps
        assert ("create PackagedComponent order-sync" in made) == (project.packages().keys() != before[0].keys())
        assert ("create DeployedPackage order-sync" in made) == (project.running().keys() != before[1].keys())
        stack.preview(None, "--refresh", "--expect-no-changes")
        stack.run("destroy", "--yes", "--skip-preview")

        assert stack.names() == set()
        assert project.running() == before[1]
        assert before[0].items() <= project.packages().items()
        project.no_token()


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: block.name)
def test_a_program_of_a_page_runs(block: Block, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(block.text, encoding="utf-8")
    _live_through(tmp_path, program)


@pytest.mark.parametrize("folder", examples(), ids=lambda folder: folder.name)
def test_an_example_runs(folder: Path, tmp_path: Path) -> None:
    _live_through(tmp_path, folder / "__main__.py")
