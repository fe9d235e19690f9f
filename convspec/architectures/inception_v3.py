"""Inception v3 (Szegedy et al. 2015, arXiv:1512.00567)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

network = Architecture(standard, minimum=75, automatic_pool=True)

InceptionV3 = network("InceptionV3", "inception_v3")

preprocess_input = preprocessing("tf")

__all__ = ["InceptionV3", "decode_predictions", "preprocess_input"]
