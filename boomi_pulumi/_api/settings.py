"""Who we are and where Boomi is: settings from stack configuration, else from the environment."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.route import judge
from boomi_pulumi._api.words import keep

__all__ = ["PUT", "REGIONS", "SETTINGS", "THREADS", "Settings"]

REGIONS = {"US": "https://api.boomi.com", "GB": "https://api.platform.gb.boomi.com"}
"""Base URL of each region. Source: servers of the Platform OpenAPI."""

_REGION_NAMES = {"EU": "GB"}
"""What people call a region -> its name: Boomi's European platform is in Great Britain."""

TOKEN_PREFIX = "BOOMI_TOKEN."  # noqa: S105 - the prefix that Boomi asks for, not a token


THREADS = 16
"""Requests that are under way at once, at the most: the SDK's four would leave the rate limit unused where an answer
takes half a second, and four releases that are waited for would hold up everything else."""


CONNECTOR_PATH = "connector/api/rest/v1"
"""Boomi's page of the Connector API names no path; people use this one. `{api}` is `api` or `partner/api`."""

CONNECTOR_CANCEL_PATH = "{classificationType}/update"
"""An example: Boomi's page names the operation, not its path, so the likely ones are tried unless one is set."""

PUT = "PUT"
"""What stands for a cancel that is a PUT on the object itself, where else a path stands."""


@dataclass(frozen=True)
class Setting:
    """One setting: its name in stack configuration and environment, and what it is for."""

    name: str
    env: str
    default: str
    about: str


SETTINGS = (
    Setting("accountId", "BOOMI_ACCOUNT_ID", "required", "the account's id, as on Settings > Account Information"),
    Setting("username", "BOOMI_USERNAME", "required", "the user; the prefix `BOOMI_TOKEN.` may be there or not"),
    Setting("token", "BOOMI_TOKEN", "required", "an API token of that user; keep it with `--secret`"),
    Setting("region", "BOOMI_REGION", "US", "`US`, or `GB` (`EU` is the same)"),
    Setting("baseUrl", "BOOMI_BASE_URL", "of the region", "scheme and host, instead of a region"),
    Setting("overrideAccount", "BOOMI_OVERRIDE_ACCOUNT", "none", "a sub-account, through the partner API"),
    Setting("timeout", "BOOMI_TIMEOUT", "120", "seconds to wait for an answer; a day at the most"),
    Setting("connectTimeout", "BOOMI_CONNECT_TIMEOUT", "10", "seconds to wait for a connection; a day at the most"),
    Setting("rateLimit", "BOOMI_RATE_LIMIT", "10", "requests a second; 0 switches the limit off"),
    Setting("validate", "BOOMI_VALIDATE", "true", "look ids up in the account while previewing"),
    Setting(
        "connectorPath",
        "BOOMI_CONNECTOR_PATH",
        "`connector/api/rest/v1`",
        "path of the Connector API before the account",
    ),
    Setting(
        "connectorCancelPath",
        "BOOMI_CONNECTOR_CANCEL_PATH",
        "the likely ones in turn",
        "path that cancels a connector's review, or `PUT`",
    ),
    Setting(
        "knownDeleted",
        "BOOMI_KNOWN_DELETED",
        "none",
        "ids of deleted environments, components and folders, with commas and no blanks between",
    ),
    Setting("originMark", "BOOMI_ORIGIN_MARK", "true", "end notes with `[pulumi project/stack/name]`"),
)
"""Every setting; `boomi:NAME` in stack configuration wins over the environment variable."""

_BY_NAME = {setting.name: setting for setting in SETTINGS}
_ACCOUNT = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9_.-]+")
_LIKE_ACCOUNT = re.compile(r"[A-Za-z0-9_.]+-(?=[A-Z]*\d)[A-Z0-9]{6}")
"""What Boomi makes of a company's name, such as acme-AB12CD."""

_ADDRESS = re.compile(r"https?://(\[[0-9A-F:.]+\]|[A-Z0-9_.-]+)(:[0-9]+)?/?", re.IGNORECASE)
"""Scheme and host. `urlsplit` alone drops a line end, and takes what no host has."""

_A_DAY = 86_400.0
"""Seconds that an answer or a connection is waited for, at the most."""

_RATES = (0.001, 1e6)
"""Requests a second, where there is a limit."""


