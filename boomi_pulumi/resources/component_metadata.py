"""The resource ComponentMetadata of a Python program."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pulumi

from boomi_pulumi._api.models import ComponentMetadata as Component
from boomi_pulumi._api.models import Folder
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._python.values import named
from boomi_pulumi.resources.base import BoomiResource

if TYPE_CHECKING:
    from pulumi import Input, Output

__all__ = ["ComponentMetadata"]


class ComponentMetadata(BoomiResource, module="boomi", name="ComponentMetadata"):
    """Name and folder of a component that people built in Boomi.

    Renames and moves in place; restores the component if it was deleted. Destroying forgets it, unless
    `delete_on_destroy=True`.

    Source: Boomi's ComponentMetadata page.
    """

    _kind = KINDS["ComponentMetadata"]

    component_id: Output[str]
    name: Output[str]
    folder_id: Output[str]
    folder_name: Output[str | None]
    delete_on_destroy: Output[bool | None]
    component_type: Output[str]
    sub_type: Output[str | None]
    version: Output[int]
    created_date: Output[str]
    created_by: Output[str]
    modified_date: Output[str]
    modified_by: Output[str]
    branch_id: Output[str | None]
    branch_name: Output[str | None]
    copied_from_component_id: Output[str | None]
    copied_from_component_version: Output[int | None]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        component_id: Input[str] | None = None,
        component: Input[Component] | None = None,
        name: Input[str] | None = None,
        folder: Input[Folder] | None = None,
        folder_id: Input[str] | None = None,
        delete_on_destroy: Input[bool] | None = None,
        **unknown: NoReturn,
    ) -> None:
        """Declare name and folder.

        Args:
            resource_name: Its name in the program.
            opts: Pulumi's resource options.
            component_id: The component's id.
            component: A look-up (`get_component`) instead of `component_id`.
            name: Its name; left out, as it is.
            folder: A folder (from `query`) instead of `folder_id`.
            folder_id: The folder's id; "" is the root; left out, where it is.
            delete_on_destroy: Whether a destroy deletes the component (Boomi keeps it restorable).
            unknown: Nothing; other names are refused at preview.
        """
        who = f"ComponentMetadata {resource_name}"
        component_id = named(who, "component", component, "component_id", component_id, key="componentId")
        folder_id = named(who, "folder", folder, "folder_id", folder_id, key="id")
        super().__init__(
            resource_name,
            {
                "component_id": component_id,
                "name": name,
                "folder_id": folder_id,
                "delete_on_destroy": delete_on_destroy,
                **unknown,
            },
            opts,
        )
