"""What Boomi answers: lenient records, and the objects' own facts (address, id, what can be queried).

Boomi's samples print numbers and booleans as strings ("2.0", "false"), leave required fields out and
may add fields at any time, so nothing but the id is insisted on and an odd value becomes None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from threading import RLock
from typing import Annotated, Any, Generic, NoReturn, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic import dataclasses as pydantic_dataclasses
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from typing_extensions import Self, dataclass_transform

__all__ = [
    "ACCOUNT",
    "ATOM",
    "ATTACHMENT",
    "AUDIT_LOG",
    "BRANCH",
    "CHANGE_LISTENER",
    "COMPONENT_METADATA",
    "COMPONENT_TYPES",
    "CONNECTOR_GROUP",
    "CONNECTOR_PENDING_RELEASE",
    "CONNECTOR_VERSION_CHANGE",
    "DEPLOYED_PACKAGE",
    "ENVIRONMENT",
    "ENVIRONMENT_EXTENSIONS",
    "EXECUTION",
    "EXECUTION_RECORD",
    "EXECUTION_REQUEST",
    "EXTENSION_VALUES",
    "FOLDER",
    "LISTENER_STATUS",
    "OBJECTS",
    "PACKAGEABLE",
    "PACKAGED_COMPONENT",
    "PROCESS_SCHEDULES",
    "PROCESS_SCHEDULE_STATUS",
    "PUBLISHER_PACK",
    "RELEASE",
    "RELEASE_STATUS",
    "SCHEDULED_PROCESS",
    "AuditEntry",
    "Branch",
    "ComponentMetadata",
    "ConnectorClassification",
    "ConnectorGroup",
    "ConnectorVersionChange",
    "DeployedPackage",
    "Environment",
    "EnvironmentAtomAttachment",
    "EnvironmentExtensions",
    "Execution",
    "ExecutionRecord",
    "ExecutionRequest",
    "ExtensionValues",
    "Flag",
    "Folder",
    "IntegrationPack",
    "IntegrationPackRelease",
    "Listener",
    "Object",
    "PackMember",
    "PackagedComponent",
    "ProcessScheduleStatus",
    "ProcessSchedules",
    "Record",
    "ReleaseStatus",
    "ReleasedVersion",
    "Runtime",
    "ScheduledProcess",
    "Text",
    "User",
    "fields_of",
    "flag",
    "moment",
    "parsed",
    "rows_of",
    "text",
    "whole",
]


T = TypeVar("T")


def _plain(value: Any) -> Any:
    """Return the number of `["BigInteger", n]`: Boomi has been seen to write numbers of 64 bits as such a pair."""
    match value:
        case [str(kind), int() | float() | str() as number] if kind.rsplit(".", 1)[-1] in _NUMBERS:
            return number
    return value


_NUMBERS = frozenset({"BigInteger", "BigDecimal", "Integer", "Long"})


def text(value: Any) -> str | None:
    """Return a text in any of the forms that Boomi gives it, else None."""
    value = _plain(value)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return str(value)
    return value if isinstance(value, str) else None


def whole(value: Any) -> int | None:
    """Return a whole number in any of the forms that Boomi gives it, else None."""
    value = _plain(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        if isinstance(value, str) and value.strip().lstrip("-").isdigit():
            return int(value)
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() else None


def moment(value: Any) -> datetime | None:
    """Return a date of Boomi's in UTC, which it is where it names no time zone; None where it is none."""
    try:
        found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        return found.astimezone(timezone.utc) if found.tzinfo else found.replace(tzinfo=timezone.utc)
    except (ValueError, OverflowError):
        return None


