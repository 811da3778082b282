"""Proxies and certificates: whatever is wrong with them is one line that names the variable, and no password."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
import trustme
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BoomiError, ConnectionLost, SettingsError, Unreachable
from boomi_pulumi._api.models import ENVIRONMENT, PACKAGED_COMPONENT
from boomi_pulumi._api.retry import Policy, Refused, Unknown
from boomi_pulumi._api.route import BUNDLES
from boomi_pulumi._api.settings import Settings
from boomi_pulumi._reads import finders
from boomi_pulumi.cli.commands import cli
from tests.driver import CheckFailed, Driver, Resource
from tests.unit.conftest import ACCOUNT, TOKEN, Clients, Scripts, settings_for
from tests.unit.scripted import Scripted, answer, close, stall, tunnel

PASSWORD = "pr0xy-passw0rd"  # noqa: S105 - of no proxy
LOGIN = f"ann:{PASSWORD}@"
ROW = {"id": "e", "name": "Test"}
FOUND = {"response": [{"Result": ROW, "statusCode": 200}]}
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Take away what this machine says of proxies and certificates."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in (*BUNDLES, "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    """Return the file that a company's people are told to name."""
    authority.cert_pem.write_to_path(str(tmp_path / "company.pem"))
    return str(tmp_path / "company.pem")


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(made)
    return made


@pytest.fixture
def server(script: Scripts, context: ssl.SSLContext) -> Scripted:
    """Serve an account whose certificate the company's authority made."""
    return script(answer(200, FOUND), tls=context)


def unused() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


# -- what works ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUNDLES)
def test_the_certificates_of_a_company_are_trusted(
    name: str, bundle: str, server: Scripted, client_to: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, bundle)
    assert client_to(server.url).bulk(ENVIRONMENT, ["e"])
    assert server.requests


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_carries_requests_and_learns_no_token(
    name: str, bundle: str, server: Scripted, script: Scripts, bare: pytest.MonkeyPatch
) -> None:
    proxy = script(tunnel(server.port))
    bare.setenv("REQUESTS_CA_BUNDLE", bundle)
    bare.setenv(name, proxy.url.replace("://", f"://{LOGIN}"))
    with closing(impatient(server.url, 10.0)) as client:
        assert client.bulk(ENVIRONMENT, ["e"])
    (asked,) = proxy.requests
    assert asked.method == "CONNECT"
    assert TOKEN not in repr(asked)
    assert "BOOMI_TOKEN" not in repr(asked)
    (request,) = server.requests
    assert not [header for header in request.headers if header.startswith("proxy-")]


@pytest.mark.parametrize("value", ["localhost", "localhost,127.0.0.1", ".localhost", "*"])
def test_no_proxy_leads_past_a_proxy_that_cannot_be_used(
    value: str, bundle: str, server: Scripted, client_to: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    monkeypatch.setenv("HTTPS_PROXY", f"gopher://{LOGIN}[")
    monkeypatch.setenv("NO_PROXY", value)
    Settings.load(who(server.url).get)
    assert client_to(server.url).bulk(ENVIRONMENT, ["e"])


def test_a_blank_variable_in_lower_case_takes_the_proxy_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"gopher://{LOGIN}[")
    monkeypatch.setenv("https_proxy", "")
    Settings.load(who("https://boomi.acme.example").get)


# -- what is wrong with a value, said before any request ------------------------------------------------


def who(url: str) -> dict[str, str]:
    return {"accountId": ACCOUNT, "username": "ann@acme.example", "token": TOKEN, "baseUrl": url}


def refusal(env: Mapping[str, str], url: str = "https://boomi.acme.example") -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.load(who(url).get, env)
    text = str(caught.value)
    assert text.isprintable()
    assert PASSWORD not in text
    return text


