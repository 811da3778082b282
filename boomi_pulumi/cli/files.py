"""Files that a command writes: whole, or not at all."""

from __future__ import annotations

from itertools import count
from pathlib import Path

__all__ = ["put_aside", "save"]


def save(file: Path, text: str) -> None:
    """Write a file; who is interrupted leaves the old one.

    Raises:
        OSError: It cannot be written.
    """
    fresh = file.with_name(f"{file.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def put_aside(file: Path) -> Path | None:
    """Give a file that is there a number after its name, and return its new path; None where there is none."""
    if not file.exists():
        return None
    numbered = (file.with_name(f"{file.stem}-{number}{file.suffix}") for number in count(1))
    free = next(each for each in numbered if not each.exists())
    return file.replace(free)