def flag(value: Any) -> bool | None:
    """Return true or false in any of the forms that Boomi gives it, else None."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return None


Text = Annotated[str | None, BeforeValidator(text)]
Whole = Annotated[int | None, BeforeValidator(whole)]
Flag = Annotated[bool | None, BeforeValidator(flag)]


_CHANGES = (
    *("__setitem__", "__delitem__", "clear", "pop"),
    *("__ior__", "popitem", "setdefault", "update"),
    *("__iadd__", "__imul__", "append", "extend", "insert", "remove", "reverse", "sort"),
)
"""The methods of dicts and lists that change them."""


def _refuse(it: object, *_: Any, **__: Any) -> NoReturn:
    """Raise TypeError."""
    name = type(it).__name__.lstrip("_")
    raise TypeError(f"{name} cannot be changed; `dataclasses.replace` returns a changed record.")


def _unchangeable(cls: type[T]) -> type[T]:
    for name in _CHANGES:
        if hasattr(cls, name):
            setattr(cls, name, _refuse)
    return cls


@_unchangeable
class _Rows(list[Any]):
    """The rows inside a record: a list, since Pulumi, JSON and comparisons take lists, that cannot be changed."""

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)


@_unchangeable
@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field,))
class Record(dict[str, Any]):
    """One object as Boomi describes it: attributes are Boomi's names in snake case.

    It is a dict as well, of Boomi's own names and without what is not known, since Pulumi exports and stores dicts,
    and JSON takes them. Neither side can be changed, so both always say the same. `dataclasses.replace` returns a
    changed one; `dict(record)` returns a dict of its own.
    """

    def __init_subclass__(cls, *, fields: bool = True, **more: Any) -> None:
        """Take a class; `fields=False` for one that adds no field."""
        super().__init_subclass__(**more)
        if fields:
            _WAITING.add(cls)

    def __new__(cls, *_: Any, **__: Any) -> Self:
        """Make the class ready, which gives it its `__init__`, and then the record."""
        return super().__new__(_ready(cls))

    def __post_init__(self) -> None:
        for name, field in fields_of(type(self)).items():
            value = self.__dict__[name]
            if value is not None:
                super().__setitem__(field.alias or to_camel(name), _Rows(value) if isinstance(value, tuple) else value)

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (type(self), {name: self.__dict__[name] for name in fields_of(type(self))})


def _remade(record: type[Record], values: dict[str, Any]) -> Record:
    """Return a record that was pickled or copied."""
    return record(**values)


_CONFIG = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")

_WAITING: set[type[Record]] = set()
_MAKING = RLock()


def _ready(record: type[T]) -> type[T]:
    """Return the class as a dataclass of pydantic, which it becomes at its first use.

    Every command imports twice, for the program and for the plugin, and needs few of the records; pydantic takes
    milliseconds for each. `defer_build` would save half, and two threads could build one class at the same time.
    """
    if record in _WAITING:
        with _MAKING:
            if record in _WAITING:
                for base in record.__bases__:
                    _ready(base)
                pydantic_dataclasses.dataclass(config=_CONFIG, frozen=True, kw_only=True, eq=False)(record)
                _WAITING.discard(record)
    return record


def fields_of(record: type[Record]) -> dict[str, FieldInfo]:
    """Return the fields of a record by their Python names."""
    found: dict[str, FieldInfo] = _ready(record).__pydantic_fields__  # type: ignore[attr-defined]
    return found


class PackagedComponent(Record):
    """A component frozen under a version string. Source: Boomi's PackagedComponent page."""

    package_id: str = Field(description="The package's id.")
    package_version: Text = Field(default=None, description="The version string.")
    component_id: Text = Field(default=None, description="The component's id.")
    component_version: Whole = Field(default=None, description="The revision that was packaged.")
    component_type: Text = Field(default=None, description="The component's type, such as `process`.")
    branch_name: Text = Field(default=None, description="The branch that it was packaged from.")
    notes: Text = Field(default=None, description="Its notes.")
    shareable: Flag = Field(
        default=None, description="Whether it may go into integration packs and the Process Library."
    )
    deleted: Flag = Field(default=None, description="Whether it was deleted; Boomi can restore it.")
    created_date: Text = Field(default=None, description="When it was made.")
    created_by: Text = Field(default=None, description="The user who made it.")
    fully_publicly_consumable: Flag = Field(
        default=None, description="Whether everything in it may be used by everybody."
    )


class DeployedPackage(Record):
    """A package in an environment, now or once. Source: Boomi's DeployedPackage page."""

    deployment_id: str = Field(description="The deployment's id; another one with every deployment.")
    version: Whole = Field(default=None, description="Boomi's count of deployments in this place.")
    package_id: Text = Field(default=None, description="The package's id.")
    package_version: Text = Field(default=None, description="The version that was deployed.")
    environment_id: Text = Field(default=None, description="The environment's id.")
    component_id: Text = Field(default=None, description="The component's id.")
    component_version: Whole = Field(default=None, description="The revision that was deployed.")
    component_type: Text = Field(default=None, description="The component's type, such as `process`.")
    deployed_date: Text = Field(default=None, description="When it was deployed.")
    deployed_by: Text = Field(default=None, description="The user who deployed it.")
    notes: Text = Field(default=None, description="Its notes.")
    active: Flag = Field(default=None, description="Whether it runs.")
    branch_name: Text = Field(default=None, description="The branch that it was packaged from.")
    listener_status: Text = Field(default=None, description="RUNNING or PAUSED, for listener processes.")
    message: Text = Field(default=None, description="What Boomi says about it.")


