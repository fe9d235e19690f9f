"""MobileNetV3 (Howard et al. 2019, arXiv:1905.02244)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import mobilenet_v3

network = Architecture(mobilenet_v3, minimum=32, compares_shapes=True, top_needs_size=False)

MobileNetV3Small = network("MobileNetV3Small", "mobilenet_v3_small", name="MobileNetV3Small")
MobileNetV3Large = network("MobileNetV3Large", "mobilenet_v3_large", name="MobileNetV3Large")

preprocess_input = preprocessing("none")

__all__ = ["MobileNetV3Large", "MobileNetV3Small", "decode_predictions", "preprocess_input"]
