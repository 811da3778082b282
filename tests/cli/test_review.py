"""The comment on a pull request: what stands in it, and that hostile words stay words."""

from __future__ import annotations

import html
import json
import re
from datetime import datetime, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt

from boomi_pulumi._api.models import parsed
from boomi_pulumi._kinds import KINDS
from boomi_pulumi._kinds.lines import Superseded, Verdict
from boomi_pulumi._lifecycle.fields import rules
from boomi_pulumi._lifecycle.seen import Found
from boomi_pulumi.cli import review
from boomi_pulumi.cli.commands import cli
from boomi_pulumi.cli.preview import TAKEN_OVER, UNKNOWN
from boomi_pulumi.emulator import Emulator
from tests.conformance.account import PEOPLE, day, deployed, listener, package, runtime, seed
from tests.driver import Driver, Resource
from tests.native_driver import NativeDriver

Bag = dict[str, Any]
DYNAMIC, NATIVE = "pulumi-python:dynamic/boomi:", "boomi:index:"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}


def step(
    op: str, kind: str, *, old: Bag | None = None, new: Bag | None = None, door: str = DYNAMIC, **more: Any
) -> Bag:
    """Return one step as Pulumi writes it."""
    type_ = f"{door}{kind}"
    row: Bag = {"op": op, "urn": f"urn:pulumi:prod::shop::{type_}::orders"}
    if old is not None:
        row["oldState"] = {"type": type_, "inputs": {}, "outputs": old, **more}
    if new is not None:
        row["newState"] = {"type": type_, "inputs": new}
    return row


def preview(*steps: Bag, **more: Any) -> str:
    stack = {"op": "same", "urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"}
    return json.dumps({"steps": [stack, *steps], **more})


def written(*steps: Bag, **more: Any) -> str:
    return review.markdown(review.read(preview(*steps, **more)))


