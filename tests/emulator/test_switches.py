"""The switches: what each does, where they are set, and how a wrong one is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from boomi_pulumi.emulator import SWITCHES, Emulator, read_settings
from boomi_pulumi.emulator.__main__ import main
from tests.emulator.conftest import ADMIN, Api, small_seed

if TYPE_CHECKING:
    from pathlib import Path

MARK = b"\xef\xbb\xbf"


def test_what_the_endpoint_answers_can_be_read_back(api: Api, tmp_path: Path) -> None:
    api.boomi.settings(stringy=True, deprecated=["Folder"], rateWindow=2.5)
    answer = api.control("GET", "settings")
    file = tmp_path / "account.json"
    file.write_bytes(answer.content)
    assert set(answer.json()) == set(SWITCHES)
    assert read_settings(file) == api.boomi.settings()
    file.write_text(yaml.safe_dump(answer.json()), encoding="utf-8")
    with Emulator(small_seed(), **read_settings(file)) as other:
        assert other.settings() == api.boomi.settings()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("colour: red", "unknown setting 'colour'"),
        ("errorShape: round", "typed"),
        ("stringy: 1", "stringy"),
        ("latency: 0.5", "latency"),
        ("releasePolls: -2", "releasePolls"),
        ("deprecated: [Nothing]", "deprecated"),
        ("- stringy", "mapping"),
        ("a: [", "neither YAML nor JSON"),
        ("[" * 5000, "settings"),
    ],
)
def test_a_wrong_settings_file_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, word: str
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text, encoding="utf-8")
    assert main(["--port", "0", "--settings", str(file)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert word in err
    assert str(file) in err


def test_a_settings_file_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--settings", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml" in capsys.readouterr().err


def test_an_empty_settings_file_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("# nothing\n", encoding="utf-8")
    assert read_settings(file) == {}


# -- credentials ---------------------------------------------------------------------------------


def status(api: Api, token: str = "secret-admin") -> int:  # noqa: S107
    return api.get("Environment/x", auth=(f"BOOMI_TOKEN.{ADMIN}", token)).status_code


def login(api: Api) -> Any:
    return next(row for row in api.control("GET", "users").json() if row["name"] == ADMIN)


def test_six_refusals_in_a_row_lock_a_user(api: Api) -> None:
    assert [status(api, "wrong") for _ in range(5)] == [401] * 5
    assert (login(api)["refused"], login(api)["locked"]) == (5, False)
    assert status(api) == 400
    assert login(api)["refused"] == 0
    assert [status(api, "wrong") for _ in range(6)] == [401] * 6
    assert login(api)["locked"]
    assert status(api) == 401
    api.boomi.settings(lockedStatus=403)
    assert status(api) == 403
    viewer = Api(api.boomi, "BOOMI_TOKEN.viewer@acme.example", "secret-viewer")
    with viewer.session:
        assert viewer.get("Environment/x").status_code == 400
    assert api.control("POST", f"users/{ADMIN}", {"locked": False}).json()["refused"] == 0
    assert status(api) == 400


@pytest.mark.parametrize("form", SWITCHES["refusedLogin"].positions)
def test_a_refused_login_has_a_form_of_its_own(api: Api, form: int) -> None:
    """Whatever it is, it is counted."""
    api.boomi.settings(refusedLogin=form)
    answer = api.get("Environment/x", auth=(f"BOOMI_TOKEN.{ADMIN}", "wrong"))
    assert answer.status_code == form
    assert ("<UserMessage" in answer.text) == (form == 403)
    assert login(api)["refused"] == 1
    assert answer.headers["Content-Type"] == ("application/xml" if form == 403 else "application/json")


def test_a_token_is_good_for_one_account(api: Api) -> None:
    elsewhere = api.direct.replace(api.boomi.account_id, "another-1")
    for about, said in (("error.user.auth", 'id="error.user.auth"'), ("denied", "Access denied")):
        api.boomi.settings(otherAccount=about)
        answer = api.get(f"{elsewhere}/Environment/x")
        assert (answer.status_code, said in answer.text) == (403, True)


def test_an_account_may_be_read_by_its_user(api: Api) -> None:
    found = api.get(f"Account/{api.boomi.account_id}")
    assert (found.status_code, found.json()["accountId"]) == (200, api.boomi.account_id)
    assert api.get("Account/another-1").status_code == 403
    viewer = Api(api.boomi, "BOOMI_TOKEN.viewer@acme.example", "secret-viewer")
    with viewer.session:
        assert viewer.get(f"Account/{api.boomi.account_id}").status_code == 200
        api.boomi.settings(readsOfAccount="ACCOUNT_ADMIN")
        assert viewer.get(f"Account/{api.boomi.account_id}").status_code == 403
        api.boomi.settings(missingPrivilege=400)
        answer = viewer.get(f"Account/{api.boomi.account_id}")
        assert (answer.status_code, "access rights" in answer.json()["message"]) == (400, True)


def test_what_ran_before_there_were_packages_is_no_deployed_package() -> None:
    old = {"component": "Acme/Orders/Sync", "environment": "Production", "revision": 1}
    with Emulator({**small_seed(), "legacyDeployments": [old, {**old, "current": False}]}) as boomi:
        api = Api(boomi)
        with api.session:
            current = {"expression": {"operator": "EQUALS", "property": "current", "argument": ["true"]}}
            found = api.post("Deployment/query", {"QueryFilter": current}).json()
            assert [(row["version"], row["current"]) for row in found["result"]] == [(1, True)]
            assert found["result"][0]["environmentId"] == boomi.objects("Environment")[1]["id"]
            assert api.post("DeployedPackage/query", {}).json()["numberOfResults"] == 0


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"component": "x"}, "x does not exist"),
        ({"environment": "x"}, "environment x"),
        ({"revision": 9}, "revision 9"),
    ],
)
def test_a_wrong_legacy_deployment_is_told(wrong: dict[str, Any], word: str) -> None:
    old = {"component": "Acme/Orders/Sync", "environment": "Production", **wrong}
    with pytest.raises(ValueError, match=word):
        Emulator({**small_seed(), "legacyDeployments": [old]})


def test_a_lock_is_kept_and_may_be_switched_off(tmp_path: Path) -> None:
    data = tmp_path / "account.db"
    with Emulator(small_seed(), data, lockAfter=1) as boomi:
        assert status(Api(boomi), "wrong") == 401
    with Emulator(data=data) as boomi:
        assert status(Api(boomi)) == 401
        boomi.reset()
        boomi.settings(lockAfter=0)
        assert [status(Api(boomi), "wrong") for _ in range(9)] == [401] * 9
        assert status(Api(boomi)) == 400


def test_a_revoked_token_is_a_401(api: Api) -> None:
    assert api.boomi.set_login(ADMIN, revoked=True)["revoked"]
    assert status(api) == 401
    assert api.boomi.logins()[0]["refused"] == 1
    api.boomi.set_login(ADMIN, revoked=False)
    assert status(api) == 400
    assert api.control("POST", "users/nobody-there", {"locked": True}).status_code == 400
    assert api.control("POST", f"users/{ADMIN}", {"locked": "yes"}).status_code == 400


# -- privileges ----------------------------------------------------------------------------------


def test_rights_are_checked_before_a_body_is_read(api: Api) -> None:
    viewer = Api(api.boomi, "BOOMI_TOKEN.viewer@acme.example", "secret-viewer")
    with viewer.session:
        answer = viewer.send("POST", "PackagedComponent", data="{", headers={"Content-Type": "application/json"})
        assert answer.status_code == 403


def test_whether_reads_of_deployments_need_a_privilege_is_a_switch(api: Api) -> None:
    viewer = Api(api.boomi, "BOOMI_TOKEN.viewer@acme.example", "secret-viewer")
    with viewer.session:
        assert viewer.post("DeployedPackage/query", {}).status_code == 200
        api.boomi.settings(readsOfDeployments="DEPLOY")
        assert viewer.post("DeployedPackage/query", {}).status_code == 403


def test_a_missing_feature_is_a_403_of_its_own(api: Api) -> None:
    api.boomi.settings(missingFeatures=["PublisherIntegrationPack"])
    answer = api.post("PublisherIntegrationPack/query", {})
    assert answer.status_code == 403
    assert "is not enabled for this account" in answer.json()["message"]
    assert api.post("Environment/query", {}).status_code == 200


# -- spellings of answers ------------------------------------------------------------------------


def test_big_numbers_may_be_lists(api: Api) -> None:
    api.boomi.settings(bigIntegers="list")
    made = api.post("ConnectorVersionChange", {"classificationType": "till-dev", "versionId": "3"}).json()
    assert made["uid"][0] == "BigInteger"
    assert made["uid"][1] > 2**53


def members(api: Api, *names: str) -> Any:
    pack = api.boomi.create_pack("P", [api.component(name) for name in names])
    return api.get(f"PublisherIntegrationPack/{pack['id']}").json()["PublisherPackagedComponents"]


def test_lists_of_components_have_three_forms(api: Api) -> None:
    for name in ("Sync", "Api"):
        api.package(name, shareable=True)
    assert len(members(api, "Sync")["PublisherPackagedComponent"]) == 1
    api.boomi.settings(componentLists="single")
    assert members(api, "Sync")["PublisherPackagedComponent"]["componentId"] == api.component("Sync")
    assert len(members(api, "Sync", "Api")["PublisherPackagedComponent"]) == 2
    assert members(api)["PublisherPackagedComponent"] == []
    api.boomi.settings(componentLists="bare")
    assert [row["componentId"] for row in members(api, "Sync")] == [api.component("Sync")]
    text = api.post("PublisherIntegrationPack/query", {}, headers={"Accept": "application/xml"}).text
    assert "PublisherPackagedComponents>" in text


def test_the_only_row_may_be_no_list(api: Api) -> None:
    api.boomi.settings(oneResult="object")
    expression = {"operator": "EQUALS", "property": "name", "argument": ["Dev"]}
    one = api.post("Environment/query", {"QueryFilter": {"expression": expression}}).json()
    assert one["result"]["name"] == "Dev"
    assert len(api.post("Environment/query", {}).json()["result"]) == 2


def test_json_may_begin_with_a_byte_order_mark(api: Api) -> None:
    api.boomi.settings(byteOrderMark=True)
    answer = api.post("Environment/query", {})
    assert answer.content.startswith(MARK)
    assert json.loads(answer.content.decode("utf-8-sig"))["numberOfResults"] == 2
    assert not api.get("Environment/x", headers={"Accept": "application/xml"}).content.startswith(MARK)


@pytest.mark.parametrize("charset", ["", ";charset=UTF-8", "; charset=utf-8"])
def test_content_types_are_bare_unless_switched(api: Api, charset: str) -> None:
    api.boomi.settings(contentTypeCharset=charset)
    for accept in ("application/json", "application/xml"):
        for path in ("Environment/x", f"Environment/{api.environment()}"):
            answer = api.get(path, headers={"Accept": accept})
            assert answer.headers["Content-Type"] == f"{accept}{charset}"
    gone = api.delete(f"PackagedComponent/{api.package()['packageId']}")
    assert (gone.headers["Content-Type"], gone.content) == ("text/plain", b"")


@pytest.mark.parametrize(
    ("way", "statuses"),
    [("bare", [200, 400, 400]), ("accept", [200, 200, 400]), (400, [400, 400, 400]), (415, [415, 415, 415])],
)
def test_a_token_as_json_may_be_one_as_it_is_but_no_object(api: Api, way: Any, statuses: list[int]) -> None:
    for _ in range(101):
        api.package()
    token = api.post("PackagedComponent/query", {}).json()["queryToken"]
    api.boomi.settings(queryMoreAsJson=way)
    forms = [token, json.dumps(token), json.dumps({"queryToken": token})]
    headers = {"Content-Type": "application/json"}
    answers = [api.post("PackagedComponent/queryMore", data=form, headers=headers) for form in forms]
    assert [answer.status_code for answer in answers] == statuses
    if way in ("bare", "accept"):
        assert "does not have the proper format" in answers[-1].json()["message"]


@pytest.mark.parametrize("form", [400, 415])
def test_a_token_as_json_may_be_refused(api: Api, form: int) -> None:
    body = "x"
    api.boomi.settings(queryMoreAsJson=form)
    strict = api.post("Environment/queryMore", data=body, headers={"Content-Type": "application/json"})
    assert (strict.status_code, "text/plain" in strict.json()["message"]) == (form, True)
    assert api.post("Environment/queryMore", data=body, headers={"Content-Type": "text/plain"}).status_code == 400


def test_the_journal_keeps_the_newest(api: Api) -> None:
    api.boomi.settings(journalLength=3)
    for number in range(5):
        api.get(f"Environment/{number}")
    assert [entry["id"] for entry in api.boomi.journal()] == ["2", "3", "4"]
    assert [entry["seq"] for entry in api.boomi.journal()] == [3, 4, 5]
    api.boomi.settings(journalLength=2)
    assert len(api.boomi.journal()) == 2
