"""What is not Boomi's own answer never ends a command of the command line well."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from boomi_pulumi.cli.commands import cli
from boomi_pulumi.emulator import Emulator

COMMANDS = {"report": ["report", "--json"], "import": ["import", "--out"], "check": ["check"]}

_TOLD = ["Branch", "Folder", "PublisherIntegrationPack", "ConnectorGroup", "EnvironmentExtensions", "UserRole", "Role"]
OPTIONAL = {"check": {None, *_TOLD}}
"""What `check` only tells of: it ends well where packages and deployments can be read."""


def _run(name: str, boomi: Emulator, folder: Path) -> Result:
    more = [str(folder)] if name == "import" else []
    return CliRunner().invoke(
        cli, [*COMMANDS[name], *more], env={**boomi.env, "BOOMI_RATE_LIMIT": "0"}, catch_exceptions=False
    )


@pytest.mark.parametrize("kind", ["page-before", "error-before", "short"])
@pytest.mark.parametrize("name", ["report", "import", "check"])
def test_every_answer_that_is_not_boomis_ends_a_command_with_an_error(name: str, kind: str, tmp_path: Path) -> None:
    with Emulator(rate_limit=0) as boomi:
        assert _run(name, boomi, tmp_path / "0").exit_code == 0
        asked = boomi.journal()
        believed = []
        for index, entry in enumerate(asked, 1):
            rows = entry["verb"] in {"query", "queryMore"} and name != "check"
            if entry["object"] in OPTIONAL.get(name, ()) or (kind == "short" and not rows):
                continue
            boomi.faults({"kind": kind, "index": index, "times": 1000})
            done = _run(name, boomi, tmp_path / str(index))
            assert "Traceback" not in done.output
            if done.exit_code == 0:
                believed.append((index, entry["object"], entry["verb"]))
        assert believed == []
