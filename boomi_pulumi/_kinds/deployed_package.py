"""DeployedPackage: what runs of a component in an environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Any, Literal

from pydantic import Field

from boomi_pulumi._api.answers import Missing
from boomi_pulumi._api.client import Client
from boomi_pulumi._api.errors import BadAnswer, Conflict, Forbidden, NotFound, RequestError
from boomi_pulumi._api.filters import Filter, where
from boomi_pulumi._api.models import DEPLOYED_PACKAGE, ENVIRONMENT, PACKAGED_COMPONENT, Environment
from boomi_pulumi._api.models import ComponentMetadata as Component
from boomi_pulumi._api.models import DeployedPackage as Deployment
from boomi_pulumi._api.models import PackagedComponent as Package
from boomi_pulumi._api.retry import Done, Outcome, Unknown
from boomi_pulumi._api.say import say
from boomi_pulumi._kinds.gate import FRESH, Period, Runs, Wanted, verdict, verdict_on_past, with_runs
from boomi_pulumi._kinds.lines import Superseded, Verdict
from boomi_pulumi._kinds.packaged_component import component_failures, component_named
from boomi_pulumi._lifecycle.changes import Said, changes_of
from boomi_pulumi._lifecycle.fields import UNKNOWN, Bag, Change, Id, Inputs, Notes, Rule, has_unknown
from boomi_pulumi._lifecycle.kind import (
    Comparison,
    FoundByName,
    Gated,
    Holds,
    Kind,
    NeedsWrite,
    Place,
    Subject,
    UpToDate,
)
from boomi_pulumi._lifecycle.origin import is_of_stack, same_origin, stack_of, strip_mark
from boomi_pulumi._lifecycle.preview import Failure, because, shown
from boomi_pulumi._lifecycle.seen import Absent, Answer, Found, Seen, Unread, found, read
from boomi_pulumi._reads.account import Account
from boomi_pulumi._reads.deployments import deployments_of, past_deployments
from boomi_pulumi._reads.finders import find_environment
from boomi_pulumi._reads.runs import Ran, ran, runtimes_of, settle_of, stretch_of

__all__ = ["DeployedPackageKind"]

_GATE = ("promotedFromId", "promotedAfter", "promotedRuns")

_NO_ENVIRONMENT = "names no environment that this user can see"


class DeployedPackageInputs(Inputs):
    """An environment and a component, and the package that is to run there."""

    environment_id: Annotated[
        Id | None, Rule(Change.REPLACE, required=True), Field(description="The environment's id.")
    ] = None
    component_id: Annotated[
        Id | None,
        Rule(Change.REPLACE, companion=("packageId", "componentId"), keep_while_unknown=True),
        Field(
            description="Without a package: Boomi packages the newest revision of any branch and deploys it, a package "
            "that no program tracks. Prefer `package`."
        ),
    ] = None
    package_id: Annotated[
        Id | None, Rule(Change.UPDATE, refers_to="PackagedComponent"), Field(description="The package's id.")
    ] = None
    listener_status: Annotated[
        Literal["RUNNING", "PAUSED"] | None,
        Rule(Change.UPDATE, drifts=False),
        Field(description="RUNNING or PAUSED, for listener processes; set with a deployment. Left out, unchanged."),
    ] = None
    notes: Annotated[
        Notes, Rule(drifts=False), Field(description="Notes for the deployment; sent with the next one.")
    ] = None
    promoted_from_id: Annotated[
        Id | None,
        Rule(drifts=False),
        Field(
            description="An environment where this very package must be active before it is deployed here, or was "
            "until a newer one came. What ran here before may go back."
        ),
    ] = None
    promoted_after: Annotated[
        Period | None,
        Rule(drifts=False),
        Field(
            description="For how long it must have been active there: days, hours, minutes and seconds, such as `24h` "
            "or `1d12h`."
        ),
    ] = None
    promoted_runs: Annotated[
        Runs,
        Rule(drifts=False),
        Field(
            description="How many runs must have ended well there since it was deployed; by default none may have "
            "failed. A number, or an object with `complete`, `failed` and `settle`."
        ),
    ] = None
    package_version: Annotated[
        str | None, Rule(companion=("packageId", "packageVersion")), Field(description="The version that runs.")
    ] = None
    component_version: Annotated[
        int | None, Rule(companion=("packageId", "componentVersion")), Field(description="The revision that runs.")
    ] = None
    component_name: Annotated[
        str | None,
        Rule(companion=("packageId", "componentName"), keep_while_unknown=True),
        Field(description="The component's name."),
    ] = None
    environment_name: Annotated[
        str | None, Rule(companion=("environmentId", "name")), Field(description="The environment's name.")
    ] = None
    supersedes: Annotated[
        str | None,
        Rule(filled=True, drifts=False),
        Field(
            description="What ran there before and was superseded, of which other stack, who had deployed it and when."
        ),
    ] = None
    brings: Annotated[
        list[str] | None,
        Rule(filled=True, drifts=False),
        Field(
            description="The packages between what ran there and this one, with revision and first line of notes; five "
            "lines at most. Left out where the program makes the package."
        ),
    ] = None
    gate: Annotated[
        str | None,
        Rule(filled=True, drifts=False),
        Field(description="With `promotedFromId`: why the gate was open, or what opened it in the same run."),
    ] = None
    existing: Annotated[
        str | None,
        Rule(filled=True, drifts=False),
        Field(
            description="What ran there when the resource was made, if it was this very package: reused or adopted, "
            "who had deployed it and when."
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class DeploymentSeen(Seen):
    """What the account says about a deployment: what is named, what runs there, and what runs where it comes from."""

    environment: Answer[Environment] = read("environmentId", Account.environment, absent=_NO_ENVIRONMENT)
    package: Answer[Package] = read("packageId", Account.package, absent="names no package of this account")
    active: Answer[Deployment] = read("supersedes", Account.active_deployment, "environmentId", "componentId")
    component: Answer[Component] = read(
        "componentId", Account.component, unless="packageId", absent="names no component of this account"
    )
    source: Answer[Environment] = read("promotedFromId", Account.environment, absent=_NO_ENVIRONMENT)
    active_in_source: Answer[Deployment] = read("gate", Account.active_deployment, "promotedFromId", "componentId")
    past: Answer[list[Deployment]] = read(
        "gate",
        Account.past_deployments,
        "promotedFromId",
        "environmentId",
        "componentId",
        "packageId",
        beside=("promotedAfter", "promotedRuns"),
    )
    runs: Answer[Ran] = read(
        "gate", Account.runs, "promotedFromId", "environmentId", "componentId", "packageId", "promotedRuns"
    )
    brings: Answer[list[str]] = read(
        "brings", Account.brings, "environmentId", "componentId", "packageId", made="packageId"
    )


class DeployedPackageKind(Kind[Deployment], Holds, Gated, FoundByName):
    """Boomi's semantics of a deployment: at most one package of a component is active in an environment.

    Source: DeployedPackage page; Boomi's pages on deployments and rolling back.
    """

    name = "DeployedPackage"
    target = DEPLOYED_PACKAGE
    inputs = DeployedPackageInputs
    seen = DeploymentSeen
    outputs = (
        "deploymentId",
        "version",
        "componentType",
        "deployedDate",
        "deployedBy",
        "active",
        "branchName",
        "message",
    )
    stable_outputs = ("componentType",)
    about = (
        "What runs of a component in an environment. Boomi runs one package of a component there.\n\n"
        "A new package is an update in place: Boomi supersedes the old one, and nothing stops in between. "
        "Another environment, or a package of another component, replaces. Notes alone never redeploy. "
        "Destroying undeploys only what this resource deployed; a successor put there by somebody else stays."
    )
    required_outputs = (
        "deploymentId",
        "environmentId",
        "packageId",
        "packageVersion",
        "componentId",
        "componentVersion",
        "version",
        "deployedDate",
        "deployedBy",
        "active",
    )
    fresh_look = True
    makes_again = True
    marked = "notes"
    place = Place(ENVIRONMENT, "environmentId", DEPLOYED_PACKAGE, "a role of the environment, or ENV_MANAGEMENT")
    author_output = "deployedBy"  # Boomi joins the notes of deployments that follow one another

    def says(self, inputs: Mapping[str, Any]) -> Iterable[Said]:
        """Return that the process is to listen, where a deployment says so; one that it pauses may be resumed later."""
        if inputs.get("listenerStatus") == "RUNNING":
            about = ("listener", inputs.get("environmentId"), inputs.get("componentId"))
            yield Said(about, "listening", "listenerStatus", "RUNNING")

    def validate(self, inputs: Mapping[str, Any], seen: DeploymentSeen) -> Iterable[Failure]:
        """Refuse a deleted package, a package of another component, and a closed gate."""
        package = found(seen.package)
        if "packageId" not in inputs:
            if "componentId" not in inputs:
                needed = "is required: give package or package_id (or component_id, see the docs)"
                yield Failure("packageId", needed + because(seen.why, "packageId"))
            yield from component_failures("componentId", found(seen.component), seen.run)
        elif isinstance(seen.package, Found) and seen.package.value.deleted is True and not _restored(seen):
            of, version = seen.package.properties.get("componentName"), seen.package.value.package_version
            title = f"{of or seen.package.value.component_id} {version}"
            yield Failure("packageId", f"names {title}, a deleted package; restore it, or deploy another", gone=True)
        elif package is not None and package.component_id is not None:
            theirs, ours = package.component_id, inputs.get("componentId")
            if ours is not None and not has_unknown(ours) and theirs != ours:
                yield Failure("componentId", f"is another component than that of the package, {theirs}; leave it out")
        owner = _other_stack(seen.active)
        if seen.refuses_others and owner and not _same_content(seen.before, inputs):
            yield Failure("environmentId", f"has {_of_stack(owner)}")
        yield from self._gate_failures(inputs, seen)

    def _gate_failures(self, inputs: Mapping[str, Any], seen: DeploymentSeen) -> Iterable[Failure]:
        """Refuse a deployment whose gate makes no sense, or is closed."""
        if not {"packageId", "componentId"} & inputs.keys():
            return  # what is missing has been said
        if "promotedFromId" not in inputs:
            if "promotedAfter" in inputs and not has_unknown(inputs["promotedAfter"]):
                yield Failure("promotedAfter", "says for how long, but not where: give promoted_from as well")
            if "promotedRuns" in inputs and not has_unknown(inputs["promotedRuns"]):
                yield Failure("promotedRuns", "says how many runs, but not where: give promoted_from as well")
        elif isinstance(seen.source, Absent):
            return
        elif "packageId" not in inputs:
            yield Failure("promotedFromId", "needs a package: give package or package_id")
        elif not has_unknown(inputs["promotedFromId"]) and inputs["promotedFromId"] == inputs.get("environmentId"):
            yield Failure("promotedFromId", "is the environment itself; name the one before it")
        else:
            verdict = Verdict.parse(self._promotion(inputs, seen).get("gate"))
            if verdict is not None and verdict.closed and not _same_content(seen.before, inputs):
                yield Failure("promotedFromId", f"is {verdict}")

    def fill(self, inputs: Bag, seen: DeploymentSeen) -> Bag:
        """Add what the deployment would supersede, or that it runs there already."""
        olds, there = seen.before, found(seen.active)
        if _same_content(olds, inputs):
            kept = ("supersedes", "existing", "brings", *(("gate",) if "promotedFromId" in inputs else ()))
            return inputs | {name: olds[name] for name in kept if name in olds}
        inputs = inputs | self._promotion(inputs, seen)
        if not isinstance(seen.active, Found) or there is None or there.package_id is None:
            # An update supersedes something; what, is not known before the package is.
            later = has_unknown(inputs.get("packageId")) and "supersedes" in olds
            return inputs | ({"supersedes": UNKNOWN} if later else {})
        if there.package_id == inputs.get("packageId") and not seen.again:
            line = f"adopted: {self.describe(there)}" if seen.active.foreign else f"reused: {self.describe(there)}"
            return inputs | {"existing": f"{line}; not deployed again"}
        who = {name: text for name, text in (("by", there.deployed_by), ("on", there.deployed_date)) if text}
        return inputs | {"supersedes": str(Superseded(_version(there), stack=_other_stack(seen.active), **who))}

    def _promotion(self, inputs: Mapping[str, Any], seen: DeploymentSeen) -> Bag:
        """Return what a deployment brings, and what its gate says; nothing where this very package runs there."""
        there = found(seen.active)
        filled: Bag = {}
        if there is not None and there.package_id is not None and there.package_id == inputs.get("packageId"):
            return {}
        if isinstance(seen.brings, Found):
            filled["brings"] = seen.brings.value or None
        elif has_unknown(inputs.get("packageId")) and not isinstance(seen.package, Found) and "brings" in seen.before:
            filled["brings"] = UNKNOWN
        filled["gate"] = self._gate(inputs, seen) if "promotedFromId" in inputs else None
        return {name: value for name, value in filled.items() if value is not None}

    def _gate(self, inputs: Mapping[str, Any], seen: DeploymentSeen) -> Any:
        """Return the line of the gate; UNKNOWN while a preview cannot tell, None where nobody may look."""
        coming = self._coming(inputs, seen)
        if has_unknown([inputs.get(name) for name in (*_GATE, "packageId", "componentId")]):
            return UNKNOWN if coming is None else str(coming)
        if not isinstance(seen.active_in_source, (Found, Absent)) or "packageId" not in inputs:
            return None if coming is None else str(coming)
        wanted = Wanted.of(inputs, _names(seen))
        runs, past = found(seen.runs), found(seen.past) or []
        if isinstance(seen.runs, Unread):
            return None
        now = coming or with_runs(wanted, verdict(wanted, found(seen.active_in_source), seen.now), runs)
        return str((verdict_on_past(wanted, past, runs) if now.closed else None) or now)

    def _coming(self, inputs: Mapping[str, Any], seen: DeploymentSeen) -> Verdict | None:
        """Return what the gate says of what this run itself deploys where the package comes from."""
        source, version = inputs["promotedFromId"], inputs.get("packageVersion")
        planned = seen.run.planned(self.name, f"{source}/{inputs.get('componentId')}")
        if planned is None or has_unknown([source, version]):
            return None
        ids = [bag.get("packageId") for bag in (inputs, planned.inputs)]
        same = ids[0] == ids[1] if not has_unknown(ids) else version is not None
        name, theirs = _names(seen).get(source, source), planned.inputs.get("packageVersion")
        if not same or theirs != version:
            return Verdict(
                "closed", f"'{planned.name}' of this program puts {shown(theirs)} into {name}, not {version}"
            )
        if "promotedAfter" in inputs or "promotedRuns" in inputs:
            asked = (
                f"and the gate asks for {shown(inputs['promotedAfter'])}; run again when that is over"
                if "promotedAfter" in inputs
                else "and the gate asks for runs there; run again when they are over"
            )
            return Verdict("closed", f"'{planned.name}' of this program deploys {version} to {name} only now, {asked}")
        return Verdict("opens", f"when '{planned.name}' of this program has deployed {version} to {name}")

    def notice(self, inputs: Mapping[str, Any], seen: DeploymentSeen) -> str | None:
        """Tell that nothing runs there any more, or something else, where nothing else would."""
        there = found(seen.active)
        if isinstance(seen.environment, Absent) or not _same_content(seen.before, inputs):
            return None
        if isinstance(seen.active, Absent):
            return "nothing of it runs there any more; `pulumi up --refresh` deploys it again"
        if there is None or inputs.get("packageId") is None or there.package_id in (None, inputs["packageId"]):
            return None
        return f"{_version(there)} runs there now, {self.describe(there)}; `pulumi up --refresh` supersedes it"

    def describe(self, live: Mapping[str, Any]) -> str:
        """Return "deployed by maria.lopez@acme.example on 2026-03-02T10:30:00Z"."""
        return f"deployed by {live.get('deployedBy', 'somebody')} on {live.get('deployedDate', 'an unknown date')}"

    def title(self, bag: Mapping[str, Any]) -> str:
        """Return "Order Sync 1.4.0 in Test"."""
        words = [_known(bag, "componentName", "componentId", "packageId") or "?", _known(bag, "packageVersion") or ""]
        return " ".join([*filter(None, words), "in", _known(bag, "environmentName", "environmentId") or "?"])

    def live(self, record: Deployment, inputs: Mapping[str, Any]) -> Bag:
        """Return the record as outputs; Boomi tells a message, such as licences that are exceeded, only once."""
        live = super().live(record, inputs)
        if inputs.get("message") is not None and inputs.get("deploymentId") == live.get("deploymentId"):
            live.setdefault("message", inputs["message"])
        return live

    def id(self, record: Deployment) -> str:
        """Return environmentId/componentId, which outlives every package that runs there."""
        return f"{record.environment_id}/{record.component_id}"

    def proves_absence(self, subject: Subject) -> bool:
        """Tell whether a package is wanted, which the environment shows, or a mark can be found."""
        return "packageId" in subject.inputs or subject.origin is not None

    def look(self, subject: Subject) -> Deployment | None:
        """Return the active deployment of the component in the environment."""
        client, inputs = subject.client, subject.inputs
        component, package = inputs.get("componentId"), inputs.get("packageId")
        if subject.id is not None:
            environment, _, component = subject.id.partition("/")
            if not environment or not component or "/" in component:
                raise NotFound(f"DeployedPackage: {subject.id!r} is no id; it is environmentId/componentId.")
            return self._active(client, environment, component, package, subject.max_age)
        if package is not None and "packageVersion" not in inputs:
            # Without facts nobody has told which component the package is of.
            theirs = self._component_of(client, package)
            ours = component or (subject.before or {}).get("componentId")
            if None not in (ours, theirs) and ours != theirs:
                raise Conflict(
                    f"DeployedPackage {self.title(inputs)}: package {package} is of component {theirs}, "
                    f"and this resource is about component {ours}. Give it a name of its own. Nothing was changed."
                )
            component = theirs or ours
        if component is None:
            rows = client.query(
                DEPLOYED_PACKAGE, _active_in(inputs["environmentId"]) & where("packageId").equals(str(package))
            )
            return next((row for row in rows if row.active is not False), None)
        return self._active(client, inputs["environmentId"], component, package, subject.max_age)

    def _component_of(self, client: Client, package: str) -> str | None:
        """Return the component of a package; None where the user may not read it, and it was never deployed.

        Raises:
            NotFound: There is no such package.
            RequestError: The look failed.
        """
        try:
            found = client.read(PACKAGED_COMPONENT, package)
        except Forbidden as error:
            found = error
        if isinstance(found, Missing):
            raise NotFound(f'DeployedPackage: no package {package} in this account (Boomi said: "{found.said}").')
        if isinstance(found, Forbidden):
            # Who may deploy may read deployments, in whichever environment they are or were.
            rows = client.query(DEPLOYED_PACKAGE, where("packageId").equals(package))
            return next((row.component_id for row in rows if row.component_id), None)
        if isinstance(found, RequestError):
            raise found
        return found.component_id

    def _active(
        self, client: Client, environment: str, component: str, package: str | None, max_age: float | None
    ) -> Deployment | None:
        rows = deployments_of(client).active(environment, component, max_age)
        # Boomi keeps one active; should there be more, the wanted one counts, then the newest.
        return max(rows, key=lambda row: (row.package_id == package, row.deployed_date or ""), default=None)

    def import_id(self, client: Client, words: str) -> str | None:
        """Return the id of what is named environment/component; each by id or name, the latter by path too."""
        environment, _, component = words.partition("/")
        if not environment or not component:
            return None
        if not isinstance(client.read(ENVIRONMENT, environment), Environment):
            environment = find_environment(client, name=environment).id
        return f"{environment}/{component_named(client, component)}"

    def search(self, inputs: Mapping[str, Any]) -> str:
        """Return the query of the environment and the component."""
        return (
            f"a DeployedPackage query on environmentId = {inputs.get('environmentId')}, "
            f"componentId = {inputs.get('componentId')} and active = true"
        )

    def compare(self, record: Deployment, subject: Subject) -> Comparison:
        """Take an equal deployment; supersede another, and say whose it was unless it was ours."""
        olds, origin = subject.before, subject.origin
        package, listener = subject.given.get("packageId"), subject.given.get("listenerStatus")
        expected = olds is not None and record.deployment_id == olds.get("deploymentId")
        # Boomi shows no status of an ordinary process: then the last run tells what was asked for.
        status = record.listener_status or (olds.get("listenerStatus", "") if olds and expected else None)
        paused = None not in (listener, status) and listener != status
        ours = origin is not None and same_origin(strip_mark(record.notes)[1], origin, only_one=True)
        if package is None and (ours or olds is not None) and not paused:
            return UpToDate()
        if package == record.package_id and not paused:
            return UpToDate()
        if ours or expected or package == record.package_id:
            return NeedsWrite()
        theirs = _owner(record, subject)
        owner = f" of stack {theirs}" if theirs else ""
        return NeedsWrite(
            f"superseded {record.package_version or record.package_id}{owner}, "
            f"which {record.deployed_by or 'somebody else'} had deployed on {record.deployed_date or 'an unknown date'}"
        )

    def refusal(self, subject: Subject, found: Deployment | None) -> str | None:
        """Look at the gate again, and at the owner of what runs there."""
        client, inputs = subject.client, subject.inputs
        package = inputs.get("packageId")
        owner = _owner(found, subject) if found is not None and client.settings.refuse_other_stacks else None
        if owner:
            return f"environmentId has {_of_stack(owner)}"
        if "promotedFromId" not in inputs or (found is not None and found.package_id == package):
            return None
        component = inputs.get("componentId") or self._component_of(client, str(package))
        if component is None:
            return f"promotedFromId cannot be judged: nobody can tell which component package {package} is of"
        source, environment = inputs["promotedFromId"], inputs["environmentId"]
        there = self._active(client, source, component, package, FRESH)
        now, wanted, past = datetime.now(timezone.utc), Wanted.of(inputs, {}), list[Deployment]()
        runs = _runs(client, wanted, component, there, past)
        if not with_runs(wanted, verdict(wanted, there, now), runs).closed:
            return None
        past = past_deployments(client, source, environment, component)
        runs = runs or _runs(client, wanted, component, there, past)
        if not (verdict_on_past(wanted, past, runs) or Verdict("closed", "")).closed:
            return None
        wanted = Wanted.of(inputs, _read_names(client, source, environment))
        said = verdict_on_past(wanted, past, runs) or with_runs(wanted, verdict(wanted, there, now), runs)
        planned = changes_of(client).planned(self.name, f"{source}/{component}")
        advice = (
            f" '{planned.name}' of this program comes first if this one depends on it (depends_on)." if planned else ""
        )
        return f"promotedFromId is {said}.{advice}".removesuffix(".")

    def write(self, subject: Subject, found: Deployment | None, notes: str | None) -> Outcome[Deployment]:
        """Deploy; Boomi supersedes what is active, and nothing stops in between."""
        client, inputs = subject.client, subject.inputs
        body = {"environmentId": inputs["environmentId"]}
        if "packageId" in inputs:
            body["packageId"] = inputs["packageId"]
        else:
            body["componentId"] = inputs["componentId"]
        if notes:
            body["notes"] = notes
        if "listenerStatus" in inputs:
            body["listenerStatus"] = inputs["listenerStatus"]
        what = f"Deploying {self.title(inputs)}"
        outcome = client.create(DEPLOYED_PACKAGE, body, what)
        if isinstance(outcome, Done) and None in (outcome.answer.environment_id, outcome.answer.component_id):
            # Without environment and component there is no id: look what is there.
            return Unknown(BadAnswer(what, detail="an answer without its environment and component"))
        if isinstance(outcome, Done):
            deployments_of(client).put(outcome.answer)
            if outcome.answer.message:
                say(f'{self.name} {self.title(inputs)}: Boomi said: "{outcome.answer.message}"')
        return outcome

    def delete(self, subject: Subject, record: Deployment | None) -> Outcome[None]:
        """Undeploy."""
        client, bag = subject.client, subject.inputs
        id_ = record.deployment_id if record is not None else bag["deploymentId"]
        outcome = client.delete(DEPLOYED_PACKAGE, id_, f"Undeploying {self.title(bag)}")
        if isinstance(outcome, Done):
            deployments_of(client).drop(bag["environmentId"], bag["componentId"])
        return outcome

    def holds(self, record: Deployment) -> str | None:
        """Return the package that was deployed."""
        return record.package_id

    def owns(self, record: Deployment, bag: Mapping[str, Any]) -> bool:
        """Tell whether it is the same deployment, not a successor."""
        return record.deployment_id == bag.get("deploymentId")


def _other_stack(active: Answer[Deployment]) -> str | None:
    """Return the stack that owns what runs there, if it is another one."""
    return stack_of(active.mark) if isinstance(active, Found) and active.foreign else None


def _owner(record: Deployment, subject: Subject) -> str | None:
    """Return the stack that owns a deployment, if it is another one."""
    mark = strip_mark(record.notes)[1]
    return None if subject.origin is None or is_of_stack(mark, subject.origin) else stack_of(mark)


def _of_stack(owner: str) -> str:
    return (
        f"a deployment of this component that stack {owner} owns, and boomi:refuseOtherStacks is true. Take it out of "
        "one of the two stacks (docs/moving-resources.md)"
    )


def _restored(seen: DeploymentSeen) -> bool:
    """Tell whether this run restores the package."""
    package = found(seen.package)
    one = f"{package.component_id}/{package.package_version}" if package is not None else ""
    return seen.run.planned("PackagedComponent", one) is not None


def _names(seen: DeploymentSeen) -> dict[str, str]:
    """Return environment's id -> name, as far as the account shows it."""
    shown_ = (found(each) for each in (seen.source, seen.environment))
    return {each.id: each.name for each in shown_ if each is not None and each.name}


