"""What a release is tried with: the lowest of every package that it names, not of some."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tools.release import requirements

METADATA = """\
Metadata-Version: 2.4
Name: boomi_pulumi
Requires-Dist: pulumi<4,>=3.235
Requires-Dist: requests<3,>=2.32.4
Provides-Extra: cli
Requires-Dist: click<9,>=8.1; extra == 'cli'
Provides-Extra: demo
Requires-Dist: rich>=13; extra == 'demo'
"""


def test_the_requirements_of_a_wheel_are_named_one_by_one(tmp_path: Path) -> None:
    """A resolver asked for the lowest of what is named takes the newest of all that it was not."""
    wheel = tmp_path / "boomi_pulumi-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("boomi_pulumi-0.dist-info/METADATA", METADATA)
    assert requirements(wheel, "demo") == ["pulumi<4,>=3.235", "requests<3,>=2.32.4", "rich>=13"]
