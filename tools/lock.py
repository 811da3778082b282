"""Write requirements.lock: every package of the development environment, pinned with its hashes.

The resolver, uv, comes into a scratch environment and reads the project's own metadata. The lock names
packages, versions and hashes only, so that it serves whatever package index a machine is set up with.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
HEADER = """\
# Every package of the development environment, for Python 3.10 and later on any platform. Made by:
#     make lock
"""
OPTIONS = (
    "--universal",
    "--python-version=3.10",
    "--no-python-downloads",
    "--generate-hashes",
    "--group=pyproject.toml:dev",
    "--no-emit-package=boomi_pulumi",
    "--no-annotate",
    "--no-header",
    "--upgrade",
    "--quiet",
)


def resolve(scratch: Path) -> str:
    """The pinned requirements of the project with all its extras and its development group."""
    project = scratch / "project"
    (project / "boomi_pulumi").mkdir(parents=True)
    (project / "boomi_pulumi" / "__init__.py").touch()
    (project / "README.md").touch()
    (project / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    # The development group names the project's own extras; only a requirement with a place makes them known.
    (project / "all.in").write_text("boomi_pulumi[cli,demo,emulator] @ .\n")
    venv.create(scratch / "venv", with_pip=True)
    python = scratch / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"], check=True)
    command: list[str | Path] = [
        python,
        "-m",
        "uv",
        "pip",
        "compile",
        *OPTIONS,
        "--output-file=out.lock",
        "all.in",
    ]
    subprocess.run(command, cwd=project, check=True, stdout=subprocess.DEVNULL)
    return (project / "out.lock").read_text()


def main() -> int:
    """Write the lock and return the exit status."""
    try:
        with tempfile.TemporaryDirectory() as scratch:
            resolved = resolve(Path(scratch))
    except subprocess.CalledProcessError:
        print(
            "The packages could not be resolved; what failed is above. The lock is unchanged.",
            file=sys.stderr,
        )
        return 1
    pins = [line for line in resolved.splitlines(keepends=True) if not line.startswith("#")]
    if any("://" in line for line in pins):
        print("The resolver wrote an address. The lock is unchanged.", file=sys.stderr)
        return 1
    LOCK.write_text(HEADER + "".join(pins))
    print(f"{LOCK.name}: {sum('==' in line for line in pins)} packages. Next: make check", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
