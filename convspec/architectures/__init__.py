"""Networks as constructors, with keras.applications' signatures where it has them.

    from convspec.architectures import ResNet50, create, list_models
    from convspec.architectures.resnet50 import decode_predictions, preprocess_input

Importing this imports no Keras; calling a constructor does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .features import Feature as Feature
from .registry import MODULES, create as create, feature_info as feature_info, list_models as list_models

if TYPE_CHECKING:
    from .alexnet import *  # noqa: F403
    from .convnext import *  # noqa: F403
    from .densenet import *  # noqa: F403
    from .densenet_cifar import *  # noqa: F403
    from .efficientnet import *  # noqa: F403
    from .efficientnet_v2 import *  # noqa: F403
    from .googlenet import *  # noqa: F403
    from .inception import *  # noqa: F403
    from .inception_resnet_v2 import *  # noqa: F403
    from .inception_v3 import *  # noqa: F403
    from .lenet import *  # noqa: F403
    from .mobilenet import *  # noqa: F403
    from .mobilenet_v2 import *  # noqa: F403
    from .mobilenet_v3 import *  # noqa: F403
    from .nasnet import *  # noqa: F403
    from .resnet import *  # noqa: F403
    from .resnet_cifar import *  # noqa: F403
    from .resnet_d import *  # noqa: F403
    from .resnet_rs import *  # noqa: F403
    from .resnet_v2 import *  # noqa: F403
    from .resnext import *  # noqa: F403
    from .senet import *  # noqa: F403
    from .small import *  # noqa: F403
    from .squeezenet import *  # noqa: F403
    from .vgg import *  # noqa: F403
    from .vgg16 import *  # noqa: F403
    from .vgg19 import *  # noqa: F403
    from .wide_resnet import *  # noqa: F403
    from .xception import *  # noqa: F403
    from .zfnet import *  # noqa: F403


def __getattr__(name: str) -> Any:
    """Families' modules and their constructors are imported when first asked for."""
    if name == "__all__":
        return __dir__()
    if name in MODULES:
        return importlib.import_module(f".{name}", __name__)
    for module in MODULES:
        found = getattr(importlib.import_module(f".{module}", __name__), name, None)
        if hasattr(found, "architecture"):
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from .registry import constructors

    own = ("Feature", "create", "feature_info", "list_models")
    return sorted([*own, *MODULES, *(build.__name__ for build in constructors().values())])
