"""What each object of the Platform API looks like: its fields, its id, its query properties, its verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Type = Literal["text", "int", "long", "Long", "bool", "date", "object"]

READ_VERBS: Final = frozenset({"get", "query", "queryMore", "bulk"})


@dataclass(frozen=True)
class Kind:
    """The rules of one object that hold for every verb.

    Attributes:
        name: Boomi's own name, as it stands in the path.
        id_field: The field that holds the id.
        fields: Every field of the wire shape, in the order it is sent.
        query: The properties a filter may name. Some are not fields: they exist in filters only.
        verbs: What can be done with it; anything else is refused.
        read: Any one of these privileges lets a user read; empty asks for none beyond API.
        write: The privilege that lets a user change something.
        writers: Other privileges, any one of which does too.
        api: Which of Boomi's two APIs it belongs to. They have a base path each; the Connector API's answers
            carry no `@type`, and are JSON only.
        attributes: Whether its plain fields are attributes in XML; otherwise they are elements.
        largest_bulk: The most ids that a bulk request may hold.
        sortable: Whether a query may say in which order it wants its rows.
        root: What the body of a request is called in XML, if not as the object.
        together: Properties of a filter that must come with another one.
        operators: The only operators that a filter may use; empty for all.
        xml_only: Whether it is XML whatever a client accepts.
    """

    name: str
    id_field: str
    fields: dict[str, Type]
    query: dict[str, Type]
    verbs: frozenset[str]
    read: frozenset[str] = frozenset()
    write: str = ""
    writers: frozenset[str] = frozenset()
    api: Literal["platform", "connector"] = "platform"
    attributes: bool = True
    operators: frozenset[str] = frozenset()
    xml_only: bool = False
    together: tuple[tuple[str, str], ...] = ()
    largest_bulk: int = 100
    sortable: bool = False
    root: str = ""


_PACKAGE_FIELDS: Final[dict[str, Type]] = {
    "packageId": "text",
    "packageVersion": "text",
    "componentId": "text",
    "componentVersion": "int",
    "componentType": "text",
    "createdDate": "date",
    "createdBy": "text",
    "notes": "text",
    "shareable": "bool",
    "deleted": "bool",
    "branchName": "text",
    "fullyPubliclyConsumable": "bool",
}

_COMPONENT_FIELDS: Final[dict[str, Type]] = {
    "componentId": "text",
    "version": "int",
    "name": "text",
    "type": "text",
    "subType": "text",
    "createdDate": "date",
    "createdBy": "text",
    "modifiedDate": "date",
    "modifiedBy": "text",
    "deleted": "bool",
    "currentVersion": "bool",
    "folderName": "text",
    "folderId": "text",
    "copiedFromComponentId": "text",
    "copiedFromComponentVersion": "int",
    "branchName": "text",
    "branchId": "text",
}

_DEPLOYMENT_FIELDS: Final[dict[str, Type]] = {
    "deploymentId": "text",
    "version": "int",
    "packageId": "text",
    "packageVersion": "text",
    "environmentId": "text",
    "componentId": "text",
    "componentVersion": "int",
    "componentType": "text",
    "deployedDate": "date",
    "deployedBy": "text",
    "notes": "text",
    "active": "bool",
    "branchName": "text",
    "listenerStatus": "text",
    "message": "text",
}

_RELEASE_FIELDS: Final[dict[str, Type]] = {
    "id": "text",
    "name": "text",
    "installationType": "text",
    "releaseSchedule": "text",
    "releaseOnDate": "text",
    "requestId": "text",
    "releaseStatusUrl": "text",
    "ReleasePackagedComponents": "object",
}

_CHANGE_FIELDS: Final[dict[str, Type]] = {
    "classificationType": "text",
    "versionId": "text",
    "releaseNotes": "text",
    "VersionChangeSchedule": "object",
    "classification": "object",
    "reviewStatus": "text",
    "reviewReason": "text",
    "submittedBy": "object",
    "completedBy": "object",
    "completedDate": "date",
    "uid": "long",
}

_LEGACY_FIELDS: Final[dict[str, Type]] = {
    "id": "text",
    "version": "int",
    "processId": "text",
    "environmentId": "text",
    "componentId": "text",
    "componentType": "text",
    "current": "bool",
    "deployedBy": "text",
    "deployedOn": "date",
    "digest": "text",
    "notes": "text",
    "listenerStatus": "text",
}

_BRANCH_FIELDS: Final[dict[str, Type]] = {
    "id": "text",
    "name": "text",
    "createdBy": "text",
    "createdDate": "date",
    "modifiedBy": "text",
    "modifiedDate": "date",
    "ready": "bool",
    "deleted": "bool",
    "stage": "text",
    "parentId": "text",
    "packageId": "text",
    "deploymentId": "text",
}

_RECORD_FIELDS: Final[dict[str, Type]] = {
    "executionId": "text",
    "account": "text",
    "executionTime": "date",
    "status": "text",
    "executionType": "text",
    "processName": "text",
    "processId": "text",
    "atomName": "text",
    "atomId": "text",
    "inboundDocumentCount": "int",
    "inboundErrorDocumentCount": "int",
    "outboundDocumentCount": "int",
    "executionDuration": "Long",
    "inboundDocumentSize": "Long",
    "outboundDocumentSize": "Long",
    "nodeId": "text",
    "message": "text",
    "recordedDate": "date",
}

_SCHEDULE_FIELDS: Final[dict[str, dict[str, Type]]] = {
    "ProcessSchedules": {"Schedule": "object", "Retry": "object"},
    "ProcessScheduleStatus": {"enabled": "bool"},
}

_BUILDERS: Final = frozenset({"BUILD", "BUILD_READ_ONLY"})
_RUNTIME_READERS: Final = frozenset({"ATOM_MANAGEMENT", "ATOM_MANAGEMENT_READ_ONLY"})
_PACK_READERS: Final = frozenset({"INTEGRATION_PACK", "PUBLISHER_INTEGRATION_PACK"})

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            name="PackagedComponent",
            attributes=False,
            id_field="packageId",
            fields=_PACKAGE_FIELDS,
            query=_PACKAGE_FIELDS,
            verbs=READ_VERBS | {"create", "delete"},
            read=frozenset({"PACKAGE_MANAGEMENT"}),
            write="PACKAGE_MANAGEMENT",
        ),
        Kind(
            name="DeployedPackage",
            attributes=False,
            id_field="deploymentId",
            fields=_DEPLOYMENT_FIELDS,
            query={
                "uid": "text",
                "notes": "text",
                "current": "bool",
                "packageNotes": "text",
                "active": "bool",
                "componentId": "text",
                "componentVersion": "int",
                "componentName": "text",
                "componentType": "text",
                "deployedBy": "text",
                "deployedDate": "date",
                "deploymentId": "text",
                "environmentId": "text",
                "environmentName": "text",
                "packageId": "text",
                "packageVersion": "text",
                "version": "int",
                "accountId": "text",
                "branch": "text",
            },
            verbs=READ_VERBS | {"create", "delete"},
            write="DEPLOY",
        ),
        Kind(
            name="Deployment",
            attributes=False,
            id_field="id",
            fields=_LEGACY_FIELDS,
            query={
                "environmentId": "text",
                "processId": "text",
                "componentId": "text",
                "componentType": "text",
                "current": "bool",
            },
            verbs=READ_VERBS,
        ),
        Kind(
            name="Account",
            id_field="accountId",
            fields={"accountId": "text", "name": "text", "status": "text", "dateCreated": "date"},
            query={},
            verbs=frozenset({"get"}),
        ),
        Kind(
            name="Environment",
            id_field="id",
            fields={
                "id": "text",
                "name": "text",
                "classification": "text",
                "parentAccount": "text",
                "parentEnvironment": "text",
            },
            query={"name": "text", "id": "text", "classification": "text"},
            verbs=READ_VERBS | {"create", "update", "delete"},
            read=_RUNTIME_READERS,
            write="ATOM_MANAGEMENT",
        ),
        Kind(
            name="ComponentMetadata",
            id_field="componentId",
            fields=_COMPONENT_FIELDS,
            query={**_COMPONENT_FIELDS, "accountId": "text"},
            together=(("version", "componentId"), ("copiedFromComponentVersion", "copiedFromComponentId")),
            verbs=READ_VERBS | {"create", "update", "delete"},
            read=_BUILDERS,
            write="BUILD",
        ),
        Kind(
            name="Folder",
            id_field="id",
            fields={
                "id": "text",
                "name": "text",
                "fullPath": "text",
                "deleted": "bool",
                "parentId": "text",
                "parentName": "text",
                "PermittedRoles": "object",
            },
            query={
                "accountId": "text",
                "id": "text",
                "name": "text",
                "deleted": "bool",
                "parentId": "text",
                "parentName": "text",
                "permittedRoles": "text",
            },
            verbs=READ_VERBS | {"create", "update", "delete"},
            read=_BUILDERS,
            write="BUILD",
        ),
        Kind(
            name="Component",
            id_field="componentId",
            fields={
                "folderFullPath": "text",
                **_COMPONENT_FIELDS,
                "encryptedValues": "object",
                "description": "object",
                "object": "object",
                "processOverrides": "object",
            },
            query={},
            verbs=frozenset({"get", "bulk"}),
            read=_BUILDERS,
            xml_only=True,
            largest_bulk=5,
        ),
        Kind(
            name="ComponentReference",
            id_field="componentId",
            fields={"references": "object"},
            query={
                "parentComponentId": "text",
                "parentVersion": "int",
                "componentId": "text",
                "type": "text",
            },
            together=(("parentComponentId", "parentVersion"), ("parentVersion", "parentComponentId")),
            verbs=READ_VERBS,
            read=_BUILDERS,
        ),
        Kind(
            name="PackagedComponentManifest",
            id_field="packageId",
            fields={"packageId": "text", "componentInfo": "object"},
            query={},
            verbs=frozenset({"get", "bulk"}),
            read=frozenset({"PACKAGE_MANAGEMENT"}),
        ),
        Kind(
            name="Process",
            id_field="id",
            fields={"id": "text", "name": "text", "Description": "text", "IntegrationPack": "object"},
            query={
                "id": "text",
                "name": "text",
                "integrationPackId": "text",
                "integrationPackInstanceId": "text",
            },
            verbs=READ_VERBS,
        ),
        Kind(
            name="Branch",
            id_field="id",
            fields=_BRANCH_FIELDS,
            query=_BRANCH_FIELDS,
            verbs=READ_VERBS,
            read=_BUILDERS,
        ),
        Kind(
            name="Atom",
            id_field="id",
            fields={
                "id": "text",
                "name": "text",
                "status": "text",
                "type": "text",
                "hostName": "text",
                "dateInstalled": "date",
                "currentVersion": "text",
                "purgeHistoryDays": "int",
                "purgeImmediate": "bool",
                "forceRestartTime": "int",
                "createdBy": "text",
            },
            query={
                "name": "text",
                "id": "text",
                "hostname": "text",
                "status": "text",
                "type": "text",
                "capabilities": "text",
                "cloudId": "text",
                "attachmentCloudId": "text",
                "cloudMoleculeId": "text",
                "instanceId": "text",
                "isCloudAttachment": "bool",
            },
            verbs=READ_VERBS,
            read=_RUNTIME_READERS,
        ),
        Kind(
            name="EnvironmentAtomAttachment",
            id_field="id",
            fields={"id": "text", "atomId": "text", "environmentId": "text"},
            query={"atomId": "text", "environmentId": "text"},
            verbs=frozenset({"query", "queryMore", "create", "delete"}),
            read=_RUNTIME_READERS,
            write="ATOM_MANAGEMENT",
        ),
        Kind(
            name="EnvironmentExtensions",
            id_field="id",
            fields={
                "id": "text",
                "environmentId": "text",
                "extensionGroupId": "text",
                "partial": "bool",
                "connections": "object",
                "operations": "object",
                "tradingPartners": "object",
                "sharedCommunications": "object",
                "processProperties": "object",
                "properties": "object",
                "crossReferences": "object",
                "PGPCertificates": "object",
            },
            query={"environmentId": "text", "extensionGroupId": "text"},
            operators=frozenset({"EQUALS"}),
            verbs=READ_VERBS | {"update"},
            read=_RUNTIME_READERS,
            write="ATOM_MANAGEMENT",
        ),
        *(
            Kind(
                name=name,
                id_field="id",
                fields={"id": "text", "atomId": "text", "processId": "text", **fields},
                query={"atomId": "text", "processId": "text"},
                verbs=READ_VERBS | {"update"},
                read=_RUNTIME_READERS | {"SCHEDULE_MAINTENANCE"},
                write="SCHEDULE_MAINTENANCE",
                writers=frozenset({"ATOM_MANAGEMENT"}),
            )
            for name, fields in _SCHEDULE_FIELDS.items()
        ),
        Kind(
            name="ExecutionRecord",
            attributes=False,
            id_field="executionId",
            fields=_RECORD_FIELDS,
            query={
                "executionId": "text",
                "originalExecutionId": "text",
                "account": "text",
                "executionTime": "date",
                "status": "text",
                "executionType": "text",
                "processName": "text",
                "processId": "text",
                "atomName": "text",
                "atomId": "text",
                "inboundDocumentCount": "int",
                "outboundDocumentCount": "int",
                "executionDuration": "int",
                "message": "text",
                "reportKey": "text",
                "launcherId": "text",
                "nodeId": "text",
                "recordedDate": "date",
            },
            verbs=frozenset({"query", "queryMore", "poll"}),
            read=frozenset({"VIEW_RESULT"}),
            sortable=True,
        ),
        Kind(
            name="ExecutionRequest",
            id_field="requestId",
            fields={
                "requestId": "text",
                "recordUrl": "text",
                "atomId": "text",
                "processId": "text",
                "processName": "text",
                "DynamicProcessProperties": "object",
                "ProcessProperties": "object",
            },
            query={},
            verbs=frozenset({"create"}),
            write="EXECUTE",
        ),
        Kind(
            name="ListenerStatus",
            id_field="listenerId",
            fields={"listenerId": "text", "status": "text", "connectorType": "text"},
            query={"listenerId": "text", "containerId": "text"},
            verbs=frozenset({"ask", "poll"}),
            read=frozenset({"ATOM_MANAGEMENT"}),
        ),
        Kind(
            name="changeListenerStatus",
            root="ChangeListenerStatusRequest",
            id_field="listenerId",
            fields={"listenerId": "text", "containerId": "text", "action": "text"},
            query={},
            verbs=frozenset({"create"}),
            write="ATOM_MANAGEMENT",
        ),
        Kind(
            name="AuditLog",
            id_field="documentId",
            fields={
                "accountId": "text",
                "action": "text",
                "containerId": "text",
                "date": "date",
                "documentId": "text",
                "level": "text",
                "message": "text",
                "modifier": "text",
                "source": "text",
                "type": "text",
                "userId": "text",
                "AuditLogProperty": "object",
            },
            query={
                "containerId": "text",
                "userId": "text",
                "date": "date",
                "type": "text",
                "action": "text",
                "modifier": "text",
                "level": "text",
                "source": "text",
            },
            verbs=READ_VERBS,
            read=frozenset({"VIEW_AUDIT_LOGS"}),
        ),
        Kind(
            name="EnvironmentRole",
            id_field="id",
            fields={"id": "text", "environmentId": "text", "roleId": "text"},
            query={"environmentId": "text", "roleId": "text"},
            verbs=READ_VERBS | {"create", "delete"},
            read=_RUNTIME_READERS,
            write="ENV_MANAGEMENT",
        ),
        Kind(
            name="PublisherIntegrationPack",
            id_field="id",
            fields={
                "id": "text",
                "name": "text",
                "installationType": "text",
                "operationType": "text",
                "Description": "text",
                "PublisherPackagedComponents": "object",
            },
            query={"id": "text", "name": "text", "installationType": "text"},
            verbs=READ_VERBS | {"create", "update", "delete"},
            read=_PACK_READERS,
            write="PUBLISHER_INTEGRATION_PACK",
        ),
        Kind(
            name="ReleaseIntegrationPack",
            id_field="requestId",
            fields=_RELEASE_FIELDS,
            query={},
            verbs=frozenset({"create", "update"}),
            write="PUBLISHER_INTEGRATION_PACK",
        ),
        Kind(
            name="ReleaseIntegrationPackStatus",
            id_field="requestId",
            fields={
                "integrationPackId": "text",
                "name": "text",
                "installationType": "text",
                "releaseSchedule": "text",
                "releaseOnDate": "text",
                "requestId": "text",
                "releaseStatus": "text",
                "responseStatusCode": "int",
                "ReleasePackagedComponents": "object",
            },
            query={},
            verbs=frozenset({"get", "bulk"}),
            read=_PACK_READERS,
        ),
        Kind(
            name="ConnectorGroup",
            id_field="groupType",
            fields={
                "groupName": "text",
                "groupType": "text",
                "dateCreated": "date",
                "lastModifiedDate": "date",
                "deleted": "bool",
                "createdBy": "object",
                "ConnectorVendor": "object",
                "classifications": "object",
            },
            query={"groupType": "text", "groupName": "text"},
            verbs=frozenset({"get", "query", "queryMore"}),
            read=frozenset({"DEVELOPER"}),
            write="DEVELOPER",
            api="connector",
        ),
        Kind(
            name="ConnectorVersionChange",
            id_field="uid",
            fields=_CHANGE_FIELDS,
            query={},
            verbs=frozenset({"create", "cancel"}),
            write="DEVELOPER",
            api="connector",
        ),
        Kind(
            name="ConnectorPendingRelease",
            id_field="classificationType",
            fields=_CHANGE_FIELDS,
            query={},
            verbs=frozenset({"cancel"}),
            write="DEVELOPER",
            api="connector",
        ),
    )
}

PRIVILEGES: Final = frozenset(
    {
        "API",
        "PACKAGE_MANAGEMENT",
        "DEPLOY",
        "ATOM_MANAGEMENT",
        "ATOM_MANAGEMENT_READ_ONLY",
        "ENV_MANAGEMENT",
        "SCHEDULE_MAINTENANCE",
        "EXECUTE",
        "VIEW_RESULT",
        "VIEW_AUDIT_LOGS",
        "BUILD",
        "BUILD_READ_ONLY",
        "INTEGRATION_PACK",
        "PUBLISHER_INTEGRATION_PACK",
        "DEVELOPER",
        "CONNECTOR_SUBMISSION",
        "ACCOUNT_ADMIN",
    }
)

COMPONENT_TYPES: Final = (
    "process",
    "webservice",
    "webservice.external",
    "certificate",
    "customlibrary",
    "flowservice",
    "processroute",
    "tpgroup",
    "certificate.pgp",
    "connector-action",
    "connector-settings",
    "crossref",
    "documentcache",
    "edistandard",
    "transform.map",
    "transform.function",
    "processproperty",
    "profile.db",
    "profile.edi",
    "profile.flatfile",
    "profile.xml",
    "profile.json",
    "queue",
    "tradingpartner",
    "tporganization",
    "tpcommoptions",
    "script.processing",
    "script.mapping",
    "xslt",
)
PACKAGEABLE: Final = frozenset(COMPONENT_TYPES[:8])
SHAREABLE: Final = frozenset({"process", "webservice"})
VISIBILITIES: Final = ("PRIVATE", "PUBLIC", "HIDDEN")
