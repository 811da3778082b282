"""The page about the emulator names what there is, and what it shows works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.faults import FAULTS
from boomi_pulumi.emulator.objects import KINDS, PRIVILEGES
from boomi_pulumi.emulator.switches import SWITCHES, check_settings, table

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "emulator.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "emulator-reference.md").read_text(encoding="utf-8")


def test_the_table_of_settings_is_the_one_that_the_switches_make() -> None:
    section = REFERENCE[REFERENCE.index("## Settings") : REFERENCE.index("## Routes for tests")]
    assert "".join(line + "\n" for line in section.splitlines() if line.startswith("|")) == table()


def test_every_switch_can_be_set_to_each_of_its_positions() -> None:
    for name, switch in SWITCHES.items():
        check_settings({name: switch.default})
        for position in switch.positions:
            check_settings({name: [position] if isinstance(switch.default, list) else position})
        assert switch.sure in {"inferred", "own"} or switch.source
        with pytest.raises(ValueError, match=name):
            check_settings({name: {"no": "value"}})


def test_every_object_privilege_and_fault_is_there() -> None:
    assert not [name for name in KINDS if name not in PAGE]
    assert not [name for name in PRIVILEGES if f"`{name}`" not in REFERENCE]
    assert not [name for name in FAULTS if f"`{name}`" not in REFERENCE]


def test_every_public_act_is_there() -> None:
    acts = {name for name in vars(Emulator) if not name.startswith("_")} - {"stop"}
    assert not [name for name in acts if f"`{name}`" not in PAGE]


def test_the_seed_that_is_shown_works() -> None:
    shown = re.search(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)
    assert shown is not None
    document = yaml.safe_load(
        shown[1]
        .replace("2026-01-10T08:00:00Z", "'2026-01-10T08:00:00Z'")
        .replace("2026-02-10T08:00:00Z", "'2026-02-10T08:00:00Z'")
    )
    with Emulator(document) as boomi:
        assert boomi.objects("DeployedPackage")[0]["active"] is True
        assert len(boomi.objects("Environment", "acme-sub")) == 1


def test_the_example_works() -> None:
    shown = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert shown is not None
    exec(compile(shown[1], "docs/emulator.md", "exec"), {})  # noqa: S102  # it is our own page
