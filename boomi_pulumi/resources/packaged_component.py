"""The resource PackagedComponent of a Python program."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pulumi

from boomi_pulumi._api.models import ComponentMetadata
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._python.accounts import known
from boomi_pulumi._python.reading import branch_of
from boomi_pulumi._python.values import named
from boomi_pulumi.resources.base import BoomiResource

if TYPE_CHECKING:
    from pulumi import Input, Output

__all__ = ["PackagedComponent"]


class PackagedComponent(BoomiResource, module="boomi", name="PackagedComponent"):
    """A component frozen under a version string, ready to be deployed and shared.

    Boomi never reuses a version of a component, not even after a delete, and nothing of a package can
    change: another `component_id` or `package_version` makes another package; another revision,
    branch or `shareable` under the same version is refused at preview; changed notes change nothing.
    Deleting is Boomi's soft delete. A package that is still in use stays.

    Source: Boomi's PackagedComponent page.
    """

    _kind = KINDS["PackagedComponent"]

    package_id: Output[str]
    package_version: Output[str]
    component_id: Output[str]
    component_version: Output[int]
    component_name: Output[str | None]
    component_type: Output[str | None]
    branch_name: Output[str | None]
    shareable: Output[bool | None]
    notes: Output[str | None]
    existing: Output[str | None]
    created_date: Output[str]
    created_by: Output[str]
    adopted: Output[bool]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        component_id: Input[str] | None = None,
        component: Input[ComponentMetadata] | None = None,
        package_version: Input[str] | None = None,
        component_version: Input[int] | None = None,
        branch_name: Input[str] | None = None,
        shareable: Input[bool] | None = None,
        notes: Input[str] | None = None,
        **unknown: NoReturn,
    ) -> None:
        """Declare a package.

        Args:
            resource_name: Its name in the program.
            opts: Pulumi's resource options.
            component_id: The component's id.
            component: A look-up (`get_component`) instead of `component_id`. One of another branch than the account's
                default one is packaged from its branch.
            package_version: The version string; unique per component for ever. Left out, Boomi numbers it.
            component_version: The revision to package; left out, the newest at the time of the preview.
            branch_name: The branch to package from; left out, the account's default branch.
            shareable: Whether it may go into integration packs and the Process Library (processes and API Services).
            notes: Notes for the package, fixed when it is made.
            unknown: Nothing; other names are refused at preview.
        """
        who = f"PackagedComponent {resource_name}"
        component_id = named(who, "component", component, "component_id", component_id, key="componentId")
        if branch_name is None and component is not None:
            branch_name = branch_of(known(opts), component)
        super().__init__(
            resource_name,
            {
                "component_id": component_id,
                "package_version": package_version,
                "component_version": component_version,
                "branch_name": branch_name,
                "shareable": shareable,
                "notes": notes,
                **unknown,
            },
            opts,
        )
