"""Boomi's verbs over HTTP: get, create, update, delete, bulk, query."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from urllib.parse import quote
from weakref import WeakKeyDictionary, WeakValueDictionary

from boomi_pulumi._api.answers import Missing, Page, identity, is_done, items, object_in, page_in
from boomi_pulumi._api.errors import (
    BadAnswer,
    BadRequest,
    ConnectionLost,
    EmptyAnswer,
    EndpointNotFound,
    Interrupted,
    RequestError,
    Unavailable,
    Unreachable,
)
from boomi_pulumi._api.filters import Filter, check_filter
from boomi_pulumi._api.login import ALONE, Login
from boomi_pulumi._api.models import Object, Record, rows_of, whole
from boomi_pulumi._api.retry import RETRIED_STATUSES, Done, Outcome, Rate, Refused, Unknown
from boomi_pulumi._api.sender import Sender
from boomi_pulumi._api.settings import Settings
from boomi_pulumi._api.shared import Shared

if TYPE_CHECKING:
    from boomi_pulumi._api.transport import Answer

__all__ = ["BULK", "Client", "Form", "client_for", "new_process"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")

BULK = 100
"""The most ids that a bulk read takes. Source: Platform API introduction."""

LINGER = 0.02
"""Seconds that a bulk read waits for ids of other threads; an answer takes hundreds of milliseconds."""

ANSWER = 60.0
"""Seconds that a runtime has for its answer."""

_LATER = 202
"""The status of an answer that is not there yet."""

Form: TypeAlias = tuple[str, str]
"""Method, and path after the object's name, in which `{id}` stands for the id."""


