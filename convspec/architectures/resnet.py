"""ResNets for ImageNet (He et al. 2015, arXiv:1512.03385)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

network = Architecture(standard, minimum=32)

ResNet18 = network("ResNet18")
ResNet34 = network("ResNet34")
ResNet50 = network("ResNet50")
ResNet101 = network("ResNet101")
ResNet152 = network("ResNet152")

preprocess_input = preprocessing("caffe")

__all__ = ["ResNet18", "ResNet34", "ResNet50", "ResNet101", "ResNet152", "decode_predictions", "preprocess_input"]
