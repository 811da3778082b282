"""Nothing raises after a commit: however odd the answer to a write, its object is in the state in the end."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from boomi_pulumi.emulator import Emulator
from tests.driver import Bag, Driver, PluginError, Ref, Resource
from tests.faults.account import EDITED, PROGRAM, mounted, world
from tests.faults.test_grid import TYPED
from tests.native_driver import NativeDriver

Change = Callable[[Bag], Any]

ID_OF = {
    "PackagedComponent": "packageId",
    "DeployedPackage": "deploymentId",
    "ReleaseIntegrationPack": "requestId",
    "ConnectorVersionChange": "classificationType",
    "ComponentMetadata": "componentId",
}


def _each(change: Callable[[Any], Any]) -> Change:
    return lambda body: {name: change(value) for name, value in body.items()}


def _but_ids(value: Any) -> Change:
    return lambda body: {name: each if name in ID_OF.values() else value for name, each in body.items()}


def _nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


ANSWERS: dict[str, Change] = {
    "extra field": lambda body: {**body, "somethingNew": {"of": ["Boomi", 1, None]}},
    "many extra fields": lambda body: {**body, **{f"field{n}": n for n in range(500)}},
    "another type": lambda body: {**body, "@type": "Other"},
    "no type": lambda body: {name: each for name, each in body.items() if name != "@type"},
    "texts": _each(str),
    "decimals": _each(lambda each: f"{each}.0" if isinstance(each, int) and not isinstance(each, bool) else each),
    "floats": _each(lambda each: float(each) if isinstance(each, int) and not isinstance(each, bool) else each),
    "words": _each(lambda each: str(each).lower() if isinstance(each, bool) else each),
    "padded": _each(lambda each: f" {each}\n" if isinstance(each, str) else each),
    "only the id": lambda body: {name: each for name, each in body.items() if name in ID_OF.values()},
    "nulls": _but_ids(None),
    "lists": _but_ids([]),
    "objects": _but_ids({}),
    "true": _but_ids(True),
    "large numbers": _but_ids(10**30),
    "negative": _but_ids(-1),
    "empty texts": _but_ids(""),
    "long texts": _but_ids("x" * 100_000),
    "control characters": _but_ids("\x00\x1b[31m"),
    "other letters": _but_ids("Übergröße 注文"),
    "no id": lambda body: {name: each for name, each in body.items() if name not in ID_OF.values()},
    "null id": lambda body: {name: None if name in ID_OF.values() else each for name, each in body.items()},
    "number as id": lambda body: {name: 7 if name in ID_OF.values() else each for name, each in body.items()},
    "list as id": lambda body: {name: [each] if name in ID_OF.values() else each for name, each in body.items()},
    "upper case": lambda body: {name.upper(): each for name, each in body.items()},
    "in a list": lambda body: [body],
    "in an envelope": lambda body: {"result": body},
    "empty object": lambda _: {},
    "empty list": lambda _: [],
    "null": lambda _: None,
    "number": lambda _: 1,
    "text": lambda _: "ok",
    "empty body": lambda _: b"",
    "white space": lambda _: b" \n",
    "no JSON": lambda _: b"<html><body>Welcome</body></html>",
    "XML": lambda _: b"<bns:Thing xmlns:bns='http://api.platform.boomi.com/'/>",
    "cut off": lambda body: json.dumps(body).encode()[:-2],
    "wrong bytes": lambda body: b"\xff\xfe\x00" + json.dumps(body).encode(),
    "byte order mark": lambda body: b"\xef\xbb\xbf" + json.dumps(body).encode(),
    "nested bomb": lambda _: _nested(200_000),
    "not a number": lambda body: json.dumps({**body, "version": float("nan")}).encode(),
    "huge": lambda body: {**body, "padding": "x" * 1_000_000},
}
"""At least thirty; what `json.dumps` cannot write is given as bytes."""


class Odd(HTTPAdapter):
    """Sends for real, and puts something odd in place of the answer to a write of one kind of object."""

    def __init__(self, object_: str, change: Change) -> None:
        super().__init__()
        self._object = object_
        self._change = change
        self.changed = 0

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        answer = super().send(request, *args, **options)
        path = (request.path_url or "").split("?")[0].split("/")
        write = request.method == "POST" and path[-1] not in {"query", "queryMore", "bulk"}
        if write and self._object in path and answer.ok:
            body = self._change(answer.json())
            answer._content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.changed += 1
        return answer


def _alone(name: str, program: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """Return a resource, and what it refers to."""
    wanted = next(each for each in program if each.name == name)
    refs = {each.name for each in wanted.inputs.values() if isinstance(each, Ref)}
    return tuple(each for each in program if each.name == name or each.name in refs)


@pytest.mark.parametrize("door", [Driver, NativeDriver], ids=["dynamic", "native"])
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("name", [each.name for each in PROGRAM])
def test_no_object_is_lost_by_an_odd_answer(name: str, answer: str, door: type[Driver], boomi: Emulator) -> None:
    boomi.settings(releasePolls=0)
    program = _alone(name, PROGRAM)
    kind = program[-1].kind
    with door(boomi.env) as driver, mounted(driver, Odd(kind, ANSWERS[answer])) as adapter:
        for declared in (program, _alone(name, EDITED)):
            driver.up(*declared)
        assert adapter.changed
        stored = driver.state.resources[name]
        assert stored.id
    with door(boomi.env, driver.state) as driver:
        before = world(boomi)
        assert {step.name for step in driver.refresh()} >= {name}
        boomi.clear_journal()
        driver.up(*_alone(name, EDITED))
        assert not [entry for entry in boomi.journal() if entry["committed"]], "it was written once more"
        assert world(boomi) == before
        assert len(driver.state.resources[name].id) < 256
        driver.destroy()
    rows = [row for row in boomi.objects("DeployedPackage") if row["active"]]
    assert {row["deploymentId"] for row in rows} == {"legacy-test", "sync-production"}
    left = {row["packageId"] for row in boomi.objects("PackagedComponent") if not row["deleted"]}
    assert left == {"sync-1.0", "sync-1.1", "sync-1.2", "legacy-1.0", "feed-1.0"}


@pytest.mark.parametrize("name", ["sync", "sync-test"])
def test_a_look_that_fails_after_a_lost_answer_is_a_typed_error(name: str, boomi: Emulator) -> None:
    program = _alone(name, PROGRAM)
    with Driver(boomi.env) as driver:
        boomi.faults(
            {"kind": "reset-after", "object": program[-1].kind, "verb": "create"},
            {"kind": "500-after", "object": program[-1].kind, "verb": "query", "nth": 3, "times": 100},
        )
        try:
            driver.up(*program)
        except PluginError as error:
            assert TYPED.search(error.text)  # noqa: PT017 - whether it fails depends on how often it looks
        boomi.faults()
        driver.up(*program)
        assert {step.act for step in driver.up(*program)} == {"same"}
    assert sum(row["packageVersion"] == "7.0" for row in boomi.objects("PackagedComponent")) == 1
    assert sum(row["componentId"] == "sync" for row in boomi.objects("DeployedPackage")) <= 2


class Bodies(HTTPAdapter):
    """Sends for real, and keeps the bodies."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        body = request.body or b""
        self.sent.append(body.encode() if isinstance(body, str) else body)
        return super().send(request, *args, **options)


