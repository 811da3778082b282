"""An XML answer as the JSON that a schema describes, by the schema's own hints on what is an attribute."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NAMESPACE = "{http://api.platform.boomi.com/}"
OPEN = {"object", "processOverrides"}  # holds whatever a component is


class Deviation(ValueError):
    """Something stands in another form or place than the document says."""


def read(text: str, schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return a document in the shape of its JSON.

    Raises:
        Deviation: An attribute is an element or the reverse, or has no place in the schema.
    """
    return _read(ET.fromstring(text), schema, schemas)  # noqa: S314  # the emulator's own


def resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without a reference at its top, and with its parts put together."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if "allOf" in schema:
        parts = [resolved(part, schemas) for part in schema["allOf"]]
        return {
            "type": "object",
            "properties": {k: v for part in parts for k, v in part.get("properties", {}).items()},
            "required": [name for part in (schema, *parts) for name in part.get("required", [])],
        }
    return schema


def _read(element: ET.Element, schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    schema = resolved(schema, schemas)
    if schema.get("type") != "object":
        return _scalar(element.text or "", schema)
    properties = schema.get("properties", {})
    result: dict[str, Any] = {}
    for name, text in element.attrib.items():
        if not name.startswith(XSI):
            hint = resolved(properties.get(name, {}), schemas)
            if name not in properties or not properties[name].get("xml", {}).get("attribute"):
                raise Deviation(f"{element.tag}: attribute {name}")
            result[name] = _scalar(text, hint)
    for child in element:
        name = child.tag.removeprefix(NAMESPACE)
        if name not in properties or properties[name].get("xml", {}).get("attribute"):
            raise Deviation(f"{element.tag}: element {child.tag}")
        if name in OPEN:
            result[name] = {}
            continue
        inner = resolved(properties[name], schemas)
        if inner.get("type") == "array":
            result.setdefault(name, []).append(_read(child, inner["items"], schemas))
        else:
            result[name] = _read(child, inner, schemas)
    return result


def _scalar(text: str, schema: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "integer":
            return int(text)
        case "boolean":
            return {"true": True, "false": False}[text]
    return text
