"""One stack whose state is in memory, over the lifecycle: it plans and does what Pulumi's engine does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import Bag
from boomi_pulumi._lifecycle.lifecycle import Lifecycle
from boomi_pulumi.cli.live.sandbox_client import SandboxClient

__all__ = ["DeclaredResource", "MemoryStack", "StackState", "StackStep", "StoredResource"]


@dataclass(frozen=True)
class DeclaredResource:
    """A resource that a program declares; its inputs have Boomi's names."""

    name: str
    kind: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True)
class StoredResource:
    """A resource of a state."""

    kind: str
    id: str
    inputs: Bag
    outputs: Bag


@dataclass
class StackState:
    """What a state file holds: resources by name."""

    resources: dict[str, StoredResource] = field(default_factory=dict)


@dataclass(frozen=True)
class StackStep:
    """What was done, or would be done, to one resource.

    Attributes:
        act: create, update, replace, same or delete; of a refresh changed, same or gone.
        changed: The outputs that a refresh changed.
    """

    act: str
    changed: tuple[str, ...] = ()


class MemoryStack:
    """One stack.

    Each run reads the account with a fresh client, as a new process of Pulumi's would.

    Args:
        client: The account.
        stack: The stack's name, which is a part of the origin mark.
    """

    def __init__(self, client: SandboxClient, stack: str) -> None:
        self.state = StackState()
        self._client = client
        self._stack = stack
        self._lifecycles: dict[str, Lifecycle] = {}

    def preview(self, *program: Any) -> list[StackStep]:
        """Return what `up` would do.

        The program is a series of `DeclaredResource`; a resource stands after those that it needs.

        Raises:
            SettingsError: The check refuses a resource.
            BoomiError: The account could not be read.
        """
        return self._run(program, do=False)

    def up(self, *program: Any) -> list[StackStep]:
        """Bring the account to what the program declares; arguments and errors as `preview`."""
        steps = self._run(program, do=True)
        declared = {each.name for each in program}
        return steps + self._delete([name for name in self.state.resources if name not in declared])

    def refresh(self) -> list[StackStep]:
        """Read every resource; what was read replaces its inputs and outputs.

        Raises:
            BoomiError: The account could not be read.
        """
        self._new_process()
        steps = []
        for name, stored in list(self.state.resources.items()):
            found = self._lifecycles[stored.kind].read(stored.id, stored.outputs, self._origin(name))
            if found is None:
                del self.state.resources[name]
                steps.append(StackStep("gone"))
                continue
            changed = tuple(sorted(_differing(stored.outputs, found.outputs)))
            self.state.resources[name] = StoredResource(stored.kind, found.id, found.inputs, found.outputs)
            steps.append(StackStep("changed" if changed else "same", changed))
        return steps

    def destroy(self) -> list[StackStep]:
        """Delete every resource, the last one first.

        Raises:
            BoomiError: A resource could not be deleted.
        """
        self._new_process()
        return self._delete(list(self.state.resources))

    def _new_process(self) -> None:
        client = self._client.fresh()
        self._lifecycles = {kind: Lifecycle(KINDS[kind], lambda: client) for kind in KINDS}

    def _origin(self, name: str) -> str:
        return f"boomi-pulumi-live/{self._stack}/{name}"

    def _run(self, program: tuple[Any, ...], *, do: bool) -> list[StackStep]:
        self._new_process()
        steps = []
        for resource in program:
            lifecycle, old = self._lifecycles[resource.kind], self.state.resources.get(resource.name)
            origin = self._origin(resource.name)
            checked = lifecycle.check(old.inputs if old else {}, dict(resource.inputs), {}, origin)
            if checked.failures:
                reasons = "; ".join(f"{each.property} {each.reason}" for each in checked.failures)
                raise SettingsError(f"{resource.name}: {reasons}")
            act = "create"
            if old is not None:
                found = lifecycle.diff(old.id, old.outputs, checked.inputs, origin)
                act = "replace" if found.replaces else "update" if found.changes else "same"
            steps.append(StackStep(act))
            if do:
                self._do(resource, act, checked.inputs)
        return steps

    def _do(self, resource: Any, act: str, inputs: Bag) -> None:
        name, lifecycle, old = resource.name, self._lifecycles[resource.kind], self.state.resources.get(resource.name)
        origin, replaced = self._origin(name), None
        if old is not None and act == "same":
            id_, outputs = old.id, old.outputs
        elif old is not None and act == "update":
            id_, outputs = old.id, lifecycle.update(old.outputs, inputs, origin)
        else:
            id_, outputs = lifecycle.create(inputs, origin)
            replaced = old
        self.state.resources[name] = StoredResource(resource.kind, id_, inputs, outputs)
        if replaced is not None:
            lifecycle.delete(replaced.id, replaced.outputs, origin)

    def _delete(self, names: list[str]) -> list[StackStep]:
        for name in reversed(names):
            stored = self.state.resources[name]
            self._lifecycles[stored.kind].delete(stored.id, stored.outputs, self._origin(name))
            del self.state.resources[name]
        return [StackStep("delete")] * len(names)


def _differing(old: Bag, new: Bag) -> set[str]:
    names = {each for each in {*old, *new} if not each.startswith("__")}
    return {each for each in names if old.get(each) != new.get(each)}
