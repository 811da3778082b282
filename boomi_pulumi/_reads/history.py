"""Which of two packages is the newer one, and what a deployment brings: the packages between two of a component."""

from __future__ import annotations

from collections.abc import Sequence

from boomi_pulumi._api.models import PackagedComponent
from boomi_pulumi._api.words import hide
from boomi_pulumi._lifecycle.origin import strip_mark

__all__ = ["brought", "is_newer", "same_branch"]

_LINES = 5
_LONGEST = 100
"""Characters of a note."""


def same_branch(one: str | None, other: str | None) -> bool:
    """Tell whether two names are of one branch; Boomi may leave a name out."""
    return None in (one, other) or one == other


def _rank(package: PackagedComponent) -> tuple[int, str]:
    """Return what orders the packages of a branch: an old revision may be packaged later than a new one."""
    return package.component_version or 0, package.created_date or ""


def is_newer(package: PackagedComponent, other: PackagedComponent) -> bool:
    """Tell whether a package holds a later revision of the same branch, or the same revision packaged later."""
    return same_branch(package.branch_name, other.branch_name) and _rank(package) > _rank(other)


def brought(packages: Sequence[PackagedComponent], there: str, wanted: str) -> list[str]:
    """Return a line for each package that comes, or is taken back, the newest first; at most five.

    Between two branches there is no order: then one line says what comes, and one what goes.

    Args:
        packages: All packages of a component.
        there: The id of the one that runs.
        wanted: The id of the one that is to run.
    """
    by_id = {each.package_id: each for each in packages}
    if there not in by_id or wanted not in by_id or there == wanted:
        return []
    goes, comes = by_id[there], by_id[wanted]
    if not same_branch(goes.branch_name, comes.branch_name):
        return [f"{_line(comes)}, of branch {comes.branch_name}", f"takes back {_line(goes)}, of {goes.branch_name}"]
    older, newer = sorted((goes, comes), key=_rank)
    between = [
        each
        for each in by_id.values()
        if each in (goes, comes)
        or (
            each.deleted is not True
            and None not in (each.created_date, each.package_version)
            and is_newer(each, older)
            and is_newer(newer, each)
        )
    ]
    row = sorted(between, key=_rank, reverse=True)
    if comes is newer:
        return _cut([_line(each) for each in row if each is not goes])
    return _cut([f"takes back {_line(each)}" for each in row if each is not comes])


def _cut(lines: list[str]) -> list[str]:
    if len(lines) <= _LINES:
        return lines
    return [*lines[: _LINES - 1], f"and {len(lines) - _LINES + 1} more"]


def _line(package: PackagedComponent) -> str:
    notes = hide(strip_mark(package.notes)[0] or "").strip().partition("\n")[0]
    said = notes if len(notes) <= _LONGEST else f"{notes[: _LONGEST - 1]}…"
    revision = "" if package.component_version is None else f" (revision {package.component_version})"
    return f"{package.package_version or package.package_id}{revision}{': ' if said else ''}{said}"
