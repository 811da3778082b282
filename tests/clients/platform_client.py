"""What another published client does: run by the Python that has it, prints one line of JSON per step.

python platform_client.py BASE_URL ACCOUNT USERNAME TOKEN, with pyboomi-platform on PYTHONPATH.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from typing import Any

from pyboomi_platform import BoomiPlatformClient  # type: ignore[import-not-found]  # not in our environment


def step(name: str, act: Callable[[], Any], good: Callable[[Any], Any] = bool) -> Any:
    """Do one thing; a step that fails is told, and the next one is done all the same."""
    try:
        value = act()
        problem = "" if good(value) else f"unexpected answer: {value}"
    except Exception as error:  # noqa: BLE001
        value, problem = None, f"{type(error).__name__}: {error}"
    sys.stdout.write(json.dumps({"step": name, "problem": problem[:300]}) + "\n")
    return value


def found(page: Any) -> bool:
    """Tell whether a query has found something."""
    return bool(page["result"])


def where(**equal: str) -> dict[str, Any]:
    """Return a filter; this client passes on what it is given."""
    nested = [{"operator": "EQUALS", "property": name, "argument": [value]} for name, value in equal.items()]
    return {"QueryFilter": {"expression": {"operator": "and", "nestedExpression": nested}}}


def run(base: str, account: str, username: str, token: str) -> None:
    """Do everything once."""
    warnings.simplefilter("ignore")
    user = username.removeprefix("BOOMI_TOKEN.")
    sdk = BoomiPlatformClient(account_id=account, username=user, api_token=token, base_url=f"{base}/api/rest/v1")
    current = where(name="Sync", currentVersion="true")
    page = step("ComponentMetadata query", lambda: sdk.query_component_metadata(current), found)
    component = page["result"][0]["componentId"]
    step("ComponentMetadata get", lambda: sdk.get_component_metadata(component))
    step("ComponentMetadata query of all", sdk.query_component_metadata, found)
    step("Component get", lambda: sdk.get_component(component))
    step("ComponentReference get", lambda: sdk.get_component_reference(component))
    step("ComponentReference query", lambda: sdk.query_component_reference(where(componentId=component)), found)
    made = step("PackagedComponent create", lambda: sdk.create_packaged_component(component, "py-1", "n"))
    package = made["packageId"]
    step("PackagedComponent get", lambda: sdk.get_packaged_component(package))
    step("PackagedComponent query", lambda: sdk.query_packaged_components(where(packageId=package)), found)
    page = step("PackagedComponent query of all", sdk.query_packaged_components, found)
    step("PackagedComponent queryMore", lambda: sdk.query_more_packaged_components(page["queryToken"]), found)
    step("PackagedComponentManifest get", lambda: sdk.get_packaged_component_manifest(package))
    page = step("Environment query", lambda: sdk.query_environments(where(name="Dev")), found)
    environment = page["result"][0]["id"]
    step("Environment get", lambda: sdk.get_environment(environment))
    step("Environment query of all", sdk.query_environments, found)
    step("Environment create", lambda: sdk.create_environment("Py", "TEST"))
    made = step("DeployedPackage create", lambda: sdk.create_deployed_package(package, environment))
    step("DeployedPackage get", lambda: sdk.get_deployed_package(made["deploymentId"]))
    step("DeployedPackage query", lambda: sdk.query_deployed_packages(where(environmentId=environment)), found)
    step("Process query", lambda: sdk.query_process(where(name="Sync")), found)
    page = step("Branch query", lambda: sdk.query_branches(where(name="main")), found)
    step("Branch get", lambda: sdk.get_branch(page["result"][0]["id"]))
    folder = step("Folder create", lambda: sdk.create_folder("Py"))
    step("Folder get", lambda: sdk.get_folder(folder["id"]))
    step("Folder update", lambda: sdk.update_folder(folder["id"], "Py 2"))
    step("Folder query", lambda: sdk.query_folder(where(name="Py 2")), found)
    step("Folder query of all", sdk.query_folder, found)
    step("Folder delete", lambda: sdk.delete_folder(folder["id"]), lambda _value: True)


if __name__ == "__main__":
    run(*sys.argv[1:])
