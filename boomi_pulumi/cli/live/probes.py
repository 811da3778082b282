"""The probes: for each switch of the emulator, how its position is found on an account, and what that writes.

A probe returns the positions that the account showed. `Inconclusive` says why the account did not show one this time.
`NOT_PROBED` names the switches that no probe may try, each with its reason.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from boomi_pulumi._api.filters import OPERATORS, Comparison, Filter, Group, where
from boomi_pulumi._api.models import (
    COMPONENT_METADATA,
    CONNECTOR_GROUP,
    CONNECTOR_VERSION_CHANGE,
    DEPLOYED_PACKAGE,
    ENVIRONMENT,
    OBJECTS,
    PACKAGED_COMPONENT,
    PUBLISHER_PACK,
)
from boomi_pulumi.cli.check import CONNECTOR_PATHS
from boomi_pulumi.cli.live.sandbox import Sandbox
from boomi_pulumi.cli.live.sandbox_client import NO_CONNECTOR, Reply
from boomi_pulumi.emulator.switches import CANCELS

__all__ = ["NOT_PROBED", "PROBES", "Inconclusive", "Probe"]

Positions = Iterator[tuple[str, Any]]
"""Pairs of a switch and its position."""

LONGEST = 128
"""Conditions in the longest filter that is tried."""

_NO_ID = "00000000-0000-0000-0000-000000000000"
"""The id of no object."""


class Inconclusive(Exception):
    """The account does not show a position this time; the message says why."""


@dataclass(frozen=True)
class Probe:
    """How the positions of some switches are found.

    Attributes:
        switches: The names of the switches.
        about: What the probe does, for a person.
        find: Returns the positions that the account showed; raises `Inconclusive` or `BoomiError` where it showed none.
        writes: What the probe writes; empty where it only reads.
    """

    switches: tuple[str, ...]
    about: str
    find: Callable[[Sandbox], Positions]
    writes: str = ""


def _of_component(sandbox: Sandbox) -> Comparison:
    return where("componentId").equals(sandbox.component.component_id)


# -- forms of answers ------------------------------------------------------------------------------


def _forms(sandbox: Sandbox) -> Positions:
    reply = sandbox.ask("GET", COMPONENT_METADATA, f"/{sandbox.component.component_id}")
    row = reply.object
    if "version" in row:
        yield "stringy", isinstance(row["version"], str)
    date = next((row[name] for name in ("modifiedDate", "createdDate") if row.get(name)), None)
    if date:
        yield "milliseconds", "." in str(date)
    yield "byteOrderMark", reply.text.startswith(b"\xef\xbb\xbf")
    charset = reply.headers.get("Content-Type", "").partition("application/json")[2]
    if charset in {"", ";charset=UTF-8", "; charset=utf-8"}:
        yield "contentTypeCharset", charset


def _results(sandbox: Sandbox) -> Positions:
    nothing = sandbox.query(PACKAGED_COMPONENT, where("componentId").equals(_NO_ID))
    if nothing.good and isinstance(nothing.body, dict):
        yield "emptyResult", "empty" if "result" in nothing.body else "missing"
    newest = sandbox.query(COMPONENT_METADATA, _of_component(sandbox) & where("currentVersion").equals(True))
    if len(newest.rows()) == 1:
        yield "oneResult", "list" if isinstance(newest.body["result"], list) else "object"


def _error(sandbox: Sandbox) -> Positions:
    body = sandbox.ask("GET", PACKAGED_COMPONENT, f"/{_NO_ID}").body
    if isinstance(body, dict):
        yield "errorShape", "nested" if "error" in body else "typed" if "@type" in body else "plain"


def _objects(sandbox: Sandbox) -> Positions:
    replies = {name: sandbox.query(target) for name, target in OBJECTS.items()}
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


def _addresses(sandbox: Sandbox) -> Positions:
    lower = replace(ENVIRONMENT, name=ENVIRONMENT.name.lower())
    yield "lowerCaseObjects", sandbox.query(lower).good
    wrong = sandbox.query(ENVIRONMENT, at="api/boomi-pulumi-live/v1").status
    if wrong in (404, 405):
        yield "wrongBasePath", wrong


def _connectors(sandbox: Sandbox) -> Positions:
    settings = sandbox.client.settings
    for path in dict.fromkeys((settings.connector_path, *CONNECTOR_PATHS)):
        read = sandbox.query(CONNECTOR_GROUP, at=path)
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
    """Return whether Boomi answers at an address, be it with a refusal."""
    return reply.status not in {404, 405, 410} and isinstance(reply.body, dict)


# -- filters -----------------------------------------------------------------------------------------


def _operators(sandbox: Sandbox) -> Positions:
    mine, other = _of_component(sandbox), where("componentId").equals(_NO_ID)
    conditions: dict[str, Filter] = {}
    for name in OPERATORS:
        count = {"IS_NULL": 0, "IS_NOT_NULL": 0, "BETWEEN": 2}.get(name, 1)
        conditions[name] = Comparison("componentId", name, (*mine.arguments, *other.arguments)[:count])
    conditions |= {"and": mine & other, "or": mine | other}
    yield "refusedOperators", [name for name, each in conditions.items() if _is_refused(sandbox, each)]


def _cases(sandbox: Sandbox) -> Positions:
    name = sandbox.component.name or ""
    other = name.swapcase()
    if other == name:
        raise Inconclusive("the component's name has no letters that are written large and small")
    for condition in (where("name").like(f"%{other}%"), where("name").contains(other), where("name").equals(other)):
        reply = sandbox.query(COMPONENT_METADATA, _of_component(sandbox) & condition)
        if reply.status != HTTPStatus.BAD_REQUEST:
            yield f"{condition.operator.lower()}IgnoresCase", bool(reply.rows())


def _longest(sandbox: Sandbox) -> Positions:
    operator = next((name for name in ("or", "and") if not _is_too_long(sandbox, name, 1)), None)
    if operator is None:
        raise Inconclusive("filters of every length are refused")
    refused = bisect_left(range(LONGEST + 1), True, lo=1, key=lambda count: _is_too_long(sandbox, operator, count))
    yield "longestFilter", 0 if refused > LONGEST else refused - 1


def _is_too_long(sandbox: Sandbox, operator: str, conditions: int) -> bool:
    return _is_refused(sandbox, Group(operator, (_of_component(sandbox),) * conditions))


def _is_refused(sandbox: Sandbox, condition: Filter) -> bool:
    return sandbox.query(PACKAGED_COMPONENT, condition).status == HTTPStatus.BAD_REQUEST


# -- packages and deployments ------------------------------------------------------------------------


def _packages(sandbox: Sandbox) -> Positions:
    spare = sandbox.spare()
    again = sandbox.package(packageVersion=spare["packageVersion"])
    if again.status in (400, 409):
        yield "duplicateVersionStatus", again.status
    names = ("packageId", "componentId", "packageVersion")
    restored = sandbox.ask("POST", PACKAGED_COMPONENT, "", {name: spare[name] for name in names})
    yield "restoreLivePackage", "accept" if restored.good else "refuse"
    rows = sandbox.query(PACKAGED_COMPONENT, where("packageId").equals(spare["packageId"])).rows()
    if rows:
        yield "quotedComponentVersion", isinstance(rows[0].get("componentVersion"), str)


def _revision(sandbox: Sandbox) -> Positions:
    newest = sandbox.component.version or 1
    if newest < 2:  # noqa: PLR2004
        raise Inconclusive("the component has one revision only; take one with two")
    made = sandbox.package(componentVersion=newest - 1).made(f"Packaging revision {newest - 1}")
    yield "honourComponentVersion", int(float(made.get("componentVersion", newest))) == newest - 1


def _deployments(sandbox: Sandbox) -> Positions:
    first = sandbox.deploy(sandbox.spare()["packageId"]).made("Deploying")
    exceeded = re.search(r"licenses by (\d+)", str(first.get("message", "")))
    yield "licencesExceededBy", int(exceeded[1]) if exceeded else 0
    yield from _listeners(sandbox, bool(first.get("listenerStatus")))
    second = sandbox.deploy(sandbox.spare()["packageId"])
    yield "samePackageRedeploy", "new" if second.good else "duplicate"
    active = second.body["deploymentId"] if second.good else first["deploymentId"]
    sandbox.undeploy(active)
    yield "readInactiveDeployment", sandbox.ask("GET", DEPLOYED_PACKAGE, f"/{active}").good
    yield "deleteInactiveDeployment", "accept" if sandbox.undeploy(active).good else "refuse"


def _listeners(sandbox: Sandbox, shown: bool) -> Positions:
    """Tell which deployments show a status, from one that was given none."""
    is_process = sandbox.component.type == "process"
    if shown and not is_process:
        yield "listenerStatusOf", "all"
    elif not shown and is_process:
        yield "listenerStatusOf", "given"
    elif not shown:
        rows = sandbox.query(DEPLOYED_PACKAGE, where("active").equals(True)).rows()
        processes = [bool(row.get("listenerStatus")) for row in rows if row.get("componentType") == "process"]
        if processes:
            yield "listenerStatusOf", "process" if all(processes) else "given"


def _delete(sandbox: Sandbox) -> Positions:
    gone = sandbox.delete_package(sandbox.package().made("Packaging")["packageId"])
    if gone.good:
        yield "deleteBody", gone.text.decode(errors="replace")


PROBES: tuple[Probe, ...] = (
    Probe(
        ("stringy", "milliseconds", "byteOrderMark", "contentTypeCharset"), "reads the component", _forms
    ),
    Probe(("emptyResult", "oneResult"), "queries for nothing and for one row", _results),
    Probe(("errorShape",), "reads a package that does not exist", _error),
    Probe(("deprecated", "missingFeatures", "componentLists"), "queries six objects once each", _objects),
    Probe(("lowerCaseObjects", "wrongBasePath"), "queries at two wrong addresses", _addresses),
    Probe(
        ("connectorPath", "connectorRead", "connectorCancel", "connectorWrongCancel"),
        "queries connectors, and asks in four forms to cancel the review of a connector that does not exist",
        _connectors,
    ),
    Probe(("refusedOperators",), "queries packages with each operator", _operators),
    Probe(
        ("likeIgnoresCase", "containsIgnoresCase", "equalsIgnoresCase"),
        "looks the component up by its name with large and small letters exchanged",
        _cases,
    ),
    Probe(("longestFilter",), f"queries packages with up to {LONGEST} conditions", _longest),
    Probe(
        ("duplicateVersionStatus", "restoreLivePackage", "quotedComponentVersion"),
        "packages the same version twice, restores a package that is not deleted, and queries it",
        _packages,
        "1 package",
    ),
    Probe(
        ("honourComponentVersion",), "packages the revision before the newest", _revision, "1 package"
    ),
    Probe(
        (
            "samePackageRedeploy", "deleteInactiveDeployment", "readInactiveDeployment", "listenerStatusOf",
            "licencesExceededBy",
        ),
        "deploys a package twice, reads the undeployed deployment, and undeploys it again",
        _deployments,
        "the deployment, twice",
    ),
    Probe(("deleteBody",), "deletes a package", _delete, "1 package"),
)  # fmt: skip
"""Every probe; those that only read come first."""

NOT_PROBED: Mapping[str, str] = {
    name: reason
    for reason, names in {
        "it would lock the user": ("lockAfter", "lockedStatus"),
        "it would come nearer to a lock of the user": ("refusedLogin",),
        "it would take a token of another account": ("otherAccount",),
        "it takes a user who lacks one; `boomi-pulumi check` as such a user shows it": ("missingPrivilege",),
        "it takes a user who is no administrator; `boomi-pulumi check` as such a user shows it": ("readsOfAccount",),
        "others who use the account would be refused": ("rateLimit", "rateWindow", "rateOfOverrideAccount"),
        "it takes a user who may not deploy; `boomi-pulumi check` as such a user shows it": ("readsOfDeployments",),
        "it takes an environment that a role hides from the user": ("hiddenEnvironmentRead",),
        "it would delete an environment": (
            "deletedEnvironmentRead", "deletedEnvironmentRecords", "deleteEnvironmentInUse",
        ),
        "it would take hours": ("tokenLifetime",),
        "it takes an account with more than a hundred objects of a sort": ("queryMoreAsJson",),
        "`live` reads no component as a document": ("componentAsJson",),
        "it would send what Boomi's documents do not know": ("unknownFields",),
        "it would delete a folder and restore it": ("folderRestoreStatus",),
        "only the change of a connector's version shows a number of 64 bits": ("bigIntegers",),
        "a release reaches the customers of an integration pack": (
            "releasePolls", "releaseSeconds", "releaseOutcome", "releaseZone", "releaseSameVersions",
            "releaseStatusBody", "releaseStatusSpelling", "packRemoval",
        ),
        "a save of extensions restarts every listener of an environment": (
            "extensionsAfter", "unsetProperty", "encryptedRead", "encryptedEmpty", "partialProcessProperty",
            "extensionsEcho", "unknownField", "undeployedValues", "tableReset", "partialRace",
        ),
        "`boomi-pulumi check` tells it of an environment without values": ("extensionsUndeclared",),
        "it would attach a runtime": ("secretsOfNewRuntime",),
        "it would change when a process runs": (
            "scheduleIds", "schedulePadding", "scheduleSteps", "scheduleForm", "retryOmitted", "maxRetryZero",
            "scheduleAfterUndeploy", "scheduleOfListener",
        ),
        "it would run a process": (
            "runPolls", "record202Until", "recordBody", "longs", "deployPropagation", "overlap", "runOffline",
            "listenerRecords",
        ),
        "it would ask or change what listens on a runtime": (
            "listenerStatusOfWebServices", "listenerPolls", "listenerAfterResume", "offlineRuntime",
        ),
        "it would rename a pack": ("packRename",),
        "it would change a connector": ("connectorEmptyAnswers",),
        "it would take a sub-account": ("connectorOverrideAccount",),
    }.items()
    for name in names
}  # fmt: skip
"""Switch -> why no probe tries it."""
