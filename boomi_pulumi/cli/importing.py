"""`boomi-pulumi import`: a project for a running account, with its program, its data and its import files."""

from __future__ import annotations

import re
from collections import Counter as Numbers
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.models import Environment, EnvironmentExtensions, Runtime
from boomi_pulumi._reads.schedules import Scheduled
from boomi_pulumi.cli.account import Counter, connect
from boomi_pulumi.cli.files import read_text
from boomi_pulumi.cli.group import choosing
from boomi_pulumi.cli.import_python import FIRST, PythonProject
from boomi_pulumi.cli.import_states import NOT_OURS, PROMOTE, ImportStates, NewResource, ProjectContents, TargetStack
from boomi_pulumi.cli.import_values import SecretKeys, taken
from boomi_pulumi.cli.import_yaml import YamlProject
from boomi_pulumi.cli.inventory import (
    ActivePackage,
    Inventory,
    LeftOut,
    Row,
    read_active_packages,
    read_inventory,
    title,
    titles,
)
from boomi_pulumi.cli.schedules import Schedules, read_schedules
from boomi_pulumi.cli.screen import Screen
from boomi_pulumi.cli.sharing import EVERYWHERE, SharedObject, Sharing, read_sharing
from boomi_pulumi.cli.values import read_values

__all__ = ["Imported", "import_command", "write_project"]

Project = PythonProject | YamlProject

_LANGUAGES: dict[str, type[PythonProject | YamlProject]] = {"python": PythonProject, "yaml": YamlProject}
_SHARES = "account"
"""The stack of packs and connectors."""

_VALUES = "values"
"""The name of the resource that gives an environment its values."""

_SETTINGS = ("environment", "environmentId", "promoteFrom", "shares")
"""The keys of a stack's configuration that are no secrets."""

_MONTHS = (
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?"
    "|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?"
)
_NOT_TEXT = re.compile(rf"[0-9].*|true|false|({_MONTHS})-?[0-9].*")
"""Slugs that a spreadsheet may read as a number, a date or a truth value."""

_LONGEST = 60
"""Characters of a slug."""


@dataclass(frozen=True)
class Imported:
    """What was written.

    Attributes:
        stacks: Stack -> how many resources its import file holds.
        kept: Files that were there already and were not changed.
        left_out: What is in the account and not in the project.
        notes: What the user may not read, and packs without a release.
        secrets: Stack -> the command that sets a secret -> the field that it is of.
    """

    stacks: Mapping[str, int]
    kept: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    secrets: Mapping[str, Mapping[str, str]]


def write_project(
    client: Client,
    found: Inventory,
    schedules: Schedules,
    sharing: Sharing,
    project: Project,
    *,
    own: bool,
    step: Callable[[str], object],
) -> Imported:
    """Write a project; a second run adds what is new, and keeps what people changed.

    Args:
        client: The account.
        found: What runs where.
        schedules: What is scheduled there.
        sharing: Packs and connectors.
        project: The project.
        own: Whether the stacks own what is there; otherwise a destroy leaves it.
        step: Takes a line about what is being done.

    Raises:
        RequestError: The packages could not be read.
        SettingsError: The project was written with the other value of `own`.
        OSError: A file cannot be written.
    """
    name = project.name or _slug(project.folder.resolve().name)
    _check_ownership(project.folder / "README.md", own=own)
    notes = [*found.notes, *schedules.notes, *sharing.notes]
    known, refused = read_active_packages(client, found, step, notes)
    states = ImportStates(client, name, own=own, python=project.python)
    additions = _Additions(project, states, known, found.environments)
    step(f"Writing {len(known)} deployments")
    names = _names(found.rows, project.components)
    for row in found.rows:
        additions.take(row, names[row.component.component_id])
    additions.take_schedules(found.rows, schedules, notes)
    additions.take_values(found.values, notes)
    if sharing.found:
        additions.take_shared(sharing.found)
    contents = ProjectContents(name, additions.targets, additions.environments, additions.new, _HEADS[own])
    kept = tuple(project.write(contents))
    left_out = (*found.left_out, *refused, *sharing.left_out, *additions.left_out)
    secrets = {
        stack: {project.setting(stack, key): path for key, path in said.items()}
        for stack in additions.new
        if (said := contents.secrets(stack))
    }
    stacks = {stack: len(many) for stack, many in additions.new.items()}
    return Imported(stacks, kept, left_out, tuple(notes), secrets)


