"""The native plugin, in this process: what it does beyond the laws that it shares with the dynamic provider."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from pulumi.runtime.proto import provider_pb2

from boomi_pulumi._api.sender import INTERRUPTED
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import rules
from boomi_pulumi.cli.commands import cli
from boomi_pulumi.cli.preview import TAKEN_OVER
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.native.functions import FUNCTIONS
from boomi_pulumi.native.references import referred
from boomi_pulumi.native.schema import package as schema_of
from tests.conformance.account import component, environment, listener, package, seed
from tests.conformance.cases import CASES, Case
from tests.driver import UNKNOWN, CheckFailed, PluginError, Ref, Resource, Step, bag_of, struct_of
from tests.native_driver import NativeDriver

ROOT = Path(__file__).parents[2]
PINNED = Path(__file__).parent / "schema.json"
DIFFERENCE = provider_pb2.PropertyDiff.Kind
LINES = [name for name, rule in rules(KINDS["DeployedPackage"].inputs).items() if rule.filled and not rule.given]


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(seed(), rate_limit=0) as emulator:
        yield emulator


@pytest.fixture
def driver(boomi: Emulator) -> Iterator[NativeDriver]:
    engine = NativeDriver(boomi.env)
    yield engine
    engine.close()


# -- the schema ----------------------------------------------------------------------------------


def _outline(schema: dict[str, Any]) -> dict[str, Any]:
    """What programs rely on: each name, its type, and what must be there; without texts."""

    def types(properties: dict[str, Any]) -> dict[str, str]:
        found = {}
        for name, node in sorted(properties.items()):
            inner = node.get("items") or node.get("additionalProperties")
            forms = (each.get("$ref") or each["type"] for each in node.get("oneOf", ()))
            plain = node.get("$ref") or node.get("type") or " or ".join(forms)
            found[name] = f"{plain} of {inner.get('$ref') or inner.get('type')}" if inner else plain
        return found

    return {
        "provider": types(schema["provider"]["inputProperties"]),
        "types": {
            name: types(each["properties"]) if "properties" in each else [value["value"] for value in each["enum"]]
            for name, each in sorted(schema["types"].items())
        },
        "resources": {
            name: {
                "inputs": types(each["inputProperties"]),
                "required": each["requiredInputs"],
                "outputs": types(each["properties"]),
                "always": each["required"],
            }
            for name, each in sorted(schema["resources"].items())
        },
        "functions": {
            name: {
                "inputs": types(each["inputs"]["properties"]),
                "required": sorted(each["inputs"]["required"]),
                "outputs": types(each["outputs"]["properties"]),
            }
            for name, each in sorted(schema["functions"].items())
        },
    }


def _changes(old: Any, new: Any, path: str = "") -> list[str]:
    """Name what a program of today would miss or meet otherwise."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return [] if old == new else [f"{path}: {old!r} became {new!r}"]
    gone = [f"{path}/{name} is gone" for name in old if name not in new]
    added = [f"{path}/{name} is new" for name in new if name not in old]
    return [
        *gone,
        *added,
        *(each for name in old if name in new for each in _changes(old[name], new[name], f"{path}/{name}")),
    ]


def test_a_change_of_the_schema_is_named() -> None:
    """After a change that is meant: python -m tests.native."""
    pinned = json.loads(PINNED.read_text(encoding="utf-8"))
    assert _changes(pinned, _outline(schema_of("1.0.0"))) == []


def test_every_property_of_the_schema_has_a_text() -> None:
    schema = schema_of("1.0.0")
    parts = [(name, each["inputProperties"] | each["properties"]) for name, each in schema["resources"].items()] + [
        (name, each["inputs"]["properties"]) for name, each in schema["functions"].items()
    ]
    assert not [
        (name, key) for name, properties in parts for key, node in properties.items() if not node.get("description")
    ]
    assert set(schema["resources"]) == {f"boomi:index:{kind}" for kind in KINDS}


def test_no_resource_insists_on_an_id_where_the_resource_may_be_named() -> None:
    insisted = {
        f"{token}.{name}"
        for token, each in schema_of("1.0.0")["resources"].items()
        for name in each["requiredInputs"]
        if each["inputProperties"].get(referred(name), {}).get("$ref", "").startswith("#/resources/")
    }
    assert insisted == set()


