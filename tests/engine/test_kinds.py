"""Every kind on the real engine: made, settled, changed by hand, repaired, gone, destroyed."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from boomi_pulumi._kinds import KINDS
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.objects import PRIVILEGES
from tests.engine.project import ROOT, Project, seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine

PERSON = "console.user@acme.example"


def _seed() -> dict[str, Any]:
    content = seed()
    content["users"][0]["privileges"] = sorted(PRIVILEGES)
    content["components"] += [
        {"name": name, "folder": "Acme/Stores", "id": name.lower()} for name in ("Loyalty", "Returns")
    ]
    content["packages"] += [
        {"component": f"Acme/Stores/{name}", "version": version, "revision": 1, "shareable": True}
        for name in ("Loyalty", "Returns")
        for version in ("1.0", "1.1", "1.2")
    ]
    content["integrationPacks"] = [
        {
            "id": "shop",
            "name": "Shop",
            "installationType": "MULTI",
            "members": [{"component": f"Acme/Stores/{name}", "released": "1.0"} for name in ("Loyalty", "Returns")],
        }
    ]
    content["connectors"] = [
        {
            "groupType": "till",
            "groupName": "Till",
            "versions": 5,
            "classifications": [
                {"classification": "dev", "displayName": "Till", "visibility": "PRIVATE", "version": "2"}
            ],
        }
    ]
    return content


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Project]:
    with Emulator(_seed(), rate_limit=0) as boomi:
        made = Project(tmp_path, boomi)
        yield made
        made.no_token()


@dataclass(frozen=True)
class Case:
    """One kind.

    Attributes:
        program: Declares one resource of it, and whatever that needs.
        holds: What the account has of it.
        wanted: What the program makes of that.
        shows: What a preview says before the first run.
        drift: Changes it as a person does; None where nobody can.
        changed: Property -> declared, by hand.
        vanish: Deletes it as a person does; None where nobody can.
        says: What a destroy says where something stays.
    """

    program: str
    holds: Callable[[Project], Any]
    wanted: Any
    shows: str
    drift: Callable[[Project], object] | None = None
    changed: tuple[str, Any, Any] | None = None
    vanish: Callable[[Project], object] | None = None
    says: str = ""


def _released(project: Project) -> dict[str, str]:
    (row,) = project.boomi.objects("PublisherIntegrationPack")
    members = row["PublisherPackagedComponents"]["PublisherPackagedComponent"]
    return {each["componentId"]: each["currentVersion"] for each in members}


def _connector(project: Project) -> str:
    (group,) = project.boomi.objects("ConnectorGroup")
    return str(group["classifications"][0]["version"])


def _component(project: Project) -> tuple[str, bool]:
    rows = [row for row in project.boomi.objects("ComponentMetadata") if row["componentId"] == "loyalty"]
    row = max(rows, key=lambda each: int(each["version"]))
    return row["name"], row["deleted"]


def _deploy(project: Project) -> None:
    package = project.boomi.console_package("stock-feed", packageVersion="9.9")
    project.boomi.console_deploy("env-dev", package["packageId"])


CASES = {
    "PackagedComponent": Case(
        program='boomi.PackagedComponent("it", component_id="order-api", package_version="1.0")',
        holds=lambda project: "order-api 1.0" in project.packages(),
        wanted=True,
        shows='packageVersion : "1.0"',
        vanish=lambda project: project.boomi.console_delete_package(project.packages()["order-api 1.0"]["packageId"]),
    ),
    "DeployedPackage": Case(
        program="""
            feed = boomi.get_packaged_component(component_id="stock-feed", package_version="0.9")
            boomi.DeployedPackage("it", package=feed, environment_id="env-dev")
        """,
        holds=lambda project: project.versions().get("stock-feed dev"),
        wanted="0.9",
        shows='environmentName : "Dev"',
        drift=_deploy,
        changed=("packageVersion", "0.9", "9.9"),
        vanish=lambda project: project.boomi.console_undeploy(project.running()["stock-feed dev"]["deploymentId"]),
    ),
    "ReleaseIntegrationPack": Case(
        program="""
            pack = boomi.get_integration_pack(name="Shop")
            release = boomi.ReleaseIntegrationPack(
                "it", integration_pack=pack, components=[{"component_id": "loyalty", "version": "1.1"}]
            )
            pulumi.export(
                "status", release.request_id.apply(lambda id: boomi.get_release_status(request_id=id).release_status)
            )
        """,
        holds=_released,
        wanted={"loyalty": "1.1", "returns": "1.0"},
        shows='Loyalty: "1.0 → 1.1"',
        drift=lambda project: project.boomi.release_pack("shop", {"loyalty": "1.2"}),
        changed=(
            "components",
            [{"componentId": "loyalty", "version": "1.1"}],
            [{"componentId": "loyalty", "version": "1.2"}],
        ),
        says="Boomi cannot withdraw a release; what is out stays out. The stack forgets it.",
    ),
    "ConnectorVersionChange": Case(
        program='boomi.ConnectorVersionChange("it", classification_type="till-dev", version_id="3")',
        holds=_connector,
        wanted="3",
        shows='connectorName : "Till"',
        drift=lambda project: project.boomi.store.console(
            "create", "ConnectorVersionChange", by=PERSON, classificationType="till-dev", versionId="5"
        ),
        changed=("versionId", "3", "5"),
        says="Boomi cannot undo a connector's version; 3 stays. The stack forgets it.",
    ),
    "ComponentMetadata": Case(
        program='boomi.ComponentMetadata("it", component_id="loyalty", name="Loyalty of all shops")',
        holds=_component,
        wanted=("Loyalty of all shops", False),
        shows='name : "Loyalty of all shops"',
        drift=lambda project: project.boomi.store.console(
            "update", "ComponentMetadata", by=PERSON, id="loyalty", name="By hand"
        ),
        changed=("name", "Loyalty of all shops", "By hand"),
        vanish=lambda project: project.boomi.delete_component("loyalty"),
        says="the component stays, under its present name",
    ),
}


ELSEWHERE = {
    "EnvironmentExtensions": "tests/engine/test_extensions.py",
    **dict.fromkeys(("ProcessSchedules", "ListenerStatus", "ExecutionRequest"), "tests/engine/test_on_runtimes.py"),
}
"""Kinds that other tests bring up, leave unchanged and destroy on the engine."""


def test_every_kind_is_here_or_elsewhere() -> None:
    assert CASES.keys() | ELSEWHERE.keys() == KINDS.keys()
    assert all((ROOT / file).is_file() for file in ELSEWHERE.values())


def _held(shop: Project) -> dict[str, Any]:
    return {kind: case.holds(shop) for kind, case in CASES.items()}


@pytest.mark.core
def test_the_life_of_one_resource_of_every_kind(shop: Project) -> None:
    before, wanted = _held(shop), {kind: case.wanted for kind, case in CASES.items()}
    stack = shop.stack(program="\n".join(textwrap.dedent(case.program) for case in CASES.values()))
    seen = stack.preview()
    for kind, case in CASES.items():
        assert seen.says_of(kind, case.shows), kind
    assert _held(shop) == before
    assert not [kind for kind in CASES if before[kind] == wanted[kind]]
    stack.up()
    assert _held(shop) == wanted
    stack.laws()
    stack.move()

    drifting = {kind: case for kind, case in CASES.items() if case.drift is not None}
    for case in drifting.values():
        assert case.drift is not None
        case.drift(shop)
    found = stack.refresh()
    assert found.steps == {f"update {kind} it" for kind in drifting}
    for kind, case in drifting.items():
        assert case.changed is not None
        property_, declared, by_hand = case.changed
        assert found.change(kind, "it")[property_] == (declared, by_hand)
    assert stack.up().steps == {f"update {kind} it" for kind in drifting}
    assert _held(shop) == wanted

    vanishing = {kind: case for kind, case in CASES.items() if case.vanish is not None}
    for case in vanishing.values():
        assert case.vanish is not None
        case.vanish(shop)
    assert stack.refresh().steps == {f"delete {kind} it" for kind in vanishing}
    assert stack.up().steps == {f"create {kind} it" for kind in vanishing}
    assert _held(shop) == wanted

    done = stack.destroy()
    assert stack.names() == set()
    assert done.says(*(case.says for case in CASES.values()))
    assert _held(shop) == {kind: wanted[kind] if case.says else before[kind] for kind, case in CASES.items()}
