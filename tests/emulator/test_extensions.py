"""Extensions of environments: what is declared, what a save changes, who is told, and each switch in each position."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.objects import KINDS
from boomi_pulumi.emulator.rules import Call
from boomi_pulumi.emulator.seed import BadSeed, read_seed, rows
from tests.emulator.conftest import Api, small_seed

KIND = "EnvironmentExtensions"
HOST, PORT, PASSWORD = (f"connections/orders-db/{field}" for field in ("host", "port", "password"))
WAREHOUSE, DEPTH, KEY = (f"processProperties/settings/{key}" for key in ("warehouse", "depth", "key"))
BATCH, CODES, PARTNER = "properties/DPP_BATCH_SIZE", "crossReferences/codes", "PGPCertificates/partner"
ALIAS = "tradingPartners/acme/as2/url"
SECRET = "s3cret-marker"  # noqa: S105  # nobody's
DATABASE: list[Any] = [
    {"path": "connections/Orders DB/host", "id": "orders-db", "value": "db.example"},
    {"path": "connections/Orders DB/port", "id": "orders-db"},
    {"path": "connections/Orders DB/password", "id": "orders-db", "encrypted": True},
]
OTHERS: list[Any] = [
    {"path": "operations/Orders API/objectName", "id": "api"},
    {"path": "tradingPartners/Acme/as2/url", "id": "acme"},
    {"path": "sharedCommunications/Web/http-password", "id": "web", "type": "http", "encrypted": True},
    {"path": "processProperties/Order Settings/Warehouse", "id": "settings", "key": "warehouse", "value": "W0"},
    {"path": "processProperties/Order Settings/Depth", "id": "settings", "key": "depth"},
    {"path": "processProperties/Order Settings/Key", "id": "settings", "key": "key", "encrypted": True},
    {"path": "properties/DPP_BATCH_SIZE", "value": "100"},
    {"path": "crossReferences/Country Codes", "id": "codes"},
    {"path": "PGPCertificates/Partner", "id": "partner"},
]


def seed() -> dict[str, Any]:
    document = small_seed()
    document["components"] += [
        {"name": "Orders", "extensions": [*DATABASE, *OTHERS]},
        {"name": "Invoices", "extensions": DATABASE[:1]},
        {
            "name": "Shop",
            "multiInstall": True,
            "extensions": [{"path": "operations/Shop API/objectName", "id": "shop"}],
        },
        {"name": "Parent", "uses": ["Acme/Orders"]},
    ]
    made = ("Orders", "Invoices", "Shop", "Parent")
    document["packages"] = [{"component": f"Acme/{name}", "version": "1.0"} for name in made]
    document["deployments"] = [{"component": "Acme/Orders", "package": "1.0", "environment": "Dev"}]
    document["users"].append(
        {"name": "auditor@acme.example", "token": "secret-auditor", "privileges": ["API", "VIEW_AUDIT_LOGS"]}
    )
    return document


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(seed(), rate_limit=0) as emulator:
        yield emulator


def read(api: Api, identifier: str = "") -> Any:
    answer = api.get(f"{KIND}/{identifier or api.environment()}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def fields(api: Api, identifier: str = "") -> dict[str, Any]:
    """Every value that a read shows, by its path."""
    return dict(_fields(read(api, identifier)))


def _fields(body: Any) -> Iterator[tuple[str, Any]]:
    for section, holder in body.items():
        if isinstance(holder, dict):
            yield from _below(section, holder)


def _below(path: str, holder: Any) -> Iterator[tuple[str, Any]]:
    inner = {name: value for name, value in holder.items() if isinstance(value, list)}
    if not inner and path.count("/"):
        yield path, holder
    for items in inner.values():
        for item in items:
            yield from _below(f"{path}/{item.get('id') or item.get('key') or item.get('name')}", item)


def connection(**leaves: Any) -> dict[str, Any]:
    """A body that names fields of the connection, `host={"value": "x"}`."""
    listed = [{"id": name, **leaf} for name, leaf in leaves.items()]
    return {"connections": {"connection": [{"id": "orders-db", "field": listed}]}}


def settings(**leaves: Any) -> dict[str, Any]:
    listed = [{"key": key, **leaf} for key, leaf in leaves.items()]
    return {"processProperties": {"ProcessProperty": [{"id": "settings", "ProcessPropertyValue": listed}]}}


def table(**entry: Any) -> dict[str, Any]:
    return {"crossReferences": {"crossReference": [{"id": "codes", **entry}]}}


def save(api: Api, body: dict[str, Any], status: int = 200, *, partial: Any = True, identifier: str = "") -> Any:
    sent = body if partial is None else {"partial": partial, **body}
    answer = api.post(f"{KIND}/{identifier or api.environment()}", sent)
    assert answer.status_code == status, answer.text
    return answer.json()


def values(api: Api, environment: str = "Dev") -> dict[str, Any]:
    return api.boomi.extension_values(api.environment(environment))


SET = {"value": SECRET, "encryptedValueSet": True, "useDefault": False}
ROWS = {"row": [{"ref1": "DE", "ref2": "49"}]}


# -- what there is -------------------------------------------------------------------------------


def test_every_section_shows_what_the_deployed_process_declares(api: Api) -> None:
    body = read(api)
    assert (body["id"], body["environmentId"], body["extensionGroupId"]) == (api.environment(),) * 2 + ("",)
    found = fields(api)
    assert len(found) == len(DATABASE) + len(OTHERS)
    assert found[HOST] == {
        "@type": "Field",
        "id": "host",
        "value": "db.example",
        "useDefault": True,
        "usesEncryption": False,
        "encryptedValueSet": False,
        "componentOverride": False,
    }
    assert (found[PASSWORD]["usesEncryption"], found[PASSWORD]["encryptedValueSet"]) == (True, False)
    assert not {"value"} & (found[PASSWORD].keys() | found[PORT].keys())
    assert found[BATCH] == {"@type": "Property", "name": "DPP_BATCH_SIZE", "value": "100"}
    assert found[CODES] == {
        "@type": "CrossReference",
        "id": "codes",
        "name": "Country Codes",
        "overrideValues": False,
        "CrossReferenceRows": {"@type": "CrossReferenceRows"},
    }
    assert found[PARTNER] == {"@type": "PGPCertificate", "id": "partner", "useDefault": True}
    assert body["tradingPartners"]["tradingPartner"][0]["category"][0]["name"] == "AS2"
    assert body["sharedCommunications"]["sharedCommunication"][0]["type"] == "http"
    assert found[WAREHOUSE]["label"] == "Warehouse"


def test_a_process_property_shows_its_value_once_somebody_has_saved(api: Api) -> None:
    assert "value" not in fields(api)[WAREHOUSE]
    save(api, connection(host={"value": "x"}))
    assert fields(api)[WAREHOUSE]["value"] == "W0"
    assert "value" not in fields(api)[DEPTH]


def test_two_processes_that_declare_one_connection_give_one_entry(api: Api, boomi: Emulator) -> None:
    boomi.console_deploy(api.environment(), package(boomi, api, "Invoices"))
    assert len(read(api)["connections"]["connection"]) == 1


def package(boomi: Emulator, api: Api, name: str) -> str:
    component = api.component(name)
    return next(str(row["packageId"]) for row in boomi.objects("PackagedComponent") if row["componentId"] == component)


def deployment(boomi: Emulator, name: str = "Dev") -> str:
    active = [row for row in boomi.objects("DeployedPackage") if row["active"]]
    place = next(row["id"] for row in boomi.objects("Environment") if row["name"] == name)
    return next(str(row["deploymentId"]) for row in active if row["environmentId"] == place)


def test_a_subprocess_declares_nothing_unless_it_is_deployed_itself(api: Api, boomi: Emulator) -> None:
    boomi.console_deploy(api.environment("Production"), package(boomi, api, "Parent"))
    assert fields(api, api.environment("Production")) == {}


def test_a_revision_declares_what_the_last_one_did_or_something_else(api: Api, boomi: Emulator) -> None:
    component = api.component("Orders")
    for extensions, count in ((None, 12), (["properties/DPP_MODE"], 1), ([], 0)):
        boomi.save_revision(component, extensions=extensions)
        boomi.console_deploy(api.environment(), boomi.console_package(component)["packageId"])
        assert len(fields(api)) == count
    made = boomi.create_component("New", extensions=["connections/New DB/host"])["componentId"]
    boomi.console_deploy(api.environment(), boomi.console_package(made)["packageId"])
    assert len(fields(api)) == 1


def test_a_process_of_a_multi_install_pack_has_extensions_of_its_own(api: Api, boomi: Emulator) -> None:
    environment, group = api.environment(), api.component("Shop")
    boomi.console_deploy(environment, package(boomi, api, "Shop"))
    padded = base64.b64encode(f"{environment}:{group}".encode()).decode()
    assert padded.endswith("=")
    path = "operations/shop/objectName"
    assert path not in fields(api)
    for identifier in (padded, padded.rstrip("=")):
        body = read(api, identifier)
        assert (body["id"], body["environmentId"], body["extensionGroupId"]) == (padded, environment, group)
        assert list(fields(api, identifier)) == [path]
    field = {"id": "objectName", "value": "orders", "useDefault": False}
    operation = {"operations": {"operation": {"id": "shop", "field": field}}}
    save(api, operation, identifier=padded.rstrip("="))
    assert (boomi.extension_values(padded), values(api)) == ({path: "orders"}, {})
    assert [row["id"] for row in api.query(KIND, environmentId=environment)] == [environment, padded]
    found = api.query(KIND, environmentId=environment, extensionGroupId=group)
    assert [row["id"] for row in found] == [padded]
    boomi.save_revision(group, extensions=["properties/DPP_SHOP"])
    boomi.console_deploy(environment, boomi.console_package(group)["packageId"])
    assert list(fields(api, padded)) == ["properties/DPP_SHOP"]


# -- reading -------------------------------------------------------------------------------------


def test_reads_by_id_in_bulk_and_by_query(api: Api) -> None:
    dev, production = api.environment(), api.environment("Production")
    wanted = [{"id": each} for each in (dev, production, "nobody")]
    answer = api.post(f"{KIND}/bulk", {"type": "GET", "request": wanted}).json()["response"]
    assert [item["statusCode"] for item in answer] == [200, 200, 400]
    assert answer[0]["Result"] == read(api) == api.query(KIND, environmentId=dev)[0]
    assert api.query(KIND, environmentId="nobody") == []
    assert len(api.query(KIND)) == 2
    assert api.post(f"{KIND}/bulk", {"type": "GET", "request": [{"id": "x"}] * 101}).status_code == 400
    for operator, argument in (("IS_NOT_NULL", []), ("LIKE", ["%"]), ("NOT_EQUALS", ["x"])):
        expression = {"property": "environmentId", "operator": operator, "argument": argument}
        assert api.post(f"{KIND}/query", {"QueryFilter": {"expression": expression}}).status_code == 400
    assert api.post(KIND, {"environmentId": dev}).status_code == 400
    assert api.delete(f"{KIND}/{dev}").status_code == 400
    assert api.get(f"{KIND}/nobody").status_code == 400


def test_a_query_of_more_than_a_hundred_environments_goes_on() -> None:
    document = seed()
    document["environments"] += [{"name": f"E{number}"} for number in range(100)]
    with Emulator(document, rate_limit=0) as boomi:
        api = Api(boomi)
        with api.session:
            page = api.post(f"{KIND}/query", {}).json()
            plain = {"Content-Type": "text/plain"}
            url = f"{api.direct}/{KIND}/queryMore"
            more = api.session.post(url, page["queryToken"], headers=plain, timeout=10).json()
    assert (page["numberOfResults"], len(page["result"]), len(more["result"])) == (102, 100, 2)


def test_who_may_read_and_who_may_save(api: Api, boomi: Emulator) -> None:
    path = f"{KIND}/{api.environment()}"
    for user, statuses in (("viewer", [200, 403]), ("deployer", [403, 403])):
        other = Api(boomi, f"BOOMI_TOKEN.{user}@acme.example", f"secret-{user}")
        with other.session:
            sent = [other.get(path), other.post(path, {"partial": True})]
        assert [answer.status_code for answer in sent] == statuses
    assert boomi.listener_restarts(api.environment()) == 0
    boomi.give_environment_role(api.environment(), "operators")
    viewer = Api(boomi, "BOOMI_TOKEN.viewer@acme.example", "secret-viewer")
    with viewer.session:
        assert viewer.get(path).status_code == 400
        assert [row["environmentId"] for row in viewer.query(KIND)] == [api.environment("Production")]


# -- saving --------------------------------------------------------------------------------------


@pytest.mark.parametrize("partial", [True, "true", "TRUE"])
def test_a_partial_update_changes_only_what_it_names(api: Api, partial: Any) -> None:
    save(api, connection(host={"value": "a"}, port={"value": "1"}))
    save(api, {**connection(host={"value": "b"}), **settings(depth={"value": "2"})}, partial=partial)
    assert values(api) == {HOST: "b", PORT: "1", DEPTH: "2"}
    assert fields(api)[HOST]["useDefault"] is False


@pytest.mark.parametrize("partial", [None, False, "false"])
def test_a_full_update_takes_back_what_it_does_not_name(api: Api, partial: Any) -> None:
    rows_of = {"overrideValues": True, "CrossReferenceRows": ROWS}
    save(api, {**connection(host={"value": "a"}, password=SET), **settings(depth={"value": "2"}), **table(**rows_of)})
    save(api, connection(password={"useDefault": False}, port={"value": "1"}), partial=partial)
    assert values(api) == {PASSWORD: SECRET, PORT: "1"}
    save(api, {}, partial=partial)
    assert values(api) == {}


def test_both_addresses_both_shapes_and_the_wrapper_of_a_sample_work(api: Api) -> None:
    path = f"{KIND}/{api.environment()}"
    single = {"connections": {"connection": {"id": "orders-db", "field": {"id": "host", "value": "a"}}}}
    assert api.post(f"{path}/update", {"partial": "true", **single}).status_code == 200
    assert values(api) == {HOST: "a"}
    wrapped = {"id": "x", "name": "Dev", KIND: {"partial": True, **connection(port={"value": "1"})}}
    assert api.post(path, wrapped).status_code == 200
    body = (
        '<bns:EnvironmentExtensions xmlns:bns="http://api.platform.boomi.com/" partial="true"><bns:connections>'
        '<bns:connection id="orders-db"><bns:field id="host" value="c"/><bns:field id="port" value="2"/>'
        "</bns:connection></bns:connections><bns:operations/></bns:EnvironmentExtensions>"
    )
    answer = api.session.post(f"{api.direct}/{path}", body, headers={"Content-Type": "application/xml"}, timeout=10)
    assert answer.status_code == 200, answer.text
    assert values(api) == {HOST: "c", PORT: "2"}


def test_what_takes_an_override_back(api: Api) -> None:
    rows_of = {"overrideValues": True, "CrossReferenceRows": ROWS}
    certificate = {"PGPCertificates": {"PGPCertificate": [{"id": "partner", "value": "other"}]}}
    everything = {
        **connection(host={"value": "a"}, password=SET),
        **settings(warehouse={"value": "W1"}, key=SET),
        **table(**rows_of),
        **certificate,
        "properties": {"property": [{"name": "DPP_BATCH_SIZE", "value": "5"}]},
    }
    save(api, everything)
    kept = values(api)
    assert set(kept) == {HOST, PASSWORD, WAREHOUSE, KEY, CODES, PARTNER, BATCH}
    assert kept[CODES] == ROWS["row"]
    leave = {"useDefault": False}
    save(api, {**connection(host=leave, password=leave), **settings(key=leave)})
    save(api, connection(host={}, password={}))
    assert values(api) == kept
    back = {"useDefault": True, "value": "ignored"}
    save(api, {**connection(host=back, password={"useDefault": "true"}), **settings(warehouse={}, key={})})
    save(api, {"properties": {"property": [{"name": "DPP_BATCH_SIZE"}]}, **table(overrideValues=False)})
    save(api, {"PGPCertificates": {"PGPCertificate": [{"id": "partner", "useDefault": True}]}})
    assert values(api) == {}
    assert fields(api)[BATCH]["value"] == "100"


def test_a_table_is_changed_as_a_whole(api: Api) -> None:
    two = {"row": [{"ref1": "DE", "ref2": "49"}, {"ref1": "FR"}]}
    save(api, table(overrideValues=True, CrossReferenceRows=two))
    save(api, table(overrideValues="true", CrossReferenceRows={"row": {"ref1": "IT"}}))
    assert fields(api)[CODES]["CrossReferenceRows"]["row"] == [{"@type": "CrossReferenceRow", "ref1": "IT"}]
    wide = {"row": [{"ref21": "x"}]}
    save(api, table(overrideValues=True, CrossReferenceRows=wide), 400)


def test_a_group_that_is_no_text_of_utf_8_breaks_nothing(api: Api) -> None:
    answer = save(api, {"extensionGroupId": "\ud800"})
    assert read(api, answer["id"])["environmentId"] == api.environment()


def test_an_empty_text_is_a_value(api: Api) -> None:
    save(api, {**connection(host={"value": ""}), "properties": {"property": [{"name": "DPP_BATCH_SIZE", "value": ""}]}})
    assert values(api) == {HOST: "", BATCH: ""}


@pytest.mark.parametrize(
    "body",
    [
        connection(host={"value": None}),
        {"connections": None},
        {"connections": []},
        {"connections": {"connection": ["x"]}},
        {"connections": {"connection": [{"id": 5}]}},
        connection(host={"customProperties": [1]}),
        connection(host={"customProperties": {"properties": ["x"]}}),
        connection(host={"customProperties": {"properties": [{"key": "a", "encrypted": "perhaps"}]}}),
        table(overrideValues=True, CrossReferenceRows={"row": [{"ref1": ["x"]}]}),
        connection(password={"CloudManagedSecretConfig": ["x"]}),
        connection(host={"value": ["x"]}),
        connection(host={"useDefault": "perhaps"}),
        connection(host={"colour": "red"}),
        {"colour": "red"},
        {"environmentId": "another"},
        {"properties": {"property": [{"name": "DPP_BATCH_SIZE", "value": "1", "useDefault": False}]}},
        table(overrideValues=True, CrossReferenceRows="x"),
        connection(password={"CloudManagedSecretConfig": {"secretsManagerType": "GCP", "secretReference": "x"}}),
    ],
)
def test_what_is_refused_changes_nothing(api: Api, body: dict[str, Any]) -> None:
    save(api, body, 400)
    save(api, body, 400, partial=False)
    assert (values(api), api.boomi.listener_restarts(api.environment())) == ({}, 0)


@pytest.mark.parametrize("leaf", [SET, {"value": SECRET, "useDefault": False}, {"value": SECRET}])
def test_a_secret_is_set_and_never_read_back(api: Api, leaf: dict[str, Any]) -> None:
    answer = save(api, {**connection(password=leaf), **settings(key=leaf)})
    assert values(api) == {PASSWORD: SECRET, KEY: SECRET}
    assert SECRET not in str((answer, read(api), api.boomi.objects("AuditLog"), api.boomi.journal()))
    found = fields(api)[PASSWORD]
    assert (found["encryptedValueSet"], found["useDefault"]) == (True, False)


def test_a_reference_to_a_secrets_manager_takes_the_place_of_a_value(api: Api, boomi: Emulator) -> None:
    reference = {"usesRemoteSecretsManager": True, "secretsManagerType": "AWS", "secretReference": "orders/db"}
    save(api, connection(password=SET))
    save(api, connection(password={"CloudManagedSecretConfig": reference}))
    assert (values(api), boomi.runtime_secrets(atom(boomi, "Atom A"))) == ({PASSWORD: reference}, {})
    assert fields(api)[PASSWORD]["CloudManagedSecretConfig"] == {"@type": "CloudManagedSecretConfig", **reference}
    save(api, connection(password=SET))
    assert values(api) == {PASSWORD: SECRET}


def test_custom_properties_are_kept_and_read_without_what_is_encrypted(api: Api, boomi: Emulator) -> None:
    pairs = [{"key": "a", "value": "1", "encrypted": False}, {"key": "b", "value": SECRET, "encrypted": True}]
    save(api, connection(host={"customProperties": {"properties": pairs}}))
    save(api, connection(host={"value": "x"}))
    shown = read(api)["connections"]["connection"][0]["field"][0]
    assert shown["customProperties"]["properties"] == [
        {"@type": "PropertyPair", "key": "a", "value": "1", "encrypted": False},
        {"@type": "PropertyPair", "key": "b", "encrypted": True},
    ]
    assert (shown["value"], shown["useDefault"]) == ("x", False)
    assert SECRET not in str(boomi.objects("AuditLog"))


def test_a_save_is_told_to_the_journal_without_values(api: Api) -> None:
    save(api, connection(host={"value": "a"}, password=SET))
    save(api, {}, partial=None)
    first, second = [entry for entry in api.boomi.journal() if entry["verb"] == "update"]
    assert (first["partial"], first["fields"]) == (True, [HOST, PASSWORD])
    assert (second["partial"], second["fields"]) == (False, [])


# -- what else a save does -----------------------------------------------------------------------


def test_each_save_restarts_all_listeners_and_a_paused_one_stays_paused(api: Api, boomi: Emulator) -> None:
    environment = api.environment()
    boomi.console_deploy(environment, package(boomi, api, "Orders"), listenerStatus="PAUSED")
    save(api, connection(host={"value": "a"}))
    save(api, connection(host={"value": "a"}))
    read(api)
    assert boomi.listener_restarts(environment) == 2
    assert api.control("GET", f"listener-restarts?environmentId={environment}").json() == 2
    assert boomi.listener_restarts(api.environment("Production")) == 0
    assert boomi.objects("DeployedPackage")[-1]["listenerStatus"] == "PAUSED"


def test_values_outlive_a_deployment_and_go_with_the_environment(api: Api, boomi: Emulator) -> None:
    environment = api.environment()
    save(api, connection(host={"value": "a"}, password=SET))
    boomi.console_undeploy(deployment(boomi))
    assert (fields(api), len(values(api))) == ({}, 2)
    boomi.console_deploy(environment, package(boomi, api, "Orders"))
    assert fields(api)[HOST]["value"] == "a"
    boomi.settings(deleteEnvironmentInUse="undeploy")
    boomi.delete_environment(environment)
    assert boomi.extension_values(environment) == {}
    assert boomi.runtime_secrets(atom(boomi, "Atom A")) == {}
    assert api.get(f"{KIND}/{environment}").status_code == 400


def atom(boomi: Emulator, name: str) -> str:
    return next(str(row["id"]) for row in boomi.objects("Atom") if row["name"] == name)


def test_the_audit_log_tells_who_saved_when_and_how(api: Api, boomi: Emulator) -> None:
    environment = api.environment()
    boomi.save_extensions(
        environment, {"connections/Orders DB/host": "a"}, by="maria@acme.example", date="2026-03-02T10:00:00Z"
    )
    save(api, connection(password=SET))
    auditor = Api(boomi, "BOOMI_TOKEN.auditor@acme.example", "secret-auditor")
    with auditor.session:
        first, second = auditor.query("AuditLog", type="as.extensions", action="EDIT")
        assert (first["userId"], first["date"], first["source"]) == ("maria@acme.example", "2026-03-02T10:00:00Z", "UI")
        assert (second["userId"], second["source"]) == ("admin@acme.example", "API")
        told = {each["name"]: each["value"] for each in first["AuditLogProperty"]}
        assert told["ENVIRONMENT_ID"] == environment
        assert 'value="a"' in told["NEW_VALUE"]
        assert SECRET not in str(second)
        assert auditor.query("AuditLog", userId="maria@acme.example") == [first]
        between = {"property": "date", "operator": "BETWEEN", "argument": ["2026-03-01", "2026-03-03"]}
        found = auditor.post("AuditLog/query", {"QueryFilter": {"expression": between}}).json()["result"]
        assert found == [first] == [auditor.get(f"AuditLog/{first['documentId']}").json()]
        bulk = {"type": "GET", "request": [{"id": second["documentId"]}, {"id": "nobody"}]}
        answer = auditor.post("AuditLog/bulk", bulk).json()["response"]
        assert [item["statusCode"] for item in answer] == [200, 400]
    viewer = Api(boomi, "BOOMI_TOKEN.viewer@acme.example", "secret-viewer")
    with viewer.session:
        assert viewer.post("AuditLog/query", {}).status_code == 403
        assert viewer.get(f"AuditLog/{first['documentId']}").status_code == 403


def test_what_a_person_saves(api: Api, boomi: Emulator) -> None:
    environment = api.environment()
    by_name = {
        "connections/Orders DB/port": "1",
        "processProperties/Order Settings/Warehouse": "W1",
        "crossReferences/Country Codes": [["DE", "49"]],
        BATCH: "5",
        PASSWORD: SECRET,
    }
    boomi.save_extensions(environment, by_name)
    assert values(api) == {PORT: "1", WAREHOUSE: "W1", CODES: ROWS["row"], BATCH: "5", PASSWORD: SECRET}
    boomi.save_extensions(environment, dict.fromkeys(by_name))
    boomi.save_extensions(environment, by="ann@acme.example", **connection(host={"value": "b"}))
    assert values(api) == {HOST: "b"}
    assert boomi.objects("AuditLog")[-1]["userId"] == "ann@acme.example"
    with pytest.raises(Exception, match="connections/Orders DB/hst is not declared"):
        boomi.save_extensions(environment, {"connections/Orders DB/hst": "x"})
    sent = {"environmentId": environment, "values": {PORT: "2"}, "by": "bob@acme.example"}
    assert api.control("POST", "console/save-extensions", sent).status_code == 200
    assert api.control("GET", f"extension-values?environmentId={environment}").json() == {HOST: "b", PORT: "2"}


# -- runtimes ------------------------------------------------------------------------------------


def test_a_runtime_is_attached_moved_and_detached(api: Api, boomi: Emulator) -> None:
    dev, production = api.environment(), api.environment("Production")
    first, second = atom(boomi, "Atom A"), atom(boomi, "Atom B")
    made = api.post("EnvironmentAtomAttachment", {"atomId": second, "environmentId": dev}).json()
    plain = f"ENV_CONT_ATTACH{second}:{dev}"
    assert made["id"] == base64.b64encode(plain.encode()).decode()
    again = api.post("EnvironmentAtomAttachment", {"atomId": second, "environmentId": dev})
    assert again.json() == made
    assert len(api.query("EnvironmentAtomAttachment", environmentId=dev)) == 2
    boomi.attach(first, production)
    assert [row["atomId"] for row in api.query("EnvironmentAtomAttachment", environmentId=dev)] == [second]
    assert api.delete(f"EnvironmentAtomAttachment/{made['id']}").status_code == 200
    boomi.detach(first, production)
    assert api.query("EnvironmentAtomAttachment") == []
    for body in ({}, {"atomId": first}, {"atomId": "x", "environmentId": dev}, {"atomId": first, "environmentId": "x"}):
        assert api.post("EnvironmentAtomAttachment", body).status_code == 400
    assert api.delete("EnvironmentAtomAttachment/nobody").status_code == 400
    place = {"atomId": first, "environmentId": dev}
    assert api.control("POST", "console/attach", place).json()["atomId"] == first
    assert api.control("POST", "console/detach", place).status_code == 200
    viewer = Api(boomi, "BOOMI_TOKEN.viewer@acme.example", "secret-viewer")
    with viewer.session:
        assert viewer.post("EnvironmentAtomAttachment", place).status_code == 403


def test_a_secret_goes_to_the_runtimes_that_are_attached_then(api: Api, boomi: Emulator) -> None:
    dev = api.environment()
    first, second = atom(boomi, "Atom A"), atom(boomi, "Atom B")
    save(api, connection(host={"value": "a"}, password=SET))
    boomi.attach(second, dev)
    assert (boomi.runtime_secrets(first), boomi.runtime_secrets(second)) == ({PASSWORD: SECRET}, {})
    save(api, connection(host={"value": "b"}, password={"useDefault": False}))
    assert boomi.runtime_secrets(second) == {}
    save(api, connection(password={"value": "other"}))
    assert boomi.runtime_secrets(first) == boomi.runtime_secrets(second) == {PASSWORD: "other"}
    assert api.control("GET", f"runtime-secrets?atomId={first}").json() == {PASSWORD: "other"}
    boomi.attach(first, api.environment("Production"))
    assert boomi.runtime_secrets(first) == {}
    boomi.attach(first, dev)
    assert (boomi.runtime_secrets(first), fields(api)[PASSWORD]["encryptedValueSet"]) == ({}, True)
    save(api, connection(password={"useDefault": True}))
    assert boomi.runtime_secrets(second) == {}


# -- switches ------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", ["empty", 400, 404])
def test_extensions_undeclared(api: Api, boomi: Emulator, position: Any) -> None:
    boomi.settings(extensionsUndeclared=position)
    production = api.environment("Production")
    answer = api.get(f"{KIND}/{production}")
    assert answer.status_code == (200 if position == "empty" else position)
    found = {row["environmentId"] for row in api.query(KIND)}
    assert (production in found) is (position == "empty")


@pytest.mark.parametrize("seconds", [0, 60])
def test_extensions_after(api: Api, boomi: Emulator, seconds: int) -> None:
    boomi.settings(extensionsAfter=seconds)
    component, production = api.component("Orders"), api.environment("Production")
    boomi.console_deploy(production, package(boomi, api, "Orders"))
    assert bool(fields(api, production)) is (seconds == 0)
    boomi.advance(61)
    assert fields(api, production)
    boomi.save_revision(component, extensions=["properties/DPP_MODE"])
    boomi.console_deploy(production, boomi.console_package(component)["packageId"])
    assert (len(fields(api, production)) == 1) is (seconds == 0)
    boomi.advance(61)
    assert list(fields(api, production)) == ["properties/DPP_MODE"]


@pytest.mark.parametrize("position", ["empty", "absent"])
def test_unset_property(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(unsetProperty=position)
    mode = "properties/DPP_MODE"
    made = boomi.create_component("New", extensions=[mode])["componentId"]
    boomi.console_deploy(api.environment(), boomi.console_package(made)["packageId"])
    assert fields(api)[mode].get("value") == ("" if position == "empty" else None)
    boomi.save_extensions(api.environment(), {mode: ""})
    assert fields(api)[mode]["value"] == ""


@pytest.mark.parametrize("position", ["absent", "empty"])
def test_encrypted_read(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(encryptedRead=position)
    save(api, connection(password=SET))
    assert fields(api)[PASSWORD].get("value") == (None if position == "absent" else "")


@pytest.mark.parametrize("position", ["stored", "ignored"])
def test_encrypted_empty(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(encryptedEmpty=position)
    save(api, {**connection(host={"value": "a"}, password=SET), **settings(key=SET)})
    empty = {"value": "", "useDefault": False}
    save(api, {**connection(host=empty, password=empty), **settings(key=empty)})
    left = "" if position == "stored" else SECRET
    assert values(api) == {HOST: "", PASSWORD: left, KEY: left}
    assert boomi.runtime_secrets(atom(boomi, "Atom A")) == {PASSWORD: left, KEY: left}


@pytest.mark.parametrize("position", ["property", "component"])
def test_partial_process_property(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(partialProcessProperty=position)
    save(api, {**settings(warehouse={"value": "W1"}, depth={"value": "1"}), **connection(host={"value": "a"})})
    save(api, settings(depth={"value": "2"}))
    left = {WAREHOUSE: "W1"} if position == "property" else {}
    assert values(api) == {**left, DEPTH: "2", HOST: "a"}
    save(api, connection(port={"value": "1"}))
    assert values(api) == {**left, DEPTH: "2", HOST: "a", PORT: "1"}


@pytest.mark.parametrize("position", ["whole", "sent", "sentWithSecrets"])
def test_extensions_echo(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(extensionsEcho=position)
    answer = save(api, {**connection(password=SET), **settings(depth={"value": "2"})})
    assert answer["id"] == api.environment()
    assert (SECRET in str(answer)) is (position == "sentWithSecrets")
    if position == "whole":
        assert answer == read(api)
    else:
        assert dict(_fields(answer)).keys() == {PASSWORD, DEPTH}
        assert answer["partial"] is True
    assert SECRET not in str(read(api))


@pytest.mark.parametrize("position", ["ignore", 400])
def test_unknown_field(api: Api, boomi: Emulator, position: Any) -> None:
    boomi.settings(unknownField=position)
    host = connection(host={"value": "a"})
    nameless: dict[str, Any] = {"connections": {"connection": [{"id": "orders-db", "field": [{"value": "x"}]}]}}
    for unknown in ({"properties": {"property": [{"name": "DPP_OTHER", "value": "1"}]}}, nameless):
        save(api, {**host, **unknown}, 200 if position == "ignore" else position)
    assert values(api) == ({HOST: "a"} if position == "ignore" else {})


@pytest.mark.parametrize("position", ["kept", "lostOnSave"])
@pytest.mark.parametrize("partial", [True, False])
def test_undeployed_values(api: Api, boomi: Emulator, position: str, partial: bool) -> None:
    boomi.settings(undeployedValues=position)
    boomi.console_deploy(api.environment(), package(boomi, api, "Invoices"))
    save(api, connection(host={"value": "a"}, password=SET))
    boomi.console_undeploy(deployment(boomi))
    save(api, connection(host={"value": "b"}), partial=partial)
    boomi.console_deploy(api.environment(), package(boomi, api, "Orders"))
    assert values(api) == ({HOST: "b", PASSWORD: SECRET} if position == "kept" else {HOST: "b"})


@pytest.mark.parametrize("position", ["missing", "kept"])
def test_secrets_of_new_runtime(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(secretsOfNewRuntime=position)
    save(api, connection(host={"value": "a"}, password=SET))
    boomi.attach(atom(boomi, "Atom B"), api.environment())
    assert boomi.runtime_secrets(atom(boomi, "Atom B")) == ({PASSWORD: SECRET} if position == "kept" else {})


@pytest.mark.parametrize("position", ["overrideValues", "omit"])
def test_table_reset(api: Api, boomi: Emulator, position: str) -> None:
    boomi.settings(tableReset=position)
    save(api, table(overrideValues=True, CrossReferenceRows=ROWS))
    save(
        api,
        table(overrideValues=True)
        if position == "overrideValues"
        else table(overrideValues=False, CrossReferenceRows=ROWS),
    )
    assert values(api) == {CODES: ROWS["row"]}
    save(api, table(overrideValues=False) if position == "overrideValues" else table(overrideValues=True))
    assert values(api) == {}


@pytest.mark.parametrize("position", ["merge", "lastWins"])
def test_partial_race(api: Api, boomi: Emulator, position: str) -> None:
    """The second save comes before the first one is answered; the third one after both."""
    boomi.settings(partialRace=position)
    save(api, connection(host={"value": "a"}))
    user, place = boomi.store.first_user(), api.environment()
    outcomes = []
    for body in (connection(host={"value": "b"}), connection(port={"value": "1"})):
        call = Call(user, boomi.account_id, KINDS[KIND], "update", place, {"partial": True, **body}, "http://x/{}")
        outcomes.append(boomi.store.perform(call))
    assert values(api) == {HOST: "b" if position == "merge" else "a", PORT: "1"}
    for outcome in outcomes:
        boomi.store.answered(KIND, outcome)
    boomi.faults({"kind": "done-late", "object": KIND, "verb": "update"})
    with pytest.raises(requests.ConnectionError):
        save(api, connection(host={"value": "late"}))
    read(api)
    assert read(api)
    assert values(api)[HOST] == "late"
    for value in ("c", "d"):
        save(api, connection(host={"value": value}))
        save(api, connection(port={"value": value}))
    assert values(api) == {HOST: "d", PORT: "d"}


def test_a_late_save_is_not_seen_at_once(api: Api, boomi: Emulator) -> None:
    save(api, connection(host={"value": "a"}))
    boomi.faults({"kind": "late", "object": KIND, "verb": "update", "requests": 2})
    save(api, connection(host={"value": "b"}))
    assert [fields(api)[HOST]["value"] for _ in range(3)] == ["a", "a", "b"]


# -- seeds and data files ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "extension",
    [
        "connections/Orders DB",
        "connections//host",
        "tradingPartners/Acme/url",
        "crossReferences/Codes/x",
        "colours/Red/x",
        "properties/",
        {"path": "properties/X", "colour": "red"},
        {"id": "x"},
    ],
)
def test_a_wrong_extension_in_a_seed_is_refused(extension: Any) -> None:
    document = small_seed()
    document["components"][0]["extensions"] = [extension]
    with pytest.raises(BadSeed):
        rows(read_seed(document))


def test_a_data_file_keeps_the_values_and_a_reset_forgets_them(tmp_path: Any) -> None:
    for times in (1, 2):
        with Emulator(seed(), data=tmp_path / "data", rate_limit=0) as boomi:
            place = boomi.objects("Environment")[0]["id"]
            boomi.save_extensions(place, {HOST: "a", PASSWORD: SECRET})
            assert boomi.listener_restarts(place) == times
            assert boomi.extension_values(place) == {HOST: "a", PASSWORD: SECRET}
            if times == 2:
                boomi.reset()
                assert (boomi.extension_values(place), boomi.listener_restarts(place)) == ({}, 0)
