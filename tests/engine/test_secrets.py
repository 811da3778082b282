"""What a program gives as a secret is in no output and no file of Pulumi's, through both doors, right or wrong.

All inputs of all kinds are swept in `tests/conformance/test_secrets.py`; here the engine itself has the last word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boomi_pulumi.cli.preview import read
from boomi_pulumi.cli.review import markdown
from boomi_pulumi.native.install import install, release
from tests.engine.project import Project, Stack
from tests.engine.test_native import HEAD

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.engine

MARKER = "m4rk3r-0f-th3-t3st"

PYTHON = """
import os

def secret(text):
    return pulumi.Output.secret(text.replace("MARKER", os.environ["MARKER"]))

package = boomi.PackagedComponent("a", component_id={component}, package_version=secret("MARKER"), notes={notes}{more})
boomi.DeployedPackage("b", package=package, environment_id="env-dev", notes=secret("also MARKER"))
"""

YAML = """\
  a:
    type: boomi:index:PackagedComponent
    properties:
      componentId:
        {component}
      packageVersion: {{"fn::secret": "MARKER"}}
      notes:
        {notes}
  b:
    type: boomi:index:DeployedPackage
    properties:
      package: ${{a}}
      environmentId: env-dev
      notes: {{"fn::secret": "also MARKER"}}
"""


class _Door:
    """Programs of one language; the texts `component` and `notes` are as that language writes a secret."""

    def __init__(self, stack: Stack, plugin: Path | None) -> None:
        self.stack = stack
        self.plugin = plugin

    def write(self, component: str = "order-sync", notes: str = "of MARKER", more: str = "") -> None:
        if self.plugin is None:
            shown = {"component": f"secret({component!r})", "notes": f'secret("{notes}")'}
            self.stack.program(PYTHON.format(more=more, **shown))
            return
        shown = {"component": f'fn::secret: "{component}"', "notes": f'fn::secret: "{notes}"'}
        head = HEAD.format(name="promotion", plugin=self.plugin)
        (self.stack.folder / "__main__.py").unlink(missing_ok=True)
        text = (head + YAML.format(**shown)).replace("MARKER", MARKER)
        (self.stack.folder / "Pulumi.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("language", ["python", "yaml"])
def test_no_output_and_no_file_has_it(project: Project, language: str, tmp_path: Path) -> None:
    project.tokens.add(MARKER)  # each command's output, and every file at the end, is looked through
    plugin = install(release(), str(tmp_path / "plugin")) if language == "yaml" else None
    stack = project.stack("dev", MARKER=MARKER)
    door = _Door(stack, plugin)

    misspelt = ', noets=secret("MARKER"), branch_nam=secret("MARKER")'
    door.write(notes="MARKER " * 600 if plugin else r"MARKER\x07", more=misspelt)
    body = stack.run("preview", "--json", fails=True).output
    assert "has a problem: notes: " in body
    assert "Refused" in markdown(read(body[body.index("{") :]))

    door.write(component="MARKER")
    debug = {"BOOMI_DEBUG": "1", "BOOMI_VALIDATE": "false"}
    failed = stack.run("up", "--yes", "--skip-preview", fails=True, traced=plugin is None, env=debug)
    assert failed.says("Boomi answered 400")

    door.write()
    seen = stack.preview()
    assert seen.says("notes : [secret]", "packageVersion : [secret]")
    assert seen.output.count("[secret]") == 6, "version and component that the deployment copies are secrets too"
    stack.run("up", "--yes", "--skip-preview")
    assert MARKER not in stack.file.read_text(encoding="utf-8")
    assert [row["packageVersion"] for row in project.running().values() if row["componentId"] == "order-sync"]
    stack.run("up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes")
    stack.run("destroy", "--yes", "--skip-preview")
    project.boomi.clear_journal()  # Boomi gets it in clear, an id even in an address
    if plugin:
        (stack.folder / "Pulumi.yaml").unlink()  # a program that holds them is a person's own
