"""MobileNet (Howard et al. 2017, arXiv:1704.04861)."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import mobilenet

MobileNet = constructor("MobileNet", mobilenet, name=None, minimum=32, automatic_pool=True)

preprocess_input = preprocessing("tf")

__all__ = ["MobileNet", "decode_predictions", "preprocess_input"]
