"""The deployments and values in stacks, as `pulumi stack export` writes them; of both the package and the plugin."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.extensions import SECTIONS, WHOLE, values_in
from boomi_pulumi._lifecycle.origin import bare
from boomi_pulumi.native.references import TOKEN, origin_of
from boomi_pulumi.native.schema import DYNAMIC

__all__ = ["Declared", "NamedValues", "Stack", "export", "is_secret", "named_fields", "parse", "read_file"]

_SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the key by which Pulumi marks a secret, not one


@dataclass(frozen=True)
class Declared:
    """A deployment, as a stack's state holds it.

    Attributes:
        stack: The stack, as project/stack.
        name: The resource's name in the program.
        component_id: The component.
        environment_id: The environment.
        package_id: The package that the stack says is active.
        version: The package's version; its id where the state has no version.
    """

    stack: str
    name: str
    component_id: str
    environment_id: str
    package_id: str
    version: str


@dataclass(frozen=True)
class NamedValues:
    """The fields of an environment that a resource names.

    Attributes:
        stack: The stack, as project/stack.
        environment_id: The environment.
        paths: The fields, such as `connections/Orders DB/host`.
        secrets: Those of them that the state keeps as secrets.
    """

    stack: str
    environment_id: str
    paths: frozenset[str]
    secrets: frozenset[str]


@dataclass(frozen=True)
class Stack:
    """A stack's state.

    Attributes:
        name: The stack, as project/stack; the source of the state where it has no resources.
        deployments: The deployments that the stack declares.
        values: The values that it gives to environments.
    """

    name: str
    deployments: tuple[Declared, ...]
    values: tuple[NamedValues, ...] = ()


def export(stack: str, folder: Path) -> str:
    """Return what `pulumi stack export` writes about a stack of the project in a folder.

    Raises:
        SettingsError: The Pulumi CLI is not on PATH, or refuses; the message holds the last line that it wrote.
    """
    program = shutil.which("pulumi")
    if program is None:
        raise SettingsError(
            f"--stack {stack}: the Pulumi CLI is not on PATH. Where it is, run `pulumi stack export --stack {stack} "
            "--file state.json`; then give --state state.json."
        )
    done = subprocess.run(  # noqa: S603 - the program is Pulumi's, and no shell reads the name
        [program, "stack", "export", "--non-interactive", f"--stack={stack}"],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise SettingsError(f"--stack {stack}: `pulumi stack export` failed in {folder}: {said[-1]}")
    return done.stdout


def read_file(file: Path) -> bytes:
    """Return the content of a file that `pulumi stack export` wrote.

    Raises:
        SettingsError: The file cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"--state {file}: it cannot be read: {error.strerror or error}.") from None


def parse(text: str | bytes, source: str) -> Stack:
    """Return the deployments and values of an exported state, without those that wait to be deleted.

    Args:
        text: What `pulumi stack export` wrote.
        source: The option that the text comes from, for a message.

    Raises:
        SettingsError: The text is something else, or an id of a deployment is a secret.
    """
    rows = [(row, *_named(str(row.get("urn")))) for row in _resources(text, source)]
    name = next((stack for _, stack, _ in rows), source)
    return Stack(
        name,
        tuple(_declared(*each, source) for each in rows if _is(each[0], "DeployedPackage")),
        tuple(found for each in rows if _is(each[0], "EnvironmentExtensions") for found in _values(*each, source)),
    )


def _is(row: Mapping[str, Any], kind: str) -> bool:
    return row.get("type") in {each.format(kind) for each in (DYNAMIC, TOKEN)} and row.get("delete") is not True


def _values(row: Mapping[str, Any], stack: str, name: str, source: str) -> Iterator[NamedValues]:
    outputs = row.get("outputs")
    found = outputs if isinstance(outputs, Mapping) else {}
    environment = found.get("environmentId")
    if not isinstance(environment, str):
        raise SettingsError(
            f"{source}: {name} of {stack} does not tell its environment: the id is a secret, or not there."
        )
    fields = named_fields(found)
    secrets = frozenset(path for path, value in fields.items() if is_secret(value))
    # The values of a pack's group are another object, which no report reads.
    if not found.get("extensionGroupId"):
        yield NamedValues(stack, environment, frozenset(fields), secrets)


def named_fields(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Return path -> value of the fields that EnvironmentExtensions names, None for the component's own value.

    What is a secret as a whole tells no fields.
    """
    clear = {section: _open(section, bag.get(section)) for section in SECTIONS}
    references, defaults = bag.get("secretReferences"), bag.get("useDefault")
    return {
        **values_in(clear),
        **(references if isinstance(references, Mapping) and not is_secret(references) else {}),
        **dict.fromkeys(map(str, defaults) if isinstance(defaults, list) else ()),
    }


def _open(section: str, value: Any) -> Any:
    """Return a section without what is a secret as a whole, and tells no fields."""
    if not isinstance(value, Mapping):
        return value
    hides = () if section in WHOLE else [name for name, of in value.items() if is_secret(of)]
    return {} if is_secret(value) else {name: of for name, of in value.items() if name not in hides}


def is_secret(value: Any) -> bool:
    """Tell whether a value stands as Pulumi writes a secret."""
    return isinstance(value, Mapping) and _SECRET in value


def _declared(row: Mapping[str, Any], stack: str, name: str, source: str) -> Declared:
    outputs = row.get("outputs")
    found: Mapping[str, Any] = outputs if isinstance(outputs, Mapping) else {}
    ids = [found.get(key) for key in ("componentId", "environmentId", "packageId")]
    texts = [each for each in ids if isinstance(each, str)]
    if len(texts) < len(ids):
        raise SettingsError(
            f"{source}: {name} of {stack} does not tell what it deploys: its ids are secrets, or not there."
        )
    component, environment, package = texts
    version = found.get("packageVersion") or package
    return Declared(stack, name, component, environment, package, version if isinstance(version, str) else "[secret]")


def _resources(text: str | bytes, source: str) -> Iterable[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    deployment = found.get("deployment") if isinstance(found, dict) else None
    if not isinstance(deployment, dict):
        raise SettingsError(f"{source}: this is not what `pulumi stack export` writes.")
    return [row for row in deployment.get("resources") or () if isinstance(row, dict)]


def _named(urn: str) -> tuple[str, str]:
    """Return project/stack and the name of a resource from its URN, `urn:pulumi:stack::project::types::name`."""
    try:
        project, stack, name = bare(origin_of(urn)).split("/", 2)
    except ValueError:
        return "?", urn
    return f"{project}/{stack}", name
