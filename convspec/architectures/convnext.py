"""ConvNeXt (Liu et al. 2022, arXiv:2201.03545)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import convnext

network = Architecture(
    convnext,
    minimum=32,
    automatic_pool=True,
    after_pool=({"block": "layer_norm", "name": "", "epsilon": 1e-6},),
)

ConvNeXtTiny = network("ConvNeXtTiny", "convnext_tiny")
ConvNeXtSmall = network("ConvNeXtSmall", "convnext_small")
ConvNeXtBase = network("ConvNeXtBase", "convnext_base")
ConvNeXtLarge = network("ConvNeXtLarge", "convnext_large")
ConvNeXtXLarge = network("ConvNeXtXLarge", "convnext_xlarge")

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
