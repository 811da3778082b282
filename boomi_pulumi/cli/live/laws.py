"""The laws: what holds for packages and deployments whatever happened, in this order.

Two packages of one component in one environment are enough. They know nothing of how an engine or an account is made,
so the test suite runs the same laws through Pulumi's SDK.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from boomi_pulumi.cli.live.memory_stack import Resource

__all__ = ["LAWS", "Console", "Law", "LawBroken", "Stack", "Trial"]


class LawBroken(Exception):
    """A law does not hold; the message says what was seen instead."""


class Stack(Protocol):
    """An engine with one stack, such as `MemoryStack`; the suite's driver is another one."""

    state: Any

    def preview(self, *program: Any) -> Sequence[Any]:
        """Tell what would be done."""

    def up(self, *program: Any) -> Sequence[Any]:
        """Do it."""

    def refresh(self) -> Sequence[Any]:
        """Read everything."""

    def destroy(self) -> Sequence[Any]:
        """Delete everything."""


class Console(Protocol):
    """What a person does in the console, and what he sees there."""

    def deploy(self, package_id: str) -> None:
        """Deploy a package."""

    def undeploy(self) -> None:
        """Undeploy what is active."""

    def delete_package(self, package_id: str) -> None:
        """Delete a package."""

    def active(self) -> list[str]:
        """Return the packageIds that are active there."""

    def packages(self) -> set[str]:
        """Return the packageIds of the kit's packages that are not deleted."""

    def writes(self) -> int:
        """Return how many writes were sent so far."""


@dataclass
class Trial:
    """What one trial of the laws works with.

    Attributes:
        component_id: The component.
        environment_id: The environment.
        versions: Two version strings that no package of the component ever had.
        stack: Makes a stack of a name, without state.
        console: A person beside it.
    """

    component_id: str
    environment_id: str
    versions: tuple[str, str]
    stack: Callable[[str], Stack]
    console: Console

    def __post_init__(self) -> None:
        """Begin with a stack for packages and one for the deployment, which outlive single laws."""
        self.ours = self.stack("ours")
        self.place = self.stack("place")

    def package(self, number: int = 0) -> Resource:
        """Declare one of the packages."""
        given = {"componentId": self.component_id, "packageVersion": self.versions[number]}
        return Resource(f"package-{number}", "PackagedComponent", given)

    def package_id(self, number: int = 0) -> str:
        """Return the packageId of a package that `ours` has."""
        return str(self.ours.state.resources[f"package-{number}"].outputs["packageId"])

    def deployment(self, number: int = 0) -> Resource:
        """Declare the deployment of one of the packages."""
        given = {"environmentId": self.environment_id, "packageId": self.package_id(number)}
        return Resource("deployment", "DeployedPackage", given)

    @contextmanager
    def writing_nothing(self) -> Iterator[None]:
        """Expect that nothing is written meanwhile."""
        before = self.console.writes()
        yield
        _same(self.console.writes() - before, 0, "writes")

    def settled(self, stack: Stack, *program: Resource) -> None:
        """Expect that there is nothing to do: at a preview, at a refresh, at a preview after it, and at another run."""
        with self.writing_nothing():
            for run in (stack.preview, lambda *_: stack.refresh(), stack.preview, stack.up):
                _same(_acts(run(*program)), ["same"] * len(program), "steps of a run without a change")


@dataclass(frozen=True)
class Law:
    """One law.

    Attributes:
        name: What holds.
        holds: Raises LawBroken where it does not.
    """

    name: str
    holds: Callable[[Trial], None]


def _acts(steps: Sequence[Any]) -> list[str]:
    return [step.act for step in steps]


def _same(seen: object, wanted: object, what: str) -> None:
    if seen != wanted:
        raise LawBroken(f"{what}: {seen!r} instead of {wanted!r}")


def _a_preview_writes_nothing(trial: Trial) -> None:
    with trial.writing_nothing():
        _same(_acts(trial.ours.preview(trial.package())), ["create"], "preview")


def _packaging_again_changes_nothing(trial: Trial) -> None:
    _same(_acts(trial.ours.up(trial.package())), ["create"], "up")
    stored = trial.ours.state.resources["package-0"]
    _same(stored.outputs["componentId"], trial.component_id, "componentId")
    _same(stored.outputs["packageVersion"], trial.versions[0], "packageVersion")
    _same(trial.package_id() in trial.console.packages(), True, "the package is there")
    trial.settled(trial.ours, trial.package())


