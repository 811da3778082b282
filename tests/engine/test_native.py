"""The native plugin on the real engine, with programs in YAML."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.native.install import install, release
from tests.engine.project import NAME, ROOT, Project, Run, Stack
from tests.engine.test_interrupt import interrupted
from tests.engine.test_kill import killed
from tests.engine.test_kinds import _connector, _released, _seed

pytestmark = pytest.mark.engine

HEAD = """\
name: {name}
runtime: yaml
plugins:
  providers:
    - name: boomi
      path: {plugin}
resources:
"""
PACKAGE = """\
  order-sync:
    type: boomi:index:PackagedComponent
    properties:
      componentId: order-sync
      packageVersion: "{version}"
"""
DEPLOYMENT = """\
  order-sync-dev:
    type: boomi:index:DeployedPackage
    properties:
      package: ${{order-sync}}
      environmentId: env-dev
"""
OTHERS = """\
  shop:
    type: boomi:index:ReleaseIntegrationPack
    properties:
      integrationPackId: shop
      components:
        - componentId: loyalty
          version: "1.1"
  till:
    type: boomi:index:ConnectorVersionChange
    properties:
      classificationType: till-dev
      versionId: "3"
  loyalty:
    type: boomi:index:ComponentMetadata
    properties:
      componentId: loyalty
      name: Loyalty points
"""
ALL = PACKAGE + DEPLOYMENT + OTHERS
PYTHON = """
    package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0")
    boomi.DeployedPackage("order-sync-dev", package=package, environment_id="env-dev")
    boomi.ReleaseIntegrationPack(
        "shop", integration_pack_id="shop", components=[{"component_id": "loyalty", "version": "1.1"}]
    )
    boomi.ConnectorVersionChange("till", classification_type="till-dev", version_id="3")
    boomi.ComponentMetadata("loyalty", component_id="loyalty", name="Loyalty points")
"""

LOOK_UP = """
variables:
  dev: {fn::invoke: {function: boomi:index:getEnvironment, arguments: {name: Dev}}}
outputs: {id: "${dev.id}"}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Project]:
    with Emulator(_seed(), rate_limit=0) as boomi:
        made = Project(tmp_path, boomi)
        install(release(), str(tmp_path / "plugin"))
        yield made
        made.no_token()


def written(stack: Stack, body: str, version: str = "1.0") -> None:
    """Make the program of a stack one in YAML."""
    (stack.folder / "__main__.py").unlink(missing_ok=True)
    head = HEAD.format(name=NAME, plugin=stack.project.folder / "plugin")
    (stack.folder / "Pulumi.yaml").write_text(head + body.format(version=version), encoding="utf-8")


def unchanged(stack: Stack, *options: str) -> Run:
    """Preview: there is nothing to do, and nothing is written."""
    stack.project.boomi.clear_journal()
    done = stack.run("preview", "--expect-no-changes", *options)
    assert stack.project.writes() == [], done.output
    return done


@pytest.mark.core
def test_all_kinds_in_yaml_from_the_first_preview_to_a_destroy(shop: Project) -> None:
    stack = shop.stack()
    written(stack, ALL)
    seen = stack.preview()
    assert len(seen.steps) == 5
    assert seen.says('componentName : "Order Sync"', 'Loyalty: "1.0 → 1.1"', 'visibility : "PRIVATE"')
    stack.run("up", "--yes", "--skip-preview")
    assert (shop.versions()["order-sync dev"], _connector(shop), _released(shop)["loyalty"]) == ("1.0", "3", "1.1")
    unchanged(stack)
    assert shop.boomi.journal() == [], "a preview of what stays asks nothing"
    unchanged(stack, "--refresh")

    other = shop.boomi.console_package("order-sync", packageVersion="9.9")["packageId"]
    shop.boomi.console_deploy("env-dev", other)
    seen = stack.run("preview", "--refresh", "--diff")
    assert seen.says('packageVersion: "9.9" => "1.0"', 'supersedes : "9.9, deployed by')
    stack.run("up", "--yes", "--skip-preview", "--refresh")
    assert shop.versions()["order-sync dev"] == "1.0"

    written(stack, ALL, "1.1")
    seen = stack.preview()
    assert seen.says('~ packageVersion : "1.0" => "1.1"')
    assert not [line for line in seen.output.splitlines() if line.strip().startswith("- created")]
    stack.run("destroy", "--yes", "--skip-preview")
    assert set(shop.versions()) == {"stock-feed production"}
    assert stack.names() == set()


