"""How requests travel: the proxy and the certificates that the environment names, as `requests` reads them."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from boomi_pulumi._api.errors import SettingsError

__all__ = ["BUNDLES", "Route", "check_route"]

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that name a file of the certificates to trust; the first that is set counts."""

_PROXY = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?"
    r"(?:(?P<user>[^/?#]*)@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[^\s/:?#@\[\]\\]+)"
    r"(?P<port>:[0-9]{1,5})?"
    r"(?:[/?#][^@]*)?",
    re.IGNORECASE,
)
_SOCKS = frozenset({"socks4", "socks4a", "socks5", "socks5h"})
_CERTIFICATE = re.compile(rb"-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----")
_LAST_PORT = 65535


@dataclass(frozen=True)
class Route:
    """How requests travel, in words for a person; those of plain http are not concerned: they stay on this machine.

    Attributes:
        proxy: The proxy without user and password; empty without a proxy.
        proxy_name: The variable that names the proxy; without a proxy, the variable to set.
        bundle: The file of the certificates that are trusted; empty for those of `certifi`.
        bundle_name: The variable that names the file; without a file, the variable to set.
        secrets: What must not be shown of the proxy's address.
    """

    proxy: str
    proxy_name: str
    bundle: str
    bundle_name: str
    secrets: tuple[str, ...]

    @classmethod
    def of(cls, proxy: str | None, env: Mapping[str, str]) -> Route:
        """Describe a route.

        Args:
            proxy: The proxy's whole address, with user and password; None without a proxy.
            env: The environment.
        """
        bundle_name = next((name for name in BUNDLES if env.get(name)), "")
        name = _proxy_name(env)
        if proxy and env.get(name) != proxy:
            name = "the system's settings"
        return cls(
            proxy=_shown(proxy) if proxy else "",
            proxy_name=name or "HTTPS_PROXY",
            bundle=env.get(bundle_name, ""),
            bundle_name=bundle_name or BUNDLES[0],
            secrets=_secrets(proxy or ""),
        )

    @property
    def via(self) -> str:
        """Return " through the proxy http://proxy.acme.example:3128 (HTTPS_PROXY)", or nothing."""
        return f" through the proxy {self.proxy} ({self.proxy_name})" if self.proxy else ""

    @property
    def trusts(self) -> str:
        """Return which certificates are trusted."""
        return f"{self.bundle} ({self.bundle_name})" if self.bundle else "Python's certifi"

    def clean(self, text: str) -> str:
        """Return a text without what is secret of the proxy's address."""
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return text


def check_route(base_url: str, env: Mapping[str, str]) -> None:
    """Refuse a proxy and a file of certificates that no request can be made with.

    Args:
        base_url: Where the requests go.
        env: The environment.

    Raises:
        SettingsError: What a variable names cannot be used.
    """
    if not base_url.startswith("https:"):
        return
    name = next((each for each in BUNDLES if env.get(each)), "")
    fault = _bundle_fault(env[name]) if name else None
    if fault:
        raise SettingsError(
            f"{name} names {env[name]}, which {fault}. It must be a PEM file of the certificates to trust; without the "
            "variable, those of Python's certifi are."
        )
    name = _proxy_name(env)
    no_proxy = {"no": env.get("no_proxy") or env.get("NO_PROXY") or ""}
    host = urlsplit(base_url).netloc
    if env.get(name) and not urllib.request.proxy_bypass_environment(host, no_proxy):  # type: ignore[attr-defined]
        _check_proxy(name, env[name])


def _check_proxy(name: str, value: str) -> None:
    found = _PROXY.fullmatch(value)
    if found is None or int((found["port"] or ":0")[1:]) > _LAST_PORT or (found["user"] and not found["scheme"]):
        raise SettingsError(
            f"{name} is not the address of a proxy, such as http://proxy.acme.example:3128. Its value is not shown, "
            "since it may hold a password; in there, write # as %23, / as %2F and @ as %40."
        )
    scheme = (found["scheme"] or "http").lower()
    if scheme in _SOCKS:
        if find_spec("socks") is None:
            raise SettingsError(
                f'{name} names a SOCKS proxy, for which Python needs one more package: pip install "requests[socks]".'
            )
    elif scheme not in {"http", "https"}:
        raise SettingsError(f"{name} begins with {scheme}://; the address of a proxy begins with http://.")


def _proxy_name(env: Mapping[str, str]) -> str:
    """Return the variable that names the proxy; a name in lower case wins, also where its value is blank."""
    for lower in ("https_proxy", "all_proxy"):
        name = lower if lower in env else lower.upper()
        if env.get(name):
            return name
    return ""


def _bundle_fault(path: str) -> str | None:
    file = Path(path)
    try:
        if file.is_dir():
            return None
        content = file.read_bytes()
    except FileNotFoundError:
        return "is not there"
    except (OSError, ValueError) as error:
        return f"cannot be read ({getattr(error, 'strerror', None) or error})"
    if not content:
        return "is empty"
    return None if _CERTIFICATE.search(content) else "holds no certificate in PEM format"


def _shown(proxy: str) -> str:
    found = _PROXY.fullmatch(proxy)
    if found is None:
        return "…"
    return f"{(found['scheme'] or 'http').lower()}://{found['host']}{found['port'] or ''}"


def _secrets(proxy: str) -> tuple[str, ...]:
    user = proxy.rpartition("@")[0].partition("://")[2]
    password = user.partition(":")[2]
    # A shorter password stands in half of all words.
    parts = [user, unquote(user), *(each for each in (password, unquote(password)) if len(each) > 3)]  # noqa: PLR2004
    return tuple(sorted(filter(None, parts), key=len, reverse=True))
