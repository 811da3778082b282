"""What is scheduled on a runtime: all its processes with two queries."""

from __future__ import annotations

from dataclasses import dataclass

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.filters import where
from boomi_pulumi._api.models import PROCESS_SCHEDULE_STATUS, PROCESS_SCHEDULES
from boomi_pulumi._api.schedules import Schedule, schedules_of

__all__ = ["Scheduled", "schedules_on"]


@dataclass(frozen=True)
class Scheduled:
    """The schedules of a process on a runtime.

    Attributes:
        schedules: In normal form, sorted; none where it is not scheduled.
        enabled: Whether they are in force; None where Boomi does not tell.
    """

    schedules: tuple[Schedule, ...] = ()
    enabled: bool | None = None


def schedules_on(client: Client, runtime: str) -> dict[str, Scheduled]:
    """Return process id -> its schedules on a runtime, of all processes that are deployed there; a hundred a page.

    Args:
        client: The account.
        runtime: The runtime's id.

    Raises:
        RequestError: A query failed.
    """
    condition = where("atomId").equals(runtime)
    rows = [row for row in client.query(PROCESS_SCHEDULES, condition) if row.process_id]
    enabled = {row.process_id: row.enabled for row in client.query(PROCESS_SCHEDULE_STATUS, condition)}
    return {
        str(row.process_id): Scheduled(tuple(schedules_of(row.schedule)), enabled.get(row.process_id)) for row in rows
    }
