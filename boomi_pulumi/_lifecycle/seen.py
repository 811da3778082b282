"""What an account says about the objects that a resource names: typed answers, and one word for each case.

class DeploymentSeen(Seen):
environment: Answer[Environment] = read("environmentId", Account.environment, absent="names no environment")

match seen.environment:
case Found(environment): ...      # a record, whose attributes a reader and mypy know
case Absent(said): ...            # Boomi has none; `said` are its words
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar, cast, get_args, get_origin, get_type_hints

from boomi_pulumi._api.models import Record, parsed
from boomi_pulumi._lifecycle.changes import Changes
from boomi_pulumi._lifecycle.fields import UNKNOWN, Bag, Unknown

__all__ = [
    "Absent",
    "Answer",
    "Found",
    "Hidden",
    "Read",
    "Seen",
    "Unread",
    "by_property",
    "decoded",
    "encoded",
    "found",
    "read",
    "reads",
]

T = TypeVar("T")


@dataclass(frozen=True)
class Found(Generic[T]):
    """The account shows the object.

    Attributes:
        value: What it shows: a record, or what a read makes of several rows. A record of an object that the program
            itself makes has None for what is not known yet.
        properties: The same by Boomi's names, which companions are filled from; what is not known yet is UNKNOWN.
        key: What the program names the object by: an id or a version. Companions are filled only where it is the same.
        partial: Whether properties are left out, since the user may not read them.
        mark: The mark in the object's notes.
        foreign: Whether another stack, or a person, made the object. The lifecycle fills it in.
    """

    value: T
    properties: Mapping[str, Any] = field(default_factory=dict)
    key: Any = None
    partial: bool = False
    mark: str | None = None
    foreign: bool = False


@dataclass(frozen=True)
class Absent:
    """There is no such object: Boomi's words of an id that it does not know, or no words where a query found none."""

    said: str = ""


@dataclass(frozen=True)
class Unread:
    """The read failed; `error` is the message."""

    error: str


@dataclass(frozen=True)
class Hidden:
    """Nobody can tell: the user may not look, or Boomi takes no such question. That costs names, and not the run."""


Answer = Found[T] | Absent | Unread | Hidden | Unknown | None
"""What is said about an object; UNKNOWN while a preview cannot know which one it is, None where nobody asked."""


@dataclass(frozen=True)
class Read:
    """One question that a preview asks of the account.

    Attributes:
        name: The field of `Seen` that gets the answer.
        property: The property that it is about; a failed read is told there, and companions name it as their source.
        source: What answers it: a method of the account, called with the keys and what stands beside them.
        keys: The inputs whose values name the object. One that is not given is taken from the answer that its rule
            names as its source.
        beside: Further inputs for the source, None where they are not given.
        unless: An input beside which nobody asks.
        later: Whether it is asked although what stands beside it is not known yet, and counts as not given.
        made: An input whose object the account must hold already; where the program makes it, nobody asks.
        absent: Why an input that names no object is refused; empty where that is no fault.
        type: The type of `Found.value`.
    """

    name: str
    property: str
    source: Callable[..., Awaitable[Any]]
    keys: tuple[str, ...]
    beside: tuple[str, ...]
    unless: str | None
    later: bool
    made: str | None
    absent: str
    type: Any


