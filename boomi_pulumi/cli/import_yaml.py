"""The imported project in YAML: a folder with a program for each stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from boomi_pulumi._api.errors import SettingsError
from boomi_pulumi._api.models import Environment
from boomi_pulumi.cli.files import put_aside, read_yaml, save, yaml_text
from boomi_pulumi.cli.import_python import Table
from boomi_pulumi.cli.import_states import (
    PROMOTE,
    SCHEDULES,
    NewResource,
    ProjectContents,
    TargetStack,
    import_steps,
    save_states,
)
from boomi_pulumi.cli.import_values import KIND, inputs_of
from boomi_pulumi.cli.inventory import title
from boomi_pulumi.native.references import TOKEN

__all__ = ["YamlProject"]

_ADDED = "added.yaml"
_SECRETS = "secrets"
"""The object of the configuration that holds secrets: in it, Pulumi keeps the text `007` a text, also for YAML."""

_IDS = {"ReleaseIntegrationPack": "integrationPackId", "ConnectorVersionChange": "classificationType"}


class YamlProject:
    """A folder with a folder for each stack; arguments, attributes and errors as those of `PythonProject`."""

    python = False
    takes_values = takes_schedules = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if (folder / "Pulumi.yaml").exists():
            raise SettingsError(f"{folder} holds another project, or one in Python; name another folder.")
        self.name: str | None = None
        self.targets: list[TargetStack] = []
        self.components: Table = {}
        self.shared: dict[str, str] = {}
        self.valued: set[str] = set()
        self.scheduled: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        programs: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
        for file in sorted(folder.glob("*/Pulumi.yaml")):
            found, stack = read_yaml(file), file.parent.name
            if not (file.parent / "import.json").exists():
                raise SettingsError(f"{file} is none of this command; name another folder.")
            self.name = str(found.get("name"))
            self.targets.append(_target(found, stack))
            programs[stack] = _resources(found)
        self._read(programs)

    def _read(self, programs: Mapping[str, Sequence[tuple[str, str, Mapping[str, Any]]]]) -> None:
        """Fill the attributes from the programs; a deployment belongs to the package of the same name."""
        ids = {}
        for stack, resources in programs.items():
            for name, kind, properties in resources:
                if kind == "PackagedComponent":
                    ids[name] = str(properties.get("componentId"))
                    row = self.components.setdefault(ids[name], {"name": name})
                    row[stack] = str(properties.get("packageVersion"))
                elif kind == KIND:
                    self.valued.add(stack)
                elif kind == SCHEDULES:
                    self.scheduled[f"{properties.get('atomId')}/{properties.get('processId')}"] = name
                elif kind in _IDS:
                    self.shared[str(properties.get(_IDS[kind]))] = name
        for stack, resources in programs.items():
            for name, kind, _ in resources:
                if kind == "DeployedPackage" and name in ids:
                    self.components[ids[name]].setdefault(stack, PROMOTE)

    def cell(self, version: str) -> str:
        """Return a version as a program holds it."""
        return version

    @staticmethod
    def setting(stack: str, key: str) -> str:
        """Return the command that sets a secret of a stack."""
        return f"pulumi config set --secret --stack {stack} --path {_SECRETS}.{key}"

    def write(self, wanted: ProjectContents) -> Iterator[str]:
        """Write import files and new programs; yield the files that were there already and stay.

        What is to be added to a program that is there, is written beside the program, into `added.yaml`.

        Raises:
            OSError: A file cannot be written.
        """
        for each in wanted.targets:
            folder = self.folder / each.stack
            folder.mkdir(parents=True, exist_ok=True)
            save_states(self.import_file(each.stack), wanted.new[each.stack])
            program, added = folder / "Pulumi.yaml", folder / _ADDED
            declared = _declared(wanted.new[each.stack], with_secrets=bool(wanted.secrets(each.stack)))
            if not program.exists():
                environment = wanted.environments.get(each.stack)
                save(program, _program(wanted.name, environment, each.source, declared))
            else:
                yield f"{each.stack}/{program.name}"
                if declared["resources"]:
                    put_aside(added)
                    save(added, yaml_text(declared))
        readme = self.folder / "README.md"
        if readme.exists():
            yield readme.name
        else:
            save(readme, _readme(wanted))

    def import_file(self, stack: str) -> Path:
        """Return the import file of a stack."""
        return self.folder / stack / "import.json"


def _target(program: Mapping[str, Any], stack: str) -> TargetStack:
    try:
        environment = program["variables"]["this_environment"]["fn::invoke"]["arguments"]["id"]
    except (KeyError, TypeError):
        return TargetStack(stack, None)
    try:
        source = program["resources"]["upstream_stack"]["properties"]["name"].rpartition("/")[2]
    except (KeyError, TypeError, AttributeError):
        source = None
    return TargetStack(stack, str(environment), source)


def _resources(program: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Return name, kind and properties of the Boomi resources in a program."""
    rows, kinds = program.get("resources"), TOKEN.format("")
    return [
        (str(row.get("name", key)), row["type"].removeprefix(kinds), row.get("properties") or {})
        for key, row in (rows if isinstance(rows, dict) else {}).items()
        if isinstance(row, dict) and str(row.get("type")).startswith(kinds)
    ]