class ComponentMetadata(Record):
    """One revision of a component. Source: Boomi's ComponentMetadata page."""

    component_id: str = Field(description="The component's id.")
    version: Whole = Field(default=None, description="The revision.")
    name: Text = Field(default=None, description="The component's name.")
    type: Text = Field(default=None, description="Its type, such as `process`.")
    sub_type: Text = Field(default=None, description="Of a connection or an operation, its connector.")
    created_date: Text = Field(default=None, description="When it was made.")
    created_by: Text = Field(default=None, description="The user who made it.")
    modified_date: Text = Field(default=None, description="When it was last changed.")
    modified_by: Text = Field(default=None, description="The user who last changed it.")
    deleted: Flag = Field(default=None, description="Whether it was deleted; Boomi can restore it.")
    current_version: Flag = Field(default=None, description="Whether this is the newest revision.")
    folder_id: Text = Field(default=None, description="The folder's id.")
    folder_name: Text = Field(default=None, description="The folder's name.")
    branch_id: Text = Field(default=None, description="The branch's id.")
    branch_name: Text = Field(default=None, description="The branch of this revision.")
    copied_from_component_id: Text = Field(default=None, description="The component that it is a copy of.")
    copied_from_component_version: Whole = Field(default=None, description="The revision that it is a copy of.")


class Branch(Record):
    """A branch of an account's components. Source: Branch in the Platform OpenAPI."""

    id: str = Field(description="The branch's id.")
    name: Text = Field(default=None, description="Its name.")
    deleted: Flag = Field(default=None, description="Whether it was deleted.")


class Account(Record):
    """An account; its page asks for more than API, and people read their own with API alone."""

    account_id: str
    name: str | None = None


class Environment(Record):
    """A place where packages run. Source: Environment in the Platform OpenAPI."""

    id: str = Field(description="The environment's id.")
    name: Text = Field(default=None, description="Its name.")
    classification: Text = Field(default=None, description="TEST or PROD.")
    parent_account: Text = Field(default=None, description="The account that it belongs to.")
    parent_environment: Text = Field(default=None, description="The environment that it extends.")


class EnvironmentExtensions(Record):
    """The values that an environment gives to what its processes declare; the sections as Boomi writes them.

    Source: EnvironmentExtensions in the Platform OpenAPI.
    """

    id: str = Field(description="The id: of the environment, or made of it and the group's.")
    environment_id: Text = Field(default=None, description="The environment's id.")
    extension_group_id: Text = Field(default=None, description="The group's id, of a multi-install pack's process.")
    connections: Any = Field(default=None, description="Fields of connections.")
    operations: Any = Field(default=None, description="Fields of operations.")
    trading_partners: Any = Field(default=None, description="Fields of trading partners.")
    shared_communications: Any = Field(default=None, description="Fields of communication channels.")
    process_properties: Any = Field(default=None, description="Properties of process property components.")
    properties: Any = Field(default=None, description="Dynamic process properties.")
    cross_references: Any = Field(default=None, description="Cross reference tables.")
    pgp_certificates: Any = Field(default=None, alias="PGPCertificates", description="PGP certificates.")


class ExtensionValues(Record):
    """The values that override those of components in an environment, by the names that people know.

    A value that Boomi encrypts is left out: it never returns one.
    """

    id: str = Field(description="The id: of the environment, or made of it and the group's.")
    environment_id: Text = Field(default=None, description="The environment's id.")
    extension_group_id: Text = Field(default=None, description="The group's id, of a multi-install pack's process.")
    connections: Any = Field(default=None, description="Connection -> field -> value.")
    operations: Any = Field(default=None, description="Operation -> field -> value.")
    trading_partners: Any = Field(default=None, description="Trading partner -> `category/field` -> value.")
    shared_communications: Any = Field(default=None, description="Communication channel -> field -> value.")
    process_properties: Any = Field(default=None, description="Process property component -> label -> value.")
    properties: Any = Field(default=None, description="Dynamic process property -> value.")
    cross_references: Any = Field(default=None, description="Table -> rows.")
    pgp_certificates: Any = Field(default=None, description="PGP certificate -> id of the one that stands in.")
    secret_references: Any = Field(default=None, description="Path -> where a secrets manager keeps the secret.")
    encrypted: tuple[str, ...] = Field(default=(), description="Paths of the secrets that are set.")
    unset: tuple[str, ...] = Field(default=(), description="Paths of the fields that have the component's own value.")


class AuditEntry(Record):
    """One act in an account, and who did it. Source: AuditLog in the Platform OpenAPI."""

    document_id: str = Field(description="The entry's id.")
    date: Text = Field(default=None, description="When it was.")
    user_id: Text = Field(default=None, description="The user who did it.")
    type: Text = Field(default=None, description="What it was done to, such as `as.extensions`.")
    action: Text = Field(default=None, description="What was done, such as EDIT.")
    source: Text = Field(default=None, description="API or UI.")
    container_id: Text = Field(default=None, description="The runtime that it was done to.")
    properties: Any = Field(default=None, alias="AuditLogProperty", description="What else is told of it.")


