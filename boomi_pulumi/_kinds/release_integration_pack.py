"""ReleaseIntegrationPack: the versions that an integration pack has released, or is about to release."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import NotFound, RequestError
from boomi_pulumi._api.models import (
    RELEASE,
    IntegrationPack,
    IntegrationPackRelease,
    PackMember,
)
from boomi_pulumi._api.retry import Done, Outcome
from boomi_pulumi._api.say import say
from boomi_pulumi._kinds.pack_state import (
    UNFINISHED,
    PackState,
    ReleaseOutputs,
    pack_of,
    read_pack,
    status_of,
    versions_of,
)
from boomi_pulumi._lifecycle.fields import UNKNOWN, Bag, Change, Id, Inputs, Name, Rule, has_unknown
from boomi_pulumi._lifecycle.kind import (
    Comparison,
    Conflicting,
    FoundByName,
    Kind,
    NeedsWrite,
    Subject,
    UpToDate,
    Waits,
)
from boomi_pulumi._lifecycle.preview import Failure, names
from boomi_pulumi._lifecycle.seen import Answer, Seen, found, read
from boomi_pulumi._reads.account import Account, Release
from boomi_pulumi._reads.finders import find_integration_pack

__all__ = ["ReleaseIntegrationPackKind"]

IMMEDIATELY, ON_DATE = "IMMEDIATELY", "RELEASE_ON_SPECIFIED_DATE"
MOST_COMPONENTS = 100
"""Components of one pack. Source: Boomi's "Integration packs" help page."""


def _date(value: str) -> str:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise ValueError("is not a date; Boomi's form is yyyy-MM-dd")


class ReleaseComponent(BaseModel):
    """One component of the release."""

    # A program writes `component_id`, and the plugin is given `componentId`.
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", populate_by_name=True)

    component_id: Annotated[Id, Field(description="The component's id.")]
    version: Annotated[Name, Field(description="The package version to release.")]


def _components(value: list[ReleaseComponent] | None) -> list[ReleaseComponent] | None:
    if value is None:
        return None
    if not value:
        raise ValueError("is empty; a release needs a component")
    if len(value) > MOST_COMPONENTS:
        raise ValueError(f"has {len(value)} components; {MOST_COMPONENTS} is the most")
    ids = [each.component_id for each in value]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise ValueError(f"names a component twice: {names(twice)}")
    return sorted(value, key=lambda each: each.component_id)


