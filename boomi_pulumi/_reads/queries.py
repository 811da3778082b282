"""How an account is asked: many ids with one request; whatever goes wrong is an answer as well."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import BULK, Client
from boomi_pulumi._api.errors import BadRequest, BoomiError, EndpointNotFound, Forbidden, Unauthorized
from boomi_pulumi._api.filters import Filter, any_of, where
from boomi_pulumi._api.models import (
    ATTACHMENT,
    BRANCH,
    COMPONENT_METADATA,
    CONNECTOR_GROUP,
    DEPLOYED_PACKAGE,
    ENVIRONMENT_EXTENSIONS,
    PACKAGED_COMPONENT,
    PROCESS_SCHEDULES,
    ComponentMetadata,
    EnvironmentExtensions,
    Object,
    PackagedComponent,
    Record,
    parsed,
)
from boomi_pulumi._lifecycle.origin import strip_mark
from boomi_pulumi._lifecycle.seen import Absent, Found, Hidden, Unread
from boomi_pulumi._reads.ahead import Components, is_worth, likely_of
from boomi_pulumi._reads.answers import by_key
from boomi_pulumi._reads.deployments import deployments_of, past_deployments
from boomi_pulumi._reads.schedules import PAIR, pairs, schedules_seen

__all__ = ["Batch", "Queries", "shown", "shown_row"]

R = TypeVar("R", bound=Record)

CarryOut = Callable[..., Awaitable[Any]]
"""Calls a function with arguments, and returns what it returns; `asyncio.to_thread` is one."""

_MOST = 1000
"""Beyond this many objects, to read all of them costs more than it saves."""

_QUIET_TURNS = 8
"""Turns of the event loop without a new id after which a batch is sent."""


class Batch:
    """Collects ids, and reads those that came together with one call.

    Args:
        read: Returns the answers about ids.
        everything: Returns the answers about all objects.
        from_call: The call from which on all objects are read at once (2: from the second).
        carry_out: Runs a read, which takes a while.
    """

    def __init__(
        self,
        read: Callable[[Sequence[str]], Mapping[str, Any]],
        everything: Callable[[], Mapping[str, Any]] | None = None,
        from_call: int = 2,
        carry_out: CarryOut = asyncio.to_thread,
    ) -> None:
        self._read = read
        self._everything = everything
        self._from_call = from_call
        self._carry_out = carry_out
        self._calls = 0
        self._seen: dict[str, Any] = {}
        self._known: dict[str, asyncio.Future[Any]] = {}
        self._waiting: list[str] = []
        self._flush: asyncio.Task[None] | None = None

    def note(self, id_: str, answer: Any) -> None:
        """Take an answer that was read otherwise."""
        self._seen[id_] = answer

    async def get(self, id_: Any) -> Any:
        """Return the answer about an id; nothing is known of what is none."""
        if not isinstance(id_, str) or not id_.strip():
            return Hidden()
        future = self._known.get(id_)
        if future is None:
            future = self._known[id_] = asyncio.get_running_loop().create_future()
            self._waiting.append(id_)
            if self._flush is None:
                self._flush = asyncio.ensure_future(self._send())
        return await asyncio.shield(future)

    async def _send(self) -> None:
        # What becomes known while a read is under way travels with the next one.
        while self._waiting:
            quiet, count = 0, 0
            while quiet < _QUIET_TURNS:
                await asyncio.sleep(0)
                quiet = quiet + 1 if len(self._waiting) == count else 0
                count = len(self._waiting)
            ids, self._waiting = self._waiting, []
            await self._take(ids)
        self._flush = None

    async def _take(self, ids: list[str]) -> None:
        try:
            answers = await self._carry_out(self._look, ids)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must not wait for ever
            for id_ in ids:
                self._known[id_].set_exception(error)
            return
        for id_ in ids:
            self._known[id_].set_result(answers[id_])

    def _look(self, ids: list[str]) -> dict[str, Any]:
        new = [id_ for id_ in ids if id_ not in self._seen]
        self._calls += bool(new)
        if new and self._everything is not None and self._calls >= self._from_call:
            everything, self._everything = self._everything, None
            with contextlib.suppress(BoomiError):  # a read by id says better what is wrong
                self._seen = {**everything(), **self._seen}
            new = [id_ for id_ in ids if id_ not in self._seen]
        read = self._read(new) if new else {}
        return {id_: read[id_] if id_ in read else self._seen[id_] for id_ in ids}


@dataclass
class _Asked:
    """Questions about one kind of object, and what is known.

    Attributes:
        calls: How many requests were questions about some.
        seen: Value -> the answers about all that have it.
        beside: Answers about what was asked for together with something else.
        rows: Value -> how many have it, where all of them were too many.
        alone: Whether Boomi does not answer questions about several.
    """

    calls: int = 0
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    alone: bool = False


class _AskAlone(Exception):
    """Which row answers which question cannot be told."""


class Queries:
    """Asks an account; whatever goes wrong is an answer, since an exception would end the program with a trace.

    Args:
        client: The account.
        tell: Called with a line for the user.
    """

    def __init__(self, client: Client, tell: Callable[[str], None]) -> None:
        self.client = client
        self._tell = tell
        self._told: set[str] = set()
        self._lock = threading.Lock()
        self._asked: defaultdict[str, _Asked] = defaultdict(_Asked)

    def read(self, target: Object[Any], ids: Sequence[str]) -> dict[str, Any]:
        """Return the answers about objects by id."""
        try:
            found = self.client.bulk(target, ids)
        except BoomiError as error:
            return {id_: self.failed(target, error) for id_ in ids}
        answers: dict[str, Any] = {}
        for id_, each in found.items():
            if isinstance(each, Missing):
                answers[id_] = Absent(each.said)
            elif isinstance(each, BoomiError):
                answers[id_] = self.failed(target, each)
            else:
                answers[id_] = shown(each, id_)
        return answers

    def read_all(self, target: Object[Any]) -> dict[str, Any]:
        """Return what can be told of all objects at once; what is left out must be asked for by its id."""
        return {(id_ := str(row[target.id])): shown(row, id_) for row in self.client.query(target, most=_MOST)}

    def query(
        self,
        target: Object[R],
        keys: Sequence[str],
        condition: Callable[[Sequence[str]], Filter],
        *,
        most: int | None = None,
        whole: bool = False,
    ) -> tuple[list[R], Any]:
        """Return the rows that a condition on keys finds, and the answer about every key that has none.

        A hundred keys are one query. Where Boomi refuses that, as too long or of a form that it does not take, half as
        many are; where it refuses the question about a single one, nothing is asked any more.

        Args:
            target: What is queried.
            keys: What it is about.
            condition: Returns the filter for some of the keys.
            most: Rows of a query beyond which none of them is read.
            whole: Whether a refusal is raised, and nothing asked in parts.
        """
        rows: list[R] = []
        many, start = BULK, 0
        while start < len(keys):
            part = keys[start : start + many]
            try:
                rows += self.client.query(target, condition(part), most=most)
            except BadRequest as error:
                if whole:
                    raise
                if len(part) == 1:
                    self._say(target, f'Boomi refuses the query of {target.name} (it said: "{error.said}")')
                    return rows, Hidden()
                many = len(part) // 2
            except BoomiError as error:
                return rows, self.failed(target, error)
            else:
                start += len(part)
        return rows, Absent()

    def failed(self, target: Object[Any], error: BoomiError) -> Hidden | Unread:
        """Return the answer that stands for a failed read; that the user may not look is said once."""
        if isinstance(error, Forbidden):
            self._say(
                target,
                f'this user may not read {target.name} (Boomi answered {error.status}: "{error.said}"); '
                f"it takes {target.privileges}",
            )
            return Hidden()
        # The first refusal of the credentials says what to do; this may be the only error that is shown.
        first = error.first if isinstance(error, Unauthorized) else None
        return Unread(str(first or error))

    def _say(self, target: Object[Any], reason: str) -> None:
        with self._lock:
            if target.name in self._told:
                return
            self._told.add(target.name)
        self._tell(f"Names, versions and checks of {target.name} are left out of the preview: {reason}.")

    # -- by kind ---------------------------------------------------------------------------------

    def packages(self, ids: Sequence[str]) -> dict[str, Any]:
        """Read packages; who may only deploy learns of one from its deployments, wherever it was deployed."""
        found = self.read(PACKAGED_COMPONENT, ids)
        unread = [id_ for id_, answer in found.items() if isinstance(answer, Hidden)]
        if unread:
            rows, rest = self.query(
                DEPLOYED_PACKAGE, unread, lambda part: any_of([where("packageId").equals(id_) for id_ in part])
            )
            if isinstance(rest, Unread):
                found |= dict.fromkeys(unread, rest)
            names = ("packageId", "packageVersion", "componentId", "componentVersion")
            for row in rows:
                if row.package_id in found:
                    about = {name: row[name] for name in names if name in row}
                    found[row.package_id] = Found(parsed(PackagedComponent, about), about, row.package_id, partial=True)
        return found

    def connectors(self, ids: Sequence[str]) -> dict[str, Any]:
        """Read connectors, which Boomi tells in groups."""
        try:
            rows = self.all_connectors()
        except (EndpointNotFound, BadRequest):
            # Boomi documents no way to read connectors; where there is none, nothing can be told.
            return {id_: Hidden() for id_ in ids}
        except BoomiError as error:
            return {id_: self.failed(CONNECTOR_GROUP, error) for id_ in ids}
        return {id_: rows.get(id_, Absent()) for id_ in ids}

    def all_connectors(self) -> dict[str, Any]:
        """Return the answers about all connectors."""
        return {
            each.classification_type: shown(each, each.classification_type)
            for group in self.client.query(CONNECTOR_GROUP)
            for each in group.classifications
        }

    def deployments(self, keys: Sequence[str]) -> dict[str, Any]:
        """Read active deployments, a hundred a query; a query returns no more rows than it names."""

        def condition(part: Sequence[str]) -> Filter:
            wanted: dict[str, list[Filter]] = {}
            for key in part:
                environment, component = key.split("/", 1)
                wanted.setdefault(environment, []).append(where("componentId").equals(component))
            pairs = [where("environmentId").equals(each) & any_of(of) for each, of in wanted.items()]
            return where("active").equals(True) & any_of(pairs)

        environments = {key.split("/", 1)[0] for key in keys}
        only = next(iter(environments)) if len(environments) == 1 else None  # an answer need not repeat it then
        rows, other = self.query(DEPLOYED_PACKAGE, keys, condition)
        found = {
            f"{each.environment_id or only}/{each.component_id}": shown_row(each)
            for each in rows
            if each.active is not False
        }
        return {key: found.get(key, other) for key in keys}

    def deployments_one_by_one(self, keys: Sequence[str]) -> dict[str, Any]:
        """Read active deployments as the creates and updates of this process have seen them."""
        found: dict[str, Any] = {}
        for key in keys:
            environment, component = key.split("/", 1)
            try:
                rows = deployments_of(self.client).active(environment, component)
            except BoomiError as error:
                found[key] = self.failed(DEPLOYED_PACKAGE, error)
            else:
                found[key] = next((shown_row(row) for row in rows), Absent())
        return found

    def past(self, keys: Sequence[str]) -> dict[str, Any]:
        """Read the deployments of components in two environments each, ended ones too; one query each."""
        return {key: self._past(*key.split("/")) for key in keys}

    def _past(self, source: str, environment: str, component: str) -> Any:
        try:
            rows = past_deployments(self.client, source, environment, component)
        except BoomiError as error:
            return self.failed(DEPLOYED_PACKAGE, error)
        return Found([replace(row, notes=None) for row in rows])  # notes may be secret

    def packages_by_version(self, keys: Sequence[str], *, whole: bool = False) -> dict[str, Any]:
        """Read packages by component and version, a hundred a query; one that is alive counts before a deleted one."""

        def condition(part: Sequence[str]) -> Filter:
            pairs = (key.split("/", 1) for key in part)
            return any_of(
                [where("componentId").equals(one) & where("packageVersion").equals(two) for one, two in pairs]
            )

        rows, other = self.query(PACKAGED_COMPONENT, keys, condition, whole=whole)
        if whole and not all(row.component_id for row in rows):
            raise _AskAlone
        found: dict[str, Any] = {}
        for row in rows:
            # An answer need not repeat what a query for one package has named.
            key = keys[0] if len(keys) == 1 else f"{row.component_id}/{row.package_version}"
            if row.package_version in (None, key.split("/", 1)[1]):
                _prefer(found, key, row)
        return {key: found.get(key, other) for key in keys}

    def extensions(self, ids: Sequence[str]) -> dict[str, Any]:
        """Read the extensions of environments; where nothing deployed declares a field, there may be no object."""
        try:
            found = self.client.bulk(ENVIRONMENT_EXTENSIONS, ids)
        except BoomiError as error:
            return {id_: self.failed(ENVIRONMENT_EXTENSIONS, error) for id_ in ids}
        answers: dict[str, Any] = {}
        for id_, each in found.items():
            if isinstance(each, BoomiError) and not isinstance(each, BadRequest):
                answers[id_] = self.failed(ENVIRONMENT_EXTENSIONS, each)
            else:
                there = each if isinstance(each, EnvironmentExtensions) else EnvironmentExtensions(id=id_)
                answers[id_] = shown(there, id_)
        return answers

    def attached(self, ids: Sequence[str]) -> dict[str, Any]:
        """Read the runtimes of environments, a hundred environments a query."""
        return self._attachments(ids, "environmentId", "atomId")

    def places(self, ids: Sequence[str]) -> dict[str, Any]:
        """Read the environments of runtimes, a hundred runtimes a query."""
        return self._attachments(ids, "atomId", "environmentId")

    def _attachments(self, ids: Sequence[str], of: str, what: str) -> dict[str, Any]:
        """Read what is attached to each of the ids, which are of the property `of`."""

        def condition(part: Sequence[str]) -> Filter:
            return any_of([where(of).equals(each) for each in part])

        rows, rest = self.query(ATTACHMENT, ids, condition)
        if not isinstance(rest, Absent):
            return dict.fromkeys(ids, rest)
        try:
            found = by_key(ATTACHMENT, rows, ids, of)
        except BoomiError as error:
            return dict.fromkeys(ids, self.failed(ATTACHMENT, error))
        return {id_: Found(sorted(str(row.get(what)) for row in of_id)) for id_, of_id in found.items()}

    def schedules(self, keys: Sequence[str]) -> dict[str, Any]:
        """Read the schedules of processes on runtimes, a hundred pairs a query."""
        rows, rest = self.query(PROCESS_SCHEDULES, keys, pairs)
        try:
            found = by_key(PROCESS_SCHEDULES, rows, keys, *PAIR)
        except BoomiError as error:
            return dict.fromkeys(keys, self.failed(PROCESS_SCHEDULES, error))
        return {key: shown_row(of[-1]) if of else rest for key, of in found.items()}

    def schedules_one_by_one(self, keys: Sequence[str]) -> dict[str, Any]:
        """Read schedules where one pair is asked about after another."""
        return {key: self._schedules(*key.split("/", 1)) for key in keys}

    def _schedules(self, runtime: str, process: str) -> Any:
        try:
            row = schedules_seen(self.client).of(runtime, process)
        except BoomiError as error:
            return self.failed(PROCESS_SCHEDULES, error)
        return Absent() if row is None else shown_row(row)

    def histories(self, keys: Sequence[str]) -> dict[str, Any]:
        """Read all packages of components, a hundred components a query; none where they are too many."""

        def condition(part: Sequence[str]) -> Filter:
            return any_of([where("componentId").equals(key) for key in part])

        rows, rest = self.query(PACKAGED_COMPONENT, keys, condition, most=_MOST)
        found: dict[str, list[PackagedComponent]] = {key: [] for key in keys}
        for row in rows:
            if row.component_id in found:
                found[row.component_id].append(row)
        unread = rest if isinstance(rest, Unread) else Hidden()
        return {key: unread if isinstance(rest, Unread) or not of else Found(of) for key, of in found.items()}

    def components_one_by_one(self) -> Components:
        """Return what reads components where one is asked about after another."""
        return Components(
            self.client,
            partial(self.read, COMPONENT_METADATA),
            lambda row: shown(row, row.component_id),
            most=_MOST,
        )

    def packages_one_by_one(self, keys: Sequence[str]) -> dict[str, Any]:
        """Read packages where one is asked about after another: from the second on, all that bear the same version."""
        return self._one_by_one(PACKAGED_COMPONENT, "packageVersion", keys, self.packages_by_version, _prefer)

    def revisions(self, keys: Sequence[str], *, whole: bool = False) -> dict[str, Any]:
        """Read the newest revision of components on branches, a hundred components a query."""

        def condition(part: Sequence[str]) -> Filter:
            pairs = (key.split("/", 1) for key in part)
            return any_of([where("componentId").equals(one) & where("branchName").equals(two) for one, two in pairs])

        rows, other = self.query(COMPONENT_METADATA, keys, condition, whole=whole)
        found: dict[str, Any] = {}
        for row in rows:
            _newest(found, f"{row.component_id}/{row.branch_name}", row)
        return {key: found.get(key, other) for key in keys}

    def revisions_one_by_one(self, keys: Sequence[str]) -> dict[str, Any]:
        """Read revisions on branches where one is asked about after another: from the second on, all of the branch."""
        return self._one_by_one(COMPONENT_METADATA, "branchName", keys, self.revisions, _newest)

    def _one_by_one(
        self,
        target: Object[R],
        property_: str,
        keys: Sequence[str],
        read: Callable[..., dict[str, Any]],
        take: Callable[[dict[str, Any], str, Any], None],
    ) -> dict[str, Any]:
        """Return the answers about component/value, where one is asked about after another.

        From the second question on, all rows of the value are read at once, unless they are many more than were asked
        about. Then each request asks about likely components as well.
        """
        asked, likely = self._asked[target.name], likely_of(self.client)
        for key in keys:
            likely.name(key.split("/", 1)[0])
        found: dict[str, Any] = {}
        for value in dict.fromkeys(key.split("/", 1)[1] for key in keys):
            wanted = [key for key in keys if key.split("/", 1)[1] == value]
            left = [key for key in wanted if key not in asked.beside]
            if left and value not in asked.seen and asked.calls:
                self._read_all_of(target, property_, value, take)
            if left and value not in asked.seen:
                asked.calls += 1
                known = {key.split("/", 1)[0] for key in asked.beside if key.split("/", 1)[1] == value}
                beside = likely.beside([key.split("/", 1)[0] for key in left], known.__contains__)
                found |= self._with(read, asked, left, [f"{one}/{value}" for one in beside])
                asked.beside |= {key: each for key, each in found.items() if isinstance(each, (Found, Absent))}
            seen = asked.seen.get(value, {})
            found |= {
                key: asked.beside[key] if key in asked.beside else seen.get(key, Absent())
                for key in wanted
                if key not in found
            }
        return found

    def _with(
        self, read: Callable[..., dict[str, Any]], asked: _Asked, keys: Sequence[str], beside: Sequence[str]
    ) -> dict[str, Any]:
        """Return the answers about keys, and about others beside them where one request can be about all."""
        if beside and not asked.alone:
            try:
                return read([*keys, *beside], whole=True)
            except (BadRequest, _AskAlone):
                asked.alone = True
        return read(keys)

    def _read_all_of(
        self, target: Object[R], property_: str, value: str, take: Callable[[dict[str, Any], str, Any], None]
    ) -> None:
        """Read all objects that have a value, unless they are too many."""
        asked = self._asked[target.name]
        if not is_worth(asked.rows.get(value, 0), asked.calls):
            return
        found: dict[str, Any] = {}
        most = BULK * (asked.calls + 2)
        with contextlib.suppress(BoomiError):
            for row in self.client.query(
                target, where(property_).equals(value), most=most, told=partial(asked.rows.__setitem__, value)
            ):
                if row[property_] == value:
                    take(found, f"{row['componentId']}/{value}", row)
            if asked.rows.get(value, 0) <= most:
                asked.seen[value] = found

    def branches(self, keys: Sequence[str]) -> dict[str, Any]:
        """Read the names of all branches; an account without the feature tells none."""
        try:
            names = [row.name for row in self.client.query(BRANCH) if row.name and row.deleted is not True]
        except BadRequest:
            return dict.fromkeys(keys, Hidden())
        except BoomiError as error:
            return dict.fromkeys(keys, self.failed(BRANCH, error))
        return dict.fromkeys(keys, Found(sorted(names)))


def _prefer(found: dict[str, Any], key: str, row: PackagedComponent) -> None:
    """Note what a version holds; a package that is alive counts before a deleted one."""
    if key not in found or found[key].value.deleted is True:
        found[key] = shown_row(row)


def _newest(found: dict[str, Any], key: str, row: ComponentMetadata) -> None:
    """Note the newest revision of a component: a query by branch returns all of them."""
    if key not in found or (row.version or 0) > (found[key].value.version or 0):
        found[key] = shown_row(row)


def shown(record: Record, key: str | None, **more: Any) -> Found[Any]:
    """Return the answer that shows a record, without its notes, which may be secret; `more` are further properties."""
    return Found(record, {name: value for name, value in record.items() if name != "notes"} | more, key)


def shown_row(row: Record, key: Any = None) -> Found[Any]:
    """Return the answer that shows a row of a query, without its notes, which may be secret, but with their mark."""
    return replace(shown(row, key), mark=strip_mark(row.get("notes"))[1])
