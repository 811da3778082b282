"""The text of an argument or an output stands once, on its field; what people read elsewhere says the same."""

from __future__ import annotations

import inspect
import re

import pytest
from pydantic.alias_generators import to_camel, to_snake

from boomi_pulumi._api.models import fields_of
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import rules
from boomi_pulumi.resources import RESOURCES
from boomi_pulumi.resources.base import BoomiResource

each_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.__name__)


def _texts(kind: str) -> dict[str, str]:
    fields = KINDS[kind].inputs.model_fields
    return {info.alias or name: info.description or "" for name, info in fields.items()}


def _documented(function: object) -> dict[str, str]:
    """The arguments of a docstring and their texts, each in one line."""
    part = (inspect.getdoc(function) or "").partition("Args:\n")[2].partition("\n\n")[0]
    found = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", part, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in found}


def _in_python(text: str) -> str:
    return re.sub(r"`([a-z]+[A-Za-z]*)`", lambda found: f"`{to_snake(found[1])}`", text)


@each_resource
def test_a_program_may_give_what_the_rules_say(resource: type[BoomiResource]) -> None:
    kind = resource._kind
    arguments = {to_camel(name) for name in inspect.signature(resource.__init__).parameters}
    assert {name for name, rule in rules(kind.inputs).items() if rule.given} == arguments & set(rules(kind.inputs))


@each_resource
def test_a_class_has_all_that_a_program_gives_and_a_run_fills_in(resource: type[BoomiResource]) -> None:
    there = {to_snake(name) for name, rule in rules(resource._kind.inputs).items() if rule.given or rule.filled}
    assert there <= set(resource._types)


@each_resource
def test_docstrings_say_what_the_fields_say(resource: type[BoomiResource]) -> None:
    said = _documented(resource.__init__)
    texts = {to_snake(name): _in_python(text) for name, text in _texts(resource._kind.name).items()}
    assert {name: text for name, text in said.items() if name in texts} == {
        name: text for name, text in texts.items() if name in said
    }
    assert {to_snake(name) for name, rule in rules(resource._kind.inputs).items() if rule.given} <= set(said)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_everything_that_a_person_meets_has_a_text(kind: object) -> None:
    about = KINDS[getattr(kind, "name", "")]
    assert not [name for name, text in _texts(about.name).items() if not text.endswith(".")]
    fields = fields_of(about.output_record())
    texts = {info.alias or name: info.description or "" for name, info in fields.items()}
    assert not [name for name in about.outputs if not texts[name].endswith(".")]
    assert set(about.stable_outputs) <= set(about.outputs)


def _lines(text: str) -> str:
    return " ".join(_in_python(text).split()).replace("`delete_on_destroy`", "`delete_on_destroy=True`")


@each_resource
def test_the_classes_say_what_the_kinds_say(resource: type[BoomiResource]) -> None:
    said = " ".join((inspect.getdoc(resource) or "").partition("\n\nSource:")[0].split())
    assert said == _lines(resource._kind.about)


@each_resource
def test_a_class_knows_which_outputs_there_always_are(resource: type[BoomiResource]) -> None:
    certain = {
        to_camel(name) for name, hint in resource._types.items() if hint.startswith("Output[") if "None" not in hint
    }
    assert certain - {"adopted"} == set(resource._kind.required_outputs)
