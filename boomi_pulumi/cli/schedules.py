"""What is scheduled where, process by process; and what does not run where it should."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import RequestError
from boomi_pulumi._api.models import ATOM, ATTACHMENT, PROCESS_SCHEDULES, Environment, Runtime
from boomi_pulumi._api.schedules import Schedule, brief
from boomi_pulumi._reads.schedules import Scheduled, schedules_on
from boomi_pulumi.cli.account import UNREADABLE
from boomi_pulumi.cli.inventory import Row, read_by_id

__all__ = ["UNSCHEDULED", "OnRuntime", "ScheduleCell", "Schedules", "judge", "read_schedules", "tell_schedules"]

UNSCHEDULED = {"unscheduled": "scheduled in an earlier environment, and not in force here"}
"""What a report finds about schedules."""

_SHOWN = 3
"""Schedules of a process on a runtime that a table shows."""


@dataclass(frozen=True)
class OnRuntime:
    """The schedules of a process on a runtime.

    Attributes:
        id: The runtime's id.
        name: Its name; its id where that cannot be read.
        schedules: The schedules, in normal form.
        enabled: Whether they are in force; None where Boomi does not tell.
    """

    id: str
    name: str
    schedules: tuple[Schedule, ...]
    enabled: bool | None

    def words(self) -> str:
        """Return the schedules in a few words."""
        shown = [brief(each) for each in self.schedules[:_SHOWN]]
        more = [f"… and {len(self.schedules) - _SHOWN} more"] if len(self.schedules) > _SHOWN else []
        return "; ".join([*shown, *more])


@dataclass(frozen=True)
class ScheduleCell:
    """A process where it is deployed.

    Attributes:
        runtimes: What each runtime of the environment has; None where that could not be read.
        listens: Whether it is a listener, which has no schedule.
    """

    runtimes: tuple[OnRuntime, ...] | None
    listens: bool = False

    @property
    def known(self) -> bool:
        """Whether everything was read that tells when it runs."""
        return self.runtimes is not None and all(each.enabled is not None for each in self.runtimes if each.schedules)

    @property
    def runs(self) -> bool:
        """Whether a schedule is in force on one of the runtimes."""
        return any(each.schedules and each.enabled is not False for each in self.runtimes or ())

    @property
    def told(self) -> bool:
        """Whether a table shows it: it has a schedule, or nobody can tell."""
        return self.runtimes is None or any(each.schedules for each in self.runtimes)

    @property
    def word(self) -> str:
        """What stands in a table."""
        if self.runtimes is None:
            return "?"
        there = [each for each in self.runtimes if each.schedules]
        if not there:
            return "listener" if self.listens else "none" if self.runtimes else "no runtime"
        return "; ".join(": ".join(filter(None, [self._who(each), each.words()])) for each in there)

    def _who(self, each: OnRuntime) -> str:
        """Return on which of several runtimes schedules are, and that they are stopped."""
        stopped = {True: "", False: "stopped", None: "perhaps stopped"}[each.enabled]
        return " ".join(filter(None, [each.name if len(self.runtimes or ()) > 1 else "", stopped]))

    @property
    def lack(self) -> str:
        """Why it does not run by a schedule."""
        return {"none": "no schedule", "no runtime": "no runtime is attached"}.get(self.word, self.word)


@dataclass(frozen=True)
class Schedules:
    """What an account says of schedules.

    Attributes:
        runtimes: Environment id -> id and name of each runtime that is attached to it; None where nobody can tell.
        found: Runtime id -> process id -> what is scheduled; without runtimes that could not be read.
        notes: What the user may not read.
    """

    runtimes: Mapping[str, Mapping[str, str]] | None = None
    found: Mapping[str, Mapping[str, Scheduled]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_schedules(client: Client, environments: Sequence[Environment], step: Callable[[str], object]) -> Schedules:
    """Read the schedules on all runtimes of environments: two queries for each runtime, a hundred processes a page.

    Args:
        client: The account.
        environments: The environments.
        step: Is told what is done.

    Raises:
        RequestError: They could not be read for another reason than the user's rights.
    """
    step("Reading the runtimes of environments")
    ids: dict[str, list[str]] = {each.id: [] for each in environments}
    try:
        for row in client.query(ATTACHMENT):
            if row.atom_id and row.environment_id in ids:
                ids[row.environment_id].append(row.atom_id)
    except UNREADABLE as error:
        return Schedules(notes=(f"What is scheduled is not known ({error}). It takes {ATTACHMENT.privileges}.",))
    notes: list[str] = []
    every = sorted({each for of in ids.values() for each in of})
    records = read_by_id(client, ATOM, every, notes) if every else {}
    names = {
        id_: record.name for id_, record in records.items() if isinstance(record, Runtime) and record.name is not None
    }
    found: dict[str, Mapping[str, Scheduled]] = {}
    refused: dict[str, RequestError] = {}
    for runtime in every:
        step(f"Reading the schedules on {names.get(runtime, runtime)}")
        try:
            found[runtime] = schedules_on(client, runtime)
        except UNREADABLE as error:
            refused[names.get(runtime, runtime)] = error
    if refused:
        last = next(reversed(refused.values()))
        where_ = ", ".join(refused)
        notes.append(f"What is scheduled on {where_} is not known ({last}). It takes {PROCESS_SCHEDULES.privileges}.")
    runtimes = {id_: {each: names.get(each, each) for each in of} for id_, of in ids.items()}
    return Schedules(runtimes, found, tuple(notes))


def tell_schedules(rows: Iterable[Row], read_: Schedules) -> dict[str, dict[str, ScheduleCell]]:
    """Return process id -> environment id -> what is scheduled; nothing where a process is not deployed.

    Args:
        rows: What is deployed where.
        read_: What the account says of schedules.
    """
    deployed = {
        (row.component.component_id, environment): many[0]
        for row in rows
        for environment, many in row.active.items()
        if "process" in (row.component.type, many[0].component_type)
    }
    cells = {key: ScheduleCell(_runtimes(*key, read_)) for key in deployed}
    # Boomi shows a status of listeners alone. Where something that runs by a schedule has one, it tells nothing.
    tells = not any(cells[key].runs and deployed[key].listener_status for key in cells)
    told: dict[str, dict[str, ScheduleCell]] = {}
    for key, cell in cells.items():
        listens = tells and deployed[key].listener_status is not None
        told.setdefault(key[0], {})[key[1]] = ScheduleCell(cell.runtimes, listens)
    return told


def _runtimes(process: str, environment: str, read_: Schedules) -> tuple[OnRuntime, ...] | None:
    attached = None if read_.runtimes is None else read_.runtimes.get(environment, {})
    if attached is None or not attached.keys() <= read_.found.keys():
        return None
    nothing = Scheduled()
    there = {id_: read_.found[id_].get(process, nothing) for id_ in attached}
    return tuple(OnRuntime(id_, attached[id_], each.schedules, each.enabled) for id_, each in there.items())


def judge(cells: Mapping[str, ScheduleCell], names: Mapping[str, str]) -> dict[str, str]:
    """Return environment id -> why a process does not run there, although one before has it scheduled.

    Args:
        cells: Environment id -> what is scheduled of one process.
        names: Environment id -> name, in the order of promotion.
    """
    lacks: dict[str, str] = {}
    before: tuple[str, str] | None = None
    for id_, name in names.items():
        cell = cells.get(id_)
        if cell is None:
            continue
        if cell.runs:
            before = name, cell.word
        elif before is not None and cell.known and not cell.listens:
            lacks[id_] = f"{cell.lack}; {before[0]} has {before[1]}"
    return lacks
