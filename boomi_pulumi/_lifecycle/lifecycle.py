"""The lifecycle of one kind: check, diff, create, update, read, delete; once for all kinds.

Nothing here knows Pulumi's SDK. `_python/dynamic.py` and `native/` turn the engine's calls into these, and their
results into answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BadRequest, Conflict, NotFound, SettingsError
from boomi_pulumi._api.say import say
from boomi_pulumi._lifecycle import fields, preview
from boomi_pulumi._lifecycle.changes import Planned, changes_of
from boomi_pulumi._lifecycle.fields import DECLARED, SECRETS, Bag, visible
from boomi_pulumi._lifecycle.kind import FoundByName, Kind, Subject, Waits
from boomi_pulumi._lifecycle.origin import bare, is_of_stack
from boomi_pulumi._lifecycle.places import observed
from boomi_pulumi._lifecycle.removal import Removal, leftovers_of
from boomi_pulumi._lifecycle.run import DELETES, LEFT, Run, left
from boomi_pulumi._lifecycle.seen import Absent, Found, Seen, Unread, by_property, reads
from boomi_pulumi._lifecycle.states import ACCOUNT, hidden, is_foreign, stored
from boomi_pulumi._lifecycle.writing import Writing

__all__ = ["Lifecycle", "Live"]


@dataclass(frozen=True)
class Live:
    """A live object.

    Attributes:
        id: The resource's id.
        outputs: What a state keeps of it.
        inputs: What a program would have to declare for it.
    """

    id: str
    outputs: Bag
    inputs: Bag


class Lifecycle:
    """The lifecycle of one kind in one account, for one run of the engine.

    Args:
        kind: What the object is.
        client: Returns the account; asked for when a request is needed, and not before.
        marks: Whether notes end with the mark of the resource that makes the object.
    """

    def __init__(self, kind: Kind[Any], client: Callable[[], Client], *, marks: bool = True) -> None:
        self.kind = kind
        self._account = client
        self._marks = marks
        self._run = Run(kind)
        self._removal = Removal(kind, client, self._run)

    @property
    def _client(self) -> Client:
        return self._account()

    @property
    def _whose(self) -> str:
        return self._client.settings.account

    # -- verbs -----------------------------------------------------------------------------------

    def check(
        self,
        olds: Bag,
        given: Bag,
        answers: Mapping[str, Any],
        origin: str | None,
        parent: str | None = None,
        *,
        why: Mapping[str, str] = MappingProxyType({}),
    ) -> preview.Checked:
        """Validate inputs, fill companions, and judge them by what the account says; makes no request.

        Args:
            olds: The inputs of the last run, empty for a new resource.
            given: The inputs of this run.
            answers: What the account says, by the fields of the kind's `Seen`.
            origin: project/stack/name of the resource.
            parent: What tells it from another resource of that name.
            why: As in `Seen`.
        """
        elsewhere = self._elsewhere(olds, given)
        if elsewhere:
            return preview.Checked(given, (preview.Failure("", elsewhere),))
        kept = {name: given[name] for name in (DELETES,) if given.get(name) is True}
        if origin:
            self._run.may_leave(origin, olds, given)
            self._run.check(origin)
        secrets = frozenset(given.get(SECRETS, ()))
        olds, given = visible(olds), visible(given)
        checked = preview.check(self.kind.inputs, olds, given, by_property(self.kind.seen, answers), why)
        inputs, failures = checked.inputs, checked.failures
        if not failures:
            inputs, failures = self._checked_by_account(olds, inputs, answers, origin, why=why, secrets=secrets)
            failures = tuple(preview.with_value(each, inputs, secrets) for each in failures)
        if origin:
            self._run.declare(origin, fields.key(self.kind.inputs, inputs))
            failures = failures or (*self._claimed(inputs, given, origin, parent), *self._contradicted(inputs, origin))
        kept |= {DECLARED: sorted(name for name in given if given[name] is not None), ACCOUNT: self._whose}
        return preview.Checked(inputs | kept, failures)

    def diff(self, id_: str, olds: Bag, news: Bag, origin: str | None) -> preview.Diff:
        """Compare the outputs of the last run with checked inputs, by the fields' rules; makes no request.

        A refresh asks before any check and with the sides exchanged: what was read as `olds`, what the state holds as
        `news`. It is told what differs. Source: `RefreshStep` of Pulumi's engine.

        Args:
            id_: The resource's id.
            olds: The outputs of the last run.
            news: Checked inputs.
            origin: project/stack/name of the resource.

        Raises:
            Conflict: A program changed a value that Boomi froze.
            SettingsError: The state is of another account.
        """
        self._refuse_others(olds)
        self._run.compare(origin)
        bag, olds, wanted, declared = olds, visible(olds), visible(news), news.get(DECLARED)
        found = preview.diff(self.kind.inputs, olds, wanted, declared if isinstance(declared, list) else None)
        if not self._run.is_declared(origin):
            return replace(found, updates=(*found.updates, *(each.property for each in found.failures)))
        if found.failures:
            reasons = "; ".join(f"{each.property} {each.reason}" for each in found.failures)
            raise Conflict(f"{self._title(wanted)}: {reasons}.")
        if not found.replaces:
            self._run.keep(id_)
        if found.replaces:
            self._run.leave(origin, id_, bag)
        for each in left(bag):
            # What an earlier run left behind goes when this one frees it.
            self._removal.postpone(str(each["id"]), each, origin)
        return found

    def unfinished(self, olds: Bag) -> bool:
        """Tell whether the last run left something that this one must carry on; pure."""
        return isinstance(self.kind, Waits) and self.kind.unfinished(visible(olds))

    def create(self, inputs: Bag, origin: str | None) -> tuple[str, Bag]:
        """Make the object, or take the one that is there and equal; return id and outputs."""
        return self._reconcile(inputs, None, origin)

    def update(self, olds: Bag, inputs: Bag, origin: str | None) -> Bag:
        """Bring the object to what is declared; return outputs.

        Args:
            olds: The outputs of the last run.
            inputs: Checked inputs.
            origin: project/stack/name of the resource.

        Raises:
            SettingsError: The state is of another account.
            Conflict: What was made is another object: nobody could tell before, since the user may not look.
        """
        self._refuse_others(olds)
        outputs = self._reconcile(inputs, olds, origin)[1]
        was, now = (fields.key(self.kind.inputs, visible(bag)) for bag in (olds, outputs))
        if None not in (was, now) and was != now:
            title = self.kind.title(visible(outputs))
            raise Conflict(
                f"{self.kind.name} {title} was made, but as another object than that of this resource ({now}, not "
                f"{was}). It stays; give it a resource of its own."
            )
        return outputs

    def read(self, id_: str, bag: Bag, origin: str | None) -> Live | None:
        """Return the live object, with inputs, so that drift shows as the field that changed; None where it is gone.

        Args:
            id_: The resource's id; in an import, perhaps names instead.
            bag: The outputs of the last run; empty in an import.
            origin: project/stack/name of the resource.

        Raises:
            NotFound: There is none, and no state speaks of one.
            Conflict: Boomi shows neither the object nor its place, so that nobody can say whether it is gone.
            SettingsError: The state is of another account.
        """
        self._refuse_others(bag)
        known = visible(bag)
        if not any(value is not None for value in known.values()):
            return self._imported(id_)
        record = observed(self.kind, Subject(self._client, known, known, known, id_))
        if record is None:
            return None
        foreign = self.kind.adopts and is_foreign(self.kind, record, bag, origin)
        outputs = self._stored(known, record, bag, adopted=foreign) | ({LEFT: bag[LEFT]} if LEFT in bag else {})
        declared = bag.get(DECLARED)
        inputs = {
            name: outputs[name]
            for name, rule in fields.rules(self.kind.inputs).items()
            if name in outputs
            and (not isinstance(declared, list) or name in declared or rule.filled or _accompanies(rule, declared))
        }
        return Live(id_, outputs, inputs | hidden(bag, self._whose))

    def delete(self, id_: str, bag: Bag, origin: str | None) -> None:
        """Remove what this resource made, and nothing else.

        Args:
            id_: The resource's id.
            bag: The outputs of the last run.
            origin: project/stack/name of the resource.

        Raises:
            Conflict: As in `read`; nothing was removed.
            SettingsError: The state is of another account.
        """
        self._refuse_others(bag)
        self._removal.remove(id_, bag, origin)

    def adopt(self, given: Bag, record: Any, answers: Mapping[str, Any], origin: str, *, adopted: bool) -> Live:
        """Return what the first run that declares an object would keep, where it is there already; makes no request.

        Args:
            given: What the program gives.
            record: The live object.
            answers: As in `check`.
            origin: project/stack/name of the resource.
            adopted: Whether a destroy leaves the object.

        Raises:
            SettingsError: The check refuses it.
        """
        checked = self.check({}, dict(given), answers, origin)
        if checked.failures:
            raise SettingsError("; ".join(f"{each.property} {each.reason}" for each in checked.failures))
        outputs = self._stored(visible(checked.inputs), record, checked.inputs, adopted=adopted)
        return Live(self.kind.id(record), outputs, checked.inputs)

    def _imported(self, given: str) -> Live:
        """Return an object that no state speaks of, and what a program would declare for it.

        Whoever imports an object takes it over, so it is as if this stack had made it.

        Args:
            given: The id, or the names by which the kind knows its objects.

        Raises:
            NotFound: There is none. An empty answer would be taken for an object without properties.
            Conflict: No program could declare it as it is, such as a release of nothing.
        """
        kind, subject = self.kind, Subject(self._client, {}, {}, {}, given)
        try:
            record = observed(kind, subject)
        except (NotFound, BadRequest):
            record = None
        if record is None and isinstance(kind, FoundByName):
            id_ = kind.import_id(self._client, given)
            record = None if id_ is None else observed(kind, replace(subject, id=id_))
        if record is None:
            raise NotFound(f"There is no {kind.name} {given} in this account, or it was deleted.")
        outputs = self._stored({}, record, {}, adopted=False)
        wanted = {
            name: value
            for name, rule in fields.rules(kind.inputs).items()
            if (value := outputs.get(name)) is not None
            and rule.written(value)
            and (rule.required or preview.fits(kind.inputs, name, value))
        }
        checked = preview.check(kind.inputs, {}, wanted)
        if checked.failures:
            reasons = "; ".join(f"{each.property} {each.reason}" for each in checked.failures)
            raise Conflict(f"{kind.name} {given} cannot be imported: {reasons}.")
        inputs = {name: checked.inputs[name] for name in wanted}
        filled = kind.fill(checked.inputs, kind.seen(now=_now(), before={}))
        return Live(kind.id(record), filled | outputs, inputs | hidden({DECLARED: sorted(wanted)}, self._whose))

    # -- whose account ---------------------------------------------------------------------------

    def _elsewhere(self, olds: Mapping[str, Any], given: Mapping[str, Any]) -> str | None:
        """Return why the program and the state cannot be of this account; None where they are, or do not say."""
        looked_at = given.get(ACCOUNT)
        if isinstance(looked_at, str) and looked_at != self._whose:
            return (
                f"the program looks at account {looked_at}, and the provider acts on {self._whose}. Nothing was "
                "changed. Give both the same settings: in the stack's configuration, by boomi.Provider, or as "
                "environment variables of the whole command (variables of a workspace do not reach an inline program)."
            )
        return self._of_others(olds)

    def _of_others(self, bag: Mapping[str, Any]) -> str | None:
        theirs = bag.get(ACCOUNT)
        if not isinstance(theirs, str) or theirs == self._whose:
            return None
        return (
            f"this resource is of account {theirs}, its provider or the settings name {self._whose}. Nothing was "
            "changed. Run again with the settings of the former (boomi:accountId, boomi:overrideAccount, boomi:baseUrl "
            "or the provider). For another account, use another stack, or a resource of another name."
        )

    def _refuse_others(self, bag: Mapping[str, Any]) -> None:
        reason = self._of_others(bag)
        if reason:
            raise SettingsError(f"{self.kind.name} {self.kind.title(bag)}: {reason}")

    # -- shared ----------------------------------------------------------------------------------

    def _checked_by_account(
        self,
        olds: Bag,
        inputs: Bag,
        answers: Mapping[str, Any],
        origin: str | None,
        *,
        why: Mapping[str, str],
        secrets: frozenset[str],
    ) -> tuple[Bag, tuple[preview.Failure, ...]]:
        """Return inputs with all companions, and what the account forbids; say what is true of what stays as it is."""
        kind = self.kind
        failures = list(self._unread(answers))
        known = {
            name: replace(answer, foreign=not is_of_stack(answer.mark, origin)) if isinstance(answer, Found) else answer
            for name, answer in answers.items()
        }
        seen = kind.seen(
            **known,
            now=_now(),
            before=olds,
            why=why,
            run=changes_of(self._client),
            again=self._again(origin),
            refuses_others=self._client.settings.refuse_other_stacks,
            secrets=secrets,
        )
        changed = not olds or preview.diff(kind.inputs, olds, inputs).changes
        found = [*_missing(seen), *kind.validate(inputs, seen)]
        if changed:
            # What stays as it is needs no permission.
            failures += found
        if failures:
            return inputs, tuple(failures)
        inputs = kind.fill(inputs, seen)
        lines = [f"stays as it is, but {each.property} {each.reason}" for each in found if each.gone]
        line = kind.notice(inputs, replace(seen, before={}) if changed else seen)
        for each in filter(None, [*lines, line]):
            say(f"{self._title(inputs)}: {each}")
        key = fields.key(kind.inputs, inputs)
        if changed and origin is not None:
            changes_of(self._client).plan(kind.name, key, Planned(_name(origin), inputs))
        return inputs, ()

    def _unread(self, answers: Mapping[str, Any]) -> Iterator[preview.Failure]:
        """Return why the account could not be read; the same answer to two requests is told once."""
        told: set[str] = set()
        for each in reads(self.kind.seen):
            match answers.get(each.name):
                case Unread(error) if (answer := error.rpartition(" failed: ")[2]) not in told:
                    told.add(answer)
                    yield preview.Failure(each.property, f"could not be looked up: {error}")

    def _claimed(self, inputs: Bag, given: Bag, origin: str, parent: str | None) -> Iterator[preview.Failure]:
        """Note which object a resource stands for; refuse it where another resource of this run does already."""
        both = self._run.claim(self.kind.claims(inputs), (origin, parent))
        if both is None:
            return
        one, two = both
        told = [name for name in fields.identity(fields.rules(self.kind.inputs), inputs) if name in given]
        yield preview.Failure(
            told[-1] if told else "",
            f"is declared twice: {one} of this program stands for the same object as {two} ({self._title(inputs)}), "
            "and only one resource can own it; take one out",
        )

    def _contradicted(self, inputs: Bag, origin: str) -> Iterator[preview.Failure]:
        """Note what a resource wants; refuse it where another one of this run wants something else of the same."""
        for said in self.kind.says(inputs):
            if None in said.about or fields.has_unknown([*said.about, said.value]):
                continue
            name = f"{self.kind.name} '{_name(origin)}'"
            other = changes_of(self._client).say(replace(said, name=name))
            if other is not None:
                yield preview.Failure(
                    said.property,
                    f"is {said.value}, and {other.property} of {other.name} of this program is {other.value}: each "
                    "would undo the other; take one of them out",
                )

    def _title(self, bag: Mapping[str, Any]) -> str:
        known = {name: value for name, value in bag.items() if not fields.has_unknown(value)}
        return f"{self.kind.name} {self.kind.title(known)}"

    def _reconcile(self, bag: Bag, olds: Bag | None, origin: str | None) -> tuple[str, Bag]:
        kind, inputs, declared = self.kind, visible(bag), bag.get(DECLARED)
        given = {name: inputs[name] for name in inputs if not isinstance(declared, list) or name in declared}
        mark = origin if self._marks else None
        again = olds is None and self._again(origin)
        subject = Subject(self._client, inputs, given, olds, origin=mark, again=again)
        title = self._title(inputs)
        record, taken = Writing(kind, subject, title, self._removal.freed).run()
        foreign = taken and kind.adopts and is_foreign(kind, record, olds or bag, origin)
        held = kind.describe(kind.live(record, inputs)) if taken and olds is None else None
        if foreign:
            about = f" ({held})" if held else ""
            say(f"{title} is there already, and equal: adopted{about}. A destroy will leave it where it is.")
        elif held:
            say(f"{title} is there already, and equal: reused ({held}).")
        if isinstance(kind, Waits):
            record = kind.wait(subject, record)
        id_ = kind.id(record)
        self._run.keep(id_)
        changes_of(self._client).put(kind.name, id_, record)
        leftovers_of(self._client).made(id_)
        outputs = self._stored(inputs, record, bag, adopted=foreign)
        behind = left(olds or {}) or self._run.take_left(origin)
        return id_, outputs | ({LEFT: behind} if behind else {})

    def _again(self, origin: str | None) -> bool:
        """Tell whether an equal object is to be made once more."""
        return self.kind.makes_again and self._run.is_forced(origin)

    def _stored(self, inputs: Mapping[str, Any], record: Any, bag: Bag, *, adopted: bool) -> Bag:
        return stored(self.kind, inputs, record, bag, self._whose, adopted=adopted)


def _missing(seen: Seen) -> Iterator[preview.Failure]:
    """Refuse each input that names nothing."""
    for each in reads(type(seen)):
        answer = getattr(seen, each.name)
        if isinstance(answer, Absent) and each.absent:
            said = f' (Boomi said: "{answer.said}")' if answer.said else ""
            yield preview.Failure(each.property, f"{each.absent}{said}", gone=True)


def _accompanies(rule: fields.Rule, declared: list[str]) -> bool:
    """Tell whether a field is the companion of something that the program gave."""
    return rule.companion is not None and rule.companion[0] in declared


def _name(origin: str) -> str:
    """Return a resource's name in the program."""
    return bare(origin).split("/", 2)[-1]


def _now() -> datetime:
    return datetime.now(timezone.utc)
