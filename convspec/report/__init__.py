"""Pictures of networks, trainings and searches, and the report that holds them all in one file.

The package can be called: `convspec.report(folder)` is the command `convspec report`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from .diagram import draw
from .search_pictures import search_pictures

__all__ = ["draw", "search_pictures"]


class _Callable(ModuleType):
    def __call__(self, folder: str | Path, out: str | Path | None = None, *, overwrite: bool = False) -> Path:
        """Write one HTML file about a training run or a search, and return its path."""
        from ..api import report

        return report(folder, out, overwrite=overwrite)


sys.modules[__name__].__class__ = _Callable
