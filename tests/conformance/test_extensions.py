"""Extensions: a field that the program does not name stays what the others left, and no secret is told to anybody."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from boomi_pulumi._api.errors import NotFound
from boomi_pulumi._reads.finders import FINDERS
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, declaring, environment, only_dynamic, package, runtime
from tests.conformance.test_laws import assert_settled
from tests.driver import CheckFailed, Driver, PluginError, Ref, Resource, Step, is_marked

MARKER = "m4rk3r-0f-th3-t3st"
HOST, PORT, PASSWORD = (f"connections/Orders DB/{name}" for name in ("host", "port", "password"))
SECRET = frozenset({PASSWORD})


def values(boomi: Emulator, name: str = "Test") -> dict[str, Any]:
    """Return the stored values of an environment, by the names that people know."""
    fields = [each for row in boomi.objects("Declaration") for each in row["fields"]]
    known = {"/".join(filter(None, (each["section"], each["component"], each["field"]))): each for each in fields}
    return {
        "/".join(filter(None, (each["section"], each["name"], each["label"] or each["field"]))): value
        for key, value in boomi.extension_values(environment(boomi, name)).items()
        if (each := known.get(key)) is not None
    }


def about(boomi: Emulator, path: str) -> dict[str, Any]:
    """Return the declaration of a field."""
    section, name, *field = path.split("/", 2)
    fields = (each for row in boomi.objects("Declaration") for each in row["fields"])
    same = (each for each in fields if (each["section"], each["name"]) == (section, name))
    return next(each for each in same if not field or field[0] in (each["field"], each["label"]))


def body(boomi: Emulator, path: str, value: Any) -> dict[str, Any]:
    """Return what a person sends to save one field; None takes the value back."""
    section, name = path.split("/", 2)[:2]
    field = about(boomi, path)
    if section == "properties":
        return {"properties": {"property": [{"name": name, **({} if value is None else {"value": value})}]}}
    new = {"value": value, "useDefault": False}
    if section == "processProperties":
        parts = [{"key": field["field"], **({} if value is None else new)}]
        return {section: {"ProcessProperty": [{"id": field["component"], "ProcessPropertyValue": parts}]}}
    parts = [{"id": field["field"], **({"useDefault": True} if value is None else new)}]
    return {section: {"connection": [{"id": field["component"], "field": parts}]}}


def by_hand(boomi: Emulator, path: str, value: Any, name: str = "Test") -> None:
    """Save one field, as another team does."""
    boomi.save_extensions(environment(boomi, name), by="maria.lopez@acme.example", **body(boomi, path, value))


def saves(boomi: Emulator) -> list[dict[str, Any]]:
    """Return the saves of clients."""
    return [each for each in boomi.journal() if each["object"] == "EnvironmentExtensions" and each["verb"] == "update"]


@pytest.fixture
def ours(boomi: Emulator) -> Resource:
    inputs = {
        "environmentId": declaring(boomi),
        "connections": {"Orders DB": {"host": "db1.acme", "password": MARKER}},
        "properties": {"DPP_BATCH_SIZE": "500"},
    }
    return Resource("it", "EnvironmentExtensions", inputs, secrets=SECRET)


def connections(program: Resource, **fields: str | None) -> Resource:
    """Return the program with other fields of the connection; None takes one out."""
    there = {**program.inputs["connections"]["Orders DB"], **fields}
    return program.edited(connections={"Orders DB": {name: each for name, each in there.items() if each is not None}})


# -- one save, of what differs -------------------------------------------------------------------


def test_all_that_differs_is_one_save(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    assert driver.up(ours) == [Step("create", "it")]
    assert values(boomi) == {HOST: "db1.acme", PASSWORD: MARKER, "properties/DPP_BATCH_SIZE": "500"}
    assert len(saves(boomi)) == 1
    assert boomi.listener_restarts(environment(boomi)) == 1
    assert list(boomi.runtime_secrets(runtime(boomi)).values()) == [MARKER]
    assert_settled(driver, boomi, ours)
    assert boomi.listener_restarts(environment(boomi)) == 1


def test_where_all_is_as_declared_nothing_is_sent(driver: Driver, boomi: Emulator) -> None:
    declaring(boomi)
    by_hand(boomi, HOST, "db1.acme")
    inputs = {"environmentId": environment(boomi), "connections": {"Orders DB": {"host": "db1.acme"}}}
    driver.up(Resource("it", "EnvironmentExtensions", inputs))
    assert saves(boomi) == []


@pytest.mark.parametrize("echo", ["whole", "sent", "sentWithSecrets"])
@pytest.mark.parametrize("taken", ["property", "component"])
def test_what_others_set_stays(echo: str, taken: str, driver: Driver, boomi: Emulator, ours: Resource) -> None:
    others = {PORT: "1521", "processProperties/Order Settings/Depth": "3", "processProperties/Order Settings/Key": "k"}
    for path, value in others.items():
        by_hand(boomi, path, value)
    boomi.settings(extensionsEcho=echo, partialProcessProperty=taken)
    program = ours.edited(processProperties={"Order Settings": {"Warehouse": "W1"}})
    driver.up(program)
    driver.up(connections(program, host="db2.acme"))
    driver.destroy()
    assert values(boomi).items() >= others.items()


@pytest.mark.parametrize("fault", ["refuse", "503-before", "error-before", "page-before", "reset-before"])
def test_a_failed_read_never_becomes_a_write(fault: str, driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    before = values(boomi)
    boomi.faults({"kind": fault, "object": "EnvironmentExtensions", "verb": "bulk", "times": 1000})
    with pytest.raises((PluginError, CheckFailed)):
        driver.up(connections(ours, host="db3.acme"))
    assert values(boomi) == before


@pytest.mark.parametrize("fault", ["503-after", "500-after", "reset-after", "half-body", "error-after", "503-before"])
def test_a_save_whose_answer_is_lost_is_settled(fault: str, driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.faults({"kind": fault, "object": "EnvironmentExtensions", "verb": "update"})
    driver.up(ours)
    assert values(boomi) == {HOST: "db1.acme", PASSWORD: MARKER, "properties/DPP_BATCH_SIZE": "500"}
    assert_settled(driver, boomi, ours)


# -- secrets -------------------------------------------------------------------------------------


def in_clear(value: Any) -> bool:
    """Tell whether the marker stands outside of what is marked as a secret."""
    if is_marked(value):
        return False
    if isinstance(value, Mapping):
        return any(map(in_clear, value.values()))
    return any(map(in_clear, value)) if isinstance(value, list) else MARKER in str(value)


def test_a_secret_is_marked_by_itself(driver: Driver, ours: Resource) -> None:
    driver.up(ours)
    for bag in (driver.state.resources["it"].inputs, driver.state.resources["it"].outputs):
        fields = bag["connections"]["Orders DB"]
        assert fields["host"] == "db1.acme"
        assert not in_clear(bag)
        assert MARKER in str(fields["password"])


def test_a_secret_is_sent_when_it_changes_and_told_as_a_line(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    changed = connections(ours, password=f"{MARKER}-2")
    assert driver.preview(changed) == [Step("update", "it")]
    assert driver.shown["it"]["changes"] == [f"{PASSWORD}: a new secret"]
    assert driver.shown["it"]["restarts"] == "every listener of Test restarts (1 runtime)"
    driver.up(changed)
    assert values(boomi)[PASSWORD] == f"{MARKER}-2"
    driver.up(changed.edited(secretsVersion="2"))
    assert len(saves(boomi)) == 3


def test_a_secret_that_was_set_back_is_set_again(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    by_hand(boomi, PASSWORD, None)
    driver.refresh()
    assert driver.up(ours) == [Step("update", "it")]
    assert values(boomi)[PASSWORD] == MARKER


def test_another_runtime_gets_all_secrets(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    boomi.attach(runtime(boomi, "test-2"), environment(boomi))
    assert boomi.runtime_secrets(runtime(boomi, "test-2")) == {}
    program = connections(ours, host="db2.acme")  # the plugin asks nothing where the program is as it was
    driver.up(program)
    assert list(boomi.runtime_secrets(runtime(boomi, "test-2")).values()) == [MARKER]
    assert_settled(driver, boomi, program)


@pytest.mark.parametrize("read", ["absent", "empty"])
def test_what_boomi_encrypts_must_be_a_secret(read: str, driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.settings(encryptedRead=read)
    with pytest.raises(CheckFailed, match="is encrypted by Boomi; give it as a secret"):
        driver.preview(replace(ours, secrets=frozenset()))
    assert saves(boomi) == []


def test_a_secret_in_a_table_is_refused(driver: Driver, ours: Resource) -> None:
    program = ours.edited(crossReferences={"Countries": [[MARKER]]})
    with pytest.raises(CheckFailed, match="is a secret, and Boomi shows a table in clear") as caught:
        driver.preview(replace(program, secrets=SECRET | {"crossReferences/Countries"}))
    assert MARKER not in str(caught.value)


def test_a_secret_that_boomi_does_not_encrypt_is_told(
    driver: Driver, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(replace(ours, secrets=SECRET | {"properties/DPP_BATCH_SIZE"}))
    assert "Boomi does not encrypt properties/DPP_BATCH_SIZE" in "".join(capfd.readouterr())


def test_no_secret_in_what_is_told(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    """Right, wrong, in a place of its own, refused by Boomi, in an answer that repeats it."""
    boomi.settings(extensionsEcho="sentWithSecrets")
    wrong = connections(ours, passwort=MARKER)
    said = []
    for fault in (None, "refuse", "500-after", "half-body", "page-after", "error-before"):
        for number, program in enumerate((wrong, ours)):
            update = {"kind": fault, "object": "EnvironmentExtensions", "verb": "update", "times": 9}
            boomi.faults(*([update] if fault else []))
            changed = connections(program, password=f"{MARKER}-{fault}-{number}")
            try:
                driver.up(replace(changed, secrets=SECRET | {"connections/Orders DB/passwort"}))
            except (PluginError, CheckFailed) as error:
                said.append(str(error))
    said += capfd.readouterr()
    assert said
    assert MARKER not in "".join(said)
    assert not any(MARKER in str(entry) for entry in boomi.journal())


def test_a_reference_keeps_the_secret_out_of_the_state(driver: Driver, boomi: Emulator) -> None:
    inputs = {
        "environmentId": declaring(boomi),
        "secretReferences": {PASSWORD: {"secretsManagerType": "AWS", "secretReference": "orders/db"}},
    }
    program = Resource("it", "EnvironmentExtensions", inputs)
    driver.up(program)
    assert values(boomi)[PASSWORD]["secretReference"] == "orders/db"
    assert_settled(driver, boomi, program)


# -- what a reviewer reads -----------------------------------------------------------------------


def test_what_is_taken_over_and_released_is_told(driver: Driver, boomi: Emulator) -> None:
    declaring(boomi)
    by_hand(boomi, HOST, "db0.acme")
    inputs = {"environmentId": environment(boomi), "connections": {"Orders DB": {"host": "db1.acme", "port": "1"}}}
    program = Resource("it", "EnvironmentExtensions", inputs)
    driver.preview(program)
    (line,) = (each for each in driver.shown["it"]["changes"] if "takes over" in each)
    assert line.startswith(f"{HOST}: takes over db0.acme (last saved by maria.lopez@acme.example on 20")
    assert line.endswith("in the console)")
    driver.up(program)
    driver.up(connections(program, host=None))
    assert driver.shown["it"]["changes"] == [f"{HOST}: no longer managed; db1.acme stays"]
    assert values(boomi)[HOST] == "db1.acme"
    assert len(saves(boomi)) == 1


@only_dynamic
def test_what_somebody_changed_is_told_in_every_run(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(ours)
    by_hand(boomi, HOST, "by-hand.acme")
    capfd.readouterr()
    assert driver.preview(ours) == [Step("same", "it")]
    assert f"somebody changed {HOST}; `pulumi up --refresh` sets it again" in "".join(capfd.readouterr())


# -- what is declared ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("hots", "did you mean connections/Orders DB/host"),
        ("Orders", "is declared by no process that is deployed in Test"),
    ],
)
def test_what_nobody_declares_is_refused(path: str, said: str, driver: Driver, boomi: Emulator, ours: Resource) -> None:
    with pytest.raises(CheckFailed, match=said):
        driver.preview(connections(ours, **{path: "x"}))
    assert saves(boomi) == []


@pytest.mark.parametrize("undeclared", ["empty", 400, 404])
def test_a_deployment_of_the_same_run_brings_its_fields(
    undeclared: str | int, driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    boomi.settings(extensionsUndeclared=undeclared)
    place = environment(boomi, "Production")
    deployment = Resource("d", "DeployedPackage", {"environmentId": place, "packageId": package(boomi)})
    program = ours.edited(environmentId=place, deploymentIds=[Ref("d")])
    assert driver.up(deployment, program) == [Step("create", "d"), Step("create", "it")]
    assert values(boomi, "Production")[HOST] == "db1.acme"
    assert_settled(driver, boomi, deployment, program)


def test_a_name_that_nobody_declares_after_all_is_an_error_and_nothing_is_sent(
    driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    place = environment(boomi, "Production")
    deployment = Resource("d", "DeployedPackage", {"environmentId": place, "packageId": package(boomi)})
    program = connections(ours.edited(environmentId=place, deploymentIds=[Ref("d")]), hots="x")
    with pytest.raises(PluginError, match="did you mean connections/Orders DB/host"):
        driver.up(deployment, program)
    assert saves(boomi) == []
    assert sum(driver.clock.slept) >= 60


@pytest.mark.parametrize("kept", ["kept", "lostOnSave"])
def test_what_is_declared_no_longer_stays_in_the_state(
    kept: str, driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    boomi.settings(undeployedValues=kept)
    driver.up(ours)
    (deployed,) = (row for row in boomi.objects("DeployedPackage") if row["active"])
    boomi.console_undeploy(deployed["deploymentId"])
    driver.refresh()
    outputs = driver.state.resources["it"].outputs
    assert outputs["undeclared"] == [HOST, PASSWORD, "properties/DPP_BATCH_SIZE"]
    assert driver.preview(ours) == [Step("same", "it")]
    boomi.console_deploy(environment(boomi), package(boomi))
    driver.refresh()
    driver.up(ours)
    assert values(boomi)[HOST] == "db1.acme"


def test_a_name_that_two_components_share_lists_their_ids(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    with pytest.raises(CheckFailed, match="names 2 fields of Test; use one of the ids") as caught:
        driver.preview(ours.edited(sharedCommunications={"Twin": {"directory": "/in"}}))
    assert "twin-2" in str(caught.value)
    driver.up(ours.edited(sharedCommunications={"twin-2": {"directory": "/in"}}))
    assert boomi.extension_values(environment(boomi))["sharedCommunications/twin-2/directory"] == "/in"


def test_one_field_under_two_names_is_refused(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    id_ = next(
        each["component"]
        for row in boomi.objects("Declaration")
        for each in row["fields"]
        if each["name"] == "Orders DB"
    )
    program = ours.edited(connections={"Orders DB": {"host": "a"}, id_: {"host": "b"}})
    with pytest.raises(CheckFailed, match=r"is the same field as connections/.*/host; give it once"):
        driver.preview(program)


def test_two_resources_for_one_field_are_refused(driver: Driver, ours: Resource) -> None:
    with pytest.raises(CheckFailed, match="is declared twice: 'it' of this program"):
        driver.preview(ours, replace(ours, name="two"))


def test_two_resources_share_an_environment(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    other = Resource(
        "other", "EnvironmentExtensions", {"environmentId": environment(boomi), "properties": {"DPP_MODE": "fast"}}
    )
    driver.up(ours, other)
    assert values(boomi).items() >= {HOST: "db1.acme", "properties/DPP_MODE": "fast"}.items()
    assert_settled(driver, boomi, ours, other)


@pytest.mark.parametrize(
    "unknown",
    [
        {"connections": {"Orders DB": {"host": Ref("p", "packageId")}}},
        {"connections": {"Orders DB": Ref("p", "packageId")}},
        {"connections": Ref("p", "packageId")},
    ],
)
def test_an_unknown_value_leaves_the_rest_checked(
    unknown: Mapping[str, Any], driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    package_ = Resource("p", "PackagedComponent", {"componentId": component(boomi), "packageVersion": "9.0"})
    driver.preview(package_, ours.edited(**unknown))
    with pytest.raises(CheckFailed, match=r'connections\["Orders DB"\]|properties'):
        driver.preview(package_, ours.edited(**unknown, properties={"DPP_NONE": "x"}))


# -- the end -------------------------------------------------------------------------------------


def test_a_destroy_sends_nothing_and_says_what_stays(
    driver: Driver, boomi: Emulator, ours: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    driver.up(ours)
    before = values(boomi)
    driver.destroy()
    assert values(boomi) == before
    assert f"{HOST}, {PASSWORD}, properties/DPP_BATCH_SIZE stay as they are" in "".join(capfd.readouterr())


def test_a_destroy_may_reset_what_nobody_had_set_before(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    by_hand(boomi, HOST, "db0.acme")
    program = ours.edited(resetOnDestroy=True)
    driver.up(program)
    driver.up(program.edited(secretsVersion="2"))
    driver.up(program.edited(secretsVersion="2", declareTimeout=5, useDefault=[PORT]))
    by_hand(boomi, "properties/DPP_BATCH_SIZE", "changed by hand")
    driver.destroy()
    assert values(boomi) == {HOST: "db1.acme", "properties/DPP_BATCH_SIZE": "changed by hand"}


# -- any history ---------------------------------------------------------------------------------

Edit = Callable[[random.Random], None]
PLAIN = (HOST, PORT, "properties/DPP_BATCH_SIZE", "properties/DPP_MODE", "processProperties/Order Settings/Warehouse")


def history(seed: int) -> Iterator[tuple[str, str, str]]:
    """Return who does what to which field."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    for step in range(12):
        yield draw.choice(("us", "them", "them", "run", "refresh")), draw.choice(PLAIN), f"value-{step}"


