"""Requests and answers as they went over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter


@dataclass(frozen=True)
class Exchange:
    """One request and its answer."""

    method: str
    path: str
    content_type: str
    body: str
    status: int
    answer: bytes
    form: str = "application/json"

    @property
    def rest(self) -> tuple[str, ...]:
        """The path behind the account."""
        parts = urlsplit(self.path).path.split("/")
        return tuple(parts[parts.index("v1") + 2 :])


class Recorder(HTTPAdapter):
    """Sends for real, and keeps what was said."""

    def __init__(self) -> None:
        super().__init__()
        self.exchanges: list[Exchange] = []

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.exchanges)

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        response = super().send(request, *args, **options)
        body = request.body or b""
        self.exchanges.append(
            Exchange(
                method=request.method or "",
                path=request.path_url,
                content_type=request.headers.get("Content-Type", ""),
                body=body.decode() if isinstance(body, bytes) else str(body),
                status=response.status_code,
                answer=response.content,
                form=response.headers.get("Content-Type", ""),
            )
        )
        return response
