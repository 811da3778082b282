"""A project for a running account: its program, its data, and what the engine needs to take all of it over."""

from __future__ import annotations

import re
from collections import Counter as Numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.models import Environment
from boomi_pulumi.cli.account import Counter, connect
from boomi_pulumi.cli.files import read as read_file
from boomi_pulumi.cli.group import choosing
from boomi_pulumi.cli.import_python import FIRST, PythonProject
from boomi_pulumi.cli.import_states import NOT_OURS, PROMOTE, Contents, New, States, Target
from boomi_pulumi.cli.import_yaml import YamlProject
from boomi_pulumi.cli.inventory import Cell, Inventory, LeftOut, Row, cells, read, title
from boomi_pulumi.cli.screen import Screen
from boomi_pulumi.cli.sharing import EVERYWHERE, Shared, Sharing, share

__all__ = ["Imported", "import_command", "write"]

Project = PythonProject | YamlProject

_LANGUAGES: dict[str, type[PythonProject | YamlProject]] = {"python": PythonProject, "yaml": YamlProject}
_SHARES = "account"
"""The stack of packs and connectors."""

_MONTHS = (
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?"
    "|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?"
)
_NO_TEXT = re.compile(rf"[0-9].*|true|false|({_MONTHS})-?[0-9].*")
"""A slug that a spreadsheet may take for a number, a date or a truth value."""

_LONGEST = 60
"""Characters of a name that this makes up."""


@dataclass(frozen=True)
class Imported:
    """What was written.

    Attributes:
        stacks: Stack -> how many resources its import file holds.
        kept: Files that were there already, and stay as they are.
        left_out: What is there and is not in it, and why.
        notes: What the user may not read, and packs of which nothing is released.
    """

    stacks: Mapping[str, int]
    kept: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


def write(
    client: Client,
    found: Inventory,
    sharing: Sharing,
    project: Project,
    *,
    own: bool,
    step: Callable[[str], object] = lambda _: None,
) -> Imported:
    """Write the project; a second run adds what is new, and keeps what people changed.

    Args:
        client: The account.
        found: What runs where.
        sharing: Packs and connectors.
        project: Where to.
        own: Whether the stacks own what is there; otherwise a destroy leaves it.
        step: Is told what is done.

    Raises:
        RequestError: The packages could not be read.
        SettingsError: The project was written with the other kind of ownership.
        OSError: It cannot be written.
    """
    name = project.name or _slug(project.folder.resolve().name)
    _judge_head(project.folder / "README.md", own=own)
    notes = [*found.notes, *sharing.notes]
    known, refused = cells(client, found, step, notes)
    states = States(client, name, own=own, python=project.python)
    plan = _Plan(project, states, known, found.environments)
    step(f"Writing {len(known)} deployments")
    names = _names(found.rows, project.components)
    for row in found.rows:
        plan.take(row, names[row.component.component_id])
    if sharing.found:
        plan.take_shared(sharing.found)
    kept = tuple(project.write(Contents(name, plan.targets, plan.environments, plan.new, _HEADS[own])))
    left_out = (*found.left_out, *refused, *sharing.left_out, *plan.left_out)
    return Imported({stack: len(many) for stack, many in plan.new.items()}, kept, left_out, tuple(notes))


class _Plan:
    """What a project lacks."""

    def __init__(
        self,
        project: Project,
        states: States,
        known: Mapping[tuple[str, str], Cell],
        environments: Sequence[Environment],
    ) -> None:
        self.targets = _targets(project.targets, environments)
        by_id = {each.id: each for each in environments}
        self.environments = {each.stack: by_id[each.environment] for each in self.targets if each.environment}
        self.new: dict[str, list[New]] = {each.stack: [] for each in self.targets}
        self.left_out: list[LeftOut] = []
        self._project, self._states, self._known = project, states, known

    def take(self, row: Row, name: str) -> None:
        """Add what no stack has yet of a component."""
        component = row.component
        line = {"name": name, "component": component.name or "", "folder": row.folder, "id": component.component_id}
        line |= self._project.components.get(component.component_id, {})
        runs: dict[str | None, str] = {}
        for target in self.targets:
            environment = self.environments[target.stack]
            cell = self._known.get((component.component_id, environment.id))
            if cell is not None and not line.get(target.stack):
                same = runs.get(target.source) == cell.package.package_id
                try:
                    new = self._states.component(target.stack, environment, name, row, cell, promoted=same)
                    self.new[target.stack] += new
                    line[target.stack] = PROMOTE if same else self._project.cell(str(cell.package.package_version))
                except SettingsError as error:
                    self.left_out.append(LeftOut(title(environment), row.title, str(error)))
            if cell is not None and line.get(target.stack) not in (None, "", NOT_OURS):
                runs[target.stack] = str(cell.package.package_id)
        if any(line.get(target.stack) for target in self.targets):
            self._project.components[component.component_id] = line

    def take_shared(self, found: Iterable[Shared]) -> None:
        """Add the packs and connectors that the project has not yet, to the stack that is for them."""
        there = self._project.shared
        names = [each.stack for each in (*self._project.targets, *self.targets)]
        kept = next((each for each in self._project.targets if each.environment is None), None)
        target = kept or Target(_SHARES if _SHARES not in names else f"{_SHARES}-wide", None)
        self.targets.append(target)
        new = self.new[target.stack] = []
        taken = set(there.values())
        for each in (each for each in found if each.id not in there):
            slug = _name(each.title)
            name = slug if slug not in taken else f"{slug}-{_slug(each.id)}"
            taken.add(name)
            try:
                new.append(self._states.shared(target.stack, name, each))
            except SettingsError as error:
                self.left_out.append(LeftOut(EVERYWHERE, each.title, str(error)))


