"""Pure rules: what a field may hold, what a change of it means, what a reviewer sees.

Nothing here knows Pulumi or HTTP. A property bag is a dict with Boomi's own names as keys; a value
that a preview cannot know yet is `UNKNOWN`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel, to_snake

from boomi_pulumi.api.late import built

__all__ = [
    "UNKNOWN",
    "Bag",
    "Change",
    "Checked",
    "Diff",
    "Failure",
    "Id",
    "Inputs",
    "Name",
    "Notes",
    "Rule",
    "check",
    "diff",
    "echo",
    "has_unknown",
    "key",
    "mark",
    "rules",
    "strip_mark",
]

Bag = dict[str, Any]


class _Unknown:
    """The value that a preview cannot know yet."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value is neither true nor false")


UNKNOWN: Final = _Unknown()


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
        companion: (property, fact): filled from a fact about the object that the property names, so
            that a reviewer reads names and versions. Where a user may give it as well, his value wins.
        settled: A companion that keeps its value until the resource is replaced.
        filled: Filled in by the kind where the program gives nothing: a default, or a line for the reviewer.
        drifts: Whether the live value is compared with the declared one.
        refers_to: The kind of the object whose id this is, where a program may name the resource itself.
    """

    change: Change = Change.IGNORE
    required: bool = False
    fixed_by: str | None = None
    companion: tuple[str, str] | None = None
    settled: bool = False
    filled: bool = False
    drifts: bool = True
    refers_to: str | None = None

    @property
    def given(self) -> bool:
        """Whether a program may give it; what is left are lines for the reviewer."""
        return self.change is not Change.IGNORE or not (self.companion or self.filled)


@dataclass(frozen=True)
class Failure:
    """Why a property is refused."""

    property: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """Inputs in normal form, and what is wrong with them."""

    inputs: Bag
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Diff:
    """What a change of inputs asks for."""

    replaces: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = field(default=())

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.replaces or self.updates)


class Inputs(BaseModel):
    """Inputs of one kind: Boomi's names outside, snake case inside, unknown names refused."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", hide_input_in_errors=True, defer_build=True)


# -- types of fields -----------------------------------------------------------------------------

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


# -- rules ---------------------------------------------------------------------------------------


@cache
def rules(model: type[Inputs]) -> dict[str, Rule]:
    """Return the rule of each property, by Boomi's name."""
    found: dict[str, Rule] = {}
    for name, info in built(model).model_fields.items():
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


# -- check ---------------------------------------------------------------------------------------


def check(model: type[Inputs], olds: Mapping[str, Any], news: Mapping[str, Any], facts: Mapping[str, Any]) -> Checked:
    """Validate inputs and bring them into normal form.

    Args:
        model: The kind's inputs.
        olds: The inputs of the last run, empty for a new resource.
        news: The inputs of this run.
        facts: Property -> what the account says about the object that the property names.

    Returns:
        The normal form (no None, numbers whole, companions filled) and the failures.
    """
    given = {name: value for name, value in news.items() if value is not None}
    unknown = {name: value for name, value in given.items() if has_unknown(value)}
    known = {name: value for name, value in given.items() if name not in unknown}
    rule_of = rules(model)
    failures = [Failure(name, _not_an_input(name, rule_of)) for name in unknown if name not in rule_of]
    try:
        normal: Bag = built(model).model_validate(known).model_dump(by_alias=True, exclude_none=True)
    except ValidationError as error:
        failures += _failures(error, rule_of)
        normal = dict(known)
    normal.update({name: value for name, value in unknown.items() if name in rule_of})
    failures += [
        Failure(name, f"is required: give {to_snake(name)}")
        for name, rule in rule_of.items()
        if rule.required and name not in given
    ]
    if failures:
        return Checked(normal, tuple(failures))
    _fill_companions(rule_of, olds, normal, facts)
    return Checked(normal, tuple(_frozen(rule_of, olds, normal)))


def _failures(error: ValidationError, rule_of: Mapping[str, Rule]) -> Iterable[Failure]:
    for each in error.errors(include_url=False, include_input=False):
        path = ".".join(str(part) for part in each["loc"]) or "inputs"
        if each["type"] == "extra_forbidden" and len(each["loc"]) == 1:
            yield Failure(path, _not_an_input(path, rule_of))
        elif each["type"] == "value_error":
            yield Failure(path, str(each["ctx"]["error"]))
        else:
            yield Failure(path, each["msg"][:1].lower() + each["msg"][1:])


def _not_an_input(name: str, rule_of: Mapping[str, Rule]) -> str:
    near = difflib.get_close_matches(name, rule_of, 1) or difflib.get_close_matches(to_camel(name), rule_of, 1)
    hint = f"did you mean {to_snake(near[0])}?" if near else f"there are {', '.join(map(to_snake, rule_of))}"
    return f"is not an argument of this resource; {hint}"


def _identity(rule_of: Mapping[str, Rule], bag: Mapping[str, Any]) -> Bag:
    return {
        name: bag.get(name) for name, rule in rule_of.items() if rule.change is Change.REPLACE and rule.fixed_by is None
    }


def key(model: type[Inputs], bag: Mapping[str, Any]) -> str | None:
    """Return what inputs or outputs tell of which object is meant: all that would make it another one; else None."""
    values = list(_identity(rules(model), bag).values())
    return None if has_unknown(values) or None in values else "/".join(map(str, values))


