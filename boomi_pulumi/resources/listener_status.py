"""The resource ListenerStatus of a Python program."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pulumi

from boomi_pulumi._api.models import ComponentMetadata as Component
from boomi_pulumi._api.models import Runtime
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._python.values import named
from boomi_pulumi.resources.base import BoomiResource

if TYPE_CHECKING:
    from pulumi import Input, Output

__all__ = ["ListenerStatus"]


class ListenerStatus(BoomiResource, module="boomi", name="ListenerStatus"):
    """Whether one process that listens on a runtime takes requests, or is paused.

    Boomi accepts a change at once, and the runtime makes it later: `up` waits for that, at most `listen_timeout`
    seconds. Boomi does not report every listener: then `reported` is false. If a listener is errored, the run says so,
    and restarts nothing. A destroy sends nothing.

    Source: ListenerStatus and changeListenerStatus in Boomi's Platform OpenAPI.
    """

    _kind = KINDS["ListenerStatus"]

    process_id: Output[str]
    process_name: Output[str | None]
    atom_id: Output[str]
    runtime_name: Output[str | None]
    environment_id: Output[str | None]
    environment_name: Output[str | None]
    status: Output[str]
    listen_timeout: Output[int | None]
    reported: Output[bool]
    reported_status: Output[str | None]
    connector_type: Output[str | None]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        process: Input[Component] | None = None,
        process_id: Input[str] | None = None,
        runtime: Input[Runtime] | None = None,
        atom_id: Input[str] | None = None,
        status: Input[str] | None = None,
        listen_timeout: Input[int] | None = None,
        **unknown: NoReturn,
    ) -> None:
        """Declare whether a process listens on a runtime.

        Args:
            resource_name: Its name in the program.
            opts: Pulumi's resource options; `depends_on` the deployment that brings the process to the runtime.
            process: A look-up (`get_component`) instead of `process_id`.
            process_id: The process's component id.
            runtime: A look-up (`get_runtime`) instead of `atom_id`.
            atom_id: The runtime's id.
            status: `listening`, or `paused`.
            listen_timeout: Seconds to wait until Boomi reports it so, 0 to 3600; left out, 120.
            unknown: Nothing; other names are refused at preview.
        """
        who = f"ListenerStatus {resource_name}"
        process_id = named(who, "process", process, "process_id", process_id, key="componentId")
        atom_id = named(who, "runtime", runtime, "atom_id", atom_id, key="id")
        super().__init__(
            resource_name,
            {
                "process_id": process_id,
                "atom_id": atom_id,
                "status": status,
                "listen_timeout": listen_timeout,
                **unknown,
            },
            opts,
        )
