"""Whose account a part of a program acts on: the stack's, a provider's, a parent's; and which token is in clear."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, get_type_hints

import pulumi
import pytest

import boomi_pulumi as boomi
from boomi_pulumi._api.settings import SETTINGS, Settings
from boomi_pulumi.emulator import Emulator
from tests.driver import config_of
from tests.inline import Ran, run

SECRET = ["boomi:token", "shop:betaToken"]
MARK = "1b47061264138c4ac30d75fd1eb44270"
"""What the SDK puts beside a value that the engine is to encrypt."""


def seed(account: str, token: str, *environments: str) -> dict[str, Any]:
    return {
        "account": {"id": account, "name": account},
        "users": [{"name": "ann@acme.example", "token": token, "privileges": ["API", "ATOM_MANAGEMENT", "BUILD"]}],
        "environments": [{"name": "Dev", "classification": "TEST", "id": each} for each in environments],
        "components": [{"name": f"Sync of {account}", "id": "sync"}],
        "subaccounts": [
            {
                "account": {"id": f"{account}-north", "name": "North"},
                "environments": [{"name": "Dev", "classification": "TEST", "id": f"north-{environments[0]}"}],
                "components": [{"name": "Sync of north", "id": "sync"}],
            }
        ],
    }


@pytest.fixture(scope="module")
def alpha() -> Iterator[Emulator]:
    with Emulator(seed("alpha", "5ecre7-a1pha", "dev-of-alpha"), rate_limit=0) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def beta() -> Iterator[Emulator]:
    with Emulator(seed("beta", "5ecre7-be7a", "dev-of-beta"), rate_limit=0) as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.env, raising=False)


def of(emulator: Emulator) -> dict[str, Any]:
    """Arguments of a provider of an account."""
    env = emulator.env
    return {
        "account_id": env["BOOMI_ACCOUNT_ID"],
        "username": env["BOOMI_USERNAME"],
        "token": env["BOOMI_TOKEN"],
        "base_url": env["BOOMI_BASE_URL"],
    }


def package(name: str, **opts: Any) -> boomi.PackagedComponent:
    return boomi.PackagedComponent(name, component_id="sync", package_version="1", opts=pulumi.ResourceOptions(**opts))


def whose(ran: Ran, name: str) -> tuple[str, str, str]:
    """Return the provider, the account, and whose facts a resource has."""
    made = ran.made[name]
    account = made.inputs["__account"].partition(" at ")[0]
    return made.provider, account, made.inputs["__facts"]["component"]["found"]["name"]


# -- which one ---------------------------------------------------------------------------------------


def test_the_provider_of_a_resource_is_the_one_that_pulumi_chooses(alpha: Emulator, beta: Emulator) -> None:
    def program() -> None:
        there = boomi.Provider("beta", **of(beta))
        other = boomi.Provider("other", override_account="alpha-north")
        package("plain")
        package("option", provider=there)
        package("listed", providers=[there])
        package("mapped", providers={"pulumi-python": there})
        package("both", provider=there, providers={"aws": pulumi.ProviderResource("aws", "aws")})
        for name, opts in (
            ("one", {"provider": there}),
            ("several", {"providers": [there]}),
            ("nested", {"parent": pulumi.ComponentResource("a:b:C", "outer", None, _options(provider=there))}),
        ):
            parent = pulumi.ComponentResource("a:b:C", name, None, _options(**opts))
            package(f"child of {name}", parent=parent)
            package(f"own of {name}", parent=parent, provider=other)

    ran = run(program, config_of(alpha.env), secrets=SECRET)
    ours, theirs = ("", "alpha", "Sync of alpha"), ("beta", "beta", "Sync of beta")
    assert whose(ran, "plain") == ours
    for name in ("option", "listed", "mapped", "both", "child of one", "child of several", "child of nested"):
        assert whose(ran, name) == theirs
    for name in ("own of one", "own of several", "own of nested"):
        assert whose(ran, name) == ("other", "alpha/alpha-north", "Sync of north")


def _options(**opts: Any) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(**opts)


def test_a_look_up_goes_where_its_provider_is(alpha: Emulator, beta: Emulator) -> None:
    def program() -> Any:
        there = boomi.Provider("beta", **of(beta))
        parent = pulumi.ComponentResource("a:b:C", "parent", None, _options(provider=there))
        options = [None, pulumi.InvokeOptions(provider=there), pulumi.InvokeOptions(parent=parent)]
        found: list[Any] = []
        for opts in options:
            found.append(boomi.get_environment(name="Dev", opts=opts).id)
            found.append(boomi.query("Environment", opts=opts)[0].id)
            found.append(boomi.get_environment_output(name=pulumi.Output.from_input("Dev"), opts=opts).id)
        return pulumi.Output.all(*found)

    ran = run(program, config_of(alpha.env), secrets=SECRET)
    assert ran.result == ["dev-of-alpha"] * 3 + ["dev-of-beta"] * 6


def test_a_provider_may_be_given_by_outputs(alpha: Emulator, beta: Emulator) -> None:
    """A token out of configuration is an output; what it finds is no secret because of that."""

    def program() -> Any:
        token = pulumi.Config("shop").require_secret("betaToken")
        there = boomi.Provider("beta", **{**of(beta), "token": token})
        opts = pulumi.InvokeOptions(provider=there)
        plain = boomi.get_environment(name="Dev", opts=opts).id
        package("it", provider=there)
        twin = boomi.get_environment_output(name="Dev", opts=opts).id
        return pulumi.Output.all(plain, twin, pulumi.Output.from_input(twin).is_secret())

    config = {**config_of(alpha.env), "shop:betaToken": beta.token}
    ran = run(program, config, secrets=SECRET)
    assert ran.result == ["dev-of-beta", "dev-of-beta", False]
    assert whose(ran, "it") == ("beta", "beta", "Sync of beta")
    assert ran.warnings == []


def test_a_provider_that_a_preview_cannot_know_yet_is_waited_for(alpha: Emulator, beta: Emulator) -> None:
    asked: list[str] = []

    def program() -> None:
        vault = package("vault")
        there = boomi.Provider("beta", **{**of(beta), "token": vault.notes.apply(str)})
        package("it", provider=there)
        twin = boomi.get_environment_output(name="Dev", opts=pulumi.InvokeOptions(provider=there))
        twin.apply(lambda each: asked.append(each.id))
        with pytest.raises(boomi.SettingsError, match=r"boomi.Provider 'beta': a setting is not known in this preview"):
            boomi.get_environment(name="Dev", opts=pulumi.InvokeOptions(provider=there))

    ran = run(program, config_of(alpha.env), secrets=SECRET, unknown=["vault"])
    assert asked == []
    assert "__account" not in ran.made["it"].inputs
    assert "__facts" not in ran.made["it"].inputs


# -- what a provider holds ---------------------------------------------------------------------------


def test_every_setting_is_an_argument_of_its_type_and_its_text() -> None:
    parameters = inspect.signature(boomi.Provider).parameters
    assert set(parameters) - {"resource_name", "opts", "unknown"} == {each.argument for each in SETTINGS}
    text = " ".join((inspect.getdoc(boomi.Provider.__init__) or "").split())
    types = get_type_hints(Settings)
    for each in SETTINGS:
        plain = next((plain for plain in (bool, float) if types[each.argument] is plain), str)
        assert parameters[each.argument].annotation == f"pulumi.Input[{plain.__name__}] | None"
        assert f" {each.argument}: {each.about[:1].upper()}{each.about[1:]}. " in text


def kept(program: Any, config: Mapping[str, str], secrets: Any = SECRET) -> dict[str, Any]:
    return run(program, config, secrets=secrets).made["it"].inputs


def test_an_empty_provider_is_the_stack_s(alpha: Emulator) -> None:
    def program() -> None:
        package("package", provider=boomi.Provider("it"))

    config = config_of(alpha.env, timeout="7")
    ran = run(program, config, secrets=SECRET)
    assert whose(ran, "package") == ("it", "alpha", "Sync of alpha")
    given = {name: value for name, value in ran.made["it"].inputs.items() if name != "boomi:token"}
    assert given == {name: value for name, value in config.items() if name != "boomi:token"}


def test_what_comes_from_the_environment_stays_out_of_the_state(
    alpha: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in alpha.env.items():
        monkeypatch.setenv(name, value)

    def program() -> None:
        package("package", provider=boomi.Provider("it", override_account="alpha-north"))

    ran = run(program, {})
    assert ran.made["it"].inputs == {"boomi:overrideAccount": "alpha-north"}
    assert whose(ran, "package") == ("it", "alpha/alpha-north", "Sync of north")
    assert ran.warnings == []


@pytest.mark.parametrize("where", ["configuration", "environment"])
def test_a_token_never_goes_to_another_address_than_its_own(
    alpha: Emulator, beta: Emulator, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of who and where is mixed: neither the stack's address or sub-account, nor its token."""
    env = {**alpha.env, "BOOMI_OVERRIDE_ACCOUNT": "alpha-north", "BOOMI_REGION": "GB"}
    config = {} if where == "environment" else config_of(env)
    for name, value in env.items() if where == "environment" else ():
        monkeypatch.setenv(name, value)
    mine = {name: value for name, value in of(beta).items() if name != "base_url"}

    def program() -> None:
        it = boomi.Provider("it", **mine, validate=False)
        assert it.settings().account == "beta"
        assert it.settings().base_url == "https://api.boomi.com"

    assert kept(program, config) | {"boomi:token": "?"} == {
        **{name: value for name, value in config.items() if name == "boomi:rateLimit"},
        "boomi:accountId": "beta",
        "boomi:username": mine["username"],
        "boomi:token": "?",
        "boomi:region": "",
        "boomi:baseUrl": "",
        "boomi:overrideAccount": "",
        "boomi:validate": "false",
    }


