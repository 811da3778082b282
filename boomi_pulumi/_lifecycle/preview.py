"""Pure rules: what a field may hold, what a change of it means, what a reviewer sees.

Nothing here knows Pulumi or HTTP. A property bag is a dict with Boomi's own names as keys; a value
that a preview cannot know yet is `UNKNOWN`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.alias_generators import to_camel, to_snake

from boomi_pulumi._lifecycle.fields import UNKNOWN, Bag, Change, Inputs, Rule, has_unknown, identity, rules
from boomi_pulumi._lifecycle.seen import Absent, Found

__all__ = [
    "AN_OUTPUT",
    "Checked",
    "Diff",
    "Failure",
    "because",
    "check",
    "diff",
    "echo",
    "fits",
    "shown",
    "with_value",
]


AN_OUTPUT = "it is an output that is None"
"""All that is known of the reason; then an argument that may be left out counts as left out."""


@dataclass(frozen=True)
class Failure:
    """Why a property is refused.

    Attributes:
        property: Its name.
        reason: Why, and what to do.
        gone: Whether the object that it names is not there any more: worth a line where nothing changes.
        value: What it names, where the account refuses it: an id, a version, a date, which a reader looks for. What has
            a wrong form may be anything, and is not repeated.
    """

    property: str
    reason: str
    gone: bool = False
    value: Any = None

    def __str__(self) -> str:
        """Return what a person reads of it: `property "value": reason`.

        It is all that the engine is given: beside a property that a failure names it prints the value, even a secret.
        """
        if not self.property:
            return self.reason
        value = f'"{self.value}"' if isinstance(self.value, str) else shown(self.value)
        return f"{self.property}{'' if self.value is None else f' {value}'}: {self.reason}"


def with_value(failure: Failure, inputs: Bag, secrets: Collection[str]) -> Failure:
    """Return a failure with the value of its property, where that is a text or a number, and no secret.

    Args:
        failure: The failure.
        inputs: The inputs that were checked.
        secrets: As in `Seen`.
    """
    name, *path = re.findall(r"\w+", failure.property) or [""]
    value: Any = None if any(each.split("/", 1)[0] == name for each in secrets) else inputs.get(name)
    for each in path:
        value = value[int(each)] if isinstance(value, list) else value.get(each) if isinstance(value, Mapping) else None
    return replace(failure, value=value) if isinstance(value, (str, int)) else failure


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


# -- check ---------------------------------------------------------------------------------------


def check(
    model: type[Inputs],
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    answers: Mapping[str, Any] = MappingProxyType({}),
    why: Mapping[str, str] = MappingProxyType({}),
) -> Checked:
    """Validate inputs and bring them into normal form.

    Args:
        model: The kind's inputs.
        olds: The inputs of the last run, empty for a new resource.
        news: The inputs of this run.
        answers: Property -> what the account says about the object that the property names.
        why: As in `Seen`.

    Returns:
        The normal form (no None, numbers whole, companions filled) and the failures.
    """
    given = {name: value for name, value in news.items() if value is not None}
    in_part = {name: known_part(value) for name, value in given.items()}
    unknown = {name: value for name, value in given.items() if has_unknown(in_part[name])}
    rule_of = rules(model)
    # With `ignore_changes`, the engine gives what the last run stored.
    shown_only = {
        name for name in given if name in rule_of and not rule_of[name].given and given[name] != olds.get(name)
    }
    known = {name: value for name, value in in_part.items() if name not in unknown and name not in shown_only}
    wrong = shown_only | {name for name in unknown if name not in rule_of}
    failures = [Failure(name, _not_an_input(name, _names_at(model, (name,)))) for name in given if name in wrong]
    try:
        normal: Bag = model.model_validate(known).model_dump(by_alias=True, exclude_none=True)
    except ValidationError as error:
        failures += _failures(model, error)
        normal = dict(known)
    normal.update({name: value for name, value in unknown.items() if name in rule_of})
    normal.update({name: whole(normal[name], given[name]) for name in normal if has_unknown(given.get(name))})
    failures += [
        Failure(name, f"is required: give {to_snake(name)}{because(why, name)}")
        for name, rule in rule_of.items()
        if rule.required and name not in given
    ]
    failures += [
        Failure(name, f"is None{because(why, name)}")
        for name, rule in rule_of.items()
        if not rule.required and name not in given and because(why, name) not in ("", f" ({AN_OUTPUT})")
    ]
    if failures:
        return Checked(normal, tuple(failures))
    _fill_companions(rule_of, olds, normal, answers)
    return Checked(normal, tuple(_frozen(rule_of, olds, normal)))


def known_part(value: Any) -> Any:
    """Return a value without what is unknown in its maps, so that the rest can be checked."""
    if not isinstance(value, Mapping):
        return value
    return {name: known_part(each) for name, each in value.items() if each is not UNKNOWN}


def whole(part: Any, value: Any) -> Any:
    """Return what `known_part` left, in normal form, with what is unknown in its place."""
    if not isinstance(value, Mapping) or not isinstance(part, Mapping):
        return value if has_unknown(value) else part
    return {name: whole(part.get(name, each), each) for name, each in value.items()}


def because(why: Mapping[str, str], name: str) -> str:
    """Return why a value is None, where that is known, for the end of a message."""
    return f" ({why[name]})" if name in why else ""


def fits(model: type[Inputs], name: str, value: Any) -> bool:
    """Tell whether a value would pass `check` as that property.

    Args:
        model: The kind's inputs.
        name: Boomi's name of the property.
        value: Its value.
    """
    if value is None:
        return False
    try:
        model.model_validate({name: value})
    except ValidationError:
        return False
    return True


def _failures(model: type[Inputs], error: ValidationError) -> Iterable[Failure]:
    for each in error.errors(include_url=False):
        loc, kind = each["loc"], each["type"]
        if loc[-1:] == ("[key]",) and each["input"] == loc[-2]:
            loc = loc[:-1]  # what is wrong is the name in a map
        path = place(loc) or "inputs"
        if kind == "extra_forbidden":
            yield Failure(path, _not_an_input(str(loc[-1]), _names_at(model, loc)))
        elif kind == "value_error":
            yield Failure(path, str(each["ctx"]["error"]))
        elif kind == "string_type":
            yield Failure(path, _no_text(each["input"]))
        elif kind == "missing":
            yield Failure(path, f"is required: give {to_snake(str(loc[-1]))}")
        else:
            yield Failure(path, each["msg"][:1].lower() + each["msg"][1:])


def place(parts: Iterable[int | str]) -> str:
    """Return where something stands in the inputs, such as `connections["Orders DB"].host`."""

    def one(part: int | str) -> str:
        if isinstance(part, int):
            return f"[{part}]"
        return f".{part}" if part.isidentifier() else f'["{part}"]'

    return "".join(map(one, parts)).lstrip(".")


def _no_text(value: Any) -> str:
    if type(value) in {int, float}:
        return "is a number, and a text is needed: quote it, since 1.10 as a number is 1.1"
    what = "an object" if isinstance(value, Mapping) else "a list" if isinstance(value, (list, tuple)) else "no text"
    return f"is {what}; a text is needed"


def _names_at(model: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    """Return the names, by Boomi's, that the object at a place may have; empty below what is no model."""
    for part in loc[:-1]:
        if isinstance(part, int):
            continue
        field = next((each for each in model.model_fields.values() if each.alias == part), None)
        inner = _model_in(field.annotation) if field is not None else None
        if inner is None:
            return []
        model = inner
    fields = model.model_fields.items()
    return [
        field.alias or name for name, field in fields if all(getattr(rule, "given", True) for rule in field.metadata)
    ]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


