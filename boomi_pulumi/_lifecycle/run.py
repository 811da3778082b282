"""What the resources of one kind are in one run: who stands for which object, and what a replacement leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from boomi_pulumi._lifecycle.fields import Bag, Change, rules
from boomi_pulumi._lifecycle.kind import KeptWhileUsed, Kind
from boomi_pulumi._lifecycle.origin import bare

__all__ = ["DELETES", "LEFT", "Run", "left"]

DELETES = "__deletes"
"""Hidden input: true where the program leaves it to the engine to delete the object when it is replaced."""

LEFT = "__left"
"""Hidden output: the predecessors of an object, which a run may have left behind because something used them."""

_MOST = 5
"""How many predecessors an object remembers."""

Who = tuple[str, str | None]
"""The origin of a resource, and what tells it from another one of that name."""


def left(bag: Mapping[str, Any]) -> list[Bag]:
    """Return what a state remembers of the predecessors of an object."""
    found = bag.get(LEFT)
    return [each for each in found if isinstance(each, dict) and "id" in each] if isinstance(found, list) else []


class Run:
    """The resources of one kind in one run.

    Args:
        kind: The kind.
    """

    def __init__(self, kind: Kind[Any]) -> None:
        self._kind = kind
        self._owners: dict[str, Who] = {}
        self._checked: set[str] = set()
        self._standing: set[str] = set()
        self._not_compared: set[str] = set()
        self._forced: set[str] = set()
        self._deleted: set[str] = set()
        self._left: dict[str, list[Bag]] = {}

    # -- who stands for what ---------------------------------------------------------------------

    def declare(self, origin: str, key: str | None) -> None:
        """Note that the program declares a resource, and the key of its object; a refresh checks none."""
        self._checked.add(origin)
        if key is not None:
            self._standing.add(key)

    def check(self, origin: str) -> None:
        """Note a check. The engine checks a resource once, and once more where it is to be replaced.

        Where no diff comes between the two, a new `replacement_trigger` asks for the replacement. `--replace` and a
        taint cannot be told from a new resource. Source: `generateSteps` of Pulumi's step generator.
        """
        if origin in self._not_compared:
            self._forced.add(origin)
        self._not_compared.add(origin)

    def compare(self, origin: str | None) -> None:
        """Note a diff."""
        self._not_compared.discard(origin or "")

    def is_forced(self, origin: str | None) -> bool:
        """Tell whether the program asks for the replacement of a resource that is as declared."""
        return origin in self._forced

    def is_declared(self, origin: str | None) -> bool:
        """Tell whether the program declares a resource."""
        return origin in self._checked

    def keep(self, id_: str) -> None:
        """Note that a declared resource stands for an object, so that no removal takes it.

        Where a forced replacement was cut off, the engine holds an object twice, and deletes the old one, which is the
        live one, at the end of its next run. Where a create under a new name fails, `--continue-on-error` deletes the
        old one all the same.
        """
        self._standing.add(id_)

    def keeps(self, id_: str, key: str | None) -> bool:
        """Tell whether a declared resource stands for an object."""
        return bool(self._standing & {id_, key})

    def claim(self, claims: Iterable[str], who: Who) -> tuple[str, str] | None:
        """Claim objects for a resource, which may claim them again; return both names if another resource has one."""
        owners = (self._owners.setdefault(each, who) for each in claims)
        other = next((each for each in owners if each != who), None)
        return None if other is None else _names(other, who)

    # -- what a replacement leaves behind --------------------------------------------------------

    def may_leave(self, origin: str, olds: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """Note whether the engine is sure to delete what a resource leaves behind: this run and the last one say so.

        Args:
            origin: project/stack/name of the resource.
            olds: The inputs of the last run.
            given: The inputs of this run.
        """
        if olds.get(DELETES) is True and given.get(DELETES) is True:
            self._deleted.add(origin)

    def leave(self, origin: str | None, id_: str, olds: Mapping[str, Any]) -> None:
        """Note the outputs of an object that is about to be replaced, without what may be secret.

        Args:
            origin: project/stack/name of the resource.
            id_: The resource's id.
            olds: The outputs of the last run.
        """
        if origin in self._deleted and isinstance(self._kind, KeptWhileUsed) and olds.get("adopted") is not True:
            of = rules(self._kind.inputs)
            kept = [name for name, rule in of.items() if rule.change is not Change.IGNORE or rule.companion]
            memory = {"id": id_, **{name: olds[name] for name in kept if name in olds}}
            self._left[str(origin)] = [memory, *left(olds)][:_MOST]

    def take_left(self, origin: str | None) -> list[Bag]:
        """Return what a resource has left behind, once."""
        return self._left.pop(origin, []) if origin is not None else []


def _names(*two: Who) -> tuple[str, str]:
    """Return names, with their parents where those alone tell them apart."""
    one, other = (f"'{bare(origin).split('/', 2)[-1]}'" for origin, _ in two)
    if bare(two[0][0]) == bare(two[1][0]):
        one, other = (f"{one} of {parent or 'the stack'}" for _, parent in two)
    return one, other
