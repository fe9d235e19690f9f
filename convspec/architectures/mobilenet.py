"""MobileNet (Howard et al. 2017, arXiv:1704.04861)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import mobilenet

network = Architecture(mobilenet, minimum=32, automatic_pool=True)

MobileNet = network("MobileNet", name=None)

preprocess_input = preprocessing("tf")

__all__ = ["MobileNet", "decode_predictions", "preprocess_input"]
