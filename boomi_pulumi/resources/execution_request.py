"""The resource ExecutionRequest of a Python program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NoReturn

import pulumi

from boomi_pulumi._api.models import ComponentMetadata as Component
from boomi_pulumi._api.models import DeployedPackage as Deployment
from boomi_pulumi._api.models import Runtime
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._python.values import named
from boomi_pulumi.resources.base import BoomiResource
from boomi_pulumi.resources.deployed_package import DeployedPackage

if TYPE_CHECKING:
    from pulumi import Input, Output

__all__ = ["ExecutionRequest"]


class ExecutionRequest(BoomiResource, module="boomi", name="ExecutionRequest"):
    """Runs a process once after its deployment, and fails unless the run passes.

    What depends on it then does not happen. A run since the deployment that still goes on is waited for, and one that
    passed is taken. No request is sent twice. Another package, trigger or property runs it again. A destroy sends
    nothing.

    Source: ExecutionRequest and ExecutionRecord in Boomi's Platform OpenAPI.
    """

    _kind = KINDS["ExecutionRequest"]

    process_id: Output[str]
    process_name: Output[str | None]
    atom_id: Output[str]
    runtime_name: Output[str | None]
    package_id: Output[str]
    package_version: Output[str | None]
    environment_id: Output[str | None]
    environment_name: Output[str | None]
    triggers: Output[dict[str, str] | None]
    dynamic_properties: Output[dict[str, str] | None]
    process_properties: Output[dict[str, dict[str, str]] | None]
    accept: Output[list[str] | None]
    max_error_documents: Output[int | None]
    run_timeout: Output[int | None]
    settle: Output[int | None]
    allow_production: Output[bool | None]
    runs: Output[str | None]
    overridden: Output[list[str] | None]
    request_id: Output[str | None]
    execution_id: Output[str]
    status: Output[str]
    execution_time: Output[str | None]
    execution_duration: Output[int | None]
    inbound_document_count: Output[int | None]
    inbound_error_document_count: Output[int | None]
    outbound_document_count: Output[int | None]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        process: Input[Component] | None = None,
        process_id: Input[str] | None = None,
        runtime: Input[Runtime] | None = None,
        atom_id: Input[str] | None = None,
        deployment: Input[DeployedPackage | Deployment] | None = None,
        package_id: Input[str] | None = None,
        triggers: Input[Mapping[str, Input[str]]] | None = None,
        dynamic_properties: Input[Mapping[str, Input[str]]] | None = None,
        process_properties: Input[Mapping[str, Input[Mapping[str, Input[str]]]]] | None = None,
        accept: Input[Sequence[Input[Literal["COMPLETE", "COMPLETE_WARN"]]]] | None = None,
        max_error_documents: Input[int] | None = None,
        run_timeout: Input[int] | None = None,
        settle: Input[int] | None = None,
        allow_production: Input[bool] | None = None,
        **unknown: NoReturn,
    ) -> None:
        """Declare that a process runs after its deployment, and passes.

        Args:
            resource_name: Its name in the program.
            opts: Pulumi's resource options.
            process: A look-up (`get_component`) instead of `process_id`.
            process_id: The process's component id.
            runtime: A look-up (`get_runtime`) instead of `atom_id`.
            atom_id: The runtime's id.
            deployment: The deployment that brings the package, instead of `package_id`; it comes first.
            package_id: The package that must be active there; another one runs again.
            triggers: Any texts; another value of one runs the process again.
            dynamic_properties: Dynamic process properties of the run, name -> value; another value runs again.
            process_properties: Process properties of the run: id of the process property component -> key -> value;
                another value runs again.
            accept: The ends that pass, of COMPLETE and COMPLETE_WARN; left out, COMPLETE alone.
            max_error_documents: How many documents may have errors; left out, none.
            run_timeout: Seconds to wait for the end of the run, 1 to 86400; left out, 600.
            settle: Seconds after the deployment before a run counts, 0 to 3600; left out, 15. Until then a
                runtime may run the version before.
            allow_production: Whether it may run in an environment of the class PROD; left out, no.
            unknown: Nothing; other names are refused at preview.
        """
        who = f"ExecutionRequest {resource_name}"
        super().__init__(
            resource_name,
            {
                "process_id": named(who, "process", process, "process_id", process_id, key="componentId"),
                "atom_id": named(who, "runtime", runtime, "atom_id", atom_id, key="id"),
                "package_id": named(who, "deployment", deployment, "package_id", package_id, key="packageId"),
                "triggers": triggers,
                "dynamic_properties": dynamic_properties,
                "process_properties": process_properties,
                "accept": accept,
                "max_error_documents": max_error_documents,
                "run_timeout": run_timeout,
                "settle": settle,
                "allow_production": allow_production,
                **unknown,
            },
            opts,
        )
