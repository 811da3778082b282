"""The demonstration behind `make demo`: releases through three environments, and one that Dev stops.

All of it happens against the emulator.

It runs the real Pulumi CLI on `examples/promotion`, or with `yaml` on `examples/promotion_yaml` (`make demo-yaml`).
State, stack files and a Boomi account are thrown away at the end. Nothing in the
checkout changes, and no Boomi platform is contacted.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Any, cast

import requests
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import boomi_pulumi as boomi
from boomi_pulumi.native.install import install, release

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[2]
STACKS = {"dev": "Dev", "test": "Test", "prod": "Production"}
COMPONENT = "Order Sync"
BYSTANDER = "Inventory Feed"
BY_HAND = ("Test", "Production")
DEVELOPER = "maria.lopez@acme.example"
MISTAKE = "Orders DB: column ship_date does not exist"
DATABASES = {stack: f"db.{stack}.acme.example" for stack in STACKS}
PASSWORD = "ordersDbPassword"  # noqa: S105 - the name of the setting
CLOCK = "every 15 minutes from 6:00 to 21:59, Monday to Saturday, by the clock of Acme Production Molecule"
SHOWN = {
    "dev": ("will RUN on Acme Dev Atom (Dev)",),
    "test": ("open: active in Dev since", "1 run in Dev, the last COMPLETE", "none failed"),
    "prod": ("open: active in Test since",),
}
"""Stack -> what each of its previews says."""
SECONDS_TO_END = 20
SECONDS_TO_WORK = 180

_STEP = re.compile(r"@ |Duration:|Updating \(|[ +~>-]{1,3} .*(?:pulumi[a-z-]*|boomi):")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class DemoError(Exception):
    """Something did not turn out as it should."""


# -- processes -----------------------------------------------------------------------------------


def start(command: Sequence[str], folder: Path) -> subprocess.Popen[str]:
    """Start a process in a session of its own, so that Ctrl-C reaches it through `end` only."""
    return subprocess.Popen(  # noqa: S603 - the demo's own commands
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )


def end(process: subprocess.Popen[str]) -> None:
    """End a process that `start` started, politely first."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    cast("IO[str]", process.stdout).close()


@contextlib.contextmanager
def limited(process: subprocess.Popen[str]) -> Iterator[IO[str]]:
    """Yield what a process prints; one that hangs is killed, which ends its output."""
    timer = threading.Timer(SECONDS_TO_WORK, os.killpg, (process.pid, signal.SIGKILL))
    timer.daemon = True
    timer.start()
    try:
        yield cast("IO[str]", process.stdout)
    finally:
        timer.cancel()


@contextlib.contextmanager
def throw_away() -> Iterator[Path]:
    """Yield a folder; remove it even from under processes that are on their way out and still write to it."""
    folder = Path(tempfile.mkdtemp(prefix="boomi-demo-"))
    try:
        yield folder
    finally:
        absent = 0
        for _ in range(100):
            shutil.rmtree(folder, ignore_errors=True)
            absent = 0 if folder.exists() else absent + 1
            if absent == 10:  # noqa: PLR2004 - a second without a trace
                break
            time.sleep(0.1)


@contextlib.contextmanager
def emulator() -> Iterator[str]:
    """Run an emulated Boomi account; yield its address, and let the environment point at it."""
    process = start([sys.executable, "-m", "boomi_pulumi.emulator", "--port", "0", "--rate-limit", "0"], ROOT)
    try:
        with limited(process) as printed:
            # Four lines, the last of which is the token.
            for line in printed:
                name, _, value = line.strip().partition("=")
                if not name.startswith("BOOMI_"):
                    raise DemoError(f"The emulator did not start:\n{line}{printed.read()}")
                os.environ[name] = value
                if name == "BOOMI_TOKEN":
                    break
            else:
                raise DemoError("The emulator did not start.")
        yield os.environ["BOOMI_BASE_URL"]
    finally:
        end(process)


