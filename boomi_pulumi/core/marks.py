"""The mark in the notes of an object that tells which resource made it: `[pulumi project/stack/name]`."""

from __future__ import annotations

import re

__all__ = ["is_of_stack", "mark", "same_origin", "strip_mark"]

_MARK = re.compile(r"\s*\[pulumi ([^\[\]\n]+)\]")


def mark(notes: str | None, origin: str) -> str:
    """Return notes that end with the mark of the resource that makes the object."""
    plain = re.sub(r"[\[\]\x00-\x1f\x7f]", "_", origin)
    return f"{notes}\n\n[pulumi {plain}]" if notes else f"[pulumi {plain}]"


def strip_mark(notes: str | None) -> tuple[str | None, str | None]:
    """Return the notes without marks, and the last mark's origin.

    Boomi has been seen to join notes of several deployments, so a mark may stand anywhere.
    """
    if not notes:
        return None, None
    marks = _MARK.findall(notes)
    return _MARK.sub("", notes).strip() or None, marks[-1] if marks else None


def is_of_stack(found: str | None, origin: str | None) -> bool:
    """Tell whether a mark found in notes is that of a resource of the same project and stack."""
    if origin is None:
        return False
    ours = strip_mark(mark(None, origin))[1] or ""
    return found is not None and found.split("/", 2)[:2] == ours.split("/", 2)[:2]


def same_origin(found: str | None, origin: str) -> bool:
    """Tell whether a mark found in notes is that of this origin."""
    return found is not None and strip_mark(mark(None, origin))[1] == found
