"""What Boomi knows and the rules by which it changes. No HTTP in here."""

from __future__ import annotations

import os
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boomi_pulumi.emulator import query
from boomi_pulumi.emulator.connectors import Connectors
from boomi_pulumi.emulator.folders import Folders
from boomi_pulumi.emulator.kinds import KINDS, PACKAGEABLE, SHAREABLE, Kind
from boomi_pulumi.emulator.logins import Logins
from boomi_pulumi.emulator.others import Others
from boomi_pulumi.emulator.packs import Packs
from boomi_pulumi.emulator.rules import DENIED, UNREADABLE, Call, Outcome, Refusal, Row, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from boomi_pulumi.emulator.seed import Document
    from boomi_pulumi.emulator.state import Change

    Keys = Mapping[str, frozenset[Any]]

MOST_KEPT: Final = 100_000  # rows that paging tokens may still lead to
LICENCES: Final = (
    "Your packaged components were successfully deployed. You have exceeded the usage count"
    " in your current connection licenses by {}."
    " Contact a Boomi representative to purchase a higher connection licenses count."
)
CONSOLE_USER: Final = "console.user@acme.example"
_NUMERIC: Final = re.compile(r"\d{1,9}(\.\d{1,9})?")


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


class Store(Packs, Connectors, Logins, Folders, Others):
    """The accounts and the rules by which they change.

    Every method may be called from any thread.
    """

    def __init__(self, seed: Document, data: str | Path | None = None, settings: dict[str, Any] | None = None) -> None:
        self._snapshots: dict[bytes, _Snapshot] = {}
        self._hidden: dict[tuple[str, str], int] = {}
        self._highest: dict[tuple[str, str], int] = {}
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
        self._views: dict[str, Callable[[str, str], Row]] = {
            "ComponentMetadata": self._component_view,
            "Component": self._document,
            "ComponentReference": self._references,
            "PackagedComponentManifest": self._manifest,
            "Process": self._process,
            "Branch": self._branch_view,
            "ReleaseIntegrationPackStatus": self._poll,
        }
        self._searches: dict[str, Callable[[str, Keys], Iterator[tuple[Row, Row]]]] = {
            "ComponentMetadata": self._searched_components,
            "DeployedPackage": self._searched_deployments,
            "Process": self._processes,
            "ComponentReference": self._searched_references,
            "Branch": self._searched_branches,
            "Atom": self._searched_runtimes,
        }
        super().__init__(seed, data, settings)

    def reset(self) -> None:
        """Go back to the seed: objects, settings, clock, journal and paging tokens."""
        with self._lock:
            super().reset()
            self._snapshots.clear()
            self._hidden.clear()
            self._highest.clear()

    def hide(self, call: Call, outcome: Outcome, reads: int) -> None:
        """Keep clients from reading what was just committed, as if it had not arrived everywhere.

        Args:
            call: The act.
            outcome: What it led to.
            reads: How many reads that would have shown it do not.
        """
        with self._lock:
            if outcome.form == "object":
                self._hidden[call.account, str(outcome.value.get(call.kind.id_field))] = reads

    def show(self) -> None:
        """Let everything be read again."""
        with self._lock:
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

    # The one door for every verb.

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
        needed = frozenset({kind.write}) if writes else kind.read
        if kind.name == "DeployedPackage" and self._settings["readsOfDeployments"] == "DEPLOY":
            needed = frozenset({kind.write})
        if "API" not in granted or (needed and not needed & granted):
            raise Refusal(403, DENIED)
        if kind.name in self._settings["missingFeatures"]:
            # Of branches people met a 400.
            status = 400 if kind.name == "Branch" else 403
            raise Refusal(status, f"The feature that {kind.name} belongs to is not enabled for this account.")

    # Reading.

    def _get(self, call: Call, identifier: str) -> Row:
        if self._is_hidden(call.account, identifier.partition("~")[0]):
            raise Refusal(400, invalid(call.kind.name, identifier))
        if call.kind.name in self._views:
            return self._views[call.kind.name](call.account, identifier)
        row = self._require(call.account, call.kind.name, identifier)
        if call.kind.name == "PublisherIntegrationPack":
            return self._pack_view(call.account, row)
        if call.kind.name == "DeployedPackage" and not row["active"] and not self._settings["readInactiveDeployment"]:
            raise Refusal(400, invalid(call.kind.name, identifier))
        return self._shown(row)

    def _shown(self, row: Row) -> Row:
        if (
            "listenerStatus" in row
            and self._settings["listenerStatusOf"] == "process"
            and row["componentType"] != "process"
        ):
            return {key: value for key, value in row.items() if key != "listenerStatus"}
        return row

    def _component_view(self, account: str, identifier: str) -> Row:
        component, _, version = identifier.partition("~")
        current = self._current(account, component)
        if not version:
            if current is None:
                raise Refusal(400, invalid("ComponentMetadata", component))
            return {**current, "currentVersion": True}
        row = self._table(account, "ComponentMetadata").get(identifier)
        if row is None:
            raise Refusal(400, invalid("ComponentMetadata", identifier))
        return {**row, "currentVersion": row is current}

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

    def _filter(self, call: Call) -> query.Filter:
        settings = self._settings
        cases = query.Cases(settings["likeIgnoresCase"], settings["containsIgnoresCase"], settings["equalsIgnoresCase"])
        try:
            wanted = query.parse(call.body, call.kind.query, cases)
        except query.BadFilter as error:
            raise Refusal(400, str(error)) from None
        for prop, partner in call.kind.together:
            if prop in wanted.properties and partner not in wanted.properties:
                raise Refusal(400, f"A filter on {prop} must also name {partner}.")
        if 0 < settings["longestFilter"] < wanted.conditions:
            raise Refusal(400, f"A filter may hold at most {settings['longestFilter']} expressions.")
        refused = wanted.operators & set(settings["refusedOperators"])
        if refused:
            raise Refusal(400, f"Operator '{min(refused)}' is not supported.")
        return wanted

    def _query(self, call: Call) -> Page:
        wanted = self._filter(call)
        found = [row for row, searched in self._searchable(call, wanted) if wanted.test(searched)]
        if call.kind.name == "PublisherIntegrationPack":
            found = [self._pack_view(call.account, row) for row in found]
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
        kept = self._snapshots.get(place[0]) if place else None
        lifetime = self._settings["tokenLifetime"]
        if (
            place is None
            or kept is None
            or kept.account != call.account
            or (lifetime and self.time() - kept.taken > lifetime)
        ):
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

    # Components.

    def _branch(self, account: str, name: str) -> Row:
        for row in self._table(account, "Branch").by(name=name):
            if not row["deleted"]:
                return row
        raise Refusal(400, f"Branch '{name}' is not valid.")

    def _save(self, account: str, base: Row, by: str, **changes: Any) -> Row:
        number = len(self._revisions(account, base["componentId"])) + 1
        row = {**base, **changes, "version": number, "modifiedBy": by, "modifiedDate": self.now()}
        self._commit(account, [("ComponentMetadata", f"{row['componentId']}~{number}", row)])
        return self._component_view(account, f"{row['componentId']}~{number}")

    def _restore_component(self, call: Call) -> Row:
        component = self._body(call).get("componentId")
        if not component:
            raise Refusal(400, "Creating a component is not supported: name the componentId of a deleted one.")
        current = self._current(call.account, component)
        if current is None:
            raise Refusal(400, invalid("ComponentMetadata", component))
        self._check_lock(call.account, component)
        if not current["deleted"]:
            raise Refusal(400, f"Component {component} is not deleted, so it cannot be restored.")
        return self._save(call.account, current, call.user["name"], deleted=False)

    def _update_component(self, call: Call) -> Row:
        body = self._body(call)
        base = self._current(call.account, call.id)
        branch: Row = {}
        if body.get("branchId"):
            branch = self._require(call.account, "Branch", body["branchId"])
        elif body.get("branchName"):
            branch = self._branch(call.account, body["branchName"])
        if branch:
            carried = [row for row in self._revisions(call.account, call.id) if row["branchName"] == branch["name"]]
            base = carried[-1] if carried else base
        if base is None or base["deleted"]:
            raise Refusal(400, invalid("ComponentMetadata", call.id))
        self._check_lock(call.account, call.id)
        changes: Row = {"name": body["name"]} if body.get("name") else {}
        if "folderId" in body:
            changes |= self._folder(call.account, body["folderId"])
        if branch:
            changes |= {"branchName": branch["name"], "branchId": branch["id"]}
        return self._save(call.account, base, call.user["name"], **changes)

    def _folder(self, account: str, identifier: str) -> Row:
        table = self._table(account, "Folder")
        found = table.get(identifier) if identifier else table.last(parentId="")
        if found is None or found["deleted"]:
            raise Refusal(400, invalid("Folder", identifier))
        return {"folderId": found["id"], "folderName": found["name"]}

    def _delete_component(self, call: Call) -> None:
        current = self._current(call.account, call.id)
        if current is None:
            raise Refusal(400, invalid("ComponentMetadata", call.id))
        self._check_lock(call.account, call.id)
        if current["deleted"]:
            raise Refusal(400, f"ComponentId {call.id} is invalid: the component is already deleted.")
        self._save(call.account, current, call.user["name"], deleted=True)

    def _check_lock(self, account: str, component: str) -> None:
        if component in self._table(account, "Lock"):
            raise Refusal(
                400,
                f"Component {component} is currently locked by another user."
                " To complete this action, the component must be unlocked.",
            )

    # Packages.

    def _create_package(self, call: Call) -> Row:
        body = self._body(call)
        if body.get("packageId"):
            return self._restore_package(call.account, body)
        row = self._new_package(call.account, body, call.user["name"])
        self._commit(call.account, self._stored(call.account, row))
        return row

    def _stored(self, account: str, package: Row) -> list[Change]:
        manifest = self._packed(account, package)
        changes: list[Change] = [("PackagedComponent", package["packageId"], package)]
        return [*changes, ("Manifest", package["packageId"], manifest)] if manifest else changes

    def _restore_package(self, account: str, body: Row) -> Row:
        if not body.get("componentId") or not body.get("packageVersion"):
            raise Refusal(400, "To restore a package, give its packageId, componentId and packageVersion.")
        row = self._require(account, "PackagedComponent", body["packageId"])
        for name in ("componentId", "packageVersion"):
            if row[name] != body[name]:
                raise Refusal(400, f"{name} {body[name]} is not that of package {row['packageId']}.")
        if not row["deleted"]:
            if self._settings["restoreLivePackage"] == "refuse":
                raise Refusal(400, f"Package {row['packageId']} is not deleted, so it cannot be restored.")
            return row
        row = {**row, "deleted": False}
        self._commit(account, [("PackagedComponent", row["packageId"], row)])
        return row

    def _new_package(self, account: str, body: Row, by: str) -> Row:
        component = body.get("componentId")
        if not component:
            raise Refusal(400, "The componentId is missing. Provide a valid componentId to complete this action.")
        revisions = self._revisions(account, component)
        if not revisions:
            raise Refusal(400, invalid("ComponentMetadata", component))
        if revisions[-1]["deleted"]:
            raise Refusal(400, f"{invalid('ComponentMetadata', component)} The component is deleted.")
        if revisions[-1]["type"] not in PACKAGEABLE:
            raise Refusal(400, f"A component of type {revisions[-1]['type']} cannot be packaged.")
        branch = self._branch(account, body.get("branchName") or self._main(account))["name"]
        revision = self._packaged_revision(account, revisions, branch, body)
        row: Row = {
            "packageId": str(uuid.uuid4()),
            "packageVersion": self._free_version(account, component, body.get("packageVersion")),
            "componentId": component,
            "componentVersion": revision["version"],
            "componentType": revision["type"],
            "createdDate": self.now(),
            "createdBy": by,
            "shareable": body.get("shareable", False) and revision["type"] in SHAREABLE,
            "deleted": False,
            "branchName": branch,
        }
        if body.get("notes"):
            row["notes"] = body["notes"]
        return row

    def _packaged_revision(self, account: str, revisions: list[Row], branch: str, body: Row) -> Row:
        wanted = body.get("componentVersion")
        if wanted is not None and self._settings["honourComponentVersion"]:
            for row in revisions:
                if row["version"] == wanted and not row["deleted"]:
                    return row
            raise Refusal(400, f"Version {wanted} of component {body['componentId']} does not exist.")
        # A branch that never touched the component shows the default branch's revision; one that cannot
        # see it at all is echoed just the same.
        for name in (branch, self._main(account)):
            carried = [row for row in revisions if row["branchName"] == name and not row["deleted"]]
            if carried:
                return carried[-1]
        return revisions[-1]

    def _free_version(self, account: str, component: str, wanted: str | None) -> str:
        packages = self._table(account, "PackagedComponent")
        if not wanted:
            highest = self._highest.get((account, component))
            if highest is None:
                used = (str(row["packageVersion"]) for row in packages.by(componentId=component))
                highest = int(max([float(text) for text in used if _NUMERIC.fullmatch(text)], default=0))
            return f"{highest + 1}.0"
        taken = packages.last(componentId=component, packageVersion=wanted)
        if taken:
            message = f"Package version {wanted} already exists for component {component}."
            if taken["deleted"]:
                message += f" It belongs to the deleted package {taken['packageId']}, which can be restored."
            raise Refusal(self._settings["duplicateVersionStatus"], message)
        return wanted

    def _commit(self, account: str, changes: Iterable[Change]) -> None:
        changes = list(changes)
        super()._commit(account, changes)
        for kind, _, row in changes:
            if kind == "PackagedComponent" and row and _NUMERIC.fullmatch(row["packageVersion"]):
                # A version is never free again, so the highest only grows.
                place = account, row["componentId"]
                if place in self._highest or self._table(account, kind).count(componentId=row["componentId"]) == 1:
                    self._highest[place] = max(self._highest.get(place, 0), int(float(row["packageVersion"])))

    def _delete_package(self, call: Call) -> None:
        row = self._require(call.account, "PackagedComponent", call.id)
        if row["deleted"]:
            raise Refusal(400, f"PackageId {call.id} is invalid: the package is already deleted.")
        environments = self._table(call.account, "Environment")
        used = [
            str((environments.get(deployed["environmentId"]) or {}).get("name", deployed["environmentId"]))
            for deployed in self._table(call.account, "DeployedPackage").by(packageId=call.id, active=True)
        ]
        if used:
            raise Refusal(
                400,
                f"Package {call.id} (version {row['packageVersion']}) cannot be deleted because it is"
                f" currently in use: deployed to {', '.join(used)}.",
            )
        packs = self._packs_with(call.account, row)
        if packs:
            raise Refusal(
                400,
                f"Package {call.id} (version {row['packageVersion']}) cannot be deleted because it is"
                f" currently in use: part of the integration pack {', '.join(packs)}.",
            )
        self._commit(call.account, [("PackagedComponent", call.id, {**row, "deleted": True})])

    # Deployments.

    def _create_deployment(self, call: Call) -> Row:
        body = self._body(call)
        if not body.get("environmentId"):
            raise Refusal(400, "The environmentId is missing. Provide a valid environmentId to complete this action.")
        environment = self._require(call.account, "Environment", body["environmentId"])
        changes: list[Change] = []
        if body.get("packageId"):
            package = self._require(call.account, "PackagedComponent", body["packageId"])
            if package["deleted"]:
                raise Refusal(400, f"{invalid('PackagedComponent', body['packageId'])} The package is deleted.")
        else:
            package = self._package_newest(call, body.get("componentId"))
            changes += self._stored(call.account, package)
        row, superseded = self._deploy(call, body, package, environment["id"])
        changes += [("DeployedPackage", old["deploymentId"], old) for old in superseded]
        changes.append(("DeployedPackage", row["deploymentId"], row))
        self._commit(call.account, changes)
        exceeded = self._settings["licencesExceededBy"]
        return self._shown({**row, "message": LICENCES.format(exceeded)} if exceeded else row)

    def _package_newest(self, call: Call, component: str | None) -> Row:
        if not component:
            raise Refusal(400, "The packageId is missing. Provide a valid packageId or componentId.")
        if "PACKAGE_MANAGEMENT" not in call.user["privileges"]:
            raise Refusal(403, DENIED)
        revisions = self._revisions(call.account, component)
        # The newest revision of any branch goes out, whatever branch the request names.
        branch = revisions[-1]["branchName"] if revisions else None
        return self._new_package(call.account, {"componentId": component, "branchName": branch}, call.user["name"])

    def _deploy(self, call: Call, body: Row, package: Row, environment: str) -> tuple[Row, list[Row]]:
        deployments = self._table(call.account, "DeployedPackage")
        slot = {"environmentId": environment, "componentId": package["componentId"]}
        active = list(deployments.by(**slot, active=True))
        newest = deployments.last(**slot)
        if (
            self._settings["samePackageRedeploy"] == "duplicate"
            and active
            and active[-1]["packageId"] == package["packageId"]
        ):
            raise Refusal(
                400,
                f"Duplicate deployment: package {package['packageId']} is already deployed to {environment}.",
            )
        status = body.get("listenerStatus")
        if status not in ("RUNNING", "PAUSED"):
            status = newest["listenerStatus"] if newest else "RUNNING"
        row: Row = {
            "deploymentId": str(uuid.uuid4()),
            "version": newest["version"] + 1 if newest else 1,
            "packageId": package["packageId"],
            "packageVersion": package["packageVersion"],
            "environmentId": environment,
            "componentId": package["componentId"],
            "componentVersion": package["componentVersion"],
            "componentType": package["componentType"],
            "deployedDate": self.now(),
            "deployedBy": call.user["name"],
            "active": True,
            "branchName": package["branchName"],
            "listenerStatus": status,
        }
        if body.get("notes"):
            row["notes"] = body["notes"]
        return row, [{**old, "active": False} for old in active]

    def _delete_deployment(self, call: Call) -> None:
        row = self._require(call.account, "DeployedPackage", call.id)
        if not row["active"]:
            if self._settings["deleteInactiveDeployment"] == "refuse":
                raise Refusal(400, f"DeploymentId {call.id} is invalid: the deployment is not active.")
            return
        self._commit(call.account, [("DeployedPackage", call.id, {**row, "active": False})])

    # Environments.

    def _create_environment(self, call: Call) -> Row:
        body = self._body(call)
        name = self._free_name(call.account, body.get("name"))
        classification = body.get("classification") or "PROD"
        if classification not in ("PROD", "TEST"):
            raise Refusal(400, f"Classification '{classification}' is not valid; it must be PROD or TEST.")
        row = {"id": str(uuid.uuid4()), "name": name, "classification": classification}
        self._commit(call.account, [("Environment", row["id"], row)])
        return row

    def _free_name(self, account: str, name: str | None) -> str:
        if not name:
            raise Refusal(400, "The name of the environment is missing.")
        if self._table(account, "Environment").count(name=name):
            raise Refusal(400, f"An environment named '{name}' already exists.")
        return name

    def _update_environment(self, call: Call) -> Row:
        body = self._body(call)
        row = self._require(call.account, "Environment", call.id)
        if body.get("name") not in (None, row["name"]):
            row = {**row, "name": self._free_name(call.account, body["name"])}
            self._commit(call.account, [("Environment", call.id, row)])
        return row

    def _delete_environment(self, call: Call) -> None:
        row = self._require(call.account, "Environment", call.id)
        deployed = self._table(call.account, "DeployedPackage").last(environmentId=call.id, active=True)
        if deployed:
            raise Refusal(
                400,
                f"Environment {row['name']} cannot be deleted because it is in use:"
                f" package {deployed['packageId']} is deployed to it.",
            )
        self._commit(call.account, [("Environment", call.id, None)])

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
                "API", "PACKAGE_MANAGEMENT", "DEPLOY", "ATOM_MANAGEMENT", "BUILD", "PUBLISHER_INTEGRATION_PACK",
                "DEVELOPER", "CONNECTOR_SUBMISSION",
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

    def lock_component(self, component_id: str, *, by: str | None = CONSOLE_USER, account: str | None = None) -> None:
        """Lock a component, as a person does; everybody's writes are refused until it is unlocked.

        Args:
            component_id: The component.
            by: The person, or None to unlock it.
            account: The account's id; the primary one if left out.
        """
        with self._lock:
            account = self._known(account)
            if not self._revisions(account, component_id):
                raise Refusal(400, invalid("ComponentMetadata", component_id))
            row = {"componentId": component_id, "by": by} if by else None
            self._commit(account, [("Lock", component_id, row)])

    def save_revision(
        self,
        component_id: str,
        *,
        by: str = CONSOLE_USER,
        branch: str | None = None,
        name: str | None = None,
        account: str | None = None,
    ) -> Row:
        """Save a component once more, as a person does.

        Args:
            component_id: The component.
            by: The person.
            branch: The branch to save on; the newest revision's if left out.
            name: A new name.
            account: The account's id; the primary one if left out.

        Returns:
            The new revision.
        """
        with self._lock:
            account = self._known(account)
            revisions = self._revisions(account, component_id)
            if not revisions or revisions[-1]["deleted"]:
                raise Refusal(400, invalid("ComponentMetadata", component_id))
            found = self._branch(account, branch or revisions[-1]["branchName"])
            changes = {"branchName": found["name"], "branchId": found["id"]} | ({"name": name} if name else {})
            return self._save(account, revisions[-1], by, **changes)

    def create_component(
        self,
        name: str,
        *,
        type: str = "process",  # Boomi's word
        folder: str | None = None,
        by: str = CONSOLE_USER,
        branch: str | None = None,
        account: str | None = None,
    ) -> Row:
        """Create a component, as a person does.

        Args:
            name: Its name.
            type: Its type.
            folder: A folder's full path or id; the root folder if left out.
            by: The person.
            branch: The branch; the default one if left out.
            account: The account's id; the primary one if left out.

        Returns:
            Its first revision.
        """
        with self._lock:
            account = self._known(account)
            identifier = next(
                (row["id"] for row in self._table(account, "Folder").by(fullPath=folder)),
                folder,
            )
            found = self._branch(account, branch or self._main(account))
            base = {
                "componentId": str(uuid.uuid4()),
                "name": name,
                "type": type,
                **self._folder(account, identifier or ""),
                "createdDate": self.now(),
                "createdBy": by,
                "deleted": False,
                "branchName": found["name"],
                "branchId": found["id"],
            }
            return self._save(account, base, by)


def _page(kind: Kind, found: list[Row], snapshot: bytes, offset: int) -> Page:
    end = offset + query.PAGE
    token = query.write_token(snapshot, end) if end < len(found) else None
    return Page(kind, found[offset:end], len(found), token)
