"""A user's own unit test, with Pulumi's mocks: no account, no credentials, no network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.docs.pages import ROOT

USERS_TEST = """
import socket

import pulumi

def no_network(*_):
    raise AssertionError("the network was used")

ASKED = []
MADE = {}

class Mocks(pulumi.runtime.Mocks):
    def call(self, args):
        ASKED.append((args.token, dict(args.args)))
        answers = {
            "boomi:index:getComponent": {"componentId": "c-1", "version": 7, "name": "Order Sync"},
            "boomi:index:getEnvironment": {"id": "e-1", "classification": "PROD"},
            "boomi:index:getPackagedComponent": {"packageId": "p-0", "componentId": "c-2"},
            "boomi:index:query": {"result": [{"id": "e-1", "name": "Production"}, {"id": "e-2", "name": "Test"}]},
        }
        return answers[args.token]

    def new_resource(self, args):
        MADE[args.name] = args.inputs
        return f"{args.name}-id", {**args.inputs, "createdBy": "mock"}

pulumi.runtime.set_mocks(Mocks())
socket.socket.connect = no_network

import boomi_pulumi as boomi

orders = boomi.get_component(name="Order Sync", type="process")
production = boomi.get_environment(name="Production")
package = boomi.PackagedComponent(
    "package", component=orders, component_version=orders.version, package_version="1.4.0"
)
live = boomi.DeployedPackage("live", package=package, environment=production)
old = boomi.get_packaged_component(component_id="c-2", package_version="1.0")
near = boomi.DeployedPackage("old", package=old, environment=boomi.get_environment_output(name="Test"))
assert [each.name for each in boomi.query("Environment")] == ["Production", "Test"]
north = boomi.Provider("north", override_account="acme-north")  # of no account: nobody asks for one
beta = boomi.Provider("beta", account_id="beta", username="ann", token=pulumi.Output.secret("t"))
there = boomi.get_environment(name="Production", opts=pulumi.InvokeOptions(provider=north))
far = boomi.DeployedPackage("there", package=old, environment=there, opts=pulumi.ResourceOptions(provider=beta))

@pulumi.runtime.test
def check():
    def judge(values):
        package_id, live_package, environment, version, author, *_ = values
        assert live_package == package_id == "package-id"
        assert environment == "e-1"
        assert version == 7
        assert author == "mock"
        print("judged")
    return pulumi.Output.all(
        package.id, live.package_id, live.environment_id, package.component_version, package.created_by,
        near.id, far.id, north.id, beta.id,  # what is not waited for may be made after this test
    ).apply(judge)

check()
assert orders.component_id == "c-1" and orders.version == 7
assert production.classification == "PROD"
assert MADE["package"]["packageVersion"] == "1.4.0"
assert MADE["live"]["environmentId"] == "e-1"
assert MADE["old"]["packageId"] == MADE["there"]["packageId"] == "p-0"
assert not [name for inputs in MADE.values() for name in inputs if name == "__account"]
assert MADE["north"] == {"boomi:overrideAccount": "acme-north"}
assert ("boomi:index:getComponent", {"name": "Order Sync", "type": "process"}) in ASKED
assert ("boomi:index:getEnvironment", {"name": "Test"}) in ASKED
print("passed")
"""


def test_a_program_runs_under_mocks_alone(tmp_path: Path) -> None:
    file = tmp_path / "users_test.py"
    file.write_text(USERS_TEST, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", str(file)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["judged", "passed"]), done.stdout + done.stderr
