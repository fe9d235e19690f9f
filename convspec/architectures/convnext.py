"""ConvNeXt (Liu et al. 2022, arXiv:2201.03545)."""

from typing import Any

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import convnext

TWIN: dict[str, Any] = {
    "minimum": 32,
    "automatic_pool": True,
    "after_pool": ({"block": "layer_norm", "name": "", "epsilon": 1e-6},),
}

ConvNeXtTiny = constructor("ConvNeXtTiny", convnext, "convnext_tiny", **TWIN)
ConvNeXtSmall = constructor("ConvNeXtSmall", convnext, "convnext_small", **TWIN)
ConvNeXtBase = constructor("ConvNeXtBase", convnext, "convnext_base", **TWIN)
ConvNeXtLarge = constructor("ConvNeXtLarge", convnext, "convnext_large", **TWIN)
ConvNeXtXLarge = constructor("ConvNeXtXLarge", convnext, "convnext_xlarge", **TWIN)

preprocess_input = preprocessing("none")

__all__ = [
    "ConvNeXtBase",
    "ConvNeXtLarge",
    "ConvNeXtSmall",
    "ConvNeXtTiny",
    "ConvNeXtXLarge",
    "decode_predictions",
    "preprocess_input",
]
