"""What a preview reads about one resource: the plan is pure; one function carries it out, at every door."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from boomi_pulumi._lifecycle.fields import UNKNOWN, has_unknown, rules
from boomi_pulumi._lifecycle.kind import Kind, Lends
from boomi_pulumi._lifecycle.preview import fits, known_part
from boomi_pulumi._lifecycle.seen import Found, Read, reads, shown
from boomi_pulumi._reads.account import Account

__all__ = ["KeyFrom", "Question", "lends", "plan", "see"]


@dataclass(frozen=True)
class KeyFrom:
    """A key that an earlier answer holds: the field of `Seen` with that answer, and the property in it."""

    field: str
    property: str


@dataclass(frozen=True)
class Question:
    """A read with what it is about.

    Attributes:
        read: The read.
        keys: Values of the inputs, or `KeyFrom`, that name the object.
        beside: Values of further inputs.
    """

    read: Read
    keys: tuple[Any, ...]
    beside: tuple[Any, ...]


def lends(about: Read, lender: Kind[Any], output: str) -> bool:
    """Tell whether a resource answers a question about its object in place of the account.

    Args:
        about: The question.
        lender: The kind of the resource whose output the property is.
        output: Boomi's name of that output, or `id`.
    """
    return output in ("id", about.property) and isinstance(lender, Lends) and type(lender).lends is about.source


def plan(
    kind: Kind[Any], given: Mapping[str, Any], lent: Collection[str], early: Mapping[str, Any] = MappingProxyType({})
) -> list[Question]:
    """Return the questions about a resource, in an order in which each key is known before it is needed. Pure.

    Args:
        kind: The resource's kind.
        given: Its inputs by Boomi's name; None for what the program does not give.
        lent: Properties about whose objects other resources of the program tell; nothing is asked about those.
        early: Keys that are known earlier than the answers that would hold them.
    """
    asked = {each.property: each.name for each in reads(kind.seen) if each.property in lent}
    questions: list[Question] = []
    for each in reads(kind.seen):
        skipped = each.unless is not None and given.get(each.unless) is not None
        if each.property in lent or skipped or each.made in lent:
            continue
        keys = tuple(_key(kind, name, given, asked, early) for name in each.keys)
        if all(one is not None for one in keys):
            asked[each.property] = each.name
            questions.append(Question(each, keys, tuple(given.get(name) for name in each.beside)))
    return questions


def _key(
    kind: Kind[Any], name: str, given: Mapping[str, Any], asked: Mapping[str, str], early: Mapping[str, Any]
) -> Any:
    companion = rules(kind.inputs)[name].companion
    if early.get(name) is not None:
        return early[name]
    if companion is not None and companion[0] in asked:
        return KeyFrom(asked[companion[0]], companion[1])
    return given.get(name)


async def _known(value: Any) -> Any:
    return value


async def see(
    kind: Kind[Any],
    given: Mapping[str, Any],
    account: Account | None,
    lent: Mapping[str, Found[Any]] = MappingProxyType({}),
    early: Mapping[str, Any] = MappingProxyType({}),
    *,
    value: Callable[[Any], Awaitable[Any]] = _known,
) -> dict[str, Any]:
    """Return what the account and the program say about a resource, by the fields of the kind's `Seen`.

    Each question waits for its own keys, and for nothing else. What something unknown names is UNKNOWN as well.

    Args:
        kind: The resource's kind.
        given: Its inputs by Boomi's name.
        account: Answers the questions; None where nothing is asked.
        lent: Property -> what another resource of the program tells of the object that the property names.
        early: As in `plan`.
        value: Returns what an input is: UNKNOWN where nobody can tell yet.
    """
    answers: dict[str, asyncio.Future[Any]] = {}
    for each in reads(kind.seen):
        if each.property in lent:
            answers[each.name] = asyncio.ensure_future(_lent(each, lent[each.property], value))
    if account is not None:
        for question in plan(kind, given, lent, early):
            answers[question.read.name] = asyncio.ensure_future(_answer(kind, question, account, answers, value))
    try:
        found = dict(zip(answers, await asyncio.gather(*answers.values()), strict=True))
    finally:
        # Where one fails, the others would wait on, perhaps for what never comes.
        for task in answers.values():
            task.cancel()
    return {name: answer for name, answer in found.items() if answer is not None}


async def _lent(about: Read, answer: Found[Any], value: Callable[[Any], Awaitable[Any]]) -> Any:
    if answer.value is not None:
        known = await value(answer.value)
        return UNKNOWN if has_unknown(known) else replace(answer, value=known)
    properties = {name: await value(each) for name, each in answer.properties.items()}
    return shown(about, properties, await value(answer.key))


async def _answer(
    kind: Kind[Any],
    question: Question,
    account: Account,
    answers: Mapping[str, asyncio.Future[Any]],
    value: Callable[[Any], Awaitable[Any]],
) -> Any:
    async def key(each: Any) -> Any:
        if not isinstance(each, KeyFrom):
            return await value(each)
        answer = await answers[each.field]
        if isinstance(answer, Found):
            return answer.properties.get(each.property)
        return UNKNOWN if answer is UNKNOWN else None

    keys = [await key(each) for each in question.keys]
    beside = [await value(each) for each in question.beside]
    if question.read.later:
        beside = [None if each is UNKNOWN else known_part(each) for each in beside]
    if has_unknown([*keys, *beside]):
        return UNKNOWN
    # What the check refuses is not looked up: it would spoil the read that others share.
    if not all(fits(kind.inputs, name, each) for name, each in zip(question.read.keys, keys, strict=True)):
        return None
    given = zip(question.read.beside, beside, strict=True)
    return await account.answer(
        question.read, keys, [each if fits(kind.inputs, name, each) else None for name, each in given]
    )
