"""Removals: of one object, and of what could not be removed while that object used it.

The engine removes at the same time what it knows of no order for, and a package id that is given as a text is no order.
With `--target` it removes the predecessor of what is worked on, and leaves alone what uses it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import (
    BadRequest,
    BoomiError,
    Interrupted,
    RequestError,
    UnexpectedStatus,
    UnknownOutcome,
)
from boomi_pulumi._api.retry import Done, Unknown
from boomi_pulumi._api.say import say
from boomi_pulumi._lifecycle.fields import Bag, key, rules, visible
from boomi_pulumi._lifecycle.kind import Holds, KeptWhileUsed, Kind, Subject
from boomi_pulumi._lifecycle.places import FRESH, observed
from boomi_pulumi._lifecycle.preview import echo
from boomi_pulumi._lifecycle.run import Run, left
from boomi_pulumi._lifecycle.states import is_foreign
from boomi_pulumi._lifecycle.writing import PATIENCE, SENDS

__all__ = ["Leftovers", "Removal", "leftovers_of"]


class Leftovers:
    """The objects of an account that wait for their removal, for one run. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: dict[str, AbstractContextManager[object]] = {}
        self._waiting: dict[str, Callable[[], None]] = {}
        self._freed: set[str] = set()
        self._removed: dict[str, bool] = {}

    def turn(self, id_: str) -> AbstractContextManager[object]:
        """Return what is held while an object is removed: of two threads, one tells the end before the other begins."""
        with self._lock:
            return self._turns.setdefault(id_, threading.RLock())

    def postpone(self, id_: str, remove: Callable[[], None]) -> None:
        """Have an object removed when this process frees it."""
        with self._lock:
            self._waiting[id_] = remove

    def drop(self, id_: str) -> None:
        """Note that an object waits no longer."""
        with self._lock:
            self._waiting.pop(id_, None)

    def free(self, id_: str) -> Callable[[], None] | None:
        """Note that nothing of ours uses an object any more; return how it is removed, if it waits for that."""
        with self._lock:
            self._freed.add(id_)
            return self._waiting.pop(id_, None)

    def is_freed(self, id_: str) -> bool:
        """Tell whether this process has freed an object."""
        with self._lock:
            return id_ in self._freed

    def removed(self, id_: str, *, late: bool) -> None:
        """Note that an object was removed; `late` where it had waited for that."""
        with self._lock:
            self._removed[id_] = late

    def made(self, id_: str) -> None:
        """Note that an object is there, made anew or taken."""
        with self._lock:
            self._removed.pop(id_, None)

    def was_removed(self, id_: str, *, late: bool) -> bool:
        """Tell whether this run has removed an object already, where one of the two removals is late.

        What the engine removes twice may have been made anew in between.
        """
        with self._lock:
            return id_ in self._removed and (late or self._removed[id_])


def leftovers_of(client: Client) -> Leftovers:
    """Return those of a client's account."""
    return client.keep(Leftovers, Leftovers)


