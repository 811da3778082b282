"""The probes: for each switch of the emulator, how its position is found on an account, and what that writes.

A probe returns the positions that the account showed. `Inconclusive` says why the account did not show one this time.
`NOT_PROBED` names the switches that no probe may try, each with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from boomi_pulumi._api.models import (
    COMPONENT_METADATA,
    CONNECTOR_GROUP,
    CONNECTOR_VERSION_CHANGE,
    DEPLOYED_PACKAGE,
    ENVIRONMENT,
    FOLDER,
    PACKAGED_COMPONENT,
    PUBLISHER_PACK,
    Object,
)
from boomi_pulumi.cli.check import CONNECTOR_PATHS
from boomi_pulumi.cli.live.sandbox import Sandbox
from boomi_pulumi.cli.live.sandbox_client import NO_CONNECTOR, Reply
from boomi_pulumi.emulator.switches import CANCELS

__all__ = ["NOT_PROBED", "PROBES", "Inconclusive", "Probe"]

Found = Mapping[str, Any]

LONGEST = 128
"""Conditions in the longest filter that is tried."""

_NOBODY = "00000000-0000-0000-0000-000000000000"
_OPERATORS = {
    "EQUALS": 1, "NOT_EQUALS": 1, "LIKE": 1, "CONTAINS": 1, "NOT_CONTAINS": 1, "GREATER_THAN": 1,
    "GREATER_THAN_OR_EQUAL": 1, "LESS_THAN": 1, "LESS_THAN_OR_EQUAL": 1, "BETWEEN": 2, "IS_NULL": 0, "IS_NOT_NULL": 0,
}  # fmt: skip
_OBJECTS: tuple[Object[Any], ...] = (
    ENVIRONMENT, COMPONENT_METADATA, PACKAGED_COMPONENT, DEPLOYED_PACKAGE, FOLDER, PUBLISHER_PACK,
)  # fmt: skip


class Inconclusive(Exception):
    """The account does not tell this time; the message says why."""


@dataclass(frozen=True)
class Probe:
    """How the positions of some switches are found.

    Attributes:
        switches: Their names.
        asks: What it does, for a person.
        find: Returns the positions that could be told.
        writes: What it writes; empty where it only reads.
    """

    switches: tuple[str, ...]
    asks: str
    find: Callable[[Sandbox], Found]
    writes: str = ""


def _condition(name: str, operator: str = "EQUALS", *values: str) -> dict[str, Any]:
    return {"operator": operator, "property": name, "argument": list(values)}


# -- forms of answers ------------------------------------------------------------------------------


def _forms(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    reply = sandbox.ask("GET", COMPONENT_METADATA, f"/{sandbox.component.component_id}")
    row = reply.body if isinstance(reply.body, dict) else {}
    if "version" in row:
        yield "stringy", isinstance(row["version"], str)
    date = next((row[name] for name in ("modifiedDate", "createdDate") if row.get(name)), None)
    if date:
        yield "milliseconds", "." in str(date)
    yield "byteOrderMark", reply.text.startswith(b"\xef\xbb\xbf")
    charset = reply.headers.get("Content-Type", "").partition("application/json")[2]
    if charset in {"", ";charset=UTF-8", "; charset=utf-8"}:
        yield "contentTypeCharset", charset


def _results(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    component = _condition("componentId", "EQUALS", sandbox.component.component_id)
    nothing = sandbox.query(PACKAGED_COMPONENT, _condition("componentId", "EQUALS", _NOBODY))
    if nothing.good and isinstance(nothing.body, dict):
        yield "emptyResult", "empty" if "result" in nothing.body else "missing"
    current = sandbox.query(COMPONENT_METADATA, component, _condition("currentVersion", "EQUALS", "true"))
    if len(current.rows()) == 1:
        yield "oneResult", "list" if isinstance(current.body["result"], list) else "object"


def _error(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    body = sandbox.ask("GET", PACKAGED_COMPONENT, f"/{_NOBODY}").body
    if isinstance(body, dict):
        yield "errorShape", "nested" if "error" in body else "typed" if "@type" in body else "plain"


def _objects(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    replies = {each.name: sandbox.query(each) for each in _OBJECTS}
    yield "deprecated", [name for name, reply in replies.items() if "Deprecation" in reply.headers]
    refused = {name: reply.said for name, reply in replies.items() if reply.status == HTTPStatus.FORBIDDEN}
    yield "missingFeatures", [name for name, said in refused.items() if "feature" in said.lower()]
    packs = replies[PUBLISHER_PACK.name].rows()
    forms = {_form(row.get("PublisherPackagedComponents")) for row in packs} - {None}
    if "bare" in forms or "single" in forms:
        yield "componentLists", "bare" if "bare" in forms else "single"
    elif "one" in forms:
        yield "componentLists", "wrapped"


def _form(members: Any) -> str | None:
    if isinstance(members, list):
        return "bare"
    inner = next((value for name, value in members.items() if name != "@type"), None) if members else None
    if isinstance(inner, dict):
        return "single"
    return "one" if isinstance(inner, list) and len(inner) == 1 else None


# -- addresses ---------------------------------------------------------------------------------------


def _addresses(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    empty: dict[str, Any] = {"QueryFilter": {}}
    lower = replace(ENVIRONMENT, name=ENVIRONMENT.name.lower())
    yield "lowerCaseObjects", sandbox.ask("POST", lower, "/query", empty).good
    wrong = sandbox.ask("POST", ENVIRONMENT, "/query", empty, at="api/boomi-pulumi-live/v1").status
    if wrong in (404, 405):
        yield "wrongBasePath", wrong


def _connectors(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    settings = sandbox.client.settings
    for path in dict.fromkeys((settings.connector_path, *CONNECTOR_PATHS)):
        read = sandbox.ask("POST", CONNECTOR_GROUP, "/query", {"QueryFilter": {}}, at=path)
        forms = {form: _cancel(sandbox, form, path) for form in CANCELS}
        if _is_there(read) or any(_is_there(reply) for reply in forms.values()):
            break
    else:
        raise Inconclusive("the Connector API answers at none of the known paths")
    if settings.override_account is None:
        yield "connectorPath", f"/{path.format(api='api')}/{{account}}"
    yield "connectorRead", read.status != HTTPStatus.NOT_FOUND
    if any(reply.status == HTTPStatus.FORBIDDEN for reply in forms.values()):
        return
    taken = [form for form in CANCELS if _is_there(forms[form])]
    if {CANCELS[1], CANCELS[2]} <= set(taken) and forms[CANCELS[1]].said != forms[CANCELS[2]].said:
        # Boomi took the word for the name of a connector: it understands the third form only.
        taken.remove(CANCELS[1])
    yield "connectorCancel", taken
    refused = {reply.status for form, reply in forms.items() if form not in taken and form != CANCELS[3]}
    if len(refused) == 1 and refused <= {404, 405}:
        yield "connectorWrongCancel", refused.pop()


def _cancel(sandbox: Sandbox, form: str, path: str) -> Reply:
    method, _, address = form.partition(" ")
    tail = address.removeprefix("{object}").replace("{classificationType}", NO_CONNECTOR)
    return sandbox.ask(method, CONNECTOR_VERSION_CHANGE, tail, {"classificationType": NO_CONNECTOR}, at=path)


def _is_there(reply: Reply) -> bool:
    """Tell whether somebody answers at an address, be it with a refusal."""
    return reply.status not in {404, 405, 410} and isinstance(reply.body, dict)


# -- filters -----------------------------------------------------------------------------------------


def _operators(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    mine, other = sandbox.component.component_id, _NOBODY
    refused = [
        name
        for name, count in _OPERATORS.items()
        if _refuses(sandbox.query(PACKAGED_COMPONENT, _condition("componentId", name, *(mine, other)[:count])))
    ]
    for name in ("and", "or"):
        both = [_condition("componentId", "EQUALS", each) for each in (mine, other)]
        body = {"QueryFilter": {"expression": {"operator": name, "nestedExpression": both}}}
        if _refuses(sandbox.ask("POST", PACKAGED_COMPONENT, "/query", body)):
            refused.append(name)
    yield "refusedOperators", refused


def _cases(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    name = sandbox.component.name or ""
    other = name.swapcase()
    if other == name:
        raise Inconclusive("the component's name has no letters that are written large and small")
    mine = _condition("componentId", "EQUALS", sandbox.component.component_id)
    for operator, value in (("LIKE", f"%{other}%"), ("CONTAINS", other), ("EQUALS", other)):
        reply = sandbox.query(COMPONENT_METADATA, mine, _condition("name", operator, value))
        if not _refuses(reply):
            yield f"{operator.lower()}IgnoresCase", bool(reply.rows())


def _longest(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    operator = next((name for name in ("or", "and") if not _too_long(sandbox, name, 1)), None)
    if operator is None:
        raise Inconclusive("filters of every length are refused")
    if not _too_long(sandbox, operator, LONGEST):
        yield "longestFilter", 0
        return
    most, least = LONGEST, 1
    while most - least > 1:
        middle = (most + least) // 2
        most, least = (middle, least) if _too_long(sandbox, operator, middle) else (most, middle)
    yield "longestFilter", least


def _too_long(sandbox: Sandbox, operator: str, conditions: int) -> bool:
    nested = [_condition("componentId", "EQUALS", sandbox.component.component_id) for _ in range(conditions)]
    body = {"QueryFilter": {"expression": {"operator": operator, "nestedExpression": nested}}}
    return _refuses(sandbox.ask("POST", PACKAGED_COMPONENT, "/query", body))


def _refuses(reply: Reply) -> bool:
    return reply.status == HTTPStatus.BAD_REQUEST


# -- packages and deployments ------------------------------------------------------------------------


def _packages(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    spare = sandbox.spare()
    again = sandbox.package(packageVersion=spare["packageVersion"])
    if again.status in (400, 409):
        yield "duplicateVersionStatus", again.status
    names = ("packageId", "componentId", "packageVersion")
    restored = sandbox.ask("POST", PACKAGED_COMPONENT, "", {name: spare[name] for name in names})
    yield "restoreLivePackage", "accept" if restored.good else "refuse"


def _revision(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    newest = sandbox.component.version or 1
    if newest < 2:  # noqa: PLR2004
        raise Inconclusive("the component has one revision only; take one with two")
    reply = sandbox.package(componentVersion=newest - 1)
    if not reply.good or not isinstance(reply.body, dict):
        raise Inconclusive(f'Boomi would not package revision {newest - 1}: "{reply.said}"')
    yield "honourComponentVersion", int(float(reply.body.get("componentVersion", newest))) == newest - 1


def _deployments(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    first = sandbox.deployed()
    exceeded = re.search(r"licenses by (\d+)", str(first.get("message", "")))
    yield "licencesExceededBy", int(exceeded[1]) if exceeded else 0
    if sandbox.component.type != "process":
        yield "listenerStatusOf", "all" if first.get("listenerStatus") else "process"
    second = sandbox.deploy(sandbox.spare()["packageId"])
    yield "samePackageRedeploy", "new" if second.good else "duplicate"
    active = second.body["deploymentId"] if second.good else first["deploymentId"]
    sandbox.undeploy(active)
    yield "readInactiveDeployment", sandbox.ask("GET", DEPLOYED_PACKAGE, f"/{active}").good
    yield "deleteInactiveDeployment", "accept" if sandbox.undeploy(active).good else "refuse"


def _delete(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    made = sandbox.package()
    if not made.good or not isinstance(made.body, dict):
        raise Inconclusive(f'Boomi would not package: "{made.said}"')
    gone = sandbox.ask("DELETE", PACKAGED_COMPONENT, f"/{made.body['packageId']}")
    if gone.good:
        yield "deleteBody", gone.text.decode(errors="replace")


def _of(parts: Callable[[Sandbox], Iterable[tuple[str, Any]]]) -> Callable[[Sandbox], Found]:
    return lambda sandbox: dict(parts(sandbox))


PROBES: tuple[Probe, ...] = (
    Probe(
        ("stringy", "milliseconds", "byteOrderMark", "contentTypeCharset"), "reads the component", _of(_forms)
    ),
    Probe(("emptyResult", "oneResult"), "queries for nothing and for one row", _of(_results)),
    Probe(("errorShape",), "reads a package that does not exist", _of(_error)),
    Probe(("deprecated", "missingFeatures", "componentLists"), "queries six objects once each", _of(_objects)),
    Probe(("lowerCaseObjects", "wrongBasePath"), "queries at two wrong addresses", _of(_addresses)),
    Probe(
        ("connectorPath", "connectorRead", "connectorCancel", "connectorWrongCancel"),
        "queries connectors, and asks in four forms to cancel the review of a connector that does not exist",
        _of(_connectors),
    ),
    Probe(("refusedOperators",), "queries packages with each operator", _of(_operators)),
    Probe(
        ("likeIgnoresCase", "containsIgnoresCase", "equalsIgnoresCase"),
        "looks the component up by its name with large and small letters exchanged",
        _of(_cases),
    ),
    Probe(("longestFilter",), f"queries packages with up to {LONGEST} conditions", _of(_longest)),
    Probe(
        ("duplicateVersionStatus", "restoreLivePackage"),
        "packages the same version twice, and restores a package that is not deleted",
        _of(_packages),
        "1 package",
    ),
    Probe(
        ("honourComponentVersion",), "packages the revision before the newest", _of(_revision), "1 package"
    ),
    Probe(
        (
            "samePackageRedeploy", "deleteInactiveDeployment", "readInactiveDeployment", "listenerStatusOf",
            "licencesExceededBy",
        ),
        "deploys a package twice, reads the undeployed deployment, and undeploys it again",
        _of(_deployments),
        "the deployment, twice",
    ),
    Probe(("deleteBody",), "deletes a package", _of(_delete), "1 package"),
)  # fmt: skip
"""Every probe; those that only read come first."""

_RELEASE = "a release reaches the customers of an integration pack"
_DELETES = "it would delete an environment"
_WAITS = "it would take hours"

NOT_PROBED: Mapping[str, str] = {
    "lockAfter": "it would lock the user",
    "lockedStatus": "it would lock the user",
    "refusedLogin": "it would come nearer to a lock of the user",
    "otherAccount": "it would take a token of another account",
    "missingPrivilege": "it takes a user who lacks one; `boomi-pulumi check` as such a user shows it",
    "readsOfAccount": "it takes a user who is no administrator; `boomi-pulumi check` as such a user shows it",
    "rateLimit": "others who use the account would be refused",
    "rateWindow": "others who use the account would be refused",
    "rateOfOverrideAccount": "others who use the account would be refused",
    "readsOfDeployments": "it takes a user who may not deploy; `boomi-pulumi check` as such a user shows it",
    "hiddenEnvironmentRead": "it takes an environment that a role hides from the user",
    "deletedEnvironmentRead": _DELETES,
    "deletedEnvironmentRecords": _DELETES,
    "deleteEnvironmentInUse": _DELETES,
    "tokenLifetime": _WAITS,
    "queryMoreAsJson": "it takes an account with more than a hundred objects of a sort",
    "folderRestoreStatus": "it would delete a folder and restore it",
    "bigIntegers": "only the change of a connector's version shows a number of 64 bits",
    "releasePolls": _RELEASE,
    "releaseSeconds": _RELEASE,
    "releaseOutcome": _RELEASE,
    "releaseZone": _RELEASE,
    "releaseSameVersions": _RELEASE,
    "releaseStatusBody": _RELEASE,
    "releaseStatusSpelling": _RELEASE,
    "packRemoval": _RELEASE,
    "packRename": "it would rename a pack",
    "connectorEmptyAnswers": "it would change a connector",
    "connectorOverrideAccount": "it would take a sub-account",
}
"""Switch -> why no probe tries it."""
