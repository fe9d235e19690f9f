"""Searching the hyperparameters of a spec: coarse-to-fine random search in log space, on KerasTuner."""

from __future__ import annotations

from ..keras_import import import_silently
from ..lazy import attach
from ..packages import require_training

_load, __dir__, __all__ = attach(__name__, __file__)  # the names in `__init__.pyi`


def __getattr__(name: str) -> object:
    """Imported when first asked for: checking candidates needs no Keras."""
    if name in __all__:
        require_training()
        import_silently()
    return _load(name)
