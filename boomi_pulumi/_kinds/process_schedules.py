"""ProcessSchedules: when a process runs on a runtime."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import NotFound, RequestError
from boomi_pulumi._api.models import (
    AUDIT_LOG,
    PROCESS_SCHEDULE_STATUS,
    PROCESS_SCHEDULES,
    AuditEntry,
    ComponentMetadata,
    Record,
    Runtime,
    rows_of,
    whole,
)
from boomi_pulumi._api.models import ProcessSchedules as Schedules
from boomi_pulumi._api.retry import Done, Outcome
from boomi_pulumi._api.say import say
from boomi_pulumi._api.schedules import brief, gone, in_words, normal, repeated, same, schedules_of
from boomi_pulumi._kinds.lines import Replaced
from boomi_pulumi._kinds.on_runtime import OnRuntime, OnRuntimeInputs, pair_named
from boomi_pulumi._lifecycle.fields import Bag, Change, Rule, has_unknown
from boomi_pulumi._lifecycle.kind import Comparison, FoundByName, NeedsWrite, Subject, UpToDate
from boomi_pulumi._lifecycle.places import FRESH
from boomi_pulumi._lifecycle.preview import Failure
from boomi_pulumi._lifecycle.seen import Absent, Answer, Seen, found, read
from boomi_pulumi._reads.account import Account
from boomi_pulumi._reads.answers import by_key
from boomi_pulumi._reads.audit import by, newest, schedule_acts
from boomi_pulumi._reads.schedules import PAIR, pairs, schedules_seen

__all__ = ["ProcessSchedulesKind"]

_MOST_RETRIES = 5
_NONE: Mapping[str, Any] = {"maxRetry": _MOST_RETRIES, "schedules": []}
"""No retry."""


class Schedule(BaseModel):
    """When a process runs. What is left out is `*`: each minute, each hour, each day."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", populate_by_name=True)

    minutes: Annotated[
        str, AfterValidator(partial(normal, "minutes")), Field(description="Minutes, 0 to 59, such as `0-59/15`.")
    ] = "*"
    hours: Annotated[
        str, AfterValidator(partial(normal, "hours")), Field(description="Hours, 0 to 23, such as `8-18`.")
    ] = "*"
    days_of_week: Annotated[
        str,
        AfterValidator(partial(normal, "daysOfWeek")),
        Field(description="Days of the week, such as `mon-fri`; as numbers 1 is Sunday."),
    ] = "*"
    days_of_month: Annotated[
        str, AfterValidator(partial(normal, "daysOfMonth")), Field(description="Days of the month, 1 to 31.")
    ] = "*"
    months: Annotated[str, AfterValidator(partial(normal, "months")), Field(description="Months, 1 to 12.")] = "*"
    years: Annotated[str, AfterValidator(partial(normal, "years")), Field(description="Years.")] = "*"


def _sorted(value: list[Schedule]) -> list[Schedule]:
    rows = sorted(value, key=lambda each: list(each.model_dump(by_alias=True).values()))
    twice = repeated([each.model_dump(by_alias=True) for each in rows])
    if twice is not None:
        raise ValueError(f"has two schedules that say the same, {brief(twice)}; take one out")
    return rows


