"""Lines of a deployment that a preview carries as texts, and the review reads again: each is written and read here."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Replaced", "Superseded", "Verdict"]

_SUPERSEDED = re.compile(r"(.*?)(?: of stack (\S+))?, deployed by (.*) on (an unknown date|\S+)", re.DOTALL)
_VERDICT = re.compile(r"(open|opens|closed): (.*)", re.DOTALL)
_REPLACED = re.compile(r"(.*) \(last set (by .*)\)", re.DOTALL)
_RUNS = re.compile(r"(.*?); (\d+ runs? in .*)", re.DOTALL)


@dataclass(frozen=True)
class Replaced:
    """A schedule that a list replaces.

    Attributes:
        words: What it says.
        who: Who had set it last, when and where, such as "by ann@acme.example on 2026-03-02 in the console"; or empty.
    """

    words: str
    who: str = ""

    def __str__(self) -> str:
        return f"{self.words} (last set {self.who})" if self.who else self.words

    @classmethod
    def parse(cls, line: str) -> Replaced:
        """Return what a line says."""
        found = _REPLACED.fullmatch(line)
        return cls(found[1], found[2]) if found else cls(line)


@dataclass(frozen=True)
class Superseded:
    """What a deployment supersedes.

    Attributes:
        version: The package's version, or its id where it has none.
        by: Who had deployed it.
        on: When, as Boomi writes it.
        stack: The stack that owns it, as project/stack; None where no other stack does.
    """

    version: str
    by: str = "somebody"
    on: str = "an unknown date"
    stack: str | None = None

    def __str__(self) -> str:
        of = f" of stack {self.stack}" if self.stack else ""
        return f"{self.version}{of}, deployed by {self.by} on {self.on}"

    @classmethod
    def parse(cls, line: object) -> Superseded | None:
        """Return what a line says; None where it is none."""
        found = _SUPERSEDED.fullmatch(line) if isinstance(line, str) else None
        return cls(found[1], found[3], found[4], found[2]) if found else None


@dataclass(frozen=True)
class Verdict:
    """What a gate says.

    Attributes:
        state: "open"; "opens" where this run itself opens it before the deployment; or "closed".
        why: Since when the package is active in the environment before, or what it waits for.
    """

    state: str
    why: str

    @property
    def closed(self) -> bool:
        """Whether the deployment must wait."""
        return self.state == "closed"

    @property
    def apart(self) -> tuple[str, str]:
        """What it says of the deployment, and of runs, such as "14 runs in Test, … none failed"; or nothing."""
        found = _RUNS.fullmatch(self.why)
        return (found[1], found[2]) if found else (self.why, "")

    def __str__(self) -> str:
        return f"{self.state}: {self.why}"

    @classmethod
    def parse(cls, line: object) -> Verdict | None:
        """Return what a line says; None where it is none."""
        found = _VERDICT.fullmatch(line) if isinstance(line, str) else None
        return cls(found[1], found[2]) if found else None
