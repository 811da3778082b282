"""What an address means: the account, object, verb and id that a method and a path stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from boomi_pulumi.emulator.objects import KINDS, Kind
from boomi_pulumi.emulator.rules import Refusal
from boomi_pulumi.emulator.switches import CANCELS

if TYPE_CHECKING:
    from collections.abc import Mapping

COLLECTION_VERBS: Final = ("query", "queryMore", "bulk")
PLATFORM: Final = "/api/rest/v1/{account}"
_LOWER: Final = {name.lower(): name for name in KINDS}


@dataclass(frozen=True)
class Target:
    """What an address means."""

    account: str
    object: str
    verb: str
    id: str = ""
    partner: bool = False


def read_target(method: str, path: str, settings: Mapping[str, Any]) -> Target:
    """Understand a method and a path.

    Args:
        method: The HTTP method.
        path: The path as it came, still percent-encoded.
        settings: The switches, which tell where the Connector API is.

    Returns:
        The account, object, verb and id that are meant.

    Raises:
        Refusal: There is no such address (404), it does not take the method (405), or it holds an empty
            segment (500, as people met it).
    """
    parts = [unquote(part) for part in path.split("/")[1:]]
    if len(parts) > 1 and parts[-1] == "":
        parts.pop()  # Boomi's own scripts create at an address that ends in a slash
    if "" in parts and len(parts) > 1:
        raise Refusal(500, "Internal Server Error")
    partner = parts[0] == "partner"
    below = parts[1:] if partner else parts
    templates = (PLATFORM, settings["connectorPath"])
    for template in templates:
        found = _below(template, below)
        if found is None:
            continue
        account, (name, *tail) = found
        if name == "async" and tail:
            name, tail = tail[0], ["async", *tail[1:]]
        name = _LOWER.get(name, name) if settings["lowerCaseObjects"] else name
        kind = KINDS.get(name)
        if kind is None or (kind.api == "platform") != (template is PLATFORM):
            continue
        verb, identifier = _read(kind, method, tail, settings)
        return Target(account, name, verb, identifier, partner)
    if method not in ("GET", "HEAD") and not any(_is_base(template, below) for template in templates):
        raise Refusal(settings["wrongBasePath"], _TEXTS[settings["wrongBasePath"]])
    raise missing()


_TEXTS: Final = {404: "The requested resource is not available.", 405: "Method Not Allowed"}


def missing() -> Refusal:
    """Make the refusal of an address that does not exist."""
    return Refusal(404, _TEXTS[404])


def _is_base(template: str, parts: list[str]) -> bool:
    base = template.strip("/").split("/")
    head = parts[: len(base)]
    return len(head) == len(base) and all(want in ("{account}", got) for want, got in zip(base, head, strict=True))


def _below(template: str, parts: list[str]) -> tuple[str, list[str]] | None:
    """The account, and what follows the base path, if the address begins with it."""
    base = template.strip("/").split("/")
    rest = parts[len(base) :]
    if not _is_base(template, parts) or not 1 <= len(rest) <= (4 if rest[:1] == ["async"] else 3):
        return None
    return parts[base.index("{account}")], rest


def _read(kind: Kind, method: str, tail: list[str], settings: Mapping[str, Any]) -> tuple[str, str]:
    if kind.name == "ConnectorGroup" and not settings["connectorRead"]:
        raise missing()
    if kind.verbs & {"ask", "poll"}:
        match method, tail:
            case "POST", ["async", "query"] if "ask" in kind.verbs:
                return "ask", ""
            case "GET", ["async", "response", token] if "ask" in kind.verbs:
                return "poll", token
            case "GET", ["async", token] if "ask" not in kind.verbs:
                return "poll", token
    if tail[:1] == ["async"]:
        raise missing()
    if "cancel" in kind.verbs:
        found = _cancel(method, tail, settings)
        if found is not None:
            return "cancel", found
    if len(tail) == 2 and (tail[1] != "update" or kind.api == "connector"):  # noqa: PLR2004
        raise missing()
    verb = _verb(method, tail)
    return verb, tail[0] if tail and verb not in COLLECTION_VERBS else ""


def _cancel(method: str, tail: list[str], settings: Mapping[str, Any]) -> str | None:
    """The classification that a cancel's path names, empty where only the body does; None for another request."""
    match method, tail:
        case "POST", [name, "update"]:
            form = CANCELS[0]
        case "POST", ["update"] if CANCELS[1] in settings["connectorCancel"]:
            name, form = "", CANCELS[1]
        case "POST", [name] if name not in COLLECTION_VERBS:
            form = CANCELS[2]
        case "PUT", []:
            name, form = "", CANCELS[3]
        case _:
            return None
    if form in settings["connectorCancel"]:
        return name
    status = 405 if method == "PUT" else settings["connectorWrongCancel"]
    raise Refusal(status, _TEXTS[status])


def _verb(method: str, tail: list[str]) -> str:
    match method, tail:
        case "POST", []:
            return "create"
        case "POST", [verb] if verb in COLLECTION_VERBS:
            return verb
        case ("POST", [_]) | ("POST", [_, _]):
            return "update"
        case "GET", [identifier] if identifier not in COLLECTION_VERBS:
            return "get"
        case "DELETE", [identifier] if identifier not in COLLECTION_VERBS:
            return "delete"
    raise Refusal(405, _TEXTS[405])
