"""`boomi-pulumi report`: what runs where, as a table, JSON, Markdown and a page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click
from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.models import moment
from boomi_pulumi._api.words import clean
from boomi_pulumi.cli.account import Counter, connect
from boomi_pulumi.cli.comparison import FINDINGS, Cell, Line, Report, compare, data, look
from boomi_pulumi.cli.files import save
from boomi_pulumi.cli.group import FAILED, choosing
from boomi_pulumi.cli.inventory import titles
from boomi_pulumi.cli.markdown import Part, fit, table, text
from boomi_pulumi.cli.schedules import UNSCHEDULED, ScheduleCell, read_schedules
from boomi_pulumi.cli.screen import Screen
from boomi_pulumi.cli.stacks import export, parse, read_file
from boomi_pulumi.cli.values import VALUES, ValueLine

__all__ = ["age", "markdown", "page", "report_command", "show"]

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))
_OF_STACKS = ("drift", "unowned", "undeclared")
"""What nobody can tell without a stack."""

_FEW = 30
"""Fields that a terminal shows, unless somebody asks for values."""


def age(since: str | None, at: datetime) -> str:
    """Return how long ago a date of Boomi's was, such as "3 days"; nothing where it is none."""
    then = moment(since)
    if then is None:
        return ""
    seconds = (at - then).total_seconds()
    for length, unit in _UNITS:
        count = math.floor(seconds / length)
        if count >= 1:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "just now"


# -- tables beside the components ---------------------------------------------------------------


@dataclass(frozen=True)
class _Beside:
    """A table beside that of the components.

    Attributes:
        title: What it is called.
        caption: What stands in it.
        columns: Its head; its first column names the rows.
        rows: The name of each, and a text for each environment.
        kinds: What was found in it: the word, its meaning and how often.
        few: Rows that a terminal shows; None for all.
    """

    title: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    kinds: Sequence[tuple[str, str, int]] = ()
    few: int | None = None


def _beside(report: Report) -> list[_Beside]:
    names = titles(report.environments)
    return [
        _Beside(
            "Values",
            "What an environment gives to what is deployed there.",
            ("Value", *names.values()),
            [_values(line, report) for line in report.shown_fields()],
            [(kind, VALUES[kind], count) for kind, count in report.value_counts().items() if count],
            None if report.with_values else _FEW,
        ),
        _Beside(
            "Schedules",
            "When a process runs, by the clock of its runtime. None: deployed there, and not scheduled.",
            ("Schedules", *names.values()),
            _scheduled(report, names),
        ),
    ]


def _scheduled(report: Report, environments: Iterable[str]) -> list[list[str]]:
    """Return a row for each process that is scheduled somewhere, or may be; the last one counts all others."""
    cells = [(line.path, [_timed(line, id_) for id_ in environments]) for line in report.scheduled()]
    rows = [
        [path, *("" if each is None else each.word for each in of)]
        for path, of in cells
        if any(each is not None and each.told for each in of)
    ]
    rest = len(cells) - len(rows)
    blank = [""] * (len(cells[0][1]) if cells else 0)
    return [*rows, *([[f"{rest} without schedules", *blank]] if rest else [])]


def _timed(line: Line, environment: str) -> ScheduleCell | None:
    cell = line.cells.get(environment)
    return cell.schedules if cell is not None else None


def _values(line: ValueLine, report: Report) -> list[str]:
    """Return a field's path, and a word or its value in each environment."""
    cells = [line.cells.get(each.id) for each in report.environments]
    words = ["" if each is None else each.word(with_value=report.with_values) for each in cells]
    return [
        line.path,
        *("?" if at.id in report.unread else word for at, word in zip(report.environments, words, strict=True)),
    ]


# -- for a terminal ------------------------------------------------------------------------------


