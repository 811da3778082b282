"""Objects that clients only read: components as documents, references, manifests, processes, branches and runtimes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from boomi_pulumi.emulator.rules import Refusal, Row, Rules, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SYSTEM: Final = "system@boomi.example"
_EPOCH: Final = "2026-01-05T08:00:00Z"


class ReadOnlyObjects(Rules):
    """Views that are worked out of components, packages and what a seed says."""

    # Components as documents.

    def _document(self, account: str, identifier: str) -> Row:
        """The newest revision of a component, or that of a version or branch named behind a `~`."""
        row = self._revision(account, identifier)
        folder = self._table(account, "Folder").get(row["folderId"]) or {}
        main = self._current(account, row["componentId"])
        # Elements without content: what a component does is none of the emulator's business.
        stub = {row["type"].replace(".", "-"): {"name": row["name"]}}
        return {
            **row,
            "currentVersion": row is main,
            "folderFullPath": folder.get("fullPath", ""),
            "encryptedValues": {},
            "description": {},
            "object": stub,
            "processOverrides": {},
        }

    def _revision(self, account: str, identifier: str) -> Row:
        component, _, which = identifier.partition("~")
        revisions = self._revisions(account, component)
        if not which:
            found = self._current(account, component)
        elif which.isdigit():
            found = next((row for row in revisions if row["version"] == int(which)), None)
        else:
            branch = self._branch_view(account, which)
            carried = [row for row in revisions if row["branchName"] == branch["name"]]
            found = carried[-1] if carried else self._current(account, component)
        if found is None:
            raise Refusal(400, invalid("ComponentMetadata", identifier))
        return found

    # Accounts.

    def _account_view(self, account: str, identifier: str) -> Row:
        """The account that was asked, and no other."""
        if identifier != account:
            raise self._denied()
        row = self._table(account, "Account")[account]
        return {"accountId": row["id"], "name": row["name"], "status": "active", "dateCreated": _EPOCH}

    # References.

    def _references(self, account: str, identifier: str) -> Row:
        """The components that use a component, each in its newest version."""
        row = self._revision(account, identifier)
        uses = self._table(account, "Use").by(componentId=row["componentId"])
        return {"references": [each for use in uses for each in self._used(account, use, None)]}

    def _used(self, account: str, use: Row, versions: Iterable[int] | None) -> Iterator[Row]:
        """The references of one use: of the parent's newest version, or of those that are asked for."""
        parent = use["parentComponentId"]
        if versions is None:
            current = self._current(account, parent)
            there = [current] if current and not current["deleted"] else []
        else:
            there = [row for row in self._revisions(account, parent) if row["version"] in set(versions)]
        for row in there:
            yield {
                "@type": "references",
                "parentComponentId": parent,
                "parentVersion": row["version"],
                "componentId": use["componentId"],
                "type": "DEPENDENT",
                "branchId": row["branchId"],
            }

    def _searched_references(self, account: str, keys: Mapping[str, frozenset[Any]]) -> Iterator[tuple[Row, Row]]:
        uses = self._table(account, "Use").among(keys)
        versions = keys.get("parentVersion") if "parentComponentId" in keys else None
        for use in uses:
            for found in self._used(account, use, versions):
                yield {"references": [found]}, found

    # Manifests.

    def _manifest(self, account: str, identifier: str) -> Row:
        """What a package holds: its component, and whatever that one used when it was packaged."""
        package = self._require(account, "PackagedComponent", identifier)
        kept = self._table(account, "Manifest").get(identifier)
        own = {"id": package["componentId"], "version": package["componentVersion"]}
        listed = kept["componentInfo"] if kept else [own]
        return {
            "packageId": identifier,
            "componentInfo": [{"@type": "ComponentInfo", **item} for item in listed],
        }

    def _packed(self, account: str, package: Row) -> Row | None:
        """The manifest to keep of a new package, if its component uses others."""
        uses = self._table(account, "Use")
        found: dict[str, int] = {package["componentId"]: package["componentVersion"]}
        waiting = [package["componentId"]]
        while waiting:
            for use in uses.by(parentComponentId=waiting.pop()):
                row = self._current(account, use["componentId"])
                if row and row["componentId"] not in found:
                    found[row["componentId"]] = row["version"]
                    waiting.append(row["componentId"])
        if len(found) == 1:
            return None
        return {"componentInfo": [{"id": key, "version": version} for key, version in found.items()]}

    # Processes.

    def _process(self, account: str, identifier: str) -> Row:
        row = self._current(account, identifier)
        if row is None or row["deleted"] or row["type"] != "process":
            raise Refusal(400, f"No such process: {identifier}")
        return {"id": identifier, "name": row["name"], "Description": "", "IntegrationPack": []}

    def _processes(self, account: str, keys: Mapping[str, frozenset[Any]]) -> Iterator[tuple[Row, Row]]:
        names = {"id": "componentId", "name": "name"}
        known = {names[key]: values for key, values in keys.items() if key in names}
        rows = self._table(account, "ComponentMetadata").among(known or {"type": frozenset({"process"})})
        for identifier in dict.fromkeys(row["componentId"] for row in rows):
            try:
                row = self._process(account, identifier)
            except Refusal:
                continue
            yield row, row

    # Branches.

    def _branch_view(self, account: str, identifier: str) -> Row:
        row = self._require(account, "Branch", identifier)
        if row["deleted"]:
            raise Refusal(400, "Specified branch is already deleted.")
        return {
            "createdBy": _SYSTEM,
            "createdDate": _EPOCH,
            "modifiedBy": _SYSTEM,
            "modifiedDate": _EPOCH,
            "ready": True,
            "stage": "NORMAL",
            **row,
        }

    def _searched_branches(self, account: str, keys: Mapping[str, frozenset[Any]]) -> Iterator[tuple[Row, Row]]:
        for row in self._table(account, "Branch").among(keys):
            if not row["deleted"]:
                view = self._branch_view(account, row["id"])
                yield view, view

    # Runtimes.

    def _searched_runtimes(self, account: str, keys: Mapping[str, frozenset[Any]]) -> Iterator[tuple[Row, Row]]:
        for row in self._table(account, "Atom").among(keys):
            yield row, {**row, "hostname": row["hostName"]}
