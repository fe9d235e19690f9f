"""Networks as constructors, with keras.applications' signatures where it has them.

    from convspec.architectures import ResNet50, create, list_models
    from convspec.architectures.resnet50 import decode_predictions, preprocess_input

Importing this imports no Keras; calling a constructor does. Type checkers read the names in `__init__.pyi`.
"""

from __future__ import annotations

import importlib

from .features import Feature as Feature
from .registry import (
    MODULES,
    class_names,
    constructor_of,
    create as create,
    feature_info as feature_info,
    list_models as list_models,
)


def __getattr__(name: str) -> object:
    """Modules and constructors are imported or made when first asked for."""
    if name == "__all__":
        return __dir__()
    if name in MODULES:
        return importlib.import_module(f".{name}", __name__)
    if name in class_names():
        return constructor_of(class_names()[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(["Feature", "create", "feature_info", "list_models", *MODULES, *class_names()])