def test_a_resource_shares_its_name_with_no_type() -> None:
    """Where both have it, the SDK for Go that Pulumi makes of the schema does not compile."""
    schema = schema_of("1.0.0")
    assert not schema["resources"].keys() & schema["types"].keys()


# -- import --------------------------------------------------------------------------------------

NAMES = {
    "ListenerStatus": "test-1/Inbox",
    "PackagedComponent": "Acme/Orders/Sync/1.0",
    "DeployedPackage": "Production/Sync",
    "ReleaseIntegrationPack": "Shop",
    "ConnectorVersionChange": "till-dev",
    "ComponentMetadata": "Acme/Orders/Feed",
    "EnvironmentExtensions": "Production",
    "ProcessSchedules": "prod-1/Sync",
}

IMPORTED = [case for case in CASES.values() if case.imports]


@pytest.mark.parametrize("case", IMPORTED, ids=[case.kind for case in IMPORTED])
def test_what_is_imported_by_id_is_settled_and_ours(case: Case, driver: NativeDriver, boomi: Emulator) -> None:
    inputs = case.inputs(boomi)
    with NativeDriver(boomi.env, stack="earlier") as earlier:
        earlier.up(Resource("it", case.kind, inputs))
        id_ = earlier.state.resources["it"].id
    boomi.clear_journal()
    found = driver.bring_in("it", case.kind, id_)
    assert found.id == id_
    given = {name: value for name, value in found.inputs.items() if name in inputs}
    assert driver.preview(Resource("it", case.kind, given)) == [Step("same", "it")]
    assert driver.refresh() == [Step("same", "it")]
    assert not [entry for entry in boomi.journal() if entry["committed"]]
    assert found.outputs.get("adopted", False) is False, "whoever imports an object takes it over"


@pytest.mark.parametrize("kind", NAMES)
def test_what_is_imported_may_be_named(kind: str, driver: NativeDriver, boomi: Emulator) -> None:
    listener(boomi)
    boomi.console_deploy(environment(boomi, "Production"), package(boomi))
    found = driver.bring_in("it", kind, NAMES[kind])
    assert found.id
    assert driver.preview(Resource("it", kind, {k: v for k, v in found.inputs.items() if not k.startswith("__")}))


WRITTEN = {
    "ListenerStatus": {"processId", "atomId", "status"},
    "PackagedComponent": {"componentId", "packageVersion"},
    "DeployedPackage": {"environmentId", "packageId"},
    "ReleaseIntegrationPack": {"integrationPackId", "components"},
    "ConnectorVersionChange": {"classificationType", "versionId"},
    "ComponentMetadata": {"componentId", "name", "folderId"},
    "EnvironmentExtensions": {"environmentId"},
    "ProcessSchedules": {"processId", "atomId", "schedules"},
}
"""What a person would write of an object that is there."""


@pytest.mark.parametrize("kind", [case.kind for case in IMPORTED])
def test_an_import_writes_what_a_person_would(kind: str, driver: NativeDriver, boomi: Emulator) -> None:
    listener(boomi)
    notes = "of this deployment alone"
    boomi.console_deploy(environment(boomi, "Production"), package(boomi), notes=notes, listenerStatus="RUNNING")
    found = driver.bring_in("it", kind, NAMES[kind])
    inputs = {name: value for name, value in found.inputs.items() if not name.startswith("__")}
    assert set(inputs) == WRITTEN[kind]
    assert driver.preview(Resource("it", kind, inputs)) == [Step("same", "it")]


def test_an_import_writes_what_boomi_would_not_take_by_itself(driver: NativeDriver, boomi: Emulator) -> None:
    boomi.console_package(component(boomi), packageVersion="1.2", branchName="feature", shareable=True, notes="hot")
    found = driver.bring_in("it", "PackagedComponent", "Sync/1.2")
    assert {name: found.inputs.get(name) for name in ("branchName", "shareable", "componentVersion", "notes")} == {
        "branchName": "feature",
        "shareable": True,
        "componentVersion": None,
        "notes": None,
    }


def test_the_version_after_an_imported_one_is_of_the_newest_revision(driver: NativeDriver, boomi: Emulator) -> None:
    found = driver.bring_in("it", "PackagedComponent", "Sync/1.1")
    inputs = {name: value for name, value in found.inputs.items() if not name.startswith("__")}
    boomi.save_revision(component(boomi))
    driver.up(Resource("it", "PackagedComponent", inputs | {"packageVersion": "1.2"}))
    outputs = driver.state.resources["it"].outputs
    assert (outputs["packageVersion"], outputs["componentVersion"]) == ("1.2", 3)


