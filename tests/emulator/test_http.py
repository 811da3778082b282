"""Addresses, credentials, representations and limits."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.emulator.conftest import Api

if TYPE_CHECKING:
    from boomi_pulumi.emulator import Emulator

DENIED = "Access denied due to insufficient permissions."
BUSY = "The Boomi server is currently unavailable or your account's rate limits have been exceeded. Retry later."
EVERYTHING: dict[str, Any] = {"QueryFilter": {}}


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("BOOMI_TOKEN.admin@acme.example", "wrong"),
        ("BOOMI_TOKEN.admin@acme.example", "secret-viewer"),
        ("admin@acme.example", "secret-admin"),
        ("BOOMI_TOKEN.BOOMI_TOKEN.admin@acme.example", "secret-admin"),
        ("BOOMI_TOKEN.who@acme.example", "secret-admin"),
    ],
)
def test_wrong_credentials_are_a_401(boomi: Emulator, name: str, token: str) -> None:
    api = Api(boomi, name, token)
    with api.session:
        assert api.post("Environment/query", EVERYTHING).status_code == 401
    assert token not in str(boomi.journal())


@pytest.mark.parametrize("header", ["", "Basic", "Basic %%%", "Bearer abc", "Basic " + base64.b64encode(b"x").decode()])
def test_credentials_that_are_none_are_a_401(boomi: Emulator, header: str) -> None:
    url = f"{boomi.base_url}/api/rest/v1/{boomi.account_id}/Environment/query"
    headers = {"Authorization": header} if header else {}
    assert requests.post(url, json=EVERYTHING, headers=headers, timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("user", "method", "path", "status"),
    [
        ("deployer", "POST", "DeployedPackage/query", 200),
        ("deployer", "POST", "PackagedComponent/query", 403),
        ("deployer", "POST", "Environment/query", 403),
        ("deployer", "DELETE", "DeployedPackage/x", 400),
        ("viewer", "POST", "ComponentMetadata/query", 200),
        ("viewer", "POST", "Folder/query", 200),
        ("viewer", "POST", "Environment/query", 200),
        ("viewer", "POST", "DeployedPackage", 403),
        ("viewer", "DELETE", "DeployedPackage/x", 403),
        ("viewer", "POST", "PackagedComponent", 403),
        ("viewer", "POST", "Environment", 403),
        ("viewer", "DELETE", "ComponentMetadata/x", 403),
        ("nobody", "POST", "Folder/query", 403),
    ],
)
def test_a_lacking_privilege_is_a_403(boomi: Emulator, user: str, method: str, path: str, status: int) -> None:
    api = Api(boomi, f"BOOMI_TOKEN.{user}@acme.example", f"secret-{user}")
    with api.session:
        answer = api.send(method, path, EVERYTHING if path.endswith("query") else {})
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json() == {"@type": "Error", "message": DENIED}


def test_packaging_by_deploying_needs_both_privileges(boomi: Emulator, api: Api) -> None:
    deployer = Api(boomi, "BOOMI_TOKEN.deployer@acme.example", "secret-deployer")
    body = {"componentId": api.component("Sync"), "environmentId": api.environment()}
    with deployer.session:
        assert deployer.post("DeployedPackage", body).json()["message"] == DENIED
    assert not boomi.objects("PackagedComponent")


def test_a_sub_account_is_reached_on_the_partner_path(api: Api) -> None:
    def names(url: str, **params: str) -> Any:
        answer = api.post(f"{url}/Environment/query", EVERYTHING, params=params)
        return [row["name"] for row in answer.json()["result"]] if answer.ok else answer.status_code

    assert names(api.partner, overrideAccount="acme-sub") == ["Sub Dev"]
    assert names(api.direct) == ["Dev", "Production"]
    # A client of its own account may come by this door too, as other people's do.
    assert names(api.partner) == ["Dev", "Production"]
    assert names(api.partner, overrideAccount="") == ["Dev", "Production"]
    assert names(api.partner, overrideAccount="no-such") == 403
    assert names(api.partner, overrideAccount="acme-1") == 403
    assert names(api.direct, overrideAccount="acme-sub") == 403
    assert names(f"{api.boomi.base_url}/api/rest/v1/no-such") == 403
    assert names(f"{api.boomi.base_url}/api/rest/v1/acme-sub") == 403
    assert api.boomi.journal()[0]["overrideAccount"] == "acme-sub"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "environment/query", 404),
        ("POST", "Environment/Query", 400),
        ("GET", "Role/x", 404),
        ("GET", "PackagedComponents/x", 404),
        ("GET", "Environment/x/y", 404),
        ("GET", "Environment", 405),
        ("GET", "Environment/query", 405),
        ("PUT", "Environment/x", 405),
        ("PATCH", "Environment/x", 405),
        ("PUT", "PackagedComponent/x", 405),
        ("DELETE", "Environment", 405),
        ("DELETE", "Process/x", 400),
        ("POST", "Process", 400),
        ("GET", "Environment/", 405),
    ],
)
def test_addresses_and_methods_that_are_none_are_refused(api: Api, method: str, path: str, status: int) -> None:
    answer = api.send(method, path, {} if method == "POST" else None)
    assert answer.status_code == status, answer.text
    if path.startswith("Process"):
        assert answer.json()["message"].startswith("Unknown objectType for ")


def test_nothing_else_is_served(boomi: Emulator, api: Api) -> None:
    for path in ("", "/", "/api/rest/v2/acme-1/Environment/x", "/api/rest/v1/acme-1", "/API/rest/v1/acme-1/Folder/x"):
        assert api.get(f"{boomi.base_url}{path}").status_code == 404


def test_errors_are_xml_unless_json_is_accepted(api: Api) -> None:
    answer = api.get("Environment/<x>", headers={"Accept": "*/*"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert answer.text.startswith("<error><message>EnvironmentId &lt;x&gt; is invalid")


def test_an_error_in_xml_holds_only_what_xml_can(api: Api) -> None:
    body = {"\x00\ud800": 1}
    answer = api.post("Environment", body, headers={"Accept": "application/xml"})
    assert "Unknown field '??'" in answer.text


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("typed", {"@type": "Error", "message": "Method Not Allowed"}),
        ("plain", {"message": "Method Not Allowed"}),
        ("nested", {"error": {"message": "Method Not Allowed"}}),
    ],
)
def test_the_shape_of_errors_is_a_switch(api: Api, shape: str, body: Any) -> None:
    api.boomi.settings(errorShape=shape)
    assert api.send("PUT", "Environment/x").json() == body
    assert "Method Not Allowed" in api.send("PUT", "Environment/x", headers={"Accept": "text/xml"}).text


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("{", "application/json"),
        ("", "application/json"),
        ("[]", "application/json"),
        ("[" * 100_000, "application/json"),
        (b"\xff", "application/json"),
        ('{"name": "x"}', "text/plain"),
        ("<Environment name='x'>", "application/xml"),
    ],
)
def test_an_unreadable_body_is_a_400(api: Api, data: Any, kind: str) -> None:
    answer = api.send("POST", "Environment", data=data, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Unable to read message body. Please make sure the structure")


def test_a_byte_order_mark_and_a_charset_are_accepted(api: Api) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = api.send("POST", "Environment", data=b'\xef\xbb\xbf{"name": "x"}', headers=headers)
    assert answer.status_code == 200


def test_above_the_limit_is_a_503(api: Api) -> None:
    api.boomi.settings(rateLimit=3, rateWindow=3600)
    answers = [api.get(f"Environment/{api.environment()}") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 503, 503]
    assert answers[-1].json() == {"@type": "Error", "message": BUSY}
    assert "Retry-After" not in answers[-1].headers
    assert [entry["status"] for entry in api.boomi.journal()] == [200, 200, 200, 503, 503]
    assert api.control("GET", "clock").status_code == 200
    api.boomi.advance(3600)
    assert api.get(f"Environment/{api.environment()}").status_code == 200


def test_whose_limit_counts_is_a_switch(api: Api) -> None:
    api.boomi.settings(rateLimit=1, rateWindow=3600)

    def status(url: str, **params: str) -> int:
        return api.post(f"{url}/Environment/query", EVERYTHING, params=params).status_code

    assert status(api.direct) == 200
    assert status(api.partner, overrideAccount="acme-sub") == 503
    api.boomi.settings(rateOfOverrideAccount=True)
    assert status(api.partner, overrideAccount="acme-sub") == 200
    assert status(api.partner, overrideAccount="acme-sub") == 503


def test_deprecated_objects_say_so(api: Api) -> None:
    names = {"Deprecation", "Sunset", "Warning", "Link"}
    assert not names & set(api.get("Folder/x").headers)
    api.boomi.settings(deprecated=["Folder"])
    assert names <= set(api.get("Folder/x").headers)
    assert names <= set(api.post("Folder/query", EVERYTHING).headers)
    assert not names & set(api.get("Environment/x").headers)


def test_numbers_and_booleans_may_be_strings(api: Api) -> None:
    api.boomi.settings(stringy=True)
    package = api.package()
    assert (package["deleted"], package["componentVersion"]) == ("false", "2.0")
    deployed = api.deploy(package["packageId"])
    assert (deployed["active"], deployed["componentVersion"], deployed["version"]) == ("true", "2.0", "1")
    metadata = api.get(f"ComponentMetadata/{package['componentId']}").json()
    assert (metadata["version"], metadata["currentVersion"]) == ("2", "true")


def test_queries_of_packages_may_quote_a_number_that_a_create_does_not(api: Api) -> None:
    made = api.package()
    assert api.query("PackagedComponent", packageId=made["packageId"]) == [made]
    api.boomi.settings(quotedComponentVersion=True)
    made = api.package()
    assert made["componentVersion"] == 2
    assert api.query("PackagedComponent", packageId=made["packageId"]) == [{**made, "componentVersion": "2"}]
    assert api.get(f"PackagedComponent/{made['packageId']}").json() == made
    (deployed,) = api.query("DeployedPackage", deploymentId=api.deploy(made["packageId"])["deploymentId"])
    assert deployed["componentVersion"] == 2


def test_a_field_that_an_object_does_not_have_may_be_ignored(api: Api) -> None:
    body = {"componentId": api.component("Sync"), "branchId": "QjoyNTU4NQ"}
    refused = api.post("PackagedComponent", body)
    assert (refused.status_code, "branchId" in refused.json()["message"]) == (400, True)
    api.boomi.settings(unknownFields="ignore")
    made = api.post("PackagedComponent", body)
    assert (made.status_code, made.json()["branchName"]) == (200, "main")


def test_dates_may_carry_milliseconds(api: Api) -> None:
    api.boomi.settings(milliseconds=True)
    package = api.package()
    assert package["createdDate"].endswith(".000Z")
    assert api.query("PackagedComponent", createdDate=package["createdDate"]) == [package]


def test_a_delete_may_answer_something_that_is_not_json(api: Api) -> None:
    api.boomi.settings(deleteBody="{true}")
    assert api.delete(f"PackagedComponent/{api.package()['packageId']}").text == "{true}"


def test_latency_delays_the_answer_not_the_act(api: Api) -> None:
    api.boomi.settings(latency=60_000)
    with pytest.raises(requests.ReadTimeout):
        api.session.post(f"{api.direct}/Environment", json={"name": "Slow"}, timeout=0.2)
    assert [row["name"] for row in api.boomi.objects("Environment")] == ["Dev", "Production", "Slow"]


def test_no_answer_names_the_http_library(api: Api) -> None:
    for answer in (api.get("Environment/x"), api.get("Nothing"), api.control("GET", "clock")):
        assert "Server" not in answer.headers
