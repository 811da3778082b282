"""Boomi's filter language and its paging tokens, as pure functions."""

from __future__ import annotations

import base64
import hashlib
import operator as operators
import re
import struct
from collections.abc import Callable, Mapping
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


def parse(body: Any, properties: Mapping[str, str]) -> tuple[Test, frozenset[str]]:
    """Read the body of a query.

    Args:
        body: The decoded request.
        properties: What the object can be filtered by, with the type of each.

    Returns:
        A test for one row, and the properties that the filter names.

    Raises:
        BadFilter: The structure, a property, an operator or a number of arguments is wrong.
    """
    if not isinstance(body, dict) or not isinstance(body.get("QueryFilter"), dict):
        raise BadFilter("Unable to read the query: expected QueryConfig with a QueryFilter.")
    extra = set(body) - {"QueryFilter", "@type"}
    if extra:
        raise BadFilter(f"Unknown field '{min(extra)}' in QueryConfig.")
    expression = body["QueryFilter"].get("expression")
    if not expression:
        return (lambda _row: True), frozenset()
    named: set[str] = set()
    return _expression(expression, properties, named), frozenset(named)


def _expression(node: Any, properties: Mapping[str, str], named: set[str]) -> Test:
    if not isinstance(node, dict):
        raise BadFilter("An expression must be an object.")
    if "nestedExpression" in node:
        return _grouping(node, properties, named)
    return _simple(node, properties, named)


def _grouping(node: dict[str, Any], properties: Mapping[str, str], named: set[str]) -> Test:
    # Boomi's own samples leave the operator out around a single expression.
    operator = node.get("operator", "and")
    if operator not in ("and", "or"):
        raise BadFilter(f"Operator '{operator}' cannot group expressions; use and, or.")
    nested = node["nestedExpression"]
    if not isinstance(nested, list) or not nested:
        raise BadFilter("nestedExpression must be a list of expressions.")
    tests = [_expression(child, properties, named) for child in nested]
    join = all if operator == "and" else any
    return lambda row: join(test(row) for test in tests)


def _simple(node: dict[str, Any], properties: Mapping[str, str], named: set[str]) -> Test:
    prop, operator, arguments = node.get("property"), node.get("operator"), node.get("argument") or []
    if not isinstance(prop, str) or prop not in properties:
        raise BadFilter(f"Property '{prop}' cannot be used to filter this object.")
    if not isinstance(operator, str) or operator not in ARITY:
        raise BadFilter(f"Operator '{operator}' is not supported.")
    if not isinstance(arguments, list) or len(arguments) != ARITY[operator]:
        raise BadFilter(f"Operator {operator} on '{prop}' takes {ARITY[operator]} argument(s).")
    named.add(prop)
    if operator in ("LIKE", "CONTAINS", "NOT_CONTAINS"):
        return _text_test(prop, operator, _plain(arguments[0], prop))
    return _value_test(prop, operator, [_typed(argument, properties[prop], prop) for argument in arguments])


def _text_test(prop: str, operator: str, argument: str) -> Test:
    if operator == "LIKE":
        pattern = re.compile(".*".join(map(re.escape, argument.split("%"))), re.DOTALL)
        return lambda row: row.get(prop) is not None and pattern.fullmatch(_shown(row[prop])) is not None
    wanted = operator == "CONTAINS"
    return lambda row: row.get(prop) is not None and (argument in _shown(row[prop])) is wanted


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
