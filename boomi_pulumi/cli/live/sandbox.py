"""The one component and the one environment in which `boomi-pulumi live` writes, and the cleaning of both."""

from __future__ import annotations

from typing import Any

from boomi_pulumi._api.errors import BoomiError
from boomi_pulumi._api.filters import Filter, where
from boomi_pulumi._api.models import (
    DEPLOYED_PACKAGE,
    PACKAGED_COMPONENT,
    ComponentMetadata,
    DeployedPackage,
    Environment,
    Object,
    PackagedComponent,
)
from boomi_pulumi.cli.account import Counter
from boomi_pulumi.cli.live.sandbox_client import PREFIX, Body, Reply, SandboxClient, SentWrites

__all__ = ["NOTES", "Sandbox"]

NOTES = "Made by `boomi-pulumi live`, which deletes it again."

_TRIES = 5
"""How often the cleaning looks and removes, where something fails or does not show yet."""

_PAUSE = 2.0
"""Seconds between two tries of the cleaning."""


class Sandbox:
    """The place where `boomi-pulumi live` works; for the laws, also the `Console` of a person beside the stacks.

    Args:
        client: The account; from now on it writes in this place only.
        component: The component that is packaged.
        environment: The environment that is deployed to.
        run: The name of this run; the versions of its packages have it after the prefix.
        counter: Counts the client's requests.
    """

    def __init__(
        self, client: SandboxClient, component: ComponentMetadata, environment: Environment, run: str, counter: Counter
    ) -> None:
        self.client = client
        self.component = component
        self.environment = environment
        self.run = run
        client.component, client.environment = component.component_id, environment.id
        client.writes = SentWrites()
        self._counter = counter
        self._made = 0
        self._spare: dict[str, Any] | None = None
        self._unseen: set[str] = set()

    # -- asking ----------------------------------------------------------------------------------

    def ask(
        self, method: str, target: Object[Any], path: str = "", body: Body = None, *, at: str | None = None
    ) -> Reply:
        """Send one request, once; arguments as those of `Sender.answer`.

        Raises:
            RequestError: There is no answer.
            OutsideSandbox: It writes something that is not of this place; nothing was sent.
        """
        return Reply.of(self.client.answer(method, target, path, f"{method} {target.name}{path}", body, at=at))

    def query(self, target: Object[Any], condition: Filter | None = None, *, at: str | None = None) -> Reply:
        """Send a query, once, also where Boomi would refuse its condition.

        Args:
            target: The objects.
            condition: None asks for all rows.
            at: Another path than the object's usual one; see `Sender.answer`.

        Raises:
            RequestError: There is no answer.
        """
        query_filter = {} if condition is None else {"expression": condition.expression()}
        return self.ask("POST", target, "/query", {"QueryFilter": query_filter}, at=at)

    # -- making ----------------------------------------------------------------------------------

    def version(self) -> str:
        """Return a version string that no package ever had."""
        self._made += 1
        return f"{PREFIX}{self.run}-{self._made}"

    def package(self, **fields: Any) -> Reply:
        """Send the create of a package; `fields` replace those that it has otherwise."""
        body = {"componentId": self.component.component_id, "packageVersion": self.version(), "notes": NOTES, **fields}
        return self.ask("POST", PACKAGED_COMPONENT, "", body)

    def spare(self) -> dict[str, Any]:
        """Return a package of this run, which the first call makes: version strings are never free again.

        Raises:
            RequestError: It could not be made.
        """
        if self._spare is None:
            self._spare = self.package().made("Packaging")
        return self._spare

    def deploy(self, package_id: str) -> Reply:
        """Send the deployment of a package of this run."""
        body = {"environmentId": self.environment.id, "packageId": package_id, "notes": NOTES}
        return self.ask("POST", DEPLOYED_PACKAGE, "", body)

    def undeploy(self, deployment_id: str) -> Reply:
        """Send an undeploy."""
        return self.ask("DELETE", DEPLOYED_PACKAGE, f"/{deployment_id}")

    def undeploy_active(self) -> None:
        """Undeploy what is active."""
        for each in self.active():
            self.undeploy(each.deployment_id)

    def delete_package(self, package_id: str) -> Reply:
        """Send the delete of a package."""
        return self.ask("DELETE", PACKAGED_COMPONENT, f"/{package_id}")

    # -- what is there ---------------------------------------------------------------------------

    def active(self) -> list[DeployedPackage]:
        """Return the active deployments of the component in the environment; more than one is a fault of Boomi's.

        Raises:
            RequestError: They could not be read.
        """
        condition = where("environmentId").equals(self.environment.id) & where("active").equals(True)
        condition &= where("componentId").equals(self.component.component_id)
        return [each for each in self.client.query(DEPLOYED_PACKAGE, condition) if each.active is not False]

    def active_packages(self) -> list[str]:
        """Return the packageIds of the active deployments; errors as `active`."""
        return [str(each.package_id) for each in self.active()]

    def packages(self) -> set[str]:
        """Return the packageIds of this run's packages that are not deleted; errors as `active`."""
        return {each.package_id for each in self._of_run(self.run)[1]}

    def writes(self) -> int:
        """Return how many creates and deletes Boomi has done for this process."""
        return self._counter.writes

    # -- cleaning --------------------------------------------------------------------------------

    def clean(self, run: str = "") -> list[str]:
        """Undeploy and delete what one run made, or all runs did, found by query, not by memory.

        Returns:
            What is left, and last the reason; empty where nothing is left.
        """
        why = ""
        for _ in range(_TRIES):
            failed = ""
            try:
                deployments, packages = self._of_run(run)
                if not deployments and not packages and not self._unseen:
                    return []
                replies = [self.undeploy(each.deployment_id) for each in deployments]
                replies += [self.delete_package(each.package_id) for each in packages]
                refused = [each for each in replies if not each.good]
                if refused:
                    failed = f'Boomi answered {refused[-1].status}: "{refused[-1].said}"'
            except BoomiError as error:
                failed = str(error)
            why = failed or why
            if failed or self._unseen:
                self.client.pause(_PAUSE)
        left = self._left(run)
        return [*left, why] if left else []

    def _left(self, run: str) -> list[str]:
        try:
            deployments, packages = self._of_run(run)
        except BoomiError:
            return [f"whatever is of version {PREFIX}{run}…"]
        made = [version for version in self._unseen if self.client.writes.packages[version]]
        return [
            *(f"deployment {each.deployment_id} of {each.package_version}" for each in deployments),
            *(f"package {each.package_version} ({each.package_id})" for each in packages),
            *(f"package {version}: Boomi made it, and does not show it" for version in made),
        ]

    def _of_run(self, run: str) -> tuple[list[DeployedPackage], list[PackagedComponent]]:
        """Return the active deployments and the packages that are not deleted, of one run or of all."""
        active = self.active()
        condition = where("componentId").equals(self.component.component_id)
        packages = list(self.client.query(PACKAGED_COMPONENT, condition))
        # What was just made, or whose answer was lost, may show a little later.
        self._unseen = set(self.client.writes.packages) - {str(each.package_version) for each in packages}
        prefix = f"{PREFIX}{run}"
        return [each for each in active if str(each.package_version).startswith(prefix)], [
            each for each in packages if str(each.package_version).startswith(prefix) and each.deleted is not True
        ]
