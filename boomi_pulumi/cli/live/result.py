"""What a run of the kit found, for a person and for a pipeline."""

from __future__ import annotations

import json

from boomi_pulumi.cli.live.run import Outcome
from boomi_pulumi.cli.screen import Screen
from boomi_pulumi.emulator.switches import SWITCHES

__all__ = ["show"]


def show(outcome: Outcome, screen: Screen, file: str, *, as_json: bool) -> None:
    """Write the outcome.

    Args:
        outcome: Of the run.
        screen: Where to.
        file: The file with the positions.
        as_json: Whether as JSON.
    """
    if as_json:
        screen.data(
            {
                "status": outcome.status,
                "laws": outcome.laws,
                "untried": outcome.untried,
                "positions": outcome.positions,
                "contradicted": outcome.contradicted,
                "untold": outcome.untold,
                "left": outcome.left,
                "file": file,
            }
        )
        return
    if outcome.laws:
        rows = [("held" if not why else "broken", name, why) for name, why in outcome.laws.items()]
        rows += [("not tried", name, "an earlier one is broken") for name in outcome.untried]
        screen.table(("", "Law", "Seen"), rows)
        screen.line()
    if outcome.positions:
        screen.table(("", "Setting", "This account", "Emulator's default", "How sure"), _positions(outcome))
        screen.line()
    if outcome.untold:
        screen.table(("Not tried", "Why"), outcome.untold.items())
        screen.line()
    for line in outcome.left:
        screen.line(f"Not removed: {line}", "bold red")
    told = f"{len(outcome.contradicted)} of {len(outcome.positions)} settings differ from the emulator's defaults."
    screen.line(f"{told} {file} holds them: python -m boomi_pulumi.emulator --settings {file}", "bold")


def _positions(outcome: Outcome) -> list[tuple[str, str, str, str, str]]:
    return [
        (
            "contradicts" if name in outcome.contradicted else "",
            name,
            json.dumps(value),
            json.dumps(SWITCHES[name].default),
            SWITCHES[name].sure,
        )
        for name, value in outcome.positions.items()
    ]
