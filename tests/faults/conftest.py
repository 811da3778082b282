from __future__ import annotations

from collections.abc import Iterator

import pytest

from boomi_pulumi.emulator import Emulator
from tests.faults.account import seed


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(seed(), rate_limit=0) as emulator:
        yield emulator
