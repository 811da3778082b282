"""The rules of runs: who asks for one, what its record shows while it goes on, and when that is forgotten."""

from __future__ import annotations

import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from boomi_pulumi.emulator.rules import CONSOLE_USER, UNREADABLE, Call, Outcome, Refusal, Row, invalid, read_value
from boomi_pulumi.emulator.schedules import Schedules
from boomi_pulumi.emulator.state import iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from boomi_pulumi.emulator.seed import Document
    from boomi_pulumi.emulator.state import Change

RECORD: Final = "ExecutionRecord"
REQUEST: Final = "ExecutionRequest"
SCRIPT: Final = "RunScript"
"""The kind under which is kept how the next runs of a process go."""

GOING_ON: Final = "GoingOn"
"""The kind under which is kept which runs of a process on a runtime had not ended when the last one began."""

_RAN: Final = ("as.process.manual_execution", "EXECUTE", "Process was manually executed")
_OPEN: Final = frozenset({"ENQUEUED", "STARTED", "INPROCESS"})
_LINE: Final = frozenset({"status", "errors", "documents", "message", "seconds", "packageId"})
_DAY: Final = 86_400


class Executions(Schedules):
    """Runs of processes. Nothing runs: a script says how each one ends."""

    def __init__(self, seed: Document, data: str | Path | None = None, settings: dict[str, Any] | None = None) -> None:
        self._polled: dict[str, int] = {}
        super().__init__(seed, data, settings)

    def reset(self) -> None:
        """Go back to the seed, or to what was kept."""
        with self._lock:
            super().reset()
            self._polled.clear()

    # Records.

    def _record_view(self, row: Row) -> Row:
        """What a record shows at this moment."""
        status = self._status_now(row)
        begun = row["starts"] if row["starts"] is not None and row["starts"] <= self.time() else row["asked"]
        view: Row = {**row, "status": status, "executionTime": iso(begun)}
        if status in _OPEN:
            return {name: value for name, value in view.items() if name != "message"}
        return {
            **view,
            "inboundDocumentCount": row["documents"],
            "inboundErrorDocumentCount": row["errors"],
            "outboundDocumentCount": max(row["documents"] - row["errors"], 0),
            "inboundDocumentSize": 0,
            "outboundDocumentSize": 0,
            "executionDuration": int((row["ends"] - row["starts"]) * 1000),
            "recordedDate": iso(row["ends"]),
        }

    def _status_now(self, row: Row) -> str:
        now, ends = self.time(), row["ends"]
        if row["starts"] is None or now < row["starts"]:
            return "ENQUEUED"
        if ends is None:
            return row["outcome"] if row["outcome"] in _OPEN else "INPROCESS"
        return "INPROCESS" if now < ends else str(row["outcome"])

    def _searched_records(self, account: str, keys: Mapping[str, frozenset[Any]]) -> Iterator[tuple[Row, Row]]:
        kept: dict[str, float] = {}
        for row in self._table(account, RECORD).among(keys):
            atom = row["atomId"]
            if atom not in kept:
                days = (self._table(account, "Atom").get(atom) or {}).get("purgeHistoryDays", 0)
                kept[atom] = self.time() - days * _DAY
            if row["asked"] >= kept[atom]:
                view = self._record_view(row)
                yield view, view

    def _poll_record(self, call: Call) -> Outcome:
        request = self._require(call.account, REQUEST, call.id)
        self._enter(call, request["environmentId"], call.id)
        self._polled[call.id] = self._polled.get(call.id, 0) + 1
        row = self._table(call.account, RECORD).get(request["executionId"])
        polls = self._settings["runPolls"]
        known = row is not None and 0 <= polls < self._polled[call.id]
        view = self._record_view(row) if row is not None else {}
        if view.get("status") in _OPEN and self._settings["record202Until"] == "ended":
            known = False
        if not known:
            return Outcome("async", status=202)
        return Outcome("async", [view]) if self._settings["recordBody"] == "result" else Outcome("object", view)

    # Requests.

    def _create_execution(self, call: Call) -> Row:
        body = self._body(call)
        account = call.account
        for name in ("atomId", "processId"):
            if not body.get(name):
                raise Refusal(400, f"The {name} is missing. Provide a valid {name} to complete this action.")
        atom, process = body["atomId"], body["processId"]
        runtime = self._require(account, "Atom", atom)
        if self._current(account, process) is None:
            raise Refusal(400, invalid("Process", process))
        environment = self._deployed_on(account, process, atom)
        self._enter(call, environment)
        revision = self._deployed_revision(account, self._running(account, environment, process, self.time()))
        if revision.get("listener"):
            raise Refusal(400, f"Process {process} is a listener, which cannot be run by a request.")
        offline = runtime["status"] == "OFFLINE"
        if offline and self._settings["runOffline"] != "never":
            raise Refusal(400, f"Runtime {runtime['name']} is offline, so it cannot run process {process}.")
        told = {name: _properties(name, body[name]) for name in _LISTS if body.get(name)}
        identifier = f"executionrecord-{uuid.uuid4()}"
        row: Row = {
            "requestId": identifier,
            "recordUrl": call.url.format(f"{RECORD}/async/{identifier}"),
            "atomId": atom,
            "processId": process,
            "environmentId": environment,
            "executionId": "",
            **told,
        }
        changes: list[Change] = []
        if not offline:
            line, changes = self._next_line(account, process, environment)
            record = self._begun(account, atom, process, environment, moment=self.time(), line=line)
            if not revision.get("lowLatency"):
                row["executionId"] = record["executionId"]
                changes += self._kept_run(account, record)
        entry = self._operated(call, _RAN, atom, process)
        self._commit(account, [*changes, (REQUEST, identifier, row), ("AuditLog", entry["documentId"], entry)])
        return row

    def _running(self, account: str, environment: str, process: str, moment: float) -> Row:
        """The deployment that a run at a moment is of: a young one is not everywhere, so that the last one runs."""
        last = iso(moment - self._settings["deployPropagation"])
        there = list(self._table(account, "DeployedPackage").by(environmentId=environment, componentId=process))
        return next((row for row in reversed(there) if row["deployedDate"] <= last), there[0] if there else {})

    def _next_line(self, account: str, process: str, environment: str) -> tuple[Row, list[Change]]:
        """How the next run goes, and what that leaves of the script: its last line stays."""
        lines = (self._table(account, SCRIPT).get(process) or {}).get("runs", [])
        package = self._running(account, environment, process, self.time()).get("packageId")
        fits = [place for place, line in enumerate(lines) if line.get("packageId") in (None, package)]
        if not fits:
            return {}, []
        left = [line for place, line in enumerate(lines) if place != fits[0] or len(fits) == 1]
        return lines[fits[0]], [(SCRIPT, process, {"processId": process, "runs": left})]

    def _begun(self, account: str, atom: str, process: str, environment: str, *, moment: float, line: Row) -> Row:
        """Make the record of a run that was asked for, beside others that still go on."""
        row = self._record(account, atom, process, environment, moment=moment, line=line)
        busy = self._going_on(account, atom, process)
        match self._settings["overlap"]:
            case "queue" if busy:
                free = [other["ends"] for other in busy]
                start = None if None in free else max(free)
                over = row["ends"] is None or start is None
                row |= {"starts": start, "ends": None if over else start + row["ends"] - moment}
            case "discard" if busy:
                row |= {"ends": moment, "outcome": "DISCARDED", "documents": 0, "errors": 0}
        return row

    def _going_on(self, account: str, atom: str, process: str) -> list[Row]:
        """The runs of a process on a runtime that have not ended."""
        known = (self._table(account, GOING_ON).get(f"{atom}/{process}") or {}).get("runs", [])
        records = [self._table(account, RECORD)[identifier] for identifier in known]
        return [row for row in records if self._status_now(row) in _OPEN]

    def _kept_run(self, account: str, row: Row) -> list[Change]:
        """What is kept of a run that leaves a record."""
        atom, process = row["atomId"], row["processId"]
        runs = [other["executionId"] for other in self._going_on(account, atom, process)]
        if self._status_now(row) in _OPEN:
            runs.append(row["executionId"])
        return [(RECORD, row["executionId"], row), (GOING_ON, f"{atom}/{process}", {"runs": runs})]

    def _record(self, account: str, atom: str, process: str, environment: str, *, moment: float, line: Row) -> Row:
        runtime = self._require(account, "Atom", atom)
        deployment = self._running(account, environment, process, moment)
        name = (self._deployed_revision(account, deployment) or self._current(account, process) or {}).get("name")
        outcome = str(line.get("status", "COMPLETE"))
        identifier = f"execution-{uuid.uuid4()}-{iso(moment)[:10].replace('-', '.')}"
        seconds = line.get("seconds", self._settings["runSeconds"])
        row: Row = {
            "executionId": identifier,
            "account": account,
            "atomId": atom,
            "atomName": runtime["name"],
            "processId": process,
            "processName": name,
            "environmentId": environment,
            "packageId": deployment.get("packageId"),
            "executionType": line.get("type", "exec_manual"),
            "asked": moment,
            "starts": moment,
            "ends": None if outcome in _OPEN else moment + seconds,
            "outcome": outcome,
            "documents": int(line.get("documents", 1)),
            "errors": int(line.get("errors", 0)),
        }
        if line.get("message"):
            row["message"] = str(line["message"])
        if runtime["type"] != "ATOM":
            row["nodeId"] = f"{runtime['hostName']}[{identifier}]"
        return row

    # What tests ask for.

    def run(  # a run, and how it goes
        self,
        process_id: str,
        runtime_id: str,
        status: str = "COMPLETE",
        *,
        at: str | None = None,
        type: str = "exec_manual",  # Boomi's word
        errors: int = 0,
        documents: int = 1,
        seconds: float = 0,
        message: str = "",
        by: str = CONSOLE_USER,
        account: str | None = None,
    ) -> Row:
        """Leave the record of a run that a person, a schedule or a listener made.

        Args:
            process_id: The process.
            runtime_id: The runtime.
            status: How it ended, in Boomi's words; with ENQUEUED, STARTED and INPROCESS it never ends.
            at: When it began, as Boomi writes a date; now if left out.
            type: What began it, such as `exec_manual` or `exec_sched`.
            errors: How many documents had errors.
            documents: How many documents came in.
            seconds: How long it took; it goes on until then.
            message: The text of an error.
            by: The person.
            account: The account's id; the primary one if left out.

        Returns:
            The record as it shows now; empty where the process leaves none.

        Raises:
            Refusal: There is no such runtime or process.
        """
        with self._lock:
            account = self._known(account)
            current = self._current(account, process_id)
            if current is None:
                raise Refusal(400, invalid("Process", process_id))
            moment = self.time() if at is None else _moment(at)
            environment = self._scheduled_in(account, runtime_id, process_id) or ""
            line = _line({"status": status, "errors": errors, "documents": documents, "seconds": seconds})
            line |= {"type": type, "message": message}
            row = self._record(account, runtime_id, process_id, environment, moment=moment, line=line)
            running = self._running(account, environment, process_id, moment)
            revision = self._deployed_revision(account, running) or current
            silent = revision.get("listener") and self._settings["listenerRecords"] == "none"
            changes: list[Change] = []
            if not revision.get("lowLatency") and not silent:
                changes += self._kept_run(account, row)
            if type == "exec_manual":
                entry = self._operated(self._operator(account, by), _RAN, runtime_id, process_id, date=iso(moment))
                changes.append(("AuditLog", entry["documentId"], entry))
            self._commit(account, changes)
            return self._record_view(row) if changes and changes[0][0] == RECORD else {}

    def script_runs(self, process_id: str, *runs: Mapping[str, Any], account: str | None = None) -> None:
        """Say how the next requested runs of a process go, one after another; the last line stays for all later ones.

        Args:
            process_id: The process.
            *runs: For each run some of `status`, `errors`, `documents`, `message` and `seconds`, as for `run`; with a
                `packageId` a line is for runs of that package only. None of them: as if nothing had been said.
            account: The account's id; the primary one if left out.

        Raises:
            ValueError: A line means nothing.
        """
        with self._lock:
            account = self._known(account)
            row = {"processId": process_id, "runs": [_line(dict(line)) for line in runs]}
            self._commit(account, [(SCRIPT, process_id, row if runs else None)])

    def set_runtime(self, runtime_id: str, status: str, account: str | None = None) -> Row:
        """Let a runtime go offline or come back.

        Args:
            runtime_id: The runtime.
            status: ONLINE, OFFLINE, WARNING or UNKNOWN.
            account: The account's id; the primary one if left out.

        Returns:
            The runtime.

        Raises:
            Refusal: There is no such runtime or status.
        """
        with self._lock:
            account = self._known(account)
            if status not in ("ONLINE", "OFFLINE", "WARNING", "UNKNOWN"):
                raise Refusal(400, f"A runtime cannot be {status}.")
            row = {**self._require(account, "Atom", runtime_id), "status": status}
            self._commit(account, [("Atom", runtime_id, row)])
            return row


