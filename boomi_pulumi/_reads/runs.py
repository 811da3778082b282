"""What is recorded of the runs of a process in an environment; nothing here runs anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from pydantic import Field

from boomi_pulumi._api.client import BULK, Client
from boomi_pulumi._api.errors import BoomiError, Forbidden
from boomi_pulumi._api.filters import Filter, any_of, where
from boomi_pulumi._api.models import (
    ATTACHMENT,
    EXECUTION_RECORD,
    DeployedPackage,
    ExecutionRecord,
    Record,
    moment,
    whole,
)
from boomi_pulumi._reads.answers import by_key
from boomi_pulumi._reads.deployments import superseded

__all__ = ["SETTLE", "Ran", "is_enough", "last_passed", "ran", "runtimes_of", "settle_of", "stretch_of", "unseen"]

SETTLE = 15
"""Seconds after a deployment in which a runtime may still run the version before."""

_MOST = 1000
"""Runs beyond which nobody looks for the one that passed last."""

_KEPT = timedelta(days=30)
"""How long Boomi keeps records unless a runtime says otherwise. Source: purgeHistoryDays of its Atom page."""

_WORDS: Mapping[str, tuple[str, ...]] = {
    "complete": ("COMPLETE",),
    "warned": ("COMPLETE_WARN",),
    "failed": ("ERROR", "ABORTED"),
    "running": ("ENQUEUED", "STARTED", "INPROCESS", "ABORTED_RECOVERING"),
}
"""What Boomi's words of a run mean. Any other word, such as DISCARDED, is a run that is neither done nor failed."""


class Ran(Record):
    """What is recorded of the runs of a process in an environment, from one moment to another."""

    since: str | None = Field(default=None, description="From when they count.")
    until: str | None = Field(default=None, description="Until when; None for now.")
    total: int = Field(default=0, description="How many there are.")
    complete: int = Field(default=0, description="How many are COMPLETE.")
    warned: int = Field(default=0, description="How many are COMPLETE_WARN: done, with a warning.")
    failed: int = Field(default=0, description="How many are ERROR or ABORTED.")
    running: int = Field(default=0, description="How many have not ended.")
    last: str | None = Field(default=None, description="The word of the newest one, where all of them were read.")
    last_at: str | None = Field(default=None, description="When that began.")
    why: str | None = Field(default=None, description="Why nobody can tell.")

    @property
    def done(self) -> int:
        """How many ended well."""
        return self.complete + self.warned


def is_enough(runs: Ran, asked: Any) -> bool:
    """Tell whether runs are as many and as good as asked for: a number, or an object as `promotedRuns`."""
    wanted: Mapping[str, Any] = asked if isinstance(asked, Mapping) else {"complete": asked}
    complete, failed = whole(wanted.get("complete", 1)), whole(wanted.get("failed", 0))
    return runs.why is None and runs.done >= max(complete or 1, 1) and runs.failed <= (failed or 0)


def stretch_of(
    there: DeployedPackage | None, past: Sequence[DeployedPackage], package: str, source: str
) -> tuple[DeployedPackage, str | None] | None:
    """Return a package's last deployment in an environment, and until when; None where no run there is of it.

    Args:
        there: What is active there.
        past: All deployments there, where that is something else.
        package: The package's id.
        source: The environment's id.
    """
    if there is not None and there.package_id == package:
        return there, None
    row = list(superseded(past, package, source))
    return (row[-1][0], row[-1][1].deployed_date) if row else None


def unseen(target: str, privileges: str, error: Forbidden | None = None) -> Ran:
    """Return what stands for runs that the user may not read."""
    if error is None:
        return Ran(why=f"{target} cannot be read; that takes {privileges}")
    said = f'Boomi answered {error.status}: "{error.said}"'
    return Ran(why=f"this user may not read {target} ({said}); that takes {privileges}")


def runtimes_of(client: Client, environment: str) -> list[str] | Ran:
    """Return the ids of the runtimes of an environment, or why nobody can tell; one query.

    Raises:
        RequestError: The query failed.
    """
    try:
        rows = list(client.query(ATTACHMENT, where("environmentId").equals(environment)))
    except Forbidden as error:
        return unseen(ATTACHMENT.name, ATTACHMENT.privileges, error)
    return [row.atom_id for row in by_key(ATTACHMENT, rows, [environment], "environmentId")[environment] if row.atom_id]


def settle_of(asked: Any) -> int:
    """Return how many seconds after a deployment runs count, of what is asked for as in `is_enough`."""
    found = whole(asked.get("settle")) if isinstance(asked, Mapping) else None
    return SETTLE if found is None else found


