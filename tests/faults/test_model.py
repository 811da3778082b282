"""Random programs, edits, people, faults and kills against a plain model; a failure prints the program that shows it.

`make test` runs a few; `make fuzz` runs thousands.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from boomi_pulumi.emulator import Emulator
from tests.driver import CheckFailed, Driver, PluginError, Ref, Resource, State
from tests.faults.account import PRODUCTION, TEST, live, running, seed
from tests.faults.test_grid import FAULTS, TYPED

COMPONENTS = ("sync", "feed", "api")
SLOTS = [(environment, component) for environment in (TEST, PRODUCTION) for component in COMPONENTS]
PERSON = "ann@acme.example"
TIMEOUT = "5"

components, slots = st.sampled_from(COMPONENTS), st.sampled_from(SLOTS)
versions = st.sampled_from(["7.0", "7.1", "7.2"])
faults = st.sampled_from([name for name in FAULTS if name != "stall"])


class Account(RuleBasedStateMachine):
    """An account, a stack, and what both ought to hold."""

    def __init__(self) -> None:
        super().__init__()
        self.boomi = Emulator(seed(), rate_limit=0)
        self.state = State()
        self.packages: dict[str, str] = {}
        """Declared: component -> version."""
        self.deployed: set[tuple[str, str]] = set()
        """Declared slots; each runs the declared package of its component."""
        self.theirs: dict[str, tuple[str, str]] = {}
        """People's deployments in slots that nobody declares since: id -> slot."""

    def teardown(self) -> None:
        self.boomi.stop()

    def program(self) -> list[Resource]:
        found = [
            Resource(name, "PackagedComponent", {"componentId": name, "packageVersion": version})
            for name, version in self.packages.items()
        ]
        return found + [
            Resource(
                f"{component}-{environment}",
                "DeployedPackage",
                {"environmentId": environment, "packageId": Ref(component, "packageId")},
            )
            for environment, component in sorted(self.deployed)
            if component in self.packages
        ]

    def run(self, act: Any) -> bool:
        """Run a command; an error must be one that a person can read."""
        with Driver(self.boomi.env, self.state, timeout=TIMEOUT) as driver:
            try:
                act(driver)
            except PluginError as error:
                assert TYPED.search(error.text), error.text  # noqa: PT017 - not every fault ends a run
                return False
            except CheckFailed:
                return False
            return True

    # -- what people do to the program -----------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.theirs = {row["deploymentId"]: (row["environmentId"], row["componentId"]) for row in running(self.boomi)}

    @rule(component=components, version=versions)
    def declare_a_package(self, component: str, version: str) -> None:
        self.packages[component] = version

    @rule(slot=slots)
    def declare_a_deployment(self, slot: tuple[str, str]) -> None:
        if slot[1] in self.packages:
            self.deployed.add(slot)

    @rule(slot=slots)
    def give_up_a_deployment(self, slot: tuple[str, str]) -> None:
        self.deployed.discard(slot)

    @rule(component=components)
    def give_up_a_package(self, component: str) -> None:
        self.packages.pop(component, None)
        self.deployed = {slot for slot in self.deployed if slot[1] != component}

    # -- what people do to the account -----------------------------------------------------------

    @rule(slot=slots)
    def somebody_deploys(self, slot: tuple[str, str]) -> None:
        environment, component = slot
        package = self.boomi.console_package(component, by=PERSON)["packageId"]
        made = self.boomi.console_deploy(environment, package, by=PERSON)
        self.theirs = {id_: each for id_, each in self.theirs.items() if each != slot}
        self.theirs[made["deploymentId"]] = slot

    @rule(slot=slots)
    def somebody_undeploys(self, slot: tuple[str, str]) -> None:
        for row in self.boomi.objects("DeployedPackage"):
            if row["active"] and (row["environmentId"], row["componentId"]) == slot:
                self.boomi.console_undeploy(row["deploymentId"], by=PERSON)
                self.theirs.pop(row["deploymentId"], None)

    # -- commands --------------------------------------------------------------------------------

    @rule()
    def up(self) -> None:
        self._declared_slots_are_ours()
        program = self.program()
        # A refresh first, as `up --refresh`: what people did shows.
        assert self.run(lambda driver: driver.refresh())
        if not self.run(lambda driver: driver.up(*program)):
            # A deleted version that is declared once more from another revision is refused, and that is right.
            raise AssertionError("an up without a fault failed")
        active = {(row["environmentId"], row["componentId"]): row["packageVersion"] for row in running(self.boomi)}
        for environment, component in self.deployed:
            assert active[environment, component] == self.packages[component]
        there = {(row["componentId"], row["packageVersion"]) for row in live(self.boomi)}
        assert set(self.packages.items()) <= there
        assert set(self.state.resources) == {each.name for each in program}
        with Driver(self.boomi.env, self.state) as driver:
            assert {step.act for step in driver.preview(*program)} <= {"same"}

    @rule(fault=faults, index=st.integers(1, 25))
    def up_with_a_fault(self, fault: str, index: int) -> None:
        self._declared_slots_are_ours()
        self.boomi.faults(*FAULTS[fault](index))
        self.run(lambda driver: driver.up(*self.program()))
        self.boomi.faults()

    @rule()
    def refresh(self) -> None:
        assert self.run(lambda driver: driver.refresh())

    @rule(fault=faults, index=st.integers(1, 12))
    def destroy_with_a_fault(self, fault: str, index: int) -> None:
        self.boomi.faults(*FAULTS[fault](index))
        self.run(lambda driver: driver.destroy())
        self.boomi.faults()

    @rule()
    def destroy(self) -> None:
        assert self.run(lambda driver: driver.destroy())
        assert not self.state.resources

    def _declared_slots_are_ours(self) -> None:
        self.theirs = {id_: slot for id_, slot in self.theirs.items() if slot not in self.deployed}

    # -- what always holds -----------------------------------------------------------------------

    @invariant()
    def nobody_elses_deployment_has_stopped(self) -> None:
        assert set(self.theirs) <= {row["deploymentId"] for row in running(self.boomi)}

    @invariant()
    def nobody_elses_package_is_gone(self) -> None:
        gone = [
            row
            for row in self.boomi.objects("PackagedComponent")
            if row["deleted"] and row["createdBy"] != "pulumi@acme.example"
        ]
        assert gone == []

    @invariant()
    def nothing_is_doubled(self) -> None:
        live = [
            (row["componentId"], row["packageVersion"])
            for row in self.boomi.objects("PackagedComponent")
            if not row["deleted"]
        ]
        assert len(live) == len(set(live))
        slots_ = [
            (row["environmentId"], row["componentId"]) for row in self.boomi.objects("DeployedPackage") if row["active"]
        ]
        assert len(slots_) == len(set(slots_))


TestAccount = Account.TestCase
TestAccount.settings = settings(
    max_examples=int(os.environ.get("FUZZ", "25")),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    database=None,
    derandomize="FUZZ" not in os.environ,
)
