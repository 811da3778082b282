"""A Boomi account to test against: the Platform API's own rules, on this machine.

Run it with `python -m boomi_pulumi.emulator`, or inside a test with `Emulator`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from boomi_pulumi.emulator.switches import SWITCHES, Switch, read_settings

if TYPE_CHECKING:
    from boomi_pulumi.emulator.embedded import Emulator

__all__ = ["SWITCHES", "Emulator", "Switch", "read_settings"]


def __getattr__(name: str) -> Any:
    """Load the server, and aiohttp with it, where somebody asks for `Emulator`: the command line needs the table alone.

    Raises:
        AttributeError: There is nothing of that name.
        ModuleNotFoundError: The extra `emulator` is not installed.
    """
    if name == "Emulator":
        return import_module("boomi_pulumi.emulator.embedded").Emulator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
