"""The templates for pipelines: valid for their platforms, the same commands in each, and those commands work."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from boomi_pulumi.emulator import Emulator
from tests.docs.pages import PROMOTION, ROOT
from tests.engine.project import Project

TEMPLATES = ROOT / "examples" / "ci"
SCHEMAS = {
    "github-actions.yml": ["vendor.github-workflows"],
    "gitlab-ci.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    "azure-pipelines.yml": [
        "vendor.azure-pipelines", "--data-transform", "azure-pipelines", "--regex-variant", "python",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_template_is_what_its_platform_takes(name: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *SCHEMAS[name], str(TEMPLATES / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_issue_forms_are_what_the_platform_takes() -> None:
    forms = sorted(map(str, (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-issue-forms", *forms]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def _scripts(node: Any) -> Iterator[str]:
    """Yield every piece of shell in a template."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"run", "script", "bash"}:
                yield from [value] if isinstance(value, str) else value
            else:
                yield from _scripts(value)
    elif isinstance(node, list):
        for each in node:
            yield from _scripts(each)


def _shell(name: str) -> list[str]:
    body = (TEMPLATES / name).read_text(encoding="utf-8")
    if name == "Jenkinsfile":
        return re.findall(r"sh '{3}(.*?)'{3}", body, re.DOTALL) + re.findall(r"sh '([^'].*?)'$", body, re.MULTILINE)
    return list(_scripts(yaml.safe_load(body)))


def _commands(name: str) -> set[str]:
    """Tell what a template runs of ours, whatever the stack, the platform and the shell around it."""
    lines = (line.strip() for script in _shell(name) for line in script.splitlines())
    ours = (line for line in lines if line.startswith(("pulumi ", "boomi-pulumi ")))
    plain = (re.sub(r"--stack \S+", '--stack "$STACK"', line.partition(" ||")[0].partition(" >")[0]) for line in ours)
    return {re.sub(r"--comment \w+", "--comment PLATFORM", line) for line in plain}


def test_every_template_runs_the_same_commands() -> None:
    names = [*SCHEMAS, "Jenkinsfile"]
    assert {path.name for path in TEMPLATES.iterdir()} == set(names)
    first, *others = (_commands(name) for name in names)
    assert all(each == first for each in others)
    assert len(first) == 7  # preview and plan, review twice, up twice, drift


SHELLS = {
    "github-actions.yml": ["bash", "-e"],
    "gitlab-ci.yml": ["bash", "-eo", "pipefail"],
    "azure-pipelines.yml": ["bash"],
    "Jenkinsfile": ["sh", "-xe"],
}
"""As the platform runs a step that names no shell."""

FAKE = """#!/bin/sh
case "$0 $*" in *"/$FAILS"*) rm "$ONCE" 2>/dev/null && exit 3 ;; esac
exit 0
"""


@pytest.mark.parametrize("name", SHELLS)
def test_no_step_hides_a_command_that_failed(name: str, tmp_path: Path) -> None:
    """Each command of each step fails once, whatever comes after it; a refused preview is one of them."""
    tools = ("pulumi", "boomi-pulumi", "curl", "pip", "cp")
    for tool in tools:
        (tmp_path / tool).write_text(FAKE, encoding="utf-8")
        (tmp_path / tool).chmod(0o755)
    once, tried = tmp_path / "once", set()
    for script in {"\n".join(step.splitlines()) for step in _shell(name)}:
        for line in filter(None, map(str.strip, script.splitlines())):
            program, verb = (*line.split(), "")[:2]
            fails = f"{program} {verb if verb.isalpha() else ''}"
            if program in tools:
                once.touch()
                env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "FAILS": fails, "ONCE": str(once)}
                env["GITHUB_STEP_SUMMARY"] = str(tmp_path / "summary.md")
                step = [*SHELLS[name], "-c", script]
                done = subprocess.run(step, cwd=tmp_path, env=env, capture_output=True, check=False, timeout=20)
                assert not once.exists()
                assert done.returncode != 0, f"{line}\n{script}"
                tried.add(fails)
    assert tried >= {"pulumi preview", "pulumi up", "boomi-pulumi review"}
    body = (TEMPLATES / name).read_text(encoding="utf-8")
    assert not re.search("continue-on-error|continueOnError|allow_failure|catchError|always\\(|returnStatus", body)