def _fill_companions(
    rule_of: Mapping[str, Rule], olds: Mapping[str, Any], normal: Bag, facts: Mapping[str, Any]
) -> None:
    same = bool(olds) and _identity(rule_of, olds) == _identity(rule_of, normal)
    for name, rule in rule_of.items():
        if rule.companion is None or name in normal:
            continue
        if rule.settled and same:
            if olds.get(name) is not None:
                normal[name] = olds[name]
            continue
        source, key = rule.companion
        fact = facts.get(source)
        if source not in normal:
            continue
        if isinstance(fact, Mapping) and (has_unknown(fact.get("id")) or fact.get("id") == normal[source]):
            if fact.get(key) is not None:
                normal[name] = fact[key]
        elif olds.get(source) == normal[source] and olds.get(name) is not None:
            normal[name] = olds[name]


def _frozen(rule_of: Mapping[str, Rule], olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterable[Failure]:
    """Return the fields that changed although the field that froze them did not."""
    if not olds or _moved(rule_of, olds, news):
        return
    for name, rule in rule_of.items():
        if rule.fixed_by is None or rule.fixed_by not in news:
            continue
        old, new = olds.get(name), news.get(name)
        if old is None or new is None or has_unknown(new) or old == new:
            continue
        yield Failure(
            name,
            f"cannot become {_shown(new)}: {to_snake(rule.fixed_by)} {_shown(news[rule.fixed_by])} was frozen with "
            f"{_shown(old)}, and Boomi never reuses a version; raise {to_snake(rule.fixed_by)}",
        )


def _moved(rule_of: Mapping[str, Rule], olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    return any(
        name in news and olds.get(name) is not None and news[name] != olds[name]
        for name, rule in rule_of.items()
        if rule.change is Change.REPLACE and rule.fixed_by is None
    )


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# -- diff ----------------------------------------------------------------------------------------


def diff(
    model: type[Inputs], olds: Mapping[str, Any], news: Mapping[str, Any], declared: Sequence[str] | None = None
) -> Diff:
    """Compare the outputs of the last run with the inputs of this one.

    A field that is not declared is Boomi's to choose, and never a change.

    Args:
        model: The kind's inputs.
        olds: The outputs of the last run.
        news: The inputs of this run.
        declared: Those of them that the program gave; None for all.
    """
    rule_of = rules(model)
    if declared is not None:
        # What was settled at the first run may be another value than was shown: the object was there, or restored.
        news = {
            name: news[name] for name in news if name in declared or name not in rule_of or not rule_of[name].settled
        }
    replaces: list[str] = []
    updates: list[str] = []
    for name, rule in rule_of.items():
        if rule.change is Change.IGNORE or name not in news:
            continue
        new, old = news[name], olds.get(name)
        if has_unknown(new):
            # An unknown companion follows its source, which is a change on its own account.
            changed = rule.companion is None or rule.companion[0] not in news
        else:
            changed = new != old and not (old is None and rule.companion is not None)
        if not changed or (rule.fixed_by is not None and rule.fixed_by in news):
            continue
        (replaces if rule.change is Change.REPLACE else updates).append(name)
    return Diff(tuple(replaces), tuple(updates), tuple(_frozen(rule_of, olds, news)))


# -- echo ----------------------------------------------------------------------------------------


def echo(model: type[Inputs], inputs: Mapping[str, Any], live: Mapping[str, Any]) -> Bag:
    """Return outputs: the inputs in normal form, the live value where the field can drift, and the rest."""
    rule_of = rules(model)
    outputs = {name: value for name, value in live.items() if value is not None}
    declared = {
        name: value
        for name, value in inputs.items()
        if name in rule_of and (not rule_of[name].drifts or live.get(name) is None)
    }
    return outputs | declared


# -- origin mark ---------------------------------------------------------------------------------

_MARK = re.compile(r"\s*\[pulumi ([^\[\]\n]+)\]")


def mark(notes: str | None, origin: str) -> str:
    """Return notes that end with the mark of the resource that makes the object."""
    plain = re.sub(r"[\[\]\x00-\x1f\x7f]", "_", origin)
    return f"{notes}\n\n[pulumi {plain}]" if notes else f"[pulumi {plain}]"


def strip_mark(notes: str | None) -> tuple[str | None, str | None]:
    """Return the notes without marks, and the last mark's origin.

    Boomi has been seen to join notes of several deployments, so a mark may stand anywhere.
    """
    if not notes:
        return None, None
    marks = _MARK.findall(notes)
    return _MARK.sub("", notes).strip() or None, marks[-1] if marks else None


def same_stack(found: str | None, origin: str) -> bool:
    """Tell whether a mark found in notes is that of a resource of the same project and stack."""
    ours = strip_mark(mark(None, origin))[1] or ""
    return found is not None and found.split("/", 2)[:2] == ours.split("/", 2)[:2]


def same_origin(found: str | None, origin: str) -> bool:
    """Tell whether a mark found in notes is that of this origin."""
    return found is not None and strip_mark(mark(None, origin))[1] == found


def names(values: Sequence[str]) -> str:
    """Return a list for a sentence: the first few, and how many more."""
    few = 5
    shown = ", ".join(values[:few])
    return shown if len(values) <= few else f"{shown} and {len(values) - few} more"
