"""What is wrong is said at preview, about the right property, in one paragraph, before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pulumi
import pytest

import boomi_pulumi
from boomi_pulumi.emulator import Emulator
from tests.driver import Driver
from tests.engine.project import PIPELINE, TOKENS, VIEWER, Project, Stack, account
from tests.inline import run

if TYPE_CHECKING:
    from collections.abc import Iterator

GOOD = 'boomi.PackagedComponent("good", component_id="order-sync", package_version="1.0")\n'
WRONG_TOKEN = "5ecre7-70ken-0f-n0b0dy"  # noqa: S105 - nobody's


class Case(NamedTuple):
    """A mistake: the program, the property that it is about (none where the program itself ends), what is read."""

    program: str
    property: str
    texts: tuple[str, ...]
    env: dict[str, str] = {}  # noqa: RUF012 - of a tuple, which nobody changes


def package(arguments: str) -> str:
    return f'boomi.PackagedComponent("bad", {arguments})'


def deployment(arguments: str) -> str:
    return f'boomi.DeployedPackage("bad", {arguments})'


CASES = {
    "a misspelt argument": Case(
        package('component_id="order-sync", package_versoin="1"'),
        "packageVersoin",
        ("is not an argument of this resource; did you mean package_version?",),
    ),
    "no component": Case(package('package_version="1"'), "componentId", ("is required: give component_id",)),
    "an empty id": Case(package('component_id=""'), "componentId", ("is empty; an id is needed",)),
    "a version with a line break": Case(
        package('component_id="order-sync", package_version="1\\n2"'), "packageVersion", ("line break",)
    ),
    "a version with blanks": Case(
        package('component_id="order-sync", package_version=" 1 "'), "packageVersion", ("white space",)
    ),
    "an empty version": Case(
        package('component_id="order-sync", package_version=""'),
        "packageVersion",
        ("is empty; leave the argument out or give a text",),
    ),
    "notes without end": Case(
        package('component_id="order-sync", notes="n" * 4001'), "notes", ("are 4001 characters long; 4000 is the most",)
    ),
    "a revision of the future": Case(
        package('component_id="order-sync", package_version="2.0", component_version=9'),
        "componentVersion",
        ("does not exist: the newest revision of Order Sync is 3",),
    ),
    "an unknown component": Case(
        package('component_id="no-such-thing"'),
        "componentId",
        ('names no component of this account (Boomi said: "ComponentId no-such-thing is invalid.',),
    ),
    "a deleted component": Case(
        package('component_id="old-sync"'),
        "componentId",
        ("names Old Sync, which was deleted on", "by someone@boomi.example; restore it first"),
    ),
    "a map": Case(package('component_id="order-map"'), "componentId", ("names Order Map, a Map; Boomi packages only",)),
    "a route to be shared": Case(
        package('component_id="order-route", shareable=True'),
        "shareable",
        ("is for processes and API Services; Order Route is a Process Route",),
    ),
    "an unknown environment": Case(
        deployment('package_id="stock-feed-0.9", environment_id="env-moon"'),
        "environmentId",
        ('names no environment that this user can see (Boomi said: "EnvironmentId env-moon is invalid.',),
    ),
    "an unknown package": Case(
        deployment('package_id="no-such-package", environment_id="env-dev"'),
        "packageId",
        ("names no package of this account",),
    ),
    "no package": Case(deployment('environment_id="env-dev"'), "packageId", ("is required: give package",)),
    "an unknown listener status": Case(
        deployment('package_id="stock-feed-0.9", environment_id="env-dev", listener_status="STOPPED"'),
        "listenerStatus",
        ("'RUNNING' or 'PAUSED'",),
    ),
    "a name that two have": Case(
        'boomi.get_component(name="Twin")',
        "",
        ("There are 2 of component 'Twin'", "twin-orders", "twin-stores", "Narrow it down with type= or folder="),
    ),
    "a name that nobody has": Case(
        'boomi.get_environment(name="Prod")',
        "",
        ("There is no environment 'Prod'. There are:", "Production (PROD, env-production)"),
    ),
    "two ways at once": Case(
        package('component_id="order-sync", component=boomi.get_component(id="order-sync")'),
        "",
        ("give component or component_id, not both.",),
    ),
    "no token": Case(
        "", "", ("Boomi settings are incomplete: boomi:token (BOOMI_TOKEN) not set.",), {"BOOMI_TOKEN": ""}
    ),
    "a wrong token": Case(
        package('component_id="stock-feed", package_version="1.0"'),
        "",  # nothing can be looked up, of whichever resource the engine asks first
        (
            "has a problem: componentId ",
            "could not be looked up",
            "Boomi answered 401",
            "boomi:token is revoked, expired",
            'See docs/settings.md, "Is it right?"',
        ),
        {"BOOMI_TOKEN": WRONG_TOKEN},
    ),
    "a look-up with a wrong token": Case(
        'boomi.get_environment(name="Dev")',
        "",
        ("Boomi answered 401", "boomi:accountId and boomi:username are swapped"),
        {"BOOMI_TOKEN": WRONG_TOKEN},
    ),
    "a user without the privilege": Case(
        'boomi.get_packaged_component(component_id="stock-feed")',
        "",
        ("Boomi answered 403", "privilege"),
        {"BOOMI_USERNAME": VIEWER, "BOOMI_TOKEN": TOKENS[VIEWER]},
    ),
    "an unknown region": Case(
        "", "", ("BOOMI_REGION is 'MARS'; it must be US or GB (the European one).",), {"BOOMI_REGION": "MARS"}
    ),
    "an address with a path": Case(
        "", "", ("BOOMI_BASE_URL must be scheme and host only",), {"BOOMI_BASE_URL": "https://api.boomi.com/api"}
    ),
    "an address that sends the token in clear": Case(
        "", "", ("BOOMI_BASE_URL is plain http to boomi.example",), {"BOOMI_BASE_URL": "http://boomi.example"}
    ),
    "nobody at the address": Case(
        'boomi.get_environment(name="Dev")',
        "",
        ("Check boomi:baseUrl",),
        {"BOOMI_BASE_URL": "http://127.0.0.1:1"},
    ),
}


ON_THE_ENGINE = (
    "a misspelt argument",
    "an unknown component",
    "a name that two have",
    "two ways at once",
    "no token",
    "a wrong token",
    "a look-up with a wrong token",
    "nobody at the address",
)
"""What the engine makes of a refusal of each sort; all others are told by the program and the plugin alone."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for all cases: none of them may change it."""
    with account() as boomi:
        project = Project(tmp_path_factory.mktemp("refused"), boomi)
        project.tokens.add(WRONG_TOKEN)
        made = project.stack(program=GOOD)
        made.up()
        yield made
        project.no_token()


