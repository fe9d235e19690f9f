"""The Inception networks that keras.applications lacks: v2 with batch norm, v4, Inception-ResNet v1."""

from .constructor import constructor
from .signatures import standard

InceptionV2 = constructor("InceptionV2", standard, "inception_v2")
InceptionV4 = constructor("InceptionV4", standard, "inception_v4")
InceptionResNetV1 = constructor("InceptionResNetV1", standard, "inception_resnet_v1")

__all__ = ["InceptionResNetV1", "InceptionV2", "InceptionV4"]