class ProcessSchedules(Record):
    """When a process runs on a runtime. Source: ProcessSchedules in the Platform OpenAPI."""

    id: str = Field(description="The id, made of the runtime's and the process's.")
    atom_id: Text = Field(default=None, description="The runtime's id.")
    process_id: Text = Field(default=None, description="The process's component id.")
    schedule: Any = Field(default=None, alias="Schedule", description="The schedules.")
    retry: Any = Field(default=None, alias="Retry", description="The retry of failed documents.")


class ProcessScheduleStatus(Record):
    """Whether the schedules of a process on a runtime are in force."""

    id: str = Field(description="The id of the schedules.")
    atom_id: Text = Field(default=None, description="The runtime's id.")
    process_id: Text = Field(default=None, description="The process's component id.")
    enabled: Flag = Field(default=None, description="Whether they are in force.")


class ExecutionRequest(Record):
    """A run that was asked for. Source: ExecutionRequest in the Platform OpenAPI."""

    request_id: str = Field(description="Boomi's id of the request; of use until the run has ended.")


class ExecutionRecord(Record):
    """One run of a process on a runtime. Source: ExecutionRecord in the Platform OpenAPI."""

    execution_id: str = Field(description="The run's id, by which Process Reporting knows it.")
    process_id: Text = Field(default=None, description="The process's component id.")
    atom_id: Text = Field(default=None, description="The runtime's id.")
    execution_time: Text = Field(default=None, description="When the run began.")
    execution_type: Text = Field(default=None, description="What began it, such as exec_manual.")
    status: Text = Field(default=None, description="How it ended, or that it goes on.")
    execution_duration: Whole = Field(default=None, description="How long it took, in milliseconds.")
    inbound_document_count: Whole = Field(default=None, description="How many documents came in.")
    inbound_error_document_count: Whole = Field(default=None, description="How many of them had errors.")
    outbound_document_count: Whole = Field(default=None, description="How many documents went out.")
    message: Text = Field(default=None, description="The text of an error; it may repeat data of the business.")


class Execution(Record):
    """One run of a process, without its message, which may repeat data of the business. Source: ExecutionRecord."""

    execution_id: str = Field(description="The run's id, by which Process Reporting knows it.")
    process_id: Text = Field(default=None, description="The process's component id.")
    process_name: Text = Field(default=None, description="The process's name.")
    atom_id: Text = Field(default=None, description="The runtime's id.")
    runtime_name: Text = Field(default=None, validation_alias="atomName", description="The runtime's name.")
    execution_time: Text = Field(default=None, description="When the run began.")
    execution_type: Text = Field(default=None, description="What began it, such as `exec_manual` or `exec_sched`.")
    status: Text = Field(default=None, description="How it ended, or that it goes on.")
    execution_duration: Whole = Field(default=None, description="How long it took, in milliseconds.")
    inbound_document_count: Whole = Field(default=None, description="How many documents came in.")
    inbound_error_document_count: Whole = Field(default=None, description="How many of them had errors.")
    outbound_document_count: Whole = Field(default=None, description="How many documents went out.")


class Listener(Record):
    """A process that listens on a runtime, as the runtime tells. Source: ListenerStatus in the Platform OpenAPI."""

    listener_id: str = Field(description="The process's component id.")
    status: Text = Field(default=None, description="What the runtime tells: listening, paused or errored.")
    connector_type: Text = Field(default=None, description="The type of the connector that it listens with.")


class Runtime(Record):
    """What runs the packages of the environments that it is attached to. Source: Atom in the Platform OpenAPI."""

    id: str = Field(description="The runtime's id.")
    name: Text = Field(default=None, description="Its name; several may have the same.")
    type: Text = Field(default=None, description="ATOM, MOLECULE or CLOUD.")
    status: Text = Field(default=None, description="ONLINE, OFFLINE, WARNING or UNKNOWN.")
    status_detail: Text = Field(default=None, description="The status in detail, such as ONLINE_STARTING.")
    host_name: Text = Field(default=None, description="The machine or the cloud that it runs on.")
    current_version: Text = Field(default=None, description="The build that it runs.")
    date_installed: Text = Field(default=None, description="When it, or the cloud that it runs in, was installed.")
    created_by: Text = Field(default=None, description="The user who made it.")
    cloud_id: Text = Field(default=None, description="Of a runtime in a cloud, the cloud's id.")
    cloud_name: Text = Field(default=None, description="The cloud's name.")
    cloud_owner_name: Text = Field(default=None, description="The account that the cloud belongs to.")
    cloud_molecule_id: Text = Field(default=None, description="The id of the cluster that the cloud gave it.")
    cloud_molecule_name: Text = Field(default=None, description="The name of that cluster.")
    instance_id: Text = Field(default=None, description="Its id in the cloud: the account, a dot, and a suffix.")
    is_cloud_attachment: Flag = Field(default=None, description="Whether it is a place in somebody's cloud.")
    purge_history_days: Whole = Field(default=None, description="Days until logs and documents are purged; 0: never.")
    purge_immediate: Flag = Field(default=None, description="Whether documents are purged when a process ends.")
    force_restart_time: Whole = Field(
        default=None, description="Milliseconds that Boomi waits before it forces a restart."
    )


