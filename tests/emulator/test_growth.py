"""A full account costs no more work per request than an empty one, and keeps no more of the past than it should."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from boomi_pulumi.emulator.objects import KINDS
from boomi_pulumi.emulator.rules import Call
from boomi_pulumi.emulator.seed import schedule_id
from boomi_pulumi.emulator.store import Store
from tests.emulator.conftest import small_seed

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

PACKAGES, DEPLOYMENTS, COMPONENTS = 5_000, 1_000, 50
BATCH_SIZE = {"properties": {"property": [{"name": "DPP_BATCH_SIZE", "value": "5"}]}}


class Account:
    """A store, and what a client asks of it, without HTTP."""

    def __init__(self) -> None:
        self.store = Store(small_seed(), settings={"rateLimit": 0})
        self.user = {"name": "ann", "privileges": [*small_seed()["users"][0]["privileges"]]}
        self.account = str(self.store.primary["id"])
        self.components = [
            str(self.store.create_component(f"Made {number}")["componentId"]) for number in range(COMPONENTS)
        ]
        self.environments = [
            str(self.ask("Environment", "create", name=f"Made {number}")["id"]) for number in range(10)
        ]
        declaring = self.store.create_component("Declares", extensions=["properties/DPP_BATCH_SIZE"])["componentId"]
        self.quiet = str(self.ask("Environment", "create", name="Quiet")["id"])
        self.ask("DeployedPackage", "create", componentId=declaring, environmentId=self.quiet)
        self.process = str(declaring)
        self.atom = str(self.store.objects("Atom")[0]["id"])
        self.ask("EnvironmentAtomAttachment", "create", atomId=self.atom, environmentId=self.quiet)
        self.schedules = schedule_id(self.atom, self.process)
        self.packages: list[Any] = []
        self.deployments: list[Any] = []

    def ask(self, kind: str, verb: str, identifier: str = "", **body: Any) -> Any:
        return self.store.perform(Call(self.user, self.account, KINDS[kind], verb, identifier, body)).value

    def find(self, kind: str, **equal: Any) -> Any:
        nested = [{"operator": "EQUALS", "property": name, "argument": [value]} for name, value in equal.items()]
        expression = {"operator": "and", "nestedExpression": nested}
        return self.ask(kind, "query", QueryFilter={"expression": expression})

    def package(self, version: str = "") -> Any:
        component = self.components[len(self.packages) % COMPONENTS]
        made = self.ask("PackagedComponent", "create", componentId=component, packageVersion=version)
        self.packages.append(made)
        return made

    def deploy_again(self) -> Any:
        """Deploy to a slot that is taken."""
        last = self.deployments[-1]
        body = {name: last[name] for name in ("packageId", "environmentId")}
        self.deployments[-1] = self.ask("DeployedPackage", "create", **body)
        return self.deployments[-1]

    def deploy(self) -> Any:
        number = len(self.deployments)
        package = self.packages[number % len(self.packages)]
        made = self.ask(
            "DeployedPackage",
            "create",
            packageId=package["packageId"],
            environmentId=self.environments[number // COMPONENTS % 10],
        )
        self.deployments.append(made)
        return made

    def rows(self, act: Callable[[], Any]) -> int:
        before = self.store.work.rows
        act()
        return self.store.work.rows - before


@pytest.fixture(scope="module")
def work() -> tuple[dict[str, int], dict[str, int]]:
    """The rows that each act touches in a nearly empty account, and in a full one."""
    account = Account()
    for _ in range(2 * COMPONENTS):
        account.package()
    for _ in range(2 * COMPONENTS):
        account.deploy()
    first = measured(account)
    while len(account.packages) < PACKAGES:
        account.package()
    while len(account.deployments) < DEPLOYMENTS:
        account.deploy()
    assert len(account.store.objects("PackagedComponent")) >= PACKAGES
    assert len(account.store.objects("DeployedPackage")) >= DEPLOYMENTS
    return first, measured(account)


def measured(account: Account) -> dict[str, int]:
    package, deployment = account.packages[-1], account.deployments[-1]
    pair = {"atomId": account.atom, "processId": account.process}
    id_, environment = package["packageId"], account.environments[0]
    slot = {"environmentId": deployment["environmentId"], "componentId": deployment["componentId"]}
    fresh = account.package()
    account.packages.remove(fresh)
    acts: dict[str, Callable[[], Any]] = {
        "create with a version": lambda: account.package(f"v{len(account.packages)}"),
        "create without one": account.package,
        "get a package": lambda: account.ask("PackagedComponent", "get", id_),
        "query a package by id": lambda: account.find("PackagedComponent", packageId=id_),
        "query a version": lambda: account.find(
            "PackagedComponent", componentId=package["componentId"], packageVersion=package["packageVersion"]
        ),
        "delete a package": lambda: account.ask("PackagedComponent", "delete", fresh["packageId"]),
        "deploy": account.deploy_again,
        "get a deployment": lambda: account.ask("DeployedPackage", "get", deployment["deploymentId"]),
        "query a deployment by id": lambda: account.find("DeployedPackage", deploymentId=deployment["deploymentId"]),
        "query a slot": lambda: account.find("DeployedPackage", active="true", **slot),
        "undeploy": lambda: account.ask("DeployedPackage", "delete", account.deployments[-1]["deploymentId"]),
        "create an environment": lambda: account.ask("Environment", "create", name=f"E{len(account.packages)}"),
        "get an environment": lambda: account.ask("Environment", "get", environment),
        "query an environment by name": lambda: account.find("Environment", name="Made 3"),
        "get the extensions of an environment": lambda: account.ask("EnvironmentExtensions", "get", account.quiet),
        "save the extensions of an environment": lambda: account.ask(
            "EnvironmentExtensions", "update", account.quiet, partial="true", **BATCH_SIZE
        ),
        "get the schedules of a process": lambda: account.ask("ProcessSchedules", "get", account.schedules),
        "save the schedules of a process": lambda: account.ask(
            "ProcessSchedules", "update", account.schedules, id=account.schedules, **pair, Schedule=[]
        ),
        "query the schedules of a runtime": lambda: account.find("ProcessScheduleStatus", atomId=account.atom),
        "ask for a run": lambda: account.ask("ExecutionRequest", "create", **pair),
        "query the records of a process": lambda: account.find("ExecutionRecord", processId="nobody"),
        "query a component by id": lambda: account.find("ComponentMetadata", componentId=account.components[0]),
    }
    return {name: account.rows(act) for name, act in acts.items()}


def test_work_per_request_does_not_grow(work: tuple[dict[str, int], dict[str, int]]) -> None:
    small, large = work
    assert large == small
    assert 0 < max(large.values()) < 30


def test_a_scan_would_be_counted() -> None:
    account = Account()
    for _ in range(40):
        account.package()
    assert account.rows(lambda: account.ask("PackagedComponent", "query")) >= 40


def test_only_the_first_page_of_a_query_looks_at_rows() -> None:
    account = Account()
    for _ in range(250):
        account.package()
    pages = [account.ask("PackagedComponent", "query")]

    def read_on() -> None:
        while pages[-1].token:
            call = Call(account.user, account.account, KINDS["PackagedComponent"], "queryMore", "", pages[-1].token)
            pages.append(account.store.perform(call).value)

    # `perform` looks at some rows of its own, whatever is asked.
    least = account.rows(lambda: account.ask("Environment", "get", account.environments[0]))
    assert account.rows(read_on) <= least * 2
    assert len(pages) == 3
    assert sum(len(page.rows) for page in pages) == pages[0].total >= 250


def test_what_an_index_finds_is_what_a_scan_finds() -> None:
    """The same rows in the same order, after rows moved from one value to another and back."""
    account = Account()
    for _ in range(120):
        account.package()
    for _ in range(60):
        account.deploy()
    for made in account.deployments[::7]:
        account.ask("DeployedPackage", "delete", made["deploymentId"])
    for made in account.packages[60::9]:
        account.ask("PackagedComponent", "delete", made["packageId"])
        account.ask(
            "PackagedComponent",
            "create",
            **{name: made[name] for name in ("packageId", "componentId", "packageVersion")},
        )
    for kind, names in (
        ("PackagedComponent", ("packageId", "componentId", "packageVersion")),
        ("DeployedPackage", ("deploymentId", "environmentId", "componentId", "packageId")),
        ("Environment", ("id", "name")),
        ("ComponentMetadata", ("componentId", "name")),
    ):
        rows = account.store.objects(kind)
        for name in names:
            for value in {row[name] for row in rows}:
                found = account.find(kind, **{name: value}).rows
                key = KINDS[kind].id_field
                assert [row[key] for row in found] == [row[key] for row in rows if row[name] == value][:100]


def test_the_journal_and_the_paging_tokens_are_bounded() -> None:
    store = Store(small_seed(), settings={"rateLimit": 0})
    for _ in range(12_000):
        store.note(path="x")
    journal = store.journal()
    assert (len(journal), journal[-1]["seq"]) == (10_000, 12_000)


def test_what_paging_keeps_is_bounded() -> None:
    account = Account()
    for _ in range(150):
        account.package()
    for _ in range(1_000):
        account.ask("PackagedComponent", "query")
    assert account.store.kept_rows() <= 100_000


SYNC = "Acme/Orders/Sync"
DEPLOYED = {"component": SYNC, "package": "0", "environment": "Dev"}


def seed_of(**sections: list[dict[str, Any]]) -> dict[str, Any]:
    found = {**small_seed(), "integrationPacks": [], "connectors": [], "packages": [], "deployments": []}
    return {**found, **{name: [*(found.get(name) or []), *rows] for name, rows in sections.items()}}


def named(count: int) -> list[dict[str, Any]]:
    return [{"component": SYNC, "version": str(number), "shareable": True} for number in range(count)]


SEEDS: dict[str, Callable[[int], dict[str, Any]]] = {
    "components": lambda n: seed_of(components=[{"name": f"C{each}"} for each in range(n)]),
    "components that declare extensions": lambda n: seed_of(
        components=[{"name": f"C{each}", "revisions": 2, "extensions": ["connections/DB/host"]} for each in range(n)]
    ),
    "components of one name": lambda n: seed_of(components=[{"name": "Same"}] * n),
    "a component of many revisions, all packaged": lambda n: seed_of(
        components=[{"name": "Long", "revisions": n}],
        packages=[{"component": "Acme/Long", "version": str(each), "revision": each + 1} for each in range(n)],
    ),
    "folders in one": lambda n: seed_of(folders=[{"path": f"Acme/F{each}"} for each in range(n)]),
    "packages of one component": lambda n: seed_of(packages=named(n)),
    "deployments of one component in one environment": lambda n: seed_of(packages=named(1), deployments=[DEPLOYED] * n),
    "deployments, none of them active": lambda n: seed_of(
        packages=named(1), deployments=[{**DEPLOYED, "active": False}] * n
    ),
    "deployments of many components": lambda n: seed_of(
        components=[{"name": f"C{each}"} for each in range(n)],
        packages=[{"component": f"Acme/C{each}", "version": "1"} for each in range(n)],
        deployments=[{"component": f"Acme/C{each}", "package": "1", "environment": "Dev"} for each in range(n)],
    ),
    "legacy deployments": lambda n: seed_of(legacyDeployments=[{"component": SYNC, "environment": "Dev"}] * n),
    "users with many roles": lambda n: seed_of(
        users=[{"name": f"u{each}", "token": "t", "roles": [f"r{each}"]} for each in range(n)]
    ),
    "environments with roles": lambda n: seed_of(
        environments=[{"name": f"E{each}", "roles": ["r"]} for each in range(n)]
    ),
    "branches": lambda n: seed_of(branches=[{"name": f"b{each}"} for each in range(n)]),
    "components that use one": lambda n: seed_of(
        components=[{"name": f"C{each}", "uses": [SYNC]} for each in range(n)]
    ),
    "packs of one component with many packages": lambda n: seed_of(
        packages=named(n), integrationPacks=[{"name": f"P{each}", "members": [SYNC]} for each in range(n)]
    ),
    "a connector of many versions and classifications": lambda n: seed_of(
        connectors=[
            {
                "groupType": "till",
                "versions": n,
                "classifications": [{"classification": f"c{each}", "version": "1"} for each in range(n)],
            }
        ]
    ),
    "runtimes": lambda n: seed_of(runtimes=[{"name": f"R{each}", "attachedTo": ["Dev"]} for each in range(n)]),
}


def steps(act: Callable[[], Any]) -> int:
    """Count the steps of Python that something takes; unlike seconds, they are the same on every machine."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_a_seed_is_read_in_steps_that_grow_with_its_rows(seed: Callable[[int], dict[str, Any]]) -> None:
    Store(seed(1)).close()  # the first of its kind in a process also imports
    documents = [seed(count) for count in (40, 80, 160)]
    small, middle, large = (steps(lambda: Store(documents.pop(0)).close()) for _ in range(3))
    assert 0 < large - middle <= 2.2 * (middle - small)


def test_a_square_would_be_counted() -> None:
    def square(count: int) -> int:
        return steps(lambda: [None for _ in range(count) for _ in range(count)])

    assert square(160) - square(80) > 3 * (square(80) - square(40))
