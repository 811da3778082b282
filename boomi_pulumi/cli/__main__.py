"""Run `boomi-pulumi`, or tell what to install where the extra is not."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process."""
    try:
        from boomi_pulumi.cli.commands import cli  # noqa: PLC0415 - the extra may not be there
    except ModuleNotFoundError as error:
        if error.name not in {"click", "jinja2", "rich", "yaml"}:
            raise
        print(f"boomi-pulumi needs {error.name}: pip install 'boomi_pulumi[cli]'", file=sys.stderr)
        sys.exit(2)
    cli(prog_name="boomi-pulumi")


if __name__ == "__main__":
    main()
