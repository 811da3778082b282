"""What processes declare and environments override, in the shapes of a seed, of Boomi's wire and of its audit log."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Row = dict[str, Any]
Declarations = dict[str, Row]
"""Path -> what a process declares there: `section`, `component` (its id), `name`, `field`, `label`, `encrypted`,
`componentOverride`, `value` (the component's own) and, of a shared communication, `type`."""
Values = dict[str, Row]
"""Path -> what an environment has stored there: `encrypted`, and `value`, `rows`, `secret` or `customProperties`."""

MOST_COLUMNS: Final = 20
_ATTRIBUTES: Final = frozenset(
    {"id", "value", "encryptedValueSet", "usesEncryption", "componentOverride", "useDefault"}
)
_FIELD: Final = _ATTRIBUTES | {"customProperties", "CloudManagedSecretConfig"}


@dataclass(frozen=True)
class Level:
    """One step from a section down to a value.

    Attributes:
        list: The name of the list.
        type: The `@type` of what is in it.
        key: What tells one from another.
        known: What else may stand there.
    """

    list: str
    type: str
    key: str = "id"
    known: frozenset[str] = frozenset({"name"})


_FIELDS: Final = Level("field", "Field", "id", _FIELD)

SECTIONS: Final[dict[str, tuple[str, tuple[Level, ...]]]] = {
    "connections": ("Connections", (Level("connection", "Connection"), _FIELDS)),
    "operations": ("Operations", (Level("operation", "Operation"), _FIELDS)),
    "tradingPartners": (
        "TradingPartners",
        (
            Level("tradingPartner", "TradingPartner"),
            Level("category", "TradingPartnerCategory"),
            _FIELDS,
        ),
    ),
    "sharedCommunications": (
        "SharedCommunications",
        (Level("sharedCommunication", "SharedCommunication", known=frozenset({"name", "type"})), _FIELDS),
    ),
    "processProperties": (
        "OverrideProcessProperties",
        (
            Level("ProcessProperty", "OverrideProcessProperty"),
            Level(
                "ProcessPropertyValue",
                "ProcessPropertyValue",
                "key",
                (_ATTRIBUTES - {"id"}) | {"label", "validate"},
            ),
        ),
    ),
    "properties": ("Properties", (Level("property", "Property", "name", frozenset({"value", "useDefault"})),)),
    "crossReferences": (
        "CrossReferences",
        (
            Level(
                "crossReference",
                "CrossReference",
                known=frozenset({"name", "overrideValues", "CrossReferenceRows"}),
            ),
        ),
    ),
    "PGPCertificates": (
        "PGPCertificates",
        (Level("PGPCertificate", "PGPCertificate", known=frozenset({"value", "useDefault"})),),
    ),
}
"""Section -> its `@type`, and the levels down to its values."""


class BadBody(ValueError):
    """A body that cannot be read; the message is what Boomi answers."""


# Ids.


def extensions_id(environment: str, group: str) -> str:
    """Tell the id of an EnvironmentExtensions: the environment's, or both in base64 for a process of a pack."""
    return base64.b64encode(f"{environment}:{group}".encode(errors="replace")).decode() if group else environment


def read_id(identifier: str) -> tuple[str, str]:
    """Tell the environment and the extension group of an id; in base64 with or without its padding."""
    try:
        padded = identifier + "=" * (-len(identifier) % 4)
        text = base64.b64decode(padded, validate=True).decode()
    except (binascii.Error, ValueError):
        return identifier, ""
    environment, colon, group = text.partition(":")
    return (environment, group) if colon and group and environment else (identifier, "")


# Seeds.


def declaration(item: Any, where: str, made_id: Callable[[str, str], str]) -> Row:
    """Read what a seed says that an environment may override: `section/component/field`, or an object with its `path`.

    Args:
        item: What the seed says.
        where: Whose it is, for a message.
        made_id: Makes an id of a kind and a name.

    Returns:
        The declaration.

    Raises:
        ValueError: It is no such path.
    """
    item = {"path": item} if isinstance(item, str) else item
    section, _, rest = str(item.get("path")).partition("/")
    name, _, field = rest.partition("/")
    section = "PGPCertificates" if section == "pgpCertificates" else section
    if section == "properties":
        name, field = rest, ""
    depth = len(SECTIONS[section][1]) if section in SECTIONS else 0
    parts = field.split("/", depth - 2) if field else []
    if not name or len(parts) != depth - 1 or not all(parts):
        raise ValueError(f"{where}: {item.get('path')} is no path of an extension")
    component = name if section == "properties" else str(item.get("id") or made_id("extension", f"{section}/{name}"))
    label = field if section == "processProperties" else ""
    row: Row = {
        "section": section,
        "component": component,
        "name": name,
        "field": str(item.get("key") or made_id("key", f"{name}/{field}")) if label else field,
        "label": label,
        "encrypted": bool(item.get("encrypted", False)),
        "componentOverride": bool(item.get("componentOverride", False)),
        "value": None if item.get("value") is None else str(item["value"]),
    }
    return {**row, "type": str(item["type"])} if item.get("type") else row


def path_of(declared: Row) -> str:
    """Tell the path of a declaration: the section, the component's id and the field's."""
    return "/".join(filter(None, (declared["section"], declared["component"], declared["field"])))


def _keys(declared: Row) -> list[str]:
    """The ids from a section down to a value."""
    depth = len(SECTIONS[declared["section"]][1])
    return [declared["component"], *(declared["field"].split("/", depth - 2) if depth > 1 else ())]


def _name_at(declared: Row, depth: int) -> str:
    # A trading partner's category has no name in a seed.
    return str(declared["name"]) if depth == 0 else _keys(declared)[depth].upper()


def name_of(declared: Row) -> str:
    """Tell the path of a declaration with names in place of ids."""
    shown = declared["label"] or declared["field"]
    return "/".join(filter(None, (declared["section"], declared["name"], shown)))


# Requests.


def leaves(body: Row, *, refuse_unknown: bool) -> Iterator[tuple[str, Row]]:
    """Tell what a request names: each path with what is sent there.

    Args:
        body: The sections.
        refuse_unknown: Whether what Boomi does not know is an error.

    Raises:
        BadBody: It has another structure.
    """
    for section, (_, levels) in SECTIONS.items():
        if section in body:
            yield from _below([section], body[section], levels, refuse_unknown=refuse_unknown)


def _below(
    path: list[str], holder: Any, levels: tuple[Level, ...], *, refuse_unknown: bool
) -> Iterator[tuple[str, Row]]:
    level, *rest = levels
    if not isinstance(holder, dict):
        raise BadBody(_UNREADABLE)
    items = holder.get(level.list, [])
    for item in items if isinstance(items, list) else [items]:
        if not isinstance(item, dict):
            raise BadBody(_UNREADABLE)
        known = level.known | {"@type", level.key} | ({rest[0].list} if rest else set())
        unknown = set(item) - known
        if unknown and refuse_unknown:
            raise BadBody(f"Unknown field '{min(unknown)}' in {level.type}.")
        key = item.get(level.key, "")
        if not isinstance(key, str):
            raise BadBody(_UNREADABLE)
        if rest:
            yield from _below([*path, key], item, tuple(rest), refuse_unknown=refuse_unknown)
        else:
            yield "/".join([*path, key]), item


_UNREADABLE: Final = (
    "Unable to read message body. Please make sure the structure of the body is correct for this request."
)


def has_null(node: Any) -> bool:
    """Tell whether there is a null anywhere."""
    if isinstance(node, dict):
        return any(map(has_null, node.values()))
    return any(map(has_null, node)) if isinstance(node, list) else node is None


def told(body: Any) -> Row:
    """Tell what a journal shows of an update: whether it is partial, and which fields it names; never a value."""
    body = unwrapped(body)
    if not isinstance(body, dict):
        return {}
    try:
        fields = [path for path, _ in leaves(body, refuse_unknown=False)]
    except BadBody:
        fields = []
    return {"partial": str(body.get("partial", False)).lower() == "true", "fields": fields}


def unwrapped(body: Any) -> Any:
    """Take the object out of the environment that stands around it in a sample of Boomi's."""
    inside = body.get("EnvironmentExtensions") if isinstance(body, dict) else None
    return inside if isinstance(inside, dict) else body


def read_rows(holder: Any) -> list[Row] | None:
    """Read the rows of a cross reference table; None where there are none.

    Raises:
        BadBody: It has another structure.
    """
    if holder is None:
        return None
    if not isinstance(holder, dict):
        raise BadBody(_UNREADABLE)
    if "row" not in holder:
        return None
    rows = holder["row"] if isinstance(holder["row"], list) else [holder["row"]]
    known = {f"ref{number}" for number in range(1, MOST_COLUMNS + 1)}
    for row in rows:
        if not isinstance(row, dict) or set(row) - known - {"@type"} or any(map(_is_nested, row.values())):
            raise BadBody(_UNREADABLE)
    return [{name: str(value) for name, value in row.items() if name != "@type"} for row in rows]


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict | list)


