"""A small account, a client that knows nothing, and the two together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from boomi_pulumi.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

ADMIN = "admin@acme.example"
ALL = [
    "API",
    "PACKAGE_MANAGEMENT",
    "DEPLOY",
    "ATOM_MANAGEMENT",
    "ENV_MANAGEMENT",
    "BUILD",
    "PUBLISHER_INTEGRATION_PACK",
    "DEVELOPER",
    "CONNECTOR_SUBMISSION",
    "VIEW_AUDIT_LOGS",
    "SCHEDULE_MAINTENANCE",
    "EXECUTE",
    "VIEW_RESULT",
]


def small_seed() -> dict[str, Any]:
    """A new document each time, so that a test may change it."""
    return {
        "account": {"id": "acme-1", "name": "Acme"},
        "users": [
            {"name": ADMIN, "token": "secret-admin", "privileges": ALL},
            {"name": "deployer@acme.example", "token": "secret-deployer", "privileges": ["API", "DEPLOY"]},
            {
                "name": "viewer@acme.example",
                "token": "secret-viewer",
                "privileges": ["API", "ATOM_MANAGEMENT_READ_ONLY", "BUILD_READ_ONLY", "INTEGRATION_PACK"],
            },
            {"name": "developer@acme.example", "token": "secret-developer", "privileges": ["API", "DEVELOPER"]},
            {"name": "nobody@acme.example", "token": "secret-nobody", "privileges": ["BUILD"]},
        ],
        "environments": [
            {"name": "Dev", "classification": "TEST"},
            {"name": "Production", "classification": "PROD"},
        ],
        "branches": ["feature"],
        "folders": ["Acme/Orders", {"path": "Acme/Gone", "deleted": True}],
        "components": [
            {
                "name": "Sync",
                "folder": "Acme/Orders",
                "revisions": [
                    {"by": "ann@acme.example", "date": "2026-01-10T08:00:00Z"},
                    {"by": "bob@acme.example", "date": "2026-02-10T08:00:00Z"},
                    {"by": "ann@acme.example", "date": "2026-03-10T08:00:00Z", "branch": "feature"},
                ],
            },
            {"name": "Api", "type": "webservice", "folder": "Acme/Orders", "uses": ["Acme/Orders/Sync", "Acme/Map"]},
            {"name": "Route", "type": "processroute"},
            {"name": "Map", "type": "transform.map"},
            {"name": "Old", "deleted": True},
            {"name": "Copy", "copiedFrom": {"component": "Acme/Orders/Sync", "version": 2}},
            {"name": "Side", "branch": "feature"},
            {"name": "Twin", "folder": "Acme/Orders"},
            {"name": "Twin"},
        ],
        "runtimes": [{"name": "Atom A", "attachedTo": ["Dev"]}, {"name": "Atom B", "status": "OFFLINE"}],
        "connectors": [
            {
                "groupType": "till",
                "groupName": "Till",
                "by": "ann.moe@acme.example",
                "date": "2026-01-01T09:00:00Z",
                "versions": 4,
                "classifications": [{"classification": "dev", "version": "2"}],
            },
            {
                "groupType": "loyalty",
                "versions": 5,
                "classifications": [
                    {"classification": "prod", "version": "3", "visibility": "PUBLIC"},
                    {"classification": "old", "version": 1, "visibility": "HIDDEN"},
                ],
            },
        ],
        "subaccounts": [
            {
                "account": {"id": "acme-sub", "name": "Sub"},
                "environments": [{"name": "Sub Dev", "classification": "TEST"}],
                "components": [{"name": "Sub Sync"}],
            }
        ],
    }


class Api:
    """Sends requests as one user and otherwise stays out of the way."""

    def __init__(self, boomi: Emulator, user: str = "", token: str = "") -> None:
        self.boomi = boomi
        self.session = requests.Session()
        self.session.auth = (user or boomi.username, token or boomi.token)
        self.session.headers["Accept"] = "application/json"
        self.direct = f"{boomi.base_url}/api/rest/v1/{boomi.account_id}"
        self.connector = f"{boomi.base_url}/connector/api/rest/v1/{boomi.account_id}"
        self.partner = f"{boomi.base_url}/partner/api/rest/v1/{boomi.account_id}"

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        base = self.connector if path.startswith("Connector") else self.direct
        url = path if path.startswith("http") else f"{base}/{path}"
        if body is not None:
            options["json"] = body
        return self.session.request(method, url, timeout=10, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.send("POST", path, body, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        return self.send("DELETE", path, **options)

    def control(self, method: str, route: str, body: Any = None) -> requests.Response:
        return self.send(method, f"{self.boomi.base_url}/_emulator/{route}", body)

    def query(self, kind: str, **equal: Any) -> list[Any]:
        nested = [{"operator": "EQUALS", "property": name, "argument": [value]} for name, value in equal.items()]
        expression = {"expression": {"operator": "and", "nestedExpression": nested}} if nested else {}
        answer = self.post(f"{kind}/query", {"QueryFilter": expression})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["result"])

    def component(self, name: str) -> str:
        found = next(row for row in self.boomi.objects("ComponentMetadata") if row["name"] == name)
        return str(found["componentId"])

    def environment(self, name: str = "Dev") -> str:
        return next(str(row["id"]) for row in self.boomi.objects("Environment") if row["name"] == name)

    def package(self, name: str = "Sync", **fields: Any) -> Any:
        answer = self.post("PackagedComponent", {"componentId": self.component(name), **fields})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def deploy(self, package: str, environment: str = "Dev", **fields: Any) -> Any:
        body = {"packageId": package, "environmentId": self.environment(environment), **fields}
        answer = self.post("DeployedPackage", body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(small_seed(), rate_limit=0) as emulator:
        yield emulator


@pytest.fixture
def api(boomi: Emulator) -> Iterator[Api]:
    client = Api(boomi)
    with client.session:
        yield client
