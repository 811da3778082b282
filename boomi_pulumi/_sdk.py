"""Pulumi's SDK: which versions of it do what this package needs, and the names that it does not promise to keep.

Such names are used here and nowhere else. Where a version has moved one, either the program goes on without what the
name was for, and is told so in one line, or the error says which version to install.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Awaitable, Iterable
from functools import cache
from importlib.metadata import version
from typing import Any, TypeVar, cast
from weakref import WeakSet

import pulumi
from google.protobuf import struct_pb2  # type: ignore[import-untyped]

__all__ = [
    "CONFIG",
    "LOWEST",
    "RUN",
    "TRIED",
    "UNKNOWN",
    "MockMonitor",
    "Unfit",
    "Unknown",
    "awaited",
    "children",
    "has_transforms",
    "is_transformed",
    "plugin",
    "remark",
    "serialize_provider",
    "tell",
    "unfit",
]

LOWEST = "3.235.0"
"""The first SDK whose plugin lets hidden inputs through; it is the lower end of the range in pyproject.toml."""

TRIED = "3.272.0"
"""The newest SDK that the tests ran with; the one in requirements.lock."""

_VERSION = version("pulumi")

_HIDDEN = "__hidden"

_T = TypeVar("_T")


class Unfit(ImportError, pulumi.RunError):
    """The SDK lacks what nothing here works without. Pulumi prints its message and no stack trace."""


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)[:2]))


def _remedy() -> str:
    wanted = f">={LOWEST.removesuffix('.0')}" if _numbers(_VERSION) < _numbers(LOWEST) else f"=={TRIED}"
    return f'Run: pip install "pulumi{wanted}"'


try:
    from pulumi.dynamic.dynamic import serialize_provider
    from pulumi.output import Unknown
    from pulumi.runtime.config import CONFIG
    from pulumi.runtime.mocks import MockMonitor
    from pulumi.runtime.rpc import UNKNOWN, deserialize_properties
    from pulumi.runtime.settings import SETTINGS as RUN
except ImportError as error:
    raise Unfit(f"Pulumi's SDK {_VERSION} is not one that boomi_pulumi knows: {error}. {_remedy()}") from None


# -- is it one that works? -----------------------------------------------------------------------


@cache
def unfit() -> str | None:
    """Return why the SDK in this process cannot be used; None where it can.

    Before 3.235 the SDK drops all properties whose names begin with two underscores before its plugin sees them: what
    the program found in the account, the resource's mark, and the account that a state belongs to.

    Source: `deserialize_properties` of pulumi/runtime/rpc.py, which the plugin calls for every property bag.
    """
    sent = struct_pb2.Struct()
    sent.update({_HIDDEN: True})
    if _HIDDEN in deserialize_properties(sent):
        return None
    return (
        f"Pulumi's SDK {_VERSION} hides from the provider what a preview must know, and which account a stack belongs "
        f"to. Nothing was changed. {_remedy()}"
    )


def remark() -> str | None:
    """Return the one line that a run tells about its SDK; None where it was tried, and has everything."""
    parts = []
    if _numbers(_VERSION) > _numbers(TRIED):
        tried = " to ".join(each.removesuffix(".0") for each in (LOWEST, TRIED))
        parts.append(f"Pulumi's SDK {_VERSION} is newer than those that boomi_pulumi was tried with ({tried}).")
    if _servicers() is None:
        parts.append(
            f"Pulumi's SDK {_VERSION} does not tell whether the program has transforms, so a package that was replaced "
            f"while something used it may stay in Boomi. {_remedy()}"
        )
    return " ".join(parts) or None


_TOLD: WeakSet[Any] = WeakSet()


def tell() -> None:
    """Tell the remark in the log of the run, the first time that a run comes here."""
    if RUN.monitor is None or RUN.monitor in _TOLD:
        return
    _TOLD.add(RUN.monitor)
    line = remark()
    if line is not None:
        pulumi.log.info(line)


# -- private names -------------------------------------------------------------------------------


def _servicers() -> list[Any] | None:
    found = getattr(sys.modules.get("pulumi.runtime._callbacks"), "_CallbackServicer", None)
    return cast("list[Any] | None", getattr(found, "_servicers", None))


def has_transforms() -> bool:
    """Tell whether the engine may call this process back for a resource, and so change an option unseen."""
    servicers = _servicers()
    return servicers is None or bool(servicers)


def is_transformed(resource: object) -> bool:
    """Tell whether a resource has transformations of the older form, which its children have too."""
    return bool(getattr(resource, "_transformations", None))


def children(resources: Iterable[pulumi.Resource]) -> set[pulumi.Resource]:
    """Return resources, and in place of components all that is in them."""
    found: set[pulumi.Resource] = set()
    for each in resources:
        inside = getattr(each, "_childResources", ()) if isinstance(each, pulumi.ComponentResource) else ()
        found |= children(inside) if inside else {each}
    return found


def awaited(awaitable: Awaitable[_T]) -> _T:
    """Wait for a value in a function that does not await, on the thread of the program's event loop.

    Raises:
        Unfit: The SDK has no means for that any more.
    """
    wait = getattr(sys.modules.get("pulumi.runtime.sync_await"), "_sync_await", None)
    if wait is None:
        raise Unfit(
            f"Pulumi's SDK {_VERSION} cannot wait for an output here. Give boomi.Provider texts or configuration "
            f"instead of outputs. Or: {_remedy()}"
        )
    return cast("_T", wait(awaitable))


def plugin() -> tuple[Any, str | None]:
    """Return the class whose methods answer the engine in the SDK's plugin, and what is lost where it has none.

    Source: pulumi/dynamic/__main__.py.
    """
    main = sys.modules.get("__main__")
    found = getattr(main, "DynamicResourceProviderServicer", None)
    is_plugin = getattr(getattr(main, "__spec__", None), "name", "").startswith("pulumi.dynamic")
    if found is not None or not is_plugin:
        return found, None
    return None, (
        f"The plugin of Pulumi's SDK {_VERSION} is another one than boomi_pulumi knows: Ctrl-C waits for what is under "
        f"way, and few resources are worked on at the same time. {_remedy()}"
    )
