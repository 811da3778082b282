#!/usr/bin/env bash
# Pulumi's Python SDK up to 3.234.0 drops each input whose name begins with two underscores before a dynamic provider
# sees it, other than `__provider`. From 3.235.0 on, they arrive. The program that sends them is told nothing.
#
# Guess: what a program puts into the properties of a dynamic resource reaches `check` of its provider.
# Seen on Linux x86-64 with Python 3.11:
#   pulumi 3.234.0: ['__provider', 'name']
#   pulumi 3.235.0: ['__mark', '__provider', 'name']
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/received.py" <<'PYTHON'
from google.protobuf import struct_pb2
from pulumi.runtime import rpc

sent = struct_pb2.Struct()
sent.update({"name": "a", "__provider": "b", "__mark": "c"})
print(sorted(rpc.deserialize_properties(sent)))
PYTHON

failed=0
expect() {
    python3 -m venv "$folder/$1"
    "$folder/$1/bin/pip" --quiet --disable-pip-version-check install "pulumi==$1"
    seen=$("$folder/$1/bin/python" "$folder/received.py")
    echo "pulumi $1: $seen"
    [[ $seen == "$2" ]] || { echo "  expected: $2"; failed=1; }
}
expect 3.234.0 "['__provider', 'name']"
expect 3.235.0 "['__mark', '__provider', 'name']"
exit "$failed"
