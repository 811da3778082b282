"""The content an account starts with: read from a seed file, or made up here."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import yaml

from boomi_pulumi.emulator.extension_forms import declaration
from boomi_pulumi.emulator.objects import COMPONENT_TYPES, PACKAGEABLE, PRIVILEGES, SHAREABLE, VISIBILITIES

Row = dict[str, Any]
Document = dict[str, Any]
SeedRow = tuple[str, str, str, Row]  # account, kind, key, row

_NAMESPACE: Final = uuid.UUID("9c3f2f0e-6f1b-5a37-9d55-6d1f0b8a4e21")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_EPOCH: Final = "2026-01-05T08:00:00Z"
_PERSON: Final = "someone@boomi.example"

_CONTENT: Final = frozenset(
    {
        "account",
        "environments",
        "branches",
        "folders",
        "components",
        "packages",
        "deployments",
        "legacyDeployments",
        "integrationPacks",
        "connectors",
        "runtimes",
        "schedules",
    }
)
_TIMES: Final = frozenset({"minutes", "hours", "daysOfWeek", "daysOfMonth", "months", "years"})
_SINGLE: Final = frozenset({"account", "copiedFrom", "retry"})  # a mapping, no list
_KEYS: Final[dict[str, frozenset[str]]] = {
    "seed": _CONTENT | {"users", "settings", "subaccounts"},
    "subaccounts": _CONTENT,
    "account": frozenset({"id", "name", "defaultBranch"}),
    "users": frozenset({"name", "token", "privileges", "roles"}),
    "environments": frozenset({"name", "classification", "roles", "id"}),
    "branches": frozenset({"name", "id"}),
    "folders": frozenset({"path", "deleted", "id"}),
    "components": frozenset(
        {
            "name",
            "type",
            "subType",
            "folder",
            "revisions",
            "deleted",
            "branch",
            "copiedFrom",
            "uses",
            "extensions",
            "multiInstall",
            "listener",
            "lowLatency",
            "by",
            "date",
            "id",
        }
    ),
    "revisions": frozenset({"by", "date", "branch", "name", "extensions", "listener", "lowLatency"}),
    "extensions": frozenset({"path", "encrypted", "value", "id", "key", "componentOverride", "type"}),
    "copiedFrom": frozenset({"component", "version"}),
    "packages": frozenset(
        {"component", "version", "revision", "by", "date", "notes", "shareable", "deleted", "branch", "id"}
    ),
    "deployments": frozenset(
        {"component", "package", "environment", "by", "date", "notes", "active", "listenerStatus", "id"}
    ),
    "legacyDeployments": frozenset({"component", "revision", "environment", "by", "date", "notes", "current", "id"}),
    "integrationPacks": frozenset({"name", "installationType", "description", "members", "id"}),
    "members": frozenset({"component", "released"}),
    "connectors": frozenset({"groupType", "groupName", "versions", "by", "date", "classifications"}),
    "runtimes": frozenset({"name", "type", "status", "hostName", "attachedTo", "date", "id"}),
    "schedules": frozenset({"component", "runtime", "times", "retry", "enabled"}),
    "times": _TIMES,
    "retry": frozenset({"maxRetry", "times"}),
    "versions": frozenset({"by", "date"}),
    "classifications": frozenset({"classification", "displayName", "visibility", "version"}),
}
_COUNTED: Final = frozenset({"revisions", "versions"})  # a list, or just how many
_NAMED: Final = frozenset({"folders", "branches", "members", "extensions"})  # a name may stand for an item


# Reads dates as the text they are written in. The loader in C takes a seventh of the time; not every build has it.
_Loader: Final[Any] = type(
    "_Loader",
    (getattr(yaml, "CSafeLoader", yaml.SafeLoader),),
    {
        "yaml_implicit_resolvers": {
            first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
            for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }
    },
)


class BadSeed(ValueError):
    """A seed that cannot be used; the message is one line for a person."""


def stable_id(account: str, kind: str, key: str) -> str:
    """Tell the id that a seeded object gets when the seed does not name one.

    Args:
        account: The account's id.
        kind: `environment`, `component`, `package`, `deployment` or `pack`.
        key: The environment's name; the component's full path; the package's component path, `@` and
            version; the deployment's environment, `/`, component path, `#` and its place in the slot; the
            integration pack's name.

    Returns:
        A UUID, the same on every machine.
    """
    return str(uuid.uuid5(_NAMESPACE, f"{account}/{kind}/{key}"))


def opaque_id(letter: str, account: str, key: str) -> str:
    """Tell the id of a folder (`F`) or branch (`B`), in the base64 form that Boomi uses.

    Args:
        letter: `F` or `B`.
        account: The account's id.
        key: The folder's full path, or the branch's name.

    Returns:
        Something like `RjoxMDU2NTMx`.
    """
    number = int.from_bytes(hashlib.sha256(f"{account}/{key}".encode()).digest()[:5], "big")
    return base64.b64encode(f"{letter}:{number % 9_000_000 + 1_000_000}".encode()).decode().rstrip("=")


def role_id(environment: str, role: str) -> str:
    """Tell the id of an EnvironmentRole, in the base64 form that Boomi uses.

    Args:
        environment: The environment's id.
        role: The role's id.

    Returns:
        Something like `RU5WX1JPTEVvcGVyYXRvcnM6ZW52LXRlc3Q=`.
    """
    return base64.b64encode(f"ENV_ROLE{role}:{environment}".encode()).decode()


def attachment_id(atom: str, environment: str) -> str:
    """Tell the id of an EnvironmentAtomAttachment, in the base64 form that Boomi uses.

    Args:
        atom: The runtime's id.
        environment: The environment's id.

    Returns:
        Base64 with its padding.
    """
    return base64.b64encode(f"ENV_CONT_ATTACH{atom}:{environment}".encode()).decode()


def schedule_id(atom: str, process: str) -> str:
    """Tell the id of a ProcessSchedules and its status, in the base64 form that Boomi uses.

    Args:
        atom: The runtime's id.
        process: The process's id.

    Returns:
        Base64 without its padding.
    """
    return base64.b64encode(f"CPS{atom}:{process}".encode()).decode().rstrip("=")


def declaring(account: str, revision: Row, extensions: Any, *, multi_install: bool = False) -> Row:
    """Read what a revision of a component declares.

    Args:
        account: The account's id.
        revision: The revision.
        extensions: The list in the seed.
        multi_install: Whether it is a process of a multi-install pack, which has extensions of its own.

    Returns:
        The row to keep, under the component's id, `~` and the version.

    Raises:
        ValueError: Something in the list is no path of an extension.
    """
    return {
        "componentId": revision["componentId"],
        "version": revision["version"],
        "multiInstall": multi_install,
        "fields": [
            declaration(each, f"component {revision['name']}", lambda kind, name: stable_id(account, kind, name))
            for each in extensions
        ],
    }


def read_seed(source: str | Path | Document) -> Document:
    """Read and check a seed.

    Args:
        source: A YAML file, or an already decoded document.

    Returns:
        The document, checked by keys and shapes. Names are resolved by `rows`.

    Raises:
        BadSeed: The file cannot be read, is not YAML, or has a key that means nothing.
    """
    if isinstance(source, dict):
        document = source
    else:
        try:
            document = yaml.load(Path(source).read_text(encoding="utf-8"), _Loader)  # noqa: S506  # it is a safe one
        except (OSError, UnicodeDecodeError) as error:
            raise BadSeed(f"cannot read the seed {source}: {getattr(error, 'strerror', None) or error}") from None
        except (yaml.YAMLError, RecursionError) as error:
            raise BadSeed(f"the seed {source} is not YAML: {' '.join(str(error).split())}") from None
    _check("seed", document, "the seed")
    for section in ("account", "users", "environments"):
        if not document.get(section):
            raise BadSeed(f"the seed lacks {section}")
    if not isinstance(document.get("settings") or {}, dict):
        raise BadSeed("settings must be a mapping")
    return document


def _check(shape: str, node: Any, where: str) -> None:
    if not isinstance(node, dict):
        raise BadSeed(f"{where} must be a mapping")
    for key, value in node.items():
        if key not in _KEYS[shape]:
            raise BadSeed(f"unknown key {key!r} in {where}; known: {', '.join(sorted(_KEYS[shape]))}")
        if key in _SINGLE and value is not None:
            _check(key, value, f"{key} of {where}")
        elif key in _KEYS and key not in _SINGLE:
            _check_list(key, value, where)


def _check_list(key: str, value: Any, where: str) -> None:
    if key in _COUNTED and isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return
    if not isinstance(value, list) and value is not None:
        raise BadSeed(f"{key} in {where} must be a list")
    for place, item in enumerate(value or [], 1):
        if not (key in _NAMED and isinstance(item, str)):
            _check(key, item, f"{key}[{place}]")


def rows(document: Document) -> list[SeedRow]:
    """Turn a document into the rows of a new data file.

    Args:
        document: What `read_seed` returned.

    Returns:
        Every row, in the order in which Boomi would list them.

    Raises:
        BadSeed: A name that is referred to does not exist, or is not unique.
    """
    try:
        return _rows(document)
    except BadSeed:
        raise
    except (TypeError, ValueError, OverflowError, AttributeError, KeyError, RecursionError) as error:
        raise BadSeed(f"the seed is malformed: {error}") from None


def _rows(document: Document) -> list[SeedRow]:
    primary = _text(document["account"], "id", "the account")
    result: list[SeedRow] = []
    names: set[str] = set()
    for user in document["users"]:
        name, token = _text(user, "name", "a user"), _text(user, "token", "a user")
        privileges = user.get("privileges") or []
        unknown = set(privileges) - PRIVILEGES if isinstance(privileges, list) else {str(privileges)}
        if unknown:
            raise BadSeed(f"user {name}: unknown privilege {min(map(str, unknown))}")
        if name in names:
            raise BadSeed(f"user {name} is there twice")
        names.add(name)
        row = {"name": name, "token": token, "privileges": list(privileges)}
        held = _roles(user, f"user {name}")
        result.append((primary, "User", name, {**row, **({"roles": held} if held else {})}))
    result += _Account(document, None).rows()
    for sub in document.get("subaccounts") or []:
        if not sub.get("account"):
            raise BadSeed("a sub-account lacks account")
        result += _Account(sub, primary).rows()
    ids = [row[3]["id"] for row in result if row[1] == "Account"]
    if len(ids) != len(set(ids)):
        raise BadSeed("two accounts have the same id")
    return result


def _text(node: Row, key: str, where: str) -> str:
    value = node.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise BadSeed(f"{where} lacks {key}")
    return str(value)


def _roles(node: Row, where: str) -> list[str]:
    found = node.get("roles") or []
    if not isinstance(found, list) or not all(isinstance(role, str) and role for role in found):
        raise BadSeed(f"{where}: roles must be a list of ids")
    return list(dict.fromkeys(found))


class _Account:
    """One account's part of a document on its way to rows."""

    def __init__(self, document: Document, parent: str | None) -> None:
        self.document = document
        account = document["account"]
        self.id = _text(account, "id", "an account")
        self.root = str(account.get("name") or self.id)
        self.main = str(account.get("defaultBranch") or "main")
        self.out: list[SeedRow] = []
        self.branches: dict[str, str] = {}
        self.folders: dict[str, Row] = {}
        self.revisions: dict[str, list[Row]] = {}
        self.packages: dict[tuple[str, str], Row] = {}
        self.packaged: Counter[tuple[str, int]] = Counter()
        self.shareable: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.named: Counter[str] = Counter()
        self.deployed: Counter[tuple[str, str]] = Counter()
        self.legacy = 0
        self.active: dict[tuple[str, str], Row] = {}
        self.environments: dict[str, str] = {}
        self.runtimes: dict[str, str] = {}
        self.uses: list[tuple[str, str]] = []
        self._add(
            "Account",
            self.id,
            {"id": self.id, "name": self.root, "parent": parent, "defaultBranch": self.main},
        )

    def rows(self) -> list[SeedRow]:
        for branch in ["main", *(self.document.get("branches") or [])]:
            self._branch(branch if isinstance(branch, dict) else {"name": branch})
        if self.main not in self.branches:
            raise BadSeed(f"the default branch {self.main} of {self.id} does not exist")
        for environment in self.document.get("environments") or []:
            self._environment(environment)
        self._folder({"path": self.root})
        for folder in self.document.get("folders") or []:
            self._folder(folder if isinstance(folder, dict) else {"path": folder})
        for section, act in (
            ("components", self._component),
            ("packages", self._package),
            ("deployments", self._deployment),
            ("legacyDeployments", self._legacy),
            ("integrationPacks", self._pack),
            ("connectors", self._connector),
            ("runtimes", self._runtime),
            ("schedules", self._schedule),
        ):
            for item in self.document.get(section) or []:
                act(item)
        for parent, path in self.uses:
            used = self._revisions_of(path)[0]["componentId"]
            row = {"parentComponentId": parent, "componentId": used}
            self._add("Use", f"{parent}>{used}", row)
        keys = {(kind, key) for _, kind, key, _ in self.out}
        if len(keys) != len(self.out):
            raise BadSeed(f"two objects of account {self.id} have the same id")
        return self.out

    def _add(self, kind: str, key: str, row: Row) -> None:
        self.out.append((self.id, kind, key, row))

    def _branch(self, item: Row) -> None:
        name = _text(item, "name", "a branch")
        if name in self.branches:
            return
        self.branches[name] = str(item.get("id") or opaque_id("B", self.id, name))
        row: Row = {"id": self.branches[name], "name": name, "deleted": False}
        self._add("Branch", row["id"], row)

    def _environment(self, item: Row) -> None:
        name = _text(item, "name", "an environment")
        classification = item.get("classification", "PROD")
        if classification not in ("PROD", "TEST"):
            raise BadSeed(f"environment {name}: classification must be PROD or TEST")
        if name in self.environments:
            raise BadSeed(f"environment {name} is there twice")
        self.environments[name] = str(item.get("id") or stable_id(self.id, "environment", name))
        row = {"id": self.environments[name], "name": name, "classification": classification}
        self._add("Environment", row["id"], row)
        for role in _roles(item, f"environment {name}"):
            key = role_id(row["id"], role)
            self._add("EnvironmentRole", key, {"id": key, "environmentId": row["id"], "roleId": role})

    def _folder(self, item: Row) -> Row:
        path = _text(item, "path", "a folder")
        if path in self.folders:
            return self.folders[path]
        parent_path, _, name = path.rpartition("/")
        if not parent_path and path != self.root:
            raise BadSeed(f"folder {path} is not under the root folder {self.root}")
        parent = self._folder({"path": parent_path}) if parent_path else None
        row: Row = {
            "id": str(item.get("id") or opaque_id("F", self.id, path)),
            "name": name,
            "fullPath": path,
            "deleted": bool(item.get("deleted", False)),
            "parentId": parent["id"] if parent else "",
            "parentName": parent["name"] if parent else "",
        }
        self.folders[path] = row
        self._add("Folder", row["id"], row)
        return row

    def _component(self, item: Row) -> None:
        name = _text(item, "name", "a component")
        kind = item.get("type", "process")
        if kind not in COMPONENT_TYPES:
            raise BadSeed(f"component {name}: unknown type {kind}")
        folder = self._folder({"path": item.get("folder") or self.root})
        path = first = f"{folder['fullPath']}/{name}"
        while path in self.revisions:
            # Goes on where the last of that name ended.
            self.named[first] += 1
            path = f"{first}#{self.named[first] + 1}"
        base: Row = {
            "componentId": str(item.get("id") or stable_id(self.id, "component", path)),
            "name": name,
            "type": kind,
            "folderId": folder["id"],
            "folderName": folder["name"],
        }
        if item.get("subType"):
            base["subType"] = str(item["subType"])
        if item.get("copiedFrom"):
            source = self._revisions_of(_text(item["copiedFrom"], "component", f"copiedFrom of {name}"))
            base["copiedFromComponentId"] = source[0]["componentId"]
            base["copiedFromComponentVersion"] = int(item["copiedFrom"].get("version", 1))
        used = item.get("uses") or []
        if not isinstance(used, list) or not all(isinstance(other, str) for other in used):
            raise BadSeed(f"component {name}: uses must be a list of components' paths")
        self.uses += [(base["componentId"], other) for other in dict.fromkeys(used)]
        listed = item.get("revisions", 1)
        listed = [{} for _ in range(listed)] if isinstance(listed, int) else list(listed or [{}])
        if item.get("deleted"):
            listed.append({"deleted": True})
        self.revisions[path] = []
        for version, revision in enumerate(listed, 1):
            self._revision(path, base, version, {**item, **revision, "deleted": revision.get("deleted", False)})

    def _revision(self, path: str, base: Row, version: int, item: Row) -> None:
        branch = str(item.get("branch") or self.main)
        by = str(item.get("by") or _PERSON)
        date = _date(item, path) or later(_EPOCH, version - 1)
        first = self.revisions[path][0] if self.revisions[path] else None
        row = {
            **base,
            "name": item["name"],
            "version": version,
            "createdDate": first["createdDate"] if first else date,
            "createdBy": first["createdBy"] if first else by,
            "modifiedDate": date,
            "modifiedBy": by,
            "deleted": bool(item["deleted"]),
            "branchName": branch,
            "branchId": self._branch_id(branch, path),
        }
        row |= {name: item[name] for name in ("listener", "lowLatency") if item.get(name)}
        self.revisions[path].append(row)
        self._add("ComponentMetadata", f"{row['componentId']}~{version}", row)
        if "extensions" in item:
            several = bool(item.get("multiInstall", False))
            declared = declaring(self.id, row, item["extensions"] or [], multi_install=several)
            self._add("Declaration", f"{row['componentId']}~{version}", declared)

    def _branch_id(self, name: str, where: str) -> str:
        if name not in self.branches:
            raise BadSeed(f"{where}: branch {name} does not exist")
        return self.branches[name]

    def _revisions_of(self, path: str) -> list[Row]:
        if path not in self.revisions:
            raise BadSeed(f"component {path} does not exist in account {self.id}")
        return self.revisions[path]

    def _package(self, item: Row) -> None:
        path = _text(item, "component", "a package")
        version = _text(item, "version", f"a package of {path}")
        revisions = self._revisions_of(path)
        number = item.get("revision") or next((row["version"] for row in reversed(revisions) if not row["deleted"]), 0)
        if not isinstance(number, int) or not 0 < number <= len(revisions):
            raise BadSeed(f"package {version} of {path}: revision {number} does not exist")
        revision = revisions[number - 1]
        if revision["type"] not in PACKAGEABLE:
            raise BadSeed(f"package {version} of {path}: {revision['type']} cannot be packaged")
        if (path, version) in self.packages:
            raise BadSeed(f"package {version} of {path} is there twice")
        branch = str(item.get("branch") or revision["branchName"])
        self._branch_id(branch, path)
        # Nobody packages a revision twice in one second.
        earlier = self.packaged[path, number]
        self.packaged[path, number] += 1
        row: Row = {
            "packageId": str(item.get("id") or stable_id(self.id, "package", f"{path}@{version}")),
            "packageVersion": version,
            "componentId": revision["componentId"],
            "componentVersion": number,
            "componentType": revision["type"],
            "createdDate": _date(item, path) or later(revision["modifiedDate"], minutes=earlier),
            "createdBy": str(item.get("by") or revision["modifiedBy"]),
            "shareable": bool(item.get("shareable", False)) and revision["type"] in SHAREABLE,
            "deleted": bool(item.get("deleted", False)),
            "branchName": branch,
        }
        if item.get("notes"):
            row["notes"] = str(item["notes"])
        self.packages[path, version] = row
        if row["shareable"] and not row["deleted"]:
            self.shareable[path][version] = None
        self._add("PackagedComponent", row["packageId"], row)

    def _deployment(self, item: Row) -> None:
        path = _text(item, "component", "a deployment")
        version = _text(item, "package", f"a deployment of {path}")
        name = _text(item, "environment", f"a deployment of {path}")
        package = self.packages.get((path, version))
        if package is None or name not in self.environments:
            missing = f"environment {name}" if package else f"package {version}"
            raise BadSeed(f"deployment of {path}: {missing} does not exist")
        environment = self.environments[name]
        slot = environment, package["componentId"]
        active = bool(item.get("active", True))
        if active and package["deleted"]:
            raise BadSeed(f"deployment of {path}: package {version} is deleted, so it cannot be active")
        self.deployed[slot] += 1
        place = self.deployed[slot]
        deployed: Row = {
            "deploymentId": str(item.get("id") or stable_id(self.id, "deployment", f"{name}/{path}#{place}")),
            "version": place,
            **{key: package[key] for key in ("packageId", "packageVersion")},
            "environmentId": environment,
            **{key: package[key] for key in ("componentId", "componentVersion", "componentType")},
            "deployedDate": _date(item, path) or package["createdDate"],
            "deployedBy": str(item.get("by") or package["createdBy"]),
            "active": active,
            "branchName": package["branchName"],
        }
        for name in ("listenerStatus", "notes"):
            if item.get(name):
                deployed[name] = str(item[name])
        if active:
            if slot in self.active:
                self.active[slot]["active"] = False
            self.active[slot] = deployed
        self._add("DeployedPackage", deployed["deploymentId"], deployed)

    def _legacy(self, item: Row) -> None:
        """Add what an account deployed before it had packages."""
        path = _text(item, "component", "a legacy deployment")
        name = _text(item, "environment", f"a legacy deployment of {path}")
        revisions = self._revisions_of(path)
        number = item.get("revision") or revisions[-1]["version"]
        if name not in self.environments or number > len(revisions):
            missing = f"revision {number}" if name in self.environments else f"environment {name}"
            raise BadSeed(f"legacy deployment of {path}: {missing} does not exist")
        revision = revisions[number - 1]
        self.legacy += 1
        row: Row = {
            "id": str(item.get("id") or stable_id(self.id, "legacy", f"{name}/{path}#{self.legacy}")),
            "version": number,
            "processId": revision["componentId"],
            "environmentId": self.environments[name],
            "componentId": revision["componentId"],
            "componentType": revision["type"],
            "current": bool(item.get("current", True)),
            "deployedBy": str(item.get("by") or revision["modifiedBy"]),
            "deployedOn": _date(item, path) or revision["modifiedDate"],
            "digest": hashlib.sha256(f"{path}~{number}".encode()).hexdigest()[:32],
            "notes": str(item.get("notes") or ""),
        }
        self._add("Deployment", row["id"], row)

    def _pack(self, item: Row) -> None:
        name = _text(item, "name", "an integration pack")
        kind = item.get("installationType", "SINGLE")
        if kind not in ("SINGLE", "MULTI"):
            raise BadSeed(f"integration pack {name}: installationType must be SINGLE or MULTI")
        members: list[Row] = []
        for member in item.get("members") or []:
            path = member if isinstance(member, str) else _text(member, "component", f"a member of {name}")
            released = "" if isinstance(member, str) else str(member.get("released") or "")
            alive = self.shareable.get(path, {})
            component = self._revisions_of(path)[0]["componentId"]
            if not alive:
                raise BadSeed(f"integration pack {name}: {path} has no shareable package")
            if released and released not in alive:
                raise BadSeed(f"integration pack {name}: {path} has no shareable package {released}")
            members.append({"componentId": component, "currentVersion": released, "deleted": False})
        row: Row = {
            "id": str(item.get("id") or stable_id(self.id, "pack", name)),
            "name": name,
            "installationType": kind,
            "operationType": "ADD",
            "Description": str(item.get("description") or ""),
            "components": members,
        }
        self._add("PublisherIntegrationPack", row["id"], row)

    def _runtime(self, item: Row) -> None:
        name = _text(item, "name", "a runtime")
        kind, status = item.get("type", "ATOM"), item.get("status", "ONLINE")
        if kind not in ("ATOM", "MOLECULE", "CLOUD"):
            raise BadSeed(f"runtime {name}: type must be ATOM, MOLECULE or CLOUD")
        if status not in ("ONLINE", "OFFLINE", "WARNING", "UNKNOWN"):
            raise BadSeed(f"runtime {name}: status must be ONLINE, OFFLINE, WARNING or UNKNOWN")
        row: Row = {
            "id": str(item.get("id") or stable_id(self.id, "runtime", name)),
            "name": name,
            "status": status,
            "type": kind,
            "hostName": str(item.get("hostName") or f"{name.lower().replace(' ', '-')}.acme.example"),
            "dateInstalled": _date(item, f"runtime {name}") or _EPOCH,
            "currentVersion": "26.01.0",
            "purgeHistoryDays": 30,
            "purgeImmediate": False,
            "forceRestartTime": 0,
            "createdBy": _PERSON,
        }
        self.runtimes[name] = row["id"]
        self._add("Atom", row["id"], row)
        attached = item.get("attachedTo") or []
        if not isinstance(attached, list):
            raise BadSeed(f"runtime {name}: attachedTo must be a list of environments' names")
        for environment in attached:
            if environment not in self.environments:
                raise BadSeed(f"runtime {name}: environment {environment} does not exist")
            place = {"atomId": row["id"], "environmentId": self.environments[environment]}
            key = attachment_id(row["id"], place["environmentId"])
            self._add("EnvironmentAtomAttachment", key, {"id": key, **place})

    def _schedule(self, item: Row) -> None:
        path = _text(item, "component", "a schedule")
        name = _text(item, "runtime", f"a schedule of {path}")
        process = self._revisions_of(path)[0]["componentId"]
        if name not in self.runtimes:
            raise BadSeed(f"schedule of {path}: runtime {name} does not exist")
        key = schedule_id(self.runtimes[name], process)
        row: Row = {
            "id": key,
            "atomId": self.runtimes[name],
            "processId": process,
            "enabled": bool(item.get("enabled", True)),
            "Schedule": _times(item),
        }
        if item.get("retry"):
            row["Retry"] = {"maxRetry": int(item["retry"].get("maxRetry", 1)), "Schedule": _times(item["retry"])}
        self._add("ProcessSchedules", key, row)

    def _connector(self, item: Row) -> None:
        group = _text(item, "groupType", "a connector")
        listed = item.get("versions", 1)
        listed = [{} for _ in range(listed)] if isinstance(listed, int) else list(listed or [])
        by = str(item.get("by") or _PERSON)
        start = _date(item, group) or _EPOCH
        versions = [
            {
                "versionId": str(number),
                "uploadedBy": str(each.get("by") or by),
                "uploadedDate": _date(each, group) or later(start, number - 1),
                "deleted": False,
            }
            for number, each in enumerate(listed, 1)
        ]
        dates = {str(each["versionId"]): str(each["uploadedDate"]) for each in versions}
        first = min(dates.values(), default=start)
        classifications = [
            self._classified(group, each, dates, first, by) for each in item.get("classifications") or []
        ]
        row: Row = {
            "groupName": str(item.get("groupName") or group),
            "groupType": group,
            "dateCreated": start,
            "lastModifiedDate": max(dates.values(), default=start),
            "deleted": False,
            "createdBy": person(by),
            "ConnectorVendor": {"vendorName": self.root},
            "versions": versions,
            "classifications": classifications,
        }
        self._add("ConnectorGroup", group, row)

    def _classified(self, group: str, item: Row, dates: dict[str, str], first: str, by: str) -> Row:
        name = _text(item, "classification", f"a classification of {group}")
        version = _text(item, "version", f"classification {name} of {group}")
        visibility = item.get("visibility", "PRIVATE")
        if version not in dates:
            raise BadSeed(f"classification {name} of {group}: version {version} does not exist")
        if visibility not in VISIBILITIES:
            raise BadSeed(f"classification {name} of {group}: visibility must be {', '.join(VISIBILITIES)}")
        return {
            "classification": name,
            "classificationType": f"{group}-{name}",
            "createdBy": person(by),
            "dateCreated": first,
            "deleted": False,
            "displayName": str(item.get("displayName") or f"{group} {name}"),
            "groupType": group,
            "lastModifiedDate": dates[version],
            "releaseDate": dates[version],
            "reviewStatus": "APPROVED",
            "version": version,
            "visibility": visibility,
        }


def person(name: str) -> Row:
    """Show a user as the Connector API does.

    Args:
        name: The user's name, an email address.

    Returns:
        The address, and names made up from it.
    """
    first, *rest = re.split(r"[._-]", name.partition("@")[0])
    return {"email": name, "firstName": first.title(), "lastName": " ".join(rest).title() or "User"}


def _times(item: Row) -> list[Row]:
    return [{name: str(value) for name, value in each.items()} for each in item.get("times") or []]


def _date(item: Row, where: str) -> str | None:
    value = item.get("date")
    if value is None:
        return None
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise BadSeed(f"{where}: {value!r} is not a date in the form 2026-01-31T09:30:00Z")
    return value


def later(start: str, days: int = 0, *, minutes: int = 0) -> str:
    """Tell the moment so long after another one, as Boomi writes it."""
    if not days and not minutes:
        return start
    moment = datetime.strptime(start, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    return (moment + timedelta(days=days, minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_seed(document: Document) -> str:
    """Write a document as the YAML that `read_seed` reads.

    Args:
        document: A seed.

    Returns:
        The text of a seed file.
    """
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
