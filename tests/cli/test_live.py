"""`boomi-pulumi live`: it finds every position, stays inside, and leaves nothing behind whatever happens."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import sys
import termios
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from boomi_pulumi._api.errors import BoomiError, Conflict
from boomi_pulumi._api.models import (
    COMPONENT_METADATA,
    CONNECTOR_VERSION_CHANGE,
    DEPLOYED_PACKAGE,
    PACKAGED_COMPONENT,
    PUBLISHER_PACK,
)
from boomi_pulumi._reads.finders import find_component, find_environment
from boomi_pulumi.cli.account import Counter, connect
from boomi_pulumi.cli.live.probes import NOT_PROBED, PROBES
from boomi_pulumi.cli.live.result import RunResult, settings_file
from boomi_pulumi.cli.live.run import run as run_live
from boomi_pulumi.cli.live.sandbox import Sandbox
from boomi_pulumi.cli.live.sandbox_client import NO_CONNECTOR, PREFIX, OutsideSandbox, SandboxClient
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.objects import KINDS
from boomi_pulumi.emulator.switches import CANCELS, SWITCHES, read_settings
from tests.children import child
from tests.cli.conftest import Run
from tests.conformance.account import component, environment, package, seed
from tests.conformance.conftest import account_settings
from tests.conformance.test_live_laws import hold
from tests.emulator.test_process import ROOT, serving

SAMPLES: dict[str, list[Any]] = {
    "longestFilter": [0, 20, 127],
    "refusedOperators": [[], ["LIKE", "BETWEEN", "or"], ["IS_NULL"]],
    "deprecated": [[], ["Folder", "PackagedComponent"]],
    "missingFeatures": [[], ["PublisherIntegrationPack"]],
    "deleteBody": ["", "{true}"],
    "licencesExceededBy": [0, 15],
    "connectorPath": ["/connector/api/rest/v1/{account}", "/api/rest/v1/{account}"],
    "connectorCancel": [[form] for form in CANCELS]
    + [list(CANCELS), [CANCELS[2], CANCELS[1]], [CANCELS[0], CANCELS[3]]],
}
"""Positions of the switches that have no list of them."""

PROBED = [name for probe in PROBES for name in probe.switches]
POSITIONS = [
    pytest.param(name, position, id=f"{name}-{json.dumps(position)}")
    for name in PROBED
    for position in SAMPLES.get(name) or SWITCHES[name].positions or (True, False)
]


@dataclass
class Account:
    """An emulated account in which `live` may work, and what is in it."""

    boomi: Emulator

    def sandbox(self, counter: Counter, name: str = "Sync", place: str = "Test") -> Sandbox:
        env = {**self.boomi.env, "BOOMI_RATE_LIMIT": "0"}
        client = connect(counter, SandboxClient, env=env, retries=0)
        client._sleep = lambda _: None
        return Sandbox(client, find_component(client, name=name), find_environment(client, name=place), "t1", counter)

    def run(self, *only: str, counter: Counter | None = None, name: str = "Sync") -> RunResult:
        if name == "Api":
            self.boomi.save_revision(component(self.boomi, name))
            process = self.boomi.console_package(component(self.boomi, "Feed"))["packageId"]
            self.boomi.console_deploy(environment(self.boomi, "Production"), process)
        counter = counter or Counter()
        sandbox = self.sandbox(counter, name)
        try:
            return run_live(sandbox, only, lambda _: None, lambda _: None)
        finally:
            sandbox.client.close()

    def others(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that `live` did not make."""
        found = {kind: self.boomi.objects(kind) for kind in KINDS}
        return {
            kind: [row for row in rows if not str(row.get("packageVersion")).startswith(PREFIX)]
            for kind, rows in found.items()
        }

    def made_by_live(self) -> list[str]:
        """What `live` made and is alive."""
        packages = [row for row in self.boomi.objects("PackagedComponent") if not row["deleted"]]
        active = [row for row in self.boomi.objects("DeployedPackage") if row["active"]]
        return [row["packageVersion"] for row in packages + active if row["packageVersion"].startswith(PREFIX)]

    def outside(self) -> list[dict[str, Any]]:
        """Writes of other objects than packages and deployments, by the journal."""
        writes = (entry for entry in self.boomi.journal() if entry["committed"])
        return [entry for entry in writes if entry["object"] not in {"PackagedComponent", "DeployedPackage"}]


