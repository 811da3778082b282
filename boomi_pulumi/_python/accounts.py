"""Whose account a part of a program acts on: the stack's, or that of an explicit provider."""

from __future__ import annotations

import asyncio
import difflib
import threading
from collections.abc import Mapping
from typing import Any, NoReturn
from weakref import WeakKeyDictionary, WeakSet

import pulumi
from pydantic.alias_generators import to_snake

from boomi_pulumi._api.client import Client, client_for
from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.login import PROGRAM
from boomi_pulumi._api.settings import SETTINGS, Settings
from boomi_pulumi._sdk import CONFIG, RUN, MockMonitor, awaited

__all__ = ["Provider", "client", "known", "mocked", "pending", "settings"]

PACKAGE = "pulumi-python"
"""The package of every dynamic resource in Python, as the engine names it."""

_RESOURCE = f"{PACKAGE}:dynamic:Resource"

_WHO = ("accountId", "username", "token", "region", "baseUrl")
"""Settings that belong together: a token is of one user, in one account, at one address."""

_ENV = {setting.name: setting.env for setting in SETTINGS}

_STACKS: WeakKeyDictionary[Any, Settings] = WeakKeyDictionary()
"""The stack's settings in each run; a run is known by its connection to the engine."""


def mocked() -> bool:
    """Return whether the program runs under `pulumi.runtime.set_mocks`, without an account."""
    return isinstance(RUN.monitor, MockMonitor)


def settings(opts: pulumi.InvokeOptions | pulumi.ResourceOptions | None = None) -> Settings:
    """Return the settings that a look-up or a resource uses.

    Those of its provider, which may be its parent's; else those of the stack: `boomi:*`, or the environment.

    Args:
        opts: Options of the look-up or the resource.

    Raises:
        SettingsError: Something required is missing, malformed, or not known yet in this preview.
    """
    provider = _provider_of(opts)
    if provider is not None:
        return provider.settings()
    run = RUN.monitor
    if run is None or run not in _STACKS:
        stack = Settings.load(_configured)
        _warn_of_clear_token("boomi:token")
        if run is None:
            return stack
        _STACKS[run] = stack
    return _STACKS[run]


def known(opts: pulumi.ResourceOptions | None = None) -> Settings | None:
    """Return the settings that a resource uses; None under mocks, and where this preview cannot know them yet.

    Raises:
        SettingsError: Something required is missing or malformed.
    """
    if mocked():
        return None
    provider = _provider_of(opts)
    return settings(opts) if provider is None else provider.known()


def pending(opts: pulumi.InvokeOptions | None) -> pulumi.Input[bool]:
    """Return an output that is unknown as long as the settings of a look-up are unknown; else False.

    Raises:
        SettingsError: The provider is not a `boomi.Provider`.
    """
    provider = None if mocked() else _provider_of(opts)
    return provider.pending() if provider is not None else False


def client(opts: pulumi.InvokeOptions | pulumi.ResourceOptions | None = None) -> Client:
    """Return the client of the account that a look-up or a resource uses.

    Raises:
        SettingsError: As `settings`.
    """
    return client_for(settings(opts), PROGRAM, RUN.monitor)


def _configured(name: str) -> Any:
    return pulumi.runtime.get_config(f"boomi:{name}")


def _provider_of(opts: pulumi.InvokeOptions | pulumi.ResourceOptions | None) -> Provider | None:
    """Return the explicit provider, chosen as the SDK does: `provider`, then `providers`, then the parent's."""
    if opts is None:
        return None
    if not isinstance(opts, (pulumi.InvokeOptions, pulumi.ResourceOptions)):
        raise SettingsError(
            f"opts is a {type(opts).__name__}; give pulumi.InvokeOptions(provider=…) to a look-up, and "
            "pulumi.ResourceOptions(provider=…) to a resource."
        )
    several: Any = getattr(opts, "providers", None) or ()
    each = [opts.provider, *(several.values() if isinstance(several, Mapping) else several)]
    found = next((one for one in each if getattr(one, "package", None) == PACKAGE), None)
    if found is None and isinstance(opts.parent, pulumi.Resource):
        found = opts.parent.get_provider(_RESOURCE)
    if found is not None and not isinstance(found, Provider):
        raise SettingsError(
            f"The provider {found.pulumi_resource_name!r} is a {type(found).__name__}, whose account a Boomi resource "
            f"or look-up cannot know. Make it with boomi.Provider; without arguments, that takes the stack's settings."
        )
    return found


