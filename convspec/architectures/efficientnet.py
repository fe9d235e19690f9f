"""EfficientNet (Tan & Le 2019, arXiv:1905.11946)."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

EfficientNetB0 = constructor("EfficientNetB0", standard, "efficientnet_b0", name="efficientnetb0", minimum=32)
EfficientNetB1 = constructor("EfficientNetB1", standard, "efficientnet_b1", name="efficientnetb1", minimum=32)
EfficientNetB2 = constructor("EfficientNetB2", standard, "efficientnet_b2", name="efficientnetb2", minimum=32)
EfficientNetB3 = constructor("EfficientNetB3", standard, "efficientnet_b3", name="efficientnetb3", minimum=32)
EfficientNetB4 = constructor("EfficientNetB4", standard, "efficientnet_b4", name="efficientnetb4", minimum=32)
EfficientNetB5 = constructor("EfficientNetB5", standard, "efficientnet_b5", name="efficientnetb5", minimum=32)
EfficientNetB6 = constructor("EfficientNetB6", standard, "efficientnet_b6", name="efficientnetb6", minimum=32)
EfficientNetB7 = constructor("EfficientNetB7", standard, "efficientnet_b7", name="efficientnetb7", minimum=32)

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
