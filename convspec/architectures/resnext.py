"""ResNeXt (Xie et al. 2016, arXiv:1611.05431)."""

from .constructor import constructor
from .signatures import standard

ResNeXt50_32x4d = constructor("ResNeXt50_32x4d", standard)
ResNeXt101_32x4d = constructor("ResNeXt101_32x4d", standard)
ResNeXt101_64x4d = constructor("ResNeXt101_64x4d", standard)

__all__ = ["ResNeXt50_32x4d", "ResNeXt101_32x4d", "ResNeXt101_64x4d"]
