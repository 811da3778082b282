"""A Boomi account to test against: the Platform API's own rules, on this machine.

Run it with `python -m boomi_pulumi.emulator`, or inside a test with `Emulator`.
"""

from boomi_pulumi.emulator.embedded import Emulator
from boomi_pulumi.emulator.switches import SWITCHES, Switch, read_settings

__all__ = ["SWITCHES", "Emulator", "Switch", "read_settings"]
