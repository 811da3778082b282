"""The settings: whose account, as which user, and where Boomi is; from stack configuration or the environment."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic import dataclasses as pydantic_dataclasses
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.route import check_route
from boomi_pulumi._api.words import keep

__all__ = ["PUT", "REGIONS", "SETTINGS", "THREADS", "Setting", "Settings"]

REGIONS = {"US": "https://api.boomi.com", "GB": "https://api.platform.gb.boomi.com"}
"""Base URL of each region. Source: servers of the Platform OpenAPI."""

_REGION_NAMES = {"EU": "GB"}
"""Common name of a region -> Boomi's name: the European platform is in Great Britain."""

TOKEN_PREFIX = "BOOMI_TOKEN."  # noqa: S105 - the prefix that Boomi asks for, not a token


THREADS = 16
"""Threads that work on resources at once. The SDK's four would not use the rate limit where an answer takes half a
second, and four releases in progress would hold up everything else."""


CONNECTOR_PATH = "connector/api/rest/v1"
"""Boomi's page of the Connector API names no path; people use this one. `{api}` is `api` or `partner/api`."""

CONNECTOR_CANCEL_PATH = "{classificationType}/update"
"""An example. Boomi's page names the operation, not its path; the likely paths are tried unless a path is set."""

PUT = "PUT"
"""Value of `connectorCancelPath` for a cancel that is a PUT on the object itself."""


_ACCOUNT = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9_.-]+")
_LIKE_ACCOUNT = re.compile(r"[A-Za-z0-9_.]+-(?=[A-Z]*\d)[A-Z0-9]{6}")
"""An account id as Boomi makes it from a company's name, such as acme-AB12CD."""

_ADDRESS = re.compile(r"https?://(\[[0-9A-F:.]+\]|[A-Z0-9_.-]+)(:[0-9]+)?/?", re.IGNORECASE)
"""Scheme and host. `urlsplit` alone drops line ends, and accepts characters that no host has."""

_A_DAY = 86_400.0
"""The longest time-out, in seconds."""


# -- what a value must be --------------------------------------------------------------------------
# A ValueError says what the value must be; the message then shows the value, too.


class _Unshown(ValueError):
    """What is wrong with a value that may hold credentials, so that the message must not repeat it."""


def _account(value: str) -> str:
    if ":" in value:
        # Somebody may have put "user:token" into it.
        raise _Unshown("must be an account id only, such as acme-AB12CD")
    if not _ACCOUNT.fullmatch(value):
        raise ValueError("an account id such as acme-AB12CD" + ("; this looks like a user" if "@" in value else ""))
    return value


def _user(value: str, others: ValidationInfo) -> str:
    user = _without_prefix(value)
    if not user or ":" in user or " " in user or not user.isprintable():
        raise _Unshown("must be the user's name only, usually an e-mail address")
    if user == others.data.get("account_id") or _LIKE_ACCOUNT.fullmatch(user):
        raise ValueError("a user, usually an e-mail address; this looks like an account id")
    return user


def _token(value: str, others: ValidationInfo) -> str:
    if " " in value or not value.isprintable() or not value.isascii():
        raise _Unshown("holds a character that no token has; its value is not shown")
    if _without_prefix(value) != value:
        raise _Unshown(
            f"begins with {TOKEN_PREFIX}, which belongs before the user and is put there by itself; "
            "give the token alone. Its value is not shown"
        )
    if value.startswith(f"{others.data.get('username')}:"):
        raise _Unshown("begins with the user; give the token alone. Its value is not shown")
    return value


def _without_prefix(text: str) -> str:
    while text[: len(TOKEN_PREFIX)].upper() == TOKEN_PREFIX:
        text = text[len(TOKEN_PREFIX) :].lstrip()
    return text


def _region(value: str) -> str:
    name = _REGION_NAMES.get(value.upper(), value.upper())
    if name not in REGIONS:
        raise ValueError("US or GB (the European one)")
    return name


