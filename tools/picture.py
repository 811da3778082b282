"""Draw docs/report.svg: the report of the emulator's own account, as headless Chromium shows it.

The picture holds the page's own HTML and style, so it is text, and follows the reader's light or dark.

    python -m tools.picture
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from boomi_pulumi._api.client import Client
from boomi_pulumi.cli.account import Counter, connect
from boomi_pulumi.cli.comparison import Report, compare, look
from boomi_pulumi.cli.report import page
from boomi_pulumi.cli.stacks import Declared, Stack
from boomi_pulumi.emulator import Emulator
from tools.browser import out

__all__ = ["FILE", "draw"]

FILE = Path(__file__).parents[1] / "docs" / "report.svg"
_AT = datetime(2026, 11, 2, 9, 0, tzinfo=timezone.utc)
_SHOWN = ("Warehouse/*", "Sales/Orders/Order Export", "Sales/Orders/Payslip Notify", "Sales/Orders/Product Archive")
_UNOWNED = {2}
_SIZE = (1180, 880)

_SERIALIZE = """
document.querySelectorAll("script, h2, dl, #theme, .scroll:has(#values)").forEach((each) => each.remove());
const text = new XMLSerializer().serializeToString(document.body);
const style = new XMLSerializer().serializeToString(document.querySelector("style"));
document.body.replaceChildren(Object.assign(document.createElement("pre"), { id: "out", textContent: style + text }));
"""


def _declared(row: Mapping[str, Any], *, drifted: bool) -> Declared:
    package, version = ("before", "0.9") if drifted else (row["packageId"], row["packageVersion"])
    return Declared("shop/live", "n", row["componentId"], row["environmentId"], package, version)


def _report() -> Report:
    with Emulator(rate_limit=0) as boomi:
        client = connect(Counter(), Client, env=boomi.env)
        rows = [row for row in boomi.objects("DeployedPackage") if row["active"]]
        says = [_declared(row, drifted=at % 4 == 0) for at, row in enumerate(rows) if at % 5 not in _UNOWNED]
        found, newest = look(client, ["Dev", "Test", "Production"], _SHOWN, [], lambda _: None)
        client.close()
    return compare("acmecorp-AB12CD", _AT, found, newest, [Stack("shop/live", tuple(says))])


def draw() -> str:
    """Return the picture, as SVG; the same on every call."""
    width, height = _SIZE
    with tempfile.TemporaryDirectory() as folder:
        shown = out(Path(folder) / "report.html", page(_report()), _SERIALIZE)
    body = re.sub(r"(</tr>|</header>|</button>|</p>)", r"\1\n", shown)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n'
        "<title>What runs where: a table of components and environments</title>\n"
        f'<foreignObject width="{width}" height="{height}">\n{body}\n</foreignObject>\n</svg>\n'
    )


if __name__ == "__main__":
    try:
        FILE.write_text(draw(), encoding="utf-8")
    except FileNotFoundError as error:
        sys.exit(str(error))
    print(f"Written: {FILE}")
