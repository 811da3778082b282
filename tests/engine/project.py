"""A throw-away Pulumi project, the Boomi account that it acts on, and the laws that hold after every step."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boomi_pulumi.emulator import Emulator
from tests.children import child, kill

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
PIPELINE = "pipeline@acme.example"
VIEWER = "viewer@acme.example"
TOKENS = {PIPELINE: "5ecre7-70ken-0f-7he-pipeline", VIEWER: "5ecre7-70ken-0f-7he-viewer"}
NAME = "promotion"
SECONDS = 120

Row = dict[str, Any]


def seed() -> dict[str, Any]:
    """Make the account that every test starts with; a new document each time."""
    return {
        "account": {"id": "acme-AB12CD", "name": "Acme"},
        "users": [
            {
                "name": PIPELINE,
                "token": TOKENS[PIPELINE],
                "privileges": ["API", "PACKAGE_MANAGEMENT", "DEPLOY", "ATOM_MANAGEMENT", "BUILD"],
            },
            {
                "name": VIEWER,
                "token": TOKENS[VIEWER],
                "privileges": ["API", "ATOM_MANAGEMENT_READ_ONLY", "BUILD_READ_ONLY"],
            },
        ],
        "environments": [
            {"name": "Dev", "classification": "TEST", "id": "env-dev"},
            {"name": "Test", "classification": "TEST", "id": "env-test"},
            {"name": "Production", "classification": "PROD", "id": "env-production"},
        ],
        "branches": ["feature"],
        "folders": ["Acme/Sales/Orders", "Acme/Stores"],
        "components": [
            {"name": "Order Sync", "folder": "Acme/Sales/Orders", "id": "order-sync", "revisions": 3},
            {"name": "Stock Feed", "folder": "Acme/Stores", "id": "stock-feed", "revisions": 2},
            {"name": "Order API", "type": "webservice", "folder": "Acme/Sales/Orders", "id": "order-api"},
            {"name": "Order Route", "type": "processroute", "id": "order-route"},
            {"name": "Order Map", "type": "transform.map", "id": "order-map"},
            {"name": "Old Sync", "id": "old-sync", "deleted": True},
            {"name": "Twin", "folder": "Acme/Sales/Orders", "id": "twin-orders"},
            {"name": "Twin", "folder": "Acme/Stores", "id": "twin-stores"},
        ],
        "packages": [
            {"component": "Acme/Stores/Stock Feed", "version": "0.9", "revision": 1, "id": "stock-feed-0.9"},
        ],
        "deployments": [
            {
                "component": "Acme/Stores/Stock Feed",
                "package": "0.9",
                "environment": "Production",
                "id": "stock-feed-live",
            }
        ],
        "subaccounts": [
            {
                "account": {"id": "acme-north", "name": "North"},
                "environments": [{"name": "North Test", "classification": "TEST"}],
                "components": [{"name": "Store Sync", "id": "store-sync"}],
            }
        ],
    }


def account() -> Emulator:
    """Start the account of `seed`."""
    return Emulator(seed(), rate_limit=0)


@dataclass(frozen=True)
class Run:
    """One command of the CLI that has ended.

    Attributes:
        code: The exit code.
        output: What a person read.
        events: What the engine told its log.
    """

    code: int
    output: str
    events: list[Row] = field(repr=False)

    def says(self, *texts: str) -> bool:
        """Tell whether a person read these texts, however they were aligned."""
        output = _plain(self.output)
        return all(_plain(text) in output for text in texts)

    def says_of(self, kind: str, *texts: str) -> bool:
        """Tell whether a person read these texts about the only resource of a kind."""
        part = self.output.partition(f"dynamic/boomi:{kind}: (")[2].partition(" pulumi-python:dynamic/boomi:")[0]
        return Run(self.code, part, []).says(*texts)

    def errors(self) -> list[str]:
        """Tell each error, one text for one."""
        found = [each["diagnosticEvent"] for each in self.events if "diagnosticEvent" in each]
        return [each["message"] for each in found if each["severity"] == "error"]

    @property
    def steps(self) -> set[str]:
        """What happens to which resource, such as "update DeployedPackage order-sync"; unchanged ones left out."""
        return {
            f"{each['op']} {each['urn'].rpartition(':')[0].rstrip(':').rpartition(':')[2]} {_name(each['urn'])}"
            for each in self._metadata()
            if "pulumi:pulumi:" not in each["type"] and "pulumi:providers:" not in each["type"]
            if each["op"] not in {"same", "refresh", "read", "read-discard"}
        }

    def change(self, kind: str, name: str, *, of: str = "inputs") -> dict[str, tuple[Any, Any]]:
        """Tell the visible properties of a resource that differ, old and new."""
        for each in self._metadata():
            if each["type"].endswith(f":{kind}") and _name(each["urn"]) == name and each.get("old") and each.get("new"):
                old, new = (each[side].get(of) or {} for side in ("old", "new"))
                names = {key for key in old | new if not key.startswith("__")}
                return {key: (old.get(key), new.get(key)) for key in names if old.get(key) != new.get(key)}
        raise AssertionError(f"nothing was said of {kind} {name}\n{self.output}")

    def _metadata(self) -> Iterator[Row]:
        # A step is announced before, except by a refresh, which knows what it is only afterwards.
        refreshed = {
            each["resOutputsEvent"]["metadata"]["urn"]: each["resOutputsEvent"]["metadata"]
            for each in self.events
            if "resOutputsEvent" in each
        }
        for each in self.events:
            if "resourcePreEvent" in each:
                metadata = each["resourcePreEvent"]["metadata"]
                yield refreshed.get(metadata["urn"], metadata) if metadata["op"] == "refresh" else metadata


def _plain(text: str) -> str:
    return " ".join(text.split()).replace(" : ", ": ")


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _differences(before: list[Row], after: list[Row]) -> list[tuple[str, Any, Any]]:
    """Tell resource and property, old and new value, for a short message."""
    old, new = _flat(before), _flat(after)
    return [(key, old.get(key), new.get(key)) for key in old | new if old.get(key) != new.get(key)]


def _flat(rows: list[Row]) -> Row:
    found: Row = {}
    for row in rows:
        for key, value in row.items():
            each = value if isinstance(value, dict) else {"": value}
            # A secret is encrypted anew whenever the state is written.
            found |= {
                f"{row['urn']} {key}.{name}": "[secret]" if isinstance(inner, dict) and "ciphertext" in inner else inner
                for name, inner in each.items()
            }
    return found


def _settled(row: Row) -> Row:
    """Leave out of a resource what the engine itself changes when nothing changed."""
    kept = {key: value for key, value in row.items() if key not in {"created", "modified"}}
    depends = {key: value for key, value in kept.pop("propertyDependencies", {}).items() if value}
    return {**kept, "propertyDependencies": depends}


@cache
def _packages() -> str:
    """Tell what pip lists. The language host asks it before every command, which then costs half as much again."""
    command = [sys.executable, "-m", "pip", "list", "-v", "--format", "json", "--disable-pip-version-check"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


_STACKS: dict[str, dict[Path, bytes]] = {}
"""What `pulumi stack init` left, by the stack's name: a new stack is the same every time."""


