"""A native plugin that does nothing: it has the schema of ours and answers as many properties.

BENCH_SCHEMA is a file with the schema; BENCH_WORK has the outputs of each kind.
"""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.protobuf import empty_pb2, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

SCHEMA = Path(os.environ["BENCH_SCHEMA"]).read_text(encoding="utf-8")
SHAPE = json.loads(Path(os.environ["BENCH_WORK"]).read_text(encoding="utf-8"))["shape"]


class Nothing(provider_pb2_grpc.ResourceProviderServicer):
    """Echoes, and says that nothing changed."""

    async def Handshake(self, _request: Any, _context: Any) -> Any:
        """Take whatever the engine can."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)

    async def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        """Tell the version."""
        return plugin_pb2.PluginInfo(version="0.0.1")

    async def GetSchema(self, _request: Any, _context: Any) -> Any:
        """Tell the schema."""
        return provider_pb2.GetSchemaResponse(schema=SCHEMA)

    async def CheckConfig(self, request: Any, _context: Any) -> Any:
        """Take any settings."""
        return provider_pb2.CheckResponse(inputs=request.news)

    async def DiffConfig(self, _request: Any, _context: Any) -> Any:
        """See no change of settings."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    async def Configure(self, _request: Any, _context: Any) -> Any:
        """Take any settings."""
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    async def Check(self, request: Any, _context: Any) -> Any:
        """Take any inputs."""
        return provider_pb2.CheckResponse(inputs=request.news)

    async def Diff(self, _request: Any, _context: Any) -> Any:
        """See no change."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE, hasDetailedDiff=True)

    async def Create(self, request: Any, _context: Any) -> Any:
        """Return the inputs, and an output for each that ours has."""
        outputs = struct_pb2.Struct()
        outputs.update(SHAPE[request.urn.split("::")[2].rpartition(":")[2]]["outputs"])
        outputs.MergeFrom(request.properties)
        return provider_pb2.CreateResponse(id="" if request.preview else uuid.uuid4().hex, properties=outputs)

    async def Delete(self, _request: Any, _context: Any) -> Any:
        """Forget it."""
        return empty_pb2.Empty()

    async def Cancel(self, _request: Any, _context: Any) -> Any:
        """Have nothing to end."""
        return empty_pb2.Empty()


async def serve() -> None:
    """Serve until the engine ends this process."""
    server = grpc.aio.server()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Nothing(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve())