def show(report: Report, screen: Screen) -> None:
    """Write a report for a terminal."""
    names = titles(report.environments)
    screen.table(
        ("Component", *names.values(), "Look at"),
        [
            (line.path, *(_plain(line.cells.get(id_), report.at) for id_ in names), ", ".join(line.kinds()))
            for line in report.lines
        ],
    )
    for kind, meaning in report.findings.items():
        found = _found(report, kind)
        if found:
            screen.line()
            screen.line(f"{kind}: {meaning}", "bold")
            for component, environment, what in found:
                screen.line(f"  {component}{f' in {environment}' if environment else ''}: {what}")
    for beside in _beside(report):
        _show_beside(beside, screen)
    for note in report.notes:
        screen.line()
        screen.line(note)
    if report.left_out:
        screen.line()
        screen.line("not in the table, or in part", "bold")
        for each in report.left_out:
            screen.line(f"  {each.component} in {each.environment}: {each.reason}")
    screen.line()
    screen.line(summary(report))


def _show_beside(beside: _Beside, screen: Screen) -> None:
    """Write a table beside the components, and what its words mean; nothing where it is empty."""
    if not beside.rows:
        return
    shown = beside.rows[: beside.few]
    screen.line()
    screen.table(beside.columns, shown)
    if len(shown) < len(beside.rows):
        screen.line(f"… and {len(beside.rows) - len(shown)} more: --values and --json show all.")
    if beside.kinds:
        screen.line()
    for kind, meaning, _ in beside.kinds:
        screen.line(f"{kind}: {meaning}", "bold")


def _plain(cell: Cell | None, at: datetime) -> str:
    if cell is None:
        return ""
    there = cell.deployment
    if there is None:
        return "nothing"
    revision = "" if there.component_version is None else f"r{there.component_version}"
    who = (there.deployed_by or "").partition("@")[0]
    version = " ".join(filter(None, [there.package_version or "?", revision]))
    return ", ".join(filter(None, [version, age(there.deployed_date, at), who]))


def _found(report: Report, kind: str) -> list[tuple[str, str, str]]:
    names = titles(report.environments)
    return [
        (line.title, names.get(environment, ""), each.text)
        for line in report.lines
        for environment, each in line.found()
        if each.kind == kind
    ]


def _is_known(report: Report, kind: str) -> bool:
    return report.stacks is not None or kind not in _OF_STACKS


def summary(report: Report) -> str:
    """Return the one line that says how it stands."""
    counts = report.counts()
    found = ", ".join(f"{kind} {counts[kind]}" for kind in report.findings if _is_known(report, kind))
    unknown = "" if report.stacks is not None else "; no stack was given, so drift and unowned are not known"
    values = ", ".join(f"{kind} {count}" for kind, count in report.value_counts().items() if _is_known(report, kind))
    said = f"; values: {values}" if report.fields else ""
    where_ = f"{_count(len(report.lines), 'component')} in {_count(len(report.environments), 'environment')}"
    return f"{where_}: {found}{said}{unknown}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


# -- for a comment or a wiki ---------------------------------------------------------------------


def markdown(report: Report) -> str:
    """Return a report as Markdown that fits into a comment, the gravest first; names of the account do nothing."""
    names = titles(report.environments)
    gravity = [*report.findings]
    lines = sorted(report.lines, key=lambda line: min(map(gravity.index, line.kinds()), default=len(gravity)))
    parts = [Part("what is not known", (), tuple(f"{text(note)}\n" for note in report.notes))]
    for kind, meaning in report.findings.items():
        found = [
            f"- {text(component)}{f' in {text(environment)}' if environment else ''}: {text(what)}"
            for component, environment, what in _found(report, kind)
        ]
        parts.append(Part(kind, (f"**{kind}**: {meaning}", ""), tuple(found)))
    for each in _beside(report):
        head, *places = each.columns
        cells = [[text(word) if word else "" for word in row] for row in each.rows]
        parts.append(table([head, *map(text, places)], cells))
    left_out = [
        f"- {text(each.component)} in {text(each.environment)}: {text(each.reason)}" for each in report.left_out
    ]
    parts.append(Part("what is not in the table", ("**Not in the table, or in part**", ""), tuple(left_out)))
    rows = [
        [
            text(line.title),
            *(_marked(line.cells.get(id_), report.at) for id_ in names),
            ", ".join(f"**{kind}**" for kind in line.kinds()),
        ]
        for line in lines
    ]
    parts.append(table(["Component", *map(text, names.values()), "Look at"], rows, len(rows)))
    first = [f"### What runs in {text(report.account)}", "", f"{summary(report)} {_moment(report.at)}.", ""]
    return fit(first, parts, "read `boomi-pulumi report --html`.")