def test_replace_on_changes_is_honoured_by_the_plugin_only(shop: Project) -> None:
    """What the page on other languages says of it."""
    python = """
        boomi.DeployedPackage(
            "feed", ResourceOptions(replace_on_changes=["listenerStatus"]),
            package_id="stock-feed-0.9", environment_id="env-dev", listener_status="{status}",
        )
    """
    yaml = """\
  feed:
    type: boomi:index:DeployedPackage
    properties: {{packageId: stock-feed-0.9, environmentId: env-dev, listenerStatus: {version}}}
    options: {{replaceOnChanges: [listenerStatus]}}
"""
    stack = shop.stack()
    stack.up(python.format(status="RUNNING"))
    assert stack.preview(python.format(status="PAUSED")).steps == {"update DeployedPackage feed"}
    written(stack, yaml, "PAUSED")
    assert "replace DeployedPackage feed" in stack.preview().steps


def test_a_stack_moves_from_python_to_yaml_unchanged(shop: Project) -> None:
    stack = shop.stack(program=PYTHON)
    stack.run("up", "--yes", "--skip-preview")
    written(stack, ALL)
    assert unchanged(stack).says("6 unchanged")
    stack.run("up", "--yes", "--skip-preview", "--expect-no-changes")
    assert shop.writes() == []
    assert {row["type"].split(":")[0] for row in stack.state() if ":providers:" not in row["type"]} == {
        "boomi",
        "pulumi",
    }
    unchanged(stack, "--refresh")
    stack.run("destroy", "--yes", "--skip-preview")
    assert set(shop.versions()) == {"stock-feed production"}


def test_the_folder_is_found_without_the_virtual_environment_on_path(shop: Project) -> None:
    own = str(Path(sys.executable).parent)
    path = os.pathsep.join(each for each in os.environ["PATH"].split(os.pathsep) if each != own)
    stack = shop.stack()
    install(release(), str(stack.folder / "boomi-plugin"))
    shown = stack.run("package", "get-schema", "./boomi-plugin", env={"PATH": path})
    assert json.loads(shown.output[shown.output.index("{") :])["version"] == release()
    (stack.folder / "__main__.py").unlink()
    program = f"name: {NAME}\nruntime: yaml\npackages: {{boomi: ./boomi-plugin}}\n{LOOK_UP}"
    (stack.folder / "Pulumi.yaml").write_text(program, encoding="utf-8")
    seen = stack.run("preview", "--diff", env={"PATH": path})
    assert seen.says('"env-dev"')
    assert "from $PATH" not in seen.output


@pytest.mark.core
def test_objects_of_every_kind_are_imported(shop: Project) -> None:
    package = shop.boomi.console_package("order-sync", packageVersion="1.0")["packageId"]
    shop.boomi.console_deploy("env-dev", package)
    shop.boomi.release_pack("shop", {"loyalty": "1.1"})
    stack = shop.stack()
    written(stack, "  {{}}")
    ids = {
        "order-sync": ("PackagedComponent", package),
        "order-sync-dev": ("DeployedPackage", "Dev/Order Sync"),
        "shop": ("ReleaseIntegrationPack", "Shop"),
        "till": ("ConnectorVersionChange", "till-dev"),
        "loyalty": ("ComponentMetadata", "loyalty"),
    }
    rows = [{"type": f"boomi:index:{kind}", "name": name, "id": id_} for name, (kind, id_) in ids.items()]
    file = shop.folder / "import.json"
    file.write_text(json.dumps({"resources": rows}), encoding="utf-8")
    shop.boomi.clear_journal()
    done = stack.run(
        "import", "--file", str(file), "--yes", "--skip-preview", "--out", str(shop.folder / "program.yaml")
    )
    assert shop.writes() == [], done.output
    text = (shop.folder / "program.yaml").read_text(encoding="utf-8")
    assert 'packageVersion: "1.0"' in text or "packageVersion: '1.0'" in text or "packageVersion: 1.0" in text
    for frozen in ("componentVersion", "branchName", "listenerStatus", "componentName", "deleteOnDestroy"):
        assert frozen not in text
    generated = text.partition("resources:\n")[2].replace("{", "{{").replace("}", "}}")
    written(stack, generated)
    unchanged(stack, "--refresh")


