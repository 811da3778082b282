"""What `pulumi preview --json` wrote, read for a reviewer; the Python package and the plugin write the same names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from boomi_pulumi._kinds import KINDS

__all__ = ["UNKNOWN", "Bag", "NotAPreview", "Review", "Step", "read"]

Bag = Mapping[str, Any]


UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What Pulumi writes for a value that is known only after `pulumi up`."""


_URN = re.compile(r"urn:pulumi:(?P<stack>[^:]+)::(?P<project>[^:]+)::")


def _is_ours(line: str) -> bool:
    """Tell whether a line is the provider's: it begins with a kind and a title."""
    kind, _, rest = line.partition(" ")
    return kind in KINDS and ": " in rest


class NotAPreview(ValueError):
    """The text is not what `pulumi preview --json` writes; the message says what to do."""


@dataclass(frozen=True)
class Step:
    """What a preview says of one resource.

    Attributes:
        op: Pulumi's word: create, update, replace, delete, same, …
        kind: Boomi's name of the object; empty for a resource of another provider.
        name: The resource's name in the program.
        type: Pulumi's type of the resource.
        old: Its outputs before, over its inputs.
        new: Its inputs now.
        retained: Whether the old object stays in Boomi (`retain_on_delete`).
    """

    op: str
    kind: str
    name: str
    type: str
    old: Bag
    new: Bag
    retained: bool = False

    @property
    def bag(self) -> Bag:
        """What the resource will be, or was where it goes."""
        return self.new or self.old


@dataclass(frozen=True)
class Review:
    """A preview, sorted for a reader.

    Attributes:
        stack: project/stack.
        steps: What changes, without what stays the same.
        errors: Why Pulumi refused.
        warnings: What Pulumi, or the provider, warned of.
        said: What the provider told of what stays as it is, such as a deployment that somebody else made.
    """

    stack: str
    steps: tuple[Step, ...] = ()
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    said: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """Return what a program wants to know, without any value of a resource."""
        steps = [{"op": step.op, "kind": step.kind or step.type, "name": step.name} for step in self.steps]
        return {"stack": self.stack, "errors": [*self.errors], "warnings": [*self.warnings], "steps": steps}


def read(body: str) -> Review:
    """Read what `pulumi preview --json` wrote.

    Raises:
        NotAPreview: It is something else.
    """
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not ({"steps", "diagnostics"} & set(found)):
        raise NotAPreview(
            "This is not the output of `pulumi preview --json`. Run `pulumi preview --json > preview.json`, "
            "then `boomi-pulumi review preview.json`."
        )
    rows = [row for row in found.get("steps") or [] if isinstance(row, dict)]
    said = [each for each in found.get("diagnostics") or [] if isinstance(each, dict)]
    urns = (_URN.match(str(row.get("urn"))) for row in [*rows, *said])
    stack = next((f"{urn['project']}/{urn['stack']}" for urn in urns if urn), "")
    return Review(
        stack=stack,
        steps=tuple(step for step in map(_step, rows) if step is not None),
        errors=tuple(_lines(said, "error")),
        warnings=tuple(_lines(said, "warning")),
        said=tuple(dict.fromkeys(line for line in _lines(said, "info", "info#err") if _is_ours(line))),
    )


def _step(row: Bag) -> Step | None:
    urn, op = str(row.get("urn", "")), str(row.get("op", ""))
    old, new = _bag(row.get("oldState")), _bag(row.get("newState"))
    type_ = str(new.get("type") or old.get("type") or "")
    if not type_ or op in {"same", "read", "refresh"} or type_.startswith("pulumi:"):
        return None
    boomi = type_.startswith(("pulumi-python:dynamic/boomi:", "boomi:index:"))
    return Step(
        op=op,
        kind=type_.rpartition(":")[2] if boomi else "",
        name=urn.rpartition("::")[2],
        type=type_,
        old={**_bag(old.get("inputs")), **_bag(old.get("outputs"))},
        new=_bag(new.get("inputs")),
        retained=old.get("retainOnDelete") is True,
    )


def _bag(value: object) -> Bag:
    return value if isinstance(value, Mapping) else {}


def _lines(said: Iterable[Bag], *severities: str) -> Iterator[str]:
    for each in said:
        if each.get("severity") in severities:
            line = " ".join(str(each.get("message", "")).split()).removeprefix(f"{severities[0]}: ")
            if not line.startswith("an unhandled error occurred: program exited") and line != "preview failed":
                yield line
