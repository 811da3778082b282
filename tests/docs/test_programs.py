"""Every program that a reader can copy runs: those of pages in process, examples to their end on the engine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic.alias_generators import to_snake

from boomi_pulumi._kinds import KINDS
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.default_account import default_seed
from tests.docs.pages import CLOUD, ROOT, Block, blocks, examples, excerpts, secrets_of
from tests.driver import Driver
from tests.engine.project import Project, Stack
from tests.inline import run

PROGRAMS = [block for block in blocks() if block.is_program and not block.is_promotion and not block.is_script]
OWN = "boomi.Provider("
"""In a program of several accounts: the plugin of one of them cannot check what goes to another."""
ON_THE_ENGINE = [block for block in PROGRAMS if OWN in block.text or (block.number == 1 and excerpts(block.page))]
"""Programs of several accounts, and those whose page shows what their preview prints."""
OF_ONE_KIND = {to_snake(name) for name in KINDS}
"""The folders of the examples of one kind each."""
SECRET = "made-up-5ecret"  # noqa: S105 - of nobody
SUBACCOUNTS = [each["account"]["id"] for each in default_seed()["subaccounts"]]


def _account(boomi: Emulator) -> dict[str, dict[str, Any]]:
    """Tell, of each kind, what its resources are there to change, in the account and its sub-accounts."""

    def rows(kind: str) -> list[dict[str, Any]]:
        return [row for account in (None, *SUBACCOUNTS) for row in boomi.objects(kind, account)]

    classifications = [each for row in rows("ConnectorGroup") for each in row["classifications"]]
    return {
        "PackagedComponent": {row["packageId"]: row for row in rows("PackagedComponent") if not row["deleted"]},
        "DeployedPackage": {row["deploymentId"]: row for row in rows("DeployedPackage") if row["active"]},
        "ReleaseIntegrationPack": {
            f"{row['id']} {each['componentId']}": (each["currentVersion"], each["pendingVersion"])
            for row in rows("PublisherIntegrationPack")
            for each in row["PublisherPackagedComponents"]["PublisherPackagedComponent"]
        },
        "ConnectorVersionChange": {
            each["classificationType"]: (each["version"], each.get("pendingVersion")) for each in classifications
        },
        "ExecutionRequest": {row["executionId"]: row["outcome"] for row in rows("ExecutionRecord")},
        "ComponentMetadata": {
            row["componentId"]: (row["name"], row["folderId"], row["deleted"])
            for row in sorted(rows("ComponentMetadata"), key=lambda row: int(row["version"]))
        },
        "ProcessSchedules": {row["id"]: row["Schedule"] for row in rows("ProcessSchedules") if row.get("Schedule")},
        "ListenerStatus": {
            f"{row['containerId']}/{row['listenerId']}": row["status"]
            for each in boomi.objects("Atom")
            for row in boomi.listeners(each["id"])
        },
        "EnvironmentExtensions": {row["id"]: boomi.extension_values(row["id"]) for row in boomi.objects("Environment")},
    }


def _configure(stack: Stack) -> None:
    """Set the secrets that the stack's program takes from its configuration."""
    for name in secrets_of((stack.folder / "__main__.py").read_text(encoding="utf-8")):
        stack.run("config", "set", "--secret", name, SECRET)


def _let_run(boomi: Emulator) -> None:
    """Let the process of the page about promotion run where its gate asks for runs."""
    process = next(row for row in boomi.objects("ComponentMetadata") if row["name"] == "Inventory Feed")
    runtime = next(row for row in boomi.objects("Atom") if row["name"] == "Acme Test Atom")
    boomi.run(process["componentId"], runtime["id"])


def _previewed(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Preview a program in this process: nothing is refused, nothing changes, and it declares what it says."""
    with Emulator(rate_limit=0) as boomi, Driver(boomi.env) as driver:
        for variable, value in {**boomi.env, "BOOMI_RATE_LIMIT": "0"}.items():
            monkeypatch.setenv(variable, value)
        if "promoted_runs=" in text:
            _let_run(boomi)
        before = _account(boomi)
        config = {"boomi:token": boomi.token} | {f"shop:{each}": SECRET for each in secrets_of(text)}
        program = compile(text, name, "exec", dont_inherit=True)
        ran = run(lambda: exec(program, {"__name__": "__main__"}), config, secrets=list(config), driver=driver)  # noqa: S102 - ours
        assert ran.failures == {} or OWN in text
        assert _account(boomi) == before
        declared = {kind for kind in KINDS if f"boomi.{kind}(" in text}
        assert {each.kind.rpartition(":")[2] for _, each in ran.every} >= declared


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: block.name)
def test_a_program_of_a_page_runs(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    _previewed(block.name, block.text, monkeypatch)


@pytest.mark.parametrize("name", sorted(OF_ONE_KIND))
def test_an_example_of_one_kind_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the engine, `all_kinds` has them all."""
    _previewed(name, (ROOT / "examples" / name / "__main__.py").read_text(encoding="utf-8"), monkeypatch)


@pytest.mark.engine
@pytest.mark.parametrize("block", ON_THE_ENGINE, ids=lambda block: block.name)
def test_the_preview_of_a_page_is_what_it_shows(block: Block, tmp_path: Path) -> None:
    with Emulator(rate_limit=0) as boomi:
        project = Project(tmp_path, boomi, tokens={boomi.token, SECRET})
        stack = project.stack()
        (stack.folder / "__main__.py").write_text(block.text, encoding="utf-8")
        _configure(stack)
        seen = stack.preview()
        for lines in excerpts(block.page) if block.number == 1 else ():
            assert seen.says(*lines), seen.output


@pytest.mark.engine
@pytest.mark.parametrize(
    "folder",
    [each for each in examples() if each != CLOUD and each.name not in OF_ONE_KIND],
    ids=lambda folder: folder.name,
)
def test_an_example_runs(folder: Path, tmp_path: Path) -> None:
    """Brought up, unchanged, destroyed."""
    with Emulator(rate_limit=0) as boomi:
        project = Project(tmp_path, boomi, tokens={boomi.token, SECRET})
        stack = project.stack()
        shutil.copy(folder / "__main__.py", stack.folder / "__main__.py")
        _configure(stack)
        before = _account(boomi)
        done = stack.run("up", "--yes", "--skip-preview")
        made = {step.split()[1] for step in done.steps if step.startswith("create ")}
        after = _account(boomi)
        assert made == {kind for kind in before if after[kind] != before[kind]}
        stack.preview(None, "--refresh", "--expect-no-changes")
        stack.run("destroy", "--yes", "--skip-preview")

        assert stack.names() == set()
        left = _account(boomi)
        assert left["DeployedPackage"] == before["DeployedPackage"]
        assert before["PackagedComponent"].items() <= left["PackagedComponent"].items()
        assert left["ReleaseIntegrationPack"] == after["ReleaseIntegrationPack"]
        assert left["ComponentMetadata"] == after["ComponentMetadata"]
        assert left["EnvironmentExtensions"] == after["EnvironmentExtensions"]
        assert left["ListenerStatus"] == after["ListenerStatus"]
        for connector, (version, pending) in left["ConnectorVersionChange"].items():
            assert version == after["ConnectorVersionChange"][connector][0]
            assert pending is None
        project.no_token()
