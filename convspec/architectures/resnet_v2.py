"""ResNets with pre-activation (He et al. 2016, arXiv:1603.05027)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

network = Architecture(standard, minimum=32)

ResNet50V2 = network("ResNet50V2")
ResNet101V2 = network("ResNet101V2")
ResNet152V2 = network("ResNet152V2")

preprocess_input = preprocessing("tf")

__all__ = ["ResNet50V2", "ResNet101V2", "ResNet152V2", "decode_predictions", "preprocess_input"]
