"""What an answer holds, and whether it has the form of Boomi's answer to that verb; no other file decides this.

What lies between this machine and Boomi answers as well: a gateway's login page, a maintenance page, an error object
with status 200. None of these is success, and none of these says that something is absent.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from boomi_pulumi._api.errors import BadAnswer, BadRequest, RequestError
from boomi_pulumi._api.models import Object, Record, rows_of, whole
from boomi_pulumi._api.refusals import meaning_of
from boomi_pulumi._api.words import on_one_line

if TYPE_CHECKING:
    from boomi_pulumi._api.transport import Answer

__all__ = [
    "Missing",
    "Page",
    "identity",
    "is_absent",
    "is_done",
    "is_page",
    "is_success",
    "items",
    "object_in",
    "page_in",
    "said_in",
]

R = TypeVar("R", bound=Record)

_ABSENT = re.compile(
    r"no such|not exist|not found|cannot find|already deleted"
    r"|\b(?:invalid|unknown)\b(?!\s+(?:error|exception|failure|request|url|uri|session|token|login|password|credential))",
    re.IGNORECASE,
)
"""Words of a refusal that say that an object is not there. "Unknown error" and "Invalid session" do not."""

_NO_WORDS = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
"""What a page holds beside its words."""

_BLANK = b"\xef\xbb\xbf \t\r\n"
_HTML = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Missing:
    """An id that a bulk read did not find, with Boomi's words."""

    id: str
    said: str


@dataclass(frozen=True)
class Page:
    """One page of a query's answer.

    Attributes:
        rows: The rows of this page, as Boomi wrote them.
        count: How many rows Boomi counts for the whole query; None where it does not say.
        token: The token that asks for the next page; None on the last page.
    """

    rows: list[Any]
    count: int | None
    token: Any


def is_absent(error: RequestError) -> bool:
    """Tell whether a refusal says that the object does not exist.

    Boomi answers 400 for an unknown or deleted id, and for every other mistake as well, so the
    words decide; a 400 of unknown wording is not taken for absence.
    """
    return isinstance(error, BadRequest) and bool(_ABSENT.search(error.said))


def is_success(answer: Answer) -> bool:
    """Tell whether an answer of status 2xx can be Boomi's: every request asks for JSON, so markup never is."""
    return not answer.body.lstrip(_BLANK).startswith(b"<")


def is_page(answer: Answer) -> bool:
    """Tell whether an answer is a page for a browser. Boomi writes refusals in JSON, XML or plain text."""
    return bool(_HTML.search(answer.body[:2048]))


def object_in(answer: Answer) -> dict[str, Any] | None:
    """Return the JSON object of an answer; None where there is none, or where it is an error object."""
    try:
        value = json.loads(_decoded(answer))
    except (ValueError, LookupError, RecursionError):
        return None
    return value if isinstance(value, dict) and value.get("@type") != "Error" else None


def page_in(value: Mapping[str, Any]) -> Page | None:
    """Return a page of a query; None where the object is no answer to a query.

    Boomi may leave `result` out where it counts 0 rows, and write a single row without its list.
    """
    rows, told = value.get("result"), value.get("numberOfResults")
    count = whole(told)
    if told is not None and (count is None or count < 0):
        return None
    if not isinstance(rows, (list, dict)) and (rows is not None or count != 0):
        return None
    return Page(rows_of(rows), count, value.get("queryToken") or None)


def identity(target: Object[Any], row: Any) -> Hashable:
    """Return a key that no other row of the query has: a component has a row for each revision and branch."""
    return tuple(str(row.get(name)) for name in (target.id, "version", "branchName", "branchId"))


def is_done(answer: Answer) -> bool:
    """Tell whether an answer is Boomi's to a write that has nothing to tell: it is empty, `true` or `{true}`."""
    return answer.body.strip(_BLANK) in {b"", b"true", b"{true}"}


