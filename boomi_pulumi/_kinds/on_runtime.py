"""What kinds share whose object is one process on one runtime."""

from __future__ import annotations

from boomi_pulumi._api.client import Client
from boomi_pulumi._kinds.packaged_component import component_named
from boomi_pulumi._reads.finders import find_runtime

__all__ = ["pair_named"]


def pair_named(client: Client, words: str) -> str | None:
    """Return atomId/processId of what is named `runtime/process`; None where these are no two names.

    Raises:
        NotFound: There is none of these names.
        Ambiguous: There are several; the message lists them.
    """
    runtime, _, process = words.partition("/")
    if not runtime or not process:
        return None
    return f"{find_runtime(client, name=runtime).id}/{component_named(client, process)}"
