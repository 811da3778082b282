"""A release is waited for as long as its status may be read, and no longer."""

from __future__ import annotations

from typing import Any

import pytest

from boomi_pulumi._api.models import RELEASE_STATUS
from boomi_pulumi.emulator import Emulator
from tests.conformance.conftest import DOORS
from tests.driver import Resource
from tests.faults.account import PACK, mounted, seed
from tests.faults.test_belief import ERROR, PAGE, Instead

UNREAD: dict[str, tuple[int, Any]] = {
    "refused": (401, {"@type": "Error", "message": "Unauthorized"}),
    "forbidden": (403, {"@type": "Error", "message": "The user lacks a privilege."}),
    "no address": (404, {"@type": "Error", "message": "Not found"}),
    "retired": (410, {"@type": "Error", "message": "Gone"}),
    "page": (200, PAGE),
    "error object": (200, ERROR),
}
PASSING: dict[str, tuple[int, Any]] = {
    "down": (503, b""),
    "broken": (500, b""),
    "not known yet": (400, {"@type": "Error", "message": "There is no such request."}),
}
RELEASE = Resource(
    "it",
    "ReleaseIntegrationPack",
    {"integrationPackId": PACK, "components": [{"componentId": "sync", "version": "1.1"}], "releaseTimeout": 60},
)
NEWS = "how it stands cannot be read, so it is not waited for"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("form", UNREAD)
def test_a_status_that_may_not_be_read_is_told_once_and_not_waited_for(
    form: str, door: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with Emulator(seed(), rate_limit=0, releasePolls=-1) as boomi, DOORS[door](boomi.env) as driver:
        adapter, began = Instead("get", UNREAD[form], forwards=False), driver.clock.now
        with mounted(driver, adapter):
            driver.up(RELEASE)
        said = capfd.readouterr().out
        assert (adapter.struck, driver.clock.now - began < 1, said.count(NEWS)) == (1, True, 1)
        outputs = driver.state.resources["it"].outputs
        assert outputs["releaseStatus"] == "IN_PROGRESS"
        if form == "refused":
            return  # nothing more is sent with credentials that Boomi refuses
        # The next run looks again. What the status does not tell, the pack does once the release is out.
        with mounted(driver, Instead("get", UNREAD[form], forwards=False)):
            driver.up(RELEASE)
        assert capfd.readouterr().out.count(NEWS) == 1
        boomi.settings(releasePolls=1)
        driver.client.get(RELEASE_STATUS, outputs["requestId"])
        with mounted(driver, Instead("get", UNREAD[form], forwards=False)):
            driver.up(RELEASE)
            assert NEWS not in capfd.readouterr().out
            assert driver.state.resources["it"].outputs["releaseStatus"] == "SUCCESS"
            assert [step.act for step in driver.preview(RELEASE)] == ["same"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("form", PASSING)
def test_a_failure_that_may_pass_is_no_news(form: str, door: str, capfd: pytest.CaptureFixture[str]) -> None:
    with Emulator(seed(), rate_limit=0, releasePolls=-1) as boomi, DOORS[door](boomi.env) as driver:
        adapter, began = Instead("get", PASSING[form], forwards=False), driver.clock.now
        with mounted(driver, adapter):
            driver.up(RELEASE)
        assert adapter.struck > 1
        assert driver.clock.now - began >= 60
        assert NEWS not in capfd.readouterr().out
