"""Boomi's verbs over HTTP: get, create, update, delete, bulk, query."""

from __future__ import annotations

import contextlib
import html
import json
import random
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from urllib.parse import quote

from boomi_pulumi.api.errors import (
    BadAnswer,
    BadRequest,
    ConnectionLost,
    EmptyAnswer,
    EndpointNotFound,
    Interrupted,
    RequestError,
    Unauthorized,
    Unavailable,
    Unreachable,
    for_status,
    printable,
)
from boomi_pulumi.api.filters import Filter, judge
from boomi_pulumi.api.login import Login
from boomi_pulumi.api.models import Object, Record, rows_of, whole
from boomi_pulumi.api.retry import RETRIED_STATUSES, Budget, Done, Outage, Outcome, Policy, Rate, Refused, Unknown
from boomi_pulumi.api.say import say
from boomi_pulumi.api.settings import Settings

if TYPE_CHECKING:
    from boomi_pulumi.api.transport import Answer, Transport

__all__ = [
    "BULK",
    "INTERRUPTED",
    "BoomiDeprecationWarning",
    "Client",
    "Form",
    "Missing",
    "client_for",
    "is_absent",
]

R = TypeVar("R", bound=Record)
T = TypeVar("T")

INTERRUPTED = threading.Event()
"""Set once this process was asked to stop: every wait ends, and nothing more is sent."""

BULK = 100
"""The most ids that one bulk read takes. Source: Platform API introduction."""

LINGER = 0.02
"""Seconds that a bulk read waits for other threads to join: little beside an answer's hundreds of milliseconds."""

NOTICED = 3.0
"""Seconds of waiting from which on a person wants to know why."""

SILENCE = 15.0
"""Seconds between the ends of two waits that are told, so that a CI log stays readable."""

_ENDS: ContextVar[float | None] = ContextVar("_ENDS", default=None)
"""When the time is over that a resource gives to the verb that is running, by the client's clock."""

_OVER = "the time that customTimeouts gives was over before this was sent"

_OUTAGE = f"there was no good answer for {Outage.SECONDS:.0f} s, so this was not sent"

_ABSENT = re.compile(r"invalid|no such|not exist|not found|cannot find|already deleted|unknown", re.IGNORECASE)


_NO_WORDS = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
"""What a page holds beside its words."""


class BoomiDeprecationWarning(FutureWarning):
    """Boomi announced the end of an address that this package uses."""


@dataclass(frozen=True)
class Missing:
    """An id that a bulk read did not find, with Boomi's words."""

    id: str
    said: str


Watch: TypeAlias = Callable[[str, str, int | None], object]
"""Method, object and path, and the status of the answer where there is one."""

Form: TypeAlias = tuple[str, str]
"""Method, and path after the object's name, in which `{id}` stands for the id."""

_Request: TypeAlias = tuple[str, Object[Any], str, str, Mapping[str, Any] | str | None]
"""Method, object, path, what it is for (in messages), body."""


class _Shared:
    """Lets threads that wait at the same time share one bulk read.

    Whoever comes first lingers for a moment, and sends what has gathered by then; those who come while it is under
    way wait, and the first of them sends for all.
    """

    def __init__(self, read: Callable[[Sequence[str]], Mapping[str, Any]], linger: Callable[[], object]) -> None:
        self._read = read
        self._linger = linger
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._waiting: dict[str, Future[Any]] = {}

    def get(self, id_: str) -> Any:
        with self._lock:
            future = self._waiting.setdefault(id_, Future())
        with self._turn:
            if not future.done():
                self._send()
        return future.result()

    def _send(self) -> None:
        self._linger()
        with self._lock:
            batch, self._waiting = self._waiting, {}
        try:
            found = self._read(list(batch))
        except BaseException as error:
            for future in batch.values():
                future.set_exception(error)
            if not isinstance(error, RequestError):
                raise
            return
        for id_, future in batch.items():
            future.set_result(found[id_])