def _marked(cell: Cell | None, at: datetime) -> str:
    plain = _plain(cell, at)
    return text(plain) if plain else ""


def _moment(at: datetime) -> str:
    return f"{at.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"


# -- for a browser -------------------------------------------------------------------------------


def page(report: Report) -> str:
    """Return a report as one HTML page, which asks nothing of anybody."""
    templates = Templates(
        loader=PackageLoader("boomi_pulumi.cli", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    counts = report.counts()
    return templates.get_template("report.html.jinja").render(
        account=report.account,
        at=report.at.astimezone(timezone.utc).isoformat(timespec="seconds"),
        moment=_moment(report.at),
        environments=titles(report.environments),
        stacks=report.stacks,
        lines=report.lines,
        beside=[each for each in _beside(report) if each.rows],
        left_out=report.left_out,
        notes=report.notes,
        kinds=[(kind, meaning, counts[kind], _is_known(report, kind)) for kind, meaning in report.findings.items()],
        age=lambda since: age(since, report.at),
    )


def _shown(value: object) -> object:
    return clean(value) if type(value) is str else value


# -- the command ---------------------------------------------------------------------------------


def _kinds(_context: click.Context, _option: click.Parameter, value: str | None) -> tuple[str, ...]:
    wanted = [each.strip() for each in (value or "").split(",") if each.strip()]
    known = {**FINDINGS, **UNSCHEDULED, **VALUES}
    unknown = [each for each in wanted if each not in known]
    if unknown or (value is not None and not wanted):
        raise click.BadParameter(f"{', '.join(unknown) or 'nothing'} is none of {', '.join(known)}.")
    return tuple(wanted)


_FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)


@choosing("; all if left out")
@click.option("--stack", "stacks", multiple=True, metavar="NAME", help="A stack to compare with; may be repeated.")
@click.option(
    "--cwd",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The folder of the stacks' project; the present one if left out.",
)
@click.option(
    "--state", "states", multiple=True, type=_FILE, help="What `pulumi stack export` wrote, instead of --stack."
)
@click.option(
    "--values",
    "with_values",
    is_flag=True,
    help="Show the values that differ between environments, field by field; secrets as set or not set.",
)
@click.option(
    "--schedules",
    "with_schedules",
    is_flag=True,
    help="Show what is scheduled where, process by process. It takes two queries for each runtime.",
)
@click.option("--html", type=_FILE, help="Write a page for a browser; - for the standard output.")
@click.option("--markdown", "as_markdown", type=_FILE, help="Write Markdown; - for the standard output.")
@click.option(
    "--fail-on",
    "fail_on",
    metavar="KINDS",
    callback=_kinds,
    help="Exit with 1 if any of these is found, such as drift,unscheduled; the list above has all words.",
)
def report_command(
    screen: Screen,
    *,
    as_json: bool,
    environments: tuple[str, ...],
    components: tuple[str, ...],
    stacks: tuple[str, ...],
    cwd: Path,
    states: tuple[Path, ...],
    with_values: bool,
    with_schedules: bool,
    html: Path | None,
    as_markdown: Path | None,
    fail_on: tuple[str, ...],
) -> int:
    r"""Show what runs where in the account of BOOMI_*, and what to look at. Reads only.

    \b
    It finds:
      drift    a stack says something else than what runs
      unowned  no stack has it, in an environment where a stack has something
      skew     environments run different packages of a component
      stale    a newer package exists, or a newer revision that is not packaged

    \b
    Of the values that environments give to what is deployed there:
      unset       a process declares it, nobody has set it, and no stack names it
      undeclared  a stack names it, and no process that is deployed there declares it

    \b
    With --schedules, or where --fail-on names it:
      unscheduled  scheduled in an earlier environment, and not in force here

    \b
    Exit status:
      0  done
      1  something of --fail-on was found
      2  the account or a stack could not be read, or a file not written

    \b
    Examples:
      boomi-pulumi report
      boomi-pulumi report --stack dev --stack production --html report.html
      boomi-pulumi report --stack production --fail-on drift,unowned
      boomi-pulumi report --environment Test --environment Production --values
      boomi-pulumi report --environment Test --environment Production --fail-on unscheduled
      boomi-pulumi report --json | jq '.components[] | select(.findings != [])'
    """
    _check_options(
        fail_on,
        environments,
        has_stacks=bool(stacks or states),
        to_stdout=[as_json, html == Path("-"), as_markdown == Path("-")],
    )
    said = [parse(export(stack, cwd), f"--stack {stack}") for stack in stacks]
    said += [parse(read_file(file), f"--state {file}") for file in states]
    counter = Counter()
    client = connect(counter, Client)
    try:
        with screen.progress():
            inventory, newest = look(client, environments, components, said, screen.step)
            _check_pair(fail_on, (each.id for each in inventory.environments))
            wanted = with_schedules or not UNSCHEDULED.keys().isdisjoint(fail_on)
            schedules = read_schedules(client, inventory.environments, screen.step) if wanted else None
    finally:
        client.close()
    account = client.settings.override_account or client.settings.account_id
    report = compare(account, datetime.now(timezone.utc), inventory, newest, said or None, schedules=schedules)
    report = replace(report, with_values=with_values)
    _write(report, screen, html=html, as_markdown=as_markdown, as_json=as_json, requests=counter.sent)
    counts = {**report.counts(), **report.value_counts()}
    found = [f"{kind} ({counts[kind]})" for kind in fail_on if counts[kind]]
    if found:
        screen.note(f"Found, and not wanted: {', '.join(found)}.")
    if report.unread and any(kind in VALUES for kind in fail_on):
        screen.note("Not known: the values of some environments could not be read.")
        return FAILED
    if report.unread_schedules() and not UNSCHEDULED.keys().isdisjoint(fail_on):
        screen.note("Not known: what is scheduled could not be read everywhere.")
        return FAILED
    return 1 if found else 0


def _check_options(
    fail_on: Sequence[str], environments: Sequence[str], *, has_stacks: bool, to_stdout: Sequence[bool]
) -> None:
    blind = [kind for kind in fail_on if kind in _OF_STACKS]
    if blind and not has_stacks:
        raise SettingsError(f"--fail-on {','.join(blind)} needs --stack or --state: without one, nobody can tell.")
    _check_pair(fail_on, environments)
    if sum(to_stdout) > 1:
        raise SettingsError("Only one of --json, --html - and --markdown - can be written to the standard output.")


def _check_pair(fail_on: Sequence[str], environments: Iterable[str]) -> None:
    if "unscheduled" in fail_on and len(set(environments)) < 2:  # noqa: PLR2004 - a pair
        raise SettingsError(
            "--fail-on unscheduled needs --environment twice: what is scheduled in the first must run in the second."
        )


def _write(
    report: Report, screen: Screen, *, html: Path | None, as_markdown: Path | None, as_json: bool, requests: int
) -> None:
    made = [(html, page), (as_markdown, markdown)]
    for file, make in made:
        if file == Path("-"):
            screen.text(make(report))
        elif file is not None:
            _save(file, make(report))
            screen.note(f"Written: {file}")
    if as_json:
        body: Mapping[str, Any] = data(report)
        screen.data({**body, "requests": requests})
    elif html is None and as_markdown is None:
        show(report, screen)
    else:
        screen.note(summary(report))


def _save(file: Path, body: str) -> None:
    try:
        save(file, body)
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror or error}.") from None
