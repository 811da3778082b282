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
    stack.run("config", "set", "boomi:accountId", "acme-AB12CD")
    stack.run("config", "set", "boomi:username", PIPELINE)
    stack.run("config", "set", "boomi:baseUrl", project.boomi.base_url)
    stack.run("config", "set", "--secret", "boomi:token", TOKENS[PIPELINE])
    stack.up()
    assert project.versions()["order-sync dev"] == "1.0"
    stack.env |= {"BOOMI_TOKEN": "ignored", "BOOMI_ACCOUNT_ID": "ignored", "BOOMI_REGION": "GB"}
    stack.laws()

    stack.run("config", "set", "boomi:rateLimit", "fast")
    seen = stack.preview(fails=True)
    assert seen.says("boomi:rateLimit is 'fast'; it must be a number of at least 0.")
    stack.run("config", "rm", "boomi:rateLimit")


def test_a_sub_account_is_reached_through_the_partner_address(project: Project) -> None:
    stack = project.stack(
        "dev",
        """
        sync = boomi.get_component(name="Store Sync")
        package = boomi.PackagedComponent("store-sync", component=sync, package_version="1.0")
        boomi.DeployedPackage("store-sync", package=package, environment=boomi.get_environment(name="North Test"))
        """,
        BOOMI_OVERRIDE_ACCOUNT="acme-north",
    )
    stack.up()
    calls = project.boomi.journal()
    stack.laws()
    calls += project.boomi.journal()
    assert all(call["overrideAccount"] == "acme-north" for call in calls)
    assert all(call["path"].startswith("/partner/api/rest/v1/acme-AB12CD/") for call in calls)
    (package,) = project.boomi.objects("PackagedComponent", "acme-north")
    assert (package["componentId"], package["packageVersion"]) == ("store-sync", "1.0")
    stack.destroy()
    assert all(row["deleted"] for row in project.boomi.objects("PackagedComponent", "acme-north"))
    assert not any(row["active"] for row in project.boomi.objects("DeployedPackage", "acme-north"))
    assert project.versions() == {"stock-feed production": "0.9"}


def test_without_marks_and_without_facts_the_same_holds(project: Project) -> None:
    program = """
        package = boomi.PackagedComponent("order-sync", component_id="order-sync", package_version="{version}")
        boomi.DeployedPackage("order-sync", package=package, environment_id="env-dev", notes="ORD-981")
    """
    stack = project.stack("dev", program.format(version="1.0"), BOOMI_ORIGIN_MARK="false", BOOMI_VALIDATE="false")
    stack.up()
    assert "notes" not in project.packages()["order-sync 1.0"]
    assert project.running()["order-sync dev"]["notes"] == "ORD-981"
    stack.up(program.format(version="1.1"))
    assert project.versions()["order-sync dev"] == "1.1"
    # Marks and facts may be switched on later.
    stack.env |= {"BOOMI_ORIGIN_MARK": "true", "BOOMI_VALIDATE": "true"}
    stack.up(None, "--expect-no-changes")
    stack.destroy()
    assert project.versions() == {"stock-feed production": "0.9"}
    assert set(project.packages()) == {"stock-feed 0.9"}


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
    (stack.folder / "Pulumi.yaml").write_text(head % "venv", encoding="utf-8")
    assert stack.run("preview", fails=True).says("virtualenv"), "the option is heeded, and names no environment here"
    (stack.folder / "Pulumi.yaml").write_text(head % sys.prefix, encoding="utf-8")
    stack.run("up", "--yes", "--skip-preview")
    assert "order-sync 1.0" in project.packages()
    stack.run("destroy", "--yes", "--skip-preview")
    assert "order-sync 1.0" not in project.packages()
