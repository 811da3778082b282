"""Pulumi starts this repository as a plugin by this file; see PulumiPlugin.yaml."""

from boomi_pulumi.native.__main__ import run

run()
