"""One request and its answer over HTTP. The only file that imports requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import requests
import requests.adapters
from urllib3.exceptions import NameResolutionError, NewConnectionError, SSLError

from boomi_pulumi.api.errors import ConnectionLost, Unreachable, printable
from boomi_pulumi.api.settings import THREADS, TOKEN_PREFIX, Settings

__all__ = ["LONGEST_ANSWER", "Answer", "Transport"]

LONGEST_ANSWER = 32 * 1024 * 1024
"""Bytes of an answer after which it is given up as broken."""

_NO_HANDSHAKE = frozenset({"CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER"})

_NEVER_MADE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    requests.exceptions.URLRequired,
)


@dataclass(frozen=True)
class Answer:
    """An answer of any status.

    Attributes:
        status: HTTP's.
        body: All of it.
        headers: By name, of any case.
        retry_after: Seconds that the server asks to wait, where it says so.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]
    retry_after: float | None


class Transport:
    """The connections to one host, with the credentials of one user; threads may share it.

    Args:
        settings: Who and where, and how long to wait.
        clock: Returns seconds; only differences count.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self.settings = settings
        self._clock = clock
        self.session = requests.Session()
        # Credentials belong to this one host: no cookies, no .netrc, no redirects (see send).
        self.session.auth = (TOKEN_PREFIX + settings.username, settings.token)
        self.session.headers.update({"User-Agent": _user_agent(), "Accept": "application/json"})
        adapter = requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=THREADS, max_retries=0)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def send(
        self,
        method: str,
        url: str,
        what: str,
        *,
        params: Mapping[str, str] | None,
        data: bytes | None,
        headers: Mapping[str, str],
        longest: float | None = None,
    ) -> Answer:
        """Send one request and read its whole answer, whatever its status.

        Args:
            method: HTTP's.
            url: Without the parameters.
            what: What it is for, in messages.
            params: Parameters of the URL.
            data: The body.
            headers: Beside those of every request.
            longest: Seconds that it may take, where they are fewer than the settings give.

        Raises:
            Unreachable: No connection was made; nothing was sent.
            ConnectionLost: It was sent, or may have been, and there is no whole answer.
        """
        seconds = self.settings.timeout if longest is None else max(0.001, min(self.settings.timeout, longest))
        limit = (min(self.settings.connect_timeout, seconds), seconds)
        try:
            with self.session.request(
                method,
                url,
                params=params,
                data=data,
                headers=headers,
                timeout=limit,
                allow_redirects=False,
                stream=True,
            ) as response:
                self.session.cookies.clear()
                content = self._content(response, what, seconds)
                return Answer(response.status_code, content, response.headers, _retry_after(response.headers))
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError) as error:
            detail = f"no connection to {self.settings.base_url} ({_reason(error)})"
            raise Unreachable(what, detail=detail) from None
        except requests.exceptions.ConnectionError as error:
            lost = ConnectionLost if not _never_connected(error) else Unreachable
            raise lost(what, detail=f"{self.settings.base_url}: {_reason(error)}") from None
        except requests.exceptions.Timeout:
            detail = f"no answer from {self.settings.base_url} within {round(seconds, 1):g} s"
            raise ConnectionLost(what, detail=detail) from None
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
            raise ConnectionLost(what, detail=f"the answer broke off ({_reason(error)})") from None
        except _NEVER_MADE as error:
            raise Unreachable(what, detail=f"the request could not be made ({_reason(error)})") from None
        except requests.exceptions.RequestException as error:
            # Whatever else it is, nobody can say that nothing was sent.
            raise ConnectionLost(what, detail=f"{self.settings.base_url}: {_reason(error)}") from None

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
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())
    except (TypeError, ValueError):
        # No date, or one without a zone.
        return None


def _never_connected(error: BaseException) -> bool:
    cause: Any = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, SSLError):
        # TLS may also break after the request was sent; only these prove that it never began.
        return getattr(reason.args[0] if reason.args else None, "reason", None) in _NO_HANDSHAKE
    return isinstance(reason, (NewConnectionError, NameResolutionError))


def _reason(error: BaseException) -> str:
    cause: Any = error.args[0] if error.args else error
    reason = getattr(cause, "reason", None) or cause
    # urllib3 puts the object's address first: "<…HTTPConnection object at 0x…>: Failed to …".
    text = re.sub(r"<[^>]*>:?\s*", "", str(reason))
    text = re.sub(r"HTTPS?Connection(Pool)?\([^)]*\):?\s*", "", text)
    return printable(text)[:300] or type(error).__name__
