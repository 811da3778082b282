"""The schema of the plugin: resources from the kinds, functions from the look-ups, texts from the fields.

Nothing here names a kind. A kind, a look-up or a setting that is added appears by itself.

Source: Pulumi's package schema.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from boomi_pulumi._api.filters import OPERATORS, Filter
from boomi_pulumi._api.models import Record, fields_of
from boomi_pulumi._api.settings import SETTINGS, Setting
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import rules
from boomi_pulumi._lifecycle.kind import Kind
from boomi_pulumi.native.functions import FUNCTIONS, RESULT, Function
from boomi_pulumi.native.references import TOKEN, referred

__all__ = ["DYNAMIC", "package"]

Node = dict[str, Any]

_PLAIN: dict[Any, Node] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Any: {"$ref": "pulumi.json#/Any"},
}
DYNAMIC = "pulumi-python:dynamic/boomi:{}"
"""Type of the resources that Python programs make without this plugin; a state moves by this alias."""

_GO = "example.com/pulumi-boomi/sdk/go/boomi"
"""Import path of the SDK for Go. Nobody can serve it, so a program without its `replace` gets nothing; and the CLI
prints this one after `package add`, whatever stands here."""

_FILTER = "QueryFilter"


def package(release: str) -> Node:
    """Return the schema.

    Args:
        release: The version of the plugin.
    """
    found = _Types()
    resources = {TOKEN.format(name): _resource(kind, found) for name, kind in KINDS.items()}
    functions = {TOKEN.format(name): _function(each, found) for name, each in FUNCTIONS.items()}
    settings = {each.name: _setting(each) for each in SETTINGS}
    return {
        "name": "boomi",
        "displayName": "Boomi",
        "version": release,
        "description": "Boomi packages, deployments and releases as Pulumi resources.",
        "keywords": ["boomi", "category/infrastructure", "kind/native"],
        "license": "Apache-2.0",
        "config": {"variables": settings},
        "types": dict(sorted(found.types.items())),
        "provider": {
            "description": "A Boomi account, and the user that works in it.",
            "inputProperties": settings,
        },
        "resources": resources,
        "functions": functions,
        "language": {
            "python": {"pyproject": {"enabled": True}, "respectSchemaVersion": True},
            "nodejs": {"respectSchemaVersion": True},
            "go": {
                "generateResourceContainerTypes": True,
                "importBasePath": _GO,
                "respectSchemaVersion": True,
            },
            "csharp": {"respectSchemaVersion": True},
            "java": {"buildFiles": "gradle"},
        },
    }


class _Types:
    """Types that properties refer to, by token."""

    def __init__(self) -> None:
        self.types: dict[str, Node] = {}

    def of(self, annotation: Any, name: str) -> Node:
        """Return the node of an annotation.

        Args:
            annotation: A type as pydantic knows it.
            name: Of the property, after which an enumeration is called.
        """
        if annotation in _PLAIN:
            return dict(_PLAIN[annotation])
        if annotation is Filter:
            return self._filter()
        return self._composed(annotation, name) or self.record(annotation)

    def _composed(self, annotation: Any, name: str) -> Node | None:
        origin, inner = get_origin(annotation), get_args(annotation)
        if origin in (Annotated, Union, types.UnionType):
            return self.of(next(each for each in inner if each is not type(None)), name)
        if origin is Literal:
            return self._enumeration(name, inner)
        if origin in (list, tuple):
            return {"type": "array", "items": self.of(inner[0], name)}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.of(inner[1], name)}
        return None

    def record(self, model: type[BaseModel | Record]) -> Node:
        """Return a reference to the type of a model."""
        token = _token(model.__name__, "Record")
        if token not in self.types:
            self.types[token] = {}
            self.types[token].update(
                {
                    "type": "object",
                    "description": _first_line(model),
                    "properties": self.properties(model),
                    "required": _required(model),
                }
            )
        return {"$ref": f"#/types/{token}"}

    def properties(self, model: type[BaseModel | Record]) -> dict[str, Node]:
        """Return the properties of a model, by Boomi's names."""
        return {name: self.field(name, info) for name, info in _fields(model).items()}

    def field(self, name: str, info: FieldInfo) -> Node:
        """Return the node of a field."""
        return {**self.of(info.annotation, name), "description": info.description or ""}

    def given(self, name: str, info: FieldInfo) -> Node:
        """Return the node of a field as a program may give it: in other forms too, where its check takes some."""
        forms = (each.json_schema_input_type for each in info.metadata if isinstance(each, BeforeValidator))
        inner = next((get_args(each) for each in forms if get_origin(each) in (Union, types.UnionType)), ())
        if not inner:
            return self.field(name, info)
        return {"oneOf": [self.of(each, name) for each in inner], "description": info.description or ""}

    def _filter(self) -> Node:
        """Return a reference to the type of Boomi's filter language."""
        token = TOKEN.format(_FILTER)
        reference = {"$ref": f"#/types/{token}"}
        many = {"type": "array", "items": reference}
        texts = {"type": "array", "items": {"type": "string"}}
        self.types[token] = {
            "type": "object",
            "description": "A condition, as Boomi's filter language writes it: a comparison, or several conditions.",
            "properties": {
                "operator": {
                    "type": "string",
                    "description": f"Of a comparison {', '.join(OPERATORS)}; of several conditions `and` or `or`.",
                },
                "property": {"type": "string", "description": "What is compared, by Boomi's name."},
                "argument": {**texts, "description": "What it is compared with."},
                "nestedExpression": {**many, "description": "The conditions."},
            },
            "required": ["operator"],
        }
        return reference

    def _enumeration(self, name: str, values: Iterable[str]) -> Node:
        token = _token(name[:1].upper() + name[1:], "Value")
        node: Node = {"type": "string", "enum": [{"value": value} for value in values]}
        if self.types.setdefault(token, node) != node:
            raise TypeError(f"two properties {name} have different values: one of them needs another name")
        return {"$ref": f"#/types/{token}"}