@dataclass(frozen=True)
class Settings:
    """A complete set of settings.

    Attributes:
        account_id: The primary account.
        username: The user, without the token prefix.
        token: The API token; never printed.
        base_url: Scheme and host, without a trailing slash.
        override_account: The sub-account that calls act on, or None.
        timeout: Seconds to wait for an answer.
        connect_timeout: Seconds to wait for a connection.
        rate_limit: Requests a second for this account; 0 means no limit.
        validate: Whether previews look ids up in the account.
        origin_mark: Whether notes end with the mark of the resource that made the object.
        known_deleted: Ids of what was deleted, so that its absence does not mean that the user may not see it.
        connector_path: Path of the Connector API before the account; `{api}` is `api` or `partner/api`.
        connector_cancel_path: Path of the cancel of a connector's review, after the object's name; `PUT` for none and
            that method; None where the likely ones are tried.
    """

    account_id: str
    username: str
    token: str = field(repr=False)
    base_url: str = REGIONS["US"]
    override_account: str | None = None
    timeout: float = 120.0
    connect_timeout: float = 10.0
    rate_limit: float = 10.0
    validate: bool = True
    origin_mark: bool = True
    known_deleted: frozenset[str] = frozenset()
    connector_path: str = CONNECTOR_PATH
    connector_cancel_path: str | None = None

    @property
    def account(self) -> str:
        """The account that calls act on, in words that tell it from any other; nothing that a rotation changes.

        Such as `acme-AB12CD`, `acme-AB12CD/acme-north` (a sub-account), `acme-AB12CD at https://boomi.acme.example`.
        """
        whose = self.account_id if self.override_account is None else f"{self.account_id}/{self.override_account}"
        return whose if self.base_url == REGIONS["US"] else f"{whose} at {self.base_url}"

    def __post_init__(self) -> None:
        """Have the token cut from every text: a page may repeat what it was sent."""
        login = f"{TOKEN_PREFIX}{self.username}:{self.token}".encode()
        keep([self.token, b64encode(login).decode()])

    @classmethod
    def load(cls, config: Callable[[str], Any], env: Mapping[str, str] = os.environ) -> Settings:
        """Read settings.

        Args:
            config: Returns the value of `boomi:NAME` in stack configuration, or None.
            env: The environment.

        Raises:
            SettingsError: Something required is missing, a value is malformed, or the environment names a proxy or
                certificates that cannot be used.
        """
        source = _Source(config, env)
        missing = [name for name in ("accountId", "username", "token") if source.text(name) is None]
        if missing:
            names = " and ".join(f"boomi:{name} ({_BY_NAME[name].env})" for name in missing)
            raise SettingsError(
                f"Boomi settings are incomplete: {names} not set. Use `pulumi config set boomi:"
                f"{missing[0]} …{' --secret' if missing[0] == 'token' else ''}`, or the environment variable."
            )
        account_id, username, token = _credentials(source)
        override = source.text("overrideAccount")
        if override is not None and not _ACCOUNT.fullmatch(override):
            raise source.wrong("overrideAccount", "an account id such as acme-AB12CD")
        base_url = _base_url(source)
        judge(base_url, env)
        return cls(
            account_id=account_id,
            username=username,
            token=token,
            base_url=base_url,
            override_account=override,
            timeout=source.number("timeout", 120.0, (0.001, _A_DAY)),
            connect_timeout=source.number("connectTimeout", 10.0, (0.001, _A_DAY)),
            rate_limit=source.number("rateLimit", 10.0, _RATES, or_none=True),
            validate=source.flag("validate", default=True),
            origin_mark=source.flag("originMark", default=True),
            known_deleted=source.ids("knownDeleted"),
            connector_path=source.path("connectorPath", CONNECTOR_PATH, "{api}"),
            connector_cancel_path=source.path("connectorCancelPath", CONNECTOR_CANCEL_PATH, "{classificationType}")
            if source.text("connectorCancelPath")
            else None,
        )