class Page(HTMLParser):
    """What a browser would show of a comment: its cells, and every element."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.code: list[str] = []
        self._inside = False
        self.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.elements.add(tag)
        self._inside = tag == "code"
        if self._inside:
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.code[-1] += data


ORDERS = {"componentName": "Order Sync", "componentId": "c", "environmentName": "Test", "environmentId": "e"}
MOVED = step(
    "update",
    "DeployedPackage",
    old={**ORDERS, "packageVersion": "1.0", "componentVersion": 3, "deployedBy": "us@acme.example"},
    new={
        **ORDERS,
        "packageVersion": "1.1",
        "componentVersion": 4.0,
        "supersedes": "1.0, deployed by us@acme.example on 2026-01-01",
    },
)


@pytest.mark.parametrize("door", [DYNAMIC, NATIVE])
def test_a_move_tells_from_and_to_with_revisions(door: str) -> None:
    said = written(json.loads(json.dumps(MOVED).replace(DYNAMIC, door)))
    assert "### Boomi `shop/prod`: 1 to change" in said
    assert "<code>1.0</code> (revision 3) | <code>1.1</code> (revision 4)" in said
    assert "⚠️" not in said


def test_a_gate_is_shown_with_its_runs() -> None:
    since, runs = "active in Test since 2026-03-02T08:00:00Z", "14 runs in Test, the last COMPLETE at x, none failed"
    for state in ("open", "closed"):
        said = written(step("create", "DeployedPackage", new={**ORDERS, "gate": f"{state}: {since}; {runs}"}))
        assert [f"{state}: {since}", runs] == Page(said).code[-2:]
        assert ("⚠️" in said) is (state == "closed")
    assert "Runs |" not in written(step("create", "DeployedPackage", new={**ORDERS, "gate": f"open: {since}"}))


def test_nothing_to_change_is_one_line() -> None:
    said = written()
    assert said.splitlines()[0] == "<!-- boomi-pulumi review: shop/prod -->"
    assert [line for line in said.splitlines()[1:] if line] == ["**Boomi `shop/prod`:** nothing to change."]


@pytest.mark.parametrize(
    ("old", "new", "warns"),
    [
        ({}, {"supersedes": "2.0, deployed by them on x"}, True),
        ({"packageVersion": "1.0", "deployedBy": "us"}, {"supersedes": "1.0, deployed by us on x"}, False),
        ({"packageVersion": "1.0", "deployedBy": "us"}, {"supersedes": "1.0, deployed by them on x"}, True),
        ({"packageVersion": "1.0", "deployedBy": "us"}, {"supersedes": "2.0, deployed by us on x"}, True),
        ({"packageVersion": "1.0", "deployedBy": "us"}, {"supersedes": "1.0, deployed by us.too on x"}, True),
        ({"packageVersion": "1.0", "deployedBy": "us"}, {"supersedes": "1.0, in words of another release"}, True),
        ({"packageVersion": "1.0"}, {"supersedes": "1.0, deployed by somebody on x"}, True),
        ({"packageVersion": "1.0"}, {}, False),
    ],
)
def test_superseding_what_somebody_else_put_there_is_a_warning(old: Bag, new: Bag, warns: bool) -> None:
    op = "update" if old else "create"
    said = written(step(op, "DeployedPackage", old={**ORDERS, **old} if old else None, new={**ORDERS, **new}))
    assert ("> ⚠️" in said) is warns


@pytest.mark.parametrize(
    ("kind", "old", "more", "where"),
    [
        ("DeployedPackage", {}, {}, "Remove"),
        ("DeployedPackage", {"adopted": True}, {}, "Left alone"),
        ("PackagedComponent", {}, {"retainOnDelete": True}, "Left alone"),
        ("PackagedComponent", {}, {}, "Remove"),
        ("ReleaseIntegrationPack", {"packName": "Retail"}, {}, "Left alone"),
        ("ConnectorVersionChange", {"connectorName": "X"}, {}, "Left alone"),
        ("ConnectorVersionChange", {"connectorName": "X", "pendingVersion": "2"}, {}, "Left alone"),
        ("ConnectorVersionChange", {"connectorName": "X", "pendingVersion": "2", "uid": "u"}, {}, "Remove"),
        ("ConnectorVersionChange", {"connectorName": "X", "reviewStatus": "PENDING", "uid": "u"}, {}, "Remove"),
        ("ComponentMetadata", {"name": "X"}, {}, "Left alone"),
        ("ComponentMetadata", {"name": "X", "deleteOnDestroy": True}, {}, "Remove"),
    ],
)
def test_what_goes_is_told_from_what_stays(kind: str, old: Bag, more: Bag, where: str) -> None:
    said = written(step("delete", kind, old={**ORDERS, **old}, **more))
    assert f"| {where} | Of |" in said
    assert ("stops running" in said) is (kind == "DeployedPackage" and where == "Remove")


def test_refusals_come_first_and_a_failed_preview_is_told() -> None:
    said = written(
        MOVED,
        diagnostics=[
            {
                "urn": "urn:pulumi:prod::shop::boomi:index:PackagedComponent::p",
                "severity": "error",
                "message": "error: pulumi-python:dynamic/boomi:PackagedComponent resource 'p' has a problem: "
                "shareable: input should be a valid boolean\n",
            },
            {"severity": "warning", "message": "warning: 3 objects cannot be read\n"},
            {"severity": "error", "message": "error: an unhandled error occurred: program exited with 1\n"},
        ],
    )
    assert said.count("Refused:") == 1
    assert said.index("Refused") < said.index("cannot be read") < said.index("| Deploy")
    assert "<code>p</code>: <code>shareable&#58; input should be a valid boolean</code>" in said


def test_values_that_nobody_may_or_can_know_are_said_so() -> None:
    said = written(
        step(
            "create",
            "DeployedPackage",
            new={**ORDERS, "componentName": SECRET, "packageVersion": UNKNOWN, "environmentName": SECRET},
        )
    )
    shown = Page(said).code
    assert shown.count("[secret]") == 2
    assert "known after up" in shown


def test_a_secret_within_a_list_is_one_even_if_the_preview_shows_secrets() -> None:
    shown = {**SECRET, "plaintext": '"h1dden"'}
    brings = [shown, {"a": shown}]
    for kind, new in (
        ("DeployedPackage", {**ORDERS, "brings": brings}),
        ("ComponentMetadata", {"name": "X", "list": brings}),
    ):
        said = str(Page(written(step("create", kind, new=new))).code)
        assert said.count("[secret]") == 2
        assert "h1dden" not in said


HOSTILE = [
    "a|b",
    "a\\|b",
    "`x`",
    "``` fence",
    "<script>alert(1)</script>",
    "<!-- boomi-pulumi review: shop/prod -->",
    "@acme/owners please",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "#123 !7 GH-1 https://evil.example www.evil.example",
    "**bold** _it_ ~~no~~ :tada:",
    "# Head",
    "&lt;b&gt; &#64;",
    "two\nlines",
    "Zamówienia 订单 🚚",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(name: str) -> None:
    said = written(
        step("create", "DeployedPackage", new={**ORDERS, "componentName": name, "packageVersion": name}),
        step("create", "PackagedComponent", new={"componentName": name, "packageVersion": name, "notes": name}),
        step("update", "ComponentMetadata", old={"name": "x"}, new={"name": name}),
        diagnostics=[{"severity": "error", "message": name}],
    )
    page = Page(said)
    assert page.code.count(name.replace("\n", "\\u000a")) >= 5
    assert not page.elements - {"h3", "p", "code", "table", "thead", "tbody", "tr", "th", "td", "blockquote", "strong"}
    assert said.count("<!-- boomi-pulumi review") == 1
    assert "@" not in said
    assert "http:" not in said
    assert "https:" not in said


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\ufeff", "\x1b"])
def test_what_a_reader_could_not_see_is_written_out(hidden: str) -> None:
    said = written(step("create", "DeployedPackage", new={"componentName": f"a{hidden}b"}))
    assert f"a\\u{ord(hidden):04x}b" in Page(said).code
    assert hidden not in said


def test_a_long_preview_fits_into_a_comment_and_says_so() -> None:
    steps = [
        step("create", "PackagedComponent", new={"componentName": f"C{n}", "notes": "n" * 500}) for n in range(500)
    ]
    said = written(*steps, step("delete", "DeployedPackage", old=ORDERS))
    assert len(said) < 65_000
    assert "stops running" in said
    assert "500 to create" in said
    assert "pulumi preview --diff" in said or "more." in said


@pytest.mark.parametrize("body", ["", "no", "[]", "{}", "3", '{"version": 3}'])
def test_what_is_no_preview_is_refused_with_the_way_to_make_one(body: str) -> None:
    with pytest.raises(review.NotAPreview, match="pulumi preview --json"):
        review.read(body)


@pytest.mark.parametrize("row", [3, None, {}, {"op": 3}, {"urn": None}, {"op": "create", "newState": None}])
def test_odd_rows_hide_nothing_else(row: object) -> None:
    said = review.markdown(review.read(json.dumps({"steps": [row, MOVED], "diagnostics": [row]})))
    assert "| Deploy" in said


def test_resources_beside_boomi_are_counted() -> None:
    bucket = {
        "op": "create",
        "urn": "urn:pulumi:prod::shop::aws:s3/bucket:Bucket::b",
        "newState": {"type": "aws:s3/bucket:Bucket"},
    }
    assert "Beside Boomi: create <code>aws&#58;s3&#47;bucket&#58;Bucket</code> (2)." in written(bucket, bucket)


def test_what_the_provider_says_of_what_stays_is_shown() -> None:
    line = (
        "DeployedPackage Orders 1.0 in Test: 0.9 runs there now, deployed by ann; `pulumi up --refresh` supersedes it"
    )
    other = "Installing dependencies: 3 packages"
    info = [{"severity": "info", "message": f"{each}\n"} for each in (line, line, other)]
    shown = html.unescape(written(diagnostics=info))
    assert shown.count("0.9 runs there now") == 1
    assert "nothing to change" not in shown
    assert "Installing" not in shown


# -- the command ---------------------------------------------------------------------------------

REFUSED = {"severity": "error", "message": "error: packageVersion is empty", "urn": "urn:pulumi:prod::shop::x::y"}


def run(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(cli, ["review", *arguments], input=given, catch_exceptions=False)


def test_it_reads_what_is_piped_in_and_what_is_in_a_file(tmp_path: Path) -> None:
    body = preview(step("create", "PackagedComponent", new={"componentName": "Orders", "packageVersion": "1"}))
    file = tmp_path / "preview.json"
    file.write_text(body, encoding="utf-8")
    piped, read = run(given=body), run(str(file))
    assert piped.stdout == read.stdout == review.markdown(review.read(body))
    assert piped.exit_code == read.exit_code == 0


def test_a_refused_preview_ends_with_1_and_no_preview_with_2() -> None:
    done = run(given=preview(diagnostics=[REFUSED]))
    assert (done.exit_code, "Refused" in done.stdout) == (1, True)
    for given in ("", "{}", "[]", "error: no stack selected", '{"steps": [', "\x00"):
        done = run(given=given)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "pulumi preview --json" in done.stderr


def test_json_tells_what_happens_and_no_value() -> None:
    body = preview(step("update", "DeployedPackage", old={"notes": "s3cret"}, new={"notes": "s3cret 2"}))
    done = json.loads(run("--json", given=body).stdout)
    assert done["steps"] == [{"op": "update", "kind": "DeployedPackage", "name": "orders"}]
    assert "s3cret" not in json.dumps(done["steps"])


def test_a_comment_that_cannot_be_written_is_one_line() -> None:
    done = CliRunner().invoke(cli, ["review", "--comment", "github"], input=preview(), env={"GITHUB_REPOSITORY": ""})
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert "boomi-pulumi review: " in done.stderr


# -- what the kinds tell -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_only_packages_are_numbered_by_boomi(kind: str) -> None:
    said = written(*(step(op, kind, old={"name": "X"}, new={"name": "X"}) for op in ("create", "delete", "replace")))
    assert ("numbered by Boomi" in said) is (kind in {"PackagedComponent", "DeployedPackage"})


@pytest.mark.parametrize("kind", KINDS)
def test_lines_of_every_kind_are_the_providers(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of one that is added, and of no other provider."""
    monkeypatch.setitem(KINDS, "Sixth", KINDS[kind])
    lines = [f"{each} X 1.0 in Test: something to know" for each in (kind, "Sixth", "Bucket")]
    found = review.read(preview(diagnostics=[{"severity": "info", "message": line} for line in lines]))
    assert list(found.said) == lines[:2]