SWITCHES = [
    {name: position}
    for name, positions in {
        "partialProcessProperty": ("property", "component"),
        "extensionsEcho": ("sent", "sentWithSecrets"),
        "encryptedRead": ("empty",),
        "unsetProperty": ("empty", "absent"),
        "unknownField": (400,),
        "undeployedValues": ("kept",),
        "tableReset": ("omit",),
        "partialRace": ("lastWins",),
        "stringy": (True,),
        "extensionsUndeclared": (400, 404),
    }.items()
    for position in positions
]


@pytest.mark.parametrize("switch", SWITCHES, ids=str)
@pytest.mark.parametrize("seed", range(2))
def test_after_any_history_others_have_what_they_left(
    seed: int, switch: dict[str, Any], driver: Driver, boomi: Emulator
) -> None:
    """The program owns what it names at the time; every other field is what its people saved last."""
    boomi.settings(**switch)
    declaring(boomi)
    mine: dict[str, str] = {HOST: "ours"}
    theirs: dict[str, str] = {}

    def program() -> Resource:
        inputs: dict[str, Any] = {"environmentId": environment(boomi)}
        for path, value in mine.items():
            section, name, *field = path.split("/", 2)
            if field:
                inputs.setdefault(section, {}).setdefault(name, {})[field[0]] = value
            else:
                inputs.setdefault(section, {})[name] = value
        return Resource("it", "EnvironmentExtensions", inputs)

    for who, path, value in history(seed):
        if who == "us":
            mine[path] = value
            theirs.pop(path, None)
        elif who == "them" and path not in mine:
            by_hand(boomi, path, value)
            theirs[path] = value
        elif who == "refresh":
            driver.refresh()
        else:
            driver.up(program())
        assert values(boomi).items() >= theirs.items()
    driver.up(program())
    assert values(boomi) == {**theirs, **mine}


