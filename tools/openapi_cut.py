"""Cut Boomi's Platform OpenAPI down to what the contract tests need: ``openapi_cut.py SOURCE``.

Kept are the operations on the objects this project manages and every schema they reference, with the rules
and the XML hints. Dropped is all prose: descriptions, examples, tags and the vendor's extensions.
The samples of requests go into a file of their own, which the tests send.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TARGET = Path(__file__).resolve().parent.parent / "tests" / "openapi" / "platform.json"
SAMPLES = TARGET.with_name("samples.json")
OBJECTS = (
    "Account",
    "Atom",
    "AuditLog",
    "Branch",
    "Component",
    "ComponentMetadata",
    "ComponentReference",
    "DeployedPackage",
    "Deployment",
    "Environment",
    "EnvironmentAtomAttachment",
    "EnvironmentExtensions",
    "EnvironmentRole",
    "ExecutionRecord",
    "ExecutionRequest",
    "Folder",
    "ListenerStatus",
    "PackagedComponent",
    "PackagedComponentManifest",
    "Process",
    "ProcessScheduleStatus",
    "ProcessSchedules",
    "PublisherIntegrationPack",
    "ReleaseIntegrationPack",
    "ReleaseIntegrationPackStatus",
)
ACTS = ("changeListenerStatus",)  # they have a path, and no schema of that name
PROSE = {"description", "summary", "title", "example", "examples", "tags", "externalDocs", "servers"}
# Below these the keys are names, not keywords: a property may be called "description" or "title".
NAMES = {"properties", "schemas", "responses", "headers", "paths", "securitySchemes", "parameters"}
METHODS = {"get", "put", "post", "delete", "patch"}


def bare(node: Any, *, names: bool = False) -> Any:
    """``node`` without prose; with ``names``, its own keys are names and all of them stay."""
    if isinstance(node, list):
        return [bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: bare(value, names=not names and key in NAMES)
        for key, value in node.items()
        if names or (key not in PROSE and not key.startswith("x-"))
    }


def references(node: Any) -> Iterator[str]:
    """Every ``$ref`` below ``node``."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from references(value)


def lookup(document: Any, reference: str) -> Any:
    """What a local reference such as ``#/components/schemas/Branch`` points to."""
    node = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def wanted(path: str) -> bool:
    """Whether ``path`` is of one of the objects, or one of the acts."""
    return re.match(rf"/(?:async/)?(?:{'|'.join((*OBJECTS, *ACTS))})(?:/|$)", path) is not None


def cut(document: dict[str, Any]) -> dict[str, Any]:
    """The part of an OpenAPI document about the objects, and all that part references."""
    source = bare(document)
    paths = {path: item for path, item in source["paths"].items() if wanted(path)}
    schemas = {name: source["components"]["schemas"][name] for name in OBJECTS}
    components = {"schemas": schemas, "securitySchemes": source["components"]["securitySchemes"]}
    pending = [*references(paths), *references(components)]
    while pending:
        reference = pending.pop()
        _, _, kind, name = reference.split("/")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = lookup(source, reference)
            pending += references(components[kind][name])
    info = {"version": source["info"]["version"]}
    return {"openapi": source["openapi"], "info": info, "paths": paths, "components": components}


def samples(document: dict[str, Any]) -> list[dict[str, str]]:
    """The sample requests of the objects: method, path, content type, name and body."""
    found = []
    for path, item in document["paths"].items():
        for method, operation in item.items() if wanted(path) else ():
            content = operation.get("requestBody", {}).get("content", {}) if method in METHODS else {}
            for form, about in content.items():
                named = about.get("examples") or (
                    {"example": {"value": about["example"]}} if "example" in about else {}
                )
                for name, sample in named.items():
                    value = sample["value"]
                    body = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                    found.append({"method": method.upper(), "path": path, "type": form, "name": name, "body": body})
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the cut and return the exit status."""
    parser = argparse.ArgumentParser(description="Cut Boomi's Platform OpenAPI for the contract tests.")
    parser.add_argument("source", type=Path, help="Boomi's OpenAPI document, as JSON")
    options = parser.parse_args(arguments)
    if not options.source.is_file():
        parser.error("SOURCE must be the path of Boomi's OpenAPI document: make openapi SOURCE=path")
    document = json.loads(options.source.read_text(encoding="utf-8"))
    result = cut(document)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(result, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    SAMPLES.write_text(json.dumps(samples(document), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    count = len(result["paths"]), len(result["components"]["schemas"])
    print(
        f"{TARGET.name}: {count[0]} paths, {count[1]} schemas, {TARGET.stat().st_size // 1000} kB",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
