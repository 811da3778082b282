"""What leaves the process: secrets are cut in every form, and what would steer a terminal is written out."""

from __future__ import annotations

import html
import json
from urllib.parse import quote, quote_plus

import pytest

from boomi_pulumi._api.errors import BadRequest, Conflict
from boomi_pulumi._api.words import (
    ANYWHERE,
    SHORTEST,
    clean,
    clean_lines,
    hide,
    holds_secret,
    is_secret,
    keep,
    on_one_line,
    printable,
)

LONG = 'Kön\'s "s3cret" <&>\n of\tthe day'

STEERING = {
    "\x1b[31m": r"\x1b[31m",
    "\a": r"\x07",
    "\x7f": r"\x7f",
    "\x9b31m": r"\x9b31m",
    "\u202eabc": r"\u202eabc",
    "\u2066": r"\u2066",
    "\u200f": r"\u200f",
    "a\u2028b\u2029c": r"a\u2028b\u2029c",
    "a\r\nb\tc": r"a\r\nb\tc",
    "\ud800": r"\ud800",
    "\U000e0041": r"\U000e0041",
}


# -- what would steer a terminal -------------------------------------------------------------------


@pytest.mark.parametrize("text", STEERING)
def test_what_steers_is_shown(text: str) -> None:
    assert printable(text) == STEERING[text]
    assert printable(printable(text)) == STEERING[text]


@pytest.mark.parametrize("text", ["Zamówienia → 订单 «ł» 🚚", "a  b", "no\u00a0break", "wide\u3000space", r"C:\new"])
def test_what_people_write_stays(text: str) -> None:
    assert printable(text) == text


def test_an_error_is_one_line_and_boomis_words_too() -> None:
    for error in (Conflict(f"a {''.join(STEERING)}"), BadRequest("Reading", status=400, said="".join(STEERING))):
        assert str(error).isprintable()
    assert on_one_line(" two\r\n  lines\u2028of\x1bit ") == r"two lines of\x1bit"


# -- secrets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        LONG,
        LONG.strip(),
        " ".join(LONG.split()),
        repr(LONG),
        json.dumps(LONG),
        json.dumps(LONG, ensure_ascii=False),
        quote(LONG, safe=""),
        quote(LONG),
        quote(LONG, safe="").lower().replace("k%c3", "K%c3"),
        quote_plus(LONG),
        json.dumps(json.dumps(LONG)),
        json.dumps(LONG + "/").replace("/", "\\/"),
        html.escape(LONG),
        html.escape(LONG, quote=False),
        html.escape(LONG).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
        printable(LONG),
        f"…{LONG.splitlines()[0]}",
    ],
)
def test_a_secret_is_cut_in_every_form_in_which_a_text_may_repeat_it(form: str) -> None:
    keep(LONG)
    for told in (clean(f"before {form} after"), clean_lines(f"before\n{form}\nafter"), str(Conflict(form))):
        assert "s3cret" not in told
        assert "…" in told


def test_every_text_within_a_secret_is_one() -> None:
    keep({"a": ["first-of-them", {"b": "second-of-them"}], "c": 12345678})
    assert hide("first-of-them, second-of-them, 12345678, a, b") == "…, …, 12345678, a, b"
    assert holds_secret([{"x": "with second-of-them"}])
    assert not holds_secret({"first-of-them": 1})
    assert is_secret("first-of-them")
    assert not is_secret("with first-of-them")


@pytest.mark.parametrize("short", ["", " ", "a", "xyz", " x y "[:3]])
def test_what_is_too_short_to_hide_spoils_no_text(short: str) -> None:
    keep(short)
    assert hide("a text of xyz and more") == "a text of xyz and more"


def test_a_short_secret_is_cut_as_a_word_only() -> None:
    word = "test"
    assert SHORTEST <= len(word) < ANYWHERE
    keep(word)
    assert (
        hide("a test, 'test': (test) tests pretest test-1 test_1 test.")
        == "a …, '…': (…) tests pretest test-1 test_1 …."
    )


def test_a_long_secret_is_cut_within_a_word_too() -> None:
    long = "Zq" * (ANYWHERE // 2)
    keep(long)
    assert hide(f"a{long}b") == "a…b"


def test_the_longer_of_two_is_cut_first() -> None:
    keep("secret-of-mine")
    keep("secret-of-mine-and-yours")
    assert hide("secret-of-mine-and-yours") == "…"


def test_of_two_that_overlap_nothing_is_left() -> None:
    keep("first-half-and-the-middle")
    keep("the-middle-and-second-half")
    assert hide("a first-half-and-the-middle-and-second-half b") == "a … b"


def test_each_of_many_that_begin_alike_is_cut() -> None:
    keep([f"item-of-many-{number:05}" for number in range(20_000)])
    assert hide("item-of-many-00000, item-of-many-19999, item-of-many-20000") == "…, …, item-of-many-20000"
