"""Pulumi's SDK: the declared range is the one that works, others are told in a line, and a moved name stops nobody."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest

import boomi_pulumi
from boomi_pulumi import _sdk as sdk
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, seed
from tests.driver import CheckFailed, Driver
from tests.inline import run
from tests.native_driver import NativeDriver
from tools.release import BELOW

ROOT = Path(__file__).parents[2]
PACKAGE = Path(boomi_pulumi.__file__).parent


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    with Emulator(seed(), rate_limit=0) as emulator:
        yield emulator


# -- the range -----------------------------------------------------------------------------------


def test_the_range_is_declared_and_told_alike() -> None:
    declared = re.search(r'"pulumi>=([\d.]+),<4"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locked = re.search(r"^pulumi==(\S+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    assert declared is not None
    assert locked is not None
    assert f"{declared[1]}.0" == sdk.LOWEST
    assert locked[1] == sdk.TRIED
    below = [int(part) for part in BELOW.split(".")]
    assert [below[0], below[1] + 1, 0] == [int(part) for part in sdk.LOWEST.split(".")]


def test_the_sdk_of_the_lock_is_not_worth_a_word(boomi: Emulator) -> None:
    def program() -> None:
        boomi_pulumi.PackagedComponent("one", component_id=component(boomi), package_version="7.0")

    with Driver(boomi.env) as driver:
        ran = run(program, driver.config, secrets=["boomi:token"], driver=driver)
    assert (ran.failures, ran.lines, ran.warnings) == ({}, [], [])


# -- hidden inputs -------------------------------------------------------------------------------


def test_a_check_without_what_every_program_sends_is_refused_in_one_line(boomi: Emulator) -> None:
    given = {"componentId": component(boomi), "packageVersion": "7.0"}
    with Driver(boomi.env) as driver:
        driver.check("it", "PackagedComponent", {}, given)
        with pytest.raises(CheckFailed) as caught:
            driver.check("it", "PackagedComponent", {}, {**given, "__origin": None})
    (said,) = caught.value.failures.values()
    assert "did not arrive" in said
    assert "Nothing was changed" in said
    assert f'pip install "pulumi=={sdk.TRIED}"' in said


def test_the_plugin_of_other_languages_needs_nothing_hidden(boomi: Emulator) -> None:
    given = {"componentId": component(boomi), "packageVersion": "7.0"}
    with NativeDriver(boomi.env) as driver:
        driver.check("it", "PackagedComponent", {}, {**given, "__origin": None})
        with pytest.raises(CheckFailed):
            driver.check("it", "PackagedComponent", {}, {**given, "componentId": "nobodys", "__origin": None})


def test_a_transform_that_makes_properties_anew_is_told(boomi: Emulator) -> None:
    def plain(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        props = {name: each for name, each in dict(args.props).items() if name[:2] != "__" or name == "__provider"}
        return pulumi.ResourceTransformationResult(props, args.opts)

    def program() -> None:
        boomi_pulumi.PackagedComponent(
            "one",
            component_id=component(boomi),
            package_version="7.0",
            opts=pulumi.ResourceOptions(transformations=[plain]),
        )

    with Driver(boomi.env) as driver:
        ran = run(program, driver.config, driver=driver)
    (said,) = ran.failures["one"].values()
    assert "transform" in said


# -- another SDK ---------------------------------------------------------------------------------

ANOTHER = """
import json, sys
import pulumi, pulumi.dynamic, pulumi.runtime.config, pulumi.runtime.rpc, pulumi.runtime.settings
import google.protobuf.struct_pb2
CHANGE
import boomi_pulumi as boomi
import tests.conformance.account as account
import tests.driver, tests.inline as inline
from boomi_pulumi.emulator import Emulator
from tests.driver import Driver

with Emulator(account.seed(), rate_limit=0) as emulator, Driver(emulator.env) as driver:
    def program():
        theirs = {name: pulumi.Output.from_input(driver.config[f"boomi:{name}"]) for name in ("username", "token")}
        PROGRAM

    told = []
    said = {"told": told}
    try:
        ran = inline.run(program, driver.config, driver=driver)
        said |= {"failures": ran.failures, "lines": ran.lines, "warnings": ran.warnings}
    except Exception as error:
        said |= {"error": str(error), "plain": isinstance(error, pulumi.RunError)}
    print(json.dumps(said))
"""

TWO = """for name in ("one", "two"):
            boomi.PackagedComponent(name, component_id=account.component(emulator), package_version=name)"""

APART = """apart = boomi.Provider("apart", account_id="acme-1", base_url=emulator.base_url, **theirs)
        boomi.get_environment(name="Test", opts=pulumi.InvokeOptions(provider=apart))"""


def another(change: str, program: str, tmp_path: Path) -> dict[str, Any]:
    """Run a program with an SDK that has changed before this package was imported; return what was said."""
    text = ANOTHER.replace("CHANGE", change).replace("PROGRAM", program)
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


DROPS = """
inner = pulumi.runtime.rpc.deserialize_properties
def drops(struct, *more):
    found = inner(struct, *more)
    return {name: each for name, each in found.items() if name[:2] != "__" or name == "__provider"}
