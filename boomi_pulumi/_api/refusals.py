"""What a refusal is about: the credentials, a privilege, or the request itself.

Boomi's pages and people's reports disagree on how a refused login looks. It may be 401, 403 or 400, in JSON or as an
XML `UserMessage`; a missing privilege may be 403 or 400. So the words and the form of the body count, not the status.
Sources: introduction of the Platform API; its page on API errors; the responses that Data Hub's pages print.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from boomi_pulumi._api.errors import BadRequest, Forbidden, RequestError, Unauthorized, for_status
from boomi_pulumi._api.models import ACCOUNT, COMPONENT_METADATA, DEPLOYED_PACKAGE, PACKAGED_COMPONENT, Object
from boomi_pulumi._api.settings import Settings

__all__ = ["meaning_of", "readable"]

_USER_MESSAGE = re.compile(rb"<(?:\w+:)?UserMessage\b|\"UserMessage\"", re.IGNORECASE)
_OF_USER = re.compile(rb"[\"']error\.user\.[\w.-]+[\"']", re.IGNORECASE)

_LOGIN = re.compile(
    r"""
      \b(incorrect|invalid|wrong|bad|missing|unknown|no)\s(user\s?name|user\sid|password|credentials|api\stoken)\b
    | \buser(\s?name|\sid)?\s?(and|or|/|,)\s?(the\s|your\s)?password\b
    | \bpassword\s?(and|or|/|,|for|of)\s?(the\s|this\s|your\s)?user(\s?name|\sid)?\b
    | \bcredentials?\b[^.]{0,30}\b(incorrect|invalid|wrong|missing|expired|revoked|not\svalid)\b
    | \bapi\stoken\b[^.]{0,30}\b(incorrect|invalid|wrong|missing|expired|revoked|not\svalid)\b
    | \bauthentication\s(failed|failure|error|is\srequired|required)\b | \bnot\sauthenticated\b
    | \buser\s(is|was|has\sbeen|account\sis)\slocked\b
    | ^unauthori[sz]ed\W*$
    | \baccount\b[^.]{0,40}\bnot\s(accessible|one\sof|a\smember)\b
    | \bnot\b[^.]{0,30}\b(have\saccess\sto|belong\sto|a\smember\sof|a\suser\sof)\s(this\s|the\s|that\s)?account\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Words on a wrong user, password or token, or on an account that is not the user's."""

_QUOTED = re.compile(r"""(?<!\w)(["'`\u2018\u201c])[^"'`\s]*\s[^"'`]*["'`\u2019\u201d](?!\w)""")
"""What Boomi repeats, of several words: a component may be named "Reset User Password"."""

_MARKS = re.compile(r"""["'`]""")

_PRIVILEGE = re.compile(
    r"""
      \baccess\s(is\s|was\s)?denied\b
    | \binsufficient\s(access|permissions?|privileges?|rights?)\b
    | (\bnot|n't|\bno|\black\w*|\bwithout|\bmissing|\brequire[sd]?|\bneeds?|\bneeded)\b
      [^.]{0,60}\b(access\srights?|privileges?|permissions?)\b
    | \b(access\srights?|privileges?|permissions?)\b[^.]{0,40}\b(required|missing|needed|lacking)\b
    | \bnot\b[^.]{0,30}\baccess\b[^.]{0,20}\bfunctionality\b
    | \bfeature\b[^.]{0,80}\bnot\s(enabled|available|licensed)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Words on a privilege or a feature that is missing."""


def meaning_of(status: int, said: str, body: bytes = b"") -> type[RequestError]:
    """Return the error class of an answer that is no success.

    Args:
        status: HTTP's status, or the status of an item of a bulk answer.
        said: Boomi's words.
        body: The whole body; empty for an item.
    """
    kind = for_status(status)
    if kind not in (BadRequest, Forbidden):
        return kind
    if _OF_USER.search(body) and _USER_MESSAGE.search(body[:2048]):
        return Unauthorized
    if _PRIVILEGE.search(said):
        return Forbidden
    return Unauthorized if _LOGIN.search(_MARKS.sub("", _QUOTED.sub("…", said))) else kind


def readable(
    settings: Settings, refused: Object[Any]
) -> tuple[tuple[str, Object[Any], str, Mapping[str, Any] | None], ...]:
    """Return what a user of this package may most likely read: method, object, path and body.

    Deployments take the privilege API, and perhaps that to deploy. People read their own account with API alone, though
    its page asks for more. Who may not read components is asked about packages, which is what they are for.

    Args:
        settings: Who and where.
        refused: What was asked for and refused.
    """
    account = ("GET", ACCOUNT, f"/{settings.override_account or settings.account_id}", None)
    if refused is COMPONENT_METADATA:
        return account, ("POST", PACKAGED_COMPONENT, "/query", _none("componentId"))
    return ("POST", DEPLOYED_PACKAGE, "/query", _none("deploymentId")), account


def _none(name: str) -> Mapping[str, Any]:
    """Return a query without a hit, whose answer is small."""
    return {"QueryFilter": {"expression": {"operator": "EQUALS", "property": name, "argument": ["none"]}}}