def _a_package_whose_state_was_lost_is_used_again(trial: Trial) -> None:
    again = trial.stack("ours")
    with trial.writing_nothing():
        again.up(trial.package())
    _same(again.state.resources["package-0"].id, trial.ours.state.resources["package-0"].id, "id")
    _same(again.state.resources["package-0"].outputs["adopted"], False, "adopted")


def _a_package_of_another_stack_is_adopted_and_a_destroy_leaves_it(trial: Trial) -> None:
    other = trial.stack("other")
    with trial.writing_nothing():
        other.up(trial.package())
        _same(other.state.resources["package-0"].outputs["adopted"], True, "adopted")
        other.destroy()
    _same(trial.package_id() in trial.console.packages(), True, "the package is there")


def _a_deleted_package_is_restored(trial: Trial) -> None:
    id_ = trial.package_id()
    trial.console.delete_package(id_)
    _same(_acts(trial.ours.refresh()), ["gone"], "refresh")
    _same(_acts(trial.ours.up(trial.package())), ["create"], "up")
    _same(trial.package_id(), id_, "packageId of the restored package")
    trial.settled(trial.ours, trial.package())


def _deploying_again_changes_nothing(trial: Trial) -> None:
    with trial.writing_nothing():
        _same(_acts(trial.place.preview(trial.deployment())), ["create"], "preview")
    _same(_acts(trial.place.up(trial.deployment())), ["create"], "up")
    _same(trial.console.active(), [trial.package_id()], "what is active")
    trial.settled(trial.place, trial.deployment())


def _a_deployment_whose_state_was_lost_is_used_again(trial: Trial) -> None:
    again = trial.stack("place")
    with trial.writing_nothing():
        again.up(trial.deployment())
    _same(again.state.resources["deployment"].outputs["adopted"], False, "adopted")
    trial.settled(again, trial.deployment())


def _a_deployment_of_another_stack_is_adopted_and_a_destroy_leaves_it(trial: Trial) -> None:
    other = trial.stack("other")
    with trial.writing_nothing():
        other.up(trial.deployment())
        _same(other.state.resources["deployment"].outputs["adopted"], True, "adopted")
        other.destroy()
    _same(trial.console.active(), [trial.package_id()], "what is active")


def _a_package_in_use_stays(trial: Trial) -> None:
    again = trial.stack("ours")
    again.up(trial.package())
    again.destroy()
    _same(trial.package_id() in trial.console.packages(), True, "the package is there")


def _another_package_is_an_update_in_place(trial: Trial) -> None:
    trial.ours.up(trial.package(0), trial.package(1))
    before = trial.place.state.resources["deployment"].id
    _same(_acts(trial.place.preview(trial.deployment(1))), ["update"], "preview")
    _same(_acts(trial.place.up(trial.deployment(1))), ["update"], "up")
    _same(trial.place.state.resources["deployment"].id, before, "id")
    _same(trial.console.active(), [trial.package_id(1)], "what is active")
    trial.settled(trial.place, trial.deployment(1))


def _a_deployment_by_hand_is_shown_and_undone(trial: Trial) -> None:
    trial.console.deploy(trial.package_id(0))
    (seen,) = trial.place.refresh()
    _same("packageId" in seen.changed, True, "packageId shows as changed")
    _same(_acts(trial.place.up(trial.deployment(1))), ["update"], "up")
    _same(trial.console.active(), [trial.package_id(1)], "what is active")
    trial.settled(trial.place, trial.deployment(1))


def _an_undeployed_package_is_deployed_again(trial: Trial) -> None:
    trial.console.undeploy()
    _same(_acts(trial.place.refresh()), ["gone"], "refresh")
    _same(_acts(trial.place.up(trial.deployment(1))), ["create"], "up")
    _same(trial.console.active(), [trial.package_id(1)], "what is active")


def _a_later_deployment_of_somebody_else_stays(trial: Trial) -> None:
    trial.console.deploy(trial.package_id(0))
    trial.place.destroy()
    _same(trial.console.active(), [trial.package_id(0)], "what is active")
    trial.console.undeploy()


def _a_destroy_removes_what_we_made(trial: Trial) -> None:
    trial.place.up(trial.deployment(1))
    _same(_acts(trial.place.destroy()), ["delete"], "destroy")
    _same(trial.console.active(), [], "what is active")
    trial.ours.destroy()
    _same(trial.console.packages(), set(), "packages that are there")


LAWS: tuple[Law, ...] = tuple(
    Law(law.__name__.strip("_").replace("_", " "), law)
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
)
"""The laws, in the order in which they build on one another."""
