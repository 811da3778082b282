"""The mark in the notes of an object that tells which resource made it: `[pulumi project/stack/name]`.

Names of resources are unique only below one type of parent, so that the mark of a child ends with the types above it:
`[pulumi project/stack/name::my:index:Shop]`. Marks that releases up to 0.2 left do not.
"""

from __future__ import annotations

import re

__all__ = ["bare", "is_of_stack", "mark", "origin_of", "same_origin", "stack_of", "strip_mark"]

_MARK = re.compile(r"\s*\[pulumi ([^\[\]\n]+)\]")


_ROOT = "pulumi:pulumi:Stack"


def origin_of(project: str, stack: str, name: str, above: str | None = None) -> str:
    """Return what tells a resource from every other one.

    Args:
        project: Its project.
        stack: Its stack.
        name: Its name in the program.
        above: The types of its parents, outermost first and joined by `$`, as its URN has them.
    """
    parents = "$".join(each for each in (above or "").split("$") if each not in ("", _ROOT))
    return f"{project}/{stack}/{name}" + (f"::{parents}" if parents else "")


def bare(origin: str) -> str:
    """Return an origin without the types of the parents."""
    return origin.rpartition("::")[0] or origin


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


def stack_of(found: str | None) -> str | None:
    """Return project/stack of a mark found in notes."""
    parts = (found or "").split("/", 2)
    return "/".join(parts[:2]) if len(parts) > 2 else None  # noqa: PLR2004


def is_of_stack(found: str | None, origin: str | None) -> bool:
    """Tell whether a mark found in notes is that of a resource of the same project and stack."""
    if origin is None:
        return False
    ours = strip_mark(mark(None, origin))[1] or ""
    return found is not None and found.split("/", 2)[:2] == ours.split("/", 2)[:2]


def same_origin(found: str | None, origin: str, *, only_one: bool = False) -> bool:
    """Tell whether a mark found in notes is that of this origin.

    Args:
        found: The mark.
        origin: The origin.
        only_one: Nothing but this resource can have left the mark there, so one without parents is enough.
    """
    marks = {strip_mark(mark(None, each))[1] for each in (origin, *([bare(origin)] if only_one else ()))}
    return found is not None and found in marks
