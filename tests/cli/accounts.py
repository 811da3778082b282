"""Accounts of any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def grid(names: Sequence[str], runs: Mapping[str, str], versions: Sequence[str]) -> dict[str, Any]:
    """Return an account where each component has these packages, and one of them runs in each environment.

    Args:
        names: Of the components; each has a folder `F0`, `F1` and so on, and an id `c0`, `c1` and so on.
        runs: Environment -> version.
        versions: Those of the packages.
    """
    paths = [f"Acme/F{number}/{name}" for number, name in enumerate(names)]
    return {
        "account": {"id": "acme-1", "name": "Acme"},
        "users": [
            {
                "name": "pulumi@acme.example",
                "token": "0badc0de-token",
                "privileges": ["API", "PACKAGE_MANAGEMENT", "DEPLOY", "ATOM_MANAGEMENT", "BUILD"],
            }
        ],
        "environments": [{"name": name, "classification": "TEST"} for name in runs],
        "folders": [f"Acme/F{number}" for number in range(len(names))],
        "components": [
            {"name": name, "folder": f"Acme/F{number}", "id": f"c{number}"} for number, name in enumerate(names)
        ],
        "packages": [{"component": path, "version": version} for path in paths for version in versions],
        "deployments": [
            {"component": path, "package": version, "environment": environment}
            for environment, version in runs.items()
            for path in paths
        ],
    }
