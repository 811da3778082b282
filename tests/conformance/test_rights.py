"""A missing right to look costs names, not the run; so does a query that Boomi refuses."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest

from boomi_pulumi._api.errors import Unauthorized
from boomi_pulumi._api.models import FOLDER
from boomi_pulumi._api.say import print_line, tell_through
from boomi_pulumi.emulator import SWITCHES, Emulator
from tests.conformance.account import component, environment, package, seed
from tests.conformance.cases import CASES
from tests.driver import CheckFailed, Driver, PluginError, Resource, Step

WORDS = re.compile(r"Boomi answered 40[03]: .*(Access denied|access rights)")
WRITES = {"create", "update", "delete", "cancel"}
DEPLOYER = ("API", "DEPLOY")


@pytest.fixture(params=SWITCHES["missingPrivilege"].positions, autouse=True)
def status(request: pytest.FixtureRequest) -> Iterator[int]:
    """Let a missing privilege be answered in each way; every law holds for each."""
    MISSING.set(request.param)
    yield request.param
    MISSING.set(403)


MISSING: ContextVar[int] = ContextVar("MISSING", default=403)


@contextmanager
def account(*privileges: str, **settings: Any) -> Iterator[Emulator]:
    """Run the account of a user who has these privileges and no other."""
    document = seed()
    document["users"][0]["privileges"] = list(privileges)
    with Emulator(document, rate_limit=0, missingPrivilege=MISSING.get(), **settings) as boomi:
        yield boomi


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Hear every line that is told."""
    lines: list[str] = []
    tell_through(lines.append)
    yield lines
    tell_through(print_line)


def deployment(boomi: Emulator, version: str = "1.0", **more: Any) -> Resource:
    inputs = {"packageId": package(boomi, version), "environmentId": environment(boomi), **more}
    return Resource("it", "DeployedPackage", inputs)


def running(boomi: Emulator) -> list[str]:
    return [row["packageId"] for row in boomi.objects("DeployedPackage") if row["active"]]


@pytest.mark.parametrize("validate", ["true", "false"])
@pytest.mark.parametrize("known", [True, False], ids=["deployed before", "never deployed"])
def test_api_and_deploy_deploy_a_package_by_its_id(known: bool, validate: str, heard: list[str]) -> None:
    """And move it, refresh it and destroy it, as Boomi says that they may."""
    with account(*DEPLOYER) as boomi, Driver(boomi.env, validate=validate) as driver:
        if known:
            for version in ("1.0", "1.1"):
                boomi.console_deploy(environment(boomi, "Production"), package(boomi, version))
        before = running(boomi)
        assert driver.preview(deployment(boomi)) == [Step("create", "it")]
        assert driver.up(deployment(boomi)) == [Step("create", "it")]
        assert set(running(boomi)) == {*before, package(boomi)}
        stored = driver.state.resources["it"]
        assert stored.id == f"{environment(boomi)}/{component(boomi)}"
        assert stored.outputs["packageVersion"] == "1.0"
        assert driver.preview(deployment(boomi)) == [Step("same", "it")]
        assert driver.refresh() == [Step("same", "it")]
        assert driver.up(deployment(boomi, "1.1")) == [Step("update", "it", ())]
        assert set(running(boomi)) == {*before, package(boomi, "1.1")}
        assert driver.state.resources["it"].outputs["packageVersion"] == "1.1"
        assert driver.up(deployment(boomi, "1.1")) == [Step("same", "it")]
        driver.destroy()
        assert running(boomi) == before
    assert not any("missing" in line or "stays" in line for line in heard)


def test_what_may_not_be_read_is_said_once_with_the_privilege_that_would_show_it(heard: list[str]) -> None:
    with account(*DEPLOYER) as boomi, Driver(boomi.env) as driver:
        other = Resource("other", "DeployedPackage", {**deployment(boomi, "1.1").inputs, "packageId": "nobody-knows"})
        driver.preview(deployment(boomi), other)
    assert sorted(line.split(":")[0] for line in heard) == [
        f"Names, versions and checks of {name} are left out of the preview"
        for name in ("Environment", "PackagedComponent")
    ]
    for line, needed in zip(sorted(heard), ("ATOM_MANAGEMENT", "PACKAGE_MANAGEMENT"), strict=True):
        assert WORDS.search(line)
        assert needed in line


