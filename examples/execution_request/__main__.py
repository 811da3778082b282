"""Runs a deployed process once, and again when its test data change or another package is deployed."""

import pulumi

import boomi_pulumi as boomi

feed = boomi.get_component(name="Inventory Feed", type="process")
test = boomi.get_environment(name="Test")

smoke = boomi.ExecutionRequest(
    "inventory-smoke",
    process=feed,
    runtime=boomi.get_runtime(environment=test),
    deployment=boomi.get_deployed_package(environment_id=test.id, component_id=feed.component_id),
    triggers={"testData": "2026-03"},
    run_timeout=300,
)

pulumi.export("status", smoke.status)
pulumi.export("run", smoke.execution_id)
