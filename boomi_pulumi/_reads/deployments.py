"""What is active in each environment: read once for many resources, and kept true by our own writes.

Boomi answers a query about a whole environment as readily as one about a single component in it, a hundred rows a
page. So the first question about an environment asks only for the components that threads want at that moment, and the
second one for all of them, unless they are many more than were asked about. In a large environment, a run about few
resources reads no page of the others.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import partial
from itertools import count, pairwise

from boomi_pulumi._api.client import BULK, Client
from boomi_pulumi._api.errors import BadAnswer, BadRequest
from boomi_pulumi._api.filters import any_of, where
from boomi_pulumi._api.models import DEPLOYED_PACKAGE, DeployedPackage, moment
from boomi_pulumi._reads.ahead import Likely, is_worth, likely_of

__all__ = ["Deployments", "deployments_of", "is_later", "is_long_enough", "past_deployments", "period", "superseded"]


_TIMES_READ = 3
"""What was read of an environment counts for so many times as long as it took to read, before it is old."""


@dataclass(frozen=True)
class _Slot:
    """What runs of a component in an environment, and when that was asked for or written."""

    order: int
    at: float
    rows: list[DeployedPackage]


@dataclass
class _Environment:
    """The active deployments of one environment, as of a moment.

    Attributes:
        turn: Held by whoever asks about all of it.
        lock: Held while what follows is read or changed, and never over a request.
        asked: How many requests were questions about some components.
        rows: How many deployments are active in it, if Boomi has counted them.
        alone: Whether Boomi does not answer questions about several components.
        read_at: When all of the environment was asked for.
        took: Seconds that it took; a large environment has changed before its last page is read.
        seen: What this process has seen of single components, and when, by component, whose case does not count.
        active: What was read of all.
        order: Numbers whatever is asked or written, in the order in which it began.
    """

    turn: threading.Lock = field(default_factory=threading.Lock)
    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: int = 0
    rows: int = 0
    alone: bool = False
    read_at: float | None = None
    took: float = 0.0
    seen: dict[str, _Slot] = field(default_factory=dict)
    active: dict[str, list[DeployedPackage]] = field(default_factory=dict)
    order: Iterator[int] = field(default_factory=count)

    def told(self, component: str, now: float, within: float | None) -> list[DeployedPackage] | None:
        """Return what is known of a component, if that is not too old; None where Boomi must be asked."""
        with self.lock:
            slot, oldest = self.seen.get(component.lower()), max(within or 0, _TIMES_READ * self.took)
            is_fresh = self.read_at is not None and (within is None or now - self.read_at <= oldest)
            if slot is not None and (is_fresh or within is None or now - slot.at <= within):
                rows = slot.rows
            elif is_fresh and (component.lower() in self.active or "" not in self.active):
                rows = self.active.get(component.lower(), [])
            else:
                # An answer that leaves components out cannot tell where nothing runs.
                return None
        # The state goes on naming it as the program does.
        return [replace(row, component_id=component) for row in rows]

    def note(self, component: str, slot: _Slot) -> None:
        """Note what runs of a component, unless something newer is known."""
        with self.lock:
            known = self.seen.get(component.lower())
            if known is None or known.order <= slot.order:
                self.seen[component.lower()] = slot


class Deployments:
    """The active deployments of an account. Threads may share it.

    Args:
        client: The account.
        likely: The components that are asked about beside others.
    """

    def __init__(self, client: Client, likely: Likely | None = None) -> None:
        self._client = client
        self._likely = likely or Likely()
        self._lock = threading.Lock()
        self._environments: dict[str, _Environment] = defaultdict(_Environment)

    def active(self, environment: str, component: str, within: float | None = None) -> list[DeployedPackage]:
        """Return the active deployments of a component in an environment; Boomi keeps one at the most.

        Args:
            environment: Its id.
            component: Its id.
            within: How old the answer may be, in seconds; 0 asks Boomi about this component alone; None takes what this
                process has seen.

        Raises:
            RequestError: A query failed.
        """
        known = self._of(environment)
        if within == 0:
            order, asked_at = next(known.order), self._client.now()
            rows = self._query(environment, [component])
            known.note(component, _Slot(order, asked_at, rows))
            return list(rows)
        told = known.told(component, self._client.now(), within)
        if told is not None:
            return told
        # Those who ask at the same time are one request.
        ask = partial(self._ask, environment, within)
        return list(self._client.together(f"active deployments of {environment} within {within}", ask, component))

    def _ask(
        self, environment: str, within: float | None, components: Sequence[str]
    ) -> dict[str, list[DeployedPackage]]:
        """Return what is active of components that are asked about at the same time."""
        known = self._of(environment)

        def told() -> dict[str, list[DeployedPackage]]:
            rows = {one: known.told(one, self._client.now(), within) for one in components}
            return {one: each for one, each in rows.items() if each is not None}

        with known.turn:
            found = told()
            if len(found) < len(components) and known.asked and is_worth(known.rows, known.asked):
                # Where Boomi takes no such question, the one about some components may be answered all the same.
                with suppress(BadRequest):
                    self._read(environment, known)
                found = told()
            left = [one for one in components if one not in found]
            return found | (self._ask_about(environment, known, left) if left else {})

    def _ask_about(
        self, environment: str, known: _Environment, components: Sequence[str]
    ) -> dict[str, list[DeployedPackage]]:
        """Return what is active of some components; ask about those that are likely to come next as well."""
        known.asked += 1
        order, asked_at = next(known.order), self._client.now()
        beside: list[str] = []
        if not known.alone:
            beside = self._likely.beside(components, lambda one: known.told(one, asked_at, None) is not None)
        rows = self._query_several(environment, [*components, *beside])
        if rows is None and beside:
            known.alone, beside = True, []
            rows = self._query_several(environment, components)
        if rows is None:
            rows = [row for one in components for row in self._query(environment, [one])]
        found = {}
        for one in (*components, *beside):
            found[one] = [replace(row, component_id=one) for row in rows if _is(row.component_id, one)]
            known.note(one, _Slot(order, asked_at, found[one]))
        return found

    def _query_several(self, environment: str, components: Sequence[str]) -> list[DeployedPackage] | None:
        """Return what is active of several components; None where Boomi does not tell."""
        if len(components) == 1:
            return None
        try:
            rows = self._query(environment, components)
        except BadRequest:
            return None
        return rows if all(row.component_id for row in rows) else None

    def put(self, deployment: DeployedPackage) -> None:
        """Note a deployment of ours, which supersedes what ran there."""
        self._write(deployment.environment_id or "", deployment.component_id or "", [deployment])

    def drop(self, environment: str, component: str) -> None:
        """Note that nothing runs there any more."""
        self._write(environment, component, [])

    def _write(self, environment: str, component: str, rows: list[DeployedPackage]) -> None:
        known = self._of(environment)
        known.note(component, _Slot(next(known.order), self._client.now(), rows))

    def _read(self, environment: str, known: _Environment) -> None:
        """Read all of an environment, unless that is too much."""
        order, asked_at, most = next(known.order), self._client.now(), BULK * (known.asked + 2)
        rows = self._query(environment, None, most, partial(setattr, known, "rows"))
        if known.rows > most:
            return
        active: dict[str, list[DeployedPackage]] = {}
        for row in rows:
            active.setdefault((row.component_id or "").lower(), []).append(row)
        with known.lock:
            known.read_at, known.took, known.active = asked_at, self._client.now() - asked_at, active
            known.seen = {one: slot for one, slot in known.seen.items() if slot.order >= order}

    def _of(self, environment: str) -> _Environment:
        with self._lock:
            return self._environments[environment]

    def _query(
        self,
        environment: str,
        components: Sequence[str] | None,
        most: int | None = None,
        told: Callable[[int], object] = int,
    ) -> list[DeployedPackage]:
        """Return the active deployments in an environment: of some components, or of all."""
        condition = where("environmentId").equals(environment) & where("active").equals(True)
        if components is not None:
            condition &= any_of([where("componentId").equals(each) for each in components])
        rows = list(self._client.query(DEPLOYED_PACKAGE, condition, most=most, told=told))
        for row in rows:
            # To leave such a row out would be to say that nothing runs here.
            wanted = components is None or any(_is(row.component_id, each) for each in components)
            if not (wanted and _is(row.environment_id, environment)):
                raise BadAnswer(
                    f"Querying DeployedPackage of environment {environment}",
                    status=200,
                    detail=f"a row of environment {row.environment_id} and component {row.component_id}, which nobody "
                    "asked for",
                )
        # The query has named the environment, and perhaps the component; an answer need not repeat them.
        only = components[0] if components is not None and len(components) == 1 else None
        return [
            replace(row, environment_id=environment, component_id=only or row.component_id)
            for row in rows
            if row.active is not False
        ]


def _is(named: str | None, wanted: str) -> bool:
    """Tell whether a row is of what was asked for: Boomi may leave it out, and write it in another case."""
    return named is None or named.lower() == wanted.lower()


def deployments_of(client: Client) -> Deployments:
    """Return what this run has read of the deployments of a client's account."""
    likely = likely_of(client)
    return client.keep(Deployments, lambda: Deployments(client, likely))


