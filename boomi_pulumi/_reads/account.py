"""What one run reads of one account, in bulk.

All constructors of a program run before its event loop does. So the ids that they name are collected, and one bulk
read per hundred of them serves every resource. A plugin is asked about one resource after another; there, the second
question about the same kind of object reads all of them, a hundred a page, or what stands beside it in a large account.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from pydantic.alias_generators import to_camel

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BoomiError
from boomi_pulumi._api.extensions import SECTIONS, extensions_of, group_id, values_in
from boomi_pulumi._api.models import (
    ATOM,
    ATTACHMENT,
    COMPONENT_METADATA,
    ENVIRONMENT,
    EXECUTION_RECORD,
    FOLDER,
    PACKAGED_COMPONENT,
    PUBLISHER_PACK,
    AuditEntry,
    ComponentMetadata,
    ConnectorClassification,
    DeployedPackage,
    Environment,
    EnvironmentExtensions,
    Folder,
    IntegrationPack,
    Object,
    PackagedComponent,
    ProcessSchedules,
    Record,
    Runtime,
)
from boomi_pulumi._api.say import say
from boomi_pulumi._api.schedules import gone, schedules_of
from boomi_pulumi._lifecycle.fields import key
from boomi_pulumi._lifecycle.kind import Kind, Lends
from boomi_pulumi._lifecycle.seen import Absent, Answer, Found, Hidden, Read, Unread, found
from boomi_pulumi._reads.audit import last_save, schedule_acts
from boomi_pulumi._reads.deployments import is_long_enough
from boomi_pulumi._reads.history import brought
from boomi_pulumi._reads.queries import Batch, CarryOut, Queries, shown
from boomi_pulumi._reads.runs import Ran, is_enough, last_passed, ran, settle_of, stretch_of, unseen

__all__ = ["Account", "Release"]

PackageState = Literal["shareable", "not shareable", "missing"]

Release = dict[str, PackageState]
"""component/version -> what is known of that package; "missing" if it was never packaged, or was deleted."""


class Account:
    """What one run reads of one account; every id is read once. Each method answers one question of a preview.

    Args:
        client: The account.
        tell: Called with a line for the user.
        one_by_one: The caller asks about one resource after another (the plugin). Then the second question reads all
            objects of a kind.
        carry_out: Runs a read, which takes a while.
    """

    def __init__(
        self,
        client: Client,
        tell: Callable[[str], None] = say,
        *,
        one_by_one: bool = False,
        carry_out: CarryOut = asyncio.to_thread,
    ) -> None:
        self._client, self._carry_out = client, carry_out
        self._queries = queries = Queries(client, tell)
        batch = partial(Batch, carry_out=carry_out)

        def by_id(target: Object[Any]) -> Batch:
            return batch(partial(queries.read, target), partial(queries.read_all, target) if one_by_one else None)

        self._components = batch(queries.components_one_by_one()) if one_by_one else by_id(COMPONENT_METADATA)
        self._environments = by_id(ENVIRONMENT)
        self._packs = by_id(PUBLISHER_PACK)
        self._folders = by_id(FOLDER)
        self._packages = batch(queries.packages)
        self._connectors = batch(queries.connectors, queries.all_connectors if one_by_one else None, from_call=1)
        self._deployments = batch(queries.deployments_one_by_one if one_by_one else queries.deployments)
        self._versions = batch(queries.packages_one_by_one if one_by_one else queries.packages_by_version)
        self._extensions = batch(queries.extensions)
        self._attached = batch(queries.attached)
        self._places = batch(queries.places)
        self._schedules = batch(queries.schedules_one_by_one if one_by_one else queries.schedules)
        self._schedule_acts = batch(partial(schedule_acts, client))
        self._runtimes = by_id(ATOM)
        self._histories = batch(queries.histories)
        self._revisions = batch(queries.revisions_one_by_one if one_by_one else queries.revisions)
        self._branches = batch(queries.branches)
        self._past = batch(queries.past)
        self._passed = batch(partial(last_passed, client))
        self._one_by_one = one_by_one
        self._ran: dict[tuple[str | int, ...], asyncio.Future[Answer[Ran]]] = {}
        self._declared: set[str] = set()
        self._noted: dict[str, Batch] = {
            COMPONENT_METADATA.name: self._components,
            ENVIRONMENT.name: self._environments,
            PACKAGED_COMPONENT.name: self._packages,
            PUBLISHER_PACK.name: self._packs,
            FOLDER.name: self._folders,
        }

    async def note(self, target: Object[Any], rows: Sequence[Record], asked: Iterable[str] = ()) -> None:
        """Take what a look-up has read for an answer, and read what makes it whole, if it was a look-up of many.

        Args:
            target: What was looked up.
            rows: What was found.
            asked: The arguments of the look-up.
        """
        if target.name in self._noted and not {"branch", "version"} & set(asked):
            for row in rows:
                self._noted[target.name].note(str(row[target.id]), shown(row, str(row[target.id])))
        if target.name == PACKAGED_COMPONENT.name and len(rows) > 1:
            await asyncio.gather(*(self.component(row["componentId"]) for row in rows if row.get("componentId")))

    def declare(self, kind: Kind[Any], inputs: Mapping[str, Any]) -> None:
        """Note what the program makes itself and others may name: a release names a version before it is there."""
        one = key(kind.inputs, inputs) if isinstance(kind, Lends) else None
        if one is not None:
            self._declared.add(one)

    async def answer(self, about: Read, keys: Sequence[Any], beside: Sequence[Any]) -> Any:
        """Return the answer to a question about the object that keys name; None where one of the keys is not there.

        Args:
            about: The question.
            keys: The values that name the object.
            beside: The values of the further inputs; None for what is not given.
        """
        is_there = not any(each in (None, "") for each in keys)
        return await about.source(self, *keys, *beside) if is_there else None

    # -- questions -------------------------------------------------------------------------------

    async def component(self, id_: str, branch: str | None = None) -> Answer[ComponentMetadata]:
        """Return a component, with its newest revision: on a branch, or on the account's default one."""
        answer: Answer[ComponentMetadata] = await self._components.get(id_)
        if not isinstance(answer, Found):
            return answer
        if answer.value.deleted is not True and branch in (None, answer.value.branch_name):
            return answer
        # The revision that a deletion makes cannot be used; what restores the component makes one more.
        there = None if answer.value.deleted is True else found(await self.component_on_branch(id_, branch))
        version = None if there is None else there.version
        rest = {name: value for name, value in answer.properties.items() if name != "version"}
        rest |= {} if version is None else {"version": version}
        return replace(answer, value=replace(answer.value, version=version), properties=rest)

    async def component_on_branch(self, id_: str, branch: str | None) -> Answer[ComponentMetadata]:
        """Return the newest revision of a component on a branch.

        A branch that never touched the component shows the default branch's revision. If there is no such branch, the
        words are the names of those that there are.
        """
        default: Answer[ComponentMetadata] = await self._components.get(id_)
        if not isinstance(default, Found) or default.value.branch_name == branch:
            return default
        there: Answer[ComponentMetadata] = await self._revisions.get(f"{id_}/{branch}")
        if not isinstance(there, Absent):
            return there
        names: Answer[list[str]] = await self._branches.get("all")
        if isinstance(names, Unread):
            return names
        if isinstance(names, Found) and branch not in names.value:
            return Absent(", ".join(names.value))
        return default

    async def environment(self, id_: str) -> Answer[Environment]:
        """Return an environment."""
        answer: Answer[Environment] = await self._environments.get(id_)
        return answer

    async def extensions(self, environment: str, group: str | None = None) -> Answer[EnvironmentExtensions]:
        """Return the extensions of an environment, or of one group of it; none are an object without fields."""
        id_ = group_id(environment, group) if group else environment
        answer: Answer[EnvironmentExtensions] = await self._extensions.get(id_)
        return answer

    async def last_save(self, environment: str, group: str | None, *sections: Any) -> Answer[AuditEntry]:
        """Return who saved the extensions of an environment last; hidden while no value of somebody else is in the way.

        Args:
            environment: The environment's id.
            group: The id of an extension group.
            sections: What a program declares, in the order of `SECTIONS`.
        """
        fields = extensions_of(found(await self.extensions(environment, group)))
        wanted = values_in(dict(zip(SECTIONS, sections, strict=True)))
        theirs = (each for path, value in wanted.items() for each in fields.named(path) if each.value != value)
        if not any(each.set and not each.encrypted for each in theirs):
            return Hidden()
        try:
            entry = await self._carry_out(last_save, self._client, environment)
        except BoomiError:
            return Hidden()  # it is worth a line, and no failure
        return Absent() if entry is None else Found(entry, dict(entry))

    async def attached(self, environment: str) -> Answer[list[str]]:
        """Return the ids of the runtimes that are attached to an environment."""
        answer: Answer[list[str]] = await self._attached.get(environment)
        return answer

    async def runtime(self, id_: str) -> Answer[Runtime]:
        """Return a runtime."""
        answer: Answer[Runtime] = await self._runtimes.get(id_)
        return answer

    async def environment_of(self, runtime: str) -> Answer[Environment]:
        """Return the environment that a runtime is attached to; hidden where there are several."""
        answer: Answer[list[str]] = await self._places.get(runtime)
        if not isinstance(answer, Found):
            return answer
        if not answer.value:
            return Absent()
        return await self.environment(answer.value[0]) if len(answer.value) == 1 else Hidden()

    async def schedules(self, runtime: str, process: str) -> Answer[ProcessSchedules]:
        """Return the schedules of a process on a runtime; absent where it is not deployed there."""
        answer: Answer[ProcessSchedules] = await self._schedules.get(f"{runtime}/{process}")
        return answer

    async def schedule_acts(self, runtime: str, process: str, schedules: Any) -> Answer[list[AuditEntry]]:
        """Return what was done to the schedules of a runtime; hidden while none of the process goes.

        Args:
            runtime: The runtime's id.
            process: The process's id.
            schedules: What a program declares.
        """
        there, wanted = found(await self.schedules(runtime, process)), schedules if isinstance(schedules, list) else []
        stay = schedules_of([{to_camel(name): each[name] for name in each} for each in wanted])
        if there is None or schedules is None or not gone(schedules_of(there.schedule), stay):
            return Hidden()
        return Found(await self._schedule_acts.get(runtime))

    async def package(self, id_: str) -> Answer[PackagedComponent]:
        """Return a package, and among its properties the component's name."""
        answer: Answer[PackagedComponent] = await self._packages.get(id_)
        if not isinstance(answer, Found) or answer.value.component_id is None:
            return answer
        about = await self.component(answer.value.component_id)
        name = about.value.name if isinstance(about, Found) else None
        partial_ = answer.partial or isinstance(about, Hidden)
        return replace(answer, properties={**answer.properties, "componentName": name}, partial=partial_)

    async def active_deployment(self, environment: str, component: str) -> Answer[DeployedPackage]:
        """Return what runs of a component in an environment."""
        answer: Answer[DeployedPackage] = await self._deployments.get(f"{environment}/{component}")
        return answer

    async def past_deployments(
        self, source: str, environment: str, component: str, package: str, *asked: Any
    ) -> Answer[list[DeployedPackage]]:
        """Return the deployments of a component in two environments, ended ones too; hidden where none opens a gate.

        That is where the package runs, as long and as well as asked for.

        Args:
            source: The id of the environment that a promotion comes from.
            environment: The id of the one where it goes.
            component: The component's id.
            package: The id of the package that is to go there.
            asked: For how long it must have been active there, and the runs that it must have behind it; None for
                no matter.
        """
        there = found(await self.active_deployment(source, component))
        if there is not None and there.package_id == package:
            after, wanted = asked
            runs = (
                found(await self.runs(source, environment, component, package, wanted)) if wanted is not None else None
            )
            if (after is None or is_long_enough(there, after)) and (runs is None or is_enough(runs, wanted)):
                return Hidden()
        answer: Answer[list[DeployedPackage]] = await self._past.get(f"{source}/{environment}/{component}")
        return answer

    async def runs(self, source: str, environment: str, component: str, package: str, asked: Any) -> Answer[Ran]:
        """Return what is recorded of a package's runs where a promotion comes from; hidden if it never ran there.

        Arguments as those of `past_deployments`, and how many runs are asked for.
        """
        key_ = source, environment, component, package, settle_of(asked)
        if key_ not in self._ran:
            self._ran[key_] = asyncio.ensure_future(self._runs(*key_))
        return await asyncio.shield(self._ran[key_])

    async def _runs(self, source: str, environment: str, component: str, package: str, settle: int) -> Answer[Ran]:
        there, past = found(await self.active_deployment(source, component)), []
        if there is None or there.package_id != package:
            past = found(await self.past_deployments(source, environment, component, package, None, None)) or []
        stretch = stretch_of(there, past, package, source)
        if stretch is None:
            return Hidden()
        runtimes = await self.attached(source)
        if isinstance(runtimes, Unread):
            return runtimes
        try:
            runs = (
                await self._carry_out(partial(ran, settle=settle), self._client, *stretch, component, runtimes.value)
                if isinstance(runtimes, Found)
                else unseen(ATTACHMENT.name, ATTACHMENT.privileges)
            )
        except BoomiError as error:
            return self._queries.failed(EXECUTION_RECORD, error)
        return Found(runs, runs)

    async def passed(self, environment: str, process: str, runtime: str, package: str | None) -> Answer[str]:
        """Return when what runs of a process passed last on a runtime; hidden where nothing else is to follow it.

        Args:
            environment: The id of the runtime's environment.
            process: The process's id.
            runtime: The runtime's id.
            package: The id of the package that is to run; None while nobody knows.
        """
        there = found(await self.active_deployment(environment, process))
        if there is None or there.deployed_date is None or there.package_id in (None, package):
            return Hidden()
        at = await self._passed.get(f"{runtime}/{process}/{there.deployed_date}")
        return Hidden() if at is None else Found(at)

    async def overriding(
        self, environment: str, process: str, package: str | None, dynamic: Any, properties: Any
    ) -> Answer[list[str]]:
        """Return the properties of a run that an environment overrides, by the names of its extensions.

        Hidden where the run has no properties, or where nothing tells that it will be: a program is asked about in each
        preview, and a plugin only where something differs.

        Args:
            environment: The environment's id.
            process: The process's id.
            package: As in `passed`.
            dynamic: Dynamic process properties of the run.
            properties: Process properties of the run.
        """
        passed = values_in({"properties": dynamic, "processProperties": properties})
        there = found(await self.active_deployment(environment, process)) if passed else None
        is_same = there is not None and there.package_id == package and not self._one_by_one
        record = found(await self.extensions(environment)) if passed and not is_same else None
        if record is None:
            return Hidden()
        fields = extensions_of(record)
        given = (each for path in passed for each in fields.named(path))
        return Found(sorted(each.path for each in given if each.set))

    async def brings(self, environment: str, component: str, package: str) -> Answer[list[str]]:
        """Return a line for each package that another one would bring to an environment, or take back.

        Args:
            environment: The environment's id.
            component: The component's id.
            package: The id of the package that is to run there.
        """
        there = found(await self.active_deployment(environment, component))
        if there is None or there.package_id in (None, package):
            return Hidden()
        history: Answer[list[PackagedComponent]] = await self._histories.get(component)
        return Found(brought(history.value, there.package_id, package)) if isinstance(history, Found) else history

    async def pack(self, id_: str) -> Answer[IntegrationPack]:
        """Return an integration pack of this publisher."""
        answer: Answer[IntegrationPack] = await self._packs.get(id_)
        return answer

    async def folder(self, id_: str) -> Answer[Folder]:
        """Return a folder."""
        answer: Answer[Folder] = await self._folders.get(id_)
        return answer

    async def connector(self, classification_type: str) -> Answer[ConnectorClassification]:
        """Return a connector; hidden where the account cannot read connectors."""
        answer: Answer[ConnectorClassification] = await self._connectors.get(classification_type)
        return answer

    async def package_of(self, component: str, version: str) -> Answer[PackagedComponent]:
        """Return the package that bears a version of a component, alive or deleted."""
        answer = await self._versions.get(f"{component}/{version}")
        return replace(answer, key=version) if isinstance(answer, Found) else answer

    async def release(self, rows: Any) -> Answer[Release]:
        """Return what is known of the packages of a release, each of which is a component and a version."""
        keys = [
            f"{row.get('componentId', row.get('component_id'))}/{row.get('version')}"
            for row in (rows if isinstance(rows, list) else [])
            if isinstance(row, Mapping)
        ]
        answers = dict(zip(keys, await asyncio.gather(*map(self._versions.get, keys)), strict=True))
        unread = next((each for each in answers.values() if isinstance(each, Unread)), None)
        states = {each: self._state(each, answer) for each, answer in answers.items()}
        return unread or Found({each: state for each, state in states.items() if state is not None})

    def _state(self, one: str, answer: Answer[PackagedComponent]) -> PackageState | None:
        package = found(answer)
        if isinstance(answer, Absent) or (package is not None and package.deleted is True):
            return None if one in self._declared else "missing"
        if package is None or package.shareable is None:
            return None
        return "shareable" if package.shareable else "not shareable"
