"""What a state keeps of a live object, and whose the object is; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boomi_pulumi._lifecycle.fields import DECLARED, Bag, visible
from boomi_pulumi._lifecycle.kind import Kind
from boomi_pulumi._lifecycle.origin import is_of_stack, strip_mark
from boomi_pulumi._lifecycle.preview import echo
from boomi_pulumi._lifecycle.run import DELETES

__all__ = ["ACCOUNT", "hidden", "is_foreign", "stored"]

ACCOUNT = "__account"
"""Hidden input: the account that a program looks at, as `Settings.account` words it; kept in states."""


def stored(
    kind: Kind[Any], inputs: Mapping[str, Any], record: Any, bag: Mapping[str, Any], account: str, *, adopted: bool
) -> Bag:
    """Return what a state keeps of a live object.

    Args:
        kind: What the object is.
        inputs: Its inputs, without hidden ones.
        record: The live object.
        bag: Inputs or outputs with hidden ones.
        account: As in `hidden`.
        adopted: Whether a destroy leaves the object.
    """
    live = kind.live(record, inputs)
    if kind.marked in live:
        live[kind.marked] = strip_mark(live[kind.marked])[0]
    outputs = echo(kind.inputs, inputs, live) | ({"adopted": adopted} if kind.adopts else {})
    return outputs | hidden(bag, account)


def hidden(bag: Mapping[str, Any], account: str) -> Bag:
    """Return what a state keeps out of sight; one that was written before accounts were kept takes its on here."""
    return {**{name: bag[name] for name in (DECLARED, DELETES) if name in bag}, ACCOUNT: account}


def is_foreign(kind: Kind[Any], record: Any, bag: Mapping[str, Any], origin: str | None) -> bool:
    """Tell whether somebody else made the live object.

    Args:
        kind: What the object is.
        record: The live object.
        bag: Inputs or outputs, as the last run left them.
        origin: project/stack/name of the resource.
    """
    found, author = strip_mark(record.get(kind.marked))[1], kind.author_output
    makers = {kind.live(record, visible(bag)).get(author), bag.get(author)} - {None} if author else set()
    # What this stack made under another name, before a rename, is its own as well.
    if is_of_stack(found, origin) and len(makers) < 2:  # noqa: PLR2004
        return False
    if bag.get("adopted") is None:
        return True
    return bag["adopted"] is True or not kind.owns(record, bag)
