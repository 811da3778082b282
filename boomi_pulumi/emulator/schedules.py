"""The rules of schedules: when each runtime runs the processes that are deployed to it."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any, Final

from boomi_pulumi.emulator import audit
from boomi_pulumi.emulator.attachments import Attachments
from boomi_pulumi.emulator.objects import KINDS
from boomi_pulumi.emulator.rules import CONSOLE_USER, UNREADABLE, Call, Refusal, Row, invalid, read_value
from boomi_pulumi.emulator.seed import schedule_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from boomi_pulumi.emulator.state import Change

KIND: Final = "ProcessSchedules"
"""The kind under which schedules are kept, with their status, by the computed id without padding."""
SCHEDULES: Final = (KIND, "ProcessScheduleStatus")

_UPDATED: Final = ("as.schedules", "UPDATE", "Schedule updated")
_STOPPED: Final = ("as.schedules", "STOP", "Schedule stopped")
_RESUMED: Final = ("as.schedules", "RESUME", "Schedule resumed")
_PREFIX: Final = "CPS"
_BOUNDS: Final = {
    "minutes": (0, 59),
    "hours": (0, 23),
    "daysOfWeek": (1, 7),
    "daysOfMonth": (1, 31),
    "months": (1, 12),
    "years": (1900, 9999),
}
_PART: Final = re.compile(r"(?:\*|(?P<low>\d{1,4})(?:-(?P<high>\d{1,4}))?)(?:/(?P<step>\d{1,4}))?")
_MOST_RETRIES: Final = 5


class Schedules(Attachments):
    """Schedules of every deployed process on every runtime of its environment: they are there, empty, until set."""

    # What there is.

    def _scheduled_in(self, account: str, atom: str, process: str) -> str | None:
        """The environment in which a runtime has a process, if it has it."""
        for attached in self._table(account, "EnvironmentAtomAttachment").by(atomId=atom):
            there = {"environmentId": attached["environmentId"], "componentId": process, "active": True}
            for row in self._table(account, "DeployedPackage").by(**there):
                if row["componentType"] == "process":
                    return str(attached["environmentId"])
        return None

    def _schedule_place(self, account: str, identifier: str) -> tuple[str, str, str]:
        """The runtime, the process and the environment of an id."""
        try:
            padded = identifier + "=" * (-len(identifier) % 4)
            text = base64.b64decode(padded, validate=True).decode()
        except (binascii.Error, ValueError):
            text = ""
        if self._settings["scheduleIds"] == "opaque":
            text = text[::-1]
        atom, _, process = text.removeprefix(_PREFIX).partition(":")
        environment = self._scheduled_in(account, atom, process) if text.startswith(_PREFIX) else None
        if environment is None:
            raise Refusal(400, invalid(KIND, identifier))
        return atom, process, environment

    def _shown_schedule_id(self, atom: str, process: str) -> str:
        key = schedule_id(atom, process)
        if self._settings["scheduleIds"] == "opaque":
            key = base64.b64encode(f"{_PREFIX}{atom}:{process}"[::-1].encode()).decode().rstrip("=")
        return key + "=" * (-len(key) % 4) if self._settings["schedulePadding"] == "padded" else key

    def _schedules_view(self, account: str, identifier: str) -> Row:
        return self._schedules_of(account, *self._schedule_place(account, identifier))

    def _schedules_of(self, account: str, atom: str, process: str, environment: str) -> Row:
        """The schedules and their status, as both objects show them."""
        shown = self._shown_schedule_id(atom, process)
        row, reads = self._late.get(shown, ({}, 0))
        if reads:
            self._late[shown] = row, reads - 1
        else:
            row = self._table(account, KIND).get(schedule_id(atom, process)) or {}
        view: Row = {
            "id": shown,
            "atomId": atom,
            "processId": process,
            "environmentId": environment,
            "enabled": row.get("enabled", True),
            "Schedule": self._written_times(row.get("Schedule", [])),
        }
        if "Retry" in row:
            retry = {**row["Retry"], "Schedule": self._written_times(row["Retry"]["Schedule"])}
            view["Retry"] = {"@type": "ScheduleRetry", **retry}
        return view

    def _written_times(self, schedules: list[Row]) -> list[Row]:
        if self._settings["scheduleForm"] == "expanded":
            schedules = [{name: _expanded(name, each.get(name, "*")) for name in _BOUNDS} for each in schedules]
        return [{"@type": "Schedule", **each} for each in schedules]

    def _searched_schedules(self, account: str, keys: Mapping[str, frozenset[Any]]) -> Iterator[tuple[Row, Row]]:
        for atom, process, environment in self._schedule_places(account, keys):
            view = self._schedules_of(account, atom, process, environment)
            yield view, view

    def _schedule_places(self, account: str, keys: Mapping[str, frozenset[Any]]) -> Iterator[tuple[str, str, str]]:
        """The runtime, process and environment of all schedules that may fit."""
        deployments = self._table(account, "DeployedPackage")
        attachments = self._table(account, "EnvironmentAtomAttachment")
        seen: set[tuple[str, str]] = set()
        processes = keys.get("processId")
        if "atomId" not in keys and processes is not None:
            rows = [row for process in processes for row in deployments.by(componentId=process, active=True)]
            attached = [each for row in rows for each in attachments.by(environmentId=row["environmentId"])]
        else:
            attached = list(attachments.among({name: keys[name] for name in ("atomId",) if name in keys}))
        for each in attached:
            place = {"environmentId": each["environmentId"]}
            if processes is None:
                there = list(deployments.by(**place, active=True))
            else:
                there = [
                    row for process in processes for row in deployments.by(**place, componentId=process, active=True)
                ]
            for row in there:
                pair = str(each["atomId"]), str(row["componentId"])
                if row["componentType"] == "process" and pair not in seen:
                    seen.add(pair)
                    yield *pair, str(each["environmentId"])

    def _enter_row(self, call: Call, identifier: str) -> None:
        if call.kind.name in SCHEDULES:
            self._enter(call, self._schedule_place(call.account, identifier)[2], identifier)
        else:
            super()._enter_row(call, identifier)

    def _active(self, account: str, environment: str, process: str) -> Row:
        """The deployment of a process that is active in an environment where it is deployed."""
        there = {"environmentId": environment, "componentId": process, "active": True}
        return next(self._table(account, "DeployedPackage").by(**there))

    def _deployed_revision(self, account: str, deployment: Row) -> Row:
        revision = f"{deployment.get('componentId')}~{deployment.get('componentVersion')}"
        return self._table(account, "ComponentMetadata").get(revision) or {}

    # Setting.

    def _update_schedules(self, call: Call) -> Row:
        body, (atom, process, environment) = self._addressed(call)
        refuses = self._settings["scheduleOfListener"] != "accept"
        deployment = self._active(call.account, environment, process)
        if refuses and self._deployed_revision(call.account, deployment).get("listener"):
            raise Refusal(400, f"Process {process} is a listener, which cannot be scheduled.")
        return self._save_schedules(call, atom, process, body)

    def _addressed(self, call: Call) -> tuple[Row, tuple[str, str, str]]:
        """Read a body that must say once more whose schedules they are."""
        body = self._body(call)
        place = self._schedule_place(call.account, call.id)
        said = {"id": call.id.rstrip("="), "atomId": place[0], "processId": place[1]}
        for name, value in said.items():
            given = body.get(name)
            if not given:
                raise Refusal(400, f"The {name} is missing. Provide a valid {name} to complete this action.")
            if (given.rstrip("=") if name == "id" else given) != value:
                raise Refusal(400, f"The {name} {given} in the body is not that of the address.")
        return body, place

    def _save_schedules(self, call: Call, atom: str, process: str, body: Row, date: str | None = None) -> Row:
        account = call.account
        key = schedule_id(atom, process)
        old = self._table(account, KIND).get(key) or {}
        row: Row = {
            "id": key,
            "atomId": atom,
            "processId": process,
            "enabled": old.get("enabled", True),
            "Schedule": self._read_times(body.get("Schedule")),
        }
        retry = self._read_retry(body.get("Retry"))
        if retry is None and self._settings["retryOmitted"] == "kept":
            retry = old.get("Retry")
        if retry:
            row["Retry"] = retry
        self._earlier[self._shown_schedule_id(atom, process)] = old
        entry = self._operated(call, _UPDATED, atom, process, modifier="NONE", date=date)
        self._commit(account, [(KIND, key, row), ("AuditLog", entry["documentId"], entry)])
        return self._schedules_of(account, atom, process, self._scheduled_in(account, atom, process) or "")

    def _operated(
        self,
        call: Call,
        act: tuple[str, str, str],
        atom: str,
        process: str | None,
        *,
        modifier: str = "MANUAL",
        date: str | None = None,
    ) -> Row:
        """Make the entry of the audit log of an act on what a runtime runs: its type, its action, and in words."""
        return audit.entry(
            call.account,
            *act,
            by=call.user["name"],
            date=date or self.now(),
            source="API" if call.url else "UI",
            modifier=modifier,
            container=atom,
            told={"ATOM_ID": atom, **({"PROCESS_ID": process} if process else {})},
        )

    def _read_retry(self, sent: Any) -> Row | None:
        """Check a retry schedule; None where none was sent, and nothing in it where it is empty."""
        if sent is None:
            return None
        if not isinstance(sent, dict) or set(sent) - {"@type", "maxRetry", "Schedule"}:
            raise Refusal(400, UNREADABLE)
        schedules = self._read_times(sent.get("Schedule"))
        if sent.get("maxRetry") is None:
            return {"Schedule": schedules} if schedules else {}
        most = read_value("maxRetry", sent["maxRetry"], "int")
        lowest = 0 if self._settings["maxRetryZero"] == "accept" else 1
        if not lowest <= most <= _MOST_RETRIES:
            raise Refusal(400, f"maxRetry {most} is not valid; it must be {lowest} to {_MOST_RETRIES}.")
        return {"maxRetry": most, "Schedule": schedules}

    def _read_times(self, sent: Any) -> list[Row]:
        items = sent if isinstance(sent, list) else [sent] if sent is not None else []
        return [self._read_time(item) for item in items if item is not None]

    def _read_time(self, sent: Any) -> Row:
        if not isinstance(sent, dict):
            raise Refusal(400, UNREADABLE)
        result: Row = {}
        for name, value in sent.items():
            if name in _BOUNDS:
                result[name] = read_value(name, value, "text")
                _check_field(name, result[name], star=self._settings["scheduleSteps"] == "star")
            elif name != "@type" and self._settings["unknownFields"] == "refuse":
                raise Refusal(400, f"Unknown field '{name}' in Schedule.")
        return result

    def _update_schedule_status(self, call: Call) -> Row:
        body, (atom, process, environment) = self._addressed(call)
        if "enabled" not in body:
            raise Refusal(400, "enabled is missing. Provide true or false to complete this action.")
        self._switch_schedules(call, atom, [process], "SINGLE", enabled=body["enabled"])
        return self._schedules_of(call.account, atom, process, environment)

    def _switch_schedules(
        self,
        call: Call,
        atom: str,
        processes: Iterable[str],
        modifier: str,
        *,
        enabled: bool,
        date: str | None = None,
    ) -> None:
        """Stop or resume schedules; the audit log tells what changed something."""
        account = call.account
        changes: list[Change] = []
        named = ""
        for process in processes:
            key = schedule_id(atom, process)
            fresh: Row = {"id": key, "atomId": atom, "processId": process, "enabled": True, "Schedule": []}
            old = self._table(account, KIND).get(key)
            row = old or fresh
            self._earlier[self._shown_schedule_id(atom, process)] = old or {}
            if row["enabled"] != enabled:
                changes.append((KIND, key, {**row, "enabled": enabled}))
                named = process
        if changes:
            told = named if modifier == "SINGLE" else None
            act = _RESUMED if enabled else _STOPPED
            entry = self._operated(call, act, atom, told, modifier=modifier, date=date)
            self._commit(account, [*changes, ("AuditLog", entry["documentId"], entry)])

    # What becomes of schedules when something else changes.

    def _create_deployment(self, call: Call) -> Row:
        row = super()._create_deployment(call)
        if self._deployed_revision(call.account, row).get("listener"):
            # A listener has no schedule, so the one of the version before stops; nobody is told.
            for kept in self._table(call.account, KIND).by(processId=row["componentId"]):
                if self._scheduled_in(call.account, kept["atomId"], kept["processId"]) == row["environmentId"]:
                    self._commit(call.account, [(KIND, kept["id"], {**kept, "enabled": False})])
        return row

    def _delete_deployment(self, call: Call) -> None:
        process = (self._table(call.account, "DeployedPackage").get(call.id) or {}).get("componentId")
        super()._delete_deployment(call)
        self._lose_schedules(call.account, processId=process)

    def _delete_environment(self, call: Call) -> None:
        attached = list(self._table(call.account, "EnvironmentAtomAttachment").by(environmentId=call.id))
        super()._delete_environment(call)
        for each in attached:
            self._lose_schedules(call.account, atomId=each["atomId"])

    def _create_attachment(self, call: Call) -> Row:
        row = super()._create_attachment(call)
        self._lose_schedules(call.account, atomId=row["atomId"])
        return row

    def _delete_attachment(self, call: Call) -> None:
        atom = self._require(call.account, "EnvironmentAtomAttachment", call.id)["atomId"]
        super()._delete_attachment(call)
        self._lose_schedules(call.account, atomId=atom)

    def _lose_schedules(self, account: str, **where: str | None) -> None:
        """Forget the schedules of what a runtime has no more, if the switch says so."""
        if self._settings["scheduleAfterUndeploy"] == "kept":
            return
        rows = self._table(account, KIND).by(**where)
        gone = [row for row in rows if self._scheduled_in(account, row["atomId"], row["processId"]) is None]
        if gone:
            self._commit(account, [(KIND, row["id"], None) for row in gone])

    # What tests ask for.

    def save_schedules(  # the console's form, and who sends it
        self,
        process_id: str,
        runtime_id: str,
        schedules: Iterable[Mapping[str, Any]] = (),
        *,
        retry: Mapping[str, Any] | None = None,
        by: str = CONSOLE_USER,
        date: str | None = None,
        account: str | None = None,
    ) -> Row:
        """Replace all schedules of a process on a runtime, as a person does in the console.

        Args:
            process_id: The process.
            runtime_id: The runtime.
            schedules: The new list, each with some of `minutes`, `hours`, `daysOfWeek`, `daysOfMonth`, `months` and
                `years`; none clears it.
            retry: `maxRetry` and `Schedule` of the retries; as the switch `retryOmitted` says if left out.
            by: The person.
            date: When, as the audit log will tell; now if left out.
            account: The account's id; the primary one if left out.

        Returns:
            What a read shows.

        Raises:
            Refusal: The process is not deployed on the runtime, or a field means nothing.
        """
        with self._lock:
            account = self._known(account)
            call = self._operator(account, by)
            self._deployed_on(account, process_id, runtime_id)
            body: Row = {"Schedule": [dict(each) for each in schedules], "Retry": dict(retry) if retry else None}
            return self._save_schedules(call, runtime_id, process_id, body, date)

    def stop_schedules(
        self,
        runtime_id: str,
        process_id: str | None = None,
        *,
        by: str = CONSOLE_USER,
        date: str | None = None,
        account: str | None = None,
    ) -> None:
        """Stop the schedules of a process on a runtime, as a person does; of all its processes if none is named.

        Args:
            runtime_id: The runtime.
            process_id: The process.
            by: The person.
            date: When, as the audit log will tell; now if left out.
            account: The account's id; the primary one if left out.
        """
        self._switch_as_person(runtime_id, process_id, by, date, account, enabled=False)

    def resume_schedules(
        self,
        runtime_id: str,
        process_id: str | None = None,
        *,
        by: str = CONSOLE_USER,
        date: str | None = None,
        account: str | None = None,
    ) -> None:
        """Resume what `stop_schedules` stopped, as a person does.

        Args:
            runtime_id: The runtime.
            process_id: The process.
            by: The person.
            date: When, as the audit log will tell; now if left out.
            account: The account's id; the primary one if left out.
        """
        self._switch_as_person(runtime_id, process_id, by, date, account, enabled=True)

    def _switch_as_person(
        self, atom: str, process: str | None, by: str, date: str | None, account: str | None, *, enabled: bool
    ) -> None:
        with self._lock:
            known = self._known(account)
            self._require(known, "Atom", atom)
            if process is not None:
                self._deployed_on(known, process, atom)
                there = [process]
            else:
                there = [each for _, each, _ in self._schedule_places(known, {"atomId": frozenset({atom})})]
            modifier = "ALL" if process is None else "SINGLE"
            self._switch_schedules(self._operator(known, by), atom, there, modifier, enabled=enabled, date=date)

    def _operator(self, account: str, by: str) -> Call:
        """An act of a person in the console."""
        return Call({"name": by, "privileges": []}, account, KINDS[KIND], "update")

    def _deployed_on(self, account: str, process: str, atom: str) -> str:
        environment = self._scheduled_in(account, atom, process)
        if environment is None:
            raise Refusal(400, f"Process {process} is not deployed on runtime {atom}.")
        return environment


def _check_field(name: str, text: str, *, star: bool) -> None:
    """Refuse a field of a schedule that Boomi's syntax does not have."""
    lowest, highest = _BOUNDS[name]
    for part in text.split(","):
        found = _PART.fullmatch(part.strip())
        low, high, step = found.group("low", "high", "step") if found else (None, None, None)
        good = found is not None and (step is None or (int(step) > 0 and (high is not None or (star and low is None))))
        good = good and (low is None or lowest <= int(low) <= int(high or low) <= highest)
        if not good:
            raise Refusal(400, f"'{text}' is not valid for {name} of a schedule.")


def _expanded(name: str, text: str) -> str:
    """Write a field as the numbers that it stands for."""
    numbers: set[int] = set()
    for part in text.split(","):
        found = _PART.fullmatch(part.strip())
        low, high, step = found.group("low", "high", "step") if found else (None, None, None)
        if low is None and step is None:
            return "*"
        first, last = (int(low), int(high or low)) if low else _BOUNDS[name]
        numbers.update(range(first, last + 1, int(step or 1)))
    return ",".join(map(str, sorted(numbers)))
