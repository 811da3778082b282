"""What a reviewer reads: the comment on a pull request, made from `pulumi preview --json`.

Python resources and the plugin have the same property names, so both previews are read alike. Nothing is sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from boomi_pulumi._kinds import KINDS
from boomi_pulumi._kinds.lines import Superseded, Verdict
from boomi_pulumi._lifecycle.fields import rules
from boomi_pulumi.cli.preview import UNKNOWN, Bag, NotAPreview, Review, Step, read

__all__ = ["NotAPreview", "Review", "Step", "mark", "markdown", "marks", "read", "text"]


_SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the key by which Pulumi marks a secret, not one
LONGEST = 60_000
"""Characters of a comment. GitHub takes 65,536."""

_REFUSED = re.compile(r"\S+ resource '(?P<name>.*?)' has a problem: (?P<why>.*)")


_MOST_ROWS = 100


def text(value: object) -> str:
    """Return somebody else's words as Markdown that shows them, and does nothing else, on any platform.

    No character of them is markup, a mention, a reference, HTML or the end of a table cell; what a reader could
    not see is written out.
    """
    shown = unicodedata.normalize("NFC", str(_veiled(value)))
    return f"<code>{''.join(map(_entity, shown[:500]))}</code>"


def _veiled(value: object) -> object:
    if isinstance(value, Mapping):
        return "[secret]" if _SECRET in value else {name: _veiled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_veiled(each) for each in value]
    return "known after up" if value == UNKNOWN else value


def _entity(character: str) -> str:
    if (character.isascii() and character.isalnum()) or character in " .-,":
        return character
    if character.isalpha():
        return character
    if not character.isprintable() or unicodedata.category(character) in {"Cf", "Mn"}:
        return f"&#92;u{ord(character):04x}"
    return f"&#{ord(character)};"


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
    parts = [
        _refusals(review.errors),
        _warnings((*review.warnings, *review.said), ours),
        _deployments(ours),
        _brings(ours),
        _packages(ours),
        _releases(ours),
        _others(ours),
        _removed(ours),
        _left(ours),
        _beside(review.steps),
    ]
    lines = [*head, f"### Boomi{where}: {_count(ours, review.errors)}", ""]
    for part in parts:
        more = [*part, ""] if part else []
        if sum(map(len, lines)) + sum(map(len, more)) > LONGEST:
            lines += ["_The rest is too long for a comment; read it with_ `pulumi preview --diff`.", ""]
            break
        lines += more
    return "\n".join(lines)


def mark(marker: str) -> str:
    """Return the invisible line by which a comment is found again; two markers have two lines."""
    return f"<!-- boomi-pulumi review: {quote(marker, safe='/', errors='surrogatepass').replace('-', '%2D')} -->"


def marks(marker: str) -> tuple[str, str]:
    """Return that line, and the one of version 0.2.0; who finds a comment by that one gives it the new line."""
    plain = "".join(c if c.isalnum() or c in "/._" else "_" for c in marker)
    return mark(marker), f"<!-- boomi-pulumi review {plain} -->"


def _count(steps: Sequence[Step], errors: Sequence[str]) -> str:
    words = [
        f"{number} to {word}"
        for word, ops in (
            ("create", {"create"}),
            ("change", {"update"}),
            ("replace", {"replace"}),
            ("remove", {"delete"}),
        )
        if (number := sum(step.op in ops for step in steps))
    ]
    refused = ["**refused**"] if errors else []
    return ", ".join([*refused, *words]) or "no change"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows[:_MOST_ROWS]]
    if len(rows) > _MOST_ROWS:
        lines += ["", f"… and {len(rows) - _MOST_ROWS} more."]
    return lines


def _refusals(errors: Sequence[str]) -> list[str]:
    return [line for each in errors for line in (f"> ❌ **Refused:** {_refused(each)}", ">")][:-1]


def _refused(line: str) -> str:
    found = _REFUSED.fullmatch(line)
    if found is None:
        return text(line)
    return f"{text(found['name'])}: {text(found['why'])}"


def _warnings(said: Sequence[str], steps: Sequence[Step]) -> list[str]:
    lines = [f"> ⚠️ {text(line)}" for line in said]
    for step in steps:
        bag = step.bag
        if step.kind == "DeployedPackage" and step.op == "delete" and not _stays(step):
            lines.append(f"> ⚠️ {_component(bag)} **stops running** in {_environment(bag)}.")
        if step.kind == "DeployedPackage" and step.op == "replace":
            lines.append(
                f"> ⚠️ {_component(step.old)} **stops running** in {_environment(step.old)}: the resource moves."
            )
        if step.kind == "DeployedPackage" and _somebody_elses(step):
            lines.append(f"> ⚠️ {_component(bag)} in {_environment(bag)} supersedes {text(bag['supersedes'])}.")
        verdict = Verdict.parse(bag.get("gate"))
        if verdict is not None and verdict.closed:
            lines.append(f"> ⚠️ {_component(bag)} in {_environment(bag)}: gate {text(bag['gate'])}.")
    return [line for each in lines for line in (each, ">")][:-1]


def _somebody_elses(step: Step) -> bool:
    """Tell whether what is superseded is not what this stack deployed last."""
    supersedes, before = step.new.get("supersedes"), step.old.get("packageVersion")
    if not isinstance(supersedes, str) or step.op not in {"create", "update", "replace"}:
        return False
    found = Superseded.parse(supersedes)
    mine = (before, step.old.get("deployedBy"))
    return step.op != "update" or found is None or None in mine or (found.version, found.by) != mine


def _deployments(steps: Sequence[Step]) -> list[str]:
    rows = []
    for step in steps:
        if step.kind == "DeployedPackage" and step.op in {"create", "update", "replace"}:
            before = step.old if step.op == "update" else {}
            supersedes = step.new.get("supersedes")
            rows.append(
                [
                    _component(step.new),
                    _environment(step.new),
                    _version(step.kind, before) if before else "nothing of this stack",
                    _version(step.kind, step.new),
                    text(supersedes) if supersedes else "",
                    text(step.new["gate"]) if step.new.get("gate") else "",
                ]
            )
    head = ["Deploy", "Where", "From", "To", "Supersedes", "Gate"]
    keep = [at for at in range(len(head)) if at < 4 or any(row[at] for row in rows)]  # noqa: PLR2004
    return _table([head[at] for at in keep], [[row[at] for at in keep] for row in rows])


def _brings(steps: Sequence[Step]) -> list[str]:
    lines: list[str] = []
    for step in steps:
        brings = step.new.get("brings")
        if step.kind == "DeployedPackage" and step.op in {"create", "update", "replace"} and isinstance(brings, list):
            lines += [f"{_component(step.new)} in {_environment(step.new)} brings:", ""]
            lines += [f"- {text(line)}" for line in brings]
            lines.append("")
    return lines[:-1]


def _packages(steps: Sequence[Step]) -> list[str]:
    rows = [
        [
            _component(step.new),
            _version(step.kind, step.new),
            text(step.new["notes"]) if step.new.get("notes") else "",
            text(step.new["existing"]) if step.new.get("existing") else "new",
        ]
        for step in steps
        if step.kind == "PackagedComponent" and step.op in {"create", "replace"}
    ]
    return _table(["Package", "Version", "Notes", "In Boomi"], rows)


def _releases(steps: Sequence[Step]) -> list[str]:
    rows = []
    for step in steps:
        if step.kind == "ReleaseIntegrationPack" and step.op in {"create", "update", "replace"}:
            when = text(step.new["releaseOnDate"]) if step.new.get("releaseOnDate") else "at once"
            pack = text(step.new.get("packName") or step.new.get("integrationPackId", "?"))
            releases = step.new.get("releases")
            found = releases if isinstance(releases, Mapping) and _SECRET not in releases else {}
            rows += [[pack, text(name), text(line), when] for name, line in found.items()] or [[pack, "", "", when]]
    return _table(["Release of", "Component", "Versions", "When"], rows)


def _others(steps: Sequence[Step]) -> list[str]:
    rows = []
    for step in steps:
        known = {"DeployedPackage", "PackagedComponent", "ReleaseIntegrationPack"}
        if step.op in {"create", "update", "replace"} and (
            step.kind not in known or (step.kind == "PackagedComponent" and step.op == "update")
        ):
            bag = step.new
            title = bag.get("connectorName") or bag.get("name") or bag.get("componentName") or step.name
            rows += [
                [step.kind, text(title), text(name), text(step.old.get(name, "")) if step.old else "", text(value)]
                for name, value in bag.items()
                if not name.startswith("__") and step.old.get(name) != value
            ]
    return _table(["Change", "Of", "Property", "From", "To"], rows)


def _removed(steps: Sequence[Step]) -> list[str]:
    gone = [step for step in steps if step.op in {"delete", "replace"} and not _stays(step)]
    rows = [[step.kind, _component(step.old), _version(step.kind, step.old), _place(step.old)] for step in gone]
    return _table(["Remove", "Of", "Version", "Where"], rows)


def _left(steps: Sequence[Step]) -> list[str]:
    rows = [
        [step.kind, _component(step.old), _version(step.kind, step.old), reason]
        for step in steps
        if step.op in {"delete", "replace"} and (reason := _stays(step))
    ]
    return _table(["Left alone", "Of", "Version", "Why"], rows)


def _stays(step: Step) -> str:
    if step.retained:
        return "`retain_on_delete`"
    if step.old.get("adopted") is True:
        return "it was there before this stack took it over"
    kind = KINDS.get(step.kind)
    reason = (
        kind.kept_on_destroy({name: value for name, value in step.old.items() if value != UNKNOWN}) if kind else None
    )
    return text(reason) if reason else ""


def _beside(steps: Sequence[Step]) -> list[str]:
    counts: dict[str, int] = {}
    for step in steps:
        if not step.kind:
            counts[f"{step.op} {text(step.type)}"] = counts.get(f"{step.op} {text(step.type)}", 0) + 1
    said = ", ".join(f"{what} ({number})" for what, number in sorted(counts.items())[:20])
    return [f"Beside Boomi: {said}."] if said else []


def _component(bag: Bag) -> str:
    return text(
        bag.get("componentName")
        or bag.get("packName")
        or bag.get("connectorName")
        or bag.get("name")
        or bag.get("componentId")
        or "?"
    )


def _environment(bag: Bag) -> str:
    return text(bag.get("environmentName") or bag.get("environmentId") or "?")


def _place(bag: Bag) -> str:
    return _environment(bag) if bag.get("environmentId") else ""


def _version(kind: str, bag: Bag) -> str:
    version, revision = bag.get("packageVersion"), bag.get("componentVersion")
    if version is not None and isinstance(revision, (int, float)) and not isinstance(revision, bool):
        return f"{text(version)} (revision {int(revision)})"
    if version is None and kind in KINDS and "packageVersion" in rules(KINDS[kind].inputs):
        return "numbered by Boomi" if bag.get("packageId") in (None, UNKNOWN) else text(bag["packageId"])
    version = bag.get("versionId") if version is None else version
    return "" if version is None else text(version)
