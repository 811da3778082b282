"""A client that writes in one component and one environment only, and knows what of it is on its way."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from boomi_pulumi._api.client import Client, Form
from boomi_pulumi._api.errors import BoomiError
from boomi_pulumi._api.models import DEPLOYED_PACKAGE, PACKAGED_COMPONENT, Object
from boomi_pulumi._api.retry import Outcome
from boomi_pulumi._api.transport import Answer

__all__ = ["NO_CONNECTOR", "PREFIX", "OutsideSandbox", "Reply", "SandboxClient", "SentWrites", "reply_of"]

PREFIX = "boomi-pulumi-live-"
"""What the version of every package of the kit begins with."""


NO_CONNECTOR = "boomi-pulumi-live-no-such-connector"
"""The classificationType of a connector that nobody has."""


class OutsideSandbox(BoomiError):
    """The kit was about to write something that is not its own; nothing was sent."""


@dataclass(frozen=True)
class Reply:
    """One answer, as it came.

    Attributes:
        status: HTTP's.
        text: The body.
        body: The body as JSON; None where it is none.
        headers: By name, of any case.
    """

    status: int
    text: bytes
    body: Any
    headers: Mapping[str, str]

    @property
    def good(self) -> bool:
        """Tell whether it was done."""
        return self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def said(self) -> str:
        """Return Boomi's message."""
        return self.text.decode(errors="replace")

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of a query, in whichever form."""
        found = self.body.get("result") if isinstance(self.body, dict) else None
        found = [found] if isinstance(found, dict) else found
        return [row for row in found or [] if isinstance(row, dict)]


@dataclass
class SentWrites:
    """The write that is under way, and the packages that were sent.

    Attributes:
        pending: Whether a write was sent and not yet answered.
        interrupted: Whether the run ends once it is answered.
        packages: Version -> whether Boomi said that it was made; False where the answer was lost.
    """

    pending: bool = False
    interrupted: bool = False
    packages: dict[str, bool] = field(default_factory=dict)

    def answered(self, target: Object[Any], body: object, status: int | None) -> None:
        """Note how a write ended; `status` is None where there is no answer.

        Raises:
            KeyboardInterrupt: The run was interrupted meanwhile.
        """
        self.pending = False
        if target is PACKAGED_COMPONENT and isinstance(body, Mapping):
            done = status is not None and status < HTTPStatus.MULTIPLE_CHOICES
            if done or status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                self.packages[str(body.get("packageVersion"))] = done
        if self.interrupted:
            self.interrupted = False
            raise KeyboardInterrupt


class SandboxClient(Client):
    """A client that writes nothing but packages of one component, and deployments of those to one environment."""

    component: str = ""
    environment: str = ""
    writes: SentWrites

    def fresh(self) -> SandboxClient:
        """Return a client that has seen nothing yet, as a new process has, over the same connections."""
        self._transport()
        made = copy.copy(self)
        made.new_run()
        return made

    def create(
        self, target: Object[Any], body: Mapping[str, Any], what: str, known: Mapping[str, Any] | None = None
    ) -> Outcome[Any]:
        """As a client; see the class.

        Raises:
            OutsideSandbox: It is something else.
        """
        self._judge("POST", target, "", body)
        return super().create(target, body, what, known)

    def update(
        self, target: Object[Any], id: str, body: Mapping[str, Any], what: str, known: Mapping[str, Any] | None = None
    ) -> Outcome[Any]:
        """Refuse: the kit updates nothing."""
        raise OutsideSandbox(f"{what}: the kit updates nothing.")

    def act(
        self, target: Object[Any], forms: Sequence[Form], id: str, body: Mapping[str, Any], what: str
    ) -> Outcome[None]:
        """Refuse: the kit updates nothing."""
        raise OutsideSandbox(f"{what}: the kit updates nothing.")

    def delete(self, target: Object[Any], id: str, what: str) -> Outcome[None]:
        """As a client; see the class.

        Raises:
            OutsideSandbox: It is something else.
        """
        self._judge("DELETE", target, f"/{id}", None)
        return super().delete(target, id, what)

    def answer(
        self,
        method: str,
        target: Object[Any],
        path: str,
        what: str,
        body: Mapping[str, Any] | str | None = None,
        *,
        at: str | None = None,
    ) -> Any:
        """As a client; see the class.

        Raises:
            OutsideSandbox: It is something else.
        """
        if _writes(method, path):
            self._judge(method, target, path, body)
        return super().answer(method, target, path, what, body, at=at)

    def _once(
        self,
        method: str,
        target: Object[Any],
        path: str,
        what: str,
        body: Mapping[str, Any] | str | None,
        *,
        base: str | None = None,
    ) -> Answer:
        if not _writes(method, path):
            return super()._once(method, target, path, what, body, base=base)
        status = None
        self.writes.pending = True
        try:
            answer = super()._once(method, target, path, what, body, base=base)
            status = answer.status
            return answer
        finally:
            self.writes.answered(target, body, status)

    def _judge(self, method: str, target: Object[Any], path: str, body: Mapping[str, Any] | str | None) -> None:
        given = body if isinstance(body, Mapping) else {}
        match method, target.name:
            case "POST", "PackagedComponent" if not path:
                good = given.get("componentId") == self.component and str(given.get("packageVersion")).startswith(
                    PREFIX
                )
            case "POST", "DeployedPackage" if not path:
                good = given.get("environmentId") == self.environment and "componentId" not in given
                good = good and self._is_mine(PACKAGED_COMPONENT, str(given.get("packageId")))
            case "DELETE", "PackagedComponent" | "DeployedPackage":
                good = self._is_mine(target, path[1:])
            case _, "ConnectorVersionChange":
                good = all(value == NO_CONNECTOR for value in given.values())
            case _:
                good = False
        if not good:
            raise OutsideSandbox(f"{method} {target.name}{path}: not of this kit's making, so it was not sent.")

    def _is_mine(self, target: Object[Any], id_: str) -> bool:
        """Look whether an object is the kit's: of its component and environment, and of its versions."""
        found = super().answer("GET", target, f"/{id_}", f"Reading {target.name} {id_}")
        reply = reply_of(found)
        row = reply.body if isinstance(reply.body, dict) else {}
        if reply.status == HTTPStatus.BAD_REQUEST and target is DEPLOYED_PACKAGE:
            # Some accounts may not show an undeployed one any more; there is nothing left to undo there.
            return True
        mine = row.get("componentId") == self.component and str(row.get("packageVersion")).startswith(PREFIX)
        return mine and row.get("environmentId", self.environment) == self.environment


def _writes(method: str, path: str) -> bool:
    return method != "GET" and path not in {"/query", "/queryMore", "/bulk"}


def reply_of(answer: Any) -> Reply:
    """Return an answer as it came, read as JSON where it is JSON."""
    try:
        body = json.loads(answer.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        body = None
    return Reply(answer.status, answer.body, body, answer.headers)
