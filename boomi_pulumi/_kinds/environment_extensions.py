"""EnvironmentExtensions: the values that an environment gives to what its processes declare, field by field."""

from __future__ import annotations

import difflib
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BadRequest, Conflict, NotFound, RequestError
from boomi_pulumi._api.extensions import (
    SECTIONS,
    WHOLE,
    Extension,
    Fields,
    Value,
    extensions_of,
    group_id,
    overridden,
    partial,
    values_in,
    without_end,
)
from boomi_pulumi._api.models import (
    DEPLOYED_PACKAGE,
    ENVIRONMENT,
    ENVIRONMENT_EXTENSIONS,
    AuditEntry,
    Environment,
    Record,
)
from boomi_pulumi._api.models import EnvironmentExtensions as Extensions
from boomi_pulumi._api.retry import Done, Outcome
from boomi_pulumi._api.words import holds_secret
from boomi_pulumi._lifecycle.changes import Changes, changes_of
from boomi_pulumi._lifecycle.fields import Bag, Change, Id, Inputs, Name, Rule, has_unknown
from boomi_pulumi._lifecycle.kind import (
    Comparison,
    FoundByName,
    Gated,
    Kind,
    NeedsWrite,
    Place,
    Subject,
    UpToDate,
)
from boomi_pulumi._lifecycle.preview import Failure, names, place
from boomi_pulumi._lifecycle.seen import Answer, Seen, found, read
from boomi_pulumi._reads.account import Account
from boomi_pulumi._reads.audit import by
from boomi_pulumi._reads.finders import find_environment

__all__ = ["BY_A_PERSON", "EnvironmentExtensionsKind", "ExtensionsState"]

_SECONDS = 60
"""How long a write waits for what a deployment of this run declares, where the program says nothing."""

_PAUSE = 2.0
"""Seconds between two looks for that."""

_GRACE = (0.3, 0.9, 2.0)
"""Seconds between the looks after a write; what was written may not be shown at once."""

BY_A_PERSON = "accesstoken"
"""The one field that nobody can set by the API: a person opens an address. Source: EnvironmentExtensions page."""


# -- inputs --------------------------------------------------------------------------------------


def _filled(value: str) -> str:
    if not value:
        raise ValueError("is empty, and Boomi would store the empty text; to take a value back, there is useDefault")
    return value


def _rows(value: list[list[str]]) -> list[list[str]]:
    if not value:
        raise ValueError("is empty; a table needs a row")
    longest = max(map(len, value))
    if longest > 20:  # noqa: PLR2004
        raise ValueError(f"has a row of {longest} columns; 20 is the most")
    return [without_end(row) for row in value]


FieldValues = dict[str, dict[str, Annotated[str, AfterValidator(_filled)]]]
Table = Annotated[list[list[str]], AfterValidator(_rows)]


