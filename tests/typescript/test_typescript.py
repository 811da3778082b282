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
from tests.engine.project import ROOT, Project, Stack

pytestmark = [pytest.mark.engine, pytest.mark.node]

EXAMPLES = ROOT / "examples"
MODULES = ROOT / "tools" / "pulumi" / "cli"
ENVIRONMENTS = {"dev": "Dev", "test": "Test", "prod": "Production"}
"""Stack -> its environment."""
SHOWN = {
    "dev": ("will RUN on Acme Dev Atom (Dev)",),
    "test": ("open: active in Dev since", "1 run in Dev, the last COMPLETE", "none failed"),
    "prod": (
        "open: active in Test since",
        "every 15 minutes from 6:00 to 21:59, Monday to Saturday, by the clock of Acme Production Molecule",
    ),
}
"""Stack -> what its preview says."""
ADDED = ("Resource monitor has terminated, shutting down", "Running program '")
"""How what Pulumi's own SDKs may add begins, with CLI 3.276: that for Python, and Node.js where a promise is left."""
FIRST = "If it is an output of another stack, run `pulumi up` there first."


def run(*command: str, cwd: Path) -> None:
    """Run a command to its end; its output is shown when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what makes the SDK of a language, and returns its folder."""
    folder = tmp_path_factory.mktemp("sdks")
    generator, schema = folder / "generator", folder / "schema.json"
    generator.mkdir()
    for file in (MODULES / "go.mod", MODULES / "go.sum", ROOT / "tests" / "typescript" / "generate.go"):
        shutil.copy(file, generator)
    # The CLI's own generators, in its own versions.
    run("go", "build", "-mod=mod", "-o", "generate", ".", cwd=generator)
    schema.write_text(json.dumps(package(release())), encoding="utf-8")

    def make(language: str) -> Path:
        sdk = folder / language
        run(str(generator / "generate"), language, str(schema), str(sdk), cwd=folder)
        return sdk

    return make


def promoted(tmp_path: Path, example: str, path: str, ready: Callable[[Stack], None]) -> None:
    """Take one release through all stacks by an example; a `test` that is too early is refused in one line."""
    with Emulator(rate_limit=0, runPolls=0) as boomi:
        project = Project(tmp_path, boomi, tokens={boomi.token})
        install(release(), str(tmp_path / "plugin"))
        for name in ENVIRONMENTS:
            stack = project.stack(name)
            prepared(stack, EXAMPLES / example)
            stack.env["PATH"] = path
            ready(stack)
        refusal, *after = project.stacks[1].preview(fails=True).errors()
        assert all(each.startswith(ADDED) for each in after), after
        assert refusal.rstrip().endswith(FIRST)
        for stack in project.stacks:
            seen = stack.preview()
            said = ('componentName : "Order Sync"', 'packageVersion : "1.10"', "password: [secret]", *SHOWN[stack.name])
            assert seen.says(*said), seen.output
            assert "from $PATH" not in seen.output
            stack.run("up", "--yes", "--skip-preview")
            boomi.clear_journal()
            stack.run("preview", "--expect-no-changes")
            assert project.writes() == []
            assert values(stack) == {f"db.{stack.name}.acme.example", f"made up for {stack.name}"}
        component = project.stacks[0].resource("PackagedComponent", "order-sync")["outputs"]["componentId"]
        running = [row for row in project.running().values() if row["componentId"] == component]
        assert {row["packageVersion"] for row in running} == {"1.10"}
        assert len(running) == len(ENVIRONMENTS)
        assert len({row["packageId"] for row in running}) == 1
        runs = [row for row in boomi.objects("ExecutionRecord") if row["processId"] == component]
        assert [(row["atomName"], row["outcome"]) for row in runs] == [("Acme Dev Atom", "COMPLETE")]
        (scheduled,) = (row for row in boomi.objects("ProcessSchedules") if row["Schedule"])
        clock = project.stacks[2].resource("ProcessSchedules", "order-sync")["outputs"]
        assert (scheduled["processId"], scheduled["atomId"]) == (component, clock["atomId"])
        assert not [stack for stack in project.stacks[:2] if "ProcessSchedules order-sync" in stack.names()]
        project.no_token()


def prepared(stack: Stack, example: Path) -> None:
    """Give a stack the program of an example, and what its own file in the folder of all promotions says."""
    (stack.folder / "__main__.py").unlink()
    shutil.copytree(example, stack.folder, dirs_exist_ok=True)
    document = yaml.safe_load((stack.folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    file = f"Pulumi.{stack.name}.yaml"
    text = (example / document.pop("stackConfigDir") / file).read_text(encoding="utf-8")
    document |= {"name": stack.project_name, "packages": {"boomi": str(stack.project.folder / "plugin")}}
    (stack.folder / "Pulumi.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    given = yaml.safe_load(text.replace("order-sync:", f"{stack.project_name}:"))
    if stack.name == "test":  # an emulated runtime has a new version at once
        given["config"][f"{stack.project_name}:promotedRuns"] = {"complete": 1, "settle": 0}
    if stack.name == "dev":
        given["config"] |= {f"{stack.project_name}:packageVersion": "1.10", f"{stack.project_name}:settle": 0}
    old = yaml.safe_load((stack.folder / file).read_text(encoding="utf-8"))
    (stack.folder / file).write_text(yaml.safe_dump({**old, **given}), encoding="utf-8")
    stack.run("config", "set", "--secret", "ordersDbPassword", f"made up for {stack.name}")


def values(stack: Stack) -> set[str]:
    """Return the values that an environment has of its own, also those that nobody can read."""
    id_ = stack.resource("EnvironmentExtensions", "order-sync")["outputs"]["environmentId"]
    return set(stack.project.boomi.extension_values(id_).values())


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
    promoted(tmp_path, "promotion_typescript", path, ready)


def test_a_promotion_over_the_python_sdk_moves_the_very_package(tmp_path: Path, made: Callable[[str], Path]) -> None:
    site = tmp_path / "site"
    install_there = (sys.executable, "-m", "pip", "install", "--quiet", "--target", str(site))
    run(*install_there, "--no-deps", str(made("python")), cwd=tmp_path)

    def ready(stack: Stack) -> None:
        stack.env["PYTHONPATH"] = os.pathsep.join([stack.env["PYTHONPATH"], str(site)])
        document = (stack.folder / "Pulumi.yaml").read_text(encoding="utf-8").replace("virtualenv: venv", "")
        (stack.folder / "Pulumi.yaml").write_text(document, encoding="utf-8")

    promoted(tmp_path, "promotion_python_sdk", os.environ["PATH"], ready)


def test_the_promotion_in_go_compiles(tmp_path: Path, made: Callable[[str], Path]) -> None:
    folder, sdk = tmp_path / "promotion", made("go")
    shutil.copytree(EXAMPLES / "promotion_go", folder)
    for file in ("go.mod", "go.sum"):
        shutil.copy(MODULES / file, folder)
    module = package(release())["language"]["go"]["importBasePath"].removesuffix("/boomi")
    (sdk / "go.mod").write_text(f"module {module}\n\ngo 1.25\n", encoding="utf-8")
    run("go", "mod", "edit", f"-require={module}@v0.0.0", f"-replace={module}={sdk}", cwd=folder)
    run("go", "vet", "-mod=mod", ".", cwd=folder)
