"""Whose requests the routes for tests take: they ask for no credentials, so a web page must not reach them."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_PRIVATE: Final = (".localhost", ".local", ".internal")  # no page of the internet has a name that ends so


def is_foreign(headers: Mapping[str, str], listening: str) -> bool:
    """Tell whether a web page of another origin sent a request, by its own name or by one that leads here.

    A browser names the page in `Origin`; a page whose name was pointed at this machine has that name in `Host`.
    Programs send no `Origin`.

    Args:
        headers: Those of the request.
        listening: The name or address that this emulator listens on.
    """
    host, origin = headers.get("Host", ""), headers.get("Origin")
    if origin is not None and origin.lower() not in {f"http://{host.lower()}", f"https://{host.lower()}"}:
        return True
    return bool(host) and not _is_ours(host, listening)


def _is_ours(host: str, listening: str) -> bool:
    try:
        name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return False
    # A name without a dot is one of this network, such as that of a container.
    return _is_address(name) or "." not in name or name.endswith(_PRIVATE) or name == listening.lower()


def _is_address(name: str) -> bool:
    """Tell whether a name is an address of IPv4 or IPv6."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_reachable(listening: str) -> bool:
    """Tell whether other machines may reach what listens on a name or address."""
    return not (listening == "localhost" or (_is_address(listening) and ipaddress.ip_address(listening).is_loopback))