class SecretReference(BaseModel):
    """Where a secrets manager keeps a secret."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", populate_by_name=True)

    secrets_manager_type: Annotated[Literal["AWS", "AZURE", "GCP"], Field(description="AWS, AZURE or GCP.")]
    secret_reference: Annotated[Name, Field(description="The secret's name there, in that manager's own form.")]


def _of(what: str) -> Any:
    return Field(description=f"{what}, by name or id -> field -> value.")


class EnvironmentExtensionsInputs(Inputs):
    """An environment, and the fields of it that the program owns."""

    environment_id: Annotated[
        Id | None, Rule(Change.REPLACE, required=True), Field(description="The environment's id.")
    ] = None
    extension_group_id: Annotated[
        Id | None,
        Rule(Change.REPLACE),
        Field(description="The extension group of a process of a multi-install pack; left out, all other processes."),
    ] = None
    connections: Annotated[FieldValues | None, Rule(Change.UPDATE), _of("Connections")] = None
    operations: Annotated[FieldValues | None, Rule(Change.UPDATE), _of("Operations")] = None
    trading_partners: Annotated[
        FieldValues | None,
        Rule(Change.UPDATE),
        Field(description="Trading partners, by name or id -> `category/field`, such as `as2/url` -> value."),
    ] = None
    shared_communications: Annotated[FieldValues | None, Rule(Change.UPDATE), _of("Communication channels")] = None
    process_properties: Annotated[
        FieldValues | None,
        Rule(Change.UPDATE),
        Field(description="Process property components, by name or id -> label or key -> value."),
    ] = None
    properties: Annotated[
        dict[str, str] | None,
        Rule(Change.UPDATE),
        Field(description="Dynamic process properties, name -> value. Boomi never encrypts them."),
    ] = None
    cross_references: Annotated[
        dict[str, Table] | None,
        Rule(Change.UPDATE),
        Field(description="Cross reference tables, by name or id -> all rows, 20 texts each at the most."),
    ] = None
    pgp_certificates: Annotated[
        dict[str, Id] | None,
        Rule(Change.UPDATE),
        Field(description="PGP certificates, by name or id -> the id of the certificate component that stands in."),
    ] = None
    secret_references: Annotated[
        dict[str, SecretReference] | None,
        Rule(Change.UPDATE),
        Field(
            description="Fields whose secret a secrets manager keeps: path, such as `connections/Orders DB/password`."
        ),
    ] = None
    use_default: Annotated[
        list[str] | None,
        Rule(Change.UPDATE),
        Field(description="Paths of fields that must have the component's own value."),
    ] = None
    secrets_version: Annotated[
        Name | None, Rule(Change.UPDATE, drifts=False), Field(description="Another text sends all secrets once more.")
    ] = None
    reset_on_destroy: Annotated[
        bool,
        Rule(Change.UPDATE, filled=True, drifts=False),
        Field(
            description="Whether a destroy resets the fields that had the component's own value before, and are as "
            "this stack set them. Else all stay as they are."
        ),
    ] = False
    deployment_ids: Annotated[
        list[str] | None,
        Rule(drifts=False),
        Field(description="The deployments whose processes declare the fields: they come first, and are waited for."),
    ] = None
    declare_timeout: Annotated[
        Annotated[int, Field(ge=0, le=3600)] | None,
        Rule(drifts=False),
        Field(description=f"Seconds to wait for what a deployment of the same run declares; left out, {_SECONDS}."),
    ] = None
    environment_name: Annotated[
        str | None, Rule(companion=("environmentId", "name")), Field(description="The environment's name.")
    ] = None
    runtimes: Annotated[
        list[str] | None,
        Rule(Change.UPDATE, filled=True, told=True, drifts=False),
        Field(description="The ids of the runtimes that were attached when the secrets were sent."),
    ] = None
    changes: Annotated[
        list[str] | None,
        Rule(filled=True, drifts=False),
        Field(description="What Pulumi does not show: new secrets, what is taken over, what is no longer managed."),
    ] = None
    restarts: Annotated[
        str | None,
        Rule(filled=True, drifts=False),
        Field(description="What restarts when the values are saved."),
    ] = None


class ExtensionsState(Extensions):
    """The object, and which fields this stack has overridden first."""

    was_default: tuple[str, ...] | None = None


class ExtensionsOutputs(Record):
    """What Boomi tells of the fields of an environment."""

    extensions_id: str = Field(description="The id of the object.")
    encrypted: tuple[str, ...] | None = Field(
        default=None,
        description="Paths of the fields that Boomi encrypts: the declared ones; after an import, all that are set.",
    )
    undeclared: tuple[str, ...] | None = Field(
        default=None, description="Declared paths that no deployed process has any more."
    )
    was_default: tuple[str, ...] | None = Field(
        default=None, description="Declared paths that had the component's own value before this stack."
    )


@dataclass(frozen=True, kw_only=True)
class ExtensionsSeen(Seen):
    """What the account says about an environment, its fields and its runtimes."""

    environment: Answer[Environment] = read(
        "environmentId", Account.environment, absent="names no environment that this user can see"
    )
    extensions: Answer[Extensions] = read("changes", Account.extensions, "environmentId", beside=("extensionGroupId",))
    attached: Answer[list[str]] = read("runtimes", Account.attached, "environmentId")
    saved: Answer[AuditEntry] = read(
        "changes", Account.last_save, "environmentId", beside=("extensionGroupId", *SECTIONS)
    )


# -- the kind ------------------------------------------------------------------------------------


class EnvironmentExtensionsKind(Kind[ExtensionsState], Gated, FoundByName):
    """Boomi's semantics of extensions: one save for an environment, of the fields that are named.

    Source: EnvironmentExtensions in the Platform OpenAPI; Boomi's pages on extensions.
    """

    name = "EnvironmentExtensions"
    target = ENVIRONMENT_EXTENSIONS
    record = ExtensionsOutputs
    inputs = EnvironmentExtensionsInputs
    seen = ExtensionsSeen
    nested = ("secretsManagerType", "secretReference")
    outputs = ("extensionsId", "encrypted", "undeclared", "wasDefault")
    stable_outputs = ("extensionsId",)
    required_outputs = ("environmentId", "extensionsId")
    about = (
        "The values that an environment gives to what its processes declare.\n\n"
        "Owns the fields that it names, and no others. All that differ are one save. A save restarts all listeners of "
        "the environment; if nothing differs, nothing is sent. A field that is taken out keeps its value. A destroy "
        "leaves the values as they are, unless `resetOnDestroy`."
    )
    place = Place(ENVIRONMENT, "environmentId", DEPLOYED_PACKAGE, "a role of the environment, or ENV_MANAGEMENT")
    adopts = False
    fresh_look = True

    # -- names -----------------------------------------------------------------------------------

    def title(self, bag: Mapping[str, Any]) -> str:
        """Return the environment's name, and the group's id."""
        where = str(bag.get("environmentName") or bag.get("environmentId") or "?")
        return f"{where}/{bag['extensionGroupId']}" if bag.get("extensionGroupId") else where

    def claims(self, inputs: Mapping[str, Any]) -> Iterable[str]:
        """Return the fields, each of which another resource may own."""
        where = f"{inputs.get('environmentId')}/{inputs.get('extensionGroupId', '')}"
        return [] if has_unknown(inputs.get("environmentId")) else [f"{where}/{path}" for path in _paths(inputs)]

    def search(self, inputs: Mapping[str, Any]) -> str:
        """Return the read of the environment's extensions."""
        return f"EnvironmentExtensions {_id(inputs)}"

    # -- preview ---------------------------------------------------------------------------------

    def validate(self, inputs: Mapping[str, Any], seen: ExtensionsSeen) -> Iterable[Failure]:
        """Refuse what no process declares or can bring, what Boomi encrypts and is no secret, and the reverse."""
        paths = _paths(inputs)
        for path in sorted(path for path, count in Counter(paths).items() if count > 1):
            yield Failure(_property(path), "is named twice: give a value, a reference or use_default")
        yield from _unencryptable(inputs, seen)
        there = found(seen.extensions)
        if there is None:
            return
        fields, coming = extensions_of(there), _is_coming(inputs, seen.run)
        known, values = set(_paths(seen.before)), values_in(inputs)
        where = inputs.get("environmentName") or "this environment"
        owners: dict[tuple[str, str, str], str] = {}
        for path in dict.fromkeys(paths):
            match = fields.named(path)
            if len(match) > 1:
                ids = names([each.component for each in match])
                yield Failure(_property(path), f"names {len(match)} fields of {where}; use one of the ids {ids}")
            elif not match:
                if path not in known and not coming:
                    yield Failure(_property(path), _nowhere(path, fields, str(where)))
            else:
                (field,) = match
                if owners.setdefault(_key(field), path) != path:
                    yield Failure(_property(path), f"is the same field as {owners[_key(field)]}; give it once")
                if path in values and field.encrypted and not _is_secret(path, seen.secrets):
                    yield Failure(
                        _property(path),
                        "is encrypted by Boomi; give it as a secret (config.require_secret, pulumi.Output.secret), or "
                        "as one of secret_references",
                    )

    def fill(self, inputs: Bag, seen: ExtensionsSeen) -> Bag:
        """Add the runtimes that get the secrets, and what Pulumi's own lines do not show."""
        olds, there, attached = seen.before, found(seen.extensions), found(seen.attached)
        if _has_secret(inputs, there, seen):
            runtimes = olds.get("runtimes") if attached is None else sorted(attached)
            inputs = inputs | ({"runtimes": runtimes} if runtimes is not None else {})
        kept = {name: olds[name] for name in ("changes", "restarts") if name in olds}
        if _same(olds, inputs) or there is None:
            return inputs | (kept if _same(olds, inputs) else {})
        given = {name: value for name, value in inputs.items() if not has_unknown(value) or name in SECTIONS}
        writes = list(_wanted(there, given, olds))
        lines = [*_lines(there, writes, given, olds, _saved(seen)), *_released(there, inputs, olds)]
        where = str(inputs.get("environmentName") or inputs.get("environmentId"))
        unknown = has_unknown([inputs.get(name) for name in SECTIONS])
        sends = bool(writes) or unknown or bool(_missing(there, given) - set(_paths(olds)))
        told = ({"changes": lines} if lines else {}) | ({"restarts": _restarts(where, attached)} if sends else {})
        return inputs | told

    def notice(self, inputs: Mapping[str, Any], seen: ExtensionsSeen) -> str | None:
        """Tell which fields somebody else has changed, which are hidden, and which secrets Boomi shows in clear."""
        there, said = found(seen.extensions), []
        if not _paths(inputs) and not has_unknown(inputs):
            said.append("declares no field; give connections, process_properties, properties or another section")
        clear = [path for path in _in_clear(inputs) if _is_secret(path, seen.secrets)]
        if clear:
            said.append(f"Boomi does not encrypt {names(clear)}, and shows every user of the environment the value")
        if there is not None and seen.before:
            fields, wanted = extensions_of(there), values_in(inputs)
            hidden = [path for path in _paths(inputs) if not fields.named(path)]
            if hidden:
                said.append(
                    f"no deployed process declares {names(hidden)} any more; a deployment may bring it back, and until "
                    "then whoever saves extensions there may lose its value"
                )
            drifted = [
                path for path, value in wanted.items() if (field := fields.only(path)) and _drifted(field, value)
            ]
            if drifted:
                said.append(f"somebody changed {names(drifted)}; `pulumi up --refresh` sets it again")
        return "; ".join(said) or None

    # -- the object ------------------------------------------------------------------------------

    def look(self, subject: Subject) -> ExtensionsState | None:
        """Return the fields of the environment; before a write, wait for what this run's deployments declare."""
        client, inputs = subject.client, subject.inputs
        id_, environment = subject.id or _id(inputs), inputs.get("environmentId") or (subject.id or "")
        first = tuple((subject.before or {}).get("wasDefault") or ())
        record = self._read(client, id_, environment)
        if subject.id is not None:
            return None if record is None else replace(record, was_default=first)
        if record is None:
            raise NotFound(f"{self.name} {self.title(inputs)}: there is no environment {environment} in this account.")
        began, most = client.now(), inputs.get("declareTimeout", _SECONDS)
        while subject.max_age is None and _undeclared(record, subject) and client.now() - began < most:
            if not _is_coming(inputs, changes_of(client)):
                break
            client.pause(_PAUSE)
            record = self._read(client, id_, environment) or record
        still = {path for path in first if path in _paths(inputs)}
        return replace(record, was_default=tuple(sorted(still)))

    def _read(self, client: Client, id_: str, environment: str) -> ExtensionsState | None:
        there = client.read(ENVIRONMENT_EXTENSIONS, id_)
        if isinstance(there, (Missing, BadRequest)):
            # Boomi may have no such object where nothing deployed declares a field.
            place = client.read(ENVIRONMENT, environment)
            if isinstance(place, RequestError):
                raise place
            return None if isinstance(place, Missing) else ExtensionsState(id=id_, environment_id=environment)
        if isinstance(there, RequestError):
            raise there
        return ExtensionsState(**there.__dict__)

    def compare(self, record: ExtensionsState, subject: Subject) -> Comparison:
        """Compare plain fields with Boomi's, and secrets with the state's."""
        return NeedsWrite() if _undeclared(record, subject) or _writes(record, subject) else UpToDate()

    def refusal(self, subject: Subject, found: ExtensionsState | None) -> str | None:
        """Refuse to write where a field is declared by no process: nobody would set it."""
        missing = _undeclared(found, subject) if found is not None else []
        if not missing or found is None:
            return None
        where = self.title(subject.inputs)
        return "; ".join(f"{path} {_nowhere(path, extensions_of(found), where)}" for path in missing)

    def write(self, subject: Subject, found: ExtensionsState | None, notes: str | None) -> Outcome[ExtensionsState]:
        """Save the fields that differ, with one request, and read them back."""
        client, inputs, id_ = subject.client, subject.inputs, _id(subject.inputs)
        saves = client.keep(_Saves, _Saves)
        with saves.turn(id_):
            if found is None or saves.saved(id_):
                found = self._read(client, id_, inputs["environmentId"])
                if found is None:
                    raise NotFound(f"{self.name} {self.title(inputs)}: the environment is gone.")
            wanted = _writes(found, subject)
            ours = set(_paths(subject.before or {}))
            first = {path for path, field, _ in wanted if not field.set and path not in ours}
            first |= set((subject.before or {}).get("wasDefault") or ())
            first &= set(values_in(inputs)) | set(inputs.get("secretReferences") or ())
            if not wanted:
                return Done(replace(found, was_default=tuple(sorted(first))))
            what = f"Setting {names([path for path, _, _ in wanted])} of {self.title(inputs)}"
            body = partial(found, [(field, value) for _, field, value in wanted])
            known = {"id": found.id, "environmentId": inputs["environmentId"]}
            saves.save(id_)
            outcome = client.update(ENVIRONMENT_EXTENSIONS, found.id, body, what, known)
            if not isinstance(outcome, Done):
                return outcome
            seen = self._read_back(subject, id_, wanted)
        return Done(replace(seen, was_default=tuple(sorted(first))))

    def _read_back(
        self, subject: Subject, id_: str, wanted: list[tuple[str, Extension, Value | None]]
    ) -> ExtensionsState:
        """Return the fields as they are after a write.

        Raises:
            Conflict: Boomi accepted the values, and shows others.
            RequestError: The read failed.
        """
        client, inputs = subject.client, subject.inputs
        for pause in (*_GRACE, None):
            record = self._read(client, id_, inputs["environmentId"])
            fields = {_key(each): each for each in extensions_of(record)}
            other = [path for path, field, value in wanted if not _is_as(fields.get(_key(field)), value)]
            if record is not None and not other:
                return record
            if pause is not None:
                client.pause(pause)
        raise Conflict(
            f"{self.name} {self.title(inputs)}: Boomi accepted the values, but does not show {names(other)} as sent. "
            "Look in Environment Extensions of Boomi's Runtime Management; another save may have come between."
        )

    def live(self, record: ExtensionsState, inputs: Mapping[str, Any]) -> Bag:
        """Return the fields that are declared, and what is told of them; all that are overridden where none are."""
        fields = extensions_of(record)
        about: Bag = {"environmentId": record.environment_id or inputs.get("environmentId")}
        about |= {"extensionGroupId": record.extension_group_id, "extensionsId": record.id}
        if not inputs:
            encrypted = sorted(each.path for each in fields if each.encrypted and each.set)
            return about | overridden(fields) | {"encrypted": encrypted, "undeclared": [], "wasDefault": []}
        paths = _paths(inputs)
        matched = {path: field for path in paths if (field := fields.only(path))}
        return about | {
            **_declared(inputs, matched),
            "encrypted": sorted(path for path, field in matched.items() if field.encrypted),
            "undeclared": sorted(path for path in paths if path not in matched),
            "wasDefault": list(record.was_default or ()),
        }

    def import_id(self, client: Client, words: str) -> str | None:
        """Return the id of what is named by an environment's name; a group is named `environment/extensionGroupId`."""
        environment, _, group = words.partition("/")
        if not isinstance(client.read(ENVIRONMENT, environment), Environment):
            environment = find_environment(client, name=environment).id
        return group_id(environment, group) if group else environment

    # -- identity and removal --------------------------------------------------------------------

    def proves_absence(self, subject: Subject) -> bool:
        """Tell that a save may be sent twice."""
        return True

    def owns(self, record: ExtensionsState, bag: Mapping[str, Any]) -> bool:
        """Tell that the extensions of an environment stay themselves."""
        return True

    def kept_on_destroy(self, bag: Mapping[str, Any]) -> str | None:
        """Tell which values stay, unless `reset_on_destroy` says otherwise."""
        if bag.get("resetOnDestroy") is True:
            return None
        resets = bag.get("wasDefault") or ()
        more = f"; reset_on_destroy=True would reset {names(list(resets))}" if resets else ""
        return f"{names(_paths(bag)) or 'its values'} stay as they are{more}."

    def delete(self, subject: Subject, record: ExtensionsState | None) -> Outcome[None]:
        """Reset the fields that had the component's own value before, and are as this stack set them."""
        client, bag = subject.client, subject.inputs
        if record is None:
            return Done(None)
        values, fields = values_in(bag), extensions_of(record)
        resets = [
            field
            for path in bag.get("wasDefault") or ()
            if (field := fields.only(path))
            and field.set
            and (field.encrypted or field.value == values.get(path, field.value))
        ]
        if not resets:
            return Done(None)
        what = f"Resetting {names([each.path for each in resets])} of {self.title(bag)}"
        known = {"id": record.id}
        outcome = client.update(
            ENVIRONMENT_EXTENSIONS, record.id, partial(record, [(each, None) for each in resets]), what, known
        )
        return Done(None) if isinstance(outcome, Done) else outcome