@pytest.mark.parametrize("given", [("account_id",), ("token",), ("base_url",), ("account_id", "username", "region")])
def test_who_and_where_are_given_together(alpha: Emulator, beta: Emulator, given: tuple[str, ...]) -> None:
    arguments = {**of(beta), "region": "US"}

    def program() -> None:
        boomi.Provider("it", **{name: arguments[name] for name in given})

    with pytest.raises(boomi.SettingsError) as caught:
        run(program, config_of(alpha.env), secrets=SECRET)
    missing = [name for name in ("account_id", "username", "token") if name not in given]
    assert str(caught.value).startswith(f"boomi.Provider 'it': {' and '.join(missing)} missing.")


def test_a_blank_sub_account_is_none(alpha: Emulator) -> None:
    def program() -> None:
        package("sub")
        package("primary", provider=boomi.Provider("it", override_account=""))

    ran = run(program, config_of(alpha.env, overrideAccount="alpha-north"), secrets=SECRET)
    assert whose(ran, "sub") == ("", "alpha/alpha-north", "Sync of north")
    assert whose(ran, "primary") == ("it", "alpha", "Sync of alpha")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"acount_id": "x"}, "boomi.Provider 'it': acount_id is not an argument; did you mean account_id?"),
        ({"rate_limit": "fast"}, "boomi.Provider 'it': boomi:rateLimit is 'fast'; it must be a number"),
    ],
)
def test_a_wrong_argument_is_told_in_one_line(alpha: Emulator, arguments: dict[str, Any], said: str) -> None:
    def program() -> None:
        boomi.Provider("it", **arguments)

    with pytest.raises(boomi.SettingsError) as caught:
        run(program, config_of(alpha.env), secrets=SECRET)
    assert str(caught.value).startswith(said)
    assert isinstance(caught.value, pulumi.RunError)