NAMES = ("1.0", "ann@acme.example", "ann@acme.example.org", "a, deployed by b on c", "on", "x on y", "closed: no", "")


@pytest.mark.parametrize("by", NAMES)
@pytest.mark.parametrize("version", NAMES)
def test_a_line_says_after_its_way_through_the_engine_what_it_said(version: str, by: str) -> None:
    for on in ("2026-03-02T10:30:00Z", "an unknown date"):
        told = Superseded(version, by, on)
        found = Superseded.parse(str(told))
        assert found is not None
        assert str(found) == str(told)
        # A user has no such name; nobody could tell then where it begins.
        assert ", deployed by " in version + by or found == told
    for state in ("open", "opens", "closed"):
        assert Verdict.parse(str(Verdict(state, by))) == Verdict(state, by)
    assert Superseded.parse(version) is None or ", deployed by " in version
    assert Verdict.parse(None) is None


# -- what one preview declares, and what goes ----------------------------------------------------

LIVE = {**ORDERS, "packageId": "p1", "packageVersion": "1.0", "componentVersion": 3, "deployedBy": "us"}
REUSED = {**LIVE, "existing": "reused: deployed by us on x"}
RAISED = {**ORDERS, "packageId": UNKNOWN, "packageVersion": "1.1", "supersedes": "1.0, deployed by us on x"}
ELSEWHERE = {**LIVE, "environmentId": "f", "environmentName": "Live"}
PACK = {"componentId": "c", "componentName": "Order Sync", "packageVersion": "1.0", "packageId": "p1"}


