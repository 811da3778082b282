"""What runs, beside what stacks say, what other environments run, and what could run: drift, unowned, skew, stale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BoomiError, SettingsError
from boomi_pulumi._api.filters import Filter, any_of, where
from boomi_pulumi._api.models import PACKAGED_COMPONENT, DeployedPackage, Environment, PackagedComponent
from boomi_pulumi._api.schedules import brief
from boomi_pulumi._lifecycle.origin import stack_of, strip_mark
from boomi_pulumi._lifecycle.seen import Unread
from boomi_pulumi._reads.history import is_newer, same_branch
from boomi_pulumi._reads.queries import Queries
from boomi_pulumi.cli.inventory import Inventory, LeftOut, Row, apart, read_by_id, read_inventory, titles
from boomi_pulumi.cli.schedules import UNSCHEDULED, ScheduleCell, Schedules, judge, tell_schedules
from boomi_pulumi.cli.stacks import Declared, Stack
from boomi_pulumi.cli.values import VALUES, ValueLine, compare_values, read_values

__all__ = ["FINDINGS", "Cell", "Finding", "Line", "Report", "compare", "data", "look"]

FINDINGS = {
    "drift": "a stack says something else",
    "unowned": "no stack has it",
    "skew": "environments run different packages",
    "stale": "something newer exists",
}
"""What every report finds, the gravest first."""


@dataclass(frozen=True)
class Finding:
    """Something to look at.

    Attributes:
        kind: One of FINDINGS, or of UNSCHEDULED.
        text: What it is, in a few words.
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Cell:
    """A component in an environment.

    Attributes:
        deployment: What runs there; None where only a stack says that something does.
        stacks: project/stack of those that have it.
        findings: Drift, unowned, stale, unscheduled.
        schedules: What is scheduled there; None where nobody asked, or it is no process.
    """

    deployment: DeployedPackage | None
    stacks: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    schedules: ScheduleCell | None = None


@dataclass(frozen=True)
class Line:
    """A component, and what there is to say of it.

    Attributes:
        row: The component, and what runs of it.
        title: Its name, which tells it from all others of the report.
        newest: Its newest package, of the branch that it is released from.
        cells: Environment id -> what runs there.
        findings: What concerns no single environment: skew, and a revision that is not packaged.
    """

    row: Row
    title: str
    newest: PackagedComponent | None
    cells: Mapping[str, Cell]
    findings: tuple[Finding, ...] = ()

    @property
    def path(self) -> str:
        """Its folder and name, and its id where these are another's as well."""
        return self.title if self.title.startswith(self.row.path) else self.row.path

    def found(self) -> Iterator[tuple[str, Finding]]:
        """Return every finding with the id of its environment, or with nothing."""
        for each in self.findings:
            yield "", each
        for environment, cell in self.cells.items():
            for each in cell.findings:
                yield environment, each

    def kinds(self) -> list[str]:
        """Return the kinds of its findings, each once."""
        return list(dict.fromkeys(each.kind for _, each in self.found()))


@dataclass(frozen=True)
class Report:
    """The whole picture.

    Attributes:
        account: The account's id.
        at: When it was taken.
        environments: In the order of promotion.
        stacks: Those that were read; None where none was given, so that nobody can tell what they have.
        lines: By folder and name.
        left_out: What runs and is not in it, or only in part, and why.
        notes: What the user may not read.
        fields: The fields of the environments; see `compare_values`.
        unread: The environments whose values could not be read.
        with_values: Whether the values themselves are shown.
        with_schedules: Whether the schedules were asked for.
    """

    account: str
    at: datetime
    environments: tuple[Environment, ...]
    stacks: tuple[str, ...] | None
    lines: tuple[Line, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...] = ()
    fields: tuple[ValueLine, ...] = ()
    unread: frozenset[str] = frozenset()
    with_values: bool = False
    with_schedules: bool = False

    @property
    def findings(self) -> dict[str, str]:
        """The kinds of findings that were looked for, the gravest first, and what they mean."""
        return {**FINDINGS, **(UNSCHEDULED if self.with_schedules else {})}

    def counts(self) -> dict[str, int]:
        """Return how many components have a finding of each kind."""
        return {kind: sum(kind in line.kinds() for line in self.lines) for kind in self.findings}

    def scheduled(self) -> list[Line]:
        """Return the processes, where schedules were asked for."""
        return [line for line in self.lines if any(cell.schedules for cell in line.cells.values())]

    def unread_schedules(self) -> list[str]:
        """Return the ids of the environments of which it is not known what is in force."""
        cells = [(id_, cell.schedules) for line in self.lines for id_, cell in line.cells.items()]
        return list(dict.fromkeys(id_ for id_, each in cells if each is not None and not each.known))

    def value_counts(self) -> dict[str, int]:
        """Return how many fields of environments have a finding of each kind."""
        found = [cell.finding for line in self.fields for cell in line.cells.values()]
        return {kind: found.count(kind) for kind in VALUES}

    def shown_fields(self) -> list[ValueLine]:
        """Return the fields that a reader looks at: with values, also those that differ, or all of one environment."""
        ids = [each.id for each in self.environments if each.id not in self.unread]
        every = self.with_values and len(ids) == 1
        differ = self.with_values and len(ids) > 1
        return [line for line in self.fields if every or line.finds() or (differ and line.differs(ids))]


