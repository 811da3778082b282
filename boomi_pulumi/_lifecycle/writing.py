"""One create or update: look, compare, write; after a lost answer look before anything is sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from boomi_pulumi._api.errors import (
    BadRequest,
    BoomiError,
    Conflict,
    EmptyAnswer,
    Interrupted,
    RequestError,
    UnexpectedStatus,
    UnknownOutcome,
)
from boomi_pulumi._api.retry import Done, Refused, Unknown
from boomi_pulumi._api.say import say
from boomi_pulumi._lifecycle.fields import Change, rules
from boomi_pulumi._lifecycle.kind import Comparison, Conflicting, Gated, Kind, NeedsWrite, Subject, UpToDate
from boomi_pulumi._lifecycle.origin import mark

__all__ = ["PATIENCE", "SENDS", "Writing"]

SENDS = 6
"""How often a write is sent, at the most, while each loss is followed by a proof that nothing came of it."""

PATIENCE = 45.0
"""Seconds after which a write that was lost is not sent again, like a read."""

_GRACE = (0.3, 0.9)
"""Seconds between the looks after a lost answer: a fresh object may not be visible at once."""

_LATE = 15.0
"""Seconds that are waited at the most for a write that Boomi may still do after its answer was lost."""


class Writing:
    """One create or update of one object.

    Args:
        kind: What the object is.
        subject: The resource.
        title: The object's name for messages.
        freed: Called with each object that a write has superseded.
    """

    def __init__(self, kind: Kind[Any], subject: Subject, title: str, freed: Callable[[Any], None]) -> None:
        self._kind = kind
        self._client = subject.client
        self._subject = subject
        self._title = title
        self._freed = freed
        self._first: Any = None

    def run(self) -> tuple[Any, bool]:
        """Return the object, and whether it was there without a write of ours.

        Raises:
            Conflict: What is there can never become what is wanted.
            RequestError: Boomi refused, and nothing there explains why.
            UnknownOutcome: Nobody can say whether a write took effect.
        """
        kind, client = self._kind, self._client
        looked = not kind.has_server_key(self._subject.inputs)
        found = self._first = kind.look(self._subject) if looked else None
        error: RequestError | None = None
        before, ours, began = None, False, client.now()
        most = 1 if kind.sent_once else SENDS
        for sent in range(most + 1):
            comparison = self._compare(found)
            if isinstance(comparison, UpToDate):
                self._freed(before)
                return found, not ours
            if isinstance(comparison, Conflicting):
                raise Conflict(f"{self._title}: {comparison.reason}. Nothing was changed.")
            if sent == most or (sent and client.now() - began > PATIENCE):
                break
            reason = kind.refusal(self._subject, found) if isinstance(kind, Gated) else None
            if reason is not None:
                raise Conflict(f"{self._title}: {reason}. Nothing was changed.")
            sent_at = client.now()
            outcome = self._send(found)
            if isinstance(outcome, Done):
                if comparison.news:
                    say(f"{self._title}: {comparison.news}")
                self._freed(found)
                found = self._believed(outcome.answer)
                if not kind.several_writes or isinstance(self._compare(found), UpToDate):
                    return found, False
            else:
                error, before = outcome.error, found
                # What was not there before a write whose answer was lost, and is there after it, is ours.
                ours = ours or (looked and isinstance(outcome, Unknown))
                looked = True
                try:
                    found = self._look_again(outcome, found, client.now() - sent_at)
                except Interrupted:
                    raise error from None
        times = "once" if sent == 1 else f"{sent} times"
        raise UnknownOutcome(
            f"{self._title}: sent {times}, and it is still not as declared. {error or ''} "
            f"Look with {kind.search(self._subject.inputs)}, then run again."
        )

    def _send(self, found: Any) -> Any:
        subject, place = self._subject, self._kind.marked
        notes = subject.inputs.get(place) if place else None
        marked = mark(notes, subject.origin) if subject.origin and place else notes
        return self._kind.write(subject, found, marked)

    def _look_now(self) -> Any:
        return self._kind.look(replace(self._subject, max_age=0))

    def _compare(self, found: Any) -> Comparison:
        if found is None:
            return NeedsWrite()
        comparison = self._kind.compare(found, self._subject)
        old = self._subject.again and isinstance(comparison, UpToDate) and found == self._first
        return NeedsWrite("made again, as replacement_trigger asks") if old else comparison

    def _believed(self, answer: Any) -> Any:
        """Return the answer to a write; where it does not say what was asked for, what a look finds.

        The write was done, and the answer has its id: a look that fails changes nothing.

        Raises:
            Conflict: Boomi made something else, and the look finds it so.
        """
        kind, inputs = self._kind, self._subject.inputs
        live = kind.live(answer, inputs)
        fixed = (name for name, rule in rules(kind.inputs).items() if rule.change is Change.REPLACE)
        contradicts = any(name in live and name in inputs and live[name] != inputs[name] for name in fixed)
        if not contradicts and (not kind.several_writes or isinstance(self._compare(answer), UpToDate)):
            return answer
        try:
            seen = self._look_now()
        except BoomiError:
            return answer
        comparison = self._compare(seen)
        if isinstance(comparison, Conflicting):
            raise Conflict(f"{self._title} was made, but not as asked for: {comparison.reason}.")
        return seen if isinstance(comparison, UpToDate) else answer

    def _look_again(self, outcome: Refused | Unknown, found: Any, took: float) -> Any:
        """Return what is there after a write that was refused or lost, `took` seconds after it was sent.

        What was lost after a time-out may still be on its way, and Boomi do it after the look. So the last look comes
        when as much time again has gone by: who needs longer than that is rare, and nobody can wait for all.

        Raises:
            RequestError: Boomi refused, and nothing there explains why.
            UnknownOutcome: The write may have taken effect, and what is there cannot tell.
        """
        kind, inputs, error = self._kind, self._subject.inputs, outcome.error
        lost = isinstance(outcome, Unknown)
        if not lost and not isinstance(error, (BadRequest, UnexpectedStatus)):
            raise error
        seen, done = self._look_now(), isinstance(error, EmptyAnswer)
        pauses: tuple[float, ...] = ()
        if done or (lost and not kind.has_server_key(inputs)):
            later = min(took, _LATE) - sum(_GRACE)
            pauses = (*_GRACE, later) if lost and later > 0 else _GRACE
        for pause in pauses:
            if isinstance(self._compare(seen), UpToDate):
                break
            self._client.pause(pause)
            seen = self._look_now()
        if not lost and (seen is None or seen == found):
            raise error
        if done and seen == found:
            raise UnknownOutcome(f"{self._title}: {error} Until then look with {kind.search(inputs)}.")
        if lost and not kind.proves_absence(self._subject) and not isinstance(self._compare(seen), UpToDate):
            raise UnknownOutcome(
                f"{self._title}: {error} Whether it took effect cannot be told. "
                f"Look with {kind.search(inputs)}, then run again."
            )
        return seen
