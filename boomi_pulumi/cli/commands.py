"""The command line: what each subcommand takes, and how each ends."""

from __future__ import annotations

import os
import re
import secrets
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any

import click

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.say import print_line, tell_through
from boomi_pulumi._reads.finders import find_component, find_environment
from boomi_pulumi.cli import comment as commenting
from boomi_pulumi.cli import review as reviewing
from boomi_pulumi.cli.account import Counter, connect
from boomi_pulumi.cli.check import check_account, show_check
from boomi_pulumi.cli.group import FAILED, cli, command, command_of
from boomi_pulumi.cli.importing import import_command
from boomi_pulumi.cli.live.result import MARK, settings_file, show_result
from boomi_pulumi.cli.live.run import announce, check_only, run
from boomi_pulumi.cli.live.sandbox import Sandbox
from boomi_pulumi.cli.live.sandbox_client import PREFIX, SandboxClient
from boomi_pulumi.cli.report import report_command
from boomi_pulumi.cli.screen import Screen
from boomi_pulumi.native.install import install, release

__all__ = ["cli"]

command_of(cli, "import", import_command)
command_of(cli, "report", report_command)

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _id_or_name(text: str) -> dict[str, Any]:
    """Return the argument `id` or `name` of a look-up."""
    return {"id" if _ID.fullmatch(text) else "name": text}


def _not_blank(_context: click.Context, _option: click.Parameter, text: str) -> str:
    """Refuse a blank text, such as the value of a variable that is not set."""
    if not text.strip():
        raise click.BadParameter("a name or an id is needed.")
    return text


@command
def check(screen: Screen, *, as_json: bool) -> int:
    r"""Show what the user of BOOMI_* can reach in the account. Only reads; sends about 15 requests.

    \b
    Exit status:
      0  everything that packages and deployments need can be read
      1  something that they need is refused; the table says what
      2  Boomi could not be reached, or refused the credentials

    Whether the user may write is unknown until something is written, unless Boomi shows the roles to the user.

    \b
    Examples:
      boomi-pulumi check
      boomi-pulumi check --json | jq '.access[] | select(.read == "no")'
    """
    counter = Counter()
    counter.step = screen.step
    with closing(connect(counter, Client, retries=1)) as client, screen.progress():
        found = check_account(client, counter)
    if as_json:
        screen.data({"status": found.status, **asdict(found)})
    else:
        show_check(found, screen)
    return found.status


@command
@click.option(
    "--component",
    required=True,
    callback=_not_blank,
    help="The component, by name or id, of which packages are made and deleted.",
)
@click.option(
    "--environment",
    required=True,
    callback=_not_blank,
    help="The environment, by name or id, to which the packages are deployed.",
)
@click.option("--confirm", metavar="NAME", help="The environment's name once more; otherwise the command asks for it.")
@click.option(
    "--only",
    multiple=True,
    metavar="SETTING",
    help="Try only what finds this setting, or `laws`; may be repeated.",
)
@click.option(
    "--write",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("boomi-live.yaml"),
    show_default=True,
    help="The file for the settings that were found; the emulator takes it with --settings.",
)
@click.option("--clean", is_flag=True, help="Only remove what earlier runs left behind.")
def live(
    screen: Screen,
    *,
    as_json: bool,
    component: str,
    environment: str,
    confirm: str | None,
    only: tuple[str, ...],
    write: Path,
    clean: bool,
) -> int:
    r"""Try the laws and the emulator's guesses on the account of BOOMI_*. This WRITES.

    It writes inside the component and the environment that you name, and nowhere else: a few packages of versions
    `boomi-pulumi-live-…`, and one deployment. It says what it will do and asks first, and it removes what it made, also
    when it is interrupted.

    \b
    Exit status:
      0    the laws hold, and the account does as the emulator does by default
      1    a law is broken, or the account contradicts the emulator; the file says how it behaves
      2    it could not be done, was not confirmed, or something could not be removed
      130  interrupted; what was made is removed

    \b
    Examples:
      boomi-pulumi live --component "Kit Sandbox" --environment Sandbox
      boomi-pulumi live --component "Kit Sandbox" --environment Sandbox --only samePackageRedeploy
      boomi-pulumi live --component "Kit Sandbox" --environment Sandbox --clean
      python -m boomi_pulumi.emulator --settings boomi-live.yaml
    """
    check_only(only)
    if not clean:
        _check_file(write)
    counter = Counter()
    client = connect(counter, SandboxClient, tell=screen.note)
    try:
        sandbox = Sandbox(
            client,
            find_component(client, **_id_or_name(component)),
            find_environment(client, **_id_or_name(environment)),
            _run_name(),
            counter,
        )
        if clean:
            return _clean(sandbox, screen, as_json=as_json)
        for line in announce(sandbox, only):
            screen.note(line)
        _confirm(sandbox, confirm)
        # What the lifecycle tells of the packages that this command makes is no result.
        tell_through(screen.step)
        with screen.progress():
            result = run(sandbox, only, screen.step, screen.note)
    finally:
        tell_through(print_line)
        client.close()
    about = f"What account {client.settings.account_id} does, as `boomi-pulumi live` saw it on {sandbox.run[:8]}."
    write.write_text(settings_file(result, about), encoding="utf-8")
    show_result(result, screen, str(write), as_json=as_json)
    return result.status


