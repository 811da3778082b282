from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boomi_pulumi._lifecycle.fields import UNKNOWN, Bag, Change, Id, Inputs, Name, Notes, Rule, has_unknown, key, rules
from boomi_pulumi._lifecycle.origin import is_of_stack, mark, same_origin, strip_mark
from boomi_pulumi._lifecycle.preview import Checked, Diff, check, diff, echo, names
from boomi_pulumi._lifecycle.seen import Absent, Found, Hidden, Unread


class Thing(Inputs):
    """One field of every sort."""

    source_id: Annotated[Id | None, Rule(Change.REPLACE, required=True)] = None
    version: Annotated[Name | None, Rule(Change.REPLACE, drifts=False)] = None
    revision: Annotated[
        int | None, Rule(Change.REPLACE, fixed_by="version", companion=("sourceId", "version"), settled=True)
    ] = None
    shared: Annotated[bool | None, Rule(Change.REPLACE, fixed_by="version", drifts=False)] = None
    size: Annotated[int | None, Rule(Change.UPDATE)] = None
    status: Annotated[Literal["ON", "OFF"] | None, Rule(Change.UPDATE, drifts=False)] = None
    notes: Annotated[Notes, Rule(drifts=False)] = None
    source_name: Annotated[str | None, Rule(companion=("sourceId", "name"))] = None


IDS = st.text("abc-_.=~", min_size=1, max_size=8).filter(lambda text: set(text) > {"."} or "." not in text)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "version": st.sampled_from(["1.0", "1.1", "Alpha Release"]),
    "revision": st.integers(1, 5),
    "shared": st.booleans(),
    "size": st.integers(),
    "status": st.sampled_from(["ON", "OFF"]),
    "notes": st.lists(st.sampled_from(["a", "b", " ", "\n", "\r\n"]), max_size=6).map("".join),
}
VALID: st.SearchStrategy[Bag] = st.fixed_dictionaries(
    {"sourceId": IDS}, optional={name: st.none() | values for name, values in VALUES.items()}
)


def normal(news: Bag, olds: Bag | None = None, facts: Bag | None = None) -> Bag:
    checked = check(Thing, olds or {}, news, facts or {})
    assert checked.failures == ()
    return checked.inputs


def failures(news: Bag, olds: Bag | None = None) -> dict[str, str]:
    return {each.property: each.reason for each in check(Thing, olds or {}, news, {}).failures}


# -- check -------------------------------------------------------------------------------------------


@given(news=VALID)
def test_check_is_idempotent(news: Bag) -> None:
    once = normal(news)
    assert normal(once) == once
    assert normal(once, once) == once


@given(news=VALID)
def test_absent_and_none_are_the_same(news: Bag) -> None:
    full = {**dict.fromkeys(rules(Thing)), **news}
    bare = {name: value for name, value in news.items() if value is not None}
    assert normal(full) == normal(bare)
    assert None not in normal(full).values()


@given(news=VALID, unknown=st.sets(st.sampled_from([*VALUES, "sourceId"])))
def test_any_field_may_be_unknown(news: Bag, unknown: set[str]) -> None:
    inputs = normal({**news, **dict.fromkeys(unknown, UNKNOWN)})
    assert {name for name, value in inputs.items() if value is UNKNOWN} == unknown


@pytest.mark.parametrize("value", [UNKNOWN, [1, UNKNOWN], {"a": {"b": UNKNOWN}}, ({"a": [UNKNOWN]},)])
def test_an_unknown_inside_is_unknown(value: Any) -> None:
    assert has_unknown(value)
    assert not has_unknown([1, {"a": None}])


def test_an_unknown_has_no_truth() -> None:
    with pytest.raises(TypeError):
        bool(UNKNOWN)
    assert repr(UNKNOWN) == "UNKNOWN"