def deploys(op: str, **states: Any) -> Bag:
    return step(op, "DeployedPackage", **states)


@pytest.mark.parametrize("door", [DYNAMIC, NATIVE])
@pytest.mark.parametrize(
    ("steps", "count"),
    [
        ([deploys("create", new=REUSED), deploys("delete", old=LIVE)], "1 to leave alone"),
        ([deploys("delete", old=LIVE), deploys("create", new=RAISED)], "1 to create"),
        ([deploys("replace", old=LIVE, new=REUSED)], "1 to leave alone"),
        ([deploys("replace", old=LIVE, new=RAISED)], "1 to replace"),
        ([deploys("replace", old=LIVE, new=ELSEWHERE), deploys("replace", old=ELSEWHERE, new=LIVE)], "2 to replace"),
        ([deploys("replace", old=LIVE, new=ELSEWHERE), deploys("create", new=RAISED)], "1 to create, 1 to replace"),
        ([deploys("replace", old=LIVE, new=ELSEWHERE, retainOnDelete=True)], "1 to replace"),
        (
            [
                step("delete", "PackagedComponent", old=PACK),
                step("create", "PackagedComponent", new={**PACK, "existing": "reused: revision 3"}),
            ],
            "1 to leave alone",
        ),
    ],
)
def test_nothing_goes_that_the_preview_declares(steps: list[Bag], count: str, door: str) -> None:
    said = written(*json.loads(json.dumps(steps).replace(DYNAMIC, door)))
    assert f": {count}\n" in said
    assert "stop" not in said
    assert "| Remove |" not in said
    assert "⚠️" not in said
    assert "nothing of this stack" not in said or "<code>Live</code>" in said


def test_a_new_version_under_a_new_name_moves_from_the_version_that_runs() -> None:
    said = written(deploys("delete", old=LIVE), deploys("create", new=RAISED))
    assert "| <code>Order Sync</code> | <code>Test</code> | <code>1.0</code> (revision 3) | <code>1.1</code> |" in said


@pytest.mark.parametrize("unknown", [{"componentId": UNKNOWN}, {"environmentId": UNKNOWN}])
def test_a_place_that_is_known_later_only_may_stop(unknown: Bag) -> None:
    new = {**ORDERS, "packageId": UNKNOWN, **unknown}
    said = written(deploys("delete", old=LIVE), deploys("create", new=new))
    assert "**may stop running** in <code>Test</code>" in said
    other = {**new, "environmentId": "f", "componentId": UNKNOWN}
    assert "**stops running**" in written(deploys("delete", old=LIVE), deploys("create", new=other))


def test_what_moves_to_another_environment_stops_in_the_first() -> None:
    said = written(deploys("replace", old=LIVE, new=ELSEWHERE))
    assert "**stops running** in <code>Test</code>: the resource moves." in said
    assert "| Remove |" in said


# -- what a stack takes over ---------------------------------------------------------------------


def imported(new: Bag, id_: str, *, kind: str = "DeployedPackage") -> Bag:
    row = step("import", kind, new=new, door=NATIVE)
    row["newState"]["importID"] = id_
    return row


