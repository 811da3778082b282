"""The page about moving resources: what it says was done, on the real engine, with nothing sent to Boomi."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from boomi_pulumi.emulator import Emulator
from tests.docs.pages import PAGES, ROOT, blocks
from tests.engine.project import Project, Stack

PAGE = ROOT / "docs" / "moving-resources.md"
RENAMED, MOVING = (block.text for block in blocks() if block.page == PAGE)
PLAIN = MOVING.replace(", opts=mover", "").replace("    opts=mover,\n", "").replace("mover = ", "# ")
RETAINED = MOVING.replace('provider=boomi.Provider("mover")', "retain_on_delete=True")
NOTHING = "import boomi_pulumi\n"
OTHER = '\nboomi.PackagedComponent("other", component=boomi.get_component(name="Store Sync"), package_version="9.0")\n'
OTHER = OTHER.replace('name="Store Sync"', 'name="Order Sync", type="process", folder="Sales/Orders"')


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Emulator(rate_limit=0) as boomi:
        yield Project(tmp_path, boomi, tokens={boomi.token})


def _up(stack: Stack, text: str) -> None:
    (stack.folder / "__main__.py").write_text(text, encoding="utf-8")
    stack.run("up", "--yes", "--skip-preview")


def _sent_nothing(project: Project) -> bool:
    return not [each for each in project.writes() if each["verb"] != "create" or each["status"] < 400]


def _adopted(stack: Stack) -> list[bool]:
    return [row["outputs"]["adopted"] for row in stack.state() if row["urn"].endswith("::order-sync")]


def _urns(stack: Stack) -> list[str]:
    return [row["urn"] for row in stack.state() if row["urn"].endswith("::order-sync")]


def _there(project: Project) -> tuple[set[str], set[str]]:
    return set(project.packages()), {row["deploymentId"] for row in project.running().values()}


@pytest.mark.engine
def test_resources_move_to_a_stack_with_other_settings_and_stay_owned(project: Project) -> None:
    before = _there(project)
    old, new = project.stack("a"), project.stack("b")
    for stack in (old, new):
        stack.run("config", "set", "promotion:color", stack.name)
    _up(old, PLAIN)
    _up(new, "import boomi_pulumi as boomi\n" + OTHER)
    made = _there(project)
    project.boomi.clear_journal()
    old.run("state", "move", "--source", "a", "--dest", "b", "--yes", *_urns(old), fails=True)
    _up(old, MOVING)
    old.run("state", "move", "--source", "a", "--dest", "b", "--yes", *_urns(old))
    _up(new, PLAIN + OTHER)
    _up(old, NOTHING)
    assert _there(project) == made
    assert _sent_nothing(project)
    assert _adopted(new) == [False, False]
    assert old.names() == set()
    new.run("destroy", "--yes", "--skip-preview")
    assert _there(project) == before


@pytest.mark.engine
def test_a_renamed_stack_of_a_renamed_project_owns_what_it_made(project: Project) -> None:
    before = _there(project)
    stack = project.stack("a")
    _up(stack, PLAIN)
    project.boomi.clear_journal()
    (stack.folder / "__main__.py").write_text(RENAMED, encoding="utf-8")
    stack.run("stack", "rename", "organization/releases/b")
    file = stack.folder / "Pulumi.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("name: promotion", "name: releases"), encoding="utf-8")
    stack.env["PULUMI_STACK"] = stack.name = "b"
    stack.project_name = "releases"
    stack.run("up", "--yes", "--skip-preview", "--expect-no-changes")
    assert project.writes() == []
    stack.run("destroy", "--yes", "--skip-preview")
    assert _there(project) == before


@pytest.mark.engine
def test_resources_are_handed_over_by_program_and_adopted_if_the_option_came_one_up_earlier(project: Project) -> None:
    newer, newer_retained = (text.replace('"2.0"', '"2.1"') for text in (PLAIN, RETAINED))
    old, new = project.stack("a"), project.stack("b")
    _up(old, PLAIN)
    first = _there(project)[0]
    _up(old, newer_retained)  # too late for the package that it replaces
    made = _there(project)
    assert len(first - made[0]) == 1
    project.boomi.clear_journal()
    _up(new, newer)
    _up(old, NOTHING)
    assert _there(project) == made
    assert _sent_nothing(project)
    assert _adopted(new) == [True, True]
    new.run("destroy", "--yes", "--skip-preview")
    assert _there(project) == made


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_who_advises_to_retain_says_when(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if "ecommend `retain_on_delete=True`" in text or "ive packages `retain_on_delete=True`" in text:
        assert "one `up` earlier" in " ".join(text.split())
