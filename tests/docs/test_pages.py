"""README and docs name everything there is, in the right words, and lead somewhere."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.runtime.proto import provider_pb2

import boomi_pulumi
from benchmarks.plot import PICTURE, picture
from benchmarks.tables import RESULTS, SHOWN, tables
from boomi_pulumi._api.errors import BoomiError
from boomi_pulumi._api.filters import Property
from boomi_pulumi._api.models import OBJECTS
from boomi_pulumi._api.settings import SETTINGS, Setting
from boomi_pulumi._kinds import KINDS
from boomi_pulumi.emulator import Emulator
from boomi_pulumi.native.schema import package as schema_of
from tests.docs.pages import PAGES, PROMOTION, README, ROOT, Block, blocks, examples
from tests.driver import bag_of, struct_of
from tests.native_driver import NativeDriver

DOCS = ROOT / "docs"
OPENAPI = ROOT / "tests" / "openapi" / "platform.json"
CONNECTOR_OPERATIONS = {("ConnectorVersionChange", "create"), ("ConnectorVersionChange", "cancel")}
"""Boomi's page of the Connector API has these two; its OpenAPI document is not the Platform's."""
WRITTEN = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def _kebab(kind: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).lower()


def _rows(page: Path) -> set[tuple[str, ...]]:
    lines = (line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| "))
    return {tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines}


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _named(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


def test_every_setting_is_in_the_table_as_the_code_has_it() -> None:
    def row(each: Setting) -> tuple[str, ...]:
        return (f"`boomi:{each.name}`", f"`{each.env}`", each.default, each.about)

    shown = {cells for cells in _rows(DOCS / "settings.md") if cells[0].startswith("`boomi:")}
    assert shown == {row(each) for each in SETTINGS}


def test_every_public_name_is_written_about() -> None:
    assert not [name for name in boomi_pulumi.__all__ if not _named(name, WRITTEN)]


def test_every_error_has_a_row_that_says_what_to_do() -> None:
    shown = {cells[0].strip("`") for cells in _rows(DOCS / "errors.md") if cells[0].startswith("`")}
    public = (getattr(boomi_pulumi, name) for name in boomi_pulumi.__all__)
    errors = {each.__name__ for each in public if isinstance(each, type) and issubclass(each, BoomiError)}
    assert shown == errors - {"BoomiError"}


def test_every_comparison_is_in_the_table_of_the_filter_language() -> None:
    page = (DOCS / "look-ups.md").read_text(encoding="utf-8")
    assert not [
        name for name in vars(Property) if not name.startswith("_") and name != "name" if f".{name}(" not in page
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_page_an_example_and_a_row(kind: str) -> None:
    page = DOCS / f"{_kebab(kind)}.md"
    assert page.is_file()
    assert (ROOT / "examples" / _kebab(kind).replace("-", "_") / "__main__.py").is_file()
    assert f"[`{kind}`](docs/{page.name})" in {cells[0] for cells in _rows(README)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_of_a_kind_shows_it_in_yaml(kind: str) -> None:
    page = f"{_kebab(kind)}.md"
    types = [
        each["type"] for name, program in _yaml_programs() if name == page for each in program["resources"].values()
    ]
    assert f"boomi:index:{kind}" in types


@pytest.mark.parametrize("kind", KINDS)
def test_every_argument_and_attribute_is_on_the_page_of_its_kind(kind: str) -> None:
    page = (DOCS / f"{_kebab(kind)}.md").read_text(encoding="utf-8")
    made = getattr(boomi_pulumi, kind)
    arguments = set(made.__init__.__annotations__) - {"resource_name", "opts", "unknown", "return"}
    attributes = set(made._types)
    assert not [name for name in sorted(arguments | attributes) if f"`{name}`" not in page]


def _published() -> set[tuple[str, str]]:
    paths = json.loads(OPENAPI.read_text(encoding="utf-8"))["paths"]
    names = [operation["operationId"] for path in paths.values() for operation in path.values()]
    found = (re.fullmatch(r"(Create|Get|Update|Delete|Bulk|QueryMore|Query)(\w+)", name) for name in names)
    return {(each[2], each[1][0].lower() + each[1][1:]) for each in found if each} | CONNECTOR_OPERATIONS


def _operations(part: str) -> list[tuple[str, str]]:
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return [(row[0].strip("`"), operation) for row in rows for operation in row[1].split(", ")]


def test_every_operation_of_the_kinds_is_in_the_table_and_no_other() -> None:
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    kinds, _, others = page.partition("\n## ")
    assert sorted(_operations(kinds)) == sorted(each for each in _published() if each[0] in KINDS)
    assert {each for each in _operations(others) if not each[0].startswith("Connector")} <= _published()


def test_the_table_of_operations_names_what_there_is() -> None:
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:get_|query)\w*)[(`]", page):
        assert name == "queryMore" or name in boomi_pulumi.__all__
    for kind in KINDS:
        assert f"[`{kind}`]({_kebab(kind)}.md)" in page
    for asked in re.findall(r'`query\("(\w+)"', page):
        assert asked in OBJECTS


def test_every_kind_is_in_the_program_of_all_kinds() -> None:
    program = (ROOT / "examples" / "all_kinds" / "__main__.py").read_text(encoding="utf-8")
    assert not [kind for kind in KINDS if f"boomi.{kind}(" not in program]


def test_every_object_of_a_query_is_named() -> None:
    part = (DOCS / "look-ups.md").read_text(encoding="utf-8").partition("## Queries")[2].partition("```")[0]
    assert not [name for name in OBJECTS if f"`{name}`" not in part]


def test_every_look_up_has_a_row() -> None:
    look_ups = {name for name in boomi_pulumi.__all__ if name.startswith("get_") and not name.endswith("_output")}
    shown = {cells[0].strip("`") for cells in _rows(DOCS / "look-ups.md") if cells[0].startswith("`get_")}
    assert shown == look_ups


def test_the_page_about_costs_shows_what_was_measured() -> None:
    page = (DOCS / "performance.md").read_text(encoding="utf-8")
    assert [table.title for table in tables() if table.markdown() not in page] == []


def test_the_picture_about_costs_is_of_what_was_measured() -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert PICTURE.read_text(encoding="utf-8") == picture(results)


def test_the_promise_about_costs_is_what_was_measured() -> None:
    rows = json.loads(RESULTS.read_text(encoding="utf-8"))[f"n={SHOWN}"]["rows"]
    (ours, script), (again, script_again) = (
        tuple(int(rows[work][whose]["requests"]) for whose in ("ours", "script"))
        for work in ("first up", "up, nothing to change")
    )
    promise = f"take {ours} requests the first time and {again} where nothing changed"
    readme = " ".join(README.read_text(encoding="utf-8").split())
    assert f"{SHOWN} packages and their {SHOWN} deployments {promise}" in readme
    assert f"A script that checks each object first sends {script} and {script_again}" in readme


@pytest.mark.parametrize("block", blocks(), ids=lambda block: block.name)
def test_every_piece_of_python_compiles(block: Block) -> None:
    compile(block.text, str(block.page), "exec")


def test_every_page_about_using_it_has_a_program() -> None:
    shown = {block.page for block in blocks() if block.is_program}
    without = {
        DOCS / name
        for name in ("README.md", "emulator.md", "emulator-reference.md", "operations.md", "other-languages.md")
    }
    assert {README, *DOCS.glob("*.md")} - shown == without


def test_the_page_about_promotion_shows_the_program_of_the_demonstration() -> None:
    assert [block.page.name for block in blocks() if block.is_promotion] == ["promotion.md"]


def test_every_page_is_on_the_map() -> None:
    shown = set(re.findall(r"\]\(([\w-]+\.md)\)", (DOCS / "README.md").read_text(encoding="utf-8")))
    assert shown == {page.name for page in DOCS.glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_example_is_a_project_of_its_own() -> None:
    for folder in examples():
        assert f"name: {folder.name.replace('_', '-')}\n" in (folder / "Pulumi.yaml").read_text(encoding="utf-8")


def test_the_repository_itself_is_a_project() -> None:
    project = (ROOT / "Pulumi.yaml").read_text(encoding="utf-8")
    assert f"main: {PROMOTION.relative_to(ROOT).as_posix()}\n" in project


def _said(folder: Path) -> str:
    """Tell every text that the code could say, with `…` for what it fills in."""
    found = []
    for file in [*folder.rglob("*.py"), *folder.rglob("*_program.txt")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (each.value if isinstance(each, ast.Constant) else "…" for each in node.values)
                found.append("".join(str(each) for each in parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


def _messages(page: Path) -> list[str]:
    part = page.read_text(encoding="utf-8").partition("\n## When it goes wrong\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(.+?)` \|", part, re.MULTILINE)


def test_a_page_quotes_messages_as_the_code_says_them() -> None:
    said = _said(ROOT / "boomi_pulumi")
    quoted = [(page.name, part) for page in PAGES for each in _messages(page) for part in re.split(r" ?… ?", each)]
    assert len(quoted) > len(KINDS)
    assert [(page, part) for page, part in quoted if part not in said] == []


def test_a_page_quotes_gates_as_the_code_says_them() -> None:
    lines = (line.strip() for line in _said(ROOT / "boomi_pulumi" / "_kinds").splitlines())
    said = [re.escape(line).replace("…", ".+") for line in lines if len(line.replace("…", "")) > len("closed: ")]
    pages = "\n".join((DOCS / name).read_text(encoding="utf-8") for name in ("promotion.md", "rollback.md"))
    found = re.findall(r"""[`"](?:opens?: (.+?)|('test' of .+?))[`"]""", pages)
    quoted = [gate or resource for gate, resource in found]
    assert {text.partition(" ")[0] for text in quoted} == {"when", "active", "it", "'test'"}
    assert [text for text in quoted if not any(re.fullmatch(one, text) for one in said)] == []