def test_what_no_program_could_declare_is_not_imported(driver: NativeDriver) -> None:
    with pytest.raises(PluginError) as error:
        driver.bring_in("it", "ReleaseIntegrationPack", "Solo")
    assert error.value.text == (
        "ReleaseIntegrationPack Solo cannot be imported: components is empty; a release needs a component."
    )
    assert driver.state.resources == {}


@pytest.mark.parametrize("kind", NAMES)
def test_a_wrong_id_is_one_line(kind: str, driver: NativeDriver) -> None:
    with pytest.raises(PluginError) as error:
        driver.bring_in("it", kind, "nobody/nothing" if kind == "DeployedPackage" else "nothing")
    assert len(error.value.text.splitlines()) == 1
    assert "Traceback" not in error.value.text


# -- what a person reads -------------------------------------------------------------------------


@pytest.mark.parametrize("refreshed", [False, True])
def test_a_replacement_shows_what_was_changed_and_what_follows(
    driver: NativeDriver, boomi: Emulator, *, refreshed: bool
) -> None:
    sync = {"componentId": component(boomi), "packageVersion": "7.0", "componentVersion": 1}
    driver.up(Resource("p", "PackagedComponent", sync))
    if refreshed:
        driver.refresh()
        assert "packageId" in driver.state.resources["p"].inputs
    old = driver.state.resources["p"]
    news = driver.check("p", "PackagedComponent", old.inputs, {**sync, "packageVersion": "7.1", "componentVersion": 2})
    details = driver.diff("p", old, news).detailedDiff
    assert {name: DIFFERENCE.Name(each.kind) for name, each in details.items()} == {
        "packageVersion": "UPDATE_REPLACE",
        "componentVersion": "UPDATE",
    }


@pytest.mark.parametrize("name", LINES)
def test_a_line_about_the_past_is_new_and_no_value_that_changes(
    name: str, driver: NativeDriver, boomi: Emulator
) -> None:
    """Pulumi writes an arrow between two values, and only the second is about this run."""
    driver.up(Resource("d", "DeployedPackage", {"environmentId": environment(boomi), "packageId": package(boomi)}))
    there = driver.state.resources["d"]
    old = replace(there, inputs={**there.inputs, name: "then"}, outputs={**there.outputs, name: "then"})
    details = driver.diff("d", old, {**there.inputs, name: "now", "listenerStatus": "PAUSED"}).detailedDiff
    assert {each: DIFFERENCE.Name(detail.kind) for each, detail in details.items()}[name] == "ADD"


def test_an_import_says_whose_it_was_and_a_look_does_not(
    driver: NativeDriver, boomi: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"environmentId": environment(boomi), "packageId": package(boomi)}
    boomi.console_deploy(given["environmentId"], given["packageId"], by="maria@acme.example")
    found = driver.bring_in("other", "DeployedPackage", f"{given['environmentId']}/{component(boomi)}")
    assert TAKEN_OVER not in capsys.readouterr().out, "a resource that is only read is no import"
    driver.check("other", "DeployedPackage", found.inputs, given)
    told = capsys.readouterr().out
    assert f"{TAKEN_OVER}deployed by maria@acme.example on " in told
    driver.check("other", "DeployedPackage", found.inputs, given)
    assert TAKEN_OVER not in capsys.readouterr().out


def test_a_preview_knows_what_stays_and_says_of_the_rest_that_it_does_not(
    driver: NativeDriver, boomi: Emulator
) -> None:
    inputs = {"environmentId": environment(boomi), "packageId": package(boomi)}
    checked = driver.check("d", "DeployedPackage", {}, inputs)
    request = provider_pb2.CreateRequest(
        urn=driver._urn("d", "DeployedPackage"), properties=struct_of(checked), preview=True
    )
    shown = bag_of(driver.call("Create", request).properties)
    assert (shown["packageVersion"], shown["environmentName"]) == ("1.0", "Test")
    assert shown["deploymentId"] not in ("", None)
    assert not [entry for entry in boomi.journal() if entry["committed"]]


