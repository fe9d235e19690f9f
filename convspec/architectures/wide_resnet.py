"""Wide ResNets for ImageNet (Zagoruyko & Komodakis 2016, arXiv:1605.07146)."""

from .constructor import constructor
from .signatures import standard

WideResNet50_2 = constructor("WideResNet50_2", standard, "wide_resnet50_2")
WideResNet101_2 = constructor("WideResNet101_2", standard, "wide_resnet101_2")

__all__ = ["WideResNet50_2", "WideResNet101_2"]