_YAML = r"^```yaml\n(.*?)^```$"


def _yaml_programs() -> list[tuple[str, dict[str, Any]]]:
    """Return the programs in YAML, with their pages."""
    blocks_of = {
        page.name: re.findall(_YAML, page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE) for page in PAGES
    }
    return [
        (name, yaml.safe_load(text)) for name, texts in blocks_of.items() for text in texts if "boomi:index:" in text
    ]


@pytest.mark.parametrize(("page", "program"), _yaml_programs())
def test_a_program_in_yaml_uses_what_the_schema_has(page: str, program: dict[str, Any]) -> None:
    schema = schema_of("1.0.0")
    for each in program.get("resources", {}).values():
        known = schema["resources"][each["type"]]["inputProperties"]
        assert set(each["properties"]) <= set(known), page
    for each in program.get("variables", {}).values():
        call = each["fn::invoke"]
        assert set(call["arguments"]) <= set(schema["functions"][call["function"]]["inputs"]["properties"]), page


@pytest.mark.parametrize(("page", "program"), [each for each in _yaml_programs() if "variables" in each[1]])
def test_every_function_of_a_program_in_yaml_is_answered(page: str, program: dict[str, Any]) -> None:
    with Emulator(rate_limit=0) as boomi, NativeDriver(boomi.env) as driver:
        for each in program["variables"].values():
            call = each["fn::invoke"]
            request = provider_pb2.InvokeRequest(tok=call["function"], args=struct_of(call["arguments"]))
            answer = driver.call("Invoke", request)
            assert not answer.failures, page
            found = bag_of(getattr(answer, "return"))
            assert found.get("result", found), page
