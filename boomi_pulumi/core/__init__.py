"""Pulumi's lifecycle over Boomi's objects, for any kind and any door. Knows no SDK of Pulumi."""