_OF_THE_STACK = frozenset({"accountId", "username", "token", "region", "baseUrl", "overrideAccount"})


def _not_an_input(name: str, known: Iterable[str]) -> str:
    names, python = list(map(to_snake, known)), to_snake(name)
    if to_camel(python) in _OF_THE_STACK:
        setting = to_camel(python)
        return f"is no argument of a resource; it is a setting, boomi:{setting}, or an argument of boomi.Provider"
    near = difflib.get_close_matches(python, names, 1) or [each for each in names if f"_{each}_" in f"_{python}_"]
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
    return f"is not an argument of this resource; {hint}"


def _fill_companions(
    rule_of: Mapping[str, Rule], olds: Mapping[str, Any], normal: Bag, answers: Mapping[str, Any]
) -> None:
    same = bool(olds) and identity(rule_of, olds) == identity(rule_of, normal)
    for name, rule in rule_of.items():
        if name in normal:
            continue
        last = olds.get(name)
        value = last if rule.settled and same else _companion(rule, last, olds, normal, answers)
        if value is UNKNOWN and rule.keep_while_unknown and last is not None:
            value = last
        if value is not None:
            normal[name] = value


def _companion(rule: Rule, last: Any, olds: Mapping[str, Any], normal: Bag, answers: Mapping[str, Any]) -> Any:
    """Return what the account says; UNKNOWN while nobody knows which object is meant; else the last value."""
    for source, name in filter(None, (rule.held, rule.companion)):
        if source not in normal:
            continue
        answer = answers.get(source)
        if answer is UNKNOWN:
            return UNKNOWN
        if isinstance(answer, Found) and (answer.key is UNKNOWN or answer.key == normal[source]):
            if answer.properties.get(name) is not None:
                return answer.properties[name]
            if not answer.partial:
                continue
        if isinstance(answer, Absent) and not answer.said:
            continue
        if not rule.settled and last is not None and olds.get(source) == normal[source]:
            return last
    return None


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
            f"cannot become {shown(new)}: {to_snake(rule.fixed_by)} {shown(news[rule.fixed_by])} was frozen with "
            f"{shown(old)}, and {rule.why_fixed}; raise {to_snake(rule.fixed_by)}",
        )


def _moved(rule_of: Mapping[str, Rule], olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    return any(
        name in news and olds.get(name) is not None and news[name] != olds[name]
        for name, rule in rule_of.items()
        if rule.change is Change.REPLACE and rule.fixed_by is None
    )


def shown(value: Any) -> str:
    """Return a value for a message."""
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
    """Return outputs: the inputs in normal form, the live value where the field can drift, and the rest.

    Args:
        model: The kind's inputs.
        inputs: Checked inputs.
        live: The live object as outputs.
    """
    rule_of = rules(model)
    outputs = {name: value for name, value in live.items() if value is not None}
    declared = {
        name: value
        for name, value in inputs.items()
        if name in rule_of and (not rule_of[name].drifts or live.get(name) is None)
    }
    return outputs | declared


def names(values: Sequence[str]) -> str:
    """Return a list for a sentence: the first few, and how many more."""
    few = 5
    shown = ", ".join(values[:few])
    return shown if len(values) <= few else f"{shown} and {len(values) - few} more"
