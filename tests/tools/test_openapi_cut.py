import json
from typing import Any

from tools import openapi_cut

PLATFORM: dict[str, Any] = json.loads(openapi_cut.TARGET.read_text(encoding="utf-8"))


def test_the_cut_holds_every_object_and_its_operations() -> None:
    assert set(openapi_cut.OBJECTS) <= set(PLATFORM["components"]["schemas"])
    there = {path.removeprefix("/async").split("/")[1] for path in PLATFORM["paths"]}
    assert there == {*openapi_cut.OBJECTS, *openapi_cut.ACTS}


def test_no_prose_is_left() -> None:
    assert openapi_cut.bare(PLATFORM) == PLATFORM


def test_every_reference_resolves() -> None:
    found = set(openapi_cut.references(PLATFORM))
    assert found
    for reference in found:
        assert isinstance(openapi_cut.lookup(PLATFORM, reference), dict), reference


def test_xml_hints_are_kept() -> None:
    assert PLATFORM["components"]["schemas"]["Branch"]["properties"]["id"]["xml"] == {"attribute": True}


def test_a_property_may_be_called_like_prose() -> None:
    schema = {
        "description": "A branch.",
        "x-order": 1,
        "properties": {
            "description": {"type": "string", "description": "What it is for.", "example": "Work"},
            "properties": {"type": "object", "properties": {"title": {"title": "Title"}}},
        },
    }
    assert openapi_cut.bare(schema) == {
        "properties": {
            "description": {"type": "string"},
            "properties": {"type": "object", "properties": {"title": {}}},
        },
    }


def test_what_is_referenced_is_kept_and_nothing_else() -> None:
    names = {key: {"type": "object"} for key in openapi_cut.OBJECTS}
    document = {
        "openapi": "3.0.1",
        "info": {"version": "7", "title": "All"},
        "paths": {
            "/Branch/{id}": {"get": {"responses": {"200": {"$ref": "#/components/responses/Found"}}}},
            "/BranchOffice": {"get": {}},
        },
        "components": {
            "schemas": {
                **names,
                "Twig": {"items": {"$ref": "#/components/schemas/Leaf"}},
                "Leaf": {},
                "Stone": {},
            },
            "responses": {"Found": {"content": {"schema": {"$ref": "#/components/schemas/Twig"}}}},
            "securitySchemes": {"basicAuth": {"type": "http"}},
        },
    }
    result = openapi_cut.cut(document)
    assert set(result["paths"]) == {"/Branch/{id}"}
    assert set(result["components"]["schemas"]) == {*openapi_cut.OBJECTS, "Twig", "Leaf"}
    assert result["info"] == {"version": "7"}


def test_samples_are_those_of_the_objects() -> None:
    form = {"examples": {"One": {"value": {"name": "é"}}, "Two": {"value": "<x/>"}}}
    post = {"requestBody": {"content": {"application/json": form, "text/plain": {"example": "t"}}}}
    document = {"paths": {"/Branch": {"post": post, "parameters": []}, "/BranchOffice": {"post": post}}}
    found = openapi_cut.samples(document)
    assert [(each["name"], each["body"]) for each in found] == [
        ("One", '{"name": "é"}'),
        ("Two", "<x/>"),
        ("example", "t"),
    ]
    assert {(each["method"], each["path"]) for each in found} == {("POST", "/Branch")}
