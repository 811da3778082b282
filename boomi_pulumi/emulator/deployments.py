"""The rules of packages, deployments and environments."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Final

from boomi_pulumi.emulator.access import DELETED, Access
from boomi_pulumi.emulator.components import Components
from boomi_pulumi.emulator.objects import PACKAGEABLE, SHAREABLE
from boomi_pulumi.emulator.packs import Packs
from boomi_pulumi.emulator.read_only_objects import ReadOnlyObjects
from boomi_pulumi.emulator.rules import Call, Refusal, Row, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Any

    from boomi_pulumi.emulator.seed import Document
    from boomi_pulumi.emulator.state import Change

LICENCES: Final = (
    "Your packaged components were successfully deployed. You have exceeded the usage count"
    " in your current connection licenses by {}."
    " Contact a Boomi representative to purchase a higher connection licenses count."
)
_NUMERIC: Final = re.compile(r"\d{1,9}(\.\d{1,9})?")


class Deployments(Components, ReadOnlyObjects, Packs, Access):
    """Packages, which burn their versions; deployments, of which one is active for a component and environment."""

    def __init__(self, seed: Document, data: str | Path | None = None, settings: dict[str, Any] | None = None) -> None:
        self._highest: dict[tuple[str, str], int] = {}
        super().__init__(seed, data, settings)

    def reset(self) -> None:
        """Go back to the seed, or to what was kept."""
        with self._lock:
            super().reset()
            self._highest.clear()

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
        self._enter(call, environment["id"])
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
            raise self._denied()
        revisions = self._revisions(call.account, component)
        # The newest revision of any branch goes out, whatever branch the request names.
        branch = revisions[-1]["branchName"] if revisions else None
        return self._new_package(call.account, {"componentId": component, "branchName": branch}, call.user["name"])

    def _deploy(self, call: Call, body: Row, package: Row, environment: str) -> tuple[Row, list[Row]]:
        deployments = self._table(call.account, "DeployedPackage")
        there = {"environmentId": environment, "componentId": package["componentId"]}
        active = list(deployments.by(**there, active=True))
        newest = deployments.last(**there)
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
            status = newest.get("listenerStatus") if newest else None
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
        }
        if status:
            row["listenerStatus"] = status
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
        records = self._table(call.account, "DeployedPackage")
        deployed = list(records.by(environmentId=call.id, active=True))
        if deployed and self._settings["deleteEnvironmentInUse"] == "refuse":
            raise Refusal(
                400,
                f"Environment {row['name']} cannot be deleted because it is in use:"
                f" package {deployed[-1]['packageId']} is deployed to it.",
            )
        roles = self._table(call.account, "EnvironmentRole").by(environmentId=call.id)
        changes: list[Change] = [("EnvironmentRole", each["id"], None) for each in roles]
        if self._settings["deletedEnvironmentRecords"]:
            changes += [("DeployedPackage", each["deploymentId"], {**each, "active": False}) for each in deployed]
        else:
            gone = records.by(environmentId=call.id)
            changes += [("DeployedPackage", each["deploymentId"], None) for each in gone]
        self._commit(call.account, [*changes, ("Environment", call.id, None), (DELETED, call.id, row)])

    def _shown(self, row: Row) -> Row:
        of = self._settings["listenerStatusOf"]
        if of == "given" or "deploymentId" not in row:
            return row
        if of in ("all", row["componentType"]):
            return {"listenerStatus": "RUNNING", **row}
        return {key: value for key, value in row.items() if key != "listenerStatus"}
