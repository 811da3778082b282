"""What could not be removed since something used it: within one run, and from one run to the next.

The engine removes at the same time what it knows of no order for, and a package id that is given as a text is no order.
With `--target` it removes the predecessor of what is worked on, and leaves alone what uses it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from boomi_pulumi._api.client import Client
from boomi_pulumi._lifecycle.fields import Bag, Change, rules
from boomi_pulumi._lifecycle.kind import Kind

__all__ = ["DELETES", "LEFT", "Leftovers", "Predecessors", "left", "leftovers_of"]

DELETES = "__deletes"
"""Hidden input: true where the program leaves it to the engine to delete the object when it is replaced."""

LEFT = "__left"
"""Hidden output: the predecessors of an object, which a run may have left behind because something used them."""

_MOST = 5
"""How many predecessors an object remembers."""


def left(bag: Mapping[str, Any]) -> list[Bag]:
    """Return what a state remembers of the predecessors of an object."""
    found = bag.get(LEFT)
    return [each for each in found if isinstance(each, dict) and "id" in each] if isinstance(found, list) else []


class Leftovers:
    """The objects of an account that wait for their removal, for one run. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: dict[str, AbstractContextManager[object]] = {}
        self._waiting: dict[str, Callable[[], None]] = {}
        self._freed: set[str] = set()
        self._removed: dict[str, bool] = {}

    def turn(self, id_: str) -> AbstractContextManager[object]:
        """Return what is held while an object is removed: of two threads, one tells the end before the other begins."""
        with self._lock:
            return self._turns.setdefault(id_, threading.RLock())

    def postpone(self, id_: str, remove: Callable[[], None]) -> None:
        """Have an object removed when this process frees it."""
        with self._lock:
            self._waiting[id_] = remove

    def drop(self, id_: str) -> None:
        """Note that an object waits no longer."""
        with self._lock:
            self._waiting.pop(id_, None)

    def free(self, id_: str) -> Callable[[], None] | None:
        """Note that nothing of ours uses an object any more; return how it is removed, if it waits for that."""
        with self._lock:
            self._freed.add(id_)
            return self._waiting.pop(id_, None)

    def is_freed(self, id_: str) -> bool:
        """Tell whether this process has freed an object."""
        with self._lock:
            return id_ in self._freed

    def removed(self, id_: str, *, late: bool) -> None:
        """Note that an object was removed; `late` where it had waited for that."""
        with self._lock:
            self._removed[id_] = late

    def made(self, id_: str) -> None:
        """Note that an object is there, made anew or taken."""
        with self._lock:
            self._removed.pop(id_, None)

    def was_removed(self, id_: str, *, late: bool) -> bool:
        """Tell whether this run has removed an object already, where one of the two removals is late.

        What the engine removes twice may have been made anew in between.
        """
        with self._lock:
            return id_ in self._removed and (late or self._removed[id_])


def leftovers_of(client: Client) -> Leftovers:
    """Return those of a client's account."""
    return client.keep(Leftovers, Leftovers)


class Predecessors:
    """What the resources of one kind leave behind that one run replaces.

    Args:
        kind: The kind.
    """

    def __init__(self, kind: Kind[Any]) -> None:
        self._kind = kind
        self._deleted: set[str] = set()
        self._of: dict[str, list[Bag]] = {}

    def check(self, origin: str, olds: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """Note whether the engine is sure to delete what a resource leaves behind: this run and the last one say so."""
        if olds.get(DELETES) is True and given.get(DELETES) is True:
            self._deleted.add(origin)

    def replace(self, origin: str | None, id_: str, olds: Mapping[str, Any]) -> None:
        """Note the outputs of an object that is about to be replaced, without what may be secret."""
        if origin in self._deleted and self._kind.kept_while_used and olds.get("adopted") is not True:
            of = rules(self._kind.inputs)
            kept = [name for name, rule in of.items() if rule.change is not Change.IGNORE or rule.companion]
            memory = {"id": id_, **{name: olds[name] for name in kept if name in olds}}
            self._of[origin] = [memory, *left(olds)][:_MOST]

    def take(self, origin: str | None) -> list[Bag]:
        """Return what a resource has left behind."""
        return self._of.pop(origin, []) if origin is not None else []
