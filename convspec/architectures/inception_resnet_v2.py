"""Inception-ResNet v2 (Szegedy et al. 2016, arXiv:1602.07261)."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

InceptionResNetV2 = constructor("InceptionResNetV2", standard, "inception_resnet_v2", minimum=75, automatic_pool=True)

preprocess_input = preprocessing("tf")

__all__ = ["InceptionResNetV2", "decode_predictions", "preprocess_input"]
