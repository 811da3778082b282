"""Releases of integration packs: what is sent, what a reviewer reads, how long a run waits, what people do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, day, pack, released, rows
from tests.conformance.cases import RELEASE_INTEGRATION_PACK
from tests.conformance.test_laws import answers_altered, assert_settled, committed
from tests.driver import UNKNOWN, CheckFailed, Driver, PluginError, Resource, Step

RELEASED = ["create ReleaseIntegrationPack"]
CHANGED = ["update ReleaseIntegrationPack"]
DAY = 24 * 3600


def release(boomi: Emulator, name: str = "Shop", on: str | None = None, **versions: str) -> Resource:
    inputs: dict[str, Any] = {"integrationPackId": pack(boomi, name), "components": rows(boomi, **versions)}
    return Resource("it", "ReleaseIntegrationPack", {**inputs, **({"releaseOnDate": on} if on else {})})


def outputs(driver: Driver) -> dict[str, Any]:
    return driver.state.resources["it"].outputs


def sent(boomi: Emulator) -> list[str]:
    """What was committed since the last call."""
    found = committed(boomi)
    boomi.clear_journal()
    return found


def refused(driver: Driver, boomi: Emulator, program: Resource) -> dict[str, str]:
    """Why a preview refuses; nothing is sent, and an up refuses alike."""
    found = []
    for run in (driver.preview, driver.up):
        with pytest.raises(CheckFailed) as caught:
            run(program)
        found.append(caught.value.failures)
    assert found[0] == found[1]
    assert committed(boomi) == []
    return found[0]


# -- now ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("polls", [0, 1, 3])
@pytest.mark.parametrize("habit", [{}, {"releaseStatusBody": "bare"}, {"releaseStatusSpelling": "INPROGRESS"}], ids=str)
def test_a_release_is_waited_for(polls: int, habit: dict[str, str], driver: Driver, boomi: Emulator) -> None:
    boomi.settings(releasePolls=polls, **habit)
    program = release(boomi, Loyalty="1.1", Returns="1.1")
    driver.up(program)
    assert sent(boomi) == RELEASED
    assert released(boomi) == {"Loyalty": "1.1", "Returns": "1.1"}
    assert outputs(driver)["releaseStatus"] == "SUCCESS"
    assert outputs(driver)["releasedVersions"] == {
        component(boomi, "Loyalty"): "1.1",
        component(boomi, "Returns"): "1.1",
    }
    assert outputs(driver)["requestId"].startswith("release-")
    assert outputs(driver)["releaseStatusUrl"].endswith(outputs(driver)["requestId"])
    assert_settled(driver, boomi, program)


def test_a_release_that_never_ends_is_waited_for_no_longer_than_said(
    driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    boomi.settings(releasePolls=-1)
    program = release(boomi, Loyalty="1.1").edited(releaseTimeout=40)
    began = driver.clock.now
    driver.up(program)
    assert 40 <= driver.clock.now - began <= 42
    said = capfd.readouterr()
    lines = [line for line in (said.out + said.err).splitlines() if "Shop" in line]
    assert sum("in progress, waited" in line for line in lines) >= 2
    assert f"(request {outputs(driver)['requestId']})" in lines[-1]
    assert outputs(driver)["releaseStatus"] == "IN_PROGRESS"

    # The next run waits for the same request, and another one has nothing left to do.
    sent(boomi)
    request = outputs(driver)["requestId"]
    boomi.settings(releasePolls=1)
    assert driver.preview(program) == [Step("update", "it")]
    driver.up(program)
    assert sent(boomi) == []
    assert (outputs(driver)["requestId"], outputs(driver)["releaseStatus"]) == (request, "SUCCESS")
    assert_settled(driver, boomi, program)


def test_no_wait_at_all(driver: Driver, boomi: Emulator) -> None:
    boomi.settings(releasePolls=-1)
    began = driver.clock.now
    driver.up(release(boomi, Loyalty="1.1").edited(releaseTimeout=0))
    assert driver.clock.now - began < 1
    assert outputs(driver)["releaseStatus"] == "IN_PROGRESS"


@pytest.mark.parametrize("wanted", ["1.1", "1.2"])
def test_a_run_cut_off_while_it_waits_is_carried_on(wanted: str, driver: Driver, boomi: Emulator) -> None:
    """The engine has lost the create: it knows neither the request nor that there was one."""
    boomi.settings(releasePolls=-1)
    driver.up(release(boomi, Loyalty="1.1").edited(releaseTimeout=0))
    sent(boomi)
    with Driver(boomi.env) as again:
        program = release(boomi, Loyalty=wanted)
        with pytest.raises(PluginError, match="has a pending release request already"):
            again.up(program)
        assert sent(boomi) == []
        boomi.settings(releasePolls=1)
        driver.refresh()
        again.up(program)
        assert sent(boomi) == ([] if wanted == "1.1" else RELEASED)
        assert released(boomi)["Loyalty"] == wanted
        assert_settled(again, boomi, program)


def test_other_versions_while_ours_is_in_progress(driver: Driver, boomi: Emulator) -> None:
    boomi.settings(releasePolls=-1)
    driver.up(release(boomi, Loyalty="1.1").edited(releaseTimeout=0))
    edited = release(boomi, Loyalty="1.2")
    with pytest.raises(PluginError, match="has a pending release request already"):
        driver.up(edited)
    assert outputs(driver)["requestId"]
    boomi.settings(releasePolls=1)
    driver.refresh()
    driver.up(edited)
    assert released(boomi)["Loyalty"] == "1.2"
    assert_settled(driver, boomi, edited)


def test_a_release_that_fails_ends_in_state_and_in_a_message(
    driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    boomi.settings(releaseOutcome="ERROR")
    program = release(boomi, Loyalty="1.1")
    driver.up(program)
    said = capfd.readouterr()
    assert f"Release of Shop failed in Boomi (request {outputs(driver)['requestId']})" in said.out + said.err
    assert outputs(driver)["releaseStatus"] == "ERROR"
    assert outputs(driver)["releasedVersions"][component(boomi, "Loyalty")] == "1.0"
    first = outputs(driver)["requestId"]
    driver.refresh()

    boomi.settings(releaseOutcome="SUCCESS")
    assert driver.preview(program) == [Step("update", "it")]
    driver.up(program)
    assert outputs(driver)["releaseStatus"] == "SUCCESS"
    assert outputs(driver)["requestId"] != first
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize("same", ["accept", "refuse"])
def test_what_is_out_already_is_not_released_again(same: str, driver: Driver, boomi: Emulator) -> None:
    boomi.settings(releaseSameVersions=same)
    program = release(boomi, Loyalty="1.0", Returns="1.0")
    driver.up(program)
    assert sent(boomi) == []
    assert outputs(driver)["releaseStatus"] == "SUCCESS"
    assert_settled(driver, boomi, program)


def test_back_to_an_older_version(driver: Driver, boomi: Emulator) -> None:
    driver.up(release(boomi, Loyalty="1.2"))
    program = release(boomi, Loyalty="1.0")
    driver.up(program)
    assert released(boomi)["Loyalty"] == "1.0"
    assert_settled(driver, boomi, program)


def test_a_single_pack_and_its_first_release(driver: Driver, boomi: Emulator) -> None:
    program = release(boomi, "Solo", Loyalty="1.0")
    driver.up(program)
    assert (outputs(driver)["installationType"], outputs(driver)["packName"]) == ("SINGLE", "Solo")
    assert driver.state.resources["it"].inputs["releases"] == {"Loyalty": "new → 1.0"}
    assert_settled(driver, boomi, program)


def test_a_renamed_pack_is_no_change(driver: Driver, boomi: Emulator) -> None:
    program = release(boomi, "Solo", Loyalty="1.0")
    driver.up(program)
    members = [{"componentId": component(boomi, "Loyalty")}]
    boomi.store.console(
        "update",
        "PublisherIntegrationPack",
        by="ann@acme.example",
        id=pack(boomi, "Solo"),
        name="Duo",
        operationType="ADD",
        PublisherPackagedComponents={"PublisherPackagedComponent": members},
    )
    assert driver.preview(program) == [Step("same", "it")]
    assert driver.up(program) == [Step("same", "it")]
    assert sent(boomi) == RELEASED


def test_a_hundred_components(driver: Driver, boomi: Emulator) -> None:
    ids = [boomi.create_component(f"Part {number:03}")["componentId"] for number in range(100)]
    for id_ in ids:
        for version in ("1.0", "2.0"):
            boomi.console_package(id_, packageVersion=version, shareable=True)
    made = boomi.create_pack("Big", ids, "MULTI")["id"]
    program = Resource(
        "it",
        "ReleaseIntegrationPack",
        {"integrationPackId": made, "components": [{"componentId": id_, "version": "1.0"} for id_ in reversed(ids)]},
    )
    boomi.clear_journal()
    driver.up(program)
    assert sent(boomi) == RELEASED
    assert len(outputs(driver)["releasedVersions"]) == 100
    assert set(released(boomi, "Big").values()) == {"1.0"}
    assert_settled(driver, boomi, program)
    # Another order is no change; one more component is too many.
    assert driver.preview(program.edited(components=program.inputs["components"][::-1])) == [Step("same", "it")]
    more = [*program.inputs["components"], {"componentId": "one-more", "version": "1.0"}]
    with pytest.raises(CheckFailed, match="has 101 components; 100 is the most"):
        driver.check("it", "ReleaseIntegrationPack", {}, {**program.inputs, "components": more})


def test_two_stacks_release_two_packs(driver: Driver, boomi: Emulator) -> None:
    shop, solo = release(boomi, Loyalty="1.1"), release(boomi, "Solo", Loyalty="1.2")
    boomi.settings(releasePolls=-1)
    with Driver(boomi.env, stack="other") as other:
        driver.up(shop.edited(releaseTimeout=0))
        other.up(solo.edited(releaseTimeout=0))
        boomi.settings(releasePolls=1)
        driver.up(shop)
        other.up(solo)
        assert_settled(driver, boomi, shop)
        assert_settled(other, boomi, solo)
    assert (released(boomi)["Loyalty"], released(boomi, "Solo")["Loyalty"]) == ("1.1", "1.2")


def test_two_resources_for_one_pack(driver: Driver, boomi: Emulator) -> None:
    """Different components of one pack are two releases, one after the other; the same one is refused."""
    one = release(boomi, Loyalty="1.1")
    two = Resource("other", one.kind, release(boomi, Returns="1.2").inputs)
    driver.up(one, two)
    assert released(boomi) == {"Loyalty": "1.1", "Returns": "1.2"}
    assert_settled(driver, boomi, one, two)
    quarrel = Resource("other", one.kind, release(boomi, Loyalty="1.2").inputs)
    with pytest.raises(CheckFailed, match="'it' of this program stands for the same object as 'other'"):
        driver.preview(one, quarrel)


# -- on a date -----------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["US Eastern", "UTC"])
def test_a_scheduled_release_goes_out_in_the_small_hours(zone: str, driver: Driver, boomi: Emulator) -> None:
    boomi.settings(releaseZone=zone)
    program = release(boomi, on=day(3), Loyalty="1.1")
    began = driver.clock.now
    driver.up(program)
    assert driver.clock.now - began < 1, "a scheduled release is never waited for"
    assert sent(boomi) == RELEASED
    assert outputs(driver)["releaseStatus"] == "SCHEDULED"
    assert released(boomi, state="pendingVersion")["Loyalty"] == "1.1"
    assert_settled(driver, boomi, program)
    assert released(boomi)["Loyalty"] == "1.0"

    boomi.advance(4 * DAY)
    assert released(boomi)["Loyalty"] == "1.1"
    assert driver.preview(program) == [Step("same", "it")]
    (seen,) = driver.refresh()
    assert set(seen.changed) <= {"releaseStatus", "releasedVersions"}
    assert outputs(driver)["releaseStatus"] == "SUCCESS"
    assert_settled(driver, boomi, program)


EDITS: dict[str, tuple[dict[str, Any], str]] = {
    "another date": ({"releaseOnDate": day(5)}, "SCHEDULED"),
    "another version": ({"versions": {"Loyalty": "1.2"}}, "SCHEDULED"),
    "one more component": ({"versions": {"Loyalty": "1.1", "Returns": "1.1"}}, "SCHEDULED"),
    "both": ({"releaseOnDate": day(5), "versions": {"Loyalty": "1.2"}}, "SCHEDULED"),
    "now": ({"releaseOnDate": None}, "SUCCESS"),
}


@pytest.mark.parametrize("refreshed", [False, True])
@pytest.mark.parametrize("name", EDITS)
def test_a_pending_release_of_ours_is_changed(name: str, refreshed: bool, driver: Driver, boomi: Emulator) -> None:
    change, status = EDITS[name]
    edit = {key: value for key, value in change.items() if key != "versions"}
    versions: Any = change.get("versions", {"Loyalty": "1.1"})
    driver.up(release(boomi, on=day(3), Loyalty="1.1"))
    request = outputs(driver)["requestId"]
    sent(boomi)
    if refreshed:
        driver.refresh()
    program = release(boomi, on=day(3), **versions).edited(**edit)
    assert driver.preview(program) == [Step("update", "it")]
    driver.up(program)
    assert sent(boomi) == CHANGED
    assert outputs(driver)["releaseStatus"] == status
    assert outputs(driver)["requestId"] == request
    assert_settled(driver, boomi, program)
    waiting = {key: value for key, value in released(boomi, state="pendingVersion").items() if value}
    assert waiting == (versions if status == "SCHEDULED" else {})
    boomi.advance(6 * DAY)
    assert {key: released(boomi)[key] for key in versions} == versions
    driver.refresh()
    assert_settled(driver, boomi, program)


def test_once_it_is_out_another_one_is_new(driver: Driver, boomi: Emulator) -> None:
    driver.up(release(boomi, on=day(3), Loyalty="1.1"))
    boomi.advance(4 * DAY)
    sent(boomi)
    program = release(boomi, on=day(9), Loyalty="1.2")
    driver.up(program)
    assert sent(boomi) == RELEASED
    assert_settled(driver, boomi, program)


def test_a_date_that_is_over_is_no_reason_to_refuse_what_stays(driver: Driver, boomi: Emulator) -> None:
    program = release(boomi, on=day(3), Loyalty="1.1")
    driver.up(program)
    stored = driver.state.resources["it"]
    for bag in (stored.inputs, stored.outputs):
        bag["releaseOnDate"] = day(-2)
    boomi.advance(4 * DAY)
    driver.refresh()
    assert_settled(driver, boomi, program.edited(releaseOnDate=day(-2)))


def test_a_scheduled_create_whose_state_was_lost_is_taken(driver: Driver, boomi: Emulator) -> None:
    program = release(boomi, on=day(3), Loyalty="1.1")
    driver.up(program)
    sent(boomi)
    with Driver(boomi.env) as again:
        again.up(program)
        # The pack does not tell the date, nor whose request it is: both are settled by sending them.
        assert sent(boomi) == CHANGED
        assert outputs(again)["releaseStatus"] == "SCHEDULED"
        assert_settled(again, boomi, program)
        again.up(release(boomi, on=day(4), Loyalty="1.2"))
    assert [row["releaseOnDate"] for row in boomi.objects("ReleaseIntegrationPack")] == [day(4)]


# -- what a preview says, and refuses ------------------------------------------------------------


def test_a_preview_lists_released_and_wanted_versions_by_name(driver: Driver, boomi: Emulator) -> None:
    program = release(boomi, Loyalty="1.1", Returns="1.0")
    driver.up(program)
    assert driver.state.resources["it"].inputs["releases"] == {"Loyalty": "1.0 → 1.1", "Returns": "unchanged, 1.0"}
    driver.up(release(boomi, Loyalty="1.2", Returns="1.0"))
    assert driver.state.resources["it"].inputs["releases"] == {"Loyalty": "1.1 → 1.2", "Returns": "unchanged, 1.0"}
    assert driver.state.resources["it"].inputs["packName"] == "Shop"


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "past": ({"releaseOnDate": day(-1)}, "releaseOnDate", "is in the past"),
    "date without its schedule": (
        {"releaseOnDate": day(3), "releaseSchedule": "IMMEDIATELY"},
        "releaseOnDate",
        "is for RELEASE_ON_SPECIFIED_DATE only",
    ),
    "schedule without a date": ({"releaseSchedule": "RELEASE_ON_SPECIFIED_DATE"}, "releaseOnDate", "is required"),
    "no such pack": ({"integrationPackId": "no-such-pack"}, "integrationPackId", "names no pack of this publisher"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_preview_refuses(name: str, driver: Driver, boomi: Emulator) -> None:
    change, property_, reason = REFUSED[name]
    failures = refused(driver, boomi, release(boomi, Loyalty="1.1").edited(**change))
    assert list(failures) == [property_]
    assert reason in failures[property_]


def test_a_preview_refuses_a_component_that_is_not_in_the_pack(driver: Driver, boomi: Emulator) -> None:
    failures = refused(driver, boomi, release(boomi, Loyalty="1.1", Outside="1.0"))
    ((property_, reason),) = failures.items()
    assert property_.endswith(".componentId")
    assert "is not in the pack Shop" in reason


def test_a_preview_refuses_a_package_that_is_not_shareable(driver: Driver, boomi: Emulator) -> None:
    failures = refused(driver, boomi, release(boomi, Loyalty="0.9"))
    assert failures == {"components[0].version": "Loyalty 0.9 was packaged without shareable=True"}


def test_a_version_that_was_never_packaged_is_refused(driver: Driver, boomi: Emulator) -> None:
    failures = refused(driver, boomi, release(boomi, Loyalty="9.9"))
    assert failures == {"components[0].version": "Loyalty 9.9 was never packaged, or its package was deleted"}


def test_without_a_look_boomi_refuses_it_in_its_own_words(boomi: Emulator) -> None:
    with (
        Driver({**boomi.env, "BOOMI_VALIDATE": "false"}) as driver,
        pytest.raises(PluginError, match=r"Releasing \S+ failed: .*9\.9 is not a shareable packaged component"),
    ):
        driver.up(release(boomi, Loyalty="9.9"))
    assert released(boomi)["Loyalty"] == "1.0"


@pytest.mark.parametrize("on", [None, day(7)])
def test_a_preview_refuses_a_second_release_while_one_is_pending(
    on: str | None, driver: Driver, boomi: Emulator
) -> None:
    with Driver(boomi.env, stack="other") as other:
        other.up(release(boomi, on=day(3), Loyalty="1.1"))
    sent(boomi)
    failures = refused(driver, boomi, release(boomi, on=on, Loyalty="1.2"))
    assert failures == {
        "integrationPackId": "Shop has a release pending already (Loyalty 1.1); Boomi keeps one per pack"
    }


def test_a_component_twice_is_refused(driver: Driver, boomi: Emulator) -> None:
    with pytest.raises(CheckFailed, match="names a component twice") as caught:
        driver.check(
            "it",
            "ReleaseIntegrationPack",
            {},
            {"integrationPackId": "a", "components": [{"componentId": "c", "version": v} for v in ("1", "2")]},
        )
    assert set(caught.value.failures) == {"components"}
    assert boomi.journal() == []


def test_a_version_that_is_not_known_yet(driver: Driver, boomi: Emulator) -> None:
    """A package of the same program: its version is known after it was made."""
    new = Resource(
        "package",
        "PackagedComponent",
        {"componentId": component(boomi, "Loyalty"), "packageVersion": "5.0", "shareable": True},
    )
    later = release(boomi, Loyalty="5.0")
    unknown = later.edited(components=[{"componentId": component(boomi, "Loyalty"), "version": UNKNOWN}])
    assert driver.preview(new, unknown) == [Step("create", "package"), Step("create", "it")]
    driver.up(new, later)
    assert released(boomi)["Loyalty"] == "5.0"
    assert_settled(driver, boomi, new, later)
    assert "releases" in driver.state.resources["it"].inputs


# -- other people --------------------------------------------------------------------------------


def test_somebody_releases_another_version(driver: Driver, boomi: Emulator) -> None:
    program = release(boomi, Loyalty="1.1")
    driver.up(program)
    boomi.release_pack(pack(boomi), {component(boomi, "Loyalty"): "1.2"})
    (seen,) = driver.refresh()
    assert set(seen.changed) == {"components", "releasedVersions"}
    sent(boomi)
    driver.up(program)
    assert sent(boomi) == RELEASED
    assert driver.state.resources["it"].inputs["releases"] == {"Loyalty": "1.2 → 1.1"}
    assert released(boomi)["Loyalty"] == "1.1"
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize("refreshed", [False, True])
def test_somebody_releases_while_ours_is_pending(refreshed: bool, driver: Driver, boomi: Emulator) -> None:
    """The console releases at once, and what was scheduled goes with it."""
    program = release(boomi, on=day(3), Loyalty="1.1")
    driver.up(program)
    boomi.release_pack(pack(boomi), {component(boomi, "Loyalty"): "1.2"})
    if refreshed:
        (seen,) = driver.refresh()
        assert "components" in seen.changed
        assert driver.preview(program) == [Step("update", "it")]
        driver.up(program)
        assert outputs(driver)["releaseStatus"] == "SCHEDULED"
        assert released(boomi, state="pendingVersion")["Loyalty"] == "1.1"
        assert_settled(driver, boomi, program)
    edited = program.edited(releaseOnDate=day(5))
    driver.up(edited)
    assert released(boomi, state="pendingVersion")["Loyalty"] == "1.1"
    assert_settled(driver, boomi, edited)


def test_the_pack_is_deleted_while_ours_is_pending(driver: Driver, boomi: Emulator) -> None:
    program = release(boomi, on=day(3), Loyalty="1.1")
    driver.up(program)
    boomi.store.console("delete", "PublisherIntegrationPack", by="ann@acme.example", id=pack(boomi))
    assert driver.refresh() == [Step("gone", "it")]
    with pytest.raises(CheckFailed, match="names no pack of this publisher"):
        driver.preview(program)


def test_the_pack_is_deleted_and_only_another_version_tells(driver: Driver, boomi: Emulator) -> None:
    program, edited = release(boomi, Loyalty="1.1"), release(boomi, Loyalty="1.2")
    driver.up(program)
    boomi.store.console("delete", "PublisherIntegrationPack", by="ann@acme.example", id=pack(boomi))
    with pytest.raises(CheckFailed, match="names no pack of this publisher"):
        driver.preview(edited)
    assert driver.destroy() == [Step("delete", "it")]


def _take_out(boomi: Emulator) -> None:
    boomi.store.console(
        "update",
        "PublisherIntegrationPack",
        by="ann@acme.example",
        id=pack(boomi),
        operationType="DELETE",
        PublisherPackagedComponents={"PublisherPackagedComponent": [{"componentId": component(boomi, "Loyalty")}]},
    )


def test_a_component_is_taken_out_of_the_pack(driver: Driver, boomi: Emulator) -> None:
    program = release(boomi, Loyalty="1.1", Returns="1.1")
    driver.up(program)
    _take_out(boomi)
    (seen,) = driver.refresh()
    assert set(seen.changed) == {"components", "releasedVersions"}
    sent(boomi)
    failures = refused(driver, boomi, program)
    assert list(failures) == [f"components[{_place(program, boomi)}].componentId"]
    less = release(boomi, Loyalty="1.1")
    driver.up(less)
    assert_settled(driver, boomi, less)


def test_a_component_that_leaves_with_the_next_release_is_still_out(driver: Driver, boomi: Emulator) -> None:
    boomi.settings(packRemoval="next release")
    program = release(boomi, Loyalty="1.1", Returns="1.1")
    driver.up(program)
    _take_out(boomi)
    assert_settled(driver, boomi, program)
    with pytest.raises(PluginError, match="is not part of integration pack"):
        driver.up(release(boomi, Loyalty="1.1", Returns="1.2"))
    less = release(boomi, Loyalty="1.2")
    driver.up(less)
    assert "Returns" not in released(boomi)
    assert_settled(driver, boomi, less)


def _place(program: Resource, boomi: Emulator) -> int:
    return sorted(row["componentId"] for row in program.inputs["components"]).index(component(boomi, "Returns"))


# -- what cannot be read, and what is lost -------------------------------------------------------


def test_a_lost_answer_is_never_followed_by_a_second_release(driver: Driver, boomi: Emulator) -> None:
    boomi.settings(releasePolls=3)
    boomi.faults({"kind": "reset-after", "verb": "create", "object": "ReleaseIntegrationPack"})
    program = release(boomi, Loyalty="1.1")
    with pytest.raises(PluginError, match="Whether it took effect cannot be told"):
        driver.up(program)
    assert sent(boomi) == RELEASED
    # Somebody, or time, sees it through; the next run takes what is out.
    request = boomi.objects("ReleaseIntegrationPack")[0]["requestId"]
    for _ in range(3):
        boomi.store._poll(boomi.account_id, request)
    driver.up(program)
    assert sent(boomi) == []
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize("kind", ["reset-after", "half-body", "500-after", "503-after"])
def test_a_lost_answer_of_a_scheduled_release_is_seen_in_the_pack(kind: str, driver: Driver, boomi: Emulator) -> None:
    boomi.faults({"kind": kind, "verb": "create", "object": "ReleaseIntegrationPack"})
    program = release(boomi, on=day(3), Loyalty="1.1")
    driver.up(program)
    assert sent(boomi) == [*RELEASED, *CHANGED]
    assert outputs(driver)["requestId"]
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize("missing", ["requestId", "releaseStatusUrl", "name", "ReleasePackagedComponents"])
def test_an_answer_may_leave_anything_out(missing: str, driver: Driver, boomi: Emulator) -> None:
    program = release(boomi, on=day(3), Loyalty="1.1")
    with answers_altered(driver, RELEASE_INTEGRATION_PACK, lambda row: row.pop(missing, None)):
        driver.up(program)
        assert_settled(driver, boomi, program)


@pytest.mark.parametrize("fault", ["503-before", "reset-before", "half-body", "stall"])
def test_a_poll_that_fails_is_no_news(fault: str, driver: Driver, boomi: Emulator) -> None:
    boomi.settings(releasePolls=2)
    if fault == "stall":
        boomi.faults({"kind": fault, "object": "ReleaseIntegrationPackStatus", "seconds": 0})
    else:
        boomi.faults({"kind": fault, "object": "ReleaseIntegrationPackStatus", "times": 8})
    program = release(boomi, Loyalty="1.1")
    driver.up(program)
    assert outputs(driver)["releaseStatus"] == "SUCCESS"
    assert_settled(driver, boomi, program)


# -- the end -------------------------------------------------------------------------------------


@pytest.mark.parametrize("on", [None, day(3)])
def test_a_destroy_says_that_a_release_cannot_be_withdrawn(
    on: str | None, driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(release(boomi, on=on, Loyalty="1.1"))
    before = released(boomi), released(boomi, state="pendingVersion")
    sent(boomi)
    driver.destroy()
    said = capfd.readouterr()
    assert "Boomi cannot withdraw a release" in said.out + said.err
    assert (f"scheduled for {on} goes out" in said.out + said.err) is (on is not None)
    assert sent(boomi) == []
    assert (released(boomi), released(boomi, state="pendingVersion")) == before


# -- members that an answer hides ----------------------------------------------------------------


@pytest.mark.parametrize("run", ["up", "update", "refresh"])
def test_nothing_is_released_where_the_pack_cannot_be_read(run: str, driver: Driver, boomi: Emulator) -> None:
    """What is hidden may be somebody else's pending release."""
    boomi.settings(componentLists="wrapped")
    program = release(boomi, on=day(3), Loyalty="1.1")
    if run != "up":
        driver.up(program)
        sent(boomi)

    def hide(row: dict[str, Any]) -> None:
        members = row["PublisherPackagedComponents"]["PublisherPackagedComponent"]
        row["PublisherPackagedComponents"] = {"PublisherPackagedComponent": [each["componentName"] for each in members]}

    pack_itself = replace(RELEASE_INTEGRATION_PACK, object="PublisherIntegrationPack")
    with answers_altered(driver, pack_itself, hide), pytest.raises(PluginError, match="components cannot be read"):
        driver.refresh() if run == "refresh" else driver.up(release(boomi, on=day(4), Loyalty="1.2"))
    assert sent(boomi) == []
