"""What a person may give to an argument, and what a look-up gives: in a program, without an engine."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pulumi
import pytest
from pulumi.runtime.stack import massage
from pydantic.alias_generators import to_snake

import boomi_pulumi as boomi
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import rules
from boomi_pulumi._python import accounts
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.native.references import origin_of
from boomi_pulumi.resources.base import BoomiResource
from tests.conformance.account import component, environment, pack, package, seed
from tests.driver import Driver, config_of
from tests.inline import Ran, run

Program = Callable[[], Any]
Runs = Callable[..., Ran]

DEV = "organization/shop/dev"
SOON = date.today() + timedelta(days=30)  # noqa: DTZ011 - any day to come


@pytest.fixture(scope="module")
def account() -> Iterator[Emulator]:
    with Emulator(seed(), rate_limit=0) as emulator:
        yield emulator


@pytest.fixture
def runs(account: Emulator) -> Iterator[Runs]:
    """Preview a program, and check what it declares."""
    account.clear_journal()
    with Driver(account.env) as driver:

        def go(program: Program, stacks: dict[str, dict[str, Any]] | None = None, **more: Any) -> Ran:
            return run(program, config_of(account.env), stacks=stacks or {DEV: {}}, driver=driver, **more)

        yield go


def told(runs: Runs, program: Program, **stacks: Any) -> str:
    """What a program that is refused prints: one line, of an error of ours or of the check."""
    try:
        ran = runs(program, **stacks)
    except pulumi.RunError as error:  # any other ends in a traceback
        return str(error)
    assert ran.failures, "it was not refused"
    return "; ".join(f"{name}: {key} {why}" for name, each in ran.failures.items() for key, why in each.items())


def none() -> pulumi.Output[Any]:
    return pulumi.Output.from_input(None)


def out(value: Any) -> pulumi.Output[Any]:
    return pulumi.Output.from_input(value)


def dev(name: str = "packageId") -> pulumi.Output[Any]:
    return pulumi.StackReference(DEV).get_output(name)


loose: Any = boomi
"""For programs that mypy would refuse as well."""

PACK = {"integration_pack_id": "pack"}
NONE: dict[str, tuple[Program, str]] = {
    "package, None": (
        lambda: loose.DeployedPackage("d", package=none(), environment_id="env"),
        "d: packageId is required: give package or package_id",
    ),
    "package, stack": (
        lambda: loose.DeployedPackage("d", package=dev(), environment_id="env"),
        f"d: packageId is None (stack {DEV} has no outputs yet: run `pulumi up` there first)",
    ),
    "package_id, stack": (
        lambda: loose.DeployedPackage("d", package_id=dev(), environment_id="env"),
        f"(stack {DEV} has no outputs yet: run `pulumi up` there first)",
    ),
    "environment, None": (
        lambda: loose.DeployedPackage("d", package_id="p", environment=none()),
        "d: environmentId is required: give environment_id (it is an output that is None)",
    ),
    "environment_id, None": (
        lambda: loose.DeployedPackage("d", package_id="p", environment_id=none()),
        "d: environmentId is required",
    ),
    "component, None": (lambda: loose.PackagedComponent("p", component=none()), "p: componentId is required"),
    "component_id, None": (lambda: loose.PackagedComponent("p", component_id=none()), "p: componentId is required"),
    "pack, None": (
        lambda: loose.ReleaseIntegrationPack("r", integration_pack=none(), components=[]),
        "r: integrationPackId is required",
    ),
    "packages, None": (
        lambda: loose.ReleaseIntegrationPack("r", **PACK, packages=none()),
        "r: components is required",
    ),
    "packages of None": (
        lambda: loose.ReleaseIntegrationPack("r", **PACK, packages=[none()]),
        "ReleaseIntegrationPack r: packages[0] is None; give a PackagedComponent",
    ),
    "connector, None": (
        lambda: loose.ConnectorVersionChange("c", classification_type=none(), version_id=none()),
        "c: classificationType is required: give classification_type (it is an output that is None); c: versionId is",
    ),
    "metadata, None": (lambda: loose.ComponentMetadata("m", component=none()), "m: componentId is required"),
    "look-up, None": (
        lambda: loose.get_packaged_component_output(id=none()),
        "get_packaged_component_output: id is None: it is an output that is None",
    ),
    "look-up, stack": (
        lambda: loose.get_packaged_component_output(id=dev()),
        f"get_packaged_component_output: id is None: stack {DEV} has no outputs yet: run `pulumi up` there first",
    ),
}
TYPES: dict[str, tuple[Program, str]] = {
    "package, a text": (
        lambda: loose.DeployedPackage("d", package="p-1", environment_id="env"),
        "DeployedPackage d: package is a text; give the result of a look-up, or the id as package_id.",
    ),
    "package, output of a text": (
        lambda: loose.DeployedPackage("d", package=out("p-1"), environment_id="env"),
        "DeployedPackage d: package is a text; give the result of a look-up, or the id as package_id.",
    ),
    "environment, output of a text": (
        lambda: loose.DeployedPackage("d", package_id="p", environment=out("env")),
        "DeployedPackage d: environment is a text",
    ),
    "component, output of a text": (
        lambda: loose.PackagedComponent("p", component=out("c")),
        "PackagedComponent p: component is a text",
    ),
    "component, a number": (
        lambda: loose.PackagedComponent("p", component=7),
        "PackagedComponent p: component is a number",
    ),
    "package, another look-up": (
        lambda: loose.DeployedPackage("d", package=loose.get_environment(name="Test"), environment_id="env"),
        "package is the result of a look-up (Environment) without packageId",
    ),
    "component_id, a record": (
        lambda: loose.PackagedComponent("p", component_id=loose.get_component(name="Sync")),
        "p: componentId is an object; a text is needed",
    ),
    "package_id, a record": (
        lambda: loose.DeployedPackage("d", package_id=loose.get_component(name="Sync"), environment_id="env"),
        "d: packageId is an object; a text is needed",
    ),
    "a position": (
        lambda: loose.PackagedComponent("p", "component"),
        "PackagedComponent p: opts is a text; after the resource's name, give every argument by its name.",
    ),
    "both": (
        lambda: loose.DeployedPackage("d", package=none(), package_id="p", environment_id="env"),
        "DeployedPackage d: give package or package_id, not both.",
    ),
    "packages and components": (
        lambda: loose.ReleaseIntegrationPack("r", **PACK, packages=[], components=[]),
        "ReleaseIntegrationPack r: give packages or components, not both.",
    ),
    "packages, ids": (
        lambda: loose.ReleaseIntegrationPack("r", **PACK, packages=["id"]),
        "ReleaseIntegrationPack r: packages[0] is a text; give a PackagedComponent, or what get_packaged_component",
    ),
    "packages, a text": (
        lambda: loose.ReleaseIntegrationPack("r", **PACK, packages="id"),
        "ReleaseIntegrationPack r: packages is a text; give a list of PackagedComponents and look-ups.",
    ),
    "packages, output of ids": (
        lambda: loose.ReleaseIntegrationPack("r", **PACK, packages=out(["id"])),
        "ReleaseIntegrationPack r: packages[0] is a text",
    ),
    "a version that is a number": (
        lambda: loose.ReleaseIntegrationPack("r", **PACK, components=[{"component_id": "c", "version": 1.0}]),
        "r: components[0].version is a number, and a text is needed: quote it",
    ),
    "a package_version that is a number": (
        lambda: loose.PackagedComponent("p", component_id="c", package_version=1.10),
        "p: packageVersion is a number, and a text is needed: quote it",
    ),
    "a look-up by a number": (
        lambda: loose.get_packaged_component(component_id="c", package_version=1.10),
        "get_packaged_component: package_version is the number 1.1; quote it",
    ),
    "a look-up by an output of a number": (
        lambda: loose.get_packaged_component_output(component_id="c", package_version=out(1.10)),
        "get_packaged_component: package_version is the number 1.1; quote it",
    ),
    "a look-up by an output": (
        lambda: loose.get_environment(name=out("Test")),
        "get_environment: name is an Output; use get_environment_output.",
    ),
    "another name inside": (
        lambda: loose.ReleaseIntegrationPack("r", **PACK, components=[{"component_id": "c", "package_version": "1"}]),
        "r: components[0].package_version is not an argument of this resource; did you mean version?",
    ),
    "an account": (
        lambda: loose.PackagedComponent("p", component_id="c", account_id="acme"),
        "p: accountId is no argument of a resource; it is a setting, boomi:accountId",
    ),
    "a day that is none": (
        lambda: loose.ConnectorVersionChange("c", classification_type="c", version_id="1", preferred_release_date=SOON),
        "c: preferredReleaseDate is not a moment",
    ),
}


@pytest.mark.parametrize("name", NONE)
def test_what_is_none_is_told_in_one_line(name: str, runs: Runs) -> None:
    program, line = NONE[name]
    assert line in told(runs, program)


def test_what_another_stack_has_instead_is_listed(runs: Runs) -> None:
    outputs = {"stacks": {DEV: {"url": "x", "packageID": "p"}}}
    found = told(runs, lambda: boomi.DeployedPackage("d", package_id=dev(), environment_id="env"), **outputs)
    assert f"(stack {DEV} has no such output; it has packageID, url: run `pulumi up` there first)" in found
    found = told(runs, lambda: boomi.get_component_output(id=dev()), **outputs)
    assert f"stack {DEV} has no such output; it has packageID, url" in found


@pytest.mark.parametrize("name", TYPES)
def test_what_is_of_another_type_is_told_in_one_line(name: str, runs: Runs) -> None:
    program, line = TYPES[name]
    assert line in told(runs, program)


@pytest.mark.parametrize(
    "kind",
    [
        boomi.PackagedComponent,
        boomi.DeployedPackage,
        boomi.ReleaseIntegrationPack,
        boomi.ConnectorVersionChange,
        boomi.ComponentMetadata,
    ],
)
def test_import_says_what_to_do_instead(kind: Any, runs: Runs) -> None:
    line = told(runs, lambda: kind("x", opts=pulumi.ResourceOptions(import_="some-id")))
    assert line == (
        f"{kind.__name__} x: leave import_ out; Pulumi cannot import dynamic resources. "
        "Declare what is there, and it is taken."
    )


# -- a bad id among good ones --------------------------------------------------------------------

BAD = [None, 7, 1.5, "", " ", "x" * 300, "a/b", "a\nb", ["c"], {"id": "c"}, True]


@pytest.mark.parametrize("bad", BAD, ids=lambda each: repr(each)[:12])
def test_a_bad_id_spoils_no_read_and_blames_nobody_else(bad: Any, account: Emulator, runs: Runs) -> None:
    sync, test, retail = component(account), environment(account), pack(account)

    def program() -> None:
        boomi.PackagedComponent("package", component_id=sync, package_version="9")
        boomi.DeployedPackage("deployed", package_id=package(account), environment_id=test)
        boomi.ReleaseIntegrationPack(
            "release",
            integration_pack_id=retail,
            components=[{"component_id": component(account, "Loyalty"), "version": "1.1"}],
        )
        boomi.PackagedComponent("bad component", component_id=out(bad), package_version="9")
        boomi.DeployedPackage("bad package", package_id=out(bad), environment_id=test)
        boomi.DeployedPackage("bad environment", package_id=package(account), environment_id=out(bad))
        boomi.ReleaseIntegrationPack("bad pack", integration_pack_id=out(bad), components=[])
        boomi.ReleaseIntegrationPack(
            "bad row", integration_pack_id=retail, components=[{"component_id": bad, "version": bad}]
        )
        folder: Any = 7 if bad in (None, "", " ") else bad  # nothing is no folder, and a blank one is the root
        boomi.ComponentMetadata("bad folder", component_id=sync, folder_id=out(folder))

    ran = runs(program, unknown=("bad row",))
    assert {name for name in ran.made if name.startswith("bad")} == set(ran.failures)
    assert "could not be looked up" not in json.dumps(ran.failures)
    assert [entry["status"] for entry in account.journal()] == [200] * len(account.journal())


# -- what is taken -------------------------------------------------------------------------------


def rows(ran: Ran, name: str = "r") -> list[Any]:
    assert ran.failures == {}
    return [(each["componentId"], each["version"]) for each in ran.made[name].inputs["components"]]


@pytest.mark.parametrize(
    "form",
    ["list", "tuple", "generator", "output of a list", "list of outputs", "exported", "awaitable", "mixed"],
)
def test_packages_in_any_form(form: str, account: Emulator, runs: Runs) -> None:
    ids = [package(account, "1.1", name) for name in ("Loyalty", "Returns")]

    def program() -> None:
        found = [boomi.get_packaged_component(id=id_) for id_ in ids]
        outputs = [boomi.get_packaged_component_output(id=out(id_)) for id_ in ids]

        async def later() -> Any:
            return found

        forms: dict[str, Any] = {
            "list": found,
            "tuple": tuple(found),
            "generator": (each for each in found),
            "output of a list": pulumi.Output.all(*found),
            "list of outputs": outputs,
            "exported": json.loads(json.dumps(found)),
            "awaitable": later() if form == "awaitable" else None,
            "mixed": [found[0], outputs[1]],
        }
        boomi.ReleaseIntegrationPack("r", integration_pack_id=pack(account), packages=forms[form])

    expected = [(component(account, name), "1.1") for name in ("Loyalty", "Returns")]
    ran = runs(program)
    assert rows(ran) == expected
    told = ran.made["r"].inputs["__facts"]["packages"]["value"]
    assert told == {f"{id_}/1.1": "shareable" for id_, _ in expected}


def test_an_unshareable_package_of_a_generator_is_refused(account: Emulator, runs: Runs) -> None:
    old = package(account, "0.9", "Loyalty")

    def program() -> None:
        found = (boomi.get_packaged_component(id=id_) for id_ in (old,))
        boomi.ReleaseIntegrationPack("r", integration_pack_id=pack(account), packages=found)

    assert "was packaged without shareable=True" in told(runs, program)


@pytest.mark.parametrize("version", ["7.7", "1.1"])
def test_a_version_that_was_never_packaged_is_refused(version: str, account: Emulator, runs: Runs) -> None:
    row = {"component_id": component(account, "Loyalty"), "version": version}

    def program() -> None:
        boomi.ReleaseIntegrationPack("r", integration_pack_id=pack(account), components=[row])

    if version == "1.1":
        assert rows(runs(program)) == [tuple(row.values())]
        return
    assert "r: components[0].version Loyalty 7.7 was never packaged, or its package was deleted" in told(runs, program)

    def beside() -> None:
        program()
        boomi.PackagedComponent("p", component_id=row["component_id"], package_version=version, shareable=True)

    assert runs(beside).failures == {}, "the program packages it"


@pytest.mark.parametrize("given", [lambda value: value, out], ids=["plain", "output"])
def test_dates_and_moments_are_taken(given: Callable[[Any], Any], account: Emulator, runs: Runs) -> None:
    moment = datetime(SOON.year, SOON.month, SOON.day, 10, tzinfo=timezone(timedelta(hours=2)))

    def program() -> None:
        row = {"component_id": component(account, "Loyalty"), "version": "1.1"}
        boomi.ReleaseIntegrationPack(
            "r", integration_pack_id=pack(account), components=(row,), release_on_date=given(SOON)
        )
        boomi.ConnectorVersionChange(
            "c", classification_type="till-dev", version_id="3", preferred_release_date=given(moment)
        )

    ran = runs(program)
    assert ran.failures == {}
    assert ran.made["r"].inputs["releaseOnDate"] == SOON.isoformat()
    assert ran.made["c"].inputs["preferredReleaseDate"] == moment.isoformat()


@pytest.mark.parametrize("given", [lambda value: value, out], ids=["plain", "output"])
@pytest.mark.parametrize("period", [timedelta(minutes=90), timedelta(days=2), timedelta(days=3_000)])
def test_a_period_of_any_length_is_taken(
    period: timedelta, given: Callable[[Any], Any], account: Emulator, runs: Runs
) -> None:
    def program() -> None:
        boomi.DeployedPackage(
            "d",
            package_id=package(account),
            environment_id=environment(account, "Production"),
            promoted_from_id=environment(account),
            promoted_after=given(period),
        )

    account.console_deploy(environment(account), package(account))
    assert "it opens on" in told(runs, program)


# -- what a look-up gives ------------------------------------------------------------------------

LOOKED_UP: dict[str, Callable[[Emulator], Any]] = {
    "environment": lambda _: boomi.get_environment(name="Test"),
    "component": lambda _: boomi.get_component(name="Sync"),
    "package": lambda account: boomi.get_packaged_component(id=package(account)),
    "pack": lambda _: boomi.get_integration_pack(name="Shop"),
    "query": lambda _: boomi.query("Environment"),
}


class Shop(pulumi.ComponentResource):
    def __init__(self, name: str, props: dict[str, Any]) -> None:
        super().__init__("acme:shop:Shop", name, props)


@pytest.mark.parametrize("name", LOOKED_UP)
def test_what_a_look_up_gives_is_an_object_everywhere(name: str, account: Emulator, runs: Runs) -> None:
    seen: dict[str, Any] = {}

    def program() -> pulumi.Output[Any]:
        found = LOOKED_UP[name](account)
        seen["plain"], seen["exported"] = json.loads(json.dumps(found)), massage(found, [])
        Shop("shop", {"found": found, "output": out(found)})
        return pulumi.Output.all(
            pulumi.Output.json_dumps({"found": found}),
            pulumi.Output.all(found, 1).apply(lambda known: known[0]),
        )

    ran = runs(program)
    text, through = ran.result
    assert seen["exported"] == seen["plain"] == json.loads(text)["found"]
    inputs = ran.made["shop"].inputs
    assert inputs["found"] == inputs["output"] == seen["plain"]
    first = through[0] if name == "query" else through
    row = seen["plain"][0] if name == "query" else seen["plain"]
    assert first.name == row.get("name") if name != "package" else first.package_id == row["packageId"]


def test_what_another_stack_exported_names_the_object(account: Emulator, runs: Runs) -> None:
    outputs: dict[str, Any] = {}

    def exporting() -> None:
        outputs.update(json.loads(json.dumps({name: look(account) for name, look in LOOKED_UP.items()})))

    runs(exporting)

    def program() -> None:
        upstream = pulumi.StackReference(DEV)
        boomi.DeployedPackage(
            "d", package=upstream.require_output("package"), environment=upstream.require_output("environment")
        )
        boomi.ReleaseIntegrationPack(
            "r",
            integration_pack=upstream.get_output("pack"),
            components=[{"component_id": component(account, "Loyalty"), "version": "1.1"}],
        )

    ran = runs(program, stacks={DEV: outputs})
    assert ran.failures == {}
    assert ran.made["d"].inputs["packageId"] == package(account)
    assert ran.made["d"].inputs["environmentId"] == environment(account)
    assert ran.made["r"].inputs["integrationPackId"] == pack(account)


@pytest.mark.parametrize("wanted", ["sync", "SYNC", "Sync  ", "sYNC"])
def test_near_names_are_found_whatever_their_case(wanted: str, runs: Runs) -> None:
    assert "There are: Sync (process in Orders" in told(runs, lambda: boomi.get_component(name=wanted))


# -- what a resource is, beside its properties ---------------------------------------------------


def test_a_child_is_told_from_others_by_the_types_above_it(runs: Runs) -> None:
    """As the plugin reads them from its URN."""

    def program() -> pulumi.Output[Any]:
        urns = {}
        outer = pulumi.ComponentResource("a:b:Outer", "outer")
        inner = pulumi.ComponentResource("a:b:Inner", "inner", opts=pulumi.ResourceOptions(parent=outer))
        for name, parent in (("top", None), ("child", outer), ("grandchild", inner)):
            opts = pulumi.ResourceOptions(parent=parent)
            urns[name] = boomi.PackagedComponent(name, component_id="sync", package_version="1", opts=opts).urn
        return pulumi.Output.all(**urns)

    ran = runs(program)
    origins = [ran.made[name].inputs["__origin"] for name in ran.result]
    assert origins == [
        "shop/dev/top",
        "shop/dev/child::a:b:Outer",
        "shop/dev/grandchild::a:b:Outer$a:b:Inner",
    ]
    urn = "urn:pulumi:dev::shop::a:b:Outer$a:b:Inner$boomi:index:PackagedComponent::grandchild"
    assert origin_of(urn) == origins[-1]


def test_a_resource_costs_few_tasks_beyond_those_of_its_properties(account: Emulator) -> None:
    """The tasks of the event loop are most of what a program costs, and the SDK makes one for each property."""
    made: list[pulumi.CustomResource] = []

    def ours() -> None:
        for number in range(5):
            one = boomi.PackagedComponent(f"p{number}", component_id=component(account), package_version=f"9.{number}")
            made.extend((one, boomi.DeployedPackage(f"d{number}", package=one, environment_id=environment(account))))

    def bare() -> None:
        for number, each in enumerate(made[:]):
            properties = (name for name, value in vars(each).items() if isinstance(value, pulumi.Output))
            pulumi.CustomResource("a:b:C", f"{number}", dict.fromkeys(properties))

    def tasks(program: Program) -> int:
        begun: list[object] = []

        def begin(loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> asyncio.Task[Any]:
            begun.append(coroutine.__qualname__)
            return asyncio.Task(coroutine, loop=loop, **more)

        def counted() -> None:
            asyncio.get_running_loop().set_task_factory(begin)
            program()

        run(counted, config_of(account.env))
        return len(begun)

    assert tasks(ours) <= tasks(bare) + 6 * len(made)


def test_a_resource_shows_properties_and_nothing_else_of_ours() -> None:
    """Whatever else is public would stand in the way of an output, and `pulumi.export` of a resource would show it."""
    own = {name for name in vars(BoomiResource) if not name.startswith("_")}
    assert own == {"get", "translate_input_property", "translate_output_property"}
    for resource in (
        boomi.PackagedComponent,
        boomi.DeployedPackage,
        boomi.ReleaseIntegrationPack,
        boomi.ConnectorVersionChange,
        boomi.ComponentMetadata,
    ):
        assert not {name for name in vars(resource) if not name.startswith("_")}, resource


def test_what_a_resource_declares_is_no_attribute_of_it(runs: Runs) -> None:
    found: list[str] = []

    def program() -> None:
        notes = pulumi.Output.secret("h1dden")
        made = boomi.PackagedComponent("p", component_id="sync", package_version="1", notes=notes)
        found.extend(name for name in vars(made) if not name.startswith("_"))

    ran = runs(program)
    assert ran.made
    known = {
        to_snake(name) for name in (*rules(KINDS["PackagedComponent"].inputs), *KINDS["PackagedComponent"].outputs)
    }
    assert {*found} <= {*known, "id", "urn", "adopted"}


# -- runs of one process -------------------------------------------------------------------------


def test_a_run_knows_nothing_of_the_tokens_of_an_earlier_one(account: Emulator) -> None:
    """A process of the Automation API runs for months, and its tokens change; a refusal is not for ever."""

    def refused() -> weakref.ref[Any]:
        found = []

        def program() -> None:
            with pytest.raises(boomi.Unauthorized):
                boomi.get_environment(name="Test")
            with pytest.raises(boomi.Unauthorized, match="this one was not sent"):
                boomi.get_environment(name="Test")
            found.append(weakref.ref(accounts.client()))

        run(program, {**config_of(account.env), "boomi:token": "revoked"})
        return found[0]

    account.clear_journal()
    first, second = refused(), refused()
    assert [entry["status"] for entry in account.journal()] == [401, 401]
    run(lambda: None, config_of(account.env))
    gc.collect()
    assert (first(), second()) == (None, None)


# -- look-ups that come after resources ----------------------------------------------------------


class Group(pulumi.ComponentResource):
    """A component with a package in it."""

    def __init__(self, account: Emulator) -> None:
        super().__init__("shop:index:Group", "group")
        opts = pulumi.ResourceOptions(parent=self)
        boomi.PackagedComponent("p", opts, component_id=component(account, "Loyalty"), package_version="8.0")


@pytest.mark.parametrize("form", ["argument", "depends_on", "list", "output", "component"])
def test_a_look_up_waits_for_the_resources_that_come_first(form: str, account: Emulator, runs: Runs) -> None:
    """As Pulumi's own functions do; the package is not there, so the look-up would fail."""

    def program() -> pulumi.Output[Any]:
        if form == "component":
            first: Any = Group(account)
        else:
            first = boomi.PackagedComponent("p", component_id=component(account, "Loyalty"), package_version="8.0")
        id_ = first.component_id if form == "argument" else component(account, "Loyalty")
        forms: dict[str, Any] = {"list": [first], "output": pulumi.Output.from_input([first]), "argument": None}
        opts = pulumi.InvokeOutputOptions(depends_on=forms.get(form, first))
        found = boomi.get_packaged_component_output(component_id=id_, package_version="8.0", opts=opts)
        return found.apply(lambda _: "read")

    assert runs(program, unmade=["p"]).result is None
    assert "There is no package 8.0" in told(runs, program)
