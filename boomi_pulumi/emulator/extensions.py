"""The rules of extensions: what deployed processes declare, what environments override, and who knows the secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from boomi_pulumi.emulator import audit
from boomi_pulumi.emulator.deployments import Deployments
from boomi_pulumi.emulator.extension_forms import (
    BadBody,
    Declarations,
    Values,
    as_xml,
    extensions_id,
    has_null,
    leaves,
    name_of,
    path_of,
    read_id,
    read_rows,
    unwrapped,
    whole,
)
from boomi_pulumi.emulator.objects import KINDS
from boomi_pulumi.emulator.rules import CONSOLE_USER, UNREADABLE, Call, Outcome, Refusal, Row, invalid, read_value
from boomi_pulumi.emulator.state import iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from boomi_pulumi.emulator.seed import Document
    from boomi_pulumi.emulator.state import Change

DECLARATIONS: Final = "Declaration"
"""The kind under which is kept what revisions of components declare."""
VALUES: Final = "ExtensionValues"
"""The kind under which the values of environments are kept, by the id of their EnvironmentExtensions."""
SECRETS: Final = "RuntimeSecrets"
"""The kind under which is kept what runtimes know of the encrypted values, by runtime and id."""
RESTARTS: Final = "ListenerRestarts"
"""The kind under which is counted how often the listeners of an environment were restarted."""

KIND: Final = "EnvironmentExtensions"
_SECRETS_MANAGERS: Final = {
    "AWS": re.compile(r".+"),
    "AZURE": re.compile(r".+"),
    "GCP": re.compile(r"projects/[^/]+/secrets/[^/]+/versions/[^/]+"),
}


class Extensions(Deployments):
    """Values that environments give to what the processes deployed there declare."""

    def __init__(self, seed: Document, data: str | Path | None = None, settings: dict[str, Any] | None = None) -> None:
        self._unanswered: dict[str, list[Values]] = {}
        self._earlier: dict[str, Row] = {}
        self._late: dict[str, tuple[Row, int]] = {}
        super().__init__(seed, data, settings)

    def reset(self) -> None:
        """Go back to the seed, or to what was kept."""
        with self._lock:
            super().reset()
            self._unanswered.clear()
            self._earlier.clear()
            self._late.clear()

    # What there is.

    def _declared(self, account: str, environment: str, group: str) -> Declarations:
        """What the processes that are deployed in an environment declare, each by itself.

        With a group, only what that process does; without one, all but the processes of multi-install packs.
        """
        found: Declarations = {}
        for row in self._declaring(account, environment):
            declaring = self._declaration(account, row)
            if declaring and (row["componentId"] == group if group else not declaring["multiInstall"]):
                found |= {path_of(each): each for each in declaring["fields"]}
        return found

    def _declaring(self, account: str, environment: str) -> Iterator[Row]:
        """The deployments whose declarations show: the active ones, or, of a young one, what it superseded."""
        deployments = self._table(account, "DeployedPackage")
        after = self._settings["extensionsAfter"]
        last = iso(self.time() - after)
        for row in deployments.by(environmentId=environment, active=True):
            if not after or row["deployedDate"] <= last:
                yield row
                continue
            there = deployments.by(environmentId=environment, componentId=row["componentId"])
            yield from [old for old in there if old["deployedDate"] <= last][-1:]

    def _declaration(self, account: str, deployment: Row) -> Row | None:
        """What a deployment's revision declares; a revision that says nothing declares what the last one did."""
        rows = self._table(account, DECLARATIONS).by(componentId=deployment["componentId"])
        known = [row for row in rows if row["version"] <= deployment["componentVersion"]]
        return max(known, key=lambda row: int(row["version"]), default=None)

    def _groups(self, account: str, environment: str) -> list[str]:
        """The extension groups of an environment; the empty one is the environment itself."""
        found = {"": None}
        for row in self._declaring(account, environment):
            declaring = self._declaration(account, row)
            if declaring and declaring["multiInstall"]:
                found[row["componentId"]] = None
        return list(found)

    def _place(self, account: str, identifier: str) -> tuple[str, str]:
        """The environment and the group of an id."""
        environment, group = read_id(identifier)
        if environment not in self._table(account, "Environment"):
            raise Refusal(400, invalid(KIND, identifier))
        return environment, group

    def _held(self, account: str, identifier: str) -> Row:
        environment, group = read_id(identifier)
        row = self._table(account, VALUES).get(identifier)
        return row or {
            "id": identifier,
            "environmentId": environment,
            "extensionGroupId": group,
            "saved": False,
            "values": {},
        }

    # Reading.

    def _extensions_view(self, account: str, identifier: str) -> Row:
        environment, group = self._place(account, identifier)
        view = self._extensions_of(account, environment, group)
        if view is None:
            status = self._settings["extensionsUndeclared"]
            raise Refusal(status, f"Environment {environment} has no extensions: no process in it declares any.")
        return view

    def _extensions_of(self, account: str, environment: str, group: str) -> Row | None:
        declared = self._declared(account, environment, group)
        if not declared and self._settings["extensionsUndeclared"] != "empty":
            return None
        return self._written(self._seen(account, extensions_id(environment, group)), declared)

    def _seen(self, account: str, identifier: str) -> Row:
        """The values that a read sees: those before the last save, while that has not arrived everywhere."""
        row, reads = self._late.get(identifier, ({}, 0))
        if not reads:
            return self._held(account, identifier)
        self._late[identifier] = row, reads - 1
        return row

    def delay(self, identifier: str, reads: int) -> None:
        """Keep the last save of an EnvironmentExtensions from so many reads: they see what there was before it."""
        with self._lock:
            self._late[identifier] = self._earlier[identifier], reads

    def show(self) -> None:
        """Let everything be read as it is."""
        with self._lock:
            self._late.clear()

    def _written(self, stored: Row, declared: Declarations) -> Row:
        saved = stored["saved"]
        sections = whole(declared, stored["values"], lambda *leaf: self._leaf(*leaf, saved=saved))
        told = {key: stored[key] for key in ("id", "environmentId", "extensionGroupId")}
        return {**sections, **told}

    def _leaf(self, declaration: Row, stored: Row | None, *, saved: bool) -> Row:
        """Write one value as a read shows it."""
        section = declaration["section"]
        if section == "crossReferences":
            rows = [{"@type": "CrossReferenceRow", **row} for row in (stored or {}).get("rows", [])]
            holder = {"@type": "CrossReferenceRows", **({"row": rows} if rows else {})}
            return {"name": declaration["name"], "overrideValues": stored is not None, "CrossReferenceRows": holder}
        value = stored.get("value") if stored else declaration["value"]
        if section == "properties":
            return {"value": value or ""} if value or stored or self._settings["unsetProperty"] == "empty" else {}
        result: Row = {"useDefault": stored is None}
        if section == "PGPCertificates":
            return result if value is None else {**result, "value": value}
        encrypted = declaration["encrypted"]
        result |= {
            "usesEncryption": encrypted,
            "encryptedValueSet": encrypted and "value" in (stored or {}),
            "componentOverride": declaration["componentOverride"],
        }
        if section == "processProperties":
            result["label"] = declaration["label"]
            # Boomi shows them once somebody has saved.
            value = value if saved else None
        if encrypted:
            value = "" if self._settings["encryptedRead"] == "empty" else None
        if value is not None:
            result["value"] = value
        if stored and "customProperties" in stored:
            result["customProperties"] = _custom(stored["customProperties"])
        if stored and "secret" in stored:
            result["CloudManagedSecretConfig"] = {"@type": "CloudManagedSecretConfig", **stored["secret"]}
        return result

    def _searched_extensions(self, account: str, keys: Mapping[str, frozenset[Any]]) -> Iterator[tuple[Row, Row]]:
        environments = self._table(account, "Environment")
        wanted = keys.get("environmentId")
        for identifier in [row["id"] for row in environments.values()] if wanted is None else wanted:
            if identifier not in environments:
                continue
            for group in self._groups(account, identifier):
                view = self._extensions_of(account, identifier, group)
                if view is not None:
                    yield view, view

    def _enter_row(self, call: Call, identifier: str) -> None:
        if call.kind.name == KIND:
            self._enter(call, read_id(identifier)[0], identifier)
        super()._enter_row(call, identifier)

    # Saving.

    def _update_extensions(self, call: Call) -> Row:
        body = unwrapped(call.body)
        try:
            unreadable = not isinstance(body, dict) or has_null(body)
        except RecursionError:
            unreadable = True
        if unreadable:
            raise Refusal(400, UNREADABLE)
        fields = self._body(call.with_body(body))
        environment, group = self._place(call.account, call.id)
        if fields.get("environmentId", environment) != environment:
            raise Refusal(400, f"The environmentId {fields['environmentId']} in the body is not that of the address.")
        group = group or fields.get("extensionGroupId", "")
        sent = self._sent(fields)
        return self._save_extensions(
            call,
            extensions_id(environment, group),
            sent,
            partial=fields.get("partial", False),
            source="API" if call.url else "UI",
        )

    def _sent(self, fields: Row) -> dict[str, Row]:
        try:
            return dict(leaves(fields, refuse_unknown=self._settings["unknownFields"] == "refuse"))
        except BadBody as error:
            raise Refusal(400, str(error)) from None

    def _save_extensions(
        self, call: Call, identifier: str, sent: dict[str, Row], *, partial: bool, source: str, date: str | None = None
    ) -> Row:
        account = call.account
        environment, group = read_id(identifier)
        declared = self._declared(account, environment, group)
        row = self._held(account, identifier)
        values, set_now = self._changed(self._base(call, row), declared, sent, partial=partial)
        if call.url and self._settings["partialRace"] == "lastWins":
            self._unanswered.setdefault(identifier, []).append(row["values"])
        self._earlier[identifier] = row
        row = {**row, "saved": True, "values": values}
        restarts = (self._table(account, RESTARTS).get(environment) or {}).get("restarts", 0) + 1
        entry = audit.entry(
            account,
            "as.extensions",
            "EDIT",
            "Environment Extensions saved",
            by=call.user["name"],
            date=date or self.now(),
            source=source,
            told={"NEW_VALUE": as_xml(declared, values), "ENVIRONMENT_ID": environment},
        )
        self._commit(
            account,
            [
                (VALUES, identifier, row),
                (RESTARTS, environment, {"environmentId": environment, "restarts": restarts}),
                ("AuditLog", entry["documentId"], entry),
                *self._told_runtimes(account, environment, identifier, values, set_now),
            ],
        )
        return self._echo(self._written(row, declared), declared, values, sent, partial=partial)

    def _base(self, call: Call, row: Row) -> Values:
        """The values that a save starts from: with `lastWins` those before the first save that is not answered yet."""
        open_ones = self._unanswered.get(row["id"]) if call.url else None
        return open_ones[0] if open_ones else row["values"]

    def answered(self, kind: str, outcome: Outcome) -> None:
        """Take notice that a client has its answer: what comes from now on is not concurrent with that request.

        Args:
            kind: The object.
            outcome: What the request led to.
        """
        with self._lock:
            open_ones = self._unanswered.get(outcome.value["id"]) if kind == KIND and outcome.committed else None
            if open_ones:
                open_ones.pop()

    def _changed(
        self, old: Values, declared: Declarations, sent: dict[str, Row], *, partial: bool
    ) -> tuple[Values, Values]:
        """What is stored after a save, and the encrypted values that were set by it."""
        values = dict(old)
        set_now: Values = {}
        named: set[str] = set()
        for path, leaf in sent.items():
            declaration = declared.get(path)
            if declaration is None:
                if self._settings["unknownField"] == 400:  # noqa: PLR2004
                    raise Refusal(400, f"{path} is not an extension of this environment.")
                continue
            named.add(path)
            new = self._new_value(declaration, leaf, values.get(path))
            if new is None:
                values.pop(path, None)
                continue
            values[path] = {"encrypted": declaration["encrypted"], **new}
            if declaration["encrypted"] and "value" in new and "value" in leaf:
                set_now[path] = values[path]
        for path in self._reset_unnamed(declared, named, partial=partial):
            values.pop(path, None)
        if self._settings["undeployedValues"] == "lostOnSave":
            values = {path: value for path, value in values.items() if path in declared}
        return values, set_now

    def _reset_unnamed(self, declared: Declarations, named: set[str], *, partial: bool) -> Iterator[str]:
        """The paths that go back to their defaults because a request does not name them."""
        touched = {declared[path]["component"] for path in named if path.startswith("processProperties/")}
        of_component = self._settings["partialProcessProperty"] == "component"
        for path, declaration in declared.items():
            beside = declaration["section"] == "processProperties" and declaration["component"] in touched
            if path not in named and (not partial or (of_component and beside)):
                yield path

    def _new_value(self, declaration: Row, leaf: Row, old: Row | None) -> Row | None:
        """What is stored of a value that a request names; None for its default."""
        match declaration["section"]:
            case "crossReferences":
                return self._new_table(leaf, old)
            case "properties":
                if "useDefault" in leaf:
                    raise Refusal(400, UNREADABLE)
                return {"value": read_value("value", leaf["value"], "text")} if "value" in leaf else None
            case "processProperties" if "value" not in leaf and "useDefault" not in leaf:
                return None
        if _flag(leaf, "useDefault"):
            return None
        new: Row = {name: old[name] for name in ("value", "secret", "customProperties") if name in old} if old else {}
        if "customProperties" in leaf:
            new["customProperties"] = _pairs(leaf["customProperties"])
        if "CloudManagedSecretConfig" in leaf:
            new.pop("value", None)
            new["secret"] = _secret(leaf["CloudManagedSecretConfig"])
        elif "value" in leaf:
            value = read_value("value", leaf["value"], "text")
            if value or not declaration["encrypted"] or self._settings["encryptedEmpty"] == "stored":
                new.pop("secret", None)
                new["value"] = value
        return new or None

    def _new_table(self, leaf: Row, old: Row | None) -> Row | None:
        try:
            rows = read_rows(leaf.get("CrossReferenceRows"))
        except BadBody as error:
            raise Refusal(400, str(error)) from None
        if self._settings["tableReset"] == "omit":
            return None if rows is None else {"rows": rows}
        if "overrideValues" in leaf and not _flag(leaf, "overrideValues"):
            return None
        return old if rows is None else {"rows": rows}

    def _echo(self, view: Row, declared: Declarations, values: Values, sent: dict[str, Row], *, partial: bool) -> Row:
        """What a save answers."""
        echo = self._settings["extensionsEcho"]
        if echo == "whole":
            return view

        def shown(declaration: Row, stored: Row | None) -> Row:
            leaf = self._leaf(declaration, stored, saved=True)
            value = sent[path_of(declaration)].get("value")
            return {**leaf, "value": value} if echo == "sentWithSecrets" and value is not None else leaf

        some = {path: declaration for path, declaration in declared.items() if path in sent}
        sections = {name: node for name, node in whole(some, values, shown).items() if len(node) > 1}
        return {
            **sections,
            **{key: view[key] for key in ("id", "environmentId", "extensionGroupId")},
            "partial": partial,
        }

    # Who knows the secrets, and what is left of an environment.

    def _told_runtimes(
        self, account: str, environment: str, identifier: str, values: Values, set_now: Values
    ) -> Iterator[Change]:
        """Send what was set now to the runtimes that are attached, and take from them what is not stored any more."""
        for attached in self._table(account, "EnvironmentAtomAttachment").by(environmentId=environment):
            row = _knowledge(attached["atomId"], environment, identifier, set_now)
            old = (self._table(account, SECRETS).get(row["id"]) or {}).get("values", {})
            known = {path: value for path, value in old.items() if "value" in values.get(path, {})} | set_now
            if known != old:
                yield SECRETS, row["id"], {**row, "values": known}

    def _introduced(self, account: str, atom: str, environment: str) -> Iterator[Change]:
        """What a runtime gets to know when it is attached."""
        if self._settings["secretsOfNewRuntime"] == "missing":
            return
        for row in self._table(account, VALUES).by(environmentId=environment):
            known = {path: value for path, value in row["values"].items() if value["encrypted"] and "value" in value}
            told = _knowledge(atom, environment, row["id"], known)
            yield SECRETS, told["id"], told

    def _forgotten(self, account: str, environment: str, atom: str | None = None) -> Iterator[Change]:
        """What goes when an environment does, or when a runtime is detached from it."""
        if atom is None:
            for row in self._table(account, VALUES).by(environmentId=environment):
                yield VALUES, row["id"], None
            if environment in self._table(account, RESTARTS):
                yield RESTARTS, environment, None
        for row in self._table(account, SECRETS).by(environmentId=environment):
            if atom in (None, row["atomId"]):
                yield SECRETS, row["id"], None

    def _delete_environment(self, call: Call) -> None:
        super()._delete_environment(call)
        gone = list(self._forgotten(call.account, call.id))
        if gone:
            self._commit(call.account, gone)

    # What tests ask for.

    def save_extensions(  # the console's form, and who sends it
        self,
        environment_id: str,
        values: Mapping[str, Any] | None = None,
        *,
        by: str = CONSOLE_USER,
        date: str | None = None,
        account: str | None = None,
        **sections: Any,
    ) -> Row:
        """Save extension values of an environment, as a person does in the console: only what is named changes.

        Args:
            environment_id: The environment's id, or that of the extensions of one process of a pack.
            values: Path -> text, or a list of rows for a cross reference table; None goes back to the default. A
                path is made of names or ids, such as `connections/Orders DB/host`.
            by: The person.
            date: When, as the audit log will tell; now if left out.
            account: The account's id; the primary one if left out.
            **sections: Those of an update's body, beside or in place of `values`.

        Returns:
            What a read shows.

        Raises:
            Refusal: There is no such environment, or nothing deployed in it declares a path.
        """
        with self._lock:
            account = self._known(account)
            environment, group = self._place(account, environment_id)
            declared = self._declared(account, environment, group)
            paths = {name_of(declaration): path for path, declaration in declared.items()}
            unknown = [path for path in values or {} if path not in paths and path not in declared]
            if unknown:
                raise Refusal(400, f"{unknown[0]} is not declared; declared: {', '.join(paths)}.")
            sent = {paths.get(path, path): _form(path, value) for path, value in (values or {}).items()}
            call = Call({"name": by, "privileges": []}, account, KINDS[KIND], "update", environment_id, sections)
            sent |= self._sent(self._body(call))
            identifier = extensions_id(environment, group)
            self._save_extensions(call, identifier, sent, partial=True, source="UI", date=date)
            return self._written(self._held(account, identifier), declared)

    def extension_values(self, environment_id: str, account: str | None = None) -> dict[str, Any]:
        """Tell the stored values of an environment, secrets and those that nothing declares any more included.

        Args:
            environment_id: The environment's id, or that of the extensions of one process of a pack.
            account: The account's id; the primary one if left out.

        Returns:
            Path of ids, such as `connections/<component id>/host` -> text, or a list of rows for a table.
        """
        with self._lock:
            return _plain(self._held(self._known(account), extensions_id(*read_id(environment_id)))["values"])

    def listener_restarts(self, environment_id: str, account: str | None = None) -> int:
        """Tell how often all listeners of an environment were restarted: once for each save of extensions."""
        with self._lock:
            row = self._table(self._known(account), RESTARTS).get(environment_id)
            return int(row["restarts"]) if row else 0

    def runtime_secrets(self, runtime_id: str, account: str | None = None) -> dict[str, Any]:
        """Tell the encrypted values that a runtime knows, by path of ids."""
        with self._lock:
            rows = self._table(self._known(account), SECRETS).by(atomId=runtime_id)
            return {path: value for row in rows for path, value in _plain(row["values"]).items()}


