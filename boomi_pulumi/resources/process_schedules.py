"""The resource ProcessSchedules of a Python program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypedDict

import pulumi

from boomi_pulumi._api.models import ComponentMetadata as Component
from boomi_pulumi._api.models import Runtime
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._python.values import named
from boomi_pulumi.resources.base import BoomiResource

if TYPE_CHECKING:
    from pulumi import Input, Output

__all__ = ["ProcessSchedules", "Retry", "Schedule"]


class Schedule(TypedDict, total=False):
    """When a process runs. What is left out is `*`: each minute, each hour, each day.

    Give numbers, ranges such as `8-18`, ranges with a step such as `0-59/15`, joined by commas. Days of the week may be
    names, such as `mon-fri`; as numbers 1 is Sunday and 7 is Saturday.
    """

    minutes: Input[str]
    hours: Input[str]
    days_of_week: Input[str]
    days_of_month: Input[str]
    months: Input[str]
    years: Input[str]


class Retry(TypedDict, total=False):
    """What happens to documents that failed, those of past executions too: at most `max_retry` (1 to 5) more runs."""

    max_retry: Input[int]
    schedules: Input[Sequence[Input[Schedule]]]


class ProcessSchedules(BoomiResource, module="boomi", name="ProcessSchedules"):
    """When a process runs on a runtime.

    Owns all schedules of the process there, since Boomi keeps them as one list. A retry and a stop that are not
    declared stay as they are. A destroy clears the list if it is as this stack wrote it.

    Source: ProcessSchedules in Boomi's Platform OpenAPI.
    """

    _kind = KINDS["ProcessSchedules"]

    process_id: Output[str]
    process_name: Output[str | None]
    atom_id: Output[str]
    runtime_name: Output[str | None]
    schedules: Output[list[dict[str, str]]]
    retry: Output[dict[str, Any] | None]
    enabled: Output[bool | None]
    in_words: Output[list[str] | None]
    replaces: Output[list[str] | None]
    schedule_id: Output[str]
    written: Output[bool]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        process: Input[Component] | None = None,
        process_id: Input[str] | None = None,
        runtime: Input[Runtime] | None = None,
        atom_id: Input[str] | None = None,
        schedules: Input[Sequence[Input[Schedule]]] | None = None,
        retry: Input[Retry] | None = None,
        enabled: Input[bool] | None = None,
        **unknown: NoReturn,
    ) -> None:
        """Declare when a process runs.

        Args:
            resource_name: Its name in the program.
            opts: Pulumi's resource options; `depends_on` the deployment that brings the process to the runtime.
            process: A look-up (`get_component`) instead of `process_id`.
            process_id: The process's component id.
            runtime: A look-up (`get_runtime`) instead of `atom_id`.
            atom_id: The runtime's id.
            schedules: All schedules of the process on that runtime; an empty list is none.
            retry: Retry of failed documents. Left out, it stays as it is; one without schedules clears it.
            enabled: Whether the schedules are in force. Left out, it stays as it is: a stop is not resumed.
            unknown: Nothing; other names are refused at preview.
        """
        who = f"ProcessSchedules {resource_name}"
        process_id = named(who, "process", process, "process_id", process_id, key="componentId")
        atom_id = named(who, "runtime", runtime, "atom_id", atom_id, key="id")
        super().__init__(
            resource_name,
            {
                "process_id": process_id,
                "atom_id": atom_id,
                "schedules": schedules,
                "retry": retry,
                "enabled": enabled,
                **unknown,
            },
            opts,
        )
