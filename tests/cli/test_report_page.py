"""The report's page, in a real browser: filter, sort, what it asks of others, and how it prints."""

from __future__ import annotations

import html
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
    return compare("acme", NOW, Inventory(environments, rows, ()), {each: [NEW] for each in "abcd"}, [stack])


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


LEAVE = """
const pre = Object.assign(document.createElement("pre"), { id: "out", textContent: JSON.stringify(seen) });
document.body.replaceChildren(pre);
"""
NARROW = """
addEventListener("load", () => {
  const page = document.querySelector("iframe").contentDocument, at = (each) => each.getBoundingClientRect();
  const cards = [...page.querySelectorAll(".kind")].map(at), scroll = page.querySelector(".scroll");
  const seen = { page: page.documentElement.scrollWidth, rows: new Set(cards.map((each) => each.top)).size,
    widths: new Set(cards.map((each) => Math.round(each.width))).size, table: at(page.querySelector("table")).top };
  scroll.scrollLeft = 10000;
  seen.scrolled = scroll.scrollLeft > 0;
  seen.name = at(page.querySelector("tbody th")).left >= 0;
  seen.box = scroll.scrollHeight <= scroll.clientHeight;
  LEAVE
});
"""


def test_at_400_pixels_the_table_begins_on_the_first_screen_and_names_stay_in_sight(tmp_path: Path) -> None:
    frame = '<iframe srcdoc="{}" style="width: 400px; height: 800px; border: 0"></iframe>'
    body = frame.format(html.escape(page(report("x" * 80))))
    seen = json.loads(
        out(tmp_path / "phone.html", f"<!doctype html><body>{body}</body>", NARROW.replace("LEAVE", LEAVE))
    )
    assert seen.pop("page") <= 400
    assert seen.pop("table") < 500
    assert seen == {"rows": 2, "widths": 1, "scrolled": True, "name": True, "box": True}


PAPER = """
const drawn = (each) => each.offsetHeight > 0;
const seen = { totals: [...document.querySelectorAll(".kind")].filter(drawn)
  .map((each) => each.querySelector("b").nextSibling.data + each.querySelector("b").textContent),
  tools: [...document.querySelectorAll("input, #theme, #shown")].filter(drawn).length,
  whole: getComputedStyle(document.querySelector(".scroll")).maxHeight };
LEAVE
"""


def test_paper_has_the_totals_and_nothing_to_press(tmp_path: Path) -> None:
    seen = json.loads(
        out(
            tmp_path / "paper.html",
            page(report()).replace("@media print", "@media screen"),
            PAPER.replace("LEAVE", LEAVE),
        )
    )
    assert seen == {"totals": ["drift1", "unowned2", "skew1", "stale1"], "tools": 0, "whole": "none"}


def test_it_prints_across_the_page(tmp_path: Path) -> None:
    paper = tmp_path / "report.pdf"
    dom(written(tmp_path, page(report())), f"--print-to-pdf={paper}")
    sizes = re.findall(rb"/MediaBox *\[ *0 +0 +([\d.]+) +([\d.]+)", paper.read_bytes())
    assert sizes
    assert all(float(width) > float(height) for width, height in sizes)


def test_the_picture_in_the_docs_is_the_page_of_today() -> None:
    assert picture.FILE.read_text(encoding="utf-8") == picture.draw(), "run `make picture`"
