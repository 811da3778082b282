"""The imported project in Python: a short program, and its data as tables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from boomi_pulumi.api.errors import SettingsError
from boomi_pulumi.api.models import Environment
from boomi_pulumi.cli.files import save
from boomi_pulumi.cli.import_states import New, save_states
from boomi_pulumi.cli.inventory import title

__all__ = ["FIRST", "PythonProject"]

FIRST = ("name", "component", "folder", "id")
"""The columns before those of the stacks."""

_COMPONENTS, _PACKS, _CONNECTORS = "components.csv", "packs.csv", "connectors.csv"
_PACK_COLUMNS = ("name", "pack", "component", "version", "packId", "componentId")
_CONNECTOR_COLUMNS = ("name", "connector", "version", "id")

Table = dict[str, dict[str, str]]


class PythonProject:
    """A folder with a program that reads tables.

    Args:
        folder: The folder, which need not be there.

    Attributes:
        components: Component id -> its row: the columns FIRST, and stack -> version.
        shared: Ids of the packs and connectors that are in it.

    Raises:
        SettingsError: A table in it is none of this command.
    """

    python = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.components: Table = {row["id"]: row for row in self._rows(_COMPONENTS, FIRST)}
        self._packs = self._rows(_PACKS, _PACK_COLUMNS)
        self._connectors = self._rows(_CONNECTORS, _CONNECTOR_COLUMNS)

    @property
    def shared(self) -> dict[str, str]:
        """Id -> name of the packs and connectors that are in it."""
        packs = {row["packId"]: row["name"] for row in self._packs}
        return packs | {row["id"]: row["name"] for row in self._connectors}

    def write(
        self, name: str, stacks: Mapping[str, Environment | None], new: Mapping[str, Sequence[New]], head: str
    ) -> Iterator[str]:
        """Write tables and import files, and what else is not there yet; yield the files that are.

        Args:
            name: The project's name.
            stacks: In the order of promotion, each with its environment; None for the stack of packs and connectors.
            new: Stack -> what no stack has yet.
            head: The first line of the README.
        """
        (self.folder / "import").mkdir(parents=True, exist_ok=True)
        environments = {stack: each for stack, each in stacks.items() if each is not None}
        if environments:
            self._save(_COMPONENTS, [*FIRST, *environments], self.components.values())
        for each in (each for many in new.values() for each in many if each.shared is not None):
            self._add(each)
        if self._packs:
            self._save(_PACKS, _PACK_COLUMNS, self._packs)
        if self._connectors:
            self._save(_CONNECTORS, _CONNECTOR_COLUMNS, self._connectors)
        for stack, many in new.items():
            save_states(self.import_file(stack), many)
        for file, text in self._texts(name, stacks, head):
            if (self.folder / file).exists():
                yield file
            else:
                save(self.folder / file, text)

    def import_file(self, stack: str) -> Path:
        """Return the import file of a stack."""
        return self.folder / "import" / f"{stack}.json"

    def _add(self, new: New) -> None:
        shared = new.shared
        if shared is None:
            return
        if shared.kind == "ConnectorVersionChange":
            row = {"name": new.name, "connector": shared.title, "version": new.given["versionId"], "id": shared.id}
            self._connectors.append(row)
            return
        for each in sorted(new.given["components"], key=lambda one: shared.names.get(one["componentId"], "")):
            id_, version = each["componentId"], each["version"]
            about = {"component": shared.names.get(id_, id_), "version": version, "componentId": id_}
            self._packs.append({"name": new.name, "pack": shared.title, "packId": shared.id, **about})

    def _rows(self, name: str, columns: Sequence[str]) -> list[dict[str, Any]]:
        file = self.folder / name
        if not file.exists():
            return []
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
        if rows and not set(columns) <= set(rows[0]):
            raise SettingsError(f"{file} is no table of this command: it lacks the columns {', '.join(columns)}.")
        return [{key: value or "" for key, value in row.items()} for row in rows]

    def _save(self, name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
        every = list(rows)
        more = [column for row in every for column in row if column not in columns]
        out = io.StringIO()
        writer = csv.DictWriter(out, [*columns, *dict.fromkeys(more)], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(every)
        save(self.folder / name, out.getvalue())

    def _texts(self, name: str, stacks: Mapping[str, Environment | None], head: str) -> Iterator[tuple[str, str]]:
        yield "Pulumi.yaml", f"name: {name}\nruntime: python\ndescription: What runs in each Boomi environment\n"
        yield "__main__.py", files(__package__).joinpath("import_program.txt").read_text(encoding="utf-8")
        yield "README.md", _readme(list(stacks), head, shares=None in stacks.values())
        before = ""
        for stack, environment in stacks.items():
            if environment is None:
                yield f"Pulumi.{stack}.yaml", f"config:\n  {name}:shares: true\n"
                continue
            lines = [f"  {name}:environment: {json.dumps(title(environment), ensure_ascii=False)}"]
            lines += [f"  {name}:promoteFrom: {before}"] if before else []
            yield f"Pulumi.{stack}.yaml", "\n".join(["config:", *lines, ""])
            before = stack


def _readme(stacks: Sequence[str], head: str, *, shares: bool) -> str:
    turns = "\n\n".join(
        f"    pulumi stack init {stack}\n"
        f"    pulumi import --stack {stack} --file import/{stack}.json --protect=false --generate-code=false --yes\n"
        f"    pulumi up --stack {stack}"
        for stack in stacks
    )
    more = (
        f"`packs.csv` and `connectors.csv` hold what the stack `{stacks[-1]}` releases to others, a version a row.\n\n"
        if shares
        else ""
    )
    return (
        f"{head}\n\n"
        "`components.csv` has one row a component, and a column a stack. A cell holds the version that runs there,\n"
        "`promote` for the very package of the stack before it, or nothing. To release, change a cell.\n\n"
        f"{more}"
        "Take over what runs, stack after stack. Each `pulumi up` says that nothing is to change, and notes what the\n"
        f"next stack promotes:\n\n{turns}\n"
    )
