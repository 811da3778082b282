"""One throw-away project and one account for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.project import Project, account

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Whatever a test leaves in it is thrown away; that no secret was told is checked."""
    with account() as boomi:
        made = Project(tmp_path, boomi)
        yield made
        made.no_token()
