"""What a field of a kind's inputs may hold, and what the lifecycle knows about it.

A property bag is a dict with Boomi's own names as keys; a value that a preview cannot know yet is `UNKNOWN`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

__all__ = [
    "DECLARED",
    "PROGRAM",
    "SECRETS",
    "UNKNOWN",
    "Bag",
    "Change",
    "Id",
    "Inputs",
    "Name",
    "Notes",
    "Rule",
    "Unknown",
    "has_unknown",
    "identity",
    "key",
    "rules",
]

Bag = dict[str, Any]

DECLARED = "__declared"
"""Hidden property: the names of the inputs that the program gave, as opposed to companions."""

SECRETS = "__secrets"
"""Hidden property: the names of those that are secrets."""

PROGRAM = "__program"
"""Hidden input: JSON of further hidden properties, which a program sends as one. Never stored."""


class Unknown:
    """The type of UNKNOWN."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value is neither true nor false")


UNKNOWN: Final = Unknown()
"""The value that a preview cannot know yet."""


class Change(Enum):
    """What another value of a field means."""

    REPLACE = "another object"
    UPDATE = "an update in place"
    IGNORE = "nothing"


@dataclass(frozen=True)
class Rule:
    """What the lifecycle knows about one field.

    Attributes:
        change: What another value means.
        required: Whether it must be there.
        fixed_by: A field whose value freezes this one for good: while that stays, another value here
            is a failure; where that was never given, another value follows `change`.
        why_fixed: Why it freezes this one, for the message.
        companion: (property, fact): filled from a fact about the object that the property names, so
            that a reviewer reads names and versions. Where a user may give it as well, his value wins.
        held: As `companion`, of an object that is there already. It wins, since nothing can change it.
        settled: A companion that keeps its value until the resource is replaced.
        keep_while_unknown: Whether a companion keeps its value while nobody knows which object it is about; else it is
            unknown too.
        filled: Filled in by the kind where the program gives nothing: a default, or a line for the reviewer.
        drifts: Whether the live value is compared with the declared one.
        refers_to: The kind of the object whose id this is, where a program may name the resource itself.
        default: What Boomi takes where it is left out, if its answers tell it then as well.
    """

    change: Change = Change.IGNORE
    required: bool = False
    fixed_by: str | None = None
    why_fixed: str = ""
    companion: tuple[str, str] | None = None
    held: tuple[str, str] | None = None
    settled: bool = False
    keep_while_unknown: bool = False
    filled: bool = False
    drifts: bool = True
    refers_to: str | None = None
    default: Any = None

    @property
    def given(self) -> bool:
        """Whether a program may give it; what is left are lines for the reviewer."""
        return self.change is not Change.IGNORE or not (self.companion or self.filled)

    def written(self, value: Any) -> bool:
        """Tell whether a person who declares an object that is there would write this value of it.

        Not what follows from another input, what Boomi takes by itself, or what says something of one write only, such
        as notes: a program that holds it freezes it in the next version as well.
        """
        if self.default is not None:
            return bool(value != self.default)
        told = self.drifts or (self.change is Change.REPLACE and self.fixed_by is None)
        return self.required or (told and self.change is not Change.IGNORE and not (self.companion or self.filled))


class Inputs(BaseModel):
    """Inputs of one kind: Boomi's names outside, snake case inside, unknown names refused."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", hide_input_in_errors=True)


LONGEST_ID = 255


LONGEST_NAME = 255


LONGEST_NOTES = 4000
"""Boomi publishes no length for notes; a text beyond this would be cut or refused by somebody."""


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _id(value: str) -> str:
    if not value:
        raise ValueError("is empty; an id is needed")
    if len(value) > LONGEST_ID or not re.fullmatch(r"[A-Za-z0-9_.=+:~-]+", value) or set(value) <= {"."}:
        raise ValueError("is not an id: letters, digits and - _ . = + : ~ only, 255 at most")
    return value


def _name(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; leave the argument out or give a text")
    if value != value.strip():
        raise ValueError("begins or ends with white space")
    if _CONTROL.search(value):
        raise ValueError("holds a control character or a line break")
    if len(value) > LONGEST_NAME:
        raise ValueError(f"is {len(value)} characters long; {LONGEST_NAME} is the most")
    return value


def _notes(value: str) -> str:
    text = value.replace("\r\n", "\n").strip()
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        raise ValueError("hold a control character")
    if len(text) > LONGEST_NOTES:
        raise ValueError(f"are {len(text)} characters long; {LONGEST_NOTES} is the most")
    return text


def _blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Id = Annotated[str, AfterValidator(_id)]


Name = Annotated[str, AfterValidator(_name)]


Notes = Annotated[str | None, BeforeValidator(_blank), AfterValidator(lambda v: v if v is None else _notes(v))]


@cache
def rules(model: type[Inputs]) -> dict[str, Rule]:
    """Return the rule of each property, by Boomi's name."""
    found: dict[str, Rule] = {}
    for name, info in model.model_fields.items():
        rule = next((each for each in info.metadata if isinstance(each, Rule)), Rule())
        found[info.alias or name] = rule
    return found


def has_unknown(value: Any) -> bool:
    """Tell whether a value holds an unknown anywhere."""
    if value is UNKNOWN:
        return True
    if isinstance(value, Mapping):
        return any(has_unknown(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_unknown(each) for each in value)
    return False


def identity(rule_of: Mapping[str, Rule], bag: Mapping[str, Any]) -> Bag:
    """Return what tells which object is meant: all that would make it another one."""
    return {
        name: bag.get(name) for name, rule in rule_of.items() if rule.change is Change.REPLACE and rule.fixed_by is None
    }


def key(model: type[Inputs], bag: Mapping[str, Any]) -> str | None:
    """Return what inputs or outputs tell of which object is meant; None where they do not tell all of it."""
    values = list(identity(rules(model), bag).values())
    return None if has_unknown(values) or None in values else "/".join(map(str, values))


def visible(bag: Mapping[str, Any]) -> Bag:
    """Return a property bag without hidden inputs."""
    return {name: value for name, value in bag.items() if not name.startswith("__")}