def test_a_refusal_inside_a_list_shows_no_value_of_the_engine(driver: NativeDriver) -> None:
    """The engine prints what it finds under the property that a failure names: `{<nil>}` for a path."""
    wrong = {"integrationPackId": "p", "components": [{"componentId": "c", "version": 1.1}]}
    urn = driver._urn("it", "ReleaseIntegrationPack")
    (failure,) = driver.call("Check", provider_pb2.CheckRequest(urn=urn, news=struct_of(wrong))).failures
    assert (failure.property, failure.reason.partition(",")[0]) == ("", "components[0].version: is a number")


def test_an_id_that_nobody_knows_yet_hides_the_component_but_not_the_environment(
    driver: NativeDriver, boomi: Emulator
) -> None:
    inputs = {"environmentId": environment(boomi), "packageId": UNKNOWN}
    checked = driver.check("d", "DeployedPackage", {}, inputs)
    assert {name: checked[name] for name in ("componentName", "packageVersion", "environmentName")} == {
        "componentName": UNKNOWN,
        "packageVersion": UNKNOWN,
        "environmentName": "Test",
    }


def test_what_another_stack_does_not_have_yet_is_one_line_in_boomis_names(
    driver: NativeDriver, boomi: Emulator
) -> None:
    first = "If it is an output of another stack, run `pulumi up` there first."
    with pytest.raises(CheckFailed) as refused:
        driver.check("d", "DeployedPackage", {}, {"environmentId": environment(boomi)})
    assert refused.value.failures == {
        "packageId": f"is required: give package or packageId (or componentId, see the docs). {first}"
    }
    with pytest.raises(CheckFailed) as refused:
        driver.check("r", "ExecutionRequest", {}, {"processId": UNKNOWN, "atomId": UNKNOWN})
    assert refused.value.failures == {"packageId": f"is required: give packageId. {first}"}
    with pytest.raises(PluginError) as error:
        driver.call("Invoke", provider_pb2.InvokeRequest(tok="boomi:index:getPackagedComponent"))
    assert error.value.text == f"getPackagedComponent: give either id or componentId. {first}"


def test_a_value_that_looks_like_a_name_in_python_stays_as_it_is(driver: NativeDriver) -> None:
    request = provider_pb2.InvokeRequest(tok="boomi:index:getEnvironment", args=struct_of({"name": "package_id"}))
    with pytest.raises(PluginError, match="There is no environment 'package_id'"):
        driver.call("Invoke", request)


def test_a_reference_to_another_kind_is_refused_at_its_argument(driver: NativeDriver, boomi: Emulator) -> None:
    wrong = {"package": {"name": "no reference"}, "environmentId": environment(boomi)}
    with pytest.raises(CheckFailed) as refused:
        driver.check("d", "DeployedPackage", {}, wrong)
    assert refused.value.failures == {"package": "is not a PackagedComponent; to give an id, there is packageId"}


# -- requests ------------------------------------------------------------------------------------


def _many(boomi: Emulator, n: int) -> list[Resource]:
    where = environment(boomi)
    resources = []
    for number in range(n):
        id_ = boomi.create_component(f"Many {number}")["componentId"]
        resources.append(Resource(f"p{number}", "PackagedComponent", {"componentId": id_, "packageVersion": "3.0"}))
        slot = {"environmentId": where, "packageId": Ref(f"p{number}")}
        resources.append(Resource(f"d{number}", "DeployedPackage", slot))
    return resources


def test_a_first_preview_costs_pages_and_an_idle_one_nothing(driver: NativeDriver, boomi: Emulator) -> None:
    n = 150
    program = _many(boomi, n)
    boomi.clear_journal()
    driver.preview(*program)
    components = len(boomi.objects("ComponentMetadata"))
    assert len(boomi.journal()) <= n // 100 + components // 100 + 6
    driver.up(*program)
    boomi.clear_journal()
    assert {step.act for step in driver.preview(*program)} == {"same"}
    assert boomi.journal() == []


def test_a_promotion_by_ids_reads_them_together(driver: NativeDriver, boomi: Emulator) -> None:
    n = 120
    made = [
        boomi.console_package(boomi.create_component(f"Many {number}")["componentId"])["packageId"]
        for number in range(n)
    ]
    boomi.clear_journal()
    request = provider_pb2.InvokeRequest(tok="boomi:index:getPackagedComponents", args=struct_of({"ids": made}))
    answer = bag_of(getattr(driver.call("Invoke", request), "return"))
    assert [row["packageId"] for row in answer["result"]] == made
    for number, id_ in enumerate(made):
        driver.check(f"d{number}", "DeployedPackage", {}, {"environmentId": environment(boomi), "packageId": id_})
    assert len(boomi.journal()) <= n // 50 + 6