pulumi.runtime.rpc.deserialize_properties = drops
"""


@pytest.mark.parametrize(("version", "advice"), [(BELOW, "pulumi>=3.235"), ("3.999.0", f"pulumi=={sdk.TRIED}")])
def test_an_sdk_that_drops_hidden_inputs_is_refused_by_the_program_in_one_line(
    version: str, advice: str, tmp_path: Path
) -> None:
    _installed(version, tmp_path)
    said = another(DROPS, TWO, tmp_path)
    assert f"Pulumi's SDK {version}" in said["error"]
    assert said["error"].endswith(f'Nothing was changed. Run: pip install "{advice}"')
    assert said["plain"]


def test_an_sdk_that_drops_hidden_inputs_is_refused_by_the_plugin_too(tmp_path: Path) -> None:
    """A refresh and a destroy run no program; the account guard would be off."""
    verbs = """bag = {"__provider": tests.driver.provider_string("PackagedComponent"), "__account": "other"}
        for verb in (driver.read, driver.delete):
            try:
                verb(tests.driver.Stored("PackagedComponent", "p-1", bag, bag))
            except tests.driver.PluginError as error:
                told.append(error.text)"""
    said = another(DROPS, verbs, tmp_path)
    assert len(said["told"]) == 2, said
    for each in said["told"]:
        assert "Pulumi's SDK" in each
        assert "Nothing was changed. Run: pip install" in each
        assert "Traceback" not in each.strip().splitlines()[-1]


def test_a_newer_sdk_is_told_once_in_a_run(tmp_path: Path) -> None:
    _installed("3.999.0", tmp_path)
    said = another("", TWO, tmp_path)
    assert said["failures"] == {}
    tried = f"({sdk.LOWEST.removesuffix('.0')} to {sdk.TRIED.removesuffix('.0')})"
    assert said["lines"] == [f"Pulumi's SDK 3.999.0 is newer than those that boomi_pulumi was tried with {tried}."]


def test_a_private_module_that_was_moved_costs_what_it_was_for_and_is_told(tmp_path: Path) -> None:
    said = another('sys.modules["pulumi.runtime._callbacks"] = None', TWO, tmp_path)
    assert said["failures"] == {}
    (line,) = said["lines"]
    assert "does not tell whether the program has transforms" in line
    assert f'pip install "pulumi=={sdk.TRIED}"' in line


@pytest.mark.parametrize(
    ("change", "program"),
    [
        ('sys.modules["pulumi.runtime.sync_await"] = None', APART),
        ("from pulumi.runtime import sync_await; del sync_await._sync_await", APART),
    ],
)
def test_a_wait_that_is_not_there_any_more_says_what_to_do(change: str, program: str, tmp_path: Path) -> None:
    said = another(change, program, tmp_path)
    assert "instead of outputs" in said["error"]
    assert f'pip install "pulumi=={sdk.TRIED}"' in said["error"]
    assert said["plain"]


@pytest.mark.parametrize("name", ["runtime.config.CONFIG", "runtime.settings.SETTINGS", "output.Unknown"])
def test_without_what_nothing_works_without_the_import_says_what_to_do(name: str, tmp_path: Path) -> None:
    text = f"import pulumi, pulumi.runtime.config, pulumi.output; del pulumi.{name}; import boomi_pulumi"
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=tmp_path, env={**os.environ}, capture_output=True, text=True, check=False
    )
    last = done.stderr.splitlines()[-1]
    assert last.startswith("boomi_pulumi._sdk.Unfit: Pulumi's SDK "), done.stderr
    assert last.endswith(f'Run: pip install "pulumi=={sdk.TRIED}"')


def test_what_the_sdk_does_not_promise_is_used_in_one_place() -> None:
    public = {"pulumi", "pulumi.dynamic", "pulumi.runtime", "pulumi.runtime.proto"}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path == PACKAGE / "_sdk.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = {each.name for each in node.names if each.name.split(".")[0] == "pulumi"}
                assert names <= public, f"{path.name} imports {names - public}"
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pulumi":
                assert node.module in public, f"{path.name} imports {node.module}"
                assert not [each.name for each in node.names if each.name.startswith("_")], path.name


def _installed(version: str, folder: Path) -> None:
    """Let an SDK of a version seem to be installed."""
    metadata = folder / f"pulumi-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: pulumi\nVersion: {version}\n", encoding="utf-8")