@pytest.mark.parametrize("name", CASES)
def test_who_may_read_nothing_gets_a_preview_and_no_failure(name: str, heard: list[str]) -> None:
    """What nobody can look at is neither missing nor foreign: Boomi judges it in `up`."""
    case = CASES[name]
    with account("API") as boomi, Driver(boomi.env) as driver:
        assert driver.preview(Resource("it", name, case.inputs(boomi))) == [Step("create", "it")]
        for field, optional in case.optional.items():
            # A gate that asks for runs passes nobody who may not read them: test_runs.py.
            if not optional.without and field != "promotedRuns":
                given = {**case.inputs(boomi), **optional.beside(boomi), field: optional.value(boomi)}
                assert driver.preview(Resource("it", name, given)) == [Step("create", "it")], field
    assert heard


@pytest.mark.parametrize("name", CASES)
def test_who_lacks_the_privilege_for_the_api_gets_no_green_preview(name: str) -> None:
    """Nothing tells him from somebody with a wrong token; the third refusal ends the run."""
    with account() as boomi, Driver(boomi.env) as driver:
        with pytest.raises(CheckFailed, match=r"boomi:token is revoked.* the privilege API is missing"):
            driver.preview(Resource("it", name, CASES[name].inputs(boomi)))
        assert len(boomi.journal()) == 3
        with pytest.raises(Unauthorized):
            list(driver.client.query(FOLDER))
        assert len(boomi.journal()) == 3


@pytest.mark.parametrize("form", SWITCHES["refusedLogin"].positions)
@pytest.mark.parametrize("name", CASES)
def test_a_wrong_token_gives_no_green_preview_and_is_sent_once(name: str, form: int, door: type[Driver]) -> None:
    with account("API", refusedLogin=form) as boomi:
        one = Resource("it", name, CASES[name].inputs(boomi))
        with door({**boomi.env, "BOOMI_TOKEN": "wrong"}) as driver, pytest.raises(CheckFailed, match="boomi:token"):
            driver.preview(one)
        assert [entry["status"] for entry in boomi.journal()] == [form]
        boomi.clear_journal()
        # Without a look beforehand, the write itself is refused.
        blind = door({**boomi.env, "BOOMI_TOKEN": "wrong"}, validate="false")
        with blind as driver, pytest.raises(PluginError, match="boomi:token"):
            driver.up(one)
        assert [entry["status"] for entry in boomi.journal()] == [form]


@pytest.mark.parametrize("about", SWITCHES["otherAccount"].positions)
@pytest.mark.parametrize("name", CASES)
def test_a_token_of_another_account_gives_no_green_preview(name: str, about: str, door: type[Driver]) -> None:
    with account("API", otherAccount=about) as boomi:
        elsewhere = door({**boomi.env, "BOOMI_ACCOUNT_ID": "another-1"})
        with elsewhere as driver, pytest.raises(CheckFailed, match=r"boomi:token .* another user or account"):
            driver.preview(Resource("it", name, CASES[name].inputs(boomi)))
        assert len(boomi.journal()) <= 3


def test_names_that_are_known_stay_when_a_right_is_taken_away(heard: list[str]) -> None:
    document = seed()
    document["users"].append({"name": "bob@acme.example", "token": "b0b", "privileges": list(DEPLOYER)})
    with Emulator(document, rate_limit=0, missingPrivilege=MISSING.get()) as boomi, Driver(boomi.env) as driver:
        driver.up(deployment(boomi))
        inputs = driver.state.resources["it"].inputs
        assert (inputs["componentName"], inputs["environmentName"]) == ("Sync", "Test")
        assert heard == []
        bob = {**boomi.env, "BOOMI_USERNAME": "bob@acme.example", "BOOMI_TOKEN": "b0b"}
        with Driver(bob, driver.state) as other:
            assert other.up(deployment(boomi)) == [Step("same", "it")]
            assert other.state.resources["it"].inputs == inputs


@pytest.mark.parametrize("validate", ["true", "false"])
def test_a_package_of_another_component_is_refused_before_the_write(validate: str) -> None:
    """Who may only deploy learns of the component from where the package was deployed."""
    with account(*DEPLOYER) as boomi, Driver(boomi.env, validate=validate) as driver:
        other = package(boomi, "1.0", "Feed")
        boomi.console_deploy(environment(boomi, "Production"), other)
        driver.up(deployment(boomi))
        before = running(boomi)
        if validate == "true":
            # The id of the resource is the slot: another component is another resource.
            assert driver.preview(deployment(boomi, packageId=other))[0].act == "replace"
        else:
            with pytest.raises(PluginError, match=r"is of component .* Nothing was changed"):
                driver.up(deployment(boomi, packageId=other))
        assert running(boomi) == before


