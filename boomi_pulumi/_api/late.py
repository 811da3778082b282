"""Models of pydantic, completed when they are first needed: a run needs few of them, and all would take a while."""

from __future__ import annotations

import threading
from typing import TypeVar

from pydantic import BaseModel
from pydantic.dataclasses import rebuild_dataclass

__all__ = ["built"]

M = TypeVar("M")

_BUILDING = threading.Lock()


def built(model: type[M]) -> type[M]:
    """Return the model or record, complete; before, it neither validates nor, in old pydantic, knows its aliases."""
    if not getattr(model, "__pydantic_complete__", True):
        # Pydantic would do so by itself at the first validation, in older releases without a lock.
        with _BUILDING:
            if issubclass(model, BaseModel):
                model.model_rebuild()
            else:
                rebuild_dataclass(model)  # type: ignore[arg-type] # pydantic has no name for its dataclasses
    return model