@dataclass
class Project:
    """A folder with a state, an account, and the stacks in between."""

    folder: Path
    boomi: Emulator = field(repr=False)
    stacks: list[Stack] = field(default_factory=list, repr=False)
    tokens: set[str] = field(default_factory=lambda: set(TOKENS.values()))

    def stack(self, name: str = "dev", program: str = "", **env: str) -> Stack:
        """Make a stack with a folder of its own; further names are environment variables."""
        folder = self.folder / name
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text(
            f"name: {NAME}\nruntime: {{name: python, options: {{toolchain: pip}}}}\n", encoding="utf-8"
        )
        made = Stack(self, name, folder, {**self._env(), "PULUMI_STACK": name, **env})
        made.program(program)
        if name in _STACKS:
            for path, content in _STACKS[name].items():
                (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / path).write_bytes(content)
        else:
            made.run("stack", "init", name)
            files = [folder / f"Pulumi.{name}.yaml", made.file, self.folder / "state" / ".pulumi" / "meta.yaml"]
            _STACKS[name] = {file.relative_to(self.folder): file.read_bytes() for file in files}
        self.stacks.append(made)
        return made

    def stack_in(self, folder: Path, name: str) -> Stack:
        """Make a stack of a project that is there."""
        made = Stack(self, name, folder, {**self._env(), "PULUMI_STACK": name}, project_name=folder.name)
        made.run("stack", "init", name)
        self.stacks.append(made)
        return made

    def _env(self) -> dict[str, str]:
        if shutil.which("pulumi") is None:
            raise FileNotFoundError("The Pulumi CLI is not on PATH; `make test` puts it there.")
        for name in ("home", "state", "user", "pip"):
            (self.folder / name).mkdir(exist_ok=True)
        # Found before the real one; the demonstration's tests run with that.
        (self.folder / "pip" / "pip.py").write_text(f"print({_packages()!r})\n", encoding="utf-8")
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(self.folder / "user"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join([str(self.folder / "pip"), str(ROOT)]),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": (self.folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "for a throw-away folder",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "GOGC": "400",  # what would be collected, the end of the command frees as well
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_COMMANDS": "true",  # it brings --event-log
            "BOOMI_RATE_LIMIT": "0",  # nobody else is on the account
            **self.boomi.env,
        }

    # -- the account -----------------------------------------------------------------------------

    def packages(self, *, alive: bool = True) -> dict[str, Row]:
        """Tell the packages by "component version"."""
        return {
            f"{row['componentId']} {row['packageVersion']}": row
            for row in self.boomi.objects("PackagedComponent")
            if not (alive and row["deleted"])
        }

    def running(self) -> dict[str, Row]:
        """Tell the active deployments by "component environment"."""
        return {
            f"{row['componentId']} {row['environmentId'].removeprefix('env-')}": row
            for row in self.boomi.objects("DeployedPackage")
            if row["active"]
        }

    def versions(self) -> dict[str, str]:
        """Tell what runs: "component environment" -> package version."""
        return {slot: row["packageVersion"] for slot, row in self.running().items()}

    def writes(self) -> list[Row]:
        """Tell the requests since the journal was cleared that changed, or tried to change, something."""
        return [entry for entry in self.boomi.journal() if entry["verb"] in {"create", "update", "delete"}]

    def theirs(self) -> tuple[set[str], dict[str, str]]:
        """Tell what people, not the pipeline, made and what is alive: packages, and deployments by slot."""
        packages = {row["packageId"] for row in self.packages().values() if row["createdBy"] != PIPELINE}
        running = {slot: row["deploymentId"] for slot, row in self.running().items() if row["deployedBy"] != PIPELINE}
        return packages, running

    # -- the end ---------------------------------------------------------------------------------

    def no_token(self) -> None:
        """Check that no token is in a file of the folder or in the account's journal (outputs are checked at once)."""
        journal = json.dumps(self.boomi.journal())
        assert not any(secret in journal for secret in self.secrets())
        for file in self.folder.rglob("*"):
            if file.is_file():
                body = file.read_bytes()
                for secret in self.secrets():
                    assert secret.encode() not in body, f"a token is in {file}"

    def secrets(self) -> Iterator[str]:
        """Yield every form that a token could leak in."""
        for token in self.tokens:
            yield token
            for user in (PIPELINE, VIEWER):
                yield base64.b64encode(f"BOOMI_TOKEN.{user}:{token}".encode()).decode()


