"""What runs in the user's program: the base of the typed resources, and the settings there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import pulumi
import pulumi.dynamic
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import SETTINGS
from pydantic.alias_generators import to_camel, to_snake

from boomi_pulumi.client import client_for
from boomi_pulumi.errors import SettingsError
from boomi_pulumi.facts import Facts
from boomi_pulumi.lifecycle import rules
from boomi_pulumi.provider import FACTS, ORIGIN, Provider
from boomi_pulumi.settings import Settings

if TYPE_CHECKING:
    from typing_extensions import Self

    from boomi_pulumi.kind import Kind

__all__ = [
    "BoomiResource",
    "component_fact",
    "either",
    "environment_fact",
    "mocked",
    "package_fact",
    "settings",
]

T = TypeVar("T")


def mocked() -> bool:
    """Tell whether the program runs under `pulumi.runtime.set_mocks`: then there is no account."""
    return isinstance(SETTINGS.monitor, MockMonitor)


def settings() -> Settings:
    """Return the settings of the running program: `boomi:*` of the stack, else the environment.

    Raises:
        SettingsError: Something required is missing, or a value is malformed.
    """
    return Settings.load(lambda name: pulumi.runtime.get_config(f"boomi:{name}"))


# -- facts ---------------------------------------------------------------------------------------

_FACTS: dict[tuple[asyncio.AbstractEventLoop, Settings], Facts] = {}


def _facts() -> Facts:
    who = settings()
    key = (asyncio.get_running_loop(), who)
    if key not in _FACTS:
        _FACTS[key] = Facts(client_for(who))
    return _FACTS[key]


def _look_up(id_: pulumi.Input[str] | None, read: Callable[[str], Any]) -> pulumi.Output[Any] | None:
    if id_ is None or mocked() or not settings().validate:
        return None
    return pulumi.Output.from_input(id_).apply(read)


def component_fact(
    id_: pulumi.Input[str] | None, *, branch: pulumi.Input[str] | None = None
) -> pulumi.Output[Any] | None:
    """Return what the account says about a component; its revision only if the branch is the one meant."""

    async def read(given: list[Any]) -> dict[str, Any]:
        fact = dict(await _facts().component(given[0]))
        if given[1] is not None and given[1] != fact.get("branchName"):
            fact.pop("version", None)
        return fact

    if id_ is None or mocked() or not settings().validate:
        return None
    return pulumi.Output.all(id_, branch).apply(read)


def environment_fact(id_: pulumi.Input[str] | None) -> pulumi.Output[Any] | None:
    """Return what the account says about an environment."""
    return _look_up(id_, lambda given: _facts().environment(given))


def package_fact(id_: pulumi.Input[str] | None) -> pulumi.Output[Any] | None:
    """Return what the account says about a package, with its component's name."""
    return _look_up(id_, lambda given: _facts().package(given))


def slot_fact(
    environment_id: pulumi.Input[str] | None, component_id: pulumi.Input[str | None] | None
) -> pulumi.Output[Any] | None:
    """Return what is deployed now of a component in an environment."""

    async def read(given: list[Any]) -> dict[str, Any]:
        environment, component = given
        return await _facts().slot(environment, component) if environment and component else {}

    if environment_id is None or component_id is None or mocked() or not settings().validate:
        return None
    return pulumi.Output.all(environment_id, component_id).apply(read)


def pack_fact(id_: pulumi.Input[str] | None) -> pulumi.Output[Any] | None:
    """Return what the account says about an integration pack and its components."""
    return _look_up(id_, lambda given: _facts().pack(given))


def folder_fact(id_: pulumi.Input[str] | None) -> pulumi.Output[Any] | None:
    """Return what the account says about a folder; a blank id is the root."""
    return _look_up(id_, lambda given: _facts().folder(given))


def connector_fact(classification_type: pulumi.Input[str] | None) -> pulumi.Output[Any] | None:
    """Return what the account says about a connector."""
    return _look_up(classification_type, lambda given: _facts().connector(given))


def version_fact(rows: pulumi.Input[Any] | None) -> pulumi.Output[Any] | None:
    """Return component/version -> shareable, of the components of a release that have been packaged."""

    async def read(given: Any) -> dict[str, Any]:
        pairs = [
            (str(row.get("component_id", row.get("componentId"))), str(row.get("version")))
            for row in (given if isinstance(given, list) else [])
            if isinstance(row, Mapping)
        ]
        return await _facts().shareable(pairs)

    return _look_up(rows, read)


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
        facts: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the resource.

        Args:
            resource_name: Its name in the program.
            arguments: Inputs by Python name.
            facts: Property (Boomi's name) -> what the account says about the object it names.
            opts: Pulumi's resource options.
        """
        known = dict.fromkeys(_python_names(self.kind).values())
        reading = opts is not None and opts.id is not None
        if not mocked() and not reading:
            settings()  # a missing setting is one line here, and a stack trace later
        # A misspelt argument travels to `check`, under the name that Boomi would give it.
        props: dict[str, Any] = {
            **known,
            **{name if name in known else to_camel(name): arguments[name] for name in arguments},
        }
        if not reading:
            props[ORIGIN] = f"{pulumi.get_project()}/{pulumi.get_stack()}/{resource_name}"
            props[FACTS] = {name: fact for name, fact in facts.items() if fact is not None} or None
        super().__init__(Provider(self.kind), resource_name, props, opts)
        if opts is not None and opts.id is not None:
            # A CLI older than the SDK leaves the id of a read out of a preview, and what uses it would seem to change.
            self.__dict__["id"] = pulumi.Output.all(self.urn, opts.id).apply(lambda given: str(given[1]))

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
