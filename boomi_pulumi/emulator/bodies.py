"""How the body of a request is read: JSON, XML, a paging token, or nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from boomi_pulumi.emulator import xml_form
from boomi_pulumi.emulator.rules import UNREADABLE, Refusal, Row

if TYPE_CHECKING:
    from boomi_pulumi.emulator.objects import Kind

_ROOTS = {"query": "QueryConfig", "ask": "QueryConfig", "bulk": "BulkRequest"}
_OPTIONAL = ("query", "cancel")


def read_body(raw: bytes, content_type: str, kind: Kind, verb: str, as_json: Any = "bare") -> Any:
    """Read a body.

    Args:
        raw: What was sent.
        content_type: Its type, as the header says.
        kind: The object that it is about.
        verb: What is asked for.
        as_json: How a paging token may come as JSON: as it is (`bare`), also in quotes (`accept`), or the status of the
            refusal.

    Returns:
        The decoded body; a paging token as text.

    Raises:
        Refusal: It cannot be read.
    """
    is_json = "json" in content_type.lower()
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise Refusal(400, UNREADABLE) from None
    if verb == "queryMore":
        if is_json and as_json in (400, 415):
            raise Refusal(as_json, "A queryToken must be sent as text/plain.")
        return text.strip('"') if as_json == "accept" else text
    if not text and verb in _OPTIONAL:
        return {}
    try:
        if is_json:
            return json.loads(text)
        if kind.api == "connector":
            raise Refusal(400, UNREADABLE)
        return xml_form.read(text, _ROOTS.get(verb, kind.root or kind.name))
    except xml_form.BadXml as error:
        raise Refusal(400, str(error)) from None
    except (ValueError, RecursionError):
        raise Refusal(400, UNREADABLE) from None


def summary(verb: str, body: Any) -> Row:
    """Tell what a journal shows of a body: how many ids, which filter, or what is done to which listener.

    Args:
        verb: What was asked for.
        body: The decoded body.

    Returns:
        `ids`, `filter` or `act`, or nothing.
    """
    if not isinstance(body, dict):
        return {}
    if verb == "bulk" and isinstance(body.get("request"), list):
        return {"ids": len(body["request"])}
    if verb in ("query", "ask") and isinstance(body.get("QueryFilter"), dict):
        return {"filter": _filter_text(body["QueryFilter"].get("expression"))}
    if verb == "create" and "containerId" in body and isinstance(body.get("action"), str):
        return {"act": f"{body['action']} {body.get('listenerId', 'without a listener')}"}
    return {}


def _filter_text(node: Any) -> str:
    if not isinstance(node, dict):
        return ""
    nested = node.get("nestedExpression")
    if isinstance(nested, list):
        return f" {node.get('operator', 'and')} ".join(f"({_filter_text(child)})" for child in nested)
    arguments = node.get("argument")
    shown = ", ".join(map(str, arguments)) if isinstance(arguments, list) else ""
    return f"{node.get('property')} {node.get('operator')} {shown}".strip()
