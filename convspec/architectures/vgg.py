"""The VGG networks that keras.applications lacks: A, A-LRN, B, C (Simonyan & Zisserman 2014, arXiv:1409.1556)."""

from .constructor import constructor
from .signatures import standard

VGG11 = constructor("VGG11", standard)
VGG11_LRN = constructor("VGG11_LRN", standard)
VGG13 = constructor("VGG13", standard)
VGG16C = constructor("VGG16C", standard)

__all__ = ["VGG11", "VGG11_LRN", "VGG13", "VGG16C"]
