from __future__ import annotations

from collections.abc import Iterator

import pytest

from boomi_pulumi.emulator import Emulator
from tests.conformance.account import seed
from tests.driver import Driver


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(seed(), rate_limit=0) as emulator:
        yield emulator


@pytest.fixture
def driver(boomi: Emulator) -> Iterator[Driver]:
    with Driver(boomi.env) as engine:
        yield engine