def test_no_request_holds_a_null(boomi: Emulator) -> None:
    """Boomi refuses one."""
    with Driver(boomi.env) as driver:
        bodies = Bodies()
        driver.client.adapter = bodies
        driver.up(*PROGRAM)
        driver.up(*EDITED)
        driver.refresh()
        driver.destroy()
    assert len(bodies.sent) > 20
    assert [body for body in bodies.sent if b"null" in body] == []


class Swallowed(HTTPAdapter):
    """Answers creates of one kind of object by an empty 200, and does nothing."""

    def __init__(self, object_: str) -> None:
        super().__init__()
        self._object = object_
        self.count = 0

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        if request.method != "POST" or not (request.path_url or "").split("?")[0].endswith(f"/{self._object}"):
            return super().send(request, *args, **options)
        self.count += 1
        answer = Response()
        answer.status_code, answer._content, answer.request, answer.url = 200, b"", request, request.url or ""
        answer.raw = io.BytesIO(b"")
        return answer


@pytest.mark.parametrize("name", ["sync", "sync-test"])
def test_what_was_answered_by_nothing_is_not_sent_twice(name: str, boomi: Emulator) -> None:
    """It was done; where it cannot be seen yet, the next run takes it."""
    program = _alone(name, PROGRAM)
    with Driver(boomi.env) as driver:
        driver.up(*program[:-1])
        swallowed = Swallowed(program[-1].kind)
        driver.client.adapter = swallowed
        with pytest.raises(PluginError, match="an empty answer") as caught:
            driver.up(*program)
    assert swallowed.count == 1
    assert (
        "It was done, and is not sent again. Run the same command again: it takes what is there." in caught.value.text
    )
    assert "proxy" not in caught.value.text