def _read_names(client: Client, *environments: str) -> dict[str, str]:
    try:
        there = [client.read(ENVIRONMENT, each) for each in environments]
    except RequestError:  # a name is worth no failure in place of the reason
        return {}
    return {each.id: each.name for each in there if isinstance(each, Environment) and each.name}


def _runs(
    client: Client, wanted: Wanted, component: str, there: Deployment | None, past: Sequence[Deployment]
) -> Ran | None:
    """Read what is recorded of the runs that a gate asks for; None where it asks for none, or none can be of it."""
    stretch = stretch_of(there, past, wanted.package, wanted.source) if wanted.runs is not None else None
    if stretch is None:
        return None
    runtimes = runtimes_of(client, wanted.source)
    if isinstance(runtimes, Ran):
        return runtimes
    return ran(client, *stretch, component, runtimes, settle=settle_of(wanted.runs))


def _active_in(environment: str) -> Filter:
    return where("environmentId").equals(environment) & where("active").equals(True)


def _same_content(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Tell whether a deployment stays in its place, with its package."""
    keys = ("environmentId", "componentId", "packageId")
    return bool(olds) and all(olds.get(key) == inputs.get(key) for key in keys)


def _version(there: Deployment) -> str:
    return str(there.package_version or there.package_id)


def _known(bag: Mapping[str, Any], *keys: str) -> str | None:
    for key in keys:
        value = bag.get(key)
        if value is not None and not has_unknown(value):
            return str(value)
    return None
