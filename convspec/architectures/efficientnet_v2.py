"""EfficientNetV2 (Tan & Le 2021, arXiv:2104.00298)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import efficientnet_v2

network = Architecture(efficientnet_v2, minimum=32)

EfficientNetV2B0 = network("EfficientNetV2B0", "efficientnet_v2_b0", name="efficientnetv2-b0")
EfficientNetV2B1 = network("EfficientNetV2B1", "efficientnet_v2_b1", name="efficientnetv2-b1")
EfficientNetV2B2 = network("EfficientNetV2B2", "efficientnet_v2_b2", name="efficientnetv2-b2")
EfficientNetV2B3 = network("EfficientNetV2B3", "efficientnet_v2_b3", name="efficientnetv2-b3")
EfficientNetV2S = network("EfficientNetV2S", "efficientnet_v2_s", name="efficientnetv2-s")
EfficientNetV2M = network("EfficientNetV2M", "efficientnet_v2_m", name="efficientnetv2-m")
EfficientNetV2L = network("EfficientNetV2L", "efficientnet_v2_l", name="efficientnetv2-l")

preprocess_input = preprocessing("none")

__all__ = [
    "EfficientNetV2B0",
    "EfficientNetV2B1",
    "EfficientNetV2B2",
    "EfficientNetV2B3",
    "EfficientNetV2L",
    "EfficientNetV2M",
    "EfficientNetV2S",
    "decode_predictions",
    "preprocess_input",
]
