"""What the extra `cli` installs is enough for every command, and what only the emulator needs is not missed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from boomi_pulumi.emulator import Emulator

WITHOUT = """
import json, sys

sys.modules["aiohttp"] = None  # as if it were not installed: an import of it fails

import click
from click.testing import CliRunner

from boomi_pulumi.cli.commands import cli


def helps(group, *above):
    for name, each in group.commands.items():
        yield [*above, name, "--help"]
        if isinstance(each, click.Group):
            yield from helps(each, *above, name)


done = {}
for words in [*helps(cli), *json.loads(sys.argv[1])]:
    ran = CliRunner().invoke(cli, words, catch_exceptions=False)
    done[" ".join(words)] = [ran.exit_code, ran.output]
print(json.dumps(done))
"""


def _without(code: str, *arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_command_works_without_aiohttp(boomi: Emulator, tmp_path: Path) -> None:
    preview = tmp_path / "preview.json"
    stack = {"op": "same", "urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"}
    preview.write_text(json.dumps({"steps": [stack]}), encoding="utf-8")
    commands = [["check"], ["report"], ["import", "--out", str(tmp_path / "shop")], ["review", str(preview)]]
    ran = _without(WITHOUT, json.dumps(commands), env={**boomi.env, "BOOMI_RATE_LIMIT": "0"})
    assert ran.stderr == ""
    done = json.loads(ran.stdout)
    assert {" ".join(words) for words in commands} | {"live --help", "plugin install --help"} <= set(done)
    assert {words: said for words, (status, said) in done.items() if status} == {}
    assert (tmp_path / "shop" / "__main__.py").is_file()


def test_the_emulator_says_which_extra_it_needs() -> None:
    code = (
        "import runpy, sys; sys.modules['aiohttp'] = None; "
        "runpy.run_module('boomi_pulumi.emulator', run_name='__main__', alter_sys=True)"
    )
    ran = _without(code, env={})
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "The emulator needs aiohttp: pip install 'boomi_pulumi[emulator]'\n"
