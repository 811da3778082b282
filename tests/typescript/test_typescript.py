"""The promotion over the SDKs that Pulumi makes of the schema: they compile, and run on the real engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.native.install import install, release
from boomi_pulumi.native.schema import package
from tests.engine.project import ROOT, Project, Stack, seed

pytestmark = [pytest.mark.engine, pytest.mark.node]

EXAMPLES = ROOT / "examples"
MODULES = ROOT / "tools" / "pulumi" / "cli"
SETTINGS = {
    "dev": {"environment": "Dev", "packageVersion": "1.10"},
    "test": {"environment": "Test", "promoteFrom": "dev"},
}
SHUT_DOWN = "Resource monitor has terminated, shutting down\n"
"""What Pulumi's SDK for Python may add with CLI 3.276."""
FIRST = "If it is an output of another stack, run `pulumi up` there first."


def run(*command: str, cwd: Path) -> None:
    """Run a command to its end; its output is shown when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


@pytest.fixture
def made(tmp_path: Path) -> Callable[[str], Path]:
    """Return what makes the SDK of a language, and returns its folder."""
    generator, schema = tmp_path / "generator", tmp_path / "schema.json"
    generator.mkdir()
    for file in (MODULES / "go.mod", MODULES / "go.sum", ROOT / "tests" / "typescript" / "generate.go"):
        shutil.copy(file, generator)
    # The CLI's own generators, in its own versions.
    run("go", "build", "-mod=mod", "-o", "generate", ".", cwd=generator)
    schema.write_text(json.dumps(package(release())), encoding="utf-8")

    def make(language: str) -> Path:
        folder = tmp_path / f"sdk-{language}"
        run(str(generator / "generate"), language, str(schema), str(folder), cwd=tmp_path)
        return folder

    return make


def promoted(project: Project, example: str, path: str, ready: Callable[[Stack], None]) -> None:
    """Promote one package by an example, from `dev` to `test`; a `test` that is too early is refused in one line."""
    install(release(), str(project.folder / "plugin"))
    for name, values in SETTINGS.items():
        stack = project.stack(name)
        (stack.folder / "__main__.py").unlink()
        shutil.copytree(EXAMPLES / example, stack.folder, dirs_exist_ok=True)
        document = yaml.safe_load((stack.folder / "Pulumi.yaml").read_text(encoding="utf-8"))
        del document["stackConfigDir"]
        document |= {"name": stack.project_name, "packages": {"boomi": str(project.folder / "plugin")}}
        (stack.folder / "Pulumi.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
        stack.env["PATH"] = path
        ready(stack)
        for key, value in values.items():
            stack.run("config", "set", key, value)
    dev, test = project.stacks
    refusal, *after = test.preview(fails=True).errors()
    assert set(after) <= {SHUT_DOWN}
    assert refusal.rstrip().endswith(FIRST)
    for stack in (dev, test):
        seen = stack.preview()
        assert seen.says('componentName : "Order Sync"', 'packageVersion : "1.10"', "componentVersion: 3")
        assert "from $PATH" not in seen.output
        stack.run("up", "--yes", "--skip-preview")
        project.boomi.clear_journal()
        stack.run("preview", "--expect-no-changes")
        assert project.writes() == []
    running = {slot: row for slot, row in project.running().items() if "order-sync" in slot}
    assert {slot: row["packageVersion"] for slot, row in running.items()} == {
        "order-sync dev": "1.10",
        "order-sync test": "1.10",
    }
    assert len({row["packageId"] for row in running.values()}) == 1


def test_a_promotion_from_typescript_moves_the_very_package(tmp_path: Path, made: Callable[[str], Path]) -> None:
    sdk = made("nodejs")
    run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", cwd=sdk)
    run("npx", "tsc", cwd=sdk)
    package = sdk / "node_modules" / "@pulumi" / "boomi"
    shutil.copytree(sdk / "bin", package)
    shutil.copy(sdk / "package.json", package)

    def ready(stack: Stack) -> None:
        (stack.folder / "node_modules").symlink_to(sdk / "node_modules")
        run("npx", "tsc", "--noEmit", "--skipLibCheck", cwd=stack.folder)

    page = (ROOT / "docs" / "look-ups.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```typescript\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    (sdk / "query.ts").write_text(f'import * as boomi from "@pulumi/boomi";\n{shown}', encoding="utf-8")
    run("npx", "tsc", "--noEmit", "--strict", "--skipLibCheck", "--module", "commonjs", "query.ts", cwd=sdk)

    # Nothing of the virtual environment is there: the plugin is that of `packages`.
    own = str(Path(sys.executable).parent)
    path = os.pathsep.join(each for each in os.environ["PATH"].split(os.pathsep) if each != own)
    with Emulator(seed(), rate_limit=0) as boomi:
        promoted(Project(tmp_path, boomi), "promotion_typescript", path, ready)


def test_a_promotion_over_the_python_sdk_moves_the_very_package(tmp_path: Path, made: Callable[[str], Path]) -> None:
    site = tmp_path / "site"
    install_there = (sys.executable, "-m", "pip", "install", "--quiet", "--target", str(site))
    run(*install_there, "--no-deps", str(made("python")), cwd=tmp_path)

    def ready(stack: Stack) -> None:
        stack.env["PYTHONPATH"] = os.pathsep.join([stack.env["PYTHONPATH"], str(site)])
        document = (stack.folder / "Pulumi.yaml").read_text(encoding="utf-8").replace("virtualenv: venv", "")
        (stack.folder / "Pulumi.yaml").write_text(document, encoding="utf-8")

    with Emulator(seed(), rate_limit=0) as boomi:
        promoted(Project(tmp_path, boomi), "promotion_python_sdk", os.environ["PATH"], ready)


def test_the_promotion_in_go_compiles(tmp_path: Path, made: Callable[[str], Path]) -> None:
    folder, sdk = tmp_path / "promotion", made("go")
    shutil.copytree(EXAMPLES / "promotion_go", folder)
    for file in ("go.mod", "go.sum"):
        shutil.copy(MODULES / file, folder)
    module = package(release())["language"]["go"]["importBasePath"].removesuffix("/boomi")
    (sdk / "go.mod").write_text(f"module {module}\n\ngo 1.25\n", encoding="utf-8")
    run("go", "mod", "edit", f"-require={module}@v0.0.0", f"-replace={module}={sdk}", cwd=folder)
    run("go", "vet", "-mod=mod", ".", cwd=folder)