class Retry(BaseModel):
    """What happens to documents that failed: they run again, those of past executions too."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", populate_by_name=True)

    max_retry: Annotated[int, Field(ge=1, le=_MOST_RETRIES, description="How often, 1 to 5.")] = _MOST_RETRIES
    schedules: Annotated[
        list[Schedule], AfterValidator(_sorted), Field(description="When; none clears the retry.")
    ] = []


class ProcessSchedulesInputs(OnRuntimeInputs):
    """A process, a runtime, and when the one runs on the other."""

    schedules: Annotated[
        list[Schedule] | None,
        AfterValidator(lambda value: value if value is None else _sorted(value)),
        Rule(Change.UPDATE, required=True),
        Field(description="All schedules of the process on that runtime; an empty list is none."),
    ] = None
    retry: Annotated[
        Retry | None,
        Rule(Change.UPDATE),
        Field(description="Retry of failed documents. Left out, it stays as it is; one without schedules clears it."),
    ] = None
    enabled: Annotated[
        bool | None,
        Rule(Change.UPDATE),
        Field(description="Whether the schedules are in force. Left out, it stays as it is: a stop is not resumed."),
    ] = None
    in_words: Annotated[
        list[str] | None, Rule(filled=True, drifts=False), Field(description="What the schedules say.")
    ] = None
    replaces: Annotated[
        list[str] | None,
        Rule(filled=True, drifts=False),
        Field(description="The schedules that go, and who had set them last."),
    ] = None


class SchedulesOutputs(Record):
    """What Boomi tells of schedules."""

    schedule_id: str = Field(description="Boomi's id of the schedules.")
    written: bool | None = Field(
        default=None, description="Whether this stack wrote them. If they were there before, a destroy leaves them."
    )


class SchedulesState(Schedules):
    """The schedules, and whether they are in force."""

    enabled: bool | None = None
    written: bool | None = None


@dataclass(frozen=True, kw_only=True)
class SchedulesSeen(Seen):
    """What the account says about a process, a runtime, and the schedules of the one on the other."""

    # First, since whoever has schedules may read them: a refusal is then not taken for one of the login.
    schedules: Answer[Schedules] = read("replaces", Account.schedules, "atomId", "processId")
    runtime: Answer[Runtime] = read("atomId", Account.runtime, absent="names no runtime of this account")
    process: Answer[ComponentMetadata] = read(
        "processId", Account.component, absent="names no component of this account"
    )
    acts: Answer[list[AuditEntry]] = read(
        "replaces", Account.schedule_acts, "atomId", "processId", beside=("schedules",)
    )


class ProcessSchedulesKind(OnRuntime[SchedulesState], FoundByName):
    """Boomi's semantics of schedules: one list for a process on a runtime, which an update replaces.

    Source: ProcessSchedules and ProcessScheduleStatus in the Platform OpenAPI.
    """

    name = "ProcessSchedules"
    target = PROCESS_SCHEDULES
    record = SchedulesOutputs
    inputs = ProcessSchedulesInputs
    seen = SchedulesSeen
    nested = ("daysOfWeek", "daysOfMonth", "maxRetry")
    outputs = ("scheduleId", "written")
    stable_outputs = ("scheduleId",)
    required_outputs = ("processId", "atomId", "schedules", "scheduleId", "written")
    about = (
        "When a process runs on a runtime.\n\n"
        "Owns all schedules of the process there, since Boomi keeps them as one list. A retry and a stop that are not "
        "declared stay as they are. A destroy clears the list if it is as this stack wrote it."
    )
    several_writes = True
    fresh_look = True

    def search(self, inputs: Mapping[str, Any]) -> str:
        """Return the query of the pair."""
        return f"a ProcessSchedules query on atomId = {inputs.get('atomId')} and processId = {inputs.get('processId')}"

    # -- preview ---------------------------------------------------------------------------------

    def validate(self, inputs: Mapping[str, Any], seen: SchedulesSeen) -> Iterable[Failure]:
        """Refuse what is no process, and a runtime where it is not deployed and this run does not deploy it."""
        process = found(seen.process)
        if process is not None and process.type not in (None, "process"):
            yield Failure("processId", f"names {process.name}, of type {process.type}; only a process has schedules")
        if isinstance(seen.schedules, Absent) and not _deploys(seen, inputs):
            yield Failure(
                "atomId",
                f"names {_name(inputs)}, on which this process is not deployed; deploy it to "
                "an environment of that runtime first, with depends_on",
            )

    def fill(self, inputs: Bag, seen: SchedulesSeen) -> Bag:
        """Add the schedules in words, and those that they replace."""
        clock, wanted = _name(inputs), inputs.get("schedules")
        if isinstance(wanted, list) and wanted and not has_unknown(wanted):
            inputs = inputs | {"inWords": [in_words(each, clock) for each in wanted]}
        if all(seen.before.get(name) == inputs.get(name) for name in ("schedules", "processId", "atomId")):
            return inputs | ({"replaces": seen.before["replaces"]} if "replaces" in seen.before else {})
        there = found(seen.schedules)
        stay = wanted if isinstance(wanted, list) and not has_unknown(wanted) else []
        rows = schedules_of(there.schedule) if there is not None else []
        who = by(_last_update(seen, inputs))
        lines = [str(Replaced(in_words(each, clock), who)) for each in gone(rows, stay)]
        return inputs | ({"replaces": lines} if lines else {})

    def notice(self, inputs: Mapping[str, Any], seen: SchedulesSeen) -> str | None:
        """Tell that somebody has changed the list."""
        there = found(seen.schedules)
        if there is None or not seen.before or same(schedules_of(there.schedule), inputs.get("schedules") or []):
            return None
        told = _set(_last_update(seen, inputs))
        return f"somebody changed the schedules{told}; `pulumi up --refresh` sets them again"

    # -- the object ------------------------------------------------------------------------------

    def look(self, subject: Subject) -> SchedulesState | None:
        """Return the schedules of the pair; None where the process is not deployed on the runtime."""
        client, inputs = subject.client, subject.inputs
        atom, _, process = (subject.id or f"{inputs.get('atomId')}/{inputs.get('processId')}").partition("/")
        there = schedules_seen(client).of(atom, process, FRESH if subject.max_age is None else subject.max_age)
        if there is None:
            if subject.id is None:
                raise NotFound(
                    f"{self.name} {self.title(inputs)}: the process is not deployed on that runtime. Deploy it first "
                    "(depends_on); nothing was changed."
                )
            return None
        before, enabled = subject.before or {}, None
        ours = before.get("written") is True or schedules_seen(client).has_written(atom, process)
        listed = same(schedules_of(there.schedule), before.get("schedules") or [])
        if subject.id is not None and subject.max_age is None and not listed:
            ours = False  # somebody's list, which a refresh puts into the state
        if "enabled" in inputs:
            name = PROCESS_SCHEDULE_STATUS.name
            enabled = client.together(name, lambda keys: _status(client, keys), f"{atom}/{process}")
        record = SchedulesState(
            **{**there.__dict__, "atom_id": atom, "process_id": process}, enabled=enabled, written=ours
        )
        if subject.id is not None and subject.max_age is None and inputs:
            self._tell(client, record, inputs)
        return record

    def _tell(self, client: Client, record: SchedulesState, bag: Mapping[str, Any]) -> None:
        """Tell in a refresh who has changed what is declared; only then is the audit log read."""
        changed = not _listed(record, bag)
        what = "retry" if same(schedules_of(record.schedule), bag.get("schedules") or []) else "schedules"
        switched = record.enabled is not None and record.enabled != bag.get("enabled", record.enabled)
        if not changed and not switched:
            return
        name, atom = f"{AUDIT_LOG.name} of schedules", str(record.atom_id)
        acts = client.together(name, lambda runtimes: schedule_acts(client, runtimes), atom)
        if changed:
            told = _set(newest(acts, "UPDATE", process=record.process_id))
            again = {"retry": "sets it again", "schedules": "sets them again"}[what]
            say(f"{self.name} {self.title(bag)}: somebody changed the {what}{told}; `pulumi up` {again}")
        if switched:
            did, action, again = ("resumed", "RESUME", "stops") if record.enabled else ("stopped", "STOP", "resumes")
            told = by(newest(acts, action, process=record.process_id))
            line = " ".join(filter(None, [did, told]))
            say(f"{self.name} {self.title(bag)}: {line}; `pulumi up` {again} them")

    def compare(self, record: SchedulesState, subject: Subject) -> Comparison:
        """Compare what is declared, and nothing else."""
        given = subject.given
        return UpToDate() if _listed(record, given) and given.get("enabled") in (None, record.enabled) else NeedsWrite()

    def write(self, subject: Subject, found: SchedulesState | None, notes: str | None) -> Outcome[SchedulesState]:
        """Replace the list, or stop or resume: one request each."""
        client, given = subject.client, subject.given
        if found is None:
            raise NotFound(f"{self.name} {self.title(subject.inputs)}: the process is not deployed on that runtime.")
        about = {"id": found.id, "atomId": found.atom_id, "processId": found.process_id}
        title = self.title(subject.inputs)
        if _listed(found, given):
            enabled = given["enabled"]
            what = f"{'Resuming' if enabled else 'Stopping'} the schedules of {title}"
            done = client.update(PROCESS_SCHEDULE_STATUS, found.id, {**about, "enabled": enabled}, what, about)
            return Done(replace(found, enabled=enabled)) if isinstance(done, Done) else done
        # Whether one that is left out is kept or cleared, Boomi does not say.
        retry = given.get("retry") or _retry(found.retry)
        body = {**about, "Schedule": given.get("schedules", []), **({"Retry": _sent(retry)} if retry else {})}
        done_ = client.update(PROCESS_SCHEDULES, found.id, body, f"Setting the schedules of {title}", about)
        schedules_seen(client).wrote(str(found.atom_id), str(found.process_id))
        if not isinstance(done_, Done):
            return done_
        answer = done_.answer
        known = {**answer.__dict__, "id": found.id, "atom_id": found.atom_id, "process_id": found.process_id}
        return Done(SchedulesState(**known, enabled=found.enabled, written=True))

    def live(self, record: SchedulesState, inputs: Mapping[str, Any]) -> Bag:
        """Return the schedules, and what else is declared."""
        retry, wanted = dict(_retry(record.retry) or _NONE), inputs.get("retry") or _NONE
        there, listed = schedules_of(record.schedule), inputs.get("schedules") or []
        alike = _same_retry(retry, wanted)
        if record.written is True and not alike:
            # Somebody's retry beside our list: the list goes with a destroy, and the retry stays.
            retry |= {"written": False}
        return {
            "processId": record.process_id,
            "atomId": record.atom_id,
            "scheduleId": record.id,
            "written": record.written,
            "schedules": listed if same(there, listed) else there,
            **({"retry": wanted if alike else retry} if "retry" in inputs else {}),
            **({"enabled": record.enabled} if "enabled" in inputs else {}),
        }

    def import_id(self, client: Client, words: str) -> str | None:
        """Return the id of what is named `runtime/process`, each by id or name."""
        return pair_named(client, words)

    # -- identity and removal --------------------------------------------------------------------

    def proves_absence(self, subject: Subject) -> bool:
        """Tell that a list may be replaced twice."""
        return True

    def owns(self, record: SchedulesState, bag: Mapping[str, Any]) -> bool:
        """Tell whether the list is the one that this stack wrote."""
        there = schedules_of(record.schedule)
        return bool(there and same(there, bag.get("schedules") or [])) or _clears_retry(record, bag)

    def kept_on_destroy(self, bag: Mapping[str, Any]) -> str | None:
        """Tell that what was there before this stack stays."""
        return None if bag.get("written") is True else "this stack did not write them, and they stay."

    def delete(self, subject: Subject, record: SchedulesState | None) -> Outcome[None]:
        """Clear the list and the declared retry, each unless somebody has changed it."""
        client, bag = subject.client, subject.inputs
        if record is None:
            return Done(None)
        there, clears, kept = schedules_of(record.schedule), _clears_retry(record, bag), _retry(record.retry)
        if there and not same(there, bag.get("schedules") or []):
            say(f"{self.name} {self.title(bag)}: somebody has changed the schedules; they stay.")
            return Done(None)
        if kept is not None and "retry" in bag and not clears:
            say(f"{self.name} {self.title(bag)}: somebody has changed the retry; it stays.")
        if not there and not clears:
            return Done(None)
        about = {"id": record.id, "atomId": record.atom_id, "processId": record.process_id}
        retry = _NONE if clears else kept
        body: Bag = {**about, "Schedule": [], **({"Retry": _sent(retry)} if retry else {})}
        done = client.update(PROCESS_SCHEDULES, record.id, body, f"Clearing the schedules of {self.title(bag)}", about)
        schedules_seen(client).wrote(str(record.atom_id), str(record.process_id))
        return Done(None) if isinstance(done, Done) else done

    def why_kept(self, subject: Subject, record: SchedulesState, error: RequestError) -> str | None:
        """Return that what Boomi does not let go is not in force: a version that listens took the process's place."""
        key = f"{record.atom_id}/{record.process_id}"
        return "the schedules are stopped" if _status(subject.client, [key])[key] is False else None


