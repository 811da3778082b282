"""What `pulumi preview --json` wrote, read for a reviewer; the Python package and the plugin write the same names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import key

__all__ = ["NAMES", "PLACES", "UNKNOWN", "Bag", "NotAPreview", "Review", "Step", "read"]

Bag = Mapping[str, Any]


UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What Pulumi writes for a value that is known only after `pulumi up`."""

TAKEN_OVER = "this stack takes it over; "
"""In the line of the provider on an import, before whose it was."""

NAMES = {
    "componentName": "componentId",
    "packName": "integrationPackId",
    "connectorName": "classificationType",
    "processName": "processId",
    "environmentName": "environmentId",
    "runtimeName": "atomId",
}
"""The property that holds an object's name -> the one that holds its id."""

PLACES = ("environmentName", "runtimeName")
"""Those of them that tell where something is."""


_URN = re.compile(r"urn:pulumi:(?P<stack>[^:]+)::(?P<project>[^:]+)::")
_TRACEBACK = "Traceback (most recent call last):\n"
_FRAMES = re.compile(r"\A(?:[ \t].*\n)+")

_ECHO = re.compile(
    r"preview failed|Resource monitor has terminated, shutting down|an unhandled error occurred: program exited.*"
)
"""What Pulumi says beside the reason; the second only with newer CLIs (seen with 3.274)."""


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
        op: Pulumi's word: create, update, replace, delete, import, same, …
        kind: Boomi's name of the object; empty for a resource of another provider.
        name: The resource's name in the program.
        type: Pulumi's type of the resource.
        old: Its outputs before, over its inputs.
        new: Its inputs now.
        retained: Whether the old object stays in Boomi (`retain_on_delete`).
        id: The id of the old object, or of the one that is imported.
        whose: Who made what is imported, as the provider tells it.
        before: What this stack has had of the object that the step declares, under this name or another.
        declared: Whether a step of this preview declares the old object, so that it stays. None where this is not known
            before `pulumi up`.
    """

    op: str
    kind: str
    name: str
    type: str
    old: Bag
    new: Bag
    retained: bool = False
    id: str = ""
    whose: str = ""
    before: Bag = field(default_factory=dict)
    declared: bool | None = False

    @property
    def bag(self) -> Bag:
        """What the resource will be, or was where it goes."""
        return self.new or self.old

    @property
    def declares(self) -> bool:
        """Whether the program declares the object."""
        return self.op in {"create", "update", "replace", "import"}

    @property
    def goes(self) -> bool:
        """Whether the old object goes, unless something keeps it."""
        return self.op in {"delete", "replace"}

    @property
    def changes(self) -> bool:
        """Whether what is imported is changed as well."""
        return self.op == "import" and bool(self.old)

    def now(self, name: str) -> Any:
        """Return a line about what was found in Boomi; None where it is one of an earlier run."""
        return self.new.get(name) if self.op != "update" or self.new.get(name) != self.old.get(name) else None


@dataclass(frozen=True)
class Review:
    """A preview, sorted for a reader.

    Attributes:
        stack: project/stack.
        steps: What changes, without what stays the same; by environment, then by name.
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
    imports = {str(row.get("urn")) for row in rows if row.get("op") == "import"}
    taken = [each for each in said if TAKEN_OVER in str(each.get("message")) and str(each.get("urn")) in imports]
    whose = {str(each["urn"]): str(each["message"]).partition(TAKEN_OVER)[2].strip() for each in taken}
    steps = _matched([step for row in _joined(rows) if (step := _step(row, whose)) is not None])
    told = _lines((each for each in said if each not in taken), "info", "info#err")
    return Review(
        stack=stack,
        steps=tuple(sorted(steps, key=_place)),
        errors=tuple(_errors(said)),
        warnings=tuple(sorted(_lines(said, "warning"))),
        said=tuple(sorted({line for line in told if _is_ours(line)})),
    )


def _joined(rows: Iterable[Bag]) -> Iterator[Bag]:
    """Yield the rows; an import and the change that follows it are one, with what the stack takes over as the old."""
    imported: dict[str, dict[str, Any]] = {}
    for row in rows:
        urn = str(row.get("urn"))
        if row.get("op") == "import":
            imported[urn] = {**row}
        elif row.get("op") == "update" and urn in imported:
            imported[urn].update({**row, "op": "import"})
        else:
            yield row
    yield from imported.values()


