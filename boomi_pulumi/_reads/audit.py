"""Who saved something last, as the audit log tells it, where it may be read."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.filters import where
from boomi_pulumi._api.models import AUDIT_LOG, AuditEntry, rows_of

__all__ = ["last_save"]

_DAYS = 180
"""How long ago a save is looked for."""

_MOST = 1000
"""Entries of all environments beyond which nobody looks through them: the log has no query by environment."""


def last_save(client: Client, environment: str) -> AuditEntry | None:
    """Return the last save of an environment's extensions; None where the log does not tell.

    Raises:
        RequestError: The log cannot be read.
    """
    since = (datetime.now(timezone.utc) - timedelta(days=_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
    of_extensions = where("type").equals("as.extensions") & where("date").greater_than_or_equal(since)
    entries = [each for each in client.query(AUDIT_LOG, of_extensions, most=_MOST) if _is_of(each, environment)]
    return max(entries, key=lambda each: each.date or "", default=None)


def _is_of(entry: AuditEntry, environment: str) -> bool:
    rows = (row for row in rows_of(entry.properties) if isinstance(row, dict))
    return any(row.get("name") == "ENVIRONMENT_ID" and row.get("value") == environment for row in rows)
