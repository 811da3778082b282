"""The report's page, in a real browser: filter, sort, what it asks of others, and how it prints."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from boomi_pulumi._api.models import ComponentMetadata, Environment
from boomi_pulumi.cli.comparison import Report, compare
from boomi_pulumi.cli.inventory import Inventory, Row
from boomi_pulumi.cli.report import page
from boomi_pulumi.cli.stacks import Declared, Stack
from tests.cli.test_report import HOSTILE, NEW, NOW, OLD, deployed
from tools import picture
from tools.browser import dom, out

pytestmark = pytest.mark.browser

SCRIPT = (Path(__file__).parent / "report_page.js").read_text(encoding="utf-8")


def report(name: str = "Zebra") -> Report:
    def row(id_: str, name: str, folder: str, **runs: tuple[Any, str]) -> Row:
        active = {
            at: [replace(deployed(package, at), component_id=id_, deployed_date=date)]
            for at, (package, date) in runs.items()
        }
        return Row(ComponentMetadata(component_id=id_, name=name, version=2), folder, active)

    rows = (
        row("a", "Orders", "Sales", dev=(NEW, "2026-05-03T00:00:00Z"), live=(OLD, "2026-05-01T00:00:00Z")),
        row("b", "Stock", "Warehouse", dev=(NEW, "2026-05-01T00:00:00Z"), live=(NEW, "2026-05-02T00:00:00Z")),
        row("c", name, "Warehouse", live=(NEW, "2026-05-02T00:00:00Z")),
        row("d", "Apples", "Sales", dev=(NEW, "2026-05-02T00:00:00Z")),
    )
    environments = (Environment(id="dev", name="Dev"), Environment(id="live", name="Live"))
    stack = Stack("shop/main", (Declared("shop/main", "n", "b", "live", "other", "0.9"),))
    return compare("acme", NOW, Inventory(environments, rows, ()), dict.fromkeys("abcd", NEW), [stack])


def written(folder: Path, body: str) -> Path:
    file = folder / "report.html"
    file.write_text(body, encoding="utf-8")
    return file


def test_it_filters_sorts_and_asks_nothing_of_anybody(tmp_path: Path) -> None:
    seen = json.loads(out(tmp_path / "report.html", page(report(HOSTILE)), SCRIPT))
    every = ["Orders", "Stock", HOSTILE, "Apples"]
    assert seen == {
        "first": [every, "4 of 4 components shown"],
        "found": [["Stock", HOSTILE], "2 of 4 components shown", "#find=ware+ann"],
        "only": [["Orders"], ["skew"], "#only=skew"],
        "either": ["Orders", "Stock"],
        "oldest": [["Stock", "Apples", "Orders", HOSTILE], [None, "ascending", None]],
        "newest": [["Orders", "Apples", "Stock", HOSTILE], [None, "descending", None]],
        "byName": [["Stock", "Orders", "Apples", HOSTILE], ["descending", None, None]],
        "dark": [True, "dark"],
        "light": True,
        "asked": [],
        "title": "What runs in acme",
        "heads": ["col", "col", "col"],
        "rows": True,
        "named": True,
        "broken": [],
    }


def test_an_address_shows_somebody_else_the_same(tmp_path: Path) -> None:
    shown = dom(written(tmp_path, page(report())), fragment="only=skew,drift&sort=-1")
    rows = re.findall(r'<tr data-k="[^"]*"( hidden="")?><th scope="row">(\w+)', shown)
    assert [name for hidden, name in rows if not hidden] == ["Stock", "Orders"]
    assert len(rows) == 4
    assert "2 of 4 components shown" in shown


def test_it_prints_across_the_page(tmp_path: Path) -> None:
    paper = tmp_path / "report.pdf"
    dom(written(tmp_path, page(report())), f"--print-to-pdf={paper}")
    sizes = re.findall(rb"/MediaBox *\[ *0 +0 +([\d.]+) +([\d.]+)", paper.read_bytes())
    assert sizes
    assert all(float(width) > float(height) for width, height in sizes)


def test_the_picture_in_the_docs_is_the_page_of_today() -> None:
    assert picture.FILE.read_text(encoding="utf-8") == picture.draw(), "run `make picture`"
