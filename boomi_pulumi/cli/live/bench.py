"""The one component and the one environment that the kit works in; it writes nowhere else, and cleans up."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from boomi_pulumi.api.client import Client, Form
from boomi_pulumi.api.errors import BoomiError, RequestError
from boomi_pulumi.api.models import DEPLOYED_PACKAGE, PACKAGED_COMPONENT, ComponentMetadata, Environment, Object
from boomi_pulumi.api.retry import Outcome

__all__ = ["NOTES", "PREFIX", "Bench", "Inside", "Outside", "Reply"]

PREFIX = "boomi-pulumi-live-"
"""What the version of every package of the kit begins with."""

NOTES = "Made by `boomi-pulumi live`, which deletes it again."

_TRIES = 5
"""How often a step of the cleaning is tried."""


class Outside(BoomiError):
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


class Inside(Client):
    """A client that writes nothing but packages of one component, and deployments of those to one environment."""

    component: str = ""
    environment: str = ""

    def fresh(self) -> Inside:
        """Return a client that has seen nothing yet, as a new process has, over the same connections."""
        self._transport()
        made = copy.copy(self)
        made._shared = {}  # noqa: SLF001 - of the same class
        return made

    def create(
        self, target: Object[Any], body: Mapping[str, Any], what: str, known: Mapping[str, Any] | None = None
    ) -> Outcome[Any]:
        """As a client; see the class.

        Raises:
            Outside: It is something else.
        """
        self._judge("POST", target, "", body)
        return super().create(target, body, what, known)

    def update(
        self, target: Object[Any], id: str, body: Mapping[str, Any], what: str, known: Mapping[str, Any] | None = None
    ) -> Outcome[Any]:
        """Refuse: the kit updates nothing."""
        raise Outside(f"{what}: the kit updates nothing.")

    def act(
        self, target: Object[Any], forms: Sequence[Form], id: str, body: Mapping[str, Any], what: str
    ) -> Outcome[None]:
        """Refuse: the kit updates nothing."""
        raise Outside(f"{what}: the kit updates nothing.")

    def delete(self, target: Object[Any], id: str, what: str) -> Outcome[None]:
        """As a client; see the class.

        Raises:
            Outside: It is something else.
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
            Outside: It is something else.
        """
        if method != "GET" and path not in {"/query", "/queryMore", "/bulk"}:
            self._judge(method, target, path, body)
        return super().answer(method, target, path, what, body, at=at)

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
            raise Outside(f"{method} {target.name}{path}: not of this kit's making, so it was not sent.")

    def _is_mine(self, target: Object[Any], id_: str) -> bool:
        """Look whether an object is the kit's: of its component and environment, and of its versions."""
        found = super().answer("GET", target, f"/{id_}", f"Reading {target.name} {id_}")
        reply = _reply(found)
        row = reply.body if isinstance(reply.body, dict) else {}
        if reply.status == HTTPStatus.BAD_REQUEST and target is DEPLOYED_PACKAGE:
            # Some accounts may not show an undeployed one any more; there is nothing left to undo there.
            return True
        mine = row.get("componentId") == self.component and str(row.get("packageVersion")).startswith(PREFIX)
        return mine and row.get("environmentId", self.environment) == self.environment


NO_CONNECTOR = "boomi-pulumi-live-no-such-connector"
"""The classificationType of a connector that nobody has."""