class EnvironmentAtomAttachment(Record):
    """A runtime in an environment; there is a query for it, no GET. Source: Boomi's page of the same name."""

    id: str = Field(description="The attachment's id; Boomi makes it of the two others.")
    atom_id: Text = Field(default=None, description="The runtime's id.")
    environment_id: Text = Field(default=None, description="The environment's id.")


class Folder(Record):
    """A folder of components. Source: Folder in the Platform OpenAPI."""

    id: str = Field(description="The folder's id.")
    name: Text = Field(default=None, description="Its name.")
    full_path: Text = Field(default=None, description="Its path from the root.")
    deleted: Flag = Field(default=None, description="Whether it was deleted.")
    parent_id: Text = Field(default=None, description="The id of the folder that it is in.")
    parent_name: Text = Field(default=None, description="The name of the folder that it is in.")


class PackMember(Record):
    """One component of an integration pack, with the versions that are out, waiting and newest."""

    component_id: str = Field(description="The component's id.")
    component_name: Text = Field(default=None, description="The component's name.")
    component_type: Text = Field(default=None, description="The component's type, such as `process`.")
    current_version: Text = Field(default=None, description="The version that is out.")
    pending_version: Text = Field(default=None, description="The version that waits for a scheduled release.")
    latest_version: Text = Field(default=None, description="The newest version that could be released.")
    deleted: Flag = Field(default=None, description="Whether the component was deleted.")


class ReleasedVersion(Record):
    """A component of a release: the version to be released, and the version that was out before."""

    component_id: str = Field(description="The component's id.")
    version: Text = Field(default=None, description="The version to be released.")
    released_version: Text = Field(default=None, description="The version that was out before.")


def _lenient(model: type[Record], row: Any) -> Any:
    try:
        return _ready(model).__pydantic_validator__.validate_python(row)  # type: ignore[attr-defined]
    except ValidationError:
        return None


def parsed(record: type[Record], properties: Mapping[str, Any]) -> Any:
    """Return a record of properties by Boomi's names; an id that is not known is blank."""
    names = (field.alias or to_camel(name) for name, field in fields_of(record).items() if field.is_required())
    return _lenient(record, {**properties, **{each: "" for each in names if not isinstance(properties.get(each), str)}})


def rows_of(value: Any, name: str = "") -> list[Any]:
    """Return the rows of a list in any form that Boomi writes: with or without its wrapper, or a single object."""
    rows = value.get(name, value) if isinstance(value, dict) else value
    if isinstance(rows, (list, tuple)):
        return list(rows)
    return [rows] if isinstance(rows, dict) and rows else []


def _members(model: type[Record], name: str) -> Callable[[Any], tuple[Record, ...]]:
    _ready(model)

    def read(value: Any) -> tuple[Record, ...]:
        rows = rows_of(value, name)
        if value and not rows and not isinstance(value, (list, tuple, dict)):
            rows = [value]
        # What cannot be read is there all the same: it has no id then.
        return tuple(_lenient(model, row) or _lenient(model, {"componentId": ""}) for row in rows)

    return read


PackMembers = Annotated[
    tuple[PackMember, ...],
    BeforeValidator(_members(PackMember, "PublisherPackagedComponent")),
    Field(alias="PublisherPackagedComponents"),
]
ReleasedVersions = Annotated[
    tuple[ReleasedVersion, ...],
    BeforeValidator(_members(ReleasedVersion, "ReleasePackagedComponent")),
    Field(alias="ReleasePackagedComponents"),
]


class ScheduledProcess(Record):
    """A process that is deployed on a runtime, and when it runs there. Source: ProcessSchedules in the OpenAPI."""

    id: str = Field(description="Boomi's id of the schedules.")
    process_id: str = Field(description="The process's component id.")
    process_name: Text = Field(default=None, description="The process's name.")
    atom_id: str = Field(description="The runtime's id.")
    runtime_name: Text = Field(default=None, description="The runtime's name.")
    schedules: tuple[dict[str, str], ...] = Field(
        default=(), description="Its schedules as maps by Boomi's names, `*` for each; none where it has none."
    )
    in_words: tuple[str, ...] = Field(default=(), description="What they say.")
    enabled: bool | None = Field(
        default=None, description="Whether they are in force; left out where Boomi does not tell."
    )


