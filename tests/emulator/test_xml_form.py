"""XML, which is Boomi's default, with the samples of its OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    import requests

    from tests.emulator.conftest import Api

BNS = "{http://api.platform.boomi.com/}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
XML = {"Accept": "application/xml", "Content-Type": "application/xml"}
OPEN = 'xmlns:bns="http://api.platform.boomi.com/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def send(api: Api, method: str, path: str, body: str | None = None, status: int = 200) -> ET.Element:
    answer = api.send(method, path, data=None if body is None else body.encode(), headers=XML)
    return read(answer, status)


def read(answer: requests.Response, status: int = 200) -> ET.Element:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/xml")
    return ET.fromstring(answer.text)  # noqa: S314  # we wrote it ourselves


def query(expression: str) -> str:
    return f"<QueryConfig {OPEN.replace(':bns', '')}><QueryFilter>{expression}</QueryFilter></QueryConfig>"


def message(root: ET.Element) -> str:
    assert root.tag == "error"
    return str(root.findtext("message"))


def test_an_answer_is_xml_unless_json_is_accepted(api: Api) -> None:
    path = f"Environment/{api.environment()}"
    for accept in ("*/*", "application/xml", "text/html"):
        root = read(api.get(path, headers={"Accept": accept}))
        assert (root.tag, root.get("name")) == (f"{BNS}Environment", "Dev")
    answer = api.get(path, headers={"Accept": "application/xml, application/json"})
    assert answer.json()["name"] == "Dev"
    assert api.get(path, headers={"Accept": "*/*"}).text.startswith("<?xml version=")


def test_packages_and_deployments_are_elements(api: Api) -> None:
    body = (
        f"<bns:PackagedComponent {OPEN}><bns:componentId>{api.component('Sync')}</bns:componentId>"
        "<bns:packageVersion>1.0</bns:packageVersion><bns:notes></bns:notes><bns:shareable></bns:shareable>"
        "</bns:PackagedComponent>"
    )
    made = send(api, "POST", "PackagedComponent", body)
    assert made.attrib == {}
    package = made.findtext(f"{BNS}packageId")
    assert [made.findtext(f"{BNS}{name}") for name in ("packageVersion", "componentVersion", "deleted", "notes")] == [
        "1.0",
        "2",
        "false",
        None,
    ]
    body = (
        f"<DeployedPackage><packageId>{package}</packageId>"
        f"<environmentId>{api.environment()}</environmentId></DeployedPackage>"
    )
    deployed = send(api, "POST", "DeployedPackage", body)
    assert deployed.findtext(f"{BNS}active") == "true"
    read_again = send(api, "GET", f"DeployedPackage/{deployed.findtext(f'{BNS}deploymentId')}")
    assert ET.tostring(read_again) == ET.tostring(deployed)


def test_metadata_folders_and_environments_are_attributes(api: Api) -> None:
    component = api.component("Api")
    body = f'<bns:ComponentMetadata {OPEN} componentId="{component}" name="A &amp; B" folderId=""/>'
    changed = send(api, "POST", f"ComponentMetadata/{component}", body)
    assert list(changed) == []
    shown = api.get(f"ComponentMetadata/{component}").json()
    assert (shown["name"], shown["folderName"]) == ("A & B", "Acme")
    assert changed.attrib == {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in shown.items()
        if name != "@type"
    }
    made = send(api, "POST", "Environment", '<Environment name="New" classification="TEST"/>')
    assert (made.get("name"), made.get("classification")) == ("New", "TEST")
    folder = api.query("Folder", name="Orders")[0]["id"]
    assert send(api, "GET", f"Folder/{folder}").get("fullPath") == "Acme/Orders"


def test_packs_are_attributes_around_a_description(api: Api) -> None:
    api.package("Api", packageVersion="1.0", shareable=True)
    component = api.component("Api")
    body = (
        f'<bns:PublisherIntegrationPack {OPEN} name="Pack" installationType="MULTI"><bns:Description></bns:Description>'
        f'<bns:PublisherPackagedComponents><bns:PublisherPackagedComponent componentId="{component}"/>'
        "</bns:PublisherPackagedComponents></bns:PublisherIntegrationPack>"
    )
    made = send(api, "POST", "PublisherIntegrationPack", body)
    assert (made.get("installationType"), made.findtext(f"{BNS}Description")) == ("MULTI", "")
    member = made.find(f"{BNS}PublisherPackagedComponents/{BNS}PublisherPackagedComponent")
    assert member is not None
    assert member.attrib == {
        "componentId": component,
        "componentName": "Api",
        "componentType": "webservice",
        "currentVersion": "",
        "pendingVersion": "",
        "latestVersion": "1.0",
        "deleted": "false",
    }
    body = (
        f'<bns:ReleaseIntegrationPack {OPEN} id="{made.get("id")}" releaseSchedule="IMMEDIATELY">'
        f'<bns:ReleasePackagedComponents><bns:ReleasePackagedComponent componentId="{component}" version="1.0"/>'
        "</bns:ReleasePackagedComponents></bns:ReleaseIntegrationPack>"
    )
    released = send(api, "POST", "ReleaseIntegrationPack", body)
    status = f"ReleaseIntegrationPackStatus/{released.get('requestId')}"
    assert send(api, "GET", status, status=202).get("responseStatusCode") == "202"
    assert send(api, "GET", status).get("releaseStatus") == "SUCCESS"
    body = (
        f'<bns:PublisherIntegrationPack {OPEN} operationType="ADD"><bns:PublisherPackagedComponents/>'
        "</bns:PublisherIntegrationPack>"
    )
    emptied = send(api, "POST", f"PublisherIntegrationPack/{made.get('id')}", body)
    assert list(emptied.iter(f"{BNS}PublisherPackagedComponent")) == []


def test_a_query_says_of_what_type_an_expression_is(api: Api) -> None:
    simple = (
        '<expression xsi:type="SimpleExpression" operator="EQUALS" property="name"><argument>{}</argument></expression>'
    )
    page = send(api, "POST", "Environment/query", query(simple.format("Dev")))
    assert (page.tag, page.get("numberOfResults")) == (f"{BNS}QueryResult", "1")
    assert [(row.get(TYPE), row.get("name")) for row in page] == [("bns:Environment", "Dev")]
    assert send(api, "POST", "Environment/query", query(simple.format(""))).get("numberOfResults") == "0"
    nested = (
        '<expression xsi:type="GroupingExpression" operator="or">'
        '<nestedExpression xsi:type="SimpleExpression" operator="EQUALS" property="name"><argument>Sync</argument>'
        "</nestedExpression>"
        '<nestedExpression xsi:type="SimpleExpression" operator="IS_NOT_NULL" property="copiedFromComponentId"/>'
        "</expression>"
    )
    page = send(api, "POST", "ComponentMetadata/query", query(nested))
    assert [row.get("name") for row in page] == ["Sync", "Sync", "Sync", "Copy"]
    assert api.boomi.journal()[-1]["filter"] == "(name EQUALS Sync) or (copiedFromComponentId IS_NOT_NULL)"
    assert send(api, "POST", "Environment/query", query("")).get("numberOfResults") == "2"
    for wrong in (
        '<expression operator="EQUALS" property="name"><argument>Dev</argument></expression>',
        '<expression xsi:type="Expression" operator="EQUALS" property="name"><argument>Dev</argument></expression>',
        '<expression xsi:type="GroupingExpression" operator="EQUALS" property="name"/>',
    ):
        assert "SimpleExpression" in message(send(api, "POST", "Environment/query", query(wrong), 400))


def test_the_next_page_is_xml_too(api: Api) -> None:
    for number in range(101):
        api.boomi.create_component(f"Component {number}")
    page = send(api, "POST", "ComponentMetadata/query", query(""))
    token = page.findtext(f"{BNS}queryToken")
    assert token
    assert len(page.findall(f"{BNS}result")) == 100
    headers = {"Accept": "application/xml", "Content-Type": "text/plain"}
    # Also at another object's address.
    for kind in ("ComponentMetadata", "PackagedComponent"):
        more = read(api.send("POST", f"{kind}/queryMore", data=token, headers=headers))
        assert more.find(f"{BNS}queryToken") is None
        assert [row.get("name") for row in more][-1] == "Component 100"
        assert len(more) == 13


def test_another_root_is_refused(api: Api) -> None:
    told = message(send(api, "POST", "Environment/query", "<Query><QueryFilter/></Query>", 400))
    assert "expected QueryConfig" in told
    assert "expected Environment" in message(send(api, "POST", "Environment", '<Folder name="x"/>', 400))
    assert "expected BulkRequest" in message(send(api, "POST", "Environment/bulk", "<Bulk/>", 400))


def test_a_bulk_read_is_answered_in_xml(api: Api) -> None:
    known = api.environment()
    body = (
        f'<api:BulkRequest {OPEN.replace(":bns", ":api")} type="GET">'
        f'<api:request xsi:type="api:BulkId" id="{known}"/><api:request xsi:type="api:BulkId" id="x"/>'
        "</api:BulkRequest>"
    )
    found, missing = send(api, "POST", "Environment/bulk", body)
    assert found.attrib == {"statusCode": "200"}
    result = found.find(f"{BNS}Result")
    assert result is not None
    assert (result.get(TYPE), result.get("id")) == ("bns:Environment", known)
    assert (missing.get("statusCode"), missing.get("id")) == ("400", "x")
    assert "invalid" in str(missing.get("errorMessage"))
    assert list(missing) == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "text",
        "<Environment name='x'>",
        '<!DOCTYPE x [<!ENTITY y "z">]><Environment name="&y;"/>',
        '<!DOCTYPE x SYSTEM "file:///etc/hostname"><Environment name="x"/>',
        '<Environment name="&undefined;"/>',
        "<a>" * 100_000,
    ],
)
def test_markup_that_cannot_be_read_is_a_400(api: Api, body: str) -> None:
    assert "Unable to read message body" in message(send(api, "POST", "Environment", body, 400))
    assert len(api.boomi.objects("Environment")) == 2


def test_an_answer_holds_only_what_xml_can(api: Api) -> None:
    made = api.post("Environment", {"name": "a\x00<b>&\U0001f600"}, headers={"Accept": "*/*"})
    assert read(made).get("name") == "a?<b>&\U0001f600"


def test_the_connector_api_is_json_only(api: Api) -> None:
    assert api.get("ConnectorGroup/till", headers={"Accept": "*/*"}).json()["groupName"] == "Till"
    body = "<ConnectorVersionChange/>"
    assert api.send("POST", "ConnectorVersionChange", data=body, headers=XML).status_code == 400
