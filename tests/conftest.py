"""What must be said before any test module is imported, and what a marked test needs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from boomi_pulumi.api import words
from tools.browser import program as browser

# Its asserts are part of the tests, whichever folder imports it first.
pytest.register_assert_rewrite("tests.engine.project")


@pytest.fixture(autouse=True, scope="module")
def _secrets_of_a_module() -> Iterator[None]:
    """Forget the secrets of a module's own fixtures: they would be cut from what other modules read."""
    yield from _forgetting()


@pytest.fixture(autouse=True)
def _secrets_of_a_test(_secrets_of_a_module: None) -> Iterator[None]:
    yield from _forgetting()


def _forgetting() -> Iterator[None]:
    before = words._KEPT
    words._KEPT = words._Kept()
    words._KEPT._texts |= before._texts
    words._KEPT.forms = before.forms
    yield
    words._KEPT = before


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