def prepare_environment(home: Path) -> None:
    """Keep every account, token and backend of the caller out of the demonstration."""
    for name in list(os.environ):
        if name.startswith(("PULUMI_", "BOOMI_")) or name == "PYTHONDONTWRITEBYTECODE":
            del os.environ[name]
    backend = home / "state"
    backend.mkdir()
    os.environ.update(
        PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        PULUMI_HOME=str(home / "pulumi"),
        PULUMI_BACKEND_URL=backend.as_uri(),
        PULUMI_CONFIG_PASSPHRASE="only for this demonstration",  # noqa: S106 - it protects nothing
        PULUMI_SKIP_UPDATE_CHECK="true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION="true",
        BOOMI_RATE_LIMIT="0",  # the emulated account has no other users to be spared
        NO_PROXY="127.0.0.1",
        no_proxy="127.0.0.1",
    )


@dataclass(frozen=True)
class Language:
    """What differs between the programs in two languages.

    Attributes:
        refusal: What a preview says that lacks the stack before it.
        setting: What `pulumi config set` takes before the new version.
    """

    refusal: str
    setting: tuple[str, ...]


PYTHON = Language("run `pulumi up` there first", ("packageVersion",))
YAML = Language(
    "is required: give package or packageId (or componentId, see the docs). If it is an output of another stack, run "
    "`pulumi up` there first",
    ("--path", "--type", "string", "release.packageVersion"),
)


def copy_project(home: Path, language: Language) -> dict[str, Path]:
    """Copy the projects, since the CLI notes things in their stack files; return stack -> folder of its program."""
    project = home / "project"
    source = Path("examples", "promotion" if language is PYTHON else "promotion_yaml")
    shutil.copytree(ROOT / source, project / source, ignore=shutil.ignore_patterns("__pycache__", "demo.py"))
    # An emulated runtime has a new version at once; else a run would wait for 15 seconds, and count from then on.
    gate = project / source / "stacks" / "Pulumi.test.yaml"
    text = gate.read_text(encoding="utf-8").replace("promotedRuns: 1", "promotedRuns: {complete: 1, settle: 0}")
    gate.write_text(text, encoding="utf-8")
    if language is PYTHON:
        shutil.copy(ROOT / "Pulumi.yaml", project)
        return dict.fromkeys(STACKS, project)
    install(release(), str(project / "boomi-plugin"))
    return {stack: project / source / ("package" if stack == "dev" else "promote") for stack in STACKS}


# -- the CLI -------------------------------------------------------------------------------------


