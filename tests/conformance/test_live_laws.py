"""The laws of `boomi-pulumi live`, through the SDK: what a real account is held to, every run of the suite holds."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from boomi_pulumi.cli.live.laws import LAWS, Trial
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, environment
from tests.driver import Driver

VERSIONS = ("live-1", "live-2")


class Console:
    """A person before the emulated account."""

    def __init__(self, boomi: Emulator) -> None:
        self._boomi = boomi

    def deploy(self, package_id: str) -> None:
        self._boomi.console_deploy(environment(self._boomi), package_id)

    def undeploy_active(self) -> None:
        for row in self._active():
            self._boomi.console_undeploy(row["deploymentId"])

    def delete_package(self, package_id: str) -> None:
        self._boomi.console_delete_package(package_id)

    def active_packages(self) -> list[str]:
        return [row["packageId"] for row in self._active()]

    def packages(self) -> set[str]:
        rows = self._boomi.objects("PackagedComponent")
        return {row["packageId"] for row in rows if row["packageVersion"] in VERSIONS and not row["deleted"]}

    def writes(self) -> int:
        return sum(entry["committed"] for entry in self._boomi.journal())

    def _active(self) -> list[dict[str, Any]]:
        slot = (environment(self._boomi), component(self._boomi))
        rows = self._boomi.objects("DeployedPackage")
        return [row for row in rows if row["active"] and (row["environmentId"], row["componentId"]) == slot]


def hold(boomi: Emulator) -> None:
    """Expect every law of an account, through the SDK.

    Raises:
        LawBroken: One does not hold.
    """
    with ExitStack() as drivers:

        def stack(name: str) -> Driver:
            return drivers.enter_context(Driver(boomi.env, stack=name))

        trial = Trial(component(boomi), environment(boomi), VERSIONS, stack, Console(boomi))
        for holds in LAWS.values():
            holds(trial)


def test_every_law_holds(boomi: Emulator) -> None:
    hold(boomi)