def _base_url(url: str, others: ValidationInfo) -> str:
    if not url:
        return REGIONS.get(others.data.get("region", ""), "")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    if not _ADDRESS.fullmatch(url) or not host:
        # Somebody may have put credentials into it.
        raise _Unshown(f"must be scheme and host only, such as {REGIONS['US']}")
    if parts.scheme == "http" and host not in {"127.0.0.1", "localhost", "::1"}:
        raise _Unshown(f"is plain http to {host}, which would send the token in clear; use https")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def _number(least: float, most: float, *, or_zero: bool = False) -> BeforeValidator:
    def read(value: Any) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not (least <= number <= most or (or_zero and number == 0)):
            raise ValueError(f"a number from {least:g} to {most:,.0f}{', or 0' if or_zero else ''}")
        return number

    return BeforeValidator(read)


def _flag(value: Any) -> bool:
    text = str(value).lower()
    if text not in {"true", "false"}:
        raise ValueError("true or false")
    return text == "true"


def _ids(value: Any) -> frozenset[str]:
    found = frozenset(value.split(",") if isinstance(value, str) else value) - {""}
    if not all(re.fullmatch(r"[A-Za-z0-9_.:~+/=-]+", each) for each in found):
        raise ValueError("ids with commas between and no blanks")
    return found


def _path(example: str, field: str) -> AfterValidator:
    def read(value: str) -> str:
        text = value.strip("/")
        if (
            not re.fullmatch(r"[A-Za-z0-9_.{}/-]+", text)
            or set(re.findall(r"[{}]+[^{}]*[{}]*", text)) - {field}
            or {"", ".", ".."} & set(text.split("/"))
        ):
            raise ValueError(f"a path such as {example}, in which {field} may stand")
        return text

    return AfterValidator(read)


# -- the settings ----------------------------------------------------------------------------------

_Account = Annotated[str, AfterValidator(_account)]
_Flag = Annotated[bool, BeforeValidator(_flag)]
_Seconds = Annotated[float, _number(0.001, _A_DAY)]


@pydantic_dataclasses.dataclass(frozen=True, kw_only=True, config=ConfigDict(hide_input_in_errors=True))
class Settings:
    """A complete set of settings; each stands here once, and every table, schema and message follows from its field.

    `timeout` and `connect_timeout` are seconds, `rate_limit` is requests a second. The token is never printed.

    Raises:
        ValidationError: A value is missing or malformed; pydantic's. `load` raises SettingsError instead.
    """

    account_id: _Account = Field(description="the account's id, as on Settings > Account Information")
    username: Annotated[str, AfterValidator(_user)] = Field(
        description="the user; the prefix `BOOMI_TOKEN.` may be there or not"
    )
    token: Annotated[str, AfterValidator(_token)] = Field(
        repr=False, description="an API token of that user; keep it with `--secret`"
    )
    region: Annotated[str, AfterValidator(_region)] = Field(
        default="US", description="`US`, or `GB` (`EU` is the same)"
    )
    base_url: Annotated[str, AfterValidator(_base_url)] = Field(
        default="", validate_default=True, title="of the region", description="scheme and host, instead of a region"
    )
    override_account: _Account | None = Field(default=None, description="a sub-account, through the partner API")
    timeout: _Seconds = Field(default=120.0, description="seconds to wait for an answer; a day at the most")
    connect_timeout: _Seconds = Field(default=10.0, description="seconds to wait for a connection; a day at the most")
    rate_limit: Annotated[float, _number(0.001, 1e6, or_zero=True)] = Field(
        default=10.0, description="requests a second; 0 switches the limit off"
    )
    validate: _Flag = Field(default=True, description="look ids up in the account while previewing")
    connector_path: Annotated[str, _path(CONNECTOR_PATH, "{api}")] = Field(
        default=CONNECTOR_PATH, description="path of the Connector API before the account"
    )
    connector_cancel_path: Annotated[str, _path(CONNECTOR_CANCEL_PATH, "{classificationType}")] | None = Field(
        default=None, title="the likely ones in turn", description="path that cancels a connector's review, or `PUT`"
    )
    known_deleted: Annotated[frozenset[str], BeforeValidator(_ids)] = Field(
        default=frozenset(),
        description="ids of deleted environments, components and folders, with commas and no blanks between",
    )
    origin_mark: _Flag = Field(default=True, description="end notes with `[pulumi project/stack/name]`")
    refuse_other_stacks: _Flag = Field(
        default=False, description="refuse a deployment in place of one that another stack owns"
    )

    def __post_init__(self) -> None:
        """Cut the token from every text that leaves the process: a page may repeat what it was sent."""
        login = f"{TOKEN_PREFIX}{self.username}:{self.token}".encode()
        keep([self.token, b64encode(login).decode()])

    @property
    def account(self) -> str:
        """The account that calls act on, as a text that no other account has and that no new token changes.

        Such as `acme-AB12CD`, `acme-AB12CD/acme-north` (a sub-account), `acme-AB12CD at https://boomi.acme.example`.
        """
        whose = self.account_id if self.override_account is None else f"{self.account_id}/{self.override_account}"
        return whose if self.base_url == REGIONS["US"] else f"{whose} at {self.base_url}"

    @classmethod
    def load(cls, config: Callable[[str], Any], env: Mapping[str, str] = os.environ) -> Settings:
        """Return the settings of stack configuration, and of the environment where the configuration has none.

        Args:
            config: Returns the value of `boomi:NAME` in stack configuration, or None.
            env: The environment.

        Raises:
            SettingsError: Something required is missing, a value is malformed, or the environment names a proxy or
                certificates that cannot be used.
        """
        texts: dict[str, Any] = {}
        labels: dict[str, str] = {}
        for each in SETTINGS:
            value = config(each.name)
            labels[each.argument] = each.env if value is None else f"boomi:{each.name}"
            text = str(env.get(each.env, "") if value is None else value).strip()
            if text:
                texts[each.argument] = text
        account_id, user = texts.get("account_id", ""), _without_prefix(texts.get("username", ""))
        if "@" in account_id and ":" not in account_id and _LIKE_ACCOUNT.fullmatch(user):
            raise SettingsError(
                f"{labels['account_id']} is {account_id!r} and {labels['username']} is {user!r}: they are swapped."
            )
        try:
            settings = cls(**texts)
        except ValidationError as error:
            raise SettingsError(_complaint(error, texts, labels)) from None
        check_route(settings.base_url, env)
        return settings


