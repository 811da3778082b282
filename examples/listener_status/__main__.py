"""Pause one process that listens on a runtime; the others go on."""

import pulumi

import boomi_pulumi as boomi

orders = boomi.ListenerStatus(
    "orders-in",
    process=boomi.get_component(name="Purchase Order Import", type="process", folder="Receipts"),
    runtime=boomi.get_runtime(name="Acme Test Atom"),
    status="paused",
)

pulumi.export("reported", orders.reported_status)
