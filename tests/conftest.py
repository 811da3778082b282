"""What must be said before any test module is imported, and what a marked test needs."""

from __future__ import annotations

import shutil

import pytest

from tools.browser import program as browser

# Its asserts are part of the tests, whichever folder imports it first.
pytest.register_assert_rewrite("tests.engine.project")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say what a test of another language lacks."""
    if item.get_closest_marker("node"):
        for program, remedy in {
            "node": "install Node.js 18 or newer",
            "npm": "install it; it comes with Node.js",
            "go": "install Go",
            "pulumi-language-nodejs": "run `make test-node`",
        }.items():
            if shutil.which(program) is None:
                pytest.fail(f"{program} is not on PATH: {remedy}.", pytrace=False)
    if item.get_closest_marker("browser"):
        try:
            browser()
        except FileNotFoundError as error:
            pytest.fail(str(error), pytrace=False)
