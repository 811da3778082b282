"""The resource ConnectorVersionChange of a Python program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import pulumi

from boomi_pulumi._kinds import KINDS
from boomi_pulumi._python.values import text_of_date
from boomi_pulumi.resources.base import BoomiResource

if TYPE_CHECKING:
    from datetime import datetime

    from pulumi import Input, Output

__all__ = ["ConnectorVersionChange"]


class ConnectorVersionChange(BoomiResource, module="boomi", name="ConnectorVersionChange"):
    """The version of a connector that its users get.

    Private connectors change at once, or in the hour after `preferred_release_date`. For public ones Boomi's staff
    review the request, which may take days: then `review_status`
    stays PENDING, and no run waits or fails for it. Another version
    cancels what is pending first. A destroy cancels what is pending, and forgets the rest: Boomi cannot undo it.

    Source: Boomi's ConnectorVersionChange page (Connector API).
    """

    _kind = KINDS["ConnectorVersionChange"]

    classification_type: Output[str]
    connector_name: Output[str | None]
    visibility: Output[str | None]
    version_id: Output[str]
    released_version: Output[str | None]
    pending_version: Output[str | None]
    preferred_release_date: Output[str | None]
    release_notes: Output[str | None]
    review_status: Output[str | None]
    review_reason: Output[str | None]
    submitted_by: Output[dict[str, str] | None]
    completed_by: Output[dict[str, str] | None]
    completed_date: Output[str | None]
    uid: Output[str | None]
    classification: Output[dict[str, Any] | None]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        classification_type: Input[str] | None = None,
        version_id: Input[str] | None = None,
        preferred_release_date: Input[str | datetime] | None = None,
        release_notes: Input[str] | None = None,
        **unknown: NoReturn,
    ) -> None:
        """Declare a connector's version.

        Args:
            resource_name: Its name in the program.
            opts: Pulumi's resource options.
            classification_type: The connector, as Boomi names it (`<groupType>-<classification>`).
            version_id: The system version number wanted.
            preferred_release_date: When to change: a datetime with a time zone, or yyyy-MM-ddTHH:mm:ssZ. Left out, at
                once.
            release_notes: Notes for the version; sent with the request.
            unknown: Nothing; other names are refused at preview.
        """
        super().__init__(
            resource_name,
            {
                "classification_type": classification_type,
                "version_id": version_id,
                "preferred_release_date": text_of_date(preferred_release_date),
                "release_notes": release_notes,
                **unknown,
            },
            opts,
        )
