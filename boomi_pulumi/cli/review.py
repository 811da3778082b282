"""What a reviewer reads: the comment on a pull request, made from `pulumi preview --json`.

Python resources and the plugin have the same property names, so both previews are read alike. Nothing is sent.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard
from urllib.parse import quote

from boomi_pulumi._api.extensions import SECTIONS
from boomi_pulumi._api.schedules import brief, in_words, schedules_of
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._kinds.lines import Replaced, Superseded, Verdict
from boomi_pulumi._lifecycle.fields import Change, Rule, rules
from boomi_pulumi.cli import markdown as md
from boomi_pulumi.cli.markdown import Part, table
from boomi_pulumi.cli.preview import NAMES, PLACES, UNKNOWN, Bag, NotAPreview, Review, Step, read
from boomi_pulumi.cli.stacks import is_secret, named_fields

__all__ = ["NotAPreview", "Review", "Step", "mark", "markdown", "marks", "read", "text"]


_SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the key by which Pulumi marks a secret, not one

_REFUSED = re.compile(r"\S+ resource '(?P<name>.*?)' has a problem: (?P<why>.*)")


def text(value: object) -> str:
    """Return a value of a preview as Markdown that shows it and does nothing else; secrets stay hidden."""
    return md.text(_veiled(value))


def _veiled(value: object) -> object:
    if isinstance(value, Mapping):
        return "[secret]" if _SECRET in value else {name: _veiled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_veiled(each) for each in value]
    return "known after up" if value == UNKNOWN else value


_OF_COMPONENTS = ("componentId", "componentName", "packageId", "packageVersion", "processId")
"""Of these, what is deployed to an environment has at least one."""


@dataclass(frozen=True)
class _Titles:
    """How objects are called, so that two of one name are told apart.

    Attributes:
        names: The property of an id, and the id -> name, as some step of the preview tells it.
        ids: The property of an id, and a name -> ids of those that have it.
        versions: The ids of an environment and a component, and the version that the preview deploys of it there.
    """

    names: Mapping[tuple[str, str], str]
    ids: Mapping[tuple[str, str], set[str]]
    versions: Mapping[tuple[object, object], str]

    @classmethod
    def of(cls, steps: Sequence[Step]) -> _Titles:
        names: dict[tuple[str, str], str] = {}
        ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for bag in (bag for step in steps for bag in (step.old, step.new)):
            for name, of in (*NAMES.items(), ("name", "componentId")):
                if _is_known(bag.get(name)) and _is_known(bag.get(of)):
                    names[of, bag[of]] = bag[name]
                    ids[of, bag[name]].add(bag[of])
        deployed = [step.new for step in steps if step.kind == "DeployedPackage" and step.declares]
        versions = {
            (bag.get("environmentId"), bag.get("componentId")): bag["packageVersion"]
            for bag in deployed
            if _is_known(bag.get("packageVersion"))
        }
        return cls(names, ids, versions)

    def component(self, bag: Bag) -> str:
        """Return the name of the component, process, pack or connector that a resource is about, with its runtime."""
        runtime = self.runtime(bag)
        return f"{self.object(bag)} on {runtime}" if runtime else self.object(bag)

    def object(self, bag: Bag) -> str:
        """Return the same without a runtime; an id where there is no name."""
        if bag.get("environmentId") and not any(bag.get(of) for of in _OF_COMPONENTS):
            return "the values"
        pairs = (pair for pair in NAMES.items() if pair[0] not in PLACES)
        return self._title(bag, *next((each for each in pairs if any(map(bag.get, each))), ("name", "componentId")))

    def runtime(self, bag: Bag) -> str:
        """Return the name of the runtime that a resource is about, or its id; nothing where it is about none."""
        return self._title(bag, "runtimeName", "atomId") if bag.get("atomId") else ""

    def environment(self, bag: Bag) -> str:
        """Return the name of a deployment's environment, or its id; nothing where there is none."""
        return self._title(bag, "environmentName", "environmentId") if bag.get("environmentId") else ""

    def _title(self, bag: Bag, name_of: str, of: str) -> str:
        id_, name = bag.get(of), bag.get(name_of) or bag.get("name")
        if _is_known(id_):
            name = name or self.names.get((of, id_), id_)
            if _is_known(name) and len(self.ids.get((of, name), ())) > 1:
                name = f"{name} ({id_})"
        return text(name or "?")


