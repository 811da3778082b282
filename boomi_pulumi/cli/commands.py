"""The command line: what each subcommand takes, and how each ends."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from typing import Any

import click

from boomi_pulumi.api.errors import BoomiError
from boomi_pulumi.cli import check as checking
from boomi_pulumi.cli.account import Counter, connect
from boomi_pulumi.cli.screen import Screen

__all__ = ["cli"]

FAILED = 2
"""The exit status of a command that could not do its work."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="boomi_pulumi", prog_name="boomi-pulumi")
def cli() -> None:
    """Look at a Boomi account, beside Pulumi.

    The account is that of the environment variables BOOMI_ACCOUNT_ID, BOOMI_USERNAME and BOOMI_TOKEN, and whichever
    others docs/settings.md names.
    """


def command(act: Callable[..., int]) -> click.Command:
    """Make a subcommand of a function that returns the exit status; its docstring is the help."""

    @functools.wraps(act)
    def run(*, as_json: bool, **given: Any) -> None:
        screen = Screen()
        try:
            status = act(screen, as_json=as_json, **given)
        except BoomiError as error:
            if as_json:
                screen.data({"status": FAILED, "error": str(error)})
            screen.note(f"boomi-pulumi {act.__name__}: {error}")
            status = FAILED
        sys.exit(status)

    option = click.option("--json", "as_json", is_flag=True, help="Write JSON instead of tables.")
    return cli.command(act.__name__)(option(run))


@command
def check(screen: Screen, *, as_json: bool) -> int:
    """Tell what the user of BOOMI_* can reach of the account. Reads only, about 12 requests.

    \b
    Exit status:
      0  everything that packages and deployments need can be read
      1  something that they need is refused; the table says what
      2  Boomi could not be reached, or refused the credentials

    What may be written cannot be told without writing, unless Boomi shows the user's roles to the user.

    \b
    Examples:
      boomi-pulumi check
      boomi-pulumi check --json | jq '.access[] | select(.read == "no")'
    """
    counter = Counter()
    client = connect(counter, retries=1)
    counter.step = screen.step
    try:
        with screen.progress():
            found = checking.look(client, counter)
    finally:
        client.close()
    if as_json:
        screen.data(found.data())
    else:
        checking.show(found, screen)
    return found.status
