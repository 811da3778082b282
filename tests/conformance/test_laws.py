"""The laws that every kind of resource keeps, checked over all kinds alike."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic.alias_generators import to_camel
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import Change, Rule, rules
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.resources import RESOURCES
from tests.conformance.cases import CASES, Case
from tests.driver import UNKNOWN, CheckFailed, Driver, Resource, Step

WRITES = {"create", "update", "delete"}


def each_case(**parts: Callable[[Case], Any]) -> pytest.MarkDecorator:
    """Parametrise over the cases and something inside each of them."""
    ((name, part),) = parts.items()
    found = [pytest.param(case, each, id=f"{case.kind}-{each}") for case in CASES.values() for each in part(case)]
    return pytest.mark.parametrize(("case", name), found)


def declared(case: Case, boomi: Emulator, **changes: Any) -> Resource:
    return Resource("it", case.kind, {**case.inputs(boomi), **changes})


def committed(boomi: Emulator) -> list[str]:
    return [f"{entry['verb']} {entry['object']}" for entry in boomi.journal() if entry["committed"]]


def assert_settled(driver: Driver, boomi: Emulator, *program: Resource) -> None:
    """Nothing to do: at a preview, at a refresh, at a preview after it, and at another run."""
    nothing = [Step("same", each.name) for each in program]
    assert driver.preview(*program) == nothing
    assert driver.refresh() == nothing
    assert driver.preview(*program) == nothing
    boomi.clear_journal()
    assert driver.up(*program) == nothing
    assert not [entry for entry in boomi.journal() if entry["verb"] in WRITES]


# -- every kind is here ------------------------------------------------------------------------


def test_every_kind_has_a_case() -> None:
    assert set(CASES) == set(KINDS)


def _program_fields(case: Case) -> dict[str, Rule]:
    """The fields that a program gives, which are the arguments of the class."""
    (resource,) = (each for each in RESOURCES if each._kind.name == case.kind)
    arguments = {to_camel(name) for name in inspect.signature(resource.__init__).parameters}
    return {name: rule for name, rule in rules(KINDS[case.kind].inputs).items() if name in arguments}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_case_covers_every_field(case: Case) -> None:
    fields = _program_fields(case)
    assert set(case.optional) == {name for name, rule in fields.items() if not rule.required}
    assert set(case.drifts) | set(case.cannot_drift) == set(fields)
    assert not set(case.drifts) & set(case.cannot_drift)
    updates = {name for name, rule in fields.items() if rule.change is Change.UPDATE}
    replaces = {name for name, rule in fields.items() if rule.change is Change.REPLACE and rule.fixed_by is None}
    assert set(case.updates) == updates
    assert set(case.replaces) == replaces


# -- up, and up again --------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_what_was_made_is_settled(case: Case, driver: Driver, boomi: Emulator) -> None:
    program = declared(case, boomi)
    before = case.alive(boomi)
    assert driver.preview(program) == [Step("create", "it")]
    assert case.alive(boomi) == before
    assert driver.up(program) == [Step("create", "it")]
    after = case.alive(boomi)
    assert after != before
    assert len(after) == len(before) + case.makes
    assert_settled(driver, boomi, program)
    driver.destroy()
    assert case.alive(boomi) == (before if case.makes else after)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_outputs_echo_inputs(case: Case, driver: Driver, boomi: Emulator) -> None:
    driver.up(declared(case, boomi))
    stored = driver.state.resources["it"]
    assert stored.inputs
    assert {name: stored.outputs.get(name) for name in stored.inputs} == stored.inputs


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_create_whose_state_was_lost_is_used_again(case: Case, driver: Driver, boomi: Emulator) -> None:
    program = declared(case, boomi)
    driver.up(program)
    alive = case.alive(boomi)
    boomi.clear_journal()
    with Driver(boomi.env) as second:
        second.up(program)
        assert case.alive(boomi) == alive
        assert committed(boomi) == []
        assert second.state.resources["it"].id == driver.state.resources["it"].id
        assert second.state.resources["it"].outputs.get("adopted", False) is False
        assert_settled(second, boomi, program)
        second.destroy()
    assert len(case.alive(boomi)) == len(alive) - (case.makes and case.tells)


ADOPTING = [case for case in CASES.values() if KINDS[case.kind].adopts]


@pytest.mark.parametrize("case", ADOPTING, ids=[case.kind for case in ADOPTING])
def test_what_another_stack_made_is_adopted_and_outlives_us(case: Case, driver: Driver, boomi: Emulator) -> None:
    program = declared(case, boomi)
    driver.up(program)
    alive = case.alive(boomi)
    with Driver(boomi.env, stack="other") as other:
        other.up(program)
        assert case.alive(boomi) == alive
        assert other.state.resources["it"].outputs["adopted"] is True
        assert_settled(other, boomi, program)
        other.destroy()
    assert case.alive(boomi) == alive


# -- gone ----------------------------------------------------------------------------------------

VANISHING = [case for case in CASES.values() if case.vanish]


@pytest.mark.parametrize("case", VANISHING, ids=[case.kind for case in VANISHING])
def test_what_is_gone_is_forgotten_and_comes_back(case: Case, driver: Driver, boomi: Emulator) -> None:
    assert case.vanish is not None
    program = declared(case, boomi)
    driver.up(program)
    before = len(case.alive(boomi))
    case.vanish(boomi, driver.state.resources["it"])
    assert driver.refresh() == [Step("gone", "it")]
    if not case.comes_back:
        # Boomi's API cannot make it again, and the preview says so.
        with pytest.raises(CheckFailed):
            driver.preview(program)
        return
    assert driver.up(program) == [Step("create", "it")]
    assert len(case.alive(boomi)) == before
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize("case", VANISHING, ids=[case.kind for case in VANISHING])
def test_deleting_what_is_gone_succeeds(case: Case, driver: Driver, boomi: Emulator) -> None:
    assert case.vanish is not None
    driver.up(declared(case, boomi))
    case.vanish(boomi, driver.state.resources["it"])
    alive = case.alive(boomi)
    assert driver.destroy() == [Step("delete", "it")]
    assert case.alive(boomi) == alive


# -- changes -------------------------------------------------------------------------------------


@each_case(name=lambda case: case.updates)
def test_an_update_keeps_the_id(case: Case, name: str, driver: Driver, boomi: Emulator) -> None:
    program = declared(case, boomi)
    driver.up(program)
    id_, alive = driver.state.resources["it"].id, len(case.alive(boomi))
    edited = declared(case, boomi, **case.updates[name](boomi))
    assert driver.preview(edited) == [Step("update", "it")]
    assert driver.up(edited) == [Step("update", "it")]
    assert driver.state.resources["it"].id == id_
    assert len(case.alive(boomi)) == alive
    assert_settled(driver, boomi, edited)
    # And back.
    case.back(boomi)
    seen = driver.preview(program)
    assert seen[0].act == "update" or name not in program.inputs
    assert driver.up(program) == seen
    assert_settled(driver, boomi, program)


@each_case(name=lambda case: case.replaces)
def test_a_replacement_leaves_one(case: Case, name: str, driver: Driver, boomi: Emulator) -> None:
    driver.up(declared(case, boomi))
    id_, alive = driver.state.resources["it"].id, len(case.alive(boomi))
    edited = declared(case, boomi, **case.replaces[name](boomi))
    assert driver.preview(edited) == [Step("replace", "it", (name,))]
    assert [step.act for step in driver.up(edited)] == ["replace", "delete replaced"]
    assert driver.state.resources["it"].id != id_
    assert len(case.alive(boomi)) == alive
    assert_settled(driver, boomi, edited)


@each_case(name=lambda case: case.drifts)
def test_drift_shows_as_the_field_that_changed(case: Case, name: str, driver: Driver, boomi: Emulator) -> None:
    program = declared(case, boomi)
    driver.up(program)
    case.drifts[name](boomi, driver.state.resources["it"])
    (seen,) = driver.refresh()
    assert seen.act == "changed"
    companions = {key for key, rule in rules(KINDS[case.kind].inputs).items() if rule.companion}
    facts = {*companions, *KINDS[case.kind].outputs, "adopted"}
    assert set(seen.changed) - facts == {name}
    assert driver.preview(program) == [Step("update", "it")]
    driver.up(program)
    assert_settled(driver, boomi, program)


# -- the matrix of nothing -----------------------------------------------------------------------


class Altered(HTTPAdapter):
    """Sends for real, and alters one field in every answer about one kind of object."""

    def __init__(self, object_: str, alter: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._object = object_
        self._alter = alter

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        answer = super().send(request, *args, **options)
        if answer.ok and answer.content:
            body = answer.json()
            self._walk(body)
            answer._content = json.dumps(body).encode()
        return answer

    def _walk(self, value: Any) -> None:
        if isinstance(value, dict):
            # The Connector API names no type.
            if value.get("@type", "ConnectorVersionChange" if "versionId" in value else None) == self._object:
                self._alter(value)
            for each in value.values():
                self._walk(each)
        elif isinstance(value, list):
            for each in value:
                self._walk(each)


@contextmanager
def answers_altered(driver: Driver, case: Case, alter: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    adapter = Altered(case.object, alter)
    driver.client.adapter = adapter
    yield
    adapter.close()


def _outcome(driver: Driver, boomi: Emulator, program: Resource) -> None:
    """Either all is settled after one run, or `check` refuses before anything was written."""
    try:
        driver.up(program)
    except CheckFailed:
        assert committed(boomi) == []
        return
    assert_settled(driver, boomi, program)


@each_case(name=lambda case: case.optional)
@pytest.mark.parametrize("column", ["absent", "none", "empty", "blank", "default", "given"])
def test_an_optional_field_never_drifts(case: Case, name: str, column: str, driver: Driver, boomi: Emulator) -> None:
    about = case.optional[name]
    full = {**case.inputs(boomi), **about.beside(boomi)}
    least = {key: value for key, value in full.items() if key not in (name, *about.without)}
    if column == "default" and about.default is None:
        return  # Boomi has no default that the field could name
    if column != "absent":
        values: dict[str, Any] = {"none": None, "empty": "", "blank": " \t"}
        make = about.default if column == "default" else about.value
        assert make is not None
        least[name] = values[column] if column in values else make(boomi)
    _outcome(driver, boomi, Resource("it", case.kind, least))


@each_case(name=lambda case: case.optional)
@pytest.mark.parametrize("given", [True, False], ids=["given", "absent"])
def test_a_field_that_boomi_leaves_out_never_drifts(
    case: Case, name: str, given: bool, driver: Driver, boomi: Emulator
) -> None:
    about = case.optional[name]
    full = {**case.inputs(boomi), **about.beside(boomi)}
    inputs = {key: value for key, value in full.items() if key not in (name, *about.without)}
    if given:
        inputs[name] = about.value(boomi)
    with answers_altered(driver, case, lambda row: row.pop(name, None)):
        _outcome(driver, boomi, Resource("it", case.kind, inputs))


FORMS = [
    pytest.param(case, name, form, id=f"{case.kind}-{name}-{form.__name__.strip('_')}")
    for case in CASES.values()
    for name, about in case.optional.items()
    for form in about.forms
]


@pytest.mark.parametrize(("case", "name", "form"), FORMS)
def test_a_field_in_another_form_never_drifts(
    case: Case, name: str, form: Callable[[Any], Any], driver: Driver, boomi: Emulator
) -> None:
    about = case.optional[name]
    program = declared(case, boomi, **{name: about.value(boomi)})

    def alter(row: dict[str, Any]) -> None:
        if name in row:
            row[name] = form(row[name])

    with answers_altered(driver, case, alter):
        assert driver.up(program) == [Step("create", "it")]
        assert_settled(driver, boomi, program)


@pytest.mark.parametrize(
    "switches",
    [
        {"stringy": True},
        {"quotedComponentVersion": True, "listenerStatusOf": "all"},
        {"milliseconds": True},
        {"emptyResult": "missing", "oneResult": "object"},
        {"deleteBody": "{true}", "licencesExceededBy": 15},
        {"componentLists": "bare", "byteOrderMark": True},
        {"componentLists": "single", "bigIntegers": "list", "contentTypeCharset": ";charset=UTF-8"},
    ],
    ids=lambda each: "-".join(map(str, each.values())),
)
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_boomis_own_habits_never_drift(case: Case, switches: dict[str, Any], driver: Driver, boomi: Emulator) -> None:
    boomi.settings(**switches)
    full = {name: about.value(boomi) for name, about in case.optional.items() if not about.without}
    before = len(case.alive(boomi))
    for extra in ({}, full):
        program = declared(case, boomi, **extra, **case.inputs(boomi) if not extra else {})
        driver.up(program)
        assert_settled(driver, boomi, program)
        driver.destroy()
        assert len(case.alive(boomi)) == before


# -- check ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_unknown_values_pass(case: Case, driver: Driver, boomi: Emulator) -> None:
    program = Resource("it", case.kind, dict.fromkeys(_program_fields(case), UNKNOWN))
    assert driver.preview(program) == [Step("create", "it")]
    assert boomi.journal() == []


@each_case(name=_program_fields)
def test_one_unknown_value_passes(case: Case, name: str, driver: Driver, boomi: Emulator) -> None:
    assert driver.preview(declared(case, boomi, **{name: UNKNOWN})) == [Step("create", "it")]
    driver.up(declared(case, boomi))
    assert driver.preview(declared(case, boomi, **{name: UNKNOWN}))[0].act in {"same", "update", "replace"}


@each_case(name=lambda case: case.invalid)
def test_a_wrong_value_is_refused_on_its_property_and_nothing_is_sent(
    case: Case, name: str, driver: Driver, boomi: Emulator
) -> None:
    inputs = {**case.inputs(boomi), **case.invalid[name]}
    with pytest.raises(CheckFailed) as caught:
        driver.check("it", case.kind, {}, inputs)
    assert set(caught.value.failures) == {name}
    assert boomi.journal() == []


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_what_is_there_for_the_reviewer_is_no_argument(case: Case, driver: Driver, boomi: Emulator) -> None:
    shown = set(rules(KINDS[case.kind].inputs)) - set(_program_fields(case))
    assert {name for name, rule in rules(KINDS[case.kind].inputs).items() if not rule.given} == shown
    given = dict.fromkeys(shown, "1")
    with pytest.raises(CheckFailed) as caught:
        driver.check("it", case.kind, {}, {**case.inputs(boomi), **given})
    assert set(caught.value.failures) == shown
    assert all("is not an argument of this resource" in reason for reason in caught.value.failures.values())
    # With `ignore_changes`, the engine gives what the last run stored.
    driver.up(declared(case, boomi))
    stored = driver.state.resources["it"].inputs
    ignored = {name: stored[name] for name in shown & stored.keys()}
    assert driver.preview(declared(case, boomi, **ignored)) == [Step("same", "it")]


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_required_fields_are_named(case: Case, driver: Driver, boomi: Emulator) -> None:
    with pytest.raises(CheckFailed) as caught:
        driver.check("it", case.kind, {}, {})
    required = {name for name, rule in _program_fields(case).items() if rule.required}
    assert required <= set(caught.value.failures)
    assert boomi.journal() == []
