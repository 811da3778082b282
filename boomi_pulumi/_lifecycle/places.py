"""Where objects live: before one is believed to be gone, the user must be able to see the place where it was.

Boomi hides an environment from users who hold none of its roles: asked what runs there, it answers with an honest empty
list. So an empty answer alone may mean "gone", and as well "hidden from you".
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BadRequest, Conflict, Forbidden, RequestError
from boomi_pulumi._api.filters import where
from boomi_pulumi._lifecycle.kind import Kind, Place, Subject

__all__ = ["FRESH", "Places", "observed", "places_of"]

_Key = tuple[str, str]

FRESH = 5.0
"""How old, in seconds, an answer may be that something is removed or forgotten for: rights change during a long run."""


class Places:
    """What a user sees of the places of an account. Threads may share it; an answer counts for `FRESH` seconds."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._expected: dict[_Key, None] = {}
        """Places of which somebody may ask soon: they travel with the first question."""
        self._read: dict[_Key, tuple[float, Any]] = {}
        """When it was asked, and what Boomi answered."""
        self._inside: dict[_Key, tuple[float, bool | RequestError]] = {}

    def expect(self, place: Place, id_: str) -> None:
        """Note that an object is being looked for there; makes no request."""
        with self._lock:
            self._expected.setdefault((place.target.name, id_))

    def hidden(self, place: Place, id_: str) -> str | None:
        """Return why a place cannot be seen, in Boomi's words; None where it can.

        It can be seen where Boomi shows the place itself, or anything in it: who may deploy, but not read environments,
        sees what was deployed. So does who asks about a deleted environment whose records Boomi has kept.

        Args:
            place: What it is.
            id_: Which one.

        Raises:
            RequestError: Nobody answered.
        """
        name = place.target.name
        if self._is_fresh(self._read, (name, id_)):
            found = self._read[name, id_][1]
        else:
            found = self._client.together(f"place {name}", lambda ids: self._ask(place, ids), id_)
        if not isinstance(found, (Missing, RequestError)):
            return None
        if isinstance(found, Missing) and id_ in self._client.settings.known_deleted:
            return None
        if isinstance(found, (Missing, BadRequest, Forbidden)):
            inside = self._client.together(f"in {name}", lambda ids: self._look_inside(place, ids), id_)
            if inside is True:
                return None
            found = inside if isinstance(inside, RequestError) else found
        return f'it said: "{found.said}"' if isinstance(found, Missing) else str(found)

    def _ask(self, place: Place, ids: Sequence[str]) -> dict[str, Any]:
        """Read places, and all of which somebody may ask soon, with one request for each hundred."""
        name = place.target.name
        with self._lock:
            wanted = [*ids, *(id_ for kind, id_ in self._expected if kind == name)]
            new = [id_ for id_ in dict.fromkeys(wanted) if not self._is_fresh(self._read, (name, id_))]
        asked_at = self._client.now()
        found: Mapping[str, Any] = {}
        try:
            found = self._client.bulk(place.target, new)  # without an id, it asks nothing
        except RequestError as error:
            if error.status is None:
                # Nobody answered, perhaps since this thread's time was over; others may ask again.
                raise
            found = dict.fromkeys(new, error)
        with self._lock:
            self._read |= {(name, id_): (asked_at, found[id_]) for id_ in new}
            return {id_: self._read[name, id_][1] for id_ in ids}

    def _look_inside(self, place: Place, ids: Sequence[str]) -> dict[str, bool | RequestError]:
        """Tell of each place whether anything in it is shown, be it deleted or superseded: one page each."""
        name = place.target.name
        for id_ in ids:
            if self._is_fresh(self._inside, (name, id_)):
                continue
            asked_at = self._client.now()
            try:
                rows = self._client.first(place.inside, where(place.property).equals(id_))
                shown: bool | RequestError = any(row.get(place.property, id_) == id_ for row in rows)
            except RequestError as error:
                if error.status is None:
                    raise
                shown = error
            self._inside[name, id_] = asked_at, shown
        return {id_: self._inside[name, id_][1] for id_ in ids}

    def _is_fresh(self, known: Mapping[_Key, tuple[float, Any]], key: _Key) -> bool:
        return key in known and self._client.now() - known[key][0] <= FRESH


def observed(kind: Kind[Any], subject: Subject) -> Any:
    """Return the live object of a resource; None where it is gone for certain.

    Args:
        kind: What the object is.
        subject: The resource, with its id.

    Raises:
        Conflict: Boomi shows neither the object nor its place, so nobody can say whether it is gone.
        RequestError: A request failed.
    """
    client, place = subject.client, kind.place
    place_id = subject.inputs.get(place.property) if place else None
    if place is None or not isinstance(place_id, str) or not place_id:
        return _alive(kind.look(subject))
    places = places_of(client)
    places.expect(place, place_id)
    record = kind.look(subject)
    if record is not None:
        return _alive(record)
    reason = places.hidden(place, place_id)
    if reason is None:
        return None
    it = f"{place.target.name} {place_id}"
    raise Conflict(
        f"{kind.name} {kind.title(subject.inputs)}: account {client.settings.account} shows no such object, and it "
        f"does not show {it} either, in which it was ({reason}). Both may be hidden from user "
        f"{client.settings.username}, so nothing was removed, and the stack keeps it. If {it} is still there, run "
        f"again as a user who sees it: that takes {place.rights}. If it was deleted, run again with "
        f"BOOMI_KNOWN_DELETED={place_id} (boomi:knownDeleted): the stack then forgets what was in it. "
        "`pulumi state delete` forgets a single resource."
    )


def _alive(record: Any) -> Any:
    """Return an object unless Boomi itself says that it was deleted."""
    return None if getattr(record, "deleted", None) is True else record


def places_of(client: Client) -> Places:
    """Return what this process has seen of the places of a client's account."""
    return client.keep(Places, lambda: Places(client))