def _name(inputs: Mapping[str, Any]) -> str:
    name = inputs.get("runtimeName")
    return name if isinstance(name, str) else "the runtime"


def _last_update(seen: SchedulesSeen, inputs: Mapping[str, Any]) -> AuditEntry | None:
    acts = found(seen.acts)
    return None if acts is None else newest(acts, "UPDATE", process=str(inputs.get("processId")))


def _set(entry: AuditEntry | None) -> str:
    """Return who has set a list, for the end of a line."""
    told = by(entry)
    return f" (last set {told})" if told else ""


def _status(client: Client, keys: Sequence[str]) -> dict[str, bool | None]:
    rows = by_key(PROCESS_SCHEDULE_STATUS, client.query(PROCESS_SCHEDULE_STATUS, pairs(keys)), keys, *PAIR)
    return {key: of[-1].enabled if of else None for key, of in rows.items()}


def _deploys(seen: SchedulesSeen, inputs: Mapping[str, Any]) -> bool:
    """Tell whether this run deploys the process somewhere, or may."""
    return seen.run.may_change("DeployedPackage", lambda key: key.endswith(f"/{inputs.get('processId')}"))


def _listed(record: Schedules, given: Mapping[str, Any]) -> bool:
    """Tell whether the list, and the retry where it is declared, are as declared."""
    if not same(schedules_of(record.schedule), given.get("schedules") or []):
        return False
    return "retry" not in given or _same_retry(_retry(record.retry) or _NONE, given["retry"] or _NONE)


def _clears_retry(record: Schedules, bag: Mapping[str, Any]) -> bool:
    """Tell whether there is a retry, as a bag declares it, and not one that a refresh put there."""
    retry, declared = _retry(record.retry), bag.get("retry") or _NONE
    return retry is not None and declared.get("written") is not False and _same_retry(retry, declared)


def _same_retry(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    """Tell whether two retries do the same; without schedules, none does anything."""
    if not one["schedules"] or not two["schedules"]:
        return bool(one["schedules"] == two["schedules"])
    return bool(one["maxRetry"] == two["maxRetry"]) and same(one["schedules"], two["schedules"])


def _retry(value: Any) -> Bag | None:
    """Return a retry in an answer; None where there is none."""
    if not isinstance(value, Mapping):
        return None
    there = schedules_of(rows_of(value.get("Schedule")) if value.get("Schedule") is not None else [])
    return {"maxRetry": whole(value.get("maxRetry")) or _MOST_RETRIES, "schedules": there} if there else None


def _sent(retry: Mapping[str, Any]) -> Bag:
    return {"maxRetry": retry["maxRetry"], "Schedule": [dict(each) for each in retry["schedules"]]}