class Bench:
    """What the kit does its work with.

    Args:
        client: The account.
        component: The one component.
        environment: The one environment.
        run: What the versions of this run have after the prefix.
    """

    def __init__(self, client: Inside, component: ComponentMetadata, environment: Environment, run: str) -> None:
        self.client = client
        self.component = component
        self.environment = environment
        self.run = run
        client.component, client.environment = component.component_id, environment.id
        self._made = 0
        self._spare: list[dict[str, Any]] = []

    # -- asking ----------------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        target: Object[Any],
        path: str = "",
        body: Mapping[str, Any] | str | None = None,
        *,
        at: str | None = None,
    ) -> Reply:
        """Send one request, once.

        Raises:
            RequestError: There is no answer.
        """
        return _reply(self.client.answer(method, target, path, f"{method} {target.name}{path}", body, at=at))

    def query(self, target: Object[Any], *conditions: Mapping[str, Any]) -> Reply:
        """Query for rows that meet all conditions."""
        expression: Mapping[str, Any] = {"operator": "and", "nestedExpression": list(conditions)}
        if len(conditions) == 1:
            expression = conditions[0]
        return self.ask("POST", target, "/query", {"QueryFilter": {"expression": expression} if conditions else {}})

    def all(self, target: Object[Any], *conditions: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Return all rows, page after page, however they are written."""
        reply = self.query(target, *conditions)
        while True:
            if not reply.good:
                raise RequestError(f"Querying {target.name}", status=reply.status, said=reply.said)
            yield from reply.rows()
            token = reply.body.get("queryToken") if isinstance(reply.body, dict) else None
            if not token:
                return
            reply = self.ask("POST", target, "/queryMore", str(token))

    # -- making ----------------------------------------------------------------------------------

    def version(self) -> str:
        """Return a version string that no package ever had."""
        self._made += 1
        return f"{PREFIX}{self.run}-{self._made}"

    def package(self, **fields: Any) -> Reply:
        """Send a create of a package."""
        body = {"componentId": self.component.component_id, "packageVersion": self.version(), "notes": NOTES, **fields}
        return self.ask("POST", PACKAGED_COMPONENT, "", body)

    def spare(self) -> dict[str, Any]:
        """Return a package of the kit that is not deleted; made at the first call, since version strings are few.

        Raises:
            RequestError: It could not be made.
        """
        if not self._spare:
            self._spare.append(_done(self.package(), "Packaging"))
        return self._spare[0]

    def deploy(self, package_id: str) -> Reply:
        """Send a deployment of one of the kit's packages."""
        body = {"environmentId": self.environment.id, "packageId": package_id, "notes": NOTES}
        return self.ask("POST", DEPLOYED_PACKAGE, "", body)

    def deployed(self) -> dict[str, Any]:
        """Return a deployment of the spare package, made now.

        Raises:
            RequestError: It could not be made.
        """
        return _done(self.deploy(self.spare()["packageId"]), "Deploying")

    def undeploy(self, deployment_id: str) -> Reply:
        """Send an undeploy."""
        return self.ask("DELETE", DEPLOYED_PACKAGE, f"/{deployment_id}")

    # -- cleaning --------------------------------------------------------------------------------

    def occupant(self) -> dict[str, Any] | None:
        """Return what is active of the component in the environment, of whoever's making."""
        return next(iter(self.slot()), None)

    def slot(self) -> list[dict[str, Any]]:
        """Return what is active of the component in the environment; one row, unless Boomi is wrong."""
        rows = self.all(
            DEPLOYED_PACKAGE,
            _equals("environmentId", self.environment.id),
            _equals("componentId", self.component.component_id),
            _equals("active", "true"),
        )
        return [row for row in rows if _is(row.get("active", True), True)]

    def live_packages(self) -> set[str]:
        """Return the packageIds of this run's packages that are not deleted."""
        return {str(row["packageId"]) for row in self._mine(self.run)[1]}

    def leftovers(self, run: str = "") -> list[str]:
        """Return the kit's packages and deployments that are still there; of one run, or of all."""
        deployments, packages = self._mine(run)
        return [f"deployment {row['deploymentId']} of {row['packageVersion']}" for row in deployments] + [
            f"package {row['packageVersion']} ({row['packageId']})" for row in packages
        ]

    def clean(self, run: str = "") -> list[str]:
        """Undeploy and delete what the kit made, found by query, not by memory; return what is left and why.

        Args:
            run: The run whose things are meant; all runs if left out.
        """
        why = ""
        for _ in range(_TRIES):
            failed = ""
            try:
                deployments, packages = self._mine(run)
                if not deployments and not packages:
                    return []
                for target, rows in ((DEPLOYED_PACKAGE, deployments), (PACKAGED_COMPONENT, packages)):
                    for row in rows:
                        reply = self.ask("DELETE", target, f"/{row[target.id]}")
                        failed = failed if reply.good else f'Boomi answered {reply.status}: "{reply.said}"'
            except BoomiError as error:
                failed = str(error)
            why = failed or why
            if failed:
                self.client.pause(1.0)
        return [*self._left(run), why]

    def _left(self, run: str) -> list[str]:
        try:
            return self.leftovers(run)
        except BoomiError:
            return [f"whatever is of version {PREFIX}{run}…"]

    def _mine(self, run: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        mine = f"{PREFIX}{run}"
        found = self.slot()
        packages = list(self.all(PACKAGED_COMPONENT, _equals("componentId", self.component.component_id)))
        return [row for row in found if str(row.get("packageVersion")).startswith(mine)], [
            row
            for row in packages
            if str(row.get("packageVersion")).startswith(mine) and not _is(row.get("deleted"), True)
        ]


def _reply(answer: Any) -> Reply:
    try:
        body = json.loads(answer.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        body = None
    return Reply(answer.status, answer.body, body, answer.headers)


def _done(reply: Reply, what: str) -> dict[str, Any]:
    if not reply.good or not isinstance(reply.body, dict):
        raise RequestError(what, status=reply.status, said=reply.said)
    return reply.body


def _equals(name: str, value: str) -> dict[str, Any]:
    return {"operator": "EQUALS", "property": name, "argument": [value]}


def _is(value: object, wanted: bool) -> bool:
    return str(value).lower() == str(wanted).lower()
