from __future__ import annotations

import copy
import os
import pickle
import traceback
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.models import ENVIRONMENT
from boomi_pulumi._api.settings import REGIONS, SETTINGS, Settings
from boomi_pulumi.emulator import Emulator

TOKEN = "s3cret-t0ken"  # noqa: S105 - of no account
LEAST = {"accountId": "acme-1", "username": "ann@acme.example", "token": TOKEN}

# name -> (attribute, what is written, what it becomes, wrong values)
GOOD: dict[str, tuple[str, str, Any, list[str]]] = {
    "accountId": (
        "account_id",
        "acme-AB12CD",
        "acme-AB12CD",
        ["a/b", "a b", "a?b", "..%2f", "ä", "ann@acme.example", "a:b", ".", "..", "--"],
    ),
    "username": (
        "username",
        "bob@acme.example",
        "bob@acme.example",
        ["a:b", "a\nb", "BOOMI_TOKEN.", "acme-1", "acme-AB12CD"],
    ),
    "token": ("token", "another", "another", ["a\nb", "tökén", "a\x00b", "BOOMI_TOKEN.abc"]),
    "region": ("base_url", "gb", REGIONS["GB"], ["UK", "us-east-1"]),
    "baseUrl": ("base_url", "https://boomi.acme.example", "https://boomi.acme.example", ["acme.example", "ftp://x"]),
    "overrideAccount": ("override_account", "acme-sub", "acme-sub", ["a/b", "a&b", ".."]),
    "timeout": ("timeout", "7.5", 7.5, ["0", "-1", "soon", "nan", "inf", "86401", "1e12", "1" + "0" * 400]),
    "connectTimeout": ("connect_timeout", "3", 3.0, ["0", "-1", "soon", "nan", "inf", "86401", "1e300"]),
    "rateLimit": ("rate_limit", "0", 0.0, ["-1", "ten", "nan", "inf", "1e-9", "1e-320", "1e7", "1e300"]),
    "validate": ("validate", "False", False, ["no", "0", "maybe"]),
    "originMark": ("origin_mark", "false", False, ["no", "0", "maybe"]),
    "refuseOtherStacks": ("refuse_other_stacks", "true", True, ["yes", "1"]),
    "knownDeleted": ("known_deleted", "env-1,RjoxMDU2==", frozenset({"env-1", "RjoxMDU2=="}), ['["env-1"]', "<id>"]),
    "connectorPath": (
        "connector_path",
        "connector/{api}/v2",
        "connector/{api}/v2",
        ["{door}/x", "{", "a b", "..", "a/../b", "a//b"],
    ),
    "connectorCancelPath": ("connector_cancel_path", "cancel", "cancel", ["{door}/x", "{", "a b", "../x", "./x"]),
}
ENV = {setting.name: setting.env for setting in SETTINGS}


def load(config: Mapping[str, Any], env: Mapping[str, str] | None = None) -> Settings:
    return Settings.load(config.get, env or {})


def in_env(values: Mapping[str, str]) -> dict[str, str]:
    return {ENV[name]: value for name, value in values.items()}


def test_every_setting_is_tested() -> None:
    assert set(GOOD) == {setting.name for setting in SETTINGS}
    attributes = {attribute for attribute, *_ in GOOD.values()}
    assert attributes == set(Settings.__dataclass_fields__) - {"region"}  # it decides on the base_url


@pytest.mark.parametrize("name", GOOD)
def test_a_setting_comes_from_the_stack_or_from_the_environment(name: str) -> None:
    attribute, written, wanted, _ = GOOD[name]
    assert getattr(load({**LEAST, name: written}), attribute) == wanted
    assert getattr(load({}, in_env({**LEAST, name: written})), attribute) == wanted
    default = getattr(load(LEAST), attribute)
    assert default != wanted
    assert getattr(load({**LEAST, name: written}, in_env({**LEAST, name: "???"})), attribute) == wanted


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_setting_is_none(name: str, blank: str) -> None:
    if name in LEAST:
        with pytest.raises(SettingsError, match=f"boomi:{name}"):
            load({**LEAST, name: blank})
    else:
        assert load({**LEAST, name: blank}) == load(LEAST)