@pytest.mark.parametrize(
    ("news", "property_", "reason"),
    [
        ({}, "sourceId", "is required: give source_id"),
        ({"sourceId": None}, "sourceId", "is required: give source_id"),
        ({"sourceId": ""}, "sourceId", "is empty; an id is needed"),
        ({"sourceId": "a b"}, "sourceId", "is not an id"),
        ({"sourceId": "a/b"}, "sourceId", "is not an id"),
        ({"sourceId": ".."}, "sourceId", "is not an id"),
        ({"sourceId": "a\n"}, "sourceId", "is not an id"),
        ({"sourceId": "x" * 256}, "sourceId", "is not an id"),
        ({"sourceId": 7}, "sourceId", "is a number, and a text is needed: quote it"),
        ({"sourceId": ["a"]}, "sourceId", "is a list; a text is needed"),
        ({"sourceId": {"id": "a"}}, "sourceId", "is an object; a text is needed"),
        ({"sourceId": True}, "sourceId", "is no text; a text is needed"),
        ({"version": ""}, "version", "is empty; leave the argument out"),
        ({"version": " 1"}, "version", "white space"),
        ({"version": "1\t2"}, "version", "control character"),
        ({"version": "x" * 256}, "version", "is 256 characters long; 255 is the most"),
        ({"version": 1.10}, "version", "is a number, and a text is needed: quote it"),
        ({"revision": "one"}, "revision", "valid integer"),
        ({"revision": 1.5}, "revision", "valid integer"),
        ({"shared": "maybe"}, "shared", "valid boolean"),
        ({"status": "on"}, "status", "'ON' or 'OFF'"),
        ({"notes": "a\x00"}, "notes", "control character"),
        ({"notes": "x" * 4001}, "notes", "are 4001 characters long; 4000 is the most"),
        ({"sizes": 1}, "sizes", "did you mean size?"),
        ({"source_id": "a"}, "source_id", "did you mean source_id?"),
        ({"zzz": 1}, "zzz", "there are source_id, version"),
        ({"account_id": "a"}, "account_id", "it is a setting, boomi:accountId"),
        ({"overrideAccount": "a"}, "overrideAccount", "it is a setting, boomi:overrideAccount"),
        ({"zzz": UNKNOWN}, "zzz", "there are source_id, version"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(news: Bag, property_: str, reason: str) -> None:
    found = failures(news if property_ == "sourceId" else {"sourceId": "a", **news})
    assert set(found) == {property_}
    assert reason in found[property_]
    assert "\n" not in found[property_]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert set(failures({"version": "", "size": "big", "extra": 1})) == {"sourceId", "version", "size", "extra"}


def test_no_reason_repeats_a_value() -> None:
    """Somebody may have put a password into any of them."""
    secret = "s3cret\x00"  # noqa: S105 - of nothing
    for name in VALUES:
        for reason in failures({"sourceId": "a", name: secret}).values():
            assert "s3cret" not in reason


# -- companions ---------------------------------------------------------------------------------------


def about(key: Any, **properties: Any) -> Bag:
    """Return what an account shows of the object that `sourceId` names."""
    return {"sourceId": Found(None, properties, key)}


FACT = about("a", version=4, name="Order Sync")


def test_companions_come_from_answers() -> None:
    assert normal({"sourceId": "a"}, {}, FACT) == {"sourceId": "a", "revision": 4, "sourceName": "Order Sync"}


def test_what_the_program_says_wins() -> None:
    assert normal({"sourceId": "a", "revision": 2}, {}, FACT)["revision"] == 2


@pytest.mark.parametrize(
    "answer",
    [None, Hidden(), Absent(), Absent("no"), Unread("no"), Found(None, {"version": 9}, "b"), Found(None, {}, "a")],
)
def test_an_answer_about_something_else_is_not_used(answer: Any) -> None:
    assert normal({"sourceId": "a"}, {}, {"sourceId": answer}) == {"sourceId": "a"}


def test_without_answers_the_last_companions_stay() -> None:
    olds = normal({"sourceId": "a"}, {}, FACT)
    assert normal({"sourceId": "a"}, olds, {}) == olds
    assert normal({"sourceId": "b"}, olds, {}) == {"sourceId": "b"}


def test_a_settled_companion_moves_only_with_another_object() -> None:
    olds = normal({"sourceId": "a", "version": "1.0"}, {}, FACT)
    newer = about("a", version=5, name="Renamed")
    again = normal({"sourceId": "a", "version": "1.0"}, olds, newer)
    assert (again["revision"], again["sourceName"]) == (4, "Renamed")
    assert normal({"sourceId": "a", "version": "1.1"}, olds, newer)["revision"] == 5
    other = about("b", version=9)
    assert normal({"sourceId": "b", "version": "1.0"}, olds, other)["revision"] == 9


@given(news=VALID, name=st.text(max_size=5), version=st.integers(1, 9))
def test_a_companion_never_causes_a_change(news: Bag, name: str, version: int) -> None:
    news.pop("revision", None)
    news.pop("sourceName", None)
    before = normal(news)
    outputs = echo(Thing, before, {})
    fact = about(news["sourceId"], version=version, name=name)
    assert not diff(Thing, outputs, normal(news, before, fact)).changes


# -- frozen fields --------------------------------------------------------------------------------------

OLD: Bag = {"sourceId": "a", "version": "1.0", "revision": 3, "shared": False}


@pytest.mark.parametrize(("name", "value", "shown"), [("revision", 4, "4"), ("shared", True, "true")])
def test_a_frozen_field_cannot_change_under_its_version(name: str, value: Any, shown: str) -> None:
    found = failures({**OLD, name: value}, OLD)
    assert set(found) == {name}
    assert f"cannot become {shown}" in found[name]
    assert "raise version" in found[name]
    assert diff(Thing, OLD, {**OLD, name: value}).failures


@pytest.mark.parametrize("name", ["revision", "shared"])
def test_a_frozen_field_may_change_with_its_version_or_its_object(name: str) -> None:
    other = {"revision": 4, "shared": True}[name]
    for moved in ({"version": "1.1"}, {"sourceId": "b"}):
        news = {**OLD, name: other, **moved}
        assert failures(news, OLD) == {}
        found = diff(Thing, OLD, news)
        assert found.failures == ()
        assert set(moved) <= set(found.replaces)


def test_leaving_a_frozen_field_out_changes_nothing() -> None:
    news = {name: value for name, value in OLD.items() if name != "shared"}
    assert failures(news, OLD) == {}
    assert diff(Thing, OLD, news) == Diff()


def test_a_frozen_field_that_is_unknown_may_be_the_same() -> None:
    assert failures({**OLD, "shared": UNKNOWN}, OLD) == {}


def test_without_a_version_nothing_is_frozen() -> None:
    old = {"sourceId": "a", "revision": 3}
    assert failures({**old, "revision": 4}, old) == {}
    assert diff(Thing, old, {**old, "revision": 4}) == Diff(replaces=("revision",))


# -- diff and echo ----------------------------------------------------------------------------------------


@given(news=VALID)
def test_what_was_just_made_is_no_change(news: Bag) -> None:
    inputs = normal(news)
    assert diff(Thing, echo(Thing, inputs, {}), inputs) == Diff()


LIVE: st.SearchStrategy[Bag] = st.fixed_dictionaries(
    {}, optional={name: st.none() | values for name, values in VALUES.items()} | {"added": st.text()}
)


@given(news=VALID, live=LIVE)
def test_outputs_hold_every_input(news: Bag, live: Bag) -> None:
    inputs = normal(news)
    outputs = echo(Thing, inputs, live)
    assert set(outputs) >= set(inputs)
    assert None not in outputs.values()
    assert outputs.get("added") == live.get("added")


@given(news=VALID, live=LIVE)
def test_only_a_declared_field_that_can_drift_drifts(news: Bag, live: Bag) -> None:
    inputs = normal(news)
    found = diff(Thing, echo(Thing, inputs, live), inputs)
    drifted = {
        name
        for name, rule in rules(Thing).items()
        if rule.drifts and name in inputs and live.get(name) is not None and live[name] != inputs[name]
    }
    changing = {name for name in drifted if rules(Thing)[name].change is not Change.IGNORE}
    shown = {*found.replaces, *found.updates, *(each.property for each in found.failures)}
    assert shown == changing


@given(old=VALID, new=VALID)
def test_each_field_follows_its_rule(old: Bag, new: Bag) -> None:
    olds, news = normal(old), normal(new)
    found = diff(Thing, olds, news)
    for name in found.replaces:
        assert rules(Thing)[name].change is Change.REPLACE
        assert olds.get(name) != news[name]
    for name in found.updates:
        assert rules(Thing)[name].change is Change.UPDATE
        assert olds.get(name) != news[name]
    if olds["sourceId"] != news["sourceId"]:
        assert "sourceId" in found.replaces
    if "size" in news and olds.get("size") != news["size"]:
        assert "size" in found.updates


def test_an_unknown_value_is_a_change_by_its_rule() -> None:
    assert diff(Thing, OLD, {**OLD, "sourceId": UNKNOWN}).replaces == ("sourceId",)
    assert diff(Thing, OLD, {**OLD, "size": UNKNOWN}).updates == ("size",)
    assert not diff(Thing, OLD, {**OLD, "notes": UNKNOWN}).changes


def test_notes_alone_change_nothing() -> None:
    assert diff(Thing, {**OLD, "notes": "a"}, {**OLD, "notes": "b"}) == Diff()


def test_checked_inputs_without_failures_are_the_default() -> None:
    assert Checked({}).failures == ()


# -- origin mark --------------------------------------------------------------------------------------------

NOTES = st.none() | st.text("ab .\n[]", min_size=1, max_size=20).map(str.strip).filter(bool)
ORIGINS = st.text(min_size=1, max_size=20).filter(lambda text: bool(text.strip()))


@given(notes=NOTES, origin=ORIGINS)
def test_a_mark_is_found_again_and_leaves_the_notes_as_they_were(notes: str | None, origin: str) -> None:
    stripped, found = strip_mark(mark(notes, origin))
    assert stripped == notes
    assert same_origin(found, origin)


@given(notes=NOTES)
def test_notes_without_a_mark_stay(notes: str | None) -> None:
    assert strip_mark(notes) == (notes, None)


def test_a_mark_is_for_people() -> None:
    assert mark("ORD-981", "shop/prod/orders") == "ORD-981\n\n[pulumi shop/prod/orders]"
    assert mark(None, "shop/prod/orders") == "[pulumi shop/prod/orders]"


def test_joined_notes_have_the_mark_of_the_last() -> None:
    joined = mark("one", "a/b/c") + "; " + mark("two", "d/e/f")
    assert strip_mark(joined) == ("one; two", "d/e/f")


@pytest.mark.parametrize(("one", "two"), [("a/b/c", "a/b/cd"), ("a/b/c", "A/b/c"), ("a/b/c", "")])
def test_other_origins_are_others(one: str, two: str) -> None:
    assert not same_origin(strip_mark(mark("n", one))[1], two)
    assert not same_origin(None, one)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b", "c", "d", "e"], "a, b, c, d, e"),
        (["a", "b", "c", "d", "e", "f", "g"], "a, b, c, d, e and 2 more"),
    ],
)
def test_a_list_for_a_sentence(values: list[str], said: str) -> None:
    assert names(values) == said


# -- whose it is, and which one ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bag", "wanted"),
    [
        ({"sourceId": "a", "version": "1.0", "revision": 2, "size": 3}, "a/1.0"),
        ({"sourceId": "a", "version": "1.0", "shared": True}, "a/1.0"),
        ({"sourceId": "a"}, None),
        ({"sourceId": "a", "version": UNKNOWN}, None),
        ({}, None),
    ],
)
def test_a_key_is_what_would_make_it_another_object(bag: Bag, wanted: str | None) -> None:
    assert key(Thing, bag) == wanted


@pytest.mark.parametrize(
    ("found", "same"),
    [("shop/test/a", True), ("shop/test/b/c", True), ("shop/prod/a", False), ("other/test/a", False), (None, False)],
)
def test_a_mark_tells_the_stack_whatever_the_resource_is_called(found: str | None, same: bool) -> None:
    assert is_of_stack(found, "shop/test/a") is same
