"""Boomi's filter language and its paging tokens, as pure functions."""

from __future__ import annotations

import base64
import hashlib
import operator as operators
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Row = dict[str, Any]
Test = Callable[[Mapping[str, Any]], bool]

PAGE: Final = 100
ARITY: Final = {
    "EQUALS": 1,
    "NOT_EQUALS": 1,
    "LIKE": 1,
    "CONTAINS": 1,
    "NOT_CONTAINS": 1,
    "GREATER_THAN": 1,
    "GREATER_THAN_OR_EQUAL": 1,
    "LESS_THAN": 1,
    "LESS_THAN_OR_EQUAL": 1,
    "BETWEEN": 2,
    "IS_NULL": 0,
    "IS_NOT_NULL": 0,
}
_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.\d+)?Z)?")
_BOOLEANS: Final = {"true": True, "false": False}
_SNAPSHOT: Final = 16
_TOKEN: Final = _SNAPSHOT + 4 + 8


class BadFilter(ValueError):
    """A filter that Boomi would refuse; the message is what it answers."""


@dataclass(frozen=True)
class Cases:
    """Which comparisons of texts take no notice of case."""

    like: bool = True
    contains: bool = False
    equals: bool = False


@dataclass(frozen=True)
class Filter:
    """What a query's body asks for.

    Attributes:
        test: Tells whether a row is wanted.
        properties: The properties that it names.
        operators: The operators that it uses.
        conditions: How many comparisons it makes.
        keys: For some properties, every value that a wanted row may have there.
    """

    test: Test
    properties: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()
    conditions: int = 0
    keys: Mapping[str, frozenset[Any]] = field(default_factory=dict)


def parse(body: Any, properties: Mapping[str, str], cases: Cases | None = None, *, sortable: bool = False) -> Filter:
    """Read the body of a query.

    Args:
        body: The decoded request; every spelling of an empty filter asks for all rows.
        properties: What the object can be filtered by, with the type of each.
        cases: Which comparisons take no notice of case.
        sortable: Whether a `QuerySort` may stand beside the filter; see `ordered`.

    Returns:
        The filter.

    Raises:
        BadFilter: The structure, a property, an operator or a number of arguments is wrong.
    """
    body = {} if body is None else body
    if not isinstance(body, dict) or not isinstance(body.get("QueryFilter") or {}, dict):
        raise BadFilter("Unable to read the query: expected QueryConfig with a QueryFilter.")
    extra = set(body) - {"QueryFilter", "@type", *(["QuerySort"] if sortable else [])}
    if extra:
        raise BadFilter(f"Unknown field '{min(extra)}' in QueryConfig.")
    expression = (body.get("QueryFilter") or {}).get("expression")
    if not expression:
        return Filter(lambda _row: True)
    return _expression(expression, properties, cases or Cases())


def ordered(rows: list[Row], sort: Any, properties: Mapping[str, str]) -> list[Row]:
    """Sort rows as a query wants them.

    Args:
        rows: The rows.
        sort: The `QuerySort` of the request; None leaves them as they are.
        properties: What the object can be sorted by.

    Returns:
        The rows; those without a value come last.

    Raises:
        BadFilter: The structure, a property or an order is wrong.
    """
    if sort is None:
        return rows
    fields = sort.get("sortField") if isinstance(sort, dict) else None
    fields = [fields] if isinstance(fields, dict) else fields
    if not isinstance(fields, list) or not all(isinstance(each, dict) for each in fields):
        raise BadFilter("Unable to read the query: expected QuerySort with a list of sortField.")
    for each in reversed(fields):
        name, order = each.get("fieldName"), each.get("sortOrder") or "ASC"
        if not isinstance(name, str) or name not in properties or order not in ("ASC", "DESC"):
            raise BadFilter(f"Cannot sort by '{name}' in the order '{order}'.")
        there = [row for row in rows if row.get(name) is not None]
        there.sort(key=lambda row, by=name: row[by], reverse=order == "DESC")  # type: ignore[misc]
        rows = there + [row for row in rows if row.get(name) is None]
    return rows


def _expression(node: Any, properties: Mapping[str, str], cases: Cases) -> Filter:
    if not isinstance(node, dict):
        raise BadFilter("An expression must be an object.")
    if "nestedExpression" in node:
        return _grouping(node, properties, cases)
    return _simple(node, properties, cases)


def _grouping(node: dict[str, Any], properties: Mapping[str, str], cases: Cases) -> Filter:
    # Boomi's own samples leave the operator out around a single expression.
    operator = node.get("operator", "and")
    if operator not in ("and", "or"):
        raise BadFilter(f"Operator '{operator}' cannot group expressions; use and, or.")
    nested = node["nestedExpression"]
    if not isinstance(nested, list) or not nested:
        raise BadFilter("A grouping expression needs a list of at least one simple expression.")
    parts = [_expression(child, properties, cases) for child in nested]
    tests = [part.test for part in parts]
    join = all if operator == "and" else any
    return Filter(
        lambda row: join(test(row) for test in tests),
        frozenset().union(*(part.properties for part in parts)),
        frozenset({operator}).union(*(part.operators for part in parts)),
        sum(part.conditions for part in parts),
        _all_keys(parts) if operator == "and" else _any_keys(parts),
    )


def _all_keys(parts: list[Filter]) -> dict[str, frozenset[Any]]:
    keys: dict[str, frozenset[Any]] = {}
    for part in parts:
        for prop, values in part.keys.items():
            keys[prop] = keys[prop] & values if prop in keys else values
    return keys


def _any_keys(parts: list[Filter]) -> dict[str, frozenset[Any]]:
    shared = set(parts[0].keys).intersection(*(part.keys for part in parts))
    return {prop: frozenset().union(*(part.keys[prop] for part in parts)) for prop in shared}


