"""What a run of `boomi-pulumi live` found: for a person, for a pipeline, and as a settings file for the emulator."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from boomi_pulumi.cli.screen import Screen
from boomi_pulumi.emulator.switches import SWITCHES

__all__ = ["MARK", "RunResult", "settings_file", "show_result"]

MARK = "# python -m boomi_pulumi.emulator --settings FILE behaves as that account does."
"""A line of every settings file; a file without it is not overwritten."""


@dataclass
class RunResult:
    """What a run found.

    Attributes:
        laws: Law -> what was seen instead; empty where the law holds.
        untried: Laws that were not tried, since an earlier law is broken.
        positions: Switch -> its position in this account.
        untold: Switch -> why this run did not find its position.
        left: What the cleaning could not remove, and last the reason; empty where nothing is left.
    """

    laws: dict[str, str] = field(default_factory=dict)
    untried: list[str] = field(default_factory=list)
    positions: dict[str, Any] = field(default_factory=dict)
    untold: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def contradicted(self) -> dict[str, Any]:
        """Switch -> the account's position, where it is not the emulator's default."""
        return {name: value for name, value in self.positions.items() if value != SWITCHES[name].default}

    @property
    def status(self) -> int:
        """The exit status: 2 where something is left, 1 where a law or a default is contradicted, otherwise 0."""
        if self.left:
            return 2
        return int(any(self.laws.values()) or bool(self.contradicted))


def show_result(result: RunResult, screen: Screen, file: str, *, as_json: bool) -> None:
    """Write a result.

    Args:
        result: What the run found.
        screen: Takes the lines.
        file: The name of the settings file.
        as_json: Whether to write JSON instead of tables.
    """
    if as_json:
        found = {"status": result.status, **asdict(result), "contradicted": result.contradicted, "file": file}
        screen.data(found)
        return
    laws = [("held" if not why else "broken", name, why) for name, why in result.laws.items()]
    laws += [("not tried", name, "an earlier one is broken") for name in result.untried]
    positions = [
        (
            "contradicts" if name in result.contradicted else "",
            name,
            json.dumps(value),
            json.dumps(SWITCHES[name].default),
            SWITCHES[name].sure,
        )
        for name, value in result.positions.items()
    ]
    for columns, rows in (
        (("", "Law", "Seen"), laws),
        (("", "Setting", "This account", "Emulator's default", "How sure"), positions),
        (("Not tried", "Why"), list(result.untold.items())),
    ):
        if rows:
            screen.table(columns, rows)
            screen.line()
    for line in result.left:
        screen.line(f"Not removed: {line}", "bold red")
    differ = f"{len(result.contradicted)} of {len(result.positions)} settings differ from the emulator's defaults."
    screen.line(f"{differ} {file} holds them: python -m boomi_pulumi.emulator --settings {file}", "bold")


def settings_file(result: RunResult, about: str) -> str:
    """Return the positions as a settings file of the emulator: YAML, each value as JSON; `about` is its first line."""
    lines = [f"# {about}", MARK]
    for name, value in result.positions.items():
        default, sure = json.dumps(SWITCHES[name].default), SWITCHES[name].sure
        remark = f"  # contradicts the default {default}, which is {sure}" if name in result.contradicted else ""
        lines.append(f"{name}: {json.dumps(value)}{remark}")
    lines += [f"# {name}: not tried: {' '.join(why.split())}" for name, why in result.untold.items()]
    return "\n".join(lines) + "\n"
