from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from boomi_pulumi.cli.commands import cli
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import seed

Run = Callable[..., Result]


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(seed(), rate_limit=0) as emulator:
        yield emulator


@pytest.fixture
def run(boomi: Emulator) -> Run:
    """Run `boomi-pulumi` on the emulated account; further variables are given by keyword."""

    def command(*arguments: str, **env: str | None) -> Result:
        given = {**boomi.env, "BOOMI_RATE_LIMIT": "0", **env}
        return CliRunner().invoke(cli, arguments, env=given, catch_exceptions=False)

    return command
