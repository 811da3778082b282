from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boomi_pulumi._api.models import (
    COMPONENT_METADATA,
    COMPONENT_TYPES,
    CONNECTOR_GROUP,
    CONNECTOR_VERSION_CHANGE,
    DEPLOYED_PACKAGE,
    OBJECTS,
    PACKAGEABLE,
    PACKAGED_COMPONENT,
    PUBLISHER_PACK,
    RELEASE,
    RELEASE_STATUS,
    Object,
    Record,
    fields_of,
)
from boomi_pulumi._python.values import as_value

PACK_ROWS, GROUP_ROWS, CONNECTOR = "PublisherPackagedComponents", "classifications", "classification"
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
    assert {name: value for name, value in record.items() if value} == {target.id: "x"}


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
    names = [field.alias for field in fields_of(target.record).values() if field.alias not in (None, target.id)]
    row = {name: data.draw(ANY) for name in names}
    record = target.parse({**row, target.id: "x", "@type": "?", "added later": data.draw(ANY)})
    assert record is not None


def test_what_is_packageable_is_a_type() -> None:
    assert set(COMPONENT_TYPES) >= PACKAGEABLE


LONG = 2**53 + 1


@pytest.mark.parametrize("name", ["BigInteger", "java.math.BigInteger", "Long"])
@pytest.mark.parametrize("number", [LONG, str(LONG)], ids=type)
def test_a_pair_of_type_and_number_is_the_number(name: str, number: Any) -> None:
    """Boomi's JSON writes numbers of 64 bits so, at least in some objects."""
    package = PACKAGED_COMPONENT.parse({"packageId": "p", "componentVersion": [name, number]})
    assert package is not None
    assert package.component_version == LONG
    change = CONNECTOR_VERSION_CHANGE.parse({"classificationType": "c", "uid": [name, number]})
    assert change is not None
    assert change.uid == str(LONG)


@pytest.mark.parametrize("value", [["BigInteger"], ["BigInteger", None], ["Name", 7], [7, 8], ["BigInteger", 1, 2]])
def test_another_list_is_no_number(value: Any) -> None:
    package = PACKAGED_COMPONENT.parse({"packageId": "p", "componentVersion": value, "notes": value})
    assert package is not None
    assert (package.component_version, package.notes) == (None, None)


def shapes(name: str, row: dict[str, Any]) -> list[Any]:
    """A list of one in all of its forms."""
    return [{name: [row]}, {name: row}, [row], row]


@pytest.mark.parametrize("place", range(4))
def test_an_object_where_a_list_is_declared_is_a_list_of_one(place: int) -> None:
    row = {"componentId": "c", "currentVersion": "1.0", "version": "1.0"}
    members = shapes("PublisherPackagedComponent", row)[place]
    pack = PUBLISHER_PACK.parse({"id": "p", "PublisherPackagedComponents": members})
    assert pack is not None
    assert [each.component_id for each in pack.components] == ["c"]
    released = shapes("ReleasePackagedComponent", row)[place]
    for target in (RELEASE, RELEASE_STATUS):
        answer = target.parse({target.id: "r", "ReleasePackagedComponents": released})
        assert answer is not None
        assert [each.version for each in answer.components] == ["1.0"]
    group = CONNECTOR_GROUP.parse({"groupType": "g", "Classification": {"classificationType": "x"}, "vendor": {"a": 1}})
    assert group is not None
    assert [each.classification_type for each in group.classifications] == ["x"]


@pytest.mark.parametrize("members", [[7], [{"componentName": "Sync"}], {"Other": [{"componentId": "c"}]}, "c", 7])
def test_a_member_that_cannot_be_read_is_a_member_all_the_same(members: Any) -> None:
    pack = PUBLISHER_PACK.parse({"id": "p", "PublisherPackagedComponents": members})
    assert pack is not None
    assert [each.component_id for each in pack.components] == [""]


