"""The dynamic provider: create, read, update, delete, diff and check, once for all kinds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
import pulumi.runtime.rpc
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from boomi_pulumi import lifecycle
from boomi_pulumi.client import Client, client_for, say
from boomi_pulumi.errors import (
    BadRequest,
    BoomiError,
    Conflict,
    Interrupted,
    NotFound,
    RequestError,
    UnexpectedStatus,
    UnknownOutcome,
)
from boomi_pulumi.kind import Differs, Kind, Standing, Take, Write
from boomi_pulumi.lifecycle import UNKNOWN, Bag, Change
from boomi_pulumi.plugin import prepare
from boomi_pulumi.retry import Done, Refused, Unknown
from boomi_pulumi.settings import Settings

__all__ = ["DECLARED", "FACTS", "ORIGIN", "Provider", "load"]

FACTS = "__facts"
"""Hidden input: what the account says about the ids among the inputs. Never stored."""

ORIGIN = "__origin"
"""Hidden input: project/stack/name of the resource, for the origin mark."""

DECLARED = "__declared"
"""Hidden input: the names of the inputs that the program gave, as opposed to companions."""

_UNKNOWN_TEXT = pulumi.runtime.rpc.UNKNOWN

_SENDS = 6
"""How often a write is sent, at the most, while each loss is followed by a proof that nothing came of it."""


_PATIENCE = 45.0
"""Seconds after which a write that was lost is not sent again, like a read."""


_FRESH = 5.0
"""How old, in seconds, a picture of the account may be when something is about to be removed by its own id."""


_POSTPONED: WeakKeyDictionary[Client, dict[str, Callable[[], None]]] = WeakKeyDictionary()
"""Objects that were in use when they were to be removed, by id: tried again when this process frees one.

