"""Texts that leave the process: secrets are cut out, and characters that would steer a terminal are written out.

A secret is the token, or a value that a program gave as a secret. A text may repeat it in many forms, and all are cut:
as it is, without white space at its ends, on one line, escaped as in JSON, Python or HTML, quoted as in an address.

- Below `SHORTEST` characters nothing is cut: it would take the letters out of every text, and hide nothing.
- Below `ANYWHERE` characters it is cut where it stands as a word of its own: no letter, digit, `_` or `-` beside it.
- From there on it is cut wherever it stands; so is each of its lines that is as long.
"""

from __future__ import annotations

import html
import json
import re
import traceback
import unicodedata
from bisect import insort
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any
from urllib.parse import quote, quote_plus

__all__ = [
    "ANYWHERE",
    "SHORTEST",
    "clean",
    "clean_lines",
    "fault",
    "hide",
    "holds_secret",
    "is_secret",
    "keep",
    "on_one_line",
    "printable",
    "trace",
]

SHORTEST = 4
"""Characters of the shortest secret that is cut."""

ANYWHERE = 12
"""Characters of the shortest secret that is cut within a longer word."""

_CUT = "…"

_JOINS = re.compile(r"[\w-]")
_PLAIN = re.compile(r"[\w.~-]*", re.ASCII)
"""What nothing escapes."""
_PERCENT = re.compile("%[0-9A-F]{2}")


class _Kept:
    """The secrets of this process, in every form, by their first characters; the longest form comes first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._texts: set[str] = set()
        self._all: set[str] = set()
        self.forms: dict[str, list[str]] = {}

    def add(self, text: str) -> None:
        with self._lock:
            if text in self._texts:
                return
            self._texts.add(text)
            new = _forms(text) - self._all
            self._all |= new
            for form in new:
                # A thread that reads meanwhile sees a form twice, and misses none.
                insort(self.forms.setdefault(form[:SHORTEST], []), form, key=_shorter)


def _shorter(form: str) -> int:
    return -len(form)


_KEPT = _Kept()


def keep(value: Any) -> None:
    """Remember a secret for as long as the process lasts: a text, or every text within a list or an object."""
    for text in _texts(value):
        if len(text.strip()) >= SHORTEST:
            _KEPT.add(text)


def hide(text: str) -> str:
    """Return a text without the secrets of this process."""
    kept: list[str] = []
    end = 0
    for start, ends in _found(text):
        if start >= end:
            kept += [text[end:start], _CUT]
        end = max(end, ends)
    return "".join([*kept, text[end:]])


def _found(text: str) -> Iterator[tuple[int, int]]:
    """Return where secrets stand; they may overlap. One look at each place: there may be thousands of secrets."""
    forms = _KEPT.forms
    for start in range(len(text) - SHORTEST + 1) if forms else ():
        for form in forms.get(text[start : start + SHORTEST], ()):
            ends = start + len(form)
            if text.startswith(form, start) and (len(form) >= ANYWHERE or _is_word(text, start, ends)):
                yield start, ends
                break


def _is_word(text: str, start: int, ends: int) -> bool:
    return not any(_JOINS.match(each) for each in (text[start - 1 : start] if start else "", text[ends : ends + 1]))


def holds_secret(value: Any) -> bool:
    """Tell whether a value repeats a secret of this process."""
    return any(hide(text) != text for text in _texts(value))


def is_secret(value: Any) -> bool:
    """Tell whether a value is a secret of this process, as a whole."""
    return isinstance(value, str) and bool(value) and hide(value) == _CUT != value


def _as_python(character: str) -> str:
    return character.encode("unicode_escape").decode()


def printable(value: object, written: Callable[[str], str] = _as_python) -> str:
    r"""Return foreign words as a single line that cannot steer a terminal.

    Control characters, line ends, marks of direction and all else that nobody sees are shown as Python writes them,
    such as `\x1b`, `\n` and `\u202e`. Spaces of any width stay. To do it again changes nothing.

    Args:
        value: The words.
        written: How a character is shown that nobody sees.
    """
    text = str(value)
    if text.isprintable():
        return text
    return "".join(each if _is_seen(each) else written(each) for each in text)


def clean(value: object) -> str:
    """Return a text as it may leave the process, as one line."""
    return printable(hide(str(value)))


def clean_lines(text: str) -> str:
    """Return a text of our own as it may leave the process; its line ends stay."""
    return "\n".join(map(printable, hide(text).split("\n")))


def on_one_line(value: object) -> str:
    """Return what Boomi, or a page in between, said: as `clean`, and each run of white space is one space."""
    return clean(" ".join(hide(str(value)).split()))


def fault(error: Exception) -> str:
    """Return the line about an error that nobody raised on purpose."""
    return clean(f"{type(error).__name__}: {error}. This is a fault of boomi_pulumi; BOOMI_DEBUG=1 shows where.")


def trace(error: Exception) -> str:
    """Return where an error came from, for somebody who looks for a fault."""
    return clean_lines("".join(traceback.format_exception(error)))


def _is_seen(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)


def _forms(text: str) -> set[str]:
    one_line = " ".join(text.split())
    lines = [line.strip() for line in text.splitlines()]
    plain = {text, text.strip(), text.replace("\r\n", "\n").strip(), one_line}
    plain |= {line for line in lines if len(line) >= ANYWHERE}
    return {form for each in plain for form in _escaped(each) if len(form) >= SHORTEST}


def _escaped(text: str) -> Iterator[str]:
    yield text
    if _PLAIN.fullmatch(text):
        return
    yield printable(text)
    yield repr(text)[1:-1]
    page = html.escape(text)
    yield page
    yield page.replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    yield html.escape(text, quote=False)
    for ascii_only in (True, False):
        inner = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield inner
        yield inner.replace("/", r"\/")
        yield json.dumps(inner, ensure_ascii=ascii_only)[1:-1]
    for quoted in (
        quote(text, safe="", errors="replace"),
        quote(text, errors="replace"),
        quote_plus(text, errors="replace"),
    ):
        yield quoted
        yield _PERCENT.sub(lambda found: found[0].lower(), quoted)
