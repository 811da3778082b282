"""Random programs, edits, people, faults and kills against a plain model; a failure prints the program that shows it.

`make test` runs the same 200 every time; `make fuzz` runs thousands of others.
"""

from __future__ import annotations

import copy
import os
from contextlib import closing, suppress
from typing import Any

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from boomi_pulumi.emulator import Emulator
from tests.driver import CheckFailed, Driver, PluginError, Ref, Resource, State
from tests.faults import account
from tests.faults.account import PACK, PRODUCTION, TEST, live, running, world
from tests.faults.test_grid import FAULTS, TYPED
from tests.native_driver import NativeDriver

COMPONENTS = ("sync", "feed", "api")
SLOTS = [(environment, component) for environment in (TEST, PRODUCTION) for component in COMPONENTS]
PERSON = "ann@acme.example"
TIMEOUT = "5"
TILL = "till-dev"

components, slots = st.sampled_from(COMPONENTS), st.sampled_from(SLOTS)
versions = st.sampled_from(["7.0", "7.1", "7.2"])
faults = st.sampled_from([name for name in FAULTS if name != "stall"])
strange = st.sampled_from(["page-before", "page-after", "error-before", "error-after", "short"])
releases = st.sampled_from(["1.0", "1.1", "1.2"])
tills = st.sampled_from(["2", "3", "4"])
titles = st.sampled_from(["Api", "Api of orders", "Api of sales"])


class Killed(Exception):
    """The plugin, and the engine with it, are gone."""


class Killing(HTTPAdapter):
    """Lets so many requests through; Boomi has done what the last of them asked for when the process ends."""

    def __init__(self, requests: int) -> None:
        super().__init__(max_retries=0)
        self._left = requests

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        answer = super().send(request, *args, **options)
        self._left -= 1
        if self._left < 0:
            answer.close()
            raise Killed
        return answer


