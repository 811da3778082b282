"""How an answer is written: status, headers, and a body in JSON or XML."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from boomi_pulumi.emulator import xml_form
from boomi_pulumi.emulator.rules import Outcome, Refusal, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boomi_pulumi.emulator.objects import Kind
    from boomi_pulumi.emulator.store import Page

_MARK: Final = b"\xef\xbb\xbf"
_DEPRECATED: Final = {
    "Deprecation": 'version="1.0"; date="Thu, 01 Jan 2026 00:00:00 GMT"',
    "Sunset": "Fri, 01 Jan 2027 00:00:00 GMT",
    "Warning": (
        '299 - "You are using a deprecated API endpoint. It will remain available until Fri, 01 Jan 2027 00:00:00 GMT"'
    ),
    "Link": '<https://developer.boomi.com/>; rel="deprecation"',
}


@dataclass(frozen=True)
class Answer:
    """What will be answered, before it takes the form of JSON or XML.

    Attributes:
        status: The HTTP status.
        error: The message of a refusal.
        about: The id of a `UserMessage`; empty for an ordinary error.
        kind: The object that was asked about, once that is known.
        outcome: What the store said, when it did as asked.
        verb: What was asked for, when it was done.
    """

    status: int
    error: str = ""
    about: str = ""
    kind: Kind | None = None
    outcome: Outcome | None = None
    verb: str = ""


@dataclass(frozen=True)
class Written:
    """What goes over the wire."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Writer:
    """The one place that chooses a representation.

    Args:
        settings: Tells the switches.
    """

    def __init__(self, settings: Callable[[], Mapping[str, Any]]) -> None:
        self._settings = settings

    def write(self, answer: Answer, accept: str) -> Written:
        """Write an answer.

        Args:
            answer: What to say.
            accept: The request's `Accept`.

        Returns:
            What goes over the wire.
        """
        settings = self._settings()
        kind, outcome = answer.kind, answer.outcome
        headers = dict(_DEPRECATED) if kind is not None and kind.name in settings["deprecated"] else {}
        plain = "json" in accept.lower()
        if answer.about:
            return self._xml(answer.status, xml_form.write_user_message(answer.about, answer.error), headers)
        if answer.error:
            if plain:
                return self._json(answer.status, self._error(answer.error, kind), headers)
            return self._xml(answer.status, xml_form.write_error(answer.error), headers)
        if kind is None or outcome is None or outcome.form == "nothing":
            text = settings["deleteBody"] if answer.verb == "delete" else ""
            return _typed(answer.status, text.encode(), headers, "text/plain")
        return self._done(answer, kind, outcome, headers, plain=plain)

    def _done(self, answer: Answer, kind: Kind, outcome: Outcome, headers: dict[str, str], *, plain: bool) -> Written:
        if kind.api == "connector" and answer.verb in self._settings()["connectorEmptyAnswers"]:
            return Written(answer.status, b"", headers)
        # A token may lead to a page of another object.
        kind = outcome.value.kind if outcome.form == "query" else kind
        plain = (plain and not kind.xml_only) or kind.api == "connector"
        if plain:
            return self._json(answer.status, self._body(kind, outcome, plain=True), headers)
        body = self._body(kind, outcome, plain=False)
        return self._xml(answer.status, _marked_up(kind, outcome.form, body), headers)

    def _json(self, status: int, body: Row, headers: dict[str, str]) -> Written:
        settings = self._settings()
        encoded = (_MARK if settings["byteOrderMark"] else b"") + json.dumps(body).encode()
        return _typed(status, encoded, headers, f"application/json{settings['contentTypeCharset']}")

    def _xml(self, status: int, text: str, headers: dict[str, str]) -> Written:
        charset = self._settings()["contentTypeCharset"]
        return _typed(status, text.encode(), headers, f"application/xml{charset}")

    def _error(self, message: str, kind: Kind | None) -> Row:
        if kind is not None and kind.api == "connector":
            return {"message": message}
        match self._settings()["errorShape"]:
            case "plain":
                return {"message": message}
            case "nested":
                return {"error": {"message": message}}
        return {"@type": "Error", "message": message}

    def _body(self, kind: Kind, outcome: Outcome, *, plain: bool) -> Row:
        match outcome.form:
            case "query":
                return self._page(outcome.value, plain=plain)
            case "bulk":
                items = [self._bulk_item(kind, *item, plain=plain) for item in outcome.value]
                return {"@type": "BulkResult", "response": items}
            case "async":
                return self._later(kind, outcome, plain=plain)
            case "token":
                return {"@type": "AsyncOperationTokenResult", **outcome.value}
        return self._object(kind, outcome.value, plain=plain)

    def _later(self, kind: Kind, outcome: Outcome, *, plain: bool) -> Row:
        """Write what a client came for later, or that it is not there yet."""
        result: Row = {"@type": "AsyncOperationResult"}
        if outcome.value is not None:
            result["result"] = [self._object(kind, row, plain=plain) for row in outcome.value]
            result["numberOfResults"] = len(outcome.value)
        return {**result, "responseStatusCode": outcome.status}

    def _page(self, page: Page, *, plain: bool) -> Row:
        result: Row = {"@type": "QueryResult"} if page.kind.api == "platform" else {}
        rows = [self._object(page.kind, row, plain=plain) for row in page.rows]
        if plain and page.kind.name == "PackagedComponent" and self._settings()["quotedComponentVersion"]:
            rows = [{**row, "componentVersion": str(row["componentVersion"])} for row in rows]
        if rows or self._settings()["emptyResult"] == "empty":
            single = plain and len(rows) == 1 and self._settings()["oneResult"] == "object"
            result["result"] = rows[0] if single else rows
        result["numberOfResults"] = page.total
        if page.token:
            result["queryToken"] = page.token
        return result

    def _bulk_item(self, kind: Kind, identifier: str, found: Row | Refusal, *, plain: bool) -> Row:
        if isinstance(found, Refusal):
            refused = {"id": identifier, "statusCode": found.status, "errorMessage": found.message}
            return {"@type": "BulkResponse", **refused}
        status = found.get("responseStatusCode", 200)
        return {"@type": "BulkResponse", "Result": self._object(kind, found, plain=plain), "statusCode": status}

    def _object(self, kind: Kind, row: Row, *, plain: bool) -> Row:
        settings = self._settings()
        result: Row = {"@type": kind.name} if kind.api == "platform" else {}
        for name, form in kind.fields.items():
            value: Any = row.get(name)
            if value is None:
                continue
            if settings["milliseconds"] and form == "date":
                value = f"{value[:-1]}.000Z"
            if settings["stringy"] and form in ("bool", "int"):
                value = f"{value}.0" if name == "componentVersion" else str(value).lower()
            if settings["stringy"] and form == "object":
                value = _stringy(value)
            if plain and form == "long" and settings["bigIntegers"] == "list":
                value = ["BigInteger", value]
            if plain and form == "Long" and settings["longs"] == "list":
                value = ["Long", value]
            if plain and name.endswith("PackagedComponents"):
                value = _listed(value, name.removesuffix("s"), settings["componentLists"])
            result[name] = value
        return result


def _typed(status: int, body: bytes, headers: dict[str, str], content_type: str) -> Written:
    return Written(status, body, {**headers, "Content-Type": content_type})


def _listed(wrapper: Row, name: str, form: str) -> Any:
    """Write a list of components as the setting says."""
    items = wrapper[name]
    if form == "bare":
        return items
    return {**wrapper, name: items[0]} if form == "single" and len(items) == 1 else wrapper


def _stringy(value: Any) -> Any:
    match value:
        case dict():
            return {name: _stringy(inner) for name, inner in value.items()}
        case list():
            return [_stringy(inner) for inner in value]
        case bool() | int():
            return str(value).lower()
    return value


def _marked_up(kind: Kind, form: str, body: Row) -> str:
    match form:
        case "query":
            return xml_form.write_page(body, attributes=kind.attributes)
        case "async":
            return xml_form.write_async(body, attributes=kind.attributes)
        case "token":
            return xml_form.write_object(body["@type"], body, attributes=True)
        case "bulk":
            return xml_form.write_bulk(body, attributes=kind.attributes)
    return xml_form.write_object(kind.name, body, attributes=kind.attributes)
