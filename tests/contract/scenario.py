"""A broad run over every object: what people's clients do, and what the provider does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from boomi_pulumi._api.filters import Filter, where
from boomi_pulumi._api.models import COMPONENT_METADATA, DEPLOYED_PACKAGE, ENVIRONMENT, FOLDER, PACKAGED_COMPONENT
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, environment, package, seed
from tests.conformance.cases import CASES
from tests.contract.recorder import Exchange, Recorder
from tests.driver import Driver, Resource

EXTENSIONS = [
    {"path": "connections/Ledger DB/host", "value": "db.example"},
    {"path": "connections/Ledger DB/password", "encrypted": True},
    "operations/Ledger API/objectName",
    {"path": "tradingPartners/Bank/as2/url", "componentOverride": True},
    {"path": "sharedCommunications/Bank/http-user", "type": "http"},
    "processProperties/Ledger Settings/Period",
    "properties/DPP_LEDGER",
    "crossReferences/Ledger Codes",
    "PGPCertificates/Bank",
]
"""What one process of the scenario declares: something in every section."""


class Person:
    """Somebody with another HTTP client."""

    def __init__(self, boomi: Emulator, recorder: Recorder) -> None:
        self.session = requests.Session()
        self.session.mount("http://", recorder)
        self.session.auth = (boomi.username, boomi.token)
        self.session.headers["Accept"] = "application/json"
        self.base = f"{boomi.base_url}/api/rest/v1/{boomi.account_id}"

    def send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(method, f"{self.base}/{path}", json=body, timeout=10)
        return answer.json() if "json" in answer.headers["Content-Type"] else None

    def as_xml(self, method: str, path: str, body: str = "") -> None:
        """Send and read the other representation."""
        kinds = {"Accept": "application/xml", "Content-Type": "application/xml"}
        self.session.request(method, f"{self.base}/{path}", data=body, headers=kinds, timeout=10)

    def read(self, kind: str, id_: str) -> None:
        """Use every way of reading."""
        self.send("GET", f"{kind}/{id_}")
        self.send("POST", f"{kind}/bulk", {"type": "GET", "request": [{"id": id_}, {"id": "nobody"}]})
        self.as_xml("GET", f"{kind}/{id_}")
        request = f'<BulkRequest type="GET"><request id="{id_}"/><request id="nobody"/></BulkRequest>'
        self.as_xml("POST", f"{kind}/bulk", request)

    def query(self, kind: str, **equal: Any) -> Any:
        """Query in both representations."""
        nested = [{"operator": "EQUALS", "property": name, "argument": [str(value)]} for name, value in equal.items()]
        found = self.send(
            "POST", f"{kind}/query", {"QueryFilter": {"expression": {"operator": "and", "nestedExpression": nested}}}
        )
        self.as_xml("POST", f"{kind}/query", "<QueryConfig/>")
        return found["result"]


def run() -> list[Exchange]:
    """Return every exchange of the scenario."""
    content = seed()
    content["runtimes"] = [{"name": "Atom", "attachedTo": ["Test"]}, *content["runtimes"]]
    content["legacyDeployments"] = [{"component": "Acme/Orders/Sync", "environment": "Test", "notes": "old"}]
    content["components"].append({"name": "Extended", "extensions": EXTENSIONS})
    content["packages"].append({"component": "Acme/Extended", "version": "1.0"})
    content["deployments"] = [
        *content.get("deployments", []),
        {"component": "Acme/Extended", "package": "1.0", "environment": "Production"},
    ]
    content["components"][2]["uses"] = ["Acme/Orders/Sync"]
    with Emulator(content, rate_limit=0) as boomi, recording() as recorder:
        person = Person(boomi, recorder)
        _environments(person)
        _components(person, boomi)
        _packs(person, boomi)
        _queries(boomi, recorder)
        _refusals(person, boomi)
        _others(person, boomi)
        _extensions(person, boomi)
        _schedules(person, boomi)
        _runs(person, boomi)
        _listeners(person, boomi)
        person.session.close()
        for case in CASES.values():
            _lifecycle(boomi, recorder, Resource("it", case.kind, case.inputs(boomi)))
            full = {name: about.value(boomi) for name, about in case.optional.items() if not about.without}
            for more in (full, *(edit(boomi) for edit in case.updates.values())):
                _lifecycle(boomi, recorder, Resource("it", case.kind, {**case.inputs(boomi), **more}))
        return list(recorder)


@contextmanager
def recording() -> Iterator[Recorder]:
    recorder = Recorder()
    yield recorder
    recorder.close()


def _environments(person: Person) -> None:
    made = person.send("POST", "Environment", {"name": "Staging", "classification": "TEST"})
    person.read("Environment", made["id"])
    person.send("POST", f"Environment/{made['id']}", {"id": made["id"], "name": "Stage"})
    person.send("POST", "Environment/query", {"QueryFilter": {}})
    role = person.send("POST", "EnvironmentRole", {"environmentId": made["id"], "roleId": "operators"})
    person.read("EnvironmentRole", role["id"])
    person.query("EnvironmentRole", environmentId=made["id"])
    person.send("DELETE", f"EnvironmentRole/{role['id']}")
    person.send("DELETE", f"Environment/{made['id']}")
    person.read("Environment", made["id"])


def _components(person: Person, boomi: Emulator) -> None:
    id_ = str(boomi.create_component("Spare", folder="Acme/Orders")["componentId"])
    person.read("ComponentMetadata", id_)
    person.send("POST", f"ComponentMetadata/{id_}", {"componentId": id_, "name": "Renamed"})
    person.send("DELETE", f"ComponentMetadata/{id_}")
    person.send("POST", "ComponentMetadata", {"componentId": id_})
    folder = boomi.objects("Folder")[-1]["id"]
    person.read("Folder", folder)
    person.send("POST", "Folder/query", {"QueryFilter": {}})


def _packs(person: Person, boomi: Emulator) -> None:
    id_ = component(boomi)
    made = person.send("POST", "PackagedComponent", {"componentId": id_, "packageVersion": "2.0", "shareable": True})
    person.send("POST", "PackagedComponent", {"componentId": id_, "packageVersion": "2.1", "shareable": True})
    person.read("PackagedComponent", made["packageId"])
    members = {"PublisherPackagedComponent": [{"componentId": id_}]}
    body = {
        "name": "Orders",
        "Description": "Orders",
        "installationType": "SINGLE",
        "PublisherPackagedComponents": members,
    }
    pack = person.send("POST", "PublisherIntegrationPack", body)
    person.read("PublisherIntegrationPack", pack["id"])
    person.send("POST", "PublisherIntegrationPack/query", {"QueryFilter": {}})
    person.send("POST", f"PublisherIntegrationPack/{pack['id']}", {**body, "id": pack["id"], "operationType": "ADD"})
    wanted = {"ReleasePackagedComponent": [{"componentId": id_, "version": "2.0"}]}
    release = {"id": pack["id"], "releaseSchedule": "IMMEDIATELY", "ReleasePackagedComponents": wanted}
    status = person.send("POST", "ReleaseIntegrationPack", release)
    for _ in range(3):
        person.read("ReleaseIntegrationPackStatus", status["requestId"])
    boomi.advance(60)
    person.read("ReleaseIntegrationPackStatus", status["requestId"])
    person.read("PublisherIntegrationPack", pack["id"])
    later = {
        **release,
        "releaseSchedule": "RELEASE_ON_SPECIFIED_DATE",
        "releaseOnDate": "2099-01-01",
        "ReleasePackagedComponents": {"ReleasePackagedComponent": [{"componentId": id_, "version": "2.1"}]},
    }
    status = person.send("POST", "ReleaseIntegrationPack", later)
    person.read("ReleaseIntegrationPackStatus", status["requestId"])
    person.send("POST", f"ReleaseIntegrationPack/{pack['id']}", {**later, "releaseOnDate": "2099-02-01"})
    person.read("PublisherIntegrationPack", pack["id"])
    person.send("DELETE", f"PublisherIntegrationPack/{pack['id']}")


def _queries(boomi: Emulator, recorder: Recorder) -> None:
    for number in range(120):
        boomi.create_component(f"Made {number}")
        boomi.console_package(component(boomi), packageVersion=f"9.{number}")
        boomi.console_deploy(environment(boomi), package(boomi, f"9.{number}"))
    name, active = where("name"), where("active")
    conditions: list[Filter] = [
        name.like("Made %"),
        name.contains("a") & name.not_contains("z") & (name.equals("Sync") | name.not_equals("Feed")),
        where("createdDate").between("2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z"),
        where("version").greater_than_or_equal(1) & where("componentId").is_not_null(),
        where("copiedFromComponentId").is_null() & name.less_than("Z"),
    ]
    with Driver(boomi.env) as driver:
        driver.client.adapter = recorder
        for condition in conditions:
            list(driver.client.query(COMPONENT_METADATA, condition))
        list(driver.client.query(PACKAGED_COMPONENT))
        list(driver.client.query(DEPLOYED_PACKAGE, active.equals(False) | active.equals(True)))
        list(driver.client.query(ENVIRONMENT))
        list(driver.client.query(FOLDER, name.equals("Orders") & where("deleted").equals(False)))
        driver.client.bulk(COMPONENT_METADATA, [component(boomi), f"{component(boomi)}~1", "nobody"])


def _refusals(person: Person, boomi: Emulator) -> None:
    for kind in ("PackagedComponent", "DeployedPackage", "Environment", "ComponentMetadata"):
        person.send("GET", f"{kind}/nobody")
        person.send("DELETE", f"{kind}/nobody")
        person.send("POST", kind, {})
    person.read("DeployedPackage", str(boomi.objects("DeployedPackage")[0]["deploymentId"]))


def _lifecycle(boomi: Emulator, recorder: Recorder, program: Resource) -> None:
    with Driver(boomi.env) as driver:
        driver.client.adapter = recorder
        driver.up(program)
        driver.refresh()
        driver.destroy()


def _others(person: Person, boomi: Emulator) -> None:
    made = component(boomi)
    person.read("Component", made)
    person.read("ComponentReference", made)
    person.query("ComponentReference", componentId=made)
    person.query(
        "ComponentReference", parentComponentId=str(boomi.objects("Use")[0]["parentComponentId"]), parentVersion=1
    )
    package_id = str(boomi.objects("PackagedComponent")[0]["packageId"])
    person.read("PackagedComponentManifest", package_id)
    person.read("Process", person.query("Process", name="Sync")[0]["id"])
    person.read("Branch", person.query("Branch", name="main")[0]["id"])
    atom = str(boomi.objects("Atom")[0]["id"])
    person.query("Atom", name=boomi.objects("Atom")[0]["name"])
    person.read("Atom", atom)
    person.query("EnvironmentAtomAttachment", atomId=atom)
    person.send("GET", f"Account/{boomi.account_id}")
    person.as_xml("GET", f"Account/{boomi.account_id}")
    person.read("Deployment", person.query("Deployment", current=True)[0]["id"])
    folder = person.send("POST", "Folder", {"name": "Made", "PermittedRoles": {"RoleReference": [{"id": "r"}]}})
    person.read("Folder", folder["id"])
    person.send("POST", f"Folder/{folder['id']}", {"id": folder["id"], "name": "Made again"})
    person.query("Folder", name="Made again")
    person.send("DELETE", f"Folder/{folder['id']}")
    person.send("POST", "Folder", {"id": folder["id"]})
    person.as_xml("POST", "Folder", '<Folder name="Other"/>')
    person.as_xml("GET", f"Environment/{environment(boomi)}")
    for kind in ("PackagedComponent", "DeployedPackage", "ComponentMetadata", "PublisherIntegrationPack"):
        person.as_xml("POST", f"{kind}/query", "<QueryConfig/>")


def _extensions(person: Person, boomi: Emulator) -> None:
    place = environment(boomi, "Production")
    custom = {"properties": [{"key": "a", "value": "b", "encrypted": False}, {"key": "c", "encrypted": True}]}
    boomi.save_extensions(
        place,
        {
            "connections/Ledger DB/host": "db2.example",
            "operations/Ledger API/objectName": "ledger",
            "tradingPartners/Bank/as2/url": "https://bank.example",
            "sharedCommunications/Bank/http-user": "acme",
            "processProperties/Ledger Settings/Period": "2026",
            "properties/DPP_LEDGER": "1",
            "crossReferences/Ledger Codes": [["DE", "49"], ["FR"]],
            "PGPCertificates/Bank": "other",
        },
    )
    found = person.send("GET", f"EnvironmentExtensions/{place}")
    database = found["connections"]["connection"][0]["id"]
    reference = {"usesRemoteSecretsManager": True, "secretsManagerType": "AWS", "secretReference": "ledger/db"}
    person.send("POST", f"EnvironmentExtensions/{place}", {**found, "partial": True})
    for leaf in (
        {"value": "x", "encryptedValueSet": True, "useDefault": False},
        {"CloudManagedSecretConfig": reference},
    ):
        fields = [{"id": "password", **leaf}, {"id": "host", "customProperties": custom}]
        body = {"partial": True, "connections": {"connection": [{"id": database, "field": fields}]}}
        person.send("POST", f"EnvironmentExtensions/{place}", body)
        person.read("EnvironmentExtensions", place)
    person.as_xml(
        "POST",
        f"EnvironmentExtensions/{place}",
        '<EnvironmentExtensions partial="true"><connections/></EnvironmentExtensions>',
    )
    person.query("EnvironmentExtensions", environmentId=place)
    person.query("AuditLog", type="as.extensions", action="EDIT")
    person.read("AuditLog", str(boomi.objects("AuditLog")[0]["documentId"]))
    attachment = person.send(
        "POST", "EnvironmentAtomAttachment", {"atomId": boomi.objects("Atom")[0]["id"], "environmentId": place}
    )
    person.as_xml("POST", "EnvironmentAtomAttachment", "<EnvironmentAtomAttachment/>")
    person.send("DELETE", f"EnvironmentAtomAttachment/{attachment['id']}")


def _schedules(person: Person, boomi: Emulator) -> None:
    process = str(boomi.create_component("Scheduled")["componentId"])
    atom, place = str(boomi.objects("Atom")[0]["id"]), environment(boomi, "Test")
    boomi.attach(atom, place)
    boomi.console_deploy(place, str(boomi.console_package(process)["packageId"]))
    time = {"minutes": "0-59/15", "hours": "8-18", "daysOfWeek": "2-6", "daysOfMonth": "*", "months": "*", "years": "*"}
    for kind, fields in (
        ("ProcessSchedules", {"Schedule": [time], "Retry": {"maxRetry": 2, "Schedule": [time, time]}}),
        ("ProcessScheduleStatus", {"enabled": False}),
    ):
        found = person.query(kind, atomId=atom, processId=process)[0]
        person.read(kind, found["id"])
        person.send("POST", f"{kind}/{found['id']}", {**found, **fields})
        person.read(kind, found["id"])
        person.as_xml("POST", f"{kind}/{found['id']}", f"<{kind}/>")


def _runs(person: Person, boomi: Emulator) -> None:
    process, atom = component(boomi, "Scheduled"), str(boomi.objects("Atom")[0]["id"])
    values = {"ProcessProperty": [{"componentId": "c", "ProcessPropertyValue": [{"key": "a", "value": "b"}]}]}
    body = {
        "atomId": atom,
        "processId": process,
        "DynamicProcessProperties": {"DynamicProcessProperty": [{"name": "a", "value": "b"}]},
        "ProcessProperties": values,
    }
    boomi.script_runs(process, {"status": "ERROR", "errors": 1, "message": "no such host", "seconds": 0})
    boomi.settings(recordBody="bare", runPolls=0)
    made = person.send("POST", "ExecutionRequest", body)
    person.as_xml("POST", "ExecutionRequest", f'<ExecutionRequest atomId="{atom}" processId="{process}"/>')
    person.send("POST", "ExecutionRequest", {**body, "processId": "nobody"})
    path = f"ExecutionRecord/async/{made['requestId']}"
    person.send("GET", path)
    person.as_xml("GET", path)
    boomi.settings(recordBody="result")
    person.send("GET", path)
    boomi.settings(runPolls=-1)
    person.send("GET", path)
    person.query("ExecutionRecord", processId=process, atomId=atom)
    boomi.settings(longs="number", runPolls=1)
    person.query("ExecutionRecord", status="ERROR")


def _listeners(person: Person, boomi: Emulator) -> None:
    process, atom = component(boomi, "Scheduled"), str(boomi.objects("Atom")[0]["id"])
    boomi.save_revision(process, listener="jms")
    boomi.console_deploy(environment(boomi, "Test"), str(boomi.console_package(process)["packageId"]))
    expression = {"operator": "EQUALS", "property": "containerId", "argument": [atom]}
    token = person.send("POST", "async/ListenerStatus/query", {"QueryFilter": {"expression": expression}})
    person.as_xml("POST", "async/ListenerStatus/query", "<QueryConfig/>")
    for _ in range(2):
        person.send("GET", f"async/ListenerStatus/response/{token['asyncToken']['token']}")
        person.as_xml("GET", f"async/ListenerStatus/response/{token['asyncToken']['token']}")
    person.send("POST", "changeListenerStatus", {"containerId": atom, "listenerId": process, "action": "pause"})
    boomi.set_runtime(atom, "OFFLINE")
    person.send("POST", "changeListenerStatus", {"containerId": atom, "action": "pause_all"})
    boomi.set_runtime(atom, "ONLINE")
