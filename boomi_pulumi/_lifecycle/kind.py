"""What a kind of resource must tell the provider: its inputs, and Boomi's semantics of one object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import RequestError
from boomi_pulumi._api.models import Object, Record
from boomi_pulumi._api.retry import Outcome
from boomi_pulumi._lifecycle.fields import Bag, Inputs, key, rules
from boomi_pulumi._lifecycle.preview import Failure

__all__ = ["Comparison", "Conflicting", "Kind", "Need", "NeedsWrite", "Place", "UpToDate"]

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Need:
    """A fact that the check of a kind needs.

    Attributes:
        property: The input under which `check` gets it.
        fact: What it is about: a method of `Facts`.
        keys: The inputs whose values name the object. One that is not given is taken from the fact that its rule
            names as its source.
        beside: Further inputs for the method, None where they are not given.
        unless: An input beside which nobody needs it.
        found: An input that must name an object which is there; where the program makes it, nobody needs the fact.
    """

    property: str
    fact: str
    keys: tuple[str, ...]
    beside: tuple[str, ...] = ()
    unless: str | None = None
    found: str | None = None


@dataclass(frozen=True)
class Place:
    """Where the objects of a kind live: what the user must be able to see before one of them is believed to be gone.

    Attributes:
        target: What it is; Boomi reads it by id.
        property: The property that holds its id, of a resource and of what is in it.
        inside: What is in it: whoever is shown any of that may look there.
        rights: What a user needs to see it, for a message.
    """

    target: Object[Any]
    property: str
    inside: Object[Any]
    rights: str


@dataclass(frozen=True)
class UpToDate:
    """What is there is what is wanted."""


@dataclass(frozen=True)
class NeedsWrite:
    """Boomi can make what is there into what is wanted; `news` is a line worth telling, or empty."""

    news: str = ""


@dataclass(frozen=True)
class Conflicting:
    """What is there has the same identity, and can never become what is wanted."""

    reason: str


Comparison = UpToDate | NeedsWrite | Conflicting


class Kind(Generic[R]):
    """One kind of resource.

    The provider does everything that kinds share: it finds before it makes, sends, looks again when an
    answer is lost, adopts, restores and forgets. A kind says what its object is.
    """

    name: str
    """Boomi's name of the object; part of every user's state."""

    inputs: type[Inputs]
    """The arguments, with their rules."""

    about: str
    """What people should know of it: a sentence, an empty line, and more; with Boomi's names."""

    outputs: tuple[str, ...]
    """Properties that Boomi adds, by Boomi's names."""

    record: type[Record]
    """The record whose fields give the type and description of `outputs`."""

    always: tuple[str, ...]
    """Properties, inputs or outputs, that every object of this kind has."""

    place: Place | None = None
    """Where the object lives; None where nothing tells more about its absence than its own read."""

    stays: tuple[str, ...] = ()
    """Outputs that an update never changes, so a preview can show them."""

    needs: tuple[Need, ...] = ()
    """The facts that a check needs; one that is the source of another's key stands before it."""

    fact: str | None = None
    """The fact that a resource of this kind lends, where others name its object."""

    known_early: tuple[str, ...] = ()
    """Properties that a resource of this kind tells of its object before it is made, as a fact would."""

    def validate(self, inputs: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterable[Failure]:
        """Return what the account's facts forbid; pure.

        Args:
            inputs: Valid inputs.
            facts: Property -> what the account says about it; beside them `now` and `today`, and the last inputs as
                `before`.
        """
        raise NotImplementedError

    def complete(self, inputs: Bag, olds: Mapping[str, Any], facts: Mapping[str, Any]) -> Bag:
        """Return valid inputs with companions that need more than one fact; pure.

        Args:
            inputs: Valid inputs.
            olds: The inputs of the last run, empty for a new resource.
            facts: As in `validate`; a fact about an object that is there may tell whether it is `foreign`.
        """
        return inputs

    def notice(self, inputs: Mapping[str, Any], facts: Mapping[str, Any]) -> str | None:
        """Return a line to be shown in every run: where something slow stands, or that the object is gone; pure.

        Args:
            inputs: Valid inputs.
            facts: As in `validate`; `before` is empty where this run makes or changes the object.
        """
        return None

    def describe(self, live: Mapping[str, Any]) -> str | None:
        """Return what an object that is there holds, who made it and when; pure."""
        return None

    def title(self, bag: Mapping[str, Any]) -> str:
        """Return the object's name for a message, in names and versions where they are known."""
        raise NotImplementedError

    def id(self, record: R) -> str:
        """Return the resource's id."""
        raise NotImplementedError

    def claims(self, inputs: Mapping[str, Any]) -> Iterable[str]:
        """Return what only one resource of a program can stand for: the object, or its parts where they are told."""
        one = key(self.inputs, inputs)
        return [] if one is None else [one]

    nested: tuple[str, ...] = ()
    """Properties inside lists and objects, by Boomi's names, that Python names in snake case."""

    several_writes: bool = False
    """Whether one write may not be enough."""

    adopts: bool = True
    """Whether an equal object that somebody else made is marked as adopted, and survives a destroy for it."""

    marked: str | None = None
    """The property at whose end the mark of the resource stands; None where the object has no place for one."""

    created_by: str | None = None
    """The output that names the user who made the object, where the mark of another one may be inherited."""

    def has_server_key(self, inputs: Mapping[str, Any]) -> bool:
        """Tell whether Boomi itself refuses a second object of the same identity, so that none need be looked for."""
        return False

    def proves_absence(self, inputs: Mapping[str, Any], origin: str | None) -> bool:
        """Tell whether `find` returning nothing equal proves that a lost write did nothing."""
        raise NotImplementedError

    def find(
        self,
        client: Client,
        inputs: Mapping[str, Any],
        olds: Mapping[str, Any] | None,
        origin: str | None,
        within: float | None,
    ) -> R | None:
        """Return the object that has the identity of the inputs, alive or restorable.

        Args:
            client: The account.
            inputs: Checked inputs.
            olds: The last outputs; None for a new resource.
            origin: The mark that this resource leaves in notes; None where marks are switched off.
            within: How old a shared picture of the account may be, in seconds; None takes any of this run.
        """
        raise NotImplementedError

    def import_id(self, client: Client, words: str) -> str | None:
        """Return the id of the object that a person names in words instead; None where these are no names.

        Raises:
            NotFound: There is none of these names.
            Ambiguous: There are several; the message lists them.
        """
        return None

    def search(self, inputs: Mapping[str, Any]) -> str:
        """Return the query by which a person finds the object, for a message."""
        raise NotImplementedError

    def compare(
        self, record: R, wanted: Mapping[str, Any], olds: Mapping[str, Any] | None, origin: str | None
    ) -> Comparison:
        """Judge what was found against what is wanted.

        Args:
            record: What was found.
            wanted: The inputs that the program gave, without companions.
            olds: The last outputs; None for a new resource.
            origin: As in `find`.
        """
        raise NotImplementedError

    def forbids(self, client: Client, inputs: Mapping[str, Any], found: R | None) -> str | None:
        """Return why a write may not be sent now; looked at just before it.

        Args:
            client: The account.
            inputs: Checked inputs.
            found: What is there.
        """
        return None

    def write(self, client: Client, inputs: Mapping[str, Any], found: R | None, notes: str | None) -> Outcome[R]:
        """Send the one request that makes, restores or changes the object."""
        raise NotImplementedError

    def observe(self, client: Client, id: str, bag: Mapping[str, Any], within: float | None) -> R | None:
        """Return the object of this resource, or None where Boomi shows none; `within` as in `find`.

        One that Boomi keeps and marks as deleted may be returned; whether None means that it is gone, `place` tells.

        Raises:
            RequestError: Nobody can say whether it is gone.
        """
        raise NotImplementedError

    def delete(self, client: Client, record: R | None, bag: Mapping[str, Any]) -> Outcome[None]:
        """Send the one request that removes the object."""
        raise NotImplementedError

    def wait(self, client: Client, record: R, inputs: Mapping[str, Any], say: Callable[[str], None]) -> R:
        """Wait, within bounds, for what a write has set going; never raises for a failed look."""
        return record

    def unfinished(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Tell whether the last run left something that this one must carry on; pure."""
        return False

    def uses(self, record: R) -> str | None:
        """Return the id of the object that this one keeps in use until it is superseded or removed."""
        return None

    kept_while_used: bool = False
    """Whether the object stays when its resource is replaced while something uses it."""

    def cannot_delete(self, bag: Mapping[str, Any]) -> str | None:
        """Return why a destroy sends nothing, and what stays; None where there is something to remove; pure."""
        return None

    observes_before_delete: bool = False
    """Whether a removal needs a fresh look first, since it could hit somebody else's object."""

    def owns(self, record: R, bag: Mapping[str, Any]) -> bool:
        """Tell whether the live object is the one that this resource made."""
        raise NotImplementedError

    def why_kept(self, client: Client, record: R, bag: Mapping[str, Any], error: RequestError) -> str | None:
        """Return why Boomi refused to remove the live object, if it may stay; None if that is an error."""
        return None

    def live(self, record: R, inputs: Mapping[str, Any]) -> Bag:
        """Return the record as outputs; `inputs` tell which parts are declared, where not all need be."""
        return {name: value for name, value in record.items() if name in self.outputs or name in rules(self.inputs)}
