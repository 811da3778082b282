"""A comment is written once and then brought up to date; on each platform, over real HTTP on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from boomi_pulumi.cli import comment

TOKEN = "t0k3n-of-a-pipeline"  # noqa: S105 - made up
MARKER = "<!-- boomi-pulumi review shop/prod -->"


@dataclass
class Platform:
    """A platform that keeps comments, a hundred a page, and every request."""

    base: str = ""
    comments: dict[int, str] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    refuses: int = 0
    nested: bool = False

    def answer(self, verb: str, path: str, body: Any) -> tuple[int, Any]:
        if self.refuses:
            return self.refuses, {"message": "Resource not accessible"}
        if verb == "GET":
            page = int(path.rpartition("page=")[2]) if "page=" in path else 1
            rows = [self._row(id_) for id_ in sorted(self.comments)]
            return 200, {"value": rows} if self.nested else rows[(page - 1) * 100 : page * 100]
        text = body["comments"][0]["content"] if "comments" in body else body.get("content") or body.get("body")
        if verb == "POST":
            self.comments[len(self.comments) + 1] = text
            return 201, self._row(len(self.comments))
        plain = path.partition("?")[0].removesuffix("/comments/1" if self.nested else "")
        self.comments[int(plain.rpartition("/")[2])] = text
        return 200, {}

    def _row(self, id_: int) -> dict[str, Any]:
        said = self.comments[id_]
        return {"id": id_, "comments": [{"content": said}]} if self.nested else {"id": id_, "body": said}


@pytest.fixture
def platform() -> Iterator[Platform]:
    made = Platform()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size) or b"null")
            made.asked.append((self.command, self.path, str(self.headers)))
            status, answer = made.answer(self.command, self.path, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.base = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        server.shutdown()
        thread.join()


def env_of(name: str, base: str) -> dict[str, str]:
    return {
        "github": {
            "GITHUB_API_URL": base,
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_REF": "refs/pull/12/merge",
            "GITHUB_TOKEN": TOKEN,
        },
        "gitlab": {
            "CI_API_V4_URL": f"{base}/api/v4",
            "CI_PROJECT_ID": "7",
            "CI_MERGE_REQUEST_IID": "12",
            "GITLAB_TOKEN": TOKEN,
        },
        "azure": {
            "SYSTEM_COLLECTIONURI": f"{base}/acme/",
            "SYSTEM_TEAMPROJECT": "My Shop",
            "BUILD_REPOSITORY_ID": "r-1",
            "SYSTEM_PULLREQUEST_PULLREQUESTID": "12",
            "SYSTEM_ACCESSTOKEN": TOKEN,
        },
    }[name]


@pytest.fixture(params=sorted(comment.PLATFORMS))
def name(request: pytest.FixtureRequest, platform: Platform) -> str:
    platform.nested = request.param == "azure"
    return str(request.param)


@pytest.mark.parametrize("others", [0, 250])
def test_it_is_written_once_and_then_brought_up_to_date(name: str, platform: Platform, others: int) -> None:
    platform.comments = {n: f"talk {n}" for n in range(1, others + 1)}
    env = env_of(name, platform.base)
    assert "new" in comment.put(name, MARKER, f"{MARKER}\none", env)
    assert "up to date" in comment.put(name, MARKER, f"{MARKER}\ntwo", env)
    assert [said for said in platform.comments.values() if MARKER in said] == [f"{MARKER}\ntwo"]
    assert len(platform.comments) == others + 1
    assert sum(f"talk {n}" == said for n, said in platform.comments.items()) == others


def test_the_comment_of_another_stack_is_left_alone(name: str, platform: Platform) -> None:
    platform.comments = {1: "<!-- boomi-pulumi review shop/test -->\nx"}
    comment.put(name, MARKER, f"{MARKER}\none", env_of(name, platform.base))
    assert platform.comments == {1: "<!-- boomi-pulumi review shop/test -->\nx", 2: f"{MARKER}\none"}


@pytest.mark.parametrize("status", [302, 401, 403, 404, 500])
def test_a_refusal_is_one_line_without_a_token(name: str, platform: Platform, status: int) -> None:
    platform.refuses = status
    with pytest.raises(comment.CannotComment, match=f"answered {status} to GET .*not accessible") as caught:
        comment.put(name, MARKER, MARKER, env_of(name, platform.base))
    assert TOKEN not in str(caught.value)


def test_each_variable_that_is_missing_is_named(name: str, platform: Platform) -> None:
    env = env_of(name, platform.base)
    for each in sorted(set(env) - {"GITHUB_API_URL"}):
        with pytest.raises(comment.CannotComment, match=each):
            comment.put(name, MARKER, MARKER, {**env, each: ""})
    assert platform.asked == []


def test_no_token_travels_in_clear(name: str) -> None:
    with pytest.raises(comment.CannotComment, match="in clear"):
        comment.put(name, MARKER, MARKER, env_of(name, "http://ci.acme.example"))


def test_a_platform_out_of_reach_is_one_line(name: str) -> None:
    with pytest.raises(comment.CannotComment, match="failed: ConnectionError"):
        comment.put(name, MARKER, MARKER, env_of(name, "http://127.0.0.1:9"))


def test_the_number_is_taken_from_the_event_of_a_run(platform: Platform, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 31}}), encoding="utf-8")
    env = {**env_of("github", platform.base), "GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_PATH": str(event)}
    comment.put("github", MARKER, MARKER, env)
    assert platform.asked[-1][:2] == ("POST", "/repos/acme/shop/issues/31/comments")
