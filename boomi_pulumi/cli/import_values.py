"""The values of an environment, as an imported project declares them: plain ones as they are, secrets left open."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic.alias_generators import to_snake

from boomi_pulumi._api.extensions import WHOLE, Extension, Fields, Value, extensions_of
from boomi_pulumi._api.models import EnvironmentExtensions
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._kinds.environment_extensions import BY_A_PERSON
from boomi_pulumi._lifecycle.fields import rules
from boomi_pulumi.cli.values import is_like_a_secret

__all__ = ["KIND", "ImportedValue", "SecretKeys", "inputs_of", "taken"]

KIND = "EnvironmentExtensions"

_ARGUMENTS = frozenset(map(to_snake, rules(KINDS[KIND].inputs))) - rules(KINDS[KIND].inputs).keys()
"""Words that Pulumi's SDK for Python would rename where they are the key of a map."""


@dataclass(frozen=True)
class ImportedValue:
    """A field that has a value.

    Attributes:
        section: Our name of the section.
        names: The component and the field, or the component alone; by names, or by ids where names do not do.
        value: The value; None for a secret, which Boomi never returns.
        secret: The key of a secret in the stack's configuration.
    """

    section: str
    names: tuple[str, ...]
    value: Value | None
    secret: str = ""

    @property
    def path(self) -> str:
        """The field, such as `connections/Orders DB/host`."""
        return "/".join((self.section, *self.names))


class SecretKeys:
    """Names secrets in the configuration of stacks; a field has one name in all stacks.

    Args:
        known: Path -> key of those that the project has already.
        taken: Keys that mean something else.
    """

    def __init__(self, known: Mapping[str, str], taken: Collection[str]) -> None:
        self._known, self._taken = dict(known), {*known.values(), *taken}

    def key(self, path: str) -> str:
        """Return the key of a field."""
        if path not in self._known:
            section, *names = path.split("/")
            ways = [_camel(names), _camel([section, *names])]
            more = (f"{ways[1]}{number}" for number in range(2, len(self._taken) + 3))
            self._known[path] = next(each for each in (*ways, *more) if each not in self._taken)
            self._taken.add(self._known[path])
        return self._known[path]


def _camel(names: Iterable[str]) -> str:
    first, *more = re.findall(r"[A-Za-z0-9]+", " ".join(names)) or ["secret"]
    word = "".join(
        [
            first.lower() if first.isupper() else first[:1].lower() + first[1:],
            *(each[:1].upper() + each[1:] for each in more),
        ]
    )
    return word if word[0].isalpha() else f"secret{word}"


def taken(record: EnvironmentExtensions, keys: SecretKeys) -> tuple[list[ImportedValue], list[tuple[str, str]]]:
    """Return the fields that have a value, and those of them that no program can declare, each with the reason."""
    fields = extensions_of(record)
    found: list[ImportedValue] = []
    left: list[tuple[str, str]] = []
    for each in (each for each in fields if each.set):
        names = _names(each, fields)
        reason = _reason(each) if names else "no name and no id tells it from another field"
        if reason or names is None:
            left.append((each.path, reason))
        elif each.value is None or is_like_a_secret(each):
            path = "/".join((each.section, *names))
            found.append(ImportedValue(each.section, names, None, keys.key(path)))
        else:
            found.append(ImportedValue(each.section, names, each.value))
    return found, left


def _reason(field: Extension) -> str:
    if field.field.lower() == BY_A_PERSON:
        return "only a person can set it, in Boomi"
    if field.value in ([], "") and field.section != "properties":
        return "its value is empty, and no program can declare that"
    return ""


def _names(field: Extension, fields: Fields) -> tuple[str, ...] | None:
    """Return how a program names a field: by names that name no other and stay themselves, or by ids."""
    for component in filter(None, (field.name, field.component)):
        if "/" in component and field.section not in WHOLE:
            continue
        for own in filter(None, (field.label, field.field)) if field.field else ("",):
            names = tuple(filter(None, (component, own)))
            if not _ARGUMENTS & {*names} and fields.named("/".join((field.section, *names))) == [field]:
                return names
    return None


def inputs_of(values: Iterable[ImportedValue], secret: Callable[[str], Any] | None = None) -> dict[str, Any]:
    """Return the inputs that declare values, by Boomi's names.

    Args:
        values: The values.
        secret: Returns what stands for a secret, by its key; left out, secrets are not declared.
    """
    given: dict[str, Any] = {}
    for each in values:
        if each.value is None and secret is None:
            continue
        if isinstance(each.value, dict):
            given.setdefault("secretReferences", {})[each.path] = each.value
            continue
        inside = given.setdefault(each.section, {})
        for name in each.names[:-1]:
            inside = inside.setdefault(name, {})
        inside[each.names[-1]] = secret(each.secret) if each.value is None and secret else each.value
    return given