def _credentials(source: _Source) -> tuple[str, str, str]:
    """Return account id, user and token; refuses what can only end in a 401, of which Boomi counts six."""
    account_id, username = source.text("accountId") or "", _without_prefix(source.text("username") or "")
    if ":" in account_id:
        # The value is not repeated: somebody may have put "user:token" into it.
        raise SettingsError(f"{source.label('accountId')} must be an account id only, such as acme-AB12CD.")
    if "@" in account_id and _LIKE_ACCOUNT.fullmatch(username):
        raise SettingsError(
            f"{source.label('accountId')} is {account_id!r} and {source.label('username')} is {username!r}: "
            "they are swapped."
        )
    if not _ACCOUNT.fullmatch(account_id):
        user = "; this looks like a user" if "@" in account_id else ""
        raise source.wrong("accountId", f"an account id such as acme-AB12CD{user}")
    if not username or ":" in username or " " in username or not username.isprintable():
        raise SettingsError(f"{source.label('username')} must be the user's name only, usually an e-mail address.")
    if username == account_id or _LIKE_ACCOUNT.fullmatch(username):
        raise source.wrong("username", "a user, usually an e-mail address; this looks like an account id")
    return account_id, username, _token(source, username)


def _token(source: _Source, username: str) -> str:
    token, label = source.text("token") or "", source.label("token")
    if " " in token or not token.isprintable() or not token.isascii():
        raise SettingsError(f"{label} holds a character that no token has; its value is not shown.")
    if _without_prefix(token) != token:
        raise SettingsError(
            f"{label} begins with {TOKEN_PREFIX}, which belongs before the user and is put there by itself; "
            "give the token alone. Its value is not shown."
        )
    if token.startswith(f"{username}:"):
        raise SettingsError(f"{label} begins with the user; give the token alone. Its value is not shown.")
    return token


def _without_prefix(text: str) -> str:
    while text[: len(TOKEN_PREFIX)].upper() == TOKEN_PREFIX:
        text = text[len(TOKEN_PREFIX) :].lstrip()
    return text


class _Source:
    """Looks a setting up, and words the complaint about a wrong one."""

    def __init__(self, config: Callable[[str], Any], env: Mapping[str, str]) -> None:
        self._config = config
        self._env = env
        self._from: dict[str, str] = {}

    def text(self, name: str) -> str | None:
        value = self._config(name)
        self._from[name] = f"boomi:{name}"
        if value is None:
            value = self._env.get(_BY_NAME[name].env)
            self._from[name] = _BY_NAME[name].env
        if isinstance(value, bool):
            value = str(value).lower()
        text = "" if value is None else str(value).strip()
        return text or None

    def label(self, name: str) -> str:
        return self._from.get(name, f"boomi:{name}")

    def wrong(self, name: str, wanted: str) -> SettingsError:
        return SettingsError(f"{self.label(name)} is {self.text(name)!r}; it must be {wanted}.")

    def number(self, name: str, default: float, bounds: tuple[float, float], *, or_none: bool = False) -> float:
        text = self.text(name)
        if text is None:
            return default
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        least, most = bounds
        if not (least <= number <= most or (or_none and number == 0)):
            raise self.wrong(name, f"a number from {least:g} to {most:,.0f}{', or 0' if or_none else ''}")
        return number

    def path(self, name: str, default: str, field: str) -> str:
        text = (self.text(name) or default).strip("/")
        if (
            not re.fullmatch(r"[A-Za-z0-9_.{}/-]+", text)
            or set(re.findall(r"[{}]+[^{}]*[{}]*", text)) - {field}
            or {"", ".", ".."} & set(text.split("/"))
        ):
            raise self.wrong(name, f"a path such as {default}, in which {field} may stand")
        return text

    def ids(self, name: str) -> frozenset[str]:
        found = frozenset((self.text(name) or "").split(",")) - {""}
        if not all(re.fullmatch(r"[A-Za-z0-9_.:~+/=-]+", each) for each in found):
            raise self.wrong(name, "ids with commas between and no blanks")
        return found

    def flag(self, name: str, *, default: bool) -> bool:
        text = self.text(name)
        if text is None:
            return default
        if text.lower() not in {"true", "false"}:
            raise self.wrong(name, "true or false")
        return text.lower() == "true"


def _base_url(source: _Source) -> str:
    region, url = source.text("region"), source.text("baseUrl")
    name = (region or "US").upper()
    name = _REGION_NAMES.get(name, name)
    if name not in REGIONS:
        raise source.wrong("region", "US or GB (the European one)")
    if url is None:
        return REGIONS[name]
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    if not _ADDRESS.fullmatch(url) or not host:
        # The value is not repeated: somebody may have put credentials into it.
        raise SettingsError(f"{source.label('baseUrl')} must be scheme and host only, such as {REGIONS['US']}.")
    if parts.scheme == "http" and host not in {"127.0.0.1", "localhost", "::1"}:
        raise SettingsError(
            f"{source.label('baseUrl')} is plain http to {host}, which would send the token in clear; use https."
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")