def test_a_package_of_another_component_that_nobody_could_tell_is_a_conflict_and_told() -> None:
    with account(*DEPLOYER) as boomi, Driver(boomi.env) as driver:
        driver.up(deployment(boomi))
        before = driver.state.resources["it"]
        other = package(boomi, "1.0", "Feed")
        with pytest.raises(PluginError, match=r"was made, but as another object .* It stays"):
            driver.up(deployment(boomi, packageId=other))
        assert driver.state.resources["it"] == before
        assert set(running(boomi)) == {package(boomi), other}
        # By now there is a deployment that tells.
        assert driver.preview(deployment(boomi, packageId=other))[0].act == "replace"


def test_who_may_not_deploy_is_told_so_by_boomi() -> None:
    with account("API") as boomi, Driver(boomi.env) as driver:
        assert driver.preview(deployment(boomi)) == [Step("create", "it")]
        with pytest.raises(PluginError, match=rf"{WORDS.pattern}.* .it needs API and DEPLOY"):
            driver.up(deployment(boomi))


def test_a_package_in_use_stays_although_nobody_may_read_where(heard: list[str]) -> None:
    with account("API", "PACKAGE_MANAGEMENT", "DEPLOY") as boomi, Driver(boomi.env) as driver:
        driver.up(Resource("it", "PackagedComponent", {"componentId": component(boomi), "packageVersion": "7.0"}))
        boomi.console_deploy(environment(boomi), package(boomi, "7.0"))
        heard.clear()
        driver.destroy()
        assert running(boomi) == [package(boomi, "7.0")]
    (line,) = heard
    assert "as long as it is deployed in " in line


# -- between one command and the next --------------------------------------------------------------------


@contextmanager
def as_bob(boomi: Emulator, driver: Driver) -> Iterator[Driver]:
    """Go on with the same state as somebody who may only sign in."""
    bob = {**boomi.env, "BOOMI_USERNAME": "bob@acme.example", "BOOMI_TOKEN": "b0b"}
    with Driver(bob, driver.state) as other:
        yield other


@pytest.fixture
def two() -> Iterator[Emulator]:
    """Run an account of somebody who may do everything, and of bob, who may do nothing."""
    document = seed()
    document["users"].append({"name": "bob@acme.example", "token": "b0b", "privileges": ["API"]})
    with Emulator(document, rate_limit=0, missingPrivilege=MISSING.get()) as boomi:
        yield boomi


@pytest.mark.parametrize("name", CASES)
def test_rights_that_were_taken_away_lose_nothing(name: str, two: Emulator) -> None:
    """Every command fails with Boomi's words, or changes nothing; with the rights back, everything is as it was."""
    case = CASES[name]
    one = Resource("it", name, case.inputs(two))
    with Driver(two.env) as driver:
        driver.up(one)
        before, alive = copy.deepcopy(driver.state), case.alive(two)
        changes = [*case.updates.values(), *case.replaces.values()]
        edited = one.edited(**changes[0](two))
        acts: Sequence[Callable[[Driver], object]] = (
            lambda bob: bob.refresh(),
            lambda bob: bob.up(one),
            lambda bob: (bob.preview(edited), bob.up(edited)),
            # Where a resource makes nothing, a destroy only forgets it.
            *([lambda bob: bob.up(), lambda bob: bob.destroy()] if case.makes else []),
        )
        for act in acts:
            with as_bob(two, driver) as bob:
                two.clear_journal()
                try:
                    act(bob)
                except PluginError as error:
                    assert WORDS.search(error.text)  # noqa: PT017 - not every act fails
                refused = [entry for entry in two.journal() if entry["verb"] in WRITES]
                assert [entry["status"] for entry in refused] == [MISSING.get()] * len(refused)
                assert driver.state.resources["it"].outputs == before.resources["it"].outputs
                assert case.alive(two) == alive
        assert driver.up(one) == [Step("same", "it")]
        assert driver.refresh() == [Step("same", "it")]


@pytest.mark.parametrize("form", SWITCHES["refusedLogin"].positions)
@pytest.mark.parametrize("name", CASES)
def test_a_token_that_expires_between_preview_and_up_costs_one_refusal_and_nothing_else(
    name: str, form: int, two: Emulator
) -> None:
    two.settings(refusedLogin=form)
    one = Resource("it", name, CASES[name].inputs(two))
    for validate in ("true", "false"):
        with Driver(two.env, validate=validate) as driver:
            assert driver.preview(one) == [Step("create", "it")]
        two.set_login("pulumi@acme.example", revoked=True)
        two.clear_journal()
        with Driver(two.env, validate=validate) as driver:
            with pytest.raises((CheckFailed, PluginError), match="boomi:token is revoked, expired"):
                driver.up(one)
            assert [entry["status"] for entry in two.journal()] == [form]
            assert driver.state.resources == {}
        two.set_login("pulumi@acme.example", revoked=False)
