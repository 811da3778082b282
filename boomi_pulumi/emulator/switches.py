"""The switches of the emulated account: what each stands for, its positions, and how sure we are of its default."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from boomi_pulumi.emulator.objects import KINDS
from boomi_pulumi.emulator.query import ARITY

Sure = Literal["documented", "seen", "inferred", "own"]

HIGHEST: Final = 10**9
"""The most that a number may be: nothing that is reckoned with it is beyond what clocks and dates can hold."""

CANCELS: Final = (
    "POST {object}/{classificationType}/update",
    "POST {object}/update",
    "POST {object}/{classificationType}",
    "PUT {object}",
)
"""The addresses at which a cancel of the Connector API may be, likeliest first."""


@dataclass(frozen=True)
class Switch:
    """One switch.

    Attributes:
        name: Its name in a seed, a settings file, a request and a call.
        default: What it starts as.
        about: What it stands for.
        positions: Every value that it may have, or, where the default is a list, that the list may hold. Empty
            where any value of the default's type will do; `lowest` bounds a number.
        sure: How sure we are that Boomi behaves as the default says: `documented` by Boomi, `seen` in other people's
            code or tests, `inferred` by us, or `own` where it is no behaviour of Boomi's but a tool for tests.
        source: Where that is from.
        lowest: The least that a number may be.
    """

    name: str
    default: Any
    about: str
    positions: tuple[Any, ...] = ()
    sure: Sure = "inferred"
    source: str = ""
    lowest: float = 0

    def values(self) -> str:
        """Tell for a person what it may be."""
        shown = ", ".join(map(_shown, self.positions))
        match self.default:
            case bool():
                return "`true`, `false`"
            case list():
                return f"a list of {shown}" if len(self.positions) <= len(CANCELS) else "a list of names"
        if shown:
            return shown
        return "a text" if isinstance(self.default, str) else f"a number from {self.lowest:g}"

    def check(self, value: Any) -> None:
        """Accept a value.

        Raises:
            ValueError: It cannot have that value.
        """
        match self.default:
            case list():
                good = isinstance(value, list) and all(_among(item, self.positions) for item in value)
            case _ if self.positions:
                good = _among(value, self.positions)
            case bool() | str():
                good = isinstance(value, type(self.default))
            case _:
                good = isinstance(value, int | float) and not isinstance(value, bool)
                good = good and self.lowest <= value <= HIGHEST
                good = good and (isinstance(self.default, float) or value == int(value))
        if self.name == "connectorPath":
            good = good and value.startswith("/") and value.split("/").count("{account}") == 1
        if not good:
            shown = f"a path such as {self.default}" if self.name == "connectorPath" else self.values().replace("`", "")
            raise ValueError(f"setting {self.name} cannot be {value!r}; it must be {shown}")


def _among(value: Any, positions: tuple[Any, ...]) -> bool:
    # True is 1 for Python, but not for a person.
    return any(value == each and type(value) is type(each) for each in positions)


def _shown(value: Any) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


_OBJECTS: Final = tuple(KINDS)

_LIST: Final = (
    Switch("rateLimit", 10, "requests in one window and account; 0 for no limit", (), "documented", "API licensing"),
    Switch("rateWindow", 1.0, "seconds of the emulator's clock", (), "documented", "API licensing"),
    Switch(
        "rateOfOverrideAccount",
        False,
        "whether a partner call counts against the sub-account instead of the primary",
        (),
        "documented",
        "release notes of January 2025: a property of the account",
    ),
    Switch("latency", 0, "milliseconds between the act and its answer", (), "own"),
    Switch("journalLength", 10_000, "requests that the journal keeps, the newest; 0 for all", (), "own"),
    Switch(
        "lockAfter",
        6,
        "refused credentials in a row after which a user is locked, right token or not; 0 for never",
        (),
        "documented",
        "help page on passwords: six attempts; only an administrator can unlock",
    ),
    Switch("lockedStatus", 401, "what a locked user is answered", (401, 403)),
    Switch(
        "refusedLogin",
        401,
        "what wrong credentials are answered: JSON for `401` and `400`, and an XML UserMessage for `403`",
        (401, 403, 400),
        "documented",
        "introduction of the OpenAPI; Data Hub's pages print the UserMessage, and the page on errors says 400",
    ),
    Switch(
        "otherAccount",
        "error.user.auth",
        "what a token of another account is answered: 403 with a UserMessage of that id, or as a missing privilege",
        ("error.user.auth", "denied"),
        "seen",
        "one user, one token and three accounts",
    ),
    Switch(
        "missingPrivilege",
        403,
        "what a user who lacks a privilege is answered",
        (403, 400),
        "documented",
        "introduction of the OpenAPI; Data Hub's pages say 400",
    ),
    Switch(
        "readsOfAccount",
        "API",
        "the privilege that a read of Account needs; its page asks for ACCOUNT_ADMIN",
        ("API", "ACCOUNT_ADMIN"),
        "seen",
        "one user's measurement",
    ),
    Switch(
        "extensionsUndeclared",
        "empty",
        "a read of the extensions of an environment where nothing declares any: empty sections, or a refusal",
        ("empty", 400, 404),
        "inferred",
        "one client says 400, and likely; the SDK's example expects 404",
    ),
    Switch("extensionsAfter", 0, "seconds until what a deployment declares shows in the extensions"),
    Switch(
        "unsetProperty",
        "empty",
        "the `value` of a dynamic process property that has none: an empty text, or nothing",
        ("empty", "absent"),
        "documented",
        "schema of the EnvironmentExtensions page: it is required; an example of it has none",
    ),
    Switch(
        "encryptedRead",
        "absent",
        "the `value` of an encrypted extension in an answer: none, or an empty text",
        ("absent", "empty"),
        "documented",
        "EnvironmentExtensions page; one client reads an empty text",
    ),
    Switch(
        "encryptedEmpty",
        "stored",
        "an empty text that is sent for an encrypted extension: it is the value from then on, or changes nothing",
        ("stored", "ignored"),
        "seen",
        "Boomi's agent skill; Boomi's embedded kit sends one for a secret that nobody touched",
    ),
    Switch(
        "partialProcessProperty",
        "property",
        "what a partial update changes of a process property component: what is named, or the whole component",
        ("property", "component"),
        "documented",
        "table of the EnvironmentExtensions page, and clients; its text on updates says the component",
    ),
    Switch(
        "extensionsEcho",
        "whole",
        "what an update of extensions answers: all of them, what was sent, or that with the secrets",
        ("whole", "sent", "sentWithSecrets"),
        "inferred",
        "clients expect all; the sample of the EnvironmentExtensions page shows the last",
    ),
    Switch(
        "unknownField",
        "ignore",
        "a value that is sent for an extension that nothing declares: ignored, or 400 and nothing is saved",
        ("ignore", 400),
        "seen",
        "a client reads back after each update, since the answer does not tell",
    ),
    Switch(
        "undeployedValues",
        "lostOnSave",
        "values that nothing declares at the moment, when extensions are saved; without a save they always come back",
        ("lostOnSave", "kept"),
        "documented",
        "help page on the extensions dialog",
    ),
    Switch(
        "secretsOfNewRuntime",
        "missing",
        "encrypted extensions on a runtime that is attached later; `kept` is Boomi's Key Management Service",
        ("missing", "kept"),
        "documented",
        "help page on attaching a runtime",
    ),
    Switch(
        "tableReset",
        "overrideValues",
        "what takes a cross reference table back: `overrideValues: false`, or an entry without rows",
        ("overrideValues", "omit"),
        "documented",
        "the Override box of the console; for the API inferred",
    ),
    Switch(
        "partialRace",
        "merge",
        "`lastWins`: an update that comes before an earlier one is answered puts back what that one changed",
        ("merge", "lastWins"),
    ),
    Switch(
        "scheduleIds",
        "computed",
        "the id of ProcessSchedules: base64 of `CPS<atomId>:<processId>`, or nothing that a client can work out",
        ("computed", "opaque"),
        "seen",
        "code of several clients; Boomi only says that it is made of both",
    ),
    Switch(
        "schedulePadding",
        "none",
        "whether these ids are printed with the padding of base64; both forms are understood",
        ("none", "padded"),
        "seen",
        "one client reads them without, and the SDK's example sends them with it",
    ),
    Switch(
        "scheduleSteps",
        "rangeOnly",
        "`*/15` in a schedule: 400, since only a range may have a step, or understood",
        ("rangeOnly", "star"),
        "documented",
        "ProcessSchedules page; two clients send it",
    ),
    Switch(
        "scheduleForm",
        "asSent",
        "how a schedule is read back: as it was sent, or every field as a list of numbers",
        ("asSent", "expanded"),
    ),
    Switch(
        "retryOmitted",
        "kept",
        "the retry schedule, when an update leaves `Retry` out: as it was, or cleared",
        ("kept", "cleared"),
    ),
    Switch(
        "maxRetryZero",
        400,
        "a retry schedule with `maxRetry` 0: 400, or stored",
        (400, "accept"),
        "documented",
        "ProcessSchedules page: 1 to 5; the console offers 0",
    ),
    Switch(
        "scheduleAfterUndeploy",
        "kept",
        "the schedules of a process that a runtime has no more: they come back with it, or are gone",
        ("kept", "gone"),
    ),
    Switch(
        "scheduleOfListener",
        400,
        "an update of the schedules of a listener: 400, or stored",
        (400, "accept"),
        "documented",
        "ProcessSchedules page",
    ),
    Switch("runSeconds", 0, "seconds that a run takes, unless its script says so", (), "own"),
    Switch(
        "runPolls",
        1,
        "how often the record of a requested run answers 202 at least; -1: always",
        (),
        "inferred",
        lowest=-1,
    ),
    Switch(
        "record202Until",
        "started",
        "until when it answers 202: the run has begun, and shows as INPROCESS from then on, or has ended",
        ("started", "ended"),
        "documented",
        "note of the ExecutionRecord page; a client's change log",
    ),
    Switch(
        "recordBody",
        "result",
        "the body of that answer: the record in a list `result`, or the record itself",
        ("result", "bare"),
        "seen",
        "two clients read a list; the ExecutionRecord page shows the record",
    ),
    Switch(
        "longs",
        "list",
        'how numbers of 64 bits are written in a record: `list` is `["Long", n]`',
        ("list", "number"),
        "documented",
        "samples of the ExecutionRecord page; its schema says a number",
    ),
    Switch(
        "deployPropagation",
        0,
        "seconds after a deployment during which a runtime still runs the version before it",
        (),
        "inferred",
        "a client's guide waits 10 to 15 seconds",
    ),
    Switch(
        "overlap",
        "queue",
        "a request while the process still runs there: waits, as ENQUEUED, is DISCARDED, or both run",
        ("queue", "discard", "both"),
    ),
    Switch(
        "runOffline",
        400,
        "a request for a runtime that is offline: 400, or accepted, and no record ever comes",
        (400, "never"),
    ),
    Switch(
        "listenerRecords",
        "none",
        "whether the runs of a listener leave records; those of low latency processes never do",
        ("none", "written"),
    ),
    Switch(
        "listenerStatusOfWebServices",
        "missing",
        "whether the status of listeners names those of the connector `wss`",
        ("missing", "shown"),
        "seen",
        "a client's notes on its tests with Boomi; the ListenerStatus page shows one",
    ),
    Switch("listenerPolls", 1, "how often the status of listeners answers 202 before it is there"),
    Switch("listenerAfterResume", 0, "seconds after a resume during which a listener still shows what it was"),
    Switch(
        "offlineRuntime",
        410,
        "what asks for the listeners of a runtime that is offline are answered",
        (410, 504),
        "documented",
        "page on errors has both",
    ),
    Switch(
        "samePackageRedeploy",
        "new",
        "the package that is active there already: one more record superseding the last, or a 400",
        ("new", "duplicate"),
    ),
    Switch(
        "deleteInactiveDeployment", "refuse", "a second undeploy: 400, or 200 and nothing happens", ("refuse", "accept")
    ),
    Switch("readInactiveDeployment", True, "`false`: an undeployed or superseded id reads as 400"),
    Switch(
        "hiddenEnvironmentRead",
        400,
        "what who lacks the roles of an environment is answered for it and what is in it: unknown id, or no access",
        (400, 403),
    ),
    Switch(
        "deletedEnvironmentRead",
        200,
        "a GET of a deleted environment: the environment as it was, or an unknown id; a query never finds it",
        (200, 400),
        "seen",
        "a client's notes on its tests with Boomi",
    ),
    Switch(
        "deletedEnvironmentRecords",
        True,
        "`false`: the records of its deployments go with a deleted environment",
    ),
    Switch(
        "deleteEnvironmentInUse",
        "refuse",
        "the delete of an environment with active deployments: 400, or they are undeployed",
        ("refuse", "undeploy"),
    ),
    Switch("duplicateVersionStatus", 400, "the answer to a package version that is taken", (400, 409)),
    Switch(
        "restoreLivePackage",
        "refuse",
        "a restore of a package that is not deleted: 400, or 200 with the package as it is",
        ("refuse", "accept"),
    ),
    Switch(
        "honourComponentVersion",
        True,
        "`false`: a componentVersion in the create body is ignored",
        (),
        "seen",
        "Boomi's CI/CD scripts send it",
    ),
    Switch(
        "folderRestoreStatus",
        200,
        "`400`: a folder that was restored answers that it is not deleted",
        (200, 400),
        "seen",
        "a client's notes on a race",
    ),
    Switch(
        "listenerStatusOf",
        "given",
        "which deployments show one: those that were given one, or follow such a one; all; or all of processes",
        ("given", "all", "process"),
        "seen",
        "rows of ordinary processes in a client's notes show none",
    ),
    Switch(
        "licencesExceededBy",
        0,
        "above 0, a deployment succeeds with the message about connection licences",
        (),
        "documented",
        "DeployedPackage page",
    ),
    Switch(
        "missingFeatures",
        [],
        "objects whose feature the account lacks; each answers 403 with a text that says so",
        _OBJECTS,
        "seen",
        "a trial account's CI runs",
    ),
    Switch(
        "readsOfDeployments",
        "API",
        "the privilege that reads of DeployedPackage need; its page asks for none, and for DEPLOY to use the object",
        ("API", "DEPLOY"),
    ),
    Switch(
        "likeIgnoresCase",
        True,
        "whether LIKE finds `Order` by `%order%`",
        (),
        "seen",
        "Boomi's agent skill says so twice",
    ),
    Switch("containsIgnoresCase", False, "the same for CONTAINS and NOT_CONTAINS"),
    Switch("equalsIgnoresCase", False, "the same for EQUALS and NOT_EQUALS"),
    Switch("longestFilter", 0, "most conditions in a filter, a longer one is a 400; 0 for any"),
    Switch("refusedOperators", [], "operators that every filter is refused for", (*ARITY, "and", "or")),
    Switch(
        "emptyResult",
        "empty",
        "`missing`: no `result` in an empty answer",
        ("empty", "missing"),
        "seen",
        "published clients provide for both",
    ),
    Switch("oneResult", "list", "`object`: a query's only row is no list", ("list", "object")),
    Switch(
        "componentLists",
        "wrapped",
        "lists of a pack or release: in their wrapper, without it, or one element as an object",
        ("wrapped", "bare", "single"),
        "documented",
        "PublisherIntegrationPack page; the SDK met bare lists of other objects",
    ),
    Switch(
        "queryMoreAsJson",
        "bare",
        "a queryToken that is sent as JSON: taken as it is, also in quotes, or the status of the refusal",
        ("bare", "accept", 400, 415),
        "seen",
        "Boomi's CI/CD scripts send it so; a client's quotes went along with it, and an object was no token",
    ),
    Switch("tokenLifetime", 3600, "seconds until a queryToken goes stale; 0 for never"),
    Switch(
        "stringy",
        False,
        'numbers and booleans as strings: `"2.0"`, `"false"`',
        (),
        "documented",
        "samples of both forms",
    ),
    Switch(
        "quotedComponentVersion",
        False,
        'whether queries of PackagedComponent write `"componentVersion": "2"`; a create answers a number',
        (),
        "documented",
        "OpenAPI; one client saw its queries quote it",
    ),
    Switch(
        "bigIntegers",
        "number",
        'how 64-bit numbers are written: `list` is `["BigInteger", n]`',
        ("number", "list"),
        "seen",
        "the SDK met lists in other objects",
    ),
    Switch(
        "milliseconds",
        False,
        "dates as `2026-01-31T09:30:00.000Z`",
        (),
        "seen",
        "Boomi's agent skill saw them on branches",
    ),
    Switch(
        "contentTypeCharset",
        "",
        "what follows the content type of JSON and XML",
        ("", ";charset=UTF-8", "; charset=utf-8"),
        "seen",
        "SDKs before 3.0.0 compare JSON's for equality",
    ),
    Switch("byteOrderMark", False, "JSON begins with one", (), "seen", "the SDK's change log 3.0.0"),
    Switch(
        "componentAsJson",
        406,
        "what a client that accepts JSON only is answered by Component, which is XML: a refusal, or the XML",
        (406, 200),
        "seen",
        "a client's change log",
    ),
    Switch(
        "unknownFields",
        "refuse",
        "a field in a body that the object does not have: 400, or ignored",
        ("refuse", "ignore"),
        "documented",
        "page on errors; on an account without branches, a branchId had no effect",
    ),
    Switch("lowerCaseObjects", False, "whether `/environment/query` is understood too"),
    Switch(
        "wrongBasePath",
        405,
        "what a POST to another base path answers; a GET answers 404",
        (404, 405),
        "seen",
        "a CI script that used an invented path",
    ),
    Switch(
        "errorShape",
        "typed",
        "the form of an error in JSON",
        ("typed", "plain", "nested"),
        "seen",
        "Boomi's CI/CD scripts; the other two are documented",
    ),
    Switch(
        "deleteBody", "", "the text that a delete answers, such as `{true}`", (), "seen", "a branch's delete: `{true}`"
    ),
    Switch(
        "deprecated",
        [],
        "objects whose answers carry the deprecation headers",
        _OBJECTS,
        "documented",
        "introduction of the OpenAPI",
    ),
    Switch(
        "releasePolls",
        1,
        "how often the status of an immediate release answers 202 before it is through; -1: never",
        (),
        "inferred",
        lowest=-1,
    ),
    Switch(
        "releaseSeconds",
        60,
        "seconds after which an immediate release is through though nobody asked; not with `releasePolls` -1",
    ),
    Switch(
        "releaseOutcome",
        "SUCCESS",
        "`ERROR`: releases fail, and no version changes",
        ("SUCCESS", "ERROR"),
        "documented",
        "ReleaseIntegrationPackStatus page",
    ),
    Switch(
        "releaseZone",
        "US Eastern",
        "where it is half past midnight when a scheduled release goes out",
        ("US Eastern", "UTC"),
        "documented",
        "one help page; another says the publisher's zone",
    ),
    Switch("releaseSameVersions", "accept", "`refuse`: 400 for a release of exactly what is out", ("accept", "refuse")),
    Switch("releaseStatusBody", "full", "`bare`: a 202 carries little but its status code", ("full", "bare")),
    Switch(
        "releaseStatusSpelling",
        "IN_PROGRESS",
        "Boomi's page has both",
        ("IN_PROGRESS", "INPROGRESS"),
        "documented",
        "ReleaseIntegrationPackStatus page",
    ),
    Switch(
        "packRemoval",
        "now",
        "`next release`: a released component left out of an update stays, with `deleted` true, until then",
        ("now", "next release"),
    ),
    Switch(
        "packRename",
        "refuse",
        "another name for a MULTI pack: 400, or dropped silently",
        ("refuse", "ignore"),
    ),
    Switch(
        "connectorPath",
        "/connector/api/rest/v1/{account}",
        "base path of the Connector API; for a sub-account `/partner` may go before it",
        (),
        "seen",
        "a working Postman set-up made from Boomi's own collection",
    ),
    Switch(
        "connectorCancel",
        list(CANCELS[:2]),
        "the requests that cancel; the path or the body names the classificationType",
        CANCELS,
    ),
    Switch(
        "connectorWrongCancel",
        404,
        "what a POST answers that could be a cancel and is not; a PUT answers 405",
        (404, 405),
    ),
    Switch(
        "connectorEmptyAnswers",
        [],
        "acts that are answered by 200 with nothing in it",
        ("create", "cancel"),
        "inferred",
        "the page of ConnectorPendingRelease shows no answer",
    ),
    Switch(
        "connectorOverrideAccount",
        "both",
        "where the Connector API takes `overrideAccount`: below `/partner`, on its own path, or both",
        ("partner", "direct", "both"),
    ),
    Switch(
        "connectorRead",
        True,
        "`false`: ConnectorGroup answers 404",
        (),
        "documented",
        "titles of the Connector API's pages",
    ),
)

SWITCHES: Final[dict[str, Switch]] = {switch.name: switch for switch in _LIST}
"""Every switch by its name."""


def defaults() -> dict[str, Any]:
    """Tell what every switch starts as."""
    return {
        name: list(switch.default) if isinstance(switch.default, list) else switch.default
        for name, switch in SWITCHES.items()
    }


def check_settings(changes: Any) -> dict[str, Any]:
    """Check switches before they are set.

    Args:
        changes: New values by name.

    Returns:
        The same.

    Raises:
        ValueError: A name is unknown or a value is not possible.
    """
    if not isinstance(changes, dict):
        raise ValueError("settings must be a mapping of names to values")  # noqa: TRY004  # one kind of complaint
    for name, value in changes.items():
        if name not in SWITCHES:
            raise ValueError(f"unknown setting {name!r}; known: {', '.join(SWITCHES)}")
        SWITCHES[name].check(value)
    return dict(changes)


def read_settings(path: str | Path) -> dict[str, Any]:
    """Read switches from a file, as `GET /_emulator/settings` answers them, or as YAML.

    Args:
        path: The file.

    Returns:
        The switches that it names.

    Raises:
        ValueError: It cannot be read, or a switch in it is wrong; the message is one line and names the file.
    """
    try:
        return check_settings(yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"cannot read the settings {path}: {reason}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"the settings {path} are neither YAML nor JSON: {' '.join(str(error).split())}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def table() -> str:
    """Write the table of the page about the emulator.

    Returns:
        Markdown, one line for each switch.
    """
    lines = ["| Setting | Default | Values | What it is | How sure |", "|---|---|---|---|---|"]
    for switch in SWITCHES.values():
        source = f": {switch.source}" if switch.source else ""
        default = " ".join(map(_shown, switch.default)) if isinstance(switch.default, list) else _shown(switch.default)
        shown = default if switch.default not in ("", []) else "nothing"
        lines.append(f"| `{switch.name}` | {shown} | {switch.values()} | {switch.about} | {switch.sure}{source} |")
    return "\n".join(lines) + "\n"
