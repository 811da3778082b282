"""What a program gives as a secret is told to nobody but Boomi, right or wrong, whatever goes wrong afterwards."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pytest

import boomi_pulumi
from boomi_pulumi._api.client import Client
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import SECRETS, rules
from boomi_pulumi._lifecycle.kind import Subject
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, environment, pack
from tests.conformance.cases import CASES, Case
from tests.conformance.test_laws import _program_fields
from tests.driver import Bag, CheckFailed, Driver, PluginError, Ref, Resource, Step, config_of, is_marked
from tests.inline import run

MARKER = "m4rk3r-0f-th3-t3st"

ALL = pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))

WRONG: dict[str, Any] = {
    "as it is": MARKER,
    "a list": [MARKER],
    "an object": {MARKER: MARKER, "value": MARKER},
    "a list of objects": [{"componentId": MARKER, "version": [MARKER], "versoin": MARKER}],
    "too long": f"{MARKER} " * 500,
    "a bell": f"{MARKER}\x07",
    "several lines": f"first of {MARKER}\nsecond of {MARKER}\x1b",
    "blanks around it": f" {MARKER} ",
    "quotes": f"'{MARKER}' \"{MARKER}\" \\ <{MARKER}> ł",
}
"""Values that hold the marker, most of which no property may have."""


Told = Callable[[Callable[[], object]], str]


@pytest.fixture
def told(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """Return all that a run tells: its failures, its error, its lines; with BOOMI_DEBUG, where the most is told."""
    monkeypatch.setenv("BOOMI_DEBUG", "1")

    def tell(act: Callable[[], object]) -> str:
        try:
            act()
        except (CheckFailed, PluginError) as error:
            said = str(error)
        else:
            said = ""
        return said + "".join(capfd.readouterr())

    return tell


def in_clear(value: Any) -> bool:
    """Tell whether the marker is in a value outside of what is marked as a secret."""
    if is_marked(value):
        return False
    if isinstance(value, Mapping):
        return any(in_clear(each) for name, each in value.items() if name != SECRETS)
    return any(map(in_clear, value)) if isinstance(value, list) else MARKER in str(value)


def stored(driver: Driver) -> list[Bag]:
    """Return all that the state keeps."""
    return [bag for each in driver.state.resources.values() for bag in (each.inputs, each.outputs)]


def written(value: Any) -> Any:
    """Return the marker as a program would give it in place of a valid value."""
    if isinstance(value, str):
        return MARKER
    if isinstance(value, list):
        return [written(each) for each in value]
    return {name: written(each) for name, each in value.items()} if isinstance(value, Mapping) else value


@ALL
def test_what_check_refuses_is_not_repeated(case: Case, driver: Driver, boomi: Emulator, told: Told) -> None:
    inputs = case.inputs(boomi)
    for name in (*_program_fields(case), "notse", "tokne", "reviewer's line"):
        for value in WRONG.values():
            program = Resource("it", case.kind, {**inputs, name: value}, secrets=frozenset({name}))
            said = told(lambda: driver.preview(program))  # noqa: B023 - it runs at once
            assert MARKER not in said, (name, value)
    assert not [entry for entry in boomi.journal() if entry["verb"] in {"create", "update", "delete"}]


@pytest.mark.parametrize("validate", ["true", "false"])
@ALL
def test_what_is_right_or_unknown_to_the_account_is_told_to_boomi_only(
    case: Case, validate: str, door: type[Driver], boomi: Emulator, told: Told
) -> None:
    """Each text in turn is the marker; with `validate=false` it is Boomi that refuses it, in words of its own."""
    least = case.inputs(boomi)
    for name, value in {**{name: each.value(boomi) for name, each in case.optional.items()}, **least}.items():
        beside = case.optional[name].beside(boomi) if name in case.optional else {}
        inputs = {**least, **beside, name: written(value)}
        program = Resource("it", case.kind, inputs, secrets=frozenset({name}))
        with door(boomi.env, validate=validate, rateLimit="0") as driver:
            for act in (driver.preview, driver.up, driver.preview, driver.up):
                assert MARKER not in told(lambda: act(program)), (name, act)  # noqa: B023
                assert not in_clear(stored(driver)), (name, act)
            for end in (driver.refresh, driver.destroy):
                assert MARKER not in told(end), (name, end)
                assert not in_clear(stored(driver)), (name, end)


@ALL
def test_marks_of_secrets_change_nothing_else(case: Case, driver: Driver, boomi: Emulator) -> None:
    """Every input is a secret: the same object is made, and a second run, and one without marks, find nothing to do."""
    plain = Resource("it", case.kind, case.inputs(boomi))
    program = replace(plain, secrets=frozenset(plain.inputs))
    assert driver.preview(program) == [Step("create", "it")]
    assert driver.up(program) == [Step("create", "it")]
    for bag in stored(driver):
        assert all(is_marked(bag[name]) for name in plain.inputs)
    for again in (program, plain):
        assert driver.preview(again) == [Step("same", "it")]
        assert driver.refresh() == [Step("same", "it")]
        assert driver.up(again) == [Step("same", "it")]


def test_what_another_resource_copies_is_a_secret_as_well(driver: Driver, boomi: Emulator, told: Told) -> None:
    inputs = {"componentId": component(boomi), "packageVersion": MARKER}
    package = Resource("p", "PackagedComponent", inputs, secrets=frozenset({"packageVersion"}))
    deployment = Resource(
        "d", "DeployedPackage", {"environmentId": environment(boomi), "packageId": Ref("p", "packageId")}
    )
    assert MARKER not in told(lambda: driver.preview(package, deployment))
    assert MARKER in json.dumps(driver.shown["d"]), "nobody copies it any more"
    assert not in_clear(driver.shown)
    assert MARKER not in told(lambda: driver.up(package, deployment))
    assert not in_clear(stored(driver))
    assert driver.preview(package, deployment) == [Step("same", "p"), Step("same", "d")]
    # A destroy runs no program: what is a secret is known from the state.
    assert MARKER not in told(driver.destroy)


def test_a_program_tells_which_inputs_are_secrets_by_boomis_names(boomi: Emulator) -> None:
    """The engine does not tell a dynamic provider; a value within a list or an object counts."""
    given = pulumi.Output.secret

    def program() -> None:
        package = boomi_pulumi.PackagedComponent(
            "p", component_id=component(boomi), package_version=given(MARKER), notes=f"no {MARKER}"
        )
        loyalty = boomi_pulumi.PackagedComponent(
            "l", component_id=component(boomi, "Loyalty"), package_version=given("1.1"), shareable=True
        )
        boomi_pulumi.ReleaseIntegrationPack("r", integration_pack_id=pack(boomi), packages=[loyalty])
        boomi_pulumi.DeployedPackage("d", environment_id=environment(boomi), package=package)

    made = run(program, config_of(boomi.env)).made
    told = {name: each.inputs.get(SECRETS) for name, each in made.items()}
    assert told == {"p": ["packageVersion"], "l": ["packageVersion"], "r": ["components"], "d": None}


@pytest.mark.parametrize("name", [MARKER, f"{MARKER}\x07"])
def test_a_look_up_does_not_repeat_it(name: str, boomi: Emulator) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        run(lambda: boomi_pulumi.get_component_output(name=pulumi.Output.secret(name)), config_of(boomi.env))
    assert "…" in str(caught.value)
    assert MARKER not in str(caught.value)


def test_nor_does_a_look_up_that_nobody_foresaw_would_break(boomi: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise _BrokenError(MARKER)

    monkeypatch.setattr(Client, "query", broken)
    with pytest.raises(RuntimeError, match="_BrokenError: cannot write '…'") as caught:
        run(lambda: boomi_pulumi.get_component_output(name=pulumi.Output.secret(MARKER)), config_of(boomi.env))
    assert MARKER not in "".join(traceback.format_exception(caught.value))


class _BrokenError(Exception):
    """Not raised on purpose, with a text of its own making."""

    def __str__(self) -> str:
        return f"cannot write {self.args[0]!r}"


@pytest.mark.parametrize("debug", ["", "1"])
def test_an_error_that_nobody_foresaw_does_not_repeat_it_nor_what_caused_it(
    debug: str, driver: Driver, boomi: Emulator, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(subject: Subject, *_: object) -> None:
        try:
            {}[subject.inputs["notes"]]
        except KeyError as error:
            raise _BrokenError(subject.inputs["notes"]) from error

    kind = KINDS["PackagedComponent"]
    monkeypatch.setattr(type(kind), "write", staticmethod(broken))
    monkeypatch.setenv("BOOMI_DEBUG", debug)
    inputs = {"componentId": component(boomi), "packageVersion": "7.0", "notes": f"'first' of\n{MARKER}"}
    program = Resource("it", "PackagedComponent", inputs, secrets=frozenset({"notes"}))
    said = told(lambda: driver.up(program))
    assert "_BrokenError: cannot write " in said
    assert MARKER not in said
    assert "first" not in said


def test_no_rule_is_left_out() -> None:
    """The sweep walks the cases, and every text that a program may give is in one of them."""
    for case in CASES.values():
        assert {name for name, rule in rules(KINDS[case.kind].inputs).items() if rule.given} == set(
            _program_fields(case)
        )
