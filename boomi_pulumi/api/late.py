"""Models of pydantic, completed when they are first needed: a run needs few of them, and all would take a while."""

from __future__ import annotations

import threading
from typing import TypeVar

from pydantic import BaseModel

__all__ = ["built"]

M = TypeVar("M", bound=BaseModel)

_BUILDING = threading.Lock()


def built(model: type[M]) -> type[M]:
    """Return the model, complete; before, it neither validates nor, in old pydantic, knows its aliases."""
    if not model.__pydantic_complete__:
        # Pydantic would do so by itself at the first validation, in older releases without a lock.
        with _BUILDING:
            model.model_rebuild()
    return model
