"""The laws: what holds for packages and deployments whatever happened, in this order.

Two packages of one component in one environment are enough. The laws know a stack and a person before the console by
their protocols only, so the test suite runs the same laws through Pulumi's SDK.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from boomi_pulumi.cli.live.memory_stack import DeclaredResource

__all__ = ["LAWS", "Console", "LawBroken", "PulumiStack", "Trial"]


class LawBroken(Exception):
    """A law does not hold; the message says what was seen instead."""


class PulumiStack(Protocol):
    """One stack and what Pulumi does with it, such as `MemoryStack`; the test suite has one over Pulumi's SDK.

    Every method returns the steps, each with its `act`; those of `refresh` have `changed`, the names of outputs.
    """

    state: Any
    """Its `resources` are name -> resource, each with `id` and `outputs`."""

    def preview(self, *program: Any) -> Sequence[Any]:
        """Return what `up` would do."""

    def up(self, *program: Any) -> Sequence[Any]:
        """Bring the account to what the program declares."""

    def refresh(self) -> Sequence[Any]:
        """Read every resource of the state."""

    def destroy(self) -> Sequence[Any]:
        """Delete every resource of the state."""


class Console(Protocol):
    """What a person does in Boomi's console, in one environment with one component, and what the console shows."""

    def deploy(self, package_id: str) -> object:
        """Deploy a package."""

    def undeploy_active(self) -> None:
        """Undeploy what is active."""

    def delete_package(self, package_id: str) -> object:
        """Delete a package."""

    def active_packages(self) -> list[str]:
        """Return the packageIds of the active deployments."""

    def packages(self) -> set[str]:
        """Return the packageIds of this trial's packages that are not deleted."""

    def writes(self) -> int:
        """Return how many writes Boomi has done so far, whoever sent them."""


@dataclass
class Trial:
    """What one trial of the laws works with.

    Attributes:
        component_id: The component.
        environment_id: The environment.
        versions: Two version strings that no package of the component ever had.
        stack: Takes a name, and returns a stack of that name with an empty state.
        console: A person beside the stacks.
        package_stack: The stack with the packages, which all laws share.
        deployment_stack: The stack with the deployment, which all laws share.
    """

    component_id: str
    environment_id: str
    versions: tuple[str, str]
    stack: Callable[[str], PulumiStack]
    console: Console

    def __post_init__(self) -> None:
        self.package_stack = self.stack("ours")
        self.deployment_stack = self.stack("place")

    def package(self, number: int = 0) -> DeclaredResource:
        """Return the declaration of one of the packages."""
        given = {"componentId": self.component_id, "packageVersion": self.versions[number]}
        return DeclaredResource(f"package-{number}", "PackagedComponent", given)

    def package_id(self, number: int = 0) -> str:
        """Return the packageId of a package that `package_stack` has."""
        return str(self.package_stack.state.resources[f"package-{number}"].outputs["packageId"])

    def deployment(self, number: int = 0) -> DeclaredResource:
        """Return the declaration of the deployment of one of the packages."""
        given = {"environmentId": self.environment_id, "packageId": self.package_id(number)}
        return DeclaredResource("deployment", "DeployedPackage", given)

    @contextmanager
    def writing_nothing(self) -> Iterator[None]:
        """Expect that nothing is written inside the context."""
        before = self.console.writes()
        yield
        _same(self.console.writes() - before, 0, "writes")

    def settled(self, stack: PulumiStack, *program: DeclaredResource) -> None:
        """Expect that there is nothing to do: at a preview, at a refresh, at a preview after it, and at another run."""
        with self.writing_nothing():
            for run in (stack.preview, lambda *_: stack.refresh(), stack.preview, stack.up):
                _same(_acts(run(*program)), ["same"] * len(program), "steps of a run without a change")

    def adopted_and_left(self, resource: DeclaredResource) -> None:
        """Expect that another stack adopts the object of a resource, and leaves it at a destroy."""
        other = self.stack("other")
        with self.writing_nothing():
            other.up(resource)
            _same(other.state.resources[resource.name].outputs["adopted"], True, "adopted")
            other.destroy()


def _acts(steps: Sequence[Any]) -> list[str]:
    return [step.act for step in steps]


def _same(seen: object, wanted: object, what: str) -> None:
    if seen != wanted:
        raise LawBroken(f"{what}: {seen!r} instead of {wanted!r}")


def _a_preview_writes_nothing(trial: Trial) -> None:
    with trial.writing_nothing():
        _same(_acts(trial.package_stack.preview(trial.package())), ["create"], "preview")


def _packaging_again_changes_nothing(trial: Trial) -> None:
    _same(_acts(trial.package_stack.up(trial.package())), ["create"], "up")
    stored = trial.package_stack.state.resources["package-0"]
    _same(stored.outputs["componentId"], trial.component_id, "componentId")
    _same(stored.outputs["packageVersion"], trial.versions[0], "packageVersion")
    _same(trial.package_id() in trial.console.packages(), True, "the package is there")
    trial.settled(trial.package_stack, trial.package())


