"""The values that an environment gives to what its processes declare: declarations, saves, and who was told secrets.

A declaration comes with a component's revision, and counts while a package of it is active. A value belongs to the
environment, and outlives the deployment.
"""

from __future__ import annotations

import base64
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from boomi_pulumi.emulator.access import Access
from boomi_pulumi.emulator.rules import CONSOLE_USER, UNREADABLE, Call, Refusal, Row, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from boomi_pulumi.emulator.state import Change

_LISTS: Final = {
    "connections": ("connection", "field"),
    "operations": ("operation", "field"),
    "tradingPartners": ("tradingPartner", "category"),
    "sharedCommunications": ("sharedCommunication", "field"),
    "processProperties": ("ProcessProperty", "ProcessPropertyValue"),
    "properties": ("property", ""),
    "crossReferences": ("crossReference", ""),
    "PGPCertificates": ("PGPCertificate", ""),
}
"""Section -> the list of what is in it, and the list of fields in each of those."""

_RESET: Final = object()
_KEEP: Final = object()


def extensions_id(environment: str, group: str) -> str:
    """Tell the id of the extensions of one process of a multi-install pack, in the base64 form that Boomi uses.

    Args:
        environment: The environment's id.
        group: The process.
    """
    return base64.b64encode(f"{environment}:{group}".encode()).decode()


