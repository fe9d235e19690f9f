"""ResNets with pre-activation (He et al. 2016, arXiv:1603.05027)."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

ResNet50V2 = constructor("ResNet50V2", standard, minimum=32)
ResNet101V2 = constructor("ResNet101V2", standard, minimum=32)
ResNet152V2 = constructor("ResNet152V2", standard, minimum=32)

preprocess_input = preprocessing("tf")

__all__ = ["ResNet50V2", "ResNet101V2", "ResNet152V2", "decode_predictions", "preprocess_input"]