class IntegrationPack(Record):
    """A pack as its publisher sees it. Source: PublisherIntegrationPack in the Platform OpenAPI."""

    id: str = Field(description="The pack's id.")
    name: Text = Field(default=None, description="Its name.")
    installation_type: Text = Field(default=None, description="SINGLE or MULTI.")
    description: Text = Field(default=None, alias="Description", description="Its description.")
    components: PackMembers = Field(default=(), description="Its components, with their versions.")


class IntegrationPackRelease(Record):
    """The answer to a release. Source: Boomi's ReleaseIntegrationPack page."""

    id: str = Field(description="The pack's id.")
    name: Text = Field(default=None, description="The pack's name.")
    installation_type: Text = Field(default=None, description="SINGLE or MULTI.")
    release_schedule: Text = Field(default=None, description="IMMEDIATELY or RELEASE_ON_SPECIFIED_DATE.")
    release_on_date: Text = Field(default=None, description="The day of a scheduled release.")
    release_status_url: Text = Field(default=None, description="Where Boomi tells how the release stands.")
    request_id: Text = Field(default=None, description="The release request's id.")
    components: ReleasedVersions = Field(default=(), description="What is released.")


class ReleaseStatus(Record):
    """Where a release stands. Source: ReleaseIntegrationPackStatus in the Platform OpenAPI."""

    request_id: str = Field(description="The release request's id.")
    integration_pack_id: Text = Field(default=None, description="The pack's id.")
    name: Text = Field(default=None, description="The pack's name.")
    installation_type: Text = Field(default=None, description="SINGLE or MULTI.")
    release_schedule: Text = Field(default=None, description="IMMEDIATELY or RELEASE_ON_SPECIFIED_DATE.")
    release_on_date: Text = Field(default=None, description="The day of a scheduled release.")
    release_status: Text = Field(default=None, description="IN_PROGRESS, SCHEDULED, SUCCESS or ERROR.")
    components: ReleasedVersions = Field(default=(), description="What is released.")


class User(Record):
    """A person, in answers of the Connector API."""

    email: Text = Field(default=None, description="E-mail address.")
    first_name: Text = Field(default=None, description="First name.")
    last_name: Text = Field(default=None, description="Last name.")


def _nested(model: type[Record]) -> BeforeValidator:
    ready = _ready(model)
    return BeforeValidator(lambda value: _lenient(ready, value) if value is not None else None)


Person = Annotated[User | None, _nested(User)]


class ConnectorClassification(Record):
    """A connector as its publisher sees it. Source: Boomi's ConnectorVersionChange page."""

    classification_type: str = Field(description="The connector, as Boomi names it (`<groupType>-<classification>`).")
    classification: Text = Field(default=None, description="Its classification, such as `dev`.")
    display_name: Text = Field(default=None, description="The connector's name.")
    group_type: Text = Field(default=None, description="The group that it belongs to.")
    version: Text = Field(default=None, description="The version that users get now.")
    pending_version: Text = Field(default=None, description="The version that waits for its review or its hour.")
    review_status: Text = Field(default=None, description="APPROVED, PENDING, REJECTED or CANCELLED.")
    visibility: Text = Field(default=None, description="PRIVATE or PUBLIC.")
    created_by: Person = Field(default=None, description="The user who made it.")
    date_created: Text = Field(default=None, description="When it was made.")
    last_modified_date: Text = Field(default=None, description="When it was last changed.")
    release_date: Text = Field(default=None, description="When its version was released.")
    deleted: Flag = Field(default=None, description="Whether it was deleted.")


class ConnectorGroup(Record):
    """A group of classifications; the only place where a connector's version can be read."""

    group_type: str = Field(description="The group.")
    group_name: Text = Field(default=None, description="Its name.")
    deleted: Flag = Field(default=None, description="Whether it was deleted.")
    classifications: Annotated[tuple[ConnectorClassification, ...], _ready(ConnectorClassification)] = Field(
        default=(), description="Its connectors."
    )

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        """Collect the classifications: Boomi's page does not name the list that holds them."""
        if not isinstance(value, dict) or isinstance(value.get("classifications"), tuple):
            return value
        rows = [row for each in value.values() if isinstance(each, (list, dict)) for row in rows_of(each)]
        found = (_lenient(ConnectorClassification, row) for row in rows)
        return {**value, "classifications": tuple(record for record in found if record is not None)}


class ConnectorVersionChange(Record):
    """The answer to a change of version. Source: Boomi's ConnectorVersionChange page."""

    classification_type: str = Field(description="The connector, as Boomi names it (`<groupType>-<classification>`).")
    version_id: Text = Field(default=None, description="The system version number.")
    release_notes: Text = Field(default=None, description="Notes for the version.")
    preferred_release_date: Text = Field(default=None, description="When to change.")
    classification: Annotated[ConnectorClassification | None, _nested(ConnectorClassification)] = Field(
        default=None, description="The connector as Boomi answers it."
    )
    review_status: Text = Field(default=None, description="APPROVED, PENDING, REJECTED or CANCELLED.")
    review_reason: Text = Field(default=None, description="What the reviewer wrote.")
    submitted_by: Person = Field(default=None, description="The user who asked for the change.")
    completed_by: Person = Field(default=None, description="The user who decided.")
    completed_date: Text = Field(default=None, description="When it was decided.")
    # int64 as text: a number in a state file has 53 bits.
    uid: Text = Field(default=None, description="Boomi's number of the request, as a text.")


