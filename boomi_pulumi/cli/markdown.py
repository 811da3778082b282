"""Markdown for a comment or a wiki: words of others stay words, and what is too long for a comment is cut and told."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Part", "fit", "table", "text"]

_LONGEST = 60_000
"""Characters of all parts. A comment of GitHub ends at 65,536, of Azure DevOps at 150,000, of GitLab at 1,000,000."""
_LONGEST_TEXT = 500


def text(value: object) -> str:
    """Return somebody else's words as Markdown that shows them, and does nothing else, on any platform.

    No character of them is markup, a mention, a reference, HTML or the end of a table cell; what a reader could
    not see is written out, and a text of more than 500 characters ends with `…`.
    """
    shown = unicodedata.normalize("NFC", str(value))
    end = "…" if len(shown) > _LONGEST_TEXT else ""
    return f"<code>{''.join(map(_entity, shown[:_LONGEST_TEXT]))}{end}</code>"


def _entity(character: str) -> str:
    if (character.isascii() and character.isalnum()) or character in " .-,":
        return character
    if character.isalpha():
        return character
    if not character.isprintable() or unicodedata.category(character) in {"Cf", "Mn"}:
        return f"&#92;u{ord(character):04x}"
    return f"&#{ord(character)};"


@dataclass(frozen=True)
class Part:
    """What is read together, such as a table.

    Attributes:
        of: What its rows are, for the reader of whom some are kept back.
        head: Lines before the rows.
        rows: Each can be cut.
        most: Rows that are shown.
    """

    of: str
    head: tuple[str, ...]
    rows: tuple[str, ...]
    most: int = 100


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], most: int = 100) -> Part:
    """Return a table without columns that nothing stands in; it is called by its first column."""
    kept = [at for at in range(len(columns)) if any(row[at] for row in rows)]
    head = (f"| {' | '.join(columns[at] for at in kept)} |", f"|{'---|' * len(kept)}")
    return Part(columns[0], head, tuple(f"| {' | '.join(row[at] for at in kept)} |" for row in rows), most)


def fit(first: Sequence[str], parts: Sequence[Part], whole: str) -> str:
    """Return Markdown that a comment of every platform takes.

    Args:
        first: Lines that are never cut.
        parts: The most important first; what does not fit is cut from the end.
        whole: Where to read what was cut.
    """
    lines, room = [*first], _LONGEST - sum(len(line) + 1 for line in first)
    for part in parts:
        shown = []
        room -= sum(len(line) + 1 for line in part.head)
        for row in part.rows[: part.most]:
            room -= len(row) + 1
            if room < 0:
                break
            shown.append(row)
        lines += [*part.head, *shown, ""] if shown else []
        if len(shown) < len(part.rows):
            lines += [f"… and {len(part.rows) - len(shown)} more of {part.of}: {whole}", ""]
    return "\n".join(lines)
