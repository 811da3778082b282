"""The account of `BOOMI_*`, as the commands reach it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TypeVar

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import (
    BadRequest,
    EndpointGone,
    EndpointNotFound,
    Forbidden,
    RequestError,
    SettingsError,
    UnexpectedStatus,
)
from boomi_pulumi._api.retry import Policy
from boomi_pulumi._api.settings import Settings

__all__ = ["UNREADABLE", "Counter", "connect"]

C = TypeVar("C", bound=Client)

UNREADABLE: tuple[type[RequestError], ...] = (
    BadRequest, EndpointGone, EndpointNotFound, Forbidden, UnexpectedStatus,
)  # fmt: skip
"""Refusals that concern one kind of object: this account has it not, or this user may not read it."""

_REQUIRED = ("BOOMI_ACCOUNT_ID", "BOOMI_USERNAME", "BOOMI_TOKEN")

_PATIENCE = 30.0
"""Seconds to wait for an answer, at the most: a person waits for the command."""


@dataclass
class Counter:
    """Counts the requests of a client.

    Attributes:
        sent: Requests that were sent.
        writes: Creates, updates and deletes that Boomi accepted.
        refused: Answers of status 429 and 503.
        step: Takes a line about each request before it is sent.
    """

    sent: int = 0
    writes: int = 0
    refused: int = 0
    step: Callable[[str], object] = field(default=lambda _: None)

    def __call__(self, method: str, path: str, status: int | None) -> None:
        """Count a request (status None) or its answer; see `watch` of `Sender`."""
        if status is None:
            self.sent += 1
            self.step(f"{method} {path} (request {self.sent})")
        elif status in {429, 503}:
            self.refused += 1
        elif status < HTTPStatus.MULTIPLE_CHOICES:
            self.writes += method != "GET" and path.rpartition("/")[2] not in {"query", "queryMore", "bulk"}


def connect(
    counter: Counter,
    made: type[C],
    *,
    env: Mapping[str, str] | None = None,
    retries: int = 3,
    tell: Callable[[str], None] | None = None,
) -> C:
    """Return a client of the account that the environment variables name.

    Args:
        counter: Counts the client's requests.
        made: The class of the client.
        env: The environment variables; those of the process if left out.
        retries: How often a read is sent again.
        tell: Takes a line for the user; lines are dropped if left out.

    Raises:
        SettingsError: A required variable is missing, or a value is malformed.
    """
    env = os.environ if env is None else env
    missing = [name for name in _REQUIRED if not env.get(name, "").strip()]
    if missing:
        raise SettingsError(
            f"{' and '.join(missing)} not set. This command reads the environment, not the configuration of a stack."
        )
    settings = Settings.load(lambda _name: None, env)
    settings = replace(settings, timeout=min(settings.timeout, _PATIENCE))
    return made(
        settings,
        policy=Policy(retries=retries),
        interrupted=threading.Event(),
        tell=tell or (lambda _line: None),
        watch=counter,
    )