class _Saves:
    """The saves of this process: one at a time for an environment, since each reads, writes and reads back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._saved: set[str] = set()

    @contextmanager
    def turn(self, id_: str) -> Iterator[None]:
        """Hold the turn of an environment."""
        with self._lock:
            mine = self._turns[id_]
        with mine:
            yield

    def save(self, id_: str) -> None:
        """Note a save: what was read before is old."""
        self._saved.add(id_)

    def saved(self, id_: str) -> bool:
        """Tell whether this process has saved the environment."""
        return id_ in self._saved


# -- inside --------------------------------------------------------------------------------------


def _id(inputs: Mapping[str, Any]) -> str:
    environment, group = str(inputs["environmentId"]), inputs.get("extensionGroupId")
    return group_id(environment, str(group)) if group else environment


def _key(field: Extension) -> tuple[str, str, str]:
    return field.section, field.component, field.field


def _paths(bag: Mapping[str, Any]) -> list[str]:
    """Return the paths of all fields that inputs or outputs name, those of references and defaults as well."""
    references, defaults = bag.get("secretReferences"), bag.get("useDefault")
    return [
        *values_in(bag),
        *(references if isinstance(references, Mapping) else ()),
        *(defaults if isinstance(defaults, list) else ()),
    ]


def _property(path: str) -> str:
    return place(path.split("/", 2))


def _is_secret(path: str, secrets: frozenset[str]) -> bool:
    parts = path.split("/")
    return any("/".join(parts[:count]) in secrets for count in range(1, len(parts) + 1))


def _unencryptable(inputs: Mapping[str, Any], seen: ExtensionsSeen) -> Iterator[Failure]:
    for path in values_in(inputs):
        if path.startswith("crossReferences/") and _is_secret(path, seen.secrets):
            yield Failure(_property(path), "is a secret, and Boomi shows a table in clear; keep secrets out of it")
        if path.rpartition("/")[2].lower() == BY_A_PERSON:
            yield Failure(_property(path), "can be set only by a person, in Boomi, who opens the address that it gives")


def _in_clear(inputs: Mapping[str, Any]) -> list[str]:
    return [path for path in values_in(inputs) if path.startswith("properties/")]


def _has_secret(inputs: Mapping[str, Any], there: Extensions | None, seen: ExtensionsSeen) -> bool:
    fields = extensions_of(there)
    secret = (path for path in values_in(inputs) if _is_secret(path, seen.secrets))
    clear = set(_in_clear(inputs))
    return any(not (match := fields.named(path)) or match[0].encrypted for path in secret if path not in clear)


def _is_coming(inputs: Mapping[str, Any], run: Changes) -> bool:
    """Tell whether this run deploys something to the environment, or may, which may declare more fields."""
    where = f"{inputs.get('environmentId')}/"
    return has_unknown(inputs.get("deploymentIds")) or run.may_change(
        DEPLOYED_PACKAGE.name, lambda key: key.startswith(where)
    )


def _nowhere(path: str, fields: Fields, where: str) -> str:
    there = [each.path for each in fields]
    near = difflib.get_close_matches(path, there, 3)
    same = [each for each in there if each.startswith(path.split("/", 1)[0])]
    listed = f"did you mean {names(near)}?" if near else f"there are {names(same or there)}"
    return f"is declared by no process that is deployed in {where}; {listed if there else 'nothing is'}"


def _is_as(field: Extension | None, value: Value | None) -> bool:
    """Tell whether Boomi shows a field as a write left it; a secret is only seen to be there."""
    if field is None or value is None:
        return field is not None and not field.set
    return field.value == value or (field.set and field.encrypted)


def _drifted(field: Extension, value: Any) -> bool:
    return not has_unknown(value) and not _is_as(field, value)


def _undeclared(record: Extensions, subject: Subject) -> list[str]:
    """Return the fields that no process declares, and none did at the last run."""
    fields, before = extensions_of(record), set(_paths(subject.before or {}))
    return [path for path in _paths(subject.given) if path not in before and not fields.named(path)]


def _writes(record: Extensions, subject: Subject) -> list[tuple[str, Extension, Value | None]]:
    now = {name: subject.inputs[name] for name in ("runtimes",) if name in subject.inputs}
    return list(_wanted(record, {**subject.given, **now}, subject.before or {}))


def _wanted(
    record: Extensions, given: Mapping[str, Any], before: Mapping[str, Any]
) -> Iterator[tuple[str, Extension, Value | None]]:
    """Return the fields that must be written, each with its path and new value."""
    fields, old = extensions_of(record), values_in(before)
    another = given.get("secretsVersion") != before.get("secretsVersion")
    again = bool(before) and (another or bool(_new_runtimes(given, before)))
    for path, value in values_in(given).items():
        field = fields.only(path)
        if field is None or has_unknown(value):
            continue
        if not _is_as(field, value) or (field.encrypted and (again or old.get(path) != value)):
            yield path, field, value
    for path, reference in (given.get("secretReferences") or {}).items():
        field = fields.only(path)
        if field is not None and field.value != reference:
            yield path, field, reference
    for path in given.get("useDefault") or ():
        field = fields.only(path)
        if field is not None and field.set:
            yield path, field, None


def _new_runtimes(given: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """Return the runtimes that were attached since the secrets were sent; none where nobody knows who had them."""
    had = before.get("runtimes")
    return [] if had is None else sorted(set(given.get("runtimes") or ()) - set(had))


def _same(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    told = ("secretReferences", "useDefault", "secretsVersion", "runtimes", "environmentId", "extensionGroupId")
    return bool(olds) and all(olds.get(name) == inputs.get(name) for name in (*SECTIONS, *told))


def _lines(
    there: Extensions,
    writes: list[tuple[str, Extension, Value | None]],
    given: Mapping[str, Any],
    olds: Mapping[str, Any],
    saved: str,
) -> Iterator[str]:
    """Return what each write means, where Pulumi's own lines do not tell."""
    old = values_in(olds)
    new = _new_runtimes(given, olds)
    if new:
        yield f"runtime {names(new)} was attached since the secrets were sent: all of them are sent again"
    for path, field, value in writes:
        if field.encrypted and isinstance(value, str):
            if old.get(path) != value:
                yield f"{path}: a new secret" if path in old else f"{path}: a secret is set"
            elif not field.set:
                yield f"{path}: the secret is set again"
        elif field.set and path not in old and field.value is not None:
            yield f"{path}: takes over {_told(field.value)}{saved}"
        elif value is None:
            yield f"{path}: back to the component's own value"
    missing = _missing(there, given)
    for word, paths in (("any more", sorted(missing & old.keys())), ("yet", sorted(missing - old.keys()))):
        if paths:
            yield f"{names(paths)}: no deployed process declares {'it' if len(paths) == 1 else 'them'} {word}"


