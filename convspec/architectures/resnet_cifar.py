"""ResNets for 32x32 images, with the six shortcuts, pre-activation, stochastic depth and width."""

from .constructor import constructor
from .signatures import standard

ResNet20 = constructor("ResNet20", standard, classes=10)
ResNet32 = constructor("ResNet32", standard, classes=10)
ResNet44 = constructor("ResNet44", standard, classes=10)
ResNet56 = constructor("ResNet56", standard, classes=10)
ResNet110 = constructor("ResNet110", standard, classes=10)
ResNet110Scale = constructor("ResNet110Scale", standard, "resnet110_scale", classes=10)
ResNet110ExclusiveGate = constructor("ResNet110ExclusiveGate", standard, "resnet110_exclusive_gate", classes=10)
ResNet110ShortcutGate = constructor("ResNet110ShortcutGate", standard, "resnet110_shortcut_gate", classes=10)
ResNet110Projection = constructor("ResNet110Projection", standard, "resnet110_projection", classes=10)
ResNet110Dropout = constructor("ResNet110Dropout", standard, "resnet110_dropout", classes=10)
ResNet110StochasticDepth = constructor("ResNet110StochasticDepth", standard, "resnet110_stochastic_depth", classes=10)
PreActResNet164 = constructor("PreActResNet164", standard, "preact_resnet164", classes=10)
WideResNet28_10 = constructor("WideResNet28_10", standard, "wide_resnet28_10", classes=10)

__all__ = [
    "PreActResNet164",
    "ResNet20",
    "ResNet32",
    "ResNet44",
    "ResNet56",
    "ResNet110",
    "ResNet110Dropout",
    "ResNet110ExclusiveGate",
    "ResNet110Projection",
    "ResNet110Scale",
    "ResNet110ShortcutGate",
    "ResNet110StochasticDepth",
    "WideResNet28_10",
]
