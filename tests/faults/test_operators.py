"""Two pipelines and a person write the same slots at the same time: nothing is doubled, nobody's deployment is lost."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from boomi_pulumi.emulator import Emulator
from tests.driver import CheckFailed, Driver, PluginError, Ref, Resource
from tests.faults.account import PRODUCTION, TEST, US, live, running, seed
from tests.faults.test_grid import TYPED

PERSON = "ann@acme.example"
COMPONENTS = [f"c{number}" for number in range(33)]


def program() -> list[Resource]:
    """Return 100 resources: 33 packages in as many slots of each of two environments, and one that Boomi numbers."""
    found = [Resource("numbered", "PackagedComponent", {"componentId": "feed"})]
    for each in COMPONENTS:
        found.append(Resource(f"{each}", "PackagedComponent", {"componentId": each, "packageVersion": "1.0"}))
        for environment in (TEST, PRODUCTION):
            inputs = {"environmentId": environment, "packageId": Ref(each, "packageId")}
            found.append(Resource(f"{each}-{environment}", "DeployedPackage", inputs))
    return found


@pytest.fixture
def crowded() -> Iterator[Emulator]:
    content = seed()
    content["components"] += [{"name": each, "id": each} for each in COMPONENTS]
    with Emulator(content, rate_limit=0) as boomi:
        yield boomi


@pytest.fixture
def quiet() -> Iterator[None]:
    """The plugin sets this for its whole process; here two of them share one."""
    sys.tracebacklimit = 0
    yield
    del sys.tracebacklimit


def _together(*acts: threading.Thread) -> None:
    for each in acts:
        each.start()
    for each in acts:
        each.join(60)
        assert not each.is_alive()


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("run", [pytest.param(n, marks=pytest.mark.slow if n > 3 else ()) for n in range(8)])
def test_two_stacks_and_a_person_write_the_same_slots(run: int, crowded: Emulator) -> None:
    errors: list[str] = []
    theirs = crowded.console_package(COMPONENTS[run], by=PERSON, packageVersion="9.0")["packageId"]

    def up(driver: Driver) -> None:
        try:
            driver.up(*program())
        except (PluginError, CheckFailed) as error:
            errors.append(str(error))

    def console() -> None:
        for environment in (PRODUCTION, TEST) * 3:
            crowded.console_deploy(environment, theirs, by=PERSON)

    # Other settings, so that each has a client and a picture of the account of its own, as two processes have.
    with Driver(crowded.env, stack="one") as one, Driver(crowded.env, stack="two", timeout="99") as two:
        _together(
            threading.Thread(target=up, args=(one,)),
            threading.Thread(target=up, args=(two,)),
            threading.Thread(target=console),
        )
        assert [each for each in errors if not TYPED.search(each)] == []
        packages = Counter((row["componentId"], row["packageVersion"]) for row in live(crowded))
        assert {name: count for name, count in packages.items() if count > 1} == {}
        slots = Counter((row["environmentId"], row["componentId"]) for row in running(crowded))
        assert max(slots.values()) == 1

        # A person has the last word in two slots; neither destroy touches that.
        last = {crowded.console_deploy(each, theirs, by=PERSON)["deploymentId"] for each in (TEST, PRODUCTION)}
        two.destroy()
        one.destroy()
    left = {row["deploymentId"]: row["deployedBy"] for row in running(crowded)}
    assert {*last, "legacy-test", "sync-production"} <= set(left)
    assert [by for by in left.values() if by == US] == []
    assert theirs in {row["packageId"] for row in live(crowded)}


def test_a_version_that_another_pipeline_froze_differently_is_explained(crowded: Emulator) -> None:
    first, second = (
        Resource("p", "PackagedComponent", {"componentId": "sync", "packageVersion": "3.0", "componentVersion": each})
        for each in (1, 2)
    )
    with Driver(crowded.env, stack="one") as one, Driver(crowded.env, stack="two") as two:
        one.up(first)
        with pytest.raises(CheckFailed, match=r"cannot be 2: version 3.0 holds 1, packaged by .*raise package_version"):
            two.preview(second)
    conflict = r"Conflict: .*componentVersion 1 there, 2 declared"
    with Driver(crowded.env, stack="two", validate="false") as blind, pytest.raises(PluginError, match=conflict):
        blind.up(second)
