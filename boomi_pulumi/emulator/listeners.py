"""The rules of listeners: what a runtime tells of them when it is asked, and what people do to them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from boomi_pulumi.emulator import query
from boomi_pulumi.emulator.executions import Executions
from boomi_pulumi.emulator.rules import CONSOLE_USER, Call, Outcome, Refusal, Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from boomi_pulumi.emulator.seed import Document
    from boomi_pulumi.emulator.state import Change

KIND: Final = "ListenerStatus"
CHANGE: Final = "changeListenerStatus"
LISTENER: Final = "Listener"
"""The kind under which is kept what was done to a listener, by runtime and process."""

_ACTS: Final = {
    "pause": (("as.atom", "PAUSE", "Listeners paused"), "paused"),
    "resume": (("as.atom", "RESUME", "Listeners resumed"), "listening"),
    "restart": (("as.atom", "START", "Listeners restarted"), ""),
}
_WEB_SERVICES: Final = "wss"
_WRAPPER: Final = "ChangeListenerStatusRequest"


class Listeners(Executions):
    """Listeners of runtimes: processes whose deployed revision listens."""

    def __init__(self, seed: Document, data: str | Path | None = None, settings: dict[str, Any] | None = None) -> None:
        self._questions: dict[str, tuple[str, str, Any, int]] = {}
        super().__init__(seed, data, settings)

    def reset(self) -> None:
        """Go back to the seed, or to what was kept."""
        with self._lock:
            super().reset()
            self._questions.clear()

    # What runtimes tell.

    def _ask_listeners(self, call: Call) -> Outcome:
        wanted = self._filter(call)
        # Whether texts are compared by case does not matter here.
        atoms = query.parse(call.body, call.kind.query).keys.get("containerId", frozenset())
        if len(atoms) != 1:
            raise Refusal(400, "The containerId is missing. Provide a valid containerId to complete this action.")
        atom = next(iter(atoms))
        self._reachable(call, atom)
        token = f"{KIND}-{uuid.uuid4()}"
        self._questions[token] = call.account, atom, wanted, self._settings["listenerPolls"]
        return Outcome("token", {"asyncToken": {"@type": "AsyncToken", "token": token}, "responseStatusCode": 202})

    def _tell_listeners(self, call: Call) -> Outcome:
        account, atom, wanted, left = self._questions.get(call.id, ("", "", None, 0))
        if account != call.account:
            raise Refusal(400, f"Token {call.id} is invalid. Provide a valid token to complete this action.")
        self._reachable(call, atom)
        if left:
            self._questions[call.id] = account, atom, wanted, left - (left > 0)
            return Outcome("async", status=202)
        missing = self._settings["listenerStatusOfWebServices"] == "missing"
        told = [row for row in self._listeners_of(account, atom) if wanted.test(row)]
        return Outcome("async", [row for row in told if not (missing and row["connectorType"] == _WEB_SERVICES)])

    def _listeners_of(self, account: str, atom: str) -> Iterator[Row]:
        for _, process, environment in self._schedule_places(account, {"atomId": frozenset({atom})}):
            deployment = self._active(account, environment, process)
            connector = self._deployed_revision(account, deployment).get("listener")
            if connector:
                yield {
                    "containerId": atom,
                    "listenerId": process,
                    "status": self._listener_now(account, atom, process, deployment),
                    "connectorType": connector,
                }

    def _listener_now(self, account: str, atom: str, process: str, deployment: Row) -> str:
        row = self._table(account, LISTENER).get(f"{atom}/{process}")
        if row is None:
            return "paused" if deployment.get("listenerStatus") == "PAUSED" else "listening"
        return str(row["status"] if self.time() >= row["since"] else row["before"])

    def _reachable(self, call: Call, atom: str) -> None:
        runtime = self._require(call.account, "Atom", atom)
        for attached in self._table(call.account, "EnvironmentAtomAttachment").by(atomId=atom):
            self._enter(call, attached["environmentId"])
        if runtime["status"] == "OFFLINE":
            raise Refusal(self._settings["offlineRuntime"], f"Runtime {runtime['name']} is not available.")

    # What people and clients do.

    def _change_listener(self, call: Call) -> None:
        body = call.body
        if isinstance(body, dict) and isinstance(body.get(_WRAPPER), dict):
            body = body[_WRAPPER]  # so in a sample of Boomi's
        fields = self._body(call.with_body(body))
        atom, process, action = (fields.get(name, "") for name in ("containerId", "listenerId", "action"))
        if not atom:
            raise Refusal(400, "The containerId is missing. Provide a valid containerId to complete this action.")
        self._reachable(call, atom)
        act, _, every = action.partition("_")
        if act not in _ACTS or every not in ("", "all") or bool(process) is (every == "all"):
            raise Refusal(400, f"Action '{action}' is not valid for {f'listener {process}' if process else atom}.")
        self._act_on_listeners(call, atom, process or None, act)

    def _act_on_listeners(self, call: Call, atom: str, process: str | None, act: str) -> None:
        """Do something to one listener, or to all; what a runtime does not have is accepted all the same."""
        account, now = call.account, self.time()
        told, status = _ACTS[act]
        changes: list[Change] = []
        for _, each, environment in list(self._schedule_places(account, {"atomId": frozenset({atom})})):
            deployment = self._active(account, environment, each)
            if process not in (None, each) or not self._deployed_revision(account, deployment).get("listener"):
                continue
            before = self._listener_now(account, atom, each, deployment)
            # A restart mends what is in error, and leaves what is paused.
            after = status or ("paused" if before == "paused" else "listening")
            wait = self._settings["listenerAfterResume"] if after == "listening" != before else 0
            row = {"atomId": atom, "processId": each, "status": after, "before": before, "since": now + wait}
            changes.append((LISTENER, f"{atom}/{each}", row))
        entry = self._operated(call, told, atom, process)
        self._commit(account, [*changes, ("AuditLog", entry["documentId"], entry)])

    def _create_deployment(self, call: Call) -> Row:
        row = super()._create_deployment(call)
        if isinstance(call.body, dict) and call.body.get("listenerStatus") in ("RUNNING", "PAUSED"):
            attached = self._table(call.account, "EnvironmentAtomAttachment").by(environmentId=row["environmentId"])
            keys = [f"{each['atomId']}/{row['componentId']}" for each in attached]
            known = self._table(call.account, LISTENER)
            self._commit(call.account, [(LISTENER, key, None) for key in keys if key in known])
        return row

    # What tests ask for.

    def change_listener(
        self,
        runtime_id: str,
        process_id: str | None = None,
        action: str = "pause",
        *,
        by: str = CONSOLE_USER,
        account: str | None = None,
    ) -> None:
        """Pause, resume or restart a listener of a runtime, or all of them, as a person does; or let it go wrong.

        Args:
            runtime_id: The runtime.
            process_id: The listener; all if left out.
            action: `pause`, `resume`, `restart`, or `fail`, after which it is errored.
            by: The person.
            account: The account's id; the primary one if left out.

        Raises:
            Refusal: The action means nothing, or the process does not listen there.
        """
        with self._lock:
            account = self._known(account)
            there = [row["listenerId"] for row in self._listeners_of(account, runtime_id)]
            if (action not in _ACTS and action != "fail") or (process_id and process_id not in there):
                raise Refusal(400, f"Cannot {action} {process_id or 'listeners'} on {runtime_id}.")
            if action != "fail":
                self._act_on_listeners(self._operator(account, by), runtime_id, process_id, action)
                return
            changes: list[Change] = []
            for each in [process_id] if process_id else there:
                row = {"atomId": runtime_id, "processId": each, "status": "errored", "before": "", "since": 0.0}
                changes.append((LISTENER, f"{runtime_id}/{each}", row))
            self._commit(account, changes)

    def listeners(self, runtime_id: str, account: str | None = None) -> list[Row]:
        """Tell the listeners of a runtime and how they are, those of web services too."""
        with self._lock:
            return list(self._listeners_of(self._known(account), runtime_id))
