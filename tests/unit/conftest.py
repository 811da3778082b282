from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.settings import Settings
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import seed
from tests.driver import Clock
from tests.unit.scripted import Act, Scripted

# A gate must not depend on chance or on the speed of a machine.
settings.register_profile(
    "repeatable", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")

Scripts = Callable[..., Scripted]
Clients = Callable[..., Client]

ACCOUNT = "acme-1"
TOKEN = "s3cret-t0ken"  # noqa: S105 - of no account


def settings_for(url: str, **more: Any) -> Settings:
    return Settings(
        **{
            "account_id": ACCOUNT,
            "username": "ann@acme.example",
            "token": TOKEN,
            "base_url": url,
            "timeout": 10.0,
            "connect_timeout": 5.0,
            "rate_limit": 0.0,
            **more,
        }
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def script() -> Iterator[Scripts]:
    """Start scripted servers, and stop them."""
    servers: list[Scripted] = []

    def start(*acts: Act, greeting: bytes = b"", tls: ssl.SSLContext | None = None) -> Scripted:
        servers.append(Scripted(list(acts), greeting, tls))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def client_to(clock: Clock) -> Iterator[Clients]:
    """Make clients of an address, and close them."""
    clients: list[Client] = []

    def make(url: str, **more: Any) -> Client:
        client = Client(settings_for(url, **more), sleep=clock.sleep, clock=clock.time, draw=lambda: 1.0)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def known_to(client_to: Clients) -> Clients:
    """Make clients whose credentials are known to be good: Boomi has taken them before."""

    def make(url: str, **more: Any) -> Client:
        client = client_to(url, **more)
        client._login.accepted()
        return client

    return make


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(seed(), rate_limit=0) as emulator:
        yield emulator


@pytest.fixture
def client(boomi: Emulator, client_to: Clients) -> Client:
    return client_to(
        boomi.base_url,
        account_id=boomi.account_id,
        username=boomi.username.removeprefix("BOOMI_TOKEN."),
        token=boomi.token,
    )
