"""The pages of the project, and the programs in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
CONTRIBUTING = sorted((ROOT / "docs" / "contributing").glob("*.md"))
PAGES = (
    *(README, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", ROOT / ".github" / "SECURITY.md"),
    *sorted(ROOT.glob("docs/**/*.md")),
)
PROMOTION = ROOT / "examples" / "promotion"
CLOUD = ROOT / "examples" / "cloud"
"""It needs the plugin of a cloud, so it runs under mocks alone."""

_SECRET = re.compile(r"""config\.require_secret\("(\w+)"\)""")
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NEW = re.compile(r"^    \+ pulumi-python:dynamic/boomi:\w+: \(create\)\n(?:^        .*\n)+", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A piece of Python in a page."""

    page: Path
    number: int
    text: str

    @property
    def name(self) -> str:
        """Name the block for a test report."""
        return f"{self.page.stem}-{self.number}"

    @property
    def is_program(self) -> bool:
        """Tell whether a reader could run it as it stands."""
        return "import boomi_pulumi as boomi\n" in self.text

    @property
    def is_script(self) -> bool:
        """Tell whether it runs Pulumi, instead of being run by it."""
        return "from pulumi import automation" in self.text

    @property
    def is_promotion(self) -> bool:
        """Tell whether it is the program of the demonstration, which runs it with its stacks."""
        return self.text == (PROMOTION / "__main__.py").read_text(encoding="utf-8")

    @property
    def is_test(self) -> bool:
        """Tell whether it holds unit tests."""
        return "from boomi_pulumi.testing import" in self.text


def secrets_of(program: str) -> list[str]:
    """Return the names of the secrets that a program takes from the stack's configuration."""
    return _SECRET.findall(program)


def blocks() -> list[Block]:
    """Return every piece of Python in every page."""
    return [
        Block(page, number, text)
        for page in PAGES
        for number, text in enumerate(_BLOCK.findall(page.read_text(encoding="utf-8")), 1)
    ]


def excerpts(page: Path) -> list[list[str]]:
    """Return what a page shows of new resources in the preview of its first program, line by line."""
    return [[line.strip() for line in shown.splitlines()] for shown in _NEW.findall(page.read_text(encoding="utf-8"))]


def examples() -> list[Path]:
    """Return the folders of the examples, but for those of the demonstration and of a generated SDK."""
    folders = {file.parent for file in ROOT.glob("examples/*/__main__.py")}
    return sorted(folders - {PROMOTION, PROMOTION.with_name("promotion_python_sdk")})
