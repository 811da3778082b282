"""A client that writes in one component and one environment only, and knows which write awaits its answer."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BoomiError, RequestError
from boomi_pulumi._api.models import DEPLOYED_PACKAGE, PACKAGED_COMPONENT, Object, rows_of
from boomi_pulumi._api.sender import Request
from boomi_pulumi._api.transport import Answer

__all__ = ["NO_CONNECTOR", "PREFIX", "Body", "OutsideSandbox", "Reply", "SandboxClient", "SentWrites"]

PREFIX = "boomi-pulumi-live-"
"""The beginning of the version of every package that `boomi-pulumi live` makes."""

NO_CONNECTOR = "boomi-pulumi-live-no-such-connector"
"""A classificationType that no connector has."""

Body = Mapping[str, Any] | str | None
"""What a request carries: JSON, or a text that is sent as it is."""


class OutsideSandbox(BoomiError):
    """A write would have reached something that `boomi-pulumi live` did not make; nothing was sent."""


@dataclass(frozen=True)
class Reply:
    """An answer of any status.

    Attributes:
        status: HTTP's status.
        text: The body.
        body: The body as JSON; None where it is not JSON.
        headers: The headers; their names have no case.
    """

    status: int
    text: bytes
    body: Any
    headers: Mapping[str, str]

    @classmethod
    def of(cls, answer: Answer) -> Reply:
        """Read an answer."""
        try:
            body = json.loads(answer.body.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            body = None
        return cls(answer.status, answer.body, body, answer.headers)

    @property
    def good(self) -> bool:
        """Whether Boomi did what was asked."""
        return self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def said(self) -> str:
        """The body as text."""
        return self.text.decode(errors="replace")

    @property
    def object(self) -> dict[str, Any]:
        """The JSON object of the body; empty where the body is something else."""
        return self.body if isinstance(self.body, dict) else {}

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of a query's answer, whether Boomi wrote a list or a single object."""
        return [row for row in rows_of(self.object.get("result")) if isinstance(row, dict)]

    def made(self, what: str) -> dict[str, Any]:
        """Return the object that a create made; `what` names the create in the message ("Packaging").

        Raises:
            RequestError: Boomi refused the create, or did not answer with the object.
        """
        if not self.good or not self.object:
            raise RequestError(what, status=self.status, said=self.said)
        return self.object


@dataclass
class SentWrites:
    """The writes of a run.

    Attributes:
        pending: Whether a write was sent and is not answered yet.
        interrupted: Whether the run ends as soon as the pending write is answered.
        packages: Version -> whether Boomi said that it made the package; False where the answer was lost.
    """

    pending: bool = False
    interrupted: bool = False
    packages: dict[str, bool] = field(default_factory=dict)

    def answered(self, target: Object[Any], body: Body, status: int | None) -> None:
        """Note how a write ended.

        Args:
            target: The object that was written.
            body: What was sent.
            status: The status of the answer; None where there was no answer.

        Raises:
            KeyboardInterrupt: The run was interrupted while the write was pending.
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
    """A client that writes nothing but packages of one component, and deployments of those to one environment.

    Every write raises `OutsideSandbox`, and is not sent, where it would reach something else.

    Attributes:
        component: The id of the component.
        environment: The id of the environment.
        writes: The writes of the run.
    """

    component: str = ""
    environment: str = ""
    writes: SentWrites

    def fresh(self) -> SandboxClient:
        """Return a client that has read nothing yet, as in a new process, over the same connections."""
        self._transport()
        made = copy.copy(self)
        made.new_run()
        return made

    def answer(
        self, method: str, target: Object[Any], path: str, what: str, body: Body = None, *, at: str | None = None
    ) -> Answer:
        """Send a request once; see `Sender.answer`.

        Raises:
            OutsideSandbox: It writes something else; see the class.
            RequestError: There is no answer.
        """
        self._require_own(method, target, path, body)
        return super().answer(method, target, path, what, body, at=at)

    def _exchange(
        self, request: Request, statuses: frozenset[int], failures: tuple[type[RequestError], ...]
    ) -> Answer | RequestError:
        method, target, path, _, body = request
        self._require_own(method, target, path, body)
        return super()._exchange(request, statuses, failures)

    def _once(
        self, method: str, target: Object[Any], path: str, what: str, body: Body, *, base: str | None = None
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

    def _require_own(self, method: str, target: Object[Any], path: str, body: Body) -> None:
        if not _writes(method, path):
            return
        given = body if isinstance(body, Mapping) else {}
        match method, target.name:
            case "POST", "PackagedComponent" if not path:
                own = self._is_own_package(given)
            case "POST", "DeployedPackage" if not path:
                own = given.get("environmentId") == self.environment and "componentId" not in given
                own = own and self._is_own(PACKAGED_COMPONENT, str(given.get("packageId")))
            case "DELETE", "PackagedComponent" | "DeployedPackage":
                own = self._is_own(target, path[1:])
            case "POST" | "PUT", "ConnectorVersionChange":
                own = given == {"classificationType": NO_CONNECTOR}
                own = own and set(path.split("/")) <= {"", NO_CONNECTOR, "update"}
            case _:
                own = False
        if not own:
            raise OutsideSandbox(
                f"{method} {target.name}{path}: `boomi-pulumi live` did not make this, so nothing was sent."
            )

    def _is_own(self, target: Object[Any], id_: str) -> bool:
        """Read an object, and return whether `boomi-pulumi live` made it in this component and environment."""
        reply = Reply.of(super().answer("GET", target, f"/{id_}", f"Reading {target.name} {id_}"))
        if reply.status == HTTPStatus.BAD_REQUEST and target is DEPLOYED_PACKAGE:
            # Some accounts may not show an undeployed one any more; there is nothing left to undo there.
            return True
        row = reply.object
        return self._is_own_package(row) and row.get("environmentId", self.environment) == self.environment

    def _is_own_package(self, row: Mapping[str, Any]) -> bool:
        return row.get("componentId") == self.component and str(row.get("packageVersion")).startswith(PREFIX)


def _writes(method: str, path: str) -> bool:
    return method != "GET" and path not in {"/query", "/queryMore", "/bulk"}
