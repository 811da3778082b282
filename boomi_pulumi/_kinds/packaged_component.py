"""PackagedComponent: a component frozen under a version string."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from boomi_pulumi._api.answers import Missing, is_absent
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BadRequest, Forbidden, RequestError
from boomi_pulumi._api.filters import where
from boomi_pulumi._api.models import (
    COMPONENT_METADATA,
    COMPONENT_TYPES,
    DEPLOYED_PACKAGE,
    ENVIRONMENT,
    PACKAGEABLE,
    PACKAGED_COMPONENT,
)
from boomi_pulumi._api.models import ComponentMetadata as Component
from boomi_pulumi._api.models import PackagedComponent as Package
from boomi_pulumi._api.retry import Outcome
from boomi_pulumi._lifecycle.changes import Changes
from boomi_pulumi._lifecycle.fields import Bag, Change, Id, Inputs, Name, Notes, Rule, has_unknown
from boomi_pulumi._lifecycle.kind import (
    Comparison,
    Conflicting,
    FoundByName,
    KeptWhileUsed,
    Kind,
    Lends,
    NeedsWrite,
    Place,
    Subject,
    UpToDate,
)
from boomi_pulumi._lifecycle.origin import same_origin, strip_mark
from boomi_pulumi._lifecycle.preview import Failure, names, shown
from boomi_pulumi._lifecycle.seen import Absent, Answer, Found, Seen, found, read
from boomi_pulumi._reads.account import Account
from boomi_pulumi._reads.finders import find_component, find_packaged_component

__all__ = ["PackagedComponentKind", "component_failures", "component_named"]

SHAREABLE = frozenset({"process", "webservice"})
"""Types that can go into an integration pack or the Process Library. Source: PackagedComponent page."""

_NEVER = "Boomi never reuses a version"

_IN_USE = re.compile(
    r"(?<!not )(?<!no longer )\b(in use"
    r"|(is|are|being|currently|still|already) (used|deployed|referenced)"
    r"|(used|referenced) by"
    r"|(deployed|published|released|contained|included) (to|in)"
    r"|part of (a|an|the) (\w+ )?(pack|release|library))\b",
    re.IGNORECASE,
)
"""What Boomi's words must say before a refused delete means that something uses the package; the wording is not
documented. Anything else is an error: a package that a policy or a lock protects is still the stack's."""


