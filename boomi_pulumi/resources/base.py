"""The base of the typed resources: names, the provider, hidden inputs."""

from __future__ import annotations

import asyncio
import json
import weakref
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

import pulumi
import pulumi.dynamic
from pydantic.alias_generators import to_camel, to_snake

from boomi_pulumi import _sdk as sdk
from boomi_pulumi._api.errors import SettingsError, raised_as
from boomi_pulumi._bags import as_secret
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import PROGRAM, SECRETS, rules
from boomi_pulumi._lifecycle.kind import Lends
from boomi_pulumi._lifecycle.origin import origin_of
from boomi_pulumi._lifecycle.run import DELETES
from boomi_pulumi._lifecycle.seen import Found, reads
from boomi_pulumi._lifecycle.states import ACCOUNT
from boomi_pulumi._python.accounts import known, mocked
from boomi_pulumi._python.dynamic import FACTS, ORIGIN, PARENT
from boomi_pulumi._python.reading import answers
from boomi_pulumi._python.values import keep_secret, type_of
from boomi_pulumi._reads.plan import lends
from boomi_pulumi.provider import load

if TYPE_CHECKING:
    from typing_extensions import Self

    from boomi_pulumi._api.settings import Settings
    from boomi_pulumi._lifecycle.kind import Kind

__all__ = ["BoomiResource"]

raised_as(pulumi.RunError)


# -- resources -----------------------------------------------------------------------------------

_OUTPUTS: WeakKeyDictionary[pulumi.Output[Any], tuple[weakref.ref[BoomiResource], str]] = WeakKeyDictionary()
"""Output that names an object -> its resource, and the property. The result of `apply` is another one, and not here."""

_provider = cache(load)


def _sources(kind: Kind[Any], arguments: Mapping[str, Any]) -> dict[str, BoomiResource]:
    """Return property -> the resource of this program whose object it names, where the value is that resource's id."""
    found: dict[str, BoomiResource] = {}
    for each in reads(kind.seen):
        value = arguments.get(_python_names(kind)[each.property])
        resource, name = _OUTPUTS.get(value, (None, "")) if isinstance(value, pulumi.Output) else (None, "")
        source = resource() if resource is not None else None
        if source is not None and lends(each, source._kind, name):  # noqa: SLF001 - a public name would stand in the way of outputs
            found[each.property] = source
    return found


@cache
def _naming(kind: Kind[Any]) -> tuple[str, ...]:
    """Return the outputs by which other resources name the object, so that this one answers in place of the account."""
    asked = {
        each.property for other in KINDS.values() for each in reads(other.seen) if lends(each, kind, each.property)
    }
    return ("id", *asked.intersection(kind.outputs)) if isinstance(kind, Lends) else ()


def _lent_names(kind: Kind[Any]) -> tuple[str, ...]:
    return kind.lent if isinstance(kind, Lends) else ()


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


async def _unseen(
    resource_name: str,
    opts: pulumi.ResourceOptions | None,
    given: Mapping[str, Any],
    who: Settings | None,
    told: Awaitable[tuple[Any, bool]] | None,
) -> Any:
    """Return what travels unseen with the inputs of a resource, as one text.

    One coroutine awaits it all: to Pulumi's SDK, the engine and the plugin, each part would cost more than it is.

    Args:
        resource_name: The resource's name in the program.
        opts: Its options.
        given: Its inputs by Boomi's name.
        who: Whose account; None under mocks, and where this preview cannot know it yet.
        told: What the account says about the objects that the inputs name, and whether that is a secret; None under
            mocks.
    """
    parent = opts.parent if opts is not None else None
    facts, secret = await told if told is not None else (None, False)
    sent = {
        FACTS: facts,
        # The engine does not tell a dynamic provider which inputs are secrets.
        SECRETS: [name for name, value in given.items() if await keep_secret(value)] or None,
        ACCOUNT: who.account if who is not None else None,
        ORIGIN: await _origin(resource_name, opts),
        PARENT: type(parent).__qualname__ if parent is not None else None,
        DELETES: await _deletes(opts),
    }
    text = json.dumps({name: value for name, value in sent.items() if value is not None})
    return as_secret(text) if secret else text


def _check_sdk() -> None:
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


def _check_options(who: str, opts: object) -> None:
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
    _types: ClassVar[dict[str, str]]

    def __init_subclass__(cls, **about: Any) -> None:
        """Show Pulumi's SDK no types but those of whole numbers: it evaluates what it sees anew for each resource."""
        super().__init_subclass__(**about)
        if "_kind" in vars(cls):
            cls._types = cls.__annotations__
            whole = [name for name, each in cls._types.items() if each == "Output[int]"]
            cls.__annotations__ = dict.fromkeys(whole, pulumi.Output[int])

    def __init__(
        self,
        resource_name: str,
        arguments: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
        *,
        lent: Mapping[str, Found[Any]] = MappingProxyType({}),
    ) -> None:
        """Register the resource.

        Args:
            resource_name: Its name in the program.
            arguments: Inputs by Python name.
            opts: Pulumi's resource options.
            lent: Property (Boomi's name) -> what is known already of the object that it names.
        """
        _check_sdk()
        _check_options(f"{self._kind.name} {resource_name}", opts)
        names, boomi_names = _python_names(self._kind), _boomi_names(self._kind)
        reading = opts is not None and opts.id is not None
        who = known(opts)  # a missing setting is one line here, and a stack trace later
        sources = _sources(self._kind, arguments) if not reading else {}
        if not mocked():
            # Unlike the id, the output is known before the resource is made, where its object is there already.
            named = {names[name]: getattr(source, names[name]) for name, source in sources.items()}
            arguments = {**arguments, **named}
        # A misspelt argument travels to `check`, under the name that Boomi would give it.
        declared = {boomi_names.get(name) or to_camel(name): value for name, value in arguments.items()}
        props = {**dict.fromkeys(boomi_names), **{names.get(name, name): each for name, each in declared.items()}}
        # Known before the object is made, unlike the outputs: questions about it need not wait.
        self._early = {name: declared[name] for name in _lent_names(self._kind) if name in declared}
        if not reading:
            lent = {**lent, **{name: source._as_answer() for name, source in sources.items()}}  # noqa: SLF001
            early = {name: value for source in sources.values() for name, value in source._early.items()}  # noqa: SLF001
            told = None if mocked() else answers(self._kind, who, declared, lent, early)
            # Begun at once, so that what all resources name is read together.
            props[PROGRAM] = asyncio.ensure_future(_unseen(resource_name, opts, declared, who, told))
        elif who is not None:
            props[ACCOUNT] = who.account
        super().__init__(_provider(self._kind.name), resource_name, props, opts)
        if opts is not None and opts.id is not None:
            # A CLI older than the SDK leaves the id of a read out of a preview, and what uses it would seem to change.
            self.__dict__["id"] = pulumi.Output.all(self.urn, opts.id).apply(lambda given: str(given[1]))
        for name in _naming(self._kind):
            _OUTPUTS[getattr(self, names.get(name, name))] = weakref.ref(self), name

    def _as_answer(self) -> Found[Any]:
        """Return what the account would say about this resource's object, in outputs."""
        names = _python_names(self._kind)
        told = {"id": self.id, **{name: getattr(self, names[name]) for name in _lent_names(self._kind)}}
        return Found(None, told, key=self.id)

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
