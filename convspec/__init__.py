"""Declarative convolutional networks for Keras: a short YAML spec is checked, analysed, built, trained and tuned.

spec = convspec.load("resnet18")        # or a file; FaultError says all that is wrong
convspec.analyze(spec)                  # shapes, parameters, MACs, memory, receptive fields; no Keras needed
model = convspec.build(spec)            # a keras.Model
"""

from __future__ import annotations

import importlib
import sys

TYPE_CHECKING = False  # as in typing, whose import takes as long as all else here: Ctrl-C would end in a traceback
if TYPE_CHECKING:
    from typing import Any

    from .analysis import Analysis, analyze
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
    "list_specs": ".spec",
    "load": ".spec",
}

__all__ = ["Analysis", "Fault", "FaultError", "Spec", "analyze", "build", "list_specs", "load"]


def __getattr__(name: str) -> Any:
    """Public names are imported when first asked for: reading a spec must not wait for Keras."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "build":
        from .quiet import import_silently

        import_silently()
    return getattr(importlib.import_module(_HOMES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)


class _RegisterLayers:
    """Registers our layers as soon as Keras is imported, so that its `load_model` finds them."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != "keras":
            return None
        from importlib.util import find_spec

        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_and_register(module: Any) -> None:
            execute(module)
            importlib.import_module(".layers", __name__)

        spec.loader.exec_module = execute_and_register  # type: ignore[method-assign]
        return spec


if "keras" in sys.modules:
    importlib.import_module(".layers", __name__)
else:
    sys.meta_path.insert(0, _RegisterLayers())
