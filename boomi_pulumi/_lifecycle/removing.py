"""Removals: of one object, and of what could not be removed while that object used it."""

from __future__ import annotations

from collections.abc import Callable
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
from boomi_pulumi._lifecycle.fields import Bag, visible
from boomi_pulumi._lifecycle.kind import Kind
from boomi_pulumi._lifecycle.leftovers import left, leftovers_of
from boomi_pulumi._lifecycle.places import observed
from boomi_pulumi._lifecycle.writing import PATIENCE, SENDS

__all__ = ["Removing"]


class Removing:
    """The removals of one kind in one account.

    Args:
        kind: What the objects are.
        client: Returns the account.
        delete: Removes an object by id, outputs and origin, late: as if the engine asked for it again.
    """

    def __init__(
        self, kind: Kind[Any], client: Callable[[], Client], delete: Callable[[str, Bag, str | None], None]
    ) -> None:
        self._kind = kind
        self._account = client
        self._delete = delete

    @property
    def _client(self) -> Client:
        return self._account()

    def remove(self, id_: str, bag: Bag, record: Any, title: str, origin: str | None, *, late: bool) -> None:
        """Remove one object, and what waited for that; `late` where it waited itself, `record` what was seen of it."""
        # Noted before anything is sent: what uses it may be gone by the time that Boomi's refusal is understood.
        self.postpone(id_, bag, origin)
        leftovers, kept = leftovers_of(self._client), None
        with leftovers.turn(id_):
            try:
                if not leftovers.was_removed(id_, late=late):
                    kept = self._sent_away(id_, bag, record, title, late=late)
            finally:
                if kept is None:
                    leftovers.drop(id_)
            if kept is not None and self._kind.kept_while_used:
                say(f"{title} stays as long as {kept}. If this run frees it, it is deleted; else it is left there.")
            elif kept is not None:
                say(f"{title} stays: {kept}. The stack forgets it.")
        if kept is None:
            self.freed(record)
        for each in left(bag):
            if leftovers_of(self._client).is_freed(str(each["id"])):
                self._delete(str(each["id"]), each, origin)

    def postpone(self, id_: str, bag: Bag, origin: str | None) -> None:
        """Have an object removed as soon as this process frees it."""
        leftovers_of(self._client).postpone(id_, lambda: self._delete(id_, bag, origin))

    def gone(self, title: str) -> None:
        """Say that there is nothing to remove."""
        where = self._client.settings.account
        say(f"{title} is not there any more in account {where}: nothing was removed. The stack forgets it.")

    def freed(self, record: Any) -> None:
        """Remove what could not be removed while this object used it; never raises, since something was committed."""
        id_ = self._kind.uses(record) if record is not None else None
        remove = leftovers_of(self._client).free(id_) if id_ is not None else None
        if remove is None:
            return
        try:
            remove()
        except BoomiError as error:
            say(str(error))

    def _sent_away(self, id_: str, bag: Bag, record: Any, title: str, *, late: bool) -> str | None:
        """Remove an object; return why it stays, or None where it is gone.

        Raises:
            RequestError: Boomi refuses, and does not say why in words that allow it to stay.
            UnknownOutcome: No clear answer came, and it is still there.
        """
        kind, client, began = self._kind, self._client, self._client.now()
        # What is there may be newer than the state, where the run that made it was killed.
        meant = bag if record is None else bag | kind.live(record, visible(bag))
        error: RequestError | None = None
        sent = 0
        while sent < SENDS and (not sent or client.now() - began <= PATIENCE):
            outcome = kind.delete(client, record, bag)
            sent += 1
            if isinstance(outcome, Done):
                leftovers_of(client).removed(id_, late=late)
                if late:
                    say(f"{title}: nothing uses it any more; deleted.")
                return None
            error = outcome.error
            if not isinstance(outcome, Unknown) and not isinstance(error, (BadRequest, UnexpectedStatus)):
                raise error
            try:
                seen = observed(kind, client, id_, visible(bag), 0)
            except Interrupted:
                raise error from None
            if seen is None or not kind.owns(seen, meant):
                if sent == 1 and not isinstance(outcome, Unknown):
                    self.gone(title)
                return None
            if not isinstance(outcome, Unknown):
                reason = kind.why_kept(client, seen, bag, error)
                if reason is None:
                    raise error
                return f'{reason} (Boomi said: "{error.said}")'
            record = seen
        raise UnknownOutcome(f"{title}: sent {sent} deletes without a clear answer, and it is still there. {error}")
