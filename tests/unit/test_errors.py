from __future__ import annotations

import base64
import copy
import pickle
import ssl
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi
import pytest
import requests
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from urllib3.exceptions import (
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    SSLError,
)

import boomi_pulumi
from boomi_pulumi._api import errors
from boomi_pulumi._api.errors import (
    BadAnswer,
    BadRequest,
    ConnectionLost,
    EndpointGone,
    EndpointNotFound,
    Forbidden,
    RequestError,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnexpectedStatus,
    Unreachable,
    for_status,
)
from boomi_pulumi._api.models import PACKAGED_COMPONENT
from boomi_pulumi._api.retry import Refused, Unknown
from tests.unit.conftest import ACCOUNT, TOKEN, Clients, Scripts
from tests.unit.scripted import answer

STATUSES = {
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
HERE = "http://127.0.0.1:9"


def test_every_status_has_its_class() -> None:
    found = {status: for_status(status) for status in range(300, 600)}
    assert {status: each for status, each in found.items() if each is not UnexpectedStatus} == STATUSES


@pytest.mark.parametrize("name", errors.__all__)
def test_the_tree_is_public_and_printed_without_a_trace(name: str) -> None:
    each = getattr(errors, name)
    if not isinstance(each, type):
        assert name not in boomi_pulumi.__all__
        return
    made = each("Reading it")
    assert isinstance(made, pulumi.RunError)
    assert (type(made).__module__, type(made).__qualname__) == ("boomi_pulumi", name)
    assert getattr(boomi_pulumi, name) is each
    assert each.__module__ == "boomi_pulumi"
    assert each.__doc__
    assert name in (errors.__doc__ or "")


@pytest.mark.parametrize("name", [each for each in errors.__all__ if isinstance(getattr(errors, each), type)])
def test_the_docstring_draws_the_tree_as_it_is(name: str) -> None:
    lines = (errors.__doc__ or "").splitlines()
    depth = next(line.index(name) // 4 for line in lines if line.strip(" │├└─").split(" ")[0] == name)
    assert depth == len([base for base in getattr(errors, name).__mro__ if base.__module__ == "boomi_pulumi"])


@pytest.mark.parametrize("also", [None, pulumi.RunError], ids=["plain", "in a program"])
@pytest.mark.parametrize("name", [each for each in errors.__all__ if isinstance(getattr(errors, each), type)])
def test_a_copy_of_an_error_is_the_same_error(
    name: str, also: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As multiprocessing and concurrent.futures send it, also to a process without Pulumi."""
    cls = getattr(errors, name)
    given = {"status": 400, "said": "no", "detail": "as said"} if issubclass(cls, RequestError) else {}
    made = cls("Reading Environment 7", **given)
    made.__notes__ = ["seen"]
    written = pickle.dumps(made)
    monkeypatch.setattr(errors.BoomiError, "also", also)
    for each in (copy.copy(made), copy.deepcopy(made), pickle.loads(written)):  # noqa: S301 - it is our own
        assert (str(each), each.args, vars(each)) == (str(made), made.args, vars(made))
        assert isinstance(each, cls)
        assert isinstance(each, pulumi.RunError) is (also is not None)
        assert type(each).__name__ == name


def test_an_error_that_leads_to_the_first_refusal_does_so_in_another_process() -> None:
    again = Unauthorized.again("Reading it", Unauthorized("Reading Environment 7", status=401))
    found = pickle.loads(pickle.dumps(again))  # noqa: S301 - it is our own
    assert found.first.act == "Reading Environment 7"
    assert str(found) == str(again)


# -- what the HTTP library may raise -----------------------------------------------------------------


class Raises(BaseAdapter):
    """Fails every request in the same way."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error
        self.sent = 0

    def send(self, request: PreparedRequest, *args: object, **options: object) -> Response:
        self.sent += 1
        raise self.error

    def close(self) -> None:
        pass


# Raised before anything was sent: a write is refused, and sent again.
BEFORE = {
    "ConnectTimeout",
    "InvalidURL",
    "InvalidProxyURL",
    "InvalidSchema",
    "MissingSchema",
    "InvalidHeader",
    "URLRequired",
}
# Raised when the request may have been sent: a write is unknown, and not sent again.
AFTER = {
    "RequestException",
    "InvalidJSONError",
    "JSONDecodeError",
    "HTTPError",
    "ConnectionError",
    "SSLError",
    "ProxyError",
    "Timeout",
    "ReadTimeout",
    "TooManyRedirects",
    "ChunkedEncodingError",
    "ContentDecodingError",
    "StreamConsumedError",
    "RetryError",
    "UnrewindableBodyError",
}


def library() -> dict[str, type[requests.RequestException]]:
    return {
        name: each
        for name, each in vars(requests.exceptions).items()
        if isinstance(each, type) and issubclass(each, requests.RequestException)
    }


def test_every_exception_of_the_library_is_known() -> None:
    assert set(library()) == BEFORE | AFTER


def make(name: str) -> requests.RequestException:
    if name == "JSONDecodeError":
        return requests.exceptions.JSONDecodeError("no", "", 0)
    return library()[name]("it broke")


@pytest.mark.parametrize("name", sorted(BEFORE | AFTER))
def test_every_exception_of_the_library_becomes_ours(name: str, client_to: Clients) -> None:
    client = client_to(HERE)
    adapter = Raises(make(name))
    client.adapter = adapter
    before = name in BEFORE
    with pytest.raises(Unreachable if before else ConnectionLost) as caught:
        client.get(PACKAGED_COMPONENT, "p")
    assert str(caught.value).startswith("Reading PackagedComponent p failed: ")
    assert caught.value.__cause__ is None
    assert adapter.sent == 6
    adapter.sent = 0
    outcome = client.create(PACKAGED_COMPONENT, {}, "Packaging it")
    assert isinstance(outcome, Refused if before else Unknown)
    assert str(outcome.error).startswith("Packaging it failed: ")
    assert adapter.sent == (6 if before else 1)


@pytest.mark.parametrize(
    ("reason", "before"),
    [
        (NewConnectionError(None, "refused"), True),  # type: ignore[arg-type]
        (NameResolutionError("h", None, OSError("no such name")), True),  # type: ignore[arg-type]
        (SSLError(ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")), True),
        # As macOS and Windows say it, where Python asks them.
        (SSLError(ssl.SSLCertVerificationError("The certificate is not trusted.")), True),
        (SSLError(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")), False),
        (ProtocolError("aborted", ConnectionResetError(104, "reset")), False),
        (ProxyError("Unable to connect to proxy", NewConnectionError(None, "refused")), True),  # type: ignore[arg-type]
        (ProxyError("Unable to connect to proxy", OSError("Tunnel connection failed: 403 Forbidden")), True),
        # The library says this too where the proxy had the whole request.
        (ProxyError("Unable to connect to proxy", ConnectionResetError(104, "reset")), False),
    ],
)
def test_only_a_connection_that_never_began_was_not_used(reason: Exception, before: bool, client_to: Clients) -> None:
    client = client_to(HERE)
    wrapped = requests.exceptions.SSLError if isinstance(reason, SSLError) else requests.exceptions.ConnectionError
    client.adapter = Raises(wrapped(MaxRetryError(None, "/", reason)))  # type: ignore[arg-type]
    outcome = client.create(PACKAGED_COMPONENT, {}, "Packaging it")
    assert isinstance(outcome, Refused if before else Unknown)


# -- what Boomi may say --------------------------------------------------------------------------------

SAID = "Component c is locked."
BODIES: Mapping[str, tuple[bytes, str]] = {
    "typed": (b'{"@type":"Error","message":"Component c is locked."}', SAID),
    "plain": (b'{"message":"Component c is locked."}', SAID),
    "nested": (b'{"error":{"message":"Component c is locked."}}', SAID),
    "flat": (b'{"error":"Component c is locked."}', SAID),
    "bom": (b'\xef\xbb\xbf{"message":"Component c is locked."}', SAID),
    "xml": (b'<?xml version="1.0"?><error><message>Component c is locked.</message></error>', SAID),
    "namespaced": (b'<error xmlns="u"><message xml:lang="en">\n Component c is\n locked.</message></error>', SAID),
    "words": (b"<p><b>Blocked&nbsp;by policy</b> R&amp;D &#8470;7</p>", "Blocked by policy R&D №7"),
    "entities": (b"<error><message>Component &lt;c&gt; is locked.</message></error>", "Component <c> is locked."),
    "text": (b"Component c\tis locked.\r\n", SAID),
    "string": (b'"Component c is locked."', f'"{SAID}"'),
    "empty": (b"", ""),
    "spaces": (b" \n ", ""),
    "null": (b"null", "null"),
    "list": (b'["a"]', '["a"]'),
    "number": (b"7", "7"),
    "no message": (b'{"code":7}', ""),
    "odd message": (b'{"message":{"text":"a"}}', "{'text': 'a'}"),
    "latin": ("Composant verrouillé".encode("latin-1"), "Composant verrouill�"),
    "control": (b'{"message":"a\\u0000b\\u001b[31mc\\u202ed\\nlast"}', r"a\x00b\x1b[31mc\u202ed last"),
    "deep": (b"[" * 100_000, "[" * 500),
    "deep object": (b'{"a":' * 100_000, '{"a":' * 100),
    "long": (b'{"message":"' + b"x" * 5000 + b'"}', "x" * 500),
    "cut": (b'{"message":"Component c is', '{"message":"Component c is'),
}

PAGES = {
    "html": (b"<html><body><h1>502</h1><p>Bad gateway</p></body></html>", "502 Bad gateway"),
    "page": (
        b"<!DOCTYPE html><title>Denied</title><style>b {color: red}</style>\n<SCRIPT>var a = '<b>';</SCRIPT><!-- > -->",
        "Denied",
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_words_of_a_page_are_shown_and_are_not_boomis(name: str, script: Scripts, client_to: Clients) -> None:
    body, said = PAGES[name]
    with pytest.raises(BadAnswer) as caught:
        client_to(script(answer(400, body)).url).get(PACKAGED_COMPONENT, "p-1")
    assert (caught.value.said, caught.value.status) == (said, 400)


@pytest.mark.parametrize("name", BODIES)
def test_boomis_words_are_found_in_any_body(name: str, script: Scripts, client_to: Clients) -> None:
    body, said = BODIES[name]
    client = client_to(script(answer(400, body)).url)
    with pytest.raises(BadRequest) as caught:
        client.get(PACKAGED_COMPONENT, "p-1")
    assert caught.value.said == said
    assert caught.value.status == 400
    quoted = f': "{said}"' if said else ""
    assert str(caught.value) == f"Reading PackagedComponent p-1 failed: Boomi answered 400{quoted}."
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 407, 500, 502])
@pytest.mark.parametrize("form", ["{}", '["{}"]', "<html><body><pre>{}</pre></body></html>"])
def test_a_page_that_repeats_the_request_shows_no_token(
    status: int, form: str, script: Scripts, client_to: Clients
) -> None:
    login = base64.b64encode(f"BOOMI_TOKEN.ann@acme.example:{TOKEN}".encode()).decode()
    client = client_to(script(answer(status, form.format(f"Authorization: Basic {login} ({TOKEN})"))).url)
    acts: Sequence[Callable[[], object]] = (
        lambda: client.get(PACKAGED_COMPONENT, "p-1"),
        lambda: list(client.query(PACKAGED_COMPONENT)),
        lambda: client.bulk(PACKAGED_COMPONENT, ["p-1"]),
    )
    for act in acts:
        with pytest.raises(RequestError) as caught:
            act()
        for shown in (str(caught.value), repr(caught.value), caught.value.said):
            assert TOKEN not in shown
            assert login not in shown
    outcome = client.create(PACKAGED_COMPONENT, {}, "Packaging it")
    assert TOKEN not in str(outcome)
    assert login not in str(outcome)


@pytest.mark.parametrize("status", [*STATUSES, 409, 418, 500, 501])
def test_a_message_has_all_a_person_needs(status: int, script: Scripts, known_to: Clients) -> None:
    client = known_to(script(answer(status, {"message": SAID})).url)
    with pytest.raises(STATUSES.get(status, UnexpectedStatus)) as caught:
        client.get(PACKAGED_COMPONENT, "p-1")
    text = str(caught.value)
    for part in ("Reading", "PackagedComponent", "p-1", str(status), SAID, type(caught.value).advice):
        assert part in text
    assert "\n" not in text
    assert TOKEN not in text
    assert text.rstrip().endswith(".")


@pytest.mark.parametrize("kind", [each for each in vars(errors).values() if isinstance(each, type)])
def test_a_message_ends_its_sentences(kind: type) -> None:
    if not issubclass(kind, RequestError):
        return
    for said in ("", "No.", "No"):
        for details in ({"status": 500}, {"detail": "it broke"}, {"status": 500, "detail": "it broke"}):
            text = str(kind("Reading it", said=said, **details))
            assert text.startswith("Reading it failed: ")
            assert "  " not in text
            assert ".." not in text
            assert text.endswith(".")


def test_a_403_says_boomis_words_before_any_hint_and_more_than_one_cause(script: Scripts, known_to: Clients) -> None:
    said = "The feature of integration packs is not enabled for this account."
    client = known_to(script(answer(403, {"message": said})).url)
    with pytest.raises(Forbidden) as caught:
        client.get(PACKAGED_COMPONENT, "p-1")
    text = str(caught.value)
    assert text.startswith(f'Reading PackagedComponent p-1 failed: Boomi answered 403: "{said}" (it needs API and')
    for cause in ("read-only token", "locked", "feature", "boomi:accountId", "boomi:overrideAccount"):
        assert cause in text.partition(said)[2]


@pytest.mark.parametrize("status", [404, 405])
def test_an_address_that_is_not_boomis_is_named(status: int, script: Scripts, client_to: Clients) -> None:
    server = script(answer(status, "Not here"))
    client = client_to(server.url, override_account="acme-sub")
    outcome = client.create(PACKAGED_COMPONENT, {}, "Packaging it")
    assert isinstance(outcome, Refused)
    assert f"(to POST {server.url}/partner/api/rest/v1/{ACCOUNT}/PackagedComponent)" in str(outcome.error)


def test_an_error_tells_a_program_what_happened() -> None:
    error: Any = BadRequest("Reading it", status=400, said="no")
    assert (error.status, error.said) == (400, "no")
