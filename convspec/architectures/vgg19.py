"""VGG-19 (Simonyan & Zisserman 2014, arXiv:1409.1556)."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

VGG19 = constructor("VGG19", standard, minimum=32, automatic_pool=True)

preprocess_input = preprocessing("caffe")

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]
