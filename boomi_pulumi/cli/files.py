"""Files that a command writes: whole, or not at all."""

from __future__ import annotations

import errno
import secrets
import shutil
from itertools import count
from pathlib import Path

from boomi_pulumi._api.errors import SettingsError

__all__ = ["put_aside", "read_text", "save"]


def read_text(file: Path) -> str:
    """Return the text of a file; a byte order mark, as spreadsheets write it, is none of it.

    Raises:
        SettingsError: It cannot be read, or is no UTF-8.
    """
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{file}: it cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: it is no UTF-8 text; save it as UTF-8.") from None


def save(file: Path, text: str) -> None:
    """Write a file; an interrupted write leaves the old content. A pipe or a device is written into directly.

    Raises:
        OSError: It cannot be written, or it is a link that leads nowhere.
    """
    if file.is_symlink() and not file.exists():
        raise FileNotFoundError(errno.ENOENT, "it is a link that leads nowhere", str(file))
    file = file.resolve()
    if file.exists() and not file.is_file():
        file.write_text(text, encoding="utf-8")
        return
    fresh = file.with_name(f".{secrets.token_hex(8)}.new")
    try:
        fresh.write_text(text, encoding="utf-8", newline="")
        if file.exists():
            shutil.copymode(file, fresh)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def put_aside(file: Path) -> Path | None:
    """Give a file that is there a number after its name, and return its new path; None where there is none."""
    if not file.exists():
        return None
    numbered = (file.with_name(f"{file.stem}-{number}{file.suffix}") for number in count(1))
    free = next(each for each in numbered if not each.exists())
    return file.replace(free)