def _missing(there: Extensions, given: Mapping[str, Any]) -> set[str]:
    """Return the paths that no deployed process declares."""
    fields = extensions_of(there)
    return {path for path in _paths(given) if not fields.named(path)}


def _saved(seen: ExtensionsSeen) -> str:
    """Return who saved the environment last, for the end of a line."""
    told = by(found(seen.saved))
    return f" (last saved {told})" if told else ""


def _told(value: Value) -> str:
    return f"{len(value)} rows" if isinstance(value, list) else str(value)


def _released(there: Extensions, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> Iterator[str]:
    """Return the fields that the program no longer names, and what stays there."""
    fields, now = extensions_of(there), set(_paths(inputs))
    for path in _paths(olds):
        if path not in now:
            field = fields.only(path)
            value = field.value if field is not None and not field.encrypted else None
            value = None if value is not None and holds_secret(value) else value
            yield f"{path}: no longer managed; {_told(value) if value is not None else 'its value'} stays"


def _restarts(where: str, attached: list[str] | None) -> str:
    count = "" if attached is None else f" ({len(attached)} runtime{'' if len(attached) == 1 else 's'})"
    return f"every listener of {where} restarts{count}"


def _declared(inputs: Mapping[str, Any], matched: Mapping[str, Extension]) -> Bag:
    """Return the declared fields with their live values; a secret that is set, and what is hidden, as in the state."""

    def value(path: str, known: Any) -> Any:
        field = matched.get(path)
        if field is None:
            return known
        return known if field.encrypted and field.set else field.value

    found_: Bag = {}
    for section in SECTIONS:
        of = inputs.get(section)
        if not isinstance(of, Mapping):
            continue
        found_[section] = {}
        for name, inside in of.items():
            if section in WHOLE:
                live = {name: value(f"{section}/{name}", inside)}
                found_[section] |= {each: it for each, it in live.items() if it is not None}
            else:
                live = {each: value(f"{section}/{name}/{each}", it) for each, it in inside.items()}
                found_[section][name] = {each: it for each, it in live.items() if it is not None}
    references = inputs.get("secretReferences")
    if references is not None:
        live = {path: matched[path].value if path in matched else known for path, known in references.items()}
        found_["secretReferences"] = {path: it for path, it in live.items() if isinstance(it, dict)}
    defaults = inputs.get("useDefault")
    if defaults is not None:
        found_["useDefault"] = [path for path in defaults if path not in matched or not matched[path].set]
    return found_
