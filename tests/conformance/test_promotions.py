"""Gates of promotions, and what a deployment brings."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, environment, package, seed
from tests.conformance.test_laws import assert_settled, committed
from tests.conformance.test_previews import deployed, packaged, refusals
from tests.driver import CheckFailed, Driver, PluginError, Ref, Resource, Step

OLD = "2026-01-01T00:00:00Z"


def promoted(boomi: Emulator, version: str = "1.0", **more: Any) -> Resource:
    """Return the deployment of a package to Production, gated by Test."""
    inputs = {"environmentId": environment(boomi, "Production"), "packageId": package(boomi, version)}
    return Resource("d", "DeployedPackage", {**inputs, "promotedFromId": environment(boomi), **more})


def tried(boomi: Emulator, version: str = "1.0") -> str:
    """Deploy a package to Test by hand; return the date."""
    return str(boomi.console_deploy(environment(boomi), package(boomi, version))["deployedDate"])


# -- gates ---------------------------------------------------------------------------------------


def test_a_package_that_is_active_in_the_environment_before_goes_on(driver: Driver, boomi: Emulator) -> None:
    since = tried(boomi)
    program = promoted(boomi)
    assert driver.preview(program) == [Step("create", "d")]
    assert driver.shown["d"]["gate"] == f"open: active in Test since {since}"
    driver.up(program)
    assert_settled(driver, boomi, program)
    # What follows in Test closes no gate behind what runs.
    boomi.console_deploy(environment(boomi), package(boomi, "1.1"))
    assert_settled(driver, boomi, program)
    assert driver.state.resources["d"].outputs["gate"] == f"open: active in Test since {since}"


@pytest.mark.parametrize("version", [None, "1.1"])
def test_a_package_that_is_not_active_there_is_refused(version: str | None, driver: Driver, boomi: Emulator) -> None:
    if version:
        tried(boomi, version)
    what = f"{version} is active" if version else "nothing of it is active"
    reason = f"is closed: {what} in Test; deploy Sync 1.0 there first"
    assert refusals(driver, promoted(boomi)) == {"promotedFromId": reason}


def test_a_package_must_have_been_there_for_so_long(driver: Driver, boomi: Emulator) -> None:
    since = datetime.fromisoformat(tried(boomi).replace("Z", "+00:00"))
    opens = (since + timedelta(hours=25)).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    reason = refusals(driver, promoted(boomi, promotedAfter="1d1h"))["promotedFromId"]
    assert reason.startswith("is closed: active in Test since ")
    assert reason.endswith(f", and the gate asks for 1d1h; it opens on {opens}")
    program = promoted(boomi, promotedAfter="0s")
    driver.up(program)
    assert_settled(driver, boomi, program)
    # Another period alone changes nothing.
    assert_settled(driver, boomi, promoted(boomi, promotedAfter="400d"))


def test_what_changes_between_check_and_write_closes_the_gate(driver: Driver, boomi: Emulator) -> None:
    tried(boomi, "1.1")
    inputs = driver.check("d", "DeployedPackage", {}, promoted(boomi, "1.1").inputs)
    # Somebody rolls back, and this process has not heard of it.
    with type(driver)(boomi.env) as later:
        boomi.console_deploy(environment(boomi), package(boomi, "1.0"))
        boomi.clear_journal()
        with pytest.raises(PluginError, match=r"promotedFromId is closed: 1\.0 is active in Test; deploy"):
            later.create("d", "DeployedPackage", inputs)
    assert committed(boomi) == []


def test_a_gate_that_nobody_may_look_at_stays_closed(door: type[Driver]) -> None:
    account = seed()
    account["users"][0]["privileges"] = ["API", "DEPLOY"]
    with Emulator(account, rate_limit=0) as boomi, door(boomi.env) as driver:
        boomi.faults({"kind": "refuse", "object": "DeployedPackage", "verb": "query", "times": 100})
        with pytest.raises((PluginError, CheckFailed)) as caught:
            driver.up(promoted(boomi))
        assert "DeployedPackage" in str(caught.value)
        assert not [row for row in boomi.objects("DeployedPackage") if row["active"]]


def test_nothing_is_asked_of_a_package_that_runs_already(driver: Driver, boomi: Emulator) -> None:
    boomi.console_deploy(environment(boomi, "Production"), package(boomi))
    driver.up(promoted(boomi))
    assert committed(boomi) == []


EDGES = ["9999-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1000-01-01T00:00:00Z"]


@pytest.mark.parametrize("after", ["0s", "24h", "99999d99999h99999m99999s"])
@pytest.mark.parametrize("since", EDGES)
def test_a_date_at_either_end_of_the_calendar_opens_or_closes_a_gate(
    since: str, after: str, door: type[Driver]
) -> None:
    run = {"component": "Acme/Orders/Sync", "package": "1.0", "environment": "Test", "date": since}
    with Emulator({**seed(), "deployments": [run]}, rate_limit=0) as boomi, door(boomi.env) as driver:
        program = promoted(boomi, promotedAfter=after)
        if after == "0s" or since < "1500":
            driver.up(program)
            assert_settled(driver, boomi, program)
        else:
            assert "; it opens " in refusals(driver, program)["promotedFromId"]


@pytest.mark.parametrize(
    ("inputs", "name", "words"),
    [
        ({"promotedAfter": "24h", "promotedFromId": None}, "promotedAfter", "give promoted_from as well"),
        ({"promotedFromId": "nowhere"}, "promotedFromId", "names no environment"),
        ({"packageId": None, "componentId": "Sync"}, "promotedFromId", "needs a package"),
        ({"promotedFromId": "Production"}, "promotedFromId", "is the environment itself"),
        ({"promotedAfter": "tomorrow"}, "promotedAfter", 'such as "24h"'),
        ({"promotedAfter": ""}, "promotedAfter", "is no period of time"),
    ],
)
def test_a_gate_that_makes_no_sense_is_refused(
    inputs: dict[str, Any], name: str, words: str, driver: Driver, boomi: Emulator
) -> None:
    if inputs.get("promotedFromId") == "Production":
        inputs = {"promotedFromId": environment(boomi, "Production")}
    if "componentId" in inputs:
        inputs = {**inputs, "componentId": component(boomi)}
    assert words in refusals(driver, promoted(boomi).edited(**inputs))[name]


def test_a_package_of_the_same_run_is_judged_when_it_is_made(driver: Driver, boomi: Emulator) -> None:
    program = packaged(boomi, "9.0"), deployed(boomi, promotedFromId=environment(boomi, "Production"))
    assert driver.preview(*program) == [Step("create", "p"), Step("create", "d")]
    with pytest.raises((PluginError, CheckFailed), match="nothing of it is active in Production"):
        driver.up(*program)
    assert not [row for row in boomi.objects("DeployedPackage") if row["active"]]


# -- the way back, and what a run itself does -----------------------------------------------------


def test_what_ran_there_before_may_go_back(driver: Driver, boomi: Emulator) -> None:
    production = environment(boomi, "Production")
    when = str(boomi.console_deploy(production, package(boomi))["deployedDate"])
    boomi.console_deploy(production, package(boomi, "1.1"))
    boomi.clear_journal()
    program = promoted(boomi, promotedAfter="24h")
    assert driver.preview(program) == [Step("create", "d")]
    gate = str(driver.shown["d"]["gate"])
    assert gate.startswith("open: it ran in Production before, deployed by ")
    assert gate.endswith(f" on {when}")
    driver.up(program)
    assert_settled(driver, boomi, program)


def test_what_ran_there_before_may_go_back_after_test_went_back(driver: Driver, boomi: Emulator) -> None:
    for version in ("1.0", "1.1"):
        boomi.console_deploy(environment(boomi, "Production"), package(boomi, version))
    tried(boomi)
    program = promoted(boomi, promotedAfter="24h")
    driver.preview(program)
    assert str(driver.shown["d"]["gate"]).startswith("open: it ran in Production before, deployed by ")
    driver.up(program)
    assert_settled(driver, boomi, program)


def test_what_was_taken_back_there_does_not_come_again(driver: Driver, boomi: Emulator) -> None:
    for version in ("1.1", "1.0"):
        boomi.console_deploy(environment(boomi, "Production"), package(boomi, version))
    reason = "is closed: nothing of it is active in Test; deploy Sync 1.1 there first"
    assert refusals(driver, promoted(boomi, "1.1")) == {"promotedFromId": reason}


@pytest.mark.parametrize(
    ("versions", "days", "asked"),
    [("1.0 1.1", 2, "24h"), ("1.0 1.1", 0, None), ("1.0 1.1", 0, "24h"), ("1.1 1.0", 2, "24h")],
)
def test_what_was_active_long_enough_goes_on_unless_it_was_taken_back(
    driver: Driver, boomi: Emulator, versions: str, days: int, asked: str | None
) -> None:
    first, then = versions.split()
    tried(boomi, first)
    boomi.advance(days * 86400)
    tried(boomi, then)
    program = promoted(boomi, first, promotedAfter=asked).edited()
    if first > then or (asked and not days):
        assert refusals(driver, program)["promotedFromId"].startswith(f"is closed: {then} is active in Test")
        return
    driver.up(program)
    gate = str(driver.state.resources["d"].outputs["gate"])
    assert gate.startswith("open: it was active in Test from ")
    assert gate.endswith(", until a newer one came")
    assert_settled(driver, boomi, program)


def both(boomi: Emulator, package_: Any, there: Any = None, **more: Any) -> list[Resource]:
    """Return Test and Production in one program, the latter gated by the former."""
    test = {"environmentId": environment(boomi), "packageId": package_ if there is None else there}
    production = {"environmentId": environment(boomi, "Production"), "packageId": package_}
    gate = {"promotedFromId": environment(boomi), **more}
    return [Resource("test", "DeployedPackage", test), Resource("d", "DeployedPackage", {**production, **gate})]


OPENS = "opens: when 'test' of this program has deployed {} to Test"


def test_one_run_opens_the_gate_that_it_goes_through(driver: Driver, boomi: Emulator) -> None:
    """The first release, and the next one: whether the packages are known in the preview or not."""
    for version in ("9.0", "9.1"):
        program = [packaged(boomi, version), *both(boomi, Ref("p", "packageId"))]
        driver.preview(*program)
        assert driver.shown["d"]["gate"] == OPENS.format(version)
        driver.up(*program)
        assert driver.state.resources["d"].outputs["gate"] == OPENS.format(version)
        assert_settled(driver, boomi, *program)
    for version in ("1.0", "1.1"):
        program = both(boomi, package(boomi, version))
        driver.preview(*program)
        assert driver.shown["d"]["gate"] == OPENS.format(version)
        driver.up(*program)
        assert_settled(driver, boomi, *program)


def test_a_run_that_would_close_the_gate_is_refused_in_the_preview(driver: Driver, boomi: Emulator) -> None:
    tried(boomi, "1.1")
    reason = "is closed: 'test' of this program puts 1.0 into Test, not 1.1"
    assert refusals(driver, *both(boomi, package(boomi, "1.1"), package(boomi, "1.0"))) == {"promotedFromId": reason}


def test_a_period_begins_with_the_deployment_of_this_run(driver: Driver, boomi: Emulator) -> None:
    reason = refusals(driver, *both(boomi, package(boomi, "1.1"), promotedAfter="24h"))["promotedFromId"]
    assert reason.startswith(
        "is closed: 'test' of this program deploys 1.1 to Test only now, and the gate asks for 24h"
    )


def test_both_environments_may_go_back_in_one_run(driver: Driver, boomi: Emulator) -> None:
    """What ran in Production before need not have been in Test for a day again."""
    for version in ("1.0", "1.1"):
        boomi.console_deploy(environment(boomi, "Production"), package(boomi, version))
    program = both(boomi, package(boomi, "1.0"), promotedAfter="24h")
    driver.preview(*program)
    assert str(driver.shown["d"]["gate"]).startswith("open: it ran in Production before")
    driver.up(*program)
    assert_settled(driver, boomi, *program)


def test_who_comes_too_early_is_told_what_to_depend_on(driver: Driver, boomi: Emulator) -> None:
    test, production = both(boomi, package(boomi))
    driver.preview(test, production)
    inputs = driver.check("d", "DeployedPackage", {}, production.inputs)
    with pytest.raises(PluginError, match=r"'test' of this program comes first if this one depends on it"):
        driver.create("d", "DeployedPackage", inputs)


def test_a_revision_that_this_run_makes_can_be_packaged(driver: Driver, boomi: Emulator) -> None:
    renamed = Resource("name", "ComponentMetadata", {"componentId": component(boomi, "Sync"), "name": "Sync 2"})
    program = [renamed, packaged(boomi, "9.0", componentVersion=Ref("name", "version"))]
    driver.preview(*program)
    driver.up(*program)
    assert driver.state.resources["p"].outputs["componentVersion"] == 3
    assert_settled(driver, boomi, *program)


def test_what_this_run_restores_can_be_used(driver: Driver, boomi: Emulator) -> None:
    """A package by its id, and a component."""
    id_ = package(boomi, "1.0")
    boomi.store.console("delete", "PackagedComponent", by="ann@acme.example", id=id_)
    program = [
        packaged(boomi, "1.0"),
        Resource("d", "DeployedPackage", {"environmentId": environment(boomi), "packageId": id_}),
    ]
    driver.preview(*program)
    driver.up(*program)
    boomi.store.console("delete", "ComponentMetadata", by="ann@acme.example", id=component(boomi, "Feed"))
    program = [
        Resource("c", "ComponentMetadata", {"componentId": component(boomi, "Feed")}),
        Resource("f", "PackagedComponent", {"componentId": component(boomi, "Feed"), "packageVersion": "9.0"}),
    ]
    driver.preview(*program)
    driver.up(*program)


# -- what it brings ------------------------------------------------------------------------------


def many(count: int = 4, *, components: int = 1) -> dict[str, Any]:
    """Return an account whose components have packages 2.1, 2.2 and so on beside 2.0, which runs in Test."""
    account = seed()
    names = [f"C{number}" for number in range(components)]
    account["components"] += [{"name": name, "folder": "Acme/Orders", "revisions": count + 1} for name in names]
    account["packages"] += [
        {
            "component": f"Acme/Orders/{name}",
            "version": f"2.{number}",
            "revision": number + 1,
            "notes": f"ORD-{number}: what it is\nand more of it" if number % 2 else None,
            "date": f"2026-03-{number + 1:02}T08:00:00Z",
        }
        for name in names
        for number in range(count + 1)
    ]
    for row in account["packages"]:
        if row.get("notes", "") is None:
            del row["notes"]
    account["deployments"] = [
        {"component": f"Acme/Orders/{name}", "package": "2.0", "environment": "Test"} for name in names
    ]
    return account


def moved(boomi: Emulator, version: str, name: str = "C0") -> Resource:
    inputs = {"environmentId": environment(boomi), "packageId": package(boomi, version, name)}
    return Resource(name, "DeployedPackage", inputs)


def test_a_deployment_shows_the_packages_in_between(door: type[Driver]) -> None:
    with Emulator(many(), rate_limit=0) as boomi, door(boomi.env) as driver:
        boomi.console_delete_package(package(boomi, "2.2", "C0"))
        program = moved(boomi, "2.3")
        assert driver.preview(program) == [Step("create", "C0")]
        lines = ["2.3 (revision 4): ORD-3: what it is", "2.1 (revision 2): ORD-1: what it is"]
        assert driver.shown["C0"]["brings"] == lines
        driver.up(program)
        # It is what it was, whatever comes later.
        boomi.console_package(component(boomi, "C0"), packageVersion="2.9")
        assert_settled(driver, boomi, program)
        assert driver.state.resources["C0"].outputs["brings"] == lines
        driver.preview(moved(boomi, "2.0"))
        assert driver.shown["C0"]["brings"] == [f"takes back {line}" for line in lines]


def test_of_many_packages_the_newest_are_shown(door: type[Driver]) -> None:
    with Emulator(many(12), rate_limit=0) as boomi, door(boomi.env) as driver:
        driver.preview(moved(boomi, "2.12"))
        assert driver.shown["C0"]["brings"] == [
            "2.12 (revision 13)",
            "2.11 (revision 12): ORD-11: what it is",
            "2.10 (revision 11)",
            "2.9 (revision 10): ORD-9: what it is",
            "and 8 more",
        ]


def test_a_hundred_deployments_that_move_cost_few_requests() -> None:
    with Emulator(many(2, components=120), rate_limit=0) as boomi, Driver(boomi.env) as driver:
        program = [moved(boomi, "2.2", f"C{number}") for number in range(120)]
        boomi.clear_journal()
        driver.preview(*program)
        assert all(driver.shown[each.name]["brings"] for each in program)
        queries = [each for each in boomi.journal() if each["object"] == "PackagedComponent" and each["verb"] != "bulk"]
        assert len(queries) <= 2 + 4, "two queries, and the further pages of 360 packages"


def test_a_deployment_that_stays_asks_for_no_history(driver: Driver, boomi: Emulator) -> None:
    boomi.console_deploy(environment(boomi), package(boomi))
    program = Resource("d", "DeployedPackage", {"environmentId": environment(boomi), "packageId": package(boomi)})
    driver.up(program)
    boomi.clear_journal()
    driver.preview(program)
    assert "query" not in [each["verb"] for each in boomi.journal() if each["object"] == "PackagedComponent"]


# -- the status of a listener --------------------------------------------------------------------


@pytest.mark.parametrize("shown", ["given", "all", "process"])
@pytest.mark.parametrize("name", ["Sync", "Api"])
def test_another_status_of_a_listener_is_sent_once_wherever_boomi_shows_it(
    name: str, shown: str, driver: Driver, boomi: Emulator
) -> None:
    boomi.settings(listenerStatusOf=shown)
    id_ = boomi.console_package(component(boomi, name), packageVersion="9.0")["packageId"]
    inputs = {"environmentId": environment(boomi), "packageId": id_}
    driver.up(Resource("d", "DeployedPackage", inputs))
    for status in ("PAUSED", "RUNNING"):
        program = Resource("d", "DeployedPackage", {**inputs, "listenerStatus": status})
        boomi.clear_journal()
        driver.up(program)
        told = [row for row in boomi.objects("DeployedPackage") if row["active"]][-1].get("listenerStatus", "RUNNING")
        assert told == status
        assert len(committed(boomi)) <= 1
        assert_settled(driver, boomi, program)
