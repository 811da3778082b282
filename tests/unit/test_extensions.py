"""The values of an environment as fields: how Boomi's object is read, and the body of a save."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from boomi_pulumi._api.extensions import Extension, Fields, extensions_of, partial, values_in
from boomi_pulumi._api.models import EnvironmentExtensions

ROW: dict[str, Any] = {
    "@type": "EnvironmentExtensions",
    "id": "env",
    "environmentId": "env",
    "connections": {
        "connection": [
            {
                "id": "db",
                "name": "Orders DB",
                "field": [
                    {"id": "host", "value": "db0.acme", "useDefault": "false", "usesEncryption": "false"},
                    {"id": "port", "useDefault": "true", "value": "5432"},
                    {"id": "password", "usesEncryption": "true", "encryptedValueSet": "true", "useDefault": "false"},
                ],
            },
            # One object stands where a list of one would.
            {"id": "mail", "name": "Mail", "field": {"id": "user", "value": "ann", "useDefault": False}},
        ]
    },
    "tradingPartners": {
        "tradingPartner": {
            "id": "acme",
            "name": "Acme",
            "category": [
                {"id": "as2", "name": "AS2", "field": [{"id": "url", "value": "https://a", "useDefault": False}]}
            ],
        }
    },
    "processProperties": {
        "ProcessProperty": [
            {
                "id": "settings",
                "name": "Order Settings",
                "ProcessPropertyValue": [
                    {"key": "k1", "label": "Warehouse", "value": "W1", "useDefault": False},
                    {"key": "k2", "label": "Depth"},
                    {"key": "k3", "label": "Key", "encryptedValueSet": True, "useDefault": False},
                ],
            }
        ]
    },
    "properties": {"property": [{"name": "DPP_BATCH_SIZE", "value": "500"}, {"name": "DPP_MODE"}]},
    "crossReferences": {
        "crossReference": [
            {
                "id": "countries",
                "name": "Countries",
                "overrideValues": "true",
                "CrossReferenceRows": {"row": [{"ref1": "DE", "ref2": "49"}, {"ref1": "FR", "ref3": "x"}]},
            }
        ]
    },
    "PGPCertificates": {"PGPCertificate": [{"id": "pgp", "value": "other", "useDefault": False}]},
}


@pytest.fixture
def record() -> EnvironmentExtensions:
    return EnvironmentExtensions(**ROW)


def one(record: EnvironmentExtensions, path: str) -> Extension:
    (found,) = extensions_of(record).named(path)
    return found


def test_every_section_is_read(record: EnvironmentExtensions) -> None:
    """Path -> value, whether it overrides, whether Boomi encrypts it."""
    assert {each.path: (each.value, each.set, each.encrypted) for each in extensions_of(record)} == {
        "connections/Orders DB/host": ("db0.acme", True, False),
        "connections/Orders DB/port": (None, False, False),
        "connections/Orders DB/password": (None, True, True),
        "connections/Mail/user": ("ann", True, False),
        "tradingPartners/Acme/as2/url": ("https://a", True, False),
        "processProperties/Order Settings/Warehouse": ("W1", True, False),
        "processProperties/Order Settings/Depth": (None, False, False),
        "processProperties/Order Settings/Key": (None, True, True),
        "properties/DPP_BATCH_SIZE": ("500", True, False),
        "properties/DPP_MODE": (None, False, False),
        "crossReferences/Countries": ([["DE", "49"], ["FR", "", "x"]], True, False),
        "pgpCertificates/pgp": ("other", True, False),
    }


@pytest.mark.parametrize("path", ["connections/db/host", "connections/Orders DB/host"])
def test_a_component_is_named_by_name_or_id(record: EnvironmentExtensions, path: str) -> None:
    assert one(record, path).value == "db0.acme"


@pytest.mark.parametrize("path", ["processProperties/settings/k1", "processProperties/Order Settings/Warehouse"])
def test_a_process_property_is_named_by_label_or_key(record: EnvironmentExtensions, path: str) -> None:
    assert one(record, path).value == "W1"


def test_what_a_program_names_has_the_same_paths(record: EnvironmentExtensions) -> None:
    bag = {
        "connections": {"Orders DB": {"host": "db1"}},
        "tradingPartners": {"Acme": {"as2/url": "https://b"}},
        "properties": {"DPP_MODE": "fast"},
        "crossReferences": {"Countries": [["DE", "49"]]},
    }
    fields = extensions_of(record)
    assert all(map(fields.named, values_in(bag)))
    assert values_in(bag)["crossReferences/Countries"] == [["DE", "49"]]


@pytest.mark.parametrize(
    ("path", "value", "body"),
    [
        (
            "connections/Orders DB/host",
            "db1",
            {"connections": {"connection": [{"id": "db", "name": "Orders DB", "field": [
                {"id": "host", "value": "db1", "useDefault": False}]}]}},
        ),
        (
            "connections/Orders DB/password",
            "s3cr3t-text",
            {"connections": {"connection": [{"id": "db", "name": "Orders DB", "field": [
                {"id": "password", "value": "s3cr3t-text", "useDefault": False, "encryptedValueSet": True}]}]}},
        ),
        (
            "connections/Orders DB/password",
            {"secretsManagerType": "AWS", "secretReference": "orders/db"},
            {"connections": {"connection": [{"id": "db", "name": "Orders DB", "field": [
                {"id": "password", "useDefault": False, "CloudManagedSecretConfig": {
                    "usesRemoteSecretsManager": True, "secretsManagerType": "AWS",
                    "secretReference": "orders/db"}}]}]}},
        ),
        (
            "connections/Orders DB/host",
            None,
            {"connections": {"connection": [{"id": "db", "name": "Orders DB", "field": [
                {"id": "host", "useDefault": True}]}]}},
        ),
        (
            "tradingPartners/Acme/as2/url",
            "https://b",
            {"tradingPartners": {"tradingPartner": [{"id": "acme", "name": "Acme", "category": [
                {"id": "as2", "field": [{"id": "url", "value": "https://b", "useDefault": False}]}]}]}},
        ),
        ("properties/DPP_MODE", "", {"properties": {"property": [{"name": "DPP_MODE", "value": ""}]}}),
        ("properties/DPP_BATCH_SIZE", None, {"properties": {"property": [{"name": "DPP_BATCH_SIZE"}]}}),
        (
            "crossReferences/Countries",
            [["DE", "", "x"]],
            {"crossReferences": {"crossReference": [{"id": "countries", "overrideValues": True, "CrossReferenceRows": {
                "row": [{"ref1": "DE", "ref2": "", "ref3": "x"}]}}]}},
        ),
        (
            "crossReferences/Countries",
            None,
            {"crossReferences": {"crossReference": [
                {"id": "countries", "overrideValues": False, "CrossReferenceRows": {"row": []}}]}},
        ),
        (
            "pgpCertificates/pgp",
            "new",
            {"PGPCertificates": {"PGPCertificate": [{"id": "pgp", "value": "new", "useDefault": False}]}},
        ),
    ],
)  # fmt: skip
def test_the_body_of_a_save_names_one_field_and_says_partial(
    record: EnvironmentExtensions, path: str, value: Any, body: dict[str, Any]
) -> None:
    made = partial(record, [(one(record, path), value)])
    assert made == {"id": "env", "environmentId": "env", "partial": True, **body}


def test_the_other_properties_of_a_component_travel_as_they_are(record: EnvironmentExtensions) -> None:
    """Boomi's pages disagree on whether a partial update takes a component's process properties one by one."""
    made = partial(record, [(one(record, "processProperties/Order Settings/Depth"), "2")])
    ((component,),) = made["processProperties"].values()
    assert component["ProcessPropertyValue"] == [
        {"key": "k2", "label": "Depth", "value": "2", "useDefault": False},
        {"key": "k1", "label": "Warehouse", "value": "W1", "useDefault": False},
        {"key": "k3", "label": "Key", "encryptedValueSet": True, "useDefault": False},
    ]


def test_several_fields_of_a_component_are_one_entry(record: EnvironmentExtensions) -> None:
    made = partial(
        record,
        [(one(record, "connections/Orders DB/host"), "db1"), (one(record, "connections/Orders DB/port"), "1521")],
    )
    ((component,),) = made["connections"].values()
    assert [each["id"] for each in component["field"]] == ["host", "port"]


def test_the_group_of_a_pack_is_named() -> None:
    record = EnvironmentExtensions(**{**ROW, "id": "ZW52Omdyb3Vw", "extensionGroupId": "group"})
    made = partial(record, [(one(record, "properties/DPP_MODE"), "x")])
    assert (made["id"], made["environmentId"], made["extensionGroupId"]) == ("ZW52Omdyb3Vw", "env", "group")


@pytest.mark.parametrize(
    "odd", [None, "", [], {}, {"connection": None}, {"connection": [None, 5, "x"]}, 7, {"@type": "Connections"}]
)
def test_odd_forms_are_no_fields(odd: Any) -> None:
    assert not [*extensions_of(EnvironmentExtensions(id="env", connections=odd))]


def test_a_path_is_found_without_a_walk_over_all_fields() -> None:
    class Counted(Extension):
        def paths(self) -> Iterator[str]:
            walked.append(self.component)
            return super().paths()

    walked: list[str] = []
    several = [Counted("properties", f"DPP_{each}", "", "", "", "x", set=True, encrypted=False) for each in range(9)]
    fields = Fields(several)
    assert all(fields.only(f"properties/DPP_{each}") == several[each] for each in range(9))
    assert len(walked) == len(several)
