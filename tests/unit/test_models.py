from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boomi_pulumi.api.late import built
from boomi_pulumi.api.models import (
    COMPONENT_METADATA,
    COMPONENT_TYPES,
    DEPLOYED_PACKAGE,
    OBJECTS,
    PACKAGEABLE,
    PACKAGED_COMPONENT,
    Object,
    Record,
    Text,
    Whole,
)

OBJECT = pytest.mark.parametrize("target", OBJECTS.values(), ids=list(OBJECTS))


@pytest.mark.parametrize(
    ("given_", "read"),
    [
        (2, 2),
        (2.0, 2),
        ("2", 2),
        ("2.0", 2),
        (" 2 ", 2),
        ("-2", -2),
        (0, 0),
        ("123456789012345678", 123456789012345678),
        (2.5, None),
        ("two", None),
        ("", None),
        ("--2", None),
        ("²", None),
        ("1e400", None),
        ("nan", None),
        ("inf", None),
        (None, None),
        (True, None),
        ([2], None),
        ({"v": 2}, None),
    ],
)
def test_whole_numbers_in_any_form(given_: Any, read: int | None) -> None:
    record = PACKAGED_COMPONENT.parse({"packageId": "p", "componentVersion": given_})
    assert record is not None
    assert record.component_version == read


@pytest.mark.parametrize(
    ("given_", "read"),
    [
        (True, True),
        (False, False),
        ("true", True),
        ("false", False),
        ("TRUE", True),
        (" False ", False),
        ("yes", None),
        ("", None),
        (1, None),
        (0, None),
        (None, None),
        ([], None),
    ],
)
def test_booleans_in_any_form(given_: Any, read: bool | None) -> None:
    record = DEPLOYED_PACKAGE.parse({"deploymentId": "d", "active": given_})
    assert record is not None
    assert record.active is read


@pytest.mark.parametrize(
    ("given_", "read"),
    [("a", "a"), ("", ""), (7, "7"), (2.0, "2.0"), (True, None), (None, None), (["a"], None), ({"a": 1}, None)],
)
def test_texts_in_any_form(given_: Any, read: str | None) -> None:
    record = COMPONENT_METADATA.parse({"componentId": "c", "name": given_})
    assert record is not None
    assert record.name == read


@OBJECT
def test_the_id_is_all_that_is_needed(target: Object[Any]) -> None:
    record = target.parse({target.id: "x"})
    assert record is not None
    assert record.model_dump(by_alias=True, exclude_defaults=True) == {target.id: "x"}


@OBJECT
@pytest.mark.parametrize("row", [{}, None, [], "text", 7, {"id": None}])
def test_without_an_id_there_is_no_record(target: Object[Any], row: Any) -> None:
    assert target.parse(row) is None
    assert target.parse({target.id: None}) is None
    assert target.parse({target.id: {"nested": "x"}}) is None


ANY: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, 0, -1, 2.5, 1e400, float("nan"), 10**400, "", "²", "2.0", [], [{}], {}, {"a": [1]}]
)


@OBJECT
@given(data=st.data())
def test_no_value_of_any_field_can_hurt(target: Object[Any], data: st.DataObject) -> None:
    """A record that fails to parse after a commit would orphan the object."""
    names = [field.alias for field in target.record.model_fields.values() if field.alias not in (None, target.id)]
    row = {name: data.draw(ANY) for name in names}
    record = target.parse({**row, target.id: "x", "@type": "?", "added later": data.draw(ANY)})
    assert record is not None


def test_what_is_packageable_is_a_type() -> None:
    assert set(COMPONENT_TYPES) >= PACKAGEABLE


def test_threads_may_ask_for_a_model_at_the_same_time() -> None:
    start = Barrier(16)

    def ask(model: type[Record]) -> Record:
        start.wait()
        return built(model).model_validate({"someId": "x", "count": "2.0"})

    with ThreadPoolExecutor(16) as pool:
        for _ in range(20):

            class Fresh(Record):
                some_id: str
                count: Whole = None
                other: Text = None

            assert not Fresh.__pydantic_complete__
            found = list(pool.map(ask, [Fresh] * 16))
            assert {each.model_dump_json(by_alias=True) for each in found} == {'{"someId":"x","count":2,"other":null}'}