class Pulumi:
    """The CLI, working on one project, with its commands and its answers shown.

    Args:
        folders: Stack -> the folder of its program.
        console: Where all is shown.
    """

    def __init__(self, folders: Mapping[str, Path], console: Console) -> None:
        self._folders = folders
        self._console = console
        self._program = shutil.which("pulumi") or ""
        if not self._program:
            raise DemoError("There is no Pulumi CLI on PATH; `make demo` provides one.")
        self._colour = "always" if console.is_terminal and not console.no_color else "never"

    def preview(self, stack: str) -> str:
        """Show what would change, and return it."""
        return self._shown(["preview", "--stack", stack, "--diff"])

    def refused(self, stack: str) -> str:
        """Show a preview that is refused, and return it.

        Raises:
            DemoError: It is not.
        """
        return self._shown(["preview", "--stack", stack, "--diff"], fails=True)

    def up(self, stack: str, *, fails: bool = False) -> str:
        """Make it so, and show what has changed, or why it fails; the preview has been shown just before."""
        options = ["--yes", "--skip-preview", "--suppress-outputs", "--suppress-progress"]
        return self._shown(["up", "--stack", stack, *options], brief=True, fails=fails)

    def configure(self, stack: str, setting: Sequence[str], value: str) -> None:
        """Change one line of a stack's settings."""
        self._shown(["config", "set", "--stack", stack, *setting, value])

    def nothing_to_change(self, stack: str) -> str:
        """Prove that the stack, its program and the account agree, and return what the CLI says.

        Raises:
            DemoError: They do not.
        """
        return self.quietly(["preview", "--stack", stack, "--refresh", "--expect-no-changes", "--color", "never"])

    def quietly(self, arguments: Sequence[str]) -> str:
        """Run a command without showing it."""
        process = start([self._program, *arguments, "--non-interactive"], self._folder(arguments))
        try:
            with limited(process) as printed:
                said = printed.read()
        finally:
            end(process)
        return self._good(process, arguments, said)

    def _shown(self, arguments: Sequence[str], *, brief: bool = False, fails: bool = False) -> str:
        shown = [each for each in arguments if not (brief and each.startswith("--s") and each != "--stack")]
        self._console.print(f"[bold]$ pulumi {escape(' '.join(shown))}[/bold]")
        if arguments[0] == "up":
            arguments = [*arguments, "--suppress-permalink=true"]
        options = ["--non-interactive", "--color", self._colour]
        process = start([self._program, *arguments, *options], self._folder(arguments))
        lines: list[str] = []
        try:
            with limited(process) as printed:
                for line in printed:
                    lines.append(line)
                    if line.strip() and not (brief and _is_progress(line)):
                        sys.stdout.write(line)
                        sys.stdout.flush()
        finally:
            end(process)
        if lines and not lines[-1].endswith("\n"):
            sys.stdout.write("\n")
        sys.stdout.write("\n")
        return self._good(process, arguments, "".join(lines), fails=fails)

    def _folder(self, arguments: Sequence[str]) -> Path:
        return next(folder for stack, folder in self._folders.items() if stack in arguments)

    def _good(self, process: subprocess.Popen[str], arguments: Sequence[str], said: str, *, fails: bool = False) -> str:
        if (process.returncode != 0) is not fails:
            raise DemoError(f"`pulumi {' '.join(arguments)}` ended with status {process.returncode}:\n{said}")
        return said


def _is_progress(line: str) -> bool:
    return _STEP.match(_ESCAPES.sub("", line)) is not None


# -- the account, as it is now -------------------------------------------------------------------


Running = dict[tuple[str, str], tuple[str, int, str]]
"""(component, environment) -> package version, component revision, packageId."""


def running() -> Running:
    """Ask the account what runs where, of the two components that the table shows."""
    names = {
        row.component_id: str(row.name)
        for row in (boomi.get_component(name=name, type="process") for name in (COMPONENT, BYSTANDER))
    }
    places = {row.id: str(row.name) for row in boomi.query("Environment")}
    components = [boomi.where("componentId").equals(each) for each in names]
    found: list[Any] = boomi.query(
        "DeployedPackage", boomi.where("active").equals(True) & (components[0] | components[1])
    )
    return {
        (names[row.component_id], places[row.environment_id]): (
            row.package_version,
            row.component_version,
            row.package_id,
        )
        for row in found
    }


