"""The page about the emulator names what there is, and what it shows works."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from boomi_pulumi.emulator import Emulator
from boomi_pulumi.emulator.faults import FAULTS
from boomi_pulumi.emulator.kinds import KINDS, PRIVILEGES
from boomi_pulumi.emulator.state import SETTINGS

PAGE = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")


def test_every_setting_is_there_with_its_default() -> None:
    section = PAGE[PAGE.index("## Settings") : PAGE.index("## Routes for tests")]
    shown = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE))
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    assert {name: value.strip("`") for name, value in shown.items()} == {
        name: value if isinstance(value, str) and value else json.dumps(value) for name, value in defaults.items()
    }


def test_every_object_privilege_and_fault_is_there() -> None:
    assert not [name for name in (*KINDS, *PRIVILEGES) if name not in PAGE]
    assert not [name for name in FAULTS if f"`{name}`" not in PAGE]


def test_every_public_act_is_there() -> None:
    acts = {name for name in vars(Emulator) if not name.startswith("_")} - {"stop"}
    assert not [name for name in acts if f"`{name}`" not in PAGE]


def test_the_seed_that_is_shown_works() -> None:
    shown = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
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
