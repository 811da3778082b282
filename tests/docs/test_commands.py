"""Every command of every page can be typed where a reader stands, and the README's do what it says."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import click
import pytest

from boomi_pulumi.cli.commands import cli
from boomi_pulumi.emulator import Emulator
from tests.docs.pages import PAGES, README, ROOT
from tests.engine.project import Project

PROGRAMS = ("make", "pulumi", "pip", "git", "python", "boomi-pulumi", "eval", "curl")
EXTRAS = ("cli", "emulator", "demo")


def _lines(page: Path) -> list[str]:
    """Tell the commands of a page: indented, or in a fence of the shell."""
    text = page.read_text(encoding="utf-8")
    fenced = "".join(re.findall(r"^```(?:sh|console)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    lines = [*re.findall(r"^    (\S.*)$", outside, re.MULTILINE), *fenced.splitlines()]
    commands = (part for line in lines for part in re.split(r" \| | && ", line.removeprefix("$ ").partition("  #")[0]))
    return [
        each.strip()
        for each in commands
        if each.split(None, 1)[:1] and each.split()[0] in PROGRAMS and not re.match(r"\S+ \w+: ", each)  # an answer
    ]


COMMANDS = sorted({(page.name, line) for page in PAGES for line in _lines(page)})


def _words(line: str) -> list[str]:
    return shlex.split(line.replace("…", "x").removesuffix("\\"), comments=True)


@cache
def _targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@cache
def _help(*command: str) -> str:
    done = subprocess.run(["pulumi", *command, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def _unknown_of_pulumi(words: list[str]) -> list[str]:
    """Tell what the Pulumi CLI does not know of a command: its name, or an option."""
    names: list[str] = []
    for word in words:
        known = re.search(rf"^  (?:\S+, )*{re.escape(word)}(?:,| {{2,}}|$)", _help(*names), re.MULTILINE)
        if word.startswith("-") or known is None:
            break
        names.append(word)
    options = [word.partition("=")[0] for word in words if word.startswith("-")]
    shown = set(re.findall(r"(?<=[\s,])(--?[a-zA-Z][\w-]*)", _help(*names)))
    return [*([] if names else words[:1]), *(each for each in options if each not in shown)]


def _unknown_of_ours(words: list[str]) -> list[str]:
    """Tell what `boomi-pulumi` does not know of a command: its name, or an option."""
    found: click.Command = cli
    rest = list(words)
    while isinstance(found, click.Group) and rest and rest[0] in found.commands:
        found = found.commands[rest.pop(0)]
    options = {name for parameter in found.params for name in parameter.opts} | {"--help"}
    named = [each.partition("=")[0] for each in rest if each.startswith("-") and each != "-"]
    return [
        *(rest[:1] if isinstance(found, click.Group) and not named else []),
        *(each for each in named if each not in options),
    ]


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[f"{page}: {line}" for page, line in COMMANDS])
def test_a_command_of_a_page_exists(page: str, line: str) -> None:
    program, *words = _words(line)
    assert program in PROGRAMS, page
    if program == "make":
        assert {each for each in words if re.fullmatch(r"[a-z][a-z-]*", each)} <= _targets()
    elif program == "pulumi":
        assert _unknown_of_pulumi(words) == []
    elif program == "boomi-pulumi":
        assert _unknown_of_ours(words) == []
    elif program == "pip":
        # Nothing is published: what a page installs is the clone that its reader stands in.
        assert re.fullmatch(rf"\.(\[({'|'.join(EXTRAS)})\])?", words[-1]), "install from the clone"
    elif program == "python" and "-m" in words:
        assert importlib.util.find_spec(words[words.index("-m") + 1]) is not None


@pytest.mark.engine
def test_the_readme_does_what_it_says(tmp_path: Path) -> None:
    clone, site = tmp_path / "clone", tmp_path / "site"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes((ROOT / name).read_bytes())
    lines = _lines(README)
    (install,) = (line for line in lines if line.startswith("pip "))
    where = {"PIP_TARGET": str(site), "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1"}
    # What pip's variable says is turned round: 0 builds with what is installed here.
    subprocess.run([sys.executable, "-m", *_words(install)], cwd=clone, env={**os.environ, **where}, check=True)

    with Emulator(rate_limit=0) as boomi:
        project = Project(tmp_path, boomi, tokens={boomi.token})
        stack = project.stack(PYTHONPATH=os.pathsep.join([str(site), str(tmp_path / "pip")]))
        program = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)[0]
        (stack.folder / "__main__.py").write_text(program, encoding="utf-8")
        said = {"accountId": boomi.account_id, "username": boomi.username}
        stack.env = {name: value for name, value in stack.env.items() if name not in boomi.env}
        stack.env["BOOMI_BASE_URL"] = boomi.base_url
        for line in (each for each in lines if each.startswith("pulumi config set")):
            _, *words = _words(line)
            name = words[2].removeprefix("boomi:")
            if name == "token":
                _typed(stack.folder, stack.env, words, boomi.token)
            else:
                stack.run(*words[:3], said[name])
        assert "pulumi preview --diff" in lines
        assert stack.preview().steps == {"create PackagedComponent order-sync", "create DeployedPackage order-sync"}
        stack.run("up", "--yes", "--skip-preview")

        boomi.save_revision(_component(boomi), by="maria.lopez@acme.example")
        (stack.folder / "__main__.py").write_text(program.replace("1.4.0", "1.5.0"), encoding="utf-8")
        seen = stack.preview()
        shown = re.findall(r"^    ~ pulumi-.*\n((?:^     .*\n)+)", README.read_text(encoding="utf-8"), re.MULTILINE)[0]
        assert seen.says_of("DeployedPackage", *shown.splitlines())


def _typed(folder: Path, env: dict[str, str], words: list[str], secret: str) -> None:
    """Run a command that asks for a secret, as the README leaves it out."""
    subprocess.run(["pulumi", *words], cwd=folder, env=env, input=f"{secret}\n", text=True, check=True)


def _component(boomi: Emulator) -> str:
    rows = boomi.objects("ComponentMetadata")
    return next(str(row["componentId"]) for row in rows if row["name"] == "Order Sync")
