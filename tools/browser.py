"""Headless Chromium, for what only a browser can tell of a page."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["BROWSERS", "dom"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
"""The names that its program has."""

_SECONDS = 60


def dom(file: Path, *options: str, fragment: str = "") -> str:
    """Return what a browser makes of a page, after its scripts.

    Args:
        file: The page.
        options: For the browser, instead of those that write the page.
        fragment: What follows `#` in the address.

    Raises:
        FileNotFoundError: No browser is on PATH.
    """
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise FileNotFoundError("Chromium is not on PATH: install it, with Debian by `apt-get install chromium`.")
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [
                program,
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