def _knowledge(atom: str, environment: str, identifier: str, values: Values) -> Row:
    """What a runtime knows of the encrypted values of one EnvironmentExtensions."""
    return {"id": f"{atom}/{identifier}", "atomId": atom, "environmentId": environment, "values": values}


def _plain(values: Values) -> dict[str, Any]:
    kinds = ("value", "rows", "secret", "customProperties")
    return {path: next(stored[kind] for kind in kinds if kind in stored) for path, stored in values.items()}


def _form(path: str, value: Any) -> Row:
    """Write a value of a test as a request would."""
    section = path.partition("/")[0]
    if section == "crossReferences":
        if value is None:
            return {"overrideValues": False}
        rows = [{f"ref{number}": text for number, text in enumerate(row, 1)} for row in value]
        return {"overrideValues": True, "CrossReferenceRows": {"row": rows}}
    if value is None:
        return {} if section == "properties" else {"useDefault": True}
    return {"value": value} if section == "properties" else {"value": value, "useDefault": False}


def _flag(leaf: Row, name: str) -> bool:
    return bool(read_value(name, leaf.get(name, False), "bool"))


def _pairs(sent: Any) -> list[Row]:
    """Check custom properties."""
    holder = sent.get("properties", []) if isinstance(sent, dict) else None
    pairs = [holder] if isinstance(holder, dict) else holder
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
        raise Refusal(400, UNREADABLE)
    kinds: dict[str, str] = {"key": "text", "value": "text", "encrypted": "bool"}
    return [
        {name: read_value(name, pair[name], kind) for name, kind in kinds.items() if name in pair} for pair in pairs
    ]


def _custom(pairs: list[Row]) -> Row:
    """Write custom properties as they are read: without what is encrypted."""
    hidden = [{name: pair[name] for name in pair if name != "value" or not pair.get("encrypted")} for pair in pairs]
    return {
        "@type": "CustomProperties",
        "properties": [{"@type": "PropertyPair", **pair} for pair in hidden],
    }


def _secret(sent: Any) -> Row:
    """Check a reference to a secrets manager."""
    sent = sent if isinstance(sent, dict) else {}
    pattern = _SECRETS_MANAGERS.get(str(sent.get("secretsManagerType")))
    reference = str(sent.get("secretReference") or "")
    if pattern is None or not pattern.fullmatch(reference):
        raise Refusal(400, "Invalid Secret Reference Value")
    return {
        "usesRemoteSecretsManager": True,
        "secretsManagerType": sent["secretsManagerType"],
        "secretReference": reference,
    }
