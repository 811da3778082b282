"""The former name of `objects.py`: the script that records states still imports it."""

from __future__ import annotations

from boomi_pulumi.emulator.objects import PRIVILEGES

__all__ = ["PRIVILEGES"]