def _program(
    name: str,
    environment: Environment | None,
    source: str | None,
    declared: Mapping[str, Any],
) -> str:
    """Return a program; `declared` holds its config, resources and outputs, as far as there are any."""
    about = "What the account releases to others" if environment is None else f"What runs in {title(environment)}"
    program: dict[str, Any] = {
        "name": name,
        "runtime": "yaml",
        "description": about,
        "plugins": {"providers": [{"name": "boomi", "path": "../boomi-plugin"}]},
    } | {key: of for key, of in declared.items() if key == "config"}
    if environment is not None:
        found = {"function": TOKEN.format("getEnvironment"), "arguments": {"id": environment.id}}
        program["variables"] = {"this_environment": {"fn::invoke": found}}
    program["resources"] = resources = dict(declared["resources"])
    if source:
        # A component's name has no underscore, and all names of a program are one family.
        reference = f"${{pulumi.organization}}/${{pulumi.project}}/{source}"
        upstream = {"type": "pulumi:pulumi:StackReference", "properties": {"name": reference}}
        program["resources"] = {"upstream_stack": upstream, **resources}
    if declared["outputs"]:
        program["outputs"] = declared["outputs"]
    return yaml_text(program)


def _declared(new: Sequence[NewResource], *, with_secrets: bool) -> dict[str, Any]:
    """Return the resources and outputs of a program, and its config where there are secrets."""
    resources: dict[str, Any] = {}
    outputs: dict[str, str] = {}
    for each in new:
        resource: dict[str, Any] = {"type": TOKEN.format(each.kind), "name": each.name}
        if each.kind == "PackagedComponent":
            resource |= {"properties": _plain(each.given), "options": {"retainOnDelete": True}}
            resources[f"{each.name}_package"] = resource
        elif each.kind == "DeployedPackage":
            source = f'upstream_stack.outputs["{each.name}"]' if each.promoted else f"{each.name}_package.packageId"
            properties = {"packageId": f"${{{source}}}", "environmentId": "${this_environment.id}"}
            resources[f"{each.name}_deployment"] = resource | {"properties": properties}
            outputs[each.name] = f"${{{each.name}_deployment.packageId}}"
        elif each.kind == SCHEDULES:
            before = f"{each.after}_deployment"
            options = {"options": {"dependsOn": [f"${{{before}}}"]}} if before in resources else {}
            resources[f"{each.name}_schedules"] = resource | {"properties": _plain(each.given)} | options
        elif each.kind == KIND:
            deployed = [
                f"${{{name}.id}}" for name, of in resources.items() if of["type"] == TOKEN.format("DeployedPackage")
            ]
            plain = [
                replace(value, names=tuple(map(_plain, value.names)), value=_plain(value.value))
                for value in each.values
            ]
            given = inputs_of(plain, f"${{{{{_SECRETS}.{{}}}}}}".format)
            about = {"environmentId": "${this_environment.id}"} | ({"deploymentIds": deployed} if deployed else {})
            resources["environment_values"] = resource | {"properties": about | given}
        else:
            resources[f"{each.name}_release"] = resource | {"properties": _plain(each.given)}
    config = {"config": {_SECRETS: {"type": "object"}}} if with_secrets else {}
    return {**config, "resources": resources, "outputs": outputs}


def _plain(value: Any) -> Any:
    """Return a value in which Pulumi finds no expression; of `$$`, it makes `$` anywhere in a text."""
    if isinstance(value, Mapping):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.replace("$", "$$") if isinstance(value, str) else value


def _readme(wanted: ProjectContents) -> str:
    stacks = {each.stack: "import.json" for each in wanted.targets}
    secrets = {stack: [YamlProject.setting(stack, key) for key in wanted.secrets(stack)] for stack in stacks}
    return (
        f"{wanted.head}\n\n"
        "Each folder is the program of a stack. With `upstream_stack.outputs`, a deployment takes the very package\n"
        "of the stack before it. To release, change a `packageVersion`.\n\n"
        "The plugin is used from here. Write it once:\n\n    boomi-pulumi plugin install ./boomi-plugin\n\n"
        f"{import_steps(stacks, secrets, folders=True)}"
    )