def _run_name() -> str:
    """Return a name that no other run has, not even a run that begins in the same second."""
    return f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _clean(sandbox: Sandbox, screen: Screen, *, as_json: bool) -> int:
    where = f"{sandbox.component.name} and {sandbox.environment.name}"
    screen.note(f"Removing packages {PREFIX}… and their deployments, of {where} only.")
    left = sandbox.clean()
    status = FAILED if left else 0
    screen.note("Nothing that this command made is left." if not left else f"Not removed: {'; '.join(left)}")
    if as_json:
        screen.data({"status": status, "left": left})
    return status


def _check_file(file: Path) -> None:
    """Refuse a settings file before anything is sent.

    Raises:
        SettingsError: The file cannot be written, or was not written by this command.
    """
    try:
        is_there = file.exists()
        if is_there and MARK not in file.read_text(encoding="utf-8", errors="replace"):
            raise SettingsError(f"--write {file}: this command did not write that file; name another.")
        with file.open("a", encoding="utf-8"):
            pass
        if not is_there:
            file.unlink()
    except OSError as error:
        raise SettingsError(f"--write {file}: it cannot be written: {error.strerror}.") from error


def _confirm(sandbox: Sandbox, given: str | None) -> None:
    """Require the environment's name a second time: as `given`, or typed at the terminal.

    Raises:
        SettingsError: The name is another, or nobody can be asked.
    """
    name = sandbox.environment.name or sandbox.environment.id
    if given is None:
        if not sys.stdin.isatty():
            raise SettingsError(f'Nothing was written: give --confirm "{name}" where nobody can be asked.')
        given = click.prompt(f"Type the environment's name ({name}) to go on", err=True, default="", show_default=False)
    if given != name:
        raise SettingsError(f"Nothing was written: {given!r} is not the environment's name, {name!r}.")


@command
@click.argument("preview", type=click.File(encoding="utf-8", errors="replace"), default="-")
@click.option(
    "--comment",
    "platform",
    type=click.Choice(sorted(commenting.PLATFORMS)),
    help="Write it as a comment on the pull request of this pipeline, or bring that comment up to date.",
)
@click.option("--marker", default="", help="Tells this comment from others on the pull request; the stack by default.")
def review(screen: Screen, *, as_json: bool, preview: IO[str], platform: str | None, marker: str) -> int:
    r"""Turn `pulumi preview --json` into Markdown for a reviewer. Asks Boomi nothing.

    PREVIEW is a file with the output of `pulumi preview --json`; left out, the standard input.

    \b
    Exit status:
      0  the preview is fine
      1  the preview was refused; the Markdown says why
      2  this is no preview, or the comment could not be written

    \b
    Examples:
      pulumi preview --json | boomi-pulumi review
      boomi-pulumi review preview.json --comment github
    """
    found = reviewing.read(preview.read())
    body = reviewing.markdown(found, marker)
    if as_json:
        screen.data({**found.data(), "markdown": body})
    elif platform is None:
        screen.text(body)
    if platform is not None:
        screen.note(commenting.put(platform, reviewing.marks(marker or found.stack), body, os.environ))
    return 1 if found.errors else 0


@cli.group()
def plugin() -> None:
    """Use Boomi's resources from YAML, TypeScript, Go, C# and Java, and with `pulumi import`."""


@click.argument("folder", required=False)
def _install(screen: Screen, *, as_json: bool, folder: str | None) -> int:
    r"""Write Pulumi's folder for the plugin, with the Python that runs now.

    FOLDER is where to write it, to be named under `plugins` in Pulumi.yaml; left out, Pulumi's own folder, where it is
    found by itself.

    \b
    Exit status:
      0  it is there
      2  the folder cannot be written

    \b
    Examples:
      boomi-pulumi plugin install
      boomi-pulumi plugin install ./boomi-plugin
    """
    try:
        made = install(release(), folder)
    except OSError as error:
        raise SettingsError(f"{folder or error.filename} cannot be written: {error.strerror or error}.") from None
    if as_json:
        screen.data({"status": 0, "folder": str(made), "release": release(), "python": sys.executable})
    else:
        screen.line(f"The plugin boomi {release()} is in {made}. It uses {sys.executable}.")
    return 0


command_of(plugin, "install", _install)
