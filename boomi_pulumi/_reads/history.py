"""What a deployment brings: the packages of its component between what runs and what is wanted."""

from __future__ import annotations

from collections.abc import Sequence

from boomi_pulumi._api.models import PackagedComponent
from boomi_pulumi._api.words import hide
from boomi_pulumi._lifecycle.origin import strip_mark

__all__ = ["brought"]

_LINES = 5
_LONGEST = 100
"""Characters of a note."""


def brought(packages: Sequence[PackagedComponent], there: str, wanted: str) -> list[str]:
    """Return a line for each package that comes, or is taken back, the newest first; at most five.

    Args:
        packages: All packages of a component.
        there: The id of the one that runs.
        wanted: The id of the one that is to run.
    """
    by_id = {each.package_id: each for each in packages}
    if there not in by_id or wanted not in by_id or there == wanted:
        return []
    branch = by_id[wanted].branch_name
    row = sorted(
        (
            each
            for each in by_id.values()
            if each.package_id in (there, wanted)
            or (
                (each.deleted is not True and None not in (each.created_date, each.package_version))
                and branch in (None, each.branch_name)
            )
        ),
        key=lambda each: (each.created_date or "", each.component_version or 0),
    )
    ids = [each.package_id for each in row]
    start, end = ids.index(there), ids.index(wanted)
    if start < end:
        return _cut([_line(each) for each in reversed(row[start + 1 : end + 1])])
    return _cut([f"takes back {_line(each)}" for each in reversed(row[end + 1 : start + 1])])


def _cut(lines: list[str]) -> list[str]:
    if len(lines) <= _LINES:
        return lines
    return [*lines[: _LINES - 1], f"and {len(lines) - _LINES + 1} more"]


def _line(package: PackagedComponent) -> str:
    notes = hide(strip_mark(package.notes)[0] or "").strip().partition("\n")[0]
    said = notes if len(notes) <= _LONGEST else f"{notes[: _LONGEST - 1]}…"
    revision = "" if package.component_version is None else f" (revision {package.component_version})"
    return f"{package.package_version or package.package_id}{revision}{': ' if said else ''}{said}"
