"""Clients that nobody here wrote do what they do with Boomi, unchanged: the SDK in two versions, and another."""

from __future__ import annotations

import pytest

from boomi_pulumi.emulator.objects import KINDS
from tests.clients.published import CLIENTS, PAGE, Client, steps, table


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: f"{client.name}-{client.version}")
def test_every_step_of_a_published_client_works_but_what_boomi_refuses(client: Client) -> None:
    assert {step for step, problem in steps(client).items() if problem} == client.refused


def test_the_sdk_uses_every_object_and_operation() -> None:
    done = set(steps(CLIENTS[0]))
    wanted = {
        f"{kind.name} {verb}"
        for kind in KINDS.values()
        if kind.api == "platform"
        for verb in kind.verbs - {"queryMore"}
    }
    assert wanted - done == set()
    assert {f"{name} queryMore" for name in ("PackagedComponent", "DeployedPackage")} <= done


def test_the_table_of_the_page_is_what_the_clients_do() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), "make clients writes it"
