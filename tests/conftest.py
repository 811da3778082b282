"""What must be said before any test module is imported."""

from __future__ import annotations

import pytest

# Its asserts are part of the tests, whichever folder imports it first.
pytest.register_assert_rewrite("tests.engine.project")
