"""The block templates, one family a file: declared fields and a `connect` over the graph.

`convspec.blocks.Bottleneck(filters=64)(x)` works on a graph's tensors and on Keras's.
"""

from __future__ import annotations

import importlib
from typing import Any

from .registry import BLOCKS, class_name, find_block_class

_CLASSES = {class_name(kind): module for kind, module in BLOCKS.items()} | {
    "Block": "base",
    "Item": "base",
    "Model": "model",
    "written_fields": "model",
    "parse_block": "base",
    "Gate": "gate",
    "Norm": "parts",
}

__all__ = ["BLOCKS", "find_block_class", *sorted(_CLASSES)]


def __getattr__(name: str) -> Any:
    """Block classes are imported when first asked for."""
    if name not in _CLASSES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_CLASSES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
