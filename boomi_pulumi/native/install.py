"""Write the folder from which Pulumi starts this plugin, with the interpreter that runs now."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["install", "release"]

_SCRIPT = "pulumi-resource-boomi"

_NAMELESS = "pulumi-resource-"
"""What `pulumi package add FOLDER` looks for: the CLI, 3.259 to 3.276, reads the plugin's name from its schema."""


def release() -> str:
    """Return the release of the package, as Pulumi writes versions."""
    try:
        return version("boomi_pulumi")
    except PackageNotFoundError:
        return "0.0.0"


def install(release: str, folder: str | None = None) -> Path:
    """Write the plugin's folder and return it; one of the same release is replaced.

    Pulumi finds `PULUMI_HOME/plugins/resource-boomi-vRELEASE` by itself. A folder of one's own is named in a project,
    as `plugins: {providers: [{name: boomi, path: FOLDER}]}` or `packages: {boomi: FOLDER}`.

    Args:
        release: The version of the plugin.
        folder: Where to, instead of Pulumi's own folder.

    Raises:
        OSError: It cannot be written.
    """
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    made = Path(folder) if folder else home / "plugins" / f"resource-boomi-v{release}"
    made.mkdir(parents=True, exist_ok=True)
    if os.name == "nt":
        ending, text = ".cmd", f'@"{sys.executable}" -m boomi_pulumi.native %*\r\n'
    else:
        ending, text = "", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m boomi_pulumi.native "$@"\n'
    for name in (_SCRIPT, _NAMELESS):
        fresh = made / f"{name}{ending}.new"
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o755)
        shutil.move(fresh, made / f"{name}{ending}")
    if folder is None:
        # Pulumi takes a folder whose installation was cut off for none.
        made.with_name(f"{made.name}.partial").unlink(missing_ok=True)
        made.with_name(f"{made.name}.lock").touch()
    return made
