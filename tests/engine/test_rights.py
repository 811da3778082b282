"""Wrong credentials and missing privileges, where only the engine shows what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boomi_pulumi.emulator import Emulator
from tests.engine.project import Project, seed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.engine

WRONG_TOKEN = "5ecre7-70ken-0f-n0b0dy"  # noqa: S105 - nobody's
MOST = 3
"""Refusals that one command may cost: Boomi locks a user out after six."""

FIFTY = """
    for n in range(25):
        boomi.PackagedComponent(f"p{{n}}", component_id="order-sync", package_version=f"{version}.{{n}}")
        boomi.DeployedPackage(f"d{{n}}", package_id="stock-feed-0.9", environment_id=f"{place}-{{n}}")
"""


def test_a_revoked_token_costs_no_more_than_three_refusals(tmp_path: Path) -> None:
    """A program of fifty resources, and every command: the user is not locked out."""
    document = seed()
    document["environments"] += [
        {"name": f"{place} {number}", "classification": "TEST", "id": f"{place}-{number}"}
        for number in range(25)
        for place in ("env", "far")
    ]
    with Emulator(document, rate_limit=0) as boomi:
        project = Project(tmp_path, boomi)
        project.tokens.add(WRONG_TOKEN)
        stack = project.stack(program=FIFTY.format(version=1, place="env"))
        stack.up()
        names, live = stack.names(), (project.packages(), project.running())
        stack.program(FIFTY.format(version=2, place="far"))
        for command, form in (
            (("preview",), 403),
            (("up", "--yes", "--skip-preview", "--continue-on-error"), 401),
            (("refresh", "--yes", "--skip-preview"), 400),
            (("destroy", "--yes", "--skip-preview", "--continue-on-error"), 403),
        ):
            boomi.clear_journal()
            boomi.settings(refusedLogin=form)
            # Without facts, an `up` would have every resource written.
            env = {"BOOMI_TOKEN": WRONG_TOKEN, "BOOMI_VALIDATE": str(command[0] != "up").lower()}
            seen = stack.run(*command, fails=True, env=env)
            statuses = [entry["status"] for entry in boomi.journal()]
            assert statuses == [form] * len(statuses), command
            assert 1 <= len(statuses) <= MOST, command
            assert [text for text in seen.errors() if "boomi:token is revoked, expired" in text], seen.output
        assert (stack.names(), (project.packages(), project.running())) == (names, live)
        project.no_token()
