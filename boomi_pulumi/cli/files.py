"""Files that a command reads, and writes whole or not at all."""

from __future__ import annotations

import errno
import secrets
import shutil
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from boomi_pulumi._api.errors import SettingsError

__all__ = ["put_aside", "read_text", "read_yaml", "save", "yaml_text"]


def read_text(file: Path) -> str:
    """Return the text of a file, without the byte order mark that spreadsheets write.

    Raises:
        SettingsError: The file cannot be read, or is not in UTF-8.
    """
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{file}: it cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: it is no UTF-8 text; save it as UTF-8.") from None


def read_yaml(file: Path) -> dict[str, Any]:
    """Return the mapping of a YAML file; an empty one where there is no file.

    Raises:
        SettingsError: The file cannot be read, or holds no mapping.
    """
    if not file.exists():
        return {}
    try:
        found = yaml.safe_load(read_text(file))
    except yaml.YAMLError as error:
        raise SettingsError(f"{file} is no YAML: {' '.join(str(error).split())}.") from None
    if not isinstance(found, dict | None):
        raise SettingsError(f"{file} holds no settings.")
    return found or {}


def yaml_text(value: Any) -> str:
    """Return a value as YAML, its mappings in their order."""
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120)


def save(file: Path, text: str) -> None:
    """Write a file; an interrupted write leaves the old content. A pipe or a device is written directly.

    Raises:
        OSError: The file cannot be written, or is a link that leads nowhere.
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
    """Put a free number after the name of a file, and return the new path; None where there is no file."""
    if not file.exists():
        return None
    numbered = (file.with_name(f"{file.stem}-{number}{file.suffix}") for number in count(1))
    free = next(each for each in numbered if not each.exists())
    return file.replace(free)