class Account(RuleBasedStateMachine):
    """An account, a stack, and what both ought to hold."""

    door: type[Driver] = Driver

    def __init__(self) -> None:
        super().__init__()
        self.boomi = Emulator(account.seed(), rate_limit=0)
        self.state = State()
        self.packages: dict[str, str] = {}
        """Declared: component -> version."""
        self.deployed: set[tuple[str, str]] = set()
        """Declared slots; each runs the declared package of its component."""
        self.theirs: dict[str, tuple[str, str]] = {}
        """People's deployments in slots that nobody declares since: id -> slot."""
        self.release: str | None = None
        """Declared: the version of Sync in the pack."""
        self.till: str | None = None
        """Declared: the connector's version."""
        self.title: str | None = None
        """Declared: the name of Api."""
        self.wanted: set[tuple[str, str]] = {("release", "1.0"), ("till", "2"), ("title", "Api")}
        """What the program or a person ever asked for of these three."""
        self.names: dict[str, str] = {}
        """Resources that were renamed with an alias."""

    def teardown(self) -> None:
        # Whatever happened, a run without a fault puts it right.
        with closing(self):
            if any(self.packages.values()) or self.state.resources:
                self.up()
                self.destroy()

    def close(self) -> None:
        self.boomi.stop()

    def program(self) -> list[Resource]:
        found = [
            Resource(name, "PackagedComponent", {"componentId": name, "packageVersion": version})
            for name, version in self.packages.items()
        ]
        found += [
            Resource(
                f"{component}-{environment}",
                "DeployedPackage",
                {"environmentId": environment, "packageId": Ref(self.name(component), "packageId")},
            )
            for environment, component in sorted(self.deployed)
            if component in self.packages
        ]
        if self.release is not None:
            rows = [{"componentId": "sync", "version": self.release}]
            found.append(Resource("orders", "ReleaseIntegrationPack", {"integrationPackId": PACK, "components": rows}))
        if self.till is not None:
            inputs = {"classificationType": TILL, "versionId": self.till}
            found.append(Resource("till", "ConnectorVersionChange", inputs))
        if self.title is not None:
            found.append(Resource("title", "ComponentMetadata", {"componentId": "api", "name": self.title}))
        return [Resource(self.name(each.name), each.kind, each.inputs) for each in found]

    def name(self, name: str) -> str:
        return self.names.get(name, name)

    def run(self, act: Any) -> bool:
        """Run a command; an error must be one that a person can read, and nothing of ours is forgotten that runs."""
        held = self._held()
        done = self._done(act)
        there = {row["deploymentId"] for row in running(self.boomi)}
        forgotten = held.keys() - self._held().keys()
        assert not [id_ for id_ in forgotten if held[id_] in there], "it runs, and the state forgot it"
        return done

    def _done(self, act: Any) -> bool:
        with self.door(self.boomi.env, self.state, timeout=TIMEOUT) as driver:
            try:
                act(driver)
            except PluginError as error:
                # What the native door tells has no class before it; a fault of ours would say so.
                typed = TYPED.search(error.text) or self.door is not Driver
                assert typed and "a fault of boomi_pulumi" not in error.text, error.text  # noqa: PT017, PT018
                return False
            except CheckFailed:
                return False
            return True

    def _held(self) -> dict[str, Any]:
        """Return slot -> deploymentId of the deployments that the state holds, and that this stack made."""
        return {
            each.id: each.outputs.get("deploymentId")
            for each in [*self.state.resources.values(), *self.state.replaced]
            if each.kind == "DeployedPackage" and each.outputs.get("adopted") is not True
        }

    # -- what people do to the program -----------------------------------------------------------

    @initialize(running_stack=st.booleans())
    def begin(self, running_stack: bool) -> None:
        self.theirs = {row["deploymentId"]: (row["environmentId"], row["componentId"]) for row in running(self.boomi)}
        if running_stack:
            self.packages, self.deployed = {"sync": "7.0", "feed": "7.0"}, {(TEST, "sync"), (TEST, "feed")}
            self.up()

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

    @rule(version=releases)
    def declare_a_release(self, version: str) -> None:
        self.release = version
        self.wanted.add(("release", version))

    @rule(version=tills)
    def declare_a_connector(self, version: str) -> None:
        self.till = version
        self.wanted.add(("till", version))

    @rule(title=titles)
    def declare_a_name(self, title: str) -> None:
        self.title = title
        self.wanted.add(("title", title))

    @rule(which=st.sampled_from(["release", "till", "title"]))
    def give_up(self, which: str) -> None:
        setattr(self, which, None)

    @rule(data=st.data())
    def rename_with_an_alias(self, data: st.DataObject) -> None:
        declared = sorted(each.name for each in self.program())
        if declared:
            old = data.draw(st.sampled_from(declared))
            first = next((name for name, present in self.names.items() if present == old), old)
            self.names[first] = new = f"{old}+" if len(old) < 30 else first
            if old in self.state.resources:
                self.state.resources[new] = self.state.resources.pop(old)

    @rule(data=st.data())
    def delete_from_the_state(self, data: st.DataObject) -> None:
        if self.state.resources:
            del self.state.resources[data.draw(st.sampled_from(sorted(self.state.resources)))]

    @rule(data=st.data())
    def cut_off_a_forced_replacement(self, data: st.DataObject) -> None:
        if self.state.resources:
            name = data.draw(st.sampled_from(sorted(self.state.resources)))
            self.state.replaced.append(copy.deepcopy(self.state.resources[name]))

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

    @rule(version=releases)
    def somebody_releases(self, version: str) -> None:
        self.boomi.advance(120)
        self.boomi.release_pack(PACK, {"sync": version}, by=PERSON)
        self.wanted.add(("release", version))

    @rule(version=tills)
    def somebody_changes_the_connector(self, version: str) -> None:
        if world(self.boomi)["connectors"][TILL][0] != version:
            self.boomi.store.console(
                "create", "ConnectorVersionChange", by=PERSON, classificationType=TILL, versionId=version
            )
            self.wanted.add(("till", version))

    @rule(title=titles)
    def somebody_renames(self, title: str) -> None:
        self.boomi.store.console("update", "ComponentMetadata", by=PERSON, id="api", name=title)
        self.wanted.add(("title", title))

    # -- commands --------------------------------------------------------------------------------

    @rule()
    def up(self) -> None:
        self._declared_slots_are_ours()
        self.boomi.advance(120)  # what Boomi was doing is done
        program = self.program()
        # A refresh first, as `up --refresh`: what people did shows.
        assert self.run(lambda driver: driver.refresh())
        if not self.run(lambda driver: driver.up(*program)):
            # A deleted version that is declared once more from another revision is refused, and that is right.
            raise AssertionError("an up without a fault failed")
        self._is_as_declared()
        now = self._now()
        declared = {("release", self.release), ("till", self.till), ("title", self.title)}
        assert {(which, value) for which, value in declared if value is not None} <= now, now
        with self.door(self.boomi.env, self.state) as driver:
            assert {step.act for step in driver.preview(*program)} <= {"same"}

    def _is_as_declared(self) -> None:
        active = {(row["environmentId"], row["componentId"]): row["packageVersion"] for row in running(self.boomi)}
        for environment, component in self.deployed:
            assert active[environment, component] == self.packages[component]
        there = {(row["componentId"], row["packageVersion"]) for row in live(self.boomi)}
        assert set(self.packages.items()) <= there
        assert set(self.state.resources) == {each.name for each in self.program()}
        assert not self.state.replaced

    @rule(fault=faults, index=st.integers(1, 25))
    def up_with_a_fault(self, fault: str, index: int) -> None:
        self._declared_slots_are_ours()
        self.boomi.faults(*FAULTS[fault](index))
        done = self.run(lambda driver: (driver.refresh(), driver.up(*self.program())))
        self.boomi.faults()
        if done:
            # Success is success, whatever went wrong on the way.
            self._is_as_declared()

    @precondition(lambda self: self._held())
    @rule(kind=strange, index=st.integers(1, 4), command=st.sampled_from(["refresh", "destroy"]))
    def something_in_between_answers(self, kind: str, index: int, command: str) -> None:
        self.boomi.faults({"kind": kind, "index": index, "times": 2})
        self.run(lambda driver: driver.refresh() if command == "refresh" else driver.destroy())
        self.boomi.faults()

    @precondition(lambda self: self._held())
    @rule(environment=st.sampled_from([TEST, PRODUCTION]), command=st.sampled_from(["refresh", "destroy"]))
    def an_environment_is_hidden_for_a_while(self, environment: str, command: str) -> None:
        role = self.boomi.give_environment_role(environment, "operators", by=PERSON)
        self.run(lambda driver: driver.refresh() if command == "refresh" else driver.destroy())
        self.boomi.store.console("delete", "EnvironmentRole", by=PERSON, id=role["id"])

    @rule(requests=st.integers(0, 25), command=st.sampled_from(["up", "refresh", "destroy"]))
    def a_command_that_is_killed(self, requests: int, command: str) -> None:
        self._declared_slots_are_ours()
        with self.door(self.boomi.env, self.state, timeout=TIMEOUT) as driver:
            driver.client.adapter = Killing(requests)
            with suppress(PluginError, CheckFailed, Killed):
                if command == "up":
                    driver.up(*self.program())
                elif command == "refresh":
                    driver.refresh()
                else:
                    driver.destroy()

    @rule()
    def refresh(self) -> None:
        assert self.run(lambda driver: driver.refresh())

    @rule(fault=faults, index=st.integers(1, 12))
    def destroy_with_a_fault(self, fault: str, index: int) -> None:
        held = self._held()
        self.boomi.faults(*FAULTS[fault](index))
        done = self.run(lambda driver: driver.destroy())
        self.boomi.faults()
        if done:
            assert not self.state.resources
            assert not set(held.values()) & {row["deploymentId"] for row in running(self.boomi)}

    @rule()
    def destroy(self) -> None:
        assert self.run(lambda driver: driver.destroy())
        assert not self.state.resources

    def _declared_slots_are_ours(self) -> None:
        self.theirs = {id_: slot for id_, slot in self.theirs.items() if slot not in self.deployed}

    def _now(self) -> set[tuple[str, str]]:
        there = world(self.boomi)
        _, title = max((version, name) for id_, name, version, _ in there["components"] if id_ == "api")
        return {
            ("release", there["released"][PACK, "sync"]),
            ("till", there["connectors"][TILL][0]),
            ("title", title),
        }

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
    def nothing_is_what_nobody_asked_for(self) -> None:
        assert self._now() <= self.wanted

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


FUZZ = int(os.environ.get("FUZZ", "0"))
PART = 50
"""Histories of one test: a test is what several processes share, and what `make fuzz` prints a dot for."""


def _histories(number: int) -> Any:
    """Return a test of its own, so that several run at the same time; each has other histories."""
    machine: Any = type(f"Account{number}", (Account,), {"door": NativeDriver if number % 2 == 0 else Driver})
    test = machine.TestCase
    test.settings = settings(
        max_examples=min(FUZZ or PART, PART),
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        database=None,
    )
    return test if FUZZ else seed(number)(test)


for _number in range(1, 1 + -(-(FUZZ or 100) // PART)):
    globals()[f"TestAccount{_number}"] = _histories(_number)
