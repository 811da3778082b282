from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.faults.account")

from boomi_pulumi.emulator import Emulator  # noqa: E402
from tests.faults.account import seed  # noqa: E402


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(seed(), rate_limit=0) as emulator:
        yield emulator