class Removal:
    """The removals of one kind in one account.

    Args:
        kind: What the objects are.
        client: Returns the account.
        run: What the resources of this run stand for.
    """

    def __init__(self, kind: Kind[Any], client: Callable[[], Client], run: Run) -> None:
        self._kind = kind
        self._account = client
        self._run = run

    @property
    def _client(self) -> Client:
        return self._account()

    def remove(self, id_: str, bag: Bag, origin: str | None, *, late: bool = False) -> None:
        """Remove what a resource made, and nothing else.

        Args:
            id_: The resource's id.
            bag: Its last outputs.
            origin: project/stack/name of the resource.
            late: Whether the object had to wait until this process freed it.

        Raises:
            Conflict: Boomi shows neither the object nor its place; nothing was removed.
            RequestError: Boomi refuses.
            UnknownOutcome: No clear answer came, and the object is still there.
        """
        kind, shown = self._kind, visible(bag)
        title = f"{kind.name} {kind.title(shown)}"
        if self._run.keeps(id_, key(kind.inputs, bag)):
            say(f"{title} stays: the program declares it.")
            return
        if bag.get("adopted") is True:
            say(f"{title} stays: it was there before this stack took it over. Only the stack forgets it.")
            return
        if self._is_kept(shown, title):
            return
        subject = Subject(self._client, shown, shown, shown, id_, max_age=FRESH)
        record = observed(kind, subject) if kind.fresh_look else None
        if kind.fresh_look and not self._is_still_ours(subject, record, bag, title, origin):
            return
        # Noted before anything is sent: what uses it may be gone by the time that Boomi's refusal is understood.
        self.postpone(id_, bag, origin)
        if self._removed(subject, record, bag, title, late=late):
            self.freed(record)
        for each in left(bag):
            if leftovers_of(self._client).is_freed(str(each["id"])):
                self.remove(str(each["id"]), each, origin, late=True)

    def postpone(self, id_: str, bag: Bag, origin: str | None) -> None:
        """Have an object removed as soon as this process frees it.

        Args:
            id_: The resource's id.
            bag: Its last outputs.
            origin: project/stack/name of the resource.
        """
        leftovers_of(self._client).postpone(id_, lambda: self.remove(id_, bag, origin, late=True))

    def freed(self, record: Any) -> None:
        """Remove what could not be removed while this object used it; never raises, since something was committed."""
        id_ = self._kind.holds(record) if isinstance(self._kind, Holds) and record is not None else None
        remove = leftovers_of(self._client).free(id_) if id_ is not None else None
        if remove is None:
            return
        try:
            remove()
        except BoomiError as error:
            say(str(error))

    def _is_still_ours(self, subject: Subject, record: Any, bag: Bag, title: str, origin: str | None) -> bool:
        """Tell whether a fresh look shows an object that a removal may take, and say why not."""
        kind, shown = self._kind, subject.inputs
        if record is None:
            self._gone(title)
            return False
        if self._is_kept(echo(kind.inputs, shown, kind.live(record, shown)), title):
            return False
        if kind.adopts and is_foreign(kind, record, bag, origin):
            companions = {
                name: bag[name] for name, rule in rules(kind.inputs).items() if rule.companion and name in bag
            }
            successor = kind.title(companions | kind.live(record, shown))
            say(f"{title} was superseded by {successor}, which somebody else put there; it stays.")
            return False
        return True

    def _is_kept(self, bag: Bag, title: str) -> bool:
        """Tell whether the kind has nothing to remove, and say why."""
        reason = self._kind.kept_on_destroy(bag)
        if reason:
            say(f"{title}: {reason} The stack forgets it.")
        return bool(reason)

    def _gone(self, title: str) -> None:
        where = self._client.settings.account
        say(f"{title} is not there any more in account {where}: nothing was removed. The stack forgets it.")

    def _removed(self, subject: Subject, record: Any, bag: Bag, title: str, *, late: bool) -> bool:
        """Remove an object in its turn; tell whether it is gone, and say why where it stays."""
        id_, leftovers, kept = str(subject.id), leftovers_of(self._client), None
        with leftovers.turn(id_):
            try:
                if not leftovers.was_removed(id_, late=late):
                    kept = self._sent(subject, record, bag, title, late=late)
            finally:
                if kept is None:
                    leftovers.drop(id_)
            if kept is not None and isinstance(self._kind, KeptWhileUsed):
                say(f"{title} stays as long as {kept}. If this run frees it, it is deleted; else it is left there.")
            elif kept is not None:
                say(f"{title} stays: {kept}. The stack forgets it.")
        return kept is None

    def _sent(self, subject: Subject, record: Any, bag: Bag, title: str, *, late: bool) -> str | None:
        """Send the removal; return why the object stays, or None where it is gone."""
        kind, client, began = self._kind, self._client, self._client.now()
        # What is there may be newer than the state, where the run that made it was killed.
        meant = bag if record is None else bag | kind.live(record, subject.inputs)
        error: RequestError | None = None
        sent = 0
        while sent < SENDS and (not sent or client.now() - began <= PATIENCE):
            outcome = kind.delete(subject, record)
            sent += 1
            if isinstance(outcome, Done):
                leftovers_of(client).removed(str(subject.id), late=late)
                if late:
                    say(f"{title}: nothing uses it any more; deleted.")
                return None
            error = outcome.error
            if not isinstance(outcome, Unknown) and not isinstance(error, (BadRequest, UnexpectedStatus)):
                raise error
            try:
                seen = observed(kind, replace(subject, max_age=0))
            except Interrupted:
                raise error from None
            if seen is None or not kind.owns(seen, meant):
                if sent == 1 and not isinstance(outcome, Unknown):
                    self._gone(title)
                return None
            if not isinstance(outcome, Unknown):
                reason = kind.why_kept(subject, seen, error)
                if reason is None:
                    raise error
                return f'{reason} (Boomi said: "{error.said}")'
            record = seen
        raise UnknownOutcome(f"{title}: sent {sent} deletes without a clear answer, and it is still there. {error}")
