"""SqueezeNet (Iandola et al. 2016, arXiv:1602.07360)."""

from .constructor import constructor
from .signatures import standard

SqueezeNet1_0 = constructor("SqueezeNet1_0", standard)
SqueezeNet1_1 = constructor("SqueezeNet1_1", standard)

__all__ = ["SqueezeNet1_0", "SqueezeNet1_1"]
