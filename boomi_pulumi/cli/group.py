"""The command line as a whole: what every subcommand takes, and the exit status of each."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

import click

from boomi_pulumi._api.errors import BoomiError
from boomi_pulumi.cli.comment import CannotComment
from boomi_pulumi.cli.preview import NotAPreview
from boomi_pulumi.cli.screen import Screen

__all__ = ["FAILED", "INTERRUPTED", "choosing", "cli", "command", "command_of"]

FAILED = 2
"""The exit status of a command that could not do its work."""

INTERRUPTED = 130
"""The exit status of a command that was interrupted, as in shells."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="boomi_pulumi", prog_name="boomi-pulumi")
def cli() -> None:
    """Look at a Boomi account, beside Pulumi.

    The account is that of the environment variables BOOMI_ACCOUNT_ID, BOOMI_USERNAME and BOOMI_TOKEN, and whichever
    others docs/settings.md names.
    """


def choosing(components: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command the options --environment and --component; `components` ends the help of --component."""
    what = f"A name, or a path such as 'Sales/Orders/*'; may be repeated{components}."
    options = (
        click.option(
            "--environment",
            "environments",
            multiple=True,
            metavar="NAME",
            help="In the order of promotion; all if left out.",
        ),
        click.option("--component", "components", multiple=True, metavar="PATTERN", help=what),
    )
    return lambda act: options[0](options[1](act))


def command(act: Callable[..., int]) -> click.Command:
    """Make a subcommand of `boomi-pulumi` with the name of a function; see `command_of`."""
    return command_of(cli, act.__name__, act)


def command_of(group: click.Group, name: str, act: Callable[..., int]) -> click.Command:
    """Make a subcommand of a function; its errors become one line and an exit status.

    Args:
        group: The group that gets the subcommand.
        name: The name of the subcommand.
        act: Takes the screen, `as_json` and the options, and returns the exit status; its docstring is the help.
    """
    words = " ".join(filter(None, ["boomi-pulumi", group.name if group is not cli else None, name]))

    @functools.wraps(act)
    def run(*, as_json: bool, **given: Any) -> None:
        screen = Screen()
        try:
            with screen.unbroken():
                try:
                    status = act(screen, as_json=as_json, **given)
                except (BoomiError, NotAPreview, CannotComment) as error:
                    screen.note(f"{words}: {error}")
                    if as_json:
                        screen.data({"status": FAILED, "error": str(error)})
                    status = FAILED
        except OSError as error:
            screen.note(f"{words}: {error}")
            status = FAILED
        except (KeyboardInterrupt, click.Abort):
            screen.note(f"{words}: interrupted.")
            status = INTERRUPTED
        sys.exit(status)

    option = click.option("--json", "as_json", is_flag=True, help="Write JSON instead of tables.")
    # Click keeps the lines of a paragraph that begins with this character.
    text = (inspect.getdoc(act) or "").replace("\\b\n", "\b\n")
    return group.command(name, help=text)(option(run))
