"""What runs beside a residual branch: the six shortcuts of the ResNet-110 study, and changes of size.

He et al. 2016, "Identity Mappings in Deep Residual Networks", table 1, arXiv:1603.05027.
"""

from __future__ import annotations

from typing import Literal

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
from .parts import Norm, conv_norm

Shortcut = Literal["identity", "projection", "scale", "exclusive_gate", "shortcut_gate", "dropout"]
"""identity: x. projection: a 1x1 convolution. scale: half of x and half of the branch. exclusive_gate: (1 - g(x)) x
and g(x) times the branch, g a 1x1 convolution and sigmoid. shortcut_gate: the branch left as it is. dropout: of x."""

Downsample = Literal["projection", "pool_projection", "pad"]
"""How a shortcut follows a branch that changes size: a 1x1 convolution (option B), an average pool before a 1x1 of
stride 1 (ResNet-D, arXiv:1812.01187), or every n-th pixel and zero channels (option A, no parameters)."""

GATE_BIAS = {"exclusive_gate": -6.0, "shortcut_gate": 0.0}
"""The biases of the table's best exclusive gate and of its shortcut-only gate with 12.9 % error."""


def resize(
    x: Tensor, filters: int, strides: tuple[int, int], kind: Downsample, name: str, norm: Norm | None, use_bias: bool
) -> Tensor:
    """The shortcut of a branch that changes size: (h, w, c) -> (ceil(h / strides), ceil(w / strides), filters)."""
    if kind == "pad":
        x = MaxPooling2D(1, strides)(x, f"{name}_0_pool") if max(strides) > 1 else x
        return PadChannels(filters)(x, f"{name}_0_pad") if filters != x.channels else x
    if kind == "pool_projection" and max(strides) > 1:
        x, strides = AveragePooling2D(strides, strides, "same")(x, f"{name}_0_pool"), (1, 1)
    return conv_norm(x, filters, 1, strides, name=f"{name}_0", norm=norm, padding="valid", use_bias=use_bias)


def merge(
    x: Tensor, branch: Tensor, kind: Shortcut, name: str, norm: Norm | None, add_name: str, drop_path_rate: float = 0.0
) -> Tensor:
    """The sum of the branch and what `kind` makes of `x`, whose shapes are equal."""
    shortcut = x
    if kind == "projection":
        shortcut = conv_norm(x, x.channels, 1, name=f"{name}_0", norm=norm)
    elif kind == "scale":
        shortcut, branch = Scale(0.5)(x, f"{name}_0_scale"), Scale(0.5)(branch, f"{name}_scale")
    elif kind == "dropout":
        shortcut = Dropout(0.5)(x, f"{name}_0_dropout")
    elif kind in GATE_BIAS:
        bias = {"class_name": "Constant", "config": {"value": GATE_BIAS[kind]}}
        gate = Conv2D(x.channels, 1, activation="sigmoid", bias_initializer=bias)(x, f"{name}_gate")
        shortcut = Multiply()([x, Complement()(gate, f"{name}_0_gate")], f"{name}_0_gated")
        branch = Multiply()([branch, gate], f"{name}_gated") if kind == "exclusive_gate" else branch
    branch = StochasticDepth(drop_path_rate)(branch, f"{name}_drop") if drop_path_rate else branch
    return Add()([shortcut, branch], add_name)