The engine removes at the same time what it knows of no order for, and a package id that is given as a text is no order.
"""


_GRACE = (0.3, 0.9)
"""Seconds between the looks after a lost answer: a fresh object may not be visible at once."""


def load(name: str) -> Provider:
    """Return the provider of a kind.

    Every state file names this function and the kind, and nothing else (`__provider`), so neither
    its module nor its name may ever change.
    """
    from boomi_pulumi.resources import KINDS  # noqa: PLC0415 - kinds import the provider

    prepare()
    return Provider(KINDS[name])


@dataclass(frozen=True)
class _Goal:
    """What one create or update is after.

    Attributes:
        title: The object's name for messages.
        inputs: Checked inputs.
        wanted: Those of them that the program gave, without companions.
        olds: The last outputs; None for a new resource.
        origin: The mark for notes; None where marks are switched off.
    """

    title: str
    inputs: Bag
    wanted: Bag
    olds: Bag | None
    origin: str | None


class Provider(ResourceProvider):
    """The lifecycle of one kind."""

    serialize_as_secret_always = False

    def __init__(self, kind: Kind[Any]) -> None:
        super().__init__()
        self.kind = kind
        self._settings: Settings | None = None
        self._checked: set[Any] = set()
        """Origins of the resources that this run's program declares; a refresh asks for a diff without a check."""
        self._declared: set[str] = set()
        """Ids and keys of the objects that they stand for, none of which is removed: where a forced replacement was cut
        off, the engine holds an object twice, and deletes the old one, which is the live one, at the end of its next
        run; and where a create under a new name fails, `--continue-on-error` deletes the old one all the same.
        """

    def __reduce__(self) -> tuple[Any, ...]:
        return load, (self.kind.name,)

    def today(self) -> str:
        """Return the date in UTC, for a judgement of dates."""
        return datetime.now(timezone.utc).date().isoformat()

    # -- Pulumi's verbs --------------------------------------------------------------------------

    def configure(self, req: ConfigureRequest) -> None:
        """Read settings; no request is made.

        Raises:
            SettingsError: Something required is missing, or a value is malformed.
        """
        if os.environ.get("BOOMI_DEBUG") != "1":
            # The plugin sends the whole traceback of any exception; a person wants the message.
            sys.tracebacklimit = 0
        self._settings = Settings.load(lambda name: req.config.get(f"boomi:{name}"))

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate inputs, fill companions, and judge them by the account's facts; makes no request."""
        olds, given = _inward(_olds), _inward(news)
        facts, origin = given.pop(FACTS, None), given.pop(ORIGIN, None)
        given = _visible(given)
        facts = facts if isinstance(facts, dict) else {}
        checked = lifecycle.check(self.kind.inputs, _visible(olds), given, facts)
        known = {name: fact for name, fact in facts.items() if isinstance(fact, Mapping) and "error" not in fact}
        failures = checked.failures or tuple(self._judge(_visible(olds), checked.inputs, facts, known))
        inputs = checked.inputs if failures else self.kind.complete(checked.inputs, _visible(olds), known)
        line = None if failures else self.kind.report(inputs, known)
        if line:
            say(f"{self.kind.name} {self.kind.title(inputs)}: {line}")
        inputs = {**inputs, DECLARED: sorted(name for name in given if given[name] is not None)}
        if origin:
            inputs[ORIGIN] = origin
            self._checked.add(origin)
            key = lifecycle.key(self.kind.inputs, inputs)
            if key is not None:
                self._declared.add(key)
        return CheckResult(_outward(inputs), [CheckFailure(each.property, each.reason) for each in failures])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare by the fields' rules; makes no request.

        Raises:
            Conflict: A value changed that Boomi froze.
        """
        bag = _inward(_news)
        news, declared = _visible(bag), bag.get(DECLARED)
        found = lifecycle.diff(
            self.kind.inputs, _visible(_inward(_olds)), news, declared if isinstance(declared, list) else None
        )
        if found.failures:
            reasons = "; ".join(f"{each.property} {each.reason}" for each in found.failures)
            raise Conflict(f"{self.kind.name} {self.kind.title(news)}: {reasons}.")
        if not found.replaces and bag.get(ORIGIN) in self._checked:
            self._declared.add(_id)
        carry_on = not found.changes and self.kind.unfinished(_visible(_inward(_olds)), news)
        return DiffResult(changes=found.changes or carry_on, replaces=list(found.replaces), delete_before_replace=False)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the object, or take the one that is there and equal."""
        id_, outputs = self._converge(_inward(props), None)
        return CreateResult(id_, outputs)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Bring the object to what is declared."""
        _, outputs = self._converge(_inward(_news), _inward(_olds))
        return UpdateResult(outputs)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return the live object, with inputs, so that drift shows as the field that changed."""
        bag = _inward(props)
        record = self.kind.current(self._client, id_, _visible(bag), None)
        if record is None:
            if not any(value is not None for value in bag.values()):
                # A get of the program; the engine would take an empty answer for an object without properties.
                raise NotFound(f"There is no {self.kind.name} {id_} in this account, or it was deleted.")
            return ReadResult(None, {})
        known = _visible(bag)
        foreign = self.kind.adopts and self._is_foreign(record, bag)
        outputs = self._outputs(known, record, bag, adopted=foreign)
        declared = bag.get(DECLARED)
        inputs = {
            name: outputs[name]
            for name, rule in lifecycle.rules(self.kind.inputs).items()
            if name in outputs
            and (not isinstance(declared, list) or name in declared or rule.filled or _accompanies(rule, declared))
        }
        return ReadResult(id_, outputs, inputs | _hidden(bag))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Remove what this resource made, and nothing else."""
        bag = _inward(_props)
        title = f"{self.kind.name} {self.kind.title(bag)}"
        if self._declared & {_id, lifecycle.key(self.kind.inputs, bag)}:
            say(f"{title} stays: the program declares it.")
            return
        if bag.get("adopted") is True:
            say(f"{title} stays: it was there before this stack took it over. Only the stack forgets it.")
            return
        reason = self.kind.forgets(_visible(bag))
        if reason:
            say(f"{title}: {reason} The stack forgets it.")
            return
        record = None
        if self.kind.looks_before_removal:
            record = self.kind.current(self._client, _id, _visible(bag), _FRESH)
            if record is None:
                return
            reason = self.kind.forgets(self._outputs(_visible(bag), record, {}, adopted=False))
            if reason:
                say(f"{title}: {reason} The stack forgets it.")
                return
            if self.kind.adopts and self._is_foreign(record, bag):
                successor = self.kind.title(self.kind.live(record, _visible(bag)) | _names_of(bag))
                say(f"{title} was superseded by {successor}, which somebody else put there; it stays.")
                return
        self._remove(_id, bag, record, title)

    def _judge(
        self, olds: Bag, inputs: Bag, facts: Mapping[str, Any], known: Mapping[str, Any]
    ) -> Iterator[lifecycle.Failure]:
        for name, fact in facts.items():
            if isinstance(fact, Mapping) and isinstance(fact.get("error"), str):
                yield lifecycle.Failure(name, f"could not be looked up: {fact['error']}")
        if not olds or lifecycle.diff(self.kind.inputs, olds, inputs).changes:
            # What stays as it is needs no permission.
            yield from self.kind.judge(inputs, {**known, "today": self.today(), "before": olds})

    # -- shared behaviour ------------------------------------------------------------------------

    @property
    def _client(self) -> Client:
        if self._settings is None:
            raise RuntimeError("configure was not called")
        return client_for(self._settings)

    def _origin(self, bag: Mapping[str, Any]) -> str | None:
        origin = bag.get(ORIGIN)
        marks = self._settings is not None and self._settings.origin_mark
        return origin if marks and isinstance(origin, str) else None

    def _converge(self, bag: Bag, olds: Bag | None) -> tuple[str, Bag]:
        """Find, judge, write; after a lost answer look before anything is sent again."""
        kind, client, inputs = self.kind, self._client, _visible(bag)
        declared = bag.get(DECLARED)
        goal = _Goal(
            title=f"{kind.name} {kind.title(inputs)}",
            inputs=inputs,
            wanted={name: inputs[name] for name in inputs if not isinstance(declared, list) or name in declared},
            olds=olds,
            origin=self._origin(bag),
        )
        looked = not kind.has_server_key(inputs)
        found = kind.find(client, inputs, olds, goal.origin, None) if looked else None
        error: RequestError | None = None
        before, ours, began = None, False, client.now()
        for sent in range(_SENDS + 1):
            standing = self._standing(found, goal)
            if isinstance(standing, Take):
                self._freed(before)
                return self._result(found, goal, bag, taken=not ours)
            if isinstance(standing, Differs):
                raise Conflict(f"{goal.title}: {standing.reason}. Nothing was changed.")
            if sent == _SENDS or (sent and client.now() - began > _PATIENCE):
                break
            notes = inputs.get("notes")
            outcome = kind.write(client, inputs, found, lifecycle.mark(notes, goal.origin) if goal.origin else notes)
            if isinstance(outcome, Done):
                if standing.news:
                    say(f"{goal.title}: {standing.news}")
                self._freed(found)
                found = self._believed(outcome.answer, goal)
                if not kind.steps or isinstance(self._standing(found, goal), Take):
                    return self._result(found, goal, bag, taken=False)
            else:
                error, before = outcome.error, found
                # What was not there before a write whose answer was lost, and is there after it, is ours.
                ours = ours or (looked and isinstance(outcome, Unknown))
                looked = True
                try:
                    found = self._look_again(outcome, found, goal)
                except Interrupted:
                    raise error from None
        raise UnknownOutcome(
            f"{goal.title}: sent {sent} times, and it is still not as declared. {error or ''} "
            f"Look with {kind.search(inputs)}, then run again."
        )

    def _standing(self, found: Any, goal: _Goal) -> Standing:
        return Write() if found is None else self.kind.standing(found, goal.wanted, goal.olds, goal.origin)

    def _believed(self, answer: Any, goal: _Goal) -> Any:
        """Return the answer to a write; where it does not say what was asked for, what a look finds.

        The write was done, and the answer has its id: a look that fails changes nothing.

        Raises:
            Conflict: Boomi made something else, and the look finds it so.
        """
        live = self.kind.live(answer, goal.inputs)
        fixed = (name for name, rule in lifecycle.rules(self.kind.inputs).items() if rule.change is Change.REPLACE)
        contradicts = any(name in live and name in goal.inputs and live[name] != goal.inputs[name] for name in fixed)
        if not contradicts and (not self.kind.steps or isinstance(self._standing(answer, goal), Take)):
            return answer
        try:
            seen = self.kind.find(self._client, goal.inputs, goal.olds, goal.origin, 0)
        except BoomiError:
            return answer
        standing = self._standing(seen, goal)
        if isinstance(standing, Differs):
            raise Conflict(f"{goal.title} was made, but not as asked for: {standing.reason}.")
        return seen if isinstance(standing, Take) else answer

    def _look_again(self, outcome: Refused | Unknown, found: Any, goal: _Goal) -> Any:
        """Return what is there after a write that was refused or lost.

        Raises:
            RequestError: Boomi refused, and nothing there explains why.
            UnknownOutcome: The write may have taken effect, and what is there cannot tell.
        """
        error = outcome.error
        lost = isinstance(outcome, Unknown)
        if not lost and not isinstance(error, (BadRequest, UnexpectedStatus)):
            raise error
        seen = self.kind.find(self._client, goal.inputs, goal.olds, goal.origin, 0)
        for pause in _GRACE if lost and not self.kind.has_server_key(goal.inputs) else ():
            if isinstance(self._standing(seen, goal), Take):
                break
            self._client.pause(pause)
            seen = self.kind.find(self._client, goal.inputs, goal.olds, goal.origin, 0)
        if not lost and (seen is None or seen == found):
            raise error
        telling = self.kind.proves_absence(goal.inputs, goal.origin)
        if lost and not telling and not isinstance(self._standing(seen, goal), Take):
            raise UnknownOutcome(
                f"{goal.title}: {error} Whether it took effect cannot be told. "
                f"Look with {self.kind.search(goal.inputs)}, then run again."
            )
        return seen

    def _result(self, record: Any, goal: _Goal, bag: Bag, *, taken: bool) -> tuple[str, Bag]:
        foreign = taken and self.kind.adopts and self._is_foreign(record, goal.olds or bag)
        if foreign:
            say(f"{goal.title} is there already, and equal: adopted. A destroy will leave it where it is.")
        record = self.kind.settle(self._client, record, goal.inputs, say)
        id_ = self.kind.id(record)
        self._declared.add(id_)
        return id_, self._outputs(goal.inputs, record, bag, adopted=foreign)

    def _outputs(self, inputs: Mapping[str, Any], record: Any, bag: Bag, *, adopted: bool) -> Bag:
        live = self.kind.live(record, inputs)
        if "notes" in live:
            live["notes"] = lifecycle.strip_mark(live["notes"])[0]
        outputs = lifecycle.echo(self.kind.inputs, inputs, live)
        if self.kind.adopts:
            outputs["adopted"] = adopted
        return outputs | _hidden(bag)

    def _is_foreign(self, record: Any, bag: Mapping[str, Any]) -> bool:
        """Tell whether somebody else made the live object."""
        found = lifecycle.strip_mark(getattr(record, "notes", None))[1]
        origin = bag.get(ORIGIN)
        maker = self.kind.maker
        makers = {self.kind.live(record, _visible(bag)).get(maker), bag.get(maker)} - {None} if maker else set()
        # What this stack made under another name, before a rename, is its own as well.
        if isinstance(origin, str) and lifecycle.same_stack(found, origin) and len(makers) < 2:  # noqa: PLR2004
            return False
        if bag.get("adopted") is None:
            return True
        return bag["adopted"] is True or not self.kind.still_ours(record, bag)

    def _remove(self, id_: str, bag: Bag, record: Any, title: str) -> None:
        # Noted before anything is sent: what uses it may be gone by the time that Boomi's refusal is understood.
        postponed = _POSTPONED.setdefault(self._client, {})
        postponed[id_] = lambda: self.delete(id_, bag)
        kept = None
        try:
            kept = self._sent_away(id_, bag, record, title)
        finally:
            if kept is None:
                postponed.pop(id_, None)
        if kept is None:
            self._freed(record)
        else:
            say(f"{title} stays: {kept}. The stack forgets it.")

    def _sent_away(self, id_: str, bag: Bag, record: Any, title: str) -> str | None:
        """Remove an object; return why it stays, or None where it is gone.

        Raises:
            RequestError: Boomi refuses, and does not say why in words that allow it to stay.
            UnknownOutcome: No clear answer came, and it is still there.
        """
        kind, client, began = self.kind, self._client, self._client.now()
        # What is there may be newer than the state, where the run that made it was killed.
        meant = bag if record is None else bag | kind.live(record, _visible(bag))
        error: RequestError | None = None
        sent = 0
        while sent < _SENDS and (not sent or client.now() - began <= _PATIENCE):
            outcome = kind.remove(client, record, bag)
            sent += 1
            if isinstance(outcome, Done):
                return None
            error = outcome.error
            if not isinstance(outcome, Unknown) and not isinstance(error, (BadRequest, UnexpectedStatus)):
                raise error
            try:
                seen = kind.current(client, id_, _visible(bag), 0)
            except Interrupted:
                raise error from None
            if seen is None or not kind.still_ours(seen, meant):
                return None
            if not isinstance(outcome, Unknown):
                reason = kind.kept(client, seen, bag, error)
                if reason is None:
                    raise error
                return f'{reason} (Boomi said: "{error.said}")'
            record = seen
        raise UnknownOutcome(f"{title}: sent {sent} deletes without a clear answer, and it is still there. {error}")

    def _freed(self, record: Any) -> None:
        """Remove what could not be removed while this object used it; never raises, since something was committed."""
        id_ = self.kind.frees(record) if record is not None else None
        remove = _POSTPONED.get(self._client, {}).pop(id_, None) if id_ is not None else None
        if remove is None:
            return
        try:
            remove()
        except BoomiError as error:
            say(str(error))


def _accompanies(rule: lifecycle.Rule, declared: list[str]) -> bool:
    """Tell whether a field is the companion of something that the program gave."""
    return rule.companion is not None and rule.companion[0] in declared


def _names_of(bag: Mapping[str, Any]) -> Bag:
    return {name: bag[name] for name in ("componentName", "environmentName") if name in bag}


def _hidden(bag: Mapping[str, Any]) -> Bag:
    return {name: bag[name] for name in (DECLARED, ORIGIN) if name in bag}


def _visible(bag: Mapping[str, Any]) -> Bag:
    return {name: value for name, value in bag.items() if not name.startswith("__")}


def _inward(bag: Mapping[str, Any]) -> Bag:
    """Return a property bag as the lifecycle wants it: whole numbers as int, unknown values as UNKNOWN."""
    return {name: _value_in(value) for name, value in bag.items() if name != "__provider"}


def _value_in(value: Any) -> Any:
    if isinstance(value, pulumi.output.Unknown) or value == _UNKNOWN_TEXT:
        return UNKNOWN
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _value_in(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value_in(each) for each in value]
    return value


def _outward(bag: Mapping[str, Any]) -> Bag:
    return {name: _value_out(value) for name, value in bag.items()}


def _value_out(value: Any) -> Any:
    if value is UNKNOWN:
        return _UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {name: _value_out(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_value_out(each) for each in value]
    return value
