from __future__ import annotations

import asyncio
import contextvars
import inspect
from collections.abc import Callable
from typing import Annotated, Any, cast

import pulumi
import pytest
from pydantic import Field

import boomi_pulumi
from boomi_pulumi import lookups
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import FilterError, SettingsError
from boomi_pulumi._api.filters import where
from boomi_pulumi._api.models import ENVIRONMENT, Environment
from boomi_pulumi._reads.finders import FINDERS, Finder, query
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import seed

ONE = {
    "get_environment": {"name": "Test"},
    "get_component": {"name": "Order Sync"},
    "get_packaged_component": {"id": "package-1"},
    "get_deployed_package": {"id": "deployment-1"},
    "get_integration_pack": {"name": "Retail"},
    "get_release_status": {"request_id": "request-1"},
    "get_runtime": {"name": "Atom"},
    "get_runtimes": {"environment_id": "env-1"},
    "get_environment_extensions": {"environment_id": "env-1"},
    "get_process_schedules": {"environment_id": "env-1"},
    "get_executions": {"process_id": "process-1"},
}
"""Arguments of each finder that name one object."""


class _Nobody:
    """A client that must not be asked."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")


NOBODY = cast("Client", _Nobody())


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(SettingsError) as caught:
        call()
    return str(caught.value)


def test_every_look_up_of_a_program_has_its_finder() -> None:
    assert {name for name in lookups.__all__ if not name.endswith("_output")} == {*FINDERS, "query"}
    for name, finder in FINDERS.items():
        for function in (getattr(boomi_pulumi, name), getattr(boomi_pulumi, f"{name}_output")):
            # These are Python's way to give an id.
            twins = {"environment", "process", "runtime"}
            taken = [each for each in inspect.signature(function).parameters if each not in twins]
            assert taken == [*finder.arguments, "opts"], function.__name__


def test_arguments_are_known_in_the_form_that_python_3_10_gives_their_types() -> None:
    def find(client: Client, *, version: Annotated[int | None, Field(description="A number.")] | None) -> Environment:
        raise NotImplementedError

    finder = Finder(find, "get_it", "Return it.", ENVIRONMENT, ways=(("version",),), beside={})
    assert (finder.arguments, finder.texts) == ({"version": int}, {"version": "A number."})


@pytest.mark.parametrize("name", FINDERS)
def test_nothing_is_sent_where_no_object_is_named(name: str) -> None:
    finder = FINDERS[name]
    refusal = f"{name}: give "
    assert refused(lambda: finder(NOBODY, **dict.fromkeys(finder.arguments))).startswith(refusal)
    assert len(finder.ways) < 2 or refused(
        lambda: finder(NOBODY, **{each: "x" for way in finder.ways for each in way})
    ).startswith(refusal)


@pytest.mark.parametrize(
    ("name", "argument"), [(name, argument) for name, finder in FINDERS.items() for argument in finder.arguments]
)
def test_a_value_of_another_type_is_refused_by_name(name: str, argument: str) -> None:
    finder = FINDERS[name]
    values: list[object] = [1.10, *([] if finder.arguments[argument] is int else [2]), True, "", " \t", ["x"], b"x"]
    for value in (*values, object()):
        given = {**ONE[name], argument: value}
        said = refused(lambda: finder(NOBODY, **given))  # noqa: B023 - it runs at once
        assert said.startswith(f"{name}: {argument} is "), value
        if finder.arguments[argument] is str and type(value) in {int, float}:
            assert "quote it" in said, value


def test_arguments_that_narrow_each_other_are_a_way_of_their_own() -> None:
    find = FINDERS["get_runtime"]
    find.check_arguments(name="Atom", environment_id="env-1")
    ways = "get_runtime: give id, or name, or environment_id, or both name and environment_id."
    for given in ({"id": "a", "name": "Atom"}, {"id": "a", "environment_id": "env-1"}, {}):
        assert refused(lambda: find(NOBODY, **given)) == ways  # noqa: B023 - it runs at once


def test_a_revision_needs_an_id() -> None:
    assert "version needs id" in refused(lambda: FINDERS["get_component"](NOBODY, name="Order Sync", version=2))


@pytest.mark.parametrize("condition", [{"name": "x"}, "name = x", where("nothing").equals("x")])
def test_a_condition_that_is_none_is_refused(condition: Any) -> None:
    with pytest.raises(FilterError):
        query(NOBODY, "Environment", condition)


def test_an_output_twin_looks_up_in_the_account_of_its_own_program() -> None:
    """Pulumi keeps the configuration of a stack in context variables, so two programs may run at the same time."""

    async def program(account: Emulator) -> Any:
        token = {"boomi:token": account.token, "boomi:rateLimit": "0", "boomi:baseUrl": account.base_url}
        who = {"boomi:accountId": account.account_id, "boomi:username": account.username}
        pulumi.runtime.set_all_config({**token, **who})
        return await pulumi.Output.all(
            boomi_pulumi.get_environment_output(name="Test"),
            boomi_pulumi.get_environment_output(name=pulumi.Output.from_input("Test")),
        ).future()

    async def both(*accounts: Emulator) -> Any:
        return await asyncio.gather(*map(program, accounts))

    def account(id_: str) -> Emulator:
        return Emulator({**seed(), "environments": [{"id": id_, "name": "Test"}], "runtimes": []})

    with account("env-one") as one, account("env-two") as two:
        found = contextvars.copy_context().run(asyncio.run, both(one, two))
    assert [[each.id for each in rows] for rows in found] == [["env-one"] * 2, ["env-two"] * 2]
