"""The values of environments, field by field: what nobody has set, what no deployed process declares, what differs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BadRequest
from boomi_pulumi._api.extensions import SECTIONS, Extension, Fields, extensions_of
from boomi_pulumi._api.models import ENVIRONMENT_EXTENSIONS, Environment, EnvironmentExtensions
from boomi_pulumi.cli.account import UNREADABLE
from boomi_pulumi.cli.stacks import Stack

__all__ = ["VALUES", "ValueCell", "ValueLine", "compare_values", "is_like_a_secret", "read_values"]

VALUES = {
    "unset": "a deployed process declares it, nobody has set it, and no stack names it",
    "undeclared": "a stack names it, and no process that is deployed there declares it",
}
"""What a report finds about values."""

_LIKE_A_SECRET = re.compile(r"passw|secret|token|credential|(api|private|access).?key", re.IGNORECASE)
"""Names of fields whose values nobody wants on a page, also where Boomi does not encrypt them."""

Key = tuple[str, str, str]


@dataclass(frozen=True)
class ValueCell:
    """A field in an environment.

    Attributes:
        there: The field; None where no deployed process declares it.
        stacks: project/stack of those that name it.
        secret: Whether its value is shown to nobody.
    """

    there: Extension | None
    stacks: tuple[str, ...] = ()
    secret: bool = False

    @property
    def finding(self) -> str:
        """One of VALUES, or nothing."""
        if self.there is None:
            return "undeclared"
        return "" if self.there.set or self.stacks else "unset"

    @property
    def value(self) -> Any:
        """The value, where there is one that anybody may see."""
        return None if self.secret or self.there is None else self.there.value

    def word(self, *, with_value: bool) -> str:
        """Return what stands in a table."""
        if self.there is None:
            return f"undeclared ({', '.join(self.stacks)})"
        if with_value and self.secret:
            return "set" if self.there.set else "not set"
        if not self.there.set:
            return self.finding or "default"
        return _told(self.there.value) if with_value else "set"


@dataclass(frozen=True)
class ValueLine:
    """A field, and what there is to say of it.

    Attributes:
        path: Its names, such as `connections/Orders DB/host`; with the component's id where two fields have them.
        cells: Environment id -> the field there.
    """

    path: str
    cells: Mapping[str, ValueCell]

    def finds(self) -> bool:
        """Tell whether there is something to look at."""
        return any(cell.finding for cell in self.cells.values())

    def differs(self, environments: Sequence[str]) -> bool:
        """Tell whether environments are seen to have different values."""
        cells = [self.cells.get(id_) for id_ in environments]
        return len({(each.word(with_value=True), str(each.value)) if each else None for each in cells}) > 1


def _told(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} rows"
    if isinstance(value, dict):
        return f"{value['secretsManagerType']}: {value['secretReference']}"
    return str(value) or '""'


def read_values(
    client: Client, environments: Sequence[Environment], titles: Mapping[str, str], notes: list[str]
) -> dict[str, EnvironmentExtensions]:
    """Return environment id -> its values, with a request for a hundred; what cannot be read is left out, and noted.

    Args:
        client: The account.
        environments: The environments.
        titles: Id -> name of each.
        notes: Gets a line for what cannot be read.

    Raises:
        RequestError: They could not be read for another reason than the user's rights.
    """
    try:
        found = client.bulk(ENVIRONMENT_EXTENSIONS, [each.id for each in environments])
    except UNREADABLE as error:
        notes.append(
            f"The values of environments are not known ({error}). It takes {ENVIRONMENT_EXTENSIONS.privileges}."
        )
        return {}
    read_: dict[str, EnvironmentExtensions] = {}
    for id_, each in found.items():
        if isinstance(each, (Missing, BadRequest)):
            # Boomi may have no such object where nothing deployed declares a field.
            read_[id_] = EnvironmentExtensions(id=id_)
        elif isinstance(each, EnvironmentExtensions):
            read_[id_] = each
        else:
            notes.append(f"The values of {titles[id_]} are not known ({each}).")
    return read_


def compare_values(read_: Mapping[str, EnvironmentExtensions], stacks: Iterable[Stack]) -> tuple[ValueLine, ...]:
    """Judge the fields of environments; nothing is sent.

    Args:
        read_: Environment id -> its values.
        stacks: What stacks say.
    """
    fields = {id_: extensions_of(record) for id_, record in read_.items()}
    every = {_key(each): each for of in fields.values() for each in of}
    anywhere = Fields(every.values())
    cells: dict[Key, dict[str, ValueCell]] = {}
    for id_, of in fields.items():
        for each in of:
            secret = each.encrypted and not isinstance(each.value, dict)
            cells.setdefault(_key(each), {})[id_] = ValueCell(each, (), secret or is_like_a_secret(each))
    for said in (each for stack in stacks for each in stack.values if each.environment_id in fields):
        for path in said.paths:
            # One that is declared elsewhere has its line already.
            named = fields[said.environment_id].named(path) or anywhere.named(path)
            key = _key(named[0]) if named else ("", "", path)
            line = cells.setdefault(key, {})
            cell = line.get(said.environment_id, ValueCell(None))
            stacks_ = tuple(dict.fromkeys((*cell.stacks, said.stack)))
            line[said.environment_id] = replace(cell, stacks=stacks_, secret=cell.secret or path in said.secrets)
    paths = {key: every[key].path if key in every else key[2] for key in cells}
    counts = Counter(paths.values())
    lines = [
        ValueLine(path if counts[path] == 1 else f"{path} ({key[1] or 'undeclared'})", _veiled(cells[key]))
        for key, path in paths.items()
    ]
    order = [*SECTIONS]
    return tuple(sorted(lines, key=lambda each: (_place(order, each.path), each.path.lower(), each.path)))


def _veiled(cells: Mapping[str, ValueCell]) -> Mapping[str, ValueCell]:
    """Return the cells of a line; what one stack keeps secret is a secret of every environment."""
    secret = any(cell.secret for cell in cells.values())
    return {id_: replace(cell, secret=secret) for id_, cell in cells.items()}


def _place(order: Sequence[str], path: str) -> int:
    section = path.partition("/")[0]
    return order.index(section) if section in order else len(order)


def _key(field: Extension) -> Key:
    return field.section, field.component, field.field


def is_like_a_secret(field: Extension) -> bool:
    """Tell by its name whether a text that Boomi shows in clear is none for a page or a file."""
    own = (field.label, field.field) if field.field else (field.component, field.name)
    return isinstance(field.value, str) and any(map(_LIKE_A_SECRET.search, own))
