"""Boomi's XML, to and from the shapes that its JSON has."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from xml.etree import ElementTree as ET

Row = dict[str, Any]

NAMESPACE: Final = "http://api.platform.boomi.com/"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_TYPE: Final = f"{{{_XSI}}}type"
_NOT_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LISTS: Final = frozenset(
    {
        "argument",
        "nestedExpression",
        "request",
        "PublisherPackagedComponent",
        "ReleasePackagedComponent",
        "RoleReference",
        "sortField",
    }
)
_HOLDERS: Final = frozenset(
    {
        "QueryFilter",
        "QuerySort",
        *("DynamicProcessProperties", "ProcessProperties"),
        "PublisherPackagedComponents",
        "ReleasePackagedComponents",
        *("connections", "operations", "tradingPartners", "sharedCommunications", "processProperties", "properties"),
        *("crossReferences", "CrossReferenceRows", "PGPCertificates", "row"),
    }
)
_TEXTS: Final = frozenset({"argument", "Description"})  # elements that mean something when they are empty
_EXPRESSIONS: Final = {"SimpleExpression": False, "GroupingExpression": True}  # does it nest

ET.register_namespace("bns", NAMESPACE)
ET.register_namespace("xsi", _XSI)


class BadXml(ValueError):
    """A body that cannot be read; the message is what Boomi answers."""


def write_object(name: str, value: Row, *, attributes: bool) -> str:
    """Write one object.

    Args:
        name: The object's name.
        value: Its JSON shape.
        attributes: Whether its plain fields are attributes; otherwise they are elements.

    Returns:
        A document.
    """
    root = ET.Element(_tag(name))
    _fill(root, value, attributes=attributes)
    return _document(root)


def write_page(value: Row, *, attributes: bool) -> str:
    """Write a page of a query's result.

    Args:
        value: Its JSON shape.
        attributes: As for `write_object`.

    Returns:
        A document.
    """
    root = ET.Element(_tag("QueryResult"), numberOfResults=str(value["numberOfResults"]))
    for item in value.get("result") or []:
        found = ET.SubElement(root, _tag("result"), {_TYPE: f"bns:{item['@type']}"})
        _fill(found, item, attributes=attributes)
    if "queryToken" in value:
        ET.SubElement(root, _tag("queryToken")).text = value["queryToken"]
    return _document(root)


def write_async(value: Row, *, attributes: bool) -> str:
    """Write an answer that a client came for later.

    Args:
        value: Its JSON shape.
        attributes: As for `write_object`.

    Returns:
        A document.
    """
    plain = {name: _text(inner) for name, inner in value.items() if name not in ("@type", "result")}
    root = ET.Element(_tag("AsyncOperationResult"), plain)
    for item in value.get("result") or []:
        found = ET.SubElement(root, _tag("result"), {_TYPE: f"bns:{item['@type']}"})
        _fill(found, item, attributes=attributes)
    return _document(root)


def write_bulk(value: Row, *, attributes: bool) -> str:
    """Write the answer to a bulk request.

    Args:
        value: Its JSON shape.
        attributes: As for `write_object`.

    Returns:
        A document.
    """
    root = ET.Element(_tag("BulkResult"))
    for item in value["response"]:
        plain = {name: _text(inner) for name, inner in item.items() if name not in ("@type", "Result")}
        answer = ET.SubElement(root, _tag("response"), plain)
        if "Result" in item:
            found = ET.SubElement(answer, _tag("Result"), {_TYPE: f"bns:{item['Result']['@type']}"})
            _fill(found, item["Result"], attributes=attributes)
    return _document(root)


def write_error(message: str) -> str:
    """Write a refusal.

    Args:
        message: What it says.

    Returns:
        A document.
    """
    root = ET.Element("error")
    ET.SubElement(root, "message").text = _text(message)
    return ET.tostring(root, encoding="unicode")


def write_user_message(about: str, message: str) -> str:
    """Write a refusal of a user, which has a form of its own.

    Args:
        about: Its id, such as `error.user.login`.
        message: What it says.

    Returns:
        A document.
    """
    root = ET.Element("UserMessage", id=about, type="error")
    ET.SubElement(root, "Data").text = _text(message)
    return ET.tostring(root, encoding="unicode")


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _fill(element: ET.Element, value: Row, *, attributes: bool, tag: Callable[[str], str] = _tag) -> None:
    for name, inner in value.items():
        if name == "@type":
            continue
        if isinstance(inner, dict | list):
            for item in inner if isinstance(inner, list) else [inner]:
                # Inside, everything plain is an attribute, whatever the object itself does.
                _fill(ET.SubElement(element, tag(name)), item, attributes=True, tag=str if name == "object" else tag)
        elif attributes and name not in _TEXTS:
            element.set(name, _text(inner))
        else:
            ET.SubElement(element, tag(name)).text = _text(inner)


def _text(value: Any) -> str:
    return _NOT_XML.sub("?", str(value).lower() if isinstance(value, bool) else str(value))


def _document(root: ET.Element) -> str:
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{body}'


def read(text: str, name: str) -> Row:
    """Read a body into the shape that its JSON would have.

    Args:
        text: The document.
        name: What its root must be.

    Returns:
        The decoded body.

    Raises:
        BadXml: It is no document, declares a type of its own, or has another root.
    """
    # Without a document type there are no entities of its own, so nothing can grow or be fetched.
    if "<!DOCTYPE" in text:
        raise BadXml("Unable to read message body. A document type is not allowed.")
    try:
        root = ET.fromstring(text)  # noqa: S314  # see above
        if _local(root.tag) != name:
            raise BadXml(f"Unable to read message body: unexpected element {_local(root.tag)}, expected {name}.")
        return _row(root)
    except (ET.ParseError, ValueError, RecursionError) as error:
        if isinstance(error, BadXml):
            raise
        raise BadXml(
            "Unable to read message body. Please make sure the structure of the body is correct for this request."
        ) from None


def _row(element: ET.Element) -> Row:
    result: Row = {}
    for key, value in element.attrib.items():
        if not key.startswith(f"{{{_XSI}}}"):
            result[_local(key)] = value
    for child in element:
        name = _local(child.tag)
        inner = _value(child, name)
        if name in _LISTS:
            result.setdefault(name, []).append(inner)
        else:
            result[name] = [*_several(result[name]), inner] if name in result else inner
    if _local(element.tag) in ("expression", "nestedExpression"):
        _check_expression(element, result)
    return result


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _value(element: ET.Element, name: str) -> Any:
    if len(element) or element.attrib or name in _HOLDERS:
        return _row(element)
    text = (element.text or "").strip()
    return text if text or name in _TEXTS else None


def _check_expression(element: ET.Element, row: Row) -> None:
    form = element.get(_TYPE, "").rpartition(":")[2]
    if form not in _EXPRESSIONS or _EXPRESSIONS[form] is not ("nestedExpression" in row):
        raise BadXml("Unable to read the query: an expression must be a SimpleExpression or a GroupingExpression.")


def _local(name: str) -> str:
    return name.rpartition("}")[2]
