"""A project for a running account: its program, its data, and what the engine needs to take all of it over."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from boomi_pulumi.api.client import Client
from boomi_pulumi.api.errors import SettingsError
from boomi_pulumi.api.models import Environment
from boomi_pulumi.cli.account import Counter, connect
from boomi_pulumi.cli.inventory import Cell, Inventory, LeftOut, Row, cells, read, title
from boomi_pulumi.cli.screen import Screen
from boomi_pulumi.core.adopting import adopt
from boomi_pulumi.core.lifecycle import Lifecycle
from boomi_pulumi.core.looks import fact_of, marked
from boomi_pulumi.kinds import KINDS
from boomi_pulumi.native.schema import DYNAMIC
from boomi_pulumi.provider import ORIGIN, serialized

__all__ = ["Imported", "import_command", "write"]

PROMOTE = "promote"
"""In a cell: the very package of the stack before it."""

_FIRST = ("name", "component", "folder", "id")
_DATA = "components.csv"


@dataclass(frozen=True)
class Imported:
    """What was written.

    Attributes:
        stacks: Stack -> how many resources its import file holds.
        kept: Files that were there already, and stay as they are.
        left_out: What runs and is not in it, and why.
    """

    stacks: Mapping[str, int]
    kept: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def write(
    client: Client, found: Inventory, folder: Path, *, own: bool, step: Callable[[str], object] = lambda _: None
) -> Imported:
    """Write the project; a second run adds what is new, and keeps what people changed.

    Args:
        client: The account.
        found: What runs where.
        folder: Where to.
        own: Whether the stacks own what is there; otherwise a destroy leaves it.
        step: Is told what is done.

    Raises:
        RequestError: The packages could not be read.
        SettingsError: The folder holds a table that this command did not write.
        OSError: It cannot be written.
    """
    project, stacks = _project(folder), _stacks(found.environments)
    table = _table(folder / _DATA, [*_FIRST, *stacks])
    names = _names(found.rows, table)
    new: dict[str, list[dict[str, Any]]] = {stack: [] for stack in stacks}
    known, refused = cells(client, found, step)
    left_out = [*found.left_out, *refused]
    writer = _States(client, project, own=own)
    for row in found.rows:
        line = _line(names[row.component.component_id], row)
        line |= table.get(row.component.component_id, {})
        before: str | None = None
        for stack, environment in stacks.items():
            cell = known.get((row.component.component_id, environment.id))
            if cell is not None and not line.get(stack):
                same = before == cell.package.package_id
                fresh = _New(line["name"], row, cell, made_here=not same)
                try:
                    new[stack] += writer.resources(stack, environment, fresh)
                    line[stack] = PROMOTE if same else str(cell.package.package_version)
                except SettingsError as error:
                    left_out.append(LeftOut(title(environment), row.title, str(error)))
            before = cell.package.package_id if cell is not None and line.get(stack) else None
        if any(line.get(stack) for stack in stacks):
            table[row.component.component_id] = line
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "import").mkdir(exist_ok=True)
    (folder / _DATA).write_text(_csv(table, [*_FIRST, *stacks]), encoding="utf-8")
    for stack, resources in new.items():
        text = json.dumps({"resources": resources}, indent=1, ensure_ascii=False)
        (folder / "import" / f"{stack}.json").write_text(text + "\n", encoding="utf-8")
    kept = tuple(_files(folder, project, stacks, own=own))
    counts = {stack: len(resources) for stack, resources in new.items()}
    return Imported(counts, kept, tuple(left_out))


@dataclass(frozen=True)
class _New:
    """Something that no stack has yet.

    Attributes:
        name: What the program calls it.
        row: Its component.
        cell: What runs.
        made_here: Whether this stack has the package as well, and does not promote it.
    """

    name: str
    row: Row
    cell: Cell
    made_here: bool


class _States:
    """Makes the states of resources."""

    def __init__(self, client: Client, project: str, *, own: bool) -> None:
        self._project, self._own = project, own
        self._marks = client.settings.origin_mark
        self._client = client

    def resources(self, stack: str, environment: Environment, new: _New) -> list[dict[str, Any]]:
        """Return the package, unless another stack has it, and the deployment.

        Raises:
            SettingsError: The check refuses one of them.
        """
        if new.cell.package.package_version == PROMOTE:
            raise SettingsError(f"its package's version is {PROMOTE!r}, which means another thing here")
        about, package, deployment = new.row.component, new.cell.package, new.cell.deployment
        origin = f"{self._project}/{stack}/{new.name}"
        made = []
        if new.made_here:
            given = {"componentId": package.component_id, "packageVersion": package.package_version}
            facts = {
                "componentId": fact_of(about, about.component_id),
                "packageVersion": {**marked(package), "id": package.package_version},
            }
            made.append(self._state("PackagedComponent", origin, given, package, facts))
        given = {"environmentId": environment.id, "packageId": package.package_id}
        facts = {
            "environmentId": fact_of(environment, environment.id),
            "packageId": {**fact_of(package, package.package_id), "componentName": about.name},
            "supersedes": marked(deployment),
        }
        return [*made, self._state("DeployedPackage", origin, given, deployment, facts)]

    def _state(
        self, kind: str, origin: str, given: dict[str, Any], record: Any, facts: Mapping[str, Any]
    ) -> dict[str, Any]:
        lifecycle = Lifecycle(KINDS[kind], lambda: self._client, marks=self._marks)
        found = adopt(lifecycle, given, record, facts, origin, adopted=not self._own)
        hidden = {ORIGIN: origin, "__provider": serialized(kind)}
        return {
            "type": DYNAMIC.format(kind),
            "name": origin.rpartition("/")[2],
            "id": found.id,
            "inputs": found.inputs | hidden,
            "outputs": found.outputs | hidden,
        }


# -- names ---------------------------------------------------------------------------------------


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "boomi"


def _project(folder: Path) -> str:
    """Return the name of the project that is there, or one after the folder."""
    file = folder / "Pulumi.yaml"
    found = re.search(
        r"^name: *[\"']?([\w.-]+)", file.read_text(encoding="utf-8") if file.exists() else "", re.MULTILINE
    )
    return found[1] if found else _slug(folder.resolve().name)


def _stacks(environments: tuple[Environment, ...]) -> dict[str, Environment]:
    found: dict[str, Environment] = {}
    for each in environments:
        name = _slug(title(each))
        taken = name in found or name in _FIRST
        found[f"{name}-{each.id[:8]}" if taken else name] = each
    return found


def _names(rows: tuple[Row, ...], table: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return a name for each component: what it has already, its own name, or that with its folder or its id."""
    found = {id_: line["name"] for id_, line in table.items()}
    slugs = [_slug(row.title) for row in rows]
    for row, slug in zip(rows, slugs, strict=True):
        id_ = row.component.component_id
        if id_ in found:
            continue
        taken = set(found.values())
        longer = f"{slug}-{_slug(row.folder.rpartition('/')[2])}"
        ways = [slug] if slugs.count(slug) == 1 else []
        found[id_] = next(each for each in [*ways, longer, f"{longer}-{id_[:8]}", f"{slug}-{id_}"] if each not in taken)
    return found


