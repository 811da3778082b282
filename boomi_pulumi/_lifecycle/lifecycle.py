"""The lifecycle of one kind: check, diff, create, update, read, delete; once for all kinds.

Nothing here knows Pulumi's SDK. `provider.py` and `native/` turn the engine's calls into these, and these results into
answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from typing import Any

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BadRequest, Conflict, NotFound, SettingsError
from boomi_pulumi._api.say import say
from boomi_pulumi._lifecycle import fields, preview
from boomi_pulumi._lifecycle.fields import DECLARED, SECRETS, Bag, visible
from boomi_pulumi._lifecycle.kind import Kind
from boomi_pulumi._lifecycle.leftovers import DELETES, LEFT, Predecessors, left, leftovers_of
from boomi_pulumi._lifecycle.origin import is_of_stack, strip_mark
from boomi_pulumi._lifecycle.owners import Owners
from boomi_pulumi._lifecycle.places import FRESH, observed
from boomi_pulumi._lifecycle.removing import Removing
from boomi_pulumi._lifecycle.writing import Goal, Writing

__all__ = ["ACCOUNT", "Found", "Lifecycle"]

ACCOUNT = "__account"
"""Hidden input: the account that a program looks at, as `Settings.account` words it; kept in states."""


@dataclass(frozen=True)
class Found:
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
        self._checked: set[Any] = set()
        """Origins of the resources that this run's program declares; a refresh asks for a diff without a check."""
        self._declared: set[str] = set()
        """Ids and keys of the objects that they stand for, none of which is removed: where a forced replacement was cut
        off, the engine holds an object twice, and deletes the old one, which is the live one, at the end of its next
        run; and where a create under a new name fails, `--continue-on-error` deletes the old one all the same.
        """
        self._owners = Owners()
        self._predecessors = Predecessors(kind)
        self._removing = Removing(kind, client, partial(self.delete, late=True))

    @property
    def _client(self) -> Client:
        return self._account()

    @property
    def _whose(self) -> str:
        return self._client.settings.account

    # -- verbs -----------------------------------------------------------------------------------

    def check(
        self, olds: Bag, given: Bag, facts: Mapping[str, Any], origin: str | None, parent: str | None = None
    ) -> preview.Checked:
        """Validate inputs, fill companions, and judge them by the account's facts; makes no request.

        Args:
            olds: The inputs of the last run, empty for a new resource.
            given: The inputs of this run.
            facts: Property -> what the account says about the object that it names.
            origin: project/stack/name of the resource.
            parent: What tells it from another resource of that name.
        """
        elsewhere = self._elsewhere(olds, given)
        if elsewhere:
            return preview.Checked(given, (preview.Failure("", elsewhere),))
        hidden = {name: given[name] for name in (DELETES,) if given.get(name) is True}
        if origin:
            self._predecessors.check(origin, olds, given)
        secrets = given.get(SECRETS, ())
        olds, given = visible(olds), visible(given)
        checked = preview.check(self.kind.inputs, olds, given, facts)
        inputs, failures = checked.inputs, checked.failures
        if not failures:
            inputs, failures = self._judged(olds, inputs, facts, origin)
            failures = tuple(preview.with_value(each, inputs, secrets) for each in failures)
        if origin:
            self._checked.add(origin)
            key = fields.key(self.kind.inputs, inputs)
            if key is not None:
                self._declared.add(key)
            failures = failures or tuple(self._claimed(inputs, given, origin, parent))
        hidden |= {DECLARED: sorted(name for name in given if given[name] is not None), ACCOUNT: self._whose}
        return preview.Checked(inputs | hidden, failures)

    def diff(self, id_: str, olds: Bag, news: Bag, origin: str | None) -> preview.Diff:
        """Compare the outputs of the last run with checked inputs, by the fields' rules; makes no request.

        Raises:
            Conflict: A value changed that Boomi froze.
            SettingsError: The state is of another account.
        """
        self._refuse_others(olds)
        bag, olds, wanted, declared = olds, visible(olds), visible(news), news.get(DECLARED)
        found = preview.diff(self.kind.inputs, olds, wanted, declared if isinstance(declared, list) else None)
        if found.failures:
            reasons = "; ".join(f"{each.property} {each.reason}" for each in found.failures)
            raise Conflict(f"{self._title(wanted)}: {reasons}.")
        if not found.replaces and origin in self._checked:
            self._declared.add(id_)
        if found.replaces:
            self._predecessors.replace(origin, id_, bag)
        for each in left(bag):
            # What an earlier run left behind goes when this one frees it.
            self._removing.postpone(str(each["id"]), each, origin)
        return found

    def unfinished(self, olds: Bag, news: Bag) -> bool:
        """Tell whether the last run left something that this one must carry on; pure."""
        return self.kind.unfinished(visible(olds), visible(news))

    def create(self, inputs: Bag, origin: str | None) -> tuple[str, Bag]:
        """Make the object, or take the one that is there and equal; return id and outputs."""
        return self._reconcile(inputs, None, origin)

    def update(self, olds: Bag, inputs: Bag, origin: str | None) -> Bag:
        """Bring the object to what is declared; return outputs.

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

    def read(self, id_: str, bag: Bag, origin: str | None) -> Found | None:
        """Return the live object, with inputs, so that drift shows as the field that changed; None where it is gone.

        Raises:
            NotFound: There is none, and no state speaks of one.
            Conflict: Boomi shows neither the object nor its place, so that nobody can say whether it is gone.
            SettingsError: The state is of another account.
        """
        self._refuse_others(bag)
        if not any(value is not None for value in visible(bag).values()):
            return self._imported(id_)
        known = visible(bag)
        record = observed(self.kind, self._client, id_, known, None)
        if record is None:
            return None
        foreign = self.kind.adopts and self._is_foreign(record, bag, origin)
        outputs = self.stored(known, record, bag, adopted=foreign) | ({LEFT: bag[LEFT]} if LEFT in bag else {})
        declared = bag.get(DECLARED)
        inputs = {
            name: outputs[name]
            for name, rule in fields.rules(self.kind.inputs).items()
            if name in outputs
            and (not isinstance(declared, list) or name in declared or rule.filled or _accompanies(rule, declared))
        }
        return Found(id_, outputs, inputs | self._hidden(bag))

    def _imported(self, given: str) -> Found:
        """Return an object that no state speaks of, and what a program would declare for it.

        Whoever imports an object takes it over, so it is as if this stack had made it.

        Args:
            given: The id, or the names by which the kind knows its objects.

        Raises:
            NotFound: There is none. An empty answer would be taken for an object without properties.
        """
        try:
            record = observed(self.kind, self._client, given, {}, None)
        except (NotFound, BadRequest):
            record = None
        id_ = self.kind.import_id(self._client, given) if record is None else None
        if id_ is not None:
            record = observed(self.kind, self._client, id_, {}, None)
        if record is None:
            raise NotFound(f"There is no {self.kind.name} {given} in this account, or it was deleted.")
        outputs = self.stored({}, record, {}, adopted=False)
        live = {name: outputs[name] for name in fields.rules(self.kind.inputs) if name in outputs}
        inputs = self.kind.complete(preview.check(self.kind.inputs, {}, live, {}).inputs, {}, {})
        return Found(self.kind.id(record), inputs | outputs, inputs | self._hidden({}))

    def delete(self, id_: str, bag: Bag, origin: str | None, *, late: bool = False) -> None:
        """Remove what this resource made, and nothing else; `late` where it had to wait until this process freed it.

        Raises:
            Conflict: As in `read`; nothing was removed.
            SettingsError: The state is of another account.
        """
        self._refuse_others(bag)
        title = self._title(bag)
        if self._declared & {id_, fields.key(self.kind.inputs, bag)}:
            say(f"{title} stays: the program declares it.")
            return
        if bag.get("adopted") is True:
            say(f"{title} stays: it was there before this stack took it over. Only the stack forgets it.")
            return
        if self._forgotten(visible(bag), title):
            return
        record = None
        if self.kind.observes_before_delete:
            record = observed(self.kind, self._client, id_, visible(bag), FRESH)
            if record is None:
                self._removing.gone(title)
                return
            if self._forgotten(self.stored(visible(bag), record, {}, adopted=False), title):
                return
            if self.kind.adopts and self._is_foreign(record, bag, origin):
                rules_of = fields.rules(self.kind.inputs).items()
                companions = {name: bag[name] for name, rule in rules_of if rule.companion and name in bag}
                successor = self.kind.title(companions | self.kind.live(record, visible(bag)))
                say(f"{title} was superseded by {successor}, which somebody else put there; it stays.")
                return
        self._removing.remove(id_, bag, record, title, origin, late=late)

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
            f"this stack is of account {theirs}, the settings name {self._whose}. Nothing was changed. Run again with "
            "the settings of the former (boomi:accountId, boomi:overrideAccount, boomi:baseUrl or the provider). "
            "For another account, use another stack, or a resource of another name."
        )

    def _refuse_others(self, bag: Mapping[str, Any]) -> None:
        reason = self._of_others(bag)
        if reason:
            raise SettingsError(f"{self.kind.name} {self.kind.title(bag)}: {reason}")

    # -- shared ----------------------------------------------------------------------------------

    def _judged(
        self, olds: Bag, inputs: Bag, facts: Mapping[str, Any], origin: str | None
    ) -> tuple[Bag, tuple[preview.Failure, ...]]:
        """Return inputs with all companions, and what the facts forbid; say what they tell of what stays as it is."""
        failures = list(self._unread(facts))
        known: dict[str, Any] = {
            name: {**fact, "foreign": not is_of_stack(fact.get("mark"), origin)}
            for name, fact in facts.items()
            if isinstance(fact, Mapping) and fact and "error" not in fact
        }
        changed = not olds or preview.diff(self.kind.inputs, olds, inputs).changes
        now = datetime.now(timezone.utc)
        known |= {"now": now, "today": now.date().isoformat(), "before": olds}
        found = list(self.kind.validate(inputs, known))
        if changed:
            # What stays as it is needs no permission.
            failures += found
        if failures:
            return inputs, tuple(failures)
        inputs = self.kind.complete(inputs, olds, known)
        lines = [f"stays as it is, but {each.property} {each.reason}" for each in found if each.gone]
        line = self.kind.notice(inputs, {**known, "before": {} if changed else olds})
        for each in filter(None, [*lines, line]):
            say(f"{self._title(inputs)}: {each}")
        return inputs, ()

    def _unread(self, facts: Mapping[str, Any]) -> Iterator[preview.Failure]:
        """Return why facts could not be read; the same answer to two requests is told once."""
        told: set[str] = set()
        for name in dict.fromkeys([*(need.property for need in self.kind.needs), *facts]):
            fact = facts.get(name)
            error = fact.get("error") if isinstance(fact, Mapping) else None
            if isinstance(error, str) and error.rpartition(" failed: ")[2] not in told:
                told.add(error.rpartition(" failed: ")[2])
                yield preview.Failure(name, f"could not be looked up: {error}")

    def _claimed(self, inputs: Bag, given: Bag, origin: str, parent: str | None) -> Iterator[preview.Failure]:
        """Note which object a resource stands for; refuse it where another resource of this run does already."""
        both = self._owners.claim(self.kind.claims(inputs), (origin, parent))
        if both is None:
            return
        one, two = both
        told = [name for name in fields.identity(fields.rules(self.kind.inputs), inputs) if name in given]
        yield preview.Failure(
            told[-1] if told else "",
            f"is declared twice: {one} of this program stands for the same object as {two} ({self._title(inputs)}), "
            "and only one resource can own it; take one out",
        )

    def _title(self, bag: Mapping[str, Any]) -> str:
        known = {name: value for name, value in bag.items() if not fields.has_unknown(value)}
        return f"{self.kind.name} {self.kind.title(known)}"

    def _reconcile(self, bag: Bag, olds: Bag | None, origin: str | None) -> tuple[str, Bag]:
        kind, inputs, declared = self.kind, visible(bag), bag.get(DECLARED)
        goal = Goal(
            title=self._title(inputs),
            inputs=inputs,
            wanted={name: inputs[name] for name in inputs if not isinstance(declared, list) or name in declared},
            olds=olds,
            origin=origin if self._marks else None,
        )
        record, taken = Writing(kind, self._client, goal, self._removing.freed).run()
        foreign = taken and kind.adopts and self._is_foreign(record, goal.olds or bag, origin)
        held = kind.describe(kind.live(record, inputs)) if taken and olds is None else None
        if foreign:
            about = f" ({held})" if held else ""
            say(f"{goal.title} is there already, and equal: adopted{about}. A destroy will leave it where it is.")
        elif held:
            say(f"{goal.title} is there already, and equal: reused ({held}).")
        record = kind.wait(self._client, record, goal.inputs, say)
        id_ = kind.id(record)
        self._declared.add(id_)
        leftovers_of(self._client).made(id_)
        outputs = self.stored(goal.inputs, record, bag, adopted=foreign)
        behind = left(olds or {}) or self._predecessors.take(origin)
        return id_, outputs | ({LEFT: behind} if behind else {})

    def stored(self, inputs: Mapping[str, Any], record: Any, bag: Bag, *, adopted: bool) -> Bag:
        """Return what a state keeps of a live object."""
        live = self.kind.live(record, inputs)
        marked = self.kind.marked
        if marked in live:
            live[marked] = strip_mark(live[marked])[0]
        outputs = preview.echo(self.kind.inputs, inputs, live)
        if self.kind.adopts:
            outputs["adopted"] = adopted
        return outputs | self._hidden(bag)

    def _hidden(self, bag: Mapping[str, Any]) -> Bag:
        """Return what a state keeps out of sight; one that was written before accounts were kept takes its on here."""
        return {**{name: bag[name] for name in (DECLARED, DELETES) if name in bag}, ACCOUNT: self._whose}

    def _is_foreign(self, record: Any, bag: Mapping[str, Any], origin: str | None) -> bool:
        """Tell whether somebody else made the live object."""
        found = strip_mark(record.get(self.kind.marked))[1]
        maker = self.kind.created_by
        makers = {self.kind.live(record, visible(bag)).get(maker), bag.get(maker)} - {None} if maker else set()
        # What this stack made under another name, before a rename, is its own as well.
        if is_of_stack(found, origin) and len(makers) < 2:  # noqa: PLR2004
            return False
        if bag.get("adopted") is None:
            return True
        return bag["adopted"] is True or not self.kind.owns(record, bag)

    # -- removal ---------------------------------------------------------------------------------

    def _forgotten(self, bag: Bag, title: str) -> bool:
        """Tell whether the kind has nothing to remove, and say why."""
        reason = self.kind.cannot_delete(bag)
        if reason:
            say(f"{title}: {reason} The stack forgets it.")
        return bool(reason)


def _accompanies(rule: fields.Rule, declared: list[str]) -> bool:
    """Tell whether a field is the companion of something that the program gave."""
    return rule.companion is not None and rule.companion[0] in declared
