"""The examples of the pages for contributors do what they say: each runs, and its assertions hold."""

from __future__ import annotations

import pytest

from tests.docs.pages import CONTRIBUTING, ROOT, Block, blocks

EXAMPLES = [block for block in blocks() if block.page in CONTRIBUTING]


def test_every_page_has_an_example_that_asserts_something() -> None:
    assert CONTRIBUTING
    assert {block.page for block in EXAMPLES if "assert " in block.text} == set(CONTRIBUTING)


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: block.name)
def test_an_example_holds(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(block.text, str(block.page), "exec", dont_inherit=True), {"__name__": block.name})  # noqa: S102 - it is our own page


def test_contributing_leads_to_every_page() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [page.name for page in CONTRIBUTING if f"(docs/contributing/{page.name})" not in text] == []