_LISTS: Final = {
    "DynamicProcessProperties": ("DynamicProcessProperty", {"name", "value"}),
    "ProcessProperties": ("ProcessProperty", {"componentId", "name", "ProcessPropertyValue"}),
}
_VALUES: Final = ("ProcessPropertyValue", {"key", "value", "label", "encryptedValueSet"})


def _properties(holder: str, sent: Any) -> Row:
    """Check a list of properties, and write it as it is answered; what they name is not checked."""
    inner, allowed = _LISTS[holder]
    result = []
    for item in _items(sent, inner, allowed):
        row = {"@type": "", **item}
        if inner == "ProcessProperty":
            row["ProcessPropertyValue"] = [{"@type": "", **value} for value in _items(item, *_VALUES)]
        result.append(row)
    return {"@type": f"{REQUEST}{holder}", inner: result}


def _items(holder: Any, name: str, allowed: set[str]) -> list[Row]:
    found = holder.get(name) if isinstance(holder, dict) else holder
    listed = found if isinstance(found, list) else [found] if found is not None else []
    if not all(isinstance(each, dict) and not set(each) - {"@type", *allowed} for each in listed):
        raise Refusal(400, UNREADABLE)
    return [
        {
            key: value if key == _VALUES[0] else read_value(key, value, "text")
            for key, value in each.items()
            if key != "@type" and value is not None
        }
        for each in listed
    ]


def _line(line: Row) -> Row:
    unknown = set(line) - _LINE
    if unknown:
        raise ValueError(f"unknown key {min(unknown)!r} of a run; known: {', '.join(sorted(_LINE))}")
    for name in ("errors", "documents", "seconds"):
        value = line.get(name, 0)
        whole = isinstance(value, int) or (name == "seconds" and isinstance(value, float))
        if not whole or isinstance(value, bool) or value < 0:
            raise ValueError(f"{name} of a run must be a number from 0, not {value!r}")
    return line


def _moment(date: str) -> float:
    found = datetime.fromisoformat(date.replace("Z", "+00:00"))
    return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()
