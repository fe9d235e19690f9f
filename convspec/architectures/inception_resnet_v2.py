"""Inception-ResNet v2 (Szegedy et al. 2016, arXiv:1602.07261)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

network = Architecture(standard, minimum=75, automatic_pool=True)

InceptionResNetV2 = network("InceptionResNetV2", "inception_resnet_v2")

preprocess_input = preprocessing("tf")

__all__ = ["InceptionResNetV2", "decode_predictions", "preprocess_input"]
