"""The account that the cases run against: small, and the same every time."""

from __future__ import annotations

from typing import Any

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.kinds import PRIVILEGES

PEOPLE = ("ann@acme.example", "bob@acme.example")


def seed() -> dict[str, Any]:
    """Return the account's content."""
    return {
        "account": {"id": "acme-1", "name": "Acme"},
        "users": [
            {
                "name": "pulumi@acme.example",
                "token": "0badc0de-token",
                "privileges": sorted(PRIVILEGES),
            }
        ],
        "environments": [
            {"name": "Test", "classification": "TEST"},
            {"name": "Production", "classification": "PROD"},
        ],
        "branches": ["feature"],
        "folders": ["Acme/Orders"],
        "components": [
            {
                "name": "Sync",
                "folder": "Acme/Orders",
                "revisions": [
                    {"by": PEOPLE[0], "date": "2026-01-10T08:00:00Z"},
                    {"by": PEOPLE[1], "date": "2026-02-10T08:00:00Z"},
                ],
            },
            {"name": "Feed", "folder": "Acme/Orders"},
            {"name": "Api", "type": "webservice", "folder": "Acme/Orders"},
        ],
        "packages": [
            {"component": "Acme/Orders/Sync", "version": "1.0", "revision": 1, "notes": "first"},
            {"component": "Acme/Orders/Sync", "version": "1.1", "revision": 2},
            {"component": "Acme/Orders/Feed", "version": "1.0", "revision": 1},
        ],
    }


def component(boomi: Emulator, name: str = "Sync") -> str:
    """Return the id of a component."""
    return next(str(row["componentId"]) for row in boomi.objects("ComponentMetadata") if row["name"] == name)


def environment(boomi: Emulator, name: str = "Test") -> str:
    """Return the id of an environment."""
    return next(str(row["id"]) for row in boomi.objects("Environment") if row["name"] == name)


def package(boomi: Emulator, version: str = "1.0", name: str = "Sync") -> str:
    """Return the id of a package."""
    wanted = (component(boomi, name), version)
    rows = boomi.objects("PackagedComponent")
    return next(str(row["packageId"]) for row in rows if (row["componentId"], row["packageVersion"]) == wanted)
