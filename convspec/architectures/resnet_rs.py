"""ResNet-RS (Bello et al. 2021, arXiv:2103.07579)."""

from .constructor import constructor
from .signatures import standard

ResNetRS50 = constructor("ResNetRS50", standard, "resnet_rs50")
ResNetRS101 = constructor("ResNetRS101", standard, "resnet_rs101")
ResNetRS152 = constructor("ResNetRS152", standard, "resnet_rs152")
ResNetRS200 = constructor("ResNetRS200", standard, "resnet_rs200")
ResNetRS270 = constructor("ResNetRS270", standard, "resnet_rs270")
ResNetRS350 = constructor("ResNetRS350", standard, "resnet_rs350")
ResNetRS420 = constructor("ResNetRS420", standard, "resnet_rs420")

__all__ = ["ResNetRS50", "ResNetRS101", "ResNetRS152", "ResNetRS200", "ResNetRS270", "ResNetRS350", "ResNetRS420"]
