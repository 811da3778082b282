"""Every request and every answer, judged by Boomi's own OpenAPI document.

The document is stricter than Boomi in some places and contradicts its own samples in others; each such
place is an exception below, by name and with its reason. An exception that nothing needs fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from boomi_pulumi.emulator.objects import KINDS
from tests.contract import markup
from tests.contract.recorder import Exchange
from tests.contract.scenario import run

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "openapi" / "platform.json").read_text(encoding="utf-8")
)

EXCEPTIONS: dict[str, str] = {
    r"\w+ (/async)?/\w+(/\{id\}|/query)? answer: 400 is not in the document": (
        "every object answers 400 to an unknown id or a broken rule; the document says so in its introduction only"
    ),
    r"GET /ReleaseIntegrationPackStatus/\{id\} answer: 202 is not in the document": (
        "the prose of this operation says 202 while a release runs or waits"
    ),
    r"GET /ExecutionRecord/async/\{id\} answer: 202 is not in the document": (
        "the prose of ExecutionRequest says 202 while there is no record yet"
    ),
    r"GET /async/ListenerStatus/response/\{token\} answer: 202 is not in the document": (
        "the body that the document describes has 202 in its responseStatusCode"
    ),
    r"POST /ExecutionRequest answer: : '(Dynamic)?ProcessProperties' is a required property": (
        "clients ask for runs without any"
    ),
    r"(GET|POST) /ExecutionRecord/\S+ answer: \S*: \['Long', \d+\] is not of type 'integer'": (
        "the document's own samples of records write them so"
    ),
    r"(GET|POST) /ExecutionRecord/\S+ answer: \S*: '\w+' is a required property": (
        "the document's own samples leave out what a run does not have"
    ),
    r"GET /ExecutionRecord/async/\{id\} answer: : Additional properties are not allowed .*": (
        "two clients read the record in a list `result`"
    ),
    r"(GET|POST) /Component(/\{componentId\}|/bulk) answer: 406 is not in the document": (
        "a client whose author tried it: Component is XML, whatever the document says"
    ),
    r"POST /\w+/bulk answer: response/\*: 'Result' is a required property": (
        "the document's own sample of an item that failed has none"
    ),
    r"POST /\w+/query request: QueryFilter: 'expression' is a required property": (
        "the introduction lists all objects with an empty QueryFilter"
    ),
    r"POST /PackagedComponent request: : '(?!componentId)\w+' is a required property": (
        "the create sample sends componentId, packageVersion and notes; the rest is Boomi's to fill"
    ),
    r"POST /EnvironmentExtensions/\{id\} request: : '\w+' is a required property": (
        "the prose of this operation wants only those sections in a partial update that it changes"
    ),
    r"(POST|GET) /PackagedComponent.* answer: (result/\*|response/\*/Result)?: 'notes' is a required property": (
        "the samples of packages without notes leave them out"
    ),
}
"""Pattern of a complaint -> why it is none."""

NOT_IN_THE_DOCUMENT = {
    "ConnectorGroup": "the Connector API has a document of its own, which Boomi does not publish",
    "ConnectorVersionChange": "the same",
    "ConnectorPendingRelease": "the same",
}


def _closed(node: Any) -> Any:
    """Return a schema in which an object has no other properties than those that are named, and `@type`."""
    if isinstance(node, list):
        return [_closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "allOf" in node:
        node = markup.resolved(node, DOCUMENT["components"]["schemas"])
    result = {name: _closed(each) for name, each in node.items() if name != "xml"}
    if isinstance(result.get("properties"), dict) and result.get("type") == "object":
        result["properties"] = {"@type": {"type": "string"}, **result["properties"]}
        result["additionalProperties"] = False
    return result


SCHEMAS = _closed(DOCUMENT["components"]["schemas"])


_PATH = re.compile(r"\{\w+\}")
_ASYNC = [path for path in DOCUMENT["paths"] if "/async/" in path]


@cache
def exchanges() -> tuple[Exchange, ...]:
    return tuple(run())


def operation_of(exchange: Exchange) -> str:
    """Return `POST /PackagedComponent/query` and the like."""
    name, *tail = exchange.rest
    if name == "async" or tail[:1] == ["async"]:
        asked = "/".join(("", name, *tail))
        return f"{exchange.method} {next(path for path in _ASYNC if re.fullmatch(_PATH.sub('[^/]+', path), asked))}"
    fixed = [f"/{name}", *(f"/{name}/{verb}" for verb in ("bulk", "query", "queryMore"))]
    path = f"/{'/'.join([name, *tail])}"
    return f"{exchange.method} {path if path in fixed else _with_id(name)}"


def _with_id(name: str) -> str:
    """Return the path of one object; the document names the id as it likes."""
    return next((path for path in DOCUMENT["paths"] if re.fullmatch(rf"/{name}/\{{\w+\}}", path)), f"/{name}/{{id}}")


def _complaints(schema: dict[str, Any], value: Any) -> Iterator[str]:
    validator = Draft202012Validator({**schema, "components": {"schemas": SCHEMAS}})
    for error in validator.iter_errors(value):
        yield from _leaves(error)


def _leaves(error: ValidationError) -> Iterator[str]:
    """Return the complaints of the alternative that fits best."""
    if error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for each in error.context:
            branches.setdefault(each.schema_path[0], []).append(each)
        for each in min(branches.values(), key=len):
            yield from _leaves(each)
        return
    place = "/".join("*" if isinstance(part, int) else str(part) for part in error.absolute_path)
    yield f"{place}: {error.message}"


def judge(exchange: Exchange) -> Iterator[str]:
    """Return what the document has against an exchange."""
    operation = operation_of(exchange)
    method, path = operation.split(" ")
    known = DOCUMENT["paths"].get(path, {}).get(method.lower())
    if known is None:
        yield f"{operation} is not in the document"
        return
    content = known.get("requestBody", {}).get("content", {})
    if content and exchange.status < 300:
        form = exchange.content_type.split(";")[0]
        if form not in content:
            yield f"{operation} request: is {form or 'nothing'}, not {' or '.join(content)}"
        elif "json" in form:
            for each in _complaints(_closed(content[form]["schema"]), json.loads(exchange.body)):
                yield f"{operation} request: {each}"
    elif exchange.body and not content:
        yield f"{operation} request: has a body"
    answers = known["responses"]
    if str(exchange.status) not in answers:
        yield f"{operation} answer: {exchange.status} is not in the document"
        return
    if exchange.answer and ("json" in exchange.form or "xml" in exchange.form):
        yield from _judged_answer(exchange, operation, answers[str(exchange.status)].get("content", {}))


def _judged_answer(exchange: Exchange, operation: str, content: dict[str, Any]) -> Iterator[str]:
    form = exchange.form.split(";")[0]
    schema = content.get(form, {}).get("schema")
    if schema is None:
        if content and form not in content:
            yield f"{operation} answer: is {form}, not {' or '.join(content)}"
        return
    if "json" in form:
        value = json.loads(exchange.answer)
    else:
        try:
            value = markup.read(exchange.answer.decode(), schema, DOCUMENT["components"]["schemas"])
        except markup.Deviation as deviation:
            yield f"{operation} XML: {deviation}"
            return
    for each in _complaints(_closed(schema), value):
        yield f"{operation} answer: {each}"


@cache
def complaints() -> dict[str, Exchange]:
    """Return every complaint with an exchange that shows it."""
    found: dict[str, Exchange] = {}
    for exchange in exchanges():
        if exchange.rest[0] not in NOT_IN_THE_DOCUMENT:
            for each in judge(exchange):
                found.setdefault(each, exchange)
    return found


def test_the_document_has_nothing_against_it() -> None:
    unexpected = [
        f"{complaint} in {str(exchange)[:500]}"
        for complaint, exchange in complaints().items()
        if not any(re.fullmatch(pattern, complaint) for pattern in EXCEPTIONS)
    ]
    assert unexpected == []


@pytest.mark.parametrize("pattern", EXCEPTIONS)
def test_every_exception_is_needed(pattern: str) -> None:
    assert any(re.fullmatch(pattern, complaint) for complaint in complaints())
    assert EXCEPTIONS[pattern]


def test_every_operation_of_the_emulator_was_used() -> None:
    verbs = {
        "create": "POST /{}",
        "get": "GET {id}",
        "update": "POST {id}",
        "delete": "DELETE {id}",
        "bulk": "POST /{}/bulk",
        "query": "POST /{}/query",
        "queryMore": "POST /{}/queryMore",
        "ask": "POST /async/{}/query",
        "poll": "GET /{}/async/{{id}}",
    }
    answered = {"ListenerStatus": "GET /async/{}/response/{{token}}"}
    there = {
        ((verb == "poll" and answered.get(kind.name)) or verbs[verb]).format(kind.name, id=_with_id(kind.name))
        for kind in KINDS.values() for verb in kind.verbs
        if kind.name not in NOT_IN_THE_DOCUMENT
    }  # fmt: skip
    used = {operation_of(exchange) for exchange in exchanges() if exchange.status < 300}
    small = ("Environment", "Folder", "PublisherIntegrationPack", "Process", "Branch", "Atom", "ComponentReference")
    attached = ("EnvironmentAtomAttachment", "EnvironmentRole", "EnvironmentExtensions", "AuditLog", "Deployment")
    run = ("ProcessSchedules", "ProcessScheduleStatus", "ExecutionRecord")
    paged = {f"POST /{name}/queryMore" for name in (*small, *attached, *run)}
    assert there - used - paged == set()


def test_every_operation_of_the_emulator_is_in_the_document() -> None:
    known = {name.removeprefix("/async").split("/")[1] for name in DOCUMENT["paths"]}
    assert set(KINDS) - known == set(NOT_IN_THE_DOCUMENT)


def test_a_wrong_request_is_found() -> None:
    """The judge itself can fail."""
    body = '{"shareable": "x", "y": 1}'
    wrong = Exchange("POST", "/api/rest/v1/a/PackagedComponent", "application/json", body, 200, b"{}")
    found = " ".join(judge(wrong))
    assert "'x' is not of type 'boolean'" in found
    assert "'y'" in found