class Client(Sender):
    """Boomi's account, as its user sees it; threads may share the client.

    Reads are sent again after 429, 502, 503, 504 and broken connections, writes only where nothing can have been
    committed. The arguments are those of `Sender`.

        client = Client(Settings(account_id="acme-AB12CD", username="ann@acme.example", token="…"))
        production = next(client.query(ENVIRONMENT, where("name").equals("Production")))
    """

    def __init__(self, settings: Settings, **options: Any) -> None:
        super().__init__(settings, **options)
        self._shared: dict[str, Shared] = {}
        self._answering: dict[tuple[Form, ...], Form] = {}
        self._kept: dict[type[Any], Any] = {}
        self._polls = Rate(Rate.SPREAD, self._clock)

    # -- one run -------------------------------------------------------------------------------

    def keep(self, kind: type[T], make: Callable[[], T]) -> T:
        """Return this run's only object of a class; `make` makes the object at the first call."""
        with self._lock:
            if kind not in self._kept:
                self._kept[kind] = make()
            kept: T = self._kept[kind]
            return kept

    def new_run(self) -> None:
        """Forget what `keep` keeps, so that later calls read the account anew."""
        with self._lock:
            self._kept, self._shared = {}, {}

    # -- reads ---------------------------------------------------------------------------------

    def get(self, target: Object[R], id: str) -> R:
        """Return an object; one request.

        Raises:
            RequestError: The request failed; BadRequest for an id that Boomi does not know.
        """
        what = f"Reading {target.name} {id}"
        return self._record(target, self._read("GET", target, f"/{_segment(id)}", what), what)

    def read(self, target: Object[R], id: str) -> R | Missing | RequestError:
        """Return an object as `bulk` does; ids that threads ask for at the same time share a request.

        Raises:
            RequestError: The whole request failed.
        """
        return self.together(target.name, lambda ids: self.bulk(target, ids), id)

    def together(self, name: str, read: Callable[[Sequence[str]], Mapping[str, T]], id: str) -> T:
        """Return what `read` finds for an id; ids that threads ask for at the same time are read in one call.

        No caller gets an answer to a request that was sent before the caller asked.

        Args:
            name: What is read; always with the same `read`.
            read: Takes ids, and returns what it finds for each id.
            id: The id that this caller wants.

        Raises:
            RequestError: The whole call failed.
        """
        with self._lock:
            shared = self._shared.setdefault(name, Shared(read, lambda: self._sleep(LINGER)))
        found: T = shared.get(id)
        return found

    def bulk(self, target: Object[R], ids: Sequence[str]) -> dict[str, R | Missing | RequestError]:
        """Return what Boomi has for each id, 100 ids a request; a fault of an id is the value of that id.

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

    def query(
        self,
        target: Object[R],
        condition: Filter | None = None,
        *,
        most: int | None = None,
        told: Callable[[int], object] = int,
    ) -> Iterator[R]:
        """Return every row that meets a condition, page after page.

        Boomi counts the rows of the whole query. If fewer come, a page was lost, or a row moved between two pages: the
        query is sent once more, and the rows that were missing follow.

        Args:
            target: The objects.
            condition: None returns all.
            most: Return no row where Boomi counts more rows than this.
            told: Called with Boomi's count of the rows.

        Raises:
            FilterError: Boomi would refuse the condition; nothing was sent.
            BadAnswer: An answer has not the form of a query's, or rows are missing at the second reading too.
            RequestError: A request failed.
        """
        what, known = f"Querying {target.name}", set[Hashable]()
        for last in (False, True):
            seen, rows, count = set[Hashable](), 0, 0
            for page in self._pages(target, condition, what):
                count = count or page.count or 0
                told(count)
                if most is not None and count > most:
                    return
                keys = [identity(target, row) for row in page.rows]
                # What stands twice on one page is Boomi's own; what comes again on a later page has moved.
                new = [key not in seen for key in keys]
                rows += sum(new)
                seen.update(keys)
                for key, row, is_new in zip(keys, page.rows, new, strict=True):
                    if is_new and key not in known:
                        yield self._row(target, row, what)
            known = seen
            if rows >= count:
                return
            if last:
                raise BadAnswer(
                    what,
                    status=200,
                    detail=f"{rows} rows came twice, and Boomi counts {count}",
                    advice="Nothing is taken for absent. Run again; if it stays so, something between here and Boomi "
                    "loses pages.",
                )

    def first(self, target: Object[R], condition: Filter | None = None) -> list[R]:
        """Return the rows of a query's first page, with one request; arguments and errors as those of `query`."""
        what = f"Querying {target.name}"
        page = next(self._pages(target, condition, what))
        return [self._row(target, row, what) for row in page.rows]

    def pages(self, target: Object[R], condition: Filter) -> Iterator[tuple[list[R], int]]:
        """Return the rows of each page, as far as the caller reads on, and how many rows Boomi counts in all.

        A row may be lost between two pages: what is not among these rows may be there all the same. Arguments and
        errors as those of `query`.
        """
        what = f"Querying {target.name}"
        for page in self._pages(target, condition, what):
            yield [self._row(target, row, what) for row in page.rows], page.count or 0

    def ask(self, target: Object[R], condition: Filter) -> list[R]:
        """Return what a runtime tells: Boomi passes the question on, and has the answer after a while.

        Args:
            target: The objects, of the API "async".
            condition: Which runtime is asked, and for what.

        Raises:
            FilterError: Boomi would refuse the condition; nothing was sent.
            Unavailable: The runtime has not answered in time.
            RequestError: A request failed; EndpointGone or Unavailable where the runtime is offline.
        """
        what = f"Asking a runtime for {target.name}"
        check_filter(target, condition)
        body = {"QueryFilter": {"expression": condition.expression()}}
        answer = self._read("POST", target, "/query", what, body)
        held = self._object(answer, what).get("asyncToken")
        token = held.get("token") if isinstance(held, Mapping) else None
        if not isinstance(token, str) or not token:
            raise self._bad(answer, what, "an answer without a token")
        told = self.await_answer(target, f"/response/{_segment(token)}", what)
        # An answer without rows may leave their number out as well; its status says that it is one.
        page = page_in({"numberOfResults": 0, **told} if told.get("responseStatusCode") is not None else told)
        if page is None or len(page.rows) < (page.count or 0):
            raise BadAnswer(what, status=200, detail="not the result of a query")
        return [self._row(target, row, what) for row in page.rows]

    def await_answer(self, target: Object[Any], path: str, what: str, seconds: float = ANSWER) -> dict[str, Any]:
        """Return the JSON object that a GET answers, once Boomi has it; until then it answers 202.

        Args:
            target: The object whose address it is.
            path: What follows the object's name.
            what: What is asked, for messages.
            seconds: How long to wait; one request a second.

        Raises:
            Unavailable: It was not there in time.
            Interrupted: The run was asked to stop, or the time of `within` is over.
            RequestError: A request failed.
        """
        began = self.now()
        while True:
            value = self._answered(target, path, what)
            if value is not None:
                return value
            waited = self.now() - began
            if waited >= seconds:
                detail = f"the runtime has not answered within {waited:.0f} s"
                raise Unavailable(what, status=_LATER, detail=detail, advice="It may be busy. Run again later.")
            if not self.pause(1.0):
                raise Interrupted(what, detail="the run was asked to stop, or its time is over, before the answer came")

    def poll(self, target: Object[R], path: str, what: str) -> list[R] | None:
        """Return what Boomi has to tell of something that takes a while; None while it answers 202.

        Args:
            target: The objects.
            path: What follows their name in the address.
            what: What is asked, for messages.

        Raises:
            RequestError: The request failed.
        """
        value = self._answered(target, path, what)
        if value is None:
            return None
        return [self._row(target, row, what) for row in (rows_of(value["result"]) if "result" in value else [value])]

    def _answered(self, target: Object[Any], path: str, what: str) -> dict[str, Any] | None:
        """Return what a GET answers; None while that is not there yet.

        All threads share one such request a second, so that those who wait take no turns from those who work.
        """
        self.pause(self._polls.turn())
        answer = self._read("GET", target, path, what)
        if answer.status == _LATER:
            return None
        value = self._object(answer, what)
        return None if whole(value.get("responseStatusCode")) == _LATER else value

    def _pages(self, target: Object[Any], condition: Filter | None, what: str) -> Iterator[Page]:
        query_filter: dict[str, Any] = {}
        if condition is not None:
            check_filter(target, condition)
            query_filter["expression"] = condition.expression()
        answer = self._read("POST", target, "/query", what, {"QueryFilter": query_filter})
        asked: set[str] = set()
        while True:
            page = page_in(self._object(answer, what))
            if page is None or not all(isinstance(row, dict) for row in page.rows):
                raise self._bad(answer, what, "not the result of a query")
            yield page
            if page.token is None:
                return
            if not isinstance(page.token, str) or page.token in asked:
                raise self._bad(answer, what, "its queryToken leads nowhere")
            asked.add(page.token)
            answer = self._read("POST", target, "/queryMore", what, page.token)

    @staticmethod
    def _row(target: Object[R], row: Any, what: str) -> R:
        record = target.parse(row)
        if record is None:
            raise BadAnswer(what, status=200, detail=f"a row without {target.id}")
        return record

    # -- writes --------------------------------------------------------------------------------

    def create(
        self, target: Object[R], body: Mapping[str, Any], what: str, known: Mapping[str, Any] | None = None
    ) -> Outcome[R]:
        """Send a create, and return what is known of its effect; a failed request raises nothing.

        Args:
            target: The object.
            body: The JSON that is sent, by Boomi's names.
            what: The act, for messages ("Packaging Order Sync 1.4.0").
            known: The row that an empty answer stands for, where the request itself holds the id.
        """
        return self._write_record(target, "", body, what, known)

    def update(
        self, target: Object[R], id: str, body: Mapping[str, Any], what: str, known: Mapping[str, Any] | None = None
    ) -> Outcome[R]:
        """Send an update of an object; otherwise as `create`.

        Args:
            target: The object.
            id: The id.
            body: As in `create`.
            what: As in `create`.
            known: As in `create`.
        """
        return self._write_record(target, f"/{_segment(id)}", body, what, known)

    def act(
        self, target: Object[Any], forms: Sequence[Form], id: str, body: Mapping[str, Any], what: str
    ) -> Outcome[None]:
        """Send an act whose address Boomi does not publish; `Done` where the answer is empty or is the object.

        The likely forms are tried in turn while Boomi answers 404 or 405: nothing was done. A 400 to a path without the
        id means the same, because the server may have taken the path's last word for an id. A form with another
        answer is tried first from then on.

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
            plain = isinstance(outcome, Refused) and isinstance(outcome.error, BadRequest)
            if plain and form != first and "{id}" not in form[1]:
                refused = outcome
            elif status not in {404, 405}:
                self._answering[key] = form
                return self._ended(outcome, target, what)
            tried.append(f"{method} {target.name}{'/' if path else ''}{path}: {status}")
        if isinstance(refused, Refused):
            return refused
        said = f"nothing was done; tried {'; '.join(tried)}; the setting boomi:connectorCancelPath says another"
        return Refused(EndpointNotFound(what, status=404, detail=said))

    def order(self, target: Object[Any], body: Mapping[str, Any], what: str) -> Outcome[None]:
        """Send an act whose answer is empty: `Done` means that Boomi took it, and nothing more.

        Args:
            target: Whose name is the act's address.
            body: What is sent.
            what: The act, for messages.
        """
        return self._ended(self._write("POST", target, "", what, body), None, what)

    def delete(self, target: Object[Any], id: str, what: str) -> Outcome[None]:
        """Send a delete: `Done` where the answer is empty or `true`, `Unknown` where it is anything else.

        Args:
            target: The object.
            id: The id.
            what: The act, for messages.
        """
        return self._ended(self._write("DELETE", target, f"/{_segment(id)}", what, None), None, what)

    # -- inside --------------------------------------------------------------------------------

    def _ended(self, outcome: Outcome[Answer], target: Object[Any] | None, what: str) -> Outcome[None]:
        """Return the outcome of a write whose answer has nothing to tell, or tells of an object of `target`."""
        if not isinstance(outcome, Done):
            return outcome
        if is_done(outcome.answer) or (target is not None and target.parse(object_in(outcome.answer)) is not None):
            return Done(None)
        return Unknown(self._bad(outcome.answer, what, "not Boomi's answer to this request"))

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
        # What is not Boomi's answer does not say whether Boomi acted.
        lost = isinstance(answer, (ConnectionLost, BadAnswer)) or status >= 500 or status == 408  # noqa: PLR2004
        return Unknown(answer) if lost else Refused(answer)

    def _read(
        self, method: str, target: Object[Any], path: str, what: str, body: Mapping[str, Any] | str | None = None
    ) -> Answer:
        request = (method, target, path, what, body)
        answer = self._exchange(request, RETRIED_STATUSES, (Unreachable, ConnectionLost))
        if isinstance(answer, RequestError):
            raise answer
        return answer


_Made: TypeAlias = tuple[dict[Settings, Client], dict[tuple[str, str, str, str], Login]]
"""Clients by their settings, and logins by address, account, user and token."""

_PROCESS: ContextVar[_Made] = ContextVar("_PROCESS", default=({}, {}))
_RUNS: WeakKeyDictionary[Any, _Made] = WeakKeyDictionary()
"""What the runs of a process made that has several; it goes with its run."""
_RATES: WeakValueDictionary[tuple[str, str, float], Rate] = WeakValueDictionary()
"""Boomi counts the requests of an account, whichever run they are of."""
_LOCK = threading.Lock()


def client_for(settings: Settings, under_way: int = ALONE, run: Any = None) -> Client:
    """Return the client of these settings in a run; all kinds and threads share its connections and its pace.

    Args:
        settings: Who and where.
        under_way: How many requests may be under way at once; the first caller with these credentials decides.
        run: An object that lives as long as the run, such as the connection to the engine: a process of the Automation
            API may have many runs, with tokens that change. None where the process has a single run.
    """
    with _LOCK:
        clients, logins = _PROCESS.get() if run is None else _RUNS.setdefault(run, ({}, {}))
        if settings not in clients:
            account = (settings.base_url, settings.account_id, settings.rate_limit)
            rate = _RATES.setdefault(account, Rate(settings.rate_limit, time.monotonic))
            who = (settings.base_url, settings.account_id, settings.username, settings.token)
            clients[settings] = Client(settings, rate=rate, login=logins.setdefault(who, Login(under_way)))
        return clients[settings]


@contextmanager
def new_process(*given: Client) -> Iterator[Mapping[Settings, Client]]:
    """Let this thread see what a new process sees; for tests.

    Within the context `client_for` knows the given clients alone, each by its settings, and makes all others anew.
    The context's value is every client that it returns for a process of one run; whoever made a client closes it.
    """
    made: _Made = ({each.settings: each for each in given}, {})
    token = _PROCESS.set(made)
    try:
        yield made[0]
    finally:
        _PROCESS.reset(token)


def _segment(id_: str) -> str:
    return quote(id_, safe="~")
