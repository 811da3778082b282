"""A comment is written once and then brought up to date; on each platform, over real HTTP on this machine."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from boomi_pulumi.cli import comment
from boomi_pulumi.cli.review import marks

TOKEN = "t0k3n-of-a-pipeline"  # noqa: S105 - made up
MARKER, RELEASED = marks("shop/prod")
MARKS = (MARKER, RELEASED)
ME, SOMEBODY = "7", "8"


@dataclass
class Platform:
    """A platform that keeps comments, a hundred a page, whose they are, and every request.

    `hides` is what it answers, instead, to who asks for the token's user: a status, or an odd answer.
    """

    base: str = ""
    comments: dict[int, str] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    refuses: int = 0
    nested: bool = False
    authors: dict[int, str] = field(default_factory=dict)
    hides: Any = None
    github: bool = False

    def answer(self, verb: str, path: str, body: Any) -> tuple[int, Any]:
        if verb == "CONNECT":
            return 502, None
        if self.refuses:
            return self.refuses, {"message": "Resource not accessible"}
        if path.endswith(("/graphql", "/user", "/_apis/connectionData")):
            return self._user(body)
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

    def _user(self, body: Any) -> tuple[int, Any]:
        if self.hides is not None:
            return (self.hides, {}) if isinstance(self.hides, int) else (200, self.hides)
        if body is None:
            return 200, {"id": ME, "authenticatedUser": {"id": ME}}
        ids = [int(each.removeprefix("node-")) for each in body["variables"]["ids"]]
        return 200, {"data": {"nodes": [{"viewerDidAuthor": self.authors.get(id_, ME) == ME} for id_ in ids]}}

    def _row(self, id_: int) -> dict[str, Any]:
        said, author = self.comments[id_], {"id": self.authors.get(id_, ME)}
        if self.nested:
            return {"id": id_, "comments": [{"content": said, "author": author}]}
        # GitHub and GitLab in one; GitHub tells of a bot's name what its GraphQL does not.
        return (
            {"id": id_, "node_id": f"node-{id_}", "body": said, "user": {"id": 1}}
            if self.github
            else {
                "id": id_,
                "body": said,
                "author": author,
            }
        )


@pytest.fixture
def platform() -> Iterator[Platform]:
    with serving() as made:
        yield made


@contextmanager
def serving(authority: trustme.CA | None = None) -> Iterator[Platform]:
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

        do_GET = do_POST = do_PATCH = do_PUT = do_CONNECT = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if authority is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(tls)
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        made.base = f"{'http' if authority is None else 'https'}://127.0.0.1:{server.server_address[1]}"
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
    platform.nested, platform.github = request.param == "azure", request.param == "github"
    return str(request.param)


@pytest.mark.parametrize("others", [0, 250])
def test_it_is_written_once_and_then_brought_up_to_date(name: str, platform: Platform, others: int) -> None:
    platform.comments = {n: f"talk {n}" for n in range(1, others + 1)}
    env = env_of(name, platform.base)
    assert "new" in comment.put(name, MARKS, f"{MARKER}\none", env)
    assert "up to date" in comment.put(name, MARKS, f"{MARKER}\ntwo", env)
    assert [said for said in platform.comments.values() if MARKER in said] == [f"{MARKER}\ntwo"]
    assert len(platform.comments) == others + 1
    assert sum(f"talk {n}" == said for n, said in platform.comments.items()) == others


def test_the_comment_of_another_stack_is_left_alone(name: str, platform: Platform) -> None:
    platform.comments = {1: "<!-- boomi-pulumi review shop/test -->\nx"}
    comment.put(name, MARKS, f"{MARKER}\none", env_of(name, platform.base))
    assert platform.comments == {1: "<!-- boomi-pulumi review shop/test -->\nx", 2: f"{MARKER}\none"}


def test_a_comment_of_somebody_else_is_left_alone_whatever_it_says(name: str, platform: Platform) -> None:
    theirs = {1: f"{MARKER}\nlooks good", 2: f"{RELEASED}\nlooks good", 4: f"{MARKER}\nmine too"}
    platform.comments = {**theirs, 3: f"see {MARKER}"}
    platform.authors = dict.fromkeys(theirs, SOMEBODY)
    env = env_of(name, platform.base)
    assert "new; 3 that begin like it" in comment.put(name, MARKS, f"{MARKER}\none", env)
    assert "up to date" in comment.put(name, MARKS, f"{MARKER}\ntwo", env)
    assert platform.comments == {**theirs, 3: f"see {MARKER}", 5: f"{MARKER}\ntwo"}


ODD = [401, 403, 404, {}, [], {"data": None}, {"data": {"nodes": []}}, {"data": {"nodes": [None]}}, {"id": ""}]


@pytest.mark.parametrize("hides", ODD, ids=str)
def test_where_nobody_tells_whose_a_comment_is_a_new_one_is_written(name: str, platform: Platform, hides: Any) -> None:
    platform.comments = {1: f"{MARKER}\none"}
    platform.hides = hides
    assert "not known to be of this token's user" in comment.put(
        name, MARKS, f"{MARKER}\ntwo", env_of(name, platform.base)
    )
    assert platform.comments == {1: f"{MARKER}\none", 2: f"{MARKER}\ntwo"}


def test_a_platform_that_fails_while_it_is_asked_whose_a_comment_is_gets_no_second_one(
    name: str, platform: Platform
) -> None:
    platform.comments = {1: f"{MARKER}\none"}
    platform.hides = 503
    with pytest.raises(comment.CannotComment, match="answered 503"):
        comment.put(name, MARKS, f"{MARKER}\ntwo", env_of(name, platform.base))
    assert platform.comments == {1: f"{MARKER}\none"}


def test_the_comment_of_the_released_version_is_found_and_given_the_new_mark(name: str, platform: Platform) -> None:
    platform.comments = {1: f"{RELEASED}\none"}
    env = env_of(name, platform.base)
    for text in ("two", "three"):
        assert "up to date" in comment.put(name, MARKS, f"{MARKER}\n{text}", env)
    assert platform.comments == {1: f"{MARKER}\nthree"}


def test_stacks_whose_names_look_alike_have_a_comment_each(name: str, platform: Platform) -> None:
    stacks = ["att/eu-prod", "att/eu_prod", "att/eu.prod", "att/eu%2Dprod", "att/eu prod", "att/eu--prod", "att/eü"]
    first = f"{marks(stacks[0])[1]}\nby the released version, for one of two"
    platform.comments = {1: first}
    env = env_of(name, platform.base)
    for turn in ("one", "two"):
        for stack in stacks:
            comment.put(name, marks(stack), f"{marks(stack)[0]}\n{turn} of {stack}", env)
    assert sorted(said.splitlines()[1] for said in platform.comments.values()) == sorted(f"two of {s}" for s in stacks)
    assert all(said.splitlines()[0].count("--") == 2 for said in platform.comments.values()), "the mark is one of HTML"


def header_of(name: str) -> str:
    basic = base64.b64encode(f":{TOKEN}".encode()).decode()
    own = {"github": f"Authorization: Bearer {TOKEN}", "gitlab": f"PRIVATE-TOKEN: {TOKEN}"}
    return own.get(name, f"Authorization: Basic {basic}")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize("address", ["", "somebody:other@"], ids=["", "user in the address"])
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("name", sorted(comment.PLATFORMS))
def test_the_token_and_no_other_credentials_are_sent(
    name: str, address: str, tmp_path: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, *, secure: bool
) -> None:
    netrc, bundle = tmp_path / "netrc", tmp_path / "bundle.pem"
    netrc.write_text("machine 127.0.0.1 login somebody password other\ndefault login x password y\n", encoding="utf-8")
    netrc.chmod(0o600)
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with serving(authority if secure else None) as platform:
        platform.nested, platform.github = name == "azure", name == "github"
        env = env_of(name, platform.base.replace("//", f"//{address}"))
        for text in ("one", "two"):
            comment.put(name, MARKS, f"{MARKER}\n{text}", env)
    assert {verb for verb, _, _ in platform.asked} >= {"GET", "POST"}
    for _, _, headers in platform.asked:
        credentials = [line for line in headers.splitlines() if line.startswith(("Authorization", "PRIVATE", "Cookie"))]
        assert credentials == [header_of(name)]


def test_no_proxy_gets_the_token_of_this_machine_and_https_goes_through_it(
    name: str, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as proxy:
        for each in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(each, proxy.base)
        for each in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(each, raising=False)
        comment.put(name, MARKS, f"{MARKER}\none", env_of(name, platform.base))
        assert proxy.asked == []
        with pytest.raises(comment.CannotComment, match="failed: ProxyError"):
            comment.put(name, MARKS, f"{MARKER}\none", env_of(name, "https://ci.acme.example"))
        assert [(verb, path) for verb, path, _ in proxy.asked] == [("CONNECT", "ci.acme.example:443")]
        assert not [headers for _, _, headers in proxy.asked if TOKEN in headers or "Authorization" in headers]


@pytest.mark.parametrize("status", [302, 401, 403, 404, 500])
def test_a_refusal_is_one_line_without_a_token(name: str, platform: Platform, status: int) -> None:
    platform.refuses = status
    with pytest.raises(comment.CannotComment, match=f"answered {status} to GET .*not accessible") as caught:
        comment.put(name, MARKS, MARKER, env_of(name, platform.base))
    assert TOKEN not in str(caught.value)


def test_each_variable_that_is_missing_is_named(name: str, platform: Platform) -> None:
    env = env_of(name, platform.base)
    for each in sorted(set(env) - {"GITHUB_API_URL"}):
        with pytest.raises(comment.CannotComment, match=each):
            comment.put(name, MARKS, MARKER, {**env, each: ""})
    assert platform.asked == []


def test_no_token_travels_in_clear(name: str) -> None:
    with pytest.raises(comment.CannotComment, match="in clear"):
        comment.put(name, MARKS, MARKER, env_of(name, "http://ci.acme.example"))


def test_a_platform_out_of_reach_is_one_line(name: str) -> None:
    with pytest.raises(comment.CannotComment, match="failed: ConnectionError"):
        comment.put(name, MARKS, MARKER, env_of(name, "http://127.0.0.1:9"))


def test_the_number_is_taken_from_the_event_of_a_run(platform: Platform, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 31}}), encoding="utf-8")
    env = {**env_of("github", platform.base), "GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_PATH": str(event)}
    comment.put("github", MARKS, MARKER, env)
    assert platform.asked[-1][:2] == ("POST", "/repos/acme/shop/issues/31/comments")