class _Additions:
    """The resources that a project has not yet.

    Attributes:
        targets: The project's stacks, in the order of promotion.
        environments: Stack -> its environment.
        new: Stack -> the resources that the stack has not yet.
        left_out: What cannot be written.
    """

    def __init__(
        self,
        project: Project,
        states: ImportStates,
        known: Mapping[tuple[str, str], ActivePackage],
        environments: Sequence[Environment],
    ) -> None:
        self.targets = _targets(project.targets, environments)
        by_id = {each.id: each for each in environments}
        self.environments = {each.stack: by_id[each.environment] for each in self.targets if each.environment}
        self.new: dict[str, list[NewResource]] = {each.stack: [] for each in self.targets}
        self.left_out: list[LeftOut] = []
        self._project, self._states, self._known = project, states, known

    def take(self, row: Row, name: str) -> None:
        """Add the package and the deployments of a component to the stacks that have them not yet."""
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

    def take_schedules(self, rows: Sequence[Row], there: Schedules, notes: list[str]) -> None:
        """Add the schedules of the processes that the project deploys, where it has none of that process and runtime.

        Two environments may share a runtime; then the first one gets them.
        """
        known, stopped, unread = dict(self._project.scheduled), [], []
        for target, row, runtime, scheduled in self._scheduled(rows, there):
            process, where = row.component.component_id, f"{row.title} on {runtime.name or runtime.id}"
            pair = f"{runtime.id}/{process}"
            if pair in known:
                continue
            if not self._project.takes_schedules:
                unread.append(where)
                continue
            environment, after = self.environments[target.stack], self._project.components[process]["name"]
            beside = (there.runtimes or {}).get(environment.id, {})
            taken = {name for each, name in known.items() if each.partition("/")[0] in beside}
            longer = f"{after}-{_slug(runtime.name or runtime.id)}"
            ways = [after] if len(beside) == 1 else []
            name = next(each for each in (*ways, longer, f"{after}-{_slug(runtime.id)}") if each not in taken)
            try:
                new = self._states.schedules(target.stack, name, row, runtime, scheduled, after=after)
            except SettingsError as error:
                self.left_out.append(LeftOut(title(environment), f"the schedules of {where}", str(error)))
                continue
            self.new[target.stack].append(new)
            known[pair] = name
            stopped += [where] if scheduled.enabled is False else []
        if stopped:
            notes.append(
                f"Stopped, and left so: the schedules of {', '.join(stopped)}. The program says when they run, and not "
                "whether they are in force; declare `enabled` for that."
            )
        if unread:
            notes.append(
                f"The schedules of {', '.join(unread)} are left out: the program does not read them. To take them "
                "over, move __main__.py away, and run this again."
            )

    def _scheduled(
        self, rows: Sequence[Row], there: Schedules
    ) -> Iterator[tuple[TargetStack, Row, Runtime, Scheduled]]:
        """Yield what is scheduled on the runtimes of each stack, of the processes that the project deploys there."""
        for target in (each for each in self.targets if each.environment is not None):
            for row in rows:
                process = row.component.component_id
                if self._project.components.get(process, {}).get(target.stack) in (None, "", NOT_OURS):
                    continue
                for id_, name in (there.runtimes or {}).get(target.environment or "", {}).items():
                    scheduled = there.found.get(id_, {}).get(process)
                    if scheduled is not None and scheduled.schedules:
                        yield target, row, Runtime(id=id_, name=name if name != id_ else None), scheduled

    def take_values(self, values: Mapping[str, EnvironmentExtensions], notes: list[str]) -> None:
        """Add the values of each environment to its stack, if the stack has none yet."""
        keys = SecretKeys(self._project.secrets, _SETTINGS)
        for target in (each for each in self.targets if each.stack not in self._project.valued):
            environment = self.environments[target.stack]
            found, left = taken(values.get(environment.id, EnvironmentExtensions(id="")), keys)
            where = title(environment)
            if found and not self._project.takes_values:
                notes.append(
                    f"The values of {where} are left out: the program does not read them. To take them over, move "
                    "__main__.py away, and run this again."
                )
                continue
            self.left_out += [LeftOut(where, path, reason) for path, reason in left]
            if all(each.value is None for each in found):
                self.left_out += [
                    LeftOut(where, each.path, "no value that is not secret is set there") for each in found
                ]
                continue
            try:
                new = self._states.values(target.stack, environment, _VALUES, found, values[environment.id])
                self.new[target.stack].append(new)
            except SettingsError as error:
                self.left_out.append(LeftOut(where, "its values", str(error)))

    def take_shared(self, found: Iterable[SharedObject]) -> None:
        """Add the packs and connectors that the project has not yet, to the stack `account`."""
        there = self._project.shared
        names = [each.stack for each in (*self._project.targets, *self.targets)]
        kept = next((each for each in self._project.targets if each.environment is None), None)
        target = kept or TargetStack(_SHARES if _SHARES not in names else f"{_SHARES}-wide", None)
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
"""`own` -> the first line of the README."""


