"""Headless Chromium, for what only a browser can tell of a page."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["dom", "out", "program"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")

_SECONDS = 60


def program() -> str:
    """Return the browser's program.

    Raises:
        FileNotFoundError: None is on PATH.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise FileNotFoundError("Chromium is not on PATH: install it, with Debian by `apt-get install chromium`.")
    return found


def out(file: Path, page: str, script: str) -> str:
    """Return the text that a script leaves in an element `out`, at the end of a page.

    Args:
        file: Where to write the page for that.
        page: Its HTML.
        script: What acts on it as a person does, or reads it.

    Raises:
        FileNotFoundError: No browser is on PATH.
        ValueError: The script left nothing.
    """
    file.write_text(page.replace("</body>", f"\n<script>{script}</script>\n</body>"), encoding="utf-8")
    shown = dom(file)
    found = re.search(r'<pre id="out">(.*?)</pre>', shown, re.DOTALL)
    if found is None:
        raise ValueError(f"the script left nothing: {shown[-2000:]}")
    return html.unescape(found[1])


def dom(file: Path, *options: str, fragment: str = "") -> str:
    """Return what a browser makes of a page, after its scripts.

    Args:
        file: The page.
        options: For the browser, instead of those that write the page.
        fragment: What follows `#` in the address.

    Raises:
        FileNotFoundError: No browser is on PATH.
    """
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [
                program(),
                "--headless=new",
                "--no-sandbox",  # as root it does not start otherwise, and it reads nothing but this page
                "--disable-gpu",
                "--disable-background-networking",
                "--no-first-run",
                f"--user-data-dir={home}",
                *(options or ("--dump-dom",)),
                file.resolve().as_uri() + (f"#{fragment}" if fragment else ""),
            ],
            check=True,
            capture_output=True,
            timeout=_SECONDS,
        )
    return done.stdout.decode("utf-8", "replace")
