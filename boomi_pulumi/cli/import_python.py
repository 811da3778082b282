"""The imported project in Python: a short program, and its data as tables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.models import Environment
from boomi_pulumi._api.words import on_one_line
from boomi_pulumi.cli.files import read_text, read_yaml, save, yaml_text
from boomi_pulumi.cli.import_states import (
    SCHEDULES,
    NewResource,
    ProjectContents,
    TargetStack,
    import_steps,
    save_states,
)
from boomi_pulumi.cli.import_values import ImportedValue
from boomi_pulumi.cli.inventory import title

__all__ = ["FIRST", "PythonProject"]

FIRST = ("name", "component", "folder", "id")
"""The columns before those of the stacks."""

_COMPONENTS, _PACKS, _CONNECTORS = "components.csv", "packs.csv", "connectors.csv"
_VALUES, _SCHEDULES = "values.csv", "schedules.csv"
_PACK_COLUMNS = ("name", "pack", "component", "version", "packId", "componentId")
_CONNECTOR_COLUMNS = ("name", "connector", "version", "id")
_SCHEDULE_COLUMNS = ("name", "process", "environment", "runtime", "schedule", "environmentId", "atomId", "processId")
_PEOPLES = frozenset({"component", "folder", "pack", "connector", "process", "environment", "runtime"})
"""Columns that only people read; the program ignores them."""

_PROGRAM, _MARK = "__main__.py", "version "
"""The word before each version in a table; spreadsheets read a cell that begins so as a text."""

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Characters with which a formula of a spreadsheet begins, in both widths."""

Table = dict[str, dict[str, str]]


