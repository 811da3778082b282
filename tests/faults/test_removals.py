"""A removal that does not go through: what is forgotten, what is kept, and what is said of it."""

from __future__ import annotations

import pytest

from boomi_pulumi.emulator import Emulator
from tests.conformance.conftest import DOORS
from tests.driver import PluginError, Resource
from tests.faults.account import seed
from tests.faults.test_belief import Instead, instead

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
                instead(driver, Instead("delete", (400, {"@type": "Error", "message": words}), forwards=False)),
                pytest.raises(PluginError) as raised,
            ):
                driver.destroy()
            assert words in raised.value.text
            assert list(driver.state.resources) == ["sync"], words
        assert "The stack forgets it" not in capfd.readouterr().out
        for words in IN_USE:
            driver.up(PACKAGE)
            with instead(driver, Instead("delete", (400, {"@type": "Error", "message": words}), forwards=False)):
                driver.destroy()
            assert not driver.state.resources, words
            assert f'it is in use (Boomi said: "{words}")' in capfd.readouterr().out