def test_an_import_takes_over_and_says_whose_it_was() -> None:
    row = imported({"environmentId": "e", "packageId": "p1"}, "e/c")
    line = f"DeployedPackage c 1.0 in e: {TAKEN_OVER}deployed by maria on x\n"
    said = written(row, diagnostics=[{"severity": "info", "urn": row["urn"], "message": line}])
    assert ": 1 to take over\n" in said
    assert "this stack **takes over** the DeployedPackage, and a destroy removes it" in said
    assert said.count("deployed by maria on x") == 1
    assert "| Take over | Of | Version | Where | Whose |" in said
    assert "takes over" in written(row), "also where nobody told whose it was"


def test_an_import_of_another_package_says_what_goes_as_well() -> None:
    row = imported({"environmentId": "e", "packageId": "p2"}, "e/c")
    old = {**LIVE, "deployedBy": "maria", "deployedDate": "x"}
    new = {**ORDERS, "packageId": "p2", "packageVersion": "2.0", "supersedes": "1.0, deployed by maria on x"}
    after = step("update", "DeployedPackage", old=old, new=new, door=NATIVE)
    after["newState"]["importID"] = "e/c"
    said = written(row, after)
    assert ": 1 to take over\n" in said
    assert "supersedes <code>1.0, deployed by maria on x</code>" in said
    assert "| <code>1.0</code> (revision 3) | <code>2.0</code> |" in said
    assert "<code>deployed by maria on x</code> |\n" in said


def test_what_an_import_changes_of_a_value_is_told() -> None:
    old, new = ({"classificationType": "till", "connectorName": "Till", "versionId": each} for each in "12")
    after = step("update", "ConnectorVersionChange", old=old, new=new, door=NATIVE)
    said = written(imported(new, "till", kind="ConnectorVersionChange"), after)
    assert "| <code>versionId</code> | <code>1</code> | <code>2</code> |" in said
    assert ": 1 to take over\n" in said


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"ExecutionRequest"}))  # a run is not imported
def test_an_import_of_any_kind_is_a_change(kind: str) -> None:
    said = written(imported({"name": "X"}, "x", kind=kind))
    assert ": 1 to take over\n" in said
    assert ("a destroy removes it" in said) is (kind in {"DeployedPackage", "PackagedComponent"})


@pytest.mark.parametrize("import_id", ["e/c", "e/Order Sync", "e/Sales/Order Sync"])
def test_what_is_imported_under_another_name_does_not_stop(import_id: str) -> None:
    said = written(deploys("delete", old=LIVE), imported({"environmentId": "e", "packageId": "p1"}, import_id))
    assert "**stops running**" not in said


@pytest.mark.parametrize(("foreign", "count"), [(True, "1 to take over"), (False, "1 to leave alone")])
@pytest.mark.parametrize("kind", ["DeployedPackage", "PackagedComponent"])
def test_what_is_there_already_is_taken_over_from_others_only(kind: str, foreign: bool, count: str) -> None:
    """By the line that the kind writes."""
    record = parsed(KINDS[kind].target.record, {"packageId": "p1", "deployedBy": "maria", "createdBy": "maria"})
    there = Found(record, dict(record), foreign=foreign)
    name = "active" if kind == "DeployedPackage" else "package"
    answers: dict[str, Any] = {name: there}
    seen = KINDS[kind].seen(now=datetime.now(timezone.utc), before={}, **answers)
    new = KINDS[kind].fill({"packageId": "p1", "componentId": "c"}, seen)
    said = written(step("create", kind, new=new))
    assert f": {count}\n" in said
    assert ("by maria" in said) is foreign


# -- what was found earlier ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_about_the_past_is_no_change_of_a_value(kind: str) -> None:
    """Neither where an update changes something else, nor as what a value was before."""
    lines = [name for name, rule in rules(KINDS[kind].inputs).items() if rule.filled and not rule.given]
    same = {**ORDERS, "packageId": "p1", "packageVersion": "1", "name": "X"}
    old = {**same, **{name: f"closed: then {name}" for name in lines}}
    said = html.unescape(written(step("update", kind, old=old, new={**old, "notes": "other"})))
    assert "closed" not in said.replace("| notes |", "")
    new = {**same, **{name: f"open: now {name}" for name in lines}, "notes": "other"}
    assert "then" not in html.unescape(written(step("update", kind, old=old, new=new)))


# -- a refusal without words ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        "error: preview failed",
        "error: an unhandled error occurred: program exited with 1",
        "error: Resource monitor has terminated, shutting down",
        "",
    ],
)
def test_a_preview_that_failed_without_a_reason_is_refused(message: str) -> None:
    """A policy leaves nothing else in the JSON."""
    failed = {"severity": "error", "message": f"{message}\n"}
    done = run(given=preview(MOVED, diagnostics=[failed]))
    assert done.exit_code == 1
    assert "**refused**" in done.stdout
    assert "only in its log" in html.unescape(done.stdout)
    assert review.read(preview(diagnostics=[failed, REFUSED])).errors == ("packageVersion is empty",)