class _Forge(BaseHTTPRequestHandler):
    """The comments of one pull request, as GitHub keeps them."""

    comments: dict[int, str]

    def _answer(self, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _read(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self) -> None:
        first = self.path.endswith("page=1")
        rows = [{"id": id_, "node_id": f"node-{id_}", "body": body} for id_, body in self.comments.items()]
        self._answer(rows if first else [])

    def do_POST(self) -> None:
        body = self._read()
        if self.path == "/graphql":
            self._answer({"data": {"nodes": [{"viewerDidAuthor": True} for _ in body["variables"]["ids"]]}})
            return
        self.comments[len(self.comments) + 1] = body["body"]
        self._answer({})

    def do_PATCH(self) -> None:
        self.comments[int(self.path.rpartition("/")[2])] = self._read()["body"]
        self._answer({})

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def _forge() -> Iterator[tuple[str, dict[int, str]]]:
    comments: dict[int, str] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Forge", (_Forge,), {"comments": comments}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", comments
    finally:
        server.shutdown()
        server.server_close()


def _step(name: str) -> str:
    body = yaml.safe_load((TEMPLATES / "github-actions.yml").read_text(encoding="utf-8"))
    steps = (step for job in body["jobs"].values() for step in job["steps"])
    return str(next(step["run"] for step in steps if step.get("name") == name))


@pytest.mark.engine
def test_the_steps_of_a_template_work(tmp_path: Path) -> None:
    with Emulator(rate_limit=0) as boomi, _forge() as (address, comments):
        project = Project(tmp_path, boomi, tokens={boomi.token})
        stack = project.stack("dev")
        (stack.folder / "__main__.py").write_bytes((PROMOTION / "__main__.py").read_bytes())
        (stack.folder / "Pulumi.dev.yaml").write_text(
            'config:\n  promotion:environment: Dev\n  promotion:packageVersion: "1.3"\n  promotion:ordersDbHost: db\n'
            + (stack.folder / "Pulumi.dev.yaml").read_text(encoding="utf-8"),
            encoding="utf-8",
        )
        stack.run("config", "set", "--secret", "ordersDbPassword", "made-up")
        env = {
            **stack.env,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), stack.env["PATH"]]),
            "STACK": "dev",
            "GITHUB_API_URL": address,
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_TOKEN": "of-the-run",
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        }

        def run(name: str) -> int:
            shell = ["bash", "-eo", "pipefail", "-c", _step(name)]
            return subprocess.run(shell, cwd=stack.folder, env=env, capture_output=True, check=False).returncode

        assert run("Preview, and tell the reviewer") == 0
        assert "<code>1.3</code>" in comments[1]
        assert run("Up") == 0

        component = next(row for row in boomi.objects("PackagedComponent") if row["packageVersion"] == "1.3")[
            "componentId"
        ]
        boomi.save_revision(component, by="maria.lopez@acme.example")
        stack.run("config", "set", "promotion:packageVersion", "1.4")
        assert run("Preview, and tell the reviewer") == 0
        assert len(comments) == 1, "the comment is brought up to date"
        _shown_on_the_page(comments[1])
        assert run("Plan") == 0
        assert run("Up by plan") == 0
        assert run("Drift") == 0

        boomi.console_deploy(_environment(boomi), _version(boomi, "1.2"))
        assert run("Drift") != 0, "somebody deployed by hand"
        assert run("Plan") == 0
        summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
        assert "1.2 runs there now, deployed by" in html.unescape(summary)


def _shown_on_the_page(comment: str) -> None:
    """Expect the comment in docs/code-review.md, but for its times."""
    page = (ROOT / "docs" / "code-review.md").read_text(encoding="utf-8")
    plain = re.sub(
        r"\d{4}-\d\d-\d\dT\d\d&#58;\d\d&#58;\d\dZ",
        "2026-12-01T09&#58;30&#58;00Z",
        comment.replace("promotion/dev", "order-sync/dev"),
    )
    assert plain.strip() in page, f"the page must show:\n{plain}"


def _environment(boomi: Emulator) -> str:
    return next(str(row["id"]) for row in boomi.objects("Environment") if row["name"] == "Dev")


def _version(boomi: Emulator, version: str) -> str:
    made = next(row for row in boomi.objects("PackagedComponent") if row["packageVersion"] == "1.3")
    return next(
        str(row["packageId"])
        for row in boomi.objects("PackagedComponent")
        if row["packageVersion"] == version and row["componentId"] == made["componentId"]
    )
