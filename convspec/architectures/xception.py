"""Xception (Chollet 2016, arXiv:1610.02357)."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

Xception = constructor("Xception", standard, minimum=71, automatic_pool=True)

preprocess_input = preprocessing("tf")

__all__ = ["Xception", "decode_predictions", "preprocess_input"]
