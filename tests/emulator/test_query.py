"""Filters, pages and bulk reads."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

import pytest

from boomi_pulumi.emulator import query

if TYPE_CHECKING:
    from tests.emulator.conftest import Api

PROPERTIES = {"name": "text", "version": "int", "deleted": "bool", "made": "date", "note": "text"}
ROWS = [
    {"name": "Order Sync", "version": 1, "deleted": False, "made": "2026-01-01T00:00:00Z", "note": "a.b"},
    {"name": "Order Feed", "version": 2, "deleted": True, "made": "2026-02-01T00:00:00Z"},
    {"name": "order sync", "version": 10, "deleted": False, "made": "2026-03-01T12:00:00Z", "note": "axb"},
]


def simple(prop: str, operator: str, *arguments: Any) -> dict[str, Any]:
    return {"property": prop, "operator": operator, "argument": list(arguments)}


def group(operator: str, *nested: Any) -> dict[str, Any]:
    return {"operator": operator, "nestedExpression": list(nested)}


def matches(expression: Any) -> list[int]:
    test = query.parse({"QueryFilter": {"expression": expression}}, PROPERTIES).test
    return [number for number, row in enumerate(ROWS) if test(row)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (simple("name", "EQUALS", "Order Sync"), [0]),
        (simple("name", "NOT_EQUALS", "Order Sync"), [1, 2]),
        (simple("name", "LIKE", "Order%"), [0, 1, 2]),
        (simple("name", "LIKE", "%Sync"), [0, 2]),
        (simple("name", "LIKE", "%r%S%"), [0, 2]),
        (simple("name", "LIKE", "Order"), []),
        (simple("note", "LIKE", "a.b"), [0]),
        (simple("name", "CONTAINS", "Feed"), [1]),
        (simple("name", "NOT_CONTAINS", "Feed"), [0, 2]),
        (simple("version", "GREATER_THAN", "2"), [2]),
        (simple("version", "GREATER_THAN_OR_EQUAL", 2), [1, 2]),
        (simple("version", "LESS_THAN", "10"), [0, 1]),
        (simple("version", "LESS_THAN_OR_EQUAL", "2.0"), [0, 1]),
        (simple("version", "BETWEEN", "2", "10"), [1, 2]),
        (simple("made", "BETWEEN", "2026-01-15T00:00:00Z", "2026-03-01T12:00:00Z"), [1, 2]),
        (simple("made", "GREATER_THAN", "2026-02-01T00:00:00.000Z"), [2]),
        (simple("made", "LESS_THAN", "2026-02-01"), [0]),
        (simple("deleted", "EQUALS", "true"), [1]),
        (simple("deleted", "EQUALS", True), [1]),
        (simple("deleted", "NOT_EQUALS", False), [1]),
        (simple("note", "IS_NULL"), [1]),
        ({"property": "note", "operator": "IS_NOT_NULL"}, [0, 2]),
        (group("and", simple("deleted", "EQUALS", False), simple("version", "EQUALS", 10)), [2]),
        (group("or", simple("version", "EQUALS", 1), simple("version", "EQUALS", 2)), [0, 1]),
        (
            group(
                "and",
                simple("deleted", "EQUALS", "false"),
                group("or", simple("note", "IS_NULL"), simple("note", "EQUALS", "axb")),
            ),
            [2],
        ),
        ({"nestedExpression": [simple("note", "IS_NULL")]}, [1]),
        ({**simple("name", "EQUALS", "Order Feed"), "@type": "SimpleExpression"}, [1]),
    ],
)
def test_an_operator_finds_the_rows_it_should(expression: Any, expected: list[int]) -> None:
    assert matches(expression) == expected


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ([], "QueryConfig"),
        ({"QueryFilter": {}, "colour": 1}, "colour"),
        ({"QueryFilter": {"expression": "x"}}, "object"),
        ({"QueryFilter": {"expression": simple("colour", "EQUALS", "x")}}, "colour"),
        ({"QueryFilter": {"expression": simple("name", "STARTS_WITH", "x")}}, "STARTS_WITH"),
        ({"QueryFilter": {"expression": simple("name", "equals", "x")}}, "equals"),
        ({"QueryFilter": {"expression": simple("name", "EQUALS")}}, "1 argument"),
        ({"QueryFilter": {"expression": simple("name", "IS_NULL", "x")}}, "0 argument"),
        ({"QueryFilter": {"expression": simple("made", "BETWEEN", "2026-01-01T00:00:00Z")}}, "2 argument"),
        ({"QueryFilter": {"expression": {**simple("name", "EQUALS"), "argument": "x"}}}, "1 argument"),
        ({"QueryFilter": {"expression": simple("name", "EQUALS", {})}}, "plain"),
        ({"QueryFilter": {"expression": simple("made", "EQUALS", "yesterday")}}, "yesterday"),
        ({"QueryFilter": {"expression": simple("deleted", "EQUALS", "maybe")}}, "maybe"),
        ({"QueryFilter": {"expression": simple("version", "EQUALS", "two")}}, "two"),
        ({"QueryFilter": {"expression": group("AND", simple("name", "EQUALS", "x"))}}, "AND"),
        ({"QueryFilter": {"expression": group("and")}}, "at least one simple expression"),
    ],
)
def test_a_filter_that_boomi_refuses_is_refused(body: Any, word: str) -> None:
    with pytest.raises(query.BadFilter, match=word):
        query.parse(body, PROPERTIES)


def test_every_row_matches_an_empty_filter() -> None:
    bodies: list[Any] = [
        {"QueryFilter": {}},
        {"QueryFilter": {"expression": None}, "@type": "QueryConfig"},
        {"QueryFilter": None},
        {},
        None,
    ]
    for body in bodies:
        found = query.parse(body, PROPERTIES)
        assert all(map(found.test, ROWS))
        assert not found.properties
        assert not found.keys


@pytest.mark.parametrize(
    ("expression", "keys"),
    [
        (simple("name", "EQUALS", "x"), {"name": {"x"}}),
        (simple("deleted", "EQUALS", "true"), {"deleted": {True}}),
        (simple("name", "LIKE", "x"), {}),
        (simple("name", "EQUALS", ""), {}),
        (group("and", simple("name", "EQUALS", "x"), simple("version", "GREATER_THAN", "1")), {"name": {"x"}}),
        (group("and", simple("name", "EQUALS", "x"), simple("name", "EQUALS", "y")), {"name": set()}),
        (group("or", simple("name", "EQUALS", "x"), simple("name", "EQUALS", "y")), {"name": {"x", "y"}}),
        (group("or", simple("name", "EQUALS", "x"), simple("version", "EQUALS", "1")), {}),
    ],
)
def test_what_a_filter_tells_an_index(expression: Any, keys: dict[str, set[Any]]) -> None:
    assert query.parse({"QueryFilter": {"expression": expression}}, PROPERTIES).keys == keys


def test_case_is_a_matter_of_settings(api: Api) -> None:
    def found(operator: str, argument: str) -> int:
        body = {"QueryFilter": {"expression": simple("name", operator, argument)}}
        return int(api.post("Environment/query", body).json()["numberOfResults"])

    assert (found("LIKE", "d%"), found("CONTAINS", "de"), found("EQUALS", "dev"), found("NOT_EQUALS", "dev")) == (
        1, 0, 0, 2,
    )  # fmt: skip
    api.boomi.settings(likeIgnoresCase=False, containsIgnoresCase=True, equalsIgnoresCase=True)
    assert (found("LIKE", "d%"), found("CONTAINS", "de"), found("EQUALS", "dev"), found("NOT_EQUALS", "dev")) == (
        0, 1, 1, 1,
    )  # fmt: skip


def test_a_long_or_unusual_filter_may_be_refused(api: Api) -> None:
    long = {"QueryFilter": {"expression": group("or", *[simple("name", "EQUALS", "Dev")] * 3)}}
    api.boomi.settings(longestFilter=3, refusedOperators=["LIKE"])
    assert api.post("Environment/query", long).status_code == 200
    like = api.post("Environment/query", {"QueryFilter": {"expression": simple("name", "LIKE", "D%")}})
    assert (like.status_code, "LIKE" in like.json()["message"]) == (400, True)
    api.boomi.settings(longestFilter=2, refusedOperators=["or"])
    assert "at most 2" in api.post("Environment/query", long).json()["message"]
    api.boomi.settings(longestFilter=0)
    assert "'or'" in api.post("Environment/query", long).json()["message"]


def test_a_token_is_sealed() -> None:
    token = query.write_token(b"0123456789abcdef", 300)
    assert query.read_token(token) == (b"0123456789abcdef", 300)
    for bad in ("", "x", token[:-4], token.swapcase(), token + "AAAA", "ü"):
        assert query.read_token(bad) is None


def fill(api: Api, count: int) -> list[str]:
    component = api.component("Sync")
    return [api.boomi.console_package(component)["packageId"] for _ in range(count)]


def walk(api: Api, first: Any) -> list[list[str]]:
    pages = []
    page = first
    while True:
        pages.append([row["packageId"] for row in page["result"]])
        if "queryToken" not in page:
            return pages
        answer = api.send("POST", "PackagedComponent/queryMore", data=page["queryToken"])
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert page["numberOfResults"] == first["numberOfResults"]


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (1, [1]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
def test_pages_hold_a_hundred(api: Api, count: int, sizes: list[int]) -> None:
    made = fill(api, count)
    first = api.post("PackagedComponent/query", {"QueryFilter": {}}).json()
    assert first["numberOfResults"] == count
    pages = walk(api, first)
    assert [len(page) for page in pages] == sizes
    assert functools.reduce(operator.iadd, pages, []) == made


def test_pages_do_not_shift_and_can_be_read_again(api: Api) -> None:
    made = fill(api, 150)
    first = api.post("PackagedComponent/query", {"QueryFilter": {}}).json()
    fill(api, 5)
    api.boomi.console_delete_package(made[120])
    once, again = walk(api, first), walk(api, first)
    assert once == again
    assert functools.reduce(operator.iadd, once, []) == made


def test_query_more_is_lenient(api: Api) -> None:
    api.boomi.settings(queryMoreAsJson="accept")
    fill(api, 101)
    token = api.post("PackagedComponent/query", {"QueryFilter": {}}).json()["queryToken"]
    for path, options in (
        ("PackagedComponent/queryMore", {"data": token, "headers": {"Content-Type": "text/plain"}}),
        ("PackagedComponent/queryMore", {"data": f" {token}\n", "headers": {"Content-Type": "application/json"}}),
        ("PackagedComponent/queryMore", {"json": token}),
        ("DeployedPackage/queryMore", {"data": token}),
    ):
        answer = api.send("POST", path, **options)
        assert [row["@type"] for row in answer.json()["result"]] == ["PackagedComponent"]


def test_a_stale_token_is_refused(api: Api) -> None:
    fill(api, 101)
    token = api.post("PackagedComponent/query", {"QueryFilter": {}}).json()["queryToken"]

    def status(text: str) -> int:
        return api.send("POST", "PackagedComponent/queryMore", data=text).status_code

    assert (status(token), status("nonsense"), status("")) == (200, 400, 400)
    elsewhere = f"{api.partner}/PackagedComponent/queryMore"
    answer = api.send("POST", elsewhere, data=token, params={"overrideAccount": "acme-sub"})
    assert answer.status_code == 400
    api.boomi.advance(3601)
    assert status(token) == 400
    api.boomi.settings(tokenLifetime=0)
    assert status(token) == 200
    api.boomi.reset()
    assert status(token) == 400


def test_an_empty_result_is_a_switch(api: Api) -> None:
    expected = {"@type": "QueryResult", "result": [], "numberOfResults": 0}
    assert api.post("PackagedComponent/query", {"QueryFilter": {}}).json() == expected
    api.boomi.settings(emptyResult="missing")
    del expected["result"]
    assert api.post("PackagedComponent/query", {"QueryFilter": {}}).json() == expected


def test_equality_is_exact(api: Api) -> None:
    assert len(api.query("Environment", name="Dev")) == 1
    assert api.query("Environment", name="dev") == []


def test_bulk_items_fail_alone(api: Api) -> None:
    package = api.package()
    body = {"type": "GET", "request": [{"id": package["packageId"]}, {"id": "no-such"}]}
    answer = api.post("PackagedComponent/bulk", body)
    assert answer.status_code == 200
    assert answer.json() == {
        "@type": "BulkResult",
        "response": [
            {"@type": "BulkResponse", "Result": package, "statusCode": 200},
            {
                "@type": "BulkResponse",
                "id": "no-such",
                "statusCode": 400,
                "errorMessage": answer.json()["response"][1]["errorMessage"],
            },
        ],
    }
    assert "no-such" in answer.json()["response"][1]["errorMessage"]


def test_bulk_reads_any_object(api: Api) -> None:
    component = api.component("Sync")
    body = {"type": "GET", "request": [{"id": component}, {"id": f"{component}~1"}]}
    found = api.post("ComponentMetadata/bulk", body).json()["response"]
    assert [item["Result"]["version"] for item in found] == [2, 1]
    body = {"type": "GET", "request": [{"id": api.environment()}]}
    assert api.post("Environment/bulk", body).json()["response"][0]["Result"]["name"] == "Dev"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"type": "GET", "request": [{"id": "x"}] * 100}, 200),
        ({"type": "GET", "request": [{"id": "x"}] * 101}, 400),
        ({"type": "DELETE", "request": [{"id": "x"}]}, 400),
        ({"type": "GET", "request": ["x"]}, 400),
        ({"ids": ["x"]}, 400),
        ({"type": "GET", "request": []}, 200),
    ],
)
def test_a_bulk_read_has_its_limits(api: Api, body: Any, status: int) -> None:
    assert api.post("PackagedComponent/bulk", body).status_code == status
