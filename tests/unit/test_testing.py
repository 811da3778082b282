"""The mocks that a user's unit tests import: they answer as an account would, or say what to give."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pydantic.alias_generators import to_snake

import boomi_pulumi as boomi
from boomi_pulumi._api.filters import OPERATORS
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._python.accounts import mocked
from boomi_pulumi.testing import DATE, USER, Mocks
from tests.docs.pages import ROOT

ALL_KINDS = ROOT / "examples" / "all_kinds"
PROMOTION = ROOT / "examples" / "promotion"

FACTS: dict[str, Any] = {
    "environments": [{"id": "env-test", "name": "Test"}, {"id": "env-prod", "name": "Production"}],
    "components": [
        {
            "component_id": "export",
            "name": "Customer Export",
            "type": "process",
            "folder_name": "Pricing",
            "version": 3,
        },
        {"component_id": "prices", "name": "Price List Export", "type": "process", "folder_name": "Customers"},
        {"component_id": "link", "name": "Order Connection", "type": "connector-settings"},
        {"component_id": "in", "name": "Purchase Order Import", "type": "process", "folder_name": "Receipts"},
    ],
    "packages": [{"package_id": "prices-1.1", "component_id": "prices", "package_version": "1.1"}],
    "folders": [{"id": "folder-1", "name": "Connections"}],
    "runtimes": [{"id": "atom", "name": "Acme Test Atom"}],
    "integration_packs": [
        {"id": "pack", "name": "Loyalty Starter", "components": [{"component_id": "export", "current_version": "1.0"}]}
    ],
}


def _seen(program: Callable[[], Any], **facts: Any) -> Any:
    """Return what a program, which makes nothing, returns under mocks."""
    found: list[Any] = []
    Mocks(**(FACTS | facts)).run(lambda: found.append(program()))
    return found[0]


# -- resources -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_resource_has_what_every_real_one_has(kind: str) -> None:
    mocks = Mocks(**FACTS)
    mocks.run(ALL_KINDS)
    (made,) = mocks.made(kind).values()
    assert set(map(to_snake, KINDS[kind].required_outputs)) <= set(made)


def test_outputs_and_exports_are_those_of_the_data() -> None:
    mocks = Mocks(**FACTS)
    assert mocks.run(ALL_KINDS) == {
        "packageId": "export-2.0",
        "running": "2.0",
        "smoke": "COMPLETE",
        "released": {"export": "2.0", "prices": "1.1"},
        "till": "3",
        "folder": "Connections",
        "restarts": None,
        "runs": None,
        "orders": "paused",
    }
    running = mocks.made("DeployedPackage")["customer-export"]
    assert (running["component_name"], running["component_version"], running["environment_name"]) == (
        *("Customer Export", 3),
        "Test",
    )
    assert (running["deployed_by"], running["deployed_date"], running["adopted"]) == (USER, DATE, False)


def test_ids_are_those_that_the_kinds_give() -> None:
    def program() -> None:
        package = boomi.PackagedComponent("p", component_id="export", package_version="1")
        deployment = boomi.DeployedPackage("d", package=package, environment_id="env-test")
        direct = boomi.DeployedPackage("n", component_id="prices", environment_id="env-test")
        release = boomi.ReleaseIntegrationPack("r", integration_pack_id="pack", packages=[package])
        change = boomi.ConnectorVersionChange("c", classification_type="acme-till", version_id="2")
        place = boomi.ComponentMetadata("m", component_id="link", name="Link")
        for each in (package, deployment, direct, release, change, place):
            pulumi.export(type(each).__name__ + each.pulumi_resource_name, each.id)

    assert Mocks(**FACTS).run(program) == {
        "PackagedComponentp": "export-1",
        "DeployedPackaged": "env-test/export",
        "DeployedPackagen": "env-test/prices",
        "ReleaseIntegrationPackr": "pack",
        "ConnectorVersionChangec": "acme-till",
        "ComponentMetadatam": "link",
    }


def test_what_is_there_and_equal_is_adopted() -> None:
    def program() -> None:
        package = boomi.PackagedComponent("p", component_id="prices", package_version="1.1")
        boomi.DeployedPackage("d", package=package, environment_id="env-test")
        boomi.DeployedPackage("e", package=package, environment_id="env-prod")

    slot = {"environment_id": "env-test", "component_id": "prices", "package_id": "prices-1.1"}
    mocks = Mocks(**FACTS, deployments=[{"deployment_id": "theirs", "deployed_by": "maria", **slot}])
    mocks.run(program)
    package, (there, new) = mocks.made("PackagedComponent")["p"], map(mocks.made("DeployedPackage").get, "de")
    assert (package["package_id"], package["adopted"]) == ("prices-1.1", True)
    assert there is not None
    assert (there["deployment_id"], there["deployed_by"], there["adopted"]) == ("theirs", "maria", True)
    assert new is not None
    assert new["adopted"] is False


def test_what_a_program_makes_is_found_by_its_later_look_ups_and_forgotten_by_the_next_run() -> None:
    def program() -> None:
        package = boomi.PackagedComponent("p", component_id="export", package_version="9")
        found = boomi.get_packaged_component_output(component_id="export", package_version=package.package_version)
        deployment = boomi.DeployedPackage("d", package=found, environment_id="env-test")
        running = deployment.id.apply(
            lambda _: boomi.get_deployed_package(environment_id="env-test", component_id="export")
        )
        pulumi.export("running", running.package_version)

    mocks = Mocks(**FACTS)
    assert mocks.run(program) == {"running": "9"}
    with pytest.raises(boomi.NotFound, match="get_packaged_component"):
        mocks.run(lambda: boomi.get_packaged_component(component_id="export", package_version="9"))
    assert mocks.made("PackagedComponent") == {}


def test_an_existing_object_is_read() -> None:
    def program() -> None:
        pulumi.export("version", boomi.PackagedComponent.get("p", "prices-1.1").package_version)
        pulumi.export("running", boomi.DeployedPackage.get("d", "env-test/prices").package_version)

    live = [{"deployment_id": "d", "environment_id": "env-test", "component_id": "prices", "package_version": "1.0"}]
    assert Mocks(**FACTS, deployments=live).run(program) == {"version": "1.1", "running": "1.0"}


def test_every_resource_that_is_wrong_is_named_in_one_error() -> None:
    def program() -> None:
        boomi.PackagedComponent("a", component_id="exprot", package_version="1")
        boomi.PackagedComponent("b", component_id="export", packge_version="1")  # type: ignore[arg-type]
        boomi.DeployedPackage("c", package_id="gone", environment_id="env-test")
        package = boomi.PackagedComponent("d", component_id="export", package_version="1")
        boomi.DeployedPackage("e", package=package, environment_id="env-tset")

    with pytest.raises(boomi.BoomiError) as caught:
        Mocks(**FACTS).run(program)
    said = str(caught.value)
    assert "PackagedComponent a: no data. Give Mocks(components=[{'component_id': 'exprot'}])" in said
    assert (
        "PackagedComponent b: packgeVersion: is not an argument of this resource; did you mean package_version?" in said
    )
    assert "DeployedPackage c: no data. Give Mocks(packages=[{'package_id': 'gone'}])" in said
    assert "DeployedPackage e: no data. Give Mocks(environments=[{'id': 'env-tset'}]). There is id='env-test'" in said


def test_a_resource_that_is_wrong_is_named_where_another_failure_follows_from_it() -> None:
    def program() -> None:
        package = boomi.PackagedComponent("a", component_id="exprot", package_version="1")
        pulumi.export("note", pulumi.Output.concat("made by ", package.created_by))

    with pytest.raises(boomi.NotFound, match="PackagedComponent a: no data"):
        Mocks(**FACTS).run(program)


def test_what_the_modules_of_a_program_declare_is_declared_in_every_run(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import its_module\n", encoding="utf-8")
    declared = 'boomi_pulumi.PackagedComponent("p", component_id="export", package_version="1")\n'
    (tmp_path / "its_module.py").write_text(f"import boomi_pulumi\n{declared}", encoding="utf-8")
    for _ in range(2):
        mocks = Mocks(**FACTS)
        mocks.run(tmp_path)
        assert set(mocks.made("PackagedComponent")) == {"p"}
    assert "its_module" not in sys.modules


# -- look-ups ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("look", "give"),
    [
        (lambda: boomi.get_environment(name="Tset"), "environments=[{'id': '…', 'name': 'Tset'}]"),
        (
            lambda: boomi.get_component(name="Customer Export", folder="Sales/Orders"),
            "components=[{'component_id': '…', 'folder_name': 'Orders', 'name': 'Customer Export'}]",
        ),
        (
            lambda: boomi.get_component(id="export", branch="hotfix"),
            "components=[{'branch_name': 'hotfix', 'component_id': 'export'}]",
        ),
        (
            lambda: boomi.get_packaged_component(component_id="prices", package_version="2"),
            "packages=[{'component_id': 'prices', 'package_id': '…', 'package_version': '2'}]",
        ),
        (
            lambda: boomi.get_deployed_package(environment_id="env-test", component_id="prices"),
            "deployments=[{'component_id': 'prices', 'deployment_id': '…', 'environment_id': 'env-test'}]",
        ),
        (lambda: boomi.get_integration_pack(name="X"), "integration_packs=[{'id': '…', 'name': 'X'}]"),
        (lambda: boomi.get_release_status(request_id="r"), "release_statuses=[{'request_id': 'r'}]"),
        (lambda: boomi.get_runtime(name="X"), "runtimes=[{'id': '…', 'name': 'X'}]"),
        (
            lambda: boomi.get_runtime(environment_id="env-test"),
            "attachments=[{'atom_id': '…', 'environment_id': 'env-test'}]",
        ),
        (lambda: boomi.get_runtimes(environment_id="env-none"), "environments=[{'id': 'env-none'}]"),
        (lambda: boomi.get_process_schedules(atom_id="atom-x"), "runtimes=[{'id': 'atom-x'}]"),
        (lambda: pulumi.StackReference("o/p/s").outputs, "stacks={'o/p/s': {…}}"),
    ],
)
def test_a_look_up_without_data_says_what_to_give(look: Callable[[], Any], give: str) -> None:
    with pytest.raises(boomi.NotFound) as caught:
        Mocks(**FACTS).run(look)
    table, _, row = str(caught.value).partition("Give Mocks(")[2].partition(").")[0].partition("=")
    assert (table, _sorted(row)) == (give.partition("=")[0], _sorted(give.partition("=")[2]))


def test_runtimes_are_found_by_the_environment_that_they_are_attached_to() -> None:
    facts: dict[str, Any] = {
        "runtimes": [{"id": "b", "name": "Beta", "status": "OFFLINE"}, {"id": "a", "name": "Alpha"}, {"id": "x"}],
        "attachments": [
            {"atom_id": "b", "environment_id": "env-test"},
            {"atom_id": "a", "environment_id": "env-test"},
            {"atom_id": "a", "environment_id": "env-prod"},
        ],
    }

    def program() -> list[Any]:
        prod, test = boomi.get_environment(name="Production"), boomi.get_environment(name="Test")
        found = boomi.query("Atom", boomi.where("status").equals("OFFLINE"))
        return [
            boomi.get_runtime(environment=prod).name,
            boomi.get_runtime(environment=test, name="Beta").status,
            [each.name for each in boomi.get_runtimes(environment=test)],
            [each.id for each in found],
        ]

    assert _seen(program, **facts) == ["Alpha", "OFFLINE", ["Alpha", "Beta"], ["b"]]
    with pytest.raises(boomi.Ambiguous, match="a, b"):
        _seen(lambda: boomi.get_runtime(environment_id="env-test"), **facts)
    assert _seen(lambda: boomi.get_runtimes(environment_id="env-test")) == []
    with pytest.raises(boomi.NotFound, match=r"Give Mocks\(runtimes=\[\{'id': 'b'\}\]\)"):
        _seen(lambda: boomi.get_runtimes(environment_id="env-test"), attachments=facts["attachments"][:1])


def test_schedules_and_runs_are_rows_as_well() -> None:
    facts: dict[str, Any] = {
        "attachments": [{"atom_id": "a", "environment_id": "env-test"}],
        "runtimes": [{"id": "a", "name": "Alpha"}],
        "schedules": [
            {"id": "1", "process_id": "p", "atom_id": "a", "in_words": ["every day"], "schedules": [{"hours": "2"}]},
            {"id": "2", "process_id": "p", "atom_id": "b"},
        ],
        "executions": [
            {"execution_id": "1", "process_id": "p", "execution_time": "2026-01-01T00:00:00Z"},
            {"execution_id": "2", "process_id": "p", "execution_time": "2026-01-02T00:00:00Z"},
            {"execution_id": "3", "process_id": "q", "execution_time": "2026-01-03T00:00:00Z"},
        ],
    }

    def program() -> list[Any]:
        return [
            [each.id for each in boomi.get_process_schedules(environment_id="env-test")],
            boomi.get_process_schedules(atom_id="a")[0].schedules[0]["hours"],
            [each.execution_id for each in boomi.get_executions(process_id="p", since="2025-12-31T00:00:00Z")],
            [each.execution_id for each in boomi.get_executions(process_id="p", since="2026-01-01T12:00:00Z")],
        ]

    assert _seen(program, **facts) == [["1"], "2", ["2", "1"], ["2"]]


def _sorted(row: str) -> list[str]:
    return sorted(row.strip("[]{}").split(", "))


@pytest.mark.parametrize("names", [{"name": "Twin"}, {"name": "Twin", "type": "process"}], ids=",".join)
def test_several_rows_are_ambiguous_until_the_look_up_says_more(names: Mapping[str, str]) -> None:
    twins = [
        {"component_id": "a", "name": "Twin", "type": "process", "folder_name": "North"},
        {"component_id": "b", "name": "Twin", "type": "process", "folder_name": "South"},
    ]
    with pytest.raises(boomi.Ambiguous, match="a, b"):
        _seen(lambda: boomi.get_component(**names), components=twins)  # type: ignore[arg-type]
    assert _seen(lambda: boomi.get_component(**names, folder="South"), components=twins).component_id == "b"  # type: ignore[arg-type]


def test_the_newest_revision_is_found_and_an_earlier_one_where_it_is_asked_for() -> None:
    rows = [{"component_id": "c", "name": "C", "version": number} for number in (2, 10, 9)]
    assert _seen(lambda: boomi.get_component(name="C").version, components=rows) == 10
    assert _seen(lambda: boomi.get_component(id="c", version=2).version, components=rows) == 2


def test_what_is_deleted_or_ended_is_not_found() -> None:
    packages = [{"package_id": "p", "component_id": "c", "package_version": "1", "deleted": True}]
    ended = [{"deployment_id": "d", "environment_id": "e", "component_id": "c", "active": False}]
    with pytest.raises(boomi.NotFound):
        _seen(lambda: boomi.get_packaged_component(component_id="c"), packages=packages)
    with pytest.raises(boomi.NotFound):
        _seen(lambda: boomi.get_deployed_package(environment_id="e", component_id="c"), deployments=ended)
    assert _seen(lambda: boomi.get_deployed_package(id="d").active, deployments=ended) is False


def test_another_stack_tells_its_outputs() -> None:
    orders = {"component_id": "orders", "name": "Order Sync", "type": "process", "folder_name": "Orders"}
    facts = FACTS | {
        "components": [*FACTS["components"], orders],
        "attachments": [{"atom_id": "atom", "environment_id": "env-prod"}],
    }
    upstream = {"packageId": "prices-1.1", "environmentId": "env-test"}
    mocks = Mocks(**facts, stacks={"organization/project/dev": upstream})
    database = {"project:ordersDbHost": "db.prod", "project:ordersDbPassword": "made up"}
    when = {"project:schedules": '[{"minutes": "0", "hours": "8-18"}]'}
    config = {"project:promoteFrom": "dev", "project:environment": "Production"} | database | when
    exports = {"packageId": "prices-1.1", "environmentId": "env-prod"}
    assert mocks.run(PROMOTION, config=config, stack="prod") == exports
    deployment = mocks.made("DeployedPackage")["order-sync"]
    assert (deployment["environment_id"], deployment["promoted_from_id"]) == ("env-prod", "env-test")
    assert mocks.made("ProcessSchedules")["order-sync"]["atom_id"] == "atom"
    assert mocks.made("ExecutionRequest") == {}
    values = mocks.made("EnvironmentExtensions")["order-sync"]
    assert values["connections"] == {"Orders DB": {"host": "db.prod", "password": "made up"}}
    assert mocks.made("PackagedComponent") == {}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"environments": [{"name": "Test"}]}, "a row of environments has no id: {'name': 'Test'}"),
        (
            {"packages": [{"package_id": "p", "packge_version": "1"}]},
            "packages have no packge_version; did you mean pack",
        ),
    ],
)
def test_data_that_no_look_up_could_return_is_refused(rows: Any, said: str) -> None:
    with pytest.raises(boomi.SettingsError) as caught:
        Mocks(**rows)
    assert said in str(caught.value)


def test_data_may_have_boomis_own_names() -> None:
    rows = [{"componentId": "c", "name": "C", "folderName": "F"}]
    assert _seen(lambda: boomi.get_component(name="C", folder="A/F").component_id, components=rows) == "c"


# -- queries -------------------------------------------------------------------------------------

VERSION = boomi.where("componentVersion")
CONDITIONS = {
    "EQUALS": (VERSION.equals(9), "b"),
    "NOT_EQUALS": (VERSION.not_equals(9), "ac"),
    "LIKE": (boomi.where("packageVersion").like("1.%"), "ab"),
    "CONTAINS": (boomi.where("notes").contains("hot"), "c"),
    "NOT_CONTAINS": (boomi.where("notes").not_contains("hot"), "ab"),
    "GREATER_THAN": (VERSION.greater_than(9), "c"),
    "GREATER_THAN_OR_EQUAL": (VERSION.greater_than_or_equal(9), "bc"),
    "LESS_THAN": (VERSION.less_than(9), "a"),
    "LESS_THAN_OR_EQUAL": (VERSION.less_than_or_equal(9), "ab"),
    "BETWEEN": (boomi.where("createdDate").between("2026-02-01", "2026-03-31"), "bc"),
    "IS_NULL": (boomi.where("notes").is_null(), "ab"),
    "IS_NOT_NULL": (boomi.where("notes").is_not_null(), "c"),
    "and": (VERSION.equals(9) & boomi.where("deleted").equals(True), ""),
    "or": (VERSION.equals(9) | boomi.where("packageVersion").equals("2.0"), "bc"),
}
PACKAGES = [
    {"package_id": "a", "package_version": "1.0", "component_version": 1, "created_date": "2026-01-05T00:00:00Z"},
    {"package_id": "b", "package_version": "1.1", "component_version": 9, "created_date": "2026-02-05T00:00:00Z"},
    {"package_id": "c", "package_version": "2.0", "component_version": 10, "created_date": "2026-03-05T00:00:00Z"}
    | {"notes": "a hotfix"},
]


@pytest.mark.parametrize("name", [*OPERATORS, "and", "or"])
def test_a_query_returns_the_rows_that_meet_its_condition(name: str) -> None:
    condition, ids = CONDITIONS[name]
    found = _seen(lambda: boomi.query("PackagedComponent", condition), packages=PACKAGES)
    assert "".join(each.package_id for each in found) == ids


def test_a_condition_that_the_data_cannot_tell_is_refused() -> None:
    with pytest.raises(boomi.FilterError, match="rows of DeployedPackage have no environmentName"):
        _seen(
            lambda: boomi.query("DeployedPackage", boomi.where("environmentName").equals("Test")),
            deployments=[{"deployment_id": "d"}],
        )


# -- other providers, and other ways to run ------------------------------------------------------


class Other(pulumi.CustomResource):
    size: pulumi.Output[int]
    web_address: pulumi.Output[str | None]

    def __init__(self, name: str, **inputs: Any) -> None:
        super().__init__("other:index:Other", name, {"size": 3, "web_address": None, **inputs})

    def translate_output_property(self, prop: str) -> str:
        return to_snake(prop)


def _with_another() -> None:
    other = Other("o", password=pulumi.Output.secret("hidden"))
    pulumi.export("other", [other.id, other.size, other.web_address])


def test_a_resource_of_another_provider_has_its_inputs_an_id_and_what_it_is_given() -> None:
    assert Mocks().run(_with_another) == {"other": ["o-id", 3, None]}
    mocks = Mocks(outputs={"other:index:Other": {"webAddress": "https://a.example"}})
    assert mocks.run(_with_another) == {"other": ["o-id", 3, "https://a.example"]}
    assert mocks.made("other:index:Other") == {
        "o": {"size": 3, "password": "hidden", "web_address": "https://a.example"}
    }


def test_a_function_of_another_provider_has_the_answer_that_it_is_given() -> None:
    def program() -> None:
        pulumi.export("zone", pulumi.runtime.invoke("other:index:getZone", {}).value["zone"])

    assert Mocks(functions={"other:index:getZone": {"zone": "a"}}).run(program) == {"zone": "a"}
    with pytest.raises(boomi.NotFound) as caught:
        Mocks(**FACTS).run(program)
    said = "other:index:getZone: no data. Give Mocks(functions={'other:index:getZone': {…}})."
    assert str(caught.value) == said


def test_a_secret_stays_one() -> None:
    def program() -> None:
        package = boomi.PackagedComponent(
            "p", component_id="export", package_version="1", notes=pulumi.Output.secret("for us alone")
        )
        pulumi.export("secret", pulumi.Output.from_input(package.notes.is_secret()))
        pulumi.export("notes", package.notes)

    mocks = Mocks(**FACTS)
    assert mocks.run(program) == {"secret": True, "notes": "for us alone"}
    assert mocks.made("PackagedComponent")["p"]["notes"] == "for us alone"


def test_neither_mocks_nor_configuration_are_left_behind() -> None:
    Mocks(**FACTS).run(lambda: pulumi.export("mocked", mocked()), config={"project:a": "b"})
    assert not mocked()
    assert pulumi.runtime.get_config("project:a") is None


PULUMIS_OWN_WAY = """
import sys

connected = []
sys.addaudithook(lambda event, args: connected.append(args) if event == "socket.connect" else None)

import pulumi
from boomi_pulumi.testing import Mocks

pulumi.runtime.set_mocks(Mocks(
    environments=[{"id": "e", "name": "Test"}],
    components=[{"component_id": "c", "name": "C"}],
))
import boomi_pulumi as boomi

package = boomi.PackagedComponent("p", component=boomi.get_component(name="C"), package_version="1.0")
live = boomi.DeployedPackage("d", package=package, environment=boomi.get_environment(name="Test"))

@pulumi.runtime.test
def check():
    return live.package_version.apply(print)

check()
assert connected == []
"""


def test_they_serve_pulumis_own_set_mocks_without_settings_and_without_a_network(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", PULUMIS_OWN_WAY],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["1.0"]), done.stdout + done.stderr
