"""MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381)."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import mobilenet_v2

MobileNetV2 = constructor(
    "MobileNetV2", mobilenet_v2, "mobilenet_v2", name=None, minimum=32, compares_shapes=True, automatic_pool=True
)

preprocess_input = preprocessing("tf")

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]