@pytest.mark.parametrize(("name", "wrong"), [(name, wrong) for name in GOOD for wrong in GOOD[name][3]])
def test_a_wrong_value_is_named_in_one_line(name: str, wrong: str) -> None:
    for config, env, label in (
        ({**LEAST, name: wrong}, {}, f"boomi:{name}"),
        ({}, in_env({**LEAST, name: wrong}), ENV[name]),
    ):
        with pytest.raises(SettingsError) as caught:
            load(config, env)
        assert label in str(caught.value)
        assert "\n" not in str(caught.value)
        assert str(caught.value).isprintable()


ODD = ["\udcff", "\n", "\r\n", "\t", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u200b", " ", "\u00a0"]


@pytest.mark.parametrize("name", GOOD)
def test_no_setting_holds_a_line_end_a_blank_or_what_nobody_sees(name: str) -> None:
    written = GOOD[name][1]
    for odd, at in product(ODD, {1, len(written) // 2, len(written) - 1} - {0, len(written)}):
        with pytest.raises(SettingsError) as caught:
            load({**LEAST, name: written[:at] + odd + written[at:]})
        assert f"boomi:{name}" in str(caught.value), ascii(odd)
        assert str(caught.value).isprintable(), ascii(odd)


@pytest.mark.parametrize(
    "most", [{"timeout": "86400", "connectTimeout": 86400.0}, {"rateLimit": "1e6"}, {"rateLimit": 0.001}], ids=str
)
def test_every_number_that_is_taken_can_be_waited_for(most: dict[str, Any]) -> None:
    with Emulator(rate_limit=0) as boomi:
        client = Client(Settings.load(most.get, boomi.env))
        assert list(client.query(ENVIRONMENT))
        client.close()


@pytest.mark.parametrize("missing", LEAST)
def test_what_is_missing_is_named_with_both_its_places(missing: str) -> None:
    config = {name: value for name, value in LEAST.items() if name != missing}
    with pytest.raises(SettingsError) as caught:
        load(config)
    assert f"boomi:{missing} ({ENV[missing]})" in str(caught.value)
    assert not any(f"boomi:{name} (" in str(caught.value) for name in config)
    assert ("--secret" in str(caught.value)) is (missing == "token")


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        load({})
    assert all(f"boomi:{name} ({ENV[name]})" in str(caught.value) for name in LEAST)


@pytest.mark.parametrize("written", ["ann", "BOOMI_TOKEN.ann", "BOOMI_TOKEN.BOOMI_TOKEN.ann", " BOOMI_TOKEN.ann "])
def test_the_token_prefix_may_be_there_or_not(written: str) -> None:
    assert load({**LEAST, "username": written}).username == "ann"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("https://api.boomi.com", "https://api.boomi.com"),
        ("https://api.boomi.com/", "https://api.boomi.com"),
        ("HTTPS://API.boomi.com", "https://api.boomi.com"),
        ("https://boomi.acme.example:8443", "https://boomi.acme.example:8443"),
        ("http://localhost:8099/", "http://localhost:8099"),
        ("http://127.0.0.1:8099", "http://127.0.0.1:8099"),
        ("http://[::1]:8099", "http://[::1]:8099"),
    ],
)
def test_a_base_url_is_scheme_and_host(written: str, wanted: str) -> None:
    assert load({**LEAST, "baseUrl": written, "region": "GB"}).base_url == wanted


@pytest.mark.parametrize(
    "written",
    [
        "https://api.boomi.com/api/rest/v1/acme-1",
        "https://api.boomi.com?a=b",
        "https://api.boomi.com#a",
        f"https://ann:{TOKEN}@api.boomi.com",
        "https://",
        "https://api.boomi.com:port",
        "https://api.boomi.com:99999",
        "https://[::1",
        "https://api.boomi.com\n.evil.example",
        "https://api.boomi\t.com",
        "https://api.boomi.com\\.evil.example",
        "https://api.boomi.com%2eevil.example",
        "https://api.boomi.com%0a",
        "https://\u0430pi.boomi.com",
        "https://@api.boomi.com",
        "https://api.boomi.com?",
        "https://api.boomi.com#",
        "https://api.boomi.com//",
        "http://api.boomi.com",
        "//api.boomi.com",
        "api.boomi.com:443",
    ],
)
def test_any_other_base_url_is_refused_without_repeating_credentials(written: str) -> None:
    with pytest.raises(SettingsError, match="boomi:baseUrl") as caught:
        load({**LEAST, "baseUrl": written})
    assert TOKEN not in str(caught.value)


def test_booleans_of_a_program_are_understood() -> None:
    assert load({**LEAST, "validate": False}).validate is False
    assert load({**LEAST, "timeout": 5}).timeout == 5.0


@pytest.mark.parametrize("region", ["US", "us", "GB", "gb"])
def test_a_region_has_its_address(region: str) -> None:
    assert load({**LEAST, "region": region}).base_url == REGIONS[region.upper()]


@pytest.mark.parametrize("region", ["EU", "eu"])
def test_the_european_region_is_in_great_britain(region: str) -> None:
    assert load({**LEAST, "region": region}).base_url == REGIONS["GB"]


def test_the_token_is_nowhere_to_be_read() -> None:
    settings = load(LEAST)
    assert settings.token == TOKEN
    for shown in (repr(settings), str(settings), f"{settings}", repr(copy.copy(settings)), repr([settings])):
        assert TOKEN not in shown


@pytest.mark.parametrize("name", [*GOOD, "none"])
def test_no_error_shows_the_token(name: str) -> None:
    wrong = {name: GOOD[name][3][0]} if name in GOOD else {"accountId": ""}
    with pytest.raises(SettingsError) as caught:
        load({**LEAST, **wrong})
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert TOKEN not in shown


@pytest.mark.parametrize("wrong", [f"a\n{TOKEN}", f"{TOKEN}\x00", f"{TOKEN}ü"])
def test_a_malformed_token_is_not_shown(wrong: str) -> None:
    with pytest.raises(SettingsError, match="boomi:token") as caught:
        load({**LEAST, "token": wrong})
    assert TOKEN not in str(caught.value)


def test_white_space_around_a_token_is_no_part_of_it() -> None:
    assert load({**LEAST, "token": f" {TOKEN}\n"}).token == TOKEN


def test_settings_that_are_made_without_a_program_are_tried_too_and_no_error_shows_the_token() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(account_id="acme-1", username="ann", token=f"ann:{TOKEN}")
    assert TOKEN not in str(caught.value)
    with pytest.raises(ValidationError, match="account_id"):
        Settings(account_id="a b/c", username="ann", token=TOKEN)


@pytest.mark.parametrize("name", ["username", "accountId"])
def test_a_token_pasted_behind_the_username_is_not_shown(name: str) -> None:
    with pytest.raises(SettingsError, match=f"boomi:{name}") as caught:
        load({**LEAST, name: f"BOOMI_TOKEN.ann@acme.example:{TOKEN}"})
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("prefix", ["BOOMI_TOKEN.", "boomi_token.", "BOOMI_TOKEN.BOOMI_TOKEN.", "ann@acme.example:"])
def test_a_token_with_something_before_it_is_refused_before_any_request(prefix: str) -> None:
    with pytest.raises(SettingsError, match="boomi:token begins with") as caught:
        load({**LEAST, "token": f"{prefix}{TOKEN}"})
    assert TOKEN not in str(caught.value)


def test_account_and_user_that_are_swapped_are_said_to_be() -> None:
    with pytest.raises(SettingsError) as caught:
        load({**LEAST, "accountId": "ann@acme.example", "username": "BOOMI_TOKEN.acme-AB12CD"})
    assert str(caught.value) == (
        "boomi:accountId is 'ann@acme.example' and boomi:username is 'acme-AB12CD': they are swapped."
    )


@pytest.mark.parametrize("user", ["ann", "svc-deploy", "svc-DEPLOY", "ann@acme-AB12CD.example", "release-2026x"])
def test_a_user_without_an_address_may_be_one(user: str) -> None:
    assert load({**LEAST, "username": user}).username == user


def test_settings_are_a_key() -> None:
    assert {load(LEAST): 1}[load(LEAST)] == 1
    assert load(LEAST) != load({**LEAST, "token": "another"})
    assert pickle.loads(pickle.dumps(load(LEAST))) == load(LEAST)  # noqa: S301 - written in this line


def test_the_process_environment_is_the_default() -> None:
    names = [setting.env for setting in SETTINGS]
    if any(name in os.environ for name in names):
        pytest.skip("this process has settings of its own")
    with pytest.raises(SettingsError):
        Settings.load(lambda _: None)
