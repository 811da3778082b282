"""What a command shows: results on standard output, progress and complaints on standard error."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table
from rich.text import Text

from boomi_pulumi._api.words import clean, hide, printable

__all__ = ["Screen"]

_GAP = 2

_LONG = 48
"""Columns of a cell that is not wrapped between words; a longer word, such as a path, is wrapped within itself."""

_WIDE = 160
"""Columns of a log or a file, which have no width of their own."""


class Screen:
    """The two streams of a command: standard output for results, standard error for everything else.

    Progress is shown on a terminal only, in one line: the log of a pipeline stays short.

    Args:
        out: The stream for results, if it is not standard output.
        err: The stream for everything else, if it is not standard error.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        self.out = _console(out or sys.stdout)
        self.err = _console(err or sys.stderr)
        self._status: Status | None = None

    def data(self, value: Any) -> None:
        """Write a value as JSON, without secrets; characters that would steer a terminal are escaped."""
        for line in json.dumps(_without_secrets(value), indent=2, ensure_ascii=False).split("\n"):
            self.out.file.write(printable(line, lambda each: json.dumps(each)[1:-1]) + "\n")

    def text(self, value: str) -> None:
        """Write a result as it is."""
        self.out.file.write(value)

    def line(self, text: str = "", style: str = "") -> None:
        """Write one line of a result."""
        self.out.print(Text(clean(text), style=style), soft_wrap=True)

    def note(self, text: str) -> None:
        """Write one line that is no result."""
        self.err.print(Text(clean(text)), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Write a table; a cell `yes` or `no` is coloured. Where it is too wide, each row is a few lines."""
        rows = [list(row) for row in rows]
        widths = _widths(
            [[clean(cell) for cell in column] for column in zip(columns, *rows, strict=True)], self.out.width
        )
        if widths is None:
            for row in rows:
                self._record(columns, row)
            return
        made = Table(box=None, pad_edge=False)
        for column, width in zip(columns, widths, strict=True):
            made.add_column(escape(clean(column)), overflow="fold", width=width)
        for row in rows:
            made.add_row(*map(_cell, row))
        self.out.print(made)

    def _record(self, columns: Sequence[str], row: Sequence[str]) -> None:
        first, *more = ((column, cell) for column, cell in zip(columns, row, strict=True) if cell)
        self.out.print(_cell(first[1]), soft_wrap=True)
        for column, cell in more:
            self.out.print(Text(f"  {clean(column)}: ") + _cell(cell), soft_wrap=True)

    @contextmanager
    def unbroken(self) -> Iterator[None]:
        """Write out all results at the end of the context.

        Raises:
            OSError: They cannot be written: the disk is full, or the reader of a pipe has ended.
        """
        try:
            yield
            self.out.file.flush()
        except OSError:
            # What is not written yet would fail once more when Python ends.
            with suppress(OSError, ValueError, AttributeError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), self.out.file.fileno())
            raise

    @contextmanager
    def progress(self) -> Iterator[None]:
        """Show the lines of `step` inside the context."""
        if not self.err.is_terminal:
            yield
            return
        with self.err.status("") as self._status:
            yield
        self._status = None

    def step(self, text: str) -> None:
        """Show what is being done now; the next line replaces this line."""
        if self._status is not None:
            self._status.update(escape(clean(text)))


_STYLES = {"yes": "green", "held": "green", "no": "red", "broken": "bold red", "contradicts": "bold yellow"}


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Raise the error, which the command handles as any other."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def _console(stream: TextIO) -> Console:
    made = _Console(file=stream, highlight=False)
    return made if stream.isatty() else _Console(file=stream, highlight=False, width=_WIDE)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {name: _without_secrets(each) for name, each in value.items()}
    return [_without_secrets(each) for each in value] if isinstance(value, (list, tuple)) else value


def _cell(text: str) -> Text:
    return Text(clean(text), style=_STYLES.get(text.partition(":")[0], ""))


def _widths(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Return how wide each column of a table is; None where it does not fit.

    A cell is wrapped between words only, and one of the first column not at all, unless it is very long.
    """
    most = [max(map(cell_len, column)) for column in columns]
    words = [max(cell_len(word) for cell in column for word in cell.split() or [""]) for column in columns]
    widths = [min(_LONG, each) for each in (*most[:1], *words[1:])]
    room -= sum(widths) + _GAP * (len(columns) - 1)
    if room < 0:
        return None
    for left, at in enumerate(sorted(range(len(columns)), key=lambda at: most[at] - widths[at])):
        more = min(most[at] - widths[at], room // (len(columns) - left)) if at else 0
        widths[at] += more
        room -= more
    return widths
