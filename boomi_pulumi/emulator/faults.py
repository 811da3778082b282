"""A script of what goes wrong on the wire, and which request each line of it strikes."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boomi_pulumi.emulator.rules import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

FAULTS: Final = (
    "refuse",
    "reset-before",
    "503-before",
    "503-after",
    "500-after",
    "reset-after",
    "half-body",
    "stall",
    "late",
    "page-before",
    "page-after",
    "error-before",
    "error-after",
    "short",
    "done-late",
)
_NUMBERS: Final = {"index": 0, "nth": 1, "times": 1, "seconds": 0, "requests": 0}  # what each is when left out
_KEYS: Final = frozenset({"kind", "verb", "object", *_NUMBERS})


@dataclass
class Fault:
    """One line of the script.

    Attributes:
        kind: What goes wrong, one of `FAULTS`.
        index: The request that it strikes, counted from 1 since the script was set; 0 to go by the next three.
        verb: The verb that it strikes; any if empty.
        object: The object that it strikes; any if empty.
        nth: The first of those requests that it strikes.
        times: How many in a row it strikes.
        seconds: How long `stall` withholds the answer.
        requests: How many reads what was committed is hidden from, or, if it is `done-late`, how many requests are
            answered before it is committed; one at least of either.
        seen: How many requests matched so far.
        fired: How often it struck.
    """

    kind: str
    index: int = 0
    verb: str = ""
    object: str = ""
    nth: int = 1
    times: int = 1
    seconds: float = 0
    requests: int = 0
    seen: int = 0
    fired: int = 0

    def strikes(self, number: int, verb: str | None, name: str | None) -> bool:
        """Count a request, and tell whether this line strikes it.

        Args:
            number: Which request it is since the script was set.
            verb: Its verb, if it has one.
            name: Its object, if it has one.

        Returns:
            Whether it does.
        """
        if self.index:
            struck = self.index <= number < self.index + self.times
        elif self.verb in ("", verb) and self.object in ("", name):
            self.seen += 1
            struck = self.nth <= self.seen < self.nth + self.times
        else:
            struck = False
        self.fired += struck
        return struck


class Script:
    """The lines that are set now. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: list[Fault] = []
        self._requests = 0
        self._waiting: list[tuple[int, Callable[[], object]]] = []

    def set(self, lines: Any) -> list[dict[str, Any]]:
        """Replace the script and count requests from 1 again.

        Args:
            lines: The new one; empty for none.

        Returns:
            What `shown` returns.

        Raises:
            ValueError: A line means nothing.
        """
        read = [_line(line) for line in lines]
        with self._lock:
            self._lines, self._requests, self._waiting = read, 0, []
        return self.shown()

    def shown(self) -> list[dict[str, Any]]:
        """Tell the lines, with how often each one has `fired`."""
        with self._lock:
            return [{key: value for key, value in vars(line).items() if key != "seen"} for line in self._lines]

    def postpone(self, act: Callable[[], object], requests: int) -> None:
        """Have something done when so many more requests were answered."""
        with self._lock:
            self._waiting.append((self._requests + requests, act))

    def settle(self) -> None:
        """Do what was postponed until now; of what is refused, nobody hears."""
        with self._lock:
            due = [act for number, act in self._waiting if number <= self._requests]
            self._waiting = [each for each in self._waiting if each[0] > self._requests]
        for act in due:
            with contextlib.suppress(Refusal):
                act()

    def strike(self, verb: str | None, name: str | None) -> Fault | None:
        """Count a request and find the first line that strikes it.

        Args:
            verb: Its verb, if it has one.
            name: Its object, if it has one.

        Returns:
            The line.
        """
        with self._lock:
            self._requests += 1
            return next((line for line in self._lines if line.strikes(self._requests, verb, name)), None)


def _line(line: Any) -> Fault:
    if not isinstance(line, dict):
        raise ValueError("a fault must be a mapping")  # noqa: TRY004  # one kind of complaint
    unknown = set(line) - _KEYS
    if unknown:
        raise ValueError(f"unknown key {min(unknown)!r} in a fault; known: {', '.join(sorted(_KEYS))}")
    if line.get("kind") not in FAULTS:
        raise ValueError(f"the kind of a fault must be one of {', '.join(FAULTS)}, not {line.get('kind')!r}")
    for name, least in _NUMBERS.items():
        value = line.get(name, least)
        good = isinstance(value, int) or (name == "seconds" and isinstance(value, float))
        if not good or isinstance(value, bool) or value < least:
            raise ValueError(f"{name} of a fault must be a number of at least {least}, not {value!r}")
    for name in ("verb", "object"):
        if not isinstance(line.get(name, ""), str):
            raise ValueError(f"{name} of a fault must be a text")  # noqa: TRY004  # one kind of complaint
    fault = Fault(**line)
    fault.requests = max(fault.requests, int(fault.kind in ("late", "done-late")))
    return fault
