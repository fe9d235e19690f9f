"""What runs beside a residual branch: the six shortcuts of the ResNet-110 study, and changes of size.

He et al. 2016, "Identity Mappings in Deep Residual Networks", table 1, arXiv:1603.05027.
"""

from __future__ import annotations

from typing import Literal, Unpack

from ..graph import (
    Add,
    AveragePooling2D,
    Complement,
    Conv2D,
    Dropout,
    MaxPooling2D,
    Multiply,
    PadChannels,
    Scale,
    StochasticDepth,
    Tensor,
)
from ..graph.arguments import Pair
from .common import ConvOptions, Norm, Zeros, conv_after_zeros

Shortcut = Literal["identity", "projection", "scale", "exclusive_gate", "shortcut_gate", "dropout"]
SHORTCUT_MEANING = (
    "what runs beside the branch: `identity`; `projection`, a 1x1 convolution; `scale`, half of both; "
    "`exclusive_gate`, (1 - g) times the shortcut and g times the branch, g a 1x1 convolution and sigmoid; "
    "`shortcut_gate`, the same with the branch as it is; `dropout`, of half the shortcut"
)

Downsample = Literal["projection", "projection_3x3", "pool_projection", "pad", "pool"]
DOWNSAMPLE_MEANING = (
    "how the shortcut follows a branch that changes size: `projection`, a 1x1 convolution (option B); "
    "`projection_3x3`, a 3x3 one where it strides (SENet-154); `pool_projection`, an average pool before the 1x1 "
    "(ResNet-D); `pad`, every n-th pixel and channels of zeros (option A); `pool`, every n-th pixel alone, in a layer "
    "that Keras names (ResNetV2)"
)

GATE_BIAS = {"exclusive_gate": -6.0, "shortcut_gate": 0.0}
"""The biases of the table's best exclusive gate and of its shortcut-only gate with 12.9 % error."""


def resize(
    x: Tensor,
    filters: int,
    strides: Pair,
    kind: Downsample,
    name: str,
    norm: Norm | None,
    *,
    zeros: Zeros = "same",
    **options: Unpack[ConvOptions],
) -> Tensor:
    """The shortcut of a branch that changes size: (h, w, c) -> (ceil(h / strides), ceil(w / strides), filters)."""
    strided = max(strides) > 1
    if kind in ("pad", "pool"):
        x = MaxPooling2D(1, strides)(x, f"{name}_0_pool" if kind == "pad" else None) if strided else x
        return PadChannels(filters)(x, f"{name}_0_pad") if kind == "pad" and filters != x.channels else x
    if kind == "pool_projection" and strided:
        x, strides = AveragePooling2D(strides, strides, "same")(x, f"{name}_0_pool"), (1, 1)
    kernel_size = 3 if kind == "projection_3x3" and strided else 1
    x = conv_after_zeros(x, filters, kernel_size, strides, zeros, name=f"{name}_0", **options)
    return norm.apply(x, f"{name}_0_bn") if norm else x


def merge(
    x: Tensor, branch: Tensor, kind: Shortcut, name: str, norm: Norm | None, add_name: str, drop_path_rate: float = 0.0
) -> Tensor:
    """The sum of the branch and what `kind` makes of `x`, whose shapes are equal."""
    shortcut = x
    if kind == "projection":
        shortcut = Conv2D(x.channels, 1, padding="same", use_bias=False)(x, f"{name}_0_conv")
        shortcut = norm.apply(shortcut, f"{name}_0_bn") if norm else shortcut
    elif kind == "scale":
        shortcut, branch = Scale(0.5)(x, f"{name}_0_scale"), Scale(0.5)(branch, f"{name}_scale")
    elif kind == "dropout":
        shortcut = Dropout(0.5)(x, f"{name}_0_dropout")
    elif kind in GATE_BIAS:
        bias: dict[str, object] = {"class_name": "Constant", "config": {"value": GATE_BIAS[kind]}}
        gate = Conv2D(x.channels, 1, activation="sigmoid", bias_initializer=bias)(x, f"{name}_gate")
        shortcut = Multiply()([x, Complement()(gate, f"{name}_0_gate")], f"{name}_0_gated")
        branch = Multiply()([branch, gate], f"{name}_gated") if kind == "exclusive_gate" else branch
    branch = StochasticDepth(drop_path_rate)(branch, f"{name}_drop") if drop_path_rate else branch
    return Add()([shortcut, branch], add_name)
