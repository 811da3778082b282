"""The values of an environment as fields: how EnvironmentExtensions is read, and how a part of it is written.

Source: EnvironmentExtensions in the Platform OpenAPI; how public clients were seen to write it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from boomi_pulumi._api.models import EnvironmentExtensions, flag, rows_of, text

__all__ = [
    "SECTIONS",
    "WHOLE",
    "Extension",
    "Fields",
    "Value",
    "extensions_of",
    "group_id",
    "overridden",
    "partial",
    "values_in",
    "without_end",
]

Value: TypeAlias = str | list[list[str]] | dict[str, str]
"""A text, the rows of a table, or where a secrets manager keeps a secret."""


@dataclass(frozen=True)
class Section:
    """A section of the object.

    Attributes:
        name: Boomi's name of it.
        rows: Boomi's name of the list of what is in it.
        parts: Boomi's name of the list of fields in each of those; "" where each is a field itself.
        group: Boomi's name of a list between the two, whose ids stand before those of the fields.
    """

    name: str
    rows: str
    parts: str = "field"
    group: str = ""


SECTIONS: dict[str, Section] = {
    "connections": Section("connections", "connection"),
    "operations": Section("operations", "operation"),
    "tradingPartners": Section("tradingPartners", "tradingPartner", group="category"),
    "sharedCommunications": Section("sharedCommunications", "sharedCommunication"),
    "processProperties": Section("processProperties", "ProcessProperty", "ProcessPropertyValue"),
    "properties": Section("properties", "property", ""),
    "crossReferences": Section("crossReferences", "crossReference", ""),
    "pgpCertificates": Section("PGPCertificates", "PGPCertificate", ""),
}
"""Our name -> section."""

WHOLE = ("properties", "crossReferences", "pgpCertificates")
"""The sections whose components are fields themselves."""

COLUMNS = 20
"""The most columns of a table."""


@dataclass(frozen=True)
class Extension:
    """A field that a deployed process declares.

    Attributes:
        section: Our name of the section.
        component: The component's id; the name of a dynamic process property.
        name: The component's name, where Boomi tells it.
        field: The id or the key of the field, with its category before it; "" where the component is the field.
        label: What people read in place of a key.
        value: The value that overrides the component's own one; None where there is none, or where Boomi encrypts it.
            The empty text of a dynamic process property may be either.
        set: Whether a value overrides the component's own one.
        encrypted: Whether Boomi encrypts it.
    """

    section: str
    component: str
    name: str
    field: str
    label: str
    value: Value | None
    set: bool
    encrypted: bool

    @property
    def path(self) -> str:
        """The field by the names that people know, such as `connections/Orders DB/host`."""
        return next(self.paths())

    def paths(self) -> Iterator[str]:
        """Yield what the field may be named by: names before ids."""
        for component in filter(None, (self.name, self.component)):
            for field in filter(None, (self.label, self.field)) if self.field else ("",):
                yield "/".join(filter(None, (self.section, component, field)))


class Fields:
    """The fields of an environment, each found by its paths."""

    def __init__(self, fields: Iterable[Extension]) -> None:
        self._all = tuple(fields)

    def __iter__(self) -> Iterator[Extension]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @cached_property
    def _by_path(self) -> dict[str, list[Extension]]:
        found: dict[str, list[Extension]] = {}
        for each in self._all:
            for path in dict.fromkeys(each.paths()):
                found.setdefault(path, []).append(each)
        return found

    def named(self, path: str) -> list[Extension]:
        """Return the fields that a path names: none, one, or several that share a name."""
        return self._by_path.get(path, [])

    def only(self, path: str) -> Extension | None:
        """Return the field that a path names; None where it names none or several."""
        match self.named(path):
            case [field]:
                return field
        return None


def group_id(environment: str, group: str) -> str:
    """Return the id of the extensions of one group of an environment. Source: samples of Boomi's pages, decoded."""
    return b64encode(f"{environment}:{group}".encode()).decode()


