"""What Boomi answers: lenient records, and the objects' own facts (address, id, what can be queried).

Boomi's samples print numbers and booleans as strings ("2.0", "false"), leave required fields out and
may add fields at any time, so nothing but the id is insisted on and an odd value becomes None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

__all__ = [
    "COMPONENT_METADATA",
    "COMPONENT_TYPES",
    "DEPLOYED_PACKAGE",
    "ENVIRONMENT",
    "FOLDER",
    "OBJECTS",
    "PACKAGED_COMPONENT",
    "ComponentMetadata",
    "DeployedPackage",
    "Environment",
    "Folder",
    "Object",
    "PackagedComponent",
    "Record",
]


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return str(value)
    return value if isinstance(value, str) else None


def _whole(value: Any) -> int | None:
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


def _flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return None


Text = Annotated[str | None, BeforeValidator(_text)]
Whole = Annotated[int | None, BeforeValidator(_whole)]
Flag = Annotated[bool | None, BeforeValidator(_flag)]


class Record(BaseModel):
    """One object as Boomi describes it; attributes are Boomi's names in snake case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


class PackagedComponent(Record):
    """A component frozen under a version string. Source: Boomi's PackagedComponent page."""

    package_id: str
    package_version: Text = None
    component_id: Text = None
    component_version: Whole = None
    component_type: Text = None
    branch_name: Text = None
    notes: Text = None
    shareable: Flag = None
    deleted: Flag = None
    created_date: Text = None
    created_by: Text = None
    fully_publicly_consumable: Flag = None


class DeployedPackage(Record):
    """A package in an environment, now or once. Source: Boomi's DeployedPackage page."""

    deployment_id: str
    version: Whole = None
    package_id: Text = None
    package_version: Text = None
    environment_id: Text = None
    component_id: Text = None
    component_version: Whole = None
    component_type: Text = None
    deployed_date: Text = None
    deployed_by: Text = None
    notes: Text = None
    active: Flag = None
    branch_name: Text = None
    listener_status: Text = None
    message: Text = None


class ComponentMetadata(Record):
    """One revision of a component. Source: Boomi's ComponentMetadata page."""

    component_id: str
    version: Whole = None
    name: Text = None
    type: Text = None
    sub_type: Text = None
    created_date: Text = None
    created_by: Text = None
    modified_date: Text = None
    modified_by: Text = None
    deleted: Flag = None
    current_version: Flag = None
    folder_id: Text = None
    folder_name: Text = None
    branch_id: Text = None
    branch_name: Text = None
    copied_from_component_id: Text = None
    copied_from_component_version: Whole = None


class Environment(Record):
    """A place where packages run. Source: Environment in the Platform OpenAPI."""

    id: str
    name: Text = None
    classification: Text = None
    parent_account: Text = None
    parent_environment: Text = None


class Folder(Record):
    """A folder of components. Source: Folder in the Platform OpenAPI."""

    id: str
    name: Text = None
    full_path: Text = None
    deleted: Flag = None
    parent_id: Text = None
    parent_name: Text = None


R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Object(Generic[R]):
    """One of Boomi's objects.

    Attributes:
        name: Its name, which is also its address.
        record: The model of one row.
        id: Boomi's name of the property that identifies a row.
        queryable: Properties that a query may name, or None where Boomi leaves them open.
        beside: Property -> another property that a query must name beside it.
    """

    name: str
    record: type[R]
    id: str
    queryable: frozenset[str] | None = None
    beside: tuple[tuple[str, str], ...] = ()

    def parse(self, row: object) -> R | None:
        """Return the row as a record, or None where it has no usable id."""
        try:
            return self.record.model_validate(row)
        except ValidationError:
            return None


PACKAGED_COMPONENT = Object("PackagedComponent", PackagedComponent, "packageId")
DEPLOYED_PACKAGE = Object(
    "DeployedPackage",
    DeployedPackage,
    "deploymentId",
    queryable=frozenset(
        [
            "uid",
            "notes",
            "current",
            "packageNotes",
            "active",
            "componentId",
            "componentVersion",
            "componentName",
            "componentType",
            "deployedBy",
            "deployedDate",
            "deploymentId",
            "environmentId",
            "environmentName",
            "packageId",
            "packageVersion",
            "version",
            "accountId",
            "branch",
        ]
    ),
)
COMPONENT_METADATA = Object(
    "ComponentMetadata",
    ComponentMetadata,
    "componentId",
    queryable=frozenset(
        [
            "accountId",
            "componentId",
            "version",
            "name",
            "type",
            "subType",
            "createdDate",
            "createdBy",
            "modifiedDate",
            "modifiedBy",
            "deleted",
            "currentVersion",
            "folderName",
            "folderId",
            "copiedFromComponentId",
            "copiedFromComponentVersion",
            "branchName",
            "branchId",
        ]
    ),
    beside=(("version", "componentId"), ("copiedFromComponentVersion", "copiedFromComponentId")),
)
ENVIRONMENT = Object("Environment", Environment, "id", queryable=frozenset({"id", "name", "classification"}))
FOLDER = Object(
    "Folder",
    Folder,
    "id",
    queryable=frozenset(["accountId", "id", "name", "deleted", "parentId", "parentName", "permittedRoles"]),
)

OBJECTS: dict[str, Object[Any]] = {
    each.name: each for each in (PACKAGED_COMPONENT, DEPLOYED_PACKAGE, COMPONENT_METADATA, ENVIRONMENT, FOLDER)
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

PACKAGEABLE = frozenset(
    [
        "certificate",
        "customlibrary",
        "flowservice",
        "process",
        "processroute",
        "tpgroup",
        "webservice",
        "webservice.external",
    ]
)
"""Types that can be packaged. Source: Boomi's PackagedComponent page."""
