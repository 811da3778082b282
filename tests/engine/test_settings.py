"""Where settings come from, and what they change."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.engine.project import NAME, PIPELINE, TOKENS

if TYPE_CHECKING:
    from tests.engine.project import Project

pytestmark = pytest.mark.engine

NOTHING = {"BOOMI_BASE_URL": "", "BOOMI_ACCOUNT_ID": "", "BOOMI_USERNAME": "", "BOOMI_TOKEN": ""}


def test_settings_of_the_stack_win_over_the_environment(project: Project) -> None:
    stack = project.stack(
        "dev",
        """
        package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="1.0")
        boomi.DeployedPackage("order-sync", package=package, environment=boomi.get_environment(name="Dev"))
        """,
        **NOTHING,
    )
    plain = {"accountId": "acme-AB12CD", "username": PIPELINE, "baseUrl": project.boomi.base_url}
    given = [each for name, value in plain.items() for each in ("--plaintext", f"boomi:{name}={value}")]
    stack.run("config", "set-all", *given, "--secret", f"boomi:token={TOKENS[PIPELINE]}")
    stack.up()
    assert project.versions()["order-sync dev"] == "1.0"
    stack.env |= {"BOOMI_TOKEN": "ignored", "BOOMI_ACCOUNT_ID": "ignored", "BOOMI_REGION": "GB"}
    stack.laws()

    stack.run("config", "set", "boomi:rateLimit", "fast")
    seen = stack.preview(fails=True)
    assert seen.says("boomi:rateLimit is 'fast'; it must be a number from 0.001 to 1,000,000, or 0.")


def test_a_program_in_a_folder_of_its_own_with_an_absolute_virtualenv(project: Project) -> None:
    """With `main: src`, Pulumi looks for a relative virtualenv in src when it starts the provider."""
    stack = project.stack()
    (stack.folder / "src").mkdir()
    (stack.folder / "__main__.py").unlink()
    (stack.folder / "src" / "__main__.py").write_text(
        "import boomi_pulumi as boomi\n\n"
        'boomi.PackagedComponent("p", component_id="order-sync", package_version="1.0")\n',
        encoding="utf-8",
    )
    head = f"name: {NAME}\nmain: src\nruntime: {{name: python, options: {{toolchain: pip, virtualenv: %s}}}}\n"
    (stack.folder / "Pulumi.yaml").write_text(head % sys.prefix, encoding="utf-8")
    stack.run("up", "--yes", "--skip-preview")
    assert "order-sync 1.0" in project.packages()
    # A destroy runs no program, so what is told is of the provider.
    (stack.folder / "Pulumi.yaml").write_text(head % "venv", encoding="utf-8")
    refused = stack.run("destroy", "--yes", "--skip-preview", fails=True)
    assert refused.says("virtualenv"), "the option is heeded, and names no environment here"
    assert "order-sync 1.0" in project.packages()
    (stack.folder / "Pulumi.yaml").write_text(head % sys.prefix, encoding="utf-8")
    stack.run("destroy", "--yes", "--skip-preview")
    assert "order-sync 1.0" not in project.packages()
