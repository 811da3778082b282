"""Who stands for what in one run: an object, or a part of one, has one resource."""

from __future__ import annotations

from collections.abc import Iterable

from boomi_pulumi._lifecycle.origin import bare

__all__ = ["Owners"]

Who = tuple[str, str | None]
"""The origin of a resource, and what tells it from another one of that name."""


class Owners:
    """The resources of one run, by what they stand for."""

    def __init__(self) -> None:
        self._owners: dict[str, Who] = {}

    def claim(self, claims: Iterable[str], who: Who) -> tuple[str, str] | None:
        """Claim objects for a resource, which may claim them again; return both names if another resource has one."""
        owners = (self._owners.setdefault(each, who) for each in claims)
        other = next((each for each in owners if each != who), None)
        return None if other is None else _names(other, who)


def _names(*two: Who) -> tuple[str, str]:
    """Return names, with their parents where those alone tell them apart."""
    one, other = (f"'{bare(origin).split('/', 2)[-1]}'" for origin, _ in two)
    if bare(two[0][0]) == bare(two[1][0]):
        one, other = (f"{one} of {parent or 'the stack'}" for _, parent in two)
    return one, other