class Client:
    """One account, as seen by one user.

    Threads may share it. Reads are sent again on 429, 502, 503, 504 and broken connections; writes only
    where nothing can have been committed.

    Args:
        settings: Who and where.
        policy: How often and how long to try again.
        sleep: Waits some seconds; left out, an interruption ends it.
        clock: Returns seconds; only differences count.
        draw: Returns a random number from 0 to 1.
        interrupted: Once set, nothing more is sent and nothing waited for.
        tell: Takes a line for the user.
        rate: The limit that clients of one account share; left out, one of its own.
        login: What clients of the same credentials know of them; left out, one of its own.
        watch: Is told method and address of every request: once before it is sent, with None, and once with the
            status of its answer.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        policy: Policy | None = None,
        sleep: Any = None,
        clock: Any = time.monotonic,
        draw: Any = random.random,
        interrupted: threading.Event = INTERRUPTED,
        tell: Callable[[str], None] = say,
        rate: Rate | None = None,
        login: Login | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.settings = settings
        self._watch = watch
        self._policy = policy or Policy()
        self._interrupted = interrupted
        self._sleep = sleep or interrupted.wait
        self._clock = clock
        self._draw = draw
        self._tell = tell
        self._explained = float("-inf")
        self._rate = rate or Rate(settings.rate_limit, clock)
        self._login = login or Login()
        self._budget = Budget()
        self._outage = Outage(clock)
        self._warned: set[str] = set()
        self._lock = threading.Lock()
        self._shared: dict[str, _Shared] = {}
        self._answering: dict[tuple[Form, ...], Form] = {}
        self._connections: Transport | None = None
        self._bases = {"platform": self._base("{door}/rest/v1"), "connector": self._base(settings.connector_path)}
        self._params = {"overrideAccount": settings.override_account} if settings.override_account else None

    def _base(self, path: str) -> str:
        door = "partner/api" if self.settings.override_account else "api"
        account = quote(self.settings.account_id, safe="")
        return f"{self.settings.base_url}/{path.format(door=door)}/{account}"

    def _transport(self) -> Transport:
        with self._lock:
            if self._connections is None:
                from boomi_pulumi.api.transport import Transport  # noqa: PLC0415 - a run without a request needs no requests

                self._connections = Transport(self.settings, self._clock)
            return self._connections

    def now(self) -> float:
        """Return seconds; only differences count."""
        return float(self._clock())

    def pause(self, seconds: float) -> bool:
        """Wait between two looks at something slow; False where the run was asked to stop, or the time is over."""
        left = self._left()
        self._sleep(seconds if left is None else min(seconds, left))
        return not self._interrupted.is_set() and self._left() != 0

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Bound all waits of this thread inside the context.

        Args:
            seconds: How long they may take; 0 sets no bound.
        """
        token = _ENDS.set(self.now() + seconds if seconds > 0 else None)
        try:
            yield
        finally:
            _ENDS.reset(token)

    def _left(self) -> float | None:
        """Return the seconds that are left to this verb, or None without a bound."""
        ends = _ENDS.get()
        return None if ends is None else max(0.0, ends - self.now())

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            connections, self._connections = self._connections, None
        if connections is not None:
            connections.close()

    # -- reads ---------------------------------------------------------------------------------

    def get(self, target: Object[R], id: str) -> R:
        """Return one object.

        Raises:
            RequestError: Any failure; BadRequest for an id that Boomi does not know.
        """
        what = f"Reading {target.name} {id}"
        return self._record(target, self._read("GET", target, f"/{_segment(id)}", what), what)

    def read(self, target: Object[R], id: str) -> R | Missing | RequestError:
        """Return one object as `bulk` does; what threads ask for at the same time travels together.

        Raises:
            RequestError: The whole request failed.
        """
        return self.together(target.name, lambda ids: self.bulk(target, ids), id)

    def together(self, name: str, read: Callable[[Sequence[str]], Mapping[str, T]], id: str) -> T:
        """Return what `read` finds for an id; ids that threads ask for at the same time are read in one call.

        Nobody gets an answer to a request that was sent before he asked.

        Args:
            name: What is read; always with the same `read`.
            read: Takes ids, and returns what it finds for each of them.
            id: The one that is wanted.

        Raises:
            RequestError: The whole call failed.
        """
        with self._lock:
            shared = self._shared.setdefault(name, _Shared(read, lambda: self._sleep(LINGER)))
        found: T = shared.get(id)
        return found

    def bulk(self, target: Object[R], ids: Sequence[str]) -> dict[str, R | Missing | RequestError]:
        """Return the objects with these ids, 100 a request; what is wrong with an id stays with that id.

        Raises:
            RequestError: A whole request failed.
        """
        found: dict[str, R | Missing | RequestError] = {}
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), BULK):
            part = wanted[start : start + BULK]
            what = f"Reading {len(part)} of {target.name} ({part[0]}{', …' if len(part) > 1 else ''})"
            body = {"type": "GET", "request": [{"id": each} for each in part]}
            answer = self._object(self._read("POST", target, "/bulk", what, body), what)
            found.update(self._items(target, part, answer, what))
        return found

    def query(self, target: Object[R], condition: Filter | None = None, *, most: int | None = None) -> Iterator[R]:
        """Return every row that meets a condition, page after page.

        Args:
            target: The objects.
            condition: None returns all.
            most: Return none where Boomi counts more than these.

        Raises:
            FilterError: Boomi would refuse the condition; nothing was sent.
            RequestError: A request failed.
        """
        query_filter: dict[str, Any] = {}
        if condition is not None:
            judge(target, condition)
            query_filter["expression"] = condition.expression()
        what = f"Querying {target.name}"
        answer = self._read("POST", target, "/query", what, {"QueryFilter": query_filter})
        seen: set[str] = set()
        while True:
            page = self._object(answer, what)
            rows = page.get("result") or []
            if not isinstance(rows, (list, dict)):
                raise BadAnswer(what, status=answer.status, detail="its result is not a list")
            if most is not None and (whole(page.get("numberOfResults")) or 0) > most:
                return
            for row in rows_of(rows):
                record = target.parse(row)
                if record is None:
                    raise BadAnswer(what, status=answer.status, detail=f"a row without {target.id}")
                yield record
            token = page.get("queryToken")
            if not token:
                return
            if not isinstance(token, str) or token in seen:
                raise BadAnswer(what, status=answer.status, detail="its queryToken leads nowhere")
            seen.add(token)
            answer = self._read("POST", target, "/queryMore", what, token)

    def answer(
        self,
        method: str,
        target: Object[Any],
        path: str,
        what: str,
        body: Mapping[str, Any] | str | None = None,
        *,
        at: str | None = None,
    ) -> Answer:
        """Send a request once, and return whatever Boomi answers as it came; for somebody who studies the answers.

        Args:
            method: HTTP's.
            target: The object whose address it is.
            path: What follows the object's name, such as `/query`.
            what: What it is for, in messages.
            body: JSON, or a text that is sent as it is.
            at: Another path than the object's usual one before the account; `{door}` may stand in it.

        Raises:
            RequestError: There is no answer.
        """
        if not self._take_turn(what):
            raise Unavailable(what, detail=_OUTAGE)
        return self._once(method, target, path, what, body, base=self._base(at) if at else None)

    def said(self, answer: Answer) -> str:
        """Return what an answer says in words, without the token."""
        return self.settings.hide(said_in(answer.body))

    # -- writes --------------------------------------------------------------------------------

    def create(
        self, target: Object[R], body: Mapping[str, Any], what: str, known: Mapping[str, Any] | None = None
    ) -> Outcome[R]:
        """Send a create.

        Args:
            target: The object.
            body: What is sent.
            what: The act, for messages ("Packaging Order Sync 1.4.0").
            known: What an empty answer stands for, where the request tells the id itself.
        """
        return self._write_record(target, "", body, what, known)

    def update(
        self, target: Object[R], id: str, body: Mapping[str, Any], what: str, known: Mapping[str, Any] | None = None
    ) -> Outcome[R]:
        """Send an update of one object; arguments as those of `create`."""
        return self._write_record(target, f"/{_segment(id)}", body, what, known)

    def act(
        self, target: Object[Any], forms: Sequence[Form], id: str, body: Mapping[str, Any], what: str
    ) -> Outcome[None]:
        """Send an act whose address Boomi does not publish; the body of its answer is never read.

        The likely forms are tried in turn, as long as each is answered by 404 or 405: then nothing was done. Nor was it
        by a 400 to a path without the id, whose last word the server may have taken for one. The form that is answered
        otherwise comes first from then on.

        Args:
            target: The object.
            forms: Method and path after the object's name, in which `{id}` stands for the id.
            id: The id.
            body: What is sent.
            what: The act, for messages.
        """
        key, tried = tuple(forms), []
        first, refused = self._answering.get(key), None
        for form in sorted(forms, key=lambda each: each != first):
            method, path = form[0], form[1].format(id=_segment(id))
            outcome = self._write(method, target, f"/{path}" if path else "", what, body)
            status = outcome.error.status if isinstance(outcome, Refused) else None
            if status == 400 and form != first and "{id}" not in form[1]:  # noqa: PLR2004
                refused = outcome
            elif status not in {404, 405}:
                self._answering[key] = form
                return Done(None) if isinstance(outcome, Done) else outcome
            tried.append(f"{method} {target.name}{'/' if path else ''}{path}: {status}")
        if isinstance(refused, Refused):
            return refused
        said = f"nothing was done; tried {'; '.join(tried)}; the setting boomi:connectorCancelPath says another"
        return Refused(EndpointNotFound(what, status=404, detail=said))

    def delete(self, target: Object[Any], id: str, what: str) -> Outcome[None]:
        """Send a delete; the body of its answer is never read, since Boomi's need not be JSON."""
        outcome = self._write("DELETE", target, f"/{_segment(id)}", what, None)
        return Done(None) if isinstance(outcome, Done) else outcome

    # -- inside --------------------------------------------------------------------------------

    def _write_record(
        self, target: Object[R], path: str, body: Mapping[str, Any], what: str, known: Mapping[str, Any] | None
    ) -> Outcome[R]:
        outcome = self._write("POST", target, path, what, body)
        if not isinstance(outcome, Done):
            return outcome
        if not outcome.answer.body.strip():
            record = target.parse(known) if known is not None else None
            empty = EmptyAnswer(what, status=outcome.answer.status, detail="an empty answer")
            return Done(record) if record is not None else Unknown(empty)
        try:
            return Done(self._record(target, outcome.answer, what))
        except RequestError as error:
            # Committed, but the answer does not say what: whoever asked must look.
            return Unknown(error)

    def _write(
        self, method: str, target: Object[Any], path: str, what: str, body: Mapping[str, Any] | None
    ) -> Outcome[Answer]:
        # Only "too many", and a connection that was never made, promise that nothing was done.
        answer = self._exchange((method, target, path, what, body), frozenset({429}), (Unreachable,))
        if not isinstance(answer, RequestError):
            return Done(answer)
        status = answer.status or 0
        lost = isinstance(answer, ConnectionLost) or status >= 500 or status == 408  # noqa: PLR2004
        return Unknown(answer) if lost else Refused(answer)

    def _read(
        self, method: str, target: Object[Any], path: str, what: str, body: Mapping[str, Any] | str | None = None
    ) -> Answer:
        request = (method, target, path, what, body)
        answer = self._exchange(request, RETRIED_STATUSES, (Unreachable, ConnectionLost))
        if isinstance(answer, RequestError):
            raise answer
        return answer

    def _exchange(
        self, request: _Request, statuses: frozenset[int], failures: tuple[type[RequestError], ...]
    ) -> Answer | RequestError:
        """Send until there is a good answer, or a failure that is not among those to send again after."""
        _, target, _, what, _ = request
        retry, began = 0, None
        failure: RequestError | None = None
        asked: float | None = None
        while True:
            try:
                with self._login.attempt(what, self._interrupted):
                    if not self._take_turn(what):
                        return failure or Unavailable(what, detail=_OUTAGE)
                    began = self._clock() if began is None else began
                    answer = self._once(*request)
                    failure, asked = self._failure(answer, target, what), answer.retry_after
            except RequestError as error:
                failure, asked = error, None
            if failure is None:
                self._outage.note(answer.status)
                return answer
            self._outage.note(failure.status, asked)
            if failure.final or (failure.status not in statuses and not isinstance(failure, failures)):
                return failure
            pause = self._policy.wait(retry, self._clock() - (began or 0.0), self._draw, asked)
            if pause is None or self._interrupted.is_set() or self._left() == 0 or not self._budget.take():
                return failure
            retry += 1
            said = "there was no answer" if failure.status is None else f"Boomi answered {failure.status}"
            self._explain(pause, f"{what}: {said}; sent again in {pause:.0f} s ({retry} of {self._policy.retries}).")
            if not self.pause(pause):
                return failure

    def _take_turn(self, what: str) -> bool:
        """Wait until the rate limit lets a request begin; False where Boomi is down, and it had better not.

        Raises:
            Interrupted: The run was asked to stop.
        """
        if self._outage.lasts():
            return False
        since, pause = self._clock(), self._rate.turn()
        if pause > 0:
            self._wait_for_turn(what, pause, pause)
        while not self._outage.lasts():
            if self._interrupted.is_set():
                raise Interrupted(what, detail="the run was asked to stop before this was sent")
            if self._left() == 0:
                raise Interrupted(what, detail=_OVER)
            pause = self._rate.begin()
            if pause <= 0:
                return True
            # The pace fell, or Boomi asked for a rest, after this one took its turn.
            self._wait_for_turn(what, pause, self._clock() - since + pause)
        return False

    def _wait_for_turn(self, what: str, pause: float, whole: float) -> None:
        pace = f"{self._rate.pace():.2g} requests a second"
        self._explain(whole, f"{what}: waits {whole:.0f} s for its turn, at {pace}.")
        self.pause(pause)

    def _explain(self, pause: float, line: str) -> None:
        """Say why nothing happens for a while, unless what was said last explains most of it."""
        with self._lock:
            ends = self._clock() + pause
            due = pause >= NOTICED and ends >= self._explained + SILENCE
            if due:
                self._explained = ends
        if due:
            self._tell(line)

    def _once(
        self,
        method: str,
        target: Object[Any],
        path: str,
        what: str,
        body: Mapping[str, Any] | str | None,
        *,
        base: str | None = None,
    ) -> Answer:
        if path in {"/", "/.", "/.."}:
            # Such an address is that of the collection or of the account.
            raise BadRequest(what, detail=f"{path[1:]!r} is no id")
        headers, data = {}, None
        if isinstance(body, str):
            headers["Content-Type"], data = "text/plain", body.encode()
        elif body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(body).encode()
        url = f"{base or self._bases[target.api]}/{target.name}{path}"
        if self._watch is not None:
            self._watch(method, f"{target.name}{path}", None)
        answer = self._transport().send(
            method, url, what, params=self._params, data=data, headers=headers, longest=self._left()
        )
        if self._watch is not None:
            self._watch(method, f"{target.name}{path}", answer.status)
        self._warn(target.name, answer.headers)
        self._note(answer.status, answer.retry_after)
        return answer

    def _note(self, status: int, asked: float | None) -> None:
        """Let the pace follow what the server says."""
        if status in {429, 503}:
            self._rate.slow(asked if asked is not None and asked <= self._policy.longest_asked else 0.0)
        elif status < 500:  # noqa: PLR2004
            self._rate.ease()
            self._budget.refund()

    def _failure(self, answer: Answer, target: Object[Any], what: str) -> RequestError | None:
        """Return what is wrong with an answer, None where nothing is; and note what it tells of the credentials."""
        status, detail = answer.status, ""
        if status in {200, 201, 202, 204}:
            self._login.accepted(status)
            return None
        if status == 403:  # noqa: PLR2004
            detail = f"it needs {target.privileges}"
        elif status in {404, 405}:
            detail = f"to {answer.address}"
        elif 300 <= status < 400:  # noqa: PLR2004
            detail = "a redirect, which is not followed"
        error = for_status(status)(what, status=status, said=self.said(answer), detail=detail)
        if isinstance(error, Unauthorized):
            self._login.refused(error)
        else:
            self._login.accepted(status)
        return error

    def _object(self, answer: Answer, what: str) -> dict[str, Any]:
        try:
            value = json.loads(_decoded(answer))
        except (ValueError, LookupError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise BadAnswer(what, status=answer.status, said=self.said(answer), detail="not a JSON object")
        return value

    def _record(self, target: Object[R], answer: Answer, what: str) -> R:
        record = target.parse(self._object(answer, what))
        if record is None:
            raise BadAnswer(what, status=answer.status, detail=f"an answer without {target.id}")
        return record

    def _items(
        self, target: Object[R], ids: Sequence[str], answer: dict[str, Any], what: str
    ) -> dict[str, R | Missing | RequestError]:
        """Sort the items of a bulk answer by id.

        An item names its own id only where it failed, and not always there: then its place tells.
        """
        given = answer.get("response")
        if not isinstance(given, (list, dict)):
            raise BadAnswer(what, status=200, detail="its response is not a list")
        items = rows_of(given)
        found: dict[str, R | Missing | RequestError] = {}
        for place, item in enumerate(each for each in items if isinstance(each, dict)):
            record = target.parse(item.get("Result"))
            if record is not None:
                found[_key(target, record, ids, place if len(items) == len(ids) else None)] = record
                continue
            named = item.get("id")
            id_ = named if isinstance(named, str) and named in ids else ids[place] if len(items) == len(ids) else None
            if id_ is None:
                continue
            said = printable(item.get("errorMessage") or "")
            status = item.get("statusCode")
            status = int(status) if isinstance(status, (int, float, str)) and str(status).isdigit() else 400
            if status in {404, 410} or (status == 400 and _ABSENT.search(said)):  # noqa: PLR2004
                found[id_] = Missing(id_, said)
            else:
                found[id_] = for_status(status)(f"Reading {target.name} {id_}", status=status, said=said)
        for id_ in ids:
            found.setdefault(id_, BadAnswer(f"Reading {target.name} {id_}", detail="the bulk answer leaves it out"))
        return found

    def _warn(self, name: str, headers: Mapping[str, str]) -> None:
        notice = "; ".join(
            f"{header}: {printable(headers[header])}"
            for header in ("Warning", "Deprecation", "Sunset")
            if header in headers
        )
        if notice and name not in self._warned:
            self._warned.add(name)
            # Where warnings are errors, or stderr is closed, one must not turn a committed write into a failure.
            with contextlib.suppress(BoomiDeprecationWarning, ValueError, OSError):
                warnings.warn(f"Boomi is retiring {name} ({notice}).", BoomiDeprecationWarning, stacklevel=2)


_CLIENTS: dict[Settings, Client] = {}
_RATES: dict[tuple[str, str, float], Rate] = {}
_LOGINS: dict[tuple[str, str, str, str], Login] = {}
_CLIENTS_LOCK = threading.Lock()


def client_for(settings: Settings) -> Client:
    """Return the one client of these settings in this process: one pool, one rate, for all kinds and threads."""
    with _CLIENTS_LOCK:
        if settings not in _CLIENTS:
            # Boomi counts the requests of an account, whatever else is set.
            account = (settings.base_url, settings.account_id, settings.rate_limit)
            rate = _RATES.setdefault(account, Rate(settings.rate_limit, time.monotonic))
            who = (settings.base_url, settings.account_id, settings.username, settings.token)
            _CLIENTS[settings] = Client(settings, rate=rate, login=_LOGINS.setdefault(who, Login()))
        return _CLIENTS[settings]


def is_absent(error: RequestError) -> bool:
    """Tell whether a refusal says that the object does not exist.

    Boomi answers 400 for an unknown or deleted id, and for every other mistake as well, so the
    words decide; a 400 of unknown wording is not taken for absence.
    """
    return isinstance(error, BadRequest) and bool(_ABSENT.search(error.said))


def _decoded(answer: Answer) -> str:
    """Return the body as text: JSON is UTF-8, with or without a byte order mark, or what its content type says."""
    try:
        return answer.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        charset = re.search(r"charset=\"?([\w-]+)", answer.headers.get("Content-Type", ""), re.IGNORECASE)
        return answer.body.decode(charset.group(1) if charset else "utf-16")


def _segment(id_: str) -> str:
    return quote(id_, safe="~")


def _key(target: Object[R], record: R, ids: Sequence[str], place: int | None) -> str:
    id_ = str(record[target.id])
    # `{componentId}~{version}` may have been asked for, and the answer names the two apart.
    fitting = [each for each in (id_, f"{id_}~{getattr(record, 'version', None)}") if each in ids]
    if place is not None and ids[place] in fitting:
        return ids[place]
    return fitting[0] if fitting else id_


def said_in(body: bytes) -> str:
    """Return Boomi's message from any of its error bodies: three shapes of JSON, XML, plain text."""
    text = body[: 64 * 1024].decode("utf-8-sig", errors="replace").strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        match = re.search(r"<message[^>]*>(.*?)</message>", text, re.DOTALL)
        plain = match.group(1) if match else _NO_WORDS.sub(" ", text)
        return printable(html.unescape(plain))[:500]
    if isinstance(value, dict):
        inner = value.get("error")
        message = value.get("message") or (inner.get("message") if isinstance(inner, dict) else inner)
        return printable(message or "")[:500]
    return printable(text)[:500]
