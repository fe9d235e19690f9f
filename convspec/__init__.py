"""Declarative convolutional networks for Keras: a short YAML spec is checked, analysed, built, trained and tuned.

spec = convspec.load("resnet18")        # or a file; FaultError says all that is wrong
convspec.analyze(spec)                  # shapes, parameters, MACs, memory, receptive fields; no Keras needed
model = convspec.build(spec)            # a keras.Model
convspec.train(spec, "digits").model    # and what else the commands do, by their names
"""

from __future__ import annotations

import importlib

from .registration import register

TYPE_CHECKING = False  # as in typing, whose import takes as long as all else here: Ctrl-C would end in a traceback
if TYPE_CHECKING:
    from typing import Any

    from .analysis import Analysis, analyze
    from .api import bench, check, compare, diff, evaluate, explain, export, plot, predict, train, tune
    from .builder import build
    from .spec import Fault, FaultError, Spec, list_specs, load

__version__ = "0.1.0"

_HOMES = {
    "Analysis": ".analysis",
    "Fault": ".spec",
    "FaultError": ".spec",
    "Spec": ".spec",
    "analyze": ".analysis",
    "build": ".builder",
    **dict.fromkeys(
        ("bench", "check", "compare", "diff", "evaluate", "explain", "export", "plot", "predict", "train", "tune"),
        ".api",
    ),
    "list_specs": ".spec",
    "load": ".spec",
}

__all__ = [
    "Analysis", "Fault", "FaultError", "Spec", "analyze", "bench", "build", "check", "compare", "diff", "evaluate",
    "explain", "export", "list_specs", "load", "plot", "predict", "report", "train", "tune",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Public names are imported when first asked for: reading a spec must not wait for Keras."""
    if name == "report":  # the package, which can be called
        return importlib.import_module(".report", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "build":
        from .quiet import import_silently

        import_silently()
    return getattr(importlib.import_module(_HOMES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)


register()
