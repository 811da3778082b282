"""What is active in each environment: read once for many resources, and kept true by our own writes.

Boomi answers a query about a whole environment as readily as one about a single component in it, a hundred rows a
page. So the first question about an environment asks only for the components that threads want at that moment, and the
second one for all of them. In a large environment, a run about few resources reads no page of the others.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BadAnswer, BadRequest
from boomi_pulumi._api.filters import any_of, where
from boomi_pulumi._api.models import DEPLOYED_PACKAGE, DeployedPackage

__all__ = ["Deployments", "deployments_of", "past_deployments"]


_TIMES_READ = 3
"""What was read of an environment counts for so many times as long as it took to read, before it is old."""


@dataclass
class _Environment:
    """The active deployments of one environment, as of a moment.

    Attributes:
        turn: Held by whoever asks about all of it.
        lock: Held while what follows is read or changed, and never over a request.
        asked: Whether anybody has asked about it.
        read_at: When all of the environment was asked for.
        took: Seconds that it took; a large environment has changed before its last page is read.
        written: What this process has seen of single components since then, which is newer.
        active: What was read, by component, whose case does not count.
    """

    turn: threading.Lock = field(default_factory=threading.Lock)
    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: bool = False
    read_at: float | None = None
    took: float = 0.0
    written: dict[str, list[DeployedPackage]] = field(default_factory=dict)
    active: dict[str, list[DeployedPackage]] = field(default_factory=dict)


class Deployments:
    """The active deployments of an account. Threads may share it."""

    def __init__(self, client: Client) -> None:
        self._client = client
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
            rows = self._query(environment, [component])
            self._note(environment, component, rows)
            return list(rows)
        if not known.asked:
            # Those who ask at the same time are one request.
            ask = partial(self._ask, environment)
            return list(self._client.together(f"active deployments of {environment}", ask, component))
        return self._shared(environment, component, within)

    def _ask(self, environment: str, components: Sequence[str]) -> dict[str, list[DeployedPackage]]:
        """Return what is active of components that are asked about at the same time."""
        known = self._of(environment)
        with known.turn:
            if not known.asked:
                known.asked = True
                rows = self._query_several(environment, components)
                return {
                    one: [replace(row, component_id=one) for row in rows if _is(row.component_id, one)]
                    for one in components
                }
        return {one: self._shared(environment, one, None) for one in components}

    def _query_several(self, environment: str, components: Sequence[str]) -> list[DeployedPackage]:
        if len(components) > 1:
            try:
                rows = self._query(environment, components)
            except BadRequest:
                rows = None  # Boomi takes no such question; each of them alone may be answered
            if rows is not None and all(row.component_id for row in rows):
                return rows
        return [row for one in components for row in self._query(environment, [one])]

    def _shared(self, environment: str, component: str, within: float | None) -> list[DeployedPackage]:
        known = self._of(environment)
        with known.turn:
            age = None if known.read_at is None else self._client.now() - known.read_at
            if age is None or (within is not None and age > max(within, _TIMES_READ * known.took)):
                try:
                    self._read(environment, known)
                except BadRequest:
                    # The question about one component may be answered all the same.
                    return self._query(environment, [component])
        with known.lock:
            if component.lower() in known.active or "" not in known.active:
                # The state goes on naming it as the program does.
                return [replace(row, component_id=component) for row in known.active.get(component.lower(), ())]
        # An answer that leaves components out cannot tell where nothing runs.
        return self._query(environment, [component])

    def put(self, deployment: DeployedPackage) -> None:
        """Note a deployment of ours, which supersedes what ran there."""
        self._note(deployment.environment_id or "", deployment.component_id or "", [deployment])

    def drop(self, environment: str, component: str) -> None:
        """Note that nothing runs there any more."""
        self._note(environment, component, [])

    def _note(self, environment: str, component: str, rows: list[DeployedPackage]) -> None:
        known = self._of(environment)
        with known.lock:
            known.active[component.lower()] = known.written[component.lower()] = rows

    def _read(self, environment: str, known: _Environment) -> None:
        with known.lock:
            known.written.clear()
        asked_at = self._client.now()
        rows = self._query(environment, None)
        active: dict[str, list[DeployedPackage]] = {}
        for row in rows:
            active.setdefault((row.component_id or "").lower(), []).append(row)
        with known.lock:
            known.read_at, known.took = asked_at, self._client.now() - asked_at
            known.active = active | known.written

    def _of(self, environment: str) -> _Environment:
        with self._lock:
            return self._environments[environment]

    def _query(self, environment: str, components: Sequence[str] | None) -> list[DeployedPackage]:
        """Return the active deployments in an environment: of some components, or of all."""
        condition = where("environmentId").equals(environment) & where("active").equals(True)
        if components is not None:
            condition &= any_of([where("componentId").equals(each) for each in components])
        rows = list(self._client.query(DEPLOYED_PACKAGE, condition))
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
    return client.keep(Deployments, lambda: Deployments(client))


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
