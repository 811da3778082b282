"""Runtimes, found by name, by id and by the environment that they are attached to; the same over both doors."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime.proto import provider_pb2

import boomi_pulumi
from boomi_pulumi._api.errors import BadAnswer, BoomiError
from boomi_pulumi._api.models import ATTACHMENT, Runtime
from boomi_pulumi._reads.finders import find_runtime, find_runtimes, query
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import environment, seed
from tests.conformance.conftest import account_settings
from tests.driver import Driver, PluginError, bag_of, struct_of
from tests.inline import run
from tests.native_driver import NativeDriver

Look = Callable[..., Any]

MANY = 130
RUNTIMES = [
    {"id": "a-1", "name": "Alpha", "attachedTo": ["Test", "Both"]},
    {"id": "b-1", "name": "Beta", "type": "MOLECULE", "status": "OFFLINE", "attachedTo": ["Both"]},
    {"id": "a-2", "name": "Alpha", "type": "CLOUD", "status": "WARNING"},
    *({"id": f"m-{number:03}", "name": f"Many {number}", "attachedTo": ["Many"]} for number in range(MANY)),
]


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    places = [{"name": name} for name in ("Test", "Both", "Many", "None")]
    document = {**seed(), "environments": places, "runtimes": RUNTIMES}
    with Emulator(document, **account_settings()) as emulator:
        yield emulator


@pytest.fixture
def look(driver: Driver, boomi: Emulator) -> Look:
    """A look-up by its name in Python; returns plain rows. Over each door, errors are those of the door."""

    def through_the_plugin(name: str, /, **given: Any) -> Any:
        named = {"environment_id": "environmentId"}
        arguments = struct_of({named.get(each, each): value for each, value in given.items()})
        token = f"boomi:index:{name.replace('_r', 'R')}"
        answer = driver.call("Invoke", provider_pb2.InvokeRequest(tok=token, args=arguments))
        found = bag_of(getattr(answer, "return"))
        return found.get("result", found)

    def in_a_program(name: str, /, **given: Any) -> Any:
        def program() -> Any:
            pulumi.runtime.set_all_config({**driver.config, "boomi:token": boomi.token, "boomi:rateLimit": "0"})
            return getattr(boomi_pulumi, name)(**given)

        return contextvars.copy_context().run(program)

    return through_the_plugin if isinstance(driver, NativeDriver) else in_a_program


def test_each_way_finds_one_and_costs_what_it_says(look: Look, boomi: Emulator) -> None:
    test, both = environment(boomi), environment(boomi, "Both")
    for given, found, requests in (
        ({"id": "a-2"}, "a-2", ["bulk"]),
        ({"name": "Beta"}, "b-1", ["query"]),
        ({"environment_id": test}, "a-1", ["query", "bulk"]),
        ({"environment_id": both, "name": "Alpha"}, "a-1", ["query", "bulk"]),
    ):
        boomi.clear_journal()
        assert look("get_runtime", **given)["id"] == found
        assert [entry["verb"] for entry in boomi.journal()] == requests, given


def test_what_is_not_one_is_listed_with_type_and_status(look: Look, boomi: Emulator) -> None:
    both, none = environment(boomi, "Both"), environment(boomi, "None")
    alpha, beta = "Alpha (ATOM, ONLINE, a-1)", "Beta (MOLECULE, OFFLINE, b-1)"
    for given, said in (
        ({"name": "Alpha"}, f"There are 2 of runtime 'Alpha': {alpha}; Alpha (CLOUD, WARNING, a-2). Give the env"),
        ({"environment_id": both}, f"There are 2 of runtime in environment {both}: {alpha}; {beta}. Give the name "),
        ({"name": "Gamma"}, "There is no runtime 'Gamma'. There are: Alpha (ATOM, ONLINE, a-1); Alpha (CLOUD, "),
        ({"environment_id": both, "name": "G"}, f"no runtime 'G' in environment {both}. There are: {alpha}; {beta}"),
        ({"environment_id": none}, f"There is no runtime in environment {none}."),
        ({"environment_id": "nowhere"}, "There is no environment nowhere in account acme-1"),
        ({"id": "nothing"}, "There is no runtime nothing in account acme-1"),
    ):
        with pytest.raises((BoomiError, PluginError)) as caught:
            look("get_runtime", **given)
        assert said in str(caught.value)


def test_all_of_an_environment_a_hundred_a_request(look: Look, boomi: Emulator) -> None:
    boomi.clear_journal()
    found = look("get_runtimes", environment_id=environment(boomi, "Many"))
    assert sorted(row["id"] for row in found) == [f"m-{number:03}" for number in range(MANY)]
    assert [row["name"] for row in found] == sorted(row["name"] for row in found)
    assert [entry["verb"] for entry in boomi.journal()] == ["query", "queryMore", "bulk", "bulk"]
    assert look("get_runtimes", environment_id=environment(boomi, "None")) == []
    with pytest.raises((BoomiError, PluginError), match="There is no environment nowhere"):
        look("get_runtimes", environment_id="nowhere")


# -- what Python alone has -----------------------------------------------------------------------


def test_an_environment_is_given_as_such_and_as_an_output(boomi: Emulator) -> None:
    def program() -> Any:
        both = boomi_pulumi.get_environment(name="Both")
        later = pulumi.Output.from_input(both)
        with pytest.raises(boomi_pulumi.SettingsError, match="get_runtimes_output"):
            boomi_pulumi.get_runtimes(environment=later)  # type: ignore[arg-type] # that is what is tried
        with pytest.raises(boomi_pulumi.SettingsError, match="give environment or environment_id, not both"):
            boomi_pulumi.get_runtime(environment=both, environment_id=both.id)
        assert [each.id for each in boomi_pulumi.get_runtimes(environment=both)] == ["a-1", "b-1"]
        return pulumi.Output.all(
            boomi_pulumi.get_runtime_output(environment=later, name=pulumi.Output.from_input("Beta")).status,
            boomi_pulumi.get_runtimes_output(environment=later).apply(lambda rows: [each.host_name for each in rows]),
            boomi_pulumi.get_runtimes_output(environment=both)[1].type,
        )

    with Driver(boomi.env) as driver:
        config = {**driver.config, "boomi:token": boomi.token}
        ran = run(program, config, secrets=["boomi:token"], driver=driver)
    assert ran.result == ["OFFLINE", ["alpha.acme.example", "beta.acme.example"], "MOLECULE"]


def test_a_query_takes_the_class_of_a_record(boomi: Emulator) -> None:
    with Driver(boomi.env) as driver:
        offline = boomi_pulumi.where("status").equals("OFFLINE")
        assert [row.id for row in query(driver.client, Runtime, offline)] == ["b-1"]
        assert query(driver.client, "Atom", offline) == query(driver.client, Runtime, offline)


# -- odd answers ---------------------------------------------------------------------------------


def _attachments(driver: Driver, monkeypatch: pytest.MonkeyPatch, *rows: dict[str, str]) -> None:
    asked = driver.client.query
    records = [ATTACHMENT.parse({"id": "x", **row}) for row in rows]
    monkeypatch.setattr(
        driver.client, "query", lambda target, *rest: records if target is ATTACHMENT else asked(target, *rest)
    )


def test_a_runtime_that_is_attached_but_not_shown_is_one_all_the_same(
    boomi: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Driver(boomi.env) as driver:
        _attachments(driver, monkeypatch, {"atomId": "gone"}, {"atomId": "a-1"})
        assert [(each.id, each.name) for each in find_runtimes(driver.client, environment_id="e")] == [
            ("gone", None),
            ("a-1", "Alpha"),
        ]
        with pytest.raises(boomi_pulumi.Ambiguous, match=r"gone \(Boomi does not show it\)"):
            find_runtime(driver.client, environment_id="e")


@pytest.mark.parametrize("row", [{"atomId": "a-1", "environmentId": "other"}, {"environmentId": "e"}], ids=str)
def test_an_attachment_that_nobody_asked_for_is_an_error(
    row: dict[str, str], boomi: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Driver(boomi.env) as driver:
        _attachments(driver, monkeypatch, {"atomId": "b-1", "environmentId": "E"}, row)
        with pytest.raises(BadAnswer, match="nobody asked for"):
            find_runtimes(driver.client, environment_id="e")
