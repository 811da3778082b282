"""What an answer of Boomi's holds: its words, the items of a bulk answer, and whether something is absent."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from boomi_pulumi.api.errors import BadAnswer, BadRequest, RequestError, for_status, printable
from boomi_pulumi.api.models import Object, Record, rows_of

if TYPE_CHECKING:
    from boomi_pulumi.api.transport import Answer

__all__ = ["Missing", "decoded", "is_absent", "items", "said_in"]

R = TypeVar("R", bound=Record)

_ABSENT = re.compile(r"invalid|no such|not exist|not found|cannot find|already deleted|unknown", re.IGNORECASE)

_NO_WORDS = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
"""What a page holds beside its words."""


@dataclass(frozen=True)
class Missing:
    """An id that a bulk read did not find, with Boomi's words."""

    id: str
    said: str


def is_absent(error: RequestError) -> bool:
    """Tell whether a refusal says that the object does not exist.

    Boomi answers 400 for an unknown or deleted id, and for every other mistake as well, so the
    words decide; a 400 of unknown wording is not taken for absence.
    """
    return isinstance(error, BadRequest) and bool(_ABSENT.search(error.said))


def decoded(answer: Answer) -> str:
    """Return the body as text: JSON is UTF-8, with or without a byte order mark, or what its content type says."""
    try:
        return answer.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        charset = re.search(r"charset=\"?([\w-]+)", answer.headers.get("Content-Type", ""), re.IGNORECASE)
        return answer.body.decode(charset.group(1) if charset else "utf-16")


def items(
    target: Object[R], ids: Sequence[str], answer: dict[str, Any], what: str
) -> dict[str, R | Missing | RequestError]:
    """Sort the items of a bulk answer by id.

    An item names its own id only where it failed, and not always there: then its place tells.
    """
    given = answer.get("response")
    if not isinstance(given, (list, dict)):
        raise BadAnswer(what, status=200, detail="its response is not a list")
    items = rows_of(given)
    found: dict[str, R | Missing | RequestError] = {}
    for place, item in enumerate(each for each in items if isinstance(each, dict)):
        record = target.parse(item.get("Result"))
        if record is not None:
            found[_key(target, record, ids, place if len(items) == len(ids) else None)] = record
            continue
        named = item.get("id")
        id_ = named if isinstance(named, str) and named in ids else ids[place] if len(items) == len(ids) else None
        if id_ is None:
            continue
        said = printable(item.get("errorMessage") or "")
        status = item.get("statusCode")
        status = int(status) if isinstance(status, (int, float, str)) and str(status).isdigit() else 400
        if status in {404, 410} or (status == 400 and _ABSENT.search(said)):  # noqa: PLR2004
            found[id_] = Missing(id_, said)
        else:
            found[id_] = for_status(status)(f"Reading {target.name} {id_}", status=status, said=said)
    for id_ in ids:
        found.setdefault(id_, BadAnswer(f"Reading {target.name} {id_}", detail="the bulk answer leaves it out"))
    return found


def _key(target: Object[R], record: R, ids: Sequence[str], place: int | None) -> str:
    id_ = str(record[target.id])
    # `{componentId}~{version}` may have been asked for, and the answer names the two apart.
    fitting = [each for each in (id_, f"{id_}~{getattr(record, 'version', None)}") if each in ids]
    if place is not None and ids[place] in fitting:
        return ids[place]
    return fitting[0] if fitting else id_


def said_in(body: bytes) -> str:
    """Return Boomi's message from any of its error bodies: three shapes of JSON, XML, plain text."""
    text = body[: 64 * 1024].decode("utf-8-sig", errors="replace").strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        match = re.search(r"<message[^>]*>(.*?)</message>", text, re.DOTALL)
        plain = match.group(1) if match else _NO_WORDS.sub(" ", text)
        return printable(html.unescape(plain))[:500]
    if isinstance(value, dict):
        inner = value.get("error")
        message = value.get("message") or (inner.get("message") if isinstance(inner, dict) else inner)
        return printable(message or "")[:500]
    return printable(text)[:500]