@pytest.mark.parametrize("chained", ["", "\nDuring handling of the above exception, another exception occurred:\n\n"])
def test_of_a_traceback_the_end_is_shown(chained: str) -> None:
    frames = 'Traceback (most recent call last):\n  File "/build/__main__.py", line 6, in <module>\n    deploy()\n' * 30
    first = f"{frames}KeyError: 'x'\n{chained}{frames}" if chained else frames
    message = f"error: Program failed with an unhandled exception:\n{first}ValueError: no stage\nis named 'tst'\n\n"
    said = html.unescape(written(diagnostics=[{"severity": "error", "message": message}]))
    assert "Program failed with an unhandled exception: ValueError: no stage is named 'tst'" in said
    assert "/build/" not in said


# -- order, names and length ---------------------------------------------------------------------


def test_rows_stand_by_environment_and_name_whatever_the_engine_did_first() -> None:
    steps = [
        deploys("create", new={"componentName": name, "componentId": name, "environmentName": at, "environmentId": at})
        for at in ("Dev", "Test")
        for name in ("A", "B", "C")
    ]
    steps += [step("delete", "PackagedComponent", old={"componentName": name}) for name in "AB"]
    told = [{"severity": at, "message": f"DeployedPackage {at} {n}: x"} for at in ("warning", "info") for n in (1, 2)]
    said = written(*steps, diagnostics=told)
    assert said == written(*reversed(steps), diagnostics=told[::-1])
    rows = [line.split(" | ")[:2] for line in said.splitlines() if line.startswith("| <code>")]
    assert rows == sorted(rows, key=lambda row: row[::-1])


@pytest.mark.parametrize("kind", KINDS)
def test_two_of_one_name_are_told_apart_in_every_table(kind: str) -> None:
    name, id_ = {
        "ReleaseIntegrationPack": ("packName", "integrationPackId"),
        "ConnectorVersionChange": ("connectorName", "classificationType"),
        "EnvironmentExtensions": ("environmentName", "environmentId"),
        "ListenerStatus": ("processName", "processId"),
    }.get(kind, ("componentName", "componentId"))
    more = {"environmentId": "e", "environmentName": "Test", "uid": "u", "pendingVersion": "2", "packageVersion": "1"}
    for op in ("create", "delete", "update", "import"):
        both = [{**more, name: "Twin", id_: each} for each in ("one", "two")]
        sides = {"delete": ("old",), "update": ("old", "new")}.get(op, ("new",))
        rows = [
            step(
                op, kind, **dict[str, Any]({side: {**bag, "notes": side, "properties": {"A": side}} for side in sides})
            )
            for bag in both
        ]
        said = html.unescape(written(*({**row, "urn": f"{row['urn']}{at}"} for at, row in enumerate(rows))))
        assert "Twin (one)" in said
        assert "Twin (two)" in said
        assert "Twin<" not in said.replace(f"<code>{name}</code> |  | <code>Twin<", "").replace(
            f"<code>{name}</code> | <code>Twin<", ""
        )


# -- a process on a runtime ----------------------------------------------------------------------

PAIR = {"processId": "p", "processName": "Order Sync", "atomId": "a", "runtimeName": "prod-1"}
NIGHTLY, OFTEN = {"minutes": "30", "hours": "2"}, {"minutes": "0-59/15"}
AT_NIGHT, EACH_QUARTER = "at 02:30, every day", "every 15 minutes, every day"


def scheduled(*schedules: Bag, **more: Any) -> Bag:
    return {**PAIR, "schedules": [*schedules], "written": True, **more}