class Extensions(Access):
    """Extensions of environments, the audit log of their saves, and the attachments of runtimes."""

    # Reading.

    def _extensions_view(self, account: str, identifier: str) -> Row:
        environment, group = self._named(account, identifier)
        declared = self._declarations(account, environment, group)
        answer = self._settings["extensionsUndeclared"]
        if not declared and answer != "empty":
            raise Refusal(int(answer), invalid("EnvironmentExtensions", identifier))
        found: Row = {"id": extensions_id(environment, group) if group else environment, "environmentId": environment}
        if group:
            found["extensionGroupId"] = group
        values = self._values(account, found["id"])
        for name, (rows, _) in _LISTS.items():
            found[name] = {rows: self._section(name, declared, values)}
        return found

    def _searched_extensions(self, account: str, keys: Mapping[str, frozenset[Any]]) -> Iterator[tuple[Row, Row]]:
        groups = keys.get("extensionGroupId", frozenset({""}))
        for environment in keys.get("environmentId", frozenset()):
            for group in groups:
                try:
                    row = self._extensions_view(account, extensions_id(environment, group) if group else environment)
                except Refusal:
                    continue
                yield row, {"environmentId": environment, "extensionGroupId": group}

    def _named(self, account: str, identifier: str) -> tuple[str, str]:
        """The environment and the process that an id means."""
        if self._table(account, "Environment").get(identifier) is not None:
            return identifier, ""
        try:
            text = base64.b64decode(identifier + "=" * (-len(identifier) % 4), validate=True).decode()
        except ValueError:
            text = ""
        environment, _, group = text.partition(":")
        if not group or self._table(account, "Environment").get(environment) is None:
            raise Refusal(400, invalid("EnvironmentExtensions", identifier))
        return environment, group

    def _declarations(self, account: str, environment: str, group: str = "") -> dict[str, Row]:
        """Key of a value -> what is declared; in the order in which it was deployed."""
        found: dict[str, Row] = {}
        deployed = self._table(account, "DeployedPackage").by(environmentId=environment, active=True)
        for row in deployed:
            if (group and row["componentId"] != group) or not self._is_shown(row):
                continue
            declared = self._table(account, "Declaration").get(f"{row['componentId']}~{row['componentVersion']}")
            for each in (declared or {}).get("fields", ()):
                found.setdefault(_key(each), each)
        return found

    def _is_shown(self, deployment: Row) -> bool:
        moment = datetime.fromisoformat(deployment["deployedDate"].replace("Z", "+00:00")).timestamp()
        return bool(self.time() - moment >= self._settings["extensionsAfter"])

    def _values(self, account: str, identifier: str) -> dict[str, Any]:
        return {row["key"]: row["value"] for row in self._table(account, "ExtensionValue").by(id=identifier)}

    def _section(self, name: str, declared: Mapping[str, Row], values: Mapping[str, Any]) -> list[Row]:
        found: dict[str, Row] = {}
        for key, each in declared.items():
            if each["section"] != name:
                continue
            value, is_set = values.get(key), key in values
            if name == "properties":
                found[key] = {"@type": "Property", "name": each["name"], **({"value": value} if is_set else {})}
            elif name == "crossReferences":
                about = {"id": each["component"], "name": each["name"], "overrideValues": is_set}
                found[key] = {**about, "CrossReferenceRows": {"row": value if is_set else []}}
            elif name == "PGPCertificates":
                found[key] = {"id": each["component"], "useDefault": not is_set, **({"value": value} if is_set else {})}
            else:
                row = found.setdefault(each["component"], {"id": each["component"], "name": each["name"]})
                self._put(row, each, value, is_set=is_set)
        return list(found.values())

    def _put(self, row: Row, each: Row, value: Any, *, is_set: bool) -> None:
        own: Row = {"encryptedValueSet": bool(is_set and each["encrypted"])}
        own |= {"usesEncryption": each["encrypted"], "componentOverride": False, "useDefault": not is_set}
        if each["encrypted"]:
            own |= {"value": ""} if self._settings["encryptedRead"] == "empty" else {}
        elif is_set:
            own["value"] = value
        elif each.get("value") is not None and each["section"] != "processProperties":
            own["value"] = each["value"]
        if isinstance(value, dict):
            own = {name: each_ for name, each_ in own.items() if name != "value"} | {"CloudManagedSecretConfig": value}
        match each["section"]:
            case "processProperties":
                key = {"@type": "ProcessPropertyValue", "key": each["field"], "label": each["label"]}
                row.setdefault("ProcessPropertyValue", []).append({**key, **own})
            case "tradingPartners":
                category, _, field = each["field"].partition("/")
                listed = row.setdefault("category", [])
                there = next((one for one in listed if one["id"] == category), None)
                if there is None:
                    there = {"id": category, "name": category.upper(), "field": []}
                    listed.append(there)
                there["field"].append({"@type": "Field", "id": field, **own})
            case _:
                row.setdefault("field", []).append({"@type": "Field", "id": each["field"], **own})

    # Saving.

    def _save_extensions(self, call: Call) -> Row:
        body = self._body(call)
        if _holds_null(call.body):
            raise Refusal(400, UNREADABLE)
        environment, group = self._named(call.account, call.id)
        self._enter(call, environment)
        identifier = extensions_id(environment, group) if group else environment
        declared = self._declarations(call.account, environment, group)
        wanted = self._wanted(body, declared)
        values = self._values(call.account, identifier)
        new = self._saved(values, wanted, declared, partial=body.get("partial") is True)
        changes: list[Change] = []
        for key in values.keys() | new.keys():
            if key not in new:
                changes.append(("ExtensionValue", f"{identifier}|{key}", None))
            elif key not in values or new[key] != values[key]:
                row = {"id": identifier, "key": key, "value": new[key]}
                changes.append(("ExtensionValue", f"{identifier}|{key}", row))
        sent = [key for key, value in wanted.items() if value not in (_RESET, _KEEP) and declared[key]["encrypted"]]
        changes += self._told(call.account, environment, identifier, sent)
        restarts = (self._table(call.account, "ListenerRestart").get(environment) or {"count": 0})["count"]
        changes.append(("ListenerRestart", environment, {"environmentId": environment, "count": restarts + 1}))
        entry = self._entry(call, environment, {key: new[key] for key in new if not _is_encrypted(declared, key)})
        self._commit(call.account, [*changes, ("AuditLog", entry["documentId"], entry)])
        return self._echo(call.account, identifier, body)

    def _saved(
        self, values: Mapping[str, Any], wanted: Mapping[str, Any], declared: Mapping[str, Row], *, partial: bool
    ) -> dict[str, Any]:
        new = dict(values)
        hidden = [key for key in values if key not in declared]
        if self._settings["undeployedValues"] == "lostOnSave":
            for key in hidden:
                del new[key]
        if not partial:
            new = {key: value for key, value in new.items() if key not in declared or key in wanted}
        elif self._settings["partialProcessProperty"] == "component":
            touched = {declared[key]["component"] for key in wanted if declared[key]["section"] == "processProperties"}
            for key, each in declared.items():
                if each["component"] in touched and each["section"] == "processProperties" and key not in wanted:
                    new.pop(key, None)
        for key, value in wanted.items():
            ignored = value == "" and declared[key]["encrypted"] and self._settings["encryptedEmpty"] == "ignored"
            if value is _RESET:
                new.pop(key, None)
            elif value is not _KEEP and not ignored:
                new[key] = value
        return new

    def _wanted(self, body: Row, declared: Mapping[str, Row]) -> dict[str, Any]:
        """Key of a value -> what a save asks for."""
        found: dict[str, Any] = {}
        for name, (rows, _) in _LISTS.items():
            for row in _listed(body.get(name), rows):
                for each, value in self._asked(name, row):
                    key = _key(each)
                    if key in declared:
                        found[key] = value
                    elif self._settings["unknownField"] == 400:  # noqa: PLR2004
                        raise Refusal(400, f"Field {key} is not declared.")
        return found

    def _asked(self, section: str, row: Row) -> Iterator[tuple[Row, Any]]:
        """What an entry of a section asks for, field by field."""
        about = {"section": section, "component": str(row.get("id", "")), "name": str(row.get("name", "")), "field": ""}
        match section:
            case "properties":
                if "useDefault" in row:
                    raise Refusal(400, "An unexpected error occurred.")
                yield {**about, "component": about["name"]}, row.get("value", _RESET)
            case "crossReferences":
                if row.get("overrideValues") in (True, "true"):
                    yield about, _listed(row.get("CrossReferenceRows"), "row")
                elif "overrideValues" in row or self._settings["tableReset"] == "omit":
                    yield about, _RESET
            case "PGPCertificates":
                yield about, _asked_of(row)
            case _:
                for field, part in _parts(section, row):
                    # A process property without anything goes back to its default.
                    nothing = section == "processProperties" and not {"value", "useDefault"} & part.keys()
                    yield {**about, "field": field}, _RESET if nothing else _asked_of(part)

    def _told(self, account: str, environment: str, identifier: str, keys: Iterable[str]) -> Iterator[Change]:
        """The runtimes that get secrets now."""
        for row in self._table(account, "EnvironmentAtomAttachment").by(environmentId=environment):
            for key in keys:
                place = f"{row['atomId']}|{identifier}|{key}"
                yield "RuntimeSecret", place, {"atomId": row["atomId"], "id": identifier, "key": key}

    def _entry(self, call: Call, environment: str, values: Mapping[str, Any]) -> Row:
        shown = "".join(f'<value key="{key}">{value}</value>' for key, value in values.items())
        return {
            "documentId": str(uuid.uuid4()),
            "accountId": call.account,
            "userId": call.user["name"],
            "type": "as.extensions",
            "action": "EDIT",
            "modifier": "",
            "level": "INFO",
            "source": "UI" if call.user.get("console") else "API",
            "message": "Edited extensions",
            "date": self.now(),
            "AuditLogProperty": [
                {"name": "ENVIRONMENT_ID", "value": environment},
                {"name": "NEW_VALUE", "value": f"<processOverrides>{shown}</processOverrides>"},
            ],
        }

    def _echo(self, account: str, identifier: str, body: Row) -> Row:
        echo = self._settings["extensionsEcho"]
        if echo == "whole":
            return {**self._extensions_view(account, identifier), "partial": body.get("partial", False)}
        environment, group = self._named(account, identifier)
        declared = self._declarations(account, environment, group)
        secret = {each["field"].rpartition("/")[2] for each in declared.values() if each["encrypted"]}
        sent = {"id": identifier, "environmentId": environment, **body}
        return sent if echo == "sentWithSecrets" else dict(_without_secrets(sent, secret))

    # Attachments.

    def attach(self, runtime: str, environment: str) -> Row:
        """Attach a runtime to an environment, as a person does; it leaves the one where it was.

        Args:
            runtime: The runtime's id.
            environment: The environment's id.

        Returns:
            The attachment.

        Raises:
            Refusal: There is no such runtime, or no such environment.
        """
        with self._lock:
            account = self.primary["id"]
            self._require(account, "Atom", runtime)
            self._require(account, "Environment", environment)
            table = self._table(account, "EnvironmentAtomAttachment")
            changes: list[Change] = [("EnvironmentAtomAttachment", row["id"], None) for row in table.by(atomId=runtime)]
            key = attachment_id(runtime, environment)
            row = {"id": key, "atomId": runtime, "environmentId": environment}
            if self._settings["secretsOfNewRuntime"] == "kept":
                for value in self._table(account, "ExtensionValue").values():
                    if value["id"] == environment:
                        told = {"atomId": runtime, "id": environment, "key": value["key"]}
                        changes.append(("RuntimeSecret", f"{runtime}|{environment}|{value['key']}", told))
            self._commit(account, [*changes, ("EnvironmentAtomAttachment", key, row)])
            return row

    # What tests and people do.

    def save_extensions(self, environment: str, body: Row, *, by: str = CONSOLE_USER) -> Row | None:
        """Save values of an environment, as a person does in the console.

        Args:
            environment: The environment's id, or that of its extensions for one process.
            body: The sections, as a client sends them; only what is named changes.
            by: The person.
        """
        from boomi_pulumi.emulator.objects import KINDS  # noqa: PLC0415

        person = {"name": by, "privileges": ["API", "ATOM_MANAGEMENT", "ENV_MANAGEMENT"], "console": True}
        call = Call(
            person, self.primary["id"], KINDS["EnvironmentExtensions"], "update", environment, {"partial": True, **body}
        )
        with self._lock:
            return self._save_extensions(call)

    def extension_values(self, identifier: str) -> dict[str, Any]:
        """Tell all values of an environment by `section/component id/field`, secrets and hidden ones too."""
        with self._lock:
            return self._values(self.primary["id"], identifier)

    def listener_restarts(self, environment: str) -> int:
        """Tell how often all listeners of an environment were restarted."""
        with self._lock:
            row = self._table(self.primary["id"], "ListenerRestart").get(environment)
            return int(row["count"]) if row else 0

    def runtime_secrets(self, runtime: str) -> list[str]:
        """Tell which values a runtime was given that Boomi encrypts, by `section/component id/field`."""
        with self._lock:
            rows = self._table(self.primary["id"], "RuntimeSecret").values()
            return sorted(row["key"] for row in rows if row["atomId"] == runtime)


