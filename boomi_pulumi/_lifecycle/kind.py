"""What a kind of resource must tell the provider: its inputs, and Boomi's semantics of one object.

A simple kind writes ten members: `name`, `about`, `target`, `inputs`, `outputs`, `required_outputs`, `title`, `look`,
`compare` and `write`. Everything else has a default, or is a part that a kind has or has not: `Lends`, `Holds`,
`Waits`, `Gated`, `KeptWhileUsed`, `FoundByName`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import RequestError
from boomi_pulumi._api.models import Object, Record
from boomi_pulumi._api.retry import Outcome
from boomi_pulumi._lifecycle.changes import Said
from boomi_pulumi._lifecycle.fields import Bag, Inputs, identity, key, rules
from boomi_pulumi._lifecycle.preview import Failure
from boomi_pulumi._lifecycle.seen import Seen

__all__ = [
    "Comparison",
    "Conflicting",
    "FoundByName",
    "Gated",
    "Holds",
    "KeptWhileUsed",
    "Kind",
    "Lends",
    "NeedsWrite",
    "Place",
    "Subject",
    "UpToDate",
    "Waits",
]

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Subject:
    """The resource that a hook is asked about.

    Attributes:
        client: The account.
        inputs: Checked inputs with companions, where something is made or changed; where something is read or removed,
            the outputs of the last run, which repeat the inputs. By Boomi's names, without hidden ones.
        given: Those of them that the program gave; where something is read or removed, all.
        before: The outputs of the last run; None for a new resource.
        id: The resource's id, where it is read or removed; None where the inputs say what is wanted.
        origin: The mark that the resource leaves in notes; None where marks are switched off.
        max_age: How old an answer about the account may be, in seconds; 0 asks Boomi about this object alone, and None
            takes whatever this run has seen.
        again: Whether an equal object that is there is to be made once more.
    """

    client: Client
    inputs: Bag
    given: Bag
    before: Bag | None = None
    id: str | None = None
    origin: str | None = None
    max_age: float | None = None
    again: bool = False


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

    The lifecycle does what all kinds share: it finds before it makes, sends, looks again when an answer is lost,
    adopts, restores and forgets. A kind says what its object is. Hooks that are pure make no request.
    """

    # -- data ------------------------------------------------------------------------------------

    name: str
    """Boomi's name of the object; part of every user's state."""

    about: str
    """What people should know of it: a sentence, an empty line, and more; with Boomi's names."""

    target: Object[Any]
    """Boomi's object: its address, its record, and the property that holds its id."""

    record: type[Record] | None = None
    """The record whose fields give type and text of `outputs`, where it is not that of `target`."""

    inputs: type[Inputs]
    """The arguments, with their rules."""

    seen: type[Seen] = Seen
    """What a preview asks the account."""

    outputs: tuple[str, ...]
    """Properties that Boomi adds, by Boomi's names."""

    required_outputs: tuple[str, ...]
    """Properties, inputs or outputs, that every object of this kind has."""

    stable_outputs: tuple[str, ...] = ()
    """Outputs that an update never changes, so that a preview can show them."""

    nested: tuple[str, ...] = ()
    """Properties inside lists and objects, by Boomi's names, that Python names in snake case."""

    place: Place | None = None
    """Where the object lives; None where nothing tells more about its absence than its own read."""

    marked: str | None = None
    """The property at whose end the mark of the resource stands; None where the object has no place for one."""

    adopts: bool = True
    """Whether an equal object that somebody else made is marked as adopted, and survives a destroy for it."""

    author_output: str | None = None
    """The output that names the user who made the object, where the mark of another one may be inherited."""

    makes_again: bool = False
    """Whether a replacement that only `replacement_trigger` asks for makes an equal object once more."""

    several_writes: bool = False
    """Whether one write may not be enough."""

    sent_once: bool = False
    """Whether each write has an effect of its own, so that none is ever sent again in the same run."""

    fresh_look: bool = False
    """Whether a removal needs a fresh look first, since it could hit somebody else's object."""

    def output_record(self) -> type[Record]:
        """Return the record whose fields give type and text of `outputs`."""
        return self.record or self.target.record

    # -- names -----------------------------------------------------------------------------------

    def title(self, bag: Mapping[str, Any]) -> str:
        """Return the object's name for a message, in names and versions where they are known. Pure."""
        raise NotImplementedError

    def id(self, record: R) -> str:
        """Return the resource's id. Pure; called after each write and look."""
        return str(record[self.target.id])

    def claims(self, inputs: Mapping[str, Any]) -> Iterable[str]:
        """Return what only one resource of a program can stand for: the object, or its parts. Pure."""
        one = key(self.inputs, inputs)
        return [] if one is None else [one]

    def says(self, inputs: Mapping[str, Any]) -> Iterable[Said]:
        """Return what the resource wants of something that another kind may set as well; no name is needed. Pure."""
        return []

    def search(self, inputs: Mapping[str, Any]) -> str:
        """Return the query by which a person finds the object, for a message. Pure."""
        keys = " and ".join(f"{name} = {value}" for name, value in identity(rules(self.inputs), inputs).items())
        return f"a {self.target.name} query on {keys}"

    def describe(self, live: Mapping[str, Any]) -> str | None:
        """Return what an object that is there holds, who made it and when. Pure; called when one is taken over."""
        return None

    # -- preview ---------------------------------------------------------------------------------

    def validate(self, inputs: Mapping[str, Any], seen: Any) -> Iterable[Failure]:
        """Return what the account forbids. Pure; called in each check, with valid inputs.

        Ids that name nothing are refused before, for each question with an `absent`.

        Args:
            inputs: Valid inputs with companions.
            seen: What the account says, of the type `seen`.
        """
        return ()

    def fill(self, inputs: Bag, seen: Any) -> Bag:
        """Return the inputs with the lines that need more than one answer. Pure; called after `validate`."""
        return inputs

    def notice(self, inputs: Mapping[str, Any], seen: Any) -> str | None:
        """Return a line to be shown in every run: where something slow stands, or that the object is gone.

        Pure; called after `fill`. `seen.before` is empty where this run makes or changes the object.
        """
        return None

    # -- the object ------------------------------------------------------------------------------

    def look(self, subject: Subject) -> R | None:
        """Return the object, alive or restorable, or None where Boomi has none.

        Called before a write, after one whose answer was lost, and in a refresh and a removal. With an id it is the
        object of that id; without one, the object that has the identity of the inputs. Whether None means that the
        object is gone, `place` tells.

        Raises:
            RequestError: Nobody can say.
            NotFound: There is none, and no write can make one.
        """
        raise NotImplementedError

    def compare(self, record: R, subject: Subject) -> Comparison:
        """Compare what `look` found with what the program gives. Pure; called after each look."""
        raise NotImplementedError

    def write(self, subject: Subject, found: R | None, notes: str | None) -> Outcome[R]:
        """Send the one request that makes, restores or changes the object.

        Args:
            subject: The resource.
            found: What the last look found.
            notes: The notes with the mark.
        """
        raise NotImplementedError

    def live(self, record: R, inputs: Mapping[str, Any]) -> Bag:
        """Return the record as outputs; `inputs` tell which parts are declared, where not all need be. Pure."""
        return {name: value for name, value in record.items() if name in self.outputs or name in rules(self.inputs)}

    # -- identity --------------------------------------------------------------------------------

    def has_server_key(self, inputs: Mapping[str, Any]) -> bool:
        """Tell whether Boomi itself refuses a second object of the same identity, so that none need be looked for."""
        return False

    def proves_absence(self, subject: Subject) -> bool:
        """Tell whether a look that finds nothing equal proves that a lost write did nothing. Pure."""
        return False

    def owns(self, record: R, bag: Mapping[str, Any]) -> bool:
        """Tell whether the live object is the one of the outputs `bag`. Pure; called before a removal."""
        return bool(self.id(record) == bag.get(self.target.id))

    # -- removal ---------------------------------------------------------------------------------

    def kept_on_destroy(self, bag: Mapping[str, Any]) -> str | None:
        """Return why a destroy sends nothing, and what stays; None where there is something to remove. Pure."""
        return None

    def delete(self, subject: Subject, record: R | None) -> Outcome[None]:
        """Send the one request that removes the object; `record` is what the last look found, if there was one."""
        id_ = str(subject.inputs.get(self.target.id, subject.id))
        return subject.client.delete(self.target, id_, f"Deleting {self.title(subject.inputs)}")

    def why_kept(self, subject: Subject, record: R, error: RequestError) -> str | None:
        """Return why the live object may stay after Boomi refused to remove it; None if the refusal is an error.

        Args:
            subject: The resource, with its id.
            record: The object, as the look after the refusal found it.
            error: The refusal.
        """
        return None


