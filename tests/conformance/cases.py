"""What the laws must know of each kind: one `Case` per kind, and nothing else.

A new kind gets a case here, and all laws hold for it without further test code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from boomi_pulumi.emulator import Emulator
from tests.conformance.account import component, environment, package
from tests.driver import Bag, Stored

Make = Callable[[Emulator], Any]
Edit = Callable[[Emulator], Bag]
Behind = Callable[[Emulator, Stored], object]


@dataclass(frozen=True)
class Optional:
    """One optional field, for the matrix of absent, None, empty, default, omitted, normalised.

    Attributes:
        value: A value that is not Boomi's default.
        default: What Boomi takes when the field is absent, where the field can say so.
        forms: Other forms of `value` in which Boomi may answer.
        without: Fields that cannot stand beside this one.
    """

    value: Make
    default: Make | None = None
    forms: tuple[Callable[[Any], Any], ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """What the laws must know of one kind.

    Attributes:
        kind: Its name.
        object: The Boomi object in whose answers the fields stand.
        inputs: Valid inputs, the least there can be.
        alive: Boomi's live objects of this kind.
        updates: Field -> inputs that change it, an update in place.
        replaces: Field -> inputs that change it, another object.
        optional: Every optional field that a program gives.
        invalid: Property -> inputs that `check` refuses because of it.
        vanish: Deletes the object as a person does; None where nobody can.
        drifts: Field -> how a person changes it.
        cannot_drift: Field -> why nobody can change it.
    """

    kind: str
    object: str
    inputs: Edit
    alive: Callable[[Emulator], list[Bag]]
    optional: Mapping[str, Optional]
    invalid: Mapping[str, Bag]
    updates: Mapping[str, Edit] = field(default_factory=dict)
    replaces: Mapping[str, Edit] = field(default_factory=dict)
    vanish: Behind | None = None
    drifts: Mapping[str, Behind] = field(default_factory=dict)
    cannot_drift: Mapping[str, str] = field(default_factory=dict)


def _word(value: Any) -> str:
    return str(value).lower()


def _decimal(value: Any) -> str:
    return f"{value}.0"


def _padded(value: Any) -> str:
    return f"{value}\n"


def _live_packages(boomi: Emulator) -> list[Bag]:
    return [row for row in boomi.objects("PackagedComponent") if not row["deleted"]]


def _active_deployments(boomi: Emulator) -> list[Bag]:
    return [row for row in boomi.objects("DeployedPackage") if row["active"]]


def _deploy_by_hand(boomi: Emulator, stored: Stored) -> None:
    boomi.console_deploy(stored.outputs["environmentId"], package(boomi, "1.1"))


PACKAGED_COMPONENT = Case(
    kind="PackagedComponent",
    object="PackagedComponent",
    inputs=lambda boomi: {"componentId": component(boomi), "packageVersion": "7.0"},
    alive=_live_packages,
    replaces={
        "componentId": lambda boomi: {"componentId": component(boomi, "Feed")},
        "packageVersion": lambda _: {"packageVersion": "7.1"},
    },
    optional={
        "packageVersion": Optional(lambda _: "8.0-rc1", default=lambda _: "2.0"),
        "componentVersion": Optional(lambda _: 1, default=lambda _: 2, forms=(_word, _decimal)),
        "branchName": Optional(lambda _: "feature", default=lambda _: "main"),
        "shareable": Optional(lambda _: True, default=lambda _: False, forms=(_word,)),
        "notes": Optional(lambda _: "line one\r\nline two ", forms=(_padded,)),
    },
    invalid={
        "componentId": {"componentId": "not/an/id"},
        "packageVersion": {"packageVersion": "  "},
        "componentVersion": {"componentVersion": "two"},
        "shareable": {"shareable": "perhaps"},
        "notes": {"notes": "x" * 5000},
        "componentVersoin": {"componentVersoin": 3},
    },
    vanish=lambda boomi, stored: boomi.console_delete_package(stored.outputs["packageId"]),
    cannot_drift=dict.fromkeys(
        ("componentId", "componentVersion", "packageVersion", "branchName", "shareable", "notes"),
        "nothing of a package can change once it is made",
    ),
)

DEPLOYED_PACKAGE = Case(
    kind="DeployedPackage",
    object="DeployedPackage",
    inputs=lambda boomi: {"environmentId": environment(boomi), "packageId": package(boomi)},
    alive=_active_deployments,
    updates={
        "packageId": lambda boomi: {"packageId": package(boomi, "1.1")},
        "listenerStatus": lambda _: {"listenerStatus": "PAUSED"},
    },
    replaces={
        "environmentId": lambda boomi: {"environmentId": environment(boomi, "Production")},
        "componentId": lambda boomi: {"packageId": package(boomi, "1.0", "Feed")},
    },
    optional={
        "packageId": Optional(lambda boomi: package(boomi, "1.1")),
        "componentId": Optional(component),
        "listenerStatus": Optional(lambda _: "PAUSED", default=lambda _: "RUNNING"),
        "notes": Optional(lambda _: "line one\r\nline two ", forms=(_padded,)),
    },
    invalid={
        "environmentId": {"environmentId": ""},
        "packageId": {"packageId": "a b"},
        "listenerStatus": {"listenerStatus": "running"},
        "notes": {"notes": "\x07"},
        "packageID": {"packageID": "1"},
    },
    vanish=lambda boomi, stored: boomi.console_undeploy(stored.outputs["deploymentId"]),
    drifts={"packageId": _deploy_by_hand},
    cannot_drift={
        "environmentId": "it is the slot itself",
        "componentId": "it is the slot itself",
        "listenerStatus": "Boomi sets it with a deployment only, and does not answer it for every type",
        "notes": "a note is made with a deployment, and Boomi joins notes of several",
    },
)

CASES = {case.kind: case for case in (PACKAGED_COMPONENT, DEPLOYED_PACKAGE)}
