"""A removal that does not go through: what is forgotten, what is kept, and what is said of it."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.settings import Settings
from boomi_pulumi._lifecycle.places import places_of
from boomi_pulumi._lifecycle.removal import leftovers_of
from boomi_pulumi._reads.deployments import deployments_of
from boomi_pulumi.emulator import Emulator
from tests.conformance.conftest import DOORS
from tests.driver import Driver, PluginError, Ref, Resource, struct_of
from tests.faults.account import mounted, seed
from tests.faults.test_belief import Instead
from tests.native_driver import NativeDriver

PACKAGE = Resource("sync", "PackagedComponent", {"componentId": "sync", "packageVersion": "7.0"})

IN_USE = (
    "Package 1 cannot be deleted because it is currently in use: part of the integration pack Shop.",
    "The packaged component is deployed.",
    "It is being used by another object.",
    "The component is published in the Process Library.",
    "It is already part of an integration pack.",
)
REFUSED = (
    "The request was refused by a policy of your administrator.",
    "Only unused packages can be deleted by this role.",
    "The shared library is locked for maintenance.",
    "The package is not in use, and protected.",
    "The package is no longer in use; ask its owner.",
    "Packages that were released need a second approval.",
    "This pack may not be changed by you.",
)


@pytest.mark.parametrize("door", DOORS)
def test_a_package_is_forgotten_only_where_boomi_says_that_it_is_in_use(
    door: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with Emulator(seed(), rate_limit=0) as boomi, DOORS[door](boomi.env) as driver:
        driver.up(PACKAGE)
        for words in REFUSED:
            with (
                mounted(driver, Instead("delete", (400, {"@type": "Error", "message": words}), forwards=False)),
                pytest.raises(PluginError) as raised,
            ):
                driver.destroy()
            assert words in raised.value.text
            assert list(driver.state.resources) == ["sync"], words
        assert "The stack forgets it" not in capfd.readouterr().out
        for words in IN_USE:
            driver.up(PACKAGE)
            with mounted(driver, Instead("delete", (400, {"@type": "Error", "message": words}), forwards=False)):
                driver.destroy()
            assert not driver.state.resources, words
            assert f'it is in use (Boomi said: "{words}")' in capfd.readouterr().out


# -- two at once ---------------------------------------------------------------------------------

DEPLOYED = Resource("at", "DeployedPackage", {"environmentId": "env-test", "packageId": Ref("sync", "packageId")})


class Meeting(HTTPAdapter):
    """Lets two removals meet: the package is refused first, and its answer is late until its user is gone."""

    def __init__(self) -> None:
        super().__init__()
        self._refused, self._gone, self._again = (threading.Event() for _ in range(3))

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        of_package = "/PackagedComponent/" in (request.path_url or "")
        if request.method == "DELETE" and not of_package:
            self._refused.wait(5)
        answer = super().send(request, *args, **options)
        if request.method == "DELETE" and not of_package:
            self._gone.set()
        elif request.method == "DELETE" and self._refused.is_set():
            self._again.set()
        elif request.method == "DELETE":
            self._refused.set()
            self._gone.wait(5)
            self._again.wait(0.2)  # where nothing keeps the other thread from it
        return answer


def delete_both(driver: Driver) -> None:
    """Let the engine delete everything at the same time, as it does where it knows of no order."""
    requests = [
        provider_pb2.DeleteRequest(
            id=stored.id, urn=driver._urn(name, stored.kind), properties=struct_of(stored.outputs)
        )
        for name, stored in driver.state.resources.items()
    ]
    with driver._one_process():
        if isinstance(driver, NativeDriver):

            async def all_() -> None:
                await asyncio.gather(*(driver._servicer.Delete(each, None) for each in requests))

            driver.await_(all_())
        else:
            with ThreadPoolExecutor(2) as threads:
                list(threads.map(lambda each: driver._servicer.Delete(each, None), requests))


@pytest.mark.parametrize("door", DOORS)
def test_what_two_threads_say_of_one_package_is_true_in_its_order(door: str, capfd: pytest.CaptureFixture[str]) -> None:
    with Emulator(seed(), rate_limit=0) as boomi, DOORS[door](boomi.env) as driver:
        driver.up(PACKAGE, DEPLOYED)
        driver.new_process()
        adapter = Meeting()
        with mounted(driver, adapter):
            delete_both(driver)
        said = [line for line in capfd.readouterr().out.splitlines() if "Sync 7.0" in line]
        assert not [
            row for row in boomi.objects("PackagedComponent") if row["packageVersion"] == "7.0" and not row["deleted"]
        ]
    assert [line.endswith("nothing uses it any more; deleted.") for line in said] in ([True], [False, True]), said
    assert "nothing was removed" not in " ".join(said)


def test_a_client_that_nobody_holds_is_forgotten() -> None:
    """With all that a run keeps of its account."""
    client = Client(Settings.load(dict(accountId="a", username="u", token="t").get, {}))  # noqa: C408, S106
    kept = [weakref.ref(each) for each in (client, deployments_of(client), leftovers_of(client), places_of(client))]
    assert deployments_of(client) is kept[1]()
    del client
    gc.collect()
    assert [each() for each in kept] == [None] * 4
