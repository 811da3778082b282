"""What runs in the user's program: the base of the typed resources, and the facts that are gathered there."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Mapping
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

import pulumi
import pulumi.dynamic
from pydantic.alias_generators import to_camel, to_snake

from boomi_pulumi import _sdk as sdk
from boomi_pulumi._api.client import client_for
from boomi_pulumi._api.errors import SettingsError, raised_as
from boomi_pulumi._api.login import PROGRAM
from boomi_pulumi._lifecycle.fields import SECRETS, rules
from boomi_pulumi._lifecycle.leftovers import DELETES
from boomi_pulumi._lifecycle.lifecycle import ACCOUNT
from boomi_pulumi._lifecycle.origin import origin_of
from boomi_pulumi._lifecycle.preview import WHY, fits
from boomi_pulumi._python.accounts import known, mocked
from boomi_pulumi._python.dynamic import FACTS, ORIGIN, PARENT
from boomi_pulumi._python.values import keep_secret, type_of, why_none
from boomi_pulumi._reads.facts import Facts, Told, wanted
from boomi_pulumi.provider import load

if TYPE_CHECKING:
    from typing_extensions import Self

    from boomi_pulumi._api.settings import Settings
    from boomi_pulumi._lifecycle.kind import Kind, Need

__all__ = ["BoomiResource"]

raised_as(pulumi.RunError)


# -- facts ---------------------------------------------------------------------------------------

_FACTS: WeakKeyDictionary[Any, dict[Settings, Facts]] = WeakKeyDictionary()
"""The facts of each run, known by its connection to the engine, and of each account there."""


def _facts(who: Settings) -> Facts:
    of_run = _FACTS.setdefault(sdk.RUN.monitor, {})
    if who not in of_run:
        of_run[who] = Facts(client_for(who, PROGRAM, sdk.RUN.monitor))
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
    for need, keys, beside in wanted(kind, given, ready, earlier):
        values = [_told(facts, key) if isinstance(key, Told) else key for key in keys]
        facts[need.property] = pulumi.Output.all(*values, *beside).apply(partial(_read, who, kind, need))
    return facts


def _declare(kind: Kind[Any], who: Settings | None, given: Mapping[str, Any]) -> None:
    """Note what the program makes itself."""
    if who is not None and kind.fact is not None:
        pulumi.Output.all(**given).apply(lambda known: _facts(who).declare(kind, known))


def _told(facts: Mapping[str, Any], key: Told) -> pulumi.Output[Any]:
    return pulumi.Output.from_input(facts[key.property]).apply(lambda fact: (fact or {}).get(key.fact))


async def _read(who: Settings, kind: Kind[Any], need: Need, values: list[Any]) -> dict[str, Any] | None:
    # What the check refuses is not looked up: it would spoil the read that others share.
    if not all(fits(kind.inputs, name, value) for name, value in zip(need.keys, values, strict=False)):
        return {}
    keys = len(need.keys)
    return await _facts(who).of(need, values[:keys], values[keys:])


def _reasons(kind: Kind[Any], who: Settings | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return why a property is None, for each that is given as an output."""
    why = {name: why_none(given[name]) for name in rules(kind.inputs) if isinstance(given.get(name), pulumi.Output)}
    return {WHY: why} if why and who is not None else {}


# -- resources -----------------------------------------------------------------------------------

_OUTPUTS: WeakKeyDictionary[pulumi.Output[Any], tuple[weakref.ref[BoomiResource], str]] = WeakKeyDictionary()
"""Output -> its resource, and the name of the property. The result of `apply` is another output, and is not in here."""


def _sources(kind: Kind[Any], arguments: Mapping[str, Any]) -> dict[str, BoomiResource]:
    """Return property -> the resource of this program whose object it names, where the value is that resource's id."""
    found: dict[str, BoomiResource] = {}
    for need in kind.needs:
        value = arguments.get(to_snake(need.property))
        resource, name = _OUTPUTS.get(value, (None, "")) if isinstance(value, pulumi.Output) else (None, "")
        source = resource() if resource is not None else None
        if source is not None and source._kind.fact == need.fact and name in ("id", need.property):  # noqa: SLF001
            found[need.property] = source
    return found