def _a_package_whose_state_was_lost_is_used_again(trial: Trial) -> None:
    again = trial.stack("ours")
    with trial.writing_nothing():
        again.up(trial.package())
    _same(again.state.resources["package-0"].id, trial.package_stack.state.resources["package-0"].id, "id")
    _same(again.state.resources["package-0"].outputs["adopted"], False, "adopted")


def _a_package_of_another_stack_is_adopted_and_a_destroy_leaves_it(trial: Trial) -> None:
    trial.adopted_and_left(trial.package())
    _same(trial.package_id() in trial.console.packages(), True, "the package is there")


def _a_deleted_package_is_restored(trial: Trial) -> None:
    id_ = trial.package_id()
    trial.console.delete_package(id_)
    _same(_acts(trial.package_stack.refresh()), ["gone"], "refresh")
    _same(_acts(trial.package_stack.up(trial.package())), ["create"], "up")
    _same(trial.package_id(), id_, "packageId of the restored package")
    trial.settled(trial.package_stack, trial.package())


def _deploying_again_changes_nothing(trial: Trial) -> None:
    with trial.writing_nothing():
        _same(_acts(trial.deployment_stack.preview(trial.deployment())), ["create"], "preview")
    _same(_acts(trial.deployment_stack.up(trial.deployment())), ["create"], "up")
    _same(trial.console.active_packages(), [trial.package_id()], "what is active")
    trial.settled(trial.deployment_stack, trial.deployment())


def _a_deployment_whose_state_was_lost_is_used_again(trial: Trial) -> None:
    again = trial.stack("place")
    with trial.writing_nothing():
        again.up(trial.deployment())
    _same(again.state.resources["deployment"].outputs["adopted"], False, "adopted")
    trial.settled(again, trial.deployment())


def _a_deployment_of_another_stack_is_adopted_and_a_destroy_leaves_it(trial: Trial) -> None:
    trial.adopted_and_left(trial.deployment())
    _same(trial.console.active_packages(), [trial.package_id()], "what is active")


def _a_package_in_use_stays(trial: Trial) -> None:
    again = trial.stack("ours")
    again.up(trial.package())
    again.destroy()
    _same(trial.package_id() in trial.console.packages(), True, "the package is there")


def _another_package_is_an_update_in_place(trial: Trial) -> None:
    trial.package_stack.up(trial.package(0), trial.package(1))
    before = trial.deployment_stack.state.resources["deployment"].id
    _same(_acts(trial.deployment_stack.preview(trial.deployment(1))), ["update"], "preview")
    _same(_acts(trial.deployment_stack.up(trial.deployment(1))), ["update"], "up")
    _same(trial.deployment_stack.state.resources["deployment"].id, before, "id")
    _same(trial.console.active_packages(), [trial.package_id(1)], "what is active")
    trial.settled(trial.deployment_stack, trial.deployment(1))


def _a_deployment_by_hand_is_shown_and_undone(trial: Trial) -> None:
    trial.console.deploy(trial.package_id(0))
    (seen,) = trial.deployment_stack.refresh()
    _same("packageId" in seen.changed, True, "packageId shows as changed")
    _same(_acts(trial.deployment_stack.up(trial.deployment(1))), ["update"], "up")
    _same(trial.console.active_packages(), [trial.package_id(1)], "what is active")
    trial.settled(trial.deployment_stack, trial.deployment(1))


def _an_undeployed_package_is_deployed_again(trial: Trial) -> None:
    trial.console.undeploy_active()
    _same(_acts(trial.deployment_stack.refresh()), ["gone"], "refresh")
    _same(_acts(trial.deployment_stack.up(trial.deployment(1))), ["create"], "up")
    _same(trial.console.active_packages(), [trial.package_id(1)], "what is active")


def _a_later_deployment_of_somebody_else_stays(trial: Trial) -> None:
    trial.console.deploy(trial.package_id(0))
    trial.deployment_stack.destroy()
    _same(trial.console.active_packages(), [trial.package_id(0)], "what is active")
    trial.console.undeploy_active()


def _a_destroy_removes_what_we_made(trial: Trial) -> None:
    trial.deployment_stack.up(trial.deployment(1))
    _same(_acts(trial.deployment_stack.destroy()), ["delete"], "destroy")
    _same(trial.console.active_packages(), [], "what is active")
    trial.package_stack.destroy()
    _same(trial.console.packages(), set(), "packages that are there")


LAWS: Mapping[str, Callable[[Trial], None]] = {
    law.__name__.strip("_").replace("_", " "): law
    for law in (
        _a_preview_writes_nothing,
        _packaging_again_changes_nothing,
        _a_package_whose_state_was_lost_is_used_again,
        _a_package_of_another_stack_is_adopted_and_a_destroy_leaves_it,
        _a_deleted_package_is_restored,
        _deploying_again_changes_nothing,
        _a_deployment_whose_state_was_lost_is_used_again,
        _a_deployment_of_another_stack_is_adopted_and_a_destroy_leaves_it,
        _a_package_in_use_stays,
        _another_package_is_an_update_in_place,
        _a_deployment_by_hand_is_shown_and_undone,
        _an_undeployed_package_is_deployed_again,
        _a_later_deployment_of_somebody_else_stays,
        _a_destroy_removes_what_we_made,
    )
}
"""What holds -> the law, which raises `LawBroken` where it does not hold. A law builds on those before it."""
