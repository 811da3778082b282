"""What a command shows: results on standard output, progress and complaints on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table
from rich.text import Text

__all__ = ["Screen"]

_WIDE = 160
"""Columns of a log or a file, which have no width of their own."""


class Screen:
    """One command's two streams.

    Progress is a line that moves, on a terminal only: a log of a pipeline stays short.

    Args:
        out: Where results go.
        err: Where everything else goes.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.out = _console(out or sys.stdout)
        self.err = _console(err or sys.stderr)
        self._status: Status | None = None

    def data(self, value: Any) -> None:
        """Write JSON."""
        self.out.file.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def line(self, text: str = "", style: str = "") -> None:
        """Write one line of a result."""
        self.out.print(Text(text, style=style), soft_wrap=True)

    def note(self, text: str) -> None:
        """Write one line that is no result."""
        self.err.print(Text(text), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> None:
        """Write a table; a cell `yes` or `no` is coloured."""
        made = Table(title=escape(title) or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
        for place, column in enumerate(columns):
            made.add_column(escape(column), overflow="fold", no_wrap=place == 0)
        for row in rows:
            made.add_row(*(Text(cell, style=_STYLES.get(cell.partition(":")[0], "")) for cell in row))
        self.out.print(made)

    @contextmanager
    def progress(self) -> Iterator[None]:
        """Show what `step` tells, as long as it lasts."""
        if not self.err.is_terminal:
            yield
            return
        with self.err.status("") as self._status:
            yield
        self._status = None

    def step(self, text: str) -> None:
        """Tell what is being done now."""
        if self._status is not None:
            self._status.update(escape(text))


_STYLES = {"yes": "green", "held": "green", "no": "red", "broken": "bold red", "contradicts": "bold yellow"}


def _console(stream: TextIO) -> Console:
    made = Console(file=stream, highlight=False)
    return made if made.is_terminal else Console(file=stream, highlight=False, width=_WIDE)
