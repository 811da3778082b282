"""What the laws must know of each kind: one `Case` per kind, and nothing else.

A new kind gets a case here, and all laws hold for it without further test code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from boomi_pulumi.emulator import Emulator
from tests.conformance.account import (
    change_connector,
    component,
    connector,
    day,
    declaring,
    deployed,
    environment,
    folder,
    listener,
    pack,
    package,
    released,
    rows,
    runtime,
)
from tests.driver import Bag, Stored

Make = Callable[[Emulator], Any]
Edit = Callable[[Emulator], Bag]
Behind = Callable[[Emulator, Stored], object]


@dataclass(frozen=True)
class Optional:
    """One optional field, for the matrix of absent, None, empty, default, omitted, normalised.

    Attributes:
        value: A value that is not Boomi's default.
        default: What Boomi takes when the field is absent, where the field can say so.
        forms: Other forms of `value` in which Boomi may answer.
        without: Fields that cannot stand beside this one.
        beside: Further inputs without which it makes no sense.
    """

    value: Make
    default: Make | None = None
    forms: tuple[Callable[[Any], Any], ...] = ()
    without: tuple[str, ...] = ()
    beside: Callable[[Emulator], dict[str, Any]] = lambda _boomi: {}


@dataclass(frozen=True)
class Case:
    """What the laws must know of one kind.

    Attributes:
        kind: Its name.
        object: The Boomi object in whose answers the fields stand.
        inputs: Valid inputs, the least there can be.
        alive: Boomi's live objects of this kind; or what is in force, where a resource makes no object.
        makes: Whether a create makes an object, which a destroy removes; else it changes one that stays.
        updates: Field -> inputs that change it, an update in place.
        replaces: Field -> inputs that change it, another object.
        optional: Every optional field that a program gives.
        invalid: Property -> inputs that `check` refuses because of it.
        vanish: Deletes the object as a person does; None where nobody can.
        tells: Whether a look shows whose object it is, so that a lost state is no reason to leave it.
        comes_back: Whether the next run can make or restore what has vanished.
        drifts: Field -> how a person changes it.
        cannot_drift: Field -> why nobody can change it.
        back: What a person does before a program goes back to the least inputs.
        quiet: Whether a destroy has nothing to tell.
        imports: Whether what is there can be imported.
    """

    kind: str
    object: str
    inputs: Edit
    alive: Callable[[Emulator], list[Any]]
    optional: Mapping[str, Optional]
    invalid: Mapping[str, Bag]
    updates: Mapping[str, Edit] = field(default_factory=dict)
    replaces: Mapping[str, Edit] = field(default_factory=dict)
    makes: bool = True
    vanish: Behind | None = None
    tells: bool = True
    comes_back: bool = True
    drifts: Mapping[str, Behind] = field(default_factory=dict)
    cannot_drift: Mapping[str, str] = field(default_factory=dict)
    back: Callable[[Emulator], Any] = lambda _boomi: None
    quiet: bool = False
    imports: bool = True


def _word(value: Any) -> str:
    return str(value).lower()


def _decimal(value: Any) -> str:
    return f"{value}.0"


def _padded(value: Any) -> str:
    return f"{value}\n"


def _live_packages(boomi: Emulator) -> list[Bag]:
    return [row for row in boomi.objects("PackagedComponent") if not row["deleted"]]


def _active_deployments(boomi: Emulator) -> list[Bag]:
    return [row for row in boomi.objects("DeployedPackage") if row["active"]]


def _deploy_by_hand(boomi: Emulator, stored: Stored) -> None:
    boomi.console_deploy(stored.outputs["environmentId"], package(boomi, "1.1"))


PACKAGED_COMPONENT = Case(
    kind="PackagedComponent",
    object="PackagedComponent",
    inputs=lambda boomi: {"componentId": component(boomi), "packageVersion": "7.0"},
    alive=_live_packages,
    replaces={
        "componentId": lambda boomi: {"componentId": component(boomi, "Feed")},
        "packageVersion": lambda _: {"packageVersion": "7.1"},
    },
    optional={
        "packageVersion": Optional(lambda _: "8.0-rc1", default=lambda _: "2.0"),
        "componentVersion": Optional(lambda _: 1, default=lambda _: 2, forms=(_word, _decimal)),
        "branchName": Optional(lambda _: "feature", default=lambda _: "main"),
        "shareable": Optional(lambda _: True, default=lambda _: False, forms=(_word,)),
        "notes": Optional(lambda _: "line one\r\nline two ", forms=(_padded,)),
    },
    invalid={
        "componentId": {"componentId": "not/an/id"},
        "packageVersion": {"packageVersion": "  "},
        "componentVersion": {"componentVersion": "two"},
        "shareable": {"shareable": "perhaps"},
        "notes": {"notes": "x" * 5000},
        "componentVersoin": {"componentVersoin": 3},
    },
    vanish=lambda boomi, stored: boomi.console_delete_package(stored.outputs["packageId"]),
    cannot_drift=dict.fromkeys(
        ("componentId", "componentVersion", "packageVersion", "branchName", "shareable", "notes"),
        "nothing of a package can change once it is made",
    ),
)


def _tried(boomi: Emulator) -> str:
    """Deploy 1.1 where it is tried, unless it is there, and return that environment."""
    place, id_ = environment(boomi, "Production"), package(boomi, "1.1")
    if (place, id_) not in ((row["environmentId"], row["packageId"]) for row in _active_deployments(boomi)):
        boomi.console_deploy(place, id_)
    return place


def _ran(boomi: Emulator) -> str:
    """Deploy 1.1 where it is tried, let it run there, and return that environment."""
    place = _tried(boomi)
    boomi.advance(15)
    boomi.run(component(boomi), runtime(boomi, "prod-1"))
    return place


DEPLOYED_PACKAGE = Case(
    kind="DeployedPackage",
    object="DeployedPackage",
    inputs=lambda boomi: {"environmentId": environment(boomi), "packageId": package(boomi)},
    alive=_active_deployments,
    updates={
        "packageId": lambda boomi: {"packageId": package(boomi, "1.1")},
        "listenerStatus": lambda _: {"listenerStatus": "PAUSED"},
    },
    replaces={
        "environmentId": lambda boomi: {"environmentId": environment(boomi, "Production")},
        "componentId": lambda boomi: {"packageId": package(boomi, "1.0", "Feed")},
    },
    optional={
        "packageId": Optional(lambda boomi: package(boomi, "1.1")),
        "componentId": Optional(component),
        "promotedFromId": Optional(_ran, beside=lambda boomi: {"packageId": package(boomi, "1.1")}),
        "promotedAfter": Optional(
            lambda _: "0s", beside=lambda boomi: {"packageId": package(boomi, "1.1"), "promotedFromId": _tried(boomi)}
        ),
        "promotedRuns": Optional(
            lambda _: {"complete": 1, "failed": 0, "settle": 15},
            beside=lambda boomi: {"packageId": package(boomi, "1.1"), "promotedFromId": _ran(boomi)},
        ),
        "listenerStatus": Optional(lambda _: "PAUSED", default=lambda _: "RUNNING"),
        "notes": Optional(lambda _: "line one\r\nline two ", forms=(_padded,)),
    },
    invalid={
        "environmentId": {"environmentId": ""},
        "packageId": {"packageId": "a b"},
        "promotedFromId": {"promotedFromId": "Test environment"},
        "promotedAfter": {"promotedAfter": "a day"},
        "promotedRuns.complete": {"promotedRuns": 0},
        "listenerStatus": {"listenerStatus": "running"},
        "notes": {"notes": "\x07"},
        "packageID": {"packageID": "1"},
    },
    vanish=lambda boomi, stored: boomi.console_undeploy(stored.outputs["deploymentId"]),
    drifts={"packageId": _deploy_by_hand},
    cannot_drift={
        "environmentId": "it is the slot itself",
        "componentId": "it is the slot itself",
        "promotedFromId": "it says what must be so before a deployment",
        "promotedAfter": "it says what must be so before a deployment",
        "promotedRuns": "it says what must be so before a deployment",
        "listenerStatus": "Boomi sets it with a deployment only, and does not answer it for every type",
        "notes": "a note is made with a deployment, and Boomi joins notes of several",
    },
)


def _release_by_hand(boomi: Emulator, stored: Stored) -> None:
    boomi.release_pack(stored.id, {component(boomi, "Loyalty"): "1.2"})


def _releases(boomi: Emulator) -> list[Bag]:
    return [released(boomi, row["name"]) for row in boomi.objects("PublisherIntegrationPack")]


def _delete_pack(boomi: Emulator, stored: Stored) -> None:
    boomi.store.console("delete", "PublisherIntegrationPack", by="ann@acme.example", id=stored.id)


RELEASE_INTEGRATION_PACK = Case(
    kind="ReleaseIntegrationPack",
    object="ReleaseIntegrationPack",
    inputs=lambda boomi: {"integrationPackId": pack(boomi), "components": rows(boomi, Loyalty="1.1")},
    alive=_releases,
    makes=False,
    updates={
        "components": lambda boomi: {"components": rows(boomi, Loyalty="1.2", Returns="1.1")},
        "releaseSchedule": lambda boomi: {
            "releaseSchedule": "RELEASE_ON_SPECIFIED_DATE",
            "releaseOnDate": day(3),
            "components": rows(boomi, Loyalty="1.2"),
        },
        "releaseOnDate": lambda boomi: {"releaseOnDate": day(3), "components": rows(boomi, Loyalty="1.2")},
    },
    replaces={"integrationPackId": lambda boomi: {"integrationPackId": pack(boomi, "Solo")}},
    optional={
        "releaseSchedule": Optional(lambda _: "IMMEDIATELY"),
        "releaseOnDate": Optional(lambda _: day(3), without=("releaseSchedule",)),
        "releaseTimeout": Optional(lambda _: 5, default=lambda _: 300),
    },
    invalid={
        "integrationPackId": {"integrationPackId": "a pack"},
        "components": {"components": []},
        "components[0].version": {"components": [{"componentId": "a", "version": 1.5}]},
        "components[1].componentId": {
            "components": [{"componentId": "a", "version": "1"}, {"componentId": "", "version": "1"}]
        },
        "releaseSchedule": {"releaseSchedule": "TOMORROW"},
        "releaseOnDate": {"releaseOnDate": "2099-2-30"},
        "releaseTimeout": {"releaseTimeout": -1},
        "releaseOn": {"releaseOn": "2099-01-01"},
    },
    vanish=_delete_pack,
    comes_back=False,
    drifts={"components": _release_by_hand},
    cannot_drift={
        "integrationPackId": "it is the pack itself",
        "releaseSchedule": "it says how to release, not what is released",
        "releaseOnDate": "Boomi shows it for a pending release of ours only, whose request decides",
        "releaseTimeout": "Boomi does not know it",
    },
)

CONNECTOR_VERSION_CHANGE = Case(
    kind="ConnectorVersionChange",
    object="ConnectorVersionChange",
    inputs=lambda _: {"classificationType": "till-dev", "versionId": "3"},
    alive=lambda boomi: [connector(boomi, name)["version"] for name in ("till-dev", "scales-dev")],
    makes=False,
    updates={
        "versionId": lambda _: {"versionId": "4"},
        "preferredReleaseDate": lambda _: {"preferredReleaseDate": f"{day(2)}T10:00:00Z"},
    },
    replaces={"classificationType": lambda _: {"classificationType": "scales-dev"}},
    optional={
        "preferredReleaseDate": Optional(lambda _: f"{day(2)}T10:00:00Z"),
        "releaseNotes": Optional(lambda _: "line one\r\nline two ", forms=(_padded,)),
    },
    invalid={
        "classificationType": {"classificationType": ""},
        "versionId": {"versionId": 2**53},
        "preferredReleaseDate": {"preferredReleaseDate": "2099-01-01"},
        "releaseNotes": {"releaseNotes": "\x07"},
        "versionID": {"versionID": "3"},
    },
    drifts={"versionId": lambda boomi, stored: change_connector(boomi, stored.id, "5")},
    cannot_drift={
        "classificationType": "it is the connector itself",
        "preferredReleaseDate": "Boomi does not answer it",
        "releaseNotes": "Boomi does not answer them with a connector",
    },
)


def _components(boomi: Emulator) -> list[tuple[str, str]]:
    newest = {row["componentId"]: row for row in sorted(boomi.objects("ComponentMetadata"), key=itemgetter("version"))}
    return sorted((row["name"], row["folderName"]) for row in newest.values() if not row["deleted"])


def _delete_component(boomi: Emulator, stored: Stored) -> None:
    boomi.delete_component(stored.id)


def _rename_by_hand(boomi: Emulator, stored: Stored, **changes: str) -> None:
    boomi.store.console("update", "ComponentMetadata", by="ann@acme.example", id=stored.id, **changes)


COMPONENT_METADATA = Case(
    kind="ComponentMetadata",
    object="ComponentMetadata",
    inputs=lambda boomi: {
        "componentId": component(boomi, "Feed"),
        "name": "Feed of orders",
        "folderId": folder(boomi, "Acme/Shop"),
    },
    alive=_components,
    makes=False,
    updates={
        "name": lambda _: {"name": "Feed of all orders"},
        "folderId": lambda boomi: {"folderId": folder(boomi, "Acme/Orders")},
        "deleteOnDestroy": lambda _: {"deleteOnDestroy": True},
    },
    replaces={"componentId": lambda boomi: {"componentId": component(boomi, "Outside")}},
    optional={
        "name": Optional(lambda _: "Another name"),
        "folderId": Optional(lambda boomi: folder(boomi, "Acme/Orders")),
        "deleteOnDestroy": Optional(lambda _: False, default=lambda _: False),
    },
    invalid={
        "componentId": {"componentId": "not/an/id"},
        "name": {"name": " two\nlines"},
        "folderId": {"folderId": "Acme/Shop"},
        "deleteOnDestroy": {"deleteOnDestroy": "perhaps"},
        "folder": {"folder": "Shop"},
    },
    vanish=_delete_component,
    drifts={
        "name": lambda boomi, stored: _rename_by_hand(boomi, stored, name="By hand"),
        "folderId": lambda boomi, stored: _rename_by_hand(boomi, stored, folderId=folder(boomi, "Acme")),
    },
    cannot_drift={
        "componentId": "it is the component itself",
        "deleteOnDestroy": "Boomi does not know it",
    },
)


def _values(boomi: Emulator) -> list[Bag]:
    return [boomi.extension_values(environment(boomi, name)) for name in ("Test", "Production")]


def _component_of(boomi: Emulator, name: str) -> str:
    """Return the id of a component that declares fields, by its name."""
    fields = (each for row in boomi.objects("Declaration") for each in row["fields"])
    return next(str(each["component"]) for each in fields if each["name"] == name)


def _save_host(boomi: Emulator, stored: Stored) -> None:
    field = {"id": "host", "value": "by-hand.acme", "useDefault": False}
    row = {"id": _component_of(boomi, "Orders DB"), "field": [field]}
    boomi.save_extensions(stored.id, connections={"connection": [row]})


ENVIRONMENT_EXTENSIONS = Case(
    kind="EnvironmentExtensions",
    object="EnvironmentExtensions",
    inputs=lambda boomi: {
        "environmentId": declaring(boomi),
        "connections": {"Orders DB": {"host": "db1.acme"}},
    },
    alive=_values,
    makes=False,
    updates={
        "connections": lambda _: {"connections": {"Orders DB": {"host": "db2.acme", "port": "1521"}}},
        "operations": lambda _: {"operations": {"Orders API": {"objectName": "orders"}}},
        "tradingPartners": lambda _: {"tradingPartners": {"Acme": {"as2/url": "https://as2.acme.example"}}},
        "sharedCommunications": lambda _: {"sharedCommunications": {"Disk": {"directory": "/in"}}},
        "processProperties": lambda _: {"processProperties": {"Order Settings": {"Warehouse": "W1"}}},
        "properties": lambda _: {"properties": {"DPP_BATCH_SIZE": "500", "DPP_MODE": ""}},
        "crossReferences": lambda _: {"crossReferences": {"Countries": [["DE", "49"], ["FR"]]}},
        "pgpCertificates": lambda boomi: {"pgpCertificates": {_component_of(boomi, "Partner"): "other"}},
        "secretReferences": lambda _: {
            "secretReferences": {
                "connections/Orders DB/password": {"secretsManagerType": "AWS", "secretReference": "orders/db"}
            }
        },
        "useDefault": lambda _: {"useDefault": ["connections/Orders DB/port"]},
        "secretsVersion": lambda _: {"secretsVersion": "2"},
        "resetOnDestroy": lambda _: {"resetOnDestroy": True},
    },
    replaces={
        "environmentId": lambda boomi: {"environmentId": declaring(boomi, "Production")},
        "extensionGroupId": lambda boomi: {"extensionGroupId": component(boomi)},
    },
    optional={
        "extensionGroupId": Optional(component),
        "connections": Optional(
            lambda _: {"Orders DB": {"port": "1521"}},
            beside=lambda _: {"properties": {"DPP_MODE": "fast"}},
        ),
        "operations": Optional(lambda _: {"Orders API": {"objectName": "orders"}}),
        "tradingPartners": Optional(lambda _: {"Acme": {"as2/url": "https://as2.acme.example"}}),
        "sharedCommunications": Optional(lambda _: {"Disk": {"directory": "/in"}}),
        "processProperties": Optional(lambda _: {"Order Settings": {"Warehouse": "W1"}}),
        "properties": Optional(lambda _: {"DPP_BATCH_SIZE": "500"}),
        "crossReferences": Optional(lambda _: {"Countries": [["DE", "49", ""], ["FR"]]}),
        "pgpCertificates": Optional(lambda boomi: {_component_of(boomi, "Partner"): "other"}),
        "secretReferences": Optional(
            lambda _: {"connections/Orders DB/password": {"secretsManagerType": "AWS", "secretReference": "orders/db"}}
        ),
        "useDefault": Optional(lambda _: ["processProperties/Order Settings/Depth"]),
        "secretsVersion": Optional(lambda _: "2"),
        "resetOnDestroy": Optional(lambda _: True, default=lambda _: False),
        "deploymentIds": Optional(lambda boomi: [f"{environment(boomi)}/{component(boomi)}"]),
        "declareTimeout": Optional(lambda _: 5, default=lambda _: 60),
    },
    invalid={
        "environmentId": {"environmentId": ""},
        "extensionGroupId": {"extensionGroupId": "a b"},
        'connections["Orders DB"].host': {"connections": {"Orders DB": {"host": 5}}},
        "crossReferences.Countries": {"crossReferences": {"Countries": []}},
        "secretsVersion": {"secretsVersion": " "},
        "declareTimeout": {"declareTimeout": -1},
        "conections": {"conections": {}},
    },
    drifts={"connections": _save_host},
    cannot_drift={
        "environmentId": "it is the environment itself",
        "extensionGroupId": "it is the object itself",
        **dict.fromkeys(
            (
                *("operations", "tradingPartners", "sharedCommunications", "processProperties", "properties"),
                *("crossReferences", "pgpCertificates", "secretReferences", "useDefault"),
            ),
            "it drifts as connections do; the least inputs do not hold it",
        ),
        "secretsVersion": "Boomi does not know it",
        "resetOnDestroy": "Boomi does not know it",
        "deploymentIds": "Boomi does not know them",
        "declareTimeout": "Boomi does not know it",
    },
)

_HOURLY = {"minutes": "0"}
_WORKDAYS = {"minutes": "0-59/15", "hours": "8-18", "daysOfWeek": "mon-fri"}


def _scheduled(boomi: Emulator) -> list[Any]:
    kept = {(row["atomId"], row["processId"]): row for row in boomi.objects("ProcessSchedules")}
    pairs = (("Sync", "test-1"), ("Feed", "test-1"), ("Sync", "prod-1"))
    rows = (kept.get((runtime(boomi, where), component(boomi, name)), {}) for name, where in pairs)
    return [(row["Schedule"], row.get("Retry"), row.get("enabled")) for row in rows if row.get("Schedule")]


def _undeploy(boomi: Emulator, stored: Stored) -> None:
    for row in _active_deployments(boomi):
        if row["componentId"] == stored.outputs["processId"]:
            boomi.console_undeploy(row["deploymentId"])


def _schedule_by_hand(boomi: Emulator, stored: Stored) -> None:
    row = dict.fromkeys(("hours", "daysOfWeek", "daysOfMonth", "months", "years"), "*")
    boomi.save_schedules(stored.outputs["processId"], stored.outputs["atomId"], [{**row, "minutes": "7"}])


PROCESS_SCHEDULES = Case(
    kind="ProcessSchedules",
    object="ProcessSchedules",
    inputs=lambda boomi: {
        "processId": deployed(boomi),
        "atomId": runtime(boomi),
        "schedules": [_HOURLY],
    },
    alive=_scheduled,
    tells=False,
    vanish=_undeploy,
    comes_back=False,
    updates={
        "schedules": lambda _: {"schedules": [_WORKDAYS, {"minutes": "30", "hours": "2", "daysOfMonth": "1"}]},
        "retry": lambda _: {"retry": {"maxRetry": 2, "schedules": [_HOURLY]}},
        "enabled": lambda _: {"enabled": False},
    },
    replaces={
        "processId": lambda boomi: {"processId": deployed(boomi, "Feed")},
        "atomId": lambda boomi: {"atomId": deployed(boomi, "Sync", "Production") and runtime(boomi, "prod-1")},
    },
    optional={
        "retry": Optional(lambda _: {"maxRetry": 3, "schedules": [_WORKDAYS]}),
        "enabled": Optional(lambda _: False, default=lambda _: True),
    },
    invalid={
        "processId": {"processId": "a b"},
        "atomId": {"atomId": ""},
        "schedules[0].minutes": {"schedules": [{"minutes": "*/15"}]},
        "schedules[0].daysOfWeek": {"schedules": [{"daysOfWeek": "0"}]},
        "schedules": {"schedules": [_HOURLY, {"minutes": "00"}]},
        "retry.maxRetry": {"retry": {"maxRetry": 6, "schedules": [_HOURLY]}},
        "enabled": {"enabled": "perhaps"},
        "shedules": {"shedules": []},
    },
    drifts={"schedules": _schedule_by_hand},
    cannot_drift={
        "processId": "it is the pair itself",
        "atomId": "it is the pair itself",
        "retry": "it drifts as schedules do; the least inputs do not hold it",
        "enabled": "it drifts as schedules do; the least inputs do not hold it",
    },
)


def _listeners(boomi: Emulator) -> list[Any]:
    rows = [row for name in ("test-1", "prod-1") for row in boomi.listeners(runtime(boomi, name))]
    there = {(row["containerId"], row["listenerId"]): row["status"] for row in rows}
    pairs = (("Inbox", "test-1"), ("Outbox", "test-1"), ("Inbox", "prod-1"))
    ids = {row["name"]: row["componentId"] for row in boomi.objects("ComponentMetadata")}
    return [there.get((runtime(boomi, where), ids.get(name))) for name, where in pairs]


def _resume_by_hand(boomi: Emulator, stored: Stored) -> None:
    boomi.change_listener(stored.outputs["atomId"], stored.outputs["processId"], "resume")


LISTENER_STATUS = Case(
    kind="ListenerStatus",
    object="ListenerStatus",
    inputs=lambda boomi: {"processId": listener(boomi), "atomId": runtime(boomi), "status": "paused"},
    alive=_listeners,
    makes=False,
    updates={"status": lambda _: {"status": "listening"}},
    replaces={
        "processId": lambda boomi: {"processId": listener(boomi, "Outbox")},
        "atomId": lambda boomi: {"atomId": listener(boomi, "Inbox", "Production") and runtime(boomi, "prod-1")},
    },
    optional={"listenTimeout": Optional(lambda _: 5, default=lambda _: 120)},
    invalid={
        "processId": {"processId": "a b"},
        "atomId": {"atomId": ""},
        "status": {"status": "PAUSED"},
        "listenTimeout": {"listenTimeout": -1},
        "state": {"state": "paused"},
    },
    drifts={"status": _resume_by_hand},
    cannot_drift={
        "processId": "it is the pair itself",
        "atomId": "it is the pair itself",
        "listenTimeout": "Boomi does not know it",
    },
)


def ready(boomi: Emulator, version: str = "1.0", name: str = "Sync", place: str = "Test") -> str:
    """Deploy a package where it is not active, let the runtimes take it, and return its id."""
    where, id_ = environment(boomi, place), package(boomi, version, name)
    if id_ not in {row["packageId"] for row in _active_deployments(boomi) if row["environmentId"] == where}:
        boomi.console_deploy(where, id_)
    boomi.advance(60)
    return id_


def _least(boomi: Emulator) -> Bag:
    """Deploy the process where it is not, let the runtime take it, and return the least inputs."""
    process, where = deployed(boomi), environment(boomi)
    boomi.advance(60)
    there = (row for row in _active_deployments(boomi) if row["environmentId"] == where)
    package_id = next(row["packageId"] for row in there if row["componentId"] == process)
    return {"processId": process, "atomId": runtime(boomi), "packageId": package_id}


def _last_runs(boomi: Emulator) -> list[str | None]:
    pairs = (("Sync", "test-1"), ("Feed", "test-1"), ("Sync", "test-2"))
    wanted = [(component(boomi, name), runtime(boomi, where)) for name, where in pairs]
    last = {(row["processId"], row["atomId"]): row["executionId"] for row in boomi.objects("ExecutionRecord")}
    return [last.get(each) for each in wanted]


def _attached(boomi: Emulator) -> str:
    """Attach the second runtime to the environment of the first, and return its id."""
    id_, where = runtime(boomi, "test-2"), environment(boomi)
    if not any(row["atomId"] == id_ for row in boomi.objects("EnvironmentAtomAttachment")):
        boomi.attach(id_, where)
    return id_


EXECUTION_REQUEST = Case(
    kind="ExecutionRequest",
    object="ExecutionRecord",
    inputs=_least,
    alive=_last_runs,
    makes=False,
    updates={
        "packageId": lambda boomi: {"packageId": ready(boomi, "1.1")},
        "triggers": lambda _: {"triggers": {"data": "2"}},
        "dynamicProperties": lambda _: {"dynamicProperties": {"DPP_MODE": "smoke", "DPP_EMPTY": ""}},
        "processProperties": lambda _: {"processProperties": {"order-settings": {"Warehouse": "W1"}}},
    },
    replaces={
        "processId": lambda boomi: {"processId": component(boomi, "Feed"), "packageId": ready(boomi, "1.0", "Feed")},
        "atomId": lambda boomi: {"atomId": _attached(boomi)},
    },
    optional={
        "triggers": Optional(lambda _: {"data": "1"}),
        "dynamicProperties": Optional(lambda _: {"DPP_MODE": "smoke"}),
        "processProperties": Optional(lambda _: {"order-settings": {"Warehouse": "W1"}}),
        "accept": Optional(lambda _: ["COMPLETE", "COMPLETE_WARN"], default=lambda _: ["COMPLETE"]),
        "maxErrorDocuments": Optional(lambda _: 3, default=lambda _: 0),
        "runTimeout": Optional(lambda _: 30, default=lambda _: 600),
        "settle": Optional(lambda _: 20, default=lambda _: 15),
        "allowProduction": Optional(lambda _: True, default=lambda _: False),
    },
    invalid={
        "processId": {"processId": "a b"},
        "atomId": {"atomId": ""},
        "packageId": {"packageId": "a/b"},
        "triggers.data": {"triggers": {"data": [1]}},
        "dynamicProperties.DPP_MODE": {"dynamicProperties": {"DPP_MODE": {}}},
        'dynamicProperties[""]': {"dynamicProperties": {"": "x"}},
        'processProperties[""]': {"processProperties": {"": {"Warehouse": "W1"}}},
        'processProperties["order-settings"][" "]': {"processProperties": {"order-settings": {" ": "W1"}}},
        'processProperties["order-settings"].Warehouse': {"processProperties": {"order-settings": {"Warehouse": []}}},
        "accept[0]": {"accept": ["INPROCESS"]},
        "accept": {"accept": []},
        "maxErrorDocuments": {"maxErrorDocuments": -1},
        "runTimeout": {"runTimeout": 0},
        "settle": {"settle": -1},
        "allowProduction": {"allowProduction": "perhaps"},
        "runTimout": {"runTimout": 5},
    },
    cannot_drift=dict.fromkeys(
        (
            *("processId", "atomId", "packageId", "triggers", "dynamicProperties", "processProperties"),
            *("accept", "maxErrorDocuments", "runTimeout", "settle", "allowProduction"),
        ),
        "a run is over, and cannot change",
    ),
    back=ready,
    quiet=True,
    imports=False,
)

CASES = {
    case.kind: case
    for case in (
        PACKAGED_COMPONENT,
        DEPLOYED_PACKAGE,
        RELEASE_INTEGRATION_PACK,
        CONNECTOR_VERSION_CHANGE,
        COMPONENT_METADATA,
        ENVIRONMENT_EXTENSIONS,
        PROCESS_SCHEDULES,
        LISTENER_STATUS,
        EXECUTION_REQUEST,
    )
}
