"""What is not Boomi's own answer is never success and never absence, whichever request it answers.

What lies between this machine and Boomi answers as well: a login page, a maintenance page, an error object. Each form
takes the place of the answers to each verb, in front of Boomi or behind it, while every command runs.
"""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from boomi_pulumi.emulator import Emulator
from tests.conformance.account import day
from tests.driver import Bag, CheckFailed, Driver, PluginError, Resource, State
from tests.faults.account import mounted, running, seed, world
from tests.faults.test_grid import ACTS, Act, converge, creates, stage
from tests.native_driver import NativeDriver

PAGE = b"<!DOCTYPE html><html><body><h1>Sign in</h1>Invalid session. It is in use.</body></html>"
ERROR = {"@type": "Error", "message": "Internal error, please try later"}

FORMS: dict[str, tuple[int, Any]] = {
    "page": (200, PAGE),
    "document": (200, b"<?xml version='1.0'?><maintenance>not found</maintenance>"),
    "error object": (200, ERROR),
    "plain error object": (200, {"message": "Unknown error"}),
    "nested error object": (200, {"error": {"message": "does not exist"}}),
    "empty object": (200, {}),
    "empty list": (200, []),
    "null": (200, None),
    "text": (200, b"Welcome"),
    "nothing": (200, b""),
    "no content": (204, b""),
    "query result without rows": (200, {"@type": "QueryResult", "numberOfResults": 3, "result": []}),
    "bulk without ids": (200, {"@type": "BulkResult", "response": [{"errorMessage": "not found"}]}),
    "page with 400": (400, PAGE),
    "page with 403": (403, PAGE),
    "page with 404": (404, PAGE),
    "page with 410": (410, PAGE),
    "redirect": (302, PAGE),
}
"""Status and body; what is not bytes is sent as JSON."""

EMPTY = {"delete": {"nothing", "no content"}, "act": {"nothing", "no content"}}
"""Forms that are Boomi's own answer to a verb: it documents no other."""

LATER = Resource(
    "till", "ConnectorVersionChange", {"classificationType": "till-dev", "preferredReleaseDate": f"{day(2)}T10:00:00Z"}
)
COMMANDS = ACTS | {
    "withdraw": Act((LATER.edited(versionId="3"),), (), lambda driver: driver.destroy()),
}
"""Those of the grid, and one that cancels what waits for its date."""

VERBS = ("query", "queryMore", "bulk", "get", "create", "update", "delete", "act")


def verb_of(request: PreparedRequest) -> str:
    """Return which verb of Boomi's a request is."""
    parts = (request.path_url or "").split("?")[0].strip("/").split("/")
    if parts[-1] in {"query", "queryMore", "bulk"}:
        return parts[-1]
    if request.method == "DELETE":
        return "delete"
    if request.method in {"GET", "PUT"}:
        return {"GET": "get", "PUT": "act"}[request.method]
    if parts[-1][:1].isupper():
        return "create"
    return "act" if any(each.startswith("Connector") for each in parts) else "update"


def answered(request: PreparedRequest, status: int, body: Any) -> Response:
    """Return an answer that no server gave."""
    answer = Response()
    answer.status_code, answer.request, answer.url = status, request, request.url or ""
    answer.raw = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
    return answer


class Instead(HTTPAdapter):
    """Answers one verb itself; what it forwards, Boomi does first.

    A query of several rows comes in two pages, so that `queryMore` has something to ask for.
    """

    def __init__(self, verb: str, form: tuple[int, Any], *, forwards: bool) -> None:
        super().__init__()
        self._verb, self._form, self._forwards = verb, form, forwards
        self._rest: dict[str, Bag] = {}
        self.struck = 0

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        verb = verb_of(request)
        if verb == self._verb:
            self.struck += 1
            if self._forwards:
                super().send(request, *args, **options).close()
            return answered(request, *self._form)
        token = str(request.body or b"", "utf-8") if isinstance(request.body, bytes) else str(request.body)
        if verb == "queryMore" and token in self._rest:
            return answered(request, 200, self._rest.pop(token))
        answer = super().send(request, *args, **options)
        if verb == "query" and self._verb == "queryMore" and answer.ok:
            return self._halved(request, answer.json())
        return answer

    def _halved(self, request: PreparedRequest, page: Bag) -> Response:
        rows = page.get("result") or []
        if len(rows) < 2:
            return answered(request, 200, page)
        token = f"half {len(self._rest)} of {id(self)}"
        self._rest[token] = {**page, "result": rows[1:]}
        return answered(request, 200, {**page, "result": rows[:1], "queryToken": token})


