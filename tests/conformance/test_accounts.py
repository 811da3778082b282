"""Program, provider and state speak of the same account, whatever kind of resource it is about."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from boomi_pulumi.emulator import Emulator
from tests.conformance.account import only_dynamic, seed
from tests.conformance.cases import CASES, Case
from tests.driver import CheckFailed, Driver, PluginError, Ref, Resource, State, Step

every_case = pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.kind)


@pytest.fixture
def other() -> Iterator[Emulator]:
    """Another account that has a user of the same name, and nothing that the first one has."""
    empty = {"environments": [{"name": "Beta"}], "users": seed()["users"]}
    with Emulator({"account": {"id": "beta-2", "name": "Beta"}, **empty}, rate_limit=0) as emulator:
        yield emulator


def settings_of_others(boomi: Emulator, other: Emulator) -> dict[str, tuple[dict[str, str], dict[str, str], str]]:
    """Name -> environment and settings that name another account, and how a message calls it."""
    return {
        "account": (other.env, {}, f"beta-2 at {other.base_url}"),
        "sub-account": (boomi.env, {"overrideAccount": "acme-sub"}, f"acme-1/acme-sub at {boomi.base_url}"),
        "address": ({**boomi.env, "BOOMI_BASE_URL": other.base_url}, {}, f"acme-1 at {other.base_url}"),
    }


def state_of(driver: Driver, case: Case, boomi: Emulator) -> Resource:
    inputs = case.inputs(boomi)
    if "deleteOnDestroy" in case.optional:
        inputs["deleteOnDestroy"] = True
    resource = Resource("it", case.kind, inputs)
    driver.up(resource)
    return resource


@every_case
@pytest.mark.parametrize("what", ["account", "sub-account", "address"])
def test_settings_of_another_account_change_nothing_and_forget_nothing(
    case: Case, what: str, driver: Driver, boomi: Emulator, other: Emulator
) -> None:
    resource = state_of(driver, case, boomi)
    alive, before = case.alive(boomi), driver.state.resources["it"]
    env, more, name = settings_of_others(boomi, other)[what]
    theirs = f"acme-1 at {boomi.base_url}"
    said = f"this resource is of account {theirs}, its provider or the settings name {name}. Nothing was changed."
    boomi.clear_journal()
    other.clear_journal()
    with type(driver)(env, driver.state, validate="false", **more) as elsewhere:
        for command in (elsewhere.preview, elsewhere.up):
            with pytest.raises(CheckFailed) as refused:
                command(resource)
            assert refused.value.failures[""].startswith(said)
        for act in (elsewhere.refresh, elsewhere.destroy):
            with pytest.raises(PluginError) as error:
                act()
            assert f"{case.kind} " in error.value.text
            assert said in error.value.text
            assert "boomi:accountId" in error.value.text
        with pytest.raises(PluginError):
            elsewhere.diff("it", before, before.inputs)
    assert driver.state.resources == {"it": before}
    assert boomi.journal() == other.journal() == []
    assert case.alive(boomi) == alive
    assert driver.preview(resource) == [Step("same", "it")]


@only_dynamic
@every_case
def test_a_program_that_looks_at_another_account_than_the_provider_is_refused(
    case: Case, driver: Driver, boomi: Emulator, other: Emulator
) -> None:
    """Variables of a workspace reach the provider only, and an explicit provider may be of another account."""
    with Driver(other.env) as program:
        driver.account = program.account
    boomi.clear_journal()
    with pytest.raises(CheckFailed) as refused:
        driver.up(Resource("it", case.kind, case.inputs(boomi)))
    (reason,) = refused.value.failures.values()
    assert reason.startswith(
        f"the program looks at account beta-2 at {other.base_url}, and the provider acts on acme-1 at {boomi.base_url}."
    )
    assert not [entry for entry in boomi.journal() if entry["verb"] in {"create", "update", "delete"}]


def _forget_account(state: State) -> None:
    """Make the state what it was before it kept accounts."""
    for stored in state.resources.values():
        for bag in (stored.inputs, stored.outputs):
            bag.pop("__account", None)


@every_case
def test_a_state_without_an_account_takes_its_own_on_unseen(case: Case, driver: Driver, boomi: Emulator) -> None:
    resource = state_of(driver, case, boomi)
    _forget_account(driver.state)
    nothing = [Step("same", "it")]
    assert driver.preview(resource) == nothing
    assert driver.up(resource) == nothing
    assert driver.state.resources["it"].inputs["__account"] == driver.account
    _forget_account(driver.state)
    assert driver.refresh() == nothing
    assert driver.state.resources["it"].inputs["__account"] == driver.account
    assert driver.state.resources["it"].outputs["__account"] == driver.account
    assert driver.preview(resource) == nothing
    driver.destroy()


@every_case
def test_an_old_state_that_was_run_once_is_refused_elsewhere(
    case: Case, driver: Driver, boomi: Emulator, other: Emulator
) -> None:
    """A run without a change leaves outputs as they were, so it is the inputs that tell."""
    resource = state_of(driver, case, boomi)
    _forget_account(driver.state)
    driver.up(resource)
    with (
        type(driver)(other.env, driver.state, validate="false") as elsewhere,
        pytest.raises(CheckFailed, match="this resource is of account acme-1"),
    ):
        elsewhere.preview(resource)


@every_case
def test_a_destroy_of_what_is_not_there_says_so(
    case: Case, driver: Driver, boomi: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever is told "deleted" believes that something was."""
    state_of(driver, case, boomi)
    if case.vanish is not None:
        case.vanish(boomi, driver.state.resources["it"])
    capsys.readouterr()
    assert driver.destroy() == [Step("delete", "it")]
    lines = capsys.readouterr().out.splitlines()
    if case.quiet:
        assert lines == []
        return
    (line,) = lines
    gone = f"is not there any more in account acme-1 at {boomi.base_url}: nothing was removed. The stack forgets it."
    # A release, and a connector's version that is out, cannot be taken back: nobody looks for them.
    kept = "The stack forgets it."
    assert line.endswith(gone if case.makes or case.kind == "ComponentMetadata" else kept)