class People:
    """What people do in the Boomi console, meanwhile."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._component = boomi.get_component(name=COMPONENT, type="process").component_id

    def deploy(self, version: str, environment: str) -> None:
        """Deploy a package by hand."""
        package = boomi.get_packaged_component(component_id=self._component, package_version=version)
        where = boomi.get_environment(name=environment)
        self._act("console/deploy", environmentId=where.id, packageId=package.package_id)

    def save_revision(self) -> int:
        """Save the component once more; return the revision."""
        return int(self._act(f"components/{self._component}/revisions")["version"])

    def hurry(self) -> None:
        """Let the record of a run be there the first time that somebody asks for it."""
        self._ask("POST", "settings", json={"runPolls": 0})

    def make_mistake(self) -> None:
        """Let the next run of the component fail, and later ones end well."""
        runs = [{"status": "ERROR", "message": MISTAKE}, {"status": "COMPLETE"}]
        self._ask("POST", "runs", json={"processId": self._component, "runs": runs})

    def runs(self) -> list[str]:
        """Return how the runs of the component ended and where, the oldest first."""
        rows = [row for row in self._objects("ExecutionRecord") if row["processId"] == self._component]
        return [f"{row['outcome']} on {row['atomName']}" for row in sorted(rows, key=lambda row: row["asked"])]

    def scheduled(self) -> list[str]:
        """Return the ids of the runtimes on which the component has schedules."""
        rows = [row for row in self._objects("ProcessSchedules") if row["processId"] == self._component]
        return [row["atomId"] for row in rows if row["Schedule"]]

    def values(self, environment: str) -> set[str]:
        """Return the values of an environment's extensions, also those that nobody could read."""
        return set(self._told("extension-values", environment).values())

    def restarts(self, environment: str) -> int:
        """Return how often all listeners of an environment were restarted."""
        return int(self._told("listener-restarts", environment))

    def _objects(self, kind: str) -> list[dict[str, Any]]:
        return list(self._ask("GET", "objects", params={"kind": kind}))

    def _told(self, route: str, environment: str) -> Any:
        return self._ask("GET", route, params={"environmentId": boomi.get_environment(name=environment).id})

    def _act(self, route: str, **fields: str) -> Any:
        return self._ask("POST", route, json={"by": DEVELOPER, **fields})

    def _ask(self, method: str, route: str, **given: Mapping[str, Any]) -> Any:
        url = f"{self._address}/_emulator/{route}"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, url, timeout=SECONDS_TO_END, **given)  # type: ignore[arg-type]
        answer.raise_for_status()
        return answer.json()


def table(seen: Running) -> Table:
    """Lay out what runs where."""
    shown = Table("Component", *STACKS.values(), title="What runs, asked from the account just now")
    for component in (COMPONENT, BYSTANDER):
        cells = [seen.get((component, place)) for place in STACKS.values()]
        shown.add_row(component, *(f"{cell[0]} (revision {cell[1]})" if cell else "-" for cell in cells))
    return shown


# -- the story -----------------------------------------------------------------------------------


