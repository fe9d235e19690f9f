"""The spec document: reading, checking and expanding it, and the catalogue of those that ship."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .catalogue import list_specs
    from .faults import Fault, FaultError
    from .loading import load
    from .spec import Spec

_HOMES = {"Fault": "faults", "FaultError": "faults", "Spec": "spec", "list_specs": "catalogue", "load": "loading"}

__all__ = ["Fault", "FaultError", "Spec", "list_specs", "load"]


def __getattr__(name: str) -> Any:
    """Imported when first asked for: the names of the catalogue need no pydantic."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