def rows_of(said: str, head: str) -> list[list[str]]:
    """Return the cells of a table's rows, as a browser shows them."""
    lines = said.partition(f"| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = ([cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines)
    return [[html.unescape(re.sub(r"</?code>", "", cell)) for cell in row] for row in cells]


@pytest.mark.parametrize("door", [DYNAMIC, NATIVE])
def test_schedules_are_told_in_words_from_and_to(door: str) -> None:
    row = step("update", "ProcessSchedules", old=scheduled(NIGHTLY), new=scheduled(OFTEN, NIGHTLY), door=door)
    said = written(row)
    both = f"{EACH_QUARTER}; {AT_NIGHT}"
    assert rows_of(said, "Schedules of") == [["Order Sync", "prod-1", AT_NIGHT, both]]
    assert "| Change |" not in said
    assert "⚠️" not in said


@pytest.mark.parametrize(
    ("old", "theirs"),
    [(None, True), (scheduled(OFTEN), True), (scheduled(NIGHTLY), False)],
)
def test_what_somebody_else_had_scheduled_is_a_warning(old: Bag | None, theirs: bool) -> None:
    new = scheduled({"minutes": "0"}, replaces=[f"{AT_NIGHT}, by the clock of prod-1"])
    said = written(step("update" if old else "create", "ProcessSchedules", old=old, new=new))
    assert ("**replaces** what this stack has not set" in said) is theirs
    (row,) = rows_of(said, "Schedules of")
    assert row.count(AT_NIGHT) == 1, "under From or under Replaces"
    assert ("Replaces" in said) is theirs


@pytest.mark.parametrize(
    ("was", "is_", "remark"),
    [
        ({}, {"enabled": False}, "stopped"),
        ({"enabled": True}, {"enabled": False}, "stopped"),
        ({"enabled": False}, {"enabled": True}, "resumed"),
        ({"enabled": False}, {}, None),
        ({"enabled": False}, {"enabled": UNKNOWN}, "known after up"),
        ({}, {"retry": {"maxRetry": 2, "schedules": [NIGHTLY]}}, f"retry: {AT_NIGHT}"),
        ({}, {"retry": {"schedules": []}}, "retry: none"),
        ({}, {"retry": SECRET}, "retry: [secret]"),
    ],
)
def test_a_stop_a_resume_and_a_retry_are_told_beside_the_schedules(was: Bag, is_: Bag, remark: str | None) -> None:
    old, new = scheduled(OFTEN, **was), scheduled(OFTEN, **is_)
    said = written(step("update", "ProcessSchedules", old=old, new={**new, "notes": "x"}))
    rows = rows_of(said, "Schedules of")
    assert [row[-1] for row in rows] == ([remark] if remark else [])
    assert ("its schedules are **stopped**" in said) is (remark == "stopped")


@pytest.mark.parametrize("row", [
    step("delete", "ProcessSchedules", old=scheduled(NIGHTLY)),
    step("update", "ProcessSchedules", old=scheduled(NIGHTLY), new=scheduled()),
    step("replace", "ProcessSchedules", old=scheduled(NIGHTLY), new=scheduled(NIGHTLY, atomId="b", runtimeName="two")),
], ids=["delete", "update", "replace"])  # fmt: skip
def test_a_process_that_loses_its_schedules_is_a_warning(row: Bag) -> None:
    said = html.unescape(written(row))
    assert "<code>Order Sync</code> on <code>prod-1</code> **has no schedule** any more" in said
    assert AT_NIGHT in said


def test_schedules_that_stay_are_no_loss() -> None:
    said = written(step("delete", "ProcessSchedules", old=scheduled(NIGHTLY, written=False)))
    assert "⚠️" not in said
    assert "| Left alone |" in said


RUNS = {**PAIR, "packageId": "p1", "packageVersion": "1.1", "environmentId": "e", "environmentName": "Test"}


def test_what_a_change_runs_is_told_with_its_package() -> None:
    new = {**RUNS, "settle": 0, "runs": "Order Sync 1.1 will RUN on prod-1 (Test)"}
    for row in (
        step("create", "ExecutionRequest", new=new),
        step("update", "ExecutionRequest", old={**RUNS, "packageId": "p0", "packageVersion": "1.0"}, new=new),
        step("update", "ExecutionRequest", old={**RUNS, "triggers": {"data": "1"}}, new={**new, "triggers": {}}),
        step("update", "ExecutionRequest", old=new, new=new),
    ):
        said = written(row)
        assert rows_of(said, "Run") == [["Order Sync", "prod-1", "Test", "1.1"]]
        assert "<code>packageVersion</code>" not in said


def test_a_run_that_goes_out_of_the_program_is_left_alone() -> None:
    said = written(step("delete", "ExecutionRequest", old=RUNS))
    assert ": 1 to leave alone" in said
    assert "| Remove |" not in said


def test_another_setting_of_a_run_runs_nothing() -> None:
    said = written(step("update", "ExecutionRequest", old=RUNS, new={**RUNS, "runTimeout": 5}))
    assert "| Run |" not in said
    assert "<code>runTimeout</code>" in said


def test_what_runs_of_a_package_that_this_preview_makes_is_the_version_that_it_deploys() -> None:
    bag = {**RUNS, "packageId": UNKNOWN, "packageVersion": UNKNOWN}
    brought = {"componentId": "p", "environmentId": "e", "packageId": UNKNOWN, "packageVersion": "2.0"}
    run_ = step("create", "ExecutionRequest", new=bag)
    assert rows_of(written(run_, deploys("create", new=brought)), "Run")[0][-1] == "2.0"
    assert rows_of(written(run_), "Run")[0][-1] == "known after up"


@pytest.mark.parametrize(
    ("was", "is_", "warns"),
    [
        ({"status": "listening", "reportedStatus": "errored"}, "paused", True),
        ({"status": "paused", "reportedStatus": "paused"}, "listening", False),
        (None, "paused", True),
    ],
)
def test_a_listener_is_told_with_its_runtime(was: Bag | None, is_: str, warns: bool) -> None:
    op, old = ("update", {**PAIR, **was}) if was else ("create", None)
    said = written(step(op, "ListenerStatus", old=old, new={**PAIR, "status": is_, "listenTimeout": 5}))
    before = [was["reportedStatus"]] if was else []
    assert rows_of(said, "Listener") == [["Order Sync", "prod-1", *before, is_]]
    assert ("**stops listening**" in said) is warns


@pytest.mark.parametrize("door", [Driver, NativeDriver])
def test_what_the_provider_shows_of_a_process_on_a_runtime_is_what_a_reviewer_reads(door: type[Driver]) -> None:
    with Emulator(seed(), rate_limit=0) as boomi, door(boomi.env) as driver:
        sync, inbox, atom = deployed(boomi), listener(boomi), runtime(boomi)
        boomi.save_schedules(sync, atom, [NIGHTLY], by=PEOPLE[0])
        timed = Resource("t", "ProcessSchedules", {"processId": sync, "atomId": atom, "schedules": [{"minutes": "0"}]})
        listens = Resource("l", "ListenerStatus", {"processId": inbox, "atomId": atom, "status": "paused"})
        ran = Resource("r", "ExecutionRequest", {"processId": sync, "atomId": atom, "packageId": package(boomi)})
        program = (timed, listens, ran.edited(settle=0))
        driver.preview(*program)
        said = written(*(step("create", each.kind, new=driver.shown[each.name]) for each in program))
        hourly = "every hour at minute 0, every day"
        night = f"{AT_NIGHT} (last set by {PEOPLE[0]} on {day()} in the console)"
        assert rows_of(said, "Schedules of") == [["Sync", "test-1", hourly, night]]
        assert rows_of(said, "Listener") == [["Inbox", "test-1", "paused"]]
        assert rows_of(said, "Run") == [["Sync", "test-1", "Test", "1.0"]]
        driver.up(*program)
        program = (timed.edited(schedules=[OFTEN], enabled=False), listens.edited(status="listening"), ran)
        driver.preview(*program)
        had = {each.name: driver.state.resources[each.name].outputs for each in program}
        said = written(
            *(step("update", each.kind, old=had[each.name], new=driver.shown[each.name]) for each in program)
        )
        assert rows_of(said, "Schedules of") == [["Sync", "test-1", hourly, EACH_QUARTER, "stopped"]]
        assert rows_of(said, "Listener") == [["Inbox", "test-1", "paused", "listening"]]
        assert "| Run |" not in said


@pytest.mark.parametrize("kind", ["ProcessSchedules", "ExecutionRequest", "ListenerStatus"])
@pytest.mark.parametrize("hostile", [SECRET, UNKNOWN, "<script>", [SECRET], [{"minutes": SECRET}], [{"minutes": "|"}]])
def test_odd_values_of_a_process_on_a_runtime_are_shown_and_do_nothing(kind: str, hostile: Any) -> None:
    names = ("schedules", "enabled", "retry", "status", "packageVersion", "replaces", "processName", "environmentName")
    bag = {**PAIR, "environmentId": "e", **dict.fromkeys(names, hostile)}
    said = written(step("create", kind, new=bag), step("update", kind, old={**PAIR, "schedules": hostile}, new=bag))
    assert "v1:x" not in said
    assert "<script>" not in said
    assert UNKNOWN not in said
    tables = [[line.count("|") for line in part.splitlines()] for part in said.split("\n\n") if part.startswith("|")]
    assert [len(set(counts)) for counts in tables] == [1] * len(tables) != []


def test_one_name_of_two_things_of_different_sorts_needs_no_id() -> None:
    said = written(deploys("create", new={**ORDERS, "componentName": "Test"}))
    assert "<code>Test</code> | <code>Test</code>" in said


def test_a_long_preview_keeps_what_is_gravest_and_tells_what_is_cut() -> None:
    long = "@" * 500
    steps = [
        deploys("create", new={"componentName": f"{n}{long}", "componentId": f"{n}", "brings": [long]})
        for n in range(300)
    ]
    steps += [step("create", "PackagedComponent", new={"componentName": f"C{n}"}) for n in range(250)]
    said = written(*steps, deploys("delete", old=LIVE), diagnostics=[REFUSED])
    assert len(said) < 65_536
    assert said.index("Refused") < said.index("stops running") < said.index("| Deploy |")
    for part, total, first in (("Deploy", 300, "| <code>"), ("Package", 250, "| <code>C")):
        cut = int(re.search(rf"… and (\d+) more of {part}: ", said)[1])  # type: ignore[index]
        table = said.partition(f"| {part} |")[2].partition("\n\n")[0]
        assert table.count(first) == total - cut
