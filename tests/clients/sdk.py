"""What the published SDK does with every object: run by the Python that has it, prints one line of JSON per step.

python sdk.py BASE_URL ACCOUNT USERNAME TOKEN, with the SDK on PYTHONPATH. It knows nothing of the emulator.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import boomi  # type: ignore[import-not-found]  # not in our environment
from boomi import models


class Steps:
    """Calls the SDK, and tells what came of it."""

    def __init__(self, base: str, account: str, username: str, token: str) -> None:
        url = f"{base}/api/rest/v1/{account}"
        self.account = account
        self.sdk = boomi.Boomi(username=username, password=token, base_url=url, account_id=account, timeout=20_000)

    def step(self, name: str, act: Callable[[], Any], good: Callable[[Any], Any] = bool) -> Any:
        """Do one thing; a step that fails is told, and the next one is done all the same."""
        try:
            value = act()
            problem = "" if good(value) else f"unexpected answer: {_shown(value)}"
        except Exception as error:  # noqa: BLE001
            value, problem = None, f"{type(error).__name__}: {error}"
        sys.stdout.write(json.dumps({"step": name, "problem": problem[:300]}) + "\n")
        return value

    def service(self, kind: str) -> Any:
        return getattr(self.sdk, _snake(kind))

    def call(self, kind: str, verb: str, *args: Any) -> Any:
        return getattr(self.service(kind), f"{verb}_{_snake(kind)}")(*args)

    def create(self, kind: str, good: Callable[[Any], Any] = bool, **fields: Any) -> Any:
        return self.step(f"{kind} create", lambda: self.call(kind, "create", _model(kind, **fields)), good)

    def update(self, kind: str, which: str, good: Callable[[Any], Any], **fields: Any) -> Any:
        return self.step(f"{kind} update", lambda: self.call(kind, "update", which, _model(kind, **fields)), good)

    def delete(self, kind: str, id_: str) -> None:
        self.step(f"{kind} delete", lambda: self.call(kind, "delete", id_), lambda _value: True)

    def get(self, kind: str, id_: str, good: Callable[[Any], Any]) -> Any:
        return self.step(f"{kind} get", lambda: self.call(kind, "get", id_), good)

    def bulk(self, kind: str, id_: str) -> None:
        body = getattr(models, f"{kind}BulkRequest")(
            request=[models.BulkId(id_=id_), models.BulkId(id_="x")], type_="GET"
        )
        self.step(
            f"{kind} bulk",
            lambda: self.call(kind, "bulk", body),
            lambda value: [int(item.status_code) for item in value.response] == [200, 400],
        )

    def query(self, kind: str, prop: str, value: str, more: tuple[str, str] | None = None) -> list[Any]:
        made = getattr(models, f"{kind}SimpleExpression", None)
        if made is None:  # older ones have no filters for packs
            return []
        expression = made(operator="EQUALS", property=prop, argument=[value])
        if more:
            other = made(operator="EQUALS", property=more[0], argument=[more[1]])
            grouping = getattr(models, f"{kind}GroupingExpression")
            expression = grouping(operator="and", nested_expression=[expression, other])
        config = getattr(models, f"{kind}QueryConfig")
        body = config(query_filter=getattr(models, f"{kind}QueryConfigQueryFilter")(expression=expression))
        found = self.step(
            f"{kind} query", lambda: self.call(kind, "query", body), lambda page: page.number_of_results >= 1
        )
        return list(getattr(found, "result", None) or [])

    def query_all(self, kind: str) -> Any:
        """Query with no body at all, and go on where there is more."""
        page = self.step(f"{kind} query of all", lambda: self.call(kind, "query"), lambda page: page.result)
        token = getattr(page, "query_token", None)
        if token:
            self.step(f"{kind} queryMore", lambda: self.call(kind, "query_more", token), lambda page: page.result)
        return page


def _snake(kind: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind).lstrip("_")


def _model(kind: str, **fields: Any) -> Any:
    return getattr(models, kind)(**fields)


def _shown(value: Any) -> str:
    return str(getattr(value, "__dict__", value))


def run(steps: Steps) -> None:
    """Do everything once."""
    environments(steps)
    component = components(steps)
    package = packages(steps, component)
    deployments(steps, package)
    packs(steps, component)
    folders(steps)
    extensions(steps)
    schedules(steps, component)
    runs(steps, component)
    listeners(steps)
    others(steps, component, package)


def environments(steps: Steps) -> None:
    """Make, change and drop an environment, and who may enter it."""
    made = steps.create("Environment", lambda row: row.id_, name="SDK", classification="TEST")
    steps.get("Environment", made.id_, lambda row: row.name == "SDK")
    steps.update("Environment", made.id_, lambda row: row.name == "SDK 2", id_=made.id_, name="SDK 2")
    steps.bulk("Environment", made.id_)
    steps.query("Environment", "name", "SDK 2")
    steps.query_all("Environment")
    role = steps.create("EnvironmentRole", lambda row: row.role_id, environment_id=made.id_, role_id="operators")
    steps.get("EnvironmentRole", role.id_, lambda row: row.role_id == "operators")
    steps.bulk("EnvironmentRole", role.id_)
    steps.query("EnvironmentRole", "environmentId", made.id_)
    steps.query_all("EnvironmentRole")
    steps.delete("EnvironmentRole", role.id_)
    steps.delete("Environment", made.id_)


def components(steps: Steps) -> str:
    """Find a component, rename it, delete and restore another one."""
    found = steps.query("ComponentMetadata", "name", "Sync", ("currentVersion", "true"))[0]
    steps.query_all("ComponentMetadata")
    steps.bulk("ComponentMetadata", found.component_id)
    steps.get("ComponentMetadata", found.component_id, lambda row: row.name == "Sync")
    spare = steps.query("ComponentMetadata", "name", "Spare")[0].component_id
    renamed = {"component_id": spare, "name": "Spare 2"}
    steps.update("ComponentMetadata", spare, lambda row: row.name == "Spare 2", **renamed)
    steps.delete("ComponentMetadata", spare)
    steps.create("ComponentMetadata", lambda row: not row.deleted, component_id=spare)
    return str(found.component_id)


def packages(steps: Steps, component: str) -> str:
    """Package, read, delete, restore."""
    fields: dict[str, Any] = {
        "component_id": component,
        "component_type": "process",
        "package_version": "sdk-1",
        "notes": "n",
    }
    fields |= {"shareable": True}
    made = steps.create("PackagedComponent", lambda row: row.package_version == "sdk-1", **fields)
    steps.get("PackagedComponent", made.package_id, lambda row: row.component_id == component)
    steps.bulk("PackagedComponent", made.package_id)
    steps.query("PackagedComponent", "packageId", made.package_id)
    steps.query_all("PackagedComponent")
    steps.delete("PackagedComponent", made.package_id)
    steps.get("PackagedComponent", made.package_id, lambda row: row.deleted)
    steps.create("PackagedComponent", lambda row: not row.deleted, **{**fields, "package_id": made.package_id})
    return str(made.package_id)


def deployments(steps: Steps, package: str) -> None:
    """Deploy, read, undeploy."""
    environment = steps.query("Environment", "name", "Dev")[0].id_
    made = steps.create(
        "DeployedPackage",
        lambda row: row.active,
        environment_id=environment,
        package_id=package,
        listener_status="RUNNING",
    )
    steps.get("DeployedPackage", made.deployment_id, lambda row: row.package_id == package)
    steps.bulk("DeployedPackage", made.deployment_id)
    steps.query("DeployedPackage", "environmentId", environment, ("active", "true"))
    steps.query_all("DeployedPackage")
    steps.delete("DeployedPackage", made.deployment_id)
    steps.get("DeployedPackage", made.deployment_id, lambda row: not row.active)


def packs(steps: Steps, component: str) -> None:
    """Make a pack, release it, ask how that went, drop it."""
    member = models.PublisherPackagedComponent(component_id=component)
    members = models.PublisherPackagedComponents(publisher_packaged_component=[member])
    fields = {
        "name": "SDK", "description": "d", "installation_type": "SINGLE", "publisher_packaged_components": members,
    }  # fmt: skip
    made = steps.create("PublisherIntegrationPack", lambda row: row.id_, **fields)
    steps.get("PublisherIntegrationPack", made.id_, lambda row: row.name == "SDK")
    steps.bulk("PublisherIntegrationPack", made.id_)
    steps.query("PublisherIntegrationPack", "id", made.id_)
    steps.query_all("PublisherIntegrationPack")
    changed = {**fields, "id_": made.id_, "name": "SDK 2", "operation_type": "ADD"}
    steps.update("PublisherIntegrationPack", made.id_, lambda row: row.name == "SDK 2", **changed)
    wanted = models.ReleasePackagedComponent(component_id=component, version="sdk-1")
    listed = models.ReleasePackagedComponents(release_packaged_component=[wanted])
    release = {
        "id_": made.id_, "release_schedule": "RELEASE_ON_SPECIFIED_DATE", "release_on_date": "2099-01-01",
        "release_packaged_components": listed,
    }  # fmt: skip
    asked = steps.create("ReleaseIntegrationPack", lambda row: row.request_id, **release)
    later = {**release, "release_on_date": "2099-02-01"}
    steps.update("ReleaseIntegrationPack", made.id_, lambda row: row.request_id == asked.request_id, **later)
    status = "ReleaseIntegrationPackStatus"
    steps.step(
        f"{status} bulk",
        lambda: steps.call(
            status,
            "bulk",
            models.ReleaseIntegrationPackStatusBulkRequest(request=[models.BulkId(id_=asked.request_id)], type_="GET"),
        ),
        lambda value: [int(item.status_code) for item in value.response] == [202],
    )
    # The SDK hands nothing out for a bare 202.
    steps.get(status, asked.request_id, lambda _row: True)
    steps.delete("PublisherIntegrationPack", made.id_)


def folders(steps: Steps) -> None:
    """Make, rename, delete and restore a folder."""
    made = steps.create("Folder", lambda row: row.full_path == "Acme/SDK", name="SDK")
    steps.get("Folder", made.id_, lambda row: row.name == "SDK")
    steps.update("Folder", made.id_, lambda row: row.full_path == "Acme/SDK 2", id_=made.id_, name="SDK 2")
    steps.bulk("Folder", made.id_)
    steps.query("Folder", "name", "SDK 2")
    steps.query_all("Folder")
    steps.delete("Folder", made.id_)
    steps.create("Folder", lambda row: not row.deleted, id_=made.id_)


def extensions(steps: Steps) -> None:
    """Read the extensions of an environment, change a field of them, and write them back; see who did."""
    environment = steps.query("Environment", "name", "Production")[0].id_
    found = steps.get("EnvironmentExtensions", environment, lambda row: len(row.connections.connection) == 1)
    steps.bulk("EnvironmentExtensions", environment)
    steps.query("EnvironmentExtensions", "environmentId", environment)
    steps.query_all("EnvironmentExtensions")
    host, password = found.connections.connection[0].field
    host.value, host.use_default = "sdk.example", False
    password.value, password.use_default, password.encrypted_value_set = "secret", False, True
    found.partial = True
    steps.step(
        "EnvironmentExtensions update",
        lambda: steps.call("EnvironmentExtensions", "update", environment, found),
        lambda row: [each.use_default for each in row.connections.connection[0].field] == [False, False],
    )
    entry = steps.query("AuditLog", "type", "as.extensions", ("action", "EDIT"))[-1]
    steps.get("AuditLog", entry.document_id, lambda row: row.source == "API")
    steps.bulk("AuditLog", entry.document_id)
    steps.query_all("AuditLog")


def schedules(steps: Steps, process: str) -> None:
    """Read the schedules of a process on a runtime, replace them, and stop them."""
    atom = steps.query("Atom", "name", "Atom C")[0].id_
    found = steps.query("ProcessSchedules", "atomId", atom, ("processId", process))[0]
    steps.query_all("ProcessSchedules")
    steps.bulk("ProcessSchedules", found.id_)
    time = models.Schedule(
        minutes="0-59/15", hours="8-18", days_of_week="2-6", days_of_month="*", months="*", years="*"
    )
    told = {"id_": found.id_, "atom_id": atom, "process_id": process}
    steps.update(
        "ProcessSchedules",
        found.id_,
        lambda row: row.schedule[0].days_of_week == "2-6",
        **told,
        schedule=[time],
        retry=models.ScheduleRetry(schedule=[], max_retry=5),
    )
    steps.get("ProcessSchedules", found.id_, lambda row: len(row.schedule) == 1)
    steps.query("ProcessScheduleStatus", "atomId", atom, ("processId", process))
    steps.query_all("ProcessScheduleStatus")
    steps.bulk("ProcessScheduleStatus", found.id_)
    steps.update("ProcessScheduleStatus", found.id_, lambda row: row.enabled is False, **told, enabled=False)
    steps.get("ProcessScheduleStatus", found.id_, lambda row: row.enabled is False)


def runs(steps: Steps, process: str) -> None:
    """Ask for a run, and read its record."""
    atom = steps.query("Atom", "name", "Atom C")[0].id_
    value = models.DynamicProcessProperty(name="DPP_MODE", value="smoke")
    made = steps.create(
        "ExecutionRequest",
        lambda row: row.request_id,
        atom_id=atom,
        process_id=process,
        dynamic_process_properties=models.ExecutionRequestDynamicProcessProperties(dynamic_process_property=[value]),
        process_properties=models.ExecutionRequestProcessProperties(process_property=[]),
    )
    steps.step(
        "ExecutionRecord poll",
        lambda: steps.service("ExecutionRecord").async_get_execution_record(made.request_id),
        lambda row: "COMPLETE" in _shown(row) or "COMPLETE" in str(row),
    )
    steps.query("ExecutionRecord", "processId", process, ("atomId", atom))


def listeners(steps: Steps) -> None:
    """Ask for the listeners of a runtime, and pause them."""
    atom = steps.query("Atom", "name", "Atom C")[0].id_
    expression = models.ListenerStatusSimpleExpression(operator="EQUALS", property="containerId", argument=[atom])
    body = models.ListenerStatusQueryConfig(
        query_filter=models.ListenerStatusQueryConfigQueryFilter(expression=expression)
    )
    service = steps.service("ListenerStatus")
    token = steps.step("ListenerStatus ask", lambda: service.async_get_listener_status(body))
    found = steps.step(
        "ListenerStatus poll",
        lambda: service.async_token_listener_status(token.async_token.token),
        lambda answer: answer.result[0].status == "listening",
    )
    listener = found.result[0].listener_id
    request = models.ChangeListenerStatusRequest(action="pause", container_id=atom, listener_id=listener)
    steps.step(
        "changeListenerStatus create",
        lambda: steps.service("ChangeListenerStatus").create_change_listener_status(request),
        lambda answer: answer is None,
    )


def others(steps: Steps, component: str, package: str) -> None:
    """Read what is only read."""
    raw = steps.service("Component")
    document = b"<bns:Component"
    steps.step("Component get", lambda: raw.get_component_raw(component), lambda text: document in _bytes(text))
    body = models.ComponentBulkRequest(request=[models.BulkId(id_=component)], type_="GET")
    steps.step("Component bulk", lambda: raw.bulk_component_raw(body), lambda text: component.encode() in _bytes(text))
    steps.get("ComponentReference", component, lambda row: len(row.references) == 1)
    steps.bulk("ComponentReference", component)
    steps.query("ComponentReference", "componentId", component)
    steps.get("PackagedComponentManifest", package, lambda row: row.component_info[0].id_ == component)
    steps.bulk("PackagedComponentManifest", package)
    steps.get("Process", component, lambda row: row.name == "Sync")
    steps.bulk("Process", component)
    steps.query("Process", "name", "Sync")
    steps.query_all("Process")
    branch = steps.query("Branch", "name", "main")[0]
    steps.get("Branch", branch.id_, lambda row: row.name == "main")
    steps.bulk("Branch", branch.id_)
    steps.query_all("Branch")
    steps.get("Account", steps.account, lambda row: str(row.status).endswith("active"))
    old = steps.query("Deployment", "componentId", component)[0]
    steps.get("Deployment", old.id_, lambda row: row.current)
    steps.bulk("Deployment", old.id_)
    steps.query_all("Deployment")
    atom = steps.query("Atom", "name", "Atom A")[0]
    steps.get("Atom", atom.id_, lambda row: row.status == "ONLINE")
    steps.bulk("Atom", atom.id_)
    steps.query_all("Atom")
    attachment = steps.query("EnvironmentAtomAttachment", "atomId", atom.id_)[0]
    steps.query_all("EnvironmentAtomAttachment")
    steps.delete("EnvironmentAtomAttachment", attachment.id_)
    place = {"atom_id": attachment.atom_id, "environment_id": attachment.environment_id}
    steps.create("EnvironmentAtomAttachment", lambda row: row.id_ == attachment.id_, **place)


def _bytes(text: Any) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode()


if __name__ == "__main__":
    run(Steps(*sys.argv[1:]))
