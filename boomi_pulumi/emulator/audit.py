"""Entries of the audit log."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_LETTERS: Final = string.ascii_letters + string.digits
_LENGTH: Final = 20


def entry(  # what an entry says
    account: str,
    type: str,
    action: str,
    message: str,
    *,
    by: str,
    date: str,
    source: str,
    told: Mapping[str, str],
    modifier: str = "NONE",
    container: str = "",
) -> dict[str, Any]:
    """Make an entry of the audit log.

    Args:
        account: The account's id.
        type: What was acted on, such as `as.extensions`.
        action: What was done, such as `EDIT`.
        message: A sentence for a person.
        by: The user.
        date: When, as Boomi writes it.
        source: `API` or `UI`.
        told: The properties of the entry.
        modifier: How it was done, such as `MANUAL`.
        container: The runtime that it was done to, if it was one.

    Returns:
        The row, with a new `documentId`.
    """
    return {
        "documentId": "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)),
        "accountId": account,
        "userId": by,
        "date": date,
        "type": type,
        "action": action,
        "modifier": modifier,
        "level": "INFO",
        "source": source,
        "message": message,
        **({"containerId": container} if container else {}),
        "AuditLogProperty": [
            {"@type": "AuditLogProperty", "name": name, "value": value} for name, value in told.items()
        ],
    }
