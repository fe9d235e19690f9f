"""ResNets for ImageNet (He et al. 2015, arXiv:1512.03385)."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

ResNet18 = constructor("ResNet18", standard, minimum=32)
ResNet34 = constructor("ResNet34", standard, minimum=32)
ResNet50 = constructor("ResNet50", standard, minimum=32)
ResNet101 = constructor("ResNet101", standard, minimum=32)
ResNet152 = constructor("ResNet152", standard, minimum=32)

preprocess_input = preprocessing("caffe")

__all__ = ["ResNet18", "ResNet34", "ResNet50", "ResNet101", "ResNet152", "decode_predictions", "preprocess_input"]
