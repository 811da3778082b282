"""What Boomi knows and the rules by which it changes. No HTTP in here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boomi_pulumi.emulator import query
from boomi_pulumi.emulator.access import DELETED
from boomi_pulumi.emulator.connectors import Connectors
from boomi_pulumi.emulator.extensions import KIND as EXTENSIONS
from boomi_pulumi.emulator.folders import Folders
from boomi_pulumi.emulator.listeners import Listeners
from boomi_pulumi.emulator.logins import Logins
from boomi_pulumi.emulator.objects import KINDS, Kind
from boomi_pulumi.emulator.rules import UNREADABLE, Call, Outcome, Refusal, Row, invalid
from boomi_pulumi.emulator.schedules import SCHEDULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from boomi_pulumi.emulator.seed import Document

    Keys = Mapping[str, frozenset[Any]]

MOST_KEPT: Final = 100_000  # rows that paging tokens may still lead to


@dataclass(frozen=True)
class Page:
    """Some rows of a query's result."""

    kind: Kind
    rows: list[Row]
    total: int
    token: str | None


@dataclass(frozen=True)
class _Snapshot:
    account: str
    kind: Kind
    rows: list[Row]
    taken: float


class Store(Listeners, Connectors, Logins, Folders):
    """The accounts and the rules by which they change.

    Every method may be called from any thread.
    """

    def __init__(self, seed: Document, data: str | Path | None = None, settings: dict[str, Any] | None = None) -> None:
        self._snapshots: dict[bytes, _Snapshot] = {}
        self._hidden: dict[tuple[str, str], int] = {}
        self._acts: dict[tuple[str, str], Callable[[Call], Row | None]] = {
            ("PackagedComponent", "create"): self._create_package,
            ("PackagedComponent", "delete"): self._delete_package,
            ("DeployedPackage", "create"): self._create_deployment,
            ("DeployedPackage", "delete"): self._delete_deployment,
            ("Folder", "create"): self._create_folder,
            ("Folder", "update"): self._update_folder,
            ("Folder", "delete"): self._delete_folder,
            ("Environment", "create"): self._create_environment,
            ("Environment", "update"): self._update_environment,
            ("Environment", "delete"): self._delete_environment,
            ("EnvironmentExtensions", "update"): self._update_extensions,
            ("ProcessSchedules", "update"): self._update_schedules,
            ("ProcessScheduleStatus", "update"): self._update_schedule_status,
            ("ExecutionRequest", "create"): self._create_execution,
            ("changeListenerStatus", "create"): self._change_listener,
            ("EnvironmentAtomAttachment", "create"): self._create_attachment,
            ("EnvironmentAtomAttachment", "delete"): self._delete_attachment,
            ("EnvironmentRole", "create"): self._create_environment_role,
            ("EnvironmentRole", "delete"): self._delete_environment_role,
            ("ComponentMetadata", "create"): self._restore_component,
            ("ComponentMetadata", "update"): self._update_component,
            ("ComponentMetadata", "delete"): self._delete_component,
            ("PublisherIntegrationPack", "create"): self._create_pack,
            ("PublisherIntegrationPack", "update"): self._update_pack,
            ("PublisherIntegrationPack", "delete"): self._delete_pack,
            ("ReleaseIntegrationPack", "create"): self._create_release,
            ("ReleaseIntegrationPack", "update"): self._update_release,
            ("ConnectorVersionChange", "create"): self._create_change,
            ("ConnectorVersionChange", "cancel"): self._cancel_change,
            ("ConnectorPendingRelease", "cancel"): self._cancel_pending,
        }
        self._register_reads()
        super().__init__(seed, data, settings)

    def _register_reads(self) -> None:
        self._later: dict[tuple[str, str], Callable[[Call], Outcome]] = {
            ("ExecutionRecord", "poll"): self._poll_record,
            ("ListenerStatus", "ask"): self._ask_listeners,
            ("ListenerStatus", "poll"): self._tell_listeners,
        }
        self._views: dict[str, Callable[[str, str], Row]] = {
            "ComponentMetadata": self._component_view,
            "Component": self._document,
            "ComponentReference": self._references,
            "PackagedComponentManifest": self._manifest,
            "EnvironmentExtensions": self._extensions_view,
            **dict.fromkeys(SCHEDULES, self._schedules_view),
            "Process": self._process,
            "Account": self._account_view,
            "Branch": self._branch_view,
            "ReleaseIntegrationPackStatus": self._poll,
        }
        self._searches: dict[str, Callable[[str, Keys], Iterator[tuple[Row, Row]]]] = {
            "ComponentMetadata": self._searched_components,
            "DeployedPackage": self._searched_deployments,
            "EnvironmentExtensions": self._searched_extensions,
            **dict.fromkeys(SCHEDULES, self._searched_schedules),
            "ExecutionRecord": self._searched_records,
            "Process": self._processes,
            "ComponentReference": self._searched_references,
            "Branch": self._searched_branches,
            "Atom": self._searched_runtimes,
        }

    def reset(self) -> None:
        """Go back to the seed: objects, settings, clock, journal and paging tokens."""
        with self._lock:
            super().reset()
            self._snapshots.clear()
            self._hidden.clear()

    def hide(self, call: Call, outcome: Outcome, reads: int) -> None:
        """Keep clients from reading what was just committed, as if it had not arrived everywhere.

        Args:
            call: The act.
            outcome: What it led to.
            reads: How many reads that would have shown it do not.
        """
        with self._lock:
            if call.kind.name in (EXTENSIONS, *SCHEDULES):
                self.delay(outcome.value["id"], reads)
            elif outcome.form == "object":
                # Of a run it is the record that is looked for.
                found = outcome.value.get("executionId") or outcome.value.get(call.kind.id_field)
                self._hidden[call.account, str(found)] = reads

    def show(self) -> None:
        """Let everything be read again."""
        with self._lock:
            super().show()
            self._hidden.clear()

    def _is_hidden(self, account: str, identifier: str) -> bool:
        left = self._hidden.get((account, identifier), 0)
        if left:
            self._hidden[account, identifier] = left - 1
        return left > 0

    def objects(self, kind: str, account: str | None = None) -> list[Row]:
        """List the rows of one kind; an integration pack as a client sees it, any other kind as it is kept.

        Args:
            kind: `PackagedComponent` and so on, also `Branch`, `Account`.
            account: An account's id; the primary one if left out.

        Returns:
            Copies of the rows.
        """
        with self._lock:
            self._settle()
            found = super().objects(kind, account)
            if kind == "PublisherIntegrationPack":
                return [self._pack_view(account or self.primary["id"], row) for row in found]
            return found

    def _set_clock(self, offset: float) -> str:
        with self._lock:
            now = super()._set_clock(offset)
            self._settle()
            return now

    def _settle(self) -> None:
        """Let happen what was due since the last act: the clock has no alarm."""
        for account in [account for account, kind in self._rows if kind == "Account"]:
            self._settle_releases(account)
            self._settle_connectors(account)

    # Every verb comes by here.

    def perform(self, call: Call) -> Outcome:
        """Do what a client asks.

        Args:
            call: The act.

        Returns:
            What to answer.

        Raises:
            Refusal: Boomi would not do it.
        """
        with self._lock:
            self.authorize(call)
            self._settle()
            before = self._commits
            match call.verb:
                case "get":
                    row = self._get(call, call.id)
                    return Outcome("object", row, status=row.get("responseStatusCode", 200))
                case "bulk":
                    return Outcome("bulk", self._bulk(call))
                case "query":
                    return Outcome("query", self._query(call))
                case "queryMore":
                    return Outcome("query", self._query_more(call))
                case "ask" | "poll":
                    return self._later[call.kind.name, call.verb](call)
            self._enter_row(call, call.id)
            value = self._acts[call.kind.name, call.verb](call)
            return Outcome("nothing" if value is None else "object", value, self._commits != before)

    def authorize(self, call: Call) -> None:
        """Check that a user may do what is asked, whatever the body says.

        Args:
            call: The act.

        Raises:
            Refusal: A privilege or a feature is missing.
        """
        granted = set(call.user["privileges"])
        kind = call.kind
        writes = call.verb in ("create", "update", "delete", "cancel")
        needed = frozenset({kind.write}) | kind.writers if writes else kind.read
        if kind.name == "DeployedPackage" and self._settings["readsOfDeployments"] == "DEPLOY":
            needed = frozenset({kind.write})
        if kind.name == "Account" and self._settings["readsOfAccount"] == "ACCOUNT_ADMIN":
            needed = frozenset({"ACCOUNT_ADMIN"})
        if "API" not in granted or (needed and not needed & granted):
            raise self._denied()
        if kind.name in self._settings["missingFeatures"]:
            # Of branches people met a 400.
            status = 400 if kind.name == "Branch" else 403
            raise Refusal(status, f"The feature that {kind.name} belongs to is not enabled for this account.")

    # Reading.

    def _get(self, call: Call, identifier: str) -> Row:
        if self._is_hidden(call.account, identifier.partition("~")[0]):
            raise Refusal(400, invalid(call.kind.name, identifier))
        self._enter_row(call, identifier)
        if call.kind.name in self._views:
            return self._views[call.kind.name](call.account, identifier)
        gone = self._table(call.account, DELETED).get(identifier) if call.kind.name == "Environment" else None
        if gone is not None and self._settings["deletedEnvironmentRead"] == 200:  # noqa: PLR2004
            return gone
        row = self._require(call.account, call.kind.name, identifier)
        if call.kind.name == "PublisherIntegrationPack":
            return self._pack_view(call.account, row)
        if call.kind.name == "DeployedPackage" and not row["active"] and not self._settings["readInactiveDeployment"]:
            raise Refusal(400, invalid(call.kind.name, identifier))
        return self._shown(row)

    def _bulk(self, call: Call) -> list[tuple[str, Row | Refusal]]:
        body = call.body
        if isinstance(body, dict) and set(body) == {"BulkRequest"}:
            body = body["BulkRequest"]  # so in a sample of Boomi's
        if not isinstance(body, dict) or not isinstance(body.get("request"), list):
            raise Refusal(400, UNREADABLE)
        if body.get("type", "GET") != "GET":
            raise Refusal(400, f"Bulk {body['type']} is not supported for {call.kind.name}.")
        wanted = body["request"]
        if not all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in wanted):
            raise Refusal(400, UNREADABLE)
        most = call.kind.largest_bulk
        if len(wanted) > most:
            raise Refusal(400, f"A bulk request may hold at most {most} ids; this one holds {len(wanted)}.")
        return [(item["id"], self._try_get(call, item["id"])) for item in wanted]

    def _try_get(self, call: Call, identifier: str) -> Row | Refusal:
        try:
            return self._get(call, identifier)
        except Refusal as refusal:
            return refusal

    def _query(self, call: Call) -> Page:
        wanted = self._filter(call)
        found = [row for row, searched in self._searchable(call, wanted) if wanted.test(searched)]
        found = self._visible(call, found)
        if call.kind.name == "PublisherIntegrationPack":
            found = [self._pack_view(call.account, row) for row in found]
        if call.kind.sortable and isinstance(call.body, dict):
            try:
                found = query.ordered(found, call.body.get("QuerySort"), call.kind.query)
            except query.BadFilter as error:
                raise Refusal(400, str(error)) from None
        if self._hidden:
            ids = {row.get(call.kind.id_field, "") for row in found}
            hidden = {identifier for identifier in ids if self._is_hidden(call.account, identifier)}
            found = [row for row in found if row.get(call.kind.id_field, "") not in hidden]
        taken = self.time()
        snapshot = os.urandom(16)
        if len(found) > query.PAGE:
            self._snapshots[snapshot] = _Snapshot(call.account, call.kind, found, taken)
            while len(self._snapshots) > 1 and self.kept_rows() > MOST_KEPT:
                del self._snapshots[next(iter(self._snapshots))]
        return _page(call.kind, found, snapshot, 0)

    def kept_rows(self) -> int:
        """Count the rows that paging tokens may still lead to."""
        return sum(len(snapshot.rows) for snapshot in self._snapshots.values())

    def _query_more(self, call: Call) -> Page:
        place = query.read_token(str(call.body))
        if place is None:
            raise Refusal(400, "The queryToken does not have the proper format.")
        kept = self._snapshots.get(place[0])
        lifetime = self._settings["tokenLifetime"]
        if kept is None or kept.account != call.account or (lifetime and self.time() - kept.taken > lifetime):
            raise Refusal(400, "The queryToken is invalid or has expired.")
        if kept.kind is not call.kind:
            # A token that is posted at another object's address works, for those who may read its rows.
            self.authorize(Call(call.user, call.account, kept.kind, "query"))
        return _page(kept.kind, kept.rows, place[0], place[1])

    def _searchable(self, call: Call, wanted: query.Filter) -> Iterable[tuple[Row, Row]]:
        """Pair every row that may be wanted with what a filter sees of it."""
        search = self._searches.get(call.kind.name)
        if search:
            return search(call.account, wanted.keys)
        found = self._table(call.account, call.kind.name).among(wanted.keys)
        return ((row, {**row, "accountId": call.account}) for row in found)

    def _searched_components(self, account: str, keys: Keys) -> Iterator[tuple[Row, Row]]:
        newest: dict[str, Row | None] = {}
        for row in self._table(account, "ComponentMetadata").among(keys):
            component = row["componentId"]
            if component not in newest:
                newest[component] = self._current(account, component)
            view = {**row, "currentVersion": newest[component] is row}
            yield view, {**view, "accountId": account}

    def _searched_deployments(self, account: str, keys: Keys) -> Iterator[tuple[Row, Row]]:
        for row in self._table(account, "DeployedPackage").among(keys):
            yield self._shown(row), self._deployment_search(account, row)

    def _deployment_search(self, account: str, row: Row) -> Row:
        package = self._table(account, "PackagedComponent").get(row["packageId"]) or {}
        environment = self._table(account, "Environment").get(row["environmentId"]) or {}
        revision = f"{row['componentId']}~{row['componentVersion']}"
        component = self._table(account, "ComponentMetadata").get(revision) or {}
        return {
            **row,
            "accountId": account,
            "branch": row["branchName"],
            "componentName": component.get("name"),
            "current": row["active"],
            "environmentName": environment.get("name"),
            "packageNotes": package.get("notes"),
            "uid": row["deploymentId"],
        }

    # What people do in the console. No client, no privilege, no limit.

    def console(self, verb: str, kind: str, *, by: str, account: str | None = None, **body: Any) -> Row | None:
        """Do as a person does in the console, by the same rules.

        Args:
            verb: `create`, `update` or `delete`.
            kind: The object's name.
            by: The person.
            account: The account's id; the primary one if left out.
            **body: The fields, with `id` for update and delete.

        Returns:
            The row, if there is one to show.

        Raises:
            Refusal: As for a client.
        """
        person = {
            "name": by,
            "privileges": [
                "API", "PACKAGE_MANAGEMENT", "DEPLOY", "ATOM_MANAGEMENT", "ENV_MANAGEMENT", "BUILD",
                "SCHEDULE_MAINTENANCE", "EXECUTE", "VIEW_RESULT",
                "PUBLISHER_INTEGRATION_PACK", "DEVELOPER", "CONNECTOR_SUBMISSION",
            ],
        }  # fmt: skip
        identifier = body.pop("id", "")
        call = Call(
            person,
            self._known(account),
            KINDS[kind],
            verb,
            identifier,
            {k: v for k, v in body.items() if v is not None},
        )
        value = self.perform(call).value
        return dict(value) if isinstance(value, dict) else None


def _page(kind: Kind, found: list[Row], snapshot: bytes, offset: int) -> Page:
    end = offset + query.PAGE
    token = query.write_token(snapshot, end) if end < len(found) else None
    return Page(kind, found[offset:end], len(found), token)
