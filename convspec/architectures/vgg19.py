"""VGG-19 (Simonyan & Zisserman 2014, arXiv:1409.1556)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

network = Architecture(standard, minimum=32, automatic_pool=True)

VGG19 = network("VGG19")

preprocess_input = preprocessing("caffe")

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]