def ran(
    client: Client,
    deployment: DeployedPackage,
    until: str | None,
    component: str,
    runtimes: Sequence[str],
    *,
    settle: int,
) -> Ran:
    """Return what is recorded of the runs of a deployment: one query, or five where there are more than a hundred.

    A record does not say of which package it is. So only runs count that began some seconds after the package's own
    deployment, on the runtimes of that environment.

    Args:
        client: The account.
        deployment: The deployment.
        until: When another package took its place; None if none did.
        component: The component's id.
        runtimes: The ids of the runtimes.
        settle: Seconds after the deployment in which a runtime may still run the version before.

    Raises:
        RequestError: A query failed.
    """
    why, began, ended = _why_not(deployment, runtimes), moment(deployment.deployed_date), moment(until)
    if why is not None or began is None:
        return Ran(why=why or "Boomi does not tell since when the package is there")
    first = max(began + timedelta(seconds=settle), (datetime.now(timezone.utc) - _KEPT).replace(microsecond=0))
    since = first.strftime("%Y-%m-%dT%H:%M:%SZ")
    if ended is not None and ended <= first:
        return Ran(since=since, until=until)
    condition = where("processId").equals(component) & any_of([where("atomId").equals(each) for each in runtimes])
    condition &= where("executionTime").greater_than_or_equal(first)
    if ended is not None:
        condition &= where("executionTime").less_than(ended)

    def is_ours(row: ExecutionRecord) -> bool:
        at = moment(row.execution_time)
        is_then = at is None or (first <= at and (ended is None or at < ended))
        # An answer need not repeat what the query has named, and may write it in another case.
        atoms = [each.lower() for each in runtimes]
        return (
            is_then
            and (row.process_id or component).lower() == component.lower()
            and (row.atom_id or atoms[0]).lower() in atoms
        )

    try:
        rows, total = _read(client, condition, BULK)
        if total > BULK:
            # Pages of runs tell no more than their numbers.
            counts: dict[str, Any] = {
                name: _read(client, condition & _any_of(words), 0)[1] for name, words in _WORDS.items()
            }
            return Ran(since=since, until=until, total=total, **counts)
    except Forbidden as error:
        return unseen("its runs", EXECUTION_RECORD.privileges, error)
    ours = sorted(filter(is_ours, rows), key=lambda row: moment(row.execution_time) or first)
    counts = {name: sum(row.status in words for row in ours) for name, words in _WORDS.items()}
    last, last_at = (ours[-1].status, ours[-1].execution_time) if ours else (None, None)
    return Ran(since=since, until=until, total=len(ours), last=last, last_at=last_at, **counts)


def last_passed(client: Client, keys: Sequence[str]) -> dict[str, str | None]:
    """Return when the newest run began that somebody asked for and that passed; None where none is shown.

    If they cannot be read, that is no error: there is None then.

    Args:
        client: The account.
        keys: runtime/process/when the package was deployed, at most a hundred.
    """
    asked = {key: key.split("/", 2) for key in keys}
    since = {key: first for key, (*_, date) in asked.items() if (first := moment(date)) is not None}
    if not since:
        return dict.fromkeys(keys)
    pairs = [where("atomId").equals(asked[key][0]) & where("processId").equals(asked[key][1]) for key in since]
    condition = any_of(pairs) & where("executionType").equals("exec_manual") & where("status").equals("COMPLETE")
    condition &= where("executionTime").greater_than_or_equal(min(since.values()))
    try:
        rows = list(client.query(EXECUTION_RECORD, condition, most=_MOST))
    except BoomiError:
        rows = []
    found: dict[str, str | None] = dict.fromkeys(keys)
    for key, first in since.items():
        of = (
            row.execution_time
            for row in rows
            if [row.atom_id, row.process_id] == asked[key][:2]
            and not row.inbound_error_document_count
            and (at := moment(row.execution_time)) is not None
            and at >= first + timedelta(seconds=SETTLE)
        )
        found[key] = max(filter(None, of), default=None)
    return found


def _why_not(deployment: DeployedPackage, runtimes: Sequence[str]) -> str | None:
    """Return why no run of a deployment can be told; None where one can."""
    if deployment.component_type not in (None, "process"):
        return f"a component of type {deployment.component_type} leaves no record of runs, only a process does"
    return None if runtimes else "no runtime is attached there, so nothing runs"


def _read(client: Client, condition: Filter, most: int) -> tuple[list[ExecutionRecord], int]:
    """Return runs, unless Boomi counts more than so many, and how many it counts."""
    counts: list[int] = []
    return list(client.query(EXECUTION_RECORD, condition, most=most, told=counts.append)), max(counts, default=0)


def _any_of(words: Sequence[str]) -> Filter:
    return any_of([where("status").equals(word) for word in words])
