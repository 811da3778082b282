"""The page about a real account shows what the commands print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from boomi_pulumi.cli.commands import cli
from boomi_pulumi.emulator import Emulator
from tests.docs.pages import README, ROOT

PAGE = ROOT / "docs" / "real-account.md"


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(rate_limit=0) as emulator:
        sandbox = emulator.create_component("Kit Sandbox")
        emulator.save_revision(sandbox["componentId"])
        emulator.store.console("create", "Environment", by="ann@acme.example", name="Sandbox", classification="TEST")
        yield emulator


def _run(boomi: Emulator, *arguments: str, **env: str) -> Result:
    (user,) = (row for row in boomi.store.objects("User") if row["name"] == "release@acme.example")
    given = {**boomi.env, "BOOMI_USERNAME": user["name"], "BOOMI_TOKEN": user["token"], **env}
    return CliRunner().invoke(cli, arguments, env=given, catch_exceptions=False)


def _shown(text: str, boomi: Emulator) -> str:
    """Return an output as the page has it: of Boomi's own host, and without what differs from run to run."""
    text = text.replace(boomi.base_url, "https://api.boomi.com")
    text = re.sub(r"boomi-pulumi-live-\d{8}-\d{6}", "boomi-pulumi-live-20270301-093000", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "0badc0de-0000-4000-8000-000000000000", text)
    lines = (f"    {line}".rstrip() for line in text.rstrip().splitlines())
    return "\n".join(lines) + "\n"


def _has(name: str, shown: str) -> None:
    """Expect an output below its mark in the page."""
    page = PAGE.read_text(encoding="utf-8")
    assert f"<!-- {name} -->\n\n{shown}" in page, f"the page must show:\n{shown}"


def test_the_page_shows_what_check_prints(boomi: Emulator) -> None:
    _has("check", _shown(_run(boomi, "check").stdout, boomi))
    _has("wrong", _shown(_run(boomi, "check", BOOMI_TOKEN="wrong").stderr, boomi))  # noqa: S106


def test_the_page_shows_what_live_prints(boomi: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = _run(
        boomi, "live", "--component", "Kit Sandbox", "--environment", "Sandbox", "--confirm", "Sandbox",
        BOOMI_RATE_LIMIT="0",
    )  # fmt: skip
    _has("plan", _shown(done.stderr, boomi))
    _has("live", _shown(done.stdout, boomi))


def test_the_readme_says_that_nothing_was_checked_how_to_check_and_where_to_report() -> None:
    """The sentence goes when somebody checked, and not before."""
    (said,) = (
        each for each in README.read_text(encoding="utf-8").split("\n- ") if "checked against a live account" in each
    )
    for part in (
        "Nothing was",
        "boomi-pulumi check",
        "boomi-pulumi live",
        "docs/real-account.md",
        "Report what differs",
    ):
        assert part in said
