"""ResNet-D (He et al. 2018, arXiv:1812.01187)."""

from .constructor import constructor
from .signatures import standard

ResNet50D = constructor("ResNet50D", standard)
ResNet101D = constructor("ResNet101D", standard)
ResNet152D = constructor("ResNet152D", standard)

__all__ = ["ResNet50D", "ResNet101D", "ResNet152D"]
