"""What can go wrong, as one tree.

    BoomiError
    ├── SettingsError           who or where is missing or malformed
    ├── FilterError             a query that Boomi would refuse, caught before it is sent
    ├── NotFound                a look-up without a hit
    ├── Ambiguous               a look-up with more than one hit
    ├── Conflict                the account holds something else than what is declared
    ├── UnknownOutcome          a write was sent and nobody can say whether it took effect
    └── RequestError            one request that failed
        ├── Unreachable         no connection was made: nothing was sent
        ├── Interrupted         the run was asked to stop: nothing was sent
        ├── ConnectionLost      the connection broke or timed out before a whole answer came
        ├── BadAnswer           an answer that cannot be read
        │   └── EmptyAnswer     success, and not a word on what was done
        ├── BadRequest          400: refused, or an unknown or deleted object
        ├── Unauthorized        401, or 403 or 400 that says so: wrong credentials
        ├── Forbidden           403, or 400 that says so: a privilege or a feature is missing, or something is locked
        ├── EndpointNotFound    404, 405: the address, not the object
        ├── EndpointGone        410: retired by Boomi, or a runtime that is offline
        ├── TooManyRequests     429
        ├── Unavailable         502, 503, 504: down, or the rate limit was exceeded
        └── UnexpectedStatus    every other status

Every message is one paragraph for a person: what happened to which thing, what Boomi said, what to
do. The provider says what else they are (`raised_as`), so that Pulumi prints them without a stack trace.
"""

from __future__ import annotations

import os
from typing import Any, ClassVar

from boomi_pulumi._api.words import clean, fault, trace

__all__ = [
    "Ambiguous",
    "BadAnswer",
    "BadRequest",
    "BoomiError",
    "Conflict",
    "ConnectionLost",
    "EmptyAnswer",
    "EndpointGone",
    "EndpointNotFound",
    "FilterError",
    "Forbidden",
    "Interrupted",
    "NotFound",
    "RequestError",
    "SettingsError",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "UnexpectedStatus",
    "UnknownOutcome",
    "Unreachable",
    "for_status",
    "raised_as",
    "reported",
]


class BoomiError(Exception):
    """Everything this package raises on purpose."""

    also: ClassVar[type[Exception] | None] = None
    """See `raised_as`."""

    def __new__(cls, *_args: Any, **_more: Any) -> BoomiError:  # noqa: PYI034 - it may be of a subclass
        also = BoomiError.also
        return super().__new__(cls if also is None or issubclass(cls, also) else _both(cls, also))

    def __init__(self, *told: Any) -> None:
        super().__init__(*(clean(each) if isinstance(each, str) else each for each in told))

    def __reduce__(self) -> tuple[Any, ...]:
        # Where it is read, errors may be of another class as well, or of none; and no message is made twice.
        plain = next(each for each in type(self).__mro__ if each not in _BOTH.values())
        return _restored, (plain, self.args, self.__dict__)


def _restored(cls: type[BoomiError], told: tuple[Any, ...], attributes: dict[str, Any]) -> BoomiError:
    """Return an error that was pickled or copied."""
    error = cls.__new__(cls)
    error.args = told
    error.__dict__.update(attributes)
    return error


_BOTH: dict[tuple[type[BoomiError], type[Exception]], type[BoomiError]] = {}


def _both(cls: type[BoomiError], also: type[Exception]) -> type[BoomiError]:
    if (cls, also) not in _BOTH:
        _BOTH[cls, also] = type(cls.__name__, (cls, also), {"__doc__": cls.__doc__, "__module__": cls.__module__})
    return _BOTH[cls, also]


def raised_as(also: type[Exception]) -> None:
    """Make every error of this package an instance of a second class too, which the calling framework handles.

    Args:
        also: A class that adds nothing to Exception, such as `pulumi.RunError`.
    """
    BoomiError.also = also


class SettingsError(BoomiError):
    """A setting is missing or malformed; the message names it."""


class FilterError(BoomiError):
    """A query filter that the object does not support; nothing was sent."""


class NotFound(BoomiError):
    """A look-up found nothing; the message lists near misses where there are any."""


class Ambiguous(BoomiError):
    """A look-up found several objects; the message lists them."""


class Conflict(BoomiError):
    """The account holds or shows something else than what is declared, or was made; nothing was changed."""


class UnknownOutcome(BoomiError):
    """A write was sent, its answer was lost, and the object could not be found afterwards."""