class PythonProject:
    """A folder with a program that reads tables.

    Args:
        folder: The folder; it need not exist.

    Attributes:
        name: The name of the project in the folder; None if there is none.
        targets: The stacks of that project.
        components: Component id -> its row: the columns FIRST, and stack -> version.
        valued: The stacks that have values of their environment.
        secrets: Path -> key of the secrets that the project names.
        takes_values: Whether the program reads the table of values.
        scheduled: atomId/processId -> the name of the schedules that the project has.
        takes_schedules: Whether the program reads the table of schedules.

    Raises:
        SettingsError: The folder holds another project, or a table in it was not written by this command.
    """

    python = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ours = [*folder.glob("import/*.json"), *map(folder.joinpath, (_COMPONENTS, _PACKS, _CONNECTORS))]
        if (folder / "Pulumi.yaml").exists() and not any(each.exists() for each in ours):
            raise SettingsError(f"{folder} holds another project; name another folder.")
        if any(folder.glob("*/import.json")):
            raise SettingsError(f"{folder} holds a project in YAML; give --language yaml, or another folder.")
        self.name: str | None = read_yaml(folder / "Pulumi.yaml").get("name")
        self.targets = [each for file in sorted(folder.glob("Pulumi.*.yaml")) for each in self._target(file)]
        rows = self._rows(_COMPONENTS, FIRST, ("id",))
        self.components: Table = {row["id"]: row for row in rows}
        self._packs = self._rows(_PACKS, _PACK_COLUMNS, ("packId", "componentId"))
        self._connectors = self._rows(_CONNECTORS, _CONNECTOR_COLUMNS, ("id",))
        self._schedules = self._rows(_SCHEDULES, _SCHEDULE_COLUMNS, ("atomId", "processId", "schedule"), once=False)
        self.scheduled = {f"{row['atomId']}/{row['processId']}": row["name"] for row in self._schedules}
        self._values = self._rows(_VALUES, ("field",), ("field",))
        cells = [(row["field"], stack, row[stack]) for row in self._values for stack in row if stack != "field"]
        self.valued = {stack for _, stack, cell in cells if cell}
        self.secrets = {path: cell.partition(" ")[2] for path, _, cell in cells if cell.startswith("secret ")}
        # The program of version 0.2.0 takes a cell as it is, and knows neither values nor schedules.
        program = read_text(folder / _PROGRAM) if (folder / _PROGRAM).exists() else None
        self._marked = program is None or f'MARK = "{_MARK}"' in program
        self.takes_values = program is None or _VALUES in program
        self.takes_schedules = program is None or _SCHEDULES in program

    @property
    def shared(self) -> dict[str, str]:
        """Id -> name of the packs and connectors in the project."""
        packs = {row["packId"]: row["name"] for row in self._packs}
        return packs | {row["id"]: row["name"] for row in self._connectors}

    def cell(self, version: str) -> str:
        """Return a version as the program reads it in a table."""
        return f"{_MARK}{version}" if self._marked else version

    @staticmethod
    def setting(stack: str, key: str) -> str:
        """Return the command that sets a secret of a stack."""
        return f"pulumi config set --secret --stack {stack} {key}"

    def write(self, wanted: ProjectContents) -> Iterator[str]:
        """Write import files, tables and other new files; yield the files that were there already and stay.

        Raises:
            OSError: A file cannot be written.
        """
        (self.folder / "import").mkdir(parents=True, exist_ok=True)
        # The tables come last: what they hold counts as written.
        for each in wanted.targets:
            save_states(self.import_file(each.stack), wanted.new[each.stack])
        for file, text in _texts(wanted):
            if (self.folder / file).exists():
                yield file
            else:
                save(self.folder / file, text)
        for stack, many in wanted.new.items():
            for resource in many:
                self._add(resource)
                self._add_values(stack, resource.values)
                if resource.kind == SCHEDULES:
                    self._add_schedules(wanted.environments[stack], resource)
        columns = [each.stack for each in wanted.targets if each.environment is not None]
        if columns:
            self._save(_COMPONENTS, [*FIRST, *columns], self.components.values())
        for table, head, rows in (
            (_SCHEDULES, _SCHEDULE_COLUMNS, self._schedules),
            (_VALUES, ("field", *columns), self._values),
            (_PACKS, _PACK_COLUMNS, self._packs),
            (_CONNECTORS, _CONNECTOR_COLUMNS, self._connectors),
        ):
            if rows:
                self._save(table, head, rows)

    def import_file(self, stack: str) -> Path:
        """Return the import file of a stack."""
        return self.folder / "import" / f"{stack}.json"

    def _target(self, file: Path) -> Iterator[TargetStack]:
        config = read_yaml(file).get("config") or {}
        stack = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
        if config.get(f"{self.name}:shares"):
            yield TargetStack(stack, None)
        elif config.get(f"{self.name}:environmentId"):
            source = config.get(f"{self.name}:promoteFrom")
            yield TargetStack(stack, str(config[f"{self.name}:environmentId"]), None if source is None else str(source))

    def _add(self, new: NewResource) -> None:
        shared = new.shared
        if shared is None:
            return
        if shared.kind == "ConnectorVersionChange":
            about = {"connector": shared.title, "version": self.cell(new.given["versionId"]), "id": shared.id}
            self._connectors.append({"name": new.name, **about})
            return
        for each in sorted(new.given["components"], key=lambda one: shared.names.get(one["componentId"], "")):
            id_, version = each["componentId"], self.cell(each["version"])
            about = {"component": shared.names.get(id_, id_), "version": version, "componentId": id_}
            self._packs.append({"name": new.name, "pack": shared.title, "packId": shared.id, **about})

    def _add_values(self, stack: str, values: Iterable[ImportedValue]) -> None:
        rows = {row["field"]: row for row in self._values}
        for each in values:
            if each.path not in rows:
                rows[each.path] = {"field": each.path}
                self._values.append(rows[each.path])
            rows[each.path][stack] = _value(each)

    def _add_schedules(self, environment: Environment, new: NewResource) -> None:
        named = new.state["inputs"]
        about = {"name": new.name, "process": named.get("processName", ""), "runtime": named.get("runtimeName", "")}
        ids = {"environmentId": environment.id, "atomId": new.given["atomId"], "processId": new.given["processId"]}
        for each in new.given["schedules"]:
            cell = "; ".join(f"{field}={text}" for field, text in each.items())
            self._schedules.append({**about, "environment": title(environment), "schedule": cell, **ids})

    def _rows(
        self, name: str, columns: Sequence[str], key: Sequence[str], *, once: bool = True
    ) -> list[dict[str, Any]]:
        """Return the rows of a table but those without a cell; `once` refuses two of the same key."""
        file = self.folder / name
        if not file.exists():
            return []
        table = csv.DictReader(io.StringIO(read_text(file), newline=""))
        rows = list(table)
        if not set(columns) <= set(table.fieldnames or ()):
            raise SettingsError(f"{file} is no table of this command: it lacks the columns {', '.join(columns)}.")
        seen: set[tuple[str, ...]] = set()
        for number, row in enumerate(rows, 2):
            ids = tuple(row[each] or "" for each in key)
            if any(row.values()) and (None in row or "" in ids or (once and ids in seen)):
                why = "has more cells than columns" if None in row else f"has no {key[-1]} of its own"
                raise SettingsError(f"{file}: row {number} {why}. Mend the table first; nothing was written.")
            seen.add(ids)
        return [{column: value or "" for column, value in row.items()} for row in rows if any(row.values())]

    def _save(self, name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
        every = list(rows)
        more = [column for row in every for column in row if column not in columns]
        out = io.StringIO()
        writer = csv.DictWriter(out, [*columns, *dict.fromkeys(more)], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {column: _shown(value) if column in _PEOPLES else value for column, value in row.items()} for row in every
        )
        save(self.folder / name, out.getvalue())


def _value(each: ImportedValue) -> str:
    """Return a cell of the table of values; its first word tells what it is, and makes it a text to a spreadsheet."""
    if isinstance(each.value, list):
        return f"rows {json.dumps(each.value, ensure_ascii=False)}"
    if isinstance(each.value, dict):
        return f"reference {each.value['secretsManagerType']} {each.value['secretReference']}"
    return f"secret {each.secret}" if each.value is None else f"value {each.value}"


def _texts(wanted: ProjectContents) -> Iterator[tuple[str, str]]:
    """Return name and text of the files that a second run keeps."""
    project = {"name": wanted.name, "runtime": "python", "description": "What runs in each Boomi environment"}
    yield "Pulumi.yaml", yaml_text(project)
    yield _PROGRAM, files(__package__).joinpath("import_program.txt").read_text(encoding="utf-8")
    yield "README.md", _readme(wanted)
    for each in wanted.targets:
        config: dict[str, Any] = {"shares": True}
        if each.environment is not None:
            # The name is for who reads it; people may rename an environment.
            config = {"environment": title(wanted.environments[each.stack]), "environmentId": each.environment}
            config |= {"promoteFrom": each.source} if each.source else {}
        yield (
            f"Pulumi.{each.stack}.yaml",
            yaml_text({"config": {f"{wanted.name}:{key}": config[key] for key in config}}),
        )


def _shown(value: Any) -> str:
    """Return a cell that people read: one line, nothing that a terminal obeys, and no formula."""
    line = on_one_line(value)
    return f"'{line}" if line.startswith(_FORMULA) else line


def _readme(wanted: ProjectContents) -> str:
    stacks = {each.stack: f"import/{each.stack}.json" for each in wanted.targets}
    shares = [each.stack for each in wanted.targets if each.environment is None]
    more = (
        f"`packs.csv` and `connectors.csv` hold what the stack `{shares[0]}` releases to others, a version a row.\n\n"
        if shares
        else ""
    )
    valued = any(each.values for many in wanted.new.values() for each in many)
    values = (
        "`values.csv` has one row per field of an environment. A cell holds `value` and the value; `secret` and the\n"
        "key of a secret in the stack's configuration; `rows` and a table; `reference`, a secrets manager and its\n"
        "name of a secret; or nothing or `-`, for a field that the stack does not own.\n\n"
        if valued
        else ""
    )
    secrets = {stack: [PythonProject.setting(stack, key) for key in wanted.secrets(stack)] for stack in stacks}
    scheduled = any(each.kind == SCHEDULES for many in wanted.new.values() for each in many)
    schedules = (
        "`schedules.csv` has one row per schedule of a process on a runtime. A cell holds its fields, such as\n"
        "`minutes=30; hours=2; daysOfWeek=mon-fri`; or `none` for no schedule; or `-` to leave alone what is there.\n"
        "A field that is left out is each.\n\n"
        if scheduled
        else ""
    )
    return (
        f"{wanted.head}\n\n"
        "`components.csv` has one row per component, and one column per stack. A cell holds the version that runs\n"
        "there, after the word `version`, such as `version 1.10`; `promote` for the package of the stack that it\n"
        "promotes from (`promoteFrom` in its stack file); `-` to leave alone whatever runs; or nothing. To release,\n"
        "change a cell. The word keeps a spreadsheet from making 1.1 of 1.10.\n\n"
        f"{more}{schedules}{values}{import_steps(stacks, secrets, folders=False)}"
    )