def _lent(sources: Mapping[str, BoomiResource]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return property -> what a fact about the resource that it names would say, and what is known of those before."""
    facts: dict[str, Any] = {}
    earlier: dict[str, Any] = {}
    for name, source in sources.items():
        facts[name] = source._as_fact()  # noqa: SLF001 - a public name would stand in the way of outputs
        earlier |= source._known_early  # noqa: SLF001
    return facts, earlier


async def _deletes(opts: pulumi.ResourceOptions | None) -> bool | None:
    """Return True where the engine is sure to delete what a replacement leaves; nothing may have it retained."""
    parent = opts.parent if opts is not None else None
    above = parent if parent is not None else pulumi.runtime.get_root_resource()
    changed: list[object] = [sdk.is_transformed(above)]
    if opts is not None:
        changed += [opts.retain_on_delete, opts.transformations, opts.transforms]
    if any(changed):
        return None
    if parent is not None:
        await parent.urn.future()  # by then its transforms are known
    return None if sdk.has_transforms() else True


async def _secrets(given: Mapping[str, Any]) -> list[str] | None:
    """Return the inputs that are secrets, which the engine does not tell a dynamic provider."""
    found = await asyncio.gather(*map(keep_secret, given.values()))
    return [name for name, is_one in zip(given, found, strict=True) if is_one] or None


def _judge_sdk() -> None:
    """Refuse an SDK that keeps from the provider what the program sends; tell of one that nobody has tried.

    Raises:
        SettingsError: It is refused.
    """
    unfit = sdk.unfit()
    if unfit is not None and not mocked():
        raise SettingsError(unfit)
    sdk.tell()


async def _origin(name: str, opts: pulumi.ResourceOptions | None) -> str:
    """Return what tells a resource from every other one; awaits the parent's URN, and depends on nothing."""
    parent = opts.parent if opts is not None else None
    urn = await parent.urn.future() if parent is not None else None
    above = urn.split("::", 3)[2] if urn and urn.count("::") > 2 else None  # noqa: PLR2004
    return origin_of(pulumi.get_project(), pulumi.get_stack(), name, above)


def _judge_options(who: str, opts: object) -> None:
    """Refuse what is no set of options, and the one option that dynamic resources cannot have.

    Raises:
        SettingsError: It is refused.
    """
    if opts is None:
        return
    if not isinstance(opts, pulumi.ResourceOptions):
        raise SettingsError(
            f"{who}: opts is {type_of(opts)}; after the resource's name, give every argument by its name."
        )
    if opts.import_ is not None:
        raise SettingsError(
            f"{who}: leave import_ out; Pulumi cannot import dynamic resources. Declare what is there, and it is taken."
        )


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

    _kind: ClassVar[Kind[Any]]

    def __init__(
        self,
        resource_name: str,
        arguments: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
        *,
        facts: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Register the resource.

        Args:
            resource_name: Its name in the program.
            arguments: Inputs by Python name.
            opts: Pulumi's resource options.
            facts: Property (Boomi's name) -> what is known already of the object that it names.
        """
        _judge_sdk()
        _judge_options(f"{self._kind.name} {resource_name}", opts)
        names = dict.fromkeys(_python_names(self._kind).values())
        reading = opts is not None and opts.id is not None
        who = known(opts)  # a missing setting is one line here, and a stack trace later
        sources = _sources(self._kind, arguments) if not reading else {}
        if not mocked():
            # Unlike the id, the output is known before the resource is made, where its object is there already.
            named = {to_snake(name): getattr(source, to_snake(name)) for name, source in sources.items()}
            arguments = {**arguments, **named}
        # A misspelt argument travels to `check`, under the name that Boomi would give it.
        props: dict[str, Any] = {
            **names,
            **{name if name in names else to_camel(name): arguments[name] for name in arguments},
        }
        declared = {to_camel(name): value for name, value in arguments.items()}
        # Known before the object is made, unlike the outputs: facts about it need not wait.
        self._known_early = {name: declared[name] for name in self._kind.known_early if name in declared}
        by_name = {self.translate_input_property(name): value for name, value in props.items()}
        props[SECRETS] = pulumi.Output.from_input(_secrets(by_name))
        if who is not None:
            props[ACCOUNT] = who.account
        if not reading:
            made_here, earlier = _lent(sources)
            props[ORIGIN] = pulumi.Output.from_input(_origin(resource_name, opts))
            props[PARENT] = type(opts.parent).__qualname__ if opts is not None and opts.parent is not None else None
            props[DELETES] = pulumi.Output.from_input(_deletes(opts))
            _declare(self._kind, who, declared)
            found = _looked_up(self._kind, who, declared, {**facts, **made_here}, earlier)
            props[FACTS] = {**found, **_reasons(self._kind, who, declared)} or None
        super().__init__(load(self._kind.name), resource_name, props, opts)
        if opts is not None and opts.id is not None:
            # A CLI older than the SDK leaves the id of a read out of a preview, and what uses it would seem to change.
            self.__dict__["id"] = pulumi.Output.all(self.urn, opts.id).apply(lambda given: str(given[1]))
        if self._kind.known_early:
            for name in ("id", *self._kind.outputs):
                _OUTPUTS[getattr(self, to_snake(name))] = weakref.ref(self), name

    def _as_fact(self) -> dict[str, Any]:
        """Return what a fact about this resource's object would say, in outputs."""
        return {"id": self.id, **{name: getattr(self, to_snake(name)) for name in self._kind.known_early}}

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
        return _boomi_names(self._kind).get(prop, prop)

    def translate_output_property(self, prop: str) -> str:
        """Return the Python name of a name of Boomi's."""
        return _python_names(self._kind).get(prop, prop)
