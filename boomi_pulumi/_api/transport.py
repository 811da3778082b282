"""A request and its answer over HTTP. With `failures`, the only file of `_api` that imports requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from boomi_pulumi._api.errors import ConnectionLost
from boomi_pulumi._api.failures import RAISED, Failure, meaning_of
from boomi_pulumi._api.settings import THREADS, TOKEN_PREFIX, Settings

__all__ = ["LONGEST_ANSWER", "Answer", "Transport"]

LONGEST_ANSWER = 32 * 1024 * 1024
"""The most bytes of an answer; a longer answer counts as a broken connection."""


@dataclass(frozen=True)
class Answer:
    """An answer of any status.

    Attributes:
        status: HTTP's status.
        body: The whole body, at most `LONGEST_ANSWER` bytes.
        headers: Values by name; the case of a name does not matter.
        address: Method and address of the request, without parameters.
        retry_after: Seconds of the header `Retry-After`, also where it is a date; None without the header.
        ahead: How far Boomi's clock is ahead of this machine's, by the header `Date`; None without the header.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]
    address: str
    retry_after: float | None
    ahead: timedelta | None = None


class Transport:
    """The connections to a host, with a user's credentials; threads may share the object.

    Args:
        settings: Who and where, and how long to wait.
        clock: Returns seconds; only differences count.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._failure: Failure | None = None
        # The session reads the environment. It sends nothing, so it follows no redirect and keeps no cookie.
        self._session = requests.Session()
        self._session.auth = (TOKEN_PREFIX + settings.username, settings.token)
        self._session.headers.update({"User-Agent": _user_agent(), "Accept": "application/json"})
        # A plain http address is one of this machine: nothing carries the token to a proxy in clear.
        self._session.trust_env = settings.base_url.startswith("https:")
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=THREADS, max_retries=0)

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()

    def send(
        self,
        method: str,
        url: str,
        what: str,
        *,
        params: Mapping[str, str] | None,
        data: bytes | None,
        headers: Mapping[str, str],
        longest: float | None,
        adapter: BaseAdapter | None,
    ) -> Answer:
        """Send a request and read its whole answer, whatever its status.

        Args:
            method: HTTP's method.
            url: The address without its parameters.
            what: What the request is for, in messages.
            params: Parameters of the address.
            data: The body.
            headers: Headers beside those of every request.
            longest: Seconds that the answer may take, where that is less than `timeout` of the settings.
            adapter: Sends the request in place of these connections.

        Raises:
            Unreachable: No connection was made; nothing was sent.
            ConnectionLost: The request was sent, or may have been, and there is no whole answer.
        """
        if self._failure is not None:
            raise self._failure.error(what)
        base_url, most = self._settings.base_url, self._settings.timeout
        seconds = most if longest is None else max(0.001, min(most, longest))
        limit = (min(self._settings.connect_timeout, seconds), seconds)
        try:
            request = requests.Request(method, url, params=params, data=data, headers=headers)
            prepared = self._session.prepare_request(request)
            route: Any = self._session.merge_environment_settings(base_url, {}, stream=True, verify=None, cert=None)
            with (adapter or self._adapter).send(prepared, timeout=limit, **route) as response:
                content = self._content(response, what, seconds)
                pause = _retry_after(response.headers)
                ahead = _from_now(response.headers.get("Date", ""))
                return Answer(response.status_code, content, response.headers, f"{method} {url}", pause, ahead)
        except RAISED as error:
            failure = meaning_of(error, base_url, seconds)
            if failure.final:
                self._failure = failure
            raise failure.error(what) from None

    def _content(self, response: requests.Response, what: str, seconds: float) -> bytes:
        ends = self._clock() + seconds
        parts, size = [], 0
        for part in response.iter_content(64 * 1024):
            parts.append(part)
            size += len(part)
            if size > LONGEST_ANSWER:
                raise ConnectionLost(what, detail=f"the answer is longer than {LONGEST_ANSWER >> 20} MiB")
            if self._clock() > ends:
                raise ConnectionLost(what, detail=f"the answer did not end within {round(seconds, 1):g} s")
        return b"".join(parts)


def _user_agent() -> str:
    try:
        release = version("boomi_pulumi")
    except PackageNotFoundError:
        release = "0"
    return f"boomi_pulumi/{release}"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,6}(\.\d+)?", text):
        return float(text)
    rest = _from_now(text)
    return None if rest is None else max(0.0, rest.total_seconds())


def _from_now(date: str) -> timedelta | None:
    """Return how long from now a header's date is; None for what is none."""
    try:
        return parsedate_to_datetime(date) - datetime.now(timezone.utc)
    except (TypeError, ValueError, OverflowError):
        # No date, or one without a zone, or numbers that no date has.
        return None