def _decoded(answer: Answer) -> str:
    """Return the body as text: JSON is UTF-8, with or without a byte order mark, or what its content type says."""
    try:
        return answer.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        charset = re.search(r"charset=\"?([\w-]+)", answer.headers.get("Content-Type", ""), re.IGNORECASE)
        return answer.body.decode(charset.group(1) if charset else "utf-16")


def items(
    target: Object[R], ids: Sequence[str], answer: dict[str, Any], what: str
) -> dict[str, R | Missing | RequestError]:
    """Return the items of a bulk answer by id.

    An item names its own id only where it failed, and not always then. Without an id its place decides, unless the
    items that were found are out of order.

    Args:
        target: The object.
        ids: The ids that were asked for, in their order.
        answer: The JSON of the answer.
        what: What the read is for, in messages.

    Raises:
        BadAnswer: The answer has no list of items.
    """
    given = answer.get("response")
    if not isinstance(given, (list, dict)):
        raise BadAnswer(what, status=200, detail="its response is not a list")
    given = [each for each in rows_of(given) if isinstance(each, dict)]
    records = [target.parse(each.get("Result")) for each in given]
    # What was found tells whether the places of the items are those of the ids.
    in_order = len(given) == len(ids) and all(
        record is None or id_ in _names(target, record) for record, id_ in zip(records, ids, strict=True)
    )
    found: dict[str, R | Missing | RequestError] = {}
    for place, record in enumerate(records):
        if record is not None:
            names = _names(target, record)
            fitting = [ids[place]] if in_order else [each for each in names if each in ids]
            found[fitting[0] if fitting else names[0]] = record
    for place, (item, record) in enumerate(zip(given, records, strict=True)):
        if record is not None:
            continue
        id_, named = ids[place] if in_order else None, item.get("id")
        if isinstance(named, str) and named != (id_ or "").partition("~")[0]:
            # What failed names itself: as somebody else's, it says nothing about ours.
            id_ = named if named in ids else None
        if id_ is None or id_ in found:
            continue
        found[id_] = _failed(target, id_, item)
    for id_ in ids:
        found.setdefault(id_, BadAnswer(f"Reading {target.name} {id_}", detail="the bulk answer leaves it out"))
    return found


def _failed(target: Object[Any], id_: str, item: Mapping[str, Any]) -> Missing | RequestError:
    said, status = on_one_line(item.get("errorMessage") or ""), whole(item.get("statusCode"))
    kind = meaning_of(status or 0, said)
    if status is None:
        # Nothing says that Boomi looked for this id.
        return BadAnswer(f"Reading {target.name} {id_}", said=said, detail="an item without its status")
    if status in {404, 410} or (kind is BadRequest and _ABSENT.search(said)):
        return Missing(id_, said)
    return kind(f"Reading {target.name} {id_}", status=status, said=said)


def _names(target: Object[R], record: R) -> tuple[str, str]:
    """Return what an object may have been asked for as: by its id, or as `{componentId}~{version}`."""
    id_ = str(record[target.id])
    return id_, f"{id_}~{getattr(record, 'version', None)}"


def said_in(body: bytes) -> str:
    """Return Boomi's message from any of its error bodies: four shapes of JSON, XML, plain text."""
    text = body[: 64 * 1024].decode("utf-8-sig", errors="replace").strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        match = re.search(r"<message[^>]*>(.*?)</message>", text, re.DOTALL)
        plain = match.group(1) if match else _NO_WORDS.sub(" ", text)
        return on_one_line(html.unescape(plain))[:500]
    if isinstance(value, dict):
        told = value.get("UserMessage", value)
        if isinstance(told, dict) and isinstance(told.get("Data"), str):
            return on_one_line(told["Data"])[:500]
        inner = value.get("error")
        message = value.get("message") or (inner.get("message") if isinstance(inner, dict) else inner)
        return on_one_line(message or "")[:500]
    return on_one_line(text)[:500]
