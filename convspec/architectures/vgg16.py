"""VGG-16 (Simonyan & Zisserman 2014, arXiv:1409.1556)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

network = Architecture(standard, minimum=32, automatic_pool=True)

VGG16 = network("VGG16")

preprocess_input = preprocessing("caffe")

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]