# -- parts that a kind has or has not ------------------------------------------------------------


class Lends:
    """Other resources name the object of this one, and need not wait until it is made to know of it."""

    lends: ClassVar[Callable[..., Awaitable[Any]]]
    """The question that the resource answers in place of the account: a method of the account."""

    lent: ClassVar[tuple[str, ...]]
    """The properties that it tells."""


class Holds:
    """The object keeps another one in use, until it is superseded or removed."""

    def holds(self, record: Any) -> str | None:
        """Return the id of that other object. Pure; called after each write and removal."""
        raise NotImplementedError


class KeptWhileUsed:
    """The object stays when its resource is replaced while something uses it; it goes when the run frees it."""


class Waits:
    """A write sets something going that takes a while."""

    def wait(self, subject: Subject, record: Any) -> Any:
        """Wait, within bounds, and return what is there then; called after a write. Never raises for a failed look."""
        raise NotImplementedError

    def unfinished(self, before: Mapping[str, Any]) -> bool:
        """Tell whether the last run left something that this one must carry on. Pure; called in each diff."""
        raise NotImplementedError


class Gated:
    """A write may be forbidden by the state of something else."""

    def refusal(self, subject: Subject, found: Any) -> str | None:
        """Return why a write may not be sent now; called just before each."""
        raise NotImplementedError


class FoundByName:
    """A person may import the object by names in place of its id."""

    def import_id(self, client: Client, words: str) -> str | None:
        """Return the id of the object that a person names in words; None where these are no names.

        Raises:
            NotFound: There is none of these names.
            Ambiguous: There are several; the message lists them.
        """
        raise NotImplementedError
