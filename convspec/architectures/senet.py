"""Networks with squeeze-and-excitation (Hu et al. 2017, arXiv:1709.01507)."""

from .constructor import constructor
from .signatures import standard

SEResNet18 = constructor("SEResNet18", standard, "se_resnet18")
SEResNet34 = constructor("SEResNet34", standard, "se_resnet34")
SEResNet50 = constructor("SEResNet50", standard, "se_resnet50")
SEResNet101 = constructor("SEResNet101", standard, "se_resnet101")
SEResNet152 = constructor("SEResNet152", standard, "se_resnet152")
SEResNeXt50_32x4d = constructor("SEResNeXt50_32x4d", standard, "se_resnext50_32x4d")
SEResNeXt101_32x4d = constructor("SEResNeXt101_32x4d", standard, "se_resnext101_32x4d")
SEInceptionV2 = constructor("SEInceptionV2", standard, "se_inception_v2")
SENet154 = constructor("SENet154", standard)

__all__ = [
    "SEInceptionV2",
    "SENet154",
    "SEResNeXt50_32x4d",
    "SEResNeXt101_32x4d",
    "SEResNet18",
    "SEResNet34",
    "SEResNet50",
    "SEResNet101",
    "SEResNet152",
]
