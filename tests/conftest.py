"""What must be said before any test module is imported."""

from __future__ import annotations

import os

import pytest

# Its asserts are part of the tests, whichever folder imports it first.
pytest.register_assert_rewrite("tests.engine.project")


def pytest_xdist_auto_num_workers() -> int:
    """Use more processes than cores: what runs the CLI waits for a third of its time."""
    return max(2, 3 * (os.cpu_count() or 1) // 2)
