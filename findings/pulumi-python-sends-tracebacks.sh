#!/usr/bin/env bash
# From some release between 3.259.0 and 3.272.0 on, the process of a dynamic provider in Python sends the whole traceback
# of an exception to the engine, the cause first, with paths of the machine. Before, it sent the exception's text alone.
#
# Guess: the engine gets the text of the exception that a provider raises.
# Seen on Linux x86-64 with Python 3.11, for RuntimeError("outer") from KeyError("inner"):
#   pulumi 3.259.0: outer True, inner False, traceback False
#   pulumi 3.272.0: outer True, inner True, traceback True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/fail.py" <<'PYTHON'
import subprocess
import sys

import grpc
from google.protobuf import struct_pb2
from pulumi.dynamic import CreateResult, ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc


class Failing(ResourceProvider):
    def create(self, props: dict) -> CreateResult:
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise RuntimeError("outer") from error


command = [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"]
with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as plugin:
    try:
        assert plugin.stdout is not None
        channel = grpc.insecure_channel(f"127.0.0.1:{plugin.stdout.readline().strip()}")
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(), timeout=30, wait_for_ready=True)
        properties = struct_pb2.Struct()
        properties.update({"__provider": serialize_provider(Failing())})
        stub.Create(provider_pb2.CreateRequest(properties=properties), timeout=30)
    except grpc.RpcError as error:
        text = error.details()
        print(f"outer {'outer' in text}, inner {'inner' in text}, traceback {'Traceback' in text}")
    finally:
        plugin.terminate()
PYTHON

failed=0
expect() {
    python3 -m venv "$folder/$1"
    "$folder/$1/bin/pip" --quiet --disable-pip-version-check install "pulumi==$1"
    seen=$(timeout 120 "$folder/$1/bin/python" "$folder/fail.py")
    echo "pulumi $1: $seen"
    [[ $seen == "$2" ]] || { echo "  expected: $2"; failed=1; }
}
expect 3.259.0 "outer True, inner False, traceback False"
expect 3.272.0 "outer True, inner True, traceback True"
exit "$failed"