def test_the_program_of_the_page_runs(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "other-languages.md").read_text(encoding="utf-8")
    body = page.partition("```yaml\n")[2].partition("```")[0]
    with Emulator(rate_limit=0) as boomi:
        project = Project(tmp_path, boomi, tokens={boomi.token})
        stack = project.stack()
        install(release(), str(stack.folder / "boomi-plugin"))
        (stack.folder / "__main__.py").unlink()
        (stack.folder / "Pulumi.yaml").write_text(body.replace("name: orders", f"name: {NAME}"), encoding="utf-8")
        seen = stack.preview()
        for line in (
            page.partition("`pulumi preview --diff` then shows:")[2].partition("\n\nNames")[0].strip().splitlines()
        ):
            assert seen.says(line.strip()), line
        stack.run("up", "--yes", "--skip-preview")
        assert stack.outputs() == {"running": "2.0"}
        project.no_token()


def test_one_ctrl_c_ends_a_wait(shop: Project) -> None:
    stack = shop.stack(BOOMI_RATE_LIMIT="0.01")
    written(stack, PACKAGE + DEPLOYMENT)
    interrupted(stack, "up", "--yes", "--skip-preview", when=lambda: len(shop.boomi.journal()) == 1)
    stack.env["BOOMI_RATE_LIMIT"] = "0"
    stack.run("up", "--yes", "--skip-preview")
    unchanged(stack)


@pytest.mark.parametrize("made", ["PackagedComponent", "DeployedPackage"])
def test_a_command_that_was_killed_is_finished_by_the_next(made: str, shop: Project) -> None:
    stack = shop.stack()
    written(stack, PACKAGE + DEPLOYMENT)
    killed(stack, "up", {"object": made, "verb": "create"})
    stack.run("cancel", "--yes")
    stack.run("up", "--yes", "--skip-preview")
    assert shop.versions()["order-sync dev"] == "1.0"
    assert len([row for row in shop.boomi.objects("PackagedComponent") if row["componentId"] == "order-sync"]) == 1
    unchanged(stack, "--refresh")


EXPLICIT = """\
  north:
    type: pulumi:providers:boomi
    properties:
      overrideAccount: acme-north
      token:
        fn::secret: {token}
  store-sync:
    type: boomi:index:PackagedComponent
    properties:
      componentId: store-sync
      packageVersion: "1.0"
      notes:
        fn::secret: {notes}
    options:
      provider: ${{north}}
"""


def test_a_provider_of_its_own_acts_in_its_account_and_secrets_stay_secret(shop: Project) -> None:
    notes = "0nly-f0r-th3-t3am"
    shop.tokens.add(notes)
    stack = shop.stack()
    written(stack, PACKAGE + EXPLICIT.replace("{token}", shop.boomi.token).replace("{notes}", notes))
    assert stack.preview().says("notes : [secret]", 'componentName : "Store Sync"')
    stack.run("up", "--yes", "--skip-preview")
    (made,) = shop.boomi.objects("PackagedComponent", "acme-north")
    assert made["notes"].startswith(notes), "Boomi gets it in clear"
    assert "order-sync 1.0" in shop.packages()
    unchanged(stack, "--refresh")
    stack.run("destroy", "--yes", "--skip-preview")
    assert [row["deleted"] for row in shop.boomi.objects("PackagedComponent", "acme-north")] == [True]
    (stack.folder / "Pulumi.yaml").unlink()  # a program that holds them is a person's own


def test_custom_timeouts_bound_a_wait(shop: Project) -> None:
    shop.boomi.settings(releasePolls=1000, releaseSeconds=3600)
    stack = shop.stack()
    options = "    options:\n      customTimeouts: {{create: 2s}}\n"
    written(stack, OTHERS.partition("  till:")[0] + options)
    # Without the bound, it would wait for 300 seconds, and the test would end before.
    done = stack.run("up", "--yes", "--skip-preview")
    assert "Release of Shop" in done.output
    assert stack.resource("ReleaseIntegrationPack", "shop")["outputs"]["releaseStatus"] == "IN_PROGRESS"
    assert len([entry for entry in shop.writes() if entry["committed"]]) == 1