@pytest.mark.parametrize("opts", ["provider", "name", {"provider": None}])
def test_options_of_another_sort_are_told_in_one_line(alpha: Emulator, opts: Any) -> None:
    def program() -> None:
        given: Any = boomi.Provider("it") if opts == "provider" else opts
        boomi.get_environment(name="Dev", opts=given)

    with pytest.raises(boomi.SettingsError, match=r"opts is a \w+; give pulumi.InvokeOptions"):
        run(program, config_of(alpha.env), secrets=SECRET)


def test_facts_of_a_run_are_read_once_for_each_account(alpha: Emulator) -> None:
    def program() -> None:
        same = boomi.Provider("same")
        for number in range(3):
            package(f"one {number}")
            package(f"two {number}", provider=same)

    for _ in range(2):
        alpha.clear_journal()
        run(program, config_of(alpha.env), secrets=SECRET)
        asked = sorted((entry["object"], entry["verb"]) for entry in alpha.journal())
        assert asked == [("ComponentMetadata", "bulk"), ("PackagedComponent", "query")]


def test_a_plain_provider_is_refused_by_name(alpha: Emulator) -> None:
    def resource() -> None:
        package("it", provider=pulumi.ProviderResource("pulumi-python", "plain", {"boomi:accountId": "x"}))

    def look_up() -> None:
        plain = pulumi.ProviderResource("pulumi-python", "plain")
        boomi.get_environment(name="Dev", opts=pulumi.InvokeOptions(provider=plain))

    for program in (resource, look_up):
        with pytest.raises(boomi.SettingsError, match=r"'plain' is a ProviderResource.* Make it with boomi.Provider"):
            run(program, config_of(alpha.env), secrets=SECRET)


