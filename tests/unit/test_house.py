"""What keeps the code readable: short files, short functions. What is data may be as long as it must."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import boomi_pulumi

ROOT = Path(boomi_pulumi.__file__).parent
LONGEST_FILE = 400
LONGEST_FUNCTION = 40

DATA = {"api/models.py", "emulator/kinds.py", "emulator/seed.py", "emulator/retailer.py", "emulator/switches.py"}
"""Records, the emulator's objects and switches, a made-up account."""

FILES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its signature and its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("name", sorted({*FILES} - DATA))
def test_files_and_functions_are_short(name: str) -> None:
    source = (ROOT / name).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= LONGEST_FILE
    functions = [
        each for each in ast.walk(ast.parse(source)) if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    assert {each.name: length(each) for each in functions if length(each) > LONGEST_FUNCTION} == {}


def test_what_counts_as_data_is_there() -> None:
    assert set(FILES) >= DATA
