"""Declarative convolutional networks for Keras: a short YAML spec is checked, analysed, built, trained and tuned.

spec = convspec.load("resnet18")        # or a file; FaultError says all that is wrong
convspec.analyze(spec)                  # shapes, parameters, MACs, memory, receptive fields; no Keras needed
model = convspec.build(spec)            # a keras.Model
convspec.train(spec, "digits").model    # and what else the commands do, by their names
"""

from __future__ import annotations

import importlib
import sys

TYPE_CHECKING = False  # as in typing, whose import takes as long as all else here: Ctrl-C would end in a traceback
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
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


def _register() -> None:
    """Make Keras's `load_model` know our layers, and the model that carries its spec."""
    for module in (".layers", ".former_layers", ".model"):
        importlib.import_module(module, __name__)


class _RegisterWithKeras:
    """Registers as soon as Keras has really been imported, by whomever; to look for Keras alone changes nothing."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname != "keras":
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if isinstance(finder, _RegisterWithKeras) or find is None:
                continue
            if (spec := find(fullname, path, target)) is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader)
                return spec  # type: ignore[no-any-return]
        return None


class _Loader:
    """Keras's loader, with one step more at the end; whatever else it is asked for, the loader itself answers."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_loader"], name)

    def create_module(self, spec: ModuleSpec) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__loader__ = module.__spec__.loader = self._loader  # nothing of ours stays behind in Keras
        self._loader.exec_module(module)
        _forget_hook()
        _register()


def _forget_hook() -> None:
    """Remove what waits for Keras."""
    # a new list: another thread may be going through the old one, and would miss the finder behind ours
    sys.meta_path = [finder for finder in sys.meta_path if not isinstance(finder, _RegisterWithKeras)]


if "keras" not in sys.modules:
    sys.meta_path.insert(0, _RegisterWithKeras())
if "keras" in sys.modules:  # asked anew: another thread may have begun to import it in between
    _forget_hook()
    _register()