# -- functions, settings and the end -------------------------------------------------------------


def test_a_function_says_what_it_does_not_know(driver: NativeDriver) -> None:
    def invoke(function: str, /, **arguments: Any) -> Any:
        request = provider_pb2.InvokeRequest(tok=f"boomi:index:{function}", args=struct_of(arguments))
        return driver.call("Invoke", request)

    assert bag_of(getattr(invoke("getEnvironment", name="Test"), "return"))["classification"] == "TEST"
    with pytest.raises(PluginError, match="run `pulumi up` there first"):
        invoke("getPackagedComponent")
    (failure,) = invoke("getEnvironment", nam="Test").failures
    assert (failure.property, "there are id, name" in failure.reason) == ("nam", True)
    with pytest.raises(PluginError, match=r"There is no environment 'Nowhere'\. There are: "):
        invoke("getEnvironment", name="Nowhere")
    with pytest.raises(PluginError, match=r"There is no function boomi:index:getNothing; there are "):
        invoke("getNothing")
    assert len(FUNCTIONS) == 17


def test_a_provider_of_another_account_is_refused_by_a_state(driver: NativeDriver, boomi: Emulator) -> None:
    driver.up(Resource("p", "PackagedComponent", {"componentId": component(boomi), "packageVersion": "7.0"}))
    with Emulator({**seed(), "account": {"id": "beta-2", "name": "Acme"}}, rate_limit=0) as other:
        with (
            NativeDriver(other.env, driver.state) as elsewhere,
            pytest.raises(PluginError, match="this resource is of"),
        ):
            elsewhere.destroy()
        assert not [entry for entry in other.journal() if entry["committed"]]


def test_wrong_settings_are_told_at_their_property(driver: NativeDriver) -> None:
    news = {"accountId": "acme-1", "username": "u", "token": "t", "rateLimit": "many"}
    request = provider_pb2.CheckRequest(news=struct_of(news))
    (failure,) = driver.call("CheckConfig", request).failures
    assert (failure.property, "boomi:rateLimit" in failure.reason) == ("", True)


def test_cancel_ends_every_wait(driver: NativeDriver) -> None:
    try:
        driver.call(
            "Cancel", provider_pb2.CancelResponse() if hasattr(provider_pb2, "CancelResponse") else struct_of({})
        )
        assert INTERRUPTED.is_set()
    finally:
        INTERRUPTED.clear()


# -- ways in -------------------------------------------------------------------------------------


def test_the_plugin_is_installed_where_pulumi_looks(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["plugin", "install"], env={"PULUMI_HOME": str(tmp_path)})
    assert done.exit_code == 0, done.output
    (folder,) = (tmp_path / "plugins").glob("resource-boomi-v*[0-9]")
    program = folder / "pulumi-resource-boomi"
    shown = subprocess.run([program, "schema"], capture_output=True, text=True, check=True, env={**os.environ})
    assert json.loads(shown.stdout)["name"] == "boomi"
    assert sys.executable in program.read_text(encoding="utf-8")


def test_the_repository_starts_as_a_plugin(tmp_path: Path) -> None:
    """As a language host does: `python FOLDER`, from another folder, in an environment with the dependencies."""
    command, clean = [sys.executable, str(ROOT), "schema"], {**os.environ, "PYTHONPATH": ""}
    shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=clean)
    assert json.loads(shown.stdout)["name"] == "boomi"
    assert yaml.safe_load((ROOT / "PulumiPlugin.yaml").read_text(encoding="utf-8"))["runtime"] == "python"


def test_every_sdk_has_the_version_and_go_a_path() -> None:
    schema = schema_of("1.2.3")
    languages = schema["language"]
    assert schema["version"] == "1.2.3"
    assert {name for name, each in languages.items() if each.get("respectSchemaVersion")} == {
        "python",
        "nodejs",
        "go",
        "csharp",
    }
    assert languages["go"]["importBasePath"].endswith("/boomi")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = CliRunner().invoke(cli, ["plugin", "install", str(tmp_path / "file" / "inside")])
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
