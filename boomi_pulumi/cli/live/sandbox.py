"""The one component and the one environment that the kit works in; it writes nowhere else, and cleans up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from boomi_pulumi._api.answers import page_in
from boomi_pulumi._api.errors import BoomiError, RequestError
from boomi_pulumi._api.models import DEPLOYED_PACKAGE, PACKAGED_COMPONENT, ComponentMetadata, Environment, Object
from boomi_pulumi.cli.live.sandbox_client import PREFIX, Reply, SandboxClient, SentWrites, reply_of

__all__ = ["NOTES", "Sandbox"]


NOTES = "Made by `boomi-pulumi live`, which deletes it again."

_TRIES = 5
"""How often the cleaning looks and removes, where something fails or does not show yet."""

_PAUSE = 2.0
"""Seconds between."""


class Sandbox:
    """What the kit does its work with.

    Args:
        client: The account.
        component: The one component.
        environment: The one environment.
        run: What the versions of this run have after the prefix.
    """

    def __init__(self, client: SandboxClient, component: ComponentMetadata, environment: Environment, run: str) -> None:
        self.client = client
        self.component = component
        self.environment = environment
        self.run = run
        client.component, client.environment = component.component_id, environment.id
        client.writes = SentWrites()
        self._made = 0
        self._spare: list[dict[str, Any]] = []
        self._unseen: set[str] = set()

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
        return reply_of(self.client.answer(method, target, path, f"{method} {target.name}{path}", body, at=at))

    def query(self, target: Object[Any], *conditions: Mapping[str, Any]) -> Reply:
        """Query for rows that meet all conditions."""
        expression: Mapping[str, Any] = {"operator": "and", "nestedExpression": list(conditions)}
        if len(conditions) == 1:
            expression = conditions[0]
        return self.ask("POST", target, "/query", {"QueryFilter": {"expression": expression} if conditions else {}})

    def all(self, target: Object[Any], *conditions: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Return all rows, page after page, however they are written.

        Raises:
            RequestError: An answer is not one to a query, or fewer rows came than Boomi counts.
        """
        reply, rows, count = self.query(target, *conditions), 0, 0
        while True:
            page = page_in(reply.body) if reply.good and isinstance(reply.body, dict) else None
            if page is None:
                raise RequestError(f"Querying {target.name}", status=reply.status, said=reply.said)
            yield from (row for row in page.rows if isinstance(row, dict))
            rows, count = rows + len(page.rows), count or page.count or 0
            if page.token is None:
                break
            reply = self.ask("POST", target, "/queryMore", str(page.token))
        if rows < count:
            raise RequestError(f"Querying {target.name}", detail=f"{rows} rows came, and Boomi counts {count}")

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
        return next(iter(self.deployments()), None)

    def deployments(self) -> list[dict[str, Any]]:
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
                if not deployments and not packages and not self._unseen:
                    return []
                for target, rows in ((DEPLOYED_PACKAGE, deployments), (PACKAGED_COMPONENT, packages)):
                    for row in rows:
                        reply = self.ask("DELETE", target, f"/{row[target.id]}")
                        failed = failed if reply.good else f'Boomi answered {reply.status}: "{reply.said}"'
            except BoomiError as error:
                failed = str(error)
            why = failed or why
            if failed or self._unseen:
                self.client.pause(_PAUSE)
        left = self._left(run)
        return [*left, why] if left else []

    def _left(self, run: str) -> list[str]:
        try:
            lost = [
                f"package {version}: Boomi made it, and does not show it"
                for version in self._unseen
                if self.client.writes.packages[version]
            ]
            return [*self.leftovers(run), *lost]
        except BoomiError:
            return [f"whatever is of version {PREFIX}{run}…"]

    def _mine(self, run: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        mine = f"{PREFIX}{run}"
        found = self.deployments()
        packages = list(self.all(PACKAGED_COMPONENT, _equals("componentId", self.component.component_id)))
        # What was just made, or whose answer was lost, may show a little later.
        self._unseen = set(self.client.writes.packages) - {str(row.get("packageVersion")) for row in packages}
        return [row for row in found if str(row.get("packageVersion")).startswith(mine)], [
            row
            for row in packages
            if str(row.get("packageVersion")).startswith(mine) and not _is(row.get("deleted"), True)
        ]


def _done(reply: Reply, what: str) -> dict[str, Any]:
    if not reply.good or not isinstance(reply.body, dict):
        raise RequestError(what, status=reply.status, said=reply.said)
    return reply.body


def _equals(name: str, value: str) -> dict[str, Any]:
    return {"operator": "EQUALS", "property": name, "argument": [value]}


def _is(value: object, wanted: bool) -> bool:
    return str(value).lower() == str(wanted).lower()
