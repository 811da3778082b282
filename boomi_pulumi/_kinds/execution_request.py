"""ExecutionRequest: a run of a process after its deployment, which must pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, repeat
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import Conflict, NotFound, RequestError, UnknownOutcome
from boomi_pulumi._api.filters import any_of, where
from boomi_pulumi._api.models import (
    ATOM,
    ATTACHMENT,
    ENVIRONMENT,
    EXECUTION_RECORD,
    EXECUTION_REQUEST,
    ComponentMetadata,
    DeployedPackage,
    Environment,
    ExecutionRecord,
    PackagedComponent,
    Record,
    Runtime,
    Text,
    Whole,
    moment,
)
from boomi_pulumi._api.retry import Done, Outcome, Refused
from boomi_pulumi._api.say import say
from boomi_pulumi._api.words import on_one_line
from boomi_pulumi._kinds.on_runtime import AttachedInputs, OnRuntime, runtime_in, with_environment
from boomi_pulumi._lifecycle.fields import UNKNOWN, Bag, Change, Id, Rule, has_unknown
from boomi_pulumi._lifecycle.kind import Comparison, Gated, NeedsWrite, Subject, UpToDate
from boomi_pulumi._lifecycle.preview import Failure
from boomi_pulumi._lifecycle.seen import Absent, Answer, Seen, found, read
from boomi_pulumi._reads.account import Account
from boomi_pulumi._reads.answers import by_key
from boomi_pulumi._reads.deployments import deployments_of
from boomi_pulumi._reads.runs import SETTLE

__all__ = ["ExecutionRequestKind"]

_ENDS = frozenset({"COMPLETE", "COMPLETE_WARN", "ERROR", "ABORTED", "DISCARDED"})
"""The words of a run that has ended. A word that nobody knows is no end."""

_TIMEOUT = 600
"""Seconds that a run may take."""

_PAUSES = (2.0, 3.0, 5.0, 8.0)
_LONG_PAUSE = 10.0
_LOOKS = (1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 8.0)
"""Seconds between two looks: for the end of a run, and for one whose answer was lost."""

_FRESH = 5.0
_LONGEST = 200


def _some(value: list[str] | None) -> list[str] | None:
    if value is not None and not value:
        raise ValueError("is empty; name at least one way to end, or leave it out")
    return value


def _property(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; a property has a name")
    return value


_Property = Annotated[str, AfterValidator(_property)]


class ExecutionRequestInputs(AttachedInputs):
    """A process, a runtime, the package that must be active there, and what the run is given."""

    package_id: Annotated[
        Id | None,
        Rule(Change.UPDATE, required=True, drifts=False, refers_to="PackagedComponent"),
        Field(description="The package that must be active there; another one runs again."),
    ] = None
    triggers: Annotated[
        dict[str, str] | None,
        Rule(Change.UPDATE, drifts=False),
        Field(description="Any texts; another value of one runs the process again."),
    ] = None
    dynamic_properties: Annotated[
        dict[_Property, str] | None,
        Rule(Change.UPDATE, drifts=False),
        Field(description="Dynamic process properties of the run, name -> value; another value runs again."),
    ] = None
    process_properties: Annotated[
        dict[Id, dict[_Property, str]] | None,
        Rule(Change.UPDATE, drifts=False),
        Field(
            description="Process properties of the run: id of the process property component -> key -> value; another "
            "value runs again."
        ),
    ] = None
    accept: Annotated[
        Annotated[list[Literal["COMPLETE", "COMPLETE_WARN"]], AfterValidator(_some)] | None,
        Rule(drifts=False),
        Field(description="The ends that pass, of COMPLETE and COMPLETE_WARN; left out, COMPLETE alone."),
    ] = None
    max_error_documents: Annotated[
        Annotated[int, Field(ge=0)] | None,
        Rule(drifts=False),
        Field(description="How many documents may have errors; left out, none."),
    ] = None
    run_timeout: Annotated[
        Annotated[int, Field(ge=1, le=86_400)] | None,
        Rule(drifts=False),
        Field(description=f"Seconds to wait for the end of the run, 1 to 86400; left out, {_TIMEOUT}."),
    ] = None
    settle: Annotated[
        Annotated[int, Field(ge=0, le=3600)] | None,
        Rule(drifts=False),
        Field(
            description=f"Seconds after the deployment before a run counts, 0 to 3600; left out, {SETTLE}. Until then "
            "a runtime may run the version before."
        ),
    ] = None
    allow_production: Annotated[
        bool | None,
        Rule(drifts=False),
        Field(description="Whether it may run in an environment of the class PROD; left out, no."),
    ] = None
    package_version: Annotated[
        str | None,
        Rule(companion=("packageId", "packageVersion"), drifts=False),
        Field(description="The package's version."),
    ] = None
    runs: Annotated[
        str | None,
        Rule(filled=True, drifts=False),
        Field(description="What will run, and where; and when the version before it passed there."),
    ] = None
    overridden: Annotated[
        list[str] | None,
        Rule(filled=True, drifts=False),
        Field(description="Properties of the run that an environment extension overrides: Boomi takes its values."),
    ] = None


class Run(Record):
    """One run, as a state keeps it; without its message, which may hold data of the business."""

    process_id: Text = Field(default=None, description="The process's component id.")
    atom_id: Text = Field(default=None, description="The runtime's id.")
    request_id: Text = Field(default=None, description="Boomi's id of the request; none if nothing was sent.")
    execution_id: Text = Field(default=None, description="The run's id, by which Process Reporting knows it.")
    status: Text = Field(default=None, description="How it ended.")
    execution_time: Text = Field(default=None, description="When it began.")
    execution_duration: Whole = Field(default=None, description="How long it took, in milliseconds.")
    inbound_document_count: Whole = Field(default=None, description="How many documents came in.")
    inbound_error_document_count: Whole = Field(default=None, description="How many of them had errors.")
    outbound_document_count: Whole = Field(default=None, description="How many documents went out.")
    since: Text = Field(default=None, description="When the package was deployed.")
    known: tuple[str, ...] = Field(default=(), description="The runs since then that were there before a request.")


@dataclass(frozen=True, kw_only=True)
class ExecutionSeen(Seen):
    """What the account says about a process, a runtime, and what is active where it is attached."""

    # The runtime comes first: whoever may run something may read it, and so is not taken for one with a wrong token.
    runtime: Answer[Runtime] = read("atomId", Account.runtime, absent="names no runtime of this account")
    process: Answer[ComponentMetadata] = read(
        "processId", Account.component, absent="names no component of this account"
    )
    package: Answer[PackagedComponent] = read("packageId", Account.package, absent="names no package of this account")
    environment: Answer[Environment] = read("environmentId", Account.environment_of, "atomId")
    active: Answer[DeployedPackage] = read("runs", Account.active_deployment, "environmentId", "processId")
    passed: Answer[str] = read(
        "runs", Account.passed, "environmentId", "processId", "atomId", beside=("packageId",), later=True
    )
    overriding: Answer[list[str]] = read(
        "overridden",
        Account.overriding,
        "environmentId",
        "processId",
        beside=("packageId", "dynamicProperties", "processProperties"),
        later=True,
    )


class ExecutionRequestKind(OnRuntime[Run], Gated):
    """Boomi's semantics of a run: each request runs once more, and nothing tells two of them apart.

    Source: ExecutionRequest and ExecutionRecord in the Platform OpenAPI.
    """

    name = "ExecutionRequest"
    target = EXECUTION_REQUEST
    record = Run
    inputs = ExecutionRequestInputs
    seen = ExecutionSeen
    outputs = (
        "requestId",
        "executionId",
        "status",
        "executionTime",
        "executionDuration",
        "inboundDocumentCount",
        "inboundErrorDocumentCount",
        "outboundDocumentCount",
    )
    required_outputs = ("processId", "atomId", "packageId", "executionId", "status")
    about = (
        "Runs a process once after its deployment, and fails unless the run passes.\n\n"
        "What depends on it then does not happen. A run since the deployment that still goes on is waited for, and one "
        "that passed is taken. No request is sent twice. Another package, trigger or property runs it again. A destroy "
        "sends nothing."
    )
    sent_once = True

    def search(self, inputs: Mapping[str, Any]) -> str:
        """Return where a person finds the run."""
        return (
            f"Process Reporting, or an ExecutionRecord query on atomId = {inputs.get('atomId')} and processId = "
            f"{inputs.get('processId')}"
        )

    # -- preview ---------------------------------------------------------------------------------

    def validate(self, inputs: Mapping[str, Any], seen: ExecutionSeen) -> Iterable[Failure]:
        """Refuse what is no process, what is offline or production, and a package that is not and will not be there."""
        process, place, package = found(seen.process), found(seen.environment), found(seen.package)
        if process is not None and process.type not in (None, "process"):
            yield Failure("processId", f"names {process.name}, of type {process.type}; only a process runs")
        runtime = found(seen.runtime)
        if runtime is not None and runtime.status == "OFFLINE":
            yield Failure("atomId", f"names {runtime.name or runtime.id}, which is offline; start it, then run again")
        of = None if package is None else package.component_id
        if of is not None and not has_unknown(inputs["processId"]) and of != inputs["processId"]:
            yield Failure("packageId", f"is of another component than the process: {of}")
            return
        if isinstance(seen.environment, Absent):
            yield Failure("atomId", "names a runtime that is attached to no environment; nothing runs there")
        if place is None:
            return
        allowed = inputs.get("allowProduction")
        if place.classification == "PROD" and not has_unknown(allowed) and allowed is not True:
            yield Failure("atomId", f"names {_in_production(inputs, place)}")
        where_ = f"{place.id}/{inputs['processId']}"
        if has_unknown(inputs["packageId"]) or seen.run.may_change("DeployedPackage", where_.__eq__):
            return
        there = found(seen.active)
        if isinstance(seen.active, Absent) or (there is not None and there.package_id != inputs["packageId"]):
            yield Failure("packageId", f"is not active in {place.name or place.id}, {_instead(there)}; deploy it first")

    def fill(self, inputs: Bag, seen: ExecutionSeen) -> Bag:
        """Add where it runs, and what."""
        olds, place = seen.before, found(seen.environment)
        if _same(olds, inputs):
            # Where it ran, wherever the runtime is now.
            told = ("environmentId", "environmentName", "runs", "overridden")
            return inputs | {name: olds[name] for name in told if name in olds}
        inputs = with_environment(inputs, seen.environment, olds)
        lines = [f"{path}: Boomi takes the extension's value" for path in found(seen.overriding) or ()]
        inputs = inputs | ({"overridden": lines} if lines else {})
        version = inputs.get("packageVersion")
        if place is not None and (version is None or has_unknown(version)):
            planned = seen.run.planned("DeployedPackage", f"{place.id}/{inputs.get('processId')}")
            version = planned.inputs.get("packageVersion", version) if planned is not None else version
            inputs = inputs | ({"packageVersion": version} if version is not None else {})
        what = [inputs.get("processName", inputs["processId"]), version, inputs.get("runtimeName", inputs["atomId"])]
        if has_unknown([*what, inputs.get("environmentName")]):
            return inputs | {"runs": UNKNOWN}
        name = f" ({inputs['environmentName']})" if inputs.get("environmentName") else ""
        there, at = found(seen.active), found(seen.passed)
        before = f"; {there.package_version or there.package_id} passed there on {at[:10]}" if there and at else ""
        return inputs | {"runs": f"{' '.join(filter(None, what[:2]))} will RUN on {what[2]}{name}{before}"}

    # -- the run ---------------------------------------------------------------------------------

    def look(self, subject: Subject) -> Run | None:
        """Return the run of the state; before a request, the newest one of the deployment, once it has ended.

        Raises:
            Conflict: The package is not active there, or it is production.
            UnknownOutcome: A run goes on for too long.
        """
        client, inputs = subject.client, subject.inputs
        if subject.id is not None:
            if not inputs.get("executionId"):
                raise Conflict(
                    f"{self.name} {subject.id} cannot be imported: a run is an act, and no object that stays. Declare "
                    "it; a run that has passed since the deployment is taken."
                )
            return _of_state(inputs)
        since = self._deployed(subject)
        deployed = moment(since)
        settle = timedelta(seconds=inputs.get("settle", SETTLE))
        if deployed is not None and subject.max_age is None:
            rest = (deployed + settle - client.moment()).total_seconds()
            if rest > 0:
                client.pause(min(rest, settle.total_seconds()))
        rows = _runs(client, inputs, since)
        known = tuple(row.execution_id for row in rows)
        nothing = Run(process_id=inputs["processId"], atom_id=inputs["atomId"], since=since, known=known)
        last = moment((subject.before or {}).get("executionTime"))
        later = [row for row in rows if last is None or (moment(row.execution_time) or last) > last]
        ran = [row for row in later if row.status != "DISCARDED"]
        newest = max(ran, key=lambda row: row.execution_time or "", default=None)
        if newest is None:
            return nothing
        if newest.status not in _ENDS:
            one = newest.execution_id
            say(f"{self.name} {self.title(inputs)}: run {one} goes on there, and is waited for.")
            newest = self._ended(subject, newest, lambda: _again(client, one))
        began = moment(newest.execution_time)
        if deployed is not None and (began is None or began < deployed + settle):
            return nothing  # the version before may have run
        run = replace(_run(newest, inputs), since=since, known=known)
        if subject.max_age is None and _fault(run, inputs) is None:
            say(
                f"{self.name} {self.title(inputs)}: run {run.execution_id} of {run.execution_time} passed there since "
                "the deployment; it is taken, and nothing runs."
            )
        return run

    def _deployed(self, subject: Subject) -> str | None:
        """Return when the package was deployed where the runtime is.

        Raises:
            Conflict: It is not active there, or that is production.
            NotFound: The runtime is attached to no environment.
        """
        client, inputs = subject.client, subject.inputs
        ids = client.together("environments of runtimes", lambda atoms: _places(client, atoms), inputs["atomId"])
        title = f"{self.name} {self.title(inputs)}"
        if not ids:
            raise NotFound(f"{title}: the runtime is attached to no environment. Nothing was run.")
        others: list[str] = []
        places: dict[str, Environment] = {}
        for id_ in ids:
            place = client.read(ENVIRONMENT, id_)
            if isinstance(place, RequestError):
                raise place
            if isinstance(place, Missing):
                continue
            # Of several, nobody can tell in which one Boomi runs it.
            if place.classification == "PROD" and inputs.get("allowProduction") is not True:
                raise Conflict(f"{title}: atomId names {_in_production(inputs, place)}. Nothing was run.")
            places[id_] = place
        for id_, place in places.items():
            rows = deployments_of(client).active(id_, inputs["processId"], _FRESH)
            there = next((row for row in rows if row.package_id == inputs["packageId"]), None)
            if there is not None:
                return there.deployed_date
            others.append(f"{place.name or id_}, {_instead(next(iter(rows), None))}")
        raise Conflict(
            f"{title}: packageId is not active in {' or '.join(others) or 'an environment of that runtime'}. Deploy it "
            "first (depends_on). Nothing was run."
        )

    def compare(self, record: Run, subject: Subject) -> Comparison:
        """Take a run that passed."""
        return NeedsWrite() if _fault(record, subject.inputs) else UpToDate()

    def refusal(self, subject: Subject, found: Run | None) -> str | None:
        """Refuse a runtime that is offline: no record would ever come."""
        there = subject.client.read(ATOM, subject.inputs["atomId"])
        if isinstance(there, Runtime) and there.status == "OFFLINE":
            return f"runtime {there.name or there.id} is offline. Start it, then run again"
        return None

    def write(self, subject: Subject, found: Run | None, notes: str | None) -> Outcome[Run]:
        """Ask for the run once, and wait for its end.

        Raises:
            Conflict: It did not pass.
            UnknownOutcome: It goes on for too long, or nobody can say whether it runs.
        """
        client, inputs = subject.client, subject.inputs
        title = f"{self.name} {self.title(inputs)}"
        outcome = client.create(EXECUTION_REQUEST, _body(inputs), f"Running {self.title(inputs)}")
        if isinstance(outcome, Refused):
            return outcome
        request = outcome.answer.request_id if isinstance(outcome, Done) else None
        if request is not None:
            first, again = None, lambda: _polled(client, request)
        else:
            first = _lost(client, inputs, found)
            if first is None:
                raise UnknownOutcome(
                    f"{title}: {outcome.error} Whether it runs cannot be told: no run is shown after "  # type: ignore[union-attr]
                    f"{sum(_LOOKS):.0f} s. It is not sent again. Look with {self.search(inputs)}; then run again, "
                    "which takes a run that passed."
                )
            one = first.execution_id
            again = lambda: _again(client, one)  # noqa: E731
        row = self._ended(subject, first, again, request)
        run = replace(_run(row, inputs), request_id=request)
        fault = _fault(run, inputs)
        if fault is None:
            return Done(run)
        text = on_one_line((row.message or "").strip().partition("\n")[0])
        text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        said = f' Boomi said: "{text}".' if text else ""
        raise Conflict(
            f"{title}: run {row.execution_id} did not pass: {fault}.{said} Nothing that depends on it was done. Open "
            "it in Process Reporting; the next `pulumi up` runs it again."
        )

    def _ended(
        self,
        subject: Subject,
        row: ExecutionRecord | None,
        again: Callable[[], ExecutionRecord | None],
        request: str | None = None,
    ) -> ExecutionRecord:
        """Return the record of a run once it has ended."""
        client, most = subject.client, subject.inputs.get("runTimeout", _TIMEOUT)
        title, began = f"{self.name} {self.title(subject.inputs)}", client.now()
        pauses = chain(_PAUSES, repeat(_LONG_PAUSE))
        while row is None or row.status not in _ENDS:
            which = f"run {row.execution_id}, {row.status}," if row is not None else f"request {request}"
            left = round(most - (client.now() - began), 3)
            then = "Nothing that depends on it was done. The next `pulumi up` looks for it first."
            if left <= 0:
                raise UnknownOutcome(
                    f"{title}: {which} has not ended after {most} s, and is left going. Look in Process Reporting; a "
                    f"runtime that is offline shows no run. {then}"
                )
            if not client.pause(min(next(pauses), left)):
                raise UnknownOutcome(f"{title}: {which} is left going, since this was asked to stop. {then}")
            try:
                row = again() or row
            except RequestError as error:
                raise UnknownOutcome(f"{title}: {which} cannot be read: {error} {then}") from error
        return row

    # -- identity and removal --------------------------------------------------------------------

    def delete(self, subject: Subject, record: Run | None) -> Outcome[None]:
        """Do nothing: a run stays what it was."""
        return Done(None)


# -- inside --------------------------------------------------------------------------------------


def _places(client: Client, atoms: Sequence[str]) -> dict[str, list[str]]:
    rows = client.query(ATTACHMENT, any_of([where("atomId").equals(each) for each in atoms]))
    return {
        atom: [row.environment_id for row in of if row.environment_id]
        for atom, of in by_key(ATTACHMENT, rows, atoms, "atomId").items()
    }


def _runs(client: Client, inputs: Mapping[str, Any], since: str | None) -> list[ExecutionRecord]:
    """Return the runs of the process on the runtime that somebody asked for since a moment."""
    which = where("processId").equals(inputs["processId"]) & where("atomId").equals(inputs["atomId"])
    which &= where("executionType").equals("exec_manual")
    if since is not None:
        which &= where("executionTime").greater_than_or_equal(since)
    return list(client.query(EXECUTION_RECORD, which))


def _lost(client: Client, inputs: Mapping[str, Any], before: Run | None) -> ExecutionRecord | None:
    """Return the run that a request has begun whose answer was lost; None where none is shown."""
    known, since = (before.known, before.since) if before is not None else ((), None)
    for pause in (*_LOOKS, None):
        with suppress(RequestError):
            new = (row for row in _runs(client, inputs, since) if row.execution_id not in known)
            if (row := next(new, None)) is not None:
                return row
        if pause is None or not client.pause(pause):
            break
    return None


def _polled(client: Client, request: str) -> ExecutionRecord | None:
    rows = client.poll(EXECUTION_RECORD, f"/async/{request}", f"Reading the run of {request}")
    return next(iter(rows or ()), None)


def _again(client: Client, execution: str) -> ExecutionRecord | None:
    return next(iter(client.first(EXECUTION_RECORD, where("executionId").equals(execution))), None)


def _run(row: ExecutionRecord, inputs: Mapping[str, Any]) -> Run:
    about = {name: value for name, value in row.__dict__.items() if name not in ("message", "execution_type")}
    return Run(**{**about, "process_id": inputs["processId"], "atom_id": inputs["atomId"]})


def _of_state(bag: Mapping[str, Any]) -> Run:
    return Run(**{name: bag[name] for name in (*ExecutionRequestKind.outputs, "processId", "atomId") if name in bag})


def _fault(run: Run, inputs: Mapping[str, Any]) -> str | None:
    """Return why a run does not pass; None where it does."""
    if run.status not in inputs.get("accept", ("COMPLETE",)):
        return f"it ended {run.status}"
    errors, most = run.inbound_error_document_count or 0, inputs.get("maxErrorDocuments", 0)
    if errors > most:
        of = run.inbound_document_count
        return f"it ended {run.status}, but {errors} of {of} documents have errors, and {most} may"
    return None


def _body(inputs: Mapping[str, Any]) -> Bag:
    dynamic, components = inputs.get("dynamicProperties") or {}, inputs.get("processProperties") or {}
    return {
        "atomId": inputs["atomId"],
        "processId": inputs["processId"],
        "DynamicProcessProperties": {
            "DynamicProcessProperty": [{"name": name, "value": value} for name, value in dynamic.items()]
        },
        "ProcessProperties": {
            "ProcessProperty": [
                {
                    "componentId": id_,
                    "ProcessPropertyValue": [{"key": key, "value": value} for key, value in values.items()],
                }
                for id_, values in components.items()
            ]
        },
    }


def _same(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Tell whether nothing runs again."""
    again = ("processId", "atomId", "packageId", "triggers", "dynamicProperties", "processProperties")
    return bool(olds) and all(olds.get(name) == inputs[name] for name in again if name in inputs)


def _in_production(inputs: Mapping[str, Any], place: Environment) -> str:
    where_ = f"{runtime_in(inputs)}, of the production environment {place.name or place.id}"
    return f"{where_}; allow_production=True would run it there"


def _instead(there: DeployedPackage | None) -> str:
    what = "nothing of the process" if there is None else there.package_version or there.package_id
    return f"where {what} is"