def _simple(node: dict[str, Any], properties: Mapping[str, str], cases: Cases) -> Filter:
    prop, operator, arguments = node.get("property"), node.get("operator"), node.get("argument") or []
    if not isinstance(prop, str) or prop not in properties:
        raise BadFilter(f"Property '{prop}' cannot be used to filter this object.")
    if not isinstance(operator, str) or operator not in ARITY:
        raise BadFilter(f"Operator '{operator}' is not supported.")
    if not isinstance(arguments, list) or len(arguments) != ARITY[operator]:
        raise BadFilter(f"Operator {operator} on '{prop}' takes {ARITY[operator]} argument(s).")
    keys: dict[str, frozenset[Any]] = {}
    if operator in ("LIKE", "CONTAINS", "NOT_CONTAINS"):
        test = _text_test(prop, operator, _plain(arguments[0], prop), cases)
    else:
        typed = [_typed(argument, properties[prop], prop) for argument in arguments]
        folded = cases.equals and properties[prop] == "text" and operator in ("EQUALS", "NOT_EQUALS")
        test = _folded_test(prop, operator, typed[0]) if folded else _value_test(prop, operator, typed)
        if operator == "EQUALS" and not folded and typed[0] != "":
            keys = {prop: frozenset(typed)}
    return Filter(test, frozenset({prop}), frozenset({operator}), 1, keys)


def _text_test(prop: str, operator: str, argument: str, cases: Cases) -> Test:
    if operator == "LIKE":
        flags = re.DOTALL | (re.IGNORECASE if cases.like else 0)
        pattern = re.compile(".*".join(map(re.escape, argument.split("%"))), flags)
        return lambda row: row.get(prop) is not None and pattern.fullmatch(_shown(row[prop])) is not None
    wanted = operator == "CONTAINS"
    fold: Callable[[str], str] = str.casefold if cases.contains else str
    argument = fold(argument)
    return lambda row: row.get(prop) is not None and (argument in fold(_shown(row[prop]))) is wanted


def _folded_test(prop: str, operator: str, argument: str) -> Test:
    wanted, argument = operator == "EQUALS", argument.casefold()

    def test(row: Mapping[str, Any]) -> bool:
        value = row.get(prop)
        return value is not None and (str(value).casefold() == argument) is wanted

    return test


def _value_test(prop: str, operator: str, arguments: list[Any]) -> Test:
    compare = _COMPARE[operator]

    def test(row: Mapping[str, Any]) -> bool:
        value = row.get(prop)
        if value is None or value == "":
            # As in SQL, a missing value is neither equal nor unequal to anything.
            return operator == "IS_NULL" or (operator == "EQUALS" and value == arguments[0])
        return bool(compare(value, *arguments))

    return test


_COMPARE: Final[dict[str, Callable[..., Any]]] = {
    "IS_NULL": lambda _value: False,
    "IS_NOT_NULL": lambda _value: True,
    "EQUALS": operators.eq,
    "NOT_EQUALS": operators.ne,
    "GREATER_THAN": operators.gt,
    "GREATER_THAN_OR_EQUAL": operators.ge,
    "LESS_THAN": operators.lt,
    "LESS_THAN_OR_EQUAL": operators.le,
    "BETWEEN": lambda value, low, high: low <= value <= high,
}


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(argument: Any, prop: str) -> str:
    if not isinstance(argument, str | int | float | bool):
        raise BadFilter(f"The argument for '{prop}' must be a plain value.")
    return _shown(argument)


def _typed(argument: Any, kind: str, prop: str) -> Any:
    text = _plain(argument, prop)
    if kind == "bool":
        if text.lower() not in _BOOLEANS:
            raise BadFilter(f"'{text}' is not a boolean, which '{prop}' is.")
        return _BOOLEANS[text.lower()]
    if kind == "int":
        return read_int(text, prop)
    if kind == "date":
        found = _DATE.fullmatch(text)
        if not found:
            raise BadFilter(f"'{text}' is not a date in the form yyyy-MM-dd'T'HH:mm:ss'Z', which '{prop}' is.")
        return f"{found[1]}T{found[2] or '00:00:00'}Z"
    return text


def read_int(text: str, prop: str) -> int:
    """Read a whole number; Boomi's samples also write it as `2.0`.

    Args:
        text: The number.
        prop: The name to put into the message.

    Returns:
        The number.

    Raises:
        BadFilter: It is not a whole number.
    """
    if not re.fullmatch(r"-?\d{1,9}(\.0)?", text):
        raise BadFilter(f"'{text}' is not a whole number, which '{prop}' is.")
    return int(float(text))


def write_token(snapshot: bytes, offset: int) -> str:
    """Name a place in a snapshot by an opaque text.

    Args:
        snapshot: The 16 bytes that name the snapshot.
        offset: The first row that was not sent yet.

    Returns:
        Base64 text, which may contain `/`, `+` and `=`.
    """
    plain = struct.pack(">I", offset)
    seal = hashlib.sha256(snapshot + plain).digest()[:8]
    return base64.b64encode(snapshot + plain + seal).decode()


def read_token(text: str) -> tuple[bytes, int] | None:
    """Undo `write_token`.

    Args:
        text: What a client sent back.

    Returns:
        The snapshot and the offset, or None when the text is not a token.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    snapshot, rest = raw[:_SNAPSHOT], raw[_SNAPSHOT:]
    if len(raw) != _TOKEN or hashlib.sha256(snapshot + rest[:4]).digest()[:8] != rest[4:]:
        return None
    return snapshot, int(struct.unpack(">I", rest[:4])[0])