@dataclass
class Stack:
    """One stack of a project."""

    project: Project = field(repr=False)
    name: str
    folder: Path = field(repr=False)
    env: dict[str, str] = field(repr=False)
    project_name: str = NAME

    def program(self, text: str) -> None:
        """Write the program; `boomi`, `pulumi` and `ResourceOptions` are imported already."""
        head = "import pulumi\nfrom pulumi import ResourceOptions\n\nimport boomi_pulumi as boomi\n\n"
        (self.folder / "__main__.py").write_text(head + textwrap.dedent(text), encoding="utf-8")

    # -- commands --------------------------------------------------------------------------------

    def run(
        self, *arguments: str, fails: bool = False, traced: bool = False, env: Mapping[str, str] | None = None
    ) -> Run:
        """Run a command to its end; it must end as said, and without a stack trace unless one is asked for."""
        log = self.project.folder / f"{self.name}.events.json"
        log.unlink(missing_ok=True)
        if arguments[0] in {"up", "preview", "refresh", "destroy"}:
            arguments = (*arguments, "--event-log", str(log), "--suppress-progress")
        with child(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            try:
                output, _ = process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                kill(process)
                output, _ = process.communicate()
                raise AssertionError(f"{' '.join(arguments)} did not end:\n{output}") from None
        assert not any(secret in output for secret in self.project.secrets()), f"{arguments[0]} told a token"
        assert ("Traceback" in output) is traced, output
        assert (process.returncode != 0) is fails, f"{' '.join(arguments)} ended {process.returncode}:\n{output}"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return Run(process.returncode, output, [json.loads(line) for line in lines])

    def preview(
        self, program: str | None = None, *arguments: str, fails: bool = False, env: Mapping[str, str] | None = None
    ) -> Run:
        """Preview with every property; nothing may be written."""
        if program is not None:
            self.program(program)
        self.project.boomi.clear_journal()
        done = self.run("preview", "--diff", *arguments, fails=fails, env=env)
        assert self.project.writes() == [], done.output
        return done

    def up(self, program: str | None = None, *arguments: str, fails: bool = False) -> Run:
        """Bring the account to what the program declares; what people made and run is still there afterwards."""
        if program is not None:
            self.program(program)
        packages, running = self.project.theirs()
        self.project.boomi.clear_journal()
        done = self.run("up", "--yes", "--skip-preview", *arguments, fails=fails)
        assert packages <= self.project.theirs()[0], "a package that people made is gone"
        assert set(running) <= set(self.project.running()), "something that people run has stopped"
        return done

    def refresh(self, *arguments: str) -> Run:
        """Read the account; nothing may be written."""
        self.project.boomi.clear_journal()
        done = self.run("refresh", "--yes", "--skip-preview", "--diff", *arguments)
        assert self.project.writes() == [], done.output
        return done

    def destroy(self, *arguments: str) -> Run:
        """Remove what the stack made; what people made stays as it is."""
        before = self.project.theirs()
        done = self.run("destroy", "--yes", "--skip-preview", *arguments)
        assert self.project.theirs() == before, done.output
        return done

    def laws(self) -> None:
        """Check that a run has nothing to do, neither before nor after a refresh, which finds nothing.

        The laws of `tests/conformance` say so of every kind and field; here, a few tests say it of the real engine.
        """
        before, content = self.state(), self.file.read_bytes()
        self.project.boomi.clear_journal()
        done = self.run("up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes")
        assert self.project.writes() == [], done.output
        changed = _differences(before, self.state())
        # A refresh brings inputs up to date too, and may do nothing else.
        assert [each for each in changed if " inputs." not in each[0]] == []
        if changed:
            refreshed = self.file.read_bytes()
            self.file.write_bytes(content)
            self.preview(None, "--expect-no-changes")
            self.file.write_bytes(refreshed)

    def move(self) -> None:
        """Check that the state can be moved."""
        before = self.state()
        file = str(self.project.folder / f"{self.name}.export.json")
        self.run("stack", "export", "--file", file)
        self.run("stack", "import", "--file", file)
        assert _differences(before, self.state()) == []

    # -- the state -------------------------------------------------------------------------------

    @property
    def file(self) -> Path:
        """Where the state is."""
        return self.project.folder / "state" / ".pulumi" / "stacks" / self.project_name / f"{self.name}.json"

    def state(self) -> list[Row]:
        """Tell the resources in the state, without the times of their last change."""
        latest = json.loads(self.file.read_text(encoding="utf-8"))["checkpoint"]["latest"]
        assert not latest.get("pending_operations")
        rows = latest.get("resources") or []
        return [_settled(row) for row in rows]

    def resource(self, kind: str, name: str) -> Row:
        """Tell one resource in the state."""
        return next(row for row in self.state() if row["type"].endswith(f":{kind}") and _name(row["urn"]) == name)

    def names(self) -> set[str]:
        """Tell what the state holds, such as "PackagedComponent order-sync"."""
        return {
            f"{row['type'].rpartition(':')[2]} {_name(row['urn'])}"
            for row in self.state()
            if not row["type"].startswith("pulumi:")
        }

    def outputs(self) -> Row:
        """Tell the stack's outputs."""
        return dict(next(row for row in self.state() if row["type"] == "pulumi:pulumi:Stack").get("outputs") or {})
