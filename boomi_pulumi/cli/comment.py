"""Put a comment on the pull request that a pipeline runs for, or bring the one that is there up to date."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests

__all__ = ["PLATFORMS", "CannotComment", "put"]

_SECONDS = 30
_MOST_PAGES = 50
_MOST_ASKED = 100
"""Comments that GitHub is asked at once whether they are ours; it takes no more."""

_HERE = {"127.0.0.1", "localhost", "::1"}
_OURS = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on IssueComment { viewerDidAuthor } } }"


class CannotComment(Exception):
    """The comment could not be written; the message says which platform said what, and never holds a token."""


class _Refused(CannotComment):
    """The platform refused a request for want of a right, or knows no such address."""


Ask = Callable[[str, str, Any], Any]
"""Sends a method, an address and a body; returns the answer."""


@dataclass(frozen=True)
class _Comment:
    """A comment, and what tells whose it is: its author's id; for GitHub, the comment's own."""

    id: int
    said: str
    whose: str


@dataclass(frozen=True)
class _Thread:
    """The comments of one pull request.

    Attributes:
        platform: Its name.
        comments: The address that lists them, page by page, and takes a new one.
        one: The address of one comment; `{id}` stands for it.
        headers: Who asks.
        ours: Returns which of some comments' `whose` are of the user that the token belongs to.
        verb: The HTTP method that changes one.
        nested: Whether comments come in threads, as in Azure DevOps.
    """

    platform: str
    comments: str
    one: str
    headers: Mapping[str, str] = field(repr=False)
    ours: Callable[[Ask, Sequence[str]], Collection[str]]
    verb: str = "PATCH"
    nested: bool = False


def _github(env: Mapping[str, str]) -> _Thread:
    # Of a pull request: refs/pull/12/merge; a pipeline for comments or Jenkins names it itself.
    number = env.get("CHANGE_ID") or _pull_number(env)
    repository = _needed(env, "GITHUB_REPOSITORY", "owner/name, as GitHub Actions sets it")
    token = _needed(env, "GITHUB_TOKEN", "`${{ github.token }}`, with `permissions: pull-requests: write`")
    api = env.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
    base = f"{api}/repos/{quote(repository, safe='/')}/issues"

    def ours(ask: Ask, comments: Sequence[str]) -> Collection[str]:
        # The token of Actions may not ask for its user, and REST and GraphQL name that user differently.
        asked = comments[:_MOST_ASKED]
        answer = ask("POST", f"{api.removesuffix('/v3')}/graphql", {"query": _OURS, "variables": {"ids": asked}})
        found = zip(asked, answer["data"]["nodes"], strict=True)
        return {comment for comment, node in found if node and node["viewerDidAuthor"] is True}

    return _Thread(
        "GitHub",
        f"{base}/{number}/comments",
        f"{base}/comments/{{id}}",
        {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"},
        ours,
    )


def _pull_number(env: Mapping[str, str]) -> str:
    match = re.fullmatch(r"refs/pull/(\d+)/\w+", env.get("GITHUB_REF", ""))
    if match:
        return match.group(1)
    try:
        event = json.loads(Path(env["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
        return str(int((event.get("pull_request") or event.get("issue"))["number"]))
    except (KeyError, OSError, ValueError, TypeError, AttributeError):
        raise CannotComment("This run belongs to no pull request: GITHUB_REF is not refs/pull/…") from None


def _gitlab(env: Mapping[str, str]) -> _Thread:
    base = _needed(env, "CI_API_V4_URL", "as GitLab sets it").rstrip("/")
    project = _needed(env, "CI_PROJECT_ID", "as GitLab sets it")
    request = _needed(env, "CI_MERGE_REQUEST_IID", "set in pipelines for merge requests only")
    token = _needed(env, "GITLAB_TOKEN", "a project access token with the scope `api`; a job token may not comment")
    notes = f"{base}/projects/{quote(project, safe='')}/merge_requests/{quote(request, safe='')}/notes"

    def ours(ask: Ask, _authors: Sequence[str]) -> Collection[str]:
        return {str(ask("GET", f"{base}/user", None)["id"])}

    return _Thread("GitLab", notes, f"{notes}/{{id}}", {"PRIVATE-TOKEN": token}, ours, verb="PUT")


def _azure(env: Mapping[str, str]) -> _Thread:
    base = _needed(env, "SYSTEM_COLLECTIONURI", "as Azure Pipelines sets it").rstrip("/")
    project = quote(_needed(env, "SYSTEM_TEAMPROJECT", "as Azure Pipelines sets it"), safe="")
    repository = quote(_needed(env, "BUILD_REPOSITORY_ID", "as Azure Pipelines sets it"), safe="")
    request = _needed(env, "SYSTEM_PULLREQUEST_PULLREQUESTID", "set in builds of pull requests only")
    token = _needed(env, "SYSTEM_ACCESSTOKEN", "`$(System.AccessToken)`, handed over under `env:`")
    threads = f"{base}/{project}/_apis/git/repositories/{repository}/pullRequests/{quote(request, safe='')}/threads"
    basic = base64.b64encode(f":{token}".encode()).decode()
    version = "?api-version=7.0"

    def ours(ask: Ask, _authors: Sequence[str]) -> Collection[str]:
        return {str(ask("GET", f"{base}/_apis/connectionData", None)["authenticatedUser"]["id"])}

    return _Thread(
        "Azure DevOps",
        f"{threads}{version}",
        f"{threads}/{{id}}/comments/1{version}",
        {"Authorization": f"Basic {basic}"},
        ours,
        nested=True,
    )


PLATFORMS = {"github": _github, "gitlab": _gitlab, "azure": _azure}
"""Name -> how its comments are reached, from the environment of a pipeline."""


def put(platform: str, marks: Sequence[str], body: str, env: Mapping[str, str]) -> str:
    """Write a comment, or bring the one that is there up to date; return what was done, in one line.

    Only a comment of the user that the token belongs to is changed, and only if it begins with a mark.

    Args:
        platform: A name of `PLATFORMS`.
        marks: First lines by which the comment is found again, the best one first.
        body: Markdown.
        env: The pipeline's environment.

    Raises:
        CannotComment: The environment lacks something, or the platform refused.
    """
    thread = PLATFORMS[platform](env)
    host = urlsplit(thread.comments)
    if host.scheme != "https" and (host.scheme != "http" or host.hostname not in _HERE):
        raise CannotComment(f"{thread.platform}: {host.scheme}://{host.hostname} would get the token in clear.")
    with requests.Session() as session:
        session.headers.update(thread.headers)
        # The token is in a header already: neither .netrc nor a user in the address takes its place.
        session.auth = _as_it_is
        # A plain http address is one of this machine: nothing carries the token to a proxy in clear.
        session.trust_env = host.scheme == "https"

        def ask(verb: str, address: str, content: Any) -> Any:
            return _ask(session, thread, verb, address, content)

        every = [each for each in _comments(ask, thread) if each.said.startswith(tuple(marks))]
        ours = _ours(ask, thread, every)
        found = next((each for mark in marks for each in ours if each.said.startswith(mark)), None)
        if found is None:
            content: dict[str, Any] = {"body": body}
            if thread.nested:
                content = {"comments": [{"content": body, "commentType": "text"}], "status": "closed"}
            ask("POST", thread.comments, content)
            return f"{thread.platform}: the comment is new{_others(len(every))}."
        content = {"content": body} if thread.nested else {"body": body}
        ask(thread.verb, thread.one.format(id=found.id), content)
        return f"{thread.platform}: the comment is up to date."


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _others(count: int) -> str:
    return f"; {count} that begin like it are not known to be of this token's user, and stay" if count else ""


def _ours(ask: Ask, thread: _Thread, found: Sequence[_Comment]) -> list[_Comment]:
    """Return those of some comments that the token's user wrote; none where the platform does not tell."""
    if not found:
        return []
    try:
        ours = thread.ours(ask, list(dict.fromkeys(each.whose for each in found)))
    except (_Refused, KeyError, TypeError, ValueError):
        return []
    return [each for each in found if each.whose and each.whose in ours]