def look(
    client: Client,
    environments: Sequence[str],
    patterns: Sequence[str],
    stacks: Sequence[Stack],
    step: Callable[[str], object],
) -> tuple[Inventory, dict[str, Sequence[PackagedComponent]]]:
    """Read what runs, and component -> its newest packages, one of each branch that runs somewhere.

    Args:
        client: The account.
        environments: Names or ids, in the order of promotion; none for all.
        patterns: Names or paths of components; none for all.
        stacks: What stacks say.
        step: Is told what is done.

    Raises:
        NotFound: There is no such environment.
        RequestError: Something could not be read.
    """
    found = read_inventory(
        client, environments, patterns, step, also=[each.component_id for stack in stacks for each in stack.deployments]
    )
    latest = {row.component.component_id: _latest(row) for row in found.rows if row.active}
    step(f"Reading the newest packages of {len(latest)} components")
    notes = list(found.notes)
    step("Reading the values of environments")
    values = read_values(client, found.environments, titles(found.environments), notes)
    ids = [each.package_id or "" for of in latest.values() for each in of]
    read_ = read_by_id(client, PACKAGED_COMPONENT, ids, notes)
    known = {
        component: packages
        for component, of in latest.items()
        if (packages := [each for one in of if isinstance(each := read_.get(one.package_id or ""), PackagedComponent)])
    }
    newest = _newest(Queries(client, notes.append), known) if known else {}
    return replace(found, notes=tuple(notes), values=values), newest


def _latest(row: Row) -> list[DeployedPackage]:
    """Return what is probably the newest of what runs, of each branch: the fewer are newer, the less is to be read."""
    latest: dict[str | None, DeployedPackage] = {}
    for each in (each for many in row.active.values() for each in many):
        latest[each.branch_name] = max(
            (each, latest.get(each.branch_name, each)),
            key=lambda one: (one.component_version or 0, one.deployed_date or ""),
        )
    return list(latest.values())


def _newest(
    queries: Queries, known: Mapping[str, Sequence[PackagedComponent]]
) -> dict[str, Sequence[PackagedComponent]]:
    """Return the newest package of each component and branch: the one that is known, or one that was made after it.

    Raises:
        BoomiError: A query failed, other than for want of a right.
    """
    dates = {id_: min(str(each.created_date or "") for each in of) for id_, of in known.items()}

    def condition(part: Sequence[str]) -> Filter:
        return any_of(
            [where("componentId").equals(each) & where("createdDate").greater_than(dates[each]) for each in part]
        )

    rows, rest = queries.query(PACKAGED_COMPONENT, [id_ for id_, date in dates.items() if date], condition)
    if isinstance(rest, Unread):
        raise BoomiError(rest.error)
    newest: dict[str, Sequence[PackagedComponent]] = dict(known)
    for package in (row for row in rows if row.deleted is not True and row.component_id in known):
        of = newest[str(package.component_id)]
        newest[str(package.component_id)] = [package if is_newer(package, each) else each for each in of]
    return newest


def _of_branch(packages: Sequence[PackagedComponent], branch: str | None) -> PackagedComponent | None:
    """Return the newest package of a branch, as far as Boomi tells branches."""
    return next((each for each in packages if same_branch(branch, each.branch_name)), None)


