"""What other people's clients send, and what never shows: the HTTP library, a traceback, a scan of all rows."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import requests

from boomi_pulumi.emulator import Emulator
from tests.emulator.conftest import Api

XML = {"Content-Type": "application/xml", "Accept": "application/xml"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Environment/", {"name": "New"}),
        ("Environment/query/", {}),
        ("Environment/queryMore/", None),
        ("Environment/bulk/", {"type": "GET", "request": []}),
    ],
)
def test_f2_an_address_may_end_in_a_slash(api: Api, path: str, body: Any) -> None:
    assert api.post(path, body).status_code == (400 if "More" in path else 200)


def test_f2_packages_are_made_and_read_at_addresses_that_end_in_a_slash(api: Api) -> None:
    made = api.post("PackagedComponent/", {"componentId": api.component("Sync"), "packageVersion": "9"}).json()
    assert api.get(f"PackagedComponent/{made['packageId']}/").json() == made
    body = {"packageId": made["packageId"], "environmentId": api.environment()}
    deployed = api.post("DeployedPackage/", body).json()
    assert api.delete(f"DeployedPackage/{deployed['deploymentId']}/").status_code == 200


@pytest.mark.parametrize("path", ["/DeployedPackage", "DeployedPackage//query", "//Environment/query"])
def test_f2_an_empty_segment_is_a_500(api: Api, path: str) -> None:
    answer = api.post(f"{api.direct}/{path}", {})
    assert answer.status_code == 500
    assert answer.json() == {"@type": "Error", "message": "Internal Server Error"}


@pytest.mark.parametrize(
    "data", ["{}", "null", "", '{"QueryFilter": null}', '{"QueryFilter": {}}', '{"QueryFilter": {"expression": null}}']
)
def test_f3_every_spelling_of_an_empty_query_in_json(api: Api, data: str) -> None:
    for kind in ("Environment", "PackagedComponent", "Folder"):
        answer = api.post(f"{kind}/query", data=data, headers={"Content-Type": "application/json"})
        assert answer.json()["numberOfResults"] == len(api.boomi.objects(kind))


@pytest.mark.parametrize(
    "data",
    [
        "",
        "<QueryConfig/>",
        '<QueryConfig xmlns="http://api.platform.boomi.com/"/>',
        '<QueryConfig xmlns="http://api.platform.boomi.com/"><QueryFilter/></QueryConfig>',
        '<bns:QueryConfig xmlns:bns="http://api.platform.boomi.com/"> </bns:QueryConfig>',
    ],
)
def test_f3_every_spelling_of_an_empty_query_in_xml(api: Api, data: str) -> None:
    answer = api.post("Environment/query", data=data, headers=XML)
    assert 'numberOfResults="2"' in answer.text


def test_f3_no_body_and_no_content_type_at_all(api: Api) -> None:
    assert api.post("Environment/query").json()["numberOfResults"] == 2


def test_f6_a_token_is_taken_at_another_objects_address(api: Api) -> None:
    for number in range(101):
        api.boomi.console_package(api.component("Sync"), packageVersion=f"v{number}")
    token = api.post("PackagedComponent/query", {}).json()["queryToken"]
    for kind in ("Process", "Environment", "Atom"):
        page = api.post(f"{kind}/queryMore", data=token, headers={"Content-Type": "application/json"}).json()
        assert [row["@type"] for row in page["result"]] == ["PackagedComponent"]
    viewer = Api(api.boomi, "BOOMI_TOKEN.viewer@acme.example", "secret-viewer")
    with viewer.session:
        assert viewer.post("Process/queryMore", data=token).status_code == 403


@pytest.mark.parametrize(
    "field", ["componentVersion", "shareable", "packageVersion", "notes", "branchName", "packageId"]
)
def test_f7_an_empty_string_is_nothing(api: Api, field: str) -> None:
    made = api.package("Sync", **{"packageVersion": "e1", field: ""})
    assert made["componentVersion"] == 2
    assert made["shareable"] is False


def test_f8_lower_case_names_of_objects_are_a_switch(api: Api) -> None:
    folder = api.boomi.objects("Folder")[0]["id"]
    assert api.get(f"folder/{folder}").status_code == 404
    api.boomi.settings(lowerCaseObjects=True)
    assert api.get(f"folder/{folder}").json()["@type"] == "Folder"


def test_b3_another_base_path_is_a_405_for_a_post(api: Api) -> None:
    url = f"{api.boomi.base_url}/api/platform/v1/{api.boomi.account_id}/PackagedComponent"
    assert api.post(url, {}).status_code == 405
    assert api.get(f"{url}/x").status_code == 404
    assert api.post("Nothing", {}).status_code == 404
    api.boomi.settings(wrongBasePath=404)
    assert api.post(url, {}).status_code == 404


def test_f12_a_bulk_body_may_have_the_root_of_its_xml(api: Api) -> None:
    body = {"BulkRequest": {"type": "GET", "request": [{"id": api.environment()}]}}
    assert api.post("Environment/bulk", body).json()["response"][0]["statusCode"] == 200


# -- nothing of the HTTP library -----------------------------------------------------------------

LEAKS = ("aiohttp", "python", "traceback", "got itself in trouble", "<html", "exceeded", "header value")


def raw(boomi: Emulator, data: bytes, *, end: bool = False) -> bytes:
    host, port = boomi.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        if end:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def assert_boomis(answer: bytes, status: int) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == str(status).encode(), answer
    assert not [leak for leak in LEAKS if leak in answer.decode("latin-1").lower()], answer
    assert b"\r\nserver:" not in head.lower()
    assert body.startswith((b"<error><message>", b'{"@type": "Error"')), answer


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /api/rest/v1/%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 20_000), 400),
        (b"GET /api/rest/v1/a HTTP/1.1\r\nHost: x\r\nX: a\x01b\x00\r\n\r\n", 400),
        (b"GET /api\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n" % (b"a" * 20_000), 400),
        (b"this is not HTTP\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: minus\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET http://[::x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ],
)
def test_f9_what_is_no_http_is_answered_as_boomi_would(boomi: Emulator, request_line: bytes, status: int) -> None:
    assert_boomis(raw(boomi, request_line), status)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_f9_a_body_that_is_not_compressed_as_it_says(
    api: Api, capfd: pytest.CaptureFixture[str], encoding: str
) -> None:
    answer = api.post("Environment/query", data=b'{"QueryFilter": {}}', headers={"Content-Encoding": encoding})
    assert answer.status_code == 400
    assert answer.json()["@type"] == "Error"
    assert "Traceback" not in capfd.readouterr().err
    assert api.post("Environment/query", {}).status_code == 200


@pytest.mark.parametrize(("form", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_f9_a_body_that_is_compressed(api: Api, form: str, pack: Callable[[bytes], bytes]) -> None:
    headers = {"Content-Encoding": form, "Content-Type": "application/json"}
    assert api.post("Environment", data=pack(b'{"name": "Packed"}'), headers=headers).json()["name"] == "Packed"
    assert api.post("Environment", data=pack(b'{"name": "Cut"}')[:-5], headers=headers).status_code == 400
    assert api.post("Environment", data=pack(b" " * (9 * 1024 * 1024)), headers=headers).status_code == 413


def test_f9_a_body_that_is_too_large(api: Api) -> None:
    answer = api.post("Environment", data=b" " * (8 * 1024 * 1024 + 1), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json() == {"@type": "Error", "message": "The request is too large."}
    assert api.control("POST", "reset").status_code == 200


def test_f9_a_body_that_never_comes(boomi: Emulator) -> None:
    head = b"POST /_emulator/reset HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"
    assert b"aiohttp" not in raw(boomi, head, end=True).lower()


def test_f9_a_broken_chunk(api: Api) -> None:
    user = requests.auth._basic_auth_str(api.boomi.username, api.boomi.token).encode()
    head = b"POST /api/rest/v1/acme-1/Environment/query HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n"
    answer = raw(api.boomi, head + b"Authorization: " + user + b"\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")
    assert_boomis(answer, 400)
