"""The picture of docs/performance.md: requests of each kind of run, ours beside the script's, and how time grows.

python -m benchmarks.plot        writes docs/performance.svg from benchmarks/results.json
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment

from benchmarks.tables import RESULTS, SHOWN

PICTURE = Path(__file__).parents[1] / "docs" / "performance.svg"
WORKS = ("first up", "up, nothing to change", "refresh", "destroy")
WIDTH = 280
"""Pixels of the longest bar, and of the growth's axes."""

_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 {{ height }}" role="img" aria-labelledby="t d">
<title id="t">Requests and seconds of a run</title>
<desc id="d">{{ describe }}</desc>
<style>
text { font: 13px system-ui, sans-serif; fill: #24292f } .n { text-anchor: end } .h { font-weight: 600 }
.ours { fill: #0b7285; stroke: #0b7285 } .script { fill: #adb5bd } .engine { stroke: #868e96 } .axis { stroke: #868e96 }
polyline { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ours { fill: #3bc9db; stroke: #3bc9db } }
</style>
<text class="h" x="10" y="22">Requests of {{ n }} packages and {{ n }} deployments</text>
{% for bar in bars -%}
<text class="n" x="150" y="{{ bar.y + 13 }}">{{ bar.work }}</text>
<rect class="{{ bar.whose }}" x="160" y="{{ bar.y }}" width="{{ bar.width }}" height="17"/>
<text x="{{ 166 + bar.width }}" y="{{ bar.y + 13 }}">{{ bar.requests }}{{ " (script)" if bar.whose == "script" }}</text>
{% endfor -%}
<text class="h" x="570" y="22">Seconds of a first up, by packages</text>
<path class="axis" fill="none" d="M570 40V{{ base }}H860"/>
<polyline class="ours" style="fill:none" points="{{ points.ours }}"/>
<polyline class="engine" points="{{ points.nothing }}"/>
{% for mark in marks -%}
<text class="n" x="{{ mark.x + 6 }}" y="{{ base + 17 }}">{{ mark.n }}</text>
<text class="n" x="{{ mark.x - 4 }}" y="{{ mark.y - 6 }}">{{ mark.seconds }}</text>
{% endfor -%}
<text x="570" y="{{ base + 36 }}">upper line: ours; lower: the engine alone</text>
</svg>
"""


def picture(results: dict[str, Any]) -> str:
    """Return the picture as SVG.

    Args:
        results: What was measured, as in `benchmarks/results.json`.
    """
    rows = results[f"n={SHOWN}"]["rows"]
    shown = [
        (work, whose, rows[work][whose]["requests"])
        for work in WORKS
        for whose in ("ours", "script")
        if whose in rows[work]
    ]
    most = max(requests for _, _, requests in shown)
    bars = [
        {
            "work": work if whose == "ours" else "",
            "whose": whose,
            "requests": f"{requests:g}",
            "width": round(WIDTH * requests / most) + 1,
            "y": 36 + 24 * place,
        }
        for place, (work, whose, requests) in enumerate(shown)
    ]
    base = 36 + 24 * len(bars)
    growth = sorted((int(n), of["first up"]) for n, of in results["growth"].items())
    largest, longest = growth[-1][0], growth[-1][1]["ours"]["seconds"]

    def point(n: int, seconds: float) -> tuple[int, int]:
        return 570 + round(WIDTH * n / largest), base - round((base - 60) * seconds / longest)

    points = {
        whose: " ".join("{},{}".format(*point(n, of[whose]["seconds"])) for n, of in growth)
        for whose in ("ours", "nothing")
    }
    marks = [
        {"n": f"{n:,}", "seconds": f"{of['ours']['seconds']:.0f} s", "x": place[0], "y": place[1]}
        for n, of in growth[1:]
        for place in [point(n, of["ours"]["seconds"])]
    ]
    describe = "; ".join(f"{work}, {whose}: {requests:g} requests" for work, whose, requests in shown)
    template = Environment(autoescape=True, keep_trailing_newline=True).from_string(_SVG)
    return template.render(
        bars=bars, base=base, describe=describe, height=base + 50, marks=marks, n=SHOWN, points=points
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(json.loads(RESULTS.read_text(encoding="utf-8"))), encoding="utf-8")
    print(f"Wrote {PICTURE}")
