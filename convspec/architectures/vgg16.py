"""VGG-16 (Simonyan & Zisserman 2014, arXiv:1409.1556)."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

VGG16 = constructor("VGG16", standard, minimum=32, automatic_pool=True)

preprocess_input = preprocessing("caffe")

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]
