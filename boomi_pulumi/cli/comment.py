"""Put a comment on the pull request that a pipeline runs for, or bring the one that is there up to date."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests

__all__ = ["PLATFORMS", "CannotComment", "put"]

_SECONDS = 30
_MOST_PAGES = 50


class CannotComment(Exception):
    """The comment could not be written; the message says which platform said what, and never holds a token."""


@dataclass(frozen=True)
class _Thread:
    """The comments of one pull request.

    Attributes:
        platform: Its name.
        comments: The address that lists them, page by page, and takes a new one.
        one: The address of one comment; `{id}` stands for it.
        headers: Who asks.
        verb: The HTTP method that changes one.
        nested: Whether comments come in threads, as in Azure DevOps.
    """

    platform: str
    comments: str
    one: str
    headers: Mapping[str, str] = field(repr=False)
    verb: str = "PATCH"
    nested: bool = False


def _github(env: Mapping[str, str]) -> _Thread:
    # Of a pull request: refs/pull/12/merge; a pipeline for comments or Jenkins names it itself.
    number = env.get("CHANGE_ID") or _pull_number(env)
    repository = _needed(env, "GITHUB_REPOSITORY", "owner/name, as GitHub Actions sets it")
    token = _needed(env, "GITHUB_TOKEN", "`${{ github.token }}`, with `permissions: pull-requests: write`")
    base = (
        f"{env.get('GITHUB_API_URL', 'https://api.github.com').rstrip('/')}/repos/{quote(repository, safe='/')}/issues"
    )
    return _Thread(
        "GitHub",
        f"{base}/{number}/comments",
        f"{base}/comments/{{id}}",
        {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"},
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
    base = _needed(env, "CI_API_V4_URL", "as GitLab sets it")
    project = _needed(env, "CI_PROJECT_ID", "as GitLab sets it")
    request = _needed(env, "CI_MERGE_REQUEST_IID", "set in pipelines for merge requests only")
    token = _needed(env, "GITLAB_TOKEN", "a project access token with the scope `api`; a job token may not comment")
    notes = f"{base.rstrip('/')}/projects/{quote(project, safe='')}/merge_requests/{quote(request, safe='')}/notes"
    return _Thread("GitLab", notes, f"{notes}/{{id}}", {"PRIVATE-TOKEN": token}, verb="PUT")


def _azure(env: Mapping[str, str]) -> _Thread:
    base = _needed(env, "SYSTEM_COLLECTIONURI", "as Azure Pipelines sets it").rstrip("/")
    project = quote(_needed(env, "SYSTEM_TEAMPROJECT", "as Azure Pipelines sets it"), safe="")
    repository = quote(_needed(env, "BUILD_REPOSITORY_ID", "as Azure Pipelines sets it"), safe="")
    request = _needed(env, "SYSTEM_PULLREQUEST_PULLREQUESTID", "set in builds of pull requests only")
    token = _needed(env, "SYSTEM_ACCESSTOKEN", "`$(System.AccessToken)`, handed over under `env:`")
    threads = f"{base}/{project}/_apis/git/repositories/{repository}/pullRequests/{quote(request, safe='')}/threads"
    basic = base64.b64encode(f":{token}".encode()).decode()
    version = "?api-version=7.0"
    return _Thread(
        "Azure DevOps",
        f"{threads}{version}",
        f"{threads}/{{id}}/comments/1{version}",
        {"Authorization": f"Basic {basic}"},
        nested=True,
    )


PLATFORMS = {"github": _github, "gitlab": _gitlab, "azure": _azure}
"""Name -> how its comments are reached, from the environment of a pipeline."""


def put(platform: str, marker: str, body: str, env: Mapping[str, str]) -> str:
    """Write a comment, or bring the one that holds the marker up to date; return what was done, in one line.

    Args:
        platform: A name of `PLATFORMS`.
        marker: A line of the body by which the comment is found again.
        body: Markdown.
        env: The pipeline's environment.

    Raises:
        CannotComment: The environment lacks something, or the platform refused.
    """
    thread = PLATFORMS[platform](env)
    host = urlsplit(thread.comments)
    if host.scheme != "https" and host.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise CannotComment(f"{thread.platform}: {host.scheme}://{host.hostname} would get the token in clear.")
    with requests.Session() as session:
        session.headers.update(thread.headers)
        found = next((id_ for id_, said in _comments(session, thread) if marker in said), None)
        if found is None:
            content: dict[str, Any] = {"body": body}
            if thread.nested:
                content = {"comments": [{"content": body, "commentType": "text"}], "status": "closed"}
            _ask(session, thread, "POST", thread.comments, content)
            return f"{thread.platform}: the comment is new."
        content = {"content": body} if thread.nested else {"body": body}
        _ask(session, thread, thread.verb, thread.one.format(id=found), content)
        return f"{thread.platform}: the comment is up to date."


def _comments(session: requests.Session, thread: _Thread) -> Iterator[tuple[int, str]]:
    for page in range(1, 2 if thread.nested else _MOST_PAGES + 1):
        joint = "&" if "?" in thread.comments else "?"
        address = thread.comments if thread.nested else f"{thread.comments}{joint}per_page=100&page={page}"
        answer = _ask(session, thread, "GET", address, None)
        rows = answer.get("value", []) if isinstance(answer, dict) else answer
        for row in rows if isinstance(rows, list) else []:
            first = (row.get("comments") or [{}])[0] if thread.nested else row
            yield int(row["id"]), str(first.get("content" if thread.nested else "body") or "")
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
    raise CannotComment(f"{thread.platform} answered {answer.status_code} to {request}: {said}")


def _needed(env: Mapping[str, str], name: str, what: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise CannotComment(f"{name} is not set ({what}).")
    return value