R = TypeVar("R", bound=Record)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Object(Generic[R]):
    """One of Boomi's objects.

    Attributes:
        name: Its name, which is also its address.
        record: The model of a row.
        id: Boomi's name of the property that identifies a row.
        queryable: Properties that a query may name, or None where Boomi leaves them open.
        operators: Operators that a query may use, or None for all.
        beside: Property -> another property that a query must name beside it.
        api: "platform"; "connector", since Boomi keeps connectors in an API of their own; or "async", for what a
            runtime is asked.
        privileges: What a user needs to work with it, for a message.
    """

    name: str
    record: type[R]
    id: str
    queryable: frozenset[str] | None = None
    operators: frozenset[str] | None = None
    beside: tuple[tuple[str, str], ...] = ()
    api: str = "platform"
    privileges: str = "API"

    def parse(self, row: object) -> R | None:
        """Return the row as a record, or None where it has no usable id."""
        found: R | None = _lenient(self.record, row)
        return found


PACKAGED_COMPONENT = Object(
    "PackagedComponent", PackagedComponent, "packageId", privileges="API and PACKAGE_MANAGEMENT"
)
DEPLOYED_PACKAGE = Object(
    "DeployedPackage",
    DeployedPackage,
    "deploymentId",
    queryable=_names(
        "uid notes current packageNotes active componentId componentVersion componentName componentType "
        "deployedBy deployedDate deploymentId environmentId environmentName packageId packageVersion version "
        "accountId branch"
    ),
    privileges="API and DEPLOY (and PACKAGE_MANAGEMENT to deploy by component)",
)
COMPONENT_METADATA = Object(
    "ComponentMetadata",
    ComponentMetadata,
    "componentId",
    queryable=_names(
        "accountId componentId version name type subType createdDate createdBy modifiedDate modifiedBy "
        "deleted currentVersion folderName folderId copiedFromComponentId copiedFromComponentVersion "
        "branchName branchId"
    ),
    beside=(("version", "componentId"), ("copiedFromComponentVersion", "copiedFromComponentId")),
    privileges="Build Read Access to read, Build Read and Write Access to change",
)
ACCOUNT = Object("Account", Account, "accountId", privileges="API, or API and ACCOUNT_ADMIN")
BRANCH = Object("Branch", Branch, "id", privileges="the feature of branches, and Build Read Access")
ENVIRONMENT = Object(
    "Environment",
    Environment,
    "id",
    queryable=frozenset({"id", "name", "classification"}),
    privileges="API and ATOM_MANAGEMENT (reading: its read-only form)",
)
ENVIRONMENT_EXTENSIONS = Object(
    "EnvironmentExtensions",
    EnvironmentExtensions,
    "id",
    queryable=frozenset({"environmentId", "extensionGroupId"}),
    privileges="API and ATOM_MANAGEMENT (reading: its read-only form)",
)
EXTENSION_VALUES = Object("EnvironmentExtensions", ExtensionValues, "id", privileges=ENVIRONMENT_EXTENSIONS.privileges)
AUDIT_LOG = Object(
    "AuditLog",
    AuditEntry,
    "documentId",
    queryable=_names("containerId userId date type action modifier level source"),
    privileges="API and VIEW_AUDIT_LOGS",
)
_SCHEDULES = "API and SCHEDULE_MAINTENANCE or ATOM_MANAGEMENT (reading: its read-only form)"
PROCESS_SCHEDULES = Object(
    "ProcessSchedules",
    ProcessSchedules,
    "id",
    queryable=frozenset({"atomId", "processId"}),
    privileges=_SCHEDULES,
)
PROCESS_SCHEDULE_STATUS = Object(
    "ProcessScheduleStatus",
    ProcessScheduleStatus,
    "id",
    queryable=frozenset({"atomId", "processId"}),
    privileges=_SCHEDULES,
)
SCHEDULED_PROCESS = Object("ProcessSchedules", ScheduledProcess, "id", privileges=_SCHEDULES)
LISTENER_STATUS = Object(
    "ListenerStatus",
    Listener,
    "listenerId",
    queryable=frozenset({"containerId", "listenerId"}),
    api="async",
    privileges="API and ATOM_MANAGEMENT, and a role of the environment",
)
CHANGE_LISTENER = Object("changeListenerStatus", Listener, "listenerId", privileges=LISTENER_STATUS.privileges)
EXECUTION_REQUEST = Object(
    "ExecutionRequest", ExecutionRequest, "requestId", privileges="API and EXECUTE, and a role of the environment"
)
EXECUTION_RECORD = Object(
    "ExecutionRecord",
    ExecutionRecord,
    "executionId",
    queryable=_names(
        "executionId originalExecutionId account executionTime status executionType processName processId atomName "
        "atomId inboundDocumentCount outboundDocumentCount executionDuration message reportKey launcherId nodeId "
        "recordedDate"
    ),
    privileges="API and VIEW_RESULT",
)
EXECUTION = Object(
    "ExecutionRecord",
    Execution,
    "executionId",
    queryable=EXECUTION_RECORD.queryable,
    privileges=EXECUTION_RECORD.privileges,
)
ATOM = Object(
    "Atom",
    Runtime,
    "id",
    queryable=_names(
        "name id hostname status type capabilities cloudId attachmentCloudId cloudMoleculeId instanceId "
        "isCloudAttachment"
    ),
    operators=_names("EQUALS NOT_EQUALS CONTAINS NOT_CONTAINS"),
    privileges="API and ATOM_MANAGEMENT (reading: its read-only form)",
)
ATTACHMENT = Object(
    "EnvironmentAtomAttachment",
    EnvironmentAtomAttachment,
    "id",
    queryable=frozenset({"atomId", "environmentId"}),
    privileges="API and ATOM_MANAGEMENT (reading: its read-only form)",
)
FOLDER = Object(
    "Folder",
    Folder,
    "id",
    queryable=_names("accountId id name deleted parentId parentName permittedRoles"),
)