def there(boomi: Emulator) -> set[str]:
    """Return the ids of the packages and deployments that live in the account."""
    packages = {row["packageId"] for row in boomi.objects("PackagedComponent") if not row["deleted"]}
    return packages | {f"{row['environmentId']}/{row['componentId']}" for row in running(boomi)}


OF_EACH_SORT = ("page", "error object", "empty object", "no content", "page with 404")
OF_EACH_ANSWER = ("query", "bulk", "create", "delete")
"""A verb of each way to read an answer: rows, objects by id, one object, nothing."""
CASES = [
    pytest.param(verb, form, id=f"{verb}-{form}", marks=() if form in OF_EACH_SORT else pytest.mark.slow)
    for verb in VERBS
    for form in FORMS
    if form in OF_EACH_SORT or verb in OF_EACH_ANSWER
]


@dataclass(frozen=True)
class Staged:
    """An account as it is where a command begins, to which `reset` brings it back.

    Attributes:
        boomi: The account.
        state: The stack's state.
        verbs: The verbs of the command's requests.
        wanted: What the account is in the end.
        made: How often what is made in it.
    """

    boomi: Emulator
    state: State
    verbs: set[str]
    wanted: Bag
    made: dict[str, int]


class Stages:
    """An account for each command and door."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._staged: dict[tuple[str, type[Driver]], Staged] = {}

    def of(self, name: str, door: type[Driver]) -> Staged:
        if (name, door) not in self._staged:
            boomi = self._stack.enter_context(Emulator(seed(), rate_limit=0))
            state = stage(boomi, COMMANDS[name], door)
            boomi.reset()
            with door(boomi.env, copy.deepcopy(state)) as driver:
                COMMANDS[name].run(driver)
                verbs = {"act" if each["verb"] == "cancel" else each["verb"] for each in boomi.journal()}
                boomi.advance(120)
                converge(boomi, COMMANDS[name], driver.state, door)
            self._staged[name, door] = Staged(boomi, state, verbs, world(boomi), creates(boomi))
        return self._staged[name, door]


@pytest.fixture(scope="module")
def stages() -> Iterator[Stages]:
    with ExitStack() as stack:
        yield Stages(stack)


@pytest.mark.parametrize(("verb", "form"), CASES)
def test_only_boomis_answer_to_a_verb_is_believed(verb: str, form: str, stages: Stages) -> None:
    _grid(verb, form, stages, Driver, COMMANDS)


@pytest.mark.parametrize("form", ["page", "error object", "empty object"])
@pytest.mark.parametrize("verb", ["query", "bulk", "delete"])
def test_only_boomis_answer_to_a_verb_is_believed_by_the_plugin(verb: str, form: str, stages: Stages) -> None:
    _grid(verb, form, stages, NativeDriver, ("up", "refresh", "destroy"))


def _holds(name: str, staged: Staged, door: type[Driver], adapter: Instead) -> None:
    """Run a command behind an adapter: nothing is forgotten and nothing is called done that Boomi did not call so."""
    act, told = COMMANDS[name], f"{name} through the {door.__name__}"
    boomi, begin = staged.boomi, staged.state
    boomi.reset()
    error = None
    with door(boomi.env, copy.deepcopy(begin)) as driver:
        with mounted(driver, adapter):
            try:
                act.run(driver)
            except (PluginError, CheckFailed) as caught:
                error = str(caught)
        state = driver.state
    assert error is None or "a fault of boomi_pulumi" not in error, error
    kept = {each.id for each in [*state.resources.values(), *state.replaced]}
    forgotten = {each.id for each in begin.resources.values()} - kept
    assert not forgotten & there(boomi), f"{told}: forgotten {forgotten & there(boomi)}\n{error}"
    boomi.advance(120)  # what Boomi was doing is done
    assert error is not None or world(boomi) == staged.wanted, f"{told}: success, and it is not done"
    try:
        converge(boomi, act, state, door)
    except (PluginError, CheckFailed) as caught:
        raise AssertionError(f"{told}: the next run failed as well\n{error}\n{caught}") from None
    assert world(boomi) == staged.wanted, told
    assert creates(boomi) == staged.made, told


def _grid(verb: str, form: str, stages: Stages, door: type[Driver], names: Iterable[str]) -> None:
    ways = (True, False) if verb in {"create", "update", "delete", "act"} else (False,)
    if form in EMPTY.get(verb, ()):
        ways = (True,)
    struck = 0
    for name in names:
        staged = stages.of(name, door)
        for forwards in ways if {"queryMore": "query"}.get(verb, verb) in staged.verbs else ():
            adapter = Instead(verb, FORMS[form], forwards=forwards)
            _holds(name, staged, door, adapter)
            struck += adapter.struck
    assert struck