def values_in(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Return path -> value of the fields that inputs or outputs name, sorted; what is no map yet names none."""
    found: dict[str, Any] = {}
    for section in SECTIONS:
        components = bag.get(section)
        for name, of in components.items() if isinstance(components, Mapping) else ():
            if section in WHOLE:
                found[f"{section}/{name}"] = of
            elif isinstance(of, Mapping):
                found |= {f"{section}/{name}/{each}": value for each, value in of.items()}
    return dict(sorted(found.items()))


def overridden(fields: Iterable[Extension]) -> dict[str, Any]:
    """Return all overridden plain fields, as a program would declare them; Boomi tells no secret."""
    found: dict[str, Any] = {}
    for each in fields:
        if not each.set or each.value is None or (each.encrypted and not isinstance(each.value, dict)):
            continue
        component, own = each.name or each.component, each.label or each.field
        if isinstance(each.value, dict):
            found.setdefault("secretReferences", {})[each.path] = each.value
        elif each.section in WHOLE:
            found.setdefault(each.section, {})[component] = each.value
        elif each.value:
            found.setdefault(each.section, {}).setdefault(component, {})[own] = each.value
    return found


# -- reading -------------------------------------------------------------------------------------


def extensions_of(record: EnvironmentExtensions | None) -> Fields:
    """Return all fields of an environment, none where it is not known; what has no id is left out."""
    given: Mapping[str, Any] = record or {}
    return Fields(each for section in SECTIONS for each in _in_section(section, given.get(SECTIONS[section].name)))


def _in_section(name: str, given: Any) -> Iterator[Extension]:
    section = SECTIONS[name]
    for row in _rows(given, section.rows):
        if name == "properties":
            value = text(row.get("value"))
            # Boomi may show an empty text where nothing is set.
            yield Extension(name, str(row.get("name", "")), "", "", "", value, bool(value), encrypted=False)
        elif name == "crossReferences":
            is_set = flag(row.get("overrideValues")) is True
            table = _table(row.get("CrossReferenceRows")) if is_set else None
            yield Extension(name, _id(row), _name(row), "", "", table, is_set, encrypted=False)
        elif not section.parts:
            yield _field(name, row, row, "")
        elif section.group:
            for group in _rows(row.get(section.group)):
                for part in _rows(group.get(section.parts)):
                    yield _field(name, row, part, f"{_id(group)}/{_id(part)}")
        else:
            for part in _rows(row.get(section.parts)):
                yield _field(name, row, part, _id(part))


def _field(section: str, row: Mapping[str, Any], part: Mapping[str, Any], field: str) -> Extension:
    stored, value = flag(part.get("encryptedValueSet")) is True, text(part.get("value"))
    encrypted = flag(part.get("usesEncryption")) is True or stored
    # A process property has neither value nor flag until somebody has saved one.
    is_set = flag(part.get("useDefault")) is not True and (stored if encrypted else value is not None)
    label = (text(part.get("label")) or "") if section == "processProperties" else ""
    shown: Value | None = value if is_set and not encrypted else None
    kept = part.get("CloudManagedSecretConfig")
    if isinstance(kept, Mapping) and flag(kept.get("usesRemoteSecretsManager")) is True:
        is_set = True
        shown = {name: text(kept.get(name)) or "" for name in ("secretsManagerType", "secretReference")}
    return Extension(section, _id(row), _name(row), field, label, shown, is_set, encrypted)


def _table(given: Any) -> list[list[str]]:
    rows = (row for row in rows_of(given, "row") if isinstance(row, Mapping))
    return [_columns(row) for row in rows if any(str(name).startswith("ref") for name in row)]


def _columns(row: Mapping[str, Any]) -> list[str]:
    return without_end([text(row.get(f"ref{number}")) or "" for number in range(1, COLUMNS + 1)])


def without_end(row: Sequence[str]) -> list[str]:
    """Return a row of a table without the empty columns at its end."""
    last = max((place for place, each in enumerate(row, 1) if each), default=0)
    return list(row[:last])


def _rows(given: Any, name: str = "") -> Iterator[Mapping[str, Any]]:
    """Yield what stands in a list; an empty list may be its wrapper alone."""
    for row in rows_of(given, name):
        if isinstance(row, Mapping) and (_id(row) or _name(row)):
            yield row


def _id(row: Mapping[str, Any]) -> str:
    return text(row.get("id")) or text(row.get("key")) or ""


def _name(row: Mapping[str, Any]) -> str:
    return text(row.get("name")) or ""


# -- writing -------------------------------------------------------------------------------------


def partial(
    record: EnvironmentExtensions,
    wanted: Sequence[tuple[Extension, Value | None]],
) -> dict[str, Any]:
    """Return the body of an update that changes some fields and no other.

    It always says `partial`: without it, Boomi resets what the body does not name.

    Args:
        record: The object as it was read.
        wanted: Each field with its new value; None for the component's own one.
    """
    # Boomi's pages disagree on whether a component's process properties are taken one by one or as a whole. So those
    # that are overridden travel with the others, as they are.
    touched = {each.component for each, _ in wanted if each.section == "processProperties"}
    named = {(each.component, each.field) for each, _ in wanted}
    stays = [
        (each, _AS_IT_IS)
        for each in extensions_of(record)
        if each.section == "processProperties"
        and each.component in touched
        and each.set
        and (each.component, each.field) not in named
    ]
    about = {"id": record.id, "environmentId": record.environment_id or record.id}
    if record.extension_group_id:
        about["extensionGroupId"] = record.extension_group_id
    sections: dict[str, Any] = {}
    for field, value in [*wanted, *stays]:
        _put(sections, field, value)
    return {**about, "partial": True, **sections}


_AS_IT_IS: Any = object()


def _put(body: dict[str, Any], field: Extension, value: Any) -> None:
    section = SECTIONS[field.section]
    rows: list[dict[str, Any]] = body.setdefault(section.name, {}).setdefault(section.rows, [])
    if field.section == "properties":
        # Boomi refuses `useDefault` here; the name alone takes the value back.
        rows.append({"name": field.component, **({} if value is None else {"value": value})})
        return
    if not section.parts:
        new = _of_table(value) if field.section == "crossReferences" else _new(field, value)
        rows.append({"id": field.component, **new})
        return
    row = _row(rows, field.component, {"name": field.name} if field.name else {})
    own = field.field
    if section.group:
        group, _, own = field.field.partition("/")
        row = _row(row.setdefault(section.group, []), group, {})
    key = "key" if field.section == "processProperties" else "id"
    label = {"label": field.label} if field.label else {}
    row.setdefault(section.parts, []).append({key: own, **label, **_new(field, value)})


def _row(rows: list[dict[str, Any]], id_: str, about: Mapping[str, str]) -> dict[str, Any]:
    found = next((row for row in rows if row["id"] == id_), None)
    if found is None:
        found = {"id": id_, **about}
        rows.append(found)
    return found


def _new(field: Extension, value: Any) -> dict[str, Any]:
    if value is _AS_IT_IS and field.value is None:
        # An encrypted value that is not sent stays in force.
        return {"useDefault": False, "encryptedValueSet": True}
    value = field.value if value is _AS_IT_IS else value
    if value is None:
        return {} if field.section == "processProperties" else {"useDefault": True}
    if isinstance(value, Mapping):
        return {"useDefault": False, "CloudManagedSecretConfig": {"usesRemoteSecretsManager": True, **value}}
    return {"value": value, "useDefault": False, **({"encryptedValueSet": True} if field.encrypted else {})}


def _of_table(value: list[list[str]] | None) -> dict[str, Any]:
    rows = [{f"ref{place}": each for place, each in enumerate(row, 1)} for row in value or []]
    return {"overrideValues": value is not None, "CrossReferenceRows": {"row": rows}}