def compare(
    account: str,
    at: datetime,
    found: Inventory,
    newest: Mapping[str, Sequence[PackagedComponent]],
    stacks: Sequence[Stack] | None,
    *,
    schedules: Schedules | None = None,
) -> Report:
    """Judge what was read; nothing is sent.

    Args:
        account: The account's id.
        at: Now, with its time zone.
        found: What runs where.
        newest: Component id -> its newest packages, one of each branch that runs somewhere.
        stacks: What stacks say; None where none was given, so that nobody can tell what they have.
        schedules: What is scheduled; None where nobody asked.

    Raises:
        SettingsError: No environment of a stack is in the account.
    """
    elsewhere = [
        stack.name for stack in stacks or () if (stack.deployments or stack.values) and not _here(stack, found)
    ]
    if elsewhere:
        raise SettingsError(
            f"No environment of {', '.join(elsewhere)} is in account {account}: that stack is another account's."
        )
    said: dict[tuple[str, str], list[Declared]] = {}
    for each in (each for stack in stacks or () for each in stack.deployments):
        said.setdefault((each.component_id, each.environment_id), []).append(each)
    covered = {environment for _, environment in said}
    names, calls = titles(found.environments), apart(found.rows)
    lines, left_out = [], [*found.left_out, *_unknown(stacks or (), found)]
    told = tell_schedules(found.rows, schedules) if schedules is not None else {}
    for row in found.rows:
        id_, packages = row.component.component_id, newest.get(row.component.component_id, ())
        package = max(packages, key=lambda each: each.component_version or 0, default=None)
        cells: dict[str, Cell] = {}
        timed = told.get(id_, {})
        lacks = judge(timed, names)
        for environment in names:
            runs, says = row.active.get(environment, []), said.get((id_, environment), [])
            if len(runs) > 1:
                reason = f"{len(runs)} of its deployments are active; the newest is shown"
                left_out.append(LeftOut(names[environment], calls[id_], reason))
            if runs or says:
                there = runs[0] if runs else None
                findings = [*_drift(there, says), *_unowned(environment in covered, says), *_stale(there, packages)]
                if environment in lacks:
                    findings.append(Finding("unscheduled", lacks[environment]))
                stacks_ = tuple(each.stack for each in says)
                cells[environment] = Cell(there, stacks_, tuple(findings), timed.get(environment))
        if row.active and package is None:
            reason = "its package cannot be read; nobody can tell whether a newer one exists"
            left_out.append(LeftOut(names[next(iter(row.active))], calls[id_], reason))
        if cells:
            lines.append(Line(row, calls[id_], package, cells, (*_skew(cells, names), *_unpackaged(row, packages))))
    read_ = None if stacks is None else tuple(stack.name for stack in stacks)
    return Report(
        account,
        at,
        found.environments,
        read_,
        tuple(lines),
        tuple(left_out),
        (*found.notes, *(schedules.notes if schedules is not None else ())),
        compare_values(found.values, stacks or ()),
        frozenset(names) - found.values.keys(),
        with_schedules=schedules is not None,
    )


def _here(stack: Stack, found: Inventory) -> bool:
    places = [*(each.environment_id for each in stack.deployments), *(each.environment_id for each in stack.values)]
    return not found.known or any(each in found.known for each in places)


def _unknown(stacks: Sequence[Stack], found: Inventory) -> Iterator[LeftOut]:
    for each in (each for stack in stacks for each in stack.deployments):
        if found.known and each.environment_id not in found.known:
            yield LeftOut(each.environment_id, each.name, f"{each.stack} declares it, and there is no such environment")
    for stack in stacks:
        for place in sorted({each.environment_id for each in stack.values} - found.known if found.known else ()):
            reason = f"{stack.name} gives it values, and there is no such environment"
            yield LeftOut(place, "its values", reason)


def _drift(there: DeployedPackage | None, says: Iterable[Declared]) -> Iterator[Finding]:
    for each in says:
        if there is None:
            yield Finding("drift", f"nothing runs, {each.stack} says {each.version}")
        elif there.package_id != each.package_id:
            owner = stack_of(strip_mark(there.notes)[1])
            who = f" by stack {owner}" if owner else f" by {there.deployed_by}" if there.deployed_by else ""
            twin = " (another package)" if there.package_version == each.version else ""
            yield Finding("drift", f"{each.stack} says {each.version}{twin}, this was deployed{who}")


