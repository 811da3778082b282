"""`boomi-pulumi report`: what it finds, what it costs, and what it says where it cannot tell."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from boomi_pulumi._api.models import ComponentMetadata, DeployedPackage, Environment, PackagedComponent
from boomi_pulumi.cli.commands import cli
from boomi_pulumi.cli.comparison import Finding, Report, compare
from boomi_pulumi.cli.inventory import Inventory, Row
from boomi_pulumi.cli.report import age, markdown, page, show
from boomi_pulumi.cli.screen import Screen
from boomi_pulumi.cli.stacks import Declared, Stack
from boomi_pulumi.emulator import Emulator
from tests.cli.accounts import grid
from tests.cli.conftest import Run
from tests.conformance.account import seed

NOW = datetime(2026, 6, 2, 12, 0, tzinfo=timezone.utc)
FIVE = ("Dev", "Test", "Stage", "Preproduction", "Production")
HOSTILE = "<script>document.title='broken'</script>|`@all`"

OLD = PackagedComponent(
    package_id="p1", package_version="1.0", component_id="c", component_version=1, created_date="2026-05-01T00:00:00Z"
)
NEW = replace(OLD, package_id="p2", package_version="2.0", component_version=2, created_date="2026-05-02T00:00:00Z")


def deployed(package: PackagedComponent, environment: str) -> DeployedPackage:
    return DeployedPackage(
        deployment_id=f"d-{environment}-{package.package_id}",
        package_id=package.package_id,
        package_version=package.package_version,
        component_id=package.component_id,
        component_version=package.component_version,
        environment_id=environment,
        deployed_by="ann@acme.example",
        deployed_date="2026-05-30T12:00:00Z",
        active=True,
    )


def judged(
    runs: dict[str, PackagedComponent | list[PackagedComponent]],
    *,
    newest: PackagedComponent | None = NEW,
    revision: int = 2,
    says: dict[str, PackagedComponent] | None = None,
) -> Report:
    """Compare one component in two environments: what runs there, and what a stack says, by the environment."""
    active = {
        id_: [deployed(each, id_) for each in (many if isinstance(many, list) else [many])]
        for id_, many in runs.items()
    }
    row = Row(ComponentMetadata(component_id="c", name="Order Sync", version=revision), "Sales", active)
    environments = (Environment(id="dev", name="Dev"), Environment(id="live", name="Live"))
    declared = tuple(
        Declared("shop/main", "orders", "c", id_, each.package_id, str(each.package_version))
        for id_, each in (says or {}).items()
    )
    stacks = None if says is None else [Stack("shop/main", declared)]
    return compare("acme", NOW, Inventory(environments, (row,), ()), {"c": [newest]} if newest else {}, stacks)


def found(report: Report) -> set[tuple[str, str, str]]:
    return {(each.kind, where, each.text) for line in report.lines for where, each in line.found()}


def test_the_same_newest_package_everywhere_is_nothing_to_look_at() -> None:
    report = judged({"dev": NEW, "live": NEW}, says={"dev": NEW, "live": NEW})
    assert found(report) == set()
    assert set(report.counts().values()) == {0}


def test_environments_apart_are_skew_and_the_older_one_is_stale() -> None:
    assert found(judged({"dev": NEW, "live": OLD})) == {
        ("skew", "", "Dev 2.0, Live 1.0"),
        ("stale", "live", "2.0 exists"),
    }


def test_an_environment_without_it_is_not_apart() -> None:
    assert found(judged({"dev": NEW})) == set()


def test_a_newer_revision_that_nobody_packaged_is_stale() -> None:
    assert found(judged({"dev": NEW}, revision=7)) == {("stale", "", "revision 7 is not packaged")}


def test_a_revision_of_another_branch_is_not_compared() -> None:
    assert found(judged({"dev": NEW}, revision=7, newest=replace(NEW, branch_name="feature"))) == {
        ("stale", "", "revision 7 is not packaged")
    }
    report = judged({"dev": NEW}, revision=7, newest=replace(NEW, branch_name="feature"))
    row = replace_branch(report)
    assert found(compare("acme", NOW, Inventory(report.environments, (row,), ()), {"c": [branch(NEW)]}, None)) == set()


def test_what_runs_is_stale_beside_a_newer_package_of_its_own_branch_only() -> None:
    """Another branch runs elsewhere, with a later revision."""
    hot = replace(NEW, package_id="hot", package_version="3.0-hot", component_version=9, branch_name="feature")
    main, old = (replace(each, branch_name="main") for each in (NEW, OLD))
    row = judged({"dev": main, "live": old}).lines[0].row
    active = {name: [replace(each, branch_name="main") for each in many] for name, many in row.active.items()}
    environments = (Environment(id="dev", name="Dev"), Environment(id="live", name="Live"))
    report = compare("acme", NOW, Inventory(environments, (replace(row, active=active),), ()), {"c": [hot, main]}, None)
    stale = {(environment, said) for kind, environment, said in found(report) if kind == "stale"}
    assert stale == {("live", f"{NEW.package_version} exists")}


def branch(package: PackagedComponent) -> PackagedComponent:
    return replace(package, branch_name="feature")


def replace_branch(report: Report) -> Row:
    row = report.lines[0].row
    return Row(replace(row.component, branch_name="main"), row.folder, row.active)


def test_a_deleted_package_is_nothing_newer() -> None:
    assert ("stale", "live", "2.0 exists") not in found(
        judged({"dev": NEW, "live": OLD}, newest=replace(NEW, deleted=True))
    )


def test_what_runs_otherwise_than_a_stack_says_is_drift_with_whose() -> None:
    assert found(judged({"dev": NEW, "live": NEW}, says={"dev": NEW, "live": OLD})) == {
        ("drift", "live", "shop/main says 1.0, this was deployed by ann@acme.example")
    }


def test_another_package_of_the_same_version_is_told_apart() -> None:
    twin = replace(NEW, package_id="p3")
    assert found(judged({"dev": NEW}, says={"dev": twin})) == {
        ("drift", "dev", "shop/main says 2.0 (another package), this was deployed by ann@acme.example")
    }


def test_what_a_stack_has_and_does_not_run_is_drift() -> None:
    report = judged({"dev": NEW}, says={"dev": NEW, "live": NEW})
    assert found(report) == {("drift", "live", "nothing runs, shop/main says 2.0")}
    assert "nothing runs, shop/main says 2.0" in page(report)
    assert "nothing runs" in markdown(report)


def test_only_where_a_stack_has_something_is_the_rest_unowned() -> None:
    assert found(judged({"dev": NEW, "live": NEW}, says={})) == set()
    other = Declared("shop/main", "other", "other", "live", "p9", "1")
    report = judged({"dev": NEW, "live": NEW}, says={})
    row = report.lines[0].row
    again = compare(
        "acme", NOW, Inventory(report.environments, (row,), ()), {"c": [NEW]}, [Stack("shop/main", (other,))]
    )
    assert found(again) == {("unowned", "live", "no stack has it")}


def test_two_active_deployments_and_an_unreadable_package_are_told_with_the_reason() -> None:
    report = judged({"dev": [NEW, OLD]}, newest=None)
    assert [each.reason for each in report.left_out] == [
        "2 of its deployments are active; the newest is shown",
        "its package cannot be read; nobody can tell whether a newer one exists",
    ]
    assert "2 of its deployments are active" in markdown(report)
    assert "2 of its deployments are active" in page(report)


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2026-06-02T11:59:30Z", "just now"),
        ("2026-06-02T11:58:00Z", "2 minutes"),
        ("2026-06-02T10:59:00Z", "1 hour"),
        ("2026-05-30T12:00:00Z", "3 days"),
        ("2026-06-03T12:00:00Z", "just now"),
        (None, ""),
        ("yesterday", ""),
    ],
)
def test_the_age_is_in_words(since: str | None, words: str) -> None:
    assert age(since, NOW) == words


def test_hostile_names_stay_text() -> None:
    report = judged({"dev": NEW, "live": OLD})
    row = report.lines[0].row
    hostile = Row(replace(row.component, name=HOSTILE), HOSTILE, row.active)
    environments = tuple(replace(each, name=HOSTILE) for each in report.environments)
    again = compare(HOSTILE, NOW, Inventory(environments, (hostile,), ()), {"c": [NEW]}, None)
    for body in (markdown(again), page(again)):
        assert HOSTILE not in body
        assert "<script>document" not in body
    assert all(line.count("|") == 5 for line in markdown(again).splitlines() if line.startswith("|"))
    assert "dev" in page(again)
    assert "live" in page(again)


# -- many of them, and of one name ---------------------------------------------------------------


def twins(*named: tuple[str, str], names: Sequence[str] = ("Dev", "Live")) -> Report:
    """Compare components of such names and folders; each runs in two environments, in two versions."""
    environments = tuple(Environment(id=f"e{at}", name=name) for at, name in enumerate(names))
    rows = []
    for at, (name, folder) in enumerate(named):
        packages = [replace(each, component_id=f"c{at}") for each in (NEW, OLD)]
        active = {f"e{n}": [deployed(each, f"e{n}")] for n, each in enumerate(packages)}
        active["e0"] *= 2 if at < 2 else 1
        rows.append(Row(ComponentMetadata(component_id=f"c{at}", name=name), folder, active))
    newest = {f"c{at}": [NEW] for at in range(len(named))}
    return compare("acme", NOW, Inventory(environments, tuple(rows), ()), newest, None)


def shown(report: Report, width: int = 160) -> str:
    out = io.StringIO()
    screen = Screen(out)
    screen.out.width = width
    show(report, screen)
    return out.getvalue()


@pytest.mark.parametrize("folders", [("Sales", "Warehouse"), ("Sales", "Sales"), ("", "")])
def test_two_of_one_name_are_told_apart_everywhere(folders: tuple[str, str]) -> None:
    report = twins(("Order Sync", folders[0]), ("Order Sync", folders[1]), ("Stock", "Sales"))
    apart = folders if folders[0] != folders[1] else ("c0", "c1")
    tables = [
        line.title for line in report.lines[:2]
    ], [line.path for line in report.lines[:2]], [each.component for each in report.left_out]  # fmt: skip
    for titles in tables:
        assert all(mark in title for mark, title in zip(apart, titles, strict=True))
    for body in (html.unescape(markdown(report)), shown(report)):
        lines = [line for line in body.splitlines() if "Order Sync" in line]
        assert len(lines) >= 2 * len(("table", "skew", "stale", "left out"))
        assert all((apart[0] in line) is not (apart[1] in line) for line in lines)
    rows = page(report).partition("<tbody>")[2].split("<tr ")[1:3]
    assert all(f"<small>{mark}</small>" in row for mark, row in zip(apart, rows, strict=True))
    assert report.lines[2].title == "Stock"


@pytest.mark.parametrize("path", [("x" * 300, "Sales"), ("Sync", "y" * 300), ("a word " * 40, "F"), ("订" * 150, "F")])
def test_one_long_path_spoils_no_table(path: tuple[str, str]) -> None:
    names = ("Development", "Preproduction")
    said = shown(twins(("Stock", "Sales"), path, names=names))
    table = said.partition("\n\n")[0].splitlines()
    assert all(cell_len(line) <= 160 for line in table)
    assert table[0].split() == ["Component", *names, "Look", "at"], "a head is not broken within a word"
    assert sum("ann" in line for line in table) == 2, "each row has its people in one line"
    assert [line for line in shown(twins(("Stock", "Sales"), path), 40).splitlines() if "2.0 r2" in line]


def test_a_long_report_fits_into_a_comment_the_gravest_first() -> None:
    assert len(markdown(twins(*((f"{at}{'@' * 400}", "F") for at in range(700))))) < 65_536
    many = twins(*((f"Sync {at}", "F") for at in range(700)))
    grave = many.lines[-1]
    cell = replace(grave.cells["e0"], findings=(Finding("drift", "by hand"),))
    again = replace(many, lines=(*many.lines[:-1], replace(grave, cells={**grave.cells, "e0": cell})))
    body = markdown(again)
    assert len(body) < 65_536
    assert (
        body.index("**drift**: ") < body.index("**skew**: ") < body.index("**stale**: ") < body.index("| Component |")
    )
    rows = [line for line in body.splitlines() if line.startswith("| <code>")]
    assert "Sync 699" in rows[0]
    cut = re.findall(r"… and (\d+) more of (\w+): read `boomi-pulumi report --html`", body)
    assert dict(map(reversed, cut))["Component"] == str(700 - len(rows))
    assert {kind for _, kind in cut} >= {"skew", "stale"}


# -- the command ---------------------------------------------------------------------------------


def large(count: int) -> dict[str, Any]:
    """Return an account where so many components run in five environments, each in another of its versions."""
    runs = {environment: f"1.{at}" for at, environment in enumerate(FIVE)}
    return grid([f"Sync {number}" for number in range(count)], runs, [f"1.{at}" for at in range(6)])


def test_five_hundred_components_in_five_environments_cost_few_requests_and_a_small_page(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    with Emulator(large(500), rate_limit=0) as boomi:
        done = CliRunner().invoke(
            cli,
            ["report", "--json", "--html", str(file)],
            env={**boomi.env, "BOOMI_RATE_LIMIT": "0"},
            catch_exceptions=False,
        )
        assert done.exit_code == 0, done.output
        said = json.loads(done.stdout)
        assert said["requests"] == len(boomi.journal()) <= 60
    assert len(said["components"]) == 500
    assert said["counts"]["skew"] == said["counts"]["stale"] == 500
    assert {each["newestVersion"] for each in said["components"]} == {"1.5"}
    assert file.stat().st_size < 1_000_000


def state(file: Path, *outputs: dict[str, Any], **more: Any) -> Path:
    rows = [
        {
            "urn": f"urn:pulumi:main::shop::boomi:index:DeployedPackage::orders-{at}",
            "type": "boomi:index:DeployedPackage",
            "outputs": each,
            **more,
        }
        for at, each in enumerate(outputs)
    ]
    file.write_text(json.dumps({"version": 3, "deployment": {"resources": rows}}), encoding="utf-8")
    return file


@pytest.fixture
def boomi() -> Iterator[Emulator]:
    account = seed()
    account["deployments"] = [{"component": "Acme/Orders/Sync", "package": "1.0", "environment": "Test"}]
    with Emulator(account, rate_limit=0) as emulator:
        yield emulator


def active(boomi: Emulator) -> dict[str, Any]:
    (row,) = [row for row in boomi.objects("DeployedPackage") if row["active"]]
    return dict(row)


def test_a_state_is_compared_and_what_is_not_wanted_fails(run: Run, boomi: Emulator, tmp_path: Path) -> None:
    row = active(boomi)
    fine = state(tmp_path / "fine.json", row)
    assert run("report", "--state", str(fine), "--fail-on", "drift,unowned").exit_code == 0
    drifted = state(tmp_path / "drifted.json", {**row, "packageId": "another", "packageVersion": "9.9"})
    done = run("report", "--state", str(drifted), "--fail-on", "drift,unowned")
    assert done.exit_code == 1
    assert f"shop/main says 9.9, this was deployed by {row['deployedBy']}" in done.stdout
    assert done.stderr.endswith("Found, and not wanted: drift (1).\n")
    waits = state(tmp_path / "waits.json", {**row, "packageId": "another"}, delete=True)
    assert json.loads(run("report", "--json", "--state", str(waits)).stdout)["counts"]["drift"] == 0
    assert not [entry for entry in boomi.journal() if entry["verb"] in {"create", "update", "delete"}]


def test_a_state_names_what_does_not_run_at_all(run: Run, boomi: Emulator, tmp_path: Path) -> None:
    row = active(boomi)
    api = next(each["componentId"] for each in boomi.objects("ComponentMetadata") if each["name"] == "Api")
    done = run("report", "--json", "--state", str(state(tmp_path / "s.json", {**row, "componentId": api})))
    assert done.exit_code == 0
    texts = [
        each["text"]
        for line in json.loads(done.stdout)["components"]
        for cell in line["environments"].values()
        for each in cell["findings"]
        if each["kind"] == "drift"
    ]
    assert texts == [f"nothing runs, shop/main says {row['packageVersion']}"]


def refused(done: Result, words: str) -> None:
    assert done.exit_code == 2
    assert words in done.stderr


def test_what_cannot_be_done_is_refused_in_one_line(run: Run, boomi: Emulator, tmp_path: Path) -> None:
    refused(run("report", "--fail-on", "drift"), "needs --stack or --state")
    refused(run("report", "--fail-on", "drfit"), "drfit is none of drift, unowned, skew, stale")
    refused(run("report", "--fail-on", ","), "nothing is none of")
    refused(run("report", "--json", "--html", "-"), "Only one of")
    refused(run("report", "--html", str(tmp_path / "no" / "r.html")), "cannot be written: No such file or directory")
    refused(run("report", "--state", str(tmp_path / "no.json")), "cannot be read: No such file or directory")
    nonsense = tmp_path / "nonsense.json"
    nonsense.write_text("[1]", encoding="utf-8")
    refused(run("report", "--state", str(nonsense)), "this is not what `pulumi stack export` writes")
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}
    hidden = state(tmp_path / "hidden.json", {**active(boomi), "packageId": secret})
    refused(run("report", "--state", str(hidden)), "orders-0 of shop/main does not tell what it deploys")
    older = {**active(boomi), "packageId": "older", "packageVersion": {**secret, "plaintext": '"h1dden"'}}
    told = run("report", "--state", str(state(tmp_path / "version.json", older))).stdout
    assert "shop/main says [secret], this was deployed" in told
    assert "h1dden" not in told
    refused(run("report", "--stack", "dev", PATH=""), "the Pulumi CLI is not on PATH")
    refused(run("report", "--environment", "Moon"), "There is no environment 'Moon'")


def test_markdown_and_page_go_to_the_standard_output(run: Run) -> None:
    assert run("report", "--markdown", "-").stdout.startswith("### What runs in <code>")
    assert run("report", "--html", "-").stdout.startswith("<!doctype html>")
    said = run("report").stdout
    assert said.splitlines()[0].split() == ["Component", "Test", "Production", "Look", "at"]
    assert "no stack was given, so drift and unowned are not known" in said


def test_the_state_of_another_account_and_a_pattern_that_meets_nothing_never_pass(
    run: Run, boomi: Emulator, tmp_path: Path
) -> None:
    row = active(boomi)
    elsewhere = state(tmp_path / "elsewhere.json", {**row, "environmentId": "env-elsewhere"})
    refused(run("report", "--state", str(elsewhere), "--fail-on", "drift"), "No environment of shop/main is in account")
    refused(run("report", "--component", "Typo", "--fail-on", "skew"), "matches none of the 1 that there are")
    both = state(tmp_path / "both.json", row, {**row, "environmentId": "env-elsewhere"})
    said = json.loads(run("report", "--json", "--state", str(both)).stdout)
    assert [each["reason"] for each in said["left_out"]] == ["shop/main declares it, and there is no such environment"]
    text = both.read_text(encoding="utf-8")
    for encoding in ("utf-8-sig", "utf-16"):
        both.write_text(text, encoding=encoding)
        assert run("report", "--state", str(both)).exit_code == 0


def test_without_the_right_to_read_packages_it_says_what_it_lacks(tmp_path: Path) -> None:
    account = large(1)
    account["users"][0]["privileges"] = ["API", "DEPLOY", "ATOM_MANAGEMENT"]
    file = tmp_path / "report.html"
    with Emulator(account, rate_limit=0) as boomi:
        done = CliRunner().invoke(cli, ["report", "--html", str(file)], env=boomi.env)
        shown = CliRunner().invoke(cli, ["report"], env=boomi.env)
    assert (done.exit_code, shown.exit_code) == (0, 0)
    assert "This user cannot read PackagedComponent" in file.read_text(encoding="utf-8")
    assert "This user cannot read PackagedComponent" in shown.stdout


@pytest.mark.parametrize("switch", [{"refusedOperators": ["or"]}, {"longestFilter": 8}])
def test_a_query_that_boomi_refuses_as_too_long_is_sent_in_parts(switch: dict[str, Any]) -> None:
    with Emulator(large(12), rate_limit=0) as boomi:
        boomi.settings(**switch)
        done = CliRunner().invoke(cli, ["report", "--json"], env={**boomi.env, "BOOMI_RATE_LIMIT": "0"})
    assert done.exit_code == 0, done.output
    assert {each["newestVersion"] for each in json.loads(done.stdout)["components"]} == {"1.5"}


def test_a_name_cannot_steer_the_terminal() -> None:
    with Emulator(large(1), rate_limit=0) as boomi:
        component = boomi.objects("ComponentMetadata")[0]["componentId"]
        boomi.save_revision(component, name="\x1b[2J")
        done = CliRunner().invoke(cli, ["report"], env=boomi.env)
    assert "\x1b" not in done.stdout
    assert "\\x1b[2J" in done.stdout