@pytest.fixture(scope="module")
def boomi() -> Iterator[Emulator]:
    with account() as emulator:
        yield emulator


@pytest.mark.parametrize("name", [name for name in CASES if name not in ON_THE_ENGINE])
def test_a_mistake_is_told(name: str, boomi: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES[name]
    for variable, value in {**boomi.env, "BOOMI_RATE_LIMIT": "0", **case.env}.items():
        monkeypatch.setenv(variable, value)
    with Driver(boomi.env) as driver:
        try:
            ran = run(lambda: exec(f"{case.program}\n{GOOD}", {"boomi": boomi_pulumi}), {}, driver=driver)  # noqa: S102 - ours
            said = ran.failures["bad"][case.property]
        except (boomi_pulumi.BoomiError, pulumi.RunError) as error:
            assert not case.property
            said = str(error)
    assert all(words in said for words in case.texts), said
    assert "\n" not in said
    assert len(said) < 550
    assert PIPELINE not in said


@pytest.mark.engine
@pytest.mark.parametrize("case", [CASES[name] for name in ON_THE_ENGINE], ids=ON_THE_ENGINE)
def test_a_mistake_is_told_at_preview(stack: Stack, case: Case) -> None:
    before = stack.state()
    # The mistake first: where the program itself ends, no other resource has been told of by then.
    seen = stack.preview(f"{case.program}\n{GOOD}", fails=True, env=case.env)
    told = [text for text in seen.errors() if all(words in text for words in case.texts)]
    assert len(told) == 1, seen.output
    said = told[0].rpartition("has a problem: ")[2].strip()
    assert "\n" not in said
    assert len(said) < 550
    if case.property:
        assert f"resource 'bad' has a problem: {case.property}" in told[0]
    assert stack.state() == before
    assert PIPELINE not in told[0]