def test_an_old_state_loses_nothing_in_another_account(driver: Driver, boomi: Emulator, other: Emulator) -> None:
    """Where neither an object nor its place is there, nobody can say that it is gone."""
    driver.up(
        Resource("package", "PackagedComponent", CASES["PackagedComponent"].inputs(boomi)),
        Resource("deployment", "DeployedPackage", CASES["DeployedPackage"].inputs(boomi)),
    )
    _forget_account(driver.state)
    before = copy.deepcopy(driver.state)
    with type(driver)(other.env, driver.state) as elsewhere:
        for act in (elsewhere.refresh, elsewhere.destroy):
            with pytest.raises(PluginError, match=f"account beta-2 at {other.base_url} shows no such object"):
                act()
    assert driver.state == before
    driver.destroy()
    assert boomi.journal()[-1]["verb"] == "delete"


def test_the_account_is_in_the_state_and_nobody_who_may_change_is(driver: Driver, boomi: Emulator) -> None:
    for case in CASES.values():
        state_of(driver, case, boomi)
        stored: Any = driver.state.resources["it"]
        assert stored.inputs["__account"] == stored.outputs["__account"] == f"acme-1 at {boomi.base_url}"
        told = str(stored.inputs) + str(stored.outputs["__account"])
        assert boomi.token not in told
        assert boomi.env["BOOMI_USERNAME"] not in told
        driver.destroy()


def test_a_rotated_token_and_another_user_are_the_same_account(driver: Driver, boomi: Emulator) -> None:
    resource = state_of(driver, CASES["PackagedComponent"], boomi)
    env = {**boomi.env, "BOOMI_USERNAME": f"BOOMI_TOKEN.{boomi.env['BOOMI_USERNAME']}", "BOOMI_REGION": "GB"}
    with type(driver)(env, driver.state, timeout="5") as rotated:
        assert rotated.preview(resource) == [Step("same", "it")]


def test_a_sub_account_is_reached_through_the_partner_address(door: type[Driver]) -> None:
    north = {
        "account": {"id": "acme-north", "name": "North"},
        "environments": [{"name": "North Test", "classification": "TEST", "id": "env-north"}],
        "components": [{"name": "Store Sync", "id": "store-sync"}],
    }
    program = (
        Resource("p", "PackagedComponent", {"componentId": "store-sync", "packageVersion": "1.0"}),
        Resource("d", "DeployedPackage", {"environmentId": "env-north", "packageId": Ref("p", "packageId")}),
    )
    with Emulator({**seed(), "subaccounts": [north]}, rate_limit=0) as boomi:
        before = boomi.objects("PackagedComponent"), boomi.objects("DeployedPackage")
        with door(boomi.env, overrideAccount="acme-north") as driver:
            driver.up(*program)
            (made,) = boomi.objects("PackagedComponent", "acme-north")
            assert (made["componentId"], made["packageVersion"]) == ("store-sync", "1.0")
            assert driver.refresh() == driver.preview(*program) == [Step("same", "p"), Step("same", "d")]
            driver.destroy()
        assert all(call["overrideAccount"] == "acme-north" for call in boomi.journal())
        assert all(call["path"].startswith("/partner/api/rest/v1/acme-1/") for call in boomi.journal())
        assert all(row["deleted"] for row in boomi.objects("PackagedComponent", "acme-north"))
        assert not any(row["active"] for row in boomi.objects("DeployedPackage", "acme-north"))
        assert (boomi.objects("PackagedComponent"), boomi.objects("DeployedPackage")) == before
