"""Lines for the user; the provider decides where they go."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable

from boomi_pulumi._api.words import clean

__all__ = ["Sink", "print_line", "say", "tell_through"]

Sink = Callable[[str], None]
"""Takes a line without its line end."""


def print_line(line: str) -> None:
    """Write a line to stdout in UTF-8, whatever the encoding of stdout is.

    The engine reads what a plugin or a program prints as UTF-8, and shows it beside the resources. What UTF-8 cannot
    hold, such as half of a surrogate pair, is written as an escape.

    Raises:
        OSError: The disk behind stdout is full, or nobody reads any more.
        ValueError: Stdout is closed.
    """
    stream = sys.stdout
    if stream is None:
        # The process began without stdout.
        return
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        stream.write(f"{line}\n")
        stream.flush()
        return
    stream.flush()  # what the program printed before stands before
    # Past the buffer: what it cannot write it keeps, and fails with it again when the process ends.
    raw = getattr(buffer, "raw", buffer)
    rest = f"{line}\n".encode("utf-8", "backslashreplace")
    while rest:
        written = raw.write(rest)
        if not written:
            return
        rest = rest[written:]


_sink: Sink = print_line


def tell_through(sink: Sink) -> None:
    """Send every line to a sink; `say` calls the sink in the thread and the context of its caller."""
    global _sink  # noqa: PLW0603 - one process is one provider
    _sink = sink


def say(line: str) -> None:
    """Tell the user a line, without secrets; raises no error, because a line must not fail the work it is about."""
    with contextlib.suppress(UnicodeError, ValueError, OSError):
        _sink(clean(line))
