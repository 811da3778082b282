"""Threads for the SDK's plugin process: sixteen for its verbs, and one for Cancel, so that Ctrl-C is heard."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

from boomi_pulumi._api.say import say
from boomi_pulumi._api.sender import INTERRUPTED
from boomi_pulumi._api.settings import THREADS
from boomi_pulumi._sdk import plugin

__all__ = ["prepare"]


class _CancelPool(ThreadPoolExecutor):
    """One thread kept for the engine's Cancel: all others may be waiting when it comes."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        INTERRUPTED.set()
        return super().submit(fn, *args, **kwargs)


@cache
def _tell(line: str) -> None:
    say(line)


def prepare() -> None:
    """Give the verbs of this process threads of their own, where it is a plugin; otherwise do nothing.

    The SDK serves with four threads, answers Cancel with nothing, and is at it already when the first provider is
    loaded. What can still be chosen then is the thread pool of each method.

    Source: `pulumi/dynamic/__main__.py`; `_select_thread_pool_for_behavior` of grpc; `SignalCancellation` of the
    engine.
    """
    servicer, lacking = plugin()
    if lacking is not None:
        _tell(lacking)
    if servicer is None or hasattr(servicer.Cancel, "experimental_thread_pool"):
        return
    servicer.Cancel.experimental_thread_pool = _CancelPool(1, "boomi-cancel")
    pool = ThreadPoolExecutor(THREADS, "boomi")
    for verb in (servicer.Check, servicer.Diff, servicer.Create, servicer.Read, servicer.Update, servicer.Delete):
        verb.experimental_thread_pool = pool