@pytest.mark.parametrize("members", [None, [], {}, {"PublisherPackagedComponent": []}])
def test_no_members_are_none(members: Any) -> None:
    pack = PUBLISHER_PACK.parse({"id": "p", "PublisherPackagedComponents": members})
    assert pack is not None
    assert pack.components == ()


def test_a_record_is_a_dict_of_what_is_known() -> None:
    pack = PUBLISHER_PACK.parse(
        {"id": "p", "name": 7, "PublisherPackagedComponents": [{"componentId": "c"}], "@type": 1}
    )
    assert pack is not None
    assert json.loads(json.dumps(pack)) == {
        "id": "p",
        "name": "7",
        "PublisherPackagedComponents": [{"componentId": "c"}],
    }
    assert (pack.name, pack.components[0].component_id, pack.description) == ("7", "c", None)
    assert replace(pack, name=None) == {"id": "p", "PublisherPackagedComponents": [{"componentId": "c"}]}
    assert copy.deepcopy(pack) == pickle.loads(pickle.dumps(pack)) == pack  # noqa: S301 - it is our own
    with pytest.raises(FrozenInstanceError):
        pack.name = "other"  # type: ignore[misc] # that is what is tried


CHANGES: dict[str, tuple[Any, ...]] = {
    "__setitem__": ("id", "other"),
    "__delitem__": ("id",),
    "__ior__": ({"id": "other"},),
    "update": ({"id": "other"},),
    "setdefault": ("more", "other"),
    "pop": ("id",),
    "popitem": (),
    "clear": (),
}
"""Every method of a dict that changes it, with arguments."""

OF_LISTS: dict[str, tuple[Any, ...]] = {
    "__setitem__": (0, "other"),
    "__delitem__": (0,),
    "__iadd__": (["other"],),
    "__imul__": (2,),
    "append": ("other",),
    "extend": (["other"],),
    "insert": (0, "other"),
    "pop": (),
    "remove": ("other",),
    "clear": (),
    "reverse": (),
    "sort": (),
}
"""The same of a list."""


def parts_of(record: Any) -> Iterator[Any]:
    """Return a record, and every record and list inside it."""
    yield record
    for value in record.values():
        if isinstance(value, list):
            yield value
            for each in value:
                yield from parts_of(each)


@OBJECT
def test_a_record_says_one_thing_whichever_way_it_is_asked(target: Object[Any]) -> None:
    """Also what a look-up of a program returns, and what is inside it."""
    found = target.parse({target.id: "one", PACK_ROWS: [{"componentId": "two"}], GROUP_ROWS: {CONNECTOR: [{}]}})
    assert found is not None
    for record in (found, as_value(found)):
        before = json.dumps(record)
        for part in parts_of(record):
            for method, arguments in (OF_LISTS if isinstance(part, list) else CHANGES).items():
                with pytest.raises(TypeError, match="cannot be changed"):
                    getattr(part, method)(*arguments)
            for name in fields_of(type(part)) if isinstance(part, Record) else ():
                with pytest.raises(AttributeError):
                    setattr(part, name, "other")
        assert json.dumps(record) == before


@OBJECT
def test_a_copy_is_the_same_record(target: Object[Any]) -> None:
    found = target.parse({target.id: "one", PACK_ROWS: [{"componentId": "two"}], GROUP_ROWS: {CONNECTOR: [{}]}})
    assert found is not None
    for record in parts_of(found):
        assert (copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record))) == (record,) * 3  # noqa: S301
    for record in (found, as_value(found)):
        for made in (copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record))):  # noqa: S301
            assert (made, type(made), repr(made)) == (record, type(record), repr(record))


def test_a_record_of_a_record_has_the_fields_of_both_whoever_comes_first() -> None:
    class Above(Record):
        id: str
        name: str | None = None

    class Beside(Above):
        note: str | None = None

    assert list(fields_of(Beside)) == ["id", "name", "note"]

    class Below(Above):
        note: str | None = None

    assert Below(id="a", note="b") == {"id": "a", "note": "b"}
    assert Above(id="a", name="c") == {"id": "a", "name": "c"}
