"""What runs in the user's program: the base of the typed resources, and the facts that are gathered there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

import pulumi
import pulumi.dynamic
from pydantic.alias_generators import to_camel, to_snake

from boomi_pulumi.accounts import known
from boomi_pulumi.api.client import client_for
from boomi_pulumi.api.errors import SettingsError, raised_as
from boomi_pulumi.core.facts import Facts
from boomi_pulumi.core.lifecycle import ACCOUNT
from boomi_pulumi.core.rules import rules
from boomi_pulumi.provider import FACTS, ORIGIN, Provider

if TYPE_CHECKING:
    from typing_extensions import Self

    from boomi_pulumi.api.settings import Settings
    from boomi_pulumi.core.kind import Kind, Need

__all__ = [
    "BoomiResource",
    "either",
]

raised_as(pulumi.RunError)


# -- facts ---------------------------------------------------------------------------------------

_FACTS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Settings, Facts]] = WeakKeyDictionary()


def _facts(who: Settings) -> Facts:
    of_run = _FACTS.setdefault(asyncio.get_running_loop(), {})
    if who not in of_run:
        of_run[who] = Facts(client_for(who))
    return of_run[who]


def _looked_up(
    kind: Kind[Any],
    who: Settings | None,
    given: Mapping[str, Any],
    ready: Mapping[str, Any],
    earlier: Mapping[str, pulumi.Input[Any]],
) -> dict[str, Any]:
    """Return property -> what the account says about the object that it names, for all that the kind needs.

    Args:
        kind: The kind.
        who: Whose account; None reads nothing.
        given: Inputs by Boomi's name.
        ready: Facts that need not be read.
        earlier: Keys that are known earlier than the facts that would tell them.
    """
    facts = dict(ready)
    if who is None or not who.validate:
        return facts
    for need in kind.needs:
        if need.property in facts or (need.unless is not None and given.get(need.unless) is not None):
            continue
        keys = [_key(kind, name, given, facts, earlier) for name in need.keys]
        if all(key is not None for key in keys):
            beside = [given.get(name) for name in need.beside]
            facts[need.property] = pulumi.Output.all(*keys, *beside).apply(partial(_read, who, need))
    return facts


def _key(
    kind: Kind[Any],
    name: str,
    given: Mapping[str, Any],
    facts: Mapping[str, Any],
    earlier: Mapping[str, pulumi.Input[Any]],
) -> Any:
    companion = rules(kind.inputs)[name].companion
    if earlier.get(name) is not None:
        return earlier[name]
    if companion is not None and companion[0] in facts:
        source, key = companion
        return pulumi.Output.from_input(facts[source]).apply(lambda fact: fact.get(key))
    return given.get(name)


async def _read(who: Settings, need: Need, values: list[Any]) -> dict[str, Any]:
    keys = values[: len(need.keys)]
    if not all(keys):
        return {}
    found: dict[str, Any] = await getattr(_facts(who), need.sort)(*values)
    return found


# -- resources -----------------------------------------------------------------------------------


def either(
    name: str, value: Any, id_name: str, id_: pulumi.Input[str] | None, take: Callable[[Any], Any]
) -> pulumi.Input[str] | None:
    """Return the id, given as such or through a look-up.

    Raises:
        SettingsError: Both were given.
    """
    if value is None:
        return id_
    if id_ is not None:
        raise SettingsError(f"Give {name} or {id_name}, not both.")
    if isinstance(value, pulumi.Output):
        return value.apply(take)
    try:
        found: pulumi.Input[str] = take(value)
    except AttributeError:
        raise SettingsError(
            f"{name} is a {type(value).__name__}; give the result of a look-up, or {id_name}."
        ) from None
    return found


@cache
def _python_names(kind: Kind[Any]) -> dict[str, str]:
    """Return Boomi's name -> Python's, of every property; other keys (names, ids) are data and stay as they are."""
    known = (*rules(kind.inputs), *kind.outputs, *(["adopted"] if kind.adopts else []), *kind.nested)
    return {name: to_snake(name) for name in known}


@cache
def _boomi_names(kind: Kind[Any]) -> dict[str, str]:
    return {python: name for name, python in _python_names(kind).items()}


class BoomiResource(pulumi.dynamic.Resource):
    """What the typed resources share: names, the provider, hidden inputs."""

    kind: ClassVar[Kind[Any]]

    def __init__(
        self,
        resource_name: str,
        arguments: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
        *,
        lenders: Mapping[str, BoomiResource] = MappingProxyType({}),
        facts: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Register the resource.

        Args:
            resource_name: Its name in the program.
            arguments: Inputs by Python name.
            opts: Pulumi's resource options.
            lenders: Property (Boomi's name) -> the resource of this program whose object it names.
            facts: Property (Boomi's name) -> what is known already of the object that it names.
        """
        names = dict.fromkeys(_python_names(self.kind).values())
        reading = opts is not None and opts.id is not None
        who = known(opts)  # a missing setting is one line here, and a stack trace later
        # A misspelt argument travels to `check`, under the name that Boomi would give it.
        props: dict[str, Any] = {
            **names,
            **{name if name in names else to_camel(name): arguments[name] for name in arguments},
        }
        # Known before the object is made, unlike the outputs: facts about it need not wait.
        self.declared = {to_camel(name): value for name, value in arguments.items()}
        if who is not None:
            props[ACCOUNT] = who.account
        if not reading:
            props[ORIGIN] = f"{pulumi.get_project()}/{pulumi.get_stack()}/{resource_name}"
            lent = {name: lender.lend() for name, lender in lenders.items()}
            earlier = {name: value for lender in lenders.values() for name, value in lender.declared.items()}
            props[FACTS] = _looked_up(self.kind, who, self.declared, {**facts, **lent}, earlier) or None
        super().__init__(Provider(self.kind), resource_name, props, opts)
        if opts is not None and opts.id is not None:
            # A CLI older than the SDK leaves the id of a read out of a preview, and what uses it would seem to change.
            self.__dict__["id"] = pulumi.Output.all(self.urn, opts.id).apply(lambda given: str(given[1]))

    def lend(self) -> dict[str, Any]:
        """Return what a fact about this resource's object would say, in outputs."""
        return {"id": self.id, **{name: getattr(self, to_snake(name)) for name in self.kind.lends}}

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> Self:
        """Read an existing object without managing it.

        Args:
            resource_name: Its name in the program.
            id: The resource's id.
            opts: Pulumi's resource options.
        """
        # Every resource class takes (name, opts); its arguments are keywords.
        make: Callable[..., Self] = cls
        return make(resource_name, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))

    def translate_input_property(self, prop: str) -> str:
        """Return Boomi's name of a Python name."""
        return _boomi_names(self.kind).get(prop, prop)

    def translate_output_property(self, prop: str) -> str:
        """Return the Python name of a name of Boomi's."""
        return _python_names(self.kind).get(prop, prop)