def past_deployments(client: Client, source: str, environment: str, component: str) -> list[DeployedPackage]:
    """Return the deployments of a component in two environments, ended ones too: one query.

    Args:
        client: The account.
        source: The id of one environment.
        environment: The id of the other.
        component: The component's id.

    Raises:
        RequestError: The query failed.
    """
    where_ = where("environmentId").equals(source) | where("environmentId").equals(environment)
    rows = client.query(DEPLOYED_PACKAGE, where_ & where("componentId").equals(component))
    return [row for row in rows if row.environment_id in (source, environment)]


def is_later(there: DeployedPackage | None, other: DeployedPackage) -> bool:
    """Tell whether a deployment is of a later revision than another one."""
    return there is not None and (there.component_version or 0) > (other.component_version or 0)


_PERIOD = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,7})h)?(?:(\d{1,9})m)?(?:(\d{1,11})s)?")
_UNITS = ("days", "hours", "minutes", "seconds")


def period(text: str) -> timedelta:
    """Return how long a text such as "24h", "2d" or "1h30m" is.

    Raises:
        ValueError: It is no such text, or no time at all.
    """
    found = _PERIOD.fullmatch(text)
    parts = {unit: int(each) for unit, each in zip(_UNITS, found.groups(), strict=True) if each} if found else {}
    if not parts:
        raise ValueError('is no period of time: give days, hours, minutes and seconds, such as "24h", "2d" or "1h30m"')
    return timedelta(**parts)


def is_long_enough(deployment: DeployedPackage, asked: str) -> bool:
    """Tell whether a deployment has been there for a period by now; one without a date has not."""
    began = moment(deployment.deployed_date)
    return began is not None and datetime.now(timezone.utc) - began >= period(asked)


def superseded(
    deployments: Iterable[DeployedPackage], package: str, environment: str
) -> Iterator[tuple[DeployedPackage, DeployedPackage]]:
    """Yield each deployment of a package in an environment that a newer package ended, and that one's, in their order.

    Where an older one ended it, somebody took the package back.
    """
    there = (each for each in deployments if each.environment_id == environment)
    for each, successor in pairwise(sorted(there, key=lambda row: row.deployed_date or "")):
        dated = None not in (moment(each.deployed_date), moment(successor.deployed_date))
        if each.package_id == package and dated and is_later(successor, each):
            yield each, successor
