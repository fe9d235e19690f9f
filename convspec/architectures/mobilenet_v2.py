"""MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import mobilenet_v2

network = Architecture(mobilenet_v2, minimum=32, compares_shapes=True, automatic_pool=True)

MobileNetV2 = network("MobileNetV2", "mobilenet_v2", name=None)

preprocess_input = preprocessing("tf")

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]