class PackagedComponentInputs(Inputs):
    """What a package is made of."""

    component_id: Annotated[
        Id | None, Rule(Change.REPLACE, required=True), Field(description="The component's id.")
    ] = None
    package_version: Annotated[
        Name | None,
        Rule(Change.REPLACE, drifts=False),
        Field(description="The version string; unique per component for ever. Left out, Boomi numbers it."),
    ] = None
    component_version: Annotated[
        int | None,
        Rule(
            Change.REPLACE,
            fixed_by="packageVersion",
            why_fixed=_NEVER,
            companion=("componentId", "version"),
            held=("packageVersion", "componentVersion"),
            settled=True,
        ),
        Field(description="The revision to package; left out, the newest at the time of the preview."),
    ] = None
    branch_name: Annotated[
        Name | None,
        Rule(Change.REPLACE, fixed_by="packageVersion", why_fixed=_NEVER, drifts=False, default="main"),
        Field(description="The branch to package from; left out, the account's default branch."),
    ] = None
    shareable: Annotated[
        bool | None,
        Rule(Change.REPLACE, fixed_by="packageVersion", why_fixed=_NEVER, drifts=False, default=False),
        Field(
            description="Whether it may go into integration packs and the Process Library (processes and API Services)."
        ),
    ] = None
    notes: Annotated[Notes, Rule(drifts=False), Field(description="Notes for the package, fixed when it is made.")] = (
        None
    )
    component_name: Annotated[
        str | None, Rule(companion=("componentId", "name")), Field(description="The component's name.")
    ] = None
    component_type: Annotated[
        str | None,
        Rule(companion=("componentId", "type")),
        Field(description="The component's type, such as `process`."),
    ] = None
    package_id: Annotated[
        Id | None,
        Rule(companion=("packageVersion", "packageId"), settled=True),
        Field(description="The package's id."),
    ] = None
    existing: Annotated[
        str | None,
        Rule(filled=True, drifts=False),
        Field(description="What was there when the resource was made: reused, adopted or restored, and what it holds."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class PackageSeen(Seen):
    """What the account says about a component, and about the package that bears the version, if there is one."""

    component: Answer[Component] = read(
        "componentId", Account.component, beside=("branchName",), absent="names no component of this account"
    )
    on_branch: Answer[Component] = read("branchName", Account.component_on_branch, "componentId", "branchName")
    package: Answer[Package] = read("packageVersion", Account.package_of, "componentId", "packageVersion")


class PackagedComponentKind(Kind[Package], Lends, KeptWhileUsed, FoundByName):
    """Boomi's semantics of a package. Source: PackagedComponent page."""

    name = "PackagedComponent"
    target = PACKAGED_COMPONENT
    inputs = PackagedComponentInputs
    seen = PackageSeen
    outputs = ("packageId", "createdDate", "createdBy", "fullyPubliclyConsumable")
    about = (
        "A component frozen under a version string, ready to be deployed and shared.\n\n"
        "Boomi never reuses a version of a component, not even after a delete, and nothing of a package can "
        "change: another `componentId` or `packageVersion` makes another package; another revision, branch or "
        "`shareable` under the same version is refused at preview; changed notes change nothing. Deleting is "
        "Boomi's soft delete. A package that is still in use stays."
    )
    required_outputs = ("packageId", "packageVersion", "componentId", "componentVersion", "createdDate", "createdBy")
    place = Place(COMPONENT_METADATA, "componentId", PACKAGED_COMPONENT, "BUILD or BUILD_READ_ONLY")
    marked = "notes"
    lends = Account.package
    lent = ("packageVersion", "componentId", "componentVersion", "componentName")

    def validate(self, inputs: Mapping[str, Any], seen: PackageSeen) -> Iterable[Failure]:
        """Refuse what cannot be packaged, a revision that does not exist, and another one than a version holds."""
        component, there = found(seen.component), found(seen.package)
        failures = [*component_failures("componentId", component, seen.run), *_held_failures(inputs, there)]
        if isinstance(seen.on_branch, Absent) and component is not None:
            failures.append(Failure("branchName", f"names no branch of this account; there are {seen.on_branch.said}"))
        if failures or component is None:
            return failures
        made = seen.run.made("ComponentMetadata", component.component_id)  # a rename is a revision
        newest = max(filter(None, (component.version, made and made.version)), default=None)
        wanted, name = inputs.get("componentVersion"), component.name
        elsewhere = inputs.get("branchName") not in (None, component.branch_name)  # revisions count over all branches
        if newest is not None and isinstance(wanted, int) and wanted > newest and there is None and not elsewhere:
            failures.append(Failure("componentVersion", f"does not exist: the newest revision of {name} is {newest}"))
        if isinstance(wanted, int) and wanted < 1:
            failures.append(Failure("componentVersion", "is not a revision number; they begin at 1"))
        kind = component.type
        if inputs.get("shareable") is True and kind in COMPONENT_TYPES and kind not in SHAREABLE:
            failures.append(
                Failure("shareable", f"is for processes and API Services; {name} is a {COMPONENT_TYPES[kind]}")
            )
        return failures

    def fill(self, inputs: Bag, seen: PackageSeen) -> Bag:
        """Add what is there already under the version: whether it is reused, adopted or restored, and what it holds."""
        if _same_version(seen.before, inputs):
            return inputs | ({"existing": seen.before["existing"]} if "existing" in seen.before else {})
        if not isinstance(seen.package, Found):
            return inputs
        there, held = seen.package.value, self.describe(seen.package.properties)
        if there.deleted is True:
            return inputs | {"existing": f"restored: {held}, deleted since"}
        return inputs | {"existing": f"{'adopted' if seen.package.foreign else 'reused'}: {held}"}

    def notice(self, inputs: Mapping[str, Any], seen: PackageSeen) -> str | None:
        """Tell that the package is gone, where nothing else would."""
        if not _same_version(seen.before, inputs):
            return None
        match seen.package:
            case Absent():
                return "this account does not hold it any more; `pulumi up --refresh` packages it again"
            case Found(there, properties) if there.deleted is True:
                return f"it was deleted ({self.describe(properties)}); `pulumi up --refresh` restores it"
        return None

    def describe(self, live: Mapping[str, Any]) -> str:
        """Return "revision 3, branch main, shareable; packaged by ann@acme.example on 2026-03-02T10:30:00Z"."""
        shareable = {True: "shareable", False: "not shareable"}.get(live.get("shareable"))  # type: ignore[arg-type]
        parts = [
            f"revision {live['componentVersion']}" if "componentVersion" in live else None,
            f"branch {live['branchName']}" if "branchName" in live else None,
            shareable,
        ]
        who, when = live.get("createdBy", "somebody"), live.get("createdDate", "an unknown date")
        return "; ".join(filter(None, [", ".join(filter(None, parts)), f"packaged by {who} on {when}"]))

    def title(self, bag: Mapping[str, Any]) -> str:
        """Return "Order Sync 1.4.0"."""
        component = bag.get("componentName") or bag.get("componentId") or "?"
        version = bag.get("packageVersion")
        return f"{component} {'(numbered by Boomi)' if version is None or has_unknown(version) else version}"

    def has_server_key(self, inputs: Mapping[str, Any]) -> bool:
        """Tell whether a version is given: Boomi never takes the same one of a component twice."""
        return "packageVersion" in inputs

    def proves_absence(self, subject: Subject) -> bool:
        """Tell whether it has a version to be found by, or a mark."""
        return "packageVersion" in subject.inputs or subject.origin is not None

    def look(self, subject: Subject) -> Package | None:
        """Return the package, deleted or not: by id, by component and version, or by its mark where Boomi numbers."""
        client, inputs, origin = subject.client, subject.inputs, subject.origin
        if subject.id is not None:
            return _by_id(client, subject.id, inputs.get("componentId"))
        wanted = inputs.get("packageVersion")
        condition = where("componentId").equals(inputs["componentId"])
        if wanted is not None:
            rows = client.query(PACKAGED_COMPONENT, condition & where("packageVersion").equals(wanted))
            same = [row for row in rows if row.package_version == wanted]
            return min(same, key=lambda row: row.deleted is True, default=None)
        # A predecessor that this resource is about to replace bears the same mark. An old mark may be that of another
        # resource of the same name, but what the state names is ours.
        known = (subject.before or {}).get("packageId")
        ours = [
            row
            for row in client.query(PACKAGED_COMPONENT, condition)
            if origin is not None
            and row.deleted is not True
            and same_origin(strip_mark(row.notes)[1], origin, only_one=row.package_id == known)
            and not self._differences(row, inputs)
        ]
        return max(ours, key=lambda row: row.created_date or "", default=None)

    def import_id(self, client: Client, words: str) -> str | None:
        """Return the id of a package that is named component/version; the component by id, name or path."""
        component, _, version = words.rpartition("/")
        if not component:
            return None
        return find_packaged_component(
            client, component_id=component_named(client, component), package_version=version
        ).package_id

    def search(self, inputs: Mapping[str, Any]) -> str:
        """Return the query by component and version."""
        version = inputs.get("packageVersion")
        beside = f" and packageVersion = {version}" if version is not None else ""
        return f"a PackagedComponent query on componentId = {inputs.get('componentId')}{beside}"

    def compare(self, record: Package, subject: Subject) -> Comparison:
        """Take an equal package, restore a deleted one, refuse one that was frozen from something else."""
        other = self._differences(record, subject.given)
        if other:
            made = f"packaged by {record.created_by} on {record.created_date}" if record.created_by else "packaged"
            gone = ", since deleted," if record.deleted else ""
            return Conflicting(
                f"that version was {made}{gone} and differs ({'; '.join(other)}); Boomi never reuses a version, "
                "so raise package_version"
            )
        if record.deleted:
            return NeedsWrite(f"restored: {self.describe(self.live(record, subject.given))}, deleted since")
        return UpToDate()

    def write(self, subject: Subject, found: Package | None, notes: str | None) -> Outcome[Package]:
        """Package a component, or restore the deleted package that was found."""
        client, inputs = subject.client, subject.inputs
        if found is not None:
            body = {
                "packageId": found.package_id,
                "componentId": found.component_id,
                "packageVersion": found.package_version,
            }
            return client.create(PACKAGED_COMPONENT, body, f"Restoring {self.title(inputs)}")
        body = {
            name: inputs[name]
            for name in ("componentId", "packageVersion", "componentVersion", "branchName", "shareable")
            if name in inputs
        }
        if notes:
            body["notes"] = notes
        return client.create(PACKAGED_COMPONENT, body, f"Packaging {self.title(inputs)}")

    def _differences(self, record: Package, wanted: Mapping[str, Any]) -> list[str]:
        live = self.live(record, wanted)
        return [
            f"{name} {live[name]} there, {wanted[name]} declared"
            for name in ("componentVersion", "branchName", "shareable")
            if name in wanted and name in live and wanted[name] != live[name]
        ]

    def why_kept(self, subject: Subject, record: Package, error: RequestError) -> str | None:
        """Return who uses the package: other stacks live on it."""
        environments = _where_active(subject.client, record.package_id)
        if environments:
            return f"it is deployed in {names(environments)}"
        return "it is in use" if _IN_USE.search(error.said) and not is_absent(error) else None


def _by_id(client: Client, id_: str, component: str | None) -> Package | None:
    """Return a package, deleted or not; an id that Boomi refuses in odd words is looked for by query."""
    there = client.read(PACKAGED_COMPONENT, id_)
    if isinstance(there, Package):
        return there
    if isinstance(there, Missing):
        return None
    if isinstance(there, BadRequest) and component:
        rows = client.query(PACKAGED_COMPONENT, where("componentId").equals(component))
        return next((row for row in rows if row.package_id == id_), None)
    raise there


def _where_active(client: Client, package: str) -> list[str]:
    """Return the environments in which a package runs, by name, or by id where the user may not see the name.

    Nothing where the user may not look at all: a name for a message fails no removal.
    """
    condition = where("packageId").equals(package) & where("active").equals(True)
    try:
        rows = [row for row in client.query(DEPLOYED_PACKAGE, condition) if row.active is not False]
    except Forbidden:
        return []
    ids = sorted({row.environment_id for row in rows if row.environment_id})
    try:
        return [getattr(client.read(ENVIRONMENT, each), "name", None) or each for each in ids]
    except RequestError:
        return ids


def _same_version(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    keys = ("componentId", "packageVersion")
    return bool(olds) and all(olds.get(key) == inputs.get(key) for key in keys)


def _held_failures(inputs: Mapping[str, Any], there: Package | None) -> Iterable[Failure]:
    """Return what is declared otherwise than a version holds that is there already."""
    if there is None:
        return
    for name in ("componentVersion", "branchName", "shareable"):
        wanted, held = inputs.get(name), there.get(name)
        if wanted is None or held is None or has_unknown(wanted) or wanted == held:
            continue
        gone = ", deleted since" if there.deleted is True else ""
        yield Failure(
            name,
            f"cannot be {shown(wanted)}: version {there.package_version} holds {shown(held)}, packaged by "
            f"{there.created_by or 'somebody'} on {there.created_date or 'an unknown date'}{gone}, and Boomi "
            "never reuses a version; raise package_version",
        )


def component_named(client: Client, words: str) -> str:
    """Return the id of a component that is given as such, by name, or by path and name."""
    if isinstance(client.read(COMPONENT_METADATA, words), Component):
        return words
    folder, _, name = words.rpartition("/")
    return find_component(client, name=name, folder=folder or None).component_id


def component_failures(name: str, component: Component | None, run: Changes) -> Iterable[Failure]:
    """Return why a component cannot be packaged; one that this run restores can be.

    Args:
        name: The property that names the component.
        component: What the account shows of it.
        run: What this run changes.
    """
    if component is None:
        return
    if component.deleted is True and run.planned("ComponentMetadata", component.component_id) is None:
        when = f" on {component.modified_date}" if component.modified_date else ""
        who = f" by {component.modified_by}" if component.modified_by else ""
        yield Failure(name, f"names {component.name}, which was deleted{when}{who}; restore it first", gone=True)
    elif component.type in COMPONENT_TYPES and component.type not in PACKAGEABLE:
        wanted = ", ".join(sorted(COMPONENT_TYPES[each] for each in PACKAGEABLE))
        yield Failure(
            name, f"names {component.name}, a {COMPONENT_TYPES[component.type]}; Boomi packages only {wanted}"
        )
