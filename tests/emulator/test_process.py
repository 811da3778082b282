"""The emulator as a program: what it prints, what it refuses, and a state that survives being killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
import yaml

from tests.emulator.conftest import small_seed

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-W", "error", "-m", "boomi_pulumi.emulator"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    ) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline().strip() for _ in range(4)]
            yield process, dict(line.split("=", 1) for line in lines)
        finally:
            process.kill()


def environments(env: dict[str, str], name: str = "") -> list[str]:
    url = f"{env['BOOMI_BASE_URL']}/api/rest/v1/{env['BOOMI_ACCOUNT_ID']}/Environment"
    auth, headers = (env["BOOMI_USERNAME"], env["BOOMI_TOKEN"]), {"Accept": "application/json"}
    if name:
        requests.post(url, json={"name": name}, auth=auth, headers=headers, timeout=10).raise_for_status()
    answer = requests.post(f"{url}/query", json={"QueryFilter": {}}, auth=auth, headers=headers, timeout=10)
    return [row["name"] for row in answer.json()["result"]]


@pytest.fixture
def seed(tmp_path: Path) -> str:
    file = tmp_path / "seed.yaml"
    file.write_text(yaml.safe_dump(small_seed()), encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_how_to_reach_it_and_stops_on_a_signal(seed: str, number: signal.Signals) -> None:
    with serving("--seed", seed) as (process, env):
        assert list(env) == ["BOOMI_BASE_URL", "BOOMI_ACCOUNT_ID", "BOOMI_USERNAME", "BOOMI_TOKEN"]
        assert env["BOOMI_BASE_URL"].startswith("http://127.0.0.1:")
        assert env["BOOMI_ACCOUNT_ID"] == "acme-1"
        assert environments(env) == ["Dev", "Production"]
        process.send_signal(number)
        out, err = process.communicate(timeout=5)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_commit_survives_a_kill(seed: str, tmp_path: Path) -> None:
    data = str(tmp_path / "account.db")
    with serving("--seed", seed, "--data", data) as (process, env):
        assert environments(env, "Stage") == ["Dev", "Production", "Stage"]
        process.kill()
        process.wait(5)
    with serving("--data", data) as (_, env):
        assert env["BOOMI_ACCOUNT_ID"] == "acme-1"
        assert environments(env) == ["Dev", "Production", "Stage"]


def test_limit_and_latency_are_options(seed: str) -> None:
    with serving("--seed", seed, "--rate-limit", "7", "--latency", "1") as (_, env):
        settings = requests.get(f"{env['BOOMI_BASE_URL']}/_emulator/settings", timeout=10).json()
        assert (settings["rateLimit"], settings["latency"]) == (7, 1)


def test_the_default_seed_is_printed() -> None:
    done = run("--print-seed")
    assert done.returncode == 0
    assert yaml.safe_load(done.stdout)["account"]["name"] == "Acme"


@pytest.mark.parametrize(
    ("text", "word"),
    [("a: [", "not YAML"), ("colour: 1", "colour"), ("- 1", "mapping"), ("account: {id: x}", "users"), ("\0", "YAML")],
)
def test_a_wrong_seed_is_one_line_and_status_2(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(text, encoding="utf-8")
    refused(run("--port", "0", "--seed", str(file)), word)


def test_a_missing_seed_a_wrong_data_file_and_a_taken_port_are_one_line_and_status_2(tmp_path: Path, seed: str) -> None:
    refused(run("--seed", str(tmp_path / "none.yaml")), "none.yaml")
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is not a database" * 100)
    refused(run("--data", str(broken)), "broken.db")
    refused(run("--data", str(tmp_path / "no" / "such" / "folder.db")), "folder.db")
    refused(run("--rate-limit", "-1", "--seed", seed), "rateLimit")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused(run("--port", port, "--seed", seed), port)


def refused(done: subprocess.CompletedProcess[str], word: str) -> None:
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert word in done.stderr
    assert done.stderr.count("\n") == 1