@pytest.fixture
def account(boomi: Emulator) -> Account:
    return Account(boomi)


# -- positions -----------------------------------------------------------------------------------


def test_every_switch_of_boomis_is_probed_or_has_a_reason() -> None:
    boomis = {name for name, switch in SWITCHES.items() if switch.sure != "own"}
    assert set(PROBED) | set(NOT_PROBED) == boomis
    assert not set(PROBED) & set(NOT_PROBED)


@pytest.mark.parametrize(("name", "position"), POSITIONS)
def test_the_file_holds_the_position_of_the_account(name: str, position: Any, account: Account, tmp_path: Path) -> None:
    account.boomi.settings(**{name: position})
    if name == "connectorWrongCancel":
        account.boomi.settings(connectorCancel=[CANCELS[0]])
    result = account.run(name, name="Api")
    file = tmp_path / "settings.yaml"
    file.write_text(settings_file(result, "for a test"), encoding="utf-8")
    found = read_settings(file)[name]
    assert sorted(found) == sorted(position) if isinstance(position, list) else found == position
    assert (name in result.contradicted) is (position != SWITCHES[name].default)
    assert account.made_by_live() == []


def test_an_account_as_the_defaults_say_contradicts_nothing(account: Account) -> None:
    result = account.run(name="Api")
    assert result.status == 0
    assert set(result.positions) == set(PROBED)


def test_what_one_account_cannot_tell_is_said(account: Account) -> None:
    account.boomi.settings(listenerStatusOf="all")
    result = account.run("honourComponentVersion", "listenerStatusOf", name="Feed")
    assert "one revision" in result.untold["honourComponentVersion"]
    assert "listenerStatusOf" in result.untold
    assert account.run("readInactiveDeployment").untold == {"listenerStatusOf": result.untold["listenerStatusOf"]}


def _contrary() -> dict[str, Any]:
    """Every switch that is probed, where it is not by default."""
    found: dict[str, Any] = {}
    for each in POSITIONS:
        name, position = each.values
        if position != SWITCHES[str(name)].default:
            found.setdefault(str(name), position)
    # What is refused tells nothing else: packs no list of their components, LIKE not whether it ignores case.
    return {**found, "missingFeatures": [], "deprecated": ["PackagedComponent"], "refusedOperators": ["BETWEEN", "or"]}


