"""Boomi's verbs over HTTP: get, create, update, delete, bulk, query."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from urllib.parse import quote

from boomi_pulumi.api.answers import Missing, items
from boomi_pulumi.api.errors import (
    BadAnswer,
    ConnectionLost,
    EmptyAnswer,
    EndpointNotFound,
    RequestError,
    Unreachable,
)
from boomi_pulumi.api.filters import Filter, judge
from boomi_pulumi.api.login import Login
from boomi_pulumi.api.models import Object, Record, rows_of, whole
from boomi_pulumi.api.retry import RETRIED_STATUSES, Done, Outcome, Rate, Refused, Unknown
from boomi_pulumi.api.sender import Sender
from boomi_pulumi.api.settings import Settings
from boomi_pulumi.api.shared import Shared

if TYPE_CHECKING:
    from boomi_pulumi.api.transport import Answer

__all__ = ["BULK", "Client", "Form", "client_for"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")

BULK = 100
"""The most ids that one bulk read takes. Source: Platform API introduction."""

LINGER = 0.02
"""Seconds that a bulk read waits for other threads to join: little beside an answer's hundreds of milliseconds."""

Form: TypeAlias = tuple[str, str]
"""Method, and path after the object's name, in which `{id}` stands for the id."""


class Client(Sender):
    """One account, as seen by one user.

    Threads may share it. Reads are sent again on 429, 502, 503, 504 and broken connections; writes only
    where nothing can have been committed. Arguments as those of `Sender`.
    """

    def __init__(self, settings: Settings, **options: Any) -> None:
        super().__init__(settings, **options)
        self._shared: dict[str, Shared] = {}
        self._answering: dict[tuple[Form, ...], Form] = {}

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
            shared = self._shared.setdefault(name, Shared(read, lambda: self._sleep(LINGER)))
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
            found.update(items(target, part, answer, what))
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


def _segment(id_: str) -> str:
    return quote(id_, safe="~")