def _check_ownership(readme: Path, *, own: bool) -> None:
    """Refuse to mix owned and adopted objects in one project.

    Raises:
        SettingsError: The README says that the project was written with the other value of `own`.
    """
    if readme.exists() and read_text(readme).startswith(_HEADS[not own]):
        how = "without" if own else "with"
        raise SettingsError(
            f"{readme.parent} was written {how} --own; run it {how} --own again, or name another folder."
        )


# -- names ---------------------------------------------------------------------------------------


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST].strip("-") or "boomi"


def _name(text: str) -> str:
    """Return a name that every spreadsheet reads as a text: no number, date or truth value."""
    slug = _slug(text)
    return f"boomi-{slug}" if _NOT_TEXT.fullmatch(slug) else slug


def _targets(there: Sequence[TargetStack], environments: Iterable[Environment]) -> list[TargetStack]:
    """Return the stack of each environment: a known stack, or a new one that promotes from the stack before.

    A stack comes after the stack that it promotes from, which need not be the order of the environments.
    """
    known = {each.environment: each for each in there if each.environment is not None}
    names = {each.stack for each in there} | {*FIRST, _SHARES}
    found: dict[str, TargetStack] = {}
    before: str | None = None
    for each in environments:
        target = known.get(each.id)
        if target is None:
            slug = _slug(title(each))
            target = TargetStack(slug if slug not in names else f"{slug}-{each.id[:8]}", each.id, before)
            names.add(target.stack)
        found[target.stack] = target
        before = target.stack
    ordered: dict[str, TargetStack] = {}
    for target in found.values():
        chain = [target]
        while chain[-1].source in found and found[chain[-1].source or ""] not in chain:
            chain.append(found[chain[-1].source or ""])
        ordered |= {each.stack: each for each in reversed(chain) if each.stack not in ordered}
    return list(ordered.values())


def _names(rows: Sequence[Row], table: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return component id -> its name in the program.

    A name in the table stays. A new name is the component's own, with its folder or its id where others have that name.
    """
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
    "--language",
    type=click.Choice(sorted(_LANGUAGES)),
    default="python",
    show_default=True,
    help="The program's language.",
)
@click.option("--own", is_flag=True, help="Let the stacks own what runs. Without this option a destroy leaves it.")
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

    The project has a program, a table with a row for each component, a stack file for each environment, and for each
    stack a file that `pulumi import --file` takes. A further stack, `account`, has the integration packs and
    connectors. A second run adds what is new and keeps what you changed.

    Without --component, --pack and --connector everything is taken; with them, only what they name.

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
    everything = not (components or packs or connectors)
    with closing(connect(counter, Client)) as client, screen.progress():
        found = Inventory()
        if components or everything:
            found = read_inventory(client, environments, components, screen.step)
        if everything:
            screen.step("Reading the values of environments")
            unread: list[str] = []
            values = read_values(client, found.environments, titles(found.environments), unread)
            found = replace(found, values=values, notes=(*found.notes, *unread))
        active = [each for each in found.environments if any(each.id in row.active for row in found.rows)]
        schedules = read_schedules(client, active, screen.step) if active else Schedules()
        sharing = read_sharing(client, packs, connectors, screen.step, everything=everything)
        done = write_project(client, found, schedules, sharing, project, own=own, step=screen.step)
    status = 1 if done.left_out else 0
    if as_json:
        screen.data({"project": str(out), "requests": counter.sent, **asdict(done)})
        return status
    for stack, count in done.stacks.items():
        screen.line(f"{stack}: {count} resources in {project.import_file(stack)}" if count else f"{stack}: nothing new")
    for each in done.left_out:
        screen.line(f"left out: {each.component} in {each.environment}: {each.reason}")
    for stack, said in done.secrets.items():
        screen.line(f"{stack}: secrets that Boomi does not tell; set each before `pulumi import`, or take it out:")
        for setting, path in said.items():
            screen.line(f"  {setting}    ({path})")
    for note in done.notes:
        screen.note(note)
    if done.kept:
        screen.note(f"Kept as they are: {', '.join(done.kept)}.")
    screen.note(f"{counter.sent} requests. {out / 'README.md'} says how to go on.")
    return status
