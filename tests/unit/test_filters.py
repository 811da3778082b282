from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boomi_pulumi._api.errors import FilterError
from boomi_pulumi._api.filters import Comparison, Filter, Group, Property, check_filter, where
from boomi_pulumi._api.models import (
    ATOM,
    COMPONENT_METADATA,
    DEPLOYED_PACKAGE,
    ENVIRONMENT,
    OBJECTS,
    PACKAGED_COMPONENT,
)

P = Property("p")
ONE: dict[str, Callable[[Any], Comparison]] = {
    "EQUALS": P.equals,
    "NOT_EQUALS": P.not_equals,
    "LIKE": P.like,
    "CONTAINS": P.contains,
    "NOT_CONTAINS": P.not_contains,
    "GREATER_THAN": P.greater_than,
    "GREATER_THAN_OR_EQUAL": P.greater_than_or_equal,
    "LESS_THAN": P.less_than,
    "LESS_THAN_OR_EQUAL": P.less_than_or_equal,
}


@pytest.mark.parametrize("operator", ONE)
def test_an_operator_with_one_argument(operator: str) -> None:
    assert ONE[operator]("v").expression() == {"operator": operator, "property": "p", "argument": ["v"]}


def test_the_other_operators() -> None:
    assert P.between(1, 9).expression() == {"operator": "BETWEEN", "property": "p", "argument": ["1", "9"]}
    assert P.is_null().expression() == {"operator": "IS_NULL", "property": "p", "argument": []}
    assert P.is_not_null().expression() == {"operator": "IS_NOT_NULL", "property": "p", "argument": []}


def test_every_operator_of_a_property_is_tested() -> None:
    public = {name for name in vars(Property) if not name.startswith("_")} - {"name"}
    assert public == {operator.lower() for operator in ONE} | {"between", "is_null", "is_not_null"}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("text", "text"),
        ("", ""),
        ("ä € 漢", "ä € 漢"),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (-1, "-1"),
        (2.5, "2.5"),
        (datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone.utc), "2026-03-04T05:06:07Z"),
        (datetime(2026, 3, 4, 5, 6, 7, 999, tzinfo=timezone(timedelta(hours=2))), "2026-03-04T03:06:07Z"),
    ],
)
def test_an_argument_is_text(value: Any, written: str) -> None:
    assert where("p").equals(value).arguments == (written,)


@pytest.mark.parametrize("value", [None, ["a"], {"a": 1}, b"a", object(), datetime(2026, 3, 4)])  # noqa: DTZ001 - refused
def test_any_other_argument_is_refused(value: Any) -> None:
    with pytest.raises(FilterError, match="p"):
        where("p").equals(value)


# -- nesting ---------------------------------------------------------------------------------------

A, B, C = (where(name).equals("v") for name in "abc")


def test_groups_nest() -> None:
    assert (A & (B | C)).expression() == {
        "operator": "and",
        "nestedExpression": [
            A.expression(),
            {"operator": "or", "nestedExpression": [B.expression(), C.expression()]},
        ],
    }


def test_equal_operators_fold_into_one_group() -> None:
    both = (A & B & C, A & (B & C))
    assert all(
        each.expression()["nestedExpression"] == [A.expression(), B.expression(), C.expression()] for each in both
    )


TREES: st.SearchStrategy[Filter] = st.recursive(
    st.sampled_from("abcdef").map(lambda name: where(name).equals("v")),
    lambda inner: st.builds(lambda one, two, both: one & two if both else one | two, inner, inner, st.booleans()),
    max_leaves=12,
)


def holds(node: dict[str, Any], true: set[str]) -> bool:
    if "nestedExpression" in node:
        inner = [holds(each, true) for each in node["nestedExpression"]]
        return all(inner) if node["operator"] == "and" else any(inner)
    return node["property"] in true


def means(condition: Filter, true: set[str]) -> bool:
    if isinstance(condition, Group):
        inner = [means(each, true) for each in condition.members]
        return all(inner) if condition.operator == "and" else any(inner)
    assert isinstance(condition, Comparison)
    return condition.property in true


@given(one=TREES, two=TREES, true=st.sets(st.sampled_from("abcdef")))
def test_folding_keeps_the_meaning(one: Filter, two: Filter, true: set[str]) -> None:
    assert holds((one & two).expression(), true) is (means(one, true) and means(two, true))
    assert holds((one | two).expression(), true) is (means(one, true) or means(two, true))


@given(tree=TREES)
def test_every_comparison_is_found(tree: Filter) -> None:
    assert str(tree.expression()).count("'property'") == len(list(tree.comparisons()))


@pytest.mark.parametrize("wrong", [lambda: A and B, lambda: A or B, lambda: not A, lambda: bool(A & B)])
def test_pythons_own_words_are_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(FilterError, match=r"with & and \|"):
        wrong()


# -- what an object refuses --------------------------------------------------------------------------


@pytest.mark.parametrize("target", [each for each in OBJECTS.values() if each.queryable is not None])
def test_an_unknown_property_is_refused_with_a_list(target: Any) -> None:
    with pytest.raises(FilterError) as caught:
        check_filter(target, where(min(target.queryable)).equals("v") & where("nonsense").equals("v"))
    assert target.name in str(caught.value)
    assert "nonsense" in str(caught.value)
    assert all(name in str(caught.value) for name in target.queryable)


def test_an_unknown_operator_is_refused_with_a_list() -> None:
    check_filter(ATOM, where("name").contains("x") | where("name").not_equals("y"))
    with pytest.raises(FilterError, match=r"Atom cannot be queried with IS_NULL, LIKE; it takes CONTAINS, EQUALS, "):
        check_filter(ATOM, where("id").equals("x") & (where("name").like("x%") | where("name").is_null()))


def test_an_open_object_takes_any_property() -> None:
    assert PACKAGED_COMPONENT.queryable is None
    check_filter(PACKAGED_COMPONENT, where("anything").equals("v"))


@pytest.mark.parametrize(
    ("name", "beside"), [("version", "componentId"), ("copiedFromComponentVersion", "copiedFromComponentId")]
)
def test_a_property_that_needs_another(name: str, beside: str) -> None:
    with pytest.raises(FilterError, match=f"{name} must name {beside}"):
        check_filter(COMPONENT_METADATA, where(name).equals(1))
    check_filter(COMPONENT_METADATA, where(name).equals(1) & where(beside).equals("c"))
    check_filter(COMPONENT_METADATA, where("name").equals("n") | (where(name).equals(1) & where(beside).equals("c")))


def test_names_are_boomis_own() -> None:
    with pytest.raises(FilterError, match="environment_id"):
        check_filter(DEPLOYED_PACKAGE, where("environment_id").equals("e"))
    check_filter(ENVIRONMENT, where("classification").equals("TEST"))
