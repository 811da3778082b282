"""One configured provider: its account, the lifecycle of each kind in it, and what this run has seen so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boomi_pulumi._api.client import Client, client_for
from boomi_pulumi._api.settings import Settings
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle import fields, preview
from boomi_pulumi._lifecycle.fields import DECLARED, UNKNOWN, Bag
from boomi_pulumi._lifecycle.kind import Lends
from boomi_pulumi._lifecycle.lifecycle import Lifecycle
from boomi_pulumi._lifecycle.preview import Checked
from boomi_pulumi._lifecycle.seen import Found
from boomi_pulumi._reads.account import Account
from boomi_pulumi._reads.ahead import likely_of
from boomi_pulumi._reads.plan import see
from boomi_pulumi.native.references import is_reference, kind_of, origin_of, parent_of, referred

__all__ = ["Session"]


class Session:
    """What the servicer knows once it is configured.

    Args:
        settings: Who and where.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.client: Client = client_for(settings)
        self.reads = Account(self.client, one_by_one=True)
        self._lifecycles = {
            name: Lifecycle(kind, lambda: self.client, marks=settings.origin_mark) for name, kind in KINDS.items()
        }
        self._bags: dict[str, Bag] = {}

    def lifecycle(self, kind: str) -> Lifecycle:
        """Return the lifecycle of a kind."""
        return self._lifecycles[kind]

    def saw(self, urn: str, bag: Bag) -> None:
        """Remember what is known of a resource, for those that refer to it."""
        self._bags[urn] = bag
        self.name(bag)

    def name(self, bag: Bag) -> None:
        """Note what a resource is about: more is asked about that, most likely."""
        if isinstance(bag.get("componentId"), str):
            likely_of(self.client).name(bag["componentId"])

    async def check(self, urn: str, olds: Bag, given: Bag) -> Checked:
        """Check inputs by what the account says; where nothing changed, nothing is asked.

        Args:
            urn: The resource.
            olds: The inputs of the last run, empty for a new resource.
            given: The inputs of this run, with references to resources.
        """
        lifecycle = self.lifecycle(kind_of(urn))
        lent, failure = self._resolve(lifecycle.kind.inputs, given)
        if failure is not None:
            return Checked(given, (failure,))
        known = fields.visible(given)
        self.reads.declare(lifecycle.kind, known)
        answers = await self._answers(lifecycle, olds, known, lent)
        checked = lifecycle.check(olds, given, answers, origin_of(urn), parent_of(urn))
        self.saw(urn, checked.inputs)
        return checked

    def _resolve(self, model: type[fields.Inputs], given: Bag) -> tuple[dict[str, Found[Any]], preview.Failure | None]:
        """Put ids for references, in place; return what the resources tell of their objects."""
        lent: dict[str, Found[Any]] = {}
        for name, rule in fields.rules(model).items():
            argument = referred(name)
            if rule.refers_to is None or given.get(argument) is None:
                continue
            reference = given.pop(argument)
            if given.get(name) is not None:
                return {}, preview.Failure(argument, f"and {name} name the same; give one of them")
            if reference is UNKNOWN:
                given[name] = UNKNOWN
                continue
            if not is_reference(reference, rule.refers_to):
                return {}, preview.Failure(argument, f"is not a {rule.refers_to}; to give an id, there is {name}")
            bag = self._bags.get(reference["urn"])
            # Unlike the id, it is known before the resource is made, where its object is there already.
            given[name] = reference.get("id") or (bag or {}).get(name, UNKNOWN)
            lender = KINDS[rule.refers_to]
            if bag is not None and isinstance(lender, Lends):
                told = {each: bag.get(each, UNKNOWN) for each in lender.lent}
                lent[name] = Found(None, {"id": given[name], **told}, key=given[name])
        return lent, None

    async def _answers(
        self, lifecycle: Lifecycle, olds: Bag, given: Bag, lent: Mapping[str, Found[Any]]
    ) -> Mapping[str, Any]:
        normal = preview.check(lifecycle.kind.inputs, {}, given)
        asks = self.settings.validate and not normal.failures and not _unchanged(olds, given, normal.inputs)
        return await see(lifecycle.kind, normal.inputs, self.reads if asks else None, lent)


def _unchanged(olds: Bag, given: Bag, normal: Bag) -> bool:
    """Tell whether a program gives what it gave at the last run."""
    names = {name for name, value in given.items() if value is not None}
    declared = olds.get(DECLARED)
    if not olds or (isinstance(declared, list) and set(declared) != names):
        return False
    return all(name in olds and normal.get(name) == olds[name] for name in names)
