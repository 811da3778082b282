"""One account and one stack of Pulumi's, and what its commands take."""

from __future__ import annotations

import json
import shlex
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmarks.usage import Usage, environment, watched
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.native.install import install, release
from boomi_pulumi.native.schema import package

HERE = Path(__file__).parent
LINEAR = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
"""Pulumi writes a whole state file after every step, which takes n times n; not so where growth is measured."""
ENVIRONMENT = "bench-environment"
BUSY = 503


@dataclass
class Figure:
    """One work, measured several times."""

    requests: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """Return what is written down."""
        return {
            "requests": statistics.median(self.requests),
            "refused_for_the_rate": sum(self.refused),
            "seconds": round(statistics.median(self.seconds), 2),
            "seconds_min": round(min(self.seconds), 2),
            "seconds_max": round(max(self.seconds), 2),
            "runs": len(self.seconds),
        }


def seed(n: int) -> dict[str, Any]:
    """Return an account with one environment, n components to release, and 15 deployments of other people."""
    others = [f"other-{i}" for i in range(15)]
    return {
        "account": {"id": "bench-AB12CD", "name": "Bench"},
        "users": [
            {
                "name": "bench@acme.example",
                "token": "bench-token",
                "privileges": ["API", "PACKAGE_MANAGEMENT", "DEPLOY", "ATOM_MANAGEMENT", "BUILD"],
            }
        ],
        "environments": [{"name": "Bench", "classification": "TEST", "id": ENVIRONMENT}],
        "components": [{"name": name, "id": name} for name in [*(f"c{i}" for i in range(n)), *others]],
        "packages": [{"component": f"Bench/{name}", "version": "1.0"} for name in others],
        "deployments": [{"component": f"Bench/{name}", "package": "1.0", "environment": "Bench"} for name in others],
    }


class Bench:
    """One account and one stack, from empty to empty.

    Args:
        folder: An empty one.
        boomi: The account.
        provider: "boomi" (dynamic resources), "nothing" (the same of a provider that does nothing), "sdk" (the SDK of
            the plugin), "yaml" (YAML over the plugin) or "nothing-yaml" (YAML over a plugin that does nothing).
        rate: Requests a second; 0 means no limit.
        env: Further variables.
        shape: Properties of our resources by kind; a provider that does nothing then has as many.
        longest: Seconds that one command may take.
    """

    def __init__(
        self,
        folder: Path,
        boomi: Emulator,
        provider: str,
        *,
        rate: float,
        env: Mapping[str, str],
        shape: Mapping[str, Any] | None,
        longest: float,
    ) -> None:
        # Of its own: a stack leaves its settings beside the program.
        self._program = shutil.copytree(HERE / "program", folder / "program")
        self.boomi = boomi
        self._provider = provider
        self._shape = shape
        self._longest = longest
        self._work = folder / "work.json"
        self._plugin = folder / "plugin"
        self._env = {
            **environment(),
            **boomi.env,
            "BOOMI_RATE_LIMIT": str(rate),
            "BENCH_PROVIDER": provider,
            "BENCH_WORK": str(self._work),
            "BENCH_SCHEMA": str(folder / "schema.json"),
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **env,
        }
        if provider == "nothing-yaml":
            (folder / "schema.json").write_text(json.dumps(package(release())), encoding="utf-8")
            self._plugin.mkdir()
            script = self._plugin / "pulumi-resource-boomi"
            command = shlex.join([sys.executable, str(self._program / "nothing_plugin.py")])
            script.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
            script.chmod(0o755)
        elif provider in {"yaml", "sdk"}:
            install(release(), str(self._plugin))
        self.wants({})
        self.pulumi("stack", "init", "bench")

    def wants(self, versions: dict[str, str]) -> None:
        """Declare which component has which version."""
        work = {"environment": ENVIRONMENT, "packages": versions, **({"shape": self._shape} if self._shape else {})}
        self._work.write_text(json.dumps(work), encoding="utf-8")
        project: dict[str, Any] = {"name": "bench", "runtime": "python"}
        if self._plugin.exists():
            project["plugins"] = {"providers": [{"name": "boomi", "path": str(self._plugin)}]}
        if self._provider.endswith("yaml"):
            project |= {"runtime": "yaml", "resources": _resources(versions)}
        # JSON is YAML.
        (self._program / "Pulumi.yaml").write_text(json.dumps(project), encoding="utf-8")

    def shape(self) -> dict[str, Any]:
        """Return inputs and outputs of one resource of each kind, as the state has them."""
        state = json.loads(self.pulumi("stack", "export").output)
        return {
            row["type"].rpartition(":")[2]: {
                side: {name: value for name, value in row.get(side, {}).items() if name != "__provider"}
                for side in ("inputs", "outputs")
            }
            for row in state["deployment"]["resources"]
            if not row["type"].startswith("pulumi:")
        }

    def pulumi(self, *words: str) -> Usage:
        """Run the CLI; its output is shown only where it fails."""
        return watched(["pulumi", *words, "--non-interactive"], self._program, self._env, timeout=self._longest)

    def measure(self, figure: Figure, *words: str) -> Usage:
        """Run the CLI and note requests and seconds."""
        return self._note(figure, lambda: self.pulumi(*words))

    def script(self, figure: Figure, rate: float) -> Usage:
        """Run the script over everything that is wanted."""
        command = [sys.executable, str(HERE / "script.py"), str(self._work), str(rate)]
        return self._note(figure, lambda: watched(command, self._program, self._env, timeout=self._longest))

    def _note(self, figure: Figure, run: Callable[[], Usage]) -> Usage:
        self.boomi.clear_journal()
        usage = run()
        figure.seconds.append(usage.seconds)
        journal = self.boomi.journal()
        figure.requests.append(len(journal))
        figure.refused.append(sum(entry["status"] == BUSY for entry in journal))
        return usage


def _resources(versions: Mapping[str, str]) -> dict[str, Any]:
    """Return a package and a deployment for each, as a program in YAML."""
    found: dict[str, Any] = {}
    for component, version in versions.items():
        found[f"p-{component}"] = {
            "type": "boomi:index:PackagedComponent",
            "name": f"c-{component}",
            "properties": {"componentId": component, "packageVersion": version},
        }
        found[f"d-{component}"] = {
            "type": "boomi:index:DeployedPackage",
            "name": f"c-{component}",
            "properties": {"package": f"${{p-{component}}}", "environmentId": ENVIRONMENT},
        }
    return found


@contextmanager
def bench(n: int, provider: str, *, rate: float, latency: int, **more: Any) -> Iterator[Bench]:
    """Start an account for n components, and a stack beside it; further arguments as in `stack`."""
    with (
        Emulator(seed(n), rate_limit=int(rate), latency=latency) as boomi,
        stack(boomi, provider, rate=rate, **more) as one,
    ):
        one.wants({f"c{i}": "1.0" for i in range(n)})
        yield one


@contextmanager
def stack(
    boomi: Emulator,
    provider: str,
    *,
    rate: float = 0,
    env: Mapping[str, str] = MappingProxyType({}),
    shape: Mapping[str, Any] | None = None,
    longest: float = 3600,
) -> Iterator[Bench]:
    """Make a stack for an account that is there; arguments as in `Bench`."""
    folder = Path(tempfile.mkdtemp(prefix="boomi-bench-"))
    try:
        yield Bench(folder, boomi, provider, rate=rate, env=env, shape=shape, longest=longest)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
