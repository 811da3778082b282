"""What a program reads: the ids that its resources name are collected, and read together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import pulumi

from boomi_pulumi._api.client import client_for
from boomi_pulumi._api.login import PROGRAM
from boomi_pulumi._api.settings import Settings
from boomi_pulumi._bags import outward, value_in
from boomi_pulumi._lifecycle.fields import UNKNOWN, Bag, has_unknown, rules
from boomi_pulumi._lifecycle.kind import Kind, Lends
from boomi_pulumi._lifecycle.seen import Found, encoded, found
from boomi_pulumi._python.dynamic import WHY
from boomi_pulumi._python.values import why_none
from boomi_pulumi._reads.account import Account
from boomi_pulumi._reads.plan import see
from boomi_pulumi._sdk import RUN

__all__ = ["account_of", "answers", "branch_of"]

_ACCOUNTS: WeakKeyDictionary[Any, dict[Settings, Account]] = WeakKeyDictionary()
"""What each run has read of each account; a run is known by its connection to the engine."""


def account_of(who: Settings) -> Account:
    """Return what this run reads of an account."""
    of_run = _ACCOUNTS.setdefault(RUN.monitor, {})
    if who not in of_run:
        of_run[who] = Account(client_for(who, PROGRAM, RUN.monitor))
    return of_run[who]


def branch_of(who: Settings | None, component: pulumi.Input[Any]) -> pulumi.Output[Any]:
    """Return the branch of a look-up of a component; None where it is the account's default one, or nobody can tell."""

    async def other(known: Any) -> str | None:
        branch = known.get("branchName") if isinstance(known, Mapping) else None
        if who is None or not who.validate or not isinstance(branch, str):
            return None
        default = found(await account_of(who).component(str(known.get("componentId"))))
        return branch if default is not None and default.branch_name not in (None, branch) else None

    return pulumi.Output.from_input(component).apply(other)


async def answers(
    kind: Kind[Any],
    who: Settings | None,
    given: Mapping[str, Any],
    lent: Mapping[str, Found[Any]],
    early: Mapping[str, Any],
) -> tuple[Bag | None, bool]:
    """Return what the account and the program say about a resource, as it travels with the inputs; is it a secret?

    Args:
        kind: The kind.
        who: Whose account; None reads nothing.
        given: Inputs by Boomi's name.
        lent: As in `see`.
        early: As in `see`.
    """
    secret = False

    async def value(it: Any) -> Any:
        nonlocal secret
        if it is None or isinstance(it, (str, int, float)):
            return it
        output: pulumi.Output[Any] = it if isinstance(it, pulumi.Output) else pulumi.Output.from_input(it)
        secret = secret or await output.is_secret()
        return _sent(value_in(await output.future(with_unknowns=True))) if await output.is_known() else UNKNOWN

    async def declare(account: Account) -> None:
        known = {name: await value(each) for name, each in given.items()}
        if not has_unknown(known):
            account.declare(kind, known)

    account = account_of(who) if who is not None and who.validate else None
    reading = see(kind, given, account, lent, early, value=value)
    if account is not None and isinstance(kind, Lends):
        seen, _ = await asyncio.gather(reading, declare(account))
    else:
        seen = await reading
    told = {name: encoded(answer) for name, answer in seen.items()}
    outputs = {name: each for name in rules(kind.inputs) if isinstance(each := given.get(name), pulumi.Output)}
    why = {name: reason for name, each in outputs.items() if who is not None and (reason := await why_none(each))}
    return outward({**told, **({WHY: why} if why else {})}) or None, secret


def _sent(value: Any) -> Any:
    """Return a value as the SDK sends it: without what is None in its maps."""
    if isinstance(value, Mapping):
        return {name: _sent(each) for name, each in value.items() if each is not None}
    return [_sent(each) for each in value] if isinstance(value, list) else value
