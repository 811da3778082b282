"""The promotion from TypeScript: the SDK that Pulumi makes of the schema compiles, and runs on the real engine."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.native.install import install, release
from boomi_pulumi.native.schema import package
from tests.engine.project import ROOT, Project, seed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.engine, pytest.mark.node]

EXAMPLE = ROOT / "examples" / "promotion_typescript"
MODULES = ROOT / "tools" / "pulumi" / "cli"


def run(*command: str, cwd: Path) -> None:
    """Run a command to its end; its output is shown when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


@pytest.fixture
def sdk(tmp_path: Path) -> Path:
    """Generate, install and compile the SDK; return the folder that holds it beside what it needs."""
    generator, made = tmp_path / "generator", tmp_path / "sdk"
    generator.mkdir()
    for file in (MODULES / "go.mod", MODULES / "go.sum", ROOT / "tests" / "typescript" / "generate.go"):
        shutil.copy(file, generator)
    # The CLI's own generators, in its own versions.
    run("go", "build", "-mod=mod", "-o", "generate", ".", cwd=generator)
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(package(release())), encoding="utf-8")
    run(str(generator / "generate"), str(schema), str(made), cwd=tmp_path)
    run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", cwd=made)
    run("npx", "tsc", cwd=made)
    boomi = made / "node_modules" / "@pulumi" / "boomi"
    shutil.copytree(made / "bin", boomi)
    shutil.copy(made / "package.json", boomi)
    return made / "node_modules"


def test_a_promotion_from_typescript_moves_the_very_package(tmp_path: Path, sdk: Path) -> None:
    with Emulator(seed(), rate_limit=0) as boomi:
        project = Project(tmp_path, boomi)
        install(release(), str(tmp_path / "plugin"))
        settings = {"dev": {"environment": "Dev", "packageVersion": "1.10"}, "test": {"environment": "Test"}}
        settings["test"]["promoteFrom"] = "dev"
        for name, values in settings.items():
            stack = project.stack(name)
            (stack.folder / "__main__.py").unlink()
            for file in ("index.ts", "package.json", "tsconfig.json"):
                shutil.copy(EXAMPLE / file, stack.folder)
            document = yaml.safe_load((EXAMPLE / "Pulumi.yaml").read_text(encoding="utf-8"))
            del document["stackConfigDir"]
            document["name"], document["plugins"]["providers"][0]["path"] = "promotion", str(tmp_path / "plugin")
            (stack.folder / "Pulumi.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
            (stack.folder / "node_modules").symlink_to(sdk)
            run("npx", "tsc", "--noEmit", "--skipLibCheck", cwd=stack.folder)
            for key, value in values.items():
                stack.run("config", "set", key, value)
            assert stack.preview().says(
                'componentName : "Order Sync"', 'packageVersion : "1.10"', "componentVersion: 3"
            )
            stack.run("up", "--yes", "--skip-preview")
            boomi.clear_journal()
            stack.run("preview", "--expect-no-changes")
            assert project.writes() == []
        assert {slot: version for slot, version in project.versions().items() if "order-sync" in slot} == {
            "order-sync dev": "1.10",
            "order-sync test": "1.10",
        }
        assert len({row["packageId"] for slot, row in project.running().items() if "order-sync" in slot}) == 1
