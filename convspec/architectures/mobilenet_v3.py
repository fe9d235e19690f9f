"""MobileNetV3 (Howard et al. 2019, arXiv:1905.02244)."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import mobilenet_v3

MobileNetV3Small = constructor(
    "MobileNetV3Small",
    mobilenet_v3,
    "mobilenet_v3_small",
    name="MobileNetV3Small",
    minimum=32,
    compares_shapes=True,
    top_needs_size=False,
)
MobileNetV3Large = constructor(
    "MobileNetV3Large",
    mobilenet_v3,
    "mobilenet_v3_large",
    name="MobileNetV3Large",
    minimum=32,
    compares_shapes=True,
    top_needs_size=False,
)

preprocess_input = preprocessing("none")

__all__ = ["MobileNetV3Large", "MobileNetV3Small", "decode_predictions", "preprocess_input"]