# -- tokens ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [True, False])
def test_a_provider_s_token_is_a_secret_however_it_is_given(alpha: Emulator, beta: Emulator, *, secret: bool) -> None:
    def program() -> None:
        token = pulumi.Output.secret(beta.token) if secret else beta.token
        boomi.Provider("it", **{**of(beta), "token": token})

    token = kept(program, config_of(alpha.env))["boomi:token"]
    assert MARK in token.values()


def test_the_stack_s_token_in_a_provider_is_a_secret(alpha: Emulator) -> None:
    token = kept(lambda: boomi.Provider("it", timeout=5), config_of(alpha.env))["boomi:token"]
    assert MARK in token.values()


def test_the_account_names_neither_token_nor_user(alpha: Emulator) -> None:
    ran = run(lambda: package("it").urn, config_of(alpha.env), secrets=SECRET)
    said = str({name: value for name, value in ran.made["it"].inputs.items() if name == "__account"})
    assert alpha.token not in said
    assert "ann" not in said
    assert said == str({"__account": f"alpha at {alpha.base_url}"})


def test_a_token_in_clear_configuration_is_warned_of_once(alpha: Emulator) -> None:
    def program() -> Any:
        package("one")
        package("two", provider=boomi.Provider("it", override_account="alpha-north"))
        boomi.query("Environment")
        return boomi.get_environment_output(name="Dev").id

    ran = run(program, config_of(alpha.env))
    assert len(ran.warnings) == 1
    assert "`pulumi config set --secret boomi:token`" in ran.warnings[0]
    assert alpha.token not in ran.warnings[0]
    assert run(program, config_of(alpha.env), secrets=SECRET).warnings == []
    assert len(run(program, config_of(alpha.env)).warnings) == 1  # another run says it again


def test_a_provider_s_token_in_clear_configuration_is_warned_of(alpha: Emulator, beta: Emulator) -> None:
    def program() -> None:
        boomi.Provider("it", **{**of(beta), "token": pulumi.Config("shop").require("betaToken")})

    config = {**config_of(alpha.env), "shop:betaToken": beta.token}
    (warning,) = run(program, config, secrets=["boomi:token"]).warnings
    assert "shop:betaToken is in clear" in warning
    assert beta.token not in warning
    assert run(program, config, secrets=SECRET).warnings == []


# -- programs in one process -------------------------------------------------------------------------


def everything() -> Any:
    """Look up in every way that there is, and declare something."""
    name = pulumi.Output.from_input("Dev")
    package("package")
    return pulumi.Output.all(
        boomi.get_environment(name="Dev").id,
        boomi.get_environment_output(name=name).id,
        boomi.query("Environment")[0].id,
        name.apply(lambda each: boomi.get_environment(name=each).id),
        name.apply(lambda each: boomi.get_environment_output(name=each).id),
    )


def test_programs_in_one_process_keep_to_their_accounts(
    alpha: Emulator, beta: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after another and at the same time; the process itself has settings of a third account."""
    for each, value in beta.env.items():
        monkeypatch.setenv(each, value)
    monkeypatch.setenv("BOOMI_OVERRIDE_ACCOUNT", "beta-north")
    wanted = {
        "alpha": (config_of(alpha.env, overrideAccount=""), "dev-of-alpha", ("", "alpha", "Sync of alpha")),
        "beta": (config_of(beta.env, overrideAccount=""), "dev-of-beta", ("", "beta", "Sync of beta")),
        "north": (config_of(beta.env), "north-dev-of-beta", ("", "beta/beta-north", "Sync of north")),
    }

    def one(name: str) -> tuple[Any, Any]:
        ran = run(everything, wanted[name][0], secrets=SECRET)
        return ran.result, whose(ran, "package")

    names = list(wanted) * 3
    with ThreadPoolExecutor(3) as pool:
        at_once = list(pool.map(one, names))
    for found in ([one(name) for name in names], at_once):
        assert found == [([wanted[name][1]] * 5, wanted[name][2]) for name in names]