def _comments(ask: Ask, thread: _Thread) -> Iterator[_Comment]:
    for page in range(1, 2 if thread.nested else _MOST_PAGES + 1):
        joint = "&" if "?" in thread.comments else "?"
        address = thread.comments if thread.nested else f"{thread.comments}{joint}per_page=100&page={page}"
        answer = ask("GET", address, None)
        rows = answer.get("value", []) if isinstance(answer, dict) else answer
        for row in rows if isinstance(rows, list) else []:
            first = (row.get("comments") or [{}])[0] if thread.nested else row
            author = str((first.get("author") or {}).get("id") or "")
            said = str(first.get("content" if thread.nested else "body") or "")
            yield _Comment(int(row["id"]), said.lstrip(), str(row.get("node_id") or author))
        if not rows:
            return


def _ask(session: requests.Session, thread: _Thread, verb: str, address: str, body: Any) -> Any:
    request = f"{verb} {urlsplit(address).path}"
    try:
        answer = session.request(verb, address, json=body, timeout=_SECONDS, allow_redirects=False)
        if answer.status_code < 300:  # noqa: PLR2004
            return answer.json()
    except (requests.RequestException, ValueError) as error:
        raise CannotComment(f"{thread.platform}: {request} failed: {type(error).__name__}.") from None
    said = " ".join(answer.text.split())[:200]
    kind = _Refused if answer.status_code in {401, 403, 404} else CannotComment
    raise kind(f"{thread.platform} answered {answer.status_code} to {request}: {said}")


def _needed(env: Mapping[str, str], name: str, what: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise CannotComment(f"{name} is not set ({what}).")
    return value