class ReleaseIntegrationPackInputs(Inputs):
    """A pack, and the released content wanted of it."""

    integration_pack_id: Annotated[
        Id | None, Rule(Change.REPLACE, required=True), Field(description="The pack's id.")
    ] = None
    components: Annotated[
        list[ReleaseComponent] | None,
        AfterValidator(_components),
        Rule(Change.UPDATE, required=True),
        Field(description="What to release: `componentId` and `version` each, 1 to 100 of them."),
    ] = None
    release_schedule: Annotated[
        Literal["IMMEDIATELY", "RELEASE_ON_SPECIFIED_DATE"] | None,
        Rule(Change.UPDATE, filled=True, drifts=False),
        Field(description="IMMEDIATELY or RELEASE_ON_SPECIFIED_DATE; left out, as `releaseOnDate` says."),
    ] = None
    release_on_date: Annotated[
        Annotated[str, AfterValidator(_date)] | None,
        Rule(Change.UPDATE, drifts=False),
        Field(description="A date, or yyyy-MM-dd; Boomi releases in the small hours of that day."),
    ] = None
    release_timeout: Annotated[
        Annotated[int, Field(ge=0, le=7200)] | None,
        Rule(drifts=False),
        Field(description="Seconds to wait for an immediate release, 0 to 7200; left out, 300."),
    ] = None
    pack_name: Annotated[
        str | None, Rule(companion=("integrationPackId", "name")), Field(description="The pack's name.")
    ] = None
    installation_type: Annotated[
        str | None,
        Rule(companion=("integrationPackId", "installationType")),
        Field(description="The pack's type, SINGLE or MULTI."),
    ] = None
    releases: Annotated[
        dict[str, str] | None,
        Rule(filled=True, drifts=False),
        Field(description="For each component, by name, what is out and what will be."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ReleaseSeen(Seen):
    """What the account says about a pack, and about the packages to release."""

    pack: Answer[IntegrationPack] = read("integrationPackId", Account.pack, absent="names no pack of this publisher")
    packages: Answer[Release] = read("components", Account.release)


class ReleaseIntegrationPackKind(Kind[PackState], Waits, FoundByName):
    """Boomi's semantics of a release. Source: ReleaseIntegrationPack page; PublisherIntegrationPack in the OpenAPI."""

    name = "ReleaseIntegrationPack"
    target = RELEASE
    inputs = ReleaseIntegrationPackInputs
    seen = ReleaseSeen
    nested = ("componentId",)
    outputs = ("requestId", "releaseStatus", "releaseStatusUrl", "releasedVersions")
    record = ReleaseOutputs
    about = (
        "The released content wanted of an integration pack.\n\n"
        "Create and update release now, or schedule; while a scheduled release is pending, an update changes "
        "it. Versions that are out already are not released again. An immediate release is waited for, within "
        "`releaseTimeout`; a scheduled one never is. Boomi cannot withdraw a release: a destroy says so, and "
        "forgets."
    )
    required_outputs = ("integrationPackId", "components", "releaseSchedule", "releaseStatus", "releasedVersions")
    adopts = False

    def validate(self, inputs: Mapping[str, Any], seen: ReleaseSeen) -> Iterable[Failure]:
        """Refuse a foreign component, an unshareable package, a bad date, a second pending release."""
        schedule, on = inputs.get("releaseSchedule"), inputs.get("releaseOnDate")
        if schedule == ON_DATE and on is None:
            yield Failure("releaseOnDate", f"is required for {ON_DATE}")
        if schedule == IMMEDIATELY and on is not None:
            yield Failure("releaseOnDate", f"is for {ON_DATE} only; leave it out")
        if isinstance(on, str) and on < seen.today:
            yield Failure("releaseOnDate", f"is in the past (today is {seen.today} UTC)")
        pack, members, wanted, last = found(seen.pack), _members(seen), versions_of(inputs), seen.before
        before = versions_of(last) if last.get("integrationPackId") == inputs.get("integrationPackId") else {}
        packages = found(seen.packages) or {}
        for place, (component, version) in enumerate(wanted.items()):
            title = _name(members, component)
            if pack is not None and component not in members and "" not in members:
                yield Failure(f"components[{place}].componentId", f"{component} is not in the pack {pack.name}")
            package = packages.get(f"{component}/{version}")
            if package == "not shareable":
                yield Failure(f"components[{place}].version", f"{title} {version} was packaged without shareable=True")
            if package == "missing":
                reason = f"{title} {version} was never packaged, or its package was deleted"
                yield Failure(f"components[{place}].version", reason)
        other = sorted(
            f"{_name(members, id_)} {each.pending_version}"
            for id_, each in members.items()
            if each.pending_version
            and each.pending_version != each.current_version
            and before.get(id_) != each.pending_version
            and wanted.get(id_) != each.pending_version
        )
        if pack is not None and other:
            yield Failure(
                "integrationPackId",
                f"{pack.name} has a release pending already ({names(other)}); Boomi keeps one per pack",
            )

    def fill(self, inputs: Bag, seen: ReleaseSeen) -> Bag:
        """Add what a reviewer wants to read: per component by name, released version → version to be released."""
        # A date that is not known yet is a date.
        inputs = {"releaseSchedule": ON_DATE if "releaseOnDate" in inputs else IMMEDIATELY, **inputs}
        members, olds = _members(seen), seen.before
        same = all(olds.get(name) == inputs.get(name) for name in ("integrationPackId", "components"))
        if olds and same:
            return inputs | ({"releases": olds["releases"]} if "releases" in olds else {})
        if has_unknown(inputs.get("components")):
            return inputs | ({"releases": UNKNOWN} if "releases" in olds else {})
        if not members:
            return inputs
        lines = {
            _name(members, id_): f"{_was(members.get(id_), version)}{version}"
            for id_, version in versions_of(inputs).items()
        }
        return inputs | {"releases": lines}

    def claims(self, inputs: Mapping[str, Any]) -> Iterable[str]:
        """Return the components: other ones of the pack may be another resource's."""
        return [f"{inputs.get('integrationPackId')}/{each}" for each in versions_of(inputs)]

    def title(self, bag: Mapping[str, Any]) -> str:
        """Return the pack's name."""
        return str(bag.get("packName") or bag.get("integrationPackId") or "?")

    def id(self, record: PackState) -> str:
        """Return the pack's id; a release has no life of its own."""
        return record.id

    def proves_absence(self, subject: Subject) -> bool:
        """Tell whether the pack shows what a lost request did: a scheduled one at once, an immediate one only later."""
        return bool(subject.inputs.get("releaseSchedule") == ON_DATE)

    def look(self, subject: Subject) -> PackState | None:
        """Return the pack, and where the last request stands."""
        pack = subject.id or subject.inputs["integrationPackId"]
        there = read_pack(subject.client, pack, subject.before or {})
        if there is None and subject.id is None:
            raise NotFound(f"ReleaseIntegrationPack: there is no pack {pack} of this publisher.")
        return there

    def import_id(self, client: Client, words: str) -> str | None:
        """Return the id of a pack by its name."""
        return find_integration_pack(client, name=words).id

    def search(self, inputs: Mapping[str, Any]) -> str:
        """Return the read of the pack."""
        return f"PublisherIntegrationPack {inputs.get('integrationPackId')} (currentVersion of its components)"

    def compare(self, record: PackState, subject: Subject) -> Comparison:
        """Take what is released or on its way; refuse to cross somebody else's pending release."""
        wanted = subject.given
        versions, current, pending = versions_of(wanted), record.current(), record.pending()
        on, ours = wanted.get("releaseOnDate"), record.release_status == "SCHEDULED"
        coming = {id_: pending.get(id_, current.get(id_)) for id_ in versions}
        if record.release_status in UNFINISHED:
            asked = versions_of(subject.before or {})
            return UpToDate() if versions in (asked, coming) else NeedsWrite()
        if ours or (pending and coming == versions):
            # The pack does not tell the date of a release whose request this stack does not know.
            same_date = on is not None and on == record.release_on_date
            news = "" if ours else f"the same versions waited for their release already; they go out on {on}"
            return UpToDate() if coming == versions and same_date else NeedsWrite(news if on else "")
        if all(current.get(id_) == version for id_, version in versions.items()):
            return UpToDate()
        if pending:
            known = record.names()
            other = names(sorted(f"{known[id_]} {version}" for id_, version in pending.items()))
            return Conflicting(
                f"a release is pending already ({other}), and Boomi keeps one per pack; release or change it first"
            )
        return NeedsWrite()

    def write(self, subject: Subject, found: PackState | None, notes: str | None) -> Outcome[PackState]:
        """Release, or change the release that is pending."""
        client, inputs = subject.client, subject.inputs
        pack = inputs["integrationPackId"]
        body = {
            "id": pack,
            "releaseSchedule": inputs["releaseSchedule"],
            "ReleasePackagedComponents": {
                "ReleasePackagedComponent": [
                    {"componentId": id_, "version": version} for id_, version in versions_of(inputs).items()
                ]
            },
        }
        if "releaseOnDate" in inputs:
            body["releaseOnDate"] = inputs["releaseOnDate"]
        if found is not None:
            body |= {
                name: value
                for name, value in (("name", found.name), ("installationType", found.installation_type))
                if value
            }
        outcome: Outcome[IntegrationPackRelease]
        if _is_scheduled(found):
            outcome = client.update(RELEASE, pack, body, f"Changing the release of {self.title(inputs)}", {"id": pack})
        else:
            outcome = client.create(RELEASE, body, f"Releasing {self.title(inputs)}", {"id": pack})
        return Done(_after(outcome.answer, inputs, found)) if isinstance(outcome, Done) else outcome

    def wait(self, subject: Subject, record: PackState) -> PackState:
        """Wait for an immediate release; a scheduled one is never waited for."""
        client, inputs = subject.client, subject.inputs
        status = record.release_status or "SUCCESS"
        if inputs["releaseSchedule"] == ON_DATE or record.request_id is None or status not in UNFINISHED:
            return replace(record, release_status=status)
        title, unread = self.title(inputs), None
        try:
            status = _awaited(client, record.request_id, title, inputs.get("releaseTimeout", 300))
        except RequestError as error:
            unread = error
        if status == "ERROR":
            say(f"Release of {title} failed in Boomi (request {record.request_id}); the next run releases again.")
        fresh = pack_of(client, record.id)
        record = replace(record, members=fresh.components if fresh is not None else record.members)
        if unread is not None and record.is_out(versions_of(inputs)):
            status = "SUCCESS"
        elif unread is not None:
            say(
                f"Release of {title}: how it stands cannot be read, so it is not waited for. It goes on in Boomi, and "
                f"the next run looks again (request {record.request_id}). {unread}"
            )
        return replace(record, release_status=status)

    def unfinished(self, before: Mapping[str, Any]) -> bool:
        """Tell whether the last run's release was cut off, or failed."""
        return before.get("releaseStatus") in {*UNFINISHED, "ERROR"}

    def live(self, record: PackState, inputs: Mapping[str, Any]) -> Bag:
        """Return what is released of the declared components; what waits for its date counts as on its way."""
        current, pending, wanted = record.current(), record.pending(), versions_of(inputs)
        ids = wanted or {**current, **pending}
        on_its_way = record.release_status in {*UNFINISHED, "SCHEDULED", "ERROR"}
        versions = {
            id_: wanted[id_]
            if on_its_way and id_ in wanted and id_ not in pending
            else pending.get(id_, current.get(id_))
            for id_ in ids
        }
        bag: Bag = {
            "integrationPackId": record.id,
            "packName": record.name,
            "installationType": record.installation_type,
            "components": [{"componentId": id_, "version": each} for id_, each in sorted(versions.items()) if each],
            "releasedVersions": {id_: current[id_] for id_ in sorted(ids) if id_ in current},
            "requestId": record.request_id,
            "releaseStatus": record.release_status or "SUCCESS",
            "releaseStatusUrl": record.release_status_url,
        }
        return {name: value for name, value in bag.items() if value is not None}

    def kept_on_destroy(self, bag: Mapping[str, Any]) -> str | None:
        """Tell that a release cannot be taken back."""
        if bag.get("releaseStatus") == "SCHEDULED":
            on = bag.get("releaseOnDate")
            return f"Boomi cannot withdraw a release; the one scheduled for {on} goes out, or is out already."
        return "Boomi cannot withdraw a release; what is out stays out."

    def owns(self, record: PackState, bag: Mapping[str, Any]) -> bool:
        """Tell that a pack stays itself."""
        return True


def _awaited(client: Client, request: str, title: str, limit: float) -> str:
    """Return where a release stands once it has ended, or after `limit` seconds.

    Raises:
        RequestError: As `status_of`.
    """
    began, told = client.now(), 0.0
    while (status := status_of(client, request)) in UNFINISHED:
        waited = client.now() - began  # looks that fail take long as well
        if waited < limit:
            if waited - told >= 15 or not told:  # noqa: PLR2004 - a line every 15 s keeps a CI log readable
                say(f"Release of {title}: in progress, waited {waited:.0f} of at most {limit} s.")
                told = waited or 0.01
            if client.pause(min(max(0.5, waited / 4), 10.0, max(limit - waited, 0.05))):
                continue
        say(
            f"Release of {title} is still in progress after {waited:.0f} s; it goes on in Boomi, and the next "
            f"run waits for it again (request {request})."
        )
        break
    return status


def _after(answer: IntegrationPackRelease, inputs: Mapping[str, Any], found: PackState | None) -> PackState:
    """Return the pack as it is after a release that Boomi has taken."""
    on_date, wanted = inputs["releaseSchedule"] == ON_DATE, versions_of(inputs)
    scheduled = _is_scheduled(found)
    return PackState(
        id=inputs["integrationPackId"],
        name=answer.name or (found.name if found else None),
        installation_type=answer.installation_type or (found.installation_type if found else None),
        members=tuple(
            replace(each, pending_version=wanted.get(each.component_id) if on_date else None)
            for each in (found.members if found else ())
        ),
        request_id=answer.request_id or (found.request_id if found and scheduled else None),
        release_status="SCHEDULED" if on_date else "IN_PROGRESS",
        release_status_url=answer.release_status_url,
        release_on_date=inputs.get("releaseOnDate"),
    )


def _is_scheduled(found: PackState | None) -> bool:
    return found is not None and (found.release_status == "SCHEDULED" or bool(found.pending()))


def _members(seen: ReleaseSeen) -> dict[str, PackMember]:
    pack = found(seen.pack)
    return {} if pack is None else {each.component_id: each for each in pack.components}


def _name(members: Mapping[str, PackMember], component: str) -> str:
    return (members[component].component_name if component in members else None) or component


def _was(member: PackMember | None, version: str) -> str:
    released = member.current_version if member is not None else None
    if not released:
        return "new → "
    return f"{released} → " if released != version else "unchanged, "
