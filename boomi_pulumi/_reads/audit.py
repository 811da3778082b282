"""Who changed something last, as the audit log tells it, where it may be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BoomiError
from boomi_pulumi._api.filters import Filter, any_of, where
from boomi_pulumi._api.models import AUDIT_LOG, AuditEntry, rows_of

__all__ = ["by", "last_save", "newest", "schedule_acts"]

_DAYS = 180
"""How long ago an act is looked for."""

_MOST = 1000
"""Entries beyond which nobody looks through them: the log has no query by environment or process."""

_PLACES: Mapping[str, str] = {"UI": " in the console", "API": " by the API"}


def last_save(client: Client, environment: str) -> AuditEntry | None:
    """Return the last save of an environment's extensions; None where the log does not tell.

    Raises:
        RequestError: The log cannot be read.
    """
    entries = client.query(AUDIT_LOG, _lately("as.extensions"), most=_MOST)
    return newest([each for each in entries if _told(each).get("ENVIRONMENT_ID") == environment])


def schedule_acts(client: Client, runtimes: Sequence[str]) -> dict[str, list[AuditEntry]]:
    """Return runtime's id -> what was done to the schedules of its processes; none where the log does not tell.

    If the log cannot be read, that is no error: there is nothing then.

    Args:
        client: The account.
        runtimes: The ids of at most a hundred runtimes.
    """
    there = any_of([where("containerId").equals(each) for each in runtimes])
    try:
        entries = list(client.query(AUDIT_LOG, _lately("as.schedules") & there, most=_MOST))
    except BoomiError:
        entries = []
    only = runtimes[0] if len(runtimes) == 1 else None
    return {
        id_: [each for each in entries if (each.container_id or _told(each).get("ATOM_ID") or only) == id_]
        for id_ in runtimes
    }


def newest(entries: Sequence[AuditEntry], *actions: str, process: str | None = None) -> AuditEntry | None:
    """Return the last entry; None where there is none.

    Args:
        entries: What was done.
        actions: The actions that count, such as `STOP`; none for all.
        process: The id of the process that it was done to; what was done to all processes of a runtime counts too.
    """
    of = [
        each
        for each in entries
        if (not actions or each.action in actions)
        and (process is None or _told(each).get("PROCESS_ID", process) == process)
    ]
    # Of two in one second, the one that Boomi tells later.
    return max(reversed(of), key=lambda each: each.date or "", default=None)


def by(entry: AuditEntry | None) -> str:
    """Return "by maria.lopez@acme.example on 2026-03-02 in the console"; an empty text where nobody knows."""
    if entry is None or entry.user_id is None:
        return ""
    return f"by {entry.user_id} on {(entry.date or '?')[:10]}{_PLACES.get(entry.source or '', '')}"


def _lately(type_: str) -> Filter:
    since = (datetime.now(timezone.utc) - timedelta(days=_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
    return where("type").equals(type_) & where("date").greater_than_or_equal(since)


def _told(entry: AuditEntry) -> dict[str, str]:
    rows = (row for row in rows_of(entry.properties) if isinstance(row, dict))
    return {str(row.get("name")): str(row.get("value")) for row in rows if row.get("value") is not None}
