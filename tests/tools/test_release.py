"""What a release is tried with: the lowest of every package that it names, the oldest CLI and the newest."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from tools.cli import PULUMI_MINIMUM
from tools.release import clis, requirements
from tools.steps import SetupError, answer, dotted

METADATA = """\
Metadata-Version: 2.4
Name: boomi_pulumi
Requires-Dist: pulumi<4,>=3.235
Requires-Dist: requests<3,>=2.32.4
Provides-Extra: cli
Requires-Dist: click<9,>=8.1; extra == 'cli'
Provides-Extra: demo
Requires-Dist: rich>=13; extra == 'demo'
"""


def test_the_requirements_of_a_wheel_are_named_one_by_one(tmp_path: Path) -> None:
    """A resolver asked for the lowest of what is named takes the newest of all that it was not."""
    wheel = tmp_path / "boomi_pulumi-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("boomi_pulumi-0.dist-info/METADATA", METADATA)
    assert requirements(wheel, "demo") == ["pulumi<4,>=3.235", "requests<3,>=2.32.4", "rich>=13"]


# -- the CLIs ------------------------------------------------------------------------------------

OLDEST = f"v{dotted(PULUMI_MINIMUM)}"
NEWEST = "v3.999.0"
GO = f"""\
#!/bin/sh
case "$1" in
version) echo go version go1.26.0 test/test ;;
list) echo {NEWEST} ;;
build)
    while [ "$1" != -o ]; do
        case "$1" in -ldflags*) version=${{1##*=}} ;; esac
        shift
    done
    printf '#!/bin/sh\\necho %s\\n' "$version" >"$2/pulumi"
    chmod 755 "$2/pulumi"
    ;;
esac
"""


def program(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)


@pytest.fixture
def at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is first on PATH, in which a test puts what there is."""
    monkeypatch.setenv("BOOMI_PULUMI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "bin"), "/usr/bin", "/bin"]))
    return tmp_path / "bin"


@pytest.mark.parametrize("version", [OLDEST, "v3.500.0", NEWEST])
def test_the_oldest_cli_and_the_newest_are_tried_whichever_is_at_hand(at_hand: Path, version: str) -> None:
    program(at_hand / "pulumi", f"#!/bin/sh\necho {version}\n")
    program(at_hand / "pulumi-language-python", "#!/bin/sh\n")
    program(at_hand / "go", GO)
    found = clis()
    assert [answer([each / "pulumi", "version"]) for each in found] == [OLDEST, NEWEST]
    assert [each == at_hand for each in found] == [version == OLDEST, version == NEWEST]
    assert all((each / "pulumi-language-python").exists() for each in found)


def test_without_the_oldest_cli_nothing_is_released_and_without_the_newest_the_one_at_hand_is_tried(
    at_hand: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(at_hand / "go", GO.replace(f"echo {NEWEST}", "exit 1").replace("chmod", "exit 1"))
    program(at_hand / "pulumi", "#!/bin/sh\necho v3.500.0\n")
    with pytest.raises(SetupError, match="Building it with Go"):
        clis()
    program(at_hand / "pulumi", f"#!/bin/sh\necho {OLDEST}\n")
    assert clis() == [at_hand]
    assert f"The newest CLI cannot be had here: {OLDEST} of the set-up is tried." in capsys.readouterr().err
