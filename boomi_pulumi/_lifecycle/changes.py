"""What the resources of one run change: an answer that was read at its start may be true no longer, or soon."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from boomi_pulumi._api.client import Client

__all__ = ["Changes", "Planned", "Said", "changes_of"]


@dataclass(frozen=True)
class Planned:
    """What a resource of this run makes of an object.

    Attributes:
        name: The resource's name in the program.
        inputs: Its checked inputs.
    """

    name: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """What a resource of this run wants of something that resources of several kinds set.

    Attributes:
        about: What that is: the same word in each kind, and the ids; one that is not known says nothing.
        wanted: What it is to be, the same text in each kind.
        property: The property that says so.
        value: Its value.
        name: The resource's kind and name in the program, such as "DeployedPackage 'orders'".
    """

    about: tuple[Any, ...]
    wanted: str
    property: str
    value: str
    name: str = ""


class Changes:
    """The changes of one run in one account, by kind and by the key of the object. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: dict[tuple[str, str], Planned] = {}
        self._made: dict[tuple[str, str], Any] = {}
        self._open: set[str] = set()
        self._said: dict[tuple[Any, ...], list[Said]] = {}

    def plan(self, kind: str, key: str | None, planned: Planned) -> None:
        """Note that a resource makes or changes an object; called when it has been checked.

        Args:
            kind: The kind's name.
            key: The object's key, such as environmentId/componentId; None while a preview cannot know it.
            planned: The resource and its inputs.
        """
        with self._lock:
            if key is None:
                self._open.add(kind)
            else:
                self._planned[kind, key] = planned

    def planned(self, kind: str, key: str) -> Planned | None:
        """Return what a resource of this run makes of an object; None where none does, or that comes later."""
        with self._lock:
            return self._planned.get((kind, key))

    def may_change(self, kind: str, meant: Callable[[str], bool]) -> bool:
        """Tell whether this run makes, changes or has looked at an object for that, or may do so.

        Args:
            kind: The kind's name.
            meant: Tells whether a key is that of the object.
        """
        with self._lock:
            keys = [key for of, key in (*self._planned, *self._made) if of == kind]
            return kind in self._open or any(map(meant, keys))

    def say(self, said: Said) -> Said | None:
        """Note what a resource wants; return what another one said that wants something else."""
        with self._lock:
            others = self._said.setdefault(said.about, [])
            if said not in others:
                others.append(said)
            return next((each for each in others if each.wanted != said.wanted and each.name != said.name), None)

    def put(self, kind: str, id_: str, record: Any) -> None:
        """Note an object as a write or a look has just found it.

        Args:
            kind: The kind's name.
            id_: The resource's id.
            record: The object.
        """
        with self._lock:
            self._made[kind, id_] = record

    def made(self, kind: str, id_: str) -> Any:
        """Return an object as this run has left it; None where it has not come to that."""
        with self._lock:
            return self._made.get((kind, id_))


def changes_of(client: Client) -> Changes:
    """Return those of a client's account."""
    return client.keep(Changes, Changes)