# -- files ---------------------------------------------------------------------------------------


def _line(name: str, row: Row) -> dict[str, str]:
    component = row.component
    return {"name": name, "component": component.name or "", "folder": row.folder, "id": component.component_id}


def _table(file: Path, columns: list[str]) -> dict[str, dict[str, str]]:
    if not file.exists():
        return {}
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    if rows and not set(columns[: len(_FIRST)]) <= set(rows[0]):
        raise SettingsError(f"{file} is no table of this command: it lacks the columns {', '.join(_FIRST)}.")
    return {row["id"]: {name: value or "" for name, value in row.items()} for row in rows}


def _csv(table: Mapping[str, Mapping[str, str]], columns: list[str]) -> str:
    more = [name for line in table.values() for name in line if name not in columns]
    out = io.StringIO()
    writer = csv.DictWriter(out, [*columns, *dict.fromkeys(more)], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(table.values())
    return out.getvalue()


def _files(folder: Path, project: str, stacks: Mapping[str, Environment], *, own: bool) -> Iterator[str]:
    """Write what is not there yet; yield what is."""
    texts = {
        "Pulumi.yaml": f"name: {project}\nruntime: python\ndescription: What runs in each Boomi environment\n",
        "__main__.py": files(__package__).joinpath("import_program.txt").read_text(encoding="utf-8"),
        "README.md": _readme(list(stacks), own=own),
    }
    before = ""
    for stack, environment in stacks.items():
        lines = [f"  {project}:environment: {json.dumps(title(environment), ensure_ascii=False)}"]
        lines += [f"  {project}:promoteFrom: {before}"] if before else []
        texts[f"Pulumi.{stack}.yaml"] = "\n".join(["config:", *lines, ""])
        before = stack
    for name, text in texts.items():
        if (folder / name).exists():
            yield name
        else:
            (folder / name).write_text(text, encoding="utf-8")


def _readme(stacks: list[str], *, own: bool) -> str:
    whose = (
        "These stacks own what they name: `pulumi destroy` undeploys it, and deletes its packages."
        if own
        else "These stacks adopted what they name: `pulumi destroy` forgets it, and leaves it where it is."
    )
    turns = "\n\n".join(
        f"    pulumi stack init {stack}\n"
        f"    pulumi import --stack {stack} --file import/{stack}.json --protect=false --generate-code=false --yes\n"
        f"    pulumi up --stack {stack}"
        for stack in stacks
    )
    return (
        f"{whose}\n\n"
        "`components.csv` has one row a component, and a column a stack. A cell holds the version that runs there,\n"
        "`promote` for the very package of the stack before it, or nothing. To release, change a cell.\n\n"
        "Take over what runs, stack after stack. Each `pulumi up` says that nothing is to change, and notes what the\n"
        f"next stack promotes:\n\n{turns}\n"
    )


# -- the command ---------------------------------------------------------------------------------


@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder for the project."
)
@click.option(
    "--environment", "environments", multiple=True, metavar="NAME", help="In the order of promotion; all if left out."
)
@click.option(
    "--component",
    "components",
    multiple=True,
    metavar="PATTERN",
    help="A name, or a path such as 'Sales/Orders/*'; may be repeated; all if left out.",
)
@click.option("--own", is_flag=True, help="Let the stacks own what is there; otherwise a destroy leaves it.")
def import_command(
    screen: Screen,
    *,
    as_json: bool,
    out: Path,
    environments: tuple[str, ...],
    components: tuple[str, ...],
    own: bool,
) -> int:
    r"""Write a project that takes over what runs in the account of BOOMI_*. Reads only.

    It holds a program, a table with a row a component, a stack file for each environment, and a file for each stack
    that `pulumi import --file` takes. A second run adds what is new and keeps what you changed.

    \b
    Exit status:
      0  everything that runs is in the project
      1  something cannot be taken over; it is listed with the reason
      2  the account could not be read, or the project not written

    \b
    Examples:
      boomi-pulumi import --out shop
      boomi-pulumi import --out shop --environment Dev --environment Test --component 'Sales/*'
    """
    counter = Counter()
    client = connect(counter, Client)
    try:
        with screen.progress():
            found = read(client, environments, components, screen.step)
            done = write(client, found, out, own=own, step=screen.step)
    finally:
        client.close()
    left = [asdict(each) for each in done.left_out]
    if as_json:
        screen.data({"project": str(out), "stacks": dict(done.stacks), "requests": counter.sent, "left_out": left})
        return 1 if left else 0
    for stack, count in done.stacks.items():
        screen.line(f"{stack}: {count} resources in {out / 'import' / stack}.json")
    for each in left:
        screen.line(f"left out: {each['component']} in {each['environment']}: {each['reason']}")
    if done.kept:
        screen.note(f"Kept as they are: {', '.join(done.kept)}.")
    screen.note(f"{counter.sent} requests. {out / 'README.md'} says how to go on.")
    return 1 if left else 0