def _token(name: str, suffix: str) -> str:
    """Return the token of a type; a resource keeps its name, and a type of the same name gets the suffix."""
    return TOKEN.format(f"{name}{suffix}" if name in KINDS else name)


def _resource(kind: Kind[Any], found: _Types) -> Node:
    rule_of, inputs = rules(kind.inputs), found.properties(kind.inputs)
    given = {name: found.given(name, info) for name, info in _fields(kind.inputs).items() if rule_of[name].given}
    for name, rule in rule_of.items():
        if rule.refers_to is not None:
            given[referred(name)] = {
                "$ref": f"#/resources/{TOKEN.format(rule.refers_to)}",
                "description": f"The {rule.refers_to}, instead of `{name}`.",
            }
    record = _fields(kind.output_record())
    outputs = inputs | {name: found.field(name, record[name]) for name in kind.outputs}
    if kind.adopts:
        outputs["adopted"] = {
            "type": "boolean",
            "description": "Whether somebody else had made it before this stack took it over; a destroy leaves it.",
        }
    return {
        "description": kind.about,
        "inputProperties": given,
        # Either of two arguments names what can be referred to; no SDK may insist on one of them.
        "requiredInputs": sorted(name for name, rule in rule_of.items() if rule.required and rule.refers_to is None),
        "properties": outputs,
        "required": sorted(kind.required_outputs),
        "aliases": [{"type": DYNAMIC.format(kind.name)}],
    }


def _function(function: Function, found: _Types) -> Node:
    arguments = {
        name: {**found.of(each.type, name), "description": each.text} for name, each in function.arguments.items()
    }
    return {
        "description": function.text,
        "inputs": {"properties": arguments, "required": list(function.required)},
        "outputs": _result(function, found),
    }


def _result(function: Function, found: _Types) -> Node:
    model = function.target.record if function.target is not None else None
    if model is not None and not function.many:
        return {"properties": found.properties(model), "required": _required(model)}
    rows = {"type": "array", "items": found.of(model or Any, RESULT), "description": "What was found."}
    return {"properties": {RESULT: rows}, "required": [RESULT]}


def _setting(setting: Setting) -> Node:
    node: Node = {"type": "string", "description": f"{setting.about[:1].upper()}{setting.about[1:]}."}
    if setting.secret:
        node["secret"] = True
    node["defaultInfo"] = {"environment": [setting.env]}
    return node


def _first_line(thing: object) -> str:
    # `python -OO` drops docstrings: then a type has no text, as its properties still have.
    return (inspect.getdoc(thing) or "").partition("\n")[0].partition(" Source:")[0]


def _fields(model: type[BaseModel | Record]) -> Mapping[str, FieldInfo]:
    found = fields_of(model) if issubclass(model, Record) else model.model_fields
    return {info.alias or to_camel(name): info for name, info in found.items()}


def _required(model: type[BaseModel | Record]) -> list[str]:
    return sorted(name for name, info in _fields(model).items() if info.is_required())