class RequestError(BoomiError):
    """One request failed.

    Attributes:
        act: What was to be done, such as "Reading Environment 7".
        status: HTTP status, or None where no answer came.
        said: Boomi's own message, empty where there is none.
        final: Whether every further request of this process must fail in the same way.
    """

    advice: ClassVar[str] = ""
    final: bool = False

    def __init__(
        self, what: str, *, status: int | None = None, said: str = "", detail: str = "", advice: str | None = None
    ) -> None:
        self.act = clean(what)
        self.status = status
        self.said = clean(said)
        quoted = f': "{said}"' if said else ""
        if status is None:
            answer = f"{detail}{quoted}"
        else:
            # Boomi's words stand before anything that we make of them.
            answer = f"Boomi answered {status}{quoted}" + (f" ({detail})" if detail else "")
        advice = self.advice if advice is None else advice
        super().__init__(f"{what} failed: {answer}." + (f" {advice}" if advice else ""))


class Unreachable(RequestError):
    """No connection was made (name, route, port, TLS or proxy): nothing was sent."""

    advice = "Check boomi:baseUrl (or boomi:region), the network and the proxy settings."


class Interrupted(RequestError):
    """The run was asked to stop (Ctrl-C) before this request began: nothing was sent."""

    advice = "Run the same command again to go on."


class ConnectionLost(RequestError):
    """The connection broke, or the time limit passed, before a whole answer came."""

    advice = "Run the same command again: it looks before it writes."


class BadAnswer(RequestError):
    """Boomi answered, and the answer cannot be read."""

    advice = "Check that boomi:baseUrl names a Boomi platform, not a proxy's own page."


class EmptyAnswer(BadAnswer):
    """Boomi answered a write with success and an empty body: it was done, and the answer does not say what it made."""

    advice = "It was done, and is not sent again. Run the same command again: it takes what is there."


class BadRequest(RequestError):
    """400: malformed, refused by a rule of Boomi, or an unknown or deleted object."""


class Unauthorized(RequestError):
    """The credentials are wrong, missing or expired; after the first refusal, nothing more is sent with them.

    Boomi answers 401, or a 403 or 400 whose words or form speak of the user, or the third refusal before any success.

    Attributes:
        first: The error of the request that was answered, where this one was not sent.
    """

    advice = (
        "boomi:token is revoked, expired, a password, or of another user or account; or boomi:accountId and "
        "boomi:username are swapped. (The prefix BOOMI_TOKEN. is added here, once.) If all are right: the privilege "
        "API is missing, or this machine is not among the Trusted IP Addresses. Nothing more is sent, since six "
        'refusals lock a user out. See docs/settings.md, "Is it right?".'
    )
    first: Unauthorized | None = None

    @classmethod
    def again(cls, what: str, first: Unauthorized) -> Unauthorized:
        """Return the error of a request that is not sent, since Boomi has refused its credentials before."""
        error = cls(
            what,
            status=first.status,
            detail="to an earlier request of this run; this one was not sent",
            advice="Check boomi:accountId, boomi:username and boomi:token.",
        )
        error.first = first
        return error


class Forbidden(RequestError):
    """The user lacks a privilege, the token may only read, something is locked, or the account lacks a feature.

    It is 403, or a 400 whose words speak of access rights.
    """

    advice = (
        "A privilege may be missing. Other causes: a read-only token, a locked component, a feature that the account "
        "lacks, another account (boomi:accountId, boomi:overrideAccount), an address that is not among the account's "
        "Trusted IP Addresses."
    )


class EndpointNotFound(RequestError):
    """404 or 405: the address does not exist, or takes no such request. A missing object answers 400."""

    advice = "Check boomi:baseUrl: scheme and host only."


class EndpointGone(RequestError):
    """410: Boomi has retired the address, or a runtime it needs is offline."""

    advice = "A newer release of boomi_pulumi may know the replacement."


class TooManyRequests(RequestError):
    """429: too many requests."""

    advice = "Lower boomi:rateLimit, or run again later."


class Unavailable(RequestError):
    """502, 503 or 504: Boomi is down, or the account's rate limit was exceeded."""

    advice = "Run again later; lower boomi:rateLimit if other programs share the account."


class UnexpectedStatus(RequestError):
    """A status that Boomi does not document."""


_BY_STATUS: dict[int, type[RequestError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: EndpointNotFound,
    405: EndpointNotFound,
    410: EndpointGone,
    429: TooManyRequests,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def reported(error: Exception) -> Exception:
    """Return what to raise in place of an error, without its cause: a text of neither tells a secret."""
    if os.environ.get("BOOMI_DEBUG") == "1":
        return RuntimeError(trace(error))
    return error if isinstance(error, BoomiError) else RuntimeError(fault(error))


def for_status(status: int) -> type[RequestError]:
    """Return the error class of an HTTP status.

    Source: Boomi's status table in the Platform API introduction.
    """
    return _BY_STATUS.get(status, UnexpectedStatus)


for _name in __all__:
    if isinstance(_object := globals()[_name], type):
        # The public home of a class is what a reader of an error message should see.
        _object.__module__ = "boomi_pulumi"
