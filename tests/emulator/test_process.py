"""The emulator as a program: what it prints, what it refuses, and a state that survives being killed."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
import yaml

from boomi_pulumi.emulator.__main__ import main
from boomi_pulumi.emulator.store import Store
from tests.children import child
from tests.emulator.conftest import small_seed

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-W", "error", "-m", "boomi_pulumi.emulator"]


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    with child(
        [*COMMAND, "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(4)]
        yield process, dict(line.split("=", 1) for line in lines)


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


def test_it_prints_how_to_reach_it_and_stops_on_a_signal(seed: str) -> None:
    with serving("--seed", seed, "--rate-limit", "7", "--latency", "1") as (process, env):
        assert list(env) == ["BOOMI_BASE_URL", "BOOMI_ACCOUNT_ID", "BOOMI_USERNAME", "BOOMI_TOKEN"]
        assert env["BOOMI_BASE_URL"].startswith("http://127.0.0.1:")
        assert env["BOOMI_ACCOUNT_ID"] == "acme-1"
        assert environments(env) == ["Dev", "Production"]
        settings = requests.get(f"{env['BOOMI_BASE_URL']}/_emulator/settings", timeout=10).json()
        assert (settings["rateLimit"], settings["latency"]) == (7, 1)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")


def test_who_lets_other_machines_in_is_warned(seed: str) -> None:
    with serving("--seed", seed, "--host", "0.0.0.0") as (process, _):  # noqa: S104
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)
        assert (process.returncode, err.count("\n"), "without credentials" in err) == (0, 1, True)


def test_a_commit_survives_a_kill(seed: str, tmp_path: Path) -> None:
    data = str(tmp_path / "account.db")
    with serving("--seed", seed, "--data", data) as (process, env):
        assert environments(env, "Stage") == ["Dev", "Production", "Stage"]
        process.kill()
        process.wait(10)
    with serving("--data", data) as (process, env):
        assert env["BOOMI_ACCOUNT_ID"] == "acme-1"
        assert environments(env) == ["Dev", "Production", "Stage"]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_no_change_that_was_answered_is_lost_to_a_kill_under_load(seed: str, tmp_path: Path) -> None:
    data = str(tmp_path / "account.db")
    answered: list[str] = []
    enough = threading.Event()

    def client(env: dict[str, str], number: int) -> None:
        url = f"{env['BOOMI_BASE_URL']}/api/rest/v1/{env['BOOMI_ACCOUNT_ID']}/Environment"
        with requests.Session() as session:
            session.auth = (env["BOOMI_USERNAME"], env["BOOMI_TOKEN"])
            session.headers["Accept"] = "application/json"
            for turn in count():
                try:
                    made = session.post(url, json={"name": f"{number}-{turn}"}, timeout=10)
                except requests.ConnectionError:
                    return
                assert made.status_code == 200, made.text
                answered.append(made.json()["id"])
                if len(answered) >= 200:
                    enough.set()

    for _ in range(2):
        with serving("--seed", seed, "--data", data, "--rate-limit", "0") as (process, env):
            clients = [threading.Thread(target=client, args=(env, len(answered) + n * 10**6)) for n in range(4)]
            for thread in clients:
                thread.start()
            assert enough.wait(60)
            process.kill()
            for thread in clients:
                thread.join(20)
        enough.clear()
    with closing(sqlite3.connect(data)) as database:
        (whole,) = database.execute("PRAGMA integrity_check").fetchone()
        kept = {key for (key,) in database.execute("SELECT key FROM objects WHERE kind = 'Environment'")}
    assert whole == "ok"
    assert set(answered) <= kept
    assert len(answered) > 200


def test_wrong_input_exits_with_status_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--seed", str(tmp_path / "none.yaml")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "none.yaml" in done.stderr


def refused(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    assert main(command) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    return err


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: [", "not YAML"),
        ("colour: 1", "colour"),
        ("- 1", "mapping"),
        ("account: {id: x}", "users"),
        ("\0", "YAML"),
        ("a: " + "[" * 5_000 + "]" * 5_000, "not YAML"),
        ("\udc80", "cannot read"),
    ],
)
def test_a_wrong_seed_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    assert word in refused(capsys, "--port", "0", "--seed", str(file))


def test_a_wrong_data_file_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is not a database" * 100)
    for file in (broken, tmp_path / "no" / "such" / "folder.db"):
        assert str(file) in refused(capsys, "--data", str(file))


@pytest.mark.parametrize(
    ("table", "column", "value"), [("objects", "body", "{"), ("meta", "body", "{"), ("objects", "kind", "Account ")]
)
def test_damaged_data_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, table: str, column: str, value: str
) -> None:
    file = tmp_path / "account.db"
    Store(small_seed(), file).close()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(f"UPDATE {table} SET {column} = ? WHERE {column} IS NOT NULL", (value,))  # noqa: S608
    assert "damaged" in refused(capsys, "--data", str(file))


def test_a_wrong_address_or_limit_is_one_line(capsys: pytest.CaptureFixture[str], seed: str) -> None:
    assert "rateLimit" in refused(capsys, "--rate-limit", "-1", "--seed", seed)
    assert "99999" in refused(capsys, "--port", "99999", "--seed", seed)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert port in refused(capsys, "--port", port, "--seed", seed)


def test_the_default_seed_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--print-seed"]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["account"]["name"] == "Acme"
