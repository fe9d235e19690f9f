"""DenseNet-BC for 32x32 images (Huang et al. 2016, arXiv:1608.06993): depth and growth rate."""

from .constructor import constructor
from .signatures import standard

DenseNetBC_100_12 = constructor("DenseNetBC_100_12", standard, "densenet_bc_100_12", classes=10)
DenseNetBC_190_40 = constructor("DenseNetBC_190_40", standard, "densenet_bc_190_40", classes=10)
DenseNetBC_250_24 = constructor("DenseNetBC_250_24", standard, "densenet_bc_250_24", classes=10)

__all__ = ["DenseNetBC_100_12", "DenseNetBC_190_40", "DenseNetBC_250_24"]
