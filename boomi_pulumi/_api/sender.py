"""Sending requests to an account: at its pace, again where that is safe, and within a time."""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from boomi_pulumi._api.answers import is_page, is_success, object_in, said_in
from boomi_pulumi._api.errors import (
    BadAnswer,
    BadRequest,
    Forbidden,
    Interrupted,
    RequestError,
    Unauthorized,
    Unavailable,
)
from boomi_pulumi._api.login import Login
from boomi_pulumi._api.models import Object, Record
from boomi_pulumi._api.refusals import meaning_of, readable
from boomi_pulumi._api.retry import Outage, Policy, Rate
from boomi_pulumi._api.say import say
from boomi_pulumi._api.settings import Settings
from boomi_pulumi._api.words import on_one_line

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

    from boomi_pulumi._api.transport import Answer, Transport

__all__ = ["INTERRUPTED", "BoomiDeprecationWarning", "Request", "Sender", "Watch"]

R = TypeVar("R", bound=Record)

INTERRUPTED = threading.Event()
"""Set when this process was asked to stop: every wait ends, and nothing more is sent."""

NOTICED = 3.0
"""Seconds of the shortest wait that a line explains."""

SILENCE = 15.0
"""Seconds between the ends of two waits that a line explains, so that a CI log stays readable."""

_ENDS: ContextVar[float | None] = ContextVar("_ENDS", default=None)
"""When the time of the running verb is over (`customTimeouts` of its resource), in seconds of the client's clock."""

_OVER = "the time that customTimeouts gives was over before this was sent"

_OUTAGE = f"there was no good answer for {Outage.SECONDS:.0f} s, so this was not sent"

Watch: TypeAlias = Callable[[str, str, int | None], object]
"""Takes method, object with path, and the status of the answer (None before the request is sent)."""

Request: TypeAlias = tuple[str, Object[Any], str, str, Mapping[str, Any] | str | None]
"""Method, object, path, purpose (for messages), body."""


class _Down(Exception):
    """Boomi does not answer any more; nothing was sent."""


class BoomiDeprecationWarning(FutureWarning):
    """Boomi announced the end of an address that this package uses."""