@pytest.mark.parametrize("name", BUNDLES)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is not there"),
        (b"", "is empty"),
        (b"nothing of the kind\n", "holds no certificate in PEM format"),
        (b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n", "holds no certificate in PEM format"),
        ("-----BEGIN CERTIFICATE-----\n".encode("utf-16"), "holds no certificate in PEM format"),
    ],
)
def test_a_file_that_holds_no_certificates_is_named(
    name: str, content: bytes | None, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "company.pem"
    if content is not None:
        file.write_bytes(content)
    assert refusal({name: str(file)}).startswith(f"{name} names {file}, which {said}. It must be a PEM file")
    # A request to this machine needs none.
    Settings.load(who("http://127.0.0.1:1").get, {name: str(file)})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    assert "cannot be read" in refusal({"REQUESTS_CA_BUNDLE": str(tmp_path / "a" / "company.pem")})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (f"foo://{LOGIN}proxy.acme.example:3128", "begins with foo://"),
        (f"{LOGIN}proxy.acme.example:3128", "is not the address of a proxy"),
        (f"http://{LOGIN}", "is not the address of a proxy"),
        (f"http://{LOGIN}proxy.acme.example:99999", "is not the address of a proxy"),
        (f"http://{LOGIN}proxy.acme.example:port", "is not the address of a proxy"),
        (f"http://ann:12#{LOGIN}proxy.acme.example:3128", "is not the address of a proxy"),
        (f"http://ann:12/{LOGIN}proxy.acme.example:3128", "is not the address of a proxy"),
        (f"http://{LOGIN}[::1", "is not the address of a proxy"),
        (f"socks5://{LOGIN}127.0.0.1:1080", 'pip install "requests[socks]"'),
    ],
)
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_value_that_is_no_proxy_is_refused_and_not_shown(name: str, value: str, said: str) -> None:
    text = refusal({name: value})
    assert text.startswith(f"{name} ")
    assert said in text
    assert "ann" not in text.replace("cannot", "")


# -- what fails on the way ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trouble:
    """What goes wrong, and what a person reads of it.

    Attributes:
        env: The variables; `{company}` is the company's file, `{other}` that of another authority, `{broken}` no
            certificate, and `{port}` the proxy's.
        said: What must be read.
        proxy: Starts the proxy; nobody listens where there is none.
        final: Whether nothing more is tried.
        seconds: How long the client waits.
    """

    env: Mapping[str, str]
    said: Sequence[str]
    proxy: Callable[[Scripts, Scripted], Scripted | None] = lambda *_: None
    final: bool = False
    seconds: float = 10.0


