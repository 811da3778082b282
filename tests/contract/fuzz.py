"""Let schemathesis make up requests from Boomi's document and send them to the emulator: `make contract`.

python -m tests.contract.fuzz [seconds]     240 if left out; 20 examples per operation and the same seed every time

It is bounded, sends to this machine only, and is not part of `make test`. It ends with 0 where nothing was found.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from boomi_pulumi.emulator import Emulator

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LOCK = HERE / "schemathesis.lock"
DOCUMENT = ROOT / "tests" / "openapi" / "platform.json"
FOLDER = ROOT / ".tools" / "schemathesis"
SECONDS, EXAMPLES, SEED = 240, 20, 7
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance"


def install() -> Path:
    """Make an environment with schemathesis, if it is not there; return its program."""
    done = FOLDER / ".installed"
    if not done.exists() or done.read_text(encoding="utf-8") != LOCK.read_text(encoding="utf-8"):
        subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
        pip: list[str | Path] = [
            FOLDER / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        subprocess.run([*pip, "--require-hashes", "-r", LOCK], check=True)
        done.write_text(LOCK.read_text(encoding="utf-8"), encoding="utf-8")
    return FOLDER / "bin" / "schemathesis"


def main(seconds: int = SECONDS) -> int:
    """Run it, and return its exit status; 1 too where it was not through in time."""
    program = install()
    with Emulator(rate_limit=0, lockAfter=0) as boomi:
        command: list[str | Path] = [
            program, "run", DOCUMENT,
            "--url", f"{boomi.base_url}/api/rest/v1/{boomi.account_id}",
            "--auth", f"{boomi.username}:{boomi.token}",
            "--phases", "examples,coverage,fuzzing",
            "--checks", CHECKS,
            "--max-examples", str(EXAMPLES),
            "--seed", str(SEED),
            "--workers", "1",
            "--continue-on-failure",
        ]  # fmt: skip
        try:
            done = subprocess.run(command, check=False, timeout=seconds, cwd=FOLDER)
        except subprocess.TimeoutExpired:
            print(f"stopped after {seconds} s, before it was through", flush=True)  # noqa: T201
            return 1
        journal = boomi.store.journal()
    print(f"{journal[-1]['seq']} requests; the last ones: {_census(journal)}")  # noqa: T201
    return done.returncode


def _census(journal: list[dict[str, object]]) -> str:
    statuses = [str(entry["status"]) for entry in journal]
    return ", ".join(f"{statuses.count(status)} x {status}" for status in sorted(set(statuses)))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