def _is_known(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value != UNKNOWN


def markdown(review: Review, marker: str = "") -> str:
    """Return the comment.

    Args:
        review: The preview.
        marker: What tells this comment from others on the same pull request; left out, the stack.
    """
    where = f" `{review.stack}`" if review.stack and "`" not in review.stack else ""
    head = [mark(marker or review.stack), ""]
    ours = [step for step in review.steps if step.kind]
    if not (review.steps or review.errors or review.warnings or review.said):
        return "\n".join([*head, f"**Boomi{where}:** nothing to change.", ""])
    titles = _Titles.of(ours)
    parts = [
        _quoted("the refusals", (f"❌ **Refused:** {_refused(each)}" for each in review.errors)),
        _quoted("the warnings", _warnings(review, ours, titles)),
        _deployments(ours, titles),
        _values(ours, titles),
        *(_told_of(kind, ours, titles) for kind in _ON_RUNTIMES),
        _taken_over(ours, titles),
        _removed(ours, titles),
        _brings(ours, titles),
        _packages(ours, titles),
        _releases(ours, titles),
        _others(ours, titles),
        _left(ours, titles),
        _beside(review.steps),
    ]
    lines = [*head, f"### Boomi{where}: {_count(ours, review.errors)}", ""]
    return md.fit(lines, parts, "read `pulumi preview --diff`.")


def mark(marker: str) -> str:
    """Return the invisible line by which a comment is found again; two markers have two lines."""
    return f"<!-- boomi-pulumi review: {quote(marker, safe='/', errors='surrogatepass').replace('-', '%2D')} -->"


def marks(marker: str) -> tuple[str, str]:
    """Return that line, and the one of version 0.2.0; who finds a comment by that one gives it the new line."""
    plain = "".join(c if c.isalnum() or c in "/._" else "_" for c in marker)
    return mark(marker), f"<!-- boomi-pulumi review {plain} -->"


def _count(steps: Sequence[Step], errors: Sequence[str]) -> str:
    counts = Counter(map(_happens, steps))
    order = ("create", "change", "replace", "take over", "remove", "leave alone")
    refused = ["**refused**"] if errors else []
    return ", ".join([*refused, *(f"{counts[word]} to {word}" for word in order if counts[word])]) or "no change"


def _happens(step: Step) -> str:
    """Return what happens in Boomi, in a word; nothing where another step tells it."""
    if step.op == "delete":
        return "leave alone" if _stays(step) else "" if step.declared else "remove"
    if _adopted(step) is not None:
        return "take over"
    return "leave alone" if _is_reused(step) else {"update": "change"}.get(step.op, step.op)


def _quoted(of: str, lines: Iterable[str]) -> Part:
    return Part(of, (), tuple(f"> {line}" if at == 0 else f">\n> {line}" for at, line in enumerate(lines)))


def _refused(line: str) -> str:
    found = _REFUSED.fullmatch(line)
    if found is None:
        return text(line)
    return f"{text(found['name'])}: {text(found['why'])}"


def _warnings(review: Review, steps: Sequence[Step], titles: _Titles) -> Iterator[str]:
    for step in steps:
        if step.kind == "DeployedPackage" and step.goes and not step.declared and not _stays(step):
            may, why = "", "the resource moves" if step.op == "replace" else ""
            if step.declared is None:
                may, why = "may ", "what this preview deploys there is known only after `pulumi up`"
            what = f"**{may}stop running**" if may else "**stops running**"
            where = titles.environment(step.old)
            yield f"⚠️ {titles.component(step.old)} {what} in {where}{f': {why}' if why else ''}."
    for step in (each for each in steps if each.kind == _VALUES and _is_sent(each) and each.new.get("restarts")):
        yield f"⚠️ {text(step.new['restarts'])}."
        yield from (f"⚠️ {text(line)}." for line in _remarks(step)[1])
    for step in (each for each in steps if each.kind in _ON_RUNTIMES):
        yield from (f"⚠️ {line}." for line in _ON_RUNTIMES[step.kind].warnings(step, titles))
    for step in steps:
        where = f" in {titles.environment(step.bag)}" if step.bag.get("environmentId") else ""
        title = f"{titles.component(step.bag)}{where}"
        if step.op == "import" and not _cannot_go(step, step.new):
            yield f"⚠️ {title}: this stack **takes over** the {step.kind}, and a destroy removes it."
        if step.kind == "DeployedPackage" and _is_somebody_elses(step):
            yield f"⚠️ {title} supersedes {text(step.new['supersedes'])}."
        verdict = Verdict.parse(step.now("gate"))
        if verdict is not None and verdict.closed:
            yield f"⚠️ {title}: gate {text(step.new['gate'])}."
    yield from (f"⚠️ {text(line)}" for line in (*review.warnings, *review.said))


def _is_somebody_elses(step: Step) -> bool:
    """Tell whether what is superseded is not what this stack deployed last."""
    supersedes = step.now("supersedes")
    if not isinstance(supersedes, str) or supersedes == UNKNOWN or not step.declares:
        return False
    found = Superseded.parse(supersedes)
    before = {} if step.op == "import" else step.before
    mine = (before.get("packageVersion"), before.get("deployedBy"))
    return found is None or None in mine or (found.version, found.by) != mine


def _adopted(step: Step) -> str | None:
    """Return who made what the stack takes over, in words; None where it takes over nothing."""
    if step.op == "import":
        return step.whose or (KINDS[step.kind].describe(step.old) if step.old and step.kind in KINDS else None) or ""
    word, _, whose = str(step.now("existing")).partition(": ")
    return whose if step.declares and word == "adopted" else None


def _is_reused(step: Step) -> bool:
    return step.declares and str(step.now("existing")).startswith("reused: ")


def _made(steps: Sequence[Step], kind: str) -> list[Step]:
    """Return the steps that make something of a kind, or change it, also what is imported first."""
    return [
        step
        for step in steps
        if step.kind == kind and step.declares and not _is_reused(step) and (_adopted(step) is None or step.changes)
    ]


def _deployments(steps: Sequence[Step], titles: _Titles) -> Part:
    rows = []
    for step in _made(steps, "DeployedPackage"):
        supersedes, gate, runs = step.now("supersedes"), step.now("gate"), ""
        verdict = Verdict.parse(gate)
        if verdict is not None:
            why, runs = verdict.apart
            gate = f"{verdict.state}: {why}"
        rows.append(
            [
                titles.component(step.new),
                titles.environment(step.new),
                _version(step.kind, step.before) if step.before else "nothing of this stack",
                _version(step.kind, step.new),
                text(supersedes) if supersedes else "",
                text(gate) if gate else "",
                text(runs) if runs else "",
            ]
        )
    return table(["Deploy", "Where", "From", "To", "Supersedes", "Gate", "Runs"], rows)


_VALUES = "EnvironmentExtensions"
_SENT = (*SECTIONS, "secretReferences", "useDefault", "secretsVersion", "runtimes", "environmentId", "extensionGroupId")
"""Inputs of which another value is sent to Boomi. Where only others change, the lines of the last run stay."""

_NEW_SECRETS = ("a new secret", "a secret is set")


def _is_sent(step: Step) -> bool:
    """Tell whether a step sets values, as far as anybody sees; of a changed secret nobody sees the value."""
    if not step.declares or (step.op == "import" and not step.changes):
        return False
    names = {name for name in step.new if not name.startswith("__")} | {name for name in _SENT if name in step.old}
    differ = {name for name in names if step.new.get(name) != step.old.get(name)}
    return step.op != "update" or not differ or bool(differ & {*_SENT, "changes"})


def _remarks(step: Step) -> tuple[dict[str, str], list[str]]:
    """Return path -> what the provider says of a field, and what it says of none."""
    lines = step.new.get("changes")
    known = sorted({*named_fields(step.old), *named_fields(step.new)}, key=len, reverse=True)
    found: dict[str, str] = {}
    others: list[str] = []
    for line in map(str, lines if isinstance(lines, list) else ()):
        path = next((each for each in known if line.startswith(f"{each}: ")), line.partition(": ")[0])
        if path.partition("/")[0] in SECTIONS:
            found[path] = line.removeprefix(f"{path}: ")
        else:
            others.append(line)
    return found, others


def _values(steps: Sequence[Step], titles: _Titles) -> Part:
    rows = []
    for step in (each for each in steps if each.kind == _VALUES and each.declares):
        where = titles.environment(step.new)
        rows += [[path, where, *more] for path, *more in (_changed(step) if _is_sent(step) else ())]
        if step.op == "update":
            both = [(name, step.old.get(name), step.new.get(name)) for name in ("secretsVersion", "resetOnDestroy")]
            rows += [[name, where, *(_told(each) for each in (old, new)), ""] for name, old, new in both if old != new]
    return table(["Value", "Where", "From", "To", "Remark"], rows)


def _changed(step: Step) -> Iterator[list[str]]:
    """Yield each field that a step sets or releases: path, before, after, remark."""
    old, new = named_fields({} if step.op == "replace" else step.old), named_fields(step.new)
    remarks, encrypted = _remarks(step)[0], step.old.get("encrypted")
    for section in SECTIONS:
        value = step.new.get(section)
        if (
            value is not None
            and not isinstance(value, Mapping)
            and (value == UNKNOWN or value != step.old.get(section))
        ):
            yield [text(section), "", text(value), ""]
    for path in dict.fromkeys((*new, *old, *remarks)):
        remark, values = remarks.get(path, ""), [each[path] for each in (old, new) if path in each]
        secret = (
            remark in _NEW_SECRETS
            or any(is_secret(each) or each == "[secret]" for each in values)
            or (isinstance(encrypted, list) and path in encrypted and all(isinstance(each, str) for each in values))
        )
        if remark or (path in old) != (path in new) or (not secret and old[path] != new[path]):
            before = "" if path not in old else "a secret" if secret else _field(old[path])
            after = "a new secret" if secret else "" if path not in new else _field(new[path])
            gone = path in old and path not in new
            yield [text(path), before, "" if gone else after, text(remark) if remark not in ("", *_NEW_SECRETS) else ""]


def _told(value: object) -> str:
    return "" if value is None else text(value)


# -- a process on a runtime ----------------------------------------------------------------------


@dataclass(frozen=True)
class _OnRuntime:
    """How a kind is told whose object is a process on a runtime.

    Attributes:
        head: What its table is called, over the processes.
        columns: Its columns after process and runtime.
        row: Returns the cells of a step that acts.
        warnings: Yields what nobody may miss, of any step.
        stays: Why nothing is sent where the resource goes; empty where something is, or the kind says it.
    """

    head: str
    columns: tuple[str, ...]
    row: Callable[[Step, _Titles], list[str]]
    warnings: Callable[[Step, _Titles], Iterator[str]]
    stays: str = ""


def _told_of(kind: str, steps: Sequence[Step], titles: _Titles) -> Part:
    told = _ON_RUNTIMES[kind]
    rows = [
        [titles.object(step.new), titles.runtime(step.new), *told.row(step, titles)]
        for step in steps
        if step.kind == kind and _acts(step)
    ]
    return table([told.head, "On", *told.columns], rows)


def _acts(step: Step) -> bool:
    """Tell whether a step does more than note another setting; of a changed secret nobody sees the value."""
    if not step.declares or (step.op == "import" and not step.changes):
        return False
    known = {name: rule for name, rule in rules(KINDS[step.kind].inputs).items() if rule.given}
    names = {name for name in step.new if not name.startswith("__")} | (known.keys() & step.old.keys())
    differ = {name for name in names if step.new.get(name) != step.old.get(name)}
    if step.op not in {"update", "import"} or not differ:
        return True
    return any(known[name].change is not Change.IGNORE for name in differ & known.keys() & step.new.keys())


def _schedules(step: Step, _titles: _Titles) -> list[str]:
    was, is_ = step.before, step.new
    remarks = [_switched(step)] if _switched(step) else []
    if "retry" in is_ and is_["retry"] != was.get("retry"):
        retry = _veiled(is_["retry"])
        listed = retry.get("schedules") if isinstance(retry, Mapping) else retry
        remarks.append(f"retry: {_said(listed)}")
    theirs = "; ".join(map(text, _theirs(step)))
    return [
        _said(was["schedules"]) if "schedules" in was else "",
        _said(is_.get("schedules")),
        theirs,
        ", ".join(remarks),
    ]


def _said(schedules: object) -> str:
    """Return schedules of a bag in words."""
    shown = _veiled(schedules)
    if not isinstance(shown, list):
        return "none" if shown is None else text(shown)
    return "; ".join(text(brief(each)) for each in schedules_of(shown)) or "none"


def _theirs(step: Step) -> list[str]:
    """Return the schedules, in words, that a step replaces and that this stack has not set."""
    replaced, clock = step.now("replaces"), str(step.new.get("runtimeName") or "the runtime")
    ours = [in_words(each, clock) for each in schedules_of(_veiled(step.before.get("schedules")))]
    lines = [Replaced.parse(str(line)) for line in (replaced if isinstance(replaced, list) else ())]
    at = f", by the clock of {clock}"
    return [str(replace(line, words=line.words.removesuffix(at))) for line in lines if line.words not in ours]


def _switched(step: Step) -> str:
    """Return what a step does to schedules that are in force or not; nothing where it leaves that as it is."""
    was, is_ = step.before.get("enabled"), step.new.get("enabled")
    if is_ in (None, was):
        return ""
    return ("resumed" if is_ else "stopped") if isinstance(is_, bool) else text(is_)


def _warns_of_schedules(step: Step, titles: _Titles) -> Iterator[str]:
    if step.goes and not step.declared and not _stays(step):
        yield f"{titles.component(step.old)} **has no schedule** any more; it was {_said(step.old.get('schedules'))}"
    if not _acts(step):
        return
    title, theirs = titles.component(step.new), "; ".join(map(text, _theirs(step)))
    if theirs:
        yield f"{title} **replaces** what this stack has not set: {theirs}"
    if step.new.get("schedules") == [] != step.before.get("schedules", []):
        yield f"{title} **has no schedule** any more"
    if _switched(step) == "stopped":
        yield f"{title}: its schedules are **stopped**"


def _run(step: Step, titles: _Titles) -> list[str]:
    bag = step.new
    version = bag.get("packageVersion")
    if not _is_known(version):
        version = titles.versions.get((bag.get("environmentId"), bag.get("processId")), version)
    return [titles.environment(bag), text(version or bag.get("packageId") or "?")]


def _listener(step: Step, _titles: _Titles) -> list[str]:
    return [_told(step.before.get("reportedStatus", step.before.get("status"))), text(step.new.get("status"))]


def _warns_of_listeners(step: Step, titles: _Titles) -> Iterator[str]:
    if _acts(step) and step.new.get("status") == "paused" != step.before.get("status"):
        yield f"{titles.component(step.new)} **stops listening**"


_ON_RUNTIMES: Mapping[str, _OnRuntime] = {
    "ProcessSchedules": _OnRuntime(
        "Schedules of", ("From", "To", "Replaces", "Remark"), _schedules, _warns_of_schedules
    ),
    "ExecutionRequest": _OnRuntime(
        "Run", ("Where", "Package"), _run, lambda _step, _titles: iter(()), "a run is an act; nothing is sent"
    ),
    "ListenerStatus": _OnRuntime("Listener", ("From", "To"), _listener, _warns_of_listeners),
}
"""Kind -> how it is told. An input of theirs that acts stands in their tables, any other one under Change."""


def _field(value: object) -> str:
    if isinstance(value, Mapping) and "secretReference" in value:
        return f"{text(value.get('secretsManagerType'))} {text(value['secretReference'])}"
    return "the component's own value" if value is None else text(value)


def _taken_over(steps: Sequence[Step], titles: _Titles) -> Part:
    rows = [
        [
            step.kind,
            titles.component(step.new),
            _version(step.kind, step.old if step.op == "import" and step.old else step.new),
            titles.environment(step.new),
            text(whose) if whose else "",
        ]
        for step in steps
        if (whose := _adopted(step)) is not None
    ]
    return table(["Take over", "Of", "Version", "Where", "Whose"], rows)


def _brings(steps: Sequence[Step], titles: _Titles) -> Part:
    rows = [
        "\n".join([f"{titles.component(step.new)} in {titles.environment(step.new)} brings:\n", *lines, ""])
        for step in steps
        if step.kind == "DeployedPackage" and step.declares and isinstance(brings := step.now("brings"), list)
        if (lines := [f"- {text(line)}" for line in brings])
    ]
    return Part("what deployments bring", (), tuple(rows))


def _packages(steps: Sequence[Step], titles: _Titles) -> Part:
    rows = [
        [
            titles.component(step.new),
            _version(step.kind, step.new),
            text(step.new["notes"]) if step.new.get("notes") else "",
            text(step.new["existing"]) if step.new.get("existing") else "new",
        ]
        for step in _made(steps, "PackagedComponent")
        if step.op in {"create", "replace"}
    ]
    return table(["Package", "Version", "Notes", "In Boomi"], rows)


def _releases(steps: Sequence[Step], titles: _Titles) -> Part:
    rows = []
    for step in _made(steps, "ReleaseIntegrationPack"):
        when = text(step.new["releaseOnDate"]) if step.new.get("releaseOnDate") else "at once"
        pack, releases = titles.component(step.new), step.new.get("releases")
        found = releases if isinstance(releases, Mapping) and _SECRET not in releases else {}
        rows += [[pack, text(name), text(line), when] for name, line in found.items()] or [[pack, "", "", when]]
    return table(["Release of", "Component", "Versions", "When"], rows)


def _others(steps: Sequence[Step], titles: _Titles) -> Part:
    rows = []
    for step in steps:
        known = {"DeployedPackage", "PackagedComponent", "ReleaseIntegrationPack", _VALUES, *_ON_RUNTIMES}
        is_update = step.op == "update" or step.changes
        if (is_update or step.op in {"create", "replace"}) and (
            step.kind not in known or (step.kind in {"PackagedComponent", *_ON_RUNTIMES} and is_update)
        ):
            is_told = step.kind in _ON_RUNTIMES and _acts(step)
            rule_of = rules(KINDS[step.kind].inputs) if step.kind in KINDS else {}
            rows += [
                [
                    step.kind,
                    titles.component(step.new),
                    text(name),
                    text(step.old.get(name, "")) if step.old else "",
                    text(value),
                ]
                for name, value in step.new.items()
                if not name.startswith("__")
                and step.old.get(name) != value
                and not _is_line(rule_of.get(name))
                and not (is_told and not _is_setting(rule_of.get(name)))
            ]
    return table(["Change", "Of", "Property", "From", "To"], rows)


def _is_line(rule: Rule | None) -> bool:
    """Tell whether a property is a line about what was found in Boomi; the one before is no value that changes."""
    return rule is not None and rule.filled and not rule.given


def _is_setting(rule: Rule | None) -> bool:
    """Tell whether another value of an input only says how something is done."""
    return rule is not None and rule.given and rule.change is Change.IGNORE


def _removed(steps: Sequence[Step], titles: _Titles) -> Part:
    gone = [step for step in steps if step.goes and not step.declared and not _stays(step)]
    rows = [
        [
            step.kind,
            titles.component(step.old),
            _version(step.kind, step.old),
            titles.environment(step.old),
        ]
        for step in gone
    ]
    return table(["Remove", "Of", "Version", "Where"], rows)


def _left(steps: Sequence[Step], titles: _Titles) -> Part:
    found = [(step, step.old, _stays(step)) for step in steps if step.goes]
    found += [(step, step.new, "it is there already, made by this stack") for step in steps if _is_reused(step)]
    rows = [
        [step.kind, titles.component(bag), _version(step.kind, bag), titles.environment(bag), reason]
        for step, bag, reason in found
        if reason
    ]
    return table(["Left alone", "Of", "Version", "Where", "Why"], rows)


def _stays(step: Step) -> str:
    """Return why an object that no step declares stays; nothing where it goes."""
    if step.declared:
        return ""
    if step.retained:
        return "`retain_on_delete`"
    if step.old.get("adopted") is True:
        return "it was there before this stack took it over"
    reason = _cannot_go(step, step.old) or (_ON_RUNTIMES[step.kind].stays if step.kind in _ON_RUNTIMES else None)
    return text(reason) if reason else ""


def _cannot_go(step: Step, bag: Bag) -> str | None:
    kind = KINDS.get(step.kind)
    return kind.kept_on_destroy({name: value for name, value in bag.items() if value != UNKNOWN}) if kind else None


def _beside(steps: Sequence[Step]) -> Part:
    counts = Counter(f"{step.op} {text(step.type)}" for step in steps if not step.kind)
    said = ", ".join(f"{what} ({number})" for what, number in sorted(counts.items())[:20])
    return Part("what else changes", (), (f"Beside Boomi: {said}.",) if said else ())


def _version(kind: str, bag: Bag) -> str:
    version, revision = bag.get("packageVersion"), bag.get("componentVersion")
    if version is not None and isinstance(revision, (int, float)) and not isinstance(revision, bool):
        return f"{text(version)} (revision {int(revision)})"
    known = rules(KINDS[kind].inputs) if kind in KINDS else {}
    if version is None and {"packageVersion", "componentVersion"} <= known.keys():
        return "numbered by Boomi" if bag.get("packageId") in (None, UNKNOWN) else text(bag["packageId"])
    version = bag.get("versionId") if version is None else version
    return "" if version is None else text(version)