VIA = "{url} through the proxy http://127.0.0.1:{port} (HTTPS_PROXY)"
THROUGH = {"REQUESTS_CA_BUNDLE": "{company}", "HTTPS_PROXY": f"http://{LOGIN}127.0.0.1:{{port}}"}
TROUBLES = {
    "nobody's certificate is trusted": Trouble(
        {}, ("certificate of {url} is not trusted", "Python's certifi", "let REQUESTS_CA_BUNDLE name"), final=True
    ),
    "another authority is trusted": Trouble(
        {"CURL_CA_BUNDLE": "{other}"},
        ("certificate of {url} is not trusted", "those of {other} (CURL_CA_BUNDLE)", "let CURL_CA_BUNDLE name"),
        final=True,
    ),
    "a broken certificate": Trouble(
        {"REQUESTS_CA_BUNDLE": "{broken}"},
        ("REQUESTS_CA_BUNDLE names {broken}, which holds a certificate that cannot be read",),
        final=True,
    ),
    "nobody listens": Trouble(THROUGH, (f"no connection to {VIA}", "refused", "Check HTTPS_PROXY, NO_PROXY")),
    "no such host": Trouble(
        {**THROUGH, "HTTPS_PROXY": f"http://{LOGIN}a..b:3128"}, ("through the proxy http://a..b:3128 (HTTPS_PROXY)",)
    ),
    "who are you": Trouble(
        THROUGH,
        (f"no connection to {VIA}, which answered 407 and wants another user or password", "# as %23"),
        proxy=lambda script, _: script(answer(407, "<html>who?")),
        final=True,
    ),
    "anonymous": Trouble(
        {**THROUGH, "HTTPS_PROXY": "http://127.0.0.1:{port}"},
        (f"no connection to {VIA}, which answered 407 and wants a user and a password", "into HTTPS_PROXY"),
        proxy=lambda script, _: script(answer(407, "<html>who?")),
        final=True,
    ),
    "forbidden": Trouble(
        THROUGH, (f"no connection to {VIA} (it answered 403 Whatever)",), lambda script, _: script(answer(403, "no"))
    ),
    "no answer": Trouble(
        THROUGH,
        (f"no answer from {VIA} in time", "Check HTTPS_PROXY"),
        lambda script, _: script(stall()),
        seconds=0.1,
    ),
    "no proxy": Trouble(
        THROUGH, (VIA, "SSH-2.0", "Check HTTPS_PROXY"), lambda script, _: script(close(b"SSH-2.0-x\r\n"))
    ),
    "hangs up": Trouble(THROUGH, (VIA, "Check HTTPS_PROXY"), lambda script, _: script(close())),
    "a page instead of a tunnel": Trouble(
        THROUGH, (VIA, "Check HTTPS_PROXY"), lambda script, _: script(close(b"HTTP/1.1 200 OK\r\n\r\n<html>"))
    ),
    "no TLS at the proxy": Trouble(
        {**THROUGH, "HTTPS_PROXY": f"https://{LOGIN}127.0.0.1:{{port}}"},
        (
            "{url} through the proxy https://127.0.0.1:{port} (HTTPS_PROXY), which speaks HTTP, not HTTPS",
            "Let HTTPS_PROXY begin with http://",
        ),
        proxy=lambda script, _: script(stall(), greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        final=True,
    ),
    "a proxy that opens TLS": Trouble(
        {**THROUGH, "REQUESTS_CA_BUNDLE": "{other}"},
        (f"certificate of {VIA} is not trusted", "those of {other} (REQUESTS_CA_BUNDLE)"),
        proxy=lambda script, server: script(tunnel(server.port)),
        final=True,
    ),
}


@pytest.fixture(params=TROUBLES)
def trouble(request: pytest.FixtureRequest) -> Trouble:
    return TROUBLES[request.param]


@pytest.fixture
def said(trouble: Trouble, script: Scripts, server: Scripted, bundle: str, bare: pytest.MonkeyPatch) -> Sequence[str]:
    """Bring the trouble about, and return what must be said of it."""
    other, broken = Path(bundle).with_name("other.pem"), Path(bundle).with_name("broken.pem")
    trustme.CA().cert_pem.write_to_path(str(other))
    broken.write_bytes(b"-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
    proxy = trouble.proxy(script, server)
    port = proxy.port if proxy else unused()
    values = {"company": bundle, "other": other, "broken": broken, "port": port, "url": server.url}
    for name, value in trouble.env.items():
        bare.setenv(name, value.format(**values))
    return [each.format(**values) for each in trouble.said]


def judge(text: str, said: Sequence[str]) -> None:
    assert [each for each in said if each not in text] == [], text
    assert text.isprintable()
    assert "Traceback" not in text
    for secret in (PASSWORD, TOKEN, "ann:"):
        assert secret not in text


def impatient(url: str, seconds: float) -> Client:
    settings = settings_for(url, timeout=seconds, connect_timeout=seconds)
    return Client(settings, policy=Policy(retries=1, first=0.001))


def test_a_look_up_says_it(trouble: Trouble, said: Sequence[str], server: Scripted) -> None:
    with closing(impatient(server.url, trouble.seconds)) as client:
        for _ in range(2):
            with pytest.raises((Unreachable, ConnectionLost)) as caught:
                finders.find_environment(client, id="e")
            judge(str(caught.value), said)
            assert caught.value.final is trouble.final
    assert server.requests == []


def test_a_write_says_it_and_is_refused_or_looked_after(
    trouble: Trouble, said: Sequence[str], server: Scripted
) -> None:
    with closing(impatient(server.url, trouble.seconds)) as client:
        outcome = client.create(PACKAGED_COMPONENT, {}, "Packaging it")
    assert isinstance(outcome, (Refused, Unknown))
    judge(str(outcome.error), said)
    # What proves that nothing was sent is no reason to look for it.
    assert isinstance(outcome, Refused) or not trouble.final


def test_a_resource_says_it(trouble: Trouble, said: Sequence[str], server: Scripted) -> None:
    seconds = str(trouble.seconds)
    inputs = {"componentId": "c", "packageVersion": "1.0"}
    env = {"BOOMI_ACCOUNT_ID": ACCOUNT, "BOOMI_USERNAME": "ann@acme.example", "BOOMI_TOKEN": TOKEN}
    with (
        Driver(env, baseUrl=server.url, connectTimeout=seconds, timeout=seconds) as driver,
        pytest.raises(CheckFailed) as caught,
    ):
        driver.preview(Resource("it", "PackagedComponent", inputs))
    (failure,) = caught.value.failures.values()
    judge(failure, said)


@pytest.mark.parametrize(
    ("name", "value"), [("CURL_CA_BUNDLE", "/no/such.pem"), ("HTTPS_PROXY", f"foo://{LOGIN}127.0.0.1:1")]
)
def test_the_command_check_names_a_variable_before_any_request(name: str, value: str, bare: pytest.MonkeyPatch) -> None:
    bare.setenv(name, value)
    env = {"BOOMI_ACCOUNT_ID": ACCOUNT, "BOOMI_USERNAME": "ann@acme.example", "BOOMI_TOKEN": TOKEN}
    done = CliRunner().invoke(cli, ["check"], env=env, catch_exceptions=False)
    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    judge(line, [f"boomi-pulumi check: {name} "])


def test_the_command_check_says_it(trouble: Trouble, said: Sequence[str], server: Scripted) -> None:
    seconds = str(trouble.seconds)
    env = {"BOOMI_ACCOUNT_ID": ACCOUNT, "BOOMI_USERNAME": "ann@acme.example", "BOOMI_TOKEN": TOKEN}
    more = {"BOOMI_BASE_URL": server.url, "BOOMI_CONNECT_TIMEOUT": seconds, "BOOMI_TIMEOUT": seconds}
    done = CliRunner().invoke(cli, ["check"], env={**env, **more}, catch_exceptions=False)
    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    judge(line, said)


def test_the_file_may_go_after_the_settings_were_read(
    bundle: str, server: Scripted, client_to: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    client = client_to(server.url)
    Path(bundle).unlink()
    with pytest.raises(Unreachable, match=f"REQUESTS_CA_BUNDLE names {bundle}, which is not there"):
        client.get(ENVIRONMENT, "e")


# -- what a proxy is asked ------------------------------------------------------------------------------


def test_a_proxy_that_refuses_the_password_is_asked_once(
    script: Scripts, client_to: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A company locks a user out after some refusals, as Boomi does: threads and retries count."""
    proxy = script(answer(407, "<html>who?"))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("://", f"://{LOGIN}"))
    client = client_to("https://boomi.acme.example")

    def read(number: int) -> str:
        with pytest.raises(Unreachable) as caught:
            client.get(PACKAGED_COMPONENT, f"p-{number}")
        return str(caught.value)

    with ThreadPoolExecutor(16) as pool:
        texts = list(pool.map(read, range(50)))
    assert len(proxy.requests) == 1
    assert all(text.startswith(f"Reading PackagedComponent p-{number} failed: ") for number, text in enumerate(texts))
    assert len({text.partition(" failed: ")[2] for text in texts}) == 1


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_the_token_goes_to_no_proxy_in_clear(
    name: str, script: Scripts, client_to: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without TLS a proxy would get the request itself; plain http is for this machine only."""
    proxy, server = script(answer(500)), script(answer(200, FOUND))
    monkeypatch.setenv(name, proxy.url)
    assert client_to(server.url).bulk(ENVIRONMENT, ["e"])
    assert (len(server.requests), proxy.requests) == (1, [])


# -- whatever somebody types ----------------------------------------------------------------------------


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.booleans())
@example("http://a..b:1", True)
@example("http://[::1]:1", False)
@example("http://127.0.0.1:1/proxy.pac", False)
@example("http://" + "a" * 70 + ":1", False)
@example("http://\u00df\u200d:1", True)
def test_no_value_ends_in_anything_else_or_is_shown(value: str, whole: bool) -> None:
    value = value if whole else f"http://{LOGIN}{value}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HTTPS_PROXY", value)
        # Names that happen to be somebody's are not asked for.
        patch.setattr(socket, "getaddrinfo", nobody)
        with pytest.raises(BoomiError) as caught:
            ask("https://localhost:1")
    judge(str(caught.value), [])


def ask(url: str) -> None:
    with closing(Client(Settings.load(who(url).get))) as client:
        client.answer("GET", ENVIRONMENT, "/e", "Reading it")


def nobody(*_: object, **__: object) -> NoReturn:
    raise socket.gaierror(socket.EAI_NONAME, "nobody")