class Provider(pulumi.ProviderResource):
    """A separate account for some resources and look-ups: `opts=ResourceOptions(provider=…)`.

        north = boomi.Provider("north", override_account="acme-north")

    A setting that is not given is the stack's. But a token belongs to one user, in one account, at one address: where
    one of `account_id`, `username`, `token`, `region` and `base_url` is given, all five are this provider's own, and so
    is `override_account`; the first three are required then. A blank `override_account` is none, where the stack names
    one. The token is kept encrypted, whether it is given as a secret or not.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        account_id: pulumi.Input[str] | None = None,
        username: pulumi.Input[str] | None = None,
        token: pulumi.Input[str] | None = None,
        region: pulumi.Input[str] | None = None,
        base_url: pulumi.Input[str] | None = None,
        override_account: pulumi.Input[str] | None = None,
        timeout: pulumi.Input[float] | None = None,
        connect_timeout: pulumi.Input[float] | None = None,
        rate_limit: pulumi.Input[float] | None = None,
        validate: pulumi.Input[bool] | None = None,
        connector_path: pulumi.Input[str] | None = None,
        connector_cancel_path: pulumi.Input[str] | None = None,
        known_deleted: pulumi.Input[str] | None = None,
        origin_mark: pulumi.Input[bool] | None = None,
        refuse_other_stacks: pulumi.Input[bool] | None = None,
        **unknown: NoReturn,
    ) -> None:
        """Declare an account.

        Args:
            resource_name: Its name in the program.
            opts: Pulumi's resource options.
            account_id: The account's id, as on Settings > Account Information.
            username: The user; the prefix `BOOMI_TOKEN.` may be there or not.
            token: An API token of that user; keep it with `--secret`.
            region: `US`, or `GB` (`EU` is the same).
            base_url: Scheme and host, instead of a region.
            override_account: A sub-account, through the partner API.
            timeout: Seconds to wait for an answer; a day at the most.
            connect_timeout: Seconds to wait for a connection; a day at the most.
            rate_limit: Requests a second; 0 switches the limit off.
            validate: Look ids up in the account while previewing.
            connector_path: Path of the Connector API before the account.
            connector_cancel_path: Path that cancels a connector's review, or `PUT`.
            known_deleted: Ids of deleted environments, components and folders, with commas and no blanks between.
            origin_mark: End notes with `[pulumi project/stack/name]`.
            refuse_other_stacks: Refuse a deployment in place of one that another stack owns.
            unknown: Nothing; other names are refused.

        Raises:
            SettingsError: Something required is missing, malformed or unknown.
        """
        arguments = locals()
        given = {each.name: arguments[each.argument] for each in SETTINGS}
        self._title = f"boomi.Provider {resource_name!r}"
        self._refuse(unknown, given)
        values = _chosen({name: _text(value) for name, value in given.items() if value is not None})
        self._loop = _running_loop()
        self._who = None if mocked() else self._loaded(values)
        kept = {f"boomi:{name}": value for name, value in values.items()}
        if "token" in values:
            kept["boomi:token"] = pulumi.Output.secret(values["token"])
        super().__init__(
            PACKAGE,
            resource_name,
            kept,
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(additional_secret_outputs=["boomi:token"])),
        )

    def settings(self) -> Settings:
        """Return the settings; waits for those that are outputs.

        Raises:
            SettingsError: Something required is missing, malformed, or not known yet in this preview.
        """
        found = self.known()
        if found is None:
            raise SettingsError(
                f"{self._title}: a setting is not known in this preview, since what it comes from is not made yet. "
                "Look-ups of this provider work after the first `pulumi up`; or give it texts or configuration."
            )
        return found

    def known(self) -> Settings | None:
        """Return the settings, or None where they are not known; waits for those that are outputs.

        Raises:
            SettingsError: Something required is missing or malformed.
        """
        if isinstance(self._who, pulumi.Output):
            found = _awaited(self._who, self._loop)
            if found is None:
                return None
            self._who = found
        return self._who

    def pending(self) -> pulumi.Input[bool]:
        """Return an output that is unknown as long as the settings are unknown; else False."""
        return self._who.apply(lambda _: False) if isinstance(self._who, pulumi.Output) else False

    def _refuse(self, unknown: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        for name in unknown:
            near = difflib.get_close_matches(name, map(to_snake, given), 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(map(to_snake, given))}."
            raise SettingsError(f"{self._title}: {name} is not an argument; {hint}")
        missing = [to_snake(name) for name in _WHO[:3] if given[name] is None]
        if missing and any(given[name] is not None for name in _WHO):
            raise SettingsError(
                f"{self._title}: {' and '.join(missing)} missing. A token is of one user, in one account, at one "
                f"address: give {', '.join(map(to_snake, _WHO[:3]))} together, or none of "
                f"{', '.join(map(to_snake, _WHO))}, to take the stack's."
            )

    def _loaded(self, values: Mapping[str, Any]) -> Settings | pulumi.Output[Settings]:
        if not any(isinstance(value, pulumi.Output) for value in values.values()):
            return self._load(values)
        # They are taken out of the secret: otherwise all that this provider looks up would be one.
        return pulumi.Output.unsecret(pulumi.Output.all(**values)).apply(self._load)

    def _load(self, values: Mapping[str, Any]) -> Settings:
        try:
            loaded = Settings.load(values.get)
        except SettingsError as error:
            raise SettingsError(f"{self._title}: {error}") from None
        if values.get("token"):
            _warn_of_clear_token(*(key for key, value in CONFIG.get().items() if value == loaded.token))
        return loaded


def _chosen(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a provider, as far as they are not left to the environment.

    A blank text keeps the environment's from being taken.
    """
    apart = dict.fromkeys([*_WHO, "overrideAccount"], "") if any(name in given for name in _WHO) else {}
    stack = {name: _text(_configured(name)) for name in _ENV if name not in apart and _configured(name) is not None}
    return {**stack, **apart, **given}


