"""What is active in each environment: read once for many resources, and kept true by our own writes.

Boomi answers a query about a whole environment as readily as one about a single slot, a hundred rows a page. So the
first question about an environment asks for its slot only, and the second one for all of them.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from boomi_pulumi.client import Client
from boomi_pulumi.filters import where
from boomi_pulumi.models import DEPLOYED_PACKAGE, DeployedPackage

__all__ = ["Slots", "slots_of"]


@dataclass
class _Environment:
    """The active deployments of one environment, as of a moment."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: int = 0
    read_at: float | None = None
    active: dict[str, list[DeployedPackage]] = field(default_factory=lambda: defaultdict(list))


class Slots:
    """The active deployments of an account. Threads may share it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._environments: dict[str, _Environment] = defaultdict(_Environment)

    def active(self, environment: str, component: str, within: float | None = None) -> list[DeployedPackage]:
        """Return the active deployments of a slot; Boomi keeps one at the most.

        Args:
            environment: Its id.
            component: Its id.
            within: How old the answer may be, in seconds; 0 asks Boomi about this slot alone; None takes what this
                process has seen.

        Raises:
            RequestError: A query failed.
        """
        known = self._of(environment)
        with known.lock:
            if within == 0:
                known.active[component] = self._query(environment, component)
                return list(known.active[component])
            age = None if known.read_at is None else self._client.now() - known.read_at
            if age is None or (within is not None and age > within):
                known.asked += 1
                if known.asked == 1:
                    return self._query(environment, component)
                asked_at = self._client.now()
                rows = self._query(environment, None)
                known.read_at = asked_at
                known.active.clear()
                for row in rows:
                    known.active[row.component_id or ""].append(row)
            if component not in known.active and known.active.get(""):
                # An answer that leaves components out cannot tell which slot is empty.
                return self._query(environment, component)
            return list(known.active.get(component, ()))

    def put(self, deployment: DeployedPackage) -> None:
        """Note a deployment of ours, which supersedes what was in its slot."""
        known = self._of(deployment.environment_id or "")
        with known.lock:
            known.active[deployment.component_id or ""] = [deployment]

    def drop(self, environment: str, component: str) -> None:
        """Note that a slot is empty."""
        known = self._of(environment)
        with known.lock:
            known.active.pop(component, None)

    def _of(self, environment: str) -> _Environment:
        with self._lock:
            return self._environments[environment]

    def _query(self, environment: str, component: str | None) -> list[DeployedPackage]:
        condition = where("environmentId").equals(environment) & where("active").equals(True)
        if component is not None:
            condition &= where("componentId").equals(component)
        return [
            # The query has named environment and component; an answer need not repeat them.
            row.model_copy(update={"environment_id": environment, "component_id": row.component_id or component})
            for row in self._client.query(DEPLOYED_PACKAGE, condition)
            if row.active is not False
            and row.environment_id in (None, environment)
            and (component is None or row.component_id in (None, component))
        ]


_SLOTS: WeakKeyDictionary[Client, Slots] = WeakKeyDictionary()
_SLOTS_LOCK = threading.Lock()


def slots_of(client: Client) -> Slots:
    """Return the one picture of a client's account in this process."""
    with _SLOTS_LOCK:
        if client not in _SLOTS:
            _SLOTS[client] = Slots(client)
        return _SLOTS[client]
