"""Texts of the core, with the names by which every language but Python knows arguments and look-ups."""

from __future__ import annotations

import re
from functools import cache

from pydantic.alias_generators import to_camel, to_snake

from boomi_pulumi._kinds import KINDS
from boomi_pulumi._lifecycle.fields import rules
from boomi_pulumi._reads.finders import FINDERS

__all__ = ["FIRST", "in_boomis_words"]

FIRST = "If it is an output of another stack, run `pulumi up` there first."
"""What to do about an argument that is missing: programs and hosts of other languages leave out what is null."""


def in_boomis_words(text: str) -> str:
    """Return a text with `packageId` for `package_id`; what stands in quotes is somebody's value, and stays."""
    return _names().sub(lambda found: to_camel(found[1]) if found[1] else found[0], text)


@cache
def _names() -> re.Pattern[str]:
    inputs = {to_snake(name) for kind in KINDS.values() for name in (*rules(kind.inputs), *kind.nested)}
    finders = {name for finder in FINDERS.values() for name in (finder.name, *finder.arguments)}
    python = sorted((name for name in inputs | finders if "_" in name), key=len, reverse=True)
    return re.compile(rf"\"[^\"]*\"|'[^']*'|\b({'|'.join(python)})\b")