def _step(row: Bag, whose: Mapping[str, str]) -> Step | None:
    urn, op = str(row.get("urn", "")), str(row.get("op", ""))
    old, new = _bag(row.get("oldState")), _bag(row.get("newState"))
    type_ = str(new.get("type") or old.get("type") or "")
    if not type_ or op in {"same", "read", "refresh"} or type_.startswith("pulumi:"):
        return None
    boomi = type_.startswith(("pulumi-python:dynamic/boomi:", "boomi:index:"))
    had, id_ = {**_bag(old.get("inputs")), **_bag(old.get("outputs"))}, str(old.get("id") or "")
    wanted = _bag(new.get("inputs"))
    if op == "import":
        id_ = str(new.get("importID") or "")
        # The id is environment/component, each by its id or its name.
        wanted = {"componentId": id_.partition("/")[2], **wanted} if "/" in id_ else wanted
    return Step(
        op=op,
        kind=type_.rpartition(":")[2] if boomi else "",
        name=urn.rpartition("::")[2],
        type=type_,
        old=had,
        new=wanted,
        retained=old.get("retainOnDelete") is True,
        id=id_,
        whose=whose.get(urn, "") if op == "import" else "",
        before=had if op in {"update", "import"} else {},
    )


def _bag(value: object) -> Bag:
    return value if isinstance(value, Mapping) else {}


def _place(step: Step) -> tuple[str, ...]:
    bag = step.bag
    where = next(filter(None, (bag.get(each) or bag.get(NAMES[each]) for each in PLACES)), "")
    words = (where, *(bag.get(name) for name in NAMES), bag.get("name"), bag.get("componentId"), step.name)
    return (*(str(word or "") for word in words), step.kind, step.op)


def _matched(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield the steps; one that removes and one that declares the same object know of each other.

    The provider removes nothing that the program declares, under whatever name.
    """
    declaring = [step for step in steps if step.kind in KINDS and step.declares]
    declared = {object_: step for step in declaring for object_ in _objects(step, step.new)}
    leaving = {object_: step for step in steps if step.goes for object_ in _objects(step, step.old)}
    for step in steps:
        if step.goes and any(object_ in declared for object_ in _objects(step, step.old)):
            step = replace(step, declared=True)  # noqa: PLW2901
        elif step.goes and any(_may_be(step, each) for each in declaring):
            step = replace(step, declared=None)  # noqa: PLW2901
        left = next((leaving[each] for each in _objects(step, step.new) if each in leaving), None)
        yield replace(step, before=left.old) if step.declares and left is not None else step


def _objects(step: Step, bag: Bag) -> Iterator[tuple[str, str]]:
    """Yield what a bag of a step tells of which object it is about."""
    kind = KINDS.get(step.kind)
    known = {name: value for name, value in bag.items() if isinstance(value, str) and value != UNKNOWN}
    found = key(kind.inputs, known) if kind and known else None
    if found:
        yield step.kind, found
    if step.id and (step.op == "import" or bag is step.old):
        yield step.kind, step.id


def _may_be(gone: Step, new: Step) -> bool:
    """Tell whether a deployment may be the one that goes, since its place is known only after `pulumi up`."""
    named = new.op == "import" and str(new.new.get("componentId")).endswith(str(gone.old.get("componentName")))
    return gone.kind == new.kind == "DeployedPackage" and all(
        new.new.get(name, UNKNOWN) in (UNKNOWN, gone.old.get(name)) or (named and name == "componentId")
        for name in ("environmentId", "componentId")
    )


def _errors(said: Sequence[Bag]) -> Iterator[str]:
    lines = sorted(_lines(said, "error"))
    if not lines and any(each.get("severity") == "error" for each in said):
        yield "Pulumi refused the preview, and tells why only in its log. A policy may have refused it."
    yield from lines


def _lines(said: Iterable[Bag], *severities: str) -> Iterator[str]:
    for each in said:
        if each.get("severity") in severities:
            line = " ".join(_ending(str(each.get("message", ""))).split()).removeprefix(f"{severities[0]}: ")
            if line and not _ECHO.fullmatch(line):
                yield line


def _ending(message: str) -> str:
    """Return a message without the frames of a Python traceback, which hide what was wrong."""
    head, traceback, _ = message.partition(_TRACEBACK)
    return f"{head} {_FRAMES.sub('', message.rpartition(_TRACEBACK)[2])}" if traceback else message
