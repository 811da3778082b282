"""Versions of connectors: private ones, reviews by people that take days, and accounts that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.switches import CANCELS
from tests.conformance.account import change_connector, connector, day, only_dynamic, seed
from tests.conformance.cases import CONNECTOR_VERSION_CHANGE
from tests.conformance.test_laws import answers_altered, assert_settled, committed
from tests.driver import CheckFailed, Driver, PluginError, Resource, Step

SUBMITTED = ["create ConnectorVersionChange"]
CANCELLED = ["cancel ConnectorVersionChange"]
DAY = 24 * 3600
FIRST_UID = 2**53 + 1


def change(name: str = "till-dev", version: str = "3", **more: Any) -> Resource:
    return Resource("it", "ConnectorVersionChange", {"classificationType": name, "versionId": version, **more})


def outputs(driver: Driver) -> dict[str, Any]:
    return driver.state.resources["it"].outputs


def sent(boomi: Emulator) -> list[str]:
    """What was committed since the last call."""
    found = committed(boomi)
    boomi.clear_journal()
    return found


def out(boomi: Emulator, name: str = "till-dev") -> str:
    return str(connector(boomi, name)["version"])


@pytest.fixture(params=[True, False], ids=["readable", "unreadable"])
def readable(request: pytest.FixtureRequest, boomi: Emulator) -> bool:
    boomi.settings(connectorRead=request.param)
    return bool(request.param)


# -- private -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "beyond",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"],
)
def test_a_moment_beyond_the_calendar_is_refused(beyond: str, driver: Driver, boomi: Emulator) -> None:
    with pytest.raises(CheckFailed, match="is not a moment"):
        driver.up(change(preferredReleaseDate=beyond))
    assert sent(boomi) == []


@pytest.mark.parametrize("far", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59+14:00"])
def test_the_last_moment_of_the_calendar_is_one(far: str, driver: Driver, boomi: Emulator) -> None:
    program = change(preferredReleaseDate=far)
    driver.up(program)
    assert sent(boomi) == SUBMITTED
    assert_settled(driver, boomi, program)


@pytest.mark.usefixtures("readable")
def test_a_private_connector_changes_at_once(driver: Driver, boomi: Emulator) -> None:
    program = change()
    driver.up(program)
    assert sent(boomi) == SUBMITTED
    assert out(boomi) == "3"
    assert (outputs(driver)["reviewStatus"], outputs(driver)["releasedVersion"]) == ("APPROVED", "3")
    assert "pendingVersion" not in outputs(driver)
    assert_settled(driver, boomi, program)
    driver.up(change(version="2"))
    assert out(boomi) == "2"
    assert_settled(driver, boomi, change(version="2"))


def test_the_version_that_is_out_is_not_submitted(driver: Driver, boomi: Emulator) -> None:
    driver.up(change(version="2"))
    assert sent(boomi) == []
    assert_settled(driver, boomi, change(version="2"))


def test_a_scheduled_change_is_made_by_the_hourly_job(readable: bool, driver: Driver, boomi: Emulator) -> None:
    program = change(preferredReleaseDate=f"{day(2)}T10:10:00Z")
    driver.up(program)
    assert sent(boomi) == SUBMITTED
    assert out(boomi) == "2"
    assert (outputs(driver)["pendingVersion"], outputs(driver)["releasedVersion"]) == ("3", "2")
    assert_settled(driver, boomi, program)
    boomi.advance(3 * DAY)
    assert out(boomi) == "3"
    assert driver.preview(program) == [Step("same", "it")]
    driver.refresh()
    if readable:
        assert outputs(driver)["releasedVersion"] == "3"
        assert "pendingVersion" not in outputs(driver)
    assert_settled(driver, boomi, program)


@pytest.mark.usefixtures("readable")
@pytest.mark.parametrize("edit", [{"versionId": "4"}, {"preferredReleaseDate": f"{day(4)}T10:00:00Z"}], ids=str)
def test_a_scheduled_change_is_cancelled_before_another(edit: dict[str, str], driver: Driver, boomi: Emulator) -> None:
    program = change(preferredReleaseDate=f"{day(2)}T10:00:00Z")
    driver.up(program)
    sent(boomi)
    edited = program.edited(**edit)
    driver.up(edited)
    assert sent(boomi) == ["cancel ConnectorPendingRelease", *SUBMITTED]
    assert_settled(driver, boomi, edited)
    boomi.advance(5 * DAY)
    assert out(boomi) == edited.inputs["versionId"]


@pytest.mark.usefixtures("readable")
def test_a_scheduled_change_is_cancelled_by_a_destroy(driver: Driver, boomi: Emulator) -> None:
    driver.up(change(preferredReleaseDate=f"{day(2)}T10:00:00Z"))
    sent(boomi)
    driver.destroy()
    assert sent(boomi) == ["cancel ConnectorPendingRelease"]
    boomi.advance(3 * DAY)
    assert out(boomi) == "2"


@pytest.mark.usefixtures("readable")
def test_an_applied_version_outlives_a_destroy(
    driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(change())
    sent(boomi)
    driver.destroy()
    assert sent(boomi) == []
    assert "Till 3: Boomi cannot undo a connector's version; 3 stays." in capfd.readouterr().out.replace(
        "till-dev", "Till"
    )
    assert out(boomi) == "3"


# -- public --------------------------------------------------------------------------------------


@only_dynamic
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_review_takes_days_and_many_runs(
    decision: str, readable: bool, driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    program = change("wallet-dev", releaseNotes="Faster.")
    began = driver.clock.now
    driver.up(program)
    assert sent(boomi) == SUBMITTED
    for _ in range(3):
        assert outputs(driver)["reviewStatus"] == "PENDING"
        assert outputs(driver)["pendingVersion"] == "3"
        capfd.readouterr()
        assert_settled(driver, boomi, program)
        line = "Wallet 3: version 3 is waiting for Boomi's review; version 2 is out."
        assert (line in capfd.readouterr().out) is readable
        boomi.advance(DAY)
    assert driver.clock.now - began < 5, "no run waits for people"

    (boomi.approve if decision == "approve" else boomi.reject)("wallet-dev", "As it should be.")
    capfd.readouterr()
    assert driver.up(program) == [Step("same", "it")]
    rejected = "Boomi rejected a version; version 2 is out, 3 is declared."
    assert (rejected in capfd.readouterr().out) is (readable and decision == "reject")
    driver.refresh()
    if readable:
        assert outputs(driver)["reviewStatus"] == ("APPROVED" if decision == "approve" else "REJECTED")
        assert outputs(driver)["releasedVersion"] == ("3" if decision == "approve" else "2")
        assert "pendingVersion" not in outputs(driver)
    assert_settled(driver, boomi, program)

    # Another version is submitted, whatever state knows.
    sent(boomi)
    edited = program.edited(versionId="4")
    driver.up(edited)
    assert sent(boomi) == SUBMITTED
    assert outputs(driver)["reviewStatus"] == "PENDING"
    assert_settled(driver, boomi, edited)
    boomi.approve("wallet-dev")
    assert out(boomi, "wallet-dev") == "4"


@pytest.mark.usefixtures("readable")
def test_another_version_while_one_is_reviewed(driver: Driver, boomi: Emulator) -> None:
    driver.up(change("wallet-dev"))
    sent(boomi)
    edited = change("wallet-dev", "4")
    assert driver.preview(edited) == [Step("update", "it")]
    driver.up(edited)
    assert sent(boomi) == [*CANCELLED, *SUBMITTED]
    assert connector(boomi, "wallet-dev")["pendingVersion"] == "4"
    assert_settled(driver, boomi, edited)
    statuses = [row["reviewStatus"] for row in boomi.objects("ConnectorVersionChange")]
    assert statuses == ["CANCELLED", "PENDING"]


@pytest.mark.usefixtures("readable")
def test_a_pending_review_is_cancelled_by_a_destroy(driver: Driver, boomi: Emulator) -> None:
    driver.up(change("wallet-dev"))
    sent(boomi)
    driver.destroy()
    assert sent(boomi) == CANCELLED
    assert "pendingVersion" not in connector(boomi, "wallet-dev")


def test_a_destroy_after_a_decision_that_no_run_has_seen(
    readable: bool, driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(change("wallet-dev"))
    boomi.approve("wallet-dev")
    sent(boomi)
    capfd.readouterr()
    driver.destroy()
    assert sent(boomi) == []
    said = capfd.readouterr().out
    assert ("Boomi cannot undo a connector's version; 3 stays." in said) is readable
    assert ("There is no pending connector version change request to cancel" in said) is not readable
    assert "The stack forgets it." in said
    assert out(boomi, "wallet-dev") == "3"


# -- what the reference page names ---------------------------------------------------------------


def test_inputs_and_outputs_are_those_of_the_reference_page(driver: Driver, boomi: Emulator) -> None:
    driver.up(change(releaseNotes="Faster.", preferredReleaseDate=f"{day(2)}T12:30:00+02:00"))
    (row,) = boomi.objects("ConnectorVersionChange")
    assert row["releaseNotes"] == "Faster."
    assert row["VersionChangeSchedule"] == {"preferredReleaseDate": f"{day(2)}T10:30:00Z"}
    seen = outputs(driver)
    assert seen["uid"] == str(FIRST_UID)
    person = {"email": "pulumi@acme.example", "firstName": row["submittedBy"]["firstName"]}
    for by in ("submittedBy", "completedBy"):
        assert person.items() <= seen[by].items()
    assert seen["completedDate"] == row["completedDate"]
    assert set(seen["classification"]) >= {
        "classification",
        "classificationType",
        "dateCreated",
        "deleted",
        "displayName",
        "groupType",
        "lastModifiedDate",
        "pendingVersion",
        "version",
        "visibility",
    }
    assert seen["releaseNotes"] == "Faster."


def test_a_reason_is_kept(driver: Driver) -> None:
    def decided(row: dict[str, Any]) -> None:
        row.update(reviewStatus="REJECTED", reviewReason="Not signed.")

    with answers_altered(driver, CONNECTOR_VERSION_CHANGE, decided):
        driver.up(change("wallet-dev"))
    assert outputs(driver)["reviewReason"] == "Not signed."


# -- odd answers, lost answers -------------------------------------------------------------------


@pytest.mark.usefixtures("readable")
@pytest.mark.parametrize("name", ["till-dev", "wallet-dev"])
@pytest.mark.parametrize("missing", ["classification", "reviewStatus", "submittedBy", "completedBy", "uid", "both"])
def test_an_answer_may_leave_anything_out(missing: str, name: str, driver: Driver, boomi: Emulator) -> None:
    gone = ("classification", "reviewStatus") if missing == "both" else (missing,)

    def alter(row: dict[str, Any]) -> None:
        for each in gone:
            row.pop(each, None)

    program = change(name)
    with answers_altered(driver, CONNECTOR_VERSION_CHANGE, alter):
        driver.up(program)
        assert sent(boomi) == SUBMITTED
        assert_settled(driver, boomi, program)


@pytest.mark.parametrize("name", ["till-dev", "wallet-dev"])
def test_an_answer_may_show_the_connector_as_it_was(name: str, driver: Driver, boomi: Emulator) -> None:
    boomi.settings(connectorRead=False)

    def before(row: dict[str, Any]) -> None:
        row["classification"] = {**row["classification"], "version": "2"}
        row["classification"].pop("pendingVersion", None)

    program = change(name)
    with answers_altered(driver, CONNECTOR_VERSION_CHANGE, before):
        driver.up(program)
        assert sent(boomi) == SUBMITTED
        assert_settled(driver, boomi, program)


@pytest.mark.parametrize("kind", ["reset-after", "half-body", "500-after", "503-after"])
@pytest.mark.parametrize("name", ["till-dev", "wallet-dev"])
def test_a_lost_answer_is_followed_by_a_look(name: str, kind: str, driver: Driver, boomi: Emulator) -> None:
    boomi.faults({"kind": kind, "verb": "create", "object": "ConnectorVersionChange"})
    program = change(name)
    driver.up(program)
    assert sent(boomi) == SUBMITTED
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize("kind", ["reset-after", "half-body", "500-after"])
def test_a_lost_cancel_is_followed_by_a_look(kind: str, driver: Driver, boomi: Emulator) -> None:
    driver.up(change("wallet-dev"))
    sent(boomi)
    boomi.faults({"kind": kind, "verb": "cancel"})
    edited = change("wallet-dev", "4")
    driver.up(edited)
    assert sent(boomi) == [*CANCELLED, *SUBMITTED]
    assert_settled(driver, boomi, edited)


# -- other people --------------------------------------------------------------------------------


def test_somebody_cancels_ours(driver: Driver, boomi: Emulator) -> None:
    program = change("wallet-dev")
    driver.up(program)
    boomi.store.console("cancel", "ConnectorVersionChange", by="ann@acme.example", classificationType="wallet-dev")
    (seen,) = driver.refresh()
    assert "versionId" in seen.changed
    assert driver.preview(program) == [Step("update", "it")]
    sent(boomi)
    driver.up(program)
    assert sent(boomi) == SUBMITTED
    assert_settled(driver, boomi, program)


def test_somebody_submits_another_version_while_nothing_of_ours_is_pending(driver: Driver, boomi: Emulator) -> None:
    program = change("wallet-dev", "2")
    driver.up(program)
    change_connector(boomi, "wallet-dev", "5")
    (seen,) = driver.refresh()
    assert "versionId" in seen.changed
    assert outputs(driver)["versionId"] == "5"
    sent(boomi)
    driver.up(program)
    assert sent(boomi) == CANCELLED
    assert_settled(driver, boomi, program)


def test_an_unknown_connector_is_refused_at_preview(driver: Driver, boomi: Emulator) -> None:
    with pytest.raises(CheckFailed, match="names no connector of this account"):
        driver.preview(change("no-such-dev"))
    boomi.settings(connectorRead=False)
    assert driver.preview(change("no-such-dev")) == [Step("create", "it")]
    with pytest.raises(PluginError, match="Classification type 'no-such-dev' is invalid"):
        driver.up(change("no-such-dev"))


def test_a_connector_published_meanwhile_is_reviewed(driver: Driver, boomi: Emulator) -> None:
    driver.up(change())
    boomi.publish("till-dev")
    edited = change(version="4")
    driver.up(edited)
    assert outputs(driver)["reviewStatus"] == "PENDING"
    assert_settled(driver, boomi, edited)


# -- check ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "reason"),
    [(2**53, "would lose digits"), (2**60, "would lose digits"), (1.5, "would lose digits"), ("", "is empty")],
)
def test_a_version_is_a_text_or_a_whole_number(version: Any, reason: str, driver: Driver, boomi: Emulator) -> None:
    with pytest.raises(CheckFailed) as caught:
        driver.check("it", "ConnectorVersionChange", {}, {"classificationType": "till-dev", "versionId": version})
    assert list(caught.value.failures) == ["versionId"]
    assert reason in caught.value.failures["versionId"]
    assert boomi.journal() == []


def test_a_number_is_the_same_version_as_its_text(driver: Driver, boomi: Emulator) -> None:
    driver.up(change(version="3"))
    assert driver.preview(change().edited(versionId=3)) == [Step("same", "it")]
    assert driver.preview(change(version=str(2**60)))[0].act == "update"
    assert out(boomi) == "3"


@pytest.mark.parametrize("value", ["tomorrow", "2099-01-01", "2099-02-30T00:00:00Z", "2099-01-01T00:00:00"])
def test_a_malformed_moment_is_refused(value: str, driver: Driver, boomi: Emulator) -> None:
    inputs = change(preferredReleaseDate=value).inputs
    with pytest.raises(CheckFailed) as caught:
        driver.check("it", "ConnectorVersionChange", {}, inputs)
    assert list(caught.value.failures) == ["preferredReleaseDate"]
    assert boomi.journal() == []


def test_a_date_in_the_past_is_refused_at_preview(driver: Driver, boomi: Emulator) -> None:
    with pytest.raises(CheckFailed, match="is in the past"):
        driver.preview(change(preferredReleaseDate=f"{day(-2)}T10:00:00Z"))
    assert sent(boomi) == []


# -- accounts ------------------------------------------------------------------------------------

LESS = {
    "DEVELOPER": "till-dev",
    "CONNECTOR_SUBMISSION": "wallet-dev",
}


@pytest.mark.parametrize("privilege", LESS)
def test_a_missing_privilege_is_named(privilege: str) -> None:
    content = seed()
    content["users"][0]["privileges"].remove(privilege)
    with Emulator(content, rate_limit=0) as boomi, Driver(boomi.env, validate="false") as driver:
        with pytest.raises(PluginError, match=privilege) as caught:
            driver.up(change(LESS[privilege]))
        assert "Boomi answered 403" in caught.value.text
        assert committed(boomi) == []


def test_the_feature_is_named_beside_the_privilege() -> None:
    content = seed()
    content["users"][0]["privileges"] = ["API", "DEVELOPER"]
    with (
        Emulator(content, rate_limit=0) as boomi,
        Driver(boomi.env) as driver,
        pytest.raises(PluginError, match="CONNECTOR_ADMINISTRATION"),
    ):
        driver.up(change("wallet-dev"))


@pytest.fixture
def elsewhere(boomi: Emulator) -> Iterator[Driver]:
    boomi.settings(
        connectorPath="/connect/v2/{account}",
        connectorCancel=["POST {object}/{classificationType}"],
        wrongBasePath=404,
    )
    with Driver(boomi.env, connectorPath="connect/v2", connectorCancelPath="{classificationType}") as engine:
        yield engine


def test_the_paths_of_the_connector_api_are_settings(elsewhere: Driver, driver: Driver, boomi: Emulator) -> None:
    program = change("wallet-dev")
    with pytest.raises(PluginError, match="Boomi answered 404"):
        driver.up(program)
    elsewhere.up(program)
    assert_settled(elsewhere, boomi, program)
    elsewhere.destroy()
    assert "pendingVersion" not in connector(boomi, "wallet-dev")


# -- where a cancel is ---------------------------------------------------------------------------

PENDING = {"wallet-dev": {}, "till-dev": {"preferredReleaseDate": f"{day(2)}T10:00:00Z"}}
"""A connector of each sort, and what makes a change of it wait."""


def cancels(boomi: Emulator) -> list[str]:
    """The requests since the last call that could be a cancel, with their answers."""
    found = [
        f"{entry['method']} {entry['path'].partition('/acme-1/')[2]} {entry['status']}"
        for entry in boomi.journal()
        if "Connector" in entry["path"] and not entry["path"].endswith("query")
    ]
    boomi.clear_journal()
    return found


@pytest.mark.parametrize("wrong", [404, 405])
@pytest.mark.parametrize("form", CANCELS)
@pytest.mark.parametrize("name", PENDING)
def test_a_cancel_is_found_at_any_of_its_likely_addresses(
    name: str, form: str, wrong: int, driver: Driver, boomi: Emulator
) -> None:
    boomi.settings(connectorCancel=[form], connectorWrongCancel=wrong)
    for version in ("3", "4"):
        driver.up(change(name, version, **PENDING[name]))
    assert connector(boomi, name)["pendingVersion"] == "4"
    found = cancels(boomi)
    assert [each.endswith(" 200") for each in found] == [True, *[False] * CANCELS.index(form), True, True]
    driver.destroy()
    assert [each.rpartition(" ")[2] for each in cancels(boomi)] == ["200"], "the one that answers is remembered"
    assert "pendingVersion" not in connector(boomi, name)


def test_a_cancel_that_is_nowhere_names_the_addresses_and_the_setting(driver: Driver, boomi: Emulator) -> None:
    driver.up(change("wallet-dev"))
    boomi.settings(connectorCancel=[], connectorWrongCancel=404)
    with pytest.raises(PluginError) as caught:
        driver.destroy()
    said = caught.value.text
    assert "POST ConnectorVersionChange/wallet-dev/update: 404; POST ConnectorVersionChange/update: 404" in said
    assert "PUT ConnectorVersionChange: 405" in said
    assert "boomi:connectorCancelPath" in said
    assert connector(boomi, "wallet-dev")["pendingVersion"] == "3"


@pytest.mark.parametrize(
    ("setting", "request_"),
    [
        ("{classificationType}/update", "POST ConnectorVersionChange/wallet-dev/update"),
        ("update", "POST ConnectorVersionChange/update"),
        ("{classificationType}", "POST ConnectorVersionChange/wallet-dev"),
        ("PUT", "PUT ConnectorVersionChange"),
    ],
)
def test_a_setting_pins_the_address_of_a_cancel(setting: str, request_: str, boomi: Emulator) -> None:
    boomi.settings(connectorCancel=[CANCELS[0]])
    with Driver(boomi.env, connectorCancelPath=setting) as driver:
        driver.up(change("wallet-dev"))
        cancels(boomi)
        if setting == "{classificationType}/update":
            driver.destroy()
        else:
            with pytest.raises(PluginError, match="boomi:connectorCancelPath"):
                driver.destroy()
    assert [each.rpartition(" ")[0] for each in cancels(boomi)] == [request_]


@pytest.mark.usefixtures("readable")
@pytest.mark.parametrize("empty", [["cancel"], ["create"], ["create", "cancel"]], ids=str)
@pytest.mark.parametrize("name", PENDING)
def test_an_empty_answer_is_success(
    name: str, empty: list[str], driver: Driver, boomi: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    boomi.settings(connectorEmptyAnswers=empty)
    driver.up(change(name, "3", **PENDING[name]))
    assert sent(boomi) == SUBMITTED
    assert_settled(driver, boomi, change(name, "3", **PENDING[name]))
    sent(boomi)
    driver.up(change(name, "4", **PENDING[name]))
    assert [each.split()[0] for each in sent(boomi)] == ["cancel", "create"]
    assert connector(boomi, name)["pendingVersion"] == "4"
    assert "proxy" not in capfd.readouterr().out
