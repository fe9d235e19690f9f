"""Searching the hyperparameters of a spec: coarse-to-fine random search in log space, on KerasTuner."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ..quiet import import_silently

if TYPE_CHECKING:
    from .edges import EdgeWarning
    from .hypermodel import HyperSpec
    from .oracle import StagedOracle
    from .searching import SearchResult, search
    from .store import Record
    from .tuner import ReuseTuner

_HOMES = {
    "EdgeWarning": "edges",
    "HyperSpec": "hypermodel",
    "Record": "store",
    "ReuseTuner": "tuner",
    "SearchResult": "searching",
    "StagedOracle": "oracle",
    "search": "searching",
}

__all__ = ["EdgeWarning", "HyperSpec", "Record", "ReuseTuner", "SearchResult", "StagedOracle", "search"]


def __getattr__(name: str) -> Any:
    """Imported when first asked for: judging candidates needs no Keras."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import_silently()
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
