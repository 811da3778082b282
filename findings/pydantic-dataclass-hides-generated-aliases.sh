#!/usr/bin/env bash
# The fields of a pydantic dataclass do not tell the aliases that `alias_generator` makes, up to 2.11: `alias` is None,
# although the dataclass validates by them. A model of the same field tells them. From 2.12 on, both do.
#
# Guess: `__pydantic_fields__` of a dataclass tells what `model_fields` of a model tells.
# Seen on Linux x86-64 with Python 3.11:
#   pydantic 2.11.10: model packageId, dataclass None
#   pydantic 2.12.0: model packageId, dataclass packageId
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/aliases.py" <<'PYTHON'
from pydantic import BaseModel, ConfigDict, TypeAdapter, dataclasses
from pydantic.alias_generators import to_camel

config = ConfigDict(alias_generator=to_camel)


class Model(BaseModel):
    model_config = config
    package_id: str


@dataclasses.dataclass(config=config)
class Dataclass:
    package_id: str


for each in (Model, Dataclass):
    assert TypeAdapter(each).validate_python({"packageId": "p"}).package_id == "p"
model, dataclass = Model.model_fields["package_id"], Dataclass.__pydantic_fields__["package_id"]
print(f"model {model.alias}, dataclass {dataclass.alias}")
PYTHON

failed=0
expect() {
    python3 -m venv "$folder/$1"
    "$folder/$1/bin/pip" --quiet --disable-pip-version-check install "pydantic==$1"
    seen=$("$folder/$1/bin/python" "$folder/aliases.py")
    echo "pydantic $1: $seen"
    [[ $seen == "$2" ]] || { echo "  expected: $2"; failed=1; }
}
expect 2.11.10 "model packageId, dataclass None"
expect 2.12.0 "model packageId, dataclass packageId"
exit "$failed"