# -- requests ------------------------------------------------------------------------------------


def test_requests(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    boomi.clear_journal()
    driver.preview(ours)
    asked = [each["object"] for each in boomi.journal()]
    assert sorted(asked) == ["Environment", "EnvironmentAtomAttachment", "EnvironmentExtensions"]
    boomi.clear_journal()
    driver.up(ours)
    mine = [each["verb"] for each in boomi.journal() if each["object"] == "EnvironmentExtensions"]
    assert mine == ["bulk", "bulk", "update", "bulk"]
    boomi.clear_journal()
    driver.preview(ours)
    assert len(boomi.journal()) <= 3
    boomi.clear_journal()
    driver.refresh()
    assert [each["object"] for each in boomi.journal()] == ["EnvironmentExtensions"]


def test_a_hundred_environments_are_one_read_of_each_object(driver: Driver, boomi: Emulator) -> None:
    made = (boomi.store.console("create", "Environment", by="ann@acme.example", name=f"E{n}") for n in range(9))
    places = [str(row["id"]) for row in made if row is not None]
    program = [
        Resource(f"e{n}", "EnvironmentExtensions", {"environmentId": place, "properties": {"DPP_MODE": "x"}})
        for n, place in enumerate(places)
    ]
    for place in places:
        boomi.console_deploy(place, package(boomi))
    driver.up(*program)
    boomi.clear_journal()
    driver.new_process()
    driver.preview(*program)
    asked = [each["object"] for each in boomi.journal()]
    assert len(asked) <= 3


# -- the look-up ---------------------------------------------------------------------------------


def test_the_look_up_shows_values_and_no_secret(driver: Driver, boomi: Emulator, ours: Resource) -> None:
    driver.up(ours)
    found = FINDERS["get_environment_extensions"](driver.client, environment_id=environment(boomi))
    assert found.connections == {"Orders DB": {"host": "db1.acme"}}
    assert found.properties == {"DPP_BATCH_SIZE": "500"}
    assert found.encrypted == (PASSWORD,)
    assert PORT in found.unset
    assert MARKER not in str(found)


@pytest.mark.parametrize("undeclared", ["empty", 400, 404])
def test_the_look_up_of_an_environment_without_declarations(
    undeclared: str | int, driver: Driver, boomi: Emulator
) -> None:
    boomi.settings(extensionsUndeclared=undeclared)
    found = FINDERS["get_environment_extensions"](driver.client, environment_id=environment(boomi))
    assert (found.connections, found.unset) == (None, ())
    with pytest.raises(NotFound):
        FINDERS["get_environment_extensions"](driver.client, environment_id="nowhere")


def test_who_may_not_read_the_audit_log_gets_the_line_without_it(driver: Driver, boomi: Emulator) -> None:
    declaring(boomi)
    by_hand(boomi, HOST, "db0.acme")
    boomi.faults({"kind": "refuse", "object": "AuditLog", "times": 100})
    inputs = {"environmentId": environment(boomi), "connections": {"Orders DB": {"host": "db1.acme"}}}
    driver.preview(Resource("it", "EnvironmentExtensions", inputs))
    assert f"{HOST}: takes over db0.acme" in driver.shown["it"]["changes"]


def test_a_secret_that_is_no_longer_marked_stays_one_in_the_state(
    driver: Driver, boomi: Emulator, ours: Resource
) -> None:
    driver.up(ours)
    plain = replace(ours, secrets=frozenset())
    driver.up(plain)
    for bag in (driver.state.resources["it"].inputs, driver.state.resources["it"].outputs):
        assert not in_clear(bag)
    with pytest.raises(CheckFailed, match="is encrypted by Boomi; give it as a secret"):
        driver.up(connections(plain, password=f"{MARKER}-2"))
    assert values(boomi)[PASSWORD] == MARKER


def test_a_secret_that_is_taken_out_hides_no_other_line(driver: Driver, ours: Resource) -> None:
    secret = replace(ours, secrets=SECRET | {"properties/DPP_MODE"}).edited(properties={"DPP_MODE": f"{MARKER}-3"})
    driver.up(secret)
    driver.up(connections(replace(ours, secrets=SECRET).edited(properties={"DPP_BATCH_SIZE": "1"}), host=None))
    assert driver.shown["it"]["changes"] == [
        f"{HOST}: no longer managed; db1.acme stays",
        "properties/DPP_MODE: no longer managed; its value stays",
    ]
