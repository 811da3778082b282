"""ListenerStatus: whether one process that listens on a runtime takes requests, or is paused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import RequestError
from boomi_pulumi._api.filters import any_of, where
from boomi_pulumi._api.models import (
    CHANGE_LISTENER,
    LISTENER_STATUS,
    ComponentMetadata,
    Environment,
    Listener,
    Record,
    Runtime,
)
from boomi_pulumi._api.retry import Done, Outcome, Refused
from boomi_pulumi._api.say import say
from boomi_pulumi._kinds.on_runtime import AttachedInputs, OnRuntime, pair_named, runtime_in, with_environment
from boomi_pulumi._lifecycle.changes import Said
from boomi_pulumi._lifecycle.fields import Bag, Change, Rule
from boomi_pulumi._lifecycle.kind import Comparison, FoundByName, NeedsWrite, Subject, UpToDate, Waits
from boomi_pulumi._lifecycle.preview import Failure
from boomi_pulumi._lifecycle.seen import Answer, Seen, found, read
from boomi_pulumi._reads.account import Account

__all__ = ["ListenerStatusKind"]

LISTENING, PAUSED, ERRORED = "listening", "paused", "errored"

ACCEPTED = "accepted"
"""Our word where Boomi has accepted a change, and nobody could read the status since."""

_ACTIONS: Final = {PAUSED: ("pause", "Pausing"), LISTENING: ("resume", "Resuming")}
"""What makes it so. Boomi has `restart` and an `…_all` of each as well, which act on what nobody declared."""

_TYPES: Final = frozenset({None, "process", "webservice"})

_PATIENCE = 120

_OFFLINE: Final = frozenset({410, 504})
"""How Boomi answers for a runtime that is away. Source: the status table of the Platform API introduction."""


class ListenerStatusInputs(AttachedInputs):
    """A process, a runtime, and whether the one listens on the other."""

    status: Annotated[
        Literal["listening", "paused"] | None,
        Rule(Change.UPDATE, required=True),
        Field(description="`listening`, or `paused`."),
    ] = None
    listen_timeout: Annotated[
        Annotated[int, Field(ge=0, le=3600)] | None,
        Rule(drifts=False),
        Field(description="Seconds to wait until Boomi reports it so, 0 to 3600; left out, 120."),
    ] = None


class ListenerOutputs(Record):
    """What Boomi tells of a listener."""

    reported: bool = Field(description="Whether Boomi reports this listener; false for many web services.")
    reported_status: str | None = Field(
        default=None,
        description="The status in Boomi's word: listening, paused or errored; `accepted` if it could not be read "
        "since a change.",
    )
    connector_type: str | None = Field(
        default=None, description="The type of the connector that it listens with, such as `jms`."
    )


class ListenerState(Record):
    """A listener of a runtime; `reported` is None where Boomi took a change, and nobody has looked since."""

    atom_id: str
    process_id: str
    status: str | None = None
    connector_type: str | None = None
    reported: bool | None = None


@dataclass(frozen=True, kw_only=True)
class ListenerSeen(Seen):
    """What the account says about a process and a runtime; the runtime itself is not asked."""

    runtime: Answer[Runtime] = read("atomId", Account.runtime, absent="names no runtime of this account")
    process: Answer[ComponentMetadata] = read(
        "processId", Account.component, absent="names no component of this account"
    )
    environment: Answer[Environment] = read("environmentId", Account.environment_of, "atomId")


class ListenerStatusKind(OnRuntime[ListenerState], Waits, FoundByName):
    """Boomi's semantics of a listener: a question that the runtime answers, and an order that Boomi accepts.

    Source: ListenerStatus and changeListenerStatus in the Platform OpenAPI.
    """

    name = "ListenerStatus"
    target = LISTENER_STATUS
    record = ListenerOutputs
    inputs = ListenerStatusInputs
    seen = ListenerSeen
    outputs = ("reported", "reportedStatus", "connectorType")
    required_outputs = ("processId", "atomId", "status", "reported")
    about = (
        "Whether one process that listens on a runtime takes requests, or is paused.\n\n"
        "Boomi accepts a change at once, and the runtime makes it later: `up` waits for that, at most `listenTimeout` "
        "seconds. Boomi does not report every listener: then `reported` is false. If a listener is errored, the run "
        "says so, and restarts nothing. A destroy sends nothing."
    )

    def says(self, inputs: Mapping[str, Any]) -> Iterable[Said]:
        """Return whether the process is to listen in the environment of the runtime."""
        about, status = ("listener", inputs.get("environmentId"), inputs["processId"]), inputs["status"]
        yield Said(about, status, "status", status)

    def search(self, inputs: Mapping[str, Any]) -> str:
        """Return where a person sees it."""
        return f"the Listeners panel of {runtime_in(inputs)} under Manage > Runtime Management"

    # -- preview ---------------------------------------------------------------------------------

    def validate(self, inputs: Mapping[str, Any], seen: ListenerSeen) -> Iterable[Failure]:
        """Refuse what cannot listen, and a runtime that is away."""
        process, runtime = found(seen.process), found(seen.runtime)
        if process is not None and process.type not in _TYPES:
            yield Failure("processId", f"names {process.name}, of type {process.type}; only a process listens")
        if runtime is not None and runtime.status == "OFFLINE":
            yield Failure("atomId", f"names {runtime.name}, which is offline; start it, then run again")

    def fill(self, inputs: Bag, seen: ListenerSeen) -> Bag:
        """Add the environment of the runtime."""
        return with_environment(inputs, seen.environment, seen.before)

    # -- the object ------------------------------------------------------------------------------

    def look(self, subject: Subject) -> ListenerState | None:
        """Ask the runtime; None only for an import of what it does not report."""
        inputs = subject.inputs
        atom, _, process = (subject.id or f"{inputs.get('atomId')}/{inputs.get('processId')}").partition("/")
        if not process:
            return None
        bag = {"atomId": atom, "processId": process, **inputs}
        there = _told(subject.client, atom, process, runtime_in(bag))
        if subject.id is not None:
            self._tell(there, bag)
        return there if there.reported or inputs else None

    def compare(self, record: ListenerState, subject: Subject) -> Comparison:
        """Compare what Boomi reports; what it does not report is sent."""
        return UpToDate() if record.reported and _is_so(record, subject.inputs["status"]) else NeedsWrite()

    def write(self, subject: Subject, found: ListenerState | None, notes: str | None) -> Outcome[ListenerState]:
        """Pause or resume this listener; Boomi accepts, and the runtime acts later."""
        inputs = subject.inputs
        action, doing = _ACTIONS[inputs["status"]]
        atom, process = inputs["atomId"], inputs["processId"]
        body = {"containerId": atom, "listenerId": process, "action": action}
        done = subject.client.order(CHANGE_LISTENER, body, f"{doing} {self.title(inputs)}")
        if isinstance(done, Done):
            return Done(ListenerState(atom_id=atom, process_id=process))
        return Refused(_explained(done.error, runtime_in(inputs))) if isinstance(done, Refused) else done

    def wait(self, subject: Subject, record: ListenerState) -> ListenerState:
        """Ask until the runtime tells that it is so, or the time is over."""
        client, inputs, title = subject.client, subject.inputs, f"{self.name} {self.title(subject.inputs)}"
        there, began, limit = record, client.now(), inputs.get("listenTimeout", _PATIENCE)
        while there is record and record.reported is None:
            try:
                told = _told(client, record.atom_id, record.process_id, runtime_in(inputs))
            except RequestError as error:
                say(f"{title}: accepted. What the runtime made of it could not be read; the next run looks. {error}")
                break
            waited = client.now() - began
            if not told.reported:
                say(
                    f"{title}: accepted; Boomi does not report this listener. It is a web service, or not deployed "
                    "on that runtime."
                )
                there = told
            elif _is_so(told, inputs["status"]):
                there = told
            elif waited >= limit or not client.pause(min(max(1.0, waited / 4), 10.0, max(limit - waited, 1.0))):
                say(f"{title}: accepted, and after {waited:.0f} s still {told.status}. The next run looks again.")
                there = told
        self._tell(there, inputs)
        return there

    def unfinished(self, before: Mapping[str, Any]) -> bool:
        """Tell whether nobody has looked since Boomi accepted a change; what is not so yet shows as another status."""
        return before.get("reportedStatus") == ACCEPTED

    def live(self, record: ListenerState, inputs: Mapping[str, Any]) -> Bag:
        """Return what the runtime tells; where it does not, or an error hides it, the status is the declared one."""
        wanted = inputs.get("status", LISTENING)
        return {
            "processId": record.process_id,
            "atomId": record.atom_id,
            "status": wanted if not record.reported or _is_so(record, wanted) else record.status,
            "reported": record.reported is True,
            "reportedStatus": ACCEPTED if record.reported is None else record.status,
            "connectorType": record.connector_type,
        }

    def import_id(self, client: Client, words: str) -> str | None:
        """Return the id of what is named `runtime/process`, each by id or name."""
        return pair_named(client, words)

    # -- identity and removal --------------------------------------------------------------------

    def proves_absence(self, subject: Subject) -> bool:
        """Tell that a listener may be paused twice."""
        return True

    def kept_on_destroy(self, bag: Mapping[str, Any]) -> str | None:
        """Tell that a destroy sends nothing."""
        stays = "it stays paused; resume it in Boomi if it is to listen" if bag.get("status") == PAUSED else "it stays"
        return f"{stays}."

    def _tell(self, record: ListenerState, inputs: Mapping[str, Any]) -> None:
        if record.status == ERRORED:
            say(f"{self.name} {self.title(inputs)}: errored. Nothing restarts it; see its log in Boomi.")


def _is_so(record: ListenerState, wanted: str) -> bool:
    """Tell whether a listener is as wanted. One that is errored is not paused, and a resume would be no cure."""
    return record.status == PAUSED if wanted == PAUSED else record.status != PAUSED


def _told(client: Client, atom: str, process: str, runtime: str) -> ListenerState:
    """Return what a runtime tells of a listener; those that threads ask about at the same time share a question.

    Raises:
        RequestError: It told nothing.
    """
    try:
        row = client.together(f"{LISTENER_STATUS.name} {atom}", lambda ids: _ask(client, atom, ids), process)
    except RequestError as error:
        raise _explained(error, runtime) from None
    about = {} if row is None else {"status": row.status, "connector_type": row.connector_type}
    return ListenerState(atom_id=atom, process_id=process, reported=row is not None, **about)


def _ask(client: Client, atom: str, ids: Sequence[str]) -> dict[str, Listener | None]:
    listeners = any_of([where("listenerId").equals(each) for each in ids])
    rows = {row.listener_id: row for row in client.ask(LISTENER_STATUS, where("containerId").equals(atom) & listeners)}
    return {id_: rows.get(id_) for id_ in ids}


def _explained(error: RequestError, runtime: str) -> RequestError:
    """Return an error that says what to do, where the runtime is away."""
    if error.status not in _OFFLINE:
        return error
    advice = f"Runtime {runtime} is offline or does not answer. Start it, then run again."
    return type(error)(error.act, status=error.status, said=error.said, advice=advice)