def _unowned(covered: bool, says: Sequence[Declared]) -> Iterator[Finding]:
    if covered and not says:
        yield Finding("unowned", "no stack has it")


def _stale(there: DeployedPackage | None, packages: Sequence[PackagedComponent]) -> Iterator[Finding]:
    newest = _of_branch(packages, there.branch_name) if there is not None else None
    if there is None or newest is None or newest.deleted is True:
        return
    if there.package_id != newest.package_id:
        yield Finding("stale", f"{newest.package_version or newest.package_id} exists")


def _skew(cells: Mapping[str, Cell], names: Mapping[str, str]) -> Iterator[Finding]:
    runs = {names[id_]: cell.deployment for id_, cell in cells.items() if cell.deployment is not None}
    if len({each.package_id for each in runs.values()}) > 1:
        yield Finding("skew", ", ".join(f"{name} {each.package_version or '?'}" for name, each in runs.items()))


def _unpackaged(row: Row, packages: Sequence[PackagedComponent]) -> Iterator[Finding]:
    component = row.component
    newest = _of_branch(packages, component.branch_name)
    if newest is None or component.version is None or newest.component_version is None:
        return
    if component.version > newest.component_version:
        yield Finding("stale", f"revision {component.version} is not packaged")


def data(report: Report) -> dict[str, Any]:
    """Return a report as JSON's types; a component's environments are by their names."""
    names = titles(report.environments)
    return {
        "account": report.account,
        "at": report.at.isoformat(timespec="seconds"),
        "environments": [
            {"name": names[each.id], "id": each.id, "classification": each.classification}
            for each in report.environments
        ],
        "stacks": None if report.stacks is None else list(report.stacks),
        "counts": report.counts(),
        "components": [_line(line, names) for line in report.lines],
        "values": {
            "counts": report.value_counts(),
            "unread": [name for id_, name in names.items() if id_ in report.unread],
            "fields": [_field(line, names, with_values=report.with_values) for line in report.shown_fields()],
        },
        "schedules": _schedules(report, names) if report.with_schedules else None,
        "notes": list(report.notes),
        "left_out": [asdict(each) for each in report.left_out],
    }


def _line(line: Line, names: Mapping[str, str]) -> dict[str, Any]:
    component, newest = line.row.component, line.newest
    return {
        "name": line.row.title,
        "id": component.component_id,
        "type": component.type,
        "folder": line.row.folder,
        "revision": component.version,
        "newestVersion": newest.package_version if newest else None,
        "newestPackageId": newest.package_id if newest else None,
        "findings": [asdict(each) for each in line.findings],
        "environments": {names[id_]: _cell(cell) for id_, cell in line.cells.items()},
    }


def _field(line: ValueLine, names: Mapping[str, str], *, with_values: bool) -> dict[str, Any]:
    return {
        "path": line.path,
        "environments": {
            names[id_]: {
                "declared": cell.there is not None,
                "set": cell.there is not None and cell.there.set,
                "secret": cell.secret,
                **({"value": cell.value} if with_values else {}),
                "stacks": list(cell.stacks),
                "finding": cell.finding or None,
            }
            for id_, cell in line.cells.items()
        },
    }


def _schedules(report: Report, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "unread": [names[id_] for id_ in report.unread_schedules()],
        "processes": [
            {
                "name": line.row.title,
                "id": line.row.component.component_id,
                "folder": line.row.folder,
                "environments": {
                    names[id_]: _scheduled(cell.schedules) for id_, cell in line.cells.items() if cell.schedules
                },
            }
            for line in report.scheduled()
        ],
    }


def _scheduled(cell: ScheduleCell) -> dict[str, Any]:
    return {
        "known": cell.known,
        "inForce": cell.runs,
        "listener": cell.listens,
        "runtimes": [
            {
                "name": each.name,
                "id": each.id,
                "enabled": each.enabled,
                "schedules": [{**of, "inWords": brief(of)} for of in each.schedules],
            }
            for each in cell.runtimes or ()
        ],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    there = cell.deployment
    return {
        "version": there and there.package_version,
        "revision": there and there.component_version,
        "packageId": there and there.package_id,
        "deploymentId": there and there.deployment_id,
        "deployedDate": there and there.deployed_date,
        "deployedBy": there and there.deployed_by,
        "stacks": list(cell.stacks),
        "findings": [asdict(each) for each in cell.findings],
    }
