"""What must be said before any test module is imported, and what a marked test needs."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator

import pytest

from boomi_pulumi._api import words
from tools.browser import program as browser

# Its asserts are part of the tests, whichever folder imports it first.
pytest.register_assert_rewrite("tests.engine.project")

# A suite that a script starts in the background begins with SIGINT ignored, and so would all that it starts. What a
# test interrupts must end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONGER = {"engine": 300, "browser": 300, "node": 1800}
"""Seconds of a test with a mark: each command of the CLI may take two minutes, one of npm or Go ten."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests with such a mark their own bound, unless they name one."""
    for item in items:
        marks = [LONGER[mark.name] for mark in item.iter_markers() if mark.name in LONGER]
        if marks and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(max(marks)))


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
    for text in before._texts:
        words._KEPT.add(text)
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