def _complaint(error: ValidationError, texts: Mapping[str, str], labels: Mapping[str, str]) -> str:
    """Return a line that names all missing settings, or else the first wrong setting."""
    faults = error.errors(include_url=False)
    missing = [each for each in SETTINGS if each.argument in [it["loc"][0] for it in faults if it["type"] == "missing"]]
    if missing:
        names, first = " and ".join(f"boomi:{each.name} ({each.env})" for each in missing), missing[0]
        how = f"pulumi config set boomi:{first.name} …{' --secret' if first.secret else ''}"
        return f"Boomi settings are incomplete: {names} not set. Use `{how}`, or the environment variable."
    name, fault = str(faults[0]["loc"][0]), faults[0]["ctx"]["error"]
    if isinstance(fault, _Unshown):
        return f"{labels[name]} {fault}."
    return f"{labels[name]} is {texts[name]!r}; it must be {fault}."


@dataclass(frozen=True)
class Setting:
    """The text about a setting in tables, schemas and messages.

    Attributes:
        argument: The name in Python.
        name: The name in stack configuration, after `boomi:`.
        env: The environment variable.
        default: The default, in words.
        about: What the setting is for, with unit and bounds.
        secret: Whether nobody may see the value.
    """

    argument: str
    name: str
    env: str
    default: str
    about: str
    secret: bool

    @classmethod
    def of(cls, argument: str, field: FieldInfo) -> Setting:
        """Describe a field of `Settings`; the field's title is the default in words where the value says too little."""
        match field.default:
            case _ if field.is_required():
                default = "required"
            case bool() as flag:
                default = str(flag).lower()
            case float() as number:
                default = f"{number:g}"
            case value:
                default = field.title or (f"`{value}`" if value else "none")
        about = field.description or ""
        return cls(argument, to_camel(argument), f"BOOMI_{argument.upper()}", default, about, secret=not field.repr)


SETTINGS = tuple(
    Setting.of(argument, field)
    for argument, field in Settings.__pydantic_fields__.items()  # type: ignore[attr-defined] # pydantic's dataclasses
)
"""Every setting; `boomi:NAME` in stack configuration wins over the environment variable."""