def test_the_file_goes_both_ways(run: Run, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An emulator as a program takes the file and is that account; the suite holds the laws on it."""
    contrary = _contrary()
    account.boomi.settings(**contrary)
    first, file, seed_file = account.run(name="Api"), tmp_path / "account.yaml", tmp_path / "seed.yaml"
    assert set(first.laws.values()) == {""}
    assert first.positions == contrary
    file.write_text(settings_file(first, "for a test"), encoding="utf-8")
    assert {name: read_settings(file)[name] for name in contrary} == contrary

    seed_file.write_text(yaml.safe_dump(seed()), encoding="utf-8")
    with serving("--settings", str(file), "--seed", str(seed_file), "--rate-limit", "0") as (_, env):
        again = json.loads(_live(run, tmp_path, "--json", **env).stdout)
    assert again["laws"] == first.laws
    assert again["positions"] == {name: value for name, value in contrary.items() if name != "listenerStatusOf"}

    monkeypatch.setenv("BOOMI_EMULATOR_SETTINGS", str(file))
    with Emulator(seed(), **account_settings()) as boomi:
        hold(boomi)


# -- staying inside -------------------------------------------------------------------------------


def test_a_run_leaves_nothing_behind_and_touches_nothing_else(account: Account) -> None:
    before = account.others()
    result = account.run()
    assert set(result.laws.values()) == {""}
    assert result.left == []
    assert account.made_by_live() == []
    assert account.outside() == []
    assert account.others() == before


def test_an_occupied_slot_is_left_alone(account: Account) -> None:
    account.boomi.console_deploy(environment(account.boomi), package(account.boomi))
    account.boomi.clear_journal()
    with pytest.raises(Conflict, match=r"Sync 1\.0 is active in Test"):
        account.run()
    assert not [entry for entry in account.boomi.journal() if entry["committed"]]


def _writes(sandbox: Sandbox, boomi: Emulator) -> Mapping[str, Callable[[], object]]:
    client, mine = sandbox.client, sandbox.component.component_id
    other, elsewhere = component(boomi, "Feed"), environment(boomi, "Production")
    theirs = package(boomi)
    version = f"{PREFIX}t1-9"
    return {
        "a package of another component": lambda: client.create(
            PACKAGED_COMPONENT, {"componentId": other, "packageVersion": version}, "x"
        ),
        "another version": lambda: client.create(
            PACKAGED_COMPONENT, {"componentId": mine, "packageVersion": "9.9"}, "x"
        ),
        "somebody's package deployed": lambda: client.create(
            DEPLOYED_PACKAGE, {"environmentId": sandbox.environment.id, "packageId": theirs}, "x"
        ),
        "a deployment by component": lambda: client.create(
            DEPLOYED_PACKAGE, {"environmentId": sandbox.environment.id, "componentId": mine}, "x"
        ),
        "another environment": lambda: client.create(
            DEPLOYED_PACKAGE, {"environmentId": elsewhere, "packageId": sandbox.spare()["packageId"]}, "x"
        ),
        "somebody's package deleted": lambda: client.delete(PACKAGED_COMPONENT, theirs, "x"),
        "a component renamed": lambda: client.update(COMPONENT_METADATA, mine, {"name": "x"}, "x"),
        "an act": lambda: client.act(COMPONENT_METADATA, [("POST", "{id}")], mine, {"name": "x"}, "x"),
        "a connector cancelled": lambda: client.act(
            CONNECTOR_VERSION_CHANGE, [("POST", "{id}/update")], "acme", {}, "x"
        ),
        "a connector's change deleted": lambda: sandbox.ask("DELETE", CONNECTOR_VERSION_CHANGE, "/acme"),
        "a pack made": lambda: sandbox.ask("POST", PUBLISHER_PACK, "", {"name": "x", "installationType": "SINGLE"}),
    }


@pytest.mark.parametrize("what", [
    "a package of another component", "another version", "somebody's package deployed", "a deployment by component",
    "another environment", "somebody's package deleted", "a component renamed", "an act", "a connector cancelled",
    "a connector's change deleted", "a pack made",
])  # fmt: skip
def test_nothing_outside_is_ever_sent(what: str, account: Account) -> None:
    sandbox = account.sandbox(Counter())
    before = account.others()
    with pytest.raises(OutsideSandbox):
        _writes(sandbox, account.boomi)[what]()
    assert account.others() == before
    assert sandbox.clean() == []
    sandbox.client.close()


def test_the_connector_of_the_probe_exists_nowhere(account: Account) -> None:
    account.run("connectorCancel")
    tried = [entry for entry in account.boomi.journal() if entry["object"] == "ConnectorVersionChange"]
    assert tried
    assert {entry["id"] or NO_CONNECTOR for entry in tried} == {NO_CONNECTOR}
    assert not [entry for entry in tried if entry["committed"]]


# -- what goes wrong ------------------------------------------------------------------------------

WRITING = ("laws", "samePackageRedeploy", "duplicateVersionStatus", "honourComponentVersion", "deleteBody")


@dataclass
class Stopping(Counter):
    """Presses Ctrl-C as one request is sent, or when its answer is there, and once more at the next one."""

    at: int = 0  # the number of the request; 0 for the first package
    before: bool = False
    number: signal.Signals = signal.SIGINT

    def __call__(self, method: str, path: str, status: int | None) -> None:
        super().__call__(method, path, status)
        if not self.at and path == "PackagedComponent":
            self.at = self.sent
        if self.at and (status is None) is self.before and self.sent in {self.at, self.at + 1}:
            signal.raise_signal(self.number)


@dataclass
class Forked(Counter):
    """At each answer, cleans up as an interrupted run does, looks, and goes on from where it was."""

    account: Account | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    looked: int = 0

    def __call__(self, method: str, path: str, status: int | None) -> None:
        super().__call__(method, path, status)
        if status is None or self.account is None:
            return
        account, self.account = self.account, None
        account.boomi.keep()
        sandbox = account.sandbox(Counter())
        assert sandbox.clean("t1") == []
        sandbox.client.close()
        assert account.made_by_live() == [], f"request {self.sent}, {method} {path}"
        assert account.outside() == []
        assert account.others() == self.before
        account.boomi.reset()
        self.account, self.looked = account, self.looked + 1


def test_the_cleaning_leaves_nothing_behind_at_any_request(account: Account) -> None:
    counter = Forked(account=account, before=account.others())
    result = account.run(*WRITING, counter=counter)
    assert set(result.laws.values()) == {""}
    assert counter.looked == counter.sent > 100


@pytest.mark.parametrize("moment", ["sent", "answered"])
def test_an_interruption_cleans_up_and_one_of_the_cleaning_does_not_stop_it(moment: str, account: Account) -> None:
    before, counter = account.others(), Counter()
    account.run(*WRITING[1:], counter=counter)
    account.boomi.reset()
    for at in range(3, counter.sent):
        with suppress(KeyboardInterrupt):
            assert account.run(*WRITING[1:], counter=Stopping(at=at, before=moment == "sent")).left == []
        assert account.made_by_live() == [], f"request {at} of {counter.sent}"
        assert account.outside() == []
        assert account.others() == before
        account.boomi.reset()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_write_that_was_sent_is_waited_for(number: signal.Signals, account: Account) -> None:
    """What Boomi makes after the cleaning looked would be left behind."""
    with pytest.raises(KeyboardInterrupt):
        account.run("deleteBody", counter=Stopping(before=True, number=number))
    writes = [(entry["verb"], entry["status"]) for entry in account.boomi.journal() if entry["committed"]]
    assert writes == [("create", 200), ("delete", 200)]
    assert account.made_by_live() == []


def test_an_interrupted_run_says_that_nothing_is_left(
    run: Run, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boomi_pulumi.cli.commands.Counter", Stopping)
    done = _live(run, tmp_path, "--only", "deleteBody")
    assert done.exit_code == 130
    assert done.stderr.splitlines()[-2:] == ["Nothing of this run is left.", "boomi-pulumi live: interrupted."]
    assert account.made_by_live() == []


@pytest.mark.parametrize("object_", ["PackagedComponent", "DeployedPackage"])
def test_what_shows_late_is_removed(object_: str, account: Account) -> None:
    before = account.others()
    account.boomi.faults({"kind": "late", "object": object_, "verb": "create", "requests": 3, "times": 9})
    assert account.run("samePackageRedeploy").left == []
    assert account.made_by_live() == []
    assert account.others() == before


def test_what_never_shows_is_named(account: Account) -> None:
    account.boomi.faults({"kind": "late", "object": "PackagedComponent", "verb": "create", "requests": 1000})
    result = account.run("deleteBody")
    assert result.status == 2
    assert f"{PREFIX}t1-1" in result.left[0]


@pytest.mark.parametrize("kind", ["reset-after", "503-after", "500-after", "half-body", "503-before", "reset-before"])
@pytest.mark.parametrize("object_", ["PackagedComponent", "DeployedPackage"])
@pytest.mark.parametrize("verb", ["create", "delete"])
def test_a_lost_answer_leaves_nothing_behind(kind: str, object_: str, verb: str, account: Account) -> None:
    before = account.others()
    account.boomi.faults({"kind": kind, "object": object_, "verb": verb, "nth": 2})
    account.run(*WRITING)
    assert account.boomi.fired()[0]["fired"] == 1
    assert account.made_by_live() == []
    assert account.others() == before


def test_what_cannot_be_removed_is_named_and_a_later_run_removes_it(run: Run, account: Account, tmp_path: Path) -> None:
    account.boomi.faults({"kind": "503-before", "object": "PackagedComponent", "verb": "delete", "times": 1000})
    result = account.run("duplicateVersionStatus")
    (kept,) = account.made_by_live()
    assert result.status == 2
    assert kept in result.left[0]
    assert "503" in result.left[-1]
    account.boomi.faults()
    done = _live(run, tmp_path, "--clean")
    assert done.exit_code == 0
    assert account.made_by_live() == []


@pytest.mark.parametrize("lacking", ["PACKAGE_MANAGEMENT", "DEPLOY"])
def test_poor_rights_are_said_and_leave_nothing_behind(lacking: str) -> None:
    content = seed()
    content["users"][0]["privileges"].remove(lacking)
    with Emulator(content, rate_limit=0) as boomi:
        account = Account(boomi)
        before = account.others()
        if lacking == "PACKAGE_MANAGEMENT":
            with pytest.raises(BoomiError):
                account.run("laws")
        else:
            broken = [why for why in account.run("laws").laws.values() if why]
            assert len(broken) == 1
            assert "403" in broken[0]
        assert account.made_by_live() == []
        assert account.others() == before


# -- the command ----------------------------------------------------------------------------------


def _live(run: Run, folder: Path, *more: str, **env: str) -> Any:
    where = ("--component", "Sync", "--environment", "Test", "--write", str(folder / "live.yaml"))
    given = more if "--clean" in more else ("--confirm", "Test", *more)
    return run("live", *where, *given, **env)


def test_it_says_what_it_will_do_and_writes_the_file(run: Run, account: Account, tmp_path: Path) -> None:
    account.boomi.settings(samePackageRedeploy="duplicate")
    done = _live(run, tmp_path, "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == found["status"] == 1
    assert found["contradicted"] == {"samePackageRedeploy": "duplicate"}
    assert set(found["laws"].values()) == {""}
    assert "of that component only" in done.stderr
    assert read_settings(tmp_path / "live.yaml")["samePackageRedeploy"] == "duplicate"


def test_a_table_names_what_is_contradicted(run: Run, account: Account, tmp_path: Path) -> None:
    account.boomi.settings(samePackageRedeploy="duplicate")
    shown = _live(run, tmp_path, "--only", "samePackageRedeploy").stdout
    (line,) = (line for line in shown.splitlines() if line.startswith("contradicts"))
    assert line.split()[:4] == ["contradicts", "samePackageRedeploy", '"duplicate"', '"new"']


@pytest.mark.parametrize("confirm", [(), ("--confirm", "Production"), ("--confirm", "")])
def test_nothing_is_written_unless_the_environment_is_named_twice(
    confirm: tuple[str, ...], run: Run, boomi: Emulator
) -> None:
    done = run("live", "--component", "Sync", "--environment", "Test", *confirm)
    assert done.exit_code == 2
    assert "Nothing was written" in done.stderr
    assert not [entry for entry in boomi.journal() if entry["committed"]]


@pytest.mark.parametrize(
    ("only", "said"), [("lockAfter", "it would lock the user"), ("samePackageRedploy", "no such setting")]
)
def test_a_switch_that_nothing_tells_is_refused(
    only: str, said: str, run: Run, boomi: Emulator, tmp_path: Path
) -> None:
    done = _live(run, tmp_path, "--only", only)
    assert done.exit_code == 2
    assert said in done.stderr
    assert boomi.journal() == []


def test_a_wrong_token_is_one_request_and_one_line(run: Run, boomi: Emulator, tmp_path: Path) -> None:
    done = _live(run, tmp_path, BOOMI_TOKEN="not-the-token")  # noqa: S106
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert len(boomi.journal()) == 1


def test_no_network_is_one_line(run: Run, tmp_path: Path) -> None:
    done = _live(run, tmp_path, BOOMI_BASE_URL="http://127.0.0.1:9")
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1


# -- a careless user ------------------------------------------------------------------------------


def _mine(folder: Path) -> Path:
    file = folder / "live.yaml"
    file.write_text("key: of somebody\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("file", [
    lambda folder: folder / "none" / "live.yaml",
    _mine,
    lambda folder: _mine(folder) / "live.yaml",
])  # fmt: skip
def test_a_file_that_cannot_be_written_or_is_of_somebody_is_told_before_anything_is_sent(
    file: Callable[[Path], Path], run: Run, boomi: Emulator, tmp_path: Path
) -> None:
    done = _live(run, tmp_path, "--write", str(file(tmp_path)))
    assert done.exit_code == 2
    assert "--write" in done.stderr
    assert boomi.journal() == []
    assert all(each.read_text(encoding="utf-8") == "key: of somebody\n" for each in tmp_path.rglob("*.yaml"))


def test_a_file_of_an_earlier_run_is_written_anew(run: Run, account: Account, tmp_path: Path) -> None:
    for position in ("duplicate", "new"):
        account.boomi.settings(samePackageRedeploy=position)
        _live(run, tmp_path, "--only", "samePackageRedeploy")
        assert read_settings(tmp_path / "live.yaml")["samePackageRedeploy"] == position


@pytest.mark.parametrize("option", ["--component", "--environment"])
def test_a_name_that_is_blank_is_told(option: str, run: Run, boomi: Emulator, tmp_path: Path) -> None:
    done = _live(run, tmp_path, option, " ")
    assert done.exit_code == 2
    assert f"Invalid value for '{option}'" in done.stderr
    assert boomi.journal() == []


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("--component", "sync"),
        ("--environment", "Tset"),
        ("--environment", "00000000-0000-4000-8000-000000000000"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(
    option: str, name: str, run: Run, account: Account, tmp_path: Path
) -> None:
    done = _live(run, tmp_path, option, name)
    assert done.exit_code == 2
    (line,) = done.stderr.splitlines()
    assert name in line
    assert "There are: " in line or "in account acme-1" in line
    assert not [entry for entry in account.boomi.journal() if entry["committed"]]


def test_a_production_environment_is_pointed_out(run: Run) -> None:
    done = run("live", "--component", "Sync", "--environment", "Production")
    assert "Careful: that is a production environment" in done.stderr


def test_the_cleaning_says_what_it_removes_and_how_it_ended(run: Run, account: Account, tmp_path: Path) -> None:
    account.sandbox(Counter()).spare()
    done = _live(run, tmp_path, "--clean", "--json")
    assert json.loads(done.stdout) == {"status": 0, "left": []}
    assert f"Removing packages {PREFIX}… and their deployments, of Sync and Test only." in done.stderr
    assert account.made_by_live() == []


@pytest.mark.parametrize(
    ("typed", "status", "said"), [("\x03", 130, "live: interrupted"), ("Test\n", 0, "0 of 1 settings differ")]
)
def test_the_question_is_answered_at_a_terminal(
    typed: str, status: int, said: str, boomi: Emulator, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "boomi_pulumi.cli", "live", "--component", "Sync", "--environment", "Test"]
    env = {**os.environ, **boomi.env}
    ended, shown = _at_a_terminal([*command, "--only", "errorShape"], env, tmp_path, "to go on", typed)
    assert ended == status, shown
    assert said in shown
    assert "Traceback" not in shown
    assert not [entry for entry in boomi.journal() if entry["committed"]]
    assert [each.name for each in tmp_path.iterdir()] == ([] if status else ["boomi-live.yaml"])


def _at_a_terminal(command: list[str], env: dict[str, str], folder: Path, question: str, typed: str) -> tuple[int, str]:
    """Run a command at a terminal of its own; type once the question is there.

    Whoever asks may empty the terminal after the question, so what is typed at once can be lost: then nothing comes any
    more, and it is typed again.
    """
    ours, theirs = pty.openpty()
    terminal: dict[str, Any] = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "preexec_fn": _take_the_terminal}
    env = {**env, "PYTHONPATH": str(ROOT)}
    shown, typings = "", 0
    with os.fdopen(ours, "rb", buffering=0) as screen, child(command, cwd=folder, env=env, **terminal) as process:
        os.close(theirs)
        while typings < 4:
            patience = 0 if question in shown and not typings else 20
            if select.select([screen], [], [], patience)[0]:
                try:
                    shown += screen.read(4096).decode(errors="replace")
                except OSError:  # nobody has it open any more
                    break
            elif question in shown:
                os.write(ours, typed.encode())
                typings += 1
            else:
                break
        return process.wait(20), shown


def _take_the_terminal() -> None:
    """Have Ctrl-C at it reach this process, which is the first of its session."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
