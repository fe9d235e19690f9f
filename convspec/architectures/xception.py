"""Xception (Chollet 2016, arXiv:1610.02357)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

network = Architecture(standard, minimum=71, automatic_pool=True)

Xception = network("Xception")

preprocess_input = preprocessing("tf")

__all__ = ["Xception", "decode_predictions", "preprocess_input"]
