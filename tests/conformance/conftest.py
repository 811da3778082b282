from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.switches import read_settings
from tests.conformance.account import seed
from tests.driver import Driver
from tests.native_driver import NativeDriver


def account_settings() -> dict[str, Any]:
    """Return the switches that the laws run with: those of the file that BOOMI_EMULATOR_SETTINGS names, or none."""
    file = os.environ.get("BOOMI_EMULATOR_SETTINGS")
    return {**(read_settings(file) if file else {}), "rateLimit": 0}


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(seed(), **account_settings()) as emulator:
        yield emulator


DOORS: dict[str, type[Driver]] = {"dynamic": Driver, "native": NativeDriver}


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> type[Driver]:
    """The engine over each of the doors."""
    return DOORS[request.param]


@pytest.fixture
def driver(boomi: Emulator, door: type[Driver]) -> Iterator[Driver]:
    """An engine; what takes it runs over both doors, unless it is marked as `only_dynamic`."""
    with door(boomi.env) as engine:
        yield engine
