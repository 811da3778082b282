"""The demonstration tells its story, leaves nothing behind, and fails when something does not hold."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, cast

import pytest

from tests.children import child
from tests.docs.pages import ROOT, excerpts

pytestmark = pytest.mark.engine

SECONDS = 240
STACKS = ["dev", "test", "prod"]
ID = r"[0-9a-f-]{36}"


def _start(folder: Path, *arguments: str, **env: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start the demonstration with a caller's own settings around it, which must not count."""
    (folder / "temporary files").mkdir()
    theirs = {
        "BOOMI_BASE_URL": "https://boomi.example",
        "BOOMI_TOKEN": "the-callers-own",
        "PULUMI_BACKEND_URL": "https://pulumi.example",
        "PULUMI_STACK": "nobodys",
        "TMPDIR": str(folder / "temporary files"),
    }
    return child(
        [sys.executable, "-m", "examples.promotion.demo", *arguments],
        cwd=ROOT,
        env={**os.environ, **theirs, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _left(folder: Path) -> list[str]:
    """Tell the files in a folder, and the processes that were started for it (where the system shows them)."""
    found = [str(file) for file in (folder / "temporary files").iterdir()]
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if str(folder).encode() in environ.read_bytes():
                found.append(str(environ.parent))
    return found


def _tracked() -> str:
    """Tell the state of the files that a demonstration could write to."""
    files = [*sorted((ROOT / "examples").rglob("Pulumi*.yaml")), ROOT / "Pulumi.yaml"]
    return "".join(file.read_text(encoding="utf-8") for file in files)


def test_a_stranger_reads_what_goes_from_which_version_to_which_where(tmp_path: Path) -> None:
    before = _tracked()
    with _start(tmp_path) as process:
        output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, output
    assert "\x1b" not in output
    assert "the-callers-own" not in output

    shown = [part.partition("Resources:")[0] for part in output.split("Previewing update (")[1:]]
    assert [part.partition(")")[0] for part in shown] == ["test", *STACKS, "test", *STACKS]
    refused, closed, previews = shown[0], shown[4], [*shown[1:4], *shown[5:]]
    line = "stack organization/order-sync/dev has no outputs yet: run `pulumi up` there first."
    assert line in refused
    assert "Traceback" not in refused
    assert "is closed: active in Dev since" in closed
    assert "1 run in Dev, the last ERROR" in closed
    assert "1 failed, and the gate allows none" in closed
    assert output.count("did not pass: it ended ERROR") == 1
    for number, (preview, environment) in enumerate(zip(previews, ["Dev", "Test", "Production"] * 2, strict=True)):
        said = re.sub(r" +:", ":", preview.partition("DeployedPackage: (")[2])
        assert said.startswith("create" if number < 3 else "update")
        assert 'componentName: "Order Sync"' in said
        assert f'environmentName: "{environment}"' in said
        earlier = ("1.4", 5) if environment == "Dev" else ("1.3", 4)
        assert ('packageVersion: "1.3"\n' if number < 3 else f'~ packageVersion: "{earlier[0]}" => "1.5"') in said
        assert ('supersedes: "1.2, deployed by maria.lopez' in said) == (environment != "Dev")
        assert ("componentVersion: 4\n" if number < 3 else f"~ componentVersion: {earlier[1]} => 6") in said
        assert ("EnvironmentExtensions" in said) == (number < 3), "later releases change no value"
        assert ("will RUN on Acme Dev Atom (Dev)" in said) == (environment == "Dev")
        assert ("1 run in Dev, the last COMPLETE" in said) == (environment == "Test")
        assert ("every 15 minutes from 6:00 to 21:59" in said) == (number == 2)
    assert output.count("asked from the account just now: COMPLETE on Acme Dev Atom") == 2
    assert output.count("asked from the account just now: ERROR on Acme Dev Atom") == 1
    lines_of_test = {" ".join(line.split()) for line in previews[1].splitlines()}
    for lines in excerpts(ROOT / "docs" / "promotion.md"):
        assert {" ".join(line.split()) for line in lines} <= lines_of_test
    assert "made up for" not in output, "a password"

    table = [re.sub(r"\W*│\W*", "|", line) for line in output.splitlines() if "│" in line]
    assert table == [
        "|Order Sync|1.5 (revision 6|1.5 (revision 6|1.5 (revision 6|",
        "|Inventory Feed|1.2 (revision 3|1.2 (revision 3|1.1 (revision 2|",
    ]
    last = output.partition("The end")[2]
    assert re.search(rf"The same package in all three: {ID}\.", last)
    assert last.count("unchanged") == 3
    assert "Nothing left to change." in last

    assert _left(tmp_path) == []
    assert _tracked() == before


def test_the_same_releases_go_through_from_yaml(tmp_path: Path) -> None:
    """The demonstration itself insists on what each preview says, and on what runs after each step."""
    before = _tracked()
    with _start(tmp_path, "yaml") as process:
        output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, output
    assert "dynamic" not in output
    assert output.count("+-boomi:index:PackagedComponent: (replace[retain])") == 1
    last = output.partition("The end")[2]
    assert re.search(rf"The same package in all three: {ID}\.", last)
    assert (last.count("unchanged"), last.count("1.5 (revision 6)")) == (3, 3)
    assert "by the clock of Acme Production Molecule" in last
    assert _left(tmp_path) == []
    assert _tracked() == before


def test_an_interruption_ends_all_that_was_started(tmp_path: Path) -> None:
    with _start(tmp_path) as process:
        for line in cast("IO[str]", process.stdout):
            if line.startswith("$ pulumi preview"):
                break
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 130, output
    assert "Interrupted" in output
    assert _left(tmp_path) == []


def test_without_a_cli_it_says_what_to_do(tmp_path: Path) -> None:
    with _start(tmp_path, PATH=os.defpath) as process:
        output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "There is no Pulumi CLI on PATH; `make demo` provides one." in output
    assert _left(tmp_path) == []