def attachment_id(runtime: str, environment: str) -> str:
    """Tell the id of an attachment, in the base64 form that Boomi uses.

    Args:
        runtime: The runtime's id.
        environment: The environment's id.
    """
    return base64.b64encode(f"ENV_CONT_ATTACH{runtime}:{environment}".encode()).decode()


def _key(each: Mapping[str, Any]) -> str:
    return "/".join(filter(None, (each["section"], each["component"], each["field"])))


def _is_encrypted(declared: Mapping[str, Row], key: str) -> bool:
    return key not in declared or declared[key]["encrypted"]


def _asked_of(part: Row) -> Any:
    """What a field of a body asks for."""
    if part.get("useDefault") in (True, "true"):
        return _RESET
    if "CloudManagedSecretConfig" in part:
        return part["CloudManagedSecretConfig"]
    # Without a value, the last one stays in force.
    return str(part["value"]) if "value" in part else _KEEP


def _parts(section: str, row: Row) -> Iterator[tuple[str, Row]]:
    """The fields of a component in a body, with their ids."""
    name = _LISTS[section][1]
    if section == "tradingPartners":
        for category in _listed(row, name):
            for part in _listed(category, "field"):
                yield f"{category.get('id')}/{part.get('id')}", part
    else:
        for part in _listed(row, name):
            yield str(part.get("key" if section == "processProperties" else "id", "")), part


def _listed(value: Any, name: str) -> list[Row]:
    """The objects in a list, which may be a single one without its list."""
    if value is None:
        return []
    if not isinstance(value, dict):
        raise Refusal(400, UNREADABLE)
    found = value.get(name, [])
    rows = found if isinstance(found, list) else [found]
    if not all(isinstance(row, dict) for row in rows):
        raise Refusal(400, UNREADABLE)
    return rows


def _holds_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_null, value.values()))
    return any(map(_holds_null, value)) if isinstance(value, list) else value is None


def _without_secrets(value: Any, secret: set[str]) -> Any:
    if isinstance(value, list):
        return [_without_secrets(each, secret) for each in value]
    if not isinstance(value, dict):
        return value
    hide = value.get("id", value.get("key")) in secret
    return {name: _without_secrets(each, secret) for name, each in value.items() if not (hide and name == "value")}