# Answers.


def whole(declarations: Declarations, values: Values, shown: Callable[[Row, Row | None], Row]) -> Row:
    """Write the eight sections.

    Args:
        declarations: What there is.
        values: What is overridden.
        shown: Writes one value.

    Returns:
        Section -> its JSON shape.
    """
    result: Row = {section: {"@type": kind} for section, (kind, _) in SECTIONS.items()}
    places: dict[str, Row] = {}
    for path, declared in declarations.items():
        section, keys = declared["section"], _keys(declared)
        place = result[section]
        *above, last = SECTIONS[section][1]
        for depth, level in enumerate(above):
            key = "/".join([section, *keys[: depth + 1]])
            if key not in places:
                node: Row = {"@type": level.type, "id": keys[depth], "name": _name_at(declared, depth)}
                if declared.get("type") and "type" in level.known:
                    node["type"] = declared["type"]
                place.setdefault(level.list, []).append(node)
                places[key] = node
            place = places[key]
        leaf = {"@type": last.type, last.key: keys[-1], **shown(declared, values.get(path))}
        place.setdefault(last.list, []).append(leaf)
    return result


def as_xml(declarations: Declarations, values: Values) -> str:
    """Write the values that an audit entry shows: those that are plain, and of the others that they are set."""
    root = ET.Element("processOverrides", internalVersion="2", saveVersion="2")
    for section in SECTIONS:
        holder = ET.SubElement(root, section)
        for path, declared in declarations.items():
            if declared["section"] != section:
                continue
            stored = values.get(path)
            attributes = {
                "id": path.removeprefix(f"{section}/"),
                "name": name_of(declared).removeprefix(f"{section}/"),
                "usesEncryption": str(declared["encrypted"]).lower(),
                "encryptedValueSet": str(declared["encrypted"] and stored is not None).lower(),
                "useDefault": str(stored is None).lower(),
            }
            if stored is not None and "value" in stored and not declared["encrypted"]:
                attributes["value"] = stored["value"]
            element = ET.SubElement(holder, "field", attributes)
            for row in (stored or {}).get("rows", []):
                ET.SubElement(element, "row", row)
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{ET.tostring(root, encoding="unicode")}'
