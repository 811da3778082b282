"""What an exception of the HTTP library means: whether anything was sent, and what a person may do."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import requests
import requests.exceptions as library
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError

from boomi_pulumi._api.errors import ConnectionLost, RequestError, SettingsError, Unreachable
from boomi_pulumi._api.route import Route, check_route
from boomi_pulumi._api.words import on_one_line

__all__ = ["RAISED", "Failure", "meaning_of"]

RAISED = (library.RequestException, HTTPError, OSError, ValueError)
"""What the libraries raise, also by their own mistakes."""

_NEVER_MADE = (
    library.InvalidURL,
    library.InvalidSchema,
    library.MissingSchema,
    library.InvalidHeader,
    library.URLRequired,
)
_NOT_CONNECTED = (library.ConnectTimeout, NewConnectionError, NameResolutionError, ConnectTimeoutError)
_NO_TLS = "WRONG_VERSION_NUMBER"
"""Reason of an error of TLS that proves that no request was sent; TLS may also break later."""

_TUNNEL = re.compile(r"Tunnel connection failed: (\d+) ?(.*)")
"""What the standard library says of a proxy that answered, and made no connection."""

_ENCODED = "in user and password, write # as %23, / as %2F and @ as %40"


@dataclass(frozen=True)
class Failure:
    """Why there is no answer.

    Attributes:
        kind: The class of the error.
        detail: What happened.
        advice: What to do; None for what the class says.
        final: Whether every further request of this process must fail in the same way.
    """

    kind: type[RequestError]
    detail: str
    advice: str | None = None
    final: bool = False

    def error(self, what: str) -> RequestError:
        """Return the error of a request; `what` is what it was for."""
        error = self.kind(what, detail=self.detail, advice=self.advice)
        error.final = self.final
        return error


def meaning_of(error: Exception, url: str, seconds: float) -> Failure:
    """Return why there is no answer.

    Args:
        error: Any of `RAISED`.
        url: Scheme and host that the request was for.
        seconds: How long the answer was waited for.
    """
    route, chain = _route(url), _chain(error)
    for read in (_refused_login, _untrusted, _plain_proxy, _unusable_bundle):
        known = read(chain, route, url)
        if known is not None:
            return known
    reason, address = route.clean(_reason(error)), f"{url}{route.via}"
    advice = f"Check {route.proxy_name}, NO_PROXY and the network." if route.proxy else None
    if isinstance(error, _NEVER_MADE):
        return Failure(Unreachable, f"the request could not be made ({reason})", advice)
    if any(isinstance(each, _NOT_CONNECTED) or _proves_that_nothing_was_sent(each) for each in chain):
        return Failure(Unreachable, f"no connection to {address} ({reason})", advice)
    # Whatever else it is, nobody can say that nothing was sent.
    advice = f"{ConnectionLost.advice} {advice}" if advice else None
    if isinstance(error, library.Timeout):
        # The library waits for a proxy's first answer as for a connection, without saying so.
        limit = "in time" if route.proxy else f"within {seconds:g} s"
        return Failure(ConnectionLost, f"no answer from {address} {limit}", advice)
    if isinstance(error, (library.ChunkedEncodingError, library.ContentDecodingError)):
        return Failure(ConnectionLost, f"the answer broke off ({reason})", advice)
    return Failure(ConnectionLost, f"{address}: {reason}", advice)


# -- what is known by its cause --------------------------------------------------------------------


def _refused_login(chain: Sequence[BaseException], route: Route, url: str) -> Failure | None:
    """Describe a proxy that refuses the user; a company may lock the user out after some refusals, as Boomi does."""
    answers = (_TUNNEL.search(str(each)) for each in chain if type(each) is OSError)
    if "407" not in [each[1] for each in answers if each]:
        return None
    wants = "another user or password" if route.secrets else "a user and a password"
    detail = f"no connection to {url}{route.via}, which answered 407 and wants {wants}"
    advice = f"Write http://user:password@host:port into {route.proxy_name}; {_ENCODED}. Nothing more is sent."
    return Failure(Unreachable, detail, advice, final=True)


def _untrusted(chain: Sequence[BaseException], route: Route, url: str) -> Failure | None:
    # By its class: where the system's own store is asked, on macOS and Windows, the error names no reason.
    found = next((each for each in chain if isinstance(each, ssl.SSLCertVerificationError)), None)
    if found is None:
        return None
    why = getattr(found, "verify_message", None) or "certificate verify failed"
    whose = f"the proxy {route.proxy} ({route.proxy_name})" if _is_of_proxy(chain) else f"{url}{route.via}"
    return Failure(
        Unreachable,
        f"the certificate of {whose} is not trusted ({why}); trusted are those of {route.trusts}",
        f"Where a company's proxy opens TLS, let {route.bundle_name} name a PEM file with the company's authority.",
        final=True,
    )


def _plain_proxy(chain: Sequence[BaseException], route: Route, url: str) -> Failure | None:
    if not any(getattr(each, "reason", None) == _NO_TLS for each in chain) or not _is_of_proxy(chain):
        return None
    detail = f"no connection to {url}{route.via}, which speaks HTTP, not HTTPS"
    advice = f"Let {route.proxy_name} begin with http://; requests to Boomi are encrypted all the same."
    return Failure(Unreachable, detail, advice, final=True)


def _unusable_bundle(chain: Sequence[BaseException], route: Route, url: str) -> Failure | None:
    """Describe a file of certificates that is broken, or that was removed after the settings were read."""
    if route.bundle and any(getattr(each, "library", None) == "X509" for each in chain):
        detail = f"{route.bundle_name} names {route.bundle}, which holds a certificate that cannot be read"
        return Failure(Unreachable, detail, "It must be a PEM file of the certificates to trust.", final=True)
    if type(chain[0]) is OSError:
        try:
            check_route(url, os.environ)
        except SettingsError as error:
            return Failure(Unreachable, str(error).rstrip("."), "", final=True)
    return None


def _is_of_proxy(chain: Sequence[BaseException]) -> bool:
    return any(isinstance(each, library.ProxyError) for each in chain)


def _proves_that_nothing_was_sent(error: BaseException) -> bool:
    refused = type(error) is OSError and bool(_TUNNEL.search(str(error)))
    return refused or getattr(error, "reason", None) == _NO_TLS


# -- reading exceptions --------------------------------------------------------------------------------


def _route(url: str) -> Route:
    proxies = requests.utils.get_environ_proxies(url) if url.startswith("https:") else {}
    return Route.of(requests.utils.select_proxy(url, proxies), os.environ)


def _chain(error: BaseException) -> list[BaseException]:
    """Return an exception and those that it wraps, the outermost first."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            waiting += [getattr(each, "reason", None), getattr(each, "original_error", None), *each.args]
    return found


def _reason(error: BaseException) -> str:
    cause: Any = error.args[0] if error.args else error
    cause = getattr(cause, "reason", None) or cause
    # What a proxy's error wraps says more than "Unable to connect to proxy".
    cause = getattr(cause, "original_error", None) or cause
    # urllib3 puts the object's address first: "<…HTTPConnection object at 0x…>: Failed to …".
    text = re.sub(r"<[^>]*>:?\s*", "", str(cause))
    text = re.sub(r"HTTPS?Connection(Pool)?\([^)]*\):?\s*", "", text)
    text = _TUNNEL.sub(r"it answered \1 \2", text)
    return on_one_line(text)[:300] or type(error).__name__
