"""Inception v3 (Szegedy et al. 2015, arXiv:1512.00567)."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

InceptionV3 = constructor("InceptionV3", standard, "inception_v3", minimum=75, automatic_pool=True)

preprocess_input = preprocessing("tf")

__all__ = ["InceptionV3", "decode_predictions", "preprocess_input"]
