"""ZFNet as published and as widely copied (Zeiler & Fergus 2013, arXiv:1311.2901)."""

from .constructor import constructor
from .signatures import standard

ZFNet = constructor("ZFNet", standard)
ZFNet512 = constructor("ZFNet512", standard)

__all__ = ["ZFNet", "ZFNet512"]
