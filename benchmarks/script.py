"""What release engineers' shell scripts do, per package and one after another, over one kept connection.

Query the component, query the package, create it if it is not there, query the environment, query the deployment,
deploy if it is not there. It waits between calls as long as the rate limit asks, and sends again after a 503.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests


class Script:
    """One account, sequentially.

    Args:
        env: The emulator's BOOMI_* variables.
        rate: Requests a second; 0 means no limit.
    """

    def __init__(self, env: Mapping[str, str], rate: float) -> None:
        self._base = f"{env['BOOMI_BASE_URL']}/api/rest/v1/{env['BOOMI_ACCOUNT_ID']}"
        self._session = requests.Session()
        self._session.auth = (env["BOOMI_USERNAME"], env["BOOMI_TOKEN"])
        self._session.headers["Accept"] = "application/json"
        self._gap = 1.0 / rate if rate else 0.0
        self._next = 0.0

    def release(self, component: str, version: str, environment: str) -> None:
        """Package and deploy one component, unless that was done before."""
        self._query("ComponentMetadata", componentId=component, currentVersion="true", deleted="false")
        packages = self._query("PackagedComponent", componentId=component, packageVersion=version)
        package = (
            packages[0] if packages else self._post("PackagedComponent", componentId=component, packageVersion=version)
        )
        self._query("Environment", id=environment)
        where = {"environmentId": environment, "packageId": package["packageId"], "active": "true"}
        if not self._query("DeployedPackage", **where):
            self._post("DeployedPackage", environmentId=environment, packageId=package["packageId"])

    def _query(self, kind: str, **equals: str) -> list[dict[str, Any]]:
        nested = [{"operator": "EQUALS", "property": name, "argument": [value]} for name, value in equals.items()]
        expression = nested[0] if len(nested) == 1 else {"operator": "and", "nestedExpression": nested}
        rows: list[dict[str, Any]] = self._post(f"{kind}/query", QueryFilter={"expression": expression}).get(
            "result", []
        )
        return rows

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        for _ in range(100):
            pause = self._next - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            self._next = time.monotonic() + self._gap
            answer = self._session.post(f"{self._base}/{path}", json=body, timeout=60)
            if answer.status_code != 503:  # noqa: PLR2004 - Boomi's word for "too fast"
                answer.raise_for_status()
                value: dict[str, Any] = answer.json()
                return value
            time.sleep(1)
        raise TimeoutError(f"{path}: Boomi answered 503 a hundred times")


if __name__ == "__main__":
    work = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    script = Script(os.environ, float(sys.argv[2]))
    for component, version in work["packages"].items():
        script.release(component, version, work["environment"])