class Sender:
    """Sends requests to one account as one user; threads may share it.

    Args:
        settings: Who and where.
        policy: How often and how long to try again.
        sleep: Waits for a number of seconds; by default an interruption ends the wait.
        clock: Returns seconds; only differences count.
        draw: Returns a random number from 0 to 1.
        interrupted: When set, nothing more is sent, and waits end.
        tell: Takes a line for the user.
        rate: The pace that clients of an account share; by default the client's own.
        login: The state of the credentials that their clients share; by default the client's own.
        watch: Called twice for every request: before it is sent, and with the status of its answer.
        adapter: Sends each request over HTTP; by default the client's own connections. Whoever gives an adapter closes
            it.

    Attributes:
        settings: As the argument.
        adapter: As the argument; it may be changed between two requests.
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
        adapter: BaseAdapter | None = None,
    ) -> None:
        self.settings = settings
        self.adapter = adapter
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
        self._outage = Outage(clock)
        self._warned: set[str] = set()
        self._lock = threading.Lock()
        self._connections: Transport | None = None
        platform = self._base("{api}/rest/v1")
        self._bases = {
            "platform": platform,
            "async": f"{platform}/async",
            "connector": self._base(settings.connector_path),
        }
        self._ahead = timedelta()
        self._params = {"overrideAccount": settings.override_account} if settings.override_account else None

    def now(self) -> float:
        """Return seconds of the client's clock; only differences count."""
        return float(self._clock())

    def moment(self) -> datetime:
        """Return the time by Boomi's clock, as its last answer told it; by this machine's where none has."""
        return datetime.now(timezone.utc) + self._ahead

    def pause(self, seconds: float) -> bool:
        """Wait some seconds; return False if the run was asked to stop, or the time of `within` is over."""
        left = self._left()
        self._sleep(seconds if left is None else min(seconds, left))
        return not self._interrupted.is_set() and self._left() != 0

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Bound all waits of this thread inside the context.

        Args:
            seconds: How long the waits may take together; 0 sets no bound.
        """
        token = _ENDS.set(self.now() + seconds if seconds > 0 else None)
        try:
            yield
        finally:
            _ENDS.reset(token)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            connections, self._connections = self._connections, None
        if connections is not None:
            connections.close()

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
        """Send a request once, and return the answer of whatever status, unread; for probes of Boomi's behaviour.

        Args:
            method: HTTP's.
            target: The object whose address it is.
            path: What follows the object's name, such as `/query`.
            what: What the request is for, in messages.
            body: JSON, or a text that is sent as it is.
            at: The path before the account, instead of the object's usual path; `{api}` may stand in it.

        Raises:
            Unauthorized: Boomi refused the credentials, now or before.
            RequestError: There is no answer.
        """
        try:
            with self._turn(what):
                answer = self._once(method, target, path, what, body, base=self._base(at) if at else None)
                failure = self._wrong_with(answer, target, what)
        except _Down:
            raise Unavailable(what, detail=_OUTAGE) from None
        if isinstance(failure, Unauthorized):
            raise failure
        return answer

    def said(self, answer: Answer) -> str:
        """Return what an answer says in words, without the token."""
        return said_in(answer.body)

    # -- for the verbs -----------------------------------------------------------------------------

    def _exchange(
        self, request: Request, statuses: frozenset[int], failures: tuple[type[RequestError], ...]
    ) -> Answer | RequestError:
        """Send until a good answer comes, or a failure after which the request is not sent again."""
        _, target, _, what, _ = request
        retry, began = 0, None
        failure: RequestError | None = None
        asked: float | None = None
        while True:
            try:
                with self._turn(what):
                    began = self._clock() if began is None else began
                    answer = self._once(*request)
                    failure, asked = self._wrong_with(answer, target, what), answer.retry_after
            except _Down:
                return failure or Unavailable(what, detail=_OUTAGE)
            except RequestError as error:
                failure, asked = error, None
            if failure is None:
                self._outage.note(answer.status)
                return answer
            self._outage.note(failure.status, asked)
            if failure.final or (failure.status not in statuses and not isinstance(failure, failures)):
                return failure
            pause = self._policy.wait(retry, self._clock() - (began or 0.0), self._draw, asked)
            if pause is None or self._interrupted.is_set() or self._left() == 0:
                return failure
            retry += 1
            said = "there was no answer" if failure.status is None else f"Boomi answered {failure.status}"
            self._explain(pause, f"{what}: {said}; sent again in {pause:.0f} s ({retry} of {self._policy.retries}).")
            if not self.pause(pause):
                return failure

    def _object(self, answer: Answer, what: str) -> dict[str, Any]:
        value = object_in(answer)
        if value is None:
            raise self._bad(answer, what, "not a JSON object, or an error in place of one")
        return value

    def _record(self, target: Object[R], answer: Answer, what: str) -> R:
        record = target.parse(self._object(answer, what))
        if record is None:
            raise self._bad(answer, what, f"an answer without {target.id}")
        return record

    def _bad(self, answer: Answer, what: str, detail: str) -> BadAnswer:
        """Return the error of an answer that has not the form of Boomi's answer to this request."""
        return BadAnswer(what, status=answer.status, said=self.said(answer), detail=detail)

    # -- inside ------------------------------------------------------------------------------------

    def _base(self, path: str) -> str:
        api = "partner/api" if self.settings.override_account else "api"
        return f"{self.settings.base_url}/{path.format(api=api)}/{self.settings.account_id}"

    def _transport(self) -> Transport:
        with self._lock:
            if self._connections is None:
                from boomi_pulumi._api.transport import Transport  # noqa: PLC0415 - a run without a request needs no requests

                self._connections = Transport(self.settings, self._clock)
            return self._connections

    def _left(self) -> float | None:
        """Return the seconds that are left to this verb, or None without a bound."""
        ends = _ENDS.get()
        return None if ends is None else max(0.0, ends - self.now())

    @contextlib.contextmanager
    def _turn(self, what: str) -> Iterator[None]:
        """Wait until a request may begin: by the pace, and by the credentials, which may be refused meanwhile.

        Raises:
            Unauthorized: Boomi has refused the credentials before.
            Interrupted: The run was asked to stop, or the time is over.
            _Down: Boomi is down, and had better not be asked.
        """
        self._check_service(what)
        since, pause = self._clock(), self._rate.turn()
        if pause > 0:
            self._wait_for_turn(what, pause, pause)
        ready = self._clock()
        with self._login.attempt(what, lambda: self._check_time(what)):
            self._begin(what, since + self._clock() - ready)  # what is told of a wait is the pace alone
            yield

    def _begin(self, what: str, since: float) -> None:
        while True:
            self._check_service(what)
            self._check_time(what)
            pause = self._rate.begin()
            if pause <= 0:
                return
            # The pace fell, or Boomi asked for a rest, after this request took its turn.
            self._wait_for_turn(what, pause, self._clock() - since + pause)

    def _check_service(self, what: str) -> None:
        self._login.check(what)
        if self._outage.lasts():
            raise _Down

    def _check_time(self, what: str) -> None:
        if self._interrupted.is_set():
            raise Interrupted(what, detail="the run was asked to stop before this was sent")
        if self._left() == 0:
            raise Interrupted(what, detail=_OVER)

    def _wait_for_turn(self, what: str, pause: float, whole: float) -> None:
        pace = f"{self._rate.pace():.2g} requests a second"
        self._explain(whole, f"{what}: waits {whole:.0f} s for its turn, at {pace}.")
        self.pause(pause)

    def _explain(self, pause: float, line: str) -> None:
        """Tell the user why nothing happens for a while, unless the last line explains most of the wait."""
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
            method,
            url,
            what,
            params=self._params,
            data=data,
            headers=headers,
            longest=self._left(),
            adapter=self.adapter,
        )
        if self._watch is not None:
            self._watch(method, f"{target.name}{path}", answer.status)
        self._warn(target.name, answer.headers)
        self._note(answer.status, answer.retry_after)
        if answer.ahead is not None:
            self._ahead = answer.ahead
        return answer

    def _note(self, status: int, asked: float | None) -> None:
        """Let the pace follow an answer."""
        if status in {429, 503}:
            self._rate.slow(asked if asked is not None and asked <= self._policy.longest_asked else 0.0)
        elif status < 500:  # noqa: PLR2004
            self._rate.ease()

    def _wrong_with(self, answer: Answer, target: Object[Any], what: str) -> RequestError | None:
        """Return the error of an answer, or None; after a refusal, find out once whether the credentials are good."""
        failure = self._failure(answer, target, what)
        if isinstance(failure, (BadRequest, Forbidden)) and self._login.hesitates(isinstance(failure, Forbidden)):
            for method, other, path, body in readable(self.settings, target):
                with contextlib.suppress(RequestError, _Down):
                    self._begin(what, self._clock())
                    found = self._failure(self._once(method, other, path, what, body), other, what)
                    if found is None or isinstance(found, Unauthorized):
                        return found or failure
        return failure

    def _failure(self, answer: Answer, target: Object[Any], what: str) -> RequestError | None:
        """Return the error of an answer, or None; and note what the answer says of the credentials."""
        status, detail = answer.status, ""
        if status in {200, 201, 202, 204}:
            if not is_success(answer):
                return self._bad(answer, what, "a page or a document, not Boomi's JSON")
            self._login.accepted()
            return None
        said, page = self.said(answer), status in {400, 403, 409, 422} and is_page(answer)
        kind = BadAnswer if page else meaning_of(status, said, answer.body)
        if status in {400, 403} and kind is not Unauthorized and self._login.doubted():
            kind, detail = Unauthorized, "the third refusal, and no success before it"
        elif page:
            detail = "a page, not Boomi's words"
        elif kind is Forbidden:
            detail = f"it needs {target.privileges}"
        elif status in {404, 405}:
            detail = f"to {answer.address}"
        elif 300 <= status < 400:  # noqa: PLR2004
            detail = "a redirect, which is not followed"
        error = kind(what, status=status, said=said, detail=detail)
        if isinstance(error, Unauthorized):
            self._login.refused(error)
        return error

    def _warn(self, name: str, headers: Mapping[str, str]) -> None:
        notice = "; ".join(
            f"{header}: {on_one_line(headers[header])}"
            for header in ("Warning", "Deprecation", "Sunset")
            if header in headers
        )
        if notice and name not in self._warned:
            self._warned.add(name)
            # Where warnings are errors, or stderr is closed, a warning must not turn a committed write into a failure.
            with contextlib.suppress(BoomiDeprecationWarning, ValueError, OSError):
                warnings.warn(f"Boomi is retiring {name} ({notice}).", BoomiDeprecationWarning, stacklevel=2)