_HEADS = {
    True: "These stacks own what they name: `pulumi destroy` undeploys it, and deletes its packages.",
    False: "These stacks adopted what they name: `pulumi destroy` forgets it, and leaves it where it is.",
}
"""Whether the stacks own what is there -> the first line of the README."""


def _judge_head(readme: Path, *, own: bool) -> None:
    """Refuse to mix what is owned and what is adopted.

    Raises:
        SettingsError: The README says that the project is of the other kind.
    """
    if readme.exists() and read_file(readme).startswith(_HEADS[not own]):
        how = "without" if own else "with"
        raise SettingsError(
            f"{readme.parent} was written {how} --own; run it {how} --own again, or name another folder."
        )


# -- names ---------------------------------------------------------------------------------------


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST].strip("-") or "boomi"


def _name(text: str) -> str:
    """Return a name that every spreadsheet takes for a text: no number, date or truth value."""
    slug = _slug(text)
    return f"boomi-{slug}" if _NO_TEXT.fullmatch(slug) else slug


def _targets(there: Sequence[Target], environments: Iterable[Environment]) -> list[Target]:
    """Return the stack of each environment: the one that is there, or a new one after the one before it.

    A stack comes after the one that it promotes from, which need not be the order of the environments.
    """
    known = {each.environment: each for each in there if each.environment is not None}
    names = {each.stack for each in there} | {*FIRST, _SHARES}
    found: dict[str, Target] = {}
    before: str | None = None
    for each in environments:
        target = known.get(each.id)
        if target is None:
            slug = _slug(title(each))
            target = Target(slug if slug not in names else f"{slug}-{each.id[:8]}", each.id, before)
            names.add(target.stack)
        found[target.stack] = target
        before = target.stack
    ordered: dict[str, Target] = {}
    for target in found.values():
        chain = [target]
        while chain[-1].source in found and found[chain[-1].source or ""] not in chain:
            chain.append(found[chain[-1].source or ""])
        ordered |= {each.stack: each for each in reversed(chain) if each.stack not in ordered}
    return list(ordered.values())


def _names(rows: Sequence[Row], table: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return a name for each component: what it has already, its own name, or that with its folder or its id."""
    found = {id_: line["name"] for id_, line in table.items()}
    taken = set(found.values())
    slugs = [_name(row.title) for row in rows]
    counts = Numbers(slugs)
    for row, slug in zip(rows, slugs, strict=True):
        id_ = row.component.component_id
        if id_ in found:
            continue
        longer = f"{slug}-{_slug(row.folder.rpartition('/')[2])}"
        ways = [slug] if counts[slug] == 1 else []
        found[id_] = next(each for each in [*ways, longer, f"{longer}-{id_[:8]}", f"{slug}-{id_}"] if each not in taken)
        taken.add(found[id_])
    return found


# -- the command ---------------------------------------------------------------------------------


@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder for the project."
)
@choosing("")
@click.option("--pack", "packs", multiple=True, metavar="PATTERN", help="An integration pack by name; may be repeated.")
@click.option(
    "--connector", "connectors", multiple=True, metavar="PATTERN", help="A connector by name; may be repeated."
)
@click.option(
    "--language", type=click.Choice(sorted(_LANGUAGES)), default="python", show_default=True, help="Of the program."
)
@click.option("--own", is_flag=True, help="Let the stacks own what is there; otherwise a destroy leaves it.")
def import_command(
    screen: Screen,
    *,
    as_json: bool,
    out: Path,
    environments: tuple[str, ...],
    components: tuple[str, ...],
    packs: tuple[str, ...],
    connectors: tuple[str, ...],
    language: str,
    own: bool,
) -> int:
    r"""Write a project that takes over what runs in the account of BOOMI_*. Reads only.

    It holds a program, a table with a row a component, a stack file for each environment, and a file for each stack
    that `pulumi import --file` takes. One more stack, `account`, holds integration packs and connectors. A second run
    adds what is new and keeps what you changed.

    Everything is taken, unless you choose components, packs or connectors: then only these are.

    \b
    Exit status:
      0  everything that runs is in the project
      1  something cannot be taken over; it is listed with the reason
      2  the account could not be read, or the project not written

    \b
    Examples:
      boomi-pulumi import --out shop
      boomi-pulumi import --out shop --environment Dev --environment Test --component 'Sales/*'
      boomi-pulumi import --out shop --language yaml
    """
    counter = Counter()
    project = _LANGUAGES[language](out)
    chosen = bool(components or packs or connectors)
    client = connect(counter, Client)
    try:
        with screen.progress():
            found = Inventory()
            if components or not chosen:
                found = read(client, environments, components, screen.step)
            shared = share(client, _wanted(packs, chosen=chosen), _wanted(connectors, chosen=chosen), screen.step)
            done = write(client, found, shared, project, own=own, step=screen.step)
    finally:
        client.close()
    left = [asdict(each) for each in done.left_out]
    if as_json:
        screen.data(
            {
                "project": str(out),
                "stacks": dict(done.stacks),
                "requests": counter.sent,
                "left_out": left,
                "notes": list(done.notes),
            }
        )
        return 1 if left else 0
    for stack, count in done.stacks.items():
        screen.line(f"{stack}: {count} resources in {project.import_file(stack)}" if count else f"{stack}: nothing new")
    for each in left:
        screen.line(f"left out: {each['component']} in {each['environment']}: {each['reason']}")
    for note in done.notes:
        screen.note(note)
    if done.kept:
        screen.note(f"Kept as they are: {', '.join(done.kept)}.")
    screen.note(f"{counter.sent} requests. {out / 'README.md'} says how to go on.")
    return 1 if left else 0


def _wanted(patterns: tuple[str, ...], *, chosen: bool) -> Sequence[str] | None:
    return patterns if patterns or not chosen else None
