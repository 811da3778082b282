"""A small engine over the lifecycle: one stack, its state in memory; it plans and does as Pulumi's does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import Bag
from boomi_pulumi._lifecycle.lifecycle import Lifecycle
from boomi_pulumi.cli.live.sandbox_client import SandboxClient

__all__ = ["MemoryStack", "Resource", "State", "Step", "Stored"]


@dataclass(frozen=True)
class Resource:
    """What a program declares, by Boomi's names."""

    name: str
    kind: str
    inputs: Mapping[str, Any]


@dataclass
class Stored:
    """One resource of a state."""

    kind: str
    id: str
    inputs: Bag
    outputs: Bag


@dataclass(frozen=True)
class Step:
    """What was done, or would be done, to one resource."""

    act: str
    name: str
    changed: tuple[str, ...] = ()


class State:
    """What a state file holds."""

    def __init__(self) -> None:
        self.resources: dict[str, Stored] = {}


class MemoryStack:
    """One stack.

    Args:
        client: The account.
        stack: Part of the origin mark.
    """

    def __init__(self, client: SandboxClient, stack: str) -> None:
        self.state = State()
        self._client = client
        self._stack = stack
        self._kinds: dict[str, Lifecycle] = {}
        self._process = client

    def preview(self, *program: Any) -> list[Step]:
        """Tell what would be done."""
        return self._run(program, lambda *_: None)

    def up(self, *program: Any) -> list[Step]:
        """Bring the account to what the program declares."""
        steps = self._run(program, self._do)
        leftover = [name for name in self.state.resources if name not in {each.name for each in program}]
        return steps + self._delete(leftover)

    def refresh(self) -> list[Step]:
        """Read everything, and let what is read replace inputs and outputs."""
        self._new_process()
        steps = []
        for name, stored in list(self.state.resources.items()):
            found = self._of(stored.kind).read(stored.id, stored.outputs, self._origin(name))
            if found is None:
                del self.state.resources[name]
                steps.append(Step("gone", name))
                continue
            changed = tuple(sorted(_differing(stored.outputs, found.outputs)))
            self.state.resources[name] = Stored(stored.kind, found.id, found.inputs, found.outputs)
            steps.append(Step("changed" if changed else "same", name, changed))
        return steps

    def destroy(self) -> list[Step]:
        """Delete everything."""
        self._new_process()
        return self._delete(list(self.state.resources))

    def _new_process(self) -> None:
        self._process = self._client.fresh()
        self._kinds.clear()

    def _origin(self, name: str) -> str:
        return f"boomi-pulumi-live/{self._stack}/{name}"

    def _of(self, kind: str) -> Lifecycle:
        if kind not in self._kinds:
            self._kinds[kind] = Lifecycle(KINDS[kind], lambda: self._process)
        return self._kinds[kind]

    def _run(self, program: tuple[Any, ...], act: Callable[[Any, str, Bag], None]) -> list[Step]:
        self._new_process()
        steps = []
        for resource in program:
            core, old = self._of(resource.kind), self.state.resources.get(resource.name)
            origin = self._origin(resource.name)
            checked = core.check(old.inputs if old else {}, dict(resource.inputs), {}, origin)
            if checked.failures:
                reasons = "; ".join(f"{each.property} {each.reason}" for each in checked.failures)
                raise SettingsError(f"{resource.name}: {reasons}")
            step = "create"
            if old is not None:
                found = core.diff(old.id, old.outputs, checked.inputs, origin)
                step = "replace" if found.replaces else "update" if found.changes else "same"
            steps.append(Step(step, resource.name))
            act(resource, step, checked.inputs)
        return steps

    def _do(self, resource: Any, step: str, inputs: Bag) -> None:
        name, core, old = resource.name, self._of(resource.kind), self.state.resources.get(resource.name)
        origin = self._origin(name)
        if old is not None and step == "same":
            self.state.resources[name] = Stored(resource.kind, old.id, inputs, old.outputs)
        elif old is not None and step == "update":
            outputs = core.update(old.outputs, inputs, origin)
            self.state.resources[name] = Stored(resource.kind, old.id, inputs, outputs)
        else:
            id_, outputs = core.create(inputs, origin)
            self.state.resources[name] = Stored(resource.kind, id_, inputs, outputs)
            if old is not None:
                core.delete(old.id, old.outputs, origin)

    def _delete(self, names: list[str]) -> list[Step]:
        steps = []
        for name in reversed(names):
            stored = self.state.resources[name]
            self._of(stored.kind).delete(stored.id, stored.outputs, self._origin(name))
            del self.state.resources[name]
            steps.append(Step("delete", name))
        return steps


def _differing(old: Bag, new: Bag) -> set[str]:
    names = {each for each in {*old, *new} if not each.startswith("__")}
    return {each for each in names if old.get(each) != new.get(each)}
