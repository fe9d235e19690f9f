"""EfficientNet (Tan & Le 2019, arXiv:1905.11946)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

network = Architecture(standard, minimum=32)

EfficientNetB0 = network("EfficientNetB0", "efficientnet_b0", name="efficientnetb0")
EfficientNetB1 = network("EfficientNetB1", "efficientnet_b1", name="efficientnetb1")
EfficientNetB2 = network("EfficientNetB2", "efficientnet_b2", name="efficientnetb2")
EfficientNetB3 = network("EfficientNetB3", "efficientnet_b3", name="efficientnetb3")
EfficientNetB4 = network("EfficientNetB4", "efficientnet_b4", name="efficientnetb4")
EfficientNetB5 = network("EfficientNetB5", "efficientnet_b5", name="efficientnetb5")
EfficientNetB6 = network("EfficientNetB6", "efficientnet_b6", name="efficientnetb6")
EfficientNetB7 = network("EfficientNetB7", "efficientnet_b7", name="efficientnetb7")

preprocess_input = preprocessing("none")

__all__ = [
    "EfficientNetB0",
    "EfficientNetB1",
    "EfficientNetB2",
    "EfficientNetB3",
    "EfficientNetB4",
    "EfficientNetB5",
    "EfficientNetB6",
    "EfficientNetB7",
    "decode_predictions",
    "preprocess_input",
]