class Story:
    """The steps, and what must hold after each.

    Args:
        pulumi: The CLI.
        console: Where it is told.
        address: The emulator's.
        language: That of the programs.
    """

    def __init__(self, pulumi: Pulumi, console: Console, address: str, language: Language) -> None:
        self._pulumi = pulumi
        self._language = language
        self._console = console
        self._people = People(address)
        self._deployed: set[str] = set()
        self._bystander = self._of(BYSTANDER)

    def run(self) -> None:
        """Tell it.

        Raises:
            DemoError: Something did not turn out as it should.
        """
        with ThreadPoolExecutor() as pool:
            list(pool.map(self._prepare, STACKS))
        self._pulumi.quietly(["config", "set", "--stack", "dev", "settle", "0"])
        self._people.hurry()
        for place in BY_HAND:
            self._people.deploy("1.2", place)
        self._say(
            f"The made-up account of a retailer. Until today people packaged {COMPONENT} and deployed it by hand:\n"
            f"1.2 runs in {' and '.join(BY_HAND)}. They also run {BYSTANDER}; "
            "no stack names it, so it must stay as it is.\n"
            "Each environment has a database of its own: its host is a line in the file of the stack, its password\n"
            f"was set with `pulumi config set --secret {PASSWORD}`.\n"
            "An emulated runtime has a new version at once, so `settle` is 0 here: no run waits for it, and the gate\n"
            "counts it.\n"
        )
        self._heading("Test, before Dev ever ran")
        self._say("Somebody begins with the wrong stack. The preview is refused, and says what comes first:")
        self._refused("test", self._language.refusal)
        revision = boomi.get_component(name=COMPONENT, type="process").version or 0
        first = self._release("1.3", revision)
        self._stopped("1.4", revision + 1)
        second = self._repaired("1.5", revision + 2)
        check(first != second, "the last release is another package")
        self._end("1.5", revision + 2, second)

    def _prepare(self, stack: str) -> None:
        self._pulumi.quietly(["stack", "init", stack, "--no-select"])
        self._pulumi.quietly(["config", "set", "--stack", stack, "--secret", PASSWORD, f"made up for {stack}"])

    def _release(self, version: str, revision: int) -> str:
        """Take a version through all environments, and return its package."""
        acts = {
            "dev": f"{COMPONENT} is packaged as {version}, and deployed to Dev. Dev gets its values. Then it runs\n"
            "there once, since what does not run in Dev must go no further.",
            "test": "The very package that dev made. The gate of Test asks for a run of it in Dev, and allows no\n"
            "failed one.",
            "prod": "The package that was tested. Its schedules run it here; only the file of this stack has some.",
        }
        titles = {"dev": "package, Dev, values, run", "test": "the gate is open, Test", "prod": "Production, schedules"}
        packages = set()
        for stack, act in acts.items():
            self._heading(f"Release {version}: {titles[stack]}")
            self._say(f"{act}\nFirst the preview, for the reviewer:")
            self._judge_preview(self._pulumi.preview(stack), stack, version)
            self._say("Reviewed and approved:")
            self._pulumi.up(stack)
            if stack == "dev":
                self._tell_run(version, "COMPLETE on Acme Dev Atom")
            now = self._of(COMPONENT)
            check(now[STACKS[stack]][:2] == (version, revision), f"{version} of revision {revision} runs in {stack}")
            packages.add(now[STACKS[stack]][2])
        check(len(packages) == 1, f"one and the same package of {version} runs in all environments")
        return packages.pop()

    def _stopped(self, version: str, revision: int) -> None:
        """Let Dev stop a version."""
        self._heading(f"A developer saves {COMPONENT}: revision {revision}, with a mistake in it")
        self._say("The release engineer raises one line in the stack file of dev, as a pull request would.")
        self._save(version, revision)
        self._people.make_mistake()
        self._heading(f"Release {version}: it fails in Dev")
        self._say("Nobody has seen the mistake yet. Packaged, deployed and run:")
        failed = self._pulumi.up("dev", fails=True)
        check(f'did not pass: it ended ERROR. Boomi said: "{MISTAKE}"' in failed, "the run fails, and says why")
        self._tell_run(version, "ERROR on Acme Dev Atom")
        self._heading(f"Release {version}: the gate of Test is closed")
        self._say("Somebody goes on to Test all the same. The preview is refused:")
        self._refused("test", "1 failed, and the gate allows none")
        check(self._of(COMPONENT)["Test"][0] == "1.3", "Test runs what it ran")

    def _repaired(self, version: str, revision: int) -> str:
        self._heading(f"The developer repairs {COMPONENT}: revision {revision}")
        self._say("A new version, since a package is frozen, and the run of the last one stays failed.")
        self._save(version, revision)
        return self._release(version, revision)

    def _save(self, version: str, revision: int) -> None:
        check(self._people.save_revision() == revision, "the component has a new revision")
        self._pulumi.configure("dev", self._language.setting, version)

    def _refused(self, stack: str, why: str) -> None:
        check(why in self._pulumi.refused(stack), f"the preview of {stack} says {why}")

    def _tell_run(self, version: str, last: str) -> None:
        runs = self._people.runs()
        check(runs[-1] == last, f"the run of {version} is {last}")
        self._say(f"The run of {version}, asked from the account just now: {last}.\n")

    def _judge_preview(self, said: str, stack: str, version: str) -> None:
        place, words = STACKS[stack], " ".join(_ESCAPES.sub("", said).split()).replace(" :", ":")
        before = self._of(COMPONENT).get(place)
        expected = list(SHOWN[stack])
        if before and stack in self._deployed:
            expected += [f'packageVersion: "{before[0]}" => "{version}"']
        else:
            expected += [f'componentName: "{COMPONENT}"', f'environmentName: "{place}"', f'packageVersion: "{version}"']
            expected += [f'supersedes: "{before[0]}, deployed by {DEVELOPER}'] if before else []
            expected += [f'host: "{DATABASES[stack]}" password: [secret]', f"every listener of {place} restarts"]
            expected += [f'"{CLOCK}"'] if stack == "prod" else []
        for text in expected:
            check(text in words, f"the preview of {stack} says {text}")
        self._deployed.add(stack)

    def _end(self, version: str, revision: int, package: str) -> None:
        self._heading("The end")
        now = self._of(COMPONENT)
        for place in STACKS.values():
            check(now.get(place) == (version, revision, package), f"{place} runs package {package}")
        check(self._of(BYSTANDER) == self._bystander, f"nobody touched {BYSTANDER}")
        self._console.print(table(running()))
        self._say(f"The same package in all three: {package}.\n")
        self._tell_databases()
        self._tell_clock()
        self._say("Is anything left to change? Each stack is compared with its program and with the account:")
        with ThreadPoolExecutor() as pool:
            answers = dict(zip(STACKS, pool.map(self._pulumi.nothing_to_change, STACKS), strict=True))
        for stack, said in answers.items():
            unchanged = next((line.strip() for line in said.splitlines() if line.strip().endswith("unchanged")), "")
            check(bool(unchanged), f"the last preview of {stack} counts what is unchanged")
            self._console.print(
                f"[bold]$ pulumi preview --stack {stack} --refresh --expect-no-changes[/bold]\n    {unchanged}"
            )
        self._console.print("\n[green]Nothing left to change.[/green]")

    def _tell_databases(self) -> None:
        self._say("The database of each environment. The later releases changed no value, so each was saved once:")
        for stack, place in STACKS.items():
            saved = {DATABASES[stack], f"made up for {stack}"}
            check(self._people.values(place) == saved, f"{place} has its own database")
            check(self._people.restarts(place) == 1, f"the values of {place} were saved once")
            self._say(f"    {place}: {DATABASES[stack]}")
        self._say("")

    def _tell_clock(self) -> None:
        place = boomi.get_runtime(environment=boomi.get_environment(name="Production"))
        check(self._people.scheduled() == [place.id], "it has schedules in Production alone")
        check(not [run for run in self._people.runs() if "Dev" not in run], "nothing was run but in Dev")
        self._say(f"Production runs it by the clock, and nobody ran it there:\n    {CLOCK}\n")

    def _of(self, component: str) -> dict[str, tuple[str, int, str]]:
        return {place: cell for (name, place), cell in running().items() if name == component}

    def _heading(self, text: str) -> None:
        self._console.rule(f"[bold]{escape(text)}[/bold]", align="left")

    def _say(self, text: str) -> None:
        self._console.print(escape(text))


def check(held: bool, what: str) -> None:
    """Insist on something.

    Raises:
        DemoError: It does not hold.
    """
    if not held:
        raise DemoError(f"This should hold, and does not: {what}.")


def interrupted(_number: int, _frame: FrameType | None) -> None:
    """Treat a request to end like Ctrl-C, so that what was started is ended."""
    raise KeyboardInterrupt


def main() -> int:
    """Run the demonstration and return the exit status; `yaml` as its argument runs programs in YAML."""
    language = YAML if sys.argv[1:] == ["yaml"] else PYTHON
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    console = Console(highlight=False, soft_wrap=True)
    began = time.monotonic()
    try:
        with throw_away() as home:
            prepare_environment(home)
            with emulator() as address:
                folders = copy_project(home, language)
                Story(Pulumi(folders, console), console, address, language).run()
    except (DemoError, boomi.BoomiError) as error:
        console.print(f"[red]The demonstration failed.[/red] {escape(str(error))}")
        return 1
    except KeyboardInterrupt:
        console.print("\nInterrupted. Everything that was started has ended; nothing is left behind.")
        return 130
    console.print(f"All of this took {time.monotonic() - began:.0f} seconds; its state is thrown away.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
