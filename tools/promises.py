"""Try what hidden inputs carry, with the packages and the CLI that are at hand; `tools.release` runs it for each.

python -m tools.promises            # a made-up id fails the preview, and a stack is of one account
python -m tools.promises --below    # an SDK below the range is refused in one line
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import boomi_pulumi as boomi
from examples.promotion.demo import DemoError, check, emulator, prepare_environment, throw_away

SECONDS = 240
PROJECT = "name: promises\nruntime: python\n"
HEAD = "import boomi_pulumi as boomi\n\n"
NOBODYS = "00000000-0000-4000-8000-000000000000"
MADE_UP = HEAD + f'boomi.PackagedComponent("made-up", component_id="{NOBODYS}", package_version="1.0")\n'
PACKAGE = HEAD + (
    'component = boomi.get_component(name="Order Sync", type="process")\n'
    'boomi.PackagedComponent("sync", component_id=component.component_id, package_version="7.0")\n'
)


class Project:
    """A throw-away project with one stack.

    Args:
        folder: Where it stands.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")

    def run(self, *arguments: str, program: str = "", fails: bool = False) -> str:
        """Run the CLI and return what it said.

        Raises:
            DemoError: It ended otherwise than expected.
        """
        (self._folder / "__main__.py").write_text(program, encoding="utf-8")
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        ended = f"`pulumi {' '.join(arguments)}` {'fails' if fails else 'works'}; it said:\n{done.stdout}"
        check((done.returncode != 0) is fails, ended)
        return done.stdout


def packages() -> set[str]:
    """Return the ids of the packages that the account holds."""
    return {row.package_id for row in boomi.query("PackagedComponent") if not row.deleted}


def keep(project: Project) -> None:
    """Try the promises.

    Raises:
        DemoError: One is not kept.
    """
    refused = project.run("preview", "--stack", "dev", program=MADE_UP, fails=True)
    check("componentId" in refused and NOBODYS in refused, f"a made-up id is refused:\n{refused}")
    said = project.run("preview", "--stack", "dev", "--diff", program=PACKAGE)
    check('componentName: "Order Sync"' in " ".join(said.split()).replace(" :", ":"), f"names are shown:\n{said}")
    before = packages()
    project.run("up", "--stack", "dev", "--yes", "--skip-preview", program=PACKAGE)
    theirs = dict(os.environ)
    after = packages()
    check(len(after - before) == 1, "one package is made")
    with emulator():
        refused = project.run("destroy", "--stack", "dev", "--yes", "--skip-preview", program=PACKAGE, fails=True)
        check("this resource is of account" in refused, f"another account is refused:\n{refused}")
    os.environ.update(theirs)
    check(packages() == after, "the destroy of another account removed nothing")
    project.run("destroy", "--stack", "dev", "--yes", "--skip-preview", program=PACKAGE)
    check(packages() == before, "a destroy of its own account removes the package")


def refuse(project: Project) -> None:
    """Try an SDK that is below the range.

    Raises:
        DemoError: It is not refused in one line.
    """
    said = project.run("preview", "--stack", "dev", program=PACKAGE, fails=True)
    told = set(re.findall(r"error: (Pulumi's SDK .* Run: pip install \"pulumi>=.*)", said))
    check(len(told) == 1 and "Traceback" not in said, f"an SDK below the range is refused in one line:\n{said}")


def main() -> int:
    """Try them and return the exit status."""
    parser = argparse.ArgumentParser(description="Try what hidden inputs carry.")
    parser.add_argument("--below", action="store_true", help="the SDK that is installed is to be refused")
    below = parser.parse_args().below
    try:
        with throw_away() as home:
            prepare_environment(home)
            with emulator():
                project = Project(home / "project")
                project.run("stack", "init", "dev")
                (refuse if below else keep)(project)
    except (DemoError, boomi.BoomiError) as error:
        sys.stdout.write(f"{error}\n")
        return 1
    sys.stdout.write("Kept.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