PUBLISHER_PACK = Object(
    "PublisherIntegrationPack",
    IntegrationPack,
    "id",
    queryable=frozenset({"id", "name", "installationType"}),
    privileges="API Publisher Integration Pack and Integration Pack",
)
RELEASE = Object(
    "ReleaseIntegrationPack",
    IntegrationPackRelease,
    "id",
    privileges="API Publisher Integration Pack and Integration Pack",
)
RELEASE_STATUS = Object("ReleaseIntegrationPackStatus", ReleaseStatus, "requestId")
CONNECTOR_GROUP = Object("ConnectorGroup", ConnectorGroup, "groupType", api="connector", privileges="API and DEVELOPER")
CONNECTOR_VERSION_CHANGE = Object(
    "ConnectorVersionChange",
    ConnectorVersionChange,
    "classificationType",
    api="connector",
    privileges="API and DEVELOPER; for a public connector also CONNECTOR_SUBMISSION, "
    "and the feature CONNECTOR_ADMINISTRATION",
)
CONNECTOR_PENDING_RELEASE = Object(
    "ConnectorPendingRelease",
    ConnectorVersionChange,
    "classificationType",
    api="connector",
    privileges="API and DEVELOPER, and the SDK publisher agreement",
)

OBJECTS: dict[str, Object[Any]] = {
    each.name: each
    for each in (
        *(PACKAGED_COMPONENT, DEPLOYED_PACKAGE, COMPONENT_METADATA, ENVIRONMENT, FOLDER, PUBLISHER_PACK),
        *(ATOM, ATTACHMENT),
    )
}
"""The objects that `query` takes by name."""

COMPONENT_TYPES: dict[str, str] = {
    "certificate": "X.509 Certificate",
    "certificate.pgp": "PGP Certificate",
    "connector-action": "Connector Operation",
    "connector-settings": "Connector Connection",
    "crossref": "Cross Reference Table",
    "customlibrary": "Custom Library",
    "documentcache": "Document Cache",
    "edistandard": "EDI Standard",
    "flowservice": "Flow Service",
    "process": "Process",
    "processproperty": "Process Property",
    "processroute": "Process Route",
    "profile.db": "Database Profile",
    "profile.edi": "EDI Profile",
    "profile.flatfile": "Flat File Profile",
    "profile.json": "JSON Profile",
    "profile.xml": "XML Profile",
    "queue": "Queue",
    "script.mapping": "Map Script",
    "script.processing": "Process Script",
    "tpcommoptions": "Communication Channel",
    "tpgroup": "Processing Group",
    "tporganization": "Organization",
    "tradingpartner": "Trading Partner",
    "transform.function": "Map Function",
    "transform.map": "Map",
    "webservice": "API Service",
    "webservice.external": "API Proxy",
    "xslt": "XSLT Stylesheet",
}
"""Type of a component -> what Boomi calls it. Source: Boomi's ComponentMetadata page."""

PACKAGEABLE = _names(
    "certificate customlibrary flowservice process processroute tpgroup webservice webservice.external"
)
"""Types that can be packaged. Source: Boomi's PackagedComponent page."""