def read(
    property: str,
    source: Callable[..., Awaitable[Any]],
    *keys: str,
    beside: tuple[str, ...] = (),
    unless: str | None = None,
    later: bool = False,
    made: str | None = None,
    absent: str = "",
) -> Any:
    """Return the default of a field of `Seen`: no answer, and how one is asked for. See `Read` for the arguments.

    Without keys, the property itself names the object.
    """
    about = {"keys": keys or (property,), "beside": beside, "unless": unless, "later": later, "made": made}
    return field(default=None, metadata={"property": property, "source": source, "absent": absent, **about})


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a preview is judged by, beside the inputs. A kind adds a field for each question that it asks.

    Attributes:
        now: The moment, in UTC.
        before: The inputs of the last run; empty for a new resource, and in `Kind.notice` for one that changes.
        why: Property -> why its value is None, where the program gave an output that is.
        run: What other resources of this run have made of their objects so far, or are going to.
        again: Whether an equal object that is there is to be made once more, as `Kind.makes_again` allows.
        refuses_others: Whether what another stack owns is not to be taken from it.
        secrets: The inputs that are secrets: a property's name, or the path of a value in a map, joined by "/".
    """

    now: datetime
    before: Mapping[str, Any]
    why: Mapping[str, str] = field(default_factory=dict)
    run: Changes = field(default_factory=Changes)
    again: bool = False
    refuses_others: bool = False
    secrets: frozenset[str] = frozenset()

    @property
    def today(self) -> str:
        """The day, such as "2026-03-02"."""
        return self.now.date().isoformat()


def reads(seen: type[Seen]) -> tuple[Read, ...]:
    """Return the questions of a kind, in the order of its fields: an answer may name what a later question is about."""
    return _reads(cast("Any", seen))  # mypy takes no dataclass for hashable


@cache
def _reads(seen: Any) -> tuple[Read, ...]:
    types = get_type_hints(seen)
    asked = (each for each in fields(seen) if each.metadata)
    return tuple(Read(name=each.name, type=_type(types[each.name]), **each.metadata) for each in asked)


def _type(answer: Any) -> Any:
    return next(get_args(each)[0] for each in get_args(answer) if get_origin(each) is Found)


def found(answer: Answer[T]) -> T | None:
    """Return what an account shows of an object; None in all other cases."""
    return answer.value if isinstance(answer, Found) else None


def by_property(seen: type[Seen], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return property -> what is said about the object that it names, of answers by the fields of `Seen`."""
    return {each.property: answers[each.name] for each in reads(seen) if each.name in answers}


# -- on their way from a program to its provider -------------------------------------------------


def encoded(answer: Any) -> Any:
    """Return an answer as a value that travels with the inputs of a resource."""
    match answer:
        case Found():
            about = {"key": answer.key, "mark": answer.mark, "partial": answer.partial or None}
            what = {"found": dict(answer.properties)} if answer.properties else {"value": answer.value}
            return {**what, **{name: value for name, value in about.items() if value is not None}}
        case Absent(said):
            return {"absent": said}
        case Unread(error):
            return {"unread": error}
        case Hidden():
            return {"hidden": True}
    return answer


def decoded(seen: type[Seen], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers by the fields of `Seen`, of what `encoded` has made of each."""
    return {each.name: _decoded(each, sent[each.name]) for each in reads(seen) if each.name in sent}


def _decoded(about: Read, sent: Any) -> Any:
    answer: Any = UNKNOWN if sent is UNKNOWN else None
    match sent:
        case {"found": dict(properties)}:
            partial = sent.get("partial") is True
            answer = shown(about, properties, sent.get("key"), mark=sent.get("mark"), partial=partial)
        case {"value": value}:
            answer = UNKNOWN if value is UNKNOWN else Found(_typed(about.type, value))
        case {"absent": str(said)}:
            answer = Absent(said)
        case {"unread": str(error)}:
            answer = Unread(error)
        case {"hidden": True}:
            answer = Hidden()
    return answer


def _typed(wanted: Any, value: Any) -> Any:
    """Return a value that has travelled; rows become records again."""
    record = next(iter(get_args(wanted)), None)
    if isinstance(value, list) and isinstance(record, type) and issubclass(record, Record):
        return [parsed(record, row) for row in value if isinstance(row, Mapping)]
    return value


def shown(about: Read, properties: Bag, key: Any, *, mark: str | None = None, partial: bool = False) -> Any:
    """Return the answer that properties by Boomi's names make: what is UNKNOWN among them is None in the record.

    Args:
        about: The question.
        properties: Properties by Boomi's names.
        key: As in `Found`.
        mark: As in `Found`.
        partial: As in `Found`.
    """
    record = cast("type[Record]", about.type)
    return Found(parsed(record, properties), properties, key, partial, mark)