def _text(value: Any) -> Any:
    """Return a setting as configuration holds it; nothing becomes a blank text."""
    if isinstance(value, pulumi.Output):
        return value.apply(_text)
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _awaited(output: pulumi.Output[Settings], loop: asyncio.AbstractEventLoop | None) -> Settings | None:
    """Return the value of an output in a function that does not await, as the SDK does for plain look-ups."""
    if loop is None or _running_loop() is loop:
        return awaited(output.future())
    return asyncio.run_coroutine_threadsafe(output.future(), loop).result()


# -- a token in clear ----------------------------------------------------------------------------

_WARNED: WeakSet[Any] = WeakSet()
_WARNED_LOCK = threading.Lock()


def _warn_of_clear_token(*keys: str) -> None:
    """Warn, once in a run, where configuration that is not encrypted has a token; `keys` are where it may be."""
    clear = [key for key in keys if pulumi.runtime.get_config(key) and not pulumi.runtime.is_config_secret(key)]
    if not clear or RUN.monitor is None:
        return
    with _WARNED_LOCK:
        if RUN.monitor in _WARNED:
            return
        _WARNED.add(RUN.monitor)
    pulumi.log.warn(
        f"{clear[0]} is in clear in the stack's configuration, and so in its state, its history and its previews as "
        f"JSON. Keep it encrypted (`pulumi config set --secret {clear[0]}`) or in {_ENV['token']}, and revoke this one."
    )
